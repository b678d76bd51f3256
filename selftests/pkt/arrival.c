// SPDX-License-Identifier: GPL-2.0
/* The packet harness: all arrivals in a state. See arrival.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arrival.h"

#define MAX_FLAGS   8
#define SEQ_CLASSES 7
#define ACK_CLASSES 6 /* with none at all */

static const struct {
	uint8_t flags[MAX_FLAGS];
	int nr_flags;
} groups[GROUPS] = {
	[GROUP_RST] = { { TH_RST, TH_RST | TH_ACK, TH_RST | TH_SYN,
			  TH_RST | TH_FIN, TH_RST | TH_SYN | TH_ACK,
			  TH_RST | TH_FIN | TH_ACK, TH_RST | TH_SYN | TH_FIN,
			  TH_RST | TH_SYN | TH_FIN | TH_ACK },
			8 },
	[GROUP_SYN] = { { TH_SYN, TH_SYN | TH_ACK, TH_SYN | TH_FIN,
			  TH_SYN | TH_FIN | TH_ACK },
			4 },
	[GROUP_NO_ACK] = { { 0, TH_PUSH, TH_URG, TH_FIN }, 4 },
	[GROUP_ACK] = { { TH_ACK, TH_ACK | TH_PUSH }, 2 },
	[GROUP_FIN] = { { TH_FIN | TH_ACK }, 1 },
};

/* One segment: its classes, and what they come to on this connection. */
struct row {
	uint8_t flags;
	unsigned int seq_class;
	unsigned int ack_class;
	int len;
	uint32_t seq;
	uint32_t ack;
	uint32_t end; /* its last number and one */
	/* The connection's variables before it comes. */
	uint32_t snd_nxt;
	uint32_t rcv_nxt;
	uint32_t rcv_wnd;
};

static const char *seq_name(unsigned int seq_class)
{
	switch (seq_class) {
	case SEQ_OLD:
		return "old";
	case SEQ_STRADDLE:
		return "half old";
	case SEQ_NEXT:
		return "at RCV.NXT";
	case SEQ_AHEAD:
		return "inside";
	case SEQ_LAST:
		return "last in window";
	case SEQ_EDGE:
		return "right edge";
	default:
		return "beyond";
	}
}

static const char *ack_name(unsigned int ack_class)
{
	switch (ack_class) {
	case ACK_ANCIENT:
		return "ancient ACK";
	case ACK_OLD:
		return "old ACK";
	case ACK_UNA:
		return "ACK of SND.UNA";
	case ACK_NEW:
		return "ACK of SND.NXT";
	case ACK_ABOVE:
		return "ACK above SND.NXT";
	default:
		return "no ACK";
	}
}

static bool row_failed(const struct row *r, const struct rule *rule,
		       const char *what)
{
	fprintf(stderr, "# %s%s%s%s%s%s %s, %s, %d bytes: %s (%s)\n",
		r->flags & TH_SYN ? "SYN " : "",
		r->flags & TH_FIN ? "FIN " : "",
		r->flags & TH_RST ? "RST " : "",
		r->flags & TH_PUSH ? "PSH " : "",
		r->flags & TH_URG ? "URG " : "", r->flags & TH_ACK ? "ACK" : "",
		seq_name(r->seq_class), ack_name(r->ack_class), r->len, what,
		rule ? rule->step : "no rule");
	return false;
}

static const struct rule *find_rule(const struct arrivals *a,
				    const struct row *r)
{
	unsigned int len_class = r->len ? LEN_10 : LEN_0;
	int i;

	for (i = 0; i < a->nr_rules; i++) {
		const struct rule *rule = &a->rules[i];

		if ((r->flags & rule->with) == rule->with &&
		    !(r->flags & rule->without) &&
		    (!rule->seqs || (rule->seqs & r->seq_class)) &&
		    (!rule->acks || (rule->acks & r->ack_class)) &&
		    (!rule->lens || (rule->lens & len_class)))
			return rule;
	}
	return NULL;
}

