// SPDX-License-Identifier: GPL-2.0
/* Timestamps and what they protect from: RFC 7323 sections 3 to 5. */
#include "../counters.h"
#include "../harness.h"
#include "pkt.h"

FIXTURE_PKT(timestamps);

/* RFC 7323 section 3.2: once agreed on, timestamps are in every segment. */
TEST_F(timestamps, timestamps_are_in_every_segment_and_echo_the_peers)
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

TEST_F(timestamps, no_timestamps_for_a_peer_that_sent_none)
{
	ASSERT_TRUE(pkt_connect(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 10, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 10, .opts = 0);
}

/* RFC 7323 section 5.3, R1. */
TEST_F(timestamps, paws_drops_and_acks_an_old_timestamp)
{
	self->pkt.peer.opts = OPT_MSS | OPT_TS;
	ASSERT_TRUE(pkt_accept(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 101));
	counters_mark();
	INJECT(.flags = TH_ACK, .seq = 101, .ack = 1, .len = 100,
	       .opts = OPT_TS, .tsval = 100, .tsecr = self->pkt.local_tsval);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 101);
	EXPECT_TRUE(counters_grew(DROP_PAWS, 1));
	EXPECT_EQ(100, pkt_unread(&self->pkt));
}

TEST_MAIN
