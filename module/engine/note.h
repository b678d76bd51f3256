/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a connection did that is worth a counter, and nothing else: nobody acts
 * on it. One list: each entry is a bit in tcb->notes, which the owner drains
 * after each call of the engine, and the name of a counter that it may keep.
 */
#ifndef ATCP_ENGINE_NOTE_H
#define ATCP_ENGINE_NOTE_H

#define ATCP_NOTES(X)                                                          \
	X(DELAYED_ACK, DelayedAcks)	  /* an ACK waited for its timer */    \
	X(ACK_SKIPPED, AcksSkipped)	  /* invalid_ratelimit: no answer */   \
	X(OUT_OF_ORDER, OutOfOrder)	  /* data kept above a gap */          \
	X(DSACK_SENT, DsacksSent)	  /* a duplicate reported, RFC 2883 */ \
	X(DSACK_RECEIVED, DsacksReceived) /* the peer reported one */          \
	X(WINDOW_CLOSED, WindowsClosed)	  /* the peer's window became 0 */     \
	X(WINDOW_PROBE, WindowProbes)	  /* a new octet sent into it */       \
	X(KEEPALIVE, KeepaliveProbes)	  /* keepalive probes sent */          \
	X(TIMEOUT, Timeouts)		  /* retransmission timer went off */  \
	X(FAST_RECOVERY, FastRecoveries)  /* loss found by ACKs, RFC 5681 */   \
	X(MTU_PROBE, MtuProbes) /* probes of a larger segment sent */          \
	X(MTU_PROBE_ACKED, MtuProbesAcked) /* and they arrived */              \
	X(MTU_PROBE_LOST, MtuProbesLost)   /* and they did not */              \
	X(BLACK_HOLE, BlackHoles)	   /* R1 passed: smaller segments */

enum atcp_note {
#define X(name, text) ATCP_NOTE_##name,
	ATCP_NOTES(X)
#undef X
	ATCP_NOTE_COUNT
};

#endif
