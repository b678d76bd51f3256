/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Why a segment, or the data in it, was thrown away. One list: each entry is
 * a counter in /proc/net/atcp_stat ("Drop" and the name) and a reason in the
 * atcp_drop tracepoint.
 */
#ifndef ATCP_ENGINE_DROP_H
#define ATCP_ENGINE_DROP_H

#define ATCP_DROP_REASONS(X)                                                   \
	X(SHORT, Short)		       /* truncated segment */                 \
	X(HEADER_LENGTH, HeaderLength) /* data offset < 5 or past the end */   \
	X(OPTIONS, Options)	       /* malformed option list */             \
	X(CHECKSUM, Checksum)	       /* checksum wrong */                    \
	X(PORT_ZERO, PortZero)	       /* source or destination port 0 */      \
	X(ADDRESS, Address)	       /* not a unicast source or ours */      \
	X(NO_SOCKET, NoSocket)	       /* CLOSED: answered with RST */         \
	X(BAD_FLAGS, BadFlags)	       /* no state accepts these flags */      \
	X(BAD_ACK, BadAck)	       /* acknowledges what was never sent */  \
	X(OLD_ACK, OldAck)	       /* ACK below SND.UNA - MAX.SND.WND */   \
	X(OUT_OF_WINDOW, OutOfWindow)  /* RFC 9293 3.10.7.4 first check */     \
	X(PAWS, Paws)		       /* RFC 7323 section 5 */                \
	X(OLD_DATA, OldData)	       /* wholly received before */            \
	X(CHALLENGED, Challenged)      /* RFC 5961 challenge ACK sent */       \
	X(RESET, Reset)		       /* a RST that was obeyed */             \
	X(SHUTDOWN, Shutdown)	       /* data after the receiver closed */    \
	X(DUPLICATE_SYN, DuplicateSyn) /* SYN seen again, SYN-ACK resent */    \
	X(BACKLOG, Backlog)	       /* listener's or socket's queue full */ \
	X(DEFERRED, Deferred)	       /* bare ACK, TCP_DEFER_ACCEPT */        \
	X(MEMORY, Memory)	       /* no memory or receive buffer full */  \
	X(POLICY, Policy)	       /* IPsec policy or socket filter */     \
	X(NO_ROUTE, NoRoute)	       /* no way back to a SYN's sender */     \
	X(MIN_TTL, MinTtl)	       /* from further off than IP_MINTTL */   \
	X(TIME_WAIT, TimeWait)	       /* old segment for TIME-WAIT */

enum atcp_drop {
	ATCP_DROP_NONE,
#define X(name, text) ATCP_DROP_##name,
	ATCP_DROP_REASONS(X)
#undef X
	ATCP_DROP_COUNT
};

#endif
