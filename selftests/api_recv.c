// SPDX-License-Identifier: GPL-2.0
/* What a read tells beside the data, and other ways to ask for it. */
#include <errno.h>
#include <linux/io_uring.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "harness.h"

/* <netinet/tcp.h> has it, but not beside <linux/tcp.h>. */
#define SOL_TCP 6

FIXTURE_NETNS(recv);

static bool arrived(int fd, int bytes)
{
	int n;

	return WAIT_FOR(!ioctl(fd, SIOCINQ, &n) && n == bytes, PATIENCE_MS);
}

static bool switch_on(int fd, int level, int option)
{
	int on = 1;

	return !setsockopt(fd, level, option, &on, sizeof(on));
}

/* Reads @len octets; the control message that comes with them is in @data. */
static int read_cmsg(int fd, size_t len, int level, int type, void *data,
		     size_t data_len)
{
	char buf[4096];
	union {
		char room[256];
		struct cmsghdr align;
	} control;
	struct iovec iov = { buf, len };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	int n = recvmsg(fd, &msg, 0);

	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		if (cmsg->cmsg_level != level || cmsg->cmsg_type != type)
			continue;
		memcpy(data, CMSG_DATA(cmsg), data_len);
		return n;
	}
	return -1000;
}

TEST_F(recv, tcp_inq_tells_what_is_left)
{
	int left = -1;

	CONNECT_PAIR();
	ASSERT_TRUE(switch_on(self->fd[1], SOL_TCP, TCP_INQ));
	ASSERT_TRUE(stream_write(self->fd[0], 1000, 0));
	ASSERT_TRUE(arrived(self->fd[1], 1000));
	EXPECT_EQ(300, read_cmsg(self->fd[1], 300, SOL_TCP, TCP_CM_INQ, &left,
				 sizeof(left)));
	EXPECT_EQ(700, left);
	EXPECT_EQ(700, read_cmsg(self->fd[1], 900, SOL_TCP, TCP_CM_INQ, &left,
				 sizeof(left)));
	EXPECT_EQ(0, left);
	/* The end is worth another read. */
	ASSERT_TRUE(stream_write(self->fd[0], 1, 0));
	ASSERT_EQ(0, close(self->fd[0]));
	ASSERT_TRUE(poll_for(self->fd[1], POLLRDHUP));
	EXPECT_EQ(1, read_cmsg(self->fd[1], 10, SOL_TCP, TCP_CM_INQ, &left,
			       sizeof(left)));
	EXPECT_EQ(1, left);
}

TEST_F(recv, timestamp_tells_when_the_data_came)
{
	struct timeval before, came, after;

	CONNECT_PAIR();
	ASSERT_TRUE(switch_on(self->fd[1], SOL_SOCKET, SO_TIMESTAMP));
	/* The kernel begins to take the time a moment later. */
	usleep(50 * 1000);
	gettimeofday(&before, NULL);
	ASSERT_TRUE(stream_write(self->fd[0], 100, 0));
	ASSERT_TRUE(arrived(self->fd[1], 100));
	gettimeofday(&after, NULL);
	usleep(10 * 1000);
	ASSERT_EQ(100, read_cmsg(self->fd[1], 100, SOL_SOCKET, SO_TIMESTAMP,
				 &came, sizeof(came)));
	EXPECT_FALSE(timercmp(&came, &before, <));
	EXPECT_FALSE(timercmp(&came, &after, >));
}

TEST_F(recv, nothing_is_told_that_was_not_asked_for)
{
	struct timeval came;

	CONNECT_PAIR();
	ASSERT_TRUE(stream_write(self->fd[0], 100, 0));
	EXPECT_EQ(-1000, read_cmsg(self->fd[1], 100, SOL_SOCKET, SO_TIMESTAMP,
				   &came, sizeof(came)));
}

TEST_F(recv, rcvlowat_decides_what_is_readable)
{
	int enough = 500;

	CONNECT_PAIR();
	ASSERT_EQ(0, setsockopt(self->fd[1], SOL_SOCKET, SO_RCVLOWAT, &enough,
				sizeof(enough)));
	ASSERT_TRUE(stream_write(self->fd[0], 499, 0));
	ASSERT_TRUE(arrived(self->fd[1], 499));
	EXPECT_EQ(POLLOUT, poll_now(self->fd[1]));
	ASSERT_TRUE(stream_write(self->fd[0], 1, 499));
	EXPECT_TRUE(poll_for(self->fd[1], POLLIN));
	EXPECT_TRUE(stream_read(self->fd[1], 500, 0));
}

TEST_F(recv, end_is_readable_whatever_rcvlowat_says)
{
	int enough = 500;

	CONNECT_PAIR();
	ASSERT_EQ(0, setsockopt(self->fd[1], SOL_SOCKET, SO_RCVLOWAT, &enough,
				sizeof(enough)));
	ASSERT_TRUE(stream_write(self->fd[0], 10, 0));
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	EXPECT_TRUE(poll_for(self->fd[1], POLLIN));
	EXPECT_TRUE(stream_read(self->fd[1], 10, 0));
}

TEST_F(recv, peek_off_moves_on_with_each_peek)
{
	int off = 0;
	char buf[100];

	CONNECT_PAIR();
	/* TCP has it from 6.9 on. */
	if (setsockopt(self->fd[1], SOL_SOCKET, SO_PEEK_OFF, &off, sizeof(off)))
		SKIP(return, "SO_PEEK_OFF: %s", strerror(errno));
	ASSERT_TRUE(stream_write(self->fd[0], 100, 0));
	ASSERT_TRUE(arrived(self->fd[1], 100));
	EXPECT_EQ(30, recv(self->fd[1], buf, 30, MSG_PEEK));
	EXPECT_TRUE(stream_check(buf, 30, 0));
	EXPECT_EQ(70, recv(self->fd[1], buf, 100, MSG_PEEK));
	EXPECT_TRUE(stream_check(buf, 70, 30));
	EXPECT_TRUE(stream_read(self->fd[1], 100, 0));
}

