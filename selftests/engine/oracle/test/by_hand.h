/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of the oracle share: how a trace is written. */
#ifndef ATCP_ENGINE_ORACLE_BY_HAND_H
#define ATCP_ENGINE_ORACLE_BY_HAND_H

#include "unit.h"
#include "trace.h"

FIXTURE(oracle)
{
	struct trace t;
};

FIXTURE_SETUP(oracle)
{
	trace_begin(&self->t, false);
}

FIXTURE_TEARDOWN(oracle)
{
	trace_end(&self->t);
}

#define TEST_IN(name) TEST_F(oracle, name)

/* Another trace begins. */
#define ANEW                                                                   \
	do {                                                                   \
		trace_end(&self->t);                                           \
		trace_begin(&self->t, false);                                  \
	} while (0)

/* Right, or wrong for this reason. */
#define FINE(call) EXPECT_STREQ("", (call) ?: "")
#define WRONG(why, call)                                                       \
	do {                                                                   \
		const char *wrong_said = (call) ?: "nothing";                  \
		if (!strstr(wrong_said, why)) {                                \
			TH_LOG("it says: %s", wrong_said);                     \
			EXPECT_STREQ(why, wrong_said);                         \
		}                                                              \
	} while (0)

#define T   (&self->t)
#define WND .wnd = 20000
#define IN(...)                                                                \
	trace_seg(T, EVENT_ARRIVES,                                            \
		  (struct seg){ .flags = A, WND, __VA_ARGS__ })
#define OUT(...)                                                               \
	trace_seg(T, EVENT_SENDS, (struct seg){ .flags = A, WND, __VA_ARGS__ })
#define DO(kind, n)   trace_tell(T, EVENT_##kind, n)
#define SAYS(state)   trace_state(T, state)
#define LATER(ms)     (self->t.us += (ms)*TRACE_MS)
#define READ(from, n) trace_read(T, from, n, false)

/* What both SYNs have, unless a test says otherwise. */
#define SYN_HAS	     .mss = TRACE_FULL
#define SACK	     .mss = TRACE_FULL, .sack_ok = true
#define STAMPS(a, b) .ts = true, .val = (a), .ecr = (b)

#define OPEN_WITH(ours, theirs)                                                \
	do {                                                                   \
		FINE(DO(OPEN_ACTIVE, 0));                                      \
		FINE(OUT(.flags = S, ours));                                   \
		LATER(10);                                                     \
		FINE(IN(.flags = S | A, .ack = 1, theirs));                    \
	} while (0)

/* Established, quiet, nothing sent. */
#define OPEN(...)                                                              \
	do {                                                                   \
		OPEN_WITH(OPTIONS(__VA_ARGS__), OPTIONS(__VA_ARGS__));         \
		FINE(OUT(.seq = 1, .ack = 1));                                 \
		LATER(10);                                                     \
	} while (0)
#define OPTIONS(...) __VA_ARGS__

#endif
