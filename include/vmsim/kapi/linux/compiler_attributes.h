/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/compiler_attributes.h.
 */
#ifndef VMSIM_KAPI_LINUX_COMPILER_ATTRIBUTES_H
#define VMSIM_KAPI_LINUX_COMPILER_ATTRIBUTES_H

#include "compiler_types.h"

#if VMSIM_SINCE(5, 4, 0)
/* vmsim: exact [5.4, ) */
#define fallthrough __attribute__((__fallthrough__))
#endif

#endif
