// SPDX-License-Identifier: GPL-2.0
/*
 * Who is not one of the two ends cannot end a connection, slow it down for
 * good, or put octets into it: RFC 4953's catalogue, the answers of RFC 5961,
 * and RFC 5927's for ICMP. Segments that nobody should send come in the middle
 * of two streams, in the peer's name.
 */
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

#include "attack.h"
#include "counters.h"
#include "harness.h"

FIXTURE(blind)
{
	struct attack a;
};

FIXTURE_PER_FAMILY(blind);

FIXTURE_SETUP(blind)
{
	ASSERT_EQ(0, test_setup(_metadata->timeout));
	ASSERT_TRUE(attack_start(&self->a, variant->family));
}

FIXTURE_TEARDOWN(blind)
{
	test_teardown(_metadata);
	attack_end(&self->a);
}

static long long before;

static bool grew_to(const char *name, long long want)
{
	if (!test_is_atcp() ||
	    WAIT_FOR(counter_read(name) - before >= want, PATIENCE_MS))
		return true;
	fprintf(stderr, "# %s grew by %lld, not %lld\n", name,
		counter_read(name) - before, want);
	return false;
}

/* While nothing flows each is dropped for @reason; then some in the flow. */
static bool in_vain(struct attack *a, const char *reason,
		    const struct forged *f)
{
	struct forged other = *f;
	int i;

	other.to = !f->to;
	/* A delayed ACK would bring a newer timestamp meanwhile. */
	WAIT_FOR(false, 220);
	before = counter_read(reason);
	if (!attack_forge(a, f) || !attack_forge(a, &other) ||
	    !grew_to(reason, 2) || !attack_survived(a))
		return false;
	for (i = 0; i < 20; i++) {
		if (!attack_flow(a, 1 + i * 777) || !attack_forge(a, f) ||
		    !attack_forge(a, &other))
			return false;
	}
	return attack_survived(a);
}

#define IN_VAIN(name, reason, ...)                                             \
	TEST_F(blind, name)                                                    \
	{                                                                      \
		EXPECT_TRUE(in_vain(&self->a, reason,                          \
				    &(struct forged){ __VA_ARGS__ }));         \
	}

/* RFC 5961 section 3: a RST must be exact. */
IN_VAIN(rst_one_ahead, DROP_CHALLENGED, .flags = TH_RST, .seq = 1)
IN_VAIN(rst_in_the_window, DROP_CHALLENGED, .flags = TH_RST, .seq = 20000)
IN_VAIN(rst_with_ack_in_the_window, DROP_CHALLENGED, .flags = TH_RST | TH_ACK,
	.seq = 100)
IN_VAIN(rst_with_data_in_the_window, DROP_CHALLENGED, .flags = TH_RST,
	.seq = 100, .len = 100)
IN_VAIN(rst_far_behind_the_window, DROP_OUT_OF_WINDOW, .flags = TH_RST,
	.seq = 0x40000000)
IN_VAIN(rst_just_before_the_window, DROP_OUT_OF_WINDOW, .flags = TH_RST,
	.seq = -1)

/* Section 4: a SYN changes nothing, wherever it is; outside the window it is
 * counted as what it is, too.
 */
IN_VAIN(syn_at_the_next_number, DROP_CHALLENGED, .flags = TH_SYN)
IN_VAIN(syn_in_the_window, DROP_CHALLENGED, .flags = TH_SYN, .seq = 5000)
IN_VAIN(syn_anywhere, DROP_OUT_OF_WINDOW, .flags = TH_SYN, .seq = 0x40000000)
IN_VAIN(syn_with_ack, DROP_CHALLENGED, .flags = TH_SYN | TH_ACK)
IN_VAIN(syn_with_data, DROP_CHALLENGED, .flags = TH_SYN, .len = 100)

/* Section 5: data is taken only with an ACK that can be meant. */
IN_VAIN(data_with_an_ack_of_the_future, DROP_BAD_ACK, .flags = TH_ACK, .ack = 1,
	.len = 100)
IN_VAIN(data_with_an_ack_of_the_far_future, DROP_BAD_ACK, .flags = TH_ACK,
	.ack = 0x7fffffff, .len = 100)
