/* SPDX-License-Identifier: MIT */
/*
 * The meter's registers, as its data sheet lists them, and the ioctls of its driver. For the
 * driver, for programs, and for the device itself.
 */
#ifndef METER_H
#define METER_H

#include <linux/ioctl.h>

#define METER_BASE 0xfe000000
#define METER_SIZE 0x1000
#define METER_IRQ 11

#define METER_ID 0x00 /* 32 bit, read only */
#define METER_ID_VALUE 0x4d455431
#define METER_CTRL 0x04 /* 32 bit */
#define METER_CTRL_START 0x1
#define METER_STATUS 0x08 /* 32 bit, write 1 to clear */
#define METER_STATUS_DONE 0x1 /* samples are in the FIFO; the program clears it */
#define METER_STATUS_IRQ 0x2 /* the interrupt is pending; the driver clears it */
#define METER_FIFO 0x0c /* 32 bit; each read takes one sample out */
#define METER_TICKS 0x10 /* 64 bit, read only */
#define METER_SCRATCH 0x18 /* 64 bit */

#define METER_READ _IO('M', 1) /* returns the 32-bit register at offset `arg` */
#define METER_IRQS _IO('M', 2) /* returns the number of interrupts so far */

#endif
