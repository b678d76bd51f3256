// SPDX-License-Identifier: GPL-2.0
/*
 * net.atcp.*: names, defaults and limits are those of net.ipv4.tcp_*, each
 * namespace has its own, and a bad value changes nothing. What each does:
 * pkt/sysctl.c, and the tests that it names.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <linux/sockios.h>

#include "harness.h"

FIXTURE_NETNS(sysctl);

/* What the kernel's TCP says, whichever protocol is under test. */
static int tcp_value(const char *name, char *buf, size_t len)
{
	char path[128];
	int n;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/tcp_%s", name);
	n = file_read(path, buf, len);
	if (n > 0)
		buf[n - 1] = 0;
	return n;
}

static bool has_value(const char *name, const char *value)
{
	char now[128];

	if (sysctl_read(name, now, sizeof(now)) >= 0 && !strcmp(now, value))
		return true;
	fprintf(stderr, "# %s is '%s', not '%s'\n", name, now, value);
	return false;
}

static bool takes(const char *name, const char *value)
{
	int err = sysctl_write(name, value);

	if (!err)
		return has_value(name, value);
	fprintf(stderr, "# %s=%s: %s\n", name, value, strerror(-err));
	return false;
}

static bool refuses(const char *name, const char *value)
{
	char before[128];
	int err;

	if (sysctl_read(name, before, sizeof(before)) < 0)
		return false;
	err = sysctl_write(name, value);
	if (err == -EINVAL)
		return has_value(name, before);
	fprintf(stderr, "# %s=%s: %s, not EINVAL\n", name, value,
		strerror(-err));
	return false;
}

/*
 * The knobs, in the order of module/control/sysctl.c.
 *
 * @value: the default, NULL where it follows the machine's memory
 * @least, @most: the range where Linux's is wider, or not there before the
 *                kernel that brought the knob; both 0 where it is the same
 */
static const struct knob {
	const char *name;
	const char *value;
	long long least, most;
} knobs[] = {
	{ "syn_retries", "6" },
	{ "synack_retries", "5" },
	{ "max_syn_backlog", NULL },
	{ "syncookies", "1", 0, 255 },
	{ "abort_on_overflow", "0" },
	{ "tw_reuse", "2" },
	{ "window_scaling", "1" },
	{ "timestamps", "1" },
	{ "sack", "1" },
	{ "retries1", "3" },
	{ "retries2", "15" },
	{ "rto_min_us", "200000", 1, INT_MAX },
	{ "rto_max_ms", "120000", 1000, 120000 },
	{ "thin_linear_timeouts", "0" },
	{ "slow_start_after_idle", "1" },
	{ "dsack", "1" },
	{ "stdurg", "0" },
	{ "invalid_ratelimit", "500", 0, INT_MAX },
	{ "challenge_ack_limit", "2147483647" },
	/* Linux keeps jiffies, and takes no time and times before now. */
	{ "keepalive_time", "7200", 1, INT_MAX / 1000 },
	{ "keepalive_intvl", "75", 1, INT_MAX / 1000 },
	{ "keepalive_probes", "9" },
	{ "mtu_probing", "0" },
	{ "base_mss", "1024", 48, 65535 },
	{ "min_snd_mss", "48" },
	{ "mtu_probe_floor", "48" },
	{ "probe_threshold", "8", 0, 65535 },
	{ "probe_interval", "600", 0, INT_MAX / 1000 },
	{ "fin_timeout", "60", 1, INT_MAX / 1000 },
	{ "orphan_retries", "0" },
	{ "max_tw_buckets", NULL, 0, INT_MAX },
	{ "max_orphans", NULL, 0, INT_MAX },
	{ "notsent_lowat", "4294967295" },
	{ "moderate_rcvbuf", "1" },
};

#define FOR_EACH_KNOB(k)                                                       \
	for (const struct knob *k = knobs; k < knobs + ARRAY_SIZE(knobs); k++)

/* Defaults */

TEST_F(sysctl, defaults_are_the_documented_ones)
{
	ATCP_ONLY();
	FOR_EACH_KNOB(k)
	EXPECT_TRUE(!k->value || has_value(k->name, k->value));
}

