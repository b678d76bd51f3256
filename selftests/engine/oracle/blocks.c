// SPDX-License-Identifier: GPL-2.0
/* The SACK blocks that the end sends: RFC 2018 section 4, RFC 2883 section 4. */
#include "model.h"

static void remember(struct receiving *r, int64_t start, int64_t end,
		     bool certain)
{
	struct duplicate *d = &r->duplicates[r->nr_duplicates];
	size_t i;

	if (start >= end || r->nr_duplicates == DUPLICATES)
		return;
	*d = (struct duplicate){ .most = { start, end } };
	if (certain)
		d->least = d->most;
	for (i = 0; i < r->sure.nr && !d->least.end; i++) {
		struct run *s = &r->sure.run[i];

		if (s->start < end && s->end > start)
			d->least = (struct run){ most(start, s->start),
						 least(end, s->end) };
	}
	r->nr_duplicates++;
}

/**
 * blocks_duplicate() - text arrived; what of it did before?
 * @o: the oracle
 * @start: its first position
 * @end: the one after the last
 */
void blocks_duplicate(struct oracle *o, int64_t start, int64_t end)
{
	struct receiving *r = &o->receive;
	size_t i;

	remember(r, start, least(end, r->nxt), true);
	for (i = 0; i < r->maybe.nr; i++)
		remember(r, most(start, r->maybe.run[i].start),
			 least(end, r->maybe.run[i].end), false);
}

/**
 * blocks_pruned() - what came out of order is thrown away: RFC 2018 section 8
 * @o: the oracle
 * @from: from here on
 */
void blocks_pruned(struct oracle *o, int64_t from)
{
	struct receiving *r = &o->receive;
	unsigned int i, n = 0;

	if (from <= r->nxt) {
		object(o,
		       "position %lld is thrown away, all before %lld is acknowledged (RFC 2018 8)",
		       (long long)from, (long long)r->nxt);
		return;
	}
	runs_remove(&r->sure, from, INT64_MAX);
	runs_remove(&r->maybe, from, INT64_MAX);
	if (r->fin >= from)
		r->fin = 0;
	if (r->last.end > from)
		r->last = (struct run){ 0, 0 };
	for (i = 0; i < r->nr_duplicates; i++)
		if (r->duplicates[i].most.end <= from)
			r->duplicates[n++] = r->duplicates[i];
	r->nr_duplicates = n;
}

/* All of what came twice, as far as that is certain. */
static bool is_duplicate(const struct receiving *r, struct run b)
{
	unsigned int i;

	for (i = 0; i < r->nr_duplicates; i++) {
		const struct duplicate *d = &r->duplicates[i];
		struct run least = d->least;

		if (b.start >= d->most.start && b.end <= d->most.end &&
		    (!least.end ||
		     (b.start <= least.start && b.end >= least.end)))
			return true;
	}
	return false;
}

/* RFC 2883: below the ACK, or in the second block. */
static bool says_duplicate(const struct run *b, unsigned int nr, int64_t ack)
{
	return b[0].end <= ack ||
	       (nr > 1 && b[0].start >= b[1].start && b[0].end <= b[1].end);
}

/* RFC 2018 section 3: held, and what is on both sides of it is not. */
static void check_block(struct oracle *o, struct run b)
{
	const struct receiving *r = &o->receive;

	if (b.start >= b.end || b.start <= r->nxt)
		object(o,
		       "a SACK block from %lld to %lld, with RCV.NXT at %lld (RFC 2018 3)",
		       (long long)b.start, (long long)b.end, (long long)r->nxt);
	else if (!runs_have(&r->maybe, b.start, b.end))
		object(o,
		       "a SACK block from %lld to %lld, not all of which has arrived and is held (RFC 2018 3)",
		       (long long)b.start, (long long)b.end);
	else if (runs_touch(&r->sure, b.start - 1, b.start) ||
		 runs_touch(&r->sure, b.end, b.end + 1))
		object(o,
		       "a SACK block from %lld to %lld, beside which more is held (RFC 2018 3)",
		       (long long)b.start, (long long)b.end);
}

/* RFC 2018 section 4: first the one with the segment that it answers. */
static void check_first(struct oracle *o, const struct run *b, unsigned int nr)
{
	const struct receiving *r = &o->receive;

	if (!r->sure.nr)
		return;
	if (!nr)
		object(o,
		       "no SACK block, though text is held above a hole (RFC 2018 4)");
	else if (r->last.end &&
		 runs_have(&r->sure, r->last.start, r->last.end) &&
		 (b->start > r->last.start || b->end < r->last.end))
		object(o,
		       "the first SACK block is from %lld to %lld, and what arrived last is %lld to %lld (RFC 2018 4)",
		       (long long)b->start, (long long)b->end,
		       (long long)r->last.start, (long long)r->last.end);
}

/**
 * blocks_sent() - the SACK blocks of a segment that is sent
 * @o: the oracle
 * @seg: the segment, with an ACK
 * @ack: what it acknowledges
 */
void blocks_sent(struct oracle *o, const struct wire *seg, int64_t ack)
{
	struct receiving *r = &o->receive;
	unsigned int i, nr = seg->option.nr_blocks, first = 0;
	struct run b[WIRE_BLOCKS];

	if (!uses_sack(o)) {
		if (nr)
			object(o,
			       "SACK blocks, which not both SYNs permit (RFC 2018 2)");
		return;
	}
	for (i = 0; i < nr; i++)
		b[i] = (struct run){
			position(seg->option.left[i], r->irs, r->nxt),
			position(seg->option.right[i], r->irs, r->nxt),
		};
	if (nr && says_duplicate(b, nr, ack)) {
		if (!is_duplicate(r, b[0]))
			object(o,
			       "a D-SACK block from %lld to %lld, which is not what arrived twice just now (RFC 2883 4)",
			       (long long)b[0].start, (long long)b[0].end);
		first = 1;
	}
	for (i = first; i < nr; i++) {
		check_block(o, b[i]);
		/* It says so itself. */
		runs_add(&r->sure, b[i].start, b[i].end);
	}
	check_first(o, b + first, nr - first);
	r->nr_duplicates = 0;
	r->last = (struct run){ 0, 0 };
}
