// SPDX-License-Identifier: GPL-2.0
/*
 * How long an application lets ATCP try: TCP_USER_TIMEOUT and TCP_SYNCNT of
 * tcp(7), RFC 9293 sections 3.8.3 and 3.10.8.
 */
#include <errno.h>
#include <poll.h>

#include "../harness.h"
#include "pkt.h"

FIXTURE_PKT(user_timeout);

static bool set(int fd, int option, int value)
{
	return !setsockopt(fd, SOL_TCP, option, &value, sizeof(value));
}

/* Repetitions go by until the socket fails, @ms after @start. */
static bool fails_after_tries(struct pkt *p, uint64_t start, int ms)
{
	struct pollfd pfd[] = { { .fd = p->fd },
				{ .fd = p->tun, .events = POLLIN } };

	while (poll(pfd, 2, ms + 60 * 1000) > 0 && !pfd[0].revents)
		pkt_next(p, 0);
	return pkt_fails_at(p, start, ms, ETIMEDOUT);
}

/* MUST-21: R2 of one connection, shorter than the default. */
TEST_F_TIMEOUT(user_timeout, bounds_the_retransmissions, 2 * MINUTES)
{
	uint64_t start;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(set(self->pkt.fd, TCP_USER_TIMEOUT, 5000));
	start = now_us();
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	EXPECT_TRUE(fails_after_tries(&self->pkt, start, 5000));
	EXPECT_STATE(ST_GONE);
}

/* MUST-21: and longer, as long as an application that is patient wants it. */
TEST_F_TIMEOUT(user_timeout, may_be_longer_than_retries2, 90 * MINUTES)
{
	uint64_t start;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(set(self->pkt.fd, TCP_USER_TIMEOUT, 3600 * 1000));
	start = now_us();
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	EXPECT_TRUE(fails_after_tries(&self->pkt, start, 3600 * 1000));
}

/* MUST-23: as long as an application wants to try. */
TEST_F_TIMEOUT(user_timeout, syncnt_is_the_number_of_syns, 2 * MINUTES)
{
	uint64_t start;

	self->pkt.fd = -1;
	ASSERT_EQ(0, sysctl_write("syn_retries", "2"));
	start = now_us();
	ASSERT_TRUE(pkt_start_connect(&self->pkt));
	ASSERT_TRUE(set(self->pkt.fd, TCP_SYNCNT, 3));
	EXPECT_TRUE(fails_after_tries(&self->pkt, start, 15 * 1000));
}

/* MUST-23: three minutes can be had, and more, for every connection. */
TEST_F_TIMEOUT(user_timeout, syn_may_be_tried_for_247_s, 9 * MINUTES)
{
	uint64_t start;

	ASSERT_EQ(0, sysctl_write("syn_retries", "7"));
	start = now_us();
	ASSERT_TRUE(pkt_start_connect(&self->pkt));
	EXPECT_TRUE(fails_after_tries(&self->pkt, start, 247 * 1000));
}

TEST_MAIN
