// SPDX-License-Identifier: GPL-2.0
/* The oracle under test: for each rule of what may be sent one that breaks it. */
#include "by_hand.h"

/* Established, and @n octets are queued. */
#define OPEN_QUEUED(n, ...)                                                    \
	do {                                                                   \
		OPEN(__VA_ARGS__);                                             \
		FINE(DO(SEND, n));                                             \
	} while (0)

/* SYNs. */

TEST_IN(a_syn_in_another_state)
{
	OPEN(SYN_HAS);
	WRONG("a SYN in this state", OUT(.flags = S, SYN_HAS));
}

TEST_IN(a_syn_with_other_flags)
{
	FINE(DO(OPEN_ACTIVE, 0));
	WRONG("other flags, or with text", OUT(.flags = S | A, SYN_HAS));
	ANEW;
	FINE(DO(OPEN_ACTIVE, 0));
	WRONG("other flags, or with text", OUT(.flags = S, .len = 10, SYN_HAS));
}

TEST_IN(a_syn_ack_of_something_else)
{
	FINE(DO(OPEN_PASSIVE, 0));
	FINE(IN(.flags = S, SYN_HAS));
	WRONG("a SYN-ACK with an ACK of",
	      OUT(.flags = S | A, .ack = 2, SYN_HAS));
}

TEST_IN(a_syn_again_too_soon)
{
	FINE(DO(OPEN_ACTIVE, 0));
	FINE(OUT(.flags = S, SYN_HAS));
	LATER(999);
	WRONG("a SYN again after", OUT(.flags = S, SYN_HAS));
}

TEST_IN(a_syn_again_that_differs)
{
	FINE(DO(OPEN_ACTIVE, 0));
	FINE(OUT(.flags = S, SYN_HAS));
	LATER(1000);
	WRONG("another ISS", OUT(.flags = S, .seq = 1, SYN_HAS));
	ANEW;
	FINE(DO(OPEN_ACTIVE, 0));
	FINE(OUT(.flags = S, SYN_HAS));
	LATER(1000);
	WRONG("another MSS", OUT(.flags = S, .mss = 900));
	ANEW;
	FINE(DO(OPEN_ACTIVE, 0));
	FINE(OUT(.flags = S, .scale = 4));
	LATER(1000);
	WRONG("another window scale", OUT(.flags = S, .scale = 5));
}

TEST_IN(options_of_a_syn)
{
	FINE(DO(OPEN_ACTIVE, 0));
	WRONG("a window scale of 15", OUT(.flags = S, .scale = 16));
	ANEW;
	FINE(DO(OPEN_ACTIVE, 0));
	WRONG("SACK blocks on a SYN",
	      OUT(.flags = S, .nr = 1, .sack = { { 1, 2 } }));
	ANEW;
	FINE(DO(OPEN_ACTIVE, 0));
	WRONG("TSecr on a SYN", OUT(.flags = S, STAMPS(1, 1)));
}

TEST_IN(options_that_the_syn_did_not_offer)
{
	static const char *const why[] = { "a window scale that",
					   "timestamps that",
					   "SACK-permitted, which" };

	for (int i = 0; i < 3; i++) {
		ANEW;
		FINE(DO(OPEN_PASSIVE, 0));
		FINE(IN(.flags = S));
		WRONG(why[i], OUT(.flags = S | A, .ack = 1, .scale = i == 0,
				  .ts = i == 1, .sack_ok = i == 2));
	}
}

TEST_IN(options_of_a_syn_elsewhere)
{
	OPEN(SYN_HAS);
	WRONG("an option of a SYN on another segment",
	      OUT(.seq = 1, .ack = 1, SYN_HAS));
	ANEW;
	OPEN_WITH(OPTIONS(SYN_HAS), OPTIONS(SYN_HAS, .scale = 3));
	WRONG("an option of a SYN on another segment",
	      OUT(.seq = 1, .ack = 1, .scale = 3));
}

/* RSTs. */

