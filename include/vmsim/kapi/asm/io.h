/* SPDX-License-Identifier: MIT */
/*
 * Register access through ioremap cookies, and port I/O. Counterpart: arch/x86/include/asm/io.h,
 * asm-generic/io.h.
 */
#ifndef VMSIM_KAPI_ASM_IO_H
#define VMSIM_KAPI_ASM_IO_H

#include "../linux/types.h"
#include "page.h"
#include "processor.h"

/* vmsim: exact, every name of this file */
extern void __iomem *ioremap(resource_size_t offset, unsigned long size);
extern void iounmap(volatile void __iomem *addr);
extern void __iomem *ioremap_cache(resource_size_t offset, unsigned long size);
#if VMSIM_UNTIL(5, 6, 0)
/* vmsim: exact, then ioremap */
extern void __iomem *ioremap_nocache(resource_size_t offset, unsigned long size);
#endif
#if VMSIM_SINCE(2, 6, 26)
extern void __iomem *ioremap_wc(resource_size_t offset, unsigned long size);
#endif
#if VMSIM_SINCE(4, 2, 0)
extern void __iomem *ioremap_uc(resource_size_t offset, unsigned long size);
extern void __iomem *ioremap_wt(resource_size_t offset, unsigned long size);
#endif
#if VMSIM_SINCE(5, 13, 0)
extern void __iomem *ioremap_np(resource_size_t offset, unsigned long size);
#endif

extern u8 readb(const volatile void __iomem *addr);
extern u16 readw(const volatile void __iomem *addr);
extern u32 readl(const volatile void __iomem *addr);
extern u64 readq(const volatile void __iomem *addr);
extern void writeb(u8 value, volatile void __iomem *addr);
extern void writew(u16 value, volatile void __iomem *addr);
extern void writel(u32 value, volatile void __iomem *addr);
extern void writeq(u64 value, volatile void __iomem *addr);
#define readb_relaxed(a) readb(a)
#define readw_relaxed(a) readw(a)
#define readl_relaxed(a) readl(a)
#define readq_relaxed(a) readq(a)
#define writeb_relaxed(v, a) writeb(v, a)
#define writew_relaxed(v, a) writew(v, a)
#define writel_relaxed(v, a) writel(v, a)
#define writeq_relaxed(v, a) writeq(v, a)
#define __raw_readb(a) readb(a)
#define __raw_readw(a) readw(a)
#define __raw_readl(a) readl(a)
#define __raw_readq(a) readq(a)
#define __raw_writeb(v, a) writeb(v, a)
#define __raw_writew(v, a) writew(v, a)
#define __raw_writel(v, a) writel(v, a)
#define __raw_writeq(v, a) writeq(v, a)
#define mmiowb() ((void)0)
#if VMSIM_SINCE(2, 6, 9)
extern unsigned int ioread8(const void __iomem *addr);
extern unsigned int ioread16(const void __iomem *addr);
extern unsigned int ioread32(const void __iomem *addr);
extern void iowrite8(u8 value, void __iomem *addr);
extern void iowrite16(u16 value, void __iomem *addr);
extern void iowrite32(u32 value, void __iomem *addr);
#define ioread16be(a) ((u16)__builtin_bswap16((u16)ioread16(a)))
#define ioread32be(a) __builtin_bswap32(ioread32(a))
#define iowrite16be(v, a) iowrite16(__builtin_bswap16(v), a)
#define iowrite32be(v, a) iowrite32(__builtin_bswap32(v), a)
#define ioread64(a) readq(a)
#define iowrite64(v, a) writeq(v, a)
extern void ioread8_rep(const void __iomem *addr, void *buf, unsigned long count);
extern void ioread16_rep(const void __iomem *addr, void *buf, unsigned long count);
extern void ioread32_rep(const void __iomem *addr, void *buf, unsigned long count);
extern void iowrite8_rep(void __iomem *addr, const void *buf, unsigned long count);
extern void iowrite16_rep(void __iomem *addr, const void *buf, unsigned long count);
extern void iowrite32_rep(void __iomem *addr, const void *buf, unsigned long count);
extern void __iomem *ioport_map(unsigned long port, unsigned int nr);
extern void ioport_unmap(void __iomem *addr);
#endif
extern void memcpy_fromio(void *to, const volatile void __iomem *from, size_t count);
extern void memcpy_toio(volatile void __iomem *to, const void *from, size_t count);
extern void memset_io(volatile void __iomem *to, int value, size_t count);

extern u8 inb(u16 port);
extern u16 inw(u16 port);
extern u32 inl(u16 port);
extern void outb(u8 value, u16 port);
extern void outw(u16 value, u16 port);
extern void outl(u32 value, u16 port);
#define inb_p(port) inb(port)
#define inw_p(port) inw(port)
#define inl_p(port) inl(port)
#define outb_p(value, port) outb(value, port)
#define outw_p(value, port) outw(value, port)
#define outl_p(value, port) outl(value, port)
extern void insb(u16 port, void *buf, unsigned long count);
extern void insw(u16 port, void *buf, unsigned long count);
extern void insl(u16 port, void *buf, unsigned long count);
extern void outsb(u16 port, const void *buf, unsigned long count);
extern void outsw(u16 port, const void *buf, unsigned long count);
extern void outsl(u16 port, const void *buf, unsigned long count);

extern phys_addr_t virt_to_phys(const volatile void *addr);
extern void *phys_to_virt(phys_addr_t addr);
#if VMSIM_UNTIL(6, 0, 0)
/* vmsim: exact, then virt_to_phys */
#define virt_to_bus(addr) ((unsigned long)virt_to_phys(addr))
/* vmsim: exact, then phys_to_virt */
#define bus_to_virt(addr) phys_to_virt(addr)
#endif

#endif
