// SPDX-License-Identifier: GPL-2.0
/*
 * Segments that nobody should send. Each is dropped or answered as RFC 9293
 * says, and counted by its reason; and each time a connection beside it, often
 * the very one it pretends to belong to, goes on as if nothing had been.
 */
#include <sys/ioctl.h>

#include "../counters.h"
#include "../harness.h"
#include "pkt.h"

FIXTURE_PKT(malformed);

/* A port of the peer's that has no connection, and one of nobody's. */
#define OTHER_PORT  40001
#define CLOSED_PORT 8081

#define ALL_FLAGS (TH_FIN | TH_SYN | TH_RST | TH_PUSH | TH_ACK | TH_URG)

/* The connection has received nothing so far, and takes what comes now. */
static bool goes_on(struct pkt *p)
{
	int bytes = -1;

	return pkt_in_state(p, ST_ESTABLISHED) && pkt_in_state(p, ST_LISTEN) &&
	       SENT(p, .flags = TH_ACK, .seq = 1, .ack = 1, .len = 100) &&
	       pkt_expect_ack(p, 101) && !ioctl(p->fd, FIONREAD, &bytes) &&
	       bytes == 100 && stream_read(p->fd, 100, 0) &&
	       stream_write(p->fd, 100, 0) &&
	       EXPECTED(p, .flags = TH_ACK, .seq = 1, .ack = 101, .len = 100);
}

static bool sent_to_connection(struct pkt *p, const struct seg *s)
{
	if (!pkt_accept(p))
		return false;
	counters_mark();
	return pkt_send(p, s);
}

static bool is_dropped(struct pkt *p, const char *reason, const struct seg *s)
{
	return sent_to_connection(p, s) && pkt_silence(p, QUIET_MS) &&
	       counters_grew(reason, 1) && goes_on(p);
}

static bool is_answered(struct pkt *p, const char *reason, const struct seg *s,
			const struct seg *answer)
{
	return sent_to_connection(p, s) && pkt_expect(p, answer) &&
	       pkt_silence(p, QUIET_MS) && counters_grew(reason, 1) &&
	       goes_on(p);
}

#define DROPPED(name, reason, ...)                                             \
	TEST_F(malformed, name)                                                \
	{                                                                      \
		ASSERT_TRUE(is_dropped(&self->pkt, reason, SEG(__VA_ARGS__))); \
	}

/* Linux takes these, or the part of them that it understands. */
#define DROPPED_BY_ATCP(name, reason, ...)                                     \
	TEST_F(malformed, name)                                                \
	{                                                                      \
		ATCP_ONLY();                                                   \
		ASSERT_TRUE(is_dropped(&self->pkt, reason, SEG(__VA_ARGS__))); \
	}

#define ANSWERED(name, reason, segment, answer)                                \
	TEST_F(malformed, name)                                                \
	{                                                                      \
		ASSERT_TRUE(is_answered(&self->pkt, reason, segment, answer)); \
	}

/* What makes these segments bad is not the numbers: they fit. */
#define FITTING .flags = TH_ACK, .seq = 1, .ack = 1

/* Truncated */

DROPPED(empty_segment, DROP_SHORT, FITTING, .cut = ZERO)
DROPPED(segment_of_one_byte, DROP_SHORT, FITTING, .cut = 1)
DROPPED(segment_cut_after_its_ports, DROP_SHORT, FITTING, .cut = 4)
DROPPED(segment_of_19_bytes, DROP_SHORT, FITTING, .cut = 19)

/* Header length */

DROPPED(header_length_0, DROP_HEADER_LENGTH, FITTING, .len = 10, .doff = ZERO)
DROPPED(header_length_16, DROP_HEADER_LENGTH, FITTING, .len = 10, .doff = 4)
DROPPED(header_length_one_word_past_the_end, DROP_HEADER_LENGTH, FITTING,
	.doff = 6)
DROPPED(header_length_60_of_a_short_segment, DROP_HEADER_LENGTH, FITTING,
	.len = 10, .doff = 15)

