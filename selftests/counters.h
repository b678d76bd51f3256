/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The names in /proc/net/atcp_stat that the tests look at: why a segment was
 * dropped. The kernel's TCP counts none of this per reason, so over protocol 6
 * the tests do not look at counters at all.
 */
#ifndef ATCP_COUNTERS_H
#define ATCP_COUNTERS_H

#define DROP_SHORT	   "DropShort"	      /* no room for a header */
#define DROP_HEADER_LENGTH "DropHeaderLength" /* below 20, or past the end */
#define DROP_CHECKSUM	   "DropChecksum"
#define DROP_OPTIONS	   "DropOptions" /* a malformed list of options */
#define DROP_PORT_ZERO	   "DropPortZero"
#define DROP_BAD_FLAGS	   "DropBadFlags" /* flags that no segment has */
#define DROP_ADDRESS	   "DropAddress"  /* not a unicast one of ours */
#define DROP_NO_SOCKET	   "DropNoSocket"
#define DROP_OUT_OF_WINDOW "DropOutOfWindow"
#define DROP_BAD_ACK	   "DropBadAck" /* of what was never sent */
#define DROP_OLD_ACK	   "DropOldAck" /* below SND.UNA - MAX.SND.WND */
#define DROP_DUPLICATE_SYN "DropDuplicateSyn"
#define DROP_PAWS	   "DropPaws"	    /* RFC 7323 section 5 */
#define DROP_OLD_DATA	   "DropOldData"    /* received before, all of it */
#define DROP_CHALLENGED	   "DropChallenged" /* RFC 5961 */
#define DROP_RESET	   "DropReset"	    /* a RST that was obeyed */
#define DROP_TIME_WAIT	   "DropTimeWait"

#endif
