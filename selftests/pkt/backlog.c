// SPDX-License-Identifier: GPL-2.0
/*
 * Two queues before accept(): half-open connections and complete ones. What
 * becomes of a SYN or an ACK that finds one of them full: listen(2), tcp(7),
 * ip-sysctl.rst; SYN cookies, RFC 4987; TCP_DEFER_ACCEPT, TCP_SAVE_SYN.
 */
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <unistd.h>

#include "../harness.h"
#include "pkt.h"

FIXTURE_PKT(backlog);

static bool set_backlog(struct pkt *p, int backlog)
{
	return !listen(p->listener, backlog);
}

/* A SYN from the peer's @port, with what p->peer has. */
static bool syn_from(struct pkt *p, uint16_t port)
{
	struct seg syn = p->peer;

	p->rport = port;
	p->liss_known = false;
	p->ts = false;
	syn.flags = TH_SYN;
	if (syn.opts & OPT_TS)
		syn.tsval = p->peer_tsval;
	return pkt_send(p, &syn);
}

/* The same, answered by a SYN-ACK; p->liss is that connection's. */
static bool half_open(struct pkt *p, uint16_t port)
{
	return syn_from(p, port) &&
	       EXPECTED(p, .flags = TH_SYN | TH_ACK, .ack = 1,
			.opts = p->peer.opts | OPT_MSS);
}

static bool ack_from(struct pkt *p, uint16_t port, uint32_t liss)
{
	p->rport = port;
	p->liss = liss;
	return SENT(p, .flags = TH_ACK, .seq = 1, .ack = 1);
}

static bool no_state(const struct pkt *p, uint16_t port)
{
	return proc_state(p->family, p->lport, port) == ST_GONE;
}

/* The SYN backlog */

TEST_F(backlog, syn_that_finds_the_backlog_full_is_dropped_without_cookies)
{
	struct pkt *p = &self->pkt;

	ASSERT_EQ(0, sysctl_write("syncookies", "0"));
	ASSERT_TRUE(pkt_listen(p) && set_backlog(p, 1));
	ASSERT_TRUE(half_open(p, 1001) && half_open(p, 1002));
	counters_mark();
	ASSERT_TRUE(syn_from(p, 1003));
	EXPECT_SILENCE();
	EXPECT_TRUE(no_state(p, 1003));
	EXPECT_TRUE(counters_grew("DropBacklog", 1));
	/* Room is made by one that goes. */
	p->rport = 1002;
	INJECT(.flags = TH_RST, .seq = 1);
	ASSERT_TRUE(half_open(p, 1004));
}

/* On a listener that is listening already. */
TEST_F(backlog, backlog_can_be_changed_at_any_time)
{
	struct pkt *p = &self->pkt;

	ASSERT_EQ(0, sysctl_write("syncookies", "0"));
	ASSERT_TRUE(pkt_listen(p) && set_backlog(p, 0));
	ASSERT_TRUE(half_open(p, 1001) && syn_from(p, 1002));
	EXPECT_SILENCE();
	ASSERT_TRUE(set_backlog(p, 1) && half_open(p, 1003));
	ASSERT_TRUE(syn_from(p, 1004));
	EXPECT_SILENCE();
}

TEST_F(backlog, backlog_is_no_more_than_somaxconn)
{
	struct pkt *p = &self->pkt;

	ASSERT_EQ(0, sysctl_write("syncookies", "0"));
	ASSERT_EQ(0, file_write("/proc/sys/net/core/somaxconn", "1"));
	ASSERT_TRUE(pkt_listen(p) && set_backlog(p, 100));
	ASSERT_TRUE(half_open(p, 1001) && half_open(p, 1002));
	ASSERT_TRUE(syn_from(p, 1003));
	EXPECT_SILENCE();
}

