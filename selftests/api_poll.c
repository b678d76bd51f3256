// SPDX-License-Identifier: GPL-2.0
/*
 * What poll(2) and epoll(7) tell in each phase of a connection. The phases
 * that need a slow peer, SYN-SENT among them, are in pkt_handshake.c.
 */
#include <errno.h>
#include <poll.h>
#include <sys/epoll.h>

#include "harness.h"

FIXTURE_NETNS(poll);

#define ALL_ENDED (POLLIN | POLLOUT | POLLRDHUP | POLLHUP)

/* The events come in their own time: waits until they are all of these. */
static bool polls(int fd, int events)
{
	if (WAIT_FOR(poll_now(fd) == events, PATIENCE_MS))
		return true;
	fprintf(stderr, "# poll says 0x%x, not 0x%x\n", poll_now(fd), events);
	return false;
}

/* An epoll that watches @fd for everything, in the way of @flags. */
static int watch(int fd, int flags)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | flags,
	};
	int epoll = epoll_create1(0);

	if (epoll >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
		return -1;
	return epoll;
}

/* The events that an epoll has after @ms at most; 0 for none. */
static int events_of(int epoll, int ms)
{
	struct epoll_event event;

	return epoll_wait(epoll, &event, 1, ms) == 1 ? (int)event.events : 0;
}

static void fill(int fd)
{
	set_nonblock(fd, true);
	while (write(fd, "0123456789abcdef", 16) > 0)
		;
	set_nonblock(fd, false);
}

static void drain(int fd)
{
	char buf[4096];

	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
}

/* Reads what comes until @other, the writer or its epoll, has @events. */
static bool drain_until(int fd, int other, int events)
{
	uint64_t end = now_us() + PATIENCE_MS * 1000ull;
	struct pollfd pfd = { .fd = other, .events = events };

	do {
		drain(fd);
		if (poll(&pfd, 1, 1) == 1)
			return true;
	} while (now_us() < end);
	return false;
}

/* Level-triggered: the state of the connection */

TEST_F(poll, fresh_socket_has_hung_up)
{
	EXPECT_EQ(POLLOUT | POLLHUP, poll_now(test_socket(variant->family, 0)));
}

TEST_F(poll, listener_is_readable_when_somebody_waits)
{
	int listener = test_listen(variant->family, 4000, 1);

	EXPECT_EQ(0, poll_now(listener));
	ASSERT_LE(0, test_connect(variant->family, 4000));
	EXPECT_TRUE(polls(listener, POLLIN));
	ASSERT_LE(0, accept(listener, NULL, NULL));
	EXPECT_EQ(0, poll_now(listener));
}

TEST_F(poll, connection_is_writable)
{
	CONNECT_PAIR();
	EXPECT_EQ(POLLOUT, poll_now(self->fd[0]));
	EXPECT_EQ(POLLOUT, poll_now(self->fd[1]));
}

TEST_F(poll, data_is_readable_until_it_is_read)
{
	CONNECT_PAIR();
	ASSERT_TRUE(stream_write(self->fd[0], 10, 0));
	EXPECT_TRUE(polls(self->fd[1], POLLIN | POLLOUT));
	ASSERT_TRUE(stream_read(self->fd[1], 9, 0));
	EXPECT_EQ(POLLIN | POLLOUT, poll_now(self->fd[1]));
	ASSERT_TRUE(stream_read(self->fd[1], 1, 9));
	EXPECT_EQ(POLLOUT, poll_now(self->fd[1]));
}

TEST_F(poll, full_buffer_is_not_writable_until_there_is_room)
{
	CONNECT_PAIR();
	fill(self->fd[0]);
	EXPECT_EQ(0, poll_now(self->fd[0]));
	EXPECT_TRUE(drain_until(self->fd[1], self->fd[0], POLLOUT));
}

TEST_F(poll, end_of_the_peers_stream_is_readable_and_rdhup)
{
	CONNECT_PAIR();
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	EXPECT_TRUE(polls(self->fd[1], POLLIN | POLLOUT | POLLRDHUP));
	/* The one that ended it can be written to: that gives EPIPE at once. */
	EXPECT_EQ(POLLOUT, poll_now(self->fd[0]));
}

TEST_F(poll, own_shut_rd_is_readable_and_rdhup)
{
	CONNECT_PAIR();
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_RD));
	EXPECT_EQ(POLLIN | POLLOUT | POLLRDHUP, poll_now(self->fd[0]));
}

TEST_F(poll, end_of_both_streams_is_hup)
{
	CONNECT_PAIR();
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	ASSERT_TRUE(polls(self->fd[1], POLLIN | POLLOUT | POLLRDHUP));
	ASSERT_EQ(0, shutdown(self->fd[1], SHUT_WR));
	EXPECT_TRUE(polls(self->fd[0], ALL_ENDED));
	EXPECT_TRUE(polls(self->fd[1], ALL_ENDED));
}

