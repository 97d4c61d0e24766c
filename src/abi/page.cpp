// SPDX-License-Identifier: MIT
// struct page and kernel addresses: conversions (asm/page.h), references and flags
// (linux/page-flags.h, page_ref.h, mm.h), the page lock (linux/pagemap.h). Counterpart: the same
// paths. No logic: phys/zone and kern/kernel_memory have it. Called by drivers through the export
// table.
#include <cstring>

#include "abi/abi.hpp"
#include "kern/user_pages.hpp"

namespace vmsim::abi {

namespace {

using Ulong = unsigned long;

// Conversions.

Ulong vmsim_page_offset() {
  return memory().addresses->page_offset();
}

Ulong vmsim_pa(Ulong addr) {
  return core([&] { return memory().addresses->pa(reinterpret_cast<const void*>(addr)); });
}

Ulong vmsim_va(Ulong phys) {
  return core([&] { return kern::host_value(memory().addresses->va(PhysAddr(phys))); });
}

::page* vmsim_virt_to_page(const volatile void* addr) {
  return core([&] { return memory().addresses->virt_to_page(const_cast<const void*>(addr)); });
}

::page* vmsim_mem_map() {
  return memory().mem_map->base();
}

Ulong vmsim_max_mapnr() {
  return memory().mem_map->end().value;
}

int vmsim_pfn_valid(Ulong pfn) {
  return memory().mem_map->pfn_valid(Pfn(pfn));
}

int vmsim_virt_addr_valid(const volatile void* addr) {
  return core([&] { return memory().addresses->virt_addr_valid(const_cast<const void*>(addr)); });
}

void* vmsim_high_memory() {
  return memory().addresses->high_memory();
}

vmsim_phys_addr_t virt_to_phys(const volatile void* addr) {
  return core([&] { return memory().addresses->pa(const_cast<const void*>(addr)); });
}

void* phys_to_virt(vmsim_phys_addr_t addr) {
  return core([&] { return memory().addresses->va(PhysAddr(addr)); });
}

/// These two run in the driver's context: a bad address is its oops.
void clear_page(void* page) {
  std::memset(page, 0, kPageSize);
}

void copy_page(void* to, void* from) {
  std::memcpy(to, from, kPageSize);
}

void* page_address(const ::page* page) {
  if (!page_ok(page, "page_address")) return nullptr;
  return core([&] { return memory().addresses->page_address(page); });
}

// References.

void get_page(::page* page) {
  if (!page_ok(page, "get_page")) return;
  core([&] { memory().zones->get_page(page); });
}

void put_page(::page* page) {
  if (!page_ok(page, "put_page")) return;
  core([&] { memory().zones->put_page(page); });
}

int page_count(const ::page* page) {
  return page_ok(page, "page_count") ? memory().zones->page_count(page) : 0;
}

int page_mapcount(const ::page* page) {
  return page_ok(page, "page_mapcount") ? page->_mapcount.counter : 0;
}

int page_mapped(const ::page* page) {
  return page_ok(page, "page_mapped") && page->_mapcount.counter > 0;
}

void split_page(::page* page, unsigned order) {
  if (!page_ok(page, "split_page")) return;
  core([&] { memory().zones->split_page(page, order); });
}

::page* compound_head(const ::page* page) {
  touch(page);
  return phys::compound_head(const_cast<::page*>(page));
}

unsigned compound_order(::page* page) {
  return page_ok(page, "compound_order") ? phys::compound_order(page) : 0;
}

int page_to_nid(const ::page*) {
  return 0;
}

// Flags. A reserved page may be marked as late as here, by looking it up.

bool test_flag(const ::page* page, unsigned bit) {
  if (!page_ok(page, "a page flag")) return false;
  const phys::MemMap& mem_map = *memory().mem_map;
  return (mem_map.page(mem_map.pfn(page))->flags >> bit & 1) != 0;
}

template <unsigned kBit>
int flag_is_set(const ::page* page) {
  return test_flag(page, kBit);
}

template <unsigned kBit>
void set_flag(::page* page) {
  if (page_ok(page, "a page flag")) page->flags |= 1ul << kBit;
}

template <unsigned kBit>
void clear_flag(::page* page) {
  // The lookup first, or a late mark would undo it.
  test_flag(page, kBit);
  if (memory().mem_map->contains(page)) page->flags &= ~(1ul << kBit);
}

bool is_kind(const ::page* page, phys::PageKind kind) {
  return page_ok(page, "a page flag") &&
         memory().mem_map->kind(phys::compound_head(const_cast<::page*>(page))) == kind;
}

int page_high_mem(const ::page* page) {
  return page_ok(page, "PageHighMem") &&
         memory().zones->zone_of(memory().mem_map->pfn(page)) == phys::ZoneKind::kHighMem;
}

int page_slab(const ::page* page) {
  return is_kind(page, phys::PageKind::kSlab);
}

int page_anon(const ::page* page) {
  return is_kind(page, phys::PageKind::kAnon);
}

int page_tail(const ::page* page) {
  return page_ok(page, "PageTail") && phys::is_tail(page);
}

int page_compound(const ::page* page) {
  return page_ok(page, "PageCompound") && (phys::is_tail(page) || phys::is_head(page));
}

int set_page_dirty(::page* page) {
  if (!page_ok(page, "set_page_dirty")) return 0;
  const bool was = (page->flags >> PG_dirty & 1) != 0;
  page->flags |= 1ul << PG_dirty;
  return !was;
}

/// Differs: marks the page only; vmsim has no file system to be told.
bool noop_dirty_folio(::address_space*, ::page*) {
  return false;
}

int page_mkclean(::page* page) {
  if (!page_ok(page, "page_mkclean")) return 0;
  return core([&] { return static_cast<int>(kern::page_mkclean(*memory().env, page)); });
}

// The page lock.

int trylock_page(::page* page) {
  if (!page_ok(page, "trylock_page")) return 0;
  if ((page->flags >> PG_locked & 1) != 0) return 0;
  page->flags |= 1ul << PG_locked;
  return 1;
}

void wait_on_page_locked(::page* page) {
  if (!page_ok(page, "wait_on_page_locked")) return;
  core([&] {
    while ((page->flags >> PG_locked & 1) != 0) {
      const auto why = scheduler().park(page, sched::State::kUninterruptible, {"a page lock"});
      // A deadlock, reported already: going on is all that is left.
      if (why == sched::WaitResult::kDeadlock || why == sched::WaitResult::kInterrupted) return;
    }
  });
}

void lock_page(::page* page) {
  if (!page_ok(page, "lock_page")) return;
  core([&] { scheduler().check_may_sleep("lock_page"); });
  wait_on_page_locked(page);
  page->flags |= 1ul << PG_locked;
}

void unlock_page(::page* page) {
  if (!page_ok(page, "unlock_page")) return;
  core([&] {
    if ((page->flags >> PG_locked & 1) == 0)
      kernel().probe.finding("unlock-page-unlocked",
                             "unlock_page of a page that is not locked; the kernel calls BUG");
    page->flags &= ~(1ul << PG_locked);
    scheduler().unpark_all(page);
  });
}

}  // namespace

std::span<const Export> page_exports() {
  static const Export table[] = {
      exported("vmsim_page_offset", &vmsim_page_offset),
      exported("vmsim_pa", &vmsim_pa),
      exported("vmsim_va", &vmsim_va),
      exported("vmsim_virt_to_page", &vmsim_virt_to_page),
      exported("vmsim_mem_map", &vmsim_mem_map),
      exported("vmsim_max_mapnr", &vmsim_max_mapnr),
      exported("vmsim_pfn_valid", &vmsim_pfn_valid),
      exported("vmsim_virt_addr_valid", &vmsim_virt_addr_valid),
      exported("vmsim_high_memory", &vmsim_high_memory),
      exported("virt_to_phys", &virt_to_phys),
      exported("phys_to_virt", &phys_to_virt),
      exported("clear_page", &clear_page),
      exported("copy_page", &copy_page),
      exported("page_address", &page_address),
      exported("get_page", &get_page),
      exported("put_page", &put_page),
      exported("page_count", &page_count),
      exported("page_ref_count", &page_count),
      exported("page_mapcount", &page_mapcount),
      exported("page_mapped", &page_mapped),
      exported("split_page", &split_page),
      exported("compound_head", &compound_head),
      exported("compound_order", &compound_order),
      exported("page_to_nid", &page_to_nid),
      exported("PageReserved", &flag_is_set<PG_reserved>),
      exported("SetPageReserved", &set_flag<PG_reserved>),
      exported("ClearPageReserved", &clear_flag<PG_reserved>),
      exported("PageLocked", &flag_is_set<PG_locked>),
      exported("PageDirty", &flag_is_set<PG_dirty>),
      exported("SetPageDirty", &set_flag<PG_dirty>),
      exported("ClearPageDirty", &clear_flag<PG_dirty>),
      exported("PageUptodate", &flag_is_set<PG_uptodate>),
      exported("SetPageUptodate", &set_flag<PG_uptodate>),
      exported("ClearPageUptodate", &clear_flag<PG_uptodate>),
      exported("PageHighMem", &page_high_mem),
      exported("PageSlab", &page_slab),
      exported("PageAnon", &page_anon),
      exported("PageCompound", &page_compound),
      exported("PageHead", &flag_is_set<PG_head>),
      exported("PageTail", &page_tail),
      exported("PagePrivate", &flag_is_set<PG_private>),
      exported("SetPagePrivate", &set_flag<PG_private>),
      exported("ClearPagePrivate", &clear_flag<PG_private>),
      exported("set_page_dirty", &set_page_dirty),
      exported("set_page_dirty_lock", &set_page_dirty),
      exported("noop_dirty_folio", &noop_dirty_folio, kernel(5, 18)),
      exported("page_mkclean", &page_mkclean),
      exported("lock_page", &lock_page),
      exported("trylock_page", &trylock_page),
      exported("unlock_page", &unlock_page),
      exported("wait_on_page_locked", &wait_on_page_locked),
  };
  return table;
}

}  // namespace vmsim::abi
