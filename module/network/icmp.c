// SPDX-License-Identifier: GPL-2.0
/*
 * What ICMP says of a connection's segments: RFC 1191, RFC 5927, RFC 6069, RFC
 * 9293 section 3.9.2.2. A message that finds a process in possession of the
 * socket is looked at now and acted on in release_sock().
 */
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/route.h>
#include "../engine/recovery.h"
#include "../engine/seq.h"
#include "../engine/timer.h"
#include "../socket/sock.h"
#include "ip.h"
#include "request.h"

/* The route may have given way to one that knows of the smaller MTU. */
static struct dst_entry *update_mtu(struct sock *sk, u32 mtu)
{
	struct dst_entry *dst = __sk_dst_check(sk, 0);

	if (!dst)
		dst = atcp_sock_reroute(sk);
	if (!dst)
		return NULL;
	dst->ops->update_pmtu(dst, sk, NULL, mtu, true);
	return __sk_dst_check(sk, 0) ?: atcp_sock_reroute(sk);
}

/*
 * Too big for the path. What is in flight and larger than the path takes was
 * thrown away: it goes again at once, in smaller segments.
 */
static void too_big(struct sock *sk, u32 mtu)
{
	struct atcp_sock *as = atcp_sk(sk);
	struct dst_entry *dst;

	if (!as->hashed)
		return;
	dst = update_mtu(sk, mtu);
	if (!dst)
		return;
	/* Less than the route believes; perhaps it explains a time-out. */
	if (mtu < dst_mtu(dst) && ip_dont_fragment(sk, dst))
		WRITE_ONCE(sk->sk_err_soft, EMSGSIZE);
	if (inet_sk(sk)->pmtudisc == IP_PMTUDISC_DONT ||
	    !ip_sk_accept_pmtu(sk) || as->mtu <= dst_mtu(dst))
		return;
	atcp_sync_route(sk);
	atcp_recovery_too_big(&as->tcb);
	atcp_settle(sk, atcp_now());
}

/*
 * An error ends a connection that is being opened; later it is only remembered,
 * for a time-out to tell (RFC 9293 MUST-56), unless the program wants to know
 * (IP_RECVERR).
 */
static void take_error(struct sock *sk, int err)
{
	struct atcp_sock *as = atcp_sk(sk);

	if (!as->hashed)
		return;
	if (atcp_state_in(&as->tcb,
			  ATCP_STATE_BIT(ATCP_SYN_SENT) |
				  ATCP_STATE_BIT(ATCP_SYN_RECEIVED))) {
		WRITE_ONCE(sk->sk_err, err);
		sk_error_report(sk);
		atcp_tcb_delete(&as->tcb, ATCP_CAUSE_ICMP);
		atcp_settle(sk, atcp_now());
	} else if (atcp_inet_recverr(sk)) {
		WRITE_ONCE(sk->sk_err, err);
		sk_error_report(sk);
	} else {
		WRITE_ONCE(sk->sk_err_soft, err);
	}
}

/**
 * atcp_icmp_deferred() - release_sock(): what ICMP said meanwhile
 * @sk: the socket, owned by the caller
 * @deferred: bits of atcp_sock.deferred that were set
 */
void atcp_icmp_deferred(struct sock *sk, unsigned long deferred)
{
	struct atcp_sock *as = atcp_sk(sk);

	if (deferred & BIT(ATCP_DEFER_TOO_BIG))
		too_big(sk, READ_ONCE(as->icmp_mtu));
	if (deferred & BIT(ATCP_DEFER_ERROR))
		take_error(sk, READ_ONCE(as->icmp_err));
}

static void hear_too_big(struct sock *sk, u32 mtu)
{
	struct atcp_sock *as = atcp_sk(sk);

	if (!sock_owned_by_user(sk)) {
		too_big(sk, mtu);
		return;
	}
	WRITE_ONCE(as->icmp_mtu, mtu);
	set_bit(ATCP_DEFER_TOO_BIG, &as->deferred);
}

/* recvmsg(MSG_ERRQUEUE) can have the message, for a SYN's only. */
static void queue_error(struct sock *sk, struct sk_buff *skb, int err, u32 info,
			const u8 *header)
{
	struct sock_exterr_skb *serr;

	skb = skb_clone(skb, GFP_ATOMIC);
	if (!skb)
		return;
	serr = SKB_EXT_ERR(skb);
	serr->ee = (struct sock_extended_err){
		.ee_errno = err,
		.ee_origin = SO_EE_ORIGIN_ICMP,
		.ee_type = icmp_hdr(skb)->type,
		.ee_code = icmp_hdr(skb)->code,
		.ee_info = info,
	};
	/* Whom it was sent to: in the IP header that the message quotes. */
	serr->addr_offset = skb->data + offsetof(struct iphdr, daddr) -
			    skb_network_header(skb);
	serr->port = htons(atcp_get16(header + 2));
	if (skb_pull(skb, header - skb->data)) {
		skb_reset_transport_header(skb);
		if (!sock_queue_err_skb(sk, skb))
			return;
	}
	kfree_skb(skb);
}

