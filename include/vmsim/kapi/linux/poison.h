/* SPDX-License-Identifier: MIT */
/*
 * What freed links hold. Counterpart: include/linux/poison.h.
 */
#ifndef VMSIM_KAPI_LINUX_POISON_H
#define VMSIM_KAPI_LINUX_POISON_H

/* vmsim: exact, every name of this file */
#define POISON_POINTER_DELTA 0xdead000000000000UL
#define LIST_POISON1 ((void *)(0x100 + POISON_POINTER_DELTA))
#define LIST_POISON2 ((void *)(0x122 + POISON_POINTER_DELTA))

#endif
