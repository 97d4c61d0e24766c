/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/container_of.h.
 */
#ifndef VMSIM_KAPI_LINUX_CONTAINER_OF_H
#define VMSIM_KAPI_LINUX_CONTAINER_OF_H

#include "stddef.h"

/* vmsim: exact, every name of this file */
#define container_of(ptr, type, member) \
	({ \
		const __typeof__(((type *)0)->member) *vmsim_member = (ptr); \
		(type *)((char *)vmsim_member - offsetof(type, member)); \
	})
#define container_of_const(ptr, type, member) container_of(ptr, type, member)
#define typeof_member(T, m) __typeof__(((T *)0)->m)

#endif
