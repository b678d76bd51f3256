// SPDX-License-Identifier: GPL-2.0
/*
 * Each allocation and each copy from or to a program fails once, in each call
 * of a connection's life: the call says so, with an errno that its manual
 * knows, and everything goes on as soon as there is memory again. What arrives
 * while there is none is as good as lost: it comes again.
 *
 * This wants a kernel with fault injection (debug), which also looks for
 * leaks afterwards.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "fault.h"
#include "harness.h"
#include "kernel.h"

FIXTURE(faults)
{
	int fd[2]; /* a connection, or what will become one */
	int listener;
	int pipe[2];
	int file;
	struct sockaddr_storage addr; /* the listener's */
	socklen_t addr_len;
	uint64_t sent[2], got[2]; /* by fd[] */
};

FIXTURE_PER_FAMILY(faults);

FIXTURE_SETUP(faults)
{
	ASSERT_EQ(0, test_setup(_metadata->timeout));
	memset(self, 0xff, sizeof(*self));
	self->addr_len = test_addrlen(variant->family);
	if (fault_available())
		fault_off();
}

FIXTURE_TEARDOWN(faults)
{
	if (fault_available())
		fault_off();
	test_teardown(_metadata);
}

#define CONTEXT FIXTURE_DATA(faults)

/*
 * A call, as often as there is something in it that can fail. @prepare and
 * @after return false when something is wrong; @call returns -1 with errno.
 */
struct step {
	const char *name;
	bool (*prepare)(CONTEXT *c, int family);
	int (*call)(CONTEXT *c);
	/* @ret is what the call said although or because something failed. */
	bool (*after)(CONTEXT *c, int ret, int err);
	bool atcp_only;
	bool never_fails;
};

/* More than any call asks for. */
#define MOST 400

