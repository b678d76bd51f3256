// SPDX-License-Identifier: GPL-2.0
/* RECEIVE's other end: the user takes what has arrived. */
#include <net/ip.h>
#include "../engine/seq.h"
#include "sock.h"

/**
 * atcp_unread() - octets in order that the user has not read
 * @sk: the socket; may be read without its lock
 *
 * Return: octets, without the FIN.
 */
int atcp_unread(const struct sock *sk)
{
	const struct atcp_sock *as = atcp_sk(sk);
	int n;

	if ((1 << READ_ONCE(sk->sk_state)) &
	    (TCPF_LISTEN | TCPF_SYN_SENT | TCPF_SYN_RECV))
		return 0;
	n = READ_ONCE(as->tcb.rcv_nxt) - READ_ONCE(as->copied_seq);
	if (READ_ONCE(as->tcb.use) & ATCP_FIN_RECEIVED)
		n--;
	return max(n, 0);
}

/**
 * atcp_inq() - octets that one read gets
 * @sk: the socket; may be read without its lock
 *
 * Return: SIOCINQ's value: up to the urgent octet, if it is not in line.
 */
int atcp_inq(const struct sock *sk)
{
	int n = atcp_unread(sk);

	if (unlikely(READ_ONCE(atcp_sk(sk)->urg_data)))
		return atcp_urgent_inq(sk, n);
	return n;
}

/**
 * atcp_peek_len() - struct proto_ops' peek_len
 * @sock: the socket
 *
 * Return: SIOCINQ's value.
 */
int atcp_peek_len(struct socket *sock)
{
	return atcp_inq(sock->sk);
}

/**
 * atcp_readable() - is there as much to read as the user wants to hear of
 * @sk: the socket; may be read without its lock
 * @want: octets, SO_RCVLOWAT
 *
 * Less than that is enough if no more can come: without room in the buffer.
 */
bool atcp_readable(const struct sock *sk, int want)
{
	const struct atcp_tcb *tcb = &atcp_sk(sk)->tcb;
	int n = atcp_unread(sk), rcvbuf = READ_ONCE(sk->sk_rcvbuf);

	if (n >= want)
		return n > 0;
	return n > 0 &&
	       (sk_under_memory_pressure(sk) ||
		atomic_read(&sk->sk_rmem_alloc) > rcvbuf - (rcvbuf >> 3) ||
		atcp_rcv_wnd(tcb) <= READ_ONCE(tcb->rcv_mss));
}

/**
 * atcp_data_ready() - wake whoever waits for data, if there is enough of it
 * @sk: the socket, locked
 */
void atcp_data_ready(struct sock *sk)
{
	if (sock_flag(sk, SOCK_DONE) ||
	    atcp_readable(sk, READ_ONCE(sk->sk_rcvlowat)))
		sk->sk_data_ready(sk);
}

/**
 * atcp_set_rcvlowat() - SO_RCVLOWAT: struct proto_ops' set_rcvlowat
 * @sk: the socket, locked
 * @value: octets
 *
 * A buffer that could never hold so much would never be readable: it grows.
 *
 * Return: 0.
 */
int atcp_set_rcvlowat(struct sock *sk, int value)
{
	bool fixed = sk->sk_userlocks & SOCK_RCVBUF_LOCK;
	int most = fixed ? READ_ONCE(sk->sk_rcvbuf) :
			   READ_ONCE(atcp_sk_netns(sk)->rmem[2]);

	value = min(value, most / 2);
	WRITE_ONCE(sk->sk_rcvlowat, value ?: 1);
	atcp_data_ready(sk);
	if (!fixed && 2 * value > READ_ONCE(sk->sk_rcvbuf))
		WRITE_ONCE(sk->sk_rcvbuf, 2 * value);
	return 0;
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
	    READ_ONCE(atcp_sk_netns(sk)->moderate_rcvbuf) &&
	    !(sk->sk_userlocks & SOCK_RCVBUF_LOCK) &&
	    !sk_under_memory_pressure(sk))
		WRITE_ONCE(sk->sk_rcvbuf, want);
}

/**
 * atcp_read_find() - the skb with an octet of the stream
 * @sk: the socket, locked
 * @seq: the octet's sequence number, at or after copied_seq
 * @keep: leave what comes before it; else it is freed
 *
 * Return: the skb, or NULL if it has not arrived.
 */
struct sk_buff *atcp_read_find(struct sock *sk, u32 seq, bool keep)
{
	struct sk_buff *skb, *next;

	skb_queue_walk_safe(&sk->sk_receive_queue, skb, next) {
		if (seq_gt(atcp_skb_cb(skb)->end, seq))
			return skb;
		if (!keep)
			sk_eat_skb(sk, skb);
	}
	return NULL;
}

/**
 * atcp_read_done() - the user took octets: the peer may learn of the room
 * @sk: the socket, locked, copied_seq moved
 */
void atcp_read_done(struct sock *sk)
{
	struct atcp_sock *as = atcp_sk(sk);
	u64 now = atcp_now();

	atcp_read_find(sk, as->copied_seq, false);
	grow_rcvbuf(sk, now);
	atcp_user_receive(&as->tcb, atcp_receive_space(sk),
			  atcp_receive_buf(sk));
	if (as->tcb.ack_now)
		atcp_settle(sk, now);
}

/**
 * atcp_read_stop() - there is nothing to read and nothing was: what now
 * @sk: the socket, locked
 * @timeo: how long the user would wait, jiffies
 *
 * Return: 1 to wait; 0 at the end of the stream; -ENOTCONN, -EAGAIN, -EINTR or
 * the socket's error.
 */
