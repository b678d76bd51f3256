// SPDX-License-Identifier: GPL-2.0
/* Urgent data, both ways: RFC 9293 section 3.8.5, RFC 6093. MUST-30. */
#include "unit.h"
#include "conn.h"

/* The last octet of what the user sends is urgent. */
#define SEND_URGENT(c, octets)                                                 \
	do {                                                                   \
		SEND(c, octets);                                               \
		atcp_user_urgent(&(c)->tcb);                                   \
	} while (0)

#define URG  (ATCP_ACK | ATCP_URG)
#define PURG (ATCP_ACK | ATCP_URG | ATCP_PSH)
#define PUSH (ATCP_ACK | ATCP_PSH)

/* MUST-62: the pointer says where the octet after the urgent one is. */
TEST(the_pointer_points_behind_the_urgent_octet)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	SEND_URGENT(&c, 1);
	EXPECT_SENDS(&c, .len = 1, .flags = PURG, .urg = 1);
	EXPECT_SILENCE(&c);
	SEND_URGENT(&c, 100);
	EXPECT_SENDS(&c, .len = 100, .flags = PURG, .urg = 100);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* MUST-31: each segment before it says so, also those that could ride on one
 * burst: the pointer counts from the segment that has it.
 */
TEST(each_segment_before_it_has_a_pointer_of_its_own)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	atcp_tcb_burst(&c.tcb, 8 * MSS);
	c.tcb.cwnd = 20 * MSS;
	SEND_URGENT(&c, 2500);
	SEND(&c, 2500);
	EXPECT_SENDS(&c, .seq = OURS(0), .len = MSS, .flags = URG, .urg = 2500);
	EXPECT_SENDS(&c, .seq = OURS(MSS), .len = MSS, .flags = URG,
		     .urg = 1500);
	EXPECT_SENDS(&c, .seq = OURS(2 * MSS), .len = MSS, .flags = URG,
		     .urg = 500);
	/* Behind it nothing is urgent, and one segment may stand for many
	 * once no retransmission can have a pointer.
	 */
	EXPECT_SENDS(&c, .seq = OURS(3 * MSS), .len = MSS);
	EXPECT_SENDS(&c, .seq = OURS(4 * MSS), .len = MSS, .flags = PUSH);
	ARRIVES(&c, .ack = OURS(2499));
	EXPECT_TRUE(c.tcb.use & ATCP_URGENT_OUT);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(2500));
	EXPECT_FALSE(c.tcb.use & ATCP_URGENT_OUT);
	SEND(&c, 8 * MSS);
	EXPECT_SENDS(&c, .seq = OURS(5 * MSS), .len = 8 * MSS, .flags = PUSH);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* MUST-31: any length. Where 16 bits do not reach, 65535 is as far as they go,
 * and what follows moves it on.
 */
TEST(beyond_64_kib)
{
	struct conn c;
	u32 at;

	CONN_WITH(&c, ATCP_ESTABLISHED, .options = ATCP_OPT_WSCALE, .wscale = 3,
		  .wnd = 60000);
	ARRIVES(&c, .len = 0);
	c.tcb.cwnd = 200 * MSS;
	SEND_URGENT(&c, 100 * MSS);
	for (at = 0; at < 100 * MSS; at += MSS)
		EXPECT_SENDS(&c, .seq = OURS(at), .len = MSS,
			     .flags = at == 99 * MSS ? PURG : URG,
			     .urg = min(100 * MSS - at, 65535U));
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* 3.8.5: more urgent data before the first is read moves the pointer on. */
TEST(a_second_urgent_octet_moves_the_pointer_on)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .wnd = MSS);
	SEND_URGENT(&c, 1500);
	EXPECT_SENDS(&c, .seq = OURS(0), .len = MSS, .flags = URG, .urg = 1500);
	EXPECT_SILENCE(&c);
	SEND_URGENT(&c, 1500);
	ARRIVES(&c, .ack = OURS(MSS), .wnd = 2 * MSS);
	EXPECT_SENDS(&c, .seq = OURS(MSS), .len = MSS, .flags = URG,
		     .urg = 2000);
	EXPECT_SENDS(&c, .seq = OURS(2 * MSS), .len = MSS, .flags = PURG,
		     .urg = 1000);
	/* The first one's acknowledgment does not end the second. */
	ARRIVES(&c, .ack = OURS(2 * MSS), .wnd = 2 * MSS);
	EXPECT_TRUE(c.tcb.use & ATCP_URGENT_OUT);
	ARRIVES(&c, .ack = OURS(3 * MSS), .wnd = 2 * MSS);
	EXPECT_FALSE(c.tcb.use & ATCP_URGENT_OUT);
	conn_free(&c);
}

