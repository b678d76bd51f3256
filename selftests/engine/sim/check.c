// SPDX-License-Identifier: GPL-2.0
/*
 * What must hold of a connection after each call of the engine. None of it asks
 * the engine why: it is said of numbers that are seen from outside, or of sums
 * that must be right (verify.c).
 */
#include <stdarg.h>
#include <stdio.h>
#include "timer.h"
#include "verify.h"
#include "world.h"

/**
 * world_wrong() - something did not hold
 * @w: the run, which ends with it
 * @format: what, for printf()
 */
void world_wrong(struct world *w, const char *format, ...)
{
	va_list args;

	if (w->result->wrong[0])
		return;
	va_start(args, format);
	vsnprintf(w->result->wrong, sizeof(w->result->wrong), format, args);
	va_end(args);
	observe_wrong(w);
}

/* RFC 9293 figure 5 once more, with what is written on its arrows. */
static const struct {
	u8 from;
	u8 to;
	u32 causes;
} arrows[] = {
#define C(cause) (1U << ATCP_CAUSE_##cause)
#define ANYTIME	 (C(ABORT) | C(RCV_RST) | C(RETRIES))
	{ ATCP_CLOSED, ATCP_SYN_SENT, C(ACTIVE_OPEN) },
	{ ATCP_SYN_SENT, ATCP_SYN_RECEIVED, C(RCV_SYN) },
	{ ATCP_SYN_SENT, ATCP_ESTABLISHED, C(RCV_SYN_ACK) },
	{ ATCP_SYN_SENT, ATCP_CLOSED, ANYTIME | C(CLOSE) | C(ICMP) },
	{ ATCP_SYN_RECEIVED, ATCP_ESTABLISHED, C(RCV_ACK_OF_SYN) },
	{ ATCP_SYN_RECEIVED, ATCP_CLOSED, ANYTIME | C(ICMP) },
	{ ATCP_ESTABLISHED, ATCP_FIN_WAIT_1, C(CLOSE) },
	{ ATCP_ESTABLISHED, ATCP_CLOSE_WAIT, C(RCV_FIN) },
	{ ATCP_ESTABLISHED, ATCP_CLOSED, ANYTIME },
	{ ATCP_FIN_WAIT_1, ATCP_FIN_WAIT_2, C(RCV_ACK_OF_FIN) },
	{ ATCP_FIN_WAIT_1, ATCP_CLOSING, C(RCV_FIN) },
	{ ATCP_FIN_WAIT_1, ATCP_CLOSED, ANYTIME },
	{ ATCP_FIN_WAIT_2, ATCP_TIME_WAIT, C(RCV_FIN) },
	{ ATCP_FIN_WAIT_2, ATCP_CLOSED, ANYTIME | C(FIN_TIMEOUT) },
	{ ATCP_CLOSE_WAIT, ATCP_LAST_ACK, C(CLOSE) },
	{ ATCP_CLOSE_WAIT, ATCP_CLOSED, ANYTIME },
	{ ATCP_CLOSING, ATCP_TIME_WAIT, C(RCV_ACK_OF_FIN) },
	{ ATCP_CLOSING, ATCP_CLOSED, ANYTIME },
	{ ATCP_LAST_ACK, ATCP_CLOSED, ANYTIME | C(RCV_ACK_OF_FIN) },
#undef ANYTIME
#undef C
};

static bool is_arrow(const struct atcp_transition *t)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(arrows); i++)
		if (arrows[i].from == t->from && arrows[i].to == t->to)
			return arrows[i].causes & 1U << t->cause;
	return false;
}

static void check_transitions(struct sock *sk)
{
	struct atcp_tcb *tcb = &sk->tcb;
	unsigned int i;

	for (i = 0; i < tcb->nr_transitions; i++) {
		const struct atcp_transition *t = &tcb->transitions[i];

		if (t->from != sk->check.state ||
		    !atcp_state_legal(t->from, t->to) || !is_arrow(t))
			sock_wrong(sk, "illegal: %s -> %s (%s)",
				   atcp_state_name(t->from),
				   atcp_state_name(t->to),
				   atcp_cause_name(t->cause));
		/* RFC 5961 3.2: from where it is certain that it is meant. */
		if (t->cause == ATCP_CAUSE_RCV_RST &&
		    t->from != ATCP_SYN_SENT && !sk->check.exact_rst)
			sock_wrong(sk, "reset from the middle of the window");
		sk->check.state = t->to;
		observe_state(sk, t->from, t->to, t->cause);
	}
	tcb->nr_transitions = 0;
	if (tcb->state != sk->check.state)
		sock_wrong(sk, "the state changed without a transition from %s",
			   atcp_state_name(sk->check.state));
}

