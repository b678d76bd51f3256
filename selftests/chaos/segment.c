// SPDX-License-Identifier: GPL-2.0
/*
 * Segments: what passes is watched, and what is sent fits into a connection
 * more or less. Those for 192.0.2.1 come by a TUN device, as from outside,
 * those for loopback by a raw socket.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../testlib.h"
#include "chaos.h"

#define IP_LEN	 20
#define MAX_OPTS 40
#define MAX_DATA 1500
#define PACKET	 (IP_LEN + 60 + MAX_DATA)

static uint32_t sum_words(const uint8_t *data, size_t len, uint32_t sum)
{
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += data[i] << 8 | data[i + 1];
	if (len & 1)
		sum += data[len - 1] << 8;
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

/* Finds the clock in the options of a segment that was seen. */
static void see_timestamps(struct flow *f, const uint8_t *opt, int len)
{
	f->has_ts = false;
	while (len > 1 && *opt) {
		int size = *opt == 1 ? 1 : opt[1];

		if (*opt == 8 && size == 10 && len >= 10) {
			memcpy(&f->tsval, opt + 2, 4);
			f->tsval = ntohl(f->tsval);
			f->has_ts = true;
		}
		if (!size)
			return;
		opt += size;
		len -= size;
	}
}

static void see_segment(struct space *s, const uint8_t *packet, ssize_t len)
{
	const struct iphdr *ip = (const void *)packet;
	const struct tcphdr *th = (const void *)(packet + ip->ihl * 4);
	struct flow *f = NULL;
	int i, opts;

	if (len < IP_LEN + 20 || ip->protocol != test_proto() ||
	    len < ip->ihl * 4 + th->doff * 4)
		return;
	for (i = 0; i < FLOWS; i++) {
		f = &s->flow[i];
		if (f->saddr == ip->saddr && f->daddr == ip->daddr &&
		    f->sport == th->source && f->dport == th->dest)
			break;
	}
	if (i == FLOWS)
		f = &s->flow[s->next_flow++ % FLOWS];
	opts = th->doff * 4 - 20;
	f->saddr = ip->saddr;
	f->daddr = ip->daddr;
	f->sport = th->source;
	f->dport = th->dest;
	f->ack = ntohl(th->ack_seq);
	f->next = ntohl(th->seq) + th->syn + th->fin +
		  (ntohs(ip->tot_len) - ip->ihl * 4 - th->doff * 4);
	see_timestamps(f, (const uint8_t *)(th + 1), opts);
}

/* All that has passed since the last time. */
static void make_watch(struct chaos *c)
{
	struct space *s = c->space;
	uint8_t packet[256];
	ssize_t n;
	int i;

	note(c, "watch");
	pthread_mutex_lock(&s->lock);
	for (i = 0; i < 64; i++) {
		n = recv(s->sniffer, packet, sizeof(packet), MSG_DONTWAIT);
		if (n <= 0)
			break;
		see_segment(s, packet, n);
	}
	pthread_mutex_unlock(&s->lock);
	/* Nobody else takes what is sent to the device. */
	while (read(s->tun, packet, sizeof(packet)) > 0)
		;
	noted(c, i);
}

static int put_timestamps(uint8_t *opt, uint32_t val, uint32_t ecr)
{
	val = htonl(val);
	ecr = htonl(ecr);
	memcpy(opt, "\x01\x01\x08\x0a", 4);
	memcpy(opt + 4, &val, 4);
	memcpy(opt + 8, &ecr, 4);
	return 12;
}

static int put_sacks(struct chaos *c, uint8_t *opt, uint32_t from)
{
	int i, n = 1 + pick(c, 3);

	opt[0] = 1;
	opt[1] = 1;
	opt[2] = 5;
	opt[3] = 2 + 8 * n;
	for (i = 0; i < n; i++) {
		uint32_t edge[2] = { htonl(from + pick(c, 8000) - 500) };

		edge[1] = htonl(ntohl(edge[0]) + pick(c, 3000));
		memcpy(opt + 4 + 8 * i, edge, 8);
	}
	return 4 + 8 * n;
}

