/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What ATCP keeps for each network namespace: its tables, its limits, its
 * counters. It lives from the namespace's start, or insmod, to the
 * namespace's end, or rmmod; every socket holds the namespace, every other
 * record is freed before it goes (atcp_netns_exit()).
 */
#ifndef ATCP_NETWORK_NETNS_H
#define ATCP_NETWORK_NETNS_H

#include <linux/rhashtable.h>
#include <linux/percpu.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include "../engine/tcb.h"
#include "counters.h"

#define ATCP_PORT_HASH_BITS 8
#define ATCP_PORT_HASH_SIZE BIT(ATCP_PORT_HASH_BITS)

/**
 * struct atcp_port_head - one chain of the port table
 * @lock: guards the chain, its ports and their lists; taken with BHs off
 * @chain: struct atcp_port; readers use RCU
 */
struct atcp_port_head {
	spinlock_t lock; /* chain, and what hangs on it */
	struct hlist_head chain;
};

struct atcp_stats {
	u64 counters[ATCP_COUNT_TOTAL];
};

/**
 * struct atcp_netns - ATCP in one network namespace
 * @flows: all connections by four-tuple, struct atcp_flow; RCU lookups
 * @ports: bound local ports by number
 * @stats: per-CPU counters
 * @params: what the engine reads of the sysctls
 * @challenge_ack_limit: challenge ACKs a second for all connections together,
 *                       INT_MAX for no limit
 * @max_tw_buckets: most TIME-WAIT records
 * @max_orphans: most connections without a user
 * @notsent_lowat: TCP_NOTSENT_LOWAT of sockets that did not set it, octets
 * @moderate_rcvbuf: receive buffers grow as they are needed
 * @max_syn_backlog: requests of a listener that are let in without SYN cookies
 * @syncookies: SYN cookies: 0 never, 1 when a listener's backlog is full, 2
 *              always
 * @abort_on_overflow: reset what a full accept queue has no room for
 * @reuse_tw: connect() takes TIME-WAIT's ports over: 0 no, 1 yes, 2 on loopback
 * @rmem: receive buffer, octets: least, default, most
 * @wmem: send buffer, likewise
 * @tw_lock: guards the next four and all of a TIME-WAIT record
 * @tw_list: TIME-WAIT records, the next to end first
 * @tw_count: how many
 * @tw_dead: no more may be added
 * @tw_timer: runs when the first one ends
 * @cong: the congestion control algorithm of new sockets, see
 *        socket/congestion.c
 * @sysctls: registered table
 * @cong_sysctls: registered table of what concerns @cong
 * @challenge_second: the second that @challenges_left is for
 * @challenges_left: challenge ACKs that may still be sent in it
 * @next_port: moves the start of the search for a free port
 * @orphans: connections without a user, see socket/orphan.c
 *
 * The sysctls are written by proc handlers and read with READ_ONCE().
 */
struct atcp_netns {
	struct rhashtable flows;
	struct atcp_port_head *ports;
	struct atcp_stats __percpu *stats;

	struct atcp_params params;
	int challenge_ack_limit;
	int max_tw_buckets;
	int max_orphans;
	u32 notsent_lowat;
	u8 moderate_rcvbuf;
	int max_syn_backlog;
	u8 syncookies;
	u8 abort_on_overflow;
	u8 reuse_tw;
	int rmem[3];
	int wmem[3];

	spinlock_t tw_lock; /* TIME-WAIT records */
	struct list_head tw_list;
	int tw_count;
	bool tw_dead;
	struct hrtimer tw_timer;

	const struct atcp_cong_ops __rcu *cong;
	struct ctl_table_header *sysctls;
	struct ctl_table_header *cong_sysctls;
	atomic_t next_port;
	atomic_t orphans;
	u32 challenge_second;
	atomic_t challenges_left;
};

extern unsigned int atcp_netns_id;

static inline struct atcp_netns *atcp_netns(const struct net *net)
{
	return net_generic(net, atcp_netns_id);
}

static inline void atcp_count_add(struct atcp_netns *an,
				  enum atcp_counter counter, u64 n)
{
	this_cpu_add(an->stats->counters[counter], n);
}

static inline void atcp_count(struct atcp_netns *an, enum atcp_counter counter)
{
	this_cpu_inc(an->stats->counters[counter]);
}

static inline u64 atcp_now(void)
{
	return ktime_to_us(ktime_get());
}

static inline ktime_t atcp_ktime(u64 us)
{
	return ns_to_ktime(us * NSEC_PER_USEC);
}

int atcp_netns_init(struct net *net);
void atcp_netns_exit(struct net *net);

#endif
