// SPDX-License-Identifier: GPL-2.0
/* What must hold of a connection after each call of the engine. */
#include "verify.h"
#include "recovery.h"
#include "seq.h"

#define HOLDS(what)                                                            \
	do {                                                                   \
		if (!(what))                                                   \
			return "not so: " #what;                               \
	} while (0)

/* The map covers [snd_una, snd_nxt), and the sums over it are right. */
static const char *verify_sendmap(const struct atcp_tcb *tcb)
{
	u32 at = tcb->snd_una, sacked = 0, lost = 0, retrans = 0;
	u32 to_resend = 0, ranges = 0;
	const struct atcp_range *r;

	for (r = atcp_range_first(&tcb->sendmap); r; r = atcp_range_next(r)) {
		u32 len = r->end - r->seq;

		HOLDS(r->seq == at);
		HOLDS(len && seq_gt(r->end, r->seq));
		HOLDS(r->sends > 0);
		HOLDS(!(r->flags & ATCP_RANGE_SACKED) ||
		      !(r->flags & (ATCP_RANGE_LOST | ATCP_RANGE_RETRANS)));
		HOLDS(!(r->flags & ATCP_RANGE_RETRANS) ||
		      r->flags & ATCP_RANGE_LOST ||
		      tcb->recovery == ATCP_RECOVERY_FAST);
		sacked += r->flags & ATCP_RANGE_SACKED ? len : 0;
		lost += r->flags & ATCP_RANGE_LOST ? len : 0;
		retrans += r->flags & ATCP_RANGE_RETRANS ? len : 0;
		if (r->flags & ATCP_RANGE_LOST &&
		    !(r->flags & ATCP_RANGE_RETRANS)) {
			to_resend += len;
			HOLDS(seq_gt(r->end, tcb->resend_from));
		}
		at = r->end;
		ranges++;
	}
	HOLDS(at == tcb->snd_nxt);
	HOLDS(tcb->lost == lost);
	HOLDS(tcb->retrans == retrans);
	HOLDS(tcb->to_resend == to_resend);
	HOLDS(tcb->nr_ranges == ranges);
	if (tcb->use & ATCP_USE_SACK)
		HOLDS(tcb->sacked == sacked);
	return NULL;
}

static const char *verify_sending(const struct atcp_tcb *tcb)
{
	u32 flight = tcb->snd_nxt - tcb->snd_una;

	HOLDS(seq_leq(tcb->snd_una, tcb->snd_nxt));
	HOLDS(seq_leq(tcb->snd_nxt, tcb->snd_max));
	HOLDS(seq_leq(tcb->snd_max, tcb->write_seq));
	HOLDS(tcb->sacked + tcb->lost <= flight);
	HOLDS(tcb->sacked + tcb->retrans <= flight);
	HOLDS(atcp_pipe(tcb) <= 2 * flight);
	HOLDS(tcb->mss && tcb->burst >= tcb->mss);
	HOLDS(!(tcb->burst % tcb->mss));
	HOLDS(tcb->cwnd >= tcb->mss ||
	      atcp_state_in(tcb, ATCP_STATE_BIT(ATCP_SYN_SENT) |
					 ATCP_STATE_BIT(ATCP_CLOSED)));
	/* RFC 6298 5.1: whatever is in flight has a timer. */
	HOLDS(!flight || tcb->timers[ATCP_TIMER_RETRANSMIT]);
	/* Nothing is overdue when nothing is in flight. */
	HOLDS(flight || (!tcb->unanswered_us && !tcb->timeouts));
	HOLDS(!tcb->closed_us || !tcb->snd_wnd);
	return NULL;
}

/* RFC 9293 3.8.5: what is urgent lies ahead, or it is not urgent any more. */
static const char *verify_urgent(const struct atcp_tcb *tcb)
{
	if (tcb->use & ATCP_URGENT_OUT) {
		HOLDS(seq_gt(tcb->snd_up, tcb->snd_una));
		HOLDS(seq_leq(tcb->snd_up, tcb->write_seq));
	}
	if ((tcb->use & ATCP_URGENT_IN) && !(tcb->use & ATCP_FIN_RECEIVED)) {
		HOLDS(seq_geq(tcb->rcv_up, tcb->rcv_nxt));
		HOLDS(seq_leq(tcb->rcv_up, tcb->rcv_adv + U16_MAX));
	}
	return NULL;
}

/* RFC 9293 3.8.4: watched is what the user wants watched, and nothing else. */
static const char *verify_keepalive(const struct atcp_tcb *tcb)
{
	u32 unwatched = ATCP_STATE_BIT(ATCP_SYN_SENT) |
			ATCP_STATE_BIT(ATCP_SYN_RECEIVED) |
			ATCP_STATE_BIT(ATCP_TIME_WAIT);
	bool bounded = tcb->timers[ATCP_TIMER_FIN_WAIT_2];

	HOLDS(!tcb->timers[ATCP_TIMER_KEEPALIVE] || tcb->settings.keepalive);
	HOLDS(!tcb->timers[ATCP_TIMER_KEEPALIVE] || !bounded);
	HOLDS(!tcb->keep_due || tcb->keep_unanswered);
	HOLDS(!tcb->keep_unanswered || tcb->settings.keepalive);
	if (tcb->settings.keepalive && !atcp_state_in(tcb, unwatched))
		HOLDS(tcb->timers[ATCP_TIMER_KEEPALIVE] || bounded);
	return NULL;
}

