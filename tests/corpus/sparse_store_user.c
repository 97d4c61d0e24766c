/* SPDX-License-Identifier: MIT */
/* Writes some pages, looks at them through shared and private mappings, and falls into the holes. */
#include "program.h"
#include "sparse_store.h"

static int fd;
static user_addr shared, copy;

static void write_page(unsigned long page, const char *text, size_t size)
{
	sys_lseek(fd, (long)(page * PAGE), 0);
	say_result("write", sys_write(fd, text, size));
}

static void child(void *unused)
{
	(void)unused;
	say_load("child: private", copy, 1);
	say_store("child: private store", copy, 1, '3');
	say_store("child: shared store", shared + 1, 1, 'x');
	say_load("child: private, not yet copied", copy + 2 * PAGE, 1);
}

static void private_views(void)
{
	copy = (user_addr)sys_mmap(0, 3 * PAGE, PROT_RW, PRIVATE, fd, 0);
	say_load("private", copy, 1);
	say_store("private store", copy, 1, '2');
	say_store("private store to page 1", copy + PAGE, 1, '2');
	say_store("private store at first touch", copy + 2 * PAGE, 1, '2');
	say_load("shared", shared, 1);
	in_child(child, NULL);
	say_load("private", copy, 1);
	say_load("shared", shared + 1, 1);
	say_maps_of("/dev/sparse_store");
}

void program(void)
{
	char text[8] = "";

	fd = (int)sys_open("/dev/sparse_store", RDWR);
	say_result("end", sys_lseek(fd, 0, 2));
	write_page(0, "zero", 5);
	write_page(2, "two", 4);
	write_page(63, "last", 5);
	write_page(64, "more", 5);
	say_result("end", sys_lseek(fd, 0, 2));
	say_result("beyond all", sys_lseek(fd, 64 * PAGE + 1, 0));
	say_result("before the start", sys_lseek(fd, -1, 0));
	say_result("held", sys_ioctl(fd, STORE_HELD, 0));
	sys_lseek(fd, 3 * PAGE - 4, 0);
	say_result("read up to the page's end", sys_read(fd, text, sizeof(text)));
	say_result("read of a hole", sys_read(fd, text, sizeof(text)));
	shared = (user_addr)sys_mmap(0, 4 * PAGE, PROT_RW, SHARED, fd, 0);
	say_load("page 0", shared, 4);
	say_load("page 1", shared + PAGE, 4);
	say_load("page 2", shared + 2 * PAGE, 4);
	say_store("hole, store", shared + 3 * PAGE, 4, 1);
	say_result("faults", sys_ioctl(fd, STORE_FAULTS, 0));
	say_store("store", shared, 1, 'Z');
	say_result("faults", sys_ioctl(fd, STORE_FAULTS, 0));
	write_page(1, "one", 4);
	say_load("page 1", shared + PAGE, 4);
	say_result("read into the hole", (sys_lseek(fd, 0, 0), sys_read_to(fd, shared + 3 * PAGE, 4)));
	say_result("read into page 2", sys_read_to(fd, shared + 2 * PAGE, 5));
	say_load("page 2", shared + 2 * PAGE, 4);
	private_views();
	say_result("trim", sys_ioctl(fd, STORE_TRIM, 0));
	say_result("munmap", sys_munmap(shared, 4 * PAGE));
	say_result("trim", sys_ioctl(fd, STORE_TRIM, 0));
	say_result("munmap", sys_munmap(copy, 3 * PAGE));
	say_result("trim", sys_ioctl(fd, STORE_TRIM, 0));
	say_result("held", sys_ioctl(fd, STORE_HELD, 0));
}
