// SPDX-License-Identifier: GPL-2.0
/* Arrivals in SYN-RECEIVED: RFC 9293 section 3.10.7.4. */
#include "../harness.h"
#include "arrival.h"

FIXTURE_PKT(state_syn_received);

static bool open_passive(struct pkt *p)
{
	return pkt_open(p, ST_SYN_RECEIVED);
}

static bool open_active(struct pkt *p)
{
	return pkt_open(p, ST_SYN_SENT) && SENT(p, .flags = TH_SYN) &&
	       pkt_next(p, PATIENCE_MS) && p->got.flags == (TH_SYN | TH_ACK) &&
	       pkt_in_state(p, ST_SYN_RECEIVED);
}

/*
 * The ACK of our SYN, whether we opened actively or passively: 3.10.7.4 from
 * the fifth step on. To a wrong one the answer is a RST, as section 3.5.2 has
 * it for this state; that of RFC 5961 is for the synchronised states.
 */
#define FIFTH_TO_EIGHTH                                                        \
	{                                                                      \
		.step = "fifth: no ACK",                                       \
		.without = TH_ACK,                                             \
		.drop = DROP_BAD_FLAGS,                                        \
	},                                                                     \
		{                                                              \
			.step = "fifth: an ACK of something else",             \
			.acks = ACK_ANY & ~ACK_NEW,                            \
			.answer = RST,                                         \
			.drop = DROP_BAD_ACK,                                  \
		},                                                             \
		{                                                              \
			.step = "eighth: FIN in order",                        \
			.with = TH_FIN,                                        \
			.seqs = SEQ_IN_ORDER,                                  \
			.answer = ACK,                                         \
			.takes = TEXT | FIN,                                   \
			.to = ST_CLOSE_WAIT,                                   \
		},                                                             \
		{                                                              \
			.step = "eighth: FIN out of order",                    \
			.with = TH_FIN,                                        \
			.answer = ACK,                                         \
			.to = ST_ESTABLISHED,                                  \
		},                                                             \
		{                                                              \
			.step = "seventh: text in order",                      \
			.seqs = SEQ_IN_ORDER,                                  \
			.lens = LEN_10,                                        \
			.answer = ACK,                                         \
			.takes = TEXT,                                         \
			.to = ST_ESTABLISHED,                                  \
		},                                                             \
		{                                                              \
			.step = "seventh: text out of order",                  \
			.lens = LEN_10,                                        \
			.answer = ACK,                                         \
			.to = ST_ESTABLISHED,                                  \
		},                                                             \
	{                                                                      \
		.step = "fifth: the ACK alone", .to = ST_ESTABLISHED,          \
	}

/* As in arrival.h; but a request has one counter for all that is outside. */
static const struct rule passive_rules[] = {
	{
		/* Our SYN-ACK was lost. The ACK of the first step is in it. */
		.step = "first: the SYN again",
		.with = TH_SYN,
		.without = TH_RST | TH_ACK | TH_FIN,
		.seqs = SEQ_OLD,
		.answer = SYN_ACK,
		.drop = DROP_DUPLICATE_SYN,
	},
	{
		.step = "first, RFC 5961 3.2: RST from outside",
		.with = TH_RST,
		.seqs = SEQ_OLD | SEQ_STRADDLE | SEQ_EDGE | SEQ_BEYOND,
		.drop = DROP_OUT_OF_WINDOW,
	},
	{
		.step = "first: outside of the window",
		.seqs = SEQ_OLD | SEQ_BEYOND,
		.answer = ACK,
		.drop = DROP_OUT_OF_WINDOW,
	},
	{
		.step = "first: text behind the window",
		.seqs = SEQ_EDGE,
		.lens = LEN_10,
		.answer = ACK,
		.drop = DROP_OUT_OF_WINDOW,
	},
	{
		.step = "second: RST at RCV.NXT, back to LISTEN",
		.with = TH_RST,
		.seqs = SEQ_NEXT,
		.to = TO_GONE,
		.drop = DROP_RESET,
	},
	{
		.step = "second: RST elsewhere in the window",
		.with = TH_RST,
		.answer = ACK,
		.drop = DROP_CHALLENGED,
	},
	{
		/* Back to LISTEN, says the RFC: anyone could do that to it. */
		.step = "fourth: SYN, answered as RFC 5961 does later",
		.with = TH_SYN,
		.answer = ACK,
		.drop = DROP_CHALLENGED,
	},
	FIFTH_TO_EIGHTH,
};

