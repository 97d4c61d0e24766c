/* SPDX-License-Identifier: MIT */
/* Fills and empties the ring over its end, looks at its memory, and writes to its file in /proc. */
#include "program.h"
#include "semring.h"

#include <string.h>

static int fd;

static void say_state(const char *when)
{
	struct semring_state state = { 0, 0 };
	long result = sys_ioctl_at(fd, SEMRING_STATE, &state, sizeof(state));

	if (result < 0)
		return say_result(when, result);
	say("%s: %u of %u\n", when, state.held, state.size);
}

static void say_read(const char *what, size_t size)
{
	char text[32];
	long got;

	memset(text, 0, sizeof(text));
	got = sys_read(fd, text, size);
	if (got < 0)
		return say_result(what, got);
	say("%s: %ld bytes: %s\n", what, got, text);
}

void program(void)
{
	int proc;
	long at;

	fd = (int)sys_open("/dev/semring", RDWR | NONBLOCK);
	say_state("empty");
	say_read("read", 4);
	say_result("write", sys_write(fd, "0123456789", 10));
	say_read("read a part", 4);
	say_result("write", sys_write(fd, "abcdefghijkl", 12));
	say_state("full");
	say_result("write to the full ring", sys_write(fd, "x", 1));
	say_result("writable", sys_mmap(0, PAGE, PROT_RW, SHARED, fd, 0));
	say_result("two pages", sys_mmap(0, 2 * PAGE, PROT_R, SHARED, fd, 0));
	at = sys_mmap(0, PAGE, PROT_R, SHARED, fd, 0);
	if (at < 0)
		return say_result("mmap", at);
	say_maps_of("/dev/semring");
	say_load("the first bytes", (user_addr)at, 8);
	say_load("the last", (user_addr)at + 15, 1);
	say_load("behind the ring", (user_addr)at + 16, 4);
	say_store("store", (user_addr)at, 1, 0);
	say_result("make it writable", sys_mprotect((user_addr)at, PAGE, PROT_RW));
	say_read("read", 10);
	say_state("some are left");
	say_result("reset", sys_ioctl(fd, SEMRING_RESET, 0));
	say_read("read", 10);
	say_result("write nothing", sys_write(fd, "", 0));
	say_result("seek", sys_lseek(fd, 0, 0));
	say_result("state to a bad address", sys_ioctl(fd, SEMRING_STATE, 4));
	say_result("another's command", sys_ioctl(fd, 0x5401, 0));
	say_result("unknown command", sys_ioctl(fd, 0x73ff, 0));
	say("%s", file_text("/proc/semring"));
	proc = (int)sys_open("/proc/semring", WRONLY);
	say_result("write to /proc", sys_write(proc, "40\n", 3));
	say_result("too long", sys_write(proc, "123456789012", 12));
	sys_close(proc);
	say_result("open again", sys_open("/dev/semring", RDONLY) < 0);
	say("%s", file_text("/proc/semring"));
	say_result("munmap", sys_munmap((user_addr)at, PAGE));
	sys_close(fd);
}
