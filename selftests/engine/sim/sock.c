// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel's sockets do for the engine, as module/socket/ does it: fill
 * the pool, cut what exceeds an MSS, keep the payload, wake the program, arm
 * the clock.
 */
#include "recovery.h"
#include "timer.h"
#include "world.h"

/* More segments at one go than any window holds: it will not end. */
#define MOST_AT_ONCE 20000

/**
 * conn_at() - the connection that a client's port belongs to
 * @w: the run
 * @port: the port
 *
 * Return: the connection.
 */
struct conn *conn_at(struct world *w, u16 port)
{
	return &w->conn[(u16)(port - CLIENT_PORT) % SIM_CONNS];
}

/**
 * sock_new() - one end of a connection
 * @c: the connection
 * @end: which end
 *
 * Return: a socket in CLOSED; a stray one if that end was there before.
 */
struct sock *sock_new(struct conn *c, int end)
{
	struct sock *sk = sock_alloc(c->world);
	const struct sim_conn *config = c->config;

	sk->conn = c;
	sk->end = end;
	sk->side = &config->side[end];
	sk->path = &c->world->path[config->path];
	sk->at = end ? !config->opener : config->opener;
	sk->host = &c->world->host[sk->at ? config->path + 1 : 0];
	sk->mtu = sk->host->config->mtu;
	sk->sport = CLIENT_PORT + c->index;
	sk->dport = SERVER_PORT;
	if (config->simultaneous)
		sk->dport = CLIENT_PORT + SIM_CONNS + c->index;
	if (end) {
		sk->sport = sk->dport;
		sk->dport = CLIENT_PORT + c->index;
	}
	sk->alarm.ring = sock_deadline;
	sk->stray = c->met[end];
	if (sk->stray)
		c->world->result->count[SIM_STRAYS]++;
	else
		c->sock[end] = sk;
	atcp_tcb_init(&sk->tcb, &sk->host->config->params);
	sk->tcb.settings = sk->side->settings;
	return sk;
}

/**
 * sock_refill() - the pool gets what the next call may take, mostly
 * @sk: the socket
 */
void sock_refill(struct sock *sk)
{
	if (chance(&sk->world->rng, sk->side->starve))
		return;
	while (sk->tcb.pool.count < ATCP_POOL_LOW) {
		atcp_pool_put(&sk->tcb.pool, record_new(sk->world));
		sk->records++;
	}
}

/**
 * sock_unread() - what came in order and was not read
 * @sk: the socket
 *
 * Return: octets.
 */
u32 sock_unread(const struct sock *sk)
{
	return sk->check.delivered - sk->app.consumed;
}

/**
 * sock_space() - what the receive buffer can take now
 * @sk: the socket
 *
 * Return: octets.
 */
u32 sock_space(const struct sock *sk)
{
	u32 unread = sock_unread(sk);

	return unread < sk->side->rcvbuf ? sk->side->rcvbuf - unread : 0;
}

/**
 * sock_transmit() - send one segment of the wire
 * @sk: the socket, in any mode
 * @seg: the segment
 */
void sock_transmit(struct sock *sk, const struct atcp_segment *seg)
{
	struct packet *p = packet_new(sk->world);
	u32 len = atcp_segment_build(seg, p->octets);

	if (seg->len + len > PACKET_MAX) {
		world_wrong(sk->world, "a segment of %u octets", seg->len);
		return packet_free(p);
	}
	if (seg->len)
		payload_fill(p->octets + len, 2 * sk->conn->index + sk->end,
			     place(seg->seq, sk->tcb.iss), seg->len);
	p->len = len + seg->len;
	sk->world->result->count[SIM_AGAIN] += seg->again;
	observe_sends(sk, p);
	host_transmit(sk->host, sk->path, p, sk->conn->config->delay_us);
}

/* What exceeds an MSS is cut here, as segmentation offload does. */
static void transmit_cut(struct sock *sk, const struct atcp_segment *seg)
{
	struct atcp_segment cut = *seg;
	u32 left = seg->len;

	if (!left)
		return sock_transmit(sk, seg);
	while (left) {
		cut.len = min(left, seg->cut);
		left -= cut.len;
		cut.flags = left ? seg->flags & ~(ATCP_FIN | ATCP_PSH) :
				   seg->flags;
		sock_transmit(sk, &cut);
		cut.seq += cut.len;
	}
}

