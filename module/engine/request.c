// SPDX-License-Identifier: GPL-2.0
/*
 * LISTEN (RFC 9293 section 3.10.7.2) and a passively opened connection in
 * SYN-RECEIVED (3.10.7.4 as far as it concerns that state).
 */
#include "request.h"
#include "congestion.h"
#include "rtt.h"
#include "seq.h"

/**
 * atcp_listen_arrives() - SEGMENT ARRIVES in LISTEN
 * @seg: the segment
 * @drop: why it is dropped, if it is
 *
 * Return: what to do with it.
 */
enum atcp_listen_verdict atcp_listen_arrives(const struct atcp_segment *seg,
					     enum atcp_drop *drop)
{
	/* First: RST. Nothing here that it could reset. */
	if (seg->flags & ATCP_RST) {
		*drop = ATCP_DROP_NO_SOCKET;
		return ATCP_LISTEN_DROP;
	}
	/* Second: an ACK of something that LISTEN never sent. */
	if (seg->flags & ATCP_ACK) {
		*drop = ATCP_DROP_BAD_ACK;
		return ATCP_LISTEN_RESET;
	}
	/* Third: SYN. A SYN that also closes is no way to open. */
	if ((seg->flags & (ATCP_SYN | ATCP_FIN)) == ATCP_SYN) {
		*drop = ATCP_DROP_NONE;
		return ATCP_LISTEN_OPEN;
	}
	/* Fourth: anything else. */
	*drop = ATCP_DROP_BAD_FLAGS;
	return ATCP_LISTEN_DROP;
}

/**
 * atcp_request_init() - LISTEN received a SYN
 * @req: the record, uninitialised
 * @open: our end; its options are those that we are willing to use
 * @params: limits, which must outlive the request
 * @syn: the segment
 * @now: the time
 *
 * Text on the SYN is not kept: the peer sends it again (RFC 9293 3.10.7.2
 * allows to process it later, not to acknowledge it unread).
 */
void atcp_request_init(struct atcp_request *req, const struct atcp_open *open,
		       const struct atcp_params *params,
		       const struct atcp_segment *syn, u64 now)
{
	req->open = *open;
	req->open.options &= syn->options;
	if (!(req->open.options & ATCP_OPT_WSCALE))
		req->open.rcv_wscale = 0;
	req->params = params;
	req->irs = syn->seq;
	req->ts_recent = syn->options & ATCP_OPT_TS ? syn->tsval : 0;
	req->sent_us = now;
	req->peer_wnd = syn->wnd;
	req->peer_mss = syn->options & ATCP_OPT_MSS ? syn->mss :
						      ATCP_MSS_DEFAULT;
	req->snd_wscale = syn->options & ATCP_OPT_WSCALE ? syn->wscale : 0;
	req->retries = 0;
	req->sends = 0;
	req->defer = 0;
	req->answered = false;
	req->acked = false;
	req->deadline = now + ATCP_RTO_INITIAL_US;
}

static u32 request_timestamp(const struct atcp_request *req, u64 now)
{
	return (u32)(now >> 10) + req->open.ts_offset;
}

static void fill(const struct atcp_request *req, u64 now,
		 struct atcp_segment *out)
{
	*out = (struct atcp_segment){
		.sport = req->open.sport,
		.dport = req->open.dport,
		.seq = req->open.iss,
		.ack = req->irs + 1,
		.flags = ATCP_ACK,
		.wnd = atcp_open_wnd(&req->open),
	};
	if (req->open.options & ATCP_OPT_TS) {
		out->options = ATCP_OPT_TS;
		out->tsval = request_timestamp(req, now);
		out->tsecr = req->ts_recent;
	}
}

/**
 * atcp_request_syn_ack() - the SYN-ACK, first or again
 * @req: the request
 * @now: the time
 * @out: filled in
 */
void atcp_request_syn_ack(struct atcp_request *req, u64 now,
			  struct atcp_segment *out)
{
	fill(req, now, out);
	out->flags |= ATCP_SYN;
	out->options |= ATCP_OPT_MSS | req->open.options;
	out->mss = req->open.advmss;
	out->wscale = req->open.rcv_wscale;
	req->sent_us = now;
	req->answered = false;
	if (req->sends < U8_MAX)
		req->sends++;
}

