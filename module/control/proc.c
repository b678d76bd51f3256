// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/atcp: a line for each listener and each connection over IPv4, in
 * the format of /proc/net/tcp (proc_net_tcp.rst), so that what reads the one
 * can read the other.
 *
 * A reader takes no socket's lock, so a line may be a mixture of two moments.
 * Between two read() calls the tables change: a connection that lasts is
 * never left out by a table that grew meanwhile, but may be listed twice.
 */
#include <linux/proc_fs.h>
#include <linux/rhashtable.h>
#include <linux/seq_file.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include "../engine/congestion.h"
#include "../engine/rtt.h"
#include "../engine/timer.h"
#include "../network/port.h"
#include "../network/request.h"
#include "../network/timewait.h"
#include "../socket/sock.h"
#include "control.h"

/* Lines are padded to this: a fixed length lets tools seek. */
#define LINE_WIDTH 149

/* What "tr" says is running. */
enum proc_timer {
	TIMER_NONE = 0,
	TIMER_RETRANSMIT = 1,
	TIMER_KEEPALIVE = 2, /* also FIN-WAIT-2's end, as in TCP */
	TIMER_TIME_WAIT = 3,
	TIMER_PROBE = 4,
};

/**
 * struct proc_walk - a reader's place
 * @an: the namespace
 * @flows: its place among the connections, which come second
 * @listening: it is still among the listeners
 * @chain: its chain of the port table
 * @skip: listeners of that chain that it has passed
 * @line: number of the present line
 *
 * Guarded by the seq_file's lock.
 */
struct proc_walk {
	struct atcp_netns *an;
	struct rhashtable_iter flows;
	bool listening;
	unsigned int chain;
	unsigned int skip;
	unsigned int line;
};

/**
 * struct proc_line - the columns that every line has
 * @tuple: addresses and ports
 * @state: enum atcp_state
 * @tx_queue: octets not acknowledged
 * @rx_queue: octets not read, or connections not accepted
 * @timer: enum proc_timer
 * @deadline: when it goes off, microseconds
 * @retransmits: time-outs in a row, each of which sent something again
 * @uid: the owner
 * @probes: window probes, or keepalive probes, without an answer
 * @inode: of the socket, 0 if no process has it
 * @refs: references to @object
 * @object: what the line is about
 */
struct proc_line {
	const struct atcp_tuple *tuple;
	u8 state;
	u32 tx_queue;
	u32 rx_queue;
	enum proc_timer timer;
	u64 deadline;
	unsigned int retransmits;
	kuid_t uid;
	unsigned int probes;
	u64 inode;
	unsigned int refs;
	const void *object;
};

static unsigned long us_to_ticks(u64 us)
{
	return div_u64(us, USEC_PER_SEC / USER_HZ);
}

static unsigned long ticks_until(u64 deadline)
{
	u64 now = atcp_now();

	return deadline > now ? us_to_ticks(deadline - now) : 0;
}

static u32 v4_word(const struct in6_addr *addr)
{
	return (__force u32)addr->s6_addr32[3];
}

static void put_line(struct seq_file *seq, const struct proc_line *l)
{
	const struct proc_walk *walk = seq->private;
	const struct atcp_tuple *t = l->tuple;

	seq_printf(seq, "%4u: %08X:%04X %08X:%04X %02X %08X:%08X ", walk->line,
		   v4_word(&t->laddr), t->lport, v4_word(&t->raddr), t->rport,
		   l->state, l->tx_queue, l->rx_queue);
	seq_printf(seq, "%02X:%08lX %08X %5u %8u %llu %u %pK", l->timer,
		   l->timer ? ticks_until(l->deadline) : 0, l->retransmits,
		   from_kuid_munged(seq_user_ns(seq), l->uid), l->probes,
		   l->inode, l->refs, l->object);
}

/* Of the deadlines that are running, the one that matters most. */
static void find_timer(struct proc_line *l, const struct atcp_tcb *tcb)
{
	/* What is sent again to a closed window are probes. */
	bool closed = !READ_ONCE(tcb->snd_wnd) &&
		      (ATCP_STATE_BIT(l->state) & ATCP_STATES_SENDING);
	const struct {
		enum atcp_timer timer;
		enum proc_timer shown;
	} order[] = {
		{ ATCP_TIMER_RETRANSMIT,
		  closed ? TIMER_PROBE : TIMER_RETRANSMIT },
		{ ATCP_TIMER_PERSIST, TIMER_PROBE },
		{ ATCP_TIMER_FIN_WAIT_2, TIMER_KEEPALIVE },
		{ ATCP_TIMER_KEEPALIVE, TIMER_KEEPALIVE },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		l->deadline = READ_ONCE(tcb->timers[order[i].timer]);
		if (l->deadline) {
			l->timer = order[i].shown;
			return;
		}
	}
}

