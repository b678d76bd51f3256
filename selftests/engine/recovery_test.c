// SPDX-License-Identifier: GPL-2.0
/* Loss detection and recovery: RFC 5681, RFC 6582 (NewReno), RFC 6675 (SACK). */
#include "unit.h"
#include "conn.h"
#include "congestion.h"
#include "recovery.h"

/* A connection with ten segments in flight and a lot more to send. */
static void ten_in_flight(struct __test_metadata *_metadata, struct conn *c,
			  u8 options)
{
	unsigned int i;

	CONN_WITH(c, ATCP_ESTABLISHED, .options = options, .wnd = 60000);
	SEND(c, 50 * MSS);
	for (i = 0; i < 10; i++)
		EXPECT_SENDS(c, .seq = OURS(i * MSS), .len = MSS);
	EXPECT_SILENCE(c);
	c->now += MS(50);
}

static void without_sack(struct __test_metadata *_metadata, struct conn *c)
{
	ten_in_flight(_metadata, c, 0);
}

static void with_sack(struct __test_metadata *_metadata, struct conn *c)
{
	ten_in_flight(_metadata, c, ATCP_OPT_SACK_OK);
}

/* An ACK with one SACK block, of segments. */
#define SACKED(c, acked, from, to)                                             \
	ARRIVES(c, .ack = OURS((acked)*MSS), .options = ATCP_OPT_SACK,         \
		.nr_sacks = 1,                                                 \
		.sacks = { { OURS((from)*MSS), OURS((to)*MSS) } })

#define EXPECT_SEGMENT(c, n) EXPECT_SENDS(c, .seq = OURS((n)*MSS), .len = MSS)

