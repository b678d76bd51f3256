// SPDX-License-Identifier: GPL-2.0
/* The packet harness: ICMP, as far as a test needs it. See pkt.h. */
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "pkt.h"

/*
 * An echo goes through the same queue of the kernel's as a segment, and is
 * answered on the spot: its reply comes after whatever a segment before it has
 * brought about at once.
 */
bool pkt_settle(struct pkt *p)
{
	struct sockaddr_storage from = pkt_remote(p), to = pkt_local(p);
	bool ipv6 = p->family == AF_INET6;
	uint8_t packet[64] = { 0 };
	uint8_t *icmp;
	uint16_t sum;
	size_t hdr;

	hdr = pkt_ip_header(&from, &to, ipv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, 8,
			    packet);
	icmp = packet + hdr;
	icmp[0] = ipv6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
	/* ICMP of IPv4 has no pseudo-header. */
	sum = ipv6 ? pkt_checksum(&from, &to, IPPROTO_ICMPV6, icmp, 8) :
		     pkt_sum(icmp, 8);
	icmp[2] = sum >> 8;
	icmp[3] = sum;
	p->asked = true;
	return pkt_write(p, packet, hdr + 8);
}

bool pkt_settled(const struct pkt *p)
{
	return !p->asked;
}

bool pkt_is_echo(const struct pkt *p, const uint8_t *packet, size_t len)
{
	const struct ip6_hdr *ip6 = (const void *)packet;
	const struct iphdr *ip = (const void *)packet;

	if (!p->asked)
		return false;
	if (p->family == AF_INET6)
		return len >= 48 && ip->version == 6 &&
		       ip6->ip6_nxt == IPPROTO_ICMPV6 &&
		       packet[40] == ICMP6_ECHO_REPLY;
	return len >= 28 && ip->version == 4 && ip->protocol == IPPROTO_ICMP &&
	       packet[ip->ihl * 4] == ICMP_ECHOREPLY;
}

bool pkt_icmp(struct pkt *p, int type, int code, int info, uint32_t seq)
{
	struct sockaddr_storage local = pkt_local(p), remote = pkt_remote(p);
	uint8_t packet[20 + 8 + 20 + 8] = { 0 };
	uint8_t *icmp, *quoted, *tcp;
	uint32_t number = seq + p->liss;
	uint16_t sum;

	icmp = packet +
	       pkt_ip_header(&remote, &local, IPPROTO_ICMP, 36, packet);
	icmp[0] = type;
	icmp[1] = code;
	icmp[6] = info >> 8;
	icmp[7] = info;
	quoted = icmp + 8;
	tcp = quoted + pkt_ip_header(&local, &remote, test_proto(), 20, quoted);
	tcp[0] = p->lport >> 8;
	tcp[1] = p->lport;
	tcp[2] = p->rport >> 8;
	tcp[3] = p->rport;
	tcp[4] = number >> 24;
	tcp[5] = number >> 16;
	tcp[6] = number >> 8;
	tcp[7] = number;
	sum = pkt_sum(icmp, 36);
	icmp[2] = sum >> 8;
	icmp[3] = sum;
	return pkt_write(p, packet, sizeof(packet));
}
