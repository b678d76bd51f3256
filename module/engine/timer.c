// SPDX-License-Identifier: GPL-2.0
/*
 * A connection's timers. Each purpose has a deadline of its own in
 * tcb->timers[], so that none excludes another; the owner keeps one clock
 * armed to the earliest (atcp_deadline()).
 *
 *	RETRANSMIT	oldest octet in flight unacknowledged for an RTO
 *	PERSIST		nothing in flight, data waits: closed window (probe), or
 *			one too small or a cork (send all the same)
 *	DELACK		an ACK has been owed for 40 ms
 *	FIN_WAIT_2	an orphan's peer does not close
 *
 * Other files report events by the calls below and never write a deadline.
 */
#include "timer.h"
#include "recovery.h"
#include "rtt.h"
#include "sendmap.h"

/**
 * atcp_timers_sent() - something that wants an acknowledgment was sent
 * @tcb: the connection
 * @now: the time
 *
 * RFC 6298 5.1.
 */
void atcp_timers_sent(struct atcp_tcb *tcb, u64 now)
{
	if (!tcb->timers[ATCP_TIMER_RETRANSMIT])
		tcb->timers[ATCP_TIMER_RETRANSMIT] = now + atcp_rto(tcb);
	tcb->timers[ATCP_TIMER_PERSIST] = 0;
}

/**
 * atcp_timers_acked() - new data was acknowledged
 * @tcb: the connection
 * @now: the time
 *
 * RFC 6298 5.2 and 5.3. The back-off stays: only a measurement ends it (Karn,
 * RFC 6298 section 5), see atcp_rtt_sample().
 */
void atcp_timers_acked(struct atcp_tcb *tcb, u64 now)
{
	tcb->unanswered_us = 0;
	tcb->timers[ATCP_TIMER_RETRANSMIT] =
		tcb->snd_una == tcb->snd_nxt ? 0 : now + atcp_rto(tcb);
}

/**
 * atcp_timers_window_opened() - a closed window opened
 * @tcb: the connection
 * @now: the time
 *
 * The silence was the peer's wish and says nothing about the path: what is
 * still in flight waits for one RTO only.
 */
void atcp_timers_window_opened(struct atcp_tcb *tcb, u64 now)
{
	tcb->backoff = 0;
	atcp_timers_acked(tcb, now);
}

/**
 * atcp_timers_blocked() - data waits and nothing in flight will ask for it
 * @tcb: the connection
 * @now: the time
 *
 * RFC 9293 3.8.6.1: the first probe after one RTO (SHLD-29), then at
 * increasing intervals (SHLD-30).
 */
void atcp_timers_blocked(struct atcp_tcb *tcb, u64 now)
{
	if (!tcb->timers[ATCP_TIMER_PERSIST])
		tcb->timers[ATCP_TIMER_PERSIST] = now + atcp_rto(tcb);
}

/**
 * atcp_timers_ack_owed() - data came that may be acknowledged later
 * @tcb: the connection
 * @now: the time
 */
void atcp_timers_ack_owed(struct atcp_tcb *tcb, u64 now)
{
	if (!tcb->timers[ATCP_TIMER_DELACK])
		tcb->timers[ATCP_TIMER_DELACK] = now + ATCP_DELACK_US;
}

/**
 * atcp_timers_ack_sent() - a segment with our current ACK went out
 * @tcb: the connection
 */
void atcp_timers_ack_sent(struct atcp_tcb *tcb)
{
	tcb->timers[ATCP_TIMER_DELACK] = 0;
}

/**
 * atcp_timers_fin_wait_2() - FIN-WAIT-2 was entered, or its user left
 * @tcb: the connection
 * @now: the time
 *
 * Only an orphan is bounded: a user that half-closed may read for ever.
 */
void atcp_timers_fin_wait_2(struct atcp_tcb *tcb, u64 now)
{
	if (tcb->state == ATCP_FIN_WAIT_2 && (tcb->use & ATCP_ORPHAN))
		tcb->timers[ATCP_TIMER_FIN_WAIT_2] =
			now + tcb->params->fin_timeout * ATCP_USEC_PER_SEC;
}

