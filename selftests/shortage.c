// SPDX-License-Identifier: GPL-2.0
/*
 * While memory is short: segments that cannot be kept, answered or sent are as
 * good as lost, and come again. What was acknowledged is never lost, and once
 * there is memory everything is as it should be.
 *
 * faults.c makes one allocation of one call fail at a time; here it is many,
 * and those in softirq. This wants a kernel with fault injection, too.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>

#include "fault.h"
#include "harness.h"

FIXTURE(shortage)
{
	int fd[2];
	int listener;
};

FIXTURE_PER_FAMILY(shortage);

FIXTURE_SETUP(shortage)
{
	ASSERT_EQ(0, test_setup(_metadata->timeout));
}

FIXTURE_TEARDOWN(shortage)
{
	if (fault_available())
		fault_off();
	test_teardown(_metadata);
}

#define NEED_FAULTS()                                                          \
	do {                                                                   \
		if (!test_is_atcp() || !fault_available())                     \
			SKIP(return, "nothing fails on demand here");          \
	} while (0)

struct flow {
	int fd;
	bool writes;
	bool ok;
};

#define MUCH (512 << 10)

static void *run_flow(void *arg)
{
	struct flow *f = arg;

	f->ok = f->writes ? stream_write(f->fd, MUCH, 0) :
			    stream_read(f->fd, MUCH, 0);
	return NULL;
}

/* Both ways at once; the shortage ends after @ms. */
static bool both_ways(int fd[2], int ms)
{
	struct flow flows[] = { { .fd = fd[0], .writes = true },
				{ .fd = fd[1], .writes = true },
				{ .fd = fd[0] },
				{ .fd = fd[1] } };
	pthread_t threads[4];
	bool ok = true;
	int i;

	for (i = 0; i < 4; i++) {
		if (pthread_create(&threads[i], NULL, run_flow, &flows[i]))
			return false;
	}
	WAIT_FOR(false, ms);
	fault_off();
	for (i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		ok = ok && flows[i].ok;
	}
	return ok;
}

TEST_F(shortage, data_survives_it)
{
	NEED_FAULTS();
	CONNECT_PAIR();
	fault_rate(10);
	EXPECT_TRUE(both_ways(self->fd, 2000));
	EXPECT_LT(0, fault_count());
}

TEST_F(shortage, data_survives_when_nothing_can_be_had)
{
	NEED_FAULTS();
	CONNECT_PAIR();
	fault_rate(100);
	EXPECT_TRUE(both_ways(self->fd, 500));
	EXPECT_LT(0, fault_count());
}

#define NETEM "netem limit 1000 delay 1ms 1ms loss 2% duplicate 1%"

/* Where segments are kept out of order, and sent again by range. */
TEST_F(shortage, data_survives_it_on_a_bad_path)
{
	NEED_FAULTS();
	ASSERT_EQ(0, system("ip link set lo mtu 1500"));
	ASSERT_EQ(0, system("ethtool -K lo tso off gso off gro off"));
	ASSERT_EQ(0, system("tc qdisc add dev lo root " NETEM));
	CONNECT_PAIR();
	fault_rate(5);
	EXPECT_TRUE(both_ways(self->fd, 2000));
	EXPECT_LT(0, fault_count());
}

/* The engine copes with fewer records of what is in flight. */
TEST_F(shortage, of_ranges)
{
	NEED_FAULTS();
	ASSERT_EQ(0, system("ip link set lo mtu 1500"));
	ASSERT_EQ(0, system("ethtool -K lo tso off gso off gro off"));
	ASSERT_EQ(0, system("tc qdisc add dev lo root " NETEM));
	CONNECT_PAIR();
	ASSERT_TRUE(fault_cache("atcp_range", true));
	EXPECT_TRUE(both_ways(self->fd, 1000));
	fault_cache("atcp_range", false);
	EXPECT_LT(0, fault_count());
}

/* A pointer to a header that was looked at before must be taken anew. */
TEST_F(shortage, packets_move)
{
	NEED_FAULTS();
	fault_move_packets();
	CONNECT_PAIR();
	EXPECT_TRUE(both_ways(self->fd, 1000));
	EXPECT_LT(0, fault_count());
}

#define CLIENTS 16

/* SYN, SYN-ACK, the record, the child: whatever is missing, a retry brings. */
static bool all_connect(int family, int listener, int *clients)
{
	struct sockaddr_storage addr =
		test_loopback(family, test_sockport(listener));
	int i, fd;

	for (i = 0; i < CLIENTS; i++) {
		clients[i] = test_socket(family, SOCK_NONBLOCK);
		/* At once, it may fail; that is faults.c's. */
		while (connect(clients[i], (struct sockaddr *)&addr,
			       test_addrlen(family)) &&
		       errno != EINPROGRESS)
			if (errno != ENOMEM && errno != ENOBUFS)
				return false;
	}
	WAIT_FOR(false, 500);
	fault_off();
	for (i = 0; i < CLIENTS; i++) {
		if (!poll_for(listener, POLLIN) ||
		    !poll_for(clients[i], POLLOUT) || so_error(clients[i]))
			return false;
		fd = accept(listener, NULL, NULL);
		if (fd < 0 || !stream_write(fd, 1000, 0))
			return false;
		close(fd);
	}
	for (i = 0; i < CLIENTS; i++) {
		set_nonblock(clients[i], false);
		if (!stream_read(clients[i], 1000, 0))
			return false;
		close(clients[i]);
	}
	return true;
}

