// SPDX-License-Identifier: GPL-2.0
/* A run's segments in a file for wireshark: see pcap.h. */
#include <stdio.h>
#include <stdlib.h>
#include "pcap.h"
#include "segment.h"

#define LINKTYPE_RAW 101
#define IP_HEADER    20
#define IP_MAX	     65535

/**
 * struct pcap - a file that is being written
 * @file: the file
 * @id: identification of the next IP packet
 */
struct pcap {
	FILE *file;
	u16 id;
};

/**
 * pcap_open() - begin a file
 * @name: its name, "-" for standard output
 *
 * Return: the file, or NULL and errno.
 */
struct pcap *pcap_open(const char *name)
{
	const struct {
		u32 magic;
		u16 major;
		u16 minor;
		u32 zone;
		u32 accuracy;
		u32 most;
		u32 linktype;
	} header = { 0xa1b2c3d4, 2, 4, 0, 0, IP_MAX, LINKTYPE_RAW };
	FILE *file = strcmp(name, "-") ? fopen(name, "wb") : stdout;
	struct pcap *pcap;

	if (!file)
		return NULL;
	pcap = calloc(1, sizeof(*pcap));
	pcap->file = file;
	fwrite(&header, sizeof(header), 1, file);
	return pcap;
}

/**
 * pcap_segment() - one segment, in an IPv4 packet
 * @pcap: the file
 * @us: virtual time
 * @from: source address, host order
 * @to: destination address
 * @octets: the segment, from the TCP header on
 * @len: octets of it
 */
void pcap_segment(struct pcap *pcap, u64 us, u32 from, u32 to, const u8 *octets,
		  u32 len)
{
	const u32 record[] = { us / 1000000, us % 1000000, len + IP_HEADER,
			       len + IP_HEADER };
	u8 ip[IP_HEADER] = { 0x45 };

	atcp_put16(ip + 2, len + IP_HEADER);
	atcp_put16(ip + 4, pcap->id++);
	atcp_put16(ip + 6, 0x4000); /* don't fragment */
	ip[8] = 64;
	ip[9] = 6;
	atcp_put32(ip + 12, from);
	atcp_put32(ip + 16, to);
	atcp_put16(ip + 10, atcp_checksum(ip, sizeof(ip), 0));
	fwrite(record, sizeof(record), 1, pcap->file);
	fwrite(ip, sizeof(ip), 1, pcap->file);
	fwrite(octets, len, 1, pcap->file);
}

/**
 * pcap_close() - end a file
 * @pcap: the file
 *
 * Return: false if not all could be written.
 */
bool pcap_close(struct pcap *pcap)
{
	bool good = !fflush(pcap->file) && !ferror(pcap->file);

	if (pcap->file != stdout)
		good &= !fclose(pcap->file);
	free(pcap);
	return good;
}
