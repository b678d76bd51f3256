// SPDX-License-Identifier: GPL-2.0
/* Two ends of the engine joined by a link: see link.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "link.h"
#include "seq.h"
#include "verify.h"

#define LISTENER    1	 /* the end that opens passively */
#define FLYING	    2048 /* segments on the link at once */
#define LIMIT_STEPS 400000

enum mode {
	LISTENING,
	REQUESTED,
	CONNECTED,
	TIME_WAITING,
	ENDED
};

/**
 * struct end - one end of the link
 * @mode: which of the records below is in use
 * @tcb: the connection
 * @request: before it
 * @tw: after it
 * @open: what it starts from
 * @out: all that it will ever send
 * @written: octets of @out that were handed to the engine
 * @in: what it received, by sequence number
 * @have: which octets of @in it holds
 * @size: of @in and @have
 * @checked: octets of @in found to be what the peer sent
 * @consumed: octets of @in that the application has read
 * @edge: right edge of its receive window
 * @records: all that it was given
 * @app_us: when the application acts next
 * @owed: pure ACKs that what came, was read or fell due accounts for
 * @eof: the peer's FIN was in order
 * @shut: the application has closed its direction
 * @orphan: the application is gone
 */
struct end {
	enum mode mode;
	struct atcp_tcb tcb;
	struct atcp_request request;
	struct atcp_timewait tw;
	struct atcp_open open;
	u8 *out;
	u32 out_len;
	u32 written;
	u8 *in;
	u8 *have;
	u32 size;
	u32 checked;
	u32 consumed;
	u32 edge;
	unsigned int records;
	u64 app_us;
	u64 owed;
	bool eof;
	bool shut;
	bool orphan;
};

struct flying {
	u64 at;
	int to;
	u32 len;
	u8 *octets;
};

struct world {
	const struct link_config *config;
	struct link_result *result;
	struct atcp_params params;
	struct end end[2];
	struct flying flying[FLYING];
	unsigned int nr_flying;
	u64 last[2];
	u64 now;
	u64 random;
};

__attribute__((format(printf, 2, 3))) static void wrong(struct world *w,
							const char *format, ...)
{
	va_list args;

	if (w->result->wrong[0])
		return;
	va_start(args, format);
	vsnprintf(w->result->wrong, sizeof(w->result->wrong), format, args);
	va_end(args);
}

/* Knuth's MMIX generator: the same numbers on every machine. */
static u32 below(struct world *w, u32 limit)
{
	w->random = w->random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (w->random >> 33) % limit;
}

static bool chance(struct world *w, unsigned int of_1000)
{
	return below(w, 1000) < of_1000;
}

static void refill(struct world *w, struct end *e)
{
	if (chance(w, w->config->starve))
		return;
	while (e->tcb.pool.count < ATCP_POOL_LOW) {
		atcp_pool_put(&e->tcb.pool, malloc(sizeof(struct atcp_range)));
		e->records++;
	}
}

static struct end *peer_of(struct world *w, const struct end *e)
{
	return &w->end[e == &w->end[0]];
}

/* The number of an octet of data in its stream. */
static u32 place(u32 seq, u32 isn)
{
	return seq - (isn + 1);
}

/* What is delivered is what the peer sent, and what the engine had kept. */
static void check_delivery(struct world *w, struct end *e)
{
	const struct end *peer = peer_of(w, e);
	u32 upto = place(e->tcb.rcv_nxt, e->tcb.irs) -
		   !!(e->tcb.use & ATCP_FIN_RECEIVED);

	if (upto > peer->out_len)
		return wrong(w, "%u octets delivered, %u sent", upto,
			     peer->out_len);
	for (; e->checked < upto; e->checked++) {
		if (!e->have[e->checked])
			return wrong(w, "octet %u delivered, but never kept",
				     e->checked);
		if (e->in[e->checked] != peer->out[e->checked])
			return wrong(w, "octet %u differs", e->checked);
	}
}

static void check(struct world *w, struct end *e)
{
	const char *what = verify_tcb(&e->tcb);

	if (what)
		return wrong(w, "in %s: %s", atcp_state_name(e->tcb.state),
			     what);
	if (verify_records(&e->tcb) != e->records)
		return wrong(w, "%u records of %u are left",
			     verify_records(&e->tcb), e->records);
	if (e->tcb.state == ATCP_SYN_SENT)
		return;
	if (e->edge && seq_lt(e->tcb.rcv_adv, e->edge))
		return wrong(w, "the window shrank");
	e->edge = e->tcb.rcv_adv;
	check_delivery(w, e);
}

