// SPDX-License-Identifier: GPL-2.0
/*
 * Urgent data on the wire: RFC 9293 section 3.8.5. What a program sees of it
 * is in api_urgent.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>

#include "../harness.h"
#include "pkt.h"

FIXTURE_PKT(urgent);

static bool write_urgent(int fd, size_t len, uint64_t offset)
{
	uint8_t buf[4096];

	stream_fill(buf, len, offset);
	return send(fd, buf, len, MSG_OOB) == (ssize_t)len;
}

static bool at_mark(const struct pkt *p)
{
	int yes = -1;

	return !ioctl(p->fd, SIOCATMARK, &yes) && yes == 1;
}

static sig_atomic_t signals;

static void on_sigurg(int sig)
{
	(void)sig;
	signals++;
}

static bool accept_with_owner(struct pkt *p)
{
	signals = 0;
	signal(SIGURG, on_sigurg);
	return pkt_accept(p) && !fcntl(p->fd, F_SETOWN, getpid());
}

/* MUST-30, MUST-62: the pointer is to what follows the urgent octets. */
TEST_F(urgent, pointer_is_to_the_octet_after_the_urgent_data)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(write_urgent(self->pkt.fd, 3, 0));
	EXPECT_SEG(.flags = TH_ACK | TH_URG, .seq = 1, .ack = 1, .len = 3,
		   .urg = 3);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 4);
	/* What comes after it is not urgent any more. */
	ASSERT_TRUE(stream_write(self->pkt.fd, 10, 3));
	EXPECT_SEG(.flags = TH_ACK, .seq = 4, .ack = 1, .len = 10);
}

/* MUST-31: the end of it may be segments ahead. */
TEST_F(urgent, urgent_data_may_be_longer_than_a_window)
{
	int seq;

	self->pkt.peer.win = 2000;
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(write_urgent(self->pkt.fd, 4000, 0));
	for (seq = 1; seq < 4001; seq += 1000) {
		ASSERT_TRUE(pkt_next(&self->pkt, PATIENCE_MS));
		ASSERT_EQ(seq, (int)self->pkt.got.seq);
		ASSERT_EQ(1000, self->pkt.got.len);
		if (seq > 1000)
			EXPECT_EQ(4001 - seq, self->pkt.got.urg);
		if (seq % 2000 == 1001)
			INJECT(.flags = TH_ACK, .seq = 1, .ack = seq + 1000);
	}
}

/* MUST-32, MUST-33 */
TEST_F(urgent, pointer_signals_and_marks_the_place)
{
	ASSERT_TRUE(accept_with_owner(&self->pkt));
	INJECT(.flags = TH_ACK | TH_URG, .seq = 1, .ack = 1, .len = 10,
	       .urg = 5);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 11));
	EXPECT_EQ(1, signals);
	EXPECT_TRUE(poll_now(self->pkt.fd) & POLLPRI);
	EXPECT_FALSE(at_mark(&self->pkt));
	EXPECT_TRUE(stream_read(self->pkt.fd, 4, 0));
	EXPECT_TRUE(at_mark(&self->pkt));
}

/* MUST-32: known at once, though the octets are far away. */
TEST_F(urgent, pointer_signals_before_its_data_comes)
{
	ASSERT_TRUE(accept_with_owner(&self->pkt));
	INJECT(.flags = TH_ACK | TH_URG, .seq = 1, .ack = 1, .len = 10,
	       .urg = 5000);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 11));
	EXPECT_EQ(1, signals);
	/* The same pointer again is no news, an advance is. */
	INJECT(.flags = TH_ACK | TH_URG, .seq = 11, .ack = 1, .len = 10,
	       .urg = 4990);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 21));
	EXPECT_EQ(1, signals);
	INJECT(.flags = TH_ACK | TH_URG, .seq = 21, .ack = 1, .len = 10,
	       .urg = 5000);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 31));
	EXPECT_EQ(2, signals);
}

/* The pointer means nothing without the flag, and cannot go back. */
TEST_F(urgent, pointer_without_the_flag_or_behind_is_ignored)
{
	ASSERT_TRUE(accept_with_owner(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 10, .urg = 5);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 11));
	EXPECT_EQ(0, signals);
	EXPECT_TRUE(stream_read(self->pkt.fd, 10, 0));
	INJECT(.flags = TH_ACK | TH_URG, .seq = 1, .ack = 1, .len = 20,
	       .urg = 5);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 21));
	EXPECT_EQ(0, signals);
	EXPECT_FALSE(poll_now(self->pkt.fd) & POLLPRI);
	EXPECT_TRUE(stream_read(self->pkt.fd, 10, 10));
}

/*
 * 3.10.7.4, sixth: after the FIN there is nothing left to be urgent. Linux
 * signals nevertheless.
 */
TEST_F(urgent, pointer_is_ignored_after_the_fin)
{
	ATCP_ONLY();
	ASSERT_TRUE(accept_with_owner(&self->pkt));
	INJECT(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 1);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 2));
	INJECT(.flags = TH_ACK | TH_URG, .seq = 2, .ack = 1, .urg = 10);
	EXPECT_SILENCE();
	EXPECT_EQ(0, signals);
	EXPECT_FALSE(poll_now(self->pkt.fd) & POLLPRI);
}

TEST_MAIN
