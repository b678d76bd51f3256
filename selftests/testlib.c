// SPDX-License-Identifier: GPL-2.0
/* What every test program needs; see testlib.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "../module/uapi/atcp.h"
#include "testlib.h"

static int env_number(const char *name, int otherwise)
{
	const char *value = getenv(name);

	return value && *value ? atoi(value) : otherwise;
}

int test_proto(void)
{
	return env_number("ATCP_TEST_PROTO", IPPROTO_ATCP);
}

bool test_is_atcp(void)
{
	return test_proto() == IPPROTO_ATCP;
}

bool test_is_icount(void)
{
	return env_number("ATCP_TEST_ICOUNT", 0);
}

uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

void wait_tick(void)
{
	struct timespec tick = { .tv_nsec = 1000 * 1000 };

	nanosleep(&tick, NULL);
}

static int loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd, err = 0;

	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0)
		return -errno;
	if (ioctl(fd, SIOCGIFFLAGS, &ifr))
		err = -errno;
	ifr.ifr_flags |= IFF_UP;
	if (!err && ioctl(fd, SIOCSIFFLAGS, &ifr))
		err = -errno;
	close(fd);
	return err;
}

int test_netns(void)
{
	if (unshare(CLONE_NEWNET))
		return -errno;
	/*
	 * From 6.5 on the kernel's TCP repeats its first SYNs at a steady rate;
	 * the tests know the classic back-off only.
	 */
	if (!test_is_atcp())
		file_write("/proc/sys/net/ipv4/tcp_syn_linear_timeouts", "0");
	return loopback_up();
}

int test_socket(int family, int flags)
{
	return socket(family, SOCK_STREAM | flags, test_proto());
}

static struct sockaddr_storage make_addr(int family, uint16_t port,
					 bool loopback)
{
	struct sockaddr_storage addr = { .ss_family = family };

	if (family == AF_INET6) {
		struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&addr;

		sin6->sin6_port = htons(port);
		sin6->sin6_addr = loopback ? in6addr_loopback : in6addr_any;
	} else {
		struct sockaddr_in *sin = (struct sockaddr_in *)&addr;

		sin->sin_port = htons(port);
		sin->sin_addr.s_addr =
			htonl(loopback ? INADDR_LOOPBACK : INADDR_ANY);
	}
	return addr;
}

struct sockaddr_storage test_loopback(int family, uint16_t port)
{
	return make_addr(family, port, true);
}

struct sockaddr_storage test_any(int family, uint16_t port)
{
	return make_addr(family, port, false);
}

socklen_t test_addrlen(int family)
{
	return family == AF_INET6 ? sizeof(struct sockaddr_in6) :
				    sizeof(struct sockaddr_in);
}

uint16_t test_port(const struct sockaddr_storage *addr)
{
	/* The port stands at the same place in both families. */
	return ntohs(((const struct sockaddr_in *)addr)->sin_port);
}

uint16_t test_sockport(int fd)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);

	if (getsockname(fd, (struct sockaddr *)&addr, &len))
		return 0;
	return test_port(&addr);
}

static int fail_close(int fd)
{
	int err = errno;

	close(fd);
	errno = err;
	return -1;
}

int test_listen(int family, uint16_t port, int backlog)
{
	struct sockaddr_storage addr = test_loopback(family, port);
	int fd = test_socket(family, 0);

	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&addr, test_addrlen(family)) ||
	    listen(fd, backlog))
		return fail_close(fd);
	return fd;
}

int test_connect(int family, uint16_t port)
{
	struct sockaddr_storage addr = test_loopback(family, port);
	int fd = test_socket(family, 0);

	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&addr, test_addrlen(family)))
		return fail_close(fd);
	return fd;
}

/* fds[0] is the end that connected, fds[1] the one that was accepted. */
int test_pair(int family, int fds[2])
{
	int listener = test_listen(family, 0, 1);

	if (listener < 0)
		return -1;
	fds[0] = test_connect(family, test_sockport(listener));
	if (fds[0] < 0)
		return fail_close(listener);
	fds[1] = accept(listener, NULL, NULL);
	if (fds[1] < 0) {
		fail_close(fds[0]);
		return fail_close(listener);
	}
	close(listener);
	return 0;
}

int set_nonblock(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -1;
	flags = on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK;
	return fcntl(fd, F_SETFL, flags);
}

int so_error(int fd)
{
	int err = -1;
	socklen_t len = sizeof(err);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len))
		return -1;
	return err;
}

