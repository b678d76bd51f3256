// SPDX-License-Identifier: GPL-2.0
/* What a user, an operator and the network's owner may do to a subject. */
#include "congestion.h"
#include "recovery.h"
#include "seq.h"
#include "subject.h"
#include "timer.h"

/* Where SEND and CLOSE make sense to a socket. */
#define STATES_WRITING                                                         \
	(ATCP_STATE_BIT(ATCP_ESTABLISHED) | ATCP_STATE_BIT(ATCP_CLOSE_WAIT))

/**
 * subject_space() - what the receive buffer can take now
 * @s: the subject
 *
 * Return: octets.
 */
u32 subject_space(const struct subject *s)
{
	u32 unread = subject_received(s) - s->copied;

	if (!subject_synchronised(s->tcb))
		return s->tcb->rcv_buf;
	return unread < s->tcb->rcv_buf ? s->tcb->rcv_buf - unread : 0;
}

static bool has_user(const struct subject *s)
{
	return !(s->tcb->use & ATCP_ORPHAN);
}

static void send_octets(struct subject *s, struct fuzz_input *in)
{
	u32 octets = 1 + fuzz_u16(in) % SUBJECT_SEND_MAX;
	u8 how = fuzz_u8(in);

	if (!atcp_state_in(s->tcb, STATES_WRITING) || !has_user(s) ||
	    s->tcb->write_seq - s->tcb->snd_una + octets > SUBJECT_SEND_MAX)
		return;
	fuzz_step("user sends %u (%02x)", octets, how);
	if (how & 1)
		s->tcb->use |= ATCP_MORE;
	else
		s->tcb->use &= ~ATCP_MORE;
	if (how & 2)
		s->tcb->use ^= ATCP_NODELAY;
	if (how & 4)
		s->tcb->use ^= ATCP_CORK;
	atcp_user_send(s->tcb, octets);
	if (how & 8)
		atcp_user_urgent(s->tcb);
}

static void receive(struct subject *s, struct fuzz_input *in)
{
	u32 most = fuzz_u16(in) + 1;

	if (!subject_synchronised(s->tcb) || !has_user(s))
		return;
	s->copied += min(most, subject_received(s) - s->copied);
	fuzz_step("user has read; %u octets of room", subject_space(s));
	atcp_user_receive(s->tcb, subject_space(s), s->tcb->rcv_buf);
}

/* SO_RCVBUF, or what the kernel makes of it by itself. */
static void resize(struct subject *s, struct fuzz_input *in)
{
	u32 buf = fuzz_u16(in) << fuzz_below(in, 4);

	fuzz_step("the receive buffer takes %u octets now", buf);
	s->tcb->rcv_buf = buf;
	if (subject_synchronised(s->tcb))
		atcp_user_receive(s->tcb, subject_space(s), buf);
}

/**
 * subject_close() - close(): nobody will read or write any more
 * @s: the subject, connected
 */
void subject_close(struct subject *s)
{
	if (s->mode != SUBJECT_CONNECTED || !has_user(s))
		return;
	fuzz_step("user closes");
	if (subject_synchronised(s->tcb) && subject_received(s) != s->copied) {
		s->copied = subject_received(s);
		atcp_user_abort(s->tcb);
	} else {
		s->tcb->use &= ~ATCP_CORK;
		atcp_user_shutdown(s->tcb, s->now);
	}
	subject_settle(s);
	if (s->mode != SUBJECT_CONNECTED || s->tcb->state == ATCP_CLOSED)
		return;
	subject_begin(s, ATCP_POOL_PLAIN);
	atcp_user_orphan(s->tcb, s->now);
}

static void prune(struct subject *s, struct fuzz_input *in)
{
	const struct atcp_range *last = atcp_range_last(&s->tcb->reassembly);
	u32 part = fuzz_u16(in), from;

	if (!last)
		return;
	from = s->tcb->rcv_nxt + 1 + part % (last->end - s->tcb->rcv_nxt);
	fuzz_step("what is above RCV.NXT + %u is thrown away",
		  from - s->tcb->rcv_nxt);
	subject_pruned(s, from);
	atcp_user_pruned(s->tcb, from);
}

/* The path's MTU, and how much the device takes as one. */
static void path(struct subject *s, struct fuzz_input *in)
{
	u16 mss = fuzz_u16(in);
	u8 segments = fuzz_below(in, 45);

	fuzz_step("the path takes %u octets, the device %u segments", mss,
		  segments);
	atcp_tcb_path_mss(s->tcb, mss);
	atcp_tcb_burst(s->tcb, segments * s->tcb->mss);
	if (segments & 1)
		atcp_recovery_too_big(s->tcb);
}

/* ICMP: no way to the peer, or nobody who would accept. */
static void unreachable(struct subject *s, struct fuzz_input *in)
{
	u32 seq = s->tcb->snd_una + (s8)fuzz_u8(in);

	fuzz_step("ICMP: SND.UNA + %d did not arrive",
		  (s32)(seq - s->tcb->snd_una));
	if (atcp_state_in(s->tcb, ATCP_STATE_BIT(ATCP_SYN_SENT) |
					  ATCP_STATE_BIT(ATCP_SYN_RECEIVED)))
		atcp_tcb_delete(s->tcb, ATCP_CAUSE_ICMP);
	else
		atcp_timers_unreachable(s->tcb, seq, s->now);
}

/**
 * subject_settings() - setsockopt() of what the engine reads
 * @s: the subject
 * @in: says which
 */
