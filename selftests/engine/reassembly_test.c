// SPDX-License-Identifier: GPL-2.0
/* What arrived above RCV.NXT, and the SACK blocks that report it. */
#include "unit.h"
#include "conn.h"
#include "reassembly.h"

FIXTURE(reassembly)
{
	struct conn c;
};

FIXTURE_SETUP(reassembly)
{
	CONN_WITH(&self->c, ATCP_ESTABLISHED, .options = ATCP_OPT_SACK_OK,
		  .rcv_buf = 60000);
}

FIXTURE_TEARDOWN(reassembly)
{
	conn_verify(_metadata, 0, &self->c);
	conn_free(&self->c);
}

#define TEST_IN(name) TEST_F(reassembly, name)
#define TCB	      (&self->c.tcb)

#define ADD(from, to) (!atcp_reassembly_add(TCB, PEER(from), PEER(to)))

#define ADVANCE(to) (TCB->rcv_nxt = PEER(to), atcp_reassembly_advance(TCB))

static const char *held(const struct atcp_tcb *tcb)
{
	static char text[200];
	const struct atcp_range *r;
	int n = 0;

	text[0] = '\0';
	for (r = atcp_range_first(&tcb->reassembly); r; r = atcp_range_next(r))
		n += sprintf(text + n, "%s%d-%d", n ? " " : "",
			     (s32)(r->seq - PEER(0)), (s32)(r->end - PEER(0)));
	return text;
}

static const char *reported(const struct atcp_tcb *tcb)
{
	static char text[200];
	unsigned int i;
	int n = 0;

	text[0] = '\0';
	for (i = 0; i < tcb->nr_sacks; i++)
		n += sprintf(text + n, "%s%d-%d", n ? " " : "",
			     (s32)(tcb->sacks[i].start - PEER(0)),
			     (s32)(tcb->sacks[i].end - PEER(0)));
	return text;
}

/* The ranges, and the SACK blocks that report them. */
#define EXPECT_HELD(ranges, sacks)                                             \
	do {                                                                   \
		EXPECT_STREQ(ranges, held(TCB));                               \
		EXPECT_STREQ(sacks, reported(TCB));                            \
	} while (0)

TEST_IN(ranges_that_do_not_touch_are_kept_apart)
{
	EXPECT_TRUE(ADD(1000, 2000));
	EXPECT_TRUE(ADD(5000, 6000));
	EXPECT_TRUE(ADD(3000, 4000));
	EXPECT_HELD("1000-2000 3000-4000 5000-6000",
		    "3000-4000 5000-6000 1000-2000");
}

TEST_IN(ranges_that_touch_are_merged)
{
	EXPECT_TRUE(ADD(1000, 2000));
	EXPECT_TRUE(ADD(2000, 3000));
	EXPECT_HELD("1000-3000", "1000-3000");
	EXPECT_TRUE(ADD(500, 1000));
	EXPECT_HELD("500-3000", "500-3000");
	EXPECT_TRUE(ADD(5000, 6000));
	EXPECT_TRUE(ADD(3000, 5000));
	EXPECT_HELD("500-6000", "500-6000");
}

TEST_IN(ranges_that_overlap_are_merged)
{
	EXPECT_TRUE(ADD(1000, 2000));
	EXPECT_TRUE(ADD(3000, 4000));
	EXPECT_TRUE(ADD(5000, 6000));
	EXPECT_TRUE(ADD(1500, 5500));
	EXPECT_HELD("1000-6000", "1000-6000");
	EXPECT_TRUE(ADD(500, 7000));
	EXPECT_HELD("500-7000", "500-7000");
}

TEST_IN(what_is_held_is_not_new)
{
	EXPECT_TRUE(ADD(1000, 2000));
	EXPECT_TRUE(ADD(3000, 4000));
	EXPECT_FALSE(ADD(1000, 2000));
	EXPECT_FALSE(ADD(1200, 1300));
	/* But it is what arrived last, RFC 2018 section 4. */
	EXPECT_HELD("1000-2000 3000-4000", "1000-2000 3000-4000");
}

TEST_IN(four_blocks_are_remembered)
{
	unsigned int i;

	for (i = 1; i <= 6; i++)
		EXPECT_TRUE(ADD(1000 * i, 1000 * i + 500));
	EXPECT_HELD("1000-1500 2000-2500 3000-3500 4000-4500 5000-5500 6000-6500",
		    "6000-6500 5000-5500 4000-4500 3000-3500");
}

