// SPDX-License-Identifier: GPL-2.0
/* What recovery sends when nothing is known to be lost: RFC 6675 NextSeg(). */
#include "unit.h"
#include "conn.h"
#include "recovery.h"

/* So many segments in flight, and no more to send. */
static void in_flight(struct __test_metadata *_metadata, struct conn *c,
		      unsigned int segments, u8 options)
{
	CONN_WITH(c, ATCP_ESTABLISHED, .options = options, .wnd = 60000);
	c->tcb.cwnd = segments * MSS;
	SEND(c, segments * MSS);
	DRAIN(c);
	EXPECT_EQ(OURS(segments * MSS), c->tcb.snd_nxt);
}

/* The peer holds segments [from, to) above segment @acked. */
#define SACKED(c, acked, from, to)                                             \
	ARRIVES(c, .ack = OURS((acked)*MSS), .options = ATCP_OPT_SACK,         \
		.nr_sacks = 1,                                                 \
		.sacks = { { OURS((from)*MSS), OURS((to)*MSS) } })

/* The last one ends with what the user has sent. */
#define EXPECT_SEGMENT(c, n)                                                   \
	EXPECT_SENDS(c, .seq = OURS((n)*MSS), .len = MSS,                      \
		     .flags = OURS((n)*MSS + MSS) == (c)->tcb.write_seq ?      \
				      ATCP_ACK | ATCP_PSH :                    \
				      ATCP_ACK)

/* Of ten segments the first is lost, and 5: two above it do not make it lost
 * by IsLost(), but there is nothing better to send.
 */
static void two_holes(struct __test_metadata *_metadata, struct conn *c)
{
	in_flight(_metadata, c, 10, ATCP_OPT_SACK_OK);
	SACKED(c, 0, 1, 4);
	EXPECT_EQ(ATCP_RECOVERY_FAST, c->tcb.recovery);
	EXPECT_EQ(5 * MSS, c->tcb.cwnd);
	EXPECT_SEGMENT(c, 0);
	EXPECT_SILENCE(c);
	SACKED(c, 0, 1, 5);
	EXPECT_SILENCE(c);
	SACKED(c, 0, 6, 7);
	EXPECT_EQ(5 * MSS, atcp_pipe(&c->tcb));
	EXPECT_SILENCE(c);
	SACKED(c, 0, 6, 8);
	EXPECT_EQ(4 * MSS, atcp_pipe(&c->tcb));
	EXPECT_EQ(MSS, c->tcb.lost);
}

/* Rule 3. SetPipe() counts it twice as long as it is not known to be lost, so
 * that room in cwnd lets one go and not all of them.
 */
TEST(a_hole_that_is_not_known_to_be_lost)
{
	struct conn c;

	two_holes(_metadata, &c);
	EXPECT_SEGMENT(&c, 5);
	EXPECT_TRUE(c.out.again);
	EXPECT_SILENCE(&c);
	EXPECT_EQ(5 * MSS, atcp_pipe(&c.tcb));
	/* Known later, it was sent again already (1.a, HighRxt). */
	SACKED(&c, 0, 6, 9);
	EXPECT_EQ(2 * MSS, c.tcb.lost);
	EXPECT_EQ(3 * MSS, atcp_pipe(&c.tcb));
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(10 * MSS));
	EXPECT_EQ(ATCP_RECOVERY_NONE, c.tcb.recovery);
	EXPECT_DEADLINE(&c, 0);
	conn_free(&c);
}

/* Karn: an answer to it measures nothing. */
TEST(its_answer_is_no_measurement)
{
	struct conn c;
	u32 srtt;

	two_holes(_metadata, &c);
	EXPECT_SEGMENT(&c, 5);
	srtt = c.tcb.srtt_us;
	c.now += MS(30);
	SACKED(&c, 1, 5, 6);
	EXPECT_EQ(srtt, c.tcb.srtt_us);
	conn_free(&c);
}

/* Rule 4: once, and not before the first retransmission was acknowledged. */
TEST(a_rescue)
{
	struct conn c;

	two_holes(_metadata, &c);
	EXPECT_SEGMENT(&c, 5);
	SACKED(&c, 0, 6, 9);
	EXPECT_SILENCE(&c);
	/* Up to the first retransmission's end is not beyond it. */
	ARRIVES(&c, .ack = OURS(MSS));
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(5 * MSS));
	EXPECT_EQ(ATCP_RECOVERY_FAST, c.tcb.recovery);
	EXPECT_SEGMENT(&c, 9);
	EXPECT_TRUE(c.out.again);
	EXPECT_SILENCE(&c);
	/* It is not one of those that are in the pipe twice, nor HighRxt. */
	EXPECT_EQ(2 * MSS, atcp_pipe(&c.tcb));
	ARRIVES(&c, .ack = OURS(6 * MSS));
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(10 * MSS));
	EXPECT_EQ(ATCP_RECOVERY_NONE, c.tcb.recovery);
	conn_free(&c);
}

/* RFC 6675 appendix: with the tail lost, it saves the time-out. */
TEST(a_rescue_finds_a_lost_tail)
{
	struct conn c;

	in_flight(_metadata, &c, 10, ATCP_OPT_SACK_OK);
	SACKED(&c, 0, 1, 4);
	EXPECT_SEGMENT(&c, 0);
	SACKED(&c, 0, 1, 7);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(7 * MSS));
	EXPECT_SEGMENT(&c, 9);
	EXPECT_SILENCE(&c);
	/* Its SACK tells of the holes before it, by rule 3 one after another. */
	SACKED(&c, 7, 9, 10);
	EXPECT_SEGMENT(&c, 7);
	EXPECT_SEGMENT(&c, 8);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(10 * MSS));
	EXPECT_DEADLINE(&c, 0);
	conn_free(&c);
}

