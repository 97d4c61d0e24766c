/* SPDX-License-Identifier: MIT */
/* Maps what is described, beside, over and inside each other, and is refused where the description says so. */
#include "program.h"

static int fd;
static user_addr at;

static void child(void *unused)
{
	(void)unused;
	say_load("child", at, 4);
	say_store("child", at + 4, 4, 2);
}

void program(void)
{
	user_addr copy;

	fd = (int)sys_open("/dev/area_desc", RDWR);
	say_result("too long", sys_mmap(0, 5 * PAGE, PROT_R, SHARED, fd, 0));
	say_result("too far", sys_mmap(0, PAGE, PROT_R, SHARED, fd, 4 * PAGE));
	say_result("executable", sys_mmap(0, PAGE, PROT_R | PROT_X, SHARED, fd, 0));
	at = (user_addr)sys_mmap(0, 4 * PAGE, PROT_RW, SHARED, fd, 0);
	say_load("page 0", at, 4);
	say_load("page 3", at + 3 * PAGE, 4);
	say_store("page 1", at + PAGE, 4, 1);
	say_result("made executable", sys_mprotect(at, PAGE, PROT_R | PROT_X));
	in_child(child, NULL);
	say_load("the child's store", at + 4, 4);
	say_result("munmap of page 1", sys_munmap(at + PAGE, PAGE));
	say_maps_of("/dev/area_desc");
	say_result("page 1 again", sys_mmap(at + PAGE, PAGE, PROT_RW, SHARED | FIXED, fd, PAGE) == (long)(at + PAGE));
	say_maps_of("/dev/area_desc");
	say_load("page 1", at + PAGE, 4);
	say_result("page 2 read-only",
		   sys_mmap(at + 2 * PAGE, PAGE, PROT_R, SHARED | FIXED, fd, 2 * PAGE) == (long)(at + 2 * PAGE));
	say_maps_of("/dev/area_desc");
	say_result("page 2 writable", sys_mprotect(at + 2 * PAGE, PAGE, PROT_RW));
	say_store("page 2", at + 2 * PAGE, 4, 1);
	say_result("in place of page 3, refused", sys_mmap(at + 3 * PAGE, PAGE, PROT_R, SHARED | FIXED, fd, 9 * PAGE));
	say_load("page 3", at + 3 * PAGE, 4);
	copy = (user_addr)sys_mmap(0, 2 * PAGE, PROT_RW, PRIVATE, fd, 0);
	say_store("private", copy, 4, 5);
	say_load("private", copy, 4);
	say_load("shared", at, 4);
	say_result("mapped", sys_ioctl(fd, 1, 0));
}