/* RFC 5681 3.1: MUST-19, slow start: cwnd grows by what is acknowledged. */
TEST(slow_start)
{
	struct conn c;

	without_sack(_metadata, &c);
	EXPECT_EQ(10 * MSS, c.tcb.cwnd);
	ARRIVES(&c, .ack = OURS(2 * MSS));
	EXPECT_EQ(12 * MSS, c.tcb.cwnd);
	EXPECT_SEGMENT(&c, 10);
	EXPECT_SEGMENT(&c, 11);
	EXPECT_SEGMENT(&c, 12);
	EXPECT_SEGMENT(&c, 13);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* Then congestion avoidance: one segment for each window acknowledged. */
TEST(congestion_avoidance)
{
	struct conn c;
	unsigned int i;

	without_sack(_metadata, &c);
	c.tcb.ssthresh = 10 * MSS;
	for (i = 1; i <= 9; i++) {
		ARRIVES(&c, .ack = OURS(i * MSS));
		EXPECT_EQ(10 * MSS, c.tcb.cwnd);
		EXPECT_SEGMENT(&c, 9 + i);
		EXPECT_SILENCE(&c);
	}
	ARRIVES(&c, .ack = OURS(10 * MSS));
	EXPECT_EQ(11 * MSS, c.tcb.cwnd);
	conn_free(&c);
}

/* Whatever is acknowledged beyond a window counts for the next. */
TEST(congestion_avoidance_keeps_the_rest)
{
	struct conn c;

	without_sack(_metadata, &c);
	c.tcb.ssthresh = 10 * MSS;
	ARRIVES(&c, .ack = OURS(6 * MSS));
	DRAIN(&c);
	ARRIVES(&c, .ack = OURS(12 * MSS));
	EXPECT_EQ(11 * MSS, c.tcb.cwnd);
	DRAIN(&c);
	ARRIVES(&c, .ack = OURS(20 * MSS));
	EXPECT_EQ(11 * MSS, c.tcb.cwnd);
	DRAIN(&c);
	ARRIVES(&c, .ack = OURS(21 * MSS));
	EXPECT_EQ(12 * MSS, c.tcb.cwnd);
	conn_free(&c);
}

/* What was acknowledged before a loss does not count for the window after it. */
static void after_a_loss(struct __test_metadata *_metadata, struct conn *c)
{
	u32 at;

	EXPECT_EQ(ATCP_RECOVERY_NONE, c->tcb.recovery);
	c->tcb.cwnd = c->tcb.ssthresh;
	DRAIN(c);
	EXPECT_TRUE(c->tcb.cwnd_limited);
	at = c->tcb.snd_una;
	ARRIVES(c, .ack = at + c->tcb.cwnd - MSS);
	EXPECT_EQ(c->tcb.ssthresh, c->tcb.cwnd);
	DRAIN(c);
	ARRIVES(c, .ack = at + c->tcb.cwnd);
	EXPECT_EQ(c->tcb.ssthresh + MSS, c->tcb.cwnd);
}

static void almost_grown(struct __test_metadata *_metadata, struct conn *c)
{
	without_sack(_metadata, c);
	c->tcb.ssthresh = 10 * MSS;
	ARRIVES(c, .ack = OURS(9 * MSS));
	EXPECT_EQ(10 * MSS, c->tcb.cwnd);
	DRAIN(c);
}

TEST(congestion_avoidance_starts_anew_after_fast_recovery)
{
	struct conn c;
	unsigned int i;

	almost_grown(_metadata, &c);
	for (i = 0; i < 3; i++)
		ARRIVES(&c, .ack = OURS(9 * MSS));
	EXPECT_SEGMENT(&c, 9);
	EXPECT_EQ(ATCP_RECOVERY_FAST, c.tcb.recovery);
	ARRIVES(&c, .ack = c.tcb.snd_nxt);
	after_a_loss(_metadata, &c);
	conn_free(&c);
}

TEST(congestion_avoidance_starts_anew_after_a_time_out)
{
	struct conn c;

	almost_grown(_metadata, &c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_SEGMENT(&c, 9);
	/* All in one go, of which none was sent under the new window. */
	c.tcb.cwnd_limited = false;
	ARRIVES(&c, .ack = c.tcb.snd_nxt);
	after_a_loss(_metadata, &c);
	conn_free(&c);
}

/* The window of a sender that has nothing to send stays what it was. */
TEST(cwnd_grows_only_if_it_was_the_limit)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	SEND(&c, 3 * MSS);
	DRAIN(&c);
	ARRIVES(&c, .ack = OURS(3 * MSS));
	EXPECT_EQ(10 * MSS, c.tcb.cwnd);
	conn_free(&c);
}

/* RFC 5681 3.2, RFC 6582 3.2: the third duplicate sends the segment again. */
TEST(three_duplicate_acks)
{
	struct conn c;

	without_sack(_metadata, &c);
	/* RFC 3042: the first two let one new segment each go. */
	ARRIVES(&c, .ack = OURS(0));
	EXPECT_SEGMENT(&c, 10);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(0));
	EXPECT_SEGMENT(&c, 11);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(0));
	EXPECT_SEGMENT(&c, 0);
	EXPECT_SILENCE(&c);
	EXPECT_EQ(ATCP_RECOVERY_FAST, c.tcb.recovery);
	/* FlightSize was twelve segments. */
	EXPECT_EQ(6 * MSS, c.tcb.ssthresh);
	EXPECT_EQ(OURS(12 * MSS), c.tcb.recover);
	conn_free(&c);
}

/* A full acknowledgment ends it, with cwnd at ssthresh or below. */
TEST(a_full_acknowledgment_ends_it)
{
	struct conn c;
	unsigned int i;

	without_sack(_metadata, &c);
	for (i = 0; i < 9; i++) {
		ARRIVES(&c, .ack = OURS(0));
		DRAIN(&c);
	}
	ARRIVES(&c, .ack = c.tcb.snd_nxt);
	EXPECT_EQ(ATCP_RECOVERY_NONE, c.tcb.recovery);
	EXPECT_EQ(0U, c.tcb.sacked);
	/* RFC 6582 3.2 (3), first option: nothing is in flight, no burst. */
	EXPECT_EQ(2 * MSS, c.tcb.cwnd);
	EXPECT_GT(c.tcb.ssthresh, 2 * MSS);
	conn_free(&c);
}

