/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls and segments made by chance: what the parts of the program share.
 *
 * A thread draws all it does from a generator of its own, seeded with the
 * run's seed, its namespace's number and its own. So the same seed asks for
 * the same calls in the same order on each thread; what they hit depends on
 * how the threads mix, and that is not repeatable.
 */
#ifndef ATCP_CHAOS_H
#define ATCP_CHAOS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* The last calls of a thread. It outlives the process that writes it. */
#define RING_LINES 64
#define RING_WIDTH 116
struct ring {
	uint64_t calls;
	uint32_t thread;
	uint32_t namespace;
	char line[RING_LINES][RING_WIDTH];
};

/* The threads of a process share descriptors, and take them from each other. */
#define SLOTS	   40
#define FIRST_PORT 8000
#define PORTS	   6

/* What was seen of one direction of a connection. */
#define FLOWS 32
struct flow {
	uint32_t saddr, daddr; /* all in network byte order but these two: */
	uint16_t sport, dport;
	uint32_t next; /* the number after its last octet */
	uint32_t ack;
	uint32_t tsval;
	bool has_ts;
};

#define NAMES 64
struct space {
	int slot[SLOTS];
	int pair[2]; /* to the other process of this namespace */
	int tun, raw, sniffer;
	pthread_mutex_t lock; /* guards flow */
	struct flow flow[FLOWS];
	unsigned int next_flow;
	char sysctl[NAMES][48];
	int sysctls;
};

#define BUF_LEN 65536
struct chaos {
	uint64_t random;
	struct ring *ring;
	struct space *space;
	uint8_t *buf; /* BUF_LEN octets; what is behind them faults */
	int nth_file;
	bool verbose; /* each call is in the kernel's log before it is made */
};

/* value.c: what calls are given */
uint32_t rnd(struct chaos *c);
/* Below @n. */
uint32_t pick(struct chaos *c, uint32_t n);
/* Once in @n times. */
bool once_in(struct chaos *c, uint32_t n);
/* Numbers at which something may end, and others. */
int pick_int(struct chaos *c);
/* A length of at most @most, mostly. */
size_t pick_len(struct chaos *c, size_t most);
/* @len octets that can be read and written; now and then not. */
void *pick_memory(struct chaos *c, size_t len);
socklen_t pick_address(struct chaos *c, struct sockaddr_storage *addr);
/* In network byte order. */
uint32_t pick_host(struct chaos *c);
uint16_t pick_port(struct chaos *c);
void fill(struct chaos *c, void *buf, size_t len);

/* What comes next; then what came of it. */
void note(struct chaos *c, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void noted(struct chaos *c, long result);

/* A call and how often it is made, beside the others. */
struct call {
	const char *name;
	int weight;
	void (*make)(struct chaos *c);
};

extern const struct call socket_calls[];  /* socket.c */
extern const struct call data_calls[];	  /* data.c */
extern const struct call option_calls[];  /* option.c */
extern const struct call segment_calls[]; /* segment.c */
extern const struct call world_calls[];	  /* world.c */

/* A descriptor of the pool, and one put into it; what was there is closed. */
int slot_get(struct chaos *c);
void slot_put(struct chaos *c, int fd);

/* Fits out this process's namespace, with a device for segments; see world.c. */
int space_create(struct space *s, unsigned int seed);
/* Makes @calls calls, or those of half a second if there are no more by then. */
void chaos_run(struct chaos *c, int calls, uint64_t end_us);

#endif
