/* SPDX-License-Identifier: MIT */
/* Consumes numbers from the ring, lets it overflow, lies about its counter, and forks. */
#include "program.h"
#include "insring.h"

#define SLOT(n) (ring + PAGE + ((n) / 256 % 2) * PAGE + (n) % 256 * 4)

static user_addr ring;

static void child(void *unused)
{
	(void)unused;
	say_load("the child has no ring", ring, 4);
	say("%s", file_text("/proc/insring"));
}

void program(void)
{
	int fd = (int)sys_open("/dev/insring", RDWR);
	int reader = (int)sys_open("/dev/insring", RDONLY);
	long at;

	say("%s", file_text("/proc/insring"));
	say_result("two pages", sys_mmap(0, 2 * PAGE, PROT_RW, SHARED, fd, 0));
	say_result("four pages", sys_mmap(0, 4 * PAGE, PROT_RW, SHARED, fd, 0));
	say_result("at an offset", sys_mmap(0, 3 * PAGE, PROT_RW, SHARED, fd, PAGE));
	say_result("a private ring", sys_mmap(0, 3 * PAGE, PROT_RW, PRIVATE, fd, 0));
	say_result("writable by a reader", sys_mmap(0, 3 * PAGE, PROT_RW, SHARED, reader, 0));
	at = sys_mmap(0, 3 * PAGE, PROT_RW, SHARED, fd, 0);
	if (at < 0)
		return say_result("mmap", at);
	ring = (user_addr)at;
	say_maps_of("/dev/insring");
	say_load("slots", ring + 12, 4);
	say_result("produce 300", sys_ioctl(fd, RING_PRODUCE, 300));
	say_load("produced", ring, 4);
	say_load("number 0", SLOT(0), 4);
	say_load("number 255", SLOT(255), 4);
	say_load("number 299", SLOT(299), 4);
	say_store("consume 300", ring + 4, 4, 300);
	say_result("produce 600", sys_ioctl(fd, RING_PRODUCE, 600));
	say_load("lost", ring + 8, 4);
	say_load("number 300", SLOT(300), 4);
	say_load("number 811", SLOT(811), 4);
	say("%s", file_text("/proc/insring"));
	say_store("consume more than there is", ring + 4, 4, 1000000);
	say_result("produce 2", sys_ioctl(fd, RING_PRODUCE, 2));
	say_result("produce too many", sys_ioctl(fd, RING_PRODUCE, 100001));
	in_child(child, NULL);
	at = sys_mmap(0, 3 * PAGE, PROT_R, SHARED, reader, 0);
	say_load("a second mapping", (user_addr)at, 4);
	say_store("a second mapping", (user_addr)at, 4, 0);
	say("%s", file_text("/proc/insring"));
	say_result("unmap one page", sys_munmap(ring + PAGE, PAGE));
	say("%s", file_text("/proc/insring"));
	say_load("that page", ring + PAGE, 4);
	say_load("the next", ring + 2 * PAGE, 4);
	sys_close(fd);
	sys_close(reader);
	say_result("unmap the rest", sys_munmap(ring, 3 * PAGE));
	say_result("unmap the second", sys_munmap((user_addr)at, 3 * PAGE));
	say("%s", file_text("/proc/insring"));
}
