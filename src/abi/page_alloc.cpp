// SPDX-License-Identifier: MIT
// linux/gfp.h: whole pages. Counterpart: the exported part of mm/page_alloc.c. Leaves out nodes:
// there is one. Called by drivers through the export table.
#include <bit>

#include "abi/abi.hpp"

namespace vmsim::abi {

namespace {

using Ulong = unsigned long;

::page* alloc_block(vmsim_gfp_t gfp, unsigned order) {
  if ((gfp & VMSIM_GFP_BIT_DIRECT_RECLAIM) != 0) scheduler().check_may_sleep("alloc_pages");
  phys::Zones& zones = *memory().zones;
  ::page* const page = zones.alloc_pages(gfp, order);
  if (page != nullptr) zones.set_kind(page, phys::PageKind::kDriver);
  return page;
}

::page* alloc_pages(vmsim_gfp_t gfp, unsigned order) {
  return core([&] { return alloc_block(gfp, order); });
}

::page* alloc_pages_node(int, vmsim_gfp_t gfp, unsigned order) {
  return core([&] { return alloc_block(gfp, order); });
}

/// The address of low pages; __GFP_HIGHMEM is a mistake here, because such a page has none.
Ulong get_address(vmsim_gfp_t gfp, unsigned order) {
  if ((gfp & VMSIM_GFP_BIT_HIGHMEM) != 0) {
    kernel().probe.finding("get-free-pages-highmem",
                           "__get_free_pages with __GFP_HIGHMEM: a high page has no address; use "
                           "alloc_pages and kmap");
    gfp &= ~vmsim_gfp_t{VMSIM_GFP_BIT_HIGHMEM};
  }
  ::page* const page = alloc_block(gfp, order);
  return page == nullptr ? 0 : kern::host_value(memory().addresses->page_address(page));
}

Ulong get_free_pages(vmsim_gfp_t gfp, unsigned order) {
  return core([&] { return get_address(gfp, order); });
}

Ulong get_zeroed_page(vmsim_gfp_t gfp) {
  return core([&] { return get_address(gfp | VMSIM_GFP_BIT_ZERO, 0); });
}

/// Locks, timers and registrations in memory that goes are found; `page` may be a stranger, which
/// the zones report.
void free_block(::page* page, unsigned order) {
  kern::Memory& m = memory();
  if (m.mem_map->contains(page) && page->_refcount.counter == 1) {
    const void* const start = m.ram->direct(m.mem_map->addr(page));
    if (start != nullptr) kernel().memory_freed(start, kPageSize << order);
  }
  m.zones->free_pages(page, order);
}

void free_pages_of(::page* page, unsigned order) {
  if (!page_ok(page, "__free_pages")) return;
  core([&] { free_block(page, order); });
}

void free_pages(Ulong addr, unsigned order) {
  if (addr == 0) return;
  core([&] {
    ::page* const page = memory().addresses->virt_to_page(reinterpret_cast<const void*>(addr));
    if (page != nullptr) free_block(page, order);
  });
}

unsigned order_of(std::size_t size) {
  return static_cast<unsigned>(std::bit_width(pages_of(size) - 1));
}

void* alloc_pages_exact(std::size_t size, vmsim_gfp_t gfp) {
  if (size == 0 || size > (kPageSize << phys::kMaxOrder)) return nullptr;
  return core([&]() -> void* {
    const unsigned order = order_of(size);
    gfp &= ~vmsim_gfp_t{VMSIM_GFP_BIT_COMP | VMSIM_GFP_BIT_HIGHMEM};
    ::page* const page = alloc_block(gfp, order);
    if (page == nullptr) return nullptr;
    phys::Zones& zones = *memory().zones;
    zones.split_page(page, order);
    for (u64 i = pages_of(size); i < u64{1} << order; ++i) zones.free_page(page + i);
    return memory().addresses->page_address(page);
  });
}

void free_pages_exact(void* virt, std::size_t size) {
  core([&] {
    ::page* const page = memory().addresses->virt_to_page(virt);
    if (page == nullptr) return;
    for (u64 i = 0; i < pages_of(size); ++i) free_block(page + i, 0);
  });
}

}  // namespace

std::span<const Export> page_alloc_exports() {
  static const Export table[] = {
      exported("alloc_pages", &alloc_pages),
      exported("alloc_pages_node", &alloc_pages_node),
      exported("__get_free_pages", &get_free_pages),
      exported("get_zeroed_page", &get_zeroed_page),
      exported("__free_pages", &free_pages_of),
      exported("free_pages", &free_pages),
      exported("alloc_pages_exact", &alloc_pages_exact, kernel(2, 6, 27)),
      exported("free_pages_exact", &free_pages_exact, kernel(2, 6, 27)),
  };
  return table;
}

}  // namespace vmsim::abi
