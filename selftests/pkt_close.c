// SPDX-License-Identifier: GPL-2.0
/*
 * The end of a connection, segment by segment and state by state: RFC 9293
 * sections 3.6 and 3.10.7.4, RFC 5961 sections 3 and 4.
 */
#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "harness.h"
#include "pkt.h"

FIXTURE_PKT(close);

/* Orderly, from either side */

TEST_F(close, active_close_state_by_state)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_EQ(0, close(self->pkt.fd));
	EXPECT_SEG(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 1);
	EXPECT_STATE(ST_FIN_WAIT_1);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 2);
	EXPECT_STATE(ST_FIN_WAIT_2);
	INJECT(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 2);
	EXPECT_SEG(.flags = TH_ACK, .seq = 2, .ack = 2);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_TIME_WAIT);
}

TEST_F(close, passive_close_state_by_state)
{
	char byte;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	INJECT(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 1);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 2));
	EXPECT_STATE(ST_CLOSE_WAIT);
	EXPECT_EQ(POLLIN | POLLOUT | POLLRDHUP, poll_now(self->pkt.fd));
	EXPECT_EQ(0, read(self->pkt.fd, &byte, 1));
	ASSERT_EQ(0, close(self->pkt.fd));
	EXPECT_SEG(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 2);
	EXPECT_STATE(ST_LAST_ACK);
	INJECT(.flags = TH_ACK, .seq = 2, .ack = 2);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_GONE);
}

TEST_F(close, simultaneous_close_goes_through_closing)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_EQ(0, close(self->pkt.fd));
	EXPECT_SEG(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 1);
	INJECT(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SEG(.flags = TH_ACK, .seq = 2, .ack = 2);
	EXPECT_STATE(ST_CLOSING);
	INJECT(.flags = TH_ACK, .seq = 2, .ack = 2);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_TIME_WAIT);
}

/* 3.10.7.4, eighth: a FIN that acknowledges ours skips FIN-WAIT-2. */
TEST_F(close, fin_that_acks_the_fin_leads_straight_to_time_wait)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_FIN_WAIT_1));
	INJECT(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 2);
	EXPECT_SEG(.flags = TH_ACK, .seq = 2, .ack = 2);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_TIME_WAIT);
}

TEST_F(close, last_ack_ends_with_a_closed_port)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_LAST_ACK));
	ASSERT_EQ(0, close(self->pkt.fd));
	ASSERT_EQ(0, close(self->pkt.listener));
	INJECT(.flags = TH_ACK, .seq = 2, .ack = 2);
	EXPECT_STATE(ST_GONE);
	INJECT(.flags = TH_ACK, .seq = 2, .ack = 2);
	EXPECT_SEG(.flags = TH_RST, .seq = 2);
	EXPECT_SILENCE();
}

/* The FIN with other things */

TEST_F(close, data_that_comes_with_the_fin_is_delivered_first)
{
	char byte;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	INJECT(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 1, .len = 100);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 102));
	EXPECT_STATE(ST_CLOSE_WAIT);
	EXPECT_TRUE(stream_read(self->pkt.fd, 100, 0));
	EXPECT_EQ(0, read(self->pkt.fd, &byte, 1));
}

TEST_F(close, fin_out_of_order_waits_for_the_data_before_it)
{
	char byte;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	INJECT(.flags = TH_FIN | TH_ACK, .seq = 1001, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_STATE(ST_ESTABLISHED);
	EXPECT_EQ(POLLOUT, poll_now(self->pkt.fd));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 2002);
	EXPECT_STATE(ST_CLOSE_WAIT);
	EXPECT_TRUE(stream_read(self->pkt.fd, 2000, 0));
	EXPECT_EQ(0, read(self->pkt.fd, &byte, 1));
}

