// SPDX-License-Identifier: GPL-2.0
/* What connections carry: see payload.h. */
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
	u64 acc = 0, swapped;
	u32 word;
	u16 last = 0;

	for (; len >= 4; octets += 4, len -= 4) {
		__builtin_memcpy(&word, octets, 4);
		acc += word;
	}
	if (len >= 2) {
		__builtin_memcpy(&last, octets, 2);
		acc += last;
		octets += 2;
		len -= 2;
	}
	if (len)
		acc += __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ?
			       octets[0] :
			       octets[0] << 8;
	while (acc >> 16)
		acc = (acc & 0xffff) + (acc >> 16);
	/* RFC 1071: the sum of swapped octets is the sum, swapped. */
	swapped = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ?
			  __builtin_bswap16(acc) :
			  acc;
	swapped += sum;
	while (swapped >> 16)
		swapped = (swapped & 0xffff) + (swapped >> 16);
	return ~swapped;
}
