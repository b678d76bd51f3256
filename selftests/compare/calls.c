// SPDX-License-Identifier: GPL-2.0
/* Every call on a socket in every state, and what can be seen afterwards. */
#include <linux/sockios.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#include "compare.h"

static char buf[4096];

static void fill_buf(void)
{
	memset(buf, 'b', sizeof(buf));
}

static int temporary_file(void)
{
	int fd = memfd_create("compare", 0);

	return write(fd, "a file's content", 16) == 16 && !lseek(fd, 0, 0) ?
		       fd :
		       -1;
}

static void do_recvmsg(int fd, int flags)
{
	struct sockaddr_storage name;
	char control[256];
	struct iovec iov[2] = { { buf, 4 }, { buf + 4, 100 } };
	struct msghdr msg = { .msg_name = &name,
			      .msg_namelen = sizeof(name),
			      .msg_iov = iov,
			      .msg_iovlen = 2,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };

	if (got("recvmsg", recvmsg(fd, &msg, flags), buf) >= 0)
		note("name %u control %zu flags %x", msg.msg_namelen,
		     msg.msg_controllen, msg.msg_flags);
}

static void do_sendmsg(int fd, size_t controllen)
{
	union {
		struct cmsghdr align;
		char space[64];
	} control = { .align = { .cmsg_len = 3, .cmsg_level = SOL_SOCKET } };
	struct iovec iov[2] = { { "abc", 3 }, { "def", 3 } };
	struct msghdr msg = { .msg_iov = iov,
			      .msg_iovlen = 2,
			      .msg_control = &control,
			      .msg_controllen = controllen };

	did("sendmsg", sendmsg(fd, &msg, 0));
}

static void do_getname(int fd, bool peer, socklen_t len)
{
	struct sockaddr_storage addr;
	socklen_t room = len;
	int ret;

	memset(&addr, 0, sizeof(addr));
	ret = peer ? getpeername(fd, (struct sockaddr *)&addr, &len) :
		     getsockname(fd, (struct sockaddr *)&addr, &len);
	note_address(peer ? "getpeername" : "getsockname", ret, &addr, room,
		     len);
}

static void do_ioctl(int fd, unsigned long command, void *arg)
{
	int value = -1;
	char text[16];

	if (!did("ioctl", ioctl(fd, command, arg ? arg : &value)) && !arg)
		note("value %s", amount(value, text, sizeof(text)));
}

static int connect_family(int fd, int family, socklen_t len)
{
	struct sockaddr_in sin = address("127.0.0.1", PORT);

	sin.sin_family = family;
	return connect(fd, (struct sockaddr *)&sin, len);
}

static int bind_family(int fd, int family, socklen_t len)
{
	struct sockaddr_in sin = address("127.0.0.1", PORT + 2);

	sin.sin_family = family;
	return bind(fd, (struct sockaddr *)&sin, len);
}

static void do_accept(int fd, int flags)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	int child;

	memset(&addr, 0, sizeof(addr));
	child = accept4(fd, (struct sockaddr *)&addr, &len, flags);
	if (child < 0) {
		did("accept4", child);
		return;
	}
	note_address("accept4", 0, &addr, sizeof(addr), len);
	note("non-blocking %d close-on-exec %d",
	     !!(fcntl(child, F_GETFL) & O_NONBLOCK),
	     fcntl(child, F_GETFD) & FD_CLOEXEC);
	look("child", child);
}

static void do_close(struct sockets *s, bool linger, int seconds)
{
	struct linger l = { .l_onoff = linger, .l_linger = seconds };

	setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	did("close", close(s->fd));
	s->fd = -1;
}

static void do_sendfile(struct sockets *s)
{
	did("sendfile", sendfile(s->fd, temporary_file(), NULL, 16));
}

static void do_splice_in(struct sockets *s, int flags)
{
	int pipes[2];

	if (pipe(pipes) || write(pipes[1], "in a pipe", 9) != 9)
		return;
	did("splice", splice(pipes[0], NULL, s->fd, NULL, 9, flags));
}

static void do_splice_out(struct sockets *s, int flags)
{
	int pipes[2];

	if (pipe(pipes))
		return;
	if (did("splice", splice(s->fd, NULL, pipes[1], NULL, 100, flags)) > 0)
		got("read", read(pipes[0], buf, sizeof(buf)), buf);
}

