// SPDX-License-Identifier: GPL-2.0
/*
 * A target without its fuzzer, for compilers that have none: runs the inputs of
 * the files named, each with an end that ASan would watch.
 */
#include <stdio.h>
#include <stdlib.h>
#include "fuzz.h"

static int run_file(const char *name)
{
	FILE *file = fopen(name, "rb");
	size_t len, room = 1 << 16;
	u8 *octets;

	if (!file) {
		perror(name);
		return 1;
	}
	octets = malloc(room);
	len = fread(octets, 1, room, file);
	fclose(file);
	octets = realloc(octets, len ?: 1);
	LLVMFuzzerTestOneInput(octets, len);
	free(octets);
	return 0;
}

int main(int argc, char **argv)
{
	int i, status = 0;

	if (argc < 2) {
		fprintf(stderr, "Usage: %s INPUT...\n", argv[0]);
		return 2;
	}
	for (i = 1; i < argc; i++)
		status |= run_file(argv[i]);
	return status;
}
