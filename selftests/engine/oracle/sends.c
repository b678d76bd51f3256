// SPDX-License-Identifier: GPL-2.0
/* Each segment that the end sends: is it one that it may send? */
#include <string.h>
#include "model.h"

static bool has(const struct wire *seg, unsigned int flag)
{
	return seg->flags & flag;
}

static const struct exemption *exempt(const struct oracle *o, enum exempt e)
{
	return o->strict ? NULL : &exemptions[e];
}

/* RFC 9293 3.10.7.1, or the form of 3.10.5. */
static void check_reset(struct oracle *o, const struct wire *seg)
{
	const struct wire *in = &o->in;
	uint32_t nxt = o->send.iss + (uint32_t)o->send.nxt;
	uint32_t end =
		in->seq + in->len + has(in, FLAG_SYN) + has(in, FLAG_FIN);
	bool right;

	if (seg->len || has(seg, FLAG_SYN | FLAG_FIN))
		object(o, "a RST with text, SYN or FIN (RFC 9293 3.5.2)");
	if (o->may_reset && has(in, FLAG_RST)) {
		object(o, "a RST answers a RST (RFC 9293 3.10.7)");
		return;
	}
	if (o->may_reset) {
		right = has(in, FLAG_ACK) ?
				seg->seq == in->ack && !has(seg, FLAG_ACK) :
				seg->seq == 0 && has(seg, FLAG_ACK) &&
					seg->ack == end;
		if (right) {
			if (o->owed == OWED_RESET)
				o->owed = OWED_NOTHING;
			o->may_reset = false;
			return;
		}
		if (!o->aborts) {
			object(o,
			       "a RST with other numbers than the segment asks for (RFC 9293 3.10.7.1)");
			return;
		}
	}
	if (!o->aborts) {
		object(o, "a RST for no reason (RFC 9293 3.5.2)");
		return;
	}
	/* EXEMPT_SEQ_IN_WINDOW, EXEMPT_PROBE_WITHDRAWN */
	right = nxt - seg->seq <= (o->strict ? 0 : o->send.nxt - o->send.una);
	if (!right)
		object(o,
		       "a RST that does not start at SND.NXT (RFC 9293 3.10.5)");
	if (has(seg, FLAG_ACK) &&
	    seg->ack != o->receive.irs + (uint32_t)o->receive.nxt)
		object(o, "a RST with an ACK of %u (RFC 9293 3.10.5)",
		       seg->ack);
	o->aborts = false;
	if (o->owed == OWED_RESET)
		o->owed = OWED_NOTHING;
}

/* RFC 7323 2.2, 3.2, RFC 2018 2: a SYN-ACK has only what the SYN had. */
static void check_syn_options(struct oracle *o, const struct wire *seg)
{
	const struct wire_options *mine = &seg->option;
	const struct wire_options *theirs = &o->receive.syn;

	if (mine->wscale_there && mine->wscale > 14)
		object(o, "a window scale of %u (RFC 7323 2.3)", mine->wscale);
	if (mine->nr_blocks)
		object(o, "SACK blocks on a SYN (RFC 2018 3)");
	if (mine->ts && !has(seg, FLAG_ACK) && mine->tsecr)
		object(o, "TSecr on a SYN without an ACK (RFC 7323 3.2)");
	if (!has(seg, FLAG_ACK))
		return;
	if (mine->wscale_there && !theirs->wscale_there)
		object(o,
		       "a window scale that the SYN did not offer (RFC 7323 2.2)");
	if (mine->ts && !theirs->ts)
		object(o,
		       "timestamps that the SYN did not offer (RFC 7323 3.2)");
	if (mine->sack_ok && !theirs->sack_ok)
		object(o,
		       "SACK-permitted, which the SYN did not say (RFC 2018 2)");
}

static void check_same_syn(struct oracle *o, const struct wire *seg)
{
	struct sending *s = &o->send;

	if (!s->iss_known) {
		s->iss = seg->seq;
		s->iss_known = true;
		s->syn = seg->option;
		return;
	}
	if (seg->seq != s->iss)
		object(o, "a SYN with another ISS (RFC 9293 3.4.1)");
	if (seg->option.mss_there != s->syn.mss_there ||
	    seg->option.mss != s->syn.mss)
		object(o, "a SYN with another MSS (RFC 9293 3.7.1)");
	/* What the peer's SYN lacked is left out when it goes again. */
	if (seg->option.wscale_there && seg->option.wscale != s->syn.wscale)
		object(o, "a SYN with another window scale (RFC 7323 2.2)");
	s->syn = seg->option;
}

