// SPDX-License-Identifier: GPL-2.0
/* ATCP over IPv4: protocol 253's handler, routes, headers. */
#include <net/inet_common.h>
#include <net/ip.h>
#include <net/protocol.h>
#include <net/route.h>
#include "../socket/sock.h"
#include "ip.h"
#include "trace.h"

static enum atcp_drop check_segment(struct sk_buff *skb,
				    struct atcp_segment *seg)
{
	unsigned int len;

	/* Not for us alone: RFC 9293 MUST-57. */
	if (skb->pkt_type != PACKET_HOST ||
	    skb_rtable(skb)->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST))
		return ATCP_DROP_ADDRESS;
	if (!pskb_may_pull(skb, ATCP_HEADER_MIN))
		return ATCP_DROP_SHORT;
	len = atcp_header_len(skb->data);
	if (len < ATCP_HEADER_MIN || !pskb_may_pull(skb, len))
		return ATCP_DROP_HEADER_LENGTH;
	if (skb_checksum_init(skb, IPPROTO_ATCP, inet_compute_pseudo) ||
	    skb_checksum_complete(skb))
		return ATCP_DROP_CHECKSUM;
	return atcp_segment_parse(seg, skb->data, skb->len);
}

static int v4_receive(struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct net *net = dev_net(skb->dev);
	struct atcp_segment seg;
	struct atcp_tuple tuple;
	enum atcp_drop drop;

	atcp_count(atcp_netns(net), ATCP_COUNT_IN_SEGS);
	drop = check_segment(skb, &seg);
	if (unlikely(drop)) {
		atcp_drop_skb(net, skb, NULL, NULL, drop);
		return 0;
	}
	iph = ip_hdr(skb);
	atcp_tuple_set_v4(&tuple, iph->daddr, seg.dport, iph->saddr, seg.sport,
			  ATCP_WIRE_NATIVE);
	atcp_receive(net, skb, &tuple, &seg);
	return 0;
}

/**
 * atcp_route_v4() - find the route of a connection
 * @net: the namespace
 * @fl4: filled in; its saddr and daddr are what the segments carry
 * @sk: whose device, mark and type of service count, or NULL
 * @daddr: the peer
 * @saddr: the local address, or 0 for the route's choice
 * @dport: the peer's port, host order
 * @sport: the local port, host order
 *
 * Return: the route with a reference, or an ERR_PTR: -ENETUNREACH, also if
 * @daddr is one of many, and others of ip_route_output_flow().
 */
struct dst_entry *atcp_route_v4(struct net *net, struct flowi4 *fl4,
				const struct sock *sk, __be32 daddr,
				__be32 saddr, u16 dport, u16 sport)
{
	struct rtable *rt;

	memset(fl4, 0, sizeof(*fl4));
	fl4->flowi4_oif = sk ? READ_ONCE(sk->sk_bound_dev_if) : 0;
	fl4->flowi4_iif = LOOPBACK_IFINDEX;
	fl4->flowi4_mark = sk ? READ_ONCE(sk->sk_mark) : 0;
	fl4->flowi4_proto = IPPROTO_ATCP;
	fl4->flowi4_flags = sk ? inet_sk_flowi_flags(sk) : 0;
	fl4->flowi4_uid = sock_net_uid(net, sk);
	fl4->daddr = daddr;
	fl4->saddr = saddr;
	fl4->fl4_dport = htons(dport);
	fl4->fl4_sport = htons(sport);
	atcp_flowi4_set_tos(fl4, sk ? inet_sk(sk)->tos : 0);
	rt = ip_route_output_flow(net, fl4, sk);
	if (IS_ERR(rt))
		return ERR_CAST(rt);
	/*
	 * MUST-63: nobody has such an address. IPv4's input lets a subnet's
	 * broadcast address pass as a source.
	 */
	if (unlikely(rt->rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST))) {
		ip_rt_put(rt);
		return ERR_PTR(-ENETUNREACH);
	}
	return &rt->dst;
}

/* Write the header before the payload and leave the checksum to be done. */
static u8 *push_header(struct sk_buff *skb, const struct atcp_segment *seg)
{
	unsigned int len = ATCP_HEADER_MIN + atcp_segment_options_len(seg);
	u8 *header = skb_push(skb, len);

	skb_reset_transport_header(skb);
	atcp_segment_build(seg, header);
	return header;
}

/*
 * Only a device that sums up any packet may be asked to: those that know TCP
 * and UDP alone do not know protocol 253. A large segment has no sum of its
 * own: each of those that it is cut into gets one. The addresses are the connection's,
 * also where a source route gives the packet another one (RFC 9293 3.1).
 */
static void set_checksum(struct sock *sk, struct sk_buff *skb, u8 *header)
{
	const struct inet_sock *inet = inet_sk(sk);
	__be32 saddr = inet->inet_saddr, daddr = inet->inet_daddr;
	__wsum sum;

	if (likely(atcp_sk(sk)->device_sums || skb_is_gso(skb))) {
		atcp_put_checksum(header,
				  ~csum_tcpudp_magic(saddr, daddr, skb->len,
						     IPPROTO_ATCP, 0));
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb_transport_header(skb) - skb->head;
		skb->csum_offset = ATCP_CHECKSUM_OFFSET;
		return;
	}
	sum = skb_checksum(skb, 0, skb->len, 0);
	atcp_put_checksum(header, csum_tcpudp_magic(saddr, daddr, skb->len,
						    IPPROTO_ATCP, sum));
}

