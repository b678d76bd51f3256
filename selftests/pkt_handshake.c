// SPDX-License-Identifier: GPL-2.0
/*
 * The three-way handshake, segment by segment: RFC 9293 sections 3.5 and
 * 3.10.7.1 to 3.10.7.3, and the options of a SYN.
 */
#include <errno.h>
#include <poll.h>

#include "harness.h"
#include "pkt.h"

FIXTURE_PKT(handshake);

static int mss_for(int family, int mtu)
{
	return mtu - (family == AF_INET6 ? 40 : 20) - 20;
}

/* Active open */

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

/* RFC 7323 section 2.2: a scale counts when both ends have sent one. */
TEST_F(handshake, peer_window_is_scaled_by_the_scale_it_sent)
{
	int seq;

	self->pkt.peer.opts = OPT_MSS | OPT_WSCALE;
	self->pkt.peer.wscale = 2;
	self->pkt.peer.win = 4000;
	ASSERT_TRUE(pkt_connect(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 12000, 0));
	/* The window of a SYN is never scaled. */
	for (seq = 1; seq < 4000; seq += 1000)
		EXPECT_SEG(.flags = TH_ACK, .seq = seq, .ack = 1, .len = 1000);
	EXPECT_SILENCE();
	/* From now on 1250 means 5000. */
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 4001, .win = 1250);
	for (; seq < 9000; seq += 1000)
		EXPECT_SEG(.flags = TH_ACK, .seq = seq, .ack = 1, .len = 1000);
	EXPECT_SILENCE();
}

TEST_F(handshake, window_is_not_scaled_for_a_peer_that_sent_no_scale)
{
	int seq;

	self->pkt.peer.win = 4000;
	ASSERT_TRUE(pkt_connect(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 12000, 0));
	for (seq = 1; seq < 4000; seq += 1000)
		EXPECT_SEG(.flags = TH_ACK, .seq = seq, .ack = 1, .len = 1000);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 4001, .win = 5000);
	for (; seq < 9000; seq += 1000)
		EXPECT_SEG(.flags = TH_ACK, .seq = seq, .ack = 1, .len = 1000);
	EXPECT_SILENCE();
}

/* RFC 7323 section 3.2: once agreed on, timestamps are in every segment. */
TEST_F(handshake, timestamps_are_in_every_segment_and_echo_the_peers)
{
	self->pkt.peer.opts = OPT_MSS | OPT_TS;
	ASSERT_TRUE(pkt_connect(&self->pkt));
	EXPECT_EQ(self->pkt.peer_tsval, self->pkt.got.tsecr);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 10);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 11,
		   .tsecr = self->pkt.peer_tsval);
	ASSERT_TRUE(stream_write(self->pkt.fd, 1000, 0));
	/* The 12 bytes of the option are taken from the payload. */
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 11, .len = 988,
		   .tsecr = self->pkt.peer_tsval);
}

TEST_F(handshake, no_timestamps_for_a_peer_that_sent_none)
{
	ASSERT_TRUE(pkt_connect(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 10, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 10, .opts = 0);
}

/*
 * Linux answers some wrong segments by sending its SYN once more, at once, as
 * some NATs need it. RFC 9293 knows no such answer.
 */
static bool stays_silent_in_syn_sent(struct pkt *p)
{
	if (test_is_atcp())
		return pkt_silence(p, QUIET_MS) && pkt_in_state(p, ST_SYN_SENT);
	pkt_next(p, QUIET_MS);
	return pkt_in_state(p, ST_SYN_SENT);
}

/* 3.10.7.3, first: an ACK of something never sent is answered by a RST. */
TEST_F(handshake, syn_sent_answers_a_wrong_ack_with_rst)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	INJECT(.flags = TH_SYN | TH_ACK, .ack = 77);
	EXPECT_SEG(.flags = TH_RST, .seq = 77);
	ASSERT_TRUE(stays_silent_in_syn_sent(&self->pkt));
	/* It was no harm: the right one still counts. */
	INJECT(.flags = TH_SYN | TH_ACK, .ack = 1);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_STATE(ST_ESTABLISHED);
}

/* MUST-12: the application is told that the connection was refused. */
TEST_F(handshake, syn_sent_rst_with_a_good_ack_refuses)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	INJECT(.flags = TH_RST | TH_ACK, .ack = 1);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_GONE);
	EXPECT_EQ(POLLIN | POLLOUT | POLLRDHUP | POLLERR | POLLHUP,
		  poll_now(self->pkt.fd));
	EXPECT_EQ(ECONNREFUSED, so_error(self->pkt.fd));
}

