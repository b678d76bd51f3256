// SPDX-License-Identifier: GPL-2.0
/*
 * Local ports. The rules of who may share a port are those of Linux's TCP
 * (socket(7), SO_REUSEADDR and SO_REUSEPORT): two owners conflict if their
 * addresses and devices can meet, unless both set SO_REUSEADDR and neither
 * listens, or both set SO_REUSEPORT and belong to one user.
 */
#include <linux/hash.h>
#include <linux/slab.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include "port.h"

static struct atcp_port_head *port_head(struct atcp_netns *an, u16 number)
{
	return &an->ports[hash_32(number, ATCP_PORT_HASH_BITS)];
}

int atcp_port_table_init(struct atcp_netns *an)
{
	unsigned int i;

	an->ports = kvcalloc(ATCP_PORT_HASH_SIZE, sizeof(*an->ports),
			     GFP_KERNEL_ACCOUNT);
	if (!an->ports)
		return -ENOMEM;
	for (i = 0; i < ATCP_PORT_HASH_SIZE; i++)
		spin_lock_init(&an->ports[i].lock);
	return 0;
}

void atcp_port_table_exit(struct atcp_netns *an)
{
	unsigned int i;

	for (i = 0; i < ATCP_PORT_HASH_SIZE; i++)
		WARN_ON_ONCE(!hlist_empty(&an->ports[i].chain));
	kvfree(an->ports);
}

/* For /proc: chain i, walked under RCU. */
struct hlist_head *atcp_port_chain(struct atcp_netns *an, unsigned int i)
{
	return &an->ports[i].chain;
}

static struct atcp_port *find_port(struct atcp_port_head *head, u16 number,
				   enum atcp_wire wire)
{
	struct atcp_port *port;

	hlist_for_each_entry_rcu(port, &head->chain, node,
				 lockdep_is_held(&head->lock))
		if (port->number == number && port->wire == wire)
			return port;
	return NULL;
}

static struct atcp_port *get_port(struct atcp_port_head *head, u16 number,
				  enum atcp_wire wire)
{
	struct atcp_port *port = find_port(head, number, wire);

	lockdep_assert_held(&head->lock);
	if (port)
		return port;
	port = kzalloc(sizeof(*port), GFP_ATOMIC | __GFP_NOWARN);
	if (!port)
		return NULL;
	port->number = number;
	port->wire = wire;
	hlist_add_head_rcu(&port->node, &head->chain);
	return port;
}

static void add_bind(struct atcp_port *port, struct atcp_bind *b)
{
	b->port = port;
	port->bound += b->by_user;
	hlist_add_head(&b->node, &port->binds);
}

static void del_bind(struct atcp_bind *b)
{
	struct atcp_port *port = b->port;

	if (!hlist_unhashed(&b->listener))
		hlist_del_init_rcu(&b->listener);
	hlist_del_init(&b->node);
	port->bound -= b->by_user;
	b->port = NULL;
	if (hlist_empty(&port->binds)) {
		hlist_del_rcu(&port->node);
		kfree_rcu(port, rcu);
	}
}

static bool addr_is_any(const struct in6_addr *addr)
{
	return ipv6_addr_any(addr) ||
	       (ipv6_addr_v4mapped(addr) && !addr->s6_addr32[3]);
}

static bool may_share(const struct atcp_bind *a, const struct atcp_bind *b)
{
	bool reuse_b = b->sk ? b->sk->sk_reuse : b->reuse;

	/* A second listener among them still needs SO_REUSEPORT. */
	if (a->sk->sk_reuse && reuse_b && hlist_unhashed(&b->listener))
		return true;
	return b->sk && a->sk->sk_reuseport && b->sk->sk_reuseport &&
	       uid_eq(sock_net_uid(sock_net(a->sk), a->sk),
		      sock_net_uid(sock_net(b->sk), b->sk));
}

