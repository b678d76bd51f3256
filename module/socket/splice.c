// SPDX-License-Identifier: GPL-2.0
/*
 * Octets that do not go through a user's buffer: splice() and sendfile() out of
 * a socket, and what readers inside the kernel call. The way in is sendmsg()
 * with MSG_SPLICE_PAGES: see send.c.
 */
#include <linux/pipe_fs_i.h>
#include <linux/splice.h>
#include "../engine/seq.h"
#include "sock.h"

/**
 * atcp_read_sock() - struct proto_ops' read_sock
 * @sk: the socket, locked
 * @desc: the reader's; a @desc->count of 0 ends it
 * @actor: takes octets of an skb: how many, 0 to stop, or a negative errno
 *
 * Stops at the urgent mark: what is there is recv()'s.
 *
 * Return: octets taken, or -ENOTCONN, or what @actor says of the first ones.
 */
int atcp_read_sock(struct sock *sk, read_descriptor_t *desc,
		   sk_read_actor_t actor)
{
	struct atcp_sock *as = atcp_sk(sk);
	struct sk_buff *skb;
	int copied = 0, used;

	if (sk->sk_state == TCP_LISTEN)
		return -ENOTCONN;
	while ((skb = atcp_read_find(sk, as->copied_seq, false))) {
		const struct atcp_skb_cb *cb = atcp_skb_cb(skb);
		u32 len = cb->end - as->copied_seq;

		if (unlikely(as->urg_data))
			len = min(len, as->urg_seq - as->copied_seq);
		if (!len)
			break;
		used = actor(desc, skb, as->copied_seq - cb->seq, len);
		if (used <= 0) {
			if (!copied)
				copied = used;
			break;
		}
		if (WARN_ON_ONCE(used > len))
			used = len;
		WRITE_ONCE(as->copied_seq, as->copied_seq + used);
		copied += used;
		if (!desc->count)
			break;
	}
	if (copied > 0)
		atcp_read_done(sk);
	return copied;
}

struct to_pipe {
	struct pipe_inode_info *pipe;
	unsigned int flags;
};

static int fill_pipe(read_descriptor_t *desc, struct sk_buff *skb,
		     unsigned int off, size_t len)
{
	const struct to_pipe *to = desc->arg.data;
	int ret = skb_splice_bits(skb, skb->sk, off, to->pipe,
				  min(desc->count, len), to->flags);

	if (ret > 0)
		desc->count -= ret;
	return ret;
}

/* Nothing came of the first try. Return: 1 to try again, or what to return. */
static int wait_to_splice(struct sock *sk, long *timeo)
{
	int ret = atcp_read_stop(sk, *timeo);

	if (ret <= 0)
		return ret;
	/* The urgent mark is here: waiting would not get over it. */
	if (!skb_queue_empty(&sk->sk_receive_queue))
		return 0;
	ret = sk_wait_data(sk, timeo, NULL);
	if (ret < 0)
		return ret;
	return signal_pending(current) ? sock_intr_errno(*timeo) : 1;
}

/**
 * atcp_splice_read() - struct proto_ops' splice_read
 * @sock: the socket
 * @ppos: must be 0: a stream cannot be sought in
 * @pipe: where to
 * @len: most octets
 * @flags: SPLICE_F_NONBLOCK and others, for the pipe
 *
 * Return: octets, 0 at the end of the stream; -ESPIPE, or as atcp_recvmsg().
 */
ssize_t atcp_splice_read(struct socket *sock, loff_t *ppos,
			 struct pipe_inode_info *pipe, size_t len,
			 unsigned int flags)
{
	struct to_pipe to = { .pipe = pipe, .flags = flags };
	struct sock *sk = sock->sk;
	size_t spliced = 0;
	long timeo;
	int ret = 0;

	if (unlikely(*ppos))
		return -ESPIPE;
	lock_sock(sk);
	timeo = sock_rcvtimeo(sk, sock->file->f_flags & O_NONBLOCK);
	while (spliced < len) {
		read_descriptor_t desc = { .arg.data = &to,
					   .count = len - spliced };

		ret = atcp_read_sock(sk, &desc, fill_pipe);
		if (!ret && !spliced) {
			ret = wait_to_splice(sk, &timeo);
			if (ret > 0)
				continue;
		}
		if (ret <= 0)
			break;
		spliced += ret;
		if (!timeo)
			break;
		release_sock(sk);
		lock_sock(sk);
		if (sk->sk_err || sk->sk_state == TCP_CLOSE ||
		    (sk->sk_shutdown & RCV_SHUTDOWN) || signal_pending(current))
			break;
	}
	release_sock(sk);
	return spliced ?: ret;
}
