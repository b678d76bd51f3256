// SPDX-License-Identifier: GPL-2.0
/*
 * Connections in SYN-RECEIVED: see request.h. A request is made by a SYN to a
 * listener and ends in one of four ways: the third segment of the handshake
 * makes a socket of it, a RST or the retries' end kills it, or its listener
 * closes.
 */
#include <linux/slab.h>
#include "../socket/child.h"
#include "../socket/sock.h"
#include "ip.h"
#include "request.h"
#include "trace.h"

static struct kmem_cache *request_cache;

int atcp_request_cache_init(void)
{
	request_cache = KMEM_CACHE(atcp_request_sock, SLAB_HWCACHE_ALIGN);
	return request_cache ? 0 : -ENOMEM;
}

/* Requests are freed by RCU: the caller has waited for that. */
void atcp_request_cache_exit(void)
{
	kmem_cache_destroy(request_cache);
}

static void request_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(request_cache,
			container_of(rcu, struct atcp_request_sock, rcu));
}

bool atcp_request_get(struct atcp_request_sock *rs)
{
	return refcount_inc_not_zero(&rs->refs);
}

/* The listener goes with the last reference: finders under RCU use it. */
void atcp_request_put(struct atcp_request_sock *rs)
{
	if (!refcount_dec_and_test(&rs->refs))
		return;
	sock_put(rs->listener);
	call_rcu(&rs->rcu, request_free_rcu);
}

/*
 * Stop the timer and leave the listener's list. Of several that try to end a
 * request one is told true: the reference for being alive is then its own.
 */
static bool request_end(struct atcp_request_sock *rs)
{
	struct atcp_listener *l = atcp_sk(rs->listener)->listener;

	spin_lock_bh(&rs->lock);
	if (rs->dead) {
		spin_unlock_bh(&rs->lock);
		return false;
	}
	rs->dead = true;
	/* If it runs right now it sees @dead and drops its own reference. */
	if (hrtimer_try_to_cancel(&rs->timer) > 0)
		atcp_request_put(rs);
	spin_unlock_bh(&rs->lock);

	spin_lock_bh(&l->lock);
	list_del_init(&rs->node);
	l->nr_requests--;
	spin_unlock_bh(&l->lock);
	return true;
}

/**
 * atcp_request_kill() - a request ends without becoming a socket
 * @rs: the request; the caller has a reference of its own
 * @cause: why, for the trace
 *
 * Context: process or softirq. Harmless if it ended before.
 */
void atcp_request_kill(struct atcp_request_sock *rs, enum atcp_cause cause)
{
	struct net *net = sock_net(rs->listener);

	if (!request_end(rs))
		return;
	/* A request that became a socket has given its flow to that. */
	local_bh_disable();
	atcp_flow_remove(atcp_netns(net), &rs->flow);
	trace_atcp_state(net, &rs->flow.tuple, ATCP_SYN_RECEIVED,
			 cause == ATCP_CAUSE_RCV_RST ? ATCP_LISTEN :
						       ATCP_CLOSED,
			 cause);
	atcp_count(atcp_netns(net), ATCP_COUNT_ATTEMPT_FAILS);
	local_bh_enable();
	atcp_request_put(rs);
}

static void send_syn_ack(struct atcp_request_sock *rs, u64 now)
{
	struct atcp_segment out;

	spin_lock_bh(&rs->lock);
	atcp_request_syn_ack(&rs->req, now, &out);
	spin_unlock_bh(&rs->lock);
	atcp_reply(sock_net(rs->listener), &rs->flow.tuple, &out, rs->listener);
}

/*
 * Softirq. The timer's reference stays with it while it restarts. A request
 * that ends just as its timer restarts is let go when that fires again.
 */
static enum hrtimer_restart request_timer(struct hrtimer *timer)
{
	struct atcp_request_sock *rs =
		container_of(timer, struct atcp_request_sock, timer);
	enum atcp_request_verdict verdict = ATCP_REQUEST_DROP;
	bool again;

	spin_lock(&rs->lock);
	if (!rs->dead)
		verdict = atcp_request_timeout(&rs->req);
	spin_unlock(&rs->lock);

	if (verdict == ATCP_REQUEST_SYN_ACK) {
		atcp_count(atcp_sk_netns(rs->listener),
			   ATCP_COUNT_RETRANS_SEGS);
		send_syn_ack(rs, atcp_now());
	} else if (verdict == ATCP_REQUEST_CLOSE) {
		atcp_request_kill(rs, ATCP_CAUSE_RETRIES);
	}

