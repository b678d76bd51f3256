// SPDX-License-Identifier: GPL-2.0
/*
 * What to send next. atcp_next_segment() is asked until it has no more; each
 * answer is taken as sent. The order: a RST after ABORT, the SYN, lost data,
 * new data and the FIN, and an ACK if nothing else carried it.
 */
#include "tcb.h"
#include "congestion.h"
#include "mtu.h"
#include "recovery.h"
#include "rtt.h"
#include "sendmap.h"
#include "seq.h"
#include "timer.h"

/*
 * RFC 9293 3.8.6.2.2: the right edge never moves left (SHLD-14), and moves
 * right only by a worthwhile step, or silly windows arise (MUST-39).
 */
static u16 select_wnd(struct atcp_tcb *tcb)
{
	u32 wnd = atcp_rcv_wnd(tcb);
	u32 space = atcp_offerable(tcb, tcb->rcv_space);
	u32 buf = atcp_offerable(tcb, tcb->rcv_buf);
	u32 field;

	if (space > wnd && space - wnd >= min_t(u32, buf / 2, tcb->advmss))
		wnd = space;
	/*
	 * Round up, or the edge would move to the left; but only into room
	 * that there is, or small segments would keep the window open for
	 * ever. Then it does move, and what was offered before is still taken
	 * (RFC 7323 section 2.4). A clamp below the scale's unit is exceeded,
	 * or the window would never open.
	 */
	field = (wnd + (1U << tcb->rcv_wscale) - 1) >> tcb->rcv_wscale;
	if (field << tcb->rcv_wscale > max(wnd, tcb->rcv_space))
		field--;
	field = min_t(u32, field, U16_MAX);
	tcb->rcv_adv = seq_max(tcb->rcv_adv,
			       tcb->rcv_nxt + (field << tcb->rcv_wscale));
	return field;
}

/* As many blocks as there is room for beside the timestamps. */
static unsigned int sacks_to_send(const struct atcp_tcb *tcb)
{
	unsigned int room = tcb->use & ATCP_USE_TS ? ATCP_SACK_MAX - 1 :
						     ATCP_SACK_MAX;
	unsigned int n = tcb->nr_sacks + !!(tcb->use & ATCP_DUPLICATE);

	if (likely(!n) || !(tcb->use & ATCP_USE_SACK))
		return 0;
	return min(n, room);
}

/* RFC 2883 section 4: a duplicate is the first block, and told once. */
static void fill_sacks(struct atcp_tcb *tcb, struct atcp_segment *out)
{
	unsigned int i = 0, from = 0;

	out->nr_sacks = sacks_to_send(tcb);
	if (likely(!out->nr_sacks))
		return;
	if (tcb->use & ATCP_DUPLICATE) {
		out->sacks[i++] = tcb->dsack;
		atcp_note(tcb, ATCP_NOTE_DSACK_SENT);
	}
	while (i < out->nr_sacks)
		out->sacks[i++] = tcb->sacks[from++];
	out->options |= ATCP_OPT_SACK;
	tcb->use &= ~ATCP_DUPLICATE;
}

/*
 * What a segment without data starts from: SND.NXT, or the window's right edge
 * if that is before it, since the peer drops what starts beyond. Our SYN needed
 * no window.
 */
static u32 empty_seq(const struct atcp_tcb *tcb)
{
	if (unlikely(tcb->snd_una == tcb->iss))
		return tcb->snd_nxt;
	return seq_min(tcb->snd_nxt, tcb->snd_una + tcb->snd_wnd);
}

/*
 * RFC 9293 3.8.5: the pointer, as far as 16 bits reach. It says where the
 * octet after the urgent ones is (MUST-62).
 */
static void fill_urgent(const struct atcp_tcb *tcb, struct atcp_segment *out)
{
	s32 up = tcb->snd_up - out->seq;

	if (likely(!(tcb->use & ATCP_URGENT_OUT)) || up <= 0)
		return;
	out->flags |= ATCP_URG;
	out->urg = min_t(s32, up, U16_MAX);
}

/* What every segment after the handshake has in common. */
static void fill_ack(struct atcp_tcb *tcb, u64 now, struct atcp_segment *out)
{
	out->sport = tcb->sport;
	out->dport = tcb->dport;
	out->ack = tcb->rcv_nxt;
	out->flags = ATCP_ACK;
	out->wnd = select_wnd(tcb);
	out->options = 0;
	out->len = 0;
	out->again = false;
	if (tcb->use & ATCP_USE_TS) {
		out->options = ATCP_OPT_TS;
		out->tsval = atcp_timestamp(tcb, now);
		out->tsecr = tcb->ts_recent;
	}
	fill_sacks(tcb, out);
	tcb->rcv_acked = tcb->rcv_nxt;
	tcb->ack_now = false;
	tcb->use &= ~ATCP_PUSHED;
	atcp_timers_ack_sent(tcb);
}

