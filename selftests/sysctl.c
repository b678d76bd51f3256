// SPDX-License-Identifier: GPL-2.0
/*
 * net.atcp.*: names, defaults and limits are those of net.ipv4.tcp_*, each
 * namespace has its own, and a bad value changes nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>

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

/* Defaults */

static bool has_tcps_default(const char *name)
{
	char tcp[128];

	return tcp_value(name, tcp, sizeof(tcp)) > 0 && has_value(name, tcp);
}

TEST_F(sysctl, defaults_are_those_of_tcp)
{
	EXPECT_TRUE(has_tcps_default("syn_retries"));
	EXPECT_TRUE(has_tcps_default("synack_retries"));
	EXPECT_TRUE(has_tcps_default("retries2"));
	EXPECT_TRUE(has_tcps_default("fin_timeout"));
	EXPECT_TRUE(has_tcps_default("max_tw_buckets"));
}

TEST_F(sysctl, defaults_are_the_documented_ones)
{
	EXPECT_TRUE(has_value("syn_retries", "6"));
	EXPECT_TRUE(has_value("synack_retries", "5"));
	EXPECT_TRUE(has_value("retries2", "15"));
	EXPECT_TRUE(has_value("fin_timeout", "60"));
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

/* Ranges */

TEST_F(sysctl, syn_retries_is_1_to_127)
{
	EXPECT_TRUE(takes("syn_retries", "1"));
	EXPECT_TRUE(takes("syn_retries", "127"));
	EXPECT_TRUE(refuses("syn_retries", "0"));
	EXPECT_TRUE(refuses("syn_retries", "128"));
	EXPECT_TRUE(refuses("syn_retries", "-1"));
}

TEST_F(sysctl, synack_retries_is_0_to_255)
{
	EXPECT_TRUE(takes("synack_retries", "0"));
	EXPECT_TRUE(takes("synack_retries", "255"));
	EXPECT_TRUE(refuses("synack_retries", "256"));
	EXPECT_TRUE(refuses("synack_retries", "-1"));
}

TEST_F(sysctl, retries2_is_0_to_255)
{
	EXPECT_TRUE(takes("retries2", "0"));
	EXPECT_TRUE(takes("retries2", "255"));
	EXPECT_TRUE(refuses("retries2", "256"));
	EXPECT_TRUE(refuses("retries2", "-1"));
}

/* Linux keeps jiffies: what does not fit then is out of range for ATCP too. */
TEST_F(sysctl, fin_timeout_is_at_least_1)
{
	ATCP_ONLY();
	EXPECT_TRUE(takes("fin_timeout", "1"));
	EXPECT_TRUE(takes("fin_timeout", "2147483"));
	EXPECT_TRUE(refuses("fin_timeout", "0"));
	EXPECT_TRUE(refuses("fin_timeout", "-1"));
	EXPECT_TRUE(refuses("fin_timeout", "2147484"));
}

TEST_F(sysctl, max_tw_buckets_is_not_negative)
{
	ATCP_ONLY();
	EXPECT_TRUE(takes("max_tw_buckets", "0"));
	EXPECT_TRUE(takes("max_tw_buckets", "2147483647"));
	EXPECT_TRUE(refuses("max_tw_buckets", "-1"));
	EXPECT_TRUE(refuses("max_tw_buckets", "2147483648"));
}

TEST_F(sysctl, buffer_sizes_are_three_positive_numbers)
{
	EXPECT_TRUE(takes("rmem", "10000\t20000\t2147483647"));
	EXPECT_TRUE(takes("wmem", "1\t2\t3"));
	EXPECT_TRUE(takes("wmem", "4096\t20000\t2147483647"));
	EXPECT_TRUE(refuses("rmem", "0 2 3"));
	EXPECT_TRUE(refuses("wmem", "-1 2 3"));
}

/* Linux has taken the numbers before the bad one by then. */
TEST_F(sysctl, buffer_sizes_are_set_all_or_none)
{
	ATCP_ONLY();
	EXPECT_TRUE(refuses("rmem", "5000 6000 0"));
	EXPECT_TRUE(refuses("wmem", "5000 0 7000"));
}

TEST_F(sysctl, words_are_not_numbers)
{
	static const char *const names[] = {
		"syn_retries", "synack_retries", "retries2",
		"fin_timeout", "max_tw_buckets",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_TRUE(refuses(names[i], "many"));
		EXPECT_TRUE(refuses(names[i], "9x"));
	}
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
