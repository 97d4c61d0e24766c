// SPDX-License-Identifier: MIT
// kmap: kernel addresses for pages of high memory, in a small window with few slots. Permanent maps
// are counted per page and shared; atomic and local ones belong to a task and end in reverse order.
// Counterpart: mm/highmem.c, with the fixed atomic slots (KM_USER0 and so on) of kernels
// before 2.6.37. Leaves out: switching local maps with the task; each has a slot of its own. Called
// by abi and by core rooms.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "vmsim/addr.hpp"
#include "vmsim/error.hpp"

#include "base/probe.hpp"
#include "kern/window.hpp"
#include "phys/mem_map.hpp"
#include "phys/ram.hpp"

namespace vmsim::sched {
class Scheduler;
class Task;
}  // namespace vmsim::sched

namespace vmsim::kern {

enum class KmapMode : u8 {
  kStrict,  ///< an address faults as soon as its last kunmap
  kLazy,    ///< it works on until the slots have been used up once, as in Linux
};

struct KmapConfig {
  WindowConfig window;        ///< its size is an upper limit
  unsigned slots = 512;       ///< permanent maps (LAST_PKMAP)
  unsigned local_slots = 64;  ///< atomic and local maps of all tasks
  KmapMode mode = KmapMode::kStrict;
};

/// A map that nobody ended, for leak reports.
struct KmapLeak {
  Pfn pfn;
  const void* address = nullptr;
  unsigned count = 0;  ///< kunmaps that are missing
  std::string call;    ///< "kmap", "kmap_atomic"
  std::string task;    ///< empty for kmap
};

/// Fixed slots of the old kmap_atomic, in the order of 2.6.10's enum km_type; higher numbers are
/// plain numbers.
inline constexpr unsigned kKmTypes = 32;
std::string km_type_name(unsigned type);

/// Differs: atomic and local maps of low pages obey the same order and slot rules as those of high
/// ones; Linux checks high pages only, so that such a bug hides on 64-bit machines.
///
/// A permanent slot is free | mapped, in use (count > 0) | mapped, count 0 (lazy mode only, until
/// the next flush). Thread safety: none; the caller holds the simulated CPU, and kmap() may pass it
/// on while it waits for a slot.
///
///   window | slot 0 |guard| slot 1 |guard| ... | local 0 |guard| ... | KM_ type 0 |guard| ...
class KmapPool {
 public:
  /// All references must outlive it. No window is reserved if all of RAM is in the direct map.
  static Result<std::unique_ptr<KmapPool>> create(phys::Ram& ram, phys::MemMap& mem_map,
                                                  sched::Scheduler& scheduler, base::Probe& probe,
                                                  const KmapConfig& config);
  ~KmapPool();
  KmapPool(const KmapPool&) = delete;
  KmapPool& operator=(const KmapPool&) = delete;

  /// The direct-map address of a low page, the page's slot for a high one. Waits while every slot
  /// is in use. nullptr: not a page, or the wait was ended (deadlock, already reported; or the
  /// machine is being switched off).
  void* kmap(phys::Page* page);
  void kunmap(phys::Page* page);
  /// nullptr for a high page that kmap does not hold.
  void* page_address(const phys::Page* page) const;

  /// The task may not sleep until kunmap_atomic.
  void* kmap_atomic(phys::Page* page);
  /// Takes the address (any in its page), not the page.
  void kunmap_atomic(const void* address);
  void* kmap_local_page(phys::Page* page);
  void kunmap_local(const void* address);

  /// kmap_atomic(page, type) of old kernels: one slot per type and CPU; a second use replaces the
  /// first.
  void* kmap_atomic_type(phys::Page* page, unsigned type);
  void kunmap_atomic_type(const void* address, unsigned type);

  /// Atomic and local maps that the task holds, and their forced end after an oops or at exit: a
  /// Finding "kmap-leak" each.
  u64 local_depth(const sched::Task& task) const;
  void unwind_local(sched::Task& task, u64 depth, const char* why);

  /// Everything that is mapped now and in use.
  std::vector<KmapLeak> leaks() const;

  unsigned slots_in_use() const { return in_use_; }

  unsigned slots() const { return config_.slots; }

  bool is_kmap_addr(const void* p) const { return window_ && window_->contains(p); }

  /// The frame that is mapped at this address now. Nothing for guards and free slots.
  std::optional<Pfn> mapped_at(const void* p) const;

  /// nullptr if the machine has no high memory.
  const Window* window() const { return window_ ? &*window_ : nullptr; }

  /// Unmaps what lazy mode left behind (kmap_flush_unused).
  void flush_unused();

  /// Names strangers in reports. nullptr removes it.
  void set_describer(const Describer* describer) { describer_ = describer; }

 private:
  enum class LocalKind : u8 { kAtomic, kLocal };

  struct Slot {
    Pfn pfn;
    unsigned count = 0;
    bool mapped = false;
  };

  struct LocalMap {
    LocalKind kind = LocalKind::kAtomic;
    const std::byte* address = nullptr;
    Pfn pfn;
    std::optional<unsigned> slot;  // of the window; nothing for a low page
    bool holds_atomic = false;
  };

  struct TypedMap {
    bool used = false;
    std::byte* address = nullptr;
    Pfn pfn;
    bool high = false;
    sched::Task* task = nullptr;
  };

  using LocalStack = std::vector<LocalMap>;

  KmapPool(phys::Ram& ram, phys::MemMap& mem_map, sched::Scheduler& scheduler, base::Probe& probe,
           const KmapConfig& config);
  bool valid_page(const phys::Page* page, const char* call);
  std::byte* slot_address(unsigned slot) const;
  bool map_slot(unsigned slot, Pfn pfn);
  void unmap_slot(unsigned slot);
  std::optional<unsigned> free_slot();
  void drop_slot(unsigned slot);
  std::string describe(const void* p) const;

  void* map_local(phys::Page* page, LocalKind kind);
  void unmap_local(const void* address, LocalKind kind);
  void report_local_order(const LocalStack& stack, const LocalMap& wanted);
  void report_local_stranger(LocalStack* stack, const void* address, const char* call);
  void end_local(LocalStack& stack, LocalStack::iterator at);

  phys::Ram& ram_;
  phys::MemMap& mem_map_;
  sched::Scheduler& scheduler_;
  base::Probe& probe_;
  const Describer* describer_ = nullptr;
  KmapConfig config_;
  std::optional<Window> window_;
  std::vector<Slot> slots_;
  std::unordered_map<u64, unsigned> slot_of_frame_;
  unsigned cursor_ = 0;
  unsigned in_use_ = 0;
  std::vector<unsigned> free_local_;
  std::unordered_map<const sched::Task*, LocalStack> locals_;
  std::array<TypedMap, kKmTypes> typed_;
};

}  // namespace vmsim::kern
