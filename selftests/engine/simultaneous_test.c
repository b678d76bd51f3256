// SPDX-License-Identifier: GPL-2.0
/*
 * Both ends at once: simultaneous open (RFC 9293 figure 8, MUST-10) and
 * simultaneous close (figure 13), two of our own against each other.
 */
#include "unit.h"
#include "conn.h"

#define QUEUE 64

/**
 * struct wire - segments on their way
 * @seg: first come, first served
 * @head: the next to arrive
 * @tail: where the next is put
 */
struct wire {
	struct atcp_segment seg[QUEUE];
	unsigned int head, tail;
};

FIXTURE(simultaneous)
{
	struct conn end[2];
	struct wire to[2];
	u8 options;
};

FIXTURE_SETUP(simultaneous)
{
}

FIXTURE_TEARDOWN(simultaneous)
{
	conn_free(&self->end[0]);
	conn_free(&self->end[1]);
}

#define A (&self->end[0])
#define B (&self->end[1])

#define SELF FIXTURE_DATA(simultaneous) * self

static void open_both(SELF, u8 options)
{
	struct atcp_open open = { .iss = ISS,
				  .sport = 1,
				  .dport = 2,
				  .advmss = MSS,
				  .path_mss = MSS,
				  .rcv_buf = 60000,
				  .rcv_wscale = 7,
				  .options = options };

	conn_init(A);
	conn_init(B);
	atcp_user_open(&A->tcb, &open, T0);
	open.iss = IRS;
	open.sport = 2;
	open.dport = 1;
	atcp_user_open(&B->tcb, &open, T0);
}

/* All that @i has to say goes on the wire, or is lost. */
static void speak(struct __test_metadata *_metadata, SELF, int i, bool lost)
{
	struct wire *w = &self->to[!i];
	struct conn *c = &self->end[i];

	while (atcp_next_segment(&c->tcb, c->now, &c->out)) {
		conn_refill(c);
		if (lost)
			continue;
		ASSERT_LT(w->tail, QUEUE);
		w->seg[w->tail++] = c->out;
	}
	EXPECT_SILENCE(c);
}

/* What is on the wire to @i arrives. */
static void hear(struct __test_metadata *_metadata, SELF, int i)
{
	struct wire *w = &self->to[i];

	while (w->head < w->tail)
		conn_arrives(_metadata, __LINE__, &self->end[i],
			     w->seg[w->head++]);
}

static void converse(struct __test_metadata *_metadata, SELF)
{
	unsigned int rounds = 0;

	do {
		speak(_metadata, self, 0, false);
		speak(_metadata, self, 1, false);
		if (self->to[0].head == self->to[0].tail &&
		    self->to[1].head == self->to[1].tail)
			return;
		hear(_metadata, self, 0);
		hear(_metadata, self, 1);
	} while (++rounds < 20);
	EXPECT_LT(rounds, 20) TH_LOG("they never stop talking");
}

#define CONVERSE()     converse(_metadata, self)
#define SPEAK(i, lost) speak(_metadata, self, i, lost)
#define HEAR(i)	       hear(_metadata, self, i)

TEST_F(simultaneous, open)
{
	open_both(self, OPT_ALL);
	CONVERSE();
	EXPECT_PATH(A, "CLOSED>SYN-SENT>SYN-RECEIVED>ESTABLISHED");
	EXPECT_PATH(B, "CLOSED>SYN-SENT>SYN-RECEIVED>ESTABLISHED");
	EXPECT_EQ(ATCP_EV_ESTABLISHED | ATCP_EV_ACKED, A->tcb.events);
	EXPECT_DEADLINE(A, 0);
	EXPECT_DEADLINE(B, 0);
	/* A SYN's window is as it is, RFC 7323 2.2, with an ACK or without. */
	EXPECT_LE(A->tcb.snd_wnd, 60000U);
	EXPECT_EQ(A->tcb.rcv_adv, B->tcb.snd_una + 60000);
	/* SYN, SYN-ACK, and nothing more. */
	EXPECT_EQ(2U, self->to[0].tail);
	EXPECT_EQ(2U, self->to[1].tail);
}

TEST_F(simultaneous, open_and_data)
{
	open_both(self, OPT_ALL);
	SEND(A, 5000);
	SEND(B, 7000);
	CONVERSE();
	EXPECT_EQ(A->tcb.snd_una, A->tcb.write_seq);
	EXPECT_EQ(B->tcb.snd_una, B->tcb.write_seq);
	EXPECT_EQ(B->tcb.rcv_nxt, A->tcb.write_seq);
}

