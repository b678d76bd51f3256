// SPDX-License-Identifier: GPL-2.0
/*
 * Programs made by chance: a few sockets, and calls on them in any order. The
 * number in a case's name is the seed, so that each is the same each time.
 */
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/sendfile.h>

#include "compare.h"

#define PROGRAMS 200
#define CALLS	 40
#define SOCKETS	 6

static char buf[4096];
static uint32_t state;

/* A linear congruential generator, the same on every machine. */
static unsigned int choose(unsigned int n)
{
	state = state * 1664525 + 1013904223;
	return (state >> 16) % n;
}

static void call_bind(int fd)
{
	static const char *const hosts[] = { "127.0.0.1", "0.0.0.0" };
	const char *host = hosts[choose(2)];
	int port = PORT + choose(3);

	note("bind %s %d", host, port);
	did("bind", bind_in(fd, host, port));
}

static void call_connect(int fd)
{
	int port = PORT + choose(3);

	/* What becomes of one that is connected to itself is told elsewhere. */
	if (test_sockport(fd) == port)
		port = PORT + 9;
	note("connect %d", port);
	did("connect", connect_in(fd, "127.0.0.1", port));
}

static void call_send(int fd)
{
	static const int flags[] = { 0, 0, 0, MSG_OOB };
	int which = choose(4), len = 1 + choose(1000);

	note("send %d %x", len, flags[which]);
	did("send", send(fd, buf, len, flags[which]));
}

static void call_recv(int fd)
{
	static const int flags[] = { 0, 0, 0, MSG_OOB, MSG_PEEK, MSG_TRUNC };
	int which = choose(6), len = 1 + choose(2000);

	note("recv %d %x", len, flags[which]);
	did("recv", recv(fd, buf, len, flags[which]));
}

static void call_shutdown(int fd)
{
	int how = choose(3);

	note("shutdown %d", how);
	did("shutdown", shutdown(fd, how));
}

static void call_disconnect(int fd)
{
	struct sockaddr addr = { .sa_family = AF_UNSPEC };

	did("disconnect", connect(fd, &addr, sizeof(addr)));
}

static void call_option(int fd)
{
	static const struct {
		int level, option;
	} options[] = {
		{ SOL_SOCKET, SO_REUSEADDR },
		{ SOL_SOCKET, SO_REUSEPORT },
		{ SOL_SOCKET, SO_OOBINLINE },
		{ SOL_SOCKET, SO_KEEPALIVE },
	};
	int which = choose(ARRAY_LEN(options)), value = choose(2);

	note("option %d to %d", which, value);
	did("setsockopt",
	    set_int(fd, options[which].level, options[which].option, value));
}

static void call_linger(int fd)
{
	struct linger l = { choose(2), 0 };

	note("linger %d", l.l_onoff);
	did("setsockopt", setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
}

static int fresh(void)
{
	int fd = test_socket(AF_INET, SOCK_NONBLOCK);

	/* Nagle's algorithm shows how soon the peer acknowledges. */
	if (fd < 0 || set_int(fd, SOL_TCP, TCP_NODELAY, 1))
		fail_case("socket");
	return fd;
}

static void make_call(int *fds, int which)
{
	int child;

	switch (choose(16)) {
	case 0:
		call_bind(fds[which]);
		break;
	case 1:
		did("listen", listen(fds[which], 1 + choose(4)));
		break;
	case 2:
	case 3:
	case 4:
		call_connect(fds[which]);
		break;
	case 5:
	case 6:
		child = accept4(fds[which], NULL, NULL, SOCK_NONBLOCK);
		did("accept", child < 0 ? -1 : 0);
		if (child < 0)
			break;
		/* The child takes the place of another one. */
		which = choose(SOCKETS);
		note("replaces %d", which);
		dup2(child, fds[which]);
		close(child);
		break;
	case 7:
	case 8:
		call_send(fds[which]);
		break;
	case 9:
	case 10:
		call_recv(fds[which]);
		break;
	case 11:
		call_shutdown(fds[which]);
		break;
	case 12:
		call_disconnect(fds[which]);
		break;
	case 13:
		call_option(fds[which]);
		break;
	case 14:
		call_linger(fds[which]);
		break;
	case 15:
		did("close", close(fds[which]));
		child = fresh();
		if (child != fds[which]) {
			dup2(child, fds[which]);
			close(child);
		}
		break;
	}
}

/* What all sockets look like now; nothing of it changes them. */
static void note_all(const int *fds)
{
	char who[16], text[128];
	struct pollfd p;
	int i, inq;

	for (i = 0; i < SOCKETS; i++) {
		p = (struct pollfd){ .fd = fds[i], .events = 0x23ff };
		poll(&p, 1, 0);
		inq = -1;
		ioctl(fds[i], SIOCINQ, &inq);
		snprintf(who, sizeof(who), "%d", i);
		note("  %s:%s, %d, %s", who,
		     poll_bits(p.revents, text, sizeof(text)), inq,
		     state_name(tcp_state(fds[i]) == ST_FIN_WAIT_1 ?
					ST_FIN_WAIT_2 :
					tcp_state(fds[i])));
	}
}

static void run_program(int seed, int b)
{
	int fds[SOCKETS], i, which;

	(void)b;
	state = seed;
	memset(buf, 'r', sizeof(buf));
	for (i = 0; i < SOCKETS; i++)
		fds[i] = fresh();
	/* Otherwise hardly any would ever connect. */
	did("bind", bind_in(fds[0], "127.0.0.1", PORT));
	did("listen", listen(fds[0], 4));
	for (i = 0; i < CALLS; i++) {
		which = choose(SOCKETS);
		note("on %d", which);
		make_call(fds, which);
		settle();
		note_signals();
		note_all(fds);
	}
}

void add_cases(void)
{
	const char *more = getenv("ATCP_TEST_PROGRAMS");
	int i, n = more ? atoi(more) : PROGRAMS;

	for (i = 1; i <= n; i++)
		add_case(run_program, i, 0, "random.%d", i);
}