/**
 * atcp_timers_stop() - the connection is over
 * @tcb: the connection
 */
void atcp_timers_stop(struct atcp_tcb *tcb)
{
	memset(tcb->timers, 0, sizeof(tcb->timers));
}

/**
 * atcp_deadline() - when the engine wants to be called next
 * @tcb: the connection
 *
 * Return: the time for atcp_timeout(), 0 if there is none.
 */
u64 atcp_deadline(const struct atcp_tcb *tcb)
{
	u64 first = 0;
	unsigned int i;

	for (i = 0; i < ATCP_TIMER_COUNT; i++)
		if (tcb->timers[i] && (!first || tcb->timers[i] < first))
			first = tcb->timers[i];
	return first;
}

/* What an orphan_retries of 0 stands for, as with Linux's TCP. */
#define ORPHAN_RETRIES 8

/* R2 of RFC 9293 3.8.3: has the peer been silent for too long? */
static bool too_long(const struct atcp_tcb *tcb, u64 now)
{
	unsigned int retries = tcb->params->retries2;

	if (tcb->use & ATCP_ORPHAN)
		retries = tcb->params->orphan_retries ?: ORPHAN_RETRIES;
	return now - tcb->unanswered_us >=
	       atcp_retries_to_us(retries, ATCP_RTO_MIN_US);
}

/* The SYN, or the SYN-ACK of a simultaneous open, was not answered. */
static void syn_timeout(struct atcp_tcb *tcb, u64 now)
{
	struct atcp_range *r = atcp_range_first(&tcb->sendmap);

	if (tcb->retries >= tcb->params->syn_retries) {
		atcp_tcb_fail(tcb, ATCP_ERROR_TIMEOUT, ATCP_CAUSE_RETRIES);
		return;
	}
	tcb->retries++;
	tcb->backoff++;
	if (r)
		atcp_recovery_probe(tcb, r);
	tcb->timers[ATCP_TIMER_RETRANSMIT] = now + atcp_rto(tcb);
}

static void retransmit_timeout(struct atcp_tcb *tcb, u64 now)
{
	struct atcp_range *r = atcp_range_first(&tcb->sendmap);

	if (atcp_state_in(tcb, ATCP_STATE_BIT(ATCP_SYN_SENT) |
				       ATCP_STATE_BIT(ATCP_SYN_RECEIVED))) {
		syn_timeout(tcb, now);
		return;
	}
	if (!r)
		return;
	if (!tcb->unanswered_us)
		tcb->unanswered_us = r->sent_us;
	if (too_long(tcb, now)) {
		atcp_tcb_fail(tcb, ATCP_ERROR_TIMEOUT, ATCP_CAUSE_RETRIES);
		return;
	}
	if (tcb->backoff < U8_MAX)
		tcb->backoff++;
	/* A closed window explains the silence: probe, do not slow down. */
	if (!tcb->snd_wnd)
		atcp_recovery_probe(tcb, r);
	else
		atcp_recovery_timeout(tcb);
	tcb->timers[ATCP_TIMER_RETRANSMIT] = now + atcp_rto(tcb);
}

/**
 * atcp_timeout() - a deadline has passed
 * @tcb: the connection
 * @now: the time
 *
 * Handles all that are due; harmless when none is.
 */
void atcp_timeout(struct atcp_tcb *tcb, u64 now)
{
	u64 due;

	due = tcb->timers[ATCP_TIMER_DELACK];
	if (due && due <= now) {
		tcb->timers[ATCP_TIMER_DELACK] = 0;
		tcb->ack_now = true;
	}
	due = tcb->timers[ATCP_TIMER_PERSIST];
	if (due && due <= now) {
		tcb->timers[ATCP_TIMER_PERSIST] = 0;
		tcb->override = true;
	}
	due = tcb->timers[ATCP_TIMER_RETRANSMIT];
	if (due && due <= now) {
		tcb->timers[ATCP_TIMER_RETRANSMIT] = 0;
		retransmit_timeout(tcb, now);
	}
	due = tcb->timers[ATCP_TIMER_FIN_WAIT_2];
	if (due && due <= now)
		atcp_tcb_delete(tcb, ATCP_CAUSE_FIN_TIMEOUT);
}
