// SPDX-License-Identifier: MIT
// Locks: what they exclude, and every misuse.
#include "sched/lock.hpp"

#include <cerrno>
#include <cstring>

#include "sched_fixture.hpp"

namespace vmsim::sched {
namespace {

class LockTest : public SchedTest {
 protected:
  /// Runs `body` as a kernel thread to its end or first wait.
  Task& other(std::function<int()> body) { return scheduler_.spawn("other", std::move(body)); }

  void let_others_run() { scheduler_.yield(); }

  KernelEntry entry_{scheduler_, main_, &kernel_};
};

TEST_F(LockTest, MutexExcludes) {
  struct mutex lock = {};
  ASSERT_EQ(mutex_lock(lock), 0);
  std::string log;
  Task& task = other([&] {
    EXPECT_FALSE(mutex_trylock(lock));
    const int error = mutex_lock(lock);
    log += "got ";
    mutex_unlock(lock);
    return error;
  });
  scheduler_.sleep_ns(100);
  log += "release ";
  mutex_unlock(lock);
  EXPECT_EQ(scheduler_.join(task), 0);
  EXPECT_EQ(log, "release got ");
  EXPECT_EQ(scheduler_.held_locks_total(), 0u);
}

TEST_F(LockTest, InterruptibleWaitEndsWithoutTheLock) {
  struct mutex lock = {};
  ASSERT_EQ(mutex_lock(lock), 0);
  Task& task = other([&] { return mutex_lock(lock, State::kInterruptible); });
  scheduler_.sleep_ns(100);
  scheduler_.send_signal(task);
  EXPECT_EQ(scheduler_.join(task), -EINTR);
  EXPECT_EQ(lock.owner, &main_);
  mutex_unlock(lock);
}

TEST_F(LockTest, RecursiveLocksAreReported) {
  struct mutex lock = {};
  lock.name = "dev->lock";
  ASSERT_EQ(mutex_lock(lock), 0);
  EXPECT_EQ(mutex_lock(lock), -EDEADLK);
  EXPECT_NE(text("recursive-lock").find("mutex 'dev->lock'"), std::string::npos);
  mutex_unlock(lock);

  vmsim_spinlock_t spin = {};
  ASSERT_EQ(spin_lock(spin), 0);
  EXPECT_EQ(spin_lock(spin), -EDEADLK);
  spin_unlock(spin);

  struct rw_semaphore sem = {};
  ASSERT_EQ(down_write(sem), 0);
  EXPECT_EQ(down_write(sem), -EDEADLK);
  EXPECT_EQ(down_read(sem), -EDEADLK);
  up_write(sem);
  ASSERT_EQ(down_read(sem), 0);
  EXPECT_EQ(down_write(sem), -EDEADLK);
  up_read(sem);

  vmsim_rwlock_t rw = {};
  ASSERT_EQ(write_lock(rw), 0);
  EXPECT_EQ(read_lock(rw), -EDEADLK);
  write_unlock(rw);
  ASSERT_EQ(read_lock(rw), 0);
  ASSERT_EQ(read_lock(rw), 0) << "readers of a spinning lock may nest";
  EXPECT_EQ(write_lock(rw), -EDEADLK);
  read_unlock(rw);
  read_unlock(rw);
  EXPECT_EQ(count("recursive-lock"), 7u);
  EXPECT_EQ(main_.atomic_depth(), 0u);
}

TEST_F(LockTest, UnlockingWhatIsNotLocked) {
  struct mutex lock = {};
  vmsim_spinlock_t spin = {};
  vmsim_rwlock_t rw = {};
  struct rw_semaphore sem = {};
  mutex_unlock(lock);
  spin_unlock(spin);
  read_unlock(rw);
  write_unlock(rw);
  up_read(sem);
  up_write(sem);
  downgrade_write(sem);
  EXPECT_EQ(count("unlock-unlocked"), 7u);
  EXPECT_EQ(sem.readers, 0u);
}

TEST_F(LockTest, UnlockingWhatAnotherHolds) {
  struct mutex lock = {};
  struct rw_semaphore sem = {};
  ASSERT_EQ(mutex_lock(lock), 0);
  ASSERT_EQ(down_read(sem), 0);
  Task& task = other([&] {
    mutex_unlock(lock);
    up_read(sem);
    return 0;
  });
  scheduler_.join(task);
  EXPECT_EQ(count("unlock-not-owner"), 2u);
  EXPECT_EQ(lock.owner, &main_);
  EXPECT_EQ(sem.readers, 1u);
  mutex_unlock(lock);
  up_read(sem);
}

TEST_F(LockTest, SleepingWhileAtomic) {
  vmsim_spinlock_t spin = {};
  struct mutex lock = {};
  ASSERT_EQ(spin_lock(spin), 0);
  ASSERT_EQ(mutex_lock(lock), 0);
  EXPECT_EQ(count("sleep-in-atomic"), 1u);
  EXPECT_NE(text("sleep-in-atomic").find("spinlock"), std::string::npos);
  mutex_unlock(lock);
  EXPECT_EQ(scheduler_.sleep_ns(10), WaitResult::kTimeout) << "reported, then it goes on";
  EXPECT_EQ(count("sleep-in-atomic"), 2u);
  spin_unlock(spin);
  ASSERT_EQ(mutex_lock(lock), 0);
  mutex_unlock(lock);
  EXPECT_EQ(count("sleep-in-atomic"), 2u);
}

TEST_F(LockTest, HandlersCannotWait) {
  WaitResult result = WaitResult::kWoken;
  CallbackTimer timer([&] { result = scheduler_.block(State::kUninterruptible); });
  scheduler_.timers().arm(timer, 100);
  scheduler_.advance(200);
  EXPECT_EQ(result, WaitResult::kInterrupted);
  EXPECT_EQ(count("sleep-in-atomic"), 1u);
  main_.__state = 0;
}

TEST_F(LockTest, SpinlockOfASleeperIsWaitedFor) {
  vmsim_spinlock_t spin = {};
  ASSERT_EQ(spin_lock(spin), 0);
  Task& task = other([&] {
    const int error = spin_lock(spin);
    if (error == 0) spin_unlock(spin);
    return error;
  });
  scheduler_.sleep_ns(10);  // the bug
  spin_unlock(spin);
  EXPECT_EQ(scheduler_.join(task), 0);
  EXPECT_EQ(rules(), "sleep-in-atomic ");
}

TEST_F(LockTest, InterruptFlagIsASwitch) {
  vmsim_spinlock_t a = {};
  vmsim_spinlock_t b = {};
  unsigned long outer = 0;
  unsigned long inner = 0;
  ASSERT_EQ(spin_lock_irqsave(a, outer), 0);
  ASSERT_EQ(spin_lock_irqsave(b, inner), 0);
  EXPECT_TRUE(irqs_disabled());
  spin_unlock_irqrestore(b, inner);
  EXPECT_TRUE(irqs_disabled());
  spin_unlock_irqrestore(a, outer);
  EXPECT_FALSE(irqs_disabled());
  ASSERT_EQ(spin_lock_bh(a), 0);
  EXPECT_EQ(main_.atomic_depth(AtomicReason::kBottomHalfOff), 1u);
  spin_unlock_bh(a);
  local_bh_enable();
  EXPECT_EQ(rules(), "unbalanced-atomic ");
  EXPECT_EQ(main_.atomic_depth(), 0u);
}

TEST_F(LockTest, GarbageIsNotFollowed) {
  struct mutex lock;
  std::memset(&lock, 0x6b, sizeof lock);
  EXPECT_EQ(mutex_lock(lock), 0);
  EXPECT_EQ(lock.owner, &main_);
  mutex_unlock(lock);
  vmsim_spinlock_t spin;
  std::memset(&spin, 0x6b, sizeof spin);
  EXPECT_EQ(spin_lock(spin), 0);
  spin_unlock(spin);
  struct rw_semaphore sem;
  std::memset(&sem, 0x6b, sizeof sem);
  EXPECT_EQ(down_read(sem), 0);
  up_read(sem);
  EXPECT_EQ(count("lock-corrupt"), 3u);
}

TEST_F(LockTest, ReadersShareAndWritersExclude) {
  struct rw_semaphore sem = {};
  ASSERT_EQ(down_read(sem), 0);
  std::string log;
  Task& writer = other([&] {
    EXPECT_FALSE(down_write_trylock(sem));
    const int error = down_write(sem);
    log += "writer ";
    up_write(sem);
    return error;
  });
  scheduler_.sleep_ns(10);
  Task& reader = other([&] {
    EXPECT_FALSE(down_read_trylock(sem)) << "a writer waits";
    const int error = down_read(sem);
    log += "reader ";
    up_read(sem);
    return error;
  });
  scheduler_.sleep_ns(10);
  log += "release ";
  up_read(sem);
  EXPECT_EQ(scheduler_.join(writer), 0);
  EXPECT_EQ(scheduler_.join(reader), 0);
  EXPECT_EQ(log, "release writer reader ");
}

TEST_F(LockTest, DowngradeLetsReadersIn) {
  struct rw_semaphore sem = {};
  ASSERT_EQ(down_write(sem), 0);
  EXPECT_TRUE(lock_is_held(&sem, HoldMode::kWrite));
  Task& reader = other([&] {
    const int error = down_read(sem);
    up_read(sem);
    return error;
  });
  scheduler_.sleep_ns(10);
  downgrade_write(sem);
  EXPECT_FALSE(lock_is_held(&sem, HoldMode::kWrite));
  EXPECT_TRUE(lock_is_held(&sem, HoldMode::kRead));
  EXPECT_EQ(scheduler_.join(reader), 0);
  up_read(sem);
  EXPECT_FALSE(rwsem_is_locked(sem));
  EXPECT_FALSE(lock_is_held(&sem));
}

TEST_F(LockTest, SemaphoreCounts) {
  struct semaphore sem = {};
  sem.count = 2;
  EXPECT_EQ(down(sem), 0);
  EXPECT_TRUE(down_trylock(sem));
  EXPECT_FALSE(down_trylock(sem));
  EXPECT_EQ(down(sem, State::kUninterruptible, scheduler_.deadline_in(1000)), -ETIME);
  Task& task = other([&] { return up(sem), 0; });
  EXPECT_EQ(down(sem), 0);
  EXPECT_EQ(scheduler_.join(task), 0);
  EXPECT_EQ(down(sem), -EINTR) << "nobody can ever up() it";
  EXPECT_EQ(count("deadlock"), 1u);
}

TEST_F(LockTest, LockHeldAtTheEndOfATaskIsReleased) {
  struct mutex lock = {};
  lock.name = "orphan";
  Task& task = other([&] { return mutex_lock(lock); });
  EXPECT_EQ(scheduler_.join(task), 0);
  EXPECT_EQ(count("lock-held-at-exit"), 1u);
  EXPECT_NE(text("lock-held-at-exit").find("orphan"), std::string::npos);
  EXPECT_EQ(mutex_lock(lock), 0);
  mutex_unlock(lock);
}

TEST_F(LockTest, ReleaseAllFreesEverythingAfterAnOops) {
  struct mutex lock = {};
  vmsim_spinlock_t spin = {};
  vmsim_rwlock_t rw = {};
  struct rw_semaphore sem = {};
  ASSERT_EQ(mutex_lock(lock), 0);
  ASSERT_EQ(down_read(sem), 0);
  ASSERT_EQ(read_lock(rw), 0);
  ASSERT_EQ(spin_lock(spin), 0);
  scheduler_.rcu().read_lock();
  EXPECT_EQ(scheduler_.release_all(main_, "oops-lock", "it oopsed"), 4u);
  EXPECT_EQ(count("oops-lock"), 4u);
  EXPECT_EQ(main_.atomic_depth(), 0u);
  EXPECT_FALSE(mutex_is_locked(lock) || spin_is_locked(spin) || rwsem_is_locked(sem));
  EXPECT_EQ(rw.readers, 0u);
  EXPECT_EQ(scheduler_.held_locks_total(), 0u);
  EXPECT_EQ(scheduler_.rcu().synchronize(), 0);
}

TEST_F(LockTest, FreedMemoryWithAHeldLock) {
  struct {
    int before = 0;
    struct mutex lock = {};
  } object;

  ASSERT_EQ(mutex_lock(object.lock), 0);
  scheduler_.memory_freed(&object.before, 4);
  EXPECT_EQ(count("lock-freed-held"), 0u);
  scheduler_.memory_freed(&object, sizeof object);
  EXPECT_EQ(count("lock-freed-held"), 1u);
  EXPECT_EQ(scheduler_.held_locks_total(), 0u);
}

using LeakTest = SchedTest;

TEST_F(LeakTest, LocksTakenToUserModeAreReportedOnce) {
  struct mutex lock = {};
  {
    const KernelEntry entry(scheduler_, main_, &kernel_);
    ASSERT_EQ(mutex_lock(lock), 0);
  }

  EXPECT_EQ(count("lock-leaked-to-user"), 1u);
  { const KernelEntry entry(scheduler_, main_, &kernel_); }
  EXPECT_EQ(count("lock-leaked-to-user"), 1u);
  EXPECT_EQ(lock.owner, &main_) << "Linux keeps it locked";
  scheduler_.destroy_task(main_);
  EXPECT_EQ(count("lock-held-at-exit"), 1u);
  EXPECT_EQ(lock.owner, nullptr);
}

TEST_F(LeakTest, AtomicSectionsEndAtTheDoor) {
  {
    const KernelEntry entry(scheduler_, main_, &kernel_);
    main_.enter_atomic(AtomicReason::kKmapAtomic);
    scheduler_.rcu().read_lock();
  }
  EXPECT_EQ(count("lock-leaked-to-user"), 1u);
  EXPECT_NE(text("lock-leaked-to-user").find("atomic kmap"), std::string::npos);
  EXPECT_EQ(main_.atomic_depth(), 0u);
}

}  // namespace
}  // namespace vmsim::sched
