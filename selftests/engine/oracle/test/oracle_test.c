// SPDX-License-Identifier: GPL-2.0
/*
 * The oracle under test: traces that are right, of which it must say nothing,
 * and for each rule one that breaks it.
 */
#include "by_hand.h"

/* Right traces. */

TEST_IN(a_short_life)
{
	OPEN(SYN_HAS);
	FINE(DO(SEND, 1500));
	FINE(OUT(.seq = 1, .ack = 1, .len = 1000));
	FINE(OUT(.flags = A | P, .seq = 1001, .ack = 1, .len = 500));
	LATER(20);
	FINE(IN(.seq = 1, .ack = 1501, .len = 100));
	FINE(DO(DELIVERED, 100));
	FINE(DO(ACKED, 1500));
	LATER(40);
	FINE(OUT(.seq = 1501, .ack = 101));
	FINE(READ(1, 100));
	FINE(DO(SHUTDOWN, 0));
	FINE(SAYS("FIN-WAIT-1"));
	FINE(OUT(.flags = A | F, .seq = 1501, .ack = 101));
	LATER(20);
	FINE(IN(.seq = 101, .ack = 1502));
	FINE(SAYS("FIN-WAIT-2"));
	LATER(20);
	FINE(IN(.flags = A | F, .seq = 101, .ack = 1502));
	FINE(SAYS("TIME-WAIT"));
	FINE(OUT(.seq = 1502, .ack = 102));
	LATER(60000);
	FINE(SAYS("CLOSED"));
}

TEST_IN(a_passive_life)
{
	FINE(DO(OPEN_PASSIVE, 0));
	FINE(SAYS("LISTEN"));
	FINE(IN(.flags = S, SYN_HAS));
	FINE(SAYS("SYN-RECEIVED"));
	FINE(OUT(.flags = S | A, .ack = 1, SYN_HAS));
	LATER(1000);
	FINE(OUT(.flags = S | A, .ack = 1, SYN_HAS));
	LATER(10);
	FINE(IN(.seq = 1, .ack = 1));
	FINE(SAYS("ESTABLISHED"));
	FINE(IN(.flags = A | F, .seq = 1, .ack = 1));
	FINE(SAYS("CLOSE-WAIT"));
	FINE(OUT(.seq = 1, .ack = 2));
	FINE(DO(CLOSE, 0));
	FINE(SAYS("LAST-ACK"));
	FINE(OUT(.flags = A | F, .seq = 1, .ack = 2));
	LATER(10);
	FINE(IN(.seq = 2, .ack = 2));
	FINE(SAYS("CLOSED"));
}

TEST_IN(a_simultaneous_open)
{
	FINE(DO(OPEN_ACTIVE, 0));
	FINE(SAYS("SYN-SENT"));
	FINE(OUT(.flags = S, SYN_HAS));
	FINE(IN(.flags = S, SYN_HAS));
	FINE(SAYS("SYN-RECEIVED"));
	FINE(OUT(.flags = S | A, .ack = 1, SYN_HAS));
	LATER(5);
	FINE(IN(.flags = S | A, .ack = 1, SYN_HAS));
	FINE(SAYS("ESTABLISHED"));
}

TEST_IN(out_of_order_and_twice)
{
	OPEN(SACK);
	FINE(IN(.seq = 501, .ack = 1, .len = 500));
	FINE(OUT(.seq = 1, .ack = 1, .nr = 1, .sack = { { 501, 1001 } }));
	FINE(IN(.seq = 701, .ack = 1, .len = 100));
	FINE(OUT(.seq = 1, .ack = 1, .nr = 2,
		 .sack = { { 701, 801 }, { 501, 1001 } }));
	FINE(IN(.seq = 1, .ack = 1, .len = 500));
	FINE(DO(DELIVERED, 1000));
	FINE(OUT(.seq = 1, .ack = 1001));
	FINE(IN(.seq = 1, .ack = 1, .len = 500));
	FINE(OUT(.seq = 1, .ack = 1001, .nr = 1, .sack = { { 1, 501 } }));
	FINE(READ(1, 1000));
}

