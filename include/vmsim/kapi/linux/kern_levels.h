/* SPDX-License-Identifier: MIT */
/*
 * The level prefixes of printk: "\0016" since 3.6, "<6>" before. Counterpart:
 * include/linux/kern_levels.h.
 */
#ifndef VMSIM_KAPI_LINUX_KERN_LEVELS_H
#define VMSIM_KAPI_LINUX_KERN_LEVELS_H

#if VMSIM_SINCE(3, 6, 0)
#define KERN_SOH "\001"
#define VMSIM_LEVEL(c) KERN_SOH c
#else
#define VMSIM_LEVEL(c) "<" c ">"
#endif

/* vmsim: exact, every name of this file */
#define KERN_EMERG VMSIM_LEVEL("0")
#define KERN_ALERT VMSIM_LEVEL("1")
#define KERN_CRIT VMSIM_LEVEL("2")
#define KERN_ERR VMSIM_LEVEL("3")
#define KERN_WARNING VMSIM_LEVEL("4")
#define KERN_NOTICE VMSIM_LEVEL("5")
#define KERN_INFO VMSIM_LEVEL("6")
#define KERN_DEBUG VMSIM_LEVEL("7")
#if VMSIM_SINCE(3, 6, 0)
#define KERN_DEFAULT ""
#define KERN_CONT VMSIM_LEVEL("c")
#else
#define KERN_DEFAULT "<d>"
#define KERN_CONT ""
#endif

#endif
