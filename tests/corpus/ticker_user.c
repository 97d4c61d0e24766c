/* SPDX-License-Identifier: MIT */
/* Starts the ticker, waits for ticks and reads them from the page; stops it before it stops by itself. */
#include "program.h"
#include "ticker.h"

static user_addr page;

static void child(void *fd)
{
	say_load("the child reads the ticks", page, 4);
	say_result("the child starts 2", sys_ioctl(*(int *)fd, TICK_START, 2));
	say_result("waits for 5", sys_ioctl(*(int *)fd, TICK_WAIT, 5));
	say_store("and sets the step", page + 4, 4, 9);
}

void program(void)
{
	int fd = (int)sys_open("/dev/ticker", RDWR);
	long at;

	say_result("two pages", sys_mmap(0, 2 * PAGE, PROT_RW, SHARED, fd, 0));
	at = sys_mmap(0, PAGE, PROT_RW, SHARED, fd, 0);
	if (at < 0)
		return say_result("mmap", at);
	page = (user_addr)at;
	say_maps_of("/dev/ticker");
	say_load("ticks", page, 4);
	say_load("stopped", page + 12, 4);
	say_result("wait while it is stopped", sys_ioctl(fd, TICK_WAIT, 1));
	say_result("start 0", sys_ioctl(fd, TICK_START, 0));
	say_store("step 7", page + 4, 4, 7);
	say_result("start 3", sys_ioctl(fd, TICK_START, 3));
	say_result("start again", sys_ioctl(fd, TICK_START, 3));
	say_result("wait for 1", sys_ioctl(fd, TICK_WAIT, 1));
	say_load("the step it saw", page + 8, 4);
	say_result("wait for 3", sys_ioctl(fd, TICK_WAIT, 3));
	say_load("ticks", page, 4);
	say_load("stopped", page + 12, 4);
	say_result("stop", sys_ioctl(fd, TICK_STOP, 0));
	in_child(child, &fd);
	say_load("ticks", page, 4);
	say_result("start 1000", sys_ioctl(fd, TICK_START, 1000));
	say_result("stop", sys_ioctl(fd, TICK_STOP, 0));
	say_load("stopped", page + 12, 4);
	say_result("start, and leave it", sys_ioctl(fd, TICK_START, 1));
	say_result("unknown command", sys_ioctl(fd, 0x74ff, 0));
	sys_close(fd);
}
