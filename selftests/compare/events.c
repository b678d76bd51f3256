// SPDX-License-Identifier: GPL-2.0
/* What wakes a poller: epoll, select, SIGIO. */
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "compare.h"

static char block[65536];

static struct sockets in_state(const char *name)
{
	struct sockets s;

	if (!enter_state(&s, name))
		fail_case("the state was not reached");
	return s;
}

static void writes_five(int fd)
{
	if (write(fd, "12345", 5) != 5)
		_exit(1);
}

static void resets(int fd)
{
	struct sockaddr addr = { .sa_family = AF_UNSPEC };

	connect(fd, &addr, sizeof(addr));
}

static void drain(int fd)
{
	set_nonblock(fd, true);
	do {
		while (read(fd, block, sizeof(block)) > 0)
			;
		settle();
	} while (read(fd, block, sizeof(block)) > 0);
}

static int watch(int fd, unsigned int how)
{
	struct epoll_event event = {
		.events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP |
			  EPOLLRDNORM | EPOLLWRNORM | EPOLLRDBAND |
			  EPOLLWRBAND | how,
	};
	int ep = epoll_create1(0);

	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event))
		fail_case("epoll_ctl");
	return ep;
}

static void rearm(int ep, int fd, unsigned int events)
{
	struct epoll_event event = { .events = events };

	epoll_ctl(ep, EPOLL_CTL_MOD, fd, &event);
}

/* How soon the peer acknowledges a FIN is its own affair; it is an event. */
static void wait_fin_acked(int fd)
{
	WAIT_FOR(tcp_state(fd) != ST_FIN_WAIT_1, 200);
}

/* All that there is to hear now, twice: an edge is told of once. */
static void note_events(int ep, const char *after)
{
	struct epoll_event event;
	char text[128];
	int i, n;

	settle();
	for (i = 0; i < 2; i++) {
		n = epoll_wait(ep, &event, 1, i ? 0 : 20);
		if (n == 1)
			note("%s:%s", after,
			     poll_bits(event.events, text, sizeof(text)));
		else
			note("%s: nothing", after);
	}
}

static void run_connection(unsigned int how)
{
	struct sockets s = in_state("established");
	int ep = watch(s.fd, how);

	note_events(ep, "at first");
	writes_five(s.peer);
	note_events(ep, "data");
	writes_five(s.peer);
	note_events(ep, "more data");
	DO(read(s.fd, block, 3));
	note_events(ep, "a part is read");
	DO(read(s.fd, block, 100));
	note_events(ep, "all is read");
	DO(write(s.fd, "1", 1));
	note_events(ep, "something is sent");
	DO(read(s.peer, block, 100));
	note_events(ep, "and read");
	shutdown(s.peer, SHUT_WR);
	note_events(ep, "FIN");
	DO(read(s.fd, block, 100));
	note_events(ep, "FIN is read");
	shutdown(s.fd, SHUT_WR);
	wait_fin_acked(s.fd);
	note_events(ep, "FIN is sent");
}

SCENARIO(events, edge_triggered)
{
	run_connection(EPOLLET);
}

SCENARIO(events, level_triggered)
{
	run_connection(0);
}

SCENARIO(events, one_shot)
{
	struct sockets s = in_state("established");
	int ep = watch(s.fd, EPOLLONESHOT);

	note_events(ep, "at first");
	writes_five(s.peer);
	note_events(ep, "data");
	rearm(ep, s.fd, EPOLLIN | EPOLLONESHOT);
	note_events(ep, "armed");
	rearm(ep, s.fd, EPOLLIN | EPOLLET | EPOLLONESHOT);
	note_events(ep, "armed");
	shutdown(s.peer, SHUT_WR);
	note_events(ep, "FIN");
	rearm(ep, s.fd, EPOLLRDHUP | EPOLLONESHOT);
	note_events(ep, "armed");
}

