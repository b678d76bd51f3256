// SPDX-License-Identifier: GPL-2.0
/*
 * RECEIVE: arrived octets until the user takes them.
 *
 * sk_receive_queue holds what is in order, out_of_order (by sequence number)
 * what is above a hole. Each skb is [cb->seq, cb->end) of the stream with its
 * payload at skb->data; neighbours may overlap, copied_seq says what counts.
 */
#include <net/ip.h>
#include "../engine/rtt.h"
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

	return max(left, 0) / 2;
}

/**
 * atcp_receive_room() - may a segment's payload be kept
 * @sk: the socket, locked
 * @skb: the segment
 * @seq: its sequence number
 *
 * Out-of-order data may fill the buffer once, data in order twice, so that
 * what fills a hole always finds room. If true, memory for @skb is reserved.
 *
 * Return: false if the payload must be dropped.
 */
bool atcp_receive_room(struct sock *sk, struct sk_buff *skb, u32 seq)
{
	bool in_order = seq_leq(seq, atcp_sk(sk)->tcb.rcv_nxt);
	int most = READ_ONCE(sk->sk_rcvbuf);

	if (atomic_read(&sk->sk_rmem_alloc) > (in_order ? most * 2LL : most))
		return false;
	return sk_rmem_schedule(sk, skb, skb->truesize);
}

static bool coalesce(struct sock *sk, struct sk_buff *tail, struct sk_buff *skb)
{
	bool stolen;
	int delta;

	if (!tail || atcp_skb_cb(tail)->end != atcp_skb_cb(skb)->seq ||
	    !skb_try_coalesce(tail, skb, &stolen, &delta))
		return false;
	atomic_add(delta, &sk->sk_rmem_alloc);
	sk_mem_charge(sk, delta);
	atcp_skb_cb(tail)->end = atcp_skb_cb(skb)->end;
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

static void queue_out_of_order(struct sock *sk, struct sk_buff *skb)
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
	skb_set_owner_r(skb, sk);
	rb_link_node(&skb->rbnode, parent, link);
	rb_insert_color(&skb->rbnode, &as->out_of_order);
}

