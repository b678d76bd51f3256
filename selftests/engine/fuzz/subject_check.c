// SPDX-License-Identifier: GPL-2.0
/* What must hold of a subject whatever happens to it. */
#include <stdio.h>
#include "congestion.h"
#include "seq.h"
#include "subject.h"
#include "verify.h"

static void put_flags(char *text, u8 flags)
{
	static const char names[] = "FSRP.U";
	unsigned int i;

	for (i = 0; names[i]; i++)
		if (flags & 1U << i)
			*text++ = names[i];
	*text = '\0';
}

/**
 * subject_text() - a segment in words
 * @seg: the segment
 *
 * Return: a string that is good until the next call.
 */
const char *subject_text(const struct atcp_segment *seg)
{
	static char text[300];
	char flags[8];
	unsigned int i;
	int n;

	put_flags(flags, seg->flags);
	n = sprintf(text, "%s seq %#x ack %#x len %u wnd %u", flags, seg->seq,
		    seg->ack, seg->len, seg->wnd);
	if (seg->options & ATCP_OPT_MSS)
		n += sprintf(text + n, " mss %u", seg->mss);
	if (seg->options & ATCP_OPT_WSCALE)
		n += sprintf(text + n, " wscale %u", seg->wscale);
	if (seg->options & ATCP_OPT_TS)
		n += sprintf(text + n, " ts %#x %#x", seg->tsval, seg->tsecr);
	for (i = 0; seg->options & ATCP_OPT_SACK && i < seg->nr_sacks; i++)
		n += sprintf(text + n, " sack %#x-%#x", seg->sacks[i].start,
			     seg->sacks[i].end);
	return text;
}

/**
 * subject_keep() - the engine says that octets are to be kept
 * @s: the subject
 * @start: first sequence number
 * @end: the one after the last
 */
void subject_keep(struct subject *s, u32 start, u32 end)
{
	struct subject_kept all = { start, end };
	unsigned int i, at = 0, n = 0;

	for (i = 0; i < s->nr_kept; i++) {
		struct subject_kept k = s->kept[i];

		if (seq_lt(k.end, start) || seq_gt(k.start, end)) {
			s->kept[n++] = k;
			continue;
		}
		all.start = seq_min(all.start, k.start);
		all.end = seq_max(all.end, k.end);
	}
	while (at < n && seq_lt(s->kept[at].start, all.start))
		at++;
	FUZZ_HOLDS(n < SUBJECT_KEPT);
	for (i = n; i > at; i--)
		s->kept[i] = s->kept[i - 1];
	s->kept[at] = all;
	s->nr_kept = n + 1;
}

/**
 * subject_pruned() - what is kept from a number on is thrown away
 * @s: the subject
 * @from: the number
 */
void subject_pruned(struct subject *s, u32 from)
{
	while (s->nr_kept && seq_geq(s->kept[s->nr_kept - 1].start, from))
		s->nr_kept--;
	if (s->nr_kept)
		s->kept[s->nr_kept - 1].end =
			seq_min(s->kept[s->nr_kept - 1].end, from);
}

/* All below RCV.NXT was kept, and of the rest the engine knows exactly. */
static void check_kept(struct subject *s)
{
	u32 nxt = subject_received(s), was = s->was.rcv_nxt;
	const struct atcp_range *r;
	unsigned int i;

	if (!subject_synchronised(s->tcb))
		return;
	if (subject_synchronised(&s->was) && nxt != s->was.rcv_nxt &&
	    !(s->was.use & ATCP_FIN_RECEIVED)) {
		FUZZ_HOLDS(s->nr_kept && seq_leq(s->kept[0].start, was));
		FUZZ_HOLDS(seq_geq(s->kept[0].end, nxt));
	}
	while (s->nr_kept && seq_leq(s->kept[0].end, nxt)) {
		s->nr_kept--;
		for (i = 0; i < s->nr_kept; i++)
			s->kept[i] = s->kept[i + 1];
	}
	r = atcp_range_first(&s->tcb->reassembly);
	for (i = 0; i < s->nr_kept; i++, r = atcp_range_next(r)) {
		FUZZ_HOLDS(r && r->seq == s->kept[i].start);
		FUZZ_HOLDS(r->end == s->kept[i].end);
	}
	FUZZ_HOLDS(!r);
}