TEST(a_retransmission_has_the_pointer)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	SEND_URGENT(&c, 1500);
	DRAIN(&c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_SENDS(&c, .seq = OURS(0), .len = MSS, .flags = URG, .urg = 1500);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(MSS));
	EXPECT_SENDS(&c, .seq = OURS(MSS), .len = 500, .flags = PURG,
		     .urg = 500);
	conn_free(&c);
}

/* Of a burst that was under way before, each part gets its own pointer when
 * it goes again.
 */
TEST(the_retransmission_of_a_burst_is_cut)
{
	struct conn c;
	unsigned int i;

	CONN(&c, ATCP_ESTABLISHED);
	atcp_tcb_burst(&c.tcb, 4 * MSS);
	SEND(&c, 4 * MSS);
	EXPECT_SENDS(&c, .len = 4 * MSS, .flags = PUSH);
	SEND_URGENT(&c, 10);
	EXPECT_SENDS(&c, .seq = OURS(4 * MSS), .len = 10, .flags = PURG,
		     .urg = 10);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	c.tcb.cwnd = 10 * MSS;
	for (i = 0; i < 4; i++)
		EXPECT_SENDS(&c, .seq = OURS(i * MSS), .len = MSS, .flags = URG,
			     .urg = (4 - i) * MSS + 10);
	EXPECT_SENDS(&c, .seq = OURS(4 * MSS), .len = 10, .flags = PURG,
		     .urg = 10);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* The notice outruns a closed window: on any ACK, and on the probe. */
TEST(a_closed_window_does_not_hold_the_notice)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .wnd = 0);
	SEND(&c, 500);
	SEND_URGENT(&c, 20);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .len = 10, .wnd = 0);
	EXPECT_SENDS(&c, .seq = OURS(0), .ack = PEER(10), .flags = URG,
		     .urg = 520);
	EXPECT_SILENCE(&c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_SENDS(&c, .seq = OURS(0), .len = 1, .flags = URG, .urg = 520);
	EXPECT_SILENCE(&c);
	/* SND.NXT is beyond the window now; the pointer is right all the same. */
	ARRIVES(&c, .len = 2 * MSS, .ack = OURS(0), .wnd = 0);
	EXPECT_SENDS(&c, .seq = OURS(0), .ack = PEER(10 + 2 * MSS),
		     .flags = URG, .urg = 520);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* Not even TCP_CORK holds it back, nor does Nagle's rule. */
TEST(urgent_data_does_not_wait)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	SEND(&c, 10);
	EXPECT_SENDS(&c, .len = 10, .flags = PUSH);
	SEND(&c, 10);
	EXPECT_SILENCE(&c);
	SEND_URGENT(&c, 1);
	EXPECT_SENDS(&c, .seq = OURS(10), .len = 11, .flags = PURG, .urg = 11);
	ARRIVES(&c, .ack = OURS(21));
	c.tcb.use |= ATCP_CORK;
	SEND(&c, 10);
	EXPECT_SILENCE(&c);
	SEND_URGENT(&c, 1);
	EXPECT_SENDS(&c, .seq = OURS(21), .len = 11, .flags = PURG, .urg = 11);
	EXPECT_SILENCE(&c);
	/* Acknowledged, the cork is a cork again. */
	ARRIVES(&c, .ack = OURS(32));
	SEND(&c, 10);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

TEST(urgent_data_and_a_fin)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	SEND_URGENT(&c, 5);
	SHUTDOWN(&c);
	EXPECT_SENDS(&c, .len = 5, .flags = PURG | ATCP_FIN, .urg = 5);
	EXPECT_SILENCE(&c);
	/* The octets are acknowledged, and the FIN is not: not urgent. */
	ARRIVES(&c, .ack = OURS(5));
	EXPECT_FALSE(c.tcb.use & ATCP_URGENT_OUT);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_SENDS(&c, .seq = OURS(5), .flags = ATCP_ACK | ATCP_FIN);
	conn_free(&c);
}

/* What comes after SND.UP has no pointer back. */
TEST(no_pointer_behind_it)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	SEND_URGENT(&c, 5);
	EXPECT_SENDS(&c, .len = 5, .flags = PURG, .urg = 5);
	ARRIVES(&c, .len = 2 * MSS, .ack = OURS(0));
	EXPECT_SENDS(&c, .seq = OURS(5), .ack = PEER(2 * MSS));
	c.tcb.use |= ATCP_NODELAY;
	SEND(&c, 5);
	EXPECT_SENDS(&c, .seq = OURS(5), .len = 5, .flags = PUSH);
	ABORT(&c);
	EXPECT_SENDS(&c, .flags = ATCP_RST | ATCP_ACK);
	conn_free(&c);
}

#define IN(c) ((c)->tcb.use & ATCP_URGENT_IN)

