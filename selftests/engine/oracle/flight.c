// SPDX-License-Identifier: GPL-2.0
/*
 * What is in flight, and what may be sent again and when: RFC 6298 (time-outs),
 * RFC 5681 and 6582 (duplicate ACKs), RFC 6675 (SACK).
 *
 * Each piece has a number of grants, and each retransmission takes one. They
 * come from a time-out, from the start of a recovery, from what SACK says, and
 * from a router that finds it too big. Where a rule leaves room, the lenient
 * reading is taken: what is objected to is wrong in each of them.
 */
#include <stdlib.h>
#include <string.h>
#include "model.h"

#define DUP_THRESH 3

/* No SMSS is assumed to be larger, for IsLost(). */
#define SMSS_SMALL 512

static void insert(struct sending *s, size_t i, const struct piece *p)
{
	if (s->nr_pieces == s->room) {
		s->room = 2 * s->room + 16;
		s->pieces = realloc(s->pieces, s->room * sizeof(*p));
		if (!s->pieces)
			abort();
	}
	memmove(&s->pieces[i + 1], &s->pieces[i],
		(s->nr_pieces - i) * sizeof(*p));
	s->pieces[i] = *p;
	s->nr_pieces++;
}

/* No piece shall lie on both sides of @at. */
static void cut(struct sending *s, int64_t at)
{
	struct piece right;
	size_t i;

	for (i = 0; i < s->nr_pieces; i++) {
		if (s->pieces[i].start >= at || s->pieces[i].end <= at)
			continue;
		right = s->pieces[i];
		right.start = at;
		s->pieces[i].end = at;
		insert(s, i + 1, &right);
		return;
	}
}

static void grant(struct sending *s, unsigned int grants)
{
	size_t i;

	for (i = 0; i < s->nr_pieces; i++)
		if (s->pieces[i].grants < grants)
			s->pieces[i].grants = grants;
}

/* One for each piece before @end that had none in this recovery yet. */
static void grant_once(struct sending *s, int64_t end)
{
	size_t i;

	for (i = 0; i < s->nr_pieces; i++) {
		struct piece *p = &s->pieces[i];

		if (p->end > end || p->recovery == s->recoveries)
			continue;
		p->recovery = s->recoveries;
		p->grants++;
	}
}

/*
 * RFC 6675 section 4: IsLost() of SND.UNA, more than 2 * SMSS above are SACKed.
 * If anything is lost by that rule, then this is.
 */
static bool head_is_lost(const struct sending *s)
{
	int64_t smss = least(s->largest, SMSS_SMALL), above = 0;
	size_t i;

	for (i = 1; i < s->nr_pieces; i++)
		if (s->pieces[i].sacked)
			above += s->pieces[i].end - s->pieces[i].start;
	return above > (DUP_THRESH - 1) * smss;
}

/**
 * flight_acked() - SND.UNA moves
 * @o: the oracle
 * @ack: to here
 * @ts: the ACK has a timestamp that says what it answers
 */
void flight_acked(struct oracle *o, int64_t ack, bool ts)
{
	struct sending *s = &o->send;
	size_t gone = 0;

	cut(s, ack);
	while (gone < s->nr_pieces && s->pieces[gone].end <= ack) {
		const struct piece *p = &s->pieces[gone++];

		if (o->now - p->first_us > s->rtt_us)
			s->rtt_us = o->now - p->first_us;
		if (p->sends == 1 || ts)
			s->tries = 0;
	}
	s->nr_pieces -= gone;
	memmove(s->pieces, s->pieces + gone, s->nr_pieces * sizeof(*s->pieces));
	s->una = ack;
	s->progress_us = o->now;
	s->gap_us = 0;
	s->hints = 0;
	if (s->recover && ack >= s->recover)
		s->recover = 0;
	else if (s->recover && ack >= s->recover_least)
		s->unsure = true;
	s->unsure = s->unsure && s->recover;
	s->evident = s->evident && ack < s->evident_end;
	if (ack >= 1)
		octets_forget(&s->text, ack);
}

/*
 * RFC 6675 section 5, step 4; RFC 6582 section 3.2, step 2: what is in flight
 * now may go again once, by NextSeg()'s rules 1 and 3.
 */
static void start_recovery(struct sending *s)
{
	s->recover = s->nxt;
	s->recover_least = s->evident ? s->evident_nxt : s->nxt;
	s->recover_una = s->evident ? s->evident_una : s->una;
	s->evident = false;
	s->recoveries++;
	s->rescued = false;
	s->unsure = false;
	grant_once(s, s->nxt);
}

