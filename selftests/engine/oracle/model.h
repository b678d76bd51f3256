/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the oracle knows of the end that it watches.
 *
 * Sequence numbers are positions: 64 bits wide, 0 is the SYN, 1 the first octet
 * of text. Nothing ever wraps.
 */
#ifndef ATCP_ENGINE_ORACLE_MODEL_H
#define ATCP_ENGINE_ORACLE_MODEL_H

#include "oracle.h"
#include "exempt.h"
#include "octets.h"
#include "wire.h"

enum state {
	CLOSED,
	LISTEN,
	SYN_SENT,
	SYN_RECEIVED,
	ESTABLISHED,
	FIN_WAIT_1,
	FIN_WAIT_2,
	CLOSE_WAIT,
	CLOSING,
	LAST_ACK,
	TIME_WAIT,
	STATES
};

#define SECOND	     1000000ULL
#define MILLISECOND  1000ULL
#define DELACK_MAX   (500 * MILLISECOND) /* RFC 9293 MUST-40 */
#define RTO_SYN	     SECOND		 /* RFC 6298 2.1 */
#define RTO_MIN	     SECOND		 /* RFC 6298 2.4 */
#define RTO_MIN_HERE (200 * MILLISECOND) /* EXEMPT_RTO_MIN */
#define RTO_MAX	     (120 * SECOND)
#define TWO_MSL	     (240 * SECOND) /* RFC 9293 3.4.2 */
#define TWO_MSL_HERE (60 * SECOND)  /* EXEMPT_TIME_WAIT */
#define PAWS_VALID   (24 * 24 * 3600 * SECOND)
#define MSS_DEFAULT  536
#define MSS_LEAST    48 /* EXEMPT_LEAST_MSS */

/* What has to come of an arrival. */
enum owed {
	OWED_NOTHING,
	OWED_ACK,     /* a segment with the ACK of now */
	OWED_SYN_ACK, /* or an ACK, where it says that the SYN came again */
	OWED_RESET,
};

/**
 * struct piece - positions [start, end) in flight that share one fate
 * @start: the first
 * @end: the one after the last
 * @first_us: when it was first sent
 * @last_us: and when last
 * @sends: how often
 * @grants: how often it may be sent again without a time-out
 * @probe: it was beyond the window when it was sent
 * @sacked: the peer has said that it holds it
 * @recovery: the number of the recovery that gave it one
 * @doubts: how often it went again, and perhaps should not have
 */
struct piece {
	int64_t start;
	int64_t end;
	uint64_t first_us;
	uint64_t last_us;
	unsigned int sends;
	unsigned int grants;
	bool probe;
	bool sacked;
	unsigned int recovery;
	unsigned int doubts;
};

#define PATH_MAX_STATES 8
#define DUPLICATES	16

/**
 * struct sending - our half of the connection
 * @iss: ISS
 * @iss_known: our SYN was sent
 * @syn: what its options were
 * @una: SND.UNA
 * @nxt: SND.NXT, the highest there ever was
 * @queued: the position after the last octet that the user queued
 * @fin: that of our FIN, once the user has closed; 0 before
 * @wnd: SND.WND
 * @wnd_max: MAX.SND.WND
 * @wl1: SND.WL1
 * @wl2: SND.WL2
 * @edge_max: the rightmost position that a window ever allowed
 * @up: the position after the last urgent octet; 0 if there was none
 * @text: what was sent
 * @pieces: in flight
 * @nr_pieces: how many
 * @room: for how many there is room
 * @largest: the longest text of a segment so far
 * @progress_us: when SND.UNA moved, or the first octet in flight was sent
 * @timeout_us: when the last time-out was
 * @gap_us: how long it took
 * @sent_us: when something that wants an ACK was last sent
 * @syn_us: when a SYN was last sent
 * @rtt_us: the longest time from a first transmission to its ACK
 * @tries: retransmissions of the head since the last good sample of an RTT
 * @hints: segments since SND.UNA moved that may be duplicate ACKs
 * @recover: where recovery ends; 0 outside of it
 * @recover_least: where it may end as well, since it may have begun earlier
 * @recover_una: SND.UNA when it began
 * @recoveries: how many have begun
 * @rescued: RFC 6675's rescue retransmission was made in it
 * @unsure: it may not have begun, or have ended
 * @evident: one may be on that has sent nothing yet
 * @evident_una: since SND.UNA was this
 * @evident_nxt: and SND.NXT this
 * @evident_end: and where it ends
 * @doubt_end: SND.NXT when something was last told of a loss
 * @heard: something arrived since the last time-out
 * @reverted: a router's word may have undone a back-off since then
 * @unprobed: nothing arrived since the last probe of a closed window
 * @keep_probes: keepalive probes that nothing answered
 * @tsval: of the last segment with timestamps
 * @ts_first: of the first one
 * @ts_first_us: when that was sent
 * @ts_there: there was one
 */