int poll_now(int fd)
{
	struct pollfd pfd = {
		.fd = fd,
		.events = POLLIN | POLLOUT | POLLRDHUP | POLLPRI,
	};

	if (poll(&pfd, 1, 0) < 0)
		return -1;
	return pfd.revents;
}

bool poll_for(int fd, int events)
{
	struct pollfd pfd = { .fd = fd, .events = events };

	return poll(&pfd, 1, PATIENCE_MS) == 1 && (pfd.revents & events);
}

uint8_t stream_byte(uint64_t offset)
{
	/* A prime as the period: no buffer size is a multiple of it. */
	return offset % 251;
}

void stream_fill(void *buf, size_t len, uint64_t offset)
{
	uint8_t *bytes = buf;
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = stream_byte(offset + i);
}

bool stream_check(const void *buf, size_t len, uint64_t offset)
{
	const uint8_t *bytes = buf;
	size_t i;

	for (i = 0; i < len; i++) {
		if (bytes[i] == stream_byte(offset + i))
			continue;
		fprintf(stderr, "# byte %llu of the stream is %u, not %u\n",
			(unsigned long long)(offset + i), bytes[i],
			stream_byte(offset + i));
		return false;
	}
	return true;
}

bool stream_read(int fd, size_t len, uint64_t offset)
{
	uint8_t buf[16384];
	ssize_t n;

	while (len) {
		n = read(fd, buf, len < sizeof(buf) ? len : sizeof(buf));
		if (n <= 0) {
			fprintf(stderr,
				"# read at byte %llu, %zu to go: %zd (%s)\n",
				(unsigned long long)offset, len, n,
				n ? strerror(errno) : "end of stream");
			return false;
		}
		if (!stream_check(buf, n, offset))
			return false;
		offset += n;
		len -= n;
	}
	return true;
}

bool stream_write(int fd, size_t len, uint64_t offset)
{
	uint8_t buf[16384];
	ssize_t n;

	while (len) {
		n = len < sizeof(buf) ? len : sizeof(buf);
		stream_fill(buf, n, offset);
		n = write(fd, buf, n);
		if (n < 0) {
			fprintf(stderr, "# write at byte %llu: %s\n",
				(unsigned long long)offset, strerror(errno));
			return false;
		}
		offset += n;
		len -= n;
	}
	return true;
}

int file_read(const char *path, char *buf, size_t len)
{
	size_t used = 0;
	ssize_t n;
	int fd;

	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -errno;
	/* A seq_file hands out a page at a time. */
	while (used < len - 1) {
		n = read(fd, buf + used, len - 1 - used);
		if (n <= 0)
			break;
		used += n;
	}
	close(fd);
	buf[used] = 0;
	return used;
}

int file_write(const char *path, const char *text)
{
	int fd, err = 0;

	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	close(fd);
	return err;
}

int sysctl_path(const char *name, char *path, size_t len)
{
	return snprintf(path, len, "/proc/sys/net/%s%s",
			test_is_atcp() ? "atcp/" : "ipv4/tcp_", name);
}

int sysctl_write(const char *name, const char *value)
{
	char path[128];

	sysctl_path(name, path, sizeof(path));
	return file_write(path, value);
}

int sysctl_read(const char *name, char *buf, size_t len)
{
	char path[128];
	int n;

	sysctl_path(name, path, sizeof(path));
	n = file_read(path, buf, len);
	if (n > 0 && buf[n - 1] == '\n')
		buf[--n] = 0;
	return n;
}

long sysctl_read_long(const char *name)
{
	char buf[64];
	int err = sysctl_read(name, buf, sizeof(buf));

	return err < 0 ? err : atol(buf);
}

const char *proc_path(int family)
{
	if (test_is_atcp())
		return family == AF_INET6 ? "/proc/net/atcp6" :
					    "/proc/net/atcp";
	return family == AF_INET6 ? "/proc/net/tcp6" : "/proc/net/tcp";
}

int proc_rows(int family, struct proc_row *rows, int max)
{
	static char text[1 << 18];
	char *line, *save;
	int n = 0, err;

	err = file_read(proc_path(family), text, sizeof(text));
	if (err < 0)
		return err;
	line = strtok_r(text, "\n", &save);
	while (n < max && (line = strtok_r(NULL, "\n", &save))) {
		struct proc_row *row = &rows[n];
		unsigned int lport, rport;

		if (sscanf(line,
			   " %*d: %32[0-9A-F]:%x %32[0-9A-F]:%x %x %x:%x %x:%x %x %u %u %lu",
			   row->local, &lport, row->remote, &rport, &row->state,
			   &row->tx_queue, &row->rx_queue, &row->timer,
			   &row->when, &row->retransmits, &row->uid,
			   &row->probes, &row->inode) != 13)
			return -EPROTO;
		row->lport = lport;
		row->rport = rport;
		n++;
	}
	return n;
}

