// SPDX-License-Identifier: GPL-2.0
/* An algorithm's share of a connection's life: see congestion.h. */
#include "congestion.h"

/**
 * atcp_cong_start() - the connection is established
 * @tcb: the connection, its MSS and cwnd known
 */
void atcp_cong_start(struct atcp_tcb *tcb)
{
	memset(tcb->cong_private, 0, sizeof(tcb->cong_private));
	tcb->cong_runs = true;
	if (tcb->cong->init)
		tcb->cong->init(tcb);
}

/**
 * atcp_cong_stop() - the algorithm will not be asked any more
 * @tcb: the connection, in any state
 */
void atcp_cong_stop(struct atcp_tcb *tcb)
{
	if (tcb->cong_runs && tcb->cong->release)
		tcb->cong->release(tcb);
	tcb->cong_runs = false;
}

/**
 * atcp_cong_switch() - go on with another algorithm
 * @tcb: the connection, in any state
 * @ops: the algorithm; the caller sees to it that it stays loaded
 *
 * The new one takes over cwnd and ssthresh as they are.
 */
void atcp_cong_switch(struct atcp_tcb *tcb, const struct atcp_cong_ops *ops)
{
	bool runs = tcb->cong_runs;

	atcp_cong_stop(tcb);
	tcb->cong = ops;
	if (runs)
		atcp_cong_start(tcb);
}
