/* SPDX-License-Identifier: MIT */
/* Lets the driver write into anonymous memory: fresh, read-only, unmapped, shared with a child, and given away. */
#include "program.h"
#include "gupfill.h"

static int fd;
static user_addr memory;

static long request(unsigned command, unsigned long start, unsigned long length, unsigned char value)
{
	struct gup_request what = { start, length, value };

	return sys_ioctl_at(fd, command, &what, sizeof(what));
}

static void child(void *unused)
{
	(void)unused;
	say_load("the child reads", memory, 1);
	say_result("fill in the child", request(GUP_FILL, memory, 1, 0x77));
	say_load("the child reads", memory, 1);
	say_result("sum in the child", request(GUP_SUM, memory, 4, 0));
}

void program(void)
{
	long at;

	fd = (int)sys_open("/dev/gupfill", RDWR);
	at = sys_mmap(0, 4 * PAGE, PROT_RW, PRIVATE | ANONYMOUS, -1, 0);
	if (at < 0)
		return say_result("mmap", at);
	memory = (user_addr)at;
	say_result("nothing", request(GUP_FILL, memory, 0, 1));
	say_result("too much", request(GUP_FILL, memory, 4 * PAGE + 1, 1));
	say_result("five pages by offset", request(GUP_FILL, memory + 100, 4 * PAGE, 1));
	say_result("a bad request", sys_ioctl(fd, GUP_FILL, 8));
	say_result("sum of fresh memory", request(GUP_SUM, memory, 4 * PAGE, 0));
	say_result("fill over a page's end", request(GUP_FILL, memory + PAGE - 2, 4, 0x5a));
	say_load("before", memory + PAGE - 4, 4);
	say_load("after", memory + PAGE, 4);
	say_result("sum", request(GUP_SUM, memory, 2 * PAGE, 0));
	say_result("read only", sys_mprotect(memory + 2 * PAGE, PAGE, PROT_R));
	say_result("fill it", request(GUP_FILL, memory + 2 * PAGE, 1, 1));
	say_result("fill into it", request(GUP_FILL, memory + PAGE, 2 * PAGE, 1));
	say_load("the page before it", memory + PAGE, 4);
	say_result("sum it", request(GUP_SUM, memory + 2 * PAGE, PAGE, 0));
	say_result("unmap the last", sys_munmap(memory + 3 * PAGE, PAGE));
	say_result("fill where nothing is", request(GUP_FILL, memory + 3 * PAGE, 1, 1));
	say_result("sum where nothing is", request(GUP_SUM, memory + 3 * PAGE, 1, 0));
	say_result("sum of nowhere", request(GUP_SUM, 0, 1, 0));
	say_store("store", memory, 1, 0x21);
	in_child(child, NULL);
	say_load("after the child", memory, 1);
	say_result("keep", request(GUP_KEEP, memory + PAGE, 1, 0));
	say_result("poke", request(GUP_POKE, 0, 0, 0x66));
	say_load("poked", memory + PAGE, 1);
	say_result("unmap what is kept", sys_munmap(memory + PAGE, PAGE));
	say_result("poke", request(GUP_POKE, 0, 0, 0x67));
	at = sys_mmap(memory + PAGE, PAGE, PROT_RW, PRIVATE | ANONYMOUS | FIXED, -1, 0);
	say_load("new memory there", (user_addr)at, 1);
	say_result("keep nothing", request(GUP_KEEP, 0, 0, 0));
	say_result("poke", request(GUP_POKE, 0, 0, 1));
	say_result("keep until the file is closed", request(GUP_KEEP, memory, 1, 0));
	say_result("unknown command", request(0x66ff, 0, 0, 0));
	say_result("close", sys_close(fd));
}
