// SPDX-License-Identifier: GPL-2.0
/* The simulator's program: what to run, and how to say what came out. */
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "farm.h"
#include "observe.h"
#include "pcap.h"
#include "trace.h"

#define CONNECTIONS_USUAL 1000000

/**
 * struct options - what the command line says
 * @order: what to run
 * @seed: one run only, with @seed_given
 * @pcap: file for its segments
 * @trace: file for its trace
 * @check: pattern of the profiles to check
 * @shares: check so many times SHARE runs
 */
struct options {
	struct farm_order order;
	u64 seed;
	bool seed_given;
	const char *pcap;
	const char *trace;
	const char *check;
	unsigned int shares;
};

/* Runs in one share of a check: about a second's. */
#define SHARE 15000

static void usage(FILE *to)
{
	fprintf(to,
		"Usage: sim [OPTION]...\n"
		"Lets TCP connections of the engine live over bad links in virtual time, and checks\n"
		"what must hold after each event. A run follows from its seed.\n"
		"  --connections N  end after N connections (1000000)\n"
		"  --seconds S      end after S seconds\n"
		"  --jobs J         processes (one for each CPU)\n"
		"  --first N        begin with seed N (one that no other day has)\n"
		"  --profile NAME   scenarios of this kind (mixed); --list names them\n"
		"  --seed N         only this run\n"
		"  --trace FILE     with --seed: tell it in lines; - for standard output\n"
		"  --pcap FILE      with --seed: its segments, for wireshark\n"
		"  --check PATTERN  some seeds of each profile whose sim.NAME or NAME fits, as KTAP\n"
		"  --shares N       N times 15000 runs of the profile, from seed 1, as KTAP\n"
		"  --list           name the profiles\n");
}

static void complain(const char *what, const char *value)
{
	fprintf(stderr, "sim: %s%s; sim --help tells more\n", what, value);
	exit(2);
}

static u64 number(const char *text)
{
	char *end;
	u64 n;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || !*text || *end || *text == '-')
		complain("not a number: ", text);
	return n;
}

static void print_sums(const struct farm_harvest *harvest)
{
	static const char *const texts[] = {
#define X(name, text) text,
		SIM_COUNTS(X)
#undef X
	};
	unsigned int i;

	for (i = 0; i < SIM_COUNT; i++)
		if (harvest->count[i])
			printf("%12llu %s\n",
			       (unsigned long long)harvest->count[i], texts[i]);
}

/* One run, perhaps told or recorded. Return: the exit status. */
static int run_one(const struct options *o)
{
	struct sim_scenario *s = malloc(sizeof(*s));
	struct sim_result *r = calloc(1, sizeof(*r));
	struct trace *trace = calloc(1, sizeof(*trace));
	struct store *store = store_new();
	struct sim_watch watch = { 0 };
	bool good, written = true;

	if (o->trace) {
		trace->out = strcmp(o->trace, "-") ? fopen(o->trace, "w") :
						     stdout;
		if (!trace->out)
			complain("cannot write ", o->trace);
		watch.trace = trace;
	}
	if (o->pcap) {
		watch.pcap = pcap_open(o->pcap);
		if (!watch.pcap)
			complain("cannot write ", o->pcap);
	}
	scenario_draw(s, o->order.profile, o->seed);
	good = world_run(s, &watch, store, r);
	if (watch.pcap)
		written = pcap_close(watch.pcap);
	if (watch.trace && trace->out != stdout)
		written &= !fclose(trace->out);
	if (!written)
		fputs("sim: a file could not be written: is the disk full?\n",
		      stderr);
	if (good)
		fprintf(stderr,
			"seed %llu: all held, in %.3f s of virtual time\n",
			(unsigned long long)o->seed, r->us / 1e6);
	else
		fprintf(stderr, "seed %llu: %s\n", (unsigned long long)o->seed,
			r->wrong);
	store_free(store);
	free(trace);
	free(r);
	free(s);
	return !good || !written;
}

static int run_many(const struct options *o)
{
	struct farm_harvest harvest;

	fprintf(stderr, "%s, from seed %llu on, %u at a time\n",
		o->order.profile->text, (unsigned long long)o->order.first,
		o->order.jobs);
	farm_run(&o->order, &harvest);
	if (harvest.failed) {
		farm_explain(&o->order, harvest.seed, stdout);
		return 1;
	}
	print_sums(&harvest);
	printf("%12.0f seconds, and all held\n", harvest.seconds);
	return 0;
}

static bool is_wanted(const struct sim_profile *p, const char *pattern)
{
	char name[100];

	snprintf(name, sizeof(name), "sim.%s", p->name);
	return !*pattern || !fnmatch(pattern, name, 0) ||
	       !fnmatch(pattern, p->name, 0) || !strcmp(pattern, "sim");
}

/* What a failed check prints goes before its result, as comments. */
static void explain_in_comments(const struct farm_order *order, u64 seed)
{
	char line[1000];
	FILE *f = tmpfile();

	if (!f)
		return;
	farm_explain(order, seed, f);
	rewind(f);
	while (fgets(line, sizeof(line), f))
		printf("# %s", line);
	fclose(f);
}

