// SPDX-License-Identifier: GPL-2.0
/*
 * net.atcp.congestion_control and its two companions: names instead of
 * numbers, as with net.ipv4.tcp_congestion_control.
 */
#include <linux/slab.h>
#include <linux/sysctl.h>
#include "../network/netns.h"
#include "../socket/congestion.h"
#include "control.h"

/* Read a name from the user, or show the present one. */
static int default_handler(ATCP_CTL_TABLE *ctl, int write, void *buffer,
			   size_t *lenp, loff_t *ppos)
{
	char name[ATCP_CONG_NAME_MAX];
	struct ctl_table copy = { .data = name, .maxlen = sizeof(name) };
	int err;

	atcp_cong_default_name(ctl->extra1, name);
	err = proc_dostring(&copy, write, buffer, lenp, ppos);
	if (write && !err)
		err = atcp_cong_set_default(ctl->extra1, name);
	return err;
}

static int list_handler(ATCP_CTL_TABLE *ctl, int write, void *buffer,
			size_t *lenp, loff_t *ppos, bool allowed)
{
	struct ctl_table copy = { .maxlen = ATCP_CONG_LIST_MAX };
	int err;

	copy.data = kmalloc(ATCP_CONG_LIST_MAX, GFP_USER);
	if (!copy.data)
		return -ENOMEM;
	atcp_cong_list(copy.data, ATCP_CONG_LIST_MAX, allowed);
	err = proc_dostring(&copy, write, buffer, lenp, ppos);
	if (write && !err)
		err = atcp_cong_allow(copy.data);
	kfree(copy.data);
	return err;
}

static int available_handler(ATCP_CTL_TABLE *ctl, int write, void *buffer,
			     size_t *lenp, loff_t *ppos)
{
	return list_handler(ctl, write, buffer, lenp, ppos, false);
}

static int allowed_handler(ATCP_CTL_TABLE *ctl, int write, void *buffer,
			   size_t *lenp, loff_t *ppos)
{
	return list_handler(ctl, write, buffer, lenp, ppos, true);
}

static const struct ctl_table cong_template[] = {
	{
		/* what new sockets use */
		.procname = "congestion_control",
		.maxlen = ATCP_CONG_NAME_MAX,
		.mode = 0644,
		.proc_handler = default_handler,
	},
	{
		/* all that are loaded */
		.procname = "available_congestion_control",
		.maxlen = ATCP_CONG_LIST_MAX,
		.mode = 0444,
		.proc_handler = available_handler,
	},
	{
		/* those that take no CAP_NET_ADMIN; one list for the machine */
		.procname = "allowed_congestion_control",
		.maxlen = ATCP_CONG_LIST_MAX,
		.mode = 0644,
		.proc_handler = allowed_handler,
	},
};

#define CONG_ALLOWED 2 /* the last one's place */

/**
 * atcp_control_cong_init() - register the three in a namespace
 * @net: the namespace
 *
 * Return: 0 or -ENOMEM.
 */
int atcp_control_cong_init(struct net *net)
{
	const size_t n = ARRAY_SIZE(cong_template);
	struct atcp_netns *an = atcp_netns(net);
	struct ctl_table *table;
	size_t i;

	table = atcp_table_copy(cong_template, n);
	if (!table)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		table[i].extra1 = net;
	if (!net_eq(net, &init_net))
		table[CONG_ALLOWED].mode = 0444;
	an->cong_sysctls = atcp_table_register(net, table, n);
	return an->cong_sysctls ? 0 : -ENOMEM;
}

/**
 * atcp_control_cong_exit() - the reverse of atcp_control_cong_init()
 * @net: the namespace
 */
void atcp_control_cong_exit(struct net *net)
{
	atcp_table_remove(atcp_netns(net)->cong_sysctls);
}
