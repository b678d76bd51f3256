// SPDX-License-Identifier: GPL-2.0
/*
 * Local ports: who may take which. The rules are those of Linux's TCP
 * (socket(7), SO_REUSEADDR and SO_REUSEPORT): two owners conflict if their
 * addresses and devices can meet, unless both set SO_REUSEADDR and neither
 * listens, or both set SO_REUSEPORT and belong to one user.
 *
 * Programs that choose among SO_REUSEPORT's listeners are socket filters
 * (SO_ATTACH_REUSEPORT_CBPF and _EBPF); the kernel lets those of type
 * BPF_PROG_TYPE_SK_REUSEPORT on sockets of its own protocols only. A VRF is no
 * reason to share a port.
 */
#include <linux/hash.h>
#include <linux/slab.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/sock_reuseport.h>
#include "ip.h"
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

static bool may_meet(const struct atcp_bind *a, const struct atcp_bind *b)
{
	int dev_a = atcp_bind_dev(a), dev_b = atcp_bind_dev(b);

	if (dev_a && dev_b && dev_a != dev_b)
		return false;
	return atcp_bind_any(a) || atcp_bind_any(b) ||
	       ipv6_addr_equal(&a->addr, &b->addr);
}

static bool reuses_address(const struct atcp_bind *b)
{
	return b->sk ? b->sk->sk_reuse : b->reuse;
}

/* Do both give each other leave by SO_REUSEPORT? TIME-WAIT asks no user. */
static bool reuse_port(const struct atcp_bind *b, const struct atcp_bind *other)
{
	/* Already in a group of its own, by a program it attached. */
	if (rcu_access_pointer(b->sk->sk_reuseport_cb))
		return false;
	if (!b->sk->sk_reuseport)
		return false;
	if (!other->sk)
		return other->reuseport;
	return other->sk->sk_reuseport &&
	       uid_eq(sock_net_uid(sock_net(b->sk), b->sk),
		      sock_net_uid(sock_net(other->sk), other->sk));
}

/* How a port was come by, which says whom it may be shared with. */
enum port_choice {
	CHOSEN,	       /* by its user */
	ANY_UNUSED,    /* by us: nobody else's */
	ANY_SHAREABLE, /* by us: SO_REUSEADDR is enough, ip_autobind_reuse */
};

static bool conflict(const struct atcp_bind *b, const struct atcp_bind *other,
		     enum port_choice choice)
{
	/* A second listener among them still needs SO_REUSEPORT. */
	if (b->sk->sk_reuse && reuses_address(other) &&
	    hlist_unhashed(&other->listener))
		return choice == ANY_UNUSED ||
		       (choice == ANY_SHAREABLE && reuse_port(b, other));
	return choice != CHOSEN || !reuse_port(b, other);
}

/* Would @b, bound to @port, conflict with one of its owners? */
static bool conflicts(const struct atcp_port *port, const struct atcp_bind *b,
		      enum port_choice choice)
{
	const struct atcp_bind *other;

	hlist_for_each_entry(other, &port->binds, node)
		if (other != b && may_meet(b, other) &&
		    conflict(b, other, choice))
			return true;
	return false;
}

static int try_bind(struct atcp_netns *an, struct atcp_bind *b, u16 number,
		    enum atcp_wire wire, enum port_choice choice)
{
	struct atcp_port_head *head = port_head(an, number);
	struct atcp_port *port;
	int err = -EADDRINUSE;

	spin_lock_bh(&head->lock);
	port = find_port(head, number, wire);
	if (!port || !conflicts(port, b, choice)) {
		port = get_port(head, number, wire);
		if (port)
			add_bind(port, b);
		err = port ? 0 : -ENOMEM;
	}
	spin_unlock_bh(&head->lock);
	return err;
}

/*
 * From a random one on, and those first that connect() tries last: they differ
 * from the range's lower end by an odd number.
 */
static int bind_any(struct atcp_netns *an, struct atcp_bind *b,
		    enum atcp_wire wire, enum port_choice choice)
{
	int low, high, i, span, err = -EADDRINUSE;
	u32 start;

	inet_sk_get_local_port_range(b->sk, &low, &high);
	span = high - low + 1;
	start = get_random_u32();
	for (i = 0; i < span && err == -EADDRINUSE; i++) {
		u16 number = low + atcp_port_step(span, start, i, 1);

		if (!inet_is_local_reserved_port(sock_net(b->sk), number))
			err = try_bind(an, b, number, wire, choice);
		cond_resched();
	}
	return err;
}

/**
 * atcp_port_bind() - bind(): take a port, or any free one
 * @an: the namespace
 * @b: the share, with sk and addr set, not bound
 * @number: the port, host order; 0 for any of ip_local_port_range
 * @wire: on which wire
 *
 * Context: process, the socket is locked.
 * Return: 0 with b->port set, -EADDRINUSE, -ENOMEM.
 */
int atcp_port_bind(struct atcp_netns *an, struct atcp_bind *b, u16 number,
		   enum atcp_wire wire)
{
	const struct net *net = sock_net(b->sk);
	int err;

