/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A segment on the wire and in numbers: RFC 9293 section 3.1 and 3.2, RFC
 * 7323 (window scale, timestamps), RFC 2018 (SACK).
 */
#ifndef ATCP_ENGINE_SEGMENT_H
#define ATCP_ENGINE_SEGMENT_H

#include "types.h"
#include "drop.h"

#define ATCP_HEADER_MIN	 20U
#define ATCP_HEADER_MAX	 60U
#define ATCP_WSCALE_MAX	 14U  /* RFC 7323 section 2.3 */
#define ATCP_MSS_DEFAULT 536U /* RFC 9293 MUST-15, IPv4 */
#define ATCP_SACK_MAX	 4U
#define ATCP_TS_LEN	 12U /* timestamps, padded */

enum {
	ATCP_FIN = 0x01,
	ATCP_SYN = 0x02,
	ATCP_RST = 0x04,
	ATCP_PSH = 0x08,
	ATCP_ACK = 0x10,
	ATCP_URG = 0x20,
};

/* Which options a segment carries. */
enum {
	ATCP_OPT_MSS = 0x01,
	ATCP_OPT_WSCALE = 0x02,
	ATCP_OPT_SACK_OK = 0x04,
	ATCP_OPT_SACK = 0x08,
	ATCP_OPT_TS = 0x10,
};

/**
 * struct atcp_sack_block - one SACK block, RFC 2018 section 3
 * @start: left edge, sequence number
 * @end: right edge, the sequence number after the last octet
 */
struct atcp_sack_block {
	u32 start;
	u32 end;
};

/**
 * struct atcp_segment - a parsed segment, or one to be built
 * @seq: SEG.SEQ
 * @ack: SEG.ACK, valid with ATCP_ACK
 * @len: octets of payload, without SYN and FIN
 * @sport: source port, host order
 * @dport: destination port, host order
 * @wnd: SEG.WND as the header has it, not scaled
 * @urg: urgent pointer, valid with ATCP_URG
 * @flags: ATCP_FIN ... ATCP_URG
 * @options: ATCP_OPT_MSS ... ATCP_OPT_TS
 * @mss: with ATCP_OPT_MSS
 * @wscale: with ATCP_OPT_WSCALE; values over 14 are read as 14
 * @nr_sacks: blocks in @sacks, with ATCP_OPT_SACK
 * @header_len: header with options, octets
 * @no_room: set by the receiver's caller: its buffer cannot take the payload
 * @cut: set by the sender's engine: octets of payload in each segment that the
 *       network may see of this one
 * @again: set by the sender's engine: this was sent before
 * @tsval: with ATCP_OPT_TS
 * @tsecr: with ATCP_OPT_TS
 * @sacks: the SACK blocks
 */
struct atcp_segment {
	u32 seq;
	u32 ack;
	u32 len;
	u16 sport;
	u16 dport;
	u16 wnd;
	u16 urg;
	u8 flags;
	u8 options;
	u16 mss;
	u8 wscale;
	u8 nr_sacks;
	u8 header_len;
	bool no_room;
	bool again;
	u32 cut;
	u32 tsval;
	u32 tsecr;
	struct atcp_sack_block sacks[ATCP_SACK_MAX];
};

/* SEG.LEN: the sequence space a segment occupies. */
static inline u32 atcp_segment_space(const struct atcp_segment *seg)
{
	return seg->len + !!(seg->flags & ATCP_SYN) + !!(seg->flags & ATCP_FIN);
}

/* The sequence number after the segment's last octet. */
static inline u32 atcp_segment_end(const struct atcp_segment *seg)
{
	return seg->seq + atcp_segment_space(seg);
}

/*
 * Whether a segment begins outside of the window [@nxt, @edge), or behind it. A
 * RST has to begin inside (RFC 5961 3.2), and so has text; but a peer that has
 * filled the window sends its ACK and FIN from the right edge (RFC 9293 A.2).
 */
static inline bool atcp_segment_outside(const struct atcp_segment *seg, u32 nxt,
					u32 edge)
{
	if (seg->flags & ATCP_RST)
		return seg->seq != nxt && seg->seq - nxt >= edge - nxt;
	if (seg->len && edge != nxt)
		return (s32)(seg->seq - edge) >= 0;
	return (s32)(seg->seq - edge) > 0;
}

static inline u16 atcp_get16(const u8 *p)
{
	return p[0] << 8 | p[1];
}

static inline u32 atcp_get32(const u8 *p)
{
	return (u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static inline void atcp_put16(u8 *p, u16 v)
{
	p[0] = v >> 8;
	p[1] = v & 0xff;
}

static inline void atcp_put32(u8 *p, u32 v)
{
	p[0] = v >> 24;
	p[1] = v >> 16 & 0xff;
	p[2] = v >> 8 & 0xff;
	p[3] = v & 0xff;
}

/* Header length from the data offset of a header of at least 20 octets. */
static inline unsigned int atcp_header_len(const u8 *header)
{
	return (header[12] >> 4) * 4;
}

enum atcp_drop atcp_segment_parse(struct atcp_segment *seg, const u8 *header,
				  u32 total);
unsigned int atcp_segment_options_len(const struct atcp_segment *seg);
unsigned int atcp_segment_build(const struct atcp_segment *seg, u8 *header);
u16 atcp_checksum(const void *data, u32 len, u32 sum);
bool atcp_segment_reset(const struct atcp_segment *seg,
			struct atcp_segment *rst);

#endif
