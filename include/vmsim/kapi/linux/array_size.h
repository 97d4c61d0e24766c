/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/array_size.h.
 */
#ifndef VMSIM_KAPI_LINUX_ARRAY_SIZE_H
#define VMSIM_KAPI_LINUX_ARRAY_SIZE_H

#include "compiler.h"

/* vmsim: exact */
#define ARRAY_SIZE(arr) (sizeof(arr) / sizeof((arr)[0]) + (unsigned long)__must_be_array(arr))

#endif