/* Would @b, bound to @port, conflict with one of its owners? */
static bool conflicts(const struct atcp_port *port, const struct atcp_bind *b)
{
	const struct atcp_bind *other;

	hlist_for_each_entry(other, &port->binds, node) {
		if (other == b ||
		    (other->dev && b->dev && other->dev != b->dev))
			continue;
		if (!addr_is_any(&other->addr) && !addr_is_any(&b->addr) &&
		    !ipv6_addr_equal(&other->addr, &b->addr))
			continue;
		if (!may_share(b, other))
			return true;
	}
	return false;
}

static int try_bind(struct atcp_netns *an, struct atcp_bind *b, u16 number,
		    enum atcp_wire wire)
{
	struct atcp_port_head *head = port_head(an, number);
	struct atcp_port *port;
	int err = -EADDRINUSE;

	spin_lock_bh(&head->lock);
	port = find_port(head, number, wire);
	if (!port || !conflicts(port, b)) {
		port = get_port(head, number, wire);
		if (port)
			add_bind(port, b);
		err = port ? 0 : -ENOMEM;
	}
	spin_unlock_bh(&head->lock);
	return err;
}

/**
 * atcp_port_bind() - bind(): take a port, or any free one
 * @an: the namespace
 * @b: the share, with sk, addr and dev set, not bound
 * @number: the port, host order; 0 for any of ip_local_port_range
 * @wire: on which wire
 *
 * Context: process, the socket is locked.
 * Return: 0 with b->port set, -EADDRINUSE, -ENOMEM.
 */
int atcp_port_bind(struct atcp_netns *an, struct atcp_bind *b, u16 number,
		   enum atcp_wire wire)
{
	int low, high, i, span, err = -EADDRINUSE;
	u32 start;

	b->by_user = true;
	if (number)
		return try_bind(an, b, number, wire);

	inet_sk_get_local_port_range(b->sk, &low, &high);
	span = high - low + 1;
	start = get_random_u32();
	for (i = 0; i < span && err == -EADDRINUSE; i++) {
		u16 port = low + (start + i) % span;

		if (!inet_is_local_reserved_port(sock_net(b->sk), port))
			err = try_bind(an, b, port, wire);
		cond_resched();
	}
	return err;
}

/**
 * atcp_port_share() - connect(): use a port that nobody chose by bind()
 * @an: the namespace
 * @b: the share, with sk, addr and dev set, not bound
 * @number: the port, host order
 * @wire: on which wire
 *
 * Connections share a port as long as their four-tuples differ, which the
 * flow table sees to.
 *
 * Return: 0, -EADDRINUSE, -ENOMEM.
 */
int atcp_port_share(struct atcp_netns *an, struct atcp_bind *b, u16 number,
		    enum atcp_wire wire)
{
	struct atcp_port_head *head = port_head(an, number);
	struct atcp_port *port;
	int err = -EADDRINUSE;

	b->by_user = false;
	spin_lock_bh(&head->lock);
	port = find_port(head, number, wire);
	if (!port || !port->bound) {
		port = get_port(head, number, wire);
		if (port)
			add_bind(port, b);
		err = port ? 0 : -ENOMEM;
	}
	spin_unlock_bh(&head->lock);
	return err;
}

/**
 * atcp_port_inherit() - a listener's child shares its port
 * @an: the namespace
 * @b: the child's share, not bound
 * @from: the listener's share; may have been released meanwhile
 */
void atcp_port_inherit(struct atcp_netns *an, struct atcp_bind *b,
		       struct atcp_bind *from)
{
	struct atcp_port *port = READ_ONCE(from->port);
	struct atcp_port_head *head;

	if (!port)
		return;
	head = port_head(an, inet_sk(b->sk)->inet_num);
	spin_lock_bh(&head->lock);
	if (from->port) {
		b->by_user = true;
		add_bind(from->port, b);
	}
	spin_unlock_bh(&head->lock);
}

