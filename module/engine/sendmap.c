// SPDX-License-Identifier: GPL-2.0
/*
 * What is in flight. The ranges in tcb->sendmap cover [snd_una, snd_nxt)
 * without gaps; tcb->sacked, lost and retrans are sums over them:
 *
 *	sacked	  = SACKED ranges (or what duplicate ACKs stand for)
 *	lost	  = LOST ranges, sent again or not
 *	retrans	  = RETRANS ranges, known to be lost or not
 *	to_resend = ranges that are LOST and not RETRANS
 *
 * so that RFC 6675's pipe costs three additions (atcp_pipe()).
 */
#include "sendmap.h"
#include "seq.h"

#define DUP_THRESH 3U

static void account(struct atcp_tcb *tcb, const struct atcp_range *r, u32 sign)
{
	u32 len = (r->end - r->seq) * sign;

	if (r->flags & ATCP_RANGE_SACKED)
		tcb->sacked += len;
	if (r->flags & ATCP_RANGE_LOST)
		tcb->lost += len;
	if (r->flags & ATCP_RANGE_RETRANS)
		tcb->retrans += len;
	else if (r->flags & ATCP_RANGE_LOST)
		tcb->to_resend += len;
}

static void set_flags(struct atcp_tcb *tcb, struct atcp_range *r, u8 flags)
{
	account(tcb, r, -1);
	r->flags = flags;
	account(tcb, r, 1);
}

/**
 * atcp_sendmap_split() - cut a range in two
 * @tcb: the connection
 * @r: the range; keeps what is before @seq
 * @seq: where to cut, strictly inside @r
 *
 * Return: the second part; NULL with nothing changed if the pool is empty.
 */
struct atcp_range *atcp_sendmap_split(struct atcp_tcb *tcb,
				      struct atcp_range *r, u32 seq)
{
	struct atcp_range *right =
		atcp_range_split(&tcb->sendmap, &tcb->pool, r, seq);

	if (right)
		tcb->nr_ranges++;
	return right;
}

static void free_range(struct atcp_tcb *tcb, struct atcp_range *r)
{
	atcp_range_free(&tcb->sendmap, &tcb->pool, r);
	tcb->nr_ranges--;
}

/**
 * atcp_sendmap_sent() - note that [snd_nxt, @end) is sent for the first time
 * @tcb: the connection
 * @end: the new SND.NXT
 * @now: the time
 * @flags: ATCP_RANGE_PROBE or 0
 *
 * With an empty pool the last range grows instead, which only makes its RTT
 * unusable. There must be one or the other: atcp_sendmap_has_room().
 */
void atcp_sendmap_sent(struct atcp_tcb *tcb, u32 end, u64 now, u8 flags)
{
	struct atcp_range *r = atcp_pool_get(&tcb->pool);

	if (likely(r)) {
		r->seq = tcb->snd_nxt;
		r->end = end;
		r->sent_us = now;
		r->flags = flags;
		/* Its first octet may have been a withdrawn probe. */
		r->sends = seq_lt(tcb->snd_nxt, tcb->snd_max) ? 2 : 1;
		atcp_range_insert(&tcb->sendmap, r);
		tcb->nr_ranges++;
	} else {
		r = atcp_range_last(&tcb->sendmap);
		account(tcb, r, -1);
		r->end = end;
		r->flags &= ~ATCP_RANGE_SACKED;
		r->sends = 2;
		account(tcb, r, 1);
	}
	tcb->snd_nxt = end;
	tcb->snd_max = seq_max(tcb->snd_max, end);
}

/**
 * atcp_sendmap_resent() - note that a range is sent again
 * @tcb: the connection
 * @r: the range
 * @now: the time
 */
void atcp_sendmap_resent(struct atcp_tcb *tcb, struct atcp_range *r, u64 now)
{
	if (r->flags & ATCP_RANGE_LOST)
		set_flags(tcb, r, r->flags | ATCP_RANGE_RETRANS);
	r->sent_us = now;
	if (r->sends < U8_MAX)
		r->sends++;
}