/* MUST-3: the checksum is checked. */

DROPPED(wrong_checksum_of_data, DROP_CHECKSUM, FITTING, .len = 10,
	.bad_sum = true)
DROPPED(wrong_checksum_of_a_rst, DROP_CHECKSUM, .flags = TH_RST, .seq = 1,
	.bad_sum = true)
DROPPED(wrong_checksum_of_a_syn, DROP_CHECKSUM, .flags = TH_SYN, .seq = 7,
	.sport = OTHER_PORT, .bad_sum = true)
DROPPED(wrong_checksum_of_a_large_segment, DROP_CHECKSUM, FITTING, .len = 1400,
	.bad_sum = true)

/* MUST-7: an option of an impossible length makes the whole list a lie. */

#define OPTIONS(...)                                                           \
	.raw = (const uint8_t[]){ __VA_ARGS__ },                               \
	.raw_len = sizeof((const uint8_t[]){ __VA_ARGS__ })

DROPPED_BY_ATCP(option_of_length_0, DROP_OPTIONS, FITTING, .len = 10,
		OPTIONS(77, 0, 1, 1))
DROPPED_BY_ATCP(option_of_length_1, DROP_OPTIONS, FITTING, .len = 10,
		OPTIONS(77, 1, 1, 1))
DROPPED_BY_ATCP(option_past_the_header, DROP_OPTIONS, FITTING, .len = 10,
		OPTIONS(1, 1, 77, 3))
DROPPED_BY_ATCP(option_far_past_the_segment, DROP_OPTIONS, FITTING,
		OPTIONS(77, 255, 0, 0))
DROPPED_BY_ATCP(option_without_room_for_its_length, DROP_OPTIONS, FITTING,
		.len = 10, OPTIONS(1, 1, 1, 77))
DROPPED_BY_ATCP(timestamps_of_the_wrong_length, DROP_OPTIONS, FITTING,
		.len = 10, OPTIONS(8, 6, 0, 0, 0, 1, 1, 1))
DROPPED_BY_ATCP(sack_of_half_a_block, DROP_OPTIONS, FITTING, .len = 10,
		OPTIONS(5, 6, 0, 0, 0, 1, 1, 1))
DROPPED_BY_ATCP(mss_of_length_0_on_a_syn, DROP_OPTIONS, .flags = TH_SYN,
		.seq = 7, .sport = OTHER_PORT, OPTIONS(2, 0, 5, 220))

/* Flags: for the connection */

/* 3.10.7.4, fifth: every segment has an ACK, or is dropped. */
DROPPED(no_flags_to_a_connection, DROP_BAD_FLAGS, .seq = 1, .len = 10)
DROPPED(data_without_ack, DROP_BAD_FLAGS, .flags = TH_PUSH, .seq = 1, .len = 10)
DROPPED(fin_without_ack, DROP_BAD_FLAGS, .flags = TH_FIN, .seq = 1)
ANSWERED(syn_and_fin_to_a_connection, DROP_CHALLENGED,
	 SEG(.flags = TH_SYN | TH_FIN, .seq = 1),
	 SEG(.flags = TH_ACK, .seq = 1, .ack = 1))
/* The RST among them is not the exact one. */
ANSWERED(all_flags_to_a_connection, DROP_CHALLENGED,
	 SEG(.flags = ALL_FLAGS, .seq = 10, .ack = 1),
	 SEG(.flags = TH_ACK, .seq = 1, .ack = 1))

/* Flags: for the listener */

DROPPED(no_flags_to_a_listener, DROP_BAD_FLAGS, .sport = OTHER_PORT, .seq = 7)
DROPPED(syn_and_fin_to_a_listener, DROP_BAD_FLAGS, .flags = TH_SYN | TH_FIN,
	.sport = OTHER_PORT, .seq = 7)
DROPPED(all_flags_to_a_listener, DROP_NO_SOCKET, .flags = ALL_FLAGS,
	.sport = OTHER_PORT, .seq = 7, .ack = 7)
