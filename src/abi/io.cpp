// SPDX-License-Identifier: MIT
// linux/io.h, asm/io.h: registers through cookies, ports, memremap. Counterpart: arch/x86/mm/
// ioremap.c, lib/iomap.c, kernel/iomem.c. No logic: kern/ioremap has it. Called by drivers through
// the export table.
//
// Differs: port space has no devices: every port reads as all ones and swallows what is written,
// with one Finding "port-io". LDD3's parallel port needs a memory-mapped device here.
#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "abi/abi.hpp"
#include "kern/ioremap.hpp"

namespace vmsim::abi {

namespace {

using kern::IoCaching;
using Ulong = unsigned long;
using Cookie = const volatile void*;
using std::size_t;

kern::IoremapTable& table_of_cookies() {
  return *memory().ioremap;
}

template <IoCaching kCaching>
void* remap(vmsim_phys_addr_t offset, Ulong size) {
  const u32 owner = caller_tag(__builtin_return_address(0));
  return core([&] { return table_of_cookies().ioremap(PhysAddr(offset), size, kCaching, owner); });
}

void iounmap(volatile void* cookie) {
  core([&] { table_of_cookies().iounmap(cookie); });
}

// Registers.

template <class T>
T read_register(Cookie cookie) {
  return core([&] { return static_cast<T>(table_of_cookies().read(cookie, sizeof(T))); });
}

template <class T>
void write_register(T value, volatile void* cookie) {
  core([&] { table_of_cookies().write(cookie, sizeof(T), value); });
}

// Ports.

constexpr u64 kPortAccessNs = 1000;

void note_port(unsigned port) {
  kern::Kernel& k = kernel();
  k.scheduler->tick(kPortAccessNs);
  for (const Finding& finding : k.probe.findings())
    if (finding.rule == "port-io") return;
  k.probe.finding("port-io",
                  fmt::format("access to port {:#x}: no device answers in port space; it "
                              "reads as all ones",
                              port));
}

template <class T>
T read_port(u16 port) {
  core([&] { note_port(port); });
  return static_cast<T>(~T{0});
}

template <class T>
void write_port(T, u16 port) {
  core([&] { note_port(port); });
}

template <class T>
void read_port_block(u16 port, void* buffer, Ulong count) {
  if (count == 0) return;
  core([&] { note_port(port); });
  std::memset(buffer, 0xff, count * sizeof(T));
}

template <class T>
void write_port_block(u16 port, const void* buffer, Ulong count) {
  if (count == 0) return;
  touch_range(buffer, count * sizeof(T));
  core([&] { note_port(port); });
}

// ioread and iowrite take cookies of either kind: ports are numbers in one small range.

constexpr u64 kPortCookies = 0x10000, kPortCookiesEnd = 0x20000;

bool is_port(Cookie cookie) {
  const u64 value = reinterpret_cast<u64>(cookie);
  return value >= kPortCookies && value < kPortCookiesEnd;
}

u16 port_of(Cookie cookie) {
  return static_cast<u16>(reinterpret_cast<u64>(cookie) - kPortCookies);
}

template <class T>
unsigned io_read(Cookie cookie) {
  return is_port(cookie) ? read_port<T>(port_of(cookie)) : read_register<T>(cookie);
}

template <class T>
void io_write(T value, volatile void* cookie) {
  if (is_port(cookie)) return write_port<T>(value, port_of(cookie));
  write_register<T>(value, cookie);
}

/// Blocks go through a buffer of our own: the driver's is touched in its own context.
constexpr size_t kBounceBytes = 1024;

template <class T>
void io_read_block(Cookie cookie, void* buffer, Ulong count) {
  if (is_port(cookie)) return read_port_block<T>(port_of(cookie), buffer, count);
  char bounce[kBounceBytes];
  auto* to = static_cast<char*>(buffer);
  while (count > 0) {
    const Ulong some = std::min<Ulong>(count, kBounceBytes / sizeof(T));
    core([&] { table_of_cookies().read_block(cookie, sizeof(T), bounce, some); });
    std::memcpy(to, bounce, some * sizeof(T));
    to += some * sizeof(T);
    count -= some;
  }
}

template <class T>
void io_write_block(volatile void* cookie, const void* buffer, Ulong count) {
  if (is_port(cookie)) return write_port_block<T>(port_of(cookie), buffer, count);
  char bounce[kBounceBytes];
  const auto* from = static_cast<const char*>(buffer);
  while (count > 0) {
    const Ulong some = std::min<Ulong>(count, kBounceBytes / sizeof(T));
    std::memcpy(bounce, from, some * sizeof(T));
    core([&] { table_of_cookies().write_block(cookie, sizeof(T), bounce, some); });
    from += some * sizeof(T);
    count -= some;
  }
}

/// Ends at a multiple of 8 of the device's address, so that the accesses are those of one copy.
size_t bounce_piece(Cookie cookie, size_t left) {
  return std::min<size_t>(left, kBounceBytes - reinterpret_cast<u64>(cookie) % 8);
}

void memcpy_fromio(void* buffer, Cookie cookie, size_t count) {
  char bounce[kBounceBytes];
  auto* to = static_cast<char*>(buffer);
  const auto* from = static_cast<const volatile char*>(cookie);
  while (count > 0) {
    const size_t some = bounce_piece(from, count);
    core([&] { table_of_cookies().memcpy_fromio(bounce, from, some); });
    std::memcpy(to, bounce, some);
    to += some;
    from += some;
    count -= some;
  }
}

void memcpy_toio(volatile void* cookie, const void* buffer, size_t count) {
  char bounce[kBounceBytes];
  auto* to = static_cast<volatile char*>(cookie);
  const auto* from = static_cast<const char*>(buffer);
  while (count > 0) {
    const size_t some = bounce_piece(to, count);
    std::memcpy(bounce, from, some);
    core([&] { table_of_cookies().memcpy_toio(to, bounce, some); });
    to += some;
    from += some;
    count -= some;
  }
}

void memset_io(volatile void* cookie, int value, size_t count) {
  core([&] { table_of_cookies().memset_io(cookie, static_cast<u8>(value), count); });
}

void* ioport_map(Ulong port, unsigned) {
  return port > 0xffff ? nullptr : reinterpret_cast<void*>(kPortCookies + port);
}

void ioport_unmap(void*) {}

// memremap.

/// Differs: gives the address in the direct map for every kind of caching; a device's memory has no
/// address that can be dereferenced, so that it is refused (Finding "memremap-device").
void* memremap(vmsim_phys_addr_t offset, size_t size, Ulong flags) {
  constexpr Ulong kWriteBack = 1;
  const PhysRange range{PhysAddr(offset), PhysAddr(offset + size)};
  return core([&]() -> void* {
    kern::Memory& m = memory();
    if (flags == 0 || range.empty()) return nullptr;
    if (!m.bus->is_memory(range)) {
      kernel().probe.finding("memremap-device",
                             fmt::format("memremap of {:#x}, which is not memory: registers need "
                                         "ioremap and readl",
                                         range.start.value));
      return nullptr;
    }
    const bool kernel_ram = m.mem_map->pfn_valid(Pfn(range.start)) &&
                            !phys::is_reserved(m.mem_map->page(Pfn(range.start)));
    if (kernel_ram && (flags & kWriteBack) == 0) {
      kernel().probe.finding("memremap-ram", "memremap of the kernel's RAM, not write-back: NULL");
      return nullptr;
    }
    const bool low = range.end.value <= m.addresses->low_memory_bytes();
    return low ? m.ram->direct(range.start) : nullptr;
  });
}

void memunmap(void*) {}

int set_memory(Ulong, int) {
  return 0;
}

}  // namespace

std::span<const Export> io_exports() {
  static const Export table[] = {
      exported("ioremap", &remap<IoCaching::kUncached>),
      exported("ioremap_cache", &remap<IoCaching::kCached>),
      exported("ioremap_nocache", &remap<IoCaching::kUncached>, 0, kernel(5, 6)),
      exported("ioremap_wc", &remap<IoCaching::kWriteCombining>, kernel(2, 6, 26)),
      exported("ioremap_uc", &remap<IoCaching::kUncached>, kernel(4, 2)),
      exported("ioremap_wt", &remap<IoCaching::kWriteThrough>, kernel(4, 2)),
      exported("ioremap_np", &remap<IoCaching::kUncached>, kernel(5, 13)),
      exported("iounmap", &iounmap),
      exported("readb", &read_register<u8>),
      exported("readw", &read_register<u16>),
      exported("readl", &read_register<u32>),
      exported("readq", &read_register<u64>),
      exported("writeb", &write_register<u8>),
      exported("writew", &write_register<u16>),
      exported("writel", &write_register<u32>),
      exported("writeq", &write_register<u64>),
      exported("ioread8", &io_read<u8>, kernel(2, 6, 9)),
      exported("ioread16", &io_read<u16>, kernel(2, 6, 9)),
      exported("ioread32", &io_read<u32>, kernel(2, 6, 9)),
      exported("iowrite8", &io_write<u8>, kernel(2, 6, 9)),
      exported("iowrite16", &io_write<u16>, kernel(2, 6, 9)),
      exported("iowrite32", &io_write<u32>, kernel(2, 6, 9)),
      exported("ioread8_rep", &io_read_block<u8>, kernel(2, 6, 9)),
      exported("ioread16_rep", &io_read_block<u16>, kernel(2, 6, 9)),
      exported("ioread32_rep", &io_read_block<u32>, kernel(2, 6, 9)),
      exported("iowrite8_rep", &io_write_block<u8>, kernel(2, 6, 9)),
      exported("iowrite16_rep", &io_write_block<u16>, kernel(2, 6, 9)),
      exported("iowrite32_rep", &io_write_block<u32>, kernel(2, 6, 9)),
      exported("ioport_map", &ioport_map, kernel(2, 6, 9)),
      exported("ioport_unmap", &ioport_unmap, kernel(2, 6, 9)),
      exported("memcpy_fromio", &memcpy_fromio),
      exported("memcpy_toio", &memcpy_toio),
      exported("memset_io", &memset_io),
      exported("inb", &read_port<u8>),
      exported("inw", &read_port<u16>),
      exported("inl", &read_port<u32>),
      exported("outb", &write_port<u8>),
      exported("outw", &write_port<u16>),
      exported("outl", &write_port<u32>),
      exported("insb", &read_port_block<u8>),
      exported("insw", &read_port_block<u16>),
      exported("insl", &read_port_block<u32>),
      exported("outsb", &write_port_block<u8>),
      exported("outsw", &write_port_block<u16>),
      exported("outsl", &write_port_block<u32>),
      exported("memremap", &memremap, kernel(4, 3)),
      exported("memunmap", &memunmap, kernel(4, 3)),
      exported("set_memory_uc", &set_memory),
      exported("set_memory_wc", &set_memory),
      exported("set_memory_wb", &set_memory),
  };
  return table;
}

}  // namespace vmsim::abi
