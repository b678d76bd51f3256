/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One line per counter: its name in /proc/net/atcp_stat and what it counts.
 * The drop reasons of engine/drop.h follow them, "Drop" before their names.
 */
#ifndef ATCP_NETWORK_COUNTERS_H
#define ATCP_NETWORK_COUNTERS_H

#include "../engine/drop.h"

#define ATCP_COUNTERS(X)                                                       \
	X(ACTIVE_OPENS, ActiveOpens)   /* CLOSED -> SYN-SENT */                \
	X(PASSIVE_OPENS, PassiveOpens) /* LISTEN -> SYN-RECEIVED */            \
	X(ATTEMPT_FAILS, AttemptFails) /* ended before ESTABLISHED */          \
	X(ESTAB_RESETS, EstabResets)   /* reset after ESTABLISHED */           \
	X(IN_SEGS, InSegs)	       /* segments received, good or bad */    \
	X(IN_BYTES, InBytes)	       /* payload accepted, octets */          \
	X(OUT_SEGS, OutSegs)	       /* segments sent, with RSTs */          \
	X(OUT_BYTES, OutBytes)	       /* payload sent, with repeats */        \
	X(RETRANS_SEGS, RetransSegs)   /* SYNs and data sent again */          \
	X(OUT_RSTS, OutRsts)	       /* RSTs sent */                         \
	X(OUT_FAILS, OutFails)	       /* no memory or route to send */        \
	X(TIMEOUTS, Timeouts)	       /* connections ended by retries */      \
	X(TIME_WAITS, TimeWaits)       /* TIME-WAIT records made */            \
	X(TIME_WAIT_OVERFLOWS, TimeWaitOverflows) /* max_tw_buckets hit */     \
	X(LISTEN_OVERFLOWS, ListenOverflows)	  /* accept queue was full */  \
	X(BACKLOG_OVERFLOWS, BacklogOverflows)	  /* locked socket's backlog */

enum atcp_counter {
#define X(name, text) ATCP_COUNT_##name,
	ATCP_COUNTERS(X)
#undef X
	ATCP_COUNT_DROP,
	ATCP_COUNT_TOTAL = ATCP_COUNT_DROP + ATCP_DROP_COUNT
};

#endif
