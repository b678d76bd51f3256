// SPDX-License-Identifier: GPL-2.0
/*
 * Segment arrival in the synchronised states: RFC 9293 section 3.10.7.4, step
 * by step and in its order. A step returns ATCP_DROP_NONE to go on to the
 * next one, or the reason that ends it.
 *
 * CLOSED is in segment.c, LISTEN and passive SYN-RECEIVED in request.c,
 * SYN-SENT in handshake.c, TIME-WAIT in timewait.c.
 */
#include "input.h"
#include "mtu.h"
#include "reassembly.h"
#include "recovery.h"
#include "rtt.h"
#include "sendmap.h"
#include "seq.h"
#include "timer.h"

/* RFC 7323 5.5: a timestamp older than this says nothing any more. */
#define TS_RECENT_VALID_US (24ULL * 24 * 3600 * ATCP_USEC_PER_SEC)

static bool may_answer(struct atcp_tcb *tcb, u64 now)
{
	if (atcp_answered_lately(tcb->params, tcb->oow_ack_us, now)) {
		atcp_note(tcb, ATCP_NOTE_ACK_SKIPPED);
		return false;
	}
	tcb->oow_ack_us = now;
	return true;
}

/*
 * RFC 5961: say where we are, and let a peer that means it try again. The
 * owner has a limit for all connections together (section 7).
 */
static enum atcp_drop challenge(struct atcp_tcb *tcb, u64 now,
				struct atcp_arrival *arrival)
{
	arrival->challenge = may_answer(tcb, now);
	return ATCP_DROP_CHALLENGED;
}

/*
 * RFC 2883 section 4: the first part of [start, end) that was received before
 * is reported in the first SACK block.
 */
static void report_duplicate(struct atcp_tcb *tcb, u32 start, u32 end)
{
	struct atcp_sack_block held;

	if (!(tcb->use & ATCP_USE_SACK) || !tcb->params->dsack)
		return;
	if (seq_lt(start, tcb->rcv_nxt))
		held = (struct atcp_sack_block){ start,
						 seq_min(end, tcb->rcv_nxt) };
	else if (!atcp_reassembly_overlap(tcb, start, end, &held))
		return;
	if (held.start == held.end)
		return;
	tcb->dsack = held;
	tcb->use |= ATCP_DUPLICATE;
}

static void answer_unacceptable(struct atcp_tcb *tcb,
				const struct atcp_segment *seg, u64 now)
{
	if (seg->flags & ATCP_RST)
		return;
	if (seq_lt(seg->seq, tcb->rcv_nxt))
		report_duplicate(tcb, seg->seq, seg->seq + seg->len);
	if (seg->len || (seg->flags & ATCP_FIN) || may_answer(tcb, now))
		tcb->ack_now = true;
}

/* RFC 7323 section 5.3, R1: a segment from the last round of the sequence
 * space has an old timestamp. RSTs are exempt (section 5.2).
 */
static bool paws_reject(const struct atcp_tcb *tcb,
			const struct atcp_segment *seg, u64 now)
{
	return (s32)(seg->tsval - tcb->ts_recent) < 0 &&
	       now - tcb->ts_recent_us < TS_RECENT_VALID_US &&
	       !(seg->flags & ATCP_RST);
}

/*
 * First: the sequence number. Beyond the RFC's four cases an ACK or a FIN is
 * also taken if it starts at the very right edge of the window: a peer that
 * filled the window sends from there, and with a closed window this is the
 * allowance for ACK and RST of MUST-66.
 */
static enum atcp_drop check_sequence(struct atcp_tcb *tcb,
				     const struct atcp_segment *seg, u64 now)
{
	u32 end = atcp_segment_end(seg);

	if ((tcb->use & ATCP_USE_TS) && (seg->options & ATCP_OPT_TS) &&
	    unlikely(paws_reject(tcb, seg, now))) {
		answer_unacceptable(tcb, seg, now);
		return ATCP_DROP_PAWS;
	}
	if (unlikely(atcp_segment_outside(seg, tcb->rcv_nxt, tcb->rcv_adv))) {
		answer_unacceptable(tcb, seg, now);
		return ATCP_DROP_OUT_OF_WINDOW;
	}
	if (unlikely(seq_lt(end, tcb->rcv_nxt) ||
		     (end == tcb->rcv_nxt && end != seg->seq))) {
		answer_unacceptable(tcb, seg, now);
		return ATCP_DROP_OLD_DATA;
	}
	return ATCP_DROP_NONE;
}

