/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A connection over loopback with data flowing both ways, and an attacker who
 * sees it all and can send whatever he likes in either end's name.
 *
 * An attacker who sees nothing can do no more than one who sees: what has to
 * be guessed is what a test gets wrong on purpose.
 */
#ifndef ATCP_ATTACK_H
#define ATCP_ATTACK_H

#include <netinet/tcp.h>

#include "testlib.h"

struct attack_end {
	int fd;
	uint16_t port;
	uint32_t seq;	 /* the next number that it will send */
	uint32_t ack;	 /* the next that it waits for */
	uint32_t window; /* octets that it takes from there */
	int wscale;
	uint32_t tsval; /* its clock, as it last said */
	uint32_t tsecr;
	bool seen_ts;
	uint64_t sent, got; /* octets of the streams */
};

struct attack {
	int family;
	int raw;  /* sends forged packets */
	int tap;  /* sees what passes */
	int echo; /* a datagram socket that talks to itself */
	int tun;  /* where packets come from outside, once it is there */
	struct attack_end end[2];
};

/* A forged segment; what is not said fits into the connection. */
struct forged {
	int to; /* which end shall believe it */
	uint8_t flags;
	int32_t seq;   /* from what that end waits for next */
	int32_t ack;   /* from what it would send next */
	int win;       /* as in the header; 0 is what the peer last said */
	int32_t clock; /* from what the peer's timestamps say */
	uint16_t urgent;
	const void *options; /* instead of the timestamps that belong there */
	int opt_len;
	int len;	  /* octets of payload, none of the stream's */
	const void *data; /* or these */

	bool sport_zero, dport_zero;
	uint16_t sport, dport; /* where they are not the connection's */
	uint16_t sum_flip;     /* this is added to the checksum, bit by bit */
	int doff;	       /* in words; -1 stands for 0 */
	uint8_t reserved;
	int cut;	   /* octets of the segment; -1 stands for 0 */
	uint16_t fragment; /* cut into IP fragments of so many octets */
	bool lose_last;	   /* of them */
	const char *saddr, *daddr;
};

bool attack_start(struct attack *a, int family);
void attack_end(struct attack *a);

/* What passes, up to now, is known. */
void attack_watch(struct attack *a);
/* @bytes each way, and they come as they were sent. */
bool attack_flow(struct attack *a, size_t bytes);
/* Both ends are ESTABLISHED and some more data flows. */
bool attack_survived(struct attack *a);

/*
 * From now on what is forged comes in by a device, as from another machine. This
 * one has 192.0.2.1 and 2001:db8::1 there.
 */
bool attack_from_outside(struct attack *a);

/* Sends a segment; nothing of the connection may be on its way. */
bool attack_forge(struct attack *a, const struct forged *f);
/* Sends an ICMP error about a segment of end @to with @seq from its next. */
bool attack_icmp(struct attack *a, int to, uint8_t type, uint8_t code,
		 uint16_t mtu, int32_t seq);

#define FORGE(a, ...) attack_forge(a, &(struct forged){ __VA_ARGS__ })

/* Pseudo-random and the same for the same seed, on every machine. */
uint32_t attack_random(uint64_t *state);

#endif
