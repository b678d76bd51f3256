// SPDX-License-Identifier: GPL-2.0
/* Arrivals in ESTABLISHED: RFC 9293 section 3.10.7.4. */
#include <poll.h>

#include "../harness.h"
#include "arrival.h"

FIXTURE_PKT(state_established);

static bool open_established(struct pkt *p)
{
	/* Something is in flight that an ACK can be of. */
	return pkt_open(p, ST_ESTABLISHED) && stream_write(p->fd, 100, 0) &&
	       pkt_next(p, PATIENCE_MS) && p->got.len == 100;
}

static const struct rule established_rules[] = {
	FIRST_TO_FIFTH,
	{
		.step = "eighth: FIN in order",
		.with = TH_FIN,
		.seqs = SEQ_IN_ORDER,
		.answer = ACK,
		.takes = TEXT | FIN,
		.to = ST_CLOSE_WAIT,
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

static const struct arrivals established_arrivals = {
	.state = ST_ESTABLISHED,
	.open = open_established,
	.una = 1,
	.rules = established_rules,
	.nr_rules = ARRAY_SIZE(established_rules),
};

ARRIVALS(state_established, , established_arrivals)

TEST_F(state_established, in_order_data_is_acked_and_delivered)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 1001));
	EXPECT_EQ(POLLIN | POLLOUT, poll_now(self->pkt.fd));
	INJECT(.flags = TH_ACK, .seq = 1001, .ack = 1, .len = 500);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 1501));
	EXPECT_EQ(1500, pkt_unread(&self->pkt));
	EXPECT_TRUE(stream_read(self->pkt.fd, 1500, 0));
	EXPECT_SILENCE();
}

/* 3.10.7.4, first: what came before is acknowledged again, and dropped. */
TEST_F(state_established, duplicate_data_is_acked_and_dropped)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 1001));
	counters_mark();
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1001);
	EXPECT_SILENCE();
	EXPECT_TRUE(counters_grew(DROP_OLD_DATA, 1));
	EXPECT_EQ(1000, pkt_unread(&self->pkt));
}

TEST_F(state_established, of_a_segment_that_is_partly_old_the_rest_counts)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 1001));
	INJECT(.flags = TH_ACK, .seq = 501, .ack = 1, .len = 1000);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 1501));
	EXPECT_EQ(1500, pkt_unread(&self->pkt));
	EXPECT_TRUE(stream_read(self->pkt.fd, 1500, 0));
}

/* 3.10.7.4, first: beyond the window nothing is taken, but it is answered. */
TEST_F(state_established, data_beyond_the_window_is_acked_and_dropped)
{
	int beyond;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	beyond = 1 + pkt_window(&self->pkt) + 10;
	counters_mark();
	INJECT(.flags = TH_ACK, .seq = beyond, .ack = 1, .len = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_TRUE(counters_grew(DROP_OUT_OF_WINDOW, 1));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 101));
	EXPECT_EQ(100, pkt_unread(&self->pkt));
}

/* Linux answers since 6.8 only. */
static bool acked_or_linux(struct pkt *p)
{
	if (test_is_atcp())
		return EXPECTED(p, .flags = TH_ACK, .seq = 1, .ack = 1);
	pkt_next(p, QUIET_MS);
	return true;
}

/* 3.10.7.4, fifth: an ACK of what was never sent is answered and dropped. */
TEST_F(state_established, ack_of_unsent_data_is_answered_and_dropped)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	counters_mark();
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 5000, .len = 100);
	ASSERT_TRUE(acked_or_linux(&self->pkt));
	EXPECT_SILENCE();
	EXPECT_TRUE(counters_grew(DROP_BAD_ACK, 1));
	EXPECT_EQ(0, pkt_unread(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
}

TEST_MAIN