	b->by_user = true;
	if (number)
		return try_bind(an, b, number, wire, CHOSEN);
	err = bind_any(an, b, wire, ANY_UNUSED);
	if (err == -EADDRINUSE && READ_ONCE(net->ipv4.sysctl_ip_autobind_reuse))
		err = bind_any(an, b, wire, ANY_SHAREABLE);
	return err;
}

/**
 * atcp_port_share() - connect(): use a port that nobody chose by bind()
 * @an: the namespace
 * @b: the share, with sk and addr set, not bound
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
 * atcp_port_set_addr() - the local address is known, or not any more
 * @an: the namespace
 * @b: the share, bound or not
 * @addr: the address
 */
void atcp_port_set_addr(struct atcp_netns *an, struct atcp_bind *b,
			const struct in6_addr *addr)
{
	struct atcp_port_head *head;

	if (!b->port) {
		b->addr = *addr;
		return;
	}
	head = port_head(an, b->port->number);
	spin_lock_bh(&head->lock);
	b->addr = *addr;
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
 * atcp_port_hand_over() - a TIME-WAIT record shares its socket's port
 * @an: the namespace
 * @from: the socket's share
 * @to: the record's, unused
 *
 * The socket keeps its own share if bind() chose the port, and gives it up
 * soon after otherwise.
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
	to->dev = from->sk->sk_bound_dev_if;
	to->by_user = from->by_user;
	to->reuse = from->sk->sk_reuse;
	to->reuseport = from->sk->sk_reuseport;
	add_bind(from->port, to);
	spin_unlock_bh(&head->lock);
}

/*
 * Who listens for the same with SO_REUSEPORT shares the connections: the
 * kernel's groups of such sockets say who gets which, by hash or by a program.
 */
static int join_group(struct atcp_port *port, struct atcp_bind *b)
{
	struct sock *sk = b->sk;
	struct atcp_bind *other;

	if (!sk->sk_reuseport)
		return 0;
	hlist_for_each_entry(other, &port->listeners, listener)
		if (other->sk->sk_family == sk->sk_family &&
		    atcp_bind_dev(other) == atcp_bind_dev(b) &&
		    ipv6_addr_equal(&other->addr, &b->addr) &&
		    other->sk->sk_reuseport &&
		    uid_eq(sock_net_uid(sock_net(sk), sk),
			   sock_net_uid(sock_net(sk), other->sk)))
			return reuseport_add_sock(sk, other->sk,
						  atcp_bind_any(b));
	return reuseport_alloc(sk, atcp_bind_any(b));
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
 * Return: 0, -EADDRINUSE, -ENOMEM.
 */
int atcp_port_listen(struct atcp_netns *an, struct atcp_bind *b)
{
	struct atcp_port_head *head = port_head(an, b->port->number);
	int err = -EADDRINUSE;

	spin_lock_bh(&head->lock);
	if (!conflicts(b->port, b, CHOSEN))
		err = join_group(b->port, b);
	if (!err)
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
	if (!hlist_unhashed(&b->listener)) {
		hlist_del_init_rcu(&b->listener);
		if (rcu_access_pointer(b->sk->sk_reuseport_cb))
			reuseport_detach_sock(b->sk);
	}
	spin_unlock_bh(&head->lock);
}

/*
 * How well a listener fits, -1 if not at all: the more it asks for the better,
 * RFC 9293 MUST-42. An address counts for more than a device, and that for
 * more than the processor (SO_INCOMING_CPU).
 */
static int score(const struct atcp_bind *b, const struct atcp_tuple *tuple,
		 int dev, int master)
{
	int points = 0;

	if (!inet_sk_bound_dev_eq(sock_net(b->sk), atcp_bind_dev(b), dev,
				  master))
		return -1;
	if (!atcp_bind_any(b)) {
		if (!ipv6_addr_equal(&b->addr, &tuple->laddr))
			return -1;
		points += 4;
	}
	if (atcp_bind_dev(b))
		points++;
	if (READ_ONCE(b->sk->sk_incoming_cpu) == raw_smp_processor_id())
		points++;
	return points;
}

/**
 * atcp_port_find_listener() - who listens for a segment
 * @an: the namespace
 * @tuple: the segment's four-tuple as this end sees it
 * @skb: the segment, data at its header; SO_REUSEPORT's programs may read it
 * @header_len: octets before its payload
 * @dev: index of the device it came in by
 * @master: index of that device's master if it is an L3 one, else 0
 *
 * Context: BHs off, RCU read section, which the result is valid in.
 * Return: the socket, NULL if there is none.
 */
struct sock *atcp_port_find_listener(struct atcp_netns *an,
				     const struct atcp_tuple *tuple,
				     struct sk_buff *skb, int header_len,
				     int dev, int master)
{
	struct atcp_port_head *head = port_head(an, tuple->lport);
	struct atcp_port *port = find_port(head, tuple->lport, tuple->wire);
	struct sock *best = NULL, *chosen = NULL;
	struct atcp_bind *b;
	int most = -1;

	if (!port)
		return NULL;
	hlist_for_each_entry_rcu(b, &port->listeners, listener) {
		int points = score(b, tuple, dev, master);

		if (points > most) {
			most = points;
			best = b->sk;
		}
	}
	if (best && best->sk_reuseport)
		chosen = reuseport_select_sock(best, atcp_group_hash(tuple),
					       skb, header_len);
	return chosen ?: best;
}
