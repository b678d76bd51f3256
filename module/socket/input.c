// SPDX-License-Identifier: GPL-2.0
/* A segment for a full socket: into the engine, its payload into the queues. */
#include "../network/ip.h"
#include "sock.h"

/**
 * atcp_sock_arrives() - a segment for a socket
 * @sk: the socket; its spinlock is held and no process owns it, or the caller
 *      owns it
 * @skb: the segment, data at its header; consumed
 * @seg: the segment, parsed
 *
 * Context: BHs off.
 */
void atcp_sock_arrives(struct sock *sk, struct sk_buff *skb,
		       struct atcp_segment *seg)
{
	struct atcp_sock *as = atcp_sk(sk);
	struct net *net = sock_net(sk);
	struct atcp_arrival arrival;
	enum atcp_drop drop;
	u64 now = atcp_now();

	sock_owned_by_me(sk);
	atcp_pool_fill(&as->tcb,
		       seg->nr_sacks ? ATCP_POOL_LOW : ATCP_POOL_PLAIN);
	if (seg->len)
		seg->no_room = !atcp_receive_room(sk, skb, seg->seq);
	drop = atcp_segment_arrives(&as->tcb, seg, now, &arrival);
	if (unlikely(arrival.reset))
		atcp_reply_reset(net, &as->flow.tuple, seg, sk);
	if (arrival.start != arrival.end) {
		atcp_count_add(atcp_netns(net), ATCP_COUNT_IN_BYTES,
			       arrival.end - arrival.start);
		__skb_pull(skb, seg->header_len);
		/* A SYN comes before the first octet. */
		atcp_receive_queue(sk, skb,
				   seg->seq + !!(seg->flags & ATCP_SYN),
				   &arrival);
	} else if (drop) {
		atcp_drop_skb(net, skb, &as->flow.tuple, seg, drop);
	} else {
		consume_skb(skb);
	}
	atcp_settle(sk, now);
}

/**
 * atcp_backlog_rcv() - a segment that came while a process owned the socket
 * @sk: the socket, owned by the caller
 * @skb: the segment; consumed
 *
 * Return: 0.
 */
int atcp_backlog_rcv(struct sock *sk, struct sk_buff *skb)
{
	struct atcp_sock *as = atcp_sk(sk);
	struct atcp_segment seg;

	atcp_segment_parse(&seg, skb->data, skb->len);
	local_bh_disable();
	if (likely(as->hashed)) {
		atcp_sock_arrives(sk, skb, &seg);
	} else {
		/* It was this socket's when it came; whose is it now? */
		rcu_read_lock();
		atcp_receive_late(sock_net(sk), skb, &as->flow.tuple, &seg);
		rcu_read_unlock();
	}
	local_bh_enable();
	return 0;
}
