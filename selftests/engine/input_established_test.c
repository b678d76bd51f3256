// SPDX-License-Identifier: GPL-2.0
/* Segment arrival in ESTABLISHED: RFC 9293 section 3.10.7.4, in its order. */
#include "unit.h"
#include "conn.h"

FIXTURE(input_established)
{
	struct conn c;
};

FIXTURE_SETUP(input_established)
{
	CONN(&self->c, ATCP_ESTABLISHED);
}

FIXTURE_TEARDOWN(input_established)
{
	conn_free(&self->c);
}

#define TEST_IN(name) TEST_F(input_established, name)
#define C	      (&self->c)

/* First: the sequence number. The four cases of 3.10.7.4 with RCV.WND > 0. */

TEST_IN(an_ack_in_sequence_is_taken)
{
	ARRIVES(C, .len = 0);
	EXPECT_EQ(ATCP_DROP_NONE, C->drop);
	EXPECT_SILENCE(C);
	EXPECT_DEADLINE(C, 0);
}

TEST_IN(an_empty_segment_is_taken_anywhere_in_the_window)
{
	ARRIVES(C, .seq = PEER(BUF - 1));
	EXPECT_EQ(ATCP_DROP_NONE, C->drop);
	ARRIVES(C, .seq = PEER(BUF));
	EXPECT_EQ(ATCP_DROP_NONE, C->drop);
	EXPECT_SILENCE(C);
}

/* 3.5.2: an unacceptable segment is answered with an ACK. */
TEST_IN(what_is_beyond_the_window_is_answered)
{
	ARRIVES(C, .seq = PEER(BUF + 1));
	EXPECT_DROPPED(C, OUT_OF_WINDOW);
	EXPECT_SENDS(C, .seq = OURS(0), .ack = PEER(0), WND(BUF));
	EXPECT_SILENCE(C);
	ARRIVES(C, .seq = PEER(BUF + 1), .len = 1);
	EXPECT_DROPPED(C, OUT_OF_WINDOW);
	EXPECT_SENDS(C, .seq = OURS(0), .ack = PEER(0), WND(BUF));
	EXPECT_SILENCE(C);
}

TEST_IN(what_is_before_the_window_is_answered)
{
	ARRIVES(C, .len = 100);
	EXPECT_SENDS(C, .ack = PEER(100));
	ARRIVES(C, .seq = PEER(0), .len = 100);
	EXPECT_DROPPED(C, OLD_DATA);
	EXPECT_SENDS(C, .ack = PEER(100));
	EXPECT_SILENCE(C);
	/* A keep-alive starts one before, with an octet or without. */
	ARRIVES(C, .seq = PEER(99), .len = 1);
	EXPECT_DROPPED(C, OLD_DATA);
	EXPECT_SENDS(C, .ack = PEER(100));
	EXPECT_SILENCE(C);
	ARRIVES(C, .seq = PEER(99));
	EXPECT_DROPPED(C, OLD_DATA);
	EXPECT_SENDS(C, .ack = PEER(100));
	EXPECT_SILENCE(C);
}

/* Or two ends that disagree would never be quiet again. */
TEST_IN(unacceptable_acks_are_answered_twice_a_second_at_most)
{
	unsigned int ms, answers = 0;

	for (ms = 0; ms < 2000; ms += 10) {
		ARRIVES(C, .seq = PEER(-5));
		EXPECT_DROPPED(C, OLD_DATA);
		answers += atcp_next_segment(&C->tcb, C->now, &C->out);
		EXPECT_SILENCE(C);
		C->now += MS(10);
	}
	EXPECT_EQ(4U, answers);
}

/* Two ends of which each acknowledges what the other never sent. */
TEST_IN(acks_of_the_unsent_are_answered_twice_a_second_at_most)
{
	unsigned int ms, answers = 0;

	for (ms = 0; ms < 2000; ms += 10) {
		ARRIVES(C, .ack = OURS(1));
		EXPECT_DROPPED(C, BAD_ACK);
		answers += atcp_next_segment(&C->tcb, C->now, &C->out);
		EXPECT_SILENCE(C);
		C->now += MS(10);
	}
	EXPECT_EQ(4U, answers);
}

