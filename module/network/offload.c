// SPDX-License-Identifier: GPL-2.0
/*
 * Large sends. A segment of many MSS travels as one skb as far as it can:
 * through loopback and veth all the way. Before a device that does not take
 * it the stack comes here to have it cut.
 *
 * The skb's GSO type is SCTP's. There is none for protocol 253, and TCP's
 * would let a network card cut what only looks like TCP to it; SCTP's is one
 * that the software devices let through and that cards leave to the stack,
 * which finds the function below by the IP protocol.
 */
#include <net/ip.h>
#include <net/protocol.h>
#include "../engine/segment.h"
#include "../uapi/atcp.h"
#include "ip.h"

#define SEQ_OFFSET   4
#define FLAGS_OFFSET 13

/* Number, flags and checksum of one of the segments that a large one became. */
static void fix_header(struct sk_buff *skb, u32 seq, bool last)
{
	const struct iphdr *iph = ip_hdr(skb);
	u8 *header = skb_transport_header(skb);
	__sum16 pseudo;

	atcp_put32(header + SEQ_OFFSET, seq);
	if (!last)
		header[FLAGS_OFFSET] &= ~(ATCP_FIN | ATCP_PSH);
	pseudo = ~csum_tcpudp_magic(iph->saddr, iph->daddr,
				    skb->len - skb_transport_offset(skb),
				    IPPROTO_ATCP, 0);
	atcp_put_checksum(header, pseudo);
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		atcp_put_checksum(header,
				  gso_make_checksum(skb, csum_unfold(~pseudo)));
}

static struct sk_buff *v4_segment(struct sk_buff *skb,
				  netdev_features_t features)
{
	unsigned int mss = skb_shinfo(skb)->gso_size, len;
	struct sk_buff *segs, *seg;
	u32 seq;

	if (!(skb_shinfo(skb)->gso_type & SKB_GSO_SCTP) ||
	    !pskb_may_pull(skb, ATCP_HEADER_MIN))
		return ERR_PTR(-EINVAL);
	len = atcp_header_len(skb->data);
	if (len < ATCP_HEADER_MIN || !pskb_may_pull(skb, len))
		return ERR_PTR(-EINVAL);
	seq = atcp_get32(skb->data + SEQ_OFFSET);
	__skb_pull(skb, len);
	if (skb->len <= mss)
		return ERR_PTR(-EINVAL);
	segs = skb_segment(skb, features);
	if (IS_ERR_OR_NULL(segs))
		return segs;
	for (seg = segs; seg; seg = seg->next, seq += mss)
		fix_header(seg, seq, !seg->next);
	return segs;
}

static const struct net_offload atcp_v4_offload = {
	.callbacks = {
		.gso_segment = v4_segment,
	},
};

/**
 * atcp_offload_init() - let the stack cut what is too large for a device
 *
 * Return: 0 or -EADDRINUSE.
 */
int atcp_offload_init(void)
{
	return inet_add_offload(&atcp_v4_offload, IPPROTO_ATCP) ? -EADDRINUSE :
								  0;
}

/* No large segment is under way any more when this returns. */
void atcp_offload_exit(void)
{
	inet_del_offload(&atcp_v4_offload, IPPROTO_ATCP);
}
