/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints, events/atcp/ in tracefs: every state change of a connection
 * and every segment that was thrown away.
 *
 * Names go to user space as tables in the events' formats, not as strings in
 * each record, so that trace-cmd, perf and bpftrace can decode and filter.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM atcp

#if !defined(ATCP_NETWORK_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define ATCP_NETWORK_TRACE_H

#include <linux/tracepoint.h>
#include <net/ipv6.h>
#include "../engine/state.h"
#include "flow.h"

#ifndef ATCP_NETWORK_TRACE_ONCE
#define ATCP_NETWORK_TRACE_ONCE

#define ATCP_TRACE_ADDRESS_LEN	sizeof(struct sockaddr_in6)

static inline u16 atcp_trace_family(const struct atcp_tuple *tuple)
{
	return tuple && !atcp_tuple_is_v4(tuple) ? AF_INET6 : AF_INET;
}

/* In the form that %pISc prints. No address: 0.0.0.0, port 0. */
static inline void atcp_trace_address(u8 *to, const struct in6_addr *addr)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in sin = { .sin_family = AF_INET };

	memset(to, 0, ATCP_TRACE_ADDRESS_LEN);
	if (addr && !ipv6_addr_v4mapped(addr)) {
		sin6.sin6_addr = *addr;
		memcpy(to, &sin6, sizeof(sin6));
		return;
	}
	if (addr)
		sin.sin_addr.s_addr = addr->s6_addr32[3];
	memcpy(to, &sin, sizeof(sin));
}

#endif

/*
 * Each list has X for its entries and LAST for the one that no comma follows.
 * The names are those of engine/state.c; the assertions below fail when a
 * state or a cause is added there and not here.
 */
#define ATCP_TRACE_STATES(X, LAST)			\
	X(ATCP_ESTABLISHED, "ESTABLISHED")		\
	X(ATCP_SYN_SENT, "SYN-SENT")			\
	X(ATCP_SYN_RECEIVED, "SYN-RECEIVED")		\
	X(ATCP_FIN_WAIT_1, "FIN-WAIT-1")		\
	X(ATCP_FIN_WAIT_2, "FIN-WAIT-2")		\
	X(ATCP_TIME_WAIT, "TIME-WAIT")			\
	X(ATCP_CLOSED, "CLOSED")			\
	X(ATCP_CLOSE_WAIT, "CLOSE-WAIT")		\
	X(ATCP_LAST_ACK, "LAST-ACK")			\
	X(ATCP_LISTEN, "LISTEN")			\
	LAST(ATCP_CLOSING, "CLOSING")

#define ATCP_TRACE_CAUSES(X, LAST)			\
	X(ATCP_CAUSE_PASSIVE_OPEN, "passive-open")	\
	X(ATCP_CAUSE_ACTIVE_OPEN, "active-open")	\
	X(ATCP_CAUSE_RCV_SYN, "rcv-syn")		\
	X(ATCP_CAUSE_RCV_SYN_ACK, "rcv-syn-ack")	\
	X(ATCP_CAUSE_RCV_ACK_OF_SYN, "rcv-ack-of-syn")	\
	X(ATCP_CAUSE_RCV_FIN, "rcv-fin")		\
	X(ATCP_CAUSE_RCV_ACK_OF_FIN, "rcv-ack-of-fin")	\
	X(ATCP_CAUSE_RCV_RST, "rcv-rst")		\
	X(ATCP_CAUSE_CLOSE, "close")			\
	X(ATCP_CAUSE_ABORT, "abort")			\
	X(ATCP_CAUSE_RETRIES, "retries-exhausted")	\
	X(ATCP_CAUSE_FIN_TIMEOUT, "fin-timeout")	\
	X(ATCP_CAUSE_2MSL, "2msl-timeout")		\
	X(ATCP_CAUSE_REOPENED, "reopened")		\
	X(ATCP_CAUSE_ICMP, "icmp")			\
	LAST(ATCP_CAUSE_MEMORY, "no-memory")

#define ATCP_TRACE_FLAGS(X, LAST)			\
	X(ATCP_FIN, "FIN")				\
	X(ATCP_SYN, "SYN")				\
	X(ATCP_RST, "RST")				\
	X(ATCP_PSH, "PSH")				\
	X(ATCP_ACK, "ACK")				\
	LAST(ATCP_URG, "URG")

#define ATCP_TRACE_ONE(value, name)	+ 1
static_assert(ATCP_TRACE_STATES(ATCP_TRACE_ONE, ATCP_TRACE_ONE) ==
	      ATCP_STATE_COUNT - 1);
static_assert(ATCP_TRACE_CAUSES(ATCP_TRACE_ONE, ATCP_TRACE_ONE) ==
	      ATCP_CAUSE_COUNT);

/* Tell user space what the enums' names in the formats stand for. */
#undef X
#define X(value, name)	TRACE_DEFINE_ENUM(value);
ATCP_TRACE_STATES(X, X)
ATCP_TRACE_CAUSES(X, X)
ATCP_TRACE_FLAGS(X, X)
#undef X
#define X(name, text)	TRACE_DEFINE_ENUM(ATCP_DROP_##name);
ATCP_DROP_REASONS(X)
#undef X
TRACE_DEFINE_ENUM(ATCP_DROP_NONE);

