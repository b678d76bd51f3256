// SPDX-License-Identifier: GPL-2.0
/*
 * net.atcp.*: the limits that an operator sets for a namespace. Names, units,
 * defaults and ranges are those of net.ipv4.tcp_*; a value out of range gets
 * EINVAL and changes nothing.
 */
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <net/inet_hashtables.h>
#include "../network/netns.h"
#include "control.h"

#define FIELD(name) ((void *)offsetof(struct atcp_netns, name))

static const int syn_retries_max = 127;
static const int fin_timeout_max = INT_MAX / 1000;

/* All three numbers of a buffer's sizes, or none if one is out of range. */
static int sizes_handler(ATCP_CTL_TABLE *ctl, int write, void *buffer,
			 size_t *lenp, loff_t *ppos)
{
	int *sizes = ctl->data;
	int set[3] = { sizes[0], sizes[1], sizes[2] };
	struct ctl_table copy = {
		.data = set,
		.maxlen = sizeof(set),
		.mode = ctl->mode,
		.extra1 = SYSCTL_ONE,
	};
	int err, i;

	err = proc_dointvec_minmax(&copy, write, buffer, lenp, ppos);
	for (i = 0; write && !err && i < ARRAY_SIZE(set); i++)
		WRITE_ONCE(sizes[i], set[i]);
	return err;
}

/* .data is an offset here: each namespace's copy gets its own addresses. */
static const struct ctl_table sysctl_template[] = {
	{
		/* SYNs sent again before connect() fails */
		.procname = "syn_retries",
		.data = FIELD(params.syn_retries),
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
		.extra1 = SYSCTL_ONE,
		.extra2 = (void *)&syn_retries_max,
	},
	{
		/* SYN-ACKs sent again before a half-open connection ends */
		.procname = "synack_retries",
		.data = FIELD(params.synack_retries),
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
	},
	{
		/* repeats of data before a silent peer is given up */
		.procname = "retries2",
		.data = FIELD(params.retries2),
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
	},
	{
		/* the same once no user is left; 0 stands for 8 */
		.procname = "orphan_retries",
		.data = FIELD(params.orphan_retries),
		.maxlen = sizeof(u8),
		.mode = 0644,
		.proc_handler = proc_dou8vec_minmax,
	},
	{
		/* seconds in FIN-WAIT-2 once no user is left */
		.procname = "fin_timeout",
		.data = FIELD(params.fin_timeout),
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = proc_dointvec_minmax,
		.extra1 = SYSCTL_ONE,
		.extra2 = (void *)&fin_timeout_max,
	},
	{
		/* most connections in TIME-WAIT; more than that just close */
		.procname = "max_tw_buckets",
		.data = FIELD(max_tw_buckets),
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = proc_dointvec_minmax,
		.extra1 = SYSCTL_ZERO,
	},
	{
		/* receive buffer, octets: least, default, most */
		.procname = "rmem",
		.data = FIELD(rmem),
		.maxlen = 3 * sizeof(int),
		.mode = 0644,
		.proc_handler = sizes_handler,
	},
	{
		/* send buffer, octets: least, default, most */
		.procname = "wmem",
		.data = FIELD(wmem),
		.maxlen = 3 * sizeof(int),
		.mode = 0644,
		.proc_handler = sizes_handler,
	},
};

/**
 * atcp_sysctl_defaults() - what is in force until an operator says otherwise
 * @net: the namespace
 */
void atcp_sysctl_defaults(struct net *net)
{
	struct inet_hashinfo *tcp = net->ipv4.tcp_death_row.hashinfo;
	struct atcp_netns *an = atcp_netns(net);

	an->params = (struct atcp_params){
		.syn_retries = 6,
		.synack_retries = 5,
		.retries2 = 15,
		.orphan_retries = 0,
		.fin_timeout = 60,
	};
	/* As many as the host's TCP: that has sized its table by the memory. */
	an->max_tw_buckets = (tcp->ehash_mask + 1) / 2;
	/* TCP's of Linux 6.1 with memory enough; 7.2's rmem goes to 32 MiB. */
	an->rmem[0] = 4096;
	an->rmem[1] = 131072;
	an->rmem[2] = 6 << 20;
	an->wmem[0] = 4096;
	an->wmem[1] = 16384;
	an->wmem[2] = 4 << 20;
}

/**
 * atcp_sysctl_init() - register net.atcp in a namespace
 * @net: the namespace
 *
 * Return: 0 or -ENOMEM.
 */
int atcp_sysctl_init(struct net *net)
{
	const size_t n = ARRAY_SIZE(sysctl_template);
	struct atcp_netns *an = atcp_netns(net);
	struct ctl_table *table;
	size_t i;

	/* One more, empty: it ends the table where no size does (compat/). */
	table = kcalloc(n + 1, sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	memcpy(table, sysctl_template, sizeof(sysctl_template));
	for (i = 0; i < n; i++)
		table[i].data = (u8 *)an + (uintptr_t)table[i].data;

	an->sysctls = register_net_sysctl_sz(net, "net/atcp", table, n);
	if (!an->sysctls) {
		kfree(table);
		return -ENOMEM;
	}
	return 0;
}

/**
 * atcp_sysctl_exit() - the reverse of atcp_sysctl_init()
 * @net: the namespace
 */
void atcp_sysctl_exit(struct net *net)
{
	struct atcp_netns *an = atcp_netns(net);
	const struct ctl_table *table = an->sysctls->ctl_table_arg;

	unregister_net_sysctl_table(an->sysctls);
	kfree(table);
}
