// SPDX-License-Identifier: GPL-2.0
/*
 * Where ATCP departs from the RFCs on purpose: the oracle lets it pass, and
 * objects when it is asked to be strict. One test for each of exempt.c.
 */
#include "by_hand.h"
#include "../exempt.h"

/* The same again, strictly. */
#define STRICT                                                                 \
	do {                                                                   \
		trace_end(T);                                                  \
		trace_begin(T, true);                                          \
	} while (0)

TEST_IN(each_has_a_name_and_a_reason)
{
	for (int i = 0; i < EXEMPTIONS; i++) {
		ASSERT_NE(NULL, exemptions[i].name);
		EXPECT_NE(NULL, strstr(exemptions[i].rule, "RFC "));
		EXPECT_LT(30, strlen(exemptions[i].why));
	}
}

static const char *rounded_edge(struct trace *t)
{
	struct seg syn = { .flags = S, .wnd = 20000, .scale = 6 };

	trace_tell(t, EVENT_OPEN_ACTIVE, 0);
	trace_seg(t, EVENT_SENDS, syn);
	syn.flags = S | A;
	syn.ack = 1;
	trace_seg(t, EVENT_ARRIVES, syn);
	trace_seg(t, EVENT_SENDS,
		  (struct seg){ .flags = A, .seq = 1, .ack = 1, .wnd = 625 });
	trace_seg(t, EVENT_ARRIVES,
		  (struct seg){ .flags = A, .seq = 1, .ack = 1, .len = 1 });
	return trace_seg(t, EVENT_SENDS,
			 (struct seg){ .flags = A,
				       .seq = 1,
				       .ack = 2,
				       .wnd = 624 });
}

TEST_IN(rounded_edge)
{
	FINE(rounded_edge(T));
	STRICT;
	WRONG("SHLD-14", rounded_edge(T));
}

/* Fine as a rule, and wrong to the letter of the RFC. */
#define BOTH(why, trace, last)                                                 \
	do {                                                                   \
		trace;                                                         \
		FINE(last);                                                    \
		STRICT;                                                        \
		trace;                                                         \
		WRONG(why, last);                                              \
	} while (0)

/* Established, and @n full segments are in flight. */
#define SENT(n)                                                                \
	do {                                                                   \
		OPEN(SYN_HAS);                                                 \
		FINE(DO(SEND, 5000));                                          \
		for (int i = 0; i < (n); i++)                                  \
			FINE(OUT(.seq = 1 + 1000 * i, .ack = 1, .len = 1000)); \
	} while (0)

TEST_IN(window_by_ack)
{
	/* An older segment acknowledges more: its window counts. */
	BOTH("beyond the window's right edge", SENT(2);
	     FINE(IN(.seq = 101, .ack = 1, .len = 10, .wnd = 1500));
	     FINE(OUT(.seq = 2001, .ack = 1));
	     FINE(IN(.seq = 1, .ack = 1001, .len = 10, .wnd = 20000)),
	     OUT(.seq = 2001, .ack = 11, .len = 1000, .wnd = 19990));
}

TEST_IN(at_the_edge)
{
	/* The window is full, and the peer's ACK begins where it ends. */
	BOTH("has arrived", SENT(1); FINE(IN(.seq = 20001, .ack = 1001)),
				     DO(ACKED, 1000) ? "has arrived" : NULL);
}

TEST_IN(whole_window)
{
	BOTH("it acknowledges up to",
	     OPEN_WITH(OPTIONS(SYN_HAS, .wnd = 100), SYN_HAS);
	     FINE(OUT(.seq = 1, .ack = 1, .wnd = 100));
	     FINE(IN(.seq = 1, .ack = 1, .len = 1));
	     FINE(OUT(.seq = 1, .ack = 2, .wnd = 99));
	     FINE(IN(.seq = 1, .ack = 1, .len = 200)),
	     OUT(.seq = 1, .ack = 101, .wnd = 0));
}

TEST_IN(seq_in_window)
{
	BOTH("and SND.NXT is", SENT(2);
	     FINE(IN(.seq = 1, .ack = 1, .len = 10, .wnd = 1500)),
	     OUT(.seq = 1501, .ack = 11));
}

TEST_IN(probe_withdrawn)
{
	BOTH("nothing says that it is lost", OPEN(SYN_HAS);
	     FINE(IN(.seq = 1, .ack = 1, .wnd = 0)); FINE(DO(SEND, 2000));
	     LATER(1000); FINE(OUT(.seq = 1, .ack = 1, .len = 1)); LATER(20);
	     FINE(IN(.seq = 1, .ack = 1)),
	     OUT(.seq = 1, .ack = 1, .len = 1000));
}

TEST_IN(no_timestamp)
{
	BOTH("it acknowledges up to", FINE(DO(OPEN_ACTIVE, 0));
	     FINE(OUT(.flags = S, SYN_HAS, STAMPS(100, 0)));
	     FINE(IN(.flags = S | A, .ack = 1, SYN_HAS, STAMPS(50, 100)));
	     FINE(OUT(.seq = 1, .ack = 1, STAMPS(100, 50)));
	     FINE(IN(.seq = 1, .ack = 1, .len = 100)),
	     OUT(.seq = 1, .ack = 101, STAMPS(100, 50)));
}

