/* SPDX-License-Identifier: GPL-2.0 */
/* A listener's children, from the handshake's end to accept(). */
#ifndef ATCP_SOCKET_CHILD_H
#define ATCP_SOCKET_CHILD_H

#include "../network/request.h"

struct sock *atcp_child_create(struct sock *sk, const struct atcp_tuple *tuple,
			       const struct atcp_request *req, u64 now);
void atcp_child_discard(struct sock *child);
void atcp_child_start(struct sock *sk, struct sock *child, struct sk_buff *skb,
		      struct atcp_segment *seg);
void atcp_child_abort(struct sock *child);

#endif
