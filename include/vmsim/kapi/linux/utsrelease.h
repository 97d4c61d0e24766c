/* SPDX-License-Identifier: MIT */
/*
 * UTS_RELEASE; an own header since 2.6.18, before that part of linux/version.h. Counterpart:
 * generated/utsrelease.h.
 */
#ifndef VMSIM_KAPI_LINUX_UTSRELEASE_H
#define VMSIM_KAPI_LINUX_UTSRELEASE_H

#include "../vmsim/release.h"

/* vmsim: exact */
#define UTS_RELEASE VMSIM_RELEASE

#endif
