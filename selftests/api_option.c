// SPDX-License-Identifier: GPL-2.0
/* getsockopt() and setsockopt(): socket(7), ip(7), tcp(7). */
#include <errno.h>
#include <netinet/tcp.h>

#include "../module/uapi/atcp.h"
#include "harness.h"

FIXTURE_NETNS(option);

#define NOWHERE ((void *)8)

static int get(int fd, int level, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	if (getsockopt(fd, level, option, &value, &len))
		return -1;
	return value;
}

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

/* The number in the middle of rmem or wmem: what a socket begins with. */
static int default_size(const char *name)
{
	char text[128], *second;

	if (sysctl_read(name, text, sizeof(text)) < 0)
		return -1;
	strtol(text, &second, 10);
	return strtol(second, NULL, 10);
}

/* Level TCP, which ATCP understands as its own */

TEST_F(option, nodelay_is_off_and_can_be_set)
{
	int fd = test_socket(variant->family, 0);

	EXPECT_EQ(0, get(fd, SOL_TCP, TCP_NODELAY));
	EXPECT_EQ(0, set(fd, SOL_TCP, TCP_NODELAY, 7));
	EXPECT_EQ(1, get(fd, SOL_TCP, TCP_NODELAY));
	EXPECT_EQ(0, set(fd, SOL_TCP, TCP_NODELAY, 0));
	EXPECT_EQ(0, get(fd, SOL_TCP, TCP_NODELAY));
}

TEST_F(option, nodelay_can_be_set_on_a_connection)
{
	CONNECT_PAIR();
	EXPECT_EQ(0, set(self->fd[0], SOL_TCP, TCP_NODELAY, 1));
	EXPECT_EQ(1, get(self->fd[0], SOL_TCP, TCP_NODELAY));
	EXPECT_EQ(0, get(self->fd[1], SOL_TCP, TCP_NODELAY));
}

/* A name of its own for the level, for who does not want to say TCP. */
TEST_F(option, level_atcp_is_level_tcp)
{
	int fd = test_socket(variant->family, 0);

	ATCP_ONLY();
	EXPECT_EQ(0, set(fd, SOL_ATCP, TCP_NODELAY, 1));
	EXPECT_EQ(1, get(fd, SOL_TCP, TCP_NODELAY));
	EXPECT_EQ(1, get(fd, SOL_ATCP, TCP_NODELAY));
	EXPECT_ERRNO(ENOPROTOOPT, set(fd, SOL_ATCP, 9999, 1));
}

TEST_F(option, info_tells_the_state)
{
	int listener = test_listen(variant->family, 4000, 1);
	struct tcp_info info;
	socklen_t len = sizeof(info);

	CONNECT_PAIR();
	ASSERT_EQ(0, getsockopt(self->fd[0], SOL_TCP, TCP_INFO, &info, &len));
	EXPECT_EQ(TCP_ESTABLISHED, info.tcpi_state);
	len = sizeof(info);
	ASSERT_EQ(0, getsockopt(listener, SOL_TCP, TCP_INFO, &info, &len));
	EXPECT_EQ(TCP_LISTEN, info.tcpi_state);
	len = sizeof(info);
	ASSERT_EQ(0, getsockopt(test_socket(variant->family, 0), SOL_TCP,
				TCP_INFO, &info, &len));
	EXPECT_EQ(TCP_CLOSE, info.tcpi_state);
}

TEST_F(option, info_is_cut_to_the_callers_length)
{
	struct tcp_info info;
	socklen_t len = 4;

	CONNECT_PAIR();
	memset(&info, 0x55, sizeof(info));
	ASSERT_EQ(0, getsockopt(self->fd[0], SOL_TCP, TCP_INFO, &info, &len));
	EXPECT_EQ(4, (int)len);
	EXPECT_EQ(TCP_ESTABLISHED, info.tcpi_state);
	EXPECT_EQ(0x55, ((uint8_t *)&info)[4]);
}

