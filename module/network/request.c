// SPDX-License-Identifier: GPL-2.0
/*
 * Connections in SYN-RECEIVED: see request.h. A request is made by a SYN to a
 * listener (listener.c) and ends in one of five ways: the third segment of the
 * handshake makes a socket of it; a RST, an ICMP error or the retries' end
 * kills it; or its listener closes.
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
	struct atcp_request_sock *rs =
		container_of(rcu, struct atcp_request_sock, rcu);

	kfree(rs->saved_syn);
	kmem_cache_free(request_cache, rs);
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

/* One that is no longer young is counted so once. */
static void grow_old(struct atcp_listener *l, struct atcp_request_sock *rs)
{
	lockdep_assert_held(&l->lock);
	l->nr_young -= rs->young;
	rs->young = false;
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
	grow_old(l, rs);
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

static void note_again(struct atcp_request_sock *rs,
		       const struct atcp_segment *seg)
{
	struct net *net = sock_net(rs->listener);
	struct atcp_netns *an = atcp_netns(net);

	atcp_count(an, ATCP_COUNT_RETRANS_SEGS);
	atcp_count(an, ATCP_COUNT_AGAIN + ATCP_AGAIN_SYN_ACK);
	trace_atcp_retransmit(net, &rs->flow.tuple, seg, ATCP_SYN_RECEIVED,
			      ATCP_AGAIN_SYN_ACK, READ_ONCE(rs->req.retries));
}

static void send_syn_ack(struct atcp_request_sock *rs, u64 now, bool again)
{
	struct atcp_segment out;

	spin_lock_bh(&rs->lock);
	atcp_request_syn_ack(&rs->req, now, &out);
	spin_unlock_bh(&rs->lock);
	if (again)
		note_again(rs, &out);
	atcp_reply(sock_net(rs->listener), &rs->flow.tuple, &out, rs->listener);
}

/* How often the SYN-ACK may go again; TCP_SYNCNT counts for it, too. */
static u8 retry_limit(const struct sock *sk)
{
	const struct atcp_listener *l = atcp_sk(sk)->listener;
	u8 retries =
		READ_ONCE(atcp_sk(sk)->tcb.settings.syn_retries) ?:
			READ_ONCE(atcp_sk_netns(sk)->params.synack_retries);

	return atcp_request_retries(retries, READ_ONCE(l->nr_requests),
				    READ_ONCE(l->nr_young),
				    READ_ONCE(sk->sk_max_ack_backlog));
}

static void waited_once(struct atcp_request_sock *rs)
{
	struct atcp_listener *l = atcp_sk(rs->listener)->listener;

	if (!READ_ONCE(rs->young))
		return;
	spin_lock(&l->lock);
	grow_old(l, rs);
	spin_unlock(&l->lock);
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
	u8 limit = retry_limit(rs->listener);
	bool again;

	spin_lock(&rs->lock);
	rs->req.defer = READ_ONCE(atcp_sk(rs->listener)->defer_accept);
	if (!rs->dead)
		verdict = atcp_request_timeout(&rs->req, limit);
	spin_unlock(&rs->lock);
	waited_once(rs);

	if (verdict == ATCP_REQUEST_SYN_ACK)
		send_syn_ack(rs, atcp_now(), true);
	else if (verdict == ATCP_REQUEST_CLOSE)
		atcp_request_kill(rs, ATCP_CAUSE_RETRIES);

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

static struct atcp_request_sock *request_create(struct sock *sk,
						const struct atcp_open *open,
						const struct atcp_segment *syn,
						const struct atcp_tuple *tuple)
{
	struct atcp_request_sock *rs;

	rs = kmem_cache_zalloc(request_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!rs)
		return NULL;
	atcp_request_init(&rs->req, open, &atcp_sk_netns(sk)->params, syn,
			  atcp_now());
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

/* List it with its listener, if that still listens. */
static bool request_list(struct atcp_listener *l, struct atcp_request_sock *rs)
{
	bool listed = false;

	spin_lock_bh(&l->lock);
	if (l->open) {
		list_add_tail(&rs->node, &l->requests);
		l->nr_requests++;
		l->nr_young++;
		rs->young = true;
		listed = true;
	}
	spin_unlock_bh(&l->lock);
	return listed;
}

/**
 * atcp_request_open() - a SYN becomes a connection in SYN-RECEIVED
 * @sk: the listener, with a reference
 * @open: our end of the connection
 * @syn: the SYN
 * @tuple: its four-tuple as this end sees it
 * @saved: what TCP_SAVE_SYN keeps of it, or NULL; taken over in any case
 *
 * Context: softirq.
 * Return: why the SYN is dropped, or ATCP_DROP_NONE with the SYN-ACK sent.
 */
enum atcp_drop atcp_request_open(struct sock *sk, const struct atcp_open *open,
				 const struct atcp_segment *syn,
				 const struct atcp_tuple *tuple,
				 struct atcp_saved_syn *saved)
{
	struct atcp_netns *an = atcp_sk_netns(sk);
	struct atcp_request_sock *rs;

	rs = request_create(sk, open, syn, tuple);
	if (!rs) {
		kfree(saved);
		return ATCP_DROP_MEMORY;
	}
	rs->saved_syn = saved;
	if (!request_list(atcp_sk(sk)->listener, rs)) {
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
	send_syn_ack(rs, atcp_now(), false);
	atcp_request_put(rs);
	return ATCP_DROP_NONE;
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
	struct atcp_request req;

	spin_lock(&rs->lock);
	req = rs->req;
	spin_unlock(&rs->lock);
	child = atcp_child_create(sk, &rs->flow.tuple, &req, atcp_now());
	if (!child)
		return ATCP_DROP_MEMORY;
	/* Whoever finds the child in the table waits until it is complete. */
	sock_hold(child);
	bh_lock_sock(child);
	if (atcp_flow_replace(an, &rs->flow, &atcp_sk(child)->flow)) {
		atcp_child_discard(child);
		drop = ATCP_DROP_BACKLOG;
	} else {
		atcp_sk(child)->saved_syn = rs->saved_syn;
		rs->saved_syn = NULL;
		if (request_end(rs))
			atcp_request_put(rs);
		atcp_child_start(sk, child, skb, seg);
	}
	bh_unlock_sock(child);
	sock_put(child);
	return drop;
}

/*
 * The accept queue is full: the connection waits, as in Linux, for the
 * SYN-ACK's retransmission to try again, unless the operator wants its end.
 */
static void overflow(struct atcp_request_sock *rs,
		     const struct atcp_segment *seg)
{
	struct atcp_netns *an = atcp_sk_netns(rs->listener);

	atcp_count(an, ATCP_COUNT_LISTEN_OVERFLOWS);
	atcp_count(an, ATCP_COUNT_LISTEN_DROPS);
	if (READ_ONCE(an->abort_on_overflow)) {
		atcp_reply_reset(sock_net(rs->listener), &rs->flow.tuple, seg,
				 rs->listener);
		atcp_request_kill(rs, ATCP_CAUSE_ABORT);
		return;
	}
	spin_lock(&rs->lock);
	rs->req.acked = true;
	spin_unlock(&rs->lock);
}

/**
 * atcp_request_icmp() - an ICMP error for a request
 * @rs: the request, with a reference
 * @seq: the sequence number that it quotes
 * @hard: the error ends it; there is nobody yet who could be told of it
 *
 * Context: softirq. RFC 5927 section 4.1: it must quote our SYN-ACK.
 */
void atcp_request_icmp(struct atcp_request_sock *rs, u32 seq, bool hard)
{
	struct atcp_netns *an = atcp_sk_netns(rs->listener);

	if (seq != rs->req.open.iss) {
		atcp_count(an, ATCP_COUNT_ICMP_IGNORED);
		return;
	}
	atcp_count(an, ATCP_COUNT_ICMP_ERRORS);
	if (!hard)
		return;
	atcp_count(an, ATCP_COUNT_LISTEN_DROPS);
	atcp_request_kill(rs, ATCP_CAUSE_ICMP);
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
	rs->req.defer = READ_ONCE(atcp_sk(rs->listener)->defer_accept);
	if (!rs->dead)
		verdict = atcp_request_arrives(&rs->req, seg, &drop);
	if (verdict == ATCP_REQUEST_ACK)
		atcp_request_ack(&rs->req, atcp_now(), &out);
	spin_unlock(&rs->lock);

	switch (verdict) {
	case ATCP_REQUEST_ESTABLISH:
		if (atcp_listen_full(rs->listener)) {
			overflow(rs, seg);
			drop = ATCP_DROP_BACKLOG;
			break;
		}
		drop = establish(rs, skb, seg);
		if (!drop)
			return;
		break;
	case ATCP_REQUEST_SYN_ACK:
		send_syn_ack(rs, atcp_now(), true);
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
