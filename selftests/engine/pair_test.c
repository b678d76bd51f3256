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
	struct link_result result, sum = { 0 };

	for (config.seed = only ? atoi(only) : 1; config.seed <= seeds || only;
	     config.seed++) {
		link_run(&config, &result);
		ASSERT_STREQ("", result.wrong)
		TH_LOG("with ATCP_SEED=%u", config.seed);
		sum.us += result.us;
		sum.sent += result.sent;
		sum.again += result.again;
		sum.probes += result.probes;
		sum.urgent += result.urgent;
		sum.duplicates += result.duplicates;
		sum.pruned += result.pruned;
		if (only)
			break;
	}
	fprintf(stderr,
		"# %u segments, %u again, %u duplicates told, %u keepalive probes, %u urgent pointers, %u octets pruned, %llu s of virtual time\n",
		sum.sent, sum.again, sum.duplicates, sum.probes, sum.urgent,
		sum.pruned, (unsigned long long)sum.us / 1000000);
	if (!config.loss && !config.reorder && !config.repeat &&
	    !config.no_room && !config.pauses)
		EXPECT_EQ(0, sum.again);
	if (only)
		return;
	/* What was to happen did. */
	EXPECT_EQ(!!config.keepalive, !!sum.probes);
	EXPECT_EQ(!!config.urgent, !!sum.urgent);
	EXPECT_EQ(!!config.prune, !!sum.pruned);
	if (config.repeat)
		EXPECT_NE(0, sum.duplicates);
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

TEST(urgent_data)
{
	RUN_SEEDS(40, .urgent = 300);
	RUN_SEEDS(60, .loss = 50, .reorder = 50, .repeat = 20, .no_room = 10,
		  .urgent = 200);
}

/* More than 64 KiB lie between the notice and the octet. */
TEST(urgent_data_far_ahead)
{
	RUN_SEEDS(20, .loss = 5, .buf = 1000000, .octets = { 400000, 300000 },
		  .urgent = 100);
}

TEST(keepalive)
{
	RUN_SEEDS(40, .loss = 50, .keepalive = true, .pauses = true);
	RUN_SEEDS(20, .keepalive = true, .pauses = true, .buf = 3000,
		  .octets = { 40000, 30000 });
}

/* The receiver takes back what it has SACKed: RFC 2018 section 8. Only a
 * time-out finds out, and the back-off stays.
 */
TEST(pruned)
{
	RUN_SEEDS(60, .loss = 50, .reorder = 100, .prune = 200,
		  .octets = { 50000, 30000 }, .limit_us = MINUTES(24 * 60));
}

/* Down to an octet, and up again: the window always opens. */
TEST(clamped)
{
	RUN_SEEDS(60, .clamp = 100, .octets = { 40000, 30000 });
	RUN_SEEDS(40, .loss = 20, .clamp = 100, .buf = 3000, .pauses = true,
		  .octets = { 20000, 10000 });
}

TEST(all_of_it_at_once)
{
	RUN_SEEDS(100, .loss = 30, .repeat = 30, .reorder = 100, .no_room = 10,
		  .pauses = true, .starve = 100, .keepalive = true,
		  .urgent = 100, .clamp = 50, .prune = 100,
		  .octets = { 50000, 30000 }, .limit_us = MINUTES(24 * 60));
}

UNIT_MAIN
