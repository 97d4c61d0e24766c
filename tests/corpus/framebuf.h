/* SPDX-License-Identifier: MIT */
/* What the frame buffer's driver and its program agree on. */
#ifndef VMSIM_TESTS_CORPUS_FRAMEBUF_H
#define VMSIM_TESTS_CORPUS_FRAMEBUF_H

struct fb_geometry {
	unsigned width, height, bytes;
	unsigned minor;
};

struct fb_fill {
	unsigned first, count;
	unsigned value;
};

#define FB_GEOMETRY 0x8010f001u
#define FB_FILL 0x400cf002u
#define FB_USERS 0xf003u

#endif
