// SPDX-License-Identifier: GPL-2.0
/* Octets by every road: sendfile, splice, vectors, several processes. */
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "compare.h"

static char buf[70000];

static struct sockets in_state(const char *name)
{
	struct sockets s;

	if (!enter_state(&s, name) || set_nonblock(s.fd, true))
		fail_case("the state was not reached");
	if (s.peer >= 0)
		set_nonblock(s.peer, true);
	return s;
}

static int file_of(size_t len)
{
	int fd = memfd_create("compare", 0);

	stream_fill(buf, len, 0);
	if (write(fd, buf, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET))
		fail_case("memfd_create");
	return fd;
}

/* All that can be read now, and whether it is what was sent. */
static void note_stream(int fd)
{
	size_t total = 0;
	ssize_t n;

	settle();
	while ((n = read(fd, buf + total, sizeof(buf) - total)) > 0)
		total += n;
	did("the end", n);
	note("%zu octets, %s", total,
	     stream_check(buf, total, 0) ? "right" : "wrong");
}

SCENARIO(transfer, sendfile)
{
	struct sockets s = in_state("established");
	int file = file_of(60000), pipes[2];
	off_t offset = 30000;

	DO(sendfile(s.fd, file, NULL, 30000));
	DO(sendfile(s.fd, file, &offset, 30000));
	note("offset %ld, position %ld", (long)offset,
	     (long)lseek(file, 0, SEEK_CUR));
	DO(sendfile(s.fd, file, &offset, 30000));
	DO(sendfile(s.fd, file, &offset, 0));
	offset = -1;
	DO(sendfile(s.fd, file, &offset, 10));
	DO(sendfile(s.fd, s.peer, NULL, 10));
	if (!pipe(pipes))
		DO(sendfile(s.fd, pipes[0], NULL, 10));
	note_stream(s.peer);
	look("own", s.fd);
}

SCENARIO(transfer, sendfile_to_a_peer_that_is_gone)
{
	struct sockets s = in_state("peer_gone");
	int file = file_of(1000);

	DO(sendfile(s.fd, file, NULL, 1000));
	note_signals();
	DO(sendfile(s.fd, file, NULL, 1000));
	note_signals();
	note("position %ld", (long)lseek(file, 0, SEEK_CUR));
}

SCENARIO(transfer, splice_from_a_socket)
{
	struct sockets s = in_state("established");
	int pipes[2];
	off_t offset = 0;

	if (pipe(pipes))
		fail_case("pipe");
	DO(splice(s.fd, NULL, pipes[1], NULL, 100, 0));
	DO(splice(s.fd, NULL, pipes[1], NULL, 100, SPLICE_F_NONBLOCK));
	stream_fill(buf, 1000, 0);
	DO(write(s.peer, buf, 1000));
	settle();
	DO(splice(s.fd, &offset, pipes[1], NULL, 100, 0));
	DO(splice(s.fd, NULL, pipes[1], NULL, 100, SPLICE_F_NONBLOCK));
	DO(splice(s.fd, NULL, pipes[1], NULL, 5000, SPLICE_F_MOVE));
	DO(splice(s.fd, NULL, pipes[1], NULL, 0, 0));
	DO(read(pipes[0], buf, sizeof(buf)));
	note("%d", stream_check(buf, 1000, 0));
	shutdown(s.peer, SHUT_WR);
	settle();
	DO(splice(s.fd, NULL, pipes[1], NULL, 100, 0));
	DO(splice(s.fd, NULL, s.fd, NULL, 100, 0));
	DO(splice(s.fd, NULL, file_of(10), NULL, 100, 0));
}

SCENARIO(transfer, splice_into_a_full_pipe)
{
	struct sockets s = in_state("established");
	int pipes[2];

	if (pipe2(pipes, O_NONBLOCK) || fcntl(pipes[1], F_SETPIPE_SZ, 4096) < 0)
		fail_case("pipe");
	stream_fill(buf, 20000, 0);
	DO(write(s.peer, buf, 20000));
	DO(write(pipes[1], buf, 4096));
	settle();
	DO(splice(s.fd, NULL, pipes[1], NULL, 100, SPLICE_F_NONBLOCK));
	DO(read(pipes[0], buf, sizeof(buf)));
	note_stream(s.fd);
}

