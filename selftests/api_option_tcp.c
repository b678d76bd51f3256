// SPDX-License-Identifier: GPL-2.0
/* The options of tcp(7) whose value is a number: defaults, ranges, units. */
#include <errno.h>
#include <limits.h>
#include <netinet/tcp.h>

#include "../module/uapi/atcp.h"
#include "harness.h"

FIXTURE_NETNS(option_tcp);

#define REFUSED INT_MIN

/* An option, what it is at first, and what comes of what is set. */
struct number {
	const char *name;
	int option;
	int at_first;
	struct {
		int set;
		int get; /* REFUSED: EINVAL, and the old value stays */
	} step[9];
};

/* A step that sets 0 and gets 0 ends the list; where 0 matters it is first. */
static const struct number numbers[] = {
	{ "TCP_NODELAY", TCP_NODELAY, 0, { { 7, 1 }, { -1, 1 } } },
	{ "TCP_CORK", TCP_CORK, 0, { { 7, 1 }, { -1, 1 } } },
	{ "TCP_MAXSEG",
	  TCP_MAXSEG,
	  536,
	  { { 88, 88 },
	    { 0, 536 },
	    { 87, REFUSED },
	    { 32767, 32767 },
	    { 32768, REFUSED },
	    { -1, REFUSED } } },
	{ "TCP_KEEPIDLE",
	  TCP_KEEPIDLE,
	  7200,
	  { { 0, REFUSED },
	    { 1, 1 },
	    { 32767, 32767 },
	    { 32768, REFUSED },
	    { -1, REFUSED } } },
	{ "TCP_KEEPINTVL",
	  TCP_KEEPINTVL,
	  75,
	  { { 0, REFUSED },
	    { 1, 1 },
	    { 32767, 32767 },
	    { 32768, REFUSED },
	    { -1, REFUSED } } },
	{ "TCP_KEEPCNT",
	  TCP_KEEPCNT,
	  9,
	  { { 0, REFUSED },
	    { 1, 1 },
	    { 127, 127 },
	    { 128, REFUSED },
	    { -1, REFUSED } } },
	{ "TCP_SYNCNT",
	  TCP_SYNCNT,
	  6,
	  { { 0, REFUSED },
	    { 1, 1 },
	    { 127, 127 },
	    { 128, REFUSED },
	    { -1, REFUSED } } },
	{ "TCP_LINGER2",
	  TCP_LINGER2,
	  60,
	  { { 1, 1 },
	    { 120, 120 },
	    { 121, 120 },
	    { INT_MAX, 120 },
	    { -1, -1 },
	    { -77, -1 },
	    { 0, 60 } } },
	{ "TCP_USER_TIMEOUT",
	  TCP_USER_TIMEOUT,
	  0,
	  { { 1, 1 }, { INT_MAX, INT_MAX }, { -1, REFUSED } } },
	{ "TCP_THIN_LINEAR_TIMEOUTS",
	  TCP_THIN_LINEAR_TIMEOUTS,
	  0,
	  { { 1, 1 }, { 2, REFUSED }, { -1, REFUSED } } },
	{ "TCP_WINDOW_CLAMP",
	  TCP_WINDOW_CLAMP,
	  0,
	  { { 100000, 100000 }, { INT_MAX, INT_MAX } } },
	{ "TCP_QUICKACK", TCP_QUICKACK, 1, { { 7, 1 }, { 2, 1 }, { -1, 1 } } },
	{ "TCP_DEFER_ACCEPT",
	  TCP_DEFER_ACCEPT,
	  0,
	  { { 1, 1 },
	    { 2, 3 },
	    { 3, 3 },
	    { 4, 7 },
	    { 60, 63 },
	    { 127, 127 },
	    { 128, 247 },
	    { -5, 0 } } },
	{ "TCP_THIN_DUPACK",
	  TCP_THIN_DUPACK,
	  0,
	  { { 1, 0 }, { 2, REFUSED }, { -1, REFUSED } } },
	{ "TCP_NOTSENT_LOWAT",
	  TCP_NOTSENT_LOWAT,
	  0,
	  { { 1, 1 }, { 16384, 16384 }, { -1, -1 } } },
	{ "TCP_INQ", TCP_INQ, 0, { { 1, 1 }, { 2, REFUSED }, { -1, REFUSED } } },
	{ "TCP_SAVE_SYN",
	  TCP_SAVE_SYN,
	  0,
	  { { 1, 1 }, { 2, 2 }, { 3, REFUSED }, { -1, REFUSED } } },
};

static int get(int fd, int option)
{
	int value = INT_MIN;
	socklen_t len = sizeof(value);

	if (getsockopt(fd, SOL_TCP, option, &value, &len) ||
	    len != sizeof(value))
		return INT_MIN;
	return value;
}

static int set(int fd, int option, int value)
{
	return setsockopt(fd, SOL_TCP, option, &value, sizeof(value));
}

#define NUMBERS_END (numbers + ARRAY_SIZE(numbers))

