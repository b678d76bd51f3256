/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints, events/atcp/ in tracefs: see control/README.md for their fields
 * and how to use them.
 *
 *	atcp_state	a connection entered a state
 *	atcp_send	a segment is sent
 *	atcp_receive	a segment came, its checksum and options good
 *	atcp_drop	a segment, or the data in it, was thrown away
 *	atcp_retransmit	something is sent again
 *	atcp_window	a connection's windows or its round-trip time changed
 *
 * One that nobody watches is a jump that is not taken.
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
#include "../engine/rtt.h"
#include "../engine/tcb.h"
#include "counters.h"
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

static inline void atcp_trace_sacks(u32 *to, const struct atcp_segment *seg,
				    unsigned int n)
{
	unsigned int i;

	for (i = 0; i < 2 * ATCP_SACK_MAX; i++)
		to[i] = i >= 2 * n ? 0 :
			i % 2	   ? seg->sacks[i / 2].end :
				     seg->sacks[i / 2].start;
}

#endif

/* Tell user space what the enums' names in the formats stand for. */
#undef X
#define X(state, name)	TRACE_DEFINE_ENUM(ATCP_##state);
ATCP_STATES(X)
TRACE_DEFINE_ENUM(ATCP_STATE_NONE);
#undef X
#define X(cause, name)	TRACE_DEFINE_ENUM(ATCP_CAUSE_##cause);
ATCP_CAUSES(X)
#undef X
#define X(name, text)	TRACE_DEFINE_ENUM(ATCP_DROP_##name);
ATCP_DROP_REASONS(X)
TRACE_DEFINE_ENUM(ATCP_DROP_NONE);
#undef X
#define X(kind, name, text)	TRACE_DEFINE_ENUM(ATCP_AGAIN_##kind);
ATCP_AGAIN_KINDS(X)
#undef X
#define X(name)	TRACE_DEFINE_ENUM(ATCP_##name);
#define ATCP_TRACE_FLAGS(X) X(FIN) X(SYN) X(RST) X(PSH) X(ACK)
ATCP_TRACE_FLAGS(X)
TRACE_DEFINE_ENUM(ATCP_URG);
#undef X
#define X(name)	TRACE_DEFINE_ENUM(ATCP_OPT_##name);
#define ATCP_TRACE_OPTIONS(X) X(MSS) X(WSCALE) X(SACK_OK) X(SACK)
ATCP_TRACE_OPTIONS(X)
TRACE_DEFINE_ENUM(ATCP_OPT_TS);
#undef X

/* No comma may follow a list's last entry: that one stands by itself. */
#define ATCP_TRACE_STATE(state, name)	{ ATCP_##state, name },
#define ATCP_TRACE_CAUSE(cause, name)	{ ATCP_CAUSE_##cause, name },
#define ATCP_TRACE_DROP(name, text)	{ ATCP_DROP_##name, #text },
#define ATCP_TRACE_AGAIN(kind, name, text)	{ ATCP_AGAIN_##kind, name },
#define ATCP_TRACE_FLAG(name)	{ ATCP_##name, #name },
#define ATCP_TRACE_OPTION(name)	{ ATCP_OPT_##name, #name },

#define atcp_show_state(value) \
	__print_symbolic(value, ATCP_STATES(ATCP_TRACE_STATE) { ATCP_STATE_NONE, "?" })
#define atcp_show_cause(value) \
	__print_symbolic(value, ATCP_CAUSES(ATCP_TRACE_CAUSE) { 255, "?" })
#define atcp_show_drop(value) \
	__print_symbolic(value, ATCP_DROP_REASONS(ATCP_TRACE_DROP) \
			 { ATCP_DROP_NONE, "None" })
#define atcp_show_again(value) \
	__print_symbolic(value, ATCP_AGAIN_KINDS(ATCP_TRACE_AGAIN) { 255, "?" })
#define atcp_show_family(value) \
	__print_symbolic(value, \
			 { AF_INET, "AF_INET" }, \
			 { AF_INET6, "AF_INET6" })
#define atcp_show_flags(value) \
	__print_flags(value, "|", ATCP_TRACE_FLAGS(ATCP_TRACE_FLAG) \
		      { ATCP_URG, "URG" })
#define atcp_show_options(value) \
	__print_flags(value, "|", ATCP_TRACE_OPTIONS(ATCP_TRACE_OPTION) \
		      { ATCP_OPT_TS, "TS" })

/* What every event begins with: whose it is, our end being the source. */
#define ATCP_TRACE_ENDS \
	__field(u32, netns) \
	__field(u16, family) \
	__field(u16, sport) \
	__array(u8, saddr, ATCP_TRACE_ADDRESS_LEN) \
	__array(u8, daddr, ATCP_TRACE_ADDRESS_LEN) \
	__field(u16, dport)
