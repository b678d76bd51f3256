// SPDX-License-Identifier: GPL-2.0
/* SEGMENT ARRIVES: RFC 9293 section 3.10.7, in its order. */
#include "model.h"

static bool has(const struct wire *seg, unsigned int flag)
{
	return seg->flags & flag;
}

/* RCV.NXT at most: with all that may be held. */
int64_t receive_most(const struct oracle *o)
{
	const struct receiving *r = &o->receive;
	int64_t at = runs_follow(&r->maybe, r->nxt);

	return r->fin && r->fin == at ? at + 1 : at;
}

static int64_t receive_least(const struct oracle *o)
{
	const struct receiving *r = &o->receive;
	int64_t at = runs_follow(&r->sure, r->nxt);

	return r->fin && r->fin_sure && r->fin == at ? at + 1 : at;
}

/* Eighth: RCV.NXT moved over the peer's FIN. */
static void fin_received(struct oracle *o)
{
	switch (o->state) {
	case ESTABLISHED:
		enter(o, CLOSE_WAIT);
		break;
	case FIN_WAIT_1:
		enter(o, CLOSING);
		break;
	case FIN_WAIT_2:
		enter(o, TIME_WAIT);
		break;
	default:
		return;
	}
	owe(o, OWED_ACK, 0, "the ACK of a FIN (RFC 9293 3.10.7.4, eighth)");
}

/* All before @at is held for certain. */
void receive_up_to(struct oracle *o, int64_t at)
{
	struct receiving *r = &o->receive;
	bool fin = r->fin && r->nxt <= r->fin && at > r->fin;

	r->nxt = at;
	runs_remove(&r->sure, 0, at);
	runs_remove(&r->maybe, 0, at);
	if (fin)
		fin_received(o);
}

/* The end says that RCV.NXT is here: what is next is not held, then. */
void receive_evidence(struct oracle *o, int64_t at)
{
	struct receiving *r = &o->receive;
	bool more = at < receive_most(o);

	receive_up_to(o, at);
	if (!more)
		return;
	runs_remove(&r->maybe, at, at + 1);
	if (r->fin == at)
		r->fin = 0;
}

/* RFC 9293 3.10.7.4, first: the table of four cases. */
static bool acceptable(const struct oracle *o, int64_t seq, int64_t len)
{
	int64_t nxt = o->receive.nxt, edge = o->receive.edge;

	if (!len)
		return nxt == edge ? seq == nxt : seq >= nxt && seq < edge;
	if (nxt == edge)
		return false;
	return (seq >= nxt && seq < edge) ||
	       (seq + len - 1 >= nxt && seq + len - 1 < edge);
}

static bool exempt_acceptable(const struct oracle *o, const struct wire *seg,
			      int64_t at, int64_t len)
{
	int64_t nxt = o->receive.nxt, edge = o->receive.edge;

	if (o->strict)
		return false;
	/* EXEMPT_AT_THE_EDGE: nothing, or a FIN; text in a closed window, of
	 * which nothing but the ACK is taken.
	 */
	if (at == edge && !has(seg, FLAG_RST) && (!seg->len || nxt == edge))
		return true;
	/* EXEMPT_WHOLE_WINDOW. */
	return at < nxt && at + len > edge && !has(seg, FLAG_RST);
}

/* RFC 7323 5.3, R1. */
static bool paws_rejects(const struct oracle *o, const struct wire *seg)
{
	uint32_t behind = o->receive.ts_recent - seg->option.tsval;

	return uses_timestamps(o) && seg->option.ts && !has(seg, FLAG_RST) &&
	       behind && behind < 0x80000000U &&
	       o->now - o->receive.ts_recent_us < PAWS_VALID;
}

/*
 * An ACK for all but RSTs. One that answers nothing but an ACK may be left out
 * (RFC 5961 section 7), and so may a request's second one.
 */
static void unacceptable(struct oracle *o, const struct wire *seg, int64_t at)
{
	bool small = o->state == SYN_RECEIVED && o->passive;

	if (has(seg, FLAG_RST))
		return;
	if (seg->len)
		blocks_duplicate(o, at, at + seg->len);
	if (seg->len || (has(seg, FLAG_FIN) && !small))
		owe(o, OWED_ACK, 0,
		    "the ACK that answers an unacceptable segment (RFC 9293 3.10.7.4, first)");
}

/* RFC 7323 4.3. */
static void take_timestamp(struct oracle *o, const struct wire *seg, int64_t at)
{
	/* EXEMPT_TS_OF_BAD_ACK */
	if (o->state == SYN_RECEIVED && o->passive && !o->strict &&
	    seg->ack != o->send.iss + 1)
		return;
	if (!uses_timestamps(o) || !seg->option.ts || at > o->receive.acked)
		return;
	o->receive.ts_recent = seg->option.tsval;
	o->receive.ts_recent_us = o->now;
}

