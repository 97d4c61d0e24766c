/* SPDX-License-Identifier: MIT */
/* Touches pages one by one through a shared and a private mapping, forks, and steps on the page that is not there. */
#include "program.h"
#include "paged.h"

static user_addr shared, own;
static int fd;

static void say_pages(const char *when)
{
	say("%s: %ld pages, %ld areas\n", when, sys_ioctl(fd, PAGED_PRESENT, 0), sys_ioctl(fd, PAGED_AREAS, 0));
}

static void child(void *unused)
{
	(void)unused;
	say_pages("in the child");
	say_load("the child reads", shared, 1);
	say_store("writes", shared + 2 * PAGE, 1, 0x33);
	say_load("reads its private page", own, 1);
	say_store("writes its private page", own, 1, 0x44);
	say_result("unmaps half", sys_munmap(shared, 2 * PAGE));
	say_pages("in the child");
}

void program(void)
{
	long at;

	fd = (int)sys_open("/dev/paged", RDWR);
	say_result("beyond the end", sys_mmap(0, 5 * PAGE, PROT_R, SHARED, fd, 0));
	say_result("beyond the end", sys_mmap(0, PAGE, PROT_R, SHARED, fd, 4 * PAGE));
	at = sys_mmap(0, 4 * PAGE, PROT_RW, SHARED, fd, 0);
	if (at < 0)
		return say_result("mmap", at);
	shared = (user_addr)at;
	own = (user_addr)sys_mmap(shared - 16 * PAGE, PAGE, PROT_RW, PRIVATE | FIXED, fd, PAGE);
	say_maps_of("/dev/paged");
	say_pages("mapped");
	say_load("page 0", shared, 1);
	say_load("page 1, private", own, 1);
	say_pages("two touched");
	say_store("private", own, 1, 0x11);
	say_load("private", own, 1);
	say_load("page 1, shared", shared + PAGE, 1);
	say_store("page 0", shared, 1, 0x22);
	say_result("the driver sees page 0", sys_ioctl(fd, PAGED_PEEK, 0));
	say_result("and page 1", sys_ioctl(fd, PAGED_PEEK, 1));
	say_result("and page 2", sys_ioctl(fd, PAGED_PEEK, 2));
	say_result("references of page 0", sys_ioctl(fd, PAGED_REFS, 0));
	say_result("references of page 1", sys_ioctl(fd, PAGED_REFS, 1));
	say_load("page 3", shared + 3 * PAGE, 1);
	say_store("page 3", shared + 3 * PAGE, 1, 1);
	in_child(child, NULL);
	say_load("private after the child", own, 1);
	say_load("page 2 after the child", shared + 2 * PAGE, 1);
	say_result("read only", sys_mprotect(shared, PAGE, PROT_R));
	say_pages("split");
	say_store("page 0", shared, 1, 1);
	say_load("page 0", shared, 1);
	say_result("writable again", sys_mprotect(shared, PAGE, PROT_RW));
	say_store("page 0", shared, 1, 0x55);
	say_result("unmap page 1", sys_munmap(shared + PAGE, PAGE));
	say_load("page 1", shared + PAGE, 1);
	say_result("references of page 1", sys_ioctl(fd, PAGED_REFS, 1));
	say_maps_of("/dev/paged");
	say_result("unmap the rest", sys_munmap(shared, 4 * PAGE));
	say_result("unmap the private one", sys_munmap(own, PAGE));
	say_pages("unmapped");
	say_result("references of page 0", sys_ioctl(fd, PAGED_REFS, 0));
	say_result("unknown command", sys_ioctl(fd, 0x70ff, 0));
	sys_close(fd);
}
