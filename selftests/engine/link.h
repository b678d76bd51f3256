/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two ends of the engine, joined by a link that loses, repeats, delays and
 * reorders, in virtual time. All that happens follows from the seed.
 *
 * Each end plays the kernel's part: it keeps payload by sequence number, fills
 * the pool before each call, cuts what exceeds an MSS, writes and parses the
 * segments' octets. And it plays an application that writes, reads, pauses
 * and closes. After each call it checks what must hold.
 */
#ifndef ATCP_ENGINE_LINK_H
#define ATCP_ENGINE_LINK_H

#include "tcb.h"
#include "request.h"
#include "timewait.h"

/**
 * struct link_config - what the two ends and the link are like
 * @seed: everything random follows from it
 * @octets: how much each end sends
 * @loss: segments lost, of 1000
 * @repeat: segments that arrive twice, of 1000
 * @reorder: segments that take up to ten times as long, of 1000
 * @delay_us: one way
 * @limit_us: how long it may take
 * @buf: receive buffer of both ends
 * @starve: how often the pool is not filled, of 1000
 * @no_room: text for which there is no memory, of 1000
 * @simultaneous: both ends open actively
 * @pauses: the applications stop reading now and then
 * @keepalive: both ask for the other after a second or more of silence
 * @urgent: writes of which the last octet is urgent, of 1000
 * @clamp: how often the applications change TCP_WINDOW_CLAMP, of 1000
 * @prune: how often what came out of order is thrown away, of 1000
 */
struct link_config {
	unsigned int seed;
	u32 octets[2];
	unsigned int loss;
	unsigned int repeat;
	unsigned int reorder;
	u64 delay_us;
	u64 limit_us;
	u32 buf;
	unsigned int starve;
	unsigned int no_room;
	bool simultaneous;
	bool pauses;
	bool keepalive;
	unsigned int urgent;
	unsigned int clamp;
	unsigned int prune;
};

/**
 * struct link_result - how it went
 * @us: virtual time until both ends were done
 * @sent: segments sent, as they are on the wire
 * @again: retransmissions among them
 * @probes: keepalive probes among them
 * @urgent: segments with an urgent pointer among them
 * @duplicates: segments that report one among them (RFC 2883)
 * @pruned: octets that were thrown away
 * @wrong: what did not hold, empty if all did
 */
struct link_result {
	u64 us;
	unsigned int sent;
	unsigned int again;
	unsigned int probes;
	unsigned int urgent;
	unsigned int duplicates;
	unsigned int pruned;
	char wrong[300];
};

bool link_run(const struct link_config *config, struct link_result *result);

#endif
