// SPDX-License-Identifier: GPL-2.0
/*
 * A peer that means ill. Its numbers fit, so nothing can be dropped as forged;
 * but it gets neither more than its share of the network, nor of the memory,
 * nor can it make the connection stand still.
 */
#include <linux/sock_diag.h>
#include <sys/socket.h>

#include "../harness.h"
#include "pkt.h"

FIXTURE_PKT(hostile);

/* The highest number that has been sent. */
static uint32_t highest(struct pkt *p, uint32_t sofar)
{
	while (pkt_next(p, 0)) {
		uint32_t end = p->got.seq + p->got.len;

		if ((int32_t)(end - sofar) > 0)
			sofar = end;
	}
	return sofar;
}

/* Whatever has come before does not matter. */
static bool shout(struct pkt *p, const struct seg *s)
{
	int tries = 3;

	do
		highest(p, 0);
	while (!pkt_send(p, s) && --tries);
	return tries;
}

#define SHOUT(...) ASSERT_TRUE(shout(&self->pkt, SEG(__VA_ARGS__)))

static bool get_info(const struct pkt *p, struct tcp_info *info)
{
	socklen_t len = sizeof(*info);

	return !getsockopt(p->fd, SOL_TCP, TCP_INFO, info, &len);
}

/* What the last segment that has come acknowledges. */
static uint32_t acked(struct pkt *p)
{
	highest(p, 0);
	return p->got.ack;
}

/* Once it behaves, all @len bytes from @from on get through. */
static bool gets_through(struct pkt *p, uint32_t from, uint32_t len)
{
	uint64_t end = now_us() + PATIENCE_MS * 1000ull;
	uint32_t ack = from;

	while (ack != from + len && now_us() < end) {
		bool sent =
			shout(p, SEG(.flags = TH_ACK, .seq = 1, .ack = ack));

		if (!sent)
			return false;
		while (ack != from + len && pkt_next(p, QUIET_MS)) {
			uint32_t next = p->got.seq + p->got.len;

			if ((int32_t)(p->got.seq - ack) <= 0 &&
			    (int32_t)(next - ack) > 0)
				ack = next;
		}
	}
	return ack == from + len || pkt_complain("stuck at %u", ack);
}

/* RFC 3465: octets open the congestion window, not the ACKs they come in. */
TEST_F(hostile, ack_for_each_octet)
{
	uint32_t sent;
	int i;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 40000, 0));
	sent = highest(&self->pkt, 1);
	EXPECT_EQ(10001, sent);
	for (i = 1; i <= 1000; i++) {
		ASSERT_TRUE(pkt_send(&self->pkt, SEG(.flags = TH_ACK, .seq = 1,
						     .ack = 1 + i)));
		sent = highest(&self->pkt, sent);
	}
	EXPECT_GE(1 + 1000 + 10000 + 2000, sent);
	EXPECT_TRUE(gets_through(&self->pkt, 1001, 39000));
}

/* What is missing is sent again once, however often that is said. */
TEST_F(hostile, duplicate_acks_without_end)
{
	int i, again = 0;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 10000, 0));
	EXPECT_EQ(10001, highest(&self->pkt, 1));
	for (i = 0; i < 500; i++) {
		ASSERT_TRUE(pkt_send(&self->pkt,
				     SEG(.flags = TH_ACK, .seq = 1, .ack = 1)));
		while (pkt_next(&self->pkt, 0))
			again++;
	}
	EXPECT_LE(1, again);
	/* And perhaps by the timer. */
	EXPECT_GE(4, again);
	EXPECT_TRUE(gets_through(&self->pkt, 1, 10000));
}

/* RFC 2018 section 8: what was reported by SACK may yet be thrown away. */
TEST_F(hostile, takes_back_what_it_has_reported)
{
	self->pkt.peer.opts = OPT_MSS | OPT_SACKPERM;
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 10000, 0));
	EXPECT_EQ(10001, highest(&self->pkt, 1));
	SHOUT(.flags = TH_ACK, .seq = 1, .ack = 1, .opts = OPT_SACK, .sacks = 1,
	      .sack = { { 1001, 10001 } });
	EXPECT_TRUE(gets_through(&self->pkt, 1, 10000));
}

/* CVE-2019-11477 and its kin: what is in flight in the smallest of pieces. */
TEST_F(hostile, reports_single_octets)
{
	uint64_t end = now_us() + 3000000;
	uint32_t from;
	int i;

	self->pkt.peer.opts = OPT_MSS | OPT_SACKPERM;
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 10000, 0));
	EXPECT_EQ(10001, highest(&self->pkt, 1));
	for (i = 0; i < 3000 && now_us() < end; i++) {
		from = 3 + i * 3 % 9990;
		SHOUT(.flags = TH_ACK, .seq = 1, .ack = 1, .opts = OPT_SACK,
		      .sacks = 2,
		      .sack = { { from, from + 1 }, { from + 4, from + 5 } });
	}
	EXPECT_TRUE(gets_through(&self->pkt, 1, 10000));
}

static uint32_t memory_of(int fd, int which)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len))
		return -1;
	return info[which];
}

