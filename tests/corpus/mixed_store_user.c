/* SPDX-License-Identifier: MIT */
/* Walks through both kinds of pages, shared and private, and watches references of those that have some. */
#include "mixed_store.h"
#include "program.h"

static int fd;

static void refs(const char *when)
{
	say("references %s: %ld %ld\n", when, sys_ioctl(fd, MIXED_REFS, 0), sys_ioctl(fd, MIXED_REFS, 1));
}

static void child(void *at)
{
	user_addr area = *(user_addr *)at;

	refs("in the child");
	say_load("child: RAM", area, 2);
	say_load("child: card", area + PAGE, 2);
	say_store("child: card", area + PAGE, 2, 0x1111);
	say_load("child: RAM, page 2", area + 2 * PAGE, 2);
	refs("in the child");
}

void program(void)
{
	user_addr at, copy;

	fd = (int)sys_open("/dev/mixed_store", RDWR);
	at = (user_addr)sys_mmap(0, 9 * PAGE, PROT_RW, SHARED, fd, 0);
	say_maps_of("/dev/mixed_store");
	refs("before");
	say_load("RAM", at, 4);
	say_load("card", at + PAGE, 4);
	refs("after");
	say_store("RAM", at, 4, 0x5a);
	say_store("card", at + PAGE, 4, 0x5b);
	say_load("the last", at + 7 * PAGE, 4);
	say_load("behind", at + 8 * PAGE, 4);
	in_child(child, &at);
	say_load("card", at + PAGE, 4);
	refs("after the child");
	copy = (user_addr)sys_mmap(0, 4 * PAGE, PROT_RW, PRIVATE, fd, 0);
	say_load("private: RAM", copy, 4);
	refs("with a private mapping");
	say_store("private: RAM", copy, 4, 1);
	refs("after its copy");
	say_load("private: RAM", copy, 4);
	say_load("shared: RAM", at, 4);
	say_store("private: card", copy + PAGE, 4, 2);
	say_load("private: card", copy + PAGE, 4);
	say_load("shared: card", at + PAGE, 4);
	say_store("private: page 2 at first touch", copy + 2 * PAGE, 4, 3);
	say_load("private: page 2", copy + 2 * PAGE, 4);
	say_result("munmap", sys_munmap(at, 9 * PAGE));
	refs("after munmap");
	say_maps_of("/dev/mixed_store");
}
