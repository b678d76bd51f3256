// SPDX-License-Identifier: GPL-2.0
/*
 * Windows of either end, scaled, closed, shrunk and silly: RFC 9293 section
 * 3.8.6, RFC 7323 section 2.
 */
#include <poll.h>
#include <errno.h>

#include "../harness.h"
#include "pkt.h"

FIXTURE_PKT(window);

/* RFC 7323 section 2.2: a scale counts when both ends have sent one. */
TEST_F(window, peer_window_is_scaled_by_the_scale_it_sent)
{
	int seq;

	self->pkt.peer.opts = OPT_MSS | OPT_WSCALE;
	self->pkt.peer.wscale = 2;
	self->pkt.peer.win = 4000;
	ASSERT_TRUE(pkt_connect(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 12000, 0));
	/* The window of a SYN is never scaled. */
	for (seq = 1; seq < 4000; seq += 1000)
		EXPECT_SEG(.flags = TH_ACK, .seq = seq, .ack = 1, .len = 1000);
	EXPECT_SILENCE();
	/* From now on 1250 means 5000. */
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 4001, .win = 1250);
	for (; seq < 9000; seq += 1000)
		EXPECT_SEG(.flags = TH_ACK, .seq = seq, .ack = 1, .len = 1000);
	EXPECT_SILENCE();
}

TEST_F(window, window_is_not_scaled_for_a_peer_that_sent_no_scale)
{
	int seq;

	self->pkt.peer.win = 4000;
	ASSERT_TRUE(pkt_connect(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 12000, 0));
	for (seq = 1; seq < 4000; seq += 1000)
		EXPECT_SEG(.flags = TH_ACK, .seq = seq, .ack = 1, .len = 1000);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 4001, .win = 5000);
	for (; seq < 9000; seq += 1000)
		EXPECT_SEG(.flags = TH_ACK, .seq = seq, .ack = 1, .len = 1000);
	EXPECT_SILENCE();
}

/* MUST-35, MUST-36: one byte of new data, or an old one, in a closed window. */
static bool is_probe(const struct seg *s, uint32_t una)
{
	return s->flags & TH_ACK && (s->seq == una || s->seq == una - 1) &&
	       s->len <= 1;
}

/* SHLD-29, MUST-37: probes as long as the peer answers, then the data. */
TEST_F(window, zero_window_is_probed_until_it_opens)
{
	int i;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(pkt_close_window(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	EXPECT_SILENCE();
	for (i = 0; i < 3; i++) {
		ASSERT_TRUE(pkt_next(&self->pkt, PATIENCE_MS));
		ASSERT_TRUE(is_probe(&self->pkt.got, 1));
		INJECT(.flags = TH_ACK, .seq = 3, .ack = 1, .win = ZERO);
	}
	INJECT(.flags = TH_ACK, .seq = 3, .ack = 1, .win = 5000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 3, .len = 100);
}

/* SHLD-29, SHLD-30, MUST-37: ever rarer probes, for as long as it takes. */
TEST_F_TIMEOUT(window, answered_zero_window_probes_back_off_and_go_on,
	       60 * MINUTES)
{
	int pause = 200, i;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(pkt_close_window(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	pkt_mark(&self->pkt);
	/* 15 times is far beyond retries2 for data, and beyond 1000 s. */
	for (i = 0; i < 18; i++) {
		uint64_t ref = self->pkt.ref;

		ASSERT_TRUE(pkt_next(&self->pkt, pause * 2));
		ASSERT_TRUE(pkt_time_ok(self->pkt.got.at - ref, pause))
		TH_LOG("probe %d after %.3f s, not %.3f s", i,
		       (self->pkt.got.at - ref) / 1e6, pause / 1e3);
		pause = (self->pkt.got.at - ref) / 1000 * 2;
		pause = pause < 120 * 1000 ? pause : 120 * 1000;
		INJECT(.flags = TH_ACK, .seq = 3, .ack = 1, .win = ZERO);
	}
	INJECT(.flags = TH_ACK, .seq = 3, .ack = 1);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 3, .len = 100);
}

/* MUST-34: the peer may take back what it has offered. */
TEST_F(window, a_shrinking_window_does_no_harm)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 3000, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1001, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 2001, .ack = 1, .len = 1000);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1001, .win = 500);
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 3000));
	EXPECT_SILENCE();
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 3001, .win = 5000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 3001, .ack = 1, .len = 100);
}

/*
 * Sends segments of the size that the socket asked for until its window is
 * full; returns the number after the last byte, or 0.
 */
static uint32_t fill_window(struct pkt *p)
{
	int len, mss = p->local_mss;
	uint32_t seq, edge = 0;
	bool ok;

	for (seq = 1;; seq += len) {
		len = pkt_window(p);
		if (!len)
			return seq;
		/* SHLD-14: what was offered once is not taken back. */
		if ((int32_t)(p->got.ack + len - edge) < 0) {
			fprintf(stderr,
				"# the window's edge went from %u to %u\n",
				edge, p->got.ack + len);
			return 0;
		}
		edge = p->got.ack + len;
		len = len < mss ? len : mss;
		ok = SENT(p, .flags = TH_ACK, .seq = seq, .ack = 1,
			  .len = len) &&
		     pkt_expect_ack(p, seq + len);
		if (!ok)
			return 0;
	}
}

static bool open_small_buffer(struct pkt *p)
{
	int size = 16384;
	bool ok;

	ok = pkt_listen(p) &&
	     !setsockopt(p->listener, SOL_SOCKET, SO_RCVBUF, &size,
			 sizeof(size)) &&
	     SENT(p, .flags = TH_SYN, .opts = OPT_MSS, .mss = 1000) &&
	     EXPECTED(p, .flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_MSS) &&
	     SENT(p, .flags = TH_ACK, .seq = 1, .ack = 1);
	p->fd = ok ? accept(p->listener, NULL, NULL) : -1;
	return p->fd >= 0;
}