/* Octets of one range, as the segments that the network saw. */
static u32 segments(const struct atcp_tcb *tcb, u32 octets)
{
	return likely(octets <= tcb->mss) ? 1 : DIV_ROUND_UP(octets, tcb->mss);
}

/* RFC 6298 section 3 (Karn): only what was sent once says when. */
static void sample(struct atcp_acked *acked, const struct atcp_range *r,
		   u64 now)
{
	if (r->sends == 1)
		acked->rtt_us = max_t(u64, now - r->sent_us, 1);
}

/**
 * atcp_sendmap_ack() - a cumulative acknowledgment
 * @tcb: the connection
 * @ack: SEG.ACK, in (snd_una, snd_nxt]
 * @now: the time
 * @acked: what it acknowledged is added here
 *
 * Moves SND.UNA and forgets the ranges before it. A range that @ack cuts is
 * shortened in place, which needs no record.
 */
void atcp_sendmap_ack(struct atcp_tcb *tcb, u32 ack, u64 now,
		      struct atcp_acked *acked)
{
	struct atcp_range *r;

	while ((r = atcp_range_first(&tcb->sendmap)) && seq_lt(r->seq, ack)) {
		/* What SACK had reported was counted then. */
		if (!(r->flags & ATCP_RANGE_SACKED)) {
			u32 octets = seq_min(r->end, ack) - r->seq;

			sample(acked, r, now);
			acked->octets += octets;
			tcb->tally.delivered += segments(tcb, octets);
		}
		account(tcb, r, -1);
		if (seq_gt(r->end, ack)) {
			r->seq = ack;
			account(tcb, r, 1);
			break;
		}
		free_range(tcb, r);
	}
	tcb->snd_una = ack;
}

/* For a peer's SACK: see ATCP_RANGES_MAX. */
static struct atcp_range *split_for_sack(struct atcp_tcb *tcb,
					 struct atcp_range *r, u32 seq)
{
	if (unlikely(tcb->nr_ranges >= ATCP_RANGES_MAX))
		return NULL;
	return atcp_sendmap_split(tcb, r, seq);
}

/*
 * Mark [start, end) of the map SACKed, cutting ranges at its edges. What cannot
 * be cut is left as it is: SACK is advisory (RFC 2018 section 8).
 */
static void sack_block(struct atcp_tcb *tcb, u32 start, u32 end, u64 now,
		       struct atcp_acked *acked)
{
	struct atcp_range *r = atcp_range_find(&tcb->sendmap, start);

	for (; r && seq_lt(r->seq, end); r = atcp_range_next(r)) {
		if (r->flags & ATCP_RANGE_SACKED)
			continue;
		if (seq_lt(r->seq, start)) {
			struct atcp_range *right =
				split_for_sack(tcb, r, start);

			if (!right)
				continue;
			r = right;
		}
		if (seq_gt(r->end, end) && !split_for_sack(tcb, r, end))
			return;
		sample(acked, r, now);
		tcb->tally.delivered += segments(tcb, r->end - r->seq);
		acked->octets += r->end - r->seq;
		set_flags(tcb, r, ATCP_RANGE_SACKED);
	}
}

/**
 * atcp_sendmap_sack() - the SACK blocks of an acknowledgment, RFC 2018
 * @tcb: the connection
 * @seg: the segment; its SEG.ACK was processed before
 * @now: the time
 * @acked: what is newly SACKed is added here
 *
 * Blocks outside (SND.UNA, SND.NXT], also those that report duplicates (RFC
 * 2883), are skipped.
 */
void atcp_sendmap_sack(struct atcp_tcb *tcb, const struct atcp_segment *seg,
		       u64 now, struct atcp_acked *acked)
{
	unsigned int i;

	for (i = 0; i < seg->nr_sacks; i++) {
		const struct atcp_sack_block *b = &seg->sacks[i];

		if (seq_lt(b->start, b->end) &&
		    seq_gt(b->start, tcb->snd_una) &&
		    seq_leq(b->end, tcb->snd_nxt))
			sack_block(tcb, b->start, b->end, now, acked);
	}
}

