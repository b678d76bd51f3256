/* SPDX-License-Identifier: GPL-2.0 */
/* What arrived above RCV.NXT, and the SACK blocks that report it. */
#ifndef ATCP_ENGINE_REASSEMBLY_H
#define ATCP_ENGINE_REASSEMBLY_H

#include "tcb.h"

bool atcp_reassembly_overlap(const struct atcp_tcb *tcb, u32 start, u32 end,
			     struct atcp_sack_block *held);
enum atcp_drop atcp_reassembly_add(struct atcp_tcb *tcb, u32 start, u32 end);
bool atcp_reassembly_advance(struct atcp_tcb *tcb);

#endif
