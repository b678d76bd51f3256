// SPDX-License-Identifier: GPL-2.0
/* When an ACK is sent: RFC 9293 section 3.8.6.3. */
#include "../harness.h"
#include "pkt.h"

FIXTURE_PKT(delayed_ack);

/* MUST-40: an ACK is not put off by half a second. */
TEST_F_TIMEOUT(delayed_ack, ack_is_never_delayed_by_500_ms, 1 * MINUTES)
{
	uint32_t seq;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	for (seq = 1; seq < 401; seq += 10) {
		INJECT(.flags = TH_ACK, .seq = seq, .ack = 1, .len = 10);
		ASSERT_TRUE(pkt_next(&self->pkt, 499));
		ASSERT_EQ(seq + 10, self->pkt.got.ack);
	}
}

/*
 * The first ACKs come at once, to let slow start grow; then they wait for
 * something that they can ride on. Linux needs an answer to see a dialogue.
 */
static uint32_t open_in_dialogue(struct pkt *p)
{
	bool ok = pkt_accept(p);
	uint32_t seq = 1;
	int i;

	for (i = 0; ok && i < 20; i++, seq += 100) {
		ok = SENT(p, .flags = TH_ACK, .seq = seq, .ack = 1 + i,
			  .len = 100) &&
		     pkt_expect_ack(p, seq + 100) &&
		     stream_read(p->fd, 100, seq - 1) &&
		     stream_write(p->fd, 1, i) && pkt_next(p, PATIENCE_MS);
	}
	ok = ok && SENT(p, .flags = TH_ACK, .seq = seq, .ack = 21);
	return ok ? seq : 0;
}

/* SHLD-18, MUST-40: not at once, but within 200 ms. */
TEST_F_TIMEOUT(delayed_ack, ack_of_a_small_segment_waits_for_40_to_200_ms,
	       1 * MINUTES)
{
	uint32_t seq = open_in_dialogue(&self->pkt);
	uint64_t sent;

	ASSERT_NE(0, seq);
	INJECT(.flags = TH_ACK, .seq = seq, .ack = 21, .len = 10);
	sent = self->pkt.ref;
	EXPECT_SEG(.flags = TH_ACK, .seq = 21, .ack = seq + 10);
	EXPECT_LE(39 * 1000, (int)(self->pkt.got.at - sent));
	EXPECT_GE(210 * 1000, (int)(self->pkt.got.at - sent));
}

/* SHLD-19: the second full-sized segment is not put off. */
TEST_F_TIMEOUT(delayed_ack, every_second_full_segment_is_acked_at_once,
	       1 * MINUTES)
{
	uint32_t seq = open_in_dialogue(&self->pkt);
	uint32_t mss = self->pkt.local_mss;
	int i;

	ASSERT_NE(0, seq);
	for (i = 0; i < 5; i++, seq += 2 * mss) {
		uint64_t sent;

		INJECT(.flags = TH_ACK, .seq = seq, .ack = 21, .len = mss);
		INJECT(.flags = TH_ACK, .seq = seq + mss, .ack = 21,
		       .len = mss);
		sent = self->pkt.ref;
		EXPECT_SEG(.flags = TH_ACK, .seq = 21, .ack = seq + 2 * mss);
		EXPECT_GE(10 * 1000, (int)(self->pkt.got.at - sent));
		EXPECT_TRUE(stream_read(self->pkt.fd, 2 * mss, seq - 1));
	}
}

/* MUST-58: an ACK that is due rides on what is sent. */
TEST_F_TIMEOUT(delayed_ack, data_carries_the_ack_that_is_due, 1 * MINUTES)
{
	uint32_t seq = open_in_dialogue(&self->pkt);

	ASSERT_NE(0, seq);
	INJECT(.flags = TH_ACK, .seq = seq, .ack = 21, .len = 10);
	ASSERT_TRUE(stream_write(self->pkt.fd, 10, 20));
	EXPECT_SEG(.flags = TH_ACK, .seq = 21, .ack = seq + 10, .len = 10);
	INJECT(.flags = TH_ACK, .seq = seq + 10, .ack = 31);
	ASSERT_TRUE(pkt_silence(&self->pkt, 500));
}

TEST_MAIN
