// SPDX-License-Identifier: MIT
// A machine's memory for tests of address spaces: RAM, bus with a device, zones, TLBs, scheduler,
// one task that is inside the kernel, and simulated programs that map, touch and fork. No Machine,
// no loader. For tests/mm and tests/model.
#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "kern/memory.hpp"
#include "mm/mm.hpp"
#include "mm/object.hpp"
#include "mm/vm_flags.hpp"
#include "sched/driver_call.hpp"
#include "sched/kernel_entry.hpp"

namespace vmsim::mm {

inline constexpr u32 kRw = prot::kRead | prot::kWrite;
inline constexpr u32 kRo = prot::kRead;
/// RAM without struct pages, as memmap=SIZE$START leaves it.
inline constexpr u64 kReservedPfn = 0x2000;
/// RAM with struct pages that carry PG_reserved.
inline constexpr u64 kReservedPagePfn = 0x2400;
/// A device, whose registers read as 0.
inline constexpr u64 kMmioPfn = 0xfeb00;

inline MachineConfig small_config(KernelVersion kernel = {6, 12, 0},
                                  Profile profile = Profile::kX86_64) {
  MachineConfig config;
  config.kernel = kernel;
  config.profile = profile;
  config.ram_bytes = u64{64} << 20;
  config.reserved = {{PhysAddr(kReservedPfn << kPageShift), u64{1} << 20, false},
                     {PhysAddr(kReservedPagePfn << kPageShift), u64{1} << 20, true}};
  return config;
}

template <class T>
int code_of(const Result<T>& result) {
  return result ? 0 : -result.error().errno_value;
}

/// "SIGSEGV/MAPERR@2+0x7": pages are counted from `base`.
inline std::string fault_text(const UserFault& fault, u64 base) {
  std::string text;
  if (fault.signo == sig::kSigSegv) {
    text = fault.code == sig::kSegvMapErr   ? "SIGSEGV/MAPERR"
           : fault.code == sig::kSegvAccErr ? "SIGSEGV/ACCERR"
                                            : "SIGSEGV/?";
    if (fault.code == sig::kSiKernel) text = "SIGSEGV/KERNEL";
  } else if (fault.signo == sig::kSigBus) {
    text = fault.code == sig::kBusAdrErr     ? "SIGBUS/ADRERR"
           : fault.code == sig::kBusMceErrAr ? "SIGBUS/MCEERR_AR"
                                             : "SIGBUS/?";
  } else {
    text = fault.code == sig::kNoProgress ? "SIGKILL/no-progress" : "SIGKILL";
  }
  const auto page = static_cast<i64>((fault.addr & kPageMask) - base) >> kPageShift;
  text += page > -100000 && page < 100000 ? fmt::format("@{}", page)
                                          : fmt::format("@{:#x}", fault.addr & kPageMask);
  if ((fault.addr & ~kPageMask) != 0) text += fmt::format("+{:#x}", fault.addr & ~kPageMask);
  return text;
}

class World {
 public:
  explicit World(MachineConfig wanted = small_config()) : config(std::move(wanted)), files_(*this) {
    scheduler = must(sched::Scheduler::create({}, probe));
    probe.set_clock(scheduler.get());
    memory = must(kern::Memory::create(config, *scheduler, probe, files_));
    EXPECT_TRUE(memory->bus->add_device({Pfn(kMmioPfn).addr(), Pfn(kMmioPfn + 16).addr()}, device_,
                                        "test-device"));
    task = &scheduler->create_task("test");
    entry_ = std::make_unique<sched::KernelEntry>(*scheduler, *task, this);
    frames_at_start_ = memory->zones->allocated_pages();
  }

  /// Pre: every program has ended, and drivers have let go of their pages.
  ~World() {
    EXPECT_EQ(memory->zones->allocated_pages(), frames_at_start_)
        << "frames leaked:" << leaked_frames();
    EXPECT_EQ(scheduler->held_locks_total(), 0u) << "a lock is still held";
    memory->zones->validate();
    entry_.reset();
    probe.set_clock(nullptr);
    memory.reset();
    scheduler.reset();
  }

  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Env& env() const { return *memory->env; }

  phys::Zones& zones() const { return *memory->zones; }

  mmu::Accessor& cpu() const { return *memory->accessor; }

  u64 frames_used() const { return zones().allocated_pages() - frames_at_start_; }

  vfs::FileCalls& file_calls() { return files_; }

  /// Where `log` of released files goes; set by drivers.
  std::string* release_log = nullptr;

  /// Rules of all findings so far, joined by spaces; and forgets them.
  std::string findings() {
    std::string rules;
    for (const Finding& finding : probe.findings())
      rules += (rules.empty() ? "" : " ") + finding.rule;
    probe.clear_findings();
    return rules;
  }

  u64 user_base() const { return config.profile == Profile::kX86_32 ? 0x50000000 : 0x200000000000; }

  MachineConfig config;
  base::Probe probe;
  std::unique_ptr<sched::Scheduler> scheduler;
  std::unique_ptr<kern::Memory> memory;
  sched::Task* task = nullptr;
  unsigned oopses = 0;

 private:
  class Files final : public vfs::FileCalls {
   public:
    explicit Files(World& world) : world_(world) {}

    void release(::inode* node, ::file*) override {
      release_object(*vfs::Inode::of(node));
      if (world_.release_log)
        *world_.release_log += world_.release_log->empty() ? "RELEASE" : " RELEASE";
    }

    int flush(::file*) override { return 0; }

   private:
    World& world_;
  };

  class OopsCounter final : public sched::OopsSink {
   public:
    explicit OopsCounter(World& world) : world_(world) {}

    void on_oops(const sched::OopsRecord&) override { ++world_.oopses; }

