// SPDX-License-Identifier: GPL-2.0
/* What an accepted socket has of its listener: accept(2), socket(7). */
#include <errno.h>
#include <linux/filter.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>

#include "harness.h"

FIXTURE_NETNS(inherit);

#define PORT 4000

struct inherited {
	const char *name;
	int level, option, value;
	bool not ; /* it is not inherited, as the kernel's TCP has it */
};

#define SOCKET_OPTION(option, value)                                           \
	{                                                                      \
#option, SOL_SOCKET, option, value                             \
	}
#define IP_OPTION(option, value)                                               \
	{                                                                      \
#option, SOL_IP, option, value                                 \
	}
#define TCP_OPTION(option, value)                                              \
	{                                                                      \
#option, SOL_TCP, option, value                                \
	}

static const struct inherited options[] = {
	SOCKET_OPTION(SO_REUSEADDR, 1),
	SOCKET_OPTION(SO_REUSEPORT, 1),
	SOCKET_OPTION(SO_KEEPALIVE, 1),
	SOCKET_OPTION(SO_OOBINLINE, 1),
	SOCKET_OPTION(SO_DONTROUTE, 1),
	SOCKET_OPTION(SO_SNDBUF, 40000),
	SOCKET_OPTION(SO_RCVBUF, 40000),
	SOCKET_OPTION(SO_RCVLOWAT, 7),
	SOCKET_OPTION(SO_MARK, 77),
	SOCKET_OPTION(SO_TIMESTAMP, 1),
	SOCKET_OPTION(SO_TIMESTAMPING, 8),
	SOCKET_OPTION(SO_MAX_PACING_RATE, 1000000),
	SOCKET_OPTION(SO_BUSY_POLL, 50),
	SOCKET_OPTION(SO_NO_CHECK, 1),
	SOCKET_OPTION(SO_RXQ_OVFL, 1),
	SOCKET_OPTION(SO_SELECT_ERR_QUEUE, 1),
	{ "SO_PRIORITY", SOL_SOCKET, SO_PRIORITY, 3, true },
	IP_OPTION(IP_TOS, 0x10),
	IP_OPTION(IP_TTL, 33),
	IP_OPTION(IP_MINTTL, 12),
	IP_OPTION(IP_MTU_DISCOVER, IP_PMTUDISC_DONT),
	IP_OPTION(IP_RECVTOS, 1),
	IP_OPTION(IP_RECVTTL, 1),
	IP_OPTION(IP_RECVERR, 1),
	IP_OPTION(IP_PKTINFO, 1),
	IP_OPTION(IP_FREEBIND, 1),
	IP_OPTION(IP_BIND_ADDRESS_NO_PORT, 1),
	TCP_OPTION(TCP_NODELAY, 1),
	TCP_OPTION(TCP_CORK, 1),
	TCP_OPTION(TCP_KEEPIDLE, 100),
	TCP_OPTION(TCP_KEEPINTVL, 10),
	TCP_OPTION(TCP_KEEPCNT, 4),
	TCP_OPTION(TCP_SYNCNT, 3),
	TCP_OPTION(TCP_LINGER2, 20),
	TCP_OPTION(TCP_USER_TIMEOUT, 5000),
	TCP_OPTION(TCP_NOTSENT_LOWAT, 9999),
	TCP_OPTION(TCP_INQ, 1),
};

static int value_of(int fd, const struct inherited *o)
{
	socklen_t len = sizeof(int);
	int value = -77;

	getsockopt(fd, o->level, o->option, &value, &len);
	return value;
}

static bool child_has(int family, const struct inherited *o)
{
	int listener = test_listen(family, 0, 1), fd, client, was, is, now;
	bool good;

	was = value_of(listener, o);
	if (setsockopt(listener, o->level, o->option, &o->value,
		       sizeof(o->value))) {
		good = errno == ENOPROTOOPT || errno == EOPNOTSUPP;
		fprintf(stderr, "# %s: %s\n", o->name, strerror(errno));
		close(listener);
		return good;
	}
	is = value_of(listener, o);
	client = test_connect(family, test_sockport(listener));
	fd = accept(listener, NULL, NULL);
	now = value_of(fd, o);
	good = was != is && now == (o->not ? was : is);
	if (!good)
		fprintf(stderr, "# %s was %d, set %d, inherited %d\n", o->name,
			was, is, now);
	close(client);
	close(fd);
	close(listener);
	return good;
}

