/* SPDX-License-Identifier: MIT */
/*
 * Counterpart: include/linux/kobject.h.
 */
#ifndef VMSIM_KAPI_LINUX_KOBJECT_H
#define VMSIM_KAPI_LINUX_KOBJECT_H

#include "kref.h"
#include "list.h"
#include "sysfs.h"

/* vmsim: simplified: a name, a parent and a count, every name of this file */
extern int kobject_set_name(struct kobject *kobj, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
extern struct kobject *kobject_get(struct kobject *kobj);
extern void kobject_put(struct kobject *kobj);
extern struct kobject *kobject_create_and_add(const char *name, struct kobject *parent);
#define kobject_name(kobj) ((kobj)->name)

#endif