/* Without cookies, a quarter of max_syn_backlog is kept free. */
TEST_F(backlog, syns_are_let_in_to_three_quarters_of_max_syn_backlog)
{
	struct pkt *p = &self->pkt;
	int i;

	ASSERT_EQ(0, sysctl_write("syncookies", "0"));
	ASSERT_EQ(0, sysctl_write("max_syn_backlog", "8"));
	ASSERT_TRUE(pkt_listen(p) && set_backlog(p, 100));
	for (i = 1; i <= 7; i++)
		ASSERT_TRUE(half_open(p, 1000 + i));
	ASSERT_TRUE(syn_from(p, 1008));
	EXPECT_SILENCE();
	/* With cookies that limit does not count. */
	ASSERT_EQ(0, sysctl_write("syncookies", "1"));
	ASSERT_TRUE(half_open(p, 1009));
	EXPECT_STATE(ST_SYN_RECEIVED);
}

/* SYN cookies */

static bool full_backlog(struct pkt *p)
{
	return pkt_listen(p) && set_backlog(p, 0) && half_open(p, 1001);
}

TEST_F(backlog, cookie_needs_no_state_until_the_ack)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(full_backlog(p) && half_open(p, 1002));
	EXPECT_TRUE(no_state(p, 1002));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_STATE(ST_ESTABLISHED);
	p->fd = accept(p->listener, NULL, NULL);
	ASSERT_LE(0, p->fd);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	ASSERT_TRUE(pkt_expect_ack(p, 101));
	EXPECT_TRUE(stream_read(p->fd, 100, 0));
	ASSERT_TRUE(stream_write(p->fd, 100, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 101, .len = 100);
}

TEST_F(backlog, cookies_are_counted)
{
	struct pkt *p = &self->pkt;
	long long sent, received, failed;

	ATCP_ONLY();
	sent = counter_read("SyncookiesSent");
	received = counter_read("SyncookiesRecv");
	failed = counter_read("SyncookiesFailed");
	ASSERT_TRUE(full_backlog(p) && half_open(p, 1002));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_STATE(ST_ESTABLISHED);
	p->rport = 1003;
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 77);
	EXPECT_SEG(.flags = TH_RST, .seq = 77);
	EXPECT_EQ(sent + 1, counter_read("SyncookiesSent"));
	EXPECT_EQ(received + 1, counter_read("SyncookiesRecv"));
	EXPECT_EQ(failed + 1, counter_read("SyncookiesFailed"));
}

TEST_F(backlog, cookie_is_no_use_to_anyone_else)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(full_backlog(p) && half_open(p, 1002));
	p->rport = 1003;
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SEG(.flags = TH_RST, .seq = 1);
	p->rport = 1002;
	INJECT(.flags = TH_ACK, .seq = 2, .ack = 1);
	EXPECT_SEG(.flags = TH_RST, .seq = 1);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 6);
	EXPECT_SEG(.flags = TH_RST, .seq = 6);
	INJECT(.flags = TH_SYN | TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SEG(.flags = TH_RST, .seq = 1);
	EXPECT_TRUE(no_state(p, 1002));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_STATE(ST_ESTABLISHED);
}

/* Data and FIN may come with the ACK as with any other. */
TEST_F(backlog, cookies_ack_may_bring_data_and_a_fin)
{
	struct pkt *p = &self->pkt;
	char byte;

	ASSERT_TRUE(full_backlog(p) && half_open(p, 1002));
	INJECT(.flags = TH_ACK | TH_FIN, .seq = 1, .ack = 1, .len = 10);
	ASSERT_TRUE(pkt_expect_ack(p, 12));
	p->fd = accept(p->listener, NULL, NULL);
	EXPECT_TRUE(stream_read(p->fd, 10, 0));
	EXPECT_EQ(0, read(p->fd, &byte, 1));
}

/* Timestamps carry window scale and SACK across the handshake. */
TEST_F(backlog, cookie_remembers_options_by_timestamps)
{
	struct pkt *p = &self->pkt;

	p->peer.opts = OPT_SYN_ALL;
	p->peer.wscale = 7;
	ASSERT_TRUE(full_backlog(p) && half_open(p, 1002));
	EXPECT_TRUE(no_state(p, 1002));
	p->ts = true;
	/* A window of 2 means 256: a segment of that size and no more. */
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .win = 2);
	EXPECT_STATE(ST_ESTABLISHED);
	p->fd = accept(p->listener, NULL, NULL);
	ASSERT_TRUE(stream_write(p->fd, 300, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 256);
	/* What comes out of order is told by SACK. */
	INJECT(.flags = TH_ACK, .seq = 11, .ack = 1, .len = 10, .win = 2);
	EXPECT_SEG(.flags = TH_ACK, .seq = 257, .ack = 1, .opts = OPT_SACK,
		   .sacks = 1, .sack = { { 11, 21 } });
}

