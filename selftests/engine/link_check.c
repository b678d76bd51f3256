// SPDX-License-Identifier: GPL-2.0
/* What must hold of both ends of a link, and of what they send. */
#include <stdarg.h>
#include <stdio.h>
#include "world.h"
#include "verify.h"

void world_wrong(struct world *w, const char *format, ...)
{
	va_list args;

	if (w->result->wrong[0])
		return;
	va_start(args, format);
	vsnprintf(w->result->wrong, sizeof(w->result->wrong), format, args);
	va_end(args);
}

/* What is delivered is what the peer sent, and what the engine had kept. */
static void check_delivery(struct world *w, struct end *e)
{
	const struct end *peer = peer_of(w, e);
	u32 upto = place(e->tcb.rcv_nxt, e->tcb.irs) -
		   !!(e->tcb.use & ATCP_FIN_RECEIVED);

	if (upto > peer->out_len)
		return world_wrong(w, "%u octets delivered, %u sent", upto,
				   peer->out_len);
	for (; e->checked < upto; e->checked++) {
		if (!e->have[e->checked])
			return world_wrong(w,
					   "octet %u delivered, but never kept",
					   e->checked);
		if (e->in[e->checked] != peer->out[e->checked])
			return world_wrong(w, "octet %u differs", e->checked);
	}
}

void check_end(struct world *w, struct end *e)
{
	const char *what = verify_tcb(&e->tcb);

	if (what)
		return world_wrong(w, "in %s: %s",
				   atcp_state_name(e->tcb.state), what);
	if (verify_records(&e->tcb) != e->records)
		return world_wrong(w, "%u records of %u are left",
				   verify_records(&e->tcb), e->records);
	if (e->tcb.state == ATCP_SYN_SENT)
		return;
	if (e->edge && seq_lt(e->tcb.rcv_adv, e->edge))
		return world_wrong(w, "the window shrank");
	e->edge = e->tcb.rcv_adv;
	check_delivery(w, e);
}

/* RFC 9293 3.8.5: a pointer to what is urgent, on all that comes before it. */
static void check_pointer(struct world *w, struct end *e,
			  const struct atcp_segment *seg)
{
	u32 at = place(seg->seq, e->open.iss), up = at + seg->urg;

	if (seg->len && at < e->urgent_end && !(seg->flags & ATCP_URG))
		world_wrong(w, "octet %u is not said to be urgent",
			    e->urgent_end - 1);
	if (!(seg->flags & ATCP_URG))
		return;
	w->result->urgent++;
	if (seg->len > seg->cut)
		world_wrong(w, "one urgent pointer for many segments");
	if (!seg->urg || up > e->urgent_end)
		world_wrong(w, "an urgent pointer to octet %u", up - 1);
	else if (seg->urg != U16_MAX && !e->urgent[up - 1])
		world_wrong(w, "octet %u is not urgent", up - 1);
}

/* Does the receiver hold exactly this above RCV.NXT? */
static bool is_held(const struct end *e, const struct atcp_sack_block *b)
{
	const struct atcp_range *r =
		atcp_range_find(&e->tcb.reassembly, b->start);

	return r && r->seq == b->start && r->end == b->end;
}

/*
 * RFC 2018 and, for the first of them, RFC 2883: below the acknowledgment, or
 * within the second block.
 */
static void check_sacks(struct world *w, struct end *e,
			const struct atcp_segment *seg)
{
	const struct atcp_sack_block *b = seg->sacks;
	u32 n;

	if (!(seg->options & ATCP_OPT_SACK))
		return;
	for (n = 1; n < seg->nr_sacks; n++)
		if (!is_held(e, &b[n]))
			world_wrong(w, "SACK block %u is not held", n);
	if (is_held(e, b))
		return;
	w->result->duplicates++;
	if (!seq_lt(b->start, b->end))
		world_wrong(w, "a duplicate of no octet");
	if (!seq_leq(b->end, seg->ack) &&
	    (seg->nr_sacks < 2 || seq_lt(b[0].start, b[1].start) ||
	     seq_gt(b[0].end, b[1].end)))
		world_wrong(w, "a duplicate outside of the second block");
	for (n = place(b->start, e->tcb.irs); n < place(b->end, e->tcb.irs);
	     n++)
		if (!e->have[n])
			world_wrong(w, "octet %u was no duplicate", n);
}

/* MUST-32: what is told is what is urgent, and further than the last time. */
void check_urgent(struct world *w, struct end *e,
		  const struct atcp_segment *seg)
{
	u32 up = place(e->tcb.rcv_up, e->tcb.irs) + 1;

	if (!(e->tcb.events & ATCP_EV_URGENT))
		return;
	if (up <= e->up)
		world_wrong(w, "told of octet %u after %u", up, e->up);
	if (seg->urg != U16_MAX && !peer_of(w, e)->urgent[up - 1])
		world_wrong(w, "told of octet %u, which is not urgent", up);
	e->up = up;
}

/* Only a probe exceeds what the peer has offered, and by one octet. */
void check_sent(struct world *w, struct end *e, const struct atcp_segment *seg)
{
	const struct end *peer = peer_of(w, e);
	u32 end = atcp_segment_end(seg);

	w->result->again += seg->again;
	if (!seg->len && seg->seq == e->tcb.snd_una - 1)
		w->result->probes++;
	check_pointer(w, e, seg);
	check_sacks(w, e, seg);
	if (!atcp_segment_space(seg) && !(seg->flags & ATCP_RST)) {
		if (!e->owed--)
			world_wrong(w, "an ACK that nothing accounts for");
	}
	if (peer->mode == CONNECTED && peer->tcb.state != ATCP_SYN_SENT &&
	    peer->tcb.state != ATCP_CLOSED && seg->len &&
	    seq_gt(end, peer->tcb.rcv_adv + 1))
		world_wrong(w, "sent %u octets beyond the window",
			    end - peer->tcb.rcv_adv);
	if (seg->len > e->tcb.burst)
		world_wrong(w, "more than a burst: %u", seg->len);
}
