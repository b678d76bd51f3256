// SPDX-License-Identifier: GPL-2.0
/*
 * LISTEN and SYN-RECEIVED as network/listener.c and network/request.c have
 * them: requests, SYN cookies when the backlog is full, and what a promoted
 * connection starts from.
 */
#include "syncookie.h"
#include "world.h"

static void transmit(struct sock *sk, enum atcp_request_verdict verdict)
{
	struct atcp_segment seg;
	u64 now = host_now(sk->host);

	if (verdict == ATCP_REQUEST_SYN_ACK)
		atcp_request_syn_ack(&sk->request, now, &seg);
	else
		atcp_request_ack(&sk->request, now, &seg);
	sock_transmit(sk, &seg);
}

static void wait(struct sock *sk)
{
	queue_set(&sk->world->queue, &sk->alarm,
		  host_when(sk->host, sk->request.deadline));
}

/**
 * request_end() - a request ends without becoming a connection
 * @sk: the request
 * @cause: why
 */
void request_end(struct sock *sk, enum atcp_cause cause)
{
	observe_state(sk, ATCP_SYN_RECEIVED,
		      cause == ATCP_CAUSE_RCV_RST ? ATCP_LISTEN : ATCP_CLOSED,
		      cause);
	sk->host->nr_requests--;
	sock_over(sk);
}

static struct atcp_open our_open(struct host *h, const struct sim_side *side,
				 u16 sport, u16 dport)
{
	return (struct atcp_open){
		.iss = side->iss,
		.ts_offset = side->ts_offset,
		.rcv_buf = side->rcvbuf,
		.sport = sport,
		.dport = dport,
		.advmss = side->advmss,
		.path_mss = h->config->mtu - SIM_HEADERS,
		.rcv_wscale = side->wscale,
		.options = side->options & atcp_options(&h->config->params),
	};
}

static struct sock *new_request(struct host *h, struct path *path,
				const struct atcp_segment *seg)
{
	struct conn *c = conn_at(h->world, seg->sport);
	struct sock *sk = sock_new(c, 1);

	sk->host = h;
	sk->path = path;
	sk->at = h->index != 0;
	sk->sport = seg->dport;
	sk->dport = seg->sport;
	sk->mtu = h->config->mtu;
	return sk;
}

/* Sequence numbers do not repeat: RFC 9293 3.4.1, as each SYN is another. */
static void open_request(struct host *h, struct path *path,
			 const struct atcp_segment *seg, const struct packet *p,
			 u32 iss)
{
	struct sock *sk = new_request(h, path, seg);
	struct atcp_open open = our_open(h, sk->side, sk->sport, sk->dport);

	if (iss)
		open.iss = iss;
	else if (sk->conn->requests++)
		open.iss += below(&h->world->rng, ~0U);
	sk->mode = SOCK_REQUEST;
	host_insert(h, sk);
	observe_begin(sk);
	h->nr_requests++;
	observe_user(sk, EVENT_OPEN_PASSIVE, 0);
	observe_arrives(sk, p);
	atcp_request_init(&sk->request, &open, &h->config->params, seg,
			  host_now(h));
	sk->tcb.iss = open.iss;
	observe_state(sk, ATCP_LISTEN, ATCP_SYN_RECEIVED, ATCP_CAUSE_RCV_SYN);
	transmit(sk, ATCP_REQUEST_SYN_ACK);
	wait(sk);
}

static u32 minute(const struct host *h)
{
	return host_now(h) / (60 * ATCP_USEC_PER_SEC);
}

static struct atcp_cookie_key key(const struct host *h, u16 dport, u32 when)
{
	u32 identity = (h->secret ^ dport) * 2654435761U;

	return (struct atcp_cookie_key){
		.identity = identity,
		.seal = (identity ^ when) * 2246822519U,
	};
}

static void send_cookie(struct host *h, struct path *path,
			const struct atcp_segment *syn)
{
	struct conn *c = conn_at(h->world, syn->sport);
	struct atcp_open open =
		our_open(h, &c->config->side[1], syn->dport, syn->sport);
	struct atcp_cookie_key k = key(h, syn->sport, minute(h));
	u16 mss = syn->options & ATCP_OPT_MSS ? syn->mss : ATCP_MSS_DEFAULT;
	struct packet *p = packet_new(h->world);
	struct atcp_segment out;

	open.iss = atcp_cookie_make(&k, minute(h), syn->seq,
				    atcp_cookie_mss_index(mss, true));
	atcp_cookie_syn_ack(&open, &h->config->params, syn, host_now(h), &out);
	h->cookie_us = host_now(h);
	h->world->result->count[SIM_COOKIES]++;
	p->len = atcp_segment_build(&out, p->octets);
	host_transmit(h, path, p, 0);
}

/* Nobody gets in with a guessed number while no cookies are sent. */
static bool cookies_valid(const struct host *h)
{
	return h->cookie_us &&
	       host_now(h) - h->cookie_us <=
		       ATCP_COOKIE_MINUTES * 60 * ATCP_USEC_PER_SEC;
}

