// SPDX-License-Identifier: GPL-2.0
/*
 * Opening a connection from either side, and the options of a SYN: RFC 9293
 * sections 3.5 and 3.7.1. Arrivals in single states are in state_*.c.
 */
#include <stdlib.h>
#include <errno.h>
#include <poll.h>

#include "../harness.h"
#include "pkt.h"

FIXTURE_PKT(handshake);

static int mss_for(int family, int mtu)
{
	return mtu - (family == AF_INET6 ? 40 : 20) - 20;
}

/* MUST-14, MUST-67: the MSS option is sent, and tells what can be received. */
TEST_F(handshake, active_syn_offers_mss_of_the_route_and_all_options)
{
	ASSERT_TRUE(pkt_start_connect(&self->pkt));
	EXPECT_SEG(.flags = TH_SYN, .opts = OPT_SYN_ALL,
		   .mss = mss_for(variant->family, 1500));
	EXPECT_GE(14, self->pkt.got.wscale);
	EXPECT_EQ(0, self->pkt.got.tsecr);
	EXPECT_STATE(ST_SYN_SENT);
}

/* SHLD-6: the MSS follows the MTU of the path's first link. */
TEST_F(handshake, mss_follows_the_mtu)
{
	ASSERT_EQ(0, close(self->pkt.tun));
	ASSERT_TRUE(pkt_init(&self->pkt, variant->family, 1300));
	ASSERT_TRUE(pkt_start_connect(&self->pkt));
	EXPECT_SEG(.flags = TH_SYN, .opts = OPT_SYN_ALL,
		   .mss = mss_for(variant->family, 1300));
}

TEST_F(handshake, active_open_is_established_by_a_syn_ack)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	EXPECT_EQ(0, poll_now(self->pkt.fd));
	INJECT(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_MSS,
	       .mss = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_ESTABLISHED);
	EXPECT_EQ(POLLOUT, poll_now(self->pkt.fd));
	EXPECT_EQ(0, so_error(self->pkt.fd));
}

TEST_F(handshake, passive_open_is_established_by_the_third_ack)
{
	ASSERT_TRUE(pkt_listen(&self->pkt));
	INJECT(.flags = TH_SYN, .opts = OPT_SYN_ALL, .mss = 1000, .wscale = 3,
	       .tsval = 500);
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_SYN_ALL,
		   .mss = mss_for(variant->family, 1500), .tsecr = 500);
	EXPECT_STATE(ST_SYN_RECEIVED);
	EXPECT_EQ(0, poll_now(self->pkt.listener));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .opts = OPT_TS,
	       .tsval = 501, .tsecr = self->pkt.local_tsval);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_ESTABLISHED);
	ASSERT_EQ(POLLIN, poll_now(self->pkt.listener));
	self->pkt.fd = accept(self->pkt.listener, NULL, NULL);
	ASSERT_LE(0, self->pkt.fd);
	EXPECT_EQ(POLLOUT, poll_now(self->pkt.fd));
}

/* MUST-10: two SYNs that cross each other make one connection. */
TEST_F(handshake, simultaneous_open)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	INJECT(.flags = TH_SYN, .opts = OPT_SYN_ALL, .mss = 1000, .tsval = 5);
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_SYN_ALL,
		   .tsecr = 5);
	EXPECT_STATE(ST_SYN_RECEIVED);
	INJECT(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_SYN_ALL,
	       .mss = 1000, .tsval = 5, .tsecr = self->pkt.local_tsval);
	/* That is all, says figure 7 of RFC 9293; Linux sends an ACK. */
	if (!test_is_atcp())
		pkt_next(&self->pkt, PATIENCE_MS);
	EXPECT_SILENCE();
	/* As the peer has done for its part: it acknowledges the SYN-ACK. */
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .opts = OPT_TS, .tsval = 6,
	       .tsecr = self->pkt.local_tsval);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_ESTABLISHED);
	EXPECT_EQ(POLLOUT, poll_now(self->pkt.fd));
}

/* SHLD-28, MUST-16: segments are as large as the peer's MSS lets them be. */
TEST_F(handshake, peer_mss_bounds_every_segment)
{
	self->pkt.peer.mss = 600;
	ASSERT_TRUE(pkt_connect(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 1800, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 600);
	EXPECT_SEG(.flags = TH_ACK, .seq = 601, .ack = 1, .len = 600);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1201, .ack = 1, .len = 600);
	EXPECT_SILENCE();
}

