// SPDX-License-Identifier: GPL-2.0
/* A connection of the engine whose peer is the test. */
#include <stdio.h>
#include <stdlib.h>
#include "conn.h"
#include "request.h"

/* A line number for what constructors do themselves. */
#define INSIDE 0

void conn_init(struct conn *c)
{
	*c = (struct conn){
		.now = T0,
		.wnd = PEER_WND,
		.pool = ATCP_POOL_LOW,
		.params = ATCP_PARAMS_DEFAULT,
	};
	atcp_tcb_init(&c->tcb, &c->params);
	conn_refill(c);
}

/* Each record is an allocation of its own, so that ASan knows its bounds. */
void conn_refill(struct conn *c)
{
	while (c->tcb.pool.count < c->pool) {
		atcp_pool_put(&c->tcb.pool, malloc(sizeof(struct atcp_range)));
		c->records++;
	}
	while (c->tcb.pool.count > c->pool) {
		free(atcp_pool_get(&c->tcb.pool));
		c->records--;
	}
}

void conn_free(struct conn *c)
{
	atcp_tcb_purge(&c->tcb);
	c->pool = 0;
	conn_refill(c);
}

void conn_verify(struct __test_metadata *t, int line, struct conn *c)
{
	const char *wrong = verify_tcb(&c->tcb);

	if (wrong)
		unit_fail(t, line, "in %s: %s", atcp_state_name(c->tcb.state),
			  wrong);
	if (verify_records(&c->tcb) != c->records)
		unit_fail(t, line, "%u records of %u are left",
			  verify_records(&c->tcb), c->records);
	if (atcp_state_in(&c->tcb,
			  ATCP_STATES_RECEIVING | ATCP_STATES_SENDING)) {
		if (c->edge && seq_lt(c->tcb.rcv_adv, c->edge))
			unit_fail(t, line, "the window shrank (SHLD-14)");
		c->edge = c->tcb.rcv_adv;
	}
}

void conn_arrives(struct __test_metadata *t, int line, struct conn *c,
		  struct atcp_segment seg)
{
	conn_refill(c);
	c->drop = atcp_segment_arrives(&c->tcb, &seg, c->now, &c->arrival);
	if (c->arrival.challenge)
		atcp_challenge_ack(&c->tcb);
	conn_verify(t, line, c);
}

static void put_flags(char *text, u8 flags)
{
	static const char names[] = "FSRP.U";
	unsigned int i;

	for (i = 0; names[i]; i++)
		if (flags & 1U << i)
			*text++ = names[i];
	*text = '\0';
}

/* As tcpdump has it; sequence numbers as the tests write them. */
const char *segment_text(const struct atcp_segment *seg)
{
	static char text[400];
	char flags[8];
	unsigned int i;
	int n;

	put_flags(flags, seg->flags);
	n = sprintf(text, "%s seq OURS(%d) ack PEER(%d) len %u wnd %u", flags,
		    (s32)(seg->seq - OURS(0)), (s32)(seg->ack - PEER(0)),
		    seg->len, seg->wnd);
	if (seg->flags & ATCP_URG)
		n += sprintf(text + n, " urg %u", seg->urg);
	if (seg->options & ATCP_OPT_MSS)
		n += sprintf(text + n, " mss %u", seg->mss);
	if (seg->options & ATCP_OPT_WSCALE)
		n += sprintf(text + n, " wscale %u", seg->wscale);
	if (seg->options & ATCP_OPT_SACK_OK)
		n += sprintf(text + n, " sackOK");
	if (seg->options & ATCP_OPT_TS)
		n += sprintf(text + n, " TS %u ecr %u", seg->tsval, seg->tsecr);
	if (seg->options & ATCP_OPT_SACK)
		for (i = 0; i < seg->nr_sacks; i++)
			n += sprintf(text + n, " sack PEER(%d)-PEER(%d)",
				     (s32)(seg->sacks[i].start - PEER(0)),
				     (s32)(seg->sacks[i].end - PEER(0)));
	return text;
}

static bool same_options(const struct atcp_segment *a,
			 const struct atcp_segment *b)
{
	if (a->options != b->options)
		return false;
	if ((a->options & ATCP_OPT_MSS) && a->mss != b->mss)
		return false;
	if ((a->options & ATCP_OPT_WSCALE) && a->wscale != b->wscale)
		return false;
	if ((a->options & ATCP_OPT_TS) &&
	    (a->tsval != b->tsval || a->tsecr != b->tsecr))
		return false;
	return !(a->options & ATCP_OPT_SACK) ||
	       (a->nr_sacks == b->nr_sacks &&
		!memcmp(a->sacks, b->sacks, a->nr_sacks * sizeof(a->sacks[0])));
}

void conn_sends(struct __test_metadata *t, int line, struct conn *c,
		struct atcp_segment expected)
{
	struct atcp_segment *out = &c->out;

	conn_refill(c);
	if (!atcp_next_segment(&c->tcb, c->now, out)) {
		unit_fail(t, line, "nothing was sent; expected: %s",
			  segment_text(&expected));
		return;
	}
	conn_verify(t, line, c);
	if (out->sport == expected.sport && out->dport == expected.dport &&
	    out->seq == expected.seq && out->len == expected.len &&
	    out->flags == expected.flags && same_options(out, &expected) &&
	    (!(out->flags & ATCP_ACK) || out->ack == expected.ack) &&
	    (!(out->flags & ATCP_URG) || out->urg == expected.urg) &&
	    (!expected.no_room || out->wnd == expected.wnd))
		return;
	unit_fail(t, line, "sent:     %s", segment_text(out));
	unit_fail(t, line, "expected: %s", segment_text(&expected));
}