/**
 * atcp_request_ack() - the ACK that answers an unacceptable segment
 * @req: the request
 * @now: the time
 * @out: filled in
 */
void atcp_request_ack(const struct atcp_request *req, u64 now,
		      struct atcp_segment *out)
{
	fill(req, now, out);
	out->seq++;
	out->wnd >>= req->open.rcv_wscale;
}

/*
 * An unacceptable segment is answered, an empty one once for each SYN-ACK only:
 * two requests that a third party's SYNs brought about would answer each other
 * for ever.
 */
static enum atcp_request_verdict
answer_unacceptable(struct atcp_request *req, const struct atcp_segment *seg)
{
	if (seg->flags & ATCP_RST)
		return ATCP_REQUEST_DROP;
	if (!seg->len) {
		if (req->answered)
			return ATCP_REQUEST_DROP;
		req->answered = true;
	}
	return ATCP_REQUEST_ACK;
}

/**
 * atcp_request_arrives() - SEGMENT ARRIVES in SYN-RECEIVED, passive
 * @req: the request
 * @seg: the segment
 * @drop: why it is dropped, if it is
 *
 * Return: what to do with it.
 */
enum atcp_request_verdict atcp_request_arrives(struct atcp_request *req,
					       const struct atcp_segment *seg,
					       enum atcp_drop *drop)
{
	u32 rcv_nxt = req->irs + 1, end = atcp_segment_end(seg);
	u32 wnd = atcp_open_wnd(&req->open);

	/* The peer's SYN again: our SYN-ACK was lost. */
	if (seg->seq == req->irs && (seg->flags & ATCP_SYN) &&
	    !(seg->flags & (ATCP_ACK | ATCP_RST))) {
		*drop = ATCP_DROP_DUPLICATE_SYN;
		return ATCP_REQUEST_SYN_ACK;
	}
	/* First: the sequence number (RFC 7323 5.3 before it). */
	if ((req->open.options & seg->options & ATCP_OPT_TS) &&
	    !(seg->flags & ATCP_RST) &&
	    (s32)(seg->tsval - req->ts_recent) < 0) {
		*drop = ATCP_DROP_PAWS;
		return answer_unacceptable(req, seg);
	}
	if (atcp_segment_outside(seg, rcv_nxt, rcv_nxt + wnd) ||
	    seq_lt(end, rcv_nxt) || (end == rcv_nxt && end != seg->seq)) {
		*drop = ATCP_DROP_OUT_OF_WINDOW;
		return answer_unacceptable(req, seg);
	}
	/* Second: RST; a passive open returns to LISTEN. */
	if (seg->flags & ATCP_RST) {
		if (seg->seq == rcv_nxt) {
			*drop = ATCP_DROP_RESET;
			return ATCP_REQUEST_CLOSE;
		}
		*drop = ATCP_DROP_CHALLENGED;
		return ATCP_REQUEST_ACK;
	}
	/* Fourth: SYN, RFC 5961 section 4.2. */
	if (seg->flags & ATCP_SYN) {
		*drop = ATCP_DROP_CHALLENGED;
		return ATCP_REQUEST_ACK;
	}
	/* Fifth: ACK. */
	if (!(seg->flags & ATCP_ACK)) {
		*drop = ATCP_DROP_BAD_FLAGS;
		return ATCP_REQUEST_DROP;
	}
	if (seg->ack != req->open.iss + 1) {
		*drop = ATCP_DROP_BAD_ACK;
		return ATCP_REQUEST_RESET;
	}
	/* As Linux has it, the peer has sent nothing worth a socket yet. */
	if (req->retries < req->defer && end == rcv_nxt) {
		req->acked = true;
		*drop = ATCP_DROP_DEFERRED;
		return ATCP_REQUEST_DROP;
	}
	*drop = ATCP_DROP_NONE;
	return ATCP_REQUEST_ESTABLISH;
}

