// SPDX-License-Identifier: GPL-2.0
/* Arrivals in CLOSING: RFC 9293 section 3.10.7.4. */
#include "../harness.h"
#include "arrival.h"

FIXTURE_PKT(state_closing);

static bool open_closing(struct pkt *p)
{
	return pkt_open(p, ST_CLOSING);
}

static const struct rule closing_rules[] = {
	FIRST_TO_FIFTH,
	{
		.step = "fifth: ACK of our FIN",
		.acks = ACK_NEW,
		.to = ST_TIME_WAIT,
	},
	{
		.step = "sixth to eighth: ignored, the FIN has come before",
	},
};

static const struct arrivals closing_arrivals = {
	.state = ST_CLOSING,
	.open = open_closing,
	.una = 1,
	.rules = closing_rules,
	.nr_rules = ARRAY_SIZE(closing_rules),
};

ARRIVALS(state_closing, , closing_arrivals)

TEST_F(state_closing, rst_in_closing_closes)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_CLOSING));
	INJECT(.flags = TH_RST, .seq = 2);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_GONE);
}

TEST_MAIN
