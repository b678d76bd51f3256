// SPDX-License-Identifier: GPL-2.0
/* The state machine's table: RFC 9293 section 3.3.2, figure 5. */
#include "unit.h"
#include "conn.h"

#define S(s) ATCP_##s

static const enum atcp_state states[] = {
	S(CLOSED),	S(LISTEN),     S(SYN_SENT),   S(SYN_RECEIVED),
	S(ESTABLISHED), S(FIN_WAIT_1), S(FIN_WAIT_2), S(CLOSE_WAIT),
	S(CLOSING),	S(LAST_ACK),   S(TIME_WAIT),
};

/*
 * Figure 5's arrows, one by one, written down from the RFC and not from the
 * table. Left out: LISTEN -> SYN-SENT (SEND on a listener), which no socket
 * call asks for. FIN-WAIT-1 -> TIME-WAIT is the figure's note 1.
 */
static const struct {
	enum atcp_state from, to;
} arrows[] = {
	{ S(CLOSED), S(LISTEN) },	     /* passive OPEN */
	{ S(CLOSED), S(SYN_SENT) },	     /* active OPEN */
	{ S(LISTEN), S(SYN_RECEIVED) },	     /* rcv SYN */
	{ S(SYN_SENT), S(SYN_RECEIVED) },    /* rcv SYN */
	{ S(SYN_SENT), S(ESTABLISHED) },     /* rcv SYN, ACK */
	{ S(SYN_RECEIVED), S(LISTEN) },	     /* rcv RST, note 2 */
	{ S(SYN_RECEIVED), S(FIN_WAIT_1) },  /* CLOSE */
	{ S(SYN_RECEIVED), S(ESTABLISHED) }, /* rcv ACK of SYN */
	{ S(ESTABLISHED), S(FIN_WAIT_1) },   /* CLOSE */
	{ S(ESTABLISHED), S(CLOSE_WAIT) },   /* rcv FIN */
	{ S(FIN_WAIT_1), S(FIN_WAIT_2) },    /* rcv ACK of FIN */
	{ S(FIN_WAIT_1), S(CLOSING) },	     /* rcv FIN */
	{ S(FIN_WAIT_1), S(TIME_WAIT) },     /* rcv FIN with ACK of FIN */
	{ S(FIN_WAIT_2), S(TIME_WAIT) },     /* rcv FIN */
	{ S(CLOSE_WAIT), S(LAST_ACK) },	     /* CLOSE */
	{ S(CLOSING), S(TIME_WAIT) },	     /* rcv ACK of FIN */
};

static bool figure_5(enum atcp_state from, enum atcp_state to)
{
	unsigned int i;

	/* CLOSE, ABORT, RST, time-outs and 2 MSL end a connection from each. */
	if (to == S(CLOSED))
		return from != S(CLOSED);
	for (i = 0; i < ARRAY_SIZE(arrows); i++)
		if (arrows[i].from == from && arrows[i].to == to)
			return true;
	return false;
}

TEST(every_pair_is_legal_or_not_as_figure_5_says)
{
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(states); i++)
		for (j = 0; j < ARRAY_SIZE(states); j++)
			EXPECT_EQ(figure_5(states[i], states[j]),
				  atcp_state_legal(states[i], states[j]))
	TH_LOG("%s -> %s", atcp_state_name(states[i]),
	       atcp_state_name(states[j]));
}

TEST(a_number_that_is_no_state_is_never_legal)
{
	EXPECT_FALSE(atcp_state_legal(0, S(CLOSED)));
	EXPECT_FALSE(atcp_state_legal(S(CLOSED), 0));
	EXPECT_FALSE(atcp_state_legal(ATCP_STATE_COUNT, S(CLOSED)));
	EXPECT_FALSE(atcp_state_legal(S(ESTABLISHED), ATCP_STATE_COUNT));
	EXPECT_STREQ("?", atcp_state_name(0));
	EXPECT_STREQ("?", atcp_state_name(ATCP_STATE_COUNT));
	EXPECT_STREQ("?", atcp_cause_name(ATCP_CAUSE_COUNT));
}

/* What ends a connection from which states, by the RFC's sections. */
static const struct {
	enum atcp_cause cause;
	u32 from;
} ends[] = {
#define B(s) ATCP_STATE_BIT(ATCP_##s)
#define C(c) ATCP_CAUSE_##c
#define SYNCHRONISED                                                           \
	(B(ESTABLISHED) | B(FIN_WAIT_1) | B(FIN_WAIT_2) | B(CLOSE_WAIT) |      \
	 B(CLOSING) | B(LAST_ACK))
	{ C(PASSIVE_OPEN), 0 },
	{ C(ACTIVE_OPEN), 0 },
	{ C(RCV_SYN), 0 },
	{ C(RCV_SYN_ACK), 0 },
	{ C(RCV_ACK_OF_SYN), 0 },
	{ C(RCV_FIN), 0 },
	{ C(RCV_ACK_OF_FIN), B(LAST_ACK) },
	{ C(RCV_RST), SYNCHRONISED | B(SYN_SENT) | B(SYN_RECEIVED) },
	{ C(CLOSE), B(LISTEN) | B(SYN_SENT) | B(SYN_RECEIVED) },
	{ C(ABORT), SYNCHRONISED | B(LISTEN) | B(SYN_SENT) | B(SYN_RECEIVED) |
			    B(TIME_WAIT) },
	{ C(RETRIES), SYNCHRONISED | B(SYN_SENT) | B(SYN_RECEIVED) },
	{ C(FIN_TIMEOUT), B(FIN_WAIT_2) },
	{ C(2MSL), B(TIME_WAIT) },
	{ C(REOPENED), B(TIME_WAIT) },
	{ C(ICMP), B(SYN_SENT) | B(SYN_RECEIVED) },
	{ C(MEMORY), B(SYN_RECEIVED) | B(TIME_WAIT) },
};

