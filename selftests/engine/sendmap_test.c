// SPDX-License-Identifier: GPL-2.0
/* The map of what is in flight. */
#include "unit.h"
#include "conn.h"
#include "sendmap.h"

FIXTURE(sendmap)
{
	struct conn c;
	struct atcp_acked acked;
};

/* Ten segments are in flight, sent a millisecond apart. */
FIXTURE_SETUP(sendmap)
{
	unsigned int i;

	CONN_WITH(&self->c, ATCP_ESTABLISHED, .options = ATCP_OPT_SACK_OK);
	self->acked = (struct atcp_acked){ 0 };
	atcp_user_send(&self->c.tcb, 10 * MSS);
	for (i = 0; i < 10; i++) {
		EXPECT_SENDS(&self->c, .seq = OURS(i * MSS), .len = MSS,
			     .flags = ATCP_ACK | (i == 9 ? ATCP_PSH : 0));
		self->c.now += MS(1);
	}
	self->c.now = T0 + MS(100);
}

FIXTURE_TEARDOWN(sendmap)
{
	conn_verify(_metadata, 0, &self->c);
	conn_free(&self->c);
}

#define TEST_IN(name) TEST_F(sendmap, name)
#define TCB	      (&self->c.tcb)

#define ACK(n) atcp_sendmap_ack(TCB, OURS(n), self->c.now, &self->acked)

#define SACK(...)                                                              \
	do {                                                                   \
		const struct atcp_sack_block b[] = { __VA_ARGS__ };            \
		struct atcp_segment seg = { .nr_sacks = ARRAY_SIZE(b) };       \
		memcpy(seg.sacks, b, sizeof(b));                               \
		conn_refill(&self->c);                                         \
		atcp_sendmap_sack(TCB, &seg, self->c.now, &self->acked);       \
		conn_verify(_metadata, __LINE__, &self->c);                    \
	} while (0)

#define BLOCK(from, to)                                                        \
	{                                                                      \
		OURS(from), OURS(to)                                           \
	}

static bool same(const struct atcp_range *a, const struct atcp_range *b)
{
	return b && a->flags == b->flags && a->end - a->seq == b->end - b->seq;
}

/* The map as text: "2x1000 sl300" is two ranges of 1000 and a SACKed lost one. */
static const char *map_text(const struct atcp_tcb *tcb)
{
	static char text[500];
	const struct atcp_range *r;
	unsigned int times = 1;
	int n = 0;

	text[0] = '\0';
	for (r = atcp_range_first(&tcb->sendmap); r; r = atcp_range_next(r)) {
		if (same(r, atcp_range_next(r))) {
			times++;
			continue;
		}
		if (times > 1)
			n += sprintf(text + n, "%ux", times);
		n += sprintf(text + n, "%s%s%s%u ",
			     r->flags & ATCP_RANGE_SACKED ? "s" : "",
			     r->flags & ATCP_RANGE_LOST ? "l" : "",
			     r->flags & ATCP_RANGE_RETRANS ? "r" : "",
			     r->end - r->seq);
		times = 1;
	}
	if (n)
		text[n - 1] = '\0';
	return text;
}

#define EXPECT_MAP(text) EXPECT_STREQ(text, map_text(TCB))

#define PIPE atcp_pipe(TCB)

TEST_IN(an_ack_takes_whole_ranges)
{
	ACK(3 * MSS);
	EXPECT_MAP("7x1000");
	EXPECT_EQ(3 * MSS, self->acked.octets);
	EXPECT_EQ(7 * MSS, PIPE);
	/* The latest of what was acknowledged was sent at 2 ms. */
	EXPECT_EQ(MS(98), self->acked.rtt_us);
}

TEST_IN(an_ack_cuts_a_range)
{
	ACK(2 * MSS + 300);
	EXPECT_MAP("700 7x1000");
	EXPECT_EQ(OURS(2300), TCB->snd_una);
	ACK(10 * MSS);
	EXPECT_MAP("");
	EXPECT_EQ(10 * MSS, self->acked.octets);
}