TEST_F(backlog, cookie_without_timestamps_has_no_options)
{
	struct pkt *p = &self->pkt;

	p->peer.opts = OPT_MSS | OPT_SACKPERM | OPT_WSCALE;
	p->peer.wscale = 7;
	ASSERT_TRUE(pkt_listen(p));
	ASSERT_EQ(0, sysctl_write("syncookies", "2"));
	ASSERT_TRUE(syn_from(p, 1002));
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_MSS);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .win = 200);
	EXPECT_STATE(ST_ESTABLISHED);
	p->fd = accept(p->listener, NULL, NULL);
	ASSERT_TRUE(stream_write(p->fd, 300, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 200);
}

/* 536, 1300, 1440 or 1460 octets: the largest that is not too large. */
TEST_F(backlog, cookie_remembers_about_what_the_mss_was)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(pkt_listen(p));
	ASSERT_EQ(0, sysctl_write("syncookies", "2"));
	p->peer.mss = 1439;
	ASSERT_TRUE(half_open(p, 1002));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1);
	p->fd = accept(p->listener, NULL, NULL);
	ASSERT_LE(0, p->fd);
	ASSERT_TRUE(stream_write(p->fd, 1500, 0));
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 1300);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1301, .ack = 1, .len = 200);
}

TEST_F(backlog, syncookies_2_keeps_no_request_at_all)
{
	struct pkt *p = &self->pkt;

	ASSERT_EQ(0, sysctl_write("syncookies", "2"));
	ASSERT_TRUE(pkt_listen(p));
	ASSERT_TRUE(half_open(p, 1001));
	EXPECT_TRUE(no_state(p, 1001));
	/* Nothing is sent again either. */
	ASSERT_TRUE(pkt_silence(p, 1500));
}

/* The minute in which it was made and the next: less than two. */
TEST_F_TIMEOUT(backlog, cookie_is_too_old_after_two_minutes, 4 * MINUTES)
{
	struct pkt *p = &self->pkt;
	uint32_t first;

	ASSERT_EQ(0, sysctl_write("syncookies", "2"));
	ASSERT_TRUE(pkt_listen(p));
	ASSERT_TRUE(half_open(p, 1001));
	first = p->liss;
	ASSERT_TRUE(pkt_silence(p, 60 * 1000));
	/* Cookies are still being sent. */
	ASSERT_TRUE(half_open(p, 1002));
	ASSERT_TRUE(pkt_silence(p, 61 * 1000));
	ASSERT_TRUE(ack_from(p, 1001, first));
	EXPECT_SEG(.flags = TH_RST, .seq = 1);
}

TEST_F_TIMEOUT(backlog, cookie_is_good_for_a_minute, 2 * MINUTES)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(pkt_listen(p));
	ASSERT_EQ(0, sysctl_write("syncookies", "2"));
	ASSERT_TRUE(half_open(p, 1001));
	ASSERT_TRUE(pkt_silence(p, 59 * 1000));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_STATE(ST_ESTABLISHED);
}

#define FLOOD 4000

/* Each of them is answered, few are remembered, and a client still gets in. */
TEST_F(backlog, flood_of_syns_leaves_room_for_a_client)
{
	struct pkt *p = &self->pkt;
	long long sent = counter_read("SyncookiesSent");
	int i;

	/* So that nothing comes but what is asked for. */
	ASSERT_EQ(0, sysctl_write("synack_retries", "0"));
	ASSERT_TRUE(pkt_listen(p));
	for (i = 0; i < FLOOD; i++)
		ASSERT_TRUE(half_open(p, 2000 + i));
	EXPECT_GE(9, proc_count(variant->family, ST_SYN_RECEIVED));
	if (test_is_atcp())
		EXPECT_LE(FLOOD / 2, counter_read("SyncookiesSent") - sent);
	/* Those that were remembered end: the client may take their place. */
	for (i = 0; i < 100; i++) {
		ASSERT_TRUE(half_open(p, 1001 + i));
		if (no_state(p, 1001 + i))
			break;
	}
	EXPECT_TRUE(no_state(p, 1001 + i));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_STATE(ST_ESTABLISHED);
	p->fd = accept(p->listener, NULL, NULL);
	ASSERT_LE(0, p->fd);
}

