/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the engine may use of its surroundings: types, bit operations and
 * red-black trees. The same names exist in the kernel and in the kernel's
 * tools/include, so this header is the whole of the engine's portability.
 */
#ifndef ATCP_ENGINE_TYPES_H
#define ATCP_ENGINE_TYPES_H

#include <linux/types.h>
#include <linux/kernel.h>
#include <linux/bitops.h>
#include <linux/rbtree.h>
#include <linux/string.h>
#include <linux/bug.h>

/* Times are microseconds of a monotonic clock, u64; zero means "never". */
#define ATCP_USEC_PER_MSEC 1000ULL
#define ATCP_USEC_PER_SEC  1000000ULL

#endif
