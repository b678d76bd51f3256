// SPDX-License-Identifier: GPL-2.0
/*
 * Around the segment: what the options of ip(7) and socket(7) do to the IP
 * header, and which arriving packets they let in.
 */
#include <errno.h>
#include <linux/filter.h>
#include <netinet/ip.h>

#include "../harness.h"
#include "pkt.h"

FIXTURE_PKT(ip);

#define TTL 99
#define TOS 0x48 /* AF21 */

static int set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

static int filter(int fd, struct sock_filter *code, int len)
{
	struct sock_fprog program = { .len = len, .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
			  sizeof(program));
}

/* Keep @octets of what arrives, counted from the TCP header; 0 drops it. */
static int keep(int fd, int octets)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, octets) };

	return filter(fd, code, 1);
}

static const struct iphdr *header(const struct pkt *p)
{
	return (const struct iphdr *)p->ip;
}

static bool marked(const struct pkt *p)
{
	return header(p)->ttl == TTL && header(p)->tos == TOS;
}

static bool mark(int fd)
{
	return !set(fd, SOL_IP, IP_TTL, TTL) && !set(fd, SOL_IP, IP_TOS, TOS);
}

/* MUST-48, MUST-49 */
TEST_F(ip, ttl_and_tos_are_on_all_segments_of_a_connection)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(pkt_listen(p));
	ASSERT_TRUE(mark(p->listener));
	INJECT(.flags = TH_SYN, .opts = OPT_MSS, .mss = 1000);
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_MSS);
	EXPECT_TRUE(marked(p));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 10);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 11);
	EXPECT_TRUE(marked(p));
	p->fd = accept(p->listener, NULL, NULL);
	ASSERT_LE(0, p->fd);
	ASSERT_TRUE(stream_write(p->fd, 10, 0));
	EXPECT_SEG(.flags = TH_ACK | TH_PUSH, .seq = 1, .ack = 11, .len = 10);
	EXPECT_TRUE(marked(p));
	/* Data that nobody reads: the RST is the connection's, too. */
	close(p->fd);
	p->fd = -1;
	EXPECT_SEG(.flags = TH_RST | TH_ACK, .seq = 11, .ack = 11);
	EXPECT_TRUE(marked(p));
}

TEST_F(ip, ttl_and_tos_are_on_a_syn)
{
	struct pkt *p = &self->pkt;

	p->fd = test_socket(variant->family, SOCK_NONBLOCK);
	ASSERT_TRUE(mark(p->fd));
	ASSERT_TRUE(pkt_start_connect(p));
	EXPECT_SEG(.flags = TH_SYN, .opts = OPT_SYN_ALL);
	EXPECT_TRUE(marked(p));
}

/* RFC 1191: whether a router may cut a packet is the application's choice. */
TEST_F(ip, fragments_are_forbidden_as_the_program_says)
{
	static const int modes[] = { IP_PMTUDISC_DONT, IP_PMTUDISC_DO };
	struct pkt *p = &self->pkt;
	int i;

	ASSERT_TRUE(pkt_listen(p));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0,
			  set(p->listener, SOL_IP, IP_MTU_DISCOVER, modes[i]));
		p->rport++;
		p->liss_known = false;
		INJECT(.flags = TH_SYN, .opts = OPT_MSS, .mss = 1000);
		EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_MSS);
		/* No path cuts one as small as this. */
		EXPECT_EQ(htons(IP_DF), header(p)->frag_off);
		INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 10);
		EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 11);
		EXPECT_EQ(i ? htons(IP_DF) : 0, header(p)->frag_off);
	}
}

/* 192.0.2.0/24 is all that the socket's host can reach. */
TEST_F(ip, syn_from_where_no_route_leads_is_dropped)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(pkt_listen(p));
	counters_mark();
	INJECT(.flags = TH_SYN, .opts = OPT_MSS, .mss = 1000,
	       .saddr = "198.51.100.1");
	EXPECT_SILENCE();
	EXPECT_TRUE(counters_grew("DropNoRoute", 1));
	EXPECT_EQ(0, proc_count(variant->family, ST_SYN_RECEIVED));
}

/* What cannot be sent is not lost: it goes when the route is there again. */
TEST_F(ip, data_waits_for_a_route)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(pkt_open(p, ST_ESTABLISHED));
	counters_mark();
	ASSERT_EQ(0, system("ip route del 192.0.2.0/24"));
	ASSERT_TRUE(stream_write(p->fd, 10, 0));
	EXPECT_SILENCE();
	EXPECT_TRUE(counters_grew("OutFails", 1));
	ASSERT_EQ(0, system("ip route add 192.0.2.0/24 dev tun0"));
	EXPECT_TRUE(pkt_next(p, 1000));
}

/* RFC 5082: who is not a neighbour cannot have sent it with 255. */
TEST_F(ip, what_comes_from_too_far_is_dropped)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(pkt_open(p, ST_ESTABLISHED));
	ASSERT_EQ(0, set(p->fd, SOL_IP, IP_MINTTL, 255));
	counters_mark();
	p->ttl = 254;
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 10);
	INJECT(.flags = TH_RST, .seq = 1);
	EXPECT_SILENCE();
	EXPECT_TRUE(counters_grew("DropMinTtl", 2));
	p->ttl = 255;
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 10);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 11);
}

