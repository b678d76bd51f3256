// SPDX-License-Identifier: GPL-2.0
/*
 * SEND: the user's octets, kept until they are acknowledged.
 *
 * sk_write_queue is a list of chunks, skbs without a header whose page
 * fragments hold [seq, end) of the stream. A segment does not take a chunk: it
 * is a new skb that refers to the pages of whatever range the engine names,
 * whole or across chunks, first time or again. A chunk goes when everything
 * in it is acknowledged.
 */
#include <net/sock.h>
#include "../engine/seq.h"
#include "../network/ip.h"
#include "sock.h"

/* A chunk holds at most this much, so that memory is given back steadily. */
#define CHUNK_MAX (64U << 10)

/**
 * atcp_write_space() - wake whoever waits for room to write
 * @sk: the socket
 */
void atcp_write_space(struct sock *sk)
{
	struct socket_wq *wq;

	if (!sk_stream_is_writeable(sk) || !sk->sk_socket)
		return;
	clear_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
	rcu_read_lock();
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_poll(&wq->wait, EPOLLOUT | EPOLLWRNORM |
							      EPOLLWRBAND);
	if (wq && wq->fasync_list && !(sk->sk_shutdown & SEND_SHUTDOWN))
		sock_wake_async(wq, SOCK_WAKE_SPACE, POLL_OUT);
	rcu_read_unlock();
}

/**
 * atcp_stream_memory_free() - struct proto's: is little enough unsent
 * @sk: the socket; may be read without its lock
 * @wake: 1 if half of it is asked for, so that a writer is not woken for less
 *
 * TCP_NOTSENT_LOWAT, or else the operator's, bounds what is queued and not sent
 * yet.
 *
 * Return: true if more may be queued.
 */
bool atcp_stream_memory_free(const struct sock *sk, int wake)
{
	const struct atcp_tcb *tcb = &atcp_sk(sk)->tcb;
	u32 most = READ_ONCE(atcp_sk(sk)->notsent_lowat) ?:
			   READ_ONCE(atcp_sk_netns(sk)->notsent_lowat);
	u32 waiting = READ_ONCE(tcb->write_seq) - READ_ONCE(tcb->snd_nxt);

	return likely(most == U32_MAX) || ((u64)waiting << wake) < most;
}

static void free_chunk(struct sock *sk, struct sk_buff *chunk)
{
	__skb_unlink(chunk, &sk->sk_write_queue);
	sk_wmem_queued_add(sk, -chunk->truesize);
	sk_mem_uncharge(sk, chunk->truesize);
	__kfree_skb(chunk);
}

/* Twice what is in flight, as RFC 9293's silly window rules want to see more
 * than a window waiting, and the room that skbs take beside their payload.
 */
static void grow_sndbuf(struct sock *sk)
{
	int most = READ_ONCE(atcp_sk_netns(sk)->wmem[2]);
	u64 want = 4ULL * atcp_sk(sk)->tcb.cwnd;

	if ((sk->sk_userlocks & SOCK_SNDBUF_LOCK) || want <= sk->sk_sndbuf ||
	    sk_under_memory_pressure(sk))
		return;
	WRITE_ONCE(sk->sk_sndbuf,
		   max_t(int, sk->sk_sndbuf, min_t(u64, want, most)));
}

/**
 * atcp_send_acked() - SND.UNA moved: let acknowledged chunks go
 * @sk: the socket, locked
 */
void atcp_send_acked(struct sock *sk)
{
	u32 una = atcp_sk(sk)->tcb.snd_una;
	struct sk_buff *chunk;

	while ((chunk = skb_peek(&sk->sk_write_queue)) &&
	       seq_leq(atcp_skb_cb(chunk)->end, una))
		free_chunk(sk, chunk);
	grow_sndbuf(sk);
	if (sk->sk_socket && test_bit(SOCK_NOSPACE, &sk->sk_socket->flags))
		sk->sk_write_space(sk);
}

/**
 * atcp_send_purge() - forget everything unsent and unacknowledged
 * @sk: the socket, locked
 */
void atcp_send_purge(struct sock *sk)
{
	struct sk_buff *chunk;

	while ((chunk = skb_peek(&sk->sk_write_queue)))
		free_chunk(sk, chunk);
}

