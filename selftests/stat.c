// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/atcp_stat: each event moves its counter, by one, and no other.
 * Reasons to drop are counted exactly by the packet tests, too.
 */
#include <errno.h>
#include <poll.h>

#include "harness.h"
#include "pkt/pkt.h"

FIXTURE_PKT(stat);

#define STAT_PATH "/proc/net/atcp_stat"
#define TEXT	  16384

static char marked[TEXT];

static void mark(void)
{
	if (file_read(STAT_PATH, marked, sizeof(marked)) < 0)
		marked[0] = 0;
}

/* The number after " @name " or "\n@name " in @text, else 0. */
static long long number_of(const char *text, const char *name)
{
	size_t len = strlen(name);
	const char *at = text;

	while ((at = strstr(at, name))) {
		if ((at == text || at[-1] == '\n' || at[-1] == ' ') &&
		    at[len] == ' ')
			return atoll(at + len);
		at += len;
	}
	return 0;
}

/* What any segment moves: looked at only where it is named. */
static bool is_traffic(const char *name)
{
	return !strcmp(name, "InSegs") || !strcmp(name, "OutSegs") ||
	       !strcmp(name, "InBytes") || !strcmp(name, "OutBytes");
}

/* Have the counters grown since mark() as @want, "Name 1 Name 2", says? */
static bool grew(const char *want, bool tell)
{
	char text[TEXT], *line, *save;
	bool good = true;

	if (file_read(STAT_PATH, text, sizeof(text)) < 0)
		return false;
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *value = strchr(line, ' ');
		long long by, due;

		if (!value)
			return false;
		*value++ = 0;
		by = atoll(value) - number_of(marked, line);
		due = number_of(want, line);
		if (by == due || (!due && is_traffic(line)))
			continue;
		if (tell)
			fprintf(stderr, "# %s grew by %lld, not %lld\n", line,
				by, due);
		good = false;
	}
	return good;
}

#define GIVEN_UP    "AbortsByTimeout 1 AttemptFails 1"
#define AGAIN(kind) "RetransSegs 1 Retrans" kind " 1"

#define EXPECT_COUNTED(want)                                                   \
	EXPECT_TRUE(WAIT_FOR(grew(want, false), PATIENCE_MS) ||                \
		    grew(want, true))

/* A name that is not there would never be missed. */
TEST_F(stat, counters_named_here_exist)
{
	static const char *const names[] = {
		"ActiveOpens",	   "PassiveOpens",     "AttemptFails",
		"EstabResets",	   "InSegs",	       "InBytes",
		"OutSegs",	   "OutBytes",	       "RetransSegs",
		"OutRsts",	   "OutFails",	       "AbortsByTimeout",
		"AbortsByUser",	   "TimeWaits",	       "TimeWaitOverflows",
		"TimeWaitReopens", "ChallengeAcks",    "ChallengeAcksSkipped",
		"UrgentPointers",  "RetransSyns",      "RetransSynAcks",
		"RetransFast",	   "RetransTimeouts",  "RetransProbes",
		"DelayedAcks",	   "AcksSkipped",      "OutOfOrder",
		"DsacksSent",	   "DsacksReceived",   "WindowsClosed",
		"WindowProbes",	   "KeepaliveProbes",  "Timeouts",
		"FastRecoveries",  "BlackHoles",       "MtuProbes",
		"MtuProbesAcked",  "RetransMtuProbes", "MtuProbesLost",
		"DropReset",	   "DropNoSocket",     "DropChallenged",
		"DropOutOfWindow", "DropOldData",      "DropTimeWait",
	};
	unsigned int i;

	ATCP_ONLY();
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (counter_read(names[i]) == 0)
			continue;
		fprintf(stderr, "# there is no %s\n", names[i]);
		EXPECT_TRUE(false);
	}
}

/* Opening */

TEST_F(stat, opens_are_counted_by_who_began)
{
	ATCP_ONLY();
	mark();
	ASSERT_TRUE(pkt_connect(&self->pkt));
	EXPECT_COUNTED("ActiveOpens 1");
	ASSERT_EQ(0, test_pair(variant->family, (int[2]){}));
	EXPECT_COUNTED("ActiveOpens 2 PassiveOpens 1");
}

TEST_F(stat, refused_connect_is_counted)
{
	ATCP_ONLY();
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	mark();
	INJECT(.flags = TH_RST | TH_ACK, .ack = 1);
	EXPECT_COUNTED("AttemptFails 1 DropReset 1");
}

