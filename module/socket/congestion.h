/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The registry of congestion control algorithms. A module with one calls
 * atcp_cong_register() when it is loaded and atcp_cong_unregister() when it
 * goes; programs choose it with TCP_CONGESTION, operators with
 * net.atcp.congestion_control. A module whose alias is atcp_cong_NAME is loaded
 * when it is asked for by that name.
 */
#ifndef ATCP_SOCKET_CONGESTION_H
#define ATCP_SOCKET_CONGESTION_H

#include "../engine/congestion.h"

struct net;
struct sock;

int atcp_cong_register(const struct atcp_cong_ops *ops);
void atcp_cong_unregister(const struct atcp_cong_ops *ops);

int atcp_cong_init(void);
void atcp_cong_exit(void);
void atcp_cong_netns_init(struct net *net);
void atcp_cong_netns_exit(struct net *net);
void atcp_cong_assign(struct sock *sk);
void atcp_cong_inherit(struct sock *child, const struct sock *sk);
void atcp_cong_leave(struct sock *sk);
int atcp_cong_choose(struct sock *sk, const char *name);
void atcp_cong_name(const struct sock *sk, char name[ATCP_CONG_NAME_MAX]);

void atcp_cong_default_name(struct net *net, char name[ATCP_CONG_NAME_MAX]);
int atcp_cong_set_default(struct net *net, const char *name);
void atcp_cong_list(char *to, size_t room, bool allowed);
int atcp_cong_allow(char *names);

/* Room for the names of as many algorithms as anybody will load. */
#define ATCP_CONG_LIST_MAX (128 * ATCP_CONG_NAME_MAX)

#endif
