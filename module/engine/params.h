/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What may be set: by an operator for all connections of a namespace (struct
 * atcp_params), by a user for one (struct atcp_settings).
 */
#ifndef ATCP_ENGINE_PARAMS_H
#define ATCP_ENGINE_PARAMS_H

#include "types.h"

/**
 * struct atcp_params - limits that an operator sets, read when needed
 * @syn_retries: SYN retransmissions before ETIMEDOUT
 * @synack_retries: SYN-ACK retransmissions before a request is forgotten
 * @retries1: R1 of RFC 9293 3.8.3, as the number of back-offs from
 *            @rto_min_us: then the path is doubted (ATCP_EV_PATH)
 * @retries2: R2, likewise: then the connection is given up
 * @orphan_retries: R2 once no user is left; 0 stands for 8
 * @keepalive_probes: unanswered probes before a connection is given up
 * @window_scaling: offer and accept RFC 7323's window scale
 * @timestamps: the same of timestamps: 0 no, 1 yes, 2 without random offset
 * @sack: the same of RFC 2018's SACK
 * @dsack: report duplicates as RFC 2883 says
 * @stdurg: read the urgent pointer as RFC 1122 did, to the last urgent octet
 * @slow_start_after_idle: RFC 5681 4.1: idle for an RTO, start again slowly
 * @thin_linear_timeouts: TCP_THIN_LINEAR_TIMEOUTS for all connections
 * @mtu_probing: RFC 4821: 0 never, 1 once a black hole is found, 2 always
 * @fin_timeout: seconds that an orphan stays in FIN-WAIT-2
 * @keepalive_time: seconds of silence before the first probe
 * @keepalive_intvl: seconds between probes
 * @invalid_ratelimit: milliseconds between answers to unacceptable segments
 *                     without data
 * @rto_min_us: least retransmission time-out, microseconds
 * @rto_max_ms: largest, milliseconds
 * @min_snd_mss: octets below which no path's MSS is believed
 * @base_mss: octets that a probing search starts from
 * @mtu_probe_floor: octets below which no black hole is looked for
 * @probe_threshold: the search ends when its bounds are this close, octets
 * @probe_interval: seconds before it begins again
 */
struct atcp_params {
	u8 syn_retries;
	u8 synack_retries;
	u8 retries1;
	u8 retries2;
	u8 orphan_retries;
	u8 keepalive_probes;
	u8 window_scaling;
	u8 timestamps;
	u8 sack;
	u8 dsack;
	u8 stdurg;
	u8 slow_start_after_idle;
	u8 thin_linear_timeouts;
	u8 mtu_probing;
	int fin_timeout;
	int keepalive_time;
	int keepalive_intvl;
	int invalid_ratelimit;
	int rto_min_us;
	int rto_max_ms;
	int min_snd_mss;
	int base_mss;
	int mtu_probe_floor;
	int probe_threshold;
	int probe_interval;
};

/* Linux's defaults for net.ipv4.tcp_*. */
#define ATCP_PARAMS_DEFAULT                                                    \
	{                                                                      \
		.syn_retries = 6, .synack_retries = 5, .retries1 = 3,          \
		.retries2 = 15, .orphan_retries = 0, .keepalive_probes = 9,    \
		.window_scaling = 1, .timestamps = 1, .sack = 1, .dsack = 1,   \
		.slow_start_after_idle = 1, .fin_timeout = 60,                 \
		.keepalive_time = 7200, .keepalive_intvl = 75,                 \
		.invalid_ratelimit = 500, .rto_min_us = 200000,                \
		.rto_max_ms = 120000, .min_snd_mss = 48, .base_mss = 1024,     \
		.mtu_probe_floor = 48, .probe_threshold = 8,                   \
		.probe_interval = 600,                                         \
	}

/**
 * struct atcp_settings - what the user of one connection set by its options
 * @user_timeout_ms: RFC 5482: give up when unanswered for so long; 0: as
 *                   the retries say
 * @window_clamp: most octets of window to offer, 0 for no limit
 * @linger2: seconds in FIN-WAIT-2 without a user; 0: as the operator says,
 *           negative: none
 * @keep_idle: seconds of silence before a keepalive probe, 0: the operator's
 * @keep_intvl: seconds between probes, likewise
 * @keep_probes: unanswered probes, likewise
 * @syn_retries: SYN retransmissions, likewise
 * @keepalive: SO_KEEPALIVE
 * @thin_linear_timeouts: TCP_THIN_LINEAR_TIMEOUTS: the first six time-outs of
 *                        a connection with little in flight do not back off
 *
 * Guarded by the owner's lock. Survives a reset of the TCB; a listener's
 * children start with a copy.
 */
struct atcp_settings {
	u32 user_timeout_ms;
	u32 window_clamp;
	s32 linger2;
	u16 keep_idle;
	u16 keep_intvl;
	u8 keep_probes;
	u8 syn_retries;
	bool keepalive;
	bool thin_linear_timeouts;
};

#endif