TEST_IN(rto_min)
{
	BOTH("nothing says that it is lost", SENT(1);
	     LATER(200), OUT(.seq = 1, .ack = 1, .len = 1000));
}

TEST_IN(time_wait)
{
	BOTH("for no reason", OPEN(SYN_HAS); FINE(DO(SHUTDOWN, 0));
	     FINE(OUT(.flags = A | F, .seq = 1, .ack = 1));
	     FINE(IN(.flags = A | F, .seq = 1, .ack = 2));
	     FINE(OUT(.seq = 2, .ack = 2)); LATER(60000), SAYS("CLOSED"));
}

TEST_IN(time_wait_reset)
{
	BOTH("it still says", OPEN(SYN_HAS); FINE(DO(SHUTDOWN, 0));
	     FINE(OUT(.flags = A | F, .seq = 1, .ack = 1));
	     FINE(SAYS("FIN-WAIT-1"));
	     FINE(IN(.flags = A | F, .seq = 1, .ack = 2));
	     FINE(SAYS("TIME-WAIT")); FINE(OUT(.seq = 2, .ack = 2));
	     FINE(IN(.flags = R, .seq = 2)); LATER(1), DO(IDLE, 0));
}

TEST_IN(least_mss)
{
	BOTH("exceed an MSS of 40", OPEN_WITH(SYN_HAS, .mss = 40);
	     FINE(OUT(.seq = 1, .ack = 1));
	     FINE(DO(SEND, 100)), OUT(.seq = 1, .ack = 1, .len = 48));
}

TEST_IN(syn_fin)
{
	BOTH("it still says LISTEN", FINE(DO(OPEN_PASSIVE, 0));
	     FINE(SAYS("LISTEN")); FINE(IN(.flags = S | F, SYN_HAS));
	     LATER(1), DO(IDLE, 0));
}

TEST_IN(syn_again)
{
	BOTH("a SYN again", FINE(DO(OPEN_PASSIVE, 0));
	     FINE(IN(.flags = S, SYN_HAS));
	     FINE(OUT(.flags = S | A, .ack = 1, SYN_HAS));
	     FINE(IN(.flags = S, SYN_HAS)),
	     OUT(.flags = S | A, .ack = 1, SYN_HAS));
}

TEST_IN(syn_ack_is_an_ack)
{
	BOTH("for no reason", FINE(DO(OPEN_ACTIVE, 0));
	     FINE(OUT(.flags = S, SYN_HAS)); FINE(IN(.flags = S, SYN_HAS));
	     FINE(OUT(.flags = S | A, .ack = 1, SYN_HAS));
	     FINE(IN(.flags = S | A, .ack = 1, SYN_HAS)), SAYS("ESTABLISHED"));
}

TEST_IN(syn_in_syn_received)
{
	BOTH("it still says SYN-RECEIVED", FINE(DO(OPEN_PASSIVE, 0));
	     FINE(IN(.flags = S, SYN_HAS)); FINE(SAYS("SYN-RECEIVED"));
	     FINE(OUT(.flags = S | A, .ack = 1, SYN_HAS));
	     FINE(IN(.flags = S, .seq = 10, SYN_HAS)); LATER(1), DO(IDLE, 0));
}

TEST_IN(ts_of_bad_ack)
{
	BOTH("TSecr is 50 and TS.Recent 60", FINE(DO(OPEN_PASSIVE, 0));
	     FINE(IN(.flags = S, SYN_HAS, STAMPS(50, 0)));
	     FINE(OUT(.flags = S | A, .ack = 1, SYN_HAS, STAMPS(9, 50)));
	     FINE(IN(.seq = 1, .ack = 7, STAMPS(60, 0)));
	     FINE(OUT(.flags = R, .seq = 7));
	     FINE(IN(.seq = 30000, .ack = 1, .len = 1, STAMPS(60, 0))),
	     OUT(.seq = 1, .ack = 1, STAMPS(9, 50)));
}

TEST_IN(gives_up)
{
	BOTH("for no reason", SENT(1); LATER(1000);
	     FINE(OUT(.seq = 1, .ack = 1, .len = 1000));
	     LATER(1000), SAYS("CLOSED"));
}

/* EXEMPT_FIN_WAITS: the state waits with the FIN. */
TEST_IN(fin_waits)
{
	BOTH("it still says SYN-RECEIVED", FINE(DO(OPEN_ACTIVE, 0));
	     FINE(OUT(.flags = S, SYN_HAS)); FINE(IN(.flags = S, SYN_HAS));
	     FINE(SAYS("SYN-RECEIVED"));
	     FINE(OUT(.flags = S | A, .ack = 1, SYN_HAS));
	     FINE(DO(SHUTDOWN, 0)); LATER(1), DO(IDLE, 0));
}

UNIT_MAIN
