/* SPDX-License-Identifier: GPL-2.0 */
/* What the twins share: octets to read from, steps to tell of. */
#ifndef ATCP_ENGINE_STEPS_H
#define ATCP_ENGINE_STEPS_H

#include "tcb.h"

/**
 * struct twin_input - octets that say what to do
 * @p: the next one
 * @left: how many
 */
struct twin_input {
	const u8 *p;
	size_t left;
};

/* Behind the end are zeros. */
static inline u32 twin_take(struct twin_input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->p++;
}

static inline u32 twin_take16(struct twin_input *in)
{
	u32 high = twin_take(in);

	return high << 8 | twin_take(in);
}

static inline u32 twin_take32(struct twin_input *in)
{
	u32 high = twin_take16(in);

	return high << 16 | twin_take16(in);
}

void twin_begin(void);
void twin_end(struct atcp_tcb *tcb, u32 records);
__attribute__((format(printf, 1, 2))) void twin_step(const char *format, ...);
__attribute__((format(printf, 1, 2), noreturn)) void
twin_differs(const char *format, ...);

#endif