SCENARIO(transfer, splice_of_urgent_data)
{
	struct sockets s = in_state("urgent");
	int pipes[2];

	if (pipe2(pipes, O_NONBLOCK))
		fail_case("pipe");
	DO(splice(s.fd, NULL, pipes[1], NULL, 100, 0));
	got("read", read(pipes[0], buf, 100), buf);
	DO(splice(s.fd, NULL, pipes[1], NULL, 100, 0));
	got("read", read(pipes[0], buf, 100), buf);
	look("own", s.fd);
}

SCENARIO(transfer, splice_into_a_socket)
{
	struct sockets s = in_state("established");
	int pipes[2], twin[2];

	if (pipe(pipes) || pipe(twin))
		fail_case("pipe");
	stream_fill(buf, 20000, 0);
	DO(write(pipes[1], buf, 20000));
	DO(tee(pipes[0], twin[1], 20000, 0));
	DO(splice(pipes[0], NULL, s.fd, NULL, 20000, SPLICE_F_MORE));
	settle();
	DO(splice(pipes[0], NULL, s.fd, NULL, 10, SPLICE_F_NONBLOCK));
	note_stream(s.peer);
	DO(splice(twin[0], NULL, s.fd, NULL, 20000, 0));
	note_stream(s.peer);
}

SCENARIO(transfer, splice_to_a_peer_that_is_gone)
{
	struct sockets s = in_state("peer_gone");
	int pipes[2];

	if (pipe(pipes) || write(pipes[1], buf, 100) != 100)
		fail_case("pipe");
	DO(splice(pipes[0], NULL, s.fd, NULL, 100, 0));
	note_signals();
	DO(splice(pipes[0], NULL, s.fd, NULL, 100, 0));
	note_signals();
}

SCENARIO(transfer, memory_given_to_a_socket)
{
	struct sockets s = in_state("established");
	struct iovec iov = { buf, 20000 };
	int pipes[2];

	if (pipe(pipes))
		fail_case("pipe");
	stream_fill(buf, 20000, 0);
	DO(vmsplice(pipes[1], &iov, 1, 0));
	DO(splice(pipes[0], NULL, s.fd, NULL, 20000, 0));
	note_stream(s.peer);
}

static void note_arrival(int fd)
{
	int ms, inq = -1;

	/* It is said to take 200 ms. */
	for (ms = 100; ms <= 400; ms += 300) {
		usleep((ms > 100 ? 300 : 100) * 1000);
		ioctl(fd, SIOCINQ, &inq);
		note("after %d ms: %d", ms, inq);
	}
}

TIMED_SCENARIO(transfer, more_is_to_come)
{
	struct sockets s = in_state("established");

	DO(send(s.fd, "abc", 3, MSG_MORE));
	note_arrival(s.peer);
	DO(send(s.fd, "def", 3, MSG_MORE));
	DO(send(s.fd, "ghi", 3, 0));
	settle();
	got("read", read(s.peer, buf, 100), buf);
	DO(send(s.fd, "jkl", 3, MSG_MORE));
	DO(set_int(s.fd, SOL_TCP, TCP_NODELAY, 1));
	settle();
	got("read", read(s.peer, buf, 100), buf);
	DO(send(s.fd, "mno", 3, MSG_MORE));
	DO(shutdown(s.fd, SHUT_WR));
	settle();
	got("read", read(s.peer, buf, 100), buf);
}

