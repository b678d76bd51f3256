// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin for QEMU that counts the guest's instructions by address, between
 * the marks of marker.h. It sees each instruction, those with interrupts off
 * as well, and the guest does not notice it.
 *
 * The file that its argument output=NAME names gets a line for each block of
 * code that ran: its address, its length in instructions, and how often it ran
 * for each kind of connection.
 *
 * Debian packages no qemu-plugin.h: what is used of version 1 of QEMU's
 * interface (QEMU 4.2 to 8.2) is declared here.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "marker.h"

#define EXPORT	     __attribute__((visibility("default")))
#define ADD_U64	     0
#define NO_REGISTERS 0

struct qemu_plugin_tb;
struct qemu_plugin_insn;

void qemu_plugin_register_vcpu_tb_trans_cb(
	uint64_t id, void (*cb)(uint64_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op,
					      void *ptr, uint64_t imm);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    void (*cb)(unsigned int vcpu,
						       void *data),
					    int flags, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t number);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);

EXPORT int qemu_plugin_version = 1;

struct block {
	uint64_t address;
	uint64_t length;
	/* Since the last mark; the translated code itself counts it up. */
	uint64_t runs;
	uint64_t sum[MARK_KINDS];
	struct block *next;
};

static struct block *blocks;
static unsigned int counted_for = MARK_END;
static const char *file_name;

static void write_file(void)
{
	FILE *f = fopen(file_name, "w");
	const struct block *b;
	unsigned int i;
	bool ran;

	for (b = f ? blocks : NULL; b; b = b->next) {
		for (i = 0, ran = false; i < MARK_KINDS; i++)
			ran |= b->sum[i];
		if (!ran)
			continue;
		fprintf(f, "%" PRIx64 " %" PRIu64, b->address, b->length);
		for (i = 0; i < MARK_KINDS; i++)
			fprintf(f, " %" PRIu64, b->sum[i]);
		fprintf(f, "\n");
	}
	if (!f || fclose(f))
		perror(file_name);
}

static void at_mark(unsigned int vcpu, void *data)
{
	unsigned int what = (uintptr_t)data;
	struct block *b;

	(void)vcpu;
	for (b = blocks; b; b = b->next) {
		if (counted_for < MARK_KINDS)
			b->sum[counted_for] += b->runs;
		b->runs = 0;
	}
	counted_for = what;
	/* The machine is killed in the end: every mark may be the last. */
	if (what == MARK_END)
		write_file();
}

static void look_for_mark(struct qemu_plugin_insn *insn)
{
	static const uint8_t nopl_rax[3] = { 0x0f, 0x1f, 0x80 };
	const uint8_t *code = qemu_plugin_insn_data(insn);
	uint32_t value;

	if (qemu_plugin_insn_size(insn) != sizeof(nopl_rax) + sizeof(value) ||
	    memcmp(code, nopl_rax, sizeof(nopl_rax)))
		return;
	memcpy(&value, code + sizeof(nopl_rax), sizeof(value));
	if (value < MARK_BASE || value > MARK_BASE + MARK_END)
		return;
	qemu_plugin_register_vcpu_insn_exec_cb(insn, at_mark, NO_REGISTERS,
					       (void *)(uintptr_t)(value -
								   MARK_BASE));
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t length = qemu_plugin_tb_n_insns(tb), i;
	struct block *b = calloc(1, sizeof(*b));

	(void)id;
	if (!b) {
		fprintf(stderr, "profile: out of memory\n");
		exit(1);
	}
	b->address = qemu_plugin_tb_vaddr(tb);
	b->length = length;
	b->next = blocks;
	blocks = b;
	qemu_plugin_register_vcpu_tb_exec_inline(tb, ADD_U64, &b->runs, 1);
	for (i = 0; i < length; i++)
		look_for_mark(qemu_plugin_tb_get_insn(tb, i));
}

EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc,
			       char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "output=", 7)) {
		fprintf(stderr, "profile: wants output=NAME\n");
		return -1;
	}
	file_name = strdup(argv[0] + 7);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