TEST_IN(advancing_takes_what_it_touches)
{
	EXPECT_FALSE(ADVANCE(100));
	EXPECT_TRUE(ADD(1000, 2000));
	EXPECT_TRUE(ADD(3000, 4000));
	EXPECT_TRUE(ADVANCE(500));
	EXPECT_EQ(PEER(500), TCB->rcv_nxt);
	EXPECT_TRUE(ADVANCE(1000));
	EXPECT_EQ(PEER(2000), TCB->rcv_nxt);
	EXPECT_HELD("3000-4000", "3000-4000");
	EXPECT_TRUE(ADVANCE(3500));
	EXPECT_EQ(PEER(4000), TCB->rcv_nxt);
	EXPECT_HELD("", "");
	EXPECT_FALSE(ADVANCE(4100));
}

TEST_IN(an_empty_pool_keeps_only_what_joins)
{
	EXPECT_TRUE(ADD(1000, 2000));
	self->c.pool = 0;
	conn_refill(&self->c);
	EXPECT_FALSE(ADD(3000, 4000));
	EXPECT_TRUE(ADD(2000, 2500));
	EXPECT_TRUE(ADD(900, 1000));
	EXPECT_HELD("900-2500", "900-2500");
}

/*
 * RFC 2018 section 7 has three examples: of eight segments, of 500 octets each
 * and the first at 5000, ...
 */
static void rfc_2018(struct __test_metadata *_metadata, struct conn *c,
		     const char *lost)
{
	unsigned int i;

	ARRIVES(c, .len = 5000);
	DRAIN(c);
	for (i = 0; i < 8; i++) {
		if (lost[i] != '-')
			continue;
		ARRIVES(c, .seq = PEER(5000 + 500 * i), .len = 500);
		conn_refill(c);
		atcp_next_segment(&c->tcb, c->now, &c->out);
		EXPECT_SILENCE(c);
	}
}

/* ... the last four are lost: no SACK; */
TEST_IN(rfc_2018_case_1)
{
	rfc_2018(_metadata, &self->c, "----llll");
	EXPECT_EQ(PEER(7000), self->c.out.ack);
	EXPECT_EQ(0, self->c.out.options & ATCP_OPT_SACK);
}

/* ... the first is lost: one block that grows; */
TEST_IN(rfc_2018_case_2)
{
	rfc_2018(_metadata, &self->c, "l-------");
	EXPECT_EQ(PEER(5000), self->c.out.ack);
	ASSERT_EQ(1, self->c.out.nr_sacks);
	EXPECT_EQ(PEER(5500), self->c.out.sacks[0].start);
	EXPECT_EQ(PEER(9000), self->c.out.sacks[0].end);
}

/* ... every second is lost, then the fourth comes, then the second. */
TEST_IN(rfc_2018_case_3)
{
	struct conn *c = &self->c;

	rfc_2018(_metadata, c, "-l-l-l-l");
	EXPECT_HELD("6000-6500 7000-7500 8000-8500",
		    "8000-8500 7000-7500 6000-6500");
	ARRIVES(c, .seq = PEER(6500), .len = 500);
	EXPECT_SENDS(c, .ack = PEER(5500), .options = ATCP_OPT_SACK,
		     .nr_sacks = 2,
		     .sacks = { { PEER(6000), PEER(7500) },
				{ PEER(8000), PEER(8500) } });
	ARRIVES(c, .seq = PEER(5500), .len = 500);
	EXPECT_SENDS(c, .ack = PEER(7500), .options = ATCP_OPT_SACK,
		     .nr_sacks = 1, .sacks = { { PEER(8000), PEER(8500) } });
	EXPECT_SILENCE(c);
}

/* With timestamps there is room for three blocks, without for four. */
TEST_IN(as_many_blocks_as_there_is_room_for)
{
	struct conn *c = &self->c;
	unsigned int i;

	for (i = 1; i <= 4; i++) {
		ARRIVES(c, .seq = PEER(2000 * i), .len = 100);
		DRAIN(c);
	}
	ARRIVES(c, .seq = PEER(10000), .len = 100);
	EXPECT_SENDS(c, .ack = PEER(0), .options = ATCP_OPT_SACK, .nr_sacks = 4,
		     .sacks = { { PEER(10000), PEER(10100) },
				{ PEER(8000), PEER(8100) },
				{ PEER(6000), PEER(6100) },
				{ PEER(4000), PEER(4100) } });
	TCB->use |= ATCP_USE_TS;
	ARRIVES(c, .seq = PEER(10100), .len = 100);
	EXPECT_SENDS(c, .ack = PEER(0), .options = ATCP_OPT_SACK | ATCP_OPT_TS,
		     .tsval = atcp_timestamp(TCB, c->now), .nr_sacks = 3,
		     .sacks = { { PEER(10000), PEER(10200) },
				{ PEER(8000), PEER(8100) },
				{ PEER(6000), PEER(6100) } });
}

