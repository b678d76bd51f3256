/* SPDX-License-Identifier: GPL-2.0 */
/* The one source of chance: what a run does follows from its seed. */
#ifndef ATCP_SIM_RANDOM_H
#define ATCP_SIM_RANDOM_H

#include "types.h"

/**
 * struct rng - a generator of random numbers
 * @state: all of it
 */
struct rng {
	u64 state;
};

/* Seeds that follow each other must not start alike: splitmix64's finish. */
static inline void rng_seed(struct rng *r, u64 seed)
{
	seed += 0x9e3779b97f4a7c15ULL;
	seed = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9ULL;
	seed = (seed ^ (seed >> 27)) * 0x94d049bb133111ebULL;
	r->state = seed ^ (seed >> 31);
}

/* Knuth's MMIX generator: the same numbers on every machine. */
static inline u32 rng_next(struct rng *r)
{
	r->state = r->state * 6364136223846793005ULL + 1442695040888963407ULL;
	return r->state >> 32;
}

/* A number below @limit, which is at least 1. */
static inline u32 below(struct rng *r, u32 limit)
{
	return (u64)rng_next(r) * limit >> 32;
}

/* A number of [@from, @to]. */
static inline u32 between(struct rng *r, u32 from, u32 to)
{
	return from + below(r, to - from + 1);
}

static inline bool chance(struct rng *r, unsigned int of_1000)
{
	return of_1000 && below(r, 1000) < of_1000;
}

#endif
