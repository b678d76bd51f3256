// SPDX-License-Identifier: GPL-2.0
/* Segments between octets and numbers: RFC 9293 section 3.1 and 3.2. */
#include "unit.h"
#include "segment.h"

/* A header at the end of an allocation, so that ASan sees a read past it. */
struct packet {
	u8 *start;
	u32 len;
};

static struct packet packet_new(const u8 *octets, u32 len)
{
	struct packet p = { malloc(len ?: 1), len };

	memcpy(p.start, octets, len);
	return p;
}

static enum atcp_drop parse(struct atcp_segment *seg, const u8 *octets, u32 len,
			    u32 payload)
{
	struct packet p = packet_new(octets, len);
	enum atcp_drop drop = atcp_segment_parse(seg, p.start, len + payload);

	free(p.start);
	return drop;
}

/* The first 20 octets of an ACK whose header has @options more. */
static void header(u8 *h, u8 flags, unsigned int options)
{
	static const u8 fixed[] = { 0x9c, 0x40, 0, 80, 1,    2,	   3, 4, 5, 6,
				    7,	  8,	0, 0,  0x12, 0x34, 0, 0, 0, 9 };

	memcpy(h, fixed, sizeof(fixed));
	h[12] = (ATCP_HEADER_MIN + options) / 4 << 4;
	h[13] = flags;
}

/* The verdict on an option list in a header of its length, rounded up. */
static enum atcp_drop parse_list(struct atcp_segment *seg, u8 flags,
				 const u8 *list, unsigned int len)
{
	unsigned int room = (len + 3) / 4 * 4;
	u8 h[ATCP_HEADER_MAX] = { 0 };

	header(h, flags, room);
	memcpy(h + ATCP_HEADER_MIN, list, len);
	return parse(seg, h, ATCP_HEADER_MIN + room, 0);
}

#define LIST(seg, flags, ...)                                                  \
	parse_list(seg, flags, (const u8[]){ __VA_ARGS__ },                    \
		   sizeof((const u8[]){ __VA_ARGS__ }))

TEST(the_fixed_header_is_read)
{
	struct atcp_segment seg;
	u8 h[ATCP_HEADER_MIN];

	header(h, ATCP_ACK | ATCP_PSH | ATCP_URG, 0);
	ASSERT_EQ(ATCP_DROP_NONE, parse(&seg, h, sizeof(h), 77));
	EXPECT_EQ(40000, seg.sport);
	EXPECT_EQ(80, seg.dport);
	EXPECT_EQ(0x01020304U, seg.seq);
	EXPECT_EQ(0x05060708U, seg.ack);
	EXPECT_EQ(ATCP_ACK | ATCP_PSH | ATCP_URG, seg.flags);
	EXPECT_EQ(0x1234, seg.wnd);
	EXPECT_EQ(9, seg.urg);
	EXPECT_EQ(20, seg.header_len);
	EXPECT_EQ(77U, seg.len);
	EXPECT_EQ(0, seg.options);
	EXPECT_EQ(0, seg.nr_sacks);
	EXPECT_FALSE(seg.no_room);
}

/* ECE and CWR, and the reserved bits, are none of the six flags. */
TEST(other_bits_of_the_flags_are_ignored)
{
	struct atcp_segment seg;
	u8 h[ATCP_HEADER_MIN];

	header(h, 0xc0 | ATCP_ACK, 0);
	h[12] |= 0x0f;
	ASSERT_EQ(ATCP_DROP_NONE, parse(&seg, h, sizeof(h), 0));
	EXPECT_EQ(ATCP_ACK, seg.flags);
}

TEST(space_counts_syn_and_fin)
{
	struct atcp_segment seg = { .seq = 0xfffffffe, .len = 10 };

	EXPECT_EQ(10U, atcp_segment_space(&seg));
	EXPECT_EQ(8U, atcp_segment_end(&seg));
	seg.flags = ATCP_FIN;
	EXPECT_EQ(11U, atcp_segment_space(&seg));
	seg.flags = ATCP_SYN | ATCP_FIN;
	EXPECT_EQ(12U, atcp_segment_space(&seg));
	EXPECT_EQ(10U, atcp_segment_end(&seg));
}

