/* SPDX-License-Identifier: MIT */
/*
 * The tick rate. Counterpart: include/asm-generic/param.h.
 */
#ifndef VMSIM_KAPI_ASM_PARAM_H
#define VMSIM_KAPI_ASM_PARAM_H

/* vmsim: exact */
#define HZ CONFIG_HZ
/* vmsim: exact */
#define USER_HZ 100

#endif
