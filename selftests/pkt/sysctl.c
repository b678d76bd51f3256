// SPDX-License-Identifier: GPL-2.0
/*
 * What net.atcp.* changes on the wire. Knobs that are missing here have their
 * effect tested elsewhere:
 *
 *	syn_retries, synack_retries		handshake.c
 *	retries2, orphan_retries		retransmission.c
 *	retries1, mtu_probing 1			icmp_error.c, ../stat.c
 *	keepalive_time, _intvl, _probes		keepalive.c
 *	challenge_ack_limit			../stat.c
 *	fin_timeout				close.c, ../trace.c
 *	max_tw_buckets				../sysctl.c
 *	syncookies, max_syn_backlog, abort_on_overflow	handshake.c
 *	probe_interval				../engine/mtu_test.c
 *	congestion_control and its companions	../api_congestion.c
 *	rmem, wmem				../sysctl.c
 */
#include "../harness.h"
#include "pkt.h"

FIXTURE_PKT(sysctl);

/* Sets @name, and says so if that fails. */
static bool set(const char *name, const char *value)
{
	int err = sysctl_write(name, value);

	if (err)
		fprintf(stderr, "# %s=%s: %s\n", name, value, strerror(-err));
	return !err;
}

/* Options of a SYN */

static bool syn_lacks(struct pkt *p, unsigned int option)
{
	return pkt_start_connect(p) &&
	       EXPECTED(p, .flags = TH_SYN, .opts = OPT_SYN_ALL & ~option);
}

/* The peer's SYN has all options. */
static bool syn_ack_lacks(struct pkt *p, unsigned int option)
{
	return pkt_listen(p) &&
	       SENT(p, .flags = TH_SYN, .opts = OPT_SYN_ALL, .mss = 1000,
		    .tsval = 1) &&
	       EXPECTED(p, .flags = TH_SYN | TH_ACK, .ack = 1,
			.opts = OPT_SYN_ALL & ~option);
}

TEST_F(sysctl, window_scaling_0_is_not_offered_by_a_syn)
{
	ASSERT_TRUE(set("window_scaling", "0"));
	EXPECT_TRUE(syn_lacks(&self->pkt, OPT_WSCALE));
}

TEST_F(sysctl, window_scaling_0_is_not_accepted_by_a_syn_ack)
{
	ASSERT_TRUE(set("window_scaling", "0"));
	EXPECT_TRUE(syn_ack_lacks(&self->pkt, OPT_WSCALE));
}

TEST_F(sysctl, timestamps_0_is_not_offered_by_a_syn)
{
	ASSERT_TRUE(set("timestamps", "0"));
	EXPECT_TRUE(syn_lacks(&self->pkt, OPT_TS));
}

TEST_F(sysctl, timestamps_0_is_not_accepted_by_a_syn_ack)
{
	ASSERT_TRUE(set("timestamps", "0"));
	EXPECT_TRUE(syn_ack_lacks(&self->pkt, OPT_TS));
}

TEST_F(sysctl, sack_0_is_not_offered_by_a_syn)
{
	ASSERT_TRUE(set("sack", "0"));
	EXPECT_TRUE(syn_lacks(&self->pkt, OPT_SACKPERM));
}

TEST_F(sysctl, sack_0_is_not_accepted_by_a_syn_ack)
{
	ASSERT_TRUE(set("sack", "0"));
	EXPECT_TRUE(syn_ack_lacks(&self->pkt, OPT_SACKPERM));
}

/* Without an offset of its own, a connection shows the machine's clock. */
TEST_F(sysctl, timestamps_2_shows_the_clock)
{
	uint32_t tick;

	ATCP_ONLY();
	ASSERT_TRUE(set("timestamps", "2"));
	ASSERT_TRUE(pkt_start_connect(&self->pkt));
	EXPECT_SEG(.flags = TH_SYN, .opts = OPT_SYN_ALL);
	tick = now_us() >> 10;
	EXPECT_GE(1000, (int)(tick - self->pkt.got.tsval));
	EXPECT_LE(0, (int)(tick - self->pkt.got.tsval));
}

/* Time-outs */

TEST_F_TIMEOUT(sysctl, rto_min_us_is_the_least_time_out, 1 * MINUTES)
{
	ATCP_ONLY();
	ASSERT_TRUE(set("rto_min_us", "50000"));
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100,
		   .after = 50);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100,
		   .after = 100);
}

TEST_F_TIMEOUT(sysctl, rto_max_ms_ends_the_doubling, 1 * MINUTES)
{
	static const int after[] = { 200, 400, 800, 1000, 1000, 1000 };
	unsigned int i;

	ATCP_ONLY();
	ASSERT_TRUE(set("rto_max_ms", "1000"));
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	for (i = 0; i < ARRAY_SIZE(after); i++)
		EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100,
			   .after = after[i]);
}

TEST_F_TIMEOUT(sysctl, thin_linear_timeouts_does_not_back_off, 1 * MINUTES)
{
	int i;

	ASSERT_TRUE(set("thin_linear_timeouts", "1"));
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	for (i = 0; i < 6; i++)
		EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100,
			   .after = 200);
}

/* Windows */

/* Whatever comes, until nothing more does: octets, and the longest segment. */
static int drain(struct pkt *p, int *longest)
{
	int octets = 0;

	*longest = 0;
	while (pkt_next(p, QUIET_MS)) {
		octets += p->got.len;
		if (p->got.len > *longest)
			*longest = p->got.len;
	}
	return octets;
}

