// SPDX-License-Identifier: GPL-2.0
/*
 * The user's calls, RFC 9293 section 3.10.1 to 3.10.6, without what a socket
 * does for itself (blocking, copying, STATUS).
 */
#include "tcb.h"
#include "congestion.h"
#include "input.h"
#include "sendmap.h"
#include "timer.h"

/**
 * atcp_user_open() - active OPEN, RFC 9293 section 3.10.1
 * @tcb: in CLOSED, fresh from atcp_tcb_init()
 * @open: addresses, numbers and options to start from
 * @now: the time
 *
 * Enters SYN-SENT; the SYN is what atcp_next_segment() returns then.
 */
void atcp_user_open(struct atcp_tcb *tcb, const struct atcp_open *open, u64 now)
{
	tcb->iss = open->iss;
	tcb->snd_una = open->iss;
	tcb->snd_nxt = open->iss;
	tcb->snd_max = open->iss;
	tcb->snd_small = open->iss;
	tcb->recover = open->iss;
	tcb->write_seq = open->iss + 1;
	tcb->ts_recent = open->ts_recent;
	tcb->ts_offset = open->ts_offset;
	tcb->sport = open->sport;
	tcb->dport = open->dport;
	tcb->advmss = open->advmss;
	tcb->rcv_mss = min_t(u32, open->advmss, ATCP_MSS_DEFAULT);
	tcb->path_mss = open->path_mss;
	tcb->rcv_space = open->rcv_buf;
	tcb->rcv_buf = open->rcv_buf;
	if (open->options & ATCP_OPT_WSCALE) {
		tcb->use |= ATCP_USE_WSCALE;
		tcb->rcv_wscale = open->rcv_wscale;
	}
	if (open->options & ATCP_OPT_SACK_OK)
		tcb->use |= ATCP_USE_SACK;
	if (open->options & ATCP_OPT_TS)
		tcb->use |= ATCP_USE_TS;
	atcp_set_state(tcb, ATCP_SYN_SENT, ATCP_CAUSE_ACTIVE_OPEN);
}

/**
 * atcp_user_send() - SEND, RFC 9293 section 3.10.2
 * @tcb: a connection whose user has not closed
 * @octets: how many were appended to the owner's buffer
 */
void atcp_user_send(struct atcp_tcb *tcb, u32 octets)
{
	tcb->write_seq += octets;
}

/**
 * atcp_user_urgent() - SEND with the URGENT flag, RFC 9293 section 3.10.2
 * @tcb: the connection
 *
 * Called after atcp_user_send(): the last octet queued is urgent. SND.UP is
 * the one after it (MUST-62), and a later call moves it on (3.8.5).
 */
void atcp_user_urgent(struct atcp_tcb *tcb)
{
	tcb->snd_up = tcb->write_seq;
	tcb->use |= ATCP_URGENT_OUT;
}

/**
 * atcp_user_keepalive() - the user set or cleared a keepalive option
 * @tcb: the connection, in any state; its settings say what is wanted
 * @since: from when on silence counts: the time, or tcb->heard_us
 */
void atcp_user_keepalive(struct atcp_tcb *tcb, u64 since)
{
	if (!tcb->settings.keepalive) {
		tcb->keep_unanswered = 0;
		tcb->keep_due = false;
	}
	atcp_timers_keepalive(tcb, since);
}

/**
 * atcp_user_quickack() - TCP_QUICKACK
 * @tcb: the connection
 * @quick: acknowledge at once from now on, or let ACKs wait for data
 * @once: with @quick: only what is owed already
 */
void atcp_user_quickack(struct atcp_tcb *tcb, bool quick, bool once)
{
	tcb->interactive = !quick;
	if (!quick) {
		tcb->quick_acks = 0;
		return;
	}
	if (tcb->timers[ATCP_TIMER_DELACK])
		tcb->ack_now = true;
	if (once)
		tcb->interactive = true;
	else
		tcb->quick_acks = ATCP_QUICK_ACKS;
}

/**
 * atcp_user_receive() - RECEIVE, RFC 9293 section 3.10.3
 * @tcb: the connection
 * @space: octets the receive buffer can take now
 * @buf: octets it can take when empty
 *
 * Called when the user has read, or when the buffer was resized. Owes the
 * peer a window update once the right edge can move by a worthwhile step:
 * RFC 9293 3.8.6.2.2 asks for at least min(buffer / 2, MSS), and half of the
 * buffer is waited for as long as the peer still has room to send.
 */
