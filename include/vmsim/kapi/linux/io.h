/* SPDX-License-Identifier: MIT */
/*
 * Device memory. Counterpart: include/linux/io.h.
 */
#ifndef VMSIM_KAPI_LINUX_IO_H
#define VMSIM_KAPI_LINUX_IO_H

#include "errno.h"
#include "types.h"
#include "../asm/io.h"
#include "../asm/page.h"

struct device;
struct resource;

#if VMSIM_SINCE(4, 3, 0)
/* vmsim: exact [4.3, ), every name of this block */
enum { MEMREMAP_WB = 1 << 0, MEMREMAP_WT = 1 << 1, MEMREMAP_WC = 1 << 2 };
extern void *memremap(resource_size_t offset, size_t size, unsigned long flags);
extern void memunmap(void *addr);
#endif
#if VMSIM_SINCE(2, 6, 22)
/* vmsim: exact, every name of this block */
extern void __iomem *devm_ioremap(struct device *dev, resource_size_t offset, resource_size_t size);
extern void devm_iounmap(struct device *dev, volatile void __iomem *addr);
#if VMSIM_SINCE(3, 9, 0)
extern void __iomem *devm_ioremap_resource(struct device *dev, const struct resource *res);
#endif
#endif
#if VMSIM_SINCE(3, 11, 0)
/* vmsim: stub [3.11, ), every name of this block */
#define arch_phys_wc_add(base, size) (-EINVAL)
#define arch_phys_wc_del(handle) ((void)(handle))
#define arch_io_reserve_memtype_wc(base, size) 0
#define arch_io_free_memtype_wc(base, size) ((void)0)
#endif

#endif
