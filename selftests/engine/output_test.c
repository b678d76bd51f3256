// SPDX-License-Identifier: GPL-2.0
/* What to send, and when: RFC 9293 sections 3.7.4, 3.8.6.2.1 and 3.10.2. */
#include "unit.h"
#include "conn.h"
#include "congestion.h"

#define PUSH (ATCP_ACK | ATCP_PSH)

/* So many holes in what the peer has sent are to be reported. */
static void with_holes(struct __test_metadata *_metadata, struct conn *c,
		       unsigned int holes)
{
	unsigned int i;

	for (i = 1; i <= holes; i++) {
		ARRIVES(c, .seq = PEER(1000 * i), .len = 10);
		DRAIN(c);
	}
}

/* Nagle's rule, SHLD-7, MUST-17: as Minshall has it. */

TEST(a_small_segment_goes_if_nothing_small_is_in_flight)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	SEND(&c, 10);
	EXPECT_SENDS(&c, .len = 10, .flags = PUSH);
	EXPECT_SILENCE(&c);
	SEND(&c, 20);
	EXPECT_SILENCE(&c);
	SEND(&c, 30);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(10));
	EXPECT_SENDS(&c, .seq = OURS(10), .len = 50, .flags = PUSH);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

TEST(a_small_segment_goes_behind_full_ones)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	SEND(&c, 2 * MSS + 10);
	EXPECT_SENDS(&c, .len = MSS);
	EXPECT_SENDS(&c, .len = MSS);
	EXPECT_SENDS(&c, .len = 10, .flags = PUSH);
	/* But then it is the small one that the next waits for. */
	SEND(&c, MSS + 10);
	EXPECT_SENDS(&c, .len = MSS);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(2 * MSS));
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(2 * MSS + 10));
	EXPECT_SENDS(&c, .len = 10, .flags = PUSH);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* MUST-17: an application can turn it off. */
TEST(nodelay_holds_nothing_back)
{
	struct conn c;
	unsigned int i;

	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.use |= ATCP_NODELAY;
	for (i = 0; i < 5; i++) {
		SEND(&c, 10);
		EXPECT_SENDS(&c, .seq = OURS(10 * i), .len = 10, .flags = PUSH);
		EXPECT_SILENCE(&c);
	}
	conn_free(&c);
}

TEST(a_small_segment_of_long_ago_holds_nothing_back)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.snd_small = c.tcb.snd_una + 1000;
	SEND(&c, 10);
	EXPECT_SENDS(&c, .len = 10, .flags = PUSH);
	conn_free(&c);
}

TEST(a_fin_is_never_held_back)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	SEND(&c, 10);
	EXPECT_SENDS(&c, .len = 10, .flags = PUSH);
	SEND(&c, 20);
	EXPECT_SILENCE(&c);
	SHUTDOWN(&c);
	EXPECT_SENDS(&c, .seq = OURS(10), .len = 20, .flags = PUSH | ATCP_FIN);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

TEST(cork_sends_full_segments_only)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.use |= ATCP_CORK | ATCP_NODELAY;
	SEND(&c, MSS + 500);
	EXPECT_SENDS(&c, .len = MSS);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(MSS));
	EXPECT_SILENCE(&c);
	SEND(&c, 500);
	EXPECT_SENDS(&c, .len = MSS, .flags = PUSH);
	SEND(&c, 10);
	EXPECT_SILENCE(&c);
	c.tcb.use &= ~ATCP_CORK;
	EXPECT_SENDS(&c, .len = 10, .flags = PUSH);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* A forgotten cork is overridden after an RTO, 3.8.6.2.1 (4), MUST-60. */
TEST(a_cork_does_not_hold_for_ever)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.use |= ATCP_CORK;
	SEND(&c, 10);
	EXPECT_SILENCE(&c);
	TIMEOUT(&c, T0 + c.tcb.rto_us);
	EXPECT_SENDS(&c, .len = 10, .flags = PUSH);
	EXPECT_SILENCE(&c);
	EXPECT_EQ(0, c.tcb.backoff);
	conn_free(&c);
}

/* Silly window avoidance, MUST-38: a full segment, all there is, or half of
 * the largest window.
 */
TEST(a_silly_window_is_not_filled)
{
	struct conn c;

	CONN_WITH(&c, ATCP_ESTABLISHED, .wnd = 4000);
	ARRIVES(&c, .wnd = 1999 - 1000);
	SEND(&c, 5 * MSS);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .wnd = MSS);
	EXPECT_SENDS(&c, .len = MSS);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

TEST(half_of_the_largest_window_is_worth_a_segment)
{
	struct conn c;

	CONN_WITH(&c, ATCP_ESTABLISHED, .wnd = 1200);
	ARRIVES(&c, .wnd = 599);
	SEND(&c, 5 * MSS);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .wnd = 600);
	EXPECT_SENDS(&c, .len = 600);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* The override of 3.8.6.2.1, MUST-60: what fits goes after a time-out. */
