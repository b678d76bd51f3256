// SPDX-License-Identifier: GPL-2.0
/* How a target says what it does, and that something is wrong. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "fuzz.h"

bool fuzz_tells;

/* FUZZ_TELL=1 in the environment: for whoever looks at a single input. */
__attribute__((constructor)) static void ask(void)
{
	const char *tell = getenv("FUZZ_TELL");

	fuzz_tells = tell && *tell == '1';
}

static void say(const char *prefix, const char *format, va_list args)
{
	fputs(prefix, stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

/* Notes what is done next: use fuzz_step(). */
void fuzz_tell(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("# ", format, args);
	va_end(args);
}

/* Something does not hold: the fuzzer keeps the input. */
void fuzz_wrong(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say("# wrong: ", format, args);
	va_end(args);
	abort();
}
