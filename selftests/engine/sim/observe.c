// SPDX-License-Identifier: GPL-2.0
/* Who watches a run: see observe.h. */
#include "../oracle/oracle.h"
#include "pcap.h"
#include "trace.h"
#include "world.h"

#define LINE(w, format, ...)                                                   \
	do {                                                                   \
		if (unlikely((w)->watch->trace))                               \
			trace_line((w)->watch->trace, (w)->now, format,        \
				   ##__VA_ARGS__);                             \
	} while (0)

/* "A3": host A's end of connection 3. */
#define WHO	"%c%u%s"
#define WHO_(s) 'A' + (s)->host->index, (s)->conn->index, (s)->stray ? "'" : ""

static const char *state_of(const struct sock *sk)
{
	switch (sk->mode) {
	case SOCK_REQUEST:
		return "SYN-RECEIVED";
	case SOCK_TIME_WAIT:
		return "TIME-WAIT";
	default:
		return atcp_state_name(sk->tcb.state);
	}
}

static const char *user_call(enum event_kind kind)
{
	static const char *const names[] = {
		[EVENT_OPEN_ACTIVE] = "connect",
		[EVENT_OPEN_PASSIVE] = "accept",
		[EVENT_SEND] = "send",
		[EVENT_RECEIVE] = "receive",
		[EVENT_SHUTDOWN] = "shutdown",
		[EVENT_CLOSE] = "close",
		[EVENT_ABORT] = "abort",
		[EVENT_PRUNED] = "pruned from",
		[EVENT_NO_ROOM] = "no room for what comes",
		[EVENT_DELIVERED] = "readable up to",
		[EVENT_ACKED] = "acknowledged up to",
		[EVENT_URGENT] = "the last octet is urgent",
		[EVENT_DEAF] = "will not receive",
	};

	return names[kind];
}

/*
 * The oracle knows the limits that RFCs and Linux agree on, and an end that it
 * has seen from the beginning. To send what there is no record for is put off
 * until a timer tries again, which it takes for silence; nor can it see that
 * segments have become small for the sake of a black hole.
 */
static bool oracle_knows(const struct sock *sk)
{
	const struct atcp_params *params = &sk->host->config->params;
	const struct atcp_settings *set = &sk->side->settings;

	return !sk->cookie && !sk->side->starve && !set->thin_linear_timeouts &&
	       !set->user_timeout_ms && set->linger2 >= 0 &&
	       params->rto_min_us == 200000 && !params->mtu_probing;
}

/**
 * observe_begin() - one end of a connection is watched from here on
 * @sk: the socket, before all that happens to it
 */
void observe_begin(struct sock *sk)
{
	if (oracle_knows(sk))
		sk->oracle = oracle_new();
}

static void tell(struct sock *sk, enum event_kind kind, u32 n,
		 const struct packet *p, const char *text)
{
	const struct event e = {
		.us = host_now(sk->host),
		.kind = kind,
		.n = n,
		.octets = p ? p->octets : NULL,
		.len = p ? p->len : 0,
		.text = text,
	};
	const char *wrong;

	if (!sk->oracle || sk->conn->garbled || sk->world->result->wrong[0])
		return;
	wrong = oracle_event(sk->oracle, &e);
	if (wrong)
		world_wrong(sk->world, "connection %u end %u: %s",
			    sk->conn->index, sk->end, wrong);
}

/**
 * observe_user() - a user's call, or what the engine says of its data
 * @sk: the socket
 * @kind: which one
 * @n: as in struct event
 */
void observe_user(struct sock *sk, enum event_kind kind, u32 n)
{
	LINE(sk->world, WHO " %s: %s %u", WHO_(sk), state_of(sk),
	     user_call(kind), n);
	tell(sk, kind, n, NULL, NULL);
}

static void line_segment(struct world *w, const struct sock *sk,
			 const char *arrow, const struct packet *p)
{
	char text[TRACE_LINE];

	trace_segment(text, sizeof(text), p->octets, p->len);
	LINE(w, WHO " %s %s %s", WHO_(sk), state_of(sk), arrow, text);
}

/**
 * observe_arrives() - a segment is about to arrive at a connection
 * @sk: the socket
 * @p: the segment
 */
void observe_arrives(struct sock *sk, const struct packet *p)
{
	if (unlikely(sk->world->watch->trace))
		line_segment(sk->world, sk, "<", p);
	tell(sk, EVENT_ARRIVES, 0, p, NULL);
}

/**
 * observe_sends() - a connection sends a segment
 * @sk: the socket
 * @p: the segment
 */
void observe_sends(struct sock *sk, const struct packet *p)
{
	if (unlikely(sk->world->watch->trace))
		line_segment(sk->world, sk, ">", p);
	tell(sk, EVENT_SENDS, 0, p, NULL);
}

/**
 * observe_icmp() - a connection hears a router's word on a segment of its own
 * @sk: the socket
 * @p: the word
 */
void observe_icmp(struct sock *sk, const struct packet *p)
{
	LINE(sk->world, WHO " %s: ICMP %u/%u for seq %u, MTU %u", WHO_(sk),
	     state_of(sk), p->icmp >> 8, p->icmp & 255,
	     atcp_get32(p->octets + 4), p->too_big);
	tell(sk, EVENT_ICMP, p->icmp, p, NULL);
}

/**
 * observe_state() - a connection's state changed
 * @sk: the socket
 * @from: the state before, enum atcp_state
 * @to: the state after
 * @cause: enum atcp_cause
 */
void observe_state(struct sock *sk, u8 from, u8 to, u8 cause)
{
	LINE(sk->world, WHO " %s -> %s (%s)", WHO_(sk), atcp_state_name(from),
	     atcp_state_name(to), atcp_cause_name(cause));
	tell(sk, EVENT_STATE, 0, NULL, atcp_state_name(to));
}

/**
 * observe_timeout() - deadlines are about to be dealt with
 * @sk: the socket
 */
void observe_timeout(struct sock *sk)
{
	static const char *const names[ATCP_TIMER_COUNT] = {
		[ATCP_TIMER_RETRANSMIT] = "retransmit",
		[ATCP_TIMER_PERSIST] = "persist",
		[ATCP_TIMER_DELACK] = "delayed ACK",
		[ATCP_TIMER_FIN_WAIT_2] = "FIN-WAIT-2",
		[ATCP_TIMER_KEEPALIVE] = "keepalive",
	};
	u64 now = host_now(sk->host);
	unsigned int i;

	if (likely(!sk->world->watch->trace))
		return;
	for (i = 0; i < ATCP_TIMER_COUNT; i++)
		if (sk->tcb.timers[i] && sk->tcb.timers[i] <= now)
			LINE(sk->world, WHO " %s: timer %s", WHO_(sk),
			     state_of(sk), names[i]);
}

/**
 * observe_stray() - a segment arrives that belongs to no flow
 * @h: where
 * @p: the segment
 */
void observe_stray(struct host *h, const struct packet *p)
{
	char text[TRACE_LINE];

	if (likely(!h->world->watch->trace))
		return;
	trace_segment(text, sizeof(text), p->octets, p->len);
	LINE(h->world, "%c no flow < %s", 'A' + h->index, text);
}

/**
 * observe_wire() - a segment sets out
 * @p: the segment, as its sender made it
 */
void observe_wire(const struct packet *p)
{
	struct world *w = p->world;
	u32 a = host_address(0), b = host_address(p->path->index + 1);

	if (unlikely(w->watch->pcap))
		pcap_segment(w->watch->pcap, w->now, p->to ? a : b,
			     p->to ? b : a, p->octets, p->len);
}

/**
 * observe_mark() - something happens to a segment on its way
 * @p: the segment
 * @mark: what, in words
 */
void observe_mark(const struct packet *p, const char *mark)
{
	LINE(p->world, "   path %u to %c: seq %u %s", p->path->index,
	     'A' + (p->to ? p->path->index + 1 : 0), atcp_get32(p->octets + 4),
	     mark);
}

/**
 * observe_wrong() - something did not hold
 * @w: the run
 */
void observe_wrong(struct world *w)
{
	LINE(w, "WRONG: %s", w->result->wrong);
}
