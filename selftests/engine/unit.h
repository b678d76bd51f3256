/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's kselftest_harness.h, and what it lacks: tests that can be listed
 * and run one by one. Each unit of the engine has a program of its own, since
 * the harness keeps one list of tests for each source file.
 */
#ifndef ATCP_ENGINE_UNIT_H
#define ATCP_ENGINE_UNIT_H

#include <fnmatch.h>
#include <getopt.h>
#include <stdarg.h>
#include <kselftest_harness.h>

/* Unlinks the tests that @pattern does not name; says how many are left. */
static inline int unit_select(const char *pattern)
{
	struct __fixture_metadata *f;
	struct __test_metadata **link;
	int left = 0;

	for (f = __fixture_list; f; f = f->next) {
		link = &f->tests;
		while (*link) {
			if (fnmatch(pattern, (*link)->name, 0)) {
				*link = (*link)->next;
			} else {
				link = &(*link)->next;
				left++;
			}
		}
	}
	return left;
}

static inline void unit_list(void)
{
	const struct __fixture_metadata *f;
	const struct __test_metadata *t;

	for (f = __fixture_list; f; f = f->next)
		for (t = f->tests; t; t = t->next)
			puts(t->name);
}

static inline int unit_main(int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "hlt:")) != -1) {
		switch (opt) {
		case 'l':
			unit_list();
			return 0;
		case 't':
			if (unit_select(optarg))
				break;
			fprintf(stderr, "%s: no test '%s'; -l lists them\n",
				argv[0], optarg);
			return 2;
		default:
			printf("Usage: %s [-l] [-t TEST]\n"
			       "  -l       list the tests\n"
			       "  -t TEST  run only TEST, a name or a pattern\n",
			       argv[0]);
			return opt == 'h' ? 0 : 2;
		}
	}
	return test_harness_run(argc, argv);
}

#define UNIT_MAIN                                                              \
	void unit_fail(struct __test_metadata *t, int line,                    \
		       const char *format, ...)                                \
	{                                                                      \
		va_list args;                                                  \
		fprintf(stderr, "# %s: line %d: ", t->name, line);             \
		va_start(args, format);                                        \
		vfprintf(stderr, format, args);                                \
		va_end(args);                                                  \
		fputc('\n', stderr);                                           \
		t->passed = 0;                                                 \
	}                                                                      \
	static void __attribute__((constructor))                               \
	__constructor_order_last(void)                                         \
	{                                                                      \
		if (!__constructor_order)                                      \
			__constructor_order = _CONSTRUCTOR_ORDER_BACKWARD;     \
	}                                                                      \
	int main(int argc, char **argv)                                        \
	{                                                                      \
		return unit_main(argc, argv);                                  \
	}

#endif
