// SPDX-License-Identifier: MIT
// mmap(2). Counterpart: do_mmap() and mmap_region() of mm/mmap.c and mm/vma.c. Part of Mm.
// Leaves out huge-page files, MAP_POPULATE, MAP_SYNC, memory accounting, and an f_op->mmap_prepare that replaces the
// file.
#include <memory>

#include <fmt/format.h>

#include "mm/driver_ops.hpp"
#include "mm/lock.hpp"
#include "mm/merge.hpp"
#include "mm/mm.hpp"
#include "mm/prot.hpp"
#include "mm/unmap.hpp"

namespace vmsim::mm {

/// One mmap(2) on its way. Phases run in the order in which they stand here; a failure leaves by the first one that
/// refuses, and what earlier phases did (an old mapping carved out) stays done, as in Linux.
class MmapState {
 public:
  MmapState(Mm& mm, const MmapRequest& request) : mm_(mm), request_(request) {}

  Result<u64> run();

 private:
  Result<void> check_arguments();
  Result<void> place();
  Result<void> compute_flags();
  Result<void> flags_for_file();
  Result<void> flags_for_anonymous();
  Result<void> carve_out();
  Result<void> prepare_by_driver();
  Vma* try_merge();
  Result<u64> map_new_area();
  Result<void> call_driver(Vma& vma);
  const void* handler() const;
  Failure refused_by_driver(const std::string& who) const;
  Result<void> attach_shared_anonymous(Vma& vma);
  Vma* merge_after_driver(Vma& vma);
  void undo(Vma& vma);
  u64 finish(Vma& vma);

  u64 end() const { return addr_ + len_; }

  bool prepares() const { return request_.file && request_.file->f_op->mmap_prepare; }