struct sending {
	uint32_t iss;
	bool iss_known;
	struct wire_options syn;
	int64_t una;
	int64_t nxt;
	int64_t queued;
	int64_t fin;
	int64_t wnd;
	int64_t wnd_max;
	int64_t wl1;
	int64_t wl2;
	int64_t edge_max;
	int64_t up;
	struct octets text;
	struct piece *pieces;
	size_t nr_pieces;
	size_t room;
	unsigned int largest;
	uint64_t progress_us;
	uint64_t timeout_us;
	uint64_t gap_us;
	uint64_t sent_us;
	uint64_t syn_us;
	uint64_t rtt_us;
	unsigned int tries;
	unsigned int hints;
	int64_t recover;
	int64_t recover_least;
	int64_t recover_una;
	unsigned int recoveries;
	bool rescued;
	bool unsure;
	bool evident;
	int64_t evident_una;
	int64_t evident_nxt;
	int64_t evident_end;
	int64_t doubt_end;
	bool heard;
	bool reverted;
	bool unprobed;
	unsigned int keep_probes;
	uint32_t tsval;
	uint32_t ts_first;
	uint64_t ts_first_us;
	bool ts_there;
};

/**
 * struct duplicate - a part of a segment that arrived before
 * @most: all that may have
 * @least: what of it certainly has, up to a hole
 */
struct duplicate {
	struct run most;
	struct run least;
};

/**
 * struct receiving - the peer's half
 * @irs: IRS
 * @irs_known: the peer's SYN came
 * @syn: what its options were
 * @nxt: RCV.NXT, as far as is certain
 * @acked: Last.ACK.sent of RFC 7323; 0 before
 * @edge: the rightmost right edge of the windows advertised
 * @fin: position of the peer's FIN, once it is held; 0 before
 * @fin_sure: it is certain that it is
 * @sure: text above @nxt that is held
 * @maybe: text above @nxt that may be; all of @sure is in it
 * @ts_recent: TS.Recent
 * @ts_recent_us: when it was taken
 * @text: what arrived
 * @doubtful: octets that arrived in more than one version
 * @taken: the position up to which the user took it
 * @duplicates: what came twice since the last ACK was sent
 * @nr_duplicates: how many runs
 * @unacked: octets taken in order since then
 * @last: text that arrived last and is above a hole
 */
struct receiving {
	uint32_t irs;
	bool irs_known;
	struct wire_options syn;
	int64_t nxt;
	int64_t acked;
	int64_t edge;
	int64_t fin;
	bool fin_sure;
	struct runs sure;
	struct runs maybe;
	uint32_t ts_recent;
	uint64_t ts_recent_us;
	struct octets text;
	struct runs doubtful;
	int64_t taken;
	struct duplicate duplicates[DUPLICATES];
	unsigned int nr_duplicates;
	int64_t unacked;
	struct run last;
};

/**
 * struct oracle - all of it
 * @wrong: the objection, empty before
 * @strict: nothing is exempt
 * @now: the time of the last event
 * @cause_us: that of the last arrival or call
 * @state: the state it has to be in
 * @path: through which it got there since @cause_us
 * @nr_path: how many
 * @nr_told: how many of them were told
 * @tells_state: EVENT_STATE is in the trace
 * @told: what it said last
 * @tells_delivered: EVENT_DELIVERED is
 * @delivered: what it said last
 * @tells_acked: EVENT_ACKED is
 * @acknowledged: what it said last
 * @passive: it was opened by a SYN
 * @orphan: there is no user any more
 * @deaf: the user does not receive any more
 * @no_room: the next segment's text may not be kept
 * @aborts: a RST that answers nothing may be sent
 * @may_close: what came may have ended it
 * @may_reset: the last arrival may be answered by a RST
 * @owed: what is owed
 * @owed_us: until when
 * @why: what for
 * @pure_acks: how many segments with nothing but an ACK may be sent
 * @time_wait_us: since when it has been in TIME-WAIT
 * @in: the last arrival
 * @sport: our port
 * @dport: the peer's
 * @send: our half
 * @receive: the peer's
 */
