// SPDX-License-Identifier: GPL-2.0
/* Who watches a run: see observe.h. */
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
	};

	return names[kind];
}

void observe_user(struct sock *sk, enum event_kind kind, u32 n)
{
	LINE(sk->world, WHO " %s: %s %u", WHO_(sk), state_of(sk),
	     user_call(kind), n);
}

static void line_segment(struct world *w, const struct sock *sk,
			 const char *arrow, const struct packet *p)
{
	char text[TRACE_LINE];

	trace_segment(text, sizeof(text), p->octets, p->len);
	LINE(w, WHO " %s %s %s", WHO_(sk), state_of(sk), arrow, text);
}

void observe_arrives(struct sock *sk, const struct packet *p)
{
	if (unlikely(sk->world->watch->trace))
		line_segment(sk->world, sk, "<", p);
}

void observe_sends(struct sock *sk, const struct packet *p)
{
	if (unlikely(sk->world->watch->trace))
		line_segment(sk->world, sk, ">", p);
}

void observe_icmp(struct sock *sk, const struct packet *p)
{
	LINE(sk->world, WHO " %s: ICMP %u/%u for seq %u, MTU %u", WHO_(sk),
	     state_of(sk), p->icmp >> 8, p->icmp & 255,
	     atcp_get32(p->octets + 4), p->too_big);
}

void observe_state(struct sock *sk, u8 from, u8 to, u8 cause)
{
	LINE(sk->world, WHO " %s -> %s (%s)", WHO_(sk), atcp_state_name(from),
	     atcp_state_name(to), atcp_cause_name(cause));
}

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

/* A segment that belongs to no flow. */
void observe_stray(struct host *h, const struct packet *p)
{
	char text[TRACE_LINE];

	if (likely(!h->world->watch->trace))
		return;
	trace_segment(text, sizeof(text), p->octets, p->len);
	LINE(h->world, "%c no flow < %s", 'A' + h->index, text);
}

void observe_wire(const struct packet *p)
{
	struct world *w = p->world;
	u32 a = host_address(0), b = host_address(p->path->index + 1);

	if (unlikely(w->watch->pcap))
		pcap_segment(w->watch->pcap, w->now, p->to ? a : b,
			     p->to ? b : a, p->octets, p->len);
}

void observe_mark(const struct packet *p, const char *mark)
{
	LINE(p->world, "   path %u to %c: seq %u %s", p->path->index,
	     'A' + (p->to ? p->path->index + 1 : 0), atcp_get32(p->octets + 4),
	     mark);
}

void observe_wrong(struct world *w)
{
	LINE(w, "WRONG: %s", w->result->wrong);
}