/**
 * atcp_sendmap_mark_lost() - a range is believed to have left the network
 * @tcb: the connection
 * @r: the range; if the receiver SACKed it, it has reneged
 */
void atcp_sendmap_mark_lost(struct atcp_tcb *tcb, struct atcp_range *r)
{
	u8 held = ATCP_RANGE_RETRANS | ATCP_RANGE_SACKED;

	if (!tcb->to_resend || seq_lt(r->seq, tcb->resend_from))
		tcb->resend_from = r->seq;
	set_flags(tcb, r, (r->flags | ATCP_RANGE_LOST) & ~held);
}

/**
 * atcp_sendmap_all_lost() - after a time-out, nothing is in flight
 * @tcb: the connection
 *
 * What the receiver SACKed stays so (RFC 6675 section 5.1 allows it, and the
 * cumulative ACK corrects a receiver that reneged only after its own
 * time-out, when the head is sent again whatever its mark).
 */
void atcp_sendmap_all_lost(struct atcp_tcb *tcb)
{
	struct atcp_range *r = atcp_range_first(&tcb->sendmap);

	/* A head that is SACKed but not acknowledged means reneging. */
	if (r && (r->flags & ATCP_RANGE_SACKED))
		for (; r; r = atcp_range_next(r))
			set_flags(tcb, r, r->flags & ~ATCP_RANGE_SACKED);

	for (r = atcp_range_first(&tcb->sendmap); r; r = atcp_range_next(r))
		if (!(r->flags & ATCP_RANGE_SACKED))
			atcp_sendmap_mark_lost(tcb, r);
	if (!(tcb->use & ATCP_USE_SACK))
		tcb->sacked = 0;
}

/**
 * atcp_sendmap_detect_lost() - RFC 6675 IsLost() over the whole map
 * @tcb: the connection, which uses SACK
 *
 * A range is lost once more than (DupThresh - 1) * SMSS octets above it are
 * SACKed. The walk starts at the highest range and ends at the first that is
 * marked already, below which all were.
 *
 * Return: true if a range was newly marked.
 */
bool atcp_sendmap_detect_lost(struct atcp_tcb *tcb)
{
	struct atcp_range *r = atcp_range_last(&tcb->sendmap);
	u32 above = 0;
	bool found = false;

	for (; r; r = atcp_range_prev(r)) {
		if (r->flags & ATCP_RANGE_SACKED) {
			above += r->end - r->seq;
		} else if (above > (DUP_THRESH - 1) * tcb->mss) {
			if (r->flags & ATCP_RANGE_LOST)
				break;
			/* The last resort was right, and sent it already. */
			if (r->flags & ATCP_RANGE_RETRANS)
				set_flags(tcb, r, r->flags | ATCP_RANGE_LOST);
			else
				atcp_sendmap_mark_lost(tcb, r);
			found = true;
		}
	}
	return found;
}

/*
 * RFC 9293 section 3.8.6.2: SACK may have cut what is lost into octets, which
 * are not sent again as such. What follows @r with the same fate joins it, as
 * far as it fits whole, into the window as well.
 */
static void join_following(struct atcp_tcb *tcb, struct atcp_range *r, u32 max)
{
	u32 edge = tcb->snd_una + tcb->snd_wnd;
	struct atcp_range *next;

	while ((next = atcp_range_next(r)) && next->flags == r->flags &&
	       next->end - r->seq <= max && seq_leq(next->end, edge)) {
		r->sends = max(r->sends, next->sends);
		r->end = next->end;
		free_range(tcb, next);
	}
}

/**
 * atcp_sendmap_next_lost() - what to retransmit next
 * @tcb: the connection
 * @max: most octets that one segment takes
 *
 * Return: the lowest range that is lost and not sent again yet, cut to @max or
 * joined up to it (uncut if the pool is empty: the caller sends its first @max
 * octets, and the time-out brings the rest); NULL if there is none.
 */
