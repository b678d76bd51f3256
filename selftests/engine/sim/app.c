// SPDX-License-Identifier: GPL-2.0
/*
 * Programs, as poll() and epoll make them: one that could not read or write
 * sleeps until it is told of an event, so that a lost wake-up holds it up for
 * ever. Each alarm is one write and one read; then the program thinks.
 */
#include "world.h"

/* How long a process takes until it runs, at most. */
#define WAKE_US 200

static void act_at(struct sock *sk, u64 at)
{
	u64 patience = sk->app.opened_us + sk->side->patience_us;

	at = max(min(at, patience), sk->world->now);
	queue_set(&sk->world->queue, &sk->app.alarm, at);
}

static void think(struct sock *sk)
{
	const struct sim_side *side = sk->side;
	struct rng *r = &sk->world->rng;
	u64 us = 1 + below(r, side->think_us + 1);

	if (chance(r, side->pause))
		us = 1 + below(r, side->pause_us + 1);
	sk->app.busy = true;
	act_at(sk, sk->world->now + us);
}

static void sleeps(struct sock *sk)
{
	sk->app.busy = false;
	act_at(sk, ~0ULL);
}

/**
 * app_wake() - a socket has news for its program
 * @sk: the socket
 * @events: ATCP_EV_ESTABLISHED ...
 */
void app_wake(struct sock *sk, u16 events)
{
	struct app *app = &sk->app;
	bool over = events & (ATCP_EV_CLOSED | ATCP_EV_TIME_WAIT);

	if (!app->opened || app->gone)
		return;
	if (events & ATCP_EV_ESTABLISHED)
		app->connected = true;
	if (events & (ATCP_EV_DATA | ATCP_EV_EOF))
		app->readable = true;
	if (events & (ATCP_EV_ACKED | ATCP_EV_ESTABLISHED))
		app->writable = true;
	if (events & ATCP_EV_ERROR)
		app->failed = true;
	if (over)
		app->over = true;
	if (!app->busy && (over || (events & ~ATCP_EV_PATH))) {
		app->busy = true;
		act_at(sk,
		       sk->world->now + 1 + below(&sk->world->rng, WAKE_US));
	}
}

static bool is_open(const struct sock *sk)
{
	return sk->mode == SOCK_CONNECTED && sk->tcb.state != ATCP_CLOSED;
}

/* close(), as module/socket/close.c has it. */
static void close_socket(struct sock *sk, bool abort)
{
	struct world *w = sk->world;

	if (is_open(sk)) {
		sock_refill(sk);
		if (abort || sock_unread(sk)) {
			sk->conn->broken = true;
			w->result->count[SIM_ABORTED]++;
			observe_user(sk, EVENT_ABORT, 0);
			atcp_user_abort(&sk->tcb);
		} else {
			observe_user(sk, EVENT_CLOSE, 0);
			sk->tcb.use &= ~ATCP_CORK;
			sk->app.shut = true;
			atcp_user_shutdown(&sk->tcb, host_now(sk->host));
		}
		sock_settle(sk);
	}
	sk->app.gone = true;
	queue_clear(&w->queue, &sk->app.alarm);
	if (is_open(sk)) {
		sock_refill(sk);
		atcp_user_orphan(&sk->tcb, host_now(sk->host));
		sock_settle(sk);
	} else if (sk->mode == SOCK_ENDED) {
		sock_drop(sk);
	}
}

/**
 * app_kill() - a program vanishes together with its kernel
 * @sk: its socket
 */
void app_kill(struct sock *sk)
{
	sk->app.gone = true;
	queue_clear(&sk->world->queue, &sk->app.alarm);
}

static void shutdown_socket(struct sock *sk, bool both)
{
	sk->app.shut = true;
	if (!is_open(sk))
		return;
	sock_refill(sk);
	if (both) {
		sk->app.no_reader = true;
		sk->tcb.use |= ATCP_NO_READER;
		observe_user(sk, EVENT_DEAF, 0);
	}
	observe_user(sk, EVENT_SHUTDOWN, 0);
	atcp_user_shutdown(&sk->tcb, host_now(sk->host));
	sock_settle(sk);
}

/* TCP_NODELAY, TCP_CORK, MSG_MORE. */
static void set_options(struct sock *sk)
{
	static const u16 options[] = { ATCP_NODELAY, ATCP_CORK, ATCP_MORE };

	if (chance(&sk->world->rng, sk->side->option))
		sk->tcb.use ^= options[below(&sk->world->rng, 3)];
}

/*
 * The buffer is full: as module/socket/send.c has it, nothing may be held back
 * any more that waits for more to come.
 */
static void release_held(struct sock *sk)
{
	u16 set = sk->tcb.use & (ATCP_CORK | ATCP_NODELAY);

	sk->tcb.use &= ~(ATCP_CORK | ATCP_MORE);
	sk->tcb.use |= ATCP_NODELAY;
	sock_settle(sk);
	sk->tcb.use &= ~ATCP_NODELAY;
	sk->tcb.use |= set;
}

/* One write(); what does not fit is left for later. */
static void app_writes(struct sock *sk)
{
	const struct sim_side *side = sk->side;
	struct rng *r = &sk->world->rng;
	u32 held = sk->tcb.write_seq - sk->tcb.snd_una;
	u32 space = held < side->sndbuf ? side->sndbuf - held : 0;
	u32 want = min(between(r, 1, side->write_most),
		       side->octets - sk->app.written);
	u32 n = min(want, space);

	if (!want || sk->app.shut || !sk->app.writable || !is_open(sk))
		return;
	sock_refill(sk);
	if (n) {
		set_options(sk);
		sk->app.written += n;
		observe_user(sk, EVENT_SEND, n);
		atcp_user_send(&sk->tcb, n);
		if (chance(r, side->urgent)) {
			check_urgent_sent(sk);
			observe_user(sk, EVENT_URGENT, 0);
			atcp_user_urgent(&sk->tcb);
		}
	}
	if (n < want) {
		sk->app.writable = false;
		release_held(sk);
	} else {
		sock_settle(sk);
	}
}

