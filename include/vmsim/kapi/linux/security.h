/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/security.h; no security module is loaded.
 */
#ifndef VMSIM_KAPI_LINUX_SECURITY_H
#define VMSIM_KAPI_LINUX_SECURITY_H

#include "capability.h"

#endif
