// SPDX-License-Identifier: GPL-2.0
/*
 * Segment arrival in TIME-WAIT: RFC 9293 section 3.10.7.4 as far as it
 * concerns that state, with RFC 1337 (RSTs do not end it) and RFC 6191 (a
 * newer connection may).
 */
#include "timewait.h"
#include "input.h"
#include "seq.h"

/**
 * atcp_timewait_init() - a connection entered TIME-WAIT
 * @tw: the record, uninitialised
 * @tcb: the connection, about to be freed
 * @now: the time
 */
void atcp_timewait_init(struct atcp_timewait *tw, const struct atcp_tcb *tcb,
			u64 now)
{
	*tw = (struct atcp_timewait){
		.params = tcb->params,
		.deadline = now + ATCP_TIME_WAIT_US,
		.snd_nxt = tcb->snd_nxt,
		.rcv_nxt = tcb->rcv_nxt,
		.ts_recent = tcb->ts_recent,
		.ts_offset = tcb->ts_offset,
		.sport = tcb->sport,
		.dport = tcb->dport,
		.wnd = atcp_rcv_wnd(tcb) >> tcb->rcv_wscale,
		.use_ts = tcb->use & ATCP_USE_TS,
	};
}

/*
 * A SYN that opens a new connection rather than being an old one's echo: its
 * timestamp, or else its sequence number, is beyond everything of the old one
 * (RFC 6191 section 2, RFC 9293 MAY-2).
 */
static bool newer_syn(const struct atcp_timewait *tw,
		      const struct atcp_segment *seg)
{
	if ((seg->flags & (ATCP_SYN | ATCP_ACK | ATCP_RST | ATCP_FIN)) !=
	    ATCP_SYN)
		return false;
	if (tw->use_ts && (seg->options & ATCP_OPT_TS) &&
	    seg->tsval != tw->ts_recent)
		return (s32)(seg->tsval - tw->ts_recent) > 0;
	return seq_gt(seg->seq, tw->rcv_nxt);
}

/**
 * atcp_timewait_arrives() - SEGMENT ARRIVES in TIME-WAIT
 * @tw: the record
 * @seg: the segment
 * @now: the time
 * @drop: why it is dropped, unless it reopens
 *
 * Return: what to do.
 */
enum atcp_timewait_verdict atcp_timewait_arrives(struct atcp_timewait *tw,
						 const struct atcp_segment *seg,
						 u64 now, enum atcp_drop *drop)
{
	*drop = ATCP_DROP_TIME_WAIT;
	if (newer_syn(tw, seg)) {
		*drop = ATCP_DROP_NONE;
		return ATCP_TIMEWAIT_REOPEN;
	}
	/* RFC 1337: a stray RST must not assassinate it. */
	if (seg->flags & ATCP_RST)
		return ATCP_TIMEWAIT_DROP;
	/* The only thing that can arrive is the FIN again: 3.10.7.4, eighth. */
	if ((seg->flags & ATCP_FIN) && !(seg->flags & ATCP_SYN) &&
	    atcp_segment_end(seg) == tw->rcv_nxt) {
		tw->deadline = now + ATCP_TIME_WAIT_US;
		return ATCP_TIMEWAIT_RESTART;
	}
	/* Anything in sequence without data says nothing; else, an ACK. */
	if (!atcp_segment_space(seg)) {
		if (seg->seq == tw->rcv_nxt ||
		    atcp_answered_lately(tw->params, tw->oow_ack_us, now))
			return ATCP_TIMEWAIT_DROP;
		tw->oow_ack_us = now;
	}
	return ATCP_TIMEWAIT_ACK;
}

/**
 * atcp_timewait_yields() - may a connection of our own take the ports over
 * @tw: the record
 * @bound: its user chose the local port by bind()
 * @now: the time
 *
 * RFC 6191's rule, from the other end: with timestamps our new SYN is newer
 * than all that the peer has seen of the old connection, and what is left of
 * that on its way is told by its timestamps.
 *
 * Return: true if so.
 */
bool atcp_timewait_yields(const struct atcp_timewait *tw, bool bound, u64 now)
{
	return tw->use_ts && (bound || now + ATCP_TIME_WAIT_US - tw->deadline >
					       ATCP_TIME_WAIT_REUSE_US);
}

/**
 * atcp_timewait_iss() - where the next connection of these ports starts
 * @tw: the record
 *
 * Beyond every sequence number of the old one, which has no window of more
 * than 64 KiB left: RFC 6191 section 2, RFC 9293 MAY-2.
 *
 * Return: the ISS, not 0.
 */
u32 atcp_timewait_iss(const struct atcp_timewait *tw)
{
	return tw->snd_nxt + U16_MAX + 2 ?: 1;
}

/**
 * atcp_timewait_ack() - the ACK that TIME-WAIT answers with
 * @tw: the record
 * @now: the time
 * @out: filled in
 */
void atcp_timewait_ack(const struct atcp_timewait *tw, u64 now,
		       struct atcp_segment *out)
{
	*out = (struct atcp_segment){
		.sport = tw->sport,
		.dport = tw->dport,
		.seq = tw->snd_nxt,
		.ack = tw->rcv_nxt,
		.flags = ATCP_ACK,
		.wnd = tw->wnd,
	};
	if (tw->use_ts) {
		out->options = ATCP_OPT_TS;
		out->tsval = (u32)(now >> 10) + tw->ts_offset;
		out->tsecr = tw->ts_recent;
	}
}
