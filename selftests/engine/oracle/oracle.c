// SPDX-License-Identifier: GPL-2.0
/*
 * The events, one by one: what the user asks for (RFC 9293 section 3.10.1 to
 * 3.10.6), what the end says of itself, and time.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "model.h"

static const char *const names[STATES] = {
	[CLOSED] = "CLOSED",	       [LISTEN] = "LISTEN",
	[SYN_SENT] = "SYN-SENT",       [SYN_RECEIVED] = "SYN-RECEIVED",
	[ESTABLISHED] = "ESTABLISHED", [FIN_WAIT_1] = "FIN-WAIT-1",
	[FIN_WAIT_2] = "FIN-WAIT-2",   [CLOSE_WAIT] = "CLOSE-WAIT",
	[CLOSING] = "CLOSING",	       [LAST_ACK] = "LAST-ACK",
	[TIME_WAIT] = "TIME-WAIT",
};

/* The first objection counts: what follows may follow from it. */
void object(struct oracle *o, const char *format, ...)
{
	size_t len;
	va_list args;

	if (o->wrong[0])
		return;
	len = snprintf(o->wrong, sizeof(o->wrong), "%llu.%06llu s, %s: ",
		       (unsigned long long)(o->now / SECOND),
		       (unsigned long long)(o->now % SECOND), names[o->state]);
	va_start(args, format);
	vsnprintf(o->wrong + len, sizeof(o->wrong) - len, format, args);
	va_end(args);
}

/* The end has to be in this state now. */
void enter(struct oracle *o, enum state state)
{
	o->state = state;
	if (o->nr_path < PATH_MAX_STATES)
		o->path[o->nr_path++] = state;
	if (state == TIME_WAIT)
		o->time_wait_us = o->now;
	if (state == CLOSED)
		o->owed = OWED_NOTHING;
}

/* What is owed first, and at the latest, stays so. */
void owe(struct oracle *o, enum owed what, uint64_t wait, const char *why)
{
	if (o->owed != OWED_NOTHING && o->owed_us <= o->now + wait)
		return;
	o->owed = what;
	o->owed_us = o->now + wait;
	o->why = why;
}

static uint32_t deliverable(const struct oracle *o)
{
	int64_t end = o->receive.nxt;

	if (o->receive.fin && end > o->receive.fin)
		end = o->receive.fin;
	return end ? end - 1 : 0;
}

static uint32_t acknowledged(const struct oracle *o)
{
	int64_t end = least(o->send.una, text_end(o));

	return end ? end - 1 : 0;
}

/* The answer to the last arrival or call is complete: was it one? */
static void settle(struct oracle *o)
{
	if (o->tells_state && o->told != o->state)
		object(o, "it still says %s (RFC 9293 3.10)", names[o->told]);
	if (o->tells_delivered && o->delivered < deliverable(o))
		object(o,
		       "the user can read %u octets, but is told of %u only (RFC 9293 3.10.7.4, seventh)",
		       deliverable(o), o->delivered);
	if (o->tells_acked && o->acknowledged < acknowledged(o))
		object(o,
		       "%u octets are acknowledged, but it says %u only (RFC 9293 3.10.7.4, fifth)",
		       acknowledged(o), o->acknowledged);
}

/* Something new begins. */
static void begin(struct oracle *o)
{
	settle(o);
	if (o->owed != OWED_NOTHING && o->owed_us <= o->now)
		object(o, "nothing was sent at once: %s", o->why);
	o->cause_us = o->now;
	o->nr_path = 0;
	o->nr_told = 0;
	o->may_close = false;
	o->may_reset = false;
}

static void time_passes(struct oracle *o, uint64_t us)
{
	if (us < o->now)
		object(o, "time goes backwards in the trace");
	if (us <= o->now)
		return;
	settle(o);
	if (o->owed != OWED_NOTHING && o->owed_us < us)
		object(o, "nothing was sent in time: %s", o->why);
	o->now = us;
	flight_silence(o);
}

/* RFC 9293 3.10.4. */
static void user_closes(struct oracle *o)
{
	if (o->send.fin)
		return;
	switch (o->state) {
	case LISTEN:
	case SYN_SENT:
		enter(o, CLOSED);
		return;
	case SYN_RECEIVED:
		/* EXEMPT_FIN_WAITS */
		if (o->strict && o->send.queued == 1)
			enter(o, FIN_WAIT_1);
		break;
	case ESTABLISHED:
		enter(o, FIN_WAIT_1);
		break;
	case CLOSE_WAIT:
		enter(o, LAST_ACK);
		break;
	default:
		return;
	}
	o->send.fin = o->send.queued;
}

