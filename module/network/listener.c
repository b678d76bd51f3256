// SPDX-License-Identifier: GPL-2.0
/*
 * Segments for a socket in LISTEN: which SYNs are let in and which are answered
 * with a cookie, and which ACKs are a cookie's. The limits are those of Linux.
 */
#include <linux/once.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <net/sock_reuseport.h>
#include "../engine/syncookie.h"
#include "../socket/child.h"
#include "../socket/sock.h"
#include "ip.h"
#include "listener.h"
#include "request.h"
#include "trace.h"

static siphash_aligned_key_t cookie_secret[2];

static u32 cookie_hash(const struct atcp_tuple *tuple, u32 minute, int which)
{
	struct {
		struct atcp_tuple tuple;
		u32 minute;
	} __packed __aligned(SIPHASH_ALIGNMENT) in = {
		.tuple = *tuple,
		.minute = minute,
	};

	net_get_random_once(cookie_secret, sizeof(cookie_secret));
	return siphash(&in, sizeof(in), &cookie_secret[which]);
}

static struct atcp_cookie_key cookie_key(const struct atcp_tuple *tuple,
					 u32 minute)
{
	return (struct atcp_cookie_key){
		.identity = cookie_hash(tuple, 0, 0),
		.seal = cookie_hash(tuple, minute, 1),
	};
}

static u32 cookie_minute(u64 now)
{
	return div_u64(now, 60 * USEC_PER_SEC);
}

/*
 * When a listener last sent a cookie; its SO_REUSEPORT group has one stamp in
 * common, since the group may change between the SYN and the ACK.
 */
static unsigned int *cookie_stamp(const struct sock *sk)
{
	struct sock_reuseport *group = rcu_dereference(sk->sk_reuseport_cb);

	return group ? &group->synq_overflow_ts :
		       &atcp_sk(sk)->listener->cookie_stamp;
}

static void cookies_begin(const struct sock *sk)
{
	unsigned int *stamp = cookie_stamp(sk), now = jiffies;

	/* Once a second is enough: others read it all the time. */
	if (!READ_ONCE(*stamp) || now - READ_ONCE(*stamp) > HZ)
		WRITE_ONCE(*stamp, now ?: 1);
}

/* Nobody gets in with a guessed number while no cookies are sent. */
static bool cookies_valid(const struct sock *sk)
{
	unsigned int stamp = READ_ONCE(*cookie_stamp(sk));

	return stamp &&
	       (unsigned int)jiffies - stamp <= ATCP_COOKIE_MINUTES * 60 * HZ;
}

/* Our end of a connection that a SYN asks for. */
static int fill_open(struct sock *sk, const struct atcp_tuple *tuple,
		     struct atcp_open *open)
{
	const struct atcp_netns *an = atcp_sk_netns(sk);
	struct dst_entry *dst;
	struct flowi4 fl4;

	dst = atcp_route_v4(sock_net(sk), &fl4, sk, tuple->raddr.s6_addr32[3],
			    tuple->laddr.s6_addr32[3], tuple->rport,
			    tuple->lport);
	if (IS_ERR(dst))
		return PTR_ERR(dst);
	*open = (struct atcp_open){
		.ts_offset = atcp_timestamp_offset(an, tuple),
		.rcv_buf = atcp_receive_buf(sk),
		.window_clamp =
			READ_ONCE(atcp_sk(sk)->tcb.settings.window_clamp),
		.sport = tuple->lport,
		.dport = tuple->rport,
		.advmss = atcp_sock_advmss(sk, dst),
		.path_mss = atcp_sock_path_mss(sk, dst_mtu(dst)),
		.rcv_wscale = atcp_sock_wscale(sk),
		.options = atcp_options(&an->params),
	};
	dst_release(dst);
	return 0;
}

/* Tell once for each listener, with what may be done. */
static void warn_of_flood(const struct sock *sk, const char *what)
{
	struct atcp_listener *l = atcp_sk(sk)->listener;

	if (READ_ONCE(l->flood_warned) || xchg(&l->flood_warned, 1))
		return;
	net_info_ratelimited("Possible SYN flooding on port %u. %s.\n",
			     inet_sk(sk)->inet_num, what);
}

/* How a SYN is dealt with. */
enum admission {
	REFUSE,
	COOKIE,
	ADMIT,
};