/* Add [off, off + len) of @from's fragments to @skb. */
static int add_frags(struct sk_buff *skb, const struct sk_buff *from, u32 off,
		     u32 len)
{
	const struct skb_shared_info *info = skb_shinfo(from);
	unsigned int i, n = skb_shinfo(skb)->nr_frags;

	skb_shinfo(skb)->flags |= info->flags & SKBFL_SHARED_FRAG;
	for (i = 0; len && i < info->nr_frags; i++) {
		const skb_frag_t *frag = &info->frags[i];
		struct page *page = skb_frag_page(frag);
		u32 size = skb_frag_size(frag), part;

		if (off >= size) {
			off -= size;
			continue;
		}
		part = min(size - off, len);
		off += skb_frag_off(frag);
		/* One page may go on where a chunk ended. */
		if (skb_can_coalesce(skb, n, page, off)) {
			skb_frag_size_add(&skb_shinfo(skb)->frags[n - 1], part);
		} else {
			if (n == MAX_SKB_FRAGS)
				return -EMSGSIZE;
			get_page(page);
			skb_fill_page_desc(skb, n++, page, off, part);
		}
		len -= part;
		off = 0;
	}
	return 0;
}

static int copy_part(struct sk_buff *skb, const struct sk_buff *from, u32 off,
		     u32 len)
{
	return skb_copy_bits(from, off, skb_put(skb, len), len);
}

/*
 * Hand each chunk's part of [seq, seq + len) to @take.
 * Return: 0, what @take says, or -ENODATA if the range is not there, which is
 * a bug and warned of once.
 */
static int walk_range(struct sock *sk, struct sk_buff *skb, u32 seq, u32 len,
		      int (*take)(struct sk_buff *skb,
				  const struct sk_buff *chunk, u32 off,
				  u32 len))
{
	struct sk_buff *chunk;
	int err;

	skb_queue_walk(&sk->sk_write_queue, chunk) {
		const struct atcp_skb_cb *cb = atcp_skb_cb(chunk);
		u32 part;

		if (seq_leq(cb->end, seq))
			continue;
		if (WARN_ON_ONCE(seq_lt(seq, cb->seq)))
			return -ENODATA;
		part = min(cb->end - seq, len);
		err = take(skb, chunk, seq - cb->seq, part);
		if (err)
			return err;
		seq += part;
		len -= part;
		if (!len)
			return 0;
	}
	WARN_ON_ONCE(len);
	return -ENODATA;
}

/**
 * atcp_send_fill() - let a segment refer to a range of the stream
 * @sk: the socket, locked
 * @skb: the segment's skb, without payload
 * @seq: first sequence number
 * @len: octets, all of them in the write queue
 *
 * Return: 0, -EMSGSIZE if it takes too many fragments, -ENODATA if the range
 * is not there.
 */
int atcp_send_fill(struct sock *sk, struct sk_buff *skb, u32 seq, u32 len)
{
	int err = walk_range(sk, skb, seq, len, add_frags);

	if (err)
		return err;
	skb->len += len;
	skb->data_len += len;
	skb->truesize += len;
	return 0;
}

/**
 * atcp_send_copy() - copy a range of the stream into a segment
 * @sk: the socket, locked
 * @skb: the segment's skb, with tailroom for the payload
 * @seq: first sequence number
 * @len: octets, all of them in the write queue
 *
 * Return: 0, -EFAULT, or -ENODATA if the range is not there.
 */
int atcp_send_copy(struct sock *sk, struct sk_buff *skb, u32 seq, u32 len)
{
	return walk_range(sk, skb, seq, len, copy_part);
}

static struct sk_buff *new_chunk(struct sock *sk)
{
	struct sk_buff *chunk = alloc_skb(0, sk->sk_allocation);

	if (!chunk)
		return NULL;
	if (!sk_wmem_schedule(sk, chunk->truesize)) {
		__kfree_skb(chunk);
		return NULL;
	}
	/* Or the payload would be summed up while it is copied. */
	chunk->ip_summed = CHECKSUM_PARTIAL;
	atcp_skb_cb(chunk)->seq = atcp_sk(sk)->tcb.write_seq;
	atcp_skb_cb(chunk)->end = atcp_sk(sk)->tcb.write_seq;
	__skb_queue_tail(&sk->sk_write_queue, chunk);
	sk_wmem_queued_add(sk, chunk->truesize);
	sk_mem_charge(sk, chunk->truesize);
	return chunk;
}

/* The last chunk, if something may be added to it. */
static struct sk_buff *open_chunk(struct sock *sk)
{
	struct sk_buff *chunk = skb_peek_tail(&sk->sk_write_queue);

