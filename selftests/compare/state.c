// SPDX-License-Identifier: GPL-2.0
/* Sockets in every state in which a program can hold one. */
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/tcp.h>

#include "compare.h"

struct sockaddr_in address(const char *host, uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
				   .sin_port = htons(port) };

	inet_pton(AF_INET, host, &sin.sin_addr);
	return sin;
}

int bind_in(int fd, const char *host, uint16_t port)
{
	struct sockaddr_in sin = address(host, port);

	return bind(fd, (struct sockaddr *)&sin, sizeof(sin));
}

int connect_in(int fd, const char *host, uint16_t port)
{
	struct sockaddr_in sin = address(host, port);

	return connect(fd, (struct sockaddr *)&sin, sizeof(sin));
}

int set_int(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

int get_int(int fd, int level, int option)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(fd, level, option, &value, &len) ? -1 : value;
}

int tcp_state(int fd)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len))
		return -1;
	return info.tcpi_state;
}

bool wait_state(int fd, int state)
{
	return WAIT_FOR(tcp_state(fd) == state, PATIENCE_MS);
}

static int open_echo(void)
{
	struct timeval patience = { .tv_sec = 2 };
	struct sockaddr_in sin = address("127.0.0.1", 0);
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&sin, len) ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) ||
	    connect(fd, (struct sockaddr *)&sin, len) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		       sizeof(patience)))
		fail_case("an echo");
	return fd;
}

/*
 * Packets on loopback wait in one queue for the softirq. So when a datagram
 * has come, what was sent before it has come as well; and what that was
 * answered with has come after another one.
 */
void settle(void)
{
	static int echo = -1;
	char byte = 0;
	int i, saved = errno;

	if (echo < 0)
		echo = open_echo();
	for (i = 0; i < 4; i++)
		if (send(echo, &byte, 1, 0) != 1 ||
		    recv(echo, &byte, 1, 0) != 1)
			fail_case("an echo");
	errno = saved;
}

/* A device whose other end nobody reads. */
bool make_silent_host(void)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	struct sockaddr_in *sin = (struct sockaddr_in *)&ifr.ifr_addr;
	int tun = open("/dev/net/tun", O_RDWR);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	bool ok;

	strcpy(ifr.ifr_name, "silent");
	if (tun < 0 || fd < 0 || ioctl(tun, TUNSETIFF, &ifr))
		return false;
	*sin = address("192.0.2.1", 0);
	ok = !ioctl(fd, SIOCSIFADDR, &ifr);
	*sin = address("255.255.255.0", 0);
	ok = ok && !ioctl(fd, SIOCSIFNETMASK, &ifr);
	ifr.ifr_flags = IFF_UP;
	ok = ok && !ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
	return ok;
}

static bool enter_fresh(struct sockets *s)
{
	s->listener = test_listen(AF_INET, PORT, 8);
	s->fd = test_socket(AF_INET, 0);
	return s->listener >= 0 && s->fd >= 0;
}

static bool enter_bound(struct sockets *s)
{
	return enter_fresh(s) && !bind_in(s->fd, "127.0.0.1", PORT + 1);
}

static bool enter_listening(struct sockets *s)
{
	return enter_bound(s) && !listen(s->fd, 8);
}

static bool enter_listening_ready(struct sockets *s)
{
	if (!enter_listening(s))
		return false;
	s->peer = test_connect(AF_INET, PORT + 1);
	return s->peer >= 0 && poll_for(s->fd, POLLIN);
}

static bool enter_stopped_listening(struct sockets *s)
{
	return enter_listening(s) && !shutdown(s->fd, SHUT_RD);
}

static bool enter_connecting(struct sockets *s)
{
	if (!enter_fresh(s) || !make_silent_host() || set_nonblock(s->fd, true))
		return false;
	return connect_in(s->fd, SILENT_HOST, PORT) && errno == EINPROGRESS;
}

static bool enter_refused(struct sockets *s)
{
	if (!enter_fresh(s) || set_nonblock(s->fd, true))
		return false;
	connect_in(s->fd, "127.0.0.1", PORT + 9);
	return wait_state(s->fd, ST_CLOSED);
}

static bool enter_refused_known(struct sockets *s)
{
	return enter_fresh(s) && connect_in(s->fd, "127.0.0.1", PORT + 9) &&
	       errno == ECONNREFUSED;
}

