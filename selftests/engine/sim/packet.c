// SPDX-License-Identifier: GPL-2.0
/* Addresses and checksums: IPv4, as TCP is carried on it. */
#include "world.h"

#define PROTOCOL_TCP 6

/**
 * host_address() - a host's IPv4 address
 * @index: which host
 *
 * Return: the address, in host order.
 */
u32 host_address(u8 index)
{
	return 10 << 24 | (index + 1);
}

/**
 * packet_sum() - the pseudo-header of RFC 9293 section 3.1, summed up
 * @path: what the segment travels on
 * @len: octets of the segment
 *
 * Return: what to start its checksum from.
 */
u32 packet_sum(const struct path *path, u32 len)
{
	u32 a = host_address(0), b = host_address(path->index + 1);

	return (a >> 16) + (a & 0xffff) + (b >> 16) + (b & 0xffff) +
	       PROTOCOL_TCP + len;
}

/**
 * packet_seal() - write a packet's checksum
 * @p: the packet, on its path
 */
void packet_seal(struct packet *p)
{
	u32 sum = packet_sum(p->path, p->len);

	atcp_put16(p->octets + 16, 0);
	atcp_put16(p->octets + 16, payload_checksum(p->octets, p->len, sum));
}

/**
 * packet_intact() - is a packet's checksum right
 * @p: the packet
 *
 * Return: true if so.
 */
bool packet_intact(const struct packet *p)
{
	u32 sum = packet_sum(p->path, p->len);

	return !payload_checksum(p->octets, p->len, sum);
}
