// SPDX-License-Identifier: GPL-2.0
/* After each call of the engine: do what it asks for. */
#include <linux/jhash.h>
#include "../engine/recovery.h"
#include "../network/ip.h"
#include "../network/timewait.h"
#include "../network/trace.h"
#include "info.h"
#include "sock.h"

/*
 * What one skb may carry, in octets of payload: a GSO packet's length must fit
 * into IPv4's field with all headers.
 */
static u32 most_payload(const struct sock *sk)
{
	const u32 headers = 60 + ATCP_HEADER_MAX;
	u32 size = min_t(u32, READ_ONCE(sk->sk_gso_max_size), U16_MAX);

	/* A source route makes a checksum that network/offload.c cannot. */
	if (!sk_can_gso(sk) || size <= headers ||
	    rcu_access_pointer(inet_sk(sk)->inet_opt))
		return 0;
	return min(size - headers,
		   READ_ONCE(sk->sk_gso_max_segs) * atcp_sk(sk)->tcb.mss);
}

/**
 * atcp_sync_route() - follow the route: its MTU and what its device can do
 * @sk: the socket, locked
 */
void atcp_sync_route(struct sock *sk)
{
	const struct dst_entry *dst = __sk_dst_get(sk);
	struct atcp_sock *as = atcp_sk(sk);
	u32 mtu;

	/* A dead route leads to a device that says 68 of anything's MTU. */
	if (!dst || unlikely(dst->obsolete > 0))
		return;
	mtu = dst_mtu(dst);
	if (likely(mtu == as->mtu && dst == as->route))
		return;
	if (mtu != as->mtu)
		atcp_count(atcp_sk_netns(sk), ATCP_COUNT_PATH_MTU_CHANGES);
	as->mtu = mtu;
	as->route = dst;
	as->device_sums = dst->dev->features & NETIF_F_HW_CSUM;
	atcp_tcb_path_mss(&as->tcb, atcp_sock_path_mss(sk, mtu));
	atcp_tcb_burst(&as->tcb, most_payload(sk));
}

static struct sk_buff *header_skb(struct sock *sk, u32 payload)
{
	struct sk_buff *skb;

	skb = alloc_skb(ATCP_HEADROOM + payload,
			sk_gfp_mask(sk, GFP_ATOMIC | __GFP_NOWARN));
	if (skb)
		skb_reserve(skb, ATCP_HEADROOM);
	return skb;
}

/*
 * An skb with a segment's payload. It refers to the pages that hold it, unless
 * memory was so fragmented that they are too many: then it holds a copy.
 */
static struct sk_buff *segment_skb(struct sock *sk, u32 seq, u32 len)
{
	struct sk_buff *skb = header_skb(sk, 0);

	if (!skb || !len || !atcp_send_fill(sk, skb, seq, len))
		return skb;
	kfree_skb(skb);
	skb = header_skb(sk, len);
	if (skb && atcp_send_copy(sk, skb, seq, len)) {
		kfree_skb(skb);
		return NULL;
	}
	return skb;
}

static void send_segment(struct sock *sk, const struct atcp_segment *seg)
{
	struct atcp_netns *an = atcp_sk_netns(sk);
	struct sk_buff *skb;

	skb = segment_skb(sk, seg->seq, seg->len);
	if (!skb)
		goto fail;
	if (atcp_transmit(sk, skb, seg))
		goto fail;
	return;
fail:
	/* As if lost on the way: the engine will send it again. */
	atcp_count(an, ATCP_COUNT_OUT_FAILS);
}

/* Why the engine sends what it has sent before. */
static enum atcp_again again_kind(const struct atcp_tcb *tcb)
{
	if (atcp_state_in(tcb, ATCP_STATE_BIT(ATCP_SYN_SENT)))
		return ATCP_AGAIN_SYN;
	if (atcp_state_in(tcb, ATCP_STATE_BIT(ATCP_SYN_RECEIVED)))
		return ATCP_AGAIN_SYN_ACK;
	if (!tcb->snd_wnd)
		return ATCP_AGAIN_PROBE;
	if (tcb->recovery == ATCP_RECOVERY_PROBE)
		return ATCP_AGAIN_MTU;
	return tcb->recovery == ATCP_RECOVERY_FAST ? ATCP_AGAIN_FAST :
						     ATCP_AGAIN_TIMEOUT;
}

