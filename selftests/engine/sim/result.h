/* SPDX-License-Identifier: GPL-2.0 */
/* How a run went. */
#ifndef ATCP_SIM_RESULT_H
#define ATCP_SIM_RESULT_H

#include "scenario.h"

/* What is counted of a run, and summed up over many. */
#define SIM_COUNTS(X)                                                          \
	X(CONNECTIONS, "connections")                                          \
	X(WHOLE, "all arrived, both closed")                                   \
	X(ABORTED, "aborted")                                                  \
	X(REFUSED, "refused")                                                  \
	X(RESET, "reset by the peer")                                          \
	X(TIMED_OUT, "timed out")                                              \
	X(UNREACHABLE, "ended by ICMP")                                        \
	X(SEGMENTS, "segments sent")                                           \
	X(OCTETS, "octets delivered")                                          \
	X(AGAIN, "retransmissions")                                            \
	X(RESETS, "RSTs sent")                                                 \
	X(LOST, "segments lost on the way")                                    \
	X(REPEATED, "repeated")                                                \
	X(LATE, "out of order")                                                \
	X(CORRUPT, "with a wrong checksum")                                    \
	X(MENDED, "altered, with a right one")                                 \
	X(OVERFLOWS, "lost to a full queue")                                   \
	X(TOO_BIG, "larger than the path's MTU")                               \
	X(ICMPS, "ICMP errors")                                                \
	X(REBOOTS, "reboots")                                                  \
	X(COOKIES, "SYN cookies")                                              \
	X(STRAYS, "connections from old segments")                             \
	X(REOPENS, "TIME-WAIT reopened")                                       \
	X(PROBES, "keepalive probes")                                          \
	X(URGENT, "urgent pointers")                                           \
	X(DSACKS, "duplicates told")                                           \
	X(PRUNED, "octets pruned")

enum sim_count {
#define X(name, text) SIM_##name,
	SIM_COUNTS(X)
#undef X
	SIM_COUNT
};

/**
 * struct sim_conn_result - how a connection went
 * @octets: by end: that arrived there and were read
 * @established_us: when the opening end was
 * @first_us: by end: when the first octet was read there
 * @last_us: by end: when the last was
 * @ended_us: when both ends were over
 */
struct sim_conn_result {
	u64 octets[2];
	u64 established_us;
	u64 first_us[2];
	u64 last_us[2];
	u64 ended_us;
};

/**
 * struct sim_result - how a run went
 * @us: its virtual time
 * @count: by enum sim_count
 * @conn: the connections
 * @wrong: what did not hold, empty if all did
 */
struct sim_result {
	u64 us;
	u64 count[SIM_COUNT];
	struct sim_conn_result conn[SIM_CONNS];
	char wrong[400];
};

struct store;
struct sim_watch;

/* store.c: memory for one run after the other. */
struct store *store_new(void);
void store_free(struct store *store);

/* world.c */
bool world_run(const struct sim_scenario *scenario,
	       const struct sim_watch *watch, struct store *store,
	       struct sim_result *result);

#endif
