/* SPDX-License-Identifier: MIT */
/*
 * Ranges of bus addresses and who claims them. Counterpart: include/linux/ioport.h.
 */
#ifndef VMSIM_KAPI_LINUX_IOPORT_H
#define VMSIM_KAPI_LINUX_IOPORT_H

#include "types.h"
#include "../vmsim/device_types.h"

/* vmsim: exact, every name of this file */
#define IORESOURCE_BITS 0xffUL
#define IORESOURCE_IO 0x100UL
#define IORESOURCE_MEM 0x200UL
#define IORESOURCE_IRQ 0x400UL
#define IORESOURCE_DMA 0x800UL
#define IORESOURCE_PREFETCH 0x2000UL
#define IORESOURCE_READONLY 0x4000UL
#define IORESOURCE_MEM_64 0x100000UL
#define IORESOURCE_BUSY 0x80000000UL

extern struct resource *vmsim_iomem_resource(void);
extern struct resource *vmsim_ioport_resource(void);
#define iomem_resource (*vmsim_iomem_resource())
#define ioport_resource (*vmsim_ioport_resource())
extern int request_resource(struct resource *root, struct resource *res);
extern int insert_resource(struct resource *root, struct resource *res);
extern int release_resource(struct resource *res);
extern struct resource *__request_region(struct resource *root, resource_size_t start,
					 resource_size_t n, const char *name, int flags);
extern void __release_region(struct resource *root, resource_size_t start, resource_size_t n);
#define request_region(start, n, name) \
	__request_region(&ioport_resource, (start), (n), (name), 0)
#define request_mem_region(start, n, name) \
	__request_region(&iomem_resource, (start), (n), (name), 0)
#define release_region(start, n) __release_region(&ioport_resource, (start), (n))
#define release_mem_region(start, n) __release_region(&iomem_resource, (start), (n))
#if VMSIM_UNTIL(4, 6, 0)
/* vmsim: exact [, 4.6) */
extern int __check_region(struct resource *root, resource_size_t start, resource_size_t n);
/* vmsim: exact, then request_region */
#define check_region(start, n) __check_region(&ioport_resource, (start), (n))
/* vmsim: exact, then request_mem_region */
#define check_mem_region(start, n) __check_region(&iomem_resource, (start), (n))
#endif
#define resource_type(res) ((res)->flags & 0x1f00)

#if VMSIM_SINCE(3, 11, 0)
/* vmsim: exact [3.11, ) */
struct device;
extern struct resource *__devm_request_region(struct device *dev, struct resource *parent,
					      resource_size_t start, resource_size_t n,
					      const char *name);
#define devm_request_mem_region(dev, start, n, name) \
	__devm_request_region(dev, &iomem_resource, (start), (n), (name))
#define devm_request_region(dev, start, n, name) \
	__devm_request_region(dev, &ioport_resource, (start), (n), (name))
#endif

static inline resource_size_t resource_size(const struct resource *res)
{
	return res->end - res->start + 1;
}

#if VMSIM_SINCE(3, 7, 0)
#define DEFINE_RES_NAMED(start_, size_, name_, flags_) \
	{ .start = (start_), .end = (start_) + (size_)-1, .name = (name_), .flags = (flags_) }
#define DEFINE_RES_MEM(start, size) DEFINE_RES_NAMED(start, size, NULL, IORESOURCE_MEM)
#define DEFINE_RES_MEM_NAMED(start, size, name) DEFINE_RES_NAMED(start, size, name, IORESOURCE_MEM)
#define DEFINE_RES_IO(start, size) DEFINE_RES_NAMED(start, size, NULL, IORESOURCE_IO)
#define DEFINE_RES_IRQ(irq) DEFINE_RES_NAMED(irq, 1, NULL, IORESOURCE_IRQ)
#define DEFINE_RES_IRQ_NAMED(irq, name) DEFINE_RES_NAMED(irq, 1, name, IORESOURCE_IRQ)
#endif

#endif