/* The calls: what is done to s->fd, which does not block. */
#define CALL(name, ...)                                                        \
	static void call_##name(struct sockets *s)                             \
	{                                                                      \
		(void)s;                                                       \
		__VA_ARGS__;                                                   \
	}
#define CALLS                                                                  \
	X(nothing, (void)0)                                                    \
	X(read, got("read", read(s->fd, buf, 4), buf))                         \
	X(read_nothing, did("read", read(s->fd, buf, 0)))                      \
	X(read_nowhere, did("read", read(s->fd, NOWHERE, 4)))                  \
	X(peek, got("recv", recv(s->fd, buf, 100, MSG_PEEK), buf))             \
	X(recv_all, got("recv", recv(s->fd, buf, 100, MSG_WAITALL), buf))      \
	X(recv_trunc, did("recv", recv(s->fd, NULL, 4, MSG_TRUNC)))            \
	X(recv_oob, got("recv", recv(s->fd, buf, 4, MSG_OOB), buf))            \
	X(peek_oob, got("recv", recv(s->fd, buf, 4, MSG_OOB | MSG_PEEK), buf)) \
	X(recv_errqueue, did("recv", recv(s->fd, buf, 4, MSG_ERRQUEUE)))       \
	X(recvmsg, do_recvmsg(s->fd, 0))                                       \
	X(recvmsg_peek, do_recvmsg(s->fd, MSG_PEEK | MSG_TRUNC))               \
	X(write, did("write", write(s->fd, "0123456789", 10)))                 \
	X(write_nothing, did("write", write(s->fd, buf, 0)))                   \
	X(write_nowhere, did("write", write(s->fd, NOWHERE, 10)))              \
	X(send_nosignal, did("send", send(s->fd, "n", 1, MSG_NOSIGNAL)))       \
	X(send_oob, did("send", send(s->fd, "oob", 3, MSG_OOB)))               \
	X(send_more, did("send", send(s->fd, "more", 4, MSG_MORE)))            \
	X(send_eor, did("send", send(s->fd, "eor", 3, MSG_EOR)))               \
	X(send_dontroute, did("send", send(s->fd, "dr", 2, MSG_DONTROUTE)))    \
	X(send_zerocopy, did("send", send(s->fd, "zc", 2, MSG_ZEROCOPY)))      \
	X(send_probe, did("send", send(s->fd, "pr", 2, MSG_PROXY)))            \
	X(sendmsg, do_sendmsg(s->fd, 0))                                       \
	X(sendmsg_bad_control, do_sendmsg(s->fd, 32))                          \
	X(sendfile, do_sendfile(s))                                            \
	X(splice_in, do_splice_in(s, 0))                                       \
	X(splice_in_more, do_splice_in(s, SPLICE_F_MORE))                      \
	X(splice_out, do_splice_out(s, 0))                                     \
	X(splice_out_nonblock, do_splice_out(s, SPLICE_F_NONBLOCK))            \
	X(connect, did("connect", connect_in(s->fd, "127.0.0.1", PORT)))       \
	X(connect_nobody,                                                      \
	  did("connect", connect_in(s->fd, "127.0.0.1", PORT + 8)))            \
	X(connect_port_zero,                                                   \
	  did("connect", connect_in(s->fd, "127.0.0.1", 0)))                   \
	X(connect_any, did("connect", connect_in(s->fd, "0.0.0.0", PORT)))     \
	X(connect_broadcast,                                                   \
	  did("connect", connect_in(s->fd, "255.255.255.255", PORT)))          \
	X(connect_multicast,                                                   \
	  did("connect", connect_in(s->fd, "224.0.0.1", PORT)))                \
	X(connect_no_route,                                                    \
	  did("connect", connect_in(s->fd, "198.51.100.1", PORT)))             \
	X(connect_unspec,                                                      \
	  did("connect", connect_family(s->fd, AF_UNSPEC, 16)))                \
	X(connect_unspec_short,                                                \
	  did("connect", connect_family(s->fd, AF_UNSPEC, 2)))                 \
	X(connect_inet6, did("connect", connect_family(s->fd, AF_INET6, 16)))  \
	X(connect_short, did("connect", connect_family(s->fd, AF_INET, 15)))   \
	X(connect_empty, did("connect", connect_family(s->fd, AF_INET, 0)))    \
	X(connect_nowhere, did("connect", connect(s->fd, NOWHERE, 16)))        \
	X(bind, did("bind", bind_in(s->fd, "127.0.0.1", PORT + 2)))            \
	X(bind_in_use, did("bind", bind_in(s->fd, "127.0.0.1", PORT)))         \
	X(bind_any, did("bind", bind_in(s->fd, "0.0.0.0", 0)))                 \
	X(bind_elsewhere, did("bind", bind_in(s->fd, "198.51.100.1", 0)))      \
	X(bind_broadcast, did("bind", bind_in(s->fd, "255.255.255.255", 0)))   \
	X(bind_multicast, did("bind", bind_in(s->fd, "224.0.0.1", 0)))         \
	X(bind_unspec, did("bind", bind_family(s->fd, AF_UNSPEC, 16)))         \
	X(bind_inet6, did("bind", bind_family(s->fd, AF_INET6, 16)))           \
	X(bind_short, did("bind", bind_family(s->fd, AF_INET, 15)))            \
	X(bind_nowhere, did("bind", bind(s->fd, NOWHERE, 16)))                 \
	X(listen, did("listen", listen(s->fd, 4)))                             \
	X(listen_minus, did("listen", listen(s->fd, -1)))                      \
	X(accept, do_accept(s->fd, 0))                                         \
	X(accept_flags, do_accept(s->fd, SOCK_NONBLOCK | SOCK_CLOEXEC))        \
	X(accept_bad_flags, do_accept(s->fd, 1))                               \
	X(shutdown_rd, did("shutdown", shutdown(s->fd, SHUT_RD)))              \
	X(shutdown_wr, did("shutdown", shutdown(s->fd, SHUT_WR)))              \
	X(shutdown_rdwr, did("shutdown", shutdown(s->fd, SHUT_RDWR)))          \
	X(shutdown_bad, did("shutdown", shutdown(s->fd, 3)))                   \
	X(names, note_names(s->fd))                                            \
	X(getsockname_short, do_getname(s->fd, false, 6))                      \
	X(getsockname_minus, do_getname(s->fd, false, -1))                     \
	X(getpeername_short, do_getname(s->fd, true, 6))                       \
	X(getpeername_minus, do_getname(s->fd, true, -1))                      \
	X(inq, do_ioctl(s->fd, SIOCINQ, NULL))                                 \
	X(outq, do_ioctl(s->fd, SIOCOUTQ, NULL))                               \
	X(outqnsd, do_ioctl(s->fd, SIOCOUTQNSD, NULL))                         \
	X(atmark, do_ioctl(s->fd, SIOCATMARK, NULL))                           \
	X(inq_nowhere, do_ioctl(s->fd, SIOCINQ, NOWHERE))                      \
	X(ioctl_unknown, do_ioctl(s->fd, 0x1234, NULL))                        \
	X(close, do_close(s, false, 0))                                        \
	X(close_linger, do_close(s, true, 1))                                  \
	X(close_reset, do_close(s, true, 0))

