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
 * @accept: struct atcp_sock by @accept_node, waiting for accept()
 * @open: false once the socket stopped listening: add nothing
 */
struct atcp_listener {
	spinlock_t lock; /* all below */
	struct list_head requests;
	unsigned int nr_requests;
	struct list_head accept;
	bool open;
};

/* Bits of atcp_sock.deferred, set by whoever found the socket owned. */
enum {
	ATCP_DEFER_TIMER,
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
 * @deferred: ATCP_DEFER_TIMER; atomic bits
 * @hashed: @flow is in the flow table
 * @wire: enum atcp_wire
 * @user_mss: TCP_MAXSEG, 0 if not set
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
	unsigned long deferred;
	bool hashed;
	bool device_sums;
	u8 wire;
	u16 user_mss;
	struct atcp_listener *listener;
	struct list_head accept_node;
	struct atcp_bind bind;
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

/* A received skb's octets: [seq, end) of its payload, for the queues. */
struct atcp_skb_cb {
	u32 seq;
	u32 end;
};

static inline struct atcp_skb_cb *atcp_skb_cb(struct sk_buff *skb)
{
	return (struct atcp_skb_cb *)skb->cb;
}

/* sock.c */
extern struct proto atcp_prot;
extern const struct proto_ops atcp_stream_ops;
int atcp_socket_init(void);
void atcp_socket_exit(void);
int atcp_sock_open(struct sock *sk);
void atcp_sock_done(struct sock *sk);
void atcp_sock_bury(struct sock *sk);
void atcp_sock_unhash(struct sock *sk);
void atcp_sock_init(struct sock *sk);
void atcp_pool_fill(struct atcp_tcb *tcb, unsigned int want);
bool atcp_memory_tight(void);
u16 atcp_sock_advmss(const struct sock *sk, const struct dst_entry *dst);
u16 atcp_sock_path_mss(const struct sock *sk, u32 mtu);
u8 atcp_sock_wscale(const struct sock *sk);

/* close.c */
void atcp_close(struct sock *sk, long timeout);
int atcp_disconnect(struct sock *sk, int flags);
void atcp_shutdown(struct sock *sk, int how);

/* connect.c */
int atcp_connect(struct sock *sk, struct sockaddr_unsized *uaddr, int addr_len);
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

/* receive.c */
int atcp_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		 int flags);
bool atcp_receive_room(struct sock *sk, struct sk_buff *skb, u32 seq);
void atcp_receive_queue(struct sock *sk, struct sk_buff *skb, u32 seq,
			const struct atcp_arrival *arrival);
void atcp_receive_purge(struct sock *sk);
u32 atcp_receive_space(const struct sock *sk);
u32 atcp_receive_buf(const struct sock *sk);
int atcp_inq(struct sock *sk);

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
int atcp_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		    unsigned int optlen);
int atcp_getsockopt(struct sock *sk, int level, int optname,
		    char __user *optval, int __user *optlen);

#endif