/* MUST-15: a peer that says nothing of its MSS gets the default one. */
TEST_F(handshake, peer_without_mss_gets_the_default_size)
{
	int size = variant->family == AF_INET6 ? 1220 : 536;

	self->pkt.peer.opts = 0;
	ASSERT_TRUE(pkt_connect(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 1500, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = size);
}

/* MAY-3, RFC 7323, RFC 2018: only what was offered is answered. */
TEST_F(handshake, syn_ack_has_no_option_that_was_not_offered)
{
	ASSERT_TRUE(pkt_listen(&self->pkt));
	INJECT(.flags = TH_SYN);
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_MSS);
}

/* MUST-6, MUST-64: unknown options are stepped over, at any alignment. */
TEST_F(handshake, unknown_options_are_skipped)
{
	static const uint8_t options[] = {
		1,   254, 3,	    9, /* NOP, an experiment of three bytes */
		2,   4,	  600 >> 8, 600 & 255,	  /* MSS */
		77,  5,	  1,	    2,	       3, /* unknown */
		3,   3,	  5, /* window scale, at an odd place */
		253, 2,	     /* unknown and empty */
		0,   1,	     /* the end; what follows is no option */
	};

	ASSERT_TRUE(pkt_listen(&self->pkt));
	INJECT(.flags = TH_SYN, .raw = options, .raw_len = sizeof(options));
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 1,
		   .opts = OPT_MSS | OPT_WSCALE);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1);
	self->pkt.fd = accept(self->pkt.listener, NULL, NULL);
	ASSERT_LE(0, self->pkt.fd);
	ASSERT_TRUE(stream_write(self->pkt.fd, 1000, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 600);
}

/* MUST-20, MUST-22: R2 for a SYN, and the application is told. */
TEST_F_TIMEOUT(handshake, unanswered_connect_times_out_at_127_s, 5 * MINUTES)
{
	static const int at[] = { 0, 1, 3, 7, 15, 31, 63 };
	uint64_t start = now_us();
	unsigned int i;

	ASSERT_TRUE(pkt_start_connect(&self->pkt));
	for (i = 0; i < ARRAY_SIZE(at); i++) {
		EXPECT_SEG(.flags = TH_SYN, .opts = OPT_SYN_ALL,
			   .after = i ? (at[i] - at[i - 1]) * 1000 : 0);
		EXPECT_AT(at[i] * 1000);
		EXPECT_EQ(0, poll_now(self->pkt.fd));
	}
	EXPECT_TRUE(pkt_fails_at(&self->pkt, start, 127 * 1000, ETIMEDOUT));
	EXPECT_STATE(ST_GONE);
}

TEST_F_TIMEOUT(handshake, blocking_connect_times_out_at_63_s_with_syn_retries_5,
	       3 * MINUTES)
{
	struct sockaddr_storage addr = pkt_remote(&self->pkt);
	uint64_t start = now_us();
	int syns = 0;

	ASSERT_EQ(0, sysctl_write("syn_retries", "5"));
	self->pkt.fd = test_socket(variant->family, 0);
	ASSERT_LE(0, self->pkt.fd);
	EXPECT_EQ(-1, connect(self->pkt.fd, (struct sockaddr *)&addr,
			      test_addrlen(variant->family)));
	EXPECT_EQ(ETIMEDOUT, errno);
	EXPECT_TRUE(pkt_time_ok(now_us() - start, 63 * 1000));
	while (pkt_next(&self->pkt, 0))
		syns++;
	EXPECT_EQ(6, syns);
}

TEST_F_TIMEOUT(handshake, unanswered_syn_ack_is_given_up_at_63_s, 3 * MINUTES)
{
	static const int at[] = { 1, 3, 7, 15, 31 };
	uint64_t start = now_us();
	unsigned int i;

	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_RECEIVED));
	for (i = 0; i < ARRAY_SIZE(at); i++) {
		EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_MSS,
			   .after = i ? (at[i] - at[i - 1]) * 1000 : 1000);
		EXPECT_AT(at[i] * 1000);
	}
	EXPECT_TRUE(pkt_ends_at(&self->pkt, start, 63 * 1000, ST_SYN_RECEIVED));
	EXPECT_STATE(ST_LISTEN);
}

TEST_F_TIMEOUT(handshake, synack_retries_1_gives_up_at_3_s, 1 * MINUTES)
{
	uint64_t start = now_us();

	ASSERT_EQ(0, sysctl_write("synack_retries", "1"));
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_RECEIVED));
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_MSS);
	EXPECT_AT(1000);
	EXPECT_TRUE(pkt_ends_at(&self->pkt, start, 3 * 1000, ST_SYN_RECEIVED));
}

/*
 * MUST-8, SHLD-1, MUST-9, RFC 6528: the number follows a clock of 64 ns for
 * one pair of sockets, and a secret for any other.
 */
