// SPDX-License-Identifier: GPL-2.0
/* SYN cookies: RFC 4987 section 3.6, with the layout of Linux. */
#include "unit.h"
#include "conn.h"
#include "syncookie.h"

FIXTURE(syncookie)
{
	struct atcp_params params;
	struct atcp_open open;
	struct atcp_segment syn;
	struct atcp_segment out;
	struct atcp_request req;
	struct conn c;
};

#define MINUTE 123456U

static const struct atcp_cookie_key key = {
	.identity = 0xdeadbeef,
	.seal = 0xfffffffe,
};

FIXTURE_SETUP(syncookie)
{
	conn_init(&self->c);
	self->params = (struct atcp_params)ATCP_PARAMS_DEFAULT;
	self->open = (struct atcp_open){
		.iss = atcp_cookie_make(&key, MINUTE, IRS, 2),
		.ts_offset = 0x80000000,
		.rcv_buf = 100000,
		.sport = OUR_PORT,
		.dport = PEER_PORT,
		.advmss = 1460,
		.path_mss = 1460,
		.rcv_wscale = 3,
		.options = OPT_ALL,
	};
	self->syn = (struct atcp_segment){
		.sport = PEER_PORT,
		.dport = OUR_PORT,
		.seq = IRS,
		.flags = ATCP_SYN,
		.wnd = 9000,
		.mss = 1452,
		.wscale = 6,
		.tsval = 1000,
		.options = ATCP_OPT_MSS | OPT_ALL,
	};
}

FIXTURE_TEARDOWN(syncookie)
{
	conn_free(&self->c);
}

#define TEST_IN(name) TEST_F(syncookie, name)

TEST_IN(mss_is_rounded_down_to_one_of_four)
{
	static const struct {
		u16 mss, v4, v6;
	} all[] = {
		{ 0, 536, 1220 },     { 536, 536, 1220 },
		{ 1299, 536, 1220 },  { 1300, 1300, 1220 },
		{ 1439, 1300, 1420 }, { 1440, 1440, 1440 },
		{ 1460, 1460, 1440 }, { 65535, 1460, 8940 },
	};
	unsigned int i;
	u32 cookie;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		cookie = atcp_cookie_make(&key, MINUTE, IRS,
					  atcp_cookie_mss_index(all[i].mss,
								true));
		EXPECT_EQ(all[i].v4, atcp_cookie_mss(cookie, &key, IRS, true));
		cookie = atcp_cookie_make(&key, MINUTE, IRS,
					  atcp_cookie_mss_index(all[i].mss,
								false));
		EXPECT_EQ(all[i].v6, atcp_cookie_mss(cookie, &key, IRS, false));
	}
}

TEST_IN(cookie_is_good_for_two_minutes)
{
	u32 cookie = self->open.iss;

	EXPECT_EQ(0, atcp_cookie_age(cookie, key.identity, MINUTE, IRS));
	EXPECT_EQ(1, atcp_cookie_age(cookie, key.identity, MINUTE + 1, IRS));
	EXPECT_EQ(-1, atcp_cookie_age(cookie, key.identity, MINUTE + 2, IRS));
	EXPECT_EQ(-1, atcp_cookie_age(cookie, key.identity, MINUTE - 1, IRS));
}

/* The clock of minutes has more bits than there is room for. */
TEST_IN(minutes_wrap)
{
	u32 cookie = atcp_cookie_make(&key, 0x1ff, IRS, 3);

	EXPECT_EQ(1, atcp_cookie_age(cookie, key.identity, 0x200, IRS));
	EXPECT_EQ(1460, atcp_cookie_mss(cookie, &key, IRS, true));
	cookie = atcp_cookie_make(&key, 0xffffffff, IRS, 3);
	EXPECT_EQ(1, atcp_cookie_age(cookie, key.identity, 0, IRS));
}

/* Another connection, another SYN, another key, another number: no cookie. */
TEST_IN(what_differs_in_anything_is_no_cookie)
{
	const struct atcp_cookie_key other_identity = { key.identity + 4,
							key.seal };
	const struct atcp_cookie_key other_seal = { key.identity,
						    key.seal + 77 };
	u32 cookie = self->open.iss, good = 0, i;

	EXPECT_EQ(0, atcp_cookie_mss(cookie, &other_identity, IRS, true));
	EXPECT_EQ(0, atcp_cookie_mss(cookie, &other_seal, IRS, true));
	EXPECT_EQ(0, atcp_cookie_mss(cookie, &key, IRS + 4, true));
	/* Of 2^24 sequence numbers there are four. */
	for (i = 0; i < 1 << 24; i++)
		good += !!atcp_cookie_mss(cookie + i, &key, IRS, true);
	EXPECT_EQ(4, good);
}

/* The ACK was lost, and so was the first text: what comes next does not open a
 * connection that lacks this text. Linux' layout takes one to three octets of
 * it for another MSS.
 */
TEST_IN(what_follows_a_lost_text_is_no_cookie)
{
	unsigned int index;
	u32 octets, cookie;

	for (index = 0; index < 4; index++) {
		cookie = atcp_cookie_make(&key, MINUTE, IRS, index);
		for (octets = 1; octets < 1U << 20; octets++)
			ASSERT_EQ(0, atcp_cookie_mss(cookie, &key, IRS + octets,
						     true));
	}
}

