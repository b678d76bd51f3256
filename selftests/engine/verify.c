// SPDX-License-Identifier: GPL-2.0
/* What must hold of a connection after each call of the engine. */
#include "verify.h"
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
	const struct atcp_range *r;

	for (r = atcp_range_first(&tcb->sendmap); r; r = atcp_range_next(r)) {
		u32 len = r->end - r->seq;

		HOLDS(r->seq == at);
		HOLDS(len && seq_gt(r->end, r->seq));
		HOLDS(r->sends > 0);
		HOLDS(!(r->flags & ATCP_RANGE_SACKED) ||
		      !(r->flags & (ATCP_RANGE_LOST | ATCP_RANGE_RETRANS)));
		HOLDS(!(r->flags & ATCP_RANGE_RETRANS) ||
		      r->flags & ATCP_RANGE_LOST);
		sacked += r->flags & ATCP_RANGE_SACKED ? len : 0;
		lost += r->flags & ATCP_RANGE_LOST ? len : 0;
		retrans += r->flags & ATCP_RANGE_RETRANS ? len : 0;
		at = r->end;
	}
	HOLDS(at == tcb->snd_nxt);
	HOLDS(tcb->lost == lost);
	HOLDS(tcb->retrans == retrans);
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
	HOLDS(tcb->retrans <= tcb->lost);
	HOLDS(atcp_pipe(tcb) <= flight);
	HOLDS(tcb->mss && tcb->burst >= tcb->mss);
	HOLDS(!(tcb->burst % tcb->mss));
	HOLDS(tcb->cwnd >= tcb->mss ||
	      atcp_state_in(tcb, ATCP_STATE_BIT(ATCP_SYN_SENT) |
					 ATCP_STATE_BIT(ATCP_CLOSED)));
	/* RFC 6298 5.1: whatever is in flight has a timer. */
	HOLDS(!flight || tcb->timers[ATCP_TIMER_RETRANSMIT]);
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
	if (!wrong && tcb->state != ATCP_SYN_SENT)
		wrong = verify_receiving(tcb);
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
	HOLDS(!tcb->ack_now);
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
