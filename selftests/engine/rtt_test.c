// SPDX-License-Identifier: GPL-2.0
/* Round-trip time and retransmission time-out: RFC 6298. */
#include "unit.h"
#include "conn.h"
#include "rtt.h"

static struct atcp_tcb *fresh(struct conn *c)
{
	conn_init(c);
	return &c->tcb;
}

/* RFC 6298 2.1; MUST-18, SHLD-11. */
TEST(before_a_sample_the_time_out_is_one_second)
{
	struct conn c;

	EXPECT_EQ(SEC(1), atcp_rto(fresh(&c)));
	conn_free(&c);
}

/* RFC 6298 2.2: SRTT = R, RTTVAR = R / 2. */
TEST(the_first_sample)
{
	struct conn c;
	struct atcp_tcb *tcb = fresh(&c);

	atcp_rtt_sample(tcb, MS(400));
	EXPECT_EQ(MS(400), tcb->srtt_us);
	EXPECT_EQ(MS(200), tcb->rttvar_us);
	EXPECT_EQ(MS(400 + 4 * 200), atcp_rto(tcb));
	conn_free(&c);
}

/* RFC 6298 2.3: RTTVAR takes a quarter of |SRTT - R|, SRTT an eighth of R. */
TEST(the_samples_after_it)
{
	struct conn c;
	struct atcp_tcb *tcb = fresh(&c);

	atcp_rtt_sample(tcb, MS(400));
	atcp_rtt_sample(tcb, MS(800));
	EXPECT_EQ(MS(200) + (MS(400) - MS(200)) / 4, tcb->rttvar_us);
	EXPECT_EQ(MS(450), tcb->srtt_us);
	EXPECT_EQ(MS(450 + 4 * 250), atcp_rto(tcb));
	atcp_rtt_sample(tcb, MS(50));
	EXPECT_EQ(MS(250) + (MS(400) - MS(250)) / 4, tcb->rttvar_us);
	EXPECT_EQ(MS(400), tcb->srtt_us);
	conn_free(&c);
}

/* 2.3 again, in floating point, over a thousand random samples. */
TEST(the_formulas_in_floating_point_agree)
{
	double srtt = 0, rttvar = 0, rto;
	struct conn c;
	struct atcp_tcb *tcb = fresh(&c);
	int i;

	srand(3);
	for (i = 0; i < 1000; i++) {
		u32 r = 1000 + rand() % 3000000;

		if (!i) {
			srtt = r;
			rttvar = r / 2.0;
		} else {
			double dev = srtt > r ? srtt - r : r - srtt;

			rttvar = 0.75 * rttvar + 0.25 * dev;
			srtt = 0.875 * srtt + 0.125 * r;
		}
		rto = srtt + (4 * rttvar > MS(200) ? 4 * rttvar : MS(200));
		atcp_rtt_sample(tcb, r);
		EXPECT_LT((double)atcp_rto(tcb) - rto, 100.0);
		EXPECT_LT(rto - (double)atcp_rto(tcb), 100.0);
	}
	conn_free(&c);
}

/* A steady path: the variation dies out, its floor of 200 ms stays. */
TEST(the_floor_is_under_the_variation)
{
	struct conn c;
	struct atcp_tcb *tcb = fresh(&c);
	int i;

	for (i = 0; i < 100; i++)
		atcp_rtt_sample(tcb, MS(30));
	EXPECT_EQ(MS(230), atcp_rto(tcb));
	for (i = 0; i < 100; i++)
		atcp_rtt_sample(tcb, 1);
	EXPECT_GE(atcp_rto(tcb), MS(200));
	EXPECT_GT(tcb->srtt_us, 0U);
	conn_free(&c);
}

/* RFC 6298 2.5 and 5.5: doubled each time, to two minutes at most. */
TEST(the_back_off_is_bounded)
{
	struct conn c;
	struct atcp_tcb *tcb = fresh(&c);
	unsigned int i;

	for (i = 0; i < 256; i++) {
		tcb->backoff = i;
		EXPECT_EQ(i < 7 ? SEC(1ULL << i) : SEC(120), atcp_rto(tcb));
	}
	atcp_rtt_sample(tcb, SEC(100));
	for (i = 0; i < 256; i++) {
		tcb->backoff = i;
		EXPECT_EQ(SEC(120), atcp_rto(tcb));
	}
	conn_free(&c);
}

TEST(retries_as_time)
{
	/* ip-sysctl: 924.6 s for tcp_retries2 of 15, 102.2 s for 8. */
	EXPECT_EQ(MS(924600), atcp_retries_to_us(15, MS(200), SEC(120)));
	EXPECT_EQ(MS(102200), atcp_retries_to_us(8, MS(200), SEC(120)));
	EXPECT_EQ(MS(200), atcp_retries_to_us(0, MS(200), SEC(120)));
	EXPECT_EQ(SEC(9), atcp_retries_to_us(4, SEC(1), SEC(2)));
	/* SYNs: 1 + 2 + 4 + ... + 64 s. */
	EXPECT_EQ(SEC(127), atcp_retries_to_us(6, SEC(1), SEC(120)));
}

UNIT_MAIN
