// SPDX-License-Identifier: GPL-2.0
/*
 * RECEIVE: arrived octets until the user takes them.
 *
 * sk_receive_queue holds what is in order, out_of_order (by sequence number)
 * what is above a hole. Each skb is [cb->seq, cb->end) of the stream with its
 * payload at skb->data; neighbours may overlap, copied_seq says what counts.
 */
#include "../engine/seq.h"
#include "sock.h"

/**
 * atcp_receive_buf() - what an empty receive buffer can take
 * @sk: the socket
 *
 * Half of SO_RCVBUF, as with tcp_adv_win_scale = 1: the rest is for the skbs
 * around the payload.
 *
 * Return: octets.
 */
u32 atcp_receive_buf(const struct sock *sk)
{
	return READ_ONCE(sk->sk_rcvbuf) / 2;
}

/**
 * atcp_receive_space() - what the receive buffer can take now
 * @sk: the socket
 *
 * Return: octets.
 */
u32 atcp_receive_space(const struct sock *sk)
{
	int left = READ_ONCE(sk->sk_rcvbuf) - READ_ONCE(sk->sk_backlog.len) -
		   atomic_read(&sk->sk_rmem_alloc);

	left = max(left, 0) / 2;
	/* Under pressure as little as keeps the stream going. */
	if (unlikely(sk_under_memory_pressure(sk)))
		left = min(left, 4 * atcp_sk(sk)->tcb.advmss);
	return left;
}

/**
 * atcp_receive_room() - may a segment's payload be kept
 * @sk: the socket, locked
 * @skb: the segment
 * @seg: the same, parsed
 *
 * Out-of-order data may fill the buffer once, data in order twice, so that
 * what fills a hole always finds room. If true, memory for @skb is reserved,
 * unless the engine will refuse it anyway: that must not cost others theirs.
 *
 * Return: false if the payload must be dropped.
 */
bool atcp_receive_room(struct sock *sk, struct sk_buff *skb,
		       const struct atcp_segment *seg)
{
	const struct atcp_tcb *tcb = &atcp_sk(sk)->tcb;
	bool in_order = seq_leq(seg->seq, tcb->rcv_nxt);
	int used = atomic_read(&sk->sk_rmem_alloc);
	int most = READ_ONCE(sk->sk_rcvbuf);

	if (likely(sk->sk_state != TCP_SYN_SENT) &&
	    unlikely(seq_geq(seg->seq, tcb->rcv_adv) ||
		     seq_leq(seg->seq + seg->len, tcb->rcv_nxt)))
		return true;
	if (unlikely(used > most)) {
		atcp_prune(sk, seg->seq);
		used = atomic_read(&sk->sk_rmem_alloc);
		most = READ_ONCE(sk->sk_rcvbuf);
		if (used > (in_order ? most * 2LL : most))
			return false;
	}
	if (likely(sk_rmem_schedule(sk, skb, skb->truesize)))
		return true;
	while (atcp_prune_memory(sk, seg->seq))
		if (sk_rmem_schedule(sk, skb, skb->truesize))
			return true;
	return in_order && skb_queue_empty(&sk->sk_receive_queue) &&
	       atcp_memory_force(sk, skb->truesize);
}

/* Is @skb's first octet the one after @tail's last? An skb whose cb says less
 * than it has was cut short, and nothing may be put behind its payload.
 */
static bool follows(struct sk_buff *tail, struct sk_buff *skb)
{
	const struct atcp_skb_cb *cb = atcp_skb_cb(tail);

	return cb->end == atcp_skb_cb(skb)->seq &&
	       cb->end - cb->seq == tail->len;
}

static bool coalesce(struct sock *sk, struct sk_buff *tail, struct sk_buff *skb)
{
	bool stolen;
	int delta;

	if (!tail || !follows(tail, skb) ||
	    !skb_try_coalesce(tail, skb, &stolen, &delta))
		return false;
	atomic_add(delta, &sk->sk_rmem_alloc);
	sk_mem_charge(sk, delta);
	atcp_skb_cb(tail)->end = atcp_skb_cb(skb)->end;
	if (unlikely(atcp_skb_cb(skb)->stamped)) {
		atcp_skb_cb(tail)->stamped = true;
		tail->tstamp = skb->tstamp;
		skb_hwtstamps(tail)->hwtstamp = skb_hwtstamps(skb)->hwtstamp;
	}
	kfree_skb_partial(skb, stolen);
	return true;
}

