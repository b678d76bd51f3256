/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A socket: the engine's TCB, its payload, its place in the tables.
 *
 * Locks, in the order in which they may be taken:
 *
 *   1. the socket lock (lock_sock(), or bh_lock_sock() when no process owns
 *      it) guards everything in struct atcp_sock that does not say otherwise.
 *      A segment or a timer that finds a process in possession leaves its
 *      work behind: the segment in the backlog, the timer as a bit in
 *      @deferred, both done by release_sock().
 *   2. a child's socket lock inside its listener's: only in atcp_close() of
 *      a listener, for children that no process has seen.
 *   3. atcp_listener.lock (of a listener), atcp_request_sock.lock, port chain
 *      locks, atcp_netns.tw_lock, the flow table's bucket locks. None of them
 *      is taken while another of them is held, and a socket lock is never
 *      asked for under them. All are taken with BHs off, since the softirq
 *      takes them too.
 *
 * Lifetimes. A socket has one reference for its user or, once that is gone,
 * for the connection itself (dropped by atcp_sock_done()), one while its
 * timer is armed, one per request that will become its child, and one for
 * each segment being processed. The flow and port tables hold none: they find
 * sockets under RCU and the finder takes a reference if the count is not zero
 * yet, so the socket is freed a grace period late (SOCK_RCU_FREE). A socket
 * pins the module (struct proto's owner) until then, and its namespace.
 */
#ifndef ATCP_SOCKET_SOCK_H
#define ATCP_SOCKET_SOCK_H

#include <linux/hrtimer.h>
#include <net/inet_sock.h>
#include <net/sock.h>
#include "../engine/tcb.h"
#include "../network/flow.h"
#include "../network/port.h"
#include "../uapi/atcp.h"

/**
 * struct atcp_listener - what only a listening socket has
 * @lock: guards the rest; taken with BHs off
 * @requests: struct atcp_request_sock, connections in SYN-RECEIVED
 * @nr_requests: how many
 * @nr_young: those of them whose SYN-ACK went once only
 * @accept: struct atcp_sock by @accept_node, waiting for accept()
 * @open: false once the socket stopped listening: add nothing
 * @flood_warned: a SYN flood was told of; not guarded
 * @cookie_stamp: jiffies when a SYN cookie was last sent, 0 if none was; not
 *                guarded
 */
struct atcp_listener {
	spinlock_t lock; /* all below */
	struct list_head requests;
	unsigned int nr_requests;
	unsigned int nr_young;
	struct list_head accept;
	bool open;
	u32 flood_warned;
	unsigned int cookie_stamp;
};

/**
 * struct atcp_saved_syn - the SYN that began a connection, TCP_SAVED_SYN
 * @len: octets of @data
 * @data: its headers: IP and TCP, with TCP_SAVE_SYN 2 the device's before them
 *
 * Allocated by kmalloc().
 */
struct atcp_saved_syn {
	u32 len;
	u8 data[];
};

/*
 * atcp_sock.urg_data: 0 without a mark ahead, or one of these; with
 * ATCP_URGENT_VALID the octet itself is in the low eight bits.
 */
enum {
	ATCP_URGENT_VALID = 0x100,   /* here, not read by recv(MSG_OOB) */
	ATCP_URGENT_NOT_YET = 0x200, /* announced */
	ATCP_URGENT_READ = 0x400,    /* read by recv(MSG_OOB) */
};

/* Bits of atcp_sock.deferred, set by whoever found the socket owned. */
enum {
	ATCP_DEFER_TIMER,
	ATCP_DEFER_TOO_BIG, /* icmp_mtu was told */
	ATCP_DEFER_ERROR,   /* icmp_err was told */
};

/* What a connection that has something to send waits for. */
enum atcp_wait {
	ATCP_WAIT_NONE,	  /* it has nothing to send */
	ATCP_WAIT_ACK,	  /* the network, or cwnd */
	ATCP_WAIT_WND,	  /* the peer's window */
	ATCP_WAIT_SNDBUF, /* room for the program's next octets */
	ATCP_WAIT_COUNT
};

/**
 * struct atcp_stream - what a socket counts of its connection for TCP_INFO
 * @bytes_sent: octets of payload, with repeats
 * @bytes_retrans: those repeats
 * @bytes_acked: cumulatively acknowledged, with SYN and FIN
 * @bytes_received: received in order, with FIN
 * @segs_in: segments that arrived, as the network saw them
 * @segs_out: segments sent, likewise
 * @data_segs_in: those with payload
 * @data_segs_out: likewise
 * @total_retrans: segments sent again
 * @rcv_ooopack: segments that arrived above a gap
 * @dsack_dups: duplicates that the peer reported
 * @rate_us: when the measurement of the delivery rate began, 0 for none
 * @rate_from: @bytes_acked then
 * @rate_octets: what was delivered in the last one
 * @rate_dt: in so many microseconds
 * @wait: enum atcp_wait
 * @wait_since: since when
 * @waited: microseconds of each kind before
 */
struct atcp_stream {
	u64 bytes_sent;
	u64 bytes_retrans;
	u64 bytes_acked;
	u64 bytes_received;
	u32 segs_in;
	u32 segs_out;
	u32 data_segs_in;
	u32 data_segs_out;
	u32 total_retrans;
	u32 rcv_ooopack;
	u32 dsack_dups;
	u8 wait;
	u64 rate_us;
	u64 rate_from;
	u32 rate_octets;
	u32 rate_dt;
	u64 wait_since;
	u64 waited[ATCP_WAIT_COUNT];
};

/**
 * struct atcp_sock - a socket of protocol 253
 * @inet: the socket; first, as the kernel requires
 * @tcb: the connection, guarded by the socket lock
 * @flow: in the flow table, while the connection lasts
 * @bind: its share of a local port
 * @timer: one clock for all of the TCB's deadlines
 * @timer_us: when @timer is armed for, 0 if it is not
 * @copied_seq: what the user has read up to
 * @out_of_order: received skbs above RCV.NXT, by sequence number
 * @route: the route that the next two were taken from, only compared
 * @mtu: path MTU that the TCB's MSS was made from
 * @device_sums: the route's device computes any checksum
 * @rcv_space_us: when the present receive buffer measurement began
 * @rcv_space_seq: @copied_seq then
 * @traced_windows: hash of what the atcp_window event told last
 * @urg_seq: with @urg_data: sequence number of the urgent octet
 * @urg_data: ATCP_URGENT_VALID ...
 * @stream: counters for TCP_INFO
 * @deferred: ATCP_DEFER_TIMER ...; atomic bits
 * @icmp_mtu: what a router takes, with ATCP_DEFER_TOO_BIG
 * @icmp_err: an errno, with ATCP_DEFER_ERROR
 * @hashed: @flow is in the flow table
 * @orphan: counted in the namespace's orphans
 * @wire: enum atcp_wire
 * @user_mss: TCP_MAXSEG, 0 if not set
 * @recv_inq: TCP_INQ: tell with each receive what is left
 * @cong_chosen: TCP_CONGESTION was set: children take the same
 * @notsent_lowat: TCP_NOTSENT_LOWAT, octets; 0 for no limit
 * @defer_accept: TCP_DEFER_ACCEPT as a number of SYN-ACK retransmissions, for
 *                which a listener waits for data; may be read without the lock
 * @save_syn: TCP_SAVE_SYN of a listener: 0 to 2; may be read without the lock
 * @saved_syn: of a child, NULL once it was read or if it was not asked for
 * @listener: from the first listen() to the socket's end
 * @accept_node: in a listener's accept queue, guarded by its lock
 */
struct atcp_sock {
	struct inet_sock inet;
	struct atcp_tcb tcb;
	struct atcp_flow flow;
	struct hrtimer timer;
	u64 timer_us;
	struct rb_root out_of_order;
	u32 copied_seq;
	u32 mtu;
	const struct dst_entry *route;
	u64 rcv_space_us;
	u32 rcv_space_seq;
	u32 traced_windows;
	u32 urg_seq;
	u16 urg_data;
	unsigned long deferred;
	u32 icmp_mtu;
	int icmp_err;
	bool hashed;
	bool orphan;
	bool device_sums;
	u8 wire;
	bool recv_inq;
	bool cong_chosen;
	u16 user_mss;
	u32 notsent_lowat;
	u8 defer_accept;
	u8 save_syn;
	struct atcp_saved_syn *saved_syn;
	struct atcp_listener *listener;
	struct list_head accept_node;
	struct atcp_bind bind;
	struct atcp_stream stream;
};

static inline struct atcp_sock *atcp_sk(const struct sock *sk)
{
	return (struct atcp_sock *)sk;
}

static inline struct sock *atcp_to_sk(struct atcp_sock *as)
{
	return &as->inet.sk;
}

static inline struct atcp_netns *atcp_sk_netns(const struct sock *sk)
{
	return atcp_netns(sock_net(sk));
}

static inline struct atcp_sock *atcp_flow_sock(struct atcp_flow *flow)
{
	return container_of(flow, struct atcp_sock, flow);
}

/*
 * A received skb's octets: [seq, end) of its payload, for the queues. @stamped:
 * it knows when it came.
 */
struct atcp_skb_cb {
	u32 seq;
	u32 end;
	bool stamped;
};

/* When the last segment came that a read took an octet of; 0 if not known. */
struct atcp_stamps {
	ktime_t software;
	ktime_t hardware;
};

static inline struct atcp_skb_cb *atcp_skb_cb(struct sk_buff *skb)
{
	return (struct atcp_skb_cb *)skb->cb;
}

/* sock.c */
extern struct proto atcp_prot;
extern const struct proto_ops atcp_stream_ops;
int atcp_socket_init(void);
void atcp_socket_close(void);
void atcp_socket_exit(void);
int atcp_sock_open(struct sock *sk);
void atcp_sock_done(struct sock *sk);
void atcp_sock_bury(struct sock *sk);
void atcp_sock_unhash(struct sock *sk);
void atcp_sock_put_port(struct sock *sk);
void atcp_sock_init(struct sock *sk);
void atcp_pool_fill(struct atcp_tcb *tcb, unsigned int want);
u16 atcp_sock_advmss(const struct sock *sk, const struct dst_entry *dst);
u16 atcp_sock_path_mss(const struct sock *sk, u32 mtu);
u8 atcp_sock_wscale(const struct sock *sk);

/* close.c */
void atcp_close(struct sock *sk, long timeout);
int atcp_disconnect(struct sock *sk, int flags);
void atcp_shutdown(struct sock *sk, int how);

/* connect.c */
int atcp_connect(struct sock *sk, struct sockaddr_unsized *uaddr, int addr_len);
struct dst_entry *atcp_sock_reroute(struct sock *sk);
int atcp_get_port(struct sock *sk, unsigned short number);

/* listen.c */
int atcp_listen(struct socket *sock, int backlog);
struct sock *atcp_accept_child(struct sock *sk, bool nonblock, int *err);
void atcp_listen_stop(struct sock *sk);
bool atcp_listen_full(struct sock *sk);
bool atcp_listen_enqueue(struct sock *sk, struct sock *child);

/* send.c */
int atcp_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
int atcp_sendmsg_locked(struct sock *sk, struct msghdr *msg, size_t len);
void atcp_send_acked(struct sock *sk);
void atcp_send_purge(struct sock *sk);
int atcp_send_fill(struct sock *sk, struct sk_buff *skb, u32 seq, u32 len);
int atcp_send_copy(struct sock *sk, struct sk_buff *skb, u32 seq, u32 len);
void atcp_splice_eof(struct socket *sock);
void atcp_write_space(struct sock *sk);
bool atcp_stream_memory_free(const struct sock *sk, int wake);

/* receive.c */
bool atcp_receive_room(struct sock *sk, struct sk_buff *skb,
		       const struct atcp_segment *seg);
void atcp_receive_insert(struct sock *sk, struct sk_buff *skb);
void atcp_receive_queue(struct sock *sk, struct sk_buff *skb, u32 seq,
			const struct atcp_arrival *arrival);
void atcp_receive_purge(struct sock *sk);
u32 atcp_receive_space(const struct sock *sk);
u32 atcp_receive_buf(const struct sock *sk);

/* read.c */
int atcp_unread(const struct sock *sk);
int atcp_inq(const struct sock *sk);
int atcp_peek_len(struct socket *sock);
bool atcp_readable(const struct sock *sk, int want);
void atcp_data_ready(struct sock *sk);
int atcp_set_rcvlowat(struct sock *sk, int value);
struct sk_buff *atcp_read_find(struct sock *sk, u32 seq, bool keep);
void atcp_read_done(struct sock *sk);
int atcp_read_stop(struct sock *sk, long timeo);
int atcp_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		 int flags);