static void run_state(int state, int how)
{
	struct sockets s;
	int ep;

	if (!enter_state(&s, states[state].name))
		fail_case("the state was not reached");
	ep = watch(s.fd, how ? EPOLLET : 0);
	note_events(ep, "at first");
	shutdown(s.fd, SHUT_RD);
	note_events(ep, "shut for reading");
	shutdown(s.fd, SHUT_WR);
	wait_fin_acked(s.fd);
	note_events(ep, "shut for writing");
	so_error(s.fd);
	note_events(ep, "the error is taken");
	if (s.peer >= 0) {
		close(s.peer);
		note_events(ep, "the peer closes");
	}
	resets(s.fd);
	note_events(ep, "disconnected");
	connect_in(s.fd, "127.0.0.1", PORT);
	note_events(ep, "connected");
}

SCENARIO(events, edge_of_a_reset)
{
	struct sockets s = in_state("established");
	int ep = watch(s.fd, EPOLLET);

	note_events(ep, "at first");
	resets(s.peer);
	note_events(ep, "reset");
	DO(read(s.fd, block, 1));
	note_events(ep, "error is read");
	DO(read(s.fd, block, 1));
	note_events(ep, "end is read");
}

SCENARIO(events, edge_of_room)
{
	struct sockets s = in_state("full");
	int ep = watch(s.fd, EPOLLET);

	note_events(ep, "at first");
	drain(s.peer);
	note_events(ep, "room");
	while (write(s.fd, block, sizeof(block)) > 0)
		;
	did("write", -1);
	note_events(ep, "full again");
	drain(s.peer);
	note_events(ep, "room again");
}

SCENARIO(events, edge_of_a_connect)
{
	int listener = test_listen(AF_INET, PORT, 4);
	int fd = test_socket(AF_INET, SOCK_NONBLOCK), ep = watch(fd, EPOLLET);

	note_events(ep, "fresh");
	DO(connect_in(fd, "127.0.0.1", PORT));
	note_events(ep, "connected");
	DO(connect_in(fd, "127.0.0.1", PORT));
	note_events(ep, "again");
	DO(connect_in(fd, "127.0.0.1", PORT));
	close(listener);
	note_events(ep, "reset");
}

SCENARIO(events, edge_of_a_refusal)
{
	int fd = test_socket(AF_INET, SOCK_NONBLOCK), ep = watch(fd, EPOLLET);

	note_events(ep, "fresh");
	DO(connect_in(fd, "127.0.0.1", PORT));
	note_events(ep, "refused");
	DO(connect_in(fd, "127.0.0.1", PORT));
	note_events(ep, "again");
	DO(connect_in(fd, "127.0.0.1", PORT));
	note_events(ep, "and again");
}

SCENARIO(events, edge_of_a_listener)
{
	int listener = test_listen(AF_INET, PORT, 4), ep;

	ep = watch(listener, EPOLLET);
	note_events(ep, "at first");
	test_connect(AF_INET, PORT);
	note_events(ep, "one");
	test_connect(AF_INET, PORT);
	note_events(ep, "two");
	accept(listener, NULL, NULL);
	note_events(ep, "one is accepted");
	accept(listener, NULL, NULL);
	note_events(ep, "two are accepted");
	test_connect(AF_INET, PORT);
	note_events(ep, "three");
	shutdown(listener, SHUT_RDWR);
	note_events(ep, "shut");
	listen(listener, 1);
	note_events(ep, "listening again");
}

SCENARIO(events, urgent)
{
	struct sockets s = in_state("established");
	int ep = watch(s.fd, EPOLLET);

	note_events(ep, "at first");
	DO(send(s.peer, "abU", 3, MSG_OOB));
	set_nonblock(s.fd, true);
	note_events(ep, "urgent");
	got("recv", recv(s.fd, block, 9, MSG_OOB), block);
	note_events(ep, "urgent is read");
	got("read", read(s.fd, block, 9), block);
	note_events(ep, "all is read");
	got("recv", recv(s.fd, block, 9, MSG_OOB), block);
}