static void launch(struct world *w, int to, const u8 *octets, u32 len)
{
	u64 at = max(w->now + w->config->delay_us + below(w, 50), w->last[to]);
	struct flying *f;

	if (chance(w, w->config->loss))
		return;
	if (chance(w, w->config->reorder))
		at += below(w, 10 * w->config->delay_us);
	else
		w->last[to] = at;
	if (w->nr_flying == FLYING)
		return wrong(w, "too many segments are under way");
	f = &w->flying[w->nr_flying++];
	*f = (struct flying){ .at = at,
			      .to = to,
			      .len = len,
			      .octets = malloc(len) };
	memcpy(f->octets, octets, len);
}

/* One segment as it is on the wire. */
static void transmit(struct world *w, struct end *e,
		     const struct atcp_segment *seg)
{
	u8 octets[ATCP_HEADER_MAX + 2000];
	u32 len = atcp_segment_build(seg, octets);
	int to = e == &w->end[0];

	if (seg->len + len > sizeof(octets))
		return wrong(w, "a segment of %u octets", seg->len);
	if (seg->len)
		memcpy(octets + len, e->out + place(seg->seq, e->open.iss),
		       seg->len);
	len += seg->len;
	atcp_put16(octets + 16, atcp_checksum(octets, len, len));
	w->result->sent++;
	launch(w, to, octets, len);
	if (chance(w, w->config->repeat))
		launch(w, to, octets, len);
}

/* What exceeds an MSS is cut here, as segmentation offload does. */
static void transmit_cut(struct world *w, struct end *e,
			 const struct atcp_segment *seg)
{
	struct atcp_segment cut = *seg;
	u32 left = seg->len;

	if (!left)
		return transmit(w, e, seg);
	if (seg->cut + atcp_segment_options_len(seg) >
	    e->tcb.mss + (e->tcb.use & ATCP_USE_TS ? ATCP_TS_LEN : 0))
		return wrong(w, "segments of %u octets exceed the MSS",
			     seg->cut);
	while (left) {
		cut.len = min(left, seg->cut);
		left -= cut.len;
		cut.flags = left ? seg->flags & ~(ATCP_FIN | ATCP_PSH) :
				   seg->flags;
		transmit(w, e, &cut);
		cut.seq += cut.len;
	}
}

/* Only a probe exceeds what the peer has offered, and by one octet. */
static void check_sent(struct world *w, struct end *e,
		       const struct atcp_segment *seg)
{
	const struct end *peer = peer_of(w, e);
	u32 end = atcp_segment_end(seg);

	w->result->again += seg->again;
	if (!atcp_segment_space(seg) && !(seg->flags & ATCP_RST)) {
		if (!e->owed--)
			wrong(w, "an ACK that nothing accounts for");
	}
	if (peer->mode == CONNECTED && peer->tcb.state != ATCP_SYN_SENT &&
	    peer->tcb.state != ATCP_CLOSED && seg->len &&
	    seq_gt(end, peer->tcb.rcv_adv + 1))
		wrong(w, "sent %u octets beyond the window",
		      end - peer->tcb.rcv_adv);
	if (seg->len > e->tcb.burst)
		wrong(w, "more than a burst: %u", seg->len);
}

static void to_time_wait(struct world *w, struct end *e)
{
	atcp_timewait_init(&e->tw, &e->tcb, w->now);
	e->mode = TIME_WAITING;
}

static void drain(struct world *w, struct end *e)
{
	struct atcp_segment seg;
	unsigned int most = 5000;
	const char *what;

	for (;;) {
		refill(w, e);
		if (!atcp_next_segment(&e->tcb, w->now, &seg))
			break;
		check_sent(w, e, &seg);
		check(w, e);
		transmit_cut(w, e, &seg);
		if (!--most)
			return wrong(w, "no end to what it sends");
	}
	check(w, e);
	what = verify_quiet(&e->tcb);
	if (what)
		return wrong(w, "in %s: %s", atcp_state_name(e->tcb.state),
			     what);
	if (e->tcb.error)
		return wrong(w, "failed with error %u", e->tcb.error);
	e->tcb.nr_transitions = 0;
	if (e->tcb.state == ATCP_TIME_WAIT)
		to_time_wait(w, e);
	else if (e->tcb.state == ATCP_CLOSED)
		e->mode = ENDED;
}

