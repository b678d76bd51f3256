// SPDX-License-Identifier: GPL-2.0
/*
 * A receive buffer over its limit. What the window promises is half of the
 * buffer, and small segments take more memory than twice their payload: first
 * they are packed, then the out-of-order queue is shortened from its end, which
 * the peer will send again. What was acknowledged is never thrown away.
 */
#include "../engine/seq.h"
#include "sock.h"

/* Payload of one packed skb: together with its head it fills a page. */
#define PACKED_MAX ((u32)SKB_MAX_ORDER(0, 0))

/* Most payload that is packed at once, so that the copy takes little memory. */
#define RUN_MAX (32U << 10)

static bool over_limit(const struct sock *sk)
{
	return atomic_read(&sk->sk_rmem_alloc) > READ_ONCE(sk->sk_rcvbuf);
}

/* Does it take more memory than the window has counted for it? */
static bool bloated(struct sk_buff *skb)
{
	return skb->truesize >
	       2 * (atcp_skb_cb(skb)->end - atcp_skb_cb(skb)->seq);
}

static void inherit_stamp(struct sk_buff *to, struct sk_buff *from)
{
	if (!atcp_skb_cb(from)->stamped)
		return;
	atcp_skb_cb(to)->stamped = true;
	to->tstamp = from->tstamp;
	*skb_hwtstamps(to) = *skb_hwtstamps(from);
}

/*
 * Copy [seq, end), which @run holds without a gap, to skbs that are full.
 * Return: false without memory; @fresh has what was copied so far.
 */
static bool copy_run(struct sk_buff_head *run, u32 seq, u32 end,
		     struct sk_buff_head *fresh)
{
	struct sk_buff *skb, *to = NULL;

	skb_queue_walk(run, skb) {
		const struct atcp_skb_cb *cb = atcp_skb_cb(skb);

		while (seq_lt(seq, cb->end)) {
			u32 part;

			if (!to || !skb_tailroom(to)) {
				to = alloc_skb(min(end - seq, PACKED_MAX),
					       GFP_ATOMIC | __GFP_NOWARN);
				if (!to)
					return false;
				*atcp_skb_cb(to) =
					(struct atcp_skb_cb){ seq, seq, false };
				__skb_queue_tail(fresh, to);
			}
			part = min_t(u32, cb->end - seq, skb_tailroom(to));
			if (skb_copy_bits(skb, seq - cb->seq, skb_put(to, part),
					  part))
				return false;
			inherit_stamp(to, skb);
			seq += part;
			atcp_skb_cb(to)->end = seq;
		}
	}
	return true;
}

static u32 memory_of(const struct sk_buff_head *list)
{
	const struct sk_buff *skb;
	u32 sum = 0;

	skb_queue_walk(list, skb)
		sum += skb->truesize;
	return sum;
}

/*
 * Replace the skbs of @run by fewer ones, if that saves memory. They are the
 * socket's either way and belong to no queue now.
 */
static void pack(struct sock *sk, struct sk_buff_head *run, u32 seq, u32 end)
{
	struct sk_buff_head fresh;
	struct sk_buff *skb;

	__skb_queue_head_init(&fresh);
	if (!copy_run(run, seq, end, &fresh) ||
	    memory_of(&fresh) >= memory_of(run)) {
		__skb_queue_purge(&fresh);
		return;
	}
	atcp_count_add(atcp_sk_netns(sk), ATCP_COUNT_COLLAPSED,
		       skb_queue_len(run));
	__skb_queue_purge(run);
	skb_queue_splice_init(&fresh, run);
	skb_queue_walk(run, skb)
		skb_set_owner_r(skb, sk);
}

/* From @skb on, all that is bloated, into @run. Return: where it ends. */
static u32 take_in_order(struct sock *sk, struct sk_buff *skb,
			 struct sk_buff_head *run, u32 seq)
{
	struct sk_buff_head *queue = &sk->sk_receive_queue;
	u32 end = seq;

	while (skb && bloated(skb) && end - seq < RUN_MAX) {
		struct sk_buff *next = skb_peek_next(skb, queue);

		end = seq_max(end, atcp_skb_cb(skb)->end);
		__skb_unlink(skb, queue);
		__skb_queue_tail(run, skb);
		skb = next;
	}
	return end;
}

static void pack_in_order(struct sock *sk)
{
	struct sk_buff_head *queue = &sk->sk_receive_queue;
	struct sk_buff *skb = skb_peek(queue), *last = NULL;
	struct sk_buff_head run;

	__skb_queue_head_init(&run);
	while (skb) {
		if (bloated(skb)) {
			u32 seq = seq_max(atcp_skb_cb(skb)->seq,
					  atcp_sk(sk)->copied_seq);

			pack(sk, &run, seq, take_in_order(sk, skb, &run, seq));
			while ((skb = __skb_dequeue(&run))) {
				if (last)
					__skb_queue_after(queue, last, skb);
				else
					__skb_queue_head(queue, skb);
				last = skb;
			}
		} else {
			last = skb;
		}
		skb = last ? skb_peek_next(last, queue) : skb_peek(queue);
	}
}

