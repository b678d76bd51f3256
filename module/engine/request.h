/* SPDX-License-Identifier: GPL-2.0 */
/*
 * LISTEN and the passive side's SYN-RECEIVED. Until the third segment of the
 * handshake a connection is this small record, so that a flood of SYNs costs
 * little.
 */
#ifndef ATCP_ENGINE_REQUEST_H
#define ATCP_ENGINE_REQUEST_H

#include "tcb.h"

/**
 * struct atcp_request - a connection in SYN-RECEIVED, passively opened
 * @open: what the connection will start from; the ports, ISS and receive
 *        buffer of our end, options that both ends agreed to
 * @params: limits, outliving the request
 * @irs: the peer's ISS
 * @ts_recent: the peer's last timestamp
 * @sent_us: when the SYN-ACK was last sent
 * @deadline: when to call atcp_request_timeout()
 * @peer_wnd: window of the SYN, never scaled
 * @peer_mss: the peer's MSS option, or the default
 * @snd_wscale: shift of the peer's window
 * @retries: SYN-ACKs sent again because none was answered
 * @sends: SYN-ACKs sent in all, saturating
 * @defer: TCP_DEFER_ACCEPT: until so many retransmissions a bare ACK is not
 *         enough; written by the owner before each call
 * @answered: an empty segment was answered since the last SYN-ACK
 * @acked: our SYN was acknowledged, but the connection had to wait
 *
 * Guarded by its owner's lock.
 */
struct atcp_request {
	struct atcp_open open;
	const struct atcp_params *params;
	u64 sent_us;
	u64 deadline;
	u32 irs;
	u32 ts_recent;
	u16 peer_wnd;
	u16 peer_mss;
	u8 snd_wscale;
	u8 retries;
	u8 sends;
	u8 defer;
	bool answered;
	bool acked;
};

/* What LISTEN makes of a segment. */
enum atcp_listen_verdict {
	ATCP_LISTEN_DROP,
	ATCP_LISTEN_RESET, /* answer with atcp_segment_reset() */
	ATCP_LISTEN_OPEN,  /* make a request of it */
};

/* What a request makes of a segment, or of its deadline. */
enum atcp_request_verdict {
	ATCP_REQUEST_DROP,
	ATCP_REQUEST_RESET,	/* answer with atcp_segment_reset() */
	ATCP_REQUEST_SYN_ACK,	/* send atcp_request_syn_ack() */
	ATCP_REQUEST_ACK,	/* send atcp_request_ack() */
	ATCP_REQUEST_ESTABLISH, /* make a TCB and give it the segment */
	ATCP_REQUEST_CLOSE,	/* back to LISTEN: forget it */
};

enum atcp_listen_verdict atcp_listen_arrives(const struct atcp_segment *seg,
					     enum atcp_drop *drop);
void atcp_request_init(struct atcp_request *req, const struct atcp_open *open,
		       const struct atcp_params *params,
		       const struct atcp_segment *syn, u64 now);
void atcp_request_syn_ack(struct atcp_request *req, u64 now,
			  struct atcp_segment *out);
void atcp_request_ack(const struct atcp_request *req, u64 now,
		      struct atcp_segment *out);
enum atcp_request_verdict atcp_request_arrives(struct atcp_request *req,
					       const struct atcp_segment *seg,
					       enum atcp_drop *drop);
enum atcp_request_verdict atcp_request_timeout(struct atcp_request *req,
					       u8 retries);
u8 atcp_request_retries(u8 retries, u32 requests, u32 young, u32 backlog);
void atcp_request_promote(const struct atcp_request *req, struct atcp_tcb *tcb,
			  u64 now);

#endif
