/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The transmission control block and what its owner may ask of it.
 *
 * The owner (the socket layer, a test, the simulator) tells the engine the
 * time and what happened:
 *
 *	atcp_segment_arrives()	a segment came in
 *	atcp_user_*()		the application called
 *	atcp_timeout()		a deadline passed
 *
 * and after each of these asks what to do:
 *
 *	tcb->events		whom to wake, what ended (atcp_take_events())
 *	tcb->transitions	state changes, for tracing
 *	tcb->notes		what to count (atcp_take_notes())
 *	atcp_next_segment()	what to send, called until it has no more
 *	atcp_deadline()		when to call atcp_timeout()
 *	tcb->snd_una		everything before it is acknowledged
 *	tcb->rcv_nxt		everything before it may be delivered
 *
 * The engine calls nobody back, allocates nothing and knows no payload: it
 * speaks of octets by their sequence numbers. All calls on one connection are
 * made under one lock of the owner's.
 */
#ifndef ATCP_ENGINE_TCB_H
#define ATCP_ENGINE_TCB_H

#include "types.h"
#include "note.h"
#include "params.h"
#include "state.h"
#include "range.h"
#include "segment.h"

struct atcp_cong_ops;

/* Things that happened, for the owner to act on. */
enum {
	ATCP_EV_ESTABLISHED = 0x01, /* handshake complete */
	ATCP_EV_DATA = 0x02,	    /* rcv_nxt advanced over data */
	ATCP_EV_EOF = 0x04,	    /* the peer's FIN, in order */
	ATCP_EV_ACKED = 0x08,	    /* snd_una advanced */
	ATCP_EV_ERROR = 0x10,	    /* tcb->error was set */
	ATCP_EV_TIME_WAIT = 0x20,   /* become a struct atcp_timewait */
	ATCP_EV_CLOSED = 0x40,	    /* the TCB may be deleted */
	ATCP_EV_URGENT = 0x80,	    /* rcv_up is new: SIGURG */
	ATCP_EV_PATH = 0x100,	    /* R1 passed: doubt the route, MUST-20 */
};

/* Why a connection failed; the owner turns it into an errno. */
enum atcp_error {
	ATCP_ERROR_NONE,
	ATCP_ERROR_REFUSED, /* RST to our SYN */
	ATCP_ERROR_RESET,   /* RST later on */
	ATCP_ERROR_TIMEOUT, /* no answer within the retries */
	ATCP_ERROR_PIPE,    /* RST when only our FIN was left */
};

/* One deadline per purpose; none excludes another. */
enum atcp_timer {
	ATCP_TIMER_RETRANSMIT, /* RFC 6298: oldest unacknowledged octet */
	ATCP_TIMER_PERSIST,    /* RFC 9293 3.8.6.1: zero-window probe */
	ATCP_TIMER_DELACK,     /* RFC 9293 3.8.6.3: delayed ACK */
	ATCP_TIMER_FIN_WAIT_2, /* an orphan's peer never closes */
	ATCP_TIMER_KEEPALIVE,  /* RFC 9293 3.8.4: is the peer still there? */
	ATCP_TIMER_COUNT
};

/* Room for a congestion control algorithm's own state, in u64. */
#define ATCP_CONG_PRIVATE 13

/* What both ends agreed to in their SYNs, and what the user asked for. */
enum {
	ATCP_USE_TS = 0x01,
	ATCP_USE_SACK = 0x02,
	ATCP_USE_WSCALE = 0x04,
	ATCP_NODELAY = 0x08,	  /* TCP_NODELAY: no Nagle */
	ATCP_CORK = 0x10,	  /* TCP_CORK: full segments only */
	ATCP_FIN_QUEUED = 0x20,	  /* write_seq includes our FIN */
	ATCP_FIN_RECEIVED = 0x40, /* rcv_nxt includes the peer's FIN */
	ATCP_ORPHAN = 0x80,	  /* no user any more */
	ATCP_MORE = 0x100,	  /* MSG_MORE: the same until the next SEND */
	ATCP_URGENT_OUT = 0x200,  /* SND.UP is not acknowledged yet */
	ATCP_URGENT_IN = 0x400,	  /* RCV.UP is not passed yet */
	ATCP_DUPLICATE = 0x800,	  /* tcb->dsack waits to be reported */
	ATCP_NO_READER = 0x1000,  /* the user will not RECEIVE any more */
	ATCP_PUSHED = 0x2000,	  /* what is not acknowledged yet had PSH */
};

