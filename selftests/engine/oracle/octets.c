// SPDX-License-Identifier: GPL-2.0
/* Octets of a stream, and which of them there are: arrays, searched through. */
#include <stdlib.h>
#include <string.h>
#include "octets.h"

static void *grow(void *old, size_t size)
{
	void *new = realloc(old, size);

	if (!new)
		abort();
	return new;
}

/**
 * octets_put() - keep octets; what lies between is zero
 * @o: the part of the stream, whose start they do not precede
 * @at: position of the first
 * @octet: they
 * @len: how many
 */
void octets_put(struct octets *o, int64_t at, const uint8_t *octet, size_t len)
{
	size_t end = at - o->at + len;

	if (!len)
		return;
	if (end > o->room) {
		o->room = 2 * end;
		o->octet = grow(o->octet, o->room);
	}
	if (end > o->len) {
		memset(o->octet + o->len, 0, end - o->len);
		o->len = end;
	}
	memcpy(o->octet + (at - o->at), octet, len);
}

/**
 * octets_forget() - what is before a position is needed no more
 * @o: the part of the stream
 * @before: the position
 */
void octets_forget(struct octets *o, int64_t before)
{
	size_t gone = before - o->at;

	/* Not each time, or most of the time went into this. */
	if (before <= o->at || !o->len || gone < o->room / 2)
		return;
	if (gone > o->len)
		gone = o->len;
	memmove(o->octet, o->octet + gone, o->len - gone);
	o->len -= gone;
	o->at += gone;
}

/**
 * octets_see() - the octets from a position on
 * @o: the part of the stream
 * @at: the position, which is in it
 *
 * Return: the octets.
 */
const uint8_t *octets_see(const struct octets *o, int64_t at)
{
	return o->octet + (at - o->at);
}

/**
 * octets_free() - forget all
 * @o: the part of the stream
 */
void octets_free(struct octets *o)
{
	free(o->octet);
}

static void insert(struct runs *s, size_t i, struct run run)
{
	if (s->nr == s->room) {
		s->room = 2 * s->room + 8;
		s->run = grow(s->run, s->room * sizeof(run));
	}
	memmove(&s->run[i + 1], &s->run[i], (s->nr - i) * sizeof(run));
	s->run[i] = run;
	s->nr++;
}

static void delete (struct runs *s, size_t i)
{
	s->nr--;
	memmove(&s->run[i], &s->run[i + 1], (s->nr - i) * sizeof(s->run[0]));
}

/**
 * runs_add() - put [start, end) into a set
 * @s: the set
 * @start: the first position
 * @end: the one after the last
 */
void runs_add(struct runs *s, int64_t start, int64_t end)
{
	size_t i = 0;

	if (start >= end)
		return;
	while (i < s->nr) {
		const struct run *r = &s->run[i];

		if (r->end < start) {
			i++;
			continue;
		}
		if (r->start > end)
			break;
		start = r->start < start ? r->start : start;
		end = r->end > end ? r->end : end;
		delete (s, i);
	}
	insert(s, i, (struct run){ start, end });
}

/**
 * runs_remove() - take [start, end) out of a set
 * @s: the set
 * @start: the first position
 * @end: the one after the last
 */
void runs_remove(struct runs *s, int64_t start, int64_t end)
{
	size_t i = 0;

	while (i < s->nr) {
		struct run r = s->run[i];

		if (r.end <= start || r.start >= end) {
			i++;
			continue;
		}
		delete (s, i);
		if (r.start < start)
			insert(s, i++, (struct run){ r.start, start });
		if (r.end > end)
			insert(s, i++, (struct run){ end, r.end });
	}
}

/**
 * runs_have() - is all of [start, end) in a set?
 * @s: the set
 * @start: the first position
 * @end: the one after the last
 *
 * Return: true if so.
 */
bool runs_have(const struct runs *s, int64_t start, int64_t end)
{
	size_t i;

	for (i = 0; i < s->nr; i++)
		if (s->run[i].start <= start && s->run[i].end >= end)
			return true;
	return start >= end;
}

/**
 * runs_touch() - is any of [start, end) in a set?
 * @s: the set
 * @start: the first position
 * @end: the one after the last
 *
 * Return: true if so.
 */
bool runs_touch(const struct runs *s, int64_t start, int64_t end)
{
	size_t i;

	for (i = 0; i < s->nr; i++)
		if (s->run[i].start < end && s->run[i].end > start)
			return true;
	return false;
}

/**
 * runs_follow() - how far does a set go on from a position?
 * @s: the set
 * @at: the position
 *
 * Return: the first position from @at on that is not in it.
 */
int64_t runs_follow(const struct runs *s, int64_t at)
{
	size_t i;

	for (i = 0; i < s->nr; i++)
		if (s->run[i].start <= at && s->run[i].end > at)
			return s->run[i].end;
	return at;
}

/**
 * runs_free() - forget a set
 * @s: the set
 */
void runs_free(struct runs *s)
{
	free(s->run);
}
