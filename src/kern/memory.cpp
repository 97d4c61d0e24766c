// SPDX-License-Identifier: MIT
// Building a machine's memory from its configuration; see memory.hpp.
#include "kern/memory.hpp"

#include "mm/vm_flags.hpp"

namespace vmsim::kern {

namespace {

phys::LayoutConfig layout_of(const MachineConfig& config) {
  phys::LayoutConfig layout;
  layout.platform = config.profile == Profile::kX86_32 ? phys::Platform::kX86_32 : phys::Platform::kX86_64;
  layout.ram_bytes = config.ram_bytes;
  for (const ReservedRange& range : config.reserved) {
    const PhysRange bytes{range.start, range.start + range.size_bytes};
    (range.struct_pages ? layout.reserved : layout.withheld).push_back(bytes);
  }
  return layout;
}

}  // namespace

Result<std::unique_ptr<Memory>> Memory::create(const MachineConfig& config, sched::Scheduler& scheduler,
                                               base::Probe& probe, vfs::FileCalls& files) {
  auto memory = std::make_unique<Memory>();
  VMSIM_CHECK(memory->build_hardware(config, probe));
  Memory& m = *memory;
  const auto format = config.profile == Profile::kX86_32 ? mmu::FormatKind::x86_32 : mmu::FormatKind::x86_64;
  m.env.reset(new mm::Env{*m.ram, *m.mem_map, *m.zones, *m.bus, *m.tlbs, *m.asids, format, scheduler, probe, files,
                          config, mm::Rules::of(config.kernel, config.profile), mm::ZoneTableFrames(*m.zones),
                          mm::MemTypes(*m.bus, *m.mem_map), nullptr});
  ::page* const zero = m.zones->alloc_page(VMSIM_GFP_KERNEL | VMSIM_GFP_BIT_ZERO);
  if (!zero) return fail(mm::err::kNoMem, "no frame for the zero page: ram_bytes is too small");
  zero->flags |= 1ul << PG_reserved;
  m.zones->set_kind(zero, phys::PageKind::kReserved);
  m.env->zero_page = zero;
  VMSIM_CHECK(memory->build_windows(config, scheduler, probe));
  return memory;
}

Result<void> Memory::build_hardware(const MachineConfig& config, base::Probe& probe) {
  const phys::LayoutConfig layout = layout_of(config);
  const auto regions = VMSIM_TRY(phys::default_layout(layout));
  phys::RamConfig ram_config;
  ram_config.size_bytes = phys::ram_end(regions).value;
  if (layout.platform == phys::Platform::kX86_32) {
    ram_config.direct_map_limit_bytes = std::min<u64>(ram_config.size_bytes, phys::kLowMemoryEnd.value);
    ram_config.wanted_base = reinterpret_cast<void*>(0xC0000000ul);
  }
  ram = VMSIM_TRY(phys::Ram::create(ram_config));
  bus = VMSIM_TRY(phys::Bus::create(*ram, probe, regions, phys::physical_bits(layout.platform)));
  mem_map = VMSIM_TRY(phys::MemMap::create(regions));
  phys::ZonesConfig zones_config;
  zones_config.platform = layout.platform;
  zones_config.junk_fill = config.junk_fill;
  zones = VMSIM_TRY(phys::Zones::create(*ram, *mem_map, probe, zones_config));
  tlbs = std::make_unique<mmu::TlbGroup>(config.cpus, probe);
  asids = std::make_unique<mmu::AsidAllocator>(*tlbs);
  mmu::AccessConfig access;
  access.max_retries = config.fault_retries;
  accessor = std::make_unique<mmu::Accessor>(*ram, *bus, tlbs->cpu(0), probe, access);
  return {};
}

Result<void> Memory::build_windows(const MachineConfig& config, sched::Scheduler& scheduler, base::Probe& probe) {
  const bool small = config.profile == Profile::kX86_32;
  const KernelLayout layout = small ? KernelLayout::x86_32(ram->direct_map_bytes()) : KernelLayout::x86_64();
  SlabConfig slab_config;
  slab_config.page_offset = layout.page_offset;
  slab_config.poison = config.junk_fill;
  slab = VMSIM_TRY(Slab::create(*zones, scheduler, probe, slab_config));
  vmalloc = VMSIM_TRY(Vmalloc::create(*zones, scheduler, probe, layout.vmalloc));
  KmapConfig kmap_config;
  kmap_config.window = layout.kmap;
  kmap_config.slots = config.kmap_slots;
  kmap_config.mode = config.kmap_mode == vmsim::KmapMode::kLazy ? KmapMode::kLazy : KmapMode::kStrict;
  kmap = VMSIM_TRY(KmapPool::create(*ram, *mem_map, scheduler, probe, kmap_config));
  ioremap = VMSIM_TRY(IoremapTable::create(*bus, *mem_map, scheduler, probe, layout.ioremap));
  addresses = std::make_unique<KernelMemory>(
      KernelMemory::Parts{*ram, *mem_map, *slab, *vmalloc, *kmap, *ioremap, probe}, layout.page_offset);
  addresses->add_user_range({VirtAddr(kPageSize), VirtAddr(env->task_size())});
  return {};
}

Memory::~Memory() {
  addresses.reset();
  ioremap.reset();
  kmap.reset();
  vmalloc.reset();
  slab.reset();
  if (env && env->zero_page) {
    env->zero_page->flags &= ~(1ul << PG_reserved);
    zones->set_kind(env->zero_page, phys::PageKind::kKernel);
    zones->put_page(env->zero_page);
  }
}

}  // namespace vmsim::kern
