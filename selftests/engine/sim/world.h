/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A run: hosts, joined by paths, with connections between them. Each file has
 * one role in it:
 *
 *	scenario.c, profile.c	what it is made of
 *	queue.c			what happens next
 *	link.c, middlebox.c	what becomes of a segment on its way
 *	host.c			whose segment it is; listeners, cookies, RSTs
 *	sock.c			what the kernel's sockets do for the engine
 *	app.c			what programs do with a socket
 *	check.c, sent.c		what must hold, after each call of the engine
 *	observe.c		who watches: trace.c, pcap.c, the oracle
 *	world.c			all of it put together
 */
#ifndef ATCP_SIM_WORLD_H
#define ATCP_SIM_WORLD_H

#include "kept.h"
#include "observe.h"
#include "payload.h"
#include "queue.h"
#include "request.h"
#include "result.h"
#include "scenario.h"
#include "seq.h"
#include "timewait.h"

#define FLOW_BUCKETS 64
#define SERVER_PORT  80
#define CLIENT_PORT  40000 /* of the first connection */

struct world;
struct sock;

/**
 * struct packet - a segment on its way
 * @alarm: when it arrives
 * @next: in the list of unused ones
 * @world: its run
 * @path: where it travels
 * @to: which end of it: 0 for host 0
 * @mended: somebody altered it and made the checksum fit
 * @too_big: it is no segment, but a router's word on one: the MTU
 * @icmp: likewise: type << 8 | code
 * @len: octets of the segment
 * @octets: from the TCP header on
 */
struct packet {
	struct alarm alarm;
	struct packet *next;
	struct world *world;
	struct path *path;
	u8 to;
	bool mended;
	u16 too_big;
	u16 icmp;
	u32 len;
	u8 octets[PACKET_MAX];
};

/**
 * struct path - two links
 * @config: what they are like
 * @mtu: as it is now
 * @index: of the path
 * @bad: by direction: in a time of losses
 * @free_at: when the link has sent all that waits
 * @last: when what was sent last arrives
 */
struct path {
	const struct sim_path *config;
	u16 mtu;
	u8 index;
	bool bad[2];
	u64 free_at[2];
	u64 last[2];
};

/**
 * struct path_change - a path's MTU becomes another
 * @alarm: when
 * @path: the path
 */
struct path_change {
	struct alarm alarm;
	struct path *path;
};

/**
 * struct host - one that has connections
 * @world: its run
 * @config: what it is like
 * @index: which one
 * @flows: its sockets, by hash of the ports
 * @nr_requests: those of them that are requests
 * @cookie_us: when it last sent a cookie
 * @secret: what cookies are made with
 * @in_reset: a RST arrived and is dealt with
 * @reboot: when it forgets all
 */
struct host {
	struct world *world;
	const struct sim_host *config;
	u8 index;
	struct sock *flows[FLOW_BUCKETS];
	u32 nr_requests;
	u64 cookie_us;
	u32 secret;
	bool in_reset;
	struct alarm reboot;
};

/**
 * struct app - a program with a socket: it acts on events only
 * @alarm: when it acts
 * @opened: it has the socket
 * @gone: it has not any more
 * @readable: it was told so, and has not come to the end of it
 * @writable: likewise
 * @eof: it has read to the end
 * @shut: it will not write any more
 * @no_reader: it has said that it will not read any more
 * @failed: the connection failed
 * @busy: it will act again without being told
 * @connected: its connection was established
 * @over: its connection is over, or in TIME-WAIT
 * @written: octets
 * @consumed: octets read
 * @opened_us: when it got the socket
 */
struct app {
	struct alarm alarm;
	bool opened;
	bool gone;
	bool readable;
	bool writable;
	bool eof;
	bool shut;
	bool no_reader;
	bool failed;
	bool busy;
	bool connected;
	bool over;
	u32 written;
	u32 consumed;
	u64 opened_us;
};

/**
 * struct before - a connection before a segment arrived
 * @snd_una: SND.UNA
 * @snd_wnd: SND.WND
 * @rcv_nxt: RCV.NXT
 * @rcv_adv: the right edge of its window
 * @probe_end: after its MTU probe
 * @probe_size: what that is to prove, 0 if there is none
 * @mtu_low: the size that was proven
 * @ack_now: an ACK was owed already
 */
struct before {
	u32 snd_una;
	u32 snd_wnd;
	u32 rcv_nxt;
	u32 rcv_adv;
	u32 probe_end;
	u32 probe_size;
	u32 mtu_low;
	bool ack_now;
};

