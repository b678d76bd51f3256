// SPDX-License-Identifier: GPL-2.0
/* Duplicates reported in SACK blocks: RFC 2883. */
#include "unit.h"
#include "conn.h"

/* As the RFC writes it: a segment of octets from-to, and the ACK with blocks. */
#define RECEIVED(c, from, to)                                                  \
	ARRIVES(c, .seq = PEER(from), .len = (to) - (from))

#define BLOCK(from, to)                                                        \
	{                                                                      \
		PEER(from), PEER(to)                                           \
	}

#define EXPECT_ACK(c, upto) EXPECT_SENDS(c, .ack = PEER(upto))

#define EXPECT_SACK(c, upto, n, ...)                                           \
	do {                                                                   \
		EXPECT_SENDS(c, .ack = PEER(upto), .options = ATCP_OPT_SACK,   \
			     .nr_sacks = (n), .sacks = { __VA_ARGS__ });       \
		EXPECT_SILENCE(c);                                             \
	} while (0)

/* All before @upto was received, and every segment is acknowledged at once. */
static void received(struct __test_metadata *_metadata, struct conn *c,
		     u32 upto)
{
	CONN_WITH(c, ATCP_ESTABLISHED, .options = ATCP_OPT_SACK_OK,
		  .rcv_buf = 60000);
	if (upto)
		RECEIVED(c, 0, upto);
	DRAIN(c);
	c->tcb.quick_acks = 100;
}

/* 4.1, example 1: both ACKs were lost. */
TEST(a_duplicate_segment)
{
	struct conn c;

	received(_metadata, &c, 3000);
	RECEIVED(&c, 3000, 3500);
	EXPECT_ACK(&c, 3500);
	RECEIVED(&c, 3500, 4000);
	EXPECT_ACK(&c, 4000);
	RECEIVED(&c, 3000, 3500);
	EXPECT_DROPPED(&c, OLD_DATA);
	EXPECT_SACK(&c, 4000, 1, BLOCK(3000, 3500));
	conn_free(&c);
}

/* 4.1, example 2: and something is missing above. */
TEST(a_duplicate_segment_and_a_hole)
{
	struct conn c;

	received(_metadata, &c, 4000);
	RECEIVED(&c, 4500, 5000);
	EXPECT_SACK(&c, 4000, 1, BLOCK(4500, 5000));
	RECEIVED(&c, 3000, 3500);
	EXPECT_SACK(&c, 4000, 2, BLOCK(3000, 3500), BLOCK(4500, 5000));
	conn_free(&c);
}

/* 4.1, example 3: a duplicate above the hole; the block that holds it follows
 * as the second one (section 4, rule 4).
 */
TEST(a_duplicate_out_of_order_segment)
{
	struct conn c;

	received(_metadata, &c, 4000);
	RECEIVED(&c, 4500, 5000);
	EXPECT_SACK(&c, 4000, 1, BLOCK(4500, 5000));
	RECEIVED(&c, 5000, 5500);
	EXPECT_SACK(&c, 4000, 1, BLOCK(4500, 5500));
	RECEIVED(&c, 5000, 5500);
	EXPECT_DROPPED(&c, OLD_DATA);
	EXPECT_SACK(&c, 4000, 2, BLOCK(5000, 5500), BLOCK(4500, 5500));
	conn_free(&c);
}

/* 4.2, a larger segment of which the first half is not new. */
TEST(a_duplicate_first_half)
{
	struct conn c;

	received(_metadata, &c, 1000);
	RECEIVED(&c, 2000, 2500);
	EXPECT_SACK(&c, 1000, 1, BLOCK(2000, 2500));
	RECEIVED(&c, 1000, 1500);
	EXPECT_SACK(&c, 1500, 1, BLOCK(2000, 2500));
	RECEIVED(&c, 1000, 2000);
	EXPECT_TAKEN(&c, PEER(1500), PEER(2000));
	EXPECT_SACK(&c, 2500, 1, BLOCK(1000, 1500));
	conn_free(&c);
}

/* 4.2, two parts are not new, and the acknowledgment covers both: the first is
 * reported.
 */
TEST(two_duplicate_parts_below_the_acknowledgment)
{
	struct conn c;

	received(_metadata, &c, 1000);
	RECEIVED(&c, 3000, 3500);
	EXPECT_SACK(&c, 1000, 1, BLOCK(3000, 3500));
	RECEIVED(&c, 1000, 1500);
	EXPECT_SACK(&c, 1500, 1, BLOCK(3000, 3500));
	RECEIVED(&c, 2000, 2500);
	EXPECT_SACK(&c, 1500, 2, BLOCK(2000, 2500), BLOCK(3000, 3500));
	RECEIVED(&c, 1000, 2500);
	EXPECT_SACK(&c, 2500, 2, BLOCK(1000, 1500), BLOCK(3000, 3500));
	conn_free(&c);
}

