/* SPDX-License-Identifier: MIT */
/* Fills and empties the queue, waits for jobs with and without signals, and reads the list of those that wait. */
#include <string.h>

#include "program.h"

static int fd;

static void put(const char *text)
{
	say_result("write", sys_write(fd, text, strlen(text)));
}

static void take(const char *what)
{
	char text[33] = "";
	long got = sys_read(fd, text, 32);

	if (got < 0)
		return say_result(what, got);
	say("%s: '%s'\n", what, text);
}

static void reader(void *unused)
{
	(void)unused;
	take("a reader that waited");
	take("and again");
}

static void waits(void)
{
	say_result("blocking", sys_set_flags(fd, 0));
	start_beside(reader, NULL);
	sleep_ms(50);
	sys_write(fd, "six", 3);
	sleep_ms(50);
	sys_write(fd, "seven", 5);
	join_beside();
	say_result("nothing in time", sys_poll_wait(fd, POLL_READ, 30));
}

static void signals(void)
{
	int other = (int)sys_open("/dev/job_queue", RDWR);

	say("a signal without asking: %d\n", sigio_came());
	say_result("async", sys_set_flags(fd, ASYNC));
	sys_write(other, "eight", 5);
	say("a signal: %d\n", sigio_came());
	say("another: %d\n", sigio_came());
	take("read");
	say_result("not async", sys_set_flags(fd, 0));
	sys_write(other, "nine", 4);
	say("a signal: %d\n", sigio_came());
	say_result("async again", sys_set_flags(other, ASYNC));
	say_result("close", sys_close(other));
	put("ten");
	say("a signal: %d\n", sigio_came());
}

void program(void)
{
	char small[4] = "";
	int list;

	fd = (int)sys_open("/dev/job_queue", RDWR | NONBLOCK);
	take("nothing");
	say_result("poll", sys_poll(fd));
	put("one");
	say_result("poll", sys_poll(fd));
	put("two");
	put("three");
	put("four");
	say_result("poll", sys_poll(fd));
	put("much more than one job can hold in its text");
	say("%s", file_text("/proc/job_queue"));
	take("read");
	say_result("read of two bytes", sys_read(fd, small, 2));
	say("%s\n", small);
	say("%s", file_text("/proc/job_queue"));
	put("");
	say_result("write from nowhere", sys_write_from(fd, PAGE, 3));
	take("read");
	take("an empty job");
	take("nothing");
	put("five");
	list = (int)sys_open("/proc/job_queue", RDONLY);
	say_result("list, three bytes", sys_read(list, small, 3));
	say_result("list, three more", sys_read(list, small, 3));
	say_result("list, write", sys_write(list, "x", 1));
	say_result("list, back", sys_lseek(list, 0, 0));
	say_result("list, one byte", sys_read(list, small, 1));
	say("%c\n", small[0]);
	say_result("close", sys_close(list));
	say_result("read into nowhere", sys_read_to(fd, PAGE, 3));
	waits();
	signals();
	say("%s", file_text("/proc/job_queue"));
}