/* The accept queue */

/* What is accepted beside p->fd is reset when the test ends. */
static int accept_another(struct pkt *p)
{
	struct linger reset = { .l_onoff = 1 };
	int fd = accept(p->listener, NULL, NULL);

	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) ?
		       -1 :
		       fd;
}

/* Two half-open connections, and room for one complete one. */
static bool two_for_one_place(struct pkt *p, uint32_t liss[2])
{
	if (!pkt_listen(p) || !half_open(p, 1001))
		return false;
	liss[0] = p->liss;
	if (!half_open(p, 1002) || !set_backlog(p, 0))
		return false;
	liss[1] = p->liss;
	return ack_from(p, 1001, liss[0]) && pkt_in_state(p, ST_ESTABLISHED);
}

TEST_F(backlog, ack_that_finds_the_accept_queue_full_may_come_again)
{
	struct pkt *p = &self->pkt;
	uint32_t liss[2];

	ASSERT_TRUE(two_for_one_place(p, liss));
	counters_mark();
	ASSERT_TRUE(ack_from(p, 1002, liss[1]));
	EXPECT_SILENCE();
	EXPECT_TRUE(counters_grew("DropBacklog", 1));
	EXPECT_STATE(ST_SYN_RECEIVED);
	ASSERT_LE(0, accept_another(p));
	/* Its SYN-ACK asks for it again. */
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_MSS);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_STATE(ST_ESTABLISHED);
	EXPECT_LE(0, accept_another(p));
}

TEST_F(backlog, data_after_such_an_ack_asks_as_well)
{
	struct pkt *p = &self->pkt;
	uint32_t liss[2];

	ASSERT_TRUE(two_for_one_place(p, liss));
	ASSERT_TRUE(ack_from(p, 1002, liss[1]));
	EXPECT_SILENCE();
	ASSERT_LE(0, accept_another(p));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 10);
	ASSERT_TRUE(pkt_expect_ack(p, 11));
	p->fd = accept(p->listener, NULL, NULL);
	ASSERT_LE(0, p->fd);
	EXPECT_TRUE(stream_read(p->fd, 10, 0));
}

TEST_F(backlog, abort_on_overflow_resets_instead)
{
	struct pkt *p = &self->pkt;
	uint32_t liss[2];

	ASSERT_EQ(0, sysctl_write("abort_on_overflow", "1"));
	ASSERT_TRUE(two_for_one_place(p, liss));
	ASSERT_TRUE(ack_from(p, 1002, liss[1]));
	EXPECT_SEG(.flags = TH_RST, .seq = 1);
	EXPECT_TRUE(no_state(p, 1002));
}

TEST_F(backlog, syn_that_finds_the_accept_queue_full_is_dropped)
{
	struct pkt *p = &self->pkt;
	uint32_t liss[2];

	ASSERT_TRUE(two_for_one_place(p, liss));
	ASSERT_TRUE(ack_from(p, 1002, liss[1]));
	ASSERT_TRUE(syn_from(p, 1003));
	EXPECT_SILENCE();
	EXPECT_TRUE(no_state(p, 1003));
	/* Nor does a cookie help. */
	ASSERT_EQ(0, sysctl_write("syncookies", "2"));
	ASSERT_TRUE(syn_from(p, 1004));
	EXPECT_SILENCE();
}

/* TCP_DEFER_ACCEPT: no connection before there is something to read */

static bool listen_deferred(struct pkt *p, int seconds)
{
	return pkt_listen(p) &&
	       !setsockopt(p->listener, SOL_TCP, TCP_DEFER_ACCEPT, &seconds,
			   sizeof(seconds));
}