/* MUST-18, Karn, RFC 6298 section 3: what went twice is no sample. */
TEST_IN(what_was_sent_again_is_no_sample)
{
	struct atcp_range *r = atcp_range_first(&TCB->sendmap);

	atcp_sendmap_mark_lost(TCB, r);
	EXPECT_MAP("l1000 9x1000");
	EXPECT_EQ(9 * MSS, PIPE);
	atcp_sendmap_resent(TCB, r, self->c.now);
	EXPECT_MAP("lr1000 9x1000");
	EXPECT_EQ(10 * MSS, PIPE);
	self->c.now += MS(10);
	ACK(MSS);
	EXPECT_EQ(0U, self->acked.rtt_us);
	EXPECT_EQ(9 * MSS, PIPE);
}

TEST_IN(sack_marks_and_cuts)
{
	SACK(BLOCK(2000, 4000));
	EXPECT_MAP("2x1000 2xs1000 6x1000");
	EXPECT_EQ(2 * MSS, TCB->sacked);
	EXPECT_EQ(8 * MSS, PIPE);
	EXPECT_EQ(2 * MSS, self->acked.octets);
	SACK(BLOCK(5500, 5700));
	EXPECT_MAP("2x1000 2xs1000 1000 500 s200 300 4x1000");
	/* What is known already is not new. */
	self->acked.octets = 0;
	SACK(BLOCK(2500, 3500), BLOCK(5500, 5700));
	EXPECT_EQ(0U, self->acked.octets);
	/* Around it, and several blocks at once. */
	SACK(BLOCK(1500, 4500), BLOCK(9000, 10000));
	EXPECT_MAP("1000 500 s500 2xs1000 s500 2x500 s200 300 3x1000 s1000");
	EXPECT_EQ(500U + 500 + 1000, self->acked.octets);
}

TEST_IN(sack_blocks_that_make_no_sense_are_skipped)
{
	SACK(BLOCK(0, 1000)); /* would be SND.UNA */
	SACK(BLOCK(-500, 0)); /* a duplicate, RFC 2883 */
	SACK(BLOCK(-500, 2000));
	SACK(BLOCK(9000, 10001)); /* beyond SND.NXT */
	SACK(BLOCK(4000, 4000));
	SACK(BLOCK(4000, 3000));
	SACK({ OURS(1000), OURS(1000) + 0x80000001 });
	EXPECT_EQ(0U, TCB->sacked);
	EXPECT_EQ(0U, self->acked.octets);
	EXPECT_EQ(10 * MSS, PIPE);
}

TEST_IN(sack_takes_lost_octets_back)
{
	struct atcp_range *r = atcp_range_first(&TCB->sendmap);

	r = atcp_range_next(r);
	atcp_sendmap_mark_lost(TCB, r);
	atcp_sendmap_resent(TCB, r, self->c.now);
	SACK(BLOCK(1000, 1400));
	EXPECT_MAP("1000 s400 lr600 8x1000");
	EXPECT_EQ(600U, TCB->lost);
	EXPECT_EQ(600U, TCB->retrans);
	EXPECT_EQ(10 * MSS - 400, PIPE);
	ACK(1700);
	EXPECT_EQ(300U, TCB->lost);
	EXPECT_EQ(300U, TCB->retrans);
	EXPECT_EQ(0U, TCB->sacked);
}

/* RFC 6675 IsLost(): more than two segments above it are SACKed. */
TEST_IN(lost_is_what_has_more_than_two_segments_sacked_above)
{
	SACK(BLOCK(5000, 7000));
	EXPECT_FALSE(atcp_sendmap_detect_lost(TCB));
	SACK(BLOCK(8000, 8001));
	EXPECT_TRUE(atcp_sendmap_detect_lost(TCB));
	EXPECT_MAP("5xl1000 2xs1000 1000 s1 999 1000");
	EXPECT_FALSE(atcp_sendmap_detect_lost(TCB));
	SACK(BLOCK(9000, 10000));
	EXPECT_FALSE(atcp_sendmap_detect_lost(TCB));
	SACK(BLOCK(8001, 9000));
	EXPECT_FALSE(atcp_sendmap_detect_lost(TCB));
	EXPECT_EQ(5 * MSS, TCB->lost);
	EXPECT_EQ(MSS, PIPE);
}

