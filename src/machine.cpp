// SPDX-License-Identifier: MIT
// The Machine's body: drivers, devices, programs, time and views over the kernel. See
// vmsim/machine.hpp.
#include "vmsim/machine.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "abi/exports.hpp"
#include "machine_state.hpp"

namespace vmsim {

Result<std::unique_ptr<Machine>> Machine::create(const MachineConfig& config) {
  auto state = std::make_unique<State>();
  const auto resolve = [version = config.kernel.code()](std::string_view name) {
    return abi::find_export(name, version);
  };
  state->kernel = VMSIM_TRY(kern::Kernel::create(config, {resolve, &abi::export_at}));
  auto machine = std::unique_ptr<Machine>(new Machine(std::move(state)));
  machine->state_->machine = machine.get();
  machine->state_->door = std::make_unique<abi::DriverDoor>(*machine->state_->kernel);
  // The task that insmod and the views run on has a pid and an empty address space like any
  // program.
  State& s = *machine->state_;
  VMSIM_TRY(s.create("swapper", ProgramLayout::kEmpty, {}));
  s.system = std::move(s.processes.back());
  s.processes.pop_back();
  s.system->state_->immortal = true;
  return machine;
}

Machine::Machine(std::unique_ptr<State> state) : state_(std::move(state)) {}

Machine::~Machine() {
  state_->shut_down();
}

const MachineConfig& Machine::config() const {
  return state_->kernel->config;
}

void Machine::State::shut_down() {
  // Programs with a body are told to stop and waited for before anything that they use goes.
  for (const auto& process : processes) {
    sched::Task* const task = process->state_->task;
    if (task && task->owned()) {
      kernel->scheduler->kill(*task);
      kernel->scheduler->join(*task);
    }
  }
  for (auto it = processes.rbegin(); it != processes.rend(); ++it) exit_process(*(*it)->state_, 0);
  if (system) {
    SystemCall scope(*system->state_);
    kernel->modules->unload_all();
  }
  processes.clear();
  kernel->stop_threads();
  if (system) exit_process(*system->state_, 0);
  system.reset();
  door.reset();
  kernel.reset();
}

Process& Machine::State::adopt(NewProcess fresh) {
  auto state = std::make_unique<Process::State>();
  Process::State& s = *state;
  s.machine = machine;
  s.kernel = kernel.get();
  s.name = fresh.name;
  s.memory = std::move(fresh.memory);
  s.files = std::move(fresh.files);
  processes.push_back(std::unique_ptr<Process>(new Process(std::move(state))));
  Process& process = *processes.back();
  sched::Scheduler& scheduler = *kernel->scheduler;
  if (fresh.body) {
    s.task = &scheduler.spawn(
        s.name,
        [&process, body = std::move(fresh.body)] {
          const int status = body(process);
          exit_process(*process.state_, status);
          return status;
        },
        sched::TaskKind::kProgram, sched::StartMode::kLater);
  } else {
    s.task = &scheduler.create_task(s.name);
  }
  s.pid = s.task->pid;
  s.task->mm = &s.mm();
  s.task->active_mm = &s.mm();
  s.task->user_data = &s;
  s.task->files = reinterpret_cast<::files_struct*>(s.files.get());
  if (fresh.leader) {
    s.task->group_leader = fresh.leader;
    s.task->tgid = fresh.leader->tgid;
  }
  if (fresh.parent) s.task->parent = fresh.parent;
  if (!s.mm().owner) s.mm().owner = s.task;
  if (s.task->owned()) scheduler.start(*s.task);
  return process;
}

Result<Process*> Machine::State::create(std::string name, ProgramLayout layout,
                                        std::function<int(Process&)> body) {
  NewProcess fresh;
  fresh.name = std::move(name);
  fresh.memory = std::make_shared<SharedMm>();
  fresh.memory->mm = VMSIM_TRY(mm::Mm::create(*kernel->memory->env));
  fresh.files = std::make_shared<vfs::FdTable>();
  if (layout == ProgramLayout::kTypical) {
    sched::Task& loader = system ? *system->state_->task : kernel->scheduler->create_task("init");
    sched::KernelEntry entry(*kernel->scheduler, loader, kernel.get());
    auto laid_out = lay_out_program(*kernel, *fresh.memory->mm, fresh.name);
    if (!laid_out) {
      fresh.memory->mm->exit_mmap();
      return Failure(laid_out.error());
    }
  }
  fresh.body = std::move(body);
  return &adopt(std::move(fresh));
}

Result<Process*> Machine::spawn(std::string name, ProgramLayout layout) {
  return state_->create(std::move(name), layout, {});
}

Result<Process*> Machine::start(std::string name, std::function<int(Process&)> body,
                                ProgramLayout layout) {
  if (!body)
    return fail(mm::err::kInval,
                "start() needs a body; spawn() makes a program that the caller drives");
  return state_->create(std::move(name), layout, std::move(body));
}

int Machine::join(Process& program) {
  if (!program.state_->task || !program.state_->task->owned()) return program.exit_status();
  return state_->kernel->scheduler->join(*program.state_->task);
}

Process* Machine::find(int pid) {
  const auto it = std::find_if(state_->processes.begin(), state_->processes.end(),
                               [pid](const auto& process) { return process->pid() == pid; });
  return it == state_->processes.end() ? nullptr : it->get();
}

// --- drivers and hardware ---

Result<void> Machine::load_driver(const std::filesystem::path& file, std::string_view parameters) {
  return in_system_call(*state_->system->state_, [&]() -> Result<void> {
    const auto force = config().force_module_version ? kern::Force::kYes : kern::Force::kNo;
    VMSIM_TRY(state_->kernel->modules->load(file, parameters, force));
    return {};
  });
}

const void* Machine::driver_image(const char* name) const {
  const kern::Module* const module = state_->kernel->modules->find(name);
  return module ? reinterpret_cast<const void*>(module->image().base()) : nullptr;
}

Result<void> Machine::unload_driver(std::string_view name) {
  return in_system_call(*state_->system->state_,
                        [&] { return state_->kernel->modules->unload(name); });
}

Result<void> Machine::add_device(PhysAddr start, u64 size_bytes, MmioDevice& device,
                                 std::optional<unsigned> irq) {
  return in_system_call(*state_->system->state_,
                        [&] { return state_->kernel->add_device(start, size_bytes, device, irq); });
}

Result<void> Machine::remove_device(MmioDevice& device) {
  return in_system_call(*state_->system->state_,
                        [&] { return state_->kernel->remove_device(device); });
}

Result<void> Machine::add_platform_device(const PlatformDevice& device) {
  return in_system_call(*state_->system->state_,
                        [&] { return state_->kernel->add_platform_device(device); });
}

Result<void> Machine::remove_platform_device(std::string_view name) {
  return in_system_call(*state_->system->state_,
                        [&] { return state_->kernel->remove_platform_device(name); });
}

Result<void> Machine::mknod(std::string_view path, unsigned major, unsigned minor) {
  return in_system_call(*state_->system->state_,
                        [&] { return state_->kernel->mknod(path, major, minor); });
}

// --- time ---

u64 Machine::now_ns() const {
  return state_->kernel->scheduler->now_ns();
}

void Machine::advance_ns(u64 ns) {
  SystemCall scope(*state_->system->state_);
  // A sleep, not a jump: who is woken on the way runs at its time.
  static_cast<void>(state_->kernel->scheduler->sleep_ns(ns, sched::State::kUninterruptible));
}

// --- views ---

std::string Machine::dmesg() const {
  return state_->kernel->log->text();
}

bool Machine::dmesg_contains(std::string_view piece) const {
  return state_->kernel->log->contains(piece);
}

std::vector<Finding> Machine::findings() const {
  return state_->kernel->probe.findings();
}

void Machine::clear_findings() {
  state_->kernel->probe.clear_findings();
}

bool Machine::tainted() const {
  return state_->kernel->oops->oops_count() != 0;
}

void Machine::add_observer(Observer& observer) {
  state_->kernel->probe.add(&observer);
}

void Machine::remove_observer(Observer& observer) {
  state_->kernel->probe.remove(&observer);
}

std::vector<std::string> Machine::nodes() const {
  return state_->kernel->node_paths();
}

u64 Machine::free_pages() const {
  return state_->kernel->memory->zones->free_pages_count();
}

Result<std::string> Machine::read_text(std::string_view path) {
  Process& reader = *state_->system;
  const int fd = VMSIM_TRY(reader.open(path, kReadOnly));
  std::string text;
  std::vector<std::byte> buffer(kPageSize);
  for (;;) {
    const auto got = reader.read(fd, buffer);
    if (!got || *got == 0) {
      static_cast<void>(reader.close(fd));
      if (!got) return Failure(got.error());
      return text;
    }
    text.append(reinterpret_cast<const char*>(buffer.data()), *got);
  }
}

PageView Machine::page(Pfn pfn) const {
  const phys::MemMap& map = *state_->kernel->memory->mem_map;
  PageView view;
  view.pfn = pfn;
  view.valid = map.pfn_valid(pfn);
  if (!view.valid) return view;
  const ::page* const page = map.page(pfn);
  view.refcount = page->_refcount.counter;
  view.mapcount = page->_mapcount.counter;
  view.reserved = phys::is_reserved(page);
  view.kind = phys::page_kind_name(map.kind(page));
  return view;
}

Result<std::span<std::byte>> Machine::ram(PhysAddr start, u64 size_bytes) {
  kern::Memory& memory = *state_->kernel->memory;
  if (start.value + size_bytes < start.value ||
      !memory.bus->is_memory({start, start + size_bytes})) {
    return fail(mm::err::kFault,
                fmt::format("[{:#x}, +{:#x}) is not all RAM", start.value, size_bytes));
  }
  return std::span(memory.ram->host(start), size_bytes);
}

Ledger Machine::ledger() const {
  Ledger ledger = state_->kernel->ledger();
  for (const auto& process : state_->processes) ledger.processes += process->alive() ? 1 : 0;
  return ledger;
}

std::string Machine::describe_kernel_address(const void* address) const {
  return state_->kernel->memory->addresses->describe(address);
}

std::string Ledger::to_string() const {
  return fmt::format(
      "frames {} slab {} vmalloc {} kmap {} ioremap {} processes {} files {} modules {} irqs {} "
      "chrdevs {}",
      frames, slab_objects, vmalloc_areas, kmap_slots, ioremaps, processes, open_files, modules,
      irq_handlers, char_devices);
}

}  // namespace vmsim