TEST_F(close, fin_waits_behind_data_that_may_not_be_sent_yet)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(pkt_close_window(&self->pkt));
	ASSERT_TRUE(stream_read(self->pkt.fd, 2, 0));
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	ASSERT_EQ(0, close(self->pkt.fd));
	EXPECT_SILENCE();
	EXPECT_STATE(ST_FIN_WAIT_1);
	INJECT(.flags = TH_ACK, .seq = 3, .ack = 1);
	/* With the data or right after it: both are good. */
	ASSERT_TRUE(pkt_next(&self->pkt, PATIENCE_MS));
	EXPECT_EQ(1, (int)self->pkt.got.seq);
	EXPECT_EQ(100, self->pkt.got.len);
	if (!(self->pkt.got.flags & TH_FIN))
		EXPECT_SEG(.flags = TH_FIN | TH_ACK, .seq = 101, .ack = 3);
	INJECT(.flags = TH_ACK, .seq = 3, .ack = 102);
	EXPECT_STATE(ST_FIN_WAIT_2);
}

TEST_F(close, unacked_fin_is_sent_again)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_FIN_WAIT_1));
	EXPECT_SEG(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 1, .after = 200);
	EXPECT_SEG(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 1, .after = 400);
	EXPECT_STATE(ST_FIN_WAIT_1);
}

TEST_F(close, ack_of_the_data_alone_does_not_leave_fin_wait_1)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	ASSERT_EQ(0, close(self->pkt.fd));
	EXPECT_SEG(.flags = TH_FIN | TH_ACK, .seq = 101, .ack = 1);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 101);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_FIN_WAIT_1);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 102);
	EXPECT_STATE(ST_FIN_WAIT_2);
}

/* 3.10.7.4, eighth: a repeated FIN is acknowledged again in every state. */
TEST_F(close, repeated_fin_is_acked_in_close_wait)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_CLOSE_WAIT));
	INJECT(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 2);
	EXPECT_STATE(ST_CLOSE_WAIT);
}

TEST_F(close, repeated_fin_is_acked_in_time_wait)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_TIME_WAIT));
	INJECT(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 2);
	EXPECT_SEG(.flags = TH_ACK, .seq = 2, .ack = 2);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_TIME_WAIT);
}

/* RFC 1337: a RST does not end TIME-WAIT before its time. */
TEST_F(close, rst_in_time_wait_is_ignored)
{
	if (!test_is_atcp())
		file_write("/proc/sys/net/ipv4/tcp_rfc1337", "1");
	ASSERT_TRUE(pkt_open(&self->pkt, ST_TIME_WAIT));
	INJECT(.flags = TH_RST, .seq = 2);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_TIME_WAIT);
}

/* MAY-2: a SYN that is newer than all of the old connection opens anew. */
TEST_F(close, newer_syn_reopens_from_time_wait)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_TIME_WAIT));
	self->pkt.liss_known = false;
	INJECT(.flags = TH_SYN, .seq = 100000, .opts = OPT_MSS, .mss = 1000);
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 100001, .opts = OPT_MSS);
	EXPECT_STATE(ST_SYN_RECEIVED);
}

TEST_F(close, older_syn_is_acked_in_time_wait)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_TIME_WAIT));
	INJECT(.flags = TH_SYN, .seq = -100000, .opts = OPT_MSS, .mss = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 2, .ack = 2);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_TIME_WAIT);
}

/* Half-closed, in both directions */

TEST_F(close, data_flows_in_after_our_half_is_closed)
{
	char byte;

	ASSERT_TRUE(pkt_open(&self->pkt, ST_FIN_WAIT_2));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 2, .len = 1000);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 1001));
	INJECT(.flags = TH_ACK, .seq = 1001, .ack = 2, .len = 500);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 1501));
	EXPECT_TRUE(stream_read(self->pkt.fd, 1500, 0));
	EXPECT_STATE(ST_FIN_WAIT_2);
	INJECT(.flags = TH_FIN | TH_ACK, .seq = 1501, .ack = 2);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 1502));
	EXPECT_EQ(0, read(self->pkt.fd, &byte, 1));
	EXPECT_STATE(ST_TIME_WAIT);
}

