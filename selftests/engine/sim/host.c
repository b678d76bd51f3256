// SPDX-License-Identifier: GPL-2.0
/* A host: its clock, its table of flows, and whose an arriving segment is. */
#include "world.h"

/**
 * host_now() - what a host's clock says
 * @h: the host
 *
 * Return: microseconds.
 */
u64 host_now(const struct host *h)
{
	u64 rate = 1000000 + h->config->drift_ppm;

	return h->config->clock_us + h->world->now * rate / 1000000;
}

/**
 * host_when() - when a host's clock will say something
 * @h: the host
 * @local: what
 *
 * Return: the virtual time at which host_now() first says @local or more.
 */
u64 host_when(const struct host *h, u64 local)
{
	u64 rate = 1000000 + h->config->drift_ppm;

	if (local <= h->config->clock_us)
		return h->world->now;
	local -= h->config->clock_us;
	return max((local * 1000000 + rate - 1) / rate, h->world->now);
}

static u32 bucket(const struct path *path, u16 sport, u16 dport)
{
	return (sport + dport * 7 + path->index * 3) % FLOW_BUCKETS;
}

/**
 * host_insert() - a socket's segments find it from now on
 * @h: its host
 * @sk: the socket, its ports and path known
 */
void host_insert(struct host *h, struct sock *sk)
{
	struct sock **b = &h->flows[bucket(sk->path, sk->sport, sk->dport)];

	sk->next = *b;
	*b = sk;
	sk->hashed = true;
}

/**
 * host_remove() - its segments do not find it any more
 * @h: its host
 * @sk: the socket, in the table or not
 */
void host_remove(struct host *h, struct sock *sk)
{
	struct sock **b = &h->flows[bucket(sk->path, sk->sport, sk->dport)];

	if (!sk->hashed)
		return;
	while (*b != sk)
		b = &(*b)->next;
	*b = sk->next;
	sk->hashed = false;
}

static struct sock *find(struct host *h, struct path *path, u16 sport,
			 u16 dport)
{
	struct sock *sk = h->flows[bucket(path, sport, dport)];

	while (sk &&
	       (sk->sport != sport || sk->dport != dport || sk->path != path))
		sk = sk->next;
	return sk;
}

/**
 * host_transmit() - a host sends a segment
 * @h: the host
 * @path: where to
 * @p: its octets and their number; its checksum is written here
 * @delay_us: what its connection's way takes longer than others'
 */
void host_transmit(struct host *h, struct path *path, struct packet *p,
		   u32 delay_us)
{
	struct world *w = h->world;

	p->path = path;
	p->to = h->index == 0;
	packet_seal(p);
	w->result->count[SIM_SEGMENTS]++;
	if (p->octets[13] & ATCP_RST) {
		w->result->count[SIM_RESETS]++;
		if (h->in_reset)
			world_wrong(w, "a RST is answered with a RST");
	}
	observe_wire(p);
	link_send(path, h->index != 0, p, delay_us);
}

/**
 * host_reset() - answer a segment with a RST, if it may be
 * @h: the host
 * @sk: whose segment it is, NULL if nobody's
 * @path: where it came from
 * @seg: the segment
 */
void host_reset(struct host *h, struct sock *sk, struct path *path,
		const struct atcp_segment *seg)
{
	struct atcp_segment rst;
	struct packet *p;

	if (!atcp_segment_reset(seg, &rst))
		return;
	p = packet_new(h->world);
	p->len = atcp_segment_build(&rst, p->octets);
	if (sk)
		observe_sends(sk, p);
	host_transmit(h, path, p, 0);
}

/* Which connection of the scenario a segment belongs to. */
static struct conn *conn_of(struct world *w, u16 a, u16 b)
{
	u32 n = max(a, b) - CLIENT_PORT;

	return &w->conn[n % SIM_CONNS];
}

static void timewait_arrives(struct sock *sk, struct atcp_segment *seg,
			     const struct packet *p)
{
	struct host *h = sk->host;
	struct atcp_segment ack;
	enum atcp_drop drop;
	u32 iss;

	observe_arrives(sk, p);
	switch (atcp_timewait_arrives(&sk->tw, seg, host_now(h), &drop)) {
	case ATCP_TIMEWAIT_REOPEN:
		if (sk->sport == SERVER_PORT) {
			h->world->result->count[SIM_REOPENS]++;
			iss = atcp_timewait_iss(&sk->tw);
			sock_over(sk);
			listener_arrives(h, p->path, seg, p, iss);
			return;
		}
		break;
	case ATCP_TIMEWAIT_DROP:
		return;
	case ATCP_TIMEWAIT_RESTART:
		sock_time_wait(sk);
		break;
	case ATCP_TIMEWAIT_ACK:
		break;
	}
	atcp_timewait_ack(&sk->tw, host_now(h), &ack);
	check_time_wait(sk, seg, &ack);
	sock_transmit(sk, &ack);
}

static void dispatch(struct host *h, struct atcp_segment *seg,
		     const struct packet *p)
{
	struct sock *sk = find(h, p->path, seg->dport, seg->sport);

	if (!sk) {
		observe_stray(h, p);
		if (seg->dport == SERVER_PORT)
			listener_arrives(h, p->path, seg, p, 0);
		else
			host_reset(h, NULL, p->path, seg);
		return;
	}
	switch (sk->mode) {
	case SOCK_REQUEST:
		request_arrives(sk, seg, p);
		break;
	case SOCK_CONNECTED:
		sock_arrives(sk, seg, p);
		break;
	case SOCK_TIME_WAIT:
		timewait_arrives(sk, seg, p);
		break;
	case SOCK_ENDED:
		world_wrong(h->world, "a connection that ended has a flow");
		break;
	}
}

static void icmp_arrives(struct host *h, struct packet *p)
{
	struct sock *sk = find(h, p->path, atcp_get16(p->octets),
			       atcp_get16(p->octets + 2));

	if (sk && sk->mode == SOCK_REQUEST)
		request_icmp(sk, p);
	else if (sk && sk->mode == SOCK_CONNECTED)
		sock_icmp(sk, p);
}

/**
 * host_arrives() - a segment, or a router's word on one, is here
 * @h: the host
 * @p: the packet, the caller's
 */
void host_arrives(struct host *h, struct packet *p)
{
	struct atcp_segment seg;

	if (p->icmp) {
		icmp_arrives(h, p);
		return;
	}
	if (!packet_intact(p)) {
		observe_mark(p, "wrong checksum");
		return;
	}
	if (p->mended)
		conn_of(h->world, atcp_get16(p->octets),
			atcp_get16(p->octets + 2))
			->garbled = true;
	if (atcp_segment_parse(&seg, p->octets, p->len)) {
		observe_mark(p, "malformed");
		if (!p->mended)
			world_wrong(h->world, "a segment that cannot be read");
		return;
	}
	h->in_reset = seg.flags & ATCP_RST;
	dispatch(h, &seg, p);
	h->in_reset = false;
}

/**
 * host_reboot() - a host forgets all that it knew, and its programs are gone
 * @h: the host
 */
void host_reboot(struct host *h)
{
	struct sock *sk, *next;

	h->world->result->count[SIM_REBOOTS]++;
	for (sk = h->world->socks; sk; sk = next) {
		next = sk->all;
		if (sk->host != h || sk->dead)
			continue;
		sk->conn->broken = true;
		sock_reboot(sk);
	}
	h->cookie_us = 0;
}