/* Against a bitmap, octet by octet: 400 seeds, 100 arrivals each. */
#define SPAN 3000

static void compare(struct __test_metadata *_metadata, struct conn *c,
		    const bool *held, u32 nxt)
{
	const struct atcp_range *r = atcp_range_first(&c->tcb.reassembly);
	u32 n;

	ASSERT_EQ(PEER(nxt), c->tcb.rcv_nxt);
	for (n = nxt; n < SPAN; n++) {
		bool in_range;

		while (r && seq_leq(r->end, PEER(n)))
			r = atcp_range_next(r);
		in_range = r && seq_geq(PEER(n), r->seq);
		ASSERT_EQ(held[n], in_range);
	}
	conn_verify(_metadata, __LINE__, c);
}

TEST(random_arrivals_agree_with_a_bitmap)
{
	unsigned int seed, i;
	struct conn c;

	for (seed = 1; seed <= 400; seed++) {
		bool held[SPAN + 1] = { false };
		u32 nxt = 0;

		srand(seed);
		CONN_WITH(&c, ATCP_ESTABLISHED, .options = ATCP_OPT_SACK_OK,
			  .rcv_buf = SPAN);
		c.tcb.rcv_space = 0;
		for (i = 0; i < 100; i++) {
			u32 from = rand() % SPAN;
			u32 to = min(from + 1 + rand() % 200, (u32)SPAN);
			u32 n, fresh = 0;

			for (n = max(from, nxt); n < to; n++)
				fresh += !held[n];
			ARRIVES(&c, .seq = PEER(from), .len = to - from);
			ASSERT_EQ(!!fresh, c.arrival.end != c.arrival.start);
			for (n = from; n < to; n++)
				held[n] = true;
			while (held[nxt])
				nxt++;
			compare(_metadata, &c, held, nxt);
			DRAIN(&c);
		}
		conn_free(&c);
	}
}

/* RFC 2018 section 8: what was not acknowledged may be thrown away. */
TEST_IN(what_is_pruned_is_forgotten)
{
	EXPECT_TRUE(ADD(1000, 2000));
	EXPECT_TRUE(ADD(3000, 4000));
	EXPECT_TRUE(ADD(5000, 6000));
	atcp_user_pruned(TCB, PEER(6000));
	EXPECT_HELD("1000-2000 3000-4000 5000-6000",
		    "5000-6000 3000-4000 1000-2000");
	atcp_user_pruned(TCB, PEER(3500));
	EXPECT_HELD("1000-2000 3000-3500", "3000-3500 1000-2000");
	atcp_user_pruned(TCB, PEER(3000));
	EXPECT_HELD("1000-2000", "1000-2000");
	atcp_user_pruned(TCB, PEER(1));
	EXPECT_HELD("", "");
	/* It comes again. */
	EXPECT_TRUE(ADD(3000, 4000));
	EXPECT_HELD("3000-4000", "3000-4000");
}

/* RFC 2018 section 4, as many blocks as there is room for: what the latest four
 * pushed out is told again when they are gone, by pruning,
 */
TEST_IN(pruning_makes_room_for_older_blocks)
{
	EXPECT_TRUE(ADD(1000, 2000));
	EXPECT_TRUE(ADD(3000, 4000));
	EXPECT_TRUE(ADD(5000, 6000));
	EXPECT_TRUE(ADD(7000, 8000));
	EXPECT_TRUE(ADD(9000, 10000));
	EXPECT_TRUE(ADD(11000, 12000));
	EXPECT_STREQ("11000-12000 9000-10000 7000-8000 5000-6000",
		     reported(TCB));
	atcp_user_pruned(TCB, PEER(4500));
	EXPECT_HELD("1000-2000 3000-4000", "1000-2000 3000-4000");
}

