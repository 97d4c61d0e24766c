/* SPDX-License-Identifier: MIT */
/*
 * The kernel version a driver is compiled for, and how that era spells the shared structs'
 * fields. VMSIM_KERNEL is the number that KERNEL_VERSION() gives; the build passes it, 6.12.0 is
 * the default. Included first of all by linux/kconfig.h, so every *_types.h sees its macros. For
 * driver sources only.
 */
#ifndef VMSIM_KAPI_VMSIM_ERA_H
#define VMSIM_KAPI_VMSIM_ERA_H

#define VMSIM_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))

#ifndef VMSIM_KERNEL
#define VMSIM_KERNEL VMSIM_VERSION(6, 12, 0)
#endif

#define VMSIM_SINCE(a, b, c) (VMSIM_KERNEL >= VMSIM_VERSION(a, b, c))
#define VMSIM_UNTIL(a, b, c) (VMSIM_KERNEL < VMSIM_VERSION(a, b, c))

/* vm_flags is read-only to drivers since vm_flags_set() and its kin exist. */
#if VMSIM_SINCE(6, 3, 0)
#define VMSIM_ERA_CONST const
#else
#define VMSIM_ERA_CONST
#endif

#if VMSIM_SINCE(2, 6, 32)
#define VMSIM_ERA_OPS_CONST const
#else
#define VMSIM_ERA_OPS_CONST
#endif

/* Fault handlers: their arguments and what they return. */
#if VMSIM_SINCE(4, 11, 0)
#define VMSIM_ERA_FAULT_ARGS struct vm_fault *vmf
#else
#define VMSIM_ERA_FAULT_ARGS struct vm_area_struct *vma, struct vm_fault *vmf
#endif
#if VMSIM_SINCE(4, 17, 0)
#define VMSIM_ERA_FAULT_T vmsim_fault_t
#else
#define VMSIM_ERA_FAULT_T int
#endif
/* The core passes NULL where the argument is a number, which is 0 in every call. */
#if VMSIM_SINCE(2, 6, 1)
#define VMSIM_ERA_NOPAGE_ARG int *type
#else
#define VMSIM_ERA_NOPAGE_ARG int unused
#endif
#if VMSIM_UNTIL(2, 6, 30)
#define VMSIM_ERA_MKWRITE_ARGS struct vm_area_struct *vma, struct page *page
#else
#define VMSIM_ERA_MKWRITE_ARGS VMSIM_ERA_FAULT_ARGS
#endif

/* file_operations members whose arguments changed. */
#if VMSIM_SINCE(3, 1, 0)
#define VMSIM_ERA_FSYNC_ARGS struct file *file, vmsim_loff_t start, vmsim_loff_t end, int datasync
#elif VMSIM_SINCE(2, 6, 35)
#define VMSIM_ERA_FSYNC_ARGS struct file *file, int datasync
#else
#define VMSIM_ERA_FSYNC_ARGS struct file *file, struct dentry *dentry, int datasync
#endif
#if VMSIM_SINCE(2, 6, 18)
#define VMSIM_ERA_FLUSH_ARGS struct file *file, void *owner
#else
#define VMSIM_ERA_FLUSH_ARGS struct file *file
#endif
#if VMSIM_SINCE(2, 6, 19)
#define VMSIM_ERA_AIO_BUFFER(q) const struct iovec *iov, unsigned long
#else
#define VMSIM_ERA_AIO_BUFFER(q) q char *buf, unsigned long
#endif

/* The driver model's callbacks. */
#if VMSIM_SINCE(6, 2, 0)
#define VMSIM_ERA_DEV_CONST const
#else
#define VMSIM_ERA_DEV_CONST
#endif
#if VMSIM_SINCE(6, 4, 0)
#define VMSIM_ERA_BUS_CONST const
#define VMSIM_ERA_CLASS_ATTR_ARGS const struct class *cls, const struct class_attribute *attr
#else
#define VMSIM_ERA_BUS_CONST
#if VMSIM_SINCE(2, 6, 34)
#define VMSIM_ERA_CLASS_ATTR_ARGS struct class *cls, struct class_attribute *attr
#else
#define VMSIM_ERA_CLASS_ATTR_ARGS struct class *cls
#endif
#endif
#if VMSIM_SINCE(6, 11, 0)
#define VMSIM_ERA_MATCH_CONST const
#define VMSIM_ERA_PLATFORM_REMOVE_T void
#else
#define VMSIM_ERA_MATCH_CONST
#define VMSIM_ERA_PLATFORM_REMOVE_T int
#endif
#if VMSIM_SINCE(5, 15, 0)
#define VMSIM_ERA_BUS_REMOVE_T void
#else
#define VMSIM_ERA_BUS_REMOVE_T int
#endif

/* Work and timer callbacks. */
#if VMSIM_UNTIL(4, 15, 0)
#define VMSIM_TIMER_ARG unsigned long
#endif
#if VMSIM_SINCE(2, 6, 20)
#define VMSIM_ERA_WORK_ARG struct work_struct *work
#else
#define VMSIM_ERA_WORK_ARG void *data
#endif

#endif
