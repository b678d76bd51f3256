// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios of one kind, by name: two ends that exchange data until both have
 * closed, over a link with one fault or with many. What is delivered is what
 * was sent, and both ends end.
 */
#include <string.h>
#include "profile.h"

#define HAPPENS(name) (1ULL << SIM_##name)

/* Both write, and read to the end. */
static struct sim_conn *pair(struct sim_scenario *s, struct rng *r, u32 a,
			     u32 b)
{
	struct sim_conn *c;

	s->patient = true;
	draw_hosts(s, r, 2);
	c = draw_conn(s, r);
	c->side[0].octets = a;
	c->side[1].octets = b;
	return c;
}

/* For both links, both ends. */
#define LINKS(s, field, value)                                                 \
	((s)->path[0].link[0].field = (s)->path[0].link[1].field = (value))
#define SIDES(c, field, value)                                                 \
	((c)->side[0].field = (c)->side[1].field = (value))

static void pauses(struct sim_conn *c)
{
	SIDES(c, pause, 5);
	SIDES(c, pause_us, 30 * ATCP_USEC_PER_SEC);
}

static void keepalive(struct sim_conn *c)
{
	SIDES(c, settings.keepalive, true);
	SIDES(c, settings.keep_idle, 1);
	SIDES(c, settings.keep_intvl, 1);
}

static void clean(struct sim_scenario *s, struct rng *r)
{
	pair(s, r, 100000, 60000);
}

static void one_percent_lost(struct sim_scenario *s, struct rng *r)
{
	pair(s, r, 100000, 60000);
	LINKS(s, loss, 10);
}

static void a_tenth_lost(struct sim_scenario *s, struct rng *r)
{
	pair(s, r, 100000, 60000);
	LINKS(s, loss, 100);
}

static void a_third_lost(struct sim_scenario *s, struct rng *r)
{
	pair(s, r, 10000, 5000);
	LINKS(s, loss, 333);
}

static void bursts_lost(struct sim_scenario *s, struct rng *r)
{
	pair(s, r, 50000, 30000);
	LINKS(s, burst_begin, 20);
	LINKS(s, burst_end, 300);
	LINKS(s, burst_loss, 900);
}

static void reordered(struct sim_scenario *s, struct rng *r)
{
	pair(s, r, 100000, 60000);
	LINKS(s, reorder, 200);
}

static void repeated(struct sim_scenario *s, struct rng *r)
{
	pair(s, r, 100000, 60000);
	LINKS(s, repeat, 200);
}

static void corrupted(struct sim_scenario *s, struct rng *r)
{
	pair(s, r, 50000, 30000);
	LINKS(s, corrupt, 50);
}

static void altered(struct sim_scenario *s, struct rng *r)
{
	pair(s, r, 20000, 10000);
	s->patient = false;
	LINKS(s, mend, 20);
}

/* The reader is slower than the link, but not slow: no timer is needed. */
static void full_windows(struct sim_scenario *s, struct rng *r)
{
	struct sim_conn *c = pair(s, r, 300000, 0);

	LINKS(s, delay_us, 50);
	SIDES(c, rcvbuf, 30000);
	SIDES(c, read_most, 30000);
	SIDES(c, think_us, 30000);
	c->side[0].think_us = 50;
}

static void slow_link(struct sim_scenario *s, struct rng *r)
{
	pair(s, r, 100000, 60000);
	LINKS(s, rate, 100000);
	LINKS(s, queue, between(r, 5000, 20000));
}

static struct sim_conn *everything(struct sim_scenario *s, struct rng *r)
{
	struct sim_conn *c = pair(s, r, 100000, 60000);

	LINKS(s, loss, 30);
	LINKS(s, repeat, 30);
	LINKS(s, reorder, 100);
	SIDES(c, no_room, 10);
	pauses(c);
	return c;
}

static void everything_at_once(struct sim_scenario *s, struct rng *r)
{
	everything(s, r);
}

static void small_buffers_and_pauses(struct sim_scenario *s, struct rng *r)
{
	struct sim_conn *c = pair(s, r, 40000, 30000);

	LINKS(s, loss, 10);
	SIDES(c, rcvbuf, 3000);
	pauses(c);
}

