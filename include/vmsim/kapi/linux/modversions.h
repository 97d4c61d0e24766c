/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/modversions.h, generated in 2.4; vmsim's modules carry no symbol
 * versions.
 */
#ifndef VMSIM_KAPI_LINUX_MODVERSIONS_H
#define VMSIM_KAPI_LINUX_MODVERSIONS_H

#include "kconfig.h"

#endif