TEST_IN(text_without_room_may_be_kept_or_not)
{
	OPEN(SYN_HAS);
	FINE(DO(NO_ROOM, 0));
	FINE(IN(.seq = 1, .ack = 1, .len = 500));
	FINE(OUT(.seq = 1, .ack = 1));
	FINE(DO(NO_ROOM, 0));
	FINE(IN(.seq = 1, .ack = 1, .len = 500));
	FINE(OUT(.seq = 1, .ack = 501));
}

TEST_IN(a_fast_retransmission_and_a_time_out)
{
	OPEN(SYN_HAS);
	FINE(DO(SEND, 5000));
	for (int i = 0; i < 5; i++)
		FINE(OUT(.flags = A | (i == 4 ? P : 0), .seq = 1 + 1000 * i,
			 .ack = 1, .len = 1000));
	LATER(20);
	for (int i = 0; i < 3; i++)
		FINE(IN(.seq = 1, .ack = 1));
	FINE(OUT(.seq = 1, .ack = 1, .len = 1000));
	LATER(300);
	FINE(OUT(.seq = 1, .ack = 1, .len = 1000));
	LATER(600);
	FINE(OUT(.seq = 1, .ack = 1, .len = 1000));
	LATER(10);
	FINE(IN(.seq = 1, .ack = 5001));
}

TEST_IN(a_closed_window_is_probed)
{
	OPEN(SYN_HAS);
	FINE(IN(.seq = 1, .ack = 1, .wnd = 0));
	FINE(DO(SEND, 1500));
	LATER(400);
	FINE(OUT(.seq = 1, .ack = 1, .len = 1));
	LATER(20);
	FINE(IN(.seq = 1, .ack = 1, .wnd = 0));
	LATER(800);
	FINE(OUT(.seq = 1, .ack = 1, .len = 1));
	FINE(IN(.seq = 1, .ack = 1));
	FINE(OUT(.seq = 1, .ack = 1, .len = 1000));
}

TEST_IN(a_keepalive_probe)
{
	OPEN(SYN_HAS);
	LATER(10000);
	FINE(OUT(.seq = 0, .ack = 1));
	LATER(10);
	FINE(IN(.seq = 1, .ack = 1));
}

/* What the user and the end itself say. */

TEST_IN(a_state_that_is_not_left)
{
	OPEN(SYN_HAS);
	FINE(SAYS("ESTABLISHED"));
	FINE(IN(.flags = A | F, .seq = 1, .ack = 1));
	FINE(OUT(.seq = 1, .ack = 2));
	WRONG("it still says ESTABLISHED", DO(SEND, 1));
}

TEST_IN(a_state_for_no_reason)
{
	OPEN(SYN_HAS);
	WRONG("says CLOSE-WAIT for no reason", SAYS("CLOSE-WAIT"));
}

TEST_IN(closed_for_no_reason)
{
	OPEN(SYN_HAS);
	WRONG("says CLOSED for no reason", SAYS("CLOSED"));
}

TEST_IN(a_state_that_there_is_not)
{
	WRONG("there is no state", SAYS("OPEN"));
}

TEST_IN(time_wait_ends_too_soon)
{
	OPEN(SYN_HAS);
	FINE(IN(.flags = A | F, .seq = 1, .ack = 1));
	FINE(SAYS("CLOSE-WAIT"));
	FINE(OUT(.seq = 1, .ack = 2));
	FINE(DO(SHUTDOWN, 0));
	FINE(SAYS("LAST-ACK"));
	WRONG("says TIME-WAIT for no reason", SAYS("TIME-WAIT"));
	ANEW;
	OPEN(SYN_HAS);
	FINE(DO(SHUTDOWN, 0));
	FINE(SAYS("FIN-WAIT-1"));
	FINE(OUT(.flags = A | F, .seq = 1, .ack = 1));
	FINE(IN(.flags = A | F, .seq = 1, .ack = 2));
	FINE(SAYS("TIME-WAIT"));
	FINE(OUT(.seq = 2, .ack = 2));
	LATER(59000);
	WRONG("says CLOSED for no reason", SAYS("CLOSED"));
}