/* More than 64 KiB: windows that only window scaling can say. */
static void large_buffers(struct sim_scenario *s, struct rng *r)
{
	struct sim_conn *c = pair(s, r, 400000, 300000);

	LINKS(s, loss, 5);
	SIDES(c, rcvbuf, 1000000);
	SIDES(c, sndbuf, 1000000);
}

static void one_way(struct sim_scenario *s, struct rng *r)
{
	pair(s, r, 200000, 0);
	LINKS(s, loss, 20);
}

static void nothing_but_a_handshake(struct sim_scenario *s, struct rng *r)
{
	pair(s, r, 0, 0);
	LINKS(s, loss, 200);
}

static void simultaneous_open(struct sim_scenario *s, struct rng *r)
{
	pair(s, r, 20000, 20000)->simultaneous = true;
	LINKS(s, loss, 50);
}

static void records_run_out(struct sim_scenario *s, struct rng *r)
{
	struct sim_conn *c = pair(s, r, 30000, 20000);

	LINKS(s, loss, 20);
	LINKS(s, reorder, 50);
	SIDES(c, starve, 900);
}

static void urgent_data(struct sim_scenario *s, struct rng *r)
{
	struct sim_conn *c = pair(s, r, 100000, 60000);

	SIDES(c, urgent, 250);
	if (chance(r, 400))
		return;
	LINKS(s, loss, 50);
	LINKS(s, reorder, 50);
	LINKS(s, repeat, 20);
	SIDES(c, no_room, 10);
}

/* More than 64 KiB lie between the notice and the octet. */
static void urgent_data_far_ahead(struct sim_scenario *s, struct rng *r)
{
	struct sim_conn *c = pair(s, r, 400000, 300000);

	LINKS(s, loss, 5);
	SIDES(c, rcvbuf, 1000000);
	SIDES(c, sndbuf, 1000000);
	SIDES(c, urgent, 100);
}

static void keepalive_probes(struct sim_scenario *s, struct rng *r)
{
	struct sim_conn *c = pair(s, r, 40000, 30000);

	if (chance(r, 500))
		LINKS(s, loss, 50);
	else
		SIDES(c, rcvbuf, 3000);
	keepalive(c);
	pauses(c);
	SIDES(c, pause, 30);
}

/* The receiver takes back what it has SACKed: RFC 2018 section 8. Only a
 * time-out finds out, and the back-off stays.
 */
static void pruned(struct sim_scenario *s, struct rng *r)
{
	struct sim_conn *c = pair(s, r, 50000, 30000);

	LINKS(s, loss, 50);
	LINKS(s, reorder, 100);
	SIDES(c, prune, 200);
}

/* Down to an octet, and up again: the window always opens. */
static void clamped(struct sim_scenario *s, struct rng *r)
{
	struct sim_conn *c = pair(s, r, 30000, 20000);

	SIDES(c, clamp, 100);
	if (chance(r, 600))
		return;
	LINKS(s, loss, 20);
	SIDES(c, rcvbuf, 3000);
	pauses(c);
}

static void all_of_it_at_once(struct sim_scenario *s, struct rng *r)
{
	struct sim_conn *c = everything(s, r);

	c->side[0].octets = 50000;
	c->side[1].octets = 30000;
	SIDES(c, starve, 100);
	SIDES(c, urgent, 100);
	SIDES(c, clamp, 50);
	SIDES(c, prune, 100);
	SIDES(c, pause, 20);
	keepalive(c);
}

/* "Fragmentation needed", once or in the middle of it. */
static void smaller_mtu(struct sim_scenario *s, struct rng *r)
{
	struct sim_conn *c = pair(s, r, 100000, 60000);

	SIDES(c, advmss, 1460);
	s->path[0].later_us = 1 + below(r, 500000);
	s->path[0].later_mtu = between(r, 600, 1400);
}

static void black_hole(struct sim_scenario *s, struct rng *r)
{
	smaller_mtu(s, r);
	s->path[0].black_hole = true;
	s->host[0].params.mtu_probing = between(r, 1, 2);
	s->host[1].params.mtu_probing = s->host[0].params.mtu_probing;
}

static void many_at_a_full_listener(struct sim_scenario *s, struct rng *r)
{
	unsigned int i;

	pair(s, r, 3000, 2000);
	for (i = 1; i < 12; i++) {
		struct sim_conn *c = draw_conn(s, r);

		c->opener = s->conn[0].opener;
		SIDES(c, octets, 2000);
	}
	for (i = 0; i < 2; i++) {
		s->host[i].backlog = 2;
		s->host[i].cookies = true;
	}
}