static void queue_in_order(struct sock *sk, struct sk_buff *skb)
{
	if (coalesce(sk, skb_peek_tail(&sk->sk_receive_queue), skb))
		return;
	skb_set_owner_r(skb, sk);
	__skb_queue_tail(&sk->sk_receive_queue, skb);
}

/**
 * atcp_receive_insert() - put an skb into the out-of-order queue
 * @sk: the socket, locked, which the skb is charged to
 * @skb: the skb
 */
void atcp_receive_insert(struct sock *sk, struct sk_buff *skb)
{
	struct atcp_sock *as = atcp_sk(sk);
	struct rb_node **link = &as->out_of_order.rb_node, *parent = NULL;

	while (*link) {
		struct sk_buff *at = rb_to_skb(*link);

		parent = *link;
		link = seq_lt(atcp_skb_cb(skb)->seq, atcp_skb_cb(at)->seq) ?
			       &parent->rb_left :
			       &parent->rb_right;
	}
	rb_link_node(&skb->rbnode, parent, link);
	rb_insert_color(&skb->rbnode, &as->out_of_order);
}

/* Most often it goes behind the last one, or continues that. */
static void queue_out_of_order(struct sock *sk, struct sk_buff *skb)
{
	if (coalesce(sk, skb_rb_last(&atcp_sk(sk)->out_of_order), skb))
		return;
	skb_set_owner_r(skb, sk);
	atcp_receive_insert(sk, skb);
}

/*
 * A hole was filled: what the engine counts as received may follow. What a peer
 * sent from its FIN's own number on is no part of the stream.
 */
static void pull_out_of_order(struct sock *sk)
{
	struct atcp_sock *as = atcp_sk(sk);
	u32 end = as->tcb.rcv_nxt - !!(as->tcb.use & ATCP_FIN_RECEIVED);
	struct rb_node *n;

	while ((n = rb_first(&as->out_of_order))) {
		struct sk_buff *skb = rb_to_skb(n);

		if (!seq_lt(atcp_skb_cb(skb)->seq, end))
			break;
		rb_erase(n, &as->out_of_order);
		RB_CLEAR_NODE(n);
		atcp_skb_cb(skb)->end = seq_min(atcp_skb_cb(skb)->end, end);
		__skb_queue_tail(&sk->sk_receive_queue, skb);
	}
}

/**
 * atcp_receive_queue() - keep a segment's payload
 * @sk: the socket, locked; atcp_receive_room() said yes
 * @skb: the segment, data at its payload; consumed
 * @seq: sequence number of the first octet at skb->data
 * @arrival: what the engine wants kept
 */
void atcp_receive_queue(struct sock *sk, struct sk_buff *skb, u32 seq,
			const struct atcp_arrival *arrival)
{
	const struct atcp_tcb *tcb = &atcp_sk(sk)->tcb;

	if (arrival->end - seq < skb->len &&
	    pskb_trim(skb, arrival->end - seq)) {
		/* The octets past the window stay; nobody reads so far. */
		net_dbg_ratelimited("atcp: cannot trim a segment\n");
	}
	*atcp_skb_cb(skb) = (struct atcp_skb_cb){
		.seq = seq,
		.end = arrival->end,
		.stamped = skb->tstamp || skb_hwtstamps(skb)->hwtstamp,
	};
	if (seq_leq(arrival->end, tcb->rcv_nxt)) {
		queue_in_order(sk, skb);
		if (unlikely(!RB_EMPTY_ROOT(&atcp_sk(sk)->out_of_order)))
			pull_out_of_order(sk);
	} else {
		queue_out_of_order(sk, skb);
	}
}

/**
 * atcp_receive_purge() - forget what the user did not read
 * @sk: the socket, locked
 */
void atcp_receive_purge(struct sock *sk)
{
	struct atcp_sock *as = atcp_sk(sk);
	struct rb_node *n;

	__skb_queue_purge(&sk->sk_receive_queue);
	while ((n = rb_first(&as->out_of_order))) {
		rb_erase(n, &as->out_of_order);
		RB_CLEAR_NODE(n);
		kfree_skb(rb_to_skb(n));
	}
	as->copied_seq = as->tcb.rcv_nxt;
}
