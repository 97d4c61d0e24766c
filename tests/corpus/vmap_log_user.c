/* SPDX-License-Identifier: MIT */
/* Logs lines, reads them through both mappings and debugfs, and clears the log. */
#include <string.h>

#include "program.h"
#include "vmap_log.h"

static void log_line(int fd, const char *line)
{
	say_result("write", sys_write(fd, line, strlen(line)));
}

static void debugfs(void)
{
	int status, clear, writes;
	char text[64] = "";

	say("%s", file_text("/sys/kernel/debug/vmap_log/status"));
	say("writes: %s", file_text("/sys/kernel/debug/vmap_log/writes"));
	clear = (int)sys_open("/sys/kernel/debug/vmap_log/clear", WRONLY);
	say_result("clear, no", sys_write(clear, "no\n", 3));
	say_result("clear, much", sys_write(clear, "yes please\n", 11));
	say_result("clear, yes", sys_write(clear, "yes\n", 4));
	say_result("read of what is for writing", sys_read(clear, text, 4));
	writes = (int)sys_open("/sys/kernel/debug/vmap_log/writes", RDWR);
	say_result("set", sys_write(writes, "0x20\n", 5));
	say_result("set to nonsense", sys_write(writes, "zz\n", 3));
	status = (int)sys_open("/sys/kernel/debug/vmap_log/status", RDONLY);
	say_result("status", sys_read(status, text, 10));
	say_result("status, the rest", sys_read(status, text + 10, 50));
	say("%s", text);
	say_result("status, at the end", sys_read(status, text, 50));
	sys_close(clear);
	sys_close(writes);
	sys_close(status);
}

void program(void)
{
	int fd = (int)sys_open("/dev/vmap_log", RDWR);
	user_addr at, plain, copy;

	log_line(fd, "one\n");
	log_line(fd, "two\n");
	say_result("five pages", sys_mmap(0, 5 * PAGE, PROT_R, SHARED, fd, 0));
	say_result("two from page 3", sys_mmap(0, 2 * PAGE, PROT_R, SHARED, fd, 3 * PAGE));
	at = (user_addr)sys_mmap(0, 4 * PAGE, PROT_RW, SHARED, fd, 0);
	plain = (user_addr)sys_mmap(0, 5 * PAGE, PROT_R, SHARED, fd, LOG_PLAIN_OFFSET);
	say_maps_of("/dev/vmap_log");
	say_load("log", at, 8);
	say_load("plain", plain, 8);
	say_load("plain, page 3", plain + 3 * PAGE, 8);
	say_load("plain, page 4", plain + 4 * PAGE, 8);
	say_store("store into the log", at + 7, 1, '!');
	say_store("and at its end", at + 4 * PAGE - 8, 8, 0);
	copy = (user_addr)sys_mmap(0, PAGE, PROT_RW, PRIVATE, fd, 0);
	say_store("private", copy, 1, 'X');
	say_load("private", copy, 8);
	say_load("log", at, 8);
	say_result("write from the private copy", sys_write_from(fd, copy, 4));
	say_result("write from nowhere", sys_write_from(fd, PAGE, 4));
	say_result("write of too much", sys_write_from(fd, copy, 5 * PAGE));
	debugfs();
	say_load("log", at, 8);
	log_line(fd, "three\n");
	say("%s", file_text("/sys/kernel/debug/vmap_log/status"));
}
