/* SPDX-License-Identifier: GPL-2.0 */
/* What control/ needs and not every kernel has. */
#ifndef ATCP_COMPAT_CONTROL_H
#define ATCP_COMPAT_CONTROL_H

#include <linux/version.h>
#include <net/net_namespace.h>

/*
 * Since 6.6 register_net_sysctl() is a macro around a function that is told
 * the table's size. Before, an empty entry ends a table; control/table.c
 * always leaves one behind its last.
 */
#ifndef register_net_sysctl
#define register_net_sysctl_sz(net, path, table, size)                         \
	register_net_sysctl(net, path, table)
#endif

/* What a sysctl's handler is called with. */
#if KERNEL_VERSION(6, 11, 0) <= LINUX_VERSION_CODE
#define ATCP_CTL_TABLE const struct ctl_table
#else
#define ATCP_CTL_TABLE struct ctl_table
#endif

#endif
