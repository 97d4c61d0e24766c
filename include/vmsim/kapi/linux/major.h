/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/uapi/linux/major.h.
 */
#ifndef VMSIM_KAPI_LINUX_MAJOR_H
#define VMSIM_KAPI_LINUX_MAJOR_H

/* vmsim: exact, every name of this file */
#define UNNAMED_MAJOR 0
#define MEM_MAJOR 1
#define MISC_MAJOR 10
#define FB_MAJOR 29

#endif
