// SPDX-License-Identifier: GPL-2.0
/* Keepalive: RFC 9293 section 3.8.4. */
#include "unit.h"
#include "conn.h"

/* Linux's defaults: after two hours of silence, nine probes, 75 s apart. */
#define IDLE   SEC(7200)
#define INTVL  SEC(75)
#define PROBES 9

#define KEEPALIVE(c, on)                                                       \
	do {                                                                   \
		(c)->tcb.settings.keepalive = (on);                            \
		atcp_user_keepalive(&(c)->tcb, (c)->now);                      \
	} while (0)

/* TCP_KEEPIDLE counts from what was heard last. */
#define KEEPIDLE(c, seconds)                                                   \
	do {                                                                   \
		(c)->tcb.settings.keep_idle = (seconds);                       \
		atcp_user_keepalive(&(c)->tcb, (c)->tcb.heard_us);             \
	} while (0)

/* SHLD-12: without data, SEG.SEQ = SND.NXT - 1. */
#define EXPECT_PROBE(c)                                                        \
	do {                                                                   \
		EXPECT_SENDS(c, .seq = (c)->tcb.snd_nxt - 1);                  \
		EXPECT_SILENCE(c);                                             \
	} while (0)

static void watched(struct __test_metadata *_metadata, struct conn *c,
		    enum atcp_state state)
{
	CONN(c, state);
	KEEPALIVE(c, true);
	EXPECT_SILENCE(c);
}

/* MUST-24, MUST-25: off unless the user wants it. */
TEST(off_by_default)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	EXPECT_DEADLINE(&c, 0);
	KEEPALIVE(&c, true);
	EXPECT_DEADLINE(&c, T0 + IDLE);
	KEEPALIVE(&c, false);
	EXPECT_DEADLINE(&c, 0);
	conn_free(&c);
}

/* MUST-28: two hours. MUST-29: one unanswered probe proves nothing. */
TEST(nine_unanswered_probes_end_the_connection)
{
	struct conn c;
	unsigned int i;

	watched(_metadata, &c, ATCP_ESTABLISHED);
	for (i = 0; i < PROBES; i++) {
		TIMEOUT(&c, T0 + IDLE + i * INTVL);
		EXPECT_EQ(ATCP_ESTABLISHED, c.tcb.state);
		EXPECT_PROBE(&c);
	}
	TIMEOUT(&c, T0 + IDLE + PROBES * INTVL);
	EXPECT_PATH(&c, "ESTABLISHED>CLOSED");
	EXPECT_EQ(ATCP_ERROR_TIMEOUT, c.tcb.error);
	EXPECT_EVENTS(&c, ATCP_EV_ERROR | ATCP_EV_CLOSED);
	EXPECT_SENDS(&c, .flags = ATCP_RST | ATCP_ACK);
	EXPECT_SILENCE(&c);
	EXPECT_DEADLINE(&c, 0);
	conn_free(&c);
}

/* Each answer starts the two hours, and the count of probes, anew. */
TEST(an_answer_is_all_that_is_wanted)
{
	struct conn c;
	unsigned int i;

	watched(_metadata, &c, ATCP_ESTABLISHED);
	for (i = 0; i < PROBES; i++) {
		TIMEOUT(&c, T0 + IDLE + i * INTVL);
		EXPECT_PROBE(&c);
	}
	c.now += MS(20);
	ARRIVES(&c, .len = 0);
	EXPECT_SILENCE(&c);
	EXPECT_EQ(0, c.tcb.keep_unanswered);
	/* The clock that ran for the next probe rings, and is set again. */
	TIMEOUT(&c, T0 + IDLE + PROBES * INTVL);
	EXPECT_SILENCE(&c);
	TIMEOUT(&c, T0 + 2 * IDLE + (PROBES - 1) * INTVL + MS(20));
	EXPECT_PROBE(&c);
	EXPECT_EQ(ATCP_ESTABLISHED, c.tcb.state);
	conn_free(&c);
}

