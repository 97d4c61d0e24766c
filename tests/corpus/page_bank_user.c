/* SPDX-License-Identifier: MIT */
/* Maps the bank in each way, whole and in parts, and watches the pages' references. */
#include "page_bank.h"
#include "program.h"

static int fd;

static void refs(const char *when)
{
	say("references %s: %ld %ld\n", when, sys_ioctl(fd, BANK_REFS, 0), sys_ioctl(fd, BANK_REFS, 3));
}

static void try_map(const char *what, size_t pages, int flags, unsigned long offset)
{
	long at = sys_mmap(0, pages * PAGE, PROT_RW, flags, fd, offset * PAGE);

	if (at < 0)
		return say_result(what, at);
	say_load(what, (user_addr)at, 4);
	say_load("its last page", (user_addr)at + (pages - 1) * PAGE, 4);
	refs("while it is mapped");
	sys_munmap((user_addr)at, pages * PAGE);
}

static void child(void *at)
{
	say_store("the child stores", *(user_addr *)at + 8, 4, 5);
	refs("in the child");
}

void program(void)
{
	static const char *const modes[] = { "vm_map_pages", "vm_map_pages_zero", "vm_insert_pages" };
	unsigned mode;
	user_addr at;

	fd = (int)sys_open("/dev/page_bank", RDWR);
	say_result("no such mode", sys_ioctl(fd, BANK_MODE, 3));
	for (mode = BANK_MAP; mode <= BANK_INSERT; mode++) {
		say("%s\n", modes[mode]);
		sys_ioctl(fd, BANK_MODE, mode);
		try_map("whole", 4, SHARED, 0);
		try_map("two from page 1", 2, SHARED, 1);
		try_map("three from page 2", 3, SHARED, 2);
		try_map("from behind the end", 1, SHARED, 4);
		try_map("five", 5, SHARED, 0);
		try_map("private", 2, PRIVATE, 0);
		refs("afterwards");
	}
	say_result("left over", sys_ioctl(fd, BANK_LEFT, 0));
	at = (user_addr)sys_mmap(0, 2 * PAGE, PROT_RW, SHARED, fd, 0);
	in_child(child, &at);
	say_load("the child's store", at + 8, 4);
	refs("after the child");
	at = (user_addr)sys_mmap(0, 2 * PAGE, PROT_RW, PRIVATE, fd, 0);
	say_store("private store", at + 8, 4, 6);
	refs("after the private store");
	say_load("private", at + 8, 4);
	say_load("its other page", at + PAGE, 4);
	say_maps_of("/dev/page_bank");
}