/* RFC 9293 3.10.5. */
static void user_aborts(struct oracle *o)
{
	bool tell = any_of(o->state, RECEIVING_STATES | BIT_OF(CLOSE_WAIT) |
					     BIT_OF(SYN_RECEIVED));

	if (o->state == CLOSED)
		return;
	enter(o, CLOSED);
	if (!tell)
		return;
	o->aborts = true;
	owe(o, OWED_RESET, 0, "ABORT sends a reset (RFC 9293 3.10.5)");
}

/* RFC 9293 3.10.3: what is delivered is what was sent. */
static void user_receives(struct oracle *o, const struct event *e)
{
	struct receiving *r = &o->receive;
	const uint8_t *held;
	size_t i;

	o->pure_acks++;
	if (r->taken + e->n > (int64_t)deliverable(o) + 1) {
		object(o,
		       "the user takes %u octets where there are %u (RFC 9293 3.10.3)",
		       e->n, deliverable(o) + 1 - (uint32_t)r->taken);
		return;
	}
	for (i = 0; e->octets && i < e->len; i++) {
		held = octets_see(&r->text, r->taken + i);
		if (*held != e->octets[i] &&
		    !runs_touch(&r->doubtful, r->taken + i, r->taken + i + 1)) {
			object(o,
			       "octet %llu of the stream arrived as 0x%02x and is delivered as 0x%02x (RFC 9293 3.10.3)",
			       (unsigned long long)(r->taken - 1 + i), *held,
			       e->octets[i]);
			return;
		}
	}
	r->taken += e->n;
	runs_remove(&r->doubtful, 0, r->taken);
	octets_forget(&r->text, r->taken);
}

static void icmp(struct oracle *o, const struct event *e)
{
	if (o->state == SYN_SENT || o->state == SYN_RECEIVED)
		o->may_close = true;
	/* Fragmentation needed, or its time-outs start anew (RFC 6069). */
	if (e->n == (3U << 8 | 4))
		flight_too_big(o);
	o->send.heard = true;
	o->send.reverted = true;
}

static bool gives_up(struct oracle *o)
{
	const struct sending *s = &o->send;
	uint64_t r2 = any_of(o->state, SENDING_STATES) ? 100 * SECOND :
							 180 * SECOND;

	if (!s->wnd && s->iss_known && !s->unprobed && !o->orphan &&
	    any_of(o->state, SENDING_STATES))
		return false;
	if (s->keep_probes) {
		o->aborts = true;
		return true;
	}
	if (!s->nr_pieces || s->pieces[0].sends < 2)
		return false;
	return !o->strict || o->now - s->pieces[0].first_us >= r2;
}

/* May it enter CLOSED without an arrival or a call that says so? */
static bool may_end(struct oracle *o)
{
	if (o->may_close)
		return true;
	switch (o->state) {
	case TIME_WAIT:
		return o->now - o->time_wait_us >=
		       (o->strict ? TWO_MSL : TWO_MSL_HERE);
	case FIN_WAIT_2:
		if (!o->orphan)
			break;
		o->aborts = true;
		return true;
	case LISTEN:
		return o->passive;
	default:
		break;
	}
	return gives_up(o);
}

/* States that may be entered or not. */
static bool may_enter(struct oracle *o, enum state state)
{
	if (state == CLOSED)
		return may_end(o);
	if (state == FIN_WAIT_1)
		return o->state == SYN_RECEIVED && o->send.fin;
	if (state != CLOSE_WAIT && state != CLOSING && state != TIME_WAIT)
		return false;
	/* Then the FIN that perhaps had no room was taken. */
	if (receive_most(o) == o->receive.nxt)
		return false;
	receive_up_to(o, receive_most(o));
	return o->state == state;
}

static bool on_the_path(struct oracle *o, enum state state)
{
	unsigned int i;

	for (i = o->nr_told; i < o->nr_path; i++) {
		if (o->path[i] == state) {
			o->nr_told = i + 1;
			return true;
		}
	}
	return o->nr_told == o->nr_path && o->state == state;
}

