// SPDX-License-Identifier: GPL-2.0
/* Active OPEN and segment arrival in SYN-SENT: RFC 9293 3.10.1, 3.10.7.3. */
#include "unit.h"
#include "conn.h"
#include "congestion.h"

FIXTURE(handshake)
{
	struct conn c;
};

FIXTURE_SETUP(handshake)
{
	CONN(&self->c, ATCP_SYN_SENT);
}

FIXTURE_TEARDOWN(handshake)
{
	conn_free(&self->c);
}

#define TEST_IN(name) TEST_F(handshake, name)
#define C	      (&self->c)

#define SYN_ACK .seq = IRS, .ack = OURS(0), .flags = ATCP_SYN | ATCP_ACK

static void open_with(struct conn *c, u8 options)
{
	const struct atcp_open open = {
		.iss = ISS,
		.ts_offset = 77,
		.rcv_buf = 100000,
		.sport = OUR_PORT,
		.dport = PEER_PORT,
		.advmss = 1460,
		.path_mss = 1460,
		.rcv_wscale = 3,
		.options = options,
	};

	conn_init(c);
	atcp_user_open(&c->tcb, &open, c->now);
}

/* MUST-14: every SYN has an MSS option (SHLD-5), the others if asked for. */
TEST(the_syn_offers_what_it_is_told)
{
	unsigned int options;
	struct conn c;

	for (options = 0; options < 32; options++) {
		if (options & (ATCP_OPT_MSS | ATCP_OPT_SACK))
			continue;
		open_with(&c, options);
		EXPECT_SENDS(&c, .seq = ISS, .flags = ATCP_SYN, WND(65535),
			     .options = ATCP_OPT_MSS | options, .mss = 1460,
			     .wscale = 3, .tsval = (T0 >> 10) + 77, .tsecr = 0);
		EXPECT_SILENCE(&c);
		EXPECT_DEADLINE(&c, T0 + SEC(1));
		EXPECT_PATH(&c, "CLOSED>SYN-SENT");
		conn_free(&c);
	}
}

TEST_IN(a_syn_ack_establishes)
{
	ARRIVES(C, SYN_ACK, .options = ATCP_OPT_MSS, .mss = MSS, .wnd = 7000);
	EXPECT_EQ(ATCP_DROP_NONE, C->drop);
	EXPECT_PATH(C, "SYN-SENT>ESTABLISHED");
	EXPECT_EVENTS(C, ATCP_EV_ESTABLISHED | ATCP_EV_ACKED);
	EXPECT_EQ(7000U, C->tcb.snd_wnd);
	EXPECT_SENDS(C, .seq = OURS(0), .ack = PEER(0), WND(BUF));
	EXPECT_SILENCE(C);
	EXPECT_DEADLINE(C, 0);
}

/* First: the ACK, in (ISS, SND.NXT], or else a reset. */
TEST_IN(a_wrong_ack_is_reset)
{
	static const u32 wrong[] = { ISS, ISS - 1, ISS + 2, ISS + 0x70000000 };
	struct atcp_segment rst;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct atcp_segment seg =
			FROM_PEER(C, SYN_ACK, .ack = wrong[i]);

		conn_arrives(_metadata, __LINE__, C, seg);
		EXPECT_DROPPED(C, BAD_ACK);
		ASSERT_TRUE(C->arrival.reset);
		ASSERT_TRUE(atcp_segment_reset(&seg, &rst));
		EXPECT_EQ(wrong[i], rst.seq);
		EXPECT_EQ(ATCP_RST, rst.flags);
		seg.flags = ATCP_ACK;
		conn_arrives(_metadata, __LINE__, C, seg);
		EXPECT_DROPPED(C, BAD_ACK);
		EXPECT_TRUE(C->arrival.reset);
	}
	EXPECT_SILENCE(C);
	EXPECT_EQ(ATCP_SYN_SENT, C->tcb.state);
}

