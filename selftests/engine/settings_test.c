// SPDX-License-Identifier: GPL-2.0
/* What an operator and a user can set: params.h. */
#include "unit.h"
#include "conn.h"
#include "congestion.h"

/* MUST-20: R1 is 3.0 s by retries1: then the route is doubted. */
TEST(the_path_is_doubted_after_retries1)
{
	struct conn c;
	unsigned int i;

	CONN(&c, ATCP_ESTABLISHED);
	SEND(&c, 100);
	DRAIN(&c);
	for (i = 1; i <= 3; i++) {
		TIMEOUT(&c, T0 + ((1 << i) - 1) * c.tcb.rto_us);
		EXPECT_EVENTS(&c, 0);
		DRAIN(&c);
	}
	/* And with each time-out from then on. */
	for (; i <= 5; i++) {
		TIMEOUT(&c, T0 + ((1 << i) - 1) * c.tcb.rto_us);
		EXPECT_EVENTS(&c, ATCP_EV_PATH);
		DRAIN(&c);
	}
	conn_free(&c);

	CONN(&c, ATCP_ESTABLISHED);
	c.params.retries1 = 0;
	SEND(&c, 100);
	DRAIN(&c);
	TIMEOUT(&c, T0 + c.tcb.rto_us);
	EXPECT_EVENTS(&c, ATCP_EV_PATH);
	conn_free(&c);
}

/* The sums start from rto_min_us, and no time-out exceeds rto_max_ms. */
TEST(the_operators_time_outs)
{
	struct conn c;
	u64 last = T0;
	unsigned int i;

	CONN(&c, ATCP_ESTABLISHED);
	c.params.rto_min_us = 50000;
	c.params.rto_max_ms = 1000;
	SEND(&c, 100);
	DRAIN(&c);
	ARRIVES(&c, .ack = OURS(100));
	EXPECT_EQ(50001U, c.tcb.rto_us);
	SEND(&c, 100);
	DRAIN(&c);
	for (i = 0; i < 10; i++) {
		TIMEOUT(&c, last + min_t(u64, 50001ULL << i, SEC(1)));
		DRAIN(&c);
		last = c.now;
	}
	/* Sixteen time-outs: 50, 100 ... 800 ms, and eleven seconds. */
	while (c.tcb.state == ATCP_ESTABLISHED) {
		TIMEOUT(&c, last + SEC(1));
		DRAIN(&c);
		last = c.now;
	}
	EXPECT_GE(c.now - T0, MS(12550));
	EXPECT_LT(c.now - T0, MS(13551));
	conn_free(&c);
}

/* TCP_SYNCNT instead of syn_retries. MUST-23. */
TEST(the_users_syn_retries)
{
	struct conn c;

	CONN(&c, ATCP_SYN_SENT);
	c.tcb.settings.syn_retries = 2;
	TIMEOUT(&c, T0 + SEC(1));
	DRAIN(&c);
	TIMEOUT(&c, T0 + SEC(3));
	DRAIN(&c);
	TIMEOUT(&c, T0 + SEC(7));
	EXPECT_EQ(ATCP_CLOSED, c.tcb.state);
	EXPECT_EQ(ATCP_ERROR_TIMEOUT, c.tcb.error);
	conn_free(&c);
}

/* TCP_LINGER2 instead of fin_timeout. */
TEST(the_users_fin_timeout)
{
	struct conn c;

	CONN(&c, ATCP_FIN_WAIT_2);
	c.tcb.settings.linger2 = 5;
	ORPHAN(&c);
	TIMEOUT(&c, T0 + SEC(5));
	EXPECT_PATH(&c, "FIN-WAIT-2>CLOSED");
	conn_free(&c);

	CONN(&c, ATCP_FIN_WAIT_1);
	c.tcb.settings.linger2 = 5;
	ORPHAN(&c);
	c.now += MS(10);
	ARRIVES(&c, .ack = OURS(1));
	TIMEOUT(&c, T0 + MS(10) + SEC(5));
	EXPECT_PATH(&c, "FIN-WAIT-1>FIN-WAIT-2>CLOSED");
	conn_free(&c);
}

