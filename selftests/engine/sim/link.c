// SPDX-License-Identifier: GPL-2.0
/* What becomes of a segment on its way: loss, repetition, delay, alteration. */
#include "world.h"

static void count(struct packet *p, enum sim_count what, const char *mark)
{
	p->world->result->count[what]++;
	observe_mark(p, mark);
}

/* Gilbert and Elliott: losses come alone, or in a time of them. */
static bool is_lost(struct path *path, int from, struct rng *r)
{
	const struct sim_link *l = &path->config->link[from];

	if (path->bad[from]) {
		if (chance(r, l->burst_end))
			path->bad[from] = false;
	} else if (chance(r, l->burst_begin)) {
		path->bad[from] = true;
	}
	return chance(r, path->bad[from] ? l->burst_loss : l->loss);
}

/* The rate and the queue before it. Return: false if it finds no room there. */
static bool leaves(struct path *path, int from, const struct packet *p, u64 *at)
{
	const struct sim_link *l = &path->config->link[from];
	u64 now = p->world->now, begin = max(now, path->free_at[from]);

	*at = now;
	if (!l->rate)
		return true;
	if ((begin - now) * l->rate / ATCP_USEC_PER_SEC > l->queue)
		return false;
	*at = begin + (p->len + SIM_IP) * ATCP_USEC_PER_SEC / l->rate;
	path->free_at[from] = *at;
	return true;
}

/**
 * link_arrives() - a packet is at the end of its path
 * @alarm: of the packet
 */
void link_arrives(struct alarm *alarm)
{
	struct packet *p = alarm_of(alarm, struct packet, alarm);
	struct world *w = p->world;

	host_arrives(&w->host[p->to ? p->path->index + 1 : 0], p);
	packet_free(p);
}

static void launch(struct path *path, int from, struct packet *p, u64 at)
{
	const struct sim_link *l = &path->config->link[from];
	struct world *w = p->world;

	at += l->delay_us;
	if (l->jitter_us)
		at += below(&w->rng, l->jitter_us);
	/* A queue keeps the order; what is reordered took another way. */
	at = max(at, path->last[from]);
	if (chance(&w->rng, l->reorder)) {
		count(p, SIM_LATE, "goes a longer way");
		at += below(&w->rng, 10 * l->delay_us + 1);
	} else {
		path->last[from] = at;
	}
	p->path = path;
	p->to = !from;
	p->alarm.ring = link_arrives;
	queue_set(&w->queue, &p->alarm, at);
}

static struct packet *copy(const struct packet *p)
{
	struct packet *other = packet_new(p->world);

	other->path = p->path;
	other->mended = p->mended;
	other->len = p->len;
	memcpy(other->octets, p->octets, p->len);
	return other;
}

/* A router's word on a segment that goes no further, back to its sender. */
static void tell(struct path *path, int from, const struct packet *p, u16 icmp,
		 u16 mtu)
{
	struct packet *word = copy(p);

	word->len = min(p->len, 8U);
	word->icmp = icmp;
	word->too_big = mtu;
	count(word, SIM_ICMPS, mtu ? "ICMP: too big" : "ICMP: unreachable");
	/* Half way there, half way back: about one link's delay. */
	launch(path, !from, word, p->world->now);
}

/* Unreachable network or host, or time exceeded. */
static u16 some_error(struct rng *r)
{
	static const u16 errors[] = { 3 << 8, 3 << 8 | 1, 11 << 8 };

	return errors[below(r, ARRAY_SIZE(errors))];
}

/* Bits fall over; Internet checksums find any one of them. */
static void corrupt(struct packet *p, struct rng *r)
{
	u32 at = below(r, p->len);

	p->octets[at] ^= 1 << below(r, 8);
}

/* The same in a box that makes the checksum fit: ports stay what they are. */
static void mend(struct packet *p, struct rng *r)
{
	u32 n = between(r, 1, 3);

	while (n--)
		p->octets[4 + below(r, p->len - 4)] ^= 1 << below(r, 8);
	p->mended = true;
	packet_seal(p);
}

/* Return: false if it goes no further. */
static bool passes(struct path *path, int from, struct packet *p)
{
	const struct sim_link *l = &path->config->link[from];
	struct rng *r = &p->world->rng;

	if (p->len + SIM_IP > path->mtu) {
		count(p, SIM_TOO_BIG, "too big");
		if (!path->config->black_hole)
			tell(path, from, p, 3 << 8 | 4, path->mtu);
		return false;
	}
	if (is_lost(path, from, r)) {
		count(p, SIM_LOST, "lost");
		if (chance(r, l->icmp))
			tell(path, from, p, some_error(r), 0);
		return false;
	}
	return true;
}

/**
 * link_send() - a segment sets out
 * @path: the path
 * @from: the end it is sent from: 0 for host 0
 * @p: the segment; its checksum is right
 * @delay_us: what its connection's way takes longer than others'
 */
void link_send(struct path *path, int from, struct packet *p, u32 delay_us)
{
	const struct sim_link *l = &path->config->link[from];
	struct rng *r = &p->world->rng;
	u64 at;

	p->path = path;
	p->to = !from;
	if (!passes(path, from, p))
		return packet_free(p);
	if (!leaves(path, from, p, &at)) {
		count(p, SIM_OVERFLOWS, "queue is full");
		return packet_free(p);
	}
	at += delay_us;
	middlebox_alters(&path->config->box, from, p);
	if (chance(r, l->repeat)) {
		count(p, SIM_REPEATED, "repeated");
		launch(path, from, copy(p), at);
	}
	if (chance(r, l->corrupt)) {
		count(p, SIM_CORRUPT, "corrupted");
		corrupt(p, r);
	} else if (chance(r, l->mend)) {
		count(p, SIM_MENDED, "altered");
		mend(p, r);
	}
	launch(path, from, p, at);
}
