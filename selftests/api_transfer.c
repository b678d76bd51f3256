// SPDX-License-Identifier: GPL-2.0
/*
 * Much of it: large transfers in odd pieces, both ways at once, from and to
 * files and pipes, many connections, shared ones, interrupted ones.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>

#include "harness.h"

FIXTURE_NETNS(transfer);

#define MUCH (4 << 20)

struct flow {
	int fd;
	size_t total;
	size_t piece; /* how much a call handles; it changes as it goes */
	bool ok;
};

static size_t next_piece(const struct flow *f, size_t done)
{
	/* Odd sizes, from a byte to more than a segment can hold. */
	size_t piece = 1 + (done * 7919 + f->piece) % (2 * f->piece);

	return piece < f->total - done ? piece : f->total - done;
}

static void *write_flow(void *arg)
{
	struct flow *f = arg;
	size_t done, n;

	f->ok = true;
	for (done = 0; f->ok && done < f->total; done += n) {
		n = next_piece(f, done);
		f->ok = stream_write(f->fd, n, done);
	}
	return NULL;
}

static void *read_flow(void *arg)
{
	struct flow *f = arg;
	size_t done, n;

	f->ok = true;
	for (done = 0; f->ok && done < f->total; done += n) {
		n = next_piece(f, done);
		f->ok = stream_read(f->fd, n, done);
	}
	return NULL;
}

/* @total bytes each way at once; the sizes of the calls differ everywhere. */
static bool both_ways(int fd[2], size_t total)
{
	struct flow flows[] = {
		{ fd[0], total, 70001, false },
		{ fd[1], total, 333, false },
		{ fd[0], total, 5003, false },
		{ fd[1], total, 60013, false },
	};
	pthread_t threads[4];
	bool ok = true;
	int i;

	for (i = 0; i < 4; i++) {
		if (pthread_create(&threads[i], NULL,
				   i < 2 ? write_flow : read_flow, &flows[i]))
			return false;
	}
	for (i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		ok = ok && flows[i].ok;
	}
	return ok;
}

TEST_F(transfer, megabytes_both_ways_at_once)
{
	CONNECT_PAIR();
	EXPECT_TRUE(both_ways(self->fd, MUCH));
}

TEST_F(transfer, small_buffers)
{
	int size = 4096, i;

	CONNECT_PAIR();
	for (i = 0; i < 2; i++) {
		setsockopt(self->fd[i], SOL_SOCKET, SO_SNDBUF, &size, 4);
		setsockopt(self->fd[i], SOL_SOCKET, SO_RCVBUF, &size, 4);
	}
	EXPECT_TRUE(both_ways(self->fd, MUCH / 64));
}

/* lo carries buffers of 64 KB; what cannot be cut later must be cut here. */
TEST_F(transfer, small_mtu_without_offload)
{
	ASSERT_EQ(0, system("ip link set lo mtu 1280"));
	ASSERT_EQ(0, system("ethtool -K lo tso off gso off gro off"));
	CONNECT_PAIR();
	EXPECT_TRUE(both_ways(self->fd, MUCH / 4));
}

#define NETEM "netem limit 1000 delay 2ms 1ms loss 3% duplicate 1%"

/* RFC 9293 section 3.10.7.4, and MUST-18 to MUST-20, for a whole stream. */
TEST_F(transfer, a_path_that_loses_and_reorders)
{
	ASSERT_EQ(0, system("ip link set lo mtu 1500"));
	ASSERT_EQ(0, system("tc qdisc add dev lo root " NETEM));
	CONNECT_PAIR();
	EXPECT_TRUE(both_ways(self->fd, 300000));
}

/* Files and pipes */

static int file_of(size_t len)
{
	int fd = memfd_create("stream", 0);
	uint8_t *map;

	if (fd < 0 || ftruncate(fd, len))
		return -1;
	map = mmap(NULL, len, PROT_WRITE, MAP_SHARED, fd, 0);
	stream_fill(map, len, 0);
	munmap(map, len);
	return fd;
}

TEST_F(transfer, sendfile_sends_a_file)
{
	struct flow reader = { .total = 1000003, .piece = 30011 };
	int file = file_of(1000003);
	pthread_t thread;
	off_t offset = 0;

	CONNECT_PAIR();
	reader.fd = self->fd[1];
	ASSERT_EQ(0, pthread_create(&thread, NULL, read_flow, &reader));
	while (offset < 1000003) {
		if (sendfile(self->fd[0], file, &offset, 400009) <= 0)
			break;
	}
	EXPECT_EQ(1000003, offset);
	ASSERT_EQ(0, close(self->fd[0]));
	pthread_join(thread, NULL);
	EXPECT_TRUE(reader.ok);
}

TEST_F(transfer, splice_in_from_a_pipe)
{
	int pipes[2];

	CONNECT_PAIR();
	ASSERT_EQ(0, pipe(pipes));
	ASSERT_TRUE(stream_write(pipes[1], 10000, 0));
	EXPECT_EQ(10000, splice(pipes[0], NULL, self->fd[0], NULL, 20000, 0));
	EXPECT_TRUE(stream_read(self->fd[1], 10000, 0));
}

TEST_F(transfer, splice_out_to_a_pipe)
{
	int pipes[2], done = 0;
	ssize_t n;

	CONNECT_PAIR();
	ASSERT_EQ(0, pipe(pipes));
	ASSERT_TRUE(stream_write(self->fd[0], 10000, 0));
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	for (;;) {
		n = splice(self->fd[1], NULL, pipes[1], NULL, 3001, 0);
		if (n <= 0)
			break;
		ASSERT_TRUE(stream_read(pipes[0], n, done));
		done += n;
	}
	EXPECT_EQ(0, n);
	EXPECT_EQ(10000, done);
}