TEST_IN(more_is_delivered_than_came)
{
	OPEN(SYN_HAS);
	FINE(IN(.seq = 1, .ack = 1, .len = 100));
	WRONG("101 octets can be read where 100", DO(DELIVERED, 101));
}

TEST_IN(less_is_delivered_than_came)
{
	OPEN(SYN_HAS);
	FINE(IN(.seq = 1, .ack = 1, .len = 100));
	FINE(DO(DELIVERED, 100));
	FINE(IN(.seq = 101, .ack = 1, .len = 100));
	WRONG("can read 200 octets, but is told of 100", DO(SEND, 1));
}

TEST_IN(more_is_taken_than_was_delivered)
{
	OPEN(SYN_HAS);
	FINE(IN(.seq = 1, .ack = 1, .len = 100));
	WRONG("takes 101 octets where there are 100", DO(RECEIVE, 101));
}

TEST_IN(other_octets_are_delivered_than_came)
{
	OPEN(SYN_HAS);
	FINE(IN(.seq = 1, .ack = 1, .len = 100));
	WRONG("octet 0 of the stream arrived as", trace_read(T, 1, 100, true));
}

TEST_IN(more_is_acknowledged_than_was)
{
	OPEN(SYN_HAS);
	FINE(DO(SEND, 200));
	FINE(OUT(.flags = A | P, .seq = 1, .ack = 1, .len = 200));
	FINE(IN(.seq = 1, .ack = 101));
	WRONG("says that 200 octets have arrived where 100", DO(ACKED, 200));
}

TEST_IN(less_is_acknowledged_than_was)
{
	OPEN(SYN_HAS);
	FINE(DO(ACKED, 0));
	FINE(DO(SEND, 200));
	FINE(OUT(.flags = A | P, .seq = 1, .ack = 1, .len = 200));
	FINE(IN(.seq = 1, .ack = 101));
	WRONG("100 octets are acknowledged, but it says 0", DO(SEND, 1));
}

TEST_IN(a_trace_that_makes_no_sense)
{
	OPEN(SYN_HAS);
	WRONG("opened twice", DO(OPEN_ACTIVE, 0));
	ANEW;
	OPEN(SYN_HAS);
	FINE(DO(SHUTDOWN, 0));
	WRONG("SEND after CLOSE", DO(SEND, 1));
	ANEW;
	OPEN(SYN_HAS);
	self->t.us = 0;
	WRONG("time goes backwards", DO(SEND, 1));
}

TEST_IN(acknowledged_text_is_pruned)
{
	OPEN(SYN_HAS);
	FINE(IN(.seq = 1, .ack = 1, .len = 100));
	WRONG("RFC 2018 8", DO(PRUNED, 50));
}

/* What is owed. */

TEST_IN(no_answer_to_a_syn)
{
	FINE(DO(OPEN_PASSIVE, 0));
	FINE(IN(.flags = S, SYN_HAS));
	LATER(1);
	WRONG("the SYN-ACK for a SYN (", DO(IDLE, 0));
}

TEST_IN(no_answer_to_a_syn_ack)
{
	OPEN_WITH(SYN_HAS, SYN_HAS);
	LATER(1);
	WRONG("the ACK for a SYN-ACK", DO(IDLE, 0));
}

TEST_IN(no_answer_to_a_simultaneous_syn)
{
	FINE(DO(OPEN_ACTIVE, 0));
	FINE(OUT(.flags = S, SYN_HAS));
	FINE(IN(.flags = S, SYN_HAS));
	WRONG("the SYN-ACK of a simultaneous open", DO(SEND, 1));
}

