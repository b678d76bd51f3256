// SPDX-License-Identifier: GPL-2.0
/* Segments from octets: see wire.h. */
#include "wire.h"

static uint16_t two(const uint8_t *p)
{
	return p[0] * 256 + p[1];
}

static uint32_t four(const uint8_t *p)
{
	return (uint32_t)two(p) * 65536 + two(p + 2);
}

static bool read_blocks(struct wire_options *option, const uint8_t *p,
			unsigned int len)
{
	unsigned int i;

	if (len < 10 || len > 34 || (len - 2) % 8)
		return false;
	option->nr_blocks = (len - 2) / 8;
	for (i = 0; i < option->nr_blocks; i++) {
		option->left[i] = four(p + 2 + 8 * i);
		option->right[i] = four(p + 6 + 8 * i);
	}
	return true;
}

/* One option of @len octets, whose kind and length are the first two. */
static bool read_option(struct wire_options *option, const uint8_t *p,
			unsigned int len)
{
	switch (p[0]) {
	case 2:
		option->mss_there = true;
		option->mss = len == 4 ? two(p + 2) : 0;
		return len == 4;
	case 3:
		option->wscale_there = true;
		option->wscale = len == 3 ? p[2] : 0;
		return len == 3;
	case 4:
		option->sack_ok = true;
		return len == 2;
	case 5:
		return read_blocks(option, p, len);
	case 8:
		if (len != 10)
			return false;
		option->ts = true;
		option->tsval = four(p + 2);
		option->tsecr = four(p + 6);
		return true;
	default:
		return true;
	}
}

/**
 * wire_read() - read a segment
 * @seg: filled in; its text stays where it is
 * @octets: the segment from its header on
 * @len: how many
 *
 * Return: false if it is none.
 */
bool wire_read(struct wire *seg, const uint8_t *octets, size_t len)
{
	unsigned int at = 20;

	*seg = (struct wire){ 0 };
	if (len < 20)
		return false;
	seg->header = octets[12] / 16 * 4;
	if (seg->header < 20 || seg->header > len)
		return false;
	seg->sport = two(octets);
	seg->dport = two(octets + 2);
	seg->seq = four(octets + 4);
	seg->ack = four(octets + 8);
	seg->reserved = octets[12] % 16;
	seg->flags = octets[13] % 64;
	seg->wnd = two(octets + 14);
	seg->urg = two(octets + 18);
	seg->text = octets + seg->header;
	seg->len = len - seg->header;
	while (at < seg->header && octets[at] != 0) {
		unsigned int size = 1;

		if (octets[at] != 1) {
			if (at + 1 >= seg->header)
				return false;
			size = octets[at + 1];
			if (size < 2 || at + size > seg->header ||
			    !read_option(&seg->option, octets + at, size))
				return false;
		}
		at += size;
	}
	return true;
}
