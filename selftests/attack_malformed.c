// SPDX-License-Identifier: GPL-2.0
/*
 * Segments damaged in every way there is, in the middle of two streams, with
 * the right numbers: their octets are not the stream's, so one that is taken
 * shows. Each is counted by its reason.
 */
#include "attack.h"
#include "counters.h"
#include "harness.h"

FIXTURE(damaged)
{
	struct attack a;
};

FIXTURE_PER_FAMILY(damaged);

FIXTURE_SETUP(damaged)
{
	ASSERT_EQ(0, test_setup(_metadata->timeout));
	ASSERT_TRUE(attack_start(&self->a, variant->family));
}

FIXTURE_TEARDOWN(damaged)
{
	test_teardown(_metadata);
	attack_end(&self->a);
}

static bool grows(const char *name, long long *count)
{
	++*count;
	if (WAIT_FOR(counter_read(name) == *count, PATIENCE_MS))
		return true;
	fprintf(stderr, "# %s is %lld, not %lld\n", name, counter_read(name),
		*count);
	return false;
}

/* What fits: only the damage is wrong. */
#define FITS .flags = TH_ACK, .len = 40

TEST_F(damaged, cut_after_each_octet_of_the_header)
{
	long long count = counter_read(DROP_SHORT);
	int cut;

	ATCP_ONLY();
	for (cut = 0; cut < 20; cut++) {
		ASSERT_TRUE(FORGE(&self->a, FITS, .cut = cut ? cut : -1));
		ASSERT_TRUE(grows(DROP_SHORT, &count))
		{
			TH_LOG("%d", cut);
		}
	}
	EXPECT_TRUE(attack_survived(&self->a));
}

TEST_F(damaged, cut_after_each_octet_of_the_options)
{
	long long count = counter_read(DROP_HEADER_LENGTH);
	int cut;

	ATCP_ONLY();
	for (cut = 20; cut < 32; cut++) {
		ASSERT_TRUE(FORGE(&self->a, FITS, .cut = cut));
		ASSERT_TRUE(grows(DROP_HEADER_LENGTH, &count))
		{
			TH_LOG("%d", cut);
		}
	}
	EXPECT_TRUE(attack_survived(&self->a));
}

TEST_F(damaged, each_data_offset_that_is_too_small_or_too_large)
{
	long long count = counter_read(DROP_HEADER_LENGTH);
	int doff;

	ATCP_ONLY();
	for (doff = 0; doff < 5; doff++) {
		ASSERT_TRUE(FORGE(&self->a, FITS, .doff = doff ? doff : -1));
		ASSERT_TRUE(grows(DROP_HEADER_LENGTH, &count));
	}
	for (doff = 9; doff < 16; doff++) {
		ASSERT_TRUE(FORGE(&self->a, .flags = TH_ACK, .doff = doff));
		ASSERT_TRUE(grows(DROP_HEADER_LENGTH, &count));
	}
	EXPECT_TRUE(attack_survived(&self->a));
}

TEST_F(damaged, each_bit_of_the_checksum)
{
	long long count = counter_read(DROP_CHECKSUM);
	int bit;

	ATCP_ONLY();
	for (bit = 0; bit < 16; bit++) {
		ASSERT_TRUE(FORGE(&self->a, FITS, .sum_flip = 1 << bit));
		ASSERT_TRUE(grows(DROP_CHECKSUM, &count));
	}
	EXPECT_TRUE(attack_survived(&self->a));
}

TEST_F(damaged, each_port_0)
{
	long long count = counter_read(DROP_PORT_ZERO);
	bool sent;

	ATCP_ONLY();
	ASSERT_TRUE(FORGE(&self->a, FITS, .sport_zero = true));
	ASSERT_TRUE(grows(DROP_PORT_ZERO, &count));
	ASSERT_TRUE(FORGE(&self->a, FITS, .dport_zero = true));
	ASSERT_TRUE(grows(DROP_PORT_ZERO, &count));
	sent = FORGE(&self->a, FITS, .sport_zero = true, .dport_zero = true);
	ASSERT_TRUE(sent);
	ASSERT_TRUE(grows(DROP_PORT_ZERO, &count));
	EXPECT_TRUE(attack_survived(&self->a));
}

