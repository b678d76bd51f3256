// SPDX-License-Identifier: GPL-2.0
/* Runs the cases over both protocols, compares, and reports in KTAP. */
#include <fnmatch.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <sys/wait.h>

#include "compare.h"

/* A case that takes longer than this, in seconds, hangs. */
#define LIMIT	       20
#define TRANSCRIPT_MAX 65536

/* A skipped case's status; the descriptor that the notes go to. */
enum {
	SKIPPED = 77,
	NOTES_FD = 900
};

struct compare_case {
	char name[96];
	case_fn *run;
	int a, b;
	void (*scenario)(void);
	bool timed;
	bool selected;
};

static struct compare_case *cases;
static int nr_cases;
static bool verbose;

/* One run of a case: over which protocol, and what it noted. */
struct run {
	int proto;
	pid_t pid;
	int pipe;
	size_t len;
	int status;
	char text[TRANSCRIPT_MAX];
};

void add_case(case_fn *run, int a, int b, const char *format, ...)
{
	struct compare_case *c;
	va_list args;

	if (!(nr_cases & (nr_cases + 1))) {
		cases = realloc(cases, (2 * nr_cases + 1) * sizeof(*cases));
		if (!cases)
			exit(1);
	}
	c = &cases[nr_cases++];
	*c = (struct compare_case){ .run = run, .a = a, .b = b };
	va_start(args, format);
	vsnprintf(c->name, sizeof(c->name), format, args);
	va_end(args);
}

__attribute__((weak)) void add_cases(void)
{
}

void add_scenario(const char *name, void (*run)(void), bool timed)
{
	add_case(NULL, 0, 0, "%s", name);
	cases[nr_cases - 1].scenario = run;
	cases[nr_cases - 1].timed = timed;
}

pid_t later(int ms, void (*what)(int fd), int fd)
{
	pid_t pid = fork();

	if (pid < 0)
		fail_case("fork");
	if (pid)
		return pid;
	usleep(1000 * ms);
	what(fd);
	_exit(0);
}

void wait_later(pid_t pid)
{
	waitpid(pid, NULL, 0);
}

void skip_case(const char *why)
{
	note("%s", why);
	_exit(SKIPPED);
}

void fail_case(const char *why)
{
	note("%s: %m", why);
	_exit(1);
}

/* Signals that a case may cause wait until it looks for them. */
static void hold_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGURG);
	sigaddset(&set, SIGIO);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void child(const struct compare_case *c, int proto, int out)
{
	char text[16];

	/* Descriptors have the same numbers in both runs. */
	dup2(out, NOTES_FD);
	close_range(STDERR_FILENO + 1, NOTES_FD - 1, 0);
	close_range(NOTES_FD + 1, ~0U, 0);
	setpgid(0, 0);
	snprintf(text, sizeof(text), "%d", proto);
	setenv("ATCP_TEST_PROTO", text, 1);
	note_to(NOTES_FD);
	if (test_netns()) {
		note("no network namespace: %m");
		_exit(1);
	}
	/* What an operator may have set, and what newer kernels begin with. */
	sysctl_write("rmem", "4096 131072 6291456");
	sysctl_write("wmem", "4096 16384 4194304");
	sysctl_write("congestion_control", "reno");
	hold_signals();
	if (c->scenario)
		c->scenario();
	else
		c->run(c->a, c->b);
	_exit(0);
}

static void start(struct run *r, const struct compare_case *c, int proto)
{
	int fds[2];

	r->proto = proto;
	r->len = 0;
	if (pipe2(fds, O_CLOEXEC)) {
		perror("pipe");
		exit(1);
	}
	fflush(stdout);
	r->pid = fork();
	if (r->pid < 0) {
		perror("fork");
		exit(1);
	}
	if (!r->pid) {
		close(fds[0]);
		child(c, proto, fds[1]);
	}
	close(fds[1]);
	r->pipe = fds[0];
}

/* Takes what a run has noted until now; false at the end. */
static bool drain(struct run *r)
{
	char spill[4096];
	ssize_t n;

	if (r->len < sizeof(r->text) - 1) {
		n = read(r->pipe, r->text + r->len,
			 sizeof(r->text) - 1 - r->len);
		if (n > 0)
			r->len += n;
	} else {
		n = read(r->pipe, spill, sizeof(spill));
	}
	return n > 0;
}

static void finish(struct run *r, uint64_t deadline)
{
	struct pollfd p = { .fd = r->pipe, .events = POLLIN };
	int64_t left;

	do {
		left = (int64_t)(deadline - now_us()) / 1000;
		if (left <= 0 || poll(&p, 1, left) <= 0) {
			kill(-r->pid, SIGKILL);
			kill(r->pid, SIGKILL);
			break;
		}
	} while (drain(r));
	waitpid(r->pid, &r->status, 0);
	close(r->pipe);
	r->text[r->len] = 0;
}

