// SPDX-License-Identifier: GPL-2.0
/* Bytes in and out: read(2), write(2), send(2), recv(2) and their kin, tcp(7). */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <linux/sockios.h>

#include "harness.h"

FIXTURE_NETNS(io);

/* A pointer that no program has anything at. */
#define NOWHERE ((void *)8)

static int unread(int fd)
{
	int bytes = -1;

	return ioctl(fd, SIOCINQ, &bytes) ? -1 : bytes;
}

static int unsent(int fd)
{
	int bytes = -1;

	return ioctl(fd, SIOCOUTQ, &bytes) ? -1 : bytes;
}

static bool arrived(int fd, int bytes)
{
	return WAIT_FOR(unread(fd) == bytes, PATIENCE_MS);
}

/*
 * Writes until nothing more fits, nor after a while in which an ACK could have
 * made room; the number of bytes that did fit.
 */
static int fill(int fd)
{
	int total = 0, refused = 0;
	uint8_t buf[4096];
	ssize_t n;

	set_nonblock(fd, true);
	while (refused < 2) {
		stream_fill(buf, sizeof(buf), total);
		n = write(fd, buf, sizeof(buf));
		if (n > 0) {
			total += n;
			refused = 0;
		} else if (errno != EAGAIN) {
			return -1;
		} else if (!refused++) {
			usleep(60 * 1000);
		}
	}
	set_nonblock(fd, false);
	return total;
}

/* Plain reads and writes */

TEST_F(io, write_is_read_at_the_other_end)
{
	CONNECT_PAIR();
	EXPECT_TRUE(stream_write(self->fd[0], 1000, 0));
	EXPECT_TRUE(stream_read(self->fd[1], 1000, 0));
	EXPECT_TRUE(stream_write(self->fd[1], 500, 0));
	EXPECT_TRUE(stream_read(self->fd[0], 500, 0));
}

/* It is a stream: the borders of writes are not kept. */
TEST_F(io, writes_are_joined_and_split)
{
	uint8_t buf[300];
	int i;

	CONNECT_PAIR();
	for (i = 0; i < 300; i += 10)
		ASSERT_TRUE(stream_write(self->fd[0], 10, i));
	ASSERT_TRUE(arrived(self->fd[1], 300));
	EXPECT_EQ(299, read(self->fd[1], buf, 299));
	EXPECT_TRUE(stream_check(buf, 299, 0));
	EXPECT_EQ(1, read(self->fd[1], buf, sizeof(buf)));
	EXPECT_TRUE(stream_check(buf, 1, 299));
}

TEST_F(io, read_takes_what_is_there)
{
	uint8_t buf[1000];

	CONNECT_PAIR();
	ASSERT_TRUE(stream_write(self->fd[0], 10, 0));
	EXPECT_EQ(10, read(self->fd[1], buf, sizeof(buf)));
}

TEST_F(io, nothing_is_written_and_read_at_once)
{
	uint8_t byte;

	CONNECT_PAIR();
	EXPECT_EQ(0, write(self->fd[0], &byte, 0));
	EXPECT_EQ(0, read(self->fd[1], &byte, 0));
	EXPECT_EQ(0, unread(self->fd[1]));
	EXPECT_EQ(POLLOUT, poll_now(self->fd[1]));
}

TEST_F(io, vectors_are_gathered_and_scattered)
{
	uint8_t out[600], in[600] = { 0 };
	struct iovec gather[] = { { out, 1 },
				  { NULL, 0 },
				  { out + 1, 399 },
				  { out + 400, 0 },
				  { out + 400, 200 } };
	struct iovec scatter[] = { { in, 333 }, { in + 333, 267 } };

	CONNECT_PAIR();
	stream_fill(out, sizeof(out), 0);
	EXPECT_EQ(600, writev(self->fd[0], gather, ARRAY_SIZE(gather)));
	ASSERT_TRUE(arrived(self->fd[1], 600));
	EXPECT_EQ(600, readv(self->fd[1], scatter, ARRAY_SIZE(scatter)));
	EXPECT_TRUE(stream_check(in, 600, 0));
}

