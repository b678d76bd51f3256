// SPDX-License-Identifier: GPL-2.0
/* Sequence number arithmetic: RFC 9293 section 3.4. */
#include "unit.h"
#include "seq.h"

/* Where sums pass 2^32 and 2^31, and places between. */
static const u32 places[] = { 0,	  1,	      0x7ffffffe,
			      0x7fffffff, 0x80000000, 0x80000001,
			      0xfffffffe, 0xffffffff, 0x12345678 };

TEST(order_is_modulo_2_to_the_32)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		u32 a = places[i];

		EXPECT_FALSE(seq_lt(a, a));
		EXPECT_TRUE(seq_leq(a, a));
		EXPECT_FALSE(seq_gt(a, a));
		EXPECT_TRUE(seq_geq(a, a));
		EXPECT_TRUE(seq_lt(a, a + 1));
		EXPECT_FALSE(seq_lt(a + 1, a));
		EXPECT_TRUE(seq_gt(a + 1, a));
		EXPECT_TRUE(seq_leq(a, a + 1));
		EXPECT_FALSE(seq_geq(a, a + 1));
		/* The farthest apart that two numbers can be compared. */
		EXPECT_TRUE(seq_lt(a, a + 0x7fffffff));
		EXPECT_TRUE(seq_gt(a + 0x7fffffff, a));
		EXPECT_FALSE(seq_lt(a, a + 0x80000001));
	}
}

TEST(max_and_min_follow_the_order)
{
	EXPECT_EQ(5U, seq_max(0xfffffff0, 5));
	EXPECT_EQ(5U, seq_max(5, 0xfffffff0));
	EXPECT_EQ(0xfffffff0U, seq_min(0xfffffff0, 5));
	EXPECT_EQ(0xfffffff0U, seq_min(5, 0xfffffff0));
	EXPECT_EQ(7U, seq_max(7, 7));
	EXPECT_EQ(7U, seq_min(7, 7));
}

TEST(in_is_half_open)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		u32 a = places[i];

		EXPECT_TRUE(seq_in(a, a, a + 10));
		EXPECT_TRUE(seq_in(a + 9, a, a + 10));
		EXPECT_FALSE(seq_in(a + 10, a, a + 10));
		EXPECT_FALSE(seq_in(a - 1, a, a + 10));
		EXPECT_FALSE(seq_in(a, a, a));
	}
}

UNIT_MAIN
