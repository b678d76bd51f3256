// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors: RFC 9293 section 3.9.2.2, RFC 5461, RFC 5927 section 4.1, path
 * MTU discovery of RFC 1191.
 */
#include <errno.h>
#include <netinet/ip_icmp.h>
#include <poll.h>

#include "../harness.h"
#include "pkt.h"

FIXTURE_PKT(icmp_error);

#define ICMP(...) ASSERT_TRUE(pkt_icmp(&self->pkt, __VA_ARGS__))

/* Something is in flight, which an error can be about. */
static bool accept_and_write(struct pkt *p)
{
	return pkt_accept(p) && stream_write(p->fd, 1000, 0) &&
	       EXPECTED(p, .flags = TH_ACK, .seq = 1, .ack = 1, .len = 1000);
}

static bool goes_on(struct pkt *p)
{
	return pkt_settle(p) && !pkt_next(p, PATIENCE_MS) && pkt_settled(p) &&
	       pkt_in_state(p, ST_ESTABLISHED) &&
	       SENT(p, .flags = TH_ACK, .seq = 1, .ack = 1001) &&
	       stream_write(p->fd, 10, 1000) &&
	       EXPECTED(p, .flags = TH_ACK, .seq = 1001, .ack = 1, .len = 10);
}

/* MUST-55 */
TEST_F(icmp_error, source_quench_is_ignored)
{
	ASSERT_TRUE(accept_and_write(&self->pkt));
	ICMP(ICMP_SOURCE_QUENCH, 0, 0, 1);
	EXPECT_TRUE(goes_on(&self->pkt));
}

/* MUST-56 */
TEST_F(icmp_error, soft_errors_do_not_end_a_connection)
{
	ASSERT_TRUE(accept_and_write(&self->pkt));
	ICMP(ICMP_DEST_UNREACH, ICMP_NET_UNREACH, 0, 1);
	ICMP(ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0, 1);
	ICMP(ICMP_DEST_UNREACH, ICMP_SR_FAILED, 0, 1);
	ICMP(ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0, 1);
	ICMP(ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME, 0, 1);
	ICMP(ICMP_PARAMETERPROB, 0, 0, 1);
	EXPECT_TRUE(goes_on(&self->pkt));
}

/*
 * SHLD-26 has it otherwise; but who can forge one could end any connection:
 * RFC 5461 section 3, RFC 5927 section 5.2, and Linux.
 */
TEST_F(icmp_error, hard_errors_do_not_end_a_connection_either)
{
	ASSERT_TRUE(accept_and_write(&self->pkt));
	ICMP(ICMP_DEST_UNREACH, ICMP_PROT_UNREACH, 0, 1);
	ICMP(ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0, 1);
	EXPECT_TRUE(goes_on(&self->pkt));
}

/* MUST-54, SHLD-26 */
TEST_F(icmp_error, port_unreachable_refuses_a_connect)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	ICMP(ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0, 0);
	EXPECT_STATE(ST_GONE);
	EXPECT_EQ(ECONNREFUSED, so_error(self->pkt.fd));
}

/* RFC 5461 section 4, as all do it: a connect need not wait in vain. */
TEST_F(icmp_error, host_unreachable_ends_a_connect)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	ICMP(ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0, 0);
	EXPECT_STATE(ST_GONE);
	EXPECT_EQ(EHOSTUNREACH, so_error(self->pkt.fd));
}

/* RFC 5927 section 4.1: it has to quote what is in flight. */
TEST_F(icmp_error, error_about_something_else_is_ignored)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	ICMP(ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0, 5000);
	ICMP(ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0, -5000);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_SYN_SENT);
}

/* MUST-47, SHLD-25: who asks is told, once, and until things go on. */
TEST_F(icmp_error, soft_error_is_told_by_so_error)
{
	ASSERT_TRUE(accept_and_write(&self->pkt));
	ICMP(ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0, 1);
	EXPECT_EQ(EHOSTUNREACH, so_error(self->pkt.fd));
	EXPECT_EQ(0, so_error(self->pkt.fd));
	ICMP(ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0, 1);
	ASSERT_TRUE(goes_on(&self->pkt));
	EXPECT_EQ(0, so_error(self->pkt.fd));
}

/* MUST-47: what a time-out was for is told with it. */
TEST_F_TIMEOUT(icmp_error, soft_error_is_told_with_the_time_out, 2 * MINUTES)
{
	struct pollfd pfd;

	ASSERT_EQ(0, sysctl_write("retries2", "3"));
	ASSERT_TRUE(accept_and_write(&self->pkt));
	ICMP(ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0, 1);
	pfd.fd = self->pkt.fd;
	pfd.events = 0;
	ASSERT_EQ(1, poll(&pfd, 1, 60 * 1000));
	EXPECT_EQ(EHOSTUNREACH, so_error(self->pkt.fd));
}

/* RFC 1191, MUST-16: from now on segments fit, and the lost one goes again. */
TEST_F(icmp_error, fragmentation_needed_makes_segments_smaller)
{
	ASSERT_TRUE(accept_and_write(&self->pkt));
	ICMP(ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 600, 1);
	/* 600 less the two headers. */
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 560);
	EXPECT_SEG(.flags = TH_ACK, .seq = 561, .ack = 1, .len = 440);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1001);
	ASSERT_TRUE(stream_write(self->pkt.fd, 1000, 1000));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1001, .ack = 1, .len = 560);
}

TEST_MAIN
