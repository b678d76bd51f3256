// SPDX-License-Identifier: GPL-2.0
/* What must hold of a segment that the engine sends. */
#include "recovery.h"
#include "world.h"

/*
 * Segments without text in a row that answer such ones, with no more than
 * EMPTY_US between them: two ends that tell each other the same for ever. What
 * comes later than that answers a keepalive probe.
 */
#define MOST_EMPTIES 64
#define EMPTY_US     (900 * ATCP_USEC_PER_MSEC)

/* RFC 9293 3.8.5: a pointer to what is urgent, on all that comes before it. */
static void check_pointer(struct sock *sk, const struct atcp_segment *seg)
{
	u32 at = place(seg->seq, sk->tcb.iss), end = sk->check.urgent_end;

	if (seg->len && at < end && !(seg->flags & ATCP_URG))
		sock_wrong(sk, "octet %u is not said to be urgent", end - 1);
	if (!(seg->flags & ATCP_URG))
		return;
	sk->world->result->count[SIM_URGENT]++;
	if (seg->len > seg->cut)
		sock_wrong(sk, "one urgent pointer for many segments");
	if (!seg->urg || (seg->urg != U16_MAX && at + seg->urg != end))
		sock_wrong(sk, "an urgent pointer to octet %u, urgent is %u",
			   at + seg->urg - 1, end - 1);
}

/* Does the receiver hold exactly this above RCV.NXT? */
static bool is_held(const struct sock *sk, const struct atcp_sack_block *b)
{
	const struct atcp_range *r =
		atcp_range_find(&sk->tcb.reassembly, b->start);

	return r && r->seq == b->start && r->end == b->end;
}

/*
 * RFC 2018 and, for the first of them, RFC 2883: below the acknowledgment, or
 * within the second block; and nothing that did not come.
 */
static void check_sacks(struct sock *sk, const struct atcp_segment *seg)
{
	const struct atcp_sack_block *b = seg->sacks;
	u32 n;

	if (!(seg->options & ATCP_OPT_SACK))
		return;
	for (n = 1; n < seg->nr_sacks; n++)
		if (!is_held(sk, &b[n]))
			sock_wrong(sk, "SACK block %u is not held", n);
	if (is_held(sk, b))
		return;
	sk->world->result->count[SIM_DSACKS]++;
	if (!seq_lt(b->start, b->end))
		sock_wrong(sk, "a duplicate of no octet");
	if (!seq_leq(b->end, seg->ack) &&
	    (seg->nr_sacks < 2 || seq_lt(b[0].start, b[1].start) ||
	     seq_gt(b[0].end, b[1].end)))
		sock_wrong(sk, "a duplicate outside of the second block");
	if (!kept_has(&sk->check.kept, place(b->start, sk->tcb.irs),
		      place(b->end, sk->tcb.irs)) &&
	    !sk->conn->garbled)
		sock_wrong(sk, "octet %u was no duplicate",
			   place(b->start, sk->tcb.irs));
}

/* Pure ACKs answer something, and not each other. */
static void check_empty(struct sock *sk, const struct atcp_segment *seg)
{
	struct check *c = &sk->check;

	if (atcp_segment_space(seg)) {
		c->empties = 0;
		return;
	}
	if (seg->seq == sk->tcb.snd_una - 1 && !(seg->flags & ATCP_RST))
		sk->world->result->count[SIM_PROBES]++;
	if (!(seg->flags & ATCP_RST)) {
		if (!c->owed)
			sock_wrong(sk, "an ACK that nothing accounts for");
		else
			c->owed--;
	}
	if (sk->world->now - c->empty_us > EMPTY_US)
		c->empties = 0;
	c->empty_us = sk->world->now;
	if (++c->empties > MOST_EMPTIES)
		sock_wrong(sk, "empty segments answer each other for ever");
}

/* Data that was offered room, in segments that fit. */
static void check_data(struct sock *sk, const struct atcp_segment *seg)
{
	const struct atcp_tcb *tcb = &sk->tcb;
	u32 end = atcp_segment_end(seg);
	u32 most = tcb->mss + (tcb->use & ATCP_USE_TS ? ATCP_TS_LEN : 0);
	u32 probe = seg->seq == tcb->snd_una && seg->len <= 1;

	if (seq_gt(end, sk->check.peer_edge + probe) && !sk->conn->garbled)
		sock_wrong(sk, "%u octets sent beyond the window",
			   end - sk->check.peer_edge);
	if (seq_lt(seg->seq, tcb->snd_una) || seq_gt(end, tcb->snd_max))
		sock_wrong(sk, "sent from outside of what is to be sent");
	if (seg->len > tcb->burst && !tcb->mtu.probe_size)
		sock_wrong(sk, "more than a burst: %u", seg->len);
	if (seg->cut + atcp_segment_options_len(seg) > most &&
	    !tcb->mtu.probe_size)
		sock_wrong(sk, "segments of %u octets exceed the MSS",
			   seg->cut);
	/* Without a record the last range grows, and is not SACKed any more. */
	if (!seg->again && !sk->side->starve &&
	    atcp_pipe(tcb) > tcb->cwnd + tcb->mss)
		sock_wrong(sk, "%u octets in flight, cwnd is %u",
			   atcp_pipe(tcb), tcb->cwnd);
	if (place(seg->seq, tcb->iss) + seg->len > sk->app.written)
		sock_wrong(sk, "octets sent that nobody wrote");
	if ((seg->flags & ATCP_FIN) && !sk->app.shut)
		sock_wrong(sk, "a FIN that nobody asked for");
	if (sk->world->scenario->clean && seg->again)
		sock_wrong(sk, "sent again, though nothing was lost");
}

/**
 * check_sent() - the engine sends a segment
 * @sk: the socket
 * @seg: the segment, which may stand for many
 */
void check_sent(struct sock *sk, const struct atcp_segment *seg)
{
	const struct atcp_tcb *tcb = &sk->tcb;

	if (seg->sport != sk->sport || seg->dport != sk->dport)
		sock_wrong(sk, "the ports are wrong");
	check_empty(sk, seg);
	if (seg->flags & (ATCP_SYN | ATCP_RST))
		return;
	if (!(seg->flags & ATCP_ACK) || seg->ack != tcb->rcv_nxt)
		sock_wrong(sk, "acknowledges %u octets more than came",
			   seg->ack - tcb->rcv_nxt);
	check_pointer(sk, seg);
	check_sacks(sk, seg);
	if (atcp_segment_space(seg))
		check_data(sk, seg);
}
