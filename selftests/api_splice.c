// SPDX-License-Identifier: GPL-2.0
/* Octets that pass no buffer of the program's: splice(2), sendfile(2), tee(2). */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <linux/sockios.h>

#include "harness.h"

FIXTURE_NETNS(splice);

#define MUCH 1000000

/* A file in memory with @len octets of the stream. */
static int stream_file(size_t len)
{
	int fd = memfd_create("stream", 0);

	if (fd < 0 || !stream_write(fd, len, 0) || lseek(fd, 0, SEEK_SET))
		return -1;
	return fd;
}

static bool file_holds(int fd, size_t len)
{
	return !lseek(fd, 0, SEEK_SET) && stream_read(fd, len, 0);
}

struct reader {
	int fd;
	size_t len;
};

static void *read_stream(void *arg)
{
	struct reader *r = arg;

	return stream_read(r->fd, r->len, 0) ? arg : NULL;
}

static void *write_stream(void *arg)
{
	struct reader *r = arg;

	return stream_write(r->fd, r->len, 0) ? arg : NULL;
}

static bool joined(pthread_t thread)
{
	void *result = NULL;

	return !pthread_join(thread, &result) && result;
}

static bool arrived(int fd, int bytes)
{
	int n;

	return WAIT_FOR(!ioctl(fd, SIOCINQ, &n) && n == bytes, PATIENCE_MS);
}

/* Into the socket */

TEST_F(splice, sendfile_sends_a_file)
{
	int file = stream_file(MUCH);
	struct reader r;
	pthread_t thread;
	off_t off = 0;
	ssize_t n;

	CONNECT_PAIR();
	r = (struct reader){ self->fd[1], MUCH };
	ASSERT_EQ(0, pthread_create(&thread, NULL, read_stream, &r));
	while (off < MUCH) {
		n = sendfile(self->fd[0], file, &off, MUCH - off);
		ASSERT_LT(0, n);
	}
	EXPECT_TRUE(joined(thread));
}

TEST_F(splice, sendfile_ends_with_the_file)
{
	int file = stream_file(1000);

	CONNECT_PAIR();
	EXPECT_EQ(1000, sendfile(self->fd[0], file, NULL, 5000));
	EXPECT_EQ(0, sendfile(self->fd[0], file, NULL, 5000));
	EXPECT_TRUE(stream_read(self->fd[1], 1000, 0));
}

TEST_F(splice, sendfile_from_an_odd_place)
{
	int file = stream_file(50000);
	off_t off = 4097;

	CONNECT_PAIR();
	EXPECT_EQ(20001, sendfile(self->fd[0], file, &off, 20001));
	EXPECT_EQ(24098, (int)off);
	EXPECT_TRUE(stream_read(self->fd[1], 20001, 4097));
}

TEST_F(splice, sendfile_and_send_keep_their_order)
{
	int file = stream_file(60000), i;

	CONNECT_PAIR();
	for (i = 0; i < 60000; i += 1500) {
		off_t off = i;

		ASSERT_EQ(1000, sendfile(self->fd[0], file, &off, 1000));
		ASSERT_TRUE(stream_write(self->fd[0], 500, i + 1000));
	}
	EXPECT_TRUE(stream_read(self->fd[1], 60000, 0));
}

/* A page may change once it is at the peer, and not be sent again. */
TEST_F(splice, sent_page_may_change_once_it_was_read)
{
	uint8_t page[4096];
	int file = stream_file(4096), round;

	CONNECT_PAIR();
	for (round = 0; round < 20; round++) {
		stream_fill(page, sizeof(page), round);
		ASSERT_EQ(4096, pwrite(file, page, sizeof(page), 0));
		ASSERT_EQ(0, lseek(file, 0, SEEK_SET));
		ASSERT_EQ(4096, sendfile(self->fd[0], file, NULL, 4096));
		ASSERT_TRUE(stream_read(self->fd[1], 4096, round));
	}
}

TEST_F(splice, nonblocking_sendfile_sends_what_fits)
{
	int file = stream_file(8 * MUCH);
	ssize_t n, total = 0;
	off_t off = 0;

	CONNECT_PAIR();
	set_nonblock(self->fd[0], true);
	while ((n = sendfile(self->fd[0], file, &off, 8 * MUCH - off)) > 0)
		total += n;
	EXPECT_EQ(-1, n);
	EXPECT_EQ(EAGAIN, errno);
	ASSERT_LT(0, total);
	EXPECT_EQ(total, off);
	EXPECT_TRUE(stream_read(self->fd[1], total, 0));
}

