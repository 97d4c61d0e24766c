/* SPDX-License-Identifier: MIT */
/* Splits, protects, copies and replaces areas, and reads the driver's counts after each step. */
#include "area_count.h"
#include "program.h"

static int fd;
static user_addr at;

static void counts(const char *when)
{
	say("%s: opens %ld closes %ld splits %ld users %ld entries %ld\n", when, sys_ioctl(fd, AREA_OPENS, 0),
	    sys_ioctl(fd, AREA_CLOSES, 0), sys_ioctl(fd, AREA_SPLITS, 0), sys_ioctl(fd, AREA_USERS, 0),
	    sys_ioctl(fd, AREA_PAGES, 0));
}

static void child(void *unused)
{
	(void)unused;
	counts("child");
	say_load("child", at, 4);
	say_result("child: munmap", sys_munmap(at, PAGE));
	counts("child after munmap");
}

static void whole(void)
{
	user_addr one = (user_addr)sys_mmap(0, 4 * PAGE, PROT_RW, SHARED, fd, AREA_WHOLE_OFFSET);

	counts("an area that cannot be split");
	say_result("munmap of its middle", sys_munmap(one + PAGE, PAGE));
	say_result("munmap of its start", sys_munmap(one, PAGE));
	say_result("its end read-only", sys_mprotect(one + 3 * PAGE, PAGE, PROT_R));
	say_result("all of it read-only", sys_mprotect(one, 4 * PAGE, PROT_R));
	say_result("munmap", sys_munmap(one, 4 * PAGE));
	counts("after it");
}

void program(void)
{
	int i;

	fd = (int)sys_open("/dev/area_count", RDWR);
	at = (user_addr)sys_mmap(0, 8 * PAGE, PROT_RW, SHARED, fd, 0);
	counts("mmap");
	for (i = 0; i < 8; i++)
		cpu_store(at + (user_addr)i * PAGE, 4, 1);
	counts("touched");
	say_result("munmap of the middle", sys_munmap(at + 3 * PAGE, 2 * PAGE));
	counts("two areas");
	say_maps_of("/dev/area_count");
	say_result("munmap of an end", sys_munmap(at + 7 * PAGE, PAGE));
	counts("trimmed");
	say_result("a page read-only", sys_mprotect(at + PAGE, PAGE, PROT_R));
	counts("four areas");
	say_maps_of("/dev/area_count");
	say_result("the same again", sys_mprotect(at + PAGE, PAGE, PROT_R));
	counts("four areas");
	say_result("writable again", sys_mprotect(at + PAGE, PAGE, PROT_RW));
	counts("writable");
	say_maps_of("/dev/area_count");
	in_child(child, NULL);
	counts("after the child");
	say_result("another in its place",
		   sys_mmap(at + PAGE, PAGE, PROT_RW, SHARED | FIXED, fd, 16 * PAGE) == (long)(at + PAGE));
	counts("replaced");
	say_result("a hole in the file's order",
		   sys_mmap(at + 3 * PAGE, PAGE, PROT_RW, SHARED | FIXED, fd, 3 * PAGE) == (long)(at + 3 * PAGE));
	counts("beside its neighbour");
	say_maps_of("/dev/area_count");
	say_load("page 3", at + 3 * PAGE, 4);
	say_result("everything", sys_munmap(at, 8 * PAGE));
	counts("gone");
	whole();
	at = (user_addr)sys_mmap(0, PAGE, PROT_R, SHARED, fd, 0);
	i = fd;
	fd = (int)sys_open("/dev/area_count", RDWR);
	say_result("close", sys_close(i));
	counts("its file closed");
	say_load("still there", at, 4);
	say_result("munmap", sys_munmap(at, PAGE));
	counts("at the end");
}
