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
 *	KEEPALIVE	nothing was heard for long, and the user wants to know
 *
 * Other files report events by the calls below and never write a deadline.
 */
#include "timer.h"
#include "mtu.h"
#include "recovery.h"
#include "rtt.h"
#include "sendmap.h"

static u64 user_timeout_us(const struct atcp_tcb *tcb)
{
	return tcb->settings.user_timeout_ms * ATCP_USEC_PER_MSEC;
}

/*
 * When to try again: after an RTO, but not later than the user has patience for
 * (RFC 5482). Patience that ends before the first RTO starts anew then: one
 * retransmission shall have its chance.
 */
static u64 try_again_at(const struct atcp_tcb *tcb, u64 now)
{
	u64 next = now + atcp_rto(tcb), patience = user_timeout_us(tcb);
	u64 since = tcb->unanswered_us, end;

	if (!tcb->snd_wnd && tcb->closed_us)
		since = since ? min(since, tcb->closed_us) : tcb->closed_us;
	if (!patience || !since)
		return next;
	end = since + patience;
	return min(next, end > now ? end : now + patience);
}

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
		tcb->timers[ATCP_TIMER_RETRANSMIT] =
			unlikely(tcb->closed_us) ? try_again_at(tcb, now) :
						   now + atcp_rto(tcb);
	tcb->timers[ATCP_TIMER_PERSIST] = 0;
}

static void tally_timeout(struct atcp_tally *tally, u64 now)
{
	tally->rtos++;
	if (tally->rto_since_us)
		return;
	tally->rto_since_us = now;
	tally->rto_runs++;
}

