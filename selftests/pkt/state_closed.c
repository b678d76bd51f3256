// SPDX-License-Identifier: GPL-2.0
/* Arrivals at a port that nobody has: RFC 9293 section 3.10.7.1. */
#include "../harness.h"
#include "arrival.h"

FIXTURE_PKT(state_closed);

static bool open_closed(struct pkt *p)
{
	return p->listener < 0;
}

/* 3.10.7.1 */
static const struct rule closed_rules[] = {
	{
		.step = "a RST is discarded",
		.with = TH_RST,
		.drop = DROP_NO_SOCKET,
	},
	{
		.step = "the ACK bit is on",
		.with = TH_ACK,
		.answer = RST,
		.drop = DROP_NO_SOCKET,
	},
	{
		.step = "the ACK bit is off",
		.answer = RST_ACK,
		.drop = DROP_NO_SOCKET,
	},
};

static const struct arrivals closed = {
	.state = ST_GONE,
	.open = open_closed,
	.seqs = SEQ_NEXT,
	.rules = closed_rules,
	.nr_rules = ARRAY_SIZE(closed_rules),
};

ARRIVALS(state_closed, , closed)

TEST_F(state_closed, closed_port_answers_a_syn_with_rst_ack)
{
	INJECT(.flags = TH_SYN, .seq = 100);
	EXPECT_SEG(.flags = TH_RST | TH_ACK, .seq = 0, .ack = 101);
	EXPECT_SILENCE();
}

TEST_F(state_closed, closed_port_answers_an_ack_with_rst_at_its_number)
{
	INJECT(.flags = TH_ACK, .seq = 100, .ack = 4242, .len = 50);
	EXPECT_SEG(.flags = TH_RST, .seq = 4242);
	EXPECT_SILENCE();
}

/* SEG.LEN counts the payload, the SYN and the FIN. */
TEST_F(state_closed, closed_port_acks_the_whole_length_of_a_segment)
{
	INJECT(.flags = TH_PUSH, .seq = 100, .len = 50);
	EXPECT_SEG(.flags = TH_RST | TH_ACK, .seq = 0, .ack = 150);
	INJECT(.flags = TH_FIN, .seq = 100, .len = 50);
	EXPECT_SEG(.flags = TH_RST | TH_ACK, .seq = 0, .ack = 151);
	INJECT(.flags = TH_SYN, .seq = 100, .len = 50);
	EXPECT_SEG(.flags = TH_RST | TH_ACK, .seq = 0, .ack = 151);
	EXPECT_SILENCE();
}

TEST_F(state_closed, closed_port_never_answers_a_rst)
{
	INJECT(.flags = TH_RST, .seq = 100);
	INJECT(.flags = TH_RST | TH_ACK, .seq = 100, .ack = 1);
	EXPECT_SILENCE();
}

TEST_MAIN
