/* SPDX-License-Identifier: MIT */
/* Writes into the log, reads it through two mappings, one of them private, and steps over its end. */
#include "program.h"

#include <string.h>

static user_addr shared;

static void child(void *unused)
{
	(void)unused;
	say_load("the child reads", shared, 1);
	say("%s", file_text("/proc/vlog"));
}

void program(void)
{
	int fd = (int)sys_open("/dev/vlog", RDWR);
	char text[16] = "";
	char filler[PAGE];
	long at;
	user_addr own;

	memset(filler, 'f', sizeof(filler));
	say_result("write", sys_write(fd, "started\n", 8));
	say_result("read", sys_read(fd, text, sizeof(text) - 1));
	say("it reads: %s", text);
	say_result("read at the end", sys_read(fd, text, sizeof(text)));
	say_result("seek to the end", sys_lseek(fd, 0, 2));
	say_result("seek before the start", sys_lseek(fd, -1, 0));
	say_result("mmap behind the end", sys_mmap(0, PAGE, PROT_R, SHARED, fd, 3 * PAGE));
	at = sys_mmap(0, 4 * PAGE, PROT_RW, SHARED, fd, 0);
	if (at < 0)
		return say_result("mmap", at);
	shared = (user_addr)at;
	own = (user_addr)sys_mmap(0, PAGE, PROT_RW, PRIVATE, fd, 0);
	say("%s", file_text("/proc/vlog"));
	say_load("first letter", shared, 1);
	say_load("through the private one", own, 1);
	say_store("write there", own, 1, 'X');
	say_load("it changed", own, 1);
	say_load("the other did not", shared, 1);
	say_store("write here", shared, 1, 'S');
	say_load("the private one keeps its own", own, 1);
	say_result("seek to 0", sys_lseek(fd, 0, 0));
	say_result("read", sys_read(fd, text, 7));
	say("it reads: %.7s\n", text);
	say_result("write a page", sys_write(fd, filler, PAGE));
	say_load("second page", shared + PAGE, 1);
	say_load("fourth page", shared + 3 * PAGE, 1);
	say_store("fourth page", shared + 3 * PAGE, 1, 1);
	say("%s", file_text("/proc/vlog"));
	in_child(child, NULL);
	say_result("write a page", sys_write(fd, filler, PAGE));
	say_result("write a page", sys_write(fd, filler, PAGE));
	say_result("write a page", sys_write(fd, filler, PAGE));
	say_result("munmap", sys_munmap(own, PAGE));
	say_result("munmap", sys_munmap(shared, 4 * PAGE));
	say("%s", file_text("/proc/vlog"));
	sys_close(fd);
}
