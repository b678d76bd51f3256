// SPDX-License-Identifier: GPL-2.0
/* Active OPEN: bind() and connect(). */
#include <net/ip.h>
#include "../network/ip.h"
#include "../network/timewait.h"
#include "sock.h"

/**
 * atcp_get_port() - bind() and listen(): take a local port
 * @sk: the socket, locked, its local address set
 * @number: the port, host order; 0 for any
 *
 * Return: 0 with inet_num set, -EADDRINUSE, -ENOMEM.
 */
int atcp_get_port(struct sock *sk, unsigned short number)
{
	struct atcp_sock *as = atcp_sk(sk);
	int err;

	ipv6_addr_set_v4mapped(inet_sk(sk)->inet_rcv_saddr, &as->bind.addr);
	err = atcp_port_bind(atcp_sk_netns(sk), &as->bind, number, as->wire);
	if (!err)
		inet_sk(sk)->inet_num = as->bind.port->number;
	return err;
}

/*
 * Claim the four-tuple with the local port @number. If a connection in
 * TIME-WAIT gives it up, the new one starts from where that one ended.
 */
static int claim(struct sock *sk, u16 number, bool bound,
		 struct atcp_open *open)
{
	struct inet_sock *inet = inet_sk(sk);
	struct atcp_sock *as = atcp_sk(sk);
	struct atcp_timewait old;
	int err;

	atcp_tuple_set_v4(&as->flow.tuple, inet->inet_saddr, number,
			  inet->inet_daddr, ntohs(inet->inet_dport), as->wire);
	local_bh_disable();
	err = atcp_flow_insert(atcp_sk_netns(sk), &as->flow);
	local_bh_enable();
	open->iss = 0;
	if (err == -EADDRNOTAVAIL && atcp_timewait_take(as, bound, &old)) {
		open->iss = atcp_timewait_iss(&old);
		open->ts_recent = old.ts_recent;
		err = 0;
	}
	as->hashed = !err;
	return err;
}

/*
 * Find a free local port: RFC 6056's algorithm 3, a keyed hash of the three
 * other numbers as the start and a counter that moves it.
 */
static int claim_any(struct sock *sk, struct atcp_open *open)
{
	struct atcp_netns *an = atcp_sk_netns(sk);
	struct atcp_sock *as = atcp_sk(sk);
	int low, high, i, span, err;
	u32 start;

	inet_sk_get_local_port_range(sk, &low, &high);
	span = high - low + 1;
	atcp_tuple_set_v4(&as->flow.tuple, inet_sk(sk)->inet_saddr, 0,
			  inet_sk(sk)->inet_daddr,
			  ntohs(inet_sk(sk)->inet_dport), as->wire);
	start = atcp_port_offset(&as->flow.tuple) +
		atomic_inc_return(&an->next_port);
	for (i = 0; i < span; i++) {
		u16 number = low + atcp_port_step(span, start, i, 0);

		if (inet_is_local_reserved_port(sock_net(sk), number))
			continue;
		err = atcp_port_share(an, &as->bind, number, as->wire);
		if (err == -EADDRINUSE)
			continue;
		if (err)
			return err;
		err = claim(sk, number, false, open);
		if (!err) {
			inet_sk(sk)->inet_num = number;
			inet_sk(sk)->inet_sport = htons(number);
			return 0;
		}
		atcp_port_release(an, &as->bind);
		if (err != -EADDRNOTAVAIL)
			return err;
		cond_resched();
	}
	return -EADDRNOTAVAIL;
}

static const struct ip_options *ip_option(const struct sock *sk)
{
	const struct ip_options_rcu *opt;

	opt = rcu_dereference_protected(inet_sk(sk)->inet_opt,
					lockdep_sock_is_held(sk));
	return opt ? &opt->opt : NULL;
}

/*
 * Where segments for @daddr go first: a source route in IP_OPTIONS says so (RFC
 * 9293 MUST-51). It names the peer behind it then.
 */
static __be32 first_hop(const struct sock *sk, __be32 daddr)
{
	const struct ip_options *opt = ip_option(sk);

	return opt && opt->srr ? opt->faddr : daddr;
}

