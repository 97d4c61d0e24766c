/* SPDX-License-Identifier: MIT */
/*
 * Gone since 2.6.19 (vmsim-until:2.6.19 ); drivers before it include it for the CONFIG_ options.
 * Counterpart: include/linux/config.h.
 */
#ifndef VMSIM_KAPI_LINUX_CONFIG_H
#define VMSIM_KAPI_LINUX_CONFIG_H

/* vmsim: exact [, 2.6.19) */
#if VMSIM_SINCE(2, 6, 19)
#error "linux/config.h does not exist since 2.6.19: drop the include"
#endif
#include "autoconf.h"

#endif
