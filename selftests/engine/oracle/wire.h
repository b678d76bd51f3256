/* SPDX-License-Identifier: GPL-2.0 */
/* A segment, read octet by octet: RFC 9293 section 3.1 and 3.2. */
#ifndef ATCP_ENGINE_ORACLE_WIRE_H
#define ATCP_ENGINE_ORACLE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLAG_FIN 1
#define FLAG_SYN 2
#define FLAG_RST 4
#define FLAG_PSH 8
#define FLAG_ACK 16
#define FLAG_URG 32

#define WIRE_BLOCKS 4

/**
 * struct wire_options - what options a header has
 * @mss_there: MSS is there
 * @mss: it
 * @wscale_there: window scale is there (RFC 7323)
 * @wscale: it
 * @sack_ok: SACK-permitted is there (RFC 2018)
 * @ts: timestamps are there (RFC 7323)
 * @tsval: TSval
 * @tsecr: TSecr
 * @nr_blocks: SACK blocks
 * @left: their left edges
 * @right: and right ones
 */
struct wire_options {
	bool mss_there;
	uint16_t mss;
	bool wscale_there;
	uint8_t wscale;
	bool sack_ok;
	bool ts;
	uint32_t tsval;
	uint32_t tsecr;
	unsigned int nr_blocks;
	uint32_t left[WIRE_BLOCKS];
	uint32_t right[WIRE_BLOCKS];
};

/**
 * struct wire - one segment
 * @sport: source port
 * @dport: destination port
 * @seq: SEG.SEQ
 * @ack: SEG.ACK
 * @flags: FLAG_FIN ...
 * @reserved: bits that nobody uses
 * @wnd: SEG.WND
 * @urg: SEG.UP
 * @header: octets of the header
 * @text: what follows
 * @len: octets of it
 * @option: what options there are
 */
struct wire {
	uint16_t sport;
	uint16_t dport;
	uint32_t seq;
	uint32_t ack;
	uint8_t flags;
	uint8_t reserved;
	uint16_t wnd;
	uint16_t urg;
	unsigned int header;
	const uint8_t *text;
	size_t len;
	struct wire_options option;
};

bool wire_read(struct wire *seg, const uint8_t *octets, size_t len);

#endif