/**
 * struct atcp_mtu - the search for the path's MTU, RFC 4821: see mtu.c
 * @since_us: when it began
 * @probe_seq: first sequence number of the probe in flight
 * @probe_end: the one after its last
 * @low: an MSS, without options, that is known to arrive
 * @high: one that may
 * @probe_size: that of the probe in flight, 0 if there is none
 * @searching: @low bounds Eff.snd.MSS
 */
struct atcp_mtu {
	u64 since_us;
	u32 probe_seq;
	u32 probe_end;
	u16 low;
	u16 high;
	u16 probe_size;
	bool searching;
};

/**
 * struct atcp_tally - what is counted for the user's information only
 * @established_us: when the handshake was complete
 * @received_us: when data last arrived, @established_us before
 * @min_rtt_at: when @min_rtt_us was measured
 * @min_rtt_us: least RTT of the last five minutes, 0 before the first sample
 * @delivered: segments that arrived at the peer, as far as it told
 * @rto_since_us: when the first of the present time-outs in a row was, or 0
 * @rto_ms: how long all that took that had ended, milliseconds
 * @rtos: time-outs
 * @rto_runs: time-outs in a row counted once
 */
struct atcp_tally {
	u64 established_us;
	u64 received_us;
	u64 min_rtt_at;
	u32 min_rtt_us;
	u32 delivered;
	u64 rto_since_us;
	u32 rto_ms;
	u16 rtos;
	u16 rto_runs;
};

