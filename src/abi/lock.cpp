// SPDX-License-Identifier: MIT
// Locks. Counterpart: kernel/locking,
// linux/{spinlock,rwlock,mutex,semaphore,rwsem,irqflags,preempt,smp_lock}.h. For drivers, through
// the table of exports. Differs: a lock that can never be had is a BUG of the task that wants it;
// Linux hangs.
#include "sched/lock.hpp"

#include <cerrno>

#include "abi/abi.hpp"
#include "abi/driver_door.hpp"
#include "abi/wait_end.hpp"

namespace vmsim::abi {

using sched::State;

void require_acquired(int error, const Caller& caller) {
  if (error == 0) [[likely]]
    return;
  // Who is to die anyway, as at the machine's end, goes without a report.
  if (error != -EDEADLK && core([] { return sched::current_task().kill_pending(); }, caller.return_address))
    sched::DriverCall::leave_by_oops();
  leave_by_bug(error == -EDEADLK ? "deadlock: recursive lock" : "deadlock: the wait can never end",
               caller);
}

namespace {

/// Waits that a signal may end: a lock that this task holds itself ends as if one had come.
int interruptible_result(int error) {
  return error == -EDEADLK ? -EINTR : error;
}

}  // namespace

// --- spinlocks ---

void spin_lock(::vmsim_spinlock_t* lock) {
  touch(lock);
  require_acquired(core([=] { return sched::spin_lock(*lock); }), VMSIM_ABI_CALLER);
}

int spin_trylock(::vmsim_spinlock_t* lock) {
  touch(lock);
  return core([=] { return sched::spin_trylock(*lock); });
}

void spin_unlock(::vmsim_spinlock_t* lock) {
  touch(lock);
  core([=] { sched::spin_unlock(*lock); });
}

void spin_lock_irq(::vmsim_spinlock_t* lock) {
  touch(lock);
  require_acquired(core([=] { return sched::spin_lock_irq(*lock); }), VMSIM_ABI_CALLER);
}

void spin_unlock_irq(::vmsim_spinlock_t* lock) {
  touch(lock);
  core([=] { sched::spin_unlock_irq(*lock); });
}

void spin_lock_bh(::vmsim_spinlock_t* lock) {
  touch(lock);
  require_acquired(core([=] { return sched::spin_lock_bh(*lock); }), VMSIM_ABI_CALLER);
}

void spin_unlock_bh(::vmsim_spinlock_t* lock) {
  touch(lock);
  core([=] { sched::spin_unlock_bh(*lock); });
}

unsigned long vmsim_spin_lock_irqsave(::vmsim_spinlock_t* lock) {
  touch(lock);
  unsigned long flags = 0;
  require_acquired(core([&] { return sched::spin_lock_irqsave(*lock, flags); }), VMSIM_ABI_CALLER);
  return flags;
}

int vmsim_spin_trylock_irqsave(::vmsim_spinlock_t* lock, unsigned long* flags) {
  touch(lock);
  touch(flags);
  unsigned long before = 0;
  const bool held = core([&] {
    before = sched::local_irq_save();
    if (sched::spin_trylock(*lock)) return true;
    sched::local_irq_restore(before);
    return false;
  });
  *flags = before;
  return held;
}

void spin_unlock_irqrestore(::vmsim_spinlock_t* lock, unsigned long flags) {
  touch(lock);
  core([=] { sched::spin_unlock_irqrestore(*lock, flags); });
}

int spin_is_locked(::vmsim_spinlock_t* lock) {
  touch(lock);
  return core([=] { return sched::spin_is_locked(*lock); });
}

// --- reader-writer spinlocks ---

namespace {

enum class Side : u8 { kReader, kWriter };
enum class Mask : u8 { kNothing, kIrq, kBottomHalves };

void mask(Mask what) {
  if (what == Mask::kIrq) sched::local_irq_disable();
  if (what == Mask::kBottomHalves) sched::local_bh_disable();
}

void unmask(Mask what) {
  if (what == Mask::kIrq) sched::local_irq_enable();
  if (what == Mask::kBottomHalves) sched::local_bh_enable();
}

void lock_rw(::vmsim_rwlock_t* lock, Side side, Mask what, Caller caller = VMSIM_ABI_CALLER) {
  touch(lock, caller);
  const int error = core([=] {
    mask(what);
    const int result = side == Side::kReader ? sched::read_lock(*lock) : sched::write_lock(*lock);
    if (result != 0) unmask(what);
    return result;
  }, caller.return_address);
  require_acquired(error, caller);
}

void unlock_rw(::vmsim_rwlock_t* lock, Side side, Mask what, Caller caller = VMSIM_ABI_CALLER) {
  touch(lock, caller);
  core([=] {
    side == Side::kReader ? sched::read_unlock(*lock) : sched::write_unlock(*lock);
    unmask(what);
  }, caller.return_address);
}

unsigned long lock_rw_irqsave(::vmsim_rwlock_t* lock, Side side, Caller caller = VMSIM_ABI_CALLER) {
  touch(lock, caller);
  unsigned long flags = 0;
  const int error = core([&] {
    flags = sched::local_irq_save();
    const int result = side == Side::kReader ? sched::read_lock(*lock) : sched::write_lock(*lock);
    if (result != 0) sched::local_irq_restore(flags);
    return result;
  }, caller.return_address);
  require_acquired(error, caller);
  return flags;
}

void unlock_rw_irqrestore(::vmsim_rwlock_t* lock, Side side, unsigned long flags,
                          Caller caller = VMSIM_ABI_CALLER) {
  unlock_rw(lock, side, Mask::kNothing, caller);
  core([=] { sched::local_irq_restore(flags); }, caller.return_address);
}

}  // namespace

void read_lock(::vmsim_rwlock_t* lock) {
  lock_rw(lock, Side::kReader, Mask::kNothing);
}

void read_lock_irq(::vmsim_rwlock_t* lock) {
  lock_rw(lock, Side::kReader, Mask::kIrq);
}

void read_lock_bh(::vmsim_rwlock_t* lock) {
  lock_rw(lock, Side::kReader, Mask::kBottomHalves);
}

unsigned long vmsim_read_lock_irqsave(::vmsim_rwlock_t* lock) {
  return lock_rw_irqsave(lock, Side::kReader);
}

void read_unlock(::vmsim_rwlock_t* lock) {
  unlock_rw(lock, Side::kReader, Mask::kNothing);
}

void read_unlock_irq(::vmsim_rwlock_t* lock) {
  unlock_rw(lock, Side::kReader, Mask::kIrq);
}

void read_unlock_bh(::vmsim_rwlock_t* lock) {
  unlock_rw(lock, Side::kReader, Mask::kBottomHalves);
}

void read_unlock_irqrestore(::vmsim_rwlock_t* lock, unsigned long flags) {
  unlock_rw_irqrestore(lock, Side::kReader, flags);
}

void write_lock(::vmsim_rwlock_t* lock) {
  lock_rw(lock, Side::kWriter, Mask::kNothing);
}

void write_lock_irq(::vmsim_rwlock_t* lock) {
  lock_rw(lock, Side::kWriter, Mask::kIrq);
}

void write_lock_bh(::vmsim_rwlock_t* lock) {
  lock_rw(lock, Side::kWriter, Mask::kBottomHalves);
}

unsigned long vmsim_write_lock_irqsave(::vmsim_rwlock_t* lock) {
  return lock_rw_irqsave(lock, Side::kWriter);
}

void write_unlock(::vmsim_rwlock_t* lock) {
  unlock_rw(lock, Side::kWriter, Mask::kNothing);
}

void write_unlock_irq(::vmsim_rwlock_t* lock) {
  unlock_rw(lock, Side::kWriter, Mask::kIrq);
}

void write_unlock_bh(::vmsim_rwlock_t* lock) {
  unlock_rw(lock, Side::kWriter, Mask::kBottomHalves);
}

void write_unlock_irqrestore(::vmsim_rwlock_t* lock, unsigned long flags) {
  unlock_rw_irqrestore(lock, Side::kWriter, flags);
}

int read_trylock(::vmsim_rwlock_t* lock) {
  touch(lock);
  return core([=] { return sched::read_trylock(*lock); });
}

int write_trylock(::vmsim_rwlock_t* lock) {
  touch(lock);
  return core([=] { return sched::write_trylock(*lock); });
}

// --- interrupts and preemption ---

unsigned long vmsim_local_irq_save() {
  return core([] { return sched::local_irq_save(); });
}

void vmsim_local_irq_restore(unsigned long flags) {
  core([=] { sched::local_irq_restore(flags); });
}

void vmsim_local_irq_disable() {
  core([] { sched::local_irq_disable(); });
}

void vmsim_local_irq_enable() {
  core([] { sched::local_irq_enable(); });
}

int vmsim_irqs_disabled() {
  return core([] { return sched::irqs_disabled(); });
}

void local_bh_disable() {
  core([] { sched::local_bh_disable(); });
}

void local_bh_enable() {
  core([] { sched::local_bh_enable(); });
}

void vmsim_preempt_disable() {
  core([] { sched::preempt_disable(); });
}

void vmsim_preempt_enable() {
  core([] { sched::preempt_enable(); });
}

int vmsim_in_interrupt() {
  return sched::current_task().atomic_depth(sched::AtomicReason::kInterrupt) != 0;
}

/// Interrupts off and RCU read sections do not count in preempt_count.
int vmsim_in_atomic() {
  const sched::Task& task = sched::current_task();
  return task.atomic_depth() > task.atomic_depth(sched::AtomicReason::kIrqOff) +
                                   task.atomic_depth(sched::AtomicReason::kRcuRead);
}

// --- mutexes ---

void mutex_lock(::mutex* lock) {
  touch(lock);
  require_acquired(core([=] { return sched::mutex_lock(*lock); }), VMSIM_ABI_CALLER);
}

int mutex_lock_interruptible(::mutex* lock) {
  touch(lock);
  return interruptible_result(
      core([=] { return sched::mutex_lock(*lock, State::kInterruptible); }));
}

int mutex_lock_killable(::mutex* lock) {
  touch(lock);
  return interruptible_result(core([=] { return sched::mutex_lock(*lock, State::kKillable); }));
}

int mutex_trylock(::mutex* lock) {
  touch(lock);
  return core([=] { return sched::mutex_trylock(*lock); });
}

void mutex_unlock(::mutex* lock) {
  touch(lock);
  core([=] { sched::mutex_unlock(*lock); });
}

int vmsim_mutex_is_locked(::mutex* lock) {
  touch(lock);
  return core([=] { return sched::mutex_is_locked(*lock); });
}

void mutex_destroy(::mutex* lock) {
  touch(lock);
  core([=] {
    if (sched::mutex_is_locked(*lock))
      kernel().probe.finding("mutex-destroyed-locked",
                             "mutex_destroy() of a mutex that is locked; Linux warns.");
  });
}

// --- semaphores ---

void down(::semaphore* sem) {
  touch(sem);
  require_acquired(core([=] { return sched::down(*sem); }), VMSIM_ABI_CALLER);
}

int down_interruptible(::semaphore* sem) {
  touch(sem);
  return interruptible_result(core([=] { return sched::down(*sem, State::kInterruptible); }));
}

int down_killable(::semaphore* sem) {
  touch(sem);
  return interruptible_result(core([=] { return sched::down(*sem, State::kKillable); }));
}

int down_timeout(::semaphore* sem, long jiffies) {
  touch(sem);
  return core(
      [=] { return sched::down(*sem, State::kUninterruptible, deadline_in_jiffies(jiffies)); });
}

int down_trylock(::semaphore* sem) {
  touch(sem);
  // 0 is success here, unlike for every other trylock.
  return core([=] { return sched::down_trylock(*sem) ? 0 : 1; });
}

void up(::semaphore* sem) {
  touch(sem);
  core([=] { sched::up(*sem); });
}

// --- reader-writer semaphores ---

void down_read(::rw_semaphore* sem) {
  touch(sem);
  require_acquired(core([=] { return sched::down_read(*sem); }), VMSIM_ABI_CALLER);
}

int down_read_killable(::rw_semaphore* sem) {
  touch(sem);
  return interruptible_result(core([=] { return sched::down_read(*sem, State::kKillable); }));
}

int down_read_trylock(::rw_semaphore* sem) {
  touch(sem);
  return core([=] { return sched::down_read_trylock(*sem); });
}

void down_write(::rw_semaphore* sem) {
  touch(sem);
  require_acquired(core([=] { return sched::down_write(*sem); }), VMSIM_ABI_CALLER);
}

int down_write_killable(::rw_semaphore* sem) {
  touch(sem);
  return interruptible_result(core([=] { return sched::down_write(*sem, State::kKillable); }));
}

int down_write_trylock(::rw_semaphore* sem) {
  touch(sem);
  return core([=] { return sched::down_write_trylock(*sem); });
}

void up_read(::rw_semaphore* sem) {
  touch(sem);
  core([=] { sched::up_read(*sem); });
}

void up_write(::rw_semaphore* sem) {
  touch(sem);
  core([=] { sched::up_write(*sem); });
}

void downgrade_write(::rw_semaphore* sem) {
  touch(sem);
  core([=] { sched::downgrade_write(*sem); });
}

int rwsem_is_locked(::rw_semaphore* sem) {
  touch(sem);
  return core([=] { return sched::rwsem_is_locked(*sem); });
}

// --- the big kernel lock ---

/// Differs: a task that sleeps keeps it; Linux gives it up for the time.
void lock_kernel() {
  const int error = core([] {
    DriverDoor& d = door();
    if (!sched::lock_is_held(&d.big_kernel_lock)) {
      const int result = sched::mutex_lock(d.big_kernel_lock);
      if (result != 0) return result;
    }
    ++d.big_kernel_lock_depth;
    return 0;
  });
  require_acquired(error, VMSIM_ABI_CALLER);
}

void unlock_kernel() {
  core([] {
    DriverDoor& d = door();
    if (d.big_kernel_lock_depth == 0 || --d.big_kernel_lock_depth == 0)
      sched::mutex_unlock(d.big_kernel_lock);
  });
}

std::span<const Export> lock_exports() {
  static const Export table[] = {
      exported("down", &down),
      exported("down_interruptible", &down_interruptible),
      exported("down_killable", &down_killable, kernel(2, 6, 26)),
      exported("down_read", &down_read),
      exported("down_read_killable", &down_read_killable, kernel(4, 15)),
      exported("down_read_trylock", &down_read_trylock),
      exported("down_timeout", &down_timeout, kernel(2, 6, 26)),
      exported("down_trylock", &down_trylock),
      exported("down_write", &down_write),
      exported("down_write_killable", &down_write_killable, kernel(4, 7)),
      exported("down_write_trylock", &down_write_trylock),
      exported("downgrade_write", &downgrade_write),
      exported("local_bh_disable", &local_bh_disable),
      exported("local_bh_enable", &local_bh_enable),
      exported("lock_kernel", &lock_kernel, 0, kernel(2, 6, 39)),
      exported("mutex_destroy", &mutex_destroy, kernel(2, 6, 16)),
      exported("mutex_lock", &mutex_lock, kernel(2, 6, 16)),
      exported("mutex_lock_interruptible", &mutex_lock_interruptible, kernel(2, 6, 16)),
      exported("mutex_lock_killable", &mutex_lock_killable, kernel(2, 6, 16)),
      exported("mutex_trylock", &mutex_trylock, kernel(2, 6, 16)),
      exported("mutex_unlock", &mutex_unlock, kernel(2, 6, 16)),
      exported("read_lock", &read_lock),
      exported("read_lock_bh", &read_lock_bh),
      exported("read_lock_irq", &read_lock_irq),
      exported("read_trylock", &read_trylock),
      exported("read_unlock", &read_unlock),
      exported("read_unlock_bh", &read_unlock_bh),
      exported("read_unlock_irq", &read_unlock_irq),
      exported("read_unlock_irqrestore", &read_unlock_irqrestore),
      exported("rwsem_is_locked", &rwsem_is_locked),
      exported("spin_is_locked", &spin_is_locked),
      exported("spin_lock", &spin_lock),
      exported("spin_lock_bh", &spin_lock_bh),
      exported("spin_lock_irq", &spin_lock_irq),
      exported("spin_trylock", &spin_trylock),
      exported("spin_unlock", &spin_unlock),
      exported("spin_unlock_bh", &spin_unlock_bh),
      exported("spin_unlock_irq", &spin_unlock_irq),
      exported("spin_unlock_irqrestore", &spin_unlock_irqrestore),
      exported("unlock_kernel", &unlock_kernel, 0, kernel(2, 6, 39)),
      exported("up", &up),
      exported("up_read", &up_read),
      exported("up_write", &up_write),
      exported("vmsim_in_atomic", &vmsim_in_atomic),
      exported("vmsim_in_interrupt", &vmsim_in_interrupt),
      exported("vmsim_irqs_disabled", &vmsim_irqs_disabled),
      exported("vmsim_local_irq_disable", &vmsim_local_irq_disable),
      exported("vmsim_local_irq_enable", &vmsim_local_irq_enable),
      exported("vmsim_local_irq_restore", &vmsim_local_irq_restore),
      exported("vmsim_local_irq_save", &vmsim_local_irq_save),
      exported("vmsim_mutex_is_locked", &vmsim_mutex_is_locked, kernel(2, 6, 16)),
      exported("vmsim_preempt_disable", &vmsim_preempt_disable),
      exported("vmsim_preempt_enable", &vmsim_preempt_enable),
      exported("vmsim_read_lock_irqsave", &vmsim_read_lock_irqsave),
      exported("vmsim_spin_lock_irqsave", &vmsim_spin_lock_irqsave),
      exported("vmsim_spin_trylock_irqsave", &vmsim_spin_trylock_irqsave),
      exported("vmsim_write_lock_irqsave", &vmsim_write_lock_irqsave),
      exported("write_lock", &write_lock),
      exported("write_lock_bh", &write_lock_bh),
      exported("write_lock_irq", &write_lock_irq),
      exported("write_trylock", &write_trylock),
      exported("write_unlock", &write_unlock),
      exported("write_unlock_bh", &write_unlock_bh),
      exported("write_unlock_irq", &write_unlock_irq),
      exported("write_unlock_irqrestore", &write_unlock_irqrestore),
  };
  return table;
}

}  // namespace vmsim::abi