TEST(a_header_truncated_anywhere_is_dropped)
{
	struct atcp_segment seg;
	u8 h[ATCP_HEADER_MAX];
	u32 len;

	header(h, ATCP_ACK, 40);
	memset(h + 20, 1, 40);
	for (len = 0; len < ATCP_HEADER_MIN; len++)
		EXPECT_EQ(ATCP_DROP_SHORT, parse(&seg, h, len, 0));
	for (; len < ATCP_HEADER_MAX; len++)
		EXPECT_EQ(ATCP_DROP_HEADER_LENGTH, parse(&seg, h, len, 0));
	EXPECT_EQ(ATCP_DROP_NONE, parse(&seg, h, len, 0));
}

TEST(a_data_offset_under_5_or_past_the_end_is_dropped)
{
	struct atcp_segment seg;
	unsigned int offset;
	u8 h[ATCP_HEADER_MIN + 8];

	for (offset = 0; offset < 16; offset++) {
		header(h, ATCP_ACK, 8);
		memset(h + 20, 1, 8);
		h[12] = offset << 4;
		EXPECT_EQ(offset >= 5 && offset <= 7 ? ATCP_DROP_NONE :
						       ATCP_DROP_HEADER_LENGTH,
			  parse(&seg, h, sizeof(h), 0));
	}
}

TEST(port_zero_is_dropped)
{
	struct atcp_segment seg;
	u8 h[ATCP_HEADER_MIN];

	header(h, ATCP_ACK, 0);
	h[0] = 0;
	h[1] = 0;
	EXPECT_EQ(ATCP_DROP_PORT_ZERO, parse(&seg, h, sizeof(h), 0));
	header(h, ATCP_ACK, 0);
	h[3] = 0;
	EXPECT_EQ(ATCP_DROP_PORT_ZERO, parse(&seg, h, sizeof(h), 0));
	h[2] = 1;
	EXPECT_EQ(ATCP_DROP_NONE, parse(&seg, h, sizeof(h), 0));
}

/* MUST-4: end of list, no-operation and MSS. */
TEST(each_option_is_read)
{
	struct atcp_segment seg;

	ASSERT_EQ(ATCP_DROP_NONE, LIST(&seg, ATCP_SYN, 2, 4, 0x05, 0xb4));
	EXPECT_EQ(ATCP_OPT_MSS, seg.options);
	EXPECT_EQ(1460, seg.mss);

	ASSERT_EQ(ATCP_DROP_NONE, LIST(&seg, ATCP_SYN, 1, 3, 3, 7));
	EXPECT_EQ(ATCP_OPT_WSCALE, seg.options);
	EXPECT_EQ(7, seg.wscale);

	ASSERT_EQ(ATCP_DROP_NONE, LIST(&seg, ATCP_SYN, 4, 2));
	EXPECT_EQ(ATCP_OPT_SACK_OK, seg.options);

	ASSERT_EQ(ATCP_DROP_NONE,
		  LIST(&seg, ATCP_ACK, 1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8));
	EXPECT_EQ(ATCP_OPT_TS, seg.options);
	EXPECT_EQ(0x01020304U, seg.tsval);
	EXPECT_EQ(0x05060708U, seg.tsecr);

	ASSERT_EQ(ATCP_DROP_NONE, LIST(&seg, ATCP_ACK, 5, 18, 0, 0, 0, 1, 0, 0,
				       0, 2, 0, 0, 0, 3, 0, 0, 0, 4));
	EXPECT_EQ(ATCP_OPT_SACK, seg.options);
	ASSERT_EQ(2, seg.nr_sacks);
	EXPECT_EQ(1U, seg.sacks[0].start);
	EXPECT_EQ(2U, seg.sacks[0].end);
	EXPECT_EQ(3U, seg.sacks[1].start);
	EXPECT_EQ(4U, seg.sacks[1].end);
}

/* The parser has a short cut for NOP NOP TS; both ways read the same. */
TEST(timestamps_are_read_wherever_they_stand)
{
	struct atcp_segment seg;

	ASSERT_EQ(ATCP_DROP_NONE,
		  LIST(&seg, ATCP_ACK, 8, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1));
	EXPECT_EQ(ATCP_OPT_TS, seg.options);
	EXPECT_EQ(0x09080706U, seg.tsval);
	EXPECT_EQ(0x05040302U, seg.tsecr);
	ASSERT_EQ(ATCP_DROP_NONE,
		  LIST(&seg, ATCP_ACK, 1, 8, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1));
	EXPECT_EQ(0x09080706U, seg.tsval);
	EXPECT_EQ(0x05040302U, seg.tsecr);
}