/**
 * struct atcp_tcb - one connection
 *
 * All sequence numbers are wire values (u32, RFC 9293 3.4), all sizes octets,
 * all times microseconds. Everything is guarded by the owner's one lock.
 *
 * @snd_una: SND.UNA, oldest unacknowledged sequence number
 * @snd_nxt: SND.NXT, next to be sent for the first time
 * @snd_max: highest SND.NXT ever; above it only after a withdrawn probe
 * @write_seq: after the last octet (and FIN) that the user queued
 * @snd_up: SND.UP, after the last urgent octet, with ATCP_URGENT_OUT
 * @snd_wnd: SND.WND, scaled
 * @snd_wl1: SND.WL1, SEG.SEQ of the last window update
 * @snd_wnd_max: largest window the peer ever offered (Max.SND.WND)
 * @snd_small: end of the last segment sent that was less than an MSS
 * @iss: ISS
 * @mss: Eff.snd.MSS, octets of data in a full segment with timestamps
 * @burst: most octets for one atcp_next_segment(), a multiple of @mss
 * @sendmap: what is in flight, [snd_una, snd_nxt) without gaps
 * @sacked: octets in @sendmap that SACK reported, or that duplicate ACKs
 *          stand for where the peer has no SACK
 * @lost: octets in @sendmap marked lost
 * @retrans: octets in @sendmap that were sent again in this recovery
 * @to_resend: octets of @lost that were not
 * @resend_from: none of them is before this, if there are any
 * @rescue: RFC 6675 RescueRxt, the octet after it
 * @nr_ranges: records in @sendmap
 * @cwnd: congestion window
 * @ssthresh: slow start threshold
 * @recover: RFC 6582 recover / RFC 6675 RecoveryPoint
 * @cong: congestion control algorithm
 * @cong_acked: octets acknowledged since cwnd last grew (RFC 5681, 3465)
 * @cong_private: that algorithm's, see atcp_cong_private()
 * @cong_runs: it was started, atcp_cong_start()
 * @recovery: enum atcp_recovery
 * @dup_acks: duplicate ACKs in a row
 * @force_retransmit: send one lost range even if cwnd is full
 * @srtt_us: smoothed RTT, 0 before the first sample
 * @rttvar_us: RTT variation
 * @rto_us: retransmission time-out without back-off
 * @backoff: doublings of @rto_us in force
 * @timeouts: time-outs in a row
 * @unanswered_us: since when nothing was heard of what we sent; 0 if nothing
 *                 is overdue
 * @closed_us: when a closed window was first probed; 0 once it is open
 * @sent_us: when data was last sent
 * @heard_us: when an acceptable ACK last came
 * @keep_unanswered: keepalive probes since then
 * @keep_due: a keepalive probe is to be sent
 * @rcv_nxt: RCV.NXT
 * @rcv_adv: RCV.NXT + RCV.WND as last advertised
 * @rcv_space: octets the owner's buffer can still take, set by the owner
 * @rcv_buf: octets the owner's buffer can take when empty, set by the owner
 * @rcv_acked: RCV.NXT when the last ACK was sent
 * @rcv_mss: the largest payload seen, to tell a full-sized segment
 * @rcv_up: RCV.UP, the last urgent octet, with ATCP_URGENT_IN
 * @dsack: a duplicate to report, with ATCP_DUPLICATE (RFC 2883)
 * @irs: IRS
 * @reassembly: ranges received above rcv_nxt, merged
 * @sacks: the most recent of them, newest first (RFC 2018 section 4)
 * @nr_sacks: how many
 * @fin_seq: sequence number of a FIN that came before the data in front of it
 * @fin_seq_known: @fin_seq is valid
 * @ts_recent: TS.Recent of RFC 7323
 * @ts_recent_us: when it was taken
 * @ts_offset: added to our timestamp clock
 * @advmss: MSS we advertise
 * @peer_mss: MSS the peer advertised
 * @path_mss: what the path takes, without options, as far as the owner knows
 * @mtu: what probing says of it
 * @snd_wscale: shift of the peer's window
 * @rcv_wscale: shift of ours
 * @state: enum atcp_state, written by atcp_set_state() only
 * @error: enum atcp_error
 * @events: ATCP_EV_ESTABLISHED ...
 * @notes: bits by enum atcp_note, for the owner to count
 * @use: ATCP_USE_TS ...
 * @ack_now: an ACK is owed at once
 * @quick_acks: data segments that are still acknowledged at once
 * @interactive: requests and replies: ACKs wait for data to ride on
 * @retries: SYNs sent again
 * @reset_pending: ABORT: atcp_next_segment() has a RST to send
 * @cwnd_limited: cwnd, not the user or the peer, held back the last send
 * @override: the persist timer went off: send despite a small window (RFC
 *            9293 3.8.6.2.1), or an octet into a closed one (3.8.6.1)
 * @tally: for the user's information
 * @oow_ack_us: when an out-of-window segment was last answered
 * @timers: deadlines, indexed by enum atcp_timer, 0 when not running
 * @pool: unused range records, filled by the owner
 * @params: limits, owned by the owner and outliving the TCB
 * @settings: what the user set, written by the owner at any time
 * @sport: local port, host order
 * @dport: remote port, host order
 * @nr_transitions: entries in @transitions
 * @transitions: state changes since the owner last looked
 */
struct atcp_tcb {
	/* sending, hot */
	u32 snd_una;
	u32 snd_nxt;
	u32 snd_max;
	u32 write_seq;
	u32 snd_wnd;
	u32 snd_wl1;
	u32 snd_small;
	u32 mss;
	u32 burst;
	u32 cwnd;
	u32 sacked;
	u32 lost;
	u32 retrans;
	u32 to_resend;
	u16 use;
	u16 events;
	u32 notes;
	u8 state;
	u8 recovery;
	u8 dup_acks;
	u8 backoff;
	u8 snd_wscale;
	u8 rcv_wscale;

	/* receiving, hot */
	u32 rcv_nxt;
	u32 rcv_adv;
	u32 rcv_space;
	u32 rcv_buf;
	u32 rcv_acked;
	u32 rcv_mss;
	u32 ts_recent;
	u32 ts_offset;
	u64 ts_recent_us;
	struct rb_root sendmap;
	struct rb_root reassembly;
	struct atcp_pool pool;
	bool ack_now;
	bool force_retransmit;
	bool reset_pending;
	bool cwnd_limited;
	bool override;
	bool fin_seq_known;
	u8 quick_acks;
	u8 nr_sacks;
	u8 nr_transitions;
	u8 retries;
	u8 error;
	u8 timeouts;
	u8 keep_unanswered;
	bool keep_due;
	bool interactive;
	bool cong_runs;

