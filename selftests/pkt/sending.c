// SPDX-License-Identifier: GPL-2.0
/* How a stream becomes segments: RFC 9293 sections 3.7 and 3.9.1.2. */
#include "../harness.h"
#include "pkt.h"

FIXTURE_PKT(sending);

/* SHLD-28, MUST-61: full segments, and PSH where the buffer ends. */
TEST_F(sending, a_write_goes_out_in_full_segments_with_psh_on_the_last)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 3000, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	EXPECT_EQ(0, self->pkt.got.flags & TH_PUSH);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1001, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK | TH_PUSH, .seq = 2001, .ack = 1,
		   .len = 1000);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 3001);
	EXPECT_SILENCE();
}

/* Far more than a window: what the peer acknowledges makes room for more. */
TEST_F(sending, acks_let_the_rest_of_a_large_write_out)
{
	int total = 60000, written = 0, got = 0;
	uint8_t buf[5000];
	ssize_t n;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	set_nonblock(self->pkt.fd, true);
	while (got < total) {
		stream_fill(buf, sizeof(buf), written);
		n = total - written < 5000 ? total - written : 5000;
		n = n ? write(self->pkt.fd, buf, n) : 0;
		written += n > 0 ? n : 0;
		while (pkt_next(&self->pkt, 1)) {
			ASSERT_EQ((uint32_t)got + 1, self->pkt.got.seq);
			got += self->pkt.got.len;
		}
		INJECT(.flags = TH_ACK, .seq = 1, .ack = 1 + got);
	}
	EXPECT_EQ(total, got);
	EXPECT_SILENCE();
}

/* SHLD-7: small segments wait for the ACK of the last one. */
TEST_F(sending, nagle_keeps_small_segments_together)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 10, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 10);
	ASSERT_TRUE(stream_write(self->pkt.fd, 10, 10));
	ASSERT_TRUE(stream_write(self->pkt.fd, 10, 20));
	EXPECT_SILENCE();
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 11);
	/* SHLD-27: of the two pushes one is left. */
	EXPECT_SEG(.flags = TH_ACK | TH_PUSH, .seq = 11, .ack = 1, .len = 20);
}

/* MUST-17 */
TEST_F(sending, nodelay_sends_each_write_at_once)
{
	int on = 1, i;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_EQ(0, setsockopt(self->pkt.fd, SOL_TCP, TCP_NODELAY, &on,
				sizeof(on)));
	for (i = 0; i < 5; i++) {
		ASSERT_TRUE(stream_write(self->pkt.fd, 10, 10 * i));
		EXPECT_SEG(.flags = TH_ACK | TH_PUSH, .seq = 1 + 10 * i,
			   .ack = 1, .len = 10);
	}
}

/* MAY-16: held back by the application, full segments excepted. */
TEST_F(sending, cork_sends_full_segments_until_it_is_pulled)
{
	int on = 1, off = 0;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_EQ(0,
		  setsockopt(self->pkt.fd, SOL_TCP, TCP_CORK, &on, sizeof(on)));
	ASSERT_TRUE(stream_write(self->pkt.fd, 700, 0));
	ASSERT_TRUE(stream_write(self->pkt.fd, 700, 700));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	EXPECT_SILENCE();
	ASSERT_EQ(0, setsockopt(self->pkt.fd, SOL_TCP, TCP_CORK, &off,
				sizeof(off)));
	EXPECT_SEG(.flags = TH_ACK | TH_PUSH, .seq = 1001, .ack = 1,
		   .len = 400);
}

/* MUST-60: nothing is held back for ever. */
TEST_F(sending, cork_gives_way_after_200_ms)
{
	int on = 1;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_EQ(0,
		  setsockopt(self->pkt.fd, SOL_TCP, TCP_CORK, &on, sizeof(on)));
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	pkt_mark(&self->pkt);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100,
		   .after = 200);
}

/* MUST-38: a sliver of a window is not worth a segment, half of it is. */
TEST_F(sending, sliver_of_a_window_is_not_filled)
{
	self->pkt.peer.win = 4000;
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 8000, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1001, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 2001, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 3001, .ack = 1, .len = 1000);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1001, .win = 3100);
	EXPECT_SILENCE();
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1001, .win = 4000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 4001, .ack = 1, .len = 1000);
}

/* MUST-48, MUST-49, SHLD-21, SHLD-22 */
TEST_F(sending, tos_and_ttl_are_the_applications_and_may_change)
{
	int ttl = 7, tos = 0xb8, later = 0x28;

	if (variant->family != AF_INET)
		SKIP(return, "the options are IPv4's");
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_EQ(0, setsockopt(self->pkt.fd, IPPROTO_IP, IP_TTL, &ttl,
				sizeof(ttl)));
	ASSERT_EQ(0, setsockopt(self->pkt.fd, IPPROTO_IP, IP_TOS, &tos,
				sizeof(tos)));
	ASSERT_TRUE(stream_write(self->pkt.fd, 10, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 10);
	EXPECT_EQ(ttl, self->pkt.ip[8]);
	EXPECT_EQ(tos, self->pkt.ip[1]);
	ASSERT_EQ(0, setsockopt(self->pkt.fd, IPPROTO_IP, IP_TOS, &later,
				sizeof(later)));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 11, .len = 10);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 11));
	EXPECT_EQ(later, self->pkt.ip[1]);
}

TEST_MAIN
