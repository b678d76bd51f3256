/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens next: a heap of alarms in virtual time. Of two at the same time
 * the one that was set first rings first, so that a run can be repeated.
 */
#ifndef ATCP_SIM_QUEUE_H
#define ATCP_SIM_QUEUE_H

#include "types.h"

/**
 * struct alarm - something that happens at some time
 * @at: when, microseconds of virtual time
 * @order: when it was set, among all alarms
 * @place: where it is in the heap, from 1; 0 if it is not set
 * @ring: called then
 */
struct alarm {
	u64 at;
	u64 order;
	u32 place;
	void (*ring)(struct alarm *alarm);
};

/**
 * struct queue - all alarms of a world that are set
 * @heap: the first is the next to ring
 * @count: of them
 * @room: of @heap
 * @order: alarms set so far
 */
struct queue {
	struct alarm **heap;
	u32 count;
	u32 room;
	u64 order;
};

void queue_set(struct queue *q, struct alarm *alarm, u64 at);
void queue_clear(struct queue *q, struct alarm *alarm);
struct alarm *queue_pop(struct queue *q);
void queue_free(struct queue *q);

#endif
