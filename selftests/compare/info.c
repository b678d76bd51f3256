// SPDX-License-Identifier: GPL-2.0
/* struct tcp_info, field by field. */
#include <linux/tcp.h>
#include <stddef.h>

#include "compare.h"

/* What a field's value tells. */
enum look {
	EXACT, /* the same number */
	SOME,  /* only whether it is zero: it depends on the clock */
};

static const struct field {
	const char *name;
	int offset;
	int size;
	enum look look;
} fields[] = {
#define F(field, look)                                                         \
	{                                                                      \
#field, offsetof(struct tcp_info, field),                      \
			sizeof(((struct tcp_info *)0)->field), look            \
	}
	F(tcpi_state, EXACT),
	F(tcpi_ca_state, EXACT),
	F(tcpi_retransmits, EXACT),
	F(tcpi_probes, EXACT),
	F(tcpi_backoff, EXACT),
	F(tcpi_options, EXACT),
	F(tcpi_rto, SOME),
	F(tcpi_ato, SOME),
	F(tcpi_snd_mss, EXACT),
	F(tcpi_rcv_mss, EXACT),
	F(tcpi_unacked, EXACT),
	F(tcpi_sacked, EXACT),
	F(tcpi_lost, EXACT),
	F(tcpi_retrans, EXACT),
	F(tcpi_fackets, EXACT),
	F(tcpi_last_ack_sent, EXACT),
	F(tcpi_pmtu, EXACT),
	F(tcpi_rcv_ssthresh, SOME),
	F(tcpi_rtt, SOME),
	F(tcpi_rttvar, SOME),
	F(tcpi_snd_ssthresh, EXACT),
	F(tcpi_snd_cwnd, SOME),
	F(tcpi_advmss, EXACT),
	F(tcpi_reordering, EXACT),
	F(tcpi_rcv_space, SOME),
	F(tcpi_total_retrans, EXACT),
	F(tcpi_pacing_rate, SOME),
	F(tcpi_max_pacing_rate, EXACT),
	F(tcpi_bytes_acked, EXACT),
	F(tcpi_bytes_received, EXACT),
	F(tcpi_notsent_bytes, EXACT),
	F(tcpi_data_segs_in, EXACT),
	F(tcpi_data_segs_out, EXACT),
	F(tcpi_busy_time, SOME),
	F(tcpi_rwnd_limited, EXACT),
	F(tcpi_sndbuf_limited, EXACT),
	F(tcpi_delivered, EXACT),
	F(tcpi_delivered_ce, EXACT),
	F(tcpi_bytes_sent, EXACT),
	F(tcpi_bytes_retrans, EXACT),
	F(tcpi_dsack_dups, EXACT),
	F(tcpi_reord_seen, EXACT),
	F(tcpi_rcv_ooopack, EXACT),
	F(tcpi_snd_wnd, SOME),
#undef F
};

static void note_field(const char *who, int fd, const struct field *f)
{
	unsigned long long value = 0;
	struct tcp_info info;
	socklen_t len = sizeof(info);

	memset(&info, 0, sizeof(info));
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len)) {
		did(who, -1);
		return;
	}
	memcpy(&value, (char *)&info + f->offset, f->size);
	if (f->look == EXACT)
		note("%s: %llu", who, value);
	else
		note("%s: %s", who, value ? "some" : "0");
}

/* Options of the SYN, which share octets. */
static void run_shifts(int a, int b)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);
	struct sockets s;

	(void)a;
	(void)b;
	if (!enter_state(&s, "established") ||
	    getsockopt(s.fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		fail_case("the state was not reached");
	note("length %d", len >= offsetof(struct tcp_info, tcpi_snd_wnd));
	note("window shifts %d %d", info.tcpi_snd_wscale, info.tcpi_rcv_wscale);
	note("limited by the application %d",
	     info.tcpi_delivery_rate_app_limited);
	note("fast open failed %d", info.tcpi_fastopen_client_fail);
}

static void run_field(int which, int b)
{
	const struct field *f = &fields[which];
	char block[1000];
	struct sockets s;
	int i;

	(void)b;
	if (!enter_state(&s, "established"))
		fail_case("the state was not reached");
	note_field("connected", s.fd, f);
	note_field("accepted", s.peer, f);
	note_field("listening", s.listener, f);
	note_field("fresh", test_socket(AF_INET, 0), f);
	memset(block, 'b', sizeof(block));
	for (i = 0; i < 5; i++) {
		DO(write(s.fd, block, sizeof(block)));
		DO(recv(s.peer, block, sizeof(block), MSG_WAITALL));
		DO(write(s.peer, block, 10));
		DO(read(s.fd, block, 10));
	}
	/* The last acknowledgment may be a delayed one. */
	usleep(100 * 1000);
	note_field("connected", s.fd, f);
	note_field("accepted", s.peer, f);
	shutdown(s.peer, SHUT_WR);
	wait_state(s.fd, ST_CLOSE_WAIT);
	usleep(100 * 1000);
	note_field("at the end", s.fd, f);
	note_field("after the end", s.peer, f);
}

void add_cases(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_LEN(fields); i++)
		add_case(run_field, i, 0, "info.%s", fields[i].name);
	add_case(run_shifts, 0, 0, "info.shifts");
}
