// SPDX-License-Identifier: MIT
// linux/mm.h, third part: pages and bytes of programs. Counterpart: the exported part of mm/gup.c
// and of mm/memory.c. No logic: kern/user_pages has it. Called by drivers through the export table.
#include "kern/user_pages.hpp"

#include <cstring>

#include "abi/abi.hpp"

namespace vmsim::abi {

namespace {

using kern::MmapLock;
using kern::PageHold;
using mm::Mm;
using Ulong = unsigned long;

struct UserPages {
  mm_struct* mm;
  Ulong start;
  Ulong nr;
  u32 flags;
  ::page** pages;
  vm_area_struct** areas;
  PageHold hold;
  MmapLock lock;
};

i64 hold_user_pages(const UserPages& what, Caller caller) {
  touch(what.mm, caller);
  if (what.pages != nullptr) touch_range(what.pages, what.nr * sizeof(::page*), caller);
  if (what.areas != nullptr) touch_range(what.areas, what.nr * sizeof(::vm_area_struct*), caller);
  return finish(
      [&] {
        const kern::UserPagesRequest request{what.start, what.nr,   what.flags,
                                             what.hold,  what.lock, false};
        return kern::user_pages(*Mm::of(what.mm), request,
                                {what.pages, what.pages != nullptr ? what.nr : 0},
                                {what.areas, what.areas != nullptr ? what.nr : 0});
      },
      caller);
}

mm_struct* current_mm() {
  return sched::current_task().mm;
}

u32 write_and_force(int write, int force) {
  return (write != 0 ? kern::kFollWrite : 0) | (force != 0 ? kern::kFollForce : 0);
}

/// [, 4.6).
int get_user_pages_of(task_struct*, mm_struct* mm, Ulong start, int len, int write, int force,
                      ::page** pages, vm_area_struct** vmas) {
  if (len < 0) return -mm::err::kInval;
  return static_cast<int>(
      hold_user_pages({mm, start, static_cast<Ulong>(len), write_and_force(write, force), pages,
                       vmas, PageHold::kGet, MmapLock::kHeld},
                      VMSIM_ABI_CALLER));
}

/// [4.6, 4.9).
long get_user_pages_write(Ulong start, Ulong nr, int write, int force, ::page** pages,
                          vm_area_struct** vmas) {
  return hold_user_pages({current_mm(), start, nr, write_and_force(write, force), pages, vmas,
                          PageHold::kGet, MmapLock::kHeld},
                         VMSIM_ABI_CALLER);
}

/// [4.9, 6.5).
long get_user_pages_areas(Ulong start, Ulong nr, unsigned flags, ::page** pages,
                          vm_area_struct** vmas) {
  return hold_user_pages(
      {current_mm(), start, nr, flags, pages, vmas, PageHold::kGet, MmapLock::kHeld},
      VMSIM_ABI_CALLER);
}

long pin_user_pages_areas(Ulong start, Ulong nr, unsigned flags, ::page** pages,
                          vm_area_struct** vmas) {
  return hold_user_pages(
      {current_mm(), start, nr, flags, pages, vmas, PageHold::kPin, MmapLock::kHeld},
      VMSIM_ABI_CALLER);
}

long get_user_pages(Ulong start, Ulong nr, unsigned flags, ::page** pages) {
  return hold_user_pages(
      {current_mm(), start, nr, flags, pages, nullptr, PageHold::kGet, MmapLock::kHeld},
      VMSIM_ABI_CALLER);
}

long pin_user_pages(Ulong start, Ulong nr, unsigned flags, ::page** pages) {
  return hold_user_pages(
      {current_mm(), start, nr, flags, pages, nullptr, PageHold::kPin, MmapLock::kHeld},
      VMSIM_ABI_CALLER);
}

int get_user_pages_fast(Ulong start, int nr, unsigned flags, ::page** pages) {
  if (nr <= 0) return 0;
  return static_cast<int>(hold_user_pages({current_mm(), start, static_cast<Ulong>(nr), flags,
                                           pages, nullptr, PageHold::kGet, MmapLock::kTake},
                                          VMSIM_ABI_CALLER));
}

int pin_user_pages_fast(Ulong start, int nr, unsigned flags, ::page** pages) {
  if (nr <= 0) return 0;
  return static_cast<int>(hold_user_pages({current_mm(), start, static_cast<Ulong>(nr), flags,
                                           pages, nullptr, PageHold::kPin, MmapLock::kTake},
                                          VMSIM_ABI_CALLER));
}

void unpin_user_page(::page* page) {
  if (!page_ok(page, "unpin_user_page")) return;
  core([&] { kern::unpin_user_page(*memory().env, page); });
}

void unpin_user_pages_dirty_lock(::page** pages, Ulong nr, bool dirty) {
  touch_range(pages, nr * sizeof(pages[0]));
  for (Ulong i = 0; i < nr; ++i) {
    ::page* const page = pages[i];
    if (!page_ok(page, "unpin_user_pages")) continue;
    if (dirty) page->flags |= 1ul << PG_dirty;
    core([&] { kern::unpin_user_page(*memory().env, page); });
  }
}

void unpin_user_pages(::page** pages, Ulong nr) {
  unpin_user_pages_dirty_lock(pages, nr, false);
}

int access_process_vm(task_struct* task, Ulong addr, void* buf, int len, unsigned flags) {
  touch(task);
  mm_struct* const mm = task->mm;
  if (mm == nullptr || len <= 0) return 0;
  // Until 4.8 the flag was `write`, and rights did not count.
  if (memory().env->rules.kernel < KernelVersion{4, 9, 0}) flags |= kern::kFollForce;
  const std::span bytes(static_cast<std::byte*>(buf), static_cast<std::size_t>(len));
  return finish_int([&]() -> Result<u64> {
    sched::OopsRecord fault;
    auto done = kern::access_remote(*Mm::of(mm), addr, bytes, flags, fault);
    if (!done && done.error().errno_value == sched::kErrBug) return driver_fault(fault);
    return done;
  });
}

int generic_access_phys(vm_area_struct* vma, Ulong addr, void* buf, int len, int write) {
  touch(vma);
  touch(vma->vm_mm);
  if (len <= 0) return -mm::err::kInval;
  // The driver's buffer is touched in its own context.
  std::byte bounce[kPageSize];
  const std::size_t bytes = static_cast<std::size_t>(len) < kPageSize
                                ? static_cast<std::size_t>(len)
                                : std::size_t{kPageSize};
  if (write != 0) std::memcpy(bounce, buf, bytes);
  const int done = finish_int([&] {
    return kern::access_phys(*mm::Vma::of(vma), addr, {bounce, bytes}, write != 0);
  });
  if (write == 0 && done > 0) std::memcpy(buf, bounce, static_cast<std::size_t>(done));
  return done;
}

}  // namespace

std::span<const Export> user_pages_exports() {
  static const Export table[] = {
      exported("get_user_pages", &get_user_pages_of, 0, kernel(4, 6)),
      exported("get_user_pages", &get_user_pages_write, kernel(4, 6), kernel(4, 9)),
      exported("get_user_pages", &get_user_pages_areas, kernel(4, 9), kernel(6, 5)),
      exported("get_user_pages", &get_user_pages, kernel(6, 5)),
      exported("pin_user_pages", &pin_user_pages_areas, kernel(5, 6), kernel(6, 5)),
      exported("pin_user_pages", &pin_user_pages, kernel(6, 5)),
      exported("get_user_pages_fast", &get_user_pages_fast, kernel(2, 6, 27)),
      exported("pin_user_pages_fast", &pin_user_pages_fast, kernel(5, 6)),
      exported("unpin_user_page", &unpin_user_page, kernel(5, 6)),
      exported("unpin_user_pages", &unpin_user_pages, kernel(5, 6)),
      exported("unpin_user_pages_dirty_lock", &unpin_user_pages_dirty_lock, kernel(5, 6)),
      exported("access_process_vm", &access_process_vm),
      exported("generic_access_phys", &generic_access_phys, kernel(2, 6, 28)),
  };
  return table;
}

}  // namespace vmsim::abi