/* Not so short that a lost FIN could not come again: 3.5 time-outs. */
TEST(a_fin_timeout_is_no_shorter_than_some_rtos)
{
	struct conn c;

	CONN(&c, ATCP_FIN_WAIT_2);
	c.tcb.settings.linger2 = 1;
	c.tcb.rto_us = SEC(2);
	ORPHAN(&c);
	EXPECT_DEADLINE(&c, T0 + SEC(7));
	conn_free(&c);
}

/* Negative: FIN-WAIT-2 ends as it begins, and the peer is told. */
TEST(no_fin_wait_2_at_all)
{
	struct conn c;

	/* close() in FIN-WAIT-2; */
	CONN(&c, ATCP_FIN_WAIT_2);
	c.tcb.settings.linger2 = -1;
	EXPECT_SILENCE(&c);
	ORPHAN(&c);
	EXPECT_PATH(&c, "FIN-WAIT-2>CLOSED");
	EXPECT_SENDS(&c, .seq = OURS(1), .flags = ATCP_RST | ATCP_ACK);
	EXPECT_SILENCE(&c);
	EXPECT_EQ(ATCP_ERROR_NONE, c.tcb.error);
	conn_free(&c);

	/* the ACK of the FIN comes after close(); */
	CONN(&c, ATCP_FIN_WAIT_1);
	c.tcb.settings.linger2 = -1;
	ORPHAN(&c);
	EXPECT_SILENCE(&c);
	EXPECT_EQ(ATCP_FIN_WAIT_1, c.tcb.state);
	ARRIVES(&c, .ack = OURS(1));
	EXPECT_PATH(&c, "FIN-WAIT-1>FIN-WAIT-2>CLOSED");
	EXPECT_EVENTS(&c, ATCP_EV_ACKED | ATCP_EV_CLOSED);
	EXPECT_SENDS(&c, .seq = OURS(1), .flags = ATCP_RST | ATCP_ACK);
	EXPECT_SILENCE(&c);
	conn_free(&c);

	/* with data, or with the peer's FIN: nobody reads it; */
	CONN(&c, ATCP_FIN_WAIT_1);
	c.tcb.settings.linger2 = -1;
	ORPHAN(&c);
	ARRIVES(&c, .ack = OURS(1), .len = 10, .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_EQ(c.arrival.start, c.arrival.end);
	EXPECT_PATH(&c, "FIN-WAIT-1>FIN-WAIT-2>CLOSED");
	EXPECT_SENDS(&c, .seq = OURS(1), .ack = PEER(0),
		     .flags = ATCP_RST | ATCP_ACK);
	EXPECT_SILENCE(&c);
	conn_free(&c);

	/* and with a simultaneous open that was closed at once. */
	CONN(&c, ATCP_SYN_RECEIVED);
	c.tcb.settings.linger2 = -1;
	SHUTDOWN(&c);
	ORPHAN(&c);
	ARRIVES(&c, .ack = OURS(0));
	EXPECT_SENDS(&c, .seq = OURS(0), .flags = ATCP_ACK | ATCP_FIN);
	ARRIVES(&c, .ack = OURS(1));
	EXPECT_PATH(&c,
		    "SYN-RECEIVED>ESTABLISHED>FIN-WAIT-1>FIN-WAIT-2>CLOSED");
	EXPECT_SENDS(&c, .seq = OURS(1), .flags = ATCP_RST | ATCP_ACK);
	conn_free(&c);

	/* A user who has only closed one way may read on. */
	CONN(&c, ATCP_FIN_WAIT_1);
	c.tcb.settings.linger2 = -1;
	ARRIVES(&c, .ack = OURS(1));
	EXPECT_PATH(&c, "FIN-WAIT-1>FIN-WAIT-2");
	EXPECT_SILENCE(&c);
	EXPECT_DEADLINE(&c, 0);
	conn_free(&c);
}

/* Each in order and small, so that only TCP_QUICKACK decides. */
static bool acknowledged_at_once(struct __test_metadata *_metadata,
				 struct conn *c)
{
	bool at_once;

	ARRIVES(c, .len = 1);
	conn_refill(c);
	at_once = atcp_next_segment(&c->tcb, c->now, &c->out);
	EXPECT_SILENCE(c);
	if (!at_once) {
		TIMEOUT(c, c->now + MS(40));
		EXPECT_SENDS(c, .len = 0);
	}
	return at_once;
}

/* SHLD-18, MUST-40: 40 ms otherwise, below half a second. */
TEST(quick_acks)
{
	struct conn c;
	unsigned int i;

	CONN(&c, ATCP_ESTABLISHED);
	/* A connection starts with sixteen of them. */
	for (i = 0; i < ATCP_QUICK_ACKS; i++)
		EXPECT_TRUE(acknowledged_at_once(_metadata, &c));
	EXPECT_FALSE(acknowledged_at_once(_metadata, &c));
	atcp_user_quickack(&c.tcb, true, false);
	EXPECT_FALSE(c.tcb.interactive);
	for (i = 0; i < ATCP_QUICK_ACKS; i++)
		EXPECT_TRUE(acknowledged_at_once(_metadata, &c));
	EXPECT_FALSE(acknowledged_at_once(_metadata, &c));
	conn_free(&c);

	/* Off at once. */
	CONN(&c, ATCP_ESTABLISHED);
	atcp_user_quickack(&c.tcb, false, false);
	EXPECT_TRUE(c.tcb.interactive);
	EXPECT_FALSE(acknowledged_at_once(_metadata, &c));
	conn_free(&c);
}

/* What is owed already goes out; once means only that. */
TEST(a_quick_ack_of_what_is_owed)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	atcp_user_quickack(&c.tcb, false, false);
	ARRIVES(&c, .len = 1);
	EXPECT_SILENCE(&c);
	atcp_user_quickack(&c.tcb, true, true);
	EXPECT_SENDS(&c, .ack = PEER(1));
	EXPECT_SILENCE(&c);
	EXPECT_DEADLINE(&c, 0);
	EXPECT_FALSE(acknowledged_at_once(_metadata, &c));
	/* With nothing owed, nothing goes out. */
	atcp_user_quickack(&c.tcb, true, false);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* Six time-outs of one RTO each, then twice as long for each. */
static void thin(struct __test_metadata *_metadata, struct conn *c)
{
	u64 rto = c->tcb.rto_us, last = c->now;
	unsigned int i;

	for (i = 0; i < 6; i++) {
		TIMEOUT(c, last + rto);
		DRAIN(c);
		last = c->now;
	}
	for (i = 0; i < 4; i++) {
		TIMEOUT(c, last + (rto << i));
		DRAIN(c);
		last = c->now;
	}
}

TEST(thin_streams_time_out_linearly)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.settings.thin_linear_timeouts = true;
	SEND(&c, 3 * MSS + 999);
	DRAIN(&c);
	thin(_metadata, &c);
	conn_free(&c);

	CONN(&c, ATCP_ESTABLISHED);
	c.params.thin_linear_timeouts = 1;
	SEND(&c, 10);
	DRAIN(&c);
	thin(_metadata, &c);
	/* Karn's rule has kept the back-off; the next thin loss ends it. */
	ARRIVES(&c, .ack = OURS(10));
	EXPECT_EQ(4, c.tcb.backoff);
	SEND(&c, 100);
	DRAIN(&c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_EQ(0, c.tcb.backoff);
	EXPECT_DEADLINE(&c, c.now + c.tcb.rto_us);
	conn_free(&c);
}

/* With four segments in flight, duplicates tell of a loss. */
TEST(thick_streams_back_off)
{
	struct conn c;
	unsigned int i;

	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.settings.thin_linear_timeouts = true;
	SEND(&c, 4 * MSS);
	DRAIN(&c);
	for (i = 1; i < 5; i++) {
		TIMEOUT(&c, T0 + ((1 << i) - 1) * c.tcb.rto_us);
		EXPECT_EQ(i, c.tcb.backoff);
		DRAIN(&c);
	}
	conn_free(&c);
}

/* SHLD-30: neither do window probes hurry, */
TEST(probes_of_a_thin_stream_slow_down)
{
	struct conn c;
	unsigned int i;

	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.settings.thin_linear_timeouts = true;
	ARRIVES(&c, .wnd = 0);
	SEND(&c, 100);
	EXPECT_SILENCE(&c);
	for (i = 1; i < 5; i++) {
		TIMEOUT(&c, T0 + ((1 << i) - 1) * c.tcb.rto_us);
		EXPECT_SENDS(&c, .seq = OURS(0), .len = 1);
		ARRIVES(&c, .ack = OURS(0), .wnd = 0);
		EXPECT_SILENCE(&c);
	}
	conn_free(&c);
}

/* nor a FIN: it is not interactive any more. */
TEST(a_closing_thin_stream_backs_off)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.settings.thin_linear_timeouts = true;
	SHUTDOWN(&c);
	DRAIN(&c);
	TIMEOUT(&c, T0 + c.tcb.rto_us);
	EXPECT_EQ(1, c.tcb.backoff);
	conn_free(&c);
}

