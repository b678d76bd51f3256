// SPDX-License-Identifier: GPL-2.0
/* The kernel's part in a connection's life: see subject.h. */
#include <stdlib.h>
#include "seq.h"
#include "subject.h"
#include "syncookie.h"
#include "verify.h"

/* Far more segments than SUBJECT_SEND_MAX octets can make. */
#define SEGMENTS_MAX 20000

static const struct atcp_cookie_key key = { 0x12345678, 0x9abcdef0 };

/* Each record is an allocation of its own, so that ASan knows its bounds. */
static void set_pool(struct subject *s, unsigned int n)
{
	struct atcp_pool *pool = &s->tcb->pool;

	while (pool->count < n) {
		atcp_pool_put(pool, malloc(sizeof(struct atcp_range)));
		s->records++;
	}
	while (pool->count > n) {
		free(atcp_pool_get(pool));
		s->records--;
	}
}

/**
 * subject_begin() - the engine is about to be called
 * @s: the subject
 * @records: as many as it may take
 */
void subject_begin(struct subject *s, unsigned int records)
{
	set_pool(s, s->starving ? s->pool : records);
	s->was = *s->tcb;
}

static void send(struct subject *s, const struct atcp_segment *seg)
{
	u8 header[ATCP_HEADER_MAX];

	FUZZ_HOLDS(atcp_segment_options_len(seg) <=
		   ATCP_HEADER_MAX - ATCP_HEADER_MIN);
	atcp_segment_build(seg, header);
	fuzz_step("  sends %s", subject_text(seg));
	if (s->sends)
		s->sends(s, seg);
}

static void send_reset(struct subject *s, const struct atcp_segment *seg)
{
	struct atcp_segment rst;

	if (atcp_segment_reset(seg, &rst))
		send(s, &rst);
}

/* The connection is over or in TIME-WAIT: what is left of it. */
static void end_of_tcb(struct subject *s)
{
	if (s->tcb->state == ATCP_TIME_WAIT) {
		atcp_timewait_init(&s->tw, s->tcb, s->now);
		atcp_tcb_hand_over(s->tcb);
		s->mode = SUBJECT_TIME_WAIT;
	}
	if (s->tcb->state == ATCP_CLOSED)
		s->nr_kept = 0;
}

/**
 * subject_settle() - after a call: look at what happened, send, and go on
 * @s: the subject
 */
void subject_settle(struct subject *s)
{
	unsigned int most = SEGMENTS_MAX;
	struct atcp_segment seg;
	const char *wrong;

	subject_check(s);
	atcp_take_events(s->tcb);
	atcp_take_notes(s->tcb);
	s->tcb->nr_transitions = 0;
	for (;;) {
		subject_begin(s, ATCP_POOL_PLAIN);
		if (!atcp_next_segment(s->tcb, s->now, &seg))
			break;
		subject_check_sent(s, &seg);
		subject_check(s);
		send(s, &seg);
		if (!--most)
			fuzz_wrong("there is no end to what it sends");
	}
	subject_check(s);
	wrong = verify_quiet(s->tcb);
	if (wrong)
		fuzz_wrong("quiet in %s: %s", atcp_state_name(s->tcb->state),
			   wrong);
	end_of_tcb(s);
}

static void tcb_arrives(struct subject *s, const struct atcp_segment *seg)
{
	struct atcp_segment copy = *seg;
	struct atcp_arrival arrival;
	enum atcp_drop drop;

	copy.no_room = seg->len && s->no_room;
	subject_begin(s, seg->nr_sacks ? ATCP_POOL_LOW : ATCP_POOL_PLAIN);
	drop = atcp_segment_arrives(s->tcb, &copy, s->now, &arrival);
	fuzz_step("  in %s: drop %u, keep %u", atcp_state_name(s->tcb->state),
		  drop, arrival.end - arrival.start);
	if (s->tcb->events & ATCP_EV_ESTABLISHED)
		s->copied = s->tcb->irs + 1;
	subject_check_arrival(s, seg, drop, &arrival);
	if (arrival.reset)
		send_reset(s, seg);
	if (arrival.challenge && !s->unanswered)
		atcp_challenge_ack(s->tcb);
	s->tcb->rcv_space = subject_space(s);
	s->answers_rst = (seg->flags & ATCP_RST) && !s->was.reset_pending;
	subject_settle(s);
	s->answers_rst = false;
}