/* 4.2, the same above a hole: the block that they are part of now follows. */
TEST(two_duplicate_parts_above_a_hole)
{
	struct conn c;

	received(_metadata, &c, 1000);
	RECEIVED(&c, 3500, 4000);
	EXPECT_SACK(&c, 1000, 1, BLOCK(3500, 4000));
	RECEIVED(&c, 1500, 2000);
	EXPECT_SACK(&c, 1000, 2, BLOCK(1500, 2000), BLOCK(3500, 4000));
	RECEIVED(&c, 2500, 3000);
	EXPECT_SACK(&c, 1000, 3, BLOCK(2500, 3000), BLOCK(1500, 2000),
		    BLOCK(3500, 4000));
	RECEIVED(&c, 1500, 3000);
	EXPECT_TAKEN(&c, PEER(1500), PEER(3000));
	EXPECT_SACK(&c, 1000, 3, BLOCK(1500, 2000), BLOCK(1500, 3000),
		    BLOCK(3500, 4000));
	conn_free(&c);
}

/* What fills the hole and repeats what waits above it. */
TEST(an_overlap_with_what_waits)
{
	struct conn c;

	received(_metadata, &c, 0);
	RECEIVED(&c, 1000, 3000);
	EXPECT_SACK(&c, 0, 1, BLOCK(1000, 3000));
	RECEIVED(&c, 4000, 5000);
	EXPECT_SACK(&c, 0, 2, BLOCK(4000, 5000), BLOCK(1000, 3000));
	RECEIVED(&c, 7000, 8000);
	EXPECT_SACK(&c, 0, 3, BLOCK(7000, 8000), BLOCK(4000, 5000),
		    BLOCK(1000, 3000));
	RECEIVED(&c, 0, 6000);
	EXPECT_SACK(&c, 6000, 2, BLOCK(1000, 3000), BLOCK(7000, 8000));
	RECEIVED(&c, 6000, 7500);
	EXPECT_SACK(&c, 8000, 1, BLOCK(7000, 7500));
	conn_free(&c);
}

/* The overlap alone, wherever it lies. */
TEST(partial_overlaps_above_a_hole)
{
	struct conn c;

	received(_metadata, &c, 0);
	RECEIVED(&c, 1000, 2000);
	EXPECT_SACK(&c, 0, 1, BLOCK(1000, 2000));
	RECEIVED(&c, 1900, 2100);
	EXPECT_SACK(&c, 0, 2, BLOCK(1900, 2000), BLOCK(1000, 2100));
	RECEIVED(&c, 900, 1001);
	EXPECT_SACK(&c, 0, 2, BLOCK(1000, 1001), BLOCK(900, 2100));
	RECEIVED(&c, 800, 2200);
	EXPECT_SACK(&c, 0, 2, BLOCK(900, 2100), BLOCK(800, 2200));
	/* What only touches is new. */
	RECEIVED(&c, 2200, 2300);
	EXPECT_SACK(&c, 0, 1, BLOCK(800, 2300));
	RECEIVED(&c, 700, 800);
	EXPECT_SACK(&c, 0, 1, BLOCK(700, 2300));
	RECEIVED(&c, 0, 700);
	EXPECT_SENDS(&c, .ack = PEER(2300));
	conn_free(&c);
}

/* Section 4, rule 2: each duplicate is reported once. */
TEST(a_duplicate_is_reported_once)
{
	struct conn c;

	received(_metadata, &c, 1000);
	RECEIVED(&c, 0, 500);
	EXPECT_SACK(&c, 1000, 1, BLOCK(0, 500));
	c.tcb.ack_now = true;
	EXPECT_ACK(&c, 1000);
	conn_free(&c);
}

/* Section 4, rule 2: nor by each segment that one burst is cut into. */
TEST(a_burst_does_not_report_it_twice)
{
	struct conn c;

	received(_metadata, &c, 1000);
	c.tcb.burst = 4 * c.tcb.mss;
	RECEIVED(&c, 0, 500);
	SEND(&c, 3 * MSS);
	EXPECT_SENDS(&c, .seq = OURS(0), .len = MSS - 12,
		     .options = ATCP_OPT_SACK, .nr_sacks = 1,
		     .sacks = { BLOCK(0, 500) });
	EXPECT_SENDS(&c, .seq = OURS(MSS - 12), .len = 2 * MSS + 12,
		     .flags = ATCP_ACK | ATCP_PSH);
	DRAIN(&c);
	conn_free(&c);
}

