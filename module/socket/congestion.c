// SPDX-License-Identifier: GPL-2.0
/*
 * The registry of congestion control algorithms: see congestion.h.
 *
 * Who refers to an algorithm holds its module: each socket from its beginning
 * to its end (also while another process changes the default), and each
 * namespace for its default. The list holds none; it is walked under RCU, and
 * atcp_cong_unregister() waits for its readers, so an algorithm that was found
 * is there until the reader has tried to get its module.
 */
#include <linux/capability.h>
#include <linux/module.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include "congestion.h"
#include "sock.h"

/**
 * struct algorithm - an entry of the list
 * @node: in the list, guarded by list_lock; readers use RCU
 * @ops: the algorithm
 * @allowed: may be chosen without CAP_NET_ADMIN
 */
struct algorithm {
	struct list_head node;
	const struct atcp_cong_ops *ops;
	bool allowed;
};

static LIST_HEAD(algorithms);
static DEFINE_SPINLOCK(list_lock); /* the list, and namespaces' defaults */

static struct algorithm *find(const char *name)
{
	struct algorithm *a;

	list_for_each_entry_rcu(a, &algorithms, node,
				lockdep_is_held(&list_lock))
		if (!strcmp(a->ops->name, name))
			return a;
	return NULL;
}

/**
 * atcp_cong_register() - offer an algorithm
 * @ops: the algorithm; constant until atcp_cong_unregister()
 *
 * Context: process.
 * Return: 0; -EINVAL without a good name or a needed function, -EEXIST if the
 * name is taken, -ENOMEM.
 */
int atcp_cong_register(const struct atcp_cong_ops *ops)
{
	struct algorithm *a;
	int err = 0;

	if (!ops->ssthresh || !ops->ack || !ops->name[0] ||
	    strnlen(ops->name, ATCP_CONG_NAME_MAX) == ATCP_CONG_NAME_MAX)
		return -EINVAL;
	a = kmalloc(sizeof(*a), GFP_KERNEL);
	if (!a)
		return -ENOMEM;
	a->ops = ops;
	a->allowed = ops->flags & ATCP_CONG_ANYONE;
	spin_lock(&list_lock);
	if (find(ops->name))
		err = -EEXIST;
	else
		list_add_tail_rcu(&a->node, &algorithms);
	spin_unlock(&list_lock);
	if (err)
		kfree(a);
	return err;
}
EXPORT_SYMBOL_GPL(atcp_cong_register);

/**
 * atcp_cong_unregister() - withdraw an algorithm
 * @ops: the algorithm; nobody uses it, since the module is being unloaded
 *
 * Context: process; waits for a grace period.
 */
void atcp_cong_unregister(const struct atcp_cong_ops *ops)
{
	struct algorithm *a;

	spin_lock(&list_lock);
	a = find(ops->name);
	if (a)
		list_del_rcu(&a->node);
	spin_unlock(&list_lock);
	synchronize_rcu();
	kfree(a);
}
EXPORT_SYMBOL_GPL(atcp_cong_unregister);

/**
 * atcp_cong_init() - offer what is built in
 *
 * Return: 0 or -ENOMEM.
 */
int atcp_cong_init(void)
{
	return atcp_cong_register(&atcp_newreno);
}

/* The others are gone: their modules needed this one. */
void atcp_cong_exit(void)
{
	atcp_cong_unregister(&atcp_newreno);
}

/* An algorithm by name, with a reference to its module; or an ERR_PTR. */
static const struct atcp_cong_ops *get_by_name(const char *name, bool anyone)
{
	const struct atcp_cong_ops *ops;
	struct algorithm *a;

	rcu_read_lock();
	a = find(name);
	if (!a)
		ops = ERR_PTR(-ENOENT);
	else if (!anyone && !READ_ONCE(a->allowed))
		ops = ERR_PTR(-EPERM);
	else if (!try_module_get(a->ops->owner))
		ops = ERR_PTR(-EBUSY);
	else
		ops = a->ops;
	rcu_read_unlock();
	return ops;
}

static void load(const char *name)
{
	bool known;

	rcu_read_lock();
	known = find(name);
	rcu_read_unlock();
	if (!known && capable(CAP_NET_ADMIN))
		request_module("atcp_cong_%s", name);
}

/* The namespace's default with a reference, or what is always there. */
static const struct atcp_cong_ops *get_default(struct net *net)
{
	const struct atcp_cong_ops *ops;

	rcu_read_lock();
	ops = rcu_dereference(atcp_netns(net)->cong);
	if (!ops || !try_module_get(ops->owner))
		ops = &atcp_newreno;
	rcu_read_unlock();
	return ops;
}

/**
 * atcp_cong_netns_init() - a namespace begins with what the first one uses
 * @net: the namespace
 */
void atcp_cong_netns_init(struct net *net)
{
	const struct atcp_cong_ops *ops = &atcp_newreno;

	if (!net_eq(net, &init_net))
		ops = get_default(&init_net);
	RCU_INIT_POINTER(atcp_netns(net)->cong, ops);
}

/**
 * atcp_cong_netns_exit() - a namespace ends
 * @net: the namespace, without sockets
 */
void atcp_cong_netns_exit(struct net *net)
{
	module_put(rcu_access_pointer(atcp_netns(net)->cong)->owner);
}

/**
 * atcp_cong_assign() - a new socket takes its namespace's algorithm
 * @sk: the socket, its TCB just initialised
 */
void atcp_cong_assign(struct sock *sk)
{
	atcp_sk(sk)->tcb.cong = get_default(sock_net(sk));
}

/**
 * atcp_cong_inherit() - a child takes what its listener's program chose
 * @child: the child, with its namespace's algorithm, not established yet
 * @sk: the listener, not locked
 */
