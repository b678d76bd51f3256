/* SPDX-License-Identifier: GPL-2.0 */
/* What link.c, its applications (link_app.c) and its checks share. */
#ifndef ATCP_ENGINE_WORLD_H
#define ATCP_ENGINE_WORLD_H

#include "link.h"
#include "seq.h"

#define LISTENER 1    /* the end that opens passively */
#define FLYING	 2048 /* segments on the link at once */

enum mode {
	LISTENING,
	REQUESTED,
	CONNECTED,
	TIME_WAITING,
	ENDED
};

/**
 * struct end - one end of the link
 * @mode: which of the records below is in use
 * @tcb: the connection
 * @request: before it
 * @tw: after it
 * @open: what it starts from
 * @out: all that it will ever send
 * @written: octets of @out that were handed to the engine
 * @in: what it received, by sequence number
 * @have: which octets of @in it holds
 * @size: of @in and @have
 * @checked: octets of @in found to be what the peer sent
 * @consumed: octets of @in that the application has read
 * @edge: right edge of its receive window
 * @records: all that it was given
 * @app_us: when the application acts next
 * @owed: pure ACKs that what came, was read or fell due accounts for
 * @eof: the peer's FIN was in order
 * @shut: the application has closed its direction
 * @orphan: the application is gone
 * @urgent: which octets of @out were urgent
 * @urgent_end: after the last of them
 * @up: after the urgent octet that the peer told of last
 */
struct end {
	enum mode mode;
	struct atcp_tcb tcb;
	struct atcp_request request;
	struct atcp_timewait tw;
	struct atcp_open open;
	u8 *out;
	u32 out_len;
	u32 written;
	u8 *in;
	u8 *have;
	u32 size;
	u32 checked;
	u32 consumed;
	u32 edge;
	unsigned int records;
	u64 app_us;
	u64 owed;
	bool eof;
	bool shut;
	bool orphan;
	u8 *urgent;
	u32 urgent_end;
	u32 up;
};

struct flying {
	u64 at;
	int to;
	u32 len;
	u8 *octets;
};

struct world {
	const struct link_config *config;
	struct link_result *result;
	struct atcp_params params;
	struct end end[2];
	struct flying flying[FLYING];
	unsigned int nr_flying;
	u64 last[2];
	u64 now;
	u64 random;
};

/* link_check.c */
__attribute__((format(printf, 2, 3))) void world_wrong(struct world *w,
						       const char *format, ...);
void check_end(struct world *w, struct end *e);
void check_sent(struct world *w, struct end *e, const struct atcp_segment *seg);
void check_urgent(struct world *w, struct end *e,
		  const struct atcp_segment *seg);

/* link_app.c */
u32 app_space(const struct end *e);
void app_acts(struct world *w, struct end *e);

/* Knuth's MMIX generator: the same numbers on every machine. */
static inline u32 below(struct world *w, u32 limit)
{
	w->random = w->random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (w->random >> 33) % limit;
}

static inline bool chance(struct world *w, unsigned int of_1000)
{
	return below(w, 1000) < of_1000;
}

static inline struct end *peer_of(struct world *w, const struct end *e)
{
	return &w->end[e == &w->end[0]];
}

/* The number of an octet of data in its stream. */
static inline u32 place(u32 seq, u32 isn)
{
	return seq - (isn + 1);
}

#endif
