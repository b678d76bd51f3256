// SPDX-License-Identifier: GPL-2.0
/*
 * Urgent data as Linux's TCP gives it to the user: RFC 9293 3.8.5 has a mark in
 * the stream, the socket interface an octet beside it. The octet at the mark is
 * copied to urg_data when it arrives, for recv(MSG_OOB), and reads step over
 * it; with SO_OOBINLINE they do not, and there is only the mark. Either way a
 * read stops there, so that the user can find it (SIOCATMARK).
 */
#include "../engine/seq.h"
#include "sock.h"

/*
 * The mark was at copied_seq, and the user read neither the octet nor on. A
 * further one follows it: the old octet must not become ordinary data.
 */
static void step_over_old(struct sock *sk)
{
	struct atcp_sock *as = atcp_sk(sk);

	if (as->urg_data && as->urg_seq == as->copied_seq &&
	    !sock_flag(sk, SOCK_URGINLINE) &&
	    atcp_read_find(sk, as->copied_seq, true)) {
		WRITE_ONCE(as->copied_seq, as->copied_seq + 1);
		atcp_read_find(sk, as->copied_seq, false);
	}
}

/**
 * atcp_urgent_arrives() - the engine has a new urgent pointer
 * @sk: the socket, locked; the segment's payload is not queued yet
 *
 * RFC 9293 MUST-32: the user is told at once, with SIGURG, and not when the
 * octet comes.
 */
void atcp_urgent_arrives(struct sock *sk)
{
	struct atcp_sock *as = atcp_sk(sk);
	u32 up = as->tcb.rcv_up;

	if (seq_gt(as->copied_seq, up) ||
	    (as->urg_data && seq_leq(up, as->urg_seq)))
		return;
	sk_send_sigurg(sk);
	step_over_old(sk);
	WRITE_ONCE(as->urg_seq, up);
	WRITE_ONCE(as->urg_data, ATCP_URGENT_NOT_YET);
}

/**
 * atcp_urgent_take() - is the urgent octet in this segment
 * @sk: the socket, locked, urg_data ATCP_URGENT_NOT_YET
 * @skb: the segment, data at its payload
 * @seq: sequence number of the first octet there
 */
void atcp_urgent_take(struct sock *sk, struct sk_buff *skb, u32 seq)
{
	struct atcp_sock *as = atcp_sk(sk);
	u32 off = as->urg_seq - seq;
	u8 octet;

	if (off >= skb->len || skb_copy_bits(skb, off, &octet, 1))
		return;
	WRITE_ONCE(as->urg_data, ATCP_URGENT_VALID | octet);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
}

/**
 * atcp_urgent_cut() - how far a read may go
 * @sk: the socket, locked, with urg_data
 * @seq: where it is; moved over the urgent octet if that is here, not in line
 * @len: octets it found there
 *
 * Return: octets from @seq on, up to the mark.
 */
u32 atcp_urgent_cut(struct sock *sk, u32 *seq, u32 len)
{
	u32 off = atcp_sk(sk)->urg_seq - *seq;

	if (off >= len)
		return len;
	if (off)
		return off;
	if (sock_flag(sk, SOCK_URGINLINE))
		return len;
	WRITE_ONCE(*seq, *seq + 1);
	return len - 1;
}

/**
 * atcp_urgent_passed() - the user read on: is the mark behind
 * @sk: the socket, locked
 */
void atcp_urgent_passed(struct sock *sk)
{
	struct atcp_sock *as = atcp_sk(sk);

	if (seq_gt(as->copied_seq, as->urg_seq))
		WRITE_ONCE(as->urg_data, 0);
}

/**
 * atcp_urgent_inq() - SIOCINQ's value while there is a mark
 * @sk: the socket; may be read without its lock
 * @unread: octets that the user has not read
 *
 * Return: octets up to the mark; all if there is none before the end of them.
 */
int atcp_urgent_inq(const struct sock *sk, int unread)
{
	const struct atcp_sock *as = atcp_sk(sk);
	u32 off = READ_ONCE(as->urg_seq) - READ_ONCE(as->copied_seq);

	if (sock_flag(sk, SOCK_URGINLINE) || off >= (u32)unread)
		return unread;
	return off;
}

/**
 * atcp_urgent_at_mark() - SIOCATMARK
 * @sk: the socket; may be read without its lock
 */
bool atcp_urgent_at_mark(const struct sock *sk)
{
	const struct atcp_sock *as = atcp_sk(sk);

	return READ_ONCE(as->urg_data) &&
	       READ_ONCE(as->urg_seq) == READ_ONCE(as->copied_seq);
}

/**
 * atcp_urgent_recv() - recv(MSG_OOB)
 * @sk: the socket, locked
 * @msg: where to
 * @len: how much
 * @flags: MSG_PEEK, MSG_TRUNC
 *
 * Never waits, whether the socket blocks or not.
 *
 * Return: 1, or 0 with @len 0 or at the end of the stream; -EINVAL if there is
 * no urgent data, it was read, or it is in line; -EAGAIN if it is to come;
 * -ENOTCONN, -EFAULT.
 */
int atcp_urgent_recv(struct sock *sk, struct msghdr *msg, size_t len, int flags)
{
	struct atcp_sock *as = atcp_sk(sk);
	u8 octet = as->urg_data;

	if (sock_flag(sk, SOCK_URGINLINE) || !as->urg_data ||
	    as->urg_data == ATCP_URGENT_READ)
		return -EINVAL;
	if (sk->sk_state == TCP_CLOSE && !sock_flag(sk, SOCK_DONE))
		return -ENOTCONN;
	if (!(as->urg_data & ATCP_URGENT_VALID)) {
		if (sk->sk_state == TCP_CLOSE ||
		    (sk->sk_shutdown & RCV_SHUTDOWN))
			return 0;
		return -EAGAIN;
	}
	if (!(flags & MSG_PEEK))
		WRITE_ONCE(as->urg_data, ATCP_URGENT_READ);
	msg->msg_flags |= MSG_OOB;
	if (!len) {
		msg->msg_flags |= MSG_TRUNC;
		return 0;
	}
	if (!(flags & MSG_TRUNC) && memcpy_to_msg(msg, &octet, 1))
		return -EFAULT;
	return 1;
}
