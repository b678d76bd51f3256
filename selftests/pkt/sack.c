// SPDX-License-Identifier: GPL-2.0
/* Selective acknowledgments: RFC 2018. */
#include "../harness.h"
#include "pkt.h"

FIXTURE_PKT(sack);

/* RFC 2018 section 4: the newest block comes first, the others follow. */
TEST_F(sack, out_of_order_data_is_reported_by_sack)
{
	self->pkt.peer.opts = OPT_MSS | OPT_SACKPERM;
	ASSERT_TRUE(pkt_accept(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 1001, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .opts = OPT_SACK,
		   .sacks = 1, .sack = { { 1001, 2001 } });
	INJECT(.flags = TH_ACK, .seq = 3001, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .opts = OPT_SACK,
		   .sacks = 2, .sack = { { 3001, 4001 }, { 1001, 2001 } });
	INJECT(.flags = TH_ACK, .seq = 5001, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .opts = OPT_SACK,
		   .sacks = 3,
		   .sack = { { 5001, 6001 }, { 3001, 4001 }, { 1001, 2001 } });
	/* Next to the first block: the two are one, and the newest. */
	INJECT(.flags = TH_ACK, .seq = 2001, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .opts = OPT_SACK,
		   .sacks = 2, .sack = { { 1001, 4001 }, { 5001, 6001 } });
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 4001, .opts = OPT_SACK,
		   .sacks = 1, .sack = { { 5001, 6001 } });
	INJECT(.flags = TH_ACK, .seq = 4001, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 6001);
	EXPECT_TRUE(stream_read(self->pkt.fd, 6000, 0));
}

/* RFC 2018 section 3: with timestamps in the header three blocks are left. */
TEST_F(sack, sack_blocks_leave_room_for_timestamps)
{
	int seq;

	self->pkt.peer.opts = OPT_MSS | OPT_SACKPERM | OPT_TS;
	ASSERT_TRUE(pkt_accept(&self->pkt));
	for (seq = 1001; seq <= 7001; seq += 2000) {
		INJECT(.flags = TH_ACK, .seq = seq, .ack = 1, .len = 1000);
		ASSERT_TRUE(pkt_next(&self->pkt, PATIENCE_MS));
	}
	EXPECT_EQ(OPT_TS | OPT_SACK, (int)self->pkt.got.opts);
	EXPECT_EQ(3, self->pkt.got.sacks);
}

/* RFC 2883 section 4.1: what came twice is told by the first block. */
TEST_F(sack, duplicate_is_reported_by_d_sack)
{
	self->pkt.peer.opts = OPT_MSS | OPT_SACKPERM;
	ASSERT_TRUE(pkt_accept(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 1001));
	INJECT(.flags = TH_ACK, .seq = 501, .ack = 1, .len = 500);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1001, .opts = OPT_SACK,
		   .sacks = 1, .sack = { { 501, 1001 } });
	/* Once. */
	INJECT(.flags = TH_ACK, .seq = 3001, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1001, .opts = OPT_SACK,
		   .sacks = 1, .sack = { { 3001, 4001 } });
}

/* RFC 2883 section 4.2: the block that it is a part of stands second. */
TEST_F(sack, duplicate_out_of_order_is_reported_before_its_block)
{
	self->pkt.peer.opts = OPT_MSS | OPT_SACKPERM;
	ASSERT_TRUE(pkt_accept(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 1001, .ack = 1, .len = 2000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .opts = OPT_SACK,
		   .sacks = 1, .sack = { { 1001, 3001 } });
	INJECT(.flags = TH_ACK, .seq = 1501, .ack = 1, .len = 500);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .opts = OPT_SACK,
		   .sacks = 2, .sack = { { 1501, 2001 }, { 1001, 3001 } });
}

/* RFC 2018 section 3: a sender learns what it need not send again. */
TEST_F(sack, only_the_holes_are_sent_again)
{
	int seq;

	self->pkt.peer.opts = OPT_MSS | OPT_SACKPERM;
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 8000, 0));
	for (seq = 1; seq < 8001; seq += 1000)
		EXPECT_SEG(.flags = TH_ACK, .seq = seq, .ack = 1, .len = 1000);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .opts = OPT_SACK,
	       .sacks = 2, .sack = { { 5001, 8001 }, { 1001, 4001 } });
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 4001, .ack = 1, .len = 1000);
	EXPECT_SILENCE();
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 8001);
	EXPECT_SILENCE();
}

TEST_MAIN