/* RFC 5961 3.2: also one at the right edge, or whose text begins too early. */
TEST_IN(a_reset_beyond_the_window_is_not_answered)
{
	static const u32 outside[] = { BUF + 1, BUF, -1, -5 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(outside); i++) {
		ARRIVES(C, .seq = PEER(outside[i]), .len = 10,
			.flags = ATCP_RST);
		EXPECT_DROPPED(C, OUT_OF_WINDOW);
	}
	EXPECT_SILENCE(C);
	EXPECT_EQ(ATCP_ESTABLISHED, C->tcb.state);
}

/* A.2: from the right edge an ACK is taken, and text is not. */
TEST_IN(text_at_the_right_edge_is_answered_and_dropped)
{
	SEND(C, 100);
	EXPECT_SENDS(C, .len = 100, .flags = ATCP_ACK | ATCP_PSH);
	ARRIVES(C, .seq = PEER(BUF), .ack = OURS(100), .len = 1);
	EXPECT_DROPPED(C, OUT_OF_WINDOW);
	EXPECT_EQ(OURS(0), C->tcb.snd_una);
	EXPECT_SENDS(C, .seq = OURS(100));
	ARRIVES(C, .seq = PEER(BUF), .ack = OURS(100));
	EXPECT_EQ(OURS(100), C->tcb.snd_una);
	EXPECT_SILENCE(C);
}

/* Text that starts before the window or ends after it is cut. */
TEST_IN(text_is_cut_to_the_window)
{
	ARRIVES(C, .seq = PEER(-50), .len = 150);
	EXPECT_TAKEN(C, PEER(0), PEER(100));
	EXPECT_SENDS(C, .ack = PEER(100));
	C->tcb.rcv_space = 0;
	ARRIVES(C, .len = BUF);
	EXPECT_TAKEN(C, PEER(100), C->tcb.rcv_adv);
	EXPECT_EQ(C->tcb.rcv_adv, C->tcb.rcv_nxt);
	EXPECT_SENDS(C, WND(0));
	EXPECT_SILENCE(C);
}

