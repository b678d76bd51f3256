// SPDX-License-Identifier: GPL-2.0
/* A connection's timers: RFC 6298, RFC 9293 sections 3.8.1 to 3.8.6. */
#include "unit.h"
#include "conn.h"
#include "congestion.h"
#include "rtt.h"
#include "timer.h"

/* The time since the test began, in milliseconds. */
#define SINCE_T0(c) (((c)->now - T0) / ATCP_USEC_PER_MSEC)

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
	while (SINCE_T0(&c) < 12 * 3600 * 1000) {
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
	/* More than an octet counts. */
	EXPECT_EQ(U8_MAX, atcp_range_first(&c.tcb.sendmap)->sends);
	EXPECT_EQ(15, retries2);
	/* None of this was loss: the window is filled as before. */
	EXPECT_EQ(ATCP_INITIAL_WINDOW * MSS, c.tcb.cwnd);
	ARRIVES(&c, .ack = OURS(0), .wnd = 5000);
	EXPECT_SENDS(&c, .seq = OURS(0), .len = 100,
		     .flags = ATCP_ACK | ATCP_PSH);
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
	EXPECT_EVENTS(&c, ATCP_EV_PATH | ATCP_EV_ERROR | ATCP_EV_CLOSED);
	conn_free(&c);
}

/* RFC 9293 3.8.3: SYNs at 0, 1, 3, 7, 15, 31 and 63 s, and the end at 127 s. */
TEST(an_unanswered_syn)
{
	static const unsigned int at[] = { 1, 3, 7, 15, 31, 63 };
	struct conn c;
	unsigned int i;

	CONN(&c, ATCP_SYN_SENT);
	for (i = 0; i < ARRAY_SIZE(at); i++) {
		TIMEOUT(&c, T0 + SEC(at[i]));
		EXPECT_SENDS(&c, .seq = ISS, .flags = ATCP_SYN,
			     .options = ATCP_OPT_MSS, .mss = MSS);
		EXPECT_SILENCE(&c);
	}
	TIMEOUT(&c, T0 + SEC(127));
	EXPECT_PATH(&c, "SYN-SENT>CLOSED");
	EXPECT_EQ(ATCP_ERROR_TIMEOUT, c.tcb.error);
	EXPECT_EVENTS(&c, ATCP_EV_ERROR | ATCP_EV_CLOSED);
	EXPECT_SILENCE(&c);
	EXPECT_DEADLINE(&c, 0);
	conn_free(&c);
}

/* MUST-23: the number of SYNs can be set, and is not that of data. */
TEST(an_unanswered_syn_by_retries)
{
	struct conn c;
	unsigned int retries;

	for (retries = 0; retries <= 127; retries++) {
		u64 took;

		CONN(&c, ATCP_SYN_SENT);
		c.params.syn_retries = retries;
		while (c.tcb.state == ATCP_SYN_SENT) {
			TIMEOUT(&c, atcp_deadline(&c.tcb));
			DRAIN(&c);
		}
		took = retries < 7 ? (2 << retries) - 1 :
				     127 + 120 * (retries - 6);
		EXPECT_EQ(T0 + SEC(took), c.now);
		conn_free(&c);
	}
}

/* RFC 6298 5.4 to 5.6; MUST-20, SHLD-11: R2 is 924.6 s, more than 100 s. */
TEST(unanswered_data)
{
	struct conn c;
	u64 sent, rto;
	unsigned int sends = 1;

	CONN(&c, ATCP_ESTABLISHED);
	SEND(&c, 100);
	EXPECT_SENDS(&c, .len = 100, .flags = ATCP_ACK | ATCP_PSH);
	EXPECT_SILENCE(&c);
	sent = c.now;
	rto = c.tcb.rto_us;
	for (;;) {
		TIMEOUT(&c, c.now + min_t(u64, rto, SEC(120)));
		if (c.tcb.state == ATCP_CLOSED)
			break;
		EXPECT_LT(c.now - sent, MS(924600));
		EXPECT_SENDS(&c, .seq = OURS(0), .len = 100,
			     .flags = ATCP_ACK | ATCP_PSH);
		EXPECT_SILENCE(&c);
		rto *= 2;
		sends++;
	}
	EXPECT_GE(c.now - sent, MS(924600));
	EXPECT_EQ(16U, sends);
	EXPECT_EQ(ATCP_ERROR_TIMEOUT, c.tcb.error);
	EXPECT_PATH(&c, "ESTABLISHED>CLOSED");
	conn_free(&c);
}

