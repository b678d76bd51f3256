// SPDX-License-Identifier: GPL-2.0
/*
 * Orphans: connections that no program holds any more, while both ends finish.
 * They are counted for each namespace and bounded by net.atcp.max_orphans and
 * net.atcp.mem: what is too much is reset. The engine bounds each one's time
 * (fin_timeout, TCP_LINGER2, orphan_retries).
 */
#include "sock.h"

/* RFC 9293 leaves MSL at two minutes: silent for twice of that is dubious. */
#define SILENT_US (240 * USEC_PER_SEC)

/*
 * @shift: how dubious this one is; each step lets only half as many live.
 */
static bool too_many(struct sock *sk, int shift)
{
	struct atcp_netns *an = atcp_sk_netns(sk);
	u64 orphans = atomic_read(&an->orphans);

	if (orphans << shift > READ_ONCE(an->max_orphans)) {
		net_info_ratelimited("too many orphaned sockets\n");
		return true;
	}
	if (sk->sk_wmem_queued > SOCK_MIN_SNDBUF &&
	    sk_memory_allocated(sk) > sk_prot_mem_limits(sk, 2)) {
		net_info_ratelimited("out of memory: see net.atcp.mem\n");
		return true;
	}
	return false;
}

static void reset(struct sock *sk)
{
	atcp_count(atcp_sk_netns(sk), ATCP_COUNT_ORPHAN_ABORTS);
	atcp_user_abort(&atcp_sk(sk)->tcb);
}

/**
 * atcp_orphan_start() - the user left a connection that goes on
 * @sk: the socket, locked, orphaned, not in CLOSED
 * @now: the time
 *
 * Its user's reference is the connection's from here on: if that ends at once,
 * only the caller's own keeps @sk.
 */
void atcp_orphan_start(struct sock *sk, u64 now)
{
	struct atcp_sock *as = atcp_sk(sk);

	as->orphan = true;
	atomic_inc(&atcp_sk_netns(sk)->orphans);
	if (as->tcb.state == ATCP_FIN_WAIT_2 && as->tcb.settings.linger2 < 0)
		atcp_count(atcp_sk_netns(sk), ATCP_COUNT_LINGER_ABORTS);
	atcp_user_orphan(&as->tcb, now);
	if (as->tcb.state != ATCP_CLOSED && too_many(sk, 0))
		reset(sk);
	atcp_settle(sk, now);
}

/**
 * atcp_orphan_end() - the connection is over
 * @sk: the socket, locked
 */
void atcp_orphan_end(struct sock *sk)
{
	if (!atcp_sk(sk)->orphan)
		return;
	atcp_sk(sk)->orphan = false;
	atomic_dec(&atcp_sk_netns(sk)->orphans);
}

/**
 * atcp_orphan_timer() - an orphan is about to send something again
 * @sk: the socket, locked
 * @now: the time
 *
 * A peer that does not answer should not outlive others.
 */
void atcp_orphan_timer(struct sock *sk, u64 now)
{
	const struct atcp_tcb *tcb = &atcp_sk(sk)->tcb;
	int shift = 0;

	if (now - tcb->sent_us > SILENT_US)
		shift++;
	if (READ_ONCE(sk->sk_err_soft))
		shift++;
	if (too_many(sk, shift))
		reset(sk);
}
