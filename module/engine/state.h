/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The eleven states of RFC 9293 section 3.3.2 and the moves between them.
 */
#ifndef ATCP_ENGINE_STATE_H
#define ATCP_ENGINE_STATE_H

#include "types.h"

struct atcp_tcb;

/*
 * The states, by RFC 9293's names. Their order, from 1 on, gives them the
 * numbers by which Linux's tools know them, so that a state means the same to
 * all of these.
 */
#define ATCP_STATES(X)                                                         \
	X(ESTABLISHED, "ESTABLISHED")                                          \
	X(SYN_SENT, "SYN-SENT")                                                \
	X(SYN_RECEIVED, "SYN-RECEIVED")                                        \
	X(FIN_WAIT_1, "FIN-WAIT-1")                                            \
	X(FIN_WAIT_2, "FIN-WAIT-2")                                            \
	X(TIME_WAIT, "TIME-WAIT")                                              \
	X(CLOSED, "CLOSED")                                                    \
	X(CLOSE_WAIT, "CLOSE-WAIT")                                            \
	X(LAST_ACK, "LAST-ACK")                                                \
	X(LISTEN, "LISTEN")                                                    \
	X(CLOSING, "CLOSING")

enum atcp_state {
	ATCP_STATE_NONE,
#define X(state, name) ATCP_##state,
	ATCP_STATES(X)
#undef X
	ATCP_STATE_COUNT
};

/*
 * Why a state changed: what the state diagram writes on its arrows. Names have
 * no blanks, so that tools can split what the trace prints.
 */
#define ATCP_CAUSES(X)                                                         \
	X(PASSIVE_OPEN, "passive-open") /* listen() */                         \
	X(ACTIVE_OPEN, "active-open")	/* connect() */                        \
	X(RCV_SYN, "rcv-syn")                                                  \
	X(RCV_SYN_ACK, "rcv-syn-ack")                                          \
	X(RCV_ACK_OF_SYN, "rcv-ack-of-syn")                                    \
	X(RCV_FIN, "rcv-fin")                                                  \
	X(RCV_ACK_OF_FIN, "rcv-ack-of-fin")                                    \
	X(RCV_RST, "rcv-rst")                                                  \
	X(CLOSE, "close")		/* close(), shutdown() */              \
	X(ABORT, "abort")		/* we gave up and sent a RST */        \
	X(RETRIES, "retries-exhausted") /* no answer */                        \
	X(FIN_TIMEOUT, "fin-timeout")	/* FIN-WAIT-2's end */                 \
	X(2MSL, "2msl-timeout")		/* TIME-WAIT's end */                  \
	X(REOPENED, "reopened")		/* TIME-WAIT made room */              \
	X(ICMP, "icmp")			/* an ICMP error */                    \
	X(MEMORY, "no-memory")

enum atcp_cause {
#define X(cause, name) ATCP_CAUSE_##cause,
	ATCP_CAUSES(X)
#undef X
	ATCP_CAUSE_COUNT
};

/**
 * struct atcp_transition - one state change, kept for whoever traces it
 * @from: enum atcp_state before
 * @to: enum atcp_state after
 * @cause: enum atcp_cause
 */
struct atcp_transition {
	u8 from;
	u8 to;
	u8 cause;
};

/* The longest chain in one event: SYN-RECEIVED, ESTABLISHED, CLOSE-WAIT,
 * CLOSED; one more for safety.
 */
#define ATCP_TRANSITIONS_MAX 4

bool atcp_state_legal(enum atcp_state from, enum atcp_state to);
bool atcp_transition_legal(enum atcp_state from, enum atcp_state to,
			   enum atcp_cause cause);
const char *atcp_state_name(enum atcp_state state);
const char *atcp_cause_name(enum atcp_cause cause);
void atcp_set_state(struct atcp_tcb *tcb, enum atcp_state to,
		    enum atcp_cause cause);

#define ATCP_STATE_BIT(s) (1U << (s))

/* States in which the peer's data is still accepted, RFC 9293 3.10.7.4. */
#define ATCP_STATES_RECEIVING                                                  \
	(ATCP_STATE_BIT(ATCP_ESTABLISHED) | ATCP_STATE_BIT(ATCP_FIN_WAIT_1) |  \
	 ATCP_STATE_BIT(ATCP_FIN_WAIT_2))

/* States in which user data or a FIN may be (re)transmitted. */
#define ATCP_STATES_SENDING                                                    \
	(ATCP_STATE_BIT(ATCP_ESTABLISHED) | ATCP_STATE_BIT(ATCP_CLOSE_WAIT) |  \
	 ATCP_STATE_BIT(ATCP_FIN_WAIT_1) | ATCP_STATE_BIT(ATCP_CLOSING) |      \
	 ATCP_STATE_BIT(ATCP_LAST_ACK))

#endif
