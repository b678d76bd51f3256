// SPDX-License-Identifier: GPL-2.0
/* Connections in TIME-WAIT: see timewait.h. */
#include <linux/slab.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "../socket/sock.h"
#include "ip.h"
#include "timewait.h"
#include "trace.h"

static struct kmem_cache *timewait_cache;

int atcp_timewait_cache_init(void)
{
	timewait_cache = KMEM_CACHE(atcp_timewait_sock, SLAB_HWCACHE_ALIGN);
	return timewait_cache ? 0 : -ENOMEM;
}

/* Records are freed by RCU: the caller has waited for that. */
void atcp_timewait_cache_exit(void)
{
	kmem_cache_destroy(timewait_cache);
}

static void timewait_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(timewait_cache,
			container_of(rcu, struct atcp_timewait_sock, rcu));
}

/*
 * Take a record out of the list: whoever does so, under tw_lock, owns its
 * end and calls timewait_free() after.
 */
static void timewait_unlink(struct atcp_netns *an,
			    struct atcp_timewait_sock *tws)
{
	lockdep_assert_held(&an->tw_lock);
	list_del_init(&tws->node);
	an->tw_count--;
}

static void timewait_free(struct atcp_netns *an, struct atcp_timewait_sock *tws,
			  enum atcp_cause cause)
{
	trace_atcp_state(tws->net, &tws->flow.tuple, ATCP_TIME_WAIT,
			 ATCP_CLOSED, cause);
	atcp_flow_remove(an, &tws->flow);
	atcp_port_release(an, &tws->bind);
	call_rcu(&tws->rcu, timewait_free_rcu);
}

static void timer_start(struct atcp_netns *an)
{
	struct atcp_timewait_sock *first;

	lockdep_assert_held(&an->tw_lock);
	first = list_first_entry_or_null(&an->tw_list,
					 struct atcp_timewait_sock, node);
	if (first && !an->tw_dead)
		hrtimer_start(&an->tw_timer, atcp_ktime(first->tw.deadline),
			      HRTIMER_MODE_ABS_SOFT);
}

/* End what is due. Runs in softirq; records are few per run. */
static enum hrtimer_restart timewait_timer(struct hrtimer *timer)
{
	struct atcp_netns *an =
		container_of(timer, struct atcp_netns, tw_timer);
	struct atcp_timewait_sock *tws, *next;
	u64 now = atcp_now();
	LIST_HEAD(due);

	spin_lock(&an->tw_lock);
	list_for_each_entry_safe(tws, next, &an->tw_list, node) {
		if (tws->tw.deadline > now)
			break;
		timewait_unlink(an, tws);
		list_add_tail(&tws->node, &due);
	}
	timer_start(an);
	spin_unlock(&an->tw_lock);

	list_for_each_entry_safe(tws, next, &due, node)
		timewait_free(an, tws, ATCP_CAUSE_2MSL);
	return HRTIMER_NORESTART;
}

void atcp_timewait_netns_init(struct atcp_netns *an)
{
	spin_lock_init(&an->tw_lock);
	INIT_LIST_HEAD(&an->tw_list);
	an->tw_count = 0;
	an->tw_dead = false;
	hrtimer_setup(&an->tw_timer, timewait_timer, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_SOFT);
}

/* The namespace ends: so do its records, at once and without a segment. */
void atcp_timewait_netns_exit(struct atcp_netns *an)
{
	struct atcp_timewait_sock *tws, *next;
	LIST_HEAD(all);

	spin_lock_bh(&an->tw_lock);
	an->tw_dead = true;
	list_splice_init(&an->tw_list, &all);
	an->tw_count = 0;
	spin_unlock_bh(&an->tw_lock);
	hrtimer_cancel(&an->tw_timer);

	local_bh_disable();
	list_for_each_entry_safe(tws, next, &all, node)
		timewait_free(an, tws, ATCP_CAUSE_ABORT);
	local_bh_enable();
}