TEST_IN(next_lost_is_the_lowest_and_cut_to_a_segment)
{
	struct atcp_range *r;

	EXPECT_EQ(NULL, atcp_sendmap_next_lost(TCB, MSS));
	atcp_sendmap_all_lost(TCB);
	EXPECT_EQ(0U, PIPE);
	r = atcp_sendmap_next_lost(TCB, 300);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(OURS(0), r->seq);
	EXPECT_EQ(OURS(300), r->end);
	atcp_sendmap_resent(TCB, r, self->c.now);
	EXPECT_EQ(300U, PIPE);
	r = atcp_sendmap_next_lost(TCB, MSS);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(OURS(300), r->seq);
	EXPECT_EQ(OURS(1000), r->end);
	EXPECT_MAP("lr300 l700 9xl1000");
}

/* RFC 2018 section 8, RFC 6675 5.1: SACKed stays so, unless it is the head,
 * which only a receiver that took it back leaves unacknowledged.
 */
TEST_IN(a_time_out_loses_what_is_not_sacked)
{
	SACK(BLOCK(3000, 5000));
	atcp_sendmap_all_lost(TCB);
	EXPECT_MAP("3xl1000 2xs1000 5xl1000");
	EXPECT_EQ(0U, PIPE);
	ACK(3000);
	atcp_sendmap_all_lost(TCB);
	EXPECT_MAP("7xl1000");
	EXPECT_EQ(0U, TCB->sacked);
}

/* A range that is said to be lost is not held by the receiver. */
TEST_IN(lost_and_sacked_exclude_each_other)
{
	SACK(BLOCK(1000, 2000));
	ACK(1000);
	atcp_sendmap_mark_lost(TCB, atcp_range_first(&TCB->sendmap));
	EXPECT_MAP("l1000 8x1000");
	EXPECT_EQ(0U, TCB->sacked);
	EXPECT_EQ(8 * MSS, PIPE);
}

TEST_IN(an_empty_pool_makes_the_last_range_grow)
{
	self->c.pool = 0;
	conn_refill(&self->c);
	atcp_user_send(TCB, 100);
	atcp_sendmap_sent(TCB, OURS(10100), self->c.now, 0);
	EXPECT_MAP("9x1000 1100");
	EXPECT_EQ(2, atcp_range_last(&TCB->sendmap)->sends);
	EXPECT_EQ(OURS(10100), TCB->snd_nxt);
}

/* SACK is advice: without records it is not taken. */
TEST_IN(an_empty_pool_ignores_sack_that_cuts)
{
	self->c.pool = 0;
	SACK(BLOCK(1500, 1700));
	SACK(BLOCK(1000, 1300));
	EXPECT_EQ(0U, TCB->sacked);
	SACK(BLOCK(1000, 2000));
	EXPECT_EQ(MSS, TCB->sacked);
	EXPECT_MAP("1000 s1000 8x1000");
}

TEST_IN(an_empty_pool_does_not_cut_what_is_lost)
{
	struct atcp_range *r;

	self->c.pool = 0;
	conn_refill(&self->c);
	atcp_sendmap_all_lost(TCB);
	r = atcp_sendmap_next_lost(TCB, 300);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(OURS(1000), r->end);
}

/*
 * Any order of events against a map of single octets: the sums are those of
 * the octets, and so is what is acknowledged.
 */
enum {
	FLYING,
	LOST,
	AGAIN,
	HELD
};

static void naive_sums(const u8 *octet, u32 from, u32 to, u32 *sums)
{
	memset(sums, 0, 4 * sizeof(*sums));
	for (; from < to; from++)
		sums[octet[from]]++;
}

static void random_sack(struct conn *c, u8 *octet, u32 una)
{
	struct atcp_segment seg = { 0 };
	struct atcp_acked acked = { 0 };
	unsigned int i;

	seg.nr_sacks = 1 + rand() % 4;
	for (i = 0; i < seg.nr_sacks; i++) {
		u32 from = una + 1 + rand() % (10 * MSS - una);
		u32 to = from + rand() % 2500, n;

		seg.sacks[i].start = OURS(from);
		seg.sacks[i].end = OURS(to);
		for (n = from; to <= 10 * MSS && n < to; n++)
			octet[n] = HELD;
	}
	atcp_sendmap_sack(&c->tcb, &seg, c->now, &acked);
}

static void random_loss(struct conn *c, u8 *octet)
{
	struct atcp_range *r = atcp_range_first(&c->tcb.sendmap);
	u32 n;

	for (; r; r = atcp_range_next(r)) {
		if (rand() % 4 || r->flags & ATCP_RANGE_SACKED)
			continue;
		atcp_sendmap_mark_lost(&c->tcb, r);
		for (n = r->seq - OURS(0); n < r->end - OURS(0); n++)
			octet[n] = LOST;
	}
}