static void next_reset(struct atcp_tcb *tcb, struct atcp_segment *out)
{
	*out = (struct atcp_segment){
		.sport = tcb->sport,
		.dport = tcb->dport,
		.seq = empty_seq(tcb),
		.ack = tcb->rcv_nxt,
		.flags = ATCP_RST | ATCP_ACK,
	};
	tcb->reset_pending = false;
}

/* Our SYN, or the SYN-ACK of a simultaneous open: RFC 9293 3.10.1, 3.10.7.3. */
static void fill_syn(struct atcp_tcb *tcb, u64 now, struct atcp_segment *out)
{
	/* What an earlier SYN offered stays so: RFC 9293 3.8.6, SHLD-14. */
	u32 wnd =
		max(atcp_syn_wnd(tcb), min_t(u32, atcp_rcv_wnd(tcb), U16_MAX));

	*out = (struct atcp_segment){
		.sport = tcb->sport,
		.dport = tcb->dport,
		.seq = tcb->iss,
		.flags = ATCP_SYN,
		.options = ATCP_OPT_MSS,
		.mss = tcb->advmss,
		.wnd = wnd,
		.wscale = tcb->rcv_wscale,
	};
	if (tcb->use & ATCP_USE_WSCALE)
		out->options |= ATCP_OPT_WSCALE;
	if (tcb->use & ATCP_USE_SACK)
		out->options |= ATCP_OPT_SACK_OK;
	if (tcb->use & ATCP_USE_TS) {
		out->options |= ATCP_OPT_TS;
		out->tsval = atcp_timestamp(tcb, now);
		out->tsecr = tcb->ts_recent;
	}
	if (tcb->state == ATCP_SYN_RECEIVED) {
		out->flags |= ATCP_ACK;
		out->ack = tcb->rcv_nxt;
		tcb->ack_now = false;
	}
	/* A scaled ACK in between may have offered more than a SYN can. */
	tcb->rcv_adv = seq_max(tcb->rcv_adv, tcb->rcv_nxt + wnd);
}

static bool next_syn(struct atcp_tcb *tcb, u64 now, struct atcp_segment *out)
{
	struct atcp_range *r = atcp_range_first(&tcb->sendmap);

	if (tcb->snd_nxt == tcb->iss) {
		if (!atcp_sendmap_has_room(tcb)) {
			/* As if it were lost: the time-out tries again. */
			atcp_timers_sent(tcb, now);
			return false;
		}
		atcp_sendmap_sent(tcb, tcb->iss + 1, now, 0);
	} else if (r && tcb->force_retransmit) {
		atcp_sendmap_resent(tcb, r, now);
	} else {
		return false;
	}
	tcb->force_retransmit = false;
	fill_syn(tcb, now, out);
	out->again = r;
	atcp_timers_sent(tcb, now);
	return true;
}

/* The end of user data: write_seq without our FIN. */
static u32 data_end(const struct atcp_tcb *tcb)
{
	return tcb->write_seq - !!(tcb->use & ATCP_FIN_QUEUED);
}

/* Turn sequence numbers [seq, end) into payload, PSH and FIN. */
static void fill_data(struct atcp_tcb *tcb, struct atcp_segment *out, u32 seq,
		      u32 end)
{
	out->seq = seq;
	out->len = seq_min(end, data_end(tcb)) - seq;
	if (seq_geq(end, data_end(tcb)) && out->len)
		out->flags |= ATCP_PSH;
	if (end == tcb->write_seq && (tcb->use & ATCP_FIN_QUEUED))
		out->flags |= ATCP_FIN;
	fill_urgent(tcb, out);
}

/* Something in flight goes again, at most @len octets of it. */
static void resend(struct atcp_tcb *tcb, u64 now, struct atcp_segment *out,
		   struct atcp_range *r, u32 len, u32 full)
{
	fill_ack(tcb, now, out);
	len = min(len, r->end - r->seq);
	fill_data(tcb, out, r->seq, r->seq + len);
	out->cut = full;
	out->again = true;
	atcp_sendmap_resent(tcb, r, now);
	atcp_timers_sent(tcb, now);
	tcb->sent_us = now;
}

