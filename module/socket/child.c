// SPDX-License-Identifier: GPL-2.0
/*
 * A listener's children. A child is made in softirq by the third segment of
 * the handshake; its options are its listener's, as socket(7) and ip(7) have
 * it for inherited ones.
 */
#include <linux/filter.h>
#include <net/ip.h>
#include "../network/ip.h"
#include "child.h"
#include "congestion.h"
#include "sock.h"

static void inherit_sock(struct sock *child, const struct sock *sk)
{
	child->sk_type = sk->sk_type;
	child->sk_protocol = sk->sk_protocol;
	child->sk_uid = sk->sk_uid;
	child->sk_bound_dev_if = sk->sk_bound_dev_if;
	child->sk_flags = sk->sk_flags & ~BIT(SOCK_DEAD);
	child->sk_reuse = sk->sk_reuse;
	child->sk_reuseport = sk->sk_reuseport;
	child->sk_userlocks = sk->sk_userlocks & ~SOCK_BINDPORT_LOCK;
	child->sk_sndbuf = sk->sk_sndbuf;
	child->sk_rcvbuf = sk->sk_rcvbuf;
	child->sk_rcvlowat = sk->sk_rcvlowat;
	child->sk_lingertime = sk->sk_lingertime;
	child->sk_rcvtimeo = sk->sk_rcvtimeo;
	child->sk_sndtimeo = sk->sk_sndtimeo;
	child->sk_mark = sk->sk_mark;
	child->sk_txrehash = sk->sk_txrehash;
	child->sk_no_check_tx = sk->sk_no_check_tx;
	child->sk_no_check_rx = sk->sk_no_check_rx;
	child->sk_tsflags = sk->sk_tsflags;
	child->sk_max_pacing_rate = sk->sk_max_pacing_rate;
	child->sk_pacing_rate = sk->sk_pacing_rate;
	child->sk_pacing_status = sk->sk_pacing_status;
	child->sk_incoming_cpu = raw_smp_processor_id();
#ifdef CONFIG_NET_RX_BUSY_POLL
	child->sk_ll_usec = sk->sk_ll_usec;
	child->sk_prefer_busy_poll = sk->sk_prefer_busy_poll;
	child->sk_busy_poll_budget = sk->sk_busy_poll_budget;
#endif
	child->sk_backlog_rcv = sk->sk_backlog_rcv;
	if (child->sk_flags & SK_FLAGS_TIMESTAMP)
		net_enable_timestamp();
}

/* As the kernel does when it clones a socket; not every kernel exports that. */
static void inherit_filter(struct sock *child, const struct sock *sk)
{
	struct sk_filter *filter;

	rcu_read_lock();
	filter = rcu_dereference(sk->sk_filter);
	if (filter && refcount_inc_not_zero(&filter->refcnt)) {
		atomic_add(bpf_prog_size(filter->prog->len),
			   &child->sk_omem_alloc);
		RCU_INIT_POINTER(child->sk_filter, filter);
	}
	rcu_read_unlock();
}

static void inherit_inet(struct sock *child, const struct sock *sk,
			 const struct atcp_tuple *tuple)
{
	const struct inet_sock *inet = inet_sk(sk);
	struct inet_sock *ci = inet_sk(child);

	ci->inet_rcv_saddr = tuple->laddr.s6_addr32[3];
	ci->inet_saddr = tuple->laddr.s6_addr32[3];
	ci->inet_daddr = tuple->raddr.s6_addr32[3];
	ci->inet_num = tuple->lport;
	ci->inet_sport = htons(tuple->lport);
	ci->inet_dport = htons(tuple->rport);
	ci->tos = inet->tos;
	ci->uc_ttl = inet->uc_ttl;
	ci->min_ttl = inet->min_ttl;
	ci->mc_ttl = inet->mc_ttl;
	ci->pmtudisc = inet->pmtudisc;
	atcp_inherit_inet_flags(ci, inet);
}

