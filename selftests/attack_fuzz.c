// SPDX-License-Identifier: GPL-2.0
/*
 * Random segments, thousands of them. The seed is on stderr when a test fails,
 * and ATCP_TEST_SEED brings the same ones again.
 */
#include <stdlib.h>

#include "attack.h"
#include "harness.h"
#include "kernel.h"

FIXTURE(fuzz)
{
	struct attack a;
	struct attack neighbour;
	uint64_t random;
};

FIXTURE_PER_FAMILY(fuzz);

FIXTURE_SETUP(fuzz)
{
	const char *seed = getenv("ATCP_TEST_SEED");

	ASSERT_EQ(0, test_setup(_metadata->timeout));
	ASSERT_TRUE(attack_start(&self->a, variant->family));
	ASSERT_TRUE(attack_start(&self->neighbour, variant->family));
	self->random = seed ? strtoull(seed, NULL, 0) : now_us();
	TH_LOG("ATCP_TEST_SEED=%llu", (unsigned long long)self->random);
	kernel_mark();
}

FIXTURE_TEARDOWN(fuzz)
{
	test_teardown(_metadata);
	attack_end(&self->a);
	attack_end(&self->neighbour);
}

static uint32_t below(uint64_t *random, uint32_t limit)
{
	return attack_random(random) % limit;
}

static bool now_and_then(uint64_t *random, unsigned int one_in)
{
	return !below(random, one_in);
}

/* Mostly near to what fits: what is far off is dropped early. */
static int32_t near(uint64_t *random)
{
	switch (below(random, 6)) {
	case 0:
		return 0;
	case 1:
		return (int32_t)below(random, 5) - 2;
	case 2:
		return below(random, 70000);
	case 3:
		return -(int32_t)below(random, 70000);
	case 4:
		return below(random, 2000);
	default:
		return attack_random(random);
	}
}

#define OPTIONS_MAX 40

/* Known kinds and others, of right and of wrong lengths, up to anywhere. */
static int random_options(uint64_t *random, const struct attack_end *peer,
			  uint8_t *list)
{
	static const uint8_t kinds[] = { 0, 1, 2, 3, 4, 5, 8, 28, 34, 253 };
	static const uint8_t lens[] = { 1, 1, 4, 3, 2, 18, 10, 4, 12, 6 };
	int at = 0, i, n;

	while (at < OPTIONS_MAX && !now_and_then(random, 6)) {
		i = below(random, sizeof(kinds));
		n = now_and_then(random, 8) ? (int)below(random, 256) : lens[i];
		list[at++] = kinds[i];
		if (kinds[i] < 2 || at == OPTIONS_MAX)
			continue;
		list[at++] = n;
		for (n -= 2; n > 0 && at < OPTIONS_MAX; n--)
			list[at++] = attack_random(random);
		/* A clock that is about right lets it pass. */
		if (kinds[i] == 8 && at >= 8 && peer->seen_ts)
			for (i = 0; i < 4; i++)
				list[at - 8 + i] = peer->tsval >> (24 - 8 * i);
	}
	while (at % 4)
		list[at++] = 1;
	return at;
}

static void random_segment(uint64_t *random, const struct attack *a,
			   struct forged *f, uint8_t *list)
{
	memset(f, 0, sizeof(*f));
	f->to = below(random, 2);
	f->flags = now_and_then(random, 2) ? TH_ACK : attack_random(random);
	f->seq = near(random);
	f->ack = near(random);
	f->win = now_and_then(random, 3) ? below(random, 65536) : 0;
	f->urgent = attack_random(random);
	if (now_and_then(random, 2)) {
		f->opt_len = random_options(random, &a->end[!f->to], list);
		f->options = list;
	}
	if (now_and_then(random, 2))
		f->len = below(random, now_and_then(random, 20) ? 20000 : 1500);
	if (now_and_then(random, 30))
		f->doff = (int)below(random, 17) - 1;
	if (now_and_then(random, 30))
		f->cut = 1 + below(random, 60);
	if (now_and_then(random, 30))
		f->sum_flip = attack_random(random);
	if (now_and_then(random, 30))
		f->fragment = 8 * (1 + below(random, 4));
	if (f->fragment)
		f->len %= 1500;
	f->lose_last = now_and_then(random, 4);
	f->reserved = below(random, 16);
}