static u32 space(const struct end *e)
{
	u32 unread = place(e->tcb.rcv_nxt, e->tcb.irs) - e->consumed;

	return unread < e->open.rcv_buf ? e->open.rcv_buf - unread : 0;
}

static void keep(struct world *w, struct end *e, const struct atcp_segment *seg,
		 const u8 *payload, const struct atcp_arrival *arrival)
{
	u32 first = seg->seq + !!(seg->flags & ATCP_SYN);
	u32 at;

	for (at = arrival->start; seq_lt(at, arrival->end); at++) {
		u32 n = place(at, e->tcb.irs);

		if (n >= e->size || at - first >= seg->len)
			return wrong(w, "told to keep what did not come");
		e->in[n] = payload[at - first];
		e->have[n] = 1;
	}
}

static void arrives_at_tcb(struct world *w, struct end *e,
			   const struct atcp_segment *seg, const u8 *payload)
{
	struct atcp_segment copy = *seg;
	struct atcp_arrival arrival;

	copy.no_room = seg->len && chance(w, w->config->no_room);
	refill(w, e);
	atcp_segment_arrives(&e->tcb, &copy, w->now, &arrival);
	e->owed++;
	if (arrival.reset)
		wrong(w, "answers with a reset");
	keep(w, e, seg, payload, &arrival);
	e->tcb.rcv_space = space(e);
	check(w, e);
	if (e->tcb.events & ATCP_EV_EOF)
		e->eof = true;
	atcp_take_events(&e->tcb);
	drain(w, e);
}

static void send_request(struct world *w, struct end *e,
			 enum atcp_request_verdict verdict)
{
	struct atcp_segment seg;

	if (verdict == ATCP_REQUEST_SYN_ACK)
		atcp_request_syn_ack(&e->request, w->now, &seg);
	else
		atcp_request_ack(&e->request, w->now, &seg);
	transmit(w, e, &seg);
}

static void arrives_at_request(struct world *w, struct end *e,
			       const struct atcp_segment *seg,
			       const u8 *payload)
{
	enum atcp_drop drop;
	enum atcp_request_verdict verdict =
		atcp_request_arrives(&e->request, seg, &drop);

	switch (verdict) {
	case ATCP_REQUEST_ESTABLISH:
		refill(w, e);
		atcp_request_promote(&e->request, &e->tcb, w->now);
		e->mode = CONNECTED;
		arrives_at_tcb(w, e, seg, payload);
		if (e->mode == CONNECTED && e->tcb.state == ATCP_SYN_RECEIVED)
			wrong(w, "the third segment does not establish");
		break;
	case ATCP_REQUEST_ACK:
	case ATCP_REQUEST_SYN_ACK:
		send_request(w, e, verdict);
		break;
	case ATCP_REQUEST_DROP:
		break;
	default:
		wrong(w, "the request ends");
	}
}

static void arrives_at_listener(struct world *w, struct end *e,
				const struct atcp_segment *seg)
{
	enum atcp_drop drop;

	if (atcp_listen_arrives(seg, &drop) != ATCP_LISTEN_OPEN)
		return wrong(w, "no SYN at the listener");
	atcp_request_init(&e->request, &e->open, &w->params, seg, w->now);
	e->mode = REQUESTED;
	send_request(w, e, ATCP_REQUEST_SYN_ACK);
}

static void arrives_at_time_wait(struct world *w, struct end *e,
				 const struct atcp_segment *seg)
{
	struct atcp_segment ack;
	enum atcp_drop drop;

	switch (atcp_timewait_arrives(&e->tw, seg, w->now, &drop)) {
	case ATCP_TIMEWAIT_REOPEN:
		wrong(w, "an old SYN reopens TIME-WAIT");
		break;
	case ATCP_TIMEWAIT_DROP:
		break;
	default:
		atcp_timewait_ack(&e->tw, w->now, &ack);
		transmit(w, e, &ack);
	}
}

