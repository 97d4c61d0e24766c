/* SPDX-License-Identifier: MIT */
/* Shares the buffer with the driver and with a child, maps it privately, and asks for more than there is. */
#include "program.h"
#include "rsvd_buf.h"

static user_addr at;

static void child(void *fd)
{
	say_load("the child reads", at, 1);
	say_store("the child writes", at + PAGE, 1, 7);
	say_result("sum in the child", sys_ioctl(*(int *)fd, RSVD_SUM, 0));
}

static void private_views(int fd)
{
	user_addr copy = (user_addr)sys_mmap(0, 4 * PAGE, PROT_RW, PRIVATE, fd, 0);

	say_store("private store", copy, 1, 'K');
	say_load("private view", copy, 1);
	say_load("private view of page 1", copy + PAGE, 1);
	say_result("munmap", sys_munmap(copy, 4 * PAGE));
	say_result("half of a private one", sys_ioctl(fd, RSVD_HALF, 1));
	say_result("writable", sys_mmap(0, 4 * PAGE, PROT_RW, PRIVATE, fd, 0));
	copy = (user_addr)sys_mmap(0, 4 * PAGE, PROT_RW, SHARED, fd, 0);
	say_load("shared, first half", copy + PAGE, 1);
	say_load("shared, second half", copy + 2 * PAGE, 1);
	say_result("munmap", sys_munmap(copy, 4 * PAGE));
	sys_ioctl(fd, RSVD_HALF, 0);
}

void program(void)
{
	int fd = (int)sys_open("/dev/rsvd_buf", RDWR);
	char text[8];

	say_result("too long", sys_mmap(0, 5 * PAGE, PROT_R, SHARED, fd, 0));
	say_result("too far", sys_mmap(0, PAGE, PROT_R, SHARED, fd, 4 * PAGE));
	say_result("longer than what is left", sys_mmap(0, 2 * PAGE, PROT_R, SHARED, fd, 3 * PAGE));
	at = (user_addr)sys_mmap(0, 4 * PAGE, PROT_RW, SHARED, fd, 0);
	say_maps_of("/dev/rsvd_buf");
	say_result("read", sys_read(fd, text, sizeof(text)));
	say("text: %s\n", text);
	say_load("the same byte", at, 1);
	say_store("store", at, 1, 'K');
	say_result("seek", sys_lseek(fd, 0, 0));
	say_result("read", sys_read(fd, text, sizeof(text)));
	say("text: %s\n", text);
	say_result("sum", sys_ioctl(fd, RSVD_SUM, 0));
	in_child(child, &fd);
	say_load("the child's store", at + PAGE, 1);
	private_views(fd);
	say_load("after the private store", at, 1);
	say_result("munmap of page 1", sys_munmap(at + PAGE, PAGE));
	say_maps_of("/dev/rsvd_buf");
	say_load("the hole", at + PAGE, 1);
	say_result("page 2 read-only", sys_mprotect(at + 2 * PAGE, PAGE, PROT_R));
	say_store("store to page 2", at + 2 * PAGE + 5, 1, 1);
	say_store("store to page 3", at + 3 * PAGE + 5, 1, 1);
	say_result("read at the end", sys_lseek(fd, 0, 2));
}
