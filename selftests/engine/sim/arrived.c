// SPDX-License-Identifier: GPL-2.0
/*
 * What must hold of what the engine made of a segment: RFC 9293 section
 * 3.10.7.4 once more, from the segment and from what was known before it.
 */
#include "recovery.h"
#include "world.h"

#define OPENING                                                                \
	(ATCP_STATE_BIT(ATCP_SYN_SENT) | ATCP_STATE_BIT(ATCP_SYN_RECEIVED))

/**
 * arrived_before() - a segment is about to arrive
 * @sk: the socket
 */
void arrived_before(struct sock *sk)
{
	const struct atcp_tcb *tcb = &sk->tcb;
	struct before *b = &sk->check.before;

	b->snd_una = tcb->snd_una;
	b->snd_wnd = tcb->snd_wnd;
	b->rcv_nxt = tcb->rcv_nxt;
	b->rcv_adv = tcb->rcv_adv;
	b->probe_end = tcb->mtu.probe_end;
	b->probe_size = tcb->mtu.probe_size;
	b->mtu_low = tcb->mtu.low;
	b->ack_now = tcb->ack_now;
}

/* First: text that begins in the window is acceptable, none behind it is. */
static void check_acceptance(struct sock *sk, const struct atcp_segment *seg,
			     enum atcp_drop drop)
{
	const struct before *b = &sk->check.before;
	u32 first = seg->seq + !!(seg->flags & ATCP_SYN);

	if (!seg->len || (seg->flags & ATCP_RST) || sk->conn->garbled)
		return;
	if (first - b->rcv_nxt < b->rcv_adv - b->rcv_nxt) {
		if (drop == ATCP_DROP_OUT_OF_WINDOW)
			sock_wrong(sk,
				   "%u octets within the window are refused",
				   seg->len);
	} else if (seq_gt(first, b->rcv_adv) && !drop) {
		sock_wrong(sk, "%u octets behind the window are taken",
			   seg->len);
	}
}

/* Second: RFC 5961 section 3.2, and no RST is answered but with a challenge. */
static void check_reset(struct sock *sk, const struct atcp_segment *seg)
{
	const struct before *b = &sk->check.before;

	if (!(seg->flags & ATCP_RST))
		return;
	if (sk->tcb.state == ATCP_CLOSED && seg->seq != b->rcv_nxt)
		sock_wrong(sk, "a RST %d octets off ends it",
			   (s32)(seg->seq - b->rcv_nxt));
	if (sk->tcb.ack_now && !b->ack_now)
		sock_wrong(sk, "a RST is answered");
}

/*
 * Fifth: what SND.WL1 is for. A segment that acknowledges nothing new changes
 * the window if none that came is newer, and not if one that was taken is.
 */
static void check_window(struct sock *sk, const struct atcp_segment *seg)
{
	const struct before *b = &sk->check.before;
	struct check *c = &sk->check;
	u32 wnd = (u32)seg->wnd << sk->tcb.snd_wscale;
	bool newest = !c->newest_known || seq_geq(seg->seq, c->newest);
	bool older = seg->ack == b->snd_una && c->taken_known &&
		     seq_lt(seg->seq, c->taken);

	if (newest && seq_geq(seg->ack, b->snd_una) && sk->tcb.snd_wnd != wnd)
		sock_wrong(sk, "the window is %u, told was %u", sk->tcb.snd_wnd,
			   wnd);
	if ((older || seq_lt(seg->ack, b->snd_una)) &&
	    sk->tcb.snd_wnd != b->snd_wnd)
		sock_wrong(sk, "an old segment made the window %u",
			   sk->tcb.snd_wnd);
	if (seq_geq(seg->ack, b->snd_una) &&
	    (!c->taken_known || seq_gt(seg->seq, c->taken))) {
		c->taken = seg->seq;
		c->taken_known = true;
	}
}

static void note_newest(struct check *c, const struct atcp_segment *seg)
{
	if (!c->newest_known || seq_gt(seg->seq, c->newest))
		c->newest = seg->seq;
	c->newest_known = true;
}

/*
 * RFC 4821 section 7.6: a size is good when all of its probe arrived, and too
 * big when only that was lost.
 */
static void check_probe(struct sock *sk)
{
	const struct atcp_tcb *tcb = &sk->tcb;
	const struct before *b = &sk->check.before;

	if (tcb->mtu.low > b->mtu_low && b->mtu_low &&
	    seq_lt(tcb->snd_una, b->probe_end))
		sock_wrong(sk, "segments of %u octets are not proven",
			   tcb->mtu.low);
	if (b->probe_size && tcb->recovery == ATCP_RECOVERY_PROBE &&
	    !tcb->mtu.probe_size && tcb->mtu.high >= b->probe_size)
		sock_wrong(sk, "segments of %u octets may be tried again",
			   tcb->mtu.high);
}

/* RFC 6093: the pointer is one after the urgent octet. */
static void check_pointer_in(struct sock *sk, const struct atcp_segment *seg)
{
	u32 up = seg->seq + seg->urg - !sk->tcb.params->stdurg;

	if ((sk->tcb.events & ATCP_EV_URGENT) && seg->urg &&
	    sk->tcb.rcv_up != up)
		sock_wrong(sk, "the urgent octet is %u, not %u",
			   place(up, sk->tcb.irs),
			   place(sk->tcb.rcv_up, sk->tcb.irs));
}

/* RFC 2883: what is reported as a duplicate was there before. */
static void check_duplicate(struct sock *sk)
{
	const struct atcp_tcb *tcb = &sk->tcb;

	if ((tcb->use & ATCP_DUPLICATE) && !sk->conn->garbled &&
	    !kept_has(&sk->check.kept, place(tcb->dsack.start, tcb->irs),
		      place(tcb->dsack.end, tcb->irs)))
		sock_wrong(sk, "octets %u to %u came for the first time",
			   place(tcb->dsack.start, tcb->irs),
			   place(tcb->dsack.end, tcb->irs) - 1);
}

/* A FIN that was not refused is behind the last octet, and not forgotten. */
static void note_fin(struct sock *sk, const struct atcp_segment *seg,
		     const struct atcp_arrival *arrival)
{
	u32 end = seg->seq + seg->len;

	if (!(seg->flags & ATCP_FIN) ||
	    seq_gt(end + 1, sk->check.before.rcv_adv))
		return;
	if (seg->len && arrival->end != end)
		return;
	sk->check.fin = place(end, sk->tcb.irs);
	sk->check.fin_known = true;
}

/**
 * arrived() - the engine has dealt with a segment, and nothing was sent yet
 * @sk: the socket
 * @seg: the segment
 * @drop: what the engine says of it
 * @arrival: likewise
 */
void arrived(struct sock *sk, const struct atcp_segment *seg,
	     enum atcp_drop drop, const struct atcp_arrival *arrival)
{
	sk->check.rto_us = 0;
	if (ATCP_STATE_BIT(sk->check.state) & OPENING)
		return;
	check_acceptance(sk, seg, drop);
	check_reset(sk, seg);
	if (sk->tcb.state == ATCP_CLOSED)
		return;
	check_duplicate(sk);
	check_probe(sk);
	/* What was altered may be taken for newer than all that follows. */
	if (!drop && !sk->conn->garbled)
		check_window(sk, seg);
	note_newest(&sk->check, seg);
	if (drop)
		return;
	check_pointer_in(sk, seg);
	note_fin(sk, seg, arrival);
}
