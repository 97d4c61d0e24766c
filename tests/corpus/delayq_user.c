/* SPDX-License-Identifier: MIT */
/* Writes items with delays of several lengths and reads them in the order in which they become ready. */
#include "program.h"
#include "delayq.h"

#include <string.h>

static void say_item(const char *what, int fd)
{
	char text[32];
	long got;

	memset(text, 0, sizeof(text));
	got = sys_read(fd, text, sizeof(text) - 1);
	if (got < 0)
		return say_result(what, got);
	say("%s: %ld bytes: %s\n", what, got, text);
}

void program(void)
{
	int fd = (int)sys_open("/dev/delayq", RDWR);
	int impatient = (int)sys_open("/dev/delayq", RDONLY | NONBLOCK);
	char big[40] = "";

	say_item("nothing", fd);
	say("poll: 0x%lx\n", sys_poll(fd));
	say_result("too long", sys_write(fd, big, sizeof(big)));
	say_result("delay", sys_ioctl(fd, DELAYQ_DELAY, 200));
	say_result("write", sys_write(fd, "slow", 4));
	say_result("delay", sys_ioctl(fd, DELAYQ_DELAY, 50));
	say_result("write", sys_write(fd, "quick", 5));
	say_item("not yet", impatient);
	say_result("write to a file open for reading", sys_write(impatient, "no", 2));
	say_item("first", fd);
	say("poll: 0x%lx\n", sys_poll(fd));
	say_item("second", fd);
	say_result("no delay", sys_ioctl(fd, DELAYQ_DELAY, 0));
	say_result("write", sys_write(fd, "now", 3));
	say_result("flush", sys_ioctl(fd, DELAYQ_FLUSH, 0));
	say("poll: 0x%lx\n", sys_poll(fd));
	say_item("read", impatient);
	say_result("nothing to cancel", sys_ioctl(fd, DELAYQ_CANCEL, 0));
	say_result("delay", sys_ioctl(fd, DELAYQ_DELAY, 100));
	say_result("write", sys_write(fd, "never", 5));
	say_result("write", sys_write(fd, "later", 5));
	say_result("cancel", sys_ioctl(fd, DELAYQ_CANCEL, 0));
	say_item("read", fd);
	say_result("items not constructed", sys_ioctl(fd, DELAYQ_BROKEN, 0));
	say_result("write, and leave it", sys_write(fd, "left", 4));
	say_result("unknown command", sys_ioctl(fd, 0x6409, 0));
	sys_close(fd);
	sys_close(impatient);
}
