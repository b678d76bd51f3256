// SPDX-License-Identifier: GPL-2.0
/*
 * Who may have which port: bind(2), listen(2), ip(7), and SO_REUSEADDR and
 * SO_REUSEPORT of socket(7).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>

#include "harness.h"

FIXTURE_NETNS(bind);

#define PORT 4000

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif
#ifndef IPV6_FREEBIND
#define IPV6_FREEBIND 78
#endif

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

enum address {
	ANY,
	FIRST,
	SECOND,
	ADDRESSES
};

static struct sockaddr_storage address(int family, enum address which,
				       uint16_t port)
{
	struct sockaddr_storage addr = which == ANY ?
					       test_any(family, port) :
					       test_loopback(family, port);

	if (which == SECOND && family == AF_INET6)
		((struct sockaddr_in6 *)&addr)->sin6_addr.s6_addr[15] = 2;
	else if (which == SECOND)
		((struct sockaddr_in *)&addr)->sin_addr.s_addr =
			htonl(INADDR_LOOPBACK + 1);
	return addr;
}

static int bind_to(int fd, struct sockaddr_storage addr)
{
	return bind(fd, (struct sockaddr *)&addr, test_addrlen(addr.ss_family));
}

static int connect_to(int fd, struct sockaddr_storage addr)
{
	return connect(fd, (struct sockaddr *)&addr,
		       test_addrlen(addr.ss_family));
}

/* Two sockets, and everything that counts for whether they may share a port */

struct owner {
	enum address address;
	bool reuse, reuseport, device, other_user;
};

static int owner_socket(int family, const struct owner *o)
{
	int fd;

	if (o->other_user && seteuid(1))
		return -1;
	fd = test_socket(family, 0);
	if (o->other_user && seteuid(0))
		return -1;
	if (fd < 0 || set(fd, SOL_SOCKET, SO_REUSEADDR, o->reuse) ||
	    set(fd, SOL_SOCKET, SO_REUSEPORT, o->reuseport))
		return -1;
	if (family == AF_INET6)
		set(fd, IPPROTO_IPV6, IPV6_FREEBIND, 1);
	if (o->device && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2))
		return -1;
	return fd;
}

static bool addresses_meet(const struct owner *a, const struct owner *b)
{
	return a->address == ANY || b->address == ANY ||
	       a->address == b->address;
}

static bool share_by_reuseport(const struct owner *a, const struct owner *b)
{
	return a->reuseport && b->reuseport && a->other_user == b->other_user;
}

/* What Linux says of a second owner, while the first listens or does not. */
static bool may_bind(const struct owner *a, const struct owner *b,
		     bool listening)
{
	return !addresses_meet(a, b) || (a->reuse && b->reuse && !listening) ||
	       share_by_reuseport(a, b);
}

static void print_owner(const struct owner *o)
{
	fprintf(stderr,
		"# address %d reuse %d reuseport %d device %d user %d\n",
		o->address, o->reuse, o->reuseport, o->device, o->other_user);
}

static bool try_pair(int family, const struct owner *a, const struct owner *b,
		     bool listening)
{
	int fd[2] = { owner_socket(family, a), owner_socket(family, b) };
	bool want = may_bind(a, b, listening), good = false;
	int got;

	if (bind_to(fd[0], address(family, a->address, PORT)) ||
	    (listening && listen(fd[0], 1))) {
		fprintf(stderr, "# the first: %s\n", strerror(errno));
		goto out;
	}
	got = bind_to(fd[1], address(family, b->address, PORT));
	good = want ? !got : got && errno == EADDRINUSE;
	if (!good)
		fprintf(stderr, "# bind: %s, not wanted\n",
			got ? strerror(errno) : "fine");
	if (!good || got)
		goto out;
	/* Whoever listens first keeps out those with SO_REUSEADDR only. */
	if (!listening && listen(fd[0], 1)) {
		fprintf(stderr, "# first listen: %s\n", strerror(errno));
		good = false;
		goto out;
	}
	want = may_bind(a, b, true);
	got = listen(fd[1], 1);
	good = want ? !got : got && errno == EADDRINUSE;
	if (!good)
		fprintf(stderr, "# second listen: %s, not wanted\n",
			got ? strerror(errno) : "fine");
out:
	if (!good) {
		print_owner(a);
		print_owner(b);
	}
	close(fd[0]);
	close(fd[1]);
	return good;
}

static struct owner owner_of(unsigned int bits)
{
	return (struct owner){
		.reuse = bits & 1,
		.reuseport = bits & 2,
		.device = bits & 4,
		.other_user = bits & 8,
	};
}