/* A listener's child, its listener's settings copied. */
static void promote(struct subject *s, const struct atcp_segment *seg)
{
	struct atcp_settings settings = s->tcb->settings;
	struct atcp_pool pool = s->tcb->pool;

	atcp_tcb_init(s->tcb, &s->params);
	s->tcb->pool = pool;
	s->tcb->settings = settings;
	set_pool(s, s->starving ? max(s->pool, 1U) : ATCP_POOL_PLAIN);
	atcp_request_promote(&s->request, s->tcb, s->now);
	atcp_tcb_burst(s->tcb, 4 * s->tcb->mss);
	s->mode = SUBJECT_CONNECTED;
	s->nr_kept = 0;
	s->copied = s->tcb->irs + 1;
	tcb_arrives(s, seg);
	/* Whatever the segment was: its ACK had been looked at. */
	FUZZ_HOLDS(s->mode != SUBJECT_CONNECTED ||
		   s->tcb->state != ATCP_SYN_RECEIVED);
}

static void send_request(struct subject *s, bool syn)
{
	struct atcp_segment out;

	if (syn)
		atcp_request_syn_ack(&s->request, s->now, &out);
	else
		atcp_request_ack(&s->request, s->now, &out);
	send(s, &out);
}

static void request_arrives(struct subject *s, const struct atcp_segment *seg)
{
	enum atcp_request_verdict verdict;
	enum atcp_drop drop;

	verdict = atcp_request_arrives(&s->request, seg, &drop);
	fuzz_step("  request: verdict %u, drop %u", verdict, drop);
	switch (verdict) {
	case ATCP_REQUEST_RESET:
		FUZZ_HOLDS(!(seg->flags & ATCP_RST));
		send_reset(s, seg);
		break;
	case ATCP_REQUEST_SYN_ACK:
	case ATCP_REQUEST_ACK:
		send_request(s, verdict == ATCP_REQUEST_SYN_ACK);
		break;
	case ATCP_REQUEST_ESTABLISH:
		FUZZ_HOLDS(seg->ack == s->request.open.iss + 1);
		promote(s, seg);
		break;
	case ATCP_REQUEST_CLOSE:
		/* RFC 5961 3.2: by an exact RST only. */
		FUZZ_HOLDS((seg->flags & ATCP_RST) &&
			   seg->seq == s->request.irs + 1);
		s->mode = SUBJECT_LISTENS;
		break;
	default:
		FUZZ_HOLDS(verdict == ATCP_REQUEST_DROP && drop);
	}
}

static u32 minute(const struct subject *s)
{
	return s->now / (60 * ATCP_USEC_PER_SEC);
}

static void send_cookie(struct subject *s, const struct atcp_segment *syn)
{
	struct atcp_open open = s->open;
	struct atcp_segment out;
	u16 mss = syn->options & ATCP_OPT_MSS ? syn->mss : ATCP_MSS_DEFAULT;

	open.iss = atcp_cookie_make(&key, minute(s), syn->seq,
				    atcp_cookie_mss_index(mss, true));
	atcp_cookie_syn_ack(&open, &s->params, syn, s->now, &out);
	send(s, &out);
}