int atcp_read_stop(struct sock *sk, long timeo)
{
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

/* One call of recvmsg(). */
struct reading {
	struct msghdr *msg;
	size_t len;    /* wanted */
	size_t copied; /* of that */
	size_t target; /* less is not enough */
	int flags;
	long timeo;   /* jiffies */
	u32 peek_seq; /* with MSG_PEEK in place of copied_seq */
	u32 *seq;
	struct atcp_stamps stamps;
};

/* Return: 1 to wait for more, else what to return if nothing was copied. */
static int why_stop(struct sock *sk, const struct reading *r)
{
	if (r->copied >= r->target)
		return READ_ONCE(sk->sk_backlog.tail) ? 1 : 0;
	if (r->copied)
		return !(sk->sk_err || sk->sk_state == TCP_CLOSE ||
			 (sk->sk_shutdown & RCV_SHUTDOWN) || !r->timeo ||
			 signal_pending(current));
	return atcp_read_stop(sk, r->timeo);
}

/* Return: octets, 0 if all that was there was the urgent one; or -EFAULT. */
static int copy_some(struct sock *sk, struct sk_buff *skb, struct reading *r)
{
	const struct atcp_skb_cb *cb = atcp_skb_cb(skb);
	struct atcp_sock *as = atcp_sk(sk);
	u32 part = min_t(size_t, cb->end - *r->seq, r->len - r->copied);

	if (unlikely(as->urg_data))
		part = atcp_urgent_cut(sk, r->seq, part);
	if (part && !(r->flags & MSG_TRUNC) &&
	    skb_copy_datagram_msg(skb, *r->seq - cb->seq, r->msg, part))
		return -EFAULT;
	WRITE_ONCE(*r->seq, *r->seq + part);
	if (unlikely(as->urg_data))
		atcp_urgent_passed(sk);
	if (unlikely(cb->stamped))
		atcp_stamps_take(&r->stamps, skb);
	r->copied += part;
	return part;
}

/* The process left the lock; did another one read what this one peeked? */
static void wait_more(struct sock *sk, struct reading *r, int *err)
{
	u32 read_seq = atcp_sk(sk)->copied_seq;

	if (r->copied && !(r->flags & MSG_PEEK))
		atcp_read_done(sk);
	if (r->copied >= r->target) {
		release_sock(sk);
		lock_sock(sk);
	} else {
		*err = sk_wait_data(sk, &r->timeo,
				    skb_peek_tail(&sk->sk_receive_queue));
	}
	if ((r->flags & MSG_PEEK) && read_seq != atcp_sk(sk)->copied_seq)
		r->peek_seq = atcp_sk(sk)->copied_seq;
}

static int recv_locked(struct sock *sk, struct reading *r)
{
	struct atcp_sock *as = atcp_sk(sk);
	int ret = 0;

	while (r->copied < r->len) {
		struct sk_buff *skb;

		if (unlikely(as->urg_data) && as->urg_seq == *r->seq) {
			/* A read stops at the mark. */
			if (r->copied)
				break;
			if (signal_pending(current)) {
				ret = r->timeo ? sock_intr_errno(r->timeo) :
						 -EAGAIN;
				break;
			}
		}
		skb = atcp_read_find(sk, *r->seq, r->flags & MSG_PEEK);
		if (skb) {
			ret = copy_some(sk, skb, r);
			if (ret < 0)
				break;
			continue;
		}
		ret = why_stop(sk, r);
		if (ret <= 0)
			break;
		ret = 0;
		wait_more(sk, r, &ret);
		if (ret < 0)
			break;
	}
	if (r->flags & MSG_PEEK) {
		sk_peek_offset_fwd(sk, r->copied);
	} else if (r->copied) {
		sk_peek_offset_bwd(sk, r->copied);
		atcp_read_done(sk);
	}
	return r->copied ? r->copied : ret;
}

static int recv_stream(struct sock *sk, struct msghdr *msg, size_t len,
		       int flags)
{
	struct atcp_sock *as = atcp_sk(sk);
	struct reading r = {
		.msg = msg,
		.len = len,
		.target = sock_rcvlowat(sk, flags & MSG_WAITALL, len),
		.flags = flags,
		.timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT),
		.seq = &as->copied_seq,
	};
	bool want_inq = as->recv_inq;
	int ret;

	if (flags & MSG_PEEK) {
		r.peek_seq = as->copied_seq + max(sk_peek_offset(sk, flags), 0);
		r.seq = &r.peek_seq;
	}
	ret = recv_locked(sk, &r);
	release_sock(sk);
	if (ret >= 0)
		atcp_put_cmsgs(sk, msg, &r.stamps, want_inq);
	return ret;
}

/**
 * atcp_recvmsg() - recv(), read() and their family
 * @sock: the socket
 * @msg: where to
 * @len: how much
 * @flags: MSG_PEEK, MSG_WAITALL, MSG_DONTWAIT, MSG_TRUNC, MSG_OOB, MSG_ERRQUEUE
 *
 * Return: octets, 0 at the end of the stream; -ENOTCONN, -EAGAIN, -EINTR,
 * -EFAULT, -EINVAL for MSG_OOB when there is none, or the socket's error.
 */
int atcp_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	struct sock *sk = sock->sk;
	int ret = -ENOTCONN;

	if (unlikely(flags & MSG_ERRQUEUE))
		return atcp_recv_error(sk, msg, len);
	lock_sock(sk);
	if (likely(sk->sk_state != TCP_LISTEN)) {
		if (likely(!(flags & MSG_OOB)))
			return recv_stream(sk, msg, len, flags);
		ret = atcp_urgent_recv(sk, msg, len, flags);
	}
	release_sock(sk);
	return ret;
}