#define S(s) ATCP_STATE_BIT(ATCP_##s)

/* A state is a sum of facts: which FIN was sent, acknowledged, received. */
static void check_state(struct sock *sk)
{
	u32 shut = S(FIN_WAIT_1) | S(FIN_WAIT_2) | S(CLOSING) | S(LAST_ACK) |
		   S(TIME_WAIT);
	u32 ended = S(CLOSE_WAIT) | S(CLOSING) | S(LAST_ACK) | S(TIME_WAIT);
	u32 acked = S(FIN_WAIT_2) | S(TIME_WAIT);
	const struct atcp_tcb *tcb = &sk->tcb;
	u32 now = ATCP_STATE_BIT(tcb->state);

	if (tcb->state == ATCP_CLOSED || tcb->state == ATCP_SYN_SENT ||
	    tcb->state == ATCP_SYN_RECEIVED)
		return;
	if (!!(now & shut) != sk->app.shut)
		sock_wrong(sk, "the user has%s closed",
			   sk->app.shut ? "" : " not");
	if (!!(now & ended) != !!(tcb->use & ATCP_FIN_RECEIVED))
		sock_wrong(sk, "the peer's FIN has%s come",
			   tcb->use & ATCP_FIN_RECEIVED ? "" : " not");
	if (!!(now & acked) != (sk->app.shut && tcb->snd_una == tcb->write_seq))
		sock_wrong(sk, "is our FIN acknowledged or not?");
}

/* What may be read grows, was kept, and the program was told. */
static void check_delivery(struct sock *sk, u16 events)
{
	struct check *c = &sk->check;
	bool fin = sk->tcb.use & ATCP_FIN_RECEIVED;
	u32 upto = place(sk->tcb.rcv_nxt, sk->tcb.irs) - fin;

	if (sk->tcb.state == ATCP_SYN_SENT)
		return;
	if (upto < c->delivered && !sk->conn->garbled)
		sock_wrong(sk, "%u octets delivered after %u", upto,
			   c->delivered);
	if (upto != c->delivered && !(events & ATCP_EV_DATA))
		sock_wrong(sk, "data is ready and nobody is woken");
	if (fin && !c->eof && !(events & ATCP_EV_EOF))
		sock_wrong(sk, "the stream ended and nobody is woken");
	if (c->fin_known && upto == c->fin && !fin && !sk->conn->garbled)
		sock_wrong(sk, "the FIN that came is forgotten");
	if (!kept_has(&c->kept, c->delivered, upto))
		sock_wrong(sk, "up to octet %u delivered, but not all was kept",
			   upto);
	if (!sk->stray && !sk->conn->garbled && upto > peer_side(sk)->octets)
		sock_wrong(sk, "%u octets delivered, %u sent", upto,
			   peer_side(sk)->octets);
	if (upto != c->delivered)
		observe_user(sk, EVENT_DELIVERED, upto);
	c->delivered = upto;
	c->eof = fin;
}

/* What came out of order and was kept is known, no more and no less. */
static void check_reassembly(struct sock *sk)
{
	const struct atcp_tcb *tcb = &sk->tcb;
	const struct atcp_range *r = atcp_range_first(&tcb->reassembly);
	u32 held = sk->check.delivered;

	for (; r; r = atcp_range_next(r))
		held += r->end - r->seq;
	if (held != kept_octets(&sk->check.kept) && !sk->conn->garbled)
		sock_wrong(sk, "%u octets are held, %u were kept", held,
			   kept_octets(&sk->check.kept));
}

/*
 * RFC 6298 section 3 (Karn): an answer is not faster than the path. Timestamps
 * tell it to a tick or two, clocks differ. A listener that forgot a request
 * begins at the same number again, and may take an older answer.
 */
static void check_rtt(struct sock *sk)
{
	const struct sim_link *l = sk->path->config->link;
	u32 least = l[0].delay_us + l[1].delay_us, tick = 1024;
	u32 rtt = sk->tcb.tally.min_rtt_us;

	if (rtt && rtt + 2 * tick < least / 4 * 3 && !sk->end && !sk->stray &&
	    !sk->conn->garbled)
		sock_wrong(sk, "an RTT of %u us, where the path takes %u", rtt,
			   least);
}

/*
 * RFC 7323 section 2.2: each end counts windows as the other one tells them,
 * unless a middlebox took the option out of one of the SYNs.
 */
