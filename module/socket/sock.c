// SPDX-License-Identifier: GPL-2.0
/*
 * A socket's life, and its registration with the kernel: see sock.h.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sockios.h>
#include <asm/ioctls.h>
#include <net/inet_common.h>
#include <net/ip.h>
#include <net/protocol.h>
#include "../network/ip.h"
#include "congestion.h"
#include "sock.h"

static struct kmem_cache *range_cache;

/* What each socket may have even under memory pressure. */
static int atcp_wmem_min[1] = { 4096 };
static int atcp_rmem_min[1] = { 4096 };

static struct percpu_counter atcp_sockets_allocated;

/**
 * atcp_pool_fill() - give the engine records for its next call
 * @tcb: the connection, its socket locked
 * @want: how many it may take, ATCP_POOL_PLAIN or ATCP_POOL_LOW
 *
 * The engine copes with fewer, if there is no memory. What piled up (a loss
 * burst's records) is given back.
 */
void atcp_pool_fill(struct atcp_tcb *tcb, unsigned int want)
{
	struct atcp_range *r;

	while (unlikely(tcb->pool.count < want)) {
		r = kmem_cache_alloc(range_cache, GFP_ATOMIC | __GFP_NOWARN);
		if (!r)
			return;
		atcp_pool_put(&tcb->pool, r);
	}
	while (unlikely(tcb->pool.count > 4 * ATCP_POOL_LOW))
		kmem_cache_free(range_cache, atcp_pool_get(&tcb->pool));
}

static void pool_empty(struct atcp_tcb *tcb)
{
	struct atcp_range *r;

	while ((r = atcp_pool_get(&tcb->pool)))
		kmem_cache_free(range_cache, r);
}

/* The last reference is gone and a grace period has passed. */
static void sock_destruct(struct sock *sk)
{
	struct atcp_sock *as = atcp_sk(sk);

	atcp_tcb_purge(&as->tcb);
	atcp_cong_leave(sk);
	pool_empty(&as->tcb);
	kfree(as->listener);
	kfree(as->saved_syn);
	sk_sockets_allocated_dec(sk);
	inet_sock_destruct(sk);
}

/**
 * atcp_sock_init() - what every new socket has, created by a user or a SYN
 * @sk: the socket, after sock_init_data()
 */
void atcp_sock_init(struct sock *sk)
{
	struct atcp_sock *as = atcp_sk(sk);

	atcp_tcb_init(&as->tcb, &atcp_sk_netns(sk)->params);
	atcp_cong_assign(sk);
	as->flow.kind = ATCP_FLOW_SOCK;
	as->out_of_order = RB_ROOT;
	as->bind.sk = sk;
	INIT_LIST_HEAD(&as->accept_node);
	INIT_HLIST_NODE(&as->bind.node);
	INIT_HLIST_NODE(&as->bind.listener);
	sk->sk_destruct = sock_destruct;
	sk->sk_write_space = atcp_write_space;
	sk->sk_gso_type = SKB_GSO_SCTP; /* see network/offload.c */
	/* wmem_alloc is no measure of what waits: atcp_write_space() asks. */
	sock_set_flag(sk, SOCK_USE_WRITE_QUEUE);
	sock_set_flag(sk, SOCK_RCU_FREE);
	atcp_timer_setup(sk);
	sk_sockets_allocated_inc(sk);
}

/**
 * atcp_sock_open() - socket(): struct proto's init
 * @sk: the socket, zeroed beyond struct sock
 *
 * Return: 0.
 */
int atcp_sock_open(struct sock *sk)
{
	struct atcp_netns *an = atcp_sk_netns(sk);

	atcp_sock_init(sk);
	WRITE_ONCE(sk->sk_sndbuf, READ_ONCE(an->wmem[1]));
	WRITE_ONCE(sk->sk_rcvbuf, READ_ONCE(an->rmem[1]));
	return 0;
}

/**
 * atcp_sock_unhash() - leave the flow table
 * @sk: the socket, locked
 */
void atcp_sock_unhash(struct sock *sk)
{
	struct atcp_sock *as = atcp_sk(sk);

	if (!as->hashed)
		return;
	as->hashed = false;
	local_bh_disable();
	atcp_flow_remove(atcp_sk_netns(sk), &as->flow);
	local_bh_enable();
}

/**
 * atcp_sock_put_port() - give the local port up, unless bind() chose it
 * @sk: the socket, locked
 *
 * The socket can be bound again then. getsockname() goes on to tell the port,
 * as with TCP.
 */
void atcp_sock_put_port(struct sock *sk)
{
	if (sk->sk_userlocks & SOCK_BINDPORT_LOCK)
		return;
	atcp_port_release(atcp_sk_netns(sk), &atcp_sk(sk)->bind);
	inet_sk(sk)->inet_num = 0;
}

