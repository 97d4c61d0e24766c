// SPDX-License-Identifier: MIT
// What a Process shows of itself; see vmsim/process.hpp.
#include "process_state.hpp"

namespace vmsim {

std::vector<AreaView> Process::areas() const {
  std::vector<AreaView> areas;
  if (state_->exited) return areas;
  const mm::Vmas& vmas = state_->mm().vmas();
  for (const mm::Vma* vma = vmas.first(); vma; vma = vmas.next(vma)) {
    AreaView view;
    view.range = vma->range();
    view.flags = vma->flags();
    view.pgoff = vma->vm_pgoff;
    view.page_prot = vma->vm_page_prot.pgprot;
    view.has_ops = vma->vm_ops && vma->vm_ops != &mm::kDummyVmOps;
    if (vma->vm_file) view.path = vma->file()->path();
    areas.push_back(std::move(view));
  }
  return areas;
}

namespace {
EntryView view_of(VirtAddr addr, mmu::Pte pte) {
  EntryView view;
  view.addr = addr;
  view.bits = pte.bits;
  view.pfn = pte.mapped() ? pte.pfn() : Pfn(0);
  view.present = pte.present();
  view.writable = pte.write();
  view.user = pte.user();
  view.accessed = pte.accessed();
  view.dirty = pte.dirty();
  view.special = pte.special();
  view.no_execute = pte.nx();
  view.uncached = (pte.bits & mmu::Pte::kPcd) != 0;
  view.write_combining = (pte.bits & (mmu::Pte::kPcd | mmu::Pte::kPwt)) == mmu::Pte::kPwt;
  view.text = mmu::describe(pte);
  return view;
}
}  // namespace

std::vector<EntryView> Process::entries(VirtRange range) const {
  std::vector<EntryView> entries;
  if (state_->exited) return entries;
  const VirtRange pages{range.start.page_base(), range.end.page_up()};
  state_->mm().table().for_each(pages, [&](VirtAddr va, mmu::Pte pte) { entries.push_back(view_of(va, pte)); });
  return entries;
}

EntryView Process::entry(VirtAddr addr) const {
  if (state_->exited || !state_->mm().table().canonical(addr)) return view_of(addr, mmu::Pte{});
  return view_of(addr.page_base(), state_->mm().table().get(addr.page_base()));
}

WalkView Process::walk(VirtAddr addr) const {
  WalkView view;
  view.addr = addr;
  if (state_->exited) return view;
  const mmu::Walk walk = state_->mm().table().walk(addr);
  for (const mmu::WalkStep& step : walk.steps) {
    view.levels.push_back({std::string(step.name), step.entry, step.index, step.raw, step.text});
  }
  view.mapped = walk.end == mmu::WalkEnd::kMapped;
  view.physical = walk.pa;
  view.text = mmu::format(walk);
  return view;
}

std::string Process::maps() const { return state_->exited ? std::string() : state_->mm().maps_text(); }

u64 Process::rss_pages() const { return state_->exited ? 0 : static_cast<u64>(state_->mm().rss().total()); }

u64 Process::page_table_pages() const { return state_->exited ? 0 : state_->mm().table().table_pages(); }

std::string Process::validate() const { return state_->exited ? std::string() : state_->mm().validate(); }

}  // namespace vmsim