TEST_IN(a_reset_with_a_wrong_ack_is_dropped)
{
	struct atcp_segment seg =
		FROM_PEER(C, .ack = OURS(1), .flags = ATCP_RST | ATCP_ACK);
	struct atcp_segment rst;

	conn_arrives(_metadata, __LINE__, C, seg);
	EXPECT_DROPPED(C, BAD_ACK);
	EXPECT_FALSE(atcp_segment_reset(&seg, &rst));
	EXPECT_EQ(ATCP_SYN_SENT, C->tcb.state);
}

/* Second: RST. */
TEST_IN(a_reset_with_the_right_ack_refuses)
{
	ARRIVES(C, .seq = 0, .ack = OURS(0), .flags = ATCP_RST | ATCP_ACK);
	EXPECT_EQ(ATCP_DROP_RESET, C->drop);
	EXPECT_PATH(C, "SYN-SENT>CLOSED");
	EXPECT_EQ(ATCP_ERROR_REFUSED, C->tcb.error);
	EXPECT_EVENTS(C, ATCP_EV_ERROR | ATCP_EV_CLOSED);
	EXPECT_SILENCE(C);
	EXPECT_DEADLINE(C, 0);
}

TEST_IN(a_reset_without_an_ack_is_dropped)
{
	ARRIVES(C, .seq = 0, .flags = ATCP_RST);
	EXPECT_DROPPED(C, BAD_FLAGS);
	ARRIVES(C, .seq = 0, .flags = ATCP_RST | ATCP_SYN);
	EXPECT_DROPPED(C, BAD_FLAGS);
	EXPECT_EQ(ATCP_SYN_SENT, C->tcb.state);
	EXPECT_SILENCE(C);
}

/* Fifth: neither SYN nor RST. */
TEST_IN(anything_else_is_dropped)
{
	ARRIVES(C, .ack = OURS(0), .len = 10);
	EXPECT_DROPPED(C, BAD_FLAGS);
	ARRIVES(C, .flags = ATCP_FIN);
	EXPECT_DROPPED(C, BAD_FLAGS);
	ARRIVES(C, .flags = 0, .len = 10);
	EXPECT_DROPPED(C, BAD_FLAGS);
	EXPECT_SILENCE(C);
	EXPECT_EQ(ATCP_SYN_SENT, C->tcb.state);
}

/* Fourth: text and FIN on the SYN-ACK are processed. */
TEST_IN(a_syn_ack_with_text_and_fin)
{
	ARRIVES(C, SYN_ACK, .len = 30);
	EXPECT_TAKEN(C, PEER(0), PEER(30));
	EXPECT_SENDS(C, .seq = OURS(0), .ack = PEER(30));
	EXPECT_SILENCE(C);
	conn_free(C);
	CONN(C, ATCP_SYN_SENT);
	ARRIVES(C, .seq = IRS, .ack = OURS(0), .len = 30,
		.flags = ATCP_SYN | ATCP_ACK | ATCP_FIN);
	EXPECT_TAKEN(C, PEER(0), PEER(30));
	EXPECT_PATH(C, "SYN-SENT>ESTABLISHED>CLOSE-WAIT");
	EXPECT_EVENTS(C, ATCP_EV_ESTABLISHED | ATCP_EV_ACKED | ATCP_EV_DATA |
				 ATCP_EV_EOF);
	EXPECT_SENDS(C, .seq = OURS(0), .ack = PEER(31));
	EXPECT_SILENCE(C);
}

TEST_IN(data_queued_before_goes_with_the_ack)
{
	SEND(C, 100);
	EXPECT_SILENCE(C);
	ARRIVES(C, SYN_ACK, .wnd = 5000);
	EXPECT_SENDS(C, .seq = OURS(0), .ack = PEER(0), .len = 100,
		     .flags = ATCP_ACK | ATCP_PSH);
	EXPECT_SILENCE(C);
}

