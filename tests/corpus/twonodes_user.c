/* SPDX-License-Identifier: MIT */
/* Opens both nodes of the device, maps data in pieces, and lets control decide who may. */
#include "program.h"
#include "twonodes.h"

static int ctl, data;
static user_addr whole;

static void say_mappings(const char *when)
{
	int count = -1;
	long result = sys_ioctl_at(ctl, TWO_MAPPINGS, &count, sizeof(count));

	if (result < 0)
		return say_result(when, result);
	say("%s: %d mappings\n", when, count);
}

static void child(void *unused)
{
	(void)unused;
	say_mappings("in the child");
	say_store("the child writes", whole + PAGE, 2, 0x4142);
}

void program(void)
{
	char text[8] = "";
	long at;

	ctl = (int)sys_open("/dev/twonodes/ctl", RDWR);
	data = (int)sys_open("/dev/twonodes/data", RDWR);
	say_result("no such node", sys_open("/dev/twonodes/none", RDWR));
	say_result("read control", sys_read(ctl, text, sizeof(text)));
	say_result("seek in control", sys_lseek(ctl, 0, 0));
	say_result("mmap control", sys_mmap(0, PAGE, PROT_R, SHARED, ctl, 0));
	say_result("ioctl of data", sys_ioctl(data, TWO_CLEAR, 1));
	say_result("write data", sys_write(data, text, 1));
	say_result("clear", sys_ioctl(ctl, TWO_CLEAR, 'k'));
	say_result("clear with no byte", sys_ioctl(ctl, TWO_CLEAR, 256));
	say_result("read data", sys_read(data, text, sizeof(text)));
	say("it reads: %.8s\n", text);
	say_result("seek in data", sys_lseek(data, 12280, 0));
	say_result("read to the end", sys_read(data, text, sizeof(text)));
	say_result("read at the end", sys_read(data, text, sizeof(text)));
	say_result("too much", sys_mmap(0, 4 * PAGE, PROT_R, SHARED, data, 0));
	say_result("behind the end", sys_mmap(0, PAGE, PROT_R, SHARED, data, 3 * PAGE));
	at = sys_mmap(0, 3 * PAGE, PROT_RW, SHARED, data, 0);
	if (at < 0)
		return say_result("mmap", at);
	whole = (user_addr)at;
	at = sys_mmap(0, PAGE, PROT_R, SHARED, data, 2 * PAGE);
	say_maps_of("/dev/twonodes/data");
	say_mappings("two");
	say_load("first", whole, 4);
	say_store("last page", whole + 2 * PAGE, 4, 0x11223344);
	say_load("the other mapping", (user_addr)at, 4);
	say_result("lock", sys_ioctl(ctl, TWO_LOCK, 1));
	say_result("mappings to nowhere", sys_ioctl(ctl, TWO_MAPPINGS, 8));
	in_child(child, NULL);
	say_load("the child wrote", whole + PAGE, 2);
	say_result("unmap the middle", sys_munmap(whole + PAGE, PAGE));
	say_mappings("split");
	say_maps_of("/dev/twonodes/data");
	say_result("unmap all", sys_munmap(whole, 3 * PAGE));
	say_result("unmap the other", sys_munmap((user_addr)at, PAGE));
	say_mappings("none");
	say_result("lock", sys_ioctl(ctl, TWO_LOCK, 1));
	say_result("mmap", sys_mmap(0, PAGE, PROT_R, SHARED, data, 0));
	say_result("unlock", sys_ioctl(ctl, TWO_LOCK, 0));
	at = sys_mmap(0, PAGE, PROT_R, SHARED, data, PAGE);
	say_load("mmap", (user_addr)at, 2);
	say_result("close", sys_close(data));
	say_mappings("closed");
	sys_close(ctl);
}
