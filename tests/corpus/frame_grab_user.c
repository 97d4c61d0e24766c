/* SPDX-License-Identifier: MIT */
/* Takes frames, looks at them in two mappings, writes a register, and forks. */
#include "frame_grab.h"
#include "program.h"

static user_addr regs;
static user_addr frame;

static void child(void *unused)
{
	(void)unused;
	say_load("the child's registers", regs, 4);
	say_load("the child's frame", frame, 4);
}

void program(void)
{
	int fd = (int)sys_open("/dev/frame_grab", RDWR);
	user_addr whole;

	say_result("a frame too far", sys_mmap(0, GRAB_FRAME_BYTES, PROT_R, SHARED, fd, 4 * GRAB_FRAME_BYTES));
	say_result("between frames", sys_mmap(0, PAGE, PROT_R, SHARED, fd, PAGE));
	say_result("two register pages", sys_mmap(0, 2 * PAGE, PROT_RW, SHARED, fd, GRAB_REGS_OFFSET));
	say_result("private registers", sys_mmap(0, PAGE, PROT_RW, PRIVATE, fd, GRAB_REGS_OFFSET));
	regs = (user_addr)sys_mmap(0, PAGE, PROT_RW, SHARED, fd, GRAB_REGS_OFFSET);
	frame = (user_addr)sys_mmap(0, GRAB_FRAME_BYTES, PROT_RW, SHARED, fd, 2 * GRAB_FRAME_BYTES);
	say_maps_of("/dev/frame_grab");
	say_load("count", regs + GRAB_REG_COUNT, 4);
	say_result("shoot", sys_ioctl(fd, GRAB_SHOOT, 2));
	say_result("shoot", sys_ioctl(fd, GRAB_SHOOT, 1));
	say_result("shoot", sys_ioctl(fd, GRAB_SHOOT, 4));
	say_load("count", regs + GRAB_REG_COUNT, 4);
	say_load("last", regs + GRAB_REG_LAST, 4);
	say_load("first byte of frame 2", frame, 1);
	say_load("last word of frame 2", frame + GRAB_FRAME_BYTES - 8, 8);
	whole = (user_addr)sys_mmap(0, 4 * GRAB_FRAME_BYTES, PROT_R, SHARED, fd, 0);
	say_load("frame 0", whole, 8);
	say_load("frame 1", whole + GRAB_FRAME_BYTES, 8);
	say_load("frame 2", whole + 2 * GRAB_FRAME_BYTES, 8);
	say_store("draw into frame 2", frame, 4, 0xabcd);
	say_load("seen in the whole", whole + 2 * GRAB_FRAME_BYTES, 4);
	say_store("store to read-only", whole, 4, 1);
	say_store("status", regs + GRAB_REG_STATUS, 4, 0x55);
	say_result("the driver reads", sys_ioctl(fd, GRAB_STATUS, 0));
	say_store("a wide store", regs + GRAB_REG_STATUS, 8, 0x1000000aaul);
	say_result("the driver reads", sys_ioctl(fd, GRAB_STATUS, 0));
	say_result("a frame made read-only", sys_mprotect(frame, GRAB_FRAME_BYTES, PROT_R));
	say_store("draw into frame 2", frame, 4, 0);
	in_child(child, NULL);
	say_load("the parent's frame", frame, 4);
}
