/* SPDX-License-Identifier: MIT */
/*
 * References to address spaces. Counterpart: include/linux/sched/mm.h. [4.11, )
 */
#ifndef VMSIM_KAPI_LINUX_SCHED_MM_H
#define VMSIM_KAPI_LINUX_SCHED_MM_H

#include "../sched.h"
#include "../gfp.h"

extern struct mm_struct *get_task_mm(struct task_struct *task); /* vmsim: exact */
extern void mmput(struct mm_struct *mm); /* vmsim: exact */
extern void mmdrop(struct mm_struct *mm); /* vmsim: exact */
extern void vmsim_mmgrab(struct mm_struct *mm);
#if VMSIM_SINCE(4, 11, 0)
/* vmsim: exact [4.11, ) */
#define mmgrab(mm) vmsim_mmgrab(mm)
#endif
extern void vmsim_mmget(struct mm_struct *mm);
#if VMSIM_SINCE(4, 11, 0)
/* vmsim: exact [4.11, ) */
#define mmget(mm) vmsim_mmget(mm)
#endif
extern int mmget_not_zero(struct mm_struct *mm); /* vmsim: simplified: returns int */

#if VMSIM_SINCE(6, 10, 0)
/* vmsim: exact [6.10, ) */
extern unsigned long mm_get_unmapped_area(struct mm_struct *mm, struct file *file,
					  unsigned long addr, unsigned long len,
					  unsigned long pgoff, unsigned long flags);
#endif

#endif
