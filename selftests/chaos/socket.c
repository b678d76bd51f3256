// SPDX-License-Identifier: GPL-2.0
/* From socket() to close(): the life of a socket, out of order. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <unistd.h>

#include <linux/sockios.h>
#include <net/if.h>

#include "../testlib.h"
#include "chaos.h"

int slot_get(struct chaos *c)
{
	return __atomic_load_n(&c->space->slot[pick(c, SLOTS)],
			       __ATOMIC_RELAXED);
}

void slot_put(struct chaos *c, int fd)
{
	int *slot = &c->space->slot[pick(c, SLOTS)];

	if (fd < 0)
		return;
	fd = __atomic_exchange_n(slot, fd, __ATOMIC_RELAXED);
	if (fd >= 0)
		close(fd);
}

static void make_socket(struct chaos *c)
{
	int family = AF_INET, type = SOCK_STREAM, proto = test_proto(), fd;

	if (once_in(c, 32))
		family = once_in(c, 2) ? AF_INET6 : pick_int(c);
	if (once_in(c, 32))
		type = pick(c, 12);
	if (!once_in(c, 4))
		type |= SOCK_NONBLOCK;
	if (once_in(c, 64))
		proto = pick_int(c);
	note(c, "socket(%d, %#x, %d)", family, type, proto);
	fd = socket(family, type, proto);
	noted(c, fd);
	slot_put(c, fd);
}

static void make_bind(struct chaos *c)
{
	struct sockaddr_storage addr;
	socklen_t len = pick_address(c, &addr);
	int fd = slot_get(c);

	note(c, "bind(%d, %#x:%d, %d)", fd,
	     ((struct sockaddr_in *)&addr)->sin_addr.s_addr, test_port(&addr),
	     len);
	noted(c, bind(fd, (struct sockaddr *)&addr, len));
}

static void make_connect(struct chaos *c)
{
	struct sockaddr_storage addr;
	socklen_t len = pick_address(c, &addr);
	int fd = slot_get(c);

	if (once_in(c, 16))
		addr.ss_family = AF_UNSPEC;
	note(c, "connect(%d, family %d %#x:%d, %d)", fd, addr.ss_family,
	     ((struct sockaddr_in *)&addr)->sin_addr.s_addr, test_port(&addr),
	     len);
	noted(c, connect(fd, (struct sockaddr *)&addr, len));
}

static void make_listen(struct chaos *c)
{
	int fd = slot_get(c), backlog = once_in(c, 4) ? pick_int(c) : 4;

	note(c, "listen(%d, %d)", fd, backlog);
	noted(c, listen(fd, backlog));
}

/* What is needed for anything to come of it, in one go. */
static void make_listener(struct chaos *c)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, test_proto());
	struct sockaddr_in addr = { .sin_family = AF_INET };
	int one = 1;

	addr.sin_port = pick_port(c);
	setsockopt(fd, SOL_SOCKET, once_in(c, 2) ? SO_REUSEADDR : SO_REUSEPORT,
		   &one, sizeof(one));
	note(c, "listener %d on port %d", fd, ntohs(addr.sin_port));
	if (!bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		listen(fd, 1 + pick(c, 8));
	noted(c, fd);
	slot_put(c, fd);
}

static void make_client(struct chaos *c)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, test_proto());
	struct sockaddr_in addr = { .sin_family = AF_INET };

	addr.sin_port = pick_port(c);
	addr.sin_addr.s_addr = pick_host(c);
	note(c, "client %d to %#x port %d", fd, addr.sin_addr.s_addr,
	     ntohs(addr.sin_port));
	noted(c, connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
	slot_put(c, fd);
}

static void make_accept(struct chaos *c)
{
	struct sockaddr_storage addr;
	socklen_t len = once_in(c, 8) ? pick_int(c) : sizeof(addr);
	int fd = slot_get(c), new;
	bool wanted = once_in(c, 2);

	note(c, "accept4(%d)", fd);
	new = accept4(fd, wanted ? (struct sockaddr *)&addr : NULL,
		      wanted ? &len : NULL, pick(c, 4) ? SOCK_NONBLOCK : 0);
	noted(c, new);
	slot_put(c, new);
}

static void make_names(struct chaos *c)
{
	socklen_t len = pick_len(c, 128);
	int fd = slot_get(c);
	void *addr = pick_memory(c, len);

	note(c, "names(%d, %p, %u)", fd, addr, len);
	noted(c, once_in(c, 2) ? getsockname(fd, addr, &len) :
				 getpeername(fd, addr, &len));
}

static void make_shutdown(struct chaos *c)
{
	int fd = slot_get(c), how = once_in(c, 16) ? pick_int(c) : pick(c, 3);

	note(c, "shutdown(%d, %d)", fd, how);
	noted(c, shutdown(fd, how));
}

static void make_close(struct chaos *c)
{
	int *slot = &c->space->slot[pick(c, SLOTS)];
	int fd = __atomic_exchange_n(slot, -1, __ATOMIC_RELAXED);

	note(c, "close(%d)", fd);
	noted(c, close(fd));
}

static void make_dup(struct chaos *c)
{
	int fd = slot_get(c), new;

	note(c, "dup(%d)", fd);
	new = dup(fd);
	noted(c, new);
	slot_put(c, new);
}