static void note_again(struct sock *sk, const struct atcp_segment *seg)
{
	struct atcp_netns *an = atcp_sk_netns(sk);
	struct atcp_sock *as = atcp_sk(sk);
	enum atcp_again kind = again_kind(&as->tcb);

	atcp_count(an, ATCP_COUNT_RETRANS_SEGS);
	atcp_count(an, ATCP_COUNT_AGAIN + kind);
	trace_atcp_retransmit(sock_net(sk), &as->flow.tuple, seg, as->tcb.state,
			      kind, as->tcb.backoff);
}

static void count_notes(struct sock *sk)
{
	unsigned long notes = atcp_take_notes(&atcp_sk(sk)->tcb);
	struct atcp_netns *an = atcp_sk_netns(sk);
	unsigned int note;

	for_each_set_bit(note, &notes, ATCP_NOTE_COUNT)
		atcp_count(an, ATCP_COUNT_NOTE + note);
}

/**
 * atcp_push() - send what the engine wants to send
 * @sk: the socket, locked
 * @now: the time
 */
void atcp_push(struct sock *sk, u64 now)
{
	struct atcp_netns *an = atcp_sk_netns(sk);
	struct atcp_sock *as = atcp_sk(sk);
	struct atcp_segment seg;

	atcp_sync_route(sk);
	as->tcb.rcv_space = atcp_receive_space(sk);
	for (;;) {
		atcp_pool_fill(&as->tcb, ATCP_POOL_PLAIN);
		if (!atcp_next_segment(&as->tcb, now, &seg))
			break;
		atcp_count(an, ATCP_COUNT_OUT_SEGS);
		if (seg.len)
			atcp_count_add(an, ATCP_COUNT_OUT_BYTES, seg.len);
		if (unlikely(seg.again))
			note_again(sk, &seg);
		if (unlikely(seg.flags & ATCP_RST))
			atcp_count(an, ATCP_COUNT_OUT_RSTS);
		atcp_info_sent(as, &seg);
		trace_atcp_send(sock_net(sk), &as->flow.tuple, &seg);
		send_segment(sk, &seg);
	}
	if (unlikely(as->tcb.notes))
		count_notes(sk);
}

static void trace_transitions(struct sock *sk)
{
	struct atcp_sock *as = atcp_sk(sk);
	struct atcp_tcb *tcb = &as->tcb;
	unsigned int i;

	for (i = 0; i < tcb->nr_transitions; i++)
		trace_atcp_state(sock_net(sk), &as->flow.tuple,
				 tcb->transitions[i].from,
				 tcb->transitions[i].to,
				 tcb->transitions[i].cause);
	tcb->nr_transitions = 0;
}

/* Only what has changed is of interest: a hash of it is enough to tell. */
static void trace_windows(struct sock *sk)
{
	struct atcp_sock *as = atcp_sk(sk);
	const struct atcp_tcb *tcb = &as->tcb;
	const u32 now[] = { tcb->snd_wnd, atcp_rcv_wnd(tcb), tcb->cwnd,
			    tcb->ssthresh, tcb->srtt_us };
	u32 hash = jhash2(now, ARRAY_SIZE(now), 0);

	if (hash == as->traced_windows)
		return;
	as->traced_windows = hash;
	trace_atcp_window(sock_net(sk), &as->flow.tuple, tcb);
}

/* RFC 9293 leaves the words to the API: these are tcp(7)'s. */
static int error_to_errno(enum atcp_error error)
{
	switch (error) {
	case ATCP_ERROR_REFUSED:
		return -ECONNREFUSED;
	case ATCP_ERROR_RESET:
		return -ECONNRESET;
	case ATCP_ERROR_TIMEOUT:
		return -ETIMEDOUT;
	case ATCP_ERROR_PIPE:
		return -EPIPE;
	case ATCP_ERROR_NONE:
		break;
	}
	return 0;
}

