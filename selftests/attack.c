// SPDX-License-Identifier: GPL-2.0
/* An attacker on the path: see attack.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "attack.h"

/* Marks what is forged, so that the tap knows it from the connection's. */
#define FORGED_TTL 77

#define MAX_PACKET 70000

static bool complain(const char *what)
{
	fprintf(stderr, "# %s: %s\n", what, strerror(errno));
	return false;
}

static uint16_t get_u16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static uint32_t get_u32(const uint8_t *at)
{
	return (uint32_t)get_u16(at) << 16 | get_u16(at + 2);
}

static void put_u16(uint8_t *at, uint16_t value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static void put_u32(uint8_t *at, uint32_t value)
{
	put_u16(at, value >> 16);
	put_u16(at + 2, value);
}

static uint32_t sum_words(const uint8_t *at, size_t len, uint32_t sum)
{
	for (; len > 1; len -= 2, at += 2)
		sum += get_u16(at);
	return len ? sum + (at[0] << 8) : sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* What passes */

static void see_options(struct attack_end *from, const uint8_t *opt,
			const uint8_t *end)
{
	while (opt < end && *opt != TCPOPT_EOL) {
		if (*opt == TCPOPT_NOP) {
			opt++;
			continue;
		}
		if (end - opt < 2 || opt[1] < 2)
			return;
		if (*opt == TCPOPT_WINDOW)
			from->wscale = opt[2];
		if (*opt == TCPOPT_TIMESTAMP) {
			from->tsval = get_u32(opt + 2);
			from->tsecr = get_u32(opt + 6);
			from->seen_ts = true;
		}
		opt += opt[1];
	}
}

static void see_segment(struct attack *a, const uint8_t *tcp, size_t len)
{
	struct attack_end *from = &a->end[0];
	uint8_t flags = tcp[13];
	size_t hdr = (tcp[12] >> 4) * 4;
	uint32_t end;

	if (get_u16(tcp) == a->end[1].port)
		from = &a->end[1];
	else if (get_u16(tcp + 2) == a->end[1].port)
		from->port = get_u16(tcp);
	else
		return;
	see_options(from, tcp + 20, tcp + hdr);
	end = get_u32(tcp + 4) + (len - hdr) + !!(flags & TH_SYN) +
	      !!(flags & TH_FIN);
	if ((flags & TH_SYN) || (int32_t)(end - from->seq) > 0)
		from->seq = end;
	if (!(flags & TH_ACK))
		return;
	from->ack = get_u32(tcp + 8);
	from->window = get_u16(tcp + 14) << (flags & TH_SYN ? 0 : from->wscale);
}

void attack_watch(struct attack *a)
{
	static uint8_t packet[MAX_PACKET];
	bool ipv6 = a->family == AF_INET6;
	struct sockaddr_ll from;
	socklen_t from_len;
	ssize_t n;
	size_t hdr;

	for (;;) {
		from_len = sizeof(from);
		n = recvfrom(a->tap, packet, sizeof(packet), MSG_DONTWAIT,
			     (struct sockaddr *)&from, &from_len);
		if (n < 0)
			return;
		hdr = ipv6 ? 40 : (packet[0] & 15) * 4;
		if (from.sll_pkttype == PACKET_OUTGOING ||
		    n < (ssize_t)hdr + 20)
			continue;
		if (packet[ipv6 ? 6 : 9] != test_proto() ||
		    packet[ipv6 ? 7 : 8] == FORGED_TTL)
			continue;
		see_segment(a, packet + hdr, n - hdr);
	}
}

static bool open_echo(struct attack *a)
{
	struct sockaddr_storage addr = test_loopback(a->family, 0);
	socklen_t len = test_addrlen(a->family);

	a->echo = socket(a->family, SOCK_DGRAM, 0);
	return (a->echo >= 0 && !bind(a->echo, (struct sockaddr *)&addr, len) &&
		!getsockname(a->echo, (struct sockaddr *)&addr, &len) &&
		!connect(a->echo, (struct sockaddr *)&addr, len)) ||
	       complain("datagram socket");
}

static bool connect_ends(struct attack *a)
{
	int listener = test_listen(a->family, 0, 1);

	if (listener < 0)
		return complain("listen");
	a->end[1].port = test_sockport(listener);
	a->end[0].fd = test_connect(a->family, a->end[1].port);
	if (a->end[0].fd < 0)
		return complain("connect");
	a->end[1].fd = accept(listener, NULL, NULL);
	close(listener);
	return a->end[1].fd >= 0 || complain("accept");
}

bool attack_start(struct attack *a, int family)
{
	int one = 1, size = 4 << 20;

	memset(a, 0, sizeof(*a));
	a->family = family;
	a->tun = -1;
	a->tap = socket(AF_PACKET, SOCK_DGRAM,
			htons(family == AF_INET6 ? ETH_P_IPV6 : ETH_P_IP));
	a->raw = socket(family, SOCK_RAW, IPPROTO_RAW);
	if (a->tap < 0 || a->raw < 0)
		return complain("raw socket");
	setsockopt(a->tap, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (family == AF_INET6 &&
	    setsockopt(a->raw, IPPROTO_IPV6, 36 /* IPV6_HDRINCL */, &one,
		       sizeof(one)))
		return complain("IPV6_HDRINCL");
	return open_echo(a) && connect_ends(a) && attack_flow(a, 1000);
}

bool attack_from_outside(struct attack *a)
{
	struct ifreq ifr = { .ifr_name = "tun0",
			     .ifr_flags = IFF_TUN | IFF_NO_PI };

	a->tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (a->tun < 0 || ioctl(a->tun, TUNSETIFF, &ifr))
		return complain("tun");
	return !system("ip link set tun0 up") &&
	       !system("ip addr add 192.0.2.1/24 dev tun0") &&
	       !system("ip addr add 2001:db8::1/64 dev tun0 nodad");
}

/* What was forged may have put the ends out of step: no farewell. */
void attack_end(struct attack *a)
{
	struct linger now = { .l_onoff = 1 };
	int i;

	for (i = 0; i < 2; i++) {
		setsockopt(a->end[i].fd, SOL_SOCKET, SO_LINGER, &now,
			   sizeof(now));
		close(a->end[i].fd);
	}
	close(a->raw);
	close(a->tap);
	close(a->echo);
	if (a->tun >= 0)
		close(a->tun);
}

/* The streams */

static bool send_some(struct attack_end *e, uint64_t until)
{
	uint8_t bytes[8192];
	size_t len = until - e->sent;
	ssize_t n;

	len = len < sizeof(bytes) ? len : sizeof(bytes);
	stream_fill(bytes, len, e->sent);
	n = send(e->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN)
		return complain("send");
	e->sent += n > 0 ? n : 0;
	return true;
}

static bool receive_some(struct attack_end *e)
{
	uint8_t bytes[16384];
	ssize_t n = recv(e->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (!n) {
		errno = 0;
		return complain("the stream ends");
	}
	if (n < 0)
		return errno == EAGAIN || complain("recv");
	if (!stream_check(bytes, n, e->got))
		return false;
	e->got += n;
	return true;
}

bool attack_flow(struct attack *a, size_t bytes)
{
	struct attack_end *e = a->end;
	uint64_t until[2] = { e[0].sent + bytes, e[1].sent + bytes };
	uint64_t late = now_us() + PATIENCE_MS * 1000ull;
	int i;

	while (e[0].got < until[1] || e[1].got < until[0]) {
		struct pollfd fds[2];

		for (i = 0; i < 2; i++) {
			if ((e[i].sent < until[i] &&
			     !send_some(&e[i], until[i])) ||
			    !receive_some(&e[i]))
				return false;
			fds[i].fd = e[i].fd;
			fds[i].events = POLLIN |
					(e[i].sent < until[i] ? POLLOUT : 0);
		}
		poll(fds, 2, 10);
		/* Or the tap overflows. */
		attack_watch(a);
		if (now_us() > late) {
			fprintf(stderr, "# the streams have stopped\n");
			return false;
		}
	}
	return true;
}

static bool is_established(const struct attack_end *e)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	if (getsockopt(e->fd, SOL_TCP, TCP_INFO, &info, &len))
		return complain("TCP_INFO");
	if (info.tcpi_state == ST_ESTABLISHED)
		return true;
	fprintf(stderr, "# an end is in %s\n", state_name(info.tcpi_state));
	return false;
}

bool attack_survived(struct attack *a)
{
	return attack_flow(a, 50000) && is_established(&a->end[0]) &&
	       is_established(&a->end[1]);
}

/* What is forged */

static size_t put_addresses(const struct attack *a, const struct forged *f,
			    uint8_t *at)
{
	size_t len = a->family == AF_INET6 ? 16 : 4;
	const char *own = a->family == AF_INET6 ? "::1" : "127.0.0.1";

	inet_pton(a->family, f->saddr ? f->saddr : own, at);
	inet_pton(a->family, f->daddr ? f->daddr : own, at + len);
	return 2 * len;
}

/* A header for @len octets; @offset and @more are of a fragment of IPv4. */
static size_t put_ip(const struct attack *a, const struct forged *f,
		     uint8_t protocol, size_t len, size_t offset, bool more,
		     uint8_t *out)
{
	static uint16_t id;

	memset(out, 0, 40);
	if (a->family == AF_INET6) {
		out[0] = 6 << 4;
		put_u16(out + 4, len);
		out[6] = protocol;
		out[7] = FORGED_TTL;
		put_addresses(a, f, out + 8);
		return 40;
	}
	id += !offset;
	out[0] = 4 << 4 | 5;
	put_u16(out + 2, 20 + len);
	put_u16(out + 4, id);
	put_u16(out + 6, offset / 8 | (more ? 0x2000 : 0));
	out[8] = FORGED_TTL;
	out[9] = protocol;
	put_addresses(a, f, out + 12);
	put_u16(out + 10, fold(sum_words(out, 20, 0)));
	return 20;
}

/*
 * A busy kernel deals with a packet later. A datagram sent after it goes the
 * same way: when it is back, so has the packet been.
 */
static void settle(const struct attack *a)
{
	struct pollfd pfd = { .fd = a->echo, .events = POLLIN };
	char byte = 0;

	if (send(a->echo, &byte, 1, 0) == 1 && poll(&pfd, 1, 1000) == 1)
		recv(a->echo, &byte, 1, 0);
}

static bool put_on_wire(const struct attack *a, const uint8_t *packet,
			size_t len)
{
	struct sockaddr_storage to = test_loopback(a->family, 0);

	if (a->tun >= 0)
		return write(a->tun, packet, len) > 0 || complain("tun");
	if (a->family == AF_INET)
		memcpy(&((struct sockaddr_in *)&to)->sin_addr, packet + 16, 4);
	/* What the kernel itself will not send has failed, too. */
	if (sendto(a->raw, packet, len, 0, (struct sockaddr *)&to,
		   test_addrlen(a->family)) < 0)
		return errno == EINVAL || complain("sendto");
	settle(a);
	return true;
}

/* The peer's clock and an echo of the other's: nothing is wrong with these. */
static size_t put_timestamps(const struct attack_end *peer, int32_t clock,
			     uint8_t *at)
{
	if (!peer->seen_ts)
		return 0;
	at[0] = TCPOPT_NOP;
	at[1] = TCPOPT_NOP;
	at[2] = TCPOPT_TIMESTAMP;
	at[3] = 10;
	put_u32(at + 4, peer->tsval + clock);
	put_u32(at + 8, peer->tsecr);
	return 12;
}

static uint16_t port(bool zero, uint16_t other, uint16_t own)
{
	if (zero)
		return 0;
	return other ? other : own;
}

static size_t put_tcp(const struct attack *a, const struct forged *f,
		      uint8_t *out)
{
	const struct attack_end *to = &a->end[f->to], *peer = &a->end[!f->to];
	size_t opt_len = f->opt_len, len;
	uint8_t addresses[32];
	uint32_t sum;

	memset(out, 0, 64);
	put_u16(out, port(f->sport_zero, f->sport, peer->port));
	put_u16(out + 2, port(f->dport_zero, f->dport, to->port));
	put_u32(out + 4, peer->seq + f->seq);
	put_u32(out + 8, f->flags & TH_ACK ? to->seq + f->ack : 0);
	if (f->options)
		memcpy(out + 20, f->options, opt_len);
	else
		opt_len = put_timestamps(peer, f->clock, out + 20);
	opt_len = (opt_len + 3) & ~3;
	out[12] = (f->doff ? f->doff + (f->doff < 0) : 5 + (int)opt_len / 4)
			  << 4 |
		  f->reserved;
	out[13] = f->flags;
	put_u16(out + 14, f->win ? f->win : peer->window >> peer->wscale);
	put_u16(out + 18, f->urgent);
	/* A byte of the stream is below 251. */
	memset(out + 20 + opt_len, 0xff, f->len);
	if (f->data)
		memcpy(out + 20 + opt_len, f->data, f->len);
	len = 20 + opt_len + f->len;
	if (f->cut)
		len = f->cut < 0 ? 0 : f->cut;
	sum = sum_words(addresses, put_addresses(a, f, addresses),
			test_proto() + len);
	sum = fold(sum_words(out, len, sum));
	if (len >= 18)
		put_u16(out + 16, sum ^ f->sum_flip);
	return len;
}

static bool send_fragments(const struct attack *a, const struct forged *f,
			   const uint8_t *tcp, size_t len)
{
	uint8_t packet[2048];
	size_t hdr, done, part;
	bool more;

	for (done = 0; done < len; done += part) {
		part = len - done < f->fragment ? len - done : f->fragment;
		more = done + part < len;
		if (!more && f->lose_last)
			break;
		hdr = put_ip(a, f, test_proto(), part, done, more, packet);
		memcpy(packet + hdr, tcp + done, part);
		if (!put_on_wire(a, packet, hdr + part))
			return false;
	}
	return true;
}

bool attack_forge(struct attack *a, const struct forged *f)
{
	static uint8_t tcp[MAX_PACKET], packet[MAX_PACKET];
	size_t len, hdr;

	attack_watch(a);
	len = put_tcp(a, f, tcp);
	if (f->fragment && a->family == AF_INET)
		return send_fragments(a, f, tcp, len);
	hdr = put_ip(a, f, test_proto(), len, 0, false, packet);
	memcpy(packet + hdr, tcp, len);
	return put_on_wire(a, packet, hdr + len);
}

/* The quoted packet is one that end @to has sent. */
bool attack_icmp(struct attack *a, int to, uint8_t type, uint8_t code,
		 uint16_t mtu, int32_t seq)
{
	const struct forged plain = { .to = to };
	bool ipv6 = a->family == AF_INET6;
	uint8_t packet[256] = { 0 }, addresses[32];
	uint8_t protocol = ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	size_t hdr, len;
	uint8_t *icmp;
	uint32_t sum = 0;

	attack_watch(a);
	hdr = put_ip(a, &plain, protocol, 0, 0, false, packet);
	icmp = packet + hdr;
	icmp[0] = type;
	icmp[1] = code;
	put_u16(icmp + 6, mtu);
	len = 8 + put_ip(a, &plain, test_proto(), 1000, 0, false, icmp + 8);
	put_u16(icmp + len, a->end[to].port);
	put_u16(icmp + len + 2, a->end[!to].port);
	put_u32(icmp + len + 4, a->end[to].seq + seq);
	len += 20;
	if (ipv6)
		sum = sum_words(addresses, put_addresses(a, &plain, addresses),
				protocol + len);
	put_u16(icmp + 2, fold(sum_words(icmp, len, sum)));
	put_ip(a, &plain, protocol, len, 0, false, packet);
	return put_on_wire(a, packet, hdr + len);
}

uint32_t attack_random(uint64_t *state)
{
	/* Of Knuth's MMIX; the upper half is the good one. */
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return *state >> 32;
}