TEST_F(shortage, handshakes_survive_it)
{
	int clients[CLIENTS];

	NEED_FAULTS();
	self->listener = test_listen(variant->family, 0, CLIENTS);
	ASSERT_LE(0, self->listener);
	fault_rate(40);
	EXPECT_TRUE(all_connect(variant->family, self->listener, clients));
	EXPECT_LT(0, fault_count());
}

/* A listener without memory for half-open connections drops the SYN. */
TEST_F(shortage, of_requests)
{
	int clients[CLIENTS];

	NEED_FAULTS();
	self->listener = test_listen(variant->family, 0, CLIENTS);
	ASSERT_LE(0, self->listener);
	ASSERT_TRUE(fault_cache("atcp_request_sock", true));
	EXPECT_TRUE(all_connect(variant->family, self->listener, clients));
	fault_cache("atcp_request_sock", false);
	EXPECT_LE(CLIENTS, counter_read("DropMemory"));
	EXPECT_LT(0, fault_count());
}

/* Without memory for a child, the ACK is dropped: data brings the next one. */
TEST_F(shortage, of_children)
{
	struct sockaddr_storage addr;
	int client;

	NEED_FAULTS();
	self->listener = test_listen(variant->family, 0, 1);
	addr = test_loopback(variant->family, test_sockport(self->listener));
	client = test_socket(variant->family, 0);
	ASSERT_LE(0, client);
	ASSERT_TRUE(fault_cache("ATCP", true));
	/* For its own end the SYN-ACK is all that it needs. */
	EXPECT_EQ(0, connect(client, (struct sockaddr *)&addr,
			     test_addrlen(variant->family)));
	EXPECT_EQ(0, poll_now(self->listener) & POLLIN);
	EXPECT_LE(1, counter_read("DropMemory"));
	fault_cache("ATCP", false);
	EXPECT_TRUE(stream_write(client, 1000, 0));
	ASSERT_TRUE(poll_for(self->listener, POLLIN));
	self->fd[1] = accept(self->listener, NULL, NULL);
	ASSERT_LE(0, self->fd[1]);
	EXPECT_TRUE(stream_read(self->fd[1], 1000, 0));
	EXPECT_LT(0, fault_count());
}

/* Without memory for it, there is no TIME-WAIT: the connection just ends. */
TEST_F(shortage, of_time_wait)
{
	uint16_t port;
	char byte;

	NEED_FAULTS();
	CONNECT_PAIR();
	port = test_sockport(self->fd[0]);
	ASSERT_TRUE(fault_cache("atcp_timewait_sock", true));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_EQ(0, read(self->fd[1], &byte, 1));
	ASSERT_EQ(0, close(self->fd[1]));
	EXPECT_TRUE(WAIT_FOR(proc_state(variant->family, port, 0) == ST_GONE,
			     PATIENCE_MS));
	fault_cache("atcp_timewait_sock", false);
	EXPECT_EQ(1, counter_read("TimeWaitOverflows"));
	EXPECT_LT(0, fault_count());
}

/* Connections that have not ended yet, both FINs being sent. */
static int closing(int family)
{
	return proc_count(family, ST_FIN_WAIT_1) +
	       proc_count(family, ST_FIN_WAIT_2) +
	       proc_count(family, ST_CLOSING) + proc_count(family, ST_LAST_ACK);
}

/* Connections that close while it lasts close in the end, with all their data. */
TEST_F(shortage, closing_survives_it)
{
	int fd[CLIENTS][2], i;
	char byte;

	NEED_FAULTS();
	for (i = 0; i < CLIENTS; i++)
		ASSERT_EQ(0, test_pair(variant->family, fd[i]));
	fault_rate(40);
	for (i = 0; i < CLIENTS; i++) {
		set_nonblock(fd[i][0], true);
		while (send(fd[i][0], "x", 1, 0) < 0)
			ASSERT_EQ(EAGAIN, errno);
		EXPECT_EQ(0, close(fd[i][0]));
		EXPECT_EQ(0, shutdown(fd[i][1], SHUT_WR));
	}
	WAIT_FOR(false, 300);
	fault_off();
	for (i = 0; i < CLIENTS; i++) {
		EXPECT_EQ(1, read(fd[i][1], &byte, 1));
		EXPECT_EQ(0, read(fd[i][1], &byte, 1));
		EXPECT_EQ(0, close(fd[i][1]));
	}
	EXPECT_TRUE(WAIT_FOR(!closing(variant->family), PATIENCE_MS));
	EXPECT_LT(0, fault_count());
}

TEST_MAIN