/* RFC 7323 section 4.3: TS.Recent follows what is about to be acknowledged. */
static void update_ts_recent(struct atcp_tcb *tcb,
			     const struct atcp_segment *seg, u64 now)
{
	if (!(tcb->use & ATCP_USE_TS) || !(seg->options & ATCP_OPT_TS) ||
	    seq_gt(seg->seq, tcb->rcv_acked))
		return;
	tcb->ts_recent = seg->tsval;
	tcb->ts_recent_us = now;
}

/* Second: RST, with the exact match of RFC 5961 section 3.2. */
static enum atcp_drop check_rst(struct atcp_tcb *tcb,
				const struct atcp_segment *seg, u64 now,
				struct atcp_arrival *arrival)
{
	enum atcp_error error = ATCP_ERROR_RESET;

	if (!(seg->flags & ATCP_RST))
		return ATCP_DROP_NONE;
	if (seg->seq != tcb->rcv_nxt)
		return challenge(tcb, now, arrival);

	if (tcb->state == ATCP_SYN_RECEIVED)
		error = ATCP_ERROR_REFUSED;
	else if (tcb->state == ATCP_CLOSE_WAIT)
		error = ATCP_ERROR_PIPE;
	if (tcb->state == ATCP_CLOSING || tcb->state == ATCP_LAST_ACK)
		atcp_tcb_delete(tcb, ATCP_CAUSE_RCV_RST);
	else
		atcp_tcb_fail(tcb, error, ATCP_CAUSE_RCV_RST);
	return ATCP_DROP_RESET;
}

/* Fourth (third, security, is not used): SYN, RFC 5961 section 4.2. */
static enum atcp_drop check_syn(struct atcp_tcb *tcb,
				const struct atcp_segment *seg, u64 now,
				struct atcp_arrival *arrival)
{
	return seg->flags & ATCP_SYN ? challenge(tcb, now, arrival) :
				       ATCP_DROP_NONE;
}

/*
 * SND.WND follows the newest segment only: SND.WL1 tells. One that acknowledges
 * new data is the newest whatever its SEG.SEQ, as when the peer sends something
 * again; SND.UNA + SND.WND would run past its window else. SND.WL2 needs no
 * variable, since what acknowledges less than SND.UNA is older in any case.
 */
static bool update_snd_wnd(struct atcp_tcb *tcb, const struct atcp_segment *seg,
			   u64 now)
{
	u32 wnd = (u32)seg->wnd << tcb->snd_wscale;
	bool changed = wnd != tcb->snd_wnd;

	if (seq_lt(seg->ack, tcb->snd_una) ||
	    (seg->ack == tcb->snd_una && seq_lt(seg->seq, tcb->snd_wl1)))
		return false;
	if (unlikely(!tcb->snd_wnd && wnd)) {
		tcb->closed_us = 0;
		atcp_sendmap_withdraw_probe(tcb);
		atcp_timers_window_opened(tcb, now);
	}
	if (unlikely(!wnd && tcb->snd_wnd))
		atcp_note(tcb, ATCP_NOTE_WINDOW_CLOSED);
	tcb->snd_wnd = wnd;
	tcb->snd_wl1 = seq_max(seg->seq, tcb->snd_wl1);
	tcb->snd_wnd_max = max(tcb->snd_wnd_max, wnd);
	return changed;
}

static void take_rtt(struct atcp_tcb *tcb, const struct atcp_segment *seg,
		     u32 rtt_us, u64 now)
{
	u32 ticks;

	if (rtt_us) {
		atcp_rtt_sample(tcb, rtt_us);
		return;
	}
	/* Sent more than once: the echo says which one it was, RFC 7323 4.1. */
	if (!(tcb->use & ATCP_USE_TS) || !(seg->options & ATCP_OPT_TS) ||
	    !seg->tsecr)
		return;
	ticks = atcp_timestamp(tcb, now) - seg->tsecr;
	if (ticks < ATCP_RTO_MAX_US >> 10)
		atcp_rtt_sample(tcb, max(ticks << 10, 1U));
}