/* Run seeds and say how it went. Return: true if all held. */
static bool check_seeds(const struct options *o, const struct sim_profile *p,
			u64 first, u64 last, u64 happens, unsigned int number,
			const char *name)
{
	struct farm_order order = o->order;
	struct farm_harvest harvest;
	bool good;
	unsigned int i;

	order.profile = p;
	order.first = first;
	order.last = last;
	order.connections = 0;
	order.quiet = true;
	farm_run(&order, &harvest);
	good = !harvest.failed;
	if (harvest.failed)
		explain_in_comments(&order, harvest.seed);
	for (i = 0; i < SIM_COUNT && good; i++)
		if (happens & 1ULL << i && !harvest.count[i]) {
			printf("# what was to happen did not\n");
			good = false;
		}
	printf("# %llu connections, %llu segments, %llu again, in %.1f s\n",
	       (unsigned long long)harvest.count[SIM_CONNECTIONS],
	       (unsigned long long)harvest.count[SIM_SEGMENTS],
	       (unsigned long long)harvest.count[SIM_AGAIN], harvest.seconds);
	printf("%sok %u %s\n", good ? "" : "not ", number, name);
	fflush(stdout);
	return good;
}

static int check_profiles(const struct options *o)
{
	const struct sim_profile *p;
	unsigned int i, n = 0, good = 0, number = 0;
	char name[100];

	for (i = 0; (p = profile_nth(i)); i++)
		n += is_wanted(p, o->check);
	if (!n)
		return 0;
	printf("TAP version 13\n1..%u\n", n);
	for (i = 0; (p = profile_nth(i)); i++) {
		if (!is_wanted(p, o->check))
			continue;
		snprintf(name, sizeof(name), "sim.%s", p->name);
		good += check_seeds(o, p, 1, p->seeds, p->happens, ++number,
				    name);
	}
	printf("# %u of %u profiles passed\n", good, n);
	return good != n;
}

static int check_shares(const struct options *o)
{
	unsigned int i, good = 0;
	char name[100];

	printf("TAP version 13\n1..%u\n", o->shares);
	for (i = 0; i < o->shares; i++) {
		u64 first = 1 + (u64)i * SHARE;

		snprintf(name, sizeof(name), "sim.%s_from_seed_%llu",
			 o->order.profile->name, (unsigned long long)first);
		good += check_seeds(o, o->order.profile, first,
				    first + SHARE - 1, 0, i + 1, name);
	}
	printf("# %u of %u shares passed\n", good, o->shares);
	return good != o->shares;
}

static void list(void)
{
	const struct sim_profile *p;
	unsigned int i;

	for (i = 0; (p = profile_nth(i)); i++)
		printf("%-24s %s\n", p->name, p->text);
}

static void parse(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "seed", 1, NULL, 's' },
		{ "connections", 1, NULL, 'n' },
		{ "seconds", 1, NULL, 't' },
		{ "jobs", 1, NULL, 'j' },
		{ "profile", 1, NULL, 'p' },
		{ "pcap", 1, NULL, 'w' },
		{ "trace", 1, NULL, 'v' },
		{ "list", 0, NULL, 'l' },
		{ "check", 1, NULL, 'c' },
		{ "first", 1, NULL, 'f' },
		{ "shares", 1, NULL, 'k' },
		{ "help", 0, NULL, 'h' },
		{ 0 },
	};
	int opt;

	while ((opt = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
		switch (opt) {
		case 's':
			o->seed = number(optarg);
			o->seed_given = true;
			break;
		case 'n':
			o->order.connections = number(optarg);
			break;
		case 't':
			o->order.seconds = number(optarg);
			break;
		case 'j':
			o->order.jobs = number(optarg);
			break;
		case 'f':
			o->order.first = number(optarg);
			break;
		case 'p':
			o->order.profile = profile_find(optarg);
			if (!o->order.profile)
				complain("--list does not name ", optarg);
			break;
		case 'w':
			o->pcap = optarg;
			break;
		case 'v':
			o->trace = optarg;
			break;
		case 'c':
			o->check = optarg;
			break;
		case 'k':
			o->shares = number(optarg);
			break;
		case 'l':
			list();
			exit(0);
		case 'h':
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			exit(2);
		}
	}
	if (optind < argc)
		complain("what is ", argv[optind]);
}

int main(int argc, char **argv)
{
	struct options o = {
		.order = { .profile = profile_find(NULL),
			   .first = (u64)time(NULL) * 1000000,
			   .last = ~0ULL >> 1,
			   .jobs = sysconf(_SC_NPROCESSORS_ONLN) },
	};

	parse(argc, argv, &o);
	if (!o.order.jobs || o.order.jobs > 256)
		complain("--jobs takes 1 to 256", "");
	if (!o.order.seconds && !o.order.connections)
		o.order.connections = CONNECTIONS_USUAL;
	if ((o.trace || o.pcap) && !o.seed_given)
		complain("--trace and --pcap want a --seed", "");
	if (o.check)
		return check_profiles(&o);
	if (o.shares)
		return check_shares(&o);
	return o.seed_given ? run_one(&o) : run_many(&o);
}
