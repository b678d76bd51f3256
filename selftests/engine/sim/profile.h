/* SPDX-License-Identifier: GPL-2.0 */
/* Scenarios of one kind, by name. */
#ifndef ATCP_SIM_PROFILE_H
#define ATCP_SIM_PROFILE_H

#include "result.h"

/**
 * struct sim_profile - a kind of scenario
 * @name: what --profile calls it
 * @text: what it is about
 * @draw: makes one, of a scenario that is all zero
 * @seeds: how many of them a check runs
 * @happens: what must happen in these, by 1ULL << enum sim_count
 */
struct sim_profile {
	const char *name;
	const char *text;
	void (*draw)(struct sim_scenario *s, struct rng *r);
	unsigned int seeds;
	u64 happens;
};

/* draw.c */
void draw_hosts(struct sim_scenario *s, struct rng *r, unsigned int n);
void draw_params(struct atcp_params *params, bool patient);
struct sim_conn *draw_conn(struct sim_scenario *s, struct rng *r);
void draw_mixed(struct sim_scenario *s, struct rng *r);

#endif