/* RFC 5681 4.1: idle for more than an RTO, cwnd is the initial one again. */
TEST(slow_start_after_idle)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.cwnd = 50 * MSS;
	SEND(&c, MSS);
	DRAIN(&c);
	ARRIVES(&c, .ack = OURS(MSS), .wnd = 60000);
	c.now += c.tcb.rto_us;
	SEND(&c, 12 * MSS);
	DRAIN(&c);
	EXPECT_EQ(OURS(13 * MSS), c.tcb.snd_nxt);
	EXPECT_EQ(50 * MSS, c.tcb.cwnd);
	ARRIVES(&c, .ack = OURS(13 * MSS), .wnd = 60000);
	c.now += c.tcb.rto_us + 1;
	SEND(&c, 12 * MSS);
	DRAIN(&c);
	EXPECT_EQ(ATCP_INITIAL_WINDOW * MSS, c.tcb.cwnd);
	EXPECT_EQ(OURS(23 * MSS), c.tcb.snd_nxt);
	conn_free(&c);
}

/* Not what is in flight makes it idle, nor what arrives keeps it from it. */
TEST(what_idle_means)
{
	struct conn c;

	/* Something is in flight: its ACKs pace what follows. */
	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.cwnd = 50 * MSS;
	SEND(&c, 1);
	DRAIN(&c);
	c.tcb.rto_us = MS(100);
	c.now += MS(150);
	c.tcb.use |= ATCP_NODELAY;
	SEND(&c, MSS);
	DRAIN(&c);
	EXPECT_EQ(50 * MSS, c.tcb.cwnd);
	conn_free(&c);

	/* A receiver has a large window and nothing to pace it by. */
	CONN(&c, ATCP_ESTABLISHED);
	SEND(&c, 1);
	DRAIN(&c);
	ARRIVES(&c, .ack = OURS(1));
	c.tcb.cwnd = 50 * MSS;
	c.now += SEC(1);
	ARRIVES(&c, .len = 100);
	DRAIN(&c);
	SEND(&c, 1);
	DRAIN(&c);
	EXPECT_EQ(ATCP_INITIAL_WINDOW * MSS, c.tcb.cwnd);
	conn_free(&c);

	/* A smaller window than the initial one stays. */
	CONN(&c, ATCP_ESTABLISHED);
	SEND(&c, 1);
	DRAIN(&c);
	ARRIVES(&c, .ack = OURS(1));
	c.tcb.cwnd = 3 * MSS;
	c.now += SEC(1);
	SEND(&c, 1);
	DRAIN(&c);
	EXPECT_EQ(3 * MSS, c.tcb.cwnd);
	conn_free(&c);

	/* A connection that has sent nothing yet was not idle. */
	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.cwnd = 50 * MSS;
	c.now += SEC(1);
	SEND(&c, 1);
	DRAIN(&c);
	EXPECT_EQ(50 * MSS, c.tcb.cwnd);
	conn_free(&c);

	/* The operator may not want it. */
	CONN(&c, ATCP_ESTABLISHED);
	c.params.slow_start_after_idle = 0;
	SEND(&c, 1);
	DRAIN(&c);
	ARRIVES(&c, .ack = OURS(1));
	c.tcb.cwnd = 50 * MSS;
	c.now += SEC(1);
	SEND(&c, 1);
	DRAIN(&c);
	EXPECT_EQ(50 * MSS, c.tcb.cwnd);
	conn_free(&c);
}