TEST_IN(a_reset_for_a_reset)
{
	FINE(IN(.flags = R, .seq = 1));
	WRONG("a RST answers a RST", OUT(.flags = R | A, .ack = 1));
}

TEST_IN(a_reset_with_other_numbers)
{
	FINE(IN(.seq = 1, .ack = 7));
	WRONG("other numbers", OUT(.flags = R, .seq = 8));
	ANEW;
	FINE(IN(.seq = 1, .ack = 7));
	FINE(OUT(.flags = R, .seq = 7));
	FINE(IN(.flags = 0, .seq = 1, .len = 10));
	WRONG("other numbers", OUT(.flags = R | A, .seq = 0, .ack = 10));
}

TEST_IN(a_reset_for_no_reason)
{
	OPEN(SYN_HAS);
	WRONG("a RST for no reason", OUT(.flags = R | A, .seq = 1, .ack = 1));
}

TEST_IN(a_reset_with_text)
{
	OPEN(SYN_HAS);
	FINE(DO(ABORT, 0));
	WRONG("a RST with text",
	      OUT(.flags = R | A, .seq = 1, .ack = 1, .len = 10));
}

TEST_IN(an_abort_from_elsewhere)
{
	OPEN(SYN_HAS);
	FINE(DO(ABORT, 0));
	WRONG("does not start at SND.NXT",
	      OUT(.flags = R | A, .seq = 2, .ack = 1));
	ANEW;
	OPEN(SYN_HAS);
	FINE(DO(ABORT, 0));
	WRONG("a RST with an ACK", OUT(.flags = R | A, .seq = 1, .ack = 2));
}

/* ACKs. */

TEST_IN(a_segment_in_a_state_without_any)
{
	FINE(DO(OPEN_ACTIVE, 0));
	WRONG("a segment in this state", OUT(.seq = 1, .ack = 1));
}

TEST_IN(no_ack)
{
	OPEN(SYN_HAS);
	FINE(IN(.flags = A | F, .seq = 1, .ack = 1));
	WRONG("no ACK", OUT(.flags = 0, .seq = 1));
}

TEST_IN(what_did_not_come_is_acknowledged)
{
	OPEN(SYN_HAS);
	FINE(IN(.seq = 1, .ack = 1, .len = 100));
	WRONG("and only 101 came", OUT(.seq = 1, .ack = 102));
	ANEW;
	OPEN(SYN_HAS);
	FINE(IN(.seq = 2, .ack = 1, .len = 100));
	WRONG("and only 1 came", OUT(.seq = 1, .ack = 102));
}

TEST_IN(less_is_acknowledged_than_came)
{
	OPEN(SYN_HAS);
	FINE(IN(.seq = 1, .ack = 1, .len = 100));
	WRONG("acknowledges up to 100 where 101", OUT(.seq = 1, .ack = 100));
}

TEST_IN(an_ack_that_nothing_asks_for)
{
	OPEN(SYN_HAS);
	FINE(IN(.seq = 1, .ack = 1, .len = 100));
	FINE(OUT(.seq = 1, .ack = 101));
	WRONG("an ACK that nothing asks for", OUT(.seq = 1, .ack = 101));
}

TEST_IN(an_ack_from_elsewhere)
{
	OPEN(SYN_HAS);
	FINE(IN(.seq = 1, .ack = 1, .len = 100));
	WRONG("an ACK from 2, and SND.NXT is 1", OUT(.seq = 2, .ack = 101));
}

TEST_IN(push_without_text)
{
	OPEN(SYN_HAS);
	FINE(IN(.seq = 1, .ack = 1, .len = 100));
	WRONG("PSH without text", OUT(.flags = A | P, .seq = 1, .ack = 101));
}

TEST_IN(the_window_moves_back)
{
	OPEN(SYN_HAS);
	FINE(IN(.seq = 1, .ack = 1, .len = 100));
	FINE(OUT(.seq = 1, .ack = 101, .wnd = 19900));
	FINE(IN(.seq = 101, .ack = 1, .len = 100));
	WRONG("SHLD-14", OUT(.seq = 1, .ack = 201, .wnd = 19799));
}