DROPPED(syn_and_rst_to_a_listener, DROP_NO_SOCKET, .flags = TH_SYN | TH_RST,
	.sport = OTHER_PORT, .seq = 7)

/* Flags: for a port that nobody has */

ANSWERED(no_flags_to_a_closed_port, DROP_NO_SOCKET,
	 SEG(.dport = CLOSED_PORT, .seq = 7, .len = 10),
	 SEG(.flags = TH_RST | TH_ACK, .sport = CLOSED_PORT, .absolute = true,
	     .ack = 17))
ANSWERED(syn_and_fin_to_a_closed_port, DROP_NO_SOCKET,
	 SEG(.flags = TH_SYN | TH_FIN, .dport = CLOSED_PORT, .seq = 7),
	 SEG(.flags = TH_RST | TH_ACK, .sport = CLOSED_PORT, .absolute = true,
	     .ack = 9))
DROPPED(all_flags_to_a_closed_port, DROP_NO_SOCKET, .flags = ALL_FLAGS,
	.dport = CLOSED_PORT, .seq = 7, .ack = 7)

/* Ports */

DROPPED_BY_ATCP(source_port_0, DROP_PORT_ZERO, .flags = TH_SYN, .sport = ZERO,
		.seq = 7)
DROPPED_BY_ATCP(destination_port_0, DROP_PORT_ZERO, .flags = TH_SYN,
		.dport = ZERO, .seq = 7)
DROPPED_BY_ATCP(both_ports_0, DROP_PORT_ZERO, .flags = TH_ACK, .sport = ZERO,
		.dport = ZERO, .seq = 7, .ack = 7)

/* MUST-57: a SYN to a broadcast or multicast address is silently dropped. */
TEST_F(malformed, syn_to_many)
{
	struct sockaddr_storage any = test_any(variant->family, CLOSED_PORT);
	bool ipv6 = variant->family == AF_INET6;
	int fd = test_socket(variant->family, 0);
	struct seg syn = {
		.flags = TH_SYN,
		.seq = 7,
		.dport = CLOSED_PORT,
		.daddr = ipv6 ? "ff02::1" : "192.0.2.255",
	};

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, bind(fd, (struct sockaddr *)&any,
			  test_addrlen(variant->family)));
	ASSERT_EQ(0, listen(fd, 1));
	ASSERT_TRUE(is_dropped(&self->pkt, DROP_ADDRESS, &syn));
}

/* What is not bad: bits that mean nothing yet are to be ignored. */
TEST_F(malformed, unknown_bits_of_the_header_do_not_matter)
{
	ASSERT_TRUE(pkt_accept(&self->pkt));
	counters_mark();
	INJECT(.flags = TH_ACK | 0xc0, .reserved = 0xf, .seq = 1, .ack = 1,
	       .len = 100);
	ASSERT_TRUE(pkt_expect_ack(&self->pkt, 101));
	EXPECT_TRUE(stream_read(self->pkt.fd, 100, 0));
}

/* MUST-63: nobody can be answered there. Linux tries a broadcast address. */
TEST_F(malformed, syn_from_many)
{
	static const char *const sources[] = { "192.0.2.255", "224.0.0.1",
					       "255.255.255.255", "127.0.0.1",
					       "0.0.0.0" };
	unsigned int i;

	ATCP_ONLY();
	if (variant->family != AF_INET)
		SKIP(return, "the addresses are IPv4's");
	ASSERT_TRUE(pkt_listen(&self->pkt));
	for (i = 0; i < ARRAY_SIZE(sources); i++) {
		INJECT(.flags = TH_SYN, .seq = 7, .saddr = sources[i]);
		ASSERT_TRUE(pkt_settle(&self->pkt));
		ASSERT_FALSE(pkt_next(&self->pkt, PATIENCE_MS));
		ASSERT_TRUE(pkt_settled(&self->pkt));
	}
	EXPECT_EQ(0, proc_count(variant->family, ST_SYN_RECEIVED));
}

TEST_MAIN
