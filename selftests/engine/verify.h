/* SPDX-License-Identifier: GPL-2.0 */
/* What must hold of a connection after each call of the engine. */
#ifndef ATCP_ENGINE_VERIFY_H
#define ATCP_ENGINE_VERIFY_H

#include "tcb.h"

const char *verify_tcb(const struct atcp_tcb *tcb);
const char *verify_quiet(const struct atcp_tcb *tcb);
unsigned int verify_records(const struct atcp_tcb *tcb);

#endif
