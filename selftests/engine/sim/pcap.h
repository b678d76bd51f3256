/* SPDX-License-Identifier: GPL-2.0 */
/* A run's segments in a file for wireshark: LINKTYPE_RAW, IPv4. */
#ifndef ATCP_SIM_PCAP_H
#define ATCP_SIM_PCAP_H

#include "types.h"

struct pcap *pcap_open(const char *name);
void pcap_segment(struct pcap *pcap, u64 us, u32 from, u32 to, const u8 *octets,
		  u32 len);
bool pcap_close(struct pcap *pcap);

#endif
