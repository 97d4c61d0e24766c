/* SPDX-License-Identifier: MIT */
/*
 * Nothing that a driver would use any more; many include it. Counterpart: include/asm-i386/segment.h.
 */
#ifndef VMSIM_KAPI_ASM_SEGMENT_H
#define VMSIM_KAPI_ASM_SEGMENT_H

#endif
