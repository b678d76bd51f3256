// SPDX-License-Identifier: GPL-2.0
/* Urgent data, tcp(7): MSG_OOB, SO_OOBINLINE, SIGURG, SIOCATMARK, POLLPRI. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <linux/sockios.h>

#include "harness.h"

FIXTURE_NETNS(urgent);

static bool send_text(int fd, const char *text, int flags)
{
	return send(fd, text, strlen(text), flags) == (ssize_t)strlen(text);
}

/* One read gets exactly this text. */
static bool reads(int fd, const char *text)
{
	char buf[100] = "";
	ssize_t n = read(fd, buf, sizeof(buf) - 1);

	if (n == (ssize_t)strlen(text) && !memcmp(buf, text, n))
		return true;
	fprintf(stderr, "# read '%s' (%zd), not '%s'\n", buf, n, text);
	return false;
}

/* The urgent octet, or minus the error. */
static int take_oob(int fd, int flags)
{
	uint8_t octet = 0;
	ssize_t n = recv(fd, &octet, 1, MSG_OOB | flags);

	return n == 1 ? octet : n ? -errno : -1000;
}

static int unread(int fd)
{
	int bytes = -1;

	return ioctl(fd, SIOCINQ, &bytes) ? -1 : bytes;
}

static int at_mark(int fd)
{
	int mark = -1;

	return ioctl(fd, SIOCATMARK, &mark) ? -1 : mark;
}

static void set_inline(int fd)
{
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &on, sizeof(on));
}

static int connect_to(int fd, int family, uint16_t port)
{
	struct sockaddr_storage addr = test_loopback(family, port);

	return connect(fd, (struct sockaddr *)&addr, test_addrlen(family));
}

/* All that @fd has sent is at its peer. */
static bool delivered(int fd)
{
	int bytes;

	return WAIT_FOR(!ioctl(fd, SIOCOUTQ, &bytes) && !bytes, PATIENCE_MS);
}

/* recv(MSG_OOB) */

TEST_F(urgent, octet_is_read_beside_the_stream)
{
	CONNECT_PAIR();
	ASSERT_TRUE(send_text(self->fd[0], "abc", 0));
	ASSERT_TRUE(send_text(self->fd[0], "d", MSG_OOB));
	ASSERT_TRUE(send_text(self->fd[0], "ef", 0));
	ASSERT_TRUE(delivered(self->fd[0]));
	EXPECT_EQ('d', take_oob(self->fd[1], 0));
	EXPECT_TRUE(reads(self->fd[1], "abc"));
	EXPECT_TRUE(reads(self->fd[1], "ef"));
	EXPECT_EQ(0, unread(self->fd[1]));
}

TEST_F(urgent, last_octet_of_a_message_is_the_urgent_one)
{
	CONNECT_PAIR();
	ASSERT_TRUE(send_text(self->fd[0], "abcd", MSG_OOB));
	ASSERT_TRUE(poll_for(self->fd[1], POLLPRI));
	EXPECT_EQ('d', take_oob(self->fd[1], 0));
	EXPECT_TRUE(reads(self->fd[1], "abc"));
	EXPECT_ERRNO(EAGAIN, recv(self->fd[1], &errno, 1, MSG_DONTWAIT));
}

TEST_F(urgent, octet_that_nobody_wanted_is_stepped_over)
{
	CONNECT_PAIR();
	ASSERT_TRUE(send_text(self->fd[0], "abcd", MSG_OOB));
	ASSERT_TRUE(send_text(self->fd[0], "ef", 0));
	ASSERT_TRUE(delivered(self->fd[0]));
	EXPECT_TRUE(reads(self->fd[1], "abc"));
	EXPECT_TRUE(reads(self->fd[1], "ef"));
	EXPECT_EQ(-EINVAL, take_oob(self->fd[1], 0));
}

