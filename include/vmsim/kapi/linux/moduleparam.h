/* SPDX-License-Identifier: MIT */
/*
 * Parameters, and the key=value strings a module carries. Counterpart:
 * include/linux/moduleparam.h.
 */
#ifndef VMSIM_KAPI_LINUX_MODULEPARAM_H
#define VMSIM_KAPI_LINUX_MODULEPARAM_H

#include "compiler.h"
#include "stringify.h"
#include "types.h"
#include "../vmsim/module_types.h"

/* vmsim: exact, every name of this file */
#define __MODULE_INFO(tag, name, text) \
	static const char VMSIM_JOIN(vmsim_modinfo_, __COUNTER__)[] \
		__attribute__((used, section(".modinfo"), aligned(1))) = #tag "=" text
#define MODULE_PARM_DESC(param, desc) __MODULE_INFO(parm, param, #param ":" desc)
#define __MODULE_PARM_TYPE(param, type) __MODULE_INFO(parmtype, param, #param ":" type)

/* The compiler's word that a parameter's variable fits its type. */
#define VMSIM_PARAM_CHECK(name, p, type) \
	static inline type *__maybe_unused vmsim_param_check_##name(void) \
	{ \
		return (p); \
	}
#define param_check_byte(name, p) VMSIM_PARAM_CHECK(name, p, unsigned char)
#define param_check_short(name, p) VMSIM_PARAM_CHECK(name, p, short)
#define param_check_ushort(name, p) VMSIM_PARAM_CHECK(name, p, unsigned short)
#define param_check_int(name, p) VMSIM_PARAM_CHECK(name, p, int)
#define param_check_uint(name, p) VMSIM_PARAM_CHECK(name, p, unsigned int)
#define param_check_hexint(name, p) VMSIM_PARAM_CHECK(name, p, unsigned int)
#define param_check_long(name, p) VMSIM_PARAM_CHECK(name, p, long)
#define param_check_ulong(name, p) VMSIM_PARAM_CHECK(name, p, unsigned long)
#define param_check_ullong(name, p) VMSIM_PARAM_CHECK(name, p, unsigned long long)
#define param_check_charp(name, p) VMSIM_PARAM_CHECK(name, p, char *)
#if VMSIM_SINCE(3, 3, 0)
#define param_check_bool(name, p) VMSIM_PARAM_CHECK(name, p, bool)
#define param_check_invbool(name, p) VMSIM_PARAM_CHECK(name, p, bool)
#elif VMSIM_SINCE(2, 6, 31)
/* Either bool or int, told apart by the record's size. */
#define param_check_bool(name, p) VMSIM_PARAM_CHECK(name, p, void)
#define param_check_invbool(name, p) VMSIM_PARAM_CHECK(name, p, void)
#else
#define param_check_bool(name, p) VMSIM_PARAM_CHECK(name, p, int)
#define param_check_invbool(name, p) VMSIM_PARAM_CHECK(name, p, int)
#endif

#define VMSIM_PARAM_TYPE_byte VMSIM_PARAM_BYTE
#define VMSIM_PARAM_TYPE_short VMSIM_PARAM_SHORT
#define VMSIM_PARAM_TYPE_ushort VMSIM_PARAM_USHORT
#define VMSIM_PARAM_TYPE_int VMSIM_PARAM_INT
#define VMSIM_PARAM_TYPE_uint VMSIM_PARAM_UINT
#define VMSIM_PARAM_TYPE_hexint VMSIM_PARAM_UINT
#define VMSIM_PARAM_TYPE_long VMSIM_PARAM_LONG
#define VMSIM_PARAM_TYPE_ulong VMSIM_PARAM_ULONG
#define VMSIM_PARAM_TYPE_ullong VMSIM_PARAM_ULLONG
#define VMSIM_PARAM_TYPE_charp VMSIM_PARAM_CHARP
#define VMSIM_PARAM_TYPE_bool VMSIM_PARAM_BOOL
#define VMSIM_PARAM_TYPE_invbool VMSIM_PARAM_INVBOOL

#define VMSIM_PARAM_RECORD(pname, pops, pperm, ptype, psize, pmax, pnum, parg) \
	static struct kernel_param __param_##pname \
		__attribute__((used, section("__param"), aligned(sizeof(void *)))) = { \
			.name = #pname, .ops = (pops), .perm = (pperm), .type = (ptype), \
			.size = (psize), .max = (pmax), .num = (pnum), .arg = (parg) }

#define module_param_named(name, value, type, perm) \
	param_check_##type(name, &(value)) \
	VMSIM_PARAM_RECORD(name, NULL, perm, VMSIM_PARAM_TYPE_##type, sizeof(value), 1, NULL, \
			   &(value)); \
	__MODULE_PARM_TYPE(name, #type)
#define module_param(name, type, perm) module_param_named(name, name, type, perm)
#define module_param_array_named(name, array, type, nump, perm) \
	param_check_##type(name, &(array)[0]) \
	VMSIM_PARAM_RECORD(name, NULL, perm, VMSIM_PARAM_TYPE_##type, sizeof((array)[0]), \
			   sizeof(array) / sizeof((array)[0]), (unsigned int *)(nump), (array)); \
	__MODULE_PARM_TYPE(name, "array of " #type)
#define module_param_array(name, type, nump, perm) \
	module_param_array_named(name, name, type, nump, perm)
#define module_param_string(name, string, len, perm) \
	VMSIM_PARAM_RECORD(name, NULL, perm, VMSIM_PARAM_STRING, len, 1, NULL, (string)); \
	__MODULE_PARM_TYPE(name, "string")
#if VMSIM_SINCE(2, 6, 36)
#define module_param_cb(name, ops, arg, perm) \
	VMSIM_PARAM_RECORD(name, ops, perm, VMSIM_PARAM_CALLBACK, 0, 1, NULL, arg)
#define module_param_unsafe(name, type, perm) module_param(name, type, perm)

extern int param_set_int(const char *val, const struct kernel_param *kp);
extern int param_get_int(char *buffer, const struct kernel_param *kp);
extern int param_set_uint(const char *val, const struct kernel_param *kp);
extern int param_get_uint(char *buffer, const struct kernel_param *kp);
extern int param_set_ulong(const char *val, const struct kernel_param *kp);
extern int param_get_ulong(char *buffer, const struct kernel_param *kp);
extern int param_set_bool(const char *val, const struct kernel_param *kp);
extern int param_get_bool(char *buffer, const struct kernel_param *kp);
extern int param_set_charp(const char *val, const struct kernel_param *kp);
extern int param_get_charp(char *buffer, const struct kernel_param *kp);
#endif

#endif