/* A kernel without this knob has nothing to say. */
TEST_F(sysctl, defaults_are_those_of_tcp)
{
	char tcp[128];

	FOR_EACH_KNOB(k)
	{
		if (tcp_value(k->name, tcp, sizeof(tcp)) > 0)
			EXPECT_TRUE(has_value(k->name, tcp));
	}
}

/* The third number follows the memory of the machine; two do not. */
TEST_F(sysctl, buffer_sizes_have_the_defaults_of_tcp)
{
	char value[128], *third;

	ASSERT_LT(0, sysctl_read("rmem", value, sizeof(value)));
	EXPECT_EQ(4096, strtol(value, &third, 10));
	EXPECT_EQ(131072, strtol(third, &third, 10));
	EXPECT_LE(131072, strtol(third, NULL, 10));
	ASSERT_LT(0, sysctl_read("wmem", value, sizeof(value)));
	EXPECT_EQ(4096, strtol(value, &third, 10));
	EXPECT_EQ(16384, strtol(third, &third, 10));
	EXPECT_LE(16384, strtol(third, NULL, 10));
}

/* What it lacks is told, and why. */

/* Looks for "| `@name` |" in control/README.md, from where this program is. */
static bool is_documented(const char *name)
{
	char path[512], want[128], line[1024];
	bool found = false;
	FILE *file;
	int n;

	n = readlink("/proc/self/exe", path, sizeof(path) - 64);
	while (n > 0 && path[n - 1] != '/')
		n--;
	if (n <= 0)
		return false;
	strcpy(path + n, "../../module/control/README.md");
	snprintf(want, sizeof(want), "| `%s` |", name);
	file = fopen(path, "r");
	while (file && !found && fgets(line, sizeof(line), file))
		found = !strncmp(line, want, strlen(want));
	if (file)
		fclose(file);
	return found;
}

TEST_F(sysctl, every_knob_of_tcp_is_here_or_documented_as_missing)
{
	DIR *dir = opendir("/proc/sys/net/ipv4");
	struct dirent *entry;
	int seen = 0;

	ASSERT_NE(NULL, dir);
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, "tcp_", 4))
			continue;
		seen++;
		if (is_documented(entry->d_name + 4))
			continue;
		fprintf(stderr, "# nothing is said of %s\n", entry->d_name);
		EXPECT_TRUE(false);
	}
	closedir(dir);
	EXPECT_LT(50, seen);
}

/* Ranges */

/* What is written to each knob, and to TCP's of the same name. */
static const char *const tries[] = {
	"0",	      "1",	     "2",	    "3",	  "7",
	"8",	      "47",	     "48",	    "127",	  "128",
	"255",	      "256",	     "999",	    "1000",	  "65535",
	"65536",      "120000",	     "120001",	    "2147483",	  "2147484",
	"2147483647", "2147483648",  "4294967295",  "4294967296", "-1",
	"-2",	      "-2147483648", "-2147483649", "many",	  "9x",
	"0x10",	      "1 2",	     "+1",
};

static int tcp_write(const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/tcp_%s", name);
	return access(path, F_OK) ? -ENOENT : file_write(path, value);
}

/* What writing @value must say, where @k does not leave that to TCP. */
static int own_verdict(const struct knob *k, const char *value)
{
	char *end;
	long long number = strtoll(value, &end, 0);

	/* "1 2" is a number and a rest that is not looked at. */
	if ((*end && *end != ' ') || *value == '+' || number < k->least ||
	    number > k->most)
		return -EINVAL;
	return 0;
}

static bool judges(const struct knob *k, const char *value)
{
	int want = tcp_write(k->name, value), own = want, got;
	char before[128];

	if (test_is_atcp() && k->most)
		own = own_verdict(k, value);
	if (sysctl_read(k->name, before, sizeof(before)) < 0)
		return false;
	got = sysctl_write(k->name, value);
	if (got != own) {
		fprintf(stderr, "# %s=%s: %s, not %s\n", k->name, value,
			strerror(-got), strerror(-own));
		return false;
	}
	if (got)
		return has_value(k->name, before);
	/* Linux rounds what it keeps in jiffies. */
	return !test_is_atcp() || !isdigit(*value) || strchr(value, ' ') ||
	       strchr(value, 'x') || has_value(k->name, value);
}

