// SPDX-License-Identifier: GPL-2.0
/*
 * connect() and accept(), and who the two ends are: connect(2), accept(2),
 * getsockname(2), tcp(7).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#include "harness.h"

FIXTURE_NETNS(connect);

#define PORT 4000

static int connect_to(int fd, struct sockaddr_storage addr)
{
	return connect(fd, (struct sockaddr *)&addr,
		       test_addrlen(addr.ss_family));
}

/* Both addresses of an end, as one string. */
static const char *ends(int fd, bool own_first)
{
	static char text[2][128];
	static int turn;
	struct sockaddr_storage addr[2];
	char *out = text[turn++ % 2];
	int i, n = 0;

	for (i = 0; i < 2; i++) {
		socklen_t len = sizeof(addr[i]);
		char host[INET6_ADDRSTRLEN] = "?";
		int err;

		err = own_first == !i ?
			      getsockname(fd, (struct sockaddr *)&addr[i],
					  &len) :
			      getpeername(fd, (struct sockaddr *)&addr[i],
					  &len);
		if (err || len != test_addrlen(addr[i].ss_family))
			return "no address";
		inet_ntop(addr[i].ss_family,
			  addr[i].ss_family == AF_INET6 ?
				  (void *)&((struct sockaddr_in6 *)&addr[i])
					  ->sin6_addr :
				  (void *)&((struct sockaddr_in *)&addr[i])
					  ->sin_addr,
			  host, sizeof(host));
		n += snprintf(out + n, sizeof(text[0]) - n, "%s %u ", host,
			      test_port(&addr[i]));
	}
	return out;
}

/* Who is who */

TEST_F(connect, both_ends_know_each_other)
{
	CONNECT_PAIR();
	EXPECT_STREQ(ends(self->fd[0], true), ends(self->fd[1], false));
	EXPECT_STRNE("no address", ends(self->fd[0], true));
}

TEST_F(connect, accept_tells_the_peers_address)
{
	int listener = test_listen(variant->family, PORT, 1);
	int client = test_connect(variant->family, PORT);
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	ASSERT_LE(0, accept(listener, (struct sockaddr *)&addr, &len));
	EXPECT_EQ(test_addrlen(variant->family), len);
	EXPECT_EQ(variant->family, addr.ss_family);
	EXPECT_EQ(test_sockport(client), test_port(&addr));
}

TEST_F(connect, listener_on_any_address_hands_out_the_one_that_was_called)
{
	struct sockaddr_storage any = test_any(variant->family, PORT);
	int listener = test_socket(variant->family, 0), client, server;

	ASSERT_EQ(0, bind(listener, (struct sockaddr *)&any,
			  test_addrlen(variant->family)));
	ASSERT_EQ(0, listen(listener, 1));
	client = test_connect(variant->family, PORT);
	server = accept(listener, NULL, NULL);
	ASSERT_LE(0, server);
	EXPECT_STREQ(ends(client, false), ends(server, true));
}

TEST_F(connect, names_that_do_not_fit_are_cut_but_measured)
{
	struct sockaddr_storage addr;
	socklen_t len = 4;

	CONNECT_PAIR();
	memset(&addr, 0x55, sizeof(addr));
	ASSERT_EQ(0, getsockname(self->fd[0], (struct sockaddr *)&addr, &len));
	EXPECT_EQ(test_addrlen(variant->family), len);
	EXPECT_EQ(0x55, ((uint8_t *)&addr)[4]);
	len = -1;
	EXPECT_ERRNO(EINVAL,
		     getpeername(self->fd[0], (struct sockaddr *)&addr, &len));
}

TEST_F(connect, no_peer_no_name)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	EXPECT_ERRNO(ENOTCONN, getpeername(test_socket(variant->family, 0),
					   (struct sockaddr *)&addr, &len));
	EXPECT_ERRNO(ENOTCONN,
		     getpeername(test_listen(variant->family, PORT, 1),
				 (struct sockaddr *)&addr, &len));
}

TEST_F(connect, keeps_the_address_it_was_bound_to)
{
	struct sockaddr_storage addr = test_loopback(variant->family, 5000);
	int fd = test_socket(variant->family, 0);

	ASSERT_LE(0, test_listen(variant->family, PORT, 1));
	ASSERT_EQ(0, bind(fd, (struct sockaddr *)&addr,
			  test_addrlen(variant->family)));
	ASSERT_EQ(0, connect_to(fd, test_loopback(variant->family, PORT)));
	EXPECT_EQ(5000, test_sockport(fd));
}

/* connect(), blocking */

TEST_F(connect, closed_port_refuses)
{
	int fd = test_socket(variant->family, 0);

	EXPECT_ERRNO(ECONNREFUSED,
		     connect_to(fd, test_loopback(variant->family, PORT)));
	/* It was told already. */
	EXPECT_EQ(0, so_error(fd));
}