	return chunk && chunk->len < CHUNK_MAX ? chunk : NULL;
}

/*
 * Let the end of the queue refer to pages of the message, MSG_SPLICE_PAGES.
 * Their owner may change them on their way, as with any TCP.
 * Return: as append().
 */
static int append_pages(struct sock *sk, struct msghdr *msg)
{
	u32 most = min_t(size_t, CHUNK_MAX, msg_data_left(msg));
	struct sk_buff *chunk = open_chunk(sk), *fresh = NULL;
	ssize_t n = -EMSGSIZE;

	if (!sk_wmem_schedule(sk, most))
		return -ENOBUFS;
	if (chunk)
		n = atcp_splice_pages(chunk, &msg->msg_iter,
				      min(CHUNK_MAX - chunk->len, most));
	if (n == -EMSGSIZE) {
		/* It refers to as many pages as an skb can. */
		fresh = new_chunk(sk);
		if (!fresh)
			return -ENOBUFS;
		chunk = fresh;
		n = atcp_splice_pages(chunk, &msg->msg_iter, most);
	}
	if (n <= 0) {
		if (fresh)
			free_chunk(sk, fresh);
		return n == -EFAULT ? -EFAULT : -EIO;
	}
	if (!(msg->msg_flags & MSG_NO_SHARED_FRAGS))
		skb_shinfo(chunk)->flags |= SKBFL_SHARED_FRAG;
	sk_wmem_queued_add(sk, n);
	sk_mem_charge(sk, n);
	atcp_skb_cb(chunk)->end += n;
	return n;
}

/*
 * Copy some of the message to the end of the queue.
 * Return: octets copied, -EFAULT, or -ENOBUFS if there is no memory now.
 */
static int append(struct sock *sk, struct msghdr *msg)
{
	struct page_frag *pfrag = sk_page_frag(sk);
	struct sk_buff *chunk, *fresh = NULL;
	int i, err, copy;

	if (!sk_page_frag_refill(sk, pfrag))
		return -ENOBUFS;
	chunk = open_chunk(sk);
	if (chunk) {
		i = skb_shinfo(chunk)->nr_frags;
		if (!skb_can_coalesce(chunk, i, pfrag->page, pfrag->offset) &&
		    i == MAX_SKB_FRAGS)
			chunk = NULL;
	}
	if (!chunk) {
		chunk = new_chunk(sk);
		fresh = chunk;
	}
	if (!chunk)
		return -ENOBUFS;
	i = skb_shinfo(chunk)->nr_frags;
	copy = min_t(int, pfrag->size - pfrag->offset, msg_data_left(msg));
	copy = min_t(int, copy, CHUNK_MAX - chunk->len);
	err = -ENOBUFS;
	if (sk_wmem_schedule(sk, copy))
		err = skb_copy_to_page_nocache(sk, &msg->msg_iter, chunk,
					       pfrag->page, pfrag->offset,
					       copy);
	if (err) {
		if (fresh)
			free_chunk(sk, fresh);
		return err;
	}
	if (skb_can_coalesce(chunk, i, pfrag->page, pfrag->offset)) {
		skb_frag_size_add(&skb_shinfo(chunk)->frags[i - 1], copy);
	} else {
		skb_fill_page_desc(chunk, i, pfrag->page, pfrag->offset, copy);
		get_page(pfrag->page);
	}
	pfrag->offset += copy;
	atcp_skb_cb(chunk)->end += copy;
	return copy;
}

static int wait_connected(struct sock *sk, long *timeo)
{
	if ((1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT))
		return 0;
	return sk_stream_wait_connect(sk, timeo);
}

/* What SOL_SOCKET allows in control messages means nothing to a stream. */
static int control(struct sock *sk, struct msghdr *msg)
{
	struct sockcm_cookie cookie;

	if (likely(!msg->msg_controllen))
		return 0;
	sockcm_init(&cookie, sk);
	return sock_cmsg_send(sk, msg, &cookie) ? -EINVAL : 0;
}

static void set_more(struct sock *sk, bool more)
{
	struct atcp_tcb *tcb = &atcp_sk(sk)->tcb;

	/* MSG_MORE is a cork for the time of one call; TCP_CORK is user's. */
	if (more)
		tcb->use |= ATCP_MORE;
	else
		tcb->use &= ~ATCP_MORE;
}

