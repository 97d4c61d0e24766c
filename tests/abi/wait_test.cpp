// SPDX-License-Identifier: MIT
// Waiting and waking, kernel threads, time, timers and RCU, as drivers use them.
#include "sched/wait.hpp"

#include <cerrno>

#include "abi/driver_world.hpp"

namespace vmsim::abi {
namespace {

constexpr unsigned kInterruptible = 1, kUninterruptible = 2, kNormal = 3;
constexpr long kForever = static_cast<long>(~0ul >> 1);

/// What the drivers of these tests share with their threads.
struct Shared {
  ::wait_queue_head queue = {};
  ::completion done = {};
  bool flag = false;
  int count = 0;
  DriverWorld* world = nullptr;
};

int set_flag_and_wake(void* data) {
  auto* const shared = static_cast<Shared*>(data);
  shared->flag = true;
  shared->world->import <void(::wait_queue_head*, unsigned, int, void*)>("__wake_up")(
      &shared->queue, kNormal, 1, nullptr);
  return 5;
}

::task_struct* start_thread(DriverWorld& world, int (*function)(void*), void* data) {
  auto* const create = world.import <::task_struct*(int (*)(void*), void*, const char*, ...)>(
      "vmsim_kthread_create");
  ::task_struct* task = nullptr;
  EXPECT_TRUE(world.drive([&] { task = create(function, data, "probe/%d", 3); }));
  EXPECT_STREQ(task->comm, "probe/3");
  EXPECT_EQ(*world.call<int(::task_struct*)>("wake_up_process", task), 1);
  return task;
}

/// The loop that wait_event() expands to. What ended it, and 0 if `flag` did.
long wait_for_flag(DriverWorld& world, Shared& shared, unsigned state, long* left) {
  ::wait_queue_entry entry = {};
  entry.private_ = world.import <::task_struct*()>("vmsim_current")();
  entry.func =
      world.import <int(::wait_queue_entry*, unsigned, int, void*)>("autoremove_wake_function");
  entry.entry.next = entry.entry.prev = &entry.entry;
  auto* const prepare =
      world.import <void(::wait_queue_head*, ::wait_queue_entry*, int)>("prepare_to_wait");
  auto* const sleep = world.import <long(::wait_queue_entry*, int, long*)>("vmsim_wait_sleep");
  auto* const finish = world.import <void(::wait_queue_head*, ::wait_queue_entry*)>("finish_wait");
  long over = 0;
  for (;;) {
    prepare(&shared.queue, &entry, static_cast<int>(state));
    if (shared.flag) {
      over = 0;
      break;
    }
    if (over != 0) break;
    over = sleep(&entry, static_cast<int>(state), left);
  }
  finish(&shared.queue, &entry);
  return over;
}

TEST(DriverWait, another_task_wakes) {
  DriverWorld world;
  Shared shared;
  shared.world = &world;
  ::task_struct* const thread = start_thread(world, set_flag_and_wake, &shared);
  long left = kForever, over = -1;
  EXPECT_TRUE(world.drive([&] { over = wait_for_flag(world, shared, kUninterruptible, &left); }));
  EXPECT_EQ(over, 0);
  EXPECT_TRUE(shared.flag);
  EXPECT_EQ(left, kForever);
  EXPECT_EQ(*world.call<int(::task_struct*)>("kthread_stop", thread), 5);
}

TEST(DriverWait, time_runs_out) {
  DriverWorld world;
  Shared shared;
  long left = 25, over = -1;
  EXPECT_TRUE(world.drive([&] { over = wait_for_flag(world, shared, kUninterruptible, &left); }));
  EXPECT_EQ(over, 1);
  EXPECT_EQ(left, 0);
  EXPECT_GE(world.kernel->scheduler->now_ns(), 24 * world.kernel->scheduler->ns_per_jiffy());
}

TEST(DriverWait, a_signal_ends_an_interruptible_one) {
  DriverWorld world;
  Shared shared;
  world.kernel->scheduler->send_signal(*world.task);
  long left = kForever, over = 0;
  EXPECT_TRUE(world.drive([&] { over = wait_for_flag(world, shared, kInterruptible, &left); }));
  EXPECT_EQ(over, -512);
}

TEST(DriverWait, nobody_can_wake) {
  DriverWorld world;
  Shared shared;
  long left = kForever, over = 0;
  EXPECT_TRUE(world.drive([&] { over = wait_for_flag(world, shared, kInterruptible, &left); }));
  EXPECT_EQ(over, -EINTR);
  EXPECT_TRUE(world.found("deadlock"));
  EXPECT_FALSE(world.drive([&] { over = wait_for_flag(world, shared, kUninterruptible, &left); }));
  EXPECT_TRUE(world.log_has("the wait can never end"));
  EXPECT_FALSE(sched::waitqueue_active(shared.queue))
      << "the entry of the dead frame is still queued";
}

int wake_counting(::wait_queue_entry* entry, unsigned, int, void* key) {
  auto* const shared = static_cast<Shared*>(entry->private_);
  shared->count += static_cast<int>(reinterpret_cast<i64>(key));
  return 0;
}

int wake_wildly(::wait_queue_entry*, unsigned, int, void*) {
  *reinterpret_cast<volatile int*>(0x18) = 1;
  return 0;
}

TEST(DriverWait, wake_functions_of_drivers_are_called) {
  DriverWorld world;
  Shared shared;
  ::wait_queue_entry entry = {};
  entry.private_ = &shared;
  entry.func = wake_counting;
  EXPECT_TRUE(world.call<void(::wait_queue_head*, ::wait_queue_entry*)>("add_wait_queue",
                                                                        &shared.queue, &entry));
  using Wake = void(::wait_queue_head*, unsigned, int, void*);
  EXPECT_TRUE(world.call<Wake>("__wake_up", &shared.queue, kNormal, 1, reinterpret_cast<void*>(7)));
  EXPECT_EQ(shared.count, 7);
  entry.func = wake_wildly;
  EXPECT_TRUE(world.call<Wake>("__wake_up", &shared.queue, kNormal, 1, nullptr))
      << "its own oops, not the waker's";
  EXPECT_EQ(world.kernel->oops->oops_count(), 1u);
  EXPECT_TRUE(world.call<void(::wait_queue_head*, ::wait_queue_entry*)>("remove_wait_queue",
                                                                        &shared.queue, &entry));
}

int complete_it(void* data) {
  auto* const shared = static_cast<Shared*>(data);
  shared->world->import <void(::completion*)>("complete")(&shared->done);
  return 0;
}

TEST(DriverWait, completions) {
  DriverWorld world;
  Shared shared;
  shared.world = &world;
  using Timed = Ulong(::completion*, Ulong);
  EXPECT_EQ(*world.call<Timed>("wait_for_completion_timeout", &shared.done, 10ul), 0u);
  ::task_struct* const thread = start_thread(world, complete_it, &shared);
  EXPECT_TRUE(world.call<void(::completion*)>("wait_for_completion", &shared.done));
  EXPECT_EQ(*world.call<int(::task_struct*)>("kthread_stop", thread), 0);
  EXPECT_TRUE(world.call<void(::completion*)>("complete", &shared.done));
  EXPECT_GE(*world.call<Timed>("wait_for_completion_timeout", &shared.done, 10ul), 1u);
  EXPECT_FALSE(world.call<void(::completion*)>("wait_for_completion", &shared.done))
      << "nobody completes it";
}

TEST(DriverWait, sleep_on_until_it_is_time) {
  DriverWorld world({2, 6, 10});
  ::wait_queue_head queue = {};
  EXPECT_EQ(
      *world.call<long(::wait_queue_head*, long)>("interruptible_sleep_on_timeout", &queue, 50l),
      0);
  EXPECT_EQ(*world.call<long(long)>("schedule_timeout_interruptible", 20l), 0);
  EXPECT_EQ(*world.call<long(long)>("schedule_timeout", -1l), 0);
  EXPECT_TRUE(world.found("schedule-timeout-negative"));
}

TEST(DriverTasks, strangers_are_refused) {
  DriverWorld world;
  ::task_struct stranger = {};
  EXPECT_EQ(*world.call<int(::task_struct*)>("signal_pending", &stranger), 0);
  EXPECT_TRUE(world.found("no-such-task"));
  EXPECT_EQ(*world.call<int(int, ::task_struct*, int)>("send_sig", 9, &stranger, 0), -ESRCH);
  EXPECT_EQ(*world.call<int(int, ::task_struct*, int)>("send_sig", 99, world.task, 0), -EINVAL);
  EXPECT_EQ(*world.call<int(int, ::task_struct*, int)>("send_sig", 15, world.task, 0), 0);
  EXPECT_EQ(*world.call<int(::task_struct*)>("signal_pending", world.task), 1);
  EXPECT_EQ(*world.call<int(::task_struct*)>("fatal_signal_pending", world.task), 0);
  world.task->clear_signal();
}

int spin_until_stopped(void* data) {
  auto* const shared = static_cast<Shared*>(data);
  auto* const should_stop = shared->world->import <bool()>("kthread_should_stop");
  auto* const nap = shared->world->import <void(unsigned)>("msleep");
  while (!should_stop()) {
    ++shared->count;
    nap(10);
  }
  return shared->count;
}

TEST(DriverTasks, a_thread_runs_until_it_is_stopped) {
  DriverWorld world;
  Shared shared;
  shared.world = &world;
  ::task_struct* const thread = start_thread(world, spin_until_stopped, &shared);
  EXPECT_TRUE(world.call<void(unsigned)>("msleep", 100u));
  EXPECT_GE(shared.count, 5);
  EXPECT_EQ(*world.call<int(::task_struct*)>("kthread_stop", thread), shared.count);
}

// --- time ---

TEST(DriverTime, delays_pass_simulated_time) {
  DriverWorld world;
  const auto now = [&] { return world.kernel->scheduler->now_ns(); };
  u64 before = now();
  EXPECT_TRUE(world.call<void(Ulong)>("udelay", 50ul));
  EXPECT_EQ(now() - before, 50'000u);
  before = now();
  EXPECT_TRUE(world.call<void(unsigned)>("msleep", 20u));
  EXPECT_GE(now() - before, 20'000'000u);
  before = now();
  EXPECT_TRUE(world.call<void(Ulong, Ulong)>("usleep_range", 100ul, 200ul));
  EXPECT_GE(now() - before, 100'000u);
  EXPECT_LE(now() - before, 201'000u);
}

TEST(DriverTime, a_loop_that_looks_at_jiffies_ends) {
  DriverWorld world;
  auto* const jiffies = world.import <Ulong()>("vmsim_jiffies");
  EXPECT_TRUE(world.drive([&] {
    const Ulong end = jiffies() + 3;
    while (static_cast<long>(jiffies() - end) < 0) {
    }
  }));
  EXPECT_GE(world.kernel->scheduler->now_ns(), 3 * world.kernel->scheduler->ns_per_jiffy() - 1);
}

TEST(DriverTime, the_wall_clock_starts_in_2024) {
  DriverWorld world({2, 6, 10});

  struct {
    i64 seconds;
    long fine;
  } now = {};

  world.kernel->scheduler->advance(1'500'000'000);
  EXPECT_TRUE(world.call<void(void*)>("do_gettimeofday", &now));
  EXPECT_EQ(now.seconds, 1704067201);
  EXPECT_NEAR(static_cast<double>(now.fine), 500000, 10);
  EXPECT_EQ(*world.call<Ulong()>("get_seconds"), 1704067201u);
}

int timer_fired;
Ulong timer_data;

TEST(DriverTime, timers_of_both_eras) {
  timer_fired = 0;
  {
    DriverWorld world;
    ::timer_list timer = {};
    timer.function = [](::timer_list* self) {
      timer_fired += self->entry.pprev == nullptr ? 1 : 100;
    };
    EXPECT_EQ(*world.call<int(::timer_list*, Ulong)>("mod_timer", &timer,
                                                     world.kernel->scheduler->jiffies() + 5),
              0);
    EXPECT_EQ(*world.call<int(::timer_list*, Ulong)>("mod_timer", &timer,
                                                     world.kernel->scheduler->jiffies() + 6),
              1);
    world.kernel->scheduler->advance(10 * world.kernel->scheduler->ns_per_jiffy());
    EXPECT_EQ(timer_fired, 1);
    EXPECT_EQ(*world.call<int(::timer_list*)>("timer_delete", &timer), 0);
  }
  DriverWorld world({2, 6, 10});
  ::timer_list timer = {};
  timer.flags = VMSIM_TIMER_DATA;
  timer.data = 77;
  using Old = void (*)(Ulong);
  const Old function = [](Ulong data) { timer_data = data; };
  timer.function = reinterpret_cast<void (*)(::timer_list*)>(reinterpret_cast<void*>(function));
  timer.expires = world.kernel->scheduler->jiffies() + 2;
  EXPECT_TRUE(world.call<void(::timer_list*)>("add_timer", &timer));
  world.kernel->scheduler->advance(5 * world.kernel->scheduler->ns_per_jiffy());
  EXPECT_EQ(timer_data, 77u);
}

TEST(DriverTime, a_timer_that_oopses_is_reported_and_gone) {
  DriverWorld world;
  ::timer_list timer = {};
  timer.function = [](::timer_list*) { *reinterpret_cast<volatile int*>(0x20) = 1; };
  timer.expires = world.kernel->scheduler->jiffies() + 1;
  EXPECT_TRUE(world.call<void(::timer_list*)>("add_timer", &timer));
  world.kernel->scheduler->advance(5 * world.kernel->scheduler->ns_per_jiffy());
  EXPECT_EQ(world.kernel->oops->oops_count(), 1u);
  EXPECT_FALSE(world.kernel->scheduler->driver_timers().pending(timer));
}

// --- RCU ---

struct Counted {
  int value = 0;
  ::rcu_head rcu = {};
};

TEST(DriverRcu, callbacks_run_after_readers) {
  DriverWorld world;
  Counted counted;
  using CallRcu = void(::rcu_head*, void (*)(::rcu_head*));
  void (*const callback)(::rcu_head*) = [](::rcu_head* head) {
    auto* const at = reinterpret_cast<char*>(head) - offsetof(Counted, rcu);
    ++reinterpret_cast<Counted*>(at)->value;
  };
  EXPECT_TRUE(world.call<void()>("vmsim_rcu_read_lock"));
  EXPECT_TRUE(world.call<CallRcu>("call_rcu", &counted.rcu, callback));
  EXPECT_EQ(counted.value, 0);
  EXPECT_TRUE(world.call<void()>("vmsim_rcu_read_unlock"));
  EXPECT_TRUE(world.call<void()>("rcu_barrier"));
  EXPECT_EQ(counted.value, 1);
}

TEST(DriverRcu, kfree_rcu_frees_the_object) {
  DriverWorld world;
  auto* const counted =
      static_cast<Counted*>(world.memory().slab->kzalloc(sizeof(Counted), VMSIM_GFP_KERNEL));
  EXPECT_TRUE(world.call<void(::rcu_head*, Ulong)>("vmsim_kfree_rcu", &counted->rcu,
                                                   Ulong{offsetof(Counted, rcu)}));
  EXPECT_EQ(world.memory().slab->live_objects(), 1u);
  EXPECT_TRUE(world.call<void()>("rcu_barrier"));
  EXPECT_EQ(world.memory().slab->live_objects(), 0u);
}

TEST(DriverRcu, synchronize_inside_a_reader_is_a_deadlock) {
  DriverWorld world;
  auto* const enter = world.import <void()>("vmsim_rcu_read_lock");
  auto* const wait = world.import <void()>("synchronize_rcu");
  EXPECT_FALSE(world.drive([&] {
    enter();
    wait();
  }));
  EXPECT_TRUE(world.found("rcu-sync-in-reader"));
}

TEST(DriverRandom, numbers_come_from_the_seed) {
  u64 a = 0;
  {
    DriverWorld other;
    a = *other.call<u64()>("get_random_u64");
  }
  DriverWorld one;
  EXPECT_EQ(a, *one.call<u64()>("get_random_u64"));
  EXPECT_NE(a, *one.call<u64()>("get_random_u64"));
  u8 bytes[11] = {};
  EXPECT_TRUE(one.call<void(void*, Ulong)>("get_random_bytes", bytes, 10ul));
  EXPECT_EQ(bytes[10], 0);
}

}  // namespace
}  // namespace vmsim::abi
