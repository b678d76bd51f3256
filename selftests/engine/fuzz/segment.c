// SPDX-License-Identifier: GPL-2.0
/*
 * Target: any octets as a segment. What is parsed is built again and parsed
 * again, and must be the same; whatever came, a RST that answers it is one.
 */
#include <stdlib.h>
#include <string.h>
#include "fuzz.h"
#include "segment.h"

#define OPTIONS_MAX (ATCP_HEADER_MAX - ATCP_HEADER_MIN)

/* Octets that the parser may read: ASan watches the end of them. */
static enum atcp_drop parse_header(struct atcp_segment *seg, const u8 *data,
				   u32 total)
{
	u32 readable = total;
	enum atcp_drop drop;
	u8 *header;

	if (total >= ATCP_HEADER_MIN)
		readable =
			min(total, max(atcp_header_len(data), ATCP_HEADER_MIN));
	header = malloc(readable);
	memcpy(header, data, readable);
	drop = atcp_segment_parse(seg, header, total);
	free(header);
	return drop;
}

static void expect_same_options(const struct atcp_segment *a,
				const struct atcp_segment *b)
{
	FUZZ_HOLDS(a->options == b->options);
	if (a->options & ATCP_OPT_MSS)
		FUZZ_HOLDS(a->mss == b->mss);
	if (a->options & ATCP_OPT_WSCALE)
		FUZZ_HOLDS(a->wscale == b->wscale);
	if (a->options & ATCP_OPT_TS)
		FUZZ_HOLDS(a->tsval == b->tsval && a->tsecr == b->tsecr);
	if (a->options & ATCP_OPT_SACK)
		FUZZ_HOLDS(a->nr_sacks == b->nr_sacks &&
			   !memcmp(a->sacks, b->sacks,
				   a->nr_sacks * sizeof(a->sacks[0])));
}

static void expect_same(const struct atcp_segment *a,
			const struct atcp_segment *b)
{
	FUZZ_HOLDS(a->sport == b->sport && a->dport == b->dport);
	FUZZ_HOLDS(a->seq == b->seq && a->flags == b->flags);
	FUZZ_HOLDS(a->len == b->len && a->wnd == b->wnd);
	if (a->flags & ATCP_ACK)
		FUZZ_HOLDS(a->ack == b->ack);
	if (a->flags & ATCP_URG)
		FUZZ_HOLDS(a->urg == b->urg);
	expect_same_options(a, b);
}

/* What a header of ours can hold: a peer may pack its options closer. */
static void make_fit(struct atcp_segment *seg)
{
	while (atcp_segment_options_len(seg) > OPTIONS_MAX) {
		if (!--seg->nr_sacks)
			seg->options &= ~ATCP_OPT_SACK;
	}
}

static void build_and_parse(struct atcp_segment seg, const u8 *payload)
{
	u8 header[ATCP_HEADER_MAX];
	struct atcp_segment again;
	unsigned int len;
	u8 *octets;

	make_fit(&seg);
	len = atcp_segment_build(&seg, header);
	FUZZ_HOLDS(len == ATCP_HEADER_MIN + atcp_segment_options_len(&seg));
	FUZZ_HOLDS(len == atcp_header_len(header));

	octets = malloc(len + seg.len);
	memcpy(octets, header, len);
	memcpy(octets + len, payload, seg.len);
	atcp_put16(octets + 16, atcp_checksum(octets, len + seg.len, 0));
	FUZZ_HOLDS(!atcp_checksum(octets, len + seg.len, 0));
	/* One bit is never missed. */
	octets[seg.seq % (len + seg.len)] ^= 1 << seg.wnd % 8;
	FUZZ_HOLDS(atcp_checksum(octets, len + seg.len, 0));
	octets[seg.seq % (len + seg.len)] ^= 1 << seg.wnd % 8;

	FUZZ_HOLDS(!parse_header(&again, octets, len + seg.len));
	FUZZ_HOLDS(again.header_len == len);
	expect_same(&seg, &again);
	free(octets);
}

/* RFC 9293 section 3.10.7.1. */
static void expect_reset(const struct atcp_segment *seg)
{
	struct atcp_segment rst, none;
	bool sent = atcp_segment_reset(seg, &rst);

	FUZZ_HOLDS(sent == !(seg->flags & ATCP_RST));
	if (!sent)
		return;
	FUZZ_HOLDS(rst.flags & ATCP_RST);
	FUZZ_HOLDS(!(rst.flags & (ATCP_SYN | ATCP_FIN)));
	FUZZ_HOLDS(rst.sport == seg->dport && rst.dport == seg->sport);
	FUZZ_HOLDS(!rst.len && !rst.options);
	if (seg->flags & ATCP_ACK)
		FUZZ_HOLDS(rst.flags == ATCP_RST && rst.seq == seg->ack);
	else
		FUZZ_HOLDS(rst.flags == (ATCP_RST | ATCP_ACK) && !rst.seq &&
			   rst.ack == seg->seq + atcp_segment_space(seg));
	FUZZ_HOLDS(!atcp_segment_reset(&rst, &none));
	build_and_parse(rst, (const u8 *)"");
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	struct atcp_segment seg = { 0 };
	enum atcp_drop drop = parse_header(&seg, data, len);

	fuzz_step("%zu octets: reason to drop: %u", len, drop);
	if (drop)
		return 0;
	FUZZ_HOLDS(seg.header_len + seg.len == len);
	FUZZ_HOLDS(seg.nr_sacks <= ATCP_SACK_MAX);
	FUZZ_HOLDS(!seg.nr_sacks == !(seg.options & ATCP_OPT_SACK));
	FUZZ_HOLDS(!seg.no_room);
	build_and_parse(seg, data + seg.header_len);
	expect_reset(&seg);
	return 0;
}