static void report_error(struct sock *sk)
{
	struct atcp_netns *an = atcp_sk_netns(sk);
	struct atcp_tcb *tcb = &atcp_sk(sk)->tcb;
	int err = error_to_errno(tcb->error);

	if (tcb->error == ATCP_ERROR_TIMEOUT)
		atcp_count(an, ATCP_COUNT_TIMEOUT_ABORTS);
	if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))
		atcp_count(an, ATCP_COUNT_ATTEMPT_FAILS);
	else if (tcb->error != ATCP_ERROR_TIMEOUT)
		atcp_count(an, ATCP_COUNT_ESTAB_RESETS);
	/* What ICMP said meanwhile explains a time-out better. */
	if (tcb->error == ATCP_ERROR_TIMEOUT && sk->sk_err_soft)
		err = -sk->sk_err_soft;
	WRITE_ONCE(sk->sk_err, -err);
	if (!sock_flag(sk, SOCK_DEAD))
		sk_error_report(sk);
}

static void end_in_time_wait(struct sock *sk, u64 now)
{
	struct atcp_sock *as = atcp_sk(sk);

	if (atcp_timewait_enter(as, now)) {
		atcp_tcb_hand_over(&as->tcb);
	} else {
		atcp_tcb_delete(&as->tcb, ATCP_CAUSE_MEMORY);
		trace_transitions(sk);
		atcp_take_events(&as->tcb);
	}
	atcp_sock_done(sk);
}

static void tell_user(struct sock *sk, u16 events)
{
	if (events & ATCP_EV_ESTABLISHED) {
		sk->sk_state_change(sk);
		sk_wake_async(sk, SOCK_WAKE_IO, POLL_OUT);
	}
	if (events & ATCP_EV_ACKED) {
		atcp_send_acked(sk);
		/* The FIN: whoever lingers in close() waits for that. */
		if (sk->sk_state == TCP_FIN_WAIT2 && !sock_flag(sk, SOCK_DEAD))
			sk->sk_state_change(sk);
	}
	if (events & ATCP_EV_EOF) {
		WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | RCV_SHUTDOWN);
		sock_set_flag(sk, SOCK_DONE);
		if (!sock_flag(sk, SOCK_DEAD)) {
			sk->sk_state_change(sk);
			sk_wake_async(sk, SOCK_WAKE_WAITD,
				      sk->sk_shutdown == SHUTDOWN_MASK ?
					      POLL_HUP :
					      POLL_IN);
		}
	}
	if ((events & (ATCP_EV_DATA | ATCP_EV_EOF)) &&
	    !sock_flag(sk, SOCK_DEAD))
		atcp_data_ready(sk);
}

/**
 * atcp_settle() - do what the engine asks for after any call of it
 * @sk: the socket, locked
 * @now: the time
 *
 * Trace, send, wake, arm the clock; in that order, since on loopback the peer
 * reacts to a segment as it is sent, since a segment (the last ACK, a RST) must
 * leave before the connection does, and since the state must be seen before
 * whoever waits for it is woken.
 */
void atcp_settle(struct sock *sk, u64 now)
{
	struct atcp_sock *as = atcp_sk(sk);
	u16 events;

	sock_owned_by_me(sk);
	events = atcp_take_events(&as->tcb);
	if (unlikely(events & ATCP_EV_ERROR))
		report_error(sk);
	if (unlikely(events & ATCP_EV_ESTABLISHED)) {
		WRITE_ONCE(as->copied_seq, as->tcb.irs + 1);
		as->rcv_space_seq = as->copied_seq;
	}
	if (as->tcb.nr_transitions) {
		trace_transitions(sk);
		/* poll() reads it first: see there */
		smp_store_release(&sk->sk_state, as->tcb.state);
	}
	/* MUST-20: a new look at the route for what is sent again now. */
	if (unlikely(events & ATCP_EV_PATH))
		dst_negative_advice(sk);
	atcp_push(sk, now);
	if (trace_atcp_window_enabled())
		trace_windows(sk);
	if (events)
		tell_user(sk, events);
	atcp_info_wait(sk, now);
	if (unlikely(events & ATCP_EV_TIME_WAIT))
		end_in_time_wait(sk, now);
	else if (unlikely(events & ATCP_EV_CLOSED))
		atcp_sock_done(sk);
	else
		atcp_timer_sync(sk);
}
