// SPDX-License-Identifier: GPL-2.0
/* The receive window, and sending into a closed one: RFC 9293 section 3.8.6. */
#include "unit.h"
#include "conn.h"

/* The user has read, or not: @space octets are free. */
#define SPACE(c, space) ((c)->tcb.rcv_space = (space))
#define READ(c, space)	atcp_user_receive(&(c)->tcb, space, (c)->tcb.rcv_buf)

/* In flight is one octet beyond the window, so SND.NXT is no number that the
 * peer would accept a segment with.
 */
static void with_probe(struct __test_metadata *_metadata, struct conn *c)
{
	CONN(c, ATCP_ESTABLISHED);
	ARRIVES(c, .wnd = 0);
	SEND(c, 100);
	EXPECT_SILENCE(c);
	TIMEOUT(c, atcp_deadline(&c->tcb));
	EXPECT_SENDS(c, .seq = OURS(0), .len = 1);
	EXPECT_SILENCE(c);
}

TEST(acks_stay_inside_a_closed_window)
{
	struct conn c;

	with_probe(_metadata, &c);
	ARRIVES(&c, .ack = OURS(0), .wnd = 0, .len = 2 * MSS);
	EXPECT_SENDS(&c, .seq = OURS(0), .ack = PEER(2 * MSS));
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

TEST(a_reset_stays_inside_a_closed_window)
{
	struct conn c;

	with_probe(_metadata, &c);
	ABORT(&c);
	EXPECT_SENDS(&c, .seq = OURS(0), .flags = ATCP_RST | ATCP_ACK);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* A FIN needs no room. */
TEST(a_fin_is_taken_with_the_window_closed)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	SPACE(&c, 0);
	ARRIVES(&c, .len = BUF);
	EXPECT_TAKEN(&c, PEER(0), PEER(BUF));
	EXPECT_SENDS(&c, .ack = PEER(BUF), WND(0));
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_SENDS(&c, .ack = PEER(BUF + 1), WND(0));
	EXPECT_SILENCE(&c);
	EXPECT_PATH(&c, "ESTABLISHED>CLOSE-WAIT");
	conn_free(&c);
}

/* MUST-66: with the window closed, ACKs and RSTs are still taken. */
TEST(an_ack_and_a_reset_are_taken_with_the_window_closed)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	SPACE(&c, 0);
	ARRIVES(&c, .len = BUF);
	EXPECT_SENDS(&c, .ack = PEER(BUF), WND(0));
	SEND(&c, 100);
	EXPECT_SENDS(&c, .len = 100, .flags = ATCP_ACK | ATCP_PSH);
	/* Also that on a segment of which no octet fits. */
	ARRIVES(&c, .len = 10);
	EXPECT_DROPPED(&c, OUT_OF_WINDOW);
	EXPECT_EQ(OURS(100), c.tcb.snd_una);
	EXPECT_SENDS(&c, .ack = PEER(BUF), WND(0));
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .flags = ATCP_RST);
	EXPECT_EQ(ATCP_CLOSED, c.tcb.state);
	conn_free(&c);
}

/* A window field counts 128 octets here. Whatever is left of a window that
 * cannot be said exactly is rounded up while the buffer has room for it, so
 * that the edge never moves left (SHLD-14); but octet by octet that would let
 * the edge creep on for ever, so a full buffer rounds down (RFC 7323 2.4).
 */
TEST(rounding_does_not_keep_a_scaled_window_open)
{
	u32 sent = 0, buf = 128 * 20;
	struct conn c;

	CONN_WITH(&c, ATCP_ESTABLISHED, .options = ATCP_OPT_WSCALE, .wscale = 7,
		  .rcv_buf = buf);
	do {
		ASSERT_LE(++sent, buf);
		SPACE(&c, buf - sent);
		ARRIVES(&c, .len = 1);
		EXPECT_TAKEN(&c, PEER(sent - 1), PEER(sent));
		DRAIN(&c);
		ARRIVES(&c, .len = 0);
		c.tcb.ack_now = true;
		EXPECT_SENDS(&c, .ack = PEER(sent));
	} while (c.out.wnd);
	EXPECT_GT(sent, buf - 128);
	/* What was once offered is still taken. */
	while (seq_lt(c.tcb.rcv_nxt, c.tcb.rcv_adv)) {
		ARRIVES(&c, .len = 1);
		EXPECT_EQ(ATCP_DROP_NONE, c.drop);
		DRAIN(&c);
	}
	EXPECT_LE(c.tcb.rcv_nxt - PEER(0), buf);
	conn_free(&c);
}

TEST(rounding_is_upwards_while_there_is_room)
{
	struct conn c;

	CONN_WITH(&c, ATCP_ESTABLISHED, .options = ATCP_OPT_WSCALE, .wscale = 7,
		  .rcv_buf = 12800);
	EXPECT_EQ(PEER(12800), c.tcb.rcv_adv);
	SPACE(&c, 12800);
	ARRIVES(&c, .len = 1);
	EXPECT_SENDS(&c, .ack = PEER(1), WND(100));
	EXPECT_EQ(PEER(12801), c.tcb.rcv_adv);
	conn_free(&c);
}

UNIT_MAIN
