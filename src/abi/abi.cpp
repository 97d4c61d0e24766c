// SPDX-License-Identifier: MIT
// The common tools of the exported functions; see abi.hpp.
#include "abi/abi.hpp"

#include <fmt/format.h>

#include "kern/owner_tag.hpp"

namespace vmsim::abi {

namespace {

/// errno_value of an Error whose oops is in kept_record.
constexpr int kErrKept = 100002;

/// What leave() reports. Plain data, because nothing else may survive the jump.
thread_local sched::OopsRecord kept_record;

sched::OopsRecord at_caller(sched::OopsRecord record, const Caller& caller) {
  const sched::OopsRecord where =
      sched::DriverCall::bug_record({}, caller.return_address, caller.frame);
  record.ip = where.ip;
  record.after_call = true;
  record.sp = where.sp;
  record.fp = where.fp;
  return record;
}

}  // namespace

u32 caller_tag(const void* return_address) {
  const kern::Modules* modules = kernel().modules.get();
  if (modules == nullptr) return 0;
  const kern::Module* module = modules->owner_of(reinterpret_cast<u64>(return_address));
  return module == nullptr ? 0 : kern::owner_tag(*module);
}

#if defined(__clang__)
__attribute__((no_sanitize("address", "thread", "undefined")))
#else
__attribute__((no_sanitize_address, no_sanitize_thread, no_sanitize_undefined))
#endif
std::size_t
touch_text(const char* text, std::size_t max) {
  const volatile char* at = text;
  std::size_t length = 0;
  while (length < max && at[length] != '\0') ++length;
  return length;
}

Ended ended_by(const Error& error) {
  if (error.errno_value == sched::kErrOops) return {Ended::kOopsed, 0};
  if (error.errno_value == kErrKept) return {Ended::kBug, 0};
  if (error.errno_value != sched::kErrBug) return {Ended::kReturned, -i64{error.errno_value}};
  kept_record = sched::OopsRecord{};
  kept_record.kind = sched::OopsKind::kBug;
  kept_record.set_text(error.message);
  return {Ended::kBug, 0};
}

Failure driver_fault(const sched::OopsRecord& record) {
  kept_record = record;
  return fail(kErrKept);
}

void leave(Ended::Way way, const Caller& caller) {
  if (way == Ended::kOopsed) sched::DriverCall::leave_by_oops();
  sched::DriverCall::oops(at_caller(kept_record, caller));
}

void leave_by_bug(const char* text, const Caller& caller) {
  sched::DriverCall::oops(sched::DriverCall::bug_record(text, caller.return_address, caller.frame));
}

bool page_ok(const ::page* page, const char* call, Caller caller) {
  if (memory().mem_map->contains(page)) [[likely]]
    return true;
  char byte;
  sched::OopsRecord record;
  if (!sched::DriverCall::try_copy(&byte, page, 1, &record))
    sched::DriverCall::oops(at_caller(record, caller));
  core([&] {
    kernel().probe.finding("bad-struct-page",
                           fmt::format("{} of a pointer to no struct page: {}", call,
                                       memory().addresses->describe(page)));
  }, caller.return_address);
  return false;
}

}  // namespace vmsim::abi
