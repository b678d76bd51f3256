/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One connection of the engine, and its peer played by the test:
 *
 *	struct conn c;
 *
 *	CONN(&c, ATCP_ESTABLISHED);
 *	ARRIVES(&c, .len = 100);		a segment, at c.now
 *	EXPECT_SENDS(&c, .ack = PEER(100));	exactly this segment
 *	EXPECT_SILENCE(&c);			and no other
 *	EXPECT_DEADLINE(&c, 0);			nor anything later
 *
 * After each call verify_tcb() is asked, and the records are counted.
 */
#ifndef ATCP_ENGINE_CONN_H
#define ATCP_ENGINE_CONN_H

#include "tcb.h"
#include "seq.h"
#include "verify.h"

struct __test_metadata;

#define T0     ATCP_USEC_PER_SEC
#define MS(n)  (ATCP_USEC_PER_MSEC * (n))
#define SEC(n) (ATCP_USEC_PER_SEC * (n))

#define OUR_PORT  40000
#define PEER_PORT 80

/* Both streams pass 2^32 soon, so that each test is one of wrap-around. */
#define ISS 0xfffffb00U
#define IRS 0xfffffd00U

/* The nth octet of data that we send, and that the peer sends. */
#define OURS(n) (ISS + 1 + (n))
#define PEER(n) (IRS + 1 + (n))

/* What the peer is like, unless a test says otherwise. */
#define MSS	 1000U
#define PEER_WND 20000
#define BUF	 16000U

/* All that a SYN can offer besides the MSS. */
#define OPT_ALL (ATCP_OPT_WSCALE | ATCP_OPT_SACK_OK | ATCP_OPT_TS)

/**
 * struct conn - a connection under test
 * @tcb: it
 * @params: its limits
 * @now: the time
 * @drop: what the last arriving segment was dropped for
 * @arrival: what became of its payload
 * @out: the last segment that was sent
 * @wnd: the window field of the peer's segments
 * @pool: records to keep in the pool at each call
 * @records: all that the connection was given
 * @edge: the right edge of the receive window
 */
struct conn {
	struct atcp_tcb tcb;
	struct atcp_params params;
	u64 now;
	enum atcp_drop drop;
	struct atcp_arrival arrival;
	struct atcp_segment out;
	u16 wnd;
	unsigned int pool;
	unsigned int records;
	u32 edge;
};

/**
 * struct setup - how a connection is opened
 * @options: what both ends offer in their SYNs
 * @peer_options: ... if the peer offers something else
 * @mss: of both ends
 * @wscale: of both ends, with ATCP_OPT_WSCALE
 * @wnd: the peer's window field
 * @rcv_buf: our receive buffer
 */
struct setup {
	u8 options;
	u8 peer_options;
	u16 mss;
	u8 wscale;
	u16 wnd;
	u32 rcv_buf;
};

/* Where all failed expectations go: see UNIT_MAIN. */
__attribute__((format(printf, 3, 4))) void
unit_fail(struct __test_metadata *t, int line, const char *format, ...);

void conn_init(struct conn *c);
void conn_free(struct conn *c);
void conn_refill(struct conn *c);
void conn_in(struct __test_metadata *t, struct conn *c,
	     const struct setup *setup, enum atcp_state state);
void conn_verify(struct __test_metadata *t, int line, struct conn *c);
void conn_arrives(struct __test_metadata *t, int line, struct conn *c,
		  struct atcp_segment seg);
void conn_sends(struct __test_metadata *t, int line, struct conn *c,
		struct atcp_segment expected);
void conn_silence(struct __test_metadata *t, int line, struct conn *c);
void conn_timeout(struct __test_metadata *t, int line, struct conn *c,
		  u64 when);
void conn_drain(struct __test_metadata *t, int line, struct conn *c);
void conn_path(struct __test_metadata *t, int line, struct conn *c,
	       const char *path);
struct atcp_segment conn_syn(const struct setup *setup);
const char *segment_text(const struct atcp_segment *seg);

/*
 * A connection in the given state, quiet, with nothing in flight but what the
 * state implies; CONN_WITH() after the given struct setup.
 */
#define CONN_WITH(c, state, ...)                                               \
	do {                                                                   \
		const struct setup conn_setup = { .mss = MSS,                  \
						  .wnd = PEER_WND,             \
						  .rcv_buf = BUF,              \
						  __VA_ARGS__ };               \
		conn_in(_metadata, c, &conn_setup, state);                     \
	} while (0)

#define CONN(c, state) CONN_WITH(c, state, .wscale = 0)

/* A segment from the peer: by default in order and acknowledging all. */
#define FROM_PEER(c, ...)                                                      \
	((struct atcp_segment){ .sport = PEER_PORT,                            \
				.dport = OUR_PORT,                             \
				.seq = (c)->tcb.rcv_nxt,                       \
				.ack = (c)->tcb.snd_nxt,                       \
				.flags = ATCP_ACK,                             \
				.wnd = (c)->wnd,                               \
				__VA_ARGS__ })

#define ARRIVES(c, ...)                                                        \
	conn_arrives(_metadata, __LINE__, c, FROM_PEER(c, __VA_ARGS__))

/*
 * The next segment we send: by default a pure ACK of all that came. Its window
 * is compared if the test says WND().
 */
#define EXPECT_SENDS(c, ...)                                                   \
	conn_sends(_metadata, __LINE__, c,                                     \
		   (struct atcp_segment){ .sport = OUR_PORT,                   \
					  .dport = PEER_PORT,                  \
					  .seq = (c)->tcb.snd_nxt,             \
					  .ack = (c)->tcb.rcv_nxt,             \
					  .flags = ATCP_ACK,                   \
					  __VA_ARGS__ })

#define WND(n) .wnd = (n), .no_room = true

#define EXPECT_SILENCE(c) conn_silence(_metadata, __LINE__, c)

#define EXPECT_DEADLINE(c, t) EXPECT_EQ((u64)(t), atcp_deadline(&(c)->tcb))

/* The clock moves to @t, where the connection's deadline is. */
#define TIMEOUT(c, t) conn_timeout(_metadata, __LINE__, c, t)

/* What the user does. */
#define SEND(c, octets) atcp_user_send(&(c)->tcb, octets)
#define SHUTDOWN(c)	atcp_user_shutdown(&(c)->tcb, (c)->now)
#define ORPHAN(c)	atcp_user_orphan(&(c)->tcb, (c)->now)
#define ABORT(c)	atcp_user_abort(&(c)->tcb)

/* Whatever it has to say, unheard. */
#define DRAIN(c) conn_drain(_metadata, __LINE__, c)

/* The states since the last look, as "ESTABLISHED>CLOSE-WAIT>LAST-ACK". */
#define EXPECT_PATH(c, path) conn_path(_metadata, __LINE__, c, path)

#define EXPECT_EVENTS(c, ev) EXPECT_EQ((u16)(ev), atcp_take_events(&(c)->tcb))

/* What became of the last segment. */
#define EXPECT_TAKEN(c, from, to)                                              \
	do {                                                                   \
		EXPECT_EQ(ATCP_DROP_NONE, (c)->drop);                          \
		EXPECT_EQ(from, (c)->arrival.start);                           \
		EXPECT_EQ(to, (c)->arrival.end);                               \
	} while (0)

#define EXPECT_DROPPED(c, reason)                                              \
	do {                                                                   \
		EXPECT_EQ(ATCP_DROP_##reason, (c)->drop);                      \
		EXPECT_EQ((c)->arrival.start, (c)->arrival.end);               \
	} while (0)

#endif
