/* SPDX-License-Identifier: GPL-2.0 */
/* The steps of segment arrival that input.c and handshake.c share. */
#ifndef ATCP_ENGINE_INPUT_H
#define ATCP_ENGINE_INPUT_H

#include "tcb.h"

/* A segment without data that we cannot accept is answered this often at most,
 * or two ends that disagree would answer each other for ever (RFC 5961 7).
 */
#define ATCP_OUT_OF_WINDOW_US (500 * ATCP_USEC_PER_MSEC)

enum atcp_drop atcp_syn_sent_arrives(struct atcp_tcb *tcb,
				     const struct atcp_segment *seg, u64 now,
				     struct atcp_arrival *arrival);
void atcp_input_ack(struct atcp_tcb *tcb, const struct atcp_segment *seg,
		    u64 now);
enum atcp_drop atcp_input_text(struct atcp_tcb *tcb,
			       const struct atcp_segment *seg, u64 now,
			       struct atcp_arrival *arrival);

#endif
