// SPDX-License-Identifier: GPL-2.0
/*
 * Segments from the octets of an input. Numbers are relative to the subject's
 * own, since a fuzzer would guess 32 bits for ever; they may be absolute, too.
 */
#include "seq.h"
#include "subject.h"

/* What the peer would know, in whatever mode the subject is. */
struct view {
	u32 iss;
	u32 snd_una;
	u32 snd_nxt;
	u32 irs;
	u32 rcv_nxt;
	u32 rcv_adv;
	u32 clock;
};

static void look(const struct subject *s, struct view *v)
{
	const struct atcp_tcb *tcb = s->tcb;

	v->clock = (u32)(s->now >> 10) + s->open.ts_offset;
	if (s->mode == SUBJECT_REQUESTED) {
		v->iss = s->request.open.iss;
		v->snd_una = v->iss;
		v->snd_nxt = v->iss + 1;
		v->irs = s->request.irs;
		v->rcv_nxt = v->irs + 1;
		v->rcv_adv = v->rcv_nxt + atcp_open_wnd(&s->request.open);
		return;
	}
	v->iss = tcb->iss;
	v->irs = tcb->irs;
	v->snd_una = tcb->snd_una;
	v->snd_nxt = tcb->snd_nxt;
	v->rcv_nxt = tcb->rcv_nxt;
	v->rcv_adv = tcb->rcv_adv;
	if (s->mode == SUBJECT_TIME_WAIT) {
		v->snd_nxt = s->tw.snd_nxt;
		v->rcv_nxt = s->tw.rcv_nxt;
	}
}

static u32 delta(struct fuzz_input *in)
{
	switch (fuzz_below(in, 5)) {
	case 0:
		return (s8)fuzz_u8(in);
	case 1:
		return (s16)fuzz_u16(in);
	case 2:
		return fuzz_u32(in);
	default:
		return 0;
	}
}

static u32 pick_seq(const struct subject *s, const struct view *v,
		    struct fuzz_input *in)
{
	const struct atcp_range *r;

	switch (fuzz_below(in, 6)) {
	case 0:
		return v->rcv_adv + delta(in);
	case 1:
		return v->irs + delta(in);
	case 2:
		r = atcp_range_first(&s->tcb->reassembly);
		return (r ? r->seq : v->rcv_nxt) + delta(in);
	case 3:
		r = atcp_range_last(&s->tcb->reassembly);
		return (r ? r->end : v->rcv_nxt) + delta(in);
	default:
		return v->rcv_nxt + delta(in);
	}
}

static u32 pick_ack(const struct subject *s, const struct view *v,
		    struct fuzz_input *in)
{
	switch (fuzz_below(in, 6)) {
	case 0:
		return v->snd_una + delta(in);
	case 1:
		return v->iss + delta(in);
	case 2:
		return s->tcb->snd_max + delta(in);
	case 3:
		return v->snd_una +
		       fuzz_u16(in) % (v->snd_nxt - v->snd_una + 1);
	default:
		return v->snd_nxt + delta(in);
	}
}

static u32 pick_len(const struct subject *s, struct fuzz_input *in)
{
	switch (fuzz_below(in, 6)) {
	case 0:
		return fuzz_u8(in);
	case 1:
		return fuzz_u16(in) % 60000;
	case 2:
		return s->tcb->advmss;
	default:
		return 0;
	}
}

/* Blocks in what is in flight, or anywhere. */
static void pick_sacks(const struct view *v, struct fuzz_input *in,
		       struct atcp_segment *seg)
{
	u32 flight = v->snd_nxt - v->snd_una;
	unsigned int i;

	seg->options |= ATCP_OPT_SACK;
	seg->nr_sacks = 1 + fuzz_below(in, ATCP_SACK_MAX);
	for (i = 0; i < seg->nr_sacks; i++) {
		u32 start = v->snd_una + (flight ? fuzz_u16(in) % flight : 0);
		u32 len = fuzz_u16(in);

		if (len & 0x8000)
			start += delta(in);
		seg->sacks[i].start = start;
		seg->sacks[i].end = start + (len & 0x7fff);
		if (len == 0x4000)
			seg->sacks[i].end = v->snd_nxt;
	}
}

