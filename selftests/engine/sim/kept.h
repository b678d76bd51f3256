/* SPDX-License-Identifier: GPL-2.0 */
/* Which octets of a stream a receiver holds: the checks' own record of it. */
#ifndef ATCP_SIM_KEPT_H
#define ATCP_SIM_KEPT_H

#include "types.h"

/**
 * struct kept - octets of a stream, as ranges of their numbers
 * @range: in order, with gaps between them
 * @range.start: the first octet
 * @range.end: the one after the last
 * @count: how many
 * @room: of @range
 */
struct kept {
	struct {
		u32 start;
		u32 end;
	} * range;
	u32 count;
	u32 room;
};

void kept_add(struct kept *k, u32 start, u32 end);
void kept_cut(struct kept *k, u32 from);
bool kept_has(const struct kept *k, u32 start, u32 end);
u32 kept_octets(const struct kept *k);

#endif