static void hear_error(struct sock *sk, struct sk_buff *skb, int err, u32 info,
		       const u8 *header)
{
	struct atcp_sock *as = atcp_sk(sk);

	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))
		queue_error(sk, skb, err, info, header);
	if (!sock_owned_by_user(sk)) {
		take_error(sk, err);
		return;
	}
	WRITE_ONCE(as->icmp_err, err);
	set_bit(ATCP_DEFER_ERROR, &as->deferred);
}

/* RFC 6069: it was no congestion that let the segment vanish. */
static void undo_backoff(struct sock *sk, u32 seq)
{
	if (sock_owned_by_user(sk))
		return;
	atcp_timers_unreachable(&atcp_sk(sk)->tcb, seq, atcp_now());
	atcp_timer_sync(sk);
}

static void redirect(struct sock *sk, struct sk_buff *skb)
{
	struct dst_entry *dst;

	if (sock_owned_by_user(sk))
		return;
	dst = __sk_dst_check(sk, 0);
	if (dst)
		dst->ops->redirect(dst, sk, skb);
}

static void not_reached(struct sock *sk, struct sk_buff *skb, u32 info,
			const u8 *header)
{
	const int code = icmp_hdr(skb)->code;

	if (code == ICMP_FRAG_NEEDED) {
		hear_too_big(sk, info);
		return;
	}
	if (code > NR_ICMP_UNREACH)
		return;
	if (code == ICMP_NET_UNREACH || code == ICMP_HOST_UNREACH)
		undo_backoff(sk, atcp_get32(header + 4));
	hear_error(sk, skb, icmp_err_convert[code].errno, info, header);
}

static void icmp_for_sock(struct sock *sk, struct sk_buff *skb, u32 info,
			  const u8 *header)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const struct atcp_tcb *tcb = &atcp_sk(sk)->tcb;
	struct atcp_netns *an = atcp_sk_netns(sk);
	u32 seq = atcp_get32(header + 4);

	/* RFC 5927 section 4.1: it must quote something that is in flight. */
	if (!seq_in(seq, tcb->snd_una, tcb->snd_max + 1) ||
	    iph->ttl < READ_ONCE(inet_sk(sk)->min_ttl)) {
		atcp_count(an, ATCP_COUNT_ICMP_IGNORED);
		return;
	}
	atcp_count(an, ATCP_COUNT_ICMP_ERRORS);
	switch (icmp_hdr(skb)->type) {
	case ICMP_DEST_UNREACH:
		not_reached(sk, skb, info, header);
		break;
	case ICMP_REDIRECT:
		redirect(sk, skb);
		break;
	case ICMP_PARAMETERPROB:
		hear_error(sk, skb, EPROTO, info, header);
		break;
	case ICMP_TIME_EXCEEDED:
		hear_error(sk, skb, EHOSTUNREACH, info, header);
		break;
	}
}

/* Those that end a connection which nobody has been told of yet, as in Linux:
 * no use in waiting for its ACK.
 */
static void icmp_for_request(struct atcp_request_sock *rs,
			     const struct sk_buff *skb, u32 seq)
{
	const int type = icmp_hdr(skb)->type;
	const int code = icmp_hdr(skb)->code;

	if (!atcp_request_get(rs))
		return;
	atcp_request_icmp(rs, seq,
			  type == ICMP_PARAMETERPROB ||
				  type == ICMP_TIME_EXCEEDED ||
				  (type == ICMP_DEST_UNREACH &&
				   (code == ICMP_NET_UNREACH ||
				    code == ICMP_HOST_UNREACH)));
	atcp_request_put(rs);
}

/**
 * atcp_icmp_v4() - a message about a segment of ours: the err_handler
 * @skb: the message, data at the IP header that it quotes; the kernel has made
 *       sure that this and eight octets after it are there
 * @info: the MTU, of "fragmentation needed"
 *
 * Context: softirq, RCU read section.
 * Return: 0 or -ENOENT.
 */
int atcp_icmp_v4(struct sk_buff *skb, u32 info)
{
	const struct iphdr *iph = (const struct iphdr *)skb->data;
	const u8 *header = skb->data + iph->ihl * 4;
	struct net *net = dev_net(skb->dev);
	struct atcp_tuple tuple;
	struct atcp_flow *flow;
	struct sock *sk;

	atcp_tuple_set_v4(&tuple, iph->saddr, atcp_get16(header), iph->daddr,
			  atcp_get16(header + 2), ATCP_WIRE_NATIVE);
	flow = atcp_flow_lookup(atcp_netns(net), &tuple);
	if (!flow)
		return -ENOENT;
	if (flow->kind == ATCP_FLOW_REQUEST)
		icmp_for_request(atcp_flow_request(flow), skb,
				 atcp_get32(header + 4));
	if (flow->kind != ATCP_FLOW_SOCK)
		return 0;
	sk = atcp_to_sk(atcp_flow_sock(flow));
	if (!refcount_inc_not_zero(&sk->sk_refcnt))
		return -ENOENT;
	bh_lock_sock(sk);
	if (atcp_sk(sk)->hashed)
		icmp_for_sock(sk, skb, info, header);
	bh_unlock_sock(sk);
	sock_put(sk);
	return 0;
}
