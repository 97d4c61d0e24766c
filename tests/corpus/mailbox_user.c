/* SPDX-License-Identifier: MIT */
/* Posts letters, waits for them in every way there is, and finds the slot taken. */
#include "program.h"
#include "mailbox.h"

#include <string.h>

static void say_letter(const char *what, int fd)
{
	char text[MAIL_MAX + 1];
	long got;

	memset(text, 0, sizeof(text));
	got = sys_read(fd, text, MAIL_MAX);
	if (got < 0)
		return say_result(what, got);
	say("%s: %ld bytes: %s\n", what, got, text);
}

void program(void)
{
	int fd = (int)sys_open("/dev/mailbox", RDWR);
	int impatient = (int)sys_open("/dev/mailbox", RDWR | NONBLOCK);
	char big[MAIL_MAX + 1] = "";

	say_letter("nothing yet", impatient);
	say("poll: 0x%lx\n", sys_poll(fd));
	say_result("no letter", sys_write(fd, "", 0));
	say_result("too long", sys_write(fd, big, sizeof(big)));
	say_result("post", sys_write(fd, "hello", 5));
	say("poll: 0x%lx\n", sys_poll(fd));
	say_letter("not there yet", impatient);
	say_result("post another", sys_write(impatient, "again", 5));
	say_letter("read sleeps", fd);
	say_result("arrivals", sys_ioctl(fd, MAIL_ARRIVALS, 0));
	say_result("post", sys_write(fd, "second", 6));
	say_result("wait, tenths left", sys_ioctl(fd, MAIL_WAIT, 5));
	say("poll: 0x%lx\n", sys_poll(fd));
	say_letter("read", impatient);
	say_result("wait for nothing", sys_ioctl(fd, MAIL_WAIT, 2));
	say_result("post", sys_write(fd, "third", 5));
	say_result("recall", sys_ioctl(fd, MAIL_RECALL, 0));
	say_result("recall", sys_ioctl(fd, MAIL_RECALL, 0));
	say_result("wait for it", sys_ioctl(fd, MAIL_WAIT, 2));
	say_result("arrivals", sys_ioctl(fd, MAIL_ARRIVALS, 0));
	say_result("unknown command", sys_ioctl(fd, 0x6d0f, 0));
	say_result("lseek", sys_lseek(fd, 5, 0));
	say_result("mmap", sys_mmap(0, PAGE, PROT_R, SHARED, fd, 0));
	sys_close(fd);
	sys_close(impatient);
}
