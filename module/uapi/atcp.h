/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * What a program needs to use ATCP:
 *
 *	int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_ATCP);
 *
 * Everything else is as with tcp(7): the SOL_TCP options keep their numbers
 * at SOL_TCP, and SOL_ATCP is an alias for that level.
 */
#ifndef _UAPI_ATCP_H
#define _UAPI_ATCP_H

/* RFC 3692: a protocol number set aside for experimentation and testing. */
#ifndef IPPROTO_ATCP
#define IPPROTO_ATCP 253
#endif

/* Level for getsockopt() and setsockopt(), next to SOL_TCP (6). */
#ifndef SOL_ATCP
#define SOL_ATCP 253
#endif

#endif
