// SPDX-License-Identifier: GPL-2.0
/* LISTEN and passive SYN-RECEIVED: RFC 9293 sections 3.10.7.2 and 3.10.7.4. */
#include "unit.h"
#include "conn.h"
#include "request.h"

FIXTURE(request)
{
	struct atcp_params params;
	struct atcp_request req;
	struct atcp_segment out;
	enum atcp_drop drop;
	struct conn c;
};

static const struct atcp_open ours = {
	.iss = ISS,
	.ts_offset = 50,
	.rcv_buf = 100000,
	.sport = OUR_PORT,
	.dport = PEER_PORT,
	.advmss = 1460,
	.path_mss = 1460,
	.rcv_wscale = 3,
	.options = OPT_ALL,
};

/* The peer's SYN, for a listener that is willing to all options. */
static void begin(FIXTURE_DATA(request) * self, u8 options)
{
	const struct atcp_segment syn = {
		.sport = PEER_PORT,
		.dport = OUR_PORT,
		.seq = IRS,
		.flags = ATCP_SYN,
		.wnd = 9000,
		.mss = 1200,
		.wscale = 6,
		.tsval = 1000,
		.options = options,
	};

	self->params = (struct atcp_params)ATCP_PARAMS_DEFAULT;
	atcp_request_init(&self->req, &ours, &self->params, &syn, T0);
}

FIXTURE_SETUP(request)
{
	conn_init(&self->c);
	begin(self, ATCP_OPT_MSS);
	atcp_request_syn_ack(&self->req, T0, &self->out);
}

FIXTURE_TEARDOWN(request)
{
	conn_free(&self->c);
}

#define TEST_IN(name) TEST_F(request, name)

/* A segment for the request; by default the third of the handshake. */
#define ARRIVES_AT_REQUEST(...)                                                \
	atcp_request_arrives(&self->req,                                       \
			     &(struct atcp_segment){ .sport = PEER_PORT,       \
						     .dport = OUR_PORT,        \
						     .seq = PEER(0),           \
						     .ack = OURS(0),           \
						     .flags = ATCP_ACK,        \
						     .wnd = 9000,              \
						     __VA_ARGS__ },            \
			     &self->drop)