/* A FIN behind the cut comes again. */
TEST_IN(a_fin_beyond_the_window_is_cut_off)
{
	ARRIVES(C, .len = BUF, .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_TAKEN(C, PEER(0), PEER(BUF));
	EXPECT_EQ(ATCP_ESTABLISHED, C->tcb.state);
	EXPECT_SENDS(C, .ack = PEER(BUF));
	ARRIVES(C, .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_EQ(ATCP_CLOSE_WAIT, C->tcb.state);
}

/* Second: RST. RFC 5961 section 3.2: exact, or not at all. */

TEST_IN(an_exact_reset_ends_the_connection)
{
	ARRIVES(C, .flags = ATCP_RST);
	EXPECT_EQ(ATCP_DROP_RESET, C->drop);
	EXPECT_PATH(C, "ESTABLISHED>CLOSED");
	EXPECT_EQ(ATCP_ERROR_RESET, C->tcb.error);
	EXPECT_EVENTS(C, ATCP_EV_ERROR | ATCP_EV_CLOSED);
	EXPECT_SILENCE(C);
	EXPECT_DEADLINE(C, 0);
}

TEST_IN(a_reset_with_an_ack_is_a_reset)
{
	ARRIVES(C, .flags = ATCP_RST | ATCP_ACK, .ack = OURS(5000));
	EXPECT_EQ(ATCP_DROP_RESET, C->drop);
	EXPECT_EQ(ATCP_CLOSED, C->tcb.state);
}

TEST_IN(an_inexact_reset_is_challenged)
{
	ARRIVES(C, .seq = PEER(1), .flags = ATCP_RST);
	EXPECT_DROPPED(C, CHALLENGED);
	EXPECT_SENDS(C, .seq = OURS(0), .ack = PEER(0));
	EXPECT_SILENCE(C);
	EXPECT_EQ(ATCP_ESTABLISHED, C->tcb.state);
}

/* Fourth: SYN. RFC 5961 section 4.2. */

TEST_IN(a_syn_in_the_window_is_challenged)
{
	ARRIVES(C, .seq = PEER(10), .flags = ATCP_SYN);
	EXPECT_DROPPED(C, CHALLENGED);
	EXPECT_SENDS(C, .seq = OURS(0), .ack = PEER(0));
	EXPECT_SILENCE(C);
	EXPECT_EQ(ATCP_ESTABLISHED, C->tcb.state);
}

TEST_IN(the_syn_ack_again_is_acknowledged_again)
{
	ARRIVES(C, .seq = IRS, .flags = ATCP_SYN | ATCP_ACK);
	EXPECT_DROPPED(C, OLD_DATA);
	EXPECT_SENDS(C, .seq = OURS(0), .ack = PEER(0));
	EXPECT_SILENCE(C);
}

/* Fifth: the ACK field. */

TEST_IN(a_segment_without_ack_is_dropped)
{
	ARRIVES(C, .flags = 0, .len = 10);
	EXPECT_DROPPED(C, BAD_FLAGS);
	ARRIVES(C, .flags = ATCP_FIN);
	EXPECT_DROPPED(C, BAD_FLAGS);
	ARRIVES(C, .flags = ATCP_URG | ATCP_PSH, .len = 10);
	EXPECT_DROPPED(C, BAD_FLAGS);
	EXPECT_SILENCE(C);
	EXPECT_EQ(PEER(0), C->tcb.rcv_nxt);
}

TEST_IN(an_ack_of_the_unsent_is_answered_and_its_text_dropped)
{
	SEND(C, 100);
	EXPECT_SENDS(C, .len = 100, .flags = ATCP_ACK | ATCP_PSH);
	ARRIVES(C, .ack = OURS(101), .len = 10);
	EXPECT_DROPPED(C, BAD_ACK);
	EXPECT_SENDS(C, .seq = OURS(100), .ack = PEER(0));
	EXPECT_SILENCE(C);
	EXPECT_EQ(OURS(0), C->tcb.snd_una);
}

/* RFC 5961 section 5.2. */
TEST_IN(an_ack_older_than_the_largest_window_is_answered)
{
	ARRIVES(C, .ack = OURS(0) - PEER_WND - 1, .len = 10);
	EXPECT_DROPPED(C, OLD_ACK);
	EXPECT_SENDS(C, .seq = OURS(0), .ack = PEER(0));
	EXPECT_SILENCE(C);
	ARRIVES(C, .ack = OURS(0) - PEER_WND, .len = 10);
	EXPECT_TAKEN(C, PEER(0), PEER(10));
}

TEST_IN(an_ack_moves_snd_una)
{
	SEND(C, 300);
	EXPECT_SENDS(C, .len = 300, .flags = ATCP_ACK | ATCP_PSH);
	ARRIVES(C, .ack = OURS(120));
	EXPECT_EQ(OURS(120), C->tcb.snd_una);
	EXPECT_EVENTS(C, ATCP_EV_ACKED);
	ARRIVES(C, .ack = OURS(120));
	EXPECT_EVENTS(C, 0);
	/* An older one says nothing. */
	ARRIVES(C, .ack = OURS(0), .len = 1);
	EXPECT_EQ(OURS(120), C->tcb.snd_una);
	EXPECT_EQ(ATCP_DROP_NONE, C->drop);
	ARRIVES(C, .ack = OURS(300));
	EXPECT_EQ(OURS(300), C->tcb.snd_una);
	EXPECT_EQ(0, C->tcb.timers[ATCP_TIMER_RETRANSMIT]);
}

/* SND.WL1: an older segment has nothing to say on the window. */
TEST_IN(the_window_follows_the_newest_segment)
{
	ARRIVES(C, .len = 10, .wnd = 5000);
	EXPECT_EQ(5000U, C->tcb.snd_wnd);
	ARRIVES(C, .seq = PEER(5), .len = 5, .wnd = 4000);
	ARRIVES(C, .seq = PEER(5), .len = 15, .wnd = 3000);
	EXPECT_EQ(3000U, C->tcb.snd_wnd);
	ARRIVES(C, .seq = PEER(20), .wnd = 2000);
	EXPECT_EQ(2000U, C->tcb.snd_wnd);
	ARRIVES(C, .seq = PEER(15), .len = 10, .wnd = 9000);
	EXPECT_EQ(2000U, C->tcb.snd_wnd);
}

TEST_IN(the_window_follows_the_newest_ack)
{
	SEND(C, 1000);
	EXPECT_SENDS(C, .len = 1000, .flags = ATCP_ACK | ATCP_PSH);
	ARRIVES(C, .ack = OURS(600), .wnd = 5000);
	EXPECT_EQ(5000U, C->tcb.snd_wnd);
	ARRIVES(C, .ack = OURS(500), .wnd = 6000);
	EXPECT_EQ(5000U, C->tcb.snd_wnd);
	ARRIVES(C, .ack = OURS(600), .wnd = 7000);
	EXPECT_EQ(7000U, C->tcb.snd_wnd);
}

/*
 * A peer that sends old data again says the newest of the window with it: the
 * right edge must not move on with SND.UNA alone.
 */
TEST_IN(new_data_acknowledged_always_brings_the_window)
{
	SEND(C, 1000);
	EXPECT_SENDS(C, .len = 1000, .flags = ATCP_ACK | ATCP_PSH);
	ARRIVES(C, .seq = PEER(100), .len = 100, .ack = OURS(0));
	EXPECT_SENDS(C, .ack = PEER(0));
	ARRIVES(C, .seq = PEER(0), .len = 100, .ack = OURS(1000),
		.wnd = PEER_WND - 1000);
	EXPECT_EQ(OURS(1000), C->tcb.snd_una);
	EXPECT_EQ(PEER_WND - 1000U, C->tcb.snd_wnd);
	/* The older segment, once more, does not bring the older window. */
	ARRIVES(C, .seq = PEER(200), .ack = OURS(0));
	EXPECT_EQ(PEER_WND - 1000U, C->tcb.snd_wnd);
}

/* Sixth: urgent data stays in line (RFC 6093). */
TEST_IN(urgent_text_is_text)
{
	ARRIVES(C, .len = 10, .flags = ATCP_ACK | ATCP_URG, .urg = 5);
	EXPECT_TAKEN(C, PEER(0), PEER(10));
}

/* Seventh: text. */

TEST_IN(text_in_order_is_delivered)
{
	ARRIVES(C, .len = 100);
	EXPECT_TAKEN(C, PEER(0), PEER(100));
	EXPECT_EVENTS(C, ATCP_EV_DATA);
	EXPECT_SENDS(C, .seq = OURS(0), .ack = PEER(100));
	EXPECT_SILENCE(C);
}

/* SHLD-31: what is out of order is kept. */
TEST_IN(text_out_of_order_is_kept_and_answered)
{
	ARRIVES(C, .seq = PEER(100), .len = 100);
	EXPECT_TAKEN(C, PEER(100), PEER(200));
	EXPECT_EVENTS(C, 0);
	EXPECT_SENDS(C, .ack = PEER(0));
	EXPECT_SILENCE(C);
	ARRIVES(C, .len = 100);
	EXPECT_TAKEN(C, PEER(0), PEER(100));
	EXPECT_EQ(PEER(200), C->tcb.rcv_nxt);
	EXPECT_EVENTS(C, ATCP_EV_DATA);
	EXPECT_SENDS(C, .ack = PEER(200));
	EXPECT_SILENCE(C);
}

TEST_IN(text_that_overlaps_what_is_kept_is_kept_once_more)
{
	ARRIVES(C, .seq = PEER(100), .len = 100);
	EXPECT_SENDS(C, .ack = PEER(0));
	ARRIVES(C, .seq = PEER(150), .len = 100);
	EXPECT_TAKEN(C, PEER(150), PEER(250));
	EXPECT_SENDS(C, .ack = PEER(0));
	ARRIVES(C, .seq = PEER(120), .len = 100);
	EXPECT_DROPPED(C, OLD_DATA);
	EXPECT_SENDS(C, .ack = PEER(0));
	ARRIVES(C, .len = 120);
	EXPECT_EQ(PEER(250), C->tcb.rcv_nxt);
	EXPECT_SENDS(C, .ack = PEER(250));
	EXPECT_SILENCE(C);
}

TEST_IN(text_without_room_is_answered_and_comes_again)
{
	ARRIVES(C, .len = 100, .no_room = true);
	EXPECT_DROPPED(C, MEMORY);
	EXPECT_EQ(PEER(0), C->tcb.rcv_nxt);
	EXPECT_SENDS(C, .ack = PEER(0));
	EXPECT_SILENCE(C);
	ARRIVES(C, .len = 100);
	EXPECT_TAKEN(C, PEER(0), PEER(100));
}

/* MUST-40: an ACK within 0.5 s, SHLD-18: delayed it may be. */
TEST_IN(an_ack_is_delayed_by_40_ms)
{
	C->tcb.quick_acks = 0;
	ARRIVES(C, .len = MSS);
	EXPECT_SILENCE(C);
	TIMEOUT(C, T0 + MS(40));
	EXPECT_SENDS(C, .ack = PEER(MSS));
	EXPECT_SILENCE(C);
	EXPECT_DEADLINE(C, 0);
}

/* SHLD-19: every second full-sized segment at least. */
TEST_IN(every_second_full_segment_is_acknowledged_at_once)
{
	unsigned int i;

	C->tcb.quick_acks = 0;
	for (i = 0; i < 10; i++) {
		ARRIVES(C, .len = MSS);
		EXPECT_SILENCE(C);
		ARRIVES(C, .len = MSS);
		EXPECT_SENDS(C, .ack = PEER(2 * MSS * (i + 1)));
		EXPECT_SILENCE(C);
	}
}

/* Small ones are none, but two of the path's full size are, however small. */
TEST_IN(what_is_full_is_learnt_from_the_peer)
{
	C->tcb.quick_acks = 0;
	ARRIVES(C, .len = 10);
	ARRIVES(C, .len = 10);
	EXPECT_SILENCE(C);
	ARRIVES(C, .len = 700);
	EXPECT_SILENCE(C);
	ARRIVES(C, .len = 700);
	EXPECT_SENDS(C, .ack = PEER(1420));
	ARRIVES(C, .len = 690);
	EXPECT_SILENCE(C);
	ARRIVES(C, .len = 700);
	EXPECT_SILENCE(C);
	ARRIVES(C, .len = 10);
	EXPECT_SENDS(C, .ack = PEER(2820));
	EXPECT_SILENCE(C);
}

/* Two segments that the receiver's device has merged were two. */
TEST_IN(a_merged_segment_is_acknowledged_at_once)
{
	C->tcb.quick_acks = 0;
	ARRIVES(C, .len = 2 * MSS);
	EXPECT_SENDS(C, .ack = PEER(2 * MSS));
	ARRIVES(C, .len = MSS);
	EXPECT_SILENCE(C);
	ARRIVES(C, .len = MSS);
	EXPECT_SENDS(C, .ack = PEER(4 * MSS));
	EXPECT_SILENCE(C);
}

/* With timestamps a full segment is twelve octets smaller than our MSS. */
TEST(full_segments_with_timestamps_are_counted_as_full)
{
	struct conn c;

	CONN_WITH(&c, ATCP_ESTABLISHED, .options = ATCP_OPT_TS);
	c.tcb.quick_acks = 0;
	ARRIVES(&c, .len = 2 * (MSS - 12));
	DRAIN(&c);
	ARRIVES(&c, .len = MSS - 12);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .len = MSS - 12);
	EXPECT_SENDS(&c, .ack = PEER(4 * (MSS - 12)), .options = ATCP_OPT_TS,
		     .tsval = atcp_timestamp(&c.tcb, c.now), .tsecr = 100);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

TEST_IN(the_first_segments_are_acknowledged_at_once)
{
	unsigned int i;

	for (i = 1; i <= 16; i++) {
		ARRIVES(C, .len = 10);
		EXPECT_SENDS(C, .ack = PEER(10 * i));
		EXPECT_SILENCE(C);
	}
	ARRIVES(C, .len = 10);
	EXPECT_SILENCE(C);
}

/* An ACK rides on data that goes out anyway. */
TEST_IN(data_carries_the_ack)
{
	ARRIVES(C, .len = 10);
	SEND(C, 20);
	EXPECT_SENDS(C, .len = 20, .ack = PEER(10),
		     .flags = ATCP_ACK | ATCP_PSH);
	EXPECT_SILENCE(C);
}

/* RFC 5681 4.2: what fills a hole, all or a part, is acknowledged at once. */
TEST_IN(filling_a_hole_is_acknowledged_at_once)
{
	C->tcb.quick_acks = 0;
	ARRIVES(C, .seq = PEER(200), .len = 100);
	EXPECT_SENDS(C, .ack = PEER(0));
	ARRIVES(C, .len = 100);
	EXPECT_SENDS(C, .ack = PEER(100));
	ARRIVES(C, .len = 100);
	EXPECT_SENDS(C, .ack = PEER(300));
	EXPECT_SILENCE(C);
}

/* Eighth: FIN. */

TEST_IN(a_fin_is_acknowledged_at_once)
{
	C->tcb.quick_acks = 0;
	ARRIVES(C, .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_PATH(C, "ESTABLISHED>CLOSE-WAIT");
	EXPECT_EVENTS(C, ATCP_EV_EOF);
	EXPECT_SENDS(C, .seq = OURS(0), .ack = PEER(1));
	EXPECT_SILENCE(C);
	EXPECT_DEADLINE(C, 0);
}

TEST_IN(a_fin_with_text)
{
	ARRIVES(C, .len = 100, .flags = ATCP_ACK | ATCP_FIN | ATCP_PSH);
	EXPECT_TAKEN(C, PEER(0), PEER(100));
	EXPECT_EVENTS(C, ATCP_EV_DATA | ATCP_EV_EOF);
	EXPECT_PATH(C, "ESTABLISHED>CLOSE-WAIT");
	EXPECT_SENDS(C, .ack = PEER(101));
	EXPECT_SILENCE(C);
}

TEST_IN(a_fin_that_comes_before_its_text_waits)
{
	ARRIVES(C, .seq = PEER(100), .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_EQ(ATCP_ESTABLISHED, C->tcb.state);
	EXPECT_EVENTS(C, 0);
	EXPECT_SENDS(C, .ack = PEER(0));
	ARRIVES(C, .len = 50);
	EXPECT_EQ(ATCP_ESTABLISHED, C->tcb.state);
	EXPECT_SENDS(C, .ack = PEER(50));
	ARRIVES(C, .len = 50);
	EXPECT_PATH(C, "ESTABLISHED>CLOSE-WAIT");
	EXPECT_SENDS(C, .ack = PEER(101));
	EXPECT_SILENCE(C);
}

TEST_IN(a_fin_with_text_out_of_order_waits)
{
	ARRIVES(C, .seq = PEER(100), .len = 50, .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_TAKEN(C, PEER(100), PEER(150));
	EXPECT_SENDS(C, .ack = PEER(0));
	ARRIVES(C, .len = 100);
	EXPECT_EVENTS(C, ATCP_EV_DATA | ATCP_EV_EOF);
	EXPECT_PATH(C, "ESTABLISHED>CLOSE-WAIT");
	EXPECT_SENDS(C, .ack = PEER(151));
	EXPECT_SILENCE(C);
}

/* A crossing of all flags: nothing worse than a challenge. */
TEST_IN(all_flags_at_once_are_a_reset)
{
	ARRIVES(C, .seq = PEER(5), .flags = 0x3f, .len = 10);
	EXPECT_DROPPED(C, CHALLENGED);
	EXPECT_EQ(ATCP_ESTABLISHED, C->tcb.state);
	ARRIVES(C, .flags = 0x3f, .len = 10);
	EXPECT_EQ(ATCP_DROP_RESET, C->drop);
}

/* Closed one way only, the stream is still taken, as by every BSD socket. */
TEST_IN(text_without_a_reader_is_taken)
{
	C->tcb.use |= ATCP_NO_READER;
	ARRIVES(C, .len = 100);
	EXPECT_TAKEN(C, PEER(0), PEER(100));
	EXPECT_EQ(ATCP_ESTABLISHED, C->tcb.state);
}

UNIT_MAIN
