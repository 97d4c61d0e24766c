// SPDX-License-Identifier: MIT
// Life and memory calls of a Process; see vmsim/process.hpp. Files are in process_files.cpp, views
// in process_views.cpp.
#include "vmsim/process.hpp"

#include <fmt/format.h>

#include "machine_state.hpp"
#include "mm/driver_ops.hpp"
#include "process_state.hpp"

namespace vmsim {

mmu::FaultReply UserFaults::handle_fault(VirtAddr addr, mmu::AccessKind kind) {
  if (state_.exited)
    return mmu::FaultReply::end(UserFault{sig::kSigKill, sig::kSiKernel, addr.value});
  const mmu::FaultReply reply = [&] {
    SystemCall scope(state_);
    return state_.mm().handle_fault(addr, kind);
  }();
  if (state_.mm().dead()) [[unlikely]]
    reap_if_dead(state_);
  return reply;
}

void UserFaults::device_accessed() {
  if (!state_.kernel->scheduler->irq_raised() || state_.exited) return;
  { SystemCall scope(state_); }
  reap_if_dead(state_);
}

std::string UserFaults::handler_name(VirtAddr addr) {
  if (state_.exited) return "a process that has ended";
  const mm::Vma* const vma = state_.mm().vma_lookup(addr.value);
  if (!vma) return "no area";
  if (vma->is_anonymous()) return "anonymous memory";
  return mm::driver_ops::handler_text(*vma, "fault handler", mm::driver_ops::fault_handler(*vma));
}

std::string UserFaults::handler_place(VirtAddr addr) {
  const mm::Vma* const vma = state_.exited ? nullptr : state_.mm().vma_lookup(addr.value);
  if (!vma || vma->is_anonymous()) return {};
  return state_.kernel->probe.places().of_function(mm::driver_ops::fault_handler(*vma));
}

Process::Process(std::unique_ptr<State> state) : state_(std::move(state)) {}

Process::~Process() {
  if (!state_->exited) exit_process(*state_, 0);
}

int Process::pid() const {
  return state_->pid;
}

const std::string& Process::name() const {
  return state_->name;
}

Machine& Process::machine() const {
  return *state_->machine;
}

bool Process::alive() const {
  return !state_->exited;
}

int Process::exit_status() const {
  return state_->exit_status;
}

void exit_process(Process::State& state, int status) {
  if (state.exited) return;
  {
    SystemCall scope(state);
    state.task->flags |= 0x4;  // PF_EXITING
    // While areas close, current->mm is gone already, as in Linux.
    mm::Mm& mm = state.mm();
    state.task->mm = nullptr;
    if (--mm.mm_users.counter == 0) mm.exit_mmap();
    if (state.files.use_count() == 1) {
      for (int fd = 0; fd < state.files->size(); ++fd) {
        vfs::File* const file = state.files->remove(fd);
        if (!file) continue;
        state.kernel->files->flush(file);
        file->put();
      }
    }
  }
  state.exited = true;
  state.exit_status = status;
  state.kernel->probe.emit(EventKind::kExit, static_cast<u64>(i64{status}));
  state.files.reset();
  state.memory.reset();
  if (!state.task->owned()) {
    state.kernel->scheduler->destroy_task(*state.task);
    state.task = nullptr;
  }
}

void reap_if_dead(Process::State& state) {
  if (state.exited || !(state.died || state.mm().dead())) return;
  // The task that loads drivers stands for insmod: another one takes its place.
  if (state.immortal) {
    state.died = false;
    return;
  }
  // A task that is still inside another call of its own is taken down when that one ends.
  if (state.task->in_kernel()) return;
  exit_process(state, 128 + sig::kSigKill);
}

Failure killed_by_oops(Process::State& state) {
  state.died = true;
  return fail(mm::err::kFault,
              "kernel oops in the driver; the process was killed (see the kernel log)");
}

void Process::exit(int status) {
  exit_process(*state_, status);
}

Result<VirtAddr> Process::mmap(const MmapOptions& options) {
  return in_system_call(*state_, [&]() -> Result<VirtAddr> {
    mm::MmapRequest request;
    request.addr = options.hint.value;
    request.len = options.length;
    request.prot = options.prot;
    request.flags = options.flags;
    request.offset = options.offset;
    if ((options.flags & kMapAnonymous) == 0) {
      request.file = state_->files->lookup(options.fd);
      if (!request.file || (request.file->f_mode & vfs::kFmodePath) != 0) {
        return fail(mm::err::kBadF, fmt::format("{} is not an open file", options.fd));
      }
    }
    return VirtAddr(VMSIM_TRY(state_->mm().mmap(request)));
  });
}

Result<void> Process::munmap(VirtAddr addr, u64 length) {
  return in_system_call(*state_, [&] { return state_->mm().munmap(addr.value, length); });
}

Result<void> Process::mprotect(VirtAddr addr, u64 length, u32 prot) {
  return in_system_call(*state_, [&] { return state_->mm().mprotect(addr.value, length, prot); });
}

VirtAddr Process::brk(VirtAddr addr) {
  const auto result = in_system_call(*state_, [&] { return state_->mm().brk(addr.value); });
  return result ? VirtAddr(*result) : VirtAddr(0);
}

Result<Process*> Process::fork() {
  if (state_->exited) return no_such_process();
  auto child_mm = in_system_call(*state_, [&] { return state_->mm().fork(); });
  if (!child_mm) return Failure(child_mm.error());
  NewProcess fresh;
  fresh.name = state_->name;
  fresh.memory = std::make_shared<SharedMm>(SharedMm{std::move(*child_mm)});
  fresh.files = std::make_shared<vfs::FdTable>();
  fresh.files->copy_from(*state_->files);
  fresh.parent = state_->task;
  Process& child = machine().state().adopt(std::move(fresh));
  state_->kernel->probe.emit(EventKind::kFork, static_cast<u64>(child.pid()));
  return &child;
}

Result<Process*> Process::clone_thread(std::string name) {
  if (state_->exited) return no_such_process();
  NewProcess fresh;
  fresh.name = name.empty() ? state_->name : std::move(name);
  fresh.memory = state_->memory;
  fresh.files = state_->files;
  fresh.leader = state_->task;
  ++state_->mm().mm_users.counter;
  return &machine().state().adopt(std::move(fresh));
}

Result<Process*> Process::start_thread(std::string name, std::function<int(Process&)> body) {
  if (state_->exited) return no_such_process();
  NewProcess fresh;
  fresh.name = std::move(name);
  fresh.memory = state_->memory;
  fresh.files = state_->files;
  fresh.leader = state_->task;
  fresh.body = std::move(body);
  ++state_->mm().mm_users.counter;
  return &machine().state().adopt(std::move(fresh));
}

// --- loads and stores ---

namespace {
UserFault ended(VirtAddr addr) {
  return UserFault{sig::kSigKill, sig::kSiKernel, addr.value};
}

template <class T>
Access<Done> store_as(mmu::Accessor& cpu, const mmu::Space& space, VirtAddr addr, u64 bits) {
  return cpu.store<T>(space, addr, static_cast<T>(bits));
}

template <class T>
Access<u64> load_as(mmu::Accessor& cpu, const mmu::Space& space, VirtAddr addr) {
  const Access<T> value = cpu.load<T>(space, addr);
  if (!value.ok()) return value.fault();
  return static_cast<u64>(*value);
}
}  // namespace

Access<u64> Process::load_bits(VirtAddr addr, unsigned width) {
  if (state_->exited) return ended(addr);
  mmu::Accessor& cpu = *state_->kernel->memory->accessor;
  const mmu::Space space = state_->user_space();
  switch (width) {
    case 1:
      return load_as<u8>(cpu, space, addr);
    case 2:
      return load_as<u16>(cpu, space, addr);
    case 4:
      return load_as<u32>(cpu, space, addr);
    default:
      return load_as<u64>(cpu, space, addr);
  }
}

Access<Done> Process::store_bits(VirtAddr addr, unsigned width, u64 bits) {
  if (state_->exited) return ended(addr);
  mmu::Accessor& cpu = *state_->kernel->memory->accessor;
  const mmu::Space space = state_->user_space();
  switch (width) {
    case 1:
      return store_as<u8>(cpu, space, addr, bits);
    case 2:
      return store_as<u16>(cpu, space, addr, bits);
    case 4:
      return store_as<u32>(cpu, space, addr, bits);
    default:
      return store_as<u64>(cpu, space, addr, bits);
  }
}

Access<Done> Process::copy_out(VirtAddr from, std::span<std::byte> to) {
  if (state_->exited) return ended(from);
  return state_->kernel->memory->accessor->copy_from(state_->user_space(), from, to);
}

Access<Done> Process::copy_in(VirtAddr to, std::span<const std::byte> from) {
  if (state_->exited) return ended(to);
  return state_->kernel->memory->accessor->copy_to(state_->user_space(), to, from);
}

Access<Done> Process::fill(VirtAddr to, std::byte value, u64 bytes) {
  if (state_->exited) return ended(to);
  return state_->kernel->memory->accessor->fill(state_->user_space(), to, value, bytes);
}

Access<Done> Process::read_string(VirtAddr from, std::string& text, u64 max) {
  text.clear();
  for (u64 i = 0; i < max; ++i) {
    const Access<u8> byte = load<u8>(from + i);
    if (!byte.ok()) return byte.fault();
    if (*byte == 0) break;
    text.push_back(static_cast<char>(*byte));
  }
  return Done{};
}

Access<u32> Process::compare_exchange(VirtAddr addr, u32 expected, u32 desired) {
  if (state_->exited) return ended(addr);
  return state_->kernel->memory->accessor->compare_exchange<u32>(state_->user_space(), addr,
                                                                 expected, desired);
}

Access<u64> Process::compare_exchange(VirtAddr addr, u64 expected, u64 desired) {
  if (state_->exited) return ended(addr);
  return state_->kernel->memory->accessor->compare_exchange<u64>(state_->user_space(), addr,
                                                                 expected, desired);
}

Access<u32> Process::fetch_add(VirtAddr addr, u32 add) {
  if (state_->exited) return ended(addr);
  return state_->kernel->memory->accessor->fetch_add<u32>(state_->user_space(), addr, add);
}

Access<u64> Process::fetch_add(VirtAddr addr, u64 add) {
  if (state_->exited) return ended(addr);
  return state_->kernel->memory->accessor->fetch_add<u64>(state_->user_space(), addr, add);
}

Access<Done> Process::fetch(VirtAddr addr) {
  if (state_->exited) return ended(addr);
  return state_->kernel->memory->accessor->fetch(state_->user_space(), addr);
}

}  // namespace vmsim
