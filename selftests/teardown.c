// SPDX-License-Identifier: GPL-2.0
/*
 * The end of things, in each state that a connection can be in: of the program,
 * the peer, the namespace, the device, the route, the module. Nothing hangs,
 * nothing is left, and the kernel has nothing to complain of.
 *
 * A test does the same in all states at once, in a process and a namespace for
 * each; then the module must go, since no socket holds it any more.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <net/if.h>

#include "harness.h"
#include "kernel.h"
#include "pkt/pkt.h"

FIXTURE_NETNS(teardown);

static const unsigned int states[] = {
	ST_CLOSED,	ST_LISTEN,     ST_SYN_SENT,   ST_SYN_RECEIVED,
	ST_ESTABLISHED, ST_FIN_WAIT_1, ST_FIN_WAIT_2, ST_CLOSE_WAIT,
	ST_CLOSING,	ST_LAST_ACK,   ST_TIME_WAIT,
};

#define STATES (sizeof(states) / sizeof(*states))

static bool complain(const char *what)
{
	fprintf(stderr, "# %s: %s\n", what, strerror(errno));
	return false;
}

/* A socket in @state; the peer will say nothing of its own. */
static bool open_in(struct pkt *p, unsigned int state)
{
	struct sockaddr_storage addr;

	if (state != ST_CLOSED)
		return pkt_open(p, state);
	addr = pkt_local(p);
	p->fd = test_socket(p->family, 0);
	return p->fd >= 0 &&
	       !bind(p->fd, (struct sockaddr *)&addr, test_addrlen(p->family));
}

static bool close_sockets(struct pkt *p)
{
	return (p->fd < 0 || !close(p->fd)) &&
	       (p->listener < 0 || !close(p->listener));
}

/* Connections without a program give up soon. */
static bool hurry(void)
{
	return !sysctl_write("orphan_retries", "1") &&
	       !sysctl_write("fin_timeout", "1");
}

/* No connection is left but in TIME-WAIT, which has its minute. */
static bool drained(int family)
{
	static struct proc_row rows[512];
	int n;

	if (WAIT_FOR(proc_rows(family, rows, 512) ==
			     proc_count(family, ST_TIME_WAIT),
		     PATIENCE_MS))
		return true;
	for (n = proc_rows(family, rows, 512); n > 0; n--)
		fprintf(stderr, "# there still is one in %s\n",
			state_name(rows[n - 1].state));
	return false;
}

/* What happens in one state; runs in a process and a namespace of its own. */
typedef bool (*event)(struct pkt *p, unsigned int state);

static pid_t start_event(event ev, int family, unsigned int state)
{
	struct pkt p;
	pid_t child = fork();
	bool ok;

	if (child)
		return child;
	ok = !test_netns() && pkt_init(&p, family, 1500) && hurry() &&
	     ev(&p, state);
	if (!ok) {
		pkt_show(&p);
		test_dump();
	}
	_exit(!ok);
}

static bool in_each_state(int family, event ev)
{
	pid_t children[STATES];
	bool good = true;
	int status;
	size_t i;

	for (i = 0; i < STATES; i++)
		children[i] = start_event(ev, family, states[i]);
	for (i = 0; i < STATES; i++) {
		if (waitpid(children[i], &status, 0) == children[i] &&
		    WIFEXITED(status) && !WEXITSTATUS(status))
			continue;
		fprintf(stderr, "# it went wrong in %s\n",
			state_name(states[i]));
		good = false;
	}
	return good;
}

/* The module goes, nothing is left of it, and it comes again. */
static bool module_goes(int family)
{
	int fd;

	if (!module_unloads() || !module_left_nothing() || !kernel_quiet())
		return false;
	fd = test_socket(family, 0);
	return fd >= 0 && !close(fd);
}

#define IN_EACH_STATE(event)                                                   \
	do {                                                                   \
		ATCP_ONLY();                                                   \
		kernel_mark();                                                 \
		EXPECT_TRUE(in_each_state(variant->family, event));            \
		EXPECT_TRUE(module_goes(variant->family));                     \
	} while (0)

/* The program */

/* A program that has a socket in @state, and does no more. */
static pid_t start_program(struct pkt *p, unsigned int state)
{
	int ready[2];
	pid_t child;
	char byte;

	if (pipe(ready))
		return -1;
	child = fork();
	if (!child) {
		close(ready[0]);
		if (open_in(p, state) && write(ready[1], "", 1) == 1)
			pause();
		pkt_show(p);
		_exit(1);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1) {
		waitpid(child, NULL, 0);
		child = -1;
	}
	close(ready[0]);
	return child;
}

