/* SPDX-License-Identifier: MIT */
/*
 * What makes a source a module. Counterpart: include/linux/module.h. Every source states its
 * kernel and struct layout, which the loader checks.
 */
#ifndef VMSIM_KAPI_LINUX_MODULE_H
#define VMSIM_KAPI_LINUX_MODULE_H

#include "compiler.h"
#include "errno.h"
#include "export.h"
#include "init.h"
#include "jiffies.h"
#include "kernel.h"
#include "list.h"
#include "moduleparam.h"
#include "stat.h"
#include "string.h"
#include "stringify.h"
#include "types.h"
#include "vermagic.h"
#include "workqueue.h"
#if VMSIM_UNTIL(2, 6, 26)
#include "sched.h"
#endif
#ifdef __has_include
#if __has_include(<vmsim/abi_hash.h>)
#include <vmsim/abi_hash.h>
#endif
#endif
#ifndef VMSIM_ABI_HASH
#define VMSIM_ABI_HASH "unknown"
#endif

__MODULE_INFO(vermagic, vermagic, VERMAGIC_STRING);
__MODULE_INFO(abi, abi, VMSIM_ABI_HASH);
__MODULE_INFO(name, name, KBUILD_MODNAME);

/* vmsim: exact, every name of this file */
#define MODULE_INFO(tag, text) __MODULE_INFO(tag, tag, text)
#define MODULE_LICENSE(text) MODULE_INFO(license, text)
#define MODULE_AUTHOR(text) MODULE_INFO(author, text)
#define MODULE_DESCRIPTION(text) MODULE_INFO(description, text)
#define MODULE_VERSION(text) MODULE_INFO(version, text)
#define MODULE_ALIAS(text) MODULE_INFO(alias, text)
#define MODULE_SOFTDEP(text) MODULE_INFO(softdep, text)
#define MODULE_FIRMWARE(text) MODULE_INFO(firmware, text)
#define MODULE_ALIAS_MISCDEV(minor) MODULE_ALIAS("char-major-10-" __stringify(minor))
#define MODULE_ALIAS_CHARDEV(major, minor) \
	MODULE_ALIAS("char-major-" __stringify(major) "-" __stringify(minor))
#define MODULE_ALIAS_CHARDEV_MAJOR(major) MODULE_ALIAS("char-major-" __stringify(major) "-*")
#if VMSIM_SINCE(6, 13, 0)
#define MODULE_IMPORT_NS(ns) MODULE_INFO(import_ns, ns)
#else
#define MODULE_IMPORT_NS(ns) MODULE_INFO(import_ns, #ns)
#endif
#if VMSIM_UNTIL(5, 12, 0)
#define MODULE_SUPPORTED_DEVICE(name)
#endif
/* vmsim: simplified: the table is kept in the driver, no aliases are made of it */
#define MODULE_DEVICE_TABLE(type, name) \
	extern __typeof__(name) __mod_##type##__##name##_device_table \
		__attribute__((unused, alias(#name)))

extern int try_module_get(struct module *module);
extern void module_put(struct module *module);
extern void __module_get(struct module *module);
extern int module_refcount(struct module *module);
#define module_name(module) ((module)->name)
extern int request_module(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