TIMED_SCENARIO(transfer, corked)
{
	struct sockets s = in_state("established");

	DO(set_int(s.fd, SOL_TCP, TCP_CORK, 1));
	DO(write(s.fd, "abc", 3));
	DO(write(s.fd, "def", 3));
	note_arrival(s.peer);
	got("read", read(s.peer, buf, 100), buf);
	DO(write(s.fd, "ghi", 3));
	DO(set_int(s.fd, SOL_TCP, TCP_CORK, 0));
	settle();
	got("read", read(s.peer, buf, 100), buf);
	DO(set_int(s.fd, SOL_TCP, TCP_CORK, 1));
	DO(write(s.fd, "jkl", 3));
	DO(set_int(s.fd, SOL_TCP, TCP_NODELAY, 1));
	settle();
	got("read", read(s.peer, buf, 100), buf);
	DO(write(s.fd, "mno", 3));
	DO(close(s.fd));
	settle();
	got("read", read(s.peer, buf, 100), buf);
}

SCENARIO(transfer, nagle)
{
	struct sockets s = in_state("established");

	set_int(s.fd, SOL_TCP, TCP_NODELAY, 0);
	DO(write(s.fd, "abc", 3));
	DO(write(s.fd, "def", 3));
	/* It is released by the ACK of the first, however late that comes. */
	usleep(100 * 1000);
	got("read", read(s.peer, buf, 100), buf);
}

SCENARIO(transfer, vectors)
{
	struct iovec iov[3] = { { "one", 3 }, { NULL, 0 }, { "two", 3 } };
	struct iovec in[2] = { { buf, 2 }, { buf + 2, 100 } };
	static struct iovec many[1025];
	struct sockets s = in_state("established");
	int i;

	DO(writev(s.fd, iov, 3));
	DO(writev(s.fd, iov, 0));
	settle();
	got("readv", readv(s.peer, in, 2), buf);
	iov[2].iov_base = NOWHERE;
	DO(writev(s.fd, iov, 3));
	settle();
	got("readv", readv(s.peer, in, 2), buf);
	DO(write(s.fd, "12345678", 8));
	settle();
	in[1].iov_base = NOWHERE;
	DO(readv(s.peer, in, 2));
	DO(readv(s.peer, in, 2));
	note_stream(s.peer);
	for (i = 0; i < 1025; i++)
		many[i] = (struct iovec){ "x", 1 };
	DO(writev(s.fd, many, 1024));
	DO(writev(s.fd, many, 1025));
	settle();
	DO(read(s.peer, buf, sizeof(buf)));
}

/* A buffer whose second half is not there. */
SCENARIO(transfer, half_a_buffer)
{
	struct sockets s = in_state("established");
	char *half = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(half + 4096, 4096);
	stream_fill(half, 4096, 0);
	DO(write(s.fd, half + 4000, 200));
	settle();
	DO(read(s.peer, buf, 4096));
	DO(write(s.fd, half + 3096, 1000));
	DO(write(s.fd, half + 3096, 1000));
	settle();
	DO(read(s.peer, half + 4000, 2000));
	DO(read(s.peer, half + 4000, 2000));
	DO(read(s.peer, half, 2000));
	DO(read(s.peer, half, 2000));
	look("peer", s.peer);
}

