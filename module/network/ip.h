/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between IP and ATCP: segments in, segments out. What depends on the address
 * family is behind these calls.
 */
#ifndef ATCP_NETWORK_IP_H
#define ATCP_NETWORK_IP_H

#include <net/flow.h>
#include "flow.h"
#include "../engine/segment.h"

/* Octets of IP and TCP header without options: an MSS is an MTU less these. */
#define ATCP_V4_HEADERS 40U

/* Room in front of a payload: all that a TCP, an IP and a link header take. */
#define ATCP_HEADROOM (MAX_HEADER + 60 + ATCP_HEADER_MAX)

#define ATCP_CHECKSUM_OFFSET 16 /* in the TCP header */

struct atcp_sock;

int atcp_ipv4_init(void);
void atcp_ipv4_exit(void);
int atcp_icmp_v4(struct sk_buff *skb, u32 info);
void atcp_icmp_deferred(struct sock *sk, unsigned long deferred);
int atcp_offload_init(void);
void atcp_offload_exit(void);
void atcp_receive(struct net *net, struct sk_buff *skb,
		  const struct atcp_tuple *tuple, struct atcp_segment *seg);
void atcp_receive_late(struct net *net, struct sk_buff *skb,
		       const struct atcp_tuple *tuple,
		       struct atcp_segment *seg);
int atcp_transmit(struct sock *sk, struct sk_buff *skb,
		  const struct atcp_segment *seg);
void atcp_reply(struct net *net, const struct atcp_tuple *tuple,
		const struct atcp_segment *seg, const struct sock *sk);
void atcp_reply_reset(struct net *net, const struct atcp_tuple *tuple,
		      const struct atcp_segment *seg, const struct sock *sk);
void atcp_drop_skb(struct net *net, struct sk_buff *skb,
		   const struct atcp_tuple *tuple,
		   const struct atcp_segment *seg, enum atcp_drop reason);
struct dst_entry *atcp_route_v4(struct net *net, struct flowi4 *fl4,
				const struct sock *sk, __be32 daddr,
				__be32 saddr, u16 dport, u16 sport);
static inline void atcp_put_checksum(u8 *header, __sum16 sum)
{
	*(__sum16 *)(header + ATCP_CHECKSUM_OFFSET) = sum;
}

u32 atcp_initial_sequence(const struct atcp_tuple *tuple);
u32 atcp_timestamp_offset(const struct atcp_netns *an,
			  const struct atcp_tuple *tuple);
u32 atcp_port_offset(const struct atcp_tuple *tuple);
u32 atcp_group_hash(const struct atcp_tuple *tuple);

#endif
