// SPDX-License-Identifier: GPL-2.0
/*
 * How long a user waits for an answer: TCP_USER_TIMEOUT, RFC 5482. MUST-21: R2
 * can be set for each connection.
 */
#include "unit.h"
#include "conn.h"

#define PATIENCE(c, ms) ((c)->tcb.settings.user_timeout_ms = (ms))

#define EXPECT_TIMED_OUT(c)                                                    \
	do {                                                                   \
		EXPECT_EQ(ATCP_CLOSED, (c)->tcb.state);                        \
		EXPECT_EQ(ATCP_ERROR_TIMEOUT, (c)->tcb.error);                 \
		EXPECT_SILENCE(c);                                             \
		EXPECT_DEADLINE(c, 0);                                         \
	} while (0)

/* Time-outs and what they send, up to the one at @end, which sends nothing. */
static unsigned int time_outs_until(struct __test_metadata *_metadata,
				    struct conn *c, u64 end)
{
	unsigned int n = 0;

	while (atcp_deadline(&c->tcb) < end) {
		TIMEOUT(c, atcp_deadline(&c->tcb));
		EXPECT_NE(ATCP_CLOSED, c->tcb.state);
		DRAIN(c);
		n++;
	}
	TIMEOUT(c, end);
	return n;
}

/* 200, 600 and 1400 ms after the first, and then no full RTO any more. */
TEST(data_is_given_up_on_time)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	PATIENCE(&c, 2000);
	SEND(&c, 100);
	DRAIN(&c);
	EXPECT_EQ(3U, time_outs_until(_metadata, &c, T0 + MS(2000)));
	EXPECT_TIMED_OUT(&c);
	conn_free(&c);
}

/* Longer than R2 as well. */
TEST(data_is_not_given_up_sooner)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	PATIENCE(&c, 3600000);
	SEND(&c, 100);
	DRAIN(&c);
	time_outs_until(_metadata, &c, T0 + SEC(3600));
	EXPECT_TIMED_OUT(&c);
	conn_free(&c);
}

/* One retransmission has its chance, however short the user's patience. */
TEST(patience_shorter_than_an_rto)
{
	struct conn c;
	u64 rto;

	CONN(&c, ATCP_ESTABLISHED);
	PATIENCE(&c, 100);
	rto = c.tcb.rto_us;
	SEND(&c, 100);
	DRAIN(&c);
	TIMEOUT(&c, T0 + rto);
	EXPECT_SENDS(&c, .seq = OURS(0), .len = 100,
		     .flags = ATCP_ACK | ATCP_PSH);
	EXPECT_SILENCE(&c);
	TIMEOUT(&c, T0 + rto + MS(100));
	EXPECT_TIMED_OUT(&c);
	conn_free(&c);
}

/* An acknowledgment of something new starts it anew. */
TEST(progress_counts)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	PATIENCE(&c, 2000);
	SEND(&c, 200);
	DRAIN(&c);
	TIMEOUT(&c, T0 + c.tcb.rto_us);
	DRAIN(&c);
	c.now = T0 + MS(500);
	ARRIVES(&c, .ack = OURS(100));
	DRAIN(&c);
	SEND(&c, 100);
	DRAIN(&c);
	/* What is left was last sent by the time-out. */
	time_outs_until(_metadata, &c, T0 + c.tcb.rto_us + MS(2000));
	EXPECT_TIMED_OUT(&c);
	conn_free(&c);
}

/* MUST-22: the SYN's as well, with the retries as they are. */
TEST(a_syn_is_given_up_on_time)
{
	struct conn c;

	CONN(&c, ATCP_SYN_SENT);
	PATIENCE(&c, 5000);
	EXPECT_EQ(2U, time_outs_until(_metadata, &c, T0 + SEC(5)));
	EXPECT_TIMED_OUT(&c);
	conn_free(&c);

	CONN(&c, ATCP_SYN_SENT);
	PATIENCE(&c, 500);
	EXPECT_EQ(1U, time_outs_until(_metadata, &c, T0 + MS(1500)));
	EXPECT_TIMED_OUT(&c);
	conn_free(&c);

	/* The retries end it sooner. */
	CONN(&c, ATCP_SYN_SENT);
	PATIENCE(&c, 500000);
	EXPECT_EQ(6U, time_outs_until(_metadata, &c, T0 + SEC(127)));
	EXPECT_TIMED_OUT(&c);
	conn_free(&c);

	CONN(&c, ATCP_SYN_RECEIVED);
	PATIENCE(&c, 5000);
	time_outs_until(_metadata, &c, T0 + SEC(5));
	EXPECT_TIMED_OUT(&c);
	conn_free(&c);
}

/* Whoever keeps the window closed is not waited for, though it answers. It
 * counts from the first probe.
 */
TEST(a_closed_window_is_given_up_on_time)
{
	struct conn c;
	u64 probed;

	CONN(&c, ATCP_ESTABLISHED);
	PATIENCE(&c, 10000);
	ARRIVES(&c, .wnd = 0);
	SEND(&c, 100);
	EXPECT_SILENCE(&c);
	probed = T0 + c.tcb.rto_us;
	while (atcp_deadline(&c.tcb) < probed + SEC(10)) {
		TIMEOUT(&c, atcp_deadline(&c.tcb));
		EXPECT_SENDS(&c, .seq = OURS(0), .len = 1);
		ARRIVES(&c, .ack = OURS(0), .wnd = 0);
		EXPECT_SILENCE(&c);
	}
	TIMEOUT(&c, probed + SEC(10));
	EXPECT_TIMED_OUT(&c);
	conn_free(&c);
}

