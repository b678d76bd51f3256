// SPDX-License-Identifier: GPL-2.0
/*
 * The state machine: RFC 9293 section 3.3.2, figure 5. Its table is
 * transitions.h, and no other file makes a move.
 */
#include "state.h"
#include "tcb.h"
#include "transitions.h"

#define ARROW(from, to, cause) ((from) << 16 | (to) << 8 | (cause))

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
 * Return: true if RFC 9293 figure 5 has that arrow, for whatever cause.
 */
bool atcp_state_legal(enum atcp_state from, enum atcp_state to)
{
	return false
#define X(f, t, c) || (from == ATCP_##f && to == ATCP_##t)
		ATCP_TRANSITIONS(X);
#undef X
}

/**
 * atcp_transition_legal() - may this cause move a connection so
 * @from: the state it is in
 * @to: the state it would enter
 * @cause: why
 *
 * Return: true if transitions.h has a line for it.
 */
bool atcp_transition_legal(enum atcp_state from, enum atcp_state to,
			   enum atcp_cause cause)
{
	switch (ARROW(from, to, cause)) {
#define X(f, t, c) case ARROW(ATCP_##f, ATCP_##t, ATCP_CAUSE_##c):
		ATCP_TRANSITIONS(X)
#undef X
		return true;
	default:
		return false;
	}
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

	WARN_ONCE(!atcp_transition_legal(from, to, cause),
		  "atcp: illegal transition %s -> %s (%s)\n",
		  atcp_state_name(from), atcp_state_name(to),
		  atcp_cause_name(cause));
	tcb->state = to;
	if (tcb->nr_transitions < ATCP_TRANSITIONS_MAX)
		tcb->transitions[tcb->nr_transitions++] =
			(struct atcp_transition){ from, to, cause };
}
