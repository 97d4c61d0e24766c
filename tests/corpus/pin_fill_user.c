/* SPDX-License-Identifier: MIT */
/* Has its memory filled: untouched, read-only, half unmapped, shared with a child, and another driver's. */
#include "pin_fill.h"
#include "program.h"

static int fd;
static user_addr buffer;

static void request(const char *what, unsigned command, user_addr address, unsigned long length, unsigned value)
{
	struct fill_request req = { .address = address, .length = length, .value = value };

	say_result(what, sys_ioctl_at(fd, command, &req, sizeof(req)));
}

static void child(void *unused)
{
	(void)unused;
	say_load("child: what was kept", buffer, 1);
	request("child: fill", FILL_WRITE, buffer + PAGE, 4, 9);
	say_load("child: filled", buffer + PAGE, 4);
}

void program(void)
{
	user_addr page, frame;

	fd = (int)sys_open("/dev/pin_fill", RDWR);
	buffer = (user_addr)sys_mmap(0, 4 * PAGE, PROT_RW, PRIVATE | ANONYMOUS, -1, 0);
	request("sum of untouched memory", FILL_SUM, buffer, 4 * PAGE, 0);
	request("fill across two pages", FILL_WRITE, buffer + PAGE - 2, 4, 0x11);
	say_load("before", buffer + PAGE - 4, 4);
	say_load("behind", buffer + PAGE, 4);
	request("sum", FILL_SUM, buffer, 4 * PAGE, 0);
	request("fill everything", FILL_WRITE, buffer, 4 * PAGE, 1);
	request("sum", FILL_SUM, buffer, 4 * PAGE, 0);
	request("nothing", FILL_WRITE, buffer, 0, 1);
	request("too much", FILL_WRITE, buffer, 17 * PAGE, 1);
	say_result("read-only", sys_mprotect(buffer + 2 * PAGE, PAGE, PROT_R));
	request("fill page 2", FILL_WRITE, buffer + 2 * PAGE, PAGE, 2);
	request("fill pages 1 to 3", FILL_WRITE, buffer + PAGE, 3 * PAGE, 2);
	request("sum of page 2", FILL_SUM, buffer + 2 * PAGE, PAGE, 0);
	say_result("no access", sys_mprotect(buffer + 2 * PAGE, PAGE, 0));
	request("sum of page 2", FILL_SUM, buffer + 2 * PAGE, PAGE, 0);
	say_result("munmap", sys_munmap(buffer + 2 * PAGE, PAGE));
	request("fill pages 1 to 2", FILL_WRITE, buffer + PAGE, 2 * PAGE, 3);
	say_load("page 1", buffer + PAGE, 1);
	request("a kernel address", FILL_WRITE, 0xffff888000000000ul, PAGE, 3);
	request("keep page 0", FILL_KEEP, buffer, PAGE, 0);
	request("keep page 1", FILL_KEEP, buffer + PAGE, PAGE, 0);
	in_child(child, NULL);
	say_load("filled in the child only", buffer + PAGE, 4);
	say_store("store while it is kept", buffer + 1, 1, 0x22);
	request("drop", FILL_DROP, 0, 0, 0x33);
	say_load("both", buffer, 2);
	request("drop", FILL_DROP, 0, 0, 0x44);
	page = (user_addr)sys_mmap(0, PAGE, PROT_RW, SHARED, fd, 0);
	frame = (user_addr)sys_mmap(0, PAGE, PROT_RW, SHARED, fd, PAGE);
	request("fill an inserted page", FILL_WRITE, page, 8, 5);
	say_load("the page", page, 8);
	request("fill a remapped frame", FILL_WRITE, frame, 8, 6);
	request("sum of a remapped frame", FILL_SUM, frame, 8, 6);
	say_load("the frame", frame, 8);
	request("keep", FILL_KEEP, buffer, PAGE, 0);
	say_result("munmap of what is kept", sys_munmap(buffer, 2 * PAGE));
	say_load("gone", buffer, 1);
	say_result("close", sys_close(fd));
}