SCENARIO(events, urgent_inline)
{
	struct sockets s = in_state("established");
	int ep = watch(s.fd, 0);

	set_int(s.fd, SOL_SOCKET, SO_OOBINLINE, 1);
	set_nonblock(s.fd, true);
	DO(send(s.peer, "abU", 3, MSG_OOB));
	DO(send(s.peer, "cd", 2, 0));
	note_events(ep, "urgent");
	got("recv", recv(s.fd, block, 9, MSG_OOB), block);
	got("read", read(s.fd, block, 9), block);
	note_events(ep, "before the mark");
	got("read", read(s.fd, block, 9), block);
	note_events(ep, "behind it");
}

SCENARIO(events, urgent_twice)
{
	struct sockets s = in_state("established");

	set_nonblock(s.fd, true);
	DO(send(s.peer, "aU", 2, MSG_OOB));
	DO(send(s.peer, "bV", 2, MSG_OOB));
	settle();
	note_poll("own", s.fd);
	got("read", read(s.fd, block, 9), block);
	got("recv", recv(s.fd, block, 9, MSG_OOB), block);
	got("read", read(s.fd, block, 9), block);
	look("own", s.fd);
}

SCENARIO(events, exceptions_of_select)
{
	struct sockets s = in_state("established");
	struct timeval now = { 0 };
	fd_set in, out, except;

	DO(send(s.peer, "U", 1, MSG_OOB));
	settle();
	FD_ZERO(&in);
	FD_SET(s.fd, &in);
	out = in;
	except = in;
	DO(select(s.fd + 1, &in, &out, &except, &now));
	note("in %d out %d except %d", !!FD_ISSET(s.fd, &in),
	     !!FD_ISSET(s.fd, &out), !!FD_ISSET(s.fd, &except));
}

/* Signals that tell of their cause. */
static void note_sigio(const char *after)
{
	struct timespec soon = { .tv_nsec = 20 * 1000 * 1000 };
	siginfo_t info;
	char text[128];
	sigset_t set;

	settle();
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigaddset(&set, SIGIO);
	sigaddset(&set, SIGURG);
	note("%s", after);
	while (sigtimedwait(&set, &info, &soon) > 0)
		note("  signal %s code %d band%s",
		     info.si_signo == SIGRTMIN ? "RT" :
		     info.si_signo == SIGURG   ? "URG" :
						 "IO",
		     info.si_code,
		     info.si_signo == SIGURG ?
			     "" :
			     poll_bits(info.si_band, text, sizeof(text)));
}

static void make_async(int fd)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (fcntl(fd, F_SETOWN, getpid()) || fcntl(fd, F_SETSIG, SIGRTMIN) ||
	    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC))
		fail_case("fcntl");
}

SCENARIO(events, sigio_of_a_connection)
{
	struct sockets s = in_state("established");

	make_async(s.fd);
	writes_five(s.peer);
	note_sigio("data");
	DO(read(s.fd, block, 100));
	note_sigio("read");
	DO(write(s.fd, "1", 1));
	note_sigio("sent");
	DO(send(s.peer, "U", 1, MSG_OOB));
	note_sigio("urgent");
	shutdown(s.peer, SHUT_WR);
	note_sigio("FIN");
	shutdown(s.fd, SHUT_WR);
	note_sigio("shut");
}

SCENARIO(events, sigio_of_a_reset)
{
	struct sockets s = in_state("established");

	make_async(s.fd);
	resets(s.peer);
	note_sigio("reset");
}

SCENARIO(events, sigio_of_a_connect)
{
	struct sockets s = in_state("fresh");

	make_async(s.fd);
	set_nonblock(s.fd, true);
	DO(connect_in(s.fd, "127.0.0.1", PORT));
	note_sigio("connected");
}

SCENARIO(events, sigio_of_a_refusal)
{
	struct sockets s = in_state("fresh");

	make_async(s.fd);
	set_nonblock(s.fd, true);
	DO(connect_in(s.fd, "127.0.0.1", PORT + 5));
	note_sigio("refused");
}