IN_VAIN(data_with_an_ancient_ack, "DropOldAck", .flags = TH_ACK,
	.ack = -0x20000000, .len = 100)
IN_VAIN(data_without_ack, DROP_BAD_FLAGS, .flags = TH_PUSH, .len = 100)
IN_VAIN(data_out_of_order_with_an_ack_of_the_future, DROP_BAD_ACK,
	.flags = TH_ACK, .seq = 1000, .ack = 1, .len = 100)
IN_VAIN(data_behind_the_window, DROP_OUT_OF_WINDOW, .flags = TH_ACK,
	.seq = 0x40000000, .len = 100)
IN_VAIN(data_that_came_before, DROP_OLD_DATA, .flags = TH_ACK, .seq = -100,
	.len = 100)
IN_VAIN(fin_with_an_ack_of_the_future, DROP_BAD_ACK, .flags = TH_FIN | TH_ACK,
	.ack = 1)
IN_VAIN(fin_without_ack, DROP_BAD_FLAGS, .flags = TH_FIN)
IN_VAIN(fin_behind_the_window, DROP_OUT_OF_WINDOW, .flags = TH_FIN | TH_ACK,
	.seq = 0x40000000)

/* RFC 7323 section 5: the numbers fit, the clock does not. */
IN_VAIN(data_with_a_clock_of_the_past, DROP_PAWS, .flags = TH_ACK, .len = 100,
	.clock = -0x40000000)
IN_VAIN(data_with_a_clock_just_behind, DROP_PAWS, .flags = TH_ACK, .len = 100,
	.clock = -100000)

/* How long an attack with very many segments takes at the most. */
#define AWHILE_US 3000000

/* RFC 4953 section 2.2: a RST for each window of the whole number space. */
TEST_F(blind, rst_for_each_window)
{
	struct attack *a = &self->a;
	uint64_t end = now_us() + AWHILE_US;
	uint32_t step, seq;

	attack_watch(a);
	step = a->end[0].window > 20000 ? a->end[0].window : 20000;
	/* None is exact. A slow machine gets no further than this. */
	for (seq = 7; seq + step > seq && now_us() < end; seq += step)
		ASSERT_TRUE(FORGE(a, .flags = TH_RST, .seq = seq));
	EXPECT_TRUE(attack_survived(a));
}

/* RFC 5961 section 7: forged segments cannot make us flood the peer. */
TEST_F(blind, challenges_are_few)
{
	struct attack *a = &self->a;
	long long sent;
	int i;

	ATCP_ONLY();
	ASSERT_EQ(0, file_write("/proc/sys/net/atcp/challenge_ack_limit", "8"));
	ASSERT_TRUE(WAIT_FOR(now_us() % 1000000 < 200000, 2000));
	sent = counter_read("OutSegs");
	before = counter_read(DROP_CHALLENGED);
	for (i = 0; i < 1000; i++)
		ASSERT_TRUE(FORGE(a, .flags = TH_SYN, .seq = i));
	EXPECT_TRUE(grew_to(DROP_CHALLENGED, 1000));
	/* Half as many more, in each of two seconds. */
	EXPECT_GE(sent + 24, counter_read("OutSegs"));
	EXPECT_LT(sent, counter_read("OutSegs"));
	EXPECT_TRUE(attack_survived(a));
}

/* RFC 5927 section 5: no ICMP error ends a connection. */
static bool icmp_in_vain(struct attack *a, uint8_t type, uint8_t code)
{
	int i;

	for (i = 0; i < 3; i++) {
		if (!attack_flow(a, 3000) ||
		    !attack_icmp(a, i % 2, type, code, 0, -1) ||
		    !attack_icmp(a, i % 2, type, code, 0, 0) ||
		    !attack_icmp(a, i % 2, type, code, 0, 0x1000000))
			return false;
	}
	return attack_survived(a);
}

TEST_F(blind, icmp_unreachable_of_each_kind)
{
	bool ipv6 = variant->family == AF_INET6;
	int code;

	for (code = 0; code < 18; code++) {
		EXPECT_TRUE(icmp_in_vain(&self->a,
					 ipv6 ? ICMP6_DST_UNREACH :
						ICMP_DEST_UNREACH,
					 code))
		{
			TH_LOG("code %d", code);
		}
	}
}