static void sends_syn(struct oracle *o, const struct wire *seg)
{
	struct sending *s = &o->send;
	bool answers = o->owed == OWED_SYN_ACK;
	bool ack = o->state == SYN_RECEIVED;

	if (o->state != SYN_SENT && o->state != SYN_RECEIVED) {
		object(o, "a SYN in this state (RFC 9293 3.10)");
		return;
	}
	if (has(seg, FLAG_ACK) != ack || has(seg, FLAG_FIN | FLAG_URG) ||
	    seg->len)
		object(o,
		       "a SYN with other flags, or with text (RFC 9293 3.5)");
	if (ack && seg->ack != o->receive.irs + 1)
		object(o,
		       "a SYN-ACK with an ACK of %u, not of %u (RFC 9293 3.5)",
		       seg->ack, o->receive.irs + 1);
	if (s->nxt && !answers && o->now - s->syn_us < RTO_SYN)
		object(o, "a SYN again after %llu us (RFC 6298 2.1)",
		       (unsigned long long)(o->now - s->syn_us));
	check_syn_options(o, seg);
	check_same_syn(o, seg);
	/* The timer runs from the OPEN on; an answer leaves it as it is. */
	if (!s->nxt) {
		flight_sends(o, 0, 1);
		s->syn_us = s->syn_us ? s->syn_us : o->now;
	} else if (s->nr_pieces) {
		s->pieces[0].sends++;
		s->pieces[0].last_us = o->now;
		s->tries++;
		s->syn_us = answers ? s->syn_us : o->now;
	}
	s->sent_us = o->now;
	/* RFC 7323 2.2: the window of a SYN is not scaled. */
	if (ack && 1 + seg->wnd < o->receive.edge)
		object(o, "a smaller window than the SYN's (RFC 9293 3.8.6)");
	o->receive.edge = most(o->receive.edge, ack + seg->wnd);
	if (answers || o->owed == OWED_ACK)
		o->owed = OWED_NOTHING;
}

static void check_options(struct oracle *o, const struct wire *seg)
{
	const struct wire_options *option = &seg->option;

	if (option->mss_there || option->wscale_there || option->sack_ok)
		object(o,
		       "an option of a SYN on another segment (RFC 9293 MUST-65, RFC 7323 2.2, RFC 2018 2)");
	if (option->ts != uses_timestamps(o))
		object(o,
		       option->ts ?
			       "timestamps, which not both SYNs have (RFC 7323 3.2)" :
			       "no timestamps, which both SYNs have (RFC 7323 3.2)");
	else if (option->ts && option->tsecr != o->receive.ts_recent)
		object(o, "TSecr is %u and TS.Recent %u (RFC 7323 4.3)",
		       option->tsecr, o->receive.ts_recent);
}

/* RFC 7323 5.4: a tick in 1 ms to 1 s. Two ticks may be cut at the ends. */
static void check_clock(struct oracle *o, uint32_t tsval)
{
	struct sending *s = &o->send;
	uint64_t ms = (o->now - s->ts_first_us) / MILLISECOND;
	uint32_t ticks = tsval - s->ts_first;

	if (!s->ts_there) {
		s->ts_there = true;
		s->ts_first = tsval;
		s->ts_first_us = o->now;
	} else if (tsval - s->tsval >= 0x80000000U) {
		object(o, "TSval goes back from %u to %u (RFC 7323 5.4)",
		       s->tsval, tsval);
	} else if (ms < 1ULL << 31 &&
		   (ticks > ms + 2 || ticks + 2 < ms / 1000)) {
		object(o, "%u ticks of TSval in %llu ms (RFC 7323 5.4)", ticks,
		       (unsigned long long)ms);
	}
	s->tsval = tsval;
}

/* RFC 9293 3.10.7.4: RCV.NXT, never more and never less. */
static void check_ack(struct oracle *o, const struct wire *seg)
{
	struct receiving *r = &o->receive;
	int64_t ack = position(seg->ack, r->irs, r->nxt);
	int64_t limit = receive_most(o);

	if (!has(seg, FLAG_ACK)) {
		object(o, "no ACK (RFC 9293 3.1)");
		return;
	}
	if (ack < r->nxt)
		object(o,
		       "it acknowledges up to %lld where %lld came in order (RFC 9293 3.10.7.4)",
		       (long long)ack, (long long)r->nxt);
	else if (ack > limit)
		object(o,
		       "it acknowledges up to %lld, and only %lld came in order (RFC 9293 3.10.7.4)",
		       (long long)ack, (long long)limit);
	else if (limit > r->nxt)
		receive_evidence(o, ack);
	blocks_sent(o, seg, ack);
	r->acked = ack;
	r->unacked = 0;
	if (o->owed == OWED_ACK || o->owed == OWED_SYN_ACK)
		o->owed = OWED_NOTHING;
}

