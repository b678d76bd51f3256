// SPDX-License-Identifier: GPL-2.0
/*
 * net.atcp.*: what an operator sets for a namespace. Names, units and defaults
 * are those of net.ipv4.tcp_*, ranges as well where a value beyond them means
 * something; a value out of range gets EINVAL and changes nothing. README.md
 * beside this file tells what each does, and why some of TCP's are missing.
 */
#include <linux/sysctl.h>
#include <net/inet_hashtables.h>
#include "../network/netns.h"
#include "../socket/sock.h"
#include "control.h"

/* What every number of rmem is at least, as with TCP. */
#define RMEM_LEAST 4096

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
		.extra1 = ctl->extra1,
	};
	int err, i;

	err = proc_dointvec_minmax(&copy, write, buffer, lenp, ppos);
	for (i = 0; write && !err && i < ARRAY_SIZE(set); i++)
		WRITE_ONCE(sizes[i], set[i]);
	return err;
}

/*
 * A line of the table. .data is an offset here: each namespace's copy gets its
 * own addresses. Bounds are constants that live as long as the table.
 */
#define BOUND(value) ((void *)&(const int){ value })

#define KNOB(name, field, handler, least, most)                                \
	{                                                                      \
		.procname = name,                                              \
		.data = (void *)offsetof(struct atcp_netns, field),            \
		.maxlen = sizeof_field(struct atcp_netns, field),              \
		.mode = 0644, .proc_handler = handler, .extra1 = least,        \
		.extra2 = most,                                                \
	}

/* An octet; one in a range; an int in a range; three of them. */
#define OCTET(name, field) KNOB(name, field, proc_dou8vec_minmax, NULL, NULL)
#define SMALL(name, field, least, most)                                        \
	KNOB(name, field, proc_dou8vec_minmax, BOUND(least), BOUND(most))
#define NUMBER(name, field, least, most)                                       \
	KNOB(name, field, proc_dointvec_minmax, BOUND(least), BOUND(most))
#define SIZES(name, field, least)                                              \
	KNOB(name, field, sizes_handler, BOUND(least), NULL)

/* Linux keeps times in jiffies: seconds that always fit an int of those. */
#define SECONDS_MOST (INT_MAX / 1000)

static const struct ctl_table sysctl_template[] = {
	/* Opening */
	SMALL("syn_retries", params.syn_retries, 1, 127),
	OCTET("synack_retries", params.synack_retries),
	NUMBER("max_syn_backlog", max_syn_backlog, INT_MIN, INT_MAX),
	OCTET("syncookies", syncookies),
	OCTET("abort_on_overflow", abort_on_overflow),
	SMALL("tw_reuse", reuse_tw, 0, 2),
	OCTET("window_scaling", params.window_scaling),
	OCTET("timestamps", params.timestamps),
	OCTET("sack", params.sack),

	/* Sending, and how long to try */
	KNOB("notsent_lowat", notsent_lowat, proc_douintvec, NULL, NULL),
	OCTET("retries1", params.retries1),
	OCTET("retries2", params.retries2),
	NUMBER("rto_min_us", params.rto_min_us, 1, INT_MAX),
	NUMBER("rto_max_ms", params.rto_max_ms, 1000, 120000),
	OCTET("thin_linear_timeouts", params.thin_linear_timeouts),
	OCTET("slow_start_after_idle", params.slow_start_after_idle),

	/* Receiving */
	OCTET("dsack", params.dsack),
	OCTET("stdurg", params.stdurg),
	NUMBER("invalid_ratelimit", params.invalid_ratelimit, 0, INT_MAX),
	NUMBER("challenge_ack_limit", challenge_ack_limit, INT_MIN, INT_MAX),

	/* Keepalive */
	NUMBER("keepalive_time", params.keepalive_time, 1, SECONDS_MOST),
	NUMBER("keepalive_intvl", params.keepalive_intvl, 1, SECONDS_MOST),
	OCTET("keepalive_probes", params.keepalive_probes),

	/* Segment sizes */
	OCTET("mtu_probing", params.mtu_probing),
	NUMBER("base_mss", params.base_mss, 48, 65535),
	NUMBER("min_snd_mss", params.min_snd_mss, 48, 65535),
	NUMBER("mtu_probe_floor", params.mtu_probe_floor, 48, 65535),
	NUMBER("probe_threshold", params.probe_threshold, 0, 65535),
	NUMBER("probe_interval", params.probe_interval, 0, SECONDS_MOST),

	/* Closing */
	NUMBER("fin_timeout", params.fin_timeout, 1, SECONDS_MOST),
	OCTET("orphan_retries", params.orphan_retries),
	NUMBER("max_tw_buckets", max_tw_buckets, 0, INT_MAX),
	NUMBER("max_orphans", max_orphans, 0, INT_MAX),

	/* Memory */
	SIZES("rmem", rmem, RMEM_LEAST),
	SIZES("wmem", wmem, 1),
	OCTET("moderate_rcvbuf", moderate_rcvbuf),
	{
		/* of all sockets of the machine; see atcp_sysctl_init() */
		.procname = "mem",
		.maxlen = sizeof(atcp_mem),
		.mode = 0444,
		.proc_handler = proc_doulongvec_minmax,
	},
};

#define MEM (ARRAY_SIZE(sysctl_template) - 1)

/**
 * atcp_sysctl_defaults() - what is in force until an operator says otherwise
 * @net: the namespace
 */
void atcp_sysctl_defaults(struct net *net)
{
	struct inet_hashinfo *tcp = net->ipv4.tcp_death_row.hashinfo;
	struct atcp_netns *an = atcp_netns(net);

	an->params = (struct atcp_params)ATCP_PARAMS_DEFAULT;
	an->challenge_ack_limit = INT_MAX;
	/* As many as the host's TCP: that has sized its table by the memory. */
	an->max_tw_buckets = (tcp->ehash_mask + 1) / 2;
	an->max_orphans = an->max_tw_buckets;
	an->max_syn_backlog = max(128U, (tcp->ehash_mask + 1) / 128);
	an->syncookies = 1;
	an->reuse_tw = 2;
	an->notsent_lowat = U32_MAX;
	an->moderate_rcvbuf = 1;
	/* TCP's of Linux 6.1 with memory enough; 7.2's rmem goes to 32 MiB. */
	an->rmem[0] = RMEM_LEAST;
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

	table = atcp_table_copy(sysctl_template, n);
	if (!table)
		return -ENOMEM;
	for (i = 0; i < MEM; i++)
		table[i].data = (u8 *)an + (uintptr_t)table[i].data;
	/* One for all: only the first namespace's operator may set it. */
	table[MEM].data = atcp_mem;
	if (net_eq(net, &init_net))
		table[MEM].mode = 0644;

	an->sysctls = atcp_table_register(net, table, n);
	return an->sysctls ? 0 : -ENOMEM;
}

/**
 * atcp_sysctl_exit() - the reverse of atcp_sysctl_init()
 * @net: the namespace
 */
void atcp_sysctl_exit(struct net *net)
{
	atcp_table_remove(atcp_netns(net)->sysctls);
}
