// SPDX-License-Identifier: MIT
// One address space: its areas, its page tables, and every call that changes them. Counterpart:
// struct mm_struct, which it is, and mm/mmap.c, mm/mprotect.c, mm/memory.c, kernel/fork.c over it.
// Leaves out mremap, madvise, mlock, swap. Callers are tasks inside the kernel (KernelEntry); the
// calls named after system calls take mmap_lock themselves, the ones marked "locked" expect it. An
// Error with errno_value sched::kErrOops means: a driver oopsed, the task is dead.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "mm/env.hpp"
#include "mm/object.hpp"
#include "mm/vma.hpp"
#include "mm/vma_set.hpp"
#include "mmu/access.hpp"

namespace vmsim::mm {

/// 256 pages below a growing stack stay free.
inline constexpr u64 kStackGuardGap = u64{256} << kPageShift;

struct VmaTraits : VmaSetTraits<Vma> {
  static u64 gap_start(const Vma& area) {
    if (!area.has(vm::kGrowsDown)) return area.vm_start;
    return area.vm_start > kStackGuardGap ? area.vm_start - kStackGuardGap : 0;
  }
};

using Vmas = VmaSet<Vma, VmaTraits>;

/// Arguments of mmap(2). `file` is nullptr for anonymous memory; offset is in bytes.
struct MmapRequest {
  u64 addr = 0;
  u64 len = 0;
  u32 prot = 0;
  u32 flags = 0;
  vfs::File* file = nullptr;
  u64 offset = 0;
};

/// Pages present, as /proc/<pid>/status counts them.
struct Rss {
  i64 anon = 0;
  i64 file = 0;
  i64 shmem = 0;

  i64 total() const { return anon + file + shmem; }
};

class Mm final : public ::mm_struct, public mmu::FaultHandler {
 public:
  static Result<std::unique_ptr<Mm>> create(Env& env);
  /// Pre: exit_mmap() ran; nothing is mapped.
  ~Mm() override;
  Mm(const Mm&) = delete;
  Mm& operator=(const Mm&) = delete;

  static Mm* of(::mm_struct* mm) { return static_cast<Mm*>(mm); }

  Env& env() const { return env_; }

  const Rules& rules() const { return env_.rules; }

  Vmas& vmas() { return vmas_; }

  const Vmas& vmas() const { return vmas_; }

  mmu::PageTable& table() const { return *table_; }

  /// What the access loop needs; renews the ASID.
  mmu::Space& space();

  Rss& rss() { return rss_; }

  const Rss& rss() const { return rss_; }

  // --- system calls (mmap.cpp, munmap.cpp, mprotect.cpp, brk.cpp, fork.cpp) ---

  /// Returns the address; a handler's positive nonsense is returned as an address too, as the
  /// kernel does.
  Result<u64> mmap(const MmapRequest& request);
  Result<void> munmap(u64 addr, u64 len);
  Result<void> mprotect(u64 addr, u64 len, u32 prot);
  /// The new break, or the old one where it cannot move.
  Result<u64> brk(u64 addr);
  /// A copy for a child whose task is current->… still the parent: private pages become
  /// copy-on-write.
  Result<std::unique_ptr<Mm>> fork();
  /// Unmaps everything: PTEs first, then close in ascending order. Never fails; an oops in a close
  /// is reported and goes on.
  void exit_mmap();

  // --- faults (fault.cpp) ---

  mmu::FaultReply handle_fault(VirtAddr addr, mmu::AccessKind kind) override;
  /// Counterpart: handle_mm_fault(). locked (read). Returns VM_FAULT_* bits.
  u32 handle_mm_fault(Vma& vma, u64 addr, u32 flags);

  // --- areas; locked ---

  Vma* find_vma(u64 addr) { return vmas_.find(addr); }

  Vma* vma_lookup(u64 addr) { return vmas_.find_containing(addr); }

  Result<u64> get_unmapped_area(vfs::File* file, u64 addr, u64 len, u64 pgoff, u32 flags);
  /// Without asking the driver; what f_op->get_unmapped_area usually falls back to.
  Result<u64> default_unmapped_area(u64 addr, u64 len, u32 flags) const;
  enum class NewPart : u8 { kBelow, kAbove };
  /// Splits at addr; the new area is the named part, and its open runs. Returns the part that
  /// starts at or above addr.
  Result<Vma*> split_vma(Vma& vma, u64 addr, NewPart new_part);
  /// Grows a stack down to `addr`. ENOMEM where the guard gap or the stack limit is in the way.
  Result<void> expand_stack(Vma& vma, u64 addr);
  void anon_vma_prepare(Vma& vma);
  /// vm_page_prot from vm_flags, and without write where the driver wants to be told of the first
  /// write.
  void set_page_prot(Vma& vma);

  /// The area at `addr`, or the new one there whose mmap handler is running.
  Vma* vma_for_remap(u64 addr) {
    const bool in_handler = area_in_handler_ && area_in_handler_->range().contains(VirtAddr(addr));
    return in_handler ? area_in_handler_ : vmas_.find_containing(addr);
  }

  // --- page-table content; locked ---

  /// Drops every page of [start, end) of `vma`. keep_cow leaves private copies (unmap_mapping_range
  /// with even_cows 0).
  enum class Cows : u8 { kZapToo, kKeep };
  void zap_range(Vma& vma, VirtRange range, Cows cows = Cows::kZapToo);

  void flush(VirtRange range) { env_.tlbs.flush_range(asid(), range); }

  void flush_page(u64 addr) { env_.tlbs.flush_page(asid(), VirtAddr(addr)); }

  /// The page behind an entry, nullptr for entries that own none. Counterpart: vm_normal_page().
  ::page* normal_page(const Vma& vma, mmu::Pte pte) const;
  /// Counts a page that gets or loses a PTE of this mm.
  void count_page(::page* page, int by);

  /// A call that put pages into an area has refused; the mmap handler that passes its errno on is quoted.
  void note_refusal(Error refusal) { refusal_ = std::move(refusal); }

  void set_dead() { dead_ = true; }

  /// A driver oopsed in this address space: its tasks are to end.
  bool dead() const { return dead_; }

  // --- reports (maps.cpp, validate.cpp) ---

  /// /proc/<pid>/maps, byte for byte.
  std::string maps_text() const;
  /// The areas and one walk, for assertions.
  std::string dump() const;
  /// Checks every invariant of the areas and the tables; empty if sound. Walks everything.
  std::string validate() const;

 private:
  friend class MmapState;
  friend class UnmapState;
  friend class ProtectState;
  friend class ForkState;
  friend class FaultState;
  friend class Merge;

  Mm(Env& env, std::unique_ptr<mmu::PageTable> table);
  u32 asid();
  void vma_link(Vma& vma);
  void vma_unlink(Vma& vma);
  /// Adds or takes pages of a kind of area to the counters (vm_stat_account).
  void account(u64 flags, i64 pages);
  void report_endless_retry(u64 addr);
  void report_handler(const Vma& vma, const char* rule, const std::string& did) const;
  Result<u64> do_brk(u64 old_brk, u64 new_brk);
  void validate_in_debug() const;

  Env& env_;
  std::unique_ptr<mmu::PageTable> table_;
  Vmas vmas_;
  mmu::AsidLease lease_;
  mmu::Space space_;
  Rss rss_;
  Error refusal_;  // the last one inside of f_op->mmap: "vm_insert_page: an anonymous page"
  bool dead_ = false;
  Vma* area_in_handler_ = nullptr;  ///< not in the set yet
};

inline Mm& Vma::mm() const {
  return *Mm::of(vm_mm);
}

}  // namespace vmsim::mm
