/* SPDX-License-Identifier: GPL-2.0 */
/* What the rest of the engine tells the timers: see timer.c. */
#ifndef ATCP_ENGINE_TIMER_H
#define ATCP_ENGINE_TIMER_H

#include "tcb.h"

#define ATCP_DELACK_US (40 * ATCP_USEC_PER_MSEC)

void atcp_timers_sent(struct atcp_tcb *tcb, u64 now);
void atcp_timers_acked(struct atcp_tcb *tcb, u64 now);
void atcp_timers_window_opened(struct atcp_tcb *tcb, u64 now);
void atcp_timers_blocked(struct atcp_tcb *tcb, u64 now);
void atcp_timers_ack_owed(struct atcp_tcb *tcb, u64 now);
void atcp_timers_ack_sent(struct atcp_tcb *tcb);
void atcp_timers_keepalive(struct atcp_tcb *tcb, u64 since);
void atcp_timers_fin_wait_2(struct atcp_tcb *tcb, u64 now);
void atcp_timers_unreachable(struct atcp_tcb *tcb, u32 seq, u64 now);
void atcp_timers_stop(struct atcp_tcb *tcb);

#endif
