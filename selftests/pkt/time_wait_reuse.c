// SPDX-License-Identifier: GPL-2.0
/*
 * connect() over a connection in TIME-WAIT: the sysctl tw_reuse, RFC 6191 and
 * its rule seen from the other end.
 */
#include <errno.h>
#include <unistd.h>

#include "../harness.h"
#include "pkt.h"

FIXTURE_PKT(time_wait_reuse);

/* Longer than a connection in TIME-WAIT is left alone. */
#define WHILE_MS 1100

static int another_connect(struct pkt *p, bool bound)
{
	struct sockaddr_storage local = pkt_local(p), remote = pkt_remote(p);
	int fd = test_socket(p->family, SOCK_NONBLOCK), on = 1;
	socklen_t len = test_addrlen(p->family);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bound && bind(fd, (struct sockaddr *)&local, len))
		return -1;
	p->fd = fd;
	return connect(fd, (struct sockaddr *)&remote, len);
}

/* There is no other port to take than this connection's. */
static bool only_port(const struct pkt *p)
{
	char range[32];

	snprintf(range, sizeof(range), "%d %d", p->lport, p->lport);
	return !file_write("/proc/sys/net/ipv4/ip_local_port_range", range);
}

/* A connection that was opened and closed from here. */
static bool leave_time_wait(struct pkt *p, bool bound)
{
	struct seg syn = p->peer;
	bool ok;

	if (!only_port(p) || !another_connect(p, bound) || errno != EINPROGRESS)
		return false;
	if (!pkt_next(p, PATIENCE_MS) || p->got.flags != TH_SYN)
		return false;
	syn.flags = TH_SYN | TH_ACK;
	syn.ack = 1;
	syn.tsval = p->peer_tsval;
	syn.tsecr = p->local_tsval;
	if (!pkt_send(p, &syn))
		return false;
	p->ts = syn.opts & OPT_TS;
	ok = EXPECTED(p, .flags = TH_ACK, .seq = 1, .ack = 1);
	shutdown(p->fd, SHUT_WR);
	return ok &&
	       EXPECTED(p, .flags = TH_FIN | TH_ACK, .seq = 1, .ack = 1) &&
	       SENT(p, .flags = TH_FIN | TH_ACK, .seq = 1, .ack = 2) &&
	       pkt_expect_ack(p, 2) && !close(p->fd) &&
	       pkt_in_state(p, ST_TIME_WAIT);
}

/*
 * Beyond every number that the old connection had, with a newer timestamp than
 * any of its own and an echo of the peer's last one.
 */
static bool syn_follows(struct pkt *p)
{
	uint32_t last = p->local_tsval;

	p->ts = false;
	return EXPECTED(p, .flags = TH_SYN, .seq = 2 + 65535 + 2,
			.opts = OPT_SYN_ALL, .tsecr = p->peer_tsval) &&
	       (int32_t)(p->got.tsval - last) > 0;
}

TEST_F(time_wait_reuse, tw_reuse_takes_a_port_over_after_a_while)
{
	struct pkt *p = &self->pkt;

	ASSERT_EQ(0, sysctl_write("tw_reuse", "1"));
	p->peer.opts = OPT_SYN_ALL;
	ASSERT_TRUE(leave_time_wait(p, false));
	ASSERT_TRUE(pkt_silence(p, WHILE_MS));
	EXPECT_ERRNO(EINPROGRESS, another_connect(p, false));
	EXPECT_TRUE(syn_follows(p));
	EXPECT_STATE(ST_SYN_SENT);
}

TEST_F(time_wait_reuse, takeover_is_counted)
{
	struct pkt *p = &self->pkt;
	long long taken;

	ATCP_ONLY();
	taken = counter_read("TimeWaitRecycled");
	ASSERT_EQ(0, sysctl_write("tw_reuse", "1"));
	p->peer.opts = OPT_SYN_ALL;
	ASSERT_TRUE(leave_time_wait(p, false));
	EXPECT_EQ(taken, counter_read("TimeWaitRecycled"));
	ASSERT_TRUE(pkt_silence(p, WHILE_MS));
	EXPECT_ERRNO(EINPROGRESS, another_connect(p, false));
	EXPECT_EQ(taken + 1, counter_read("TimeWaitRecycled"));
	EXPECT_TRUE(syn_follows(p));
}

