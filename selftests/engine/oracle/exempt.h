/* SPDX-License-Identifier: GPL-2.0 */
/* Where ATCP departs from the RFCs on purpose: exempt.c says why. */
#ifndef ATCP_ENGINE_ORACLE_EXEMPT_H
#define ATCP_ENGINE_ORACLE_EXEMPT_H

#include <stdbool.h>

enum exempt {
	EXEMPT_ROUNDED_EDGE,
	EXEMPT_WINDOW_BY_ACK,
	EXEMPT_AT_THE_EDGE,
	EXEMPT_WHOLE_WINDOW,
	EXEMPT_SEQ_IN_WINDOW,
	EXEMPT_PROBE_WITHDRAWN,
	EXEMPT_NO_TIMESTAMP,
	EXEMPT_RTO_MIN,
	EXEMPT_TIME_WAIT,
	EXEMPT_TIME_WAIT_RESET,
	EXEMPT_FIN_WAITS,
	EXEMPT_LEAST_MSS,
	EXEMPT_SYN_FIN,
	EXEMPT_SYN_AGAIN,
	EXEMPT_SYN_ACK_IS_AN_ACK,
	EXEMPT_SYN_IN_SYN_RECEIVED,
	EXEMPT_TS_OF_BAD_ACK,
	EXEMPT_GIVES_UP,
	EXEMPTIONS
};

/**
 * struct exemption - one of them
 * @name: for people
 * @rule: the rule that it departs from
 * @why: the reason
 */
struct exemption {
	const char *name;
	const char *rule;
	const char *why;
};

extern const struct exemption exemptions[EXEMPTIONS];

#endif