#define ATCP_TRACE_SET_ENDS(net, tuple) \
	do { \
		__entry->netns = (net)->ns.inum; \
		__entry->family = atcp_trace_family(tuple); \
		__entry->sport = (tuple) ? (tuple)->lport : 0; \
		__entry->dport = (tuple) ? (tuple)->rport : 0; \
		atcp_trace_address(__entry->saddr, \
				   (tuple) ? &(tuple)->laddr : NULL); \
		atcp_trace_address(__entry->daddr, \
				   (tuple) ? &(tuple)->raddr : NULL); \
	} while (0)
#define ATCP_TRACE_ENDS_FORMAT \
	"netns=%u family=%s saddr=%pISc sport=%u daddr=%pISc dport=%u"
#define ATCP_TRACE_ENDS_VALUES \
	__entry->netns, atcp_show_family(__entry->family), \
	__entry->saddr, __entry->sport, __entry->daddr, __entry->dport

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
	    TP_STRUCT__entry(ATCP_TRACE_ENDS
			     __field(u8, oldstate)
			     __field(u8, newstate)
			     __field(u8, cause)),
	    TP_fast_assign(ATCP_TRACE_SET_ENDS(net, tuple);
			   __entry->oldstate = from;
			   __entry->newstate = to;
			   __entry->cause = cause;),
	    TP_printk(ATCP_TRACE_ENDS_FORMAT
		      " oldstate=%s newstate=%s cause=%s",
		      ATCP_TRACE_ENDS_VALUES,
		      atcp_show_state(__entry->oldstate),
		      atcp_show_state(__entry->newstate),
		      atcp_show_cause(__entry->cause))
);

/* A segment, either way. Options that it does not have read 0. */
DECLARE_EVENT_CLASS(atcp_segment,
	    TP_PROTO(const struct net *net, const struct atcp_tuple *tuple,
		     const struct atcp_segment *seg),
	    TP_ARGS(net, tuple, seg),
	    TP_STRUCT__entry(ATCP_TRACE_ENDS
			     __field(u8, flags)
			     __field(u8, options)
			     __field(u32, seq)
			     __field(u32, ack)
			     __field(u32, len)
			     __field(u16, window)
			     __field(u16, mss)
			     __field(u8, wscale)
			     __field(u8, nr_sacks)
			     __field(u16, urg)
			     __field(u32, tsval)
			     __field(u32, tsecr)
			     __array(u32, sacks, 2 * ATCP_SACK_MAX)),
	    TP_fast_assign(ATCP_TRACE_SET_ENDS(net, tuple);
			   __entry->flags = seg->flags;
			   __entry->options = seg->options;
			   __entry->seq = seg->seq;
			   __entry->ack = seg->flags & ATCP_ACK ? seg->ack : 0;
			   __entry->len = seg->len;
			   __entry->window = seg->wnd;
			   __entry->mss = seg->options & ATCP_OPT_MSS ?
						  seg->mss : 0;
			   __entry->wscale = seg->options & ATCP_OPT_WSCALE ?
						     seg->wscale : 0;
			   __entry->urg = seg->flags & ATCP_URG ? seg->urg : 0;
			   __entry->tsval = seg->options & ATCP_OPT_TS ?
						    seg->tsval : 0;
			   __entry->tsecr = seg->options & ATCP_OPT_TS ?
						    seg->tsecr : 0;
			   __entry->nr_sacks = seg->options & ATCP_OPT_SACK ?
						       seg->nr_sacks : 0;
			   atcp_trace_sacks(__entry->sacks, seg,
					    __entry->nr_sacks);),
	    TP_printk(ATCP_TRACE_ENDS_FORMAT
		      " flags=%s seq=%u ack=%u len=%u window=%u options=%s mss=%u wscale=%u tsval=%u tsecr=%u sacks=%s urg=%u",
		      ATCP_TRACE_ENDS_VALUES, atcp_show_flags(__entry->flags),
		      __entry->seq, __entry->ack, __entry->len,
		      __entry->window, atcp_show_options(__entry->options),
		      __entry->mss, __entry->wscale, __entry->tsval,
		      __entry->tsecr,
		      __print_array(__entry->sacks, 2 * __entry->nr_sacks, 4),
		      __entry->urg)
);

/**
 * trace_atcp_send() - a segment is sent
 * @net: the namespace it leaves from
 * @tuple: its addresses and ports
 * @seg: the segment; its len may be more than an MSS: it is cut up later
 */
DEFINE_EVENT(atcp_segment, atcp_send,
	     TP_PROTO(const struct net *net, const struct atcp_tuple *tuple,
		      const struct atcp_segment *seg),
	     TP_ARGS(net, tuple, seg)
);