/* Options of a segment; returns their length, a multiple of four. */
static int put_options(struct chaos *c, uint8_t *opt, const struct flow *from,
		       const struct flow *to, bool syn)
{
	int len = 0;

	if (once_in(c, 12)) {
		fill(c, opt, MAX_OPTS);
		return pick(c, 11) * 4;
	}
	if (syn) {
		memcpy(opt, "\x02\x04\x05\xb4\x04\x02\x01\x03\x03\x07\x01\x01",
		       12);
		opt[2] = pick(c, 8);
		opt[9] = pick(c, 16);
		len = 12;
	}
	if (syn ? once_in(c, 2) : from->has_ts || once_in(c, 16))
		len += put_timestamps(opt + len, from->tsval + pick(c, 3),
				      to->tsval);
	if (!syn && once_in(c, 4) && len <= 12)
		len += put_sacks(c, opt + len, to->next);
	return len <= MAX_OPTS ? len : MAX_OPTS;
}

static void put_ip(struct chaos *c, uint8_t *packet, const struct flow *f,
		   int protocol, size_t len)
{
	struct iphdr *ip = (void *)packet;

	memset(ip, 0, IP_LEN);
	ip->version = 4;
	ip->ihl = 5;
	ip->tos = once_in(c, 16) ? rnd(c) : 0;
	ip->tot_len = htons(IP_LEN + len);
	ip->id = rnd(c);
	ip->ttl = 64;
	ip->protocol = protocol;
	ip->saddr = f->saddr;
	ip->daddr = f->daddr;
	/* Now and then the first or the last piece of something. */
	if (once_in(c, 100))
		ip->frag_off = htons(once_in(c, 2) ? 0x2000 : pick(c, 100));
	ip->check = fold(sum_words(packet, IP_LEN, 0));
}

static ssize_t put_on_wire(struct chaos *c, const uint8_t *packet, size_t len)
{
	const struct iphdr *ip = (const void *)packet;
	struct sockaddr_in to = { .sin_family = AF_INET };

	to.sin_addr.s_addr = ip->daddr;
	if (ntohl(ip->daddr) >> 24 != 127)
		return write(c->space->tun, packet, len);
	return sendto(c->space->raw, packet, len, MSG_DONTWAIT,
		      (struct sockaddr *)&to, sizeof(to));
}

/* Where a segment belongs that begins something, or belongs nowhere. */
static void make_flow(struct chaos *c, struct flow *f)
{
	memset(f, 0, sizeof(*f));
	f->saddr = pick_host(c);
	f->daddr = once_in(c, 2) ? htonl(0x7f000001) : htonl(0xc0000201);
	f->sport = pick_port(c);
	f->dport = pick_port(c);
	f->next = rnd(c);
	f->ack = rnd(c);
	f->tsval = rnd(c);
}

static struct flow turned(const struct flow *f)
{
	struct flow back = *f;

	back.saddr = f->daddr;
	back.daddr = f->saddr;
	back.sport = f->dport;
	back.dport = f->sport;
	back.next = f->ack;
	back.ack = f->next;
	return back;
}

/* The sender of a segment that was seen, or who should answer it. */
static bool pick_flow(struct chaos *c, struct flow *f)
{
	bool known = pick(c, 8);

	pthread_mutex_lock(&c->space->lock);
	*f = c->space->flow[pick(c, FLOWS)];
	pthread_mutex_unlock(&c->space->lock);
	if (!known || !f->saddr) {
		make_flow(c, f);
		return false;
	}
	if (pick(c, 4))
		*f = turned(f);
	return true;
}

static uint8_t pick_segment_flags(struct chaos *c, bool known)
{
	static const uint8_t usual[] = { TH_ACK,	  TH_ACK,
					 TH_ACK,	  TH_ACK | TH_PUSH,
					 TH_SYN,	  TH_SYN | TH_ACK,
					 TH_FIN | TH_ACK, TH_RST,
					 TH_RST | TH_ACK, TH_ACK | TH_URG };

	if (!known && !once_in(c, 3))
		return TH_SYN;
	if (once_in(c, 10))
		return rnd(c);
	return usual[pick(c, sizeof(usual))];
}