TEST(a_silly_window_is_filled_after_a_time_out)
{
	struct conn c;

	CONN_WITH(&c, ATCP_ESTABLISHED, .wnd = 4000);
	ARRIVES(&c, .wnd = 300);
	SEND(&c, 5 * MSS);
	EXPECT_SILENCE(&c);
	TIMEOUT(&c, T0 + c.tcb.rto_us);
	EXPECT_SENDS(&c, .len = 300);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* The window is filled to its edge, and not further. */
TEST(the_window_limits)
{
	struct conn c;

	CONN_WITH(&c, ATCP_ESTABLISHED, .wnd = 2500);
	SEND(&c, 5 * MSS);
	EXPECT_SENDS(&c, .seq = OURS(0), .len = MSS);
	EXPECT_SENDS(&c, .seq = OURS(1000), .len = MSS);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(1000), .wnd = 2500);
	EXPECT_SENDS(&c, .seq = OURS(2000), .len = MSS);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* SHLD-15, MUST-34: a peer that takes back what it had offered. */
TEST(a_window_that_shrinks)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	SEND(&c, 8 * MSS);
	DRAIN(&c);
	ARRIVES(&c, .ack = OURS(1000), .wnd = 1000);
	EXPECT_SILENCE(&c);
	EXPECT_EQ(OURS(8000), c.tcb.snd_nxt);
	/* MUST-35: what was beyond it is sent again, if it must be. */
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_SENDS(&c, .seq = OURS(1000), .len = MSS);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(8000), .wnd = 1000);
	EXPECT_SILENCE(&c);
	EXPECT_DEADLINE(&c, 0);
	conn_free(&c);
}