TEST_IN(syn_ack_has_the_options_in_its_timestamp)
{
	u32 ts;

	atcp_cookie_syn_ack(&self->open, &self->params, &self->syn, SEC(1000),
			    &self->out);
	EXPECT_EQ(ATCP_SYN | ATCP_ACK, self->out.flags);
	EXPECT_EQ(self->open.iss, self->out.seq);
	EXPECT_EQ(IRS + 1, self->out.ack);
	EXPECT_EQ(ATCP_OPT_MSS | OPT_ALL, self->out.options);
	EXPECT_EQ(1460, self->out.mss);
	EXPECT_EQ(3, self->out.wscale);
	EXPECT_EQ(1000U, self->out.tsecr);
	ts = self->out.tsval - self->open.ts_offset;
	EXPECT_EQ(0x16, ts & 0x3f);
	EXPECT_GE(SEC(1000) >> 10, ts);
	EXPECT_LT((SEC(1000) >> 10) - 64, ts);
}

/* Or the first segment after it would have an older one: PAWS. */
TEST_IN(timestamp_is_never_ahead_of_the_clock)
{
	u64 now;

	for (now = SEC(1000); now < SEC(1000) + 200 * 1024; now += 1024) {
		atcp_cookie_syn_ack(&self->open, &self->params, &self->syn, now,
				    &self->out);
		EXPECT_GE(now >> 10, self->out.tsval - self->open.ts_offset);
		EXPECT_EQ(0x16,
			  (self->out.tsval - self->open.ts_offset) & 0x3f);
	}
}

TEST_IN(without_timestamps_there_is_room_for_the_mss_only)
{
	self->syn.options &= ~ATCP_OPT_TS;
	atcp_cookie_syn_ack(&self->open, &self->params, &self->syn, T0,
			    &self->out);
	EXPECT_EQ(ATCP_OPT_MSS, self->out.options);
}

TEST_IN(without_timestamps_of_ours_there_is_none_either)
{
	self->open.options &= ~ATCP_OPT_TS;
	atcp_cookie_syn_ack(&self->open, &self->params, &self->syn, T0,
			    &self->out);
	EXPECT_EQ(ATCP_OPT_MSS, self->out.options);
}

/* The third segment: what was forgotten is known again. */
static bool ack_of(FIXTURE_DATA(syncookie) * self)
{
	const struct atcp_segment ack = {
		.seq = IRS + 1,
		.ack = self->out.seq + 1,
		.flags = ATCP_ACK,
		.wnd = 500,
		.options = self->out.options & ATCP_OPT_TS,
		.tsval = 1007,
		.tsecr = self->out.tsval,
	};

	return atcp_cookie_request(&self->req, &self->open, &self->params, &ack,
				   1440, T0 + MS(30));
}

TEST_IN(each_set_of_options_comes_back)
{
	u8 all[] = { 0, ATCP_OPT_WSCALE, ATCP_OPT_SACK_OK,
		     ATCP_OPT_WSCALE | ATCP_OPT_SACK_OK };
	unsigned int i, wscale;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		for (wscale = 0; wscale <= 14; wscale++) {
			self->syn.options = all[i] | ATCP_OPT_MSS | ATCP_OPT_TS;
			self->syn.wscale = wscale;
			atcp_cookie_syn_ack(&self->open, &self->params,
					    &self->syn, T0, &self->out);
			ASSERT_TRUE(ack_of(self));
			EXPECT_EQ(all[i] | ATCP_OPT_TS, self->req.open.options);
			if (all[i] & ATCP_OPT_WSCALE)
				EXPECT_EQ(wscale, self->req.snd_wscale);
			EXPECT_EQ(IRS, self->req.irs);
			EXPECT_EQ(1440, self->req.peer_mss);
			EXPECT_EQ(1007U, self->req.ts_recent);
		}
	}
}

TEST_IN(ack_without_timestamp_has_no_options)
{
	self->syn.options &= ~ATCP_OPT_TS;
	atcp_cookie_syn_ack(&self->open, &self->params, &self->syn, T0,
			    &self->out);
	ASSERT_TRUE(ack_of(self));
	EXPECT_EQ(0, self->req.open.options);
	EXPECT_EQ(0, self->req.open.rcv_wscale);
}

TEST_IN(options_that_the_operator_took_back_spoil_the_cookie)
{
	atcp_cookie_syn_ack(&self->open, &self->params, &self->syn, T0,
			    &self->out);
	self->open.options = ATCP_OPT_TS | ATCP_OPT_WSCALE;
	EXPECT_FALSE(ack_of(self));
	self->open.options = ATCP_OPT_TS | ATCP_OPT_SACK_OK;
	EXPECT_FALSE(ack_of(self));
	self->open.options = ATCP_OPT_WSCALE | ATCP_OPT_SACK_OK;
	EXPECT_FALSE(ack_of(self));
	self->open.options = OPT_ALL;
	EXPECT_TRUE(ack_of(self));
}

TEST_IN(promotion_is_no_sample_of_the_round_trip_time)
{
	atcp_cookie_syn_ack(&self->open, &self->params, &self->syn, T0,
			    &self->out);
	ASSERT_TRUE(ack_of(self));
	atcp_request_promote(&self->req, &self->c.tcb, T0 + MS(30));
	self->c.now = T0 + MS(30);
	ARRIVES(&self->c, .ack = self->open.iss + 1, .wnd = 500,
		.options = ATCP_OPT_TS, .tsval = 1007);
	EXPECT_EQ(ATCP_ESTABLISHED, self->c.tcb.state);
	EXPECT_EQ(0U, self->c.tcb.srtt_us);
	EXPECT_EQ(500U << 6, self->c.tcb.snd_wnd);
	EXPECT_EQ(1440U - 12, self->c.tcb.mss);
	EXPECT_LT(self->c.tcb.mss, self->c.tcb.cwnd);
}

UNIT_MAIN
