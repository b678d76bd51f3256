// SPDX-License-Identifier: GPL-2.0
/*
 * Target: two connections and, between them, an adversary who reads everything.
 * He may lose, hold back, repeat and reorder segments, and throw in his own that
 * RFC 5961 makes harmless. As long as he does no more, what one end delivers
 * was sent by the other, and in the end all of it arrives. Once he alters or
 * forges what an end has to believe, only each end's own rules count.
 *
 * Payload is not carried: an octet is its sequence number. What the engine may
 * send, and what it keeps, subject_check.c knows.
 */
#include <stdlib.h>
#include <string.h>
#include "seq.h"
#include "subject.h"

#define WIRE	  64
#define START_US  ATCP_USEC_PER_SEC
#define DELAY_US  (10 * ATCP_USEC_PER_MSEC)
#define STEPS_MAX 20000
#define END_BUF	  20000

/**
 * struct wire - segments on their way to one end
 * @seg: the oldest first
 * @nr: how many
 */
struct wire {
	struct atcp_segment seg[WIRE];
	unsigned int nr;
};

/**
 * struct duo - both ends
 * @end: they
 * @to: what is on its way to each
 * @tampered: the adversary did what nothing protects from
 * @aborted: an end gave up, as its user or its limits wanted
 */
struct duo {
	struct subject end[2];
	struct wire to[2];
	bool tampered;
	bool aborted;
};

static struct duo duo;

static void put(struct wire *w, const struct atcp_segment *seg)
{
	/* A full wire loses: what is lost comes again. */
	if (w->nr < WIRE)
		w->seg[w->nr++] = *seg;
}

/* What has left an end, as its peer's parser reads it: cut to the path. */
static void sends(struct subject *s, const struct atcp_segment *seg)
{
	struct wire *w = &duo.to[s == &duo.end[0]];
	struct atcp_segment cut = *seg;
	u32 left = seg->len;

	if (seg->flags & ATCP_RST)
		duo.aborted = true;
	cut.no_room = false;
	if (!(seg->flags & ATCP_ACK))
		cut.ack = 0;
	do {
		cut.len = seg->cut ? min(left, seg->cut) : left;
		left -= cut.len;
		cut.flags = seg->flags;
		if (left)
			cut.flags &= ~(ATCP_FIN | ATCP_PSH);
		put(w, &cut);
		cut.seq += cut.len;
	} while (left);
}

static void take(struct wire *w, unsigned int at)
{
	memmove(&w->seg[at], &w->seg[at + 1],
		(--w->nr - at) * sizeof(w->seg[0]));
}

/* The prefix of what was sent, no more: and no FIN that was not. */
static void check_delivered(const struct subject *s, const struct subject *peer)
{
	const struct atcp_tcb *tcb = s->tcb, *other = peer->tcb;

	if (duo.tampered || s->mode != SUBJECT_CONNECTED ||
	    peer->mode != SUBJECT_CONNECTED || other->state == ATCP_CLOSED ||
	    !subject_synchronised(tcb))
		return;
	FUZZ_HOLDS(tcb->irs == other->iss);
	FUZZ_HOLDS(seq_leq(tcb->rcv_nxt, other->snd_max));
	if (tcb->use & ATCP_FIN_RECEIVED)
		FUZZ_HOLDS(other->use & ATCP_FIN_QUEUED &&
			   tcb->rcv_nxt == other->write_seq);
	if (subject_synchronised(other) && other->irs == tcb->iss)
		FUZZ_HOLDS(seq_leq(other->snd_una, tcb->rcv_nxt));
}

static void check(void)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		check_delivered(&duo.end[i], &duo.end[!i]);
		if (duo.end[i].tcb->error)
			duo.aborted = true;
	}
}

static void arrives(unsigned int to, unsigned int at, bool stays)
{
	struct atcp_segment seg = duo.to[to].seg[at];

	if (!stays)
		take(&duo.to[to], at);
	fuzz_step("to %u:", to);
	subject_arrives(&duo.end[to], &seg);
	check();
}

/* Bits of a segment change on its way; the checksum would have told. */
static void alter(struct atcp_segment *seg, struct fuzz_input *in)
{
	switch (fuzz_below(in, 6)) {
	case 0:
		seg->seq += (s16)fuzz_u16(in);
		break;
	case 1:
		seg->ack += (s16)fuzz_u16(in);
		break;
	case 2:
		seg->wnd = fuzz_u16(in);
		break;
	case 3:
		seg->flags ^= 1 << fuzz_below(in, 6);
		break;
	case 4:
		seg->len = fuzz_u16(in) % 60000;
		break;
	default:
		seg->tsval += (s16)fuzz_u16(in);
	}
	/* Only a SYN has these: the parser would not read them. */
	if (!(seg->flags & ATCP_SYN))
		seg->options &= ATCP_OPT_TS | ATCP_OPT_SACK;
	duo.tampered = true;
}

/* RFC 5961: an inexact RST and a SYN do nothing to who is synchronised. */
static bool is_harmless(const struct subject *s, const struct atcp_segment *seg)
{
	return s->mode == SUBJECT_CONNECTED && subject_synchronised(s->tcb) &&
	       ((seg->flags & ATCP_RST) ?
			seg->seq != s->tcb->rcv_nxt :
			seg->flags & ATCP_SYN && !(seg->options & ATCP_OPT_TS));
}

static void forge(unsigned int to, struct fuzz_input *in)
{
	struct subject *s = &duo.end[to];
	struct atcp_segment seg;

	craft_segment(s, in, &seg);
	if (!is_harmless(s, &seg))
		duo.tampered = true;
	fuzz_step("forged, to %u:", to);
	subject_arrives(s, &seg);
	check();
}