/* MUST-26: what arrives puts it off, data and acknowledgments. */
TEST(whatever_arrives_counts)
{
	struct conn c;

	watched(_metadata, &c, ATCP_ESTABLISHED);
	c.now = T0 + SEC(100);
	ARRIVES(&c, .len = 10);
	DRAIN(&c);
	TIMEOUT(&c, T0 + IDLE);
	EXPECT_SILENCE(&c);
	EXPECT_DEADLINE(&c, T0 + SEC(100) + IDLE);
	c.now = T0 + SEC(7000);
	ARRIVES(&c, .len = 0);
	TIMEOUT(&c, T0 + SEC(100) + IDLE);
	EXPECT_SILENCE(&c);
	TIMEOUT(&c, T0 + SEC(7000) + IDLE);
	EXPECT_PROBE(&c);
	conn_free(&c);
}

/* MUST-26: data that is not acknowledged is probe enough. */
TEST(no_probes_while_data_is_in_flight)
{
	struct conn c;

	watched(_metadata, &c, ATCP_ESTABLISHED);
	KEEPIDLE(&c, 1);
	SEND(&c, 100);
	EXPECT_SENDS(&c, .len = 100, .flags = ATCP_ACK | ATCP_PSH);
	EXPECT_SILENCE(&c);
	while (c.tcb.state == ATCP_ESTABLISHED) {
		TIMEOUT(&c, atcp_deadline(&c.tcb));
		if (atcp_next_segment(&c.tcb, c.now, &c.out)) {
			EXPECT_EQ(OURS(0), c.out.seq);
			EXPECT_EQ(100U, c.out.len);
			EXPECT_SILENCE(&c);
		}
	}
	/* And R2 is the end, not the number of probes. */
	EXPECT_GE(c.now - T0, MS(924600));
	conn_free(&c);
}

/* Nor while data waits for a closed window: that is probed anyway. */
TEST(no_probes_while_data_waits)
{
	struct conn c;
	unsigned int i;

	watched(_metadata, &c, ATCP_ESTABLISHED);
	KEEPIDLE(&c, 1);
	ARRIVES(&c, .wnd = 0);
	SEND(&c, 100);
	EXPECT_SILENCE(&c);
	for (i = 0; i < 20; i++) {
		TIMEOUT(&c, atcp_deadline(&c.tcb));
		if (atcp_next_segment(&c.tcb, c.now, &c.out)) {
			EXPECT_EQ(OURS(0), c.out.seq);
			EXPECT_EQ(1U, c.out.len);
		}
		EXPECT_SILENCE(&c);
		EXPECT_EQ(0, c.tcb.keep_unanswered);
		ARRIVES(&c, .ack = OURS(0), .wnd = 0);
	}
	/* Once all is sent and acknowledged, it is idle again. */
	ARRIVES(&c, .ack = OURS(0), .wnd = 1000);
	DRAIN(&c);
	ARRIVES(&c, .ack = OURS(100), .wnd = 1000);
	EXPECT_SILENCE(&c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	if (!c.tcb.keep_unanswered)
		TIMEOUT(&c, c.tcb.heard_us + SEC(1));
	EXPECT_PROBE(&c);
	conn_free(&c);
}

/* A closed window alone is no reason not to ask. */
TEST(probes_go_into_a_closed_window)
{
	struct conn c;

	watched(_metadata, &c, ATCP_ESTABLISHED);
	ARRIVES(&c, .wnd = 0);
	TIMEOUT(&c, T0 + IDLE);
	EXPECT_PROBE(&c);
	ARRIVES(&c, .wnd = 0);
	EXPECT_EQ(0, c.tcb.keep_unanswered);
	conn_free(&c);
}

/* Half-closed connections are watched on both sides. */
TEST(half_closed_connections_are_watched)
{
	static const enum atcp_state states[] = { ATCP_CLOSE_WAIT,
						  ATCP_FIN_WAIT_2 };
	struct conn c;
	unsigned int i, n;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		watched(_metadata, &c, states[i]);
		for (n = 0; n < PROBES; n++) {
			TIMEOUT(&c, T0 + IDLE + n * INTVL);
			EXPECT_PROBE(&c);
		}
		TIMEOUT(&c, T0 + IDLE + PROBES * INTVL);
		EXPECT_EQ(ATCP_CLOSED, c.tcb.state);
		EXPECT_EQ(ATCP_ERROR_TIMEOUT, c.tcb.error);
		EXPECT_SENDS(&c, .flags = ATCP_RST | ATCP_ACK);
		conn_free(&c);
	}
}