/**
 * atcp_sock_bury() - neither a user nor a connection is left
 * @sk: the socket, locked, orphaned and in CLOSED; the reference that was its
 *      user's is dropped
 */
void atcp_sock_bury(struct sock *sk)
{
	atcp_timer_stop(sk);
	atcp_orphan_end(sk);
	atcp_port_release(atcp_sk_netns(sk), &atcp_sk(sk)->bind);
	atcp_receive_purge(sk);
	atcp_send_purge(sk);
	sk_stream_kill_queues(sk);
	sock_put(sk);
}

/**
 * atcp_sock_done() - the connection is over
 * @sk: the socket, locked, its TCB in CLOSED or past TIME-WAIT's beginning
 *
 * Leaves the tables and tells the user. Data that was received stays
 * readable. If no user is left, the connection's reference goes: @sk may be
 * freed as soon as its lock is released.
 */
void atcp_sock_done(struct sock *sk)
{
	atcp_timer_stop(sk);
	atcp_sock_unhash(sk);
	atcp_sock_put_port(sk);
	atcp_send_purge(sk);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	/* poll() reads it first: see there */
	smp_store_release(&sk->sk_state, TCP_CLOSE);
	if (sock_flag(sk, SOCK_DEAD))
		atcp_sock_bury(sk);
	else
		sk->sk_state_change(sk);
}

static u16 mtu_to_mss(u32 mtu)
{
	return clamp_t(u32, mtu, ATCP_V4_HEADERS + 48, U16_MAX) -
	       ATCP_V4_HEADERS;
}

/**
 * atcp_sock_advmss() - the MSS option to send
 * @sk: the socket
 * @dst: the route
 *
 * RFC 6691: from the MTU, without options; TCP_MAXSEG lowers it.
 *
 * Return: octets.
 */
u16 atcp_sock_advmss(const struct sock *sk, const struct dst_entry *dst)
{
	u32 mss = min_t(u32, dst_metric_advmss(dst), U16_MAX);

	if (atcp_sk(sk)->user_mss)
		mss = min_t(u32, mss, atcp_sk(sk)->user_mss);
	return mss;
}

/* Octets of the IP header that its program added; they are the path's loss. */
static u32 ip_options_len(const struct sock *sk)
{
	const struct ip_options_rcu *opt;
	u32 len;

	rcu_read_lock();
	opt = rcu_dereference(inet_sk(sk)->inet_opt);
	len = opt ? opt->opt.optlen : 0;
	rcu_read_unlock();
	return len;
}

/**
 * atcp_sock_path_mss() - what a path takes
 * @sk: the socket
 * @mtu: the path's MTU, octets
 *
 * Return: octets of a segment without options.
 */
u16 atcp_sock_path_mss(const struct sock *sk, u32 mtu)
{
	u16 mss = mtu_to_mss(mtu - ip_options_len(sk));

	if (atcp_sk(sk)->user_mss)
		mss = min(mss, atcp_sk(sk)->user_mss);
	return mss;
}

/**
 * atcp_sock_wscale() - the window shift to offer
 * @sk: the socket
 *
 * Large enough for the largest buffer that this socket may ever get.
 *
 * Return: 0 to ATCP_WSCALE_MAX.
 */
u8 atcp_sock_wscale(const struct sock *sk)
{
	u32 space = max_t(u32, READ_ONCE(atcp_sk_netns(sk)->rmem[2]),
			  READ_ONCE(sysctl_rmem_max));
	u8 shift = 0;

	if (sk->sk_userlocks & SOCK_RCVBUF_LOCK)
		space = READ_ONCE(sk->sk_rcvbuf);
	while (space > U16_MAX && shift < ATCP_WSCALE_MAX) {
		space >>= 1;
		shift++;
	}
	return shift;
}

/* SIOCINQ and its kin. */
static int sock_ioctl(struct sock *sk, int cmd, int *value)
{
	const struct atcp_tcb *tcb = &atcp_sk(sk)->tcb;

	switch (cmd) {
	case SIOCATMARK:
		*value = atcp_urgent_at_mark(sk);
		return 0;
	case SIOCINQ:
	case SIOCOUTQ:
	case SIOCOUTQNSD:
		break;
	default:
		return -ENOIOCTLCMD;
	}
	if (sk->sk_state == TCP_LISTEN)
		return -EINVAL;
	lock_sock(sk);
	if (cmd == SIOCINQ)
		*value = atcp_inq(sk);
	else if ((1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV))
		*value = 0;
	else if (cmd == SIOCOUTQ)
		*value = tcb->write_seq - tcb->snd_una;
	else
		*value = tcb->write_seq - tcb->snd_nxt;
	release_sock(sk);
	return 0;
}

/* What the child holds becomes the memory of the process that takes it. */
static struct sock *accept_child(struct sock *sk, bool nonblock, int *err)
{
	struct sock *child = atcp_accept_child(sk, nonblock, err);

