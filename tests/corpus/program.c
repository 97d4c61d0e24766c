/* SPDX-License-Identifier: MIT */
/* The part of a program's vocabulary that is the same on vmsim and on Linux; see program.h. */
#include "program.h"

#include <stdio.h>
#include <string.h>

static const char *signal_name(int signo)
{
	return signo == 7 ? "SIGBUS" : signo == 11 ? "SIGSEGV" : signo == 9 ? "SIGKILL" : "signal";
}

static void say_signal(const char *what, int signo, user_addr at)
{
	say("%s: %s si_code %d%s\n", what, signal_name(signo), last_si_code(),
	    last_si_addr_was(at) ? "" : " at another address");
}

void say_load(const char *what, user_addr at, unsigned width)
{
	uint64_t value = 0;
	int signo = cpu_load(at, width, &value);

	if (signo)
		say_signal(what, signo, at);
	else
		say("%s: 0x%llx\n", what, (unsigned long long)value);
}

void say_store(const char *what, user_addr at, unsigned width, uint64_t value)
{
	int signo = cpu_store(at, width, value);

	if (signo)
		say_signal(what, signo, at);
	else
		say("%s: stored\n", what);
}

void say_result(const char *what, long result)
{
	if (result < 0 && result >= -4095)
		say("%s: errno %ld\n", what, -result);
	else
		say("%s: %ld\n", what, result);
}

void say_maps_of(const char *path)
{
	const char *line = own_maps();

	while (*line) {
		const char *end = strchr(line, '\n');
		size_t length = end ? (size_t)(end - line) : strlen(line);
		unsigned long start, stop, offset;
		char rights[5], text[512];

		if (length >= sizeof(text))
			length = sizeof(text) - 1;
		memcpy(text, line, length);
		text[length] = '\0';
		if (strstr(text, path) && sscanf(text, "%lx-%lx %4s %lx", &start, &stop, rights, &offset) == 4)
			say("area: %lu pages %s offset 0x%lx\n", (stop - start) / PAGE, rights, offset);
		line += length + (end ? 1 : 0);
	}
}