#define EXPECT_NEW_POINTER(c, n)                                               \
	do {                                                                   \
		EXPECT_EQ(ATCP_EV_URGENT,                                      \
			  atcp_take_events(&(c)->tcb) & ATCP_EV_URGENT);       \
		EXPECT_EQ(PEER(n), (c)->tcb.rcv_up);                           \
	} while (0)

#define EXPECT_NO_POINTER(c)                                                   \
	EXPECT_EQ(0, atcp_take_events(&(c)->tcb) & ATCP_EV_URGENT)

/* MUST-62, MUST-32: the octet before where it points; it stays in the stream. */
TEST(the_urgent_octet_arrives)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .len = 10, .flags = URG, .urg = 10);
	EXPECT_TAKEN(&c, PEER(0), PEER(10));
	EXPECT_NEW_POINTER(&c, 9);
	/* It is there already. */
	EXPECT_FALSE(IN(&c));
	conn_free(&c);
}

/* net.atcp.stdurg: as RFC 1122 had it, the last urgent octet itself. */
TEST(the_urgent_octet_by_rfc_1122)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	c.params.stdurg = 1;
	ARRIVES(&c, .len = 10, .flags = URG, .urg = 9);
	EXPECT_NEW_POINTER(&c, 9);
	ARRIVES(&c, .len = 10, .flags = URG, .urg = 10);
	EXPECT_NEW_POINTER(&c, 20);
	EXPECT_TRUE(IN(&c));
	conn_free(&c);
}

/* MUST-32: told when it is new and when it advances, not each time. */
TEST(a_pointer_is_told_once)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .len = 10, .flags = URG, .urg = 300);
	EXPECT_NEW_POINTER(&c, 299);
	EXPECT_TRUE(IN(&c));
	ARRIVES(&c, .len = 10, .flags = URG, .urg = 290);
	EXPECT_NO_POINTER(&c);
	/* Backwards. */
	ARRIVES(&c, .len = 10, .flags = URG, .urg = 100);
	EXPECT_NO_POINTER(&c);
	EXPECT_EQ(PEER(299), c.tcb.rcv_up);
	/* Forwards, by one octet. */
	ARRIVES(&c, .len = 10, .flags = URG, .urg = 271);
	EXPECT_NEW_POINTER(&c, 300);
	/* Passed, it is no news any more. */
	ARRIVES(&c, .len = 261);
	EXPECT_EQ(PEER(301), c.tcb.rcv_nxt);
	EXPECT_FALSE(IN(&c));
	ARRIVES(&c, .flags = URG, .urg = 0, .seq = PEER(300), .len = 2);
	EXPECT_NO_POINTER(&c);
	conn_free(&c);
}

/* The octet itself is passed with the octet, not one before. */
TEST(a_pointer_is_passed_with_its_octet)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .flags = URG, .urg = 100);
	EXPECT_NEW_POINTER(&c, 99);
	ARRIVES(&c, .len = 99);
	EXPECT_TRUE(IN(&c));
	ARRIVES(&c, .len = 1);
	EXPECT_FALSE(IN(&c));
	conn_free(&c);
}

/* MUST-31: 65535 octets ahead, beyond any window, again and again. */
TEST(a_pointer_far_ahead)
{
	struct conn c;
	u32 at = 0;

	CONN(&c, ATCP_ESTABLISHED);
	SEND(&c, 1);
	DRAIN(&c);
	for (; at < 200000; at += 1000) {
		ARRIVES(&c, .len = 1000, .flags = URG, .urg = 65535);
		EXPECT_TAKEN(&c, PEER(at), PEER(at + 1000));
		EXPECT_NEW_POINTER(&c, at + 65534);
		EXPECT_TRUE(IN(&c));
		c.tcb.rcv_space = BUF;
		DRAIN(&c);
	}
	conn_free(&c);
}

/* Nobody means the octet before: as Linux, read it as the first one. */
TEST(a_pointer_of_zero)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .len = 10, .flags = URG, .urg = 0);
	EXPECT_NEW_POINTER(&c, 0);
	EXPECT_FALSE(IN(&c));
	conn_free(&c);
}

/* The notice is not held by a hole before it. */
TEST(out_of_order)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .seq = PEER(500), .len = 10, .flags = URG, .urg = 10);
	EXPECT_NEW_POINTER(&c, 509);
	EXPECT_TRUE(IN(&c));
	/* The hole is filled by one that knew less. */
	ARRIVES(&c, .seq = PEER(0), .len = 500, .flags = URG, .urg = 200);
	EXPECT_EQ(PEER(510), c.tcb.rcv_nxt);
	EXPECT_EQ(PEER(509), c.tcb.rcv_up);
	EXPECT_NO_POINTER(&c);
	EXPECT_FALSE(IN(&c));
	conn_free(&c);
}

