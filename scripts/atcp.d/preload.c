// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded into a program, makes its IPv4 stream sockets ATCP ones: a call
 * socket(AF_INET, SOCK_STREAM, 0 or IPPROTO_TCP) asks the kernel for protocol
 * 253 instead, and nothing else of the program changes. `atcp run` sets this
 * up. With ATCP_VERBOSE in the environment every decision is told on stderr.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define IPPROTO_ATCP 253

typedef int socket_fn(int domain, int type, int protocol);

static struct stat stderr_at_start;
static bool stderr_usable;

__attribute__((constructor)) static void remember_stderr(void)
{
	stderr_usable = !fstat(STDERR_FILENO, &stderr_at_start);
}

/*
 * A daemon closes its stderr, and the number 2 may then be a file or a
 * connection of its own: only what was stderr at the start is written to.
 */
static bool stderr_is_unchanged(void)
{
	struct stat now;

	return stderr_usable && !fstat(STDERR_FILENO, &now) &&
	       now.st_dev == stderr_at_start.st_dev &&
	       now.st_ino == stderr_at_start.st_ino;
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	int saved = errno;
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);

	/* One write, so that lines of several processes do not mix. */
	if (stderr_is_unchanged())
		dprintf(STDERR_FILENO, "atcp: %s[%d]: %s\n",
			program_invocation_short_name, getpid(), text);
	errno = saved;
}

static int next_socket(int domain, int type, int protocol)
{
	static _Atomic(socket_fn *) next;
	socket_fn *fn = atomic_load(&next);

	/*
	 * Looked up here and not in a constructor: a constructor of another
	 * library may open a socket before ours has run.
	 */
	if (!fn) {
		fn = (socket_fn *)dlsym(RTLD_NEXT, "socket");
		if (!fn) {
			errno = ENOSYS;
			return -1;
		}
		atomic_store(&next, fn);
	}
	return fn(domain, type, protocol);
}

static void say_unsupported(void)
{
	static atomic_flag said = ATOMIC_FLAG_INIT;

	/* Once is enough for a program that tries again and again. */
	if (!atomic_flag_test_and_set(&said))
		say("module not loaded? The kernel knows no protocol %d; run: insmod atcp.ko",
		    IPPROTO_ATCP);
}

int socket(int domain, int type, int protocol)
{
	bool stream = (type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) == SOCK_STREAM &&
		      (protocol == 0 || protocol == IPPROTO_TCP);
	bool verbose = getenv("ATCP_VERBOSE");
	int fd;

	if (domain != AF_INET || !stream) {
		fd = next_socket(domain, type, protocol);
		if (verbose && domain == AF_INET6 && stream)
			say("fd %d: an IPv6 stream socket, left to the kernel's TCP",
			    fd);
		return fd;
	}

	fd = next_socket(AF_INET, type, IPPROTO_ATCP);
	if (fd < 0 && (errno == EPROTONOSUPPORT || errno == ESOCKTNOSUPPORT))
		say_unsupported();
	else if (verbose && fd < 0)
		say("socket(AF_INET, SOCK_STREAM, %d) as ATCP: %m", protocol);
	else if (verbose)
		say("fd %d: socket(AF_INET, SOCK_STREAM, %d) is ATCP", fd,
		    protocol);
	return fd;
}
