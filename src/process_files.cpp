// SPDX-License-Identifier: MIT
// File calls of a Process; see vmsim/process.hpp. Host memory stands for buffers of the program through HostBuffer.
#include <fmt/format.h>

#include "kern/file_calls.hpp"
#include "kern/user_copy.hpp"
#include "machine_state.hpp"
#include "process_state.hpp"

namespace vmsim {

namespace {

Result<vfs::File*> file_of(Process::State& state, int fd) {
  vfs::File* const file = state.files->lookup(fd);
  if (!file || (file->f_mode & vfs::kFmodePath) != 0) {
    return fail(mm::err::kBadF, fmt::format("{} is not an open file", fd));
  }
  return file;
}

}  // namespace

Result<int> Process::open(std::string_view path, u32 flags) {
  return in_system_call(*state_, [&]() -> Result<int> {
    vfs::File* const file = VMSIM_TRY(state_->kernel->files->open(path, flags));
    return state_->files->install(file);
  });
}

Result<void> Process::close(int fd) {
  return in_system_call(*state_, [&]() -> Result<void> {
    vfs::File* const file = state_->files->remove(fd);
    if (!file) return fail(mm::err::kBadF, fmt::format("{} is not an open file", fd));
    const int flushed = state_->kernel->files->flush(file);
    file->put();
    if (flushed < 0) return fail(-flushed, "the driver's flush refused");
    return {};
  });
}

Result<u64> Process::read(int fd, VirtAddr buffer, u64 length) {
  return in_system_call(*state_, [&]() -> Result<u64> {
    return state_->kernel->files->read(*VMSIM_TRY(file_of(*state_, fd)), buffer.value, length);
  });
}

Result<u64> Process::write(int fd, VirtAddr buffer, u64 length) {
  return in_system_call(*state_, [&]() -> Result<u64> {
    return state_->kernel->files->write(*VMSIM_TRY(file_of(*state_, fd)), buffer.value, length);
  });
}

Result<u64> Process::read(int fd, std::span<std::byte> buffer) {
  return in_system_call(*state_, [&]() -> Result<u64> {
    vfs::File* const file = VMSIM_TRY(file_of(*state_, fd));
    kern::LentBuffer host(*state_->kernel->user_copy, buffer);
    return state_->kernel->files->read(*file, host.addr(), buffer.size());
  });
}

Result<u64> Process::write(int fd, std::span<const std::byte> buffer) {
  return in_system_call(*state_, [&]() -> Result<u64> {
    vfs::File* const file = VMSIM_TRY(file_of(*state_, fd));
    kern::LentBuffer host(*state_->kernel->user_copy, buffer);
    return state_->kernel->files->write(*file, host.addr(), buffer.size());
  });
}

Result<u64> Process::write(int fd, std::string_view text) {
  return write(fd, std::as_bytes(std::span(text.data(), text.size())));
}

Result<u64> Process::lseek(int fd, i64 offset, int whence) {
  return in_system_call(*state_, [&]() -> Result<u64> {
    return static_cast<u64>(
        VMSIM_TRY(state_->kernel->files->llseek(*VMSIM_TRY(file_of(*state_, fd)), offset, whence)));
  });
}

Result<i64> Process::ioctl(int fd, u32 command, u64 argument) {
  return in_system_call(*state_, [&]() -> Result<i64> {
    return state_->kernel->files->ioctl(*VMSIM_TRY(file_of(*state_, fd)), command, argument);
  });
}

Result<i64> Process::ioctl_buffer(int fd, u32 command, std::span<std::byte> object) {
  return in_system_call(*state_, [&]() -> Result<i64> {
    vfs::File* const file = VMSIM_TRY(file_of(*state_, fd));
    kern::LentBuffer host(*state_->kernel->user_copy, object);
    return state_->kernel->files->ioctl(*file, command, host.addr());
  });
}

Result<int> Process::eventfd(u64 initial, u32 flags) {
  return in_system_call(*state_, [&]() -> Result<int> {
    return state_->files->install(VMSIM_TRY(state_->kernel->event_fds->create(initial, flags)));
  });
}

Result<u32> Process::poll(int fd) {
  return in_system_call(*state_, [&]() -> Result<u32> {
    return state_->kernel->files->poll(*VMSIM_TRY(file_of(*state_, fd)));
  });
}

Result<u32> Process::poll(int fd, u32 events, u64 timeout_ns) {
  return in_system_call(*state_, [&]() -> Result<u32> {
    kern::PollRequest request{VMSIM_TRY(file_of(*state_, fd)), events};
    const auto deadline = state_->kernel->scheduler->deadline_in(timeout_ns);
    VMSIM_TRY(state_->kernel->files->poll(std::span(&request, 1), deadline));
    return request.ready;
  });
}

Result<void> Process::set_flags(int fd, u32 flags) {
  return in_system_call(*state_, [&]() -> Result<void> {
    return state_->kernel->files->set_flags(*VMSIM_TRY(file_of(*state_, fd)), fd, flags);
  });
}

bool Process::take_signal() {
  if (state_->exited || !state_->task->signal_pending()) return false;
  state_->task->clear_signal();
  return true;
}

}  // namespace vmsim
