// SPDX-License-Identifier: GPL-2.0
/* Two ends of the engine joined by a link: see link.h. */
#include <stdlib.h>
#include "world.h"
#include "verify.h"

#define LIMIT_STEPS 400000

static void refill(struct world *w, struct end *e)
{
	if (chance(w, w->config->starve))
		return;
	while (e->tcb.pool.count < ATCP_POOL_LOW) {
		atcp_pool_put(&e->tcb.pool, malloc(sizeof(struct atcp_range)));
		e->records++;
	}
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
		return world_wrong(w, "too many segments are under way");
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
		return world_wrong(w, "a segment of %u octets", seg->len);
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
		return world_wrong(w, "segments of %u octets exceed the MSS",
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
		check_end(w, e);
		transmit_cut(w, e, &seg);
		if (!--most)
			return world_wrong(w, "no end to what it sends");
	}
	check_end(w, e);
	what = verify_quiet(&e->tcb);
	if (what)
		return world_wrong(w, "in %s: %s",
				   atcp_state_name(e->tcb.state), what);
	if (e->tcb.error)
		return world_wrong(w, "failed with error %u", e->tcb.error);
	e->tcb.nr_transitions = 0;
	if (e->tcb.state == ATCP_TIME_WAIT)
		to_time_wait(w, e);
	else if (e->tcb.state == ATCP_CLOSED)
		e->mode = ENDED;
}

static void keep(struct world *w, struct end *e, const struct atcp_segment *seg,
		 const u8 *payload, const struct atcp_arrival *arrival)
{
	u32 first = seg->seq + !!(seg->flags & ATCP_SYN);
	u32 at;

	for (at = arrival->start; seq_lt(at, arrival->end); at++) {
		u32 n = place(at, e->tcb.irs);

		if (n >= e->size || at - first >= seg->len)
			return world_wrong(w, "told to keep what did not come");
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
	if (arrival.challenge)
		atcp_challenge_ack(&e->tcb);
	e->owed++;
	if (arrival.reset)
		world_wrong(w, "answers with a reset");
	keep(w, e, seg, payload, &arrival);
	check_urgent(w, e, seg);
	e->tcb.rcv_space = app_space(e);
	check_end(w, e);
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
			world_wrong(w, "the third segment does not establish");
		break;
	case ATCP_REQUEST_ACK:
	case ATCP_REQUEST_SYN_ACK:
		send_request(w, e, verdict);
		break;
	case ATCP_REQUEST_DROP:
		break;
	default:
		world_wrong(w, "the request ends");
	}
}

static void arrives_at_listener(struct world *w, struct end *e,
				const struct atcp_segment *seg)
{
	enum atcp_drop drop;

	if (atcp_listen_arrives(seg, &drop) != ATCP_LISTEN_OPEN)
		return world_wrong(w, "no SYN at the listener");
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
		world_wrong(w, "an old SYN reopens TIME-WAIT");
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
		return world_wrong(w, "a segment that cannot be read");
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

static void time_passes(struct world *w, struct end *e)
{
	switch (e->mode) {
	case CONNECTED:
		if (!atcp_deadline(&e->tcb) || atcp_deadline(&e->tcb) > w->now)
			break;
		refill(w, e);
		atcp_timeout(&e->tcb, w->now);
		e->owed++;
		check_end(w, e);
		drain(w, e);
		break;
	case REQUESTED:
		if (e->request.deadline > w->now)
			break;
		if (atcp_request_timeout(&e->request,
					 e->request.params->synack_retries) !=
		    ATCP_REQUEST_SYN_ACK)
			return world_wrong(w, "the request times out");
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
		struct end *e = &w->end[i];

		time_passes(w, e);
		if (e->mode != CONNECTED || e->app_us > w->now)
			continue;
		refill(w, e);
		app_acts(w, e);
		drain(w, e);
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
	e->urgent = calloc(1, e->out_len + 1);
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
	/* Often, and however long nobody answers. */
	e->tcb.settings.keepalive = w->config->keepalive;
	e->tcb.settings.keep_idle = 1 + below(w, 3);
	e->tcb.settings.keep_intvl = 1;
	e->tcb.settings.user_timeout_ms = 0;
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
		world_wrong(w, "records are lost in the end");
	while ((r = atcp_pool_get(&e->tcb.pool)))
		free(r);
	free(e->out);
	free(e->in);
	free(e->have);
	free(e->urgent);
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
			world_wrong(w, "end %u is still in %s after %llu s", i,
				    atcp_state_name(e->tcb.state),
				    (unsigned long long)(w->now /
							 ATCP_USEC_PER_SEC));
		if (e->checked != w->config->octets[!i])
			world_wrong(w, "end %u got %u octets of %u", i,
				    e->checked, w->config->octets[!i]);
		/* MUST-31, MUST-32: in the end all that was urgent was told. */
		if (e->up != peer_of(w, e)->urgent_end)
			world_wrong(w, "end %u was told of octet %u, not %u", i,
				    e->up, peer_of(w, e)->urgent_end);
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
	w->params = (struct atcp_params)ATCP_PARAMS_DEFAULT;
	w->params.syn_retries = 15;
	w->params.synack_retries = 15;
	w->params.retries2 = 100;
	w->params.orphan_retries = 100;
	w->params.fin_timeout = 600;
	w->params.keepalive_probes = 255;
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
