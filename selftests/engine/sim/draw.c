// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios drawn at random: mostly small and well-behaved connections, so that
 * many are lived through, each with a few things that go wrong.
 */
#include "profile.h"

#define SECONDS(n) ((n)*ATCP_USEC_PER_SEC)

/**
 * draw_params() - an operator's limits
 * @params: filled in
 * @patient: nobody gives up, whatever is lost
 */
void draw_params(struct atcp_params *params, bool patient)
{
	*params = (struct atcp_params)ATCP_PARAMS_DEFAULT;
	if (!patient)
		return;
	params->syn_retries = 100;
	params->synack_retries = 100;
	params->retries2 = 100;
	params->orphan_retries = 100;
	params->fin_timeout = 600;
	params->keepalive_probes = 255;
}

/**
 * draw_hosts() - hosts, and paths between them that are without fault
 * @s: the scenario
 * @r: chance
 * @n: how many hosts
 */
void draw_hosts(struct sim_scenario *s, struct rng *r, unsigned int n)
{
	unsigned int i;

	s->nr_hosts = n;
	for (i = 0; i < n; i++) {
		struct sim_host *h = &s->host[i];

		draw_params(&h->params, s->patient);
		h->clock_us = SECONDS(1) + below(r, 1U << 31) * 1000ULL;
		h->mtu = 1500;
		h->backlog = SIM_CONNS;
	}
	for (i = 0; i + 1 < n; i++) {
		s->path[i].mtu = 1500;
		s->path[i].link[0].delay_us = 10000;
		s->path[i].link[1].delay_us = 10000;
	}
}

/* Sequence numbers and timestamps that pass 2^32 while it lasts. */
static void draw_numbers(const struct sim_scenario *s, struct sim_side *side,
			 const struct sim_host *h, struct rng *r)
{
	side->iss = chance(r, 500) ? 0U - below(r, 100000) : rng_next(r);
	side->ts_offset = chance(r, 300) ?
				  -(u32)(h->clock_us >> 10) - below(r, 3000) :
				  rng_next(r);
}

static u64 most_patient(const struct sim_scenario *s)
{
	return SECONDS(s->patient ? 10 * 24 * 3600 : 3600);
}

/**
 * draw_conn() - one more connection, with two ordinary ends
 * @s: the scenario, its hosts drawn
 * @r: chance
 *
 * Return: the connection, for changes.
 */
struct sim_conn *draw_conn(struct sim_scenario *s, struct rng *r)
{
	static const u16 mss[] = { 536, 1000, 1460 };
	struct sim_conn *c = &s->conn[s->nr_conns++];
	unsigned int end;
	u8 options = below(r, 32) &
		     (ATCP_OPT_TS | ATCP_OPT_SACK_OK | ATCP_OPT_WSCALE);

	*c = (struct sim_conn){ .path = below(r, s->nr_hosts - 1),
				.opener = below(r, 2) };
	for (end = 0; end < 2; end++) {
		struct sim_side *side = &c->side[end];
		u8 at = end ? !c->opener : c->opener;

		*side = (struct sim_side){
			.write_most = 30000,
			.read_most = 65536,
			.sndbuf = 131072,
			.rcvbuf = 60000,
			.think_us = 40000,
			.leave = SIM_LEAVE_HALF,
			.patience_us = most_patient(s),
			.advmss = mss[below(r, 3)],
			.wscale = below(r, 8),
			.options = options,
			.burst = between(r, 1, 8),
		};
		draw_numbers(s, side, &s->host[at ? c->path + 1 : 0], r);
	}
	return c;
}

/* Few are large. */
static u32 draw_octets(struct rng *r)
{
	u32 bits = between(r, 0, 12);

	if (chance(r, 100))
		return 0;
	if (chance(r, 40))
		bits = between(r, 12, 17);
	if (chance(r, 1))
		bits = 20;
	return below(r, 1U << bits) + 1;
}

