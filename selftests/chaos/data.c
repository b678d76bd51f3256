// SPDX-License-Identifier: GPL-2.0
/* What goes through a socket, with odd flags, lengths and memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/errqueue.h>
#include <netinet/in.h>

#include "chaos.h"

static int pick_flags(struct chaos *c)
{
	static const int flags[] = { MSG_PEEK,	   MSG_OOB,    MSG_ERRQUEUE,
				     MSG_TRUNC,	   MSG_MORE,   MSG_DONTROUTE,
				     MSG_CTRUNC,   MSG_EOR,    MSG_CONFIRM,
				     MSG_ZEROCOPY, MSG_WAITALL };
	int some = MSG_NOSIGNAL;

	if (!once_in(c, 32))
		some |= MSG_DONTWAIT;
	while (once_in(c, 3))
		some |= flags[pick(c, sizeof(flags) / sizeof(*flags))];
	/* The kernel's TCP opens with data only if it is asked to. */
	if (once_in(c, 64))
		some |= rnd(c);
	return some;
}

static void make_send(struct chaos *c)
{
	int fd = slot_get(c), flags = pick_flags(c);
	size_t len = pick_len(c, BUF_LEN);
	void *data = pick_memory(c, len);

	note(c, "send(%d, %p, %zu, %#x)", fd, data, len, flags);
	noted(c, send(fd, data, len, flags));
}

static void make_recv(struct chaos *c)
{
	int fd = slot_get(c), flags = pick_flags(c);
	size_t len = pick_len(c, BUF_LEN);
	void *data = pick_memory(c, len);

	note(c, "recv(%d, %p, %zu, %#x)", fd, data, len, flags);
	noted(c, recv(fd, data, len, flags));
}

#define VECTORS 5

static void fill_message(struct chaos *c, struct msghdr *msg, struct iovec *iov,
			 struct sockaddr_storage *addr)
{
	size_t i, n = pick(c, VECTORS + 1);

	memset(msg, 0, sizeof(*msg));
	for (i = 0; i < n; i++) {
		iov[i].iov_len = pick_len(c, 4096);
		iov[i].iov_base = pick_memory(c, iov[i].iov_len);
	}
	msg->msg_iov = once_in(c, 64) ? pick_memory(c, 16) : iov;
	msg->msg_iovlen = once_in(c, 64) ? rnd(c) : n;
	if (once_in(c, 4)) {
		msg->msg_namelen = pick_address(c, addr);
		msg->msg_name = addr;
	}
}

/* Control messages of levels that mean something, with what may be garbage. */
static size_t fill_control(struct chaos *c, uint8_t *control, size_t size)
{
	static const int levels[] = { SOL_SOCKET, SOL_IP, IPPROTO_TCP, 253 };
	struct cmsghdr *cmsg = (struct cmsghdr *)control;

	fill(c, control, size);
	cmsg->cmsg_level = levels[pick(c, 4)];
	cmsg->cmsg_type = pick(c, 70);
	cmsg->cmsg_len = once_in(c, 4) ? (size_t)pick_int(c) :
					 CMSG_LEN(pick(c, 5) * 4);
	return once_in(c, 8) ? pick(c, size) : CMSG_ALIGN(cmsg->cmsg_len);
}

static void make_sendmsg(struct chaos *c)
{
	int fd = slot_get(c), flags = pick_flags(c);
	uint8_t control[64] __attribute__((aligned(8)));
	struct sockaddr_storage addr;
	struct iovec iov[VECTORS];
	struct msghdr msg;

	fill_message(c, &msg, iov, &addr);
	if (once_in(c, 3)) {
		msg.msg_controllen = fill_control(c, control, sizeof(control));
		msg.msg_control = control;
		if (msg.msg_controllen > sizeof(control))
			msg.msg_controllen = sizeof(control);
	}
	note(c, "sendmsg(%d, %zu vectors, %zu of control, %#x)", fd,
	     msg.msg_iovlen, msg.msg_controllen, flags);
	noted(c, sendmsg(fd, &msg, flags));
}

static void make_recvmsg(struct chaos *c)
{
	int fd = slot_get(c), flags = pick_flags(c);
	struct sockaddr_storage addr;
	struct iovec iov[VECTORS];
	struct msghdr msg;

	fill_message(c, &msg, iov, &addr);
	msg.msg_controllen = pick(c, 3) ? pick(c, 200) : 0;
	msg.msg_control = pick_memory(c, msg.msg_controllen);
	note(c, "recvmsg(%d, %zu vectors, %zu of control, %#x)", fd,
	     msg.msg_iovlen, msg.msg_controllen, flags);
	noted(c, recvmsg(fd, &msg, flags));
}

/* From socket to pipe or back, all within one call of ours. */
static void make_splice(struct chaos *c)
{
	int fd = slot_get(c), pipe_fd[2];
	size_t len = pick_len(c, BUF_LEN);
	unsigned int flags = SPLICE_F_NONBLOCK | pick(c, 16);
	bool in = once_in(c, 2);
	ssize_t n;

	if (pipe2(pipe_fd, O_NONBLOCK | O_CLOEXEC))
		return;
	note(c, "splice(%s %d, %zu, %#x)", in ? "from" : "to", fd, len, flags);
	if (in) {
		n = splice(fd, NULL, pipe_fd[1], NULL, len, flags);
	} else {
		n = write(pipe_fd[1], c->buf, pick(c, 20000));
		n = splice(pipe_fd[0], NULL, fd, NULL, len, flags);
	}
	noted(c, n);
	if (in && n > 0 && once_in(c, 2))
		splice(pipe_fd[0], NULL, slot_get(c), NULL, n, flags);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
}

static void make_sendfile(struct chaos *c)
{
	int fd = slot_get(c), file;
	size_t len = pick_len(c, BUF_LEN);
	off_t from = once_in(c, 8) ? pick_int(c) : pick(c, 10000);

	file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	note(c, "sendfile(%d, from %lld, %zu)", fd, (long long)from, len);
	noted(c, sendfile(fd, file, &from, len));
	close(file);
}

static void make_read(struct chaos *c)
{
	int fd = slot_get(c);
	size_t len = pick_len(c, BUF_LEN);
	void *data = pick_memory(c, len);

	note(c, "read(%d, %p, %zu)", fd, data, len);
	noted(c, read(fd, data, len));
}

static void make_sendmmsg(struct chaos *c)
{
	int fd = slot_get(c), flags = pick_flags(c);
	struct mmsghdr msgs[3] = {};
	struct sockaddr_storage addr;
	struct iovec iov[3][VECTORS];
	bool sends = once_in(c, 2);
	int i;

	for (i = 0; i < 3; i++)
		fill_message(c, &msgs[i].msg_hdr, iov[i], &addr);
	note(c, "%s(%d, %#x)", sends ? "sendmmsg" : "recvmmsg", fd, flags);
	noted(c, sends ? sendmmsg(fd, msgs, 3, flags) :
			 recvmmsg(fd, msgs, 3, flags, NULL));
}

const struct call data_calls[] = { { "send", 50, make_send },
				   { "recv", 40, make_recv },
				   { "sendmsg", 24, make_sendmsg },
				   { "recvmsg", 24, make_recvmsg },
				   { "splice", 10, make_splice },
				   { "sendfile", 8, make_sendfile },
				   { "read", 10, make_read },
				   { "sendmmsg", 6, make_sendmmsg },
				   {} };