static void reboots(struct sim_scenario *s, struct rng *r)
{
	pair(s, r, 100000, 60000);
	s->patient = false;
	s->host[below(r, 2)].reboot_us = 1 + below(r, 2000000);
	draw_params(&s->host[0].params, false);
	draw_params(&s->host[1].params, false);
}

/* The kinds; the first is what is run if none is named. */
static const struct sim_profile profiles[] = {
	{ "mixed", "anything that can be", draw_mixed, 4000, 0 },
#define P(name, text, seeds, happens)                                          \
	{                                                                      \
#name, text, name, seeds, happens                              \
	}
	P(clean, "no fault: nothing is ever sent twice", 50, 0),
	P(full_windows, "windows close, and open in time", 40, 0),
	P(one_percent_lost, "1 % of segments are lost", 100, HAPPENS(LOST)),
	P(a_tenth_lost, "10 % of segments are lost", 60, HAPPENS(LOST)),
	P(a_third_lost, "a third of segments are lost", 20, HAPPENS(LOST)),
	P(bursts_lost, "segments are lost in bursts", 60, HAPPENS(LOST)),
	P(reordered, "a fifth goes a longer way", 60, HAPPENS(LATE)),
	P(repeated, "a fifth arrives twice", 60,
	  HAPPENS(REPEATED) | HAPPENS(DSACKS)),
	P(corrupted, "5 % have a wrong checksum", 40, HAPPENS(CORRUPT)),
	P(altered, "2 % are altered, with a right checksum", 200,
	  HAPPENS(MENDED)),
	P(slow_link, "a rate, and a queue that overflows", 40,
	  HAPPENS(OVERFLOWS)),
	P(everything_at_once, "lost, repeated, late, no room, pauses", 60,
	  HAPPENS(LOST) | HAPPENS(DSACKS)),
	P(small_buffers_and_pauses, "windows that close", 60, 0),
	P(large_buffers, "windows of more than 64 KiB", 20, 0),
	P(one_way, "one end only listens", 40, 0),
	P(nothing_but_a_handshake, "no data", 200, 0),
	P(simultaneous_open, "both ends open", 60, 0),
	P(records_run_out, "the pool is mostly empty", 60, 0),
	P(urgent_data, "a quarter of the writes are urgent", 60,
	  HAPPENS(URGENT)),
	P(urgent_data_far_ahead, "64 KiB before the urgent octet", 15,
	  HAPPENS(URGENT)),
	P(keepalive_probes, "both ask for the other when it is silent", 60,
	  HAPPENS(PROBES)),
	P(pruned, "what was SACKed is thrown away", 60, HAPPENS(PRUNED)),
	P(clamped, "TCP_WINDOW_CLAMP changes", 60, 0),
	P(all_of_it_at_once, "most of the above", 60,
	  HAPPENS(PRUNED) | HAPPENS(PROBES) | HAPPENS(URGENT)),
	P(smaller_mtu, "the path's MTU shrinks, and ICMP tells", 40,
	  HAPPENS(TOO_BIG) | HAPPENS(ICMPS)),
	P(black_hole, "the path's MTU shrinks, and nobody tells", 40,
	  HAPPENS(TOO_BIG)),
	P(many_at_a_full_listener, "SYN cookies", 40, HAPPENS(COOKIES)),
	P(reboots, "a host forgets all", 100, HAPPENS(REBOOTS)),
#undef P
};

/**
 * profile_find() - a profile by its name
 * @name: the name, NULL for the usual one
 *
 * Return: the profile, or NULL.
 */
const struct sim_profile *profile_find(const char *name)
{
	unsigned int i;

	if (!name)
		return &profiles[0];
	for (i = 0; i < ARRAY_SIZE(profiles); i++)
		if (!strcmp(profiles[i].name, name))
			return &profiles[i];
	return NULL;
}

/**
 * profile_nth() - one profile after the other
 * @n: from 0
 *
 * Return: the profile, NULL behind the last.
 */
const struct sim_profile *profile_nth(unsigned int n)
{
	return n < ARRAY_SIZE(profiles) ? &profiles[n] : NULL;
}
