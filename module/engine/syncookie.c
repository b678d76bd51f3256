// SPDX-License-Identifier: GPL-2.0
/* SYN cookies: see syncookie.h. */
#include "syncookie.h"

/*
 * A cookie is
 *
 *	identity + IRS + (minute << 24) + ((seal + index + IRS * SPREAD) mod 2^24)
 *
 * where index stands for the peer's MSS. Whoever does not know the hashes
 * guesses a good one once in 2^24 / 4 / 2 tries.
 *
 * The ACK's own sequence number says what IRS was. If the ACK was lost and so
 * was a text of one to three octets, the next segment's number says something
 * that only the index tells from IRS, and a connection without these octets
 * would be opened. With SPREAD + 1 at the golden section of 2^24, a number that
 * is off by less than 2^20 is off by more than any index there.
 */
#define SEAL_BITS   24
#define SEAL_MASK   ((1U << SEAL_BITS) - 1)
#define MINUTE_MASK ((1U << (32 - SEAL_BITS)) - 1)
#define SPREAD	    10368888U

/*
 * The low bits of the SYN-ACK's timestamp:
 *
 *	31 ... 6   5   4      3 2 1 0
 *	clock      0   SACK   window scale, 15 for none
 *
 * It is never ahead of the clock, or the next timestamp would be an older one.
 */
#define TS_BITS	       6
#define TS_MASK	       ((1U << TS_BITS) - 1)
#define TS_SACK	       0x10
#define TS_WSCALE_MASK 0x0f

/* Those that are worth telling apart; the others are rounded down. */
static const u16 mss_v4[] = { 536, 1300, 1440, 1460 };
static const u16 mss_v6[] = { 1280 - 60, 1480 - 60, 1500 - 60, 9000 - 60 };

/**
 * atcp_cookie_mss_index() - which MSS a cookie will stand for
 * @mss: the peer's
 * @v4: IPv4, not IPv6
 *
 * Return: what atcp_cookie_make() takes.
 */
u8 atcp_cookie_mss_index(u16 mss, bool v4)
{
	const u16 *table = v4 ? mss_v4 : mss_v6;
	u8 i = ARRAY_SIZE(mss_v4) - 1;

	while (i && mss < table[i])
		i--;
	return i;
}

/**
 * atcp_cookie_make() - an initial sequence number that is a cookie
 * @key: hashes of the four-tuple, @minute in the second
 * @minute: a clock of minutes
 * @irs: the SYN's sequence number
 * @mss_index: of atcp_cookie_mss_index()
 *
 * Return: the ISS.
 */
u32 atcp_cookie_make(const struct atcp_cookie_key *key, u32 minute, u32 irs,
		     u8 mss_index)
{
	return key->identity + irs + (minute << SEAL_BITS) +
	       ((key->seal + mss_index + irs * SPREAD) & SEAL_MASK);
}

/**
 * atcp_cookie_age() - when a cookie was made
 * @cookie: what the peer acknowledges, less one
 * @identity: as in struct atcp_cookie_key
 * @minute: the clock of minutes, now
 * @irs: what the peer's SYN must have had as sequence number
 *
 * Return: minutes ago, or -1 if it is too old or no cookie.
 */
int atcp_cookie_age(u32 cookie, u32 identity, u32 minute, u32 irs)
{
	u32 made = (cookie - identity - irs) >> SEAL_BITS;
	u32 age = (minute - made) & MINUTE_MASK;

	return age < ATCP_COOKIE_MINUTES ? (int)age : -1;
}

/**
 * atcp_cookie_mss() - open a cookie
 * @cookie: the cookie
 * @key: hashes of the four-tuple, with the minute it was made in
 * @irs: as in atcp_cookie_age()
 * @v4: IPv4, not IPv6
 *
 * Return: the peer's MSS, 0 if this is no cookie of ours.
 */
u16 atcp_cookie_mss(u32 cookie, const struct atcp_cookie_key *key, u32 irs,
		    bool v4)
{
	u32 index = (cookie - key->identity - irs - key->seal - irs * SPREAD) &
		    SEAL_MASK;

	if (index >= ARRAY_SIZE(mss_v4))
		return 0;
	return v4 ? mss_v4[index] : mss_v6[index];
}

static u32 timestamp(const struct atcp_request *req, u32 clock)
{
	u32 bits = req->open.options & ATCP_OPT_WSCALE ? req->snd_wscale :
							 TS_WSCALE_MASK;
	u32 ts;

	if (req->open.options & ATCP_OPT_SACK_OK)
		bits |= TS_SACK;
	ts = (clock & ~TS_MASK) | bits;
	return ts > clock ? ts - TS_MASK - 1 : ts;
}

/**
 * atcp_cookie_syn_ack() - answer a SYN and forget it
 * @open: our end; iss is the cookie
 * @params: limits
 * @syn: the SYN
 * @now: the time
 * @out: filled in
 *
 * Without timestamps there is no place for any option but the MSS.
 */
void atcp_cookie_syn_ack(const struct atcp_open *open,
			 const struct atcp_params *params,
			 const struct atcp_segment *syn, u64 now,
			 struct atcp_segment *out)
{
	struct atcp_open ours = *open;
	struct atcp_request req;

	if (!(ours.options & syn->options & ATCP_OPT_TS))
		ours.options = 0;
	atcp_request_init(&req, &ours, params, syn, now);
	atcp_request_syn_ack(&req, now, out);
	if (out->options & ATCP_OPT_TS)
		out->tsval = timestamp(&req, now >> 10) + ours.ts_offset;
}

/**
 * atcp_cookie_request() - the request that a cookie stands for
 * @req: the record, uninitialised
 * @open: our end as a SYN would meet it now; iss is the cookie
 * @params: limits
 * @ack: the third segment of the handshake
 * @mss: of atcp_cookie_mss()
 * @now: the time
 *
 * When the SYN-ACK was sent is not known: its acknowledgment is no sample of
 * the round-trip time.
 *
 * Return: false if the cookie has options that are not offered any more.
 */
bool atcp_cookie_request(struct atcp_request *req, const struct atcp_open *open,
			 const struct atcp_params *params,
			 const struct atcp_segment *ack, u16 mss, u64 now)
{
	struct atcp_segment syn = {
		.seq = ack->seq - 1,
		.wnd = ack->wnd,
		.options = ATCP_OPT_MSS | (ack->options & ATCP_OPT_TS),
		.mss = mss,
		.tsval = ack->tsval,
	};
	u32 bits = ack->tsecr - open->ts_offset;

	if (syn.options & ATCP_OPT_TS) {
		if (bits & TS_SACK)
			syn.options |= ATCP_OPT_SACK_OK;
		syn.wscale = bits & TS_WSCALE_MASK;
		if (syn.wscale != TS_WSCALE_MASK)
			syn.options |= ATCP_OPT_WSCALE;
	}
	if (syn.options & ~open->options & ~ATCP_OPT_MSS)
		return false;
	atcp_request_init(req, open, params, &syn, now);
	req->sends = U8_MAX;
	return true;
}
