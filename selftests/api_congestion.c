// SPDX-License-Identifier: GPL-2.0
/*
 * Congestion control algorithms: TCP_CONGESTION, its sysctls, and a module that
 * brings one along (module/examples/aimd.c).
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/syscall.h>

#include "harness.h"

FIXTURE_NETNS(congestion);

#define NAME_MAX_LEN 16
#define MODULE	     "atcp_cong_aimd"

#ifndef TCP_CC_INFO
#define TCP_CC_INFO 26
#endif

static int choose(int fd, const char *name)
{
	return setsockopt(fd, SOL_TCP, TCP_CONGESTION, name, strlen(name));
}

static const char *chosen(int fd)
{
	static char name[NAME_MAX_LEN + 1];
	socklen_t len = NAME_MAX_LEN;

	memset(name, 0x55, sizeof(name));
	if (getsockopt(fd, SOL_TCP, TCP_CONGESTION, name, &len) ||
	    len != NAME_MAX_LEN)
		return "(none)";
	name[NAME_MAX_LEN] = '\0';
	return name;
}

/* A line of a sysctl, without its end. */
static const char *line(const char *sysctl)
{
	static char text[512];

	if (sysctl_read(sysctl, text, sizeof(text)) < 0)
		return "(none)";
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static bool lists(const char *sysctl, const char *name)
{
	char want[NAME_MAX_LEN + 3], have[520];

	snprintf(want, sizeof(want), " %s ", name);
	snprintf(have, sizeof(have), " %s ", line(sysctl));
	return strstr(have, want);
}

static int unload(void)
{
	return syscall(SYS_delete_module, MODULE, O_NONBLOCK);
}

/* Sockets go a grace period after their close(). */
static bool unloads(void)
{
	return WAIT_FOR(!unload() || errno == ENOENT, PATIENCE_MS);
}

static bool loaded(void)
{
	return !access("/sys/module/" MODULE, F_OK);
}

/* What anyone may choose, said where it is said for the whole machine. */
static int allow(const char *names)
{
	char command[200];

	snprintf(command, sizeof(command), "nsenter -t 1 -n sysctl -qw '%s=%s'",
		 "net.atcp.allowed_congestion_control", names);
	return system(command);
}

#define LOAD_AIMD(parameters)                                                  \
	do {                                                                   \
		ATCP_ONLY();                                                   \
		ASSERT_EQ(0, system("modprobe " MODULE " " parameters))        \
		{                                                              \
			TH_LOG("there is no " MODULE);                         \
		}                                                              \
	} while (0)

TEST_F(congestion, it_is_reno_unless_something_else_is_asked_for)
{
	ATCP_ONLY();
	EXPECT_STREQ("reno", chosen(test_socket(variant->family, 0)));
	EXPECT_STREQ("reno", line("congestion_control"));
	EXPECT_TRUE(lists("available_congestion_control", "reno"));
	EXPECT_TRUE(lists("allowed_congestion_control", "reno"));
}

TEST_F(congestion, a_name_is_cut_to_the_room_there_is)
{
	int fd = test_socket(variant->family, 0);
	char room[20];
	socklen_t len = 2;

	ASSERT_EQ(0, choose(fd, "reno"));
	memset(room, 0x55, sizeof(room));
	ASSERT_EQ(0, getsockopt(fd, SOL_TCP, TCP_CONGESTION, room, &len));
	EXPECT_EQ(2, len);
	EXPECT_EQ(0, memcmp(room, "reUU", 4));
	len = sizeof(room);
	ASSERT_EQ(0, getsockopt(fd, SOL_TCP, TCP_CONGESTION, room, &len));
	EXPECT_EQ(NAME_MAX_LEN, len);
	EXPECT_EQ(0, memcmp(room, "reno\0\0\0\0\0\0\0\0\0\0\0\0UUUU", 20));
}

TEST_F(congestion, an_unknown_name_is_refused_and_changes_nothing)
{
	int fd = test_socket(variant->family, 0);
	char was[NAME_MAX_LEN + 1];

	strcpy(was, chosen(fd));
	EXPECT_ERRNO(ENOENT, choose(fd, "nosuchthing"));
	EXPECT_ERRNO(ENOENT, choose(fd, "a-name-of-more-than-sixteen"));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, SOL_TCP, TCP_CONGESTION, "", 0));
	EXPECT_ERRNO(EFAULT,
		     setsockopt(fd, SOL_TCP, TCP_CONGESTION, (void *)8, 4));
	EXPECT_STREQ(was, chosen(fd));
	EXPECT_NE(0, sysctl_write("congestion_control", "nosuchthing"));
}

/* A name may have its NUL in front of the end that the program tells. */
TEST_F(congestion, a_name_ends_at_its_nul)
{
	int fd = test_socket(variant->family, 0);

	EXPECT_EQ(0, setsockopt(fd, SOL_TCP, TCP_CONGESTION, "reno\0rest", 9));
	EXPECT_STREQ("reno", chosen(fd));
}