TEST_F(bind, two_owners_of_a_port_agree_or_the_second_is_eaddrinuse)
{
	struct owner a, b;
	unsigned int i, j;

	for (i = 0; i < 8; i++) {
		for (j = 0; j < 16; j++) {
			a = owner_of(i);
			b = owner_of(j);
			for (a.address = ANY; a.address < ADDRESSES;
			     a.address++) {
				for (b.address = ANY; b.address < ADDRESSES;
				     b.address++) {
					ASSERT_TRUE(try_pair(variant->family,
							     &a, &b, false));
					ASSERT_TRUE(try_pair(variant->family,
							     &a, &b, true));
				}
			}
		}
	}
}

/* A second device; it lives as long as the file. */
static int open_tun(void)
{
	struct ifreq ifr = { .ifr_name = "tun0",
			     .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	return fd < 0 || ioctl(fd, TUNSETIFF, &ifr) ? -1 : fd;
}

static int listen_on(int family, const char *device)
{
	int fd = test_socket(family, 0);

	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device,
		       strlen(device)) ||
	    bind_to(fd, address(family, ANY, PORT)) || listen(fd, 1))
		return -1;
	return fd;
}

TEST_F(bind, devices_keep_owners_apart)
{
	int lo, tun;

	ASSERT_LE(0, open_tun());
	ASSERT_LE(0, (tun = listen_on(variant->family, "tun0")));
	ASSERT_LE(0, (lo = listen_on(variant->family, "lo")));
	EXPECT_ERRNO(EADDRINUSE, listen_on(variant->family, "lo"));
	EXPECT_ERRNO(EADDRINUSE, listen_on(variant->family, ""));
	ASSERT_LE(0, test_connect(variant->family, PORT));
	EXPECT_TRUE(poll_for(lo, POLLIN));
	EXPECT_EQ(0, poll_now(tun));
}

TEST_F(bind, listener_of_another_device_hears_nothing)
{
	ASSERT_LE(0, open_tun());
	ASSERT_LE(0, listen_on(variant->family, "tun0"));
	EXPECT_ERRNO(ECONNREFUSED, test_connect(variant->family, PORT));
}

/* bind() to port 0 */

static void one_port(const char *range)
{
	file_write("/proc/sys/net/ipv4/ip_local_port_range", range);
}

static int bind_any_port(int family, bool reuse)
{
	int fd = test_socket(family, 0);

	set(fd, SOL_SOCKET, SO_REUSEADDR, reuse);
	return bind_to(fd, address(family, FIRST, 0)) ? -1 : fd;
}

TEST_F(bind, any_port_is_nobodys_even_with_so_reuseaddr)
{
	int fd;

	one_port("50000 50001");
	ASSERT_LE(0, (fd = bind_any_port(variant->family, true)));
	EXPECT_LE(0, bind_any_port(variant->family, true));
	EXPECT_ERRNO(EADDRINUSE, bind_any_port(variant->family, true));
	close(fd);
	EXPECT_LE(0, bind_any_port(variant->family, true));
}

TEST_F(bind, any_port_is_shared_with_ip_autobind_reuse)
{
	one_port("50000 50000");
	ASSERT_EQ(0, file_write("/proc/sys/net/ipv4/ip_autobind_reuse", "1"));
	ASSERT_LE(0, bind_any_port(variant->family, true));
	EXPECT_LE(0, bind_any_port(variant->family, true));
	EXPECT_ERRNO(EADDRINUSE, bind_any_port(variant->family, false));
}

TEST_F(bind, any_port_is_not_a_reserved_one)
{
	int fd;

	one_port("50000 50002");
	ASSERT_EQ(0, file_write("/proc/sys/net/ipv4/ip_local_reserved_ports",
				"50000,50002"));
	ASSERT_LE(0, (fd = bind_any_port(variant->family, false)));
	EXPECT_EQ(50001, test_sockport(fd));
	EXPECT_ERRNO(EADDRINUSE, bind_any_port(variant->family, false));
	/* Who names it may have it. */
	EXPECT_EQ(0, bind_to(test_socket(variant->family, 0),
			     address(variant->family, FIRST, 50000)));
}

TEST_F(bind, any_port_is_one_of_ip_local_port_range)
{
	int fd = test_socket(variant->family, 0);

	if (set(fd, SOL_IP, IP_LOCAL_PORT_RANGE, 41000 << 16 | 41000))
		SKIP(return, "this kernel has no IP_LOCAL_PORT_RANGE");
	one_port("40000 50000");
	ASSERT_EQ(0, bind_to(fd, address(variant->family, FIRST, 0)));
	EXPECT_EQ(41000, test_sockport(fd));
	fd = test_socket(variant->family, 0);
	ASSERT_EQ(0, set(fd, SOL_IP, IP_LOCAL_PORT_RANGE, 41000 << 16 | 41000));
	EXPECT_ERRNO(EADDRINUSE,
		     bind_to(fd, address(variant->family, FIRST, 0)));
}

