/* SPDX-License-Identifier: MIT */
/*
 * What a .vko carries for the loader, and struct module. Counterpart: include/linux/module.h, moduleparam.h, export.h.
 * Sections: ".modinfo" key=value strings ("license", "vermagic", "abi", "parm", …), "__param" kernel_param records,
 * "__ksymtab" kernel_symbol records. Entry points: symbols init_module and cleanup_module. THIS_MODULE is the import
 * __this_module, which the loader resolves to the struct module of that load.
 */
#ifndef VMSIM_KAPI_MODULE_TYPES_H
#define VMSIM_KAPI_MODULE_TYPES_H

#include "base_types.h"

/* vmsim: simplified: the fields that drivers use, in linux/module.h */
enum module_state { MODULE_STATE_LIVE, MODULE_STATE_COMING, MODULE_STATE_GOING, MODULE_STATE_UNFORMED };

/* vmsim: simplified: the fields that drivers use, in linux/module.h */
struct module {
	enum module_state state;
	struct list_head list;
	char name[56];
	const char *version;
	vmsim_atomic_t refcnt;
	int (*init)(void);
	void (*exit)(void);
};

struct kernel_param;

/* vmsim: exact, in linux/moduleparam.h */
struct kernel_param_ops {
	unsigned int flags;
	int (*set)(const char *val, const struct kernel_param *kp);
	int (*get)(char *buffer, const struct kernel_param *kp);
	void (*free)(void *arg);
};

/* How the loader stores a parameter's text. */
enum vmsim_param_type {
	VMSIM_PARAM_BYTE, VMSIM_PARAM_SHORT, VMSIM_PARAM_USHORT, VMSIM_PARAM_INT, VMSIM_PARAM_UINT,
	VMSIM_PARAM_LONG, VMSIM_PARAM_ULONG, VMSIM_PARAM_ULLONG, VMSIM_PARAM_CHARP, VMSIM_PARAM_BOOL,
	VMSIM_PARAM_INVBOOL, VMSIM_PARAM_STRING, VMSIM_PARAM_CALLBACK
};

/* vmsim: simplified: a layout of its own, in linux/moduleparam.h */
struct kernel_param {
	const char *name;
	const struct kernel_param_ops *ops; /* VMSIM_PARAM_CALLBACK only */
	unsigned int perm;
	enum vmsim_param_type type;
	unsigned int size;     /* bytes of one element; for STRING of the buffer */
	unsigned int max;      /* elements of an array, 1 for a scalar */
	unsigned int *num;     /* elements given, may be NULL */
	void *arg;
};

/* vmsim: simplified: a layout of its own, in linux/export.h */
struct kernel_symbol {
	const void *value;
	const char *name;
};

#endif