TEST_F(congestion, asking_for_a_name_loads_its_module)
{
	int fd = test_socket(variant->family, 0);

	ATCP_ONLY();
	ASSERT_TRUE(unloads());
	EXPECT_FALSE(loaded());
	ASSERT_EQ(0, choose(fd, "aimd"));
	EXPECT_STREQ("aimd", chosen(fd));
	EXPECT_TRUE(loaded());
	EXPECT_TRUE(lists("available_congestion_control", "aimd"));
	close(fd);
	EXPECT_TRUE(unloads());
	EXPECT_FALSE(lists("available_congestion_control", "aimd"));
}

TEST_F(congestion, a_module_is_kept_while_a_socket_uses_its_algorithm)
{
	int fd = test_socket(variant->family, 0);

	LOAD_AIMD("");
	ASSERT_EQ(0, choose(fd, "aimd"));
	EXPECT_ERRNO(EWOULDBLOCK, unload());
	/* Twice the same name is one use of it. */
	ASSERT_EQ(0, choose(fd, "aimd"));
	ASSERT_EQ(0, choose(fd, "reno"));
	EXPECT_TRUE(unloads());
}

TEST_F(congestion, atcp_is_kept_while_an_algorithm_is_loaded)
{
	LOAD_AIMD("");
	errno = 0;
	EXPECT_EQ(-1, syscall(SYS_delete_module, "atcp", O_NONBLOCK));
	EXPECT_EQ(EWOULDBLOCK, errno);
	EXPECT_TRUE(unloads());
}

TEST_F(congestion, a_connection_runs_with_the_algorithm_it_chose)
{
	const size_t len = 1 << 20;
	uint32_t told[3] = { 0 };
	socklen_t size = sizeof(told);

	LOAD_AIMD("increase=3 decrease=70");
	CONNECT_PAIR();
	ASSERT_EQ(0, choose(self->fd[0], "aimd"));
	if (!fork()) {
		stream_write(self->fd[0], len, 0);
		_exit(0);
	}
	EXPECT_TRUE(stream_read(self->fd[1], len, 0));
	ASSERT_EQ(0,
		  getsockopt(self->fd[0], SOL_TCP, TCP_CC_INFO, told, &size));
	EXPECT_EQ(sizeof(told), size);
	EXPECT_EQ(3, told[1]);
	EXPECT_EQ(70, told[2]);
	/* The other end has not chosen it, and reno has nothing to tell. */
	ASSERT_EQ(0,
		  getsockopt(self->fd[1], SOL_TCP, TCP_CC_INFO, told, &size));
	EXPECT_EQ(0, size);
	/* It may change again while it runs. */
	ASSERT_EQ(0, choose(self->fd[0], "reno"));
	EXPECT_TRUE(stream_write(self->fd[0], 1000, len));
	EXPECT_TRUE(stream_read(self->fd[1], 1000, len));
	EXPECT_TRUE(unloads());
}

TEST_F(congestion, accepted_connections_take_their_listeners_choice)
{
	int listener = test_listen(variant->family, 4000, 2), client, fd;

	LOAD_AIMD("");
	ASSERT_EQ(0, choose(listener, "aimd"));
	client = test_connect(variant->family, 4000);
	ASSERT_LE(0, client);
	fd = accept(listener, NULL, NULL);
	ASSERT_LE(0, fd);
	EXPECT_STREQ("aimd", chosen(fd));
	/* A child keeps it when the listener is gone. */
	close(listener);
	EXPECT_ERRNO(EWOULDBLOCK, unload());
	close(client);
	close(fd);
	EXPECT_TRUE(unloads());
}

TEST_F(congestion, the_default_is_for_new_sockets_of_its_namespace)
{
	int before = test_socket(variant->family, 0), fd;

	LOAD_AIMD("");
	/* Another namespace's operator may take only what anyone may. */
	EXPECT_NE(0, sysctl_write("congestion_control", "aimd"));
	ASSERT_EQ(0, allow("reno aimd"));
	EXPECT_TRUE(lists("allowed_congestion_control", "aimd"));
	EXPECT_EQ(0, sysctl_write("congestion_control", "aimd"));
	EXPECT_STREQ("aimd", line("congestion_control"));
	fd = test_socket(variant->family, 0);
	EXPECT_STREQ("aimd", chosen(fd));
	EXPECT_STREQ("reno", chosen(before));
	close(fd);
	EXPECT_ERRNO(EWOULDBLOCK, unload());
	EXPECT_EQ(0, sysctl_write("congestion_control", "reno"));
	EXPECT_TRUE(unloads());
	EXPECT_EQ(0, allow("reno"));
}

TEST_F(congestion, a_restricted_algorithm_takes_an_operator)
{
	int fd = test_socket(variant->family, 0);

	LOAD_AIMD("");
	ASSERT_EQ(0, seteuid(65534));
	EXPECT_ERRNO(EPERM, choose(fd, "aimd"));
	EXPECT_EQ(0, choose(fd, "reno"));
	ASSERT_EQ(0, seteuid(0));
	ASSERT_EQ(0, choose(fd, "aimd"));
	/* What it has it may ask for. */
	ASSERT_EQ(0, seteuid(65534));
	EXPECT_EQ(0, choose(fd, "aimd"));
	ASSERT_EQ(0, seteuid(0));
	close(fd);
	EXPECT_TRUE(unloads());
}

TEST_MAIN
