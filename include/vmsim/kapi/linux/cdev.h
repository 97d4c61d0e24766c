/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/cdev.h.
 */
#ifndef VMSIM_KAPI_LINUX_CDEV_H
#define VMSIM_KAPI_LINUX_CDEV_H

#include "fs.h"
#include "kobject.h"
#include "../vmsim/fs_types.h"

/* vmsim: exact, every name of this file */
extern void cdev_init(struct cdev *cdev, const struct file_operations *ops);
extern struct cdev *cdev_alloc(void);
extern int cdev_add(struct cdev *cdev, dev_t dev, unsigned int count);
extern void cdev_del(struct cdev *cdev);
extern void cdev_put(struct cdev *cdev);
#if VMSIM_SINCE(4, 12, 0)
extern int cdev_device_add(struct cdev *cdev, struct device *dev);
extern void cdev_device_del(struct cdev *cdev, struct device *dev);
#endif

#endif