/* What only a socket's line has, at its end. */
static void put_congestion(struct seq_file *seq, const struct atcp_tcb *tcb,
			   bool listening)
{
	u32 ssthresh = READ_ONCE(tcb->ssthresh);
	u32 mss = READ_ONCE(tcb->mss) ?: 1;
	int segments = ssthresh < ATCP_CWND_MAX ? ssthresh / mss : -1;

	seq_printf(seq, " %lu %lu %u %u %d", us_to_ticks(atcp_rto(tcb)),
		   us_to_ticks(ATCP_DELACK_US), READ_ONCE(tcb->quick_acks) << 1,
		   READ_ONCE(tcb->cwnd) / mss, listening ? 0 : segments);
}

/* What was read first may be overtaken by the second: never below zero. */
static u32 queued(const u32 *start, const u32 *end)
{
	u32 last = READ_ONCE(*end);

	return max_t(s32, 0, last - READ_ONCE(*start));
}

static void show_sock(struct seq_file *seq, struct sock *sk,
		      const struct atcp_tuple *tuple)
{
	const struct atcp_sock *as = atcp_sk(sk);
	const struct atcp_tcb *tcb = &as->tcb;
	struct proc_line l = {
		.tuple = tuple,
		.state = inet_sk_state_load(sk),
		.uid = sock_net_uid(sock_net(sk), sk),
		.inode = sock_i_ino(sk),
		.refs = refcount_read(&sk->sk_refcnt),
		.object = sk,
	};

	if (l.state == ATCP_LISTEN) {
		l.rx_queue = READ_ONCE(sk->sk_ack_backlog);
	} else {
		l.tx_queue = queued(&tcb->snd_una, &tcb->write_seq);
		l.rx_queue = queued(&as->copied_seq, &tcb->rcv_nxt);
	}
	find_timer(&l, tcb);
	l.retransmits = READ_ONCE(tcb->timeouts);
	l.probes = l.timer == TIMER_PROBE ? READ_ONCE(tcb->backoff) :
					    READ_ONCE(tcb->keep_unanswered);
	put_line(seq, &l);
	put_congestion(seq, tcb, l.state == ATCP_LISTEN);
}

static void show_listener(struct seq_file *seq, struct sock *sk)
{
	const struct inet_sock *inet = inet_sk(sk);
	struct atcp_tuple tuple;

	atcp_tuple_set_v4(&tuple, inet->inet_rcv_saddr, inet->inet_num, 0, 0,
			  atcp_sk(sk)->wire);
	show_sock(seq, sk, &tuple);
}

static void show_request(struct seq_file *seq,
			 const struct atcp_request_sock *rs)
{
	const struct sock *listener = rs->listener;
	struct proc_line l = {
		.tuple = &rs->flow.tuple,
		.state = ATCP_SYN_RECEIVED,
		.timer = TIMER_RETRANSMIT,
		.deadline = READ_ONCE(rs->req.deadline),
		.retransmits = READ_ONCE(rs->req.retries),
		.uid = sock_net_uid(sock_net(listener), listener),
		.refs = refcount_read(&rs->refs),
		.object = rs,
	};

	put_line(seq, &l);
}

static void show_timewait(struct seq_file *seq,
			  const struct atcp_timewait_sock *tws)
{
	struct proc_line l = {
		.tuple = &tws->flow.tuple,
		.state = ATCP_TIME_WAIT,
		.timer = TIMER_TIME_WAIT,
		.deadline = READ_ONCE(tws->tw.deadline),
		.uid = GLOBAL_ROOT_UID,
		.object = tws,
	};

	put_line(seq, &l);
}

static void show_flow(struct seq_file *seq, struct atcp_flow *flow)
{
	switch (flow->kind) {
	case ATCP_FLOW_SOCK:
		show_sock(seq, atcp_to_sk(atcp_flow_sock(flow)), &flow->tuple);
		break;
	case ATCP_FLOW_REQUEST:
		show_request(seq, atcp_flow_request(flow));
		break;
	case ATCP_FLOW_TIMEWAIT:
		show_timewait(seq, atcp_flow_timewait(flow));
		break;
	}
}

static int walk_show(struct seq_file *seq, void *v)
{
	const struct proc_walk *walk = seq->private;

	seq_setwidth(seq, LINE_WIDTH);
	if (v == SEQ_START_TOKEN)
		seq_puts(seq,
			 "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode");
	else if (walk->listening)
		show_listener(seq, v);
	else
		show_flow(seq, v);
	seq_pad(seq, '\n');
	return 0;
}