	if (child)
		atcp_charge_accepted(child);
	return child;
}

ATCP_SENDPAGE(atcp_sendpage, atcp_sendmsg)
ATCP_PROTO_IOCTL(atcp_proto_ioctl, sock_ioctl)
ATCP_PROTO_ACCEPT(atcp_proto_accept, accept_child)

struct proto atcp_prot = {
	.name = "ATCP",
	.owner = THIS_MODULE,
	.obj_size = sizeof(struct atcp_sock),
	.init = atcp_sock_open,
	.close = atcp_close,
	.connect = atcp_connect,
	.disconnect = atcp_disconnect,
	.accept = atcp_proto_accept,
	.ioctl = atcp_proto_ioctl,
	.shutdown = atcp_shutdown,
	.setsockopt = atcp_setsockopt,
	.getsockopt = atcp_getsockopt,
	.keepalive = atcp_keepalive,
	.backlog_rcv = atcp_backlog_rcv,
	.release_cb = atcp_release_cb,
	.get_port = atcp_get_port,
	.enter_memory_pressure = atcp_memory_enter_pressure,
	.leave_memory_pressure = atcp_memory_leave_pressure,
	.stream_memory_free = atcp_stream_memory_free,
	.memory_pressure = &atcp_memory_pressure,
	.memory_allocated = &atcp_memory_allocated,
	.per_cpu_fw_alloc = &atcp_memory_per_cpu_fw_alloc,
	.sockets_allocated = &atcp_sockets_allocated,
	.sysctl_mem = atcp_mem,
	.sysctl_wmem = atcp_wmem_min,
	.sysctl_rmem = atcp_rmem_min,
	.max_header = ATCP_HEADROOM,
	.no_autobind = true,
};

const struct proto_ops atcp_stream_ops = {
	.family = PF_INET,
	.owner = THIS_MODULE,
	.release = inet_release,
	.bind = inet_bind,
	.connect = inet_stream_connect,
	.socketpair = sock_no_socketpair,
	.accept = inet_accept,
	.getname = inet_getname,
	.poll = atcp_poll,
	.ioctl = inet_ioctl,
	.gettstamp = sock_gettstamp,
	.listen = atcp_listen,
	.shutdown = inet_shutdown,
	.setsockopt = sock_common_setsockopt,
	.getsockopt = sock_common_getsockopt,
	.sendmsg = atcp_sendmsg,
	.recvmsg = atcp_recvmsg,
	.mmap = sock_no_mmap,
	.splice_read = atcp_splice_read,
	.read_sock = atcp_read_sock,
	.sendmsg_locked = atcp_sendmsg_locked,
	.peek_len = atcp_peek_len,
	.set_peek_off = sk_set_peek_off,
	.set_rcvlowat = atcp_set_rcvlowat,
	ATCP_OPS_SPLICE(atcp_splice_eof, atcp_sendpage),
};

static struct inet_protosw atcp_protosw = {
	.type = SOCK_STREAM,
	.protocol = IPPROTO_ATCP,
	.prot = &atcp_prot,
	.ops = &atcp_stream_ops,
};

/**
 * atcp_socket_init() - make sockets of protocol 253 possible
 *
 * Return: 0 or a negative errno with nothing left behind.
 */
int atcp_socket_init(void)
{
	int err = -ENOMEM;

	atcp_memory_limits();
	range_cache = KMEM_CACHE(atcp_range, 0);
	if (!range_cache)
		goto out;
	err = percpu_counter_init(&atcp_sockets_allocated, 0, GFP_KERNEL);
	if (err)
		goto free_cache;
	err = proto_register(&atcp_prot, 1);
	if (err)
		goto free_counter;
	inet_register_protosw(&atcp_protosw);
	return 0;

free_counter:
	percpu_counter_destroy(&atcp_sockets_allocated);
free_cache:
	kmem_cache_destroy(range_cache);
out:
	return err;
}

/* A preempted task gets the processor again within this, milliseconds. */
#define SOCKET_RACE_MS 50

/**
 * atcp_socket_close() - nobody finds protocol 253 any more
 *
 * The first half of atcp_socket_exit(). A socket() that found it before may be
 * between the end of inet_create()'s RCU read section and its attempt to get
 * the module, which fails now, and hold an object of our slab. Nothing that a
 * module could wait for tells when it is over; so it is given time.
 */
void atcp_socket_close(void)
{
	inet_unregister_protosw(&atcp_protosw);
	msleep(SOCKET_RACE_MS);
}

/**
 * atcp_socket_exit() - the reverse of atcp_socket_init()
 *
 * After atcp_socket_close(). Nobody has a socket: each held the module.
 */
void atcp_socket_exit(void)
{
	proto_unregister(&atcp_prot);
	percpu_counter_destroy(&atcp_sockets_allocated);
	kmem_cache_destroy(range_cache);
}