TEST_F(stat, reset_connection_is_counted)
{
	ATCP_ONLY();
	ASSERT_TRUE(pkt_accept(&self->pkt));
	mark();
	INJECT(.flags = TH_RST, .seq = 1);
	EXPECT_COUNTED("EstabResets 1 DropReset 1");
}

TEST_F(stat, syn_sent_again_and_given_up_is_counted)
{
	const char *want;

	ATCP_ONLY();
	ASSERT_EQ(0, sysctl_write("syn_retries", "1"));
	mark();
	ASSERT_TRUE(pkt_start_connect(&self->pkt));
	want = AGAIN("Syns") " ActiveOpens 1 Timeouts 2 " GIVEN_UP;
	EXPECT_COUNTED(want);
}

TEST_F(stat, syn_ack_sent_again_is_counted)
{
	ATCP_ONLY();
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_RECEIVED));
	mark();
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_MSS);
	EXPECT_COUNTED(AGAIN("SynAcks"));
}

/* One in the accept queue is one more than a backlog of 0 says. */
TEST_F(stat, connection_that_a_full_listener_refuses_is_counted)
{
	const char *want;
	struct sockaddr_storage to = test_loopback(variant->family, 4000);
	int listener = test_listen(variant->family, 4000, 0), fd;

	ATCP_ONLY();
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, sysctl_write("syncookies", "0"));
	ASSERT_LE(0, test_connect(variant->family, 4000));
	ASSERT_TRUE(poll_for(listener, POLLIN));
	mark();
	fd = test_socket(variant->family, SOCK_NONBLOCK);
	EXPECT_ERRNO(EINPROGRESS, connect(fd, (struct sockaddr *)&to,
					  test_addrlen(variant->family)));
	want = "ActiveOpens 1 ListenOverflows 1 ListenDrops 1 DropBacklog 1";
	EXPECT_COUNTED(want);
	EXPECT_EQ(0, close(fd));
}

/* Traffic */

TEST_F(stat, segments_and_octets_are_counted_either_way)
{
	ATCP_ONLY();
	ASSERT_TRUE(pkt_accept(&self->pkt));
	mark();
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 101);
	EXPECT_COUNTED("InSegs 1 InBytes 100 OutSegs 1");
	ASSERT_TRUE(stream_write(self->pkt.fd, 50, 0));
	EXPECT_SEG(.flags = TH_PUSH | TH_ACK, .seq = 1, .ack = 101, .len = 50);
	INJECT(.flags = TH_ACK, .seq = 101, .ack = 51);
	EXPECT_COUNTED("InSegs 2 InBytes 100 OutSegs 2 OutBytes 50");
}

TEST_F(stat, segment_for_nobody_and_its_reset_are_counted)
{
	ATCP_ONLY();
	mark();
	INJECT(.flags = TH_SYN, .dport = 9999);
	EXPECT_COUNTED("InSegs 1 OutSegs 1 OutRsts 1 DropNoSocket 1");
}

TEST_F(stat, data_above_a_gap_is_counted)
{
	ATCP_ONLY();
	ASSERT_TRUE(pkt_accept(&self->pkt));
	mark();
	INJECT(.flags = TH_ACK, .seq = 101, .ack = 1, .len = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_COUNTED("OutOfOrder 1 InSegs 1 InBytes 100");
}

TEST_F(stat, duplicate_is_counted_as_reported)
{
	ATCP_ONLY();
	self->pkt.peer.opts = OPT_MSS | OPT_SACKPERM;
	ASSERT_TRUE(pkt_accept(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 101);
	mark();
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 101, .opts = OPT_SACK,
		   .sacks = 1, .sack = { { 1, 101 } });
	EXPECT_COUNTED("DsacksSent 1 DropOldData 1");
}

TEST_F(stat, report_of_a_duplicate_is_counted)
{
	ATCP_ONLY();
	self->pkt.peer.opts = OPT_MSS | OPT_SACKPERM;
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	EXPECT_SEG(.flags = TH_PUSH | TH_ACK, .seq = 1, .ack = 1, .len = 100);
	mark();
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 101, .opts = OPT_SACK,
	       .sacks = 1, .sack = { { 1, 101 } });
	EXPECT_COUNTED("DsacksReceived 1");
}

