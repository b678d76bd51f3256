/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the fuzz targets share. A target is one LLVMFuzzerTestOneInput(): it
 * reads from its input what to do, does it, and calls fuzz_wrong() if something
 * does not hold.
 */
#ifndef ATCP_ENGINE_FUZZ_H
#define ATCP_ENGINE_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include "types.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t len);

/**
 * struct fuzz_input - octets that say what to do
 * @at: the next one
 * @left: how many there are
 *
 * Behind the end are zeros, so that every input means something and an input
 * that is cut means the same up to there.
 */
struct fuzz_input {
	const u8 *at;
	size_t left;
};

static inline u8 fuzz_u8(struct fuzz_input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

static inline u16 fuzz_u16(struct fuzz_input *in)
{
	u16 high = fuzz_u8(in);

	return high << 8 | fuzz_u8(in);
}

static inline u32 fuzz_u32(struct fuzz_input *in)
{
	u32 high = fuzz_u16(in);

	return high << 16 | fuzz_u16(in);
}

/* A number below @limit, which is at most 256. */
static inline unsigned int fuzz_below(struct fuzz_input *in, unsigned int limit)
{
	return fuzz_u8(in) % limit;
}

/* What happens is only told if somebody wants to read it: see fuzz.c. */
extern bool fuzz_tells;

#define fuzz_step(...)                                                         \
	do {                                                                   \
		if (unlikely(fuzz_tells))                                      \
			fuzz_tell(__VA_ARGS__);                                \
	} while (0)

__attribute__((format(printf, 1, 2))) void fuzz_tell(const char *format, ...);
__attribute__((format(printf, 1, 2), noreturn)) void
fuzz_wrong(const char *format, ...);

#define FUZZ_HOLDS(what)                                                       \
	do {                                                                   \
		if (unlikely(!(what)))                                         \
			fuzz_wrong("%s:%d: not so: %s", __FILE__, __LINE__,    \
				   #what);                                     \
	} while (0)

#endif
