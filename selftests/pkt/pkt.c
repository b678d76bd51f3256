// SPDX-License-Identifier: GPL-2.0
/* The packet harness: the TUN device, and segments on the wire. See pkt.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "pkt.h"

#define TUN_NAME "tun0"
#define LOCAL_V4 "192.0.2.1"
#define PEER_V4	 "192.0.2.2"
#define LOCAL_V6 "2001:db8::1"
#define PEER_V6	 "2001:db8::2"

#define MAX_PACKET 65536

#define complain pkt_complain

bool pkt_complain(const char *format, ...)
{
	va_list args;

	fputs("# ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return false;
}

static bool seq_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/* Addresses and the device */

static struct sockaddr_storage make_addr(int family, const char *v4,
					 const char *v6, uint16_t port)
{
	struct sockaddr_storage addr = { .ss_family = family };

	if (family == AF_INET6) {
		struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&addr;

		sin6->sin6_port = htons(port);
		inet_pton(family, v6, &sin6->sin6_addr);
	} else {
		struct sockaddr_in *sin = (struct sockaddr_in *)&addr;

		sin->sin_port = htons(port);
		inet_pton(family, v4, &sin->sin_addr);
	}
	return addr;
}

struct sockaddr_storage pkt_local(const struct pkt *p)
{
	return make_addr(p->family, LOCAL_V4, LOCAL_V6, p->lport);
}

struct sockaddr_storage pkt_remote(const struct pkt *p)
{
	return make_addr(p->family, PEER_V4, PEER_V6, p->rport);
}

static int set_address_v4(int ctl, struct ifreq *ifr)
{
	struct sockaddr_storage addr = make_addr(AF_INET, LOCAL_V4, NULL, 0);
	struct sockaddr_storage mask =
		make_addr(AF_INET, "255.255.255.0", NULL, 0);

	memcpy(&ifr->ifr_addr, &addr, sizeof(struct sockaddr_in));
	if (ioctl(ctl, SIOCSIFADDR, ifr))
		return -1;
	memcpy(&ifr->ifr_netmask, &mask, sizeof(struct sockaddr_in));
	return ioctl(ctl, SIOCSIFNETMASK, ifr);
}

/* struct in6_ifreq is in <linux/ipv6.h>, which cannot stand beside ip6.h. */
struct ifreq_v6 {
	struct in6_addr addr;
	uint32_t prefixlen;
	int ifindex;
};

static int set_address_v6(struct ifreq *ifr)
{
	struct sockaddr_storage addr = make_addr(AF_INET6, NULL, LOCAL_V6, 0);
	struct ifreq_v6 req = { .prefixlen = 64 };
	int ctl, err;

	req.addr = ((struct sockaddr_in6 *)&addr)->sin6_addr;
	ctl = socket(AF_INET6, SOCK_DGRAM, 0);
	if (ctl < 0)
		return -1;
	err = ioctl(ctl, SIOCGIFINDEX, ifr);
	req.ifindex = ifr->ifr_ifindex;
	if (!err)
		err = ioctl(ctl, SIOCSIFADDR, &req);
	/* It can be used once the kernel has seen that nobody else has it. */
	if (!err && !WAIT_FOR(!bind(ctl, (struct sockaddr *)&addr,
				    sizeof(struct sockaddr_in6)),
			      PATIENCE_MS))
		err = -1;
	close(ctl);
	return err;
}

static bool device_up(int family, int mtu)
{
	struct ifreq ifr = { .ifr_name = TUN_NAME };
	int ctl = socket(AF_INET, SOCK_DGRAM, 0);
	int err;

	if (ctl < 0)
		return complain("socket: %s", strerror(errno));
	ifr.ifr_mtu = mtu;
	err = ioctl(ctl, SIOCSIFMTU, &ifr);
	ifr.ifr_flags = IFF_UP;
	if (!err)
		err = ioctl(ctl, SIOCSIFFLAGS, &ifr);
	if (!err)
		err = family == AF_INET6 ? set_address_v6(&ifr) :
					   set_address_v4(ctl, &ifr);
	if (err)
		complain("cannot set up " TUN_NAME ": %s", strerror(errno));
	close(ctl);
	return !err;
}