/* RFC 9293 3.8.6, SHLD-14. */
static void check_window(struct oracle *o, const struct wire *seg)
{
	struct receiving *r = &o->receive;
	unsigned int shift = shift_of(o, &o->send.syn);
	int64_t edge = r->nxt + ((int64_t)seg->wnd << shift);
	int64_t slack = exempt(o, EXEMPT_ROUNDED_EDGE) ? (1 << shift) - 1 : 0;

	/* A FIN needs no room and moves RCV.NXT beyond the edge. */
	if (r->fin && r->nxt == r->fin + 1)
		r->edge = most(r->edge, r->nxt);
	if (edge < r->edge - slack)
		object(o,
		       "the window's right edge moves left by %lld octets (RFC 9293 3.8.6, SHLD-14)",
		       (long long)(r->edge - edge));
	r->edge = most(r->edge, edge);
}

/* RFC 9293 3.8.5: SND.UP, as far as 16 bits reach. */
static void check_urgent(struct oracle *o, const struct wire *seg, int64_t at)
{
	const struct sending *s = &o->send;
	int64_t ahead = s->up - at;

	if (has(seg, FLAG_URG) && (!s->up || ahead <= 0))
		object(o, "URG, and nothing is urgent (RFC 9293 3.8.5)");
	else if (has(seg, FLAG_URG) && seg->urg != least(ahead, 65535))
		object(o,
		       "the urgent pointer is %u, and the urgent data ends %lld octets ahead (RFC 9293 3.8.5, MUST-62)",
		       seg->urg, (long long)ahead);
	else if (!has(seg, FLAG_URG) && s->up && ahead > 0 && s->up > s->una &&
		 seg->len)
		object(o, "no URG, and urgent data is ahead (RFC 9293 3.8.5)");
}

/* RFC 9293 3.7.1, RFC 6691: options come out of the MSS. */
static void check_size(struct oracle *o, const struct wire *seg)
{
	int64_t mss = o->receive.syn.mss_there ? o->receive.syn.mss :
						 MSS_DEFAULT;

	if (mss < MSS_LEAST && exempt(o, EXEMPT_LEAST_MSS))
		mss = MSS_LEAST;
	if ((int64_t)(seg->len + seg->header - 20) > mss)
		object(o,
		       "%zu octets of text and %u of options exceed an MSS of %lld (RFC 9293 3.7.1, RFC 6691)",
		       seg->len, seg->header - 20, (long long)mss);
}

/* RFC 9293 3.8.6: new octets are in the window, but for one as a probe. */
static void check_room(struct oracle *o, int64_t end)
{
	const struct sending *s = &o->send;
	int64_t edge = s->una + s->wnd;
	bool probe = end == s->nxt + 1 && s->nxt >= edge;

	if (end <= s->nxt || end <= edge)
		return;
	if (!probe)
		object(o,
		       "new octets %lld beyond the window's right edge (RFC 9293 3.8.6)",
		       (long long)(end - edge));
	else if (s->una != s->nxt)
		object(o,
		       "a probe, though what is in flight is one (RFC 9293 3.8.6.1)");
	else if (o->now - (s->sent_us > s->progress_us ? s->sent_us :
							 s->progress_us) <
		 RTO_MIN_HERE)
		object(o,
		       "a probe before an RTO is over (RFC 9293 3.8.6.1, SHLD-29)");
}

/* What is sent again is what was sent first. */
static void check_octets(struct oracle *o, const struct wire *seg, int64_t at)
{
	struct sending *s = &o->send;
	int64_t known = least(at + seg->len, least(s->nxt, text_end(o)));
	int64_t from = most(at, s->una);

	if (at < s->una)
		object(o,
		       "octet %lld goes again, which is acknowledged (RFC 9293 3.8.1)",
		       (long long)at - 1);
	else if (known > from &&
		 memcmp(seg->text, octets_see(&s->text, from), known - from))
		object(o,
		       "octet %lld and on go again and are not what they were (RFC 9293 3.8.1)",
		       (long long)at - 1);
	else
		octets_put(&s->text, at, seg->text, seg->len);
}

