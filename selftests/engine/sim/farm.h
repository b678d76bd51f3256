/* SPDX-License-Identifier: GPL-2.0 */
/* Many runs, one after the other in as many processes as there are CPUs. */
#ifndef ATCP_SIM_FARM_H
#define ATCP_SIM_FARM_H

#include <stdio.h>
#include "profile.h"

/**
 * struct farm_order - what to run
 * @profile: scenarios of which kind
 * @first: seed of the first
 * @last: and of the last
 * @connections: end after so many, 0: never
 * @seconds: end after so long, 0: never
 * @jobs: processes
 * @quiet: say nothing of the progress
 */
struct farm_order {
	const struct sim_profile *profile;
	u64 first;
	u64 last;
	u64 connections;
	u64 seconds;
	unsigned int jobs;
	bool quiet;
};

/**
 * struct farm_harvest - what came out
 * @count: sums by enum sim_count
 * @seconds: how long it took
 * @failed: a run went wrong
 * @seed: of that
 */
struct farm_harvest {
	u64 count[SIM_COUNT];
	double seconds;
	bool failed;
	u64 seed;
};

void farm_run(const struct farm_order *order, struct farm_harvest *harvest);
void farm_explain(const struct farm_order *order, u64 seed, FILE *to);

#endif