/* by a hole that is filled between them, */
TEST_IN(a_filled_hole_makes_room_for_older_blocks)
{
	EXPECT_TRUE(ADD(11000, 12000));
	EXPECT_TRUE(ADD(9000, 10000));
	EXPECT_TRUE(ADD(7000, 8000));
	EXPECT_TRUE(ADD(5000, 6000));
	EXPECT_TRUE(ADD(3000, 4000));
	EXPECT_TRUE(ADD(4000, 5000));
	EXPECT_STREQ("3000-6000 7000-8000 9000-10000 11000-12000",
		     reported(TCB));
}

/* or as they are delivered. */
TEST_IN(delivery_makes_room_for_older_blocks)
{
	EXPECT_TRUE(ADD(11000, 12000));
	EXPECT_TRUE(ADD(9000, 10000));
	EXPECT_TRUE(ADD(7000, 8000));
	EXPECT_TRUE(ADD(5000, 6000));
	EXPECT_TRUE(ADD(3000, 4000));
	EXPECT_TRUE(ADD(1000, 2000));
	EXPECT_TRUE(ADVANCE(8000));
	EXPECT_HELD("9000-10000 11000-12000", "9000-10000 11000-12000");
}

/* With it a FIN that came before the data in front of it, */
TEST_IN(a_fin_is_pruned)
{
	struct conn *c = &self->c;

	ARRIVES(c, .seq = PEER(100), .len = 100, .flags = ATCP_ACK | ATCP_FIN);
	DRAIN(c);
	atcp_user_pruned(TCB, PEER(100));
	EXPECT_FALSE(TCB->fin_seq_known);
	ARRIVES(c, .len = 200);
	EXPECT_EQ(ATCP_ESTABLISHED, TCB->state);
	DRAIN(c);
	ARRIVES(c, .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_EQ(ATCP_CLOSE_WAIT, TCB->state);
}

/* but not one in front of which nothing was thrown away. */
TEST_IN(a_fin_is_not_pruned)
{
	struct conn *c = &self->c;

	ARRIVES(c, .seq = PEER(100), .len = 100, .flags = ATCP_ACK | ATCP_FIN);
	DRAIN(c);
	atcp_user_pruned(TCB, PEER(201));
	EXPECT_TRUE(TCB->fin_seq_known);
	ARRIVES(c, .len = 100);
	EXPECT_EQ(ATCP_CLOSE_WAIT, TCB->state);
	EXPECT_EQ(PEER(201), TCB->rcv_nxt);
}

/* RFC 9293 3.6: nothing comes after a FIN. What came before it goes with it, */
TEST_IN(text_beyond_a_fin_is_forgotten)
{
	struct conn *c = &self->c;

	ARRIVES(c, .seq = PEER(50), .len = 100);
	ARRIVES(c, .seq = PEER(300), .len = 100);
	DRAIN(c);
	ARRIVES(c, .len = 100, .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_TAKEN(c, PEER(0), PEER(100));
	EXPECT_EQ(ATCP_CLOSE_WAIT, TCB->state);
	EXPECT_EQ(PEER(101), TCB->rcv_nxt);
	EXPECT_HELD("", "");
}

/* also if the FIN is out of order as well, */
TEST_IN(text_beyond_a_fin_out_of_order_is_forgotten)
{
	struct conn *c = &self->c;

	ARRIVES(c, .seq = PEER(100), .len = 200);
	DRAIN(c);
	ARRIVES(c, .seq = PEER(150), .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_HELD("100-150", "100-150");
	DRAIN(c);
	ARRIVES(c, .len = 100);
	EXPECT_EQ(ATCP_CLOSE_WAIT, TCB->state);
	EXPECT_EQ(PEER(151), TCB->rcv_nxt);
}

/* and what comes after it is not taken, nor is a later FIN. */
TEST_IN(text_behind_a_fin_is_not_taken)
{
	struct conn *c = &self->c;

	ARRIVES(c, .seq = PEER(150), .flags = ATCP_ACK | ATCP_FIN);
	DRAIN(c);
	ARRIVES(c, .seq = PEER(150), .len = 100);
	EXPECT_DROPPED(c, OUT_OF_WINDOW);
	DRAIN(c);
	ARRIVES(c, .seq = PEER(200), .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_DROPPED(c, OUT_OF_WINDOW);
	DRAIN(c);
	ARRIVES(c, .seq = PEER(100), .len = 100, .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_TAKEN(c, PEER(100), PEER(150));
	DRAIN(c);
	ARRIVES(c, .len = 100);
	EXPECT_EQ(ATCP_CLOSE_WAIT, TCB->state);
	EXPECT_EQ(PEER(151), TCB->rcv_nxt);
}

UNIT_MAIN