/* Options */

/* The lengths that a kind may have, as a mask; 0 for one that may have any. */
static uint64_t lengths_of(int kind)
{
	switch (kind) {
	case TCPOPT_MAXSEG:
		return 1 << 4;
	case TCPOPT_WINDOW:
		return 1 << 3;
	case TCPOPT_SACK_PERMITTED:
		return 1 << 2;
	case TCPOPT_SACK:
		return 1 << 10 | 1 << 18 | 1 << 26 | 1ull << 34;
	case TCPOPT_TIMESTAMP:
		return 1 << 10;
	default:
		return 0;
	}
}

#define OPTIONS_MAX 40

/* Good timestamps first, so that they are not what is wrong. */
static int list_with(struct attack *a, uint8_t *list, int kind, int len)
{
	const struct attack_end *peer = &a->end[1];
	int i;

	memset(list, TCPOPT_NOP, OPTIONS_MAX);
	list[2] = TCPOPT_TIMESTAMP;
	list[3] = 10;
	for (i = 0; i < 4; i++) {
		list[4 + i] = peer->tsval >> (24 - 8 * i);
		list[8 + i] = peer->tsecr >> (24 - 8 * i);
	}
	list[12] = kind;
	list[13] = len;
	return OPTIONS_MAX;
}

static bool is_wrong(int kind, int len)
{
	uint64_t good = lengths_of(kind);

	if (len < 2 || len > OPTIONS_MAX - 12)
		return true;
	return good && !(good >> len & 1);
}

static bool each_length(struct attack *a, int kind)
{
	long long count = counter_read(DROP_OPTIONS);
	uint8_t list[OPTIONS_MAX];
	bool sent;
	int len;

	for (len = 0; len < 256; len += len < 44 ? 1 : 53) {
		if (!is_wrong(kind, len))
			continue;
		attack_watch(a);
		sent = FORGE(a, FITS, .options = list,
			     .opt_len = list_with(a, list, kind, len));
		if (!sent || !grows(DROP_OPTIONS, &count)) {
			fprintf(stderr, "# kind %d of length %d\n", kind, len);
			return false;
		}
	}
	return attack_survived(a);
}

TEST_F(damaged, each_option_of_each_wrong_length)
{
	static const uint8_t kinds[] = { 2, 3, 4, 5, 8, 6, 19, 28, 30, 34, 253 };
	size_t i;

	ATCP_ONLY();
	for (i = 0; i < sizeof(kinds); i++)
		EXPECT_TRUE(each_length(&self->a, kinds[i]));
}

TEST_F(damaged, each_kind_without_room_for_its_length)
{
	long long count = counter_read(DROP_OPTIONS);
	uint8_t list[OPTIONS_MAX];
	int kind;

	ATCP_ONLY();
	for (kind = 2; kind < 256; kind++) {
		attack_watch(&self->a);
		list_with(&self->a, list, TCPOPT_NOP, TCPOPT_NOP);
		list[OPTIONS_MAX - 1] = kind;
		ASSERT_TRUE(FORGE(&self->a, FITS, .options = list,
				  .opt_len = OPTIONS_MAX));
		ASSERT_TRUE(grows(DROP_OPTIONS, &count))
		{
			TH_LOG("%d", kind);
		}
	}
	EXPECT_TRUE(attack_survived(&self->a));
}

/* What stands behind the list's end is no option, whatever it looks like. */
TEST_F(damaged, nothing_counts_behind_the_end_of_the_list)
{
	long long count = counter_read(DROP_OPTIONS);
	uint8_t list[OPTIONS_MAX];

	ATCP_ONLY();
	attack_watch(&self->a);
	list_with(&self->a, list, TCPOPT_EOL, 0);
	memset(list + 13, 0xff, OPTIONS_MAX - 13);
	ASSERT_TRUE(FORGE(&self->a, .flags = TH_ACK, .options = list,
			  .opt_len = OPTIONS_MAX));
	EXPECT_TRUE(attack_survived(&self->a));
	EXPECT_EQ(count, counter_read(DROP_OPTIONS));
}

