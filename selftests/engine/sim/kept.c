// SPDX-License-Identifier: GPL-2.0
/* Which octets of a stream a receiver holds: see kept.h. */
#include <stdlib.h>
#include "kept.h"

static void insert(struct kept *k, u32 i, u32 start, u32 end)
{
	if (k->count == k->room) {
		k->room = k->room ? 2 * k->room : 8;
		k->range = realloc(k->range, k->room * sizeof(*k->range));
	}
	memmove(&k->range[i + 1], &k->range[i],
		(k->count - i) * sizeof(*k->range));
	k->range[i].start = start;
	k->range[i].end = end;
	k->count++;
}

/* What @i now touches above it becomes part of it. */
static void join(struct kept *k, u32 i)
{
	u32 next = i + 1;

	while (next < k->count && k->range[next].start <= k->range[i].end) {
		k->range[i].end = max(k->range[i].end, k->range[next].end);
		next++;
	}
	memmove(&k->range[i + 1], &k->range[next],
		(k->count - next) * sizeof(*k->range));
	k->count -= next - i - 1;
}

/**
 * kept_add() - octets came
 * @k: what was held before
 * @start: the first
 * @end: the one after the last
 */
void kept_add(struct kept *k, u32 start, u32 end)
{
	u32 i = k->count;

	if (start >= end)
		return;
	while (i && k->range[i - 1].start > start)
		i--;
	if (i && k->range[i - 1].end >= start) {
		i--;
		k->range[i].end = max(k->range[i].end, end);
	} else {
		insert(k, i, start, end);
	}
	join(k, i);
}

/**
 * kept_cut() - octets were thrown away
 * @k: what was held before
 * @from: the first of them; all above it are, too
 */
void kept_cut(struct kept *k, u32 from)
{
	while (k->count && k->range[k->count - 1].start >= from)
		k->count--;
	if (k->count)
		k->range[k->count - 1].end =
			min(k->range[k->count - 1].end, from);
}

/**
 * kept_has() - are all of some octets held
 * @k: what is held
 * @start: the first
 * @end: the one after the last
 *
 * Return: true if so, or if there are none.
 */
bool kept_has(const struct kept *k, u32 start, u32 end)
{
	u32 i;

	if (start >= end)
		return true;
	for (i = 0; i < k->count && k->range[i].start <= start; i++)
		if (k->range[i].end >= end)
			return true;
	return false;
}

/**
 * kept_octets() - how many octets are held
 * @k: what is held
 *
 * Return: their sum.
 */
u32 kept_octets(const struct kept *k)
{
	u32 i, sum = 0;

	for (i = 0; i < k->count; i++)
		sum += k->range[i].end - k->range[i].start;
	return sum;
}