SCENARIO(transfer, many_messages)
{
	struct sockets s = in_state("established");
	struct iovec out[3] = { { "one", 3 }, { "two", 3 }, { "three", 5 } };
	struct iovec in[3] = { { buf, 4 }, { buf + 4, 4 }, { buf + 8, 4 } };
	struct mmsghdr msgs[3];
	int i;

	memset(msgs, 0, sizeof(msgs));
	for (i = 0; i < 3; i++) {
		msgs[i].msg_hdr.msg_iov = &out[i];
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	DO(sendmmsg(s.fd, msgs, 3, 0));
	for (i = 0; i < 3; i++)
		note("%u", msgs[i].msg_len);
	settle();
	for (i = 0; i < 3; i++)
		msgs[i].msg_hdr.msg_iov = &in[i];
	DO(recvmmsg(s.peer, msgs, 3, MSG_WAITFORONE, NULL));
	for (i = 0; i < 3; i++)
		note("%u", msgs[i].msg_len);
	DO(recvmmsg(s.peer, msgs, 3, 0, NULL));
}

SCENARIO(transfer, peeking)
{
	struct sockets s = in_state("readable");

	got("peek 4", recv(s.fd, buf, 4, MSG_PEEK), buf);
	got("peek 100", recv(s.fd, buf, 100, MSG_PEEK), buf);
	did("trunc 4", recv(s.fd, buf, 4, MSG_PEEK | MSG_TRUNC));
	did("trunc 100", recv(s.fd, buf, 100, MSG_PEEK | MSG_TRUNC));
	did("trunc 4", recv(s.fd, NULL, 4, MSG_TRUNC));
	got("read", recv(s.fd, buf, 4, MSG_WAITALL), buf);
	DO(set_int(s.fd, SOL_SOCKET, SO_PEEK_OFF, 1));
	got("peek 4", recv(s.fd, buf, 4, MSG_PEEK), buf);
	got("peek 4", recv(s.fd, buf, 4, MSG_PEEK), buf);
}

static void note_control(int fd)
{
	char control[512];
	struct iovec iov = { buf, 100 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c;

	did("recvmsg", recvmsg(fd, &msg, 0));
	note("flags %x", msg.msg_flags);
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		note("level %d type %d length %zu", c->cmsg_level, c->cmsg_type,
		     c->cmsg_len);
}

SCENARIO(transfer, control_messages)
{
	static const struct {
		int level, option;
	} wanted[] = {
		{ SOL_SOCKET, SO_TIMESTAMP }, { SOL_SOCKET, SO_TIMESTAMPNS },
		{ SOL_SOCKET, SO_RXQ_OVFL },  { SOL_SOCKET, SO_PASSCRED },
		{ SOL_IP, IP_PKTINFO },	      { SOL_IP, IP_RECVTTL },
		{ SOL_IP, IP_RECVTOS },	      { SOL_TCP, 36 /* TCP_INQ */ },
	};
	struct sockets s = in_state("established");
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(wanted); i++) {
		did("set", set_int(s.fd, wanted[i].level, wanted[i].option, 1));
		DO(write(s.peer, "12345", 5));
		settle();
		note_control(s.fd);
		set_int(s.fd, wanted[i].level, wanted[i].option, 0);
	}
}

SCENARIO(transfer, a_socket_is_a_file)
{
	struct sockets s = in_state("readable");
	struct iovec iov = { buf, 10 };
	char path[64], link[64];
	struct stat st;
	int fd;

	DO(fstat(s.fd, &st));
	note("mode %o size %ld", st.st_mode, (long)st.st_size);
	DO(lseek(s.fd, 0, SEEK_SET));
	DO(pread(s.fd, buf, 1, 0));
	DO(pwrite(s.fd, buf, 1, 0));
	DO(fsync(s.fd));
	DO(ftruncate(s.fd, 0));
	DO(fallocate(s.fd, 0, 0, 1));
	DO(preadv2(s.peer, &iov, 1, -1, RWF_NOWAIT));
	got("preadv2", preadv2(s.fd, &iov, 1, -1, 0), buf);
	DO(pwritev2(s.fd, &iov, 1, -1, 0));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", s.fd);
	did("open", open(path, O_RDWR));
	memset(link, 0, sizeof(link));
	did("readlink", readlink(path, link, 8));
	note("%s", link);
	fd = dup(s.fd);
	DO(close(s.fd));
	DO(write(fd, "still", 5));
	look("peer", s.peer);
}

SCENARIO(transfer, mapped_into_memory)
{
	struct sockets s = in_state("readable");
	void *map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, s.fd, 0);

	did("mmap", map == MAP_FAILED ? -1 : 0);
}

SCENARIO(transfer, ioctls)
{
	static const unsigned long commands[] = {
		FIONREAD,
		TIOCOUTQ,
		SIOCOUTQNSD,
		SIOCATMARK,
		FIOASYNC,
		FIONBIO,
		SIOCGPGRP,
		SIOCSPGRP,
		FIOGETOWN,
		FIOSETOWN,
		0x8906 /* SIOCGSTAMP */,
		0x8912 /* SIOCGIFCONF */,
		0x5401 /* TCGETS */,
		0x541c,
		0,
		0xffffffff,
	};
	struct sockets s = in_state("readable");
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(commands); i++) {
		int value[16] = { 0 };

		did("ioctl", ioctl(s.fd, commands[i], value));
		note("%d", value[0]);
		did("ioctl", ioctl(s.fd, commands[i], NOWHERE));
	}
	note("flags %x", fcntl(s.fd, F_GETFL));
}