#define EXPECT_VERDICT(verdict, reason, ...)                                   \
	do {                                                                   \
		EXPECT_EQ(ATCP_REQUEST_##verdict,                              \
			  ARRIVES_AT_REQUEST(__VA_ARGS__));                    \
		EXPECT_EQ(ATCP_DROP_##reason, self->drop);                     \
	} while (0)

/* TCP_WINDOW_CLAMP of the listener: the peer may not send more than that. */
TEST_IN(syn_ack_offers_no_more_than_the_listeners_clamp)
{
	EXPECT_EQ(65535, self->out.wnd);
	self->req.open.window_clamp = 2000;
	atcp_request_syn_ack(&self->req, T0, &self->out);
	EXPECT_EQ(2000, self->out.wnd);
	EXPECT_VERDICT(ESTABLISH, NONE, .seq = PEER(0), .len = 2000);
	EXPECT_VERDICT(ACK, OUT_OF_WINDOW, .seq = PEER(2001));
	atcp_request_promote(&self->req, &self->c.tcb, T0);
	EXPECT_EQ(2000, atcp_rcv_wnd(&self->c.tcb));
}

/* LISTEN: every combination of the six flags, by the RFC's order. */
TEST(listen_by_flags)
{
	enum atcp_listen_verdict verdict, expected;
	enum atcp_drop drop, reason;
	unsigned int flags;

	for (flags = 0; flags < 64; flags++) {
		const struct atcp_segment seg = { .flags = flags };

		if (flags & ATCP_RST) {
			expected = ATCP_LISTEN_DROP;
			reason = ATCP_DROP_NO_SOCKET;
		} else if (flags & ATCP_ACK) {
			expected = ATCP_LISTEN_RESET;
			reason = ATCP_DROP_BAD_ACK;
		} else if ((flags & ATCP_SYN) && !(flags & ATCP_FIN)) {
			expected = ATCP_LISTEN_OPEN;
			reason = ATCP_DROP_NONE;
		} else {
			expected = ATCP_LISTEN_DROP;
			reason = ATCP_DROP_BAD_FLAGS;
		}
		verdict = atcp_listen_arrives(&seg, &drop);
		EXPECT_EQ(expected, verdict);
		EXPECT_EQ(reason, drop);
	}
}

/* The reset that LISTEN and CLOSED answer with, 3.10.7.1. */
TEST(resets_answer_by_ack_or_by_length)
{
	struct atcp_segment rst, seg = { .sport = 1,
					 .dport = 2,
					 .seq = 100,
					 .ack = 200,
					 .len = 10 };

	seg.flags = ATCP_ACK | ATCP_PSH;
	ASSERT_TRUE(atcp_segment_reset(&seg, &rst));
	EXPECT_EQ(2, rst.sport);
	EXPECT_EQ(1, rst.dport);
	EXPECT_EQ(200U, rst.seq);
	EXPECT_EQ(ATCP_RST, rst.flags);
	seg.flags = ATCP_SYN | ATCP_FIN;
	ASSERT_TRUE(atcp_segment_reset(&seg, &rst));
	EXPECT_EQ(0U, rst.seq);
	EXPECT_EQ(112U, rst.ack);
	EXPECT_EQ(ATCP_RST | ATCP_ACK, rst.flags);
	seg.flags = ATCP_RST;
	EXPECT_FALSE(atcp_segment_reset(&seg, &rst));
	seg.flags = ATCP_RST | ATCP_ACK;
	EXPECT_FALSE(atcp_segment_reset(&seg, &rst));
}

TEST_IN(the_syn_ack_has_what_both_offered)
{
	unsigned int options;

	for (options = 0; options < 32; options++) {
		if (options & ATCP_OPT_SACK)
			continue;
		begin(self, options);
		atcp_request_syn_ack(&self->req, T0 + MS(1), &self->out);
		EXPECT_EQ(ATCP_SYN | ATCP_ACK, self->out.flags);
		EXPECT_EQ(ISS, self->out.seq);
		EXPECT_EQ(PEER(0), self->out.ack);
		EXPECT_EQ(OUR_PORT, self->out.sport);
		EXPECT_EQ(PEER_PORT, self->out.dport);
		EXPECT_EQ(0U, self->out.len);
		EXPECT_EQ(65535, self->out.wnd);
		EXPECT_EQ(ATCP_OPT_MSS | options, self->out.options);
		EXPECT_EQ(1460, self->out.mss);
		if (options & ATCP_OPT_WSCALE)
			EXPECT_EQ(3, self->out.wscale);
		if (options & ATCP_OPT_TS) {
			EXPECT_EQ(((T0 + MS(1)) >> 10) + 50, self->out.tsval);
			EXPECT_EQ(1000U, self->out.tsecr);
		}
	}
}

TEST_IN(the_third_segment_establishes)
{
	EXPECT_VERDICT(ESTABLISH, NONE);
	EXPECT_VERDICT(ESTABLISH, NONE, .len = 100);
	EXPECT_VERDICT(ESTABLISH, NONE, .len = 100,
		       .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_VERDICT(ESTABLISH, NONE, .seq = PEER(65535));
}

TEST_IN(the_syn_again_is_answered_again)
{
	EXPECT_VERDICT(SYN_ACK, DUPLICATE_SYN, .seq = IRS, .flags = ATCP_SYN);
	EXPECT_VERDICT(SYN_ACK, DUPLICATE_SYN, .seq = IRS, .flags = ATCP_SYN,
		       .len = 10);
}

/* First: the sequence number. */
TEST_IN(outside_the_window_is_answered_with_an_ack)
{
	EXPECT_VERDICT(ACK, OUT_OF_WINDOW, .seq = PEER(65536), .len = 1);
	atcp_request_ack(&self->req, T0, &self->out);
	EXPECT_EQ(ATCP_ACK, self->out.flags);
	EXPECT_EQ(OURS(0), self->out.seq);
	EXPECT_EQ(PEER(0), self->out.ack);
	EXPECT_VERDICT(ACK, OUT_OF_WINDOW, .seq = PEER(-10), .len = 9);
	EXPECT_VERDICT(DROP, OUT_OF_WINDOW, .seq = PEER(65536),
		       .flags = ATCP_RST);
	EXPECT_VERDICT(DROP, OUT_OF_WINDOW, .seq = PEER(-1), .flags = ATCP_RST);
}

/* A TCB that is made of it must be able to take it. */
TEST_IN(text_just_before_the_window_is_outside)
{
	EXPECT_VERDICT(ACK, OUT_OF_WINDOW, .seq = PEER(-1), .len = 1);
	EXPECT_VERDICT(ACK, OUT_OF_WINDOW, .seq = PEER(-1), .len = 0,
		       .flags = ATCP_ACK | ATCP_FIN);
}

/*
 * Two requests for the same pair of ports, brought about by a third party's
 * SYNs, must not answer each other for ever.
 */
TEST_IN(empty_segments_outside_are_answered_once_for_each_syn_ack)
{
	EXPECT_VERDICT(ACK, OUT_OF_WINDOW, .seq = PEER(-5));
	EXPECT_VERDICT(DROP, OUT_OF_WINDOW, .seq = PEER(-5));
	EXPECT_VERDICT(DROP, OUT_OF_WINDOW, .seq = PEER(70000));
	EXPECT_VERDICT(ACK, OUT_OF_WINDOW, .seq = PEER(70000), .len = 1);
	EXPECT_EQ(ATCP_REQUEST_SYN_ACK, atcp_request_timeout(&self->req, 5));
	atcp_request_syn_ack(&self->req, T0 + SEC(1), &self->out);
	EXPECT_VERDICT(ACK, OUT_OF_WINDOW, .seq = PEER(-5));
	EXPECT_VERDICT(DROP, OUT_OF_WINDOW, .seq = PEER(-5));
}

/* Second: RST: back to LISTEN. */
TEST_IN(an_exact_reset_returns_to_listen)
{
	EXPECT_VERDICT(CLOSE, RESET, .flags = ATCP_RST);
	EXPECT_VERDICT(CLOSE, RESET, .flags = ATCP_RST | ATCP_ACK, .ack = 1);
	EXPECT_VERDICT(ACK, CHALLENGED, .seq = PEER(1), .flags = ATCP_RST);
}

/* Fourth: SYN. */
TEST_IN(another_syn_in_the_window_is_challenged)
{
	EXPECT_VERDICT(ACK, CHALLENGED, .seq = PEER(10), .flags = ATCP_SYN);
	EXPECT_VERDICT(ACK, CHALLENGED, .seq = PEER(0),
		       .flags = ATCP_SYN | ATCP_ACK);
}

/* Fifth: ACK. */
TEST_IN(a_wrong_ack_is_reset)
{
	EXPECT_VERDICT(RESET, BAD_ACK, .ack = ISS);
	EXPECT_VERDICT(RESET, BAD_ACK, .ack = OURS(1));
	EXPECT_VERDICT(DROP, BAD_FLAGS, .flags = 0);
	EXPECT_VERDICT(DROP, BAD_FLAGS, .flags = ATCP_FIN);
	EXPECT_VERDICT(DROP, BAD_FLAGS, .flags = ATCP_PSH, .len = 10);
}

TEST_IN(an_old_timestamp_is_answered_with_an_ack)
{
	begin(self, ATCP_OPT_MSS | OPT_ALL);
	EXPECT_VERDICT(ACK, PAWS, .options = ATCP_OPT_TS, .tsval = 999,
		       .len = 1);
	EXPECT_VERDICT(ESTABLISH, NONE, .options = ATCP_OPT_TS, .tsval = 1000);
	EXPECT_VERDICT(ESTABLISH, NONE, .options = ATCP_OPT_TS, .tsval = 1001);
	/* Resets are exempt, RFC 7323 section 5.2. */
	EXPECT_VERDICT(CLOSE, RESET, .options = ATCP_OPT_TS, .tsval = 999,
		       .flags = ATCP_RST);
}

/* SYN-ACKs at 0, 1, 3, 7, 15 and 31 s; the end at 63 s. */
TEST_IN(syn_acks_back_off_and_end)
{
	static const unsigned int at[] = { 1, 3, 7, 15, 31 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		EXPECT_EQ(T0 + SEC(at[i]), self->req.deadline);
		EXPECT_EQ(ATCP_REQUEST_SYN_ACK,
			  atcp_request_timeout(&self->req, 5));
	}
	EXPECT_EQ(T0 + SEC(63), self->req.deadline);
	EXPECT_EQ(ATCP_REQUEST_CLOSE, atcp_request_timeout(&self->req, 5));
}

/* TCP_DEFER_ACCEPT: a bare ACK makes no socket until the period is over. */
TEST_IN(deferred_request_waits_for_data_or_a_fin)
{
	self->req.defer = 3;
	EXPECT_VERDICT(DROP, DEFERRED, .flags = ATCP_ACK);
	EXPECT_VERDICT(ESTABLISH, NONE, .len = 1);
	EXPECT_VERDICT(ESTABLISH, NONE, .flags = ATCP_ACK | ATCP_FIN);
}

/* The SYN-ACK goes again for the period's end only: for that one ACK. */
TEST_IN(deferred_request_is_silent_until_the_last_time_out)
{
	self->req.defer = 3;
	EXPECT_VERDICT(DROP, DEFERRED, .flags = ATCP_ACK);
	EXPECT_EQ(ATCP_REQUEST_DROP, atcp_request_timeout(&self->req, 5));
	EXPECT_EQ(ATCP_REQUEST_DROP, atcp_request_timeout(&self->req, 5));
	EXPECT_VERDICT(DROP, DEFERRED, .flags = ATCP_ACK);
	EXPECT_EQ(ATCP_REQUEST_SYN_ACK, atcp_request_timeout(&self->req, 5));
	EXPECT_VERDICT(ESTABLISH, NONE, .flags = ATCP_ACK);
}

TEST_IN(deferred_request_without_an_ack_is_like_any_other)
{
	self->req.defer = 3;
	EXPECT_EQ(ATCP_REQUEST_SYN_ACK, atcp_request_timeout(&self->req, 2));
	EXPECT_EQ(ATCP_REQUEST_SYN_ACK, atcp_request_timeout(&self->req, 2));
	EXPECT_EQ(ATCP_REQUEST_CLOSE, atcp_request_timeout(&self->req, 2));
}

/* A period that outlasts the retransmissions is waited for after an ACK. */
TEST_IN(deferred_request_outlasts_the_retries_once_acknowledged)
{
	self->req.defer = 4;
	EXPECT_VERDICT(DROP, DEFERRED, .flags = ATCP_ACK);
	EXPECT_EQ(ATCP_REQUEST_DROP, atcp_request_timeout(&self->req, 1));
	EXPECT_EQ(ATCP_REQUEST_DROP, atcp_request_timeout(&self->req, 1));
	EXPECT_EQ(ATCP_REQUEST_DROP, atcp_request_timeout(&self->req, 1));
	EXPECT_EQ(ATCP_REQUEST_SYN_ACK, atcp_request_timeout(&self->req, 1));
	EXPECT_EQ(ATCP_REQUEST_CLOSE, atcp_request_timeout(&self->req, 1));
}

/* It was not lost: RFC 6928 2 and RFC 6298 5.7 do not apply. */
TEST_IN(deferred_request_starts_with_a_full_window)
{
	self->req.defer = 1;
	EXPECT_VERDICT(DROP, DEFERRED, .flags = ATCP_ACK);
	EXPECT_EQ(ATCP_REQUEST_SYN_ACK, atcp_request_timeout(&self->req, 5));
	atcp_request_promote(&self->req, &self->c.tcb, T0 + SEC(1));
	self->c.now = T0 + SEC(1);
	ARRIVES(&self->c, .ack = OURS(0));
	EXPECT_EQ(ATCP_ESTABLISHED, self->c.tcb.state);
	EXPECT_LT(self->c.tcb.mss, self->c.tcb.cwnd);
}

/* Half of the backlog is for those that are young. */
TEST_IN(old_requests_end_earlier_when_they_crowd_out_the_young)
{
	EXPECT_EQ(5, atcp_request_retries(5, 4, 0, 1));
	EXPECT_EQ(5, atcp_request_retries(5, 50, 0, 100));
	EXPECT_EQ(5, atcp_request_retries(5, 51, 26, 100));
	EXPECT_EQ(4, atcp_request_retries(5, 51, 25, 100));
	EXPECT_EQ(3, atcp_request_retries(5, 51, 12, 100));
	EXPECT_EQ(2, atcp_request_retries(5, 51, 6, 100));
	EXPECT_EQ(2, atcp_request_retries(5, 51, 0, 100));
	EXPECT_EQ(2, atcp_request_retries(255, 60000, 0, 100));
	EXPECT_EQ(1, atcp_request_retries(1, 51, 0, 100));
}

TEST_IN(time_outs_grow_to_the_operators_limit_for_as_long_as_it_takes)
{
	unsigned int i;
	u64 was;

	self->params.rto_max_ms = 4000;
	for (i = 0; i < 255; i++) {
		was = self->req.deadline;
		EXPECT_EQ(ATCP_REQUEST_SYN_ACK,
			  atcp_request_timeout(&self->req, 255));
	}
	EXPECT_EQ(SEC(4), self->req.deadline - was);
	EXPECT_EQ(ATCP_REQUEST_CLOSE, atcp_request_timeout(&self->req, 255));
}

/* To a TCB, which the third segment takes to ESTABLISHED. */
TEST_IN(promotion)
{
	begin(self, ATCP_OPT_MSS | OPT_ALL);
	atcp_request_syn_ack(&self->req, T0, &self->out);
	atcp_request_promote(&self->req, &self->c.tcb, T0 + MS(50));
	self->c.now = T0 + MS(50);
	EXPECT_EQ(ATCP_SYN_RECEIVED, self->c.tcb.state);
	EXPECT_EQ(0, self->c.tcb.nr_transitions);
	EXPECT_EQ(1200U - 12, self->c.tcb.mss);
	EXPECT_EQ(6, self->c.tcb.snd_wscale);
	EXPECT_EQ(3, self->c.tcb.rcv_wscale);
	EXPECT_EQ(PEER(65535), self->c.tcb.rcv_adv);
	atcp_take_events(&self->c.tcb);
	ARRIVES(&self->c, .ack = OURS(0), .len = 20, .wnd = 100,
		.options = ATCP_OPT_TS, .tsval = 1005,
		.tsecr = self->out.tsval);
	EXPECT_TAKEN(&self->c, PEER(0), PEER(20));
	EXPECT_PATH(&self->c, "SYN-RECEIVED>ESTABLISHED");
	EXPECT_EVENTS(&self->c,
		      ATCP_EV_ESTABLISHED | ATCP_EV_ACKED | ATCP_EV_DATA);
	EXPECT_EQ(MS(50), self->c.tcb.srtt_us);
	EXPECT_EQ(6400U, self->c.tcb.snd_wnd);
	EXPECT_SENDS(&self->c, .seq = OURS(0), .ack = PEER(20), WND(100000 / 8),
		     .options = ATCP_OPT_TS,
		     .tsval = ((T0 + MS(50)) >> 10) + 50, .tsecr = 1005);
	EXPECT_SILENCE(&self->c);
	EXPECT_DEADLINE(&self->c, 0);
}

/* RFC 6298 section 3: no sample of a SYN-ACK that went twice, be it that it
 * timed out or that the SYN came again.
 */
TEST_IN(a_syn_ack_sent_twice_is_no_sample)
{
	EXPECT_VERDICT(SYN_ACK, DUPLICATE_SYN, .seq = IRS, .flags = ATCP_SYN);
	atcp_request_syn_ack(&self->req, T0 + MS(990), &self->out);
	atcp_request_promote(&self->req, &self->c.tcb, T0 + SEC(1));
	self->c.now = T0 + SEC(1);
	ARRIVES(&self->c, .ack = OURS(0));
	EXPECT_EQ(ATCP_ESTABLISHED, self->c.tcb.state);
	EXPECT_EQ(0U, self->c.tcb.srtt_us);
}

/* Without a record in the pool the handshake still completes. */
TEST_IN(promotion_with_an_empty_pool)
{
	self->c.pool = 0;
	conn_refill(&self->c);
	atcp_request_promote(&self->req, &self->c.tcb, T0);
	ARRIVES(&self->c, .ack = OURS(0), .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_PATH(&self->c, "SYN-RECEIVED>ESTABLISHED>CLOSE-WAIT");
	EXPECT_SENDS(&self->c, .seq = OURS(0), .ack = PEER(1));
	EXPECT_SILENCE(&self->c);
}

UNIT_MAIN