/* Second: RFC 5961 section 3.2, and RFC 1337 in TIME-WAIT. */
static void reset_arrives(struct oracle *o, int64_t at)
{
	if (o->state == TIME_WAIT && !o->strict)
		return;
	if (at != o->receive.nxt) {
		/* What the end has may be more than is certain. */
		o->may_close = at > o->receive.nxt && at <= receive_most(o);
		return;
	}
	if (receive_most(o) > o->receive.nxt) {
		o->may_close = true;
		return;
	}
	if (o->state == SYN_RECEIVED && o->passive)
		enter(o, LISTEN);
	else
		enter(o, CLOSED);
}

static void must_reset(struct oracle *o, const char *why)
{
	o->may_reset = true;
	owe(o, OWED_RESET, 0, why);
}

/* SND.WND: section 3.10.7.4, fifth. */
static void take_window(struct oracle *o, const struct wire *seg, int64_t at,
			int64_t ack)
{
	struct sending *s = &o->send;
	bool newer = s->wl1 < at || (s->wl1 == at && s->wl2 <= ack);

	/* EXEMPT_WINDOW_BY_ACK */
	if (!newer && (o->strict || ack == s->una))
		return;
	if (ack < s->una)
		return;
	s->wnd = (int64_t)seg->wnd << shift_of(o, &o->receive.syn);
	s->wl1 = most(s->wl1, at);
	s->wl2 = ack;
	s->wnd_max = most(s->wnd_max, s->wnd);
	s->edge_max = most(s->edge_max, ack + s->wnd);
}

static void fin_acked(struct oracle *o)
{
	switch (o->state) {
	case FIN_WAIT_1:
		enter(o, FIN_WAIT_2);
		break;
	case CLOSING:
		enter(o, TIME_WAIT);
		break;
	case LAST_ACK:
		enter(o, CLOSED);
		break;
	default:
		break;
	}
}

static void take_ack(struct oracle *o, const struct wire *seg, int64_t at,
		     int64_t ack)
{
	struct sending *s = &o->send;
	bool fin_was_out = s->fin && s->una <= s->fin;

	if (!has(seg, FLAG_SYN))
		take_window(o, seg, at, ack);
	if (ack > s->una)
		flight_acked(o, ack, seg->option.ts && seg->option.tsecr);
	else if (ack == s->una && s->nxt > s->una)
		s->hints++;
	flight_sacked(o, seg);
	flight_evidence(o);
	flight_window(o);
	if (fin_was_out && s->una > s->fin)
		fin_acked(o);
}

/* Fifth. Returns true to go on. */
static bool check_ack(struct oracle *o, const struct wire *seg, int64_t at)
{
	struct sending *s = &o->send;
	int64_t ack = position(seg->ack, s->iss, s->una);

	if (!has(seg, FLAG_ACK))
		return false;
	if (o->state == SYN_RECEIVED) {
		if (ack <= s->una || ack > s->nxt) {
			must_reset(o,
				   "the RST for an unacceptable ACK (RFC 9293 3.10.7.4, fifth)");
			return false;
		}
		s->wnd = (int64_t)seg->wnd << shift_of(o, &o->receive.syn);
		s->wnd_max = s->wnd;
		s->edge_max = ack + s->wnd;
		s->wl1 = at;
		s->wl2 = ack;
		enter(o, ESTABLISHED);
		take_ack(o, seg, at, ack);
		if (s->fin)
			enter(o, FIN_WAIT_1);
		return true;
	}
	/* RFC 5961 section 5.2: answered by an ACK, which may be left out. */
	if (ack > s->nxt || ack < s->una - s->wnd_max)
		return false;
	take_ack(o, seg, at, ack);
	return o->state != CLOSED;
}

/* RFC 9293 3.6.1, SHLD-3: text for a user who does not read any more. */
static bool nobody_reads(const struct oracle *o)
{
	return o->orphan ||
	       (o->deaf &&
		any_of(o->state, BIT_OF(FIN_WAIT_1) | BIT_OF(FIN_WAIT_2)));
}

/* The octets themselves; of those held already the first version may stay. */
static void keep_octets(struct oracle *o, const uint8_t *octet, int64_t start,
			int64_t end)
{
	struct receiving *r = &o->receive;
	int64_t at;

	for (at = start; at < end && runs_touch(&r->maybe, start, end); at++)
		if (runs_touch(&r->maybe, at, at + 1) &&
		    *octets_see(&r->text, at) != octet[at - start])
			runs_add(&r->doubtful, at, at + 1);
	octets_put(&r->text, start, octet, end - start);
}

