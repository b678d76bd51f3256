/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel's headers have and the kernel's tools/include lacks. It is
 * force-included, so that the engine's own sources need no condition.
 */
#ifndef ATCP_ENGINE_NATIVE_H
#define ATCP_ENGINE_NATIVE_H

#include <linux/kernel.h>
#include <asm/bug.h>

/* tools/include/linux/bug.h repeats a macro of linux/build_bug.h: skip it. */
#define _TOOLS_PERF_LINUX_BUG_H

/* A warning that only scrolls by would let a test pass: it ends in SIGILL. */
#undef __WARN_printf
#define __WARN_printf(arg...)                                                  \
	do {                                                                   \
		fprintf(stderr, arg);                                          \
		__builtin_trap();                                              \
	} while (0)

#define U8_MAX	      ((u8)~0U)
#define U16_MAX	      ((u16)~0U)
#define min3(x, y, z) min((typeof(x))min(x, y), z)

#endif
