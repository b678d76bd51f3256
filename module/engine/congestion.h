/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Congestion control: how much may be in flight. The algorithm is behind an
 * ops table; loss detection and recovery (recovery.c) are the same for all.
 *
 * An algorithm may be a module of its own: it fills in a struct atcp_cong_ops
 * and calls atcp_cong_register() of socket/congestion.h. See
 * module/examples/aimd.c.
 */
#ifndef ATCP_ENGINE_CONGESTION_H
#define ATCP_ENGINE_CONGESTION_H

#include "tcb.h"

struct module;

/* With the final NUL; TCP_CA_NAME_MAX of Linux. */
#define ATCP_CONG_NAME_MAX 16

/* struct atcp_cong_ops' flags */
enum {
	ATCP_CONG_ANYONE = 0x01, /* whoever may open a socket may choose it */
};

/**
 * struct atcp_cong_ops - a congestion control algorithm
 * @name: what TCP_CONGESTION calls it
 * @flags: ATCP_CONG_ANYONE
 * @owner: THIS_MODULE, NULL if built in: loaded while a connection uses it
 * @init: optional: the connection is established, cwnd and mss are set;
 *        atcp_cong_private() is zero
 * @release: optional: the connection is over, or changes its algorithm; comes
 *           once after each @init
 * @ssthresh: the slow start threshold in octets after a loss, given that
 *            @flight octets were in flight
 * @ack: @octets were acknowledged while cwnd was the limit and no fast
 *       recovery was under way: grow tcb->cwnd
 * @info: optional: what TCP_CC_INFO tells, written to the @room octets at
 *        @to; returns how many they are
 *
 * They are called under the connection's lock, with BHs off; @ssthresh and @ack
 * only between @init and @release. tcb->heard_us is the time in @init and @ack.
 */
struct atcp_cong_ops {
	const char *name;
	u32 flags;
	struct module *owner;
	void (*init)(struct atcp_tcb *tcb);
	void (*release)(struct atcp_tcb *tcb);
	u32 (*ssthresh)(struct atcp_tcb *tcb, u32 flight);
	void (*ack)(struct atcp_tcb *tcb, u32 octets);
	u32 (*info)(const struct atcp_tcb *tcb, void *to, u32 room);
};

extern const struct atcp_cong_ops atcp_newreno;

/* RFC 6928's ten segments. */
#define ATCP_INITIAL_WINDOW 10U

/* No window of ours or a peer's can exceed this, RFC 7323 section 2.3. */
#define ATCP_CWND_MAX 0x40000000U

/* An algorithm's own, sizeof(tcb->cong_private) octets. */
static inline void *atcp_cong_private(struct atcp_tcb *tcb)
{
	return tcb->cong_private;
}

/* What is in flight was congested: RFC 5681 3.1 (4) has a least value. */
static inline u32 atcp_cong_ssthresh(struct atcp_tcb *tcb)
{
	u32 flight = tcb->snd_nxt - tcb->snd_una;

	return max(tcb->cong->ssthresh(tcb, flight), 2 * tcb->mss);
}

/* Whatever an algorithm makes of cwnd, a connection goes on. */
static inline void atcp_cong_ack(struct atcp_tcb *tcb, u32 octets)
{
	tcb->cong->ack(tcb, octets);
	tcb->cwnd = clamp(tcb->cwnd, tcb->mss, ATCP_CWND_MAX);
}

void atcp_cong_start(struct atcp_tcb *tcb);
void atcp_cong_stop(struct atcp_tcb *tcb);
void atcp_cong_switch(struct atcp_tcb *tcb, const struct atcp_cong_ops *ops);

#endif
