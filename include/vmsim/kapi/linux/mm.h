/* SPDX-License-Identifier: MIT */
/*
 * Mappings, pages and address spaces: what an mmap handler calls. Counterpart:
 * include/linux/mm.h.
 */
#ifndef VMSIM_KAPI_LINUX_MM_H
#define VMSIM_KAPI_LINUX_MM_H

#include "err.h"
#include "errno.h"
#include "gfp.h"
#include "kernel.h"
#include "list.h"
#include "mm_flags.h"
#include "mm_types.h"
#include "mmap_lock.h"
#include "mmzone.h"
#include "page-flags.h"
#include "page_ref.h"
#include "pfn.h"
#include "rwsem.h"
#include "sched.h"
#include "../asm/io.h"
#include "../asm/pgtable.h"
#if VMSIM_UNTIL(4, 11, 0)
#include "fs.h"
#endif

struct address_space;
struct file;
struct inode;

extern void *vmsim_high_memory(void);
/* vmsim: exact, every name of this file */
#define high_memory (vmsim_high_memory())
#define PAGE_ALIGN(addr) ALIGN(addr, PAGE_SIZE)
#define PAGE_ALIGN_DOWN(addr) ALIGN_DOWN(addr, PAGE_SIZE)
#define PAGE_ALIGNED(addr) IS_ALIGNED((unsigned long)(addr), PAGE_SIZE)
#define offset_in_page(p) ((unsigned long)(p) & ~PAGE_MASK)
#define nth_page(page, n) ((page) + (n))
#define untagged_addr(addr) (addr)

/* Mapping frames into an area. */
#if VMSIM_SINCE(2, 6, 10)
/* vmsim: exact [2.6.10, ) */
extern int remap_pfn_range(struct vm_area_struct *vma, unsigned long addr, unsigned long pfn,
			   unsigned long size, pgprot_t prot);
#endif
#if VMSIM_UNTIL(2, 5, 3)
/* vmsim: exact [, 2.5.3), then remap_pfn_range */
extern int remap_page_range(unsigned long from, unsigned long to, unsigned long size,
			    pgprot_t prot);
/* vmsim: exact [, 2.5.3), then io_remap_pfn_range */
#define io_remap_page_range(from, to, size, prot) remap_page_range(from, to, size, prot)
#elif VMSIM_UNTIL(2, 6, 12)
/* vmsim: exact [2.5.3, 2.6.12), then remap_pfn_range */
extern int remap_page_range(struct vm_area_struct *vma, unsigned long from, unsigned long to,
			    unsigned long size, pgprot_t prot);
/* vmsim: exact [2.5.3, 2.6.12), then io_remap_pfn_range */
extern int io_remap_page_range(struct vm_area_struct *vma, unsigned long from, unsigned long to,
			       unsigned long size, pgprot_t prot);
#else
/* vmsim: exact [2.6.12, ) */
extern int io_remap_pfn_range(struct vm_area_struct *vma, unsigned long addr, unsigned long pfn,
			      unsigned long size, pgprot_t prot);
#endif
#if VMSIM_SINCE(2, 6, 15)
/* vmsim: exact [2.6.15, ) */
extern int vm_insert_page(struct vm_area_struct *vma, unsigned long addr, struct page *page);
#endif
#if VMSIM_SINCE(2, 6, 20) && VMSIM_UNTIL(4, 20, 0)
/* vmsim: exact [2.6.20, 4.20), then vmf_insert_pfn */
extern int vm_insert_pfn(struct vm_area_struct *vma, unsigned long addr, unsigned long pfn);
#endif
#if VMSIM_SINCE(4, 4, 0) && VMSIM_UNTIL(4, 20, 0)
/* vmsim: exact [4.4, 4.20), then vmf_insert_pfn_prot */
extern int vm_insert_pfn_prot(struct vm_area_struct *vma, unsigned long addr, unsigned long pfn,
			      pgprot_t prot);
