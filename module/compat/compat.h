/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only place that knows a kernel version. Included before every other
 * header of the module, so that the rest is written for the newest kernel and
 * older ones are made to look like it.
 */
#ifndef ATCP_COMPAT_H
#define ATCP_COMPAT_H

#ifndef pr_fmt
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt
#endif

#include <linux/version.h>
#include <linux/hrtimer.h>
#include <linux/socket.h>
#include <net/inet_common.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/route.h>
#include <net/sock.h>
#include "control.h"
#include "memory.h"
#include "message.h"

/* 6.5: GSO's helpers have a header of their own. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif

/* 6.10: so have the limits of a protocol's memory. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#include <net/proto_memory.h>
#endif

/* 6.13: one call sets up a timer with its function. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void
atcp_compat_hrtimer_setup(struct hrtimer *timer,
			  enum hrtimer_restart (*function)(struct hrtimer *),
			  clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}

#define hrtimer_setup atcp_compat_hrtimer_setup
#endif

/* 6.19: a sockaddr whose length the compiler does not believe to know. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 19, 0)
#define sockaddr_unsized sockaddr
#endif

/* 6.10: accept()'s arguments became a struct. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define ATCP_PROTO_ACCEPT(name, function)                                      \
	static struct sock *name(struct sock *sk, int flags, int *err,         \
				 bool kern)                                    \
	{                                                                      \
		return function(sk, flags & O_NONBLOCK, err);                  \
	}
#else
#define ATCP_PROTO_ACCEPT(name, function)                                      \
	static struct sock *name(struct sock *sk,                              \
				 struct proto_accept_arg *arg)                 \
	{                                                                      \
		return function(sk, arg->flags & O_NONBLOCK, &arg->err);       \
	}
#endif

/* 6.5: struct proto's ioctl leaves the copying to its caller. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#define ATCP_PROTO_IOCTL(name, function)                                       \
	static int name(struct sock *sk, int cmd, unsigned long arg)           \
	{                                                                      \
		int value;                                                     \
		int err = function(sk, cmd, &value);                           \
		return err ?: put_user(value, (int __user *)arg);              \
	}
#else
#define ATCP_PROTO_IOCTL(name, function)                                       \
	static int name(struct sock *sk, int cmd, int *value)                  \
	{                                                                      \
		return function(sk, cmd, value);                               \
	}
#endif

/* 6.6: the single bits of struct inet_sock became one word. */
static inline void atcp_inherit_inet_flags(struct inet_sock *child,
					   const struct inet_sock *parent)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	child->cmsg_flags = parent->cmsg_flags;
	child->recverr = parent->recverr;
	child->recverr_rfc4884 = parent->recverr_rfc4884;
	child->freebind = parent->freebind;
	child->transparent = parent->transparent;
	child->bind_address_no_port = parent->bind_address_no_port;
	child->mc_loop = parent->mc_loop;
	child->mc_all = parent->mc_all;
#else
	child->inet_flags = parent->inet_flags;
#endif
}

/* 6.6: see above. */
static inline bool atcp_inet_recverr(const struct sock *sk)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	return inet_sk(sk)->recverr;
#else
	return inet_test_bit(RECVERR, sk);
#endif
}

/* 6.18: the type of service of a flow has a type of its own. */
static inline void atcp_flowi4_set_tos(struct flowi4 *fl4, u8 tos)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
	fl4->flowi4_tos = tos & (IPTOS_TOS_MASK & ~3);
#else
	fl4->flowi4_dscp = inet_dsfield_to_dscp(tos);
#endif
}

#endif