static bool establish(struct sockets *s)
{
	if (connect_in(s->fd, "127.0.0.1", PORT))
		return false;
	s->peer = accept(s->listener, NULL, NULL);
	/* Nagle's algorithm shows how soon the peer acknowledges. */
	return s->peer >= 0 && !set_int(s->fd, SOL_TCP, TCP_NODELAY, 1) &&
	       !set_int(s->peer, SOL_TCP, TCP_NODELAY, 1);
}

static bool enter_established(struct sockets *s)
{
	return enter_fresh(s) && establish(s);
}

static bool enter_accepted(struct sockets *s)
{
	int other;

	if (!enter_established(s))
		return false;
	other = s->fd;
	s->fd = s->peer;
	s->peer = other;
	return true;
}

static bool peer_writes(struct sockets *s)
{
	return write(s->peer, "0123456789", 10) == 10 &&
	       poll_for(s->fd, POLLIN);
}

static bool enter_readable(struct sockets *s)
{
	return enter_established(s) && peer_writes(s);
}

static bool enter_shut_rd(struct sockets *s)
{
	return enter_established(s) && !shutdown(s->fd, SHUT_RD);
}

static bool enter_shut_rd_readable(struct sockets *s)
{
	return enter_readable(s) && !shutdown(s->fd, SHUT_RD);
}

static bool enter_shut_wr(struct sockets *s)
{
	return enter_established(s) && !shutdown(s->fd, SHUT_WR) &&
	       wait_state(s->fd, ST_FIN_WAIT_2);
}

static bool enter_shut_wr_readable(struct sockets *s)
{
	return enter_shut_wr(s) && peer_writes(s);
}

static bool enter_shut_rdwr(struct sockets *s)
{
	return enter_established(s) && !shutdown(s->fd, SHUT_RDWR) &&
	       wait_state(s->fd, ST_FIN_WAIT_2);
}

static bool enter_peer_shut_wr(struct sockets *s)
{
	return enter_established(s) && !shutdown(s->peer, SHUT_WR) &&
	       wait_state(s->fd, ST_CLOSE_WAIT);
}

static bool enter_peer_shut_wr_readable(struct sockets *s)
{
	return enter_readable(s) && !shutdown(s->peer, SHUT_WR) &&
	       wait_state(s->fd, ST_CLOSE_WAIT);
}

static bool enter_peer_shut_rd(struct sockets *s)
{
	return enter_established(s) && !shutdown(s->peer, SHUT_RD);
}

static bool close_peer(struct sockets *s)
{
	close(s->peer);
	s->peer = -1;
	return true;
}

static bool enter_peer_closed(struct sockets *s)
{
	return enter_established(s) && close_peer(s) &&
	       wait_state(s->fd, ST_CLOSE_WAIT);
}

static bool enter_peer_closed_readable(struct sockets *s)
{
	return enter_readable(s) && close_peer(s) &&
	       wait_state(s->fd, ST_CLOSE_WAIT);
}

/* It has written to a peer that was gone, and got a RST for it. */
static bool enter_peer_gone(struct sockets *s)
{
	return enter_peer_closed(s) && write(s->fd, "x", 1) == 1 &&
	       wait_state(s->fd, ST_CLOSED);
}

static bool reset_peer(struct sockets *s)
{
	struct linger now = { .l_onoff = 1 };

	return !setsockopt(s->peer, SOL_SOCKET, SO_LINGER, &now, sizeof(now)) &&
	       close_peer(s) && wait_state(s->fd, ST_CLOSED);
}

static bool enter_peer_reset(struct sockets *s)
{
	return enter_established(s) && reset_peer(s);
}

static bool enter_peer_reset_readable(struct sockets *s)
{
	return enter_readable(s) && reset_peer(s);
}

static bool enter_peer_reset_known(struct sockets *s)
{
	return enter_peer_reset(s) && so_error(s->fd) == ECONNRESET;
}

static bool enter_shut_wr_peer_reset(struct sockets *s)
{
	return enter_shut_wr(s) && reset_peer(s);
}

/* Both ends have closed: this one first, so that it is in TIME-WAIT. */
static bool enter_closed_first(struct sockets *s)
{
	return enter_shut_wr(s) && !shutdown(s->peer, SHUT_WR) &&
	       wait_state(s->fd, ST_CLOSED);
}