TEST_F(handshake, syn_sent_ignores_a_rst_with_a_wrong_ack)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	INJECT(.flags = TH_RST | TH_ACK, .ack = 77);
	ASSERT_TRUE(stays_silent_in_syn_sent(&self->pkt));
}

TEST_F(handshake, syn_sent_ignores_a_rst_without_ack)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	INJECT(.flags = TH_RST);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_SYN_SENT);
}

/* 3.10.7.3, fifth. */
TEST_F(handshake, syn_sent_ignores_a_segment_without_syn_or_rst)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	INJECT(.flags = TH_ACK, .ack = 1);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_SYN_SENT);
}

/* What a program sees of it: connect(2) */

static int connect_again(struct pkt *p)
{
	struct sockaddr_storage to = pkt_remote(p);

	return connect(p->fd, (struct sockaddr *)&to, test_addrlen(p->family));
}

TEST_F(handshake, connect_again_in_syn_sent_is_ealready)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	EXPECT_ERRNO(EALREADY, connect_again(&self->pkt));
	INJECT(.flags = TH_SYN | TH_ACK, .ack = 1);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_EQ(0, connect_again(&self->pkt));
	EXPECT_ERRNO(EISCONN, connect_again(&self->pkt));
}

TEST_F(handshake, syn_sent_can_neither_be_read_nor_written)
{
	char byte;

	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	EXPECT_ERRNO(EAGAIN, read(self->pkt.fd, &byte, 1));
	EXPECT_ERRNO(EAGAIN, write(self->pkt.fd, "x", 1));
	EXPECT_EQ(0, poll_now(self->pkt.fd));
}

TEST_F(handshake, close_in_syn_sent_says_nothing)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	ASSERT_EQ(0, close(self->pkt.fd));
	EXPECT_SILENCE();
	EXPECT_STATE(ST_GONE);
	/* Whoever answers now has come too late. */
	INJECT(.flags = TH_SYN | TH_ACK, .ack = 1);
	EXPECT_SEG(.flags = TH_RST, .seq = 1);
}

static bool start_blocking_connect(struct pkt *p)
{
	p->fd = test_socket(p->family, 0);
	return p->fd >= 0;
}

TEST_F(handshake, sndtimeo_ends_a_blocking_connect)
{
	struct timeval limit = { .tv_usec = 100 * 1000 };
	uint64_t start = now_us();

	ASSERT_TRUE(start_blocking_connect(&self->pkt));
	ASSERT_EQ(0, setsockopt(self->pkt.fd, SOL_SOCKET, SO_SNDTIMEO, &limit,
				sizeof(limit)));
	EXPECT_ERRNO(EINPROGRESS, connect_again(&self->pkt));
	EXPECT_LE(90 * 1000, (int)(now_us() - start));
	ASSERT_TRUE(pkt_next(&self->pkt, PATIENCE_MS));
	EXPECT_EQ(TH_SYN, self->pkt.got.flags);
}

static void on_signal(int sig)
{
	(void)sig;
}

/* It is only the waiting that is interrupted: the SYN is out. */
TEST_F(handshake, signal_ends_the_wait_but_not_the_connect)
{
	struct sigaction action = { .sa_handler = on_signal };
	pid_t parent = getpid(), child;

	sigaction(SIGUSR1, &action, NULL);
	ASSERT_TRUE(start_blocking_connect(&self->pkt));
	child = fork();
	while (!child && !kill(parent, SIGUSR1))
		usleep(10 * 1000);
	EXPECT_ERRNO(EINTR, connect_again(&self->pkt));
	kill(child, SIGKILL);
	ASSERT_TRUE(pkt_next(&self->pkt, PATIENCE_MS));
	self->pkt.rport = self->pkt.got.dport;
	self->pkt.lport = self->pkt.got.sport;
	INJECT(.flags = TH_SYN | TH_ACK, .ack = 1);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_TRUE(poll_for(self->pkt.fd, POLLOUT));
	EXPECT_EQ(0, so_error(self->pkt.fd));
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

/* Passive open */

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

/* MUST-5, RFC 7323, RFC 2018: only what was offered is answered. */
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

/* 3.10.7.2: LISTEN ignores a RST, answers an ACK with a RST, takes a SYN. */
TEST_F(handshake, listen_ignores_rst)
{
	ASSERT_TRUE(pkt_listen(&self->pkt));
	INJECT(.flags = TH_RST, .seq = 5);
	INJECT(.flags = TH_RST | TH_ACK, .seq = 5, .ack = 7);
	INJECT(.flags = TH_RST | TH_SYN, .seq = 5);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_LISTEN);
}

