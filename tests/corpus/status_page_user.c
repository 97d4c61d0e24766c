/* SPDX-License-Identifier: MIT */
/* Maps the status page, watches it change, and asks for what the driver must refuse. */
#include "program.h"
#include "status_page.h"

static user_addr page;

static void child(void *fd)
{
	say_result("mappings in the child", sys_ioctl(*(int *)fd, STATUS_OPENS, 0));
	say_load("the child reads", page + 4, 4);
}

void program(void)
{
	int fd = (int)sys_open("/dev/status_page", RDWR);
	long at;

	say_result("two pages", sys_mmap(0, 2 * PAGE, PROT_R, SHARED, fd, 0));
	say_result("at an offset", sys_mmap(0, PAGE, PROT_R, SHARED, fd, PAGE));
	say_result("writable", sys_mmap(0, PAGE, PROT_RW, SHARED, fd, 0));
	at = sys_mmap(0, 100, PROT_R, SHARED, fd, 0);
	say_result("half a page, unmapped", sys_munmap((user_addr)at, 100));
	at = sys_mmap(0, PAGE, PROT_R, SHARED, fd, 0);
	if (at < 0)
		return say_result("mmap", at);
	page = (user_addr)at;
	say_maps_of("/dev/status_page");
	say_load("magic", page, 4);
	say_load("ticks", page + 4, 4);
	say_result("tick", sys_ioctl(fd, STATUS_TICK, 0));
	say_load("ticks", page + 4, 4);
	say_store("store", page + 4, 4, 1);
	say_result("mprotect to writable", sys_mprotect(page, PAGE, PROT_RW));
	say_result("mappings", sys_ioctl(fd, STATUS_OPENS, 0));
	in_child(child, &fd);
	say_result("mappings after the child", sys_ioctl(fd, STATUS_OPENS, 0));
	say_result("close", sys_close(fd));
	say_load("after close", page + 4, 4);
	say_result("munmap", sys_munmap(page, PAGE));
	say_load("after munmap", page, 4);
}
