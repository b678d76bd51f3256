/* SPDX-License-Identifier: GPL-2.0 */
/* The steps of segment arrival that input.c and handshake.c share. */
#ifndef ATCP_ENGINE_INPUT_H
#define ATCP_ENGINE_INPUT_H

#include "tcb.h"

/*
 * A segment without data that we cannot accept is answered this often at most,
 * or two ends that disagree would answer each other for ever (RFC 5961 7).
 */
static inline bool atcp_answered_lately(const struct atcp_params *params,
					u64 answered_us, u64 now)
{
	return answered_us && now - answered_us < params->invalid_ratelimit *
							  ATCP_USEC_PER_MSEC;
}

enum atcp_drop atcp_syn_sent_arrives(struct atcp_tcb *tcb,
				     const struct atcp_segment *seg, u64 now,
				     struct atcp_arrival *arrival);
void atcp_orphan_fin_wait_2(struct atcp_tcb *tcb, u64 now);
void atcp_input_ack(struct atcp_tcb *tcb, const struct atcp_segment *seg,
		    u64 now);
void atcp_input_urg(struct atcp_tcb *tcb, const struct atcp_segment *seg);
enum atcp_drop atcp_input_text(struct atcp_tcb *tcb,
			       const struct atcp_segment *seg, u64 now,
			       struct atcp_arrival *arrival);

#endif
