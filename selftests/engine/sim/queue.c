// SPDX-License-Identifier: GPL-2.0
/* What happens next: see queue.h. */
#include <stdlib.h>
#include "queue.h"

static bool before(const struct alarm *a, const struct alarm *b)
{
	return a->at != b->at ? a->at < b->at : a->order < b->order;
}

static void put(struct queue *q, struct alarm *alarm, u32 place)
{
	q->heap[place - 1] = alarm;
	alarm->place = place;
}

static void up(struct queue *q, struct alarm *alarm)
{
	u32 place = alarm->place;

	while (place > 1 && before(alarm, q->heap[place / 2 - 1])) {
		put(q, q->heap[place / 2 - 1], place);
		place /= 2;
	}
	put(q, alarm, place);
}

static void down(struct queue *q, struct alarm *alarm)
{
	u32 place = alarm->place, child;

	while ((child = 2 * place) <= q->count) {
		if (child < q->count &&
		    before(q->heap[child], q->heap[child - 1]))
			child++;
		if (!before(q->heap[child - 1], alarm))
			break;
		put(q, q->heap[child - 1], place);
		place = child;
	}
	put(q, alarm, place);
}

/**
 * queue_set() - let an alarm ring
 * @q: the queue
 * @alarm: the alarm; if it is set it is moved
 * @at: when
 */
void queue_set(struct queue *q, struct alarm *alarm, u64 at)
{
	if (alarm->place && alarm->at == at)
		return;
	alarm->at = at;
	alarm->order = q->order++;
	if (!alarm->place) {
		if (q->count == q->room) {
			q->room = q->room ? 2 * q->room : 64;
			q->heap = realloc(q->heap, q->room * sizeof(*q->heap));
		}
		alarm->place = ++q->count;
	}
	up(q, alarm);
	down(q, alarm);
}

/**
 * queue_clear() - an alarm shall not ring
 * @q: the queue
 * @alarm: the alarm, set or not
 */
void queue_clear(struct queue *q, struct alarm *alarm)
{
	u32 place = alarm->place;
	struct alarm *last;

	if (!place)
		return;
	alarm->place = 0;
	last = q->heap[--q->count];
	if (last == alarm)
		return;
	put(q, last, place);
	up(q, last);
	down(q, last);
}

/**
 * queue_pop() - take the next alarm
 * @q: the queue
 *
 * Return: the alarm, which is not set any more; NULL if none was.
 */
struct alarm *queue_pop(struct queue *q)
{
	struct alarm *first = q->count ? q->heap[0] : NULL;

	if (first)
		queue_clear(q, first);
	return first;
}

/**
 * queue_free() - forget all alarms
 * @q: the queue, fit for use again
 */
void queue_free(struct queue *q)
{
	free(q->heap);
	*q = (struct queue){ 0 };
}