/**
 * atcp_request_retries() - how often a SYN-ACK may be sent again
 * @retries: what the operator or the listener's user allows
 * @requests: how many requests the listener has
 * @young: those of them whose SYN-ACK went once only
 * @backlog: how many it wants at most
 *
 * Half of the backlog is kept for the young ones: when the others are about to
 * fill it, as in a SYN flood, they end earlier, as in Linux.
 *
 * Return: the number for atcp_request_timeout().
 */
u8 atcp_request_retries(u8 retries, u32 requests, u32 young, u32 backlog)
{
	u64 enough = 2 * (u64)young;

	if (requests <= max(8U, backlog) / 2)
		return retries;
	for (; retries > 2 && requests >= enough; retries--)
		enough *= 2;
	return retries;
}

/* While data is waited for after an ACK, the SYN-ACK need not go again, but for
 * the period's end: then a bare ACK will do.
 */
static bool still_deferred(const struct atcp_request *req)
{
	return req->acked && req->retries + 1 < req->defer;
}

/**
 * atcp_request_timeout() - the SYN-ACK was not answered
 * @req: the request, whose deadline has passed
 * @retries: how often it may be sent again
 *
 * Return: ATCP_REQUEST_SYN_ACK or, after @retries, ATCP_REQUEST_CLOSE;
 * ATCP_REQUEST_DROP if there is nothing to do before the next deadline.
 */
enum atcp_request_verdict atcp_request_timeout(struct atcp_request *req,
					       u8 retries)
{
	bool silent = still_deferred(req);
	u64 wait;

	if (req->retries >= retries &&
	    !(req->acked && req->retries < req->defer))
		return ATCP_REQUEST_CLOSE;
	if (req->retries < U8_MAX)
		req->retries++;
	/* The limit is reached long before the shift would be too far. */
	wait = ATCP_RTO_INITIAL_US << min_t(u8, req->retries, 16);
	req->deadline += min_t(u64, wait, atcp_rto_max(req->params));
	return silent ? ATCP_REQUEST_DROP : ATCP_REQUEST_SYN_ACK;
}

/**
 * atcp_request_promote() - the third segment came: a TCB for the connection
 * @req: the request
 * @tcb: fresh from atcp_tcb_init(), with one record in its pool
 * @now: the time
 *
 * The TCB is left in SYN-RECEIVED with its SYN-ACK in flight, so that
 * atcp_segment_arrives() with the same segment takes it to ESTABLISHED.
 */
void atcp_request_promote(const struct atcp_request *req, struct atcp_tcb *tcb,
			  u64 now)
{
	struct atcp_segment syn = {
		.options = ATCP_OPT_MSS | req->open.options,
		.mss = req->peer_mss,
		.wscale = req->snd_wscale,
		.tsval = req->ts_recent,
	};
	struct atcp_range *r;

	atcp_user_open(tcb, &req->open, now);
	atcp_tcb_options(tcb, &syn);
	tcb->irs = req->irs;
	tcb->rcv_nxt = req->irs + 1;
	tcb->rcv_acked = tcb->rcv_nxt;
	tcb->rcv_adv = tcb->rcv_nxt + atcp_open_wnd(&req->open);
	tcb->ts_recent_us = now;
	tcb->snd_wnd = req->peer_wnd;
	tcb->snd_wnd_max = req->peer_wnd;
	tcb->snd_wl1 = req->irs;
	/* What waited for data or for room in a queue was not lost. */
	tcb->retries = req->acked ? 0 : req->retries;

	r = atcp_pool_get(&tcb->pool);
	if (r) {
		*r = (struct atcp_range){
			.seq = tcb->iss,
			.end = tcb->iss + 1,
			.sent_us = req->sent_us,
			.sends = req->sends,
		};
		atcp_range_insert(&tcb->sendmap, r);
		tcb->nr_ranges++;
	}
	tcb->snd_nxt = tcb->iss + 1;
	tcb->snd_max = tcb->snd_nxt;

	/* The listener made these two moves before there was a TCB. */
	tcb->state = ATCP_SYN_RECEIVED;
	tcb->nr_transitions = 0;
}