TEST_F(option, info_tells_what_was_agreed_on)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	CONNECT_PAIR();
	ASSERT_EQ(0, getsockopt(self->fd[1], SOL_TCP, TCP_INFO, &info, &len));
	EXPECT_EQ(TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK | TCPI_OPT_WSCALE,
		  info.tcpi_options & 7);
	EXPECT_LT(0, (int)info.tcpi_rto);
	EXPECT_LT(0, (int)info.tcpi_snd_mss);
	EXPECT_LT(0, (int)info.tcpi_rcv_mss);
}

TEST_F(option, maxseg_tells_and_bounds_the_segment_size)
{
	int listener = test_listen(variant->family, 4000, 1), fd;

	ASSERT_EQ(0, set(listener, SOL_TCP, TCP_MAXSEG, 1000));
	fd = test_connect(variant->family, 4000);
	ASSERT_LE(0, fd);
	/* The timestamps are taken from what the other end allowed. */
	EXPECT_EQ(1000 - 12, get(fd, SOL_TCP, TCP_MAXSEG));
	EXPECT_ERRNO(EINVAL, set(listener, SOL_TCP, TCP_MAXSEG, 10));
	EXPECT_ERRNO(EINVAL, set(listener, SOL_TCP, TCP_MAXSEG, 100000));
}

TEST_F(option, unknown_option_is_enoprotoopt)
{
	int fd = test_socket(variant->family, 0), value = 1;
	socklen_t len = sizeof(value);

	EXPECT_ERRNO(ENOPROTOOPT, set(fd, SOL_TCP, 9999, 1));
	EXPECT_ERRNO(ENOPROTOOPT, getsockopt(fd, SOL_TCP, 9999, &value, &len));
}

TEST_F(option, unknown_level_is_enoprotoopt)
{
	int fd = test_socket(variant->family, 0), value = 1;
	socklen_t len = sizeof(value);

	EXPECT_ERRNO(ENOPROTOOPT, set(fd, 9999, TCP_NODELAY, 1));
	/* Linux is not of one mind about what it says here. */
	EXPECT_EQ(-1, getsockopt(fd, 9999, TCP_NODELAY, &value, &len));
	EXPECT_EQ(true, errno == ENOPROTOOPT || errno == EOPNOTSUPP);
}

TEST_F(option, short_value_is_einval)
{
	int fd = test_socket(variant->family, 0), one = 1;

	EXPECT_ERRNO(EINVAL, setsockopt(fd, SOL_TCP, TCP_NODELAY, &one, 2));
}

TEST_F(option, negative_length_is_einval)
{
	int fd = test_socket(variant->family, 0), value = 1;
	socklen_t len = -1;

	EXPECT_ERRNO(EINVAL, setsockopt(fd, SOL_TCP, TCP_NODELAY, &value, -1));
	EXPECT_ERRNO(EINVAL,
		     getsockopt(fd, SOL_TCP, TCP_NODELAY, &value, &len));
}

TEST_F(option, bad_pointer_is_efault)
{
	int fd = test_socket(variant->family, 0), value;
	socklen_t len = sizeof(value);

	EXPECT_ERRNO(EFAULT, setsockopt(fd, SOL_TCP, TCP_NODELAY, NOWHERE,
					sizeof(value)));
	EXPECT_ERRNO(EFAULT,
		     getsockopt(fd, SOL_TCP, TCP_NODELAY, NOWHERE, &len));
	EXPECT_ERRNO(EFAULT,
		     getsockopt(fd, SOL_TCP, TCP_NODELAY, &value, NOWHERE));
}

TEST_F(option, short_buffer_gets_a_part_of_the_value)
{
	int fd = test_socket(variant->family, 0);
	uint8_t bytes[4] = { 0x55, 0x55, 0x55, 0x55 };
	socklen_t len = 1;

	ASSERT_EQ(0, set(fd, SOL_TCP, TCP_NODELAY, 1));
	ASSERT_EQ(0, getsockopt(fd, SOL_TCP, TCP_NODELAY, bytes, &len));
	EXPECT_EQ(1, (int)len);
	EXPECT_EQ(1, bytes[0]);
	EXPECT_EQ(0x55, bytes[1]);
}