/* When to acknowledge text: RFC 9293 3.8.6.3, RFC 5681 4.2. */
static void owe_for_text(struct oracle *o, int64_t advanced, bool hole)
{
	int64_t full = o->send.syn.mss_there ? o->send.syn.mss : MSS_DEFAULT;

	if (uses_timestamps(o))
		full -= 12;
	o->receive.unacked += advanced;
	if (hole)
		owe(o, OWED_ACK, 0,
		    "the ACK at once for what is above a hole or fills it (RFC 5681 4.2)");
	else if (o->receive.unacked >= 2 * full)
		owe(o, OWED_ACK, 0,
		    "the ACK for every second full segment (RFC 9293 3.8.6.3, SHLD-19)");
	else if (advanced)
		owe(o, OWED_ACK, DELACK_MAX,
		    "the ACK within 500 ms (RFC 9293 3.8.6.3, MUST-40)");
}

static void take_text(struct oracle *o, const struct wire *seg, int64_t at)
{
	struct receiving *r = &o->receive;
	int64_t start = most(at, r->nxt), end = at + seg->len, was = r->nxt;
	bool fin = has(seg, FLAG_FIN), hole = r->sure.nr, above;

	/* The window, and what it was offered before, is what is taken. */
	if (end > r->edge || (fin && seg->len && end + 1 > r->edge)) {
		end = least(end, r->edge);
		fin = false;
	}
	if (at < end)
		blocks_duplicate(o, at, end);
	if (fin && (!r->fin || !r->fin_sure)) {
		r->fin = at + seg->len;
		r->fin_sure = !o->no_room && r->fin < r->edge;
	}
	if (start < end) {
		keep_octets(o, seg->text + (start - at), start, end);
		runs_add(&r->maybe, start, end);
		if (!o->no_room)
			runs_add(&r->sure, start, end);
	}
	above = start < end && start > r->nxt && !o->no_room;
	if (above)
		r->last = (struct run){ start, end };
	else if (start < end)
		r->last = (struct run){ 0, 0 };
	if (receive_least(o) > r->nxt)
		receive_up_to(o, receive_least(o));
	if (o->no_room)
		return;
	was = least(r->nxt, r->fin ? r->fin : r->nxt) - was;
	owe_for_text(o, was, above || (was > 0 && hole));
}

/* Seventh and eighth. */
static void check_text(struct oracle *o, const struct wire *seg, int64_t at)
{
	if (!any_of(o->state, RECEIVING_STATES) ||
	    (!seg->len && !has(seg, FLAG_FIN)))
		return;
	if (seg->len && nobody_reads(o) &&
	    at + (int64_t)seg->len > o->receive.nxt) {
		enter(o, CLOSED);
		o->aborts = true;
		must_reset(o,
			   "the RST for text after CLOSE (RFC 9293 3.6.1, SHLD-3)");
		return;
	}
	take_text(o, seg, at);
}

/* RFC 9293 3.6.1, RFC 6191: a SYN newer than all of the old connection. */
static bool newer_syn(const struct oracle *o, const struct wire *seg,
		      int64_t at)
{
	uint32_t ahead = seg->option.tsval - o->receive.ts_recent;

	return (seg->flags & ~FLAG_PSH & ~FLAG_URG) == FLAG_SYN &&
	       (at > o->receive.nxt ||
		(seg->option.ts && ahead && ahead < 0x80000000U));
}

static void time_wait_arrives(struct oracle *o, const struct wire *seg,
			      int64_t at)
{
	if (has(seg, FLAG_RST)) {
		reset_arrives(o, at);
		return;
	}
	if (newer_syn(o, seg, at)) {
		o->may_close = true;
		return;
	}
	/* The peer's FIN again: the 2 MSL start anew. */
	if (has(seg, FLAG_FIN) && !has(seg, FLAG_SYN) &&
	    at + (int64_t)seg->len + 1 == o->receive.nxt)
		o->time_wait_us = o->now;
	if (seg->len || has(seg, FLAG_FIN))
		owe(o, OWED_ACK, 0,
		    "TIME-WAIT acknowledges the FIN again (RFC 9293 3.10.7.4, eighth)");
}

/* The peer's SYN in SYN-RECEIVED; true if that is all. */
static bool syn_again(struct oracle *o, struct wire *seg, int64_t *at)
{
	if (o->state != SYN_RECEIVED || *at != 0 || !has(seg, FLAG_SYN) ||
	    has(seg, FLAG_RST) || o->strict)
		return false;
	if (!has(seg, FLAG_ACK)) {
		owe(o, OWED_SYN_ACK, 0,
		    "the SYN-ACK for a SYN that came again (RFC 9293 3.10.7.4, first)");
		return true;
	}
	/* EXEMPT_SYN_ACK_IS_AN_ACK; a SYN's window is not scaled. */
	if (!o->passive) {
		seg->flags &= ~FLAG_SYN;
		seg->wnd >>= shift_of(o, &o->receive.syn);
		*at = 1;
	}
	return false;
}