TEST_F(handshake, initial_number_follows_a_clock_and_a_secret)
{
	uint32_t first, again, other;
	uint64_t start;

	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_RECEIVED));
	first = self->pkt.liss;
	start = now_us();
	pkt_again(&self->pkt);
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_RECEIVED));
	other = self->pkt.liss;
	pkt_again(&self->pkt);
	self->pkt.rport -= 2;
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_RECEIVED));
	again = self->pkt.liss;
	EXPECT_LT(0, (int)(again - first));
	EXPECT_GE((now_us() - start + 2000) * 16, again - first);
	/* One time in a thousand this may be luck. */
	EXPECT_LT(1 << 21, abs((int)(other - first)));
}

/* MUST-44, MUST-45: the checksums tell, each covers the address. */
TEST_F(handshake, source_address_is_the_routes_and_stays)
{
	struct sockaddr_storage to = pkt_remote(&self->pkt);

	self->pkt.fd = test_socket(variant->family, SOCK_NONBLOCK);
	ASSERT_LE(0, self->pkt.fd);
	EXPECT_ERRNO(EINPROGRESS, connect(self->pkt.fd, (struct sockaddr *)&to,
					  test_addrlen(variant->family)));
	self->pkt.lport = test_sockport(self->pkt.fd);
	EXPECT_SEG(.flags = TH_SYN, .opts = OPT_SYN_ALL);
	INJECT(.flags = TH_SYN | TH_ACK, .ack = 1);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	ASSERT_TRUE(stream_write(self->pkt.fd, 10, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 10);
}

/* MUST-46 */
TEST_F(handshake, connect_to_a_broadcast_address_is_enetunreach)
{
	struct sockaddr_storage to = pkt_remote(&self->pkt);

	if (variant->family != AF_INET)
		SKIP(return, "IPv6 has no broadcast");
	((struct sockaddr_in *)&to)->sin_addr.s_addr = htonl(0xc00002ff);
	self->pkt.fd = test_socket(variant->family, 0);
	ASSERT_LE(0, self->pkt.fd);
	EXPECT_ERRNO(ENETUNREACH, connect(self->pkt.fd, (struct sockaddr *)&to,
					  test_addrlen(variant->family)));
	EXPECT_SILENCE();
}

/* MUST-42 */
TEST_F(handshake, port_of_an_unfinished_connect_can_be_listened_on)
{
	struct sockaddr_storage local = pkt_local(&self->pkt);
	struct sockaddr_storage remote = pkt_remote(&self->pkt);
	socklen_t len = test_addrlen(variant->family);
	int on = 1;

	self->pkt.fd = test_socket(variant->family, SOCK_NONBLOCK);
	ASSERT_EQ(0, setsockopt(self->pkt.fd, SOL_SOCKET, SO_REUSEADDR, &on,
				sizeof(on)));
	ASSERT_EQ(0, bind(self->pkt.fd, (struct sockaddr *)&local, len));
	EXPECT_ERRNO(EINPROGRESS,
		     connect(self->pkt.fd, (struct sockaddr *)&remote, len));
	EXPECT_SEG(.flags = TH_SYN, .opts = OPT_SYN_ALL);
	self->pkt.listener = test_socket(variant->family, 0);
	ASSERT_EQ(0, setsockopt(self->pkt.listener, SOL_SOCKET, SO_REUSEADDR,
				&on, sizeof(on)));
	ASSERT_EQ(0, bind(self->pkt.listener, (struct sockaddr *)&local, len));
	ASSERT_EQ(0, listen(self->pkt.listener, 1));
	/* Both live. */
	INJECT(.flags = TH_SYN | TH_ACK, .ack = 1);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_STATE(ST_ESTABLISHED);
	EXPECT_STATE(ST_LISTEN);
}

/* MUST-65, MUST-5: an MSS that comes later says nothing. */
TEST_F(handshake, mss_option_counts_in_a_syn_only)
{
	ASSERT_TRUE(pkt_connect(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .opts = OPT_MSS,
	       .mss = 100);
	ASSERT_TRUE(stream_write(self->pkt.fd, 1000, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
}

/* MUST-50: a route that is recorded, a time, nothing. */
TEST_F(handshake, ip_options_are_ignored)
{
	static const uint8_t options[] = {
		7,  7,	4, 0, 0, 0, 0, 1, /* record route, and NOP */
		68, 12, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, /* timestamp */
	};

	if (variant->family != AF_INET)
		SKIP(return, "IPv6 has no such options");
	ASSERT_TRUE(pkt_accept(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100,
	       .ip_options = options, .ip_options_len = sizeof(options));
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 101));
	EXPECT_TRUE(stream_read(self->pkt.fd, 100, 0));
}

TEST_MAIN