TEST_IN(no_answer_to_a_syn_that_comes_again)
{
	FINE(DO(OPEN_PASSIVE, 0));
	FINE(IN(.flags = S, SYN_HAS));
	FINE(OUT(.flags = S | A, .ack = 1, SYN_HAS));
	FINE(IN(.flags = S, SYN_HAS));
	WRONG("a SYN that came again", IN(.flags = S, SYN_HAS));
}

TEST_IN(no_reset_where_one_is_owed)
{
	FINE(DO(OPEN_PASSIVE, 0));
	FINE(IN(.seq = 1, .ack = 1));
	WRONG("the RST for an ACK in LISTEN", IN(.flags = S, SYN_HAS));
	ANEW;
	FINE(DO(OPEN_ACTIVE, 0));
	FINE(OUT(.flags = S, SYN_HAS));
	FINE(IN(.flags = S | A, .ack = 7));
	WRONG("RFC 9293 3.10.7.3", DO(SEND, 1));
	ANEW;
	FINE(DO(OPEN_PASSIVE, 0));
	FINE(IN(.flags = S, SYN_HAS));
	FINE(OUT(.flags = S | A, .ack = 1, SYN_HAS));
	FINE(IN(.seq = 1, .ack = 7));
	WRONG("the RST for an unacceptable ACK", IN(.seq = 1, .ack = 1));
}

TEST_IN(no_reset_after_abort)
{
	OPEN(SYN_HAS);
	FINE(DO(ABORT, 0));
	LATER(1);
	WRONG("ABORT sends a reset", DO(IDLE, 0));
}

TEST_IN(no_reset_for_text_after_close)
{
	OPEN(SYN_HAS);
	FINE(DO(CLOSE, 0));
	FINE(SAYS("FIN-WAIT-1"));
	FINE(OUT(.flags = A | F, .seq = 1, .ack = 1));
	FINE(IN(.seq = 1, .ack = 1, .len = 100));
	FINE(SAYS("CLOSED"));
	LATER(1);
	WRONG("SHLD-3", DO(IDLE, 0));
}

TEST_IN(an_ack_that_is_delayed_for_too_long)
{
	OPEN(SYN_HAS);
	FINE(IN(.seq = 1, .ack = 1, .len = 100));
	LATER(500);
	FINE(DO(IDLE, 0));
	LATER(1);
	WRONG("MUST-40", DO(IDLE, 0));
}

TEST_IN(every_second_segment_is_not_acknowledged)
{
	OPEN(SYN_HAS);
	FINE(IN(.seq = 1, .ack = 1, .len = 1000));
	FINE(IN(.seq = 1001, .ack = 1, .len = 1000));
	LATER(1);
	WRONG("SHLD-19", DO(IDLE, 0));
}

TEST_IN(no_ack_at_once)
{
	OPEN(SYN_HAS);
	FINE(IN(.seq = 101, .ack = 1, .len = 100));
	WRONG("RFC 5681 4.2", IN(.seq = 201, .ack = 1, .len = 100));
	ANEW;
	OPEN(SYN_HAS);
	FINE(IN(.flags = A | F, .seq = 1, .ack = 1));
	WRONG("the ACK of a FIN", IN(.seq = 2, .ack = 1));
	ANEW;
	OPEN(SYN_HAS);
	FINE(IN(.seq = 30000, .ack = 1, .len = 100));
	WRONG("an unacceptable segment", IN(.seq = 1, .ack = 1));
}

TEST_IN(a_fin_again_is_not_acknowledged)
{
	OPEN(SYN_HAS);
	FINE(DO(SHUTDOWN, 0));
	FINE(OUT(.flags = A | F, .seq = 1, .ack = 1));
	FINE(IN(.flags = A | F, .seq = 1, .ack = 2));
	FINE(OUT(.seq = 2, .ack = 2));
	FINE(IN(.flags = A | F, .seq = 1, .ack = 2));
	LATER(1);
	WRONG("TIME-WAIT acknowledges the FIN", DO(IDLE, 0));
}

UNIT_MAIN