static void pick_options(const struct subject *s, const struct view *v,
			 struct fuzz_input *in, struct atcp_segment *seg)
{
	u8 which = fuzz_u8(in);

	if (which & ATCP_OPT_TS) {
		seg->options |= ATCP_OPT_TS;
		seg->tsval = s->tcb->ts_recent + (which & 0x40 ? delta(in) : 1);
		seg->tsecr = v->clock - (which & 0x80 ? delta(in) : 1);
	}
	if (which & ATCP_OPT_SACK)
		pick_sacks(v, in, seg);
	if (!(seg->flags & ATCP_SYN))
		return;
	seg->options |= which &
			(ATCP_OPT_MSS | ATCP_OPT_WSCALE | ATCP_OPT_SACK_OK);
	if (which & ATCP_OPT_MSS)
		seg->mss = fuzz_u16(in);
	if (which & ATCP_OPT_WSCALE)
		seg->wscale = fuzz_below(in, ATCP_WSCALE_MAX + 1);
}

static void free_form(const struct subject *s, const struct view *v,
		      struct fuzz_input *in, struct atcp_segment *seg)
{
	seg->flags = fuzz_u8(in) & 0x3f;
	seg->seq = pick_seq(s, v, in);
	if (seg->flags & ATCP_ACK)
		seg->ack = pick_ack(s, v, in);
	if (seg->flags & ATCP_URG)
		seg->urg = fuzz_u16(in);
	seg->len = pick_len(s, in);
	pick_options(s, v, in, seg);
}

/* What a good peer would say next, with text or a FIN if @how says so. */
static void good_form(const struct subject *s, const struct view *v,
		      struct fuzz_input *in, struct atcp_segment *seg, u8 how)
{
	bool opens = s->mode == SUBJECT_LISTENS ||
		     (s->mode == SUBJECT_CONNECTED &&
		      s->tcb->state == ATCP_SYN_SENT);

	seg->seq = v->rcv_nxt;
	seg->ack = v->snd_nxt;
	seg->flags = ATCP_ACK;
	if (opens) {
		seg->seq = how & 0x10 ? 0U - fuzz_u8(in) : fuzz_u32(in);
		seg->flags = ATCP_SYN;
		if (s->mode == SUBJECT_CONNECTED && !(how & 0x20))
			seg->flags |= ATCP_ACK;
		seg->options = ATCP_OPT_MSS | ATCP_OPT_WSCALE |
			       ATCP_OPT_SACK_OK;
		seg->mss = how & 0x40 ? fuzz_u16(in) : 1460;
		seg->wscale = how & 0x80 ? fuzz_below(in, 15) : 7;
	}
	if (how & 2)
		seg->len = fuzz_u8(in) & 1 ? fuzz_u16(in) % 60000 :
					     s->tcb->advmss;
	if (how & 4)
		seg->flags |= ATCP_FIN;
	if (how & 8)
		seg->flags |= ATCP_PSH;
	if (opens || (s->tcb->use & ATCP_USE_TS)) {
		seg->options |= ATCP_OPT_TS;
		seg->tsval = s->tcb->ts_recent + 1;
		seg->tsecr = v->clock - 1;
	}
}

/**
 * craft_segment() - a segment that the subject could receive
 * @s: the subject
 * @in: says which
 * @seg: filled in, as the parser would
 */
void craft_segment(const struct subject *s, struct fuzz_input *in,
		   struct atcp_segment *seg)
{
	u8 how = fuzz_u8(in), wnd = fuzz_u8(in);
	struct view v;

	look(s, &v);
	*seg = (struct atcp_segment){
		.sport = s->open.dport,
		.dport = s->open.sport,
		.wnd = wnd & 1 ? wnd << 8 :
		       wnd & 2 ? fuzz_u16(in) :
				 wnd >> 2,
	};
	if (how & 1)
		free_form(s, &v, in, seg);
	else
		good_form(s, &v, in, seg, how);
}
