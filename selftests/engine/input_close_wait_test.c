// SPDX-License-Identifier: GPL-2.0
/* Segment arrival in CLOSE-WAIT: RFC 9293 section 3.10.7.4. */
#include "unit.h"
#include "conn.h"

FIXTURE(input_close_wait)
{
	struct conn c;
};

/* The peer's FIN was PEER(0). */
FIXTURE_SETUP(input_close_wait)
{
	CONN(&self->c, ATCP_CLOSE_WAIT);
}

FIXTURE_TEARDOWN(input_close_wait)
{
	conn_free(&self->c);
}

#define TEST_IN(name) TEST_F(input_close_wait, name)
#define C	      (&self->c)

/* Half-closed by the peer: our data still flows, and is acknowledged. */
TEST_IN(our_data_still_flows)
{
	SEND(C, 100);
	EXPECT_SENDS(C, .seq = OURS(0), .ack = PEER(1), .len = 100,
		     .flags = ATCP_ACK | ATCP_PSH);
	ARRIVES(C, .ack = OURS(100));
	EXPECT_EVENTS(C, ATCP_EV_ACKED);
	EXPECT_SILENCE(C);
	EXPECT_DEADLINE(C, 0);
}

TEST_IN(the_fin_again_is_acknowledged_again)
{
	ARRIVES(C, .seq = PEER(0), .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_DROPPED(C, OLD_DATA);
	EXPECT_SENDS(C, .seq = OURS(0), .ack = PEER(1));
	EXPECT_SILENCE(C);
	/* As often as it comes: our ACK may be lost each time. */
	ARRIVES(C, .seq = PEER(0), .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_SENDS(C, .seq = OURS(0), .ack = PEER(1));
	EXPECT_SILENCE(C);
}

/* "This should not occur, since a FIN has been received." */
TEST_IN(text_after_the_fin_is_ignored)
{
	ARRIVES(C, .len = 10);
	EXPECT_EQ(ATCP_DROP_NONE, C->drop);
	EXPECT_EQ(C->arrival.start, C->arrival.end);
	EXPECT_EQ(PEER(1), C->tcb.rcv_nxt);
	ARRIVES(C, .len = 10, .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_EQ(PEER(1), C->tcb.rcv_nxt);
	EXPECT_EQ(ATCP_CLOSE_WAIT, C->tcb.state);
	EXPECT_EVENTS(C, 0);
}

TEST_IN(a_reset_breaks_the_pipe)
{
	ARRIVES(C, .flags = ATCP_RST);
	EXPECT_PATH(C, "CLOSE-WAIT>CLOSED");
	EXPECT_EQ(ATCP_ERROR_PIPE, C->tcb.error);
}

TEST_IN(inexact_resets_and_syns_are_challenged)
{
	ARRIVES(C, .seq = PEER(2), .flags = ATCP_RST);
	EXPECT_DROPPED(C, CHALLENGED);
	EXPECT_SENDS(C, .seq = OURS(0), .ack = PEER(1));
	C->now += MS(500);
	ARRIVES(C, .flags = ATCP_SYN);
	EXPECT_DROPPED(C, CHALLENGED);
	EXPECT_SENDS(C, .seq = OURS(0), .ack = PEER(1));
	EXPECT_SILENCE(C);
}

TEST_IN(close_sends_the_fin)
{
	SHUTDOWN(C);
	EXPECT_PATH(C, "CLOSE-WAIT>LAST-ACK");
	EXPECT_SENDS(C, .seq = OURS(0), .ack = PEER(1),
		     .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_SILENCE(C);
}

UNIT_MAIN
