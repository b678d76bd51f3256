/* SPDX-License-Identifier: GPL-2.0 */
/* A run in lines for people, to a file or as the last few of them in memory. */
#ifndef ATCP_SIM_TRACE_H
#define ATCP_SIM_TRACE_H

#include <stdio.h>
#include <linux/compiler.h>
#include "types.h"

#define TRACE_LINE 240
#define TRACE_LAST 40

/**
 * struct trace - where lines go
 * @out: a file; NULL: to @line
 * @line: the last lines, in a ring
 * @count: lines so far
 */
struct trace {
	FILE *out;
	u64 count;
	char line[TRACE_LAST][TRACE_LINE];
};

__printf(3, 4) void trace_line(struct trace *t, u64 us, const char *format,
			       ...);
void trace_segment(char *to, size_t room, const u8 *octets, u32 len);
void trace_last(const struct trace *t, FILE *to);

#endif