TEST_F(poll, reset_is_err_until_it_was_told)
{
	struct linger now = { .l_onoff = 1 };

	CONNECT_PAIR();
	setsockopt(self->fd[0], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_TRUE(polls(self->fd[1], ALL_ENDED | POLLERR));
	EXPECT_EQ(ECONNRESET, so_error(self->fd[1]));
	EXPECT_EQ(ALL_ENDED, poll_now(self->fd[1]));
}

TEST_F(poll, only_what_was_asked_for_is_told)
{
	struct pollfd pfd = { .events = POLLIN };

	CONNECT_PAIR();
	pfd.fd = self->fd[0];
	EXPECT_EQ(0, poll(&pfd, 1, 0));
}

/* Waking up */

TEST_F(poll, sleeping_poll_is_woken)
{
	int status;
	pid_t child;

	CONNECT_PAIR();
	child = fork();
	if (!child) {
		usleep(50 * 1000);
		_exit(!stream_write(self->fd[0], 1, 0));
	}
	EXPECT_TRUE(poll_for(self->fd[1], POLLIN));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(poll, sleeping_epoll_is_woken_by_the_end)
{
	int status, epoll;
	pid_t child;

	CONNECT_PAIR();
	epoll = watch(self->fd[1], EPOLLET);
	EXPECT_EQ(EPOLLOUT, events_of(epoll, PATIENCE_MS));
	child = fork();
	if (!child) {
		usleep(50 * 1000);
		_exit(shutdown(self->fd[0], SHUT_WR));
	}
	EXPECT_EQ(EPOLLIN | EPOLLOUT | EPOLLRDHUP,
		  events_of(epoll, PATIENCE_MS));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
}

/* epoll */

TEST_F(poll, level_triggered_epoll_repeats_itself)
{
	int epoll;

	CONNECT_PAIR();
	epoll = watch(self->fd[1], 0);
	ASSERT_TRUE(stream_write(self->fd[0], 10, 0));
	ASSERT_TRUE(polls(self->fd[1], POLLIN | POLLOUT));
	EXPECT_EQ(EPOLLIN | EPOLLOUT, events_of(epoll, 0));
	EXPECT_EQ(EPOLLIN | EPOLLOUT, events_of(epoll, 0));
}

TEST_F(poll, edge_triggered_epoll_tells_news_once)
{
	int epoll;

	CONNECT_PAIR();
	epoll = watch(self->fd[1], EPOLLET);
	EXPECT_EQ(EPOLLOUT, events_of(epoll, PATIENCE_MS));
	EXPECT_EQ(0, events_of(epoll, 0));
	ASSERT_TRUE(stream_write(self->fd[0], 10, 0));
	EXPECT_EQ(EPOLLIN | EPOLLOUT, events_of(epoll, PATIENCE_MS));
	EXPECT_EQ(0, events_of(epoll, 0));
	/* More of it is news, though it was not read. */
	ASSERT_TRUE(stream_write(self->fd[0], 10, 10));
	EXPECT_EQ(EPOLLIN | EPOLLOUT, events_of(epoll, PATIENCE_MS));
}

TEST_F(poll, edge_triggered_epoll_tells_of_room_after_eagain)
{
	struct epoll_event event = { .events = EPOLLOUT | EPOLLET };
	int epoll = epoll_create1(0);

	CONNECT_PAIR();
	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, self->fd[0], &event));
	EXPECT_EQ(EPOLLOUT, events_of(epoll, PATIENCE_MS));
	fill(self->fd[0]);
	EXPECT_EQ(0, events_of(epoll, 0));
	/* An epoll is readable when it has something to tell. */
	EXPECT_TRUE(drain_until(self->fd[1], epoll, POLLIN));
	EXPECT_EQ(EPOLLOUT, events_of(epoll, 0));
}

TEST_F(poll, oneshot_epoll_tells_once)
{
	struct epoll_event again = { .events = EPOLLIN | EPOLLONESHOT };
	int epoll;

	CONNECT_PAIR();
	epoll = watch(self->fd[1], EPOLLONESHOT);
	EXPECT_EQ(EPOLLOUT, events_of(epoll, PATIENCE_MS));
	ASSERT_TRUE(stream_write(self->fd[0], 10, 0));
	ASSERT_TRUE(polls(self->fd[1], POLLIN | POLLOUT));
	EXPECT_EQ(0, events_of(epoll, 0));
	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_MOD, self->fd[1], &again));
	EXPECT_EQ(EPOLLIN, events_of(epoll, PATIENCE_MS));
}

TEST_F(poll, closed_socket_leaves_the_epoll)
{
	int epoll;

	CONNECT_PAIR();
	epoll = watch(self->fd[1], 0);
	EXPECT_EQ(EPOLLOUT, events_of(epoll, PATIENCE_MS));
	ASSERT_EQ(0, close(self->fd[1]));
	EXPECT_EQ(0, events_of(epoll, 0));
}

TEST_F(poll, accept_loop_on_an_edge_triggered_listener)
{
	int listener = test_listen(variant->family, 4000, 8), epoll, i;

	set_nonblock(listener, true);
	epoll = watch(listener, EPOLLET);
	for (i = 0; i < 3; i++)
		ASSERT_LE(0, test_connect(variant->family, 4000));
	EXPECT_EQ(EPOLLIN, events_of(epoll, PATIENCE_MS));
	for (i = 0; i < 3; i++)
		EXPECT_LE(0, accept(listener, NULL, NULL));
	EXPECT_ERRNO(EAGAIN, accept(listener, NULL, NULL));
	/* The queue is empty: the next one is news again. */
	events_of(epoll, 0);
	ASSERT_LE(0, test_connect(variant->family, 4000));
	EXPECT_EQ(EPOLLIN, events_of(epoll, PATIENCE_MS));
}

TEST_MAIN