static bool same(const struct run *a, const struct run *b)
{
	return a->status == b->status && a->len == b->len &&
	       !memcmp(a->text, b->text, a->len);
}

static void show_end(const struct run *r)
{
	if (WIFSIGNALED(r->status) && WTERMSIG(r->status) == SIGKILL)
		printf("# protocol %d hangs\n", r->proto);
	else if (WIFSIGNALED(r->status))
		printf("# protocol %d dies of signal %d\n", r->proto,
		       WTERMSIG(r->status));
	else if (WEXITSTATUS(r->status))
		printf("# protocol %d ends with status %d\n", r->proto,
		       WEXITSTATUS(r->status));
}

/* Both notes side by side; what differs is marked. */
static void show(const struct run *a, const struct run *b)
{
	const char *s = a->text, *t = b->text;

	printf("#   %-42s %-42s\n", "the kernel's TCP",
	       b->proto == IPPROTO_TCP ? "and again" : "ATCP");
	while (*s || *t) {
		size_t m = strcspn(s, "\n"), n = strcspn(t, "\n");

		printf("# %c %-42.*s %.*s\n",
		       m == n && !memcmp(s, t, m) ? ' ' : '!', (int)m, s,
		       (int)n, t);
		s += m + !!s[m];
		t += n + !!t[n];
	}
	show_end(a);
	show_end(b);
}

/* A case that never got to where it wanted to be shows nothing by being equal. */
static bool failed_alike(const struct run *r)
{
	return r->status &&
	       !(WIFEXITED(r->status) && WEXITSTATUS(r->status) == SKIPPED);
}

static bool compare(int number, const struct compare_case *c)
{
	static struct run a, b;
	uint64_t deadline = now_us() + LIMIT * 1000000ull;
	const char *why = NULL;
	bool ok;

	printf("#  RUN           %s ...\n", c->name);
	start(&a, c, IPPROTO_TCP);
	start(&b, c, test_proto());
	finish(&a, deadline);
	finish(&b, deadline);
	if (test_is_atcp())
		why = intended_difference(c->name);
	ok = same(&a, &b) == !why && !failed_alike(&a);
	if (!ok && why)
		printf("# no longer differs: strike it out of differences.c (%s)\n",
		       why);
	if (!ok || verbose)
		show(&a, &b);
	if (ok && !why && a.status)
		printf("ok %d # SKIP %.*s\n", number,
		       (int)strcspn(a.text, "\n"), a.text);
	else
		printf("%s %d %s\n", ok ? "ok" : "not ok", number, c->name);
	fflush(stdout);
	return ok;
}

static void select_cases(const char *pattern)
{
	int i;

	for (i = 0; i < nr_cases; i++)
		cases[i].selected |= !fnmatch(pattern, cases[i].name, 0);
}

static void select_kind(bool timed)
{
	int i;

	for (i = 0; i < nr_cases; i++)
		cases[i].selected = cases[i].timed == timed;
}

static int usage(const char *name, int status)
{
	printf("Usage: %s [-i | -n] [-lv] [-t CASE]...\n"
	       "  -i       only cases that wait\n"
	       "  -n       only cases that do not\n"
	       "  -l       list the cases\n"
	       "  -v       show the notes of cases that pass, too\n"
	       "  -t CASE  run only CASE: a name, or a pattern for names\n"
	       "ATCP_TEST_PROTO=6 compares the kernel's TCP with itself: what differs then\n"
	       "differs by chance.\n",
	       name);
	return status;
}

static int run_cases(void)
{
	int i, number = 0, total = 0, failed = 0;

	for (i = 0; i < nr_cases; i++)
		total += cases[i].selected;
	printf("TAP version 13\n1..%d\n", total);
	for (i = 0; i < nr_cases; i++)
		if (cases[i].selected)
			failed += !compare(++number, &cases[i]);
	return failed ? 1 : 0;
}

int main(int argc, char **argv)
{
	bool list = false, all = true;
	int opt, i;

	add_cases();
	while ((opt = getopt(argc, argv, "hilnt:v")) != -1) {
		switch (opt) {
		case 'i':
		case 'n':
			select_kind(opt == 'i');
			all = false;
			break;
		case 'l':
			list = true;
			break;
		case 't':
			select_cases(optarg);
			all = false;
			break;
		case 'v':
			verbose = true;
			break;
		default:
			return usage(argv[0], opt == 'h' ? 0 : 2);
		}
	}
	if (all)
		select_cases("*");
	if (!list)
		return run_cases();
	for (i = 0; i < nr_cases; i++)
		if (cases[i].selected)
			puts(cases[i].name);
	return 0;
}
