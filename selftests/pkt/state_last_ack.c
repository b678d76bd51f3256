// SPDX-License-Identifier: GPL-2.0
/* Arrivals in LAST-ACK: RFC 9293 section 3.10.7.4. */
#include "../harness.h"
#include "arrival.h"

FIXTURE_PKT(state_last_ack);

static bool open_last_ack(struct pkt *p)
{
	return pkt_open(p, ST_LAST_ACK);
}

static const struct rule last_ack_rules[] = {
	FIRST_TO_FIFTH,
	{
		.step = "fifth: ACK of our FIN",
		.acks = ACK_NEW,
		.to = TO_GONE,
	},
	{
		.step = "sixth to eighth: ignored, the FIN has come before",
	},
};

static const struct arrivals last_ack_arrivals = {
	.state = ST_LAST_ACK,
	.open = open_last_ack,
	.una = 1,
	.rules = last_ack_rules,
	.nr_rules = ARRAY_SIZE(last_ack_rules),
};

ARRIVALS(state_last_ack, , last_ack_arrivals)

TEST_F(state_last_ack, last_ack_ends_with_a_closed_port)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_LAST_ACK));
	ASSERT_EQ(0, close(self->pkt.fd));
	ASSERT_EQ(0, close(self->pkt.listener));
	INJECT(.flags = TH_ACK, .seq = 2, .ack = 2);
	EXPECT_STATE(ST_GONE);
	INJECT(.flags = TH_ACK, .seq = 2, .ack = 2);
	EXPECT_SEG(.flags = TH_RST, .seq = 2);
	EXPECT_SILENCE();
}

TEST_F(state_last_ack, rst_in_last_ack_closes)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_LAST_ACK));
	INJECT(.flags = TH_RST, .seq = 2);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_GONE);
}

TEST_MAIN
