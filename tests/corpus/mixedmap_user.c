/* SPDX-License-Identifier: MIT */
/* Reads pages of both kinds, writes where it may, and loses a page that the driver renews. */
#include "program.h"
#include "mixedmap.h"

static int fd;
static user_addr all, one;

static void child(void *unused)
{
	(void)unused;
	say_load("the child reads page 0", all, 1);
	say_result("users of page 0", sys_ioctl(fd, MIXED_USERS, 0));
	say_load("the child reads page 3", all + 3 * PAGE, 1);
}

void program(void)
{
	long at;

	fd = (int)sys_open("/dev/mixedmap", RDWR);
	say_result("write to all", sys_mmap(0, MIXED_PAGES * PAGE, PROT_RW, SHARED, fd, 0));
	say_result("write to constants", sys_mmap(0, PAGE, PROT_RW, SHARED, fd, PAGE));
	at = sys_mmap(0, (MIXED_PAGES + 1) * PAGE, PROT_R, SHARED, fd, 0);
	if (at < 0)
		return say_result("mmap", at);
	all = (user_addr)at;
	one = (user_addr)sys_mmap(0, PAGE, PROT_RW, SHARED, fd, 4 * PAGE);
	say_maps_of("/dev/mixedmap");
	say_load("page 0", all, 2);
	say_load("page 1", all + PAGE, 2);
	say_load("page 3", all + 3 * PAGE, 2);
	say_load("page 4", all + 4 * PAGE, 2);
	say_load("page 6", all + 6 * PAGE, 2);
	say_result("faults", sys_ioctl(fd, MIXED_FAULTS, 0));
	say_result("users of page 0", sys_ioctl(fd, MIXED_USERS, 0));
	say_result("users of constants", sys_ioctl(fd, MIXED_USERS, 1));
	say_result("users of page 2", sys_ioctl(fd, MIXED_USERS, 2));
	say_store("write page 4", one, 2, 0x4444);
	say_load("page 4", all + 4 * PAGE, 2);
	say_result("users of page 4", sys_ioctl(fd, MIXED_USERS, 4));
	say_store("write page 0", all, 1, 1);
	say_result("make it writable", sys_mprotect(all, PAGE, PROT_RW));
	in_child(child, 0);
	say_result("users of page 0", sys_ioctl(fd, MIXED_USERS, 0));
	say_result("renew page 4", sys_ioctl(fd, MIXED_RENEW, 4));
	say_result("users of page 4", sys_ioctl(fd, MIXED_USERS, 4));
	say_load("page 4", all + 4 * PAGE, 2);
	say_load("and through the other", one, 2);
	say_result("renew constants", sys_ioctl(fd, MIXED_RENEW, 1));
	say_result("users of page 4", sys_ioctl(fd, MIXED_USERS, 4));
	say_result("munmap", sys_munmap(all, (MIXED_PAGES + 1) * PAGE));
	say_result("users of constants", sys_ioctl(fd, MIXED_USERS, 1));
	say_result("users of page 4", sys_ioctl(fd, MIXED_USERS, 4));
	sys_close(fd);
}
