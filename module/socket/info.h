/* SPDX-License-Identifier: GPL-2.0 */
/* TCP_INFO: what a connection tells of itself. */
#ifndef ATCP_SOCKET_INFO_H
#define ATCP_SOCKET_INFO_H

#include <linux/types.h>

struct sock;
struct sk_buff;
struct atcp_segment;
struct atcp_arrival;
struct atcp_sock;

/**
 * struct atcp_info - struct tcp_info as Linux 7.2 has it
 *
 * Spelled out, so that every kernel gives all of it; an older program takes the
 * first part, as with getsockopt() everywhere. include/uapi/linux/tcp.h
 * explains the fields, README.md which of them cannot be known.
 */
struct atcp_info {
	u8 state;
	u8 ca_state;
	u8 retransmits;
	u8 probes;
	u8 backoff;
	u8 options;
	u8 snd_wscale:4, rcv_wscale:4;
	u8 delivery_rate_app_limited:1, fastopen_client_fail:2;

	u32 rto;
	u32 ato;
	u32 snd_mss;
	u32 rcv_mss;
	u32 unacked;
	u32 sacked;
	u32 lost;
	u32 retrans;
	u32 fackets;
	u32 last_data_sent;
	u32 last_ack_sent;
	u32 last_data_recv;
	u32 last_ack_recv;
	u32 pmtu;
	u32 rcv_ssthresh;
	u32 rtt;
	u32 rttvar;
	u32 snd_ssthresh;
	u32 snd_cwnd;
	u32 advmss;
	u32 reordering;
	u32 rcv_rtt;
	u32 rcv_space;
	u32 total_retrans;

	u64 pacing_rate;
	u64 max_pacing_rate;
	u64 bytes_acked;
	u64 bytes_received;
	u32 segs_out;
	u32 segs_in;
	u32 notsent_bytes;
	u32 min_rtt;
	u32 data_segs_in;
	u32 data_segs_out;
	u64 delivery_rate;
	u64 busy_time;
	u64 rwnd_limited;
	u64 sndbuf_limited;
	u32 delivered;
	u32 delivered_ce;
	u64 bytes_sent;
	u64 bytes_retrans;
	u32 dsack_dups;
	u32 reord_seen;
	u32 rcv_ooopack;
	u32 snd_wnd;
	u32 rcv_wnd;
	u32 rehash;
	u16 total_rto;
	u16 total_rto_recoveries;
	u32 total_rto_time;
	u32 received_ce;
	u32 delivered_e1_bytes;
	u32 delivered_e0_bytes;
	u32 delivered_ce_bytes;
	u32 received_e1_bytes;
	u32 received_e0_bytes;
	u32 received_ce_bytes;
	u32 ecn;
};

void atcp_info_sent(struct atcp_sock *as, const struct atcp_segment *seg);
void atcp_info_arrived(struct atcp_sock *as, const struct sk_buff *skb,
		       const struct atcp_segment *seg, u32 una, u64 now);
void atcp_info_wait(struct sock *sk, u64 now);
void atcp_info_reset(struct atcp_sock *as);
void atcp_info_fill(const struct sock *sk, struct atcp_info *info);
void atcp_info_get(struct sock *sk, struct atcp_info *info);

#endif
