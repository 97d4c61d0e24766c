// SPDX-License-Identifier: MIT
// Calls of a driver's vm_ops and f_op, each behind the driver boundary and seen as an event.
// Counterpart: the calls through vma->vm_ops all over mm/. An Error of kErrOops says that the driver died in it.
#pragma once

#include "mm/mm.hpp"

namespace vmsim::mm::driver_ops {

Result<void> open(Vma& vma);
Result<void> close(Vma& vma);
/// The driver's errno as an Error.
Result<void> may_split(Vma& vma, u64 addr);
Result<void> mprotect(Vma& vma, u64 start, u64 end, u64 new_flags);
/// The handler's raw return value: 0, -errno, or nonsense.
Result<int> mmap(vfs::File& file, Vma& vma);
/// f_op->mmap_prepare; what it has said is in `desc`.
Result<void> mmap_prepare(Mm& mm, vfs::File& file, ::vm_area_desc& desc);
/// "the fault handler status_fault [status] of /dev/status", for findings; `what`: "fault handler".
std::string handler_text(const Vma& vma, const char* what, const void* function);
/// The area's handler of page faults, nopage's in 2.6; nullptr where it has none.
const void* fault_handler(const Vma& vma);
Result<u64> get_unmapped_area(vfs::File& file, const MmapRequest& request);

enum class FaultOp : u8 { kFault, kMapPages, kPageMkwrite, kPfnMkwrite };
/// VM_FAULT_* bits; vm_fault_code::kOopsed if the handler died.
u32 fault(FaultOp op, ::vm_fault& vmf, u64 first_pgoff = 0, u64 last_pgoff = 0);
/// The 2.6 handler. `oopsed` tells whether it died.
::page* nopage(Vma& vma, u64 addr, int* type, bool& oopsed);

}  // namespace vmsim::mm::driver_ops