/* A FIN that is not acknowledged is data in flight like any. */
TEST(an_unacknowledged_fin_is_not_probed_for)
{
	static const enum atcp_state states[] = { ATCP_FIN_WAIT_1, ATCP_CLOSING,
						  ATCP_LAST_ACK };
	struct conn c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		CONN(&c, states[i]);
		KEEPALIVE(&c, true);
		KEEPIDLE(&c, 1);
		while (c.tcb.state == states[i]) {
			TIMEOUT(&c, atcp_deadline(&c.tcb));
			EXPECT_EQ(0, c.tcb.keep_unanswered);
			DRAIN(&c);
		}
		EXPECT_GE(c.now - T0, MS(924600));
		conn_free(&c);
	}
}

/* fin_timeout bounds an orphan, so nobody asks for its peer. */
TEST(an_orphan_in_fin_wait_2_is_not_watched)
{
	struct conn c;

	watched(_metadata, &c, ATCP_FIN_WAIT_2);
	KEEPIDLE(&c, 1);
	ORPHAN(&c);
	EXPECT_EQ(0, c.tcb.timers[ATCP_TIMER_KEEPALIVE]);
	TIMEOUT(&c, T0 + SEC(60));
	EXPECT_PATH(&c, "FIN-WAIT-2>CLOSED");
	EXPECT_SILENCE(&c);
	conn_free(&c);

	watched(_metadata, &c, ATCP_FIN_WAIT_1);
	ORPHAN(&c);
	ARRIVES(&c, .ack = OURS(1));
	EXPECT_DEADLINE(&c, T0 + SEC(60));
	EXPECT_EQ(0, c.tcb.timers[ATCP_TIMER_KEEPALIVE]);
	conn_free(&c);
}

/* MUST-27: the user's numbers, and the operator's without them. */
TEST(the_numbers_can_be_set)
{
	struct conn c;
	unsigned int i;

	CONN(&c, ATCP_ESTABLISHED);
	c.params.keepalive_time = 50;
	c.params.keepalive_intvl = 7;
	c.params.keepalive_probes = 2;
	KEEPALIVE(&c, true);
	for (i = 0; i < 2; i++) {
		TIMEOUT(&c, T0 + SEC(50) + i * SEC(7));
		EXPECT_PROBE(&c);
	}
	TIMEOUT(&c, T0 + SEC(50) + 2 * SEC(7));
	EXPECT_EQ(ATCP_CLOSED, c.tcb.state);
	conn_free(&c);

	CONN(&c, ATCP_ESTABLISHED);
	c.params.keepalive_time = 50;
	c.tcb.settings.keep_idle = 10;
	c.tcb.settings.keep_intvl = 3;
	c.tcb.settings.keep_probes = 4;
	KEEPALIVE(&c, true);
	for (i = 0; i < 4; i++) {
		TIMEOUT(&c, T0 + SEC(10) + i * SEC(3));
		EXPECT_PROBE(&c);
	}
	TIMEOUT(&c, T0 + SEC(10) + 4 * SEC(3));
	EXPECT_EQ(ATCP_CLOSED, c.tcb.state);
	conn_free(&c);
}

/* What is set while probes go out holds from the next one on. */
TEST(fewer_probes_than_were_sent_already)
{
	struct conn c;

	watched(_metadata, &c, ATCP_ESTABLISHED);
	TIMEOUT(&c, T0 + IDLE);
	EXPECT_PROBE(&c);
	TIMEOUT(&c, T0 + IDLE + INTVL);
	EXPECT_PROBE(&c);
	c.tcb.settings.keep_probes = 1;
	TIMEOUT(&c, T0 + IDLE + 2 * INTVL);
	EXPECT_EQ(ATCP_CLOSED, c.tcb.state);
	conn_free(&c);
}