/* It counts from the last that was heard, not from the first loss. */
TEST(an_answer_in_between_starts_r2_anew)
{
	struct conn c;
	unsigned int i;
	u64 heard;

	CONN(&c, ATCP_ESTABLISHED);
	SEND(&c, 200);
	EXPECT_SENDS(&c, .len = 200, .flags = ATCP_ACK | ATCP_PSH);
	for (i = 0; i < 12; i++) {
		TIMEOUT(&c, atcp_deadline(&c.tcb));
		DRAIN(&c);
	}
	ARRIVES(&c, .ack = OURS(100));
	DRAIN(&c);
	heard = c.now;
	while (c.tcb.state == ATCP_ESTABLISHED) {
		TIMEOUT(&c, atcp_deadline(&c.tcb));
		DRAIN(&c);
	}
	EXPECT_GE(c.now - heard, MS(924600) - SEC(120));
	conn_free(&c);
}

/* MUST-18, RFC 6298 5.3: each ACK of something new restarts the timer. */
TEST(an_ack_restarts_the_timer)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	SEND(&c, 3 * MSS);
	DRAIN(&c);
	c.now += MS(100);
	ARRIVES(&c, .ack = OURS(MSS));
	EXPECT_DEADLINE(&c, c.now + c.tcb.rto_us);
	/* 5.1: what is sent meanwhile does not. */
	c.now += MS(50);
	SEND(&c, MSS);
	DRAIN(&c);
	EXPECT_DEADLINE(&c, c.now - MS(50) + c.tcb.rto_us);
	/* Nor does an ACK of nothing new. */
	ARRIVES(&c, .ack = OURS(MSS));
	EXPECT_DEADLINE(&c, c.now - MS(50) + c.tcb.rto_us);
	/* 5.2: all acknowledged, all quiet. */
	ARRIVES(&c, .ack = OURS(4 * MSS));
	EXPECT_DEADLINE(&c, 0);
	conn_free(&c);
}

/* orphan_retries 8 is 102.2 s: in each state that still sends. */
TEST(an_unanswered_orphan)
{
	static const enum atcp_state states[] = { ATCP_FIN_WAIT_1, ATCP_CLOSING,
						  ATCP_LAST_ACK };
	struct conn c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		CONN(&c, states[i]);
		ORPHAN(&c);
		while (c.tcb.state == states[i]) {
			TIMEOUT(&c, atcp_deadline(&c.tcb));
			DRAIN(&c);
		}
		EXPECT_EQ(ATCP_CLOSED, c.tcb.state);
		EXPECT_GE(c.now - T0, MS(102200));
		EXPECT_LE(c.now - T0, 2 * MS(102200));
		conn_free(&c);
	}
}

/* Though its time-out takes longer than that: one retransmission it has. */
TEST(an_orphan_with_a_long_time_out)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.backoff = 20;
	SHUTDOWN(&c);
	ORPHAN(&c);
	EXPECT_SENDS(&c, .seq = OURS(0), .flags = ATCP_ACK | ATCP_FIN);
	TIMEOUT(&c, c.now + SEC(120));
	EXPECT_SENDS(&c, .seq = OURS(0), .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_EQ(ATCP_FIN_WAIT_1, c.tcb.state);
	TIMEOUT(&c, c.now + SEC(120));
	EXPECT_EQ(ATCP_CLOSED, c.tcb.state);
	EXPECT_EQ(ATCP_ERROR_TIMEOUT, c.tcb.error);
	conn_free(&c);
}

