/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Arrivals in one state, all of them: every combination of flags, with sequence
 * numbers before, in and behind the window, and acknowledgments from ancient to
 * impossible, each on a connection of its own.
 *
 * What has to happen is a list of rules that stands beside RFC 9293 section
 * 3.10.7: in its order, the first one that fits a segment decides.
 */
#ifndef ATCP_PKT_ARRIVAL_H
#define ATCP_PKT_ARRIVAL_H

#include "../counters.h"
#include "pkt.h"

/* Where a segment begins. */
enum {
	SEQ_OLD = 0x01,	     /* it ends, at the latest, before RCV.NXT */
	SEQ_STRADDLE = 0x02, /* the first half of its text is old */
	SEQ_NEXT = 0x04,     /* at RCV.NXT */
	SEQ_AHEAD = 0x08,    /* in the window, but not at its left edge */
	SEQ_LAST = 0x10,     /* at the window's last number */
	SEQ_EDGE = 0x20,     /* at the first number behind the window */
	SEQ_BEYOND = 0x40,
	SEQ_ANY = 0x7f,
	SEQ_INSIDE = SEQ_STRADDLE | SEQ_NEXT | SEQ_AHEAD | SEQ_LAST,
	SEQ_IN_ORDER = SEQ_STRADDLE | SEQ_NEXT,
};

/* What it acknowledges. */
enum {
	ACK_ANCIENT = 0x01, /* below SND.UNA - MAX.SND.WND */
	ACK_OLD = 0x02,	    /* just below SND.UNA */
	ACK_UNA = 0x04,	    /* SND.UNA */
	ACK_NEW = 0x08,	    /* SND.NXT, where that is above SND.UNA */
	ACK_ABOVE = 0x10,   /* above SND.NXT */
	ACK_ANY = 0x1f,
};

/* How much text it has. */
enum {
	LEN_0 = 0x1,
	LEN_10 = 0x2,
};

enum answer {
	SILENCE,
	ACK,	 /* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> */
	RST,	 /* <SEQ=SEG.ACK><CTL=RST> */
	RST_ACK, /* <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK> */
	SYN_ACK, /* <SEQ=ISS><ACK=SEG.SEQ+1><CTL=SYN,ACK> */
};

/* What is taken of it: RCV.NXT moves, and the text can be read. */
enum {
	TEXT = 0x1,
	FIN = 0x2,
	SYN = 0x4,
};

/* In struct rule, a .to left 0 means that the state stays what it is. */
#define TO_GONE (-1)

/**
 * struct rule - what has to happen to some of the segments
 * @step: the RFC's step and reason
 * @with: they have all of these flags
 * @without: and none of these
 * @seqs: they begin at one of these; 0 stands for any place
 * @acks: they acknowledge one of these; 0 stands for anything or nothing
 * @lens: they have so much text; 0 stands for any length
 * @answer: what comes back
 * @takes: what is taken
 * @to: the new state
 * @drop: the counter that tells why it was dropped, if it was
 */
struct rule {
	const char *step;
	uint8_t with;
	uint8_t without;
	unsigned int seqs;
	unsigned int acks;
	unsigned int lens;
	enum answer answer;
	unsigned int takes;
	int to;
	const char *drop;
};

/* The segments that one test sends, one after the other. */
enum group {
	GROUP_RST,
	GROUP_SYN,
	GROUP_NO_ACK,
	GROUP_ACK,
	GROUP_FIN,
	GROUPS,
};

/**
 * struct arrivals - a state, and what has to happen in it
 * @state: the state
 * @open: how to get there
 * @una: SND.UNA in it
 * @seqs: where segments may begin in it; 0 stands for any place
 * @rules: what has to happen
 * @nr_rules: how many
 */
struct arrivals {
	unsigned int state;
	bool (*open)(struct pkt *p);
	uint32_t una;
	unsigned int seqs;
	const struct rule *rules;
	int nr_rules;
};

