// SPDX-License-Identifier: GPL-2.0
/*
 * The one clock of a connection, armed to the engine's next deadline. While it
 * is armed it holds a reference to the socket, taken in atcp_timer_sync() and
 * dropped either here when it fires or in atcp_timer_stop(). timer_us is not
 * zero from the arming until the work is done or cancelled, so that there is
 * never a second reference.
 *
 * A deadline that moves later leaves the clock alone: it fires early once,
 * finds nothing due and is armed again. So the usual ACK, which pushes the
 * retransmission back, costs nothing here.
 */
#include "../network/ip.h"
#include "sock.h"

static bool due(const struct atcp_sock *as, enum atcp_timer timer, u64 now)
{
	return as->tcb.timers[timer] && as->tcb.timers[timer] <= now;
}

static void run_deadlines(struct sock *sk)
{
	struct atcp_sock *as = atcp_sk(sk);
	u64 now = atcp_now();

	as->timer_us = 0;
	if (unlikely(as->orphan) && (due(as, ATCP_TIMER_RETRANSMIT, now) ||
				     due(as, ATCP_TIMER_PERSIST, now)))
		atcp_orphan_timer(sk, now);
	atcp_timeout(&as->tcb, now);
	atcp_settle(sk, now);
}

/* Softirq. The socket may be owned by a process: then release_sock() does it,
 * and the reference passes to that.
 */
static enum hrtimer_restart timer_fired(struct hrtimer *timer)
{
	struct atcp_sock *as = container_of(timer, struct atcp_sock, timer);
	struct sock *sk = atcp_to_sk(as);

	bh_lock_sock(sk);
	if (!sock_owned_by_user(sk)) {
		run_deadlines(sk);
	} else if (!test_and_set_bit(ATCP_DEFER_TIMER, &as->deferred)) {
		bh_unlock_sock(sk);
		return HRTIMER_NORESTART;
	}
	bh_unlock_sock(sk);
	sock_put(sk);
	return HRTIMER_NORESTART;
}

/**
 * atcp_release_cb() - release_sock(): what the softirq left behind
 * @sk: the socket, owned by the caller, its spinlock held
 */
void atcp_release_cb(struct sock *sk)
{
	struct atcp_sock *as = atcp_sk(sk);
	unsigned long deferred;

	if (likely(!READ_ONCE(as->deferred)))
		return;
	/* Nobody adds to them now: that takes the spinlock. */
	deferred = as->deferred;
	as->deferred = 0;
	atcp_icmp_deferred(sk, deferred);
	if (deferred & BIT(ATCP_DEFER_TIMER)) {
		run_deadlines(sk);
		__sock_put(sk);
	}
}

void atcp_timer_setup(struct sock *sk)
{
	hrtimer_setup(&atcp_sk(sk)->timer, timer_fired, CLOCK_MONOTONIC,
		      HRTIMER_MODE_ABS_SOFT);
}

/**
 * atcp_timer_sync() - arm the clock if the engine's next deadline asks for it
 * @sk: the socket, locked
 */
void atcp_timer_sync(struct sock *sk)
{
	struct atcp_sock *as = atcp_sk(sk);
	u64 deadline = atcp_deadline(&as->tcb);

	if (!deadline || (as->timer_us && as->timer_us <= deadline))
		return;
	/* Too late to move it: it waits for our lock, or for release_sock(),
	 * and comes here again.
	 */
	if (as->timer_us && hrtimer_try_to_cancel(&as->timer) <= 0)
		return;
	if (!as->timer_us)
		sock_hold(sk);
	as->timer_us = deadline;
	hrtimer_start(&as->timer, atcp_ktime(deadline), HRTIMER_MODE_ABS_SOFT);
}

/**
 * atcp_timer_stop() - the connection is over
 * @sk: the socket, locked
 */
void atcp_timer_stop(struct sock *sk)
{
	struct atcp_sock *as = atcp_sk(sk);

	if (as->timer_us && hrtimer_try_to_cancel(&as->timer) > 0) {
		__sock_put(sk);
		as->timer_us = 0;
	}
}