static bool next_retransmission(struct atcp_tcb *tcb, u64 now,
				struct atcp_segment *out, u32 full)
{
	struct atcp_range *r;
	u32 wnd_end = tcb->snd_una + tcb->snd_wnd;
	/* Into a closed window only one octet goes, as a probe. */
	u32 len = tcb->snd_wnd ? full : 1;

	if (likely(!tcb->to_resend))
		return false;
	if (!tcb->force_retransmit && atcp_pipe(tcb) >= tcb->cwnd) {
		tcb->cwnd_limited = true;
		return false;
	}
	r = atcp_sendmap_next_lost(tcb, len);
	if (!r || (seq_gt(r->end, wnd_end) && r->seq != tcb->snd_una))
		return false;
	tcb->force_retransmit = false;
	resend(tcb, now, out, r, len, full);
	return true;
}

/*
 * RFC 6675 section 5 (C) with NextSeg() rules 3 and 4: in recovery, room in
 * cwnd is used for what may be lost rather than for nothing.
 */
static bool next_last_resort(struct atcp_tcb *tcb, u64 now,
			     struct atcp_segment *out, u32 full)
{
	struct atcp_range *r;

	if (likely(tcb->recovery != ATCP_RECOVERY_FAST) || tcb->to_resend ||
	    !(tcb->use & ATCP_USE_SACK) ||
	    atcp_pipe(tcb) + tcb->mss > tcb->cwnd ||
	    seq_gt(tcb->snd_nxt, tcb->snd_una + tcb->snd_wnd))
		return false;
	r = atcp_sendmap_last_resort(tcb, full);
	if (!r)
		return false;
	resend(tcb, now, out, r, full, full);
	return true;
}

/* Exact, so that an old snd_small is no newer one after 2 GiB. */
static bool small_in_flight(const struct atcp_tcb *tcb)
{
	return seq_in(tcb->snd_small - 1, tcb->snd_una, tcb->snd_nxt);
}

/* Nagle's rule (RFC 9293 3.7.4) as Minshall softened it: a small segment
 * waits only for another small one, not for any data in flight.
 */
static bool hold_small(const struct atcp_tcb *tcb)
{
	if (tcb->use & (ATCP_FIN_QUEUED | ATCP_URGENT_OUT))
		return false;
	if (tcb->use & (ATCP_CORK | ATCP_MORE))
		return true;
	return !(tcb->use & ATCP_NODELAY) && small_in_flight(tcb);
}

/*
 * As much in one go as the path takes in about a millisecond at twice the
 * present rate, so that a burst neither fills a slow link's queue nor is lost
 * as a whole; at least two segments, so that the receiver need not wait.
 */
static u32 burst_size(const struct atcp_tcb *tcb, u32 full)
{
	u32 burst;

	/*
	 * A pointer counts from its own segment, and a duplicate is told once
	 * (RFC 2883 section 4): no one may stand for many.
	 */
	if (unlikely(tcb->use & (ATCP_URGENT_OUT | ATCP_DUPLICATE)))
		return full;
	if (tcb->burst <= full || tcb->srtt_us < 2048)
		return tcb->burst;
	burst = tcb->cwnd / (tcb->srtt_us >> 11);
	if (burst >= tcb->burst)
		return tcb->burst;
	return min(tcb->burst, max(burst - burst % full, 2 * full));
}

/*
 * How many octets of sequence space to send now, 0 for none: RFC 9293
 * 3.8.6.2.1, the sender's half of silly window avoidance.
 */
static u32 sendable(struct atcp_tcb *tcb, u32 full)
{
	u32 avail = tcb->write_seq - tcb->snd_nxt;
	s32 usable = tcb->snd_una + tcb->snd_wnd - tcb->snd_nxt;
	u32 pipe = atcp_pipe(tcb), room, len;

	if (tcb->override)
		return usable > 0 ? min3(avail, (u32)usable, full) : 1;
	if (usable <= 0)
		return 0;
	len = min3(avail, (u32)usable, burst_size(tcb, full));
	room = pipe < tcb->cwnd ? max(tcb->cwnd - pipe, tcb->mss) : 0;
	if (len > room) {
		tcb->cwnd_limited = true;
		len = room;
	}
	if (len < full) {
		if (len == avail)
			return hold_small(tcb) ? 0 : len;
		return len >= tcb->snd_wnd_max / 2 ? len : 0;
	}
	/* Whole segments, and the rest if it is the end and need not wait. */
	if (len % full && (len != avail || hold_small(tcb)))
		len -= len % full;
	return len;
}

/*
 * RFC 5681 section 4.1: after an RTO of silence nothing paces us any more, and
 * what cwnd was made from may be gone.
 */