#define FOR_US 2000000

/* Nothing that can be meant: its ACK is of the future, its RST not exact. */
static void make_wrong(uint64_t *random, struct forged *f)
{
	f->ack = 1 + below(random, 0x3fffffff);
	if (f->flags & TH_RST)
		f->seq = f->seq ? f->seq : 1;
	else
		f->flags |= now_and_then(random, 2) ? TH_SYN : TH_ACK;
}

TEST_F(fuzz, what_cannot_be_meant_does_no_harm)
{
	uint64_t end = now_us() + FOR_US;
	uint8_t list[OPTIONS_MAX];
	struct forged f;
	int sent = 0, i;

	while (now_us() < end) {
		/* The flow's length decides where in it they come. */
		ASSERT_TRUE(attack_flow(&self->a, below(&self->random, 3000)));
		for (i = 0; i < 20; i++, sent++) {
			random_segment(&self->random, &self->a, &f, list);
			make_wrong(&self->random, &f);
			ASSERT_TRUE(attack_forge(&self->a, &f));
		}
	}
	EXPECT_LT(20, sent);
	EXPECT_TRUE(attack_survived(&self->a));
	EXPECT_TRUE(kernel_quiet());
}

static void stir(struct attack *a, uint64_t *random)
{
	static char bytes[4096];
	int i;

	for (i = 0; i < 2; i++) {
		if (now_and_then(random, 2))
			send(a->end[i].fd, bytes, below(random, sizeof(bytes)),
			     MSG_DONTWAIT | MSG_NOSIGNAL);
		if (now_and_then(random, 2))
			recv(a->end[i].fd, bytes, below(random, sizeof(bytes)),
			     MSG_DONTWAIT);
		if (now_and_then(random, 50))
			shutdown(a->end[i].fd, SHUT_WR);
	}
}

/* Whatever becomes of the victim, its neighbour does not notice. */
TEST_F(fuzz, neighbour_of_a_victim_is_left_alone)
{
	uint64_t end = now_us() + FOR_US;
	uint8_t list[OPTIONS_MAX];
	struct forged f;
	int victims = 0, i;

	while (now_us() < end) {
		for (i = 0; i < 200; i++) {
			random_segment(&self->random, &self->a, &f, list);
			ASSERT_TRUE(attack_forge(&self->a, &f));
			stir(&self->a, &self->random);
		}
		ASSERT_TRUE(attack_flow(&self->neighbour, 5000));
		attack_end(&self->a);
		ASSERT_TRUE(attack_start(&self->a, variant->family));
		victims++;
	}
	EXPECT_LT(0, victims);
	EXPECT_TRUE(attack_survived(&self->neighbour));
	EXPECT_TRUE(kernel_quiet());
}

/* Listeners, ports that nobody has, connections that are not there yet. */
TEST_F(fuzz, everybody_else_is_left_alone)
{
	int listener = test_listen(variant->family, 0, 8);
	uint64_t end = now_us() + FOR_US;
	uint8_t list[OPTIONS_MAX];
	struct forged f;
	int sent = 0, fd;

	set_nonblock(listener, true);
	while (now_us() < end) {
		random_segment(&self->random, &self->a, &f, list);
		f.sport = 1000 + below(&self->random, 8);
		f.dport = now_and_then(&self->random, 8) ?
				  8 :
				  test_sockport(listener);
		if (now_and_then(&self->random, 3))
			f.flags = TH_SYN;
		ASSERT_TRUE(attack_forge(&self->a, &f));
		fd = accept(listener, NULL, NULL);
		if (fd >= 0)
			close(fd);
		if (!(++sent % 100))
			ASSERT_TRUE(attack_flow(&self->neighbour, 1000));
	}
	close(listener);
	EXPECT_LT(20, sent);
	EXPECT_TRUE(attack_survived(&self->neighbour));
	EXPECT_TRUE(kernel_quiet());
}

TEST_MAIN