/* The same in the tree, where a gap ends it too. */
static u32 take_out_of_order(struct rb_root *root, struct sk_buff *skb,
			     struct sk_buff_head *run)
{
	u32 seq = atcp_skb_cb(skb)->seq, end = seq;

	while (skb && bloated(skb) && end - seq < RUN_MAX &&
	       seq_leq(atcp_skb_cb(skb)->seq, end)) {
		struct sk_buff *next = skb_rb_next(skb);

		end = seq_max(end, atcp_skb_cb(skb)->end);
		rb_erase(&skb->rbnode, root);
		__skb_queue_tail(run, skb);
		skb = next;
	}
	return end;
}

static void pack_out_of_order(struct sock *sk)
{
	struct rb_root *root = &atcp_sk(sk)->out_of_order;
	struct sk_buff *skb = skb_rb_first(root), *last;
	struct sk_buff_head run;

	__skb_queue_head_init(&run);
	while (skb) {
		last = skb;
		if (bloated(skb)) {
			u32 seq = atcp_skb_cb(skb)->seq;

			pack(sk, &run, seq, take_out_of_order(root, skb, &run));
			while ((skb = __skb_dequeue(&run))) {
				atcp_receive_insert(sk, skb);
				last = skb;
			}
		}
		skb = skb_rb_next(last);
	}
}

/* Nothing from @from on is here any more: no skb may say that it is. */
static void cut_out_of_order(struct sock *sk, u32 from)
{
	struct atcp_sock *as = atcp_sk(sk);
	struct rb_node *n;

	for (n = rb_first(&as->out_of_order); n; n = rb_next(n)) {
		struct atcp_skb_cb *cb = atcp_skb_cb(rb_to_skb(n));

		cb->end = seq_min(cb->end, from);
	}
	atcp_user_pruned(&as->tcb, from);
}

/*
 * Drop from the end of the out-of-order queue, an eighth of the buffer at a
 * time, but nothing below @seq, the newcomer's: it would not be better.
 * Return: false if there was nothing to drop.
 */
static bool drop_out_of_order(struct sock *sk, u32 seq)
{
	struct rb_root *root = &atcp_sk(sk)->out_of_order;
	int step = READ_ONCE(sk->sk_rcvbuf) >> 3, goal = step;
	bool dropped = false;
	u32 from = 0;
	struct sk_buff *skb, *prev;

	for (skb = skb_rb_last(root); skb; skb = prev) {
		if (seq_geq(seq, atcp_skb_cb(skb)->seq))
			break;
		prev = skb_rb_prev(skb);
		from = atcp_skb_cb(skb)->seq;
		goal -= skb->truesize;
		rb_erase(&skb->rbnode, root);
		RB_CLEAR_NODE(&skb->rbnode);
		kfree_skb(skb);
		dropped = true;
		if (goal > 0)
			continue;
		if (!over_limit(sk) && !sk_under_memory_pressure(sk))
			break;
		goal = step;
	}
	if (!dropped)
		return false;
	cut_out_of_order(sk, from);
	atcp_count(atcp_sk_netns(sk), ATCP_COUNT_OFO_PRUNED);
	return true;
}

/*
 * A buffer that nobody fixed may grow for the sake of what its window has
 * promised already.
 */
static void grow(struct sock *sk)
{
	int most = READ_ONCE(atcp_sk_netns(sk)->rmem[2]);
	int used = atomic_read(&sk->sk_rmem_alloc);

	if (sk->sk_userlocks & SOCK_RCVBUF_LOCK ||
	    sk_under_memory_pressure(sk) ||
	    sk_memory_allocated(sk) >= sk_prot_mem_limits(sk, 0))
		return;
	WRITE_ONCE(sk->sk_rcvbuf,
		   max(READ_ONCE(sk->sk_rcvbuf), min(used, most)));
}

/**
 * atcp_prune() - bring a receive buffer below its limit
 * @sk: the socket, locked
 * @seq: sequence number of a segment that wants in
 */
void atcp_prune(struct sock *sk, u32 seq)
{
	atcp_count(atcp_sk_netns(sk), ATCP_COUNT_PRUNES);
	grow(sk);
	if (over_limit(sk))
		pack_out_of_order(sk);
	if (over_limit(sk))
		pack_in_order(sk);
	if (over_limit(sk))
		drop_out_of_order(sk, seq);
}

/**
 * atcp_prune_memory() - all sockets together have too much
 * @sk: the socket, locked
 * @seq: sequence number of a segment that wants in
 *
 * Return: true if something could be given back.
 */
bool atcp_prune_memory(struct sock *sk, u32 seq)
{
	return drop_out_of_order(sk, seq);
}
