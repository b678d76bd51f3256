// SPDX-License-Identifier: GPL-2.0
/*
 * Resets from either side, and what pretends to be one: RFC 9293 section 3.5.2
 * and 3.5.3, RFC 5961 sections 3 and 4.
 */
#include <errno.h>
#include <poll.h>

#include "../harness.h"
#include "pkt.h"

FIXTURE_PKT(reset);

/* MUST-12: the application learns of it. */
TEST_F(reset, exact_rst_resets)
{
	char byte;

	ASSERT_TRUE(pkt_open(&self->pkt, ST_ESTABLISHED));
	INJECT(.flags = TH_RST, .seq = 1);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_GONE);
	EXPECT_EQ(POLLIN | POLLOUT | POLLRDHUP | POLLERR | POLLHUP,
		  poll_now(self->pkt.fd));
	EXPECT_EQ(-1, read(self->pkt.fd, &byte, 1));
	EXPECT_EQ(ECONNRESET, errno);
	EXPECT_EQ(0, read(self->pkt.fd, &byte, 1));
}

/* SHLD-2: one that has something to say. */
TEST_F(reset, rst_may_carry_data)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_ESTABLISHED));
	INJECT(.flags = TH_RST | TH_ACK, .seq = 1, .ack = 1, .len = 20);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_GONE);
	EXPECT_EQ(ECONNRESET, so_error(self->pkt.fd));
}

TEST_F(reset, rst_elsewhere_in_the_window_gets_a_challenge_ack)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_ESTABLISHED));
	INJECT(.flags = TH_RST, .seq = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_ESTABLISHED);
	/* A true peer answers that with the exact number. */
	INJECT(.flags = TH_RST, .seq = 1);
	EXPECT_STATE(ST_GONE);
	EXPECT_EQ(ECONNRESET, so_error(self->pkt.fd));
}

TEST_F(reset, rst_before_the_window_is_ignored)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_ESTABLISHED));
	INJECT(.flags = TH_RST, .seq = -5);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_ESTABLISHED);
	EXPECT_EQ(0, so_error(self->pkt.fd));
}

TEST_F(reset, rst_behind_the_window_is_ignored)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_ESTABLISHED));
	INJECT(.flags = TH_RST, .seq = 1 + pkt_window(&self->pkt) + 10);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_ESTABLISHED);
	EXPECT_EQ(0, so_error(self->pkt.fd));
}

TEST_F(reset, syn_in_the_window_gets_a_challenge_ack)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_ESTABLISHED));
	INJECT(.flags = TH_SYN, .seq = 1, .opts = OPT_MSS, .mss = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_ESTABLISHED);
}

TEST_F(reset, syn_outside_of_the_window_gets_a_challenge_ack)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_ESTABLISHED));
	INJECT(.flags = TH_SYN, .seq = 0x40000000, .opts = OPT_MSS,
	       .mss = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_ESTABLISHED);
}

/* The peer did not get the third segment of the handshake. */
TEST_F(reset, repeated_syn_ack_is_acked)
{
	ASSERT_TRUE(pkt_connect(&self->pkt));
	INJECT(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_MSS,
	       .mss = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_ESTABLISHED);
}

/* SHLD-3: the peer learns that its data was not read. */
TEST_F(reset, close_with_unread_data_sends_rst)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 101));
	ASSERT_EQ(0, close(self->pkt.fd));
	EXPECT_SEG(.flags = TH_RST | TH_ACK, .seq = 1, .ack = 101);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_GONE);
}

TEST_F(reset, close_with_linger_zero_sends_rst)
{
	struct linger now = { .l_onoff = 1 };

	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_EQ(0, setsockopt(self->pkt.fd, SOL_SOCKET, SO_LINGER, &now,
				sizeof(now)));
	ASSERT_EQ(0, close(self->pkt.fd));
	EXPECT_SEG(.flags = TH_RST | TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_GONE);
}

/* SHLD-3 as well: nobody is left to read what comes after close(). */
TEST_F(reset, data_for_a_closed_socket_is_answered_by_rst)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_EQ(0, close(self->pkt.fd));
	EXPECT_SEG(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 1);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 2);
	EXPECT_STATE(ST_FIN_WAIT_2);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 2, .len = 100);
	/* With an ACK or without. */
	ASSERT_TRUE(pkt_next(&self->pkt, PATIENCE_MS));
	EXPECT_EQ(TH_RST, self->pkt.got.flags & ~TH_ACK);
	EXPECT_EQ(2, (int)self->pkt.got.seq);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_GONE);
}

TEST_MAIN