static void close_all(CONTEXT *c)
{
	int *fds[] = { &c->fd[0],   &c->fd[1],	 &c->listener,
		       &c->pipe[0], &c->pipe[1], &c->file };
	size_t i;

	for (i = 0; i < sizeof(fds) / sizeof(*fds); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
	memset(c->sent, 0, sizeof(c->sent));
	memset(c->got, 0, sizeof(c->got));
}

static bool wrong(const struct step *s, unsigned int nth, const char *what,
		  int err)
{
	fprintf(stderr, "# %s, with failure %u: %s (%s)\n", s->name, nth, what,
		strerror(err));
	return false;
}

/* Once: false when it went wrong; *@hit tells whether something has failed. */
static bool try(CONTEXT *c, int family, const struct step *s, unsigned int nth,
		bool *hit)
{
	int ret, err;

	if (!s->prepare(c, family))
		return wrong(s, nth, "not prepared", errno);
	fault_arm(nth, s->atcp_only);
	ret = s->call(c);
	err = errno;
	*hit = fault_hit();
	if (ret < 0 && (s->never_fails || !*hit || !fault_errno(err)))
		return wrong(s, nth, "must not fail so", err);
	if (!s->after(c, ret, err))
		return wrong(s, nth, "does not go on", ret < 0 ? err : 0);
	close_all(c);
	return true;
}

static bool walk(CONTEXT *c, int family, const struct step *s)
{
	unsigned int nth = 0;
	bool hit = true;

	close_all(c);
	while (hit && nth < MOST) {
		if (!try(c, family, s, ++nth, &hit))
			return false;
	}
	if (hit || nth == 1)
		return wrong(s, nth, hit ? "no end of it" : "nothing to fail",
			     0);
	fprintf(stderr, "# %s: %u failures\n", s->name, nth - 1);
	return true;
}

#define NEED_FAULTS()                                                          \
	do {                                                                   \
		if (!test_is_atcp() || !fault_available())                     \
			SKIP(return, "nothing fails on demand here");          \
	} while (0)

#define WALK(...)                                                              \
	EXPECT_TRUE(walk(self, variant->family, &(struct step){ __VA_ARGS__ }))

/* What a connection must still be able to do. */

static bool pass(CONTEXT *c, int from, size_t len)
{
	int to = !from;

	if (!stream_write(c->fd[from], len, c->sent[from]))
		return false;
	c->sent[from] += len;
	len = c->sent[from] - c->got[to];
	if (!stream_read(c->fd[to], len, c->got[to]))
		return false;
	c->got[to] += len;
	return true;
}

static bool works(CONTEXT *c)
{
	return pass(c, 0, 3000) && pass(c, 1, 3000);
}

static bool nothing(CONTEXT *c, int family)
{
	return true;
}

static bool pair(CONTEXT *c, int family)
{
	return !test_pair(family, c->fd);
}

static bool bound(CONTEXT *c, int family)
{
	c->fd[0] = test_socket(family, 0);
	c->addr = test_loopback(family, 0);
	return c->fd[0] >= 0 &&
	       !bind(c->fd[0], (struct sockaddr *)&c->addr, c->addr_len);
}

static bool unbound(CONTEXT *c, int family)
{
	c->fd[0] = test_socket(family, 0);
	c->addr = test_loopback(family, 4000);
	return c->fd[0] >= 0;
}

static bool listening(CONTEXT *c, int family)
{
	c->listener = test_listen(family, 0, 8);
	c->addr = test_loopback(family, test_sockport(c->listener));
	return c->listener >= 0;
}

static bool can_accept(CONTEXT *c)
{
	c->fd[1] = accept(c->listener, NULL, NULL);
	return c->fd[1] >= 0 && works(c);
}

/* socket() */

static int do_socket(CONTEXT *c)
{
	c->fd[0] = socket(c->addr.ss_family, SOCK_STREAM, test_proto());
	return c->fd[0];
}

static bool has_address(CONTEXT *c, int family)
{
	c->addr = test_loopback(family, 0);
	return true;
}

static bool can_socket(CONTEXT *c, int ret, int err)
{
	return ret >= 0 || do_socket(c) >= 0;
}

TEST_F(faults, socket)
{
	NEED_FAULTS();
	WALK("socket", has_address, do_socket, can_socket);
}

/* bind() */

static int do_bind(CONTEXT *c)
{
	return bind(c->fd[0], (struct sockaddr *)&c->addr, c->addr_len);
}

static bool can_bind(CONTEXT *c, int ret, int err)
{
	return (!ret || !do_bind(c)) && !listen(c->fd[0], 1);
}

TEST_F(faults, bind)
{
	NEED_FAULTS();
	WALK("bind to a port", unbound, do_bind, can_bind);
}

/* listen() */

static int do_listen(CONTEXT *c)
{
	return listen(c->fd[0], 1);
}

static bool can_listen(CONTEXT *c, int ret, int err)
{
	if (ret && do_listen(c))
		return false;
	c->listener = c->fd[0];
	c->fd[0] = test_connect(c->addr.ss_family, test_sockport(c->listener));
	return c->fd[0] >= 0 && can_accept(c);
}

TEST_F(faults, listen)
{
	NEED_FAULTS();
	WALK("listen", bound, do_listen, can_listen);
	WALK("listen without bind", unbound, do_listen, can_listen);
}

/* connect() */

static bool connecting(CONTEXT *c, int family)
{
	if (!listening(c, family))
		return false;
	c->fd[0] = test_socket(family, 0);
	return c->fd[0] >= 0;
}

static int do_connect(CONTEXT *c)
{
	return connect(c->fd[0], (struct sockaddr *)&c->addr, c->addr_len);
}

static bool can_connect(CONTEXT *c, int ret, int err)
{
	return (!ret || !do_connect(c)) && can_accept(c);
}

TEST_F(faults, connect)
{
	NEED_FAULTS();
	WALK("connect", connecting, do_connect, can_connect);
}

/* accept() */

static bool waiting(CONTEXT *c, int family)
{
	return connecting(c, family) && !do_connect(c) &&
	       poll_for(c->listener, POLLIN);
}

static int do_accept(CONTEXT *c)
{
	struct sockaddr_storage peer;
	socklen_t len = sizeof(peer);

	c->fd[1] = accept(c->listener, (struct sockaddr *)&peer, &len);
	return c->fd[1];
}

/*
 * A connection whose descriptor could not be given to the program, since its
 * address could not be written, is gone; the next one is not.
 */
static bool can_still_accept(CONTEXT *c, int ret, int err)
{
	char byte;

	if (ret >= 0)
		return works(c);
	if (!(poll_now(c->listener) & POLLIN)) {
		if (read(c->fd[0], &byte, 1) > 0)
			return false;
		close(c->fd[0]);
		c->fd[0] = test_socket(c->addr.ss_family, 0);
		if (do_connect(c))
			return false;
	}
	return can_accept(c);
}

TEST_F(faults, accept)
{
	NEED_FAULTS();
	WALK("accept", waiting, do_accept, can_still_accept);
}

/* send() and its family */

#define PIECE 40000

static int do_send(CONTEXT *c)
{
	static uint8_t bytes[PIECE];
	ssize_t n;

	stream_fill(bytes, PIECE, c->sent[0]);
	n = send(c->fd[0], bytes, PIECE, 0);
	c->sent[0] += n > 0 ? n : 0;
	return n;
}

static bool goes_on(CONTEXT *c, int ret, int err)
{
	return works(c);
}

TEST_F(faults, send)
{
	NEED_FAULTS();
	WALK("send", pair, do_send, goes_on);
}

static bool filled_pipe(CONTEXT *c, int family)
{
	uint8_t bytes[PIECE];

	if (!pair(c, family) || pipe(c->pipe))
		return false;
	stream_fill(bytes, PIECE, 0);
	return write(c->pipe[1], bytes, PIECE) == PIECE;
}

static int do_splice_out(CONTEXT *c)
{
	ssize_t n = splice(c->pipe[0], NULL, c->fd[0], NULL, PIECE, 0);

	c->sent[0] += n > 0 ? n : 0;
	return n;
}

static bool filled_file(CONTEXT *c, int family)
{
	uint8_t bytes[PIECE];

	c->file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	stream_fill(bytes, PIECE, 0);
	return pair(c, family) && write(c->file, bytes, PIECE) == PIECE;
}

static int do_sendfile(CONTEXT *c)
{
	off_t from = 0;
	ssize_t n = sendfile(c->fd[0], c->file, &from, PIECE);

	c->sent[0] += n > 0 ? n : 0;
	return n;
}

TEST_F(faults, splice_to_socket)
{
	NEED_FAULTS();
	WALK("splice", filled_pipe, do_splice_out, goes_on, .atcp_only = true);
}

TEST_F(faults, sendfile)
{
	NEED_FAULTS();
	WALK("sendfile", filled_file, do_sendfile, goes_on, .atcp_only = true);
}

/* recv() and its family */

static bool sent_to(CONTEXT *c, int family)
{
	if (!pair(c, family) || !stream_write(c->fd[1], PIECE, 0))
		return false;
	c->sent[1] = PIECE;
	return WAIT_FOR(poll_now(c->fd[0]) & POLLIN, PATIENCE_MS);
}

static int do_recv(CONTEXT *c)
{
	static uint8_t bytes[PIECE];
	ssize_t n = recv(c->fd[0], bytes, PIECE, 0);

	if (n > 0 && !stream_check(bytes, n, c->got[0]))
		return -1;
	c->got[0] += n > 0 ? n : 0;
	return n;
}

TEST_F(faults, recv)
{
	NEED_FAULTS();
	WALK("recv", sent_to, do_recv, goes_on);
}

static bool sent_to_with_pipe(CONTEXT *c, int family)
{
	return sent_to(c, family) && !pipe(c->pipe);
}

static int do_splice_in(CONTEXT *c)
{
	ssize_t n = splice(c->fd[0], NULL, c->pipe[1], NULL, PIECE, 0);

	c->got[0] += n > 0 ? n : 0;
	return n;
}

static bool has_spliced(CONTEXT *c, int ret, int err)
{
	return (ret <= 0 || stream_read(c->pipe[0], ret, 0)) && works(c);
}

TEST_F(faults, splice_from_socket)
{
	NEED_FAULTS();
	WALK("splice", sent_to_with_pipe, do_splice_in, has_spliced);
}

/* setsockopt(), getsockopt(), ioctl() */

static int do_options(CONTEXT *c)
{
	int one = 1, size = 100000, value;
	struct tcp_info info;
	socklen_t len = sizeof(value), info_len = sizeof(info);

	if (setsockopt(c->fd[0], SOL_TCP, TCP_NODELAY, &one, sizeof(one)) ||
	    setsockopt(c->fd[0], SOL_TCP, TCP_CORK, &one, sizeof(one)) ||
	    setsockopt(c->fd[0], SOL_TCP, TCP_CORK, &(int){ 0 }, sizeof(int)) ||
	    setsockopt(c->fd[0], SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)) ||
	    setsockopt(c->fd[0], SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)) ||
	    getsockopt(c->fd[0], SOL_TCP, TCP_MAXSEG, &value, &len) ||
	    getsockopt(c->fd[0], SOL_TCP, TCP_INFO, &info, &info_len))
		return -1;
	return ioctl(c->fd[0], FIONREAD, &value);
}