static enum admission admit(const struct sock *sk)
{
	const struct atcp_listener *l = atcp_sk(sk)->listener;
	struct atcp_netns *an = atcp_sk_netns(sk);
	u8 cookies = READ_ONCE(an->syncookies);
	int most = READ_ONCE(an->max_syn_backlog);
	u32 requests = READ_ONCE(l->nr_requests);

	if (cookies != 2 && requests <= READ_ONCE(sk->sk_max_ack_backlog)) {
		/* Without cookies a quarter is kept free of new peers. */
		if (cookies || most - (int)requests >= most >> 2)
			return ADMIT;
		return REFUSE;
	}
	if (!cookies) {
		atcp_count(an, ATCP_COUNT_BACKLOG_FULL_DROPS);
		warn_of_flood(sk, "Dropping SYNs: see net.atcp.syncookies");
		return REFUSE;
	}
	atcp_count(an, ATCP_COUNT_BACKLOG_FULL_COOKIES);
	if (cookies != 2)
		warn_of_flood(sk,
			      "Sending cookies; does listen() ask for too little?");
	return COOKIE;
}

static void send_cookie(struct sock *sk, const struct atcp_segment *syn,
			const struct atcp_tuple *tuple, struct atcp_open *open)
{
	struct atcp_netns *an = atcp_sk_netns(sk);
	u64 now = atcp_now();
	u32 minute = cookie_minute(now);
	struct atcp_cookie_key key = cookie_key(tuple, minute);
	u16 mss = syn->options & ATCP_OPT_MSS ? syn->mss : ATCP_MSS_DEFAULT;
	u8 index = atcp_cookie_mss_index(mss, atcp_tuple_is_v4(tuple));
	struct atcp_segment out;

	cookies_begin(sk);
	open->iss = atcp_cookie_make(&key, minute, syn->seq, index);
	atcp_cookie_syn_ack(open, &an->params, syn, now, &out);
	atcp_count(an, ATCP_COUNT_SYNCOOKIES_SENT);
	atcp_reply(sock_net(sk), tuple, &out, sk);
}

/* TCP_SAVE_SYN: a copy of the headers, if there is memory for it. */
static struct atcp_saved_syn *save_syn(const struct sock *sk,
				       const struct sk_buff *skb,
				       const struct atcp_segment *syn)
{
	u8 what = READ_ONCE(atcp_sk(sk)->save_syn);
	struct atcp_saved_syn *saved;
	const u8 *from, *end;

	if (!what)
		return NULL;
	from = skb_network_header(skb);
	if (what == 2 && skb_mac_header_was_set(skb))
		from = skb_mac_header(skb);
	end = skb->data + syn->header_len;
	saved = kmalloc(struct_size(saved, data, end - from),
			GFP_ATOMIC | __GFP_NOWARN);
	if (!saved)
		return NULL;
	saved->len = end - from;
	memcpy(saved->data, from, saved->len);
	return saved;
}

static enum atcp_drop syn_arrives(struct sock *sk, struct sk_buff *skb,
				  const struct atcp_segment *syn,
				  const struct atcp_tuple *tuple, u32 iss)
{
	struct atcp_netns *an = atcp_sk_netns(sk);
	enum admission how = iss ? ADMIT : admit(sk);
	struct atcp_open open;

	if (how == REFUSE)
		return ATCP_DROP_BACKLOG;
	if (atcp_listen_full(sk)) {
		atcp_count(an, ATCP_COUNT_LISTEN_OVERFLOWS);
		return ATCP_DROP_BACKLOG;
	}
	if (fill_open(sk, tuple, &open))
		return ATCP_DROP_NO_ROUTE;
	if (how == COOKIE) {
		send_cookie(sk, syn, tuple, &open);
		return ATCP_DROP_NONE;
	}
	open.iss = iss ?: atcp_initial_sequence(tuple);
	return atcp_request_open(sk, &open, syn, tuple, save_syn(sk, skb, syn));
}

/* What a cookie knows of the connection. Return: false if it is none. */
static bool open_cookie(struct sock *sk, const struct atcp_segment *seg,
			const struct atcp_tuple *tuple,
			struct atcp_request *req)
{
	struct atcp_netns *an = atcp_sk_netns(sk);
	u32 cookie = seg->ack - 1, irs = seg->seq - 1;
	u64 now = atcp_now();
	u32 minute = cookie_minute(now);
	struct atcp_cookie_key key;
	struct atcp_open open;
	int age;
	u16 mss;

