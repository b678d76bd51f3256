// SPDX-License-Identifier: GPL-2.0
/* Segment arrival in FIN-WAIT-1: RFC 9293 section 3.10.7.4. */
#include "unit.h"
#include "conn.h"

FIXTURE(input_fin_wait_1)
{
	struct conn c;
};

/* Our FIN is OURS(0). */
FIXTURE_SETUP(input_fin_wait_1)
{
	CONN(&self->c, ATCP_FIN_WAIT_1);
}

FIXTURE_TEARDOWN(input_fin_wait_1)
{
	conn_free(&self->c);
}

#define TEST_IN(name) TEST_F(input_fin_wait_1, name)
#define C	      (&self->c)

TEST_IN(the_ack_of_our_fin)
{
	ARRIVES(C, .ack = OURS(1));
	EXPECT_PATH(C, "FIN-WAIT-1>FIN-WAIT-2");
	EXPECT_EVENTS(C, ATCP_EV_ACKED);
	EXPECT_SILENCE(C);
	/* A user that is there may read for ever. */
	EXPECT_DEADLINE(C, 0);
}

TEST_IN(an_ack_of_less_changes_nothing)
{
	u64 deadline = atcp_deadline(&C->tcb);

	ARRIVES(C, .ack = OURS(0));
	EXPECT_EQ(ATCP_FIN_WAIT_1, C->tcb.state);
	EXPECT_SILENCE(C);
	EXPECT_DEADLINE(C, deadline);
}

TEST_IN(an_ack_of_more_is_answered)
{
	ARRIVES(C, .ack = OURS(2));
	EXPECT_DROPPED(C, BAD_ACK);
	EXPECT_EQ(ATCP_FIN_WAIT_1, C->tcb.state);
	EXPECT_SENDS(C, .seq = OURS(1), .ack = PEER(0));
	EXPECT_SILENCE(C);
}

TEST_IN(the_peers_fin_alone)
{
	ARRIVES(C, .ack = OURS(0), .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_PATH(C, "FIN-WAIT-1>CLOSING");
	EXPECT_EVENTS(C, ATCP_EV_EOF);
	EXPECT_SENDS(C, .seq = OURS(1), .ack = PEER(1));
	EXPECT_SILENCE(C);
}

TEST_IN(the_peers_fin_with_the_ack_of_ours)
{
	ARRIVES(C, .ack = OURS(1), .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_PATH(C, "FIN-WAIT-1>FIN-WAIT-2>TIME-WAIT");
	EXPECT_EVENTS(C, ATCP_EV_ACKED | ATCP_EV_EOF | ATCP_EV_TIME_WAIT);
	EXPECT_SENDS(C, .seq = OURS(1), .ack = PEER(1));
	EXPECT_SILENCE(C);
	EXPECT_DEADLINE(C, 0);
}

/* Half-closed: the peer may go on sending. */
TEST_IN(text_is_taken)
{
	ARRIVES(C, .ack = OURS(0), .len = 100);
	EXPECT_TAKEN(C, PEER(0), PEER(100));
	EXPECT_EVENTS(C, ATCP_EV_DATA);
	TIMEOUT(C, T0 + MS(40));
	EXPECT_SENDS(C, .seq = OURS(1), .ack = PEER(100));
	EXPECT_SILENCE(C);
}

TEST_IN(text_and_fin_with_the_ack_of_ours)
{
	ARRIVES(C, .ack = OURS(1), .len = 100, .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_TAKEN(C, PEER(0), PEER(100));
	EXPECT_PATH(C, "FIN-WAIT-1>FIN-WAIT-2>TIME-WAIT");
	EXPECT_SENDS(C, .seq = OURS(1), .ack = PEER(101));
	EXPECT_SILENCE(C);
}

TEST_IN(a_fin_out_of_order_waits)
{
	ARRIVES(C, .seq = PEER(100), .ack = OURS(1),
		.flags = ATCP_ACK | ATCP_FIN);
	EXPECT_PATH(C, "FIN-WAIT-1>FIN-WAIT-2");
	EXPECT_SENDS(C, .seq = OURS(1), .ack = PEER(0));
	ARRIVES(C, .len = 100, .ack = OURS(1));
	EXPECT_PATH(C, "FIN-WAIT-2>TIME-WAIT");
	EXPECT_SENDS(C, .seq = OURS(1), .ack = PEER(101));
	EXPECT_SILENCE(C);
}

TEST_IN(our_fin_is_sent_again)
{
	TIMEOUT(C, atcp_deadline(&C->tcb));
	EXPECT_SENDS(C, .seq = OURS(0), .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_SILENCE(C);
}

TEST_IN(a_reset_ends_it)
{
	ARRIVES(C, .flags = ATCP_RST);
	EXPECT_PATH(C, "FIN-WAIT-1>CLOSED");
	EXPECT_EQ(ATCP_ERROR_RESET, C->tcb.error);
}

TEST_IN(inexact_resets_and_syns_are_challenged)
{
	ARRIVES(C, .seq = PEER(1), .flags = ATCP_RST);
	EXPECT_DROPPED(C, CHALLENGED);
	EXPECT_SENDS(C, .seq = OURS(1), .ack = PEER(0));
	C->now += MS(500);
	ARRIVES(C, .flags = ATCP_SYN);
	EXPECT_DROPPED(C, CHALLENGED);
	EXPECT_SENDS(C, .seq = OURS(1), .ack = PEER(0));
	EXPECT_SILENCE(C);
}

TEST_IN(outside_the_window_is_answered)
{
	ARRIVES(C, .seq = PEER(BUF), .len = 10, .ack = OURS(1));
	EXPECT_DROPPED(C, OUT_OF_WINDOW);
	ARRIVES(C, .seq = PEER(-10), .len = 10, .ack = OURS(1));
	EXPECT_DROPPED(C, OLD_DATA);
	EXPECT_SENDS(C, .ack = PEER(0));
	EXPECT_SILENCE(C);
}

/* shutdown() of both ways: there is a user, but none who would read it. */
TEST_IN(text_that_nobody_will_read_resets)
{
	C->tcb.use |= ATCP_NO_READER;
	ARRIVES(C, .ack = OURS(0), .len = 100);
	EXPECT_DROPPED(C, SHUTDOWN);
	EXPECT_PATH(C, "FIN-WAIT-1>CLOSED");
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

UNIT_MAIN
