// SPDX-License-Identifier: GPL-2.0
/*
 * Segments between octets and numbers. The parser is the first code that
 * reads what a stranger sent: it touches nothing past the lengths it is given
 * and rejects a malformed option list as a whole, since its author and we do
 * not agree where anything in it is (RFC 9293 MUST-7).
 */
#include "segment.h"

enum {
	KIND_EOL = 0,
	KIND_NOP = 1,
	KIND_MSS = 2,
	KIND_WSCALE = 3,
	KIND_SACK_OK = 4,
	KIND_SACK = 5,
	KIND_TS = 8,
};

#define LEN_MSS	    4
#define LEN_WSCALE  3
#define LEN_SACK_OK 2
#define LEN_TS	    10
#define LEN_SACK(n) (2 + 8 * (n))

/* NOP NOP TS 10: what nearly every segment of a connection starts with. */
#define TS_ALIGNED (KIND_NOP << 24 | KIND_NOP << 16 | KIND_TS << 8 | LEN_TS)

/* A header has room for ATCP_SACK_MAX of them: 2 + 8 * 4 of 40 octets. */
static void parse_sacks(struct atcp_segment *seg, const u8 *p, u8 len)
{
	unsigned int i, n = (len - 2) / 8;

	for (i = 0; i < n; i++) {
		seg->sacks[i].start = atcp_get32(p + 2 + 8 * i);
		seg->sacks[i].end = atcp_get32(p + 6 + 8 * i);
	}
	seg->nr_sacks = n;
	seg->options |= ATCP_OPT_SACK;
}

/*
 * One option of known kind and honest length. MSS, window scale and
 * SACK-permitted mean something on a SYN only and are ignored elsewhere (RFC
 * 9293 3.2, RFC 7323 2.2, RFC 2018 2). A known option of the wrong length is
 * a lie about the list, an unknown one is skipped (MUST-6).
 */
static bool parse_option(struct atcp_segment *seg, const u8 *p, u8 len)
{
	bool syn = seg->flags & ATCP_SYN;

	switch (p[0]) {
	case KIND_MSS:
		if (len != LEN_MSS)
			return false;
		if (syn) {
			seg->mss = atcp_get16(p + 2);
			seg->options |= ATCP_OPT_MSS;
		}
		return true;
	case KIND_WSCALE:
		if (len != LEN_WSCALE)
			return false;
		if (syn) {
			seg->wscale = p[2] > ATCP_WSCALE_MAX ? ATCP_WSCALE_MAX :
							       p[2];
			seg->options |= ATCP_OPT_WSCALE;
		}
		return true;
	case KIND_SACK_OK:
		if (len != LEN_SACK_OK)
			return false;
		if (syn)
			seg->options |= ATCP_OPT_SACK_OK;
		return true;
	case KIND_SACK:
		if (len < LEN_SACK(1) || (len - 2) % 8)
			return false;
		parse_sacks(seg, p, len);
		return true;
	case KIND_TS:
		if (len != LEN_TS)
			return false;
		seg->tsval = atcp_get32(p + 2);
		seg->tsecr = atcp_get32(p + 6);
		seg->options |= ATCP_OPT_TS;
		return true;
	default:
		return true;
	}
}

static enum atcp_drop parse_options(struct atcp_segment *seg, const u8 *p,
				    unsigned int left)
{
	while (left) {
		u8 len;

		if (p[0] == KIND_EOL)
			break;
		if (p[0] == KIND_NOP) {
			p++;
			left--;
			continue;
		}
		if (left < 2)
			return ATCP_DROP_OPTIONS;
		len = p[1];
		if (len < 2 || len > left || !parse_option(seg, p, len))
			return ATCP_DROP_OPTIONS;
		p += len;
		left -= len;
	}
	return ATCP_DROP_NONE;
}

/**
 * atcp_segment_parse() - read a segment's header and options
 * @seg: filled in
 * @header: the header, of which at least the whole header length (or @total
 *          octets, if that is less) can be read
 * @total: octets of header and payload together
 *
 * The checksum is not looked at: whoever has the payload checks it.
 *
 * Return: ATCP_DROP_NONE or why the segment must be dropped.
 */
enum atcp_drop atcp_segment_parse(struct atcp_segment *seg, const u8 *header,
				  u32 total)
{
	unsigned int header_len;

	if (total < ATCP_HEADER_MIN)
		return ATCP_DROP_SHORT;
	header_len = atcp_header_len(header);
	if (header_len < ATCP_HEADER_MIN || header_len > total)
		return ATCP_DROP_HEADER_LENGTH;

	seg->sport = atcp_get16(header);
	seg->dport = atcp_get16(header + 2);
	seg->seq = atcp_get32(header + 4);
	seg->ack = atcp_get32(header + 8);
	seg->flags = header[13] & 0x3f;
	seg->wnd = atcp_get16(header + 14);
	seg->urg = atcp_get16(header + 18);
	seg->header_len = header_len;
	seg->len = total - header_len;
	seg->options = 0;
	seg->nr_sacks = 0;
	seg->no_room = false;
	if (unlikely(!seg->sport || !seg->dport))
		return ATCP_DROP_PORT_ZERO;

	header += ATCP_HEADER_MIN;
	if (header_len == ATCP_HEADER_MIN)
		return ATCP_DROP_NONE;
	if (header_len == ATCP_HEADER_MIN + 12 &&
	    atcp_get32(header) == TS_ALIGNED) {
		seg->tsval = atcp_get32(header + 4);
		seg->tsecr = atcp_get32(header + 8);
		seg->options = ATCP_OPT_TS;
		return ATCP_DROP_NONE;
	}
	return parse_options(seg, header, header_len - ATCP_HEADER_MIN);
}

