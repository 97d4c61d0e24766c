/* SPDX-License-Identifier: MIT */
/*
 * Devices that share major 10. Counterpart: include/linux/miscdevice.h.
 */
#ifndef VMSIM_KAPI_LINUX_MISCDEVICE_H
#define VMSIM_KAPI_LINUX_MISCDEVICE_H

#include "device.h"
#include "fs.h"
#include "major.h"

/* vmsim: exact, every name of this file */
#define MISC_DYNAMIC_MINOR 255
extern int misc_register(struct miscdevice *misc);
#if VMSIM_SINCE(4, 3, 0)
extern void misc_deregister(struct miscdevice *misc);
#define builtin_misc_device(dev) module_misc_device(dev)
#define module_misc_device(dev) module_driver(dev, misc_register, misc_deregister)
#else
extern int misc_deregister(struct miscdevice *misc);
#endif

#endif