static void cookie_arrives(struct subject *s, const struct atcp_segment *seg)
{
	struct atcp_open open = s->open;
	struct atcp_segment ack = *seg;
	u16 mss;

	open.iss = seg->ack - 1;
	if (!s->cookies || (seg->flags & ATCP_SYN) ||
	    atcp_cookie_age(open.iss, key.identity, minute(s), seg->seq - 1) <
		    0)
		return send_reset(s, seg);
	mss = atcp_cookie_mss(open.iss, &key, seg->seq - 1, true);
	if (!mss || !atcp_cookie_request(&s->request, &open, &s->params, seg,
					 mss, s->now))
		return send_reset(s, seg);
	ack.tsecr = 0;
	promote(s, &ack);
}

static void listen_arrives(struct subject *s, const struct atcp_segment *seg)
{
	enum atcp_listen_verdict verdict;
	enum atcp_drop drop;

	verdict = atcp_listen_arrives(seg, &drop);
	fuzz_step("  listener: verdict %u", verdict);
	switch (verdict) {
	case ATCP_LISTEN_OPEN:
		if (s->cookies)
			return send_cookie(s, seg);
		s->open.iss = s->iss;
		atcp_request_init(&s->request, &s->open, &s->params, seg,
				  s->now);
		s->mode = SUBJECT_REQUESTED;
		send_request(s, true);
		break;
	case ATCP_LISTEN_RESET:
		FUZZ_HOLDS(!(seg->flags & ATCP_RST));
		cookie_arrives(s, seg);
		break;
	default:
		FUZZ_HOLDS(drop);
	}
}

static void time_wait_arrives(struct subject *s, const struct atcp_segment *seg)
{
	u64 deadline = s->tw.deadline;
	enum atcp_timewait_verdict verdict;
	struct atcp_segment ack;
	enum atcp_drop drop;

	verdict = atcp_timewait_arrives(&s->tw, seg, s->now, &drop);
	fuzz_step("  TIME-WAIT: verdict %u", verdict);
	/* RFC 1337: neither ended nor answered. */
	if (seg->flags & ATCP_RST)
		FUZZ_HOLDS(verdict == ATCP_TIMEWAIT_DROP);
	FUZZ_HOLDS(s->tw.deadline == deadline ||
		   verdict == ATCP_TIMEWAIT_RESTART);
	switch (verdict) {
	case ATCP_TIMEWAIT_ACK:
	case ATCP_TIMEWAIT_RESTART:
		atcp_timewait_ack(&s->tw, s->now, &ack);
		send(s, &ack);
		break;
	case ATCP_TIMEWAIT_REOPEN:
		s->iss = atcp_timewait_iss(&s->tw);
		/* Beyond all that the old connection could have sent. */
		FUZZ_HOLDS(seq_gt(s->iss, s->tw.snd_nxt));
		s->mode = SUBJECT_LISTENS;
		listen_arrives(s, seg);
		break;
	default:
		break;
	}
}

/**
 * subject_arrives() - a segment comes in
 * @s: the subject
 * @seg: the segment, as the parser would give it
 */
void subject_arrives(struct subject *s, const struct atcp_segment *seg)
{
	fuzz_step("arrives %s", subject_text(seg));
	switch (s->mode) {
	case SUBJECT_LISTENS:
		listen_arrives(s, seg);
		break;
	case SUBJECT_REQUESTED:
		request_arrives(s, seg);
		break;
	case SUBJECT_CONNECTED:
		tcb_arrives(s, seg);
		break;
	case SUBJECT_TIME_WAIT:
		time_wait_arrives(s, seg);
		break;
	}
}

/**
 * subject_deadline() - when it wants to be called next
 * @s: the subject
 *
 * Return: the time, 0 for never.
 */
u64 subject_deadline(const struct subject *s)
{
	switch (s->mode) {
	case SUBJECT_REQUESTED:
		return s->request.deadline;
	case SUBJECT_CONNECTED:
		return atcp_deadline(s->tcb);
	case SUBJECT_TIME_WAIT:
		return s->tw.deadline;
	default:
		return 0;
	}
}