TEST_F(urgent, without_urgent_data_oob_is_einval)
{
	CONNECT_PAIR();
	EXPECT_EQ(-EINVAL, take_oob(self->fd[1], 0));
	ASSERT_TRUE(send_text(self->fd[0], "a", 0));
	ASSERT_TRUE(poll_for(self->fd[1], POLLIN));
	EXPECT_EQ(-EINVAL, take_oob(self->fd[1], 0));
	EXPECT_EQ(-EINVAL, take_oob(test_socket(variant->family, 0), 0));
	EXPECT_EQ(-ENOTCONN,
		  take_oob(test_listen(variant->family, 4000, 1), 0));
}

TEST_F(urgent, octet_is_read_once)
{
	CONNECT_PAIR();
	ASSERT_TRUE(send_text(self->fd[0], "ab", MSG_OOB));
	ASSERT_TRUE(poll_for(self->fd[1], POLLPRI));
	EXPECT_EQ('b', take_oob(self->fd[1], MSG_PEEK));
	EXPECT_EQ('b', take_oob(self->fd[1], MSG_PEEK));
	EXPECT_EQ('b', take_oob(self->fd[1], 0));
	EXPECT_EQ(-EINVAL, take_oob(self->fd[1], 0));
	EXPECT_EQ(-EINVAL, take_oob(self->fd[1], MSG_PEEK));
}

TEST_F(urgent, message_says_what_it_is)
{
	char octet = 0;
	struct iovec iov = { &octet, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	CONNECT_PAIR();
	ASSERT_TRUE(send_text(self->fd[0], "a", MSG_OOB));
	ASSERT_TRUE(poll_for(self->fd[1], POLLPRI));
	EXPECT_EQ(1, recvmsg(self->fd[1], &msg, MSG_OOB | MSG_PEEK));
	EXPECT_EQ(MSG_OOB, msg.msg_flags);
	EXPECT_EQ('a', octet);
	octet = 0;
	EXPECT_EQ(1,
		  recvmsg(self->fd[1], &msg, MSG_OOB | MSG_PEEK | MSG_TRUNC));
	EXPECT_EQ(0, octet);
	iov.iov_len = 0;
	EXPECT_EQ(0, recvmsg(self->fd[1], &msg, MSG_OOB | MSG_PEEK));
	EXPECT_EQ(MSG_OOB | MSG_TRUNC, msg.msg_flags);
}

TEST_F(urgent, octet_survives_the_end_of_the_stream)
{
	CONNECT_PAIR();
	ASSERT_TRUE(send_text(self->fd[0], "ab", MSG_OOB));
	ASSERT_EQ(0, close(self->fd[0]));
	ASSERT_TRUE(poll_for(self->fd[1], POLLRDHUP));
	EXPECT_EQ('b', take_oob(self->fd[1], 0));
	EXPECT_TRUE(reads(self->fd[1], "a"));
	EXPECT_TRUE(reads(self->fd[1], ""));
}

TEST_F(urgent, oob_to_a_bad_pointer_is_efault)
{
	CONNECT_PAIR();
	ASSERT_TRUE(send_text(self->fd[0], "a", MSG_OOB));
	ASSERT_TRUE(poll_for(self->fd[1], POLLPRI));
	EXPECT_ERRNO(EFAULT, recv(self->fd[1], (void *)8, 1, MSG_OOB));
}

/* The mark */

TEST_F(urgent, read_stops_at_the_mark)
{
	char buf[10];

	CONNECT_PAIR();
	ASSERT_TRUE(send_text(self->fd[0], "abcd", MSG_OOB));
	ASSERT_TRUE(send_text(self->fd[0], "ef", 0));
	ASSERT_TRUE(delivered(self->fd[0]));
	EXPECT_EQ(0, at_mark(self->fd[1]));
	EXPECT_EQ(3, unread(self->fd[1]));
	EXPECT_EQ(3, recv(self->fd[1], buf, sizeof(buf), MSG_PEEK));
	/* All there is before the mark is all there is. */
	EXPECT_EQ(3, recv(self->fd[1], buf, 6, MSG_WAITALL));
	EXPECT_EQ(1, at_mark(self->fd[1]));
	EXPECT_EQ(0, unread(self->fd[1]));
	EXPECT_TRUE(reads(self->fd[1], "ef"));
	EXPECT_EQ(0, at_mark(self->fd[1]));
}

TEST_F(urgent, octet_in_line_is_the_first_after_the_mark)
{
	CONNECT_PAIR();
	set_inline(self->fd[1]);
	ASSERT_TRUE(send_text(self->fd[0], "abcd", MSG_OOB));
	ASSERT_TRUE(send_text(self->fd[0], "ef", 0));
	ASSERT_TRUE(delivered(self->fd[0]));
	EXPECT_EQ(6, unread(self->fd[1]));
	EXPECT_EQ(-EINVAL, take_oob(self->fd[1], 0));
	EXPECT_EQ(0, at_mark(self->fd[1]));
	EXPECT_TRUE(reads(self->fd[1], "abc"));
	EXPECT_EQ(1, at_mark(self->fd[1]));
	EXPECT_TRUE(reads(self->fd[1], "def"));
	EXPECT_EQ(0, at_mark(self->fd[1]));
}

TEST_F(urgent, accepted_socket_inherits_oobinline)
{
	int listener = test_listen(variant->family, 4000, 1), client, server;

	set_inline(listener);
	client = test_connect(variant->family, 4000);
	server = accept(listener, NULL, NULL);
	ASSERT_TRUE(send_text(client, "ab", MSG_OOB));
	ASSERT_TRUE(delivered(client));
	EXPECT_TRUE(reads(server, "a"));
	EXPECT_TRUE(reads(server, "b"));
}

TEST_F(urgent, only_the_newest_mark_counts)
{
	CONNECT_PAIR();
	ASSERT_TRUE(send_text(self->fd[0], "ab", MSG_OOB));
	ASSERT_TRUE(send_text(self->fd[0], "cd", MSG_OOB));
	ASSERT_TRUE(delivered(self->fd[0]));
	EXPECT_EQ('d', take_oob(self->fd[1], 0));
	EXPECT_TRUE(reads(self->fd[1], "abc"));
	EXPECT_EQ(1, at_mark(self->fd[1]));
}

TEST_F(urgent, mark_that_is_waited_at_gives_way_to_the_next_one)
{
	CONNECT_PAIR();
	ASSERT_TRUE(send_text(self->fd[0], "ab", MSG_OOB));
	ASSERT_TRUE(delivered(self->fd[0]));
	EXPECT_TRUE(reads(self->fd[1], "a"));
	ASSERT_TRUE(send_text(self->fd[0], "cd", MSG_OOB));
	ASSERT_TRUE(delivered(self->fd[0]));
	EXPECT_TRUE(reads(self->fd[1], "c"));
	EXPECT_EQ('d', take_oob(self->fd[1], 0));
}

/* Whom it wakes */

static sigset_t hold_sigurg(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGURG);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return set;
}

