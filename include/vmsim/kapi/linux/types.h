/* SPDX-License-Identifier: MIT */
/*
 * The kernel's integer types. Counterpart: include/linux/types.h, asm-generic/int-ll64.h. Struct
 * types: vmsim/base_types.h.
 */
#ifndef VMSIM_KAPI_LINUX_TYPES_H
#define VMSIM_KAPI_LINUX_TYPES_H

#include "stddef.h"
#include "../vmsim/base_types.h"

/* vmsim: exact, every name of this file */
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s8 s8;
typedef __s16 s16;
typedef __s32 s32;
typedef __s64 s64;
typedef __u8 uint8_t;
typedef __u16 uint16_t;
typedef __u32 uint32_t;
typedef __u64 uint64_t;
typedef __s8 int8_t;
typedef __s16 int16_t;
typedef __s32 int32_t;
typedef __s64 int64_t;
typedef __u8 u_int8_t;
typedef __u16 u_int16_t;
typedef __u32 u_int32_t;
typedef __u64 u_int64_t;
typedef __u16 __le16, __be16, __sum16;
typedef __u32 __le32, __be32, __wsum;
typedef __u64 __le64, __be64, __aligned_u64;
typedef unsigned char u_char, unchar;
typedef unsigned short u_short, ushort;
typedef unsigned int u_int, uint;
typedef unsigned long u_long, ulong;
typedef unsigned long uintptr_t;
#if VMSIM_SINCE(2, 6, 19)
typedef _Bool bool;
#endif

typedef long ssize_t;
typedef vmsim_loff_t loff_t;
typedef long off_t;
typedef long __kernel_off_t;
typedef vmsim_loff_t __kernel_loff_t;
typedef unsigned long __kernel_size_t;
typedef unsigned long __kernel_ulong_t;
typedef long __kernel_long_t;
typedef long time_t;
typedef long suseconds_t;
typedef long clock_t;
typedef long long time64_t;
#if VMSIM_SINCE(4, 10, 0)
typedef long long ktime_t;
#else
typedef union {
	long long tv64;
} ktime_t;
#endif
typedef int pid_t;
typedef int clockid_t;
typedef unsigned int uid_t;
typedef unsigned int gid_t;
typedef unsigned long ino_t;
typedef unsigned int nlink_t;
typedef unsigned int mode_t;
typedef vmsim_umode_t umode_t;
typedef vmsim_dev_t dev_t;
typedef __u32 __kernel_dev_t;
typedef int key_t;
typedef char *caddr_t;
typedef unsigned long pgoff_t;
typedef unsigned long sector_t;
typedef unsigned long blkcnt_t;
typedef vmsim_gfp_t gfp_t;
typedef unsigned int fmode_t;
typedef unsigned int slab_flags_t;
typedef vmsim_poll_t __poll_t;
typedef vmsim_phys_addr_t phys_addr_t;
typedef phys_addr_t resource_size_t;
typedef u64 dma_addr_t;
typedef u64 dma64_addr_t;
typedef unsigned long irq_hw_number_t;
typedef vmsim_atomic_t atomic_t;
typedef vmsim_atomic64_t atomic64_t;

#define BITS_PER_LONG_LONG 64
#define DECLARE_BITMAP(name, bits) unsigned long name[((bits) + 63) / 64]

#endif