static void check_scales(struct sock *sk)
{
	const struct sock *peer = peer_of(sk);
	u32 later = ATCP_STATES_SENDING | S(FIN_WAIT_2);

	if (!peer || sk->stray || sk->path->config->box.one_way ||
	    sk->conn->garbled || sk->conn->broken ||
	    peer->mode != SOCK_CONNECTED || !atcp_state_in(&sk->tcb, later) ||
	    !atcp_state_in(&peer->tcb, later))
		return;
	if (sk->tcb.snd_wscale != peer->tcb.rcv_wscale)
		sock_wrong(sk, "shifts windows by %u, the peer by %u",
			   sk->tcb.snd_wscale, peer->tcb.rcv_wscale);
}

/* What is acknowledged grows, was sent, was told, and is with the peer. */
static void check_acked(struct sock *sk, u16 events)
{
	const struct atcp_tcb *tcb = &sk->tcb;
	struct check *c = &sk->check;
	const struct sock *peer = peer_of(sk);
	u32 octets;

	if (seq_lt(tcb->snd_una, c->snd_una))
		sock_wrong(sk, "SND.UNA went back");
	if (tcb->snd_una != c->snd_una && !(events & ATCP_EV_ACKED))
		sock_wrong(sk, "room for data and nobody is woken");
	c->snd_una = tcb->snd_una;
	octets = tcb->snd_una == tcb->iss ? 0 : place(tcb->snd_una, tcb->iss);
	octets = min(octets, sk->app.written);
	if (octets != c->acked)
		observe_user(sk, EVENT_ACKED, octets);
	c->acked = octets;
	if (!sk->stray && !sk->conn->garbled && !sk->conn->broken && peer &&
	    peer->mode == SOCK_CONNECTED && peer->tcb.state != ATCP_CLOSED &&
	    octets > peer->check.delivered)
		sock_wrong(sk, "octet %u is acknowledged, the peer has %u",
			   octets, peer->check.delivered);
}

/* What the sender believes to be held is, unless the receiver threw it away. */
static void check_sacked(const struct sock *sk)
{
	const struct sock *peer = peer_of(sk);
	const struct atcp_range *r;

	if (!(sk->tcb.use & ATCP_USE_SACK) || !sk->tcb.sacked || sk->stray ||
	    sk->conn->garbled || sk->conn->broken || !peer ||
	    peer->side->prune || peer->mode != SOCK_CONNECTED)
		return;
	for (r = atcp_range_first(&sk->tcb.sendmap); r; r = atcp_range_next(r))
		if ((r->flags & ATCP_RANGE_SACKED) &&
		    !kept_has(&peer->check.kept, place(r->seq, sk->tcb.iss),
			      min(place(r->end, sk->tcb.iss), sk->app.written)))
			sock_wrong(sk, "octet %u is taken for SACKed",
				   place(r->seq, sk->tcb.iss));
}

/* No timer is set to a time that is past all reason. */
static void check_timers(struct sock *sk)
{
	static const u64 most[ATCP_TIMER_COUNT] = {
		[ATCP_TIMER_RETRANSMIT] = 121 * ATCP_USEC_PER_SEC,
		[ATCP_TIMER_PERSIST] = 121 * ATCP_USEC_PER_SEC,
		[ATCP_TIMER_DELACK] = ATCP_DELACK_US,
		[ATCP_TIMER_FIN_WAIT_2] = 700 * ATCP_USEC_PER_SEC,
		[ATCP_TIMER_KEEPALIVE] = 7300 * ATCP_USEC_PER_SEC,
	};
	u64 now = host_now(sk->host);
	unsigned int i;

	for (i = 0; i < ATCP_TIMER_COUNT; i++)
		if (sk->tcb.timers[i] > now + most[i])
			sock_wrong(sk, "timer %u is set to %llu us from now", i,
				   (unsigned long long)sk->tcb.timers[i] - now);
}

/**
 * check_start() - a connection begins
 * @sk: the socket, its TCB in CLOSED or promoted
 */
void check_start(struct sock *sk)
{
	struct check *c = &sk->check;

	c->state = sk->tcb.state;
	c->snd_una = sk->tcb.snd_una;
	if (c->state == ATCP_CLOSED) {
		c->snd_una = sk->side->iss;
	} else {
		c->peer_edge = sk->tcb.iss + 1 + sk->tcb.snd_wnd;
		c->peer_known = true;
	}
	c->owed = 1;
}

/**
 * check_call() - the engine was called
 * @sk: the socket
 * @events: what the engine says that happened
 */
