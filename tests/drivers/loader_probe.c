// SPDX-License-Identifier: MIT
/*
 * A driver for the loader's own tests. It spells its sections and imports by hand, so that the
 * tests of loading and of the boundary around driver calls depend on no header but the struct
 * definitions. With LOADER_USER it becomes a second module that imports from the first.
 */
#include <vmsim/module_types.h>

#define MODINFO(id, text) \
	static const char id[] __attribute__((section(".modinfo"), used, aligned(1))) = text
#define PARAM(id, kind, bytes, count, counter, target)                                     \
	static const struct kernel_param param_##id                                        \
		__attribute__((section("__param"), used, aligned(sizeof(void *)))) = {     \
			#id, 0, 0444, kind, bytes, count, counter, target }
#define EXPORT(id)                                                                         \
	static const struct kernel_symbol ksymtab_##id                                     \
		__attribute__((section("__ksymtab"), used, aligned(sizeof(void *)))) = {   \
			(const void *)&id, #id }

extern struct module __this_module;
void host_log(const char *text);
int host_call(int (*function)(int), int argument);

MODINFO(info_vermagic, "vermagic=6.12.0 SMP preempt mod_unload");
MODINFO(info_abi, "abi=probe-abi");

#ifdef LOADER_USER

MODINFO(info_license, "license=Proprietary");
int probe_twice(int value);

int init_module(void)
{
	return probe_twice(21) == 42 ? 0 : -22;
}

void cleanup_module(void)
{
	host_log("user gone");
}

#else

MODINFO(info_license, "license=GPL");
MODINFO(info_version, "version=1.5");

static unsigned char p_byte;
static short p_short = -1;
static int p_int = 7, p_result;
static unsigned int p_uint;
static long p_long;
static unsigned long p_ulong;
static char *p_charp = "unset";
static unsigned char p_bool, p_invbool;
static int p_array[3];
static unsigned int p_array_count;
static char *p_names[2];
static char p_string[8] = "start";
static int loads;

PARAM(p_byte, VMSIM_PARAM_BYTE, 1, 1, 0, &p_byte);
PARAM(p_short, VMSIM_PARAM_SHORT, 2, 1, 0, &p_short);
PARAM(p_int, VMSIM_PARAM_INT, 4, 1, 0, &p_int);
PARAM(p_result, VMSIM_PARAM_INT, 4, 1, 0, &p_result);
PARAM(p_uint, VMSIM_PARAM_UINT, 4, 1, 0, &p_uint);
PARAM(p_long, VMSIM_PARAM_LONG, 8, 1, 0, &p_long);
PARAM(p_ulong, VMSIM_PARAM_ULONG, 8, 1, 0, &p_ulong);
PARAM(p_charp, VMSIM_PARAM_CHARP, 8, 1, 0, &p_charp);
PARAM(p_bool, VMSIM_PARAM_BOOL, 1, 1, 0, &p_bool);
PARAM(p_invbool, VMSIM_PARAM_INVBOOL, 1, 1, 0, &p_invbool);
PARAM(p_array, VMSIM_PARAM_INT, 4, 3, &p_array_count, p_array);
PARAM(p_names, VMSIM_PARAM_CHARP, 8, 2, 0, p_names);
PARAM(p_string, VMSIM_PARAM_STRING, 8, 1, 0, p_string);

int probe_twice(int value)
{
	return 2 * value;
}
EXPORT(probe_twice);

int *probe_loads(void)
{
	return &loads;
}

struct module *probe_this_module(void)
{
	return &__this_module;
}

static __attribute__((__noinline__)) int probe_inner(volatile int *address)
{
	return *address;
}

/* Not a tail call, so that a trace shows this frame too. */
int probe_read(volatile int *address)
{
	return probe_inner(address) + 1;
}

int probe_write(volatile int *address)
{
	*address = 1;
	return 0;
}

int probe_divide(volatile int *divisor)
{
	return 100 / *divisor;
}

int probe_trap(void)
{
	__builtin_trap();
}

int probe_jump(int (*function)(void))
{
	return function() + 1;
}

/* Calls back into the host, which may come here again. */
int probe_callback(int (*function)(int), int argument)
{
	return host_call(function, argument) + 1;
}

int init_module(void)
{
	++loads;
	host_log("probe here");
	if (p_result == -1000)
		return probe_read((volatile int *)8);
	return p_result;
}

void cleanup_module(void)
{
	host_log("probe gone");
	if (p_int == -1000)
		probe_write((volatile int *)16);
}

#endif
