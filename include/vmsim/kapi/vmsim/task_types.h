/* SPDX-License-Identifier: MIT */
/*
 * struct task_struct: the fields of a task that drivers read. Counterpart: include/linux/sched.h.
 * Every task is made by vmsim (sched::Task derives from this); drivers never allocate one.
 */
#ifndef VMSIM_KAPI_TASK_TYPES_H
#define VMSIM_KAPI_TASK_TYPES_H

#include "base_types.h"

struct mm_struct;
struct files_struct;
struct cred;

/* vmsim: simplified: the fields that drivers read, in linux/sched.h */
struct task_struct {
	union {
		unsigned int __state;
		unsigned int state; /* until 5.13 */
	};
	unsigned int flags;
	int pid;
	int tgid;
	int exit_code;
	int prio;
	struct mm_struct *mm;
	struct mm_struct *active_mm;
	struct task_struct *group_leader;
	struct task_struct *parent;
	struct files_struct *files;
	const struct cred *cred;
	unsigned int uid, euid, suid, fsuid; /* until 2.6.28 */
	unsigned int gid, egid, sgid, fsgid;
	void *journal_info;
	char comm[16];
};

#endif