/* Level SOCKET */

TEST_F(option, buffers_begin_with_the_sysctls)
{
	int fd = test_socket(variant->family, 0);

	EXPECT_EQ(default_size("rmem"), get(fd, SOL_SOCKET, SO_RCVBUF));
	EXPECT_EQ(default_size("wmem"), get(fd, SOL_SOCKET, SO_SNDBUF));
	ASSERT_EQ(0, sysctl_write("rmem", "4096 20000 100000"));
	ASSERT_EQ(0, sysctl_write("wmem", "4096 30000 100000"));
	fd = test_socket(variant->family, 0);
	EXPECT_EQ(20000, get(fd, SOL_SOCKET, SO_RCVBUF));
	EXPECT_EQ(30000, get(fd, SOL_SOCKET, SO_SNDBUF));
}

TEST_F(option, buffers_are_twice_what_was_asked_for)
{
	int fd = test_socket(variant->family, 0);

	EXPECT_EQ(0, set(fd, SOL_SOCKET, SO_RCVBUF, 20000));
	EXPECT_EQ(40000, get(fd, SOL_SOCKET, SO_RCVBUF));
	EXPECT_EQ(0, set(fd, SOL_SOCKET, SO_SNDBUF, 30000));
	EXPECT_EQ(60000, get(fd, SOL_SOCKET, SO_SNDBUF));
}

TEST_F(option, small_send_buffer_takes_less)
{
	int sent[2] = { 0 }, i;

	for (i = 0; i < 2; i++) {
		CONNECT_PAIR();
		if (i)
			set(self->fd[0], SOL_SOCKET, SO_SNDBUF, 8192);
		set_nonblock(self->fd[0], true);
		while (write(self->fd[0], "0123456789abcdef", 16) > 0)
			sent[i]++;
	}
	EXPECT_LT(0, sent[1]);
	EXPECT_LT(sent[1], sent[0]);
}

TEST_F(option, keepalive_and_linger_are_kept)
{
	struct linger set_to = { .l_onoff = 1, .l_linger = 5 }, got;
	socklen_t len = sizeof(got);

	CONNECT_PAIR();
	EXPECT_EQ(0, get(self->fd[0], SOL_SOCKET, SO_KEEPALIVE));
	EXPECT_EQ(0, set(self->fd[0], SOL_SOCKET, SO_KEEPALIVE, 1));
	EXPECT_EQ(1, get(self->fd[0], SOL_SOCKET, SO_KEEPALIVE));
	ASSERT_EQ(0, setsockopt(self->fd[0], SOL_SOCKET, SO_LINGER, &set_to,
				sizeof(set_to)));
	ASSERT_EQ(0,
		  getsockopt(self->fd[0], SOL_SOCKET, SO_LINGER, &got, &len));
	EXPECT_EQ(1, got.l_onoff);
	EXPECT_EQ(5, got.l_linger);
}

/* Level IP */

/* MUST-48, MUST-49: the application chooses TTL and traffic class. */
TEST_F(option, ttl_and_tos_are_the_applications)
{
	int fd = test_socket(variant->family, 0);
	bool ipv6 = variant->family == AF_INET6;
	int level = ipv6 ? SOL_IPV6 : SOL_IP;
	int ttl = ipv6 ? IPV6_UNICAST_HOPS : IP_TTL;
	int tos = ipv6 ? IPV6_TCLASS : IP_TOS;

	EXPECT_EQ(0, set(fd, level, ttl, 99));
	EXPECT_EQ(99, get(fd, level, ttl));
	EXPECT_EQ(0, set(fd, level, tos, 0x10));
	EXPECT_EQ(0x10, get(fd, level, tos));
	EXPECT_ERRNO(EINVAL, set(fd, level, ttl, 256));
}

TEST_MAIN
