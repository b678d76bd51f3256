/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Local ports: who is bound to them, who listens on them.
 */
#ifndef ATCP_NETWORK_PORT_H
#define ATCP_NETWORK_PORT_H

#include <net/sock.h>
#include "flow.h"

/**
 * struct atcp_port - one local port in use
 * @node: in its chain of atcp_netns.ports
 * @binds: its owners, struct atcp_bind
 * @listeners: those of them that listen; readers use RCU
 * @number: the port, host order
 * @wire: enum atcp_wire
 * @bound: owners that chose it by bind(), which connect() must not share
 * @rcu: frees it after its readers
 *
 * Guarded by its chain's lock. Exists as long as it has owners.
 */
struct atcp_port {
	struct hlist_node node;
	struct hlist_head binds;
	struct hlist_head listeners;
	u16 number;
	u8 wire;
	unsigned int bound;
	struct rcu_head rcu;
};

/**
 * struct atcp_bind - an owner's share of a port
 * @node: in atcp_port.binds
 * @listener: in atcp_port.listeners, while its owner listens
 * @port: the port, NULL while not bound
 * @sk: the socket, NULL when the owner is a TIME-WAIT record
 * @addr: local address, unspecified (or IPv4 any, mapped) for all
 * @dev: of a TIME-WAIT record: its device's index, 0 for all
 * @by_user: bind() asked for it
 * @reuse: of a TIME-WAIT record: SO_REUSEADDR
 * @reuseport: likewise: SO_REUSEPORT
 *
 * Part of a socket or a TIME-WAIT record; guarded by the chain's lock. @port
 * is also stable for the holder of the socket's lock.
 */
struct atcp_bind {
	struct hlist_node node;
	struct hlist_node listener;
	struct atcp_port *port;
	struct sock *sk;
	struct in6_addr addr;
	int dev;
	bool by_user;
	bool reuse;
	bool reuseport;
};

/* The device that an owner is bound to, 0 for all. */
static inline int atcp_bind_dev(const struct atcp_bind *b)
{
	return b->sk ? READ_ONCE(b->sk->sk_bound_dev_if) : b->dev;
}

static inline bool atcp_bind_any(const struct atcp_bind *b)
{
	return ipv6_addr_any(&b->addr) ||
	       (ipv6_addr_v4mapped(&b->addr) && !b->addr.s6_addr32[3]);
}

/**
 * atcp_port_step() - the order in which free ports are looked for
 * @span: ports in the range
 * @start: where to begin, any number
 * @i: how many were tried
 * @odd: the range's odd half comes first, else the even one
 *
 * So bind() and connect(), which share no port, keep out of each other's way
 * as long as there is room.
 *
 * Return: what to add to the range's lower end.
 */
static inline u32 atcp_port_step(u32 span, u32 start, u32 i, u32 odd)
{
	u32 half = odd ? span / 2 : span - span / 2;

	if (i < half)
		return (start % half + i) % half * 2 + odd;
	half = span - half;
	return (start % half + i) % half * 2 + !odd;
}

int atcp_port_table_init(struct atcp_netns *an);
void atcp_port_table_exit(struct atcp_netns *an);
int atcp_port_bind(struct atcp_netns *an, struct atcp_bind *b, u16 number,
		   enum atcp_wire wire);
int atcp_port_share(struct atcp_netns *an, struct atcp_bind *b, u16 number,
		    enum atcp_wire wire);
void atcp_port_inherit(struct atcp_netns *an, struct atcp_bind *b,
		       struct atcp_bind *from);
void atcp_port_set_addr(struct atcp_netns *an, struct atcp_bind *b,
			const struct in6_addr *addr);
void atcp_port_release(struct atcp_netns *an, struct atcp_bind *b);
void atcp_port_hand_over(struct atcp_netns *an, struct atcp_bind *from,
			 struct atcp_bind *to);
int atcp_port_listen(struct atcp_netns *an, struct atcp_bind *b);
void atcp_port_unlisten(struct atcp_netns *an, struct atcp_bind *b);
struct sock *atcp_port_find_listener(struct atcp_netns *an,
				     const struct atcp_tuple *tuple,
				     struct sk_buff *skb, int header_len,
				     int dev, int master);
struct hlist_head *atcp_port_chain(struct atcp_netns *an, unsigned int i);

#endif
