// SPDX-License-Identifier: GPL-2.0
/* Arrivals in LISTEN: RFC 9293 section 3.10.7.2. */
#include "../harness.h"
#include "arrival.h"

FIXTURE_PKT(state_listen);

static bool open_listen(struct pkt *p)
{
	return p->listener >= 0 || pkt_listen(p);
}

/* 3.10.7.2 */
static const struct rule listen_rules[] = {
	{
		.step = "first: RST",
		.with = TH_RST,
		.drop = DROP_NO_SOCKET,
	},
	{
		.step = "second: ACK",
		.with = TH_ACK,
		.answer = RST,
		.drop = DROP_BAD_ACK,
	},
	{
		/* The RFC would open and close at once: a scanner's segment. */
		.step = "third: SYN, with a FIN",
		.with = TH_SYN | TH_FIN,
		.drop = DROP_BAD_FLAGS,
	},
	{
		.step = "third: SYN",
		.with = TH_SYN,
		.answer = SYN_ACK,
		.to = ST_SYN_RECEIVED,
	},
	{
		.step = "fourth: anything else",
		.drop = DROP_BAD_FLAGS,
	},
};

static const struct arrivals listening = {
	.state = ST_LISTEN,
	.open = open_listen,
	.seqs = SEQ_NEXT,
	.rules = listen_rules,
	.nr_rules = ARRAY_SIZE(listen_rules),
};

ARRIVALS(state_listen, , listening)

/* 3.10.7.2: LISTEN ignores a RST, answers an ACK with a RST, takes a SYN. */
TEST_F(state_listen, listen_ignores_rst)
{
	ASSERT_TRUE(pkt_listen(&self->pkt));
	INJECT(.flags = TH_RST, .seq = 5);
	INJECT(.flags = TH_RST | TH_ACK, .seq = 5, .ack = 7);
	INJECT(.flags = TH_RST | TH_SYN, .seq = 5);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_LISTEN);
}

TEST_F(state_listen, listen_answers_an_ack_with_rst)
{
	ASSERT_TRUE(pkt_listen(&self->pkt));
	INJECT(.flags = TH_ACK, .seq = 5, .ack = 12345);
	EXPECT_SEG(.flags = TH_RST, .seq = 12345);
	INJECT(.flags = TH_SYN | TH_ACK, .seq = 5, .ack = 12345);
	EXPECT_SEG(.flags = TH_RST, .seq = 12345);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_LISTEN);
}

TEST_F(state_listen, listen_ignores_a_segment_without_syn_ack_or_rst)
{
	ASSERT_TRUE(pkt_listen(&self->pkt));
	INJECT(.flags = TH_PUSH, .seq = 5, .len = 10);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_LISTEN);
}

TEST_MAIN
