// SPDX-License-Identifier: GPL-2.0
/*
 * The twin of the reassembly: an entry for each octet of the window, which says
 * whether it is held.
 */
#include <stdlib.h>
#include <string.h>
#include "tcb.h"
#include "reassembly.h"
#include "seq.h"
#include "steps.h"
#include "twin.h"

#define WINDOW 2000 /* octets, a few more than the steps use */

/**
 * struct pair - the engine's and its twin
 * @tcb: the engine's
 * @params: its limits
 * @base: the sequence number of the first octet
 * @nxt: RCV.NXT, as an octet
 * @held: which are held above it
 * @records: how many the pool was given
 */
struct pair {
	struct atcp_tcb tcb;
	struct atcp_params params;
	u32 base;
	u32 nxt;
	bool held[WINDOW];
	u32 records;
};

static bool all_held(const struct pair *p, u32 start, u32 end)
{
	for (; start < end; start++)
		if (!p->held[start])
			return false;
	return true;
}

/* Is [start, end) held, and neither the octet before it nor the one behind? */
static bool is_run(const struct pair *p, u32 start, u32 end)
{
	return start < end && end < WINDOW && start > p->nxt &&
	       all_held(p, start, end) && !p->held[start - 1] && !p->held[end];
}

static u32 runs(const struct pair *p)
{
	u32 i, n = 0;

	for (i = p->nxt + 1; i < WINDOW; i++)
		n += p->held[i] && !p->held[i - 1];
	return n;
}

static void compare_blocks(const struct pair *p)
{
	const struct atcp_tcb *tcb = &p->tcb;
	u32 i, j, n = min(runs(p), ATCP_SACK_MAX);

	if (tcb->nr_sacks != n)
		twin_differs("%u blocks are told, %u could be", tcb->nr_sacks,
			     n);
	for (i = 0; i < n; i++) {
		u32 start = tcb->sacks[i].start - p->base;
		u32 end = tcb->sacks[i].end - p->base;

		if (!is_run(p, start, end))
			twin_differs("block %u, %u to %u, is no run", i, start,
				     end);
		for (j = 0; j < i; j++)
			if (tcb->sacks[j].start == tcb->sacks[i].start)
				twin_differs("blocks %u and %u are one", j, i);
	}
}

static void compare(const struct pair *p)
{
	const struct atcp_range *r = atcp_range_first(&p->tcb.reassembly);
	u32 n = 0;

	if (p->tcb.rcv_nxt != p->base + p->nxt)
		twin_differs("RCV.NXT is %u, and it is %u",
			     p->tcb.rcv_nxt - p->base, p->nxt);
	for (; r; r = atcp_range_next(r), n++)
		if (!is_run(p, r->seq - p->base, r->end - p->base))
			twin_differs("the range %u to %u is no run",
				     r->seq - p->base, r->end - p->base);
	if (n != runs(p))
		twin_differs("%u ranges, %u runs", n, runs(p));
	compare_blocks(p);
}

/* Text that came above RCV.NXT. */
static void add(struct pair *p, u32 start, u32 end)
{
	bool old = all_held(p, start, end), touches = false, empty;
	const struct atcp_sack_block *first = p->tcb.sacks;
	enum atcp_drop drop;
	u32 i;

	for (i = start - 1; i <= end; i++)
		touches |= p->held[i];
	empty = !p->tcb.pool.count;
	twin_step("add %u to %u%s", start, end, empty ? ", empty pool" : "");
	drop = atcp_reassembly_add(&p->tcb, p->base + start, p->base + end);
	if (drop == ATCP_DROP_MEMORY) {
		if (!empty || touches)
			twin_differs("no memory, and none is needed");
		return;
	}
	if (empty && !touches)
		twin_differs("a record from an empty pool");
	if (drop != (old ? ATCP_DROP_OLD_DATA : ATCP_DROP_NONE))
		twin_differs("verdict %u, and it is %s", drop,
			     old ? "old" : "new");
	for (i = start; i < end; i++)
		p->held[i] = true;
	/* RFC 2018 section 4: the segment that came last is in the first. */
	if (first->start - p->base > start || first->end - p->base < end)
		twin_differs("the first block is %u to %u",
			     first->start - p->base, first->end - p->base);
}

/* Text in order, up to @nxt. */
static void advance(struct pair *p, u32 nxt)
{
	bool waited = runs(p), told;
	u32 i;

	twin_step("in order up to %u", nxt);
	p->tcb.rcv_nxt = p->base + nxt;
	told = atcp_reassembly_advance(&p->tcb);
	while (p->held[nxt])
		nxt++;
	for (i = 0; i < nxt; i++)
		p->held[i] = false;
	p->nxt = nxt;
	if (told != waited)
		twin_differs("it says %u, and something waited: %u", told,
			     waited);
}

static void prune(struct pair *p, u32 from)
{
	twin_step("throw away from %u", from);
	atcp_user_pruned(&p->tcb, p->base + from);
	for (; from < WINDOW; from++)
		p->held[from] = false;
}

/* What of [start, end) is held already, the first part of it? */
static void overlap(struct pair *p, u32 start, u32 end)
{
	struct atcp_sack_block b;
	u32 from = start, to;

	twin_step("look for %u to %u", start, end);
	while (from < end && !p->held[from])
		from++;
	to = from;
	while (to < end && p->held[to])
		to++;
	if (!atcp_reassembly_overlap(&p->tcb, p->base + start, p->base + end,
				     &b)) {
		if (from < end)
			twin_differs("nothing is found, octet %u is held",
				     from);
		return;
	}
	if (b.start - p->base != from || b.end - p->base != to)
		twin_differs("%u to %u is found, not %u to %u",
			     b.start - p->base, b.end - p->base, from, to);
}

static void refill(struct pair *p)
{
	while (p->tcb.pool.count < 2) {
		atcp_pool_put(&p->tcb.pool, malloc(sizeof(struct atcp_range)));
		p->records++;
	}
}

/**
 * twin_reassembly() - text arrives out of order, and in order, and is pruned
 * @data: the first sequence number, then the steps, five octets each
 * @len: octets of @data
 */
void twin_reassembly(const uint8_t *data, size_t len)
{
	struct twin_input in = { data, len };
	struct pair *p = calloc(1, sizeof(*p));
	u32 what, start, size;

	twin_begin();
	p->params = (struct atcp_params)ATCP_PARAMS_DEFAULT;
	atcp_tcb_init(&p->tcb, &p->params);
	p->base = twin_take32(&in);
	p->tcb.rcv_nxt = p->base;
	while (in.left && p->nxt < WINDOW / 2) {
		what = twin_take(&in);
		start = twin_take16(&in) % (WINDOW - p->nxt - 400);
		size = 1 + twin_take16(&in) % 300;
		start += p->nxt + 1;
		/* Every third step or so finds the pool as it was left. */
		if (what % 32 < 20)
			refill(p);
		switch (what / 32) {
		case 0:
			advance(p, p->nxt + 1 + size / 4);
			break;
		case 1:
			prune(p, start);
			break;
		case 2:
			overlap(p, start, start + size);
			break;
		default:
			add(p, start, start + size);
		}
		compare(p);
	}
	twin_end(&p->tcb, p->records);
	free(p);
}
