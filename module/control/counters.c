// SPDX-License-Identifier: GPL-2.0
/* /proc/net/atcp_stat: a line for each counter, its name and its value. */
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include "../network/netns.h"
#include "control.h"

static const char *const counter_names[] = {
#define X(name, text) #text,
	ATCP_COUNTERS(X)
#undef X
};

static const char *const again_names[] = {
#define X(kind, name, text) #text,
	ATCP_AGAIN_KINDS(X)
#undef X
};

static const char *const note_names[] = {
#define X(name, text) #text,
	ATCP_NOTES(X)
#undef X
};

/* From the first reason on: ATCP_DROP_NONE is what was not dropped. */
static const char *const drop_names[] = {
#define X(name, text) "Drop" #text,
	ATCP_DROP_REASONS(X)
#undef X
};

static_assert(ARRAY_SIZE(counter_names) == ATCP_COUNT_AGAIN);
static_assert(ARRAY_SIZE(again_names) == ATCP_AGAIN_COUNT);
static_assert(ARRAY_SIZE(note_names) == ATCP_NOTE_COUNT);
static_assert(ARRAY_SIZE(drop_names) == ATCP_DROP_COUNT - 1);

static void put_counter(struct seq_file *seq, const char *name,
			unsigned int counter)
{
	struct atcp_netns *an = atcp_netns(seq_file_single_net(seq));
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(an->stats, cpu)->counters[counter];
	seq_printf(seq, "%s %llu\n", name, sum);
}

/**
 * atcp_counters_show() - write /proc/net/atcp_stat
 * @seq: opened by proc_create_net_single()
 * @v: unused
 *
 * Return: 0.
 */
int atcp_counters_show(struct seq_file *seq, void *v)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counter_names); i++)
		put_counter(seq, counter_names[i], i);
	for (i = 0; i < ARRAY_SIZE(again_names); i++)
		put_counter(seq, again_names[i], ATCP_COUNT_AGAIN + i);
	for (i = 0; i < ARRAY_SIZE(note_names); i++)
		put_counter(seq, note_names[i], ATCP_COUNT_NOTE + i);
	for (i = 0; i < ARRAY_SIZE(drop_names); i++)
		put_counter(seq, drop_names[i], ATCP_COUNT_DROP + 1 + i);
	return 0;
}
