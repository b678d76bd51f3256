// SPDX-License-Identifier: GPL-2.0
/* TCP_INFO, segment by segment. */
#include "../harness.h"
#include "../info.h"
#include "pkt.h"

FIXTURE_PKT(info);

enum {
	CA_OPEN,
	CA_DISORDER,
	CA_CWR,
	CA_RECOVERY,
	CA_LOSS,
};

static bool write_segments(int fd, int n)
{
	int one = 1, i;

	setsockopt(fd, SOL_TCP, TCP_NODELAY, &one, sizeof(one));
	for (i = 0; i < n; i++)
		if (!stream_write(fd, 100, 100 * i))
			return false;
	return true;
}

static bool expect_segments(struct pkt *p, int n)
{
	bool ok = true;
	int i;

	for (i = 0; ok && i < n; i++)
		ok = EXPECTED(p, .flags = TH_ACK | TH_PUSH, .seq = 1 + 100 * i,
			      .ack = 1, .len = 100);
	return ok;
}

TEST_F(info, a_handshake_is_counted)
{
	struct info info;

	ASSERT_TRUE(pkt_connect(&self->pkt));
	info = info_of(self->pkt.fd);
	EXPECT_EQ(1, info.segs_in);
	EXPECT_EQ(2, info.segs_out);
	EXPECT_EQ(0, info.data_segs_in);
	EXPECT_EQ(0, info.data_segs_out);
	EXPECT_EQ(1, info.bytes_acked);
	EXPECT_EQ(0, info.bytes_received);
	EXPECT_EQ(0, info.bytes_sent);
	EXPECT_EQ(1, info.delivered);
	EXPECT_EQ(3, info.old.tcpi_reordering);
	EXPECT_EQ(10, info.old.tcpi_snd_cwnd);
	EXPECT_EQ(0x7fffffff, info.old.tcpi_snd_ssthresh);
	EXPECT_EQ(1500, info.old.tcpi_pmtu);
}

/* RFC 9293 3.4.1: any number is as good an initial one as any other. */
TEST_F(info, a_peer_that_begins_at_0_is_counted_as_well)
{
	struct pkt *p = &self->pkt;

	p->riss = 0;
	ASSERT_TRUE(pkt_connect(p));
	EXPECT_EQ(0, info_of(p->fd).bytes_received);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 101);
	EXPECT_EQ(100, info_of(p->fd).bytes_received);
}

TEST_F(info, an_accepted_connection_has_acknowledged_nothing)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	EXPECT_EQ(0, info_of(self->pkt.fd).bytes_acked);
	EXPECT_EQ(0, info_of(self->pkt.fd).bytes_received);
}

TEST_F(info, what_is_sent_is_counted_and_what_is_acknowledged)
{
	struct pkt *p = &self->pkt;
	struct info was, info;

	ASSERT_TRUE(pkt_accept(p));
	was = info_of(p->fd);
	ASSERT_TRUE(write_segments(p->fd, 3));
	ASSERT_TRUE(expect_segments(p, 3));
	info = info_of(p->fd);
	EXPECT_EQ(3, info.old.tcpi_unacked);
	EXPECT_EQ(3, info.segs_out - was.segs_out);
	EXPECT_EQ(3, info.data_segs_out);
	EXPECT_EQ(300, info.bytes_sent);
	EXPECT_EQ(0, info.bytes_acked);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 201);
	EXPECT_SILENCE();
	info = info_of(p->fd);
	EXPECT_EQ(1, info.old.tcpi_unacked);
	EXPECT_EQ(200, info.bytes_acked);
	EXPECT_EQ(2, info.delivered - was.delivered);
	EXPECT_LE(1, info.min_rtt);
	EXPECT_LE(info.min_rtt, info.old.tcpi_rtt);
	EXPECT_EQ(CA_OPEN, info.old.tcpi_ca_state);
}

TEST_F(info, what_arrives_is_counted)
{
	struct pkt *p = &self->pkt;
	struct info was, info;

	ASSERT_TRUE(pkt_accept(p));
	was = info_of(p->fd);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 101);
	info = info_of(p->fd);
	EXPECT_EQ(1, info.segs_in - was.segs_in);
	EXPECT_EQ(1, info.data_segs_in);
	EXPECT_EQ(100, info.bytes_received);
	EXPECT_EQ(0, info.rcv_ooopack);
	/* Above a gap, and then what fills it. */
	INJECT(.flags = TH_ACK, .seq = 201, .ack = 1, .len = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 101);
	info = info_of(p->fd);
	EXPECT_EQ(100, info.bytes_received);
	EXPECT_EQ(1, info.rcv_ooopack);
	INJECT(.flags = TH_ACK, .seq = 101, .ack = 1, .len = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 301);
	info = info_of(p->fd);
	EXPECT_EQ(300, info.bytes_received);
	EXPECT_EQ(3, info.data_segs_in);
	EXPECT_EQ(1, info.rcv_ooopack);
}

