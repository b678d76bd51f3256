// SPDX-License-Identifier: GPL-2.0
/* Segment arrival in CLOSED: RFC 9293 section 3.10.7.1. */
#include "unit.h"
#include "conn.h"

/* Whatever arrives is for nobody; the reset is in request_test.c. */
TEST(everything_is_reset)
{
	struct conn c;
	unsigned int flags;

	CONN(&c, ATCP_CLOSED);
	for (flags = 0; flags < 64; flags++) {
		ARRIVES(&c, .flags = flags, .len = flags % 3);
		EXPECT_DROPPED(&c, NO_SOCKET);
		EXPECT_TRUE(c.arrival.reset);
	}
	EXPECT_SILENCE(&c);
	EXPECT_DEADLINE(&c, 0);
	conn_free(&c);
}

UNIT_MAIN