/* One SYN crosses, the other is lost: A is in SYN-RECEIVED, B in SYN-SENT. */
TEST_F(simultaneous, open_with_one_syn_lost)
{
	open_both(self, 0);
	SPEAK(0, true);
	SPEAK(1, false);
	HEAR(0);
	EXPECT_EQ(ATCP_SYN_RECEIVED, A->tcb.state);
	CONVERSE();
	EXPECT_EQ(ATCP_ESTABLISHED, A->tcb.state);
	EXPECT_EQ(ATCP_ESTABLISHED, B->tcb.state);
}

TEST_F(simultaneous, open_with_both_syn_acks_lost)
{
	open_both(self, 0);
	SPEAK(0, false);
	SPEAK(1, false);
	HEAR(0);
	HEAR(1);
	SPEAK(0, true);
	SPEAK(1, true);
	A->now = atcp_deadline(&A->tcb);
	B->now = A->now;
	EXPECT_EQ(T0 + SEC(1), A->now);
	TIMEOUT(A, A->now);
	TIMEOUT(B, B->now);
	CONVERSE();
	EXPECT_EQ(ATCP_ESTABLISHED, A->tcb.state);
	EXPECT_EQ(ATCP_ESTABLISHED, B->tcb.state);
}

/* CLOSE in SYN-RECEIVED, 3.10.4: the FIN waits for ESTABLISHED. */
TEST_F(simultaneous, open_and_close)
{
	open_both(self, 0);
	SPEAK(0, false);
	SPEAK(1, false);
	HEAR(0);
	HEAR(1);
	A->tcb.nr_transitions = 0;
	SHUTDOWN(A);
	SHUTDOWN(A);
	SEND(B, 100);
	/* Even if the SYN-ACK is lost: it is one when it goes again. */
	SPEAK(0, true);
	SPEAK(1, true);
	A->now = T0 + SEC(1);
	B->now = A->now;
	TIMEOUT(A, A->now);
	EXPECT_SENDS(A, .sport = 1, .dport = 2, .seq = ISS,
		     .flags = ATCP_SYN | ATCP_ACK, .options = ATCP_OPT_MSS,
		     .mss = MSS);
	EXPECT_SILENCE(A);
	TIMEOUT(B, B->now);
	CONVERSE();
	EXPECT_PATH(A, "SYN-RECEIVED>ESTABLISHED>FIN-WAIT-1>FIN-WAIT-2");
	EXPECT_TRUE(A->tcb.events & ATCP_EV_ESTABLISHED);
	EXPECT_EQ(ATCP_CLOSE_WAIT, B->tcb.state);
	EXPECT_EQ(A->tcb.rcv_nxt, B->tcb.write_seq);
	SHUTDOWN(B);
	CONVERSE();
	EXPECT_EQ(ATCP_TIME_WAIT, A->tcb.state);
	EXPECT_EQ(ATCP_CLOSED, B->tcb.state);
}

TEST_F(simultaneous, close)
{
	open_both(self, OPT_ALL);
	CONVERSE();
	A->tcb.nr_transitions = 0;
	B->tcb.nr_transitions = 0;
	SHUTDOWN(A);
	SHUTDOWN(B);
	CONVERSE();
	EXPECT_PATH(A, "ESTABLISHED>FIN-WAIT-1>CLOSING>TIME-WAIT");
	EXPECT_PATH(B, "ESTABLISHED>FIN-WAIT-1>CLOSING>TIME-WAIT");
	EXPECT_TRUE(A->tcb.events & ATCP_EV_TIME_WAIT);
	EXPECT_DEADLINE(A, 0);
}

TEST_F(simultaneous, close_with_data)
{
	open_both(self, OPT_ALL);
	CONVERSE();
	SEND(A, 3000);
	SEND(B, 4500);
	SHUTDOWN(A);
	SHUTDOWN(B);
	CONVERSE();
	EXPECT_EQ(ATCP_TIME_WAIT, A->tcb.state);
	EXPECT_EQ(ATCP_TIME_WAIT, B->tcb.state);
	EXPECT_EQ(A->tcb.snd_una, A->tcb.write_seq);
	EXPECT_EQ(B->tcb.snd_una, B->tcb.write_seq);
}

UNIT_MAIN
