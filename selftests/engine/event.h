/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What happens at one end of a connection, as it can be seen from outside of
 * the engine: what the user asks for, the segments that come and go, the time
 * that passes. A trace is a sequence of these. The simulator makes them, what
 * reads a trace (the oracle, a pcap, a text for people) takes them; nothing in
 * here knows the engine.
 */
#ifndef ATCP_ENGINE_EVENT_H
#define ATCP_ENGINE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * enum event_kind - what happened
 * @EVENT_OPEN_ACTIVE: OPEN, connect()
 * @EVENT_OPEN_PASSIVE: a connection of a listener's begins: it is in LISTEN,
 *                      and a SYN is what arrives next
 * @EVENT_SEND: SEND: the user queued @n octets
 * @EVENT_URGENT: the last octet queued by then is urgent: SEND with URGENT
 * @EVENT_RECEIVE: RECEIVE: the user took @n octets, which are @octets if the
 *                 writer of the trace has them
 * @EVENT_DEAF: the user will not RECEIVE any more, but stays
 * @EVENT_SHUTDOWN: CLOSE of the sending direction only, shutdown()
 * @EVENT_CLOSE: CLOSE; there is no user any more
 * @EVENT_ABORT: ABORT
 * @EVENT_ARRIVES: the segment @octets arrived
 * @EVENT_SENDS: the segment @octets was sent
 * @EVENT_ICMP: an ICMP error about one of our segments, type @n >> 8, code
 *              @n & 255, and @octets the start of that segment
 * @EVENT_PRUNED: what came out of order from sequence number @n on was thrown
 *                away for want of memory
 * @EVENT_NO_ROOM: there may be no memory for the text of the segment that
 *                 arrives next, or for the record of it
 * @EVENT_STATE: the implementation says that it is now in state @text
 * @EVENT_DELIVERED: it says that the user can read up to octet @n of the stream
 * @EVENT_ACKED: it says that the first @n octets of the user's have arrived
 * @EVENT_IDLE: nothing; time has passed until now
 */
enum event_kind {
	EVENT_OPEN_ACTIVE,
	EVENT_OPEN_PASSIVE,
	EVENT_SEND,
	EVENT_RECEIVE,
	EVENT_SHUTDOWN,
	EVENT_CLOSE,
	EVENT_ABORT,
	EVENT_ARRIVES,
	EVENT_SENDS,
	EVENT_ICMP,
	EVENT_PRUNED,
	EVENT_NO_ROOM,
	EVENT_STATE,
	EVENT_DELIVERED,
	EVENT_ACKED,
	EVENT_URGENT,
	EVENT_DEAF,
	EVENT_IDLE,
};

/**
 * struct event - one of them
 * @us: when, in microseconds of the run's virtual time
 * @kind: enum event_kind
 * @n: see there
 * @octets: a segment from its TCP header on, in wire order; or what the user
 *          took
 * @len: how many; with EVENT_SENDS never more than one wire segment
 * @text: a state's name as RFC 9293 spells it, with EVENT_STATE
 */
struct event {
	uint64_t us;
	enum event_kind kind;
	uint32_t n;
	const uint8_t *octets;
	size_t len;
	const char *text;
};

#endif
