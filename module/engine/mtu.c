// SPDX-License-Identifier: GPL-2.0
/*
 * Packetization layer path MTU discovery, RFC 4821: find out what the path
 * takes from what is acknowledged, where no ICMP message tells.
 *
 *	mtu.low			known to arrive		mtu.high
 *	   |-----------------------|------------------------|
 *	 Eff.snd.MSS		probe_size		what the route says
 *
 * A probe is one segment of user data that is larger than the others. If it is
 * acknowledged it becomes mtu.low, if it alone is lost it was too large: that
 * is no sign of congestion. Sizes are MSSs without options (path_mss).
 */
#include "mtu.h"
#include "recovery.h"
#include "sendmap.h"
#include "seq.h"

/* Segments that must follow, so that duplicate ACKs tell of a loss (7.4). */
#define PROBE_FOLLOWERS 4

static void search(struct atcp_tcb *tcb, u32 low, u64 now)
{
	tcb->mtu.searching = true;
	tcb->mtu.high = min(tcb->path_mss, tcb->peer_mss);
	tcb->mtu.low = min_t(u32, low, tcb->mtu.high);
	tcb->mtu.probe_size = 0;
	tcb->mtu.since_us = now;
	atcp_tcb_path_mss(tcb, tcb->path_mss);
}

/**
 * atcp_mtu_start() - a connection was established
 * @tcb: the connection
 * @now: the time
 *
 * With params->mtu_probing 2 every connection starts from base_mss.
 */
void atcp_mtu_start(struct atcp_tcb *tcb, u64 now)
{
	if (tcb->params->mtu_probing > 1)
		search(tcb, tcb->params->base_mss, now);
}

/**
 * atcp_mtu_black_hole() - R1 passed without an answer
 * @tcb: the connection
 * @now: the time
 *
 * Perhaps full segments vanish without a word (RFC 4821 section 7.7): go back
 * to base_mss, and by halves from there.
 */
void atcp_mtu_black_hole(struct atcp_tcb *tcb, u64 now)
{
	const struct atcp_params *params = tcb->params;
	u32 low = params->base_mss;

	if (!params->mtu_probing)
		return;
	atcp_note(tcb, ATCP_NOTE_BLACK_HOLE);
	if (tcb->mtu.searching) {
		low = min_t(u32, low, tcb->mtu.low / 2);
		low = max_t(u32, low, params->mtu_probe_floor);
		low = max_t(u32, low, params->min_snd_mss);
	}
	search(tcb, low, now);
}

/* Has enough time passed for the path to have changed (section 7.3)? */
static void search_again(struct atcp_tcb *tcb, u64 now)
{
	if (now - tcb->mtu.since_us >=
	    tcb->params->probe_interval * ATCP_USEC_PER_SEC)
		search(tcb, tcb->mtu.low, now);
}

/**
 * atcp_mtu_probe() - is what is sent next to be a probe
 * @tcb: the connection, with new data to send
 * @full: octets of an ordinary segment's payload
 * @now: the time
 *
 * Return: octets of the probe's payload; 0 if there is to be none now.
 */
u32 atcp_mtu_probe(struct atcp_tcb *tcb, u32 full, u64 now)
{
	u32 high = tcb->mtu.high, low = tcb->mtu.low, size, need;

	if (tcb->mtu.probe_size || tcb->recovery || tcb->sacked ||
	    tcb->nr_sacks)
		return 0;
	if (high < low + tcb->params->probe_threshold) {
		search_again(tcb, now);
		return 0;
	}
	size = full + (high - low + 1) / 2;
	need = size + PROBE_FOLLOWERS * full;
	if (tcb->write_seq - tcb->snd_nxt < need ||
	    seq_gt(tcb->snd_nxt + need, tcb->snd_una + tcb->snd_wnd) ||
	    atcp_pipe(tcb) + need > tcb->cwnd)
		return 0;
	return size;
}

/**
 * atcp_mtu_probe_sent() - the probe is on its way
 * @tcb: the connection, whose SND.NXT it starts at
 * @end: its end
 */
void atcp_mtu_probe_sent(struct atcp_tcb *tcb, u32 end)
{
	atcp_note(tcb, ATCP_NOTE_MTU_PROBE);
	tcb->mtu.probe_size =
		tcb->mtu.low + (tcb->mtu.high - tcb->mtu.low + 1) / 2;
	tcb->mtu.probe_seq = tcb->snd_nxt;
	tcb->mtu.probe_end = end;
}

/**
 * atcp_mtu_acked() - SND.UNA moved while a probe is in flight
 * @tcb: the connection
 *
 * The window stays the same in octets, as RFC 4821 section 7.4 wants.
 */
void atcp_mtu_acked(struct atcp_tcb *tcb)
{
	if (seq_lt(tcb->snd_una, tcb->mtu.probe_end))
		return;
	atcp_note(tcb, ATCP_NOTE_MTU_PROBE_ACKED);
	tcb->mtu.low = tcb->mtu.probe_size;
	tcb->mtu.probe_size = 0;
	atcp_tcb_path_mss(tcb, tcb->path_mss);
}

/**
 * atcp_mtu_lost() - something is lost: is it a probe
 * @tcb: the connection
 *
 * A probe that was lost as the first of what is in flight was too large; its
 * octets go again in ordinary segments, and cwnd stays what it is (7.6.2).
 *
 * Return: true if so: the loss is no congestion.
 */
bool atcp_mtu_lost(struct atcp_tcb *tcb)
{
	struct atcp_range *r;

	if (!tcb->mtu.probe_size)
		return false;
	/* What was in flight before the probe was lost: no word on its size. */
	if (tcb->snd_una != tcb->mtu.probe_seq) {
		tcb->mtu.probe_size = 0;
		return false;
	}
	for (r = atcp_range_first(&tcb->sendmap);
	     r && seq_lt(r->seq, tcb->mtu.probe_end); r = atcp_range_next(r))
		if (!(r->flags & ATCP_RANGE_SACKED))
			atcp_sendmap_mark_lost(tcb, r);
	atcp_note(tcb, ATCP_NOTE_MTU_PROBE_LOST);
	tcb->mtu.high = tcb->mtu.probe_size - 1;
	tcb->mtu.probe_size = 0;
	tcb->recovery = ATCP_RECOVERY_PROBE;
	tcb->recover = tcb->mtu.probe_end;
	tcb->force_retransmit = true;
	return true;
}