TEST_F(splice, sendfile_to_a_closed_end_is_epipe)
{
	int file = stream_file(1000);

	CONNECT_PAIR();
	signal(SIGPIPE, SIG_IGN);
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	EXPECT_ERRNO(EPIPE, sendfile(self->fd[0], file, NULL, 1000));
	EXPECT_ERRNO(EPIPE,
		     sendfile(test_socket(variant->family, 0), file, NULL, 9));
}

TEST_F(splice, pipe_is_spliced_into_a_socket)
{
	int pipe_fd[2];

	CONNECT_PAIR();
	ASSERT_EQ(0, pipe(pipe_fd));
	ASSERT_TRUE(stream_write(pipe_fd[1], 10000, 0));
	EXPECT_EQ(10000, splice(pipe_fd[0], NULL, self->fd[0], NULL, 65536, 0));
	EXPECT_TRUE(stream_read(self->fd[1], 10000, 0));
}

TEST_F(splice, gifted_pages_are_sent)
{
	char *pages = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct iovec iov = { pages, 16 * 4096 };
	int pipe_fd[2];
	ssize_t n;

	CONNECT_PAIR();
	ASSERT_EQ(0, pipe(pipe_fd));
	stream_fill(pages, iov.iov_len, 0);
	n = vmsplice(pipe_fd[1], &iov, 1, SPLICE_F_GIFT);
	ASSERT_LT(0, n);
	EXPECT_EQ(n, splice(pipe_fd[0], NULL, self->fd[0], NULL, n, 0));
	EXPECT_TRUE(stream_read(self->fd[1], n, 0));
}

/* What SPLICE_F_MORE holds back goes when the pipe's end is reached. */
TEST_F(splice, more_holds_back_and_the_rest_releases_it)
{
	int pipe_fd[2];

	CONNECT_PAIR();
	ASSERT_EQ(0, pipe(pipe_fd));
	ASSERT_TRUE(stream_write(pipe_fd[1], 100, 0));
	ASSERT_EQ(100, splice(pipe_fd[0], NULL, self->fd[0], NULL, 100,
			      SPLICE_F_MORE));
	usleep(20 * 1000);
	EXPECT_EQ(POLLOUT, poll_now(self->fd[1]));
	ASSERT_TRUE(stream_write(pipe_fd[1], 100, 100));
	ASSERT_EQ(100, splice(pipe_fd[0], NULL, self->fd[0], NULL, 100, 0));
	EXPECT_TRUE(stream_read(self->fd[1], 200, 0));
}

/* Out of the socket */

TEST_F(splice, socket_is_spliced_into_a_pipe)
{
	int pipe_fd[2];

	CONNECT_PAIR();
	ASSERT_EQ(0, pipe(pipe_fd));
	ASSERT_TRUE(stream_write(self->fd[0], 1000, 0));
	ASSERT_TRUE(arrived(self->fd[1], 1000));
	EXPECT_EQ(600, splice(self->fd[1], NULL, pipe_fd[1], NULL, 600, 0));
	EXPECT_TRUE(stream_read(pipe_fd[0], 600, 0));
	/* The rest is still the socket's. */
	EXPECT_EQ(400, splice(self->fd[1], NULL, pipe_fd[1], NULL, 999,
			      SPLICE_F_NONBLOCK));
	EXPECT_TRUE(stream_read(pipe_fd[0], 400, 600));
}

TEST_F(splice, socket_is_spliced_into_a_file)
{
	int file = memfd_create("copy", 0), pipe_fd[2];
	struct reader r;
	pthread_t thread;
	size_t done = 0;

	CONNECT_PAIR();
	ASSERT_EQ(0, pipe(pipe_fd));
	r = (struct reader){ self->fd[0], MUCH };
	ASSERT_EQ(0, pthread_create(&thread, NULL, write_stream, &r));
	while (done < MUCH) {
		ssize_t n = splice(self->fd[1], NULL, pipe_fd[1], NULL,
				   MUCH - done, SPLICE_F_MOVE);

		ASSERT_LT(0, n);
		done += n;
		while (n > 0) {
			ssize_t m = splice(pipe_fd[0], NULL, file, NULL, n, 0);

			ASSERT_LT(0, m);
			n -= m;
		}
	}
	EXPECT_TRUE(joined(thread));
	EXPECT_TRUE(file_holds(file, MUCH));
}