static void push(struct sock *sk)
{
	u64 now = host_now(sk->host);
	unsigned int most = MOST_AT_ONCE;
	struct atcp_segment seg;

	if (sk->side->burst)
		atcp_tcb_burst(&sk->tcb, sk->side->burst * sk->tcb.mss);
	sk->tcb.rcv_space = sock_space(sk);
	for (;;) {
		sock_refill(sk);
		if (!atcp_next_segment(&sk->tcb, now, &seg))
			break;
		check_sent(sk, &seg);
		transmit_cut(sk, &seg);
		if (!--most)
			return world_wrong(sk->world, "no end to what is sent");
	}
	atcp_take_notes(&sk->tcb);
	check_quiet(sk);
}

static void purge(struct sock *sk)
{
	struct atcp_range *r;

	atcp_tcb_purge(&sk->tcb);
	while ((r = atcp_pool_get(&sk->tcb.pool))) {
		record_free(sk->world, r);
		sk->records--;
	}
	if (sk->records)
		world_wrong(sk->world, "%u records are lost in the end",
			    sk->records);
	sk->records = 0;
}

/**
 * sock_drop() - neither the connection nor a program needs a socket any more
 * @sk: the socket; it is freed when this alarm has been dealt with
 */
void sock_drop(struct sock *sk)
{
	struct conn *c = sk->conn;

	if (sk->dead)
		return;
	sk->dead = true;
	queue_clear(&sk->world->queue, &sk->app.alarm);
	sk->next = sk->world->dead;
	sk->world->dead = sk;
	if (c->sock[sk->end] == sk)
		c->sock[sk->end] = NULL;
	if (!c->sock[0] && !c->sock[1])
		c->result->ended_us = sk->world->now;
}

/**
 * sock_over() - a connection is in CLOSED
 * @sk: the socket
 */
void sock_over(struct sock *sk)
{
	queue_clear(&sk->world->queue, &sk->alarm);
	host_remove(sk->host, sk);
	purge(sk);
	sk->mode = SOCK_ENDED;
	if (!sk->app.opened || sk->app.gone)
		sock_drop(sk);
}

/**
 * sock_reboot() - a socket's host forgets it
 * @sk: the socket
 */
void sock_reboot(struct sock *sk)
{
	if (sk->mode == SOCK_REQUEST)
		sk->host->nr_requests--;
	app_kill(sk);
	if (sk->mode == SOCK_ENDED)
		sock_drop(sk);
	else
		sock_over(sk);
}

/**
 * sock_time_wait() - the 2 MSL begin, perhaps again
 * @sk: the socket, its record made
 */
void sock_time_wait(struct sock *sk)
{
	queue_set(&sk->world->queue, &sk->alarm,
		  host_when(sk->host, sk->tw.deadline));
}

static void to_time_wait(struct sock *sk)
{
	atcp_timewait_init(&sk->tw, &sk->tcb, host_now(sk->host));
	atcp_tcb_hand_over(&sk->tcb);
	purge(sk);
	sk->mode = SOCK_TIME_WAIT;
	sock_time_wait(sk);
}

static void sync_timer(struct sock *sk)
{
	u64 deadline = atcp_deadline(&sk->tcb);

	if (deadline)
		queue_set(&sk->world->queue, &sk->alarm,
			  host_when(sk->host, deadline));
	else
		queue_clear(&sk->world->queue, &sk->alarm);
}

static void count_end(struct sock *sk)
{
	u64 *count = sk->world->result->count;

	check_failed(sk);
	switch (sk->tcb.error) {
	case ATCP_ERROR_REFUSED:
		count[SIM_REFUSED]++;
		break;
	case ATCP_ERROR_RESET:
	case ATCP_ERROR_PIPE:
		count[SIM_RESET]++;
		break;
	case ATCP_ERROR_TIMEOUT:
		count[SIM_TIMED_OUT]++;
		break;
	}
}

/**
 * sock_settle() - do what the engine asks for after any call of it
 * @sk: the socket, connected
 *
 * In the order of atcp_settle() in module/socket/output.c.
 */
void sock_settle(struct sock *sk)
{
	u16 events = atcp_take_events(&sk->tcb);

	check_call(sk, events);
	push(sk);
	if (events & ATCP_EV_ERROR)
		count_end(sk);
	if ((events & ATCP_EV_ESTABLISHED) && !sk->end)
		sk->conn->result->established_us = sk->world->now;
	if (events & ATCP_EV_TIME_WAIT)
		to_time_wait(sk);
	else if (events & ATCP_EV_CLOSED)
		sock_over(sk);
	else
		sync_timer(sk);
	app_wake(sk, events);
}