/* A hole was filled: what the engine counts as received may follow. */
static void pull_out_of_order(struct sock *sk)
{
	struct atcp_sock *as = atcp_sk(sk);
	struct rb_node *n;

	while ((n = rb_first(&as->out_of_order))) {
		struct sk_buff *skb = rb_to_skb(n);

		if (!seq_lt(atcp_skb_cb(skb)->seq, as->tcb.rcv_nxt))
			break;
		rb_erase(n, &as->out_of_order);
		RB_CLEAR_NODE(n);
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
	atcp_skb_cb(skb)->seq = seq;
	atcp_skb_cb(skb)->end = arrival->end;
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

/**
 * atcp_inq() - octets that the user could read now
 * @sk: the socket
 *
 * Return: SIOCINQ's value, without the FIN.
 */
int atcp_inq(struct sock *sk)
{
	const struct atcp_sock *as = atcp_sk(sk);
	const struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);

	if (!tail)
		return 0;
	return max_t(int,
		     atcp_skb_cb((struct sk_buff *)tail)->end -
			     READ_ONCE(as->copied_seq),
		     0);
}

/*
 * Dynamic right-sizing: if the user reads more in a round trip than half of
 * the window, the window limits the sender; twice of it shall fit.
 */
static void grow_rcvbuf(struct sock *sk, u64 now)
{
	struct atcp_sock *as = atcp_sk(sk);
	u32 rtt = max(as->tcb.srtt_us, 1000U);
	u32 copied;
	u64 want;

	if (now - as->rcv_space_us < rtt)
		return;
	copied = as->copied_seq - as->rcv_space_seq;
	as->rcv_space_us = now;
	as->rcv_space_seq = as->copied_seq;
	want = 4ULL * copied + 32 * as->tcb.advmss;
	want = min_t(u64, want, READ_ONCE(atcp_sk_netns(sk)->rmem[2]));
	if (copied > atcp_receive_buf(sk) / 2 && want > sk->sk_rcvbuf &&
	    !(sk->sk_userlocks & SOCK_RCVBUF_LOCK) && !atcp_memory_tight())
		WRITE_ONCE(sk->sk_rcvbuf, want);
}

/* The user took octets: the peer may learn of the room. */
static void tell_engine(struct sock *sk)
{
	struct atcp_sock *as = atcp_sk(sk);
	u64 now;

	now = atcp_now();
	grow_rcvbuf(sk, now);
	atcp_user_receive(&as->tcb, atcp_receive_space(sk),
			  atcp_receive_buf(sk));
	if (as->tcb.ack_now)
		atcp_settle(sk, now);
}

/* The skb that holds *seq, freeing those before it unless peeking. */
static struct sk_buff *find_skb(struct sock *sk, u32 seq, bool peek)
{
	struct sk_buff *skb, *next;

	skb_queue_walk_safe(&sk->sk_receive_queue, skb, next) {
		if (seq_gt(atcp_skb_cb(skb)->end, seq))
			return skb;
		if (!peek)
			sk_eat_skb(sk, skb);
	}
	return NULL;
}

/*
 * Nothing to read, @copied octets so far: 1 to wait for more, else what to
 * return (0 ends with what there is).
 */
static int why_stop(struct sock *sk, size_t copied, size_t target, long timeo)
{
	if (copied >= target)
		return READ_ONCE(sk->sk_backlog.tail) ? 1 : 0;
	if (copied)
		return !(sk->sk_err || sk->sk_state == TCP_CLOSE ||
			 (sk->sk_shutdown & RCV_SHUTDOWN) || !timeo ||
			 signal_pending(current));
	if (sock_flag(sk, SOCK_DONE))
		return 0;
	if (sk->sk_err)
		return sock_error(sk);
	if (sk->sk_shutdown & RCV_SHUTDOWN)
		return 0;
	if (sk->sk_state == TCP_CLOSE)
		return -ENOTCONN;
	if (!timeo)
		return -EAGAIN;
	if (signal_pending(current))
		return sock_intr_errno(timeo);
	return 1;
}

static int copy_some(struct sk_buff *skb, u32 seq, struct msghdr *msg,
		     size_t len, int flags)
{
	u32 off = seq - atcp_skb_cb(skb)->seq;
	int part = min_t(size_t, atcp_skb_cb(skb)->end - seq, len);

	if (!(flags & MSG_TRUNC) && skb_copy_datagram_msg(skb, off, msg, part))
		return -EFAULT;
	return part;
}

static int recv_locked(struct sock *sk, struct msghdr *msg, size_t len,
		       int flags)
{
	struct atcp_sock *as = atcp_sk(sk);
	long timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	size_t target = sock_rcvlowat(sk, flags & MSG_WAITALL, len);
	u32 peek_seq = as->copied_seq;
	u32 *seq = flags & MSG_PEEK ? &peek_seq : &as->copied_seq;
	size_t copied = 0;
	int ret = 0;

	while (copied < len) {
		struct sk_buff *skb = find_skb(sk, *seq, flags & MSG_PEEK);

		if (skb) {
			ret = copy_some(skb, *seq, msg, len - copied, flags);
			if (ret < 0)
				break;
			WRITE_ONCE(*seq, *seq + ret);
			copied += ret;
			continue;
		}
		ret = why_stop(sk, copied, target, timeo);
		if (ret <= 0)
			break;
		if (!(flags & MSG_PEEK))
			tell_engine(sk);
		if (copied >= target) {
			release_sock(sk);
			lock_sock(sk);
		} else {
			sk_wait_data(sk, &timeo,
				     skb_peek_tail(&sk->sk_receive_queue));
		}
	}
	if (copied && !(flags & MSG_PEEK)) {
		find_skb(sk, *seq, false);
		tell_engine(sk);
	}
	return copied ? copied : ret;
}

/**
 * atcp_recvmsg() - recv(), read() and their family
 * @sock: the socket
 * @msg: where to
 * @len: how much
 * @flags: MSG_PEEK, MSG_WAITALL, MSG_DONTWAIT, MSG_TRUNC, MSG_ERRQUEUE
 *
 * Return: octets, 0 at the end of the stream; -ENOTCONN, -EAGAIN, -EINTR,
 * -EFAULT, -EINVAL for MSG_OOB (there never is any), or the socket's error.
 */
int atcp_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	struct sock *sk = sock->sk;
	int ret = -ENOTCONN;

	if (unlikely(flags & MSG_ERRQUEUE))
		return atcp_recv_error(sk, msg, len);
	lock_sock(sk);
	if (flags & MSG_OOB)
		ret = sk->sk_state == TCP_CLOSE ? -ENOTCONN : -EINVAL;
	else if (sk->sk_state != TCP_LISTEN)
		ret = recv_locked(sk, msg, len, flags);
	release_sock(sk);
	return ret;
}
