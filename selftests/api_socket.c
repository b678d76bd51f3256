// SPDX-License-Identifier: GPL-2.0
/* socket(), bind() and listen(): socket(2), bind(2), listen(2), ip(7). */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "harness.h"

FIXTURE_NETNS(socket);

static int get_int(int fd, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	if (getsockopt(fd, SOL_SOCKET, option, &value, &len))
		return -1;
	return value;
}

static int bind_to(int fd, struct sockaddr_storage addr)
{
	return bind(fd, (struct sockaddr *)&addr, test_addrlen(addr.ss_family));
}

static int bind_port(int fd, int family, uint16_t port)
{
	return bind_to(fd, test_loopback(family, port));
}

static void reuse(int fd)
{
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
}

/* socket() */

TEST_F(socket, says_what_it_is)
{
	int fd = test_socket(variant->family, 0);

	ASSERT_LE(0, fd);
	EXPECT_EQ(test_proto(), get_int(fd, SO_PROTOCOL));
	EXPECT_EQ(SOCK_STREAM, get_int(fd, SO_TYPE));
	EXPECT_EQ(variant->family, get_int(fd, SO_DOMAIN));
	EXPECT_EQ(0, get_int(fd, SO_ACCEPTCONN));
	EXPECT_EQ(0, get_int(fd, SO_ERROR));
}

TEST_F(socket, no_datagrams_by_this_protocol)
{
	EXPECT_ERRNO(EPROTONOSUPPORT,
		     socket(variant->family, SOCK_DGRAM, test_proto()));
}

TEST_F(socket, no_packets_by_this_protocol)
{
	EXPECT_ERRNO(ESOCKTNOSUPPORT,
		     socket(variant->family, SOCK_SEQPACKET, test_proto()));
}