TEST_F(connect, refused_socket_may_try_again)
{
	int fd = test_socket(variant->family, 0);

	EXPECT_ERRNO(ECONNREFUSED,
		     connect_to(fd, test_loopback(variant->family, PORT)));
	ASSERT_LE(0, test_listen(variant->family, PORT, 1));
	EXPECT_EQ(0, connect_to(fd, test_loopback(variant->family, PORT)));
}

TEST_F(connect, connected_socket_is_eisconn)
{
	CONNECT_PAIR();
	EXPECT_ERRNO(EISCONN, connect_to(self->fd[0],
					 test_loopback(variant->family, PORT)));
	EXPECT_ERRNO(EISCONN, connect_to(self->fd[1],
					 test_loopback(variant->family, PORT)));
}

TEST_F(connect, listener_is_eisconn)
{
	int fd = test_listen(variant->family, PORT, 1);

	EXPECT_ERRNO(EISCONN,
		     connect_to(fd, test_loopback(variant->family, PORT)));
}

TEST_F(connect, without_a_route_is_enetunreach)
{
	struct sockaddr_storage addr = test_any(variant->family, PORT);

	if (variant->family == AF_INET6)
		inet_pton(AF_INET6, "2001:db8::77",
			  &((struct sockaddr_in6 *)&addr)->sin6_addr);
	else
		inet_pton(AF_INET, "192.0.2.77",
			  &((struct sockaddr_in *)&addr)->sin_addr);
	EXPECT_ERRNO(ENETUNREACH,
		     connect_to(test_socket(variant->family, 0), addr));
}

/* MUST-46: an OPEN to an address that is nobody's own is rejected. */
TEST_F(connect, to_a_multicast_address_is_enetunreach)
{
	struct sockaddr_storage addr = test_any(variant->family, PORT);

	if (variant->family == AF_INET6)
		inet_pton(AF_INET6, "ff02::1",
			  &((struct sockaddr_in6 *)&addr)->sin6_addr);
	else
		inet_pton(AF_INET, "224.0.0.1",
			  &((struct sockaddr_in *)&addr)->sin_addr);
	EXPECT_ERRNO(ENETUNREACH,
		     connect_to(test_socket(variant->family, 0), addr));
}

TEST_F(connect, to_an_address_of_another_family_is_eafnosupport)
{
	struct sockaddr_storage addr = test_loopback(variant->family, PORT);

	addr.ss_family = AF_UNIX;
	EXPECT_ERRNO(EAFNOSUPPORT, connect(test_socket(variant->family, 0),
					   (struct sockaddr *)&addr,
					   sizeof(struct sockaddr_in6)));
}

TEST_F(connect, to_a_short_address_is_einval)
{
	struct sockaddr_storage addr = test_loopback(variant->family, PORT);

	EXPECT_ERRNO(EINVAL, connect(test_socket(variant->family, 0),
				     (struct sockaddr *)&addr, 6));
}

TEST_F(connect, to_a_bad_pointer_is_efault)
{
	EXPECT_ERRNO(EFAULT, connect(test_socket(variant->family, 0),
				     (struct sockaddr *)8,
				     test_addrlen(variant->family)));
}

TEST_F(connect, without_a_free_port_is_eaddrnotavail)
{
	ASSERT_EQ(0, file_write("/proc/sys/net/ipv4/ip_local_port_range",
				"50000 50001"));
	ASSERT_LE(0, test_listen(variant->family, PORT, 8));
	ASSERT_LE(0, test_listen(variant->family, PORT + 1, 8));
	EXPECT_LE(0, test_connect(variant->family, PORT));
	EXPECT_LE(0, test_connect(variant->family, PORT));
	EXPECT_ERRNO(EADDRNOTAVAIL, test_connect(variant->family, PORT));
	/* A port is taken for one destination, not for all of them. */
	EXPECT_LE(0, test_connect(variant->family, PORT + 1));
}

TEST_F(connect, to_nowhere_disconnects)
{
	struct sockaddr_storage none = { .ss_family = AF_UNSPEC };
	char byte;

	CONNECT_PAIR();
	ASSERT_EQ(0,
		  connect(self->fd[0], (struct sockaddr *)&none, sizeof(none)));
	EXPECT_EQ(POLLHUP, poll_now(self->fd[0]) & POLLHUP);
	EXPECT_ERRNO(ECONNRESET, read(self->fd[1], &byte, 1));
	ASSERT_LE(0, test_listen(variant->family, PORT, 1));
	EXPECT_EQ(0, connect_to(self->fd[0],
				test_loopback(variant->family, PORT)));
}

/* connect(), not blocking */

TEST_F(connect, nonblocking_is_einprogress_and_then_writable)
{
	int listener = test_listen(variant->family, PORT, 1);
	int fd = test_socket(variant->family, SOCK_NONBLOCK);

	EXPECT_ERRNO(EINPROGRESS,
		     connect_to(fd, test_loopback(variant->family, PORT)));
	ASSERT_TRUE(poll_for(fd, POLLOUT));
	EXPECT_EQ(POLLOUT, poll_now(fd));
	EXPECT_EQ(0, so_error(fd));
	ASSERT_LE(0, accept(listener, NULL, NULL));
	/* It is told once that all went well. */
	EXPECT_EQ(0, connect_to(fd, test_loopback(variant->family, PORT)));
	EXPECT_ERRNO(EISCONN,
		     connect_to(fd, test_loopback(variant->family, PORT)));
}