/* So that the two keep out of each other's way: even for connect(). */
TEST_F(bind, any_port_is_odd_and_connects_is_even)
{
	int listener = test_listen(variant->family, PORT, 8), i;

	ASSERT_LE(0, listener);
	one_port("40000 49999");
	for (i = 0; i < 8; i++) {
		int fd = test_connect(variant->family, PORT);

		ASSERT_LE(0, fd);
		EXPECT_EQ(0, test_sockport(fd) % 2);
		fd = bind_any_port(variant->family, false);
		ASSERT_LE(0, fd);
		EXPECT_EQ(1, test_sockport(fd) % 2);
	}
}

/* connect() and ports */

TEST_F(bind, connect_takes_no_port_that_is_bound)
{
	int fd;

	one_port("50000 50000");
	ASSERT_LE(0, test_listen(variant->family, PORT, 8));
	ASSERT_LE(0, (fd = bind_any_port(variant->family, true)));
	EXPECT_ERRNO(EADDRNOTAVAIL, test_connect(variant->family, PORT));
	close(fd);
	EXPECT_LE(0, test_connect(variant->family, PORT));
}

TEST_F(bind, bind_takes_no_port_that_connect_has)
{
	int fd;

	one_port("50000 50000");
	ASSERT_LE(0, test_listen(variant->family, PORT, 8));
	ASSERT_LE(0, (fd = test_connect(variant->family, PORT)));
	EXPECT_ERRNO(EADDRINUSE, bind_any_port(variant->family, true));
	EXPECT_ERRNO(EADDRINUSE,
		     bind_to(test_socket(variant->family, 0),
			     address(variant->family, FIRST, 50000)));
}

TEST_F(bind, bound_ports_are_shared_by_connections_to_different_ends)
{
	int fd[2], i;

	ASSERT_LE(0, test_listen(variant->family, PORT, 8));
	ASSERT_LE(0, test_listen(variant->family, PORT + 1, 8));
	for (i = 0; i < 2; i++) {
		fd[i] = test_socket(variant->family, 0);
		set(fd[i], SOL_SOCKET, SO_REUSEADDR, 1);
		ASSERT_EQ(0, bind_to(fd[i],
				     address(variant->family, FIRST, 50000)));
	}
	ASSERT_EQ(0, connect_to(fd[0], test_loopback(variant->family, PORT)));
	EXPECT_ERRNO(EADDRNOTAVAIL,
		     connect_to(fd[1], test_loopback(variant->family, PORT)));
	EXPECT_EQ(0,
		  connect_to(fd[1], test_loopback(variant->family, PORT + 1)));
}

static int bind_address_only(int family)
{
	int fd = test_socket(family, 0);

	if (set(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1) ||
	    bind_to(fd, address(family, FIRST, 0)))
		return -1;
	return fd;
}

TEST_F(bind, address_without_a_port_gets_one_by_connect)
{
	int fd[3], i;

	one_port("50000 50000");
	ASSERT_LE(0, test_listen(variant->family, PORT, 8));
	ASSERT_LE(0, test_listen(variant->family, PORT + 1, 8));
	for (i = 0; i < 3; i++) {
		fd[i] = bind_address_only(variant->family);
		ASSERT_LE(0, fd[i]);
		EXPECT_EQ(0, test_sockport(fd[i]));
	}
	ASSERT_EQ(0, connect_to(fd[0], test_loopback(variant->family, PORT)));
	EXPECT_EQ(50000, test_sockport(fd[0]));
	/* A port chosen so late is taken for one destination only. */
	EXPECT_EQ(0,
		  connect_to(fd[1], test_loopback(variant->family, PORT + 1)));
	EXPECT_ERRNO(EADDRNOTAVAIL,
		     connect_to(fd[2], test_loopback(variant->family, PORT)));
}

/* The address that was bound counts before there is a port. */
TEST_F(bind, port_got_by_connect_is_taken_for_its_address_only)
{
	struct owner other = { .address = SECOND };
	int fd = bind_address_only(variant->family);

	one_port("50000 50000");
	ASSERT_LE(0, test_listen(variant->family, PORT, 8));
	ASSERT_EQ(0, connect_to(fd, test_loopback(variant->family, PORT)));
	EXPECT_ERRNO(EADDRINUSE,
		     bind_to(test_socket(variant->family, 0),
			     address(variant->family, FIRST, 50000)));
	EXPECT_EQ(0, bind_to(owner_socket(variant->family, &other),
			     address(variant->family, SECOND, 50000)));
}

/* listen() */

