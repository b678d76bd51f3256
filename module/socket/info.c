// SPDX-License-Identifier: GPL-2.0
/*
 * TCP_INFO: what a connection tells of itself, and the counting for it. What is
 * counted with each segment are a few additions to one struct; the rest is made
 * of them, and of the engine's state, when somebody asks.
 */
#include <linux/tcp.h>
#include <net/tcp.h>
#include "../engine/congestion.h"
#include "../engine/recovery.h"
#include "../engine/rtt.h"
#include "../engine/seq.h"
#include "../engine/timer.h"
#include "info.h"
#include "sock.h"

/* Linux counts reordering in segments, from this on. */
#define REORDERING 3

/**
 * atcp_info_sent() - a segment goes out
 * @as: the socket, locked
 * @seg: the segment
 */
void atcp_info_sent(struct atcp_sock *as, const struct atcp_segment *seg)
{
	struct atcp_stream *s = &as->stream;
	u32 segs = 1;

	if (seg->len > seg->cut)
		segs = DIV_ROUND_UP(seg->len, seg->cut);
	s->segs_out += segs;
	if (seg->len) {
		s->data_segs_out += segs;
		s->bytes_sent += seg->len;
	}
	if (unlikely(seg->again)) {
		s->total_retrans += segs;
		s->bytes_retrans += seg->len;
	}
}

/*
 * The delivery rate is what was acknowledged in the last round trip that was
 * full to its end: with nothing in flight there is nothing to measure.
 */
static void measure_rate(struct atcp_sock *as, u64 now)
{
	struct atcp_stream *s = &as->stream;
	u64 dt = now - s->rate_us;

	if (!s->rate_us) {
		s->rate_us = now;
		s->rate_from = s->bytes_acked;
	} else if (dt && dt >= as->tcb.srtt_us) {
		s->rate_octets = s->bytes_acked - s->rate_from;
		s->rate_dt = min_t(u64, dt, U32_MAX);
		s->rate_us = now;
		s->rate_from = s->bytes_acked;
	}
	if (as->tcb.snd_una == as->tcb.snd_nxt)
		s->rate_us = 0;
}

/**
 * atcp_info_arrived() - the engine has taken a segment in
 * @as: the socket, locked
 * @skb: the segment
 * @seg: the segment, parsed
 * @una: SND.UNA before
 * @now: the time
 */
void atcp_info_arrived(struct atcp_sock *as, const struct sk_buff *skb,
		       const struct atcp_segment *seg, u32 una, u64 now)
{
	u32 segs = max_t(u32, 1, skb_shinfo(skb)->gso_segs);
	const struct atcp_tcb *tcb = &as->tcb;
	struct atcp_stream *s = &as->stream;

	s->segs_in += segs;
	if (seg->len)
		s->data_segs_in += segs;
	/* Its lower half follows from RCV.NXT, once the peer's SYN came. */
	if (likely(tcb->rcv_nxt != tcb->irs))
		s->bytes_received +=
			tcb->rcv_nxt - tcb->irs - 1 - (u32)s->bytes_received;
	if (tcb->snd_una != una) {
		s->bytes_acked += tcb->snd_una - una;
		measure_rate(as, now);
	}
	if (likely(!tcb->notes))
		return;
	if (tcb->notes & BIT(ATCP_NOTE_OUT_OF_ORDER))
		s->rcv_ooopack += segs;
	if (tcb->notes & BIT(ATCP_NOTE_DSACK_RECEIVED))
		s->dsack_dups++;
}

static enum atcp_wait waits_for(const struct sock *sk)
{
	const struct atcp_tcb *tcb = &atcp_sk(sk)->tcb;

	if (tcb->snd_una == tcb->write_seq)
		return ATCP_WAIT_NONE;
	if (tcb->snd_nxt != tcb->write_seq)
		return tcb->snd_una + tcb->snd_wnd - tcb->snd_nxt < tcb->mss ?
			       ATCP_WAIT_WND :
			       ATCP_WAIT_ACK;
	return sk->sk_socket && test_bit(SOCK_NOSPACE, &sk->sk_socket->flags) ?
		       ATCP_WAIT_SNDBUF :
		       ATCP_WAIT_ACK;
}

