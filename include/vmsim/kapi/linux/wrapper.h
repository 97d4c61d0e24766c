/* SPDX-License-Identifier: MIT */
/*
 * Reserved pages. Counterpart: include/linux/wrapper.h. vmsim-until: 2.6.0
 */
#ifndef VMSIM_KAPI_LINUX_WRAPPER_H
#define VMSIM_KAPI_LINUX_WRAPPER_H

#include "page-flags.h"

#endif
