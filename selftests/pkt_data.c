// SPDX-License-Identifier: GPL-2.0
/*
 * Data on an established connection, segment by segment: order, duplicates,
 * acknowledgments, windows. RFC 9293 sections 3.4, 3.8 and 3.10.7.4, RFC 2018.
 * What takes more than a moment is in pkt_timeout.c.
 */
#include <errno.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "counters.h"
#include "harness.h"
#include "pkt.h"

FIXTURE_PKT(data);

static int unread(int fd)
{
	int bytes = -1;

	return ioctl(fd, FIONREAD, &bytes) ? -1 : bytes;
}

/* Receiving */

TEST_F(data, in_order_data_is_acked_and_delivered)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 1001));
	EXPECT_EQ(POLLIN | POLLOUT, poll_now(self->pkt.fd));
	INJECT(.flags = TH_ACK, .seq = 1001, .ack = 1, .len = 500);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 1501));
	EXPECT_EQ(1500, unread(self->pkt.fd));
	EXPECT_TRUE(stream_read(self->pkt.fd, 1500, 0));
	EXPECT_SILENCE();
}

/* SHLD-31, MAY-13, MUST-59: queued, answered at once, acknowledged in one. */
TEST_F(data, out_of_order_data_waits_for_the_gap)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 1001, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_EQ(0, unread(self->pkt.fd));
	EXPECT_EQ(POLLOUT, poll_now(self->pkt.fd));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 2001);
	EXPECT_TRUE(stream_read(self->pkt.fd, 2000, 0));
	EXPECT_SILENCE();
}

TEST_F(data, segments_in_reverse_are_delivered_in_order)
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
TEST_F(data, overlapping_segments_make_one_stream)
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
	EXPECT_EQ(2500, unread(self->pkt.fd));
	EXPECT_TRUE(stream_read(self->pkt.fd, 2500, 0));
}

/* RFC 2018 section 4: the newest block comes first, the others follow. */
TEST_F(data, out_of_order_data_is_reported_by_sack)
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
TEST_F(data, sack_blocks_leave_room_for_timestamps)
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

/* 3.10.7.4, first: what came before is acknowledged again, and dropped. */
TEST_F(data, duplicate_data_is_acked_and_dropped)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 1001));
	counters_mark();
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1001);
	EXPECT_SILENCE();
	EXPECT_TRUE(counters_grew(DROP_OLD_DATA, 1));
	EXPECT_EQ(1000, unread(self->pkt.fd));
}

TEST_F(data, of_a_segment_that_is_partly_old_the_rest_counts)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 1001));
	INJECT(.flags = TH_ACK, .seq = 501, .ack = 1, .len = 1000);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 1501));
	EXPECT_EQ(1500, unread(self->pkt.fd));
	EXPECT_TRUE(stream_read(self->pkt.fd, 1500, 0));
}

/* 3.10.7.4, first: beyond the window nothing is taken, but it is answered. */
TEST_F(data, data_beyond_the_window_is_acked_and_dropped)
{
	int beyond;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	beyond = 1 + pkt_window(&self->pkt) + 10;
	counters_mark();
	INJECT(.flags = TH_ACK, .seq = beyond, .ack = 1, .len = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_TRUE(counters_grew(DROP_OUT_OF_WINDOW, 1));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 101));
	EXPECT_EQ(100, unread(self->pkt.fd));
}

/* Linux answers since 6.8 only. */
static bool acked_or_linux(struct pkt *p)
{
	if (test_is_atcp())
		return EXPECTED(p, .flags = TH_ACK, .seq = 1, .ack = 1);
	pkt_next(p, QUIET_MS);
	return true;
}

/* 3.10.7.4, fifth: an ACK of what was never sent is answered and dropped. */
TEST_F(data, ack_of_unsent_data_is_answered_and_dropped)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	counters_mark();
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 5000, .len = 100);
	ASSERT_TRUE(acked_or_linux(&self->pkt));
	EXPECT_SILENCE();
	EXPECT_TRUE(counters_grew(DROP_BAD_ACK, 1));
	EXPECT_EQ(0, unread(self->pkt.fd));
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
}

/* RFC 7323 section 5.3, R1. */
TEST_F(data, paws_drops_and_acks_an_old_timestamp)
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
	EXPECT_EQ(100, unread(self->pkt.fd));
}

/* Sending */

/* SHLD-28, MUST-61: full segments, and PSH where the buffer ends. */
TEST_F(data, a_write_goes_out_in_full_segments_with_psh_on_the_last)
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
TEST_F(data, acks_let_the_rest_of_a_large_write_out)
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

/* RFC 6298, 5.1 to 5.6; MUST-19: from the RTO on, the pauses double. */
TEST_F(data, unacked_data_is_sent_again_with_doubling_pauses)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100,
		   .after = 200);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100,
		   .after = 400);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100,
		   .after = 800);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 101);
	EXPECT_SILENCE();
}

/* RFC 6298, 5.2: the timer is off when all is acknowledged. */
TEST_F(data, acked_data_is_not_sent_again)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 101);
	ASSERT_TRUE(pkt_silence(&self->pkt, 500));
}

/* RFC 6298, 5.4: the earliest segment that is not acknowledged goes first. */
TEST_F(data, retransmission_begins_where_the_ack_ended)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 3000, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1001, .ack = 1, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 2001, .ack = 1, .len = 1000);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1001);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1001, .ack = 1, .len = 1000,
		   .after = 200);
	/* It was all that was missing. */
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 3001);
	EXPECT_SILENCE();
}

/* Windows */

/* MUST-35, MUST-36: one byte of new data, or an old one, in a closed window. */
static bool is_probe(const struct seg *s, uint32_t una)
{
	return s->flags & TH_ACK && (s->seq == una || s->seq == una - 1) &&
	       s->len <= 1;
}

/* SHLD-29, MUST-37: probes as long as the peer answers, then the data. */
TEST_F(data, zero_window_is_probed_until_it_opens)
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

/* MUST-34: the peer may take back what it has offered. */
TEST_F(data, a_shrinking_window_does_no_harm)
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

TEST_F(data, window_closes_when_nobody_reads_and_reopens_after_a_read)
{
	uint32_t end;

	ASSERT_TRUE(open_small_buffer(&self->pkt));
	end = fill_window(&self->pkt);
	ASSERT_NE(0, end);
	EXPECT_EQ((int)end - 1, unread(self->pkt.fd));
	EXPECT_TRUE(stream_read(self->pkt.fd, end - 1, 0));
	/* The update comes by itself: the peer has nothing to ask with. */
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, end));
	EXPECT_LE(1000, self->pkt.got.win);
	INJECT(.flags = TH_ACK, .seq = end, .ack = 1, .len = 1000);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, end + 1000));
	EXPECT_TRUE(stream_read(self->pkt.fd, 1000, end - 1));
}

/* MUST-39: a byte or two of room is not worth a segment. */
TEST_F(data, a_silly_window_is_not_offered)
{
	uint32_t end;

	ASSERT_TRUE(open_small_buffer(&self->pkt));
	end = fill_window(&self->pkt);
	ASSERT_NE(0, end);
	EXPECT_TRUE(stream_read(self->pkt.fd, 2, 0));
	EXPECT_SILENCE();
	/* Nor in an answer to a probe, which it must give: MUST-35. */
	INJECT(.flags = TH_ACK, .seq = end, .ack = 1, .len = 1);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = end, .win = ZERO);
}

/* MUST-66: a closed window does not keep ACKs and resets out. */
TEST_F(data, acks_are_processed_in_a_closed_window)
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

TEST_MAIN