void atcp_cong_inherit(struct sock *child, const struct sock *sk)
{
	const struct atcp_cong_ops *ops;

	if (!READ_ONCE(atcp_sk(sk)->cong_chosen))
		return;
	/* The listener may let go of it, but not within a grace period. */
	rcu_read_lock();
	ops = READ_ONCE(atcp_sk(sk)->tcb.cong);
	if (try_module_get(ops->owner)) {
		module_put(atcp_sk(child)->tcb.cong->owner);
		atcp_sk(child)->tcb.cong = ops;
		atcp_sk(child)->cong_chosen = true;
	}
	rcu_read_unlock();
}

/**
 * atcp_cong_leave() - the socket's end
 * @sk: the socket; nobody else has it any more
 */
void atcp_cong_leave(struct sock *sk)
{
	struct atcp_tcb *tcb = &atcp_sk(sk)->tcb;

	atcp_cong_stop(tcb);
	module_put(tcb->cong->owner);
}

/**
 * atcp_cong_choose() - TCP_CONGESTION
 * @sk: the socket, not locked
 * @name: the algorithm's
 *
 * Return: 0; -ENOENT if there is none, -EPERM if it takes CAP_NET_ADMIN,
 * -EBUSY if it is being unloaded.
 */
int atcp_cong_choose(struct sock *sk, const char *name)
{
	bool admin = ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN);
	const struct atcp_cong_ops *ops, *old;
	struct atcp_sock *as = atcp_sk(sk);

	load(name);
	lock_sock(sk);
	old = as->tcb.cong;
	/* What a socket uses already it may go on with. */
	ops = get_by_name(name, admin || !strcmp(old->name, name));
	if (!IS_ERR(ops)) {
		if (ops != old) {
			local_bh_disable();
			atcp_cong_switch(&as->tcb, ops);
			local_bh_enable();
		}
		WRITE_ONCE(as->cong_chosen, true);
		module_put(old->owner);
	}
	release_sock(sk);
	return PTR_ERR_OR_ZERO(ops);
}

static void put_name(char *to, const struct atcp_cong_ops *ops)
{
	strscpy_pad(to, ops->name, ATCP_CONG_NAME_MAX);
}

/**
 * atcp_cong_name() - what a socket uses
 * @sk: the socket, not locked
 * @name: filled in, padded with zeros
 */
void atcp_cong_name(const struct sock *sk, char name[ATCP_CONG_NAME_MAX])
{
	rcu_read_lock();
	put_name(name, READ_ONCE(atcp_sk(sk)->tcb.cong));
	rcu_read_unlock();
}

/**
 * atcp_cong_default_name() - what new sockets of a namespace use
 * @net: the namespace
 * @name: filled in, padded with zeros
 */
void atcp_cong_default_name(struct net *net, char name[ATCP_CONG_NAME_MAX])
{
	rcu_read_lock();
	put_name(name, rcu_dereference(atcp_netns(net)->cong));
	rcu_read_unlock();
}

/**
 * atcp_cong_set_default() - what new sockets of a namespace will use
 * @net: the namespace
 * @name: the algorithm's
 *
 * The first namespace's default may be chosen by anyone from then on.
 *
 * Return: 0; -ENOENT, -EBUSY, -EPERM if another namespace's operator wants one
 * that not anyone may choose.
 */
int atcp_cong_set_default(struct net *net, const char *name)
{
	const struct atcp_cong_ops *ops, *old;
	bool first = net_eq(net, &init_net);
	struct algorithm *a;

	load(name);
	ops = get_by_name(name, first);
	if (IS_ERR(ops))
		return PTR_ERR(ops);
	spin_lock(&list_lock);
	old = rcu_replace_pointer(atcp_netns(net)->cong, ops,
				  lockdep_is_held(&list_lock));
	a = find(name);
	if (a && first)
		WRITE_ONCE(a->allowed, true);
	spin_unlock(&list_lock);
	module_put(old->owner);
	return 0;
}

/**
 * atcp_cong_list() - the names, with a space between two
 * @to: where to
 * @room: octets there
 * @allowed: only of those that anyone may choose
 */
void atcp_cong_list(char *to, size_t room, bool allowed)
{
	struct algorithm *a;
	size_t len = 0;

	*to = '\0';
	rcu_read_lock();
	list_for_each_entry_rcu(a, &algorithms, node)
		if (!allowed || READ_ONCE(a->allowed))
			len += scnprintf(to + len, room - len, "%s%s",
					 len ? " " : "", a->ops->name);
	rcu_read_unlock();
}

static int check_names(const char *names)
{
	char *copy = kstrdup(names, GFP_ATOMIC), *rest = copy, *name;
	int err = copy ? 0 : -ENOMEM;

	while (!err && (name = strsep(&rest, " ")))
		if (*name && !find(name))
			err = -ENOENT;
	kfree(copy);
	return err;
}

/**
 * atcp_cong_allow() - who may be chosen without CAP_NET_ADMIN
 * @names: separated by spaces; cut into pieces
 *
 * Return: 0; -ENOENT if one is not there and -ENOMEM, with nothing changed.
 */
int atcp_cong_allow(char *names)
{
	struct algorithm *a;
	char *name;
	int err;

	spin_lock(&list_lock);
	err = check_names(names);
	if (!err) {
		list_for_each_entry(a, &algorithms, node)
			WRITE_ONCE(a->allowed, false);
		while ((name = strsep(&names, " ")))
			if (*name)
				WRITE_ONCE(find(name)->allowed, true);
	}
	spin_unlock(&list_lock);
	return err;
}
