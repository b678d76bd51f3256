// SPDX-License-Identifier: GPL-2.0
/* The table of connections: see flow.h. */
#include <linux/jhash.h>
#include <net/ipv6.h>
#include "flow.h"

/* An IPv4 key differs in one word of each address: hash no more than that. */
static u32 flow_hash(const void *data, u32 len, u32 seed)
{
	const struct atcp_tuple *t = data;
	u32 ports = (u32)t->lport << 16 | t->rport;

	if (atcp_tuple_is_v4(t))
		return jhash_3words((__force u32)t->laddr.s6_addr32[3],
				    (__force u32)t->raddr.s6_addr32[3], ports,
				    seed ^ t->wire);
	return jhash2(data, len / sizeof(u32), seed);
}

static u32 flow_key_hash(const void *data, u32 len, u32 seed)
{
	return flow_hash(data, sizeof(struct atcp_tuple), seed);
}

static u32 flow_obj_hash(const void *data, u32 len, u32 seed)
{
	const struct atcp_flow *flow = data;

	return flow_hash(&flow->tuple, sizeof(struct atcp_tuple), seed);
}

static int flow_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct atcp_flow *flow = obj;

	return memcmp(&flow->tuple, arg->key, sizeof(flow->tuple));
}

static const struct rhashtable_params flow_params = {
	.head_offset = offsetof(struct atcp_flow, node),
	.key_offset = offsetof(struct atcp_flow, tuple),
	.key_len = sizeof(struct atcp_tuple),
	.hashfn = flow_key_hash,
	.obj_hashfn = flow_obj_hash,
	.obj_cmpfn = flow_cmp,
	.automatic_shrinking = true,
};

int atcp_flow_table_init(struct atcp_netns *an)
{
	BUILD_BUG_ON(sizeof(struct atcp_tuple) != 40);
	return rhashtable_init(&an->flows, &flow_params);
}

/* All that owned a flow was removed before; see atcp_netns_exit(). */
void atcp_flow_table_exit(struct atcp_netns *an)
{
	WARN_ON_ONCE(atomic_read(&an->flows.nelems));
	rhashtable_destroy(&an->flows);
}

/**
 * atcp_flow_lookup() - who owns a four-tuple
 * @an: the namespace
 * @tuple: the four-tuple as this end sees it
 *
 * Context: RCU read section, which the result is valid in. Whoever wants to
 * keep it longer takes the reference that its kind has.
 *
 * Return: the flow, NULL if there is none.
 */
struct atcp_flow *atcp_flow_lookup(struct atcp_netns *an,
				   const struct atcp_tuple *tuple)
{
	return rhashtable_lookup(&an->flows, tuple, flow_params);
}

/**
 * atcp_flow_insert() - claim a four-tuple
 * @an: the namespace
 * @flow: the claimant, with its tuple set
 *
 * Return: 0, -EADDRNOTAVAIL if the tuple has an owner, -ENOMEM.
 */
int atcp_flow_insert(struct atcp_netns *an, struct atcp_flow *flow)
{
	int err = rhashtable_lookup_insert_key(&an->flows, &flow->tuple,
					       &flow->node, flow_params);

	if (err == -EEXIST)
		return -EADDRNOTAVAIL;
	return err ? -ENOMEM : 0;
}

/**
 * atcp_flow_remove() - give a four-tuple up
 * @an: the namespace
 * @flow: its owner; harmless if it is not, or no longer
 */
void atcp_flow_remove(struct atcp_netns *an, struct atcp_flow *flow)
{
	rhashtable_remove_fast(&an->flows, &flow->node, flow_params);
}

/**
 * atcp_flow_replace() - hand a four-tuple on, with no moment in between
 * @an: the namespace
 * @old: its owner
 * @flow: its next owner, with the same tuple
 *
 * Return: 0, or -ENOENT if @old does not own it any more.
 */
int atcp_flow_replace(struct atcp_netns *an, struct atcp_flow *old,
		      struct atcp_flow *flow)
{
	return rhashtable_replace_fast(&an->flows, &old->node, &flow->node,
				       flow_params);
}