/**
 * atcp_port_release() - give a port up
 * @an: the namespace
 * @b: the share, bound or not
 */
void atcp_port_release(struct atcp_netns *an, struct atcp_bind *b)
{
	struct atcp_port_head *head;

	if (!b->port)
		return;
	head = port_head(an, b->port->number);
	spin_lock_bh(&head->lock);
	del_bind(b);
	spin_unlock_bh(&head->lock);
}

/**
 * atcp_port_hand_over() - a TIME-WAIT record takes its socket's port over
 * @an: the namespace
 * @from: the socket's share
 * @to: the record's, unused
 */
void atcp_port_hand_over(struct atcp_netns *an, struct atcp_bind *from,
			 struct atcp_bind *to)
{
	struct atcp_port_head *head;

	if (!from->port)
		return;
	head = port_head(an, from->port->number);
	spin_lock_bh(&head->lock);
	to->addr = from->addr;
	to->dev = from->dev;
	to->by_user = from->by_user;
	to->reuse = from->sk->sk_reuse;
	add_bind(from->port, to);
	del_bind(from);
	spin_unlock_bh(&head->lock);
}

/**
 * atcp_port_listen() - let atcp_port_find_listener() find a socket
 * @an: the namespace
 * @b: its share, bound
 *
 * What bind() allowed may not be listened on: SO_REUSEADDR shares a port with
 * nobody who listens. That is looked up and entered under one lock, or of two
 * that listen at the same time both would pass.
 *
 * Return: 0 or -EADDRINUSE.
 */
int atcp_port_listen(struct atcp_netns *an, struct atcp_bind *b)
{
	struct atcp_port_head *head = port_head(an, b->port->number);
	int err = 0;

	spin_lock_bh(&head->lock);
	if (conflicts(b->port, b))
		err = -EADDRINUSE;
	else
		hlist_add_head_rcu(&b->listener, &b->port->listeners);
	spin_unlock_bh(&head->lock);
	return err;
}

/**
 * atcp_port_unlisten() - the reverse of atcp_port_listen()
 * @an: the namespace
 * @b: the socket's share
 */
void atcp_port_unlisten(struct atcp_netns *an, struct atcp_bind *b)
{
	struct atcp_port_head *head;

	if (!b->port)
		return;
	head = port_head(an, b->port->number);
	spin_lock_bh(&head->lock);
	if (!hlist_unhashed(&b->listener))
		hlist_del_init_rcu(&b->listener);
	spin_unlock_bh(&head->lock);
}

/* How well a listener fits, -1 if not at all: the more it asks for the better,
 * RFC 9293 MUST-42.
 */
static int score(const struct atcp_bind *b, const struct atcp_tuple *tuple,
		 int dev)
{
	int points = 0;

	if (b->dev) {
		if (b->dev != dev)
			return -1;
		points += 2;
	}
	if (!addr_is_any(&b->addr)) {
		if (!ipv6_addr_equal(&b->addr, &tuple->laddr))
			return -1;
		points += 1;
	}
	return points;
}

/**
 * atcp_port_find_listener() - who listens for a segment
 * @an: the namespace
 * @tuple: the segment's four-tuple as this end sees it
 * @dev: index of the device it came in by
 *
 * Context: RCU read section, which the result is valid in.
 * Return: the socket, NULL if there is none.
 */
struct sock *atcp_port_find_listener(struct atcp_netns *an,
				     const struct atcp_tuple *tuple, int dev)
{
	struct atcp_port_head *head = port_head(an, tuple->lport);
	struct atcp_port *port = find_port(head, tuple->lport, tuple->wire);
	struct sock *best = NULL;
	struct atcp_bind *b;
	int most = -1;

	if (!port)
		return NULL;
	hlist_for_each_entry_rcu(b, &port->listeners, listener) {
		int points = score(b, tuple, dev);

		if (points > most) {
			most = points;
			best = b->sk;
		}
	}
	return best;
}