/* RFC 2883: a duplicate is below RCV.NXT, or held above it. */
static const char *verify_dsack(const struct atcp_tcb *tcb)
{
	const struct atcp_range *r;

	if (!(tcb->use & ATCP_DUPLICATE))
		return NULL;
	HOLDS(tcb->use & ATCP_USE_SACK);
	HOLDS(seq_lt(tcb->dsack.start, tcb->dsack.end));
	if (seq_leq(tcb->dsack.end, tcb->rcv_nxt))
		return NULL;
	r = atcp_range_find(&tcb->reassembly, tcb->dsack.start);
	HOLDS(r && seq_leq(r->seq, tcb->dsack.start));
	HOLDS(seq_geq(r->end, tcb->dsack.end));
	return NULL;
}

static const char *verify_receiving(const struct atcp_tcb *tcb)
{
	const struct atcp_range *r;
	u32 at = tcb->rcv_nxt;
	unsigned int i;

	HOLDS(seq_geq(tcb->rcv_adv, tcb->rcv_nxt));
	for (r = atcp_range_first(&tcb->reassembly); r;
	     r = atcp_range_next(r)) {
		HOLDS(seq_gt(r->seq, at));
		HOLDS(seq_gt(r->end, r->seq));
		HOLDS(seq_leq(r->end, tcb->rcv_adv));
		at = r->end;
	}
	/* RFC 2018 section 3: a block is received, and bounded by holes. */
	for (i = 0; i < tcb->nr_sacks; i++) {
		r = atcp_range_find(&tcb->reassembly, tcb->sacks[i].start);
		HOLDS(r && r->seq == tcb->sacks[i].start &&
		      r->end == tcb->sacks[i].end);
	}
	return NULL;
}

/**
 * verify_tcb() - check a connection
 * @tcb: the connection
 *
 * Return: NULL, or what does not hold.
 */
const char *verify_tcb(const struct atcp_tcb *tcb)
{
	const char *wrong;

	if (tcb->state == ATCP_CLOSED) {
		HOLDS(!atcp_deadline(tcb));
		HOLDS(!atcp_range_first(&tcb->sendmap));
		HOLDS(!atcp_range_first(&tcb->reassembly));
		return NULL;
	}
	wrong = verify_sendmap(tcb);
	if (!wrong)
		wrong = verify_sending(tcb);
	if (!wrong)
		wrong = verify_urgent(tcb);
	if (!wrong)
		wrong = verify_keepalive(tcb);
	if (!wrong && tcb->state != ATCP_SYN_SENT)
		wrong = verify_receiving(tcb);
	if (!wrong && tcb->state != ATCP_SYN_SENT)
		wrong = verify_dsack(tcb);
	return wrong;
}

/**
 * verify_quiet() - check a connection that has nothing to send
 * @tcb: the connection, of which atcp_next_segment() returned false
 *
 * Whatever is to be done later must have a deadline, or it is never done.
 *
 * Return: NULL, or what does not hold.
 */
const char *verify_quiet(const struct atcp_tcb *tcb)
{
	u32 opening = ATCP_STATE_BIT(ATCP_SYN_SENT) |
		      ATCP_STATE_BIT(ATCP_SYN_RECEIVED);
	bool unsent = tcb->write_seq != tcb->snd_nxt;
	bool in_flight = tcb->snd_nxt != tcb->snd_una;

	if (tcb->state == ATCP_CLOSED)
		return NULL;
	HOLDS(!tcb->ack_now && !tcb->keep_due);
	HOLDS(!(tcb->use & ATCP_DUPLICATE) || tcb->timers[ATCP_TIMER_DELACK]);
	HOLDS(!in_flight || tcb->timers[ATCP_TIMER_RETRANSMIT]);
	if (atcp_state_in(tcb, opening))
		HOLDS(tcb->timers[ATCP_TIMER_RETRANSMIT]);
	if (atcp_state_in(tcb, ATCP_STATES_SENDING))
		HOLDS(!unsent || in_flight || tcb->timers[ATCP_TIMER_PERSIST]);
	if (!atcp_state_in(tcb, opening))
		HOLDS(tcb->rcv_nxt == tcb->rcv_acked ||
		      tcb->timers[ATCP_TIMER_DELACK]);
	return NULL;
}

static unsigned int count(const struct rb_root *map)
{
	const struct atcp_range *r;
	unsigned int n = 0;

	for (r = atcp_range_first(map); r; r = atcp_range_next(r))
		n++;
	return n;
}

/**
 * verify_records() - how many records a connection holds
 * @tcb: the connection
 *
 * Return: those in use and those in its pool.
 */
unsigned int verify_records(const struct atcp_tcb *tcb)
{
	const struct atcp_range *r;
	unsigned int pooled = 0;

	for (r = tcb->pool.free; r; r = r->next)
		pooled++;
	if (pooled != tcb->pool.count)
		return 0;
	return pooled + count(&tcb->sendmap) + count(&tcb->reassembly);
}
