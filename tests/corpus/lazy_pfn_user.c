/* SPDX-License-Identifier: MIT */
/* Touches pages, has them taken away, and counts the faults. */
#include "lazy_pfn.h"
#include "program.h"

static int fd;
static user_addr at;

static void faults(const char *when)
{
	say("faults %s: %ld\n", when, sys_ioctl(fd, LAZY_FAULTS, 0));
}

static void child(void *unused)
{
	(void)unused;
	say_load("child: page 0", at, 4);
	faults("in the child");
	say_result("child: zap page 1", sys_ioctl(fd, LAZY_ZAP, 1));
	say_load("child: page 0", at, 4);
	faults("in the child");
}

void program(void)
{
	user_addr other;

	fd = (int)sys_open("/dev/lazy_pfn", RDWR);
	say_result("private", sys_mmap(0, PAGE, PROT_RW, PRIVATE, fd, 0));
	at = (user_addr)sys_mmap(0, 10 * PAGE, PROT_RW, SHARED, fd, 0);
	say_maps_of("/dev/lazy_pfn");
	faults("before");
	say_load("page 0", at, 4);
	say_load("page 0", at + 4, 4);
	say_store("page 1", at + PAGE, 4, 1);
	say_load("page 7", at + 7 * PAGE, 4);
	say_load("page 8", at + 8 * PAGE, 4);
	faults("after");
	other = (user_addr)sys_mmap(0, PAGE, PROT_R, SHARED, fd, PAGE);
	say_load("page 1 in another mapping", other, 4);
	say_store("store", other, 4, 2);
	faults("after");
	in_child(child, NULL);
	say_load("page 0", at, 4);
	say_load("page 1", at + PAGE, 4);
	say_load("page 1 in the other", other, 4);
	faults("after the child's zap");
	say_result("zap all", sys_ioctl(fd, LAZY_ZAP, 0));
	say_store("page 0", at, 4, 3);
	faults("after zapping all");
	say_result("freeze", sys_ioctl(fd, LAZY_FREEZE, 1));
	say_load("page 0", at, 4);
	say_store("page 1", at + PAGE, 8, 0);
	say_result("thaw", sys_ioctl(fd, LAZY_FREEZE, 0));
	say_load("page 0", at, 4);
	say_result("read-only", sys_mprotect(at, 2 * PAGE, PROT_R));
	say_store("page 0", at, 4, 4);
	say_result("writable", sys_mprotect(at, 2 * PAGE, PROT_RW));
	say_store("page 0", at, 4, 4);
	say_maps_of("/dev/lazy_pfn");
	say_result("ioctl of no kind", sys_ioctl(fd, 0, 0));
	faults("at the end");
}
