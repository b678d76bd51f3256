/* SPDX-License-Identifier: GPL-2.0 */
/* Segments for a socket in LISTEN. */
#ifndef ATCP_NETWORK_LISTENER_H
#define ATCP_NETWORK_LISTENER_H

#include <net/sock.h>
#include "../engine/segment.h"
#include "flow.h"

void atcp_listener_arrives(struct sock *sk, struct sk_buff *skb,
			   struct atcp_segment *seg,
			   const struct atcp_tuple *tuple, u32 iss);

#endif