/* MUST-5: options are looked for in any segment, MUST-65: those of a SYN only
 * mean nothing elsewhere.
 */
TEST(options_of_a_syn_are_ignored_elsewhere)
{
	struct atcp_segment seg;

	EXPECT_EQ(ATCP_DROP_NONE, LIST(&seg, ATCP_ACK, 2, 4, 5, 0xb4));
	EXPECT_EQ(0, seg.options);
	EXPECT_EQ(ATCP_DROP_NONE, LIST(&seg, ATCP_ACK, 3, 3, 7));
	EXPECT_EQ(0, seg.options);
	EXPECT_EQ(ATCP_DROP_NONE, LIST(&seg, ATCP_ACK, 4, 2));
	EXPECT_EQ(0, seg.options);
}

/* RFC 7323 section 2.3. */
TEST(a_window_scale_over_14_is_read_as_14)
{
	struct atcp_segment seg;

	ASSERT_EQ(ATCP_DROP_NONE, LIST(&seg, ATCP_SYN, 3, 3, 14));
	EXPECT_EQ(14, seg.wscale);
	ASSERT_EQ(ATCP_DROP_NONE, LIST(&seg, ATCP_SYN, 3, 3, 15));
	EXPECT_EQ(14, seg.wscale);
	ASSERT_EQ(ATCP_DROP_NONE, LIST(&seg, ATCP_SYN, 3, 3, 255));
	EXPECT_EQ(14, seg.wscale);
}

/* MUST-6: an option that is not implemented is skipped. */
TEST(an_unknown_option_is_skipped)
{
	struct atcp_segment seg;
	unsigned int kind;

	for (kind = 6; kind < 256; kind++) {
		if (kind == 8)
			continue;
		EXPECT_EQ(ATCP_DROP_NONE, LIST(&seg, ATCP_SYN, kind, 2, kind, 5,
					       0, 8, 10, 2, 4, 1, 0));
		EXPECT_EQ(ATCP_OPT_MSS, seg.options);
		EXPECT_EQ(256, seg.mss);
	}
}

TEST(nothing_is_read_after_the_end_of_the_list)
{
	struct atcp_segment seg;

	EXPECT_EQ(ATCP_DROP_NONE, LIST(&seg, ATCP_SYN, 1, 0, 2, 4, 1, 0, 8, 0));
	EXPECT_EQ(0, seg.options);
}

/* MUST-7: an option whose length is a lie. */
TEST(a_length_of_0_or_1_is_dropped)
{
	struct atcp_segment seg;
	unsigned int kind;

	for (kind = 2; kind < 256; kind++) {
		EXPECT_EQ(ATCP_DROP_OPTIONS,
			  LIST(&seg, ATCP_SYN, kind, 0, 1, 1));
		EXPECT_EQ(ATCP_DROP_OPTIONS,
			  LIST(&seg, ATCP_SYN, kind, 1, 1, 1));
	}
}

TEST(a_length_past_the_end_is_dropped)
{
	struct atcp_segment seg;
	unsigned int kind, len;

	for (kind = 2; kind < 256; kind++) {
		for (len = 5; len < 256; len++)
			EXPECT_EQ(ATCP_DROP_OPTIONS,
				  LIST(&seg, ATCP_SYN, kind, len, 1, 1));
		EXPECT_EQ(ATCP_DROP_OPTIONS,
			  LIST(&seg, ATCP_SYN, 1, 1, 1, kind));
	}
}

TEST(a_wrong_length_of_a_known_option_is_dropped)
{
	static const u8 kinds[][2] = { { 2, 4 }, { 3, 3 }, { 4, 2 }, { 8, 10 } };
	struct atcp_segment seg;
	unsigned int i, len;

	for (len = 2; len <= 40; len++) {
		u8 list[40] = { 5, len };

		EXPECT_EQ(len >= 10 && len % 8 == 2 ? ATCP_DROP_NONE :
						      ATCP_DROP_OPTIONS,
			  parse_list(&seg, ATCP_ACK, list, 40));
		for (i = 0; i < ARRAY_SIZE(kinds); i++) {
			list[0] = kinds[i][0];
			EXPECT_EQ(len == kinds[i][1] ? ATCP_DROP_NONE :
						       ATCP_DROP_OPTIONS,
				  parse_list(&seg, ATCP_SYN, list, 40));
			/* No less so where it means nothing. */
			EXPECT_EQ(len == kinds[i][1] ? ATCP_DROP_NONE :
						       ATCP_DROP_OPTIONS,
				  parse_list(&seg, ATCP_ACK, list, 40));
		}
	}
}

