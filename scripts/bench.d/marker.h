/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Instructions that do nothing but tell profile.c, QEMU's plugin, what the
 * instructions after them are done for: a long NOP whose displacement says it.
 */
#ifndef BENCH_MARKER_H
#define BENCH_MARKER_H

/* "ATC" and a kind of connection, or none. */
#define MARK_BASE  0x41544300
#define MARK_KINDS 3
#define MARK_END   0xff

#define MARK(what)                                                             \
	__asm__ volatile("nopl %c0(%%rax)" : : "i"(MARK_BASE + (what)))

static inline void mark(unsigned int what)
{
	switch (what) {
	case 0:
		MARK(0);
		break;
	case 1:
		MARK(1);
		break;
	case 2:
		MARK(2);
		break;
	default:
		MARK(MARK_END);
		break;
	}
}

#endif
