/* SPDX-License-Identifier: GPL-2.0 */
/* What a message's way into and out of a socket needs of the kernel. */
#ifndef ATCP_COMPAT_MESSAGE_H
#define ATCP_COMPAT_MESSAGE_H

#include <linux/bvec.h>
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/skbuff.h>
#include <linux/uio.h>
#include <linux/version.h>
#include <net/ip.h>
#include <net/sock.h>

/* 7.1: the address length is taken from the message. */
static inline int atcp_recv_error(struct sock *sk, struct msghdr *msg, int len)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 1, 0)
	int addr_len = 0;

	return inet_recv_error(sk, msg, len, &addr_len);
#else
	return inet_recv_error(sk, msg, len);
#endif
}

/*
 * 6.12: SOF_TIMESTAMPING_OPT_RX_FILTER limits what is told to what was asked
 * for. Before, it was told whoever had asked for it.
 */
static inline bool atcp_tells_stamp(u32 flags, u32 report, u32 receive)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
	return flags & report;
#else
	return (flags & report) &&
	       ((flags & receive) || !(flags & SOF_TIMESTAMPING_OPT_RX_FILTER));
#endif
}

/* A time as struct scm_timestamping_internal wants it: a ktime_t in newer
 * kernels, in older ones a struct timespec64.
 */
#define ATCP_SCM_STAMP(to, stamp)                                              \
	__builtin_choose_expr(__same_type(to, struct timespec64),              \
			      ktime_to_timespec64(stamp), stamp)

static inline void atcp_put_timestamping(const struct sock *sk,
					 struct msghdr *msg, ktime_t software,
					 ktime_t hardware)
{
	struct scm_timestamping_internal tss = {};

	if (software)
		tss.ts[0] = ATCP_SCM_STAMP(tss.ts[0], software);
	if (hardware)
		tss.ts[2] = ATCP_SCM_STAMP(tss.ts[2], hardware);
	if (sock_flag(sk, SOCK_TSTAMP_NEW))
		put_cmsg_scm_timestamping64(msg, &tss);
	else
		put_cmsg_scm_timestamping(msg, &tss);
}

/*
 * 6.5: sendfile() and splice() into a socket are sendmsg() with
 * MSG_SPLICE_PAGES; "more follows" is MSG_MORE, and splice_eof() ends it.
 * Before, each page came in a call of sendpage(), all but the last one with
 * MSG_SENDPAGE_NOTLAST: a message is made of it.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)

#ifndef MSG_SPLICE_PAGES
#define MSG_SPLICE_PAGES 0x8000000
#endif
#define ATCP_MSG_SENDPAGE_NOTLAST MSG_SENDPAGE_NOTLAST

static inline bool atcp_may_splice(const struct msghdr *msg)
{
	return (msg->msg_flags & MSG_SPLICE_PAGES) &&
	       iov_iter_is_bvec(&msg->msg_iter);
}

static inline ssize_t atcp_splice_pages(struct sk_buff *skb,
					struct iov_iter *iter, size_t most)
{
	const struct bio_vec *bv = iter->bvec;
	size_t off = bv->bv_offset + iter->iov_offset;
	struct page *page = nth_page(bv->bv_page, off / PAGE_SIZE);
	size_t part =
		min3(most, iov_iter_count(iter), bv->bv_len - iter->iov_offset);
	int err;

	off = offset_in_page(off);
	part = min_t(size_t, part, PAGE_SIZE - off);
	err = skb_append_pagefrags(skb, page, off, part);
	if (err)
		return err;
	skb->len += part;
	skb->data_len += part;
	skb->truesize += part;
	iov_iter_advance(iter, part);
	return part;
}

#define ATCP_SENDPAGE(name, function)                                          \
	static ssize_t name(struct socket *sock, struct page *page,            \
			    int offset, size_t size, int flags)                \
	{                                                                      \
		struct bio_vec bv = { page, size, offset };                    \
		struct msghdr msg = { .msg_flags = flags };                    \
		if (sendpage_ok(page))                                         \
			msg.msg_flags |= MSG_SPLICE_PAGES;                     \
		iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, &bv, 1, size);       \
		return function(sock, &msg, size);                             \
	}
#define ATCP_OPS_SPLICE(eof, page) .splice_eof = eof, .sendpage = page

#else

#define ATCP_MSG_SENDPAGE_NOTLAST 0

static inline bool atcp_may_splice(const struct msghdr *msg)
{
	return msg->msg_flags & MSG_SPLICE_PAGES;
}

static inline ssize_t atcp_splice_pages(struct sk_buff *skb,
					struct iov_iter *iter, size_t most)
{
	/* 6.16: the allocation flags, never used, are gone. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
	return skb_splice_from_iter(skb, iter, most, GFP_KERNEL);
#else
	return skb_splice_from_iter(skb, iter, most);
#endif
}

#define ATCP_SENDPAGE(name, function)
#define ATCP_OPS_SPLICE(eof, page) .splice_eof = eof

#endif

#endif