TEST(a_cause_ends_a_connection_from_these_states_only)
{
	unsigned int i, j;

	ASSERT_EQ(ATCP_CAUSE_COUNT, ARRAY_SIZE(ends));
	for (i = 0; i < ARRAY_SIZE(ends); i++)
		for (j = 0; j < ARRAY_SIZE(states); j++)
			EXPECT_EQ(!!(ends[i].from & ATCP_STATE_BIT(states[j])),
				  atcp_transition_legal(states[j], S(CLOSED),
							ends[i].cause))
	TH_LOG("%s ends %s", atcp_cause_name(ends[i].cause),
	       atcp_state_name(states[j]));
}

static unsigned int causes_of(enum atcp_state from, enum atcp_state to)
{
	unsigned int cause, n = 0;

	for (cause = 0; cause < ATCP_CAUSE_COUNT; cause++)
		n += atcp_transition_legal(from, to, cause);
	return n;
}

/* Each arrow of the figure has one inscription, and no other will do. */
TEST(other_arrows_have_one_cause_each)
{
	enum atcp_state from;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(arrows); i++)
		EXPECT_EQ(1, causes_of(arrows[i].from, arrows[i].to))
	TH_LOG("%s -> %s", atcp_state_name(arrows[i].from),
	       atcp_state_name(arrows[i].to));
	/* Notes 1 and 2. */
	from = S(FIN_WAIT_1);
	EXPECT_TRUE(atcp_transition_legal(from, S(TIME_WAIT), C(RCV_FIN)));
	from = S(SYN_RECEIVED);
	EXPECT_TRUE(atcp_transition_legal(from, S(LISTEN), C(RCV_RST)));
}

TEST(numbers_are_those_of_tcp_info)
{
	EXPECT_EQ(1, S(ESTABLISHED));
	EXPECT_EQ(2, S(SYN_SENT));
	EXPECT_EQ(3, S(SYN_RECEIVED));
	EXPECT_EQ(4, S(FIN_WAIT_1));
	EXPECT_EQ(5, S(FIN_WAIT_2));
	EXPECT_EQ(6, S(TIME_WAIT));
	EXPECT_EQ(7, S(CLOSED));
	EXPECT_EQ(8, S(CLOSE_WAIT));
	EXPECT_EQ(9, S(LAST_ACK));
	EXPECT_EQ(10, S(LISTEN));
	EXPECT_EQ(11, S(CLOSING));
}

TEST(every_cause_has_a_name_without_blanks)
{
	unsigned int i;

	for (i = 0; i < ATCP_CAUSE_COUNT; i++) {
		ASSERT_NE(NULL, atcp_cause_name(i));
		EXPECT_EQ(NULL, strchr(atcp_cause_name(i), ' '));
	}
}

TEST(a_transition_is_noted_with_its_cause)
{
	struct conn c;

	conn_init(&c);
	atcp_set_state(&c.tcb, S(SYN_SENT), ATCP_CAUSE_ACTIVE_OPEN);
	atcp_set_state(&c.tcb, S(CLOSED), ATCP_CAUSE_RETRIES);
	ASSERT_EQ(2, c.tcb.nr_transitions);
	EXPECT_EQ(S(CLOSED), c.tcb.transitions[0].from);
	EXPECT_EQ(S(SYN_SENT), c.tcb.transitions[0].to);
	EXPECT_EQ(ATCP_CAUSE_ACTIVE_OPEN, c.tcb.transitions[0].cause);
	EXPECT_EQ(S(SYN_SENT), c.tcb.transitions[1].from);
	EXPECT_EQ(S(CLOSED), c.tcb.transitions[1].to);
	EXPECT_EQ(ATCP_CAUSE_RETRIES, c.tcb.transitions[1].cause);
	conn_free(&c);
}

/* Natively a warning is a trap: see native.h. */
TEST_SIGNAL(a_legal_transition_with_a_wrong_cause_warns, SIGILL)
{
	struct conn c;

	conn_init(&c);
	atcp_set_state(&c.tcb, S(SYN_SENT), ATCP_CAUSE_PASSIVE_OPEN);
}

TEST_SIGNAL(an_illegal_transition_warns, SIGILL)
{
	struct conn c;

	conn_init(&c);
	atcp_set_state(&c.tcb, S(ESTABLISHED), ATCP_CAUSE_RCV_ACK_OF_SYN);
}

UNIT_MAIN