/**
 * struct check - what the checks remember of a connection
 * @state: the state that it was in
 * @snd_una: SND.UNA, likewise
 * @edge: right edge of the window that it offers
 * @peer_edge: right edge of the window that it was ever offered
 * @edge_known: it offered any
 * @peer_known: it was offered any
 * @eof: the peer's FIN is in order
 * @exact_rst: what arrived last is a RST at RCV.NXT
 * @kept: what its receiver holds
 * @delivered: octets that may be read
 * @acked: of its own that were acknowledged
 * @owed: pure ACKs that what came, was read or fell due accounts for
 * @empties: segments without text in a row that only answered such ones
 * @empty_us: when the last of them was sent
 * @urgent_end: after the last urgent octet that it wrote
 * @urgent_told: after the one that it was told of last
 * @before: what was known before the segment that arrives
 * @newest: the highest SEG.SEQ that came
 * @newest_known: there is one
 * @taken: the highest of those that were not refused
 * @taken_known: there is one
 * @fin: how many octets are before the peer's FIN
 * @fin_known: that came
 * @rto_us: when its retransmission timer went off last, with nothing since
 * @rto_gap_us: how long after the time before
 */
struct check {
	u8 state;
	u32 snd_una;
	u32 edge;
	u32 peer_edge;
	bool edge_known;
	bool peer_known;
	bool eof;
	bool exact_rst;
	struct kept kept;
	u32 delivered;
	u32 acked;
	u64 owed;
	u32 empties;
	u64 empty_us;
	u32 urgent_end;
	u32 urgent_told;
	struct before before;
	u32 newest;
	bool newest_known;
	u32 taken;
	bool taken_known;
	u32 fin;
	bool fin_known;
	u64 rto_us;
	u64 rto_gap_us;
};

enum sock_mode {
	SOCK_REQUEST,
	SOCK_CONNECTED,
	SOCK_TIME_WAIT,
	SOCK_ENDED,
};

/**
 * struct sock - one end of a connection, as a kernel has it
 * @next: in its bucket, or in the list of unused ones
 * @all: in the world's list
 * @alarm: the engine's deadline
 * @world: its run
 * @host: where it is
 * @path: what it sends to
 * @at: at which end of @path
 * @conn: which connection of the scenario it is
 * @end: which end of that: 0 opens
 * @stray: a later one of the same ports, made by old segments
 * @hashed: in its bucket
 * @dead: nobody needs it any more
 * @cookie: it came from a SYN cookie
 * @mode: which of the records below is in use
 * @sport: its port
 * @dport: its peer's
 * @side: what the scenario says of it
 * @mtu: of the route, as far as the host knows
 * @records: all range records that it was given
 * @tcb: the connection
 * @request: before it
 * @tw: after it
 * @app: the program
 * @check: what is remembered of it
 * @oracle: its oracle, NULL if it has none
 */
struct sock {
	struct sock *next;
	struct sock *all;
	struct alarm alarm;
	struct world *world;
	struct host *host;
	struct path *path;
	u8 at;
	struct conn *conn;
	u8 end;
	bool stray;
	bool hashed;
	bool dead;
	bool cookie;
	enum sock_mode mode;
	u16 sport;
	u16 dport;
	const struct sim_side *side;
	u16 mtu;
	u32 records;
	struct atcp_tcb tcb;
	struct atcp_request request;
	struct atcp_timewait tw;
	struct app app;
	struct check check;
	struct oracle *oracle;
};

/**
 * struct conn - one connection of the scenario
 * @alarm: when it is opened
 * @world: its run
 * @config: what it is like
 * @index: which one
 * @sock: its ends, while they are there
 * @met: ends that there were
 * @requests: that its SYNs have made
 * @garbled: its octets may have been altered
 * @broken: by end: something happened after which not all need arrive
 * @result: how it went
 */
struct conn {
	struct alarm alarm;
	struct world *world;
	const struct sim_conn *config;
	u8 index;
	struct sock *sock[2];
	bool met[2];
	u32 requests;
	bool garbled;
	bool broken;
	struct sim_conn_result *result;
};

/**
 * struct world - a run
 * @scenario: what it is made of
 * @result: how it goes
 * @watch: who watches
 * @store: memory that outlives it
 * @rng: chance
 * @queue: what happens next
 * @now: virtual time
 * @steps: alarms that rang
 * @socks: all sockets
 * @dead: those of them that nobody needs any more
 * @nr_socks: how many
 * @nr_packets: segments on their way
 * @nr_records: range records that sockets hold
 * @host: the hosts
 * @path: what joins them
 * @change: when their MTUs change
 * @conn: the connections
 */
struct world {
	const struct sim_scenario *scenario;
	struct sim_result *result;
	const struct sim_watch *watch;
	struct store *store;
	struct rng rng;
	struct queue queue;
	u64 now;
	u64 steps;
	struct sock *socks;
	struct sock *dead;
	u32 nr_socks;
	u32 nr_packets;
	u32 nr_records;
	/* From here on set up as far as the scenario needs it. */
	struct host host[SIM_HOSTS];
	struct path path[SIM_PATHS];
	struct path_change change[SIM_PATHS];
	struct conn conn[SIM_CONNS];
};

