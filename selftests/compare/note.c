// SPDX-License-Identifier: GPL-2.0
/*
 * What a case notes. Each note is a line, and lines are compared: nothing in
 * them may depend on chance or on a clock.
 */
#include <ctype.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <stdarg.h>

#include "compare.h"

void *const NOWHERE = (void *)8;

static int out = STDOUT_FILENO;

/* Where the notes of this process go. */
void note_to(int fd)
{
	out = fd;
}

void note(const char *format, ...)
{
	int saved = errno, len;
	char line[512];
	va_list args;

	va_start(args, format);
	len = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (len > (int)sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	if (write(out, line, len) != len)
		_exit(1);
	errno = saved;
}

const char *errno_name(int err)
{
	const char *name = strerrorname_np(err);

	return name ? name : "an unknown error";
}

long did(const char *call, long ret)
{
	if (ret == -1)
		note("%s: %s", call, errno_name(errno));
	else
		note("%s: %ld", call, ret);
	return ret;
}

/* So much of what was read is shown. */
#define SHOWN 40

long got(const char *call, long ret, const void *buf)
{
	const char *bytes = buf;
	char text[SHOWN + 1];
	int i;

	if (ret <= 0)
		return did(call, ret);
	for (i = 0; i < ret && i < SHOWN; i++)
		text[i] = isprint(bytes[i]) ? bytes[i] : '.';
	text[i] = 0;
	note("%s: %ld '%s'", call, ret, text);
	return ret;
}

/* Ports that the kernel chose are all alike. */
static const char *port_text(uint16_t port, char *text, size_t len)
{
	if (port >= 32768)
		return "any";
	snprintf(text, len, "%u", port);
	return text;
}

void note_address(const char *call, long ret, const void *addr, socklen_t room,
		  socklen_t len)
{
	const struct sockaddr_in *sin = addr;
	char host[INET_ADDRSTRLEN], port[16];

	if (ret) {
		did(call, ret);
		return;
	}
	if (room < sizeof(*sin) || sin->sin_family != AF_INET) {
		note("%s: length %u", call, len);
		return;
	}
	inet_ntop(AF_INET, &sin->sin_addr, host, sizeof(host));
	note("%s: length %u %s:%s", call, len, host,
	     port_text(ntohs(sin->sin_port), port, sizeof(port)));
}

void note_names(int fd)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	int ret;

	memset(&addr, 0, sizeof(addr));
	ret = getsockname(fd, (struct sockaddr *)&addr, &len);
	note_address("getsockname", ret, &addr, sizeof(addr), len);
	len = sizeof(addr);
	memset(&addr, 0, sizeof(addr));
	ret = getpeername(fd, (struct sockaddr *)&addr, &len);
	note_address("getpeername", ret, &addr, sizeof(addr), len);
}

const char *poll_bits(unsigned int events, char *text, size_t len)
{
	static const struct {
		unsigned int bit;
		const char *name;
	} bits[] = {
		{ POLLIN, " IN" },	   { POLLPRI, " PRI" },
		{ POLLOUT, " OUT" },	   { POLLERR, " ERR" },
		{ POLLHUP, " HUP" },	   { POLLNVAL, " NVAL" },
		{ POLLRDNORM, " RDNORM" }, { POLLRDBAND, " RDBAND" },
		{ POLLWRNORM, " WRNORM" }, { POLLWRBAND, " WRBAND" },
		{ POLLRDHUP, " RDHUP" },
	};
	unsigned int i;

	*text = 0;
	for (i = 0; i < ARRAY_LEN(bits); i++)
		if (events & bits[i].bit)
			strncat(text, bits[i].name, len - strlen(text) - 1);
	return text;
}

void note_poll(const char *who, int fd)
{
	struct pollfd p = { .fd = fd, .events = 0x23ff };
	char text[128];

	poll(&p, 1, 0);
	note("%s polls:%s", who, poll_bits(p.revents, text, sizeof(text)));
}

void note_signals(void)
{
	struct timespec now = { 0 };
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGURG);
	sigaddset(&set, SIGIO);
	while ((sig = sigtimedwait(&set, NULL, &now)) > 0)
		note("SIG%s", sigabbrev_np(sig));
}

/* How much a buffer takes is a stack's own affair. */
const char *amount(int octets, char *text, size_t len)
{
	snprintf(text, len, octets > 4096 ? "much" : "%d", octets);
	return text;
}

static void note_queue(const char *who, int fd)
{
	int inq = -1, mark = -1;
	char text[16];

	if (ioctl(fd, SIOCINQ, &inq))
		note("%s SIOCINQ: %s", who, errno_name(errno));
	else
		note("%s SIOCINQ: %s", who, amount(inq, text, sizeof(text)));
	if (ioctl(fd, SIOCATMARK, &mark))
		note("%s SIOCATMARK: %s", who, errno_name(errno));
	else
		note("%s SIOCATMARK: %d", who, mark);
}

void look(const char *who, int fd)
{
	char buf[4096], call[32];
	int i, state;

	if (fd < 0)
		return;
	settle();
	note_poll(who, fd);
	state = tcp_state(fd);
	/* How soon a FIN is acknowledged is the peer's affair. */
	note("%s state: %s", who,
	     state == ST_FIN_WAIT_1 ? state_name(ST_FIN_WAIT_2) :
				      state_name(state));
	note_queue(who, fd);
	note("%s SO_ERROR: %s", who, errno_name(so_error(fd)));
	for (i = 1; i <= 2; i++) {
		snprintf(call, sizeof(call), "%s recv %d", who, i);
		got(call, recv(fd, buf, sizeof(buf), MSG_DONTWAIT), buf);
	}
	snprintf(call, sizeof(call), "%s send", who);
	did(call, send(fd, "z", 1, MSG_DONTWAIT | MSG_NOSIGNAL));
	settle();
	note_poll(who, fd);
	note_signals();
}

void note_duration(const char *what, uint64_t begun)
{
	uint64_t ms = (now_us() - begun) / 1000;

	if (ms < 150)
		note("%s: at once", what);
	else if (ms < 2500)
		note("%s: after some time", what);
	else
		note("%s: after a long time", what);
}