TEST_F(io, messages_carry_vectors_and_no_address)
{
	struct sockaddr_storage name = { .ss_family = AF_UNIX };
	uint8_t out[100], in[100], control[64];
	struct iovec to[] = { { out, 60 }, { out + 60, 40 } };
	struct iovec from[] = { { in, 10 }, { in + 10, 90 } };
	struct msghdr send = { .msg_iov = to, .msg_iovlen = 2 };
	struct msghdr recv = {
		.msg_iov = from,
		.msg_iovlen = 2,
		.msg_name = &name,
		.msg_namelen = sizeof(name),
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};

	CONNECT_PAIR();
	stream_fill(out, sizeof(out), 0);
	EXPECT_EQ(100, sendmsg(self->fd[0], &send, 0));
	ASSERT_TRUE(arrived(self->fd[1], 100));
	EXPECT_EQ(100, recvmsg(self->fd[1], &recv, 0));
	EXPECT_TRUE(stream_check(in, 100, 0));
	EXPECT_EQ(0, (int)recv.msg_namelen);
	EXPECT_EQ(0, (int)recv.msg_controllen);
	EXPECT_EQ(0, recv.msg_flags);
}

TEST_F(io, recvfrom_tells_no_address)
{
	struct sockaddr_storage name;
	socklen_t len = sizeof(name);
	char byte;

	CONNECT_PAIR();
	ASSERT_TRUE(stream_write(self->fd[0], 1, 0));
	EXPECT_EQ(1, recvfrom(self->fd[1], &byte, 1, 0,
			      (struct sockaddr *)&name, &len));
	EXPECT_EQ(0, (int)len);
}

/* Without a connection */

TEST_F(io, unconnected_socket_cannot_be_read)
{
	char byte;

	EXPECT_ERRNO(ENOTCONN, read(test_socket(variant->family, 0), &byte, 1));
	EXPECT_ERRNO(ENOTCONN,
		     read(test_listen(variant->family, 4000, 1), &byte, 1));
}

TEST_F(io, unconnected_socket_cannot_be_written)
{
	EXPECT_ERRNO(EPIPE, send(test_socket(variant->family, 0), "x", 1, 0));
	EXPECT_ERRNO(EPIPE,
		     send(test_listen(variant->family, 4000, 1), "x", 1, 0));
}

/* Flags */

TEST_F(io, peek_leaves_the_data)
{
	uint8_t buf[100];

	CONNECT_PAIR();
	ASSERT_TRUE(stream_write(self->fd[0], 100, 0));
	ASSERT_TRUE(arrived(self->fd[1], 100));
	EXPECT_EQ(100, recv(self->fd[1], buf, sizeof(buf), MSG_PEEK));
	EXPECT_TRUE(stream_check(buf, 100, 0));
	EXPECT_EQ(30, recv(self->fd[1], buf, 30, MSG_PEEK));
	EXPECT_TRUE(stream_check(buf, 30, 0));
	EXPECT_EQ(100, unread(self->fd[1]));
	EXPECT_TRUE(stream_read(self->fd[1], 100, 0));
}

TEST_F(io, dontwait_does_not_wait)
{
	char byte;

	CONNECT_PAIR();
	EXPECT_ERRNO(EAGAIN, recv(self->fd[1], &byte, 1, MSG_DONTWAIT));
	EXPECT_ERRNO(EAGAIN,
		     recv(self->fd[1], &byte, 1, MSG_DONTWAIT | MSG_PEEK));
	ASSERT_LT(0, fill(self->fd[0]));
	EXPECT_ERRNO(EAGAIN, send(self->fd[0], &byte, 1, MSG_DONTWAIT));
}

TEST_F(io, nonblocking_socket_does_not_wait)
{
	char byte;

	CONNECT_PAIR();
	set_nonblock(self->fd[1], true);
	EXPECT_ERRNO(EAGAIN, read(self->fd[1], &byte, 1));
}

static void *write_in_two(void *arg)
{
	int fd = *(int *)arg;

	stream_write(fd, 400, 0);
	/* So that the reader sees the first part alone. */
	usleep(50 * 1000);
	stream_write(fd, 600, 400);
	return NULL;
}

TEST_F(io, waitall_waits_for_all)
{
	uint8_t buf[1000];
	pthread_t thread;

	CONNECT_PAIR();
	ASSERT_EQ(0, pthread_create(&thread, NULL, write_in_two, self->fd));
	EXPECT_EQ(1000, recv(self->fd[1], buf, sizeof(buf), MSG_WAITALL));
	EXPECT_TRUE(stream_check(buf, sizeof(buf), 0));
	pthread_join(thread, NULL);
}