/* A good list, cut short at each octet by the data offset. */
TEST(a_list_cut_short_is_dropped)
{
	static const u8 list[] = { 2, 4, 5, 0xb4, 8, 10, 1, 2, 3, 4, 5, 6,
				   7, 8, 3, 3,	  7, 1,	 4, 2, 1, 1, 1, 1 };
	static const bool whole[] = { true,  true, false, false,
				      false, true, true };
	struct atcp_segment seg;
	unsigned int words;
	u8 h[ATCP_HEADER_MAX];

	for (words = 0; words <= sizeof(list) / 4; words++) {
		header(h, ATCP_SYN, 4 * words);
		memcpy(h + ATCP_HEADER_MIN, list, 4 * words);
		EXPECT_EQ(whole[words] ? ATCP_DROP_NONE : ATCP_DROP_OPTIONS,
			  parse(&seg, h, ATCP_HEADER_MIN + 4 * words, 0));
	}
}

/* Whatever the octets are, nothing past them is read: ASan would say so. */
TEST(random_octets_are_read_within_their_bounds)
{
	unsigned int i, n, parsed = 0;
	struct atcp_segment seg;
	u8 h[ATCP_HEADER_MAX];

	srand(1);
	for (i = 0; i < 200000; i++) {
		u32 len = rand() % (sizeof(h) + 1);

		for (n = 0; n < len; n++)
			h[n] = rand() % 3 ? rand() % 12 : rand();
		if (len >= ATCP_HEADER_MIN && rand() % 4)
			h[12] = len / 4 << 4;
		if (parse(&seg, h, len, 0) != ATCP_DROP_NONE)
			continue;
		EXPECT_LE(seg.nr_sacks, ATCP_SACK_MAX);
		EXPECT_EQ(len, seg.header_len + seg.len);
		parsed++;
	}
	EXPECT_GT(parsed, 1000U);
}

static struct atcp_segment full_segment(u8 flags, u8 options, u8 nr_sacks)
{
	return (struct atcp_segment){
		.seq = 0x89abcdef,
		.ack = flags & ATCP_ACK ? 0x12345678 : 0,
		.sport = 0xfedc,
		.dport = 0x0102,
		.wnd = 0xabcd,
		.urg = flags & ATCP_URG ? 0x55aa : 0,
		.flags = flags,
		.options = options,
		.mss = 0xfff0,
		.wscale = 11,
		.nr_sacks = options & ATCP_OPT_SACK ? nr_sacks : 0,
		.tsval = 0xf1f2f3f4,
		.tsecr = 0xe1e2e3e4,
		.sacks = { { 0xf0000001, 2 },
			   { 3, 4 },
			   { 5, 6 },
			   { 0x80000000, 0x90000000 } },
	};
}

#define SAME(field) EXPECT_EQ(a->field, b->field)

static void compare(struct __test_metadata *_metadata,
		    const struct atcp_segment *a, const struct atcp_segment *b)
{
	unsigned int i;

	SAME(sport);
	SAME(dport);
	SAME(seq);
	SAME(ack);
	SAME(flags);
	SAME(wnd);
	SAME(urg);
	SAME(options);
	SAME(nr_sacks);
	if (a->options & ATCP_OPT_MSS)
		SAME(mss);
	if (a->options & ATCP_OPT_WSCALE)
		SAME(wscale);
	if (a->options & ATCP_OPT_TS) {
		SAME(tsval);
		SAME(tsecr);
	}
	for (i = 0; i < a->nr_sacks; i++) {
		SAME(sacks[i].start);
		SAME(sacks[i].end);
	}
}