TEST_F(blind, icmp_of_each_other_kind)
{
	int type;

	for (type = 0; type < 45; type++) {
		EXPECT_TRUE(icmp_in_vain(&self->a, type, type % 3))
		{
			TH_LOG("type %d", type);
		}
	}
}

static unsigned int mss_of(const struct attack_end *e)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);

	return getsockopt(e->fd, SOL_TCP, TCP_INFO, &info, &len) ?
		       0 :
		       info.tcpi_snd_mss;
}

static bool too_big(struct attack *a, uint16_t mtu, int32_t seq)
{
	bool ipv6 = a->family == AF_INET6;

	return attack_icmp(a, 0,
			   ipv6 ? ICMP6_PACKET_TOO_BIG : ICMP_DEST_UNREACH,
			   ipv6 ? 0 : ICMP_FRAG_NEEDED, mtu, seq);
}

/* Section 7: what is quoted must be in flight. */
TEST_F(blind, smaller_mtu_for_what_is_not_in_flight)
{
	struct attack *a = &self->a;
	unsigned int mss = mss_of(&a->end[0]);
	static const uint16_t mtus[] = { 0, 1, 20, 68, 576, 1280, 1500 };
	size_t i;

	for (i = 0; i < sizeof(mtus) / sizeof(*mtus); i++) {
		ASSERT_TRUE(too_big(a, mtus[i], -100));
		ASSERT_TRUE(too_big(a, mtus[i], 100));
		ASSERT_TRUE(too_big(a, mtus[i], 0x40000000));
	}
	EXPECT_TRUE(attack_survived(a));
	EXPECT_LE(mss, mss_of(&a->end[0]));
}

/* Who sees what is in flight can make segments small, but not vanish. */
TEST_F(blind, smaller_mtu_for_what_is_in_flight)
{
	struct attack *a = &self->a;
	static const uint16_t mtus[] = { 1500, 576, 68, 20, 1, 0 };
	size_t i;

	for (i = 0; i < sizeof(mtus) / sizeof(*mtus); i++) {
		ASSERT_TRUE(attack_flow(a, 3000));
		ASSERT_TRUE(too_big(a, mtus[i], 0));
		EXPECT_TRUE(attack_survived(a));
		EXPECT_LE(48, mss_of(&a->end[0]));
	}
}

/* RFC 4953 section 2.3 and 3.2: a SYN for what is open, from anyone. */
TEST_F(blind, syns_from_everywhere)
{
	struct attack *a = &self->a;
	struct sockaddr_storage addr;
	uint64_t end = now_us() + AWHILE_US;
	int listener, one = 1, i;

	/* Beside the connection, someone listens at its port. */
	listener = test_socket(variant->family, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	addr = test_loopback(variant->family, 0);
	ASSERT_EQ(0, bind(listener, (struct sockaddr *)&addr,
			  test_addrlen(variant->family)));
	ASSERT_EQ(0, listen(listener, 16));
	for (i = 0; i < 5000 && now_us() < end; i++)
		ASSERT_TRUE(FORGE(a, .to = 1, .flags = TH_SYN, .seq = i * 99,
				  .sport = 1 + i % 30000,
				  .dport = test_sockport(listener)));
	EXPECT_TRUE(attack_survived(a));
	close(listener);
}

/* A SYN from a socket to itself must not make it talk to itself for ever. */
TEST_F(blind, syn_from_its_own_address)
{
	struct attack *a = &self->a;
	int listener = test_listen(variant->family, 0, 4);
	uint16_t port = test_sockport(listener);
	long long sent = counter_read("OutSegs");
	int i;

	for (i = 0; i < 100; i++)
		ASSERT_TRUE(FORGE(a, .flags = TH_SYN, .seq = i * 1000003,
				  .sport = port, .dport = port));
	EXPECT_TRUE(attack_survived(a));
	if (test_is_atcp())
		EXPECT_GE(sent + 1000, counter_read("OutSegs"));
	close(listener);
}

TEST_MAIN