/* Numbers that only grow. */
static void check_sequence(const struct subject *s)
{
	const struct atcp_tcb *tcb = s->tcb, *was = &s->was;

	if (was->state == ATCP_CLOSED || tcb->state == ATCP_CLOSED)
		return;
	FUZZ_HOLDS(tcb->iss == was->iss);
	FUZZ_HOLDS(seq_geq(tcb->snd_una, was->snd_una));
	FUZZ_HOLDS(seq_geq(tcb->snd_max, was->snd_max));
	FUZZ_HOLDS(seq_geq(tcb->write_seq, was->write_seq));
	FUZZ_HOLDS(tcb->cwnd <= ATCP_CWND_MAX);
	FUZZ_HOLDS(tcb->snd_wnd <= (u32)U16_MAX << ATCP_WSCALE_MAX);
	FUZZ_HOLDS(tcb->rcv_wscale <= ATCP_WSCALE_MAX);
	if (was->state == ATCP_SYN_SENT)
		return;
	FUZZ_HOLDS(tcb->irs == was->irs);
	FUZZ_HOLDS(seq_geq(tcb->rcv_nxt, was->rcv_nxt));
	FUZZ_HOLDS(seq_geq(tcb->rcv_adv, was->rcv_adv));
}

/* The moves that were noted lead from the state before to that after. */
static void check_states(const struct subject *s)
{
	const struct atcp_tcb *tcb = s->tcb;
	u8 state = s->was.state;
	unsigned int i;

	for (i = s->was.nr_transitions; i < tcb->nr_transitions; i++) {
		const struct atcp_transition *move = &tcb->transitions[i];

		fuzz_step("  %s -> %s (%s)", atcp_state_name(move->from),
			  atcp_state_name(move->to),
			  atcp_cause_name(move->cause));
		FUZZ_HOLDS(move->from == state);
		FUZZ_HOLDS(atcp_transition_legal(move->from, move->to,
						 move->cause));
		state = move->to;
	}
	FUZZ_HOLDS(state == tcb->state);
}

/* What the user is told is what happened. */
static void check_events(const struct subject *s)
{
	const struct atcp_tcb *tcb = s->tcb, *was = &s->was;
	u16 events = tcb->events & ~was->events;
	bool opening =
		atcp_state_in(was, ATCP_STATE_BIT(ATCP_SYN_SENT) |
					   ATCP_STATE_BIT(ATCP_SYN_RECEIVED));

	if (tcb->state == ATCP_CLOSED && was->state != ATCP_CLOSED)
		FUZZ_HOLDS(tcb->events & ATCP_EV_CLOSED);
	if (events & ATCP_EV_CLOSED)
		FUZZ_HOLDS(tcb->state == ATCP_CLOSED);
	if (events & ATCP_EV_TIME_WAIT)
		FUZZ_HOLDS(tcb->state == ATCP_TIME_WAIT);
	if (events & ATCP_EV_ESTABLISHED)
		FUZZ_HOLDS(opening);
	if (opening && subject_synchronised(tcb))
		FUZZ_HOLDS(events & ATCP_EV_ESTABLISHED);
	if (events & ATCP_EV_ERROR)
		FUZZ_HOLDS(tcb->error);
	if (tcb->error != was->error)
		FUZZ_HOLDS(tcb->events & ATCP_EV_ERROR);
	if ((tcb->use ^ was->use) & ATCP_FIN_RECEIVED)
		FUZZ_HOLDS(tcb->events & ATCP_EV_EOF);
	if (tcb->state != ATCP_CLOSED && was->state != ATCP_CLOSED &&
	    tcb->snd_una != was->snd_una)
		FUZZ_HOLDS(tcb->events & ATCP_EV_ACKED);
}

/**
 * subject_check() - after each call of the engine
 * @s: the subject, @s->was as it was before
 */