/**
 * atcp_segment_options_len() - room that a segment's options take
 * @seg: the segment to be built
 *
 * Return: octets, a multiple of four.
 */
unsigned int atcp_segment_options_len(const struct atcp_segment *seg)
{
	unsigned int len = 0;

	if (seg->options & ATCP_OPT_MSS)
		len += 4;
	if (seg->options & ATCP_OPT_TS)
		len += 12;
	else if (seg->options & ATCP_OPT_SACK_OK)
		len += 4;
	if (seg->options & ATCP_OPT_WSCALE)
		len += 4;
	if (seg->options & ATCP_OPT_SACK)
		len += 4 + 8 * seg->nr_sacks;
	return len;
}

static u8 *build_options(const struct atcp_segment *seg, u8 *p)
{
	unsigned int i;

	if (seg->options & ATCP_OPT_MSS) {
		atcp_put32(p, KIND_MSS << 24 | LEN_MSS << 16 | seg->mss);
		p += 4;
	}
	/* SACK-permitted rides in the padding before the timestamps. */
	if (seg->options & ATCP_OPT_SACK_OK) {
		atcp_put16(p, KIND_SACK_OK << 8 | LEN_SACK_OK);
		atcp_put16(p + 2, seg->options & ATCP_OPT_TS ?
					  KIND_TS << 8 | LEN_TS :
					  KIND_NOP << 8 | KIND_NOP);
		p += 4;
	} else if (seg->options & ATCP_OPT_TS) {
		atcp_put32(p, TS_ALIGNED);
		p += 4;
	}
	if (seg->options & ATCP_OPT_TS) {
		atcp_put32(p, seg->tsval);
		atcp_put32(p + 4, seg->tsecr);
		p += 8;
	}
	if (seg->options & ATCP_OPT_WSCALE) {
		atcp_put32(p, KIND_NOP << 24 | KIND_WSCALE << 16 |
				      LEN_WSCALE << 8 | seg->wscale);
		p += 4;
	}
	if (seg->options & ATCP_OPT_SACK) {
		atcp_put32(p, KIND_NOP << 24 | KIND_NOP << 16 | KIND_SACK << 8 |
				      LEN_SACK(seg->nr_sacks));
		p += 4;
		for (i = 0; i < seg->nr_sacks; i++, p += 8) {
			atcp_put32(p, seg->sacks[i].start);
			atcp_put32(p + 4, seg->sacks[i].end);
		}
	}
	return p;
}

/**
 * atcp_segment_build() - write a segment's header and options
 * @seg: the segment
 * @header: room for ATCP_HEADER_MAX octets
 *
 * The checksum field is left zero.
 *
 * Return: the header's length in octets.
 */
unsigned int atcp_segment_build(const struct atcp_segment *seg, u8 *header)
{
	unsigned int len;

	atcp_put16(header, seg->sport);
	atcp_put16(header + 2, seg->dport);
	atcp_put32(header + 4, seg->seq);
	atcp_put32(header + 8, seg->flags & ATCP_ACK ? seg->ack : 0);
	header[13] = seg->flags;
	atcp_put16(header + 14, seg->wnd);
	atcp_put16(header + 16, 0);
	atcp_put16(header + 18, seg->flags & ATCP_URG ? seg->urg : 0);
	len = build_options(seg, header + ATCP_HEADER_MIN) - header;
	header[12] = len / 4 << 4;
	return len;
}

/**
 * atcp_checksum() - the Internet checksum, RFC 1071
 * @data: header, or header and payload
 * @len: octets of @data
 * @sum: unfolded sum to start from: the pseudo-header of RFC 9293 section
 *       3.1 as 16-bit words in network order of value (not memory order)
 *
 * Return: the value for the checksum field, or zero if @data holds a correct
 * checksum already.
 */
u16 atcp_checksum(const void *data, u32 len, u32 sum)
{
	const u8 *p = data;
	u64 acc = sum;

	for (; len > 1; p += 2, len -= 2)
		acc += atcp_get16(p);
	if (len)
		acc += p[0] << 8;
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	return ~acc;
}

/**
 * atcp_segment_reset() - the RST that a segment for nobody is answered with
 * @seg: the segment that arrived
 * @rst: filled in
 *
 * RFC 9293 section 3.10.7.1 (CLOSED), also used where other states say "send
 * a reset". A RST is never answered (MUST not reset a reset).
 *
 * Return: false if nothing must be sent.
 */
bool atcp_segment_reset(const struct atcp_segment *seg,
			struct atcp_segment *rst)
{
	if (seg->flags & ATCP_RST)
		return false;

	*rst = (struct atcp_segment){
		.sport = seg->dport,
		.dport = seg->sport,
		.flags = ATCP_RST,
	};
	if (seg->flags & ATCP_ACK) {
		rst->seq = seg->ack;
	} else {
		rst->ack = atcp_segment_end(seg);
		rst->flags |= ATCP_ACK;
	}
	return true;
}