static void says_state(struct oracle *o, const char *text)
{
	enum state state = CLOSED;

	while (state < STATES && strcmp(names[state], text))
		state++;
	if (state == STATES) {
		object(o, "there is no state %s (RFC 9293 3.3.2)", text);
		return;
	}
	o->tells_state = true;
	o->told = state;
	if (on_the_path(o, state))
		return;
	if (!may_enter(o, state))
		object(o, "it says %s for no reason (RFC 9293 3.10)", text);
	else if (o->state != state)
		enter(o, state);
	o->nr_told = o->nr_path;
}

static void says_delivered(struct oracle *o, uint32_t n)
{
	int64_t most_of_it = receive_most(o);

	o->tells_delivered = true;
	if (n > deliverable(o) && (int64_t)n + 1 <= most_of_it)
		receive_evidence(o, (int64_t)n + 1);
	if (n != deliverable(o))
		object(o,
		       "it says that %u octets can be read where %u have come in order (RFC 9293 3.10.7.4, seventh)",
		       n, deliverable(o));
	o->delivered = n;
}

static void says_acked(struct oracle *o, uint32_t n)
{
	o->tells_acked = true;
	if (n != acknowledged(o))
		object(o,
		       "it says that %u octets have arrived where %u are acknowledged (RFC 9293 3.10.7.4, fifth)",
		       n, acknowledged(o));
	o->acknowledged = n;
}

/* What the end brings about by itself; all else begins something. */
static bool answer(struct oracle *o, const struct event *e)
{
	switch (e->kind) {
	case EVENT_SENDS:
		oracle_sends(o, e);
		return true;
	case EVENT_STATE:
		says_state(o, e->text);
		return true;
	case EVENT_DELIVERED:
		says_delivered(o, e->n);
		return true;
	case EVENT_ACKED:
		says_acked(o, e->n);
		return true;
	case EVENT_IDLE:
		return true;
	default:
		return false;
	}
}

static void opens(struct oracle *o, enum state state)
{
	if (o->state != CLOSED || o->send.iss_known)
		object(o, "opened twice (RFC 9293 3.10.1)");
	o->passive = state == LISTEN;
	o->send.syn_us = o->passive ? 0 : o->now;
	enter(o, state);
}

const char *oracle_event(struct oracle *o, const struct event *e)
{
	time_passes(o, e->us);
	if (answer(o, e))
		return o->wrong[0] ? o->wrong : NULL;
	begin(o);
	switch (e->kind) {
	case EVENT_OPEN_ACTIVE:
		opens(o, SYN_SENT);
		break;
	case EVENT_OPEN_PASSIVE:
		opens(o, LISTEN);
		break;
	case EVENT_SEND:
		if (o->send.fin)
			object(o, "SEND after CLOSE (RFC 9293 3.10.2)");
		o->send.queued += e->n;
		break;
	case EVENT_URGENT:
		o->send.up = o->send.queued;
		break;
	case EVENT_RECEIVE:
		user_receives(o, e);
		break;
	case EVENT_DEAF:
		o->deaf = true;
		break;
	case EVENT_CLOSE:
		o->orphan = true;
		user_closes(o);
		break;
	case EVENT_SHUTDOWN:
		user_closes(o);
		break;
	case EVENT_ABORT:
		user_aborts(o);
		break;
	case EVENT_ARRIVES:
		oracle_arrives(o, e);
		o->no_room = false;
		break;
	case EVENT_ICMP:
		icmp(o, e);
		break;
	case EVENT_PRUNED:
		blocks_pruned(o,
			      position(e->n, o->receive.irs, o->receive.nxt));
		break;
	case EVENT_NO_ROOM:
		o->no_room = true;
		break;
	default:
		object(o, "event %d is not known", e->kind);
	}
	return o->wrong[0] ? o->wrong : NULL;
}

struct oracle *oracle_new(void)
{
	struct oracle *o = calloc(1, sizeof(*o));

	if (!o)
		abort();
	o->send.queued = 1;
	o->receive.taken = 1;
	o->send.text.at = 1;
	o->receive.text.at = 1;
	return o;
}

void oracle_strict(struct oracle *o)
{
	o->strict = true;
}

void oracle_free(struct oracle *o)
{
	if (!o)
		return;
	flight_free(o);
	octets_free(&o->send.text);
	octets_free(&o->receive.text);
	runs_free(&o->receive.sure);
	runs_free(&o->receive.maybe);
	runs_free(&o->receive.doubtful);
	free(o);
}
