/* SPDX-License-Identifier: MIT */
/* Writes here and there and asks which pages the driver has seen written. */
#include "dirty_track.h"
#include "program.h"

static int fd;
static user_addr ram, card;

static void collect(const char *when)
{
	say("%s: written 0x%lx, faults %ld\n", when, sys_ioctl(fd, TRACK_COLLECT, 0), sys_ioctl(fd, TRACK_FAULTS, 0));
}

static void child(void *unused)
{
	(void)unused;
	say_store("child: page 3", ram + 3 * PAGE, 4, 3);
	say_store("child: page 5", card + PAGE, 4, 5);
}

void program(void)
{
	user_addr copy;

	fd = (int)sys_open("/dev/dirty_track", RDWR);
	ram = (user_addr)sys_mmap(0, 4 * PAGE, PROT_RW, SHARED, fd, 0);
	card = (user_addr)sys_mmap(0, 5 * PAGE, PROT_RW, SHARED, fd, 4 * PAGE);
	say_maps_of("/dev/dirty_track");
	collect("before");
	say_load("page 0", ram, 4);
	collect("after a load");
	say_store("page 0", ram, 4, 1);
	say_store("page 0", ram + 8, 4, 1);
	say_store("page 2", ram + 2 * PAGE, 4, 1);
	collect("after stores to 0 and 2");
	say_load("page 0", ram, 4);
	say_load("page 2", ram + 2 * PAGE, 4);
	collect("after loads");
	say_store("page 2", ram + 2 * PAGE, 4, 2);
	collect("after a store to 2");
	say_store("page 4", card, 4, 4);
	say_load("page 4", card, 4);
	say_load("page 5", card + PAGE, 1);
	collect("after a store to 4");
	say_load("page 4", card, 4);
	say_store("page 4", card, 4, 5);
	collect("after a load and a store of 4");
	say_store("behind the card", card + 4 * PAGE, 4, 1);
	in_child(child, NULL);
	collect("after the child's stores");
	say_load("page 3", ram + 3 * PAGE, 4);
	say_result("limit", sys_ioctl(fd, TRACK_LIMIT, 1));
	say_load("page 1", ram + PAGE, 4);
	say_store("page 1", ram + PAGE, 4, 1);
	say_store("page 0", ram, 4, 9);
	say_store("page 6", card + 2 * PAGE, 4, 1);
	say_load("page 1", ram + PAGE, 4);
	collect("after stores beyond the limit");
	copy = (user_addr)sys_mmap(0, 2 * PAGE, PROT_RW, PRIVATE, fd, 0);
	say_store("private: page 1", copy + PAGE, 4, 7);
	collect("after a private store");
	say_load("private: page 1", copy + PAGE, 4);
	say_result("private card", sys_mmap(0, PAGE, PROT_RW, PRIVATE, fd, 4 * PAGE));
	say_result("read-only", sys_mprotect(ram, PAGE, PROT_R));
	say_store("page 0", ram, 4, 9);
	say_result("writable", sys_mprotect(ram, PAGE, PROT_RW));
	say_store("page 0", ram, 4, 9);
	collect("at the end");
}
