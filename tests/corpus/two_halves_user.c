/* SPDX-License-Identifier: MIT */
/* Two files, then two programs, take the page from each other. */
#include "program.h"
#include "two_halves.h"

static int left, right;
static user_addr left_at, right_at;

static void who(void)
{
	say("handovers %ld, left %ld, right %ld\n", sys_ioctl(left, HALVES_HANDOVERS, 0),
	    sys_ioctl(left, HALVES_OWNED, 0), sys_ioctl(right, HALVES_OWNED, 0));
}

static void child(void *unused)
{
	int fd = (int)sys_open("/dev/two_halves", RDWR);
	user_addr at;

	(void)unused;
	say_load("child: the parent's mapping", left_at, 4);
	at = (user_addr)sys_mmap(0, PAGE, PROT_RW, SHARED, fd, 0);
	say_load("child: its own", at, 4);
	say_store("child: its own", at, 4, 0xc0de);
	say_result("child: owned", sys_ioctl(fd, HALVES_OWNED, 0));
	say_result("child: release of the parent's", sys_ioctl(left, HALVES_RELEASE, 0));
	who();
}

void program(void)
{
	left = (int)sys_open("/dev/two_halves", RDWR);
	right = (int)sys_open("/dev/two_halves", RDWR);
	say_result("private", sys_mmap(0, PAGE, PROT_RW, PRIVATE, left, 0));
	say_result("release of nothing", sys_ioctl(left, HALVES_RELEASE, 0));
	left_at = (user_addr)sys_mmap(0, PAGE, PROT_RW, SHARED, left, 0);
	right_at = (user_addr)sys_mmap(0, PAGE, PROT_RW, SHARED, right, 0);
	say_maps_of("/dev/two_halves");
	who();
	say_store("left", left_at, 4, 1);
	who();
	say_load("right", right_at, 4);
	say_store("right", right_at, 4, 2);
	who();
	say_load("right", right_at, 4);
	who();
	say_load("left", left_at, 4);
	say_store("left", left_at, 4, 3);
	who();
	say_result("left releases", sys_ioctl(left, HALVES_RELEASE, 0));
	who();
	say_load("left", left_at, 4);
	who();
	in_child(child, NULL);
	who();
	say_load("left", left_at, 4);
	say_load("right", right_at, 4);
	who();
	say_result("munmap of right", sys_munmap(right_at, PAGE));
	say_result("right releases", sys_ioctl(right, HALVES_RELEASE, 0));
	who();
	say_load("left", left_at, 4);
	who();
}
