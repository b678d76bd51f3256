// SPDX-License-Identifier: GPL-2.0
/*
 * Segments in and out, whatever the address family: who gets an arriving one,
 * how one without a socket is sent, what becomes of a dropped one.
 */
#include <linux/filter.h>
#include <linux/siphash.h>
#include <linux/once.h>
#include <net/busy_poll.h>
#include <net/ip.h>
#include <net/xfrm.h>
#include "../socket/sock.h"
#include "ip.h"
#include "listener.h"
#include "port.h"
#include "request.h"
#include "timewait.h"
#include "trace.h"

static siphash_aligned_key_t atcp_secret;

static u64 secret_hash(const struct atcp_tuple *tuple, u32 purpose)
{
	struct {
		struct atcp_tuple tuple;
		u32 purpose;
	} __packed __aligned(SIPHASH_ALIGNMENT) in = {
		.tuple = *tuple,
		.purpose = purpose,
	};

	net_get_random_once(&atcp_secret, sizeof(atcp_secret));
	return siphash(&in, sizeof(in), &atcp_secret);
}

/**
 * atcp_initial_sequence() - ISS, RFC 9293 section 3.4.1 and RFC 6528
 * @tuple: the connection
 *
 * A keyed hash of the four-tuple plus a clock of 4 us (MUST-8, SHLD-1).
 */
u32 atcp_initial_sequence(const struct atcp_tuple *tuple)
{
	return secret_hash(tuple, 0) + (u32)(ktime_get_real_ns() >> 12);
}

/*
 * Where a connection's timestamp clock starts, RFC 7323 section 7.1: anywhere,
 * unless the operator wants all to show the same clock.
 */
u32 atcp_timestamp_offset(const struct atcp_netns *an,
			  const struct atcp_tuple *tuple)
{
	return READ_ONCE(an->params.timestamps) == 2 ? 0 :
						       secret_hash(tuple, 1);
}

/* Where the search for a local port starts, RFC 6056 section 3.3.3. */
u32 atcp_port_offset(const struct atcp_tuple *tuple)
{
	return secret_hash(tuple, 2);
}

/* Which of several SO_REUSEPORT listeners a connection is for. */
u32 atcp_group_hash(const struct atcp_tuple *tuple)
{
	return secret_hash(tuple, 3);
}

/**
 * atcp_drop_skb() - the one exit for segments that are not kept
 * @net: the namespace
 * @skb: the segment; freed
 * @tuple: its four-tuple, NULL if it was not readable
 * @seg: the parsed segment, likewise
 * @reason: why
 */
void atcp_drop_skb(struct net *net, struct sk_buff *skb,
		   const struct atcp_tuple *tuple,
		   const struct atcp_segment *seg, enum atcp_drop reason)
{
	trace_atcp_drop(net, tuple, seg, reason);
	atcp_count(atcp_netns(net), ATCP_COUNT_DROP + reason);
	kfree_skb(skb);
}

/**
 * atcp_reply_reset() - answer a segment with a RST, if it may be
 * @net: the namespace
 * @tuple: the segment's four-tuple as this end sees it
 * @seg: the segment
 * @sk: whose marks and options the RST takes, or NULL
 */
void atcp_reply_reset(struct net *net, const struct atcp_tuple *tuple,
		      const struct atcp_segment *seg, const struct sock *sk)
{
	struct atcp_segment rst;

	if (!atcp_segment_reset(seg, &rst))
		return;
	atcp_count(atcp_netns(net), ATCP_COUNT_OUT_RSTS);
	atcp_reply(net, tuple, &rst, sk);
}

/**
 * atcp_receive_late() - a segment from the backlog of a socket that is over
 * @net: the namespace
 * @skb: the segment, without device and route; consumed
 * @tuple: its four-tuple as this end sees it
 * @seg: the segment, parsed
 *
 * It was for that socket when it came. If a TIME-WAIT record followed it, that
 * one answers; a new connection is left to the peer's next try.
 *
 * Context: BHs off, RCU read section.
 */
void atcp_receive_late(struct net *net, struct sk_buff *skb,
		       const struct atcp_tuple *tuple, struct atcp_segment *seg)
{
	struct atcp_flow *flow = atcp_flow_lookup(atcp_netns(net), tuple);

	if (flow && flow->kind == ATCP_FLOW_TIMEWAIT) {
		atcp_timewait_sock_arrives(atcp_flow_timewait(flow), skb, seg,
					   NULL);
		return;
	}
	if (!flow)
		atcp_reply_reset(net, tuple, seg, NULL);
	atcp_drop_skb(net, skb, tuple, seg, ATCP_DROP_NO_SOCKET);
}

/*
 * What a socket's owner and its machine's let in: IP_MINTTL (RFC 5082), IPsec,
 * security modules, a control group's programs, and SO_ATTACH_FILTER, which may
 * also cut a segment's payload.
 */
static enum atcp_drop admit(struct sock *sk, struct sk_buff *skb,
			    struct atcp_segment *seg)
{
	if (unlikely(ip_hdr(skb)->ttl < READ_ONCE(inet_sk(sk)->min_ttl)))
		return ATCP_DROP_MIN_TTL;
	if (!xfrm4_policy_check(sk, XFRM_POLICY_IN, skb))
		return ATCP_DROP_POLICY;
	nf_reset_ct(skb);
	if (unlikely(sk_filter_trim_cap(sk, skb, seg->header_len)))
		return ATCP_DROP_POLICY;
	seg->len = skb->len - seg->header_len;
	return ATCP_DROP_NONE;
}