/* Rule 2 goes before: new data, if the window allows. */
TEST(new_data_goes_first)
{
	struct conn c;

	two_holes(_metadata, &c);
	SEND(&c, MSS);
	EXPECT_SEGMENT(&c, 10);
	EXPECT_SILENCE(&c);
	conn_free(&c);

	two_holes(_metadata, &c);
	SEND(&c, MSS);
	ARRIVES(&c, .ack = OURS(0), .wnd = 10 * MSS);
	EXPECT_SEGMENT(&c, 5);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* Nothing of it beyond the peer's window, should that have shrunk. */
TEST(not_beyond_the_window)
{
	struct conn c;

	two_holes(_metadata, &c);
	ARRIVES(&c, .ack = OURS(0), .wnd = 10 * MSS - 1);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(0), .wnd = 0);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* (C): room for a whole segment. */
TEST(not_without_room)
{
	struct conn c;

	two_holes(_metadata, &c);
	c.tcb.cwnd = 5 * MSS - 1;
	EXPECT_SILENCE(&c);
	c.tcb.cwnd = 5 * MSS;
	EXPECT_SEGMENT(&c, 5);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* After a time-out all is lost, and without SACK nothing of it is known. */
TEST(only_in_fast_recovery_with_sack)
{
	struct conn c;
	unsigned int i;

	in_flight(_metadata, &c, 10, ATCP_OPT_SACK_OK);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_SEGMENT(&c, 0);
	c.tcb.cwnd = 20 * MSS;
	for (i = 1; i < 10; i++)
		EXPECT_SEGMENT(&c, i);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(5 * MSS));
	EXPECT_SILENCE(&c);
	conn_free(&c);

	in_flight(_metadata, &c, 10, 0);
	for (i = 0; i < 3; i++)
		ARRIVES(&c, .ack = OURS(0));
	EXPECT_SEGMENT(&c, 0);
	c.tcb.cwnd = 20 * MSS;
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(2 * MSS));
	EXPECT_SEGMENT(&c, 2);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* Only a segment's worth of a burst goes: the first octets by rule 3, the last
 * by rule 4. Without a record to cut with, none does.
 */
TEST(a_burst_is_cut)
{
	struct conn c;
	u8 pool;

	for (pool = 0; pool <= 1; pool++) {
		CONN_WITH(&c, ATCP_ESTABLISHED, .options = ATCP_OPT_SACK_OK,
			  .wnd = 60000);
		atcp_tcb_burst(&c.tcb, 4 * MSS);
		c.tcb.cwnd = 20 * MSS;
		SEND(&c, 14 * MSS);
		DRAIN(&c);
		EXPECT_EQ(4U, c.tcb.nr_ranges);
		/* Segments 0 to 3, 4 to 7, 8 to 11, 12 and 13: 0 is lost. */
		SACKED(&c, 0, 1, 4);
		EXPECT_SEGMENT(&c, 0);
		SACKED(&c, 0, 8, 10);
		EXPECT_EQ(9 * MSS, atcp_pipe(&c.tcb));
		c.tcb.cwnd = 10 * MSS;
		c.pool = pool;
		if (pool)
			EXPECT_SEGMENT(&c, 4);
		EXPECT_SILENCE(&c);
		c.tcb.cwnd = 9 * MSS;
		ARRIVES(&c, .ack = OURS(8 * MSS));
		c.tcb.cwnd = 20 * MSS;
		if (pool)
			EXPECT_SEGMENT(&c, 13);
		EXPECT_SILENCE(&c);
		conn_free(&c);
	}
}

/* What the last resort of one recovery sent may be lost in the next. */
TEST(it_is_forgotten_with_the_recovery)
{
	struct conn c;

	in_flight(_metadata, &c, 12, ATCP_OPT_SACK_OK);
	SACKED(&c, 0, 1, 4);
	EXPECT_SEGMENT(&c, 0);
	SEND(&c, 2 * MSS);
	SACKED(&c, 0, 1, 9);
	EXPECT_SEGMENT(&c, 12);
	EXPECT_SEGMENT(&c, 13);
	EXPECT_SILENCE(&c);
	EXPECT_EQ(OURS(12 * MSS), c.tcb.recover);
	SACKED(&c, 0, 9, 12);
	EXPECT_SILENCE(&c);
	SACKED(&c, 0, 13, 14);
	EXPECT_SEGMENT(&c, 12);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(12 * MSS));
	EXPECT_EQ(ATCP_RECOVERY_NONE, c.tcb.recovery);
	EXPECT_EQ(0U, c.tcb.retrans);
	c.tcb.cwnd = 10 * MSS;
	SEND(&c, 4 * MSS);
	DRAIN(&c);
	SACKED(&c, 12, 13, 16);
	EXPECT_EQ(ATCP_RECOVERY_FAST, c.tcb.recovery);
	EXPECT_SEGMENT(&c, 12);
	conn_free(&c);
}

/* All is held by the peer and nothing acknowledged: there is no tail. */
TEST(nothing_is_left_to_rescue)
{
	struct conn c;

	in_flight(_metadata, &c, 10, ATCP_OPT_SACK_OK);
	SACKED(&c, 0, 1, 10);
	EXPECT_SEGMENT(&c, 0);
	ARRIVES(&c, .ack = OURS(MSS + 10));
	SACKED(&c, 0, 0, 1);
	EXPECT_EQ(9 * MSS - 10, c.tcb.sacked);
	EXPECT_EQ(ATCP_RECOVERY_FAST, c.tcb.recovery);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

UNIT_MAIN
