// SPDX-License-Identifier: GPL-2.0
/* Calls that block: what ends them, and with what. */
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/time.h>

#include "compare.h"

static char block[1 << 20];

static void set_timeout(int fd, int option, int ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	if (setsockopt(fd, SOL_SOCKET, option, &tv, sizeof(tv)))
		fail_case("a time-out");
}

static struct sockets in_state(const char *name)
{
	struct sockets s;

	if (!enter_state(&s, name))
		fail_case("the state was not reached");
	return s;
}

static void alarmed(int sig)
{
	(void)sig;
}

/* A signal @ms from now, and perhaps again each @ms after that. */
static void signal_in(int ms, int flags, bool again)
{
	struct sigaction action = { .sa_handler = alarmed, .sa_flags = flags };
	struct itimerval timer = { .it_value.tv_usec = 1000 * ms };

	if (again)
		timer.it_interval.tv_usec = 1000 * ms;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
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

static void shuts_rd(int fd)
{
	shutdown(fd, SHUT_RD);
}

static void shuts_wr(int fd)
{
	shutdown(fd, SHUT_WR);
}

static void shuts_both(int fd)
{
	shutdown(fd, SHUT_RDWR);
}

static void reads_much(int fd)
{
	ssize_t n;

	do
		n = recv(fd, block, sizeof(block), MSG_WAITALL);
	while (n == sizeof(block));
}

static void did_timed(const char *call, long ret, uint64_t begun)
{
	char text[16];

	if (ret > 4096)
		note("%s: %s", call, amount(ret, text, sizeof(text)));
	else
		did(call, ret);
	note_duration(call, begun);
	note_signals();
}

#define TIMED(call)                                                            \
	do {                                                                   \
		uint64_t begun = now_us();                                     \
		long ret = (call);                                             \
		did_timed(#call, ret, begun);                                  \
	} while (0)

TIMED_SCENARIO(waiting, read_times_out)
{
	struct sockets s = in_state("established");

	set_timeout(s.fd, SO_RCVTIMEO, 400);
	TIMED(read(s.fd, block, 10));
	TIMED(recv(s.fd, block, 10, MSG_WAITALL));
	TIMED(recv(s.fd, block, 10, MSG_PEEK));
	writes_five(s.peer);
	TIMED(recv(s.fd, block, 10, MSG_WAITALL));
	TIMED(read(s.fd, block, 10));
	look("own", s.fd);
}

TIMED_SCENARIO(waiting, accept_times_out)
{
	struct sockets s = in_state("listening");

	set_timeout(s.fd, SO_RCVTIMEO, 400);
	TIMED(accept(s.fd, NULL, NULL));
	note_poll("own", s.fd);
}

TIMED_SCENARIO(waiting, connect_times_out)
{
	struct sockets s = in_state("fresh");

	if (!make_silent_host())
		fail_case("no host");
	set_timeout(s.fd, SO_SNDTIMEO, 400);
	TIMED(connect_in(s.fd, SILENT_HOST, PORT));
	TIMED(connect_in(s.fd, SILENT_HOST, PORT));
	TIMED(send(s.fd, "x", 1, 0));
	TIMED(listen(s.fd, 1));
	look("own", s.fd);
}

TIMED_SCENARIO(waiting, send_times_out)
{
	struct sockets s = in_state("full");

	set_nonblock(s.fd, false);
	set_timeout(s.fd, SO_SNDTIMEO, 400);
	TIMED(write(s.fd, block, sizeof(block)));
	TIMED(send(s.fd, block, 10, MSG_DONTWAIT));
	note_poll("own", s.fd);
}

TIMED_SCENARIO(waiting, send_takes_what_there_is_room_for)
{
	struct sockets s = in_state("established");

	set_timeout(s.fd, SO_SNDTIMEO, 400);
	set_int(s.peer, SOL_SOCKET, SO_RCVBUF, 8192);
	set_int(s.fd, SOL_SOCKET, SO_SNDBUF, 8192);
	TIMED(write(s.fd, block, sizeof(block)));
	TIMED(write(s.fd, block, sizeof(block)));
	note_poll("own", s.fd);
}

TIMED_SCENARIO(waiting, data_ends_a_read)
{
	struct sockets s = in_state("established");
	pid_t pid = later(400, writes_five, s.peer);

	TIMED(read(s.fd, block, 10));
	wait_later(pid);
	look("own", s.fd);
}

TIMED_SCENARIO(waiting, fin_ends_a_read)
{
	struct sockets s = in_state("established");
	pid_t pid = later(400, shuts_wr, s.peer);

	TIMED(read(s.fd, block, 10));
	wait_later(pid);
	look("own", s.fd);
}

TIMED_SCENARIO(waiting, fin_ends_waitall)
{
	struct sockets s = in_state("readable");
	pid_t pid = later(400, shuts_wr, s.peer);

	TIMED(recv(s.fd, block, 100, MSG_WAITALL));
	wait_later(pid);
	look("own", s.fd);
}

TIMED_SCENARIO(waiting, reset_ends_a_read)
{
	struct sockets s = in_state("established");
	pid_t pid = later(400, resets, s.peer);

	TIMED(read(s.fd, block, 10));
	wait_later(pid);
	look("own", s.fd);
	look("peer", s.peer);
}

TIMED_SCENARIO(waiting, reset_ends_waitall)
{
	struct sockets s = in_state("readable");
	pid_t pid = later(400, resets, s.peer);

	TIMED(recv(s.fd, block, 100, MSG_WAITALL));
	wait_later(pid);
	look("own", s.fd);
}

TIMED_SCENARIO(waiting, shut_rd_ends_a_read)
{
	struct sockets s = in_state("established");
	pid_t pid = later(400, shuts_rd, s.fd);

	TIMED(read(s.fd, block, 10));
	wait_later(pid);
	look("own", s.fd);
}

TIMED_SCENARIO(waiting, disconnect_ends_a_read)
{
	struct sockets s = in_state("established");
	pid_t pid = later(400, resets, s.fd);

	TIMED(read(s.fd, block, 10));
	wait_later(pid);
	look("own", s.fd);
	look("peer", s.peer);
}

TIMED_SCENARIO(waiting, shut_rd_ends_an_accept)
{
	struct sockets s = in_state("listening");
	pid_t pid = later(400, shuts_rd, s.fd);

	TIMED(accept(s.fd, NULL, NULL));
	wait_later(pid);
	look("own", s.fd);
}

TIMED_SCENARIO(waiting, disconnect_ends_an_accept)
{
	struct sockets s = in_state("listening");
	pid_t pid = later(400, resets, s.fd);

	TIMED(accept(s.fd, NULL, NULL));
	wait_later(pid);
	look("own", s.fd);
}

TIMED_SCENARIO(waiting, shutdown_ends_a_connect)
{
	struct sockets s = in_state("fresh");
	pid_t pid;

	if (!make_silent_host())
		fail_case("no host");
	pid = later(400, shuts_both, s.fd);
	TIMED(connect_in(s.fd, SILENT_HOST, PORT));
	wait_later(pid);
	look("own", s.fd);
	note_names(s.fd);
}

TIMED_SCENARIO(waiting, disconnect_ends_a_connect)
{
	struct sockets s = in_state("fresh");
	pid_t pid;

	if (!make_silent_host())
		fail_case("no host");
	set_timeout(s.fd, SO_SNDTIMEO, 1200);
	pid = later(400, resets, s.fd);
	TIMED(connect_in(s.fd, SILENT_HOST, PORT));
	wait_later(pid);
	look("own", s.fd);
}

TIMED_SCENARIO(waiting, room_ends_a_write)
{
	struct sockets s = in_state("full");
	pid_t pid = later(400, reads_much, s.peer);

	set_nonblock(s.fd, false);
	TIMED(write(s.fd, block, sizeof(block)));
	shutdown(s.fd, SHUT_WR);
	wait_later(pid);
}

TIMED_SCENARIO(waiting, shut_wr_ends_a_write)
{
	struct sockets s = in_state("full");
	pid_t pid = later(400, shuts_wr, s.fd);

	set_nonblock(s.fd, false);
	TIMED(write(s.fd, block, 100));
	wait_later(pid);
	note_poll("own", s.fd);
}

TIMED_SCENARIO(waiting, reset_ends_a_write)
{
	struct sockets s = in_state("full");
	pid_t pid = later(400, resets, s.peer);

	set_nonblock(s.fd, false);
	TIMED(write(s.fd, block, 100));
	wait_later(pid);
	look("own", s.fd);
}

/* What sendfile() says is to come cannot while the buffer is full. */
TIMED_SCENARIO(waiting, sendfile_through_a_small_buffer)
{
	struct sockets s = in_state("established");
	int file = memfd_create("compare", 0);
	uint64_t begun = now_us();
	off_t offset = 0;
	pid_t pid;

	if (write(file, block, 300001) != 300001)
		fail_case("memfd_create");
	DO(set_int(s.fd, SOL_SOCKET, SO_SNDBUF, 4096));
	pid = later(0, reads_much, s.peer);
	while (sendfile(s.fd, file, &offset, 300001 - offset) > 0)
		;
	shutdown(s.fd, SHUT_WR);
	wait_later(pid);
	note("%ld octets", (long)offset);
	note_duration("they took", begun);
}

TIMED_SCENARIO(waiting, read_is_interrupted)
{
	struct sockets s = in_state("established");

	signal_in(400, 0, false);
	TIMED(read(s.fd, block, 10));
	signal_in(400, 0, false);
	TIMED(recv(s.fd, block, 10, MSG_PEEK));
	look("own", s.fd);
}

TIMED_SCENARIO(waiting, read_is_restarted)
{
	struct sockets s = in_state("established");
	pid_t pid = later(800, writes_five, s.peer);

	signal_in(400, SA_RESTART, false);
	TIMED(read(s.fd, block, 10));
	wait_later(pid);
}

TIMED_SCENARIO(waiting, read_with_a_timeout_is_not_restarted)
{
	struct sockets s = in_state("established");

	set_timeout(s.fd, SO_RCVTIMEO, 1500);
	signal_in(400, SA_RESTART, false);
	TIMED(read(s.fd, block, 10));
}

TIMED_SCENARIO(waiting, waitall_is_interrupted)
{
	struct sockets s = in_state("readable");

	signal_in(400, SA_RESTART, false);
	TIMED(recv(s.fd, block, 100, MSG_WAITALL));
	look("own", s.fd);
}

TIMED_SCENARIO(waiting, accept_is_interrupted)
{
	struct sockets s = in_state("listening");

	signal_in(400, 0, false);
	TIMED(accept(s.fd, NULL, NULL));
	set_timeout(s.fd, SO_RCVTIMEO, 1500);
	signal_in(400, SA_RESTART, false);
	TIMED(accept(s.fd, NULL, NULL));
}

TIMED_SCENARIO(waiting, connect_is_interrupted)
{
	struct sockets s = in_state("fresh");

	if (!make_silent_host())
		fail_case("no host");
	signal_in(400, 0, false);
	TIMED(connect_in(s.fd, SILENT_HOST, PORT));
	signal_in(400, 0, false);
	TIMED(connect_in(s.fd, SILENT_HOST, PORT));
	set_nonblock(s.fd, true);
	TIMED(connect_in(s.fd, SILENT_HOST, PORT));
	TIMED(close(s.fd));
}

TIMED_SCENARIO(waiting, write_is_interrupted)
{
	struct sockets s = in_state("established");

	signal_in(400, 0, true);
	TIMED(write(s.fd, block, sizeof(block)) % sizeof(block) != 0);
	while (write(s.fd, block, sizeof(block)) > 0)
		;
	did("at last", -1);
}

TIMED_SCENARIO(waiting, signal_comes_before_the_data_is_read)
{
	struct sockets s = in_state("readable");

	signal_in(300, 0, true);
	usleep(100000);
	TIMED(recv(s.fd, block, 10, MSG_WAITALL));
}

TIMED_SCENARIO(waiting, lowat_holds_a_read_back)
{
	struct sockets s = in_state("established");
	pid_t pid;

	DO(set_int(s.fd, SOL_SOCKET, SO_RCVLOWAT, 8));
	writes_five(s.peer);
	settle();
	note_poll("own", s.fd);
	set_timeout(s.fd, SO_RCVTIMEO, 400);
	TIMED(recv(s.fd, block, 10, MSG_PEEK));
	pid = later(400, writes_five, s.peer);
	set_timeout(s.fd, SO_RCVTIMEO, 2000);
	TIMED(read(s.fd, block, 100));
	wait_later(pid);
	writes_five(s.peer);
	shutdown(s.peer, SHUT_WR);
	settle();
	note_poll("own", s.fd);
	TIMED(read(s.fd, block, 3));
	look("own", s.fd);
}

TIMED_SCENARIO(waiting, lowat_above_the_buffer)
{
	struct sockets s = in_state("established");
	pid_t pid;

	set_int(s.fd, SOL_SOCKET, SO_RCVBUF, 4096);
	DO(set_int(s.fd, SOL_SOCKET, SO_RCVLOWAT, 1000000));
	pid = later(0, reads_much, s.peer);
	set_nonblock(s.peer, true);
	while (write(s.peer, block, 1000) > 0)
		settle();
	set_timeout(s.fd, SO_RCVTIMEO, 400);
	note_poll("own", s.fd);
	TIMED(read(s.fd, block, 10));
	kill(pid, SIGKILL);
	wait_later(pid);
}

static void run_linger(int seconds, bool nonblock, const char *state)
{
	struct sockets s = in_state(state);
	struct linger l = { .l_onoff = 1, .l_linger = seconds };

	setsockopt(s.fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	set_nonblock(s.fd, nonblock);
	TIMED(close(s.fd));
	note_poll("peer", s.peer);
	s.fd = test_connect(AF_INET, PORT);
	did("another", s.fd < 0 ? -1 : 0);
}

TIMED_SCENARIO(waiting, linger_with_nothing_to_send)
{
	run_linger(2, false, "established");
}

TIMED_SCENARIO(waiting, linger_waits_for_the_peer)
{
	run_linger(1, false, "full");
}

static void *read_all_later(void *arg)
{
	struct sockets *s = arg;

	usleep(400000);
	reads_much(s->peer);
	return NULL;
}

/* By a thread: a process would hold the socket that is to be closed. */
TIMED_SCENARIO(waiting, linger_ends_when_the_peer_has_read)
{
	struct sockets s = in_state("full");
	struct linger l = { .l_onoff = 1, .l_linger = 6 };
	pthread_t thread;

	setsockopt(s.fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	set_nonblock(s.fd, false);
	pthread_create(&thread, NULL, read_all_later, &s);
	TIMED(close(s.fd));
	pthread_join(thread, NULL);
}

TIMED_SCENARIO(waiting, linger_without_blocking)
{
	run_linger(1, true, "full");
}

TIMED_SCENARIO(waiting, linger_of_none)
{
	run_linger(0, false, "full");
}

TIMED_SCENARIO(waiting, linger_after_the_peers_fin)
{
	run_linger(2, false, "peer_shut_wr");
}

TIMED_SCENARIO(waiting, linger_of_a_listener)
{
	run_linger(2, false, "listening_ready");
}

static void *read_five(void *arg)
{
	struct sockets *s = arg;

	note("thread");
	TIMED(read(s->fd, block, 5));
	return NULL;
}

TIMED_SCENARIO(waiting, close_does_not_end_another_threads_read)
{
	struct sockets s = in_state("established");
	pthread_t thread;

	pthread_create(&thread, NULL, read_five, &s);
	usleep(300000);
	DO(close(s.fd));
	usleep(300000);
	writes_five(s.peer);
	pthread_join(thread, NULL);
	look("peer", s.peer);
}

TIMED_SCENARIO(waiting, backlog_lets_in_one_more)
{
	int backlog, i, fds[6], listener;

	for (backlog = 0; backlog < 4; backlog++) {
		listener = test_listen(AF_INET, PORT + backlog, backlog);
		note("backlog %d", backlog);
		for (i = 0; i < 6; i++) {
			fds[i] = test_socket(AF_INET, SOCK_NONBLOCK);
			did("connect",
			    connect_in(fds[i], "127.0.0.1", PORT + backlog));
		}
		settle();
		for (i = 0; i < 6; i++)
			note_poll("client", fds[i]);
		note_poll("listener", listener);
		DO(listen(listener, 5));
		set_nonblock(listener, true);
		for (i = 0; i < 6; i++)
			did("accept",
			    accept(listener, NULL, NULL) < 0 ? -1 : 0);
	}
}

TIMED_SCENARIO(waiting, child_that_was_reset_is_accepted)
{
	struct sockets s = in_state("listening_ready");
	int child;

	resets(s.peer);
	settle();
	note_poll("listener", s.fd);
	set_nonblock(s.fd, true);
	child = accept(s.fd, NULL, NULL);
	did("accept", child < 0 ? -1 : 0);
	look("child", child);
	note_names(child);
}

TIMED_SCENARIO(waiting, child_that_was_closed_is_accepted)
{
	struct sockets s = in_state("listening_ready");
	int child;

	writes_five(s.peer);
	close(s.peer);
	settle();
	note_poll("listener", s.fd);
	child = accept(s.fd, NULL, NULL);
	did("accept", child < 0 ? -1 : 0);
	look("child", child);
	note_names(child);
}

/* Minutes of a peer that is silent. */

TIMED_SCENARIO(waiting, connect_gives_up)
{
	struct sockets s = in_state("fresh");
	uint64_t begun = now_us();

	if (!make_silent_host())
		fail_case("no host");
	set_int(s.fd, SOL_TCP, TCP_SYNCNT, 3);
	DO(connect_in(s.fd, SILENT_HOST, PORT));
	note("after %d s", (int)((now_us() - begun + 500000) / 1000000));
	look("own", s.fd);
	note_names(s.fd);
}

TIMED_SCENARIO(waiting, user_timeout_of_a_connect)
{
	struct sockets s = in_state("fresh");
	uint64_t begun = now_us();

	if (!make_silent_host())
		fail_case("no host");
	DO(set_int(s.fd, SOL_TCP, TCP_USER_TIMEOUT, 5000));
	DO(connect_in(s.fd, SILENT_HOST, PORT));
	note("after %d s", (int)((now_us() - begun + 500000) / 1000000));
	look("own", s.fd);
}