TEST_F(socket, flags_of_the_type_are_obeyed)
{
	int fd = test_socket(variant->family, SOCK_NONBLOCK | SOCK_CLOEXEC);

	ASSERT_LE(0, fd);
	EXPECT_EQ(O_NONBLOCK, fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
}

/* bind() */

TEST_F(socket, bind_to_port_0_chooses_one_of_the_range)
{
	int fd = test_socket(variant->family, 0);
	long low, high;
	char range[64], *end;

	ASSERT_LT(0, file_read("/proc/sys/net/ipv4/ip_local_port_range", range,
			       sizeof(range)));
	low = strtol(range, &end, 10);
	high = strtol(end, NULL, 10);
	ASSERT_LT(low, high);
	ASSERT_EQ(0, bind_port(fd, variant->family, 0));
	EXPECT_LE(low, test_sockport(fd));
	EXPECT_GE(high, test_sockport(fd));
}

TEST_F(socket, bind_to_port_0_never_chooses_a_port_twice)
{
	int a = test_socket(variant->family, 0);
	int b = test_socket(variant->family, 0);

	ASSERT_EQ(0, file_write("/proc/sys/net/ipv4/ip_local_port_range",
				"50000 50001"));
	ASSERT_EQ(0, bind_port(a, variant->family, 0));
	ASSERT_EQ(0, bind_port(b, variant->family, 0));
	EXPECT_NE(test_sockport(a), test_sockport(b));
	EXPECT_ERRNO(EADDRINUSE, bind_port(test_socket(variant->family, 0),
					   variant->family, 0));
}

TEST_F(socket, bind_to_a_port_in_use_is_eaddrinuse)
{
	int a = test_socket(variant->family, 0);
	int b = test_socket(variant->family, 0);

	ASSERT_EQ(0, bind_port(a, variant->family, 4000));
	EXPECT_ERRNO(EADDRINUSE, bind_port(b, variant->family, 4000));
	/* Nor on all addresses, which are this one too. */
	EXPECT_ERRNO(EADDRINUSE, bind_to(b, test_any(variant->family, 4000)));
	EXPECT_EQ(0, bind_port(b, variant->family, 4001));
}

TEST_F(socket, closed_socket_frees_its_port)
{
	int a = test_socket(variant->family, 0);
	int b = test_socket(variant->family, 0);

	ASSERT_EQ(0, bind_port(a, variant->family, 4000));
	ASSERT_EQ(0, close(a));
	EXPECT_EQ(0, bind_port(b, variant->family, 4000));
}

TEST_F(socket, two_addresses_have_each_their_ports)
{
	int a = test_socket(variant->family, 0);
	int b = test_socket(variant->family, 0);
	struct sockaddr_storage other = test_loopback(variant->family, 4000);

	/* The second loopback address; IPv6 has but one. */
	if (variant->family == AF_INET)
		((struct sockaddr_in *)&other)->sin_addr.s_addr =
			htonl(INADDR_LOOPBACK + 1);
	else
		((struct sockaddr_in6 *)&other)->sin6_port = htons(4001);
	ASSERT_EQ(0, bind_port(a, variant->family, 4000));
	EXPECT_EQ(0, bind_to(b, other));
	EXPECT_EQ(0, listen(a, 1));
	EXPECT_EQ(0, listen(b, 1));
}

TEST_F(socket, protocols_do_not_share_ports)
{
	int other = test_is_atcp() ? IPPROTO_TCP : IPPROTO_MPTCP;
	int a = test_socket(variant->family, 0);
	int b = socket(variant->family, SOCK_STREAM, other);

	ATCP_ONLY();
	ASSERT_LE(0, b);
	ASSERT_EQ(0, bind_port(a, variant->family, 4000));
	EXPECT_EQ(0, bind_port(b, variant->family, 4000));
	EXPECT_EQ(0, listen(a, 1));
	EXPECT_EQ(0, listen(b, 1));
}

TEST_F(socket, bind_twice_is_einval)
{
	int fd = test_socket(variant->family, 0);

	ASSERT_EQ(0, bind_port(fd, variant->family, 4000));
	EXPECT_ERRNO(EINVAL, bind_port(fd, variant->family, 4001));
	EXPECT_EQ(4000, test_sockport(fd));
}

TEST_F(socket, bind_to_an_address_of_somebody_else_is_eaddrnotavail)
{
	int fd = test_socket(variant->family, 0);
	struct sockaddr_storage addr = test_any(variant->family, 4000);

	if (variant->family == AF_INET6)
		inet_pton(AF_INET6, "2001:db8::77",
			  &((struct sockaddr_in6 *)&addr)->sin6_addr);
	else
		inet_pton(AF_INET, "192.0.2.77",
			  &((struct sockaddr_in *)&addr)->sin_addr);
	EXPECT_ERRNO(EADDRNOTAVAIL, bind_to(fd, addr));
}

TEST_F(socket, bind_to_an_address_of_another_family_is_eafnosupport)
{
	int fd = test_socket(variant->family, 0);
	struct sockaddr_storage addr = test_loopback(variant->family, 4000);

	addr.ss_family = AF_UNIX;
	EXPECT_ERRNO(EAFNOSUPPORT, bind(fd, (struct sockaddr *)&addr,
					sizeof(struct sockaddr_in6)));
}

TEST_F(socket, bind_to_a_short_address_is_einval)
{
	int fd = test_socket(variant->family, 0);
	struct sockaddr_storage addr = test_loopback(variant->family, 4000);

	EXPECT_ERRNO(EINVAL, bind(fd, (struct sockaddr *)&addr, 4));
}

TEST_F(socket, bind_to_a_bad_pointer_is_efault)
{
	int fd = test_socket(variant->family, 0);

	EXPECT_ERRNO(EFAULT, bind(fd, (struct sockaddr *)8,
				  test_addrlen(variant->family)));
}

TEST_F(socket, low_ports_are_for_the_privileged)
{
	int fd = test_socket(variant->family, 0);

	ASSERT_EQ(0, seteuid(65534));
	EXPECT_ERRNO(EACCES, bind_port(fd, variant->family, 80));
	EXPECT_EQ(0, bind_port(fd, variant->family, 1024));
	ASSERT_EQ(0, seteuid(0));
}

TEST_F(socket, reuseaddr_shares_a_port_that_nobody_listens_on)
{
	int a = test_socket(variant->family, 0);
	int b = test_socket(variant->family, 0);

	reuse(a);
	reuse(b);
	ASSERT_EQ(0, bind_port(a, variant->family, 4000));
	EXPECT_EQ(0, bind_port(b, variant->family, 4000));
	/* It is not shared any more when one listens. */
	EXPECT_EQ(0, listen(a, 1));
	EXPECT_ERRNO(EADDRINUSE, listen(b, 1));
}

TEST_F(socket, reuseaddr_does_not_share_a_port_that_is_listened_on)
{
	int a = test_socket(variant->family, 0);
	int b = test_socket(variant->family, 0);

	reuse(a);
	reuse(b);
	ASSERT_EQ(0, bind_port(a, variant->family, 4000));
	ASSERT_EQ(0, listen(a, 1));
	EXPECT_ERRNO(EADDRINUSE, bind_port(b, variant->family, 4000));
}

TEST_F(socket, one_that_wants_reuseaddr_is_not_enough)
{
	int a = test_socket(variant->family, 0);
	int b = test_socket(variant->family, 0);

	reuse(b);
	ASSERT_EQ(0, bind_port(a, variant->family, 4000));
	EXPECT_ERRNO(EADDRINUSE, bind_port(b, variant->family, 4000));
}

/* The port of a server that closed first: its connection is in TIME-WAIT. */
static bool leave_time_wait(int family, bool with_reuse)
{
	int listener = test_socket(family, 0), client, server;
	char byte;

	if (with_reuse)
		reuse(listener);
	if (bind_port(listener, family, 4000) || listen(listener, 1))
		return false;
	client = test_connect(family, 4000);
	server = accept(listener, NULL, NULL);
	close(listener);
	close(server);
	if (read(client, &byte, 1) || close(client))
		return false;
	return WAIT_FOR(proc_state(family, 4000, 0) == ST_TIME_WAIT,
			PATIENCE_MS);
}

TEST_F(socket, port_in_time_wait_is_eaddrinuse)
{
	int fd = test_socket(variant->family, 0);

	ASSERT_TRUE(leave_time_wait(variant->family, true));
	EXPECT_ERRNO(EADDRINUSE, bind_port(fd, variant->family, 4000));
}

TEST_F(socket, reuseaddr_binds_to_a_port_in_time_wait)
{
	int fd = test_socket(variant->family, 0);

	ASSERT_TRUE(leave_time_wait(variant->family, true));
	reuse(fd);
	EXPECT_EQ(0, bind_port(fd, variant->family, 4000));
	EXPECT_EQ(0, listen(fd, 1));
}

/* It takes two: the old connection's socket must have agreed as well. */
TEST_F(socket, port_in_time_wait_that_was_not_to_be_reused_is_eaddrinuse)
{
	int fd = test_socket(variant->family, 0);

	ASSERT_TRUE(leave_time_wait(variant->family, false));
	reuse(fd);
	EXPECT_ERRNO(EADDRINUSE, bind_port(fd, variant->family, 4000));
}

/* listen() */

TEST_F(socket, listener_says_so)
{
	int fd = test_listen(variant->family, 4000, 1);

	ASSERT_LE(0, fd);
	EXPECT_EQ(1, get_int(fd, SO_ACCEPTCONN));
	EXPECT_EQ(ST_LISTEN, (int)proc_state(variant->family, 4000, 0));
}

TEST_F(socket, listen_without_bind_chooses_a_port)
{
	int fd = test_socket(variant->family, 0);

	ASSERT_EQ(0, listen(fd, 1));
	EXPECT_NE(0, test_sockport(fd));
	EXPECT_LE(0, test_connect(variant->family, test_sockport(fd)));
}

TEST_F(socket, listen_again_changes_the_backlog)
{
	int fd = test_listen(variant->family, 4000, 1);

	EXPECT_EQ(0, listen(fd, 10));
	EXPECT_EQ(0, listen(fd, 0));
	EXPECT_LE(0, test_connect(variant->family, 4000));
}

TEST_F(socket, listen_on_a_connection_is_einval)
{
	CONNECT_PAIR();
	EXPECT_ERRNO(EINVAL, listen(self->fd[0], 1));
	EXPECT_ERRNO(EINVAL, listen(self->fd[1], 1));
}

TEST_F(socket, shutdown_ends_listening)
{
	int fd = test_listen(variant->family, 4000, 1);

	ASSERT_EQ(0, shutdown(fd, SHUT_RD));
	EXPECT_ERRNO(EINVAL, accept(fd, NULL, NULL));
	EXPECT_ERRNO(ECONNREFUSED, test_connect(variant->family, 4000));
	EXPECT_EQ(ST_GONE, (int)proc_state(variant->family, 4000, 0));
}

TEST_MAIN
