/* SPDX-License-Identifier: GPL-2.0 */
/* Whose memory an accepted socket's is. */
#ifndef ATCP_COMPAT_MEMORY_H
#define ATCP_COMPAT_MEMORY_H

#include <linux/cgroup.h>
#include <linux/memcontrol.h>
#include <linux/version.h>
#include <net/sock.h>

/*
 * A connection is made in softirq, for nobody in particular: sk_alloc() cannot
 * know whose it will be. 6.18: inet_accept() charges the memory cgroup of the
 * process that accepts it. Before, TCP's own accept() did, by functions that
 * modules cannot call. The same comes of giving all that the socket holds back
 * and taking it again for the cgroup; as for a sender who has filled his buffer
 * that is never refused, since what arrived is here already.
 */
#if defined(CONFIG_MEMCG) && LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)

/* Version 1 of control groups counts sockets if it was told to. */
static inline bool atcp_compat_counts(const struct mem_cgroup *memcg)
{
	if (cgroup_subsys_on_dfl(memory_cgrp_subsys))
		return true;
		/* 6.11: version 1 can be left out. */
#if defined(CONFIG_MEMCG_V1) || LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
	return memcg->tcpmem_active;
#else
	return false;
#endif
}

/* The process's cgroup with a reference, NULL if it has no limits. */
static inline struct mem_cgroup *atcp_compat_memcg(void)
{
	struct mem_cgroup *memcg;

	rcu_read_lock();
	memcg = mem_cgroup_from_task(current);
	if (!memcg || !memcg->css.parent || !atcp_compat_counts(memcg) ||
	    !css_tryget(&memcg->css))
		memcg = NULL;
	rcu_read_unlock();
	return memcg;
}

/* Take for the cgroup what the socket holds. Return: false if it was refused.
 */
static inline bool atcp_compat_charge(struct sock *sk, int pages)
{
	const u8 userlocks = sk->sk_userlocks;
	const int sndbuf = sk->sk_sndbuf;
	bool charged;

	/* Nobody else has the socket yet, nor sees this. */
	sk->sk_userlocks |= SOCK_SNDBUF_LOCK;
	sk->sk_sndbuf = 0;
	sk_forward_alloc_add(sk, -(pages << PAGE_SHIFT));
	atomic_long_sub(pages, sk->sk_prot->memory_allocated);
	charged = __sk_mem_schedule(sk, pages << PAGE_SHIFT, SK_MEM_SEND);
	if (!charged) {
		sk_forward_alloc_add(sk, pages << PAGE_SHIFT);
		atomic_long_add(pages, sk->sk_prot->memory_allocated);
	}
	sk->sk_sndbuf = sndbuf;
	sk->sk_userlocks = userlocks;
	return charged;
}

/**
 * atcp_charge_accepted() - an accepted socket is its process's
 * @sk: the socket, not locked
 */
static inline void atcp_charge_accepted(struct sock *sk)
{
	int held;

	if (!mem_cgroup_sockets_enabled || sk->sk_memcg)
		return;
	lock_sock(sk);
	sk->sk_memcg = atcp_compat_memcg();
	held = sk->sk_forward_alloc + atomic_read(&sk->sk_rmem_alloc);
	if (sk->sk_memcg && held > 0 &&
	    !atcp_compat_charge(sk, sk_mem_pages(held))) {
		css_put(&sk->sk_memcg->css);
		sk->sk_memcg = NULL;
	}
	release_sock(sk);
}

#else

static inline void atcp_charge_accepted(struct sock *sk)
{
}

#endif

#endif
