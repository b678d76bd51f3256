// SPDX-License-Identifier: GPL-2.0
/*
 * Arrivals in SYN-SENT: RFC 9293 section 3.10.7.3; and what a program sees of
 * that state.
 */
#include <errno.h>
#include <poll.h>

#include "../harness.h"
#include "arrival.h"

FIXTURE_PKT(state_syn_sent);

static bool open_syn_sent(struct pkt *p)
{
	return pkt_open(p, ST_SYN_SENT);
}

/* 3.10.7.3; no sequence number can be wrong, since none is known yet. */
static const struct rule syn_sent_rules[] = {
	{
		.step = "first: RST with a wrong ACK",
		.with = TH_RST | TH_ACK,
		.acks = ACK_ANY & ~ACK_NEW,
		.drop = DROP_BAD_ACK,
	},
	{
		.step = "first: a wrong ACK",
		.with = TH_ACK,
		.acks = ACK_ANY & ~ACK_NEW,
		.answer = RST,
		.drop = DROP_BAD_ACK,
	},
	{
		.step = "second: RST with a good ACK",
		.with = TH_RST | TH_ACK,
		.to = TO_GONE,
		.drop = DROP_RESET,
	},
	{
		.step = "second: RST without ACK",
		.with = TH_RST,
		.drop = DROP_BAD_FLAGS,
	},
	{
		/* On to the eighth step of the other states. */
		.step = "fourth: SYN and ACK, and FIN",
		.with = TH_SYN | TH_ACK | TH_FIN,
		.answer = ACK,
		.takes = SYN | FIN,
		.to = ST_CLOSE_WAIT,
	},
	{
		.step = "fourth: SYN and ACK",
		.with = TH_SYN | TH_ACK,
		.answer = ACK,
		.takes = SYN,
		.to = ST_ESTABLISHED,
	},
	{
		/* A FIN is left to come again. */
		.step = "fourth: SYN without ACK",
		.with = TH_SYN,
		.answer = SYN_ACK,
		.to = ST_SYN_RECEIVED,
	},
	{
		.step = "fifth: neither SYN nor RST",
		.drop = DROP_BAD_FLAGS,
	},
};

static const struct arrivals syn_sent = {
	.state = ST_SYN_SENT,
	.open = open_syn_sent,
	.una = 0,
	.seqs = SEQ_NEXT,
	.rules = syn_sent_rules,
	.nr_rules = ARRAY_SIZE(syn_sent_rules),
};

ARRIVALS(state_syn_sent, , syn_sent)

/*
 * Linux answers some wrong segments by sending its SYN once more, at once, as
 * some NATs need it. RFC 9293 knows no such answer.
 */
static bool stays_silent_in_syn_sent(struct pkt *p)
{
	if (test_is_atcp())
		return pkt_silence(p, QUIET_MS) && pkt_in_state(p, ST_SYN_SENT);
	pkt_next(p, QUIET_MS);
	return pkt_in_state(p, ST_SYN_SENT);
}

/* 3.10.7.3, first: an ACK of something never sent is answered by a RST. */
TEST_F(state_syn_sent, syn_sent_answers_a_wrong_ack_with_rst)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	INJECT(.flags = TH_SYN | TH_ACK, .ack = 77);
	EXPECT_SEG(.flags = TH_RST, .seq = 77);
	ASSERT_TRUE(stays_silent_in_syn_sent(&self->pkt));
	/* It was no harm: the right one still counts. */
	INJECT(.flags = TH_SYN | TH_ACK, .ack = 1);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_STATE(ST_ESTABLISHED);
}

/* MUST-12: the application is told that the connection was refused. */
TEST_F(state_syn_sent, syn_sent_rst_with_a_good_ack_refuses)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	INJECT(.flags = TH_RST | TH_ACK, .ack = 1);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_GONE);
	EXPECT_EQ(POLLIN | POLLOUT | POLLRDHUP | POLLERR | POLLHUP,
		  poll_now(self->pkt.fd));
	EXPECT_EQ(ECONNREFUSED, so_error(self->pkt.fd));
}

