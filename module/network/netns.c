// SPDX-License-Identifier: GPL-2.0
/* What ATCP keeps for each network namespace: see netns.h. */
#include "netns.h"
#include "flow.h"
#include "port.h"
#include "timewait.h"

unsigned int atcp_netns_id __read_mostly;

/**
 * atcp_netns_init() - a namespace begins, or the module was loaded
 * @net: the namespace
 *
 * Return: 0 or -ENOMEM.
 */
int atcp_netns_init(struct net *net)
{
	struct atcp_netns *an = atcp_netns(net);
	int err = -ENOMEM;

	an->stats = alloc_percpu(struct atcp_stats);
	if (!an->stats)
		goto out;
	err = atcp_port_table_init(an);
	if (err)
		goto free_stats;
	err = atcp_flow_table_init(an);
	if (err)
		goto free_ports;
	atcp_timewait_netns_init(an);
	return 0;

free_ports:
	atcp_port_table_exit(an);
free_stats:
	free_percpu(an->stats);
out:
	return err;
}

/**
 * atcp_netns_exit() - a namespace ends, or the module is unloaded
 * @net: the namespace
 *
 * No socket of it is left: each holds the namespace, and listeners took their
 * requests with them. TIME-WAIT records are what remains.
 */
void atcp_netns_exit(struct net *net)
{
	struct atcp_netns *an = atcp_netns(net);

	atcp_timewait_netns_exit(an);
	atcp_flow_table_exit(an);
	atcp_port_table_exit(an);
	free_percpu(an->stats);
}