TEST_F(stat, ack_that_waited_is_counted)
{
	uint32_t seq = 1;

	ATCP_ONLY();
	ASSERT_TRUE(pkt_accept(&self->pkt));
	/* The first segments are acknowledged at once. */
	do {
		mark();
		INJECT(.flags = TH_ACK, .seq = seq, .ack = 1, .len = 10);
		seq += 10;
		ASSERT_TRUE(pkt_next(&self->pkt, 400));
	} while (seq < 2000 && !counter_read("DelayedAcks"));
	EXPECT_COUNTED("DelayedAcks 1 InSegs 1 OutSegs 1");
}

TEST_F(stat, new_urgent_pointer_is_counted)
{
	int fd[2];

	ATCP_ONLY();
	ASSERT_EQ(0, test_pair(variant->family, fd));
	mark();
	ASSERT_EQ(1, send(fd[0], "!", 1, MSG_OOB));
	EXPECT_COUNTED("UrgentPointers 1");
}

/* Losses */

TEST_F(stat, time_out_of_data_is_counted)
{
	const char *want;

	ATCP_ONLY();
	ASSERT_TRUE(pkt_connect(&self->pkt));
	mark();
	ASSERT_TRUE(stream_write(self->pkt.fd, 10, 0));
	EXPECT_SEG(.flags = TH_PUSH | TH_ACK, .seq = 1, .ack = 1, .len = 10);
	EXPECT_SEG(.flags = TH_PUSH | TH_ACK, .seq = 1, .ack = 1, .len = 10);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 11);
	want = "Timeouts 1 " AGAIN("Timeouts") " OutSegs 2 OutBytes 20";
	EXPECT_COUNTED(want);
}

TEST_F(stat, fast_retransmission_is_counted)
{
	int i;

	ATCP_ONLY();
	ASSERT_TRUE(pkt_connect(&self->pkt));
	mark();
	for (i = 0; i < 4; i++) {
		ASSERT_TRUE(stream_write(self->pkt.fd, 1000, 1000 * i));
		EXPECT_SEG(.flags = TH_PUSH | TH_ACK, .seq = 1 + 1000 * i,
			   .ack = 1, .len = 1000);
	}
	for (i = 0; i < 3; i++)
		INJECT(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 4001);
	EXPECT_COUNTED("FastRecoveries 1 " AGAIN("Fast"));
}

TEST_F(stat, black_hole_is_counted)
{
	const char *want;

	ATCP_ONLY();
	ASSERT_EQ(0, sysctl_write("mtu_probing", "1"));
	ASSERT_EQ(0, sysctl_write("retries1", "0"));
	ASSERT_TRUE(pkt_connect(&self->pkt));
	mark();
	ASSERT_TRUE(stream_write(self->pkt.fd, 10, 0));
	EXPECT_SEG(.flags = TH_PUSH | TH_ACK, .seq = 1, .ack = 1, .len = 10);
	EXPECT_SEG(.flags = TH_PUSH | TH_ACK, .seq = 1, .ack = 1, .len = 10);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 11);
	want = "BlackHoles 1 Timeouts 1 " AGAIN("Timeouts");
	EXPECT_COUNTED(want);
}

/* Whatever comes, until nothing more does. Says how much data there was. */
static int drain(struct pkt *p, int *largest)
{
	int octets = 0;

	while (pkt_next(p, QUIET_MS)) {
		octets += p->got.len;
		if (p->got.len > *largest)
			*largest = p->got.len;
	}
	return octets;
}

TEST_F(stat, probe_of_the_path_is_counted_as_sent_and_as_acknowledged)
{
	int octets, largest = 0;

	ATCP_ONLY();
	ASSERT_EQ(0, sysctl_write("mtu_probing", "2"));
	self->pkt.peer.opts = OPT_MSS;
	self->pkt.peer.mss = 1460;
	ASSERT_TRUE(pkt_accept(&self->pkt));
	mark();
	ASSERT_TRUE(stream_write(self->pkt.fd, 10000, 0));
	octets = drain(&self->pkt, &largest);
	EXPECT_LT(1024, largest);
	EXPECT_COUNTED("MtuProbes 1");
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1 + octets);
	EXPECT_TRUE(WAIT_FOR(counter_read("MtuProbesAcked") == 1, PATIENCE_MS));
	drain(&self->pkt, &largest);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 10001);
}

/* Windows and silence */