SCENARIO(transfer, passed_to_another_process)
{
	struct sockets s = in_state("readable");
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { .align = { CMSG_LEN(sizeof(int)), SOL_SOCKET,
				 SCM_RIGHTS } };
	struct iovec iov = { "x", 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = &control,
			      .msg_controllen = sizeof(control) };
	int pair[2], fd;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		fail_case("socketpair");
	memcpy(CMSG_DATA(&control.align), &s.fd, sizeof(int));
	DO(sendmsg(pair[0], &msg, 0));
	DO(close(s.fd));
	look("peer", s.peer);
	iov.iov_base = buf;
	DO(recvmsg(pair[1], &msg, 0));
	memcpy(&fd, CMSG_DATA(&control.align), sizeof(int));
	look("passed", fd);
	close(fd);
	look("peer", s.peer);
	/* Over the socket itself, that is nothing it could carry. */
	DO(sendmsg(s.peer, &msg, 0));
}

static void writes_and_closes(int fd)
{
	if (write(fd, "child", 5) == 5)
		close(fd);
}

SCENARIO(transfer, two_processes_hold_it)
{
	struct sockets s = in_state("established");

	wait_later(later(0, writes_and_closes, s.fd));
	look("peer", s.peer);
	look("own", s.fd);
	close(s.fd);
	look("peer", s.peer);
}

SCENARIO(transfer, connect_again)
{
	struct sockets s = in_state("disconnected");
	int child;

	note_names(s.fd);
	DO(connect_in(s.fd, "127.0.0.1", PORT));
	DO(connect_in(s.fd, "127.0.0.1", PORT));
	child = accept(s.listener, NULL, NULL);
	look("own", s.fd);
	look("child", child);
	note_names(s.fd);
}

SCENARIO(transfer, listen_after_a_connection)
{
	struct sockets s = in_state("disconnected");
	int client;

	DO(bind_in(s.fd, "127.0.0.1", PORT + 3));
	DO(listen(s.fd, 1));
	client = test_connect(AF_INET, PORT + 3);
	look("client", client);
	note_poll("own", s.fd);
}

SCENARIO(transfer, connect_after_listening)
{
	struct sockets s = in_state("disconnected_listening");

	note_names(s.fd);
	DO(connect_in(s.fd, "127.0.0.1", PORT));
	look("own", s.fd);
	note_names(s.fd);
}

SCENARIO(transfer, connected_to_itself)
{
	int fd = test_socket(AF_INET, 0);

	set_int(fd, SOL_TCP, TCP_NODELAY, 1);
	DO(bind_in(fd, "127.0.0.1", PORT));
	DO(connect_in(fd, "127.0.0.1", PORT));
	note_names(fd);
	DO(write(fd, "hello", 5));
	look("itself", fd);
	DO(shutdown(fd, SHUT_WR));
	look("itself", fd);
}

SCENARIO(transfer, kinds_of_sockets)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET,
				     SOCK_RDM,	  SOCK_DCCP,  0,
				     7,		  11 };
	unsigned int i;
	int pair[2];

	for (i = 0; i < ARRAY_LEN(types); i++)
		did("socket",
		    socket(AF_INET, types[i], test_proto()) < 0 ? -1 : 0);
	did("socketpair", socketpair(AF_INET, SOCK_STREAM, test_proto(), pair));
	did("AF_UNIX", socket(AF_UNIX, SOCK_STREAM, test_proto()));
	i = fcntl(test_socket(AF_INET, SOCK_NONBLOCK | SOCK_CLOEXEC), F_GETFL);
	note("flags %x", i);
}