TEST_F(transfer, nonblocking_splice_out_of_nothing_is_eagain)
{
	int pipes[2];

	CONNECT_PAIR();
	ASSERT_EQ(0, pipe(pipes));
	set_nonblock(self->fd[1], true);
	EXPECT_ERRNO(EAGAIN, splice(self->fd[1], NULL, pipes[1], NULL, 1, 0));
}

/* Many */

#define MANY 200

TEST_F(transfer, many_connections_at_once)
{
	int listener = test_listen(variant->family, 4000, MANY), i;
	struct rlimit files = { 1024, 1024 };
	int client[MANY], server[MANY];

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	for (i = 0; i < MANY; i++) {
		client[i] = test_connect(variant->family, 4000);
		ASSERT_LE(0, client[i]);
		server[i] = accept(listener, NULL, NULL);
		ASSERT_LE(0, server[i]);
	}
	EXPECT_EQ(2 * MANY, proc_count(variant->family, ST_ESTABLISHED));
	/* Each gets its own bytes, whatever the order. */
	for (i = 0; i < MANY; i++)
		ASSERT_TRUE(stream_write(client[i], 10, i));
	for (i = MANY - 1; i >= 0; i--)
		ASSERT_TRUE(stream_read(server[i], 10, i));
	for (i = 0; i < MANY; i++) {
		ASSERT_EQ(0, close(client[i]));
		ASSERT_EQ(0, close(server[i]));
	}
	EXPECT_TRUE(WAIT_FOR(proc_count(variant->family, ST_TIME_WAIT) == MANY,
			     PATIENCE_MS));
}

TEST_F(transfer, many_connections_one_after_the_other)
{
	int listener = test_listen(variant->family, 4000, 1), i;
	int client, server;

	for (i = 0; i < MANY; i++) {
		client = test_connect(variant->family, 4000);
		ASSERT_LE(0, client);
		server = accept(listener, NULL, NULL);
		ASSERT_LE(0, server);
		ASSERT_TRUE(stream_write(client, 10, 0));
		ASSERT_TRUE(stream_read(server, 10, 0));
		ASSERT_EQ(0, close(client));
		ASSERT_EQ(0, close(server));
	}
}

/* Shared and interrupted */

TEST_F(transfer, connection_lives_until_its_last_owner_closes_it)
{
	int status;
	pid_t child;
	char byte;

	CONNECT_PAIR();
	child = fork();
	if (!child) {
		/* Writes after the parent has closed its copy. */
		close(self->fd[1]);
		while (poll_now(self->fd[0]) == POLLOUT)
			wait_tick();
		_exit(!stream_read(self->fd[0], 1, 0) ||
		      !stream_write(self->fd[0], 100, 0));
	}
	ASSERT_EQ(0, close(self->fd[0]));
	ASSERT_TRUE(stream_write(self->fd[1], 1, 0));
	EXPECT_TRUE(stream_read(self->fd[1], 100, 0));
	EXPECT_EQ(0, read(self->fd[1], &byte, 1));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(transfer, several_writers_share_one_connection)
{
	int i, status, seen[4] = { 0 };
	uint8_t buf[4000];
	size_t done = 0;

	CONNECT_PAIR();
	for (i = 0; i < 4; i++) {
		if (fork())
			continue;
		memset(buf, i, 1000);
		_exit(write(self->fd[0], buf, 1000) != 1000);
	}
	while (done < sizeof(buf)) {
		ssize_t n = read(self->fd[1], buf, sizeof(buf) - done);

		ASSERT_LT(0, n);
		done += n;
		while (n--)
			seen[buf[n] & 3]++;
	}
	for (i = 0; i < 4; i++) {
		EXPECT_EQ(1000, seen[i]);
		ASSERT_LT(0, wait(&status));
		EXPECT_EQ(0, status);
	}
}

static void on_signal(int sig)
{
	(void)sig;
}

/* Sends SIGUSR1 every 10 ms until the test is over. */
static pid_t disturb(int flags)
{
	struct sigaction action = { .sa_handler = on_signal,
				    .sa_flags = flags };
	pid_t parent = getpid(), child;

	sigaction(SIGUSR1, &action, NULL);
	child = fork();
	while (!child && !kill(parent, SIGUSR1))
		usleep(10 * 1000);
	return child;
}

TEST_F(transfer, signal_interrupts_a_read)
{
	pid_t child;
	char byte;

	CONNECT_PAIR();
	child = disturb(0);
	EXPECT_ERRNO(EINTR, read(self->fd[1], &byte, 1));
	kill(child, SIGKILL);
}

TEST_F(transfer, signal_interrupts_an_accept)
{
	int listener = test_listen(variant->family, 4000, 1);
	pid_t child = disturb(0);

	EXPECT_ERRNO(EINTR, accept(listener, NULL, NULL));
	kill(child, SIGKILL);
}

TEST_F(transfer, restarted_read_does_not_notice)
{
	pid_t child, writer;

	CONNECT_PAIR();
	child = disturb(SA_RESTART);
	writer = fork();
	if (!writer) {
		usleep(100 * 1000);
		_exit(!stream_write(self->fd[0], 100, 0));
	}
	EXPECT_TRUE(stream_read(self->fd[1], 100, 0));
	kill(child, SIGKILL);
}

TEST_F(transfer, signals_do_not_tear_a_stream)
{
	pid_t child;

	CONNECT_PAIR();
	child = disturb(SA_RESTART);
	EXPECT_TRUE(both_ways(self->fd, MUCH / 16));
	kill(child, SIGKILL);
}

TEST_MAIN