TEST_F(handshake, listen_answers_an_ack_with_rst)
{
	ASSERT_TRUE(pkt_listen(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 5, .ack = 12345);
	EXPECT_SEG(.flags = TH_RST, .seq = 12345);
	INJECT(.flags = TH_SYN | TH_ACK, .seq = 5, .ack = 12345);
	EXPECT_SEG(.flags = TH_RST, .seq = 12345);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_LISTEN);
}

TEST_F(handshake, listen_ignores_a_segment_without_syn_ack_or_rst)
{
	ASSERT_TRUE(pkt_listen(&self->pkt));
	INJECT(.flags = TH_PUSH, .seq = 5, .len = 10);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_LISTEN);
}

TEST_F(handshake, repeated_syn_is_answered_by_the_same_syn_ack)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_RECEIVED));
	INJECT(.flags = TH_SYN, .opts = OPT_MSS, .mss = 1000);
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_MSS);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_SYN_RECEIVED);
}

/* MUST-11: what came from LISTEN goes back to it. */
TEST_F(handshake, rst_in_syn_received_leaves_the_listener_as_it_was)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_RECEIVED));
	INJECT(.flags = TH_RST, .seq = 1);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_GONE);
	EXPECT_STATE(ST_LISTEN);
	EXPECT_EQ(0, poll_now(self->pkt.listener));
	EXPECT_EQ(0, so_error(self->pkt.listener));
}

/* 3.10.7.4, fifth: in SYN-RECEIVED a wrong ACK is answered by a RST. */
TEST_F(handshake, wrong_ack_in_syn_received_is_answered_by_rst)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_RECEIVED));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 77);
	EXPECT_SEG(.flags = TH_RST, .seq = 77);
	EXPECT_STATE(ST_SYN_RECEIVED);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_ESTABLISHED);
}

TEST_F(handshake, data_on_the_third_ack_is_delivered)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_RECEIVED));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 101);
	self->pkt.fd = accept(self->pkt.listener, NULL, NULL);
	ASSERT_LE(0, self->pkt.fd);
	EXPECT_TRUE(stream_read(self->pkt.fd, 100, 0));
}

TEST_F(handshake, fin_on_the_third_ack_leads_to_close_wait)
{
	char byte;

	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_RECEIVED));
	INJECT(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 2);
	EXPECT_STATE(ST_CLOSE_WAIT);
	self->pkt.fd = accept(self->pkt.listener, NULL, NULL);
	ASSERT_LE(0, self->pkt.fd);
	EXPECT_EQ(0, read(self->pkt.fd, &byte, 1));
}

/* Closing the listener takes its half-open connections with it. */
TEST_F(handshake, closed_listener_resets_what_it_has_not_handed_out)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_RECEIVED));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_STATE(ST_ESTABLISHED);
	ASSERT_EQ(0, close(self->pkt.listener));
	EXPECT_SEG(.flags = TH_RST | TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_GONE);
}

/* A port that nobody has: 3.10.7.1 */

TEST_F(handshake, closed_port_answers_a_syn_with_rst_ack)
{
	INJECT(.flags = TH_SYN, .seq = 100);
	EXPECT_SEG(.flags = TH_RST | TH_ACK, .seq = 0, .ack = 101);
	EXPECT_SILENCE();
}

TEST_F(handshake, closed_port_answers_an_ack_with_rst_at_its_number)
{
	INJECT(.flags = TH_ACK, .seq = 100, .ack = 4242, .len = 50);
	EXPECT_SEG(.flags = TH_RST, .seq = 4242);
	EXPECT_SILENCE();
}

/* SEG.LEN counts the payload, the SYN and the FIN. */
TEST_F(handshake, closed_port_acks_the_whole_length_of_a_segment)
{
	INJECT(.flags = TH_PUSH, .seq = 100, .len = 50);
	EXPECT_SEG(.flags = TH_RST | TH_ACK, .seq = 0, .ack = 150);
	INJECT(.flags = TH_FIN, .seq = 100, .len = 50);
	EXPECT_SEG(.flags = TH_RST | TH_ACK, .seq = 0, .ack = 151);
	INJECT(.flags = TH_SYN, .seq = 100, .len = 50);
	EXPECT_SEG(.flags = TH_RST | TH_ACK, .seq = 0, .ack = 151);
	EXPECT_SILENCE();
}

TEST_F(handshake, closed_port_never_answers_a_rst)
{
	INJECT(.flags = TH_RST, .seq = 100);
	INJECT(.flags = TH_RST | TH_ACK, .seq = 100, .ack = 1);
	EXPECT_SILENCE();
}

TEST_MAIN