#endif
#if VMSIM_SINCE(2, 6, 26) && VMSIM_UNTIL(4, 20, 0)
/* vmsim: exact [2.6.26, 4.20), then vmf_insert_mixed */
#if VMSIM_SINCE(4, 5, 0)
extern int vm_insert_mixed(struct vm_area_struct *vma, unsigned long addr, pfn_t pfn);
#else
extern int vm_insert_mixed(struct vm_area_struct *vma, unsigned long addr, unsigned long pfn);
#endif
#endif
#if VMSIM_SINCE(3, 9, 0)
/* vmsim: exact [3.9, ) */
extern int vm_iomap_memory(struct vm_area_struct *vma, phys_addr_t start, unsigned long len);
#endif
#if VMSIM_SINCE(4, 17, 0)
/* vmsim: exact [4.17, ) */
extern vm_fault_t vmf_insert_pfn(struct vm_area_struct *vma, unsigned long addr,
				 unsigned long pfn);
#if VMSIM_SINCE(4, 20, 0)
/* vmsim: exact [4.20, ) */
extern vm_fault_t vmf_insert_pfn_prot(struct vm_area_struct *vma, unsigned long addr,
				      unsigned long pfn, pgprot_t prot);
#endif
#if VMSIM_UNTIL(6, 17, 0)
/* vmsim: exact [4.17, 6.17) */
extern vm_fault_t vmf_insert_mixed(struct vm_area_struct *vma, unsigned long addr, pfn_t pfn);
#if VMSIM_SINCE(4, 18, 0)
/* vmsim: exact [4.18, 6.17) */
extern vm_fault_t vmf_insert_mixed_mkwrite(struct vm_area_struct *vma, unsigned long addr,
					   pfn_t pfn);
#endif
#else
/* vmsim: exact [6.17, ) */
extern vm_fault_t vmf_insert_mixed(struct vm_area_struct *vma, unsigned long addr,
				   unsigned long pfn);
#endif
#endif
#if VMSIM_SINCE(4, 18, 0)
extern vm_fault_t vmf_error(int err); /* vmsim: exact [4.18, ) */
#endif
#if VMSIM_SINCE(5, 2, 0)
/* vmsim: exact [5.2, ) */
extern int vm_map_pages(struct vm_area_struct *vma, struct page **pages, unsigned long num);
/* vmsim: exact [5.2, ) */
extern int vm_map_pages_zero(struct vm_area_struct *vma, struct page **pages, unsigned long num);
#endif
#if VMSIM_SINCE(5, 8, 0)
/* vmsim: exact [5.8, ) */
extern int vm_insert_pages(struct vm_area_struct *vma, unsigned long addr, struct page **pages,
			   unsigned long *num);
#endif
#if VMSIM_SINCE(2, 6, 27)
/* vmsim: exact [2.6.27, ); an int until 4.19 */
extern int zap_vma_ptes(struct vm_area_struct *vma, unsigned long addr, unsigned long size);
#endif
#if VMSIM_SINCE(2, 6, 28)
/* vmsim: exact [2.6.28, ) */
extern int generic_access_phys(struct vm_area_struct *vma, unsigned long addr, void *buf, int len,
			       int write);
#endif
extern void unmap_mapping_range(struct address_space *mapping, loff_t holebegin, loff_t holelen,
				int even_cows);
#if VMSIM_SINCE(4, 16, 0)
/* vmsim: exact [4.16, ) */
extern void unmap_mapping_pages(struct address_space *mapping, pgoff_t start, pgoff_t count,
				bool even_cows);
#endif

/* Areas. */
extern struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr);
extern struct vm_area_struct *find_vma_intersection(struct mm_struct *mm, unsigned long start,
						    unsigned long end);