TEST_F(state_syn_sent, syn_sent_ignores_a_rst_with_a_wrong_ack)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	INJECT(.flags = TH_RST | TH_ACK, .ack = 77);
	ASSERT_TRUE(stays_silent_in_syn_sent(&self->pkt));
}

TEST_F(state_syn_sent, syn_sent_ignores_a_rst_without_ack)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	INJECT(.flags = TH_RST);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_SYN_SENT);
}

/* 3.10.7.3, fifth. */
TEST_F(state_syn_sent, syn_sent_ignores_a_segment_without_syn_or_rst)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	INJECT(.flags = TH_ACK, .ack = 1);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_SYN_SENT);
}

static int connect_again(struct pkt *p)
{
	struct sockaddr_storage to = pkt_remote(p);

	return connect(p->fd, (struct sockaddr *)&to, test_addrlen(p->family));
}

TEST_F(state_syn_sent, connect_again_in_syn_sent_is_ealready)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	EXPECT_ERRNO(EALREADY, connect_again(&self->pkt));
	INJECT(.flags = TH_SYN | TH_ACK, .ack = 1);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_EQ(0, connect_again(&self->pkt));
	EXPECT_ERRNO(EISCONN, connect_again(&self->pkt));
}

TEST_F(state_syn_sent, syn_sent_can_neither_be_read_nor_written)
{
	char byte;

	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	EXPECT_ERRNO(EAGAIN, read(self->pkt.fd, &byte, 1));
	EXPECT_ERRNO(EAGAIN, write(self->pkt.fd, "x", 1));
	EXPECT_EQ(0, poll_now(self->pkt.fd));
}

TEST_F(state_syn_sent, close_in_syn_sent_says_nothing)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_SYN_SENT));
	ASSERT_EQ(0, close(self->pkt.fd));
	EXPECT_SILENCE();
	EXPECT_STATE(ST_GONE);
	/* Whoever answers now has come too late. */
	INJECT(.flags = TH_SYN | TH_ACK, .ack = 1);
	EXPECT_SEG(.flags = TH_RST, .seq = 1);
}

static bool start_blocking_connect(struct pkt *p)
{
	p->fd = test_socket(p->family, 0);
	return p->fd >= 0;
}

TEST_F(state_syn_sent, sndtimeo_ends_a_blocking_connect)
{
	struct timeval limit = { .tv_usec = 100 * 1000 };
	uint64_t start = now_us();

	ASSERT_TRUE(start_blocking_connect(&self->pkt));
	ASSERT_EQ(0, setsockopt(self->pkt.fd, SOL_SOCKET, SO_SNDTIMEO, &limit,
				sizeof(limit)));
	EXPECT_ERRNO(EINPROGRESS, connect_again(&self->pkt));
	EXPECT_LE(90 * 1000, (int)(now_us() - start));
	ASSERT_TRUE(pkt_next(&self->pkt, PATIENCE_MS));
	EXPECT_EQ(TH_SYN, self->pkt.got.flags);
}

static void on_signal(int sig)
{
	(void)sig;
}

/* It is only the waiting that is interrupted: the SYN is out. */
TEST_F(state_syn_sent, signal_ends_the_wait_but_not_the_connect)
{
	struct sigaction action = { .sa_handler = on_signal };
	pid_t parent = getpid(), child;

	sigaction(SIGUSR1, &action, NULL);
	ASSERT_TRUE(start_blocking_connect(&self->pkt));
	child = fork();
	while (!child && !kill(parent, SIGUSR1))
		usleep(10 * 1000);
	EXPECT_ERRNO(EINTR, connect_again(&self->pkt));
	kill(child, SIGKILL);
	ASSERT_TRUE(pkt_next(&self->pkt, PATIENCE_MS));
	self->pkt.rport = self->pkt.got.dport;
	self->pkt.lport = self->pkt.got.sport;
	INJECT(.flags = TH_SYN | TH_ACK, .ack = 1);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_TRUE(poll_for(self->pkt.fd, POLLOUT));
	EXPECT_EQ(0, so_error(self->pkt.fd));
}

TEST_MAIN
