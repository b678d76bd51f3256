/* SPDX-License-Identifier: GPL-2.0 */
/* Octets of a stream, and which of them there are. */
#ifndef ATCP_ENGINE_ORACLE_OCTETS_H
#define ATCP_ENGINE_ORACLE_OCTETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct octets - a part of a stream
 * @at: position of the first
 * @len: octets that are there
 * @room: octets that there is room for
 * @octet: they
 */
struct octets {
	int64_t at;
	size_t len;
	size_t room;
	uint8_t *octet;
};

void octets_put(struct octets *o, int64_t at, const uint8_t *octet, size_t len);
void octets_forget(struct octets *o, int64_t before);
const uint8_t *octets_see(const struct octets *o, int64_t at);
void octets_free(struct octets *o);

/**
 * struct run - positions [start, end)
 * @start: the first
 * @end: the one after the last
 */
struct run {
	int64_t start;
	int64_t end;
};

/**
 * struct runs - a set of positions, in order, no two of them touching
 * @run: the runs
 * @nr: how many
 * @room: for how many there is room
 */
struct runs {
	struct run *run;
	size_t nr;
	size_t room;
};

void runs_add(struct runs *s, int64_t start, int64_t end);
void runs_remove(struct runs *s, int64_t start, int64_t end);
bool runs_have(const struct runs *s, int64_t start, int64_t end);
bool runs_touch(const struct runs *s, int64_t start, int64_t end);
int64_t runs_follow(const struct runs *s, int64_t at);
void runs_free(struct runs *s);

#endif