/* What lies below the highest SACKed octet, in a recovery: rules 1 and 3. */
static void below_sacked(struct sending *s)
{
	size_t i = s->nr_pieces;

	while (i > 0 && !s->pieces[i - 1].sacked)
		i--;
	if (i && (s->recover || s->evident))
		grant_once(s, s->pieces[i - 1].end);
}

/**
 * flight_evidence() - an ACK was taken in: does it tell of a loss?
 * @o: the oracle
 *
 * From here on a recovery may be on, even if there is nothing that it can send.
 */
void flight_evidence(struct oracle *o)
{
	struct sending *s = &o->send;

	if (s->hints < DUP_THRESH && !head_is_lost(s))
		return;
	s->doubt_end = s->nxt;
	if (s->recover && !s->unsure)
		return;
	if (!s->evident) {
		s->evident_una = s->una;
		s->evident_nxt = s->nxt;
	}
	s->evident = true;
	s->evident_end = s->nxt;
	below_sacked(s);
}

/**
 * flight_sacked() - the SACK blocks of an acceptable ACK
 * @o: the oracle
 * @seg: the segment
 */
void flight_sacked(struct oracle *o, const struct wire *seg)
{
	struct sending *s = &o->send;
	unsigned int n;
	size_t i;

	if (!uses_sack(o))
		return;
	for (n = 0; n < seg->option.nr_blocks; n++) {
		int64_t left = position(seg->option.left[n], s->iss, s->una);
		int64_t right = position(seg->option.right[n], s->iss, s->una);

		if (left <= s->una || left >= right || right > s->nxt)
			continue;
		cut(s, left);
		cut(s, right);
		for (i = 0; i < s->nr_pieces; i++)
			if (s->pieces[i].start >= left &&
			    s->pieces[i].end <= right)
				s->pieces[i].sacked = true;
	}
	below_sacked(s);
}

/**
 * flight_window() - the window may have opened: EXEMPT_PROBE_WITHDRAWN
 * @o: the oracle
 */
void flight_window(struct oracle *o)
{
	struct sending *s = &o->send;
	size_t i;

	for (i = 0; i < s->nr_pieces; i++) {
		struct piece *p = &s->pieces[i];

		if (!p->probe || o->strict || p->start >= s->una + s->wnd)
			continue;
		p->probe = false;
		p->grants++;
	}
}

/**
 * flight_too_big() - a router says so: RFC 1191 section 6.4
 * @o: the oracle
 */
void flight_too_big(struct oracle *o)
{
	grant(&o->send, 1);
}

/* RFC 6298 section 5: the timer ran from the last progress or time-out on. */
static uint64_t waited(const struct oracle *o)
{
	const struct sending *s = &o->send;
	uint64_t since = s->progress_us > s->timeout_us ? s->progress_us :
							  s->timeout_us;

	return o->now - since;
}

static uint64_t least_rto(const struct oracle *o)
{
	if (o->send.una == 0)
		return RTO_SYN;
	return o->strict ? RTO_MIN : RTO_MIN_HERE;
}

/*
 * All that is in flight at a time-out may go again.
 *
 * RFC 6298 5.5: the next time-out takes twice as long, if nothing was heard
 * since. Half as much again is asked for, since a timer may be late. Where the
 * head may go again in any case, it may have been no time-out.
 */
static void take_time_out(struct oracle *o, const struct piece *p)
{
	struct sending *s = &o->send;
	uint64_t gap = waited(o), want = s->gap_us + s->gap_us / 2;
	bool unsure = p->grants;

	start_recovery(s);
	s->rescued = true;
	s->unsure = unsure;
	grant(s, 1);
	if (unsure) {
		s->gap_us = 0;
		return;
	}
	if (p->last_us > s->progress_us && p->last_us != s->timeout_us)
		gap = 0;
	if (gap && s->gap_us && !s->heard && gap < want && gap < RTO_MAX / 2)
		object(o,
		       "a time-out after %llu us, the one before took %llu us (RFC 6298 5.5)",
		       (unsigned long long)gap, (unsigned long long)s->gap_us);
	/* RFC 6069: a router's word cut this wait short, the next may be full. */
	s->gap_us = s->reverted ? 0 : gap;
	s->reverted = false;
	s->heard = false;
	s->timeout_us = o->now;
}

/*
 * RFC 6675 section 4, NextSeg()'s rule 4: once in a recovery, after something
 * was acknowledged, the highest octets that are not SACKed.
 */
