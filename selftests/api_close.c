// SPDX-License-Identifier: GPL-2.0
/* The end, as a program sees it: shutdown(2), close(2), SO_LINGER, EPIPE. */
#include <errno.h>
#include <poll.h>
#include <signal.h>

#include "harness.h"

FIXTURE_NETNS(close);

/* Keeps SIGPIPE pending where it can be seen, instead of dying of it. */
static void hold_sigpipe(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static bool sigpipe_came(void)
{
	sigset_t set;

	return !sigpending(&set) && sigismember(&set, SIGPIPE);
}

static void set_linger(int fd, int seconds)
{
	struct linger linger = { .l_onoff = 1, .l_linger = seconds };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/* shutdown() */

TEST_F(close, shut_wr_ends_the_stream_but_not_the_other_one)
{
	char byte;

	CONNECT_PAIR();
	ASSERT_TRUE(stream_write(self->fd[0], 100, 0));
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	EXPECT_TRUE(stream_read(self->fd[1], 100, 0));
	EXPECT_EQ(0, read(self->fd[1], &byte, 1));
	EXPECT_EQ(0, read(self->fd[1], &byte, 1));
	EXPECT_TRUE(stream_write(self->fd[1], 100, 0));
	EXPECT_TRUE(stream_read(self->fd[0], 100, 0));
}

TEST_F(close, shut_rd_reads_what_is_there_and_then_the_end)
{
	char byte;

	CONNECT_PAIR();
	ASSERT_TRUE(stream_write(self->fd[1], 100, 0));
	ASSERT_TRUE(poll_for(self->fd[0], POLLIN));
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_RD));
	EXPECT_TRUE(stream_read(self->fd[0], 100, 0));
	EXPECT_EQ(0, read(self->fd[0], &byte, 1));
	/* The peer is not told, and the other way is open. */
	EXPECT_EQ(POLLOUT, poll_now(self->fd[1]));
	EXPECT_TRUE(stream_write(self->fd[0], 100, 0));
	EXPECT_TRUE(stream_read(self->fd[1], 100, 0));
}