TEST_F(faults, options)
{
	NEED_FAULTS();
	WALK("options", pair, do_options, goes_on);
}

/* shutdown(), connect() to nowhere, close() */

static bool written(CONTEXT *c, int family)
{
	return pair(c, family) && do_send(c) == PIECE;
}

static int do_shutdown(CONTEXT *c)
{
	return shutdown(c->fd[0], SHUT_WR);
}

static bool at_end(CONTEXT *c, int ret, int err)
{
	char byte;

	return stream_read(c->fd[1], c->sent[0] - c->got[1], c->got[1]) &&
	       !read(c->fd[1], &byte, 1);
}

static bool half_closed(CONTEXT *c, int ret, int err)
{
	return at_end(c, ret, err) && pass(c, 1, 3000);
}

TEST_F(faults, shutdown)
{
	NEED_FAULTS();
	WALK("shutdown", written, do_shutdown, half_closed, .atcp_only = true,
	     .never_fails = true);
}

static int do_disconnect(CONTEXT *c)
{
	struct sockaddr_storage nowhere = { .ss_family = AF_UNSPEC };

	return connect(c->fd[0], (struct sockaddr *)&nowhere, c->addr_len);
}

static bool can_connect_anew(CONTEXT *c, int ret, int err)
{
	if (ret && do_disconnect(c))
		return false;
	close(c->fd[1]);
	memset(c->sent, 0, sizeof(c->sent));
	return listening(c, c->addr.ss_family) && !do_connect(c) &&
	       can_accept(c);
}