/* store.c */
struct world *store_world(struct store *store);
struct packet *packet_new(struct world *w);
void packet_free(struct packet *p);
struct sock *sock_alloc(struct world *w);
void sock_free(struct sock *sk);
struct atcp_range *record_new(struct world *w);
void record_free(struct world *w, struct atcp_range *r);

/* packet.c */
u32 packet_sum(const struct path *path, u32 len);
void packet_seal(struct packet *p);
bool packet_intact(const struct packet *p);
u32 host_address(u8 index);

/* link.c */
void link_arrives(struct alarm *alarm);
void link_send(struct path *path, int from, struct packet *p, u32 delay_us);

/* middlebox.c */
void middlebox_alters(const struct sim_middlebox *box, int from,
		      struct packet *p);

/* host.c */
u64 host_now(const struct host *h);
u64 host_when(const struct host *h, u64 local);
void host_arrives(struct host *h, struct packet *p);
void host_reset(struct host *h, struct sock *sk, struct path *path,
		const struct atcp_segment *seg);
void host_transmit(struct host *h, struct path *path, struct packet *p,
		   u32 delay_us);
void host_insert(struct host *h, struct sock *sk);
void host_remove(struct host *h, struct sock *sk);
void host_reboot(struct host *h);

/* sock.c */
struct sock *sock_new(struct conn *c, int end);
void sock_open(struct sock *sk);
void sock_transmit(struct sock *sk, const struct atcp_segment *seg);
void sock_time_wait(struct sock *sk);
void sock_reboot(struct sock *sk);
struct conn *conn_at(struct world *w, u16 port);
void sock_refill(struct sock *sk);
void sock_settle(struct sock *sk);
void sock_arrives(struct sock *sk, struct atcp_segment *seg,
		  const struct packet *p);
void sock_icmp(struct sock *sk, const struct packet *p);
void sock_deadline(struct alarm *alarm);
void sock_over(struct sock *sk);
void sock_drop(struct sock *sk);
u32 sock_space(const struct sock *sk);
u32 sock_unread(const struct sock *sk);

/* request.c */
void request_arrives(struct sock *sk, struct atcp_segment *seg,
		     const struct packet *p);
void request_deadline(struct sock *sk);
void request_icmp(struct sock *sk, const struct packet *p);
void request_end(struct sock *sk, enum atcp_cause cause);
void listener_arrives(struct host *h, struct path *path,
		      struct atcp_segment *seg, const struct packet *p,
		      u32 iss);

/* app.c */
void app_open(struct sock *sk);
void app_wake(struct sock *sk, u16 events);
void app_kill(struct sock *sk);

/* check.c */
__attribute__((format(printf, 2, 3))) void world_wrong(struct world *w,
						       const char *format, ...);
#define sock_wrong(sk, format, ...)                                            \
	world_wrong((sk)->world, "connection %u end %u in %s: " format,        \
		    (sk)->conn->index, (sk)->end,                              \
		    atcp_state_name((sk)->tcb.state), ##__VA_ARGS__)
void check_start(struct sock *sk);
void check_call(struct sock *sk, u16 events);
void check_quiet(struct sock *sk);
void check_arrives(struct sock *sk, const struct atcp_segment *seg);
void check_keep(struct sock *sk, const struct atcp_segment *seg,
		const struct atcp_arrival *arrival, const struct packet *p);
void check_timeout(struct sock *sk);
void check_failed(struct sock *sk);
void check_timed_out(struct sock *sk);
void check_time_wait(struct sock *sk, const struct atcp_segment *seg,
		     const struct atcp_segment *ack);
void check_urgent_sent(struct sock *sk);

/* sent.c */
void check_sent(struct sock *sk, const struct atcp_segment *seg);

/* arrived.c */
void arrived_before(struct sock *sk);
void arrived(struct sock *sk, const struct atcp_segment *seg,
	     enum atcp_drop drop, const struct atcp_arrival *arrival);

static inline struct sock *peer_of(const struct sock *sk)
{
	return sk->conn->sock[!sk->end];
}

static inline const struct sim_side *peer_side(const struct sock *sk)
{
	return &sk->conn->config->side[!sk->end];
}

/* The number of an octet of data in its stream. */
static inline u32 place(u32 seq, u32 isn)
{
	return seq - (isn + 1);
}

#define alarm_of(alarm_ptr, type, member)                                      \
	((type *)((char *)(alarm_ptr)-offsetof(type, member)))

#endif