void conn_silence(struct __test_metadata *t, int line, struct conn *c)
{
	const char *wrong;

	conn_refill(c);
	if (atcp_next_segment(&c->tcb, c->now, &c->out)) {
		unit_fail(t, line, "sent one too many: %s",
			  segment_text(&c->out));
		return;
	}
	conn_verify(t, line, c);
	wrong = verify_quiet(&c->tcb);
	if (wrong)
		unit_fail(t, line, "in %s: %s", atcp_state_name(c->tcb.state),
			  wrong);
}

void conn_drain(struct __test_metadata *t, int line, struct conn *c)
{
	unsigned int most = 10000;

	do
		conn_refill(c);
	while (atcp_next_segment(&c->tcb, c->now, &c->out) && --most);
	if (!most)
		unit_fail(t, line, "there is no end to what it sends");
	conn_silence(t, line, c);
}

void conn_timeout(struct __test_metadata *t, int line, struct conn *c, u64 when)
{
	u64 due = atcp_deadline(&c->tcb);

	if (due != when)
		unit_fail(t, line, "the deadline is %llu us, not %llu us",
			  (unsigned long long)due, (unsigned long long)when);
	c->now = when;
	conn_refill(c);
	atcp_timeout(&c->tcb, c->now);
	conn_verify(t, line, c);
}

void conn_path(struct __test_metadata *t, int line, struct conn *c,
	       const char *path)
{
	char text[200] = "";
	unsigned int i;

	for (i = 0; i < c->tcb.nr_transitions; i++) {
		if (!i)
			strcat(text,
			       atcp_state_name(c->tcb.transitions[i].from));
		strcat(text, ">");
		strcat(text, atcp_state_name(c->tcb.transitions[i].to));
	}
	if (strcmp(text, path))
		unit_fail(t, line, "took the path \"%s\", not \"%s\"", text,
			  path);
	c->tcb.nr_transitions = 0;
}

/* The SYN or SYN-ACK of the peer that @setup describes. */
struct atcp_segment conn_syn(const struct setup *setup)
{
	return (struct atcp_segment){
		.sport = PEER_PORT,
		.dport = OUR_PORT,
		.seq = IRS,
		.flags = ATCP_SYN,
		.wnd = setup->wnd,
		.options = ATCP_OPT_MSS |
			   (setup->peer_options ?: setup->options),
		.mss = setup->mss,
		.wscale = setup->wscale,
		.tsval = 100,
	};
}

static void start(struct __test_metadata *t, struct conn *c,
		  const struct setup *setup)
{
	const struct atcp_open open = {
		.iss = ISS,
		.sport = OUR_PORT,
		.dport = PEER_PORT,
		.rcv_buf = setup->rcv_buf,
		.advmss = setup->mss,
		.path_mss = setup->mss,
		.rcv_wscale = setup->wscale,
		.options = setup->options,
	};

	conn_init(c);
	c->wnd = setup->wnd;
	atcp_user_open(&c->tcb, &open, c->now);
	conn_drain(t, INSIDE, c);
}

static void peer_opens(struct __test_metadata *t, struct conn *c,
		       const struct setup *setup, u8 flags)
{
	struct atcp_segment syn = conn_syn(setup);

	syn.flags = flags;
	if (flags & ATCP_ACK) {
		syn.ack = OURS(0);
		syn.tsecr = atcp_timestamp(&c->tcb, c->now);
	}
	conn_arrives(t, INSIDE, c, syn);
	conn_drain(t, INSIDE, c);
}

static void peer_says(struct __test_metadata *t, struct conn *c, u32 ack,
		      u8 flags)
{
	conn_arrives(t, INSIDE, c, FROM_PEER(c, .ack = ack, .flags = flags));
	conn_drain(t, INSIDE, c);
}

static void we_close(struct __test_metadata *t, struct conn *c)
{
	atcp_user_shutdown(&c->tcb, c->now);
	conn_drain(t, INSIDE, c);
}

/* From ESTABLISHED on. */
static void move_to(struct __test_metadata *t, struct conn *c,
		    enum atcp_state state)
{
	switch (state) {
	case ATCP_FIN_WAIT_1:
		we_close(t, c);
		break;
	case ATCP_FIN_WAIT_2:
		we_close(t, c);
		peer_says(t, c, OURS(1), ATCP_ACK);
		break;
	case ATCP_TIME_WAIT:
		we_close(t, c);
		peer_says(t, c, OURS(1), ATCP_ACK | ATCP_FIN);
		break;
	case ATCP_CLOSING:
		we_close(t, c);
		peer_says(t, c, OURS(0), ATCP_ACK | ATCP_FIN);
		break;
	case ATCP_CLOSE_WAIT:
		peer_says(t, c, OURS(0), ATCP_ACK | ATCP_FIN);
		break;
	case ATCP_LAST_ACK:
		peer_says(t, c, OURS(0), ATCP_ACK | ATCP_FIN);
		we_close(t, c);
		break;
	case ATCP_CLOSED:
		atcp_user_abort(&c->tcb);
		conn_drain(t, INSIDE, c);
		break;
	default:
		break;
	}
}

/* By an active open to @state, quiet; what happened on the way is forgotten. */
void conn_in(struct __test_metadata *t, struct conn *c,
	     const struct setup *setup, enum atcp_state state)
{
	start(t, c, setup);
	if (state == ATCP_SYN_RECEIVED)
		peer_opens(t, c, setup, ATCP_SYN);
	else if (state != ATCP_SYN_SENT)
		peer_opens(t, c, setup, ATCP_SYN | ATCP_ACK);
	move_to(t, c, state);
	if (c->tcb.state != state)
		unit_fail(t, INSIDE, "in %s instead of %s",
			  atcp_state_name(c->tcb.state),
			  atcp_state_name(state));
	c->tcb.nr_transitions = 0;
	c->tcb.events = 0;
}