TEST_F(backlog, deferred_accept_waits_for_data)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(listen_deferred(p, 5) && half_open(p, 1001));
	counters_mark();
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_SILENCE();
	EXPECT_TRUE(counters_grew("DropDeferred", 1));
	EXPECT_STATE(ST_SYN_RECEIVED);
	EXPECT_EQ(0, poll_now(p->listener));
	/* The SYN-ACK does not go again meanwhile. */
	ASSERT_TRUE(pkt_silence(p, 1500));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 10);
	ASSERT_TRUE(pkt_expect_ack(p, 11));
	p->fd = accept(p->listener, NULL, NULL);
	ASSERT_LE(0, p->fd);
	EXPECT_TRUE(stream_read(p->fd, 10, 0));
}

TEST_F(backlog, deferred_accept_takes_a_fin_for_data)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(listen_deferred(p, 5) && half_open(p, 1001));
	INJECT(.flags = TH_ACK | TH_FIN, .seq = 1, .ack = 1);
	ASSERT_TRUE(pkt_expect_ack(p, 2));
	EXPECT_STATE(ST_CLOSE_WAIT);
}

/* Without an ACK, SYN-ACKs go again as ever. */
TEST_F(backlog, deferred_accept_repeats_an_unanswered_syn_ack)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(listen_deferred(p, 5) && half_open(p, 1001));
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_MSS,
		   .after = 1000);
}

/* 1 + 2 + 4 s are the period for 5 s: its end asks for an ACK once more. */
TEST_F_TIMEOUT(backlog, deferred_accept_takes_a_bare_ack_in_the_end,
	       1 * MINUTES)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(listen_deferred(p, 5) && half_open(p, 1001));
	pkt_mark(p);
	ASSERT_TRUE(ack_from(p, 1001, p->liss));
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_MSS,
		   .after = 7000);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1);
	EXPECT_STATE(ST_ESTABLISHED);
	EXPECT_LE(0, accept_another(p));
}

/* TCP_SAVE_SYN */

TEST_F(backlog, saved_syn_is_the_peers_to_the_octet)
{
	const int headers = variant->family == AF_INET6 ? 40 : 20, on = 1;
	struct pkt *p = &self->pkt;
	uint8_t syn[128];
	socklen_t len = sizeof(syn);

	ASSERT_TRUE(pkt_listen(p));
	ASSERT_EQ(0, setsockopt(p->listener, SOL_TCP, TCP_SAVE_SYN, &on,
				sizeof(on)));
	p->peer.opts = OPT_SYN_ALL;
	ASSERT_TRUE(half_open(p, 1001));
	p->ts = true;
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1);
	p->fd = accept(p->listener, NULL, NULL);
	ASSERT_EQ(0, getsockopt(p->fd, SOL_TCP, TCP_SAVED_SYN, syn, &len));
	/* 20 of the header, and 4 + 2 + 10 + 3 of options, padded. */
	ASSERT_EQ(headers + 40, (int)len);
	EXPECT_EQ(variant->family == AF_INET6 ? 6 : 4, syn[0] >> 4);
	EXPECT_EQ(1001, syn[headers] << 8 | syn[headers + 1]);
	EXPECT_EQ(p->lport, syn[headers + 2] << 8 | syn[headers + 3]);
	EXPECT_EQ(TH_SYN, syn[headers + 13]);
	EXPECT_EQ(TCPOPT_MAXSEG, syn[headers + 20]);
	/* It is told once. */
	len = sizeof(syn);
	ASSERT_EQ(0, getsockopt(p->fd, SOL_TCP, TCP_SAVED_SYN, syn, &len));
	EXPECT_EQ(0, (int)len);
}

TEST_F(backlog, syn_is_not_saved_unless_asked_for)
{
	struct pkt *p = &self->pkt;
	uint8_t syn[128];
	socklen_t len = sizeof(syn);

	ASSERT_TRUE(pkt_accept(p));
	ASSERT_EQ(0, getsockopt(p->fd, SOL_TCP, TCP_SAVED_SYN, syn, &len));
	EXPECT_EQ(0, (int)len);
}

/* ICMP errors for a connection in SYN-RECEIVED */

