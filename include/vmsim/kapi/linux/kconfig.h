/* SPDX-License-Identifier: MIT */
/*
 * What the build's -include line gives every driver source: the era and the CONFIG_ options of
 * the simulated kernel. Counterpart: include/linux/kconfig.h with autoconf.h. The option set is
 * one fixed x86-64 configuration.
 */
#ifndef VMSIM_KAPI_LINUX_KCONFIG_H
#define VMSIM_KAPI_LINUX_KCONFIG_H

#include "../vmsim/era.h"

/* vmsim: simplified: one fixed set of options, every one built in, every name of this block */
#define CONFIG_64BIT 1
#define CONFIG_X86 1
#define CONFIG_X86_64 1
#define CONFIG_MMU 1
#define CONFIG_SMP 1
#define CONFIG_MODULES 1
#define CONFIG_MODULE_UNLOAD 1
#define CONFIG_PRINTK 1
#define CONFIG_BUG 1
#define CONFIG_BLOCK 1
#define CONFIG_PROC_FS 1
#define CONFIG_SYSFS 1
#define CONFIG_DEBUG_FS 1
#define CONFIG_PCI 1
#define CONFIG_HAS_IOMEM 1
#define CONFIG_HAS_IOPORT 1
#define CONFIG_HAS_DMA 1
#define CONFIG_HAVE_IOREMAP_PROT 1
#define CONFIG_AIO 1
#define CONFIG_EVENTFD 1
#define CONFIG_X86_L1_CACHE_SHIFT 6
#if VMSIM_SINCE(2, 6, 13)
#define CONFIG_HZ 250
#else
#define CONFIG_HZ 1000
#endif

/* An option that is 1 becomes a comma, which moves the 1 behind it to second place. */
#define VMSIM_OPTION_1 ,
#define VMSIM_SECOND(first, second, ...) second
#define VMSIM_PICK_SECOND(...) VMSIM_SECOND(__VA_ARGS__)
#define VMSIM_OPTION_PASTE(value) VMSIM_PICK_SECOND(VMSIM_OPTION_##value 1, 0, 0)
#define VMSIM_OPTION(value) VMSIM_OPTION_PASTE(value)

#if VMSIM_SINCE(3, 1, 0)
/* vmsim: exact [3.1, ) */
#define IS_BUILTIN(option) VMSIM_OPTION(option)
/* vmsim: simplified: no option is =m [3.1, ) */
#define IS_MODULE(option) 0
/* vmsim: exact [3.1, ) */
#define IS_ENABLED(option) VMSIM_OPTION(option)
#if VMSIM_SINCE(4, 4, 0)
/* vmsim: exact [4.4, ) */
#define IS_REACHABLE(option) VMSIM_OPTION(option)
#endif
#endif

/* vmsim: exact; the values of names that the build may pass instead, every name of this block */
#ifndef KBUILD_MODNAME
#define KBUILD_MODNAME "driver"
#endif
#ifndef KBUILD_BASENAME
#define KBUILD_BASENAME "driver"
#endif

#include "compiler_types.h"

#endif
