// SPDX-License-Identifier: GPL-2.0
/* NewReno's window: RFC 5681 section 3.1, counted in octets. Its name is that
 * of Linux.
 */
#include "congestion.h"

static u32 newreno_ssthresh(struct atcp_tcb *tcb, u32 flight)
{
	return flight / 2;
}

/*
 * Slow start adds what was acknowledged, without RFC 3465's limit of two
 * segments for an ACK, since one ACK answers a whole received batch here;
 * congestion avoidance adds a segment for each window acknowledged.
 */
static void newreno_ack(struct atcp_tcb *tcb, u32 octets)
{
	if (tcb->cwnd < tcb->ssthresh) {
		u32 step = min(octets, tcb->ssthresh - tcb->cwnd);

		tcb->cwnd += step;
		octets -= step;
	}
	tcb->cong_acked += octets;
	if (tcb->cong_acked >= tcb->cwnd) {
		tcb->cong_acked -= tcb->cwnd;
		tcb->cwnd += tcb->mss;
	}
}

const struct atcp_cong_ops atcp_newreno = {
	.name = "reno",
	.flags = ATCP_CONG_ANYONE,
	.ssthresh = newreno_ssthresh,
	.ack = newreno_ack,
};
