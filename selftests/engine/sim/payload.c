// SPDX-License-Identifier: GPL-2.0
/* What connections carry: see payload.h. */
#include <arpa/inet.h>
#include "payload.h"
#include "random.h"

/* A prime: octets that a segment's size lies between are not alike. */
#define PERIOD 8191

static u8 table[PERIOD + PACKET_MAX];

static const u8 *find(unsigned int stream, u32 from)
{
	if (!table[0]) {
		struct rng r = { 1 };
		u32 i;

		for (i = 0; i < PERIOD; i++)
			table[i] = rng_next(&r) >> 24 ?: 1;
		for (; i < sizeof(table); i++)
			table[i] = table[i - PERIOD];
	}
	return &table[(from + stream * 1009ULL) % PERIOD];
}

/**
 * payload_fill() - write some octets of a stream
 * @to: where
 * @stream: which stream
 * @from: the first octet
 * @len: how many, at most PACKET_MAX
 */
void payload_fill(u8 *to, unsigned int stream, u32 from, u32 len)
{
	memcpy(to, find(stream, from), len);
}

/**
 * payload_is() - are these some octets of a stream
 * @octets: what came
 * @stream: which stream
 * @from: the first octet
 * @len: how many, at most PACKET_MAX
 *
 * Return: true if so.
 */
bool payload_is(const u8 *octets, unsigned int stream, u32 from, u32 len)
{
	return !memcmp(octets, find(stream, from), len);
}

/**
 * payload_checksum() - atcp_checksum(), four times as fast
 * @octets: header and payload
 * @len: octets
 * @sum: what to start from
 *
 * Each segment is summed up twice, under sanitizers, a million times.
 *
 * Return: the value for the checksum field, or zero if there is a right one.
 */
__attribute__((no_sanitize("address", "undefined"))) u16
payload_checksum(const u8 *octets, u32 len, u32 sum)
{
	u64 acc = 0;
	u16 half;
	u32 word;

	for (; len >= 4; octets += 4, len -= 4) {
		memcpy(&word, octets, 4);
		acc += word;
	}
	/* An odd octet is the first of a half, whatever the machine. */
	for (; len; octets += 2, len -= min(len, 2U)) {
		half = 0;
		memcpy(&half, octets, min(len, 2U));
		acc += half;
	}
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	/* RFC 1071: the sum of swapped octets is the sum, swapped. */
	acc = ntohs(acc) + (u64)sum;
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	return ~acc;
}
