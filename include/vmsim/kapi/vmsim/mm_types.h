/* SPDX-License-Identifier: MIT */
/*
 * Address-space structs that drivers and the core share: vm_area_struct, vm_operations_struct, vm_fault, mm_struct.
 * One layout serves every kernel version: it is the union of their fields. An era's headers spell the fields' types.
 * Counterpart: include/linux/mm_types.h and include/linux/mm.h.
 */
#ifndef VMSIM_KAPI_MM_TYPES_H
#define VMSIM_KAPI_MM_TYPES_H

#include "base_types.h"
#include "lock_types.h"
#include "page_types.h"
#include "pgtable_types.h"

struct anon_vma;
struct file;
struct mm_struct;
struct page;
struct task_struct;
struct vm_area_struct;
struct vm_fault;

/* How the era's drivers spell a fault handler (vmsim/era.h); the core sees the newest form, the slot is the same. */
#ifndef VMSIM_ERA_FAULT_ARGS
#define VMSIM_ERA_FAULT_ARGS struct vm_fault *vmf
#define VMSIM_ERA_MKWRITE_ARGS struct vm_fault *vmf
#define VMSIM_ERA_FAULT_T vmsim_fault_t
#define VMSIM_ERA_NOPAGE_ARG int *type
#endif

/* vmsim: exact, in linux/mm.h */
struct vm_operations_struct {
	/* The first three stand where 2.4 has them: its drivers initialise by position. */
	void (*open)(struct vm_area_struct *area);
	void (*close)(struct vm_area_struct *area);
	/* until 2.6.26 */
	struct page *(*nopage)(struct vm_area_struct *area, unsigned long address,
			       VMSIM_ERA_NOPAGE_ARG);
	union {
		int (*may_split)(struct vm_area_struct *area, unsigned long addr);
		int (*split)(struct vm_area_struct *area, unsigned long addr); /* 4.15 to 5.10 */
	};
	int (*mremap)(struct vm_area_struct *area); /* vmsim: stub */
	int (*mprotect)(struct vm_area_struct *vma, unsigned long start, unsigned long end,
			unsigned long newflags);
	VMSIM_ERA_FAULT_T (*fault)(VMSIM_ERA_FAULT_ARGS);
	VMSIM_ERA_FAULT_T (*huge_fault)(struct vm_fault *vmf, unsigned int order); /* vmsim: stub */
	vmsim_fault_t (*map_pages)(struct vm_fault *vmf, unsigned long start_pgoff,
				   unsigned long end_pgoff);
	unsigned long (*pagesize)(struct vm_area_struct *area); /* vmsim: stub */
	VMSIM_ERA_FAULT_T (*page_mkwrite)(VMSIM_ERA_MKWRITE_ARGS);
	VMSIM_ERA_FAULT_T (*pfn_mkwrite)(VMSIM_ERA_FAULT_ARGS);
	int (*access)(struct vm_area_struct *vma, unsigned long addr, void *buf, int len, int write);
	const char *(*name)(struct vm_area_struct *vma); /* vmsim: stub */
	struct page *(*find_special_page)(struct vm_area_struct *vma, unsigned long addr); /* vmsim: stub */
	int (*populate)(struct vm_area_struct *area, unsigned long address, unsigned long len, /* vmsim: stub */
			vmsim_pgprot_t prot, unsigned long pgoff, int nonblock);
};

#ifndef VMSIM_ERA_OPS_CONST
#define VMSIM_ERA_OPS_CONST const
#endif

/* vmsim: simplified: the fields that drivers use */
struct vm_area_struct {
	unsigned long vm_start;
	unsigned long vm_end;
	struct mm_struct *vm_mm;
	vmsim_pgprot_t vm_page_prot;
	union {
		VMSIM_ERA_CONST unsigned long vm_flags;
		unsigned long __vm_flags;
	};
	unsigned long vm_pgoff;
	struct file *vm_file;
	VMSIM_ERA_OPS_CONST struct vm_operations_struct *vm_ops;
	void *vm_private_data;
	struct anon_vma *anon_vma;
	struct vm_area_struct *vm_next; /* the order that drivers walk until 6.0 */
	struct vm_area_struct *vm_prev;
};

/* vmsim: exact, in linux/mm.h. What f_op->mmap_prepare is asked about, before there is an area (6.16 on). */
struct vm_area_desc {
	struct mm_struct *mm;
	unsigned long start;
	unsigned long end;
	/* from here on the driver may change them */
	unsigned long pgoff;
	struct file *file;
	unsigned long vm_flags;
	vmsim_pgprot_t page_prot;
	const struct vm_operations_struct *vm_ops;
	void *private_data;
};

/* vmsim: exact, in linux/mm.h */
struct vm_fault {
	struct vm_area_struct *vma;
	vmsim_gfp_t gfp_mask;
	unsigned int flags; /* FAULT_FLAG_* */
	unsigned long pgoff;
	unsigned long address; /* page aligned */
	unsigned long real_address;
	vmsim_pte_t orig_pte;
	struct page *cow_page;
	struct page *page; /* the handler's answer when it returns 0 or VM_FAULT_LOCKED */
	void *virtual_address; /* 2.6.23 to 4.9 */
	vmsim_pmd_t *pmd;
	vmsim_pud_t *pud;
	vmsim_pte_t *pte;
	vmsim_spinlock_t *ptl;
};

/* vmsim: simplified: the fields that drivers use */
struct mm_struct {
	struct vm_area_struct *mmap; /* head of the list that drivers walk until 6.0 */
	void *pgd;
	vmsim_atomic_t mm_users;
	vmsim_atomic_t mm_count;
	int map_count;
	unsigned int asid;
	vmsim_spinlock_t page_table_lock;
	struct rw_semaphore mmap_lock; /* mmap_sem until 5.7 */
	unsigned long task_size;
	unsigned long mmap_base;
	unsigned long total_vm; /* pages */
	unsigned long locked_vm;
	unsigned long pinned_vm;
	unsigned long data_vm;
	unsigned long exec_vm;
	unsigned long stack_vm;
	unsigned long def_flags;
	unsigned long start_code, end_code, start_data, end_data;
	unsigned long start_brk, brk, start_stack;
	unsigned long arg_start, arg_end, env_start, env_end;
	struct task_struct *owner;
};

#endif
