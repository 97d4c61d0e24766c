// SPDX-License-Identifier: MIT
// Containers as drivers call them: findings for misuse, oopses in their callbacks, pools that wait.
#include <array>
#include <cerrno>
#include <cstring>

#include "abi/driver_world.hpp"

namespace vmsim::abi {
namespace {

TEST(DriverContainers, erasing_twice_is_a_finding_and_a_wild_node_an_oops) {
  DriverWorld world;
  ::rb_root root{};
  ::rb_node node{};
  root.rb_node = &node;
  using Change = void(::rb_node*, ::rb_root*);
  EXPECT_TRUE(world.call<Change>("rb_insert_color", &node, &root));
  EXPECT_TRUE(world.call<Change>("rb_erase", &node, &root));
  EXPECT_EQ(root.rb_node, nullptr);
  EXPECT_EQ(world.rules(), "");
  EXPECT_TRUE(world.call<Change>("rb_erase", &node, &root));
  EXPECT_TRUE(world.found("rb-node-not-in-tree"));
  EXPECT_FALSE(world.call<Change>("rb_erase", reinterpret_cast<::rb_node*>(0x10), &root));
  EXPECT_TRUE(world.found("oops"));
}

TEST(DriverContainers, an_oops_in_a_callback_ends_the_call) {
  DriverWorld world;
  std::array<int, 4> numbers{4, 3, 2, 1};
  using Sort = void(void*, std::size_t, std::size_t, int (*)(const void*, const void*),
                    void (*)(void*, void*, int));
  int (*const bad)(const void*, const void*) = [](const void*, const void*) {
    return *reinterpret_cast<volatile int*>(8);
  };
  void (*const no_swap)(void*, void*, int) = nullptr;
  EXPECT_FALSE(world.call<Sort>("sort", static_cast<void*>(numbers.data()), std::size_t{4},
                                sizeof(int), bad, no_swap));
  ::idr idr{};
  using Alloc = int(::idr*, void*, int, int, vmsim_gfp_t);
  EXPECT_EQ(*world.call<Alloc>("idr_alloc", &idr, static_cast<void*>(&idr), 3, 0,
                               vmsim_gfp_t{VMSIM_GFP_KERNEL}),
            3);
  int (*const bad_each)(int, void*, void*) = [](int id, void*, void*) {
    return *reinterpret_cast<volatile int*>(id);
  };
  using Each = int(const ::idr*, int (*)(int, void*, void*), void*);
  EXPECT_FALSE(world.call<Each>("idr_for_each", &idr, bad_each, nullptr));
  EXPECT_TRUE(world.call<void(::idr*)>("idr_destroy", &idr));
}

TEST(DriverContainers, freed_memory_takes_its_index_along) {
  DriverWorld world;
  using Kmalloc = void*(std::size_t, vmsim_gfp_t);
  auto* const idr = static_cast<::idr*>(
      *world.call<Kmalloc>("kzalloc", sizeof(::idr), vmsim_gfp_t{VMSIM_GFP_KERNEL}));
  using Alloc = int(::idr*, void*, int, int, vmsim_gfp_t);
  EXPECT_EQ(*world.call<Alloc>("idr_alloc", idr, static_cast<void*>(idr), 0, 0,
                               vmsim_gfp_t{VMSIM_GFP_KERNEL}),
            0);
  EXPECT_EQ(world.kernel->containers->indexes.live(), 1u);
  EXPECT_TRUE(world.call<void(const void*)>("kfree", idr));
  EXPECT_EQ(world.kernel->containers->indexes.live(), 0u);
  EXPECT_EQ(world.rules(), "");
}

TEST(DriverContainers, gfp_kernel_under_a_spinlock_is_a_finding) {
  DriverWorld world;
  ::idr idr{};
  ::vmsim_spinlock lock{};
  using Alloc = int(::idr*, void*, int, int, vmsim_gfp_t);
  EXPECT_TRUE(world.call<void(::vmsim_spinlock*)>("spin_lock", &lock));
  EXPECT_EQ(*world.call<Alloc>("idr_alloc", &idr, nullptr, 0, 0, vmsim_gfp_t{VMSIM_GFP_NOWAIT}), 0);
  EXPECT_EQ(world.rules(), "");
  EXPECT_EQ(*world.call<Alloc>("idr_alloc", &idr, nullptr, 0, 0, vmsim_gfp_t{VMSIM_GFP_KERNEL}), 1);
  EXPECT_TRUE(world.found("sleep-in-atomic")) << world.rules();
  EXPECT_TRUE(world.call<void(::vmsim_spinlock*)>("spin_unlock", &lock));
}

// --- pools ---

bool have_memory = true;

void* take(vmsim_gfp_t, void* world) {
  if (!have_memory) return nullptr;
  return static_cast<DriverWorld*>(world)->import <void*(std::size_t, vmsim_gfp_t)>("kmalloc")(
      32, VMSIM_GFP_KERNEL);
}

void give(void* element, void* world) {
  static_cast<DriverWorld*>(world)->import <void(const void*)>("kfree")(element);
}

using Create = ::mempool_s*(int, vmsim_mempool_alloc_t, vmsim_mempool_free_t, void*);
using PoolAlloc = void*(::mempool_s*, vmsim_gfp_t);
using PoolFree = void(void*, ::mempool_s*);

TEST(DriverMempool, the_reserve_is_held_and_then_waited_for) {
  DriverWorld world;
  have_memory = true;
  const u64 live_before = world.memory().slab->live_objects();
  auto* const pool =
      *world.call<Create>("mempool_create", 1, &take, &give, static_cast<void*>(&world));
  ASSERT_NE(pool, nullptr);
  EXPECT_EQ(world.memory().slab->live_objects(), live_before + 3) << "pool, array, one element";
  have_memory = false;
  const vmsim_gfp_t atomic = VMSIM_GFP_ATOMIC, patient = VMSIM_GFP_KERNEL;
  void* const last = *world.call<PoolAlloc>("mempool_alloc", pool, atomic);
  EXPECT_NE(last, nullptr);
  EXPECT_EQ(*world.call<PoolAlloc>("mempool_alloc", pool, atomic), nullptr);

  // A work item gives it back while the allocation waits.
  struct Later {
    ::work_struct work{};
    DriverWorld* world;
    ::mempool_s* pool;
    void* element;
  } later{{}, &world, pool, last};

  later.work.func = [](::work_struct* work) {
    auto* const self = reinterpret_cast<Later*>(work);
    self->world->import <PoolFree>("mempool_free")(self->element, self->pool);
  };
  EXPECT_EQ(*world.call<int(::workqueue_struct*, ::work_struct*)>("vmsim_queue_work", nullptr,
                                                                  &later.work),
            1);
  EXPECT_EQ(*world.call<PoolAlloc>("mempool_alloc", pool, patient), last);
  EXPECT_EQ(world.rules(), "");

  EXPECT_FALSE(world.call<PoolAlloc>("mempool_alloc", pool, patient)) << "nobody gives it back";
  EXPECT_TRUE(world.found("deadlock")) << world.rules();
  EXPECT_TRUE(world.call<PoolFree>("mempool_free", last, pool));
  EXPECT_TRUE(world.call<void(::mempool_s*)>("mempool_destroy", pool));
  EXPECT_EQ(world.memory().slab->live_objects(), live_before);
}

TEST(DriverMempool, of_a_cache_and_of_pages) {
  DriverWorld world;
  const u64 frames = world.memory().zones->allocated_pages();
  auto* const alloc = world.import <void*(vmsim_gfp_t, void*)>("mempool_alloc_pages");
  auto* const free = world.import <void(void*, void*)>("mempool_free_pages");
  auto* const pool = *world.call<Create>("mempool_create", 3, alloc, free,
                                         reinterpret_cast<void*>(std::size_t{1}));
  ASSERT_NE(pool, nullptr);
  EXPECT_GE(world.memory().zones->allocated_pages(), frames + 6);
  EXPECT_EQ(*world.call<int(::mempool_s*, int)>("vmsim_mempool_resize", pool, 1), 0);
  EXPECT_EQ(pool->curr_nr, 1);
  EXPECT_TRUE(world.call<void(::mempool_s*)>("mempool_destroy", pool));
}

TEST(DriverMempool, old_kernels_bug_on_what_is_still_out) {
  DriverWorld world({2, 6, 32});
  have_memory = true;
  auto* const pool =
      *world.call<Create>("mempool_create", 2, &take, &give, static_cast<void*>(&world));
  have_memory = false;
  void* const out = *world.call<PoolAlloc>("mempool_alloc", pool, vmsim_gfp_t{VMSIM_GFP_ATOMIC});
  EXPECT_FALSE(world.call<void(::mempool_s*)>("mempool_destroy", pool));
  EXPECT_TRUE(world.found("oops"));
  EXPECT_TRUE(world.call<PoolFree>("mempool_free", out, pool));
  EXPECT_TRUE(world.call<void(::mempool_s*)>("mempool_destroy", pool));
}

// --- programs' memory ---

TEST(DriverKfifo, copies_from_programs_as_far_as_it_can) {
  DriverWorld world;
  using Copy = int(::__kfifo*, void*, Ulong, unsigned*);
  char ring[16];
  ::__kfifo fifo{12, 12, 15, 1, ring};
  const u64 page = world.user_pages(1);
  world.store_user(page, "0123456789", 10);
  unsigned copied = 0;
  EXPECT_EQ(*world.call<Copy>("__kfifo_from_user", &fifo, reinterpret_cast<void*>(page), Ulong{10},
                              &copied),
            0);
  EXPECT_EQ(copied, 10u);
  EXPECT_EQ(std::string(ring + 12, 4) + std::string(ring, 6), "0123456789");
  EXPECT_EQ(*world.call<Copy>("__kfifo_to_user", &fifo, reinterpret_cast<void*>(page + 100),
                              Ulong{8}, &copied),
            0);
  EXPECT_EQ(copied, 8u);
  EXPECT_EQ(world.load_user(page + 100, 8), "01234567");
  const u64 edge = page + kPageSize - 3;
  EXPECT_EQ(*world.call<Copy>("__kfifo_from_user", &fifo, reinterpret_cast<void*>(edge), Ulong{9},
                              &copied),
            -EFAULT);
  EXPECT_EQ(copied, 3u);
  EXPECT_EQ(fifo.in - fifo.out, 5u);
}

}  // namespace
}  // namespace vmsim::abi
