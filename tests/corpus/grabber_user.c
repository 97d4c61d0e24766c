/* SPDX-License-Identifier: MIT */
/* Maps both buffers of the grabber, looks at pictures, draws into one, and asks for what it must refuse. */
#include "program.h"
#include "grabber.h"

static user_addr first;

static void say_state(int fd)
{
	struct grab_state state = { 0, 0 };
	long result = sys_ioctl_at(fd, GRAB_STATE, &state, sizeof(state));

	if (result < 0)
		return say_result("state", result);
	say("pictures %u mappings %u\n", state.pictures, state.mappings);
}

static void child(void *fd)
{
	say_state(*(int *)fd);
	say_load("the child looks", first, 1);
	say_store("and draws", first + PAGE, 1, 200);
}

void program(void)
{
	int fd = (int)sys_open("/dev/grabber", RDWR);
	long at, second;

	say_result("open for writing alone", sys_open("/dev/grabber", WRONLY));
	say_result("too much", sys_mmap(0, GRAB_BUFFER_SIZE + PAGE, PROT_R, SHARED, fd, 0));
	say_result("between buffers", sys_mmap(0, PAGE, PROT_R, SHARED, fd, PAGE));
	say_result("a third buffer", sys_mmap(0, PAGE, PROT_R, SHARED, fd, 2 * GRAB_BUFFER_SIZE));
	say_result("a private copy", sys_mmap(0, PAGE, PROT_RW, PRIVATE, fd, 0));
	at = sys_mmap(0, GRAB_BUFFER_SIZE, PROT_RW, SHARED, fd, 0);
	if (at < 0)
		return say_result("mmap", at);
	first = (user_addr)at;
	second = sys_mmap(0, GRAB_BUFFER_SIZE, PROT_R, SHARED, fd, GRAB_BUFFER_SIZE);
	say_maps_of("/dev/grabber");
	say_load("before any picture", first, 4);
	say_result("picture into 0", sys_ioctl(fd, GRAB_PICTURE, 0));
	say_result("picture into 1", sys_ioctl(fd, GRAB_PICTURE, 1));
	say_result("picture into 2", sys_ioctl(fd, GRAB_PICTURE, 2));
	say_load("first page of 0", first, 4);
	say_load("last byte of 0", first + GRAB_BUFFER_SIZE - 1, 1);
	say_load("second page of 1", (user_addr)second + PAGE, 2);
	say_store("draw into 0", first + 2 * PAGE, 1, 100);
	say_store("draw into 1", (user_addr)second, 1, 100);
	say_result("sum of 0", sys_ioctl(fd, GRAB_SUM, 0));
	say_state(fd);
	say_result("state at a bad address", sys_ioctl(fd, GRAB_STATE, 16));
	in_child(child, &fd);
	say_load("the child drew", first + PAGE, 1);
	say("%s", file_text("/proc/grabber"));
	say_result("give back the middle", sys_munmap(first + PAGE, 2 * PAGE));
	say_load("the middle", first + PAGE, 1);
	say_load("after it", first + 3 * PAGE, 1);
	say_maps_of("/dev/grabber");
	say_state(fd);
	say_result("close", sys_close(fd));
	say_load("after close", first, 1);
}
