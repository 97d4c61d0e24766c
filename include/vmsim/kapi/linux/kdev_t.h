/* SPDX-License-Identifier: MIT */
/*
 * Device numbers: 12 bits major, 20 bits minor. Counterpart: include/linux/kdev_t.h.
 */
#ifndef VMSIM_KAPI_LINUX_KDEV_T_H
#define VMSIM_KAPI_LINUX_KDEV_T_H

#include "types.h"

/* vmsim: exact, every name of this file */
#define MINORBITS 20
#define MINORMASK ((1U << MINORBITS) - 1)
#define MAJOR(dev) ((unsigned int)((dev) >> MINORBITS))
#define MINOR(dev) ((unsigned int)((dev)&MINORMASK))
#define MKDEV(ma, mi) (((dev_t)(ma) << MINORBITS) | (dev_t)(mi))

#if VMSIM_UNTIL(2, 6, 0)
/* vmsim: exact [, 2.6), every name of this block */
typedef vmsim_dev_t kdev_t;
#define kdev_same(a, b) ((a) == (b))
#define kdev_none(dev) (!(dev))
#define kdev_t_to_nr(dev) (dev)
#define to_kdev_t(dev) (dev)
#endif

#endif