bool pkt_init(struct pkt *p, int family, int mtu)
{
	struct ifreq ifr = { .ifr_name = TUN_NAME,
			     .ifr_flags = IFF_TUN | IFF_NO_PI };

	memset(p, 0, sizeof(*p));
	p->family = family;
	p->fd = -1;
	p->listener = -1;
	p->lport = 8080;
	p->rport = 40000;
	/* Every test sees the sequence numbers wrap, a few bytes in. */
	p->riss = 0xfffffff0;
	p->peer.opts = OPT_MSS;
	p->peer.mss = 1000;
	p->peer.win = 65535;
	p->peer_tsval = 1000;
	p->start = now_us();
	p->tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (p->tun < 0)
		return complain("/dev/net/tun: %s; load the module tun",
				strerror(errno));
	if (ioctl(p->tun, TUNSETIFF, &ifr))
		return complain("TUNSETIFF: %s", strerror(errno));
	pkt_mark(p);
	return device_up(family, mtu);
}

void pkt_mark(struct pkt *p)
{
	p->ref = now_us();
}

/* Segments as text */

static int print_options(char *out, int size, const struct seg *s)
{
	int n = 0, i;

	if (s->opts & OPT_MSS)
		n += snprintf(out + n, size - n, ",mss %d", s->mss);
	if (s->opts & OPT_SACKPERM)
		n += snprintf(out + n, size - n, ",sackOK");
	if (s->opts & OPT_TS)
		n += snprintf(out + n, size - n, ",TS val %u ecr %u", s->tsval,
			      s->tsecr);
	if (s->opts & OPT_WSCALE)
		n += snprintf(out + n, size - n, ",wscale %d", s->wscale);
	for (i = 0; (s->opts & OPT_SACK) && i < s->sacks; i++)
		n += snprintf(out + n, size - n, "%ssack %u:%u", i ? " " : ",",
			      s->sack[i].from, s->sack[i].to);
	if (s->opts & OPT_OTHER || s->raw)
		n += snprintf(out + n, size - n, ",other");
	return n;
}

void pkt_print(char *out, int size, const struct seg *s)
{
	static const char letters[] = "FSRPAU";
	char opts[100] = "";
	int n = 0, i;

	for (i = 0; i < 6; i++) {
		if (s->flags & (1 << i))
			out[n++] = letters[i] == 'A' ? '.' : letters[i];
	}
	n += snprintf(out + n, size - n, "%s %u:%u(%d)", n ? "" : "none",
		      s->seq, s->seq + s->len, s->len);
	if (s->flags & TH_ACK)
		n += snprintf(out + n, size - n, " ack %u", s->ack);
	if (s->urg)
		n += snprintf(out + n, size - n, " urg %d", s->urg);
	if (s->win)
		n += snprintf(out + n, size - n, " win %d",
			      s->win == ZERO ? 0 : s->win);
	if (print_options(opts, sizeof(opts), s))
		n += snprintf(out + n, size - n, " <%s>", opts + 1);
	if (s->sport || s->dport)
		n += snprintf(out + n, size - n, " ports %d > %d", s->sport,
			      s->dport);
	if (s->bad_sum || s->doff || s->cut)
		snprintf(out + n, size - n, " malformed");
}

static void pkt_log(struct pkt *p, char way, const struct seg *s)
{
	char *line = p->log[p->logged++ % PKT_LOG_LINES];
	int n;

	n = snprintf(line, PKT_LOG_WIDTH, "%10.6f %c ",
		     (now_us() - p->start) / 1e6, way);
	pkt_print(line + n, PKT_LOG_WIDTH - n, s);
}

void pkt_show(const struct pkt *p)
{
	int i = p->logged > PKT_LOG_LINES ? p->logged - PKT_LOG_LINES : 0;

	fprintf(stderr, "# segments ('<' to the socket, '>' from it):\n");
	for (; i < p->logged; i++)
		fprintf(stderr, "#   %s\n", p->log[i % PKT_LOG_LINES]);
}

/* Checksums */