/* Each octet that is kept costs a packet's memory: the buffer's limit holds. */
TEST_F(hostile, sends_every_second_octet)
{
	uint64_t end = now_us() + 5000000;
	uint32_t most = 0, used;
	int seq;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	for (seq = 2; seq < 20000 && now_us() < end; seq += 2) {
		SHOUT(.flags = TH_ACK, .seq = seq, .ack = 1, .len = 1);
		used = memory_of(self->pkt.fd, SK_MEMINFO_RMEM_ALLOC);
		most = used > most ? used : most;
	}
	EXPECT_LT(0, most);
	EXPECT_GE(memory_of(self->pkt.fd, SK_MEMINFO_RCVBUF) + 65536, most);
	/* Then the rest of it: no octet is missing, none is there twice. */
	for (seq = 1; seq < 20001; seq += 1000)
		SHOUT(.flags = TH_ACK, .seq = seq, .ack = 1, .len = 1000);
	EXPECT_TRUE(stream_read(self->pkt.fd, 20000, 0));
	EXPECT_TRUE(WAIT_FOR(acked(&self->pkt) == 20001, PATIENCE_MS));
}

/* Segments of next to nothing would be all header: CVE-2019-11479. */
static bool with_mss(struct pkt *p, int mss)
{
	int shortest = 65535, segments = 0;

	p->peer.mss = mss;
	if (!pkt_accept(p) || !stream_write(p->fd, 1000, 0))
		return false;
	while (pkt_next(p, QUIET_MS)) {
		segments++;
		/* The last one is what is left. */
		if (p->got.seq + p->got.len != 1001 && p->got.len < shortest)
			shortest = p->got.len;
	}
	if (!segments || shortest < 28)
		return pkt_complain("%d segments, the shortest of %d", segments,
				    shortest);
	return gets_through(p, 1, 1000);
}

TEST_F(hostile, tiny_mss)
{
	static const int sizes[] = { ZERO, 1, 20, 47, 48, 100 };
	size_t i;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		EXPECT_TRUE(with_mss(&self->pkt, sizes[i]))
		{
			TH_LOG("MSS %d", sizes[i]);
		}
		pkt_again(&self->pkt);
	}
}

/* RFC 7323 section 2.3: what is above 14 counts as 14. */
TEST_F(hostile, window_scale_above_14)
{
	static const int scales[] = { 15, 31, 32, 64, 255 };
	size_t i;

	self->pkt.peer.opts = OPT_MSS | OPT_WSCALE;
	for (i = 0; i < sizeof(scales) / sizeof(*scales); i++) {
		self->pkt.peer.wscale = scales[i];
		ASSERT_TRUE(pkt_accept(&self->pkt));
		ASSERT_TRUE(pkt_send(&self->pkt, SEG(.flags = TH_ACK, .seq = 1,
						     .ack = 1, .win = 1)));
		ASSERT_TRUE(stream_write(self->pkt.fd, 10000, 0));
		/* 1 << 14 is more than that. */
		EXPECT_EQ(10001, highest(&self->pkt, 1));
		pkt_again(&self->pkt);
	}
}

TEST_F(hostile, window_that_jumps)
{
	int i;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 10000, 0));
	for (i = 0; i < 300; i++)
		SHOUT(.flags = TH_ACK, .seq = 1 + i, .ack = 1, .len = 1,
		      .win = i % 3 ? i * 7919 % 65536 : ZERO);
	EXPECT_TRUE(stream_read(self->pkt.fd, 300, 0));
	SHOUT(.flags = TH_ACK, .seq = 301, .ack = 10001);
	EXPECT_STATE(ST_ESTABLISHED);
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 10000));
	/* Behind the ACK of its last octet, perhaps. */
	EXPECT_TRUE(WAIT_FOR(highest(&self->pkt, 10001) == 10101, PATIENCE_MS));
}

/* Echoes of what was never sent make no round trip, of no length. */
TEST_F(hostile, echoes_of_other_clocks)
{
	static const uint32_t skews[] = { 1,	       -1,	   1000000,
					  -1000000,    0x7fffffff, 0x80000000,
					  0x80000001u, 0x10000000 };
	struct tcp_info info;
	uint32_t seq = 1;
	size_t i;

	self->pkt.peer.opts = OPT_MSS | OPT_TS;
	ASSERT_TRUE(pkt_accept(&self->pkt));
	for (i = 0; i < sizeof(skews) / sizeof(*skews); i++) {
		ASSERT_TRUE(stream_write(self->pkt.fd, 100, seq - 1));
		ASSERT_TRUE(pkt_next(&self->pkt, PATIENCE_MS));
		seq += 100;
		SHOUT(.flags = TH_ACK, .seq = 1, .ack = seq, .opts = OPT_TS,
		      .tsval = ++self->pkt.peer_tsval,
		      .tsecr = self->pkt.local_tsval + skews[i]);
		ASSERT_TRUE(get_info(&self->pkt, &info));
		/* It was within this test's time. */
		EXPECT_GT(5000000, info.tcpi_rtt)
		{
			TH_LOG("%x", skews[i]);
		}
		EXPECT_GT(15000000, info.tcpi_rto)
		{
			TH_LOG("%x", skews[i]);
		}
	}
}

TEST_MAIN
