/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an operator sees and sets, per namespace: net.atcp.* in sysctl.c,
 * /proc/net/atcp in proc.c, /proc/net/atcp_stat in counters.c.
 */
#ifndef ATCP_CONTROL_CONTROL_H
#define ATCP_CONTROL_CONTROL_H

struct ctl_table;
struct ctl_table_header;
struct net;
struct seq_file;

/* control.c */
int atcp_control_init(struct net *net);
void atcp_control_exit(struct net *net);

/* sysctl.c */
void atcp_sysctl_defaults(struct net *net);
int atcp_sysctl_init(struct net *net);
void atcp_sysctl_exit(struct net *net);

/* table.c */
struct ctl_table *atcp_table_copy(const struct ctl_table *template, size_t n);
struct ctl_table_header *atcp_table_register(struct net *net,
					     struct ctl_table *table, size_t n);
void atcp_table_remove(struct ctl_table_header *header);

/* congestion.c */
int atcp_control_cong_init(struct net *net);
void atcp_control_cong_exit(struct net *net);

/* proc.c */
int atcp_proc_init(struct net *net);
void atcp_proc_exit(struct net *net);

/* counters.c */
int atcp_counters_show(struct seq_file *seq, void *v);

#endif
