// SPDX-License-Identifier: GPL-2.0
/* What an algorithm may count on, and what a connection survives of it. */
#include "unit.h"
#include "conn.h"
#include "congestion.h"

static int starts, stops;
static u32 to_ssthresh, to_cwnd;

static void count_start(struct atcp_tcb *tcb)
{
	u32 *mine = atcp_cong_private(tcb);

	/* Told by the sum: what is its own is empty, and cwnd is known. */
	starts += !*mine && tcb->cwnd >= tcb->mss;
	*mine = 1;
}

static void count_stop(struct atcp_tcb *tcb)
{
	stops++;
}

static u32 tell_ssthresh(struct atcp_tcb *tcb, u32 flight)
{
	return to_ssthresh;
}

static void tell_cwnd(struct atcp_tcb *tcb, u32 octets)
{
	tcb->cwnd = to_cwnd;
}

static const struct atcp_cong_ops counting = {
	.name = "counting",
	.init = count_start,
	.release = count_stop,
	.ssthresh = tell_ssthresh,
	.ack = tell_cwnd,
};

TEST(an_algorithm_starts_with_the_connection_and_stops_once)
{
	struct conn c;

	starts = 0;
	stops = 0;
	CONN(&c, ATCP_SYN_SENT);
	atcp_cong_switch(&c.tcb, &counting);
	EXPECT_EQ(0, starts);
	ARRIVES(&c, .seq = 5000, .flags = ATCP_SYN | ATCP_ACK,
		.options = ATCP_OPT_MSS, .mss = MSS);
	EXPECT_EQ(1, starts);
	atcp_cong_stop(&c.tcb);
	atcp_cong_stop(&c.tcb);
	EXPECT_EQ(1, stops);
	conn_free(&c);
}

TEST(an_algorithm_that_is_changed_under_way_gives_way)
{
	struct conn c;
	u32 cwnd;

	starts = 0;
	stops = 0;
	CONN(&c, ATCP_ESTABLISHED);
	cwnd = c.tcb.cwnd;
	atcp_cong_switch(&c.tcb, &counting);
	EXPECT_EQ(1, starts);
	EXPECT_EQ(cwnd, c.tcb.cwnd);
	/* What the one before left behind is not the next one's. */
	atcp_cong_switch(&c.tcb, &counting);
	EXPECT_EQ(2, starts);
	atcp_cong_switch(&c.tcb, &atcp_newreno);
	EXPECT_EQ(2, stops);
	EXPECT_EQ(cwnd, c.tcb.cwnd);
	conn_free(&c);
}

TEST(another_open_keeps_the_algorithm_and_starts_it_anew)
{
	struct conn c;

	starts = 0;
	stops = 0;
	CONN(&c, ATCP_ESTABLISHED);
	atcp_cong_switch(&c.tcb, &counting);
	atcp_tcb_delete(&c.tcb, ATCP_CAUSE_ABORT);
	EXPECT_EQ(0, stops);
	atcp_tcb_reset(&c.tcb);
	EXPECT_EQ(1, stops);
	EXPECT_EQ(true, c.tcb.cong == &counting);
	EXPECT_EQ(false, c.tcb.cong_runs);
	conn_free(&c);
}

/* RFC 5681 3.1: two segments is the least. */
TEST(no_algorithm_brings_a_connection_to_a_stop)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	atcp_cong_switch(&c.tcb, &counting);
	to_ssthresh = 0;
	EXPECT_EQ(2 * c.tcb.mss, atcp_cong_ssthresh(&c.tcb));
	to_cwnd = 0;
	atcp_cong_ack(&c.tcb, 1);
	EXPECT_EQ(c.tcb.mss, c.tcb.cwnd);
	to_cwnd = -1;
	atcp_cong_ack(&c.tcb, 1);
	EXPECT_EQ(ATCP_CWND_MAX, c.tcb.cwnd);
	conn_free(&c);
}

/* RFC 5681 section 3.1: no less than one and two segments, of any size. */
TEST(a_larger_path_raises_the_least_values)
{
	struct conn c;

	CONN_WITH(&c, ATCP_ESTABLISHED, .mss = 4 * MSS);
	atcp_tcb_path_mss(&c.tcb, MSS);
	SEND(&c, MSS);
	DRAIN(&c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_EQ(MSS, c.tcb.cwnd);
	EXPECT_EQ(2 * MSS, c.tcb.ssthresh);
	atcp_tcb_path_mss(&c.tcb, 4 * MSS);
	EXPECT_EQ(4 * MSS, c.tcb.cwnd);
	EXPECT_EQ(8 * MSS, c.tcb.ssthresh);
	DRAIN(&c);
	conn_free(&c);
}

UNIT_MAIN