TEST_IN(the_window_of_a_syn_ack_is_smaller)
{
	FINE(DO(OPEN_ACTIVE, 0));
	FINE(OUT(.flags = S, SYN_HAS));
	FINE(IN(.flags = S, SYN_HAS));
	WRONG("a smaller window than the SYN's",
	      OUT(.flags = S | A, .ack = 1, .wnd = 19999, SYN_HAS));
}

/* Timestamps. */

#define OPEN_TS                                                                \
	do {                                                                   \
		FINE(DO(OPEN_ACTIVE, 0));                                      \
		FINE(OUT(.flags = S, SYN_HAS, STAMPS(100, 0)));                \
		LATER(10);                                                     \
		FINE(IN(.flags = S | A, .ack = 1, SYN_HAS, STAMPS(50, 100)));  \
		FINE(OUT(.seq = 1, .ack = 1, STAMPS(110, 50)));                \
	} while (0)

TEST_IN(timestamps_that_one_syn_lacks)
{
	OPEN(SYN_HAS);
	FINE(IN(.seq = 1, .ack = 1, .len = 100));
	WRONG("which not both SYNs have",
	      OUT(.seq = 1, .ack = 101, STAMPS(1, 0)));
}

TEST_IN(no_timestamps)
{
	OPEN_TS;
	FINE(IN(.seq = 1, .ack = 1, .len = 100, STAMPS(51, 110)));
	WRONG("no timestamps", OUT(.seq = 1, .ack = 101));
}

TEST_IN(another_echo)
{
	OPEN_TS;
	FINE(IN(.seq = 101, .ack = 1, .len = 100, STAMPS(51, 110)));
	/* What is above a hole is not echoed. */
	WRONG("TSecr is 51 and TS.Recent 50",
	      OUT(.seq = 1, .ack = 1, STAMPS(110, 51)));
	ANEW;
	OPEN_TS;
	FINE(IN(.seq = 1, .ack = 1, .len = 100, STAMPS(51, 110)));
	WRONG("TSecr is 50 and TS.Recent 51",
	      OUT(.seq = 1, .ack = 101, STAMPS(110, 50)));
}

TEST_IN(a_clock_that_goes_wrong)
{
	OPEN_TS;
	FINE(IN(.seq = 1, .ack = 1, .len = 100, STAMPS(51, 110)));
	WRONG("TSval goes back", OUT(.seq = 1, .ack = 101, STAMPS(109, 51)));
	ANEW;
	OPEN_TS;
	LATER(100);
	FINE(IN(.seq = 1, .ack = 1, .len = 100, STAMPS(51, 110)));
	WRONG("ticks of TSval", OUT(.seq = 1, .ack = 101, STAMPS(220, 51)));
}

TEST_IN(what_paws_rejects_is_not_taken)
{
	OPEN_TS;
	FINE(IN(.seq = 1, .ack = 1, .len = 100, STAMPS(49, 110)));
	WRONG("and only 1 came", OUT(.seq = 1, .ack = 101, STAMPS(110, 50)));
}

/* SACK. */

TEST_IN(sack_blocks_that_are_not_permitted)
{
	OPEN(SYN_HAS);
	FINE(IN(.seq = 101, .ack = 1, .len = 100));
	WRONG("which not both SYNs permit",
	      OUT(.seq = 1, .ack = 1, .nr = 1, .sack = { { 101, 201 } }));
}

