/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What connections carry. An octet follows from the connection, the direction
 * and its number, so that nobody keeps what was sent: it can be made again.
 */
#ifndef ATCP_SIM_PAYLOAD_H
#define ATCP_SIM_PAYLOAD_H

#include "types.h"

/* The largest segment: a jumbo frame's. */
#define PACKET_MAX 9000

void payload_fill(u8 *to, unsigned int stream, u32 from, u32 len);
bool payload_is(const u8 *octets, unsigned int stream, u32 from, u32 len);
u16 payload_checksum(const u8 *octets, u32 len, u32 sum);

#endif