/**
 * sock_open() - active OPEN
 * @sk: the socket, fresh
 */
void sock_open(struct sock *sk)
{
	const struct sim_side *side = sk->side;
	const struct atcp_open open = {
		.iss = side->iss,
		.ts_offset = side->ts_offset,
		.rcv_buf = side->rcvbuf,
		.sport = sk->sport,
		.dport = sk->dport,
		.advmss = side->advmss,
		.path_mss = sk->mtu - SIM_HEADERS,
		.rcv_wscale = side->wscale,
		.options = side->options &
			   atcp_options(&sk->host->config->params),
	};

	sk->mode = SOCK_CONNECTED;
	host_insert(sk->host, sk);
	observe_begin(sk);
	check_start(sk);
	observe_user(sk, EVENT_OPEN_ACTIVE, 0);
	sock_refill(sk);
	atcp_user_open(&sk->tcb, &open, host_now(sk->host));
	app_open(sk);
	sock_settle(sk);
}

/**
 * sock_arrives() - a segment for a connection
 * @sk: the socket, connected
 * @seg: the segment
 * @p: the same
 */
void sock_arrives(struct sock *sk, struct atcp_segment *seg,
		  const struct packet *p)
{
	struct atcp_segment copy = *seg;
	struct atcp_arrival arrival;
	enum atcp_drop drop;

	copy.no_room = seg->len && chance(&sk->world->rng, sk->side->no_room);
	sock_refill(sk);
	if (copy.no_room || sk->tcb.pool.count < ATCP_POOL_LOW)
		observe_user(sk, EVENT_NO_ROOM, 0);
	observe_arrives(sk, p);
	check_arrives(sk, seg);
	arrived_before(sk);
	drop = atcp_segment_arrives(&sk->tcb, &copy, host_now(sk->host),
				    &arrival);
	arrived(sk, seg, drop, &arrival);
	if (arrival.reset)
		host_reset(sk->host, sk, sk->path, seg);
	if (arrival.challenge)
		atcp_challenge_ack(&sk->tcb);
	check_keep(sk, seg, &arrival, p);
	sock_settle(sk);
}

static void too_big(struct sock *sk, u16 mtu)
{
	if (mtu >= sk->mtu)
		return;
	sk->mtu = mtu;
	atcp_tcb_path_mss(&sk->tcb, mtu - SIM_HEADERS);
	atcp_recovery_too_big(&sk->tcb);
	sock_settle(sk);
}

/**
 * sock_icmp() - a router's word on a segment of a connection
 * @sk: the socket, connected
 * @p: the word
 *
 * As network/icmp.c has it, RFC 5927 section 4.1 first: it must quote what is
 * in flight.
 */
void sock_icmp(struct sock *sk, const struct packet *p)
{
	u32 opening = ATCP_STATE_BIT(ATCP_SYN_SENT) |
		      ATCP_STATE_BIT(ATCP_SYN_RECEIVED);
	u32 seq = atcp_get32(p->octets + 4);
	struct atcp_tcb *tcb = &sk->tcb;

	if (!seq_in(seq, tcb->snd_una, tcb->snd_max + 1))
		return;
	observe_icmp(sk, p);
	sk->check.rto_us = 0;
	if (p->too_big)
		return too_big(sk, p->too_big);
	if (p->icmp >> 8 == 3)
		atcp_timers_unreachable(tcb, seq, host_now(sk->host));
	if (atcp_state_in(tcb, opening)) {
		sk->world->result->count[SIM_UNREACHABLE]++;
		atcp_tcb_delete(tcb, ATCP_CAUSE_ICMP);
	}
	sock_settle(sk);
}

/**
 * sock_deadline() - a socket's deadline passed
 * @alarm: of the socket
 */
void sock_deadline(struct alarm *alarm)
{
	struct sock *sk = alarm_of(alarm, struct sock, alarm);

	switch (sk->mode) {
	case SOCK_REQUEST:
		request_deadline(sk);
		break;
	case SOCK_CONNECTED:
		sock_refill(sk);
		observe_timeout(sk);
		check_timeout(sk);
		atcp_timeout(&sk->tcb, host_now(sk->host));
		check_timed_out(sk);
		sock_settle(sk);
		break;
	case SOCK_TIME_WAIT:
		observe_state(sk, ATCP_TIME_WAIT, ATCP_CLOSED, ATCP_CAUSE_2MSL);
		sock_over(sk);
		break;
	case SOCK_ENDED:
		break;
	}
}
