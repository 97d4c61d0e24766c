// SPDX-License-Identifier: MIT
// Pages, slab, vmalloc, kmap and conversions by their kernel names.
#include <cstring>

#include <gtest/gtest.h>

#include "abi/abi_fixture.hpp"
#include "sched/lock.hpp"

namespace vmsim::abi {
namespace {

template <class F>
void driver(F&& f) {
  EXPECT_TRUE(AbiWorld::drive(f)) << "the driver oopsed";
}

TEST(AbiPage, free_pages_have_an_address_and_come_back) {
  AbiWorld world;
  driver([&] {
    const Ulong addr =
        world.import <Ulong(unsigned, unsigned)>("__get_free_pages")(VMSIM_GFP_KERNEL, 1);
    ASSERT_NE(addr, 0u);
    std::memset(reinterpret_cast<void*>(addr), 1, 2 * kPageSize);
    ::page* const page = world.import <::page*(const volatile void*)>("vmsim_virt_to_page")(
        reinterpret_cast<void*>(addr));
    EXPECT_EQ(world.import <int(const ::page*)>("page_count")(page), 1);
    EXPECT_EQ(world.import <Ulong(Ulong)>("vmsim_pa")(addr),
              world.memory().mem_map->addr(page).value);
    EXPECT_EQ(world.import <void*(const ::page*)>("page_address")(page),
              reinterpret_cast<void*>(addr));
    EXPECT_EQ(page - world.import <::page*()>("vmsim_mem_map")(),
              static_cast<long>(world.memory().mem_map->pfn(page).value));
    world.import <void(Ulong, unsigned)>("free_pages")(addr, 1);
  });
}

TEST(AbiPage, zeroed_page_is_zero) {
  AbiWorld world;
  driver([&] {
    const Ulong addr = world.import <Ulong(unsigned)>("get_zeroed_page")(VMSIM_GFP_KERNEL);
    EXPECT_EQ(*reinterpret_cast<u64*>(addr), 0u);
    world.import <void(Ulong, unsigned)>("free_pages")(addr, 0);
  });
}

TEST(AbiPage, exact_pages_give_the_tail_back) {
  AbiWorld world;
  const u64 before = world.memory().zones->allocated_pages();
  driver([&] {
    void* const start = world.import <void*(std::size_t, unsigned)>("alloc_pages_exact")(
        3 * kPageSize, VMSIM_GFP_KERNEL);
    EXPECT_EQ(world.memory().zones->allocated_pages(), before + 3);
    world.import <void(void*, std::size_t)>("free_pages_exact")(start, 3 * kPageSize);
  });
  EXPECT_EQ(world.memory().zones->allocated_pages(), before);
}

TEST(AbiPage, references) {
  AbiWorld world;
  driver([&] {
    ::page* const page =
        world.import <::page*(unsigned, unsigned)>("alloc_pages")(VMSIM_GFP_KERNEL, 0);
    world.import <void(::page*)>("get_page")(page);
    EXPECT_EQ(world.import <int(const ::page*)>("page_count")(page), 2);
    world.import <void(::page*)>("put_page")(page);
    world.import <void(::page*, unsigned)>("__free_pages")(page, 0);
    EXPECT_EQ(world.import <int(const ::page*)>("page_count")(page), 0);
  });
}

TEST(AbiPage, flags) {
  AbiWorld world;
  driver([&] {
    ::page* const page =
        world.import <::page*(unsigned, unsigned)>("alloc_pages")(VMSIM_GFP_KERNEL, 0);
    using FlagTest = int(const ::page*);
    EXPECT_EQ(world.import <FlagTest>("PageReserved")(page), 0);
    world.import <void(::page*)>("SetPageReserved")(page);
    EXPECT_EQ(world.import <FlagTest>("PageReserved")(page), 1);
    world.import <void(::page*)>("ClearPageReserved")(page);
    EXPECT_EQ(world.import <FlagTest>("PageReserved")(page), 0);
    EXPECT_EQ(world.import <int(::page*)>("set_page_dirty")(page), 1);
    EXPECT_EQ(world.import <int(::page*)>("set_page_dirty")(page), 0);
    world.import <void(::page*)>("ClearPageDirty")(page);
    EXPECT_EQ(world.import <FlagTest>("PageHighMem")(page), 0);
    EXPECT_EQ(world.import <FlagTest>("PageSlab")(page), 0);
    EXPECT_EQ(world.import <int(::page*)>("trylock_page")(page), 1);
    EXPECT_EQ(world.import <int(::page*)>("trylock_page")(page), 0);
    world.import <void(::page*)>("unlock_page")(page);
    world.import <void(::page*)>("lock_page")(page);
    world.import <void(::page*)>("unlock_page")(page);
    EXPECT_FALSE(world.found("unlock-page-unlocked"));
    world.import <void(::page*)>("unlock_page")(page);
    world.import <void(::page*, unsigned)>("__free_pages")(page, 0);
  });
  EXPECT_TRUE(world.found("unlock-page-unlocked"));
}

TEST(AbiPage, the_wrong_kind_of_address_is_a_finding) {
  AbiWorld world;
  driver([&] {
    void* const area = world.import <void*(Ulong)>("vmalloc")(kPageSize);
    EXPECT_EQ(world.import <::page*(const volatile void*)>("vmsim_virt_to_page")(area), nullptr);
    EXPECT_EQ(world.import <int(const volatile void*)>("vmsim_virt_addr_valid")(area), 0);
    world.import <void(const void*)>("vfree")(area);
  });
  EXPECT_TRUE(world.found("virt-to-page-not-logical"));
}

TEST(AbiPage, a_lock_in_freed_pages_is_found) {
  AbiWorld world;
  driver([&] {
    const Ulong addr = world.import <Ulong(unsigned)>("get_zeroed_page")(VMSIM_GFP_KERNEL);
    ASSERT_EQ(sched::mutex_lock(*reinterpret_cast<struct mutex*>(addr)), 0);
    world.import <void(Ulong, unsigned)>("free_pages")(addr, 0);
  });
  EXPECT_TRUE(world.found("lock-freed-held")) << world.rules();
  world.kernel->scheduler->release_all(*world.task, "test", "the test is over");
}

TEST(AbiPage, clearing_a_bad_page_is_an_oops) {
  AbiWorld world;
  EXPECT_FALSE(AbiWorld::drive([&] { world.import <void(void*)>("clear_page")(nullptr); }));
}

TEST(AbiSlab, sizes_and_zeroes) {
  AbiWorld world;
  driver([&] {
    using Alloc = void*(std::size_t, unsigned);
    auto* kfree = world.import <void(const void*)>("kfree");
    auto* bytes = static_cast<u8*>(world.import <Alloc>("kzalloc")(100, VMSIM_GFP_KERNEL));
    EXPECT_EQ(bytes[99], 0);
    bytes[99] = 7;
    bytes = static_cast<u8*>(world.import <void*(const void*, std::size_t, unsigned)>("krealloc")(
        bytes, 300, VMSIM_GFP_KERNEL));
    EXPECT_EQ(bytes[99], 7);
    EXPECT_GE(world.import <std::size_t(const void*)>("ksize")(bytes), 300u);
    kfree(bytes);
    EXPECT_EQ(world.import <Alloc>("kmalloc")(0, VMSIM_GFP_KERNEL), reinterpret_cast<void*>(16));
    kfree(reinterpret_cast<void*>(16));
    kfree(nullptr);
    using Array = void*(std::size_t, std::size_t, unsigned);
    EXPECT_EQ(world.import <Array>("kcalloc")(~std::size_t{0}, 2, VMSIM_GFP_KERNEL), nullptr);
    EXPECT_EQ(world.import <Array>("kvcalloc")(~std::size_t{0}, 2, VMSIM_GFP_KERNEL), nullptr);
    void* const large = world.import <Alloc>("kvzalloc")(u64{8} << 20, VMSIM_GFP_KERNEL);
    EXPECT_TRUE(world.import <bool(const void*)>("is_vmalloc_addr")(large));
    world.import <void(const void*)>("kvfree")(large);
  });
  EXPECT_EQ(world.memory().slab->live_objects(), 0u);
  EXPECT_FALSE(world.found("kfree-bad-pointer")) << world.rules();
}

using CreateCache = void*(const char*, unsigned, unsigned, unsigned, void (*)(void*));

TEST(AbiSlab, a_cache_with_a_constructor) {
  AbiWorld world;
  driver([&] {
    void* const cache = world.import <CreateCache>("kmem_cache_create")(
        "things", 64, 0, 0, [](void* object) { *static_cast<int*>(object) = 4711; });
    auto* object = static_cast<int*>(
        world.import <void*(void*, unsigned)>("kmem_cache_alloc")(cache, VMSIM_GFP_KERNEL));
    EXPECT_EQ(*object, 4711);
    EXPECT_EQ(world.import <unsigned(void*)>("kmem_cache_size")(cache), 64u);
    world.import <void(void*, void*)>("kmem_cache_free")(cache, object);
    world.import <void(void*)>("kmem_cache_destroy")(cache);
  });
}

TEST(AbiSlab, a_constructor_that_oopses_takes_its_caller_along) {
  AbiWorld world;
  void* cache = nullptr;
  driver([&] {
    cache = world.import <CreateCache>("kmem_cache_create")("bad", 64, 0, 0, [](void*) {
      sched::DriverCall::oops(sched::DriverCall::bug_record(
          "kernel BUG: constructor", __builtin_return_address(0), __builtin_frame_address(0)));
    });
  });
  bool returned = false;
  EXPECT_FALSE(AbiWorld::drive([&] {
    world.import <void*(void*, unsigned)>("kmem_cache_alloc")(cache, VMSIM_GFP_KERNEL);
    returned = true;
  }));
  EXPECT_FALSE(returned);
  EXPECT_EQ(world.kernel->oops->oops_count(), 1u);
}

TEST(AbiSlab, an_old_constructor_is_told_its_cache) {
  AbiWorld world(config_of({2, 6, 10}));
  static void* cache_seen;
  driver([&] {
    using Constructor = void(void*, void*, Ulong);
    using Create = void*(const char*, std::size_t, std::size_t, Ulong, Constructor*, Constructor*);
    void* const cache = world.import <Create>("kmem_cache_create")(
        "things", 64, 0, 0,
        [](void*, void* owner, Ulong flags) { cache_seen = flags == 1 ? owner : nullptr; },
        nullptr);
    void* const object =
        world.import <void*(void*, unsigned)>("kmem_cache_alloc")(cache, VMSIM_GFP_KERNEL);
    EXPECT_EQ(cache_seen, cache);
    EXPECT_EQ(world.import <int(void*)>("kmem_cache_destroy")(cache), 1);
    world.import <void(void*, void*)>("kmem_cache_free")(cache, object);
  });
}

TEST(AbiVmalloc, vmap_shows_pages_side_by_side) {
  AbiWorld world;
  driver([&] {
    auto* alloc = world.import <::page*(unsigned, unsigned)>("alloc_pages");
    auto* free = world.import <void(::page*, unsigned)>("__free_pages");
    ::page* pages[] = {alloc(VMSIM_GFP_KERNEL, 0), alloc(VMSIM_GFP_KERNEL, 0)};
    auto* at = static_cast<u8*>(
        world.import <void*(::page**, unsigned, Ulong, vmsim_pgprot_t)>("vmap")(pages, 2, 4, {0}));
    at[kPageSize] = 9;
    EXPECT_EQ(*static_cast<u8*>(world.import <void*(const ::page*)>("page_address")(pages[1])), 9);
    EXPECT_EQ(world.import <Ulong(const void*)>("vmalloc_to_pfn")(at + kPageSize),
              world.memory().mem_map->pfn(pages[1]).value);
    world.import <void(const void*)>("vunmap")(at);
    for (::page* page : pages) free(page, 0);
  });
  EXPECT_FALSE(AbiWorld::drive([&] {
    world.import <void*(::page**, unsigned, Ulong, vmsim_pgprot_t)>("vmap")(
        reinterpret_cast<::page**>(0x123456789000), 2, 4, {0});
  }));
}

TEST(AbiHighmem, high_pages_need_kmap) {
  MachineConfig config = config_of({2, 6, 10}, Profile::kX86_32);
  config.ram_bytes = u64{1} << 30;
  AbiWorld world(config);
  driver([&] {
    ::page* const page =
        world.import <::page*(unsigned, unsigned)>("alloc_pages")(VMSIM_GFP_HIGHUSER, 0);
    ASSERT_EQ(world.import <int(const ::page*)>("PageHighMem")(page), 1);
    EXPECT_EQ(world.import <void*(const ::page*)>("page_address")(page), nullptr);
    auto* at = static_cast<u8*>(world.import <void*(::page*)>("kmap")(page));
    at[0] = 1;
    EXPECT_EQ(world.import <void*(const ::page*)>("page_address")(page), at);
    EXPECT_EQ(world.import <::page*(void*)>("vmsim_kmap_to_page")(at), page);
    world.import <void(::page*)>("kunmap")(page);
    at = static_cast<u8*>(world.import <void*(::page*, unsigned)>("kmap_atomic")(page, 3));
    EXPECT_EQ(at[0], 1);
    world.import <void(void*, unsigned)>("kunmap_atomic")(at, 3);
    world.import <void(::page*, unsigned)>("__free_pages")(page, 0);
    EXPECT_GT(world.import <Ulong()>("totalhigh_pages")(), 0u);
  });
  EXPECT_EQ(world.rules(), "");
}

}  // namespace
}  // namespace vmsim::abi