static bool pair_with_address(CONTEXT *c, int family)
{
	return has_address(c, family) && pair(c, family);
}

TEST_F(faults, disconnect)
{
	NEED_FAULTS();
	WALK("connect to AF_UNSPEC", pair_with_address, do_disconnect,
	     can_connect_anew);
}

static int do_close(CONTEXT *c)
{
	int fd = c->fd[0];

	c->fd[0] = -1;
	return close(fd);
}

TEST_F(faults, close)
{
	NEED_FAULTS();
	WALK("close", written, do_close, at_end, .atcp_only = true,
	     .never_fails = true);
}

TEST_F(faults, close_of_a_listener)
{
	int pass;

	NEED_FAULTS();
	/* The listener is what is closed, its connection not accepted. */
	for (pass = 1; pass < 20; pass++) {
		ASSERT_TRUE(waiting(self, variant->family));
		fault_arm(pass, true);
		EXPECT_EQ(0, close(self->listener));
		if (!fault_hit())
			break;
		self->listener = -1;
		close_all(self);
	}
	self->listener = -1;
	close_all(self);
	EXPECT_LT(1, pass);
	EXPECT_GT(20, pass);
}

/* /proc, sysctl */

static int do_read_proc(CONTEXT *c)
{
	char text[4096];
	int err = file_read("/proc/net/atcp_stat", text, sizeof(text));

	if (err >= 0)
		err = file_read("/proc/net/atcp", text, sizeof(text));
	errno = err < 0 ? -err : 0;
	return err < 0 ? -1 : 0;
}

