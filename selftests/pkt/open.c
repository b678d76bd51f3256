// SPDX-License-Identifier: GPL-2.0
/* The packet harness: a socket under test in any state. See pkt.h. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "pkt.h"

static bool call_failed(const char *what)
{
	fprintf(stderr, "# %s: %s\n", what, strerror(errno));
	return false;
}

bool pkt_in_state(struct pkt *p, unsigned int state)
{
	uint16_t rport = state == ST_LISTEN ? 0 : p->rport;

	if (WAIT_FOR(proc_state(p->family, p->lport, rport) == state,
		     PATIENCE_MS))
		return true;
	fprintf(stderr, "# %s says %s, not %s\n", proc_path(p->family),
		state_name(proc_state(p->family, p->lport, rport)),
		state_name(state));
	return false;
}

int pkt_unread(const struct pkt *p)
{
	int bytes = -1;

	return ioctl(p->fd, FIONREAD, &bytes) ? -1 : bytes;
}

bool pkt_listen(struct pkt *p)
{
	struct sockaddr_storage addr = pkt_local(p);
	int fd = test_socket(p->family, 0);

	if (fd < 0)
		return call_failed("socket");
	p->listener = fd;
	if (bind(fd, (struct sockaddr *)&addr, test_addrlen(p->family)))
		return call_failed("bind");
	if (listen(fd, 8))
		return call_failed("listen");
	return true;
}

bool pkt_start_connect(struct pkt *p)
{
	struct sockaddr_storage local = pkt_local(p), remote = pkt_remote(p);
	socklen_t len = test_addrlen(p->family);

	/* A test may have one already, with options set. */
	if (p->fd < 0)
		p->fd = test_socket(p->family, SOCK_NONBLOCK);
	if (p->fd < 0)
		return call_failed("socket");
	if (bind(p->fd, (struct sockaddr *)&local, len))
		return call_failed("bind");
	pkt_mark(p);
	if (!connect(p->fd, (struct sockaddr *)&remote, len) ||
	    errno != EINPROGRESS)
		return call_failed("connect");
	return true;
}

/* The options of both SYNs: what the peer has offered is what is agreed on. */
static void agree(struct pkt *p)
{
	p->ts = p->peer.opts & OPT_TS;
}

static bool send_syn(struct pkt *p, uint8_t flags, uint32_t ack)
{
	struct seg syn = p->peer;

	syn.flags = TH_SYN | flags;
	syn.ack = ack;
	if (syn.opts & OPT_TS) {
		syn.tsval = p->peer_tsval;
		syn.tsecr = p->local_tsval;
	}
	return pkt_send(p, &syn);
}

static bool open_syn_received(struct pkt *p)
{
	return (p->listener >= 0 || pkt_listen(p)) && send_syn(p, 0, 0) &&
	       EXPECTED(p, .flags = TH_SYN | TH_ACK, .ack = 1,
			.opts = p->peer.opts | OPT_MSS);
}

bool pkt_accept(struct pkt *p)
{
	bool ok;

	if (!open_syn_received(p))
		return false;
	agree(p);
	ok = SENT(p, .flags = TH_ACK, .seq = 1, .ack = 1);
	p->fd = ok ? accept(p->listener, NULL, NULL) : -1;
	if (p->fd < 0)
		return call_failed("accept");
	return pkt_in_state(p, ST_ESTABLISHED);
}

static bool open_syn_sent(struct pkt *p)
{
	return pkt_start_connect(p) &&
	       EXPECTED(p, .flags = TH_SYN, .opts = OPT_SYN_ALL);
}

bool pkt_connect(struct pkt *p)
{
	if (!open_syn_sent(p) || !send_syn(p, TH_ACK, 1))
		return false;
	agree(p);
	return EXPECTED(p, .flags = TH_ACK, .seq = 1, .ack = 1) &&
	       !set_nonblock(p->fd, false) && pkt_in_state(p, ST_ESTABLISHED);
}

/*
 * By data that has a number of its own: Linux does not believe a segment that
 * takes back the window and is otherwise like the one before.
 */