/* Flags */

/* With every bit of the header that has no name, too. */
TEST_F(damaged, each_combination_of_flags)
{
	int flags, to;

	for (flags = 0; flags < 256; flags++) {
		/* No RST is exact, no ACK can be meant. */
		to = flags & 1;
		ASSERT_TRUE(FORGE(&self->a, .to = to, .flags = flags,
				  .seq = flags & TH_RST ? 50 : 0, .ack = 9999,
				  .len = 30, .reserved = flags & 15,
				  .urgent = flags));
		ASSERT_TRUE(FORGE(&self->a, .to = !to, .flags = flags,
				  .seq = 0x50000000, .ack = 0, .len = 30,
				  .reserved = 15));
		ASSERT_TRUE(attack_flow(&self->a, 500))
		{
			TH_LOG("%x", flags);
		}
	}
	EXPECT_TRUE(attack_survived(&self->a));
}

/* Fragments */

/* A header in pieces is a header: this SYN gets its challenge. */
TEST_F(damaged, header_in_fragments)
{
	long long count = counter_read(DROP_CHALLENGED);
	int size;

	if (variant->family != AF_INET)
		SKIP(return, "fragments of IPv6 are made otherwise");
	ATCP_ONLY();
	for (size = 8; size <= 32; size += 8) {
		ASSERT_TRUE(FORGE(&self->a, .flags = TH_SYN, .len = 200,
				  .fragment = size));
		ASSERT_TRUE(grows(DROP_CHALLENGED, &count));
	}
	EXPECT_TRUE(attack_survived(&self->a));
}

TEST_F(damaged, fragments_that_never_end)
{
	int i;

	for (i = 0; i < 500; i++)
		ASSERT_TRUE(FORGE(&self->a, FITS, .fragment = 16,
				  .lose_last = true));
	EXPECT_TRUE(attack_survived(&self->a));
}

/* Addresses */

/* Of many, of nobody, of this machine itself: they come from outside. */
static const char *const odd_v4[] = {
	"0.0.0.0",	   "127.0.0.1", "192.0.2.1",	   "192.0.2.255",
	"127.255.255.255", "224.0.0.1", "255.255.255.255", "240.0.0.1",
};

static const char *const odd_v6[] = { "::", "::1", "2001:db8::1", "ff02::1",
				      "ff0e::1" };

/* Neither answered, nor does a listener begin with it, nor a connection end. */
TEST_F(damaged, addresses_that_nobody_else_has)
{
	bool ipv6 = variant->family == AF_INET6;
	const char *own = ipv6 ? "2001:db8::1" : "192.0.2.1";
	struct sockaddr_storage any = test_any(variant->family, 7000);
	int fd = test_socket(variant->family, 0);
	size_t i, n = ipv6 ? 5 : 8;
	long long sent;

	/* Linux answers a subnet's broadcast address. */
	ATCP_ONLY();
	ASSERT_EQ(0, bind(fd, (struct sockaddr *)&any,
			  test_addrlen(variant->family)));
	ASSERT_EQ(0, listen(fd, 8));
	ASSERT_TRUE(attack_survived(&self->a));
	ASSERT_TRUE(attack_from_outside(&self->a));
	WAIT_FOR(false, 100);
	sent = counter_read("OutSegs");
	for (i = 0; i < n; i++) {
		const char *odd = ipv6 ? odd_v6[i] : odd_v4[i];

		/* To the listener, to nobody, to the connection. */
		ASSERT_TRUE(FORGE(&self->a, .flags = TH_SYN, .dport = 7000,
				  .sport = 5000, .saddr = odd, .daddr = own));
		ASSERT_TRUE(FORGE(&self->a, .flags = TH_ACK, .dport = 7001,
				  .sport = 5000, .saddr = odd, .daddr = own));
		ASSERT_TRUE(FORGE(&self->a, FITS, .saddr = odd));
		ASSERT_TRUE(FORGE(&self->a, .flags = TH_RST, .saddr = odd));
		if (!strcmp(odd, own))
			continue;
		ASSERT_TRUE(FORGE(&self->a, .flags = TH_SYN, .dport = 7000,
				  .sport = 5000, .saddr = own, .daddr = odd));
		ASSERT_TRUE(FORGE(&self->a, FITS, .daddr = odd));
	}
	WAIT_FOR(false, 100);
	EXPECT_EQ(0, proc_count(variant->family, ST_SYN_RECEIVED));
	EXPECT_EQ(sent, counter_read("OutSegs"));
	EXPECT_TRUE(attack_survived(&self->a));
	close(fd);
}