/* RFC 2883 section 4: its first block is below the ACK, or in the second. */
static bool is_dsack(const struct atcp_segment *seg)
{
	const struct atcp_sack_block *b = seg->sacks;

	return seq_leq(b[0].end, seg->ack) ||
	       (seg->nr_sacks > 1 && seq_geq(b[0].start, b[1].start) &&
		seq_leq(b[0].end, b[1].end));
}

/**
 * atcp_input_ack() - an acceptable acknowledgment: window, map, recovery
 * @tcb: the connection
 * @seg: the segment, SEG.ACK in [SND.UNA - Max.SND.WND, SND.MAX]
 * @now: the time
 */
void atcp_input_ack(struct atcp_tcb *tcb, const struct atcp_segment *seg,
		    u64 now)
{
	u32 flight = tcb->snd_nxt - tcb->snd_una;
	struct atcp_acked acked = { 0 };
	u32 advanced = 0;
	bool wnd_changed;

	tcb->heard_us = now;
	tcb->keep_unanswered = 0;
	if (!(seg->flags & ATCP_SYN))
		wnd_changed = update_snd_wnd(tcb, seg, now);
	else
		wnd_changed = true;
	if (seq_gt(seg->ack, tcb->snd_una)) {
		advanced = seg->ack - tcb->snd_una;
		/* The octet of a withdrawn probe did arrive. */
		if (unlikely(seq_gt(seg->ack, tcb->snd_nxt)))
			tcb->snd_nxt = seg->ack;
		atcp_sendmap_ack(tcb, seg->ack, now, &acked);
		tcb->events |= ATCP_EV_ACKED;
		if (unlikely(tcb->mtu.probe_size))
			atcp_mtu_acked(tcb);
		if (unlikely(tcb->use & ATCP_URGENT_OUT) &&
		    seq_geq(tcb->snd_una, tcb->snd_up))
			tcb->use &= ~ATCP_URGENT_OUT;
	}
	if (unlikely(seg->nr_sacks) && (tcb->use & ATCP_USE_SACK)) {
		if (is_dsack(seg))
			atcp_note(tcb, ATCP_NOTE_DSACK_RECEIVED);
		atcp_sendmap_sack(tcb, seg, now, &acked);
	}

	if (advanced)
		take_rtt(tcb, seg, acked.rtt_us, now);
	if (advanced || acked.octets)
		atcp_recovery_ack(tcb, acked.octets, advanced);
	else if (flight && !seg->len && !wnd_changed && tcb->snd_wnd &&
		 !(seg->flags & ATCP_FIN) && !(tcb->use & ATCP_USE_SACK) &&
		 seg->ack == tcb->snd_una)
		atcp_recovery_dup_ack(tcb);
	if (advanced)
		atcp_timers_acked(tcb, now);
	/* MUST-37: whoever answers probes may keep the window closed. */
	else if (!tcb->snd_wnd && !(tcb->use & ATCP_ORPHAN))
		tcb->unanswered_us = 0;
}

/* In SYN-RECEIVED (simultaneous open) the ACK completes the handshake. */
static enum atcp_drop check_ack_of_syn(struct atcp_tcb *tcb,
				       const struct atcp_segment *seg,
				       struct atcp_arrival *arrival)
{
	if (seq_leq(seg->ack, tcb->snd_una) || seq_gt(seg->ack, tcb->snd_nxt)) {
		arrival->reset = true;
		return ATCP_DROP_BAD_ACK;
	}
	tcb->snd_wnd = (u32)seg->wnd << tcb->snd_wscale;
	tcb->snd_wnd_max = tcb->snd_wnd;
	tcb->snd_wl1 = seg->seq;
	atcp_set_state(tcb, ATCP_ESTABLISHED, ATCP_CAUSE_RCV_ACK_OF_SYN);
	return ATCP_DROP_NONE;
}

/* What the ACK of our FIN does to the state. */
static enum atcp_drop fin_acked(struct atcp_tcb *tcb, u64 now)
{
	switch (tcb->state) {
	case ATCP_FIN_WAIT_1:
		atcp_set_state(tcb, ATCP_FIN_WAIT_2, ATCP_CAUSE_RCV_ACK_OF_FIN);
		atcp_orphan_fin_wait_2(tcb, now);
		return ATCP_DROP_NONE;
	case ATCP_CLOSING:
		atcp_set_state(tcb, ATCP_TIME_WAIT, ATCP_CAUSE_RCV_ACK_OF_FIN);
		tcb->events |= ATCP_EV_TIME_WAIT;
		return ATCP_DROP_NONE;
	case ATCP_LAST_ACK:
		atcp_tcb_delete(tcb, ATCP_CAUSE_RCV_ACK_OF_FIN);
		return ATCP_DROP_NONE;
	default:
		return ATCP_DROP_NONE;
	}
}

