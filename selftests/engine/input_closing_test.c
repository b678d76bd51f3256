// SPDX-License-Identifier: GPL-2.0
/* Segment arrival in CLOSING: RFC 9293 section 3.10.7.4. */
#include "unit.h"
#include "conn.h"

FIXTURE(input_closing)
{
	struct conn c;
};

/* Our FIN is OURS(0), the peer's was PEER(0). */
FIXTURE_SETUP(input_closing)
{
	CONN(&self->c, ATCP_CLOSING);
}

FIXTURE_TEARDOWN(input_closing)
{
	conn_free(&self->c);
}

#define TEST_IN(name) TEST_F(input_closing, name)
#define C	      (&self->c)

TEST_IN(the_ack_of_our_fin)
{
	ARRIVES(C, .ack = OURS(1));
	EXPECT_PATH(C, "CLOSING>TIME-WAIT");
	EXPECT_EVENTS(C, ATCP_EV_ACKED | ATCP_EV_TIME_WAIT);
	EXPECT_SILENCE(C);
	EXPECT_DEADLINE(C, 0);
}

TEST_IN(anything_less_is_ignored)
{
	ARRIVES(C, .ack = OURS(0));
	EXPECT_EQ(ATCP_CLOSING, C->tcb.state);
	ARRIVES(C, .ack = OURS(0), .len = 10);
	EXPECT_EQ(C->arrival.start, C->arrival.end);
	EXPECT_EQ(ATCP_CLOSING, C->tcb.state);
	EXPECT_SILENCE(C);
}

TEST_IN(the_fin_again_is_acknowledged_again)
{
	ARRIVES(C, .seq = PEER(0), .ack = OURS(0),
		.flags = ATCP_ACK | ATCP_FIN);
	EXPECT_DROPPED(C, OLD_DATA);
	EXPECT_SENDS(C, .seq = OURS(1), .ack = PEER(1));
	EXPECT_SILENCE(C);
}

TEST_IN(our_fin_is_sent_again)
{
	TIMEOUT(C, atcp_deadline(&C->tcb));
	EXPECT_SENDS(C, .seq = OURS(0), .ack = PEER(1),
		     .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_SILENCE(C);
}

/* Both have closed: there is nothing left that could be lost. */
TEST_IN(a_reset_is_no_error)
{
	ARRIVES(C, .flags = ATCP_RST);
	EXPECT_PATH(C, "CLOSING>CLOSED");
	EXPECT_EQ(ATCP_ERROR_NONE, C->tcb.error);
	EXPECT_EVENTS(C, ATCP_EV_CLOSED);
}

UNIT_MAIN