/* Text may find no room, or no window; its notice is heard. */
TEST(the_notice_needs_no_room)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .len = 10, .flags = URG, .urg = 10, .no_room = true);
	EXPECT_DROPPED(&c, MEMORY);
	EXPECT_NEW_POINTER(&c, 9);
	DRAIN(&c);
	c.tcb.rcv_space = 0;
	ARRIVES(&c, .len = BUF);
	DRAIN(&c);
	EXPECT_EQ(c.tcb.rcv_nxt, c.tcb.rcv_adv);
	ARRIVES(&c, .flags = URG, .urg = 20);
	EXPECT_NEW_POINTER(&c, BUF + 19);
	ARRIVES(&c, .len = 1, .flags = URG, .urg = 30);
	EXPECT_DROPPED(&c, OUT_OF_WINDOW);
	EXPECT_NEW_POINTER(&c, BUF + 29);
	conn_free(&c);
}

/* 3.10.7.4: what fails an earlier step is not looked at. */
TEST(an_unacceptable_segment_has_no_pointer)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .seq = PEER(BUF + 1), .flags = URG, .urg = 10);
	EXPECT_DROPPED(&c, OUT_OF_WINDOW);
	ARRIVES(&c, .seq = PEER(-10), .len = 5, .flags = URG, .urg = 20);
	EXPECT_DROPPED(&c, OLD_DATA);
	ARRIVES(&c, .ack = OURS(1), .flags = URG, .urg = 20);
	EXPECT_DROPPED(&c, BAD_ACK);
	EXPECT_NO_POINTER(&c);
	EXPECT_FALSE(IN(&c));
	conn_free(&c);
}

/* Also as the last thing the peer says. After its FIN nothing is urgent. */
TEST(with_a_fin_and_after_it)
{
	static const enum atcp_state states[] = { ATCP_CLOSE_WAIT, ATCP_CLOSING,
						  ATCP_LAST_ACK };
	struct conn c;
	unsigned int i;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .len = 3, .flags = URG | ATCP_FIN, .urg = 3);
	EXPECT_EQ(PEER(2), c.tcb.rcv_up);
	EXPECT_EVENTS(&c, ATCP_EV_URGENT | ATCP_EV_DATA | ATCP_EV_EOF);
	conn_free(&c);

	/* A pointer beyond the end of the stream is never passed. */
	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .len = 3, .flags = URG | ATCP_FIN, .urg = 30);
	EXPECT_NEW_POINTER(&c, 29);
	DRAIN(&c);
	EXPECT_TRUE(IN(&c));
	conn_free(&c);

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		CONN(&c, states[i]);
		ARRIVES(&c, .ack = c.tcb.snd_una, .flags = URG, .urg = 20);
		EXPECT_NO_POINTER(&c);
		conn_free(&c);
	}
}

/* In each state in which data is received. */
TEST(after_our_fin)
{
	static const enum atcp_state states[] = { ATCP_FIN_WAIT_1,
						  ATCP_FIN_WAIT_2 };
	struct conn c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		CONN(&c, states[i]);
		ARRIVES(&c, .ack = c.tcb.snd_una, .len = 5, .flags = URG,
			.urg = 5);
		EXPECT_NEW_POINTER(&c, 4);
		conn_free(&c);
	}
}

/* A SYN-ACK with text: the pointer counts from the SYN, one before the text. */
TEST(on_a_syn_ack)
{
	struct conn c;

	CONN(&c, ATCP_SYN_SENT);
	ARRIVES(&c, .seq = IRS, .len = 5, .urg = 6,
		.flags = URG | ATCP_SYN | ATCP_ACK);
	EXPECT_TAKEN(&c, PEER(0), PEER(5));
	EXPECT_NEW_POINTER(&c, 4);
	EXPECT_FALSE(IN(&c));
	conn_free(&c);

	/* The SYN itself cannot be urgent. */
	CONN(&c, ATCP_SYN_SENT);
	ARRIVES(&c, .seq = IRS, .len = 5, .urg = 1,
		.flags = URG | ATCP_SYN | ATCP_ACK);
	EXPECT_NO_POINTER(&c);
	conn_free(&c);
}

/* RCV.UP of long ago is not one 2 GiB ahead. */
TEST(a_pointer_does_not_come_back_after_2_gib)
{
	struct conn c;
	u32 skip = 0x80000100;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .len = 10, .flags = URG, .urg = 10);
	EXPECT_NEW_POINTER(&c, 9);
	DRAIN(&c);
	c.tcb.rcv_nxt += skip;
	c.tcb.rcv_adv += skip;
	c.edge = c.tcb.rcv_adv;
	c.tcb.rcv_acked += skip;
	c.tcb.snd_wl1 += skip;
	ARRIVES(&c, .len = 10, .flags = URG, .urg = 10);
	EXPECT_NEW_POINTER(&c, 10 + skip + 9);
	conn_free(&c);
}

UNIT_MAIN