/* Numbers that fit, and mean nothing good */

TEST_F(damaged, urgent_pointers_to_nowhere)
{
	static const uint16_t pointers[] = { 0, 1, 2, 1000, 0x7fff, 0xffff };
	size_t i;

	for (i = 0; i < sizeof(pointers) / sizeof(*pointers); i++) {
		ASSERT_TRUE(FORGE(&self->a, .flags = TH_ACK | TH_URG,
				  .urgent = pointers[i], .ack = 1));
		ASSERT_TRUE(FORGE(&self->a, .flags = TH_ACK,
				  .urgent = pointers[i]));
		ASSERT_TRUE(attack_flow(&self->a, 1000));
	}
	EXPECT_TRUE(attack_survived(&self->a));
}

/* Of what was never sent, below what is acknowledged, backwards, nothing. */
TEST_F(damaged, selective_acknowledgments_of_anything)
{
	static const int32_t edges[][2] = {
		{ 1, 100 },	    { -100, -1 },
		{ 100, 1 },	    { 0, 0 },
		{ -1, 1 },	    { 0x7fffffff, -0x7fffffff },
		{ -2147483647, 0 }, { 0, 2147483647 },
	};
	struct attack_end *to = &self->a.end[0];
	uint8_t list[OPTIONS_MAX];
	size_t i;
	int n;

	for (i = 0; i < sizeof(edges) / sizeof(*edges); i++) {
		attack_watch(&self->a);
		list_with(&self->a, list, TCPOPT_SACK, 10);
		for (n = 0; n < 8; n++)
			list[14 + n] = (to->seq + edges[i][n / 4]) >>
				       (24 - 8 * (n % 4));
		ASSERT_TRUE(FORGE(&self->a, .flags = TH_ACK, .options = list,
				  .opt_len = OPTIONS_MAX));
		ASSERT_TRUE(attack_flow(&self->a, 20000))
		{
			TH_LOG("%zu", i);
		}
	}
	EXPECT_TRUE(attack_survived(&self->a));
}

/*
 * Two versions of the same octets, each as good as the other: which of them is
 * read is nobody's business, but each octet is read once, and is one of them.
 */
TEST_F(damaged, overlaps_that_disagree)
{
	static const struct {
		int seq, len;
		char byte;
	} parts[] = { { 1000, 1000, 'a' }, { 500, 1000, 'b' },
		      { 1500, 1000, 'c' }, { 1200, 5, 'd' },
		      { 900, 1400, 'e' },  { 0, 600, 'f' } };
	const size_t n = sizeof(parts) / sizeof(*parts);
	char bytes[3000];
	size_t i;
	int at;

	for (i = 0; i < n; i++) {
		memset(bytes, parts[i].byte, parts[i].len);
		ASSERT_TRUE(FORGE(&self->a, .flags = TH_ACK,
				  .seq = parts[i].seq, .len = parts[i].len,
				  .data = bytes));
	}
	memset(bytes, 0, sizeof(bytes));
	for (at = 0; at < 2500;) {
		int got = recv(self->a.end[0].fd, bytes + at,
			       sizeof(bytes) - at, 0);

		ASSERT_LT(0, got);
		at += got;
	}
	EXPECT_EQ(2500, at);
	for (at = 0; at < 2500; at++) {
		for (i = 0; i < n; i++) {
			if (at >= parts[i].seq &&
			    at < parts[i].seq + parts[i].len &&
			    bytes[at] == parts[i].byte)
				break;
		}
		ASSERT_LT(i, n)
		{
			TH_LOG("octet %d is %d", at, bytes[at]);
		}
	}
}

TEST_MAIN