/* With timestamps there is room for three blocks, and it takes one of them. */
TEST(it_takes_the_room_of_a_block)
{
	struct conn c;
	unsigned int i;

	CONN_WITH(&c, ATCP_ESTABLISHED, .rcv_buf = 60000,
		  .options = ATCP_OPT_SACK_OK | ATCP_OPT_TS);
	RECEIVED(&c, 0, 1000);
	for (i = 1; i <= 4; i++)
		RECEIVED(&c, 2000 * i, 2000 * i + 500);
	DRAIN(&c);
	ARRIVES(&c, .seq = PEER(0), .len = 500);
	EXPECT_SENDS(&c, .ack = PEER(1000),
		     .options = ATCP_OPT_SACK | ATCP_OPT_TS, .nr_sacks = 3,
		     .tsval = atcp_timestamp(&c.tcb, c.now), .tsecr = 100,
		     .sacks = { BLOCK(0, 500), BLOCK(8000, 8500),
				BLOCK(6000, 6500) });
	EXPECT_SILENCE(&c);
	conn_free(&c);

	/* Without them there is room for four. */
	received(_metadata, &c, 1000);
	for (i = 1; i <= 4; i++)
		RECEIVED(&c, 2000 * i, 2000 * i + 500);
	DRAIN(&c);
	RECEIVED(&c, 0, 500);
	EXPECT_SACK(&c, 1000, 4, BLOCK(0, 500), BLOCK(8000, 8500),
		    BLOCK(6000, 6500), BLOCK(4000, 4500));
	conn_free(&c);
}

/* It rides on data as well, whose segments have less room then. */
TEST(it_rides_on_data)
{
	struct conn c;

	received(_metadata, &c, 1000);
	RECEIVED(&c, 0, 500);
	SEND(&c, MSS);
	EXPECT_SENDS(&c, .seq = OURS(0), .len = MSS - 12, .ack = PEER(1000),
		     .options = ATCP_OPT_SACK, .nr_sacks = 1,
		     .sacks = { BLOCK(0, 500) });
	EXPECT_EQ(MSS - 12, c.out.cut);
	EXPECT_SENDS(&c, .seq = OURS(MSS - 12), .len = 12, .ack = PEER(1000),
		     .flags = ATCP_ACK | ATCP_PSH);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* A part of new data may wait for the delayed ACK with it. */
TEST(it_waits_for_a_delayed_ack)
{
	struct conn c;

	received(_metadata, &c, 1000);
	c.tcb.quick_acks = 0;
	RECEIVED(&c, 900, 1100);
	EXPECT_TAKEN(&c, PEER(1000), PEER(1100));
	EXPECT_SILENCE(&c);
	TIMEOUT(&c, c.now + MS(40));
	EXPECT_SACK(&c, 1100, 1, BLOCK(900, 1000));
	conn_free(&c);
}

/* Nothing is said to a peer that did not ask, nor if the operator forbids. */
TEST(not_without_sack)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	RECEIVED(&c, 0, 1000);
	DRAIN(&c);
	RECEIVED(&c, 0, 500);
	EXPECT_ACK(&c, 1000);
	conn_free(&c);

	received(_metadata, &c, 1000);
	c.params.dsack = 0;
	RECEIVED(&c, 0, 500);
	EXPECT_ACK(&c, 1000);
	RECEIVED(&c, 2000, 3000);
	EXPECT_SACK(&c, 1000, 1, BLOCK(2000, 3000));
	RECEIVED(&c, 2000, 3000);
	EXPECT_SACK(&c, 1000, 1, BLOCK(2000, 3000));
	conn_free(&c);
}

/* An original that comes after its retransmission has the older timestamp:
 * PAWS drops it, and the sender learns that it need not have sent it again.
 */
TEST(what_paws_rejects_is_a_duplicate)
{
	struct conn c;

	CONN_WITH(&c, ATCP_ESTABLISHED, .options = OPT_ALL);
	ARRIVES(&c, .len = 1000, .options = ATCP_OPT_TS, .tsval = 200);
	DRAIN(&c);
	ARRIVES(&c, .len = 1000, .options = ATCP_OPT_TS, .tsval = 220);
	DRAIN(&c);
	ARRIVES(&c, .seq = PEER(0), .len = 1000, .options = ATCP_OPT_TS,
		.tsval = 190);
	EXPECT_DROPPED(&c, PAWS);
	EXPECT_SENDS(&c, .ack = PEER(2000),
		     .options = ATCP_OPT_SACK | ATCP_OPT_TS,
		     .tsval = atcp_timestamp(&c.tcb, c.now), .tsecr = 220,
		     .nr_sacks = 1, .sacks = { BLOCK(0, 1000) });
	/* Of one that reaches beyond RCV.NXT, what was received. */
	ARRIVES(&c, .seq = PEER(1500), .len = 1000, .options = ATCP_OPT_TS,
		.tsval = 190);
	EXPECT_SENDS(&c, .ack = PEER(2000),
		     .options = ATCP_OPT_SACK | ATCP_OPT_TS,
		     .tsval = atcp_timestamp(&c.tcb, c.now), .tsecr = 220,
		     .nr_sacks = 1, .sacks = { BLOCK(1500, 2000) });
	/* And of one beyond, nothing. */
	ARRIVES(&c, .len = 1000, .options = ATCP_OPT_TS, .tsval = 190);
	EXPECT_DROPPED(&c, PAWS);
	EXPECT_SENDS(&c, .ack = PEER(2000), .options = ATCP_OPT_TS,
		     .tsval = atcp_timestamp(&c.tcb, c.now), .tsecr = 220);
	conn_free(&c);
}