static void tally_answer(struct atcp_tally *tally, u64 now)
{
	tally->rto_ms += (u32)(now - tally->rto_since_us) / 1000;
	tally->rto_since_us = 0;
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
	tcb->timeouts = 0;
	if (unlikely(tcb->tally.rto_since_us))
		tally_answer(&tcb->tally, now);
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
		tcb->timers[ATCP_TIMER_PERSIST] = try_again_at(tcb, now);
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
 * atcp_timers_fin_wait_2() - an orphan waits in FIN-WAIT-2
 * @tcb: the connection
 * @now: the time
 *
 * At least three and a half time-outs, so that a lost FIN can come again.
 */
void atcp_timers_fin_wait_2(struct atcp_tcb *tcb, u64 now)
{
	int seconds = tcb->settings.linger2 ?: tcb->params->fin_timeout;
	u64 wait = seconds * ATCP_USEC_PER_SEC;
	u64 least = 7 * atcp_rto(tcb) / 2;

	tcb->timers[ATCP_TIMER_KEEPALIVE] = 0;
	tcb->timers[ATCP_TIMER_FIN_WAIT_2] = now + max(wait, least);
}

static u64 keep_idle_us(const struct atcp_tcb *tcb)
{
	return (tcb->settings.keep_idle ?: tcb->params->keepalive_time) *
	       ATCP_USEC_PER_SEC;
}

static u64 keep_intvl_us(const struct atcp_tcb *tcb)
{
	return (tcb->settings.keep_intvl ?: tcb->params->keepalive_intvl) *
	       ATCP_USEC_PER_SEC;
}

/**
 * atcp_timers_keepalive() - watch an idle connection, or stop to
 * @tcb: the connection
 * @since: since when it counts as idle
 *
 * What arrives later leaves the deadline alone: it goes off early once, and
 * looks at @tcb->heard_us then.
 */
void atcp_timers_keepalive(struct atcp_tcb *tcb, u64 since)
{
	bool watch = tcb->settings.keepalive &&
		     !atcp_state_in(tcb, ATCP_STATE_BIT(ATCP_CLOSED) |
						 ATCP_STATE_BIT(ATCP_LISTEN) |
						 ATCP_STATE_BIT(ATCP_SYN_SENT));

	tcb->timers[ATCP_TIMER_KEEPALIVE] = watch ? since + keep_idle_us(tcb) :
						    0;
}

/**
 * atcp_timers_unreachable() - a router says that it has no way to the peer
 * @tcb: the connection
 * @seq: sequence number of the segment that it threw away
 * @now: the time
 *
 * RFC 6069: if that was the one that timed out, the path is interrupted, not
 * congested. One back-off is undone, so that the end of it is noticed soon.
 */
void atcp_timers_unreachable(struct atcp_tcb *tcb, u32 seq, u64 now)
{
	const struct atcp_range *r = atcp_range_first(&tcb->sendmap);

	if (!r || seq != tcb->snd_una || !tcb->timeouts || !tcb->backoff)
		return;
	tcb->backoff--;
	tcb->timers[ATCP_TIMER_RETRANSMIT] =
		max(r->sent_us + atcp_rto(tcb), now);
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

static bool silent_for(const struct atcp_tcb *tcb, u64 now,
		       unsigned int retries)
{
	return now - tcb->unanswered_us >=
	       atcp_retries_to_us(retries, tcb->params->rto_min_us,
				  atcp_rto_max(tcb->params));
}

/*
 * R2 of RFC 9293 3.8.3: has the peer been silent for too long? Not before one
 * retransmission had its chance: a time-out that was backed off to two minutes
 * takes longer than an orphan may.
 */
static bool too_long(const struct atcp_tcb *tcb, u64 now)
{
	unsigned int retries = tcb->params->retries2;

	if (!tcb->timeouts)
		return false;
	/* RFC 5482: the user knows better, MUST-21. */
	if (tcb->settings.user_timeout_ms)
		return now - tcb->unanswered_us >= user_timeout_us(tcb);
	if (tcb->use & ATCP_ORPHAN)
		retries = tcb->params->orphan_retries ?: ORPHAN_RETRIES;
	return silent_for(tcb, now, retries);
}

static void give_up(struct atcp_tcb *tcb)
{
	atcp_tcb_fail(tcb, ATCP_ERROR_TIMEOUT, ATCP_CAUSE_RETRIES);
}

/* The SYN, or the SYN-ACK of a simultaneous open, was not answered. */
static void syn_timeout(struct atcp_tcb *tcb, struct atcp_range *r, u64 now)
{
	unsigned int most = tcb->settings.syn_retries ?:
							tcb->params->syn_retries;

	if (tcb->retries >= most ||
	    (tcb->settings.user_timeout_ms && too_long(tcb, now))) {
		give_up(tcb);
		return;
	}
	tcb->retries++;
	tcb->timeouts++;
	tcb->backoff++;
	atcp_recovery_probe(tcb, r);
	tcb->timers[ATCP_TIMER_RETRANSMIT] = try_again_at(tcb, now);
}

/* Back-offs that TCP_THIN_LINEAR_TIMEOUTS spares a thin stream. */
#define THIN_TIMEOUTS 6

/* Little in flight: no duplicate ACKs will tell of a loss, time-outs must. */
static bool is_thin(const struct atcp_tcb *tcb)
{
	return (tcb->settings.thin_linear_timeouts ||
		tcb->params->thin_linear_timeouts) &&
	       tcb->state == ATCP_ESTABLISHED && tcb->snd_wnd &&
	       tcb->snd_nxt - tcb->snd_una < 4 * tcb->mss &&
	       tcb->timeouts <= THIN_TIMEOUTS;
}

/*
 * The window is closed and our probe was not answered by an open one. Whoever
 * answers may keep it closed for ever (MUST-37), unless the user is tired of
 * it.
 */
static bool closed_too_long(struct atcp_tcb *tcb, u64 now)
{
	if (tcb->snd_wnd)
		return false;
	if (!tcb->closed_us)
		tcb->closed_us = now;
	return tcb->settings.user_timeout_ms &&
	       now - tcb->closed_us >= user_timeout_us(tcb);
}

static void retransmit_timeout(struct atcp_tcb *tcb, u64 now)
{
	struct atcp_range *r = atcp_range_first(&tcb->sendmap);

	if (!r)
		return;
	atcp_note(tcb, ATCP_NOTE_TIMEOUT);
	tally_timeout(&tcb->tally, now);
	if (!tcb->unanswered_us)
		tcb->unanswered_us = r->sent_us;
	if (atcp_state_in(tcb, ATCP_STATE_BIT(ATCP_SYN_SENT) |
				       ATCP_STATE_BIT(ATCP_SYN_RECEIVED))) {
		syn_timeout(tcb, r, now);
		return;
	}
	if (too_long(tcb, now) || closed_too_long(tcb, now)) {
		give_up(tcb);
		return;
	}
	if (tcb->timeouts < U8_MAX)
		tcb->timeouts++;
	/* R1: perhaps it is the route, MUST-20. */
	if (silent_for(tcb, now, tcb->params->retries1)) {
		tcb->events |= ATCP_EV_PATH;
		if (tcb->snd_wnd)
			atcp_mtu_black_hole(tcb, now);
	}
	if (is_thin(tcb))
		tcb->backoff = 0;
	else if (tcb->backoff < U8_MAX)
		tcb->backoff++;
	/* A closed window explains the silence: probe, do not slow down. */
	if (!tcb->snd_wnd)
		atcp_recovery_probe(tcb, r);
	else
		atcp_recovery_timeout(tcb);
	tcb->timers[ATCP_TIMER_RETRANSMIT] = try_again_at(tcb, now);
}

static void persist_timeout(struct atcp_tcb *tcb, u64 now)
{
	if (closed_too_long(tcb, now))
		give_up(tcb);
	else
		tcb->override = true;
}

/*
 * Is the peer gone? As many probes as the user wants were not answered, or at
 * least one in the time that the user gives it (RFC 5482). Probes keep their
 * interval then: the last one is given time to be answered, too.
 */
static bool keepalive_failed(const struct atcp_tcb *tcb, u64 idle)
{
	if (tcb->settings.user_timeout_ms)
		return tcb->keep_unanswered && idle >= user_timeout_us(tcb);
	return tcb->keep_unanswered >=
	       (tcb->settings.keep_probes ?: tcb->params->keepalive_probes);
}

/*
 * RFC 9293 3.8.4: probe only when nothing of ours is outstanding and nothing
 * was heard for the interval (MUST-26); one unanswered probe proves nothing
 * (MUST-29).
 */
static void keepalive_timeout(struct atcp_tcb *tcb, u64 now)
{
	u64 idle = now - tcb->heard_us;

	if (tcb->snd_una != tcb->write_seq) {
		atcp_timers_keepalive(tcb, now);
		return;
	}
	if (idle < keep_idle_us(tcb)) {
		atcp_timers_keepalive(tcb, tcb->heard_us);
		return;
	}
	if (keepalive_failed(tcb, idle)) {
		/* Should it live after all, it shall know. */
		tcb->reset_pending = true;
		give_up(tcb);
		return;
	}
	if (tcb->keep_unanswered < U8_MAX)
		tcb->keep_unanswered++;
	tcb->keep_due = true;
	tcb->timers[ATCP_TIMER_KEEPALIVE] = now + keep_intvl_us(tcb);
}

/* Is a timer due? Then it stops. */
static bool is_due(struct atcp_tcb *tcb, enum atcp_timer timer, u64 now)
{
	if (!tcb->timers[timer] || tcb->timers[timer] > now)
		return false;
	tcb->timers[timer] = 0;
	return true;
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
	if (is_due(tcb, ATCP_TIMER_DELACK, now)) {
		tcb->ack_now = true;
		atcp_note(tcb, ATCP_NOTE_DELAYED_ACK);
	}
	if (is_due(tcb, ATCP_TIMER_PERSIST, now))
		persist_timeout(tcb, now);
	if (is_due(tcb, ATCP_TIMER_RETRANSMIT, now))
		retransmit_timeout(tcb, now);
	if (is_due(tcb, ATCP_TIMER_KEEPALIVE, now))
		keepalive_timeout(tcb, now);
	if (is_due(tcb, ATCP_TIMER_FIN_WAIT_2, now))
		atcp_tcb_delete(tcb, ATCP_CAUSE_FIN_TIMEOUT);
}