static u32 draw_delay(struct rng *r)
{
	static const u32 delays[] = { 50, 500, 5000, 20000, 80000 };

	if (chance(r, 20))
		return 2000000;
	return 1 + delays[below(r, ARRAY_SIZE(delays))];
}

/* One thing that goes wrong on a link. */
static void draw_fault(struct sim_link *l, struct rng *r, bool patient)
{
	switch (below(r, patient ? 8 : 10)) {
	case 0:
		l->loss = between(r, 1, 50);
		break;
	case 1:
		l->loss = between(r, 50, 350);
		break;
	case 2:
		l->burst_begin = between(r, 1, 50);
		l->burst_end = between(r, 250, 600);
		l->burst_loss = between(r, 500, 1000);
		break;
	case 3:
		l->repeat = between(r, 1, 300);
		break;
	case 4:
		l->reorder = between(r, 1, 300);
		break;
	case 5:
		l->corrupt = between(r, 1, 100);
		break;
	case 6:
		l->jitter_us = 1 + below(r, 2 * l->delay_us);
		break;
	case 7:
		l->rate = 1U << between(r, 12, 22);
		l->queue = between(r, 2000, 64000);
		break;
	case 8:
		l->mend = between(r, 1, 100);
		break;
	case 9:
		l->loss = between(r, 1, 300);
		l->icmp = between(r, 100, 1000);
		break;
	}
}

static void draw_box(struct sim_middlebox *box, struct rng *r)
{
	static const u8 options[] = { ATCP_OPT_MSS, ATCP_OPT_WSCALE,
				      ATCP_OPT_SACK_OK, ATCP_OPT_SACK,
				      ATCP_OPT_TS };

	if (chance(r, 800))
		box->strip = options[below(r, ARRAY_SIZE(options))];
	if (chance(r, 400))
		box->mss = between(r, 200, 1400);
	box->all = chance(r, 400);
	box->one_way = chance(r, 300);
}

static void draw_mtu(struct sim_scenario *s, struct sim_path *path,
		     struct rng *r)
{
	path->black_hole = chance(r, 400);
	if (chance(r, 500))
		path->mtu = between(r, 600, 1499);
	if (chance(r, 700)) {
		path->later_us = below(r, SECONDS(5));
		path->later_mtu = between(r, 600, 1500);
	}
	if (path->black_hole) {
		u8 probing = s->patient ? between(r, 1, 2) : between(r, 0, 2);
		unsigned int i;

		for (i = 0; i < s->nr_hosts; i++)
			s->host[i].params.mtu_probing = probing;
	}
}

static void draw_path(struct sim_scenario *s, struct sim_path *path,
		      struct rng *r)
{
	u32 delay = draw_delay(r);
	unsigned int i, faults;

	for (i = 0; i < 2; i++) {
		path->link[i].delay_us = delay;
		faults = chance(r, 400) ? 0 : between(r, 1, 2);
		while (faults--)
			draw_fault(&path->link[i], r, s->patient);
	}
	if (chance(r, 100))
		draw_box(&path->box, r);
	if (chance(r, 60))
		draw_mtu(s, path, r);
}

static void draw_leave(struct sim_scenario *s, struct sim_conn *c,
		       struct rng *r)
{
	unsigned int end = below(r, 2);
	struct sim_side *a = &c->side[end], *b = &c->side[!end];

	if (chance(r, 350)) {
		b->leave = SIM_LEAVE_REPLY;
	} else if (chance(r, 200)) {
		a->leave = SIM_LEAVE_CLOSE;
		b->leave = SIM_LEAVE_REPLY;
		b->octets = 0;
	} else if (chance(r, 500)) {
		for (end = 0; end < 2; end++) {
			c->side[end].leave = below(r, SIM_LEAVE_COUNT);
			c->side[end].leave_after = below(r, 5000);
			if (chance(r, 100))
				c->side[end].leave_after = 0;
			c->side[end].patience_us = below(r, SECONDS(300));
		}
	}
}

