// SPDX-License-Identifier: GPL-2.0
/*
 * The twin of the engine's parser: first cuts the list into options, then looks
 * at each. What the engine builds is read by both, too.
 */
#include <stdlib.h>
#include <string.h>
#include "segment.h"
#include "steps.h"
#include "twin.h"

#define LIST_MAX 40

/**
 * struct option - one of a list
 * @kind: its first octet
 * @len: its second; 1 without one
 * @body: what follows
 */
struct option {
	u8 kind;
	u8 len;
	u8 body[LIST_MAX];
};

/**
 * struct list - what stands in a header's options
 * @nr: options in @option, the last of each kind counts
 * @option: in their order, without padding
 * @broken: a length makes no sense
 */
struct list {
	unsigned int nr;
	struct option option[LIST_MAX];
	bool broken;
};

/* RFC 9293 section 3.2: kind, length, and length - 2 octets. */
static void cut_list(struct list *list, const u8 *octets, unsigned int len)
{
	unsigned int at = 0, i;

	while (at < len && octets[at] != 0) {
		struct option *o = &list->option[list->nr];

		if (octets[at] == 1) {
			at++;
			continue;
		}
		if (at + 1 >= len || octets[at + 1] < 2 ||
		    at + octets[at + 1] > len) {
			list->broken = true;
			return;
		}
		o->kind = octets[at];
		o->len = octets[at + 1];
		for (i = 2; i < o->len; i++)
			o->body[i - 2] = octets[at + i];
		at += o->len;
		list->nr++;
	}
}

static bool length_is_right(const struct option *o)
{
	switch (o->kind) {
	case 2:
		return o->len == 4;
	case 3:
		return o->len == 3;
	case 4:
		return o->len == 2;
	case 5:
		return o->len == 10 || o->len == 18 || o->len == 26 ||
		       o->len == 34;
	case 8:
		return o->len == 10;
	default:
		return true;
	}
}

static u32 number(const u8 *octets, unsigned int len)
{
	u32 n = 0;

	while (len--)
		n = n * 256 + *octets++;
	return n;
}

/* What the last option of its kind says; NULL if there is none. */
static const struct option *find(const struct list *list, u8 kind)
{
	const struct option *found = NULL;
	unsigned int i;

	for (i = 0; i < list->nr; i++)
		if (list->option[i].kind == kind)
			found = &list->option[i];
	return found;
}

static void same(const char *what, u32 engine, u32 twin)
{
	if (engine != twin)
		twin_differs("%s: the engine reads %u, the twin %u", what,
			     engine, twin);
}

static void compare_syn_options(const struct atcp_segment *seg,
				const struct list *list)
{
	const struct option *mss = find(list, 2), *wscale = find(list, 3);

	same("MSS there", !!(seg->options & ATCP_OPT_MSS), !!mss);
	if (mss)
		same("MSS", seg->mss, number(mss->body, 2));
	same("scale there", !!(seg->options & ATCP_OPT_WSCALE), !!wscale);
	if (wscale)
		same("scale", seg->wscale,
		     wscale->body[0] > 14 ? 14 : wscale->body[0]);
	same("SACK-permitted", !!(seg->options & ATCP_OPT_SACK_OK),
	     !!find(list, 4));
}

static void compare_options(const struct atcp_segment *seg,
			    const struct list *list)
{
	const struct option *sack = find(list, 5), *ts = find(list, 8);
	unsigned int i;

	if (seg->flags & ATCP_SYN)
		compare_syn_options(seg, list);
	else
		same("options of a SYN",
		     seg->options & (ATCP_OPT_MSS | ATCP_OPT_WSCALE |
				     ATCP_OPT_SACK_OK),
		     0);
	same("timestamps there", !!(seg->options & ATCP_OPT_TS), !!ts);
	if (ts) {
		same("TSval", seg->tsval, number(ts->body, 4));
		same("TSecr", seg->tsecr, number(ts->body + 4, 4));
	}
	same("SACK there", !!(seg->options & ATCP_OPT_SACK), !!sack);
	same("blocks", seg->nr_sacks, sack ? (sack->len - 2) / 8 : 0);
	for (i = 0; i < seg->nr_sacks; i++) {
		same("left edge", seg->sacks[i].start,
		     number(sack->body + 8 * i, 4));
		same("right edge", seg->sacks[i].end,
		     number(sack->body + 8 * i + 4, 4));
	}
}

/* Why the segment is dropped, in the order in which it shows. */
static enum atcp_drop verdict(const u8 *octets, size_t len, struct list *list)
{
	unsigned int offset, i;

