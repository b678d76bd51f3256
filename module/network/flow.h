/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of connections. A full socket, a request in SYN-RECEIVED and a
 * TIME-WAIT record all begin life in it as a struct atcp_flow, so that one
 * lookup finds whichever of them owns a four-tuple, and one takes another's
 * place in a single step.
 */
#ifndef ATCP_NETWORK_FLOW_H
#define ATCP_NETWORK_FLOW_H

#include <linux/in6.h>
#include "netns.h"

/* How ATCP's segments travel. */
enum atcp_wire {
	ATCP_WIRE_NATIVE, /* IP protocol 253 */
	ATCP_WIRE_TCP,	  /* IP protocol 6 */
};

/**
 * struct atcp_tuple - what identifies a connection in a namespace
 * @laddr: local address, IPv4 ones mapped (::ffff:a.b.c.d)
 * @raddr: remote address, likewise
 * @lport: local port, host order
 * @rport: remote port, host order
 * @wire: enum atcp_wire
 *
 * The key of the flow table, compared as memory: no padding, all of it set.
 */
struct atcp_tuple {
	struct in6_addr laddr;
	struct in6_addr raddr;
	u16 lport;
	u16 rport;
	u32 wire;
};

enum atcp_flow_kind {
	ATCP_FLOW_SOCK,
	ATCP_FLOW_REQUEST,
	ATCP_FLOW_TIMEWAIT,
};

/**
 * struct atcp_flow - an owner of a four-tuple
 * @node: in the flow table
 * @tuple: its key, constant while it is in the table
 * @kind: enum atcp_flow_kind, constant
 *
 * Found under RCU: the object around it must be freed after a grace period.
 */
struct atcp_flow {
	struct rhash_head node;
	struct atcp_tuple tuple;
	u8 kind;
};

static inline bool atcp_tuple_is_v4(const struct atcp_tuple *t)
{
	return ipv6_addr_v4mapped(&t->raddr);
}

static inline void atcp_tuple_set_v4(struct atcp_tuple *t, __be32 laddr,
				     u16 lport, __be32 raddr, u16 rport,
				     enum atcp_wire wire)
{
	ipv6_addr_set_v4mapped(laddr, &t->laddr);
	ipv6_addr_set_v4mapped(raddr, &t->raddr);
	t->lport = lport;
	t->rport = rport;
	t->wire = wire;
}

int atcp_flow_table_init(struct atcp_netns *an);
void atcp_flow_table_exit(struct atcp_netns *an);
struct atcp_flow *atcp_flow_lookup(struct atcp_netns *an,
				   const struct atcp_tuple *tuple);
int atcp_flow_insert(struct atcp_netns *an, struct atcp_flow *flow);
void atcp_flow_remove(struct atcp_netns *an, struct atcp_flow *flow);
int atcp_flow_replace(struct atcp_netns *an, struct atcp_flow *old,
		      struct atcp_flow *flow);

#endif
