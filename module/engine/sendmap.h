/* SPDX-License-Identifier: GPL-2.0 */
/* The map of what is in flight: see range.h. */
#ifndef ATCP_ENGINE_SENDMAP_H
#define ATCP_ENGINE_SENDMAP_H

#include "tcb.h"

/**
 * struct atcp_acked - what an acknowledgment took out of the map
 * @octets: sequence numbers cumulatively acknowledged or newly SACKed
 * @rtt_us: RTT of the latest one sent exactly once, 0 if there is none
 */
struct atcp_acked {
	u32 octets;
	u32 rtt_us;
};

/*
 * A peer may not cut what is in flight into more ranges than this. It bounds
 * what SACK blocks of single octets can cost: 256 KiB of records, and the time
 * to walk over them. The largest default send buffer, 4 MiB, in segments of
 * 1448 octets takes 2897. Beyond it only blocks that need no cut are heard.
 */
#define ATCP_RANGES_MAX 4096U

/* Can the map take what is sent next? See atcp_sendmap_sent(). */
static inline bool atcp_sendmap_has_room(const struct atcp_tcb *tcb)
{
	return tcb->pool.count || !RB_EMPTY_ROOT(&tcb->sendmap);
}

struct atcp_range *atcp_sendmap_split(struct atcp_tcb *tcb,
				      struct atcp_range *r, u32 seq);
void atcp_sendmap_sent(struct atcp_tcb *tcb, u32 end, u64 now, u8 flags);
void atcp_sendmap_resent(struct atcp_tcb *tcb, struct atcp_range *r, u64 now);
void atcp_sendmap_ack(struct atcp_tcb *tcb, u32 ack, u64 now,
		      struct atcp_acked *acked);
void atcp_sendmap_sack(struct atcp_tcb *tcb, const struct atcp_segment *seg,
		       u64 now, struct atcp_acked *acked);
void atcp_sendmap_mark_lost(struct atcp_tcb *tcb, struct atcp_range *r);
void atcp_sendmap_all_lost(struct atcp_tcb *tcb);
bool atcp_sendmap_detect_lost(struct atcp_tcb *tcb);
struct atcp_range *atcp_sendmap_next_lost(struct atcp_tcb *tcb, u32 max);
struct atcp_range *atcp_sendmap_last_resort(struct atcp_tcb *tcb, u32 max);
void atcp_sendmap_recovered(struct atcp_tcb *tcb);
void atcp_sendmap_withdraw_probe(struct atcp_tcb *tcb);

#endif
