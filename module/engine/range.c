// SPDX-License-Identifier: GPL-2.0
/* Ranges of sequence numbers in a red-black tree. */
#include "range.h"
#include "seq.h"

/**
 * atcp_range_insert() - put a range into a map
 * @map: the map
 * @r: a range that overlaps none of the map's
 */
void atcp_range_insert(struct rb_root *map, struct atcp_range *r)
{
	struct rb_node **link = &map->rb_node, *parent = NULL;

	while (*link) {
		const struct atcp_range *at =
			rb_entry(*link, struct atcp_range, node);

		parent = *link;
		link = seq_lt(r->seq, at->seq) ? &parent->rb_left :
						 &parent->rb_right;
	}
	rb_link_node(&r->node, parent, link);
	rb_insert_color(&r->node, map);
}

/**
 * atcp_range_find() - the first range that ends after a sequence number
 * @map: the map
 * @seq: the sequence number
 *
 * Return: the range that holds @seq or, if none does, the next one after it;
 * NULL if there is none.
 */
struct atcp_range *atcp_range_find(const struct rb_root *map, u32 seq)
{
	struct rb_node *n = map->rb_node;
	struct atcp_range *best = NULL;

	while (n) {
		struct atcp_range *r = rb_entry(n, struct atcp_range, node);

		if (seq_gt(r->end, seq)) {
			best = r;
			n = n->rb_left;
		} else {
			n = n->rb_right;
		}
	}
	return best;
}

/**
 * atcp_range_split() - cut a range in two
 * @map: its map
 * @pool: where the second record comes from
 * @r: the range; keeps [r->seq, @seq)
 * @seq: where to cut, strictly inside @r
 *
 * Return: the new range [@seq, old end) with the same history, NULL with
 * nothing changed if the pool is empty.
 */
struct atcp_range *atcp_range_split(struct rb_root *map, struct atcp_pool *pool,
				    struct atcp_range *r, u32 seq)
{
	struct atcp_range *right = atcp_pool_get(pool);

	if (!right)
		return NULL;
	*right = *r;
	right->seq = seq;
	r->end = seq;
	atcp_range_insert(map, right);
	return right;
}

/**
 * atcp_range_free() - take a range out of its map and back to the pool
 * @map: the map
 * @pool: the pool
 * @r: the range
 */
void atcp_range_free(struct rb_root *map, struct atcp_pool *pool,
		     struct atcp_range *r)
{
	rb_erase(&r->node, map);
	atcp_pool_put(pool, r);
}

/**
 * atcp_range_free_all() - empty a map
 * @map: the map
 * @pool: receives its records
 */
void atcp_range_free_all(struct rb_root *map, struct atcp_pool *pool)
{
	struct atcp_range *r;

	while ((r = atcp_range_first(map)))
		atcp_range_free(map, pool, r);
}
