// SPDX-License-Identifier: GPL-2.0
/* Ranges of sequence numbers in a red-black tree. */
#include "unit.h"
#include "range.h"
#include "seq.h"

/* Records enough for each test; the map's numbers pass 2^32. */
#define RECORDS 64
#define BASE	0xffffff80U

FIXTURE(range)
{
	struct atcp_range records[RECORDS];
	struct atcp_pool pool;
	struct rb_root map;
};

FIXTURE_SETUP(range)
{
	unsigned int i;

	memset(self, 0, sizeof(*self));
	self->map = RB_ROOT;
	for (i = 0; i < RECORDS; i++)
		atcp_pool_put(&self->pool, &self->records[i]);
}

FIXTURE_TEARDOWN(range)
{
	atcp_range_free_all(&self->map, &self->pool);
	EXPECT_EQ(RECORDS, self->pool.count);
}

static struct atcp_range *add(struct rb_root *map, struct atcp_pool *pool,
			      u32 from, u32 to)
{
	struct atcp_range *r = atcp_pool_get(pool);

	*r = (struct atcp_range){ .seq = BASE + from, .end = BASE + to };
	atcp_range_insert(map, r);
	return r;
}

#define ADD(from, to) add(&self->map, &self->pool, from, to)
#define FIND(at)      atcp_range_find(&self->map, BASE + (at))

TEST_F(range, a_pool_gives_back_what_was_put_in)
{
	unsigned int i;

	for (i = RECORDS; i > 0; i--) {
		EXPECT_EQ(i, self->pool.count);
		EXPECT_NE(NULL, atcp_pool_get(&self->pool));
	}
	EXPECT_EQ(NULL, atcp_pool_get(&self->pool));
	EXPECT_EQ(0U, self->pool.count);
	for (i = 0; i < RECORDS; i++)
		atcp_pool_put(&self->pool, &self->records[i]);
}

TEST_F(range, order_holds_across_the_wrap)
{
	struct atcp_range *r;
	unsigned int i;

	/* Every other one first, from the end: 248, 232 ... then the rest. */
	for (i = 0; i < 32; i++)
		ADD(8 * (31 - i), 8 * (31 - i) + 8);
	r = atcp_range_first(&self->map);
	for (i = 0; i < 32; i++, r = atcp_range_next(r)) {
		ASSERT_NE(NULL, r);
		EXPECT_EQ(BASE + 8 * i, r->seq);
	}
	EXPECT_EQ(NULL, r);
	r = atcp_range_last(&self->map);
	for (i = 32; i > 0; i--, r = atcp_range_prev(r)) {
		ASSERT_NE(NULL, r);
		EXPECT_EQ(BASE + 8 * i, r->end);
	}
	EXPECT_EQ(NULL, r);
}

TEST_F(range, find_gives_the_holder_or_the_next)
{
	struct atcp_range *a = ADD(10, 20), *b = ADD(150, 160);

	EXPECT_EQ(a, FIND(0));
	EXPECT_EQ(a, FIND(10));
	EXPECT_EQ(a, FIND(19));
	EXPECT_EQ(b, FIND(20));
	EXPECT_EQ(b, FIND(159));
	EXPECT_EQ(NULL, FIND(160));
}

TEST_F(range, an_empty_map_has_nothing)
{
	EXPECT_EQ(NULL, atcp_range_first(&self->map));
	EXPECT_EQ(NULL, atcp_range_last(&self->map));
	EXPECT_EQ(NULL, FIND(0));
}

TEST_F(range, split_keeps_the_history)
{
	struct atcp_range *r = ADD(100, 200), *right;

	r->sent_us = 7;
	r->sends = 3;
	r->flags = ATCP_RANGE_LOST;
	right = atcp_range_split(&self->map, &self->pool, r, BASE + 128);
	ASSERT_NE(NULL, right);
	EXPECT_EQ(BASE + 100, r->seq);
	EXPECT_EQ(BASE + 128, r->end);
	EXPECT_EQ(BASE + 128, right->seq);
	EXPECT_EQ(BASE + 200, right->end);
	EXPECT_EQ(7U, right->sent_us);
	EXPECT_EQ(3, right->sends);
	EXPECT_EQ(ATCP_RANGE_LOST, right->flags);
	EXPECT_EQ(right, atcp_range_next(r));
	EXPECT_EQ(right, FIND(128));
	EXPECT_EQ(r, FIND(127));
}

TEST_F(range, split_without_a_record_changes_nothing)
{
	struct atcp_pool empty = { 0 };
	struct atcp_range *r = ADD(100, 200);

	EXPECT_EQ(NULL, atcp_range_split(&self->map, &empty, r, BASE + 150));
	EXPECT_EQ(BASE + 200, r->end);
	EXPECT_EQ(NULL, atcp_range_next(r));
}

TEST_F(range, free_puts_the_record_back)
{
	struct atcp_range *a = ADD(0, 1), *b = ADD(2, 3), *c = ADD(4, 5);

	atcp_range_free(&self->map, &self->pool, b);
	EXPECT_EQ(RECORDS - 2, self->pool.count);
	EXPECT_EQ(c, atcp_range_next(a));
	atcp_range_free_all(&self->map, &self->pool);
	EXPECT_EQ(RECORDS, self->pool.count);
	EXPECT_EQ(NULL, atcp_range_first(&self->map));
}

UNIT_MAIN