#define ATCP_TRACE_NAME(value, name)	{ value, name },
#define ATCP_TRACE_NAME_LAST(value, name) { value, name }
#define ATCP_TRACE_NAME_DROP(name, text) { ATCP_DROP_##name, #text },

#define atcp_show_state(value) \
	__print_symbolic(value, \
			 ATCP_TRACE_STATES(ATCP_TRACE_NAME, \
					   ATCP_TRACE_NAME_LAST))
#define atcp_show_cause(value) \
	__print_symbolic(value, \
			 ATCP_TRACE_CAUSES(ATCP_TRACE_NAME, \
					   ATCP_TRACE_NAME_LAST))
#define atcp_show_drop(value) \
	__print_symbolic(value, \
			 ATCP_DROP_REASONS(ATCP_TRACE_NAME_DROP) \
			 { ATCP_DROP_NONE, "None" })
#define atcp_show_family(value) \
	__print_symbolic(value, \
			 { AF_INET, "AF_INET" }, \
			 { AF_INET6, "AF_INET6" })
#define atcp_show_flags(value) \
	__print_flags(value, "|", \
		      ATCP_TRACE_FLAGS(ATCP_TRACE_NAME, ATCP_TRACE_NAME_LAST))

/**
 * trace_atcp_state() - a connection entered a state
 * @net: its namespace
 * @tuple: its addresses and ports, ours being the source
 * @from: enum atcp_state before
 * @to: enum atcp_state after
 * @cause: enum atcp_cause
 */
TRACE_EVENT(atcp_state,
	    TP_PROTO(const struct net *net, const struct atcp_tuple *tuple,
		     u8 from, u8 to, u8 cause),
	    TP_ARGS(net, tuple, from, to, cause),
	    TP_STRUCT__entry(__field(u32, netns)
			     __field(u16, family)
			     __field(u16, sport)
			     __array(u8, saddr, ATCP_TRACE_ADDRESS_LEN)
			     __array(u8, daddr, ATCP_TRACE_ADDRESS_LEN)
			     __field(u16, dport)
			     __field(u8, oldstate)
			     __field(u8, newstate)
			     __field(u8, cause)),
	    TP_fast_assign(__entry->netns = net->ns.inum;
			   __entry->family = atcp_trace_family(tuple);
			   __entry->sport = tuple->lport;
			   atcp_trace_address(__entry->saddr, &tuple->laddr);
			   atcp_trace_address(__entry->daddr, &tuple->raddr);
			   __entry->dport = tuple->rport;
			   __entry->oldstate = from;
			   __entry->newstate = to;
			   __entry->cause = cause;),
	    TP_printk("netns=%u family=%s saddr=%pISc sport=%u daddr=%pISc dport=%u oldstate=%s newstate=%s cause=%s",
		      __entry->netns, atcp_show_family(__entry->family),
		      __entry->saddr, __entry->sport, __entry->daddr,
		      __entry->dport, atcp_show_state(__entry->oldstate),
		      atcp_show_state(__entry->newstate),
		      atcp_show_cause(__entry->cause))
);

/**
 * trace_atcp_drop() - a segment, or the data in it, was thrown away
 * @net: the namespace it came to
 * @tuple: its addresses and ports, ours being the source; NULL if it was too
 *         short to have them
 * @seg: what it said; NULL likewise
 * @reason: enum atcp_drop
 */
TRACE_EVENT(atcp_drop,
	    TP_PROTO(const struct net *net, const struct atcp_tuple *tuple,
		     const struct atcp_segment *seg, u8 reason),
	    TP_ARGS(net, tuple, seg, reason),
	    TP_STRUCT__entry(__field(u32, netns)
			     __field(u16, family)
			     __field(u16, sport)
			     __array(u8, saddr, ATCP_TRACE_ADDRESS_LEN)
			     __array(u8, daddr, ATCP_TRACE_ADDRESS_LEN)
			     __field(u16, dport)
			     __field(u8, reason)
			     __field(u8, flags)
			     __field(u32, seq)
			     __field(u32, ack)
			     __field(u32, len)),
	    TP_fast_assign(__entry->netns = net->ns.inum;
			   __entry->family = atcp_trace_family(tuple);
			   __entry->sport = tuple ? tuple->lport : 0;
			   atcp_trace_address(__entry->saddr,
					      tuple ? &tuple->laddr : NULL);
			   atcp_trace_address(__entry->daddr,
					      tuple ? &tuple->raddr : NULL);
			   __entry->dport = tuple ? tuple->rport : 0;
			   __entry->reason = reason;
			   __entry->flags = seg ? seg->flags : 0;
			   __entry->seq = seg ? seg->seq : 0;
			   __entry->ack = seg ? seg->ack : 0;
			   __entry->len = seg ? seg->len : 0;),
	    TP_printk("netns=%u family=%s saddr=%pISc sport=%u daddr=%pISc dport=%u reason=%s flags=%s seq=%u ack=%u len=%u",
		      __entry->netns, atcp_show_family(__entry->family),
		      __entry->saddr, __entry->sport, __entry->daddr,
		      __entry->dport, atcp_show_drop(__entry->reason),
		      atcp_show_flags(__entry->flags), __entry->seq,
		      __entry->ack, __entry->len)
);

#endif

/* Found by -I$(src)/module, which Kbuild gives to control/trace.c. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH network
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