static void random_resend(struct conn *c, u8 *octet)
{
	struct atcp_range *r =
		atcp_sendmap_next_lost(&c->tcb, 1 + rand() % 1500);
	u32 n;

	if (!r)
		return;
	atcp_sendmap_resent(&c->tcb, r, c->now);
	for (n = r->seq - OURS(0); n < r->end - OURS(0); n++)
		octet[n] = AGAIN;
}

TEST_IN(random_events_agree_with_single_octets)
{
	struct atcp_acked acked = { 0 };
	u8 octet[10 * MSS];
	u32 sums[4], una = 0;
	unsigned int i;

	srand(4);
	memset(octet, FLYING, sizeof(octet));
	for (i = 0; i < 3000 && una < 10 * MSS - 100; i++) {
		conn_refill(&self->c);
		switch (rand() % 8) {
		case 0:
			una += rand() % 20;
			if (OURS(una) != TCB->snd_una)
				atcp_sendmap_ack(TCB, OURS(una), self->c.now,
						 &acked);
			break;
		case 1:
			random_loss(&self->c, octet);
			break;
		case 2:
			random_sack(&self->c, octet, una);
			break;
		default:
			random_resend(&self->c, octet);
		}
		conn_verify(_metadata, __LINE__, &self->c);
		naive_sums(octet, una, 10 * MSS, sums);
		ASSERT_EQ(sums[HELD], TCB->sacked);
		ASSERT_EQ(sums[LOST] + sums[AGAIN], TCB->lost);
		ASSERT_EQ(sums[AGAIN], TCB->retrans);
		ASSERT_EQ(sums[FLYING] + sums[AGAIN], PIPE);
	}
	EXPECT_GT(i, 1000U);
}

/* SACK is advisory: what there is no record to cut for stays unmarked. */
TEST_IN(a_block_that_cannot_be_cut_marks_what_it_covers)
{
	self->c.pool = 0;
	SACK(BLOCK(1500, 4500));
	EXPECT_EQ(2 * MSS, TCB->sacked);
	EXPECT_EQ(2 * MSS, self->acked.octets);
	self->c.pool = 1;
	SACK(BLOCK(1500, 4500));
	EXPECT_EQ(2 * MSS + 500, TCB->sacked);
	SACK(BLOCK(1500, 4500));
	EXPECT_EQ(3 * MSS, TCB->sacked);
}

/* A peer that SACKs every second octet makes two ranges with each block, up to
 * ATCP_RANGES_MAX; whole ranges are still heard of then.
 */
TEST_IN(blocks_of_one_octet_are_bounded)
{
	u32 i;

	for (i = 0; i < 4000; i += 2)
		SACK(BLOCK(1 + 2 * i, 2 + 2 * i), BLOCK(3 + 2 * i, 4 + 2 * i));
	EXPECT_EQ(ATCP_RANGES_MAX, TCB->nr_ranges);
	EXPECT_GT(TCB->sacked, ATCP_RANGES_MAX / 2 - 20);
	EXPECT_LT(TCB->sacked, ATCP_RANGES_MAX / 2);
	self->acked.octets = 0;
	SACK(BLOCK(8999, 9999));
	EXPECT_EQ(0U, self->acked.octets);
	SACK(BLOCK(8999, 10000));
	EXPECT_EQ(MSS, self->acked.octets);
	/* What is acknowledged makes room for others. */
	ACK(1000);
	EXPECT_LT(TCB->nr_ranges, ATCP_RANGES_MAX - 900);
	SACK(BLOCK(7000, 7500));
	/* Every other octet of these had been SACKed. */
	EXPECT_EQ(MSS + 1000 / 2 + 500, self->acked.octets);
	ACK(10000);
	EXPECT_EQ(0U, TCB->nr_ranges);
}