#if VMSIM_SINCE(5, 14, 0)
/* vmsim: exact [5.14, ) */
extern struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long addr);
#endif
#if VMSIM_SINCE(2, 6, 28)
/* vmsim: exact [2.6.28, ) */
static inline unsigned long vma_pages(struct vm_area_struct *vma)
{
	return (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
}

#endif
#if VMSIM_SINCE(6, 3, 0)
/* vmsim: exact [6.3, ) */
extern void vm_flags_init(struct vm_area_struct *vma, vm_flags_t flags);
extern void vm_flags_reset(struct vm_area_struct *vma, vm_flags_t flags); /* vmsim: exact [6.3, ) */
extern void vm_flags_set(struct vm_area_struct *vma, vm_flags_t flags); /* vmsim: exact [6.3, ) */
extern void vm_flags_clear(struct vm_area_struct *vma, vm_flags_t flags); /* vmsim: exact [6.3, ) */
/* vmsim: exact [6.3, ) */
extern void vm_flags_mod(struct vm_area_struct *vma, vm_flags_t set, vm_flags_t clear);
#endif
#if VMSIM_SINCE(2, 6, 19)
extern pgprot_t vm_get_page_prot(unsigned long vm_flags); /* vmsim: exact [2.6.19, ) */
#endif
#if VMSIM_SINCE(5, 11, 0)
/* vmsim: exact [5.11, ) */
extern void vma_set_file(struct vm_area_struct *vma, struct file *file);
#endif
#if VMSIM_SINCE(3, 5, 0)
/* vmsim: exact [3.5, ) */
extern unsigned long vm_mmap(struct file *file, unsigned long addr, unsigned long len,
			     unsigned long prot, unsigned long flag, unsigned long offset);
extern int vm_munmap(unsigned long start, size_t len); /* vmsim: exact [3.5, ) */
#endif
#if VMSIM_SINCE(6, 1, 0)
/* vmsim: simplified [6.1, ): finds each next area by address, every name of this block */
struct vma_iterator {
	struct mm_struct *mm;
	unsigned long next;
};
#define VMA_ITERATOR(name, mm_, addr) struct vma_iterator name = { (mm_), (addr) }
#define vma_iter_init(vmi, mm_, addr) ((void)((vmi)->mm = (mm_), (vmi)->next = (addr)))

/* vmsim: simplified [6.1, ): finds each next area by address */
static inline struct vm_area_struct *vma_next(struct vma_iterator *vmi)
{
	struct vm_area_struct *vma = find_vma(vmi->mm, vmi->next);

	if (vma)
		vmi->next = vma->vm_end;
	return vma;
}

/* vmsim: simplified [6.1, ): finds each next area by address, every name of this block */
#define for_each_vma(vmi, vma) while (((vma) = vma_next(&(vmi))) != NULL)
#define for_each_vma_range(vmi, vma, end) \
	while (((vma) = vma_next(&(vmi))) != NULL && (vma)->vm_start < (end))
#endif
#define vma_is_anonymous(vma) (!(vma)->vm_ops)

/* Pages. */
extern void get_page(struct page *page);
extern void put_page(struct page *page);
#define put_page_testzero(page) atomic_dec_and_test(&(page)->_refcount)
#if VMSIM_UNTIL(2, 6, 17)
/* vmsim: exact [, 2.6.17): takes a reference away, and frees nothing */
#define __put_page(page) atomic_dec(&(page)->_refcount)
#elif VMSIM_SINCE(4, 5, 0) && VMSIM_UNTIL(6, 0, 0)
/* vmsim: exact [4.5, 6.0): the page's last reference is gone, it is freed; then put_page */
static inline void __put_page(struct page *page)
{
	page->_refcount.counter = 1;
	put_page(page);
}

#endif
extern int page_mapcount(const struct page *page);
extern int page_mapped(const struct page *page);
extern void *page_address(const struct page *page);
extern void split_page(struct page *page, unsigned int order);
extern int set_page_dirty(struct page *page);
extern int set_page_dirty_lock(struct page *page);
extern struct page *compound_head(const struct page *page);
extern unsigned int compound_order(struct page *page);
extern int page_to_nid(const struct page *page);
#define try_get_page(page) (get_page(page), 1)
#define get_page_unless_zero(page) (page_count(page) ? (get_page(page), 1) : 0)
#define virt_to_head_page(addr) compound_head(virt_to_page(addr))
#define lowmem_page_address(page) page_address(page)
#define page_to_virt(page) page_address(page)
#define page_private(page) ((page)->private)
#define set_page_private(page, v) ((page)->private = (v))
#define init_page_count(page) ((page)->_refcount.counter = 1)
#define page_size(page) (PAGE_SIZE << compound_order(page))
#if VMSIM_SINCE(5, 16, 0)
/* vmsim: simplified [5.16, ): a folio is its head page, every name of this block */
#define page_folio(p) ((struct folio *)compound_head(p))
#define folio_page(folio, n) (&(folio)->page + (n))
#define folio_address(folio) page_address(&(folio)->page)
#define folio_pfn(folio) page_to_pfn(&(folio)->page)
#define folio_nr_pages(folio) (1L << compound_order(&(folio)->page))
#define folio_size(folio) page_size(&(folio)->page)
#define folio_get(folio) get_page(&(folio)->page)
#define folio_put(folio) put_page(&(folio)->page)
#define folio_mark_dirty(folio) set_page_dirty(&(folio)->page)
#endif

/* Another's pages. */
#define FOLL_WRITE 0x01
#define FOLL_FORCE 0x10
#define FOLL_LONGTERM 0x100
#if VMSIM_SINCE(6, 5, 0)
/* vmsim: exact [6.5, ) */
extern long get_user_pages(unsigned long start, unsigned long nr, unsigned int gup_flags,
			   struct page **pages);
/* vmsim: exact [6.5, ) */
extern long pin_user_pages(unsigned long start, unsigned long nr, unsigned int gup_flags,
			   struct page **pages);
#elif VMSIM_SINCE(4, 9, 0)
/* vmsim: exact [4.9, 6.5) */
extern long get_user_pages(unsigned long start, unsigned long nr, unsigned int gup_flags,
			   struct page **pages, struct vm_area_struct **vmas);
#if VMSIM_SINCE(5, 6, 0)
/* vmsim: exact [5.6, 6.5) */
extern long pin_user_pages(unsigned long start, unsigned long nr, unsigned int gup_flags,
			   struct page **pages, struct vm_area_struct **vmas);
#endif
#elif VMSIM_SINCE(4, 6, 0)
/* vmsim: exact [4.6, 4.9) */
extern long get_user_pages(unsigned long start, unsigned long nr, int write, int force,
			   struct page **pages, struct vm_area_struct **vmas);
#else
/* vmsim: exact [, 4.6) */
extern int get_user_pages(struct task_struct *task, struct mm_struct *mm, unsigned long start,
			  int len, int write, int force, struct page **pages,
			  struct vm_area_struct **vmas);
#endif
#if VMSIM_SINCE(2, 6, 27)
/* vmsim: exact [2.6.27, ); the flag was "write" until 5.2 */
extern int get_user_pages_fast(unsigned long start, int nr, unsigned int gup_flags,
			       struct page **pages);
#endif
#if VMSIM_SINCE(5, 6, 0)
/* vmsim: exact [5.6, ) */
extern int pin_user_pages_fast(unsigned long start, int nr, unsigned int gup_flags,
			       struct page **pages);
extern void unpin_user_page(struct page *page); /* vmsim: exact [5.6, ) */
extern void unpin_user_pages(struct page **pages, unsigned long nr); /* vmsim: exact [5.6, ) */
/* vmsim: exact [5.6, ) */
extern void unpin_user_pages_dirty_lock(struct page **pages, unsigned long nr, bool dirty);
#endif
extern int access_process_vm(struct task_struct *task, unsigned long addr, void *buf, int len,
			     unsigned int flags);

#if VMSIM_SINCE(2, 6, 24)
#if VMSIM_SINCE(5, 3, 0)
typedef int (*pte_fn_t)(pte_t *pte, unsigned long addr, void *data);
#else
typedef int (*pte_fn_t)(pte_t *pte, pgtable_t token, unsigned long addr, void *data);
#endif
/* vmsim: exact [2.6.24, ) */
extern int apply_to_page_range(struct mm_struct *mm, unsigned long addr, unsigned long size,
			       pte_fn_t fn, void *data);
#endif
#include "slab.h"

#if VMSIM_SINCE(6, 4, 0)
/* vmsim: exact [6.4, ) */
static inline void release_fault_lock(struct vm_fault *vmf)
{
	if (!(vmf->flags & FAULT_FLAG_VMA_LOCK))
		mmap_read_unlock(vmf->vma->vm_mm);
}
#endif

#endif
