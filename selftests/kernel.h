/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a test leaves in the kernel: the module itself, its memory, complaints
 * in the log.
 */
#ifndef ATCP_KERNEL_H
#define ATCP_KERNEL_H

#include <stdbool.h>

/*
 * Whether the kernel has complained of anything since kernel_mark(); what it
 * said is then on stderr. scripts/vm looks, too, but cannot tell which test
 * it was.
 */
void kernel_mark(void);
bool kernel_quiet(void);

/* What rmmod does, without its words: 0 or -errno. */
int module_unload(void);
/* The same, with patience: sockets may still be on their way out. */
bool module_unloads(void);
bool module_loaded(void);
/* How many sockets keep it loaded. */
int module_users(void);
/* It is unloaded: nothing of it is left in /proc. */
bool module_left_nothing(void);

#endif
