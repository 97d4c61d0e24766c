/* SPDX-License-Identifier: MIT */
/*
 * The string that a module and its kernel must share. Counterpart: include/linux/vermagic.h.
 */
#ifndef VMSIM_KAPI_LINUX_VERMAGIC_H
#define VMSIM_KAPI_LINUX_VERMAGIC_H

#include "utsrelease.h"

/* vmsim: simplified: the version and one fixed set of options */
#define VERMAGIC_STRING UTS_RELEASE " SMP preempt mod_unload "

#endif