bool pkt_close_window(struct pkt *p)
{
	return SENT(p, .flags = TH_ACK, .seq = 1, .ack = 1, .len = 1) &&
	       pkt_expect_ack(p, 2) &&
	       SENT(p, .flags = TH_ACK, .seq = 2, .ack = 1, .len = 1,
		    .win = ZERO) &&
	       pkt_expect_ack(p, 3);
}

/* The socket's FIN, half-closed so that p->fd can still be looked at. */
static bool open_fin_wait_1(struct pkt *p)
{
	if (!pkt_accept(p))
		return false;
	if (shutdown(p->fd, SHUT_WR))
		return call_failed("shutdown");
	return EXPECTED(p, .flags = TH_FIN | TH_ACK, .seq = 1, .ack = 1);
}

static bool open_fin_wait_2(struct pkt *p)
{
	return open_fin_wait_1(p) &&
	       SENT(p, .flags = TH_ACK, .seq = 1, .ack = 2);
}

static bool open_closing(struct pkt *p)
{
	/* The peer's FIN crosses the socket's. */
	return open_fin_wait_1(p) &&
	       SENT(p, .flags = TH_FIN | TH_ACK, .seq = 1, .ack = 1) &&
	       pkt_expect_ack(p, 2);
}

static bool open_time_wait(struct pkt *p)
{
	return open_fin_wait_2(p) &&
	       SENT(p, .flags = TH_FIN | TH_ACK, .seq = 1, .ack = 2) &&
	       pkt_expect_ack(p, 2);
}

static bool open_close_wait(struct pkt *p)
{
	return pkt_accept(p) &&
	       SENT(p, .flags = TH_FIN | TH_ACK, .seq = 1, .ack = 1) &&
	       pkt_expect_ack(p, 2);
}

static bool open_last_ack(struct pkt *p)
{
	if (!open_close_wait(p))
		return false;
	if (shutdown(p->fd, SHUT_WR))
		return call_failed("shutdown");
	return EXPECTED(p, .flags = TH_FIN | TH_ACK, .seq = 1, .ack = 2);
}

static bool open_state(struct pkt *p, unsigned int state)
{
	switch (state) {
	case ST_LISTEN:
		return pkt_listen(p);
	case ST_SYN_SENT:
		return open_syn_sent(p);
	case ST_SYN_RECEIVED:
		return open_syn_received(p);
	case ST_ESTABLISHED:
		return pkt_accept(p);
	case ST_FIN_WAIT_1:
		return open_fin_wait_1(p);
	case ST_FIN_WAIT_2:
		return open_fin_wait_2(p);
	case ST_CLOSING:
		return open_closing(p);
	case ST_TIME_WAIT:
		return open_time_wait(p);
	case ST_CLOSE_WAIT:
		return open_close_wait(p);
	case ST_LAST_ACK:
		return open_last_ack(p);
	default:
		return false;
	}
}

bool pkt_open(struct pkt *p, unsigned int state)
{
	return open_state(p, state) && pkt_in_state(p, state);
}

/* Closing it resets its connection, if it was not closed before. */
static void drop_socket(int fd)
{
	struct linger now = { .l_onoff = 1 };

	if (!setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)))
		close(fd);
}

static void end_connection(struct pkt *p)
{
	int fd;

	drop_socket(p->fd);
	p->fd = -1;
	/* Those that have completed the handshake meanwhile. */
	while (p->listener >= 0 && poll_now(p->listener) & POLLIN) {
		fd = accept(p->listener, NULL, NULL);
		drop_socket(fd);
	}
	while (pkt_next(p, 0))
		;
	/* Its last ACK has told which RST it takes for exact. */
	if (proc_state(p->family, p->lport, p->rport) != ST_GONE)
		SENT(p, .flags = TH_RST, .seq = p->acked);
}

void pkt_again(struct pkt *p)
{
	end_connection(p);
	memset(&p->got, 0, sizeof(p->got));
	p->rport++;
	p->liss_known = false;
	p->liss = 0;
	p->asked = false;
	p->logged = 0;
}

void pkt_end(struct pkt *p)
{
	int listener = p->listener;

	p->listener = -1;
	drop_socket(listener);
	end_connection(p);
}