/* memory.c */
extern atomic_long_t atcp_memory_allocated;
extern unsigned long atcp_memory_pressure;
extern long atcp_mem[3];
DECLARE_PER_CPU(int, atcp_memory_per_cpu_fw_alloc);
void atcp_memory_enter_pressure(struct sock *sk);
void atcp_memory_leave_pressure(struct sock *sk);
bool atcp_memory_force(struct sock *sk, int size);
void atcp_memory_limits(void);

/* prune.c */
void atcp_prune(struct sock *sk, u32 seq);
bool atcp_prune_memory(struct sock *sk, u32 seq);

/* orphan.c */
void atcp_orphan_start(struct sock *sk, u64 now);
void atcp_orphan_end(struct sock *sk);
void atcp_orphan_timer(struct sock *sk, u64 now);

/* splice.c */
int atcp_read_sock(struct sock *sk, read_descriptor_t *desc,
		   sk_read_actor_t actor);
ssize_t atcp_splice_read(struct socket *sock, loff_t *ppos,
			 struct pipe_inode_info *pipe, size_t len,
			 unsigned int flags);

/* urgent.c */
void atcp_urgent_arrives(struct sock *sk);
void atcp_urgent_take(struct sock *sk, struct sk_buff *skb, u32 seq);
u32 atcp_urgent_cut(struct sock *sk, u32 *seq, u32 len);
void atcp_urgent_passed(struct sock *sk);
int atcp_urgent_inq(const struct sock *sk, int unread);
bool atcp_urgent_at_mark(const struct sock *sk);
int atcp_urgent_recv(struct sock *sk, struct msghdr *msg, size_t len,
		     int flags);