/* PSH, MUST-61: on the last segment of what there is. */
TEST(push_and_fin_are_on_the_last_segment)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	SEND(&c, 2 * MSS);
	SHUTDOWN(&c);
	EXPECT_SENDS(&c, .len = MSS);
	/* The FIN needs no segment of its own, though the burst is one. */
	EXPECT_SENDS(&c, .len = MSS, .flags = PUSH);
	EXPECT_SENDS(&c, .seq = OURS(2 * MSS), .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_SILENCE(&c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_SENDS(&c, .seq = OURS(0), .len = MSS);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(MSS));
	EXPECT_SENDS(&c, .seq = OURS(MSS), .len = MSS, .flags = PUSH);
	EXPECT_SENDS(&c, .seq = OURS(2 * MSS), .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

TEST(a_burst_is_whole_segments)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.burst = 4 * MSS;
	SEND(&c, 5 * MSS + 10);
	EXPECT_SENDS(&c, .len = 4 * MSS);
	EXPECT_SENDS(&c, .len = MSS + 10, .flags = PUSH);
	EXPECT_SILENCE(&c);
	/* A small end that must wait leaves the rest of the burst alone. */
	SEND(&c, 2 * MSS + 10);
	EXPECT_SENDS(&c, .len = 2 * MSS);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* About a millisecond's worth at twice the rate, and two segments at least. */
TEST(a_burst_follows_the_rate)
{
	static const struct {
		u32 srtt, cwnd, len;
	} cases[] = {
		{ 0, 10, 8 },	   { 2047, 10, 8 },	{ 2048, 10, 8 },
		{ 4096, 12, 6 },   { 20480, 40, 4 },	{ 20480, 10, 2 },
		{ 204800, 10, 2 }, { 204800, 1000, 8 },
	};
	struct conn c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		CONN(&c, ATCP_ESTABLISHED);
		atcp_tcb_burst(&c.tcb, 8 * MSS + 500);
		EXPECT_EQ(8 * MSS, c.tcb.burst);
		c.tcb.srtt_us = cases[i].srtt;
		c.tcb.cwnd = cases[i].cwnd * MSS;
		SEND(&c, 20 * MSS);
		EXPECT_SENDS(&c, .len = cases[i].len * MSS);
		EXPECT_EQ(MSS, c.out.cut);
		conn_free(&c);
	}
	/* Never more than the owner can send as one. */
	CONN_WITH(&c, ATCP_ESTABLISHED, .options = ATCP_OPT_SACK_OK);
	atcp_tcb_burst(&c.tcb, 10);
	EXPECT_EQ(MSS, c.tcb.burst);
	with_holes(_metadata, &c, 1);
	c.tcb.srtt_us = 204800;
	SEND(&c, 20 * MSS);
	conn_refill(&c);
	ASSERT_TRUE(atcp_next_segment(&c.tcb, c.now, &c.out));
	EXPECT_EQ(MSS - 12, c.out.len);
	conn_free(&c);
}

TEST(a_burst_with_a_fin)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.burst = 4 * MSS;
	SEND(&c, 2 * MSS);
	SHUTDOWN(&c);
	EXPECT_SENDS(&c, .len = 2 * MSS, .flags = PUSH | ATCP_FIN);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* RFC 6691: the octets of SACK blocks come out of the segment's room. */
TEST(sack_blocks_take_their_room)
{
	static const u32 room[] = { 0, 12, 20, 28, 36, 36 };
	struct conn c;
	unsigned int n;

	for (n = 0; n < ARRAY_SIZE(room); n++) {
		CONN_WITH(&c, ATCP_ESTABLISHED, .options = ATCP_OPT_SACK_OK);
		with_holes(_metadata, &c, n);
		c.tcb.burst = 4 * MSS;
		SEND(&c, 8 * MSS);
		conn_refill(&c);
		ASSERT_TRUE(atcp_next_segment(&c.tcb, c.now, &c.out));
		EXPECT_EQ(min(n, 4U), c.out.nr_sacks);
		EXPECT_EQ(room[n], atcp_segment_options_len(&c.out));
		EXPECT_EQ(MSS - room[n], c.out.cut);
		EXPECT_EQ(0U, c.out.len % c.out.cut);
		EXPECT_LE(c.out.len, 4 * MSS);
		conn_free(&c);
	}
}

/* With timestamps there is room for three, and none is taken without SACK. */
TEST(sack_blocks_beside_timestamps)
{
	struct conn c;

	CONN_WITH(&c, ATCP_ESTABLISHED,
		  .options = ATCP_OPT_SACK_OK | ATCP_OPT_TS);
	with_holes(_metadata, &c, 4);
	SEND(&c, 8 * MSS);
	conn_refill(&c);
	ASSERT_TRUE(atcp_next_segment(&c.tcb, c.now, &c.out));
	EXPECT_EQ(3, c.out.nr_sacks);
	EXPECT_EQ(MSS, c.out.len + atcp_segment_options_len(&c.out));
	conn_free(&c);
	CONN(&c, ATCP_ESTABLISHED);
	with_holes(_metadata, &c, 4);
	SEND(&c, 8 * MSS);
	EXPECT_SENDS(&c, .len = MSS);
	conn_free(&c);
}

/* cwnd, less what is in flight. */
TEST(cwnd_limits)
{
	struct conn c;
	unsigned int i;

	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.cwnd = 3 * MSS;
	SEND(&c, 10 * MSS);
	for (i = 0; i < 3; i++)
		EXPECT_SENDS(&c, .len = MSS);
	EXPECT_SILENCE(&c);
	EXPECT_TRUE(c.tcb.cwnd_limited);
	conn_free(&c);
}

/* A retransmission is no longer than the segments of today's path. */
TEST(a_smaller_path_cuts_what_is_sent_again)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.burst = 4 * MSS;
	SEND(&c, 4 * MSS);
	EXPECT_SENDS(&c, .len = 4 * MSS, .flags = PUSH);
	atcp_tcb_path_mss(&c.tcb, 400);
	EXPECT_EQ(0U, c.tcb.burst % 400);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_SENDS(&c, .seq = OURS(0), .len = 400);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* RFC 6298 section 3: neither is a sample what went once more as a probe. */
TEST(an_octet_that_was_a_probe_is_no_rtt_sample)
{
	struct conn c;
	u32 srtt;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .wnd = 0);
	SEND(&c, 100);
	EXPECT_SILENCE(&c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_SENDS(&c, .seq = OURS(0), .len = 1);
	ARRIVES(&c, .ack = OURS(0), .wnd = 5000);
	EXPECT_SENDS(&c, .seq = OURS(0), .len = 100, .flags = PUSH);
	srtt = c.tcb.srtt_us;
	/* Late: the acknowledgment of the probe. */
	c.now += MS(1);
	ARRIVES(&c, .ack = OURS(1), .wnd = 5000);
	EXPECT_EQ(srtt, c.tcb.srtt_us);
	conn_free(&c);
}

/* A late acknowledgment of a withdrawn probe, before anything is sent. */
TEST(a_withdrawn_probe_may_still_be_acknowledged)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .wnd = 0);
	SEND(&c, 100);
	EXPECT_SILENCE(&c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_SENDS(&c, .seq = OURS(0), .len = 1);
	ARRIVES(&c, .ack = OURS(0), .wnd = 5000);
	ARRIVES(&c, .ack = OURS(1), .wnd = 5000);
	EXPECT_EQ(ATCP_DROP_NONE, c.drop);
	EXPECT_SENDS(&c, .seq = OURS(1), .len = 99, .flags = PUSH);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* The acknowledgment of a probe that opens the window as well. */
TEST(a_probe_that_is_taken)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .wnd = 0);
	SEND(&c, 100);
	EXPECT_SILENCE(&c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_SENDS(&c, .seq = OURS(0), .len = 1);
	ARRIVES(&c, .ack = OURS(1), .wnd = 5000);
	EXPECT_SENDS(&c, .seq = OURS(1), .len = 99, .flags = PUSH);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

UNIT_MAIN
