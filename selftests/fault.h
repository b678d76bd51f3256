/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Allocations and copies that fail on demand: the kernel's fault injection,
 * see Documentation/fault-injection/ in its sources. The debug kernel has
 * it; where it is missing, the tests skip.
 */
#ifndef ATCP_FAULT_H
#define ATCP_FAULT_H

#include <stdbool.h>

bool fault_available(void);

/* Nothing fails any more. */
void fault_off(void);

/*
 * The @nth allocation or copy that this thread asks for from now on fails;
 * with @atcp_only only those below a function of the module count. What runs
 * in softirq, on the thread's back, does not.
 */
void fault_arm(unsigned int nth, bool atcp_only);
/* Ends that. Whether it has failed: false if there were not that many. */
bool fault_hit(void);

/*
 * Allocations below a function of the module fail, wherever they happen, with
 * this probability, until fault_off().
 */
void fault_rate(int percent);
/* Those of slab cache @name do, all of them. */
bool fault_cache(const char *name, bool on);
/* Each time the kernel looks into a packet's header, the packet moves. */
void fault_move_packets(void);

/* How much has failed since one of the three above began. */
long fault_count(void);

/* Whether a call may fail with @err for lack of memory, as its manual says. */
bool fault_errno(int err);

#endif
