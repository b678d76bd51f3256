// SPDX-License-Identifier: GPL-2.0
/*
 * The state machine's table: RFC 9293 section 3.3.2, figure 5. Nothing else
 * writes tcb->state.
 */
#include "state.h"
#include "tcb.h"

#define TO(s) ATCP_STATE_BIT(ATCP_##s)

/*
 * Row: the old state. Bits: the states that may follow it. CLOSED follows
 * every state, since ABORT, RST and a time-out end a connection from each.
 * LISTEN -> SYN-SENT (SEND on a listener) is missing on purpose: the socket
 * API has no call that asks for it.
 */
static const u16 atcp_legal[ATCP_STATE_COUNT] = {
	[ATCP_CLOSED] = TO(LISTEN) | TO(SYN_SENT),
	[ATCP_LISTEN] = TO(SYN_RECEIVED) | TO(CLOSED),
	[ATCP_SYN_SENT] = TO(SYN_RECEIVED) | TO(ESTABLISHED) | TO(CLOSED),
	[ATCP_SYN_RECEIVED] = TO(ESTABLISHED) | TO(FIN_WAIT_1) | TO(LISTEN) |
			      TO(CLOSED),
	[ATCP_ESTABLISHED] = TO(FIN_WAIT_1) | TO(CLOSE_WAIT) | TO(CLOSED),
	[ATCP_FIN_WAIT_1] = TO(FIN_WAIT_2) | TO(CLOSING) | TO(TIME_WAIT) |
			    TO(CLOSED),
	[ATCP_FIN_WAIT_2] = TO(TIME_WAIT) | TO(CLOSED),
	[ATCP_CLOSE_WAIT] = TO(LAST_ACK) | TO(CLOSED),
	[ATCP_CLOSING] = TO(TIME_WAIT) | TO(CLOSED),
	[ATCP_LAST_ACK] = TO(CLOSED),
	[ATCP_TIME_WAIT] = TO(CLOSED),
};

static const char *const atcp_state_names[ATCP_STATE_COUNT] = {
	/* No state has the number 0. */
	"?",
#define X(state, name) name,
	ATCP_STATES(X)
#undef X
};

static const char *const atcp_cause_names[ATCP_CAUSE_COUNT] = {
#define X(cause, name) name,
	ATCP_CAUSES(X)
#undef X
};

/**
 * atcp_state_legal() - may a connection move from one state to another
 * @from: the state it is in
 * @to: the state it would enter
 *
 * Return: true if RFC 9293 figure 5 has that arrow.
 */
bool atcp_state_legal(enum atcp_state from, enum atcp_state to)
{
	return from < ATCP_STATE_COUNT && to < ATCP_STATE_COUNT &&
	       (atcp_legal[from] & ATCP_STATE_BIT(to));
}

/**
 * atcp_state_name() - a state's name as RFC 9293 spells it
 * @state: the state
 *
 * Return: a static string.
 */
const char *atcp_state_name(enum atcp_state state)
{
	return state < ATCP_STATE_COUNT ? atcp_state_names[state] : "?";
}

/**
 * atcp_cause_name() - what a state change was caused by, in words
 * @cause: the cause
 *
 * Return: a static string without blanks.
 */
const char *atcp_cause_name(enum atcp_cause cause)
{
	return cause < ATCP_CAUSE_COUNT ? atcp_cause_names[cause] : "?";
}

/**
 * atcp_set_state() - the one place that moves a connection's state
 * @tcb: the connection
 * @to: the state to enter
 * @cause: why
 *
 * Appends to @tcb->transitions, which the caller of the engine drains after
 * each call. A move that the table does not know is made all the same, since
 * a connection stuck between two states helps nobody, and warned of once.
 */
void atcp_set_state(struct atcp_tcb *tcb, enum atcp_state to,
		    enum atcp_cause cause)
{
	enum atcp_state from = tcb->state;

	WARN_ONCE(!atcp_state_legal(from, to),
		  "atcp: illegal transition %s -> %s (%s)\n",
		  atcp_state_name(from), atcp_state_name(to),
		  atcp_cause_name(cause));
	tcb->state = to;
	if (tcb->nr_transitions < ATCP_TRANSITIONS_MAX)
		tcb->transitions[tcb->nr_transitions++] =
			(struct atcp_transition){ from, to, cause };
}
