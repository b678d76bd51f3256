// SPDX-License-Identifier: GPL-2.0
/* Timestamps: RFC 7323 sections 3 to 5. */
#include "unit.h"
#include "conn.h"

#define DAYS(n) (24 * 3600 * ATCP_USEC_PER_SEC * (n))

FIXTURE(timestamps)
{
	struct conn c;
};

/* The peer's clock stood at 100 in its SYN-ACK. */
FIXTURE_SETUP(timestamps)
{
	CONN_WITH(&self->c, ATCP_ESTABLISHED, .options = ATCP_OPT_TS);
}

FIXTURE_TEARDOWN(timestamps)
{
	conn_free(&self->c);
}

#define TEST_IN(name) TEST_F(timestamps, name)
#define C	      (&self->c)

/* The peer's clock stands at @val. */
#define AT(val) .options = ATCP_OPT_TS, .tsval = (val)

/* We echo @ecr. */
#define ECHO(ecr)                                                              \
	.options = ATCP_OPT_TS, .tsval = atcp_timestamp(&C->tcb, C->now),      \
	.tsecr = (ecr)

/* Section 4.1: once in 1.024 ms, from a start of its own. */
TEST_IN(our_clock)
{
	EXPECT_EQ(T0 >> 10, atcp_timestamp(&C->tcb, T0));
	EXPECT_EQ((T0 >> 10) + 1000, atcp_timestamp(&C->tcb, T0 + 1024000));
	C->tcb.ts_offset = -(u32)(T0 >> 10);
	EXPECT_EQ(0U, atcp_timestamp(&C->tcb, T0));
}

TEST_IN(segments_in_order_are_echoed)
{
	ARRIVES(C, .len = 10, AT(105));
	EXPECT_SENDS(C, .ack = PEER(10), ECHO(105));
	ARRIVES(C, .len = 10, AT(105));
	EXPECT_SENDS(C, .ack = PEER(20), ECHO(105));
	EXPECT_SILENCE(C);
}

/* Section 4.2 (A): of two that one ACK answers, the first is echoed. */
TEST_IN(a_delayed_ack_echoes_the_first)
{
	C->tcb.quick_acks = 0;
	ARRIVES(C, .len = MSS - 12, AT(110));
	EXPECT_SILENCE(C);
	ARRIVES(C, .len = MSS - 12, AT(120));
	EXPECT_SENDS(C, ECHO(110));
	EXPECT_SILENCE(C);
}

/* (B): of one that leaves a hole, nothing is echoed; (C): what fills it is. */
TEST_IN(a_hole_echoes_the_last_in_order)
{
	ARRIVES(C, .len = 10, AT(110));
	EXPECT_SENDS(C, .ack = PEER(10), ECHO(110));
	ARRIVES(C, .seq = PEER(20), .len = 10, AT(130));
	EXPECT_SENDS(C, .ack = PEER(10), ECHO(110));
	ARRIVES(C, .seq = PEER(10), .len = 10, AT(120));
	EXPECT_SENDS(C, .ack = PEER(30), ECHO(120));
	EXPECT_SILENCE(C);
}

/* Section 5.3, R1: an old timestamp is a segment of the last round. */
TEST_IN(an_old_timestamp_is_dropped_and_answered)
{
	ARRIVES(C, .len = 10, AT(99));
	EXPECT_DROPPED(C, PAWS);
	EXPECT_EQ(PEER(0), C->tcb.rcv_nxt);
	EXPECT_SENDS(C, .ack = PEER(0), ECHO(100));
	EXPECT_SILENCE(C);
	ARRIVES(C, .len = 10, AT(100));
	EXPECT_TAKEN(C, PEER(0), PEER(10));
}

TEST_IN(an_old_timestamp_has_no_ack_either)
{
	SEND(C, 100);
	DRAIN(C);
	ARRIVES(C, .ack = OURS(100), AT(99));
	EXPECT_DROPPED(C, PAWS);
	EXPECT_EQ(OURS(0), C->tcb.snd_una);
}

TEST_IN(an_old_ack_is_answered_twice_a_second_at_most)
{
	unsigned int ms, answers = 0;

	for (ms = 0; ms < 2000; ms += 10) {
		ARRIVES(C, AT(99));
		answers += atcp_next_segment(&C->tcb, C->now, &C->out);
		C->now += MS(10);
	}
	EXPECT_EQ(4U, answers);
}

