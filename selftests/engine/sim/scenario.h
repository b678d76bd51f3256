/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a run is made of. A scenario is plain data: it is drawn from a seed
 * (scenario_draw()), perhaps within the bounds of a named profile, or written
 * down by whoever wants to measure something; world_run() runs it.
 *
 * Chances are of 1000, times microseconds, sizes octets.
 */
#ifndef ATCP_SIM_SCENARIO_H
#define ATCP_SIM_SCENARIO_H

#include "random.h"
#include "tcb.h"

#define SIM_HOSTS 3
#define SIM_PATHS (SIM_HOSTS - 1) /* path n joins host 0 and host n + 1 */
#define SIM_CONNS 64

/* Octets of an IPv4 header, and with it of a TCP header without options. */
#define SIM_IP	    20
#define SIM_HEADERS 40

/**
 * struct sim_link - one direction of a path
 * @loss: segments lost, each for itself
 * @burst_begin: how often a time of losses begins (Gilbert and Elliott)
 * @burst_end: how often it ends, at each segment
 * @burst_loss: segments lost while it lasts
 * @repeat: segments that arrive twice
 * @reorder: segments that take up to ten times as long
 * @corrupt: segments altered so that the checksum tells
 * @mend: segments altered with the checksum made to fit
 * @icmp: of those that are lost, how many a router answers for
 * @delay_us: one way
 * @jitter_us: at most as much more
 * @rate: octets per second, 0 for no limit
 * @queue: octets that wait for it at most; what comes then is lost
 */
struct sim_link {
	u16 loss;
	u16 burst_begin;
	u16 burst_end;
	u16 burst_loss;
	u16 repeat;
	u16 reorder;
	u16 corrupt;
	u16 mend;
	u16 icmp;
	u32 delay_us;
	u32 jitter_us;
	u32 rate;
	u32 queue;
};

/**
 * struct sim_middlebox - what somebody on the path does to segments
 * @strip: options it overwrites with NOPs, by ATCP_OPT_
 * @all: in all segments; else in those with SYN only
 * @one_way: in those from host 0 only
 * @mss: it lowers the MSS option to this, 0: it does not
 */
struct sim_middlebox {
	u8 strip;
	bool all;
	bool one_way;
	u16 mss;
};

/**
 * struct sim_path - two links, and what lies between them
 * @link: from host 0, and to it
 * @mtu: largest IP packet at first
 * @later_mtu: and from @later_us on
 * @later_us: 0: it stays
 * @black_hole: nobody tells of what was too large
 * @box: a middlebox
 */
struct sim_path {
	struct sim_link link[2];
	u16 mtu;
	u16 later_mtu;
	u64 later_us;
	bool black_hole;
	struct sim_middlebox box;
};

/**
 * struct sim_host - one that has connections
 * @params: its operator's
 * @clock_us: what its clock says when the run begins
 * @drift_ppm: how much too fast it is
 * @mtu: of its device
 * @backlog: requests at its listener before cookies are sent
 * @cookies: they are; else SYNs are dropped
 * @reboot_us: when it loses all that it knew, 0: never
 */
struct sim_host {
	struct atcp_params params;
	u64 clock_us;
	int drift_ppm;
	u16 mtu;
	u16 backlog;
	bool cookies;
	u64 reboot_us;
};

/**
 * enum sim_leave - how an application ends its connection
 * @SIM_LEAVE_REPLY: it reads to the end, has written all, then close()
 * @SIM_LEAVE_HALF: it has written all, shutdown(), reads to the end, close()
 * @SIM_LEAVE_CLOSE: it has written all, then close()
 * @SIM_LEAVE_SHUT: the same with shutdown() of both directions, then it waits
 * @SIM_LEAVE_ABORT: SO_LINGER 0 in the middle of it
 * @SIM_LEAVE_VANISH: close() in the middle of it
 * @SIM_LEAVE_STAY: it never does
 */
enum sim_leave {
	SIM_LEAVE_REPLY,
	SIM_LEAVE_HALF,
	SIM_LEAVE_CLOSE,
	SIM_LEAVE_SHUT,
	SIM_LEAVE_ABORT,
	SIM_LEAVE_VANISH,
	SIM_LEAVE_STAY,
	SIM_LEAVE_COUNT
};

/**
 * struct sim_side - one end of a connection, and the application there
 * @octets: all that it writes
 * @write_most: in one call
 * @read_most: it reads in one call
 * @sndbuf: send buffer
 * @rcvbuf: receive buffer
 * @think_us: it takes at most so long between two calls
 * @pause: how often it takes @pause_us instead
 * @pause_us: at most
 * @leave: how it ends
 * @leave_after: octets read and written before it does so in the middle
 * @patience_us: after so long in all it leaves in any case
 * @urgent: writes of which the last octet is urgent
 * @option: how often it changes TCP_NODELAY, TCP_CORK or MSG_MORE
 * @clamp: how often it changes TCP_WINDOW_CLAMP
 * @prune: how often what came out of order is thrown away
 * @no_room: text for which there is no memory
 * @starve: how often the pool is not filled
 * @settings: options of its socket
 * @iss: initial sequence number
 * @ts_offset: start of its timestamp clock
 * @advmss: MSS that it advertises
 * @wscale: window shift that it offers
 * @options: that it offers or agrees to, ATCP_OPT_
 * @burst: segments that are handed to the device as one
 */
struct sim_side {
	u32 octets;
	u32 write_most;
	u32 read_most;
	u32 sndbuf;
	u32 rcvbuf;
	u32 think_us;
	u16 pause;
	u32 pause_us;
	enum sim_leave leave;
	u32 leave_after;
	u64 patience_us;
	u16 urgent;
	u16 option;
	u16 clamp;
	u16 prune;
	u16 no_room;
	u16 starve;
	struct atcp_settings settings;
	u32 iss;
	u32 ts_offset;
	u16 advmss;
	u8 wscale;
	u8 options;
	u8 burst;
};

/**
 * struct sim_conn - one connection
 * @path: which one it goes over
 * @opener: at which end of the path side[0] is: 0 for host 0
 * @simultaneous: both open actively, at the same time
 * @start_us: when
 * @delay_us: of its own, on top of the path's
 * @side: the one that opens, and the other
 */
struct sim_conn {
	u8 path;
	u8 opener;
	bool simultaneous;
	u64 start_us;
	u32 delay_us;
	struct sim_side side[2];
};

/**
 * struct sim_scenario - all that a run is made of
 * @seed: what chance does in it follows from this
 * @nr_hosts: two or three
 * @nr_conns: at least one
 * @patient: nobody gives up: whatever is lost, all arrives in the end
 * @clean: nothing is lost or late: nothing is sent twice
 * @limit_us: when all must be over
 * @host: the hosts
 * @path: nr_hosts - 1 paths
 * @conn: the connections
 */
struct sim_scenario {
	u64 seed;
	u8 nr_hosts;
	u8 nr_conns;
	bool patient;
	bool clean;
	u64 limit_us;
	struct sim_host host[SIM_HOSTS];
	struct sim_path path[SIM_PATHS];
	struct sim_conn conn[SIM_CONNS];
};

struct sim_profile;

/* scenario.c */
void scenario_draw(struct sim_scenario *s, const struct sim_profile *profile,
		   u64 seed);
void scenario_finish(struct sim_scenario *s);
bool scenario_delivers(const struct sim_scenario *s, const struct sim_conn *c,
		       int from);

/* profile.c */
const struct sim_profile *profile_find(const char *name);
const struct sim_profile *profile_nth(unsigned int n);

#endif