TEST_F(ip, a_listener_accepts_from_near_only_if_it_says_so)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(pkt_listen(p));
	ASSERT_EQ(0, set(p->listener, SOL_IP, IP_MINTTL, 255));
	INJECT(.flags = TH_SYN, .opts = OPT_MSS, .mss = 1000);
	EXPECT_SILENCE();
	p->ttl = 255;
	INJECT(.flags = TH_SYN, .opts = OPT_MSS, .mss = 1000);
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_MSS);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1);
	p->fd = accept(p->listener, NULL, NULL);
	ASSERT_LE(0, p->fd);
	/* Its connections are as careful. */
	p->ttl = 64;
	INJECT(.flags = TH_RST, .seq = 1);
	EXPECT_STATE(ST_ESTABLISHED);
}

TEST_F(ip, a_filter_drops_segments)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(pkt_open(p, ST_ESTABLISHED));
	ASSERT_EQ(0, keep(p->fd, 0));
	counters_mark();
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 10);
	INJECT(.flags = TH_RST, .seq = 1);
	EXPECT_SILENCE();
	EXPECT_TRUE(counters_grew("DropPolicy", 2));
	ASSERT_EQ(0, setsockopt(p->fd, SOL_SOCKET, SO_DETACH_FILTER, "", 4));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 10);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 11);
}

/* Of the payload, that is: a header is never cut. */
TEST_F(ip, a_filter_cuts_segments)
{
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(pkt_open(p, ST_ESTABLISHED));
	ASSERT_EQ(0, keep(p->fd, 20 + 4));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 10);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 5);
	EXPECT_TRUE(stream_read(p->fd, 4, 0));
	ASSERT_EQ(0, keep(p->fd, 1));
	INJECT(.flags = TH_ACK, .seq = 5, .ack = 1, .len = 10);
	EXPECT_SILENCE();
	EXPECT_STATE(ST_ESTABLISHED);
	ASSERT_EQ(0, keep(p->fd, 1000));
	INJECT(.flags = TH_ACK, .seq = 5, .ack = 1, .len = 10);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 15);
	EXPECT_TRUE(stream_read(p->fd, 10, 4));
}

TEST_F(ip, a_listeners_filter_is_its_childrens)
{
	/* TCP's flags: drop what has PSH. */
	struct sock_filter no_psh[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, TH_PUSH, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
	};
	struct pkt *p = &self->pkt;

	ASSERT_TRUE(pkt_listen(p));
	ASSERT_EQ(0, filter(p->listener, no_psh, 4));
	INJECT(.flags = TH_SYN | TH_PUSH, .opts = OPT_MSS, .mss = 1000);
	EXPECT_SILENCE();
	INJECT(.flags = TH_SYN, .opts = OPT_MSS, .mss = 1000);
	EXPECT_SEG(.flags = TH_SYN | TH_ACK, .ack = 1, .opts = OPT_MSS);
	INJECT(.flags = TH_ACK | TH_PUSH, .seq = 1, .ack = 1, .len = 10);
	EXPECT_SILENCE();
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1);
	p->fd = accept(p->listener, NULL, NULL);
	ASSERT_LE(0, p->fd);
	/* It has the filter, not only while the listener has it. */
	close(p->listener);
	p->listener = -1;
	INJECT(.flags = TH_ACK | TH_PUSH, .seq = 1, .ack = 1, .len = 10);
	EXPECT_SILENCE();
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 10);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 11);
}

/* RFC 9293 MUST-51: the first hop is on the envelope, the peer in the option. */
TEST_F(ip, a_source_route_is_followed)
{
	static const uint8_t route[8] = { IPOPT_LSRR, 7, 4, 192, 0, 2, 77 };
	struct pkt *p = &self->pkt;
	struct sockaddr_storage peer = pkt_remote(p);
	int i;

	p->fd = test_socket(variant->family, SOCK_NONBLOCK);
	ASSERT_EQ(0,
		  setsockopt(p->fd, SOL_IP, IP_OPTIONS, route, sizeof(route)));
	p->peer.opts = OPT_MSS;
	p->peer.mss = 1460;
	ASSERT_TRUE(pkt_connect(p));
	ASSERT_TRUE(stream_write(p->fd, 3000, 0));
	for (i = 0; i < 2; i++) {
		EXPECT_SEG(.flags = TH_ACK, .seq = 1 + i * 1452, .ack = 1,
			   .len = 1452);
		EXPECT_EQ(7, header(p)->ihl + 0);
		EXPECT_EQ(htonl(0xc000024d), header(p)->daddr);
		EXPECT_EQ(0, memcmp(p->ip + 20, route, 3));
		EXPECT_EQ(0,
			  memcmp(p->ip + 23,
				 &((struct sockaddr_in *)&peer)->sin_addr, 4));
	}
}

/* The room that options take is no segment's. */
TEST_F(ip, ip_options_make_segments_smaller)
{
	static const uint8_t nops[40] = { IPOPT_NOP, IPOPT_NOP, IPOPT_NOP };
	struct pkt *p = &self->pkt;

	p->peer.opts = OPT_MSS;
	p->peer.mss = 1460;
	ASSERT_TRUE(pkt_accept(p));
	ASSERT_EQ(0, setsockopt(p->fd, SOL_IP, IP_OPTIONS, nops, sizeof(nops)));
	ASSERT_TRUE(stream_write(p->fd, 1420, 0));
	EXPECT_SEG(.flags = TH_ACK | TH_PUSH, .seq = 1, .ack = 1, .len = 1420);
	EXPECT_EQ(15, header(p)->ihl + 0);
	ASSERT_EQ(0, setsockopt(p->fd, SOL_IP, IP_OPTIONS, NULL, 0));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1421);
	ASSERT_TRUE(stream_write(p->fd, 1460, 1420));
	EXPECT_SEG(.flags = TH_ACK | TH_PUSH, .seq = 1421, .ack = 1,
		   .len = 1460);
	EXPECT_EQ(5, header(p)->ihl + 0);
}

TEST_MAIN
