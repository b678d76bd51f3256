// SPDX-License-Identifier: GPL-2.0
/*
 * The twin of the map of what is in flight: an entry for each octet, and RFC
 * 6675's IsLost(), SetPipe() and NextSeg() word for word.
 */
#include <stdlib.h>
#include <string.h>
#include "tcb.h"
#include "recovery.h"
#include "sendmap.h"
#include "seq.h"
#include "steps.h"
#include "twin.h"

#define STREAM	   4000 /* octets, a few more than the steps use */
#define SMSS	   50
#define DUP_THRESH 3
#define NOWHERE	   (~0U)

/**
 * struct octet - what is known of one octet
 * @sacked: the receiver holds it
 * @lost: believed to be lost
 * @again: sent again in this recovery
 * @sends: how often it was sent
 * @sent_us: when it was last sent
 */
struct octet {
	bool sacked;
	bool lost;
	bool again;
	u32 sends;
	u64 sent_us;
};

/**
 * struct pair - the engine's and its twin
 * @tcb: the engine's
 * @params: its limits
 * @iss: the sequence number of the first octet
 * @una: SND.UNA, as an octet
 * @nxt: SND.NXT
 * @now: the time
 * @octet: all of the stream
 * @records: how many the pool was given
 */
struct pair {
	struct atcp_tcb tcb;
	struct atcp_params params;
	u32 iss;
	u32 una;
	u32 nxt;
	u64 now;
	struct octet octet[STREAM];
	u32 records;
};

/* RFC 6675 section 4: more than (DupThresh - 1) * SMSS above are SACKed. */
static bool is_lost(const struct pair *p, u32 n)
{
	u32 above = 0;

	for (n++; n < p->nxt; n++)
		above += p->octet[n].sacked;
	return above > (DUP_THRESH - 1) * SMSS;
}

/* RFC 6675 section 4, for octets as they are marked. */
static u32 pipe_of(const struct pair *p)
{
	u32 n, pipe = 0;

	for (n = p->una; n < p->nxt; n++) {
		const struct octet *o = &p->octet[n];

		if (o->sacked)
			continue;
		pipe += !o->lost;
		pipe += o->again;
	}
	return pipe;
}

/* The first octet that is lost and was not sent again. */
static u32 first_lost(const struct pair *p)
{
	u32 n;

	for (n = p->una; n < p->nxt; n++)
		if (p->octet[n].lost && !p->octet[n].again)
			return n;
	return NOWHERE;
}

static void compare_range(const struct pair *p, const struct atcp_range *r)
{
	u32 n;

	for (n = r->seq - p->iss; n != r->end - p->iss; n++) {
		const struct octet *o = &p->octet[n];

		if (o->sacked != !!(r->flags & ATCP_RANGE_SACKED) ||
		    o->lost != !!(r->flags & ATCP_RANGE_LOST) ||
		    o->again != !!(r->flags & ATCP_RANGE_RETRANS))
			twin_differs("octet %u is %s%s%s, and the engine's flags 0x%02x",
				     n, o->sacked ? "sacked " : "",
				     o->lost ? "lost " : "",
				     o->again ? "again" : "", r->flags);
	}
}

static void compare(const struct pair *p)
{
	const struct atcp_tcb *tcb = &p->tcb;
	u32 at = p->una, to_resend = 0, n;
	const struct atcp_range *r;

	for (r = atcp_range_first(&tcb->sendmap); r; r = atcp_range_next(r)) {
		if (r->seq - p->iss != at || r->end - p->iss > p->nxt)
			twin_differs("a range from %u to %u at octet %u",
				     r->seq - p->iss, r->end - p->iss, at);
		compare_range(p, r);
		at = r->end - p->iss;
	}
	if (at != p->nxt)
		twin_differs("the map ends at octet %u of %u", at, p->nxt);
	if (atcp_pipe(tcb) != pipe_of(p))
		twin_differs("the pipe is %u, and it is %u", atcp_pipe(tcb),
			     pipe_of(p));
	for (n = p->una; n < p->nxt; n++)
		to_resend += p->octet[n].lost && !p->octet[n].again;
	if (tcb->to_resend != to_resend)
		twin_differs("%u octets are to be sent again, not %u",
			     tcb->to_resend, to_resend);
}

static void send_new(struct pair *p, u32 octets)
{
	twin_step("send %u to %u", p->nxt, p->nxt + octets);
	atcp_sendmap_sent(&p->tcb, p->iss + p->nxt + octets, p->now, 0);
	for (; octets; octets--)
		p->octet[p->nxt++] =
			(struct octet){ .sends = 1, .sent_us = p->now };
}

