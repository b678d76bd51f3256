// SPDX-License-Identifier: GPL-2.0
/* What calls are given, and the record of them; see chaos.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "chaos.h"

uint32_t rnd(struct chaos *c)
{
	/* Of Knuth's MMIX; the upper half is the good one. */
	c->random = c->random * 6364136223846793005ull + 1442695040888963407ull;
	return c->random >> 32;
}

uint32_t pick(struct chaos *c, uint32_t n)
{
	return (uint64_t)rnd(c) * n >> 32;
}

bool once_in(struct chaos *c, uint32_t n)
{
	return !pick(c, n);
}

int pick_int(struct chaos *c)
{
	static const int ends[] = { 0,	     1,	    2,	  -1,	   INT_MAX,
				    INT_MIN, 255,   256,  65535,   65536,
				    32767,   32768, 4096, 1 << 20, 88 };

	switch (pick(c, 4)) {
	case 0:
		return ends[pick(c, sizeof(ends) / sizeof(*ends))];
	case 1:
		return (1u << pick(c, 32)) - pick(c, 2);
	case 2:
		return rnd(c);
	default:
		return pick(c, 128);
	}
}

size_t pick_len(struct chaos *c, size_t most)
{
	switch (pick(c, 16)) {
	case 0:
		return 0;
	case 1:
		return most;
	case 2:
		return once_in(c, 8) ? (size_t)-1 - pick(c, 16) :
				       pick(c, INT_MAX);
	case 3:
	case 4:
	case 5:
		return pick(c, most + 1);
	default:
		return pick(c, most < 2000 ? most + 1 : 2000);
	}
}

void *pick_memory(struct chaos *c, size_t len)
{
	switch (pick(c, 40)) {
	case 0:
		return NULL;
	case 1:
		return (void *)(uintptr_t)(1 + pick(c, 4096));
	case 2:
		return (void *)(uintptr_t)(0xffff800000000000ull + rnd(c));
	case 3: /* the end of it cannot be had */
		return c->buf + BUF_LEN - pick(c, 32);
	case 4: /* just behind it */
		return c->buf + BUF_LEN;
	default:
		break;
	}
	/* So close to the end that more than @len faults. */
	return c->buf + BUF_LEN - (len < BUF_LEN ? len : BUF_LEN);
}

uint32_t pick_host(struct chaos *c)
{
	static const uint32_t hosts[] = { 0x7f000001, 0x7f000002, 0,
					  0xc0000201, /* 192.0.2.1: this host */
					  0xe0000001, 0xffffffff, 0xc00002ff };

	switch (pick(c, 8)) {
	case 0:
		return htonl(hosts[pick(c, sizeof(hosts) / sizeof(*hosts))]);
	case 1:
	case 2:
		return htonl(0xc0000202 + pick(c, 4));
	case 3:
		return once_in(c, 8) ? rnd(c) : htonl(0xc0000201);
	default:
		return htonl(0x7f000001);
	}
}

uint16_t pick_port(struct chaos *c)
{
	if (once_in(c, 32))
		return rnd(c);
	return htons(FIRST_PORT + pick(c, PORTS));
}

socklen_t pick_address(struct chaos *c, struct sockaddr_storage *addr)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)addr;

	memset(addr, 0, sizeof(*addr));
	sin->sin_family = AF_INET;
	sin->sin_port = once_in(c, 12) ? 0 : pick_port(c);
	sin->sin_addr.s_addr = pick_host(c);
	switch (pick(c, 64)) {
	case 0:
		fill(c, addr, sizeof(*addr));
		break;
	case 1:
		sin->sin_family = rnd(c);
		break;
	case 2:
		sin->sin_family = AF_INET6;
		return sizeof(struct sockaddr_in6);
	case 3:
	case 4:
		sin->sin_family = AF_UNSPEC;
		break;
	case 5:
		return pick(c, sizeof(*addr));
	case 6:
		return pick_int(c);
	}
	return sizeof(*sin);
}

void fill(struct chaos *c, void *buf, size_t len)
{
	uint8_t *at = buf;

	while (len--)
		*at++ = rnd(c);
}

/* The descriptor stays open: nobody in the namespace closes it. */
static void tell_kernel(const char *line)
{
	static int kmsg = -1;
	char text[RING_WIDTH + 16];
	int len;

	if (kmsg < 0)
		kmsg = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	len = snprintf(text, sizeof(text), "chaos %d: %s\n", gettid(), line);
	if (write(kmsg, text, len) < 0)
		perror("chaos: /dev/kmsg");
}

void note(struct chaos *c, const char *format, ...)
{
	char *line = c->ring->line[c->ring->calls % RING_LINES];
	va_list args;

	va_start(args, format);
	vsnprintf(line, RING_WIDTH, format, args);
	va_end(args);
	if (c->verbose)
		tell_kernel(line);
}

void noted(struct chaos *c, long result)
{
	int err = errno;
	char *line = c->ring->line[c->ring->calls % RING_LINES];
	size_t len = strlen(line);

	snprintf(line + len, RING_WIDTH - len, " = %ld", result);
	len = strlen(line);
	if (result < 0)
		snprintf(line + len, RING_WIDTH - len, " (%d)", err);
	c->ring->calls++;
}
