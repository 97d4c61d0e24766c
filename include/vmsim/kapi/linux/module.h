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
#if VMSIM_UNTIL(2, 6, 17)
/* The letter for an element's type is the text's last, but in "c10", a buffer. */
#define VMSIM_PARM_IS(text, letter) \
	((text)[0] == 'c' ? (letter) == 'c' : (text)[sizeof(text) - 2] == (letter))
#define VMSIM_PARM_TYPE(text) \
	(VMSIM_PARM_IS(text, 'b') ? VMSIM_PARAM_BYTE : VMSIM_PARM_IS(text, 'h') ? VMSIM_PARAM_SHORT : \
	 VMSIM_PARM_IS(text, 'i') ? VMSIM_PARAM_INT : VMSIM_PARM_IS(text, 'l') ? VMSIM_PARAM_LONG : \
	 VMSIM_PARM_IS(text, 's') ? VMSIM_PARAM_CHARP : VMSIM_PARAM_STRING)
#define VMSIM_PARM_SIZE(var, text) \
	(VMSIM_PARM_IS(text, 'b') ? 1 : VMSIM_PARM_IS(text, 'h') ? 2 : \
	 VMSIM_PARM_IS(text, 'i') ? 4 : VMSIM_PARM_IS(text, 'c') ? sizeof(var) : 8)
/* vmsim: simplified [, 2.6.17): behind the variable only, min and max are its size, then module_param */
#define MODULE_PARM(var, text) \
	VMSIM_PARAM_RECORD(var, NULL, 0, VMSIM_PARM_TYPE(text), VMSIM_PARM_SIZE(var, text), \
			   sizeof(var) / VMSIM_PARM_SIZE(var, text), NULL, &(var)); \
	__MODULE_PARM_TYPE(var, text)
#endif
/* vmsim: simplified: the table is kept in the driver, no aliases are made of it */
#define MODULE_DEVICE_TABLE(type, name) \
	extern __typeof__(name) __mod_##type##__##name##_device_table \
		__attribute__((unused, alias(#name)))

#if VMSIM_UNTIL(2, 6, 17)
/* vmsim: exact [, 2.6.17), both names */
#define EXPORT_NO_SYMBOLS
#define SET_MODULE_OWNER(object) ((object)->owner = THIS_MODULE)
#endif
#if VMSIM_UNTIL(2, 6, 0)
/* vmsim: exact [, 2.6), then try_module_get */
#define MOD_INC_USE_COUNT __module_get(THIS_MODULE)
/* vmsim: exact [, 2.6), then module_put */
#define MOD_DEC_USE_COUNT module_put(THIS_MODULE)
/* vmsim: exact [, 2.6), every name of this block */
#define MOD_IN_USE (module_refcount(THIS_MODULE) != 0)
#define try_inc_mod_count(module) try_module_get(module)
#define __MOD_INC_USE_COUNT(module) __module_get(module)
#define __MOD_DEC_USE_COUNT(module) module_put(module)
#define EXPORT_SYMBOL_NOVERS(sym) EXPORT_SYMBOL(sym)
#define MODULE_GENERIC_TABLE(type, name)
#endif

extern int try_module_get(struct module *module);
extern void module_put(struct module *module);
extern void __module_get(struct module *module);
extern int module_refcount(struct module *module);
#define module_name(module) ((module)->name)
extern int request_module(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