/* Section 5.2: resets are not checked. */
TEST_IN(a_reset_is_taken_whatever_its_timestamp)
{
	ARRIVES(C, .flags = ATCP_RST, AT(99));
	EXPECT_EQ(ATCP_DROP_RESET, C->drop);
}

/* Old and new are modulo 2^32. */
TEST_IN(the_peers_clock_wraps)
{
	ARRIVES(C, .len = 10, AT(0x7fffffff));
	EXPECT_EQ(ATCP_DROP_NONE, C->drop);
	DRAIN(C);
	ARRIVES(C, .len = 10, AT(0xfffffffe));
	EXPECT_EQ(ATCP_DROP_NONE, C->drop);
	DRAIN(C);
	ARRIVES(C, .len = 10, AT(3));
	EXPECT_EQ(ATCP_DROP_NONE, C->drop);
	EXPECT_SENDS(C, .ack = PEER(30), ECHO(3));
	ARRIVES(C, .len = 10, AT(0xfffffffe));
	EXPECT_DROPPED(C, PAWS);
}

/* Section 5.5: after 24 days without a segment the timestamp says nothing. */
TEST_IN(a_timestamp_gets_too_old_to_compare)
{
	C->now = T0 + DAYS(24) - 1;
	ARRIVES(C, .len = 10, AT(99));
	EXPECT_DROPPED(C, PAWS);
	DRAIN(C);
	C->now = T0 + DAYS(24);
	ARRIVES(C, .len = 10, AT(99));
	EXPECT_TAKEN(C, PEER(0), PEER(10));
	EXPECT_SENDS(C, .ack = PEER(10), ECHO(99));
}

/* Section 3.2: a segment without is taken for what it is. */
TEST_IN(a_segment_without_timestamps_is_taken)
{
	ARRIVES(C, .len = 10);
	EXPECT_TAKEN(C, PEER(0), PEER(10));
	EXPECT_SENDS(C, .ack = PEER(10), ECHO(100));
}

TEST(timestamps_that_were_not_agreed_on_are_ignored)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	ARRIVES(&c, .len = 10, AT(500));
	EXPECT_TAKEN(&c, PEER(0), PEER(10));
	EXPECT_SENDS(&c, .ack = PEER(10));
	ARRIVES(&c, .len = 10, AT(400));
	EXPECT_TAKEN(&c, PEER(10), PEER(20));
	conn_free(&c);
}

/* Section 4.1: what went twice is measured by the echo. */
TEST_IN(an_echo_measures_what_went_twice)
{
	u32 srtt = C->tcb.srtt_us;
	u32 sent;

	SEND(C, 100);
	DRAIN(C);
	TIMEOUT(C, atcp_deadline(&C->tcb));
	DRAIN(C);
	sent = atcp_timestamp(&C->tcb, C->now);
	C->now += 80 * 1024;
	ARRIVES(C, .ack = OURS(100), AT(200), .tsecr = sent);
	EXPECT_EQ(srtt + (80U * 1024 - srtt) / 8, C->tcb.srtt_us);
	EXPECT_EQ(0, C->tcb.backoff);
}

/* An echo of nothing that we ever sent is not believed. */
TEST_IN(a_foolish_echo_measures_nothing)
{
	u32 srtt = C->tcb.srtt_us;

	SEND(C, 200);
	DRAIN(C);
	TIMEOUT(C, atcp_deadline(&C->tcb));
	DRAIN(C);
	ARRIVES(C, .ack = OURS(100), AT(200), .tsecr = 0);
	EXPECT_EQ(srtt, C->tcb.srtt_us);
	ARRIVES(C, .ack = OURS(200), AT(200),
		.tsecr = atcp_timestamp(&C->tcb, C->now) + 1000);
	EXPECT_EQ(srtt, C->tcb.srtt_us);
}

/* Without an echo, what went twice measures nothing (Karn). */
TEST_IN(no_echo_measures_nothing)
{
	u32 srtt;

	SEND(C, 100);
	DRAIN(C);
	TIMEOUT(C, atcp_deadline(&C->tcb));
	DRAIN(C);
	srtt = C->tcb.srtt_us;
	C->now += MS(10);
	ARRIVES(C, .ack = OURS(100));
	EXPECT_EQ(srtt, C->tcb.srtt_us);
	EXPECT_EQ(1, C->tcb.backoff);
}

UNIT_MAIN
