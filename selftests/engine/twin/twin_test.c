// SPDX-License-Identifier: GPL-2.0
/*
 * Parts of the engine beside their twins, on random input.
 *
 * TWIN_SEED=N runs only that seed of each test.
 */
#include "unit.h"
#include "types.h"
#include "twin.h"

/* Knuth's MMIX generator: the same numbers on every machine. */
static u64 state;

static u32 below(u32 limit)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (state >> 33) % limit;
}

static bool chance(u32 percent)
{
	return below(100) < percent;
}

typedef size_t (*make_fn)(u8 *data, size_t room);
typedef void (*twin_fn)(const uint8_t *data, size_t len);

static void run_seeds(u32 seeds, make_fn make, twin_fn twin)
{
	const char *only = getenv("TWIN_SEED");
	u32 seed = only ? strtoul(only, NULL, 0) : 1;
	u32 last = only ? seed : seeds;
	u8 data[4096];

	for (; seed <= last; seed++) {
		state = seed;
		below(1);
		twin_origin("repeat with TWIN_SEED=%u", seed);
		twin(data, make(data, sizeof(data)));
	}
}

static size_t make_anything(u8 *data, size_t room)
{
	size_t len = below(room), i;

	for (i = 0; i < len; i++)
		data[i] = below(256);
	return len;
}

static const u8 kinds[] = { 0, 1, 1, 1, 2, 3, 4, 5, 8, 8, 8, 19, 30, 254 };
static const u8 lengths[] = { 1, 1, 4, 3, 2, 10, 10, 10, 10 };

/* Options that are right for the most part. */
static size_t make_options(u8 *data, size_t room)
{
	size_t len = 0, i, end;

	data[len++] = below(255);
	while (len < 1 + below(44)) {
		u8 kind = kinds[below(ARRAY_SIZE(kinds))];
		u8 n = kind < ARRAY_SIZE(lengths) ? lengths[kind] :
						    2 + below(10);

		if (kind == 5)
			n += 8 * below(4);
		if (chance(5))
			n = below(42);
		end = len + max_t(u8, n, 1);
		for (i = len; i < end; i++)
			data[i] = chance(90) ? below(256) : 0;
		data[len] = kind;
		if (kind > 1 && end > len + 1)
			data[len + 1] = n;
		len = end;
	}
	return len - (chance(10) ? below(3) : 0);
}

/* A whole segment whose header length may be anything. */
static size_t make_segment(u8 *data, size_t room)
{
	size_t len = 1 + below(90), i;

	data[0] = 255;
	for (i = 1; i < len; i++)
		data[i] = chance(80) ? below(256) : 0;
	if (len > 13 && chance(70))
		data[13] = (5 + below(11)) * 16;
	return len;
}

TEST(options)
{
	run_seeds(200000, make_options, twin_options);
	run_seeds(50000, make_segment, twin_options);
	run_seeds(5000, make_anything, twin_options);
}

/* The steps are made of whatever comes. */
static size_t make_steps(u8 *data, size_t room)
{
	size_t len = 1 + below(600), i;

	for (i = 0; i < len; i++)
		data[i] = below(256);
	/* Often close to the end of the sequence space. */
	if (chance(50))
		memset(data, 0xff, min(len, (size_t)2));
	return len;
}

TEST(reassembly)
{
	run_seeds(5000, make_steps, twin_reassembly);
}

TEST(scoreboard)
{
	run_seeds(4000, make_steps, twin_scoreboard);
}

UNIT_MAIN