struct oracle {
	char wrong[400];
	bool strict;
	uint64_t now;
	uint64_t cause_us;
	enum state state;
	enum state path[PATH_MAX_STATES];
	unsigned int nr_path;
	unsigned int nr_told;
	bool tells_state;
	enum state told;
	bool tells_delivered;
	uint32_t delivered;
	bool tells_acked;
	uint32_t acknowledged;
	bool passive;
	bool orphan;
	bool deaf;
	bool no_room;
	bool aborts;
	bool may_close;
	bool may_reset;
	enum owed owed;
	uint64_t owed_us;
	const char *why;
	unsigned int pure_acks;
	uint64_t time_wait_us;
	struct wire in;
	uint16_t sport;
	uint16_t dport;
	struct sending send;
	struct receiving receive;
};

static inline int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline int64_t most(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The position nearest to @near that has this sequence number. */
static inline int64_t position(uint32_t seq, uint32_t isn, int64_t near)
{
	uint32_t step = seq - isn - (uint32_t)near;

	return step < 0x80000000U ? near + step :
				    near - (int64_t)(0x100000000LL - step);
}

static inline bool any_of(enum state state, unsigned int states)
{
	return states & 1U << state;
}

#define BIT_OF(state) (1U << (state))

/* The peer's text is taken: RFC 9293 3.10.7.4, seventh. */
#define RECEIVING_STATES                                                       \
	(BIT_OF(ESTABLISHED) | BIT_OF(FIN_WAIT_1) | BIT_OF(FIN_WAIT_2))

/* There may be something of ours to send again. */
#define SENDING_STATES                                                         \
	(BIT_OF(ESTABLISHED) | BIT_OF(CLOSE_WAIT) | BIT_OF(FIN_WAIT_1) |       \
	 BIT_OF(CLOSING) | BIT_OF(LAST_ACK))

/* RFC 7323 and RFC 2018: what both SYNs had. */
static inline bool uses_timestamps(const struct oracle *o)
{
	return o->send.syn.ts && o->receive.syn.ts;
}

static inline bool uses_sack(const struct oracle *o)
{
	return o->send.syn.sack_ok && o->receive.syn.sack_ok;
}

static inline unsigned int shift_of(const struct oracle *o,
				    const struct wire_options *syn)
{
	if (!o->send.syn.wscale_there || !o->receive.syn.wscale_there)
		return 0;
	return syn->wscale > 14 ? 14 : syn->wscale;
}

/* The end of our text: without the FIN. */
static inline int64_t text_end(const struct oracle *o)
{
	return o->send.fin ? o->send.fin : o->send.queued;
}

/* oracle.c */
__attribute__((format(printf, 2, 3))) void object(struct oracle *o,
						  const char *format, ...);
void enter(struct oracle *o, enum state state);
void owe(struct oracle *o, enum owed what, uint64_t wait, const char *why);

/* arrive.c */
void oracle_arrives(struct oracle *o, const struct event *e);
int64_t receive_most(const struct oracle *o);
void receive_evidence(struct oracle *o, int64_t position);
void receive_up_to(struct oracle *o, int64_t position);

/* flight.c */
void flight_acked(struct oracle *o, int64_t ack, bool ts);
void flight_sacked(struct oracle *o, const struct wire *seg);
void flight_evidence(struct oracle *o);
void flight_window(struct oracle *o);
void flight_sends(struct oracle *o, int64_t start, int64_t end);
void flight_too_big(struct oracle *o);
void flight_silence(struct oracle *o);
void flight_free(struct oracle *o);

/* sends.c */
void oracle_sends(struct oracle *o, const struct event *e);

/* blocks.c */
void blocks_sent(struct oracle *o, const struct wire *seg, int64_t ack);
void blocks_duplicate(struct oracle *o, int64_t start, int64_t end);
void blocks_pruned(struct oracle *o, int64_t from);

#endif