/**
 * trace_atcp_receive() - a segment came and is well-formed
 * @net: the namespace it came to
 * @tuple: its addresses and ports, ours being the source
 * @seg: the segment; its len may be more than an MSS: merged by the device
 */
DEFINE_EVENT(atcp_segment, atcp_receive,
	     TP_PROTO(const struct net *net, const struct atcp_tuple *tuple,
		      const struct atcp_segment *seg),
	     TP_ARGS(net, tuple, seg)
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
	    TP_STRUCT__entry(ATCP_TRACE_ENDS
			     __field(u8, reason)
			     __field(u8, flags)
			     __field(u32, seq)
			     __field(u32, ack)
			     __field(u32, len)),
	    TP_fast_assign(ATCP_TRACE_SET_ENDS(net, tuple);
			   __entry->reason = reason;
			   __entry->flags = seg ? seg->flags : 0;
			   __entry->seq = seg ? seg->seq : 0;
			   __entry->ack = seg ? seg->ack : 0;
			   __entry->len = seg ? seg->len : 0;),
	    TP_printk(ATCP_TRACE_ENDS_FORMAT
		      " reason=%s flags=%s seq=%u ack=%u len=%u",
		      ATCP_TRACE_ENDS_VALUES, atcp_show_drop(__entry->reason),
		      atcp_show_flags(__entry->flags), __entry->seq,
		      __entry->ack, __entry->len)
);

/**
 * trace_atcp_retransmit() - something is sent again
 * @net: the namespace
 * @tuple: the connection
 * @seg: what is sent again; trace_atcp_send() follows
 * @state: enum atcp_state
 * @kind: enum atcp_again
 * @backoff: doublings of the time-out in force
 */
TRACE_EVENT(atcp_retransmit,
	    TP_PROTO(const struct net *net, const struct atcp_tuple *tuple,
		     const struct atcp_segment *seg, u8 state, u8 kind,
		     u8 backoff),
	    TP_ARGS(net, tuple, seg, state, kind, backoff),
	    TP_STRUCT__entry(ATCP_TRACE_ENDS
			     __field(u8, state)
			     __field(u8, kind)
			     __field(u8, backoff)
			     __field(u8, flags)
			     __field(u32, seq)
			     __field(u32, len)),
	    TP_fast_assign(ATCP_TRACE_SET_ENDS(net, tuple);
			   __entry->state = state;
			   __entry->kind = kind;
			   __entry->backoff = backoff;
			   __entry->flags = seg->flags;
			   __entry->seq = seg->seq;
			   __entry->len = seg->len;),
	    TP_printk(ATCP_TRACE_ENDS_FORMAT
		      " state=%s kind=%s backoff=%u flags=%s seq=%u len=%u",
		      ATCP_TRACE_ENDS_VALUES, atcp_show_state(__entry->state),
		      atcp_show_again(__entry->kind), __entry->backoff,
		      atcp_show_flags(__entry->flags), __entry->seq,
		      __entry->len)
);

/**
 * trace_atcp_window() - a connection's windows or its round-trip time changed
 * @net: its namespace
 * @tuple: its addresses and ports
 * @tcb: the connection, locked
 */
TRACE_EVENT(atcp_window,
	    TP_PROTO(const struct net *net, const struct atcp_tuple *tuple,
		     const struct atcp_tcb *tcb),
	    TP_ARGS(net, tuple, tcb),
	    TP_STRUCT__entry(ATCP_TRACE_ENDS
			     __field(u8, state)
			     __field(u32, snd_wnd)
			     __field(u32, rcv_wnd)
			     __field(u32, cwnd)
			     __field(u32, ssthresh)
			     __field(u32, pipe)
			     __field(u32, srtt)
			     __field(u32, rto)),
	    TP_fast_assign(ATCP_TRACE_SET_ENDS(net, tuple);
			   __entry->state = tcb->state;
			   __entry->snd_wnd = tcb->snd_wnd;
			   __entry->rcv_wnd = atcp_rcv_wnd(tcb);
			   __entry->cwnd = tcb->cwnd;
			   __entry->ssthresh = tcb->ssthresh;
			   __entry->pipe = atcp_pipe(tcb);
			   __entry->srtt = tcb->srtt_us;
			   __entry->rto = atcp_rto(tcb);),
	    TP_printk(ATCP_TRACE_ENDS_FORMAT
		      " state=%s snd_wnd=%u rcv_wnd=%u cwnd=%u ssthresh=%u pipe=%u srtt=%u rto=%u",
		      ATCP_TRACE_ENDS_VALUES, atcp_show_state(__entry->state),
		      __entry->snd_wnd, __entry->rcv_wnd, __entry->cwnd,
		      __entry->ssthresh, __entry->pipe, __entry->srtt,
		      __entry->rto)
);

#endif

/* Found by -I$(src)/module, which Kbuild gives to control/trace.c. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH network
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