TEST_F(io, waitall_ends_with_the_stream)
{
	uint8_t buf[1000];

	CONNECT_PAIR();
	ASSERT_TRUE(stream_write(self->fd[0], 400, 0));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_EQ(400, recv(self->fd[1], buf, sizeof(buf), MSG_WAITALL));
	EXPECT_EQ(0, recv(self->fd[1], buf, sizeof(buf), MSG_WAITALL));
}

/* tcp(7): the bytes are thrown away, not copied. */
TEST_F(io, trunc_discards)
{
	CONNECT_PAIR();
	ASSERT_TRUE(stream_write(self->fd[0], 1000, 0));
	ASSERT_TRUE(arrived(self->fd[1], 1000));
	EXPECT_EQ(700, recv(self->fd[1], NOWHERE, 700, MSG_TRUNC));
	EXPECT_TRUE(stream_read(self->fd[1], 300, 700));
}

/* Waiting */

static void *write_soon(void *arg)
{
	usleep(50 * 1000);
	stream_write(*(int *)arg, 100, 0);
	return NULL;
}

TEST_F(io, blocking_read_is_woken_by_data)
{
	pthread_t thread;

	CONNECT_PAIR();
	ASSERT_EQ(0, pthread_create(&thread, NULL, write_soon, self->fd));
	EXPECT_TRUE(stream_read(self->fd[1], 100, 0));
	pthread_join(thread, NULL);
}

static void *close_soon(void *arg)
{
	usleep(50 * 1000);
	close(*(int *)arg);
	return NULL;
}

TEST_F(io, blocking_read_is_woken_by_the_end)
{
	pthread_t thread;
	char byte;

	CONNECT_PAIR();
	ASSERT_EQ(0, pthread_create(&thread, NULL, close_soon, self->fd));
	EXPECT_EQ(0, read(self->fd[1], &byte, 1));
	pthread_join(thread, NULL);
}

static void *read_all_soon(void *arg)
{
	int *args = arg;

	usleep(50 * 1000);
	return stream_read(args[0], args[1], 0) ? arg : NULL;
}

TEST_F(io, blocking_write_is_woken_by_room)
{
	pthread_t thread;
	void *result;
	int args[2];

	CONNECT_PAIR();
	args[0] = self->fd[1];
	args[1] = fill(self->fd[0]);
	ASSERT_LT(0, args[1]);
	ASSERT_EQ(0, pthread_create(&thread, NULL, read_all_soon, args));
	EXPECT_TRUE(stream_write(self->fd[0], 100000, args[1]));
	ASSERT_EQ(0, pthread_join(thread, &result));
	EXPECT_EQ((void *)args, result);
	EXPECT_TRUE(stream_read(self->fd[1], 100000, args[1]));
}

TEST_F(io, rcvtimeo_ends_a_read)
{
	struct timeval limit = { .tv_usec = 100 * 1000 };
	uint64_t start;
	char byte;

	CONNECT_PAIR();
	ASSERT_EQ(0, setsockopt(self->fd[1], SOL_SOCKET, SO_RCVTIMEO, &limit,
				sizeof(limit)));
	start = now_us();
	EXPECT_ERRNO(EAGAIN, read(self->fd[1], &byte, 1));
	EXPECT_LE(90 * 1000, (int)(now_us() - start));
}

TEST_F(io, sndtimeo_ends_a_write)
{
	struct timeval limit = { .tv_usec = 100 * 1000 };
	uint64_t start;

	CONNECT_PAIR();
	ASSERT_LT(0, fill(self->fd[0]));
	ASSERT_EQ(0, setsockopt(self->fd[0], SOL_SOCKET, SO_SNDTIMEO, &limit,
				sizeof(limit)));
	start = now_us();
	EXPECT_ERRNO(EAGAIN, write(self->fd[0], "x", 1));
	EXPECT_LE(90 * 1000, (int)(now_us() - start));
}

/* How much is where */

