// SPDX-License-Identifier: GPL-2.0
/* Arrivals in CLOSE-WAIT: RFC 9293 section 3.10.7.4. */
#include <errno.h>

#include "../harness.h"
#include "arrival.h"

FIXTURE_PKT(state_close_wait);

static bool open_close_wait(struct pkt *p)
{
	/* Something is in flight that an ACK can be of. */
	return pkt_open(p, ST_CLOSE_WAIT) && stream_write(p->fd, 100, 0) &&
	       pkt_next(p, PATIENCE_MS) && p->got.len == 100;
}

static const struct rule close_wait_rules[] = {
	FIRST_TO_FIFTH,
	{
		.step = "sixth to eighth: ignored, the FIN has come before",
	},
};

static const struct arrivals close_wait_arrivals = {
	.state = ST_CLOSE_WAIT,
	.open = open_close_wait,
	.una = 1,
	.rules = close_wait_rules,
	.nr_rules = ARRAY_SIZE(close_wait_rules),
};

ARRIVALS(state_close_wait, , close_wait_arrivals)

/* 3.10.7.4, eighth: a repeated FIN is acknowledged again in every state. */
TEST_F(state_close_wait, repeated_fin_is_acked_in_close_wait)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_CLOSE_WAIT));
	INJECT(.flags = TH_FIN | TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 2);
	EXPECT_STATE(ST_CLOSE_WAIT);
}

/* The peer has said all it had to say: only writing can fail. */
TEST_F(state_close_wait, rst_in_close_wait_breaks_the_pipe)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_CLOSE_WAIT));
	INJECT(.flags = TH_RST, .seq = 2);
	EXPECT_STATE(ST_GONE);
	EXPECT_EQ(EPIPE, so_error(self->pkt.fd));
}

TEST_F(state_close_wait, data_flows_out_after_the_peers_half_is_closed)
{
	ASSERT_TRUE(pkt_open(&self->pkt, ST_CLOSE_WAIT));
	ASSERT_TRUE(stream_write(self->pkt.fd, 1500, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 2, .len = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1001, .ack = 2, .len = 500);
	INJECT(.flags = TH_ACK, .seq = 2, .ack = 1501);
	EXPECT_SILENCE();
	ASSERT_EQ(0, close(self->pkt.fd));
	EXPECT_SEG(.flags = TH_FIN | TH_ACK, .seq = 1501, .ack = 2);
	EXPECT_STATE(ST_LAST_ACK);
}

TEST_MAIN