static void make_poll(struct chaos *c)
{
	struct pollfd pfd[4];
	int i, n = 1 + pick(c, 4), ms = pick(c, 3);
	fd_set set, other;

	note(c, "poll(%d sockets, %d ms)", n, ms);
	for (i = 0; i < n; i++)
		pfd[i] = (struct pollfd){ slot_get(c), rnd(c), 0 };
	if (pick(c, 4)) {
		noted(c, poll(pfd, n, ms));
		return;
	}
	FD_ZERO(&set);
	for (i = 0; i < n; i++)
		if (pfd[i].fd >= 0 && pfd[i].fd < FD_SETSIZE)
			FD_SET(pfd[i].fd, &set);
	other = set;
	noted(c,
	      select(FD_SETSIZE, &set, NULL, &other, &(struct timeval){ 0 }));
}

/* An epoll set is one more descriptor of the pool, and may watch another. */
static void make_epoll(struct chaos *c)
{
	struct epoll_event event = { .events = rnd(c) };
	struct epoll_event events[4];
	int set = slot_get(c), fd = slot_get(c), op = 1 + pick(c, 3);

	if (once_in(c, 8)) {
		set = epoll_create1(EPOLL_CLOEXEC);
		slot_put(c, set);
		op = EPOLL_CTL_ADD;
	}
	note(c, "epoll_ctl(%d, %d, %d, %#x)", set, op, fd, event.events);
	noted(c, epoll_ctl(set, op, fd, &event));
	epoll_wait(set, events, 4, 0);
}

static void make_ioctl(struct chaos *c)
{
	static const unsigned int asks[] = {
		SIOCINQ,    SIOCOUTQ,	SIOCOUTQNSD, SIOCATMARK,
		FIONBIO,    FIOASYNC,	SIOCSPGRP,   SIOCGPGRP,
		FIOSETOWN,  SIOCGSTAMP, SIOCGIFCONF, SIOCGIFFLAGS,
		SIOCGIFMTU, SIOCADDRT,	SIOCDELRT,   SIOCDARP,
	};
	size_t count = sizeof(asks) / sizeof(*asks);
	unsigned int ask = asks[pick(c, count)];
	int fd = slot_get(c);
	void *arg = pick_memory(c, 64);

	if (once_in(c, 8))
		ask = 0x8900 + pick(c, 256);
	/* These two take devices away that others of the run still want. */
	if (ask == SIOCSIFNAME || ask == SIOCBRDELBR)
		ask = SIOCINQ;
	if (ask == FIONBIO)
		memset(c->buf, once_in(c, 8) ? 0 : 1, 64);
	else if (once_in(c, 2))
		fill(c, c->buf + BUF_LEN - 64, 64);
	note(c, "ioctl(%d, %#x, %p)", fd, ask, arg);
	noted(c, ioctl(fd, ask, arg));
}

static void make_fcntl(struct chaos *c)
{
	static const int asks[] = { F_SETFL, F_GETFL, F_SETOWN, F_SETSIG };
	int fd = slot_get(c), ask = asks[pick(c, 4)], arg = 0;

	/* No signal but the one that says that something is ready. */
	if (ask == F_SETFL)
		arg = (once_in(c, 8) ? 0 : O_NONBLOCK) |
		      (once_in(c, 4) ? O_ASYNC : 0);
	else if (ask == F_SETOWN)
		arg = once_in(c, 2) ? getpid() : 0;
	note(c, "fcntl(%d, %d, %#x)", fd, ask, arg);
	noted(c, fcntl(fd, ask, arg));
}

/* It shares all descriptors, uses some, and is gone. */
static void make_fork(struct chaos *c)
{
	int i, pid;

	note(c, "fork()");
	pid = fork();
	if (pid) {
		noted(c, pid);
		return;
	}
	signal(SIGALRM, SIG_DFL);
	alarm(1);
	for (i = 0; i < 8; i++) {
		int fd = slot_get(c);

		fcntl(fd, F_SETFL, O_NONBLOCK);
		if (send(fd, c->buf, 100, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			recv(fd, c->buf, 100, MSG_DONTWAIT);
		if (once_in(c, 4))
			shutdown(fd, SHUT_RDWR);
	}
	_exit(0);
}

/* A descriptor on its way to the other process; nobody need ever take it. */
static void make_pass(struct chaos *c)
{
	char control[CMSG_SPACE(sizeof(int))] = {}, byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov,
			      .msg_iovlen = 1,
			      .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	bool take = once_in(c, 2);
	int fd = slot_get(c);
	ssize_t n;

	note(c, "%s descriptor", take ? "take" : "pass");
	if (take) {
		n = recvmsg(c->space->pair[0], &msg,
			    MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		noted(c, n);
		if (n > 0 && msg.msg_controllen >= CMSG_LEN(sizeof(int))) {
			memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
			slot_put(c, fd);
		}
		return;
	}
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	noted(c, sendmsg(c->space->pair[0], &msg, MSG_DONTWAIT));
}

const struct call socket_calls[] = { { "socket", 24, make_socket },
				     { "bind", 12, make_bind },
				     { "connect", 24, make_connect },
				     { "listen", 10, make_listen },
				     { "listener", 12, make_listener },
				     { "client", 30, make_client },
				     { "accept", 40, make_accept },
				     { "names", 6, make_names },
				     { "shutdown", 14, make_shutdown },
				     { "close", 40, make_close },
				     { "dup", 6, make_dup },
				     { "poll", 16, make_poll },
				     { "epoll", 16, make_epoll },
				     { "ioctl", 20, make_ioctl },
				     { "fcntl", 8, make_fcntl },
				     { "fork", 1, make_fork },
				     { "pass", 8, make_pass },
				     {} };