/* Nor if it takes each probe's octet, or says nothing at all. */
TEST(a_closed_window_that_takes_octets)
{
	struct conn c;
	u64 probed;
	u32 n = 0;

	CONN(&c, ATCP_ESTABLISHED);
	PATIENCE(&c, 10000);
	ARRIVES(&c, .wnd = 0);
	SEND(&c, 100);
	EXPECT_SILENCE(&c);
	probed = T0 + c.tcb.rto_us;
	while (atcp_deadline(&c.tcb) < probed + SEC(10)) {
		TIMEOUT(&c, atcp_deadline(&c.tcb));
		EXPECT_SENDS(&c, .seq = OURS(n), .len = 1);
		ARRIVES(&c, .ack = OURS(++n), .wnd = 0);
		EXPECT_SILENCE(&c);
	}
	EXPECT_GT(n, 2U);
	TIMEOUT(&c, probed + SEC(10));
	EXPECT_TIMED_OUT(&c);
	conn_free(&c);

	CONN(&c, ATCP_ESTABLISHED);
	PATIENCE(&c, 10000);
	ARRIVES(&c, .wnd = 0);
	SEND(&c, 100);
	EXPECT_SILENCE(&c);
	time_outs_until(_metadata, &c, T0 + c.tcb.rto_us + SEC(10));
	EXPECT_TIMED_OUT(&c);
	conn_free(&c);
}

/* The first probe comes after an RTO (SHLD-29), then they slow down, but the
 * one after the first is not later than the end.
 */
TEST(a_short_patience_with_a_closed_window)
{
	struct conn c;
	u64 probed;

	CONN(&c, ATCP_ESTABLISHED);
	PATIENCE(&c, 50);
	ARRIVES(&c, .wnd = 0);
	SEND(&c, 100);
	EXPECT_SILENCE(&c);
	probed = T0 + c.tcb.rto_us;
	TIMEOUT(&c, probed);
	EXPECT_SENDS(&c, .seq = OURS(0), .len = 1);
	EXPECT_SILENCE(&c);
	TIMEOUT(&c, probed + MS(50));
	EXPECT_TIMED_OUT(&c);
	conn_free(&c);
}

/* A window that opens in between is not one that was closed all the time. */
TEST(an_open_window_starts_it_anew)
{
	struct conn c;
	u64 probed;

	CONN(&c, ATCP_ESTABLISHED);
	PATIENCE(&c, 10000);
	ARRIVES(&c, .wnd = 0);
	SEND(&c, 100);
	EXPECT_SILENCE(&c);
	while (c.now < T0 + SEC(5)) {
		TIMEOUT(&c, atcp_deadline(&c.tcb));
		EXPECT_SENDS(&c, .seq = OURS(0), .len = 1);
		ARRIVES(&c, .ack = OURS(0), .wnd = 0);
		EXPECT_SILENCE(&c);
	}
	ARRIVES(&c, .ack = OURS(0), .wnd = 10);
	EXPECT_EQ(0, c.tcb.closed_us);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(0), .wnd = 0);
	EXPECT_SILENCE(&c);
	probed = atcp_deadline(&c.tcb);
	EXPECT_GT(probed, c.now);
	time_outs_until(_metadata, &c, probed + SEC(10));
	EXPECT_TIMED_OUT(&c);
	conn_free(&c);
}

/* Data was in flight when the window closed: the first time-out is the first
 * probe (MUST-35).
 */
TEST(a_window_that_closes_over_data)
{
	struct conn c;
	u64 probed;

	CONN(&c, ATCP_ESTABLISHED);
	PATIENCE(&c, 3000);
	SEND(&c, 100);
	DRAIN(&c);
	ARRIVES(&c, .ack = OURS(0), .wnd = 0);
	probed = T0 + c.tcb.rto_us;
	while (atcp_deadline(&c.tcb) < probed + SEC(3)) {
		TIMEOUT(&c, atcp_deadline(&c.tcb));
		EXPECT_SENDS(&c, .seq = OURS(0), .len = 1);
		ARRIVES(&c, .ack = OURS(0), .wnd = 0);
		EXPECT_SILENCE(&c);
	}
	TIMEOUT(&c, probed + SEC(3));
	EXPECT_TIMED_OUT(&c);
	conn_free(&c);
}

/* It also replaces orphan_retries. */
TEST(an_orphan_keeps_its_users_patience)
{
	struct conn c;

	CONN(&c, ATCP_FIN_WAIT_1);
	PATIENCE(&c, 3000);
	ORPHAN(&c);
	time_outs_until(_metadata, &c, T0 + SEC(3));
	EXPECT_TIMED_OUT(&c);
	conn_free(&c);
}

/* Set while a time-out is running, it holds from that one on. */
TEST(patience_lost_meanwhile)
{
	struct conn c;
	u64 rto;

	CONN(&c, ATCP_ESTABLISHED);
	rto = c.tcb.rto_us;
	SEND(&c, 100);
	DRAIN(&c);
	TIMEOUT(&c, T0 + rto);
	DRAIN(&c);
	PATIENCE(&c, 300);
	TIMEOUT(&c, T0 + 3 * rto);
	EXPECT_TIMED_OUT(&c);
	conn_free(&c);
}

UNIT_MAIN
