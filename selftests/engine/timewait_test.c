// SPDX-License-Identifier: GPL-2.0
/* TIME-WAIT: RFC 9293 sections 3.6.1 and 3.10.7.4, RFC 1337, RFC 6191. */
#include "unit.h"
#include "conn.h"
#include "timewait.h"

FIXTURE(timewait)
{
	struct atcp_timewait tw;
	struct atcp_params params;
	enum atcp_drop drop;
	u64 now;
};

/* Our FIN is OURS(0), the peer's is PEER(0). */
static void enter(struct __test_metadata *_metadata,
		  FIXTURE_DATA(timewait) * self, u8 options)
{
	struct conn c;

	CONN_WITH(&c, ATCP_TIME_WAIT, .options = options, .wscale = 2);
	/* The operator's limits outlive the connection. */
	self->params = c.params;
	c.tcb.params = &self->params;
	atcp_timewait_init(&self->tw, &c.tcb, c.now);
	self->now = c.now;
	conn_free(&c);
}

FIXTURE_SETUP(timewait)
{
	enter(_metadata, self, 0);
}

FIXTURE_TEARDOWN(timewait)
{
}

#define TEST_IN(name) TEST_F(timewait, name)

/* By default the peer's FIN again. */
#define EXPECT_VERDICT(verdict, ...)                                           \
	EXPECT_EQ(ATCP_TIMEWAIT_##verdict,                                     \
		  atcp_timewait_arrives(&self->tw,                             \
					&(struct atcp_segment){                \
						.sport = PEER_PORT,            \
						.dport = OUR_PORT,             \
						.seq = PEER(0),                \
						.ack = OURS(1),                \
						.flags = ATCP_ACK,             \
						__VA_ARGS__ },                 \
					self->now, &self->drop))

/* MUST-13: 2 MSL, of which ours last 60 s in all. */
TEST_IN(it_lasts_60_seconds)
{
	EXPECT_EQ(self->now + SEC(60), self->tw.deadline);
}

TEST_IN(its_ack)
{
	struct atcp_segment out;

	atcp_timewait_ack(&self->tw, self->now, &out);
	EXPECT_EQ(OUR_PORT, out.sport);
	EXPECT_EQ(PEER_PORT, out.dport);
	EXPECT_EQ(OURS(1), out.seq);
	EXPECT_EQ(PEER(1), out.ack);
	EXPECT_EQ(ATCP_ACK, out.flags);
	EXPECT_EQ(BUF - 1, out.wnd);
	EXPECT_EQ(0, out.options);
	enter(_metadata, self, ATCP_OPT_TS | ATCP_OPT_WSCALE);
	atcp_timewait_ack(&self->tw, self->now + MS(1024), &out);
	EXPECT_EQ(BUF >> 2, out.wnd);
	EXPECT_EQ(ATCP_OPT_TS, out.options);
	EXPECT_EQ((self->now + MS(1024)) >> 10, out.tsval);
	EXPECT_EQ(100U, out.tsecr);
}