static int do_sysctl(CONTEXT *c)
{
	int err = sysctl_write("fin_timeout", "33");

	errno = -err;
	return err ? -1 : 0;
}

static bool is_set(CONTEXT *c, int ret, int err)
{
	return (!ret || !do_sysctl(c)) && sysctl_read_long("fin_timeout") == 33;
}

TEST_F(faults, proc_and_sysctl)
{
	NEED_FAULTS();
	WALK("/proc/net", pair, do_read_proc, goes_on, .atcp_only = true);
	WALK("sysctl", nothing, do_sysctl, is_set);
}

/* A namespace */

static int do_netns(CONTEXT *c)
{
	int status = -1;
	pid_t child = fork();

	if (!child) {
		/* A namespace's birth, and its end with this process. */
		fault_arm(c->file, true);
		status = unshare(CLONE_NEWNET) ? errno : 0;
		_exit(fault_hit() ? status : 200);
	}
	waitpid(child, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(faults, namespace)
{
	int nth, ret = 0;

	NEED_FAULTS();
	for (nth = 1; nth < MOST && ret != 200; nth++) {
		self->file = nth;
		ret = do_netns(self);
		ASSERT_LE(0, ret);
		EXPECT_TRUE(!ret || ret == ENOMEM || ret == 200)
		{
			TH_LOG("failure %d: %s", nth, strerror(ret));
		}
	}
	self->file = -1;
	EXPECT_EQ(200, ret);
	EXPECT_LT(5, nth);
	CONNECT_PAIR();
	EXPECT_TRUE(pass(self, 0, 1000));
}

/* Loading; it takes a while, and a clock that does not count that. */

/* 0, errno, or -1 if nothing was left to fail. */
static int load(const char *path, unsigned int nth)
{
	int file = open(path, O_RDONLY), err;

	fault_arm(nth, true);
	err = syscall(SYS_finit_module, file, "", 0) ? errno : 0;
	if (!fault_hit() && !err)
		err = -1;
	close(file);
	return err;
}

TEST_F_TIMEOUT(faults, loading, 600)
{
	char path[256] = "";
	int nth, err = 0;
	FILE *modinfo;

	NEED_FAULTS();
	modinfo = popen("modinfo -n atcp", "r");
	ASSERT_EQ(1, fscanf(modinfo, "%255s", path));
	pclose(modinfo);
	ASSERT_TRUE(module_unloads());
	kernel_mark();
	for (nth = 1; nth < MOST && err >= 0; nth++) {
		err = load(path, nth);
		EXPECT_TRUE(err <= 0 || err == ENOMEM || err == ENOBUFS)
		{
			TH_LOG("failure %d: %s", nth, strerror(err));
		}
		EXPECT_TRUE(err || module_unloads());
		EXPECT_TRUE(err < 0 || module_left_nothing());
		EXPECT_EQ(err < 0, module_loaded());
	}
	EXPECT_EQ(-1, err);
	EXPECT_LT(5, nth);
	EXPECT_TRUE(kernel_quiet());
	CONNECT_PAIR();
	EXPECT_TRUE(pass(self, 0, 1000));
}

TEST_MAIN