static bool enter_closed_last(struct sockets *s)
{
	return enter_peer_shut_wr(s) && !shutdown(s->fd, SHUT_WR) &&
	       wait_state(s->fd, ST_CLOSED);
}

static bool enter_closed_last_readable(struct sockets *s)
{
	return enter_peer_shut_wr_readable(s) && !shutdown(s->fd, SHUT_WR) &&
	       wait_state(s->fd, ST_CLOSED);
}

static bool disconnect(int fd)
{
	struct sockaddr addr = { .sa_family = AF_UNSPEC };

	return !connect(fd, &addr, sizeof(addr));
}

static bool enter_disconnected(struct sockets *s)
{
	return enter_established(s) && disconnect(s->fd);
}

static bool enter_disconnected_connecting(struct sockets *s)
{
	return enter_connecting(s) && disconnect(s->fd);
}

static bool enter_disconnected_listening(struct sockets *s)
{
	return enter_listening_ready(s) && disconnect(s->fd);
}

/* It has written until neither its own nor the peer's buffer took more. */
static bool enter_full(struct sockets *s)
{
	static char block[65536];
	int quiet;

	if (!enter_fresh(s) ||
	    set_int(s->listener, SOL_SOCKET, SO_RCVBUF, 8192) ||
	    set_int(s->fd, SOL_SOCKET, SO_SNDBUF, 8192) || !establish(s) ||
	    set_nonblock(s->fd, true))
		return false;
	memset(block, 'f', sizeof(block));
	/* Its buffer is charged for segments that go and come back, too. */
	for (quiet = 0; quiet < 3; quiet++) {
		while (write(s->fd, block, sizeof(block)) > 0)
			quiet = 0;
		usleep(60000);
	}
	return write(s->fd, block, 1) < 0 && errno == EAGAIN;
}

static bool enter_urgent(struct sockets *s)
{
	return enter_established(s) && write(s->peer, "01234", 5) == 5 &&
	       send(s->peer, "U", 1, MSG_OOB) == 1 &&
	       write(s->peer, "56789", 5) == 5 &&
	       WAIT_FOR(poll_now(s->fd) & POLLIN, PATIENCE_MS);
}

/* The other end is still in the accept queue. */
static bool enter_unaccepted(struct sockets *s)
{
	return enter_fresh(s) && !connect_in(s->fd, "127.0.0.1", PORT) &&
	       poll_for(s->listener, POLLIN);
}

static bool enter_unaccepted_gone(struct sockets *s)
{
	if (!enter_unaccepted(s))
		return false;
	close(s->listener);
	s->listener = -1;
	return wait_state(s->fd, ST_CLOSED);
}

#define STATE(name)                                                            \
	{                                                                      \
#name, enter_##name                                            \
	}

const struct state states[] = {
	STATE(fresh),
	STATE(bound),
	STATE(listening),
	STATE(listening_ready),
	STATE(stopped_listening),
	STATE(connecting),
	STATE(refused),
	STATE(refused_known),
	STATE(established),
	STATE(accepted),
	STATE(readable),
	STATE(shut_rd),
	STATE(shut_rd_readable),
	STATE(shut_wr),
	STATE(shut_wr_readable),
	STATE(shut_rdwr),
	STATE(peer_shut_wr),
	STATE(peer_shut_wr_readable),
	STATE(peer_shut_rd),
	STATE(peer_closed),
	STATE(peer_closed_readable),
	STATE(peer_gone),
	STATE(peer_reset),
	STATE(peer_reset_readable),
	STATE(peer_reset_known),
	STATE(shut_wr_peer_reset),
	STATE(closed_first),
	STATE(closed_last),
	STATE(closed_last_readable),
	STATE(disconnected),
	STATE(disconnected_connecting),
	STATE(disconnected_listening),
	STATE(full),
	STATE(urgent),
	STATE(unaccepted),
	STATE(unaccepted_gone),
};

const int nr_states = ARRAY_LEN(states);

bool enter_state(struct sockets *s, const char *name)
{
	unsigned int i;

	*s = (struct sockets){ -1, -1, -1 };
	for (i = 0; i < ARRAY_LEN(states); i++)
		if (!strcmp(states[i].name, name))
			return states[i].enter(s);
	return false;
}
