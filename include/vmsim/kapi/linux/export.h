/* SPDX-License-Identifier: MIT */
/*
 * Symbols for other modules. Counterpart: include/linux/export.h.
 */
#ifndef VMSIM_KAPI_LINUX_EXPORT_H
#define VMSIM_KAPI_LINUX_EXPORT_H

#include "compiler.h"
#include "../vmsim/module_types.h"

extern struct module __this_module;
/* vmsim: exact, every name of this file */
#define THIS_MODULE (&__this_module)

/* vmsim: exact; all exports alike: vmsim checks no licenses and no namespaces */
#define EXPORT_SYMBOL(sym) \
	extern __typeof__(sym) sym; \
	static const struct kernel_symbol __ksymtab_##sym \
		__attribute__((used, section("__ksymtab"), aligned(sizeof(void *)))) = { \
			(const void *)&sym, #sym }
#define EXPORT_SYMBOL_GPL(sym) EXPORT_SYMBOL(sym)
#define EXPORT_SYMBOL_NS(sym, ns) EXPORT_SYMBOL(sym)
#define EXPORT_SYMBOL_NS_GPL(sym, ns) EXPORT_SYMBOL(sym)

#endif