/* Silence counts from what was heard last: it may be long enough already. */
TEST(a_shorter_idle_time_holds_at_once)
{
	struct conn c;

	watched(_metadata, &c, ATCP_ESTABLISHED);
	c.now = T0 + SEC(100);
	KEEPIDLE(&c, 200);
	EXPECT_DEADLINE(&c, T0 + SEC(200));
	KEEPIDLE(&c, 50);
	EXPECT_LE(atcp_deadline(&c.tcb), c.now);
	atcp_timeout(&c.tcb, c.now);
	EXPECT_PROBE(&c);
	EXPECT_DEADLINE(&c, T0 + SEC(100) + INTVL);
	/* The probes that went out stay counted. */
	KEEPIDLE(&c, 60);
	EXPECT_EQ(1, c.tcb.keep_unanswered);
	conn_free(&c);
}

/* Switched off between the decision and the segment, it is not sent. */
TEST(switched_off_it_asks_no_more)
{
	struct conn c;

	watched(_metadata, &c, ATCP_ESTABLISHED);
	TIMEOUT(&c, T0 + IDLE);
	KEEPALIVE(&c, false);
	EXPECT_SILENCE(&c);
	EXPECT_DEADLINE(&c, 0);
	EXPECT_EQ(0, c.tcb.keep_unanswered);
	conn_free(&c);
}

/* RFC 5482, tcp(7): the user's time-out ends it, however many probes. */
TEST(a_user_time_out_overrides_the_number_of_probes)
{
	struct conn c;
	unsigned int i;

	watched(_metadata, &c, ATCP_ESTABLISHED);
	c.tcb.settings.user_timeout_ms = 7200000 + 11 * 75000;
	for (i = 0; i < 11; i++) {
		TIMEOUT(&c, T0 + IDLE + i * INTVL);
		EXPECT_EQ(ATCP_ESTABLISHED, c.tcb.state);
		EXPECT_PROBE(&c);
	}
	TIMEOUT(&c, T0 + IDLE + 11 * INTVL);
	EXPECT_EQ(ATCP_CLOSED, c.tcb.state);
	EXPECT_EQ(ATCP_ERROR_TIMEOUT, c.tcb.error);
	conn_free(&c);
}

/* But not before one probe had its interval to be answered in. */
TEST(a_user_time_out_waits_for_one_probe)
{
	struct conn c;

	watched(_metadata, &c, ATCP_ESTABLISHED);
	c.tcb.settings.user_timeout_ms = 1000;
	TIMEOUT(&c, T0 + IDLE);
	EXPECT_EQ(ATCP_ESTABLISHED, c.tcb.state);
	EXPECT_PROBE(&c);
	TIMEOUT(&c, T0 + IDLE + INTVL);
	EXPECT_EQ(ATCP_CLOSED, c.tcb.state);
	conn_free(&c);
}

/* A count of 256 probes is not one of none. */
TEST(many_probes_are_counted)
{
	struct conn c;
	unsigned int i;

	watched(_metadata, &c, ATCP_ESTABLISHED);
	c.tcb.settings.keep_intvl = 1;
	c.tcb.settings.user_timeout_ms = 7200000 + 256 * 1000;
	for (i = 0; i < 256; i++) {
		TIMEOUT(&c, T0 + IDLE + i * SEC(1));
		EXPECT_PROBE(&c);
	}
	TIMEOUT(&c, T0 + IDLE + 256 * SEC(1));
	EXPECT_EQ(ATCP_CLOSED, c.tcb.state);
	conn_free(&c);
}