	spin_lock(&rs->lock);
	again = !rs->dead;
	if (again)
		hrtimer_set_expires(timer, atcp_ktime(rs->req.deadline));
	spin_unlock(&rs->lock);
	if (again)
		return HRTIMER_RESTART;
	atcp_request_put(rs);
	return HRTIMER_NORESTART;
}

static void timer_start(struct atcp_request_sock *rs)
{
	spin_lock_bh(&rs->lock);
	if (!rs->dead) {
		refcount_inc(&rs->refs);
		hrtimer_start(&rs->timer, atcp_ktime(rs->req.deadline),
			      HRTIMER_MODE_ABS_SOFT);
	}
	spin_unlock_bh(&rs->lock);
}

/* Our end of a connection that a SYN asks for. */
static int fill_open(struct sock *sk, const struct atcp_tuple *tuple,
		     struct atcp_open *open)
{
	struct dst_entry *dst;
	struct flowi4 fl4;

	dst = atcp_route_v4(sock_net(sk), &fl4, sk, tuple->raddr.s6_addr32[3],
			    tuple->laddr.s6_addr32[3], tuple->rport,
			    tuple->lport);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	*open = (struct atcp_open){
		.iss = atcp_initial_sequence(tuple),
		.ts_offset = atcp_timestamp_offset(tuple),
		.rcv_buf = atcp_receive_buf(sk),
		.sport = tuple->lport,
		.dport = tuple->rport,
		.advmss = atcp_sock_advmss(sk, dst),
		.path_mss = atcp_sock_path_mss(sk, dst_mtu(dst)),
		.rcv_wscale = atcp_sock_wscale(sk),
		.options = ATCP_OPT_WSCALE | ATCP_OPT_SACK_OK | ATCP_OPT_TS,
	};
	dst_release(dst);
	return 0;
}

static struct atcp_request_sock *request_create(struct sock *sk,
						const struct atcp_segment *syn,
						const struct atcp_tuple *tuple,
						u64 now)
{
	struct atcp_request_sock *rs;
	struct atcp_open open;

	if (fill_open(sk, tuple, &open))
		return NULL;
	rs = kmem_cache_zalloc(request_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!rs)
		return NULL;
	atcp_request_init(&rs->req, &open, &atcp_sk_netns(sk)->params, syn,
			  now);
	rs->flow.tuple = *tuple;
	rs->flow.kind = ATCP_FLOW_REQUEST;
	spin_lock_init(&rs->lock);
	refcount_set(&rs->refs, 2); /* alive, and the caller's */
	sock_hold(sk);
	rs->listener = sk;
	INIT_LIST_HEAD(&rs->node);
	hrtimer_setup(&rs->timer, request_timer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_SOFT);
	return rs;
}

/* List it with its listener, if that still listens and has room. */
static bool request_list(struct atcp_listener *l, struct atcp_request_sock *rs,
			 unsigned int most)
{
	bool listed = false;

	spin_lock_bh(&l->lock);
	if (l->open && l->nr_requests < most) {
		list_add_tail(&rs->node, &l->requests);
		l->nr_requests++;
		listed = true;
	}
	spin_unlock_bh(&l->lock);
	return listed;
}

static enum atcp_drop open_request(struct sock *sk,
				   const struct atcp_segment *syn,
				   const struct atcp_tuple *tuple)
{
	struct atcp_netns *an = atcp_sk_netns(sk);
	struct atcp_request_sock *rs;
	u64 now = atcp_now();

	if (atcp_listen_full(sk)) {
		atcp_count(an, ATCP_COUNT_LISTEN_OVERFLOWS);
		return ATCP_DROP_BACKLOG;
	}
	rs = request_create(sk, syn, tuple, now);
	if (!rs)
		return ATCP_DROP_MEMORY;
	if (!request_list(atcp_sk(sk)->listener, rs,
			  max(READ_ONCE(sk->sk_max_ack_backlog), 8U))) {
		rs->dead = true;
		atcp_request_put(rs);
		atcp_request_put(rs);
		return ATCP_DROP_BACKLOG;
	}
	atcp_count(an, ATCP_COUNT_PASSIVE_OPENS);
	trace_atcp_state(sock_net(sk), tuple, ATCP_LISTEN, ATCP_SYN_RECEIVED,
			 ATCP_CAUSE_RCV_SYN);
	/* Two SYNs raced, or memory is short: the peer's next SYN decides. */
	if (atcp_flow_insert(an, &rs->flow)) {
		atcp_request_kill(rs, ATCP_CAUSE_MEMORY);
		atcp_request_put(rs);
		return ATCP_DROP_MEMORY;
	}
	timer_start(rs);
	send_syn_ack(rs, now);
	atcp_request_put(rs);
	return ATCP_DROP_NONE;
}

