// SPDX-License-Identifier: MIT
// An address space as a whole: creation, links and counters, splitting, stack growth. See mm.hpp.
#include "mm/mm.hpp"

#include <fmt/format.h>

#include "base/assert.hpp"
#include "mm/driver_ops.hpp"
#include "mm/prot.hpp"
#include "sched/driver_call.hpp"

namespace vmsim::mm {

std::optional<Pfn> ZoneTableFrames::alloc_table() {
  ::page* const page = zones_.alloc_pages(VMSIM_GFP_KERNEL | VMSIM_GFP_BIT_ZERO, 0);
  if (!page) return std::nullopt;
  zones_.set_kind(page, phys::PageKind::kPageTable);
  return zones_.mem_map().pfn(page);
}

void ZoneTableFrames::free_table(Pfn pfn) { zones_.free_page(zones_.mem_map().page(pfn)); }

Result<std::unique_ptr<Mm>> Mm::create(Env& env) {
  auto table = VMSIM_TRY(mmu::PageTable::create(env.format, env.ram, env.tables));
  return std::unique_ptr<Mm>(new Mm(env, std::move(table)));
}

Mm::Mm(Env& env, std::unique_ptr<mmu::PageTable> table)
    : ::mm_struct{}, env_(env), table_(std::move(table)), space_{table_.get(), 0, this} {
  mm_users.counter = 1;
  mm_count.counter = 1;
  task_size = env.task_size();
  pgd = env.ram.host(table_->root());
  if (env.rules.topdown) {
    mmap_base = env.rules.x86_32 ? 0xB7800000 : 0x700000000000;
  } else {
    mmap_base = (task_size / 3 + kPageSize - 1) & kPageMask;
  }
}

Mm::~Mm() {
  VMSIM_ASSERT(vmas_.empty(), "exit_mmap() comes before the end of an address space");
  // A stale ASID was flushed when its generation ended.
  if (env_.asids.current(lease_)) env_.tlbs.flush_mm(lease_.asid);
}

u32 Mm::asid() { return env_.asids.acquire(lease_); }

mmu::Space& Mm::space() {
  space_.asid = asid();
  return space_;
}

void Mm::vma_link(Vma& vma) {
  vmas_.insert(&vma);
  mm_struct::mmap = vmas_.first();
  ++map_count;
  vma.link_to_mapping();
}

void Mm::vma_unlink(Vma& vma) {
  vmas_.erase(&vma);
  mm_struct::mmap = vmas_.first();
  --map_count;
  vma.unlink_from_mapping();
}

void Mm::account(u64 flags, i64 pages) {
  const auto add = [&](unsigned long& counter) { counter += static_cast<unsigned long>(pages); };
  add(total_vm);
  if ((flags & (vm::kExec | vm::kWrite | vm::kGrowsDown)) == vm::kExec) {
    add(exec_vm);
  } else if ((flags & vm::kGrowsDown) != 0) {
    add(stack_vm);
  } else if ((flags & (vm::kWrite | vm::kShared)) == vm::kWrite) {
    add(data_vm);
  }
}

void Mm::set_page_prot(Vma& vma) {
  u64 wanted = modify_prot(vma.vm_page_prot.pgprot, page_prot(vma.flags(), rules()));
  const bool shared_write = (vma.flags() & (vm::kWrite | vm::kShared)) == (vm::kWrite | vm::kShared);
  const bool wants_notice = vma.vm_ops && (vma.vm_ops->page_mkwrite || vma.vm_ops->pfn_mkwrite);
  if (shared_write && wants_notice) wanted = modify_prot(wanted, page_prot(vma.flags() & ~vm::kShared, rules()));
  vma.vm_page_prot.pgprot = wanted;
}

Result<Vma*> Mm::split_vma(Vma& vma, u64 addr, NewPart new_part) {
  VMSIM_DEBUG_ASSERT(vma.vm_start < addr && addr < vma.vm_end && addr % kPageSize == 0, "a split lies inside its area");
  VMSIM_CHECK(driver_ops::may_split(vma, addr));
  if (!vmas_.reserve_for_insert(1, &env_.probe)) return fail(err::kNoMem);
  auto fresh = std::make_unique<Vma>(*this, vma.vm_start, vma.vm_end);
  fresh->copy_from(vma);
  const u64 pages_below = (addr - vma.vm_start) >> kPageShift;
  if (new_part == NewPart::kBelow) {
    fresh->vm_end = addr;
  } else {
    fresh->vm_start = addr;
    fresh->vm_pgoff += pages_below;
  }
  // The driver sees the new area before it can be found; the old one still spans everything.
  if (auto opened = driver_ops::open(*fresh); !opened) {
    fresh->release_references();
    return Failure(opened.error());
  }
  Vma* const inserted = fresh.release();
  if (new_part == NewPart::kBelow) {
    vma.vm_pgoff += pages_below;
    vmas_.replace_bounds(&vma, addr, vma.vm_end);
  } else {
    vmas_.replace_bounds(&vma, vma.vm_start, addr);
  }
  vma_link(*inserted);
  return new_part == NewPart::kBelow ? &vma : inserted;
}

Result<void> Mm::expand_stack(Vma& vma, u64 addr) {
  VMSIM_DEBUG_ASSERT(vma.has(vm::kGrowsDown), "only a stack grows by being touched");
  const u64 start = addr & kPageMask;
  if (start >= vma.vm_start) return {};
  const Vma* const prev = vmas_.prev(&vma);
  if (prev && !prev->has(vm::kGrowsDown) && prev->has(vm::kAccess)) {
    if (start < prev->vm_end + kStackGuardGap) return fail(err::kNoMem, "the stack guard gap would be entered");
  } else if (prev && start < prev->vm_end) {
    return fail(err::kNoMem, "the stack would grow into another area");
  }
  if (start < env_.config.mmap_min_addr) return fail(err::kPerm, "below mmap_min_addr");
  if (vma.vm_end - start > env_.config.stack_limit_bytes) return fail(err::kNoMem, "RLIMIT_STACK");
  const u64 grown = (vma.vm_start - start) >> kPageShift;
  if (grown > vma.vm_pgoff) return fail(err::kNoMem, "the offset of the stack would wrap");
  vma.vm_pgoff -= grown;
  vmas_.replace_bounds(&vma, start, vma.vm_end);
  account(vma.flags(), static_cast<i64>(grown));
  return {};
}

void Mm::anon_vma_prepare(Vma& vma) {
  if (vma.anon_vma) [[likely]] return;
  // Share with a neighbour that could merge with this one later.
  for (Vma* other : {vmas_.prev(&vma), vmas_.next(&vma)}) {
    if (!other || !other->anon_vma || other->anon_chain() != 1) continue;
    const bool adjacent = other->vm_end == vma.vm_start || vma.vm_end == other->vm_start;
    const Vma& low = other->vm_start < vma.vm_start ? *other : vma;
    const Vma& high = &low == other ? vma : *other;
    const u64 other_bits = (other->flags() ^ vma.flags()) & ~(vm::kAccess | vm::kSoftDirty);
    if (adjacent && other_bits == 0 && other->vm_file == vma.vm_file && low.vm_pgoff + low.pages() == high.vm_pgoff) {
      vma.take_anon_vma(other->anon_vma, 1);
      return;
    }
  }
  vma.take_anon_vma(new ::anon_vma, 1);
}

::page* Mm::normal_page(const Vma&, mmu::Pte pte) const {
  if (rules().era26) {
    if (!env_.mem_map.pfn_valid(pte.pfn())) return nullptr;
    ::page* const page = env_.mem_map.page(pte.pfn());
    return phys::is_reserved(page) ? nullptr : page;
  }
  if (pte.special()) return nullptr;
  return env_.mem_map.pfn_valid(pte.pfn()) ? env_.mem_map.page(pte.pfn()) : nullptr;
}

void Mm::count_page(::page* page, int by) {
  page->_mapcount.counter += by;
  switch (env_.mem_map.kind(page)) {
    case phys::PageKind::kAnon:
      rss_.anon += by;
      break;
    case phys::PageKind::kShmem:
      rss_.shmem += by;
      break;
    default:
      rss_.file += by;
  }
}

void Mm::validate_in_debug() const {
#if !defined(NDEBUG) || defined(VMSIM_CHECKED)
  const std::string wrong = validate();
  if (!wrong.empty()) fmt::print(stderr, "vmsim: {}\n{}", wrong, dump());
  VMSIM_ASSERT(wrong.empty(), "the address space is unsound after a change");
#endif
}

}  // namespace vmsim::mm
