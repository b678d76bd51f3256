/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What every test program needs: the protocol under test, a network namespace
 * of its own, and a view of what the kernel says about it (/proc, sysctl).
 *
 * The protocol comes from the environment, ATCP_TEST_PROTO: 253, ATCP, unless
 * it says otherwise. With 6 the same tests run over the kernel's own TCP, which
 * is how one tells a wrong test from a wrong ATCP.
 */
#ifndef ATCP_TESTLIB_H
#define ATCP_TESTLIB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <netinet/in.h>

/* The states' numbers in /proc/net/atcp, and in struct tcp_info. */
enum {
	ST_GONE = 0, /* no such record */
	ST_ESTABLISHED = 1,
	ST_SYN_SENT,
	ST_SYN_RECEIVED,
	ST_FIN_WAIT_1,
	ST_FIN_WAIT_2,
	ST_TIME_WAIT,
	ST_CLOSED,
	ST_CLOSE_WAIT,
	ST_LAST_ACK,
	ST_LISTEN,
	ST_CLOSING,
};

/* One line of /proc/net/atcp. Ports are in host byte order. */
struct proc_row {
	char local[33];
	char remote[33];
	uint16_t lport;
	uint16_t rport;
	unsigned int state;
	unsigned int tx_queue;
	unsigned int rx_queue;
	unsigned int timer;
	unsigned int when; /* hundredths of a second */
	unsigned int retransmits;
	unsigned int uid;
	unsigned int probes;
	unsigned long inode;
};

int test_proto(void);
bool test_is_atcp(void);
bool test_is_icount(void);

uint64_t now_us(void);
void wait_tick(void);

/* Evaluates @cond every millisecond until it holds or @ms have passed. */
#define WAIT_FOR(cond, ms)                                                     \
	({                                                                     \
		uint64_t __end = now_us() + 1000ull * (ms);                    \
		bool __ok;                                                     \
		while (!(__ok = (cond)) && now_us() < __end)                   \
			wait_tick();                                           \
		__ok;                                                          \
	})

/*
 * How long a test waits for what has to come. Nothing is lost by a long wait:
 * only a failing test waits to its end, and the machine may be an emulated one.
 */
#define PATIENCE_MS 8000

int test_netns(void);
int test_socket(int family, int flags);

/* Addresses of @family: the loopback one, the unspecified one. */
struct sockaddr_storage test_loopback(int family, uint16_t port);
struct sockaddr_storage test_any(int family, uint16_t port);
socklen_t test_addrlen(int family);
uint16_t test_port(const struct sockaddr_storage *addr);
uint16_t test_sockport(int fd);

/* Sockets on the loopback device; each returns -1 with errno set, as usual. */
int test_listen(int family, uint16_t port, int backlog);
int test_connect(int family, uint16_t port);
int test_pair(int family, int fds[2]);

int set_nonblock(int fd, bool on);
int so_error(int fd);
/* The events that poll() shows at once, or -1. */
int poll_now(int fd);
bool poll_for(int fd, int events);

/* A byte stream whose every byte tells where it belongs. */
uint8_t stream_byte(uint64_t offset);
void stream_fill(void *buf, size_t len, uint64_t offset);
bool stream_check(const void *buf, size_t len, uint64_t offset);
/* Read and write exactly @len bytes of it on a blocking socket. */
bool stream_read(int fd, size_t len, uint64_t offset);
bool stream_write(int fd, size_t len, uint64_t offset);

int file_read(const char *path, char *buf, size_t len);
int file_write(const char *path, const char *text);

/* @name is the part that net.atcp.@name and net.ipv4.tcp_@name share. */
int sysctl_path(const char *name, char *path, size_t len);
int sysctl_write(const char *name, const char *value);
int sysctl_read(const char *name, char *buf, size_t len);
long sysctl_read_long(const char *name);

const char *proc_path(int family);
int proc_rows(int family, struct proc_row *rows, int max);
/* The record with these ports; 0 as @rport stands for any. */
bool proc_find(int family, uint16_t lport, uint16_t rport,
	       struct proc_row *row);
unsigned int proc_state(int family, uint16_t lport, uint16_t rport);
int proc_count(int family, unsigned int state);
const char *state_name(unsigned int state);

/* A counter of /proc/net/atcp_stat, or -1 where there is none of that name. */
long long counter_read(const char *name);
/*
 * Whether the counter @name has grown by @by, and no other Drop counter at all
 * (without a name: none), since counters_mark(). Over protocol 6 there are none: true.
 */
void counters_mark(void);
bool counters_grew(const char *name, int by);

/* Shows on stderr what the namespace looks like: for a test that has failed. */
void test_dump(void);

#endif
