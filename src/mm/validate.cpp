// SPDX-License-Identifier: MIT
// Every invariant of an address space, checked by walking all of it. Counterpart: validate_mm(). Part of Mm.
#include <fmt/format.h>

#include "mm/mm.hpp"

namespace vmsim::mm {

namespace {

std::string check_area(const Mm& mm, const Vma& vma) {
  if (vma.vm_mm != static_cast<const ::mm_struct*>(&mm)) return "an area belongs to another address space";
  if (vma.vm_end > mm.task_size) return "an area reaches beyond user space";
  if ((vma.flags() & vm::kAccess & ~(vma.flags() >> 4)) != 0 && !mm.rules().era26) {
    return fmt::format("the area at {:#x} has a right that it may not have", vma.vm_start);
  }
  if (vma.vm_file && !vma.is_linked()) return fmt::format("the area at {:#x} is not in its file's list", vma.vm_start);
  if (!vma.vm_file && vma.is_linked()) return "an anonymous area is in a file's list";
  if (vma.anon_vma && vma.anon_vma->areas == 0) return "an anon_vma without areas";
  return {};
}

}  // namespace

std::string Mm::validate() const {
  if (std::string wrong = vmas_.check(); !wrong.empty()) return wrong;
  if (static_cast<std::size_t>(map_count) != vmas_.size()) return "map_count is not the number of areas";
  if (mm_struct::mmap != static_cast<::vm_area_struct*>(vmas_.first())) return "mm->mmap is not the first area";
  Rss seen;
  u64 pages = 0;
  std::string wrong;
  for (const Vma* vma = vmas_.first(); vma; vma = vmas_.next(vma)) {
    if (wrong = check_area(*this, *vma); !wrong.empty()) return wrong;
    pages += vma->pages();
    table_->for_each(vma->range(), [&](VirtAddr va, mmu::Pte pte) {
      ::page* const page = normal_page(*vma, pte);
      if (!page) return;
      const phys::PageKind kind = env_.mem_map.kind(page);
      ++(kind == phys::PageKind::kAnon ? seen.anon : kind == phys::PageKind::kShmem ? seen.shmem : seen.file);
      if (page->_mapcount.counter < 1) wrong = fmt::format("a mapped page at {:#x} has no map count", va.value);
      // A driver may have dropped the reference that its mapping stands on; that is its bug, and a Finding elsewhere.
      if (pte.write() && vma->is_cow() && kind != phys::PageKind::kAnon) {
        wrong = fmt::format("a private area can write to a page that is not its own, at {:#x}", va.value);
      }
    });
    if (!wrong.empty()) return wrong;
  }
  if (pages != total_vm) return fmt::format("total_vm is {} and the areas have {} pages", total_vm, pages);
  if (seen.anon != rss_.anon || seen.file != rss_.file || seen.shmem != rss_.shmem) {
    return fmt::format("rss is {}/{}/{} and the tables have {}/{}/{}", rss_.anon, rss_.file, rss_.shmem, seen.anon,
                       seen.file, seen.shmem);
  }
  return {};
}

}  // namespace vmsim::mm