/* Passed on */

TEST_F(recv, socket_can_be_sent_to_another_process)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int pair[2], status, fd;
	pid_t child;

	CONNECT_PAIR();
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	child = fork();
	if (!child) {
		close(self->fd[0]);
		close(self->fd[1]);
		if (recvmsg(pair[1], &msg, 0) != 1)
			_exit(1);
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(fd));
		_exit(!stream_read(fd, 100, 0) || !stream_write(fd, 100, 0));
	}
	*cmsg = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
				  .cmsg_level = SOL_SOCKET,
				  .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(cmsg), &self->fd[1], sizeof(int));
	ASSERT_EQ(1, sendmsg(pair[0], &msg, 0));
	ASSERT_EQ(0, close(self->fd[1]));
	ASSERT_TRUE(stream_write(self->fd[0], 100, 0));
	EXPECT_TRUE(stream_read(self->fd[0], 100, 0));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
}

/* io_uring, by system calls */

struct ring {
	int fd;
	unsigned int *sq_tail, *sq_array, *cq_head, *cq_tail;
	unsigned int mask;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
};

static bool ring_open(struct ring *r)
{
	struct io_uring_params p = { 0 };
	char *sq, *cq;

	r->fd = syscall(SYS_io_uring_setup, 4, &p);
	if (r->fd < 0)
		return false;
	sq = mmap(NULL, p.sq_off.array + p.sq_entries * sizeof(int),
		  PROT_READ | PROT_WRITE, MAP_SHARED, r->fd,
		  IORING_OFF_SQ_RING);
	cq = mmap(NULL, p.cq_off.cqes + p.cq_entries * sizeof(*r->cqes),
		  PROT_READ | PROT_WRITE, MAP_SHARED, r->fd,
		  IORING_OFF_CQ_RING);
	r->sqes = mmap(NULL, p.sq_entries * sizeof(*r->sqes),
		       PROT_READ | PROT_WRITE, MAP_SHARED, r->fd,
		       IORING_OFF_SQES);
	r->sq_tail = (unsigned int *)(sq + p.sq_off.tail);
	r->sq_array = (unsigned int *)(sq + p.sq_off.array);
	r->cq_head = (unsigned int *)(cq + p.cq_off.head);
	r->cq_tail = (unsigned int *)(cq + p.cq_off.tail);
	r->cqes = (struct io_uring_cqe *)(cq + p.cq_off.cqes);
	r->mask = p.cq_entries - 1;
	return true;
}

/* Hands one request in; ring_result() waits for what becomes of it. */
static void ring_submit(struct ring *r, const struct io_uring_sqe *sqe)
{
	r->sqes[0] = *sqe;
	r->sq_array[*r->sq_tail & 3] = 0;
	__atomic_store_n(r->sq_tail, *r->sq_tail + 1, __ATOMIC_RELEASE);
	syscall(SYS_io_uring_enter, r->fd, 1, 0, 0, NULL, 0);
}

static int ring_result(struct ring *r)
{
	int res;

	syscall(SYS_io_uring_enter, r->fd, 0, 1, IORING_ENTER_GETEVENTS, NULL,
		0);
	if (__atomic_load_n(r->cq_tail, __ATOMIC_ACQUIRE) == *r->cq_head)
		return -1000;
	res = r->cqes[*r->cq_head & r->mask].res;
	__atomic_store_n(r->cq_head, *r->cq_head + 1, __ATOMIC_RELEASE);
	return res;
}

#define SUBMIT(r, ...) ring_submit(r, &(struct io_uring_sqe){ __VA_ARGS__ })

TEST_F(recv, io_uring_accepts_connects_sends_and_receives)
{
	struct sockaddr_storage addr = test_loopback(variant->family, 4000);
	int listener = test_listen(variant->family, 4000, 1);
	int client = test_socket(variant->family, 0), server;
	struct ring one, two;
	char out[500], in[500];

	if (!ring_open(&one) || !ring_open(&two))
		SKIP(return, "io_uring: %s", strerror(errno));
	/* Both wait: for a client, and for data. */
	SUBMIT(&one, .opcode = IORING_OP_ACCEPT, .fd = listener);
	SUBMIT(&two, .opcode = IORING_OP_CONNECT, .fd = client,
	       .addr = (uintptr_t)&addr, .off = test_addrlen(variant->family));
	EXPECT_EQ(0, ring_result(&two));
	server = ring_result(&one);
	ASSERT_LE(0, server);
	SUBMIT(&one, .opcode = IORING_OP_RECV, .fd = server,
	       .addr = (uintptr_t)in, .len = sizeof(in));
	stream_fill(out, sizeof(out), 0);
	SUBMIT(&two, .opcode = IORING_OP_SEND, .fd = client,
	       .addr = (uintptr_t)out, .len = sizeof(out));
	EXPECT_EQ(500, ring_result(&two));
	EXPECT_EQ(500, ring_result(&one));
	EXPECT_TRUE(stream_check(in, sizeof(in), 0));
	SUBMIT(&one, .opcode = IORING_OP_RECV, .fd = server,
	       .addr = (uintptr_t)in, .len = sizeof(in));
	ASSERT_EQ(0, close(client));
	EXPECT_EQ(0, ring_result(&one));
}

TEST_MAIN