	u64 timers[ATCP_TIMER_COUNT];
	u64 heard_us;
	u64 sent_us;

	/* congestion and time-out */
	u32 ssthresh;
	u32 recover;
	u32 rescue;
	u32 resend_from;
	u32 nr_ranges;
	u32 cong_acked;
	u32 srtt_us;
	u32 rttvar_us;
	u32 rto_us;
	u64 unanswered_us;
	u64 closed_us;
	const struct atcp_cong_ops *cong;
	const struct atcp_params *params;
	struct atcp_settings settings;
	u64 cong_private[ATCP_CONG_PRIVATE];

	struct atcp_tally tally;

	/* rarely looked at */
	u64 oow_ack_us;
	u32 snd_wnd_max;
	u32 iss;
	u32 irs;
	u32 fin_seq;
	u32 snd_up;
	u32 rcv_up;
	u16 sport;
	u16 dport;
	u16 advmss;
	u16 peer_mss;
	u16 path_mss;
	struct atcp_mtu mtu;
	struct atcp_sack_block sacks[ATCP_SACK_MAX];
	struct atcp_sack_block dsack;
	struct atcp_transition transitions[ATCP_TRANSITIONS_MAX];
};

/* Data segments that are acknowledged at once when a connection starts, so
 * that the peer's slow start is not held up by delayed ACKs.
 */
#define ATCP_QUICK_ACKS 16

/* Most records that one engine call can take from the pool. */
#define ATCP_POOL_LOW 10U

/* The same for a call whose segment has no SACK blocks, or has no segment. */
#define ATCP_POOL_PLAIN 2U

/**
 * struct atcp_arrival - what became of an arriving segment's payload
 * @start: first sequence number to keep
 * @end: the one after the last; equal to @start if nothing is kept
 * @reset: answer with the RST of atcp_segment_reset()
 * @challenge: a challenge ACK is due (RFC 5961 section 7), if the owner's
 *             limit for all connections allows: atcp_challenge_ack()
 */
struct atcp_arrival {
	u32 start;
	u32 end;
	bool reset;
	bool challenge;
};

struct atcp_open;

/* tcb.c */
void atcp_tcb_init(struct atcp_tcb *tcb, const struct atcp_params *params);
void atcp_tcb_purge(struct atcp_tcb *tcb);
void atcp_tcb_reset(struct atcp_tcb *tcb);
void atcp_tcb_hand_over(struct atcp_tcb *tcb);
void atcp_tcb_delete(struct atcp_tcb *tcb, enum atcp_cause cause);
void atcp_tcb_fail(struct atcp_tcb *tcb, enum atcp_error error,
		   enum atcp_cause cause);
void atcp_tcb_options(struct atcp_tcb *tcb, const struct atcp_segment *syn);
void atcp_tcb_path_mss(struct atcp_tcb *tcb, u32 mss);
void atcp_tcb_burst(struct atcp_tcb *tcb, u32 octets);
void atcp_tcb_established(struct atcp_tcb *tcb);

/* user.c */
void atcp_user_open(struct atcp_tcb *tcb, const struct atcp_open *open,
		    u64 now);
void atcp_user_send(struct atcp_tcb *tcb, u32 octets);
void atcp_user_receive(struct atcp_tcb *tcb, u32 space, u32 buf);
void atcp_user_shutdown(struct atcp_tcb *tcb, u64 now);
void atcp_user_abort(struct atcp_tcb *tcb);
void atcp_user_orphan(struct atcp_tcb *tcb, u64 now);
void atcp_user_urgent(struct atcp_tcb *tcb);
void atcp_user_keepalive(struct atcp_tcb *tcb, u64 since);
void atcp_user_quickack(struct atcp_tcb *tcb, bool quick, bool once);
void atcp_user_pruned(struct atcp_tcb *tcb, u32 from);

/* input.c */
enum atcp_drop atcp_segment_arrives(struct atcp_tcb *tcb,
				    struct atcp_segment *seg, u64 now,
				    struct atcp_arrival *arrival);