static bool sigurg_comes(int ms)
{
	struct timespec limit = { ms / 1000, ms % 1000 * 1000000 };
	sigset_t set = hold_sigurg();

	return sigtimedwait(&set, NULL, &limit) == SIGURG;
}

TEST_F(urgent, owner_gets_sigurg_once_for_each_mark)
{
	CONNECT_PAIR();
	hold_sigurg();
	ASSERT_EQ(0, fcntl(self->fd[1], F_SETOWN, getpid()));
	EXPECT_EQ(getpid(), fcntl(self->fd[1], F_GETOWN));
	ASSERT_TRUE(send_text(self->fd[0], "ab", MSG_OOB));
	EXPECT_TRUE(sigurg_comes(PATIENCE_MS));
	ASSERT_TRUE(send_text(self->fd[0], "c", 0));
	ASSERT_TRUE(delivered(self->fd[0]));
	EXPECT_FALSE(sigurg_comes(1));
	ASSERT_TRUE(send_text(self->fd[0], "d", MSG_OOB));
	EXPECT_TRUE(sigurg_comes(PATIENCE_MS));
}

TEST_F(urgent, without_an_owner_there_is_no_signal)
{
	CONNECT_PAIR();
	hold_sigurg();
	ASSERT_TRUE(send_text(self->fd[0], "ab", MSG_OOB));
	ASSERT_TRUE(poll_for(self->fd[1], POLLPRI));
	EXPECT_FALSE(sigurg_comes(1));
}

