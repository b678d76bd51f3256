// SPDX-License-Identifier: GPL-2.0
/* The TCB's life: from nothing to nothing, RFC 9293 section 3.3.1. */
#include "tcb.h"
#include "congestion.h"
#include "mtu.h"
#include "rtt.h"
#include "seq.h"
#include "timer.h"

/**
 * atcp_tcb_init() - a TCB in state CLOSED
 * @tcb: the TCB, uninitialised
 * @params: limits, which must outlive it
 */
void atcp_tcb_init(struct atcp_tcb *tcb, const struct atcp_params *params)
{
	memset(tcb, 0, sizeof(*tcb));
	tcb->state = ATCP_CLOSED;
	tcb->params = params;
	tcb->cong = &atcp_newreno;
	tcb->sendmap = RB_ROOT;
	tcb->reassembly = RB_ROOT;
	tcb->mss = ATCP_MSS_DEFAULT;
	tcb->burst = ATCP_MSS_DEFAULT;
	tcb->peer_mss = ATCP_MSS_DEFAULT;
	tcb->path_mss = ATCP_MSS_DEFAULT;
	tcb->rto_us = ATCP_RTO_INITIAL_US;
	tcb->ssthresh = ATCP_CWND_MAX;
	tcb->quick_acks = ATCP_QUICK_ACKS;
}

/**
 * atcp_tcb_purge() - forget what is in flight and what came out of order
 * @tcb: the TCB; its records go back to its pool, which the owner empties
 */
void atcp_tcb_purge(struct atcp_tcb *tcb)
{
	atcp_range_free_all(&tcb->sendmap, &tcb->pool);
	atcp_range_free_all(&tcb->reassembly, &tcb->pool);
	tcb->sacked = 0;
	tcb->lost = 0;
	tcb->retrans = 0;
	tcb->to_resend = 0;
	tcb->nr_ranges = 0;
	tcb->nr_sacks = 0;
}

/**
 * atcp_tcb_reset() - make a TCB in CLOSED fit for another OPEN
 * @tcb: the TCB; keeps its parameters, its settings, its algorithm and its pool
 */
void atcp_tcb_reset(struct atcp_tcb *tcb)
{
	struct atcp_settings settings = tcb->settings;
	const struct atcp_cong_ops *cong = tcb->cong;
	struct atcp_pool pool;

	atcp_tcb_purge(tcb);
	atcp_cong_stop(tcb);
	pool = tcb->pool;
	atcp_tcb_init(tcb, tcb->params);
	tcb->cong = cong;
	tcb->pool = pool;
	tcb->settings = settings;
}

/**
 * atcp_tcb_hand_over() - the connection goes on in a struct atcp_timewait
 * @tcb: the TCB, in TIME-WAIT; empty and in CLOSED after it
 *
 * No transition is recorded, since the connection's state does not change.
 */
void atcp_tcb_hand_over(struct atcp_tcb *tcb)
{
	tcb->state = ATCP_CLOSED;
	atcp_timers_stop(tcb);
	atcp_tcb_purge(tcb);
	tcb->ack_now = false;
}

/**
 * atcp_tcb_delete() - enter CLOSED
 * @tcb: the TCB
 * @cause: why
 */
void atcp_tcb_delete(struct atcp_tcb *tcb, enum atcp_cause cause)
{
	if (tcb->state == ATCP_CLOSED)
		return;
	atcp_set_state(tcb, ATCP_CLOSED, cause);
	atcp_timers_stop(tcb);
	atcp_tcb_purge(tcb);
	tcb->ack_now = false;
	tcb->events |= ATCP_EV_CLOSED;
}

/**
 * atcp_tcb_fail() - enter CLOSED with an error for the user
 * @tcb: the TCB
 * @error: what the user is told
 * @cause: what the trace is told
 */
void atcp_tcb_fail(struct atcp_tcb *tcb, enum atcp_error error,
		   enum atcp_cause cause)
{
	tcb->error = error;
	tcb->events |= ATCP_EV_ERROR;
	atcp_tcb_delete(tcb, cause);
}