	if (len < 20)
		return ATCP_DROP_SHORT;
	offset = octets[12] / 16 * 4;
	if (offset < 20 || offset > len)
		return ATCP_DROP_HEADER_LENGTH;
	if (!number(octets, 2) || !number(octets + 2, 2))
		return ATCP_DROP_PORT_ZERO;
	cut_list(list, octets + 20, offset - 20);
	for (i = 0; i < list->nr; i++)
		if (!length_is_right(&list->option[i]))
			list->broken = true;
	return list->broken ? ATCP_DROP_OPTIONS : ATCP_DROP_NONE;
}

/* The copy ends where the segment ends, so that reading on is found out. */
static bool compare_parse(const u8 *octets, size_t len,
			  struct atcp_segment *seg)
{
	struct list list = { 0 };
	enum atcp_drop want = verdict(octets, len, &list);
	u8 *copy = malloc(len ?: 1);
	enum atcp_drop drop;

	memcpy(copy, octets, len);
	memset(seg, 0xa5, sizeof(*seg));
	drop = atcp_segment_parse(seg, copy, len);
	free(copy);
	same("reason to drop it", drop, want);
	if (drop)
		return false;
	same("source port", seg->sport, number(octets, 2));
	same("destination port", seg->dport, number(octets + 2, 2));
	same("SEG.SEQ", seg->seq, number(octets + 4, 4));
	same("SEG.ACK", seg->ack, number(octets + 8, 4));
	same("flags", seg->flags, octets[13] % 64);
	same("SEG.WND", seg->wnd, number(octets + 14, 2));
	same("urgent pointer", seg->urg, number(octets + 18, 2));
	same("header", seg->header_len, octets[12] / 16 * 4);
	same("text", seg->len, len - octets[12] / 16 * 4);
	compare_options(seg, &list);
	return true;
}

/* What was read, built anew, says the same again. */
static void compare_build(const struct atcp_segment *seg)
{
	struct atcp_segment copy = *seg, again;
	u8 octets[ATCP_HEADER_MAX];
	unsigned int len;

	/* The engine never says all of this at once, and has no room for it. */
	if (20 + atcp_segment_options_len(seg) > ATCP_HEADER_MAX)
		copy.options &= ~ATCP_OPT_SACK;
	len = atcp_segment_build(&copy, octets);
	twin_step("built anew: %u octets", len);
	same("octets built", len, 20 + atcp_segment_options_len(&copy));
	same("octets over", len % 4, 0);
	same("checksum", number(octets + 16, 2), 0);
	if (!compare_parse(octets, len, &again))
		twin_differs("the engine cannot read what it built");
	same("flags again", again.flags, copy.flags);
	same("options again", again.options, copy.options);
	same("SEG.SEQ again", again.seq, copy.seq);
	same("SEG.ACK again", again.ack, copy.flags & ATCP_ACK ? copy.ack : 0);
	same("SEG.WND again", again.wnd, copy.wnd);
	same("pointer again", again.urg, copy.flags & ATCP_URG ? copy.urg : 0);
	if (copy.options & ATCP_OPT_MSS)
		same("MSS again", again.mss, copy.mss);
	if (copy.options & ATCP_OPT_WSCALE)
		same("scale again", again.wscale, copy.wscale);
	if (copy.options & ATCP_OPT_TS) {
		same("TSval again", again.tsval, copy.tsval);
		same("TSecr again", again.tsecr, copy.tsecr);
	}
	if (copy.options & ATCP_OPT_SACK) {
		same("blocks again", again.nr_sacks, copy.nr_sacks);
		same("their edges",
		     memcmp(again.sacks, copy.sacks,
			    copy.nr_sacks * sizeof(copy.sacks[0])),
		     0);
	}
}

/* A header around a list of options, which is padded to whole words. */
static size_t around(const u8 *list, size_t len, u8 flags, u8 *octets)
{
	size_t padded;

	if (len > LIST_MAX)
		len = LIST_MAX;
	padded = (len + 3) / 4 * 4;
	memset(octets, 0, 20 + padded);
	octets[1] = 1;
	octets[3] = 2;
	octets[12] = (20 + padded) / 4 * 16;
	octets[13] = flags;
	memcpy(octets + 20, list, len);
	return 20 + padded;
}

/**
 * twin_options() - read and build a segment's header
 * @data: the flags (of SYN and others), then a list of options; if the first
 *        octet is 255, a whole segment follows
 * @len: octets of @data
 */
void twin_options(const uint8_t *data, size_t len)
{
	u8 octets[20 + LIST_MAX];
	struct atcp_segment seg;
	bool read;

	twin_begin();
	if (!len)
		return;
	if (data[0] == 255) {
		twin_step("a segment of %zu octets", len - 1);
		read = compare_parse(data + 1, len - 1, &seg);
	} else {
		twin_step("%zu octets of options, flags 0x%02x", len - 1,
			  data[0]);
		len = around(data + 1, len - 1, data[0], octets);
		read = compare_parse(octets, len, &seg);
	}
	if (read)
		compare_build(&seg);
}
