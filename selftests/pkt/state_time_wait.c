// SPDX-License-Identifier: GPL-2.0
/*
 * Arrivals in TIME-WAIT: RFC 9293 section 3.10.7.4, RFC 1337, RFC 6191; and
 * when it ends.
 */
#include "../harness.h"
#include "arrival.h"

FIXTURE_PKT(state_time_wait);

static bool open_time_wait(struct pkt *p)
{
	return pkt_open(p, ST_TIME_WAIT);
}

/*
 * All that arrives in TIME-WAIT has one counter. Whatever has a number of its
 * own is answered, with the ACK bit or without: there is nothing to protect.
 */
static const struct rule time_wait_rules[] = {
	{
		.step = "3.6.1, MAY-2: a SYN beyond all of the old connection",
		.with = TH_SYN,
		.without = TH_RST | TH_ACK | TH_FIN,
		.seqs = SEQ_AHEAD | SEQ_LAST | SEQ_EDGE | SEQ_BEYOND,
		.answer = SYN_ACK,
		.to = ST_SYN_RECEIVED,
	},
	{
		.step = "RFC 1337: no RST ends TIME-WAIT",
		.with = TH_RST,
		.drop = DROP_TIME_WAIT,
	},
	{
		.step = "fourth: SYN",
		.with = TH_SYN,
		.answer = ACK,
		.drop = DROP_TIME_WAIT,
	},
	{
		.step = "fifth: the ACK that is due, and nothing else",
		.without = TH_FIN,
		.seqs = SEQ_NEXT,
		.lens = LEN_0,
		.drop = DROP_TIME_WAIT,
	},
	{
		.step = "first, eighth: anything else, a FIN above all",
		.answer = ACK,
		.drop = DROP_TIME_WAIT,
	},
};

static const struct arrivals time_wait = {
	.state = ST_TIME_WAIT,
	.open = open_time_wait,
	.una = 2,
	.rules = time_wait_rules,
	.nr_rules = ARRAY_SIZE(time_wait_rules),
};

ARRIVALS(state_time_wait, , time_wait)

TEST_F(state_time_wait, repeated_fin_is_acked_in_time_wait)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_TIME_WAIT));
	INJECT(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 2);
	EXPECT_SEG(.flags = TH_ACK, .seq = 2, .ack = 2);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_TIME_WAIT);
}

/* RFC 1337: a RST does not end TIME-WAIT before its time. */
TEST_F(state_time_wait, rst_in_time_wait_is_ignored)
{
	if (!test_is_atcp())
		file_write("/proc/sys/net/ipv4/tcp_rfc1337", "1");
	ASSERT_TRUE(pkt_open(&self->pkt, ST_TIME_WAIT));
	INJECT(.flags = TH_RST, .seq = 2);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_TIME_WAIT);
}

/* MAY-2: a SYN that is newer than all of the old connection opens anew. */
TEST_F(state_time_wait, newer_syn_reopens_from_time_wait)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_TIME_WAIT));
	self->pkt.liss_known = false;
	INJECT(.flags = TH_SYN, .seq = 100000, .opts = OPT_MSS, .mss = 1000);
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 100001, .opts = OPT_MSS);
	EXPECT_STATE(ST_SYN_RECEIVED);
}

TEST_F(state_time_wait, older_syn_is_acked_in_time_wait)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_TIME_WAIT));
	INJECT(.flags = TH_SYN, .seq = -100000, .opts = OPT_MSS, .mss = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 2, .ack = 2);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_TIME_WAIT);
}

/* MUST-13: 2 MSL, which are 60 s as in Linux. */
TEST_F_TIMEOUT(state_time_wait, time_wait_ends_at_60_s_and_not_before,
	       3 * MINUTES)
{
	uint64_t start;

	ASSERT_TRUE(pkt_open(&self->pkt, ST_TIME_WAIT));
	start = self->pkt.got.at;
	EXPECT_TRUE(pkt_ends_at(&self->pkt, start, 60 * 1000, ST_TIME_WAIT));
}

/* 3.10.7.4, eighth: the time starts anew, and the FIN is acknowledged. */
TEST_F_TIMEOUT(state_time_wait, repeated_fin_restarts_time_wait, 4 * MINUTES)
{
	uint64_t start;

	ASSERT_TRUE(pkt_open(&self->pkt, ST_TIME_WAIT));
	ASSERT_TRUE(pkt_silence(&self->pkt, 40 * 1000));
	INJECT(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 2);
	EXPECT_SEG(.flags = TH_ACK, .seq = 2, .ack = 2);
	start = self->pkt.got.at;
	EXPECT_TRUE(pkt_ends_at(&self->pkt, start, 60 * 1000, ST_TIME_WAIT));
}

/* SHLD-4, RFC 6191: a newer timestamp is enough, whatever the number. */
TEST_F(state_time_wait, newer_timestamp_reopens_from_time_wait)
{
	self->pkt.peer.opts = OPT_MSS | OPT_TS;
	ASSERT_TRUE(pkt_open(&self->pkt, ST_TIME_WAIT));
	self->pkt.liss_known = false;
	INJECT(.flags = TH_SYN, .seq = -100000, .opts = OPT_MSS | OPT_TS,
	       .mss = 1000, .tsval = self->pkt.peer_tsval + 5000);
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = -99999,
		   .opts = OPT_MSS | OPT_TS);
	EXPECT_STATE(ST_SYN_RECEIVED);
}

/* MAY-2, 1: no number of the old connection is used once more. */
TEST_F(state_time_wait, reopened_connection_begins_above_the_old_one)
{
	uint32_t old;

	ASSERT_TRUE(pkt_open(&self->pkt, ST_TIME_WAIT));
	old = self->pkt.liss + 2;
	self->pkt.liss_known = false;
	INJECT(.flags = TH_SYN, .seq = 100000, .opts = OPT_MSS, .mss = 1000);
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 100001, .opts = OPT_MSS);
	EXPECT_LT(0, (int)(self->pkt.liss - old));
}

TEST_MAIN