#define MAX_ROWS 1024

bool proc_find(int family, uint16_t lport, uint16_t rport, struct proc_row *row)
{
	static struct proc_row rows[MAX_ROWS];
	int i, n;

	n = proc_rows(family, rows, MAX_ROWS);
	if (n < 0)
		fprintf(stderr, "# %s: %s\n", proc_path(family), strerror(-n));
	for (i = 0; i < n; i++) {
		if (rows[i].lport == lport &&
		    (!rport || rows[i].rport == rport)) {
			*row = rows[i];
			return true;
		}
	}
	return false;
}

unsigned int proc_state(int family, uint16_t lport, uint16_t rport)
{
	struct proc_row row;

	return proc_find(family, lport, rport, &row) ? row.state : ST_GONE;
}

int proc_count(int family, unsigned int state)
{
	static struct proc_row rows[MAX_ROWS];
	int i, n, count = 0;

	n = proc_rows(family, rows, MAX_ROWS);
	if (n < 0)
		return n;
	for (i = 0; i < n; i++)
		count += rows[i].state == state;
	return count;
}

const char *state_name(unsigned int state)
{
	static const char *const names[] = {
		[ST_GONE] = "gone",
		[ST_ESTABLISHED] = "ESTABLISHED",
		[ST_SYN_SENT] = "SYN-SENT",
		[ST_SYN_RECEIVED] = "SYN-RECEIVED",
		[ST_FIN_WAIT_1] = "FIN-WAIT-1",
		[ST_FIN_WAIT_2] = "FIN-WAIT-2",
		[ST_TIME_WAIT] = "TIME-WAIT",
		[ST_CLOSED] = "CLOSED",
		[ST_CLOSE_WAIT] = "CLOSE-WAIT",
		[ST_LAST_ACK] = "LAST-ACK",
		[ST_LISTEN] = "LISTEN",
		[ST_CLOSING] = "CLOSING",
	};

	return state <= ST_CLOSING ? names[state] : "?";
}

#define STAT_PATH "/proc/net/atcp_stat"

long long counter_read(const char *name)
{
	char text[16384], *line, *save;
	size_t len = strlen(name);

	if (file_read(STAT_PATH, text, sizeof(text)) < 0)
		return -1;
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (!strncmp(line, name, len) && line[len] == ' ')
			return atoll(line + len);
	}
	return -1;
}

static char marked[16384];

void counters_mark(void)
{
	if (test_is_atcp() && file_read(STAT_PATH, marked, sizeof(marked)) < 0)
		fprintf(stderr, "# %s: %s\n", STAT_PATH, strerror(errno));
}

static long long marked_value(const char *line, size_t name_len)
{
	const char *at = marked;

	while (at && strncmp(at, line, name_len + 1)) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	return at ? atoll(at + name_len) : 0;
}

bool counters_grew(const char *name, int by)
{
	char text[sizeof(marked)], *line, *save;
	bool seen = !name, good = true;

	if (!test_is_atcp())
		return true;
	if (file_read(STAT_PATH, text, sizeof(text)) < 0)
		text[0] = 0;
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		size_t len = strcspn(line, " ");
		bool named = name && !strncmp(line, name, len) && !name[len];
		long long grew = atoll(line + len) - marked_value(line, len);

		seen |= named;
		if ((!named && strncmp(line, "Drop", 4)) ||
		    grew == (named ? by : 0))
			continue;
		fprintf(stderr, "# %.*s grew by %lld, not %d\n", (int)len, line,
			grew, named ? by : 0);
		good = false;
	}
	if (!seen)
		fprintf(stderr, "# %s has no %s\n", STAT_PATH, name);
	return seen && good;
}

static void dump_file(const char *path)
{
	char text[16384], *line, *save;

	if (file_read(path, text, sizeof(text)) < 0)
		return;
	fprintf(stderr, "# %s:\n", path);
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		size_t len = strlen(line);

		/* A counter that counted nothing tells nothing. */
		if (len > 2 && !strcmp(line + len - 2, " 0"))
			continue;
		fprintf(stderr, "#   %s\n", line);
	}
}

void test_dump(void)
{
	dump_file(proc_path(AF_INET));
	dump_file(proc_path(AF_INET6));
	if (test_is_atcp())
		dump_file(STAT_PATH);
}