static bool read_cookie(struct host *h, const struct sim_side *side,
			const struct atcp_segment *seg,
			struct atcp_request *req)
{
	struct atcp_open open = our_open(h, side, seg->dport, seg->sport);
	struct atcp_cookie_key k = key(h, seg->sport, minute(h));
	u32 cookie = seg->ack - 1, irs = seg->seq - 1;
	int age = atcp_cookie_age(cookie, k.identity, minute(h), irs);
	u16 mss;

	if (age < 0)
		return false;
	k = key(h, seg->sport, minute(h) - age);
	mss = atcp_cookie_mss(cookie, &k, irs, true);
	open.iss = cookie;
	return mss && atcp_cookie_request(req, &open, &h->config->params, seg,
					  mss, host_now(h));
}

static void promote(struct sock *sk, struct atcp_segment *seg,
		    const struct packet *p)
{
	sk->mode = SOCK_CONNECTED;
	sk->tcb.settings = sk->side->settings;
	sock_refill(sk);
	atcp_request_promote(&sk->request, &sk->tcb, host_now(sk->host));
	check_start(sk);
	app_open(sk);
	sock_arrives(sk, seg, p);
}

/* Return: false if it is no cookie of ours. */
static bool cookie_arrives(struct host *h, struct path *path,
			   struct atcp_segment *seg, const struct packet *p)
{
	const struct sim_side *side =
		&conn_at(h->world, seg->sport)->config->side[1];
	struct atcp_request req;
	struct sock *sk;

	if ((seg->flags & ATCP_SYN) || !cookies_valid(h) ||
	    !read_cookie(h, side, seg, &req))
		return false;
	sk = new_request(h, path, seg);
	sk->request = req;
	sk->cookie = true;
	host_insert(h, sk);
	/* Its echo is that of a cookie: no sample of the RTT. */
	seg->tsecr = 0;
	promote(sk, seg, p);
	return true;
}

/**
 * listener_arrives() - a segment for a port with a listener, and no flow
 * @h: the host
 * @path: where it came from
 * @seg: the segment
 * @p: the same
 * @iss: where the connection starts, if it comes out of TIME-WAIT; else 0
 */
void listener_arrives(struct host *h, struct path *path,
		      struct atcp_segment *seg, const struct packet *p, u32 iss)
{
	enum atcp_drop drop;

	switch (atcp_listen_arrives(seg, &drop)) {
	case ATCP_LISTEN_OPEN:
		if (iss || h->nr_requests <= h->config->backlog)
			open_request(h, path, seg, p, iss);
		else if (h->config->cookies)
			send_cookie(h, path, seg);
		break;
	case ATCP_LISTEN_RESET:
		if (!cookie_arrives(h, path, seg, p))
			host_reset(h, NULL, path, seg);
		break;
	case ATCP_LISTEN_DROP:
		break;
	}
}

/**
 * request_arrives() - a segment for a request
 * @sk: the request
 * @seg: the segment
 * @p: the same
 */
void request_arrives(struct sock *sk, struct atcp_segment *seg,
		     const struct packet *p)
{
	enum atcp_drop drop;
	enum atcp_request_verdict verdict =
		atcp_request_arrives(&sk->request, seg, &drop);

	if (verdict != ATCP_REQUEST_ESTABLISH)
		observe_arrives(sk, p);
	switch (verdict) {
	case ATCP_REQUEST_ESTABLISH:
		sk->host->nr_requests--;
		promote(sk, seg, p);
		break;
	case ATCP_REQUEST_ACK:
	case ATCP_REQUEST_SYN_ACK:
		transmit(sk, verdict);
		break;
	case ATCP_REQUEST_RESET:
		host_reset(sk->host, sk, sk->path, seg);
		break;
	case ATCP_REQUEST_CLOSE:
		request_end(sk, ATCP_CAUSE_RCV_RST);
		break;
	case ATCP_REQUEST_DROP:
		break;
	}
}

/**
 * request_deadline() - a SYN-ACK was not answered
 * @sk: the request, whose deadline has passed
 */
void request_deadline(struct sock *sk)
{
	u8 retries = sk->host->config->params.synack_retries;

	switch (atcp_request_timeout(&sk->request, retries)) {
	case ATCP_REQUEST_SYN_ACK:
		sk->world->result->count[SIM_AGAIN]++;
		transmit(sk, ATCP_REQUEST_SYN_ACK);
		break;
	case ATCP_REQUEST_CLOSE:
		request_end(sk, ATCP_CAUSE_RETRIES);
		return;
	default:
		break;
	}
	wait(sk);
}

/**
 * request_icmp() - a router's word on a SYN-ACK
 * @sk: the request
 * @p: the word
 *
 * RFC 5927 section 4.1: it must quote our SYN-ACK.
 */
void request_icmp(struct sock *sk, const struct packet *p)
{
	if (atcp_get32(p->octets + 4) != sk->request.open.iss || p->too_big)
		return;
	observe_icmp(sk, p);
	request_end(sk, ATCP_CAUSE_ICMP);
}
