// SPDX-License-Identifier: GPL-2.0
/* Traces written by hand: see trace.h. */
#include <stddef.h>
#include "trace.h"

void trace_begin(struct trace *t, bool strict)
{
	t->o = oracle_new();
	t->us = 1000000;
	if (strict)
		oracle_strict(t->o);
}

void trace_end(struct trace *t)
{
	oracle_free(t->o);
}

const char *trace_tell(struct trace *t, enum event_kind kind, uint32_t n)
{
	struct event e = { .us = t->us, .kind = kind, .n = n };

	/* Where a number of the peer's is asked for. */
	if (kind == EVENT_PRUNED)
		e.n += TRACE_IRS;
	return oracle_event(t->o, &e);
}

const char *trace_state(struct trace *t, const char *state)
{
	struct event e = { .us = t->us, .kind = EVENT_STATE, .text = state };

	return oracle_event(t->o, &e);
}

static uint8_t text_at(uint32_t n, bool twist)
{
	return n * 2654435761U >> 13 ^ (twist ? 0xff : 0);
}

static uint8_t *put16(uint8_t *p, unsigned int n)
{
	p[0] = n >> 8;
	p[1] = n & 0xff;
	return p + 2;
}

static uint8_t *put32(uint8_t *p, uint32_t n)
{
	return put16(put16(p, n >> 16), n & 0xffff);
}

static uint8_t *put_options(uint8_t *p, const struct seg *seg, uint32_t isn)
{
	unsigned int i;

	if (seg->mss)
		p = put16(put16(p, 0x0204), seg->mss);
	if (seg->scale)
		p = put32(p, 0x01030300U + seg->scale - 1);
	if (seg->sack_ok)
		p = put32(p, 0x01010402U);
	if (seg->ts)
		p = put32(put32(put32(p, 0x0101080aU), seg->val), seg->ecr);
	if (seg->nr)
		p = put32(p, 0x01010502U + 8 * seg->nr);
	for (i = 0; i < seg->nr; i++)
		p = put32(put32(p, isn + seg->sack[i][0]),
			  isn + seg->sack[i][1]);
	return p;
}

/* A segment of ours with EVENT_SENDS, else one of the peer's. */
const char *trace_seg(struct trace *t, enum event_kind kind, struct seg seg)
{
	bool ours = kind == EVENT_SENDS;
	uint32_t mine = ours ? TRACE_ISS : TRACE_IRS;
	uint32_t theirs = ours ? TRACE_IRS : TRACE_ISS;
	uint8_t octets[3000], *p = octets;
	struct event e = { .us = t->us, .kind = kind, .octets = octets };
	unsigned int i;

	p = put16(p, (ours ? 40000 : 80) + seg.sport);
	p = put16(p, ours ? 80 : 40000);
	p = put32(p, mine + seg.seq);
	p = put32(p, seg.flags & A ? theirs + seg.ack : 0);
	p += 2;
	p = put16(p, seg.wnd);
	p = put16(p, 0);
	p = put16(p, seg.urg);
	p = put_options(p, &seg, theirs);
	octets[12] = (p - octets) / 4 * 16 + seg.reserved;
	octets[13] = seg.flags;
	for (i = 0; i < seg.len; i++)
		*p++ = text_at(seg.seq + !!(seg.flags & S) + i, seg.twist);
	e.len = p - octets;
	return oracle_event(t->o, &e);
}

/* The user reads @n octets, the first of them the peer's @first. */
const char *trace_read(struct trace *t, uint32_t first, uint32_t n, bool twist)
{
	uint8_t octets[3000];
	struct event e = { .us = t->us,
			   .kind = EVENT_RECEIVE,
			   .n = n,
			   .octets = octets,
			   .len = n };
	uint32_t i;

	for (i = 0; i < n; i++)
		octets[i] = text_at(first + i, twist);
	return oracle_event(t->o, &e);
}