/* Fifth: the ACK field. */
static enum atcp_drop check_ack(struct atcp_tcb *tcb,
				const struct atcp_segment *seg, u64 now,
				struct atcp_arrival *arrival)
{
	bool syn_received = tcb->state == ATCP_SYN_RECEIVED;

	if (!(seg->flags & ATCP_ACK))
		return ATCP_DROP_BAD_FLAGS;
	if (unlikely(syn_received)) {
		enum atcp_drop drop = check_ack_of_syn(tcb, seg, arrival);

		if (drop)
			return drop;
	}
	/* RFC 5961 section 5.2: blind acknowledgments of what never was. */
	if (unlikely(seq_gt(seg->ack, tcb->snd_max))) {
		challenge(tcb, now, arrival);
		return ATCP_DROP_BAD_ACK;
	}
	if (unlikely(seq_lt(seg->ack, tcb->snd_una - tcb->snd_wnd_max))) {
		challenge(tcb, now, arrival);
		return ATCP_DROP_OLD_ACK;
	}
	atcp_input_ack(tcb, seg, now);
	if (unlikely(syn_received))
		atcp_tcb_established(tcb);
	if (unlikely(tcb->use & ATCP_FIN_QUEUED) &&
	    tcb->snd_una == tcb->write_seq)
		return fin_acked(tcb, now);
	return ATCP_DROP_NONE;
}

/* When to acknowledge new data in order: RFC 9293 3.8.6.3, SHLD-18, SHLD-19. */
static void owe_ack(struct atcp_tcb *tcb, u64 now)
{
	u32 most = tcb->advmss - (tcb->use & ATCP_USE_TS ? ATCP_TS_LEN : 0);
	u32 full = min(tcb->rcv_mss, most);

	if (tcb->quick_acks) {
		tcb->quick_acks--;
		tcb->ack_now = true;
	} else if (tcb->rcv_nxt - tcb->rcv_acked >= 2 * full) {
		tcb->ack_now = true;
	} else {
		atcp_timers_ack_owed(tcb, now);
	}
}

/* Eighth: the FIN, once everything before it has come. */
static void take_fin(struct atcp_tcb *tcb)
{
	tcb->rcv_nxt++;
	/* A FIN needs no room, so it may lie just beyond the window. */
	tcb->rcv_adv = seq_max(tcb->rcv_adv, tcb->rcv_nxt);
	tcb->use |= ATCP_FIN_RECEIVED;
	tcb->ack_now = true;
	tcb->events |= ATCP_EV_EOF;
	switch (tcb->state) {
	case ATCP_ESTABLISHED:
		atcp_set_state(tcb, ATCP_CLOSE_WAIT, ATCP_CAUSE_RCV_FIN);
		break;
	case ATCP_FIN_WAIT_1:
		/* Had our FIN been acknowledged, this were FIN-WAIT-2. */
		atcp_set_state(tcb, ATCP_CLOSING, ATCP_CAUSE_RCV_FIN);
		break;
	case ATCP_FIN_WAIT_2:
		atcp_set_state(tcb, ATCP_TIME_WAIT, ATCP_CAUSE_RCV_FIN);
		tcb->events |= ATCP_EV_TIME_WAIT;
		break;
	}
}

/* RCV.UP is behind RCV.NXT: it must not look like a new one 2 GiB later. */
static void pass_urgent(struct atcp_tcb *tcb)
{
	if (seq_lt(tcb->rcv_up, tcb->rcv_nxt))
		tcb->use &= ~ATCP_URGENT_IN;
}