TEST_F(close, shut_rdwr_ends_both)
{
	char byte;

	CONNECT_PAIR();
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_RDWR));
	EXPECT_EQ(0, read(self->fd[0], &byte, 1));
	EXPECT_ERRNO(EPIPE, send(self->fd[0], "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(0, read(self->fd[1], &byte, 1));
}

TEST_F(close, shut_wr_twice_is_good)
{
	CONNECT_PAIR();
	EXPECT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	EXPECT_EQ(0, shutdown(self->fd[0], SHUT_WR));
}

TEST_F(close, shutdown_of_something_else_is_einval)
{
	CONNECT_PAIR();
	EXPECT_ERRNO(EINVAL, shutdown(self->fd[0], 3));
	EXPECT_ERRNO(EINVAL, shutdown(self->fd[0], -1));
}

TEST_F(close, shutdown_without_a_connection_is_enotconn)
{
	EXPECT_ERRNO(ENOTCONN,
		     shutdown(test_socket(variant->family, 0), SHUT_RDWR));
}

TEST_F(close, shutdown_wakes_a_reader)
{
	int status;
	pid_t child;
	char byte;

	CONNECT_PAIR();
	child = fork();
	if (!child) {
		usleep(50 * 1000);
		_exit(shutdown(self->fd[0], SHUT_RD));
	}
	EXPECT_EQ(0, read(self->fd[0], &byte, 1));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
}

/* SIGPIPE and EPIPE */

TEST_F(close, write_after_shut_wr_is_epipe_and_sigpipe)
{
	CONNECT_PAIR();
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	hold_sigpipe();
	EXPECT_ERRNO(EPIPE, write(self->fd[0], "x", 1));
	EXPECT_TRUE(sigpipe_came());
}

TEST_F(close, nosignal_spares_the_signal)
{
	CONNECT_PAIR();
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	hold_sigpipe();
	EXPECT_ERRNO(EPIPE, send(self->fd[0], "x", 1, MSG_NOSIGNAL));
	EXPECT_FALSE(sigpipe_came());
}

TEST_F(close, write_to_a_peer_that_is_gone_is_epipe_in_the_end)
{
	CONNECT_PAIR();
	ASSERT_EQ(0, close(self->fd[1]));
	ASSERT_TRUE(poll_for(self->fd[0], POLLRDHUP));
	/* It may have shut down only one half: this must be tried. */
	EXPECT_EQ(1, write(self->fd[0], "x", 1));
	ASSERT_TRUE(poll_for(self->fd[0], POLLERR));
	EXPECT_ERRNO(EPIPE, write(self->fd[0], "x", 1));
}

/* close() */

TEST_F(close, close_delivers_what_was_written)
{
	char byte;

	CONNECT_PAIR();
	ASSERT_TRUE(stream_write(self->fd[0], 60000, 0));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_TRUE(stream_read(self->fd[1], 60000, 0));
	EXPECT_EQ(0, read(self->fd[1], &byte, 1));
}

TEST_F(close, close_with_unread_data_resets_the_peer)
{
	char byte;

	CONNECT_PAIR();
	ASSERT_TRUE(stream_write(self->fd[1], 1, 0));
	ASSERT_TRUE(poll_for(self->fd[0], POLLIN));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_ERRNO(ECONNRESET, read(self->fd[1], &byte, 1));
	EXPECT_EQ(0, proc_count(variant->family, ST_TIME_WAIT));
}

TEST_F(close, linger_0_resets_the_peer)
{
	char byte;

	CONNECT_PAIR();
	set_linger(self->fd[0], 0);
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_ERRNO(ECONNRESET, read(self->fd[1], &byte, 1));
	EXPECT_EQ(0, read(self->fd[1], &byte, 1));
	EXPECT_EQ(0, proc_count(variant->family, ST_TIME_WAIT));
}

TEST_F(close, reset_peer_breaks_its_pipe_once_it_knows)
{
	CONNECT_PAIR();
	set_linger(self->fd[0], 0);
	ASSERT_EQ(0, close(self->fd[0]));
	ASSERT_TRUE(poll_for(self->fd[1], POLLERR));
	EXPECT_ERRNO(ECONNRESET, write(self->fd[1], "x", 1));
	EXPECT_ERRNO(EPIPE, write(self->fd[1], "x", 1));
}

TEST_F(close, linger_returns_at_once_when_all_was_delivered)
{
	uint64_t start = now_us();

	CONNECT_PAIR();
	ASSERT_TRUE(stream_write(self->fd[0], 1000, 0));
	ASSERT_TRUE(stream_read(self->fd[1], 1000, 0));
	ASSERT_EQ(0, close(self->fd[1]));
	ASSERT_TRUE(poll_for(self->fd[0], POLLRDHUP));
	set_linger(self->fd[0], 20);
	EXPECT_EQ(0, close(self->fd[0]));
	EXPECT_GT(10 * 1000 * 1000, (int)(now_us() - start));
}

TEST_F(close, linger_waits_for_what_cannot_be_delivered)
{
	uint64_t start;

	CONNECT_PAIR();
	set_nonblock(self->fd[0], true);
	while (write(self->fd[0], "0123456789abcdef", 16) > 0)
		;
	set_nonblock(self->fd[0], false);
	set_linger(self->fd[0], 1);
	start = now_us();
	EXPECT_EQ(0, close(self->fd[0]));
	EXPECT_LE(950 * 1000, (int)(now_us() - start));
}

/* What is left of it */

static bool gets_to(int family, uint16_t lport, uint16_t rport,
		    unsigned int state)
{
	return WAIT_FOR(proc_state(family, lport, rport) == state, PATIENCE_MS);
}

TEST_F(close, who_closes_first_waits_and_who_closes_last_is_gone)
{
	int family = variant->family;
	uint16_t first, last;

	CONNECT_PAIR();
	first = test_sockport(self->fd[0]);
	last = test_sockport(self->fd[1]);
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_TRUE(gets_to(family, last, first, ST_CLOSE_WAIT));
	EXPECT_TRUE(gets_to(family, first, last, ST_FIN_WAIT_2));
	ASSERT_EQ(0, close(self->fd[1]));
	EXPECT_TRUE(gets_to(family, last, first, ST_GONE));
	EXPECT_TRUE(gets_to(family, first, last, ST_TIME_WAIT));
}

TEST_F(close, a_dead_program_closes_its_connections)
{
	pid_t child;
	char byte;

	CONNECT_PAIR();
	child = fork();
	if (!child) {
		close(self->fd[1]);
		write(self->fd[0], "x", 1);
		pause();
	}
	close(self->fd[0]);
	EXPECT_EQ(1, read(self->fd[1], &byte, 1));
	EXPECT_EQ(POLLOUT, poll_now(self->fd[1]));
	kill(child, SIGKILL);
	EXPECT_EQ(0, read(self->fd[1], &byte, 1));
}

/* The network goes away under connections in every state. */
TEST_F(close, namespace_may_end_with_connections_in_every_state)
{
	int listener = test_listen(variant->family, 4000, 8);
	int fd[3], peer[3], i;

	ASSERT_LE(0, listener);
	for (i = 0; i < 3; i++) {
		fd[i] = test_connect(variant->family, 4000);
		peer[i] = accept(listener, NULL, NULL);
		ASSERT_LE(0, peer[i]);
	}
	/* FIN-WAIT-2 and CLOSE-WAIT, TIME-WAIT, FIN-WAIT-1 with data. */
	ASSERT_EQ(0, close(fd[0]));
	ASSERT_EQ(0, close(fd[1]));
	ASSERT_EQ(0, close(peer[1]));
	set_nonblock(fd[2], true);
	while (write(fd[2], "0123456789abcdef", 16) > 0)
		;
	ASSERT_EQ(0, close(fd[2]));
	ASSERT_TRUE(WAIT_FOR(proc_count(variant->family, ST_TIME_WAIT) == 1,
			     PATIENCE_MS));
	EXPECT_EQ(1, proc_count(variant->family, ST_FIN_WAIT_1));
	/* What became of all this, the VM's check of the slab caches tells. */
	ASSERT_EQ(0, test_netns());
	EXPECT_EQ(0, proc_count(variant->family, ST_FIN_WAIT_1));
	EXPECT_LE(0, test_listen(variant->family, 4000, 1));
}

TEST_MAIN
