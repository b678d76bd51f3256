// SPDX-License-Identifier: GPL-2.0
/* Segment arrival in LAST-ACK: RFC 9293 section 3.10.7.4. */
#include "unit.h"
#include "conn.h"

FIXTURE(input_last_ack)
{
	struct conn c;
};

/* Our FIN is OURS(0), the peer's was PEER(0). */
FIXTURE_SETUP(input_last_ack)
{
	CONN(&self->c, ATCP_LAST_ACK);
}

FIXTURE_TEARDOWN(input_last_ack)
{
	conn_free(&self->c);
}

#define TEST_IN(name) TEST_F(input_last_ack, name)
#define C	      (&self->c)

TEST_IN(the_ack_of_our_fin)
{
	ARRIVES(C, .ack = OURS(1));
	EXPECT_PATH(C, "LAST-ACK>CLOSED");
	EXPECT_EVENTS(C, ATCP_EV_ACKED | ATCP_EV_CLOSED);
	EXPECT_EQ(ATCP_ERROR_NONE, C->tcb.error);
	EXPECT_SILENCE(C);
	EXPECT_DEADLINE(C, 0);
}

TEST_IN(anything_less_is_ignored)
{
	ARRIVES(C, .ack = OURS(0));
	ARRIVES(C, .ack = OURS(0), .len = 10);
	EXPECT_EQ(C->arrival.start, C->arrival.end);
	EXPECT_EQ(ATCP_LAST_ACK, C->tcb.state);
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

/* Data and FIN together: an ACK of the data only is not the last. */
TEST_IN(data_before_our_fin)
{
	conn_free(C);
	CONN(C, ATCP_CLOSE_WAIT);
	SEND(C, 2 * MSS);
	SHUTDOWN(C);
	DRAIN(C);
	ARRIVES(C, .ack = OURS(2 * MSS));
	EXPECT_EQ(ATCP_LAST_ACK, C->tcb.state);
	TIMEOUT(C, atcp_deadline(&C->tcb));
	EXPECT_SENDS(C, .seq = OURS(2 * MSS), .flags = ATCP_ACK | ATCP_FIN);
	ARRIVES(C, .ack = OURS(2 * MSS + 1));
	EXPECT_EQ(ATCP_CLOSED, C->tcb.state);
}

TEST_IN(a_reset_is_no_error)
{
	ARRIVES(C, .flags = ATCP_RST);
	EXPECT_PATH(C, "LAST-ACK>CLOSED");
	EXPECT_EQ(ATCP_ERROR_NONE, C->tcb.error);
	EXPECT_EVENTS(C, ATCP_EV_CLOSED);
}

TEST_IN(an_inexact_reset_is_challenged)
{
	ARRIVES(C, .seq = PEER(5), .flags = ATCP_RST);
	EXPECT_DROPPED(C, CHALLENGED);
	EXPECT_SENDS(C, .seq = OURS(1), .ack = PEER(1));
	EXPECT_SILENCE(C);
}

UNIT_MAIN