/* Nobody may keep an orphan for ever by answering its probes. */
TEST(an_orphan_at_a_closed_window)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .wnd = 0);
	SEND(&c, 100);
	SHUTDOWN(&c);
	ORPHAN(&c);
	EXPECT_SILENCE(&c);
	while (c.tcb.state == ATCP_FIN_WAIT_1) {
		ASSERT_LE(c.now - T0, SEC(400));
		TIMEOUT(&c, atcp_deadline(&c.tcb));
		DRAIN(&c);
		if (c.tcb.state == ATCP_FIN_WAIT_1)
			ARRIVES(&c, .ack = OURS(0), .wnd = 0);
		EXPECT_SILENCE(&c);
	}
	EXPECT_EQ(ATCP_CLOSED, c.tcb.state);
	EXPECT_GE(c.now - T0, MS(102200));
	conn_free(&c);
}

/* fin_timeout bounds FIN-WAIT-2 of an orphan, whichever comes first. */
TEST(fin_wait_2_of_an_orphan)
{
	struct conn c;

	CONN(&c, ATCP_FIN_WAIT_2);
	EXPECT_DEADLINE(&c, 0);
	c.now += SEC(1000);
	ORPHAN(&c);
	TIMEOUT(&c, c.now + SEC(60));
	EXPECT_PATH(&c, "FIN-WAIT-2>CLOSED");
	EXPECT_EQ(ATCP_CAUSE_FIN_TIMEOUT, c.tcb.transitions[0].cause);
	EXPECT_EQ(ATCP_ERROR_NONE, c.tcb.error);
	EXPECT_EVENTS(&c, ATCP_EV_CLOSED);
	conn_free(&c);

	CONN(&c, ATCP_FIN_WAIT_1);
	ORPHAN(&c);
	c.params.fin_timeout = 7;
	ARRIVES(&c, .ack = OURS(1));
	EXPECT_SILENCE(&c);
	TIMEOUT(&c, c.now + SEC(7));
	EXPECT_PATH(&c, "FIN-WAIT-1>FIN-WAIT-2>CLOSED");
	conn_free(&c);
}

/* Each purpose has a deadline of its own. */
TEST(no_timer_excludes_another)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	SEND(&c, 10);
	EXPECT_SENDS(&c, .len = 10, .flags = ATCP_ACK | ATCP_PSH);
	ARRIVES(&c, .len = 10, .ack = OURS(0));
	EXPECT_SILENCE(&c);
	EXPECT_DEADLINE(&c, T0 + MS(40));
	EXPECT_EQ(T0 + c.tcb.rto_us, c.tcb.timers[ATCP_TIMER_RETRANSMIT]);
	TIMEOUT(&c, T0 + MS(40));
	EXPECT_SENDS(&c, .seq = OURS(10), .ack = PEER(10));
	EXPECT_SILENCE(&c);
	TIMEOUT(&c, T0 + c.tcb.rto_us);
	EXPECT_SENDS(&c, .seq = OURS(0), .len = 10,
		     .flags = ATCP_ACK | ATCP_PSH);
	conn_free(&c);
}

/* The owner's clock may be late, and ring for nothing. */
TEST(a_call_too_early_or_too_late_does_no_harm)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	SEND(&c, 10);
	EXPECT_SENDS(&c, .len = 10, .flags = ATCP_ACK | ATCP_PSH);
	ARRIVES(&c, .len = 10, .ack = OURS(0));
	atcp_timeout(&c.tcb, c.now + MS(39));
	EXPECT_SILENCE(&c);
	EXPECT_DEADLINE(&c, T0 + MS(40));
	c.now += SEC(10);
	atcp_timeout(&c.tcb, c.now);
	EXPECT_SENDS(&c, .seq = OURS(0), .ack = PEER(10), .len = 10,
		     .flags = ATCP_ACK | ATCP_PSH);
	EXPECT_SILENCE(&c);
	atcp_timeout(&c.tcb, c.now);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* The window opens while a probe is due: what waits goes at once. */
TEST(an_open_window_ends_the_probing)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .wnd = 0);
	SEND(&c, 100);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .wnd = 2000);
	EXPECT_SENDS(&c, .len = 100, .flags = ATCP_ACK | ATCP_PSH);
	EXPECT_SILENCE(&c);
	EXPECT_EQ(0, c.tcb.timers[ATCP_TIMER_PERSIST]);
	EXPECT_DEADLINE(&c, c.now + c.tcb.rto_us);
	conn_free(&c);
}

