// SPDX-License-Identifier: GPL-2.0
/*
 * Socket options. SOL_SOCKET is the kernel's, SOL_IP is IP's; what is here is
 * tcp(7)'s level, reached as SOL_TCP or SOL_ATCP: numbers, ranges, units and
 * errnos are those of Linux's TCP. README.md has the table.
 */
#include <linux/slab.h>
#include <linux/inet_diag.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include "../engine/rtt.h"
#include "../network/ip.h"
#include "congestion.h"
#include "info.h"
#include "sock.h"

/* The ranges are Linux's. */
#define MAXSEG_MIN	 88
#define MAXSEG_MAX	 32767
#define KEEP_SECONDS_MAX 32767
#define RETRIES_MAX	 127
#define LINGER2_MAX	 120
#define DEFER_MAX	 255
#define DEFER_GAP_MAX	 ((int)(ATCP_RTO_MAX_US / ATCP_USEC_PER_SEC))

static bool is_open(const struct sock *sk)
{
	return sk->sk_state != TCP_CLOSE && sk->sk_state != TCP_LISTEN;
}

/* What the changed option held back may go. */
static void push(struct sock *sk)
{
	if (is_open(sk))
		atcp_settle(sk, atcp_now());
}

/*
 * Setting it sends at once, even what a cork holds back; the cork stays in
 * force for what is written later.
 */
static void set_nodelay(struct sock *sk, bool on)
{
	struct atcp_tcb *tcb = &atcp_sk(sk)->tcb;
	u16 cork = tcb->use & ATCP_CORK;

	if (!on) {
		tcb->use &= ~ATCP_NODELAY;
		return;
	}
	tcb->use |= ATCP_NODELAY;
	tcb->use &= ~(ATCP_CORK | ATCP_MORE);
	push(sk);
	tcb->use |= cork;
}

static void set_cork(struct sock *sk, bool on)
{
	struct atcp_tcb *tcb = &atcp_sk(sk)->tcb;

	if (on) {
		tcb->use |= ATCP_CORK;
		return;
	}
	tcb->use &= ~(ATCP_CORK | ATCP_MORE);
	push(sk);
}

static int set_maxseg(struct sock *sk, int value)
{
	if (value && (value < MAXSEG_MIN || value > MAXSEG_MAX))
		return -EINVAL;
	atcp_sk(sk)->user_mss = value;
	return 0;
}

/* Seconds between 1 and @most, in a field of its own type. */
#define SET_RANGE(field, value, most)                                          \
	({                                                                     \
		bool ok = (value) >= 1 && (value) <= (most);                   \
		if (ok)                                                        \
			WRITE_ONCE(field, value);                              \
		ok ? 0 : -EINVAL;                                              \
	})

/* Whoever is watched already is watched from now on by the new number. */
static int set_keepidle(struct sock *sk, int value)
{
	struct atcp_tcb *tcb = &atcp_sk(sk)->tcb;
	int err = SET_RANGE(tcb->settings.keep_idle, value, KEEP_SECONDS_MAX);

	if (!err && tcb->settings.keepalive && is_open(sk)) {
		atcp_user_keepalive(tcb, tcb->heard_us);
		atcp_timer_sync(sk);
	}
	return err;
}

/**
 * atcp_keepalive() - SO_KEEPALIVE: struct proto's keepalive
 * @sk: the socket, locked
 * @on: 1 or 0
 */
void atcp_keepalive(struct sock *sk, int on)
{
	struct atcp_tcb *tcb = &atcp_sk(sk)->tcb;

	if (tcb->settings.keepalive == !!on)
		return;
	tcb->settings.keepalive = on;
	atcp_user_keepalive(tcb, atcp_now());
	if (is_open(sk))
		atcp_timer_sync(sk);
}

static void set_linger2(struct atcp_settings *s, int value)
{
	WRITE_ONCE(s->linger2, value < 0 ? -1 : min(value, LINGER2_MAX));
}

static int set_window_clamp(struct sock *sk, int value)
{
	struct atcp_settings *s = &atcp_sk(sk)->tcb.settings;

	if (!value && sk->sk_state != TCP_CLOSE)
		return -EINVAL;
	if (value)
		value = max_t(int, value, SOCK_MIN_RCVBUF / 2);
	s->window_clamp = value;
	return 0;
}

/* An even number but 0 acknowledges what is owed, and nothing later on. */
static void set_quickack(struct sock *sk, int value)
{
	struct atcp_tcb *tcb = &atcp_sk(sk)->tcb;
	bool owed = tcb->timers[ATCP_TIMER_DELACK];

	atcp_user_quickack(tcb, value, owed && !(value & 1));
	push(sk);
}

