// SPDX-License-Identifier: GPL-2.0
/*
 * Socket options. SOL_SOCKET is the kernel's, SOL_IP is IP's; what is here is
 * tcp(7)'s level, reached as SOL_TCP or SOL_ATCP.
 */
#include <linux/tcp.h>
#include <net/ip.h>
#include "../network/ip.h"
#include "sock.h"

static void set_use(struct sock *sk, u16 bit, bool on)
{
	struct atcp_sock *as = atcp_sk(sk);

	if (on)
		as->tcb.use |= bit;
	else
		as->tcb.use &= ~bit;
	/* Without Nagle or cork, what they held back may go. */
	if (sk->sk_state != TCP_CLOSE && sk->sk_state != TCP_LISTEN)
		atcp_settle(sk, atcp_now());
}

static int set_maxseg(struct sock *sk, int value)
{
	if (value && (value < 88 || value > 32767))
		return -EINVAL;
	atcp_sk(sk)->user_mss = value;
	return 0;
}

/**
 * atcp_setsockopt() - struct proto's setsockopt
 * @sk: the socket
 * @level: SOL_TCP, SOL_ATCP or one of IP's
 * @optname: TCP_NODELAY, TCP_CORK, TCP_MAXSEG
 * @optval: the value
 * @optlen: its length
 *
 * Return: 0, -EINVAL, -EFAULT, -ENOPROTOOPT.
 */
int atcp_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		    unsigned int optlen)
{
	int value, err = 0;

	if (level != SOL_TCP && level != SOL_ATCP)
		return ip_setsockopt(sk, level, optname, optval, optlen);
	if (optlen < sizeof(int))
		return -EINVAL;
	if (copy_from_sockptr(&value, optval, sizeof(value)))
		return -EFAULT;

	lock_sock(sk);
	switch (optname) {
	case TCP_NODELAY:
		set_use(sk, ATCP_NODELAY, value);
		break;
	case TCP_CORK:
		set_use(sk, ATCP_CORK, value);
		break;
	case TCP_MAXSEG:
		err = set_maxseg(sk, value);
		break;
	default:
		err = -ENOPROTOOPT;
		break;
	}
	release_sock(sk);
	return err;
}

static void fill_info(struct sock *sk, struct tcp_info *info)
{
	const struct atcp_tcb *tcb = &atcp_sk(sk)->tcb;
	u32 mss = max(tcb->mss, 1U);

	memset(info, 0, sizeof(*info));
	info->tcpi_state = sk->sk_state;
	if (sk->sk_state == TCP_LISTEN) {
		info->tcpi_unacked = READ_ONCE(sk->sk_ack_backlog);
		info->tcpi_sacked = READ_ONCE(sk->sk_max_ack_backlog);
		return;
	}
	info->tcpi_retransmits = tcb->backoff;
	info->tcpi_backoff = tcb->backoff;
	if (tcb->use & ATCP_USE_TS)
		info->tcpi_options |= TCPI_OPT_TIMESTAMPS;
	if (tcb->use & ATCP_USE_SACK)
		info->tcpi_options |= TCPI_OPT_SACK;
	if (tcb->use & ATCP_USE_WSCALE) {
		info->tcpi_options |= TCPI_OPT_WSCALE;
		info->tcpi_snd_wscale = tcb->snd_wscale;
		info->tcpi_rcv_wscale = tcb->rcv_wscale;
	}
	info->tcpi_rto = tcb->rto_us;
	info->tcpi_snd_mss = tcb->mss;
	info->tcpi_rcv_mss = tcb->rcv_mss;
	info->tcpi_unacked = DIV_ROUND_UP(tcb->snd_nxt - tcb->snd_una, mss);
	info->tcpi_sacked = DIV_ROUND_UP(tcb->sacked, mss);
	info->tcpi_lost = DIV_ROUND_UP(tcb->lost, mss);
	info->tcpi_retrans = DIV_ROUND_UP(tcb->retrans, mss);
	info->tcpi_pmtu = atcp_sk(sk)->mtu;
	info->tcpi_rtt = tcb->srtt_us;
	info->tcpi_rttvar = tcb->rttvar_us;
	info->tcpi_snd_ssthresh = tcb->ssthresh / mss;
	info->tcpi_snd_cwnd = tcb->cwnd / mss;
	info->tcpi_advmss = tcb->advmss;
	info->tcpi_rcv_space = atcp_receive_buf(sk);
	info->tcpi_notsent_bytes = tcb->write_seq - tcb->snd_nxt;
	info->tcpi_snd_wnd = tcb->snd_wnd;
}

static int get_info(struct sock *sk, char __user *optval, int __user *optlen,
		    int len)
{
	struct tcp_info info;

	lock_sock(sk);
	fill_info(sk, &info);
	release_sock(sk);
	len = min_t(int, len, sizeof(info));
	if (put_user(len, optlen) || copy_to_user(optval, &info, len))
		return -EFAULT;
	return 0;
}

/**
 * atcp_getsockopt() - struct proto's getsockopt
 * @sk: the socket
 * @level: SOL_TCP, SOL_ATCP or one of IP's
 * @optname: TCP_NODELAY, TCP_CORK, TCP_MAXSEG, TCP_INFO
 * @optval: where to
 * @optlen: how much there is room for, and then how much it was
 *
 * Return: 0, -EINVAL, -EFAULT, -ENOPROTOOPT.
 */
int atcp_getsockopt(struct sock *sk, int level, int optname,
		    char __user *optval, int __user *optlen)
{
	const struct atcp_sock *as = atcp_sk(sk);
	int len, value;

	if (level != SOL_TCP && level != SOL_ATCP)
		return ip_getsockopt(sk, level, optname, optval, optlen);
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;

	switch (optname) {
	case TCP_NODELAY:
		value = !!(as->tcb.use & ATCP_NODELAY);
		break;
	case TCP_CORK:
		value = !!(as->tcb.use & ATCP_CORK);
		break;
	case TCP_MAXSEG:
		value = as->tcb.mss;
		if (as->user_mss && sk->sk_state == TCP_CLOSE)
			value = as->user_mss;
		break;
	case TCP_INFO:
		return get_info(sk, optval, optlen, len);
	default:
		return -ENOPROTOOPT;
	}
	len = min_t(unsigned int, len, sizeof(int));
	if (put_user(len, optlen) || copy_to_user(optval, &value, len))
		return -EFAULT;
	return 0;
}
