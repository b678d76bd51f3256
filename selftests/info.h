/* SPDX-License-Identifier: GPL-2.0 */
/*
 * struct tcp_info of Linux 7.2: the C library's ends in the middle, that of
 * older kernels' headers a little later.
 */
#ifndef ATCP_INFO_H
#define ATCP_INFO_H

#include <netinet/tcp.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

struct info {
	struct tcp_info old; /* up to and with tcpi_total_retrans */
	uint64_t pacing_rate;
	uint64_t max_pacing_rate;
	uint64_t bytes_acked;
	uint64_t bytes_received;
	uint32_t segs_out;
	uint32_t segs_in;
	uint32_t notsent_bytes;
	uint32_t min_rtt;
	uint32_t data_segs_in;
	uint32_t data_segs_out;
	uint64_t delivery_rate;
	uint64_t busy_time;
	uint64_t rwnd_limited;
	uint64_t sndbuf_limited;
	uint32_t delivered;
	uint32_t delivered_ce;
	uint64_t bytes_sent;
	uint64_t bytes_retrans;
	uint32_t dsack_dups;
	uint32_t reord_seen;
	uint32_t rcv_ooopack;
	uint32_t snd_wnd;
	uint32_t rcv_wnd;
	uint32_t rehash;
	uint16_t total_rto;
	uint16_t total_rto_recoveries;
	uint32_t total_rto_time;
	uint32_t rest[8];
};

/* What the kernel does not tell is 0; all is 0xff if it refuses. */
static inline struct info info_of(int fd)
{
	socklen_t len = sizeof(struct info);
	struct info info;

	memset(&info, 0, sizeof(info));
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		memset(&info, 0xff, sizeof(info));
	return info;
}

#endif
