// SPDX-License-Identifier: GPL-2.0
/* Whose memory it is: that of the memory cgroup, cgroup-v2's memory.stat. */
#include <errno.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <linux/sockios.h>

#include "harness.h"

FIXTURE_NETNS(memory);

#define GROUP "/group"

/* A directory for one test, and the hierarchy in it. */
static char top[64];

static void write_group(const char *file, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s" GROUP "/%s", top, file);
	file_write(path, text);
}

static long group_stat(const char *name)
{
	char path[128], text[16384], *line, *save;
	size_t len = strlen(name);

	snprintf(path, sizeof(path), "%s" GROUP "/memory.stat", top);
	if (file_read(path, text, sizeof(text)) < 0)
		return -1;
	for (line = strtok_r(text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (!strncmp(line, name, len) && line[len] == ' ')
			return atol(line + len);
	}
	return -1;
}

/* A cgroup of its own for memory, if this kernel has that. */
static bool make_group(void)
{
	char path[128];

	strcpy(top, "/tmp/cgroup-XXXXXX");
	if (!mkdtemp(top) || mount("none", top, "cgroup2", 0, NULL))
		return false;
	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", top);
	if (file_write(path, "+memory") < 0)
		return false;
	snprintf(path, sizeof(path), "%s" GROUP, top);
	return !mkdir(path, 0700) || errno == EEXIST;
}

static void enter_group(void)
{
	char pid[32];

	snprintf(pid, sizeof(pid), "%d", getpid());
	write_group("cgroup.procs", pid);
}

static void leave_group(void)
{
	char path[128], pid[32];

	snprintf(path, sizeof(path), "%s/cgroup.procs", top);
	snprintf(pid, sizeof(pid), "%d", getpid());
	file_write(path, pid);
	snprintf(path, sizeof(path), "%s" GROUP, top);
	rmdir(path);
	umount2(top, MNT_DETACH);
	rmdir(top);
}

/* The kernel sums up at its leisure. */
static bool charged(int least, int most)
{
	return WAIT_FOR(group_stat("sock") >= least &&
				group_stat("sock") <= most,
			PATIENCE_MS);
}

static bool arrived(int fd, int bytes)
{
	int n;

	return WAIT_FOR(!ioctl(fd, SIOCINQ, &n) && n >= bytes, PATIENCE_MS);
}

/* What came before accept() is charged by it, and given back when it is read. */
TEST_F(memory, accepted_socket_is_charged_to_its_process)
{
	int listener = test_listen(variant->family, 4000, 1), client, server;
	int unsent;

	if (!make_group())
		SKIP(return, "no memory cgroup here");
	client = test_connect(variant->family, 4000);
	ASSERT_TRUE(stream_write(client, 25000, 0));
	ASSERT_TRUE(WAIT_FOR(!ioctl(client, SIOCOUTQ, &unsent) && !unsent,
			     PATIENCE_MS));
	enter_group();
	EXPECT_EQ(0, group_stat("sock"));
	server = accept(listener, NULL, NULL);
	ASSERT_LE(0, server);
	EXPECT_TRUE(charged(25000, INT_MAX));
	/* What comes later is too. */
	ASSERT_TRUE(stream_write(client, 25000, 25000));
	ASSERT_TRUE(arrived(server, 50000));
	EXPECT_TRUE(charged(50000, INT_MAX));
	EXPECT_TRUE(stream_read(server, 50000, 0));
	ASSERT_EQ(0, close(server));
	EXPECT_TRUE(charged(0, 25000));
	leave_group();
}

TEST_F(memory, socket_outside_is_not_charged)
{
	int listener = test_listen(variant->family, 4000, 1), client, server;

	if (!make_group())
		SKIP(return, "no memory cgroup here");
	client = test_connect(variant->family, 4000);
	server = accept(listener, NULL, NULL);
	ASSERT_TRUE(stream_write(client, 60000, 0));
	ASSERT_TRUE(arrived(server, 60000));
	EXPECT_EQ(0, group_stat("sock"));
	leave_group();
}

/* A cgroup at its limit slows its connections down, and loses nothing. */
TEST_F(memory, stream_survives_a_full_cgroup)
{
	int listener = test_listen(variant->family, 4000, 1), client, server;
	int status;
	pid_t child;

	if (!make_group())
		SKIP(return, "no memory cgroup here");
	client = test_connect(variant->family, 4000);
	child = fork();
	if (!child)
		_exit(!stream_write(client, 3000000, 0));
	enter_group();
	server = accept(listener, NULL, NULL);
	ASSERT_LE(0, server);
	ASSERT_TRUE(arrived(server, 60000));
	write_group("memory.max", "8M");
	write_group("memory.high", "2M");
	EXPECT_TRUE(stream_read(server, 3000000, 0));
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	leave_group();
}

TEST_MAIN