/**
 * atcp_tcb_path_mss() - the path's MTU is known, or changed
 * @tcb: the TCB
 * @mss: octets of a segment's payload that fit without TCP options, the
 *       MMS_S of RFC 9293 section 3.7.1
 *
 * Eff.snd.MSS is the smaller of this and the peer's MSS option, less the
 * options that every segment carries (RFC 6691, MUST-16). @tcb->burst follows
 * unless the owner set more.
 */
void atcp_tcb_path_mss(struct atcp_tcb *tcb, u32 mss)
{
	u32 was = tcb->mss;

	tcb->path_mss = min_t(u32, mss, U16_MAX);
	mss = min(tcb->path_mss, tcb->peer_mss);
	if (unlikely(tcb->mtu.searching))
		mss = min_t(u32, mss, tcb->mtu.low);
	/* Less is a mistake or an attack, and options would eat it. */
	mss = max_t(u32, mss, tcb->params->min_snd_mss);
	if (tcb->use & ATCP_USE_TS)
		mss -= ATCP_TS_LEN;
	tcb->mss = mss;
	/* RFC 5681 3.1: their least values are in full segments. */
	tcb->cwnd = max(tcb->cwnd, mss);
	tcb->ssthresh = max(tcb->ssthresh, 2 * mss);
	if (tcb->burst == was || tcb->burst < mss)
		tcb->burst = mss;
	else
		tcb->burst -= tcb->burst % mss;
}

/**
 * atcp_tcb_burst() - how much the owner can send as one
 * @tcb: the TCB, its MSS known
 * @octets: payload that one atcp_next_segment() may name; less than an MSS
 *          means one segment at a time
 */
void atcp_tcb_burst(struct atcp_tcb *tcb, u32 octets)
{
	tcb->burst = max(tcb->mss, octets - octets % tcb->mss);
}

/**
 * atcp_tcb_options() - take in the options of the peer's SYN or SYN-ACK
 * @tcb: the TCB, with the options we offered in use
 * @syn: the segment
 *
 * What the peer did not offer is not used. RFC 7323 sections 1.3, 2.2 and
 * 3.2; RFC 2018 section 2; RFC 9293 MUST-15 for a missing MSS option.
 */
void atcp_tcb_options(struct atcp_tcb *tcb, const struct atcp_segment *syn)
{
	if ((tcb->use & ATCP_USE_WSCALE) && (syn->options & ATCP_OPT_WSCALE)) {
		tcb->snd_wscale = syn->wscale;
	} else {
		tcb->use &= ~ATCP_USE_WSCALE;
		tcb->rcv_wscale = 0;
	}
	if (!(syn->options & ATCP_OPT_SACK_OK))
		tcb->use &= ~ATCP_USE_SACK;
	if (!(syn->options & ATCP_OPT_TS))
		tcb->use &= ~ATCP_USE_TS;
	if (tcb->use & ATCP_USE_TS)
		tcb->ts_recent = syn->tsval;
	tcb->peer_mss = syn->options & ATCP_OPT_MSS ? syn->mss :
						      ATCP_MSS_DEFAULT;
	atcp_tcb_path_mss(tcb, tcb->path_mss);
	tcb->cwnd = ATCP_INITIAL_WINDOW * tcb->mss;
}

/**
 * atcp_tcb_established() - the handshake is complete
 * @tcb: the TCB, in ESTABLISHED
 */
void atcp_tcb_established(struct atcp_tcb *tcb)
{
	tcb->events |= ATCP_EV_ESTABLISHED;
	tcb->timeouts = 0;
	tcb->unanswered_us = 0;
	atcp_timers_keepalive(tcb, tcb->heard_us);
	if (tcb->use & ATCP_FIN_QUEUED)
		atcp_set_state(tcb, ATCP_FIN_WAIT_1, ATCP_CAUSE_CLOSE);
	/* RFC 6298 5.7: a lost SYN and no sample ask for caution. */
	if (tcb->retries && !tcb->srtt_us) {
		tcb->rto_us = ATCP_RTO_FALLBACK_US;
		tcb->backoff = 0;
	}
	/* RFC 6928 section 2: a lost SYN ends the licence for ten segments. */
	if (tcb->retries)
		tcb->cwnd = tcb->mss;
	tcb->tally.established_us = tcb->heard_us;
	tcb->tally.received_us = tcb->heard_us;
	atcp_cong_start(tcb);
	atcp_mtu_start(tcb, tcb->heard_us);
}
