/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sequence number arithmetic, RFC 9293 section 3.4: all comparisons are
 * modulo 2^32, valid while the two numbers are less than 2^31 apart.
 */
#ifndef ATCP_ENGINE_SEQ_H
#define ATCP_ENGINE_SEQ_H

#include "types.h"

static inline bool seq_lt(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static inline bool seq_leq(u32 a, u32 b)
{
	return (s32)(a - b) <= 0;
}

static inline bool seq_gt(u32 a, u32 b)
{
	return seq_lt(b, a);
}

static inline bool seq_geq(u32 a, u32 b)
{
	return seq_leq(b, a);
}

/* a <= x < b, which an empty [a, b) never satisfies */
static inline bool seq_in(u32 x, u32 a, u32 b)
{
	return x - a < b - a;
}

static inline u32 seq_max(u32 a, u32 b)
{
	return seq_gt(a, b) ? a : b;
}

static inline u32 seq_min(u32 a, u32 b)
{
	return seq_lt(a, b) ? a : b;
}

#endif