/**
 * atcp_listener_arrives() - a segment for a listener
 * @sk: the listener, with a reference; it may have stopped listening
 * @skb: the segment; consumed
 * @seg: the segment, parsed
 * @tuple: its four-tuple as this end sees it
 *
 * Context: softirq. The socket lock is not taken.
 */
void atcp_listener_arrives(struct sock *sk, struct sk_buff *skb,
			   const struct atcp_segment *seg,
			   const struct atcp_tuple *tuple)
{
	struct net *net = sock_net(sk);
	enum atcp_drop drop;

	switch (atcp_listen_arrives(seg, &drop)) {
	case ATCP_LISTEN_OPEN:
		drop = open_request(sk, seg, tuple);
		break;
	case ATCP_LISTEN_RESET:
		atcp_reply_reset(net, tuple, seg, sk);
		break;
	case ATCP_LISTEN_DROP:
		break;
	}
	if (drop)
		atcp_drop_skb(net, skb, tuple, seg, drop);
	else
		consume_skb(skb);
}

/*
 * The third segment of the handshake: make a socket, let it take the flow
 * over, and give it the segment. Of two such segments at once one wins the
 * flow; the other one's sender tries again.
 */
static enum atcp_drop establish(struct atcp_request_sock *rs,
				struct sk_buff *skb, struct atcp_segment *seg)
{
	struct sock *sk = rs->listener, *child;
	struct atcp_netns *an = atcp_sk_netns(sk);
	enum atcp_drop drop = ATCP_DROP_NONE;

	if (atcp_listen_full(sk)) {
		/* As Linux does: the SYN-ACK's retransmission tries again. */
		atcp_count(an, ATCP_COUNT_LISTEN_OVERFLOWS);
		return ATCP_DROP_BACKLOG;
	}
	child = atcp_child_create(sk, rs, atcp_now());
	if (!child)
		return ATCP_DROP_MEMORY;
	/* Whoever finds the child in the table waits until it is complete. */
	sock_hold(child);
	bh_lock_sock(child);
	if (atcp_flow_replace(an, &rs->flow, &atcp_sk(child)->flow)) {
		atcp_child_discard(child);
		drop = ATCP_DROP_BACKLOG;
	} else {
		if (request_end(rs))
			atcp_request_put(rs);
		atcp_child_start(sk, child, skb, seg);
	}
	bh_unlock_sock(child);
	sock_put(child);
	return drop;
}

/**
 * atcp_request_sock_arrives() - a segment for a request
 * @rs: the request, with a reference
 * @skb: the segment; consumed
 * @seg: the segment, parsed
 *
 * Context: softirq.
 */
void atcp_request_sock_arrives(struct atcp_request_sock *rs,
			       struct sk_buff *skb, struct atcp_segment *seg)
{
	enum atcp_request_verdict verdict = ATCP_REQUEST_DROP;
	struct net *net = sock_net(rs->listener);
	enum atcp_drop drop = ATCP_DROP_NO_SOCKET;
	struct atcp_segment out;

	spin_lock(&rs->lock);
	if (!rs->dead)
		verdict = atcp_request_arrives(&rs->req, seg, &drop);
	if (verdict == ATCP_REQUEST_ACK)
		atcp_request_ack(&rs->req, atcp_now(), &out);
	spin_unlock(&rs->lock);

	switch (verdict) {
	case ATCP_REQUEST_ESTABLISH:
		drop = establish(rs, skb, seg);
		if (!drop)
			return;
		break;
	case ATCP_REQUEST_SYN_ACK:
		atcp_count(atcp_netns(net), ATCP_COUNT_RETRANS_SEGS);
		send_syn_ack(rs, atcp_now());
		break;
	case ATCP_REQUEST_ACK:
		atcp_reply(net, &rs->flow.tuple, &out, rs->listener);
		break;
	case ATCP_REQUEST_RESET:
		atcp_reply_reset(net, &rs->flow.tuple, seg, rs->listener);
		break;
	case ATCP_REQUEST_CLOSE:
		atcp_request_kill(rs, ATCP_CAUSE_RCV_RST);
		break;
	case ATCP_REQUEST_DROP:
		break;
	}
	atcp_drop_skb(net, skb, &rs->flow.tuple, seg, drop);
}