static bool kill_program(pid_t program)
{
	return program > 0 && !kill(program, SIGKILL) &&
	       waitpid(program, NULL, 0) == program;
}

static bool program_is_killed(struct pkt *p, unsigned int state)
{
	return kill_program(start_program(p, state)) && drained(p->family);
}

TEST_F(teardown, program_is_killed)
{
	IN_EACH_STATE(program_is_killed);
}

/* It is killed while it sends and receives; its peer learns that. */
TEST_F(teardown, program_is_killed_at_work)
{
	char bytes[4096] = "";
	pid_t program;
	int i;

	ATCP_ONLY();
	kernel_mark();
	for (i = 0; i < 10; i++) {
		CONNECT_PAIR();
		program = fork();
		if (!program) {
			close(self->fd[0]);
			set_nonblock(self->fd[1], true);
			for (;;) {
				/* More than it reads. */
				send(self->fd[1], bytes, 4096, 0);
				recv(self->fd[1], bytes, i * 100, 0);
			}
		}
		ASSERT_EQ(0, close(self->fd[1]));
		EXPECT_EQ(4096, send(self->fd[0], bytes, 4096, 0));
		EXPECT_LT(0, recv(self->fd[0], bytes, 4096, 0));
		EXPECT_TRUE(kill_program(program));
		/* What it had sent, then the end, or the RST. */
		while (recv(self->fd[0], bytes, 4096, 0) > 0)
			;
		EXPECT_EQ(0, close(self->fd[0]));
	}
	EXPECT_TRUE(hurry());
	EXPECT_TRUE(drained(variant->family));
	EXPECT_TRUE(module_goes(variant->family));
}

/* The namespace */

/* With all that is in it; the last process of it ends when this returns. */
static bool namespace_ends(struct pkt *p, unsigned int state)
{
	return kill_program(start_program(p, state));
}

TEST_F(teardown, namespace_ends)
{
	IN_EACH_STATE(namespace_ends);
}

