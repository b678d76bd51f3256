/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ranges of sequence numbers: the records of what is in flight (sendmap.c)
 * and of what arrived out of order (reassembly.c), kept in red-black trees
 * ordered by sequence number.
 *
 *   SND.UNA                                              SND.NXT
 *      |  range 1  |  range 2 (SACKed) |  range 3 (lost)  |
 *
 * The engine never allocates: its caller keeps the pool filled. Each function
 * says what it does when the pool is empty.
 */
#ifndef ATCP_ENGINE_RANGE_H
#define ATCP_ENGINE_RANGE_H

#include "types.h"

enum {
	ATCP_RANGE_SACKED = 0x01,  /* the receiver holds it */
	ATCP_RANGE_LOST = 0x02,	   /* believed to have left the network */
	ATCP_RANGE_RETRANS = 0x04, /* sent again in this recovery */
	ATCP_RANGE_PROBE = 0x08,   /* sent beyond the window, 3.8.6.1 */
};

/**
 * struct atcp_range - sequence numbers [seq, end) that share one fate
 * @node: in the tree of its map
 * @next: in the pool, while unused
 * @seq: first sequence number
 * @end: the one after the last
 * @sent_us: when it was last sent, microseconds
 * @flags: ATCP_RANGE_SACKED ... ATCP_RANGE_PROBE
 * @sends: how often it was sent, saturating
 */
struct atcp_range {
	union {
		struct rb_node node;
		struct atcp_range *next;
	};
	u32 seq;
	u32 end;
	u64 sent_us;
	u8 flags;
	u8 sends;
};

/**
 * struct atcp_pool - unused range records
 * @free: linked by atcp_range.next
 * @count: how many
 */
struct atcp_pool {
	struct atcp_range *free;
	unsigned int count;
};

static inline void atcp_pool_put(struct atcp_pool *pool, struct atcp_range *r)
{
	r->next = pool->free;
	pool->free = r;
	pool->count++;
}

static inline struct atcp_range *atcp_pool_get(struct atcp_pool *pool)
{
	struct atcp_range *r = pool->free;

	if (r) {
		pool->free = r->next;
		pool->count--;
	}
	return r;
}

static inline struct atcp_range *atcp_range_first(const struct rb_root *map)
{
	struct rb_node *n = rb_first(map);

	return n ? rb_entry(n, struct atcp_range, node) : NULL;
}

static inline struct atcp_range *atcp_range_last(const struct rb_root *map)
{
	struct rb_node *n = rb_last(map);

	return n ? rb_entry(n, struct atcp_range, node) : NULL;
}

static inline struct atcp_range *atcp_range_next(const struct atcp_range *r)
{
	struct rb_node *n = rb_next(&r->node);

	return n ? rb_entry(n, struct atcp_range, node) : NULL;
}

static inline struct atcp_range *atcp_range_prev(const struct atcp_range *r)
{
	struct rb_node *n = rb_prev(&r->node);

	return n ? rb_entry(n, struct atcp_range, node) : NULL;
}

void atcp_range_insert(struct rb_root *map, struct atcp_range *r);
struct atcp_range *atcp_range_find(const struct rb_root *map, u32 seq);
struct atcp_range *atcp_range_split(struct rb_root *map, struct atcp_pool *pool,
				    struct atcp_range *r, u32 seq);
void atcp_range_free(struct rb_root *map, struct atcp_pool *pool,
		     struct atcp_range *r);
void atcp_range_free_all(struct rb_root *map, struct atcp_pool *pool);

#endif
