/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tracepoints as a test sees them: those of its own namespace, in an
 * instance of tracefs whose buffer nobody else writes to or reads.
 */
#ifndef ATCP_TRACING_H
#define ATCP_TRACING_H

#include <stdbool.h>
#include <stdint.h>

#define TRACING_LINE 640

int tracing_start(void);
void tracing_stop(void);
int tracing_on(const char *event);

/*
 * The events @event ("atcp_state") of the end at @sport towards @dport, oldest
 * first, or the last @max of them. Returns how many there are.
 */
int tracing_read(const char *event, uint16_t sport, uint16_t dport,
		 char lines[][TRACING_LINE], int max);

/* The value of " @key=" in @line; it is cut off in a static buffer. */
const char *tracing_value(const char *line, const char *key);
unsigned long tracing_number(const char *line, const char *key);
/* Whether it is @want; says so on stderr if it is not. */
bool tracing_is(const char *line, const char *key, const char *want);

/* Whether @event's format has all fields of @list, which ends with NULL. */
bool tracing_has_fields(const char *event, const char *const *list);

/*
 * Whether the end at @sport made these moves, "CLOSED>LISTEN(passive-open)",
 * and no others. The last one is made in its own time.
 */
bool tracing_moved(uint16_t sport, uint16_t dport, const char *const *list);

#endif
