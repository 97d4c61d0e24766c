/* SPDX-License-Identifier: MIT */
/*
 * The generated options, which linux/kconfig.h already holds. Counterpart:
 * include/linux/autoconf.h.
 */
#ifndef VMSIM_KAPI_LINUX_AUTOCONF_H
#define VMSIM_KAPI_LINUX_AUTOCONF_H

#include "kconfig.h"

#endif