/* Seconds as the number of SYN-ACKs that are sent meanwhile, and back. */
static u8 seconds_to_sends(int seconds)
{
	int gap = 1, sum = 1;
	u8 sends = 1;

	if (seconds <= 0)
		return 0;
	while (seconds > sum && sends < DEFER_MAX) {
		sends++;
		gap = min(2 * gap, DEFER_GAP_MAX);
		sum += gap;
	}
	return sends;
}

static int sends_to_seconds(u8 sends)
{
	int gap = 1, sum = 0;

	while (sends--) {
		sum += gap;
		gap = min(2 * gap, DEFER_GAP_MAX);
	}
	return sum;
}

static int set_notsent_lowat(struct sock *sk, int value)
{
	WRITE_ONCE(atcp_sk(sk)->notsent_lowat, value);
	sk->sk_write_space(sk);
	return 0;
}

static int set_save_syn(struct atcp_sock *as, int value)
{
	if (value < 0 || value > 2)
		return -EINVAL;
	WRITE_ONCE(as->save_syn, value);
	return 0;
}

static int set_bool(bool *field, int value)
{
	if (value < 0 || value > 1)
		return -EINVAL;
	WRITE_ONCE(*field, value);
	return 0;
}

/* How long to wait for what. */
static int set_limit(struct sock *sk, int optname, int value)
{
	struct atcp_sock *as = atcp_sk(sk);
	struct atcp_settings *s = &as->tcb.settings;

	switch (optname) {
	case TCP_KEEPIDLE:
		return set_keepidle(sk, value);
	case TCP_KEEPINTVL:
		return SET_RANGE(s->keep_intvl, value, KEEP_SECONDS_MAX);
	case TCP_KEEPCNT:
		return SET_RANGE(s->keep_probes, value, RETRIES_MAX);
	case TCP_SYNCNT:
		return SET_RANGE(s->syn_retries, value, RETRIES_MAX);
	case TCP_LINGER2:
		set_linger2(s, value);
		return 0;
	case TCP_DEFER_ACCEPT:
		WRITE_ONCE(as->defer_accept, seconds_to_sends(value));
		return 0;
	case TCP_USER_TIMEOUT:
		if (value < 0)
			return -EINVAL;
		WRITE_ONCE(s->user_timeout_ms, value);
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

/* The options whose value is a number. The socket is locked. */
static int set_number(struct sock *sk, int optname, int value)
{
	struct atcp_sock *as = atcp_sk(sk);

	switch (optname) {
	case TCP_NODELAY:
		set_nodelay(sk, value);
		return 0;
	case TCP_CORK:
		set_cork(sk, value);
		return 0;
	case TCP_MAXSEG:
		return set_maxseg(sk, value);
	case TCP_THIN_DUPACK:
		/* Linux dropped what it did and kept its number. */
		return value < 0 || value > 1 ? -EINVAL : 0;
	case TCP_THIN_LINEAR_TIMEOUTS:
		return set_bool(&as->tcb.settings.thin_linear_timeouts, value);
	case TCP_WINDOW_CLAMP:
		return set_window_clamp(sk, value);
	case TCP_QUICKACK:
		set_quickack(sk, value);
		return 0;
	case TCP_NOTSENT_LOWAT:
		return set_notsent_lowat(sk, value);
	case TCP_INQ:
		return set_bool(&as->recv_inq, value);
	case TCP_SAVE_SYN:
		return set_save_syn(as, value);
	case TCP_TIMESTAMP:
		/* A matter of TCP_REPAIR. */
		return -EPERM;
	default:
		return set_limit(sk, optname, value);
	}
}

/* A name, up to a NUL or the length that was told. */
static int set_congestion(struct sock *sk, sockptr_t optval,
			  unsigned int optlen)
{
	char name[ATCP_CONG_NAME_MAX];
	long len;

	if (optlen < 1)
		return -EINVAL;
	len = strncpy_from_sockptr(name, optval,
				   min_t(long, sizeof(name) - 1, optlen));
	if (len < 0)
		return -EFAULT;
	name[len] = '\0';
	return atcp_cong_choose(sk, name);
}

/**
 * atcp_option_inherit() - a listener's options hold for its children
 * @child: the child
 * @as: the listener; its lock is not held
 */
void atcp_option_inherit(struct atcp_sock *child, const struct atcp_sock *as)
{
	child->user_mss = READ_ONCE(as->user_mss);
	child->notsent_lowat = READ_ONCE(as->notsent_lowat);
	child->recv_inq = READ_ONCE(as->recv_inq);
	child->save_syn = READ_ONCE(as->save_syn);
	child->tcb.settings = as->tcb.settings;
	if (as->tcb.interactive)
		atcp_user_quickack(&child->tcb, false, false);
	child->tcb.use |= as->tcb.use & (ATCP_NODELAY | ATCP_CORK);
}

/* SOL_IP: where IP knows of TCP only, and ATCP wants the same. */
static int set_ip(struct sock *sk, int level, int optname, sockptr_t optval,
		  unsigned int optlen)
{
	struct atcp_sock *as = atcp_sk(sk);
	int err;

	if (level == SOL_IP &&
	    (optname == IP_ADD_MEMBERSHIP || optname == IP_DROP_MEMBERSHIP))
		return -EPROTO;
	err = ip_setsockopt(sk, level, optname, optval, optlen);
	if (err || level != SOL_IP || optname != IP_OPTIONS)
		return err;
	/* They take room from every segment. */
	lock_sock(sk);
	as->route = NULL;
	if (is_open(sk))
		atcp_sync_route(sk);
	release_sock(sk);
	return 0;
}

/**
 * atcp_setsockopt() - struct proto's setsockopt
 * @sk: the socket
 * @level: SOL_TCP, SOL_ATCP or one of IP's
 * @optname: TCP_NODELAY ...
 * @optval: the value
 * @optlen: its length
 *
 * Return: 0, -EINVAL, -EFAULT, -ENOPROTOOPT, -EPERM; what atcp_cong_choose()
 * says.
 */
int atcp_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		    unsigned int optlen)
{
	int value, err;

	/* Groups are for datagrams. */
	if (level == SOL_IP &&
	    (optname == IP_ADD_MEMBERSHIP || optname == IP_DROP_MEMBERSHIP))
		return -EPROTO;
	if (level != SOL_TCP && level != SOL_ATCP)
		return set_ip(sk, level, optname, optval, optlen);
	if (optname == TCP_CONGESTION)
		return set_congestion(sk, optval, optlen);
	if (optlen < sizeof(int))
		return -EINVAL;
	if (copy_from_sockptr(&value, optval, sizeof(value)))
		return -EFAULT;

	lock_sock(sk);
	err = set_number(sk, optname, value);
	release_sock(sk);
	return err;
}

static int get_maxseg(const struct sock *sk)
{
	const struct atcp_sock *as = atcp_sk(sk);

	return as->user_mss && !is_open(sk) ? as->user_mss : as->tcb.mss;
}

static int get_window_clamp(const struct sock *sk)
{
	const struct atcp_tcb *tcb = &atcp_sk(sk)->tcb;

	if (tcb->settings.window_clamp || !is_open(sk))
		return tcb->settings.window_clamp;
	return U16_MAX << tcb->rcv_wscale;
}

static int get_limit(const struct sock *sk, int optname, int *value)
{
	const struct atcp_sock *as = atcp_sk(sk);
	const struct atcp_settings *s = &as->tcb.settings;
	const struct atcp_params *p = as->tcb.params;

	switch (optname) {
	case TCP_KEEPIDLE:
		*value = READ_ONCE(s->keep_idle) ?:
						   READ_ONCE(p->keepalive_time);
		return 0;
	case TCP_KEEPINTVL:
		*value = READ_ONCE(s->keep_intvl) ?:
						    READ_ONCE(p->keepalive_intvl);
		return 0;
	case TCP_KEEPCNT:
		*value = READ_ONCE(s->keep_probes) ?:
				 READ_ONCE(p->keepalive_probes);
		return 0;
	case TCP_SYNCNT:
		*value = READ_ONCE(s->syn_retries) ?: READ_ONCE(p->syn_retries);
		return 0;
	case TCP_LINGER2:
		*value = READ_ONCE(s->linger2) ?: READ_ONCE(p->fin_timeout);
		return 0;
	case TCP_DEFER_ACCEPT:
		*value = sends_to_seconds(READ_ONCE(as->defer_accept));
		return 0;
	case TCP_USER_TIMEOUT:
		*value = READ_ONCE(s->user_timeout_ms);
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

/* The options whose value is a number: read without the lock, as they are. */
static int get_number(const struct sock *sk, int optname, int *value)
{
	const struct atcp_sock *as = atcp_sk(sk);
	const struct atcp_tcb *tcb = &as->tcb;

	switch (optname) {
	case TCP_NODELAY:
		*value = !!(tcb->use & ATCP_NODELAY);
		return 0;
	case TCP_CORK:
		*value = !!(tcb->use & ATCP_CORK);
		return 0;
	case TCP_MAXSEG:
		*value = get_maxseg(sk);
		return 0;
	case TCP_THIN_DUPACK:
		*value = 0;
		return 0;
	case TCP_THIN_LINEAR_TIMEOUTS:
		*value = tcb->settings.thin_linear_timeouts;
		return 0;
	case TCP_WINDOW_CLAMP:
		*value = get_window_clamp(sk);
		return 0;
	case TCP_QUICKACK:
		*value = !tcb->interactive;
		return 0;
	case TCP_NOTSENT_LOWAT:
		*value = READ_ONCE(as->notsent_lowat);
		return 0;
	case TCP_INQ:
		*value = as->recv_inq;
		return 0;
	case TCP_SAVE_SYN:
		*value = as->save_syn;
		return 0;
	case TCP_TIMESTAMP:
		*value = atcp_timestamp(tcb, atcp_now());
		return 0;
	default:
		return get_limit(sk, optname, value);
	}
}

static int put_blob(char __user *optval, int __user *optlen, const void *data,
		    int len)
{
	if (put_user(len, optlen) || copy_to_user(optval, data, len))
		return -EFAULT;
	return 0;
}

static int get_info(struct sock *sk, char __user *optval, int __user *optlen,
		    int len)
{
	struct atcp_info info;

	atcp_info_get(sk, &info);
	return put_blob(optval, optlen, &info,
			min_t(unsigned int, len, sizeof(info)));
}

static int get_congestion(struct sock *sk, char __user *optval,
			  int __user *optlen, int len)
{
	char name[ATCP_CONG_NAME_MAX];

	atcp_cong_name(sk, name);
	return put_blob(optval, optlen, name,
			min_t(unsigned int, len, sizeof(name)));
}

/* What the algorithm tells; most have nothing to tell. */
static int get_cong_info(struct sock *sk, char __user *optval,
			 int __user *optlen, int len)
{
	const struct atcp_tcb *tcb = &atcp_sk(sk)->tcb;
	union tcp_cc_info info = { 0 };
	u32 size = 0;

	lock_sock(sk);
	if (tcb->cong_runs && tcb->cong->info)
		size = tcb->cong->info(tcb, &info, sizeof(info));
	release_sock(sk);
	return put_blob(optval, optlen, &info,
			min3((u32)len, size, (u32)sizeof(info)));
}

/* The headers can be had once; too short a buffer gets the length instead. */
static int get_saved_syn(struct sock *sk, char __user *optval,
			 int __user *optlen, int len)
{
	struct atcp_sock *as = atcp_sk(sk);
	struct atcp_saved_syn *syn;
	int err;

	lock_sock(sk);
	syn = as->saved_syn;
	if (!syn) {
		err = put_user(0, optlen);
	} else if (len < syn->len) {
		err = put_user(syn->len, optlen) ?: -EINVAL;
	} else {
		err = put_blob(optval, optlen, syn->data, syn->len);
		if (!err) {
			kfree(syn);
			as->saved_syn = NULL;
		}
	}
	release_sock(sk);
	return err;
}

/**
 * atcp_getsockopt() - struct proto's getsockopt
 * @sk: the socket
 * @level: SOL_TCP, SOL_ATCP or one of IP's
 * @optname: TCP_NODELAY ...
 * @optval: where to
 * @optlen: how much there is room for, and then how much it was
 *
 * Return: 0, -EINVAL, -EFAULT, -ENOPROTOOPT.
 */
int atcp_getsockopt(struct sock *sk, int level, int optname,
		    char __user *optval, int __user *optlen)
{
	int len, value, err;

	if (level != SOL_TCP && level != SOL_ATCP)
		return ip_getsockopt(sk, level, optname, optval, optlen);
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;

	switch (optname) {
	case TCP_INFO:
		return get_info(sk, optval, optlen, len);
	case TCP_CONGESTION:
		return get_congestion(sk, optval, optlen, len);
	case TCP_CC_INFO:
		return get_cong_info(sk, optval, optlen, len);
	case TCP_SAVED_SYN:
		return get_saved_syn(sk, optval, optlen, len);
	}
	err = get_number(sk, optname, &value);
	if (err)
		return err;
	return put_blob(optval, optlen, &value,
			min_t(unsigned int, len, sizeof(value)));
}