   private:
    World& world_;
  };

  class ZeroDevice final : public MmioDevice {
   public:
    u64 read(u64, unsigned) override { return 0; }

    void write(u64, unsigned, u64) override {}

    std::string_view name() const override { return "test-device"; }
  };

  std::string leaked_frames() const {
    std::string text;
    for (const phys::AllocatedBlock& block : zones().allocated_blocks()) {
      text += fmt::format(" {:#x}:{}", block.pfn.value, phys::page_kind_name(block.kind));
      if (text.size() > 400) break;
    }
    return text;
  }

  Files files_;
  OopsCounter oops_counter_{*this};
  sched::OopsSinkScope sink_{&oops_counter_};
  ZeroDevice device_;
  std::unique_ptr<sched::KernelEntry> entry_;
  u64 frames_at_start_ = 0;
};

/// A simulated program: system calls and accesses by page number from `base`.
class Program {
 public:
  explicit Program(World& world) : world_(&world), base_(world.user_base()) {
    mm_ = must(Mm::create(world.env()));
    run();
  }

  Program(World& world, std::unique_ptr<Mm> mm)
      : world_(&world), base_(world.user_base()), mm_(std::move(mm)) {}

  ~Program() { exit(); }

  Program(Program&& other) = default;
  Program& operator=(Program&& other) = delete;

  Mm& mm() const { return *mm_; }

  u64 base() const { return base_; }

  u64 addr(u64 page) const { return base_ + (page << kPageShift); }

  /// Becomes what `current` runs.
  void run() const { world_->task->mm = world_->task->active_mm = mm_.get(); }

  Result<u64> mmap(const MmapRequest& request) const { return mm_->mmap(request); }

  /// MAP_FIXED at a page: 0, -errno, or what the handler said.
  int map(u64 page, u64 pages, u32 prot, u32 flags, vfs::File* file = nullptr,
          u64 pgoff = 0) const {
    const auto got = mm_->mmap(
        {addr(page), pages << kPageShift, prot, flags | map::kFixed, file, pgoff << kPageShift});
    check();
    if (!got) return -got.error().errno_value;
    return *got == addr(page) ? 0 : static_cast<int>(*got);
  }

  int map_anon(u64 page, u64 pages, u32 prot = kRw) const {
    return map(page, pages, prot, map::kPrivate | map::kAnonymous);
  }

  int unmap(u64 page, u64 pages = 1) const {
    const int code = code_of(mm_->munmap(addr(page), pages << kPageShift));
    check();
    return code;
  }

  int protect(u64 page, u64 pages, u32 prot) const {
    const int code = code_of(mm_->mprotect(addr(page), pages << kPageShift, prot));
    check();
    return code;
  }

  Program fork() const {
    auto child = mm_->fork();
    EXPECT_TRUE(child) << (child ? "" : child.error().to_string());
    check();
    return Program(*world_, std::move(*child));
  }

  /// What exit(2) does to the address space; `current` has none while close runs.
  void exit() {
    if (!mm_) return;
    world_->task->mm = nullptr;
    mm_->exit_mmap();
    mm_.reset();
  }

  /// The 32-bit value in hexadecimal, or the signal.
  std::string rd(u64 page, u64 offset = 0) const {
    const auto got = world_->cpu().load<u32>(mm_->space(), VirtAddr(addr(page) + offset));
    return got ? fmt::format("{:#x}", *got) : fault_text(got.fault(), base_);
  }

  std::string wr(u64 page, u32 value, u64 offset = 0) const {
    const auto done = world_->cpu().store<u32>(mm_->space(), VirtAddr(addr(page) + offset), value);
    return done ? "ok" : fault_text(done.fault(), base_);
  }

  std::string ex(u64 page) const {
    const auto done = world_->cpu().fetch(mm_->space(), VirtAddr(addr(page)));
    return done ? "ok" : fault_text(done.fault(), base_);
  }

  mmu::Pte entry(u64 page) const { return mm_->table().get(VirtAddr(addr(page))); }

  /// Flag bits of the page's entry as "P RW U A SPECIAL NX"; "none".
  std::string pte(u64 page) const {
    const mmu::Pte pte = entry(page);
    return pte.none() ? "none" : mmu::describe_flags(pte);
  }

  u64 pfn(u64 page) const { return entry(page).pfn().value; }

  Vma* vma(u64 page) const { return mm_->vma_lookup(addr(page)); }

  std::string flags(u64 page) const {
    const Vma* const area = vma(page);
    return area ? vm_flags_text(area->flags()) : "none";
  }

  /// "[0,1) rw-s 5 | [2,4) rw-p": pages from base, rights, and the offset of files in hexadecimal
  /// pages.
  std::string layout() const {
    std::string text;
    for (const Vma* area = mm_->vmas().first(); area; area = mm_->vmas().next(area)) {
      if (!text.empty()) text += " | ";
      text +=
          fmt::format("[{},{}) {}{}{}{}", static_cast<i64>(area->vm_start - base_) >> kPageShift,
                      static_cast<i64>(area->vm_end - base_) >> kPageShift,
                      area->has(vm::kRead) ? 'r' : '-', area->has(vm::kWrite) ? 'w' : '-',
                      area->has(vm::kExec) ? 'x' : '-', area->has(vm::kMayShare) ? 's' : 'p');
      if (area->vm_file) text += fmt::format(" {:x}", area->vm_pgoff);
    }
    return text;
  }

  void check() const {
    const std::string wrong = mm_->validate();
    EXPECT_EQ(wrong, "") << mm_->dump();
  }

 private:
  World* world_;
  u64 base_;
  std::unique_ptr<Mm> mm_;
};

}  // namespace vmsim::mm