/* MUST-15: 536 if there is no MSS option; MUST-16: the smaller of both ends. */
TEST_IN(the_mss_follows_from_both_ends)
{
	ARRIVES(C, SYN_ACK);
	EXPECT_EQ(536U, C->tcb.mss);
	EXPECT_EQ(10 * 536U, C->tcb.cwnd);
	conn_free(C);
	CONN_WITH(C, ATCP_ESTABLISHED, .mss = 700);
	EXPECT_EQ(700U, C->tcb.mss);
	atcp_tcb_path_mss(&C->tcb, 600);
	EXPECT_EQ(600U, C->tcb.mss);
	atcp_tcb_path_mss(&C->tcb, 1460);
	EXPECT_EQ(700U, C->tcb.mss);
}

/* RFC 6691: the option is without, the segments are less the timestamps. */
TEST_IN(timestamps_take_their_room)
{
	conn_free(C);
	CONN_WITH(C, ATCP_ESTABLISHED, .options = ATCP_OPT_TS);
	EXPECT_EQ(MSS - 12, C->tcb.mss);
}

TEST_IN(a_silly_mss_is_not_believed)
{
	ARRIVES(C, SYN_ACK, .options = ATCP_OPT_MSS, .mss = 0);
	EXPECT_EQ(48U, C->tcb.mss);
}

/* RFC 7323 1.3, RFC 2018 2: used is what both ends offered. */
TEST(each_option_is_used_if_both_offer_it)
{
	static const struct {
		u8 option;
		u16 use;
	} pairs[] = { { ATCP_OPT_TS, ATCP_USE_TS },
		      { ATCP_OPT_SACK_OK, ATCP_USE_SACK },
		      { ATCP_OPT_WSCALE, ATCP_USE_WSCALE } };
	unsigned int ours, theirs, i;
	struct conn c;

	for (ours = 0; ours < 32; ours++) {
		for (theirs = 0; theirs < 32; theirs++) {
			if ((ours | theirs) & (ATCP_OPT_MSS | ATCP_OPT_SACK))
				continue;
			CONN_WITH(&c, ATCP_ESTABLISHED, .options = ours,
				  .peer_options = theirs | ATCP_OPT_MSS,
				  .wscale = 5);
			for (i = 0; i < ARRAY_SIZE(pairs); i++)
				EXPECT_EQ(!!(ours & theirs & pairs[i].option),
					  !!(c.tcb.use & pairs[i].use));
			EXPECT_EQ(ours & theirs & ATCP_OPT_WSCALE ? 5 : 0,
				  c.tcb.snd_wscale);
			EXPECT_EQ(ours & theirs & ATCP_OPT_WSCALE ? 5 : 0,
				  c.tcb.rcv_wscale);
			conn_free(&c);
		}
	}
}

/* RFC 7323 2.2: the window of a SYN is never scaled, all others are. REC-1: in
 * 32 bits.
 */
TEST(windows_are_scaled_but_in_syns)
{
	struct conn c;

	CONN_WITH(&c, ATCP_ESTABLISHED, .options = ATCP_OPT_WSCALE, .wscale = 4,
		  .wnd = 1000, .rcv_buf = 200000);
	EXPECT_EQ(1000U, c.tcb.snd_wnd);
	EXPECT_EQ(200000U >> 4, c.out.wnd);
	ARRIVES(&c, .wnd = 1000);
	EXPECT_EQ(16000U, c.tcb.snd_wnd);
	conn_free(&c);
}

/* RFC 9293 3.8.6, SHLD-14: what our SYN offered stays, whatever the user does to
 * its buffer before the answer comes: such text is in the window.
 */