static enum atcp_drop take_in_order(struct atcp_tcb *tcb,
				    const struct atcp_segment *seg, u32 end,
				    bool fin, u64 now,
				    struct atcp_arrival *arrival)
{
	arrival->start = tcb->rcv_nxt;
	arrival->end = end;
	if (fin)
		atcp_user_pruned(tcb, end);
	if (unlikely(seg->seq != tcb->rcv_nxt ||
		     !RB_EMPTY_ROOT(&tcb->reassembly)))
		report_duplicate(tcb, seg->seq, end);
	if (end != tcb->rcv_nxt) {
		tcb->rcv_nxt = end;
		tcb->rcv_mss = max(tcb->rcv_mss, seg->len);
		tcb->events |= ATCP_EV_DATA;
		if (atcp_reassembly_advance(tcb))
			tcb->ack_now = true;
		else
			owe_ack(tcb, now);
		if (seg->flags & ATCP_PSH)
			tcb->use |= ATCP_PUSHED;
		if (unlikely(tcb->use & ATCP_URGENT_IN))
			pass_urgent(tcb);
	}
	if (fin || (tcb->fin_seq_known && tcb->fin_seq == tcb->rcv_nxt))
		take_fin(tcb);
	return ATCP_DROP_NONE;
}

static enum atcp_drop take_out_of_order(struct atcp_tcb *tcb,
					const struct atcp_segment *seg, u32 end,
					bool fin, struct atcp_arrival *arrival)
{
	enum atcp_drop drop;

	tcb->ack_now = true;
	if (fin) {
		atcp_user_pruned(tcb, end);
		tcb->fin_seq = end;
		tcb->fin_seq_known = true;
	}
	if (seg->seq == end)
		return ATCP_DROP_NONE;
	report_duplicate(tcb, seg->seq, end);
	drop = atcp_reassembly_add(tcb, seg->seq, end);
	if (drop)
		return drop;
	atcp_note(tcb, ATCP_NOTE_OUT_OF_ORDER);
	arrival->start = seg->seq;
	arrival->end = end;
	return ATCP_DROP_NONE;
}

/**
 * atcp_input_urg() - sixth: the urgent pointer
 * @tcb: the connection
 * @seg: the segment, as it came, with ATCP_URG
 *
 * RCV.UP is the urgent octet itself, one before where the pointer points (RFC
 * 9293 MUST-62, RFC 6093 section 3.1; params->stdurg reads it as RFC 1122
 * did). Only one that is new and not passed yet is told to the user (MUST-32);
 * the octet stays in the stream.
 */
void atcp_input_urg(struct atcp_tcb *tcb, const struct atcp_segment *seg)
{
	u32 up = seg->seq + seg->urg;

	if (!atcp_state_in(tcb, ATCP_STATES_RECEIVING))
		return;
	if (seg->urg && !tcb->params->stdurg)
		up--;
	if (seq_lt(up, tcb->rcv_nxt) ||
	    ((tcb->use & ATCP_URGENT_IN) && seq_leq(up, tcb->rcv_up)))
		return;
	tcb->rcv_up = up;
	tcb->use |= ATCP_URGENT_IN;
	tcb->events |= ATCP_EV_URGENT;
}

/*
 * Has the user closed both ways? shutdown() can say so and leave a user who
 * waits for the end. One who has closed the receiving way only is an
 * application's private affair: its peer still gets its acknowledgments.
 */
static bool nobody_reads(const struct atcp_tcb *tcb)
{
	return (tcb->use & ATCP_ORPHAN) ||
	       ((tcb->use & ATCP_NO_READER) &&
		atcp_state_in(tcb, ATCP_STATE_BIT(ATCP_FIN_WAIT_1) |
					   ATCP_STATE_BIT(ATCP_FIN_WAIT_2)));
}

/**
 * atcp_input_text() - seventh and eighth: the segment's text and FIN
 * @tcb: the connection
 * @seg: the segment, acceptable and without SYN
 * @now: the time
 * @arrival: which octets the owner must keep
 *
 * Return: ATCP_DROP_NONE or why text was not taken.
 */
enum atcp_drop atcp_input_text(struct atcp_tcb *tcb,
			       const struct atcp_segment *seg, u64 now,
			       struct atcp_arrival *arrival)
{
	u32 end = seg->seq + seg->len;
	bool fin = seg->flags & ATCP_FIN;