/* cmsg.c */
void atcp_stamps_take(struct atcp_stamps *stamps, struct sk_buff *skb);
void atcp_put_cmsgs(const struct sock *sk, struct msghdr *msg,
		    const struct atcp_stamps *stamps, bool want_inq);

/* input.c */
void atcp_sock_arrives(struct sock *sk, struct sk_buff *skb,
		       struct atcp_segment *seg);
int atcp_backlog_rcv(struct sock *sk, struct sk_buff *skb);

/* output.c */
void atcp_push(struct sock *sk, u64 now);
void atcp_settle(struct sock *sk, u64 now);
void atcp_sync_route(struct sock *sk);

/* timer.c */
void atcp_timer_setup(struct sock *sk);
void atcp_timer_sync(struct sock *sk);
void atcp_timer_stop(struct sock *sk);
void atcp_release_cb(struct sock *sk);

/* poll.c */
__poll_t atcp_poll(struct file *file, struct socket *sock,
		   struct poll_table_struct *wait);

/* option.c */
void atcp_keepalive(struct sock *sk, int on);
void atcp_option_inherit(struct atcp_sock *child, const struct atcp_sock *as);
int atcp_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		    unsigned int optlen);
int atcp_getsockopt(struct sock *sk, int level, int optname,
		    char __user *optval, int __user *optlen);

#endif
