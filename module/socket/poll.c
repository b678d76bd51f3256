// SPDX-License-Identifier: GPL-2.0
/* poll(), select() and epoll: the bits that tcp(7) promises. */
#include <linux/poll.h>
#include "sock.h"

static __poll_t readable(struct sock *sk)
{
	const struct atcp_sock *as = atcp_sk(sk);
	u16 urg_data = READ_ONCE(as->urg_data);
	int want = sock_rcvlowat(sk, 0, INT_MAX);
	__poll_t mask = 0;

	/* At the mark the first octet is not one that a read gets. */
	if (unlikely(urg_data) && atcp_urgent_at_mark(sk) &&
	    !sock_flag(sk, SOCK_URGINLINE))
		want++;
	if (atcp_readable(sk, want))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (unlikely(urg_data & ATCP_URGENT_VALID))
		mask |= EPOLLPRI;
	return mask;
}

static __poll_t writable(struct sock *sk)
{
	if (READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN)
		return EPOLLOUT | EPOLLWRNORM;
	if (sk_stream_is_writeable(sk))
		return EPOLLOUT | EPOLLWRNORM;
	/* Ask for a wake-up, then look again: room may have come between. */
	sk_set_bit(SOCKWQ_ASYNC_NOSPACE, sk);
	set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	smp_mb__after_atomic(); /* the bit before the look */
	return sk_stream_is_writeable(sk) ? EPOLLOUT | EPOLLWRNORM : 0;
}

/**
 * atcp_poll() - struct proto_ops' poll
 * @file: the file
 * @sock: the socket
 * @wait: the table to enter, or NULL
 *
 * Lockless: the state is read first and written last (atcp_settle()), so that
 * a bit that is missed now comes with a wake-up.
 *
 * Return: EPOLLIN ... EPOLLHUP.
 */
__poll_t atcp_poll(struct file *file, struct socket *sock,
		   struct poll_table_struct *wait)
{
	struct sock *sk = sock->sk;
	__poll_t mask = 0;
	u8 shutdown;
	int state;

	sock_poll_wait(file, sock, wait);
	/* pairs with the stores of sk_state: what it stands for is there */
	state = smp_load_acquire(&sk->sk_state);
	if (state == TCP_LISTEN)
		return list_empty_careful(&atcp_sk(sk)->listener->accept) ?
			       0 :
			       EPOLLIN | EPOLLRDNORM;

	shutdown = READ_ONCE(sk->sk_shutdown);
	if (shutdown == SHUTDOWN_MASK || state == TCP_CLOSE)
		mask |= EPOLLHUP;
	if (shutdown & RCV_SHUTDOWN)
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
	if (state != TCP_SYN_SENT && state != TCP_SYN_RECV) {
		mask |= readable(sk);
		mask |= writable(sk);
	}
	/* Pairs with the store of sk_err before sk_error_report(). */
	smp_rmb();
	if (READ_ONCE(sk->sk_err) ||
	    !skb_queue_empty_lockless(&sk->sk_error_queue))
		mask |= EPOLLERR;
	return mask;
}