/* A RST's text is no data, and segments without any are none, too. */
TEST(what_is_no_duplicate)
{
	struct conn c;

	received(_metadata, &c, 1000);
	ARRIVES(&c, .seq = PEER(0), .len = 500, .flags = ATCP_RST);
	EXPECT_DROPPED(&c, OUT_OF_WINDOW);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .seq = PEER(999));
	EXPECT_ACK(&c, 1000);
	ARRIVES(&c, .seq = PEER(999), .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_ACK(&c, 1000);
	/* Beyond the window it is not known what it is. */
	ARRIVES(&c, .seq = c.tcb.rcv_adv + 10, .len = 500);
	EXPECT_ACK(&c, 1000);
	ARRIVES(&c, .seq = PEER(1000) + 0x80000000 - 10, .len = 100);
	EXPECT_ACK(&c, 1000);
	/* What there is no memory for was not received, neither part. */
	ARRIVES(&c, .seq = PEER(900), .len = 200, .no_room = true);
	EXPECT_DROPPED(&c, MEMORY);
	EXPECT_ACK(&c, 1000);
	conn_free(&c);
}

/* The text of a FIN that comes again is a duplicate; the FIN has no place in a
 * SACK block.
 */
TEST(a_fin_again)
{
	struct conn c;

	received(_metadata, &c, 1000);
	ARRIVES(&c, .len = 100, .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_ACK(&c, 1101);
	ARRIVES(&c, .seq = PEER(1000), .len = 100,
		.flags = ATCP_ACK | ATCP_FIN);
	EXPECT_SACK(&c, 1101, 1, BLOCK(1000, 1100));
	conn_free(&c);
}

/* RFC 2018 section 8: what was thrown away is not held any more, and what came
 * twice of it was no duplicate.
 */
TEST(pruned_between_arrival_and_ack)
{
	struct conn c;

	received(_metadata, &c, 1000);
	RECEIVED(&c, 2000, 3000);
	DRAIN(&c);
	RECEIVED(&c, 2500, 3000);
	atcp_user_pruned(&c.tcb, PEER(2000));
	conn_verify(_metadata, __LINE__, &c);
	EXPECT_ACK(&c, 1000);
	/* Nor is a part of it that is left. */
	RECEIVED(&c, 2000, 3000);
	DRAIN(&c);
	RECEIVED(&c, 2500, 3000);
	atcp_user_pruned(&c.tcb, PEER(2800));
	conn_verify(_metadata, __LINE__, &c);
	EXPECT_SACK(&c, 1000, 1, BLOCK(2000, 2800));
	/* But what lies below stays one. */
	RECEIVED(&c, 500, 1000);
	atcp_user_pruned(&c.tcb, PEER(2000));
	conn_verify(_metadata, __LINE__, &c);
	EXPECT_SACK(&c, 1000, 1, BLOCK(500, 1000));
	conn_free(&c);
}

/* We are told of a duplicate of ours: it is not a hole filled, nor news. */
TEST(a_duplicate_of_ours)
{
	struct conn c;
	unsigned int i;

	CONN_WITH(&c, ATCP_ESTABLISHED, .options = ATCP_OPT_SACK_OK);
	SEND(&c, 10 * MSS);
	DRAIN(&c);
	ARRIVES(&c, .ack = OURS(2 * MSS));
	DRAIN(&c);
	for (i = 0; i < 5; i++) {
		ARRIVES(&c, .ack = OURS(2 * MSS), .options = ATCP_OPT_SACK,
			.nr_sacks = 1, .sacks = { { OURS(0), OURS(MSS) } });
		EXPECT_SILENCE(&c);
	}
	EXPECT_EQ(0U, c.tcb.sacked);
	EXPECT_EQ(0, c.tcb.dup_acks);
	/* Above the acknowledgment it is within the second block. */
	ARRIVES(&c, .ack = OURS(2 * MSS), .options = ATCP_OPT_SACK,
		.nr_sacks = 2,
		.sacks = { { OURS(5 * MSS), OURS(6 * MSS) },
			   { OURS(4 * MSS), OURS(6 * MSS) } });
	EXPECT_EQ(2 * MSS, c.tcb.sacked);
	EXPECT_EQ(1, c.tcb.dup_acks);
	conn_free(&c);
}

UNIT_MAIN
