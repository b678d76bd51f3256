// SPDX-License-Identifier: GPL-2.0
/*
 * An empty pool in each place that takes a record: the connection may become
 * slow, but neither wrong nor stuck.
 */
#include "unit.h"
#include "conn.h"

TEST(a_syn_waits_for_a_record)
{
	const struct atcp_open open = { .iss = ISS,
					.sport = OUR_PORT,
					.dport = PEER_PORT,
					.advmss = MSS,
					.path_mss = MSS,
					.rcv_buf = BUF };
	struct conn c;

	conn_init(&c);
	c.pool = 0;
	atcp_user_open(&c.tcb, &open, c.now);
	EXPECT_SILENCE(&c);
	TIMEOUT(&c, T0 + SEC(1));
	c.pool = 1;
	EXPECT_SENDS(&c, .seq = ISS, .flags = ATCP_SYN, .options = ATCP_OPT_MSS,
		     .mss = MSS);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

TEST(the_first_data_in_flight_waits_for_a_record)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	c.pool = 0;
	SEND(&c, 100);
	EXPECT_SILENCE(&c);
	c.now = atcp_deadline(&c.tcb);
	ASSERT_NE(0, c.now);
	TIMEOUT(&c, c.now);
	EXPECT_SILENCE(&c);
	c.pool = 1;
	EXPECT_SENDS(&c, .len = 100, .flags = ATCP_ACK | ATCP_PSH);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

TEST(a_fin_waits_for_a_record)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	c.pool = 0;
	SHUTDOWN(&c);
	EXPECT_SILENCE(&c);
	TIMEOUT(&c, atcp_deadline(&c.tcb));
	c.pool = 1;
	EXPECT_SENDS(&c, .flags = ATCP_ACK | ATCP_FIN);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

TEST(data_behind_other_data_needs_no_record)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	SEND(&c, MSS);
	EXPECT_SENDS(&c, .len = MSS, .flags = ATCP_ACK | ATCP_PSH);
	c.pool = 0;
	SEND(&c, 3 * MSS);
	EXPECT_SENDS(&c, .seq = OURS(1000), .len = MSS);
	EXPECT_SENDS(&c, .seq = OURS(2000), .len = MSS);
	EXPECT_SENDS(&c, .seq = OURS(3000), .len = MSS,
		     .flags = ATCP_ACK | ATCP_PSH);
	EXPECT_SILENCE(&c);
	c.now += MS(1);
	/* One range holds it all, and no RTT is known of it. */
	ARRIVES(&c, .ack = OURS(4 * MSS));
	EXPECT_EQ(1U, c.tcb.srtt_us);
	EXPECT_DEADLINE(&c, 0);
	conn_free(&c);
}

/* All in flight is one range, which nothing can cut: segment by segment. */
TEST(a_time_out_without_a_record_sends_all_again)
{
	struct conn c;
	unsigned int i;

	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.burst = 4 * MSS;
	SEND(&c, 4 * MSS);
	EXPECT_SENDS(&c, .len = 4 * MSS, .flags = ATCP_ACK | ATCP_PSH);
	c.pool = 0;
	for (i = 0; i < 4; i++) {
		TIMEOUT(&c, atcp_deadline(&c.tcb));
		EXPECT_SENDS(&c, .seq = OURS(i * MSS), .len = MSS,
			     .flags = i < 3 ? ATCP_ACK : ATCP_ACK | ATCP_PSH);
		EXPECT_SILENCE(&c);
		ARRIVES(&c, .ack = OURS((i + 1) * MSS));
	}
	EXPECT_SILENCE(&c);
	EXPECT_DEADLINE(&c, 0);
	conn_free(&c);
}

TEST(fast_retransmit_without_a_record)
{
	struct conn c;
	unsigned int i;

	CONN(&c, ATCP_ESTABLISHED);
	c.tcb.burst = 4 * MSS;
	SEND(&c, 4 * MSS);
	EXPECT_SENDS(&c, .len = 4 * MSS, .flags = ATCP_ACK | ATCP_PSH);
	c.pool = 0;
	for (i = 0; i < 3; i++)
		ARRIVES(&c, .ack = OURS(0));
	EXPECT_SENDS(&c, .seq = OURS(0), .len = MSS);
	EXPECT_SILENCE(&c);
	conn_free(&c);
}

/* What cannot be noted is not kept, and comes again. */
TEST(text_out_of_order_without_a_record)
{
	struct conn c;

	CONN(&c, ATCP_ESTABLISHED);
	c.pool = 0;
	ARRIVES(&c, .seq = PEER(100), .len = 100);
	EXPECT_DROPPED(&c, MEMORY);
	EXPECT_EQ(c.arrival.start, c.arrival.end);
	EXPECT_SENDS(&c, .ack = PEER(0));
	ARRIVES(&c, .len = 100);
	EXPECT_TAKEN(&c, PEER(0), PEER(100));
	EXPECT_SENDS(&c, .ack = PEER(100));
	ARRIVES(&c, .len = 100);
	EXPECT_TAKEN(&c, PEER(100), PEER(200));
	conn_free(&c);
}

UNIT_MAIN
