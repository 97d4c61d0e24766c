// SPDX-License-Identifier: MIT
// One page fault on its way. Counterpart: handle_mm_fault() and what it calls in mm/memory.c.
// Leaves out huge pages, swap, NUMA hints and userfaultfd. Used by fault.cpp and cow.cpp only.
#pragma once

#include "mm/driver_ops.hpp"
#include "mm/mm.hpp"

namespace vmsim::mm {

/// Order: refusals are done; handle() dispatches on the entry that is there:
///   none    → anonymous · nopage (2.6) · driver: read | copy | shared
///   mapped  → write to a read-only entry: mkwrite | reuse | copy;  else: accessed and dirty
class FaultState {
 public:
  FaultState(Mm& mm, Vma& vma, u64 addr, u32 flags)
      : mm_(mm), env_(mm.env()), vma_(vma), addr_(addr), page_addr_(addr & kPageMask), flags_(flags) {}

  u32 handle();

 private:
  // fault.cpp
  u32 fault_anonymous();
  u32 fault_driver();
  u32 fault_nopage();
  u32 fault_nopage_zero();
  u32 fault_read();
  u32 fault_private_write();
  u32 fault_shared_write();
  u32 map_around();
  u32 ask_driver(::page* cow_page);
  u32 handler_bug(const char* rule, const std::string& did);
  void note_free_page(const ::page* page) const;
  u32 install(::page* page);
  void prepare_vmf();
  bool leaf_exists() const;
  u32 page_mkwrite();

  // cow.cpp
  u32 write_protected(mmu::Pte pte);
  u32 write_shared(mmu::Pte pte, ::page* page);
  u32 copy_on_write(mmu::Pte pte, ::page* page);
  u32 reuse(mmu::Pte pte);
  void copy_frame(Pfn to, Pfn from) const;

  bool write() const { return (flags_ & fault_flag::kWrite) != 0; }
  mmu::Pte entry_for(Pfn pfn, u64 extra) const;
  bool set_entry(mmu::Pte pte);

  Mm& mm_;
  Env& env_;
  Vma& vma_;
  const u64 addr_;
  const u64 page_addr_;
  const u32 flags_;
  ::vm_fault vmf_{};
};

}  // namespace vmsim::mm