/* Route to @daddr, and the local address if none was bound. */
static int route(struct sock *sk, struct sockaddr_in *sin)
{
	struct inet_sock *inet = inet_sk(sk);
	struct flowi4 *fl4 = &inet->cork.fl.u.ip4;
	struct atcp_sock *as = atcp_sk(sk);
	__be32 daddr = sin->sin_addr.s_addr;
	__be32 hop = first_hop(sk, daddr);
	struct dst_entry *dst;
	struct in6_addr addr;

	dst = atcp_route_v4(sock_net(sk), fl4, sk, hop, inet->inet_saddr,
			    ntohs(sin->sin_port), inet->inet_num);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	if (!inet->inet_saddr) {
		inet->inet_saddr = fl4->saddr;
		inet->inet_rcv_saddr = fl4->saddr;
	}
	ipv6_addr_set_v4mapped(inet->inet_saddr, &addr);
	atcp_port_set_addr(atcp_sk_netns(sk), &as->bind, &addr);
	inet->inet_daddr = hop == daddr ? fl4->daddr : daddr;
	inet->inet_dport = sin->sin_port;
	dst_release(dst);
	return 0;
}

/* The route that the segments take, or an ERR_PTR. */
static struct dst_entry *find_route(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);
	struct dst_entry *dst;

	dst = atcp_route_v4(sock_net(sk), &inet->cork.fl.u.ip4, sk,
			    first_hop(sk, inet->inet_daddr), inet->inet_saddr,
			    ntohs(inet->inet_dport), inet->inet_num);
	if (!IS_ERR(dst))
		sk_setup_caps(sk, dst);
	return dst;
}

/**
 * atcp_sock_reroute() - look for the route of a connection again
 * @sk: the socket, locked, its addresses and ports known
 *
 * Return: the route, held by the socket; NULL if there is none.
 */
struct dst_entry *atcp_sock_reroute(struct sock *sk)
{
	struct dst_entry *dst = find_route(sk);

	return IS_ERR(dst) ? NULL : dst;
}

/* The port is known: the final route. */
static int final_route(struct sock *sk)
{
	struct dst_entry *dst = find_route(sk);

	if (IS_ERR(dst))
		return PTR_ERR(dst);
	atcp_sk(sk)->mtu = dst_mtu(dst);
	return 0;
}

/* @open has the ISS, if a connection before this one says what it must be. */
static void open_connection(struct sock *sk, struct atcp_open *open)
{
	const struct atcp_netns *an = atcp_sk_netns(sk);
	struct atcp_sock *as = atcp_sk(sk);
	u64 now = atcp_now();

	if (!open->iss)
		open->iss = atcp_initial_sequence(&as->flow.tuple);
	open->ts_offset = atcp_timestamp_offset(an, &as->flow.tuple);
	open->rcv_buf = atcp_receive_buf(sk);
	open->sport = as->flow.tuple.lport;
	open->dport = as->flow.tuple.rport;
	open->advmss = atcp_sock_advmss(sk, __sk_dst_get(sk));
	open->path_mss = atcp_sock_path_mss(sk, as->mtu);
	open->rcv_wscale = atcp_sock_wscale(sk);
	open->options = atcp_options(&an->params);

	as->rcv_space_us = now;
	WRITE_ONCE(sk->sk_err, 0);
	sock_reset_flag(sk, SOCK_DONE);
	atcp_count(atcp_sk_netns(sk), ATCP_COUNT_ACTIVE_OPENS);
	atcp_pool_fill(&as->tcb, ATCP_POOL_PLAIN);
	atcp_user_open(&as->tcb, open, now);
	atcp_settle(sk, now);
}

/**
 * atcp_connect() - connect(): struct proto's half, without the waiting
 * @sk: the socket, locked, in CLOSED
 * @uaddr: the peer's address
 * @addr_len: its length
 *
 * Return: 0 with a SYN on its way; -EINVAL, -EAFNOSUPPORT, -ENETUNREACH and
 * other routing errors, -EADDRNOTAVAIL, -ENOMEM.
 */
int atcp_connect(struct sock *sk, struct sockaddr_unsized *uaddr, int addr_len)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)uaddr;
	struct inet_sock *inet = inet_sk(sk);
	struct atcp_open open = {};
	int err;

	sock_owned_by_me(sk);
	if (addr_len < sizeof(*sin))
		return -EINVAL;
	if (sin->sin_family != AF_INET)
		return -EAFNOSUPPORT;
	if (!sin->sin_port)
		return -ECONNREFUSED;
	err = route(sk, sin);
	if (err)
		return err;
	err = inet->inet_num ? claim(sk, inet->inet_num, true, &open) :
			       claim_any(sk, &open);
	if (!err)
		err = final_route(sk);
	if (err) {
		atcp_disconnect(sk, 0);
		return err;
	}
	open_connection(sk, &open);
	return 0;
}
