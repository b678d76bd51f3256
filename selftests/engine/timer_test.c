// SPDX-License-Identifier: GPL-2.0
/* A connection's timers: RFC 6298, RFC 9293 sections 3.8.1 to 3.8.6. */
#include "unit.h"
#include "conn.h"
#include "congestion.h"
#include "rtt.h"

/* The time since the test began, in milliseconds. */
#define SINCE_T0(c)	(((c)->now - T0) / ATCP_USEC_PER_MSEC)

/* SHLD-29, SHLD-30: the first probe after an RTO, then ever more slowly.
 * MUST-36, MUST-37: for ever, as long as the peer answers.
 */
TEST(probes_are_sent_for_ever_if_they_are_answered)
{
	struct conn c;
	u64 last, gap = 0;
	u8 retries2;

	CONN(&c, ATCP_ESTABLISHED);
	retries2 = c.params.retries2;
	ARRIVES(&c, .wnd = 0);
	SEND(&c, 100);
	EXPECT_SILENCE(&c);
	last = c.now;
	while (SINCE_T0(&c) < 6 * 3600 * 1000) {
		TIMEOUT(&c, atcp_deadline(&c.tcb));
		ASSERT_EQ(ATCP_ESTABLISHED, c.tcb.state);
		EXPECT_SENDS(&c, .seq = OURS(0), .len = 1);
		EXPECT_SILENCE(&c);
		EXPECT_GE(c.now - last, min_t(u64, 2 * gap, SEC(120)));
		EXPECT_LE(c.now - last, SEC(120));
		gap = c.now - last;
		last = c.now;
		c.now += MS(10);
		ARRIVES(&c, .ack = OURS(0), .wnd = 0);
		EXPECT_SILENCE(&c);
		last = c.now - MS(10);
	}
	EXPECT_EQ(SEC(120), gap);
	EXPECT_EQ(15, retries2);
	/* None of this was loss: the window is filled as before. */
	EXPECT_EQ(ATCP_INITIAL_WINDOW * MSS, c.tcb.cwnd);
	ARRIVES(&c, .ack = OURS(0), .wnd = 5000);
	EXPECT_SENDS(&c, .seq = OURS(0), .len = 100, .flags = ATCP_ACK | ATCP_PSH);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* R2, 924.6 s, counts from the first probe that nobody answers. */
TEST(unanswered_probes_end_the_connection)
{
	struct conn c;
	u64 heard;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .wnd = 0);
	SEND(&c, 100);
	EXPECT_SILENCE(&c);
	while (SINCE_T0(&c) < 3600 * 1000) {
		TIMEOUT(&c, atcp_deadline(&c.tcb));
		EXPECT_SENDS(&c, .seq = OURS(0), .len = 1);
		EXPECT_SILENCE(&c);
		ARRIVES(&c, .ack = OURS(0), .wnd = 0);
		EXPECT_SILENCE(&c);
	}
	heard = c.now;
	while (c.tcb.state == ATCP_ESTABLISHED) {
		ASSERT_LE(c.now - heard, SEC(1200));
		TIMEOUT(&c, atcp_deadline(&c.tcb));
		DRAIN(&c);
	}
	EXPECT_GE(c.now - heard, MS(924600));
	EXPECT_LE(c.now - heard, MS(924600) + SEC(120));
	EXPECT_EQ(ATCP_ERROR_TIMEOUT, c.tcb.error);
	EXPECT_EVENTS(&c, ATCP_EV_ERROR | ATCP_EV_CLOSED);
	conn_free(&c);
}

UNIT_MAIN