/* The peer must not send more than that with its third segment either. */
TEST_F(window, syn_ack_of_a_clamped_listener_offers_no_more)
{
	struct pkt *p = &self->pkt;
	int clamp = 2000;

	ASSERT_TRUE(pkt_listen(p));
	ASSERT_EQ(0, setsockopt(p->listener, SOL_TCP, TCP_WINDOW_CLAMP, &clamp,
				sizeof(clamp)));
	INJECT(.flags = TH_SYN, .opts = OPT_MSS, .mss = 1000);
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_MSS,
		   .win = clamp);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = clamp);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1 + clamp);
	p->fd = accept(p->listener, NULL, NULL);
	EXPECT_TRUE(stream_read(p->fd, clamp, 0));
}

TEST_F(window, window_closes_when_nobody_reads_and_reopens_after_a_read)
{
	uint32_t end;

	ASSERT_TRUE(open_small_buffer(&self->pkt));
	end = fill_window(&self->pkt);
	ASSERT_NE(0, end);
	EXPECT_EQ((int)end - 1, pkt_unread(&self->pkt));
	EXPECT_TRUE(stream_read(self->pkt.fd, end - 1, 0));
	/* The update comes by itself: the peer has nothing to ask with. */
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, end));
	EXPECT_LE(1000, self->pkt.got.win);
	INJECT(.flags = TH_ACK, .seq = end, .ack = 1, .len = 1000);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, end + 1000));
	EXPECT_TRUE(stream_read(self->pkt.fd, 1000, end - 1));
}

/* MUST-39: a byte or two of room is not worth a segment. */
TEST_F(window, a_silly_window_is_not_offered)
{
	uint32_t end;

	ASSERT_TRUE(open_small_buffer(&self->pkt));
	end = fill_window(&self->pkt);
	ASSERT_NE(0, end);
	EXPECT_TRUE(stream_read(self->pkt.fd, 2, 0));
	EXPECT_SILENCE();
	/* Nor in an answer to a probe, which it must give: 3.8.6.1. */
	INJECT(.flags = TH_ACK, .seq = end, .ack = 1, .len = 1);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = end, .win = ZERO);
}

/* MUST-66: a closed window does not keep ACKs and resets out. */
TEST_F(window, acks_are_processed_in_a_closed_window)
{
	uint32_t end;

	ASSERT_TRUE(open_small_buffer(&self->pkt));
	end = fill_window(&self->pkt);
	ASSERT_NE(0, end);
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = end, .len = 100);
	INJECT(.flags = TH_ACK, .seq = end, .ack = 101);
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 100));
	EXPECT_SEG(.flags = TH_ACK, .seq = 101, .ack = end, .len = 100);
	INJECT(.flags = TH_RST, .seq = end);
	EXPECT_STATE(ST_GONE);
	EXPECT_EQ(ECONNRESET, so_error(self->pkt.fd));
}

/* MUST-1: a window of more than 32767 is no negative one. */
TEST_F(window, large_windows_are_unsigned)
{
	int seq;

	self->pkt.peer.win = 65535;
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 2000, 0));
	for (seq = 1; seq < 2001; seq += 1000)
		EXPECT_SEG(.flags = TH_ACK, .seq = seq, .ack = 1, .len = 1000);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 2001, .win = 0x8000);
	ASSERT_TRUE(stream_write(self->pkt.fd, 2000, 2000));
	for (; seq < 4001; seq += 1000)
		EXPECT_SEG(.flags = TH_ACK, .seq = seq, .ack = 1, .len = 1000);
}

/* SHLD-16: what is in flight and inside goes again, as ever. */
TEST_F(window, old_data_is_sent_again_inside_a_shrunk_window)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 3000, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1001, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 2001, .ack = 1, .len = 1000);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1001, .win = 1500);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1001, .ack = 1, .len = 1000,
		   .after = 200);
}

/* MUST-37: for as long as a printer is out of paper. */
TEST_F_TIMEOUT(window, zero_window_may_stay_closed_for_ten_hours, 700 * MINUTES)
{
	uint64_t end;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(pkt_close_window(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	for (end = now_us() + 36000 * 1000000ull; now_us() < end;) {
		ASSERT_TRUE(pkt_next(&self->pkt, 130 * 1000));
		ASSERT_TRUE(is_probe(&self->pkt.got, 1));
		INJECT(.flags = TH_ACK, .seq = 3, .ack = 1, .win = ZERO);
	}
	INJECT(.flags = TH_ACK, .seq = 3, .ack = 1);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 3, .len = 100);
}

/* MUST-20: a peer that does not even answer probes is gone. */
TEST_F_TIMEOUT(window, unanswered_probes_end_the_connection, 40 * MINUTES)
{
	struct pollfd pfd[] = { { 0 }, { .events = POLLIN } };

	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(pkt_close_window(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	pfd[0].fd = self->pkt.fd;
	pfd[0].events = POLLPRI;
	pfd[1].fd = self->pkt.tun;
	while (poll(pfd, 2, 300 * 1000) > 0 && !(pfd[0].revents & POLLERR)) {
		/* Something else than a segment may come. */
		if (pkt_next(&self->pkt, 0))
			ASSERT_TRUE(is_probe(&self->pkt.got, 1));
	}
	EXPECT_EQ(ETIMEDOUT, so_error(self->pkt.fd));
	EXPECT_STATE(ST_GONE);
}

TEST_MAIN
