/* SPDX-License-Identifier: MIT */
/* Reads and writes the buffer while it moves, alone and from a child and a second thread. */
#include "migrate_buf.h"
#include "program.h"

static int fd;
static user_addr at;

static void state(const char *when)
{
	say("%s: dirty 0x%lx, faults %ld\n", when, sys_ioctl(fd, MIG_DIRTY, 0), sys_ioctl(fd, MIG_FAULTS, 0));
}

static void child(void *unused)
{
	(void)unused;
	say_load("child", at, 4);
	say_store("child", at + PAGE, 4, 0xc);
	say_result("child: to RAM", sys_ioctl(fd, MIG_TO_RAM, 0));
	say_load("child", at + PAGE, 4);
	state("child");
}

static void waiter(void *unused)
{
	(void)unused;
	say_result("thread: not so fast", sys_ioctl(fd, MIG_WAIT_IDLE, 1));
	say_result("thread: idle", sys_ioctl(fd, MIG_WAIT_IDLE, 5000));
	say_load("thread", at, 4);
}

void program(void)
{
	fd = (int)sys_open("/dev/migrate_buf", RDWR);
	say_result("private", sys_mmap(0, PAGE, PROT_RW, PRIVATE, fd, 0));
	at = (user_addr)sys_mmap(0, 4 * PAGE, PROT_RW, SHARED, fd, 0);
	say_load("in RAM", at, 4);
	state("after a load");
	say_store("in RAM", at + 4, 4, 1);
	say_store("in RAM", at + 2 * PAGE, 4, 2);
	say_store("behind", at + 3 * PAGE, 4, 2);
	state("after stores");
	say_result("to the card", sys_ioctl(fd, MIG_TO_CARD, 0));
	say_result("to the card", sys_ioctl(fd, MIG_TO_CARD, 0));
	state("after the move");
	say_load("on the card", at + 4, 4);
	say_load("on the card", at + 2 * PAGE, 4);
	say_store("on the card", at, 4, 3);
	state("after a store");
	in_child(child, NULL);
	say_load("in RAM", at, 4);
	say_load("the child's store", at + PAGE, 4);
	state("after the child");
	start_beside(waiter, NULL);
	sleep_ms(50);
	sys_ioctl(fd, MIG_START, 0);
	join_beside();
	state("after the thread");
	say_result("it is on the card", sys_ioctl(fd, MIG_TO_CARD, 0));
	say_result("start", sys_ioctl(fd, MIG_START, 0));
	say_result("again", sys_ioctl(fd, MIG_START, 0));
	say_result("idle", sys_ioctl(fd, MIG_WAIT_IDLE, 5000));
	say_load("in RAM", at, 4);
	say_result("idle, nothing started", sys_ioctl(fd, MIG_WAIT_IDLE, 10));
	say_maps_of("/dev/migrate_buf");
}