/* The first step that is not refused. */
static int valid(const struct number *n)
{
	int i = 0;

	while (n->step[i].get == REFUSED)
		i++;
	return n->step[i].set;
}

TEST_F(option_tcp, numbers_have_their_defaults)
{
	int fd = test_socket(variant->family, 0);
	const struct number *n;

	for (n = numbers; n < NUMBERS_END; n++) {
		EXPECT_EQ(n->at_first, get(fd, n->option))
		{
			TH_LOG("%s", n->name);
		}
	}
}

TEST_F(option_tcp, numbers_are_read_back_or_refused)
{
	int fd = test_socket(variant->family, 0), i, before;
	const struct number *n;

	for (n = numbers; n < NUMBERS_END; n++) {
		for (i = 0; n->step[i].set || n->step[i].get; i++) {
			int value = n->step[i].set, want = n->step[i].get;

			before = get(fd, n->option);
			if (want == REFUSED) {
				EXPECT_ERRNO(EINVAL, set(fd, n->option, value));
				want = before;
			} else {
				EXPECT_EQ(0, set(fd, n->option, value));
			}
			EXPECT_EQ(want, get(fd, n->option))
			{
				TH_LOG("%s set to %d", n->name, value);
			}
		}
	}
}

TEST_F(option_tcp, numbers_can_be_set_on_a_connection_and_one_that_is_over)
{
	const struct number *n;

	CONNECT_PAIR();
	for (n = numbers; n < NUMBERS_END; n++) {
		EXPECT_EQ(0, set(self->fd[0], n->option, valid(n)))
		{
			TH_LOG("%s", n->name);
		}
	}
	shutdown(self->fd[0], SHUT_RDWR);
	close(self->fd[1]);
	for (n = numbers; n < NUMBERS_END; n++) {
		EXPECT_EQ(0, set(self->fd[0], n->option, valid(n)))
		{
			TH_LOG("%s", n->name);
		}
	}
}

TEST_F(option_tcp, numbers_take_no_short_value_and_no_bad_pointer)
{
	int fd = test_socket(variant->family, 0), one = 1;
	const struct number *n;

	for (n = numbers; n < NUMBERS_END; n++) {
		EXPECT_ERRNO(EINVAL,
			     setsockopt(fd, SOL_TCP, n->option, &one, 3));
		EXPECT_ERRNO(EFAULT,
			     setsockopt(fd, SOL_TCP, n->option, (void *)8, 4));
	}
}

/* Linux takes the first four bytes and asks for nothing about the rest. */
TEST_F(option_tcp, numbers_may_be_longer_than_an_int)
{
	int fd = test_socket(variant->family, 0), value[4] = { 1, 2, 3, 4 };

	EXPECT_EQ(0,
		  setsockopt(fd, SOL_TCP, TCP_NODELAY, value, sizeof(value)));
	EXPECT_EQ(1, get(fd, TCP_NODELAY));
}

TEST_F(option_tcp, numbers_are_cut_to_the_room_there_is)
{
	int fd = test_socket(variant->family, 0);
	uint8_t room[8];
	socklen_t len;

	ASSERT_EQ(0, set(fd, TCP_NOTSENT_LOWAT, 0x01020304));
	for (len = 0; len <= sizeof(room); len++) {
		socklen_t got = len;
		int i;

		memset(room, 0x55, sizeof(room));
		ASSERT_EQ(0, getsockopt(fd, SOL_TCP, TCP_NOTSENT_LOWAT, room,
					&got));
		EXPECT_EQ(len < 4 ? len : 4, got);
		for (i = 0; i < sizeof(room); i++)
			EXPECT_EQ(i < (int)got ? 4 - i : 0x55, room[i]);
	}
}

/* What a listener was told holds for the connections that it accepts. */
TEST_F(option_tcp, accepted_connections_inherit_their_listeners_numbers)
{
	static const struct {
		int option;
		int value;
	} inherited[] = {
		{ TCP_NODELAY, 1 },	     { TCP_CORK, 1 },
		{ TCP_NOTSENT_LOWAT, 777 },  { TCP_INQ, 1 },
		{ TCP_SAVE_SYN, 1 },	     { TCP_KEEPIDLE, 11 },
		{ TCP_KEEPINTVL, 12 },	     { TCP_KEEPCNT, 13 },
		{ TCP_SYNCNT, 14 },	     { TCP_LINGER2, 15 },
		{ TCP_USER_TIMEOUT, 16 },    { TCP_THIN_LINEAR_TIMEOUTS, 1 },
		{ TCP_WINDOW_CLAMP, 17000 },
	};
	int listener = test_listen(variant->family, 4000, 1), fd, i;

	for (i = 0; i < ARRAY_SIZE(inherited); i++)
		ASSERT_EQ(0, set(listener, inherited[i].option,
				 inherited[i].value));
	ASSERT_LE(0, test_connect(variant->family, 4000));
	fd = accept(listener, NULL, NULL);
	ASSERT_LE(0, fd);
	for (i = 0; i < ARRAY_SIZE(inherited); i++) {
		EXPECT_EQ(inherited[i].value, get(fd, inherited[i].option))
		{
			TH_LOG("option %d", inherited[i].option);
		}
	}
}