static uint32_t sequence(const struct row *r, uint32_t space)
{
	switch (r->seq_class) {
	case SEQ_OLD:
		return r->rcv_nxt - (space ? space : 1);
	case SEQ_STRADDLE:
		return r->rcv_nxt - r->len / 2;
	case SEQ_NEXT:
		return r->rcv_nxt;
	case SEQ_AHEAD:
		return r->rcv_nxt + 100;
	case SEQ_LAST:
		return r->rcv_nxt + r->rcv_wnd - 1;
	case SEQ_EDGE:
		return r->rcv_nxt + r->rcv_wnd;
	default:
		return r->rcv_nxt + r->rcv_wnd + 100;
	}
}

static uint32_t acknowledgment(const struct pkt *p, const struct arrivals *a,
			       const struct row *r)
{
	switch (r->ack_class) {
	case ACK_ANCIENT:
		return a->una - p->peer.win - 1;
	case ACK_OLD:
		return a->una - 1;
	case ACK_NEW:
		return r->snd_nxt;
	case ACK_ABOVE:
		return r->snd_nxt + 1;
	default:
		return a->una;
	}
}

static uint32_t space_of(const struct seg *s)
{
	return s->len + !!(s->flags & TH_SYN) + !!(s->flags & TH_FIN);
}

/* The socket's last segment tells where the connection stands. */
static void fill_row(const struct pkt *p, const struct arrivals *a,
		     struct row *r)
{
	struct seg s = { .flags = r->flags, .len = r->len };

	r->snd_nxt = p->got.seq + space_of(&p->got);
	r->rcv_nxt = p->got.ack;
	r->rcv_wnd = pkt_window(p);
	r->seq = sequence(r, space_of(&s));
	r->ack = acknowledgment(p, a, r);
	r->end = r->seq + space_of(&s);
}

/* What comes back until all is done; a repetition was due anyway. */
static int collect(struct pkt *p, const struct row *r, struct seg *answer)
{
	int n = 0;

	pkt_settle(p);
	while (!pkt_settled(p)) {
		if (!pkt_next(p, PATIENCE_MS)) {
			if (!pkt_settled(p))
				return -1;
			break;
		}
		if (!(p->got.flags & TH_SYN) && space_of(&p->got) &&
		    (int32_t)(p->got.seq - r->snd_nxt) < 0)
			continue;
		*answer = p->got;
		n++;
	}
	return n;
}

/* RCV.NXT once the segment has been taken, or not. */
static uint32_t taken_up_to(const struct row *r, const struct rule *rule)
{
	uint32_t nxt = r->rcv_nxt;

	if (rule->takes & TEXT)
		nxt = r->end - !!(r->flags & TH_FIN);
	if (rule->takes & SYN)
		nxt++;
	if (rule->takes & FIN)
		nxt++;
	return nxt;
}

static struct seg expected(const struct pkt *p, const struct row *r,
			   const struct rule *rule)
{
	uint32_t nxt = taken_up_to(r, rule);

	switch (rule->answer) {
	case RST:
		return (struct seg){ .flags = TH_RST, .seq = r->ack };
	case RST_ACK:
		return (struct seg){ .flags = TH_RST | TH_ACK,
				     .seq = -p->liss,
				     .ack = r->end };
	case SYN_ACK:
		return (struct seg){ .flags = TH_SYN | TH_ACK,
				     .ack = r->seq + 1 };
	default:
		return (struct seg){ .flags = TH_ACK,
				     .seq = r->snd_nxt,
				     .ack = nxt };
	}
}

static bool answer_ok(struct pkt *p, const struct row *r,
		      const struct rule *rule)
{
	struct seg want, got;
	char text[PKT_LOG_WIDTH];
	int n = collect(p, r, &got);

	/* The ACK of what came in order may be delayed. */
	if (!n && rule->takes & TEXT && pkt_next(p, 500)) {
		got = p->got;
		n = 1;
	}
	if (n < 0)
		return row_failed(r, rule, "no echo came");
	if (rule->answer == SILENCE)
		return !n || row_failed(r, rule, "an answer");
	if (n != 1)
		return row_failed(r, rule, n ? "answers" : "no answer");
	want = expected(p, r, rule);
	if (want.flags == got.flags && want.seq == got.seq &&
	    want.ack == got.ack && !got.len)
		return true;
	pkt_print(text, sizeof(text), &want);
	fprintf(stderr, "# expected %s\n", text);
	pkt_print(text, sizeof(text), &got);
	fprintf(stderr, "# got      %s\n", text);
	return row_failed(r, rule, "another answer");
}