/* Of two connections with one tuple each may be bound to a device. */
static bool on_device(const struct atcp_flow *flow, struct sk_buff *skb)
{
	const struct sock *sk;

	if (unlikely(flow->kind != ATCP_FLOW_SOCK))
		return true;
	sk = atcp_to_sk(atcp_flow_sock((struct atcp_flow *)flow));
	return inet_sk_bound_dev_eq(sock_net(sk),
				    READ_ONCE(sk->sk_bound_dev_if),
				    inet_iif(skb), inet_sdif(skb));
}

/* Give a segment to a full socket. */
static void deliver(struct sock *sk, struct sk_buff *skb,
		    const struct atcp_tuple *tuple, struct atcp_segment *seg)
{
	enum atcp_drop drop = admit(sk, skb, seg);
	struct net *net = sock_net(sk);

	if (unlikely(drop)) {
		atcp_drop_skb(net, skb, tuple, seg, drop);
		return;
	}
	sk_incoming_cpu_update(sk);
	sk_mark_napi_id(sk, skb);
	/* A queue must not outlive the device and the route it refers to. */
	skb_dst_drop(skb);
	skb->dev = NULL;
	bh_lock_sock_nested(sk);
	if (!sock_owned_by_user(sk)) {
		if (likely(atcp_sk(sk)->hashed))
			atcp_sock_arrives(sk, skb, seg);
		else
			atcp_receive_late(net, skb, tuple, seg);
	} else if (sk_add_backlog(sk, skb,
				  READ_ONCE(sk->sk_rcvbuf) +
					  READ_ONCE(sk->sk_sndbuf))) {
		atcp_count(atcp_netns(net), ATCP_COUNT_BACKLOG_OVERFLOWS);
		atcp_drop_skb(net, skb, tuple, seg, ATCP_DROP_BACKLOG);
	}
	bh_unlock_sock(sk);
}

/*
 * Return: false if the owner was gone by the time it was asked. If it made room
 * for a new connection, @iss is what that is to start from.
 */
static bool to_owner(struct atcp_flow *flow, struct sk_buff *skb,
		     const struct atcp_tuple *tuple, struct atcp_segment *seg,
		     u32 *iss)
{
	struct atcp_request_sock *rs;
	enum atcp_drop drop;
	struct sock *sk;

	switch (flow->kind) {
	case ATCP_FLOW_SOCK:
		sk = atcp_to_sk(atcp_flow_sock(flow));
		if (!refcount_inc_not_zero(&sk->sk_refcnt))
			return false;
		deliver(sk, skb, tuple, seg);
		sock_put(sk);
		return true;
	case ATCP_FLOW_REQUEST:
		rs = atcp_flow_request(flow);
		if (!atcp_request_get(rs))
			return false;
		drop = admit(rs->listener, skb, seg);
		if (drop)
			atcp_drop_skb(sock_net(rs->listener), skb, tuple, seg,
				      drop);
		else
			atcp_request_sock_arrives(rs, skb, seg);
		atcp_request_put(rs);
		return true;
	default:
		return !atcp_timewait_sock_arrives(atcp_flow_timewait(flow),
						   skb, seg, iss);
	}
}

static void to_listener(struct net *net, struct sk_buff *skb,
			const struct atcp_tuple *tuple,
			struct atcp_segment *seg, u32 iss)
{
	enum atcp_drop drop;
	struct sock *sk;

	sk = atcp_port_find_listener(atcp_netns(net), tuple, skb,
				     seg->header_len, inet_iif(skb),
				     inet_sdif(skb));
	if (sk && refcount_inc_not_zero(&sk->sk_refcnt)) {
		drop = admit(sk, skb, seg);
		if (!drop)
			atcp_listener_arrives(sk, skb, seg, tuple, iss);
		else
			atcp_drop_skb(net, skb, tuple, seg, drop);
		sock_put(sk);
		return;
	}
	/* CLOSED: RFC 9293 section 3.10.7.1. */
	if (xfrm4_policy_check(NULL, XFRM_POLICY_IN, skb))
		atcp_reply_reset(net, tuple, seg, NULL);
	atcp_drop_skb(net, skb, tuple, seg, ATCP_DROP_NO_SOCKET);
}

/**
 * atcp_receive() - a good segment: find whose it is
 * @net: the namespace
 * @skb: the segment, data at its header; consumed
 * @tuple: its four-tuple as this end sees it
 * @seg: the segment, parsed
 *
 * Context: BHs off, RCU read section.
 */
void atcp_receive(struct net *net, struct sk_buff *skb,
		  const struct atcp_tuple *tuple, struct atcp_segment *seg)
{
	struct atcp_flow *flow;
	unsigned int tries;
	u32 iss = 0;

	trace_atcp_receive(net, tuple, seg);
	/*
	 * An owner may hand its tuple on between our look and our call; each
	 * does so once or twice in a connection's life, so a third look finds
	 * either the one that stays or none.
	 */
	for (tries = 0; tries < 4; tries++) {
		flow = atcp_flow_lookup(atcp_netns(net), tuple);
		if (!flow || !on_device(flow, skb))
			break;
		if (to_owner(flow, skb, tuple, seg, &iss))
			return;
	}
	to_listener(net, skb, tuple, seg, iss);
}