/* Smaller than anybody's path, an MSS is not believed. */
TEST(the_least_mss)
{
	struct conn c;

	CONN_WITH(&c, ATCP_ESTABLISHED, .mss = 20);
	EXPECT_EQ(48U, c.tcb.mss);
	conn_free(&c);
	CONN(&c, ATCP_ESTABLISHED);
	c.params.min_snd_mss = 500;
	atcp_tcb_path_mss(&c.tcb, 100);
	EXPECT_EQ(500U, c.tcb.mss);
	conn_free(&c);
}

/* RFC 5961 section 7, by the operator's figure; none of it if that is zero. */
TEST(unacceptable_segments_are_answered_so_often)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	c.params.invalid_ratelimit = 100;
	ARRIVES(&c, .seq = PEER(-10));
	EXPECT_SENDS(&c, .len = 0);
	c.now += MS(100) - 1;
	ARRIVES(&c, .seq = PEER(-10));
	EXPECT_SILENCE(&c);
	c.now += 1;
	ARRIVES(&c, .seq = PEER(-10));
	EXPECT_SENDS(&c, .len = 0);
	c.params.invalid_ratelimit = 0;
	ARRIVES(&c, .seq = PEER(-10));
	EXPECT_SENDS(&c, .len = 0);
	conn_free(&c);
}