SCENARIO(events, sigio_of_a_listener)
{
	struct sockets s = in_state("listening");

	make_async(s.fd);
	test_connect(AF_INET, PORT + 1);
	note_sigio("one");
	accept(s.fd, NULL, NULL);
	note_sigio("accepted");
}

SCENARIO(events, sigio_of_room)
{
	struct sockets s = in_state("full");

	make_async(s.fd);
	drain(s.peer);
	note_sigio("room");
}

SCENARIO(events, sigurg_without_async)
{
	struct sockets s = in_state("established");

	fcntl(s.fd, F_SETOWN, getpid());
	DO(send(s.peer, "U", 1, MSG_OOB));
	note_sigio("urgent");
}

/* A blocked poll() must hear of it. */
static void run_blocked(struct sockets s, void (*what)(int fd), int fd,
			int events)
{
	struct pollfd p = { .fd = s.fd, .events = events };
	uint64_t begun;
	char text[128];
	pid_t pid;

	pid = later(400, what, fd);
	begun = now_us();
	DO(poll(&p, 1, 2000));
	note("polls:%s", poll_bits(p.revents, text, sizeof(text)));
	note_duration("it took", begun);
	wait_later(pid);
}

static void shuts_wr(int fd)
{
	shutdown(fd, SHUT_WR);
}

static void shuts_rd(int fd)
{
	shutdown(fd, SHUT_RD);
}

static void connects(int fd)
{
	connect_in(fd, "127.0.0.1", PORT);
}

static void connects_to_nobody(int fd)
{
	connect_in(fd, "127.0.0.1", PORT + 7);
}

TIMED_SCENARIO(events, poll_hears_of_data)
{
	struct sockets s = in_state("established");

	run_blocked(s, writes_five, s.peer, POLLIN);
}

TIMED_SCENARIO(events, poll_hears_of_a_fin)
{
	struct sockets s = in_state("established");

	run_blocked(s, shuts_wr, s.peer, POLLRDHUP);
}

TIMED_SCENARIO(events, poll_hears_of_a_reset)
{
	struct sockets s = in_state("established");

	run_blocked(s, resets, s.peer, 0);
}

TIMED_SCENARIO(events, poll_hears_of_its_own_shutdown)
{
	struct sockets s = in_state("established");

	run_blocked(s, shuts_rd, s.fd, POLLIN);
}

TIMED_SCENARIO(events, poll_hears_of_a_disconnect)
{
	struct sockets s = in_state("established");

	run_blocked(s, resets, s.fd, POLLIN);
}

TIMED_SCENARIO(events, poll_hears_of_room)
{
	struct sockets s = in_state("full");

	run_blocked(s, drain, s.peer, POLLOUT);
}

TIMED_SCENARIO(events, poll_hears_of_the_shutdown_of_a_full_one)
{
	struct sockets s = in_state("full");

	run_blocked(s, shuts_wr, s.fd, POLLOUT);
}

TIMED_SCENARIO(events, poll_hears_of_a_connection)
{
	struct sockets s = in_state("fresh");
	int other = test_socket(AF_INET, 0);

	s.fd = s.listener;
	run_blocked(s, connects, other, POLLIN);
}

TIMED_SCENARIO(events, poll_hears_of_the_end_of_listening)
{
	struct sockets s = in_state("listening");

	run_blocked(s, shuts_rd, s.fd, POLLIN);
}

TIMED_SCENARIO(events, poll_of_a_fresh_one_hears_at_once)
{
	struct sockets s = in_state("fresh");

	run_blocked(s, connects_to_nobody, s.fd, POLLIN);
}

void add_cases(void)
{
	int state;

	for (state = 0; state < nr_states; state++) {
		add_case(run_state, state, 0, "events.level_%s",
			 states[state].name);
		add_case(run_state, state, 1, "events.edge_%s",
			 states[state].name);
	}
}