TEST_F(close, data_flows_out_after_the_peers_half_is_closed)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_CLOSE_WAIT));
	ASSERT_TRUE(stream_write(self->pkt.fd, 1500, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 2, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1001, .ack = 2, .len = 500);
	INJECT(.flags = TH_ACK, .seq = 2, .ack = 1501);
	EXPECT_SILENCE();
	ASSERT_EQ(0, close(self->pkt.fd));
	EXPECT_SEG(.flags = TH_FIN | TH_ACK, .seq = 1501, .ack = 2);
	EXPECT_STATE(ST_LAST_ACK);
}

/* Abortive, by the application */

/* SHLD-3: the peer learns that its data was not read. */
TEST_F(close, close_with_unread_data_sends_rst)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 101));
	ASSERT_EQ(0, close(self->pkt.fd));
	EXPECT_SEG(.flags = TH_RST | TH_ACK, .seq = 1, .ack = 101);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_GONE);
}

TEST_F(close, close_with_linger_zero_sends_rst)
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
TEST_F(close, data_for_a_closed_socket_is_answered_by_rst)
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

/* A RST from the peer: RFC 5961 section 3 */

/* MUST-12: the application learns of it. */
TEST_F(close, exact_rst_resets)
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
TEST_F(close, rst_may_carry_data)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_ESTABLISHED));
	INJECT(.flags = TH_RST | TH_ACK, .seq = 1, .ack = 1, .len = 20);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_GONE);
	EXPECT_EQ(ECONNRESET, so_error(self->pkt.fd));
}

TEST_F(close, rst_elsewhere_in_the_window_gets_a_challenge_ack)
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

TEST_F(close, rst_before_the_window_is_ignored)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_ESTABLISHED));
	INJECT(.flags = TH_RST, .seq = -5);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_ESTABLISHED);
	EXPECT_EQ(0, so_error(self->pkt.fd));
}

TEST_F(close, rst_behind_the_window_is_ignored)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_ESTABLISHED));
	INJECT(.flags = TH_RST, .seq = 1 + pkt_window(&self->pkt) + 10);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_ESTABLISHED);
	EXPECT_EQ(0, so_error(self->pkt.fd));
}

TEST_F(close, rst_in_fin_wait_1_resets)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_FIN_WAIT_1));
	INJECT(.flags = TH_RST, .seq = 1);
	EXPECT_STATE(ST_GONE);
	EXPECT_EQ(ECONNRESET, so_error(self->pkt.fd));
}

TEST_F(close, rst_in_fin_wait_2_resets)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_FIN_WAIT_2));
	INJECT(.flags = TH_RST, .seq = 1);
	EXPECT_STATE(ST_GONE);
	EXPECT_EQ(ECONNRESET, so_error(self->pkt.fd));
}

/* The peer has said all it had to say: only writing can fail. */
TEST_F(close, rst_in_close_wait_breaks_the_pipe)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_CLOSE_WAIT));
	INJECT(.flags = TH_RST, .seq = 2);
	EXPECT_STATE(ST_GONE);
	EXPECT_EQ(EPIPE, so_error(self->pkt.fd));
}

TEST_F(close, rst_in_closing_closes)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_CLOSING));
	INJECT(.flags = TH_RST, .seq = 2);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_GONE);
}

TEST_F(close, rst_in_last_ack_closes)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_LAST_ACK));
	INJECT(.flags = TH_RST, .seq = 2);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_GONE);
}

/* A SYN where there is a connection: RFC 5961 section 4 */

TEST_F(close, syn_in_the_window_gets_a_challenge_ack)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_ESTABLISHED));
	INJECT(.flags = TH_SYN, .seq = 1, .opts = OPT_MSS, .mss = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_ESTABLISHED);
}

TEST_F(close, syn_outside_of_the_window_gets_a_challenge_ack)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_ESTABLISHED));
	INJECT(.flags = TH_SYN, .seq = 0x40000000, .opts = OPT_MSS,
	       .mss = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_ESTABLISHED);
}

/* The peer did not get the third segment of the handshake. */
TEST_F(close, repeated_syn_ack_is_acked)
{
	ASSERT_TRUE(pkt_connect(&self->pkt));
	INJECT(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_MSS,
	       .mss = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_ESTABLISHED);
}

TEST_MAIN