/* A socket is all that is left of it: the device goes before. */
static bool socket_outlives_its_namespace(struct pkt *p, unsigned int state)
{
	if (!open_in(p, state) || unshare(CLONE_NEWNET))
		return complain("unshare");
	close(p->tun);
	/* Nothing can be sent any more. */
	send(p->fd, "x", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	return close_sockets(p);
}

TEST_F(teardown, socket_outlives_its_namespace)
{
	IN_EACH_STATE(socket_outlives_its_namespace);
}

/* The device and the route */

static bool set_device(bool up)
{
	struct ifreq ifr = { .ifr_name = "tun0" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), err;

	ifr.ifr_flags = up ? IFF_UP : 0;
	err = ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
	return !err || complain("SIOCSIFFLAGS");
}

static bool has_fin(unsigned int state)
{
	return state != ST_ESTABLISHED && state != ST_CLOSE_WAIT;
}

/* What was written meanwhile comes as soon as there is a way again. */
static bool catches_up(struct pkt *p, unsigned int state)
{
	uint32_t ack = state == ST_CLOSE_WAIT ? 2 : 1;

	if (state == ST_CLOSED)
		return true;
	if (has_fin(state))
		return pkt_in_state(p, state);
	/* A slow machine may have backed off meanwhile. */
	pkt_mark(p);
	return EXPECTED(p, .flags = TH_ACK, .seq = 1, .ack = ack, .len = 100) &&
	       SENT(p, .flags = TH_ACK, .seq = ack, .ack = 101) &&
	       pkt_in_state(p, state);
}

static bool writes(struct pkt *p, unsigned int state)
{
	return has_fin(state) || stream_write(p->fd, 100, 0);
}

static bool ends(struct pkt *p)
{
	pkt_end(p);
	return drained(p->family);
}

static bool device_goes_down(struct pkt *p, unsigned int state)
{
	return open_in(p, state) && set_device(false) && writes(p, state) &&
	       set_device(true) && catches_up(p, state) && ends(p);
}

TEST_F(teardown, device_goes_down)
{
	IN_EACH_STATE(device_goes_down);
}

static bool device_stays_down(struct pkt *p, unsigned int state)
{
	return open_in(p, state) && set_device(false) && writes(p, state) &&
	       close_sockets(p) && drained(p->family);
}

TEST_F(teardown, device_stays_down)
{
	IN_EACH_STATE(device_stays_down);
}

static bool device_is_deleted(struct pkt *p, unsigned int state)
{
	return open_in(p, state) && !close(p->tun) && writes(p, state) &&
	       close_sockets(p) && drained(p->family);
}

TEST_F(teardown, device_is_deleted)
{
	IN_EACH_STATE(device_is_deleted);
}

static bool route(const char *what, const struct pkt *p)
{
	bool ipv6 = p->family == AF_INET6;
	char command[128];

	snprintf(command, sizeof(command), "ip %s route %s %s dev tun0",
		 ipv6 ? "-6" : "-4", what,
		 ipv6 ? "2001:db8::/64" : "192.0.2.0/24");
	return !system(command);
}

static bool route_is_removed(struct pkt *p, unsigned int state)
{
	return open_in(p, state) && route("del", p) && writes(p, state) &&
	       route("add", p) && catches_up(p, state) && ends(p);
}

TEST_F(teardown, route_is_removed)
{
	IN_EACH_STATE(route_is_removed);
}

/* The module */

static bool module_stays(struct pkt *p, unsigned int state)
{
	if (!open_in(p, state))
		return false;
	if (module_unload() != -EWOULDBLOCK) {
		fprintf(stderr, "# it went away\n");
		return false;
	}
	return ends(p);
}

TEST_F(teardown, module_stays_while_a_socket_is_open)
{
	IN_EACH_STATE(module_stays);
}

static bool time_wait(int family)
{
	int fd[2];
	char byte;

	return !test_pair(family, fd) && !close(fd[0]) &&
	       !read(fd[1], &byte, 1) && !close(fd[1]);
}

TEST_F(teardown, module_goes_with_many_in_time_wait)
{
	int i;

	ATCP_ONLY();
	kernel_mark();
	for (i = 0; i < 200; i++)
		ASSERT_TRUE(time_wait(variant->family));
	EXPECT_TRUE(WAIT_FOR(proc_count(variant->family, ST_TIME_WAIT) == 200,
			     PATIENCE_MS));
	EXPECT_TRUE(module_goes(variant->family));
	EXPECT_EQ(0, proc_count(variant->family, ST_TIME_WAIT));
}

/* All at once */

static atomic_bool over;

/*
 * While it goes there is no memory for a socket of it, as the kernel puts it
 * (6.1: ENOBUFS, 7.2: ENOMEM), and no protocol after that.
 */
static void *open_sockets(void *arg)
{
	int family = *(int *)arg, fd;
	long opened = 0;

	while (!over) {
		fd = test_socket(family, 0);
		if (fd >= 0) {
			close(fd);
			opened++;
		} else if (errno != EPROTONOSUPPORT &&
			   errno != ESOCKTNOSUPPORT && errno != ENOBUFS &&
			   errno != ENOMEM) {
			complain("socket");
			return NULL;
		}
	}
	return (void *)opened;
}

/* Loaded by one, unloaded by the other. */
TEST_F(teardown, module_comes_and_goes_while_sockets_are_opened)
{
	int family = variant->family, gone = 0;
	pthread_t threads[2];
	void *opened[2];
	uint64_t end;

	ATCP_ONLY();
	kernel_mark();
	over = false;
	ASSERT_EQ(0, pthread_create(&threads[0], NULL, open_sockets, &family));
	ASSERT_EQ(0, pthread_create(&threads[1], NULL, open_sockets, &family));
	/* In between there is time to load it, and to open some. */
	for (end = now_us() + 3000000; now_us() < end; usleep(20000))
		gone += !module_unload();
	over = true;
	pthread_join(threads[0], &opened[0]);
	pthread_join(threads[1], &opened[1]);
	EXPECT_LT(0, gone);
	EXPECT_NE(NULL, opened[0]);
	EXPECT_NE(NULL, opened[1]);
	/* Whoever opens one then, loads it. */
	EXPECT_LE(0, test_socket(family, 0));
	EXPECT_TRUE(kernel_quiet());
}

struct party {
	int family;
	uint16_t port;
	unsigned int seed;
};

/* Sends, receives, goes: now so, now so. */
static void use(int fd, unsigned int *seed)
{
	struct linger now = { .l_onoff = 1 };
	struct timeval soon = { .tv_usec = 20000 };
	static char bytes[20000];
	int what = rand_r(seed);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof(soon));
	if (what & 1)
		send(fd, bytes, what % sizeof(bytes), MSG_NOSIGNAL);
	if (what & 2)
		shutdown(fd, SHUT_WR);
	if (what & 4)
		recv(fd, bytes, sizeof(bytes), 0);
	if (what & 8)
		send(fd, bytes, 10, MSG_NOSIGNAL);
	if ((what & 0x30) == 0x30)
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(fd);
}