static void arrives(struct world *w, struct flying *f)
{
	struct end *e = &w->end[f->to];
	struct atcp_segment seg, reset;
	const u8 *payload;

	if (atcp_checksum(f->octets, f->len, f->len) ||
	    atcp_segment_parse(&seg, f->octets, f->len))
		return wrong(w, "a segment that cannot be read");
	payload = f->octets + seg.header_len;
	switch (e->mode) {
	case LISTENING:
		arrives_at_listener(w, e, &seg);
		break;
	case REQUESTED:
		arrives_at_request(w, e, &seg, payload);
		break;
	case CONNECTED:
		arrives_at_tcb(w, e, &seg, payload);
		break;
	case TIME_WAITING:
		arrives_at_time_wait(w, e, &seg);
		break;
	case ENDED:
		if (atcp_segment_reset(&seg, &reset))
			transmit(w, e, &reset);
		break;
	}
}

static void app_writes(struct world *w, struct end *e)
{
	u32 most = 1 + below(w, chance(w, 500) ? 200 : 30000);
	u32 n = min(most, e->out_len - e->written);

	if (n) {
		e->written += n;
		atcp_user_send(&e->tcb, n);
		if (chance(w, 50))
			e->tcb.use ^= ATCP_NODELAY;
		if (chance(w, 50))
			e->tcb.use ^= ATCP_CORK;
	} else if (!e->shut && e->tcb.state != ATCP_SYN_SENT) {
		e->shut = true;
		atcp_user_shutdown(&e->tcb, w->now);
	}
}

static void app_reads(struct world *w, struct end *e)
{
	u32 ready = e->checked - e->consumed;

	if (ready) {
		e->consumed += chance(w, 500) ? ready : 1 + below(w, ready);
		atcp_user_receive(&e->tcb, space(e), e->open.rcv_buf);
		e->owed++;
	}
	if (e->shut && !e->orphan && e->eof &&
	    e->consumed == peer_of(w, e)->out_len) {
		e->orphan = true;
		atcp_user_orphan(&e->tcb, w->now);
	}
}

static void app_acts(struct world *w, struct end *e)
{
	e->app_us = w->now + 1 + below(w, 4 * w->config->delay_us);
	if (w->config->pauses && chance(w, 5))
		e->app_us += below(w, 30 * ATCP_USEC_PER_SEC);
	if (e->mode != CONNECTED)
		return;
	refill(w, e);
	app_writes(w, e);
	if (e->tcb.state != ATCP_SYN_SENT && e->tcb.state != ATCP_SYN_RECEIVED)
		app_reads(w, e);
	check(w, e);
	drain(w, e);
}

static void time_passes(struct world *w, struct end *e)
{
	switch (e->mode) {
	case CONNECTED:
		if (!atcp_deadline(&e->tcb) || atcp_deadline(&e->tcb) > w->now)
			break;
		refill(w, e);
		atcp_timeout(&e->tcb, w->now);
		e->owed++;
		check(w, e);
		drain(w, e);
		break;
	case REQUESTED:
		if (e->request.deadline > w->now)
			break;
		if (atcp_request_timeout(&e->request) != ATCP_REQUEST_SYN_ACK)
			return wrong(w, "the request times out");
		send_request(w, e, ATCP_REQUEST_SYN_ACK);
		break;
	case TIME_WAITING:
		if (e->tw.deadline <= w->now)
			e->mode = ENDED;
		break;
	default:
		break;
	}
}

static u64 deadline(const struct end *e)
{
	u64 engine = atcp_deadline(&e->tcb);

	switch (e->mode) {
	case CONNECTED:
		return engine && engine < e->app_us ? engine : e->app_us;
	case REQUESTED:
		return e->request.deadline;
	case TIME_WAITING:
		return e->tw.deadline;
	default:
		return ~0ULL;
	}
}

/* The one that arrives next is taken off the link; NULL if time comes first. */
static struct flying *next_flying(struct world *w, u64 before,
				  struct flying *taken)
{
	unsigned int i, first = 0;

	for (i = 1; i < w->nr_flying; i++)
		if (w->flying[i].at < w->flying[first].at)
			first = i;
	if (!w->nr_flying || w->flying[first].at > before)
		return NULL;
	*taken = w->flying[first];
	memmove(&w->flying[first], &w->flying[first + 1],
		(--w->nr_flying - first) * sizeof(w->flying[0]));
	return taken;
}