static bool timewait_add(struct atcp_netns *an, struct atcp_timewait_sock *tws)
{
	bool added = false;

	spin_lock_bh(&an->tw_lock);
	if (!an->tw_dead && an->tw_count < READ_ONCE(an->max_tw_buckets)) {
		list_add_tail(&tws->node, &an->tw_list);
		an->tw_count++;
		if (an->tw_count == 1)
			timer_start(an);
		added = true;
	}
	spin_unlock_bh(&an->tw_lock);
	return added;
}

/**
 * atcp_timewait_enter() - a socket entered TIME-WAIT: leave a record instead
 * @as: the socket, locked; its flow and port pass to the record
 * @now: the time
 *
 * The record takes the flow over before it is listed, so that its timer never
 * ends a flow that is not there yet.
 *
 * Return: false if there is no record, for lack of memory or because
 * max_tw_buckets has been reached: the connection then ends without TIME-WAIT.
 */
bool atcp_timewait_enter(struct atcp_sock *as, u64 now)
{
	struct sock *sk = atcp_to_sk(as);
	struct atcp_netns *an = atcp_sk_netns(sk);
	struct atcp_timewait_sock *tws;

	sock_owned_by_me(sk);
	if (READ_ONCE(an->tw_count) >= READ_ONCE(an->max_tw_buckets))
		goto overflow;
	tws = kmem_cache_zalloc(timewait_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!tws)
		goto overflow;
	atcp_timewait_init(&tws->tw, &as->tcb, now);
	tws->net = sock_net(sk);
	tws->flow.tuple = as->flow.tuple;
	tws->flow.kind = ATCP_FLOW_TIMEWAIT;
	INIT_LIST_HEAD(&tws->node);
	if (atcp_flow_replace(an, &as->flow, &tws->flow)) {
		kmem_cache_free(timewait_cache, tws);
		goto overflow;
	}
	as->hashed = false;
	atcp_port_hand_over(an, &as->bind, &tws->bind);
	atcp_count(an, ATCP_COUNT_TIME_WAITS);
	if (timewait_add(an, tws))
		return true;
	local_bh_disable();
	timewait_free(an, tws, ATCP_CAUSE_MEMORY);
	local_bh_enable();
overflow:
	atcp_count(an, ATCP_COUNT_TIME_WAIT_OVERFLOWS);
	return false;
}

/* Half of tw_reuse: does the connection stay on this machine? */
static bool on_loopback(const struct atcp_timewait_sock *tws)
{
	const struct atcp_tuple *t = &tws->flow.tuple;

	return tws->bind.dev == LOOPBACK_IFINDEX ||
	       ipv6_addr_loopback(&t->laddr) || ipv6_addr_loopback(&t->raddr) ||
	       ipv6_addr_v4mapped_loopback(&t->laddr) ||
	       ipv6_addr_v4mapped_loopback(&t->raddr);
}

/* A port that was chosen by bind() is given up whatever tw_reuse says. */
static bool yields(const struct atcp_timewait_sock *tws, bool bound)
{
	u8 reuse = READ_ONCE(atcp_netns(tws->net)->reuse_tw);

	if (!bound && (!reuse || (reuse == 2 && !on_loopback(tws))))
		return false;
	return atcp_timewait_yields(&tws->tw, bound, atcp_now());
}

/**
 * atcp_timewait_take() - connect() takes the four-tuple of a record over
 * @as: the socket, locked, with the tuple of its flow set
 * @bound: its user chose the local port by bind()
 * @old: the record's last state
 *
 * The record is out of the list first: then nobody else ends it, and the tuple
 * passes on with no moment in between.
 *
 * Return: true if @as owns the tuple now, false if it has another owner, or
 * one that does not yield.
 */
bool atcp_timewait_take(struct atcp_sock *as, bool bound,
			struct atcp_timewait *old)
{
	struct atcp_netns *an = atcp_sk_netns(atcp_to_sk(as));
	struct atcp_timewait_sock *tws = NULL;
	struct atcp_flow *flow;
	bool taken = false;

