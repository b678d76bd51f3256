// SPDX-License-Identifier: GPL-2.0
/*
 * Connections whose program has left: how many there may be, and what becomes
 * of them. SO_LINGER and TCP_LINGER2, socket(7) and tcp(7).
 */
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>

#include "harness.h"

FIXTURE_NETNS(orphan);

static void fill(int fd)
{
	set_nonblock(fd, true);
	while (write(fd, "0123456789abcdef", 16) > 0)
		;
	set_nonblock(fd, false);
}

static void set_linger(int fd, int on, int seconds)
{
	struct linger linger = { .l_onoff = on, .l_linger = seconds };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

static int set_linger2(int fd, int seconds)
{
	return setsockopt(fd, SOL_TCP, TCP_LINGER2, &seconds, sizeof(seconds));
}

static int closing(int family)
{
	return proc_count(family, ST_FIN_WAIT_1) +
	       proc_count(family, ST_FIN_WAIT_2);
}

static bool count_is(int family, unsigned int state, int count)
{
	return WAIT_FOR(proc_count(family, state) == count, PATIENCE_MS);
}

#define PAIRS 6

/* How many there may be */

TEST_F(orphan, orphans_above_the_limit_are_reset)
{
	int fd[PAIRS][2], i;

	ATCP_ONLY(); /* TCP's limit is one for all namespaces. */
	for (i = 0; i < PAIRS; i++) {
		ASSERT_EQ(0, test_pair(variant->family, fd[i]));
		fill(fd[i][0]);
	}
	ASSERT_EQ(0, sysctl_write("max_orphans", "2"));
	for (i = 0; i < PAIRS; i++)
		ASSERT_EQ(0, close(fd[i][0]));
	EXPECT_EQ(2, proc_count(variant->family, ST_FIN_WAIT_1));
	EXPECT_EQ(PAIRS - 2, (int)counter_read("AbortOnMemory"));
	/* The first ones live, the others' peers know that theirs do not. */
	EXPECT_EQ(0, so_error(fd[0][1]));
	EXPECT_EQ(0, so_error(fd[1][1]));
	for (i = 2; i < PAIRS; i++)
		EXPECT_EQ(ECONNRESET, so_error(fd[i][1]));
}

TEST_F(orphan, orphan_that_ends_makes_room_for_another)
{
	int fd[2], round;

	ATCP_ONLY();
	ASSERT_EQ(0, sysctl_write("max_orphans", "1"));
	for (round = 0; round < 5; round++) {
		ASSERT_EQ(0, test_pair(variant->family, fd));
		ASSERT_EQ(0, close(fd[0]));
		ASSERT_TRUE(poll_for(fd[1], POLLRDHUP));
		ASSERT_EQ(0, close(fd[1]));
		/* TIME-WAIT is no orphan. */
		ASSERT_TRUE(count_is(variant->family, ST_TIME_WAIT, round + 1));
	}
	EXPECT_EQ(0, (int)counter_read("AbortOnMemory"));
}

TEST_F(orphan, with_no_orphans_allowed_close_resets_what_is_not_over)
{
	char byte;

	ATCP_ONLY();
	CONNECT_PAIR();
	ASSERT_EQ(0, sysctl_write("max_orphans", "0"));
	/* The peer closed first: nothing is left but a FIN to be acknowledged. */
	ASSERT_TRUE(stream_write(self->fd[0], 100, 0));
	fill(self->fd[0]);
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_TRUE(stream_read(self->fd[1], 100, 0));
	while (read(self->fd[1], &byte, 1) > 0)
		;
	EXPECT_EQ(ECONNRESET, errno);
}

TEST_F(orphan, limit_has_a_default_and_a_range)
{
	ATCP_ONLY();
	EXPECT_LT(0, sysctl_read_long("max_orphans"));
	EXPECT_EQ(-EINVAL, sysctl_write("max_orphans", "-1"));
}

/* How long they may last */

TEST_F(orphan, negative_linger2_leaves_no_fin_wait_2)
{
	char byte;

	CONNECT_PAIR();
	ASSERT_EQ(0, set_linger2(self->fd[0], -1));
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	ASSERT_TRUE(poll_for(self->fd[1], POLLRDHUP));
	ASSERT_TRUE(count_is(variant->family, ST_FIN_WAIT_2, 1));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_TRUE(count_is(variant->family, ST_FIN_WAIT_2, 0));
	EXPECT_ERRNO(EPIPE, send(self->fd[1], "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(0, read(self->fd[1], &byte, 1));
	if (test_is_atcp())
		EXPECT_EQ(1, (int)counter_read("AbortOnLinger"));
}

TEST_F(orphan, negative_linger2_ends_it_when_the_fin_is_acknowledged)
{
	CONNECT_PAIR();
	ASSERT_EQ(0, set_linger2(self->fd[0], -1));
	ASSERT_EQ(0, close(self->fd[0]));
	ASSERT_TRUE(poll_for(self->fd[1], POLLRDHUP));
	EXPECT_TRUE(WAIT_FOR(!closing(variant->family), PATIENCE_MS));
}

TEST_F(orphan, linger2_bounds_fin_wait_2)
{
	uint64_t start;

	CONNECT_PAIR();
	ASSERT_EQ(0, set_linger2(self->fd[0], 1));
	ASSERT_EQ(0, close(self->fd[0]));
	start = now_us();
	ASSERT_TRUE(count_is(variant->family, ST_FIN_WAIT_2, 1));
	EXPECT_TRUE(count_is(variant->family, ST_FIN_WAIT_2, 0));
	EXPECT_LE(900 * 1000, (int)(now_us() - start));
}

/* SO_LINGER */

TEST_F(orphan, linger_is_over_when_the_peer_has_all)
{
	uint64_t start;
	pid_t child;

	CONNECT_PAIR();
	fill(self->fd[0]);
	child = fork();
	if (!child) {
		char buf[4096];

		close(self->fd[0]);
		usleep(100 * 1000);
		while (read(self->fd[1], buf, sizeof(buf)) > 0)
			;
		/* Only its ACK is waited for, not the peer's own FIN. */
		pause();
	}
	close(self->fd[1]);
	/* By then the child has closed its copy. */
	usleep(10 * 1000);
	set_linger(self->fd[0], 1, 20);
	start = now_us();
	EXPECT_EQ(0, close(self->fd[0]));
	EXPECT_LE(40 * 1000, (int)(now_us() - start));
	EXPECT_GT(10 * 1000 * 1000, (int)(now_us() - start));
	kill(child, SIGKILL);
}

TEST_F(orphan, lingering_connection_goes_on_when_the_time_is_over)
{
	CONNECT_PAIR();
	fill(self->fd[0]);
	set_linger(self->fd[0], 1, 1);
	EXPECT_EQ(0, close(self->fd[0]));
	EXPECT_EQ(1, proc_count(variant->family, ST_FIN_WAIT_1));
}

static void on_signal(int sig)
{
	(void)sig;
}

TEST_F(orphan, signal_ends_the_lingering)
{
	struct sigaction action = { .sa_handler = on_signal };
	uint64_t start = now_us();
	pid_t child, parent = getpid();

	CONNECT_PAIR();
	fill(self->fd[0]);
	set_linger(self->fd[0], 1, 20);
	sigaction(SIGUSR1, &action, NULL);
	child = fork();
	if (!child) {
		/* Or its copy would keep it open. */
		close(self->fd[0]);
		while (!kill(parent, SIGUSR1))
			usleep(20 * 1000);
	}
	usleep(10 * 1000);
	EXPECT_EQ(0, close(self->fd[0]));
	kill(child, SIGKILL);
	EXPECT_GT(10 * 1000 * 1000, (int)(now_us() - start));
	EXPECT_EQ(1, proc_count(variant->family, ST_FIN_WAIT_1));
}

TEST_F(orphan, linger_without_a_connection_does_not_wait)
{
	uint64_t start = now_us();
	int fd = test_socket(variant->family, 0);

	set_linger(fd, 1, 20);
	EXPECT_EQ(0, close(fd));
	fd = test_listen(variant->family, 4000, 1);
	set_linger(fd, 1, 20);
	EXPECT_EQ(0, close(fd));
	EXPECT_GT(10 * 1000 * 1000, (int)(now_us() - start));
}

TEST_F(orphan, linger_switched_off_again_closes_as_usual)
{
	char byte;

	CONNECT_PAIR();
	set_linger(self->fd[0], 1, 0);
	set_linger(self->fd[0], 0, 0);
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_EQ(0, read(self->fd[1], &byte, 1));
}

/* Whatever SO_LINGER says, data that nobody read is told with a RST. */
TEST_F(orphan, unread_data_resets_in_spite_of_linger)
{
	uint64_t start = now_us();
	char byte;

	CONNECT_PAIR();
	set_linger(self->fd[0], 1, 20);
	ASSERT_TRUE(stream_write(self->fd[1], 1, 0));
	ASSERT_TRUE(poll_for(self->fd[0], POLLIN));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_ERRNO(ECONNRESET, read(self->fd[1], &byte, 1));
	EXPECT_GT(10 * 1000 * 1000, (int)(now_us() - start));
}

/* shutdown() is no close(): nothing is told with a RST. */
TEST_F(orphan, linger_0_does_not_make_shutdown_a_reset)
{
	char byte;

	CONNECT_PAIR();
	set_linger(self->fd[0], 1, 0);
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_RDWR));
	EXPECT_EQ(0, read(self->fd[1], &byte, 1));
}

TEST_MAIN
