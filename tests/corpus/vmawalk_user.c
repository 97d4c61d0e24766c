/* SPDX-License-Identifier: MIT */
/* Makes areas, splits and joins them, and reads what the driver says of them; the program itself is empty. */
#include "program.h"

#include <stdio.h>
#include <string.h>

static user_addr low, high;

static void say_areas(const char *when)
{
	static char text[2048];
	int fd = (int)sys_open("/proc/vmawalk/areas", RDONLY);
	long got = sys_read(fd, text, sizeof(text) - 1);

	if (got < 0)
		return say_result(when, got);
	text[got] = '\0';
	say("%s:\n%s", when, text);
	sys_close(fd);
}

static void say_around(const char *what, user_addr at)
{
	int fd = (int)sys_open("/proc/vmawalk/around", RDWR);
	char text[256];
	int length = snprintf(text, sizeof(text), "%#lx", at);
	long got = sys_write(fd, text, (size_t)length);

	if (got != length)
		return say_result(what, got);
	got = sys_read(fd, text, sizeof(text) - 1);
	if (got < 0)
		return say_result(what, got);
	text[got] = '\0';
	say("%s: %s", what, text);
	sys_close(fd);
}

static void child(void *unused)
{
	(void)unused;
	say_result("the child unmaps", sys_munmap(high, PAGE));
	say_areas("in the child");
}

void program(void)
{
	int fd;

	low = 0x10000000;
	high = 0x20000000;
	say_areas("at first");
	sys_mmap(low, 8 * PAGE, PROT_RW, PRIVATE | ANONYMOUS | FIXED, -1, 0);
	sys_mmap(high, PAGE, PROT_R, SHARED | ANONYMOUS | FIXED, -1, 0);
	say_areas("two areas");
	say_result("protect the middle", sys_mprotect(low + 2 * PAGE, 3 * PAGE, PROT_R));
	say_areas("split");
	say_around("below all", 0x1000);
	say_around("in the middle", low + 3 * PAGE);
	say_around("between", low + 9 * PAGE);
	say_around("above all", high + 2 * PAGE);
	say_result("protect it back", sys_mprotect(low + 2 * PAGE, 3 * PAGE, PROT_RW));
	say_areas("joined");
	sys_mmap(low + 8 * PAGE, 2 * PAGE, PROT_RW, PRIVATE | ANONYMOUS | FIXED, -1, 0);
	say_areas("grown");
	say_result("a hole", sys_munmap(low + PAGE, PAGE));
	sys_mmap(low + 5 * PAGE, PAGE, 0, PRIVATE | ANONYMOUS | FIXED, -1, 0);
	say_areas("a hole and a guard");
	in_child(child, NULL);
	say_areas("after the child");
	fd = (int)sys_open("/proc/vmawalk/around", RDWR);
	say_result("too much text", sys_write(fd, "0x0000000000000000000000000000001", 33));
	sys_close(fd);
	fd = (int)sys_open("/proc/vmawalk/areas", RDWR);
	say_result("write to a file without write", sys_write(fd, "x", 1));
	sys_close(fd);
	say_result("all away", sys_munmap(low, 16 * PAGE));
	say_areas("one is left");
}