	if (!seg->len && !fin)
		return ATCP_DROP_NONE;
	/* CLOSE-WAIT, CLOSING, LAST-ACK, TIME-WAIT: the peer sent its FIN. */
	if (!atcp_state_in(tcb, ATCP_STATES_RECEIVING))
		return ATCP_DROP_NONE;
	if (unlikely(nobody_reads(tcb)) && seg->len &&
	    seq_gt(end, tcb->rcv_nxt)) {
		/* SHLD-3: data after CLOSE; nobody will ever read it. */
		if (!(tcb->use & ATCP_ORPHAN)) {
			tcb->error = ATCP_ERROR_RESET;
			tcb->events |= ATCP_EV_ERROR;
		}
		atcp_user_abort(tcb);
		return ATCP_DROP_SHUTDOWN;
	}
	tcb->tally.received_us = now;
	if (unlikely(seg->no_room)) {
		tcb->ack_now = true;
		return ATCP_DROP_MEMORY;
	}
	/*
	 * Nothing comes after a FIN (RFC 9293 3.6). A peer that sends more must
	 * not get it in place of the end; what is held there goes with the FIN.
	 */
	if (unlikely(tcb->fin_seq_known) && seq_gt(end, tcb->fin_seq)) {
		tcb->ack_now = true;
		fin = false;
		end = tcb->fin_seq;
		if (seq_leq(end, seg->seq))
			return ATCP_DROP_OUT_OF_WINDOW;
	}
	/* Cut to the window; a FIN beyond it comes again. */
	if (unlikely(seq_gt(end + fin, tcb->rcv_adv)) && seg->len) {
		tcb->ack_now = true;
		fin = false;
		end = seq_min(end, tcb->rcv_adv);
		if (seq_leq(end, seg->seq))
			return ATCP_DROP_OUT_OF_WINDOW;
	}
	if (seq_leq(seg->seq, tcb->rcv_nxt))
		return take_in_order(tcb, seg, end, fin, now, arrival);
	return take_out_of_order(tcb, seg, end, fin, arrival);
}

/*
 * Simultaneous open, figure 7: the peer's SYN comes again. Without an ACK it
 * says that our SYN-ACK was lost. With the ACK of our SYN it goes on as an ACK:
 * by the first check it were old, and two ends that both say so would never
 * agree. The window of a SYN is not scaled (RFC 7323 2.2), that of an ACK is.
 */
static bool syn_again(struct atcp_tcb *tcb, struct atcp_segment *seg)
{
	if (!(seg->flags & ATCP_ACK)) {
		tcb->force_retransmit = true;
		return true;
	}
	seg->seq++;
	seg->flags &= ~ATCP_SYN;
	seg->wnd >>= tcb->snd_wscale;
	return false;
}

/**
 * atcp_segment_arrives() - SEGMENT ARRIVES, RFC 9293 section 3.10.7
 * @tcb: a connection in any state but LISTEN and TIME-WAIT
 * @seg: the segment
 * @now: the time
 * @arrival: filled in: octets to keep, and whether to answer with a RST
 *
 * Return: ATCP_DROP_NONE or why the segment or its text was dropped. A
 * dropped segment may still have to be answered: see atcp_next_segment().
 */
enum atcp_drop atcp_segment_arrives(struct atcp_tcb *tcb,
				    struct atcp_segment *seg, u64 now,
				    struct atcp_arrival *arrival)
{
	enum atcp_drop drop;

	*arrival = (struct atcp_arrival){ 0 };
	if (unlikely(tcb->state == ATCP_CLOSED)) {
		arrival->reset = true;
		return ATCP_DROP_NO_SOCKET;
	}
	if (unlikely(tcb->state == ATCP_SYN_SENT))
		return atcp_syn_sent_arrives(tcb, seg, now, arrival);
	if (unlikely(tcb->state == ATCP_SYN_RECEIVED) && seg->seq == tcb->irs &&
	    (seg->flags & (ATCP_SYN | ATCP_RST)) == ATCP_SYN &&
	    syn_again(tcb, seg))
		return ATCP_DROP_DUPLICATE_SYN;

	drop = check_sequence(tcb, seg, now);
	if (!drop)
		drop = check_rst(tcb, seg, now, arrival);
	if (!drop)
		drop = check_syn(tcb, seg, now, arrival);
	if (!drop)
		update_ts_recent(tcb, seg, now);
	if (!drop)
		drop = check_ack(tcb, seg, now, arrival);
	if (unlikely(seg->flags & ATCP_URG) && !drop)
		atcp_input_urg(tcb, seg);
	if (!drop)
		drop = atcp_input_text(tcb, seg, now, arrival);
	return drop;
}
