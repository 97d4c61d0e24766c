/* SPDX-License-Identifier: MIT */
/* Takes records from the ring as they come, lets it run over, and keeps the mapping longer than the descriptor. */
#include <stddef.h>

#include "page_ring.h"
#include "program.h"

static user_addr ring;

static void take(int fd)
{
	uint64_t tail = 0;

	say_result("ready", sys_poll_wait(fd, POLL_READ, 5000));
	cpu_load(ring + offsetof(struct ring_header, tail), 4, &tail);
	say_load("record", ring + PAGE + tail % RING_SLOTS * PAGE + 100, 2);
	cpu_store(ring + offsetof(struct ring_header, tail), 4, tail + 1);
}

void program(void)
{
	int fd = (int)sys_open("/dev/page_ring", RDWR);

	say_result("four pages", sys_mmap(0, 4 * PAGE, PROT_RW, SHARED, fd, 0));
	say_result("from page 2", sys_mmap(0, 2 * PAGE, PROT_RW, SHARED, fd, 2 * PAGE));
	say_result("private", sys_mmap(0, 3 * PAGE, PROT_RW, PRIVATE, fd, 0));
	ring = (user_addr)sys_mmap(0, 3 * PAGE, PROT_RW, SHARED, fd, 0);
	say_maps_of("/dev/page_ring");
	say_result("seek", sys_lseek(fd, 0, 0));
	say_result("nothing yet", sys_poll(fd));
	say_result("nothing in time", sys_poll_wait(fd, POLL_READ, 20));
	say_result("none", sys_ioctl(fd, RING_START, 0));
	say_result("start", sys_ioctl(fd, RING_START, 3));
	say_result("again", sys_ioctl(fd, RING_START, 1));
	take(fd);
	take(fd);
	take(fd);
	sleep_ms(50);
	say_result("left", sys_ioctl(fd, RING_LEFT, 0));
	say_result("nothing more", sys_poll(fd));
	say_result("start", sys_ioctl(fd, RING_START, 4));
	sleep_ms(300);
	say_load("head", ring + offsetof(struct ring_header, head), 4);
	say_load("dropped", ring + offsetof(struct ring_header, dropped), 4);
	take(fd);
	take(fd);
	say_result("empty", sys_poll(fd));
	say_result("start", sys_ioctl(fd, RING_START, 100));
	say_result("close", sys_close(fd));
	sleep_ms(300);
	say_load("kept by the mapping", ring + 2 * PAGE, 1);
	fd = (int)sys_open("/dev/page_ring", RDWR);
	say_result("a ring of its own", sys_poll(fd));
	say_result("munmap", sys_munmap(ring + PAGE, PAGE));
	say_load("slot 0", ring + PAGE, 1);
	say_load("slot 1", ring + 2 * PAGE, 1);
}
