/* SPDX-License-Identifier: MIT */
/* Reads and writes as any program does; the driver sees synchronous requests. */
#include "program.h"

#include <string.h>

static void say_read(const char *what, int fd, size_t size)
{
	char text[300];
	long got;

	memset(text, 0, sizeof(text));
	got = sys_read(fd, text, size);
	if (got < 0)
		return say_result(what, got);
	say("%s: %ld bytes: %.12s\n", what, got, text);
}

void program(void)
{
	int fd = (int)sys_open("/dev/aiostore", RDWR);
	int reader = (int)sys_open("/dev/aiostore", RDONLY);
	char big[300];

	memset(big, 'z', sizeof(big));
	say_read("empty", reader, 10);
	say_result("write", sys_write(fd, "one two three", 13));
	say_read("read", reader, 7);
	say_read("the rest", reader, 100);
	say_read("the end", reader, 100);
	say_result("seek", sys_lseek(fd, 4, 0));
	say_result("write over it", sys_write(fd, "TWO", 3));
	say_read("what follows", fd, 3);
	say_result("seek", sys_lseek(reader, 0, 0));
	say_read("all", reader, 100);
	say_result("seek", sys_lseek(fd, 200, 0));
	say_result("write to the end", sys_write(fd, big, sizeof(big)));
	say_result("write behind it", sys_write(fd, big, 1));
	say_result("write by a reader", sys_write(reader, big, 1));
	say_result("seek from where it is", sys_lseek(fd, -6, 1));
	say_read("the last bytes", fd, 100);
	say_result("ioctl", sys_ioctl(fd, 1, 0));
	say("poll: 0x%lx\n", sys_poll(fd));
	sys_close(fd);
	sys_close(reader);
}
