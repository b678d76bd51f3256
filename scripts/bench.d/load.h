/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the benchmark's load program share. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>

enum kind {
	KIND_ATCP,
	KIND_TCP,
	KIND_UNIX,
	KIND_COUNT
};

enum path {
	PATH_LOOPBACK,
	PATH_VETH,
	PATH_COUNT
};

/* Which two ends are measured. */
struct link {
	enum kind kind;
	enum path path;
};

/* load.c */
__attribute__((noreturn, format(printf, 1, 2))) void die(const char *format,
							 ...);
void pause_ms(unsigned int ms);

/* net.c */
void net_init(void);
int server_listen(struct link link);
int client_connect(struct link link);
void read_all(int fd, void *buf, size_t len);
void write_all(int fd, const void *buf, size_t len);
void send_syns(struct link link, unsigned int count);
unsigned int count_state(struct link link, unsigned int state);

/* speed.c: each prints a line "speed ROW PATH KIND INSTRUCTIONS IDLE". */
bool speed_row_exists(const char *row);
void speed_measure(const char *row, struct link link);

/* memory.c: each prints lines "memory ROW PATH KIND CACHE OBJECTS BYTES". */
bool memory_row_exists(const char *row);
void memory_measure(const char *row, struct link link);

#endif