/* All flags, with each set of options that fits into 40 octets. */
TEST(what_is_built_is_parsed_again)
{
	unsigned int flags, options, blocks, len, built = 0;
	struct atcp_segment a, b;
	u8 h[ATCP_HEADER_MAX];

	for (flags = 0; flags < 64; flags++) {
		for (options = 0; options < 32; options++) {
			for (blocks = 1; blocks <= ATCP_SACK_MAX; blocks++) {
				a = full_segment(flags, options, blocks);
				if (!(flags & ATCP_SYN) &&
				    options & (ATCP_OPT_MSS | ATCP_OPT_WSCALE |
					       ATCP_OPT_SACK_OK))
					continue;
				len = atcp_segment_options_len(&a);
				if (len > 40)
					continue;
				ASSERT_EQ(20 + len, atcp_segment_build(&a, h));
				ASSERT_EQ(ATCP_DROP_NONE,
					  parse(&b, h, 20 + len, 5));
				EXPECT_EQ(5U, b.len);
				compare(_metadata, &a, &b);
				built++;
			}
		}
	}
	EXPECT_GT(built, 3000U);
}

/* MUST-69: the options end on a word boundary, padding is zero or NOP. */
TEST(a_syn_has_the_layout_that_every_stack_knows)
{
	static const u8 expected[] = {
		2,    4,    0xff, 0xf0, /* MSS */
		4,    2,    8,	  10,	/* SACK-permitted, TS */
		0xf1, 0xf2, 0xf3, 0xf4, 0xe1, 0xe2,
		0xe3, 0xe4, 1,	  3,	3,    11, /* NOP, window scale */
	};
	struct atcp_segment seg = full_segment(ATCP_SYN, 0x17, 0);
	u8 h[ATCP_HEADER_MAX];

	ASSERT_EQ(20 + sizeof(expected), atcp_segment_build(&seg, h));
	EXPECT_EQ(0, memcmp(h + 20, expected, sizeof(expected)));
	/* The checksum field is the caller's. */
	EXPECT_EQ(0, h[16] | h[17]);
}

/* RFC 1071 section 3: 00 01 f2 03 f4 f5 f6 f7 sums up to ddf2. */
TEST(the_example_of_rfc_1071)
{
	static const u8 data[] = { 0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7 };

	EXPECT_EQ((u16)~0xddf2, atcp_checksum(data, sizeof(data), 0));
}

/* One word after the other, with the carry put back each time. */
static u16 naive_checksum(const u8 *data, u32 len, u32 sum)
{
	u32 acc = sum, i;

	while (acc > 0xffff)
		acc -= 0xffff;
	for (i = 0; i < len; i += 2) {
		acc += data[i] * 256 + (i + 1 < len ? data[i + 1] : 0);
		if (acc > 0xffff)
			acc -= 0xffff;
	}
	return acc ^ 0xffff;
}

TEST(the_checksum_agrees_with_a_naive_one)
{
	unsigned int i, n;
	u8 data[101];

	srand(2);
	for (i = 0; i < 20000; i++) {
		u32 len = rand() % (sizeof(data) + 1);
		u32 sum = rand() % 0x30000;

		for (n = 0; n < len; n++)
			data[n] = rand() % 4 ? rand() : 0xff;
		/* 0 and 0xffff are one number in one's complement. */
		EXPECT_EQ(naive_checksum(data, len, sum) % 0xffff,
			  atcp_checksum(data, len, sum) % 0xffff);
	}
}

/* MUST-2, MUST-3: what we put in, the receiver finds right; one bit, wrong. */
TEST(a_built_segment_with_its_checksum_sums_to_zero)
{
	struct atcp_segment seg =
		full_segment(ATCP_ACK | ATCP_PSH, ATCP_OPT_TS, 0);
	u8 h[ATCP_HEADER_MAX + 7] = { 0 };
	unsigned int len, bit;
	u32 pseudo = 0x7f00 + 1 + 0x7f00 + 1 + 253;

	len = atcp_segment_build(&seg, h) + 7;
	memcpy(h + len - 7, "payload", 7);
	pseudo += len;
	atcp_put16(h + 16, atcp_checksum(h, len, pseudo));
	EXPECT_EQ(0, atcp_checksum(h, len, pseudo));
	for (bit = 0; bit < 8 * len; bit++) {
		h[bit / 8] ^= 1 << bit % 8;
		EXPECT_NE(0, atcp_checksum(h, len, pseudo));
		h[bit / 8] ^= 1 << bit % 8;
	}
}

UNIT_MAIN
