// SPDX-License-Identifier: GPL-2.0
/*
 * Loading and unloading. Nothing else may use ATCP meanwhile, so this comes
 * last; and each test leaves the module loaded, as it has found it.
 */
#include <errno.h>
#include <poll.h>

#include "harness.h"
#include "kernel.h"

FIXTURE_NETNS(module);

TEST_F(module, open_socket_keeps_it_from_being_unloaded)
{
	int fd = test_socket(variant->family, 0);

	ATCP_ONLY();
	ASSERT_LE(0, fd);
	EXPECT_EQ(-EWOULDBLOCK, module_unload());
	EXPECT_NE(0, system("rmmod atcp 2>/dev/null"));
	EXPECT_TRUE(module_loaded());
	/* It still works. */
	CONNECT_PAIR();
	EXPECT_TRUE(stream_write(self->fd[0], 100, 0));
	EXPECT_TRUE(stream_read(self->fd[1], 100, 0));
}

TEST_F(module, socket_loads_it_by_its_alias)
{
	int fd;

	ATCP_ONLY();
	ASSERT_TRUE(module_unloads());
	EXPECT_FALSE(module_loaded());
	EXPECT_NE(0, access("/proc/net/atcp", F_OK));
	fd = test_socket(variant->family, 0);
	EXPECT_LE(0, fd) TH_LOG("%s", strerror(errno));
	EXPECT_TRUE(module_loaded());
	EXPECT_EQ(0, access("/proc/net/atcp", F_OK));
}

TEST_F(module, time_wait_does_not_keep_it)
{
	ATCP_ONLY();
	CONNECT_PAIR();
	ASSERT_EQ(0, close(self->fd[0]));
	ASSERT_TRUE(poll_for(self->fd[1], POLLRDHUP));
	ASSERT_EQ(0, close(self->fd[1]));
	ASSERT_TRUE(WAIT_FOR(proc_count(variant->family, ST_TIME_WAIT) == 1,
			     PATIENCE_MS));
	EXPECT_TRUE(module_unloads());
	EXPECT_LE(0, test_socket(variant->family, 0));
	EXPECT_EQ(0, proc_count(variant->family, ST_TIME_WAIT));
}

TEST_F(module, comes_and_goes_many_times)
{
	int i, fd;

	ATCP_ONLY();
	for (i = 0; i < 10; i++) {
		ASSERT_TRUE(module_unloads());
		fd = test_listen(variant->family, 4000, 1);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, close(fd));
	}
	EXPECT_LE(0, test_socket(variant->family, 0));
}

/* A namespace that was there before finds its files again. */
TEST_F(module, settings_begin_anew)
{
	ATCP_ONLY();
	ASSERT_EQ(0, sysctl_write("syn_retries", "3"));
	ASSERT_TRUE(module_unloads());
	EXPECT_LE(0, test_socket(variant->family, 0));
	EXPECT_EQ(6, sysctl_read_long("syn_retries"));
}

TEST_MAIN
