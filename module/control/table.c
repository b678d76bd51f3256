// SPDX-License-Identifier: GPL-2.0
/* A sysctl table of each namespace's own: copied, registered, taken away. */
#include <linux/slab.h>
#include <linux/sysctl.h>
#include "control.h"

/**
 * atcp_table_copy() - a namespace's own copy of a sysctl table
 * @template: the entries
 * @n: how many
 *
 * The copy has one entry more, an empty one: it ends the table on kernels that
 * are not told its size (compat/control.h).
 *
 * Return: the copy, for atcp_table_register(), or NULL without memory.
 */
struct ctl_table *atcp_table_copy(const struct ctl_table *template, size_t n)
{
	struct ctl_table *table = kcalloc(n + 1, sizeof(*table), GFP_KERNEL);

	if (table)
		memcpy(table, template, n * sizeof(*table));
	return table;
}

/**
 * atcp_table_register() - show a copy as net.atcp
 * @net: the namespace
 * @table: of atcp_table_copy(); freed on failure
 * @n: entries in it
 *
 * Return: for atcp_table_remove(), or NULL without memory.
 */
struct ctl_table_header *atcp_table_register(struct net *net,
					     struct ctl_table *table, size_t n)
{
	struct ctl_table_header *header =
		register_net_sysctl_sz(net, "net/atcp", table, n);

	if (!header)
		kfree(table);
	return header;
}

/**
 * atcp_table_remove() - the reverse of the two above
 * @header: of atcp_table_register()
 *
 * Waits for those who are reading or writing an entry.
 */
void atcp_table_remove(struct ctl_table_header *header)
{
	const struct ctl_table *table = header->ctl_table_arg;

	unregister_net_sysctl_table(header);
	kfree(table);
}