static uint16_t sum_up(const void *data, size_t len)
{
	const uint16_t *words = data;
	uint32_t sum = 0;

	for (; len > 1; len -= 2)
		sum += *words++;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

/* An error of @type and @code that quotes the SYN-ACK with number @seq. */
static bool icmp_error(struct pkt *p, int type, int code, uint32_t seq)
{
	struct {
		struct iphdr ip;
		struct icmphdr icmp;
		struct iphdr quoted;
		uint16_t sport, dport;
		uint32_t seq;
	} e = { 0 };
	struct sockaddr_storage local = pkt_local(p), remote = pkt_remote(p);
	uint32_t saddr = ((struct sockaddr_in *)&local)->sin_addr.s_addr;
	uint32_t daddr = ((struct sockaddr_in *)&remote)->sin_addr.s_addr;

	e.ip = (struct iphdr){ .version = 4,
			       .ihl = 5,
			       .ttl = 64,
			       .protocol = IPPROTO_ICMP,
			       .tot_len = htons(sizeof(e)),
			       .saddr = daddr,
			       .daddr = saddr };
	e.icmp.type = type;
	e.icmp.code = code;
	e.quoted = (struct iphdr){ .version = 4,
				   .ihl = 5,
				   .ttl = 64,
				   .protocol = test_proto(),
				   .tot_len = htons(40),
				   .saddr = saddr,
				   .daddr = daddr };
	e.sport = htons(p->lport);
	e.dport = htons(p->rport);
	e.seq = htonl(p->liss + seq);
	e.quoted.check = sum_up(&e.quoted, sizeof(e.quoted));
	e.icmp.checksum =
		sum_up(&e.icmp, sizeof(e) - offsetof(typeof(e), icmp));
	e.ip.check = sum_up(&e.ip, sizeof(e.ip));
	return write(p->tun, &e, sizeof(e)) == sizeof(e);
}

TEST_F(backlog, unreachable_peer_ends_a_half_open_connection)
{
	struct pkt *p = &self->pkt;

	if (variant->family != AF_INET)
		SKIP(return, "ICMP for IPv4");
	ASSERT_TRUE(pkt_listen(p) && half_open(p, 1001));
	ASSERT_TRUE(icmp_error(p, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0));
	EXPECT_TRUE(WAIT_FOR(no_state(p, 1001), PATIENCE_MS));
	EXPECT_EQ(0, poll_now(p->listener));
	EXPECT_EQ(0, so_error(p->listener));
}

/* RFC 5927: not one that quotes something else, nor a soft one. */
TEST_F(backlog, icmp_error_must_quote_the_syn_ack_and_be_a_hard_one)
{
	struct pkt *p = &self->pkt;

	if (variant->family != AF_INET)
		SKIP(return, "ICMP for IPv4");
	ASSERT_TRUE(pkt_listen(p) && half_open(p, 1001));
	ASSERT_TRUE(icmp_error(p, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 1));
	ASSERT_TRUE(icmp_error(p, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, -1));
	ASSERT_TRUE(icmp_error(p, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0));
	ASSERT_TRUE(icmp_error(p, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, 0));
	ASSERT_TRUE(icmp_error(p, ICMP_SOURCE_QUENCH, 0, 0));
	EXPECT_SILENCE();
	EXPECT_STATE(ST_SYN_RECEIVED);
	ASSERT_TRUE(icmp_error(p, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0));
	EXPECT_TRUE(WAIT_FOR(no_state(p, 1001), PATIENCE_MS));
}

/* A connection that leaves TIME-WAIT for a newer SYN */

/* RFC 6191: it starts beyond everything of the old one, and any limit. */
TEST_F(backlog, reopened_connection_starts_after_the_old_ones_numbers)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(pkt_open(p, ST_TIME_WAIT));
	ASSERT_EQ(0, sysctl_write("syncookies", "0"));
	ASSERT_EQ(0, sysctl_write("max_syn_backlog", "0"));
	INJECT(.flags = TH_SYN, .seq = 100000, .opts = OPT_MSS, .mss = 1000);
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .seq = 2 + 65535 + 2,
		   .ack = 100001, .opts = OPT_MSS);
}

TEST_F(backlog, newer_syn_without_a_listener_leaves_time_wait_alone)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(pkt_open(p, ST_TIME_WAIT));
	close(p->listener);
	p->listener = -1;
	INJECT(.flags = TH_SYN, .seq = 100000, .opts = OPT_MSS, .mss = 1000);
	EXPECT_SEG(.flags = TH_ACK, .seq = 2, .ack = 2);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_TIME_WAIT);
}

TEST_MAIN
