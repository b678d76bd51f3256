// SPDX-License-Identifier: GPL-2.0
/* Active OPEN: bind() and connect(). */
#include <net/ip.h>
#include "../network/ip.h"
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
	as->bind.dev = sk->sk_bound_dev_if;
	err = atcp_port_bind(atcp_sk_netns(sk), &as->bind, number, as->wire);
	if (!err)
		inet_sk(sk)->inet_num = as->bind.port->number;
	return err;
}

/* Claim the four-tuple with the local port @number. */
static int claim(struct sock *sk, u16 number)
{
	struct inet_sock *inet = inet_sk(sk);
	struct atcp_sock *as = atcp_sk(sk);
	int err;

	atcp_tuple_set_v4(&as->flow.tuple, inet->inet_saddr, number,
			  inet->inet_daddr, ntohs(inet->inet_dport), as->wire);
	local_bh_disable();
	err = atcp_flow_insert(atcp_sk_netns(sk), &as->flow);
	local_bh_enable();
	as->hashed = !err;
	return err;
}

/*
 * Find a free local port: RFC 6056's algorithm 3, a keyed hash of the three
 * other numbers as the start and a counter that moves it.
 */
static int claim_any(struct sock *sk)
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
		u16 number = low + (start + i) % span;

		if (inet_is_local_reserved_port(sock_net(sk), number))
			continue;
		err = atcp_port_share(an, &as->bind, number, as->wire);
		if (err == -EADDRINUSE)
			continue;
		if (err)
			return err;
		err = claim(sk, number);
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

/* Route to @daddr, and the local address if none was bound. */
static int route(struct sock *sk, struct sockaddr_in *sin)
{
	struct inet_sock *inet = inet_sk(sk);
	struct flowi4 *fl4 = &inet->cork.fl.u.ip4;
	struct atcp_sock *as = atcp_sk(sk);
	struct dst_entry *dst;

	dst = atcp_route_v4(sock_net(sk), fl4, sk, sin->sin_addr.s_addr,
			    inet->inet_saddr, ntohs(sin->sin_port),
			    inet->inet_num);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	if (dst_rtable(dst)->rt_flags & (RTCF_MULTICAST | RTCF_BROADCAST)) {
		dst_release(dst);
		return -ENETUNREACH;
	}
	if (!inet->inet_saddr) {
		inet->inet_saddr = fl4->saddr;
		inet->inet_rcv_saddr = fl4->saddr;
		ipv6_addr_set_v4mapped(fl4->saddr, &as->bind.addr);
	}
	inet->inet_daddr = fl4->daddr;
	inet->inet_dport = sin->sin_port;
	dst_release(dst);
	return 0;
}

/* The port is known: the route that the segments will take. */
static int final_route(struct sock *sk)
{
	struct inet_sock *inet = inet_sk(sk);
	struct dst_entry *dst;

	dst = atcp_route_v4(sock_net(sk), &inet->cork.fl.u.ip4, sk,
			    inet->inet_daddr, inet->inet_saddr,
			    ntohs(inet->inet_dport), inet->inet_num);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	sk_setup_caps(sk, dst);
	atcp_sk(sk)->mtu = dst_mtu(dst);
	return 0;
}

static void open_connection(struct sock *sk)
{
	struct atcp_sock *as = atcp_sk(sk);
	u64 now = atcp_now();
	struct atcp_open open = {
		.iss = atcp_initial_sequence(&as->flow.tuple),
		.ts_offset = atcp_timestamp_offset(&as->flow.tuple),
		.rcv_buf = atcp_receive_buf(sk),
		.sport = as->flow.tuple.lport,
		.dport = as->flow.tuple.rport,
		.advmss = atcp_sock_advmss(sk, __sk_dst_get(sk)),
		.path_mss = atcp_sock_path_mss(sk, as->mtu),
		.rcv_wscale = atcp_sock_wscale(sk),
		.options = ATCP_OPT_WSCALE | ATCP_OPT_SACK_OK | ATCP_OPT_TS,
	};

	as->rcv_space_us = now;
	atcp_count(atcp_sk_netns(sk), ATCP_COUNT_ACTIVE_OPENS);
	atcp_pool_fill(&as->tcb, ATCP_POOL_PLAIN);
	atcp_user_open(&as->tcb, &open, now);
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
	err = inet->inet_num ? claim(sk, inet->inet_num) : claim_any(sk);
	if (!err)
		err = final_route(sk);
	if (err) {
		atcp_disconnect(sk, 0);
		return err;
	}
	open_connection(sk);
	return 0;
}