/* connect() to AF_UNSPEC ends the connection, not what was asked for. */
TEST_F(option_tcp, numbers_survive_a_disconnect)
{
	struct sockaddr unspec = { .sa_family = AF_UNSPEC };
	const struct number *n;

	CONNECT_PAIR();
	for (n = numbers; n < NUMBERS_END; n++)
		ASSERT_EQ(0, set(self->fd[0], n->option, valid(n)));
	ASSERT_EQ(0, connect(self->fd[0], &unspec, sizeof(unspec)));
	for (n = numbers; n < NUMBERS_END; n++) {
		int i = 0;

		while (n->step[i].get == REFUSED)
			i++;
		if (n->option == TCP_MAXSEG)
			continue;
		/* All but these two, which Linux clears. */
		EXPECT_EQ(n->option == TCP_WINDOW_CLAMP ? 0 : n->step[i].get,
			  get(self->fd[0], n->option))
		{
			TH_LOG("%s", n->name);
		}
	}
}

TEST_F(option_tcp, operators_numbers_hold_where_the_program_set_none)
{
	static const struct {
		const char *sysctl;
		int option;
	} of[] = {
		{ "syn_retries", TCP_SYNCNT },
		{ "fin_timeout", TCP_LINGER2 },
	};
	int fd = test_socket(variant->family, 0), i;

	for (i = 0; i < ARRAY_SIZE(of); i++) {
		ASSERT_EQ(0, sysctl_write(of[i].sysctl, "17"))
		{
			TH_LOG("%s", of[i].sysctl);
		}
		EXPECT_EQ(17, get(fd, of[i].option));
		ASSERT_EQ(0, set(fd, of[i].option, 18));
		EXPECT_EQ(18, get(fd, of[i].option));
	}
}

TEST_F(option_tcp, the_window_clamp_has_a_least_value_and_stays_when_connected)
{
	int fd = test_socket(variant->family, 0);

	EXPECT_EQ(0, set(fd, TCP_WINDOW_CLAMP, 1));
	EXPECT_LT(1000, get(fd, TCP_WINDOW_CLAMP));
	EXPECT_GT(2400, get(fd, TCP_WINDOW_CLAMP));
	EXPECT_EQ(0, set(fd, TCP_WINDOW_CLAMP, 0));
	EXPECT_EQ(0, get(fd, TCP_WINDOW_CLAMP));
	CONNECT_PAIR();
	EXPECT_LT(0, get(self->fd[0], TCP_WINDOW_CLAMP));
	EXPECT_ERRNO(EINVAL, set(self->fd[0], TCP_WINDOW_CLAMP, 0));
}

TEST_F(option_tcp, quickack_is_off_once_it_is_switched_off)
{
	CONNECT_PAIR();
	EXPECT_EQ(1, get(self->fd[0], TCP_QUICKACK));
	ASSERT_EQ(0, set(self->fd[0], TCP_QUICKACK, 0));
	EXPECT_EQ(0, get(self->fd[0], TCP_QUICKACK));
	ASSERT_EQ(0, set(self->fd[0], TCP_QUICKACK, 1));
	EXPECT_EQ(1, get(self->fd[0], TCP_QUICKACK));
}

/* TCP_REPAIR's ways into a connection are closed. */
TEST_F(option_tcp, the_timestamp_can_be_read_but_not_set)
{
	int first, second;

	CONNECT_PAIR();
	first = get(self->fd[0], TCP_TIMESTAMP);
	usleep(20000);
	second = get(self->fd[0], TCP_TIMESTAMP);
	EXPECT_LE(10, second - first);
	EXPECT_ERRNO(EPERM, set(self->fd[0], TCP_TIMESTAMP, 1));
}

/* README.md: left for later. */
TEST_F(option_tcp, options_left_for_later_are_enoprotoopt)
{
	static const int later[] = {
		TCP_REPAIR,	      TCP_REPAIR_QUEUE,
		TCP_QUEUE_SEQ,	      TCP_FASTOPEN,
		TCP_FASTOPEN_CONNECT, TCP_FASTOPEN_KEY,
		TCP_REPAIR_WINDOW,    TCP_ULP,
		TCP_MD5SIG,	      TCP_MD5SIG_EXT,
		TCP_ZEROCOPY_RECEIVE, TCP_FASTOPEN_NO_COOKIE,
		TCP_REPAIR_OPTIONS,
	};
	int fd = test_socket(variant->family, 0), i;
	uint8_t room[256] = { 0 };

	ATCP_ONLY();
	for (i = 0; i < ARRAY_SIZE(later); i++) {
		socklen_t len = sizeof(room);

		EXPECT_ERRNO(ENOPROTOOPT, setsockopt(fd, SOL_TCP, later[i],
						     room, sizeof(room)));
		EXPECT_ERRNO(ENOPROTOOPT,
			     getsockopt(fd, SOL_TCP, later[i], room, &len));
	}
}

TEST_MAIN