void subject_settings(struct subject *s, struct fuzz_input *in)
{
	struct atcp_settings *set = &s->tcb->settings;
	u8 which = fuzz_below(in, 9);
	u16 value = fuzz_u16(in);

	fuzz_step("setting %u becomes %u", which, value);
	switch (which) {
	case 0:
		set->user_timeout_ms = value * 16;
		break;
	case 1:
		set->window_clamp = value;
		break;
	case 2:
		set->linger2 = value % 122 - 1;
		break;
	case 3:
		set->keep_idle = 1 + value % 32767;
		if (set->keepalive && s->tcb->state != ATCP_CLOSED)
			atcp_user_keepalive(s->tcb, s->tcb->heard_us);
		break;
	case 4:
		set->keep_intvl = 1 + value % 32767;
		break;
	case 5:
		set->keep_probes = 1 + value % 127;
		break;
	case 6:
		set->syn_retries = 1 + value % 127;
		break;
	case 7:
		set->thin_linear_timeouts = value & 1;
		break;
	case 8:
		if (set->keepalive == (value & 1))
			break;
		set->keepalive = value & 1;
		atcp_user_keepalive(s->tcb, s->now);
		break;
	}
}

/**
 * subject_operator() - sysctl, within the ranges that the knobs have
 * @s: the subject
 * @in: says which
 */
void subject_operator(struct subject *s, struct fuzz_input *in)
{
	struct atcp_params *p = &s->params;
	u8 which = fuzz_below(in, 18);
	u16 value = fuzz_u16(in);

	fuzz_step("knob %u becomes %u", which, value);
	switch (which) {
	case 0:
		p->syn_retries = 1 + value % 127;
		break;
	case 1:
		p->synack_retries = value;
		break;
	case 2:
		p->retries1 = value;
		break;
	case 3:
		p->retries2 = value;
		break;
	case 4:
		p->orphan_retries = value;
		break;
	case 5:
		p->keepalive_probes = value;
		break;
	case 6:
		p->dsack = value & 1;
		break;
	case 7:
		p->stdurg = value & 1;
		break;
	case 8:
		p->slow_start_after_idle = value & 1;
		break;
	case 9:
		p->mtu_probing = value % 3;
		break;
	case 10:
		p->fin_timeout = value;
		break;
	case 11:
		p->invalid_ratelimit = value;
		break;
	case 12:
		p->rto_min_us = 1 + value * 100;
		break;
	case 13:
		p->rto_max_ms = 1000 + value;
		break;
	case 14:
		p->min_snd_mss = 48 + value % (U16_MAX - 47);
		break;
	case 15:
		p->base_mss = 48 + value % (U16_MAX - 47);
		break;
	case 16:
		p->mtu_probe_floor = 48 + value % (U16_MAX - 47);
		break;
	case 17:
		p->probe_threshold = value;
		break;
	}
}

/* Memory is short, or not any more. */
static void memory(struct subject *s, struct fuzz_input *in)
{
	u8 how = fuzz_u8(in);

	s->starving = how & 1;
	s->no_room = how & 2;
	s->unanswered = how & 4;
	s->pool = how >> 6;
	fuzz_step("memory: %u records, %s text",
		  s->starving ? s->pool : ATCP_POOL_LOW,
		  s->no_room ? "no" : "any");
}

static void shut_down(struct subject *s, u8 how)
{
	fuzz_step("user shuts down %u", how & 3);
	if (how & 1)
		s->tcb->use |= ATCP_NO_READER;
	if ((how & 2) &&
	    atcp_state_in(s->tcb,
			  STATES_WRITING | ATCP_STATE_BIT(ATCP_SYN_RECEIVED)))
		atcp_user_shutdown(s->tcb, s->now);
}

/**
 * subject_user() - the user, or whatever else is on this end, acts
 * @s: the subject
 * @in: says how
 */
void subject_user(struct subject *s, struct fuzz_input *in)
{
	u8 what = fuzz_below(in, 15);

	if (s->mode != SUBJECT_CONNECTED) {
		if (what == 0 && s->mode == SUBJECT_LISTENS)
			subject_connect(s);
		else if (what == 1)
			subject_settings(s, in);
		return;
	}
	subject_begin(s, ATCP_POOL_PLAIN);
	switch (what) {
	case 0:
		send_octets(s, in);
		break;
	case 1:
		if (has_user(s))
			subject_settings(s, in);
		break;
	case 2:
		receive(s, in);
		break;
	case 3:
		if (has_user(s))
			shut_down(s, fuzz_u8(in));
		break;
	case 4:
		subject_close(s);
		break;
	case 5:
		fuzz_step("user aborts");
		atcp_user_abort(s->tcb);
		break;
	case 6:
		prune(s, in);
		break;
	case 7:
		path(s, in);
		break;
	case 8:
		unreachable(s, in);
		break;
	case 9:
		subject_operator(s, in);
		break;
	case 10:
		memory(s, in);
		break;
	case 11:
		what = fuzz_u8(in);
		fuzz_step("TCP_QUICKACK %u%s", what & 1,
			  what & 2 ? ", once" : "");
		atcp_user_quickack(s->tcb, what & 1, what & 2);
		break;
	case 12:
		resize(s, in);
		break;
	case 13:
		fuzz_step("another algorithm, of the same name");
		atcp_cong_switch(s->tcb, &atcp_newreno);
		break;
	case 14:
		if (s->tcb->state == ATCP_CLOSED)
			subject_connect(s);
		break;
	}
	if (s->mode == SUBJECT_CONNECTED)
		subject_settle(s);
}