/* output.c */
bool atcp_next_segment(struct atcp_tcb *tcb, u64 now, struct atcp_segment *out);

/* timer.c */
u64 atcp_deadline(const struct atcp_tcb *tcb);
void atcp_timeout(struct atcp_tcb *tcb, u64 now);

/* Octets sent, not SACKed and not known lost: RFC 6675's pipe. */
static inline u32 atcp_pipe(const struct atcp_tcb *tcb)
{
	return tcb->snd_nxt - tcb->snd_una - tcb->sacked - tcb->lost +
	       tcb->retrans;
}

/* RCV.WND: what the peer may still send. */
static inline u32 atcp_rcv_wnd(const struct atcp_tcb *tcb)
{
	return tcb->rcv_adv - tcb->rcv_nxt;
}

/*
 * How much of @octets of receive buffer a window can offer: the header's 16
 * bits and the user's TCP_WINDOW_CLAMP limit it.
 */
static inline u32 atcp_offerable(const struct atcp_tcb *tcb, u32 octets)
{
	u32 clamp = tcb->settings.window_clamp ?: octets;

	return min3(octets, clamp, (u32)U16_MAX << tcb->rcv_wscale);
}

/* The window of a SYN, which is never scaled: RFC 7323 section 2.2. */
static inline u32 atcp_syn_wnd(const struct atcp_tcb *tcb)
{
	return min_t(u32, atcp_offerable(tcb, tcb->rcv_space), U16_MAX);
}

/* RFC 7323 4.1: our timestamp clock ticks once in 1.024 ms. */
static inline u32 atcp_timestamp(const struct atcp_tcb *tcb, u64 now)
{
	return (u32)(now >> 10) + tcb->ts_offset;
}

/* The owner agrees to the challenge ACK of struct atcp_arrival. */
static inline void atcp_challenge_ack(struct atcp_tcb *tcb)
{
	tcb->ack_now = true;
}

static inline bool atcp_state_in(const struct atcp_tcb *tcb, u32 states)
{
	return ATCP_STATE_BIT(tcb->state) & states;
}

static inline void atcp_note(struct atcp_tcb *tcb, enum atcp_note note)
{
	tcb->notes |= 1U << note;
}

static inline u32 atcp_take_notes(struct atcp_tcb *tcb)
{
	u32 notes = tcb->notes;

	tcb->notes = 0;
	return notes;
}

static inline u16 atcp_take_events(struct atcp_tcb *tcb)
{
	u16 events = tcb->events;

	tcb->events = 0;
	return events;
}

/**
 * struct atcp_open - what a connection starts from
 * @iss: initial send sequence number, RFC 6528
 * @ts_recent: TS.Recent of an earlier connection of this four-tuple, or 0
 * @ts_offset: start of our timestamp clock
 * @rcv_buf: octets the receive buffer takes
 * @window_clamp: most octets of window to offer, 0 for no limit
 * @sport: local port, host order
 * @dport: remote port, host order
 * @advmss: MSS to advertise, RFC 6691
 * @path_mss: largest segment the path takes, without options
 * @rcv_wscale: window shift to offer
 * @options: ATCP_OPT_WSCALE, ATCP_OPT_SACK_OK, ATCP_OPT_TS to offer
 */
struct atcp_open {
	u32 iss;
	u32 ts_recent;
	u32 ts_offset;
	u32 rcv_buf;
	u32 window_clamp;
	u16 sport;
	u16 dport;
	u16 advmss;
	u16 path_mss;
	u8 rcv_wscale;
	u8 options;
};

/* The window of a SYN-ACK: what atcp_syn_wnd() is where there is a TCB. */
static inline u32 atcp_open_wnd(const struct atcp_open *open)
{
	u32 clamp = open->window_clamp ?: U16_MAX;

	return min3(open->rcv_buf, clamp, (u32)U16_MAX);
}

/* What our SYN or SYN-ACK may offer, as far as the operator lets it. */
static inline u8 atcp_options(const struct atcp_params *params)
{
	return (params->window_scaling ? ATCP_OPT_WSCALE : 0) |
	       (params->sack ? ATCP_OPT_SACK_OK : 0) |
	       (params->timestamps ? ATCP_OPT_TS : 0);
}

#endif
