/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/of_device.h. vmsim-from: 2.6.0
 */
#ifndef VMSIM_KAPI_LINUX_OF_DEVICE_H
#define VMSIM_KAPI_LINUX_OF_DEVICE_H

#include "of.h"
#include "platform_device.h"

#endif