/* Karn: what was sent once, and is acknowledged now, is a sample. */
static void compare_rtt(const struct pair *p, const struct atcp_acked *acked,
			const bool *news)
{
	bool possible = false, found = false;
	u32 n;

	for (n = 0; n < p->nxt; n++) {
		u64 rtt = max_t(u64, p->now - p->octet[n].sent_us, 1);

		if (!news[n] || p->octet[n].sends != 1)
			continue;
		possible = true;
		found |= rtt == acked->rtt_us;
	}
	if (found != !!acked->rtt_us || possible != !!acked->rtt_us)
		twin_differs("an RTT of %u us", acked->rtt_us);
}

static void ack(struct pair *p, u32 upto)
{
	struct atcp_acked acked = { 0 };
	bool news[STREAM] = { false };
	u32 n, sum = 0;

	twin_step("ack %u", upto);
	for (n = p->una; n < upto; n++) {
		news[n] = !p->octet[n].sacked;
		sum += news[n];
	}
	atcp_sendmap_ack(&p->tcb, p->iss + upto, p->now, &acked);
	if (acked.octets != sum)
		twin_differs("%u octets newly acknowledged, not %u",
			     acked.octets, sum);
	compare_rtt(p, &acked, news);
	p->una = upto;
}

static void sack(struct pair *p, struct twin_input *in)
{
	struct atcp_segment seg = { .options = ATCP_OPT_SACK };
	struct atcp_acked acked = { 0 };
	bool news[STREAM] = { false };
	u32 i, n, sum = 0;

	seg.nr_sacks = 1 + twin_take(in) % ATCP_SACK_MAX;
	for (i = 0; i < seg.nr_sacks; i++) {
		/* Also old ones, empty ones, and of what was never sent. */
		u32 start = p->una + twin_take16(in) % (p->nxt - p->una + 20);
		u32 end = start + twin_take(in) - 10;

		start -= 10;
		twin_step("sack %d to %d", (s32)start, (s32)end);
		seg.sacks[i] = (struct atcp_sack_block){ p->iss + start,
							 p->iss + end };
		if ((s32)start >= (s32)end || (s32)start <= (s32)p->una ||
		    (s32)end > (s32)p->nxt)
			continue;
		for (n = start; n < end; n++) {
			news[n] |= !p->octet[n].sacked;
			p->octet[n].sacked = true;
			p->octet[n].lost = false;
			p->octet[n].again = false;
		}
	}
	for (n = 0; n < p->nxt; n++)
		sum += news[n];
	atcp_sendmap_sack(&p->tcb, &seg, p->now, &acked);
	if (acked.octets != sum)
		twin_differs("%u octets newly sacked, not %u", acked.octets,
			     sum);
	compare_rtt(p, &acked, news);
}

static void detect(struct pair *p)
{
	bool found = false;
	u32 n;

	twin_step("what is lost?");
	for (n = p->una; n < p->nxt; n++) {
		struct octet *o = &p->octet[n];

		if (o->sacked || o->lost || !is_lost(p, n))
			continue;
		o->lost = true;
		found = true;
	}
	if (atcp_sendmap_detect_lost(&p->tcb) != found)
		twin_differs("something new is lost: %u", found);
}

static void time_out(struct pair *p)
{
	bool reneged = p->una < p->nxt && p->octet[p->una].sacked;
	u32 n;

	twin_step("time-out");
	atcp_sendmap_all_lost(&p->tcb);
	for (n = p->una; n < p->nxt; n++) {
		struct octet *o = &p->octet[n];

		o->sacked &= !reneged;
		o->lost |= !o->sacked;
		o->again = false;
	}
}

static void resend(struct pair *p, struct atcp_range *r)
{
	u32 n;

	atcp_sendmap_resent(&p->tcb, r, p->now);
	for (n = r->seq - p->iss; n != r->end - p->iss; n++) {
		p->octet[n].again |= p->octet[n].lost;
		p->octet[n].sends++;
		p->octet[n].sent_us = p->now;
	}
}

/* NextSeg(), rule 1. */
static void send_lost(struct pair *p, u32 most)
{
	struct atcp_range *r = atcp_sendmap_next_lost(&p->tcb, most);
	u32 first = first_lost(p), n;

	twin_step("send what is lost, at most %u", most);
	if (!r && first == NOWHERE)
		return;
	if (!r || r->seq - p->iss != first || r->end - r->seq > most)
		twin_differs("%d to %d goes again, and octet %d is the first",
			     r ? (s32)(r->seq - p->iss) : -1,
			     r ? (s32)(r->end - p->iss) : -1, (s32)first);
	for (n = first; n < r->end - p->iss; n++)
		if (!p->octet[n].lost || p->octet[n].again)
			twin_differs("octet %u goes again", n);
	resend(p, r);
}

