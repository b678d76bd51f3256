// SPDX-License-Identifier: GPL-2.0
/* Packetization layer path MTU discovery: RFC 4821, engine/mtu.c. */
#include "conn.h"
#include "congestion.h"
#include "mtu.h"
#include "recovery.h"
#include "unit.h"

#define BASE 512U

static void searching(struct __test_metadata *_metadata, struct conn *c,
		      u8 options)
{
	CONN_WITH(c, ATCP_ESTABLISHED, .options = options, .wnd = 60000);
	c->params.mtu_probing = 2;
	c->params.base_mss = BASE;
	atcp_mtu_start(&c->tcb, c->now);
}

/* A search between BASE and MSS starts in the middle. */
#define FIRST (BASE + (MSS - BASE + 1) / 2)

TEST(without_the_sysctl_there_is_no_search)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	atcp_mtu_start(&c.tcb, c.now);
	atcp_mtu_black_hole(&c.tcb, c.now);
	EXPECT_FALSE(c.tcb.mtu.searching);
	EXPECT_EQ(MSS, c.tcb.mss);
	conn_free(&c);
}

TEST(a_probe_is_one_larger_segment_and_raises_the_mss)
{
	struct conn c;

	searching(_metadata, &c, 0);
	EXPECT_EQ(BASE, c.tcb.mss);
	SEND(&c, 8 * BASE);
	EXPECT_SENDS(&c, .seq = OURS(0), .len = FIRST);
	EXPECT_EQ(FIRST, c.out.cut);
	EXPECT_SENDS(&c, .seq = OURS(FIRST), .len = BASE);
	DRAIN(&c);
	ARRIVES(&c, .ack = OURS(FIRST - 1));
	EXPECT_EQ(BASE, c.tcb.mss);
	ARRIVES(&c, .ack = OURS(FIRST));
	EXPECT_EQ(FIRST, c.tcb.mss);
	DRAIN(&c);
	conn_free(&c);
}

TEST(too_little_data_is_no_probe)
{
	struct conn c;

	searching(_metadata, &c, 0);
	SEND(&c, FIRST + 4 * BASE - 1);
	EXPECT_SENDS(&c, .seq = OURS(0), .len = BASE);
	conn_free(&c);
}

TEST(a_small_window_is_no_place_for_a_probe)
{
	struct conn c;

	searching(_metadata, &c, 0);
	ARRIVES(&c, .wnd = FIRST + 4 * BASE - 1);
	SEND(&c, 20 * BASE);
	EXPECT_SENDS(&c, .seq = OURS(0), .len = BASE);
	conn_free(&c);
}

TEST(a_small_cwnd_is_no_place_for_a_probe)
{
	struct conn c;

	searching(_metadata, &c, 0);
	c.tcb.cwnd = FIRST + 4 * BASE - 1;
	SEND(&c, 20 * BASE);
	EXPECT_SENDS(&c, .seq = OURS(0), .len = BASE);
	conn_free(&c);
}

static void lose_first_probe(struct __test_metadata *_metadata, struct conn *c)
{
	u32 n;

	SEND(c, 9 * BASE);
	EXPECT_SENDS(c, .seq = OURS(0), .len = FIRST);
	DRAIN(c);
	for (n = 1; n <= 3; n++) {
		if (c->tcb.use & ATCP_USE_SACK)
			ARRIVES(c, .ack = OURS(0), .options = ATCP_OPT_SACK,
				.nr_sacks = 1,
				.sacks = { { OURS(FIRST),
					     OURS(FIRST + n * BASE) } });
		else
			ARRIVES(c, .ack = OURS(0));
	}
}

/* 7.6.2: its octets go again in ordinary segments, and cwnd stays. */
static void lost_probe(struct __test_metadata *_metadata, u8 options)
{
	struct conn c;
	u32 cwnd;

	searching(_metadata, &c, options);
	cwnd = c.tcb.cwnd;
	lose_first_probe(_metadata, &c);
	EXPECT_SENDS(&c, .seq = OURS(0), .len = BASE);
	EXPECT_SENDS(&c, .seq = OURS(BASE), .len = FIRST - BASE);
	DRAIN(&c);
	/* More of the same are no news. */
	ARRIVES(&c, .ack = OURS(0), .options = options, .nr_sacks = !!options,
		.sacks = { { OURS(FIRST), OURS(FIRST + 4 * BASE) } });
	EXPECT_EQ(ATCP_CWND_MAX, c.tcb.ssthresh);
	EXPECT_EQ(ATCP_RECOVERY_PROBE, c.tcb.recovery);
	DRAIN(&c);
	ARRIVES(&c);
	EXPECT_EQ(ATCP_RECOVERY_NONE, c.tcb.recovery);
	EXPECT_GE(c.tcb.cwnd, cwnd);
	EXPECT_EQ(ATCP_CWND_MAX, c.tcb.ssthresh);
	EXPECT_EQ(BASE, c.tcb.mss);
	EXPECT_EQ(FIRST - 1, c.tcb.mtu.high);
	conn_free(&c);
}