  Mm& mm_;
  const MmapRequest& request_;
  u32 map_flags_ = 0;
  u64 addr_ = 0;
  u64 len_ = 0;
  u64 pgoff_ = 0;
  u64 flags_ = 0;
  int handler_said_ = 0;
  ::vm_area_desc prepared_ = {};  ///< what f_op->mmap_prepare has said
};

Result<u64> Mm::mmap(const MmapRequest& request) {
  if (request.offset % kPageSize != 0) return fail(err::kInval, "the offset is not page aligned");
  MmapWriteLock lock(*this);
  if (!lock.held()) return lock_failed();
  auto result = MmapState(*this, request).run();
  validate_in_debug();
  return result;
}

Result<u64> MmapState::run() {
  VMSIM_CHECK(check_arguments());
  VMSIM_CHECK(place());
  VMSIM_CHECK(compute_flags());
  VMSIM_CHECK(carve_out());
  if (prepares()) VMSIM_CHECK(prepare_by_driver());
  if (Vma* const merged = try_merge()) return finish(*merged);
  return map_new_area();
}

Result<void> MmapState::check_arguments() {
  map_flags_ = request_.flags;
  if (request_.len == 0) return fail(err::kInval, "the length is 0");
  if ((map_flags_ & map::kFixedNoReplace) != 0) map_flags_ |= map::kFixed;
  len_ = (request_.len + kPageSize - 1) & kPageMask;
  if (len_ == 0) return fail(err::kNoMem, "the length wraps when rounded to pages");
  pgoff_ = request_.offset >> kPageShift;
  if (request_.file && pgoff_ + (len_ >> kPageShift) >= (u64{1} << 52)) {
    return fail(err::kOverflow, "offset + length overflows");
  }
  if (mm_.map_count > static_cast<i64>(mm_.env().config.max_map_count)) return fail(err::kNoMem, "max_map_count");
  if ((map_flags_ & map::kHugeTlb) != 0) {
    return request_.file ? fail(err::kInval, "MAP_HUGETLB on a file that is not hugetlbfs")
                         : fail(err::kNoMem, "no huge pages are reserved");
  }
  return {};
}

Result<void> MmapState::place() {
  if ((map_flags_ & map::kFixed) != 0) {
    if (request_.addr > mm_.task_size || len_ > mm_.task_size - request_.addr) {
      return fail(err::kNoMem, "beyond the end of user space");
    }
    if (request_.addr % kPageSize != 0) return fail(err::kInval, "MAP_FIXED wants a page-aligned address");
  }
  addr_ = VMSIM_TRY(mm_.get_unmapped_area(request_.file, request_.addr, len_, pgoff_, map_flags_));
  if ((map_flags_ & map::kFixedNoReplace) != 0 && mm_.vmas().find_intersection(addr_, end())) {
    return fail(err::kExist, "MAP_FIXED_NOREPLACE over an existing mapping");
  }
  return {};
}

Result<void> MmapState::compute_flags() {
  flags_ = (request_.prot & (prot::kRead | prot::kWrite | prot::kExec)) | mm_.def_flags;
  flags_ |= vm::kMayRead | vm::kMayWrite | vm::kMayExec;
  if ((map_flags_ & map::kGrowsDown) != 0) flags_ |= vm::kGrowsDown;
  if ((map_flags_ & map::kLocked) != 0) flags_ |= vm::kLocked;
  if ((map_flags_ & map::kStack) != 0 && mm_.rules().map_stack_no_huge) flags_ |= vm::kNoHugePage;
  if (request_.file) {
    VMSIM_CHECK(flags_for_file());
  } else {
    VMSIM_CHECK(flags_for_anonymous());
  }
  if ((map_flags_ & map::kNoReserve) != 0) flags_ |= vm::kNoReserve;
  const u64 limit_pages = mm_.env().config.address_space_limit_bytes >> kPageShift;
  if (mm_.total_vm + (len_ >> kPageShift) > limit_pages) return fail(err::kNoMem, "RLIMIT_AS");
  if ((flags_ & (vm::kNoReserve | vm::kShared | vm::kWrite)) == vm::kWrite) flags_ |= vm::kAccount;
  return {};
}

Result<void> MmapState::flags_for_file() {
  const vfs::File& file = *request_.file;
  const bool may_read = (file.f_mode & vfs::kFmodeRead) != 0;
  const bool may_write = (file.f_mode & vfs::kFmodeWrite) != 0;
  const u32 type = map_flags_ & map::kType;
  if (type != map::kShared && type != map::kSharedValidate && type != map::kPrivate) {
    return fail(err::kInval, "neither MAP_SHARED nor MAP_PRIVATE");
  }
  if (type == map::kSharedValidate && (request_.flags & ~(map::kLegacyMask | map::kFixedNoReplace)) != 0) {
    return fail(err::kOpNotSupp, "MAP_SHARED_VALIDATE with a flag that this file does not support");
  }
  if (type != map::kPrivate) {
    if ((request_.prot & prot::kWrite) != 0 && !may_write) {
      return fail(err::kAcces, "a shared writable mapping of a file that is not open for writing");
    }
    flags_ |= vm::kShared | vm::kMayShare;
    if (!may_write) flags_ &= ~(vm::kMayWrite | vm::kShared);
  }
  if (!may_read) return fail(err::kAcces, "a mapping of a file that is not open for reading");
  if (!file.f_op || (!file.f_op->mmap && !file.f_op->mmap_prepare))
    return fail(err::kNoDev, "the file has no mmap operation");
  if (file.f_op->mmap && file.f_op->mmap_prepare) return fail(err::kNoDev, "the file has mmap and mmap_prepare");
  if ((flags_ & vm::kGrowsDown) != 0) return fail(err::kInval, "MAP_GROWSDOWN on a file");
  return {};
}

Result<void> MmapState::flags_for_anonymous() {
  const u32 type = map_flags_ & map::kType;
  if (type == map::kShared) {
    if ((flags_ & vm::kGrowsDown) != 0) return fail(err::kInval, "MAP_GROWSDOWN on shared memory");
    pgoff_ = 0;
    flags_ |= vm::kShared | vm::kMayShare;
  } else if (type == map::kPrivate) {
    pgoff_ = addr_ >> kPageShift;
  } else {
    return fail(err::kInval, "neither MAP_SHARED nor MAP_PRIVATE");
  }
  return {};
}

Result<void> MmapState::carve_out() {
  if (!mm_.vmas().find_intersection(addr_, end())) return {};
  return UnmapState(mm_, addr_, end(), UnmapReason::kReplace).run();
}

Result<void> MmapState::prepare_by_driver() {
  prepared_ = {};
  prepared_.mm = &mm_;
  prepared_.start = addr_;
  prepared_.end = end();
  prepared_.pgoff = pgoff_;
  prepared_.file = request_.file;
  prepared_.vm_flags = flags_;
  prepared_.page_prot.pgprot = page_prot(flags_, mm_.rules());
  VMSIM_CHECK(driver_ops::mmap_prepare(mm_, *request_.file, prepared_));
  pgoff_ = prepared_.pgoff;
  flags_ = prepared_.vm_flags;
  return {};
}

Vma* MmapState::try_merge() {
  if (request_.file && mm_.rules().file_merge_after_mmap) return nullptr;
  if (!request_.file && (flags_ & vm::kShared) != 0) return nullptr;  // each has an object of its own
  MergeRequest merge;
  merge.start = addr_;
  merge.end = end();
  merge.flags = flags_;
  merge.pgoff = pgoff_;
  merge.file = request_.file;
  return Merge(mm_, merge).take_new_range();
}

Result<u64> MmapState::map_new_area() {
  if (!mm_.vmas().reserve_for_insert(1, &mm_.env().probe)) return fail(err::kNoMem);
  auto fresh = std::make_unique<Vma>(mm_, addr_, end());
  fresh->__vm_flags = flags_;
  fresh->vm_pgoff = pgoff_;
  fresh->vm_page_prot.pgprot = page_prot(flags_, mm_.rules());
  if (mm_.rules().era26) fresh->vm_ops = nullptr;  // no dummy operations yet
  if (request_.file) {
    VMSIM_CHECK(call_driver(*fresh));
    if (handler_said_ > 0) return static_cast<u64>(handler_said_);  // nonsense, and the kernel passes it on
  } else if ((flags_ & vm::kShared) != 0) {
    VMSIM_CHECK(attach_shared_anonymous(*fresh));
  } else {
    fresh->vm_ops = nullptr;
  }
  flags_ = fresh->vm_flags;  // the driver may have changed them
  if (Vma* const merged = merge_after_driver(*fresh)) return finish(*merged);
  Vma& vma = *fresh.release();
  mm_.vma_link(vma);
  return finish(vma);
}

Result<void> MmapState::call_driver(Vma& vma) {
  vma.vm_file = request_.file;
  request_.file->hold();
  if (prepares()) {
    vma.vm_page_prot = prepared_.page_prot;
    if (prepared_.vm_ops) vma.vm_ops = prepared_.vm_ops;
    vma.vm_private_data = prepared_.private_data;
    return {};
  }
  mm_.refusal_ = {};
  mm_.area_in_handler_ = &vma;
  const auto result = driver_ops::mmap(*request_.file, vma);
  mm_.area_in_handler_ = nullptr;
  if (result && *result == 0) return {};
  const std::string who = driver_ops::handler_text(vma, "mmap handler", handler());
  undo(vma);
  if (!result) return Failure(result.error());
  handler_said_ = *result;
  if (handler_said_ < 0) return refused_by_driver(who);
  base::Probe& probe = mm_.env().probe;
  probe.finding_at(probe.places().of_function(handler()), "mmap-positive-return",
                   fmt::format("{} returned {}; Linux maps nothing and gives the program {:#x} for an address", who,
                               handler_said_, handler_said_));
  return {};
}

const void* MmapState::handler() const {
  return reinterpret_cast<const void*>(request_.file->f_op->mmap);
}

/// The driver's errno, in the words of the call that it came from where that is known.
Failure MmapState::refused_by_driver(const std::string& who) const {
  const Error& inner = mm_.refusal_;
  const bool passed_on = inner.errno_value == -handler_said_;
  return fail(-handler_said_, who + " refused" + (passed_on ? ": " + inner.message : std::string()));
}

void MmapState::undo(Vma& vma) {
  // Whatever the handler had mapped goes; close is not called, for the area never was.
  mm_.zap_range(vma, vma.range());
  const Vma* const prev = mm_.vmas().find_prev(addr_);
  const Vma* const next = mm_.vmas().find(addr_);
  mm_.table().free_tables({VirtAddr(addr_), VirtAddr(end())}, VirtAddr(prev ? prev->vm_end : 0),
                          VirtAddr(next ? next->vm_start : mm_.task_size));
  mm_.flush({VirtAddr(addr_), VirtAddr(end())});
  vma.release_references();
}

Vma* MmapState::merge_after_driver(Vma& vma) {
  // 2.6 asks the driver first; a neighbour that swallows the new area is then enough, and nobody hears of it.
  if (!request_.file || !mm_.rules().file_merge_after_mmap || (vma.vm_ops && vma.vm_ops->close)) return nullptr;
  MergeRequest merge;
  merge.start = addr_;
  merge.end = end();
  merge.flags = flags_;
  merge.pgoff = vma.vm_pgoff;
  merge.file = request_.file;
  Vma* const merged = Merge(mm_, merge).take_new_range();
  if (merged) vma.release_references();
  return merged;
}

Result<void> MmapState::attach_shared_anonymous(Vma& vma) {
  Env& env = mm_.env();
  auto* object = new PageObject(env.zones, PageObject::Kind::kShmem);
  auto* file = new vfs::File(make_object_inode("/dev/zero (deleted)", object), vfs::kORdWr, env.file_calls);
  file->node()->i_ino = reinterpret_cast<u64>(object) >> 6 & 0xffff;
  vma.vm_file = file;
  vma.vm_ops = &kObjectVmOps;
  return {};
}

u64 MmapState::finish(Vma& vma) {
  mm_.account(flags_, static_cast<i64>(len_ >> kPageShift));
  if (vma.has(vm::kLocked) && Merge::has_special(mm_.rules(), vma.flags())) vma.__vm_flags &= ~vm::kLocked;
  if (!mm_.rules().era26) {
    vma.__vm_flags |= vm::kSoftDirty;
    mm_.set_page_prot(vma);
  }
  const std::string name = vma.vm_file ? vma.file()->path() : std::string();
  mm_.env().probe.emit(EventKind::kMmap, addr_, end(), vma.flags(), vma.pgoff_at(addr_), name.c_str());
  return addr_;
}

}  // namespace vmsim::mm