	rcu_read_lock();
	local_bh_disable();
	flow = atcp_flow_lookup(an, &as->flow.tuple);
	if (flow && flow->kind == ATCP_FLOW_TIMEWAIT)
		tws = atcp_flow_timewait(flow);
	if (tws) {
		spin_lock(&an->tw_lock);
		taken = !list_empty(&tws->node) && yields(tws, bound);
		if (taken) {
			timewait_unlink(an, tws);
			*old = tws->tw;
		}
		spin_unlock(&an->tw_lock);
	}
	if (taken) {
		WARN_ON_ONCE(atcp_flow_replace(an, &tws->flow, &as->flow));
		timewait_free(an, tws, ATCP_CAUSE_REOPENED);
		atcp_count(an, ATCP_COUNT_TIME_WAIT_RECYCLED);
	}
	local_bh_enable();
	rcu_read_unlock();
	return taken;
}

/* A connection leaves TIME-WAIT for a SYN only if somebody listens. */
static bool has_listener(struct atcp_timewait_sock *tws, struct sk_buff *skb,
			 const struct atcp_segment *seg)
{
	return atcp_port_find_listener(atcp_netns(tws->net), &tws->flow.tuple,
				       skb, seg->header_len, inet_iif(skb),
				       inet_sdif(skb));
}

/**
 * atcp_timewait_sock_arrives() - a segment for a connection in TIME-WAIT
 * @tws: the record, found under RCU
 * @skb: the segment; consumed unless true is returned
 * @seg: the segment, parsed
 * @iss: set if true is returned: where the new connection starts; NULL if the
 *       segment came too late to open one
 *
 * Context: softirq, RCU read section.
 * Return: true if the record made room for a new connection and the segment
 * is to be looked up again.
 */
bool atcp_timewait_sock_arrives(struct atcp_timewait_sock *tws,
				struct sk_buff *skb,
				const struct atcp_segment *seg, u32 *iss)
{
	bool may_reopen = iss && (seg->flags & ATCP_SYN) &&
			  has_listener(tws, skb, seg);
	enum atcp_timewait_verdict verdict = ATCP_TIMEWAIT_DROP;
	struct net *net = tws->net;
	struct atcp_netns *an = atcp_netns(net);
	struct atcp_segment out;
	enum atcp_drop drop = ATCP_DROP_TIME_WAIT;
	u64 now = atcp_now();
	bool gone;

	spin_lock(&an->tw_lock);
	gone = list_empty(&tws->node) || tws->tw.deadline <= now;
	if (!gone)
		verdict = atcp_timewait_arrives(&tws->tw, seg, now, &drop);
	if (verdict == ATCP_TIMEWAIT_REOPEN && !may_reopen) {
		verdict = ATCP_TIMEWAIT_ACK;
		drop = ATCP_DROP_TIME_WAIT;
	}
	if (verdict == ATCP_TIMEWAIT_RESTART)
		list_move_tail(&tws->node, &an->tw_list);
	if (verdict == ATCP_TIMEWAIT_REOPEN) {
		timewait_unlink(an, tws);
		*iss = atcp_timewait_iss(&tws->tw);
	}
	if (verdict == ATCP_TIMEWAIT_ACK || verdict == ATCP_TIMEWAIT_RESTART)
		atcp_timewait_ack(&tws->tw, now, &out);
	spin_unlock(&an->tw_lock);

	switch (verdict) {
	case ATCP_TIMEWAIT_REOPEN:
		atcp_count(an, ATCP_COUNT_TIME_WAIT_REOPENS);
		timewait_free(an, tws, ATCP_CAUSE_REOPENED);
		return true;
	case ATCP_TIMEWAIT_ACK:
	case ATCP_TIMEWAIT_RESTART:
		atcp_reply(net, &tws->flow.tuple, &out, NULL);
		break;
	case ATCP_TIMEWAIT_DROP:
		break;
	}
	atcp_drop_skb(net, skb, &tws->flow.tuple, seg, drop);
	return false;
}