/*
 * Lets the window grow, waits for a second, and says what is sent at once then.
 */
static int burst_after_idle(struct pkt *p)
{
	int total = 0, room = 1 << 18, longest;

	if (!pkt_accept(p) ||
	    setsockopt(p->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)) ||
	    !stream_write(p->fd, 60000, 0))
		return -1;
	while (total < 60000) {
		bool sent;

		total += drain(p, &longest);
		sent = SENT(p, .flags = TH_ACK, .seq = 1, .ack = 1 + total);
		if (!longest || !sent)
			return -1;
	}
	if (!pkt_silence(p, 1000) || !stream_write(p->fd, 60000, total))
		return -1;
	return drain(p, &longest);
}

TEST_F(sysctl, slow_start_after_idle_1_begins_with_the_initial_window)
{
	EXPECT_EQ(10000, burst_after_idle(&self->pkt));
}

TEST_F(sysctl, slow_start_after_idle_0_goes_on_with_the_window_it_had)
{
	ASSERT_TRUE(set("slow_start_after_idle", "0"));
	EXPECT_LE(30000, burst_after_idle(&self->pkt));
}

/* What is answered */

/* Whether a duplicate is answered with a D-SACK. */
static bool duplicate_is_reported(struct pkt *p)
{
	p->peer.opts = OPT_MSS | OPT_SACKPERM;
	return pkt_accept(p) &&
	       SENT(p, .flags = TH_ACK, .seq = 1, .ack = 1, .len = 100) &&
	       EXPECTED(p, .flags = TH_ACK, .seq = 1, .ack = 101) &&
	       SENT(p, .flags = TH_ACK, .seq = 1, .ack = 1, .len = 100) &&
	       pkt_next(p, PATIENCE_MS) && p->got.ack == 101 &&
	       p->got.opts & OPT_SACK;
}

TEST_F(sysctl, dsack_1_reports_duplicates)
{
	EXPECT_TRUE(duplicate_is_reported(&self->pkt));
}

TEST_F(sysctl, dsack_0_does_not_report_duplicates)
{
	ASSERT_TRUE(set("dsack", "0"));
	EXPECT_FALSE(duplicate_is_reported(&self->pkt));
}

TEST_F(sysctl, invalid_ratelimit_0_answers_each_bad_segment)
{
	int i;

	ASSERT_TRUE(set("invalid_ratelimit", "0"));
	ASSERT_TRUE(pkt_accept(&self->pkt));
	for (i = 0; i < 3; i++) {
		INJECT(.flags = TH_ACK, .seq = 0x10000000, .ack = 1);
		EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	}
}

/* The octet that MSG_OOB reads of "ab", where a was sent as urgent. */
static char urgent_octet(int family)
{
	char got = 0;
	int fd[2];

	if (test_pair(family, fd) || send(fd[0], "a", 1, MSG_OOB) != 1 ||
	    send(fd[0], "b", 1, 0) != 1)
		return 0;
	WAIT_FOR(recv(fd[1], &got, 1, MSG_OOB) == 1, PATIENCE_MS);
	return got;
}

TEST_F(sysctl, stdurg_0_points_behind_the_urgent_octet)
{
	EXPECT_EQ('a', urgent_octet(variant->family));
}

TEST_F(sysctl, stdurg_1_points_at_the_urgent_octet)
{
	ASSERT_TRUE(set("stdurg", "1"));
	EXPECT_EQ('b', urgent_octet(variant->family));
}

/* Segment sizes. Linux makes a search's first size known to a connection only
 * when something else changes.
 */

TEST_F(sysctl, base_mss_is_what_a_search_begins_with)
{
	ATCP_ONLY();
	ASSERT_TRUE(set("mtu_probing", "2"));
	ASSERT_TRUE(set("base_mss", "600"));
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 1000, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 600);
	EXPECT_SEG(.flags = TH_ACK, .seq = 601, .ack = 1, .len = 400);
}

TEST_F(sysctl, min_snd_mss_is_sent_whatever_the_peer_says)
{
	ASSERT_TRUE(set("min_snd_mss", "500"));
	self->pkt.peer.mss = 100;
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 600, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 500);
	EXPECT_SEG(.flags = TH_ACK, .seq = 501, .ack = 1, .len = 100);
}

TEST_F(sysctl, mtu_probe_floor_ends_the_search_below_a_black_hole)
{
	ATCP_ONLY();
	ASSERT_TRUE(set("mtu_probing", "1"));
	ASSERT_TRUE(set("retries1", "0"));
	ASSERT_TRUE(set("base_mss", "512"));
	ASSERT_TRUE(set("mtu_probe_floor", "300"));
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 1000, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 512);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 300);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 300);
}

/* What the longest of many segments is, with room to search for more. */
static int longest_of_many(struct pkt *p)
{
	int longest = 0;

	p->peer.opts = OPT_MSS;
	p->peer.mss = 1460;
	if (!set("mtu_probing", "2") || !pkt_accept(p) ||
	    !stream_write(p->fd, 20000, 0))
		return -1;
	drain(p, &longest);
	return longest;
}

TEST_F(sysctl, probe_threshold_lets_a_wide_range_be_searched)
{
	ATCP_ONLY();
	EXPECT_LT(1024, longest_of_many(&self->pkt));
}

TEST_F(sysctl, probe_threshold_ends_the_search_of_a_narrow_range)
{
	ATCP_ONLY();
	ASSERT_TRUE(set("probe_threshold", "1000"));
	EXPECT_EQ(1024, longest_of_many(&self->pkt));
}

TEST_MAIN
