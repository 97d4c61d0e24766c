// SPDX-License-Identifier: MIT
// linux/highmem.h: addresses for high pages. Counterpart: mm/highmem.c. No logic: kern/kmap has it.
// Called by drivers through the export table.
#include "abi/abi.hpp"

namespace vmsim::abi {

namespace {

kern::KmapPool& pool() {
  return *memory().kmap;
}

void* kmap(::page* page) {
  if (!page_ok(page, "kmap")) return nullptr;
  return core([&] { return pool().kmap(page); });
}

void kunmap(::page* page) {
  // Its argument is the page, and often enough the address is passed: the pool says so.
  core([&] { pool().kunmap(page); });
}

void* kmap_atomic(::page* page) {
  if (!page_ok(page, "kmap_atomic")) return nullptr;
  return core([&] { return pool().kmap_atomic(page); });
}

void kunmap_atomic(const void* addr) {
  core([&] { pool().kunmap_atomic(addr); });
}

/// [, 2.6.37): with a fixed slot.
void* kmap_atomic_type(::page* page, unsigned type) {
  if (!page_ok(page, "kmap_atomic")) return nullptr;
  return core([&] { return pool().kmap_atomic_type(page, type); });
}

void kunmap_atomic_type(void* addr, unsigned type) {
  core([&] { pool().kunmap_atomic_type(addr, type); });
}

void* kmap_local_page(::page* page) {
  if (!page_ok(page, "kmap_local_page")) return nullptr;
  return core([&] { return pool().kmap_local_page(page); });
}

void kunmap_local(const void* addr) {
  core([&] { pool().kunmap_local(addr); });
}

::page* kmap_to_page(void* addr) {
  return core([&]() -> ::page* {
    if (const auto pfn = pool().mapped_at(addr)) return memory().mem_map->page(*pfn);
    return memory().addresses->virt_to_page(addr);
  });
}

unsigned long totalhigh_pages() {
  return memory().zones->managed_pages(phys::ZoneKind::kHighMem);
}

}  // namespace

std::span<const Export> highmem_exports() {
  static const Export table[] = {
      exported("kmap", &kmap),
      exported("kunmap", &kunmap),
      exported("kmap_atomic", &kmap_atomic_type, 0, kernel(2, 6, 37)),
      exported("kunmap_atomic", &kunmap_atomic_type, 0, kernel(2, 6, 37)),
      exported("kmap_atomic", &kmap_atomic, kernel(2, 6, 37)),
      exported("vmsim_kunmap_atomic", &kunmap_atomic, kernel(2, 6, 37)),
      exported("kmap_local_page", &kmap_local_page, kernel(5, 11)),
      exported("vmsim_kunmap_local", &kunmap_local, kernel(5, 11)),
      exported("vmsim_kmap_to_page", &kmap_to_page),
      exported("totalhigh_pages", &totalhigh_pages),
  };
  return table;
}

}  // namespace vmsim::abi
