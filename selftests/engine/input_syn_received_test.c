// SPDX-License-Identifier: GPL-2.0
/*
 * Segment arrival in SYN-RECEIVED after a simultaneous open: RFC 9293 section
 * 3.10.7.4. After a passive open the state is a request: see request_test.c.
 */
#include "unit.h"
#include "conn.h"

FIXTURE(input_syn_received)
{
	struct conn c;
};

FIXTURE_SETUP(input_syn_received)
{
	CONN(&self->c, ATCP_SYN_RECEIVED);
}

FIXTURE_TEARDOWN(input_syn_received)
{
	conn_free(&self->c);
}

#define TEST_IN(name) TEST_F(input_syn_received, name)
#define C	      (&self->c)

#define EXPECT_SYN_ACK()                                                       \
	EXPECT_SENDS(C, .seq = ISS, .ack = PEER(0),                            \
		     .flags = ATCP_SYN | ATCP_ACK, .options = ATCP_OPT_MSS,    \
		     .mss = MSS)

#define EXPECT_ACK() EXPECT_SENDS(C, .seq = OURS(0), .ack = PEER(0))

TEST_IN(the_ack_of_our_syn_establishes)
{
	ARRIVES(C, .ack = OURS(0), .wnd = 3000);
	EXPECT_PATH(C, "SYN-RECEIVED>ESTABLISHED");
	EXPECT_EVENTS(C, ATCP_EV_ESTABLISHED | ATCP_EV_ACKED);
	EXPECT_EQ(3000U, C->tcb.snd_wnd);
	EXPECT_SILENCE(C);
	EXPECT_DEADLINE(C, 0);
}

TEST_IN(with_text_and_fin)
{
	ARRIVES(C, .ack = OURS(0), .len = 50, .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_TAKEN(C, PEER(0), PEER(50));
	EXPECT_PATH(C, "SYN-RECEIVED>ESTABLISHED>CLOSE-WAIT");
	EXPECT_SENDS(C, .seq = OURS(0), .ack = PEER(51));
	EXPECT_SILENCE(C);
}

TEST_IN(the_peers_syn_ack_establishes)
{
	ARRIVES(C, .seq = IRS, .ack = OURS(0), .flags = ATCP_SYN | ATCP_ACK);
	EXPECT_PATH(C, "SYN-RECEIVED>ESTABLISHED");
	EXPECT_SILENCE(C);
}

TEST_IN(the_peers_syn_again_is_answered)
{
	ARRIVES(C, .seq = IRS, .flags = ATCP_SYN);
	EXPECT_DROPPED(C, DUPLICATE_SYN);
	EXPECT_SYN_ACK();
	EXPECT_SILENCE(C);
	EXPECT_EQ(ATCP_SYN_RECEIVED, C->tcb.state);
}

TEST_IN(a_wrong_ack_is_reset)
{
	static const u32 wrong[] = { ISS, OURS(1), ISS - 5 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		ARRIVES(C, .ack = wrong[i]);
		EXPECT_DROPPED(C, BAD_ACK);
		EXPECT_TRUE(C->arrival.reset);
	}
	EXPECT_EQ(ATCP_SYN_RECEIVED, C->tcb.state);
	EXPECT_SILENCE(C);
}

TEST_IN(an_exact_reset_refuses)
{
	ARRIVES(C, .flags = ATCP_RST);
	EXPECT_EQ(ATCP_DROP_RESET, C->drop);
	EXPECT_PATH(C, "SYN-RECEIVED>CLOSED");
	EXPECT_EQ(ATCP_ERROR_REFUSED, C->tcb.error);
	EXPECT_SILENCE(C);
}

TEST_IN(an_inexact_reset_is_answered)
{
	ARRIVES(C, .seq = PEER(1), .flags = ATCP_RST);
	EXPECT_DROPPED(C, CHALLENGED);
	EXPECT_ACK();
	EXPECT_SILENCE(C);
	EXPECT_EQ(ATCP_SYN_RECEIVED, C->tcb.state);
}

TEST_IN(another_syn_is_challenged)
{
	ARRIVES(C, .seq = PEER(7), .flags = ATCP_SYN);
	EXPECT_DROPPED(C, CHALLENGED);
	EXPECT_ACK();
	EXPECT_SILENCE(C);
}

TEST_IN(without_ack_nothing_is_taken)
{
	ARRIVES(C, .flags = 0, .len = 10);
	EXPECT_DROPPED(C, BAD_FLAGS);
	ARRIVES(C, .flags = ATCP_FIN);
	EXPECT_DROPPED(C, BAD_FLAGS);
	EXPECT_SILENCE(C);
}

TEST_IN(outside_the_window_is_answered)
{
	ARRIVES(C, .seq = PEER(BUF + 1), .len = 1);
	EXPECT_DROPPED(C, OUT_OF_WINDOW);
	EXPECT_ACK();
	EXPECT_SILENCE(C);
}

/* 3.10.4: what is queued, data and FIN, goes out once it is ESTABLISHED. */
TEST_IN(close_waits_for_the_ack_of_our_syn)
{
	SEND(C, 100);
	SHUTDOWN(C);
	EXPECT_SILENCE(C);
	EXPECT_EQ(ATCP_SYN_RECEIVED, C->tcb.state);
	ARRIVES(C, .ack = OURS(0));
	EXPECT_PATH(C, "SYN-RECEIVED>ESTABLISHED>FIN-WAIT-1");
	EXPECT_SENDS(C, .seq = OURS(0), .len = 100,
		     .flags = ATCP_ACK | ATCP_PSH | ATCP_FIN);
	EXPECT_SILENCE(C);
}

TEST_IN(the_syn_ack_is_sent_again)
{
	TIMEOUT(C, T0 + SEC(1));
	EXPECT_SYN_ACK();
	EXPECT_SILENCE(C);
	TIMEOUT(C, T0 + SEC(3));
	EXPECT_SYN_ACK();
	EXPECT_SILENCE(C);
}

/* What only looks like it by its number is old. */
TEST_IN(no_syn_at_the_peers_first_number)
{
	ARRIVES(C, .seq = IRS, .ack = OURS(0));
	EXPECT_DROPPED(C, OLD_DATA);
	EXPECT_EQ(ATCP_SYN_RECEIVED, C->tcb.state);
	ARRIVES(C, .seq = IRS, .flags = ATCP_SYN | ATCP_RST);
	EXPECT_NE(ATCP_DROP_NONE, C->drop);
	EXPECT_EQ(ATCP_SYN_RECEIVED, C->tcb.state);
}

UNIT_MAIN