/* Asked for before there is a connection, it starts with that. */
TEST(it_starts_with_the_connection)
{
	struct conn c;

	CONN(&c, ATCP_SYN_SENT);
	KEEPALIVE(&c, true);
	EXPECT_EQ(0, c.tcb.timers[ATCP_TIMER_KEEPALIVE]);
	c.now += MS(30);
	ARRIVES(&c, .seq = IRS, .flags = ATCP_SYN | ATCP_ACK);
	DRAIN(&c);
	EXPECT_DEADLINE(&c, T0 + MS(30) + IDLE);
	conn_free(&c);

	CONN(&c, ATCP_SYN_RECEIVED);
	c.tcb.settings.keepalive = true;
	c.now += MS(30);
	ARRIVES(&c, .ack = OURS(0));
	DRAIN(&c);
	EXPECT_EQ(ATCP_ESTABLISHED, c.tcb.state);
	EXPECT_DEADLINE(&c, T0 + MS(30) + IDLE);
	conn_free(&c);
}

/* In SYN-RECEIVED our SYN is in flight: it is not probed for, either. */
TEST(a_half_open_connection_is_not_probed)
{
	struct conn c;

	CONN(&c, ATCP_SYN_RECEIVED);
	KEEPALIVE(&c, true);
	KEEPIDLE(&c, 1);
	while (c.tcb.state == ATCP_SYN_RECEIVED) {
		TIMEOUT(&c, atcp_deadline(&c.tcb));
		EXPECT_EQ(0, c.tcb.keep_unanswered);
		DRAIN(&c);
	}
	EXPECT_EQ(T0 + SEC(127), c.now);
	conn_free(&c);
}

/* A probe acknowledges what came: no delayed ACK after it. */
TEST(a_probe_is_an_ack)
{
	struct conn c;

	watched(_metadata, &c, ATCP_ESTABLISHED);
	c.tcb.quick_acks = 0;
	c.now = T0 + IDLE - MS(10);
	ARRIVES(&c, .len = 10);
	EXPECT_SILENCE(&c);
	EXPECT_DEADLINE(&c, T0 + IDLE);
	TIMEOUT(&c, T0 + IDLE);
	EXPECT_SILENCE(&c);
	TIMEOUT(&c, T0 + IDLE + MS(30));
	EXPECT_SENDS(&c, .ack = PEER(10));
	KEEPIDLE(&c, 1);
	c.tcb.settings.keep_intvl = 1;
	TIMEOUT(&c, T0 + IDLE - MS(10) + SEC(1));
	EXPECT_PROBE(&c);
	EXPECT_EQ(PEER(10), c.out.ack);
	conn_free(&c);
}

/* The peer's probe, with no octet or a garbage one, is answered; nothing of it
 * is kept. A FIN-WAIT-2 whose user waits answers as well.
 */
TEST(the_peers_probes_are_answered)
{
	static const enum atcp_state states[] = { ATCP_ESTABLISHED,
						  ATCP_FIN_WAIT_2,
						  ATCP_CLOSE_WAIT };
	struct conn c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		CONN(&c, states[i]);
		ARRIVES(&c, .seq = c.tcb.rcv_nxt - 1);
		EXPECT_DROPPED(&c, OLD_DATA);
		EXPECT_SENDS(&c, .len = 0);
		EXPECT_SILENCE(&c);
		c.now += SEC(75);
		ARRIVES(&c, .seq = c.tcb.rcv_nxt - 1, .len = 1);
		EXPECT_DROPPED(&c, OLD_DATA);
		EXPECT_SENDS(&c, .len = 0);
		EXPECT_SILENCE(&c);
		conn_free(&c);
	}
}

/* Nothing is left of it in TIME-WAIT and CLOSED. */
TEST(it_ends_with_the_connection)
{
	struct conn c;

	watched(_metadata, &c, ATCP_FIN_WAIT_2);
	ARRIVES(&c, .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_EQ(ATCP_TIME_WAIT, c.tcb.state);
	DRAIN(&c);
	atcp_tcb_hand_over(&c.tcb);
	EXPECT_DEADLINE(&c, 0);
	KEEPALIVE(&c, true);
	EXPECT_DEADLINE(&c, 0);
	conn_free(&c);
}

UNIT_MAIN