static void synchronised(struct oracle *o, struct wire *seg)
{
	int64_t at = position(seg->seq, o->receive.irs, o->receive.nxt);
	int64_t len = seg->len + has(seg, FLAG_SYN) + has(seg, FLAG_FIN);

	if (o->state == TIME_WAIT) {
		time_wait_arrives(o, seg, at);
		return;
	}
	if (syn_again(o, seg, &at))
		return;
	len = seg->len + has(seg, FLAG_SYN) + has(seg, FLAG_FIN);
	if (uses_timestamps(o) && !seg->option.ts && o->strict &&
	    !has(seg, FLAG_RST))
		return;
	if (paws_rejects(o, seg) ||
	    (!acceptable(o, at, len) && !exempt_acceptable(o, seg, at, len))) {
		unacceptable(o, seg, at);
		return;
	}
	if (has(seg, FLAG_RST)) {
		reset_arrives(o, at);
		return;
	}
	/* Fourth: RFC 5961 section 4.2, an ACK, which may be left out. */
	if (has(seg, FLAG_SYN)) {
		if (o->strict && o->state == SYN_RECEIVED && o->passive)
			enter(o, LISTEN);
		return;
	}
	take_timestamp(o, seg, at);
	if (check_ack(o, seg, at))
		check_text(o, seg, at);
}

/* The peer's SYN, wherever it is taken. */
static void take_syn(struct oracle *o, const struct wire *seg)
{
	struct receiving *r = &o->receive;

	r->irs = seg->seq;
	r->irs_known = true;
	r->syn = seg->option;
	r->nxt = 1;
	r->acked = 1;
	r->ts_recent = seg->option.tsval;
	r->ts_recent_us = o->now;
	o->send.wnd = seg->wnd;
	o->send.wnd_max = seg->wnd;
	o->send.edge_max = seg->wnd;
}

/* Section 3.10.7.2. */
static void listen_arrives(struct oracle *o, const struct wire *seg)
{
	if (has(seg, FLAG_RST))
		return;
	if (has(seg, FLAG_ACK)) {
		must_reset(o,
			   "the RST for an ACK in LISTEN (RFC 9293 3.10.7.2)");
		return;
	}
	if (!has(seg, FLAG_SYN) || (has(seg, FLAG_FIN) && !o->strict))
		return;
	take_syn(o, seg);
	enter(o, SYN_RECEIVED);
	owe(o, OWED_SYN_ACK, 0, "the SYN-ACK for a SYN (RFC 9293 3.10.7.2)");
}

/* Section 3.10.7.3. */
static void syn_sent_arrives(struct oracle *o, const struct wire *seg)
{
	struct sending *s = &o->send;
	int64_t ack = position(seg->ack, s->iss, s->una);

	if (has(seg, FLAG_ACK) && (ack <= 0 || ack > s->nxt)) {
		if (!has(seg, FLAG_RST))
			must_reset(o,
				   "the RST for an unacceptable ACK (RFC 9293 3.10.7.3)");
		return;
	}
	if (has(seg, FLAG_RST)) {
		if (has(seg, FLAG_ACK))
			enter(o, CLOSED);
		return;
	}
	if (!has(seg, FLAG_SYN))
		return;
	take_syn(o, seg);
	/* What our SYN offered, from where the peer's text begins. */
	o->receive.edge++;
	if (!has(seg, FLAG_ACK)) {
		enter(o, SYN_RECEIVED);
		owe(o, OWED_SYN_ACK, 0,
		    "the SYN-ACK of a simultaneous open (RFC 9293 3.10.7.3)");
		return;
	}
	enter(o, ESTABLISHED);
	owe(o, OWED_ACK, 0, "the ACK for a SYN-ACK (RFC 9293 3.10.7.3)");
	take_ack(o, seg, 0, ack);
	s->edge_max = most(s->edge_max, s->una + s->wnd);
	check_text(o, seg, 1);
}

/* Section 3.10.7. */
void oracle_arrives(struct oracle *o, const struct event *e)
{
	struct wire seg;

	/* What cannot be read is dropped before it gets here: MUST-7. */
	if (!wire_read(&seg, e->octets, e->len))
		return;
	o->in = seg;
	/* The octets are the caller's, and gone when this returns. */
	o->in.text = NULL;
	o->pure_acks++;
	o->send.heard = true;
	o->send.unprobed = false;
	o->send.keep_probes = 0;
	switch (o->state) {
	case CLOSED:
		o->may_reset = true;
		break;
	case LISTEN:
		listen_arrives(o, &seg);
		break;
	case SYN_SENT:
		syn_sent_arrives(o, &seg);
		break;
	default:
		synchronised(o, &seg);
	}
}