TEST_F(inherit, options_of_the_listener_are_its_childrens)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(options); i++) {
		if (variant->family == AF_INET6 && options[i].level == SOL_IP)
			continue;
		EXPECT_TRUE(child_has(variant->family, &options[i]));
	}
}

TEST_F(inherit, times_and_linger_of_the_listener_are_its_childrens)
{
	struct timeval limit = { .tv_sec = 7 }, got = { 0 };
	struct linger linger = { .l_onoff = 1, .l_linger = 9 }, has = { 0 };
	int listener = test_listen(variant->family, PORT, 1), fd;
	socklen_t len = sizeof(got);

	ASSERT_EQ(0, setsockopt(listener, SOL_SOCKET, SO_SNDTIMEO, &limit,
				sizeof(limit)));
	ASSERT_EQ(0, setsockopt(listener, SOL_SOCKET, SO_LINGER, &linger,
				sizeof(linger)));
	ASSERT_LE(0, test_connect(variant->family, PORT));
	fd = accept(listener, NULL, NULL);
	ASSERT_EQ(0, getsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &got, &len));
	EXPECT_EQ(7, got.tv_sec);
	len = sizeof(has);
	ASSERT_EQ(0, getsockopt(fd, SOL_SOCKET, SO_LINGER, &has, &len));
	EXPECT_EQ(1, has.l_onoff);
	EXPECT_EQ(9, has.l_linger);
}

TEST_F(inherit, device_of_the_listener_is_its_childrens)
{
	int listener = test_listen(variant->family, PORT, 1), fd;
	char name[16] = "";
	socklen_t len = sizeof(name);

	ASSERT_EQ(0,
		  setsockopt(listener, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
	ASSERT_LE(0, test_connect(variant->family, PORT));
	fd = accept(listener, NULL, NULL);
	ASSERT_EQ(0, getsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name, &len));
	EXPECT_STREQ("lo", name);
}

/* Socket filters */

/* Let @len bytes of a segment pass, counted with its header. */
static int attach(int fd, unsigned int len)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, len) };
	struct sock_fprog prog = { .len = 1, .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
			  sizeof(prog));
}

TEST_F(inherit, filter_that_refuses_all_makes_a_socket_deaf)
{
	struct timeval limit = { .tv_usec = 100 * 1000 };
	char byte;

	CONNECT_PAIR();
	ASSERT_EQ(0, setsockopt(self->fd[1], SOL_SOCKET, SO_RCVTIMEO, &limit,
				sizeof(limit)));
	ASSERT_EQ(0, attach(self->fd[1], 0));
	ASSERT_EQ(1, write(self->fd[0], "x", 1));
	EXPECT_ERRNO(EAGAIN, read(self->fd[1], &byte, 1));
	ASSERT_EQ(0, setsockopt(self->fd[1], SOL_SOCKET, SO_DETACH_FILTER,
				&(int){ 0 }, sizeof(int)));
	/* It comes with the next retransmission. */
	ASSERT_TRUE(poll_for(self->fd[1], POLLIN));
	EXPECT_EQ(1, read(self->fd[1], &byte, 1));
}

TEST_F(inherit, filter_of_a_listener_keeps_syns_out)
{
	struct sockaddr_storage addr = test_loopback(variant->family, PORT);
	int listener = test_listen(variant->family, PORT, 1);
	int fd = test_socket(variant->family, SOCK_NONBLOCK);

	ASSERT_EQ(0, attach(listener, 0));
	EXPECT_ERRNO(EINPROGRESS, connect(fd, (struct sockaddr *)&addr,
					  test_addrlen(variant->family)));
	wait_tick();
	EXPECT_EQ(0, poll_now(fd));
	EXPECT_EQ(0, poll_now(listener));
}

/* The children of a listener have its filter, and may lose it. */
TEST_F(inherit, filter_of_the_listener_is_its_childrens)
{
	int listener = test_listen(variant->family, PORT, 1), client, fd;
	int none = 0;
	char buf[64];

	/* It lets all pass. */
	ASSERT_EQ(0, attach(listener, 65535));
	client = test_connect(variant->family, PORT);
	ASSERT_LE(0, client);
	fd = accept(listener, NULL, NULL);
	ASSERT_EQ(5, write(client, "hello", 5));
	EXPECT_EQ(5, read(fd, buf, sizeof(buf)));
	EXPECT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &none,
				sizeof(none)));
	EXPECT_ERRNO(ENOENT, setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &none,
					sizeof(none)));
}

TEST_MAIN