TEST_IN(sack_blocks_that_are_wrong)
{
	static const struct {
		uint32_t edge[2];
		const char *why;
	} wrong[] = {
		{ { 101, 202 }, "not all of which has arrived" },
		{ { 100, 201 }, "not all of which has arrived" },
		{ { 102, 201 }, "beside which more is held" },
		{ { 101, 200 }, "beside which more is held" },
		{ { 201, 101 }, "with RCV.NXT at" },
	};

	for (int i = 0; i < 5; i++) {
		ANEW;
		OPEN(SACK);
		FINE(IN(.seq = 101, .ack = 1, .len = 100));
		WRONG(wrong[i].why,
		      OUT(.seq = 1, .ack = 1, .nr = 1,
			  .sack = { { wrong[i].edge[0], wrong[i].edge[1] } }));
	}
}

TEST_IN(sack_blocks_that_are_missing)
{
	OPEN(SACK);
	FINE(IN(.seq = 101, .ack = 1, .len = 100));
	WRONG("no SACK block", OUT(.seq = 1, .ack = 1));
	ANEW;
	OPEN(SACK);
	FINE(IN(.seq = 101, .ack = 1, .len = 100));
	FINE(OUT(.seq = 1, .ack = 1, .nr = 1, .sack = { { 101, 201 } }));
	FINE(IN(.seq = 301, .ack = 1, .len = 100));
	WRONG("the first SACK block is from 101",
	      OUT(.seq = 1, .ack = 1, .nr = 2,
		  .sack = { { 101, 201 }, { 301, 401 } }));
}

TEST_IN(what_was_pruned_is_told)
{
	OPEN(SACK);
	FINE(IN(.seq = 101, .ack = 1, .len = 100));
	FINE(OUT(.seq = 1, .ack = 1, .nr = 1, .sack = { { 101, 201 } }));
	FINE(DO(PRUNED, 151));
	FINE(IN(.seq = 301, .ack = 1, .len = 100));
	WRONG("not all of which has arrived and is held",
	      OUT(.seq = 1, .ack = 1, .nr = 2,
		  .sack = { { 301, 401 }, { 101, 201 } }));
}

TEST_IN(a_duplicate_that_was_none)
{
	OPEN(SACK);
	FINE(IN(.seq = 1, .ack = 1, .len = 100));
	FINE(OUT(.seq = 1, .ack = 101));
	FINE(IN(.seq = 51, .ack = 1, .len = 100));
	WRONG("RFC 2883 4",
	      OUT(.seq = 1, .ack = 151, .nr = 1, .sack = { { 1, 101 } }));
}

TEST_IN(a_duplicate_told_twice)
{
	OPEN_QUEUED(2000, SACK);
	FINE(IN(.seq = 1, .ack = 1, .len = 100));
	FINE(OUT(.seq = 1, .ack = 101));
	FINE(IN(.seq = 1, .ack = 1, .len = 100));
	FINE(OUT(.seq = 1, .ack = 101, .len = 988, .nr = 1,
		 .sack = { { 1, 101 } }));
	WRONG("RFC 2883 4", OUT(.seq = 989, .ack = 101, .len = 988, .nr = 1,
				.sack = { { 1, 101 } }));
}

/* Text. */

TEST_IN(text_before_the_handshake)
{
	FINE(DO(OPEN_PASSIVE, 0));
	FINE(IN(.flags = S, SYN_HAS));
	FINE(OUT(.flags = S | A, .ack = 1, SYN_HAS));
	FINE(DO(SEND, 100));
	WRONG("text or a FIN in this state",
	      OUT(.flags = A | P, .seq = 1, .ack = 1, .len = 100));
}

TEST_IN(octets_left_out)
{
	OPEN_QUEUED(100, SYN_HAS);
	WRONG("octets 0 to 49 are left out",
	      OUT(.flags = A | P, .seq = 51, .ack = 1, .len = 50));
}

TEST_IN(more_than_was_queued)
{
	OPEN_QUEUED(100, SYN_HAS);
	WRONG("1 octets more than the user has queued",
	      OUT(.flags = A | P, .seq = 1, .ack = 1, .len = 101));
}

