/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The same program over the kernel's TCP and over ATCP: what it sees must be
 * the same. A case is a function that calls the kernel and notes what it sees.
 * It runs twice, in a process and a network namespace of its own each time:
 * once with protocol 6 and once with 253. It passes if both notes are equal.
 */
#ifndef ATCP_COMPARE_H
#define ATCP_COMPARE_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>

#include "../testlib.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
/* No process has a page there. */
extern void *const NOWHERE;

/* Where the cases' listeners are; other ports that they bind come after it. */
#define PORT 4000

/* The sockets that a case is about; -1 where there is none. */
struct sockets {
	int fd;	      /* the one that is looked at */
	int peer;     /* the other end */
	int listener; /* listens on PORT */
};

/* note.c: what a case notes */
void note_to(int fd);
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Notes a call and what it returned, or its errno. Returns @ret. */
const char *errno_name(int err);
long did(const char *call, long ret);
#define DO(call) did(#call, (long)(call))
/* The same of one that has read into @buf. */
long got(const char *call, long ret, const void *buf);
void note_address(const char *call, long ret, const void *addr, socklen_t room,
		  socklen_t len);
void note_names(int fd);
/* The events that poll() shows at once. */
void note_poll(const char *who, int fd);
const char *poll_bits(unsigned int events, char *text, size_t len);
/* A number of octets, unless that is the buffer's size. */
const char *amount(int octets, char *text, size_t len);
/* The signals that are pending; they are so no more. */
void note_signals(void);
/* All that can be seen of a socket; that takes its error and its data. */
void look(const char *who, int fd);
/* A duration, told coarsely enough to be the same each time. */
void note_duration(const char *what, uint64_t begun);

/* state.c: sockets in every state that there is */
struct state {
	const char *name;
	bool (*enter)(struct sockets *s);
};

extern const struct state states[];
extern const int nr_states;
bool enter_state(struct sockets *s, const char *name);
int tcp_state(int fd);
bool wait_state(int fd, int state);
/* Lets segments that are on their way arrive. */
void settle(void);
struct sockaddr_in address(const char *host, uint16_t port);
int bind_in(int fd, const char *host, uint16_t port);
int connect_in(int fd, const char *host, uint16_t port);
int set_int(int fd, int level, int option, int value);
int get_int(int fd, int level, int option);
/* An address from which nothing ever comes back. */
#define SILENT_HOST "192.0.2.2"
bool make_silent_host(void);

/* main.c: the cases */
typedef void case_fn(int a, int b);
/* A program's own file has this if it generates cases. */
void add_cases(void);
void add_case(case_fn *run, int a, int b, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
/* Leaves a case that this kernel cannot run, over either protocol. */
void skip_case(const char *why) __attribute__((noreturn));
/* Leaves a case that did not get to what it is about. */
void fail_case(const char *why) __attribute__((noreturn));

/* A case written by hand: SCENARIO(group, name) { ... } */
void add_scenario(const char *name, void (*run)(void), bool timed);
#define SCENARIO_KIND(group, what, timed)                                      \
	static void group##_##what(void);                                      \
	__attribute__((constructor)) static void add_##group##_##what(void)    \
	{                                                                      \
		add_scenario(#group "." #what, group##_##what, timed);         \
	}                                                                      \
	static void group##_##what(void)
#define SCENARIO(group, what) SCENARIO_KIND(group, what, false)
/* One that waits: it wants a clock that counts only what is computed. */
#define TIMED_SCENARIO(group, what) SCENARIO_KIND(group, what, true)

/* A process that shares the descriptors and does something @ms from now. */
pid_t later(int ms, void (*what)(int fd), int fd);
void wait_later(pid_t pid);

/* differences.c: why a case may differ, or NULL if it must not */
const char *intended_difference(const char *name);

#endif