#define X(name, ...) CALL(name, __VA_ARGS__)
CALLS
#undef X

static const struct {
	const char *name;
	void (*make)(struct sockets *s);
} calls[] = {
#define X(name, ...) { #name, call_##name },
	CALLS
#undef X
};

/* How much is on its way, or is let in, is a stack's own business. */
static void note_child(const char *who, int listener)
{
	int fd;

	if (listener < 0 || set_nonblock(listener, true))
		return;
	fd = accept(listener, NULL, NULL);
	if (fd < 0)
		did("accept", fd);
	else
		look(who, fd);
}

static void run_call(int state, int call)
{
	struct sockets s;

	fill_buf();
	if (!enter_state(&s, states[state].name) || set_nonblock(s.fd, true))
		fail_case("the state was not reached");
	note_poll("before", s.fd);
	calls[call].make(&s);
	note_signals();
	look("own", s.fd);
	look("peer", s.peer);
	note_child("new", s.listener);
	if (s.fd < 0)
		return;
	/* How much room a read makes is a stack's own affair. */
	if (strcmp(states[state].name, "full"))
		note_poll("in the end", s.fd);
	note("in the end SO_ERROR: %s", errno_name(so_error(s.fd)));
	note_names(s.fd);
}

void add_cases(void)
{
	unsigned int call;
	int state;

	for (state = 0; state < nr_states; state++)
		for (call = 0; call < ARRAY_LEN(calls); call++)
			add_case(run_call, state, call, "calls.%s.%s",
				 states[state].name, calls[call].name);
}
