// SPDX-License-Identifier: GPL-2.0
/* Arrivals in FIN-WAIT-1: RFC 9293 section 3.10.7.4. */
#include <errno.h>

#include "../harness.h"
#include "arrival.h"

FIXTURE_PKT(state_fin_wait_1);

static bool open_fin_wait_1(struct pkt *p)
{
	return pkt_open(p, ST_FIN_WAIT_1);
}

static const struct rule fin_wait_1_rules[] = {
	FIRST_TO_FIFTH,
	{
		.step = "fifth, eighth: ACK of our FIN, and FIN",
		.with = TH_FIN,
		.seqs = SEQ_IN_ORDER,
		.acks = ACK_NEW,
		.answer = ACK,
		.takes = TEXT | FIN,
		.to = ST_TIME_WAIT,
	},
	{
		.step = "fifth, eighth: ACK of our FIN, FIN out of order",
		.with = TH_FIN,
		.acks = ACK_NEW,
		.answer = ACK,
		.to = ST_FIN_WAIT_2,
	},
	{
		.step = "fifth, seventh: ACK of our FIN, and text",
		.seqs = SEQ_IN_ORDER,
		.acks = ACK_NEW,
		.lens = LEN_10,
		.answer = ACK,
		.takes = TEXT,
		.to = ST_FIN_WAIT_2,
	},
	{
		.step = "fifth, seventh: ACK of our FIN, text out of order",
		.acks = ACK_NEW,
		.lens = LEN_10,
		.answer = ACK,
		.to = ST_FIN_WAIT_2,
	},
	{
		.step = "fifth: ACK of our FIN",
		.acks = ACK_NEW,
		.to = ST_FIN_WAIT_2,
	},
	{
		.step = "eighth: FIN in order",
		.with = TH_FIN,
		.seqs = SEQ_IN_ORDER,
		.answer = ACK,
		.takes = TEXT | FIN,
		.to = ST_CLOSING,
	},
	{
		.step = "eighth, SHLD-31, MAY-13: FIN out of order",
		.with = TH_FIN,
		.answer = ACK,
	},
	{
		.step = "seventh: text in order",
		.seqs = SEQ_IN_ORDER,
		.lens = LEN_10,
		.answer = ACK,
		.takes = TEXT,
	},
	{
		.step = "seventh, SHLD-31, MAY-13: text out of order",
		.lens = LEN_10,
		.answer = ACK,
	},
	{
		.step = "an ACK and nothing else",
	},
};

static const struct arrivals fin_wait_1_arrivals = {
	.state = ST_FIN_WAIT_1,
	.open = open_fin_wait_1,
	.una = 1,
	.rules = fin_wait_1_rules,
	.nr_rules = ARRAY_SIZE(fin_wait_1_rules),
};

ARRIVALS(state_fin_wait_1, , fin_wait_1_arrivals)

/* 3.10.7.4, eighth: a FIN that acknowledges ours skips FIN-WAIT-2. */
TEST_F(state_fin_wait_1, fin_that_acks_the_fin_leads_straight_to_time_wait)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_FIN_WAIT_1));
	INJECT(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 2);
	EXPECT_SEG(.flags = TH_ACK, .seq = 2, .ack = 2);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_TIME_WAIT);
}

TEST_F(state_fin_wait_1, unacked_fin_is_sent_again)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_FIN_WAIT_1));
	EXPECT_SEG(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 1, .after = 200);
	EXPECT_SEG(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 1, .after = 400);
	EXPECT_STATE(ST_FIN_WAIT_1);
}

TEST_F(state_fin_wait_1, ack_of_the_data_alone_does_not_leave_fin_wait_1)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	ASSERT_EQ(0, close(self->pkt.fd));
	EXPECT_SEG(.flags = TH_FIN | TH_ACK, .seq = 101, .ack = 1);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 101);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_FIN_WAIT_1);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 102);
	EXPECT_STATE(ST_FIN_WAIT_2);
}

TEST_F(state_fin_wait_1, rst_in_fin_wait_1_resets)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_FIN_WAIT_1));
	INJECT(.flags = TH_RST, .seq = 1);
	EXPECT_STATE(ST_GONE);
	EXPECT_EQ(ECONNRESET, so_error(self->pkt.fd));
}

TEST_MAIN
