// SPDX-License-Identifier: GPL-2.0
/*
 * What recvmsg() tells beside the data: SO_TIMESTAMP and its kin, TCP_INQ.
 *
 * A stream has no packets, so the time is that of the last segment which the
 * read took an octet of.
 */
#include <linux/errqueue.h>
#include <linux/tcp.h>
#include "sock.h"

/**
 * atcp_stamps_take() - remember when a segment came
 * @stamps: of the last one that was read
 * @skb: the segment
 */
void atcp_stamps_take(struct atcp_stamps *stamps, struct sk_buff *skb)
{
	stamps->software = skb->tstamp;
	stamps->hardware = skb_hwtstamps(skb)->hwtstamp;
}

/* SO_TIMESTAMPNS */
static void put_timespec(const struct sock *sk, struct msghdr *msg,
			 struct timespec64 ts)
{
	struct __kernel_timespec new = { ts.tv_sec, ts.tv_nsec };
	struct __kernel_old_timespec old = { ts.tv_sec, ts.tv_nsec };

	if (sock_flag(sk, SOCK_TSTAMP_NEW))
		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMPNS_NEW, sizeof(new),
			 &new);
	else
		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMPNS_OLD, sizeof(old),
			 &old);
}

/* SO_TIMESTAMP */
static void put_timeval(const struct sock *sk, struct msghdr *msg,
			struct timespec64 ts)
{
	struct __kernel_sock_timeval new = { ts.tv_sec, ts.tv_nsec / 1000 };
	struct __kernel_old_timeval old = { ts.tv_sec, ts.tv_nsec / 1000 };

	if (sock_flag(sk, SOCK_TSTAMP_NEW))
		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMP_NEW, sizeof(new), &new);
	else
		put_cmsg(msg, SOL_SOCKET, SO_TIMESTAMP_OLD, sizeof(old), &old);
}

static void put_stamps(const struct sock *sk, struct msghdr *msg,
		       const struct atcp_stamps *stamps)
{
	u32 flags = READ_ONCE(sk->sk_tsflags);
	bool software = stamps->software &&
			atcp_tells_stamp(flags, SOF_TIMESTAMPING_SOFTWARE,
					 SOF_TIMESTAMPING_RX_SOFTWARE);
	bool hardware = stamps->hardware &&
			atcp_tells_stamp(flags, SOF_TIMESTAMPING_RAW_HARDWARE,
					 SOF_TIMESTAMPING_RX_HARDWARE);

	if (stamps->software && sock_flag(sk, SOCK_RCVTSTAMP)) {
		struct timespec64 ts = ktime_to_timespec64(stamps->software);

		if (sock_flag(sk, SOCK_RCVTSTAMPNS))
			put_timespec(sk, msg, ts);
		else
			put_timeval(sk, msg, ts);
	}
	if (software || hardware)
		atcp_put_timestamping(sk, msg, software ? stamps->software : 0,
				      hardware ? stamps->hardware : 0);
}

/*
 * How much a further read would get. At the end of the stream it is one, so
 * that whoever goes by it reads once more and finds the end.
 */
static int inq_hint(const struct sock *sk)
{
	int inq = atcp_unread(sk);

	return inq ?: sock_flag(sk, SOCK_DONE);
}

/**
 * atcp_put_cmsgs() - ancillary data of a read
 * @sk: the socket, not locked
 * @msg: the message
 * @stamps: of the last segment that was read, zero where it has none
 * @want_inq: TCP_INQ was set
 */
void atcp_put_cmsgs(const struct sock *sk, struct msghdr *msg,
		    const struct atcp_stamps *stamps, bool want_inq)
{
	if (unlikely(stamps->software || stamps->hardware))
		put_stamps(sk, msg, stamps);
	if (unlikely(want_inq || msg->msg_get_inq)) {
		msg->msg_inq = inq_hint(sk);
		if (want_inq)
			put_cmsg(msg, SOL_TCP, TCP_CM_INQ, sizeof(msg->msg_inq),
				 &msg->msg_inq);
	}
}