/* A proxy that never sees what it carries. */
TEST_F(splice, one_socket_is_spliced_into_another)
{
	struct reader from, to;
	pthread_t writer, reader;
	int other[2], pipe_fd[2];
	size_t done = 0;

	CONNECT_PAIR();
	ASSERT_EQ(0, test_pair(variant->family, other));
	ASSERT_EQ(0, pipe(pipe_fd));
	from = (struct reader){ self->fd[0], MUCH };
	to = (struct reader){ other[1], MUCH };
	ASSERT_EQ(0, pthread_create(&writer, NULL, write_stream, &from));
	ASSERT_EQ(0, pthread_create(&reader, NULL, read_stream, &to));
	while (done < MUCH) {
		ssize_t n = splice(self->fd[1], NULL, pipe_fd[1], NULL,
				   MUCH - done, SPLICE_F_MOVE);

		ASSERT_LT(0, n);
		done += n;
		while (n > 0) {
			ssize_t m = splice(pipe_fd[0], NULL, other[0], NULL, n,
					   SPLICE_F_MOVE);

			ASSERT_LT(0, m);
			n -= m;
		}
	}
	EXPECT_TRUE(joined(writer));
	EXPECT_TRUE(joined(reader));
}

TEST_F(splice, spliced_data_outlives_its_socket)
{
	int pipe_fd[2];

	CONNECT_PAIR();
	ASSERT_EQ(0, pipe(pipe_fd));
	ASSERT_TRUE(stream_write(self->fd[0], 5000, 0));
	ASSERT_TRUE(arrived(self->fd[1], 5000));
	ASSERT_EQ(5000, splice(self->fd[1], NULL, pipe_fd[1], NULL, 5000, 0));
	ASSERT_EQ(0, close(self->fd[1]));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_TRUE(stream_read(pipe_fd[0], 5000, 0));
}

static void *splice_from(void *arg)
{
	int *fds = arg;

	return splice(fds[0], NULL, fds[1], NULL, 100, 0) == 100 ? arg : NULL;
}

TEST_F(splice, splice_waits_for_data)
{
	int pipe_fd[2], fds[2];
	pthread_t thread;

	CONNECT_PAIR();
	ASSERT_EQ(0, pipe(pipe_fd));
	fds[0] = self->fd[1];
	fds[1] = pipe_fd[1];
	ASSERT_EQ(0, pthread_create(&thread, NULL, splice_from, fds));
	usleep(50 * 1000);
	ASSERT_TRUE(stream_write(self->fd[0], 100, 0));
	EXPECT_TRUE(joined(thread));
	EXPECT_TRUE(stream_read(pipe_fd[0], 100, 0));
}

TEST_F(splice, splice_ends_with_the_stream)
{
	int pipe_fd[2];

	CONNECT_PAIR();
	ASSERT_EQ(0, pipe(pipe_fd));
	ASSERT_TRUE(stream_write(self->fd[0], 100, 0));
	ASSERT_EQ(0, close(self->fd[0]));
	ASSERT_TRUE(poll_for(self->fd[1], POLLRDHUP));
	EXPECT_EQ(100, splice(self->fd[1], NULL, pipe_fd[1], NULL, 500, 0));
	EXPECT_EQ(0, splice(self->fd[1], NULL, pipe_fd[1], NULL, 500, 0));
}

TEST_F(splice, splice_without_data_or_connection_fails_as_read_does)
{
	struct linger now = { .l_onoff = 1 };
	int pipe_fd[2];

	CONNECT_PAIR();
	ASSERT_EQ(0, pipe(pipe_fd));
	set_nonblock(self->fd[1], true);
	EXPECT_ERRNO(EAGAIN,
		     splice(self->fd[1], NULL, pipe_fd[1], NULL, 500, 0));
	EXPECT_ERRNO(ENOTCONN, splice(test_socket(variant->family, 0), NULL,
				      pipe_fd[1], NULL, 500, 0));
	EXPECT_ERRNO(ENOTCONN, splice(test_listen(variant->family, 4000, 1),
				      NULL, pipe_fd[1], NULL, 500, 0));
	setsockopt(self->fd[0], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	ASSERT_EQ(0, close(self->fd[0]));
	ASSERT_TRUE(poll_for(self->fd[1], POLLERR));
	EXPECT_ERRNO(ECONNRESET,
		     splice(self->fd[1], NULL, pipe_fd[1], NULL, 500, 0));
}

TEST_F(splice, splice_stops_at_the_urgent_mark)
{
	int pipe_fd[2];

	CONNECT_PAIR();
	ASSERT_EQ(0, pipe(pipe_fd));
	ASSERT_TRUE(stream_write(self->fd[0], 100, 0));
	ASSERT_EQ(1, send(self->fd[0], "!", 1, MSG_OOB));
	ASSERT_TRUE(poll_for(self->fd[1], POLLPRI));
	EXPECT_EQ(100, splice(self->fd[1], NULL, pipe_fd[1], NULL, 500, 0));
	EXPECT_EQ(0, splice(self->fd[1], NULL, pipe_fd[1], NULL, 500, 0));
}

TEST_MAIN
