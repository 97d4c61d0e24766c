/* SPDX-License-Identifier: MIT */
/* Writes across a hole, maps what is there, touches what is not, and trims when it may and when it may not. */
#include "program.h"
#include "blockstore.h"

#include <string.h>

static user_addr store;

static void child(void *fd)
{
	say_load("the child reads", store, 1);
	say_store("and writes", store, 1, 'C');
	say_result("trim in the child", sys_ioctl(*(int *)fd, STORE_TRIM, 0));
	say_result("it unmaps", sys_munmap(store, 6 * PAGE));
	say_result("trim in the child", sys_ioctl(*(int *)fd, STORE_TRIM, 0));
}

void program(void)
{
	int fd = (int)sys_open("/dev/blockstore", RDWR);
	char block[STORE_BLOCK_PAGES * PAGE + 100];
	char text[8] = "";
	long at;

	memset(block, 'a', sizeof(block));
	say_result("read nothing", sys_read(fd, text, sizeof(text)));
	say_result("write more than a block", sys_write(fd, block, sizeof(block)));
	say_result("seek over a hole", sys_lseek(fd, STORE_BLOCK_PAGES * PAGE, 1));
	say_result("write", sys_write(fd, "block2", 6));
	say_result("pages", sys_ioctl(fd, STORE_PAGES, 0));
	say_result("seek to the end", sys_lseek(fd, 0, 2));
	say_result("seek before the start", sys_lseek(fd, -1, 0));
	say_result("seek far away", sys_lseek(fd, 8 * PAGE, 0));
	say_result("no room", sys_write(fd, "x", 1));
	say_result("seek into the hole", sys_lseek(fd, 2 * PAGE, 0));
	say_result("read the hole", sys_read(fd, text, sizeof(text)));
	say_result("seek", sys_lseek(fd, 4 * PAGE, 0));
	say_result("read to the end", sys_read(fd, text, sizeof(text)));
	say("it reads: %.6s\n", text);
	at = sys_mmap(0, 6 * PAGE, PROT_RW, SHARED, fd, 0);
	if (at < 0)
		return say_result("mmap", at);
	store = (user_addr)at;
	say_maps_of("/dev/blockstore");
	say_load("first page", store, 1);
	say_load("second page of a block", store + PAGE, 1);
	say_load("a hole", store + 2 * PAGE, 1);
	say_load("third block", store + 4 * PAGE, 4);
	say_load("behind the end", store + 5 * PAGE, 1);
	say_store("first page", store + 1, 1, 'b');
	say_result("faults", sys_ioctl(fd, STORE_FAULTS, 0));
	say_result("trim while mapped", sys_ioctl(fd, STORE_TRIM, 0));
	in_child(child, &fd);
	say_load("the child wrote", store, 2);
	say_result("unmap a part", sys_munmap(store + PAGE, PAGE));
	say_maps_of("/dev/blockstore");
	say_result("unmap", sys_munmap(store, 6 * PAGE));
	say_result("trim", sys_ioctl(fd, STORE_TRIM, 0));
	say_result("pages", sys_ioctl(fd, STORE_PAGES, 0));
	at = sys_mmap(0, PAGE, PROT_R, SHARED, fd, 0);
	say_load("an empty store", (user_addr)at, 1);
	sys_close(fd);
}
