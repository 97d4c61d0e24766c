/* SPDX-License-Identifier: MIT */
/*
 * Pools with a reserve. Counterpart: include/linux/mempool.h.
 */
#ifndef VMSIM_KAPI_LINUX_MEMPOOL_H
#define VMSIM_KAPI_LINUX_MEMPOOL_H

#include "slab.h"
#include "wait.h"
#include "../vmsim/container_types.h"

struct kmem_cache;

/* vmsim: exact, every name of this file */
typedef struct mempool_s mempool_t;
typedef void *(mempool_alloc_t)(gfp_t gfp, void *pool_data);
typedef void (mempool_free_t)(void *element, void *pool_data);
extern mempool_t *mempool_create(int min_nr, mempool_alloc_t *alloc_fn, mempool_free_t *free_fn,
				 void *pool_data);
extern void mempool_destroy(mempool_t *pool);
extern int vmsim_mempool_resize(mempool_t *pool, int new_min_nr);
extern void *mempool_alloc(mempool_t *pool, gfp_t gfp);
extern void mempool_free(void *element, mempool_t *pool);
extern void *mempool_alloc_slab(gfp_t gfp, void *pool_data);
extern void mempool_free_slab(void *element, void *pool_data);
#define mempool_create_node(min_nr, alloc_fn, free_fn, pool_data, ...) \
	mempool_create(min_nr, alloc_fn, free_fn, pool_data)
#if VMSIM_SINCE(4, 1, 0)
#define mempool_resize(pool, new_min_nr) vmsim_mempool_resize(pool, new_min_nr)
#else
#define mempool_resize(pool, new_min_nr, gfp) vmsim_mempool_resize(pool, new_min_nr)
#endif

#if VMSIM_SINCE(2, 6, 17)
extern void *mempool_kmalloc(gfp_t gfp, void *pool_data);
extern void mempool_kfree(void *element, void *pool_data);
extern void *mempool_alloc_pages(gfp_t gfp, void *pool_data);
extern void mempool_free_pages(void *element, void *pool_data);
#define mempool_create_slab_pool(min_nr, cache) \
	mempool_create((min_nr), mempool_alloc_slab, mempool_free_slab, (void *)(cache))
#define mempool_create_kmalloc_pool(min_nr, size) \
	mempool_create((min_nr), mempool_kmalloc, mempool_kfree, (void *)(size_t)(size))
#define mempool_create_page_pool(min_nr, order) \
	mempool_create((min_nr), mempool_alloc_pages, mempool_free_pages, (void *)(long)(order))
#endif

#if VMSIM_SINCE(4, 18, 0)
extern int mempool_init(mempool_t *pool, int min_nr, mempool_alloc_t *alloc_fn,
			mempool_free_t *free_fn, void *pool_data);
extern void mempool_exit(mempool_t *pool);
#define mempool_initialized(pool) ((pool)->elements != NULL)
#define mempool_init_slab_pool(pool, min_nr, cache) \
	mempool_init((pool), (min_nr), mempool_alloc_slab, mempool_free_slab, (void *)(cache))
#define mempool_init_kmalloc_pool(pool, min_nr, size) \
	mempool_init((pool), (min_nr), mempool_kmalloc, mempool_kfree, (void *)(size_t)(size))
#define mempool_init_page_pool(pool, min_nr, order) \
	mempool_init((pool), (min_nr), mempool_alloc_pages, mempool_free_pages, \
		     (void *)(long)(order))
#endif

#endif
