// SPDX-License-Identifier: GPL-2.0
/* A segment for a full socket: into the engine, its payload into the queues. */
#include "../network/ip.h"
#include "info.h"
#include "sock.h"

/*
 * RFC 5961 section 7: a limit for all connections together, so that forged
 * segments cannot make us flood anybody. What the limit is in one second varies
 * at random between half of it and one and a half, or an attacker could count
 * what is left of it and learn whether a guess was answered.
 */
static bool may_challenge(struct atcp_netns *an, u64 now)
{
	u32 limit = READ_ONCE(an->challenge_ack_limit);
	u32 second = div_u64(now, USEC_PER_SEC);
	int left;

	if (limit == INT_MAX)
		return true;
	if (READ_ONCE(an->challenge_second) != second) {
		WRITE_ONCE(an->challenge_second, second);
		atomic_set(&an->challenges_left,
			   limit ? limit / 2 + get_random_u32_below(limit) + 1 :
				   0);
	}
	left = atomic_dec_if_positive(&an->challenges_left);
	return left >= 0;
}

static void answer_challenge(struct sock *sk, u64 now)
{
	struct atcp_netns *an = atcp_sk_netns(sk);

	if (may_challenge(an, now)) {
		atcp_count(an, ATCP_COUNT_CHALLENGE_ACKS);
		atcp_challenge_ack(&atcp_sk(sk)->tcb);
	} else {
		atcp_count(an, ATCP_COUNT_CHALLENGES_SKIPPED);
	}
}

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
	u32 una;

	sock_owned_by_me(sk);
	atcp_pool_fill(&as->tcb,
		       seg->nr_sacks ? ATCP_POOL_LOW : ATCP_POOL_PLAIN);
	if (seg->len)
		seg->no_room = !atcp_receive_room(sk, skb, seg);
	una = as->tcb.snd_una;
	drop = atcp_segment_arrives(&as->tcb, seg, now, &arrival);
	atcp_info_arrived(as, skb, seg, una, now);
	if (unlikely(arrival.reset))
		atcp_reply_reset(net, &as->flow.tuple, seg, sk);
	if (unlikely(arrival.challenge))
		answer_challenge(sk, now);
	if (unlikely(as->tcb.events & ATCP_EV_URGENT)) {
		atcp_count(atcp_netns(net), ATCP_COUNT_URGENTS);
		atcp_urgent_arrives(sk);
	}
	/* Whatever an ICMP error spoke of, it is over. */
	if (unlikely(sk->sk_err_soft) && (as->tcb.events & ATCP_EV_ACKED))
		WRITE_ONCE(sk->sk_err_soft, 0);
	if (arrival.start != arrival.end) {
		/* A SYN comes before the first octet. */
		u32 seq = seg->seq + !!(seg->flags & ATCP_SYN);

		atcp_count_add(atcp_netns(net), ATCP_COUNT_IN_BYTES,
			       arrival.end - arrival.start);
		__skb_pull(skb, seg->header_len);
		if (unlikely(as->urg_data == ATCP_URGENT_NOT_YET))
			atcp_urgent_take(sk, skb, seq);
		atcp_receive_queue(sk, skb, seq, &arrival);
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
