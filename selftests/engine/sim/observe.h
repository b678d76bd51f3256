/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who watches a run. What happens at each end is told as struct event to
 * observe.c, which passes it on to the text trace and to the oracle; segments
 * on the wire go to the pcap file.
 */
#ifndef ATCP_SIM_OBSERVE_H
#define ATCP_SIM_OBSERVE_H

#include "event.h"
#include "types.h"

struct host;
struct packet;
struct path;
struct pcap;
struct sock;
struct trace;
struct world;

/**
 * struct sim_watch - who watches a run; any may be NULL
 * @trace: lines for people
 * @pcap: segments for wireshark
 */
struct sim_watch {
	struct trace *trace;
	struct pcap *pcap;
};

/* observe.c */
void observe_begin(struct sock *sk);
void observe_user(struct sock *sk, enum event_kind kind, u32 n);
void observe_arrives(struct sock *sk, const struct packet *p);
void observe_sends(struct sock *sk, const struct packet *p);
void observe_icmp(struct sock *sk, const struct packet *p);
void observe_state(struct sock *sk, u8 from, u8 to, u8 cause);
void observe_timeout(struct sock *sk);
void observe_stray(struct host *h, const struct packet *p);
void observe_wire(const struct packet *p);
void observe_mark(const struct packet *p, const char *mark);
void observe_wrong(struct world *w);

#endif