TEST_IN(a_fin_in_the_wrong_place)
{
	OPEN_QUEUED(100, SYN_HAS);
	WRONG("the user has not closed",
	      OUT(.flags = A | P | F, .seq = 1, .ack = 1, .len = 100));
	ANEW;
	OPEN_QUEUED(100, SYN_HAS);
	FINE(DO(SHUTDOWN, 0));
	WRONG("does not follow all text",
	      OUT(.flags = A | P | F, .seq = 1, .ack = 1, .len = 50));
}

TEST_IN(no_push_at_the_end)
{
	OPEN_QUEUED(100, SYN_HAS);
	WRONG("MUST-61", OUT(.seq = 1, .ack = 1, .len = 100));
}

TEST_IN(more_than_an_mss)
{
	OPEN_QUEUED(2000, SYN_HAS);
	WRONG("exceed an MSS of 1000", OUT(.seq = 1, .ack = 1, .len = 1001));
	ANEW;
	/* RFC 6691: the options come out of it. */
	OPEN_TS;
	FINE(DO(SEND, 2000));
	WRONG("exceed an MSS of 1000",
	      OUT(.seq = 1, .ack = 1, .len = 989, STAMPS(110, 50)));
	ANEW;
	OPEN_WITH(SYN_HAS, .mss = 0);
	FINE(OUT(.seq = 1, .ack = 1));
	FINE(DO(SEND, 2000));
	WRONG("exceed an MSS of 536", OUT(.seq = 1, .ack = 1, .len = 537));
}

TEST_IN(beyond_the_window)
{
	OPEN_QUEUED(2000, SYN_HAS);
	FINE(IN(.seq = 1, .ack = 1, .wnd = 500));
	WRONG("beyond the window's right edge",
	      OUT(.seq = 1, .ack = 1, .len = 501));
	ANEW;
	/* The window of a SYN-ACK is not scaled. */
	OPEN_WITH(OPTIONS(.scale = 5), OPTIONS(.scale = 5, .wnd = 100));
	FINE(OUT(.seq = 1, .ack = 1));
	FINE(DO(SEND, 2000));
	WRONG("beyond the window's right edge",
	      OUT(.seq = 1, .ack = 1, .len = 101));
}

TEST_IN(a_probe_too_soon)
{
	OPEN(SYN_HAS);
	FINE(IN(.seq = 1, .ack = 1, .wnd = 0));
	FINE(DO(SEND, 2000));
	LATER(100);
	WRONG("SHLD-29", OUT(.seq = 1, .ack = 1, .len = 1));
}

TEST_IN(two_probes)
{
	OPEN(SYN_HAS);
	FINE(IN(.seq = 1, .ack = 1, .wnd = 0));
	FINE(DO(SEND, 2000));
	LATER(400);
	FINE(OUT(.seq = 1, .ack = 1, .len = 1));
	LATER(400);
	WRONG("though what is in flight is one",
	      OUT(.seq = 1, .ack = 1, .len = 2));
}

TEST_IN(other_octets_again)
{
	OPEN_QUEUED(2000, SYN_HAS);
	FINE(OUT(.seq = 1, .ack = 1, .len = 1000));
	LATER(1000);
	WRONG("are not what they were",
	      OUT(.seq = 1, .ack = 1, .len = 1000, .twist = true));
}

TEST_IN(acknowledged_octets_again)
{
	OPEN_QUEUED(2000, SYN_HAS);
	FINE(OUT(.seq = 1, .ack = 1, .len = 1000));
	FINE(IN(.seq = 1, .ack = 501));
	LATER(1000);
	WRONG("octet 0 goes again, which is acknowledged",
	      OUT(.seq = 1, .ack = 1, .len = 1000));
}

/* When something goes again. */

TEST_IN(again_for_no_reason)
{
	OPEN_QUEUED(2000, SYN_HAS);
	FINE(OUT(.seq = 1, .ack = 1, .len = 1000));
	LATER(199);
	WRONG("nothing says that it is lost",
	      OUT(.seq = 1, .ack = 1, .len = 1000));
}

