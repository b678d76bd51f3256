/* SPDX-License-Identifier: GPL-2.0 */
/* Connections in TIME-WAIT: the engine's record in the kernel's tables. */
#ifndef ATCP_NETWORK_TIMEWAIT_H
#define ATCP_NETWORK_TIMEWAIT_H

#include "../engine/timewait.h"
#include "flow.h"
#include "port.h"

/**
 * struct atcp_timewait_sock - what is left of a socket for 2 MSL
 * @tw: the engine's part, guarded by atcp_netns.tw_lock
 * @flow: in the flow table
 * @node: in atcp_netns.tw_list, guarded by tw_lock; empty once it ended
 * @bind: keeps the local port in use
 * @an: the namespace
 * @rcu: frees it after its readers
 *
 * All of them last equally long, so that one list in order of their ends and
 * one timer per namespace do for any number of them.
 */
struct atcp_timewait_sock {
	struct atcp_timewait tw;
	struct atcp_flow flow;
	struct list_head node;
	struct atcp_bind bind;
	struct net *net;
	struct rcu_head rcu;
};

static inline struct atcp_timewait_sock *atcp_flow_timewait(struct atcp_flow *f)
{
	return container_of(f, struct atcp_timewait_sock, flow);
}

struct atcp_sock;

int atcp_timewait_cache_init(void);
void atcp_timewait_cache_exit(void);
void atcp_timewait_netns_init(struct atcp_netns *an);
void atcp_timewait_netns_exit(struct atcp_netns *an);
bool atcp_timewait_enter(struct atcp_sock *as, u64 now);
bool atcp_timewait_sock_arrives(struct atcp_timewait_sock *tws,
				struct sk_buff *skb,
				const struct atcp_segment *seg, u32 *iss);
bool atcp_timewait_take(struct atcp_sock *as, bool bound,
			struct atcp_timewait *old);

#endif
