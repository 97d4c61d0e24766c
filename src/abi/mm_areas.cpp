// SPDX-License-Identifier: MIT
// linux/mm.h, second half: finding areas, their flags, mmap_lock's assertions, and references to
// address spaces (linux/sched/mm.h). Counterpart: mm/mmap.c and kernel/fork.c as far as they are
// exported. Called by drivers through the export table.
#include <fmt/format.h>

#include "abi/abi.hpp"
#include "mm/mm.hpp"
#include "mm/prot.hpp"
#include "sched/lock.hpp"

namespace vmsim::abi {

namespace {

using mm::Mm;
using mm::Vma;
using Ulong = unsigned long;

/// Linux asserts the same with lockdep; the call goes on.
void expect_lock(const mm_struct* mm, sched::HoldMode mode, const char* call) {
  if (sched::lock_is_held(&mm->mmap_lock, mode)) return;
  const bool write = mode == sched::HoldMode::kWrite;
  kernel().probe.finding(write ? "mmap-lock-not-write" : "mmap-lock-not-held",
                         fmt::format("{} without mmap_lock held{}: areas may change under it", call,
                                     write ? " for writing" : ""));
}

vm_area_struct* find_vma(mm_struct* mm, Ulong addr) {
  touch(mm);
  return core([&]() -> vm_area_struct* {
    expect_lock(mm, sched::HoldMode::kRead, "find_vma");
    return Mm::of(mm)->find_vma(addr);
  });
}

vm_area_struct* find_vma_intersection(mm_struct* mm, Ulong start, Ulong end) {
  touch(mm);
  return core([&]() -> vm_area_struct* {
    expect_lock(mm, sched::HoldMode::kRead, "find_vma_intersection");
    Vma* const vma = Mm::of(mm)->find_vma(start);
    return vma != nullptr && vma->vm_start < end ? vma : nullptr;
  });
}

vm_area_struct* vma_lookup(mm_struct* mm, Ulong addr) {
  touch(mm);
  return core([&]() -> vm_area_struct* {
    expect_lock(mm, sched::HoldMode::kRead, "vma_lookup");
    return Mm::of(mm)->vma_lookup(addr);
  });
}

/// Clears and sets flags. An area that no address space shows yet (fork, split) has its own rules:
/// only the current program's are checked.
void change_flags(vm_area_struct* vma, Ulong clear, Ulong set, const char* call,
                  const void* caller = __builtin_return_address(0)) {
  touch(vma);
  touch(vma->vm_mm);
  core([&] {
    if (vma->vm_mm == sched::current_task().mm)
      expect_lock(vma->vm_mm, sched::HoldMode::kWrite, call);
    vma->__vm_flags = (vma->__vm_flags & ~clear) | set;
  }, caller);
}

void vm_flags_init(vm_area_struct* vma, Ulong flags) {
  touch(vma);
  vma->__vm_flags = flags;
}

void vm_flags_reset(vm_area_struct* vma, Ulong flags) {
  change_flags(vma, ~0ul, flags, "vm_flags_reset");
}

void vm_flags_set(vm_area_struct* vma, Ulong flags) {
  change_flags(vma, 0, flags, "vm_flags_set");
}

void vm_flags_clear(vm_area_struct* vma, Ulong flags) {
  change_flags(vma, flags, 0, "vm_flags_clear");
}

void vm_flags_mod(vm_area_struct* vma, Ulong set, Ulong clear) {
  change_flags(vma, clear, set, "vm_flags_mod");
}

vmsim_pgprot_t vm_get_page_prot(Ulong vm_flags) {
  return core([&] { return vmsim_pgprot_t{mm::page_prot(vm_flags, memory().env->rules)}; });
}

void vma_set_file(vm_area_struct* vma, ::file* file) {
  touch(vma);
  touch(file);
  core([&] {
    vfs::File* const before = static_cast<vfs::File*>(vma->vm_file);
    vfs::File::of(file)->hold();
    vma->vm_file = file;
    if (before != nullptr) before->put();
  });
}

Ulong vm_mmap(::file* file, Ulong addr, Ulong len, Ulong prot, Ulong flags, Ulong offset) {
  mm_struct* const mm = sched::current_task().mm;
  touch(mm);
  if (file != nullptr) touch(file);
  const Ulong pages_end = offset + ((len + kPageSize - 1) & kPageMask);
  if (pages_end < offset || offset % kPageSize != 0) return static_cast<Ulong>(-mm::err::kInval);
  return static_cast<Ulong>(finish([&] {
    return Mm::of(mm)->mmap({addr, len, static_cast<u32>(prot), static_cast<u32>(flags),
                             static_cast<vfs::File*>(file), offset});
  }));
}

int vm_munmap(Ulong start, std::size_t len) {
  mm_struct* const mm = sched::current_task().mm;
  touch(mm);
  return finish_int([&] { return Mm::of(mm)->munmap(start, len); });
}

/// Where the kernel itself would put a mapping: what a driver's get_unmapped_area falls back to.
Ulong mm_get_unmapped_area(mm_struct* mm, ::file*, Ulong addr, Ulong len, Ulong, Ulong flags) {
  touch(mm);
  return static_cast<Ulong>(finish(
      [&] { return Mm::of(mm)->default_unmapped_area(addr, len, static_cast<u32>(flags)); }));
}

void mmap_assert_locked(mm_struct* mm) {
  touch(mm);
  core([&] { expect_lock(mm, sched::HoldMode::kRead, "mmap_assert_locked"); });
}

void mmap_assert_write_locked(mm_struct* mm) {
  touch(mm);
  core([&] { expect_lock(mm, sched::HoldMode::kWrite, "mmap_assert_write_locked"); });
}

mm_struct* get_task_mm(task_struct* task) {
  touch(task);
  mm_struct* const mm = task->mm;
  if (mm != nullptr) ++mm->mm_users.counter;
  return mm;
}

/// Differs: the last reference unmaps everything, but the memory of the mm_struct itself belongs to
/// the program and goes with it.
void mmput(mm_struct* mm) {
  touch(mm);
  core([&] {
    if (mm->mm_users.counter <= 0) {
      kernel().probe.finding("mmput-underflow", "mmput of an mm_struct that has no users left");
    } else if (--mm->mm_users.counter == 0) {
      Mm::of(mm)->exit_mmap();
    }
  });
}

void mmdrop(mm_struct* mm) {
  touch(mm);
  --mm->mm_count.counter;
}

void vmsim_mmgrab(mm_struct* mm) {
  touch(mm);
  ++mm->mm_count.counter;
}

void vmsim_mmget(mm_struct* mm) {
  touch(mm);
  ++mm->mm_users.counter;
}

int mmget_not_zero(mm_struct* mm) {
  touch(mm);
  if (mm->mm_users.counter == 0) return 0;
  ++mm->mm_users.counter;
  return 1;
}

}  // namespace

std::span<const Export> mm_areas_exports() {
  static const Export table[] = {
      exported("find_vma", &find_vma),
      exported("find_vma_intersection", &find_vma_intersection),
      exported("vma_lookup", &vma_lookup, kernel(5, 14)),
      exported("vm_flags_init", &vm_flags_init, kernel(6, 3)),
      exported("vm_flags_reset", &vm_flags_reset, kernel(6, 3)),
      exported("vm_flags_set", &vm_flags_set, kernel(6, 3)),
      exported("vm_flags_clear", &vm_flags_clear, kernel(6, 3)),
      exported("vm_flags_mod", &vm_flags_mod, kernel(6, 3)),
      exported("vm_get_page_prot", &vm_get_page_prot, kernel(2, 6, 19)),
      exported("vma_set_file", &vma_set_file, kernel(5, 11)),
      exported("vm_mmap", &vm_mmap, kernel(3, 5)),
      exported("vm_munmap", &vm_munmap, kernel(3, 5)),
      exported("mm_get_unmapped_area", &mm_get_unmapped_area, kernel(6, 10)),
      exported("mmap_assert_locked", &mmap_assert_locked, kernel(5, 8)),
      exported("mmap_assert_write_locked", &mmap_assert_write_locked, kernel(5, 8)),
      exported("get_task_mm", &get_task_mm),
      exported("mmput", &mmput),
      exported("mmdrop", &mmdrop),
      exported("vmsim_mmgrab", &vmsim_mmgrab),
      exported("vmsim_mmget", &vmsim_mmget),
      exported("mmget_not_zero", &mmget_not_zero),
  };
  return table;
}

}  // namespace vmsim::abi