/* The IPv4 listener of the present chain that has @walk->skip before it. */
static struct sock *chain_listener(const struct proc_walk *walk)
{
	const struct hlist_head *chain = atcp_port_chain(walk->an, walk->chain);
	unsigned int skip = walk->skip;
	struct atcp_port *port;
	struct atcp_bind *b;

	hlist_for_each_entry_rcu(port, chain, node)
		hlist_for_each_entry_rcu(b, &port->listeners, listener)
			if (b->sk->sk_family == AF_INET && !skip--)
				return b->sk;
	return NULL;
}

/* The listener at the reader's place, or the first one after it. */
static struct sock *find_listener(struct proc_walk *walk)
{
	for (; walk->chain < ATCP_PORT_HASH_SIZE; walk->chain++) {
		struct sock *sk = chain_listener(walk);

		if (sk)
			return sk;
		walk->skip = 0;
	}
	walk->listening = false;
	return NULL;
}

/*
 * The first IPv4 connection from @flow on. When the table was replaced by a
 * larger one the walk says EAGAIN and goes on in that.
 */
static void *find_flow(struct proc_walk *walk, struct atcp_flow *flow)
{
	while (flow && (IS_ERR(flow) || !atcp_tuple_is_v4(&flow->tuple)))
		flow = rhashtable_walk_next(&walk->flows);
	return flow;
}

static void *walk_start(struct seq_file *seq, loff_t *pos) __acquires(RCU)
{
	struct proc_walk *walk = seq->private;
	struct sock *sk = NULL;

	walk->line = *pos ? *pos - 1 : 0;
	if (!*pos) {
		rhashtable_walk_exit(&walk->flows);
		rhashtable_walk_enter(&walk->an->flows, &walk->flows);
		walk->listening = true;
		walk->chain = 0;
		walk->skip = 0;
	}
	rhashtable_walk_start(&walk->flows);
	if (!*pos)
		return SEQ_START_TOKEN;
	/* Again what walk_next() returned last: it has not been shown yet. */
	if (walk->listening)
		sk = find_listener(walk);
	return sk ?: find_flow(walk, rhashtable_walk_peek(&walk->flows));
}

static void *walk_next(struct seq_file *seq, void *v, loff_t *pos)
{
	struct proc_walk *walk = seq->private;
	struct sock *sk = NULL;

	walk->line = (*pos)++;
	if (walk->listening) {
		if (v != SEQ_START_TOKEN)
			walk->skip++;
		sk = find_listener(walk);
	}
	return sk ?: find_flow(walk, rhashtable_walk_next(&walk->flows));
}

static void walk_stop(struct seq_file *seq, void *v) __releases(RCU)
{
	struct proc_walk *walk = seq->private;

	rhashtable_walk_stop(&walk->flows);
}

static const struct seq_operations walk_ops = {
	.start = walk_start,
	.next = walk_next,
	.stop = walk_stop,
	.show = walk_show,
};

/*
 * The walk outlives a read() call, so that a reader of n lines takes n steps;
 * proc_create_net() has no call that would end it on close. It needs no
 * reference to the namespace: atcp_proc_exit() closes what is still open.
 */
static int walk_open(struct inode *inode, struct file *file)
{
	struct proc_walk *walk;

	walk = __seq_open_private(file, &walk_ops, sizeof(*walk));
	if (!walk)
		return -ENOMEM;
	walk->an = atcp_netns(pde_data(inode));
	rhashtable_walk_enter(&walk->an->flows, &walk->flows);
	return 0;
}

static int walk_release(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;
	struct proc_walk *walk = seq->private;

	rhashtable_walk_exit(&walk->flows);
	return seq_release_private(inode, file);
}

static const struct proc_ops atcp_proc_ops = {
	.proc_open = walk_open,
	.proc_read = seq_read,
	.proc_lseek = seq_lseek,
	.proc_release = walk_release,
};

/**
 * atcp_proc_init() - make /proc/net/atcp and /proc/net/atcp_stat
 * @net: the namespace
 *
 * Return: 0 or -ENOMEM.
 */
int atcp_proc_init(struct net *net)
{
	if (!proc_create_data("atcp", 0444, net->proc_net, &atcp_proc_ops, net))
		goto out;
	if (!proc_create_net_single("atcp_stat", 0444, net->proc_net,
				    atcp_counters_show, NULL))
		goto remove_atcp;
	return 0;

remove_atcp:
	remove_proc_entry("atcp", net->proc_net);
out:
	return -ENOMEM;
}

/**
 * atcp_proc_exit() - the reverse of atcp_proc_init()
 * @net: the namespace
 */
void atcp_proc_exit(struct net *net)
{
	remove_proc_entry("atcp_stat", net->proc_net);
	remove_proc_entry("atcp", net->proc_net);
}