struct atcp_range *atcp_sendmap_next_lost(struct atcp_tcb *tcb, u32 max)
{
	struct atcp_range *r;

	if (!tcb->to_resend)
		return NULL;
	r = atcp_range_find(&tcb->sendmap,
			    seq_max(tcb->resend_from, tcb->snd_una));
	while (r && (r->flags & (ATCP_RANGE_LOST | ATCP_RANGE_RETRANS)) !=
			    ATCP_RANGE_LOST)
		r = atcp_range_next(r);
	if (!r)
		return NULL;
	tcb->resend_from = r->seq;
	if (r->end - r->seq > max)
		atcp_sendmap_split(tcb, r, r->seq + max);
	else
		join_following(tcb, r, max);
	return r;
}

/**
 * atcp_sendmap_last_resort() - what else might be worth sending again
 * @tcb: the connection, in recovery with SACK
 * @max: most octets that one segment takes
 *
 * RFC 6675 NextSeg() when nothing is known to be lost and nothing new can be
 * sent. Rule 3: the first octets that were not sent again yet, with something
 * SACKed above. Rule 4: once in a recovery, after its first retransmission was
 * acknowledged, the last octets that were not SACKed; they do not count as sent
 * again.
 *
 * Return: a range of at most @max octets, or NULL.
 */
struct atcp_range *atcp_sendmap_last_resort(struct atcp_tcb *tcb, u32 max)
{
	struct atcp_range *r = atcp_range_last(&tcb->sendmap);
	struct atcp_range *hole = NULL, *tail = NULL;
	bool sacked = false;

	for (; r; r = atcp_range_prev(r)) {
		if (r->flags & ATCP_RANGE_SACKED) {
			sacked = true;
			continue;
		}
		if (!tail)
			tail = r;
		if (r->flags & (ATCP_RANGE_LOST | ATCP_RANGE_RETRANS))
			break;
		if (sacked)
			hole = r;
	}
	if (hole) {
		if (hole->end - hole->seq > max &&
		    !atcp_sendmap_split(tcb, hole, hole->seq + max))
			return NULL;
		set_flags(tcb, hole, hole->flags | ATCP_RANGE_RETRANS);
		return hole;
	}
	if (!tail || seq_leq(tcb->snd_una, tcb->rescue))
		return NULL;
	if (tail->end - tail->seq > max)
		tail = atcp_sendmap_split(tcb, tail, tail->end - max);
	if (tail)
		tcb->rescue = tcb->recover;
	return tail;
}

/**
 * atcp_sendmap_recovered() - a recovery has ended
 * @tcb: the connection
 *
 * What its last resort sent again, not knowing of a loss, may be lost in the
 * next one.
 */
void atcp_sendmap_recovered(struct atcp_tcb *tcb)
{
	u8 both = ATCP_RANGE_LOST | ATCP_RANGE_RETRANS;
	struct atcp_range *r;

	if (tcb->retrans == tcb->lost - tcb->to_resend)
		return;
	for (r = atcp_range_first(&tcb->sendmap); r; r = atcp_range_next(r))
		if ((r->flags & both) == ATCP_RANGE_RETRANS)
			set_flags(tcb, r, r->flags & ~ATCP_RANGE_RETRANS);
}

/**
 * atcp_sendmap_withdraw_probe() - the window opened above an unanswered probe
 * @tcb: the connection
 *
 * Its octet goes out again as the first of a full segment, rather than alone
 * as a retransmission. SND.MAX remembers that it was sent, since its late
 * acknowledgment is still valid.
 */
void atcp_sendmap_withdraw_probe(struct atcp_tcb *tcb)
{
	struct atcp_range *r = atcp_range_last(&tcb->sendmap);

	if (!r || !(r->flags & ATCP_RANGE_PROBE) || r->seq != tcb->snd_una)
		return;
	account(tcb, r, -1);
	tcb->snd_nxt = r->seq;
	free_range(tcb, r);
}
