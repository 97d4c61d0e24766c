/* SPDX-License-Identifier: MIT */
/*
 * The size of the picture, for the driver and for programs.
 */
#ifndef SCREEN_H
#define SCREEN_H

#define SCREEN_WIDTH 320
#define SCREEN_HEIGHT 200
#define SCREEN_BYTES (SCREEN_WIDTH * SCREEN_HEIGHT * 4)

#endif