/* Something was queued: the engine may send it. */
static void send_queued(struct sock *sk, int flags)
{
	/* The last octet so far: a later one may yet take its place. */
	if (unlikely(flags & MSG_OOB))
		atcp_user_urgent(&atcp_sk(sk)->tcb);
	atcp_settle(sk, atcp_now());
}

/*
 * The buffer is full: nothing that could fill the last segment can come before
 * some of it has gone, so MSG_MORE, TCP_CORK and Nagle must not hold it back.
 */
static void release_held(struct sock *sk, int flags)
{
	struct atcp_tcb *tcb = &atcp_sk(sk)->tcb;
	u16 set = tcb->use & (ATCP_CORK | ATCP_NODELAY);

	tcb->use &= ~(ATCP_CORK | ATCP_MORE);
	tcb->use |= ATCP_NODELAY;
	send_queued(sk, flags);
	tcb->use &= ~ATCP_NODELAY;
	tcb->use |= set;
}

/* Queue the whole message. Return: 0 or why not; *copied tells how much. */
static int queue_message(struct sock *sk, struct msghdr *msg, int *copied,
			 long *timeo)
{
	bool splice = atcp_may_splice(msg) && (sk->sk_route_caps & NETIF_F_SG);
	struct atcp_tcb *tcb = &atcp_sk(sk)->tcb;
	bool more = tcb->use & ATCP_MORE;
	int flags = msg->msg_flags, n;

	while (msg_data_left(msg)) {
		if (sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN))
			return -EPIPE;
		n = -ENOBUFS;
		if (sk_stream_memory_free(sk))
			n = splice ? append_pages(sk, msg) : append(sk, msg);
		if (n > 0) {
			*copied += n;
			atcp_user_send(tcb, n);
			/* Large writes go out as they are copied. */
			if (tcb->write_seq - tcb->snd_nxt >= tcb->burst &&
			    !(flags & MSG_OOB))
				atcp_settle(sk, atcp_now());
			continue;
		}
		if (n != -ENOBUFS)
			return n;
		set_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
		release_held(sk, *copied ? flags : 0);
		n = sk_stream_wait_memory(sk, timeo);
		if (n)
			return n;
		set_more(sk, more);
	}
	return 0;
}

/**
 * atcp_sendmsg_locked() - SEND, RFC 9293 section 3.10.2
 * @sk: the socket, locked
 * @msg: the message
 * @len: its length
 *
 * With MSG_OOB the message's last octet is urgent.
 *
 * Return: octets queued; -EPIPE (with SIGPIPE), -EAGAIN, -EINTR, -EFAULT,
 * -EINVAL for control messages that are wrong, or the socket's error.
 */
int atcp_sendmsg_locked(struct sock *sk, struct msghdr *msg, size_t len)
{
	int flags = msg->msg_flags, err, copied = 0;
	long timeo = sock_sndtimeo(sk, flags & MSG_DONTWAIT);

	err = wait_connected(sk, &timeo);
	if (!err)
		err = control(sk, msg);
	if (!err) {
		sk_clear_bit(SOCKWQ_ASYNC_NOSPACE, sk);
		set_more(sk, flags & (MSG_MORE | ATCP_MSG_SENDPAGE_NOTLAST));
		if (sk->sk_err || (sk->sk_shutdown & SEND_SHUTDOWN))
			err = -EPIPE;
		else
			err = queue_message(sk, msg, &copied, &timeo);
	}
	if (copied) {
		send_queued(sk, flags);
		return copied;
	}
	if (!err)
		return 0;
	err = sk_stream_error(sk, flags, err);
	/* An edge-triggered poller must hear of room it was refused. */
	if (err == -EAGAIN)
		sk->sk_write_space(sk);
	return err;
}

/**
 * atcp_sendmsg() - send(), write() and their family
 * @sock: the socket
 * @msg: the message
 * @len: its length
 *
 * Return: see atcp_sendmsg_locked().
 */
int atcp_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct sock *sk = sock->sk;
	int ret;

	lock_sock(sk);
	ret = atcp_sendmsg_locked(sk, msg, len);
	release_sock(sk);
	return ret;
}

/**
 * atcp_splice_eof() - the end of a splice() or sendfile(): nothing follows
 * @sock: the socket
 */
void atcp_splice_eof(struct socket *sock)
{
	struct sock *sk = sock->sk;

	lock_sock(sk);
	if (atcp_sk(sk)->tcb.use & ATCP_MORE) {
		set_more(sk, false);
		atcp_settle(sk, atcp_now());
	}
	release_sock(sk);
}