static const struct arrivals passive = {
	.state = ST_SYN_RECEIVED,
	.open = open_passive,
	.una = 0,
	.rules = passive_rules,
	.nr_rules = ARRAY_SIZE(passive_rules),
};

ARRIVALS(state_syn_received, passive_, passive)

/* The peer's SYN has crossed ours. */
static const struct rule active_rules[] = {
	{
		.step = "first: the SYN again",
		.with = TH_SYN,
		.without = TH_RST | TH_ACK | TH_FIN,
		.seqs = SEQ_OLD,
		.answer = SYN_ACK,
		.drop = DROP_DUPLICATE_SYN,
	},
	{
		/* 3.5, figure 7: it is the first that acknowledges ours. */
		.step = "first: the SYN again, with the ACK of ours",
		.with = TH_SYN | TH_ACK,
		.without = TH_RST | TH_FIN,
		.seqs = SEQ_OLD,
		.acks = ACK_NEW,
		.to = ST_ESTABLISHED,
	},
	{
		.step = "3.5.2: the SYN again, with the ACK of something else",
		.with = TH_SYN | TH_ACK,
		.without = TH_RST | TH_FIN,
		.seqs = SEQ_OLD,
		.answer = RST,
		.drop = DROP_BAD_ACK,
	},
	SEQUENCE_RST_SYN,
	FIFTH_TO_EIGHTH,
};

static const struct arrivals active = {
	.state = ST_SYN_RECEIVED,
	.open = open_active,
	.una = 0,
	.rules = active_rules,
	.nr_rules = ARRAY_SIZE(active_rules),
};

ARRIVALS(state_syn_received, active_, active)

TEST_F(state_syn_received, repeated_syn_is_answered_by_the_same_syn_ack)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_RECEIVED));
	INJECT(.flags = TH_SYN, .opts = OPT_MSS, .mss = 1000);
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_MSS);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_SYN_RECEIVED);
}

/* MUST-11: what came from LISTEN goes back to it. */
TEST_F(state_syn_received, rst_in_syn_received_leaves_the_listener_as_it_was)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_RECEIVED));
	INJECT(.flags = TH_RST, .seq = 1);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_GONE);
	EXPECT_STATE(ST_LISTEN);
	EXPECT_EQ(0, poll_now(self->pkt.listener));
	EXPECT_EQ(0, so_error(self->pkt.listener));
}

/* 3.10.7.4, fifth: in SYN-RECEIVED a wrong ACK is answered by a RST. */
TEST_F(state_syn_received, wrong_ack_in_syn_received_is_answered_by_rst)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_RECEIVED));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 77);
	EXPECT_SEG(.flags = TH_RST, .seq = 77);
	EXPECT_STATE(ST_SYN_RECEIVED);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_ESTABLISHED);
}

TEST_F(state_syn_received, data_on_the_third_ack_is_delivered)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_RECEIVED));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 101);
	self->pkt.fd = accept(self->pkt.listener, NULL, NULL);
	ASSERT_LE(0, self->pkt.fd);
	EXPECT_TRUE(stream_read(self->pkt.fd, 100, 0));
}

TEST_F(state_syn_received, fin_on_the_third_ack_leads_to_close_wait)
{
	char byte;

	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_RECEIVED));
	INJECT(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 2);
	EXPECT_STATE(ST_CLOSE_WAIT);
	self->pkt.fd = accept(self->pkt.listener, NULL, NULL);
	ASSERT_LE(0, self->pkt.fd);
	EXPECT_EQ(0, read(self->pkt.fd, &byte, 1));
}

/* Closing the listener takes its half-open connections with it. */
TEST_F(state_syn_received, closed_listener_resets_what_it_has_not_handed_out)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_RECEIVED));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_STATE(ST_ESTABLISHED);
	ASSERT_EQ(0, close(self->pkt.listener));
	EXPECT_SEG(.flags = TH_RST | TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_GONE);
}

TEST_MAIN
