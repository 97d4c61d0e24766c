/* SPDX-License-Identifier: MIT */
/* Maps parts of the two regions, asks for more than they have, and reads them as a debugger would. */
#include "bar_window.h"
#include "program.h"

static int fd;

static void peek(const char *what, user_addr at)
{
	struct bar_peek request = { .address = at };
	long result = sys_ioctl_at(fd, BAR_PEEK, &request, sizeof(request));

	say("%s: %ld bytes, 0x%x\n", what, result, request.value);
}

static void poke(const char *what, user_addr at, unsigned value)
{
	struct bar_peek request = { .address = at, .value = value, .write = 1 };

	say_result(what, sys_ioctl_at(fd, BAR_PEEK, &request, sizeof(request)));
}

void program(void)
{
	user_addr first, second, plain;

	fd = (int)sys_open("/dev/bar_window", RDWR);
	say_result("four pages of three", sys_mmap(0, 4 * PAGE, PROT_R, SHARED, fd, 0));
	say_result("two pages from page 2", sys_mmap(0, 2 * PAGE, PROT_R, SHARED, fd, 2 * PAGE));
	say_result("the page behind", sys_mmap(0, PAGE, PROT_R, SHARED, fd, 3 * PAGE));
	say_result("two pages of half a page", sys_mmap(0, 2 * PAGE, PROT_R, SHARED, fd, 4 * PAGE));
	first = (user_addr)sys_mmap(0, 2 * PAGE, PROT_RW, SHARED, fd, PAGE);
	second = (user_addr)sys_mmap(0, PAGE, PROT_R, SHARED, fd, 4 * PAGE);
	say_maps_of("/dev/bar_window");
	say_load("region 0", first, 4);
	say_load("region 1", second, 4);
	say_store("store", first + PAGE + 4, 2, 0xbeef);
	say_load("read back", first + PAGE + 4, 4);
	peek("debugger, region 0", first + PAGE + 4);
	peek("debugger, region 1", second + 8);
	poke("debugger writes", first, 0xcafe);
	say_load("seen", first, 4);
	poke("debugger writes read-only", second, 1);
	say_load("region 1", second, 4);
	peek("debugger, across two pages", first + PAGE - 2);
	peek("debugger, across the end", first + 2 * PAGE - 2);
	plain = (user_addr)sys_mmap(0, PAGE, PROT_RW, PRIVATE | ANONYMOUS, -1, 0);
	poke("debugger writes memory", plain, 0x1234);
	say_load("memory", plain, 4);
	sys_munmap(plain, PAGE);
	peek("debugger, nothing there", plain);
	say_result("munmap", sys_munmap(second, PAGE));
	say_load("gone", second, 4);
}