/* Sends every segment of @g, and says on stderr which ones went wrong. */
bool arrivals_ok(struct pkt *p, const struct arrivals *a, enum group g);

#define ARRIVALS_TEST(fixture, name, arrivals, group)                          \
	TEST_F(fixture, name)                                                  \
	{                                                                      \
		ATCP_ONLY();                                                   \
		ASSERT_TRUE(arrivals_ok(&self->pkt, &(arrivals), group));      \
	}

#define ARRIVALS(fixture, prefix, arrivals)                                    \
	ARRIVALS_TEST(fixture, prefix##rst_anywhere, arrivals, GROUP_RST)      \
	ARRIVALS_TEST(fixture, prefix##syn_anywhere, arrivals, GROUP_SYN)      \
	ARRIVALS_TEST(fixture, prefix##no_ack_anywhere, arrivals,              \
		      GROUP_NO_ACK)                                            \
	ARRIVALS_TEST(fixture, prefix##ack_anywhere, arrivals, GROUP_ACK)      \
	ARRIVALS_TEST(fixture, prefix##fin_anywhere, arrivals, GROUP_FIN)

/*
 * 3.10.7.4, first to fifth, as far as all synchronised states have them in
 * common, with RFC 5961. An ACK or a FIN at the right edge counts as inside:
 * the peer that has filled the window sends it from there (appendix A.2).
 */
#define SEQUENCE_RST_SYN                                                       \
	{                                                                      \
		.step = "first, RFC 5961 3.2: RST from outside",               \
		.with = TH_RST,                                                \
		.seqs = SEQ_OLD | SEQ_STRADDLE | SEQ_EDGE | SEQ_BEYOND,        \
		.drop = DROP_OUT_OF_WINDOW,                                    \
	},                                                                     \
		{                                                              \
			.step = "first: all of it is old",                     \
			.seqs = SEQ_OLD,                                       \
			.answer = ACK,                                         \
			.drop = DROP_OLD_DATA,                                 \
		},                                                             \
		{                                                              \
			.step = "first: behind the window",                    \
			.seqs = SEQ_BEYOND,                                    \
			.answer = ACK,                                         \
			.drop = DROP_OUT_OF_WINDOW,                            \
		},                                                             \
		{                                                              \
			.step = "first: text behind the window",               \
			.seqs = SEQ_EDGE,                                      \
			.lens = LEN_10,                                        \
			.answer = ACK,                                         \
			.drop = DROP_OUT_OF_WINDOW,                            \
		},                                                             \
		{                                                              \
			.step = "second: RST at RCV.NXT",                      \
			.with = TH_RST,                                        \
			.seqs = SEQ_NEXT,                                      \
			.to = TO_GONE,                                         \
			.drop = DROP_RESET,                                    \
		},                                                             \
		{                                                              \
			.step = "second: RST elsewhere in the window",         \
			.with = TH_RST,                                        \
			.answer = ACK,                                         \
			.drop = DROP_CHALLENGED,                               \
		},                                                             \
	{                                                                      \
		.step = "fourth: SYN", .with = TH_SYN, .answer = ACK,          \
		.drop = DROP_CHALLENGED,                                       \
	}

/* And what of the fifth is the same in all of them. */
#define FIRST_TO_FIFTH                                                         \
	SEQUENCE_RST_SYN,                                                      \
		{                                                              \
			.step = "fifth: no ACK",                               \
			.without = TH_ACK,                                     \
			.drop = DROP_BAD_FLAGS,                                \
		},                                                             \
		{                                                              \
			.step = "fifth: ACK above SND.NXT",                    \
			.acks = ACK_ABOVE,                                     \
			.answer = ACK,                                         \
			.drop = DROP_BAD_ACK,                                  \
		},                                                             \
	{                                                                      \
		.step = "fifth, MAY-12: ACK far below SND.UNA",                \
		.acks = ACK_ANCIENT, .answer = ACK, .drop = DROP_OLD_ACK,      \
	}

#endif