static void *come_and_go(void *arg)
{
	struct party *party = arg;
	struct sockaddr_storage addr =
		test_loopback(party->family, party->port);
	int fd;

	while (!over) {
		fd = test_socket(party->family, 0);
		if (fd < 0) {
			complain("socket");
			break;
		}
		if (party->seed % 3 == 0)
			set_nonblock(fd, true);
		connect(fd, (struct sockaddr *)&addr,
			test_addrlen(party->family));
		use(fd, &party->seed);
	}
	return NULL;
}

static int listen_again(const struct party *party)
{
	struct sockaddr_storage addr =
		test_loopback(party->family, party->port);
	int fd = test_socket(party->family, SOCK_NONBLOCK), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&addr, test_addrlen(party->family)) ||
	    listen(fd, 3)) {
		complain("listen");
		close(fd);
		return -1;
	}
	return fd;
}

/* Accepts for a while, and closes the listener with all that is in it. */
static void *listen_and_accept(void *arg)
{
	struct party *party = arg;
	long accepted = 0;
	int fd, one, i;

	while (!over) {
		fd = listen_again(party);
		if (fd < 0)
			return NULL;
		for (i = rand_r(&party->seed) % 50; i && !over; i--) {
			poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1,
			     10);
			one = accept(fd, NULL, NULL);
			if (one < 0)
				continue;
			accepted++;
			use(one, &party->seed);
		}
		close(fd);
	}
	return (void *)accepted;
}

#define PARTIES 6

TEST_F(teardown, everything_at_once)
{
	struct party parties[PARTIES];
	pthread_t threads[PARTIES];
	void *accepted;
	int i;

	ATCP_ONLY();
	kernel_mark();
	ASSERT_TRUE(hurry());
	/* Who is refused by a full queue shall not wait for seconds. */
	ASSERT_EQ(0, sysctl_write("syn_retries", "1"));
	over = false;
	for (i = 0; i < PARTIES; i++) {
		parties[i] = (struct party){ variant->family, 4000, i + 1 };
		ASSERT_EQ(0, pthread_create(&threads[i], NULL,
					    i ? come_and_go : listen_and_accept,
					    &parties[i]));
	}
	WAIT_FOR(false, 4000);
	over = true;
	for (i = PARTIES; i-- > 0;)
		pthread_join(threads[i], &accepted);
	EXPECT_LT(10, (long)accepted);
	EXPECT_TRUE(WAIT_FOR(!module_users(), PATIENCE_MS));
	EXPECT_TRUE(module_goes(variant->family));
}

static void *send_until_it_ends(void *arg)
{
	char bytes[5000] = "";

	while (send(*(int *)arg, bytes, sizeof(bytes), MSG_NOSIGNAL) > 0)
		;
	return NULL;
}

static void *receive_until_it_ends(void *arg)
{
	char bytes[5000];

	while (recv(*(int *)arg, bytes, sizeof(bytes), 0) > 0)
		;
	return NULL;
}

static void *(*const work_at_ends[])(void *) = { send_until_it_ends,
						 receive_until_it_ends };

/* One connection, four threads at work on its ends, one that ends it. */
TEST_F(teardown, connection_ends_while_others_use_it)
{
	struct sockaddr_storage nowhere = { .ss_family = AF_UNSPEC };
	pthread_t threads[4];
	int i, round;

	ATCP_ONLY();
	kernel_mark();
	ASSERT_TRUE(hurry());
	for (round = 0; round < 60; round++) {
		CONNECT_PAIR();
		for (i = 0; i < 4; i++)
			ASSERT_EQ(0, pthread_create(&threads[i], NULL,
						    work_at_ends[i % 2],
						    &self->fd[i / 2]));
		WAIT_FOR(false, round % 7);
		if (round % 3)
			shutdown(self->fd[0], SHUT_RDWR);
		else
			connect(self->fd[0], (struct sockaddr *)&nowhere,
				sizeof(nowhere));
		shutdown(self->fd[1], SHUT_RDWR);
		for (i = 0; i < 4; i++)
			pthread_join(threads[i], NULL);
		EXPECT_EQ(0, close(self->fd[0]));
		EXPECT_EQ(0, close(self->fd[1]));
	}
	EXPECT_TRUE(WAIT_FOR(!module_users(), PATIENCE_MS));
	EXPECT_TRUE(module_goes(variant->family));
}

TEST_MAIN
