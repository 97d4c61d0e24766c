/* SPDX-License-Identifier: MIT */
/* Offers good, half good and bad buffers to every way of copying. Two pages are there, the third is read only. */
#include "program.h"
#include "userbytes.h"

static int fd;
static user_addr memory, hole;

static struct bytes_request last;

static long ask(unsigned command, unsigned long start, unsigned long length, unsigned long value)
{
	last.start = start;
	last.length = length;
	last.value = value;
	return sys_ioctl_at(fd, command, &last, sizeof(last));
}

static void say_get(const char *what, user_addr at)
{
	long result = ask(BYTES_GET, at, 0, 99);

	if (result < 0)
		say_result(what, result);
	else
		say("%s: 0x%lx\n", what, last.value);
}

static void say_letters(const char *what, size_t count)
{
	char text[16] = "";

	say_result(what, sys_read(fd, text, count));
	say("it read: %.15s\n", text);
}

void program(void)
{
	long at;

	fd = (int)sys_open("/dev/userbytes", RDWR);
	at = sys_mmap(0, 4 * PAGE, PROT_RW, PRIVATE | ANONYMOUS, -1, 0);
	if (at < 0)
		return say_result("mmap", at);
	memory = (user_addr)at;
	hole = memory + 3 * PAGE;
	sys_munmap(hole, PAGE);
	sys_mprotect(memory + 2 * PAGE, PAGE, PROT_R);
	say_result("check memory", ask(BYTES_CHECK, memory, 3 * PAGE, 0));
	say_result("check the hole", ask(BYTES_CHECK, hole, PAGE, 0));
	say_result("check nothing", ask(BYTES_CHECK, memory, 0, 0));
	say_result("check the kernel", ask(BYTES_CHECK, 0xffffffff80000000ul, 1, 0));
	say_result("check a range that wraps", ask(BYTES_CHECK, memory, ~0ul - 10, 0));
	say_result("give", ask(BYTES_GIVE, memory + 100, 50, 0));
	say_load("before it", memory + 98, 4);
	say_load("its end", memory + 148, 4);
	say_result("give over the end of what may be written", ask(BYTES_GIVE, memory + 2 * PAGE - 10, 20, 0));
	say_load("the last bytes", memory + 2 * PAGE - 8, 8);
	say_result("give to the read-only page", ask(BYTES_GIVE, memory + 2 * PAGE, 16, 0));
	say_result("give to nowhere", ask(BYTES_GIVE, 0, 16, 0));
	say_result("give to the kernel", ask(BYTES_GIVE, 0xffffffff80000000ul, 16, 0));
	say_result("take from the read-only page", ask(BYTES_TAKE, memory + 2 * PAGE, PAGE, 0));
	say_result("take over its end", ask(BYTES_TAKE, hole - 16, 32, 0));
	say_result("take from the hole", ask(BYTES_TAKE, hole, 32, 0));
	say_result("take two pages", ask(BYTES_TAKE, memory, 2 * PAGE, 0));
	say_result("take nothing from the hole", ask(BYTES_TAKE, hole, 0, 0));
	say_store("a text", memory, 8, 0x0074786574206120ul);
	say_result("its length", ask(BYTES_TEXT, memory, 100, 0));
	say_letters("read", 7);
	say_result("cut", ask(BYTES_TEXT, memory, 4, 0));
	say_result("no text", ask(BYTES_TEXT, hole, 10, 0));
	say_result("text at nowhere", ask(BYTES_TEXT, 0, 10, 0));
	say_get("get", memory + 100);
	say_get("get over two pages", memory + PAGE - 2);
	say_get("get from the hole", hole);
	say_get("get over the edge of the hole", hole - 2);
	say_result("put 2", ask(BYTES_PUT, memory + 200, 2, 0x123456));
	say_load("put", memory + 200, 4);
	say_result("put 8", ask(BYTES_PUT, memory + 201, 8, 0x1122334455667788ul));
	say_load("put", memory + 200, 4);
	say_result("put 1 to the read-only page", ask(BYTES_PUT, memory + 2 * PAGE, 1, 1));
	say_result("put 3", ask(BYTES_PUT, memory, 3, 1));
	say_result("clear", ask(BYTES_CLEAR, memory + 99, 3, 0));
	say_load("cleared", memory + 98, 8);
	say_result("clear nothing", ask(BYTES_CLEAR, hole, 0, 0));
	say_result("clear the hole", ask(BYTES_CLEAR, hole, 100, 0));
	say_result("clear up to the read-only page", ask(BYTES_CLEAR, memory + 2 * PAGE - 64, 128, 0));
	say_result("a bad request", sys_ioctl(fd, BYTES_CHECK, hole - 8));
	say_result("a request that cannot be answered", sys_ioctl(fd, BYTES_CHECK, memory + 2 * PAGE));
	sys_close(fd);
}
