/* SPDX-License-Identifier: GPL-2.0 */
/* Round-trip time and retransmission time-out: RFC 6298. */
#ifndef ATCP_ENGINE_RTT_H
#define ATCP_ENGINE_RTT_H

#include "tcb.h"

#define ATCP_RTO_INITIAL_US  (1 * ATCP_USEC_PER_SEC)
#define ATCP_RTO_FALLBACK_US (3 * ATCP_USEC_PER_SEC)
/* What cannot be exceeded, whatever params->rto_max_ms says. */
#define ATCP_RTO_MAX_US (120 * ATCP_USEC_PER_SEC)

static inline u64 atcp_rto_max(const struct atcp_params *params)
{
	return params->rto_max_ms * ATCP_USEC_PER_MSEC;
}

void atcp_rtt_sample(struct atcp_tcb *tcb, u32 rtt_us);
u64 atcp_rto(const struct atcp_tcb *tcb);
u64 atcp_retries_to_us(unsigned int retries, u64 base_us, u64 max_us);

#endif
