// SPDX-License-Identifier: MIT
// Event counters; see eventfd.hpp.
#include "kern/eventfd.hpp"

#include <algorithm>
#include <cerrno>

#include "sched/wait.hpp"

namespace vmsim::kern {

namespace {

const ::file_operations kServed = {};
constexpr unsigned kONonBlock = 04000;

}  // namespace

EventFds::~EventFds() = default;

Result<vfs::File*> EventFds::create(u64 initial, unsigned flags) {
  if ((flags & ~(kSemaphore | kNonBlock | kCloexec)) != 0)
    return fail(EINVAL, "eventfd() knows EFD_SEMAPHORE, EFD_NONBLOCK and EFD_CLOEXEC");
  auto own = std::make_unique<::eventfd_ctx>();
  ::eventfd_ctx* const context = own.get();
  context->count = initial;
  context->semaphore = (flags & kSemaphore) != 0;
  sched::init_waitqueue_head(context->wait, "eventfd");
  auto* const node = new vfs::Inode("anon_inode:[eventfd]", kModeRegular | 0600);
  node->backend = this;
  node->i_private = context;
  contexts_[context] = std::move(own);
  const Result<vfs::File*> file = files_.open(*node, vfs::kORdWr | (flags & kNonBlock));
  if (!file) contexts_.erase(context);
  node->put();
  return file;
}

::eventfd_ctx& EventFds::of(vfs::File& file) {
  return *static_cast<::eventfd_ctx*>(file.f_inode->i_private);
}

Result<::eventfd_ctx*> EventFds::context_of(vfs::File& file) {
  if (file.node()->backend != this) return fail(EINVAL, "the file is no eventfd");
  ::eventfd_ctx& context = of(file);
  ++context.references;
  return &context;
}

void EventFds::put(::eventfd_ctx* context) {
  const auto it = contexts_.find(context);
  if (it == contexts_.end()) {
    probe_.finding("eventfd-put-too-often",
                   "eventfd_ctx_put() of a context that is gone; Linux uses freed memory.");
    return;
  }
  if (--context->references == 0) contexts_.erase(it);
}

u64 EventFds::signal(::eventfd_ctx& context, u64 add) {
  add = std::min<u64>(add, kCountMax - context.count);
  context.count += add;
  sched::wake_up(context.wait, sched::kWakeNormal, 1);
  return add;
}

// --- the calls of programs ---

Result<const ::file_operations*> EventFds::open(vfs::Inode&, vfs::File& file) {
  file.served = true;
  return &kServed;
}

void EventFds::released(vfs::File& file) {
  if (contexts_.contains(static_cast<::eventfd_ctx*>(file.f_inode->i_private))) put(&of(file));
}

Result<u64> EventFds::read(vfs::File& file, u64 buffer, u64 count, i64&) {
  if (count < sizeof(u64)) return fail(EINVAL, "an eventfd is read 8 bytes at a time");
  ::eventfd_ctx& context = of(file);
  if (context.count == 0) {
    if ((file.f_flags & kONonBlock) != 0) return fail(EAGAIN, "the counter is 0");
    scheduler_.check_may_sleep("read of an eventfd");
    const sched::WaitResult result =
        sched::wait_event(context.wait, sched::State::kInterruptible, sched::Deadline::never(),
                          [&] { return context.count != 0; });
    if (result != sched::WaitResult::kWoken) return fail(EINTR, "no event came");
  }
  const u64 value = context.semaphore ? 1 : context.count;
  context.count -= value;
  sched::wake_up(context.wait, sched::kWakeNormal, 1);
  if (VMSIM_TRY(user_.to_user(buffer, &value, sizeof(value))) != 0) return fail(EFAULT);
  return u64{sizeof(value)};
}

Result<u64> EventFds::write(vfs::File& file, u64 buffer, u64 count, i64&) {
  if (count < sizeof(u64)) return fail(EINVAL, "an eventfd is written 8 bytes at a time");
  u64 add = 0;
  if (VMSIM_TRY(user_.from_user(&add, buffer, sizeof(add))) != 0) return fail(EFAULT);
  if (add == kCountMax) return fail(EINVAL, "the largest number cannot be added");
  ::eventfd_ctx& context = of(file);
  const auto fits = [&] { return kCountMax - context.count > add; };
  if (!fits()) {
    if ((file.f_flags & kONonBlock) != 0) return fail(EAGAIN, "the counter is full");
    const sched::WaitResult result = sched::wait_event(context.wait, sched::State::kInterruptible,
                                                       sched::Deadline::never(), fits);
    if (result != sched::WaitResult::kWoken) return fail(EINTR, "nobody read");
  }
  context.count += add;
  sched::wake_up(context.wait, sched::kWakeNormal, 1);
  return u64{sizeof(add)};
}

u32 EventFds::poll(vfs::File& file, ::poll_table_struct* table) {
  ::eventfd_ctx& context = of(file);
  if (table && table->_qproc) table->_qproc(&file, &context.wait, table);
  u32 ready = 0;
  if (context.count > 0) ready |= poll_bit::kIn;
  if (context.count == kCountMax) ready |= poll_bit::kErr;
  if (context.count < kCountMax - 1) ready |= poll_bit::kOut;
  return ready;
}

}  // namespace vmsim::kern