void atcp_user_receive(struct atcp_tcb *tcb, u32 space, u32 buf)
{
	u32 wnd = atcp_rcv_wnd(tcb);
	u32 gain;

	tcb->rcv_space = space;
	tcb->rcv_buf = buf;
	/*
	 * All that the peer pushed is read. It may wait for this ACK before it
	 * sends more (Nagle), and where no reply is likely nothing else brings
	 * one before the delayed ACK's time.
	 */
	if ((tcb->use & ATCP_PUSHED) && tcb->timers[ATCP_TIMER_DELACK] &&
	    space == buf && !tcb->interactive)
		tcb->ack_now = true;
	space = atcp_offerable(tcb, space);
	buf = atcp_offerable(tcb, buf);
	if (!atcp_state_in(tcb, ATCP_STATES_RECEIVING) || space <= wnd)
		return;
	gain = space - wnd;
	if (gain >= buf / 2 ||
	    (wnd < 2 * (u32)tcb->advmss && gain >= tcb->advmss))
		tcb->ack_now = true;
}

/**
 * atcp_user_shutdown() - CLOSE, RFC 9293 section 3.10.4
 * @tcb: the connection, in any state
 * @now: the time
 *
 * Queues a FIN behind the data; in SYN-SENT the connection is deleted. In
 * SYN-RECEIVED the FIN is processed after entering ESTABLISHED, as the RFC says
 * for data that waits: until our SYN is acknowledged it may have to go again.
 */
void atcp_user_shutdown(struct atcp_tcb *tcb, u64 now)
{
	switch (tcb->state) {
	case ATCP_SYN_SENT:
		atcp_tcb_delete(tcb, ATCP_CAUSE_CLOSE);
		return;
	case ATCP_SYN_RECEIVED:
		if (tcb->use & ATCP_FIN_QUEUED)
			return;
		break;
	case ATCP_ESTABLISHED:
		atcp_set_state(tcb, ATCP_FIN_WAIT_1, ATCP_CAUSE_CLOSE);
		break;
	case ATCP_CLOSE_WAIT:
		atcp_set_state(tcb, ATCP_LAST_ACK, ATCP_CAUSE_CLOSE);
		break;
	default:
		return;
	}
	tcb->use |= ATCP_FIN_QUEUED;
	tcb->write_seq++;
}

/**
 * atcp_user_abort() - ABORT, RFC 9293 section 3.10.5
 * @tcb: the connection, in any state
 *
 * A synchronised peer is told with a RST, which atcp_next_segment() returns
 * even though the state is CLOSED then; not so if both ends have closed.
 */
void atcp_user_abort(struct atcp_tcb *tcb)
{
	if (atcp_state_in(tcb, ATCP_STATES_RECEIVING |
				       ATCP_STATE_BIT(ATCP_CLOSE_WAIT) |
				       ATCP_STATE_BIT(ATCP_SYN_RECEIVED)))
		tcb->reset_pending = true;
	atcp_tcb_delete(tcb, ATCP_CAUSE_ABORT);
}

/**
 * atcp_orphan_fin_wait_2() - FIN-WAIT-2 was entered, or its user left
 * @tcb: the connection, in FIN-WAIT-2
 * @now: the time
 *
 * Only an orphan is bounded: a user that half-closed may read for ever. With a
 * negative TCP_LINGER2 it ends at once, and the peer is told.
 */
void atcp_orphan_fin_wait_2(struct atcp_tcb *tcb, u64 now)
{
	if (!(tcb->use & ATCP_ORPHAN))
		return;
	if (tcb->settings.linger2 < 0)
		atcp_user_abort(tcb);
	else
		atcp_timers_fin_wait_2(tcb, now);
}

/**
 * atcp_user_orphan() - nobody will read or write any more
 * @tcb: the connection, after atcp_user_shutdown()
 * @now: the time
 *
 * From here on arriving data is answered with a RST (RFC 9293 3.6.1,
 * SHLD-3), retransmission and FIN-WAIT-2 are bounded.
 */
void atcp_user_orphan(struct atcp_tcb *tcb, u64 now)
{
	tcb->use |= ATCP_ORPHAN;
	tcb->use &= ~(ATCP_CORK | ATCP_MORE);
	if (tcb->state == ATCP_FIN_WAIT_2)
		atcp_orphan_fin_wait_2(tcb, now);
}
