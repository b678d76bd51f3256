/* SPDX-License-Identifier: GPL-2.0 */
/* Packetization layer path MTU discovery, RFC 4821: see mtu.c. */
#ifndef ATCP_ENGINE_MTU_H
#define ATCP_ENGINE_MTU_H

#include "tcb.h"

void atcp_mtu_start(struct atcp_tcb *tcb, u64 now);
void atcp_mtu_black_hole(struct atcp_tcb *tcb, u64 now);
u32 atcp_mtu_probe(struct atcp_tcb *tcb, u32 full, u64 now);
void atcp_mtu_probe_sent(struct atcp_tcb *tcb, u32 end);
void atcp_mtu_acked(struct atcp_tcb *tcb);
bool atcp_mtu_lost(struct atcp_tcb *tcb);

#endif
