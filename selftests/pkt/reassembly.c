// SPDX-License-Identifier: GPL-2.0
/* Segments that come out of order: RFC 9293 sections 3.8 and 3.10.7.4. */
#include <poll.h>

#include "../harness.h"
#include "pkt.h"

FIXTURE_PKT(reassembly);

/* SHLD-31, MAY-13, MUST-59: queued, answered at once, acknowledged in one. */
TEST_F(reassembly, out_of_order_data_waits_for_the_gap)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 1001, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_EQ(0, pkt_unread(&self->pkt));
	EXPECT_EQ(POLLOUT, poll_now(self->pkt.fd));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 2001);
	EXPECT_TRUE(stream_read(self->pkt.fd, 2000, 0));
	EXPECT_SILENCE();
}

TEST_F(reassembly, segments_in_reverse_are_delivered_in_order)
{
	int seq;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	for (seq = 4501; seq > 1; seq -= 500) {
		INJECT(.flags = TH_ACK, .seq = seq, .ack = 1, .len = 500);
		EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	}
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 500);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 5001);
	EXPECT_TRUE(stream_read(self->pkt.fd, 5000, 0));
}

/* Segments that overlap each other on both sides of a gap. */
TEST_F(reassembly, overlapping_segments_make_one_stream)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 1001, .ack = 1, .len = 500);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	INJECT(.flags = TH_ACK, .seq = 2001, .ack = 1, .len = 500);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	/* Covers all of one and a part of the other. */
	INJECT(.flags = TH_ACK, .seq = 901, .ack = 1, .len = 1300);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 2501);
	EXPECT_EQ(2500, pkt_unread(&self->pkt));
	EXPECT_TRUE(stream_read(self->pkt.fd, 2500, 0));
}

TEST_F(reassembly, fin_out_of_order_waits_for_the_data_before_it)
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

/* MUST-58, MUST-59: what a segment completes is acknowledged in one go. */
TEST_F(reassembly, queue_is_processed_before_it_is_acked)
{
	int i;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	for (i = 0; i < 5; i++) {
		INJECT(.flags = TH_ACK, .seq = 101 + 100 * i, .ack = 1,
		       .len = 100);
		EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	}
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 601);
	EXPECT_SILENCE();
}

TEST_MAIN
