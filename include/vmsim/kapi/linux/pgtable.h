/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/pgtable.h. [5.8, )
 */
#ifndef VMSIM_KAPI_LINUX_PGTABLE_H
#define VMSIM_KAPI_LINUX_PGTABLE_H

#include "../asm/pgtable.h"

#endif