/* From wherever the search for what is lost starts, it misses none. */
TEST_IN(the_lowest_lost_range_is_found)
{
	struct atcp_range *r, *other;

	r = atcp_range_find(&TCB->sendmap, OURS(5000));
	atcp_sendmap_mark_lost(TCB, r);
	EXPECT_EQ(r, atcp_sendmap_next_lost(TCB, MSS));
	atcp_sendmap_resent(TCB, r, self->c.now);
	EXPECT_EQ(NULL, atcp_sendmap_next_lost(TCB, MSS));
	other = atcp_range_find(&TCB->sendmap, OURS(7000));
	atcp_sendmap_mark_lost(TCB, other);
	atcp_sendmap_mark_lost(TCB, atcp_range_find(&TCB->sendmap, OURS(8000)));
	EXPECT_EQ(other, atcp_sendmap_next_lost(TCB, MSS));
	other = atcp_range_find(&TCB->sendmap, OURS(2000));
	atcp_sendmap_mark_lost(TCB, other);
	EXPECT_EQ(other, atcp_sendmap_next_lost(TCB, MSS));
	atcp_sendmap_resent(TCB, other, self->c.now);
	/* Lost again. */
	atcp_sendmap_mark_lost(TCB, other);
	EXPECT_EQ(other, atcp_sendmap_next_lost(TCB, MSS));
	/* What is acknowledged is not looked at. */
	ACK(2500);
	EXPECT_EQ(OURS(2500), atcp_sendmap_next_lost(TCB, MSS)->seq);
	ACK(7500);
	EXPECT_EQ(OURS(7500), atcp_sendmap_next_lost(TCB, MSS)->seq);
}

/* RFC 9293 section 3.8.6.2: what SACK has cut small is not sent again small. */
TEST_IN(small_pieces_are_sent_again_together)
{
	struct atcp_range *r;
	unsigned int n;

	for (n = 2; n < 900; n += 2)
		SACK(BLOCK(n, n + 1));
	/* The receiver has taken all of it back. */
	ACK(2);
	atcp_sendmap_all_lost(TCB);
	r = atcp_sendmap_next_lost(TCB, MSS);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(OURS(2), r->seq);
	EXPECT_EQ(OURS(1000), r->end);
	EXPECT_MAP("l998 9xl1000");
	/* Not with what has gone again already, or is SACKed. */
	atcp_sendmap_resent(TCB, r, self->c.now);
	EXPECT_EQ(OURS(1000), atcp_sendmap_next_lost(TCB, MSS)->seq);
	EXPECT_MAP("lr998 9xl1000");
}

/* Crumbs of what went as one go again as one: what is lost alike, in one
 * segment's length and inside the window.
 */
TEST_IN(what_is_lost_together_is_joined)
{
	struct atcp_range *r = atcp_range_first(&TCB->sendmap);
	unsigned int i;

	for (i = 1; i < 10; i++)
		r = atcp_sendmap_split(TCB, r, OURS(100 * i));
	r = atcp_range_first(&TCB->sendmap);
	r->sends = 1;
	for (i = 0; i < 10; i++, r = atcp_range_next(r))
		if (i != 7)
			atcp_sendmap_mark_lost(TCB, r);
	atcp_range_find(&TCB->sendmap, OURS(300))->sends = 5;
	EXPECT_EQ(19U, TCB->nr_ranges);
	/* Three fit, */
	r = atcp_sendmap_next_lost(TCB, 399);
	EXPECT_EQ(OURS(0), r->seq);
	EXPECT_EQ(OURS(300), r->end);
	EXPECT_EQ(1, r->sends);
	EXPECT_EQ(17U, TCB->nr_ranges);
	conn_verify(_metadata, __LINE__, &self->c);
	/* then four, */
	r = atcp_sendmap_next_lost(TCB, 400);
	EXPECT_EQ(OURS(400), r->end);
	EXPECT_EQ(5, r->sends);
	atcp_sendmap_resent(TCB, r, self->c.now);
	/* then what lies inside the window, */
	TCB->snd_wnd = 600;
	r = atcp_sendmap_next_lost(TCB, MSS);
	EXPECT_EQ(OURS(400), r->seq);
	EXPECT_EQ(OURS(600), r->end);
	/* then what is lost. */
	TCB->snd_wnd = PEER_WND;
	r = atcp_sendmap_next_lost(TCB, MSS);
	EXPECT_EQ(OURS(700), r->end);
	atcp_sendmap_resent(TCB, r, self->c.now);
	r = atcp_sendmap_next_lost(TCB, MSS);
	EXPECT_EQ(OURS(800), r->seq);
	EXPECT_EQ(OURS(1000), r->end);
	EXPECT_EQ(900U, TCB->lost);
	EXPECT_EQ(200U, TCB->to_resend);
}

UNIT_MAIN