void subject_check(struct subject *s)
{
	const char *wrong = verify_tcb(s->tcb);

	if (wrong)
		fuzz_wrong("in %s: %s", atcp_state_name(s->tcb->state), wrong);
	if (verify_records(s->tcb) != s->records)
		fuzz_wrong("%u records of %u are left", verify_records(s->tcb),
			   s->records);
	check_states(s);
	check_sequence(s);
	check_events(s);
	check_kept(s);
}

/*
 * RFC 5961: what a synchronised connection does to a RST that is not exact, to
 * a SYN and to an impossible ACK: nothing but to answer.
 */
static void check_attack(const struct subject *s,
			 const struct atcp_segment *seg)
{
	const struct atcp_tcb *tcb = s->tcb, *was = &s->was;

	if (!subject_synchronised(was))
		return;
	if ((seg->flags & ATCP_RST) ?
		    seg->seq == was->rcv_nxt :
		    !(seg->flags & ATCP_SYN) && (seg->flags & ATCP_ACK) &&
			    seq_leq(seg->ack, was->snd_max))
		return;
	FUZZ_HOLDS(tcb->state == was->state && tcb->error == was->error);
	FUZZ_HOLDS(tcb->rcv_nxt == was->rcv_nxt);
	FUZZ_HOLDS(tcb->snd_una == was->snd_una);
	FUZZ_HOLDS(tcb->snd_wnd == was->snd_wnd);
}

/* What is to be kept came with the segment, is new and was invited. */
static void take_text(struct subject *s, const struct atcp_segment *seg,
		      const struct atcp_arrival *arrival)
{
	const struct atcp_tcb *tcb = s->tcb, *was = &s->was;
	u32 first = seg->seq + !!(seg->flags & ATCP_SYN);
	u32 edge = was->state == ATCP_SYN_SENT ? tcb->rcv_adv : was->rcv_adv;
	u32 nxt = was->state == ATCP_SYN_SENT ? tcb->irs + 1 : was->rcv_nxt;

	FUZZ_HOLDS(!s->no_room);
	FUZZ_HOLDS(seq_lt(arrival->start, arrival->end));
	FUZZ_HOLDS(seq_geq(arrival->start, first));
	FUZZ_HOLDS(arrival->end - first <= seg->len);
	FUZZ_HOLDS(seq_geq(arrival->start, nxt));
	FUZZ_HOLDS(seq_leq(arrival->end, edge));
	subject_keep(s, arrival->start, arrival->end);
}

/**
 * subject_check_arrival() - what the engine makes of a segment
 * @s: the subject, @s->was as it was before
 * @seg: the segment, as it came
 * @drop: what atcp_segment_arrives() returned
 * @arrival: what it filled in
 */
void subject_check_arrival(struct subject *s, const struct atcp_segment *seg,
			   enum atcp_drop drop,
			   const struct atcp_arrival *arrival)
{
	const struct atcp_tcb *tcb = s->tcb, *was = &s->was;

	FUZZ_HOLDS(drop < ATCP_DROP_COUNT);
	FUZZ_HOLDS(!drop || arrival->start == arrival->end);
	FUZZ_HOLDS(was->pool.count <=
		   tcb->pool.count +
			   (seg->nr_sacks ? ATCP_POOL_LOW : ATCP_POOL_PLAIN));
	check_attack(s, seg);
	/* One answer is enough. */
	FUZZ_HOLDS(!(arrival->reset && arrival->challenge));
	if (arrival->start != arrival->end)
		take_text(s, seg, arrival);
	/* Nothing comes after a FIN, whatever came before it. */
	if (tcb->fin_seq_known)
		subject_pruned(s, tcb->fin_seq);
	if (tcb->use & ATCP_FIN_RECEIVED)
		subject_pruned(s, subject_received(s));
}

static bool is_held(const struct atcp_tcb *tcb, const struct atcp_sack_block *b)
{
	const struct atcp_range *r =
		atcp_range_find(&tcb->reassembly, b->start);

	return r && r->seq == b->start && r->end == b->end;
}

