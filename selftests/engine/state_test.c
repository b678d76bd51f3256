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
TEST_SIGNAL(an_illegal_transition_warns, SIGILL)
{
	struct conn c;

	conn_init(&c);
	atcp_set_state(&c.tcb, S(ESTABLISHED), ATCP_CAUSE_RCV_ACK_OF_SYN);
}

UNIT_MAIN