/* Linux 6.1 looks at whole seconds, and may be early. */
TEST_F(time_wait_reuse, tw_reuse_leaves_a_port_alone_for_a_while)
{
	struct pkt *p = &self->pkt;

	ATCP_ONLY();
	ASSERT_EQ(0, sysctl_write("tw_reuse", "1"));
	p->peer.opts = OPT_SYN_ALL;
	ASSERT_TRUE(leave_time_wait(p, false));
	EXPECT_ERRNO(EADDRNOTAVAIL, another_connect(p, false));
	EXPECT_STATE(ST_TIME_WAIT);
}

TEST_F(time_wait_reuse, tw_reuse_2_is_for_the_loopback_only)
{
	struct pkt *p = &self->pkt;

	ASSERT_EQ(2, sysctl_read_long("tw_reuse"));
	p->peer.opts = OPT_SYN_ALL;
	ASSERT_TRUE(leave_time_wait(p, false));
	ASSERT_TRUE(pkt_silence(p, WHILE_MS));
	EXPECT_ERRNO(EADDRNOTAVAIL, another_connect(p, false));
	EXPECT_STATE(ST_TIME_WAIT);
}

TEST_F(time_wait_reuse, without_timestamps_there_is_no_taking_over)
{
	struct pkt *p = &self->pkt;

	ASSERT_EQ(0, sysctl_write("tw_reuse", "1"));
	ASSERT_TRUE(leave_time_wait(p, false));
	ASSERT_TRUE(pkt_silence(p, WHILE_MS));
	EXPECT_ERRNO(EADDRNOTAVAIL, another_connect(p, false));
}

/* Who asked for this very port by bind() need not wait, nor tw_reuse. */
TEST_F(time_wait_reuse, bound_port_is_taken_over_at_once)
{
	struct pkt *p = &self->pkt;

	ASSERT_EQ(0, sysctl_write("tw_reuse", "0"));
	p->peer.opts = OPT_SYN_ALL;
	ASSERT_TRUE(leave_time_wait(p, true));
	EXPECT_ERRNO(EINPROGRESS, another_connect(p, true));
	ASSERT_TRUE(pkt_next(p, PATIENCE_MS));
	EXPECT_EQ(TH_SYN, p->got.flags);
	EXPECT_EQ(2 + 65535 + 2, (int)p->got.seq);
	EXPECT_EQ(p->peer_tsval, p->got.tsecr);
}

TEST_F(time_wait_reuse, bound_port_is_not_taken_over_without_timestamps)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(leave_time_wait(p, true));
	EXPECT_ERRNO(EADDRNOTAVAIL, another_connect(p, true));
	EXPECT_STATE(ST_TIME_WAIT);
}

/* The loopback, where both ends are seen */

#define PORT 4000

/* A connection from the only port there is, closed from there. */
static bool connect_and_close(int family, int listener)
{
	int client = test_connect(family, PORT), server;
	char byte;

	if (client < 0)
		return false;
	server = accept(listener, NULL, NULL);
	shutdown(client, SHUT_WR);
	if (read(server, &byte, 1))
		return false;
	close(server);
	close(client);
	return WAIT_FOR(proc_state(family, 50000, PORT) == ST_TIME_WAIT,
			PATIENCE_MS);
}

TEST_F(time_wait_reuse, loopback_ports_are_used_again_by_default)
{
	int listener = test_listen(variant->family, PORT, 1), i;

	ASSERT_EQ(0, file_write("/proc/sys/net/ipv4/ip_local_port_range",
				"50000 50000"));
	for (i = 0; i < 2; i++) {
		ASSERT_TRUE(connect_and_close(variant->family, listener));
		ASSERT_TRUE(pkt_silence(&self->pkt, WHILE_MS));
	}
	EXPECT_TRUE(connect_and_close(variant->family, listener));
	ASSERT_EQ(0, sysctl_write("tw_reuse", "0"));
	ASSERT_TRUE(pkt_silence(&self->pkt, WHILE_MS));
	EXPECT_ERRNO(EADDRNOTAVAIL, test_connect(variant->family, PORT));
}

TEST_MAIN
