/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Parts of the engine beside twins of theirs that are too simple to be wrong.
 * Each function reads what to do from octets (a fuzzer's, or random ones),
 * does it to both and compares them after each step. At a difference it prints
 * the steps so far and aborts.
 */
#ifndef ATCP_ENGINE_TWIN_H
#define ATCP_ENGINE_TWIN_H

#include <stddef.h>
#include <stdint.h>

/* Each has the form of a fuzz target, but for the return value. */

void twin_options(const uint8_t *data, size_t len);
void twin_reassembly(const uint8_t *data, size_t len);
void twin_scoreboard(const uint8_t *data, size_t len);

__attribute__((format(printf, 1, 2))) void twin_origin(const char *format, ...);

#endif
