// SPDX-License-Identifier: MIT
// What a person or a test looks at: areas, page-table walks, pages, and what is in use. Copies taken at one moment,
// free to keep; any thread may read them. Counterpart: /proc/<pid>/maps, pagemap, /proc/kpagecount.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vmsim/addr.hpp"

namespace vmsim {

/// VM_* bits of AreaView::flags that programs ask about; the kernel's numbers (6.12, x86-64).
namespace vm_flag {
inline constexpr u64 kRead = 0x1, kWrite = 0x2, kExec = 0x4, kShared = 0x8, kMayWrite = 0x20, kGrowsDown = 0x100;
inline constexpr u64 kPfnMap = 0x400, kIo = 0x4000, kDontCopy = 0x20000, kDontExpand = 0x40000;
inline constexpr u64 kReserved26 = 0x80000, kDontDump = 0x4000000, kSoftDirty = 0x8000000, kMixedMap = 0x10000000;
}  // namespace vm_flag

/// One area of an address space (a line of /proc/<pid>/maps).
struct AreaView {
  VirtRange range;
  u64 flags = 0;       ///< VM_*, see vm_flag
  u64 pgoff = 0;       ///< offset in the file, in pages
  u64 page_prot = 0;   ///< vm_page_prot: the bits of new entries
  std::string path;    ///< "/dev/scull", empty for anonymous memory
  bool has_ops = false;

  bool has(u64 flag) const { return (flags & flag) != 0; }
  u64 pages() const { return range.size() >> kPageShift; }
};

/// One page-table entry, decoded. Bits are those of an x86-64 entry on every profile.
struct EntryView {
  VirtAddr addr;
  u64 bits = 0;
  Pfn pfn;
  bool present = false, writable = false, user = false, accessed = false, dirty = false, special = false;
  bool no_execute = false, uncached = false, write_combining = false;
  std::string text;  ///< "pfn=0x5c00 P RW U A D SPECIAL NX"
};

/// One level of a walk.
struct WalkLevel {
  std::string name;  ///< "PGD", "PUD", "PMD", "PTE"
  PhysAddr entry;    ///< where the entry lies
  unsigned index = 0;
  u64 raw = 0;
  std::string text;  ///< the entry's bits in words
};

/// A page-table walk as hardware makes it.
struct WalkView {
  VirtAddr addr;
  std::vector<WalkLevel> levels;  ///< from the root, as far as the walk came
  bool mapped = false;
  PhysAddr physical;  ///< where mapped
  std::string text;   ///< the whole walk level by level, every bit decoded
};

/// A frame's struct page.
struct PageView {
  Pfn pfn;
  bool valid = false;  ///< has a struct page
  int refcount = 0;
  int mapcount = 0;
  bool reserved = false;
  std::string kind;  ///< "anon", "slab", "page table", …
};

/// Everything that can leak. Two ledgers of a machine at rest are equal when nothing did.
struct Ledger {
  u64 frames = 0;         ///< allocated physical pages
  u64 slab_objects = 0;   ///< live kmalloc and kmem_cache objects
  u64 vmalloc_areas = 0;
  u64 kmap_slots = 0;
  u64 ioremaps = 0;
  u64 processes = 0;
  u64 open_files = 0;
  u64 modules = 0;
  u64 irq_handlers = 0;
  u64 char_devices = 0;

  bool operator==(const Ledger&) const = default;
  std::string to_string() const;
};

}  // namespace vmsim
