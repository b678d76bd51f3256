/* SPDX-License-Identifier: GPL-2.0 */
/* Round-trip time and retransmission time-out: RFC 6298. */
#ifndef ATCP_ENGINE_RTT_H
#define ATCP_ENGINE_RTT_H

#include "tcb.h"

#define ATCP_RTO_INITIAL_US  (1 * ATCP_USEC_PER_SEC)
#define ATCP_RTO_FALLBACK_US (3 * ATCP_USEC_PER_SEC)
#define ATCP_RTO_MIN_US	     (200 * ATCP_USEC_PER_MSEC)
#define ATCP_RTO_MAX_US	     (120 * ATCP_USEC_PER_SEC)

void atcp_rtt_sample(struct atcp_tcb *tcb, u32 rtt_us);
u64 atcp_rto(const struct atcp_tcb *tcb);
u64 atcp_retries_to_us(unsigned int retries, u64 base_us);

#endif
