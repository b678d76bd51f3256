// SPDX-License-Identifier: GPL-2.0
/* The user's calls in each state: RFC 9293 sections 3.10.1 to 3.10.6. */
#include "unit.h"
#include "conn.h"

#define READ(c, space) atcp_user_receive(&(c)->tcb, space, (c)->tcb.rcv_buf)

/* 3.10.4: what CLOSE does in each state. */
TEST(close_in_each_state)
{
	static const struct {
		enum atcp_state state;
		const char *path;
		bool fin;
	} cases[] = {
		{ ATCP_CLOSED, "", false },
		{ ATCP_SYN_SENT, "SYN-SENT>CLOSED", false },
		{ ATCP_SYN_RECEIVED, "", false },
		{ ATCP_ESTABLISHED, "ESTABLISHED>FIN-WAIT-1", true },
		{ ATCP_FIN_WAIT_1, "", false },
		{ ATCP_FIN_WAIT_2, "", false },
		{ ATCP_CLOSE_WAIT, "CLOSE-WAIT>LAST-ACK", true },
		{ ATCP_CLOSING, "", false },
		{ ATCP_LAST_ACK, "", false },
		{ ATCP_TIME_WAIT, "", false },
	};
	struct conn c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		CONN(&c, cases[i].state);
		SHUTDOWN(&c);
		EXPECT_PATH(&c, cases[i].path);
		if (cases[i].fin)
			EXPECT_SENDS(&c, .seq = OURS(0),
				     .flags = ATCP_ACK | ATCP_FIN);
		EXPECT_SILENCE(&c);
		conn_free(&c);
	}
}

/* 3.10.5: and ABORT. */
TEST(abort_in_each_state)
{
	static const struct {
		enum atcp_state state;
		bool reset;
		u32 seq;
	} cases[] = {
		{ ATCP_CLOSED, false },
		{ ATCP_SYN_SENT, false },
		{ ATCP_SYN_RECEIVED, true, OURS(0) },
		{ ATCP_ESTABLISHED, true, OURS(0) },
		{ ATCP_FIN_WAIT_1, true, OURS(1) },
		{ ATCP_FIN_WAIT_2, true, OURS(1) },
		{ ATCP_CLOSE_WAIT, true, OURS(0) },
		{ ATCP_CLOSING, false },
		{ ATCP_LAST_ACK, false },
		{ ATCP_TIME_WAIT, false },
	};
	struct conn c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		CONN(&c, cases[i].state);
		ABORT(&c);
		EXPECT_EQ(ATCP_CLOSED, c.tcb.state);
		if (cases[i].reset)
			EXPECT_SENDS(&c, .seq = cases[i].seq,
				     .flags = ATCP_RST | ATCP_ACK);
		EXPECT_SILENCE(&c);
		EXPECT_DEADLINE(&c, 0);
		EXPECT_EQ(ATCP_ERROR_NONE, c.tcb.error);
		conn_free(&c);
	}
}

TEST(abort_forgets_what_is_in_flight)
{
	struct conn c;

	CONN_WITH(&c, ATCP_ESTABLISHED, .options = ATCP_OPT_SACK_OK);
	SEND(&c, 5 * MSS);
	DRAIN(&c);
	ARRIVES(&c, .seq = PEER(100), .len = 100, .ack = OURS(0));
	ABORT(&c);
	EXPECT_EVENTS(&c, ATCP_EV_CLOSED);
	EXPECT_PATH(&c, "ESTABLISHED>CLOSED");
	EXPECT_EQ(NULL, atcp_range_first(&c.tcb.sendmap));
	EXPECT_EQ(NULL, atcp_range_first(&c.tcb.reassembly));
	conn_free(&c);
}

/* The FIN is behind all that was sent before CLOSE. */
TEST(close_after_send)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	SEND(&c, 100);
	SHUTDOWN(&c);
	EXPECT_SENDS(&c, .len = 100, .flags = ATCP_ACK | ATCP_PSH | ATCP_FIN);
	EXPECT_SILENCE(&c);
	EXPECT_EQ(ATCP_FIN_WAIT_1, c.tcb.state);
	/* The data alone acknowledged is no ACK of the FIN. */
	ARRIVES(&c, .ack = OURS(100));
	EXPECT_EQ(ATCP_FIN_WAIT_1, c.tcb.state);
	ARRIVES(&c, .ack = OURS(101));
	EXPECT_EQ(ATCP_FIN_WAIT_2, c.tcb.state);
	conn_free(&c);
}