TEST_F(bind, listen_without_a_port_gets_one)
{
	int fd = test_socket(variant->family, 0);

	ASSERT_EQ(0, listen(fd, 1));
	EXPECT_LT(0, test_sockport(fd));
	EXPECT_LE(0, test_connect(variant->family, test_sockport(fd)));
}

TEST_F(bind, listener_that_stops_may_listen_again_or_connect)
{
	int fd = test_listen(variant->family, PORT, 1);

	ASSERT_EQ(0, shutdown(fd, SHUT_RD));
	EXPECT_ERRNO(ECONNREFUSED, test_connect(variant->family, PORT));
	ASSERT_EQ(0, listen(fd, 1));
	EXPECT_LE(0, test_connect(variant->family, PORT));
}

#define RACES 300

struct race {
	pthread_barrier_t barrier;
	int fd[2];
	int result[2];
};

static void *race_to_listen(void *arg)
{
	struct race *race = arg;

	pthread_barrier_wait(&race->barrier);
	race->result[1] = listen(race->fd[1], 1);
	return NULL;
}

/* SO_REUSEADDR lets both bind; one of them may listen, whoever comes first. */
TEST_F(bind, of_two_that_listen_at_once_one_is_told_eaddrinuse)
{
	struct race race;
	pthread_t thread;
	int i, j;

	pthread_barrier_init(&race.barrier, NULL, 2);
	for (i = 0; i < RACES; i++) {
		for (j = 0; j < 2; j++) {
			race.fd[j] = test_socket(variant->family, 0);
			set(race.fd[j], SOL_SOCKET, SO_REUSEADDR, 1);
			ASSERT_EQ(0,
				  bind_to(race.fd[j], address(variant->family,
							      FIRST, PORT)));
		}
		ASSERT_EQ(0,
			  pthread_create(&thread, NULL, race_to_listen, &race));
		pthread_barrier_wait(&race.barrier);
		race.result[0] = listen(race.fd[0], 1);
		pthread_join(thread, NULL);
		ASSERT_EQ(-1, race.result[0] + race.result[1]);
		close(race.fd[0]);
		close(race.fd[1]);
	}
}

/* TIME-WAIT */

/* A connection of PORT, closed there first; the other end's port. */
static int leave_time_wait(int family, bool reuse, bool reuseport)
{
	struct owner o = { .address = FIRST,
			   .reuse = reuse,
			   .reuseport = reuseport };
	int listener = owner_socket(family, &o), client, server;
	char byte;

	if (bind_to(listener, address(family, FIRST, PORT)) ||
	    listen(listener, 1))
		return -1;
	client = test_connect(family, PORT);
	server = accept(listener, NULL, NULL);
	close(listener);
	close(server);
	if (read(client, &byte, 1))
		return -1;
	close(client);
	return WAIT_FOR(proc_state(family, PORT, 0) == ST_TIME_WAIT,
			PATIENCE_MS) ?
		       0 :
		       -1;
}

static int bind_port(int family, bool reuse, bool reuseport, bool other_user)
{
	struct owner o = { .reuse = reuse,
			   .reuseport = reuseport,
			   .other_user = other_user };
	int fd = owner_socket(family, &o);
	int err = bind_to(fd, address(family, FIRST, PORT));

	if (!err)
		err = listen(fd, 1);
	if (err) {
		err = errno;
		close(fd);
		errno = err;
		return -1;
	}
	close(fd);
	return 0;
}

TEST_F(bind, time_wait_keeps_its_port_but_for_so_reuseaddr_on_both)
{
	ASSERT_EQ(0, leave_time_wait(variant->family, true, false));
	EXPECT_ERRNO(EADDRINUSE,
		     bind_port(variant->family, false, false, false));
	EXPECT_ERRNO(EADDRINUSE,
		     bind_port(variant->family, false, true, false));
	EXPECT_EQ(0, bind_port(variant->family, true, false, false));
	EXPECT_EQ(0, bind_port(variant->family, true, false, true));
}

TEST_F(bind, time_wait_of_who_did_not_ask_for_so_reuseaddr_keeps_its_port)
{
	ASSERT_EQ(0, leave_time_wait(variant->family, false, false));
	EXPECT_ERRNO(EADDRINUSE,
		     bind_port(variant->family, true, false, false));
	EXPECT_ERRNO(EADDRINUSE,
		     bind_port(variant->family, false, true, false));
}

TEST_F(bind, time_wait_shares_by_so_reuseport_with_any_user)
{
	ASSERT_EQ(0, leave_time_wait(variant->family, false, true));
	EXPECT_ERRNO(EADDRINUSE,
		     bind_port(variant->family, true, false, false));
	EXPECT_EQ(0, bind_port(variant->family, false, true, false));
	EXPECT_EQ(0, bind_port(variant->family, false, true, true));
}

TEST_MAIN
