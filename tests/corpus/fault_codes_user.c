/* SPDX-License-Identifier: MIT */
/* Touches every page by loads, stores and through the driver, in shared and private mappings of several files. */
#include "fault_codes.h"
#include "program.h"

static int fd;

static void flags(const char *when)
{
	/* Without FAULT_FLAG_ORIG_PTE_VALID, which says whether neighbours had a page table already. */
	say("%s: flags 0x%lx, calls %ld\n", when, sys_ioctl(fd, CODES_FLAGS, 0) & ~0x800l,
	    sys_ioctl(fd, CODES_CALLS, 0));
}

static void every_page(const char *kind, int map_flags)
{
	static const char *const names[] = { "plain", "locked", "SIGBUS", "SIGSEGV", "poison", "retry", "major",
					     "inserted" };
	unsigned page;
	user_addr at;

	say("%s\n", kind);
	for (page = 0; page < ANSWER_COUNT; page++) {
		at = (user_addr)sys_mmap(0, PAGE, PROT_RW, map_flags, fd, page * PAGE);
		say_load(names[page], at, 4);
		flags("load");
		sys_munmap(at, PAGE);
		at = (user_addr)sys_mmap(0, PAGE, PROT_RW, map_flags, fd, page * PAGE);
		if (page != ANSWER_INSERTED || map_flags == SHARED) {
			say_store(names[page], at + 8, 4, page);
			flags("store");
		}
		sys_munmap(at, PAGE);
	}
}

static void by_the_driver(void)
{
	static const unsigned pages[] = { ANSWER_PLAIN, ANSWER_LOCKED, ANSWER_RETRY, ANSWER_MAJOR };
	unsigned i;
	user_addr at;

	for (i = 0; i < 4; i++) {
		at = (user_addr)sys_mmap(0, PAGE, PROT_RW, SHARED, fd, pages[i] * PAGE);
		say_result("get_user", sys_ioctl(fd, CODES_PEEK, at));
		flags("get_user");
		sys_munmap(at, PAGE);
		at = (user_addr)sys_mmap(0, PAGE, PROT_RW, SHARED, fd, pages[i] * PAGE);
		say_result("read", sys_read_to(fd, at + 16, 4));
		flags("read");
		sys_munmap(at, PAGE);
	}
	for (i = ANSWER_SIGBUS; i <= ANSWER_POISON; i++) {
		at = (user_addr)sys_mmap(0, PAGE, PROT_RW, SHARED, fd, i * PAGE);
		say_result("get_user", sys_ioctl(fd, CODES_PEEK, at));
		sys_munmap(at, PAGE);
	}
}

static void rights(const char *what, int open_flags)
{
	int file = (int)sys_open("/dev/fault_codes", open_flags);
	long at;

	say("%s\n", what);
	say_result("shared, writable", sys_mmap(0, PAGE, PROT_RW, SHARED, file, 0) < 0);
	at = sys_mmap(0, PAGE, PROT_R, SHARED, file, 0);
	if (at > 0) {
		say_maps_of("/dev/fault_codes");
		say_load("shared", (user_addr)at, 4);
		say_result("made writable", sys_mprotect((user_addr)at, PAGE, PROT_RW));
		say_result("made inaccessible", sys_mprotect((user_addr)at, PAGE, 0));
		say_load("inaccessible", (user_addr)at, 4);
		sys_munmap((user_addr)at, PAGE);
	} else {
		say_result("shared", at);
	}
	at = sys_mmap(0, PAGE, PROT_RW, PRIVATE, file, 0);
	if (at > 0) {
		say_store("private", (user_addr)at, 4, 1);
		sys_munmap((user_addr)at, PAGE);
	} else {
		say_result("private", at);
	}
	sys_close(file);
}

void program(void)
{
	user_addr at;

	fd = (int)sys_open("/dev/fault_codes", RDWR);
	every_page("shared", SHARED);
	every_page("private", PRIVATE);
	by_the_driver();
	rights("read-only", RDONLY);
	rights("write-only", WRONLY);
	at = (user_addr)sys_mmap(0, PAGE, PROT_W, SHARED, fd, 0);
	say_load("a load from what is for writing", at, 4);
	flags("load");
	at = (user_addr)sys_mmap(0, PAGE, 0, SHARED, fd, 0);
	say_load("inaccessible", at, 4);
	say_result("made readable", sys_mprotect(at, PAGE, PROT_R));
	say_load("readable", at, 4);
	say_store("readable", at, 4, 1);
}