TEST(the_window_of_the_syn_is_kept)
{
	struct conn c;

	CONN(&c, ATCP_SYN_SENT);
	c.tcb.settings.window_clamp = 1000;
	ARRIVES(&c, SYN_ACK);
	EXPECT_EQ(BUF, atcp_rcv_wnd(&c.tcb));
	EXPECT_SENDS(&c, .seq = OURS(0), WND(BUF));
	ARRIVES(&c, .seq = PEER(2000), .len = 500);
	EXPECT_TAKEN(&c, PEER(2000), PEER(2500));
	DRAIN(&c);
	conn_free(&c);
}

/* Nor does the SYN-ACK of a simultaneous open, or a SYN again, take it back. */
TEST(a_syn_again_offers_no_less)
{
	struct conn c;

	CONN(&c, ATCP_SYN_SENT);
	atcp_user_receive(&c.tcb, 1000, 1000);
	TIMEOUT(&c, T0 + SEC(1));
	EXPECT_SENDS(&c, .seq = ISS, .ack = 0, .flags = ATCP_SYN,
		     .options = ATCP_OPT_MSS, .mss = MSS, WND(BUF));
	ARRIVES(&c, .seq = IRS, .flags = ATCP_SYN);
	EXPECT_SENDS(&c, .seq = ISS, .flags = ATCP_SYN | ATCP_ACK,
		     .options = ATCP_OPT_MSS, .mss = MSS, WND(BUF));
	DRAIN(&c);
	conn_free(&c);
}

/* RFC 6298 section 2: the handshake is a sample, if the SYN went once. */
TEST(the_handshake_is_an_rtt_sample)
{
	struct conn c;

	CONN(&c, ATCP_SYN_SENT);
	c.now += MS(300);
	ARRIVES(&c, SYN_ACK);
	EXPECT_EQ(MS(300), c.tcb.srtt_us);
	EXPECT_EQ(ATCP_INITIAL_WINDOW * 536, c.tcb.cwnd);
	conn_free(&c);
}

/* RFC 6298 3 and 5.7: of a SYN sent twice nobody knows, so 3 s from there on.
 * RFC 6928: nor does it start with ten segments.
 */
TEST(a_syn_sent_twice_is_no_sample)
{
	struct conn c;

	CONN(&c, ATCP_SYN_SENT);
	TIMEOUT(&c, T0 + SEC(1));
	EXPECT_SENDS(&c, .seq = ISS, .flags = ATCP_SYN, .options = ATCP_OPT_MSS,
		     .mss = MSS);
	c.now += MS(300);
	ARRIVES(&c, SYN_ACK, .options = ATCP_OPT_MSS, .mss = MSS);
	EXPECT_EQ(0U, c.tcb.srtt_us);
	EXPECT_EQ(SEC(3), c.tcb.rto_us);
	EXPECT_EQ(MSS, c.tcb.cwnd);
	conn_free(&c);
}

/* But timestamps say which one it was. */
TEST(a_syn_sent_twice_with_timestamps_is_a_sample)
{
	struct conn c;
	u32 sent;

	CONN_WITH(&c, ATCP_SYN_SENT, .options = ATCP_OPT_TS);
	TIMEOUT(&c, T0 + SEC(1));
	DRAIN(&c);
	sent = atcp_timestamp(&c.tcb, c.now);
	c.now += 300 * 1024;
	ARRIVES(&c, SYN_ACK, .options = ATCP_OPT_TS, .tsval = 5, .tsecr = sent);
	EXPECT_EQ(300U * 1024, c.tcb.srtt_us);
	conn_free(&c);
}

/* CLOSE in SYN-SENT deletes the TCB, 3.10.4; so does ABORT, without a RST. */
TEST_IN(close_and_abort_delete)
{
	SHUTDOWN(C);
	EXPECT_PATH(C, "SYN-SENT>CLOSED");
	EXPECT_SILENCE(C);
	conn_free(C);
	CONN(C, ATCP_SYN_SENT);
	ABORT(C);
	EXPECT_PATH(C, "SYN-SENT>CLOSED");
	EXPECT_SILENCE(C);
}

UNIT_MAIN