/* What a child has of its listener. */
static const struct {
	int level, option, value;
	const char *name;
} inherited[] = {
#define I(level, option, value)                                                \
	{                                                                      \
		level, option, value, #option                                  \
	}
	I(SOL_SOCKET, SO_KEEPALIVE, 1),
	I(SOL_SOCKET, SO_DEBUG, 1),
	I(SOL_SOCKET, SO_REUSEADDR, 1),
	I(SOL_SOCKET, SO_REUSEPORT, 1),
	I(SOL_SOCKET, SO_DONTROUTE, 1),
	I(SOL_SOCKET, SO_BROADCAST, 1),
	I(SOL_SOCKET, SO_OOBINLINE, 1),
	I(SOL_SOCKET, SO_SNDBUF, 30000),
	I(SOL_SOCKET, SO_RCVBUF, 30000),
	I(SOL_SOCKET, SO_RCVLOWAT, 7),
	I(SOL_SOCKET, SO_PRIORITY, 3),
	I(SOL_SOCKET, SO_MARK, 5),
	I(SOL_SOCKET, SO_TIMESTAMP, 1),
	I(SOL_SOCKET, SO_PASSCRED, 1),
	I(SOL_SOCKET, SO_MAX_PACING_RATE, 1000000),
	I(SOL_SOCKET, SO_BUSY_POLL, 9),
	I(SOL_SOCKET, SO_LOCK_FILTER, 1),
	{ SOL_SOCKET, 74, 0, "SO_TXREHASH" },
	{ SOL_SOCKET, 72, 3, "SO_BUF_LOCK" },
	I(SOL_IP, IP_TTL, 33),
	I(SOL_IP, IP_RECVERR, 1),
	I(SOL_IP, IP_RECVTTL, 1),
	I(SOL_IP, IP_PKTINFO, 1),
	I(SOL_IP, IP_FREEBIND, 1),
	I(SOL_IP, IP_MTU_DISCOVER, 0),
	I(SOL_IP, IP_MINTTL, 2),
	I(SOL_TCP, TCP_NODELAY, 1),
	I(SOL_TCP, TCP_CORK, 1),
	I(SOL_TCP, TCP_MAXSEG, 1000),
	I(SOL_TCP, TCP_KEEPIDLE, 11),
	I(SOL_TCP, TCP_KEEPINTVL, 12),
	I(SOL_TCP, TCP_KEEPCNT, 3),
	I(SOL_TCP, TCP_SYNCNT, 4),
	I(SOL_TCP, TCP_LINGER2, 5),
	I(SOL_TCP, TCP_DEFER_ACCEPT, 0),
	I(SOL_TCP, TCP_QUICKACK, 0),
	I(SOL_TCP, TCP_THIN_LINEAR_TIMEOUTS, 1),
	I(SOL_TCP, TCP_USER_TIMEOUT, 9000),
	I(SOL_TCP, TCP_NOTSENT_LOWAT, 6000),
	{ SOL_TCP, 27, 1, "TCP_SAVE_SYN" },
	{ SOL_TCP, 36, 1, "TCP_INQ" },
#undef I
};

static void run_inherit(int which, int late)
{
	int level = inherited[which].level, option = inherited[which].option;
	struct sockets s = in_state("fresh");
	struct linger l = { 1, 3 };
	int child;

	if (!late)
		did("set",
		    set_int(s.listener, level, option, inherited[which].value));
	did("connect", connect_in(s.fd, "127.0.0.1", PORT));
	settle();
	if (late)
		did("set",
		    set_int(s.listener, level, option, inherited[which].value));
	setsockopt(s.listener, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	set_nonblock(s.listener, true);
	child = accept(s.listener, NULL, NULL);
	did("listener reads", get_int(s.listener, level, option));
	did("child reads", get_int(child, level, option));
	did("linger", get_int(child, SOL_SOCKET, SO_LINGER));
	note("flags %x", fcntl(child, F_GETFL));
}

void add_cases(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(inherited); i++) {
		add_case(run_inherit, i, 0, "transfer.inherited_%s",
			 inherited[i].name);
		add_case(run_inherit, i, 1, "transfer.inherited_late_%s",
			 inherited[i].name);
	}
}
