// SPDX-License-Identifier: GPL-2.0
/* Keep-alives: RFC 9293 section 3.8.4, and the options of tcp(7) for them. */
#include <errno.h>

#include "../harness.h"
#include "pkt.h"

FIXTURE_PKT(keepalive);

static bool set(int fd, int level, int option, int value)
{
	return !setsockopt(fd, level, option, &value, sizeof(value));
}

static bool accept_watched(struct pkt *p)
{
	bool ok = pkt_accept(p) && set(p->fd, SOL_SOCKET, SO_KEEPALIVE, 1);

	pkt_mark(p);
	return ok;
}

/* SHLD-12: an octet before what comes next, and none of it. */
static const struct seg probe = { .flags = TH_ACK, .seq = 0, .ack = 1 };

/* Probes at @idle and then each @interval seconds, and a RST after the last. */
static bool gives_up(struct pkt *p, int idle, int interval, int count)
{
	struct seg want = probe;
	int i;

	for (i = 0; i < count; i++) {
		want.after = (i ? interval : idle) * 1000;
		if (!pkt_expect(p, &want))
			return false;
	}
	return EXPECTED(p, .flags = TH_RST | TH_ACK, .seq = 1, .ack = 1,
			.after = interval * 1000) &&
	       so_error(p->fd) == ETIMEDOUT && pkt_in_state(p, ST_GONE);
}

/* MUST-25 */
TEST_F_TIMEOUT(keepalive, is_off_by_default, 400 * MINUTES)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	ASSERT_TRUE(pkt_silence(&self->pkt, 5 * 3600 * 1000));
	EXPECT_STATE(ST_ESTABLISHED);
}

/* MUST-24, MUST-28, MUST-29: 2 hours, and then nine probes in 75 s each. */
TEST_F_TIMEOUT(keepalive, probes_after_7200_s_and_gives_up_after_nine,
	       300 * MINUTES)
{
	ASSERT_TRUE(accept_watched(&self->pkt));
	EXPECT_TRUE(gives_up(&self->pkt, 7200, 75, 9));
}

/* MUST-29: one answer, to whatever probe, and all begins anew. */
TEST_F_TIMEOUT(keepalive, an_answer_to_a_late_probe_is_enough, 600 * MINUTES)
{
	struct seg want = probe;
	int i;

	ASSERT_TRUE(accept_watched(&self->pkt));
	for (i = 0; i < 8; i++) {
		want.after = (i ? 75 : 7200) * 1000;
		ASSERT_TRUE(pkt_expect(&self->pkt, &want));
	}
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1);
	want.after = 7200 * 1000;
	ASSERT_TRUE(pkt_expect(&self->pkt, &want));
	EXPECT_STATE(ST_ESTABLISHED);
}

/* MUST-27 */
TEST_F_TIMEOUT(keepalive, interval_is_the_programs_and_the_operators,
	       3 * MINUTES)
{
	ASSERT_EQ(0, sysctl_write("keepalive_time", "20"));
	ASSERT_EQ(0, sysctl_write("keepalive_intvl", "3"));
	ASSERT_EQ(0, sysctl_write("keepalive_probes", "2"));
	ASSERT_TRUE(accept_watched(&self->pkt));
	EXPECT_TRUE(gives_up(&self->pkt, 20, 3, 2));
	pkt_again(&self->pkt);
	ASSERT_TRUE(accept_watched(&self->pkt));
	ASSERT_TRUE(set(self->pkt.fd, SOL_TCP, TCP_KEEPIDLE, 5));
	ASSERT_TRUE(set(self->pkt.fd, SOL_TCP, TCP_KEEPINTVL, 2));
	ASSERT_TRUE(set(self->pkt.fd, SOL_TCP, TCP_KEEPCNT, 4));
	EXPECT_TRUE(gives_up(&self->pkt, 5, 2, 4));
}

/* MUST-26: who has said something is alive. */
TEST_F_TIMEOUT(keepalive, arrivals_put_it_off, 3 * MINUTES)
{
	struct seg want = probe;

	ASSERT_TRUE(accept_watched(&self->pkt));
	ASSERT_TRUE(set(self->pkt.fd, SOL_TCP, TCP_KEEPIDLE, 5));
	ASSERT_TRUE(pkt_silence(&self->pkt, 4000));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 10);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 11));
	want.ack = 11;
	want.after = 5000;
	ASSERT_TRUE(pkt_expect(&self->pkt, &want));
}

/* MUST-26: data in flight is question enough. */
TEST_F_TIMEOUT(keepalive, is_silent_while_data_is_in_flight, 3 * MINUTES)
{
	int i, pause = 200;

	ASSERT_TRUE(accept_watched(&self->pkt));
	ASSERT_TRUE(set(self->pkt.fd, SOL_TCP, TCP_KEEPIDLE, 1));
	ASSERT_TRUE(stream_write(self->pkt.fd, 100, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	for (i = 0; i < 6; i++, pause *= 2)
		EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100,
			   .after = pause);
}

/* The other end's probes: in front of the window, and so answered. */
TEST_F(keepalive, probes_of_the_peer_are_answered)
{
	int i;

	ASSERT_TRUE(pkt_accept(&self->pkt));
	for (i = 0; i < 2; i++) {
		INJECT(.flags = TH_ACK, .seq = 0, .ack = 1, .len = i);
		EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	}
	EXPECT_SILENCE();
	EXPECT_STATE(ST_ESTABLISHED);
}

TEST_MAIN
