// SPDX-License-Identifier: GPL-2.0
/* /proc/net/atcp_stat: a line for each counter, its name and its value. */
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include "../network/netns.h"
#include "control.h"

static const char *const counter_names[ATCP_COUNT_TOTAL] = {
#define X(name, text) [ATCP_COUNT_##name] = #text,
	ATCP_COUNTERS(X)
#undef X
#define X(name, text) [ATCP_COUNT_DROP + ATCP_DROP_##name] = "Drop" #text,
	ATCP_DROP_REASONS(X)
#undef X
};

/**
 * atcp_counter_sum() - a counter's value, over all CPUs
 * @an: the namespace
 * @counter: enum atcp_counter, or ATCP_COUNT_DROP plus enum atcp_drop
 *
 * Return: the sum, of values that may be moving.
 */
u64 atcp_counter_sum(const struct atcp_netns *an, unsigned int counter)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(an->stats, cpu)->counters[counter]);
	return sum;
}

/**
 * atcp_counters_show() - write /proc/net/atcp_stat
 * @seq: opened by single_open_net()
 * @v: unused
 *
 * Return: 0.
 */
int atcp_counters_show(struct seq_file *seq, void *v)
{
	struct atcp_netns *an = atcp_netns(seq_file_single_net(seq));
	unsigned int i;

	/* ATCP_DROP_NONE has no name: what was not dropped is not counted. */
	for (i = 0; i < ATCP_COUNT_TOTAL; i++)
		if (counter_names[i])
			seq_printf(seq, "%s %llu\n", counter_names[i],
				   atcp_counter_sum(an, i));
	return 0;
}