TEST_F(info, a_time_out_is_counted_and_ends_with_an_answer)
{
	struct pkt *p = &self->pkt;
	struct info info;

	p->peer.opts = OPT_MSS | OPT_SACKPERM;
	ASSERT_TRUE(pkt_accept(p));
	ASSERT_TRUE(write_segments(p->fd, 1));
	ASSERT_TRUE(expect_segments(p, 1));
	/* Linux sends a tail loss probe first, where it may. */
	do {
		ASSERT_TRUE(pkt_next(p, PATIENCE_MS));
		info = info_of(p->fd);
	} while (!info.old.tcpi_retransmits);
	EXPECT_EQ(CA_LOSS, info.old.tcpi_ca_state);
	EXPECT_EQ(1, info.old.tcpi_lost);
	EXPECT_EQ(1, info.old.tcpi_retrans);
	EXPECT_EQ(1, info.old.tcpi_snd_cwnd);
	EXPECT_LE(1, info.old.tcpi_total_retrans);
	EXPECT_EQ(100 * info.old.tcpi_total_retrans, info.bytes_retrans);
	EXPECT_EQ(100 + info.bytes_retrans, info.bytes_sent);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 101);
	EXPECT_SILENCE();
	info = info_of(p->fd);
	EXPECT_EQ(0, info.old.tcpi_retransmits);
	EXPECT_EQ(0, info.old.tcpi_lost);
	EXPECT_EQ(0, info.old.tcpi_unacked);
	EXPECT_EQ(CA_OPEN, info.old.tcpi_ca_state);
	if (test_is_atcp()) {
		EXPECT_EQ(1, info.total_rto);
		EXPECT_EQ(1, info.total_rto_recoveries);
	}
}

/* Linux takes the first for lost at once, where the round trip is as short. */
TEST_F(info, sacked_segments_are_counted)
{
	struct pkt *p = &self->pkt;
	struct info was, info;

	ATCP_ONLY();
	p->peer.opts = OPT_MSS | OPT_SACKPERM;
	ASSERT_TRUE(pkt_accept(p));
	was = info_of(p->fd);
	ASSERT_TRUE(write_segments(p->fd, 4));
	ASSERT_TRUE(expect_segments(p, 4));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .opts = OPT_SACK,
	       .sacks = 1, .sack = { { 201, 301 } });
	info = info_of(p->fd);
	EXPECT_EQ(4, info.old.tcpi_unacked);
	EXPECT_EQ(1, info.old.tcpi_sacked);
	EXPECT_EQ(CA_DISORDER, info.old.tcpi_ca_state);
	EXPECT_EQ(1, info.delivered - was.delivered);
	/* What SACK told of is not counted again. */
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 401);
	info = info_of(p->fd);
	EXPECT_EQ(4, info.delivered - was.delivered);
	EXPECT_EQ(0, info.old.tcpi_sacked);
}

TEST_F(info, reported_duplicates_are_counted)
{
	struct pkt *p = &self->pkt;

	p->peer.opts = OPT_MSS | OPT_SACKPERM;
	ASSERT_TRUE(pkt_accept(p));
	ASSERT_TRUE(write_segments(p->fd, 2));
	ASSERT_TRUE(expect_segments(p, 2));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 201);
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 201, .opts = OPT_SACK,
	       .sacks = 1, .sack = { { 1, 101 } });
	EXPECT_SILENCE();
	EXPECT_EQ(1, info_of(p->fd).dsack_dups);
}

TEST_F(info, a_closed_window_is_what_the_time_goes_to)
{
	struct pkt *p = &self->pkt;
	struct info info;

	ASSERT_TRUE(pkt_accept(p));
	EXPECT_EQ(0, info_of(p->fd).busy_time);
	ASSERT_TRUE(pkt_close_window(p));
	ASSERT_TRUE(write_segments(p->fd, 1));
	usleep(60000);
	info = info_of(p->fd);
	EXPECT_EQ(100, info.notsent_bytes);
	EXPECT_EQ(0, info.snd_wnd);
	EXPECT_LE(50000, info.busy_time);
	EXPECT_LE(50000, info.rwnd_limited);
	EXPECT_LE(info.rwnd_limited, info.busy_time);
	EXPECT_EQ(0, info.sndbuf_limited);
}

TEST_F(info, the_last_of_each_kind_is_remembered)
{
	struct pkt *p = &self->pkt;
	struct info info;

	ASSERT_TRUE(pkt_accept(p));
	INJECT(.flags = TH_ACK, .seq = 1, .ack = 1, .len = 100);
	EXPECT_SEG(.flags = TH_ACK, .seq = 1, .ack = 101);
	usleep(100000);
	ASSERT_TRUE(write_segments(p->fd, 1));
	EXPECT_SEG(.flags = TH_ACK | TH_PUSH, .seq = 1, .ack = 101, .len = 100);
	usleep(50000);
	INJECT(.flags = TH_ACK, .seq = 101, .ack = 101);
	EXPECT_SILENCE();
	info = info_of(p->fd);
	EXPECT_LE(150, info.old.tcpi_last_data_recv);
	EXPECT_LE(50, info.old.tcpi_last_data_sent);
	EXPECT_LT(info.old.tcpi_last_data_sent, info.old.tcpi_last_data_recv);
	EXPECT_LT(info.old.tcpi_last_ack_recv, info.old.tcpi_last_data_sent);
}

TEST_F(info, a_listener_tells_of_its_queue)
{
	struct info info;

	ASSERT_TRUE(pkt_listen(&self->pkt));
	info = info_of(self->pkt.listener);
	EXPECT_EQ(ST_LISTEN, info.old.tcpi_state);
	EXPECT_EQ(0, info.old.tcpi_unacked);
	EXPECT_LT(0, info.old.tcpi_sacked);
	EXPECT_EQ(10, info.old.tcpi_snd_cwnd);
	EXPECT_EQ(~0ull, info.max_pacing_rate);
}

TEST_MAIN
