/* SPDX-License-Identifier: MIT */
/* Looks at one bank after another through two mappings of the window, in a child too. */
#include "program.h"
#include "pfnwin.h"

static user_addr window, second;

static void child(void *fd)
{
	say_load("the child looks", window, 1);
	say_result("it selects bank 3", sys_ioctl(*(int *)fd, WIN_SELECT, 3));
	say_load("the child looks", window, 1);
	say_store("and writes", window, 1, 0x13);
}

void program(void)
{
	int fd = (int)sys_open("/dev/pfnwin", RDWR);
	long at;

	say_result("private", sys_mmap(0, PAGE, PROT_R, PRIVATE, fd, 0));
	at = sys_mmap(0, 2 * PAGE, PROT_RW, SHARED, fd, 0);
	if (at < 0)
		return say_result("mmap", at);
	window = (user_addr)at;
	second = (user_addr)sys_mmap(0, PAGE, PROT_R, SHARED, fd, 0);
	say_maps_of("/dev/pfnwin");
	say_load("bank 0", window, 1);
	say_load("again", window, 1);
	say_load("through the other", second, 1);
	say_result("faults", sys_ioctl(fd, WIN_FAULTS, 0));
	say_load("behind the window", window + PAGE, 1);
	say_result("select 2", sys_ioctl(fd, WIN_SELECT, 2));
	say_load("bank 2", window, 1);
	say_load("through the other", second, 1);
	say_store("write", window, 1, 1);
	say_result("sum", sys_ioctl(fd, WIN_SUM, 0));
	say_store("write through the other", second, 1, 1);
	say_result("faults", sys_ioctl(fd, WIN_FAULTS, 0));
	say_result("select 4", sys_ioctl(fd, WIN_SELECT, 4));
	in_child(child, &fd);
	say_load("after the child", window, 1);
	say_result("sum", sys_ioctl(fd, WIN_SUM, 0));
	say_result("select 2", sys_ioctl(fd, WIN_SELECT, 2));
	say_load("bank 2", second, 1);
	say_result("munmap", sys_munmap(window, 2 * PAGE));
	say_result("select 1", sys_ioctl(fd, WIN_SELECT, 1));
	say_load("the other stays", second, 1);
	say_load("unmapped", window, 1);
	sys_close(fd);
	say_load("after close", second, 1);
}