/**
 * atcp_child_create() - a socket for a connection that was a request
 * @sk: the listener
 * @tuple: the connection, whose flow the caller will hand over
 * @req: what the engine knows of it
 * @now: the time
 *
 * Context: softirq.
 * Return: the child, in SYN-RECEIVED and in no table but its port's; NULL
 * without memory or route.
 */
struct sock *atcp_child_create(struct sock *sk, const struct atcp_tuple *tuple,
			       const struct atcp_request *req, u64 now)
{
	struct net *net = sock_net(sk);
	struct dst_entry *dst;
	struct atcp_sock *as;
	struct sock *child;

	child = sk_alloc(net, sk->sk_family, GFP_ATOMIC, sk->sk_prot, 0);
	if (!child)
		return NULL;
	sock_init_data(NULL, child);
	inherit_sock(child, sk);
	inherit_filter(child, sk);
	inherit_inet(child, sk, tuple);
	security_sk_clone(sk, child);
	atcp_sock_init(child);
	as = atcp_sk(child);
	as->wire = atcp_sk(sk)->wire;
	atcp_option_inherit(as, atcp_sk(sk));
	atcp_cong_inherit(child, sk);
	as->flow.tuple = *tuple;

	dst = atcp_route_v4(net, &inet_sk(child)->cork.fl.u.ip4, child,
			    inet_sk(child)->inet_daddr,
			    inet_sk(child)->inet_saddr, tuple->rport,
			    tuple->lport);
	if (IS_ERR(dst)) {
		atcp_child_discard(child);
		return NULL;
	}
	sk_setup_caps(child, dst);
	as->mtu = dst_mtu(dst);
	atcp_pool_fill(&as->tcb, ATCP_POOL_PLAIN);
	atcp_request_promote(req, &as->tcb, now);
	as->rcv_space_us = now;
	/* Linux counts the SYN of the end that connects, not this one's. */
	as->stream.bytes_acked--;
	child->sk_state = TCP_SYN_RECV;
	as->bind.addr = tuple->laddr;
	atcp_port_inherit(atcp_netns(net), &as->bind, &atcp_sk(sk)->bind);
	return child;
}

/**
 * atcp_child_discard() - a child that never was in the flow table
 * @child: the child; the reference that were its user's is dropped
 */
void atcp_child_discard(struct sock *child)
{
	struct atcp_sock *as = atcp_sk(child);

	atcp_tcb_purge(&as->tcb);
	as->tcb.state = ATCP_CLOSED;
	child->sk_state = TCP_CLOSE;
	atcp_port_release(atcp_sk_netns(child), &as->bind);
	sock_orphan(child);
	sock_put(child);
}

/**
 * atcp_child_abort() - a child that no process will ever see
 * @child: the child, locked either way; its flow is in the table
 *
 * Its peer gets a RST. Drops the reference that were its user's; the caller
 * has one of its own.
 */
void atcp_child_abort(struct sock *child)
{
	sock_orphan(child);
	if (child->sk_state == TCP_CLOSE) {
		atcp_sock_bury(child);
		return;
	}
	atcp_user_abort(&atcp_sk(child)->tcb);
	atcp_settle(child, atcp_now());
}

/**
 * atcp_child_start() - the segment that made the child, and its listener
 * @sk: the listener
 * @child: the child, its spinlock held by the caller
 * @skb: the segment; consumed
 * @seg: the segment, parsed
 *
 * The child is complete before its listener hears of it, so that accept()
 * finds the data that came with the segment. A listener that closed meanwhile
 * gets no child: the connection is reset.
 */
void atcp_child_start(struct sock *sk, struct sock *child, struct sk_buff *skb,
		      struct atcp_segment *seg)
{
	struct atcp_sock *as = atcp_sk(child);

	as->hashed = true;
	atcp_sock_arrives(child, skb, seg);
	if (!atcp_listen_enqueue(sk, child))
		atcp_child_abort(child);
}
