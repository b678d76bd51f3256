/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's kselftest_harness.h, and what it lacks here: tests that can be
 * listed and run one by one, a variant for each address family, a namespace for
 * each test, and a look at that namespace when the test fails.
 */
#ifndef ATCP_HARNESS_H
#define ATCP_HARNESS_H

#include <fnmatch.h>
#include <getopt.h>
#include <signal.h>

#include "kselftest_harness.h"
#include "testlib.h"

/*
 * Runs every test of @fixture once for each address family that ATCP speaks.
 * This is the one place that names them.
 */
#define FIXTURE_PER_FAMILY(fixture)                                            \
	FIXTURE_VARIANT(fixture)                                               \
	{                                                                      \
		int family;                                                    \
	};                                                                     \
	FIXTURE_VARIANT_ADD(fixture, ipv4)                                     \
	{                                                                      \
		.family = AF_INET,                                             \
	}

/* A fixture that is a fresh namespace, and perhaps a connection in it. */
#define FIXTURE_NETNS(fixture)                                                 \
	FIXTURE(fixture)                                                       \
	{                                                                      \
		int fd[2];                                                     \
	};                                                                     \
	FIXTURE_PER_FAMILY(fixture);                                           \
	FIXTURE_SETUP(fixture)                                                 \
	{                                                                      \
		ASSERT_EQ(0, test_setup(_metadata->timeout));                  \
	}                                                                      \
	FIXTURE_TEARDOWN(fixture)                                              \
	{                                                                      \
		test_teardown(_metadata);                                      \
	}

/* In its tests: self->fd[0] has connected, self->fd[1] was accepted. */
#define CONNECT_PAIR() ASSERT_EQ(0, test_pair(variant->family, self->fd))

#define EXPECT_ERRNO(err, call)                                                \
	do {                                                                   \
		errno = 0;                                                     \
		EXPECT_EQ(-1, (call));                                         \
		EXPECT_EQ(err, errno);                                         \
	} while (0)

static inline void test_watchdog(int sig)
{
	(void)sig;
	fprintf(stderr, "# the test hangs\n");
	test_dump();
	abort();
}

/*
 * The harness kills a test that hangs from outside, and with it what could be
 * learned from its namespace; so the test looks itself, a little earlier.
 */
static inline int test_setup(int timeout)
{
	signal(SIGALRM, test_watchdog);
	alarm(timeout - 2);
	return test_netns();
}

static inline void test_teardown(struct __test_metadata *_metadata)
{
	alarm(0);
	if (!_metadata->passed)
		test_dump();
}

/* What only ATCP has cannot be looked for in the kernel's TCP. */
#define ATCP_ONLY()                                                            \
	do {                                                                   \
		if (!test_is_atcp())                                           \
			SKIP(return, "protocol %d has no such thing",          \
				   test_proto());                              \
	} while (0)

static inline void test_full_name(char *buf, size_t len,
				  const struct __fixture_metadata *f,
				  const struct __fixture_variant_metadata *v,
				  const struct __test_metadata *t)
{
	snprintf(buf, len, "%s%s%s.%s", f->name, v ? "." : "", v ? v->name : "",
		 t->name);
}

static inline bool test_matches(const char *pattern,
				const struct __fixture_metadata *f,
				const struct __fixture_variant_metadata *v,
				const struct __test_metadata *t)
{
	char name[256];

	test_full_name(name, sizeof(name), f, v, t);
	return !strcmp(pattern, t->name) || !fnmatch(pattern, name, 0);
}

/* A test that has its own limit waits for real time-outs. */
static inline bool test_is_long(const struct __test_metadata *t)
{
	return t->timeout > TEST_TIMEOUT_DEFAULT;
}

static inline void test_list(void)
{
	struct __fixture_variant_metadata *v;
	struct __fixture_metadata *f;
	struct __test_metadata *t;
	char name[256];

	for (f = __fixture_list; f; f = f->next) {
		v = f->variant;
		do {
			for (t = f->tests; t; t = t->next) {
				test_full_name(name, sizeof(name), f, v, t);
				puts(name);
			}
			v = v ? v->next : NULL;
		} while (v);
	}
}

/* Unlinks the tests that wait for real time-outs, or all others. */
static inline void test_keep(bool slow)
{
	struct __fixture_metadata *f;
	struct __test_metadata **link;

	for (f = __fixture_list; f; f = f->next) {
		link = &f->tests;
		while (*link) {
			if (test_is_long(*link) == slow)
				link = &(*link)->next;
			else
				*link = (*link)->next;
		}
	}
}

/* Unlinks the tests that @pattern does not name; says how many are left. */
static inline int test_select(const char *pattern)
{
	struct __fixture_variant_metadata *v;
	struct __fixture_metadata *f;
	struct __test_metadata **link;
	int left = 0;

	for (f = __fixture_list; f; f = f->next) {
		link = &f->tests;
		while (*link) {
			bool match = false;

			v = f->variant;
			do {
				match |= test_matches(pattern, f, v, *link);
				v = v ? v->next : NULL;
			} while (v);
			left += match;
			if (match)
				link = &(*link)->next;
			else
				*link = (*link)->next;
		}
	}
	return left;
}

static inline int test_main(int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "hilnt:")) != -1) {
		switch (opt) {
		case 'i':
		case 'n':
			test_keep(opt == 'i');
			break;
		case 'l':
			test_list();
			return 0;
		case 't':
			if (test_select(optarg))
				break;
			fprintf(stderr, "%s: no test '%s'; -l lists them\n",
				argv[0], optarg);
			return 2;
		default:
			printf("Usage: %s [-n|-i] [-l|-t TEST]\n"
			       "  -n       none of the tests that wait for real time-outs\n"
			       "  -i       only those: for a clock that skips idle time\n"
			       "  -l       list the tests\n"
			       "  -t TEST  run only TEST: its name, or a pattern for FIXTURE.FAMILY.NAME\n"
			       "ATCP_TEST_PROTO=6 tests the kernel's own TCP instead of ATCP.\n",
			       argv[0]);
			return opt == 'h' ? 0 : 2;
		}
	}
	signal(SIGPIPE, SIG_IGN);
	return test_harness_run(argc, argv);
}

#define TEST_MAIN                                                              \
	static void __attribute__((constructor))                               \
	__constructor_order_last(void)                                         \
	{                                                                      \
		if (!__constructor_order)                                      \
			__constructor_order = _CONSTRUCTOR_ORDER_BACKWARD;     \
	}                                                                      \
	int main(int argc, char **argv)                                        \
	{                                                                      \
		return test_main(argc, argv);                                  \
	}

#endif