/* Receiver's silly window avoidance, MUST-39: no update for a little. */
TEST(reading_a_little_says_nothing)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.rcv_space = 0;
	ARRIVES(&c, .len = BUF);
	EXPECT_SENDS(&c, .ack = PEER(BUF), WND(0));
	READ(&c, 500);
	EXPECT_SILENCE(&c);
	READ(&c, MSS - 1);
	EXPECT_SILENCE(&c);
	READ(&c, MSS);
	EXPECT_SENDS(&c, .ack = PEER(BUF), WND(MSS));
	EXPECT_SILENCE(&c);
	READ(&c, 2 * MSS);
	EXPECT_SENDS(&c, .ack = PEER(BUF), WND(2 * MSS));
	EXPECT_SILENCE(&c);
	/* The peer has room now: wait for half of the buffer. */
	READ(&c, 3 * MSS);
	EXPECT_SILENCE(&c);
	READ(&c, 2 * MSS + BUF / 2);
	EXPECT_SENDS(&c, .ack = PEER(BUF), WND(2 * MSS + BUF / 2));
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

TEST(a_small_buffer_updates_by_halves)
{
	struct conn c;

	CONN_WITH(&c, ATCP_ESTABLISHED, .rcv_buf = 600);
	c.tcb.rcv_space = 0;
	ARRIVES(&c, .len = 600);
	EXPECT_SENDS(&c, .ack = PEER(600), WND(0));
	READ(&c, 299);
	EXPECT_SILENCE(&c);
	READ(&c, 300);
	EXPECT_SENDS(&c, .ack = PEER(600), WND(300));
	conn_free(&c);
}

/* Who writes and waits shall not wait for our delayed ACK as well. */
TEST(what_was_pushed_is_acknowledged_once_all_is_read)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.quick_acks = 0;
	ARRIVES(&c, .len = 500, .flags = ATCP_ACK | ATCP_PSH);
	c.tcb.rcv_space = BUF - 500;
	EXPECT_SILENCE(&c);
	READ(&c, BUF - 100);
	EXPECT_SILENCE(&c);
	READ(&c, BUF);
	EXPECT_SENDS(&c, .ack = PEER(500));
	EXPECT_SILENCE(&c);
	READ(&c, BUF);
	EXPECT_SILENCE(&c);
	/* Where a reply is likely to carry the ACK, it waits. */
	SEND(&c, 10);
	DRAIN(&c);
	ARRIVES(&c, .len = 500, .flags = ATCP_ACK | ATCP_PSH);
	READ(&c, BUF);
	EXPECT_SILENCE(&c);
	EXPECT_DEADLINE(&c, c.now + MS(40));
	conn_free(&c);
}

/* SHLD-14: less space than was offered does not take the offer back. */
TEST(a_smaller_buffer_does_not_shrink_the_window)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	atcp_user_receive(&c.tcb, 100, 100);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .len = 1000);
	EXPECT_TAKEN(&c, PEER(0), PEER(1000));
	EXPECT_SENDS(&c, .ack = PEER(1000), WND(BUF - 1000));
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

TEST(after_the_peers_fin_reading_says_nothing)
{
	struct conn c;

	CONN(&c, ATCP_CLOSE_WAIT);
	c.tcb.rcv_space = 0;
	READ(&c, BUF);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* The peer's SYN closed the window; our SYN went there all the same. */
TEST(abort_before_a_window_was_offered)
{
	struct conn c;

	CONN(&c, ATCP_SYN_SENT);
	ARRIVES(&c, .seq = IRS, .flags = ATCP_SYN, .wnd = 0);
	DRAIN(&c);
	EXPECT_EQ(ATCP_SYN_RECEIVED, c.tcb.state);
	ABORT(&c);
	EXPECT_SENDS(&c, .seq = ISS + 1, .ack = IRS + 1,
		     .flags = ATCP_RST | ATCP_ACK);
	conn_free(&c);
}

/* SHLD-3: data for nobody is answered with a RST. */
TEST(data_for_an_orphan_is_reset)
{
	static const enum atcp_state states[] = { ATCP_FIN_WAIT_1,
						  ATCP_FIN_WAIT_2 };
	struct conn c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		CONN(&c, states[i]);
		ORPHAN(&c);
		ARRIVES(&c, .ack = c.tcb.snd_una, .len = 10);
		EXPECT_DROPPED(&c, SHUTDOWN);
		EXPECT_EQ(ATCP_CLOSED, c.tcb.state);
		EXPECT_SENDS(&c, .seq = OURS(1), .ack = PEER(0),
			     .flags = ATCP_RST | ATCP_ACK);
		EXPECT_SILENCE(&c);
		conn_free(&c);
	}
}

/* But not what it had received before, nor the FIN alone. */
TEST(an_orphan_still_closes)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .len = 10);
	DRAIN(&c);
	SHUTDOWN(&c);
	ORPHAN(&c);
	DRAIN(&c);
	ARRIVES(&c, .seq = PEER(0), .len = 10, .ack = OURS(1));
	EXPECT_DROPPED(&c, OLD_DATA);
	DRAIN(&c);
	ARRIVES(&c, .ack = OURS(1), .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_EQ(ATCP_TIME_WAIT, c.tcb.state);
	EXPECT_SENDS(&c, .seq = OURS(1), .ack = PEER(11));
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

UNIT_MAIN
