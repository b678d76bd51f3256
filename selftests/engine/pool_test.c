// SPDX-License-Identifier: GPL-2.0
/*
 * An empty pool in each place that takes a record: the connection may become
 * slow, but neither wrong nor stuck.
 */
#include "unit.h"
#include "conn.h"

TEST(a_syn_waits_for_a_record)
{
	const struct atcp_open open = { .iss = ISS, .sport = OUR_PORT,
					.dport = PEER_PORT, .advmss = MSS,
					.path_mss = MSS, .rcv_buf = BUF };
	struct conn c;

	conn_init(&c);
	c.pool = 0;
	atcp_user_open(&c.tcb, &open, c.now);
	EXPECT_SILENCE(&c);
	TIMEOUT(&c, T0 + SEC(1));
	c.pool = 1;
	EXPECT_SENDS(&c, .seq = ISS, .flags = ATCP_SYN,
		     .options = ATCP_OPT_MSS, .mss = MSS);
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

UNIT_MAIN
