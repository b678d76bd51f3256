// SPDX-License-Identifier: GPL-2.0
/* What is not acknowledged: RFC 6298, RFC 9293 sections 3.8.1 and 3.8.3. */
#include <errno.h>
#include <poll.h>

#include "../harness.h"
#include "pkt.h"

FIXTURE_PKT(retransmission);

/* RFC 6298, 5.1 to 5.6; MUST-19: from the RTO on, the pauses double. */
TEST_F(retransmission, unacked_data_is_sent_again_with_doubling_pauses)
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
TEST_F(retransmission, acked_data_is_not_sent_again)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 101);
	ASSERT_TRUE(pkt_silence(&self->pkt, 500));
}

/* RFC 6298, 5.4: the earliest segment that is not acknowledged goes first. */
TEST_F(retransmission, retransmission_begins_where_the_ack_ended)
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

/*
 * RFC 6298 with Linux's bounds, MUST-19, MUST-20: sent again after the RTO, its
 * double and so on up to 120 s, until @retries tries have had their time.
 */
static bool gives_up_after(struct pkt *p, int retries)
{
	uint64_t first = p->got.at, last = first;
	int i, pause = 200;

	for (i = 1;;) {
		struct pollfd pfd[] = { { .fd = p->fd },
					{ .fd = p->tun, .events = POLLIN } };
		uint64_t now;

		poll(pfd, 2, -1);
		/* Something else than a segment may come. */
		if (!pfd[0].revents && !pkt_next(p, 0))
			continue;
		now = pfd[0].revents ? now_us() : p->got.at;
		if (!pkt_time_ok(now - last, pause)) {
			fprintf(stderr, "# try %d after %.3f s, not %.3f s\n",
				i, (now - last) / 1e6, pause / 1e3);
			return false;
		}
		if (pfd[0].revents)
			break;
		if (p->got.seq != 1 || p->got.len != 100)
			return false;
		/* The RTO is 200 ms and the little that the path takes. */
		pause = (p->got.at - last) / 1000 * 2;
		pause = pause < 120 * 1000 ? pause : 120 * 1000;
		last = p->got.at;
		i++;
	}
	/* Linux measures from the second try, and so may make one more. */
	if (i - 1 == retries || (!test_is_atcp() && i - 1 == retries + 1))
		return true;
	fprintf(stderr, "# sent again %d times, not %d\n", i - 1, retries);
	return false;
}

TEST_F_TIMEOUT(retransmission, unacked_data_is_given_up_after_924_s,
	       30 * MINUTES)
{
	uint64_t start;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	start = now_us();
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	EXPECT_TRUE(gives_up_after(&self->pkt, 15));
	EXPECT_LE(924, (int)((now_us() - start) / 1000000));
	EXPECT_EQ(ETIMEDOUT, so_error(self->pkt.fd));
	EXPECT_STATE(ST_GONE);
}

TEST_F_TIMEOUT(retransmission, retries2_bounds_the_retransmissions, 1 * MINUTES)
{
	ASSERT_EQ(0, sysctl_write("retries2", "3"));
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	EXPECT_TRUE(gives_up_after(&self->pkt, 3));
	EXPECT_EQ(ETIMEDOUT, so_error(self->pkt.fd));
	EXPECT_STATE(ST_GONE);
}

static bool send_and_time_out_twice(struct pkt *p)
{
	return pkt_accept(p) && stream_write(p->fd, 100, 0) &&
	       EXPECTED(p, .flags = TH_ACK, .seq = 1, .ack = 1, .len = 100) &&
	       EXPECTED(p, .flags = TH_ACK, .seq = 1, .ack = 1, .len = 100,
			.after = 200) &&
	       EXPECTED(p, .flags = TH_ACK, .seq = 1, .ack = 1, .len = 100,
			.after = 400);
}

/*
 * MUST-18, Karn's algorithm: the ACK may be of any of the three, which tells
 * nothing of the RTT; so the RTO stays what it has become.
 */
TEST_F_TIMEOUT(retransmission, back_off_outlives_the_ack_of_what_was_sent_again,
	       1 * MINUTES)
{
	ASSERT_TRUE(send_and_time_out_twice(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 101);
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 100));
	EXPECT_SEG(.flags = TH_ACK, .seq = 101, .ack = 1, .len = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 101, .ack = 1, .len = 100,
		   .after = 800);
}

/* RFC 6298 section 5, its last paragraphs: until there is a sample again. */
TEST_F_TIMEOUT(retransmission, back_off_ends_with_the_ack_of_what_was_sent_once,
	       1 * MINUTES)
{
	ASSERT_TRUE(send_and_time_out_twice(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 101);
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 100));
	EXPECT_SEG(.flags = TH_ACK, .seq = 101, .ack = 1, .len = 100);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 201);
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 200));
	EXPECT_SEG(.flags = TH_ACK, .seq = 201, .ack = 1, .len = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 201, .ack = 1, .len = 100,
		   .after = 200);
}

/* RFC 6298 5.7, MUST-18: a SYN that was repeated gives no sample of the RTT. */
TEST_F_TIMEOUT(retransmission, rto_is_3_s_after_a_repeated_syn, 1 * MINUTES)
{
	ASSERT_TRUE(pkt_start_connect(&self->pkt));
	EXPECT_SEG(.flags = TH_SYN, .opts = OPT_SYN_ALL);
	EXPECT_SEG(.flags = TH_SYN, .opts = OPT_SYN_ALL, .after = 1000);
	INJECT(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_MSS,
	       .mss = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100,
		   .after = 3000);
}

TEST_MAIN
