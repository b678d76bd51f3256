/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SYN cookies: a listener whose backlog is full answers a SYN and forgets it.
 * What it must know later is in its initial sequence number: the MSS, sealed
 * with hashes whose keys only its owner knows, and the minute. Further options
 * are in the timestamp that the peer will echo. RFC 4987 section 3.6; the
 * layout is that of Linux, but for what keeps a lost text from being missed.
 */
#ifndef ATCP_ENGINE_SYNCOOKIE_H
#define ATCP_ENGINE_SYNCOOKIE_H

#include "request.h"

/* A cookie is good in the minute it was made in and the next one. */
#define ATCP_COOKIE_MINUTES 2

/**
 * struct atcp_cookie_key - what makes a cookie hard to guess
 * @identity: a keyed hash of the four-tuple
 * @seal: the same of the four-tuple and the minute, with another key
 */
struct atcp_cookie_key {
	u32 identity;
	u32 seal;
};

u8 atcp_cookie_mss_index(u16 mss, bool v4);
u32 atcp_cookie_make(const struct atcp_cookie_key *key, u32 minute, u32 irs,
		     u8 mss_index);
int atcp_cookie_age(u32 cookie, u32 identity, u32 minute, u32 irs);
u16 atcp_cookie_mss(u32 cookie, const struct atcp_cookie_key *key, u32 irs,
		    bool v4);
void atcp_cookie_syn_ack(const struct atcp_open *open,
			 const struct atcp_params *params,
			 const struct atcp_segment *syn, u64 now,
			 struct atcp_segment *out);
bool atcp_cookie_request(struct atcp_request *req, const struct atcp_open *open,
			 const struct atcp_params *params,
			 const struct atcp_segment *ack, u16 mss, u64 now);

#endif
