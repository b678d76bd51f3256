// SPDX-License-Identifier: GPL-2.0
/* What a run is made of: what follows from it for what may be asserted. */
#include "profile.h"

/* Programs that wait for less than this may leave in the middle of it. */
#define ENOUGH_US (3600 * ATCP_USEC_PER_SEC)

static bool is_spotless(const struct sim_link *l)
{
	return !l->loss && !l->burst_begin && !l->repeat && !l->reorder &&
	       !l->corrupt && !l->mend && !l->icmp && !l->jitter_us &&
	       !l->rate && l->delay_us <= 100 * ATCP_USEC_PER_MSEC;
}

/* A program that keeps the peer waiting makes that probe, and say it again. */
static bool is_prompt(const struct sim_side *side)
{
	return !side->pause && !side->clamp && !side->prune && !side->no_room &&
	       !side->starve && side->think_us <= 40 * ATCP_USEC_PER_MSEC &&
	       side->rcvbuf >= 30000 && side->read_most >= 10000;
}

/* Is nothing ever lost or late, so that nothing need be sent twice? */
static bool is_clean(const struct sim_scenario *s)
{
	unsigned int i;

	for (i = 0; i < s->nr_hosts; i++)
		if (s->host[i].reboot_us || s->host[i].drift_ppm ||
		    s->host[i].backlog < s->nr_conns ||
		    s->host[i].params.rto_min_us < 200000)
			return false;
	for (i = 0; i + 1 < s->nr_hosts; i++)
		if (!is_spotless(&s->path[i].link[0]) ||
		    !is_spotless(&s->path[i].link[1]) || s->path[i].later_us ||
		    s->path[i].box.strip || s->path[i].box.mss ||
		    s->path[i].mtu < s->host[0].mtu ||
		    s->path[i].mtu < s->host[i + 1].mtu)
			return false;
	for (i = 0; i < s->nr_conns; i++)
		if (!is_prompt(&s->conn[i].side[0]) ||
		    !is_prompt(&s->conn[i].side[1]))
			return false;
	return true;
}

/* How long it takes at most until the last trace of a connection is gone. */
static u64 limit(const struct sim_scenario *s)
{
	u64 most = 0, after = s->patient ? 12 * 3600 : 3600;
	unsigned int i, end;

	for (i = 0; i < s->nr_conns; i++)
		for (end = 0; end < 2; end++)
			most = max(most,
				   s->conn[i].start_us +
					   s->conn[i].side[end].patience_us);
	return most + after * ATCP_USEC_PER_SEC;
}

/**
 * scenario_finish() - fill in what follows from the rest
 * @s: the scenario
 */
void scenario_finish(struct sim_scenario *s)
{
	s->clean = is_clean(s);
	s->limit_us = limit(s);
}

/**
 * scenario_draw() - make a scenario of a seed
 * @s: filled in
 * @profile: of which kind
 * @seed: the seed
 */
void scenario_draw(struct sim_scenario *s, const struct sim_profile *profile,
		   u64 seed)
{
	struct rng r;

	memset(s, 0, offsetof(struct sim_scenario, conn));
	rng_seed(&r, seed);
	s->seed = seed;
	profile->draw(s, &r);
	scenario_finish(s);
}

static bool may_fail(const struct sim_scenario *s, const struct sim_conn *c)
{
	const struct sim_path *path = &s->path[c->path];
	const struct sim_host *far = &s->host[c->path + 1];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		const struct sim_link *l = &path->link[i];

		if (l->mend || l->icmp)
			return true;
	}
	if (s->host[0].reboot_us || far->reboot_us)
		return true;
	/* A cookie is sent once. If the ACK of it is lost nobody knows. */
	if (!s->clean && (s->host[0].cookies || far->cookies))
		return true;
	return !s->patient && !s->clean;
}

/**
 * scenario_delivers() - must all that an end writes be read at the other
 * @s: the scenario
 * @c: a connection of it
 * @from: the end
 *
 * Return: true if so.
 */
bool scenario_delivers(const struct sim_scenario *s, const struct sim_conn *c,
		       int from)
{
	const struct sim_side *a = &c->side[from], *b = &c->side[!from];

	if (may_fail(s, c) || a->patience_us < ENOUGH_US ||
	    b->patience_us < ENOUGH_US)
		return false;
	/* It may be reset, or given up, as its user wishes. */
	if (a->settings.linger2 || b->settings.linger2 ||
	    a->settings.user_timeout_ms || b->settings.user_timeout_ms)
		return false;
	/* One reads to the end, and the end comes. */
	if (b->leave != SIM_LEAVE_REPLY && b->leave != SIM_LEAVE_HALF)
		return false;
	if (a->leave == SIM_LEAVE_HALF)
		return true;
	if (a->leave == SIM_LEAVE_REPLY)
		return b->leave == SIM_LEAVE_HALF;
	/* An orphan ends in time, and then a keepalive probe is answered so. */
	return a->leave == SIM_LEAVE_CLOSE && !b->octets &&
	       !b->settings.keepalive;
}
