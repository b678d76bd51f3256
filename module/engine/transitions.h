/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every move of the state machine and what may cause it: RFC 9293 section
 * 3.3.2, figure 5 with its notes, and the ends that it leaves out for room:
 * ABORT, RST, time-outs, ICMP. One line is one arrow, X(FROM, TO, CAUSE), with
 * the section that draws it. The causes are described in state.h.
 *
 * state.c checks each move by this list, and the model of two ends in
 * selftests/engine/model/ proves things about it. The list alone is here,
 * since the model's language is not C.
 *
 * Left out on purpose: LISTEN -> SYN-SENT (SEND on a listener), for which the
 * socket API has no call, and TIME-WAIT -> CLOSED by a RST (RFC 1337).
 */
#ifndef ATCP_ENGINE_TRANSITIONS_H
#define ATCP_ENGINE_TRANSITIONS_H

/* clang-format off */
#define ATCP_TRANSITIONS(X)						       \
	X(CLOSED, LISTEN, PASSIVE_OPEN)		  /* 3.10.1 */		       \
	X(CLOSED, SYN_SENT, ACTIVE_OPEN)	  /* 3.10.1 */		       \
									       \
	X(LISTEN, SYN_RECEIVED, RCV_SYN)	  /* 3.10.7.2, third */	       \
	X(LISTEN, CLOSED, CLOSE)		  /* 3.10.4 */		       \
	X(LISTEN, CLOSED, ABORT)		  /* 3.10.5 */		       \
									       \
	X(SYN_SENT, SYN_RECEIVED, RCV_SYN)	  /* 3.10.7.3, fourth */       \
	X(SYN_SENT, ESTABLISHED, RCV_SYN_ACK)	  /* 3.10.7.3, fourth */       \
	X(SYN_SENT, CLOSED, CLOSE)		  /* 3.10.4 */		       \
	X(SYN_SENT, CLOSED, ABORT)		  /* 3.10.5 */		       \
	X(SYN_SENT, CLOSED, RCV_RST)		  /* 3.10.7.3, second */       \
	X(SYN_SENT, CLOSED, RETRIES)		  /* 3.8.3, MUST-23 */	       \
	X(SYN_SENT, CLOSED, ICMP)		  /* 3.9.2.2, MUST-56 */       \
									       \
	X(SYN_RECEIVED, ESTABLISHED, RCV_ACK_OF_SYN) /* 3.10.7.4, fifth */     \
	X(SYN_RECEIVED, FIN_WAIT_1, CLOSE)	  /* 3.10.4 */		       \
	X(SYN_RECEIVED, LISTEN, RCV_RST)	  /* figure 5, note 2 */       \
	X(SYN_RECEIVED, CLOSED, RCV_RST)	  /* 3.10.7.4, second */       \
	X(SYN_RECEIVED, CLOSED, CLOSE)		  /* 3.10.4, of LISTEN */      \
	X(SYN_RECEIVED, CLOSED, ABORT)		  /* 3.10.5 */		       \
	X(SYN_RECEIVED, CLOSED, RETRIES)	  /* 3.8.3, MUST-23 */	       \
	X(SYN_RECEIVED, CLOSED, ICMP)		  /* 3.9.2.2, MUST-56 */       \
	X(SYN_RECEIVED, CLOSED, MEMORY)		  /* the SYN comes again */    \
									       \
	X(ESTABLISHED, FIN_WAIT_1, CLOSE)	  /* 3.10.4 */		       \
	X(ESTABLISHED, CLOSE_WAIT, RCV_FIN)	  /* 3.10.7.4, eighth */       \
	X(ESTABLISHED, CLOSED, ABORT)		  /* 3.10.5 */		       \
	X(ESTABLISHED, CLOSED, RCV_RST)		  /* 3.10.7.4, second */       \
	X(ESTABLISHED, CLOSED, RETRIES)		  /* 3.8.3, MUST-20 */	       \
									       \
	X(FIN_WAIT_1, FIN_WAIT_2, RCV_ACK_OF_FIN) /* 3.10.7.4, fifth */	       \
	X(FIN_WAIT_1, CLOSING, RCV_FIN)		  /* 3.10.7.4, eighth */       \
	X(FIN_WAIT_1, TIME_WAIT, RCV_FIN)	  /* figure 5, note 1 */       \
	X(FIN_WAIT_1, CLOSED, ABORT)		  /* 3.10.5 */		       \
	X(FIN_WAIT_1, CLOSED, RCV_RST)		  /* 3.10.7.4, second */       \
	X(FIN_WAIT_1, CLOSED, RETRIES)		  /* 3.8.3, MUST-20 */	       \
									       \
	X(FIN_WAIT_2, TIME_WAIT, RCV_FIN)	  /* 3.10.7.4, eighth */       \
	X(FIN_WAIT_2, CLOSED, ABORT)		  /* 3.10.5 */		       \
	X(FIN_WAIT_2, CLOSED, RCV_RST)		  /* 3.10.7.4, second */       \
	X(FIN_WAIT_2, CLOSED, RETRIES)		  /* 3.8.4, keep-alives */     \
	X(FIN_WAIT_2, CLOSED, FIN_TIMEOUT)	  /* 3.6.1, nobody reads */    \
									       \
	X(CLOSE_WAIT, LAST_ACK, CLOSE)		  /* 3.10.4 */		       \
	X(CLOSE_WAIT, CLOSED, ABORT)		  /* 3.10.5 */		       \
	X(CLOSE_WAIT, CLOSED, RCV_RST)		  /* 3.10.7.4, second */       \
	X(CLOSE_WAIT, CLOSED, RETRIES)		  /* 3.8.3, MUST-20 */	       \
									       \
	X(CLOSING, TIME_WAIT, RCV_ACK_OF_FIN)	  /* 3.10.7.4, fifth */	       \
	X(CLOSING, CLOSED, ABORT)		  /* 3.10.5 */		       \
	X(CLOSING, CLOSED, RCV_RST)		  /* 3.10.7.4, second */       \
	X(CLOSING, CLOSED, RETRIES)		  /* 3.8.3, MUST-20 */	       \
									       \
	X(LAST_ACK, CLOSED, RCV_ACK_OF_FIN)	  /* 3.10.7.4, fifth */	       \
	X(LAST_ACK, CLOSED, ABORT)		  /* 3.10.5 */		       \
	X(LAST_ACK, CLOSED, RCV_RST)		  /* 3.10.7.4, second */       \
	X(LAST_ACK, CLOSED, RETRIES)		  /* 3.8.3, MUST-20 */	       \
									       \
	X(TIME_WAIT, CLOSED, 2MSL)		  /* 3.10.8 */		       \
	X(TIME_WAIT, CLOSED, REOPENED)		  /* 3.6.1, MAY-2 */	       \
	X(TIME_WAIT, CLOSED, ABORT)		  /* 3.10.5 */		       \
	X(TIME_WAIT, CLOSED, MEMORY)		  /* no room for its record */
/* clang-format on */

#endif