void check_call(struct sock *sk, u16 events)
{
	struct check *c = &sk->check;
	struct atcp_tcb *tcb = &sk->tcb;
	const char *what = verify_tcb(tcb);

	if (what)
		sock_wrong(sk, "%s", what);
	if (verify_records(tcb) != sk->records)
		sock_wrong(sk, "%u records of %u are left", verify_records(tcb),
			   sk->records);
	check_transitions(sk);
	check_state(sk);
	check_timers(sk);
	if (tcb->state == ATCP_CLOSED ? !(events & ATCP_EV_CLOSED) :
					events & ATCP_EV_CLOSED)
		sock_wrong(sk, "CLOSED, and nobody is told, or the reverse");
	if (tcb->state == ATCP_SYN_SENT)
		return;
	if (tcb->state == ATCP_CLOSED) {
		if (events & ATCP_EV_ACKED)
			check_acked(sk, events);
		return;
	}
	if (c->edge_known && seq_lt(tcb->rcv_adv, c->edge))
		sock_wrong(sk, "the window shrank");
	c->edge = tcb->rcv_adv;
	c->edge_known = true;
	check_delivery(sk, events);
	check_reassembly(sk);
	check_acked(sk, events);
	check_sacked(sk);
	check_rtt(sk);
	check_scales(sk);
}

/**
 * check_quiet() - the engine has nothing more to send
 * @sk: the socket
 */
void check_quiet(struct sock *sk)
{
	const char *what = verify_quiet(&sk->tcb);

	if (!what)
		what = verify_tcb(&sk->tcb);
	if (what)
		sock_wrong(sk, "%s", what);
	if (verify_records(&sk->tcb) != sk->records)
		sock_wrong(sk, "records are lost by what was sent");
	if (sk->check.edge_known && sk->tcb.state != ATCP_CLOSED &&
	    seq_lt(sk->tcb.rcv_adv, sk->check.edge))
		sock_wrong(sk, "the window shrank by what was sent");
	if (sk->tcb.timers[ATCP_TIMER_DELACK] &&
	    sk->tcb.rcv_acked == sk->tcb.rcv_nxt &&
	    !(sk->tcb.use & ATCP_DUPLICATE))
		sock_wrong(sk, "a delayed ACK is to come, and none is owed");
	sk->check.edge = sk->tcb.rcv_adv;
}

static bool is_due(const struct sock *sk, enum atcp_timer timer)
{
	u64 at = sk->tcb.timers[timer];

	return at && at <= host_now(sk->host);
}

/* Where nothing is lost and nobody holds back what was written, no timer need
 * get data going.
 */
static bool is_prompt(const struct sock *sk)
{
	return sk->world->scenario->clean && !sk->side->option &&
	       !sk->conn->broken;
}

/*
 * RFC 6298 5.5: while nothing comes, each wait is twice the last one. Not so
 * where the user asked for other times, and where a closed window is probed.
 */
static void check_back_off(struct sock *sk)
{
	const struct atcp_tcb *tcb = &sk->tcb;
	struct check *c = &sk->check;
	u64 now = host_now(sk->host), gap = 0;

	if (!is_due(sk, ATCP_TIMER_RETRANSMIT) || tcb->snd_una == tcb->snd_nxt)
		return;
	if (c->rto_us)
		gap = now - c->rto_us;
	if (gap && c->rto_gap_us && gap < c->rto_gap_us * 3 / 2 &&
	    c->rto_gap_us < 80 * ATCP_USEC_PER_SEC && tcb->snd_wnd &&
	    !tcb->settings.user_timeout_ms &&
	    !tcb->settings.thin_linear_timeouts &&
	    !tcb->params->thin_linear_timeouts)
		sock_wrong(sk, "time-outs after %llu us and then %llu us",
			   (unsigned long long)c->rto_gap_us,
			   (unsigned long long)gap);
	c->rto_us = now;
	c->rto_gap_us = gap;
}

/**
 * check_timeout() - a deadline is due
 * @sk: the socket
 */
void check_timeout(struct sock *sk)
{
	u64 deadline = atcp_deadline(&sk->tcb);

	sk->check.owed++;
	sk->check.empties = 0;
	check_back_off(sk);
	if (!deadline || deadline > host_now(sk->host))
		sock_wrong(sk, "the clock was armed to no deadline");
	if (is_prompt(sk) && is_due(sk, ATCP_TIMER_PERSIST))
		sock_wrong(sk,
			   "held back, though nothing was lost and all is read");
}

/**
 * check_failed() - a connection failed
 * @sk: the socket
 */
