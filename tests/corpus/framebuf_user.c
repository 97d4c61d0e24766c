/* SPDX-License-Identifier: MIT */
/* Draws on one screen by ioctl and by mapping, and sees that the other stays dark. */
#include "program.h"
#include "framebuf.h"

static user_addr screen;

static void say_fill(int fd, unsigned first, unsigned count, unsigned value)
{
	struct fb_fill fill = { first, count, value };

	say_result("fill", sys_ioctl_at(fd, FB_FILL, &fill, sizeof(fill)));
}

static void child(void *fd)
{
	say_result("users, with a child", sys_ioctl(*(int *)fd, FB_USERS, 0));
	say_store("the child draws", screen, 4, 0x05060708);
}

void program(void)
{
	int fd = (int)sys_open("/dev/screen1", RDWR);
	int other = (int)sys_open("/dev/screen0", RDONLY);
	struct fb_geometry geometry = { 0, 0, 0, 0 };
	long at, dark;

	say_result("geometry", sys_ioctl_at(fd, FB_GEOMETRY, &geometry, sizeof(geometry)));
	say("%ux%u, %u bytes, minor %u\n", geometry.width, geometry.height, geometry.bytes, geometry.minor);
	say_result("geometry to nowhere", sys_ioctl(fd, FB_GEOMETRY, 0));
	say_result("geometry into the kernel", sys_ioctl(fd, FB_GEOMETRY, 0xffffffff80000000ul));
	say_fill(fd, 0, geometry.bytes + 1, 1);
	say_fill(fd, geometry.bytes, 1, 1);
	say_fill(fd, 4096, 4096, 0x22);
	say_result("unknown command", sys_ioctl(fd, 0xf009, 0));
	say_result("too large", sys_mmap(0, 4 * PAGE, PROT_R, SHARED, fd, 0));
	say_result("offset too large", sys_mmap(0, PAGE, PROT_R, SHARED, fd, 3 * PAGE));
	say_result("writable, of a file open for reading", sys_mmap(0, PAGE, PROT_RW, SHARED, other, 0));
	at = sys_mmap(0, 3 * PAGE, PROT_RW, SHARED, fd, 0);
	if (at < 0)
		return say_result("mmap", at);
	screen = (user_addr)at;
	dark = sys_mmap(0, PAGE, PROT_R, SHARED, other, 2 * PAGE);
	say_maps_of("/dev/screen");
	say_load("first page", screen, 4);
	say_load("second page", screen + PAGE, 4);
	say_store("draw", screen, 4, 0x01020304);
	in_child(child, &fd);
	say_load("first pixels", screen, 4);
	say_load("the other screen", (user_addr)dark, 4);
	say_store("draw there", (user_addr)dark, 4, 1);
	say_result("writable after all", sys_mprotect((user_addr)dark, PAGE, PROT_RW));
	say_result("no writing", sys_mprotect(screen, PAGE, PROT_R));
	say_store("draw", screen, 4, 1);
	say_store("draw on the second page", screen + PAGE, 1, 1);
	say_maps_of("/dev/screen");
	say_result("close", sys_close(fd));
	say_load("after close", screen + PAGE, 2);
	say_result("munmap", sys_munmap(screen, 3 * PAGE));
	fd = (int)sys_open("/dev/screen1", RDWR);
	say_result("users", sys_ioctl(fd, FB_USERS, 0));
	at = sys_mmap(0, PAGE, PROT_R, PRIVATE, fd, 0);
	say_load("a private look", (user_addr)at, 4);
	sys_close(fd);
	sys_close(other);
}
