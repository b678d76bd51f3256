// SPDX-License-Identifier: GPL-2.0
/*
 * What an acknowledgment says about loss. With SACK: RFC 6675, on the octets
 * of the send map. Without: RFC 6582 (NewReno), where each duplicate ACK
 * stands for one segment that arrived, booked in tcb->sacked so that both
 * cases share atcp_pipe().
 */
#include "recovery.h"
#include "congestion.h"
#include "mtu.h"
#include "sendmap.h"
#include "seq.h"

#define DUP_THRESH 3

/* The first segment is what is missing. */
static void mark_head_lost(struct atcp_tcb *tcb)
{
	struct atcp_range *r = atcp_range_first(&tcb->sendmap);

	if (!r || r->flags & ATCP_RANGE_LOST)
		return;
	if (r->end - r->seq > tcb->mss)
		atcp_sendmap_split(tcb, r, r->seq + tcb->mss);
	atcp_sendmap_mark_lost(tcb, r);
	tcb->force_retransmit = true;
}

/* Duplicate ACKs never stand for more than can have arrived. */
static void bound_dup_acked(struct atcp_tcb *tcb)
{
	u32 most = tcb->snd_nxt - tcb->snd_una - tcb->lost;

	if (!(tcb->use & ATCP_USE_SACK) && tcb->sacked > most)
		tcb->sacked = most;
}

/* RFC 5681 3.2 step 2, RFC 6675 section 5 step 4. */
static void enter_fast(struct atcp_tcb *tcb)
{
	atcp_note(tcb, ATCP_NOTE_FAST_RECOVERY);
	tcb->ssthresh = atcp_cong_ssthresh(tcb);
	tcb->cwnd = tcb->ssthresh;
	tcb->cong_acked = 0;
	tcb->recover = tcb->snd_nxt;
	tcb->recovery = ATCP_RECOVERY_FAST;
	tcb->force_retransmit = true;
}

/*
 * RFC 6675 section 5: recovery starts with what IsLost() finds (2b), or with
 * the third ACK that SACKs something new, however small it is (2).
 */
static void take_sack(struct atcp_tcb *tcb, u32 advanced)
{
	bool found = atcp_sendmap_detect_lost(tcb);
	const struct atcp_range *head = atcp_range_first(&tcb->sendmap);

	if (!advanced && tcb->dup_acks < U8_MAX)
		tcb->dup_acks++;
	if (tcb->recovery)
		return;
	if (tcb->dup_acks >= DUP_THRESH)
		mark_head_lost(tcb);
	else if (!found)
		return;
	/* Step 4.3: no rescue before the first retransmission arrived. */
	tcb->rescue = seq_min(head->end, tcb->snd_una + tcb->mss);
	if (!atcp_mtu_lost(tcb))
		enter_fast(tcb);
}

static void leave(struct atcp_tcb *tcb)
{
	/* RFC 6582 3.2 step 3: a full ACK must not release a burst. */
	if (tcb->recovery == ATCP_RECOVERY_FAST)
		tcb->cwnd = min(tcb->ssthresh,
				max(atcp_pipe(tcb), tcb->mss) + tcb->mss);
	atcp_sendmap_recovered(tcb);
	tcb->recovery = ATCP_RECOVERY_NONE;
	if (!(tcb->use & ATCP_USE_SACK))
		tcb->sacked = 0;
}

/**
 * atcp_recovery_ack() - an ACK advanced SND.UNA or SACKed something new
 * @tcb: the connection, whose send map has taken the ACK in
 * @octets: newly acknowledged, cumulatively or by SACK
 * @advanced: octets by which SND.UNA moved
 */
void atcp_recovery_ack(struct atcp_tcb *tcb, u32 octets, u32 advanced)
{
	bool was_fast = tcb->recovery == ATCP_RECOVERY_FAST;
	bool sack = tcb->use & ATCP_USE_SACK;

	if (advanced) {
		tcb->dup_acks = 0;
		if (!sack)
			tcb->sacked -= min(tcb->sacked, advanced);
		if (tcb->recovery && seq_geq(tcb->snd_una, tcb->recover))
			leave(tcb);
		else if (tcb->recovery == ATCP_RECOVERY_FAST && !sack)
			mark_head_lost(tcb);
	}
	if (sack && tcb->sacked)
		take_sack(tcb, advanced);
	bound_dup_acked(tcb);
	if (advanced && tcb->cwnd_limited && !was_fast &&
	    tcb->recovery != ATCP_RECOVERY_FAST)
		atcp_cong_ack(tcb, octets);
}

/**
 * atcp_recovery_dup_ack() - a duplicate ACK from a peer without SACK
 * @tcb: the connection
 *
 * RFC 5681 section 2 defines it, RFC 6582 section 3.2 what follows from it.
 */
void atcp_recovery_dup_ack(struct atcp_tcb *tcb)
{
	if (tcb->dup_acks < U8_MAX)
		tcb->dup_acks++;
	tcb->sacked += tcb->mss;
	bound_dup_acked(tcb);
	if (tcb->recovery || tcb->dup_acks != DUP_THRESH)
		return;
	/* Step 2: duplicates of what was sent again, not of a new loss. */
	if (tcb->snd_una == tcb->recover)
		return;
	mark_head_lost(tcb);
	if (!atcp_mtu_lost(tcb))
		enter_fast(tcb);
	bound_dup_acked(tcb);
}

/**
 * atcp_recovery_timeout() - the retransmission timer expired
 * @tcb: the connection
 *
 * RFC 5681 section 3.1: cwnd becomes the loss window, ssthresh is set on the
 * first time-out only, and everything in flight is lost.
 */
void atcp_recovery_timeout(struct atcp_tcb *tcb)
{
	if (tcb->recovery != ATCP_RECOVERY_TIMEOUT)
		tcb->ssthresh = atcp_cong_ssthresh(tcb);
	tcb->cwnd = tcb->mss;
	tcb->cong_acked = 0;
	tcb->recover = tcb->snd_nxt;
	tcb->recovery = ATCP_RECOVERY_TIMEOUT;
	tcb->dup_acks = 0;
	tcb->mtu.probe_size = 0;
	atcp_sendmap_all_lost(tcb);
	tcb->force_retransmit = true;
}

/**
 * atcp_recovery_probe() - send a range again, though its loss is no congestion
 * @tcb: the connection
 * @r: the first range in flight: a SYN, or what a closed window keeps waiting
 */
void atcp_recovery_probe(struct atcp_tcb *tcb, struct atcp_range *r)
{
	atcp_sendmap_mark_lost(tcb, r);
	bound_dup_acked(tcb);
	tcb->force_retransmit = true;
}

/**
 * atcp_recovery_too_big() - a router refused what is in flight as too big
 * @tcb: the connection, its MSS lowered to what that takes
 *
 * RFC 1191 section 6.4: it is sent again at once, and as that is no congestion,
 * cwnd stays as it is. Ranges of no more than an MSS have got through.
 */
void atcp_recovery_too_big(struct atcp_tcb *tcb)
{
	struct atcp_range *r = atcp_range_first(&tcb->sendmap);

	for (; r; r = atcp_range_next(r))
		if (!(r->flags & ATCP_RANGE_SACKED) &&
		    r->end - r->seq > tcb->mss)
			atcp_sendmap_mark_lost(tcb, r);
	bound_dup_acked(tcb);
}
