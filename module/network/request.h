/* SPDX-License-Identifier: GPL-2.0 */
/* Connections in SYN-RECEIVED: the engine's record in the kernel's tables. */
#ifndef ATCP_NETWORK_REQUEST_H
#define ATCP_NETWORK_REQUEST_H

#include <linux/hrtimer.h>
#include <linux/refcount.h>
#include "../engine/request.h"
#include "flow.h"

/**
 * struct atcp_request_sock - a passively opened connection in SYN-RECEIVED
 * @req: the engine's part, guarded by @lock
 * @flow: in the flow table, until the request ends
 * @lock: taken with BHs off
 * @dead: it ended: answer nothing, arm nothing; guarded by @lock
 * @refs: one for being alive (dropped by whoever sets @dead), one while the
 *        timer is armed or runs, one for each finder
 * @listener: the socket it was made for, with a reference
 * @node: in atcp_listener.requests, guarded by that lock
 * @young: the SYN-ACK went once only; guarded by that lock, too
 * @saved_syn: for the child, or NULL; taken by whoever hands its flow on
 * @timer: the SYN-ACK's retransmission
 * @rcu: frees it after its readers
 */
struct atcp_request_sock {
	struct atcp_request req;
	struct atcp_flow flow;
	spinlock_t lock; /* req and dead */
	bool dead;
	refcount_t refs;
	struct sock *listener;
	struct list_head node;
	bool young;
	struct atcp_saved_syn *saved_syn;
	struct hrtimer timer;
	struct rcu_head rcu;
};

struct atcp_saved_syn;

static inline struct atcp_request_sock *atcp_flow_request(struct atcp_flow *f)
{
	return container_of(f, struct atcp_request_sock, flow);
}

int atcp_request_cache_init(void);
void atcp_request_cache_exit(void);
enum atcp_drop atcp_request_open(struct sock *sk, const struct atcp_open *open,
				 const struct atcp_segment *syn,
				 const struct atcp_tuple *tuple,
				 struct atcp_saved_syn *saved);
void atcp_request_sock_arrives(struct atcp_request_sock *rs,
			       struct sk_buff *skb, struct atcp_segment *seg);
void atcp_request_icmp(struct atcp_request_sock *rs, u32 seq, bool hard);
void atcp_request_kill(struct atcp_request_sock *rs, enum atcp_cause cause);
bool atcp_request_get(struct atcp_request_sock *rs);
void atcp_request_put(struct atcp_request_sock *rs);

#endif
