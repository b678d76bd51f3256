// SPDX-License-Identifier: GPL-2.0
/* Segment arrival in FIN-WAIT-2: RFC 9293 section 3.10.7.4. */
#include "unit.h"
#include "conn.h"

FIXTURE(input_fin_wait_2)
{
	struct conn c;
};

FIXTURE_SETUP(input_fin_wait_2)
{
	CONN(&self->c, ATCP_FIN_WAIT_2);
}

FIXTURE_TEARDOWN(input_fin_wait_2)
{
	conn_free(&self->c);
}

#define TEST_IN(name) TEST_F(input_fin_wait_2, name)
#define C	      (&self->c)

/* The half-closed connection carries data for as long as the peer likes. */
TEST_IN(text_is_taken)
{
	unsigned int i;

	for (i = 0; i < 100; i++) {
		ARRIVES(C, .len = MSS);
		EXPECT_TAKEN(C, PEER(i * MSS), PEER((i + 1) * MSS));
		DRAIN(C);
		C->now += SEC(100);
	}
	EXPECT_EQ(ATCP_FIN_WAIT_2, C->tcb.state);
}

TEST_IN(the_peers_fin)
{
	ARRIVES(C, .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_PATH(C, "FIN-WAIT-2>TIME-WAIT");
	EXPECT_EVENTS(C, ATCP_EV_EOF | ATCP_EV_TIME_WAIT);
	EXPECT_SENDS(C, .seq = OURS(1), .ack = PEER(1));
	EXPECT_SILENCE(C);
	EXPECT_DEADLINE(C, 0);
}

TEST_IN(text_and_fin)
{
	ARRIVES(C, .len = 10, .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_TAKEN(C, PEER(0), PEER(10));
	EXPECT_PATH(C, "FIN-WAIT-2>TIME-WAIT");
	EXPECT_SENDS(C, .seq = OURS(1), .ack = PEER(11));
	EXPECT_SILENCE(C);
}

TEST_IN(a_fin_out_of_order_waits)
{
	ARRIVES(C, .seq = PEER(10), .len = 10, .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_TAKEN(C, PEER(10), PEER(20));
	EXPECT_EQ(ATCP_FIN_WAIT_2, C->tcb.state);
	EXPECT_SENDS(C, .seq = OURS(1), .ack = PEER(0));
	ARRIVES(C, .len = 10);
	EXPECT_PATH(C, "FIN-WAIT-2>TIME-WAIT");
	EXPECT_SENDS(C, .seq = OURS(1), .ack = PEER(21));
	EXPECT_SILENCE(C);
}

TEST_IN(a_reset_ends_it)
{
	ARRIVES(C, .flags = ATCP_RST);
	EXPECT_PATH(C, "FIN-WAIT-2>CLOSED");
	EXPECT_EQ(ATCP_ERROR_RESET, C->tcb.error);
}

TEST_IN(inexact_resets_and_syns_are_challenged)
{
	ARRIVES(C, .seq = PEER(1), .flags = ATCP_RST);
	EXPECT_DROPPED(C, CHALLENGED);
	EXPECT_SENDS(C, .seq = OURS(1), .ack = PEER(0));
	C->now += MS(500);
	ARRIVES(C, .flags = ATCP_SYN | ATCP_ACK);
	EXPECT_DROPPED(C, CHALLENGED);
	EXPECT_SENDS(C, .seq = OURS(1), .ack = PEER(0));
	EXPECT_SILENCE(C);
}

TEST_IN(a_bad_ack_is_answered)
{
	ARRIVES(C, .ack = OURS(2), .len = 10);
	EXPECT_DROPPED(C, BAD_ACK);
	EXPECT_SENDS(C, .seq = OURS(1), .ack = PEER(0));
	EXPECT_SILENCE(C);
}

/* shutdown() of both ways: there is a user, but none who would read it. */
TEST_IN(text_that_nobody_will_read_resets)
{
	C->tcb.use |= ATCP_NO_READER;
	ARRIVES(C, .ack = OURS(1), .len = 100);
	EXPECT_DROPPED(C, SHUTDOWN);
	EXPECT_PATH(C, "FIN-WAIT-2>CLOSED");
	EXPECT_EVENTS(C, ATCP_EV_ERROR | ATCP_EV_CLOSED);
	EXPECT_EQ(ATCP_ERROR_RESET, C->tcb.error);
	EXPECT_SENDS(C, .seq = OURS(1), .flags = ATCP_RST | ATCP_ACK,
		     .ack = PEER(0));
	EXPECT_SILENCE(C);
}

TEST_IN(a_fin_needs_no_reader)
{
	C->tcb.use |= ATCP_NO_READER;
	ARRIVES(C, .ack = OURS(1), .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_EQ(ATCP_TIME_WAIT, C->tcb.state);
}

/* What nobody reads was read before: its text is old, and only its FIN new. */
TEST_IN(old_text_with_a_new_fin_is_no_reset)
{
	ARRIVES(C, .len = 10);
	DRAIN(C);
	ORPHAN(C);
	ARRIVES(C, .seq = PEER(0), .len = 10, .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_PATH(C, "FIN-WAIT-2>TIME-WAIT");
	EXPECT_SENDS(C, .seq = OURS(1), .ack = PEER(11));
	EXPECT_SILENCE(C);
}

UNIT_MAIN
