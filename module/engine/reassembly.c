// SPDX-License-Identifier: GPL-2.0
/*
 * What arrived above RCV.NXT. Ranges that touch are merged, so their number
 * is that of the holes; the owner keeps the payload and finds it by sequence
 * number.
 */
#include "reassembly.h"
#include "seq.h"

static bool has_sack(const struct atcp_tcb *tcb, u32 start)
{
	unsigned int i;

	for (i = 0; i < tcb->nr_sacks; i++)
		if (tcb->sacks[i].start == start)
			return true;
	return false;
}

/*
 * RFC 2018 section 4: as many blocks as there is room for. What others pushed
 * out of the list comes back once they are gone; the lowest are filled next.
 */
static void refill_sacks(struct atcp_tcb *tcb)
{
	const struct atcp_range *r = atcp_range_first(&tcb->reassembly);

	for (; r && tcb->nr_sacks < ATCP_SACK_MAX; r = atcp_range_next(r))
		if (!has_sack(tcb, r->seq))
			tcb->sacks[tcb->nr_sacks++] =
				(struct atcp_sack_block){ r->seq, r->end };
}

/* RFC 2018 section 4: the block that just changed comes first. */
static void remember_sack(struct atcp_tcb *tcb, u32 start, u32 end)
{
	struct atcp_sack_block keep[ATCP_SACK_MAX];
	unsigned int i, n = 0;

	keep[n++] = (struct atcp_sack_block){ start, end };
	for (i = 0; i < tcb->nr_sacks && n < ATCP_SACK_MAX; i++)
		if (seq_lt(tcb->sacks[i].end, start) ||
		    seq_gt(tcb->sacks[i].start, end))
			keep[n++] = tcb->sacks[i];
	memcpy(tcb->sacks, keep, n * sizeof(keep[0]));
	tcb->nr_sacks = n;
	refill_sacks(tcb);
}

static void forget_sacks(struct atcp_tcb *tcb)
{
	unsigned int i, n = 0;

	for (i = 0; i < tcb->nr_sacks; i++)
		if (seq_gt(tcb->sacks[i].start, tcb->rcv_nxt))
			tcb->sacks[n++] = tcb->sacks[i];
	tcb->nr_sacks = n;
	refill_sacks(tcb);
}

/**
 * atcp_reassembly_overlap() - what arrives, is it held already?
 * @tcb: the connection
 * @start: first sequence number, not below RCV.NXT
 * @end: the one after the last
 * @held: filled in with the first part of it that is
 *
 * Return: true if there is one.
 */
bool atcp_reassembly_overlap(const struct atcp_tcb *tcb, u32 start, u32 end,
			     struct atcp_sack_block *held)
{
	const struct atcp_range *r = atcp_range_find(&tcb->reassembly, start);

	if (!r || seq_geq(r->seq, end))
		return false;
	held->start = seq_max(start, r->seq);
	held->end = seq_min(end, r->end);
	return true;
}

/**
 * atcp_reassembly_add() - note octets that arrived out of order
 * @tcb: the connection
 * @start: first sequence number, above RCV.NXT
 * @end: the one after the last
 *
 * Return: ATCP_DROP_NONE if at least one of them is new and the owner shall
 * keep the payload; ATCP_DROP_OLD_DATA if all are held already;
 * ATCP_DROP_MEMORY if the pool is empty and they join no range that is there.
 */
enum atcp_drop atcp_reassembly_add(struct atcp_tcb *tcb, u32 start, u32 end)
{
	struct atcp_range *r = atcp_range_find(&tcb->reassembly, start - 1);
	struct atcp_range *next;

	if (r && seq_leq(r->seq, end)) {
		if (seq_leq(r->seq, start) && seq_geq(r->end, end)) {
			remember_sack(tcb, r->seq, r->end);
			return ATCP_DROP_OLD_DATA;
		}
		r->seq = seq_min(r->seq, start);
		r->end = seq_max(r->end, end);
	} else {
		r = atcp_pool_get(&tcb->pool);
		if (!r)
			return ATCP_DROP_MEMORY;
		*r = (struct atcp_range){ .seq = start, .end = end };
		atcp_range_insert(&tcb->reassembly, r);
	}
	while ((next = atcp_range_next(r)) && seq_leq(next->seq, r->end)) {
		r->end = seq_max(r->end, next->end);
		atcp_range_free(&tcb->reassembly, &tcb->pool, next);
	}
	remember_sack(tcb, r->seq, r->end);
	return ATCP_DROP_NONE;
}

/**
 * atcp_user_pruned() - the owner threw away what came out of order
 * @tcb: the connection
 * @from: first sequence number that it no longer has, above RCV.NXT
 *
 * RFC 2018 section 8: data that was SACKed may be dropped for lack of room, as
 * long as it was not acknowledged; the peer sends it again.
 */
void atcp_user_pruned(struct atcp_tcb *tcb, u32 from)
{
	struct atcp_range *r;
	unsigned int i, n = 0;

	while ((r = atcp_range_last(&tcb->reassembly)) && seq_geq(r->seq, from))
		atcp_range_free(&tcb->reassembly, &tcb->pool, r);
	if (r)
		r->end = seq_min(r->end, from);
	for (i = 0; i < tcb->nr_sacks; i++) {
		struct atcp_sack_block b = tcb->sacks[i];

		b.end = seq_min(b.end, from);
		if (seq_lt(b.start, b.end))
			tcb->sacks[n++] = b;
	}
	tcb->nr_sacks = n;
	refill_sacks(tcb);
	/* What is not held any more was no duplicate. */
	if (seq_gt(tcb->dsack.end, from))
		tcb->use &= ~ATCP_DUPLICATE;
	if (tcb->fin_seq_known && seq_geq(tcb->fin_seq, from))
		tcb->fin_seq_known = false;
}

/**
 * atcp_reassembly_advance() - RCV.NXT moved; take what it now touches
 * @tcb: the connection
 *
 * Return: true if ranges are, or were, waiting above a hole: RFC 5681 section
 * 4.2 wants an immediate ACK then.
 */
bool atcp_reassembly_advance(struct atcp_tcb *tcb)
{
	struct atcp_range *r = atcp_range_first(&tcb->reassembly);

	if (likely(!r))
		return false;
	while (r && seq_leq(r->seq, tcb->rcv_nxt)) {
		tcb->rcv_nxt = seq_max(tcb->rcv_nxt, r->end);
		atcp_range_free(&tcb->reassembly, &tcb->pool, r);
		r = atcp_range_first(&tcb->reassembly);
	}
	forget_sacks(tcb);
	return true;
}