TEST_IN(again_after_two_duplicates)
{
	OPEN_QUEUED(2500, SYN_HAS);
	FINE(OUT(.seq = 1, .ack = 1, .len = 1000));
	FINE(OUT(.seq = 1001, .ack = 1, .len = 1000));
	FINE(IN(.seq = 1, .ack = 1));
	FINE(IN(.seq = 1, .ack = 1));
	WRONG("nothing says that it is lost",
	      OUT(.seq = 1, .ack = 1, .len = 1000));
}

TEST_IN(twice_in_one_recovery)
{
	OPEN_QUEUED(2500, SYN_HAS);
	FINE(OUT(.seq = 1, .ack = 1, .len = 1000));
	FINE(OUT(.seq = 1001, .ack = 1, .len = 1000));
	for (int i = 0; i < 3; i++)
		FINE(IN(.seq = 1, .ack = 1));
	FINE(OUT(.seq = 1, .ack = 1, .len = 1000));
	WRONG("nothing says that it is lost",
	      OUT(.seq = 1, .ack = 1, .len = 1000));
}

TEST_IN(no_back_off)
{
	OPEN_QUEUED(2000, SYN_HAS);
	FINE(OUT(.seq = 1, .ack = 1, .len = 1000));
	LATER(300);
	FINE(OUT(.seq = 1, .ack = 1, .len = 1000));
	LATER(400);
	WRONG("RFC 6298 5.5", OUT(.seq = 1, .ack = 1, .len = 1000));
}

/* RFC 6069: a word from a router may undo one, and cut a wait short. */
TEST_IN(no_back_off_after_a_router_undid_one)
{
	OPEN_QUEUED(2000, SYN_HAS);
	FINE(OUT(.seq = 1, .ack = 1, .len = 1000));
	LATER(300);
	FINE(OUT(.seq = 1, .ack = 1, .len = 1000));
	LATER(450);
	FINE(DO(ICMP, 3 << 8 | 1));
	FINE(OUT(.seq = 1, .ack = 1, .len = 1000));
	LATER(600);
	FINE(OUT(.seq = 1, .ack = 1, .len = 1000));
	LATER(700);
	WRONG("RFC 6298 5.5", OUT(.seq = 1, .ack = 1, .len = 1000));
}

TEST_IN(nothing_goes_again)
{
	OPEN_QUEUED(2000, SYN_HAS);
	FINE(OUT(.seq = 1, .ack = 1, .len = 1000));
	LATER(4000);
	FINE(DO(IDLE, 0));
	LATER(1);
	WRONG("and nothing was sent for 4 s", DO(IDLE, 0));
}

/* The rest of the header. */

TEST_IN(urgent_for_no_reason)
{
	OPEN_QUEUED(100, SYN_HAS);
	WRONG("URG, and nothing is urgent",
	      OUT(.flags = A | P | U, .seq = 1, .ack = 1, .len = 100,
		  .urg = 100));
}

TEST_IN(an_urgent_pointer_to_elsewhere)
{
	OPEN_QUEUED(100, SYN_HAS);
	FINE(DO(URGENT, 0));
	WRONG("MUST-62", OUT(.flags = A | P | U, .seq = 1, .ack = 1, .len = 100,
			     .urg = 99));
}

TEST_IN(urgent_data_without_notice)
{
	OPEN_QUEUED(100, SYN_HAS);
	FINE(DO(URGENT, 0));
	WRONG("no URG", OUT(.flags = A | P, .seq = 1, .ack = 1, .len = 100));
}

TEST_IN(reserved_bits_and_ports)
{
	FINE(DO(OPEN_ACTIVE, 0));
	WRONG("reserved bits", OUT(.flags = S, .reserved = 1, SYN_HAS));
	ANEW;
	OPEN(SYN_HAS);
	FINE(IN(.seq = 1, .ack = 1, .len = 100));
	WRONG("other ports", OUT(.seq = 1, .ack = 101, .sport = 1));
}

UNIT_MAIN
