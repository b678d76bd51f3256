// SPDX-License-Identifier: GPL-2.0
/* Passive OPEN: listen() and accept(). */
#include <linux/slab.h>
#include "../network/ip.h"
#include "../network/request.h"
#include "../network/trace.h"
#include "child.h"
#include "sock.h"

static struct atcp_listener *listener_alloc(void)
{
	struct atcp_listener *l = kzalloc(sizeof(*l), GFP_KERNEL_ACCOUNT);

	if (!l)
		return NULL;
	spin_lock_init(&l->lock);
	INIT_LIST_HEAD(&l->requests);
	INIT_LIST_HEAD(&l->accept);
	return l;
}

static void set_open(struct atcp_listener *l, bool open)
{
	spin_lock_bh(&l->lock);
	l->open = open;
	spin_unlock_bh(&l->lock);
}

static int listen_start(struct sock *sk)
{
	struct atcp_netns *an = atcp_sk_netns(sk);
	struct atcp_sock *as = atcp_sk(sk);
	int err;

	if (!as->listener) {
		as->listener = listener_alloc();
		if (!as->listener)
			return -ENOMEM;
	}
	if (!inet_sk(sk)->inet_num) {
		err = atcp_get_port(sk, 0);
		if (err)
			return err;
		inet_sk(sk)->inet_sport = htons(inet_sk(sk)->inet_num);
	}
	sk->sk_ack_backlog = 0;
	set_open(as->listener, true);
	err = atcp_port_listen(an, &as->bind);
	if (err) {
		set_open(as->listener, false);
		return err;
	}
	atcp_tuple_set_v4(&as->flow.tuple, inet_sk(sk)->inet_rcv_saddr,
			  inet_sk(sk)->inet_num, 0, 0, as->wire);
	atcp_set_state(&as->tcb, ATCP_LISTEN, ATCP_CAUSE_PASSIVE_OPEN);
	atcp_settle(sk, atcp_now());
	return 0;
}

/**
 * atcp_listen() - listen()
 * @sock: the socket
 * @backlog: most connections that wait for accept()
 *
 * Return: 0, -EINVAL if connected, -EADDRINUSE, -ENOMEM.
 */
int atcp_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	int err = -EINVAL;

	lock_sock(sk);
	if (sock->state != SS_UNCONNECTED || sock->type != SOCK_STREAM)
		goto out;
	if (!((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN)))
		goto out;
	WRITE_ONCE(sk->sk_max_ack_backlog, backlog);
	err = sk->sk_state == TCP_LISTEN ? 0 : listen_start(sk);
out:
	release_sock(sk);
	return err;
}

/**
 * atcp_listen_full() - is the accept queue full
 * @sk: a listener; may be read without its lock
 *
 * Return: true if no further connection should be completed.
 */
bool atcp_listen_full(struct sock *sk)
{
	return READ_ONCE(sk->sk_ack_backlog) >
	       READ_ONCE(sk->sk_max_ack_backlog);
}

/**
 * atcp_listen_enqueue() - a child waits for accept()
 * @sk: the listener
 * @child: the child, locked; its user's reference goes to the queue
 *
 * Context: softirq, the listener is not locked.
 * Return: false if the listener has closed; the child is still the caller's.
 */
bool atcp_listen_enqueue(struct sock *sk, struct sock *child)
{
	struct atcp_listener *l = atcp_sk(sk)->listener;
	bool open;

	spin_lock(&l->lock);
	open = l->open;
	if (open) {
		list_add_tail(&atcp_sk(child)->accept_node, &l->accept);
		sk_acceptq_added(sk);
	}
	spin_unlock(&l->lock);
	if (open)
		sk->sk_data_ready(sk);
	return open;
}

static struct sock *dequeue(struct sock *sk)
{
	struct atcp_listener *l = atcp_sk(sk)->listener;
	struct atcp_sock *child;

	spin_lock_bh(&l->lock);
	child = list_first_entry_or_null(&l->accept, struct atcp_sock,
					 accept_node);
	if (child) {
		list_del_init(&child->accept_node);
		sk_acceptq_removed(sk);
	}
	spin_unlock_bh(&l->lock);
	return child ? atcp_to_sk(child) : NULL;
}

static bool accept_ready(const struct sock *sk)
{
	return sk->sk_state != TCP_LISTEN ||
	       !list_empty(&atcp_sk(sk)->listener->accept);
}

static int wait_for_child(struct sock *sk, long timeo)
{
	DEFINE_WAIT(wait);
	int err = 0;

	while (!accept_ready(sk)) {
		prepare_to_wait_exclusive(sk_sleep(sk), &wait,
					  TASK_INTERRUPTIBLE);
		release_sock(sk);
		if (!accept_ready(sk))
			timeo = schedule_timeout(timeo);
		lock_sock(sk);
		if (accept_ready(sk))
			break;
		if (signal_pending(current))
			err = sock_intr_errno(timeo);
		else if (!timeo)
			err = -EAGAIN;
		if (err)
			break;
	}
	finish_wait(sk_sleep(sk), &wait);
	return err;
}

/**
 * atcp_accept_child() - accept(): struct proto's half
 * @sk: the listener
 * @nonblock: do not wait
 * @err: set if there is no child: -EINVAL not listening, -EAGAIN, -EINTR
 *
 * Return: the child with its user's reference, or NULL.
 */
struct sock *atcp_accept_child(struct sock *sk, bool nonblock, int *err)
{
	struct sock *child = NULL;

	lock_sock(sk);
	*err = -EINVAL;
	if (sk->sk_state != TCP_LISTEN)
		goto out;
	child = dequeue(sk);
	if (child)
		goto out;
	*err = -EAGAIN;
	if (nonblock)
		goto out;
	*err = wait_for_child(sk, sock_rcvtimeo(sk, false));
	if (*err)
		goto out;
	*err = -EINVAL;
	if (sk->sk_state == TCP_LISTEN)
		child = dequeue(sk);
out:
	release_sock(sk);
	return child;
}

/* Take one request out of a list that others shorten at the same time. */
static struct atcp_request_sock *next_request(struct atcp_listener *l)
{
	struct atcp_request_sock *rs;

	spin_lock_bh(&l->lock);
	list_for_each_entry(rs, &l->requests, node)
		if (atcp_request_get(rs)) {
			spin_unlock_bh(&l->lock);
			return rs;
		}
	spin_unlock_bh(&l->lock);
	return NULL;
}

/**
 * atcp_listen_stop() - a listener closes
 * @sk: the listener, locked
 *
 * Its requests are forgotten, its unaccepted children reset: RFC 9293 section
 * 3.10.4, CLOSE in LISTEN, for each of them 3.10.5.
 */
void atcp_listen_stop(struct sock *sk)
{
	struct atcp_sock *as = atcp_sk(sk);
	struct atcp_request_sock *rs;
	struct sock *child;

	set_open(as->listener, false);
	atcp_port_unlisten(atcp_sk_netns(sk), &as->bind);
	while ((rs = next_request(as->listener))) {
		atcp_request_kill(rs, ATCP_CAUSE_CLOSE);
		atcp_request_put(rs);
	}
	while ((child = dequeue(sk))) {
		local_bh_disable();
		sock_hold(child);
		bh_lock_sock_nested(child);
		atcp_child_abort(child);
		bh_unlock_sock(child);
		sock_put(child);
		local_bh_enable();
	}
	atcp_tcb_delete(&as->tcb, ATCP_CAUSE_CLOSE);
	atcp_settle(sk, atcp_now());
}
