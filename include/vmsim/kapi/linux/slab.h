/* SPDX-License-Identifier: MIT */
/*
 * Kernel objects of any size. Counterpart: include/linux/slab.h.
 */
#ifndef VMSIM_KAPI_LINUX_SLAB_H
#define VMSIM_KAPI_LINUX_SLAB_H

#include "gfp.h"
#include "overflow.h"
#include "string.h"
#include "types.h"

struct kmem_cache;

/* vmsim: exact, every name of this file */
extern void *kmalloc(size_t size, gfp_t flags);
extern void kfree(const void *p);
extern size_t ksize(const void *p);
#define ZERO_SIZE_PTR ((void *)16)
#define ZERO_OR_NULL_PTR(x) ((unsigned long)(x) <= (unsigned long)ZERO_SIZE_PTR)
#define ARCH_KMALLOC_MINALIGN 8
#define KMALLOC_MAX_SIZE (1UL << 22)

#define SLAB_CONSISTENCY_CHECKS 0x100U
#define SLAB_RED_ZONE 0x400U
#define SLAB_POISON 0x800U
#define SLAB_HWCACHE_ALIGN 0x2000U
#define SLAB_CACHE_DMA 0x4000U
#define SLAB_RECLAIM_ACCOUNT 0x20000U
#define SLAB_PANIC 0x40000U
#define SLAB_ACCOUNT 0x4000000U
extern void kmem_cache_free(struct kmem_cache *cache, void *object);
extern void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t flags);
extern unsigned int kmem_cache_size(struct kmem_cache *cache);

#if VMSIM_SINCE(2, 6, 23)
extern struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
					    unsigned int align, slab_flags_t flags,
					    void (*ctor)(void *object));
extern void kmem_cache_destroy(struct kmem_cache *cache);
#define KMEM_CACHE(type, flags) \
	kmem_cache_create(#type, sizeof(struct type), __alignof__(struct type), (flags), NULL)
#if VMSIM_SINCE(4, 16, 0)
/* vmsim: simplified [4.16, ): copies outside of the region are not refused */
#define kmem_cache_create_usercopy(name, size, align, flags, useroffset, usersize, ctor) \
	((void)(useroffset), (void)(usersize), kmem_cache_create(name, size, align, flags, ctor))
/* vmsim: exact [4.16, ) */
#define KMEM_CACHE_USERCOPY(type, flags, field) \
	kmem_cache_create_usercopy(#type, sizeof(struct type), __alignof__(struct type), (flags), \
				   __builtin_offsetof(struct type, field), \
				   sizeof(((struct type *)0)->field), NULL)
#endif
#else
/* vmsim: simplified [, 2.6.23): constructors run with flags SLAB_CTOR_CONSTRUCTOR only, every name of this block */
/* vmsim: exact, then kmem_cache */
typedef struct kmem_cache kmem_cache_t;
#define kmem_cache_s kmem_cache
#define SLAB_CTOR_CONSTRUCTOR 1UL
/* vmsim: exact, then GFP_ATOMIC */
#define SLAB_ATOMIC GFP_ATOMIC
/* vmsim: exact, then GFP_KERNEL */
#define SLAB_KERNEL GFP_KERNEL
/* vmsim: exact, then GFP_USER */
#define SLAB_USER GFP_USER
/* vmsim: exact, then GFP_DMA */
#define SLAB_DMA GFP_DMA
extern kmem_cache_t *kmem_cache_create(const char *name, size_t size, size_t align,
				       unsigned long flags,
				       void (*ctor)(void *, kmem_cache_t *, unsigned long),
				       void (*dtor)(void *, kmem_cache_t *, unsigned long));
extern int kmem_cache_destroy(kmem_cache_t *cache);
#endif

#if VMSIM_SINCE(2, 6, 14)
extern void *kzalloc(size_t size, gfp_t flags); /* vmsim: exact [2.6.14, ) */
#endif
#if VMSIM_SINCE(2, 6, 22)
extern void *krealloc(const void *p, size_t size, gfp_t flags); /* vmsim: exact [2.6.22, ) */
#endif
#if VMSIM_SINCE(2, 6, 17)
extern void *kmem_cache_zalloc(struct kmem_cache *cache, gfp_t flags); /* vmsim: exact */
#endif
#if VMSIM_SINCE(2, 6, 9)
/* vmsim: exact [2.6.9, ) */
extern void *kcalloc(size_t n, size_t size, gfp_t flags);
#endif
#if VMSIM_SINCE(3, 5, 0)
extern void *kmalloc_array(size_t n, size_t size, gfp_t flags); /* vmsim: exact [3.5, ) */
#endif
#if VMSIM_SINCE(5, 11, 0)
/* vmsim: exact [5.11, ) */
extern void *krealloc_array(void *p, size_t n, size_t size, gfp_t flags);
#endif
#if VMSIM_SINCE(2, 6, 23)
#define kmalloc_node(size, flags, node) kmalloc(size, flags)
#define kzalloc_node(size, flags, node) kzalloc(size, flags)
#define kcalloc_node(n, size, flags, node) kcalloc(n, size, flags)
#endif
#if VMSIM_SINCE(3, 15, 0)
extern void kvfree(const void *p); /* vmsim: exact [3.15, ) */
#endif
#if VMSIM_SINCE(4, 12, 0)
extern void *kvmalloc(size_t size, gfp_t flags); /* vmsim: exact [4.12, ) */
extern void *kvzalloc(size_t size, gfp_t flags); /* vmsim: exact [4.12, ) */
extern void *kvmalloc_array(size_t n, size_t size, gfp_t flags); /* vmsim: exact [4.12, ) */
#endif
#if VMSIM_SINCE(4, 18, 0)
extern void *kvcalloc(size_t n, size_t size, gfp_t flags); /* vmsim: exact [4.18, ) */
#endif
#if VMSIM_SINCE(5, 9, 0)
extern void kfree_sensitive(const void *p); /* vmsim: exact [5.9, ) */
#elif VMSIM_SINCE(2, 6, 30)
extern void kzfree(const void *p); /* vmsim: exact [2.6.30, 5.9), then kfree_sensitive */
#endif

#endif
