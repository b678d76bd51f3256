/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TIME-WAIT: the small record that is left of a connection for two maximum
 * segment lifetimes, RFC 9293 section 3.6.1.
 */
#ifndef ATCP_ENGINE_TIMEWAIT_H
#define ATCP_ENGINE_TIMEWAIT_H

#include "tcb.h"

/* 2 MSL. RFC 9293 suggests an MSL of two minutes; Linux waits 60 s in all. */
#define ATCP_TIME_WAIT_US (60 * ATCP_USEC_PER_SEC)

/* How long a connect() that did not ask for this very port leaves it alone. */
#define ATCP_TIME_WAIT_REUSE_US (1 * ATCP_USEC_PER_SEC)

/**
 * struct atcp_timewait - a connection in TIME-WAIT
 * @params: limits, outliving the record
 * @deadline: when it ends, microseconds
 * @oow_ack_us: when an unacceptable empty segment was last answered
 * @snd_nxt: what its ACKs carry as SEG.SEQ
 * @rcv_nxt: what they acknowledge
 * @ts_recent: the peer's last timestamp
 * @ts_offset: start of our timestamp clock
 * @sport: local port, host order
 * @dport: remote port, host order
 * @wnd: the window field of its ACKs
 * @use_ts: timestamps are in use
 *
 * Guarded by its owner's lock.
 */
struct atcp_timewait {
	const struct atcp_params *params;
	u64 deadline;
	u64 oow_ack_us;
	u32 snd_nxt;
	u32 rcv_nxt;
	u32 ts_recent;
	u32 ts_offset;
	u16 sport;
	u16 dport;
	u16 wnd;
	bool use_ts;
};

/* What TIME-WAIT makes of a segment. */
enum atcp_timewait_verdict {
	ATCP_TIMEWAIT_DROP,
	ATCP_TIMEWAIT_ACK,     /* send atcp_timewait_ack() */
	ATCP_TIMEWAIT_RESTART, /* the same, and the 2 MSL start again */
	ATCP_TIMEWAIT_REOPEN,  /* a new connection: end it, go to LISTEN */
};

void atcp_timewait_init(struct atcp_timewait *tw, const struct atcp_tcb *tcb,
			u64 now);
enum atcp_timewait_verdict atcp_timewait_arrives(struct atcp_timewait *tw,
						 const struct atcp_segment *seg,
						 u64 now, enum atcp_drop *drop);
bool atcp_timewait_yields(const struct atcp_timewait *tw, bool bound, u64 now);
u32 atcp_timewait_iss(const struct atcp_timewait *tw);
void atcp_timewait_ack(const struct atcp_timewait *tw, u64 now,
		       struct atcp_segment *out);

#endif
