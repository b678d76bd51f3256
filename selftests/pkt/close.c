// SPDX-License-Identifier: GPL-2.0
/* The orderly end of a connection, from either side: RFC 9293 section 3.6. */
#include <poll.h>

#include "../harness.h"
#include "pkt.h"

FIXTURE_PKT(close);

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

TEST_MAIN
