/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The counters of /proc/net/atcp_stat, each with its name there. Four lists make
 * them: this file's, the kinds of retransmissions, the engine's notes
 * (engine/note.h), and the reasons to drop (engine/drop.h) with "Drop" before
 * their names. control/README.md has a line for each.
 */
#ifndef ATCP_NETWORK_COUNTERS_H
#define ATCP_NETWORK_COUNTERS_H

#include "../engine/drop.h"
#include "../engine/note.h"

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
	X(TIMEOUT_ABORTS, AbortsByTimeout) /* ended by lack of answers */      \
	X(USER_ABORTS, AbortsByUser)	   /* closed with a RST */             \
	X(TIME_WAITS, TimeWaits)	   /* TIME-WAIT records made */        \
	X(TIME_WAIT_OVERFLOWS, TimeWaitOverflows) /* max_tw_buckets hit */     \
	X(TIME_WAIT_RECYCLED, TimeWaitRecycled)	  /* connect() took it over */ \
	X(LISTEN_OVERFLOWS, ListenOverflows)	  /* accept queue was full */  \
	X(LISTEN_DROPS, ListenDrops)		  /* SYNs and requests lost */ \
	X(BACKLOG_FULL_COOKIES, BacklogFullCookies) /* SYN backlog was full */ \
	X(BACKLOG_FULL_DROPS, BacklogFullDrops)	    /* the same, no cookies */ \
	X(SYNCOOKIES_SENT, SyncookiesSent)     /* SYN-ACKs with a cookie */    \
	X(SYNCOOKIES_RECV, SyncookiesRecv)     /* good cookies came back */    \
	X(SYNCOOKIES_FAILED, SyncookiesFailed) /* ACKs that were none */       \
	X(BACKLOG_OVERFLOWS, BacklogOverflows) /* locked socket's backlog */   \
	X(TIME_WAIT_REOPENS, TimeWaitReopens)  /* by the peer's SYN */         \
	X(CHALLENGE_ACKS, ChallengeAcks)       /* RFC 5961, sent */            \
	X(CHALLENGES_SKIPPED, ChallengeAcksSkipped) /* challenge_ack_limit */  \
	X(URGENTS, UrgentPointers)		    /* new ones received */    \
	X(PATH_MTU_CHANGES, PathMtuChanges) /* a connection's route says so */ \
	X(ICMP_ERRORS, IcmpErrors)	    /* ICMP errors for a connection */ \
	X(ICMP_IGNORED, IcmpIgnored)	    /* that quote nothing in flight */ \
	X(MEMORY_PRESSURES, MemoryPressures) /* mem's mark was passed */       \
	X(LINGER_ABORTS, AbortOnLinger)	     /* TCP_LINGER2 below 0 */         \
	X(ORPHAN_ABORTS, AbortOnMemory) /* too many, or too little memory */   \
	X(PRUNES, PruneCalled)		/* receive buffers over their limit */ \
	X(COLLAPSED, RcvCollapsed)	/* skbs copied together for that */    \
	X(OFO_PRUNED, OfoPruned)	/* out-of-order ones thrown away */

/*
 * Why something is sent again, the name of it in the atcp_retransmit event, and
 * its counter.
 */
#define ATCP_AGAIN_KINDS(X)                                                    \
	X(SYN, "syn", RetransSyns)	       /* the SYN was not answered */  \
	X(SYN_ACK, "syn-ack", RetransSynAcks)  /* the SYN-ACK likewise */      \
	X(FAST, "fast", RetransFast)	       /* duplicate ACKs, or SACK */   \
	X(TIMEOUT, "timeout", RetransTimeouts) /* the RTO passed */            \
	X(PROBE, "probe", RetransProbes)       /* into a closed window */      \
	X(MTU, "mtu", RetransMtuProbes) /* was sent as too large a segment */

enum atcp_again {
#define X(kind, name, text) ATCP_AGAIN_##kind,
	ATCP_AGAIN_KINDS(X)
#undef X
	ATCP_AGAIN_COUNT
};

enum atcp_counter {
#define X(name, text) ATCP_COUNT_##name,
	ATCP_COUNTERS(X)
#undef X
	ATCP_COUNT_AGAIN,
	ATCP_COUNT_NOTE = ATCP_COUNT_AGAIN + ATCP_AGAIN_COUNT,
	ATCP_COUNT_DROP = ATCP_COUNT_NOTE + ATCP_NOTE_COUNT,
	ATCP_COUNT_TOTAL = ATCP_COUNT_DROP + ATCP_DROP_COUNT
};

#endif
