// SPDX-License-Identifier: GPL-2.0
/* Arrivals in FIN-WAIT-2: RFC 9293 section 3.10.7.4; and when it ends. */
#include <errno.h>

#include "../harness.h"
#include "arrival.h"

FIXTURE_PKT(state_fin_wait_2);

static bool open_fin_wait_2(struct pkt *p)
{
	return pkt_open(p, ST_FIN_WAIT_2);
}

static const struct rule fin_wait_2_rules[] = {
	FIRST_TO_FIFTH,
	{
		.step = "eighth: FIN in order",
		.with = TH_FIN,
		.seqs = SEQ_IN_ORDER,
		.answer = ACK,
		.takes = TEXT | FIN,
		.to = ST_TIME_WAIT,
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

static const struct arrivals fin_wait_2_arrivals = {
	.state = ST_FIN_WAIT_2,
	.open = open_fin_wait_2,
	.una = 2,
	.rules = fin_wait_2_rules,
	.nr_rules = ARRAY_SIZE(fin_wait_2_rules),
};

ARRIVALS(state_fin_wait_2, , fin_wait_2_arrivals)

TEST_F(state_fin_wait_2, data_flows_in_after_our_half_is_closed)
{
	char byte;

	ASSERT_TRUE(pkt_open(&self->pkt, ST_FIN_WAIT_2));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 2, .len = 1000);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 1001));
	INJECT(.flags = TH_ACK, .seq = 1001, .ack = 2, .len = 500);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 1501));
	EXPECT_TRUE(stream_read(self->pkt.fd, 1500, 0));
	EXPECT_STATE(ST_FIN_WAIT_2);
	INJECT(.flags = TH_FIN | TH_ACK, .seq = 1501, .ack = 2);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 1502));
	EXPECT_EQ(0, read(self->pkt.fd, &byte, 1));
	EXPECT_STATE(ST_TIME_WAIT);
}

TEST_F(state_fin_wait_2, rst_in_fin_wait_2_resets)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_FIN_WAIT_2));
	INJECT(.flags = TH_RST, .seq = 1);
	EXPECT_STATE(ST_GONE);
	EXPECT_EQ(ECONNRESET, so_error(self->pkt.fd));
}

static bool open_orphan(struct pkt *p)
{
	return pkt_accept(p) && !close(p->fd) &&
	       EXPECTED(p, .flags = TH_FIN | TH_ACK, .seq = 1, .ack = 1) &&
	       SENT(p, .flags = TH_ACK, .seq = 1, .ack = 2);
}

TEST_F_TIMEOUT(state_fin_wait_2, orphan_leaves_fin_wait_2_at_60_s, 3 * MINUTES)
{
	uint64_t start;

	ASSERT_TRUE(open_orphan(&self->pkt));
	start = self->pkt.ref;
	EXPECT_TRUE(pkt_ends_at(&self->pkt, start, 60 * 1000, ST_FIN_WAIT_2));
}

TEST_F_TIMEOUT(state_fin_wait_2, fin_timeout_bounds_fin_wait_2_of_an_orphan,
	       3 * MINUTES)
{
	uint64_t start;

	ASSERT_EQ(0, sysctl_write("fin_timeout", "20"));
	ASSERT_TRUE(open_orphan(&self->pkt));
	start = self->pkt.ref;
	EXPECT_TRUE(pkt_ends_at(&self->pkt, start, 20 * 1000, ST_FIN_WAIT_2));
}

TEST_F_TIMEOUT(state_fin_wait_2, fin_timeout_may_be_longer_than_time_wait,
	       5 * MINUTES)
{
	uint64_t start;

	/* Linux means it, but arrives at 80 s. */
	ATCP_ONLY();
	ASSERT_EQ(0, sysctl_write("fin_timeout", "100"));
	ASSERT_TRUE(open_orphan(&self->pkt));
	start = self->pkt.ref;
	EXPECT_TRUE(pkt_ends_at(&self->pkt, start, 100 * 1000, ST_FIN_WAIT_2));
}

/* Who has only shut down its half may read for as long as it wants to. */
TEST_F_TIMEOUT(state_fin_wait_2, half_closed_user_is_not_bounded_by_fin_timeout,
	       10 * MINUTES)
{
	ASSERT_EQ(0, sysctl_write("fin_timeout", "1"));
	ASSERT_TRUE(pkt_open(&self->pkt, ST_FIN_WAIT_2));
	ASSERT_TRUE(pkt_silence(&self->pkt, 300 * 1000));
	EXPECT_STATE(ST_FIN_WAIT_2);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 2, .len = 100);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 101));
	EXPECT_TRUE(stream_read(self->pkt.fd, 100, 0));
}

TEST_MAIN