	age = atcp_cookie_age(cookie, cookie_hash(tuple, 0, 0), minute, irs);
	if (age < 0)
		goto fail;
	key = cookie_key(tuple, minute - age);
	mss = atcp_cookie_mss(cookie, &key, irs, atcp_tuple_is_v4(tuple));
	if (!mss)
		goto fail;
	atcp_count(an, ATCP_COUNT_SYNCOOKIES_RECV);
	if (fill_open(sk, tuple, &open))
		return false;
	open.iss = cookie;
	return atcp_cookie_request(req, &open, &an->params, seg, mss, now);
fail:
	atcp_count(an, ATCP_COUNT_SYNCOOKIES_FAILED);
	return false;
}

/* The third segment of a handshake that left no request behind. */
static enum atcp_drop establish(struct sock *sk, struct sk_buff *skb,
				struct atcp_segment *seg,
				const struct atcp_tuple *tuple,
				const struct atcp_request *req)
{
	struct atcp_netns *an = atcp_sk_netns(sk);
	enum atcp_drop drop = ATCP_DROP_NONE;
	struct sock *child;

	if (atcp_listen_full(sk)) {
		atcp_count(an, ATCP_COUNT_LISTEN_OVERFLOWS);
		return ATCP_DROP_BACKLOG;
	}
	child = atcp_child_create(sk, tuple, req, atcp_now());
	if (!child)
		return ATCP_DROP_MEMORY;
	/* Whoever finds the child in the table waits until it is complete. */
	sock_hold(child);
	bh_lock_sock(child);
	if (atcp_flow_insert(an, &atcp_sk(child)->flow)) {
		atcp_child_discard(child);
		drop = ATCP_DROP_BACKLOG;
	} else {
		atcp_count(an, ATCP_COUNT_PASSIVE_OPENS);
		trace_atcp_state(sock_net(sk), tuple, ATCP_LISTEN,
				 ATCP_SYN_RECEIVED, ATCP_CAUSE_RCV_SYN);
		/* Its echo is that of a cookie: no sample of the RTT. */
		seg->tsecr = 0;
		atcp_child_start(sk, child, skb, seg);
	}
	bh_unlock_sock(child);
	sock_put(child);
	return drop;
}

/* An ACK in LISTEN: a cookie's, or of something that was never sent. */
static enum atcp_drop ack_arrives(struct sock *sk, struct sk_buff *skb,
				  struct atcp_segment *seg,
				  const struct atcp_tuple *tuple)
{
	struct atcp_request req;

	if (READ_ONCE(atcp_sk_netns(sk)->syncookies) &&
	    !(seg->flags & ATCP_SYN) && cookies_valid(sk) &&
	    open_cookie(sk, seg, tuple, &req))
		return establish(sk, skb, seg, tuple, &req);
	atcp_reply_reset(sock_net(sk), tuple, seg, sk);
	return ATCP_DROP_BAD_ACK;
}

/**
 * atcp_listener_arrives() - a segment for a listener
 * @sk: the listener, with a reference; it may have stopped listening
 * @skb: the segment, data at its header; consumed
 * @seg: the segment, parsed
 * @tuple: its four-tuple as this end sees it
 * @iss: our initial sequence number, if the segment is the SYN for which a
 *       connection left TIME-WAIT, else 0
 *
 * Context: softirq, RCU read section. The socket lock is not taken.
 */
void atcp_listener_arrives(struct sock *sk, struct sk_buff *skb,
			   struct atcp_segment *seg,
			   const struct atcp_tuple *tuple, u32 iss)
{
	struct net *net = sock_net(sk);
	enum atcp_drop drop;

	switch (atcp_listen_arrives(seg, &drop)) {
	case ATCP_LISTEN_OPEN:
		drop = syn_arrives(sk, skb, seg, tuple, iss);
		if (!drop) {
			consume_skb(skb);
			return;
		}
		atcp_count(atcp_netns(net), ATCP_COUNT_LISTEN_DROPS);
		break;
	case ATCP_LISTEN_RESET:
		drop = ack_arrives(sk, skb, seg, tuple);
		if (!drop)
			return;
		break;
	case ATCP_LISTEN_DROP:
		break;
	}
	atcp_drop_skb(net, skb, tuple, seg, drop);
}
