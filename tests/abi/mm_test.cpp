// SPDX-License-Identifier: MIT
// The mapping calls by their kernel names, from inside of an mmap handler. What they do in detail
// is the business of tests/mm; here it is arguments, results, versions and oopses.
#include <gtest/gtest.h>

#include "abi/abi_fixture.hpp"
#include "sched/lock.hpp"

namespace vmsim::abi {
namespace {

AbiWorld* world_of_test = nullptr;
int result_of_call = 0;
::page* page_of_test = nullptr;

class AbiMm : public testing::Test {
 protected:
  void start(const MachineConfig& config = config_of()) {
    world = std::make_unique<AbiWorld>(config);
    device = std::make_unique<MapDevice>(*world);
    world_of_test = world.get();
    result_of_call = 0;
  }

  void TearDown() override {
    if (world && world->mm) world->mm->exit_mmap();
    device.reset();
    if (page_of_test != nullptr) world->memory().zones->put_page(page_of_test);
    page_of_test = nullptr;
    world.reset();
  }

  ::page* page() {
    page_of_test = world->memory().zones->alloc_page(VMSIM_GFP_KERNEL | VMSIM_GFP_BIT_ZERO);
    return page_of_test;
  }

  mmu::Pte entry(i64 addr) const {
    return world->mm->table().get(VirtAddr(static_cast<u64>(addr)));
  }