static void step(struct world *w)
{
	u64 next = min(deadline(&w->end[0]), deadline(&w->end[1]));
	struct flying taken;
	int i;

	if (next_flying(w, next, &taken)) {
		w->now = max(w->now, taken.at);
		arrives(w, &taken);
		free(taken.octets);
		return;
	}
	w->now = max(w->now, next);
	for (i = 0; i < 2; i++) {
		time_passes(w, &w->end[i]);
		if (w->end[i].mode == CONNECTED && w->end[i].app_us <= w->now)
			app_acts(w, &w->end[i]);
	}
}

static void set_up(struct world *w, int i, u8 options)
{
	static const u16 mss[] = { 536, 1000, 1460 };
	struct end *e = &w->end[i];
	u32 n;

	e->out_len = w->config->octets[i];
	e->size = w->config->octets[!i];
	e->out = malloc(e->out_len + 1);
	e->in = malloc(e->size + 1);
	e->have = calloc(1, e->size + 1);
	for (n = 0; n < e->out_len; n++)
		e->out[n] = (n * 2654435761U + i) >> 13;
	e->open = (struct atcp_open){
		.iss = chance(w, 500) ? 0U - below(w, 100000) :
					below(w, ~0U >> 1) * 2,
		.ts_offset = below(w, ~0U >> 1) * 2,
		.rcv_buf = w->config->buf,
		.sport = 1 + i,
		.dport = 2 - i,
		.advmss = mss[below(w, 3)],
		.path_mss = mss[below(w, 3)],
		.rcv_wscale = below(w, 8),
		.options = options,
	};
	atcp_tcb_init(&e->tcb, &w->params);
	e->app_us = w->now;
	e->owed = 1;
	if (i == LISTENER && !w->config->simultaneous)
		return;
	e->mode = CONNECTED;
	refill(w, e);
	atcp_user_open(&e->tcb, &e->open, w->now);
}

static void tear_down(struct world *w, struct end *e)
{
	struct atcp_range *r;

	atcp_tcb_purge(&e->tcb);
	if (verify_records(&e->tcb) != e->records)
		wrong(w, "records are lost in the end");
	while ((r = atcp_pool_get(&e->tcb.pool)))
		free(r);
	free(e->out);
	free(e->in);
	free(e->have);
}

static bool done(const struct end *e)
{
	return e->mode == ENDED || e->mode == TIME_WAITING;
}

static void finish(struct world *w)
{
	unsigned int i;

	for (i = 0; i < 2; i++) {
		struct end *e = &w->end[i];

		if (!done(e))
			wrong(w, "end %u is still in %s after %llu s", i,
			      atcp_state_name(e->tcb.state),
			      (unsigned long long)(w->now / ATCP_USEC_PER_SEC));
		if (e->checked != w->config->octets[!i])
			wrong(w, "end %u got %u octets of %u", i, e->checked,
			      w->config->octets[!i]);
	}
	w->result->us = w->now;
	while (w->nr_flying)
		free(w->flying[--w->nr_flying].octets);
	tear_down(w, &w->end[0]);
	tear_down(w, &w->end[1]);
}

/**
 * link_run() - two ends exchange data until both have closed
 * @config: what it is like
 * @result: filled in
 *
 * Return: true if everything held.
 */
bool link_run(const struct link_config *config, struct link_result *result)
{
	struct world *w = calloc(1, sizeof(*w));
	unsigned int steps = 0;
	u32 burst;
	u8 options;

	*result = (struct link_result){ 0 };
	w->config = config;
	w->result = result;
	w->random = config->seed;
	w->now = ATCP_USEC_PER_SEC;
	w->params = (struct atcp_params){ .syn_retries = 15,
					  .synack_retries = 15,
					  .retries2 = 100,
					  .orphan_retries = 100,
					  .fin_timeout = 600 };
	options = below(w, 32) &
		  (ATCP_OPT_TS | ATCP_OPT_SACK_OK | ATCP_OPT_WSCALE);
	burst = 1 + below(w, 8);
	set_up(w, 0, options);
	set_up(w, 1, options);
	while (!result->wrong[0] && w->now < config->limit_us &&
	       steps++ < LIMIT_STEPS &&
	       !(done(&w->end[0]) && done(&w->end[1]))) {
		w->end[0].tcb.burst = burst * w->end[0].tcb.mss;
		w->end[1].tcb.burst = burst * w->end[1].tcb.mss;
		step(w);
	}
	finish(w);
	free(w);
	return !result->wrong[0];
}