/* The owner may refuse a challenge ACK: then nothing is said. */
TEST(a_challenge_asks_first)
{
	struct atcp_segment syn;
	struct atcp_arrival arrival;
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	syn = FROM_PEER(&c, .flags = ATCP_SYN);
	EXPECT_EQ(ATCP_DROP_CHALLENGED,
		  atcp_segment_arrives(&c.tcb, &syn, c.now, &arrival));
	EXPECT_TRUE(arrival.challenge);
	EXPECT_SILENCE(&c);
	/* Refused or not, it was one for the connection's own limit. */
	atcp_segment_arrives(&c.tcb, &syn, c.now, &arrival);
	EXPECT_FALSE(arrival.challenge);
	c.now += MS(500);
	atcp_segment_arrives(&c.tcb, &syn, c.now, &arrival);
	EXPECT_TRUE(arrival.challenge);
	atcp_challenge_ack(&c.tcb);
	EXPECT_SENDS(&c, .len = 0);
	conn_free(&c);
}

/* What the user set outlives the connection, what came of it does not. */
TEST(settings_survive_a_reset)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.settings.user_timeout_ms = 1234;
	c.tcb.settings.keepalive = true;
	atcp_user_keepalive(&c.tcb, c.now);
	ABORT(&c);
	DRAIN(&c);
	atcp_tcb_reset(&c.tcb);
	EXPECT_EQ(1234U, c.tcb.settings.user_timeout_ms);
	EXPECT_TRUE(c.tcb.settings.keepalive);
	EXPECT_DEADLINE(&c, 0);
	EXPECT_EQ(0, c.tcb.heard_us);
	conn_free(&c);
}

UNIT_MAIN