TEST_F(connect, nonblocking_refusal_is_in_so_error_once)
{
	int fd = test_socket(variant->family, SOCK_NONBLOCK);

	EXPECT_ERRNO(EINPROGRESS,
		     connect_to(fd, test_loopback(variant->family, PORT)));
	ASSERT_TRUE(poll_for(fd, POLLERR));
	EXPECT_EQ(ECONNREFUSED, so_error(fd));
	EXPECT_EQ(0, so_error(fd));
}

TEST_F(connect, nonblocking_refusal_is_told_by_the_next_connect)
{
	int fd = test_socket(variant->family, SOCK_NONBLOCK);

	EXPECT_ERRNO(EINPROGRESS,
		     connect_to(fd, test_loopback(variant->family, PORT)));
	ASSERT_TRUE(poll_for(fd, POLLERR));
	EXPECT_ERRNO(ECONNREFUSED,
		     connect_to(fd, test_loopback(variant->family, PORT)));
}

/* accept() */

TEST_F(connect, accept_with_nobody_there_is_eagain)
{
	int listener = test_listen(variant->family, PORT, 1);

	set_nonblock(listener, true);
	EXPECT_ERRNO(EAGAIN, accept(listener, NULL, NULL));
}

TEST_F(connect, accept_without_listen_is_einval)
{
	EXPECT_ERRNO(EINVAL,
		     accept(test_socket(variant->family, 0), NULL, NULL));
	CONNECT_PAIR();
	EXPECT_ERRNO(EINVAL, accept(self->fd[0], NULL, NULL));
}

TEST_F(connect, accept4_sets_the_flags_of_the_new_socket)
{
	int listener = test_listen(variant->family, PORT, 1), fd;

	ASSERT_LE(0, test_connect(variant->family, PORT));
	fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(O_NONBLOCK, fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	EXPECT_ERRNO(EINVAL, accept4(listener, NULL, NULL, 1));
}

TEST_F(connect, accepted_socket_does_not_inherit_nonblock)
{
	int listener = test_listen(variant->family, PORT, 1), fd;

	set_nonblock(listener, true);
	ASSERT_LE(0, test_connect(variant->family, PORT));
	ASSERT_TRUE(poll_for(listener, POLLIN));
	fd = accept(listener, NULL, NULL);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, fcntl(fd, F_GETFL) & O_NONBLOCK);
}

TEST_F(connect, accept_hands_out_in_the_order_of_arrival)
{
	int listener = test_listen(variant->family, PORT, 8), i;
	struct sockaddr_storage addr;
	int fd[4];

	for (i = 0; i < 4; i++) {
		fd[i] = test_connect(variant->family, PORT);
		ASSERT_LE(0, fd[i]);
	}
	for (i = 0; i < 4; i++) {
		socklen_t len = sizeof(addr);

		ASSERT_LE(0, accept(listener, (struct sockaddr *)&addr, &len));
		EXPECT_EQ(test_sockport(fd[i]), test_port(&addr));
	}
}

TEST_F(connect, blocking_accept_waits_for_a_connection)
{
	int listener = test_listen(variant->family, PORT, 1), fd, status;
	pid_t child = fork();

	if (!child) {
		/* The parent is in accept() or will be: both must do. */
		_exit(test_connect(variant->family, PORT) < 0);
	}
	fd = accept(listener, NULL, NULL);
	EXPECT_LE(0, fd);
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
}

TEST_F(connect, accept_gives_up_after_so_rcvtimeo)
{
	int listener = test_listen(variant->family, PORT, 1);
	struct timeval limit = { .tv_usec = 100 * 1000 };
	uint64_t start = now_us();

	ASSERT_EQ(0, setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &limit,
				sizeof(limit)));
	EXPECT_ERRNO(EAGAIN, accept(listener, NULL, NULL));
	EXPECT_LE(90 * 1000, (int)(now_us() - start));
}

/* The new end starts with what the listener was set to. */
TEST_F(connect, accepted_socket_inherits_the_listeners_options)
{
	int listener = test_listen(variant->family, PORT, 1), fd;
	int size = 32768, got = 0, listeners = 0, on = 1;
	socklen_t len = sizeof(got);

	ASSERT_EQ(0, setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &size,
				sizeof(size)));
	ASSERT_EQ(0, setsockopt(listener, SOL_SOCKET, SO_KEEPALIVE, &on,
				sizeof(on)));
	ASSERT_LE(0, test_connect(variant->family, PORT));
	fd = accept(listener, NULL, NULL);
	ASSERT_LE(0, fd);
	getsockopt(listener, SOL_SOCKET, SO_RCVBUF, &listeners, &len);
	ASSERT_EQ(0, getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &got, &len));
	EXPECT_EQ(listeners, got);
	ASSERT_EQ(0, getsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &got, &len));
	EXPECT_EQ(1, got);
}

TEST_MAIN