void check_failed(struct sock *sk)
{
	const struct conn *c = sk->conn;
	const struct sim_scenario *s = sk->world->scenario;

	if (!sk->stray && !c->broken && !c->garbled &&
	    scenario_delivers(s, c->config, 0) &&
	    scenario_delivers(s, c->config, 1))
		sock_wrong(sk, "fails with error %u, and nobody wanted that",
			   sk->tcb.error);
}

/**
 * check_timed_out() - the engine has dealt with a deadline, and sent nothing yet
 * @sk: the socket
 *
 * RFC 5681 section 3.1: after a time-out the window is one segment. A window
 * that is closed by the peer is no loss.
 */
void check_timed_out(struct sock *sk)
{
	const struct atcp_tcb *tcb = &sk->tcb;

	if (sk->check.rto_us == host_now(sk->host) && tcb->snd_wnd &&
	    tcb->timeouts && atcp_state_in(tcb, ATCP_STATES_SENDING) &&
	    tcb->cwnd > tcb->mss)
		sock_wrong(sk, "a time-out leaves a window of %u octets",
			   tcb->cwnd);
}

/**
 * check_arrives() - a segment is about to arrive
 * @sk: the socket
 * @seg: the segment
 */
void check_arrives(struct sock *sk, const struct atcp_segment *seg)
{
	struct check *c = &sk->check;
	u32 shift = seg->flags & ATCP_SYN ? 0 : sk->tcb.snd_wscale;
	u32 edge = seg->ack + ((u32)seg->wnd << shift);

	c->owed++;
	c->exact_rst = (seg->flags & ATCP_RST) && seg->seq == sk->tcb.rcv_nxt;
	if (atcp_segment_space(seg))
		c->empties = 0;
	/* A SYN-ACK's window counts before the scale is known. */
	if (!(seg->flags & ATCP_ACK))
		edge = sk->tcb.iss + 1 + seg->wnd;
	if (!c->peer_known || seq_gt(edge, c->peer_edge))
		c->peer_edge = edge;
	c->peer_known = true;
}

/* MUST-32: what is told lies further on than the last time. */
static void check_urgent(struct sock *sk)
{
	u32 up = place(sk->tcb.rcv_up, sk->tcb.irs) + 1;
	const struct sock *peer = peer_of(sk);

	if (!(sk->tcb.events & ATCP_EV_URGENT) || sk->conn->garbled)
		return;
	if (up <= sk->check.urgent_told)
		sock_wrong(sk, "told of octet %u after %u", up,
			   sk->check.urgent_told);
	if (peer && !sk->stray && up > peer->check.urgent_end)
		sock_wrong(sk, "told of octet %u, urgent are %u", up,
			   peer->check.urgent_end);
	sk->check.urgent_told = up;
}

/**
 * check_keep() - the engine says what to keep of a segment
 * @sk: the socket
 * @seg: the segment
 * @arrival: what to keep
 * @p: the segment's octets
 */
void check_keep(struct sock *sk, const struct atcp_segment *seg,
		const struct atcp_arrival *arrival, const struct packet *p)
{
	u32 first = seg->seq + !!(seg->flags & ATCP_SYN);
	u32 from = place(arrival->start, sk->tcb.irs);
	u32 len = arrival->end - arrival->start;

	check_urgent(sk);
	if (!len)
		return;
	if (arrival->start - first > seg->len ||
	    arrival->end - first > seg->len)
		return sock_wrong(sk, "told to keep what did not come");
	kept_add(&sk->check.kept, from, from + len);
	if (!sk->stray && !sk->conn->garbled &&
	    !payload_is(p->octets + seg->header_len + (arrival->start - first),
			2 * sk->conn->index + !sk->end, from, len))
		sock_wrong(sk, "octets %u to %u are not what was sent", from,
			   from + len - 1);
}

/**
 * check_time_wait() - TIME-WAIT answers: where both streams ended
 * @sk: the socket
 * @seg: what it answers, which is no RST (RFC 1337)
 * @ack: the answer
 */
void check_time_wait(struct sock *sk, const struct atcp_segment *seg,
		     const struct atcp_segment *ack)
{
	if (seg->flags & ATCP_RST)
		sock_wrong(sk, "TIME-WAIT answers a RST");
	if (ack->ack != sk->tcb.rcv_nxt || ack->seq != sk->tcb.snd_nxt)
		sock_wrong(sk,
			   "TIME-WAIT is %u octets behind, acknowledges %u less",
			   sk->tcb.snd_nxt - ack->seq,
			   sk->tcb.rcv_nxt - ack->ack);
}

/**
 * check_urgent_sent() - the last octet written is urgent
 * @sk: the socket
 */
void check_urgent_sent(struct sock *sk)
{
	sk->check.urgent_end = sk->app.written;
}
