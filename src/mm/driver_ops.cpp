// SPDX-License-Identifier: MIT
// Calls of a driver's vm_ops and f_op; see driver_ops.hpp.
#include "mm/driver_ops.hpp"

#include <fmt/format.h>

#include "sched/driver_call.hpp"

namespace vmsim::mm::driver_ops {

using sched::DriverCall;

namespace {

void emit(Vma& vma, const char* name, i64 result, u64 extra = 0) {
  vma.mm().env().probe.emit(EventKind::kVmOp, vma.vm_start, vma.vm_end, static_cast<u64>(result), extra, name);
}

Failure driver_died(Vma& vma) {
  vma.mm().set_dead();
  return sched::oopsed();
}

Result<void> from_errno(int result) {
  if (result == 0) return {};
  return fail(-result, "refused by the driver");
}

}  // namespace

Result<void> open(Vma& vma) {
  if (!vma.vm_ops || !vma.vm_ops->open) return {};
  emit(vma, "open", 0, vma.vm_pgoff);
  if (!DriverCall::call(vma.vm_ops->open, &vma)) return driver_died(vma);
  return {};
}

Result<void> close(Vma& vma) {
  if (!vma.vm_ops || !vma.vm_ops->close) return {};
  emit(vma, "close", 0, vma.vm_pgoff);
  if (!DriverCall::call(vma.vm_ops->close, &vma)) return driver_died(vma);
  return {};
}

Result<void> may_split(Vma& vma, u64 addr) {
  if (!vma.vm_ops || !vma.vm_ops->may_split) return {};
  const auto result = DriverCall::call(vma.vm_ops->may_split, &vma, addr);
  emit(vma, "may_split", result.value_or(0), addr);
  if (!result) return driver_died(vma);
  return from_errno(*result);
}

Result<void> mprotect(Vma& vma, u64 start, u64 end, u64 new_flags) {
  if (!vma.vm_ops || !vma.vm_ops->mprotect) return {};
  const auto result = DriverCall::call(vma.vm_ops->mprotect, &vma, start, end, new_flags);
  emit(vma, "mprotect", result.value_or(0), new_flags);
  if (!result) return driver_died(vma);
  return from_errno(*result);
}

Result<int> mmap(vfs::File& file, Vma& vma) {
  Env& env = vma.mm().env();
  const auto result = DriverCall::call(file.f_op->mmap, &file, &vma);
  env.probe.emit(EventKind::kFileOp, static_cast<u64>(i64{result.value_or(0)}), vma.vm_start, vma.vm_end, 0, "mmap");
  if (!result) return driver_died(vma);
  return *result;
}

Result<void> mmap_prepare(Mm& mm, vfs::File& file, ::vm_area_desc& desc) {
  const auto result = DriverCall::call(file.f_op->mmap_prepare, &desc);
  mm.env().probe.emit(EventKind::kFileOp, static_cast<u64>(i64{result.value_or(0)}), desc.start, desc.end, 0,
                      "mmap_prepare");
  if (!result) {
    mm.set_dead();
    return sched::oopsed();
  }
  return from_errno(*result);
}

Result<u64> get_unmapped_area(vfs::File& file, const MmapRequest& request) {
  const auto result = DriverCall::call(file.f_op->get_unmapped_area, &file, request.addr, request.len,
                                       request.offset >> kPageShift, u64{request.flags});
  if (!result) return sched::oopsed();
  const auto as_errno = static_cast<i64>(*result);
  if (as_errno < 0 && as_errno >= -4095) return fail(static_cast<int>(-as_errno), "refused by the driver");
  return *result;
}

namespace {

/// Every VM_FAULT_* bit there is; vmsim's own kOopsed is none of them, and a driver must not say it.
constexpr u32 kFaultBits = 0xf7f77;

bool is_errno(u32 result) {
  const auto number = static_cast<i32>(result);
  return number < 0 && number >= -4095;
}

/// "-12 (ENOMEM)", "0x5a5a0000".
std::string code_text(u32 result) {
  if (!is_errno(result)) return fmt::format("{:#x}", result);
  const auto number = static_cast<i32>(result);
  return fmt::format("{} ({})", number, errno_name(-number));
}

const void* code_address(auto* function) {
  return reinterpret_cast<const void*>(function);
}

/// Every small negative errno has the bits of RETRY and COMPLETED: Linux believes that the handler has let go of
/// mmap_lock, and asks again, for ever. Before 2.6.37 nobody retried, and the errors among the bits count.
u32 known_bits(Vma& vma, const char* name, const void* function, u32 result) {
  if ((result & ~kFaultBits) == 0) [[likely]]
    return result;
  const Env& env = vma.mm().env();
  const bool retries = (result & vm_fault_code::kRetry) != 0 && env.config.kernel >= KernelVersion{2, 6, 37};
  const std::string what = fmt::format("{} handler", name);
  env.probe.finding_at(env.probe.places().of_function(function), "fault-bad-code",
                       fmt::format("{} returned {}, which is no VM_FAULT code{}; {}",
                                   handler_text(vma, what.c_str(), function), code_text(result),
                                   is_errno(result) ? ": vmf_error() translates an errno" : "",
                                   retries ? "Linux takes it for VM_FAULT_RETRY and asks for ever"
                                           : "Linux acts on the bits that it knows"));
  if (retries) return vm_fault_code::kNoPage | vm_fault_code::kForEver;
  return result & kFaultBits & ~vm_fault_code::kRetry;
}

}  // namespace

namespace {

using FaultCall = vmsim_fault_t (*)(::vm_fault*);

/// A fault handler with the arguments of its era.
sched::Outcome<u32> call_handler(FaultCall handler, ::vm_fault& vmf) {
  const Vma& vma = *Vma::of(vmf.vma);
  // The core's own handler has today's form.
  if (!vma.mm().rules().fault_takes_area || vma.vm_ops == &kObjectVmOps)
    return DriverCall::call(handler, &vmf);
  using AreaCall = vmsim_fault_t (*)(::vm_area_struct*, ::vm_fault*);
  const auto with_area = reinterpret_cast<AreaCall>(reinterpret_cast<void*>(handler));
  return DriverCall::call(with_area, vmf.vma, &vmf);
}

/// page_mkwrite; the first ones said 0 or -errno, and never locked the page.
sched::Outcome<u32> call_mkwrite(FaultCall handler, ::vm_fault& vmf) {
  if (!Vma::of(vmf.vma)->mm().rules().mkwrite_takes_page) return call_handler(handler, vmf);
  using PageCall = int (*)(::vm_area_struct*, ::page*);
  const auto with_page = reinterpret_cast<PageCall>(reinterpret_cast<void*>(handler));
  const auto code = DriverCall::call(with_page, vmf.vma, vmf.page);
  if (!code) return {};
  return sched::Outcome<u32>(*code < 0 ? vm_fault_code::kSigBus : vm_fault_code::kLocked);
}

}  // namespace

std::string handler_text(const Vma& vma, const char* what, const void* function) {
  const std::string name = vma.mm().env().probe.places().name(function);
  const std::string path = vma.vm_file ? " of " + vma.file()->path() : std::string();
  return fmt::format("the {}{}{}", what, name.empty() ? "" : " " + name, path);
}

const void* fault_handler(const Vma& vma) {
  if (!vma.vm_ops) return nullptr;
  return vma.vm_ops->fault ? code_address(vma.vm_ops->fault) : code_address(vma.vm_ops->nopage);
}

u32 fault(FaultOp op, ::vm_fault& vmf, u64 first_pgoff, u64 last_pgoff) {
  Vma& vma = *Vma::of(vmf.vma);
  Mm& mm = vma.mm();
  const ::vm_operations_struct& ops = *vma.vm_ops;
  const VirtRange range = vma.range();
  sched::Outcome<u32> result;
  const char* name = "fault";
  const void* function = fault_handler(vma);
  switch (op) {
    case FaultOp::kFault:
      result = call_handler(ops.fault, vmf);
      break;
    case FaultOp::kMapPages:
      name = "map_pages";
      function = code_address(ops.map_pages);
      result = DriverCall::call(ops.map_pages, &vmf, first_pgoff, last_pgoff);
      break;
    case FaultOp::kPageMkwrite:
      name = "page_mkwrite";
      function = code_address(ops.page_mkwrite);
      result = call_mkwrite(ops.page_mkwrite, vmf);
      break;
    case FaultOp::kPfnMkwrite:
      name = "pfn_mkwrite";
      function = code_address(ops.pfn_mkwrite);
      result = call_handler(ops.pfn_mkwrite, vmf);
      break;
  }
  // After VM_FAULT_RETRY the area may be gone; its range was read before. Nonsense does not let go of locks.
  mm.env().probe.emit(EventKind::kVmOp, range.start.value, range.end.value, result.value_or(0), vmf.pgoff, name);
  if (result) return known_bits(vma, name, function, *result);
  mm.set_dead();
  return vm_fault_code::kOopsed;
}

::page* nopage(Vma& vma, u64 addr, int* type, bool& oopsed) {
  const auto result = DriverCall::call(vma.vm_ops->nopage, &vma, addr, type);
  emit(vma, "nopage", result ? 0 : -1, addr);
  oopsed = !result;
  if (oopsed) vma.mm().set_dead();
  return result.value_or(nullptr);
}

}  // namespace vmsim::mm::driver_ops
