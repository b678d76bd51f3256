// SPDX-License-Identifier: GPL-2.0
/* A run in lines for people: see trace.h. */
#include <stdarg.h>
#include "segment.h"
#include "trace.h"

/**
 * trace_line() - one line
 * @t: where it goes
 * @us: virtual time
 * @format: the rest, for printf()
 */
void trace_line(struct trace *t, u64 us, const char *format, ...)
{
	char *line = t->line[t->count++ % TRACE_LAST];
	va_list args;
	int n;

	n = snprintf(line, TRACE_LINE, "%6llu.%06llu ",
		     (unsigned long long)(us / 1000000),
		     (unsigned long long)(us % 1000000));
	va_start(args, format);
	vsnprintf(line + n, TRACE_LINE - n, format, args);
	va_end(args);
	if (t->out)
		fprintf(t->out, "%s\n", line);
}

/**
 * trace_last() - print the last lines
 * @t: the trace
 * @to: where to
 */
void trace_last(const struct trace *t, FILE *to)
{
	u64 i = t->count > TRACE_LAST ? t->count - TRACE_LAST : 0;

	for (; i < t->count; i++)
		fprintf(to, "%s\n", t->line[i % TRACE_LAST]);
}

/**
 * struct text - a string that grows
 * @at: where it ends
 * @room: octets left
 */
struct text {
	char *at;
	size_t room;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *t,
						      const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(t->at, t->room, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= t->room)
		n = t->room - 1;
	t->at += n;
	t->room -= n;
}

static void add_flags(struct text *t, u8 flags)
{
	static const struct {
		u8 flag;
		char letter;
	} letters[] = {
		{ ATCP_SYN, 'S' }, { ATCP_FIN, 'F' }, { ATCP_RST, 'R' },
		{ ATCP_PSH, 'P' }, { ATCP_URG, 'U' }, { ATCP_ACK, '.' },
	};
	unsigned int i;

	add(t, "[");
	for (i = 0; i < ARRAY_SIZE(letters); i++)
		if (flags & letters[i].flag)
			add(t, "%c", letters[i].letter);
	add(t, "]");
}

static void add_options(struct text *t, const struct atcp_segment *seg)
{
	unsigned int i;

	if (seg->options & ATCP_OPT_MSS)
		add(t, " mss %u", seg->mss);
	if (seg->options & ATCP_OPT_WSCALE)
		add(t, " wscale %u", seg->wscale);
	if (seg->options & ATCP_OPT_SACK_OK)
		add(t, " sackOK");
	if (seg->options & ATCP_OPT_TS)
		add(t, " ts %u %u", seg->tsval, seg->tsecr);
	if (!(seg->options & ATCP_OPT_SACK))
		return;
	add(t, " sack");
	for (i = 0; i < seg->nr_sacks; i++)
		add(t, " %u:%u", seg->sacks[i].start, seg->sacks[i].end);
}

/**
 * trace_segment() - a segment as tcpdump writes it
 * @to: where to
 * @room: octets there
 * @octets: the segment, from the TCP header on
 * @len: octets of it
 */
void trace_segment(char *to, size_t room, const u8 *octets, u32 len)
{
	struct text t = { to, room };
	struct atcp_segment seg;

	if (atcp_segment_parse(&seg, octets, len)) {
		add(&t, "malformed, %u octets", len);
		return;
	}
	add_flags(&t, seg.flags);
	add(&t, " seq %u", seg.seq);
	if (seg.len)
		add(&t, ":%u", seg.seq + seg.len);
	if (seg.flags & ATCP_ACK)
		add(&t, " ack %u", seg.ack);
	add(&t, " win %u", seg.wnd);
	if (seg.flags & ATCP_URG)
		add(&t, " urg %u", seg.urg);
	add_options(&t, &seg);
	add(&t, " len %u", seg.len);
}
