// SPDX-License-Identifier: GPL-2.0
/* What somebody on the path does to segments: options vanish, MSSs shrink. */
#include "world.h"

enum {
	KIND_EOL = 0,
	KIND_NOP = 1,
	KIND_MSS = 2,
	KIND_WSCALE = 3,
	KIND_SACK_OK = 4,
	KIND_SACK = 5,
	KIND_TS = 8,
};

static bool is_stripped(const struct sim_middlebox *box, u8 kind)
{
	switch (kind) {
	case KIND_MSS:
		return box->strip & ATCP_OPT_MSS;
	case KIND_WSCALE:
		return box->strip & ATCP_OPT_WSCALE;
	case KIND_SACK_OK:
		return box->strip & ATCP_OPT_SACK_OK;
	case KIND_SACK:
		return box->strip & ATCP_OPT_SACK;
	case KIND_TS:
		return box->strip & ATCP_OPT_TS;
	default:
		return false;
	}
}

static bool alter_option(const struct sim_middlebox *box, u8 *option)
{
	if (is_stripped(box, option[0])) {
		memset(option, KIND_NOP, option[1]);
		return true;
	}
	if (option[0] == KIND_MSS && box->mss &&
	    atcp_get16(option + 2) > box->mss) {
		atcp_put16(option + 2, box->mss);
		return true;
	}
	return false;
}

/**
 * middlebox_alters() - a segment passes a middlebox
 * @box: what that does
 * @from: where the segment comes from: 0 for host 0
 * @p: the segment, well-formed as its sender made it
 */
void middlebox_alters(const struct sim_middlebox *box, int from,
		      struct packet *p)
{
	u8 *at = p->octets + ATCP_HEADER_MIN;
	u8 *end = p->octets + atcp_header_len(p->octets);
	bool altered = false;
	u8 *next;

	if ((!box->strip && !box->mss) || (box->one_way && from) ||
	    !(box->all || (p->octets[13] & ATCP_SYN)))
		return;
	while (at < end && *at != KIND_EOL) {
		if (*at == KIND_NOP) {
			at++;
			continue;
		}
		/* Its length is read before it is overwritten. */
		next = at + at[1];
		altered |= alter_option(box, at);
		at = next;
	}
	if (altered)
		packet_seal(p);
}