/* Text and FIN: RFC 9293 3.10.2, 3.10.4. */
static void sends_text(struct oracle *o, const struct wire *seg, int64_t at)
{
	struct sending *s = &o->send;
	int64_t end = at + seg->len;

	if (!any_of(o->state, SENDING_STATES)) {
		object(o, "text or a FIN in this state (RFC 9293 3.10.2)");
		return;
	}
	if (at > s->nxt) {
		object(o, "octets %lld to %lld are left out (RFC 9293 3.4)",
		       (long long)s->nxt - 1, (long long)at - 2);
		return;
	}
	if (end > text_end(o)) {
		object(o,
		       "%lld octets more than the user has queued (RFC 9293 3.10.2)",
		       (long long)(end - text_end(o)));
		return;
	}
	if (has(seg, FLAG_FIN) && (!s->fin || end != s->fin)) {
		object(o,
		       s->fin ?
			       "a FIN that does not follow all text (RFC 9293 3.6)" :
			       "a FIN, and the user has not closed (RFC 9293 3.6)");
		return;
	}
	if (!seg->len && !has(seg, FLAG_FIN))
		return;
	if (seg->len && end == text_end(o) && !has(seg, FLAG_PSH))
		object(o,
		       "the last of what is queued is without PSH (RFC 9293 3.9.1.2, MUST-61)");
	if (has(seg, FLAG_PSH) && !seg->len)
		object(o, "PSH without text (RFC 9293 3.9.1.2)");
	check_size(o, seg);
	check_room(o, end + has(seg, FLAG_FIN));
	check_octets(o, seg, at);
	if (o->wrong[0])
		return;
	if (seg->len > s->largest)
		s->largest = seg->len;
	flight_sends(o, at, end + has(seg, FLAG_FIN));
}

/* Nothing but an ACK: SEG.SEQ is SND.NXT, 3.10.7.4. */
static void sends_ack(struct oracle *o, const struct wire *seg, int64_t at)
{
	struct sending *s = &o->send;
	int64_t edge = s->una + s->wnd;

	if (has(seg, FLAG_PSH))
		object(o, "PSH without text (RFC 9293 3.9.1.2)");
	/* RFC 9293 3.8.4: a keepalive probe. */
	if (at == s->nxt - 1 && at == s->una - 1 && o->owed == OWED_NOTHING &&
	    any_of(o->state, SENDING_STATES | BIT_OF(FIN_WAIT_2))) {
		s->keep_probes++;
		return;
	}
	if (!o->pure_acks--) {
		o->pure_acks = 0;
		object(o, "an ACK that nothing asks for (RFC 5681 4.2)");
	}
	if (at == s->nxt)
		return;
	if (at == edge && at < s->nxt && exempt(o, EXEMPT_SEQ_IN_WINDOW))
		return;
	if (at == s->una && at == s->nxt - 1 &&
	    exempt(o, EXEMPT_PROBE_WITHDRAWN))
		return;
	object(o, "an ACK from %lld, and SND.NXT is %lld (RFC 9293 3.10.7.4)",
	       (long long)at, (long long)s->nxt);
}

static void sends_other(struct oracle *o, const struct wire *seg)
{
	int64_t at = position(seg->seq, o->send.iss, o->send.nxt);

	if (any_of(o->state,
		   BIT_OF(CLOSED) | BIT_OF(LISTEN) | BIT_OF(SYN_SENT))) {
		object(o, "a segment in this state (RFC 9293 3.10.7)");
		return;
	}
	check_options(o, seg);
	if (seg->len || has(seg, FLAG_FIN))
		sends_text(o, seg, at);
	else
		sends_ack(o, seg, at);
	check_ack(o, seg);
	check_window(o, seg);
	check_urgent(o, seg, at);
}

/* The end sends a segment. */
void oracle_sends(struct oracle *o, const struct event *e)
{
	struct wire seg;

	if (!wire_read(&seg, e->octets, e->len)) {
		object(o, "what it sends cannot be read (RFC 9293 3.1)");
		return;
	}
	if (seg.reserved)
		object(o, "reserved bits are set (RFC 9293 3.1)");
	if (!o->sport) {
		o->sport = seg.sport;
		o->dport = seg.dport;
	}
	if (seg.sport != o->sport || seg.dport != o->dport)
		object(o, "other ports (RFC 9293 3.1)");
	if (has(&seg, FLAG_RST)) {
		check_reset(o, &seg);
		return;
	}
	if (seg.option.ts)
		check_clock(o, seg.option.tsval);
	if (has(&seg, FLAG_SYN))
		sends_syn(o, &seg);
	else
		sends_other(o, &seg);
}