/* A partial one tells what else is lost: segments 0 and 4 here. */
TEST(a_partial_acknowledgment_sends_the_next_hole)
{
	struct conn c;
	unsigned int i;

	without_sack(_metadata, &c);
	for (i = 0; i < 3; i++)
		ARRIVES(&c, .ack = OURS(0));
	EXPECT_SEGMENT(&c, 0);
	for (; i < 8; i++)
		ARRIVES(&c, .ack = OURS(0));
	DRAIN(&c);
	ARRIVES(&c, .ack = OURS(4 * MSS));
	EXPECT_EQ(ATCP_RECOVERY_FAST, c.tcb.recovery);
	EXPECT_SEGMENT(&c, 4);
	DRAIN(&c);
	ARRIVES(&c, .ack = c.tcb.recover);
	EXPECT_EQ(ATCP_RECOVERY_NONE, c.tcb.recovery);
	conn_free(&c);
}

/* RFC 6582 3.2 step 2, 4.1: duplicates of what a time-out sent again. */
TEST(no_fast_retransmit_for_a_time_outs_duplicates)
{
	struct conn c;
	unsigned int i;

	without_sack(_metadata, &c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_SEGMENT(&c, 0);
	/* All had arrived but the ACKs; what is sent again brings duplicates. */
	ARRIVES(&c, .ack = OURS(10 * MSS));
	DRAIN(&c);
	for (i = 0; i < 5; i++) {
		ARRIVES(&c, .ack = OURS(10 * MSS));
		DRAIN(&c);
	}
	EXPECT_EQ(ATCP_RECOVERY_NONE, c.tcb.recovery);
	conn_free(&c);
}

/* But 2 GiB later, recover is no sequence number of the future. */
TEST(fast_retransmit_does_not_end_after_2_gib)
{
	struct conn c;
	unsigned int i;

	without_sack(_metadata, &c);
	c.tcb.recover = c.tcb.snd_una - 0x80001000;
	for (i = 0; i < 3; i++)
		ARRIVES(&c, .ack = OURS(0));
	EXPECT_SEGMENT(&c, 0);
	EXPECT_EQ(ATCP_RECOVERY_FAST, c.tcb.recovery);
	conn_free(&c);
}

/* RFC 5681 section 2: what a duplicate ACK is. */
TEST(what_is_no_duplicate_ack)
{
	struct conn c;
	unsigned int i;

	without_sack(_metadata, &c);
	for (i = 0; i < 5; i++) {
		ARRIVES(&c, .ack = OURS(0), .len = 10);
		ARRIVES(&c, .ack = OURS(0), .wnd = 50000 + i);
		ARRIVES(&c, .ack = OURS(-1));
	}
	EXPECT_EQ(0, c.tcb.dup_acks);
	EXPECT_EQ(ATCP_RECOVERY_NONE, c.tcb.recovery);
	conn_free(&c);
	/* Nor is one that comes with nothing in flight. */
	CONN(&c, ATCP_ESTABLISHED);
	for (i = 0; i < 5; i++)
		ARRIVES(&c, .ack = OURS(0));
	EXPECT_EQ(0, c.tcb.dup_acks);
	conn_free(&c);
}

/* RFC 6675 section 5: segments 0, 1 and 5 are lost. */
TEST(sack_tells_all_holes)
{
	struct conn c;

	with_sack(_metadata, &c);
	SACKED(&c, 0, 2, 3);
	EXPECT_SEGMENT(&c, 10);
	EXPECT_SILENCE(&c);
	SACKED(&c, 0, 2, 4);
	EXPECT_SEGMENT(&c, 11);
	EXPECT_SILENCE(&c);
	SACKED(&c, 0, 2, 5);
	EXPECT_EQ(ATCP_RECOVERY_FAST, c.tcb.recovery);
	EXPECT_EQ(6 * MSS, c.tcb.cwnd);
	EXPECT_EQ(OURS(12 * MSS), c.tcb.recover);
	/* Pipe is 7 segments of 12, of which one goes again at once. */
	EXPECT_EQ(7 * MSS, atcp_pipe(&c.tcb));
	EXPECT_SEGMENT(&c, 0);
	EXPECT_SILENCE(&c);
	SACKED(&c, 0, 6, 8);
	EXPECT_SILENCE(&c);
	SACKED(&c, 0, 6, 9);
	EXPECT_EQ(3 * MSS, c.tcb.lost);
	EXPECT_SEGMENT(&c, 1);
	EXPECT_SEGMENT(&c, 5);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* RFC 6675 section 5 (2): DupThresh is also reached by segments that are too
 * small for IsLost() to count.
 */
TEST(three_small_segments_sacked)
{
	struct conn c;
	unsigned int i;

	CONN_WITH(&c, ATCP_ESTABLISHED, .options = ATCP_OPT_SACK_OK);
	c.tcb.use |= ATCP_NODELAY;
	for (i = 0; i < 4; i++) {
		SEND(&c, 10);
		EXPECT_SENDS(&c, .seq = OURS(10 * i), .len = 10,
			     .flags = ATCP_ACK | ATCP_PSH);
	}
	for (i = 1; i <= 3; i++) {
		EXPECT_SILENCE(&c);
		ARRIVES(&c, .ack = OURS(0), .options = ATCP_OPT_SACK,
			.nr_sacks = 1,
			.sacks = { { OURS(10), OURS(10 + 10 * i) } });
	}
	EXPECT_SENDS(&c, .seq = OURS(0), .len = 10);
	EXPECT_SILENCE(&c);
	EXPECT_EQ(ATCP_RECOVERY_FAST, c.tcb.recovery);
	ARRIVES(&c, .ack = OURS(40));
	EXPECT_EQ(ATCP_RECOVERY_NONE, c.tcb.recovery);
	EXPECT_DEADLINE(&c, 0);
	conn_free(&c);
}

/* A duplicate without news, as a window probe brings, is none for SACK. */
TEST(a_duplicate_without_sack_block_is_no_news)
{
	struct conn c;
	unsigned int i;

	with_sack(_metadata, &c);
	for (i = 0; i < 5; i++)
		ARRIVES(&c, .ack = OURS(0));
	for (i = 0; i < 5; i++)
		SACKED(&c, 0, 5, 6);
	EXPECT_EQ(ATCP_RECOVERY_NONE, c.tcb.recovery);
	conn_free(&c);
}

/* RFC 5681 3.1: the loss window, and slow start up to half the flight. */
TEST(a_time_out)
{
	struct conn c;

	with_sack(_metadata, &c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_EQ(ATCP_RECOVERY_TIMEOUT, c.tcb.recovery);
	EXPECT_EQ(MSS, c.tcb.cwnd);
	EXPECT_EQ(5 * MSS, c.tcb.ssthresh);
	EXPECT_SEGMENT(&c, 0);
	EXPECT_SILENCE(&c);
	c.now += MS(50);
	ARRIVES(&c, .ack = OURS(MSS));
	EXPECT_EQ(2 * MSS, c.tcb.cwnd);
	EXPECT_SEGMENT(&c, 1);
	EXPECT_SEGMENT(&c, 2);
	EXPECT_SILENCE(&c);
	/* All that was lost is there: new data. */
	ARRIVES(&c, .ack = OURS(10 * MSS));
	EXPECT_EQ(ATCP_RECOVERY_NONE, c.tcb.recovery);
	EXPECT_SEGMENT(&c, 10);
	conn_free(&c);
}

/* RFC 5681 (4): ssthresh falls once for a loss, however often it times out. */
TEST(a_second_time_out_leaves_ssthresh)
{
	struct conn c;

	without_sack(_metadata, &c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	DRAIN(&c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_SEGMENT(&c, 0);
	EXPECT_SILENCE(&c);
	EXPECT_EQ(5 * MSS, c.tcb.ssthresh);
	EXPECT_EQ(MSS, c.tcb.cwnd);
	conn_free(&c);
}

/* What the receiver holds is not sent again after a time-out. */
TEST(a_time_out_spares_what_is_sacked)
{
	struct conn c;

	with_sack(_metadata, &c);
	SACKED(&c, 0, 1, 3);
	DRAIN(&c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_SEGMENT(&c, 0);
	EXPECT_SILENCE(&c);
	ARRIVES(&c, .ack = OURS(3 * MSS));
	EXPECT_SEGMENT(&c, 3);
	conn_free(&c);
}

/* RFC 5681 3.1: cwnd grows by what was not acknowledged before. Eight segments
 * that SACK reported were not lost; an ACK of them and of the first, which was
 * sent again, is news of one.
 */
TEST(what_sack_reported_does_not_open_the_window_once_more)
{
	struct conn c;

	with_sack(_metadata, &c);
	SACKED(&c, 0, 2, 10);
	DRAIN(&c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_EQ(MSS, c.tcb.cwnd);
	EXPECT_SEGMENT(&c, 0);
	ARRIVES(&c, .ack = OURS(1 * MSS), .options = ATCP_OPT_SACK,
		.nr_sacks = 1, .sacks = { { OURS(2 * MSS), OURS(10 * MSS) } });
	EXPECT_EQ(2 * MSS, c.tcb.cwnd);
	EXPECT_SEGMENT(&c, 1);
	DRAIN(&c);
	ARRIVES(&c, .ack = OURS(10 * MSS));
	EXPECT_EQ(3 * MSS, c.tcb.cwnd);
	conn_free(&c);
}

/* The head, SACKed and not acknowledged: the receiver took it back. */
TEST(a_time_out_does_not_believe_a_receiver_that_reneges)
{
	struct conn c;

	with_sack(_metadata, &c);
	SACKED(&c, 0, 1, 3);
	DRAIN(&c);
	ARRIVES(&c, .ack = OURS(MSS));
	DRAIN(&c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_SEGMENT(&c, 1);
	EXPECT_EQ(0U, c.tcb.sacked);
	conn_free(&c);
}

/* In a closed window as well. */
TEST(nor_does_a_probe)
{
	struct conn c;

	with_sack(_metadata, &c);
	SACKED(&c, 0, 1, 3);
	DRAIN(&c);
	ARRIVES(&c, .ack = OURS(MSS), .wnd = 0);
	EXPECT_SILENCE(&c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_SENDS(&c, .seq = OURS(MSS), .len = 1);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* Duplicates before the window closed are not counted twice after it. */
TEST(a_window_that_closes_upon_duplicates)
{
	struct conn c;
	unsigned int i;

	without_sack(_metadata, &c);
	for (i = 0; i < 2; i++)
		ARRIVES(&c, .ack = OURS(0));
	for (i = 0; i < 20; i++)
		ARRIVES(&c, .ack = OURS(0));
	DRAIN(&c);
	ARRIVES(&c, .ack = OURS(0), .wnd = 0);
	for (i = 0; i < 3; i++) {
		TIMEOUT(&c, atcp_deadline(&c.tcb));
		EXPECT_SENDS(&c, .seq = OURS(0), .len = 1);
		EXPECT_SILENCE(&c);
	}
	ARRIVES(&c, .ack = OURS(0), .wnd = 20000);
	DRAIN(&c);
	conn_free(&c);
}

/* MUST-35, SHLD-17: a window that shrinks to nothing is no loss: cwnd stays,
 * only the head is probed with.
 */
TEST(a_time_out_in_a_closed_window_is_no_loss)
{
	struct conn c;

	with_sack(_metadata, &c);
	ARRIVES(&c, .ack = OURS(0), .wnd = 0);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_EQ(10 * MSS, c.tcb.cwnd);
	EXPECT_SENDS(&c, .seq = OURS(0), .len = 1);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* And so it is without a record to cut it with. */
TEST(a_probe_is_one_octet_even_without_a_record)
{
	struct conn c;

	with_sack(_metadata, &c);
	ARRIVES(&c, .ack = OURS(0), .wnd = 0);
	c.pool = 0;
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_SENDS(&c, .seq = OURS(0), .len = 1);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* However many come. */
TEST(more_than_255_duplicates)
{
	static const u8 options[] = { 0, ATCP_OPT_SACK_OK };
	struct conn c;
	unsigned int i, n;

	for (n = 0; n < ARRAY_SIZE(options); n++) {
		ten_in_flight(_metadata, &c, options[n]);
		for (i = 0; i < 300; i++) {
			ARRIVES(&c, .ack = OURS(0), .options = ATCP_OPT_SACK,
				.nr_sacks = 1,
				.sacks = { { OURS(9 * MSS),
					     OURS(9 * MSS + 1 + i) } });
			EXPECT_EQ(min(i + 1, 255U), c.tcb.dup_acks);
			EXPECT_EQ(i < 2 ? ATCP_RECOVERY_NONE :
					  ATCP_RECOVERY_FAST,
				  c.tcb.recovery);
		}
		DRAIN(&c);
		/* They were one loss. */
		EXPECT_EQ(5 * MSS, c.tcb.ssthresh);
		conn_free(&c);
	}
}

/* SACK blocks mean nothing to one who has not agreed to them. */
TEST(sack_blocks_that_were_not_agreed_on)
{
	struct conn c;

	without_sack(_metadata, &c);
	SACKED(&c, 1, 3, 5);
	EXPECT_EQ(0U, c.tcb.sacked);
	EXPECT_EQ(9U, c.tcb.nr_ranges);
	conn_free(&c);
}

/* RFC 1191 6.4: what a router refused goes again at once, cwnd stays. */
TEST(what_is_too_big_goes_again_in_smaller_segments)
{
	struct conn c;
	u32 cwnd, sent;

	CONN(&c, ATCP_ESTABLISHED);
	SEND(&c, 2 * MSS);
	DRAIN(&c);
	SEND(&c, 100);
	c.tcb.use |= ATCP_NODELAY;
	DRAIN(&c);
	cwnd = c.tcb.cwnd;
	sent = c.tcb.snd_nxt;
	atcp_tcb_path_mss(&c.tcb, MSS / 2);
	atcp_recovery_too_big(&c.tcb);
	EXPECT_EQ(2 * MSS, c.tcb.lost);
	EXPECT_EQ(cwnd, c.tcb.cwnd);
	EXPECT_SENDS(&c, .seq = c.tcb.snd_una, .len = MSS / 2);
	EXPECT_SENDS(&c, .seq = c.tcb.snd_una + MSS / 2, .len = MSS / 2);
	DRAIN(&c);
	EXPECT_EQ(sent, c.tcb.snd_nxt);
	/* The rest had got through, and is not sent again. */
	EXPECT_EQ(2 * MSS, c.tcb.retrans);
	conn_free(&c);
}

/* SACK blocks of our own made two of each segment once; sent again without
 * them, they are whole.
 */
TEST(segments_that_were_cut_are_whole_again)
{
	struct conn c;

	CONN_WITH(&c, ATCP_ESTABLISHED, .options = ATCP_OPT_SACK_OK);
	SEND(&c, 2 * MSS);
	DRAIN(&c);
	ARRIVES(&c, .seq = PEER(100), .len = 10, .ack = OURS(0));
	DRAIN(&c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_SENDS(&c, .seq = OURS(0), .len = MSS - 12,
		     .options = ATCP_OPT_SACK, .nr_sacks = 1,
		     .sacks = { { PEER(100), PEER(110) } });
	EXPECT_SENDS(&c, .seq = OURS(MSS - 12), .len = 12,
		     .options = ATCP_OPT_SACK, .nr_sacks = 1,
		     .sacks = { { PEER(100), PEER(110) } });
	ARRIVES(&c, .len = 100, .ack = OURS(0));
	DRAIN(&c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	EXPECT_SEGMENT(&c, 0);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

UNIT_MAIN