static void request_time(struct subject *s)
{
	u64 due = s->request.deadline;

	switch (atcp_request_timeout(&s->request, s->params.synack_retries)) {
	case ATCP_REQUEST_SYN_ACK:
		send_request(s, true);
		break;
	case ATCP_REQUEST_CLOSE:
		s->mode = SUBJECT_LISTENS;
		return;
	default:
		break;
	}
	FUZZ_HOLDS(s->request.deadline > due);
}

/**
 * subject_time() - time has passed until @s->now
 * @s: the subject
 */
void subject_time(struct subject *s)
{
	u64 due = subject_deadline(s);

	if (!due || due > s->now)
		return;
	switch (s->mode) {
	case SUBJECT_REQUESTED:
		request_time(s);
		break;
	case SUBJECT_CONNECTED:
		subject_begin(s, ATCP_POOL_PLAIN);
		atcp_timeout(s->tcb, s->now);
		fuzz_step("  time-out in %s", atcp_state_name(s->was.state));
		/* Or whoever keeps the clock would be called for ever. */
		due = atcp_deadline(s->tcb);
		FUZZ_HOLDS(!due || due > s->now);
		subject_settle(s);
		break;
	case SUBJECT_TIME_WAIT:
		s->iss = atcp_timewait_iss(&s->tw);
		s->mode = SUBJECT_LISTENS;
		break;
	default:
		break;
	}
}

/**
 * subject_connect() - active OPEN, of a TCB that is fresh or in CLOSED
 * @s: the subject
 */
void subject_connect(struct subject *s)
{
	fuzz_step("connects");
	atcp_tcb_reset(s->tcb);
	s->mode = SUBJECT_CONNECTED;
	s->nr_kept = 0;
	s->open.iss = s->iss;
	subject_begin(s, ATCP_POOL_PLAIN);
	atcp_user_open(s->tcb, &s->open, s->now);
	s->copied = 0;
	subject_settle(s);
}

/**
 * subject_start() - a subject that listens
 * @s: the subject, @sends and @now set and else zero
 * @in: says what it is like
 */
void subject_start(struct subject *s, struct fuzz_input *in)
{
	static const u16 mss[] = { 48, 536, 1000, 1460, 8960, 65495 };
	static const u32 buf[] = { 0, 1, 700, 5000, 20000, 65535, 300000 };
	u8 bits = fuzz_u8(in);

	s->params = (struct atcp_params)ATCP_PARAMS_DEFAULT;
	s->tcb = malloc(sizeof(*s->tcb));
	atcp_tcb_init(s->tcb, &s->params);
	s->iss = bits & 0x80 ? 0U - fuzz_u8(in) : fuzz_u32(in);
	s->open = (struct atcp_open){
		.ts_offset = bits & 0x40 ? fuzz_u32(in) : 0,
		.ts_recent = bits & 0x20 ? fuzz_u32(in) : 0,
		.rcv_buf = buf[fuzz_below(in, ARRAY_SIZE(buf))],
		.sport = 1000,
		.dport = 2000,
		.advmss = mss[fuzz_below(in, ARRAY_SIZE(mss))],
		.path_mss = mss[fuzz_below(in, ARRAY_SIZE(mss))],
		.rcv_wscale = fuzz_below(in, ATCP_WSCALE_MAX + 1),
		.options = bits &
			   (ATCP_OPT_WSCALE | ATCP_OPT_SACK_OK | ATCP_OPT_TS),
	};
	s->cookies = bits & 1;
	if (bits & 8)
		subject_operator(s, in);
}

/**
 * subject_end() - the connection is taken away; nothing of it may be left
 * @s: the subject
 */
void subject_end(struct subject *s)
{
	atcp_tcb_purge(s->tcb);
	FUZZ_HOLDS(s->tcb->pool.count == s->records);
	set_pool(s, 0);
	FUZZ_HOLDS(!s->records);
	free(s->tcb);
}
