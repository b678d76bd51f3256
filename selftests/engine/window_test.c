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
/* The SYN that is not acknowledged yet lies before any window. */
TEST(acks_of_syn_received_start_after_the_syn)
{
	struct conn c;

	CONN_WITH(&c, ATCP_SYN_RECEIVED, .wnd = 0);
	ARRIVES(&c, .len = 100, .seq = PEER(BUF), .ack = OURS(0));
	EXPECT_SENDS(&c, .seq = OURS(0));
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

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

/* TCP_WINDOW_CLAMP: the edge stays where it was, and then within the clamp. */
TEST(a_clamp_limits_the_window)
{
	struct conn c;
	u32 at;

	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.settings.window_clamp = 5000;
	for (at = 0; at < 2 * BUF; at += 500) {
		u32 edge = c.tcb.rcv_adv;

		SPACE(&c, BUF);
		ARRIVES(&c, .len = 500);
		EXPECT_TAKEN(&c, PEER(at), PEER(at + 500));
		c.tcb.ack_now = true;
		EXPECT_SENDS(&c, .ack = PEER(at + 500));
		/* SHLD-14 */
		EXPECT_EQ(c.tcb.rcv_adv, c.tcb.rcv_nxt + c.out.wnd);
		if (c.tcb.rcv_adv != edge)
			EXPECT_EQ(5000, c.out.wnd);
	}
	EXPECT_LE(c.out.wnd, 5000);
	EXPECT_GE(c.out.wnd, 5000 - MSS);
	conn_free(&c);
}

/* Smaller than a segment: MUST-39 asks for half of the buffer then, and the
 * clamp is all there is of it.
 */
TEST(a_clamp_below_the_mss_opens_again)
{
	u32 clamp[] = { 1, 2, 100, 999, 1000, 1001 };
	struct conn c;
	unsigned int i;
	u32 at;

	for (i = 0; i < ARRAY_SIZE(clamp); i++) {
		CONN(&c, ATCP_ESTABLISHED);
		c.tcb.settings.window_clamp = clamp[i];
		SPACE(&c, BUF);
		ARRIVES(&c, .len = BUF);
		EXPECT_SENDS(&c, .ack = PEER(BUF), WND(clamp[i]));
		for (at = BUF; at < BUF + 10000; at += clamp[i]) {
			ARRIVES(&c, .len = clamp[i]);
			EXPECT_TAKEN(&c, PEER(at), PEER(at + clamp[i]));
			c.tcb.ack_now = true;
			EXPECT_SENDS(&c, .ack = PEER(at + clamp[i]),
				     WND(clamp[i]));
		}
		conn_free(&c);
	}
}

/* A scaled window cannot say less than its unit: that is offered then. */
TEST(a_clamp_below_the_scales_unit_opens_again)
{
	struct conn c;
	u32 at;

	CONN_WITH(&c, ATCP_ESTABLISHED, .options = ATCP_OPT_WSCALE, .wscale = 7,
		  .rcv_buf = 12800);
	c.tcb.settings.window_clamp = 10;
	ARRIVES(&c, .len = 12800);
	EXPECT_SENDS(&c, .ack = PEER(12800), WND(1));
	for (at = 12800; at < 13800; at += 128) {
		ARRIVES(&c, .len = 128);
		EXPECT_TAKEN(&c, PEER(at), PEER(at + 128));
		EXPECT_SENDS(&c, .ack = PEER(at + 128), WND(1));
	}
	conn_free(&c);
}

/* Set before, the SYN obeys it: the window starts small. */
TEST(a_clamp_holds_for_the_syn)
{
	const struct atcp_open open = { .iss = ISS,
					.sport = OUR_PORT,
					.dport = PEER_PORT,
					.rcv_buf = BUF,
					.advmss = MSS,
					.path_mss = MSS };
	struct conn c;

	conn_init(&c);
	c.tcb.settings.window_clamp = 3000;
	atcp_user_open(&c.tcb, &open, c.now);
	EXPECT_SENDS(&c, .seq = ISS, .flags = ATCP_SYN, WND(3000),
		     .options = ATCP_OPT_MSS, .mss = MSS);
	ARRIVES(&c, .seq = IRS, .flags = ATCP_SYN | ATCP_ACK);
	EXPECT_EQ(PEER(3000), c.tcb.rcv_adv);
	EXPECT_SENDS(&c, .ack = PEER(0), WND(3000));
	conn_free(&c);
}

/* An ACK's window is scaled, a SYN's is not: what was offered stays so. */
TEST(a_syn_ack_again_takes_no_scaled_window_back)
{
	struct conn c;

	CONN_WITH(&c, ATCP_SYN_RECEIVED, .options = ATCP_OPT_WSCALE,
		  .wscale = 4, .rcv_buf = 100000);
	ARRIVES(&c, .len = 100, .seq = PEER(200000));
	EXPECT_SENDS(&c, .seq = OURS(0), WND(100000 >> 4));
	TIMEOUT(&c, T0 + SEC(1));
	DRAIN(&c);
	EXPECT_EQ(U16_MAX, c.out.wnd);
	EXPECT_EQ(PEER(100000), c.tcb.rcv_adv);
	conn_free(&c);
}

/* What is read gives no room that could be offered: nothing is said. */
TEST(a_read_behind_a_clamp_is_no_news)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.settings.window_clamp = 2000;
	SPACE(&c, BUF);
	ARRIVES(&c, .len = BUF - 2000);
	DRAIN(&c);
	READ(&c, BUF);
	EXPECT_SILENCE(&c);
	/* But what closed the window is, when it opens it. */
	SPACE(&c, 0);
	ARRIVES(&c, .len = 2000);
	EXPECT_SENDS(&c, .ack = PEER(BUF), WND(0));
	READ(&c, BUF);
	EXPECT_SENDS(&c, .ack = PEER(BUF), WND(2000));
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* Nor does a large buffer without window scaling: 65535 is all it can say. */
TEST(a_read_behind_the_16_bits_is_no_news)
{
	struct conn c;

	CONN_WITH(&c, ATCP_ESTABLISHED, .rcv_buf = 1000000);
	EXPECT_EQ(PEER(65535), c.tcb.rcv_adv);
	SPACE(&c, 900000);
	ARRIVES(&c, .len = 2 * MSS);
	EXPECT_SENDS(&c, .ack = PEER(2 * MSS), WND(65535));
	READ(&c, 1000000);
	EXPECT_SILENCE(&c);
	conn_free(&c);

	/* Its half is a worthwhile step even if the MSS is almost all of it. */
	CONN_WITH(&c, ATCP_ESTABLISHED, .rcv_buf = 1000000, .mss = 65483);
	c.tcb.quick_acks = 0;
	SPACE(&c, 900000);
	ARRIVES(&c, .len = 40000);
	c.tcb.ack_now = true;
	EXPECT_SENDS(&c, .ack = PEER(40000), WND(65535));
	conn_free(&c);
}

UNIT_MAIN