static void set_gso(struct sk_buff *skb, u32 len, u32 mss)
{
	struct skb_shared_info *info = skb_shinfo(skb);

	info->gso_size = mss;
	info->gso_segs = DIV_ROUND_UP(len, mss);
	info->gso_type = SKB_GSO_SCTP;
}

/**
 * atcp_transmit() - send a socket's segment
 * @sk: the socket, locked, with its flow set
 * @skb: payload, and headroom for all headers; consumed
 * @seg: the segment
 *
 * Return: 0 or what ip_queue_xmit() says.
 */
int atcp_transmit(struct sock *sk, struct sk_buff *skb,
		  const struct atcp_segment *seg)
{
	u8 *header = push_header(skb, seg);

	if (seg->len > seg->cut)
		set_gso(skb, seg->len, seg->cut);
	set_checksum(sk, skb, header);
	skb_set_owner_w(skb, sk);
	return ip_queue_xmit(sk, skb, &inet_sk(sk)->cork.fl);
}

/* RFC 9293 section 3.1's pseudo-header as a sum of 16-bit words. */
static u32 pseudo_sum(const struct iphdr *iph, unsigned int len)
{
	u32 saddr = ntohl(iph->saddr), daddr = ntohl(iph->daddr);

	return (saddr >> 16) + (saddr & 0xffff) + (daddr >> 16) +
	       (daddr & 0xffff) + iph->protocol + len;
}

static void push_ip(struct sk_buff *skb, const struct flowi4 *fl4,
		    const struct sock *sk, const struct dst_entry *dst)
{
	struct iphdr *iph = skb_push(skb, sizeof(*iph));

	skb_reset_network_header(skb);
	*iph = (struct iphdr){
		.version = 4,
		.ihl = sizeof(*iph) / 4,
		.tos = sk ? inet_sk(sk)->tos : 0,
		.frag_off = htons(IP_DF),
		.ttl = sk && inet_sk(sk)->uc_ttl >= 0 ? inet_sk(sk)->uc_ttl :
							ip4_dst_hoplimit(dst),
		.protocol = IPPROTO_ATCP,
		.saddr = fl4->saddr,
		.daddr = fl4->daddr,
	};
}

/**
 * atcp_reply() - send a segment without payload that no socket's lock covers
 * @net: the namespace
 * @tuple: the four-tuple as this end sees it
 * @seg: a RST, a SYN-ACK, or an ACK from TIME-WAIT
 * @sk: a socket whose marks and IP options count, only read; or NULL
 *
 * The packet carries no identification (RFC 6864: it is never fragmented).
 */
void atcp_reply(struct net *net, const struct atcp_tuple *tuple,
		const struct atcp_segment *seg, const struct sock *sk)
{
	struct atcp_netns *an = atcp_netns(net);
	struct dst_entry *dst;
	struct sk_buff *skb;
	struct flowi4 fl4;
	unsigned int len;
	u8 *header;
	u16 sum;

	dst = atcp_route_v4(net, &fl4, sk, tuple->raddr.s6_addr32[3],
			    tuple->laddr.s6_addr32[3], tuple->rport,
			    tuple->lport);
	if (IS_ERR(dst))
		goto fail;
	skb = alloc_skb(ATCP_HEADROOM, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb) {
		dst_release(dst);
		goto fail;
	}
	skb_reserve(skb, ATCP_HEADROOM);
	skb_dst_set(skb, dst);
	header = push_header(skb, seg);
	len = skb->len;
	push_ip(skb, &fl4, sk, dst);
	sum = atcp_checksum(header, len, pseudo_sum(ip_hdr(skb), len));
	atcp_put_checksum(header, (__force __sum16)htons(sum));
	if (sk) {
		skb->priority = READ_ONCE(sk->sk_priority);
		skb->mark = READ_ONCE(sk->sk_mark);
	}
	atcp_count(an, ATCP_COUNT_OUT_SEGS);
	trace_atcp_send(net, tuple, seg);
	ip_local_out(net, NULL, skb);
	return;
fail:
	atcp_count(an, ATCP_COUNT_OUT_FAILS);
}

static const struct net_protocol atcp_v4_protocol = {
	.handler = v4_receive,
	.err_handler = atcp_icmp_v4,
	.no_policy = 1,
	.icmp_strict_tag_validation = 1,
};

int atcp_ipv4_init(void)
{
	if (inet_add_protocol(&atcp_v4_protocol, IPPROTO_ATCP)) {
		pr_err("IP protocol %d has an owner already: unload it first\n",
		       IPPROTO_ATCP);
		return -EADDRINUSE;
	}
	return 0;
}

/* No handler runs any more when this returns. */
void atcp_ipv4_exit(void)
{
	inet_del_protocol(&atcp_v4_protocol, IPPROTO_ATCP);
}