/* By how much a number is off: mostly not, or a little, or half the space. */
static uint32_t off_by(struct chaos *c)
{
	switch (pick(c, 8)) {
	case 0:
		return pick(c, 3000) - 1500;
	case 1:
		return pick(c, 200000) - 100000;
	case 2:
		return once_in(c, 4) ? 0x80000000u + pick(c, 3) - 1 :
				       pick(c, 3) - 1;
	default:
		return 0;
	}
}

static size_t put_tcp(struct chaos *c, uint8_t *at, const struct flow *f,
		      uint8_t flags)
{
	struct tcphdr *th = (void *)at;
	struct flow back = turned(f);
	int opts, data = once_in(c, 2) ? 0 : pick(c, MAX_DATA);
	size_t len;
	uint32_t sum;

	memset(th, 0, sizeof(*th));
	opts = put_options(c, at + 20, f, &back, flags & TH_SYN);
	if (flags & TH_SYN && !once_in(c, 8))
		data = 0;
	th->source = f->sport;
	th->dest = f->dport;
	th->seq = htonl(f->next + off_by(c));
	th->ack_seq = htonl(f->ack + off_by(c));
	th->doff = once_in(c, 64) ? pick(c, 16) : 5 + opts / 4;
	((uint8_t *)th)[13] = flags;
	th->window = once_in(c, 6) ? 0 : htons(rnd(c));
	th->urg_ptr = flags & TH_URG ? htons(pick(c, 2000)) : 0;
	fill(c, at + 20 + opts, data < 16 ? data : 16);
	len = 20 + opts + data;
	if (once_in(c, 64))
		len = pick(c, len);
	sum = sum_words((const uint8_t *)&f->saddr, 4, 0);
	sum = sum_words((const uint8_t *)&f->daddr, 4, sum);
	sum += test_proto() + len;
	th->check = fold(sum_words(at, len, sum));
	if (once_in(c, 64))
		th->check ^= rnd(c);
	return len;
}

static void make_segment(struct chaos *c)
{
	uint8_t packet[PACKET] = {}, flags;
	struct flow f;
	bool known = pick_flow(c, &f);
	size_t len;

	flags = pick_segment_flags(c, known);
	len = put_tcp(c, packet + IP_LEN, &f, flags);
	put_ip(c, packet, &f, test_proto(), len);
	note(c, "segment %#x:%d > %#x:%d flags %#x, %zu octets", f.saddr,
	     ntohs(f.sport), f.daddr, ntohs(f.dport), flags, len);
	noted(c, put_on_wire(c, packet, IP_LEN + len));
}

/* An ICMP error about a segment that the receiver sent, or might have. */
static void make_icmp(struct chaos *c)
{
	static const uint8_t types[] = { ICMP_DEST_UNREACH, ICMP_SOURCE_QUENCH,
					 ICMP_REDIRECT, ICMP_TIME_EXCEEDED,
					 ICMP_PARAMETERPROB };
	uint8_t packet[PACKET] = {}, *icmp = packet + IP_LEN;
	struct flow f, quoted;
	size_t len;

	pick_flow(c, &f);
	quoted = turned(&f);
	icmp[0] = once_in(c, 3) ? types[pick(c, 5)] : ICMP_DEST_UNREACH;
	icmp[1] = once_in(c, 2) ? ICMP_FRAG_NEEDED : pick(c, 16);
	*(uint16_t *)(icmp + 6) =
		htons(once_in(c, 3) ? rnd(c) : 500 + pick(c, 1000));
	len = put_tcp(c, icmp + 8 + IP_LEN, &quoted, TH_ACK);
	put_ip(c, icmp + 8, &quoted, test_proto(), len);
	if (once_in(c, 4) && len > 8)
		len = 8;
	len += 8 + IP_LEN;
	*(uint16_t *)(icmp + 2) = fold(sum_words(icmp, len, 0));
	put_ip(c, packet, &f, IPPROTO_ICMP, len);
	note(c, "ICMP error %d/%d to %#x about port %d", icmp[0], icmp[1],
	     f.daddr, ntohs(f.dport));
	noted(c, put_on_wire(c, packet, IP_LEN + len));
}

const struct call segment_calls[] = { { "watch", 30, make_watch },
				      { "segment", 110, make_segment },
				      { "icmp", 10, make_icmp },
				      {} };
