/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The eleven states of RFC 9293 section 3.3.2 and the moves between them.
 */
#ifndef ATCP_ENGINE_STATE_H
#define ATCP_ENGINE_STATE_H

#include "types.h"

struct atcp_tcb;

/*
 * The numbers are those that struct tcp_info, /proc/net/tcp and
 * sk->sk_state use, so that a state means the same to every tool.
 */
enum atcp_state {
	ATCP_ESTABLISHED = 1,
	ATCP_SYN_SENT,
	ATCP_SYN_RECEIVED,
	ATCP_FIN_WAIT_1,
	ATCP_FIN_WAIT_2,
	ATCP_TIME_WAIT,
	ATCP_CLOSED,
	ATCP_CLOSE_WAIT,
	ATCP_LAST_ACK,
	ATCP_LISTEN,
	ATCP_CLOSING,
	ATCP_STATE_COUNT
};

/* Why a state changed: what the state diagram writes on its arrows. */
enum atcp_cause {
	ATCP_CAUSE_PASSIVE_OPEN,
	ATCP_CAUSE_ACTIVE_OPEN,
	ATCP_CAUSE_RCV_SYN,
	ATCP_CAUSE_RCV_SYN_ACK,
	ATCP_CAUSE_RCV_ACK_OF_SYN,
	ATCP_CAUSE_RCV_FIN,
	ATCP_CAUSE_RCV_ACK_OF_FIN,
	ATCP_CAUSE_RCV_RST,
	ATCP_CAUSE_CLOSE,
	ATCP_CAUSE_ABORT,
	ATCP_CAUSE_RETRIES,
	ATCP_CAUSE_FIN_TIMEOUT,
	ATCP_CAUSE_2MSL,
	ATCP_CAUSE_REOPENED,
	ATCP_CAUSE_ICMP,
	ATCP_CAUSE_MEMORY,
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