static void restart_after_idle(struct atcp_tcb *tcb, u64 now)
{
	u32 initial = ATCP_INITIAL_WINDOW * tcb->mss;

	if (tcb->params->slow_start_after_idle && tcb->sent_us &&
	    now - tcb->sent_us > tcb->rto_us)
		tcb->cwnd = min(tcb->cwnd, initial);
}

static bool next_new(struct atcp_tcb *tcb, u64 now, struct atcp_segment *out,
		     u32 full)
{
	u32 len, probe = 0;

	if (tcb->snd_nxt == tcb->write_seq) {
		tcb->override = false;
		return false;
	}
	if (tcb->snd_una == tcb->snd_nxt)
		restart_after_idle(tcb, now);
	if (unlikely(tcb->mtu.searching) && !tcb->override)
		probe = atcp_mtu_probe(tcb, full, now);
	len = probe ?: sendable(tcb, full);
	if (!len || !atcp_sendmap_has_room(tcb)) {
		if (tcb->snd_una == tcb->snd_nxt)
			atcp_timers_blocked(tcb, now);
		return false;
	}
	fill_ack(tcb, now, out);
	fill_data(tcb, out, tcb->snd_nxt, tcb->snd_nxt + len);
	out->cut = probe ?: full;
	if (unlikely(probe))
		atcp_mtu_probe_sent(tcb, tcb->snd_nxt + len);
	else if (len % full)
		tcb->snd_small = tcb->snd_nxt + len;
	if (len == tcb->write_seq - tcb->snd_nxt)
		tcb->cwnd_limited = false;
	atcp_sendmap_sent(tcb, tcb->snd_nxt + len, now,
			  tcb->snd_wnd ? 0 : ATCP_RANGE_PROBE);
	if (tcb->override) {
		tcb->override = false;
		if (!tcb->snd_wnd) {
			atcp_note(tcb, ATCP_NOTE_WINDOW_PROBE);
			if (tcb->backoff < U8_MAX)
				tcb->backoff++;
		}
	}
	/* A reply that carries the ACK: the peer is waited for, not bulk. */
	tcb->quick_acks = 0;
	tcb->interactive = tcb->rcv_nxt != tcb->irs + 1;
	tcb->sent_us = now;
	atcp_timers_sent(tcb, now);
	return true;
}

/*
 * A keepalive probe asks for an ACK by starting with an octet that the peer
 * has: SEG.SEQ = SND.NXT - 1, RFC 9293 3.8.4.
 */
static bool next_keepalive(struct atcp_tcb *tcb, u64 now,
			   struct atcp_segment *out)
{
	if (likely(!tcb->keep_due))
		return false;
	tcb->keep_due = false;
	atcp_note(tcb, ATCP_NOTE_KEEPALIVE);
	fill_ack(tcb, now, out);
	out->seq = tcb->snd_una - 1;
	return true;
}

/**
 * atcp_next_segment() - what the connection wants to send now
 * @tcb: the connection
 * @now: the time
 * @out: filled in with the segment
 *
 * The segment counts as sent: one that the owner cannot send is a lost one.
 * Payload is [@out->seq, @out->seq + @out->len) of the owner's buffer, which
 * may exceed an MSS up to tcb->burst.
 *
 * Return: true if @out is to be sent and the question to be asked again.
 */
bool atcp_next_segment(struct atcp_tcb *tcb, u64 now, struct atcp_segment *out)
{
	u32 full, sacks;

	if (unlikely(tcb->reset_pending)) {
		next_reset(tcb, out);
		return true;
	}
	if (tcb->state == ATCP_SYN_SENT)
		return next_syn(tcb, now, out);
	if (tcb->state == ATCP_SYN_RECEIVED && next_syn(tcb, now, out))
		return true;

	/* SACK blocks come out of the segment's room, RFC 6691. */
	sacks = sacks_to_send(tcb);
	full = tcb->mss - (sacks ? 4 + 8 * sacks : 0);
	if (atcp_state_in(tcb, ATCP_STATES_SENDING) &&
	    (next_retransmission(tcb, now, out, full) ||
	     next_new(tcb, now, out, full) ||
	     next_last_resort(tcb, now, out, full)))
		return true;
	if (tcb->state == ATCP_CLOSED)
		return false;
	if (next_keepalive(tcb, now, out))
		return true;
	if (!tcb->ack_now)
		return false;
	fill_ack(tcb, now, out);
	out->seq = empty_seq(tcb);
	fill_urgent(tcb, out);
	return true;
}