/* NextSeg(), rule 3: above HighRxt, not SACKed, something above is. */
static u32 rule_3(const struct pair *p)
{
	u32 n, from = p->una, first = NOWHERE;

	for (n = p->una; n < p->nxt; n++)
		if (p->octet[n].lost || p->octet[n].again)
			from = n + 1;
	for (n = p->nxt; n > from; n--) {
		u32 above;

		if (p->octet[n - 1].sacked)
			continue;
		for (above = n; above < p->nxt; above++)
			if (p->octet[above].sacked)
				first = n - 1;
	}
	return first;
}

static u32 last_unsacked(const struct pair *p)
{
	u32 n = p->nxt;

	while (n > p->una && p->octet[n - 1].sacked)
		n--;
	return n > p->una ? n - 1 : NOWHERE;
}

static void send_last_resort(struct pair *p, u32 most)
{
	bool may_rescue = seq_gt(p->tcb.snd_una, p->tcb.rescue);
	u32 hole = rule_3(p), last = last_unsacked(p), n;
	struct atcp_range *r;

	if (p->tcb.to_resend)
		return;
	twin_step("last resort, at most %u%s", most,
		  may_rescue ? ", rescue" : "");
	r = atcp_sendmap_last_resort(&p->tcb, most);
	if (!r) {
		if (hole != NOWHERE || (last != NOWHERE && may_rescue))
			twin_differs("nothing is sent, octets %d and %d are",
				     (s32)hole, (s32)last);
		return;
	}
	if (r->end - r->seq > most)
		twin_differs("%u octets", r->end - r->seq);
	if (hole != NOWHERE && r->seq - p->iss != hole)
		twin_differs("octet %u goes again, not %u", r->seq - p->iss,
			     hole);
	if (hole == NOWHERE && (r->end - p->iss != last + 1 || !may_rescue))
		twin_differs("a rescue up to %u, the last one is %u",
			     r->end - p->iss - 1, last);
	for (n = r->seq - p->iss; n < r->end - p->iss; n++)
		if (hole != NOWHERE)
			p->octet[n].again = true;
	resend(p, r);
}

static void recovered(struct pair *p)
{
	u32 n;

	twin_step("recovered");
	atcp_sendmap_recovered(&p->tcb);
	for (n = p->una; n < p->nxt; n++)
		p->octet[n].again &= p->octet[n].lost;
	p->tcb.recover = p->tcb.snd_nxt;
}

static void step(struct pair *p, struct twin_input *in)
{
	u32 what = twin_take(in), n = twin_take(in);

	p->now += 1 + n;
	while (p->tcb.pool.count < ATCP_POOL_LOW) {
		atcp_pool_put(&p->tcb.pool, malloc(sizeof(struct atcp_range)));
		p->records++;
	}
	switch (p->una == p->nxt ? 0 : what % 16) {
	case 0 ... 3:
		return send_new(p, 1 + n % 150);
	case 4:
		return ack(p, p->una + 1 + n % (p->nxt - p->una));
	case 5 ... 8:
		return sack(p, in);
	case 9 ... 10:
		return detect(p);
	case 11:
		return what < 32 ? time_out(p) : detect(p);
	case 12 ... 13:
		return send_lost(p, 1 + n % (2 * SMSS));
	case 14:
		return send_last_resort(p, 1 + n % (2 * SMSS));
	case 15:
		return recovered(p);
	}
}

/**
 * twin_scoreboard() - octets are sent, acknowledged, SACKed, lost, sent again
 * @data: the ISS, then the steps
 * @len: octets of @data
 */
void twin_scoreboard(const uint8_t *data, size_t len)
{
	struct twin_input in = { data, len };
	struct pair *p = calloc(1, sizeof(*p));

	twin_begin();
	p->params = (struct atcp_params)ATCP_PARAMS_DEFAULT;
	atcp_tcb_init(&p->tcb, &p->params);
	p->iss = twin_take32(&in);
	p->tcb.snd_una = p->iss;
	p->tcb.snd_nxt = p->iss;
	p->tcb.snd_max = p->iss;
	p->tcb.rescue = p->iss;
	p->tcb.recover = p->iss;
	p->tcb.mss = SMSS;
	p->tcb.use = ATCP_USE_SACK;
	p->tcb.snd_wnd = STREAM;
	while (in.left && p->nxt < STREAM - 200) {
		step(p, &in);
		compare(p);
	}
	twin_end(&p->tcb, p->records);
	free(p);
}
