// SPDX-License-Identifier: GPL-2.0
/* The applications at both ends of a link: they write, read, pause, close. */
#include "world.h"

u32 app_space(const struct end *e)
{
	u32 unread = place(e->tcb.rcv_nxt, e->tcb.irs) - e->consumed;

	return unread < e->open.rcv_buf ? e->open.rcv_buf - unread : 0;
}

static void app_writes(struct world *w, struct end *e)
{
	u32 most = 1 + below(w, chance(w, 500) ? 200 : 30000);
	u32 n = min(most, e->out_len - e->written);

	if (n) {
		e->written += n;
		atcp_user_send(&e->tcb, n);
		if (chance(w, w->config->urgent)) {
			e->urgent[e->written - 1] = 1;
			e->urgent_end = e->written;
			atcp_user_urgent(&e->tcb);
		}
		if (chance(w, 50))
			e->tcb.use ^= ATCP_NODELAY;
		if (chance(w, 50))
			e->tcb.use ^= ATCP_CORK;
	} else if (!e->shut && e->tcb.state != ATCP_SYN_SENT) {
		e->shut = true;
		atcp_user_shutdown(&e->tcb, w->now);
	}
}

static void app_reads(struct world *w, struct end *e)
{
	u32 ready = e->checked - e->consumed;

	if (ready) {
		e->consumed += chance(w, 500) ? ready : 1 + below(w, ready);
		atcp_user_receive(&e->tcb, app_space(e), e->open.rcv_buf);
		e->owed++;
	}
	if (e->shut && !e->orphan && e->eof &&
	    e->consumed == peer_of(w, e)->out_len) {
		e->orphan = true;
		atcp_user_orphan(&e->tcb, w->now);
	}
}

/* Room is short: what lies above some number is thrown away. */
static void app_prunes(struct world *w, struct end *e)
{
	struct atcp_range *last = atcp_range_last(&e->tcb.reassembly);
	u32 from, n;

	if (!last || !chance(w, w->config->prune))
		return;
	from = e->tcb.rcv_nxt + 1 + below(w, last->end - e->tcb.rcv_nxt);
	for (n = place(from, e->tcb.irs); n < e->size; n++) {
		w->result->pruned += e->have[n];
		e->have[n] = 0;
	}
	atcp_user_pruned(&e->tcb, from);
}

static void app_clamps(struct world *w, struct end *e)
{
	if (!chance(w, w->config->clamp))
		return;
	e->tcb.settings.window_clamp =
		chance(w, 300) ? 0 : 1 + below(w, 2 * e->open.rcv_buf);
	atcp_user_receive(&e->tcb, app_space(e), e->open.rcv_buf);
	e->owed++;
}

void app_acts(struct world *w, struct end *e)
{
	e->app_us = w->now + 1 + below(w, 4 * w->config->delay_us);
	if (w->config->pauses && chance(w, 5))
		e->app_us += below(w, 30 * ATCP_USEC_PER_SEC);
	app_writes(w, e);
	if (e->tcb.state != ATCP_SYN_SENT && e->tcb.state != ATCP_SYN_RECEIVED)
		app_reads(w, e);
	app_prunes(w, e);
	app_clamps(w, e);
	check_end(w, e);
}