TEST_F(io, inq_and_outq_account_for_every_byte)
{
	int total, got;

	CONNECT_PAIR();
	EXPECT_EQ(0, unsent(self->fd[0]));
	EXPECT_EQ(0, unread(self->fd[1]));
	total = fill(self->fd[0]);
	ASSERT_LT(0, total);
	EXPECT_TRUE(WAIT_FOR(unsent(self->fd[0]) + unread(self->fd[1]) == total,
			     PATIENCE_MS));
	EXPECT_LT(0, unsent(self->fd[0]));
	got = unread(self->fd[1]);
	EXPECT_TRUE(stream_read(self->fd[1], got, 0));
	EXPECT_TRUE(stream_read(self->fd[1], total - got, got));
	EXPECT_TRUE(WAIT_FOR(unsent(self->fd[0]) == 0, PATIENCE_MS));
	EXPECT_EQ(0, unread(self->fd[1]));
}

TEST_F(io, listener_has_no_queues)
{
	int fd = test_listen(variant->family, 4000, 1), bytes;

	EXPECT_ERRNO(EINVAL, ioctl(fd, SIOCINQ, &bytes));
	EXPECT_ERRNO(EINVAL, ioctl(fd, SIOCOUTQ, &bytes));
}

TEST_F(io, unknown_ioctl_is_enotty)
{
	CONNECT_PAIR();
	EXPECT_ERRNO(ENOTTY, ioctl(self->fd[0], 0x1234, NULL));
}

TEST_F(io, proc_shows_the_queues)
{
	struct proc_row row;
	int total;

	CONNECT_PAIR();
	total = fill(self->fd[0]);
	ASSERT_LT(0, total);
	ASSERT_TRUE(WAIT_FOR(unsent(self->fd[0]) + unread(self->fd[1]) == total,
			     PATIENCE_MS));
	ASSERT_TRUE(proc_find(variant->family, test_sockport(self->fd[0]), 0,
			      &row));
	EXPECT_EQ(unsent(self->fd[0]), (int)row.tx_queue);
	ASSERT_TRUE(proc_find(variant->family, test_sockport(self->fd[1]), 0,
			      &row));
	EXPECT_EQ(unread(self->fd[1]), (int)row.rx_queue);
}

/* Bad pointers */

TEST_F(io, write_from_a_bad_pointer_is_efault)
{
	CONNECT_PAIR();
	EXPECT_ERRNO(EFAULT, send(self->fd[0], NOWHERE, 100, 0));
	/* Nothing of it went out. */
	EXPECT_TRUE(stream_write(self->fd[0], 100, 0));
	EXPECT_TRUE(stream_read(self->fd[1], 100, 0));
	EXPECT_EQ(0, unread(self->fd[1]));
}

/* All before it or nothing of it: what counts is that the number is right. */
TEST_F(io, write_says_how_much_it_took_before_a_bad_pointer)
{
	uint8_t good[100];
	struct iovec iov[] = { { good, 100 }, { NOWHERE, 100 } };
	ssize_t n;

	CONNECT_PAIR();
	stream_fill(good, sizeof(good), 0);
	n = writev(self->fd[0], iov, 2);
	if (n < 0) {
		EXPECT_EQ(EFAULT, errno);
		n = 0;
	}
	EXPECT_GE(100, n);
	ASSERT_TRUE(stream_write(self->fd[0], 50, n));
	EXPECT_TRUE(stream_read(self->fd[1], n + 50, 0));
	EXPECT_EQ(0, unread(self->fd[1]));
}

TEST_F(io, read_to_a_bad_pointer_is_efault_and_loses_nothing)
{
	CONNECT_PAIR();
	ASSERT_TRUE(stream_write(self->fd[0], 100, 0));
	ASSERT_TRUE(arrived(self->fd[1], 100));
	EXPECT_ERRNO(EFAULT, recv(self->fd[1], NOWHERE, 100, 0));
	EXPECT_TRUE(stream_read(self->fd[1], 100, 0));
}

TEST_F(io, ioctl_to_a_bad_pointer_is_efault)
{
	CONNECT_PAIR();
	EXPECT_ERRNO(EFAULT, ioctl(self->fd[0], SIOCINQ, NOWHERE));
	EXPECT_ERRNO(EFAULT, ioctl(self->fd[0], SIOCOUTQ, NOWHERE));
}

TEST_MAIN
