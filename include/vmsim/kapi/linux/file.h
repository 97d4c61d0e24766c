/* SPDX-License-Identifier: MIT */
/*
 * Files by descriptor. Counterpart: include/linux/file.h.
 */
#ifndef VMSIM_KAPI_LINUX_FILE_H
#define VMSIM_KAPI_LINUX_FILE_H

#include "fs.h"

#endif