static void clocks(u64 us)
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		duo.end[i].now += us;
	for (i = 0; i < 2; i++) {
		subject_time(&duo.end[i]);
		check();
	}
}

static u64 next_deadline(void)
{
	u64 a = subject_deadline(&duo.end[0]),
	    b = subject_deadline(&duo.end[1]);

	if (!a || !b)
		return a ?: b;
	return min(a, b);
}

static void time_passes(struct fuzz_input *in)
{
	u8 ms = fuzz_u8(in);
	u64 due = next_deadline(), now = duo.end[0].now;

	if (ms & 1)
		clocks(ms * ATCP_USEC_PER_MSEC);
	else
		clocks(due > now ? due - now : 0);
}

/* What an end's user and surroundings do; nobody starts another connection. */
static void acts(unsigned int who, struct fuzz_input *in)
{
	struct subject *s = &duo.end[who];
	u8 state = s->tcb->state;

	if (s->mode != SUBJECT_CONNECTED || state == ATCP_CLOSED)
		return;
	fuzz_step("end %u:", who);
	subject_user(s, in);
	/* ABORT, or CLOSE of what was never established. */
	if (s->tcb->state == ATCP_CLOSED && state != ATCP_CLOSED)
		duo.aborted = true;
	check();
}

static void step(struct fuzz_input *in)
{
	u8 what = fuzz_u8(in);
	unsigned int to = what & 1, at;
	struct wire *w = &duo.to[to];

	what = what / 2 % 16;
	if (what >= 13)
		return acts(to, in);
	if (what == 12)
		return time_passes(in);
	if (what == 11)
		return forge(to, in);
	if (!w->nr)
		return;
	at = what < 6 ? 0 : fuzz_u8(in) % w->nr;
	switch (what) {
	case 8:
		fuzz_step("one to %u is lost", to);
		take(w, at);
		break;
	case 9:
		arrives(to, at, true);
		break;
	case 10:
		alter(&w->seg[at], in);
		break;
	default:
		arrives(to, at, false);
	}
}

/* Everything that could make an end give up for lack of an answer. */
static void be_patient(struct subject *s)
{
	s->starving = false;
	s->no_room = false;
	s->unanswered = false;
	s->params = (struct atcp_params)ATCP_PARAMS_DEFAULT;
	s->params.syn_retries = 127;
	s->params.synack_retries = 255;
	s->params.retries2 = 255;
	s->params.orphan_retries = 255;
	s->params.fin_timeout = 30000;
	s->tcb->settings = (struct atcp_settings){ 0 };
	if (s->mode != SUBJECT_CONNECTED || s->tcb->state == ATCP_CLOSED)
		return;
	subject_begin(s, ATCP_POOL_PLAIN);
	atcp_user_keepalive(s->tcb, s->now);
	s->tcb->use &= ~(ATCP_CORK | ATCP_MORE);
	subject_settle(s);
}

/* The user reads what there is, and closes: first one way, then for good. */
static void finish_user(struct subject *s)
{
	if (s->mode != SUBJECT_CONNECTED || !subject_synchronised(s->tcb) ||
	    (s->tcb->use & ATCP_ORPHAN) ||
	    ((s->tcb->use & ATCP_FIN_QUEUED) &&
	     s->copied == subject_received(s) && s->tcb->rcv_buf == END_BUF))
		return;
	subject_begin(s, ATCP_POOL_PLAIN);
	s->copied = subject_received(s);
	s->tcb->rcv_buf = END_BUF;
	atcp_user_receive(s->tcb, subject_space(s), s->tcb->rcv_buf);
	if (!(s->tcb->use & ATCP_FIN_QUEUED))
		atcp_user_shutdown(s->tcb, s->now);
	subject_settle(s);
}

static bool is_over(const struct subject *s)
{
	return s->mode == SUBJECT_TIME_WAIT || s->mode == SUBJECT_LISTENS ||
	       (s->mode == SUBJECT_CONNECTED && s->tcb->state == ATCP_CLOSED);
}

/* The adversary has left: the link loses nothing any more. */
static void expect_end(void)
{
	unsigned int i, steps = 0;
	u64 due;

	for (i = 0; i < 2; i++)
		be_patient(&duo.end[i]);
	while (!(is_over(&duo.end[0]) && is_over(&duo.end[1]))) {
		if (++steps > STEPS_MAX)
			fuzz_wrong("they never end: %s and %s",
				   atcp_state_name(duo.end[0].tcb->state),
				   atcp_state_name(duo.end[1].tcb->state));
		finish_user(&duo.end[0]);
		finish_user(&duo.end[1]);
		check();
		if (duo.aborted)
			return;
		for (i = 0; i < 2; i++)
			if (duo.to[i].nr)
				break;
		if (i < 2) {
			clocks(DELAY_US);
			if (duo.to[i].nr)
				arrives(i, 0, false);
			continue;
		}
		due = next_deadline();
		if (!due)
			fuzz_wrong("both wait for the other");
		clocks(due > duo.end[0].now ? due - duo.end[0].now : 0);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	struct fuzz_input in = { data, len };
	unsigned int i;

	memset(&duo, 0, sizeof(duo));
	for (i = 0; i < 2; i++) {
		duo.end[i].now = START_US;
		duo.end[i].sends = sends;
		subject_start(&duo.end[i], &in);
	}
	duo.end[1].open.sport = duo.end[0].open.dport;
	duo.end[1].open.dport = duo.end[0].open.sport;
	subject_connect(&duo.end[0]);
	while (in.left)
		step(&in);
	if (!duo.tampered && !duo.aborted)
		expect_end();
	for (i = 0; i < 2; i++)
		subject_end(&duo.end[i]);
	return 0;
}