TEST_F(urgent, poll_tells_of_it_until_it_is_read)
{
	CONNECT_PAIR();
	ASSERT_TRUE(send_text(self->fd[0], "a", MSG_OOB));
	ASSERT_TRUE(poll_for(self->fd[1], POLLPRI));
	/* There is nothing that a read would get. */
	EXPECT_EQ(POLLPRI | POLLOUT, poll_now(self->fd[1]));
	EXPECT_EQ('a', take_oob(self->fd[1], 0));
	EXPECT_EQ(POLLOUT, poll_now(self->fd[1]));
	ASSERT_TRUE(send_text(self->fd[0], "b", 0));
	ASSERT_TRUE(delivered(self->fd[0]));
	EXPECT_EQ(POLLIN | POLLOUT, poll_now(self->fd[1]));
}

TEST_F(urgent, poll_tells_of_data_beside_it)
{
	CONNECT_PAIR();
	ASSERT_TRUE(send_text(self->fd[0], "ab", MSG_OOB));
	ASSERT_TRUE(poll_for(self->fd[1], POLLPRI));
	EXPECT_EQ(POLLPRI | POLLIN | POLLOUT, poll_now(self->fd[1]));
	EXPECT_TRUE(reads(self->fd[1], "a"));
	EXPECT_EQ(POLLPRI | POLLOUT, poll_now(self->fd[1]));
}

TEST_F(urgent, edge_triggered_epoll_tells_of_each_mark)
{
	struct epoll_event event = { .events = EPOLLPRI | EPOLLET };
	int epoll = epoll_create1(0), i;

	CONNECT_PAIR();
	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, self->fd[1], &event));
	for (i = 0; i < 3; i++) {
		ASSERT_TRUE(send_text(self->fd[0], "a", MSG_OOB));
		ASSERT_EQ(1, epoll_wait(epoll, &event, 1, PATIENCE_MS));
		EXPECT_EQ(EPOLLPRI, (int)event.events);
		EXPECT_EQ('a', take_oob(self->fd[1], 0));
		EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 0));
	}
}

static void set_buffer(int fd, int option, int bytes)
{
	setsockopt(fd, SOL_SOCKET, option, &bytes, sizeof(bytes));
}

/* RFC 9293 MUST-32: the mark is known before the octet can come. */
TEST_F(urgent, mark_is_told_while_the_window_is_closed)
{
	int listener = test_listen(variant->family, 4000, 1), client, server;
	int outq = 0;

	hold_sigurg();
	set_buffer(listener, SO_RCVBUF, 8192);
	client = test_socket(variant->family, 0);
	set_buffer(client, SO_SNDBUF, 1 << 20);
	ASSERT_EQ(0, connect_to(client, variant->family, 4000));
	server = accept(listener, NULL, NULL);
	ASSERT_LE(0, server);
	ASSERT_EQ(0, fcntl(server, F_SETOWN, getpid()));
	ASSERT_TRUE(stream_write(client, 100000, 0));
	ASSERT_TRUE(send_text(client, "!", MSG_OOB));
	EXPECT_TRUE(sigurg_comes(PATIENCE_MS));
	ASSERT_EQ(0, ioctl(client, SIOCOUTQ, &outq));
	EXPECT_LT(1, outq);
	EXPECT_EQ(-EAGAIN, take_oob(server, 0));
	EXPECT_TRUE(stream_read(server, 100000, 0));
	ASSERT_TRUE(poll_for(server, POLLPRI));
	EXPECT_EQ('!', take_oob(server, 0));
}

/* Closing */

TEST_F(urgent, octet_left_unread_resets_the_peer)
{
	char byte;

	CONNECT_PAIR();
	ASSERT_TRUE(send_text(self->fd[0], "a", MSG_OOB));
	ASSERT_TRUE(poll_for(self->fd[1], POLLPRI));
	ASSERT_EQ(0, close(self->fd[1]));
	EXPECT_ERRNO(ECONNRESET, read(self->fd[0], &byte, 1));
}

TEST_MAIN
