/* SPDX-License-Identifier: GPL-2.0 */
/* Loss detection and recovery: see recovery.c. */
#ifndef ATCP_ENGINE_RECOVERY_H
#define ATCP_ENGINE_RECOVERY_H

#include "tcb.h"

/* What the sender is recovering from, tcb->recovery. */
enum atcp_recovery {
	ATCP_RECOVERY_NONE,
	ATCP_RECOVERY_FAST,    /* fast recovery, until recover is acked */
	ATCP_RECOVERY_TIMEOUT, /* slow start after a time-out, likewise */
	ATCP_RECOVERY_PROBE,   /* an MTU probe was too large, likewise */
};

void atcp_recovery_ack(struct atcp_tcb *tcb, u32 octets, u32 advanced);
void atcp_recovery_dup_ack(struct atcp_tcb *tcb);
void atcp_recovery_timeout(struct atcp_tcb *tcb);
void atcp_recovery_too_big(struct atcp_tcb *tcb);
void atcp_recovery_probe(struct atcp_tcb *tcb, struct atcp_range *r);

#endif
