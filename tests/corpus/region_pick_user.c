/* SPDX-License-Identifier: MIT */
/* Maps each region, and each wrongly. */
#include "program.h"
#include "region_pick.h"

static int fd;

static user_addr map(const char *what, unsigned region, unsigned long inside, size_t pages, int prot, int flags)
{
	long at = sys_mmap(0, pages * PAGE, prot, flags, fd, region * REGION_STRIDE + inside * PAGE);

	if (at < 0)
		say_result(what, at);
	else
		say_load(what, (user_addr)at, 4);
	return (user_addr)at;
}

static void unmap(user_addr at, size_t pages)
{
	if ((long)at > 0)
		say_result("munmap", sys_munmap(at, pages * PAGE));
}

static void big_region(void)
{
	long other;
	user_addr big = map("big", REGION_BIG, 0, 1024, PROT_RW, SHARED);

	say("aligned: %d\n", big % REGION_BIG_ALIGN == 0);
	say_store("its end", big + 1024 * PAGE - 4, 4, 9);
	say_load("its end", big + 1024 * PAGE - 4, 4);
	say_result("fixed, not aligned",
		   sys_mmap(big + PAGE, PAGE, PROT_R, SHARED | FIXED, fd, REGION_BIG * REGION_STRIDE));
	other = sys_mmap(big + REGION_BIG_ALIGN, PAGE, PROT_R, SHARED | FIXED, fd, REGION_BIG * REGION_STRIDE);
	say("fixed, aligned: %s\n", other == (long)(big + REGION_BIG_ALIGN) ? "there" : "elsewhere");
	say_maps_of("/dev/region_pick");
	unmap(big, 1024);
	map("big, one page too long", REGION_BIG, 0, 1025, PROT_R, SHARED);
}

void program(void)
{
	user_addr config, queue, table, card;

	fd = (int)sys_open("/dev/region_pick", RDWR);
	config = map("config", REGION_CONFIG, 0, 1, PROT_R, SHARED);
	map("config, writable", REGION_CONFIG, 0, 1, PROT_RW, SHARED);
	map("config, two pages", REGION_CONFIG, 0, 2, PROT_R, SHARED);
	map("config, inside", REGION_CONFIG, 1, 1, PROT_R, SHARED);
	say_result("config made writable", sys_mprotect(config, PAGE, PROT_RW));
	queue = map("queue", REGION_QUEUE, 0, 3, PROT_RW, SHARED);
	map("queue, four pages", REGION_QUEUE, 0, 4, PROT_RW, SHARED);
	say_load("queue, page 2", queue + 2 * PAGE, 4);
	table = map("table from page 2", REGION_TABLE, 2, 2, PROT_RW, SHARED);
	map("table, one page too long", REGION_TABLE, 2, 3, PROT_RW, SHARED);
	say_load("table, page 3", table + PAGE, 4);
	card = map("card", REGION_CARD, 0, 16, PROT_RW, SHARED);
	map("card, private and writable", REGION_CARD, 0, 2, PROT_RW, PRIVATE);
	map("card, private and read-only", REGION_CARD, 0, 2, PROT_R, PRIVATE);
	map("no such region", REGION_COUNT, 0, 1, PROT_R, SHARED);
	say_maps_of("/dev/region_pick");
	say_store("card", card + 4, 4, 0x77);
	unmap(config, 1);
	unmap(queue, 3);
	unmap(table, 2);
	unmap(card, 16);
	card = map("card again", REGION_CARD, 0, 1, PROT_R, SHARED);
	say_load("what was stored", card + 4, 4);
	big_region();
}