static uint32_t sum_words(const void *data, size_t len, uint32_t sum)
{
	const uint8_t *bytes = data;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		sum += bytes[i] << 8 | bytes[i + 1];
	if (len & 1)
		sum += bytes[len - 1] << 8;
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static const void *addr_bytes(const struct sockaddr_storage *addr, size_t *len)
{
	if (addr->ss_family == AF_INET6) {
		*len = 16;
		return &((const struct sockaddr_in6 *)addr)->sin6_addr;
	}
	*len = 4;
	return &((const struct sockaddr_in *)addr)->sin_addr;
}

/*
 * Over @data and a pseudo-header. Which of the two addresses comes first makes
 * no difference.
 */
uint16_t pkt_checksum(const struct sockaddr_storage *from,
		      const struct sockaddr_storage *to, uint8_t protocol,
		      const void *data, size_t len)
{
	uint32_t sum = protocol + len;
	const void *bytes;
	size_t addr_len;

	bytes = addr_bytes(from, &addr_len);
	sum = sum_words(bytes, addr_len, sum);
	bytes = addr_bytes(to, &addr_len);
	sum = sum_words(bytes, addr_len, sum);
	return fold(sum_words(data, len, sum));
}

uint16_t pkt_sum(const void *data, size_t len)
{
	return fold(sum_words(data, len, 0));
}

/* Building a segment */

static uint8_t *put_u16(uint8_t *at, uint16_t value)
{
	*at++ = value >> 8;
	*at++ = value;
	return at;
}

static uint8_t *put_u32(uint8_t *at, uint32_t value)
{
	return put_u16(put_u16(at, value >> 16), value);
}

static uint8_t *put_kind(uint8_t *at, uint8_t kind, uint8_t len)
{
	*at++ = kind;
	*at++ = len;
	return at;
}

static size_t build_options(const struct pkt *p, const struct seg *s,
			    uint8_t *out)
{
	uint8_t *at = out;
	int i;

	if (s->raw) {
		memcpy(at, s->raw, s->raw_len);
		return (s->raw_len + 3) & ~3;
	}
	if (s->opts & OPT_MSS)
		at = put_u16(put_kind(at, TCPOPT_MAXSEG, 4), s->mss);
	if (s->opts & OPT_SACKPERM)
		at = put_kind(at, TCPOPT_SACK_PERMITTED, 2);
	if (s->opts & OPT_TS) {
		at = put_kind(at, TCPOPT_TIMESTAMP, 10);
		at = put_u32(put_u32(at, s->tsval), s->tsecr);
	}
	if (s->opts & OPT_WSCALE) {
		at = put_kind(at, TCPOPT_WINDOW, 3);
		*at++ = s->wscale;
	}
	if (s->opts & OPT_SACK) {
		at = put_kind(at, TCPOPT_SACK, 2 + 8 * s->sacks);
		for (i = 0; i < s->sacks; i++) {
			at = put_u32(at, s->sack[i].from + p->liss);
			at = put_u32(at, s->sack[i].to + p->liss);
		}
	}
	while ((at - out) % 4)
		*at++ = TCPOPT_NOP;
	return at - out;
}

static int given(int value, int otherwise)
{
	if (value == ZERO)
		return 0;
	return value ? value : otherwise;
}

static struct sockaddr_storage destination(const struct pkt *p,
					   const struct seg *s)
{
	if (s->daddr)
		return make_addr(p->family, s->daddr, s->daddr, 0);
	return pkt_local(p);
}

static struct sockaddr_storage source(const struct pkt *p, const struct seg *s)
{
	if (s->saddr)
		return make_addr(p->family, s->saddr, s->saddr, 0);
	return pkt_remote(p);
}

/*
 * Where the text of a segment belongs in the stream. A SYN takes the first
 * number: text beside it begins one later. What is before the stream is -1 and
 * below, so that the first byte is right if it comes in such a segment.
 */
static int64_t text_offset(const struct seg *s)
{
	return (int32_t)(s->seq + !!(s->flags & TH_SYN) - 1);
}

static size_t build_tcp(const struct pkt *p, const struct seg *s, uint8_t *out)
{
	uint8_t options[64] = { 0 };
	size_t opt_len = build_options(p, s, options);
	struct sockaddr_storage from = source(p, s), to = destination(p, s);
	size_t len = 20 + opt_len + s->len;
	uint16_t sum;

	put_u16(out, given(s->sport, p->rport));
	put_u16(out + 2, given(s->dport, p->lport));
	put_u32(out + 4, s->seq + p->riss);
	put_u32(out + 8, s->flags & TH_ACK ? s->ack + p->liss : 0);
	out[12] = given(s->doff, 5 + opt_len / 4) << 4 | s->reserved;
	out[13] = s->flags;
	put_u16(out + 14, given(s->win, p->peer.win));
	put_u16(out + 16, 0);
	put_u16(out + 18, s->urg);
	memcpy(out + 20, options, opt_len);
	stream_fill(out + 20 + opt_len, s->len, text_offset(s));
	if (s->cut)
		len = given(s->cut, 0);
	sum = pkt_checksum(&from, &to, test_proto(), out, len);
	if (len >= 18)
		put_u16(out + 16, s->bad_sum ? sum ^ 0x0101 : sum);
	return len;
}

size_t pkt_ip_header(const struct sockaddr_storage *from,
		     const struct sockaddr_storage *to, uint8_t protocol,
		     size_t len, uint8_t *out)
{
	struct ip6_hdr *ip6 = (struct ip6_hdr *)out;
	struct iphdr *ip = (struct iphdr *)out;

	if (to->ss_family == AF_INET6) {
		memset(ip6, 0, sizeof(*ip6));
		ip6->ip6_vfc = 6 << 4;
		ip6->ip6_plen = htons(len);
		ip6->ip6_nxt = protocol;
		ip6->ip6_hlim = 64;
		ip6->ip6_src = ((const struct sockaddr_in6 *)from)->sin6_addr;
		ip6->ip6_dst = ((const struct sockaddr_in6 *)to)->sin6_addr;
		return sizeof(*ip6);
	}
	memset(ip, 0, sizeof(*ip));
	ip->version = 4;
	ip->ihl = 5;
	ip->tot_len = htons(sizeof(*ip) + len);
	ip->ttl = 64;
	ip->protocol = protocol;
	ip->saddr = ((const struct sockaddr_in *)from)->sin_addr.s_addr;
	ip->daddr = ((const struct sockaddr_in *)to)->sin_addr.s_addr;
	ip->check = htons(pkt_sum(ip, sizeof(*ip)));
	return sizeof(*ip);
}

static size_t build_ip(const struct pkt *p, const struct seg *s, size_t len,
		       uint8_t *out)
{
	struct sockaddr_storage from = source(p, s), to = destination(p, s);
	size_t hdr = pkt_ip_header(&from, &to, test_proto(),
				   len + s->ip_options_len, out);
	struct ip6_hdr *ip6 = (struct ip6_hdr *)out;
	struct iphdr *ip = (struct iphdr *)out;

	if (p->family == AF_INET6) {
		ip6->ip6_hlim = p->ttl ?: ip6->ip6_hlim;
		return hdr;
	}
	if (s->ip_options_len)
		memcpy(out + hdr, s->ip_options, s->ip_options_len);
	hdr += s->ip_options_len;
	ip->ihl = hdr / 4;
	ip->ttl = p->ttl ?: ip->ttl;
	ip->check = 0;
	ip->check = htons(pkt_sum(out, hdr));
	return hdr;
}

/* Taking one apart */

static uint16_t get_u16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static uint32_t get_u32(const uint8_t *at)
{
	return (uint32_t)get_u16(at) << 16 | get_u16(at + 2);
}

static void parse_option(struct pkt *p, struct seg *s, const uint8_t *opt,
			 int len)
{
	int i;

	if (opt[0] == TCPOPT_MAXSEG && len == 4) {
		s->opts |= OPT_MSS;
		s->mss = get_u16(opt + 2);
	} else if (opt[0] == TCPOPT_WINDOW && len == 3) {
		s->opts |= OPT_WSCALE;
		s->wscale = opt[2];
	} else if (opt[0] == TCPOPT_SACK_PERMITTED && len == 2) {
		s->opts |= OPT_SACKPERM;
	} else if (opt[0] == TCPOPT_TIMESTAMP && len == 10) {
		s->opts |= OPT_TS;
		s->tsval = get_u32(opt + 2);
		s->tsecr = get_u32(opt + 6);
	} else if (opt[0] == TCPOPT_SACK && len > 2 && (len - 2) % 8 == 0) {
		s->opts |= OPT_SACK;
		s->sacks = (len - 2) / 8;
		for (i = 0; i < s->sacks; i++) {
			s->sack[i].from = get_u32(opt + 2 + 8 * i) - p->riss;
			s->sack[i].to = get_u32(opt + 6 + 8 * i) - p->riss;
		}
	} else {
		s->opts |= OPT_OTHER;
	}
}

static void parse_options(struct pkt *p, struct seg *s, const uint8_t *opt,
			  const uint8_t *end)
{
	while (opt < end && *opt != TCPOPT_EOL) {
		if (*opt == TCPOPT_NOP) {
			opt++;
			continue;
		}
		if (end - opt < 2 || opt[1] < 2 || opt[1] > end - opt) {
			s->opts |= OPT_OTHER;
			return;
		}
		parse_option(p, s, opt, opt[1]);
		opt += opt[1];
	}
}

int pkt_window(const struct pkt *p)
{
	return given(p->got.win, 0);
}

static bool parse_tcp(struct pkt *p, struct seg *s, const uint8_t *tcp,
		      size_t len)
{
	struct sockaddr_storage local = pkt_local(p), remote = pkt_remote(p);
	size_t hdr;

	memset(s, 0, sizeof(*s));
	s->at = now_us();
	hdr = len >= 20 ? (tcp[12] >> 4) * 4 : 0;
	if (hdr < 20 || hdr > len)
		return complain("the socket sent a malformed header");
	s->flags = tcp[13];
	/* The peer learns the socket's sequence numbers as any peer does. */
	if ((s->flags & TH_SYN) && !p->liss_known) {
		p->liss = get_u32(tcp + 4);
		p->liss_known = true;
	}
	s->sport = get_u16(tcp);
	s->dport = get_u16(tcp + 2);
	s->seq = get_u32(tcp + 4) - p->liss;
	s->ack = s->flags & TH_ACK ? get_u32(tcp + 8) - p->riss : 0;
	s->win = given(get_u16(tcp + 14), ZERO);
	s->urg = s->flags & TH_URG ? get_u16(tcp + 18) : 0;
	s->len = len - hdr;
	parse_options(p, s, tcp + 20, tcp + hdr);
	if ((s->flags & (TH_ACK | TH_RST)) == TH_ACK)
		p->acked = s->ack;
	if (s->opts & OPT_TS)
		p->local_tsval = s->tsval;
	if (s->opts & OPT_MSS)
		p->local_mss = s->mss;
	/* MUST-2: the sender computes the checksum. */
	if (pkt_checksum(&local, &remote, test_proto(), tcp, len) != 0)
		return complain("the socket sent a wrong checksum");
	return stream_check(tcp + hdr, s->len, text_offset(s));
}

/* The segment in an IP packet of the protocol under test, else NULL. */
static const uint8_t *find_tcp(struct pkt *p, const uint8_t *packet,
			       size_t *len)
{
	const struct ip6_hdr *ip6 = (const void *)packet;
	const struct iphdr *ip = (const void *)packet;
	size_t hdr;

	if (p->family == AF_INET6) {
		hdr = sizeof(*ip6);
		if (*len < hdr || ip->version != 6 ||
		    ip6->ip6_nxt != test_proto())
			return NULL;
	} else {
		hdr = ip->ihl * 4;
		if (*len < hdr || ip->version != 4 ||
		    ip->protocol != test_proto())
			return NULL;
	}
	*len -= hdr;
	return packet + hdr;
}

/*
 * 1: a segment is in p->got, 0: none came until @deadline or the echo that was
 * asked for, -1: a bad one.
 */
static int receive(struct pkt *p, uint64_t deadline)
{
	struct pollfd pfd = { .fd = p->tun, .events = POLLIN };
	static uint8_t packet[MAX_PACKET];
	const uint8_t *tcp;
	uint64_t now, left;
	struct seg s;
	size_t len;
	ssize_t n;

	for (;;) {
		n = read(p->tun, packet, sizeof(packet));
		if (n > 0) {
			len = n;
			tcp = find_tcp(p, packet, &len);
			if (!tcp && pkt_is_echo(p, packet, n)) {
				p->asked = false;
				return 0;
			}
			if (!tcp)
				continue;
			if (!parse_tcp(p, &s, tcp, len))
				return -1;
			memcpy(p->ip, packet, sizeof(p->ip));
			break;
		}
		now = now_us();
		if (now >= deadline)
			return 0;
		/*
		 * poll() may sleep for 0.1 % longer than it was told: falls a
		 * little short each time, and ends up exact.
		 */
		left = deadline - now;
		poll(&pfd, 1, (left - left / 500 + 999) / 1000);
	}
	p->got = s;
	p->ref = s.at;
	s.sport = s.sport == p->lport ? 0 : s.sport;
	s.dport = s.dport == p->rport ? 0 : s.dport;
	pkt_log(p, '>', &s);
	return 1;
}

bool pkt_next(struct pkt *p, int ms)
{
	return receive(p, now_us() + (uint64_t)ms * 1000) > 0;
}

/* Send, expect, silence */

bool pkt_write(struct pkt *p, const void *packet, size_t len)
{
	if (write(p->tun, packet, len) < 0)
		return complain(TUN_NAME ": %s", strerror(errno));
	return true;
}

bool pkt_send(struct pkt *p, const struct seg *s)
{
	static uint8_t packet[MAX_PACKET];
	struct seg out = *s;
	size_t hdr, len;

	/* What came before this had to be expected before this. */
	if (!pkt_silence(p, 0))
		return false;
	if (p->ts && !out.opts && !out.raw) {
		out.opts = OPT_TS;
		out.tsval = ++p->peer_tsval;
		out.tsecr = p->local_tsval;
	}
	hdr = build_ip(p, &out, 0, packet);
	len = build_tcp(p, &out, packet + hdr);
	build_ip(p, &out, len, packet);
	pkt_log(p, '<', &out);
	pkt_mark(p);
	return pkt_write(p, packet, hdr + len);
}

bool pkt_silence(struct pkt *p, int ms)
{
	char text[PKT_LOG_WIDTH];
	int got = receive(p, now_us() + (uint64_t)ms * 1000);

	if (got > 0) {
		pkt_print(text, sizeof(text), &p->got);
		complain("not expected: %s", text);
	}
	return got == 0;
}

static bool same_options(const struct seg *want, const struct seg *got)
{
	int i;

	if (want->opts != got->opts || (want->mss && want->mss != got->mss) ||
	    (want->wscale && given(want->wscale, 0) != got->wscale) ||
	    (want->tsval && want->tsval != got->tsval) ||
	    (want->tsecr && want->tsecr != got->tsecr) ||
	    (want->sacks && want->sacks != got->sacks))
		return false;
	for (i = 0; i < want->sacks; i++) {
		if (want->sack[i].from != got->sack[i].from ||
		    want->sack[i].to != got->sack[i].to)
			return false;
	}
	return true;
}

static bool same_seg(const struct pkt *p, const struct seg *want,
		     const struct seg *got)
{
	/* A PSH that was not asked for is nobody's business. */
	uint8_t ignored = want->flags & TH_PUSH ? 0 : TH_PUSH;

	return want->flags == (got->flags & ~ignored) &&
	       want->seq == got->seq + (want->absolute ? p->liss : 0) &&
	       want->ack == got->ack && want->len == got->len &&
	       (!want->win || want->win == got->win) &&
	       (!want->urg || want->urg == got->urg) &&
	       given(want->sport, p->lport) == got->sport &&
	       given(want->dport, p->rport) == got->dport &&
	       same_options(want, got);
}

static bool expect(struct pkt *p, const struct seg *want)
{
	uint64_t ref = p->ref;
	char text[PKT_LOG_WIDTH];
	int got;

	pkt_print(text, sizeof(text), want);
	got = receive(p, ref + (want->after + PATIENCE_MS) * 1000ull);
	if (got <= 0)
		return complain("expected %s, got nothing good", text);
	if (!same_seg(p, want, &p->got)) {
		complain("expected %s", text);
		pkt_print(text, sizeof(text), &p->got);
		return complain("got      %s", text);
	}
	if (want->after && !pkt_time_ok(p->got.at - ref, want->after))
		return complain("%s came after %.3f ms, not %d ms", text,
				(p->got.at - ref) / 1e3, want->after);
	return true;
}

bool pkt_expect(struct pkt *p, const struct seg *want)
{
	struct seg full = *want;

	if (p->ts && !(full.flags & TH_RST))
		full.opts |= OPT_TS;
	return expect(p, &full);
}

bool pkt_expect_ack(struct pkt *p, uint32_t ack)
{
	char text[PKT_LOG_WIDTH];

	do {
		if (!pkt_next(p, PATIENCE_MS))
			return complain("expected an ACK of %u", ack);
		if (p->got.flags != TH_ACK || p->got.len ||
		    seq_before(ack, p->got.ack)) {
			pkt_print(text, sizeof(text), &p->got);
			return complain("expected an ACK of %u, got %s", ack,
					text);
		}
	} while (p->got.ack != ack);
	return true;
}
