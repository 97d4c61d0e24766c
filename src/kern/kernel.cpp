// SPDX-License-Identifier: MIT
// Building a kernel and the calls that touch several of its rooms; see kernel.hpp.
#include "kern/kernel.hpp"

#include <fmt/format.h>

#include "vmsim/kapi/vmsim/abi_hash.h"

#include "mm/vm_flags.hpp"
#include "sched/kernel_entry.hpp"

namespace vmsim::kern {

Kernel& current() {
  return *static_cast<Kernel*>(sched::current_kernel());
}

Kernel::Kernel(const MachineConfig& machine_config) : config(machine_config) {}

Result<std::unique_ptr<Kernel>> Kernel::create(const MachineConfig& config, KernelSymbols symbols) {
  if (config.cpus != 1) return fail(mm::err::kNoSys, "a machine has one CPU for now");
  if (config.kmap_slots == 0)
    return fail(mm::err::kInval, "kmap_slots is 0: kmap() could only wait");
  if (config.fault_retries == 0)
    return fail(mm::err::kInval, "fault_retries is 0: no fault could be answered");
  if (config.max_map_count == 0)
    return fail(mm::err::kInval, "max_map_count is 0: nothing could be mapped");
  if (config.kernel < KernelVersion{2, 4, 0} || config.kernel >= KernelVersion{6, 18, 0}) {
    return fail(mm::err::kInval,
                fmt::format("kernel {} is outside of 2.4 to 6.17", config.kernel.to_string()));
  }
  auto kernel = std::unique_ptr<Kernel>(new Kernel(config));
  VMSIM_CHECK(kernel->build(std::move(symbols)));
  return kernel;
}

Result<void> Kernel::build(KernelSymbols symbols) {
  sched::SchedConfig sched_config;
  sched_config.cpus = config.cpus;
  sched_config.seed = config.seed;
  sched_config.hz =
      config.kernel < KernelVersion{2, 6, 13} && config.kernel >= KernelVersion{2, 6, 0} ? 1000
                                                                                         : 250;
  scheduler = VMSIM_TRY(sched::Scheduler::create(sched_config, probe));
  probe.set_clock(scheduler.get());
  scheduler->set_kernel(this);
  log = std::make_unique<Log>(probe, config.kernel.code(), [this] { return scheduler->now_ns(); });
  nodes = std::make_unique<NodeTable>(config.kernel, config.seed);
  files = std::make_unique<FileCalls>(
      FileCalls::Parts{*nodes, module_refs, *scheduler, probe, config.kernel,
                       config.profile == Profile::kX86_32 ? u64{0xC0000000} : u64{0x7ffffffff000}});
  memory = VMSIM_TRY(Memory::create(config, *scheduler, probe, *files));
  VMSIM_CHECK(build_drivers_side());
  build_loader(std::move(symbols));
  make_proc_files();
  return {};
}

Result<void> Kernel::build_drivers_side() {
  user_copy = std::make_unique<UserCopy>(UserCopy::Parts{
      *memory->accessor, *scheduler, probe, *memory->addresses, memory->env->task_size()});
  char_devices =
      std::make_unique<CharDevices>(CharDevices::Parts{*nodes, module_refs, probe, config.kernel});
  sys_files = std::make_unique<SysFiles>(*nodes, *user_copy, probe);
  devres = std::make_unique<Devres>(*memory->slab, probe);
  devices = std::make_unique<DeviceModel>(DeviceModel::Parts{*nodes, *char_devices, *user_copy,
                                                             *memory->slab, probe, devres.get(),
                                                             sys_files.get(), config.kernel});
  driver_core = std::make_unique<DriverCore>(
      DriverCore::Parts{*devices, *devres, *sys_files, *nodes, *log, probe, config.kernel});
  misc_devices = std::make_unique<MiscDevices>(
      MiscDevices::Parts{*char_devices, *devices, module_refs, probe, config.kernel});
  seq_files = std::make_unique<SeqFiles>(*user_copy, probe);
  proc = std::make_unique<ProcFs>(
      ProcFs::Parts{*nodes, *files, *seq_files, *user_copy, probe, config.kernel});
  irqs = std::make_unique<IrqTable>(IrqTable::Parts{*scheduler, probe, *log, config.kernel});
  io_resources = std::make_unique<IoResources>(memory->bus->regions(), probe, config.kernel);
  platform =
      std::make_unique<Platform>(Platform::Parts{*driver_core, *devices, *io_resources, *sys_files,
                                                 *memory->slab, *log, probe, config.kernel});
  event_fds = std::make_unique<EventFds>(*files, *user_copy, *scheduler, probe);
  return platform->start();
}

void Kernel::build_loader(KernelSymbols symbols) {
  ModulesConfig modules_config;
  modules_config.version = config.kernel.code();
  modules_config.abi_hash = VMSIM_ABI_HASH;
  if (config.profile == Profile::kX86_32) modules_config.nominal_base = 0xfe000000;
  modules_config.resolve =
      [this, functions = std::move(symbols.resolve)](std::string_view name) -> const void* {
    // Objects, of which every machine has its own.
    const bool has_bus = config.kernel >= KernelVersion{2, 6, 0};
    if (has_bus && name == "platform_bus_type") return &platform->bus();
    if (has_bus && name == "platform_bus") return &platform->root();
    return functions(name);
  };
  modules = std::make_unique<Modules>(std::move(modules_config), *log, probe);
  module_refs.set_modules(modules.get());
  places = std::make_unique<DriverPlaces>(*modules);
  probe.set_places(places.get());
  memory->addresses->set_images({[this](u64 address) { return modules->describe(address); },
                                 [this](u64 address) { return modules->printed(address); }});
  OopsReporter::Sources sources;
  sources.current = [] {
    OopsReporter::Current current;
    if (!sched::in_kernel()) return current;
    const sched::Task& task = sched::current_task();
    current.pid = static_cast<u32>(task.pid);
    current.comm = task.comm;
    return current;
  };
  sources.is_user_address = [this](u64 address) {
    return address >= kPageSize && address < memory->env->task_size() &&
           memory->addresses->what_is(reinterpret_cast<const void*>(address)).kind ==
               AddressKind::kUser;
  };
  sources.kernel_symbol = symbols.name_at;
  sources.printed = [this](u64 address) {
    return memory->addresses->printed(reinterpret_cast<const void*>(address));
  };
  sources.describe = [this](u64 address) {
    return memory->addresses->describe(reinterpret_cast<const void*>(address));
  };
  oops = std::make_unique<OopsReporter>(*log, probe, *modules, *places, std::move(sources));
  work_queues =
      std::make_unique<WorkQueues>(WorkQueues::Parts{*scheduler, probe, oops.get(), config.kernel});
  tasklets = std::make_unique<Tasklets>(*scheduler, probe);
  kthreads = std::make_unique<Kthreads>(*scheduler, probe, oops.get());
  hr_timers = std::make_unique<HrTimers>(*scheduler, probe, oops.get());
  leftovers = std::make_unique<Leftovers>(
      Leftovers::Tables{*files, *char_devices, *misc_devices, *devices, *proc, *irqs, *work_queues,
                        *tasklets, *kthreads, *io_resources, driver_core.get(), platform.get(),
                        hr_timers.get(), sys_files.get()});
  modules->add_events(leftovers.get());
  module_files = std::make_unique<ModuleFiles>(*modules, *sys_files, config.kernel);
  modules->add_events(module_files.get());
  containers = std::make_unique<Containers>(probe, config.kernel);
  modules->add_events(&containers->indexes);
  memory->slab->set_on_free([this](const void* start, u64 bytes) {
    leftovers->memory_freed(start, bytes);
    containers->indexes.memory_freed(start, bytes);
  });
}

void Kernel::make_proc_files() {
  const auto file = [this](const char* name, std::function<std::string()> text) {
    static_cast<void>(proc->create_text(name, std::move(text)));
  };
  file("devices", [this] { return char_devices->devices_text(); });
  file("misc", [this] { return misc_devices->misc_text(); });
  file("modules", [this] { return modules->modules_text(); });
  file("interrupts", [this] { return irqs->interrupts_text(); });
  file("iomem", [this] { return io_resources->text(io_resources->iomem()); });
  file("ioports", [this] { return io_resources->text(io_resources->ioport()); });
  file("buddyinfo", [this] { return memory->zones->buddyinfo_text(); });
  file("slabinfo", [this] { return memory->slab->slabinfo_text(); });
}

Kernel::~Kernel() {
  if (memory) memory->slab->set_on_free(nullptr);
  leftovers.reset();
  hr_timers.reset();
  kthreads.reset();
  tasklets.reset();
  work_queues.reset();
  oops.reset();
  module_refs.set_modules(nullptr);
  probe.set_places(nullptr);
  if (memory) memory->addresses->set_images({});
  module_files.reset();
  places.reset();
  modules.reset();
  containers.reset();
  event_fds.reset();
  irqs.reset();
  proc.reset();
  seq_files.reset();
  misc_devices.reset();
  driver_core.reset();
  devices.reset();
  platform.reset();
  io_resources.reset();
  devres.reset();
  sys_files.reset();
  char_devices.reset();
  user_copy.reset();
  memory.reset();
  files.reset();
  nodes.reset();
  probe.set_clock(nullptr);
}

void Kernel::stop_threads() {
  if (work_queues) work_queues->shut_down();
  if (kthreads) kthreads->shut_down();
}

void Kernel::memory_freed(const void* start, u64 bytes) {
  scheduler->memory_freed(start, bytes);
  leftovers->memory_freed(start, bytes);
  containers->indexes.memory_freed(start, bytes);
}

Result<void> Kernel::add_device(PhysAddr start, u64 size_bytes, MmioDevice& device,
                                std::optional<unsigned> irq) {
  if (irq && *irq >= irqs->lines())
    return fail(mm::err::kInval, fmt::format("there is no interrupt line {}", *irq));
  const PhysRange range{start, start + size_bytes};
  VMSIM_CHECK(memory->bus->add_device(range, device, std::string(device.name())));
  io_resources->add_device(range, std::string(device.name()));
  if (irq) device.connect(&irqs->line(*irq));
  // Reserved memory may have been mapped where the device now answers.
  memory->tlbs->flush_all();
  return {};
}

Result<void> Kernel::remove_device(MmioDevice& device) {
  for (const phys::Region& region : memory->bus->regions()) {
    if (region.device == &device) io_resources->remove_device(region.range);
  }
  VMSIM_CHECK(memory->bus->remove_device(device));
  device.connect(nullptr);
  memory->tlbs->flush_all();
  return {};
}

Result<void> Kernel::add_platform_device(const PlatformDevice& device) {
  std::optional<unsigned> line;
  for (const PlatformResource& resource : device.resources) {
    if (resource.kind != PlatformResource::Kind::kIrq) {
      if (resource.size_bytes == 0) return fail(mm::err::kInval, "a range of registers is empty");
      continue;
    }
    if (resource.line >= irqs->lines())
      return fail(mm::err::kInval, fmt::format("there is no interrupt line {}", resource.line));
    if (!line) line = resource.line;
  }
  std::vector<MmioDevice*> answering;
  Result<void> done;
  for (const PlatformResource& resource : device.resources) {
    if (!done || !resource.device) continue;
    done = add_device(resource.start, resource.size_bytes, *resource.device, line);
    if (done) answering.push_back(resource.device);
  }
  std::string name;
  if (done) {
    const Result<std::string> plugged = platform->plug(device);
    if (plugged)
      name = *plugged;
    else
      done = Failure(plugged.error());
  }
  if (done) {
    plugged_[name] = std::move(answering);
    return {};
  }
  for (MmioDevice* added : answering) static_cast<void>(remove_device(*added));
  return done;
}

Result<void> Kernel::remove_platform_device(std::string_view name) {
  VMSIM_CHECK(platform->unplug(name));
  const auto it = plugged_.find(name);
  for (MmioDevice* answering : it->second) static_cast<void>(remove_device(*answering));
  plugged_.erase(it);
  return {};
}

Result<void> Kernel::mknod(std::string_view path, unsigned major, unsigned minor) {
  VMSIM_TRY(char_devices->add_node(std::string(path), mkdev(major, minor), 0666));
  return {};
}

std::vector<std::string> Kernel::node_paths() const {
  return nodes->list("/");
}

Ledger Kernel::ledger() const {
  memory->slab->trim();
  Ledger ledger;
  ledger.frames = memory->zones->allocated_pages();
  ledger.slab_objects = memory->slab->live_objects();
  ledger.vmalloc_areas = memory->vmalloc->live_areas();
  ledger.kmap_slots = memory->kmap->slots_in_use();
  ledger.ioremaps = memory->ioremap->live_areas();
  ledger.open_files = files->open_files();
  ledger.modules = modules->loaded().size();
  ledger.irq_handlers = irqs->handlers();
  ledger.char_devices = char_devices->registrations() + misc_devices->registered();
  return ledger;
}

}  // namespace vmsim::kern
