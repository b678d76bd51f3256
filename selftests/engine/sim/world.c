// SPDX-License-Identifier: GPL-2.0
/* A run: hosts, paths and connections put together, and its end. */
#include <stdlib.h>
#include "world.h"

/* Alarms that ring at most: a run that needs more does not end. */
#define MOST_STEPS 20000000

static void open_conn(struct alarm *alarm)
{
	struct conn *c = alarm_of(alarm, struct conn, alarm);

	sock_open(sock_new(c, 0));
	if (c->config->simultaneous)
		sock_open(sock_new(c, 1));
}

static void change_mtu(struct alarm *alarm)
{
	struct path_change *change = alarm_of(alarm, struct path_change, alarm);

	change->path->mtu = change->path->config->later_mtu;
}

static void reboot(struct alarm *alarm)
{
	host_reboot(alarm_of(alarm, struct host, reboot));
}

static void set_up(struct world *w)
{
	const struct sim_scenario *s = w->scenario;
	unsigned int i;

	for (i = 0; i < s->nr_hosts; i++) {
		struct host *h = &w->host[i];

		*h = (struct host){ .world = w,
				    .config = &s->host[i],
				    .index = i,
				    .secret = rng_next(&w->rng),
				    .reboot.ring = reboot };
		if (s->host[i].reboot_us)
			queue_set(&w->queue, &h->reboot, s->host[i].reboot_us);
	}
	for (i = 0; i + 1 < s->nr_hosts; i++) {
		struct path *path = &w->path[i];

		*path = (struct path){ .config = &s->path[i],
				       .mtu = s->path[i].mtu,
				       .index = i };
		w->change[i].path = path;
		w->change[i].alarm.ring = change_mtu;
		if (s->path[i].later_us)
			queue_set(&w->queue, &w->change[i].alarm,
				  s->path[i].later_us);
	}
	for (i = 0; i < s->nr_conns; i++) {
		struct conn *c = &w->conn[i];

		*c = (struct conn){ .world = w,
				    .config = &s->conn[i],
				    .index = i,
				    .result = &w->result->conn[i],
				    .alarm.ring = open_conn };
		queue_set(&w->queue, &c->alarm, s->conn[i].start_us);
	}
	w->result->count[SIM_CONNECTIONS] = s->nr_conns;
}

static void bury(struct world *w)
{
	struct sock *sk;

	while ((sk = w->dead)) {
		w->dead = sk->next;
		sock_free(sk);
	}
}

/* Is there anything that could still happen to a connection? */
static bool is_over(const struct world *w)
{
	unsigned int i;

	if (w->nr_socks || w->nr_packets)
		return false;
	for (i = 0; i < w->scenario->nr_conns; i++)
		if (w->conn[i].alarm.place)
			return false;
	return true;
}

static void say_what_is_left(struct world *w)
{
	const struct sock *sk = w->socks;

	if (!sk)
		return world_wrong(w, "%u segments are still on their way",
				   w->nr_packets);
	world_wrong(w,
		    "connection %u end %u is still in %s after %llu s, program %s",
		    sk->conn->index, sk->end,
		    sk->mode == SOCK_TIME_WAIT ? "TIME-WAIT" :
						 atcp_state_name(sk->tcb.state),
		    (unsigned long long)(w->now / ATCP_USEC_PER_SEC),
		    sk->app.gone ? "gone" : "there");
}

static void loop(struct world *w)
{
	struct alarm *alarm;

	while (!w->result->wrong[0] && !is_over(w)) {
		alarm = queue_pop(&w->queue);
		if (!alarm || alarm->at > w->scenario->limit_us ||
		    w->steps++ > MOST_STEPS) {
			say_what_is_left(w);
			/* It may be a packet's: it is not lost. */
			if (alarm)
				queue_set(&w->queue, alarm, alarm->at);
			return;
		}
		w->now = max(w->now, alarm->at);
		alarm->ring(alarm);
		bury(w);
	}
}

/* All that was to arrive did; nothing is left of anything. */
static void check_end(struct world *w)
{
	const struct sim_scenario *s = w->scenario;
	unsigned int i, from;

	for (i = 0; i < s->nr_conns; i++) {
		const struct conn *c = &w->conn[i];
		bool whole = true;

		for (from = 0; from < 2; from++) {
			bool all = c->result->octets[!from] ==
				   c->config->side[from].octets;

			whole &= all;
			if (!all && !c->broken && !c->garbled &&
			    scenario_delivers(s, c->config, from))
				world_wrong(w,
					    "connection %u: end %u got %llu octets of %u",
					    i, !from,
					    (unsigned long long)
						    c->result->octets[!from],
					    c->config->side[from].octets);
		}
		w->result->count[SIM_WHOLE] += whole && !c->broken;
	}
	for (i = 0; i < s->nr_hosts; i++)
		if (w->host[i].nr_requests)
			world_wrong(w, "host %u still counts %u requests", i,
				    w->host[i].nr_requests);
	if (w->nr_records)
		world_wrong(w, "%u records are lost", w->nr_records);
}

/* A run that went wrong leaves things behind. */
static void tear_down(struct world *w)
{
	struct alarm *alarm;
	struct sock *sk;

	while ((alarm = queue_pop(&w->queue)))
		if (alarm->ring == link_arrives)
			packet_free(alarm_of(alarm, struct packet, alarm));
	while ((sk = w->socks)) {
		struct atcp_range *r;

		atcp_tcb_purge(&sk->tcb);
		while ((r = atcp_pool_get(&sk->tcb.pool)))
			record_free(w, r);
		sock_free(sk);
	}
	queue_free(&w->queue);
}

/**
 * world_run() - run a scenario
 * @scenario: what it is made of
 * @watch: who watches
 * @store: memory, from store_new()
 * @result: filled in
 *
 * Return: true if everything held.
 */
bool world_run(const struct sim_scenario *scenario,
	       const struct sim_watch *watch, struct store *store,
	       struct sim_result *result)
{
	struct world *w = store_world(store);

	memset(result, 0, offsetof(struct sim_result, conn));
	memset(result->conn, 0, scenario->nr_conns * sizeof(result->conn[0]));
	result->wrong[0] = '\0';
	memset(w, 0, offsetof(struct world, host));
	w->scenario = scenario;
	w->watch = watch;
	w->store = store;
	w->result = result;
	rng_seed(&w->rng, ~scenario->seed);
	set_up(w);
	loop(w);
	if (!result->wrong[0])
		check_end(w);
	result->us = w->now;
	tear_down(w);
	return !result->wrong[0];
}