TEST(a_lost_probe_is_no_congestion_with_sack)
{
	lost_probe(_metadata, ATCP_OPT_SACK_OK);
}

TEST(a_lost_probe_is_no_congestion_without_sack)
{
	lost_probe(_metadata, 0);
}

/* What was sent before the probe is lost: the usual answer. */
TEST(a_loss_before_the_probe_is_congestion)
{
	struct conn c;
	u32 n;

	searching(_metadata, &c, 0);
	SEND(&c, BASE);
	DRAIN(&c);
	SEND(&c, 9 * BASE);
	EXPECT_SENDS(&c, .seq = OURS(BASE), .len = FIRST);
	DRAIN(&c);
	for (n = 0; n < 3; n++)
		ARRIVES(&c, .ack = OURS(0));
	EXPECT_EQ(ATCP_RECOVERY_FAST, c.tcb.recovery);
	EXPECT_EQ(MSS, c.tcb.mtu.high);
	EXPECT_EQ(0, c.tcb.mtu.probe_size);
	conn_free(&c);
}

TEST(a_time_out_ends_the_probe)
{
	struct conn c;

	searching(_metadata, &c, 0);
	SEND(&c, 9 * BASE);
	EXPECT_SENDS(&c, .seq = OURS(0), .len = FIRST);
	DRAIN(&c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_EQ(0, c.tcb.mtu.probe_size);
	EXPECT_SENDS(&c, .seq = OURS(0), .len = BASE);
	conn_free(&c);
}

/* 7.7: full segments vanish; after R1 smaller ones are tried, then halves. */
TEST(a_black_hole_is_found_by_time_outs)
{
	struct conn c;
	u32 expected[] = { BASE, BASE / 2, BASE / 4 };
	u32 *want = expected;

	CONN(&c, ATCP_ESTABLISHED);
	c.params.mtu_probing = 1;
	c.params.base_mss = BASE;
	SEND(&c, 4 * MSS);
	DRAIN(&c);
	while (want < expected + ARRAY_SIZE(expected)) {
		u16 events;

		TIMEOUT(&c, atcp_deadline(&c.tcb));
		events = atcp_take_events(&c.tcb);
		if (events & ATCP_EV_PATH) {
			EXPECT_EQ(*want, c.tcb.mss);
			EXPECT_SENDS(&c, .seq = OURS(0), .len = *want);
			want++;
		} else {
			EXPECT_SENDS(&c, .seq = OURS(0), .len = MSS);
		}
		EXPECT_SILENCE(&c);
	}
	conn_free(&c);
}

/*
 * A path that takes segments of up to @most and says nothing of larger ones;
 * its receiver keeps what comes above a hole, and acknowledges each segment.
 */
static void run_path(struct __test_metadata *_metadata, struct conn *c,
		     u32 most, unsigned int rounds)
{
	u32 nxt = c->tcb.snd_una, hole_end = nxt, held = nxt;
	struct atcp_segment out;

	for (; rounds; rounds--, c->now += MS(10)) {
		SEND(c, 10 * MSS);
		for (;;) {
			conn_refill(c);
			if (!atcp_next_segment(&c->tcb, c->now, &out))
				break;
			if (out.len > most) {
				hole_end = out.seq + out.len;
				held = hole_end;
				continue;
			}
			if (out.seq == nxt)
				nxt += out.len;
			else
				held = out.seq + out.len;
			if (nxt == hole_end)
				nxt = held;
			held = seq_max(held, nxt);
			ARRIVES(c, .ack = nxt);
		}
	}
}

/* 7.3: the search closes in on the path's size, without a time-out. */
TEST(the_search_finds_the_paths_size)
{
	struct conn c;

	searching(_metadata, &c, 0);
	run_path(_metadata, &c, 777, 40);
	EXPECT_LE(c.tcb.mss, 777U);
	EXPECT_GT(c.tcb.mss + c.params.probe_threshold, 777U - 1);
	EXPECT_EQ(0, c.tcb.backoff);
	EXPECT_EQ(ATCP_CWND_MAX, c.tcb.ssthresh);
	conn_free(&c);
}

/* The path may have changed: after probe_interval a new search begins. */
TEST(the_search_begins_again_after_its_interval)
{
	struct conn c;

	searching(_metadata, &c, 0);
	run_path(_metadata, &c, 777, 40);
	run_path(_metadata, &c, MSS, 5);
	EXPECT_LE(c.tcb.mss, 777U);
	c.now += SEC(600);
	run_path(_metadata, &c, MSS, 40);
	EXPECT_GT(c.tcb.mss + c.params.probe_threshold, MSS - 1);
	conn_free(&c);
}

/* An ICMP message that lowers the route's MTU is believed at once. */
TEST(the_route_bounds_the_search)
{
	struct conn c;

	searching(_metadata, &c, 0);
	atcp_tcb_path_mss(&c.tcb, BASE - 100);
	EXPECT_EQ(BASE - 100, c.tcb.mss);
	conn_free(&c);
}

UNIT_MAIN
