/* SPDX-License-Identifier: MIT */
/*
 * Copies between a program and the kernel. Counterpart: include/linux/uaccess.h.
 */
#ifndef VMSIM_KAPI_LINUX_UACCESS_H
#define VMSIM_KAPI_LINUX_UACCESS_H

#include "errno.h"
#include "sched.h"
#include "types.h"

/* vmsim: exact, every name of this file */
extern unsigned long copy_to_user(void __user *to, const void *from, unsigned long n);
extern unsigned long copy_from_user(void *to, const void __user *from, unsigned long n);
extern unsigned long clear_user(void __user *to, unsigned long n);
extern long strncpy_from_user(char *to, const char __user *from, long n);
extern long strnlen_user(const char __user *s, long n);
#define __copy_to_user(to, from, n) copy_to_user(to, from, n)
#define __copy_from_user(to, from, n) copy_from_user(to, from, n)
#define __clear_user(to, n) clear_user(to, n)
#if VMSIM_UNTIL(4, 13, 0)
/* vmsim: exact, then strnlen_user */
#define strlen_user(s) strnlen_user(s, ~0UL >> 1)
#endif
#if VMSIM_SINCE(5, 4, 0)
extern int copy_struct_from_user(void *to, size_t ksize, const void __user *from, size_t usize);
#endif

extern int vmsim_access_ok(unsigned long addr, unsigned long size);
#if VMSIM_SINCE(5, 0, 0)
#define access_ok(addr, size) vmsim_access_ok((unsigned long)(addr), (size))
#else
#define VERIFY_READ 0
#define VERIFY_WRITE 1
#define access_ok(type, addr, size) ((void)(type), vmsim_access_ok((unsigned long)(addr), (size)))
#endif
#if VMSIM_UNTIL(2, 6, 24)
/* vmsim: exact [, 2.6.24) */
static inline int verify_area(int type, const void __user *addr, unsigned long size)
{
	return access_ok(type, addr, size) ? 0 : -EFAULT;
}
#endif

#if VMSIM_UNTIL(2, 6, 14)
#define verify_area(type, addr, size) (access_ok(type, addr, size) ? 0 : -EFAULT)
#endif

/* Scalars of 1, 2, 4 or 8 bytes; the value travels zero-extended. */
extern int vmsim_get_user(unsigned long long *value, const void __user *ptr, unsigned long size);
extern int vmsim_put_user(unsigned long long value, void __user *ptr, unsigned long size);
#define get_user(x, ptr) \
	({ \
		unsigned long long vmsim_value = 0; \
		int vmsim_error = vmsim_get_user(&vmsim_value, (ptr), sizeof(*(ptr))); \
		(x) = (__typeof__(*(ptr)))vmsim_value; \
		vmsim_error; \
	})
#define put_user(x, ptr) \
	vmsim_put_user((unsigned long long)(__typeof__(*(ptr)))(x), (ptr), sizeof(*(ptr)))
#define __get_user(x, ptr) get_user(x, ptr)
#define __put_user(x, ptr) put_user(x, ptr)
#define pagefault_disable() vmsim_pagefault_disable()
#define pagefault_enable() vmsim_pagefault_enable()
extern void vmsim_pagefault_disable(void);
extern void vmsim_pagefault_enable(void);

#endif