  std::unique_ptr<AbiWorld> world;
  std::unique_ptr<MapDevice> device;
};

using Remap = int(vm_area_struct*, Ulong, Ulong, Ulong, vmsim_pgprot_t);

TEST_F(AbiMm, remap_pfn_range_maps) {
  start();
  const i64 addr = device->map(2, [](vm_area_struct* vma) {
    return world_of_test->import <Remap>("remap_pfn_range")(vma, vma->vm_start, 0x100,
                                                            2 * kPageSize, vma->vm_page_prot);
  });
  ASSERT_GT(addr, 0);
  EXPECT_EQ(entry(addr).pfn(), Pfn(0x100));
  EXPECT_EQ(entry(addr + i64{kPageSize}).pfn(), Pfn(0x101));
}

TEST_F(AbiMm, an_errno_comes_back_negative) {
  start();
  const i64 addr = device->map(1, [](vm_area_struct* vma) {
    return world_of_test->import <Remap>("remap_pfn_range")(vma, vma->vm_start + 1, 0x100,
                                                            kPageSize, vma->vm_page_prot);
  });
  EXPECT_EQ(addr, -mm::err::kInval);
}

TEST_F(AbiMm, A46_remap_twice_oopses_the_driver) {
  start();
  const i64 addr = device->map(1, [](vm_area_struct* vma) {
    auto* remap = world_of_test->import <Remap>("remap_pfn_range");
    remap(vma, vma->vm_start, 0x100, kPageSize, vma->vm_page_prot);
    return remap(vma, vma->vm_start, 0x100, kPageSize, vma->vm_page_prot);
  });
  EXPECT_EQ(addr, -sched::kErrOops);
  EXPECT_TRUE(world->found("remap-twice")) << world->rules();
  EXPECT_EQ(world->kernel->oops->oops_count(), 1u);
}

TEST_F(AbiMm, remap_page_range_takes_an_address) {
  MachineConfig config = config_of({2, 6, 10});
  config.reserved = {{PhysAddr(0x100000), kPageSize, true}};
  start(config);
  const i64 addr = device->map(1, [](vm_area_struct* vma) {
    return world_of_test->import <Remap>("remap_page_range")(vma, vma->vm_start, 0x100000,
                                                             kPageSize, vma->vm_page_prot);
  });
  ASSERT_GT(addr, 0);
  EXPECT_EQ(entry(addr).pfn(), Pfn(0x100));
}

TEST_F(AbiMm, remap_page_range_of_2_4_finds_the_area_that_is_made) {
  MachineConfig config = config_of({2, 4, 20});
  config.reserved = {{PhysAddr(0x100000), kPageSize, true}};
  start(config);
  const i64 addr = device->map(1, [](vm_area_struct* vma) {
    auto* remap = world_of_test->import <int(Ulong, Ulong, Ulong, vmsim_pgprot_t)>("remap_page_range");
    EXPECT_EQ(remap(vma->vm_end, 0x100000, kPageSize, vma->vm_page_prot), -mm::err::kNoMem);
    EXPECT_TRUE(world_of_test->found("remap-outside-vma")) << world_of_test->rules();
    const int error = remap(vma->vm_start, 0x100000, kPageSize, vma->vm_page_prot);
    EXPECT_EQ(vma->vm_flags & (mm::vm::kIo | mm::vm::kReserved26), 0u);
    return error;
  });
  ASSERT_GT(addr, 0);
  EXPECT_EQ(entry(addr).pfn(), Pfn(0x100));
}

TEST_F(AbiMm, vm_insert_page_counts) {
  start();
  page();
  const i64 addr = device->map(1, [](vm_area_struct* vma) {
    return world_of_test->import <int(vm_area_struct*, Ulong, ::page*)>("vm_insert_page")(
        vma, vma->vm_start, page_of_test);
  });
  ASSERT_GT(addr, 0);
  EXPECT_EQ(page_of_test->_refcount.counter, 2);
  EXPECT_EQ(page_of_test->_mapcount.counter, 1);
}

TEST_F(AbiMm, vm_insert_pages_says_how_many_are_left) {
  start();
  page();
  static Ulong left;
  left = 2;
  const i64 addr = device->map(2, [](vm_area_struct* vma) {
    ::page free_page{};
    ::page* pages[] = {page_of_test, &free_page};
    auto* insert =
        world_of_test->import <int(vm_area_struct*, Ulong, ::page**, Ulong*)>("vm_insert_pages");
    result_of_call = insert(vma, vma->vm_start, pages, &left);
    return 0;
  });
  ASSERT_GT(addr, 0);
  EXPECT_EQ(result_of_call, -mm::err::kInval);
  EXPECT_EQ(left, 1u);
}

TEST_F(AbiMm, vm_insert_pages_with_a_wild_array_oopses) {
  start();
  const i64 addr = device->map(1, [](vm_area_struct* vma) {
    Ulong count = 1;
    return world_of_test->import <int(vm_area_struct*, Ulong, ::page**, Ulong*)>("vm_insert_pages")(
        vma, vma->vm_start, reinterpret_cast<::page**>(0x123456789000), &count);
  });
  EXPECT_EQ(addr, -sched::kErrOops);
}

TEST_F(AbiMm, vm_map_pages_too_few_is_ENXIO) {
  start();
  page();
  const i64 addr = device->map(2, [](vm_area_struct* vma) {
    return world_of_test->import <int(vm_area_struct*, ::page**, Ulong)>("vm_map_pages")(
        vma, &page_of_test, 1);
  });
  EXPECT_EQ(addr, -mm::err::kNxIo);
}

TEST_F(AbiMm, vm_insert_pfn_has_the_old_errors) {
  start(config_of({4, 14, 0}));
  const i64 addr = device->map(1, [](vm_area_struct* vma) {
    auto* insert = world_of_test->import <int(vm_area_struct*, Ulong, Ulong)>("vm_insert_pfn");
    vma->__vm_flags |= mm::vm::kPfnMap | mm::vm::kIo;
    EXPECT_EQ(insert(vma, vma->vm_start, 0x100), 0);
    EXPECT_EQ(insert(vma, vma->vm_start, 0x101), -mm::err::kBusy);
    EXPECT_EQ(insert(vma, vma->vm_end, 0x101), -mm::err::kFault);
    return 0;
  });
  ASSERT_GT(addr, 0);
  EXPECT_EQ(entry(addr).pfn(), Pfn(0x100));
}

TEST_F(AbiMm, vm_insert_mixed_needs_its_flag) {
  start(config_of({4, 14, 0}));
  EXPECT_EQ(device->map(1,
                        [](vm_area_struct* vma) {
                          return world_of_test->import <int(vm_area_struct*, Ulong, u64)>(
                              "vm_insert_mixed")(vma, vma->vm_start, 0x100);
                        }),
            -sched::kErrOops);
}

TEST_F(AbiMm, vmf_insert_mixed_takes_flags_off_the_frame) {
  start();
  const i64 addr = device->map(1, [](vm_area_struct* vma) {
    constexpr u64 kDeviceMap = u64{3} << 60;
    auto* insert = world_of_test->import <u32(vm_area_struct*, Ulong, u64)>("vmf_insert_mixed");
    EXPECT_EQ(insert(vma, vma->vm_start, 0x100), mm::vm_fault_code::kSigBus);
    EXPECT_EQ(insert(vma, vma->vm_start, 0x100 | kDeviceMap), mm::vm_fault_code::kNoPage);
    return 0;
  });
  ASSERT_GT(addr, 0);
  EXPECT_EQ(entry(addr).pfn(), Pfn(0x100));
}

TEST_F(AbiMm, vmf_insert_mixed_mkwrite_upgrades) {
  start();
  const i64 addr = device->map(1, [](vm_area_struct* vma) {
    vma->__vm_flags |= mm::vm::kMixedMap;
    vma->vm_page_prot.pgprot &= ~mmu::Pte::kWrite;
    using Insert = u32(vm_area_struct*, Ulong, u64);
    world_of_test->import <Insert>("vmf_insert_mixed")(vma, vma->vm_start, 0x100);
    const auto& table = world_of_test->mm->table();
    EXPECT_FALSE(table.get(VirtAddr(vma->vm_start)).write());
    world_of_test->import <Insert>("vmf_insert_mixed_mkwrite")(vma, vma->vm_start, 0x100);
    return 0;
  });
  ASSERT_GT(addr, 0);
  EXPECT_TRUE(entry(addr).write());
  EXPECT_TRUE(entry(addr).dirty());
}

TEST_F(AbiMm, vmf_error_translates) {
  start();
  auto* vmf_error = world->import <u32(int)>("vmf_error");
  EXPECT_EQ(vmf_error(-mm::err::kNoMem), mm::vm_fault_code::kOom);
  EXPECT_EQ(vmf_error(-mm::err::kFault), mm::vm_fault_code::kSigBus);
}

TEST_F(AbiMm, zap_and_unmap_drop_entries) {
  start();
  const i64 addr = device->map(2, [](vm_area_struct* vma) {
    return world_of_test->import <Remap>("remap_pfn_range")(vma, vma->vm_start, 0x100,
                                                            2 * kPageSize, vma->vm_page_prot);
  });
  ASSERT_GT(addr, 0);
  const u64 start_addr = static_cast<u64>(addr);
  mm::Vma* const vma = world->mm->vma_lookup(start_addr);
  auto* zap = world->import <int(vm_area_struct*, Ulong, Ulong)>("zap_vma_ptes");
  EXPECT_TRUE(AbiWorld::drive([&] {
    EXPECT_EQ(zap(vma, start_addr, kPageSize), 0);
    EXPECT_EQ(zap(vma, start_addr, 3 * kPageSize), -1);
  }));
  EXPECT_TRUE(entry(addr).none());
  EXPECT_FALSE(entry(addr + i64{kPageSize}).none());
  using Unmap = void(::address_space*, vmsim_loff_t, vmsim_loff_t, int);
  auto* unmap = world->import <Unmap>("unmap_mapping_range");
  EXPECT_TRUE(AbiWorld::drive([&] { unmap(device->node()->i_mapping, 0, 0, 1); }));
  EXPECT_TRUE(entry(addr + i64{kPageSize}).none());
  ::address_space own{};
  ::inode host{};
  own.host = &host;
  EXPECT_TRUE(AbiWorld::drive([&] { unmap(&own, 0, 0, 1); }));
  EXPECT_TRUE(world->found("unmap-foreign-mapping"));
}

TEST_F(AbiMm, remap_vmalloc_range_needs_user_memory) {
  start();
  static void* memory;
  constexpr auto map_memory = [](vm_area_struct* vma) {
    return world_of_test->import <int(vm_area_struct*, void*, Ulong)>("remap_vmalloc_range")(
        vma, memory, 0);
  };
  memory = world->import <void*(Ulong)>("vmalloc")(2 * kPageSize);
  EXPECT_EQ(device->map(2, map_memory), -mm::err::kInval);
  EXPECT_TRUE(world->found("remap-vmalloc-not-user"));
  auto* vfree = world->import <void(const void*)>("vfree");
  vfree(memory);
  memory = world->import <void*(Ulong)>("vmalloc_user")(2 * kPageSize);
  EXPECT_EQ(device->map(3, map_memory), -mm::err::kInval);
  const i64 addr = device->map(2, map_memory);
  ASSERT_GT(addr, 0);
  const auto* second = world->import <::page*(const void*)>("vmalloc_to_page")(
      static_cast<char*>(memory) + kPageSize);
  EXPECT_EQ(entry(addr + i64{kPageSize}).pfn(), world->memory().mem_map->pfn(second));
  const u64 flags = world->mm->vma_lookup(static_cast<u64>(addr))->flags();
  EXPECT_TRUE(flags & mm::vm::kDontExpand);
  EXPECT_TRUE(flags & mm::vm::kDontDump);
  world->mm->exit_mmap();
  vfree(memory);
}

TEST_F(AbiMm, find_vma_wants_the_lock) {
  start();
  const i64 addr = device->map(1, [](vm_area_struct*) { return 0; });
  ASSERT_GT(addr, 0);
  const u64 at = static_cast<u64>(addr);
  auto* find_vma = world->import <vm_area_struct*(mm_struct*, Ulong)>("find_vma");
  auto* lookup = world->import <vm_area_struct*(mm_struct*, Ulong)>("vma_lookup");
  auto* between =
      world->import <vm_area_struct*(mm_struct*, Ulong, Ulong)>("find_vma_intersection");
  ASSERT_EQ(sched::down_read(world->mm->mmap_lock), 0);
  EXPECT_TRUE(AbiWorld::drive([&] {
    EXPECT_EQ(find_vma(world->mm.get(), at - 1), lookup(world->mm.get(), at));
    EXPECT_EQ(lookup(world->mm.get(), at - 1), nullptr);
    EXPECT_EQ(between(world->mm.get(), at - kPageSize, at), nullptr);
    EXPECT_NE(between(world->mm.get(), at - kPageSize, at + 1), nullptr);
  }));
  sched::up_read(world->mm->mmap_lock);
  EXPECT_FALSE(world->found("mmap-lock-not-held"));
  EXPECT_TRUE(AbiWorld::drive([&] { EXPECT_NE(find_vma(world->mm.get(), at), nullptr); }));
  EXPECT_TRUE(world->found("mmap-lock-not-held"));
}

TEST_F(AbiMm, vm_flags_calls) {
  start();
  const i64 addr = device->map(1, [](vm_area_struct* vma) {
    world_of_test->import <void(vm_area_struct*, Ulong)>("vm_flags_set")(
        vma, mm::vm::kDontCopy | mm::vm::kDontExpand);
    world_of_test->import <void(vm_area_struct*, Ulong)>("vm_flags_clear")(vma, mm::vm::kMayExec);
    world_of_test->import <void(vm_area_struct*, Ulong, Ulong)>("vm_flags_mod")(vma, mm::vm::kIo,
                                                                                mm::vm::kDontCopy);
    return 0;
  });
  ASSERT_GT(addr, 0);
  mm::Vma* const vma = world->mm->vma_lookup(static_cast<u64>(addr));
  EXPECT_TRUE(vma->has(mm::vm::kIo));
  EXPECT_TRUE(vma->has(mm::vm::kDontExpand));
  EXPECT_FALSE(vma->has(mm::vm::kDontCopy | mm::vm::kMayExec));
  EXPECT_EQ(world->rules(), "");
  EXPECT_TRUE(AbiWorld::drive([&] {
    world->import <void(vm_area_struct*, Ulong)>("vm_flags_set")(vma, mm::vm::kDontDump);
  }));
  EXPECT_TRUE(world->found("mmap-lock-not-write"));
}

TEST_F(AbiMm, vm_mmap_and_vm_munmap) {
  start();
  using Mmap = Ulong(::file*, Ulong, Ulong, Ulong, Ulong, Ulong);
  auto* vm_mmap = world->import <Mmap>("vm_mmap");
  auto* vm_munmap = world->import <int(Ulong, std::size_t)>("vm_munmap");
  constexpr Ulong kAnon = mm::map::kPrivate | mm::map::kAnonymous;
  EXPECT_TRUE(AbiWorld::drive([&] {
    const Ulong at = vm_mmap(nullptr, 0, kPageSize, mm::prot::kRead, kAnon, 0);
    EXPECT_NE(world->mm->vma_lookup(at), nullptr);
    EXPECT_EQ(vm_munmap(at, kPageSize), 0);
    EXPECT_EQ(world->mm->vma_lookup(at), nullptr);
    EXPECT_EQ(static_cast<i64>(vm_mmap(nullptr, 0, kPageSize, 1, kAnon, 1)), -mm::err::kInval);
    EXPECT_EQ(static_cast<i64>(vm_mmap(nullptr, 0, 0, 1, kAnon, 0)), -mm::err::kInval);
  }));
}

TEST_F(AbiMm, references_to_an_mm) {
  start();
  EXPECT_TRUE(AbiWorld::drive([&] {
    mm_struct* const mm = world->import <mm_struct*(task_struct*)>("get_task_mm")(world->task);
    EXPECT_EQ(mm->mm_users.counter, 2);
    world->import <void(mm_struct*)>("mmput")(mm);
    EXPECT_EQ(mm->mm_users.counter, 1);
    EXPECT_EQ(world->import <int(mm_struct*)>("mmget_not_zero")(mm), 1);
    world->import <void(mm_struct*)>("mmput")(mm);
  }));
}

}  // namespace
}  // namespace vmsim::abi