static void rescue(struct oracle *o, int64_t start, int64_t end)
{
	struct sending *s = &o->send;
	size_t last = s->nr_pieces;

	while (last > 0 && s->pieces[last - 1].sacked)
		last--;
	if (s->evident && (!s->recover || s->unsure))
		start_recovery(s);
	if (!last || s->pieces[last - 1].end != end || s->rescued ||
	    !uses_sack(o) || !s->recover || s->una <= s->recover_una)
		return;
	s->rescued = true;
	while (last > 0 && s->pieces[last - 1].start >= start)
		s->pieces[--last].grants++;
}

/*
 * Where one recovery follows another, which of them is on cannot be told from
 * outside, and so not what may go again in it: twice is believed.
 */
static bool may_be_doubted(const struct oracle *o, const struct piece *p)
{
	const struct sending *s = &o->send;

	return s->una < s->doubt_end && p->doubts < 2 &&
	       (uses_sack(o) || s->una > s->recover_una);
}

/* Something in flight goes again: is there a reason? */
static void send_again(struct oracle *o, struct piece *p)
{
	struct sending *s = &o->send;
	bool head = p->start == s->una;
	bool timed_out = waited(o) >= least_rto(o);

	if (head)
		s->tries++;
	if ((!s->recover || s->unsure) &&
	    ((head && s->hints >= DUP_THRESH) || head_is_lost(s)))
		start_recovery(s);
	if (head && timed_out)
		take_time_out(o, p);
	if (!p->grants && may_be_doubted(o, p)) {
		p->doubts++;
		p->grants++;
	}
	if (!p->grants) {
		object(o,
		       "octet %lld goes again %llu us after it was sent, and nothing says that it is lost (RFC 6298 2.4, RFC 5681 3.2, RFC 6675 4)",
		       (long long)p->start - 1,
		       (unsigned long long)(o->now - p->last_us));
		return;
	}
	p->grants--;
	p->sends++;
	p->last_us = o->now;
}

static bool lacks_grants(const struct sending *s, int64_t start, int64_t end)
{
	size_t i;

	for (i = 0; i < s->nr_pieces; i++)
		if (s->pieces[i].start >= start && s->pieces[i].end <= end &&
		    !s->pieces[i].grants)
			return true;
	return false;
}

/**
 * flight_sends() - positions are sent
 * @o: the oracle
 * @start: the first, no hole before it
 * @end: the one after the last
 */
void flight_sends(struct oracle *o, int64_t start, int64_t end)
{
	struct sending *s = &o->send;
	struct piece new;
	size_t i;

	if (s->una == s->nxt)
		s->progress_us = o->now;
	s->sent_us = o->now;
	cut(s, start);
	cut(s, end);
	if (lacks_grants(s, start, end))
		rescue(o, start, end);
	for (i = 0; i < s->nr_pieces; i++)
		if (s->pieces[i].start >= start && s->pieces[i].end <= end)
			send_again(o, &s->pieces[i]);
	if (end <= s->nxt)
		return;
	new = (struct piece){
		.start = most(start, s->nxt),
		.end = end,
		.first_us = o->now,
		.last_us = o->now,
		.sends = 1,
		.probe = end > s->una + s->wnd,
	};
	s->unprobed = new.probe;
	insert(s, s->nr_pieces, &new);
	s->nxt = end;
}

/*
 * How long nothing may be sent while something is in flight. An RTO is never
 * longer than a few times the longest RTT: SRTT is not, and RTTVAR is not. Ten
 * times, since the echo of a timestamp may be older than what it answers.
 */
static uint64_t longest_silence(const struct oracle *o)
{
	uint64_t rto = 10 * o->send.rtt_us;
	unsigned int i;

	if (rto < 3 * SECOND)
		rto = 3 * SECOND;
	for (i = 0; i < o->send.tries && rto < RTO_MAX; i++)
		rto *= 2;
	if (rto > RTO_MAX || !o->send.wnd)
		rto = RTO_MAX;
	return rto + SECOND;
}

/**
 * flight_silence() - time has passed: does it keep trying?
 * @o: the oracle
 */
void flight_silence(struct oracle *o)
{
	const struct sending *s = &o->send;
	uint64_t since = s->sent_us > s->progress_us ? s->sent_us :
						       s->progress_us;

	if (!any_of(o->state,
		    SENDING_STATES | BIT_OF(SYN_SENT) | BIT_OF(SYN_RECEIVED)))
		return;
	if (s->nr_pieces && o->now - since > longest_silence(o))
		object(o,
		       "octet %lld is in flight, and nothing was sent for %llu s (RFC 6298 5, RFC 9293 3.8.1)",
		       (long long)s->una - 1,
		       (unsigned long long)((o->now - since) / SECOND));
}

/**
 * flight_free() - forget all
 * @o: the oracle
 */
void flight_free(struct oracle *o)
{
	free(o->send.pieces);
}