/* 3.10.7.4, eighth: acknowledge the FIN again and start anew. */
TEST_IN(the_fin_again_restarts_it)
{
	self->now += SEC(30);
	EXPECT_VERDICT(RESTART, .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_EQ(self->now + SEC(60), self->tw.deadline);
	EXPECT_VERDICT(RESTART, .seq = PEER(-100), .len = 100,
		       .flags = ATCP_ACK | ATCP_FIN);
}

TEST_IN(another_fin_does_not)
{
	u64 deadline = self->tw.deadline;

	self->now += SEC(30);
	EXPECT_VERDICT(ACK, .seq = PEER(-10), .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_VERDICT(ACK, .seq = PEER(10), .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_VERDICT(ACK, .seq = PEER(-1), .flags = ATCP_SYN | ATCP_FIN);
	EXPECT_EQ(deadline, self->tw.deadline);
}

/* RFC 1337: in the window or out of it, exact or not. */
TEST_IN(resets_are_ignored)
{
	EXPECT_VERDICT(DROP, .seq = PEER(1), .flags = ATCP_RST);
	EXPECT_VERDICT(DROP, .seq = PEER(2), .flags = ATCP_RST);
	EXPECT_VERDICT(DROP, .seq = PEER(-2), .flags = ATCP_RST | ATCP_ACK);
	EXPECT_VERDICT(DROP, .seq = PEER(9), .flags = ATCP_RST | ATCP_SYN);
}

/* Our own connect() over it: RFC 6191 needs timestamps, and a tick of them. */
TEST_IN(own_ports_are_given_up_after_a_second_if_there_are_timestamps)
{
	self->tw.use_ts = false;
	self->now += SEC(30);
	EXPECT_FALSE(atcp_timewait_yields(&self->tw, true, self->now));
	EXPECT_FALSE(atcp_timewait_yields(&self->tw, false, self->now));
	self->tw.use_ts = true;
	EXPECT_TRUE(atcp_timewait_yields(&self->tw, true, self->now));
	EXPECT_TRUE(atcp_timewait_yields(&self->tw, false, self->now));
	/* A repeated FIN begins it anew. */
	EXPECT_VERDICT(RESTART, .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_TRUE(atcp_timewait_yields(&self->tw, true, self->now));
	EXPECT_FALSE(atcp_timewait_yields(&self->tw, false, self->now));
	self->now += SEC(1);
	EXPECT_FALSE(atcp_timewait_yields(&self->tw, false, self->now));
	self->now += 1;
	EXPECT_TRUE(atcp_timewait_yields(&self->tw, false, self->now));
}

TEST_IN(next_connection_starts_beyond_the_old_ones_numbers)
{
	self->tw.snd_nxt = 1000;
	EXPECT_EQ(1000U + 65537, atcp_timewait_iss(&self->tw));
	self->tw.snd_nxt = -65537U;
	EXPECT_EQ(1U, atcp_timewait_iss(&self->tw));
}

TEST_IN(the_last_ack_is_not_answered)
{
	EXPECT_VERDICT(DROP, .seq = PEER(1));
}

TEST_IN(old_data_is_answered)
{
	EXPECT_VERDICT(ACK, .seq = PEER(-100), .len = 100);
	EXPECT_EQ(ATCP_DROP_TIME_WAIT, self->drop);
	EXPECT_VERDICT(ACK, .seq = PEER(1), .len = 100);
}

/* Two ends that disagree, one of them in TIME-WAIT, or both. */
TEST_IN(empty_segments_are_answered_twice_a_second_at_most)
{
	unsigned int ms, answers = 0;

	for (ms = 0; ms < 2000; ms += 10, self->now += MS(10))
		answers += atcp_timewait_arrives(&self->tw,
						 &(struct atcp_segment){
							 .seq = PEER(-7),
							 .flags = ATCP_ACK },
						 self->now, &self->drop) ==
			   ATCP_TIMEWAIT_ACK;
	EXPECT_EQ(4U, answers);
}

/* MAY-2 and RFC 6191: by sequence number, by timestamp if there are any. */
TEST_IN(a_newer_syn_reopens)
{
	EXPECT_VERDICT(REOPEN, .seq = PEER(2), .flags = ATCP_SYN);
	EXPECT_EQ(ATCP_DROP_NONE, self->drop);
	EXPECT_VERDICT(ACK, .seq = PEER(1), .flags = ATCP_SYN);
	EXPECT_VERDICT(ACK, .seq = PEER(-1), .flags = ATCP_SYN);
	EXPECT_VERDICT(ACK, .seq = PEER(2), .flags = ATCP_SYN | ATCP_ACK);
}

/* SHLD-4 */
TEST_IN(a_syn_is_newer_by_its_timestamp)
{
	enter(_metadata, self, ATCP_OPT_TS);
	EXPECT_VERDICT(REOPEN, .seq = PEER(-900), .flags = ATCP_SYN,
		       .options = ATCP_OPT_TS, .tsval = 101);
	EXPECT_VERDICT(ACK, .seq = PEER(900), .flags = ATCP_SYN,
		       .options = ATCP_OPT_TS, .tsval = 99);
	/* The same tick: the sequence number decides. */
	EXPECT_VERDICT(REOPEN, .seq = PEER(900), .flags = ATCP_SYN,
		       .options = ATCP_OPT_TS, .tsval = 100);
	EXPECT_VERDICT(ACK, .seq = PEER(-900), .flags = ATCP_SYN,
		       .options = ATCP_OPT_TS, .tsval = 100);
	/* A new connection without timestamps. */
	EXPECT_VERDICT(REOPEN, .seq = PEER(900), .flags = ATCP_SYN);
}

/* RFC 6191 from our end: only timestamps tell the old connection's segments. A
 * port that the user chose is taken over at once, others after a second.
 */
TEST_IN(a_connection_of_ours_takes_over)
{
	const struct atcp_timewait *tw = &self->tw;
	u64 now = self->now;

	EXPECT_FALSE(atcp_timewait_yields(tw, true, now + SEC(59)));
	enter(_metadata, self, ATCP_OPT_TS);
	EXPECT_TRUE(atcp_timewait_yields(tw, true, now));
	EXPECT_FALSE(atcp_timewait_yields(tw, false, now));
	EXPECT_FALSE(atcp_timewait_yields(tw, false, now + SEC(1)));
	EXPECT_TRUE(atcp_timewait_yields(tw, false, now + SEC(1) + 1));
}

/* MAY-2: beyond all that the old one could send, and never 0. */
TEST_IN(where_it_starts)
{
	EXPECT_EQ(OURS(1) + 65537, atcp_timewait_iss(&self->tw));
	self->tw.snd_nxt = 0U - 65537;
	EXPECT_EQ(1U, atcp_timewait_iss(&self->tw));
}

UNIT_MAIN
