/* SPDX-License-Identifier: MIT */
/*
 * UTS_RELEASE at the place it has since 2.6.33. Counterpart: include/generated/utsrelease.h.
 */
#ifndef VMSIM_KAPI_GENERATED_UTSRELEASE_H
#define VMSIM_KAPI_GENERATED_UTSRELEASE_H

#include "../linux/utsrelease.h"

#endif