TEST_F(sysctl, values_are_taken_and_refused_as_by_tcp)
{
	unsigned int i;

	FOR_EACH_KNOB(k)
	{
		for (i = 0; i < ARRAY_SIZE(tries); i++)
			EXPECT_TRUE(judges(k, tries[i]));
	}
}

TEST_F(sysctl, buffer_sizes_are_three_numbers)
{
	EXPECT_TRUE(takes("rmem", "10000\t20000\t2147483647"));
	EXPECT_TRUE(takes("rmem", "4096\t4096\t4096"));
	EXPECT_TRUE(takes("wmem", "1\t2\t3"));
	EXPECT_TRUE(takes("wmem", "4096\t20000\t2147483647"));
	EXPECT_TRUE(refuses("rmem", "4095 5000 6000"));
	EXPECT_TRUE(refuses("wmem", "0 2 3"));
	EXPECT_TRUE(refuses("wmem", "-1 2 3"));
}

/* Linux has taken the numbers before the bad one by then. */
TEST_F(sysctl, buffer_sizes_are_set_all_or_none)
{
	ATCP_ONLY();
	EXPECT_TRUE(refuses("rmem", "5000 6000 0"));
	EXPECT_TRUE(refuses("wmem", "5000 0 7000"));
}

TEST_F(sysctl, only_root_may_write)
{
	char value[128];

	ASSERT_EQ(0, seteuid(65534));
	EXPECT_LT(0, sysctl_read("syn_retries", value, sizeof(value)));
	EXPECT_EQ(-EACCES, sysctl_write("syn_retries", "3"));
	ASSERT_EQ(0, seteuid(0));
	EXPECT_TRUE(has_value("syn_retries", "6"));
}

/* Namespaces */

TEST_F(sysctl, each_namespace_has_its_own)
{
	int first = open("/proc/self/ns/net", O_RDONLY);

	ASSERT_LE(0, first);
	ASSERT_TRUE(takes("syn_retries", "3"));
	ASSERT_TRUE(takes("fin_timeout", "7"));
	ASSERT_TRUE(takes("rmem", "5000\t6000\t7000"));
	ASSERT_EQ(0, test_netns());
	EXPECT_TRUE(has_value("syn_retries", "6"));
	EXPECT_TRUE(has_value("fin_timeout", "60"));
	EXPECT_TRUE(takes("syn_retries", "9"));
	ASSERT_EQ(0, setns(first, CLONE_NEWNET));
	EXPECT_TRUE(has_value("syn_retries", "3"));
	EXPECT_TRUE(has_value("fin_timeout", "7"));
	EXPECT_TRUE(has_value("rmem", "5000\t6000\t7000"));
}

/* What one does (what syn_retries, retries2, fin_timeout do: pkt_timeout.c) */

/* Connections that this side closes first: each wants to leave a record. */
static bool leave_time_waits(int family, int count)
{
	int fd[2];

	while (count--) {
		if (test_pair(family, fd) || close(fd[0]) ||
		    !WAIT_FOR(poll_now(fd[1]) & POLLRDHUP, PATIENCE_MS) ||
		    close(fd[1]))
			return false;
	}
	return WAIT_FOR(!proc_count(family, ST_FIN_WAIT_2) &&
				!proc_count(family, ST_LAST_ACK),
			PATIENCE_MS);
}

/* Queued and not sent yet, once the peer reads nothing and no more fits. */
static int unsent_when_full(int family)
{
	static char block[1024];
	int fd[2], unsent, i;

	if (test_pair(family, fd) || set_nonblock(fd[0], true))
		return -1;
	/* What was sent meanwhile has made room. */
	for (i = 0; i < 50; i++, wait_tick())
		while (write(fd[0], block, sizeof(block)) > 0)
			;
	if (errno != EAGAIN || ioctl(fd[0], SIOCOUTQNSD, &unsent))
		return -1;
	close(fd[1]);
	close(fd[0]);
	return unsent;
}

