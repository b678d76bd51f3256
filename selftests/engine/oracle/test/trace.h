/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Traces written by hand: one end of a connection, event by event. Sequence
 * numbers count from the SYN, which is 0, on either side; the octets of text
 * follow from their numbers.
 */
#ifndef ATCP_ENGINE_ORACLE_TRACE_H
#define ATCP_ENGINE_ORACLE_TRACE_H

#include "../oracle.h"

/* The numbers that they stand for; ours pass 2^32 soon. */
#define TRACE_ISS  0xfffffff0U
#define TRACE_IRS  5000U
#define TRACE_MS   1000ULL
#define TRACE_FULL 1000 /* both MSS */

#define F 1
#define S 2
#define R 4
#define P 8
#define A 16
#define U 32

/**
 * struct seg - a segment
 * @flags: F, S, R, P, A, U
 * @seq: its number
 * @ack: what it acknowledges
 * @len: octets of text
 * @wnd: its window field
 * @urg: its pointer
 * @mss: MSS option, 0 for none
 * @scale: window scale + 1, 0 for none
 * @sack_ok: SACK-permitted
 * @ts: it has timestamps
 * @val: TSval
 * @ecr: TSecr
 * @nr: SACK blocks
 * @sack: their edges
 * @twist: its text is another one
 * @reserved: the bits beside the data offset
 * @sport: added to its source port
 */
struct seg {
	unsigned int flags;
	uint32_t seq;
	uint32_t ack;
	unsigned int len;
	unsigned int wnd;
	unsigned int urg;
	unsigned int mss;
	unsigned int scale;
	bool sack_ok;
	bool ts;
	uint32_t val;
	uint32_t ecr;
	unsigned int nr;
	uint32_t sack[4][2];
	bool twist;
	unsigned int reserved;
	unsigned int sport;
};

/**
 * struct trace - the oracle and the time
 * @o: the oracle
 * @us: the time of the next event
 */
struct trace {
	struct oracle *o;
	uint64_t us;
};

void trace_begin(struct trace *t, bool strict);
void trace_end(struct trace *t);
const char *trace_tell(struct trace *t, enum event_kind kind, uint32_t n);
const char *trace_state(struct trace *t, const char *state);
const char *trace_seg(struct trace *t, enum event_kind kind, struct seg seg);
const char *trace_read(struct trace *t, uint32_t first, uint32_t n, bool twist);

#endif