/* What a program, or its user, does to make it hard. */
static void draw_program(struct sim_scenario *s, struct sim_side *side,
			 struct rng *r)
{
	side->octets = draw_octets(r);
	side->think_us = 1U << between(r, 4, 15);
	if (chance(r, 300))
		side->write_most = 1U << between(r, 4, 15);
	if (chance(r, 300))
		side->read_most = 1U << between(r, 5, 16);
	if (chance(r, 200))
		side->sndbuf = 1U << between(r, 9, 17);
	if (chance(r, 250))
		side->rcvbuf = between(r, 1, 9) << between(r, 8, 16);
	if (chance(r, 100)) {
		side->pause = between(r, 5, 200);
		side->pause_us = SECONDS(30);
	}
	side->urgent = chance(r, 80) ? between(r, 50, 500) : 0;
	side->option = chance(r, 150) ? 200 : 0;
	side->clamp = chance(r, 50) ? 100 : 0;
	side->prune = chance(r, 50) ? 200 : 0;
	side->no_room = chance(r, 50) ? 50 : 0;
	side->starve = chance(r, 50) ? between(r, 100, 900) : 0;
}

static void draw_settings(struct sim_scenario *s, struct atcp_settings *set,
			  struct rng *r)
{
	if (chance(r, 100)) {
		set->keepalive = true;
		set->keep_idle = between(r, 1, 3);
		set->keep_intvl = 1;
	}
	set->thin_linear_timeouts = chance(r, 50);
	if (s->patient)
		return;
	if (chance(r, 100))
		set->user_timeout_ms = between(r, 500, 20000);
	if (chance(r, 100))
		set->linger2 = chance(r, 300) ? -1 : between(r, 1, 10);
	if (chance(r, 100))
		set->syn_retries = between(r, 1, 4);
}

static void draw_host(struct sim_scenario *s, struct sim_host *h, struct rng *r)
{
	if (chance(r, 100))
		h->drift_ppm = (int)below(r, 200000) - 100000;
	if (chance(r, 50)) {
		h->backlog = below(r, 2);
		h->cookies = chance(r, 700);
	}
	if (!s->patient && chance(r, 60))
		h->reboot_us = 1 + below(r, SECONDS(chance(r, 500) ? 1 : 60));
	h->params.slow_start_after_idle = !chance(r, 100);
	h->params.dsack = !chance(r, 100);
	if (chance(r, 50))
		h->params.rto_min_us = between(r, 10000, 1000000);
}

/**
 * draw_mixed() - anything that can be
 * @s: the scenario
 * @r: chance
 */
void draw_mixed(struct sim_scenario *s, struct rng *r)
{
	unsigned int i, conns = chance(r, 850) ? 1 : between(r, 2, 6);

	s->patient = chance(r, 500);
	draw_hosts(s, r, chance(r, 50) ? 3 : 2);
	for (i = 0; i < s->nr_hosts; i++)
		draw_host(s, &s->host[i], r);
	for (i = 0; i + 1 < s->nr_hosts; i++)
		draw_path(s, &s->path[i], r);
	while (conns--) {
		struct sim_conn *c = draw_conn(s, r);
		u8 options = c->side[0].options;

		c->start_us = below(r, 20000);
		c->simultaneous = chance(r, 60);
		for (i = 0; i < 2; i++) {
			draw_program(s, &c->side[i], r);
			draw_settings(s, &c->side[i].settings, r);
			/* Most offer all there is. */
			c->side[i].options =
				chance(r, 600) ?
					ATCP_OPT_TS | ATCP_OPT_SACK_OK |
						ATCP_OPT_WSCALE :
				chance(r, 800) ? options :
						 below(r, 32) & ~ATCP_OPT_MSS &
							 ~ATCP_OPT_SACK;
		}
		/* A large file octet by octet takes for ever. */
		for (i = 0; i < 2; i++) {
			u32 least = c->side[i].octets / 500 + 1;

			c->side[i].write_most =
				max(c->side[i].write_most, least);
			c->side[!i].read_most =
				max(c->side[!i].read_most, least);
		}
		draw_leave(s, c, r);
	}
}