TEST_F(sysctl, notsent_lowat_bounds_what_waits_unsent)
{
	EXPECT_LT(20000, unsent_when_full(variant->family));
	ASSERT_TRUE(takes("notsent_lowat", "5000"));
	EXPECT_GT(8000, unsent_when_full(variant->family));
	/* TCP has filled the peer's window by then, and sends no less. */
	ATCP_ONLY();
	EXPECT_LE(4000, unsent_when_full(variant->family));
}

/* SO_RCVBUF of the reader after a stream that needed more than the default. */
static int rcvbuf_after_stream(int family)
{
	socklen_t len = sizeof(int);
	int fd[2], i, size;

	if (test_pair(family, fd))
		return -1;
	for (i = 0; i < 200; i++)
		if (!stream_write(fd[0], 50000, 50000 * i) ||
		    !stream_read(fd[1], 50000, 50000 * i))
			return -1;
	if (getsockopt(fd[1], SOL_SOCKET, SO_RCVBUF, &size, &len))
		return -1;
	close(fd[1]);
	close(fd[0]);
	return size;
}

TEST_F(sysctl, without_moderate_rcvbuf_buffers_keep_their_size)
{
	ASSERT_TRUE(takes("moderate_rcvbuf", "0"));
	EXPECT_EQ(131072, rcvbuf_after_stream(variant->family));
	ASSERT_TRUE(takes("moderate_rcvbuf", "1"));
	ATCP_ONLY();
	EXPECT_LT(131072, rcvbuf_after_stream(variant->family));
}

/* One for the machine: this namespace only sees it. */
TEST_F(sysctl, mem_is_the_first_namespaces)
{
	char value[128], *next;
	long low, pressure, high;

	ATCP_ONLY();
	ASSERT_LT(0, sysctl_read("mem", value, sizeof(value)));
	low = strtol(value, &next, 10);
	pressure = strtol(next, &next, 10);
	high = strtol(next, NULL, 10);
	EXPECT_LT(0, low);
	EXPECT_LT(low, pressure);
	EXPECT_LT(pressure, high);
	EXPECT_GT(0, sysctl_write("mem", "1 2 3"));
	EXPECT_TRUE(has_value("mem", strtok(value, "\n")));
}

TEST_F(sysctl, above_mems_second_number_memory_is_under_pressure)
{
	long long count = counter_read("MemoryPressures");
	char value[128], command[192];
	int fd[2];

	ATCP_ONLY();
	ASSERT_LT(0, sysctl_read("mem", value, sizeof(value)));
	ASSERT_EQ(0, test_pair(variant->family, fd));
	ASSERT_EQ(0,
		  system("nsenter -t 1 -n sysctl -qw net.atcp.mem='0 1 99999'"));
	EXPECT_TRUE(stream_write(fd[0], 50000, 0));
	snprintf(command, sizeof(command),
		 "nsenter -t 1 -n sysctl -qw net.atcp.mem='%s'",
		 strtok(value, "\n"));
	ASSERT_EQ(0, system(command));
	EXPECT_LT(count, counter_read("MemoryPressures"));
	EXPECT_TRUE(stream_read(fd[1], 50000, 0));
}

TEST_F(sysctl, max_tw_buckets_bounds_the_records)
{
	ASSERT_TRUE(leave_time_waits(variant->family, 3));
	EXPECT_EQ(3, proc_count(variant->family, ST_TIME_WAIT));
	ASSERT_TRUE(takes("max_tw_buckets", "5"));
	ASSERT_TRUE(leave_time_waits(variant->family, 7));
	EXPECT_EQ(5, proc_count(variant->family, ST_TIME_WAIT));
}

TEST_F(sysctl, max_tw_buckets_0_leaves_none)
{
	ASSERT_TRUE(takes("max_tw_buckets", "0"));
	ASSERT_TRUE(leave_time_waits(variant->family, 3));
	EXPECT_EQ(0, proc_count(variant->family, ST_TIME_WAIT));
}

TEST_MAIN
