/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/crc32.h. No inversion, before or after.
 */
#ifndef VMSIM_KAPI_LINUX_CRC32_H
#define VMSIM_KAPI_LINUX_CRC32_H

#include "bitrev.h"
#include "types.h"

/* vmsim: exact, every name of this file */
extern u32 crc32_le(u32 crc, const unsigned char *p, size_t len);
extern u32 crc32_be(u32 crc, const unsigned char *p, size_t len);
#define crc32(seed, data, length) crc32_le(seed, (const unsigned char *)(data), length)
#define ether_crc_le(length, data) crc32_le(~0U, (const unsigned char *)(data), length)
#define ether_crc(length, data) bitrev32(ether_crc_le(length, data))
#if VMSIM_SINCE(3, 3, 0)
extern u32 __crc32c_le(u32 crc, const unsigned char *p, size_t len);
#endif
#if VMSIM_SINCE(6, 15, 0)
#define crc32c(crc, p, len) __crc32c_le(crc, (const unsigned char *)(p), len)
#endif

#endif
