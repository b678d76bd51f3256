/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One end of a connection under a fuzzer. It plays the kernel's part, from
 * LISTEN or OPEN to the end of TIME-WAIT: fills the pool, asks what to send,
 * keeps what the engine wants kept. After each call it checks what must hold
 * whatever the peer, the network and the user do.
 */
#ifndef ATCP_ENGINE_SUBJECT_H
#define ATCP_ENGINE_SUBJECT_H

#include "fuzz.h"
#include "tcb.h"
#include "request.h"
#include "timewait.h"

/* Most that an application has waiting to be sent, octets. */
#define SUBJECT_SEND_MAX 50000U

enum subject_mode {
	SUBJECT_LISTENS,
	SUBJECT_REQUESTED,
	SUBJECT_CONNECTED, /* or opening, or CLOSED: the TCB knows */
	SUBJECT_TIME_WAIT,
};

/**
 * struct subject_kept - octets that the owner keeps above RCV.NXT
 * @start: first sequence number
 * @end: the one after the last
 */
struct subject_kept {
	u32 start;
	u32 end;
};

#define SUBJECT_KEPT 2048

/**
 * struct subject - one end
 * @tcb: the connection, an allocation of its own
 * @mode: what it is now
 * @request: with SUBJECT_REQUESTED
 * @tw: with SUBJECT_TIME_WAIT
 * @params: the operator's limits
 * @open: what a connection starts from
 * @now: the time
 * @sends: called with each segment that leaves
 * @records: all that the connection was given
 * @pool: records in its pool at each call, if @starving
 * @starving: there is no memory for more
 * @no_room: there is none for text either
 * @cookies: the listener sends cookies
 * @unanswered: challenge ACKs exceed the owner's limit
 * @copied: the first octet that the user has not read
 * @kept: what is kept out of order, in its order
 * @nr_kept: how many
 * @was: the connection before the call
 * @iss: the next connection's ISS
 * @answers_rst: a segment with RST is being answered
 */
struct subject {
	struct atcp_tcb *tcb;
	enum subject_mode mode;
	struct atcp_request request;
	struct atcp_timewait tw;
	struct atcp_params params;
	struct atcp_open open;
	u64 now;
	void (*sends)(struct subject *s, const struct atcp_segment *seg);
	unsigned int records;
	unsigned int pool;
	bool starving;
	bool no_room;
	bool cookies;
	bool unanswered;
	u32 copied;
	struct subject_kept kept[SUBJECT_KEPT];
	unsigned int nr_kept;
	struct atcp_tcb was;
	u32 iss;
	bool answers_rst;
};

/* subject.c */
void subject_start(struct subject *s, struct fuzz_input *in);
void subject_connect(struct subject *s);
void subject_arrives(struct subject *s, const struct atcp_segment *seg);
void subject_time(struct subject *s);
u64 subject_deadline(const struct subject *s);
void subject_begin(struct subject *s, unsigned int records);
void subject_settle(struct subject *s);
void subject_end(struct subject *s);

/* subject_user.c */
void subject_settings(struct subject *s, struct fuzz_input *in);
void subject_operator(struct subject *s, struct fuzz_input *in);
void subject_user(struct subject *s, struct fuzz_input *in);
void subject_close(struct subject *s);
u32 subject_space(const struct subject *s);

/* subject_check.c */
void subject_check(struct subject *s);
void subject_check_arrival(struct subject *s, const struct atcp_segment *seg,
			   enum atcp_drop drop,
			   const struct atcp_arrival *arrival);
void subject_check_sent(struct subject *s, const struct atcp_segment *seg);
void subject_keep(struct subject *s, u32 start, u32 end);
void subject_pruned(struct subject *s, u32 from);
const char *subject_text(const struct atcp_segment *seg);

/* craft.c */
void craft_segment(const struct subject *s, struct fuzz_input *in,
		   struct atcp_segment *seg);

/* The peer's FIN is in front of RCV.NXT, and no octet. */
static inline u32 subject_received(const struct subject *s)
{
	return s->tcb->rcv_nxt - !!(s->tcb->use & ATCP_FIN_RECEIVED);
}

static inline bool subject_synchronised(const struct atcp_tcb *tcb)
{
	return !atcp_state_in(tcb, ATCP_STATE_BIT(ATCP_CLOSED) |
					   ATCP_STATE_BIT(ATCP_SYN_SENT) |
					   ATCP_STATE_BIT(ATCP_SYN_RECEIVED));
}

#endif
