/* SPDX-License-Identifier: MIT */
/* Copies in and out of two stores, across their pages and ends, and resizes one through sysfs. */
#include <string.h>

#include "program.h"

static void set(const char *attribute, const char *text)
{
	int fd = (int)sys_open(attribute, WRONLY);

	if (fd < 0)
		return say_result("open of the attribute", fd);
	say_result("set", sys_write(fd, text, strlen(text)));
	sys_close(fd);
}

void program(void)
{
	static const char pages[] = "/sys/class/pagestore/pagestore0/pages";
	int zero = (int)sys_open("/dev/pagestore0", RDWR), one = (int)sys_open("/dev/pagestore1", RDWR);
	char text[16] = "";
	int attribute;

	say_result("a third store", sys_open("/dev/pagestore2", RDWR));
	say("pages: %s", file_text(pages));
	say("limit: %s", file_text("/sys/class/pagestore/pagestore1/limit"));
	say_result("write", sys_write(zero, "hello", 5));
	say_result("back", sys_lseek(zero, 0, 0));
	say_result("read", sys_read(zero, text, 8));
	say("text: %s\n", text);
	say_result("read of the other store", sys_read(one, text, 8));
	say("text: '%s'\n", text);
	say_result("near the page's end", sys_lseek(zero, PAGE - 2, 0));
	say_result("write", sys_write(zero, "ABCD", 4));
	say_result("write of the rest", sys_write(zero, "CD", 2));
	say_result("end", sys_lseek(zero, -1, 2));
	say_result("write", sys_write(zero, "ZZ", 2));
	say_result("write at the end", sys_write(zero, "Z", 1));
	say_result("read at the end", sys_read(zero, text, 4));
	say_result("seek beyond", sys_lseek(zero, 2 * PAGE + 1, 0));
	say_result("read into nowhere", (sys_lseek(zero, 0, 0), sys_read_to(zero, PAGE, 4)));
	say_result("position", sys_lseek(zero, 0, 1));
	set(pages, "3\n");
	say_result("end", sys_lseek(zero, 0, 2));
	say_result("back", sys_lseek(zero, 2 * PAGE, 0));
	say_result("read of the new page", sys_read(zero, text, 8));
	set(pages, "17");
	set(pages, "many");
	set(pages, "-1");
	set(pages, "0x1");
	say("pages: %s", file_text(pages));
	set("/sys/class/pagestore/pagestore0/limit", "5");
	say_result("read of what is gone", sys_read(zero, text, 8));
	attribute = (int)sys_open(pages, RDWR);
	say_result("attribute", sys_read(attribute, text, 1));
	say_result("attribute, the rest", sys_read(attribute, text, 8));
	say_result("attribute, the end", sys_read(attribute, text, 8));
	say_result("attribute, store", sys_write(attribute, "5", 1));
	say_result("attribute, back", sys_lseek(attribute, 0, 0));
	say_result("attribute", sys_read(attribute, text, 8));
	say("%.2s", text);
	say_result("ioctl", sys_ioctl(zero, 1, 0));
	say_result("mmap", sys_mmap(0, PAGE, PROT_R, SHARED, zero, 0));
	say_result("poll", sys_poll(zero));
}
