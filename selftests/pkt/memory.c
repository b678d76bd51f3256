// SPDX-License-Identifier: GPL-2.0
/*
 * A receive buffer that small segments fill: what was acknowledged is never
 * lost, what was only SACKed may be (RFC 2018 section 8).
 */
#include "../harness.h"
#include "pkt.h"

FIXTURE_PKT(memory);

static bool small_buffer(void)
{
	/* TCP delays SACKs, and they would come at any time. */
	sysctl_write("comp_sack_nr", "0");
	return !sysctl_write("rmem", "4096 8192 8192");
}

/* What has come so far; the last of it is what counts. */
static void drain(struct pkt *p)
{
	while (pkt_next(p, 0))
		;
}

static bool inject(struct pkt *p, int seq, int len)
{
	bool sent;
	int tries;

	/* An ACK may come in between, above all on a slow kernel. */
	for (tries = 0; tries < 5; tries++) {
		drain(p);
		sent = SENT(p, .flags = TH_ACK | TH_PUSH, .seq = seq, .ack = 1,
			    .len = len);
		if (sent)
			return true;
	}
	return false;
}

/* Sends [@from, @to) in pieces of @len, again and again until it is taken. */
static bool deliver(struct pkt *p, int from, int to, int len)
{
	int tries, seq, part;

	for (tries = 0; tries < 100 && from < to; tries++) {
		part = 0;
		for (seq = from; seq < to && part < 20 * len; seq += len) {
			if (!inject(p, seq, seq + len < to ? len : to - seq))
				return false;
			part += len;
		}
		while (from < to && from < seq && pkt_next(p, 300)) {
			if ((int)p->got.ack <= from)
				continue;
			from = p->got.ack;
			tries = 0;
		}
	}
	drain(p);
	return from == to;
}

TEST_F(memory, small_segments_in_order_all_find_room)
{
	ASSERT_TRUE(small_buffer());
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(deliver(&self->pkt, 1, 1501, 1));
	EXPECT_EQ(1500, pkt_unread(&self->pkt));
	EXPECT_TRUE(stream_read(self->pkt.fd, 1500, 0));
}

/* What overlaps cannot be joined as it comes: it is packed when there is need. */
TEST_F(memory, overlapping_segments_in_order_are_packed)
{
	int seq;

	ASSERT_TRUE(small_buffer());
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(deliver(&self->pkt, 1, 11, 10));
	for (seq = 11; seq < 511; seq++)
		ASSERT_TRUE(inject(&self->pkt, seq - 7, 8));
	drain(&self->pkt);
	if (test_is_atcp()) {
		EXPECT_LT(0, counter_read("PruneCalled"));
		EXPECT_LT(0, counter_read("RcvCollapsed"));
		EXPECT_EQ(0, counter_read("OfoPruned"));
	}
	ASSERT_TRUE(deliver(&self->pkt, self->pkt.got.ack, 511, 1));
	EXPECT_EQ(510, pkt_unread(&self->pkt));
	EXPECT_TRUE(stream_read(self->pkt.fd, 510, 0));
}

/* Every other octet, in no order: hundreds of segments that cannot be packed. */
static bool flood(struct pkt *p, int from, int to)
{
	uint32_t random = 1;
	int i;

	for (i = 0; i < 1000; i++) {
		random = random * 1664525 + 1013904223;
		if (!inject(p, from + (random >> 8) % (to - from) / 2 * 2, 1))
			return false;
	}
	drain(p);
	return true;
}

TEST_F(memory, out_of_order_flood_takes_no_more_than_the_buffer)
{
	self->pkt.peer.opts = OPT_MSS | OPT_SACKPERM;
	ASSERT_TRUE(small_buffer());
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(flood(&self->pkt, 3, 3001));
	EXPECT_EQ(1, (int)self->pkt.got.ack);
	if (test_is_atcp())
		EXPECT_LT(0, counter_read("OfoPruned"));
	/* The gaps are filled, and what was dropped comes again. */
	ASSERT_TRUE(deliver(&self->pkt, 1, 3001, 100));
	EXPECT_TRUE(stream_read(self->pkt.fd, 3000, 0));
}

/* The same with data in front that was acknowledged, and is not read. */
TEST_F(memory, pruning_spares_what_was_acknowledged)
{
	ASSERT_TRUE(small_buffer());
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(deliver(&self->pkt, 1, 1001, 10));
	ASSERT_TRUE(flood(&self->pkt, 1003, 2001));
	EXPECT_EQ(1001, (int)self->pkt.got.ack);
	EXPECT_EQ(1000, pkt_unread(&self->pkt));
	ASSERT_TRUE(deliver(&self->pkt, 1001, 1501, 100));
	EXPECT_TRUE(stream_read(self->pkt.fd, 1500, 0));
}

/* Contiguous, though not in order: these can be packed instead. */
TEST_F(memory, small_segments_out_of_order_are_packed)
{
	int seq;

	self->pkt.peer.opts = OPT_MSS | OPT_SACKPERM;
	ASSERT_TRUE(small_buffer());
	ASSERT_TRUE(pkt_accept(&self->pkt));
	for (seq = 1500; seq > 1000; seq--)
		ASSERT_TRUE(inject(&self->pkt, seq, 1));
	drain(&self->pkt);
	if (test_is_atcp())
		EXPECT_LT(0, counter_read("RcvCollapsed"));
	EXPECT_EQ(1, self->pkt.got.sacks);
	EXPECT_EQ(1001, (int)self->pkt.got.sack[0].from);
	EXPECT_EQ(1501, (int)self->pkt.got.sack[0].to);
	ASSERT_TRUE(deliver(&self->pkt, 1, 1501, 1000));
	EXPECT_TRUE(stream_read(self->pkt.fd, 1500, 0));
}

TEST_MAIN
