// SPDX-License-Identifier: MIT
// A program's memory in the hands of a driver: copies, held pages, entries of its page tables.
#include <cstring>

#include <gtest/gtest.h>

#include "abi/abi_fixture.hpp"
#include "kern/user_pages.hpp"
#include "sched/lock.hpp"

namespace vmsim::abi {
namespace {

class AbiUser : public testing::Test {
 protected:
  void start(const MachineConfig& config = config_of()) {
    world = std::make_unique<AbiWorld>(config);
    user = map(4);
  }

  u64 map(u64 pages, u32 prot = mm::prot::kRead | mm::prot::kWrite) {
    const auto got = world->mm->mmap(
        {0, pages << kPageShift, prot, mm::map::kPrivate | mm::map::kAnonymous, nullptr, 0});
    EXPECT_TRUE(got);
    return got ? *got : 0;
  }

  void poke(u64 addr, u32 value) {
    EXPECT_TRUE(
        world->memory().accessor->store<u32>(world->mm->space(), VirtAddr(addr), value).ok());
  }

  u32 peek(u64 addr) {
    return world->memory().accessor->load<u32>(world->mm->space(), VirtAddr(addr)).value_or(0);
  }

  static void* at(u64 addr) { return reinterpret_cast<void*>(addr); }

  template <class F>
  static void driver(F&& f) {
    EXPECT_TRUE(AbiWorld::drive(f)) << "the driver oopsed";
  }