/**
 * atcp_info_wait() - note what the connection waits for from now on
 * @sk: the socket, locked
 * @now: the time
 */
void atcp_info_wait(struct sock *sk, u64 now)
{
	struct atcp_stream *s = &atcp_sk(sk)->stream;
	enum atcp_wait wait = waits_for(sk);

	if (likely(wait == s->wait))
		return;
	s->waited[s->wait] += now - s->wait_since;
	s->wait = wait;
	s->wait_since = now;
}

/**
 * atcp_info_reset() - the socket has no connection any more
 * @as: the socket, locked
 */
void atcp_info_reset(struct atcp_sock *as)
{
	memset(&as->stream, 0, sizeof(as->stream));
}

/* A program's struct tcp_info is this one, or the beginning of it. */
#define SAME_PLACE(field)                                                      \
	BUILD_BUG_ON(offsetof(struct atcp_info, field) !=                      \
		     offsetof(struct tcp_info, tcpi_##field))

static void check_layout(void)
{
	BUILD_BUG_ON(sizeof(struct atcp_info) < sizeof(struct tcp_info));
	SAME_PLACE(rto);
	SAME_PLACE(total_retrans);
	SAME_PLACE(pacing_rate);
	SAME_PLACE(delivery_rate);
	SAME_PLACE(bytes_retrans);
	SAME_PLACE(snd_wnd);
}

static void fill_options(const struct atcp_tcb *tcb, struct atcp_info *info)
{
	if (tcb->use & ATCP_USE_TS)
		info->options |= TCPI_OPT_TIMESTAMPS;
	if (tcb->use & ATCP_USE_SACK)
		info->options |= TCPI_OPT_SACK;
	if (tcb->use & ATCP_USE_WSCALE) {
		info->options |= TCPI_OPT_WSCALE;
		info->snd_wscale = tcb->snd_wscale;
		info->rcv_wscale = tcb->rcv_wscale;
	}
}

static u8 ca_state(const struct atcp_tcb *tcb)
{
	if (tcb->recovery == ATCP_RECOVERY_FAST)
		return TCP_CA_Recovery;
	if (tcb->recovery == ATCP_RECOVERY_TIMEOUT)
		return TCP_CA_Loss;
	return tcb->sacked || tcb->dup_acks ? TCP_CA_Disorder : TCP_CA_Open;
}

/* Linux counts segments where the engine counts octets. */
static void fill_flight(const struct atcp_tcb *tcb, struct atcp_info *info)
{
	const struct atcp_range *r = atcp_range_first(&tcb->sendmap);
	u32 mss = max(tcb->mss, 1U);

	for (; r; r = atcp_range_next(r)) {
		u32 segs = DIV_ROUND_UP(r->end - r->seq, mss);

		info->unacked += segs;
		if (r->flags & ATCP_RANGE_SACKED)
			info->sacked += segs;
		if (r->flags & ATCP_RANGE_LOST)
			info->lost += segs;
		if (r->flags & ATCP_RANGE_RETRANS)
			info->retrans += segs;
	}
	/* Without SACK duplicate ACKs stand for them. */
	if (!(tcb->use & ATCP_USE_SACK))
		info->sacked = tcb->sacked / mss;
	info->snd_ssthresh = tcb->ssthresh == ATCP_CWND_MAX ?
				     TCP_INFINITE_SSTHRESH :
				     tcb->ssthresh / mss;
	info->snd_cwnd = tcb->cwnd / mss;
	info->notsent_bytes = tcb->write_seq - tcb->snd_nxt;
}

static void fill_times(const struct atcp_tcb *tcb, struct atcp_info *info,
		       u64 now)
{
	const struct atcp_tally *t = &tcb->tally;

	info->rto = atcp_rto(tcb);
	info->ato = ATCP_DELACK_US;
	info->rtt = tcb->srtt_us;
	info->rttvar = tcb->rttvar_us;
	info->rcv_rtt = tcb->srtt_us;
	info->min_rtt = t->min_rtt_us ?: U32_MAX;
	info->last_data_sent =
		div_u64(now - max(tcb->sent_us, t->established_us),
			USEC_PER_MSEC);
	info->last_data_recv = div_u64(now - t->received_us, USEC_PER_MSEC);
	info->last_ack_recv = div_u64(now - tcb->heard_us, USEC_PER_MSEC);
	info->total_rto = t->rtos;
	info->total_rto_recoveries = t->rto_runs;
	info->total_rto_time = t->rto_ms;
	if (t->rto_since_us)
		info->total_rto_time +=
			div_u64(now - t->rto_since_us, USEC_PER_MSEC);
}

static void fill_waits(const struct atcp_stream *s, struct atcp_info *info,
		       u64 now)
{
	u64 waited[ATCP_WAIT_COUNT];

	memcpy(waited, s->waited, sizeof(waited));
	waited[s->wait] += now - s->wait_since;
	info->busy_time = waited[ATCP_WAIT_ACK] + waited[ATCP_WAIT_WND] +
			  waited[ATCP_WAIT_SNDBUF];
	info->rwnd_limited = waited[ATCP_WAIT_WND];
	info->sndbuf_limited = waited[ATCP_WAIT_SNDBUF];
}

static void fill_stream(const struct atcp_sock *as, struct atcp_info *info,
			u64 now)
{
	const struct atcp_stream *s = &as->stream;

	info->bytes_sent = s->bytes_sent;
	info->bytes_retrans = s->bytes_retrans;
	info->bytes_acked = s->bytes_acked;
	info->bytes_received = s->bytes_received;
	info->segs_in = s->segs_in;
	info->segs_out = s->segs_out;
	info->data_segs_in = s->data_segs_in;
	info->data_segs_out = s->data_segs_out;
	info->total_retrans = s->total_retrans;
	info->rcv_ooopack = s->rcv_ooopack;
	info->dsack_dups = s->dsack_dups;
	info->delivered = as->tcb.tally.delivered;
	info->delivery_rate_app_limited = !as->tcb.cwnd_limited;
	if (s->rate_dt)
		info->delivery_rate =
			div_u64((u64)s->rate_octets * USEC_PER_SEC, s->rate_dt);
	fill_waits(s, info, now);
}

static u64 rate(unsigned long octets)
{
	return octets == ~0UL ? ~0ULL : octets;
}

/**
 * atcp_info_fill() - tell of a connection
 * @sk: the socket, locked
 * @info: filled in
 */
void atcp_info_fill(const struct sock *sk, struct atcp_info *info)
{
	const struct atcp_sock *as = atcp_sk(sk);
	const struct atcp_tcb *tcb = &as->tcb;
	u64 now = atcp_now();

	check_layout();
	memset(info, 0, sizeof(*info));
	info->state = sk->sk_state;
	info->pacing_rate = rate(READ_ONCE(sk->sk_pacing_rate));
	info->max_pacing_rate = rate(READ_ONCE(sk->sk_max_pacing_rate));
	info->reordering = REORDERING;
	if (sk->sk_state == TCP_LISTEN) {
		info->snd_cwnd = ATCP_INITIAL_WINDOW;
		info->unacked = READ_ONCE(sk->sk_ack_backlog);
		info->sacked = READ_ONCE(sk->sk_max_ack_backlog);
		return;
	}
	info->ca_state = ca_state(tcb);
	info->retransmits = tcb->timeouts;
	info->probes = tcb->snd_wnd ? tcb->keep_unanswered : tcb->backoff;
	info->backoff = tcb->backoff;
	fill_options(tcb, info);
	fill_flight(tcb, info);
	fill_times(tcb, info, now);
	fill_stream(as, info, now);
	info->snd_mss = tcb->mss;
	info->rcv_mss = tcb->rcv_mss;
	info->advmss = tcb->advmss;
	info->pmtu = as->mtu;
	info->rcv_ssthresh = atcp_receive_buf(sk);
	info->rcv_space = atcp_receive_buf(sk);
	info->snd_wnd = tcb->snd_wnd;
	info->rcv_wnd = atcp_rcv_wnd(tcb);
}

/**
 * atcp_info_get() - the same for a caller that has no lock
 * @sk: the socket
 * @info: filled in
 */
void atcp_info_get(struct sock *sk, struct atcp_info *info)
{
	lock_sock(sk);
	atcp_info_fill(sk, info);
	release_sock(sk);
}
