// SPDX-License-Identifier: MIT
// Locks as drivers take them: what works, and how a lock that cannot be had ends.
#include "sched/lock.hpp"

#include <cerrno>

#include "abi/driver_world.hpp"

namespace vmsim::abi {
namespace {

TEST(DriverLocks, a_mutex_is_held_between_lock_and_unlock) {
  DriverWorld world;
  ::mutex lock = {};
  EXPECT_TRUE(world.call<void(::mutex*)>("mutex_lock", &lock));
  EXPECT_EQ(*world.call<int(::mutex*)>("vmsim_mutex_is_locked", &lock), 1);
  EXPECT_EQ(*world.call<int(::mutex*)>("mutex_trylock", &lock), 0);
  EXPECT_TRUE(world.call<void(::mutex*)>("mutex_unlock", &lock));
  EXPECT_EQ(*world.call<int(::mutex*)>("mutex_trylock", &lock), 1);
  EXPECT_TRUE(world.call<void(::mutex*)>("mutex_unlock", &lock));
  EXPECT_EQ(world.rules(), "");
}

TEST(DriverLocks, a_recursive_lock_is_a_bug_of_the_task) {
  DriverWorld world;
  ::mutex lock = {};
  auto* const take = world.import <void(::mutex*)>("mutex_lock");
  EXPECT_FALSE(world.drive([&] {
    take(&lock);
    take(&lock);
  }));
  EXPECT_TRUE(world.log_has("deadlock: recursive lock")) << world.log();
  EXPECT_TRUE(world.found("recursive-lock"));
  EXPECT_EQ(lock.owner, nullptr) << "the oops releases what the driver took";
  vmsim_spinlock_t spin = {};
  auto* const spin_take = world.import <void(vmsim_spinlock_t*)>("spin_lock");
  EXPECT_FALSE(world.drive([&] {
    spin_take(&spin);
    spin_take(&spin);
  }));
  EXPECT_EQ(world.kernel->oops->oops_count(), 2u);
  EXPECT_EQ(world.task->atomic_depth(), 0u);
}

TEST(DriverLocks, a_null_lock_is_an_oops) {
  DriverWorld world;
  EXPECT_FALSE(world.call<void(::mutex*)>("mutex_lock", nullptr));
  EXPECT_FALSE(world.call<void(vmsim_spinlock_t*)>("spin_unlock", nullptr));
  EXPECT_FALSE(world.call<void(::semaphore*)>("up", nullptr));
  EXPECT_EQ(world.kernel->oops->oops_count(), 3u);
}

TEST(DriverLocks, down_that_nobody_can_answer_ends_in_an_oops) {
  DriverWorld world;
  ::semaphore sem = {};
  EXPECT_FALSE(world.call<void(::semaphore*)>("down", &sem));
  EXPECT_TRUE(world.log_has("deadlock: the wait can never end")) << world.log();
  EXPECT_TRUE(world.found("deadlock"));
}

TEST(DriverLocks, semaphores_count) {
  DriverWorld world;
  ::semaphore sem = {};
  sem.count = 1;
  EXPECT_EQ(*world.call<int(::semaphore*)>("down_interruptible", &sem), 0);
  EXPECT_EQ(*world.call<int(::semaphore*)>("down_trylock", &sem), 1) << "1 is failure";
  const u64 before = world.kernel->scheduler->now_ns();
  EXPECT_EQ(*world.call<int(::semaphore*, long)>("down_timeout", &sem, 10l), -ETIME);
  EXPECT_GE(world.kernel->scheduler->now_ns() - before,
            9 * world.kernel->scheduler->ns_per_jiffy());
  EXPECT_TRUE(world.call<void(::semaphore*)>("up", &sem));
  EXPECT_EQ(*world.call<int(::semaphore*)>("down_trylock", &sem), 0);
}

TEST(DriverLocks, a_signal_ends_interruptible_waits) {
  DriverWorld world;
  ::semaphore sem = {};
  world.kernel->scheduler->send_signal(*world.task);
  EXPECT_EQ(*world.call<int(::semaphore*)>("down_interruptible", &sem), -EINTR);
  world.task->clear_signal();
  ::mutex lock = {};
  EXPECT_TRUE(world.call<void(::mutex*)>("mutex_lock", &lock));
  EXPECT_EQ(*world.call<int(::mutex*)>("mutex_lock_interruptible", &lock), -EINTR) << "recursive";
  EXPECT_TRUE(world.found("recursive-lock"));
  EXPECT_TRUE(world.call<void(::mutex*)>("mutex_unlock", &lock));
}

TEST(DriverLocks, spinlocks_and_interrupts) {
  DriverWorld world;
  vmsim_spinlock_t lock = {};
  const auto disabled = [&] { return *world.call<int()>("vmsim_irqs_disabled"); };
  const Ulong flags = *world.call<Ulong(vmsim_spinlock_t*)>("vmsim_spin_lock_irqsave", &lock);
  EXPECT_EQ(flags, 0x200u);
  EXPECT_EQ(disabled(), 1);
  Ulong other = 0;
  EXPECT_EQ(
      *world.call<int(vmsim_spinlock_t*, Ulong*)>("vmsim_spin_trylock_irqsave", &lock, &other), 0);
  EXPECT_EQ(disabled(), 1);
  EXPECT_EQ(*world.call<int()>("vmsim_in_atomic"), 1);
  EXPECT_TRUE(world.call<void(vmsim_spinlock_t*, Ulong)>("spin_unlock_irqrestore", &lock, flags));
  EXPECT_EQ(disabled(), 0);
  EXPECT_EQ(*world.call<int()>("vmsim_in_atomic"), 0);
  EXPECT_EQ(
      *world.call<int(vmsim_spinlock_t*, Ulong*)>("vmsim_spin_trylock_irqsave", &lock, &other), 1);
  EXPECT_EQ(other, 0x200u);
  EXPECT_TRUE(world.call<void(vmsim_spinlock_t*, Ulong)>("spin_unlock_irqrestore", &lock, other));
}

TEST(DriverLocks, reader_writer_locks) {
  DriverWorld world;
  vmsim_rwlock_t lock = {};
  EXPECT_TRUE(world.call<void(vmsim_rwlock_t*)>("read_lock_irq", &lock));
  EXPECT_EQ(*world.call<int()>("vmsim_irqs_disabled"), 1);
  EXPECT_EQ(*world.call<int(vmsim_rwlock_t*)>("write_trylock", &lock), 0);
  EXPECT_TRUE(world.call<void(vmsim_rwlock_t*)>("read_unlock_irq", &lock));
  EXPECT_EQ(*world.call<int()>("vmsim_irqs_disabled"), 0);
  const Ulong flags = *world.call<Ulong(vmsim_rwlock_t*)>("vmsim_write_lock_irqsave", &lock);
  EXPECT_EQ(*world.call<int(vmsim_rwlock_t*)>("read_trylock", &lock), 0);
  EXPECT_TRUE(world.call<void(vmsim_rwlock_t*, Ulong)>("write_unlock_irqrestore", &lock, flags));
  EXPECT_EQ(world.task->atomic_depth(), 0u);
  ::rw_semaphore sem = {};
  EXPECT_TRUE(world.call<void(::rw_semaphore*)>("down_write", &sem));
  EXPECT_TRUE(world.call<void(::rw_semaphore*)>("downgrade_write", &sem));
  EXPECT_EQ(*world.call<int(::rw_semaphore*)>("down_write_trylock", &sem), 0);
  EXPECT_TRUE(world.call<void(::rw_semaphore*)>("up_read", &sem));
  EXPECT_EQ(*world.call<int(::rw_semaphore*)>("rwsem_is_locked", &sem), 0);
  EXPECT_EQ(world.rules(), "") << "a try that fails breaks no rule";
}

TEST(DriverLocks, the_big_kernel_lock_nests) {
  DriverWorld world({2, 6, 10});
  EXPECT_TRUE(world.call<void()>("lock_kernel"));
  EXPECT_TRUE(world.call<void()>("lock_kernel"));
  EXPECT_TRUE(world.call<void()>("unlock_kernel"));
  EXPECT_TRUE(sched::lock_is_held(&world.door->big_kernel_lock));
  EXPECT_TRUE(world.call<void()>("unlock_kernel"));
  EXPECT_FALSE(sched::lock_is_held(&world.door->big_kernel_lock));
  EXPECT_EQ(world.rules(), "");
  EXPECT_TRUE(world.call<void()>("unlock_kernel"));
  EXPECT_TRUE(world.found("unlock-unlocked"));
}

TEST(DriverLocks, mutex_destroy_of_a_locked_one_is_found) {
  DriverWorld world;
  ::mutex lock = {};
  EXPECT_TRUE(world.call<void(::mutex*)>("mutex_lock", &lock));
  EXPECT_TRUE(world.call<void(::mutex*)>("mutex_destroy", &lock));
  EXPECT_TRUE(world.found("mutex-destroyed-locked"));
  EXPECT_TRUE(world.call<void(::mutex*)>("mutex_unlock", &lock));
}

}  // namespace
}  // namespace vmsim::abi