  std::unique_ptr<AbiWorld> world;
  u64 user = 0;
};

using CopyTo = Ulong(void*, const void*, Ulong);
using CopyFrom = Ulong(void*, const void*, Ulong);

TEST_F(AbiUser, copies_and_what_is_left) {
  start();
  driver([&] {
    u32 words[4] = {1, 2, 3, 4};
    EXPECT_EQ(world->import <CopyTo>("copy_to_user")(at(user), words, sizeof(words)), 0u);
    u32 back[4] = {};
    EXPECT_EQ(world->import <CopyFrom>("copy_from_user")(back, at(user), sizeof(back)), 0u);
    EXPECT_EQ(back[3], 4u);
    const u64 end = user + 4 * kPageSize;
    EXPECT_EQ(world->import <CopyTo>("copy_to_user")(at(end - 4), words, 16), 12u);
    EXPECT_EQ(world->import <Ulong(void*, Ulong)>("clear_user")(at(user), 4), 0u);
    unsigned long long value = 0;
    EXPECT_EQ(world->import <int(unsigned long long*, const void*, Ulong)>("vmsim_get_user")(
                  &value, at(user + 4), 4),
              0);
    EXPECT_EQ(value, 2u);
    EXPECT_EQ(
        world->import <int(unsigned long long, void*, Ulong)>("vmsim_put_user")(9, at(end), 4),
        -mm::err::kFault);
  });
  EXPECT_EQ(peek(user), 0u);
  EXPECT_EQ(peek(user + 12), 4u);
}

TEST_F(AbiUser, a_bad_kernel_pointer_is_an_oops) {
  start();
  bool returned = false;
  EXPECT_FALSE(AbiWorld::drive([&] {
    world->import <CopyTo>("copy_to_user")(at(user), at(0x123456789000), 16);
    returned = true;
  }));
  EXPECT_FALSE(returned);
  ASSERT_TRUE(world->kernel->oops->last());
  EXPECT_EQ(world->kernel->oops->last()->address, 0x123456789000u);
  EXPECT_FALSE(
      AbiWorld::drive([&] { world->import <CopyFrom>("copy_from_user")(nullptr, at(user), 16); }));
}

TEST_F(AbiUser, strings) {
  start();
  poke(user, 0x00636261);
  driver([&] {
    char text[8] = {};
    EXPECT_EQ(world->import <long(char*, const char*, long)>("strncpy_from_user")(
                  text, static_cast<char*>(at(user)), sizeof(text)),
              3);
    EXPECT_STREQ(text, "abc");
    EXPECT_EQ(
        world->import <long(const char*, long)>("strnlen_user")(static_cast<char*>(at(user)), 100),
        4);
  });
}

TEST_F(AbiUser, structs_of_another_size) {
  start();
  poke(user, 7);
  poke(user + 4, 0);
  poke(user + 8, 1);
  driver([&] {
    auto* copy =
        world->import <int(void*, std::size_t, const void*, std::size_t)>("copy_struct_from_user");
    u32 words[2] = {~0u, ~0u};
    EXPECT_EQ(copy(words, 8, at(user), 4), 0);
    EXPECT_EQ(words[0], 7u);
    EXPECT_EQ(words[1], 0u);
    EXPECT_EQ(copy(words, 4, at(user), 8), 0);
    EXPECT_EQ(copy(words, 8, at(user), 12), -7);
    EXPECT_EQ(copy(words, 8, at(user + 4 * kPageSize), 8), -mm::err::kFault);
  });
}

TEST_F(AbiUser, iterators_walk_segments) {
  start();
  ::iovec segments[] = {{at(user), 3}, {at(user + 100), 0}, {at(user + 200), 5}};
  ::iov_iter iter{0, 0, segments, 3, 8};
  driver([&] {
    EXPECT_EQ(world->import <std::size_t(const void*, std::size_t, ::iov_iter*)>("copy_to_iter")(
                  "abcdefgh", 4, &iter),
              4u);
    EXPECT_EQ(iter.count, 4u);
    EXPECT_EQ(world->import <std::size_t(const void*, std::size_t, ::iov_iter*)>("copy_to_iter")(
                  "xyz!rest", 8, &iter),
              4u);
  });
  EXPECT_EQ(iter.count, 0u);
  EXPECT_EQ(peek(user) & 0xffffff, 0x636261u);
  EXPECT_EQ(peek(user + 200), 0x7a797864u);
}

using Gup = long(Ulong, Ulong, unsigned, ::page**);
using GupFast = int(Ulong, int, unsigned, ::page**);

TEST_F(AbiUser, held_pages_are_the_programs) {
  start();
  poke(user + kPageSize, 5);
  ::page* pages[3] = {};
  driver([&] {
    EXPECT_EQ(world->import <GupFast>("get_user_pages_fast")(user, 3, kern::kFollWrite, pages), 3);
    auto* address = world->import <void*(const ::page*)>("page_address");
    EXPECT_EQ(*static_cast<u32*>(address(pages[1])), 5u);
    *static_cast<u32*>(address(pages[2])) = 6;
    EXPECT_EQ(pages[0]->_refcount.counter, 2);
    for (::page* page : pages) world->import <void(::page*)>("put_page")(page);
  });
  EXPECT_EQ(peek(user + 2 * kPageSize), 6u);
  EXPECT_EQ(world->rules(), "");
}

TEST_F(AbiUser, pins_count_by_1024) {
  start();
  driver([&] {
    ::page* page = nullptr;
    EXPECT_EQ(world->import <GupFast>("pin_user_pages_fast")(user, 1, kern::kFollWrite, &page), 1);
    EXPECT_EQ(page->_refcount.counter, 1025);
    world->import <void(::page**, Ulong, bool)>("unpin_user_pages_dirty_lock")(&page, 1, true);
    EXPECT_EQ(page->_refcount.counter, 1);
    EXPECT_NE(page->flags & (1ul << PG_dirty), 0u);
    world->import <void(::page*)>("unpin_user_page")(page);
  });
  EXPECT_TRUE(world->found("unpin-not-pinned"));
}

TEST_F(AbiUser, refusals_and_partial_success) {
  start();
  const u64 readable = map(1, mm::prot::kRead);
  ::page* pages[5] = {};
  driver([&] {
    auto* fast = world->import <GupFast>("get_user_pages_fast");
    EXPECT_EQ(fast(readable, 1, kern::kFollWrite, pages), -mm::err::kFault);
    EXPECT_EQ(fast(0x1000, 1, 0, pages), -mm::err::kFault);
    const int got = fast(user + 3 * kPageSize, 2, kern::kFollWrite, pages);
    EXPECT_EQ(got, 1);
    world->import <void(::page*)>("put_page")(pages[0]);
    // A read of untouched memory holds the zero page.
    EXPECT_EQ(fast(readable, 1, 0, pages), 1);
    EXPECT_EQ(pages[0], world->memory().env->zero_page);
    world->import <void(::page*)>("put_page")(pages[0]);
  });
}

TEST_F(AbiUser, a_forced_write_copies_a_private_page) {
  start();
  const u64 readable = map(1, mm::prot::kRead);
  driver([&] {
    ::page* page = nullptr;
    EXPECT_EQ(world->import <GupFast>("get_user_pages_fast")(
                  readable, 1, kern::kFollWrite | kern::kFollForce, &page),
              1);
    *static_cast<u32*>(world->import <void*(const ::page*)>("page_address")(page)) = 3;
    world->import <void(::page*)>("put_page")(page);
  });
  EXPECT_EQ(peek(readable), 3u);
  EXPECT_FALSE(world->mm->table().get(VirtAddr(readable)).write());
}

TEST_F(AbiUser, A38_pfn_mapped_pages_cannot_be_held) {
  start();
  static AbiWorld* w;
  w = world.get();
  MapDevice device(*world);
  const i64 addr = device.map(1, [](vm_area_struct* vma) {
    return w->import <int(vm_area_struct*, Ulong, Ulong, Ulong, vmsim_pgprot_t)>("remap_pfn_range")(
        vma, vma->vm_start, 0x100, kPageSize, vma->vm_page_prot);
  });
  ASSERT_GT(addr, 0);
  driver([&] {
    ::page* page = nullptr;
    EXPECT_EQ(world->import <GupFast>("get_user_pages_fast")(static_cast<u64>(addr), 1, 0, &page),
              -mm::err::kFault);
    // A36: the kernel's own RAM cannot be reached this way either.
    char bytes[4];
    EXPECT_EQ(
        world->import <int(vm_area_struct*, Ulong, void*, int, int)>("generic_access_phys")(
            world->mm->vma_lookup(static_cast<u64>(addr)), static_cast<u64>(addr), bytes, 4, 0),
        -mm::err::kNoMem);
  });
  world->mm->exit_mmap();
}

TEST_F(AbiUser, get_user_pages_wants_the_lock) {
  start();
  ::page* page = nullptr;
  driver([&] {
    ASSERT_EQ(sched::down_read(world->mm->mmap_lock), 0);
    EXPECT_EQ(world->import <Gup>("get_user_pages")(user, 1, 0, &page), 1);
    sched::up_read(world->mm->mmap_lock);
    world->import <void(::page*)>("put_page")(page);
    EXPECT_FALSE(world->found("gup-unlocked"));
    EXPECT_EQ(world->import <Gup>("get_user_pages")(user, 1, 0, &page), 1);
    world->import <void(::page*)>("put_page")(page);
  });
  EXPECT_TRUE(world->found("gup-unlocked"));
}

TEST_F(AbiUser, get_user_pages_of_2_6) {
  start(config_of({2, 6, 10}));
  driver([&] {
    ::page* page = nullptr;
    vm_area_struct* area = nullptr;
    ASSERT_EQ(sched::down_read(world->mm->mmap_lock), 0);
    using Old = int(task_struct*, mm_struct*, Ulong, int, int, int, ::page**, vm_area_struct**);
    EXPECT_EQ(world->import <Old>("get_user_pages")(world->task, world->mm.get(), user, 1, 1, 0,
                                                    &page, &area),
              1);
    sched::up_read(world->mm->mmap_lock);
    EXPECT_EQ(area, world->mm->vma_lookup(user));
    world->import <void(::page*)>("put_page")(page);
  });
}

TEST_F(AbiUser, access_process_vm_crosses_pages) {
  start();
  poke(user + kPageSize, 0x04030201);
  driver([&] {
    u8 bytes[8] = {};
    auto* access =
        world->import <int(task_struct*, Ulong, void*, int, unsigned)>("access_process_vm");
    EXPECT_EQ(access(world->task, user + kPageSize - 4, bytes, 8, 0), 8);
    EXPECT_EQ(bytes[4], 1);
    EXPECT_EQ(access(world->task, user + 4 * kPageSize - 4, bytes, 8, kern::kFollWrite), 4);
  });
  EXPECT_FALSE(AbiWorld::drive([&] {
    world->import <int(task_struct*, Ulong, void*, int, unsigned)>("access_process_vm")(
        world->task, user, at(0x123456789000), 8, 0);
  }));
}

/// Follows the tables as a driver does; nullptr where one is missing.
vmsim_pte_t* walk(const AbiWorld& world, mm_struct* mm, Ulong addr) {
  auto* pgd = world.import <vmsim_pgd_t*(mm_struct*, Ulong)>("pgd_offset")(mm, addr);
  if (pgd->pgd == 0) return nullptr;
  auto* p4d = world.import <vmsim_p4d_t*(vmsim_pgd_t*, Ulong)>("p4d_offset")(pgd, addr);
  auto* pud = world.import <vmsim_pud_t*(vmsim_p4d_t*, Ulong)>("pud_offset")(p4d, addr);
  if (pud->pud == 0) return nullptr;
  auto* pmd = world.import <vmsim_pmd_t*(vmsim_pud_t*, Ulong)>("pmd_offset")(pud, addr);
  if (pmd->pmd == 0) return nullptr;
  return world.import <vmsim_pte_t*(vmsim_pmd_t*, Ulong)>("pte_offset_map")(pmd, addr);
}

void walk_and_set(AbiWorld& world, u64 user) {
  mm_struct* const mm = world.mm.get();
  vmsim_pte_t* const pte = walk(world, mm, user);
  ASSERT_NE(pte, nullptr);
  const mmu::Pte before = world.mm->table().get(VirtAddr(user));
  EXPECT_EQ(pte->pte, before.bits);
  auto* set = world.import <void(mm_struct*, Ulong, vmsim_pte_t*, vmsim_pte_t)>("set_pte_at");
  set(mm, user, pte, {before.without(mmu::Pte::kWrite).bits});
  EXPECT_FALSE(world.mm->table().get(VirtAddr(user)).write());
  set(mm, user, pte, {before.bits});
  EXPECT_EQ(world.mm->table().get(VirtAddr(user)), before);
  EXPECT_EQ(walk(world, mm, user + (u64{1} << 31)), nullptr);
  world.import <void(vm_area_struct*, Ulong)>("flush_tlb_page")(world.mm->vma_lookup(user), user);
  world.import <void(mm_struct*)>("flush_tlb_mm")(mm);
  world.import <void()>("flush_tlb_all")();
}

TEST_F(AbiUser, entries_are_those_of_the_tables) {
  start();
  poke(user, 1);
  driver([&] { walk_and_set(*world, user); });
}

TEST_F(AbiUser, entries_of_two_levels) {
  start(config_of({2, 6, 10}, Profile::kX86_32));
  poke(user, 1);
  driver([&] { walk_and_set(*world, user); });
}

TEST_F(AbiUser, apply_to_page_range_visits_each_page) {
  start();
  poke(user, 1);
  using Fn = int(vmsim_pte_t*, Ulong, void*);
  auto* apply = world->import <int(mm_struct*, Ulong, Ulong, Fn*, void*)>("apply_to_page_range");
  int visited = 0;
  driver([&] {
    EXPECT_EQ(apply(
                  world->mm.get(), user, 2 * kPageSize,
                  [](vmsim_pte_t* pte, Ulong, void* count) {
                    *static_cast<int*>(count) += pte->pte != 0 ? 1 : 10;
                    return 0;
                  },
                  &visited),
              0);
    EXPECT_EQ(apply(
                  world->mm.get(), user, kPageSize, [](vmsim_pte_t*, Ulong, void*) { return -16; },
                  nullptr),
              -16);
  });
  EXPECT_EQ(visited, 11);
  EXPECT_FALSE(AbiWorld::drive([&] {
    apply(
        world->mm.get(), user, kPageSize,
        [](vmsim_pte_t*, Ulong, void*) -> int {
          sched::DriverCall::oops(sched::DriverCall::bug_record(
              "kernel BUG: callback", __builtin_return_address(0), __builtin_frame_address(0)));
        },
        nullptr);
  }));
  EXPECT_EQ(world->kernel->oops->oops_count(), 1u);
}

TEST_F(AbiUser, page_mkclean_takes_write_permission) {
  start();
  static AbiWorld* w;
  static ::page* shared;
  w = world.get();
  shared = world->memory().zones->alloc_page(VMSIM_GFP_KERNEL | VMSIM_GFP_BIT_ZERO);
  MapDevice device(*world);
  const i64 addr = device.map(1, [](vm_area_struct* vma) {
    return w->import <int(vm_area_struct*, Ulong, ::page*)>("vm_insert_page")(vma, vma->vm_start,
                                                                              shared);
  });
  ASSERT_GT(addr, 0);
  shared->mapping = device.node()->i_mapping;
  poke(static_cast<u64>(addr), 1);
  driver([&] {
    auto* mkclean = world->import <int(::page*)>("page_mkclean");
    EXPECT_EQ(mkclean(shared), 1);
    EXPECT_EQ(mkclean(shared), 0);
  });
  EXPECT_FALSE(world->mm->table().get(VirtAddr(static_cast<u64>(addr))).write());
  shared->mapping = nullptr;
  world->mm->exit_mmap();
  world->memory().zones->put_page(shared);
}

}  // namespace
}  // namespace vmsim::abi