static void receive(struct sock *sk)
{
	sock_refill(sk);
	atcp_user_receive(&sk->tcb, sock_space(sk), sk->side->rcvbuf);
	sk->check.owed++;
	sk->check.empties = 0;
	if (sk->tcb.ack_now)
		sock_settle(sk);
}

/* One read(); less than was asked for is all that there is. */
static void app_reads(struct sock *sk)
{
	struct sim_conn_result *result = sk->conn->result;
	u32 want = between(&sk->world->rng, 1, sk->side->read_most);
	u32 n = min(want, sock_unread(sk));

	if (!sk->app.readable || sk->app.no_reader)
		return;
	sk->app.consumed += n;
	if (n && !sk->stray) {
		if (!result->octets[sk->end])
			result->first_us[sk->end] = sk->world->now;
		result->last_us[sk->end] = sk->world->now;
		result->octets[sk->end] += n;
		sk->world->result->count[SIM_OCTETS] += n;
	}
	if (n)
		observe_user(sk, EVENT_RECEIVE, n);
	if (n && is_open(sk))
		receive(sk);
	if (n < want) {
		sk->app.readable = false;
		sk->app.eof = sk->check.eof && !sock_unread(sk);
	}
}

/* Memory is short: what lies above some number is thrown away. */
static void prune(struct sock *sk)
{
	struct atcp_range *last = atcp_range_last(&sk->tcb.reassembly);
	struct world *w = sk->world;
	u32 from, before;

	if (!last || !chance(&w->rng, sk->side->prune))
		return;
	from = sk->tcb.rcv_nxt + 1 +
	       below(&w->rng, last->end - sk->tcb.rcv_nxt);
	before = kept_octets(&sk->check.kept);
	kept_cut(&sk->check.kept, place(from, sk->tcb.irs));
	sk->check.fin_known = false;
	w->result->count[SIM_PRUNED] += before - kept_octets(&sk->check.kept);
	observe_user(sk, EVENT_PRUNED, from);
	sock_refill(sk);
	atcp_user_pruned(&sk->tcb, from);
	sock_settle(sk);
}

static void clamp_window(struct sock *sk)
{
	struct rng *r = &sk->world->rng;

	if (!chance(r, sk->side->clamp))
		return;
	sk->tcb.settings.window_clamp =
		chance(r, 300) ? 0 : between(r, 1, 2 * sk->side->rcvbuf);
	receive(sk);
}

/* Does the program end the connection now, in the middle of it or not? */
static bool leaves(struct sock *sk)
{
	const struct sim_side *side = sk->side;
	struct app *app = &sk->app;
	bool written = app->written == side->octets;
	bool middle = app->written + app->consumed >= side->leave_after ||
		      (written && app->eof);

	switch (side->leave) {
	case SIM_LEAVE_REPLY:
		return written && app->eof;
	case SIM_LEAVE_HALF:
		if (written && !app->shut && app->connected)
			shutdown_socket(sk, false);
		return written && app->eof;
	case SIM_LEAVE_CLOSE:
		return written;
	case SIM_LEAVE_SHUT:
		if (written && !app->shut && app->connected)
			shutdown_socket(sk, true);
		return app->shut && app->over;
	case SIM_LEAVE_ABORT:
	case SIM_LEAVE_VANISH:
		return middle;
	default:
		return false;
	}
}

/* It has waited for too long: perhaps for something that it was not told. */
static void loses_patience(struct sock *sk)
{
	const struct sim_scenario *s = sk->world->scenario;
	struct conn *c = sk->conn;

	if (!sk->stray && !c->broken && !c->garbled &&
	    scenario_delivers(s, c->config, 0) &&
	    scenario_delivers(s, c->config, 1))
		world_wrong(sk->world,
			    "the program at end %u of connection %u waits in vain: %u of %u octets written, %u of %u read, %s",
			    sk->end, c->index, sk->app.written,
			    sk->side->octets, sk->app.consumed,
			    peer_side(sk)->octets,
			    atcp_state_name(sk->tcb.state));
	c->broken = true;
	close_socket(sk, false);
}

static void app_acts(struct alarm *alarm)
{
	struct app *app = alarm_of(alarm, struct app, alarm);
	struct sock *sk = alarm_of(app, struct sock, app);

	if (sk->world->now >= app->opened_us + sk->side->patience_us)
		return loses_patience(sk);
	if (app->connected) {
		app_writes(sk);
		app_reads(sk);
	}
	if (is_open(sk) && app->connected) {
		prune(sk);
		clamp_window(sk);
	}
	if (app->failed || (app->over && !app->readable))
		return close_socket(sk, false);
	if (leaves(sk))
		return close_socket(sk, sk->side->leave == SIM_LEAVE_ABORT);
	if ((app->readable && !app->no_reader) ||
	    (app->connected && app->writable && !app->shut &&
	     app->written < sk->side->octets))
		think(sk);
	else
		sleeps(sk);
}

/**
 * app_open() - a program gets a socket: from connect() or from accept()
 * @sk: the socket
 */
void app_open(struct sock *sk)
{
	sk->app.opened = true;
	sk->app.opened_us = sk->world->now;
	sk->app.alarm.ring = app_acts;
	sk->conn->met[sk->end] = true;
	think(sk);
}
