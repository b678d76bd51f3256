// SPDX-License-Identifier: GPL-2.0
/*
 * Two ends of the engine over a bad link: whatever is lost, repeated, late or
 * out of memory, what is delivered is what was sent, both ends end, and nothing
 * that must hold is ever broken on the way. See link.h for what is checked.
 *
 * ATCP_SEED=N runs only that seed of each test.
 */
#include "unit.h"
#include "link.h"

#define MINUTES(n) (60 * ATCP_USEC_PER_SEC * (n))

#define OCTETS                                                                 \
	{                                                                      \
		100000, 60000                                                  \
	}

static void run_seeds(struct __test_metadata *_metadata,
		      struct link_config config, unsigned int seeds)
{
	const char *only = getenv("ATCP_SEED");
	struct link_result result;
	u64 us = 0, sent = 0, again = 0;

	for (config.seed = only ? atoi(only) : 1; config.seed <= seeds || only;
	     config.seed++) {
		link_run(&config, &result);
		ASSERT_STREQ("", result.wrong)
		TH_LOG("with ATCP_SEED=%u", config.seed);
		us += result.us;
		sent += result.sent;
		again += result.again;
		if (only)
			break;
	}
	fprintf(stderr,
		"# %llu segments, %llu of them again, %llu s of virtual time\n",
		(unsigned long long)sent, (unsigned long long)again,
		(unsigned long long)us / 1000000);
	if (!config.loss && !config.reorder && !config.repeat &&
	    !config.no_room && !config.pauses)
		EXPECT_EQ(0, again);
}

#define RUN_SEEDS(seeds, ...)                                                  \
	run_seeds(_metadata,                                                   \
		  (struct link_config){ .octets = OCTETS,                      \
					.delay_us = 10000,                     \
					.limit_us = MINUTES(10),               \
					.buf = 60000,                          \
					__VA_ARGS__ },                         \
		  seeds)

/* Here nothing is ever sent twice. */
TEST(clean)
{
	RUN_SEEDS(50, .loss = 0);
}

TEST(one_percent_lost)
{
	RUN_SEEDS(100, .loss = 10);
}

TEST(a_tenth_lost)
{
	RUN_SEEDS(60, .loss = 100);
}

/* Without a measurement the back-off stays, two minutes for each attempt. */
TEST(a_third_lost)
{
	RUN_SEEDS(20, .loss = 333, .octets = { 10000, 5000 },
		  .limit_us = MINUTES(24 * 60));
}

TEST(reordered)
{
	RUN_SEEDS(60, .reorder = 200);
}

TEST(repeated)
{
	RUN_SEEDS(60, .repeat = 200);
}

TEST(everything_at_once)
{
	RUN_SEEDS(100, .loss = 30, .repeat = 30, .reorder = 100, .no_room = 10,
		  .pauses = true);
}

TEST(small_buffers_and_pauses)
{
	RUN_SEEDS(60, .loss = 10, .buf = 3000, .pauses = true,
		  .octets = { 40000, 30000 });
}

/* More than 64 KiB: windows that only window scaling can say. */
TEST(large_buffers)
{
	RUN_SEEDS(40, .loss = 5, .buf = 1000000, .octets = { 400000, 300000 });
}

TEST(one_way)
{
	RUN_SEEDS(40, .loss = 20, .octets = { 200000, 0 });
}

TEST(nothing_but_a_handshake)
{
	RUN_SEEDS(200, .loss = 200, .octets = { 0, 0 });
}

TEST(simultaneous_open)
{
	RUN_SEEDS(60, .loss = 50, .simultaneous = true,
		  .octets = { 20000, 20000 });
}

TEST(records_run_out)
{
	RUN_SEEDS(60, .loss = 20, .reorder = 50, .starve = 900,
		  .octets = { 30000, 20000 });
}

UNIT_MAIN