/* What the peer says meanwhile does not put the probe off. */
TEST(a_probe_is_not_put_off)
{
	struct conn c;
	u64 due;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .wnd = 0);
	SEND(&c, 100);
	EXPECT_SILENCE(&c);
	due = atcp_deadline(&c.tcb);
	for (; c.now < due; c.now += MS(30)) {
		ARRIVES(&c, .wnd = 0);
		SEND(&c, 10);
		EXPECT_SILENCE(&c);
		EXPECT_DEADLINE(&c, due);
	}
	conn_free(&c);
}

/* A FIN is probed with like any octet. */
TEST(a_fin_at_a_closed_window)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .wnd = 0);
	SHUTDOWN(&c);
	EXPECT_SILENCE(&c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_SENDS(&c, .seq = OURS(0), .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(1), .wnd = 0);
	EXPECT_EQ(ATCP_FIN_WAIT_2, c.tcb.state);
	EXPECT_DEADLINE(&c, 0);
	conn_free(&c);
}

/* Karn, RFC 6298 section 5: an ACK of what went again measures nothing, so the
 * back-off stays until something that went once is acknowledged.
 */
TEST(the_back_off_ends_with_a_measurement)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	SEND(&c, 10);
	DRAIN(&c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	DRAIN(&c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	DRAIN(&c);
	EXPECT_EQ(2, c.tcb.backoff);
	ARRIVES(&c, .ack = OURS(10));
	EXPECT_DEADLINE(&c, 0);
	SEND(&c, 10);
	DRAIN(&c);
	EXPECT_DEADLINE(&c, c.now + 4 * c.tcb.rto_us);
	c.now += MS(10);
	ARRIVES(&c, .ack = OURS(20));
	EXPECT_EQ(0, c.tcb.backoff);
	SEND(&c, 10);
	DRAIN(&c);
	EXPECT_DEADLINE(&c, c.now + c.tcb.rto_us);
	conn_free(&c);
}

/* Each octet is taken, and the window stays closed: the persist timer backs off
 * all the same, and does not start anew after 255 probes.
 */
TEST(probes_that_are_taken_slow_down)
{
	struct conn c;
	unsigned int i;
	u64 last;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .wnd = 0);
	SEND(&c, 400);
	EXPECT_SILENCE(&c);
	last = c.now;
	for (i = 0; i < 300; i++) {
		TIMEOUT(&c, last + min_t(u64, (u64)c.tcb.rto_us << min(i, 20U),
					 SEC(120)));
		EXPECT_SENDS(&c, .seq = OURS(i), .len = 1);
		ARRIVES(&c, .ack = OURS(i), .wnd = 0);
		EXPECT_SILENCE(&c);
		/* Late, so that Karn's rule leaves the back-off alone. */
		atcp_range_first(&c.tcb.sendmap)->sends = 2;
		ARRIVES(&c, .ack = OURS(i + 1), .wnd = 0);
		EXPECT_SILENCE(&c);
		last = c.now;
	}
	EXPECT_EQ(U8_MAX, c.tcb.backoff);
	conn_free(&c);
}

/* RFC 6069 section 4.2: an interrupted path is not backed off from. */
TEST(an_unreachable_peer_takes_one_back_off_back)
{
	struct conn c;
	u64 first, second;

	CONN(&c, ATCP_ESTABLISHED);
	SEND(&c, 100);
	DRAIN(&c);
	first = c.now;
	TIMEOUT(&c, first + atcp_rto(&c.tcb));
	DRAIN(&c);
	second = c.now;
	EXPECT_EQ(1, c.tcb.backoff);
	/* About another segment than the one that timed out. */
	atcp_timers_unreachable(&c.tcb, c.tcb.snd_una + 1, c.now);
	EXPECT_EQ(1, c.tcb.backoff);
	atcp_timers_unreachable(&c.tcb, c.tcb.snd_una, c.now);
	EXPECT_EQ(0, c.tcb.backoff);
	EXPECT_DEADLINE(&c, second + (second - first));
	/* There is nothing more to take back. */
	atcp_timers_unreachable(&c.tcb, c.tcb.snd_una, c.now);
	EXPECT_EQ(0, c.tcb.backoff);
	conn_free(&c);
}

UNIT_MAIN
