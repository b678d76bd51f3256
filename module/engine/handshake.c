// SPDX-License-Identifier: GPL-2.0
/* Segment arrival in SYN-SENT: RFC 9293 section 3.10.7.3, in its order. */
#include "input.h"
#include "seq.h"

/* First: is our SYN acknowledged, or something that we never sent? */
static enum atcp_drop check_ack(const struct atcp_tcb *tcb,
				const struct atcp_segment *seg,
				struct atcp_arrival *arrival)
{
	if (!(seg->flags & ATCP_ACK))
		return ATCP_DROP_NONE;
	if (seq_leq(seg->ack, tcb->iss) || seq_gt(seg->ack, tcb->snd_nxt)) {
		arrival->reset = true;
		return ATCP_DROP_BAD_ACK;
	}
	return ATCP_DROP_NONE;
}

/* Fourth: the peer's SYN, with or without the ACK of ours. */
static void take_syn(struct atcp_tcb *tcb, const struct atcp_segment *seg,
		     u64 now)
{
	/* What our SYN offered, whatever the user has changed since. */
	u32 wnd = atcp_rcv_wnd(tcb);

	tcb->irs = seg->seq;
	tcb->rcv_nxt = seg->seq + 1;
	tcb->rcv_acked = tcb->rcv_nxt;
	tcb->rcv_adv = tcb->rcv_nxt + wnd;
	tcb->ts_recent_us = now;
	atcp_tcb_options(tcb, seg);
	/* The window in a SYN is never scaled, RFC 7323 section 2.2. */
	tcb->snd_wnd = seg->wnd;
	tcb->snd_wnd_max = seg->wnd;
	tcb->snd_wl1 = seg->seq;
}

/**
 * atcp_syn_sent_arrives() - a segment for a connection in SYN-SENT
 * @tcb: the connection
 * @seg: the segment
 * @now: the time
 * @arrival: what becomes of its payload, and of its sender
 *
 * Return: ATCP_DROP_NONE or why it was dropped.
 */
enum atcp_drop atcp_syn_sent_arrives(struct atcp_tcb *tcb,
				     const struct atcp_segment *seg, u64 now,
				     struct atcp_arrival *arrival)
{
	enum atcp_drop drop = check_ack(tcb, seg, arrival);
	struct atcp_segment text;

	if (drop)
		return drop;

	/* Second: a RST counts only if it acknowledges our SYN. */
	if (seg->flags & ATCP_RST) {
		if (!(seg->flags & ATCP_ACK))
			return ATCP_DROP_BAD_FLAGS;
		atcp_tcb_fail(tcb, ATCP_ERROR_REFUSED, ATCP_CAUSE_RCV_RST);
		return ATCP_DROP_RESET;
	}
	/* Third, security, is not used. Fifth: neither SYN nor RST. */
	if (!(seg->flags & ATCP_SYN))
		return ATCP_DROP_BAD_FLAGS;

	take_syn(tcb, seg, now);
	if (!(seg->flags & ATCP_ACK)) {
		/* Simultaneous open, figure 7: our SYN goes again, with ACK. */
		atcp_set_state(tcb, ATCP_SYN_RECEIVED, ATCP_CAUSE_RCV_SYN);
		tcb->force_retransmit = true;
		return ATCP_DROP_NONE;
	}
	tcb->ack_now = true;
	atcp_set_state(tcb, ATCP_ESTABLISHED, ATCP_CAUSE_RCV_SYN_ACK);
	atcp_input_ack(tcb, seg, now);
	atcp_tcb_established(tcb);

	/* The pointer counts from the SYN. */
	if (seg->flags & ATCP_URG)
		atcp_input_urg(tcb, seg);
	/* Data and FIN may ride on the SYN-ACK: they start one later. */
	text = *seg;
	text.seq++;
	text.flags &= ~ATCP_SYN;
	return atcp_input_text(tcb, &text, now, arrival);
}