TEST_F(stat, closed_window_and_its_probes_are_counted)
{
	const char *want;

	ATCP_ONLY();
	ASSERT_TRUE(pkt_connect(&self->pkt));
	mark();
	ASSERT_TRUE(pkt_close_window(&self->pkt));
	EXPECT_COUNTED("WindowsClosed 1");
	ASSERT_TRUE(stream_write(self->pkt.fd, 10, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 3, .len = 1);
	EXPECT_COUNTED("WindowsClosed 1 WindowProbes 1");
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 3, .len = 1);
	want = "WindowsClosed 1 WindowProbes 1 Timeouts 1 " AGAIN("Probes");
	EXPECT_COUNTED(want);
}

TEST_F(stat, keepalive_probe_is_counted)
{
	int on = 1, idle = 1;

	ATCP_ONLY();
	ASSERT_TRUE(pkt_connect(&self->pkt));
	mark();
	ASSERT_EQ(0, setsockopt(self->pkt.fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle,
				sizeof(idle)));
	ASSERT_EQ(0, setsockopt(self->pkt.fd, SOL_SOCKET, SO_KEEPALIVE, &on,
				sizeof(on)));
	ASSERT_TRUE(pkt_next(&self->pkt, 3000));
	EXPECT_COUNTED("KeepaliveProbes 1 OutSegs 1");
}

/* Answers to what cannot be right */

TEST_F(stat, challenge_ack_is_counted)
{
	ATCP_ONLY();
	ASSERT_TRUE(pkt_accept(&self->pkt));
	mark();
	INJECT(.flags = TH_SYN, .seq = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_COUNTED("ChallengeAcks 1 DropChallenged 1 OutSegs 1");
}

TEST_F(stat, challenge_ack_beyond_the_limit_is_counted)
{
	ATCP_ONLY();
	ASSERT_EQ(0, sysctl_write("challenge_ack_limit", "0"));
	ASSERT_TRUE(pkt_accept(&self->pkt));
	mark();
	INJECT(.flags = TH_SYN, .seq = 100);
	EXPECT_SILENCE();
	EXPECT_COUNTED("ChallengeAcksSkipped 1 DropChallenged 1");
}

TEST_F(stat, answer_that_comes_too_soon_after_another_is_counted)
{
	ATCP_ONLY();
	ASSERT_TRUE(pkt_accept(&self->pkt));
	mark();
	INJECT(.flags = TH_ACK, .seq = 0x10000000, .ack = 1);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	INJECT(.flags = TH_ACK, .seq = 0x10000000, .ack = 1);
	EXPECT_SILENCE();
	EXPECT_COUNTED("AcksSkipped 1 DropOutOfWindow 2");
}

/* Closing */

TEST_F(stat, abort_is_counted)
{
	struct linger now = { .l_onoff = 1 };

	ATCP_ONLY();
	ASSERT_TRUE(pkt_accept(&self->pkt));
	mark();
	setsockopt(self->pkt.fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	ASSERT_EQ(0, close(self->pkt.fd));
	self->pkt.fd = -1;
	EXPECT_COUNTED("AbortsByUser 1 OutRsts 1 OutSegs 1");
}

TEST_F(stat, time_wait_is_counted)
{
	ATCP_ONLY();
	ASSERT_TRUE(pkt_open(&self->pkt, ST_FIN_WAIT_2));
	mark();
	INJECT(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 2);
	EXPECT_COUNTED("TimeWaits 1 InSegs 1 OutSegs 1");
}

TEST_F(stat, time_wait_that_finds_no_room_is_counted)
{
	ATCP_ONLY();
	ASSERT_EQ(0, sysctl_write("max_tw_buckets", "0"));
	ASSERT_TRUE(pkt_open(&self->pkt, ST_FIN_WAIT_2));
	mark();
	INJECT(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 2);
	EXPECT_COUNTED("TimeWaitOverflows 1 InSegs 1 OutSegs 1");
}

TEST_F(stat, time_wait_that_a_syn_ends_is_counted)
{
	ATCP_ONLY();
	ASSERT_TRUE(pkt_open(&self->pkt, ST_TIME_WAIT));
	mark();
	INJECT(.flags = TH_SYN, .seq = 100000);
	EXPECT_COUNTED("TimeWaitReopens 1 PassiveOpens 1 InSegs 1 OutSegs 1");
}

TEST_MAIN
