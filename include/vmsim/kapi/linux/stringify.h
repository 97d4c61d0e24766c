/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/stringify.h.
 */
#ifndef VMSIM_KAPI_LINUX_STRINGIFY_H
#define VMSIM_KAPI_LINUX_STRINGIFY_H

/* vmsim: exact, every name of this file */
#define __stringify_1(x...) #x
#define __stringify(x...) __stringify_1(x)

#endif