/* RFC 2018 and, for the first block, RFC 2883. */
static void check_sacks(const struct subject *s, const struct atcp_segment *seg)
{
	const struct atcp_sack_block *b = seg->sacks;
	unsigned int i;

	if (!(seg->options & ATCP_OPT_SACK))
		return;
	FUZZ_HOLDS(s->tcb->use & ATCP_USE_SACK);
	FUZZ_HOLDS(seg->nr_sacks && seg->nr_sacks <= ATCP_SACK_MAX);
	FUZZ_HOLDS(seq_lt(b->start, b->end));
	for (i = 1; i < seg->nr_sacks; i++)
		FUZZ_HOLDS(is_held(s->tcb, &b[i]));
	if (!is_held(s->tcb, b))
		FUZZ_HOLDS(s->was.use & ATCP_DUPLICATE);
}

/* What stands in a segment was queued by the user, and fits. */
static void check_text(const struct subject *s, const struct atcp_segment *seg)
{
	const struct atcp_tcb *tcb = s->tcb, *was = &s->was;
	bool fin = seg->flags & ATCP_FIN;
	u32 end = atcp_segment_end(seg), data_end;

	data_end = tcb->write_seq - !!(tcb->use & ATCP_FIN_QUEUED);
	FUZZ_HOLDS(seq_geq(seg->seq, was->snd_una));
	FUZZ_HOLDS(seq_leq(end, tcb->snd_nxt));
	FUZZ_HOLDS(seq_leq(seg->seq + seg->len, data_end));
	if (fin)
		FUZZ_HOLDS(tcb->use & ATCP_FIN_QUEUED && end == tcb->write_seq);
	FUZZ_HOLDS(seg->cut && seg->len <= max(tcb->burst, seg->cut));
	if (!seg->again) {
		FUZZ_HOLDS(seg->seq == was->snd_nxt && end == tcb->snd_nxt);
		/* RFC 9293 3.8.6.1: beyond the window goes a probe at most. */
		FUZZ_HOLDS(seq_leq(end, was->snd_una + was->snd_wnd) ||
			   end - seg->seq == 1);
	}
	/* The path takes no more: RFC 6691. A probe asks whether it does. */
	if (!tcb->mtu.probe_size)
		FUZZ_HOLDS(seg->cut + atcp_segment_options_len(seg) <=
			   tcb->mss +
				   (tcb->use & ATCP_USE_TS ? ATCP_TS_LEN : 0));
}

/**
 * subject_check_sent() - a segment that atcp_next_segment() wants to be sent
 * @s: the subject, @s->was as it was before
 * @seg: the segment
 */
void subject_check_sent(struct subject *s, const struct atcp_segment *seg)
{
	const struct atcp_tcb *tcb = s->tcb;

	FUZZ_HOLDS(seg->sport == tcb->sport && seg->dport == tcb->dport);
	FUZZ_HOLDS(s->was.pool.count <= tcb->pool.count + ATCP_POOL_PLAIN);
	check_sacks(s, seg);
	if (seg->flags & ATCP_RST) {
		/* MUST not reset a reset. */
		FUZZ_HOLDS(!s->answers_rst);
		FUZZ_HOLDS(!seg->len && tcb->state == ATCP_CLOSED);
		return;
	}
	FUZZ_HOLDS(tcb->state != ATCP_CLOSED);
	if (seg->flags & ATCP_SYN) {
		FUZZ_HOLDS(seg->seq == tcb->iss && !seg->len);
		FUZZ_HOLDS(!subject_synchronised(tcb));
		return;
	}
	FUZZ_HOLDS(seg->flags & ATCP_ACK && seg->ack == tcb->rcv_nxt);
	FUZZ_HOLDS(tcb->rcv_acked == tcb->rcv_nxt && !tcb->ack_now);
	FUZZ_HOLDS(seq_leq(seg->ack + ((u32)seg->wnd << tcb->rcv_wscale),
			   tcb->rcv_adv));
	if (atcp_segment_space(seg))
		return check_text(s, seg);
	FUZZ_HOLDS(seq_leq(seg->seq, tcb->snd_max));
	/* A keepalive probe starts with what the peer has. */
	FUZZ_HOLDS(seq_geq(seg->seq,
			   tcb->snd_una -
				   !!(tcb->notes & 1U << ATCP_NOTE_KEEPALIVE)));
	if (tcb->snd_una == tcb->iss)
		FUZZ_HOLDS(seg->seq == tcb->snd_nxt);
}