static bool outcome_ok(struct pkt *p, const struct arrivals *a,
		       const struct row *r, const struct rule *rule)
{
	unsigned int state = a->state;
	int text = 0;

	if (rule->to)
		state = rule->to == TO_GONE ? ST_GONE : rule->to;
	/* A listener remains what it is: the peer has no connection there. */
	else if (state == ST_LISTEN)
		state = ST_GONE;
	if (!counters_grew(rule->drop, 1))
		return row_failed(r, rule, "another counter");
	if (!pkt_in_state(p, state))
		return row_failed(r, rule, "another state");
	if (rule->takes & TEXT)
		text = r->end - !!(r->flags & TH_FIN) - r->rcv_nxt;
	if (p->fd >= 0 && state != ST_GONE && a->state != ST_SYN_SENT &&
	    (pkt_unread(p) != text || !stream_read(p->fd, text, 0)))
		return row_failed(r, rule, "other text");
	return true;
}

static bool row_ok(struct pkt *p, const struct arrivals *a, struct row *r,
		   const struct rule *rule)
{
	pkt_again(p);
	if (!a->open(p))
		return row_failed(r, rule, "never got to the state");
	fill_row(p, a, r);
	/* What a SYN opens is another connection. */
	if (rule->to == ST_SYN_RECEIVED)
		p->liss_known = false;
	counters_mark();
	return SENT(p, .flags = r->flags, .seq = r->seq, .ack = r->ack,
		    .len = r->len) &&
	       answer_ok(p, r, rule) && outcome_ok(p, a, r, rule);
}

/* Whether a connection in @a's state can get such a segment at all. */
static bool possible(const struct arrivals *a, const struct row *r,
		     enum group g)
{
	if (a->seqs && !(a->seqs & r->seq_class))
		return false;
	if (r->seq_class == SEQ_STRADDLE && !r->len)
		return false;
	if (g == GROUP_SYN && r->len)
		return false;
	if (!(r->flags & TH_ACK))
		return !r->ack_class;
	/* Nothing is in flight in these. */
	if (r->ack_class == ACK_NEW &&
	    (a->state == ST_FIN_WAIT_2 || a->state == ST_TIME_WAIT))
		return false;
	/* Before the ACK field is looked at, two of them will do. */
	if ((g == GROUP_RST || g == GROUP_SYN) && a->state != ST_SYN_SENT &&
	    a->state != ST_SYN_RECEIVED)
		return r->ack_class == ACK_UNA || r->ack_class == ACK_ABOVE;
	return r->ack_class;
}

/* The combination number @i: the classes are bits. */
static bool combine(const struct arrivals *a, enum group g, int i,
		    struct row *r)
{
	int flags = i / (SEQ_CLASSES * ACK_CLASSES * 2);

	r->len = i % 2 * 10;
	r->ack_class = 1 << i / 2 % ACK_CLASSES >> 1;
	r->seq_class = 1 << i / (2 * ACK_CLASSES) % SEQ_CLASSES;
	r->flags = groups[g].flags[flags];
	return possible(a, r, g);
}

bool arrivals_ok(struct pkt *p, const struct arrivals *a, enum group g)
{
	int n = groups[g].nr_flags * SEQ_CLASSES * ACK_CLASSES * 2;
	int i, rows = 0, failed = 0;

	for (i = 0; i < n && failed < 5; i++) {
		const struct rule *rule;
		struct row r;

		if (!combine(a, g, i, &r))
			continue;
		rows++;
		rule = find_rule(a, &r);
		if (!rule) {
			row_failed(&r, NULL, "what has to happen?");
			failed++;
		} else if (!row_ok(p, a, &r, rule)) {
			pkt_show(p);
			failed++;
		}
	}
	return rows && !failed;
}
