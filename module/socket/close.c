// SPDX-License-Identifier: GPL-2.0
/* CLOSE and ABORT as a socket's user sees them: close(), shutdown(),
 * connect() to AF_UNSPEC.
 */
#include "../network/ip.h"
#include "info.h"
#include "sock.h"

static bool still_closing(const struct sock *sk)
{
	return (1 << sk->sk_state) &
	       (TCPF_FIN_WAIT1 | TCPF_CLOSING | TCPF_LAST_ACK);
}

/* SO_LINGER: wait until the peer has everything, or the time is over. */
static void linger(struct sock *sk, long timeout)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);

	if (!timeout)
		return;
	add_wait_queue(sk_sleep(sk), &wait);
	while (still_closing(sk) && timeout && !signal_pending(current))
		sk_wait_event(sk, &timeout, !still_closing(sk), &wait);
	remove_wait_queue(sk_sleep(sk), &wait);
}

/*
 * Must the peer be told with a RST? If data was thrown away unread (RFC 9293
 * 3.6.1, RFC 1122 4.2.2.13), or if the user asked for it (SO_LINGER 0).
 */
static bool must_abort(struct sock *sk)
{
	if (sk->sk_state == TCP_CLOSE || sk->sk_state == TCP_LISTEN)
		return false;
	return atcp_unread(sk) ||
	       (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime);
}

static void abort_connection(struct sock *sk)
{
	atcp_count(atcp_sk_netns(sk), ATCP_COUNT_USER_ABORTS);
	atcp_user_abort(&atcp_sk(sk)->tcb);
}

static void close_connection(struct sock *sk, u64 now)
{
	struct atcp_sock *as = atcp_sk(sk);

	if (must_abort(sk)) {
		if (atcp_unread(sk))
			atcp_receive_purge(sk);
		abort_connection(sk);
	} else {
		as->tcb.use &= ~ATCP_CORK;
		atcp_user_shutdown(&as->tcb, now);
	}
	atcp_settle(sk, now);
}

/**
 * atcp_close() - close(): the user leaves
 * @sk: the socket
 * @timeout: how long SO_LINGER lets it wait, jiffies
 *
 * The connection goes on without a user until both FINs are acknowledged. Its
 * user's reference becomes its own, dropped in atcp_sock_done(), or here if
 * the connection is over already.
 */
void atcp_close(struct sock *sk, long timeout)
{
	u64 now = atcp_now();

	lock_sock(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (sk->sk_state == TCP_LISTEN)
		atcp_listen_stop(sk);
	else
		close_connection(sk, now);
	linger(sk, timeout);

	/* From here on release_sock() leaves nobody who could use it. */
	sock_hold(sk);
	release_sock(sk);
	local_bh_disable();
	bh_lock_sock(sk);
	sock_orphan(sk);
	if (sk->sk_state == TCP_CLOSE)
		atcp_sock_bury(sk);
	else
		atcp_orphan_start(sk, atcp_now());
	bh_unlock_sock(sk);
	local_bh_enable();
	sock_put(sk);
}

/**
 * atcp_shutdown() - shutdown(): struct proto's half
 * @sk: the socket, locked
 * @how: RCV_SHUTDOWN, SEND_SHUTDOWN or both
 */
void atcp_shutdown(struct sock *sk, int how)
{
	u64 now = atcp_now();

	if (how & RCV_SHUTDOWN)
		atcp_sk(sk)->tcb.use |= ATCP_NO_READER;
	if (!(how & SEND_SHUTDOWN) ||
	    !((1 << sk->sk_state) &
	      (TCPF_ESTABLISHED | TCPF_SYN_RECV | TCPF_CLOSE_WAIT)))
		return;
	atcp_user_shutdown(&atcp_sk(sk)->tcb, now);
	atcp_settle(sk, now);
}

/* Where ABORT tells the user that the connection was reset. */
#define ABORTED_STATES                                                         \
	(TCPF_SYN_SENT | TCPF_SYN_RECV | TCPF_ESTABLISHED | TCPF_FIN_WAIT1 |   \
	 TCPF_FIN_WAIT2 | TCPF_CLOSE_WAIT)

/**
 * atcp_disconnect() - connect(AF_UNSPEC), and what a failed connect() does
 * @sk: the socket, locked
 * @flags: not used
 *
 * Return: 0; the socket may listen or connect again.
 */
int atcp_disconnect(struct sock *sk, int flags)
{
	struct inet_sock *inet = inet_sk(sk);
	struct atcp_sock *as = atcp_sk(sk);
	u16 keep = as->tcb.use & (ATCP_NODELAY | ATCP_CORK);

	if (sk->sk_state == TCP_LISTEN) {
		atcp_listen_stop(sk);
	} else if (sk->sk_state != TCP_CLOSE) {
		if ((1 << sk->sk_state) & ABORTED_STATES)
			WRITE_ONCE(sk->sk_err, ECONNRESET);
		abort_connection(sk);
		atcp_settle(sk, atcp_now());
	}
	/* A connect() that failed half way has claimed these already. */
	atcp_sock_unhash(sk);
	atcp_sock_put_port(sk);
	atcp_receive_purge(sk);
	atcp_send_purge(sk);
	inet->inet_dport = 0;
	inet->inet_daddr = 0;
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK)) {
		inet->inet_saddr = 0;
		inet->inet_rcv_saddr = 0;
		atcp_port_set_addr(atcp_sk_netns(sk), &as->bind, &in6addr_any);
	}
	WRITE_ONCE(sk->sk_shutdown, 0);
	sock_reset_flag(sk, SOCK_DONE);
	sk_dst_reset(sk);
	atcp_tcb_reset(&as->tcb);
	atcp_info_reset(as);
	as->tcb.use = keep;
	/* These two Linux forgets. */
	as->tcb.settings.window_clamp = 0;
	as->user_mss = 0;
	as->copied_seq = 0;
	as->urg_data = 0;
	sk_error_report(sk);
	return 0;
}
