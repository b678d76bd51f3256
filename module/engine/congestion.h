/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Congestion control: how much may be in flight. The algorithm is behind an
 * ops table; loss detection and recovery (recovery.c) are the same for all.
 */
#ifndef ATCP_ENGINE_CONGESTION_H
#define ATCP_ENGINE_CONGESTION_H

#include "tcb.h"

/**
 * struct atcp_cong_ops - a congestion control algorithm
 * @name: what TCP_CONGESTION calls it
 * @ssthresh: the slow start threshold in octets after a loss, given that
 *            @flight octets were in flight
 * @ack: @octets were acknowledged while cwnd was the limit and no fast
 *       recovery was under way: grow tcb->cwnd
 */
struct atcp_cong_ops {
	const char *name;
	u32 (*ssthresh)(const struct atcp_tcb *tcb, u32 flight);
	void (*ack)(struct atcp_tcb *tcb, u32 octets);
};

extern const struct atcp_cong_ops atcp_newreno;

/* RFC 6928's ten segments. */
#define ATCP_INITIAL_WINDOW 10U

/* No window of ours or a peer's can exceed this, RFC 7323 section 2.3. */
#define ATCP_CWND_MAX 0x40000000U

#endif
