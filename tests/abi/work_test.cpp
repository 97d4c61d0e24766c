// SPDX-License-Identifier: MIT
// Work items, tasklets and interrupt handlers, as drivers use them.
#include <cerrno>

#include "abi/driver_world.hpp"

namespace vmsim::abi {
namespace {

int runs;

void count_run(::work_struct*) {
  ++runs;
}

TEST(DriverWork, items_run_on_the_system_queue) {
  DriverWorld world;
  runs = 0;
  ::work_struct work = {};
  work.func = count_run;
  EXPECT_EQ(
      *world.call<int(::workqueue_struct*, ::work_struct*)>("vmsim_queue_work", nullptr, &work), 1);
  EXPECT_EQ(
      *world.call<int(::workqueue_struct*, ::work_struct*)>("vmsim_queue_work", nullptr, &work), 0);
  EXPECT_EQ(runs, 0);
  EXPECT_TRUE(*world.call<bool(::work_struct*)>("flush_work", &work));
  EXPECT_EQ(runs, 1);
}

TEST(DriverWork, delayed_items_wait_for_their_time) {
  DriverWorld world;
  runs = 0;
  ::delayed_work work = {};
  work.work.func = count_run;
  using Queue = int(::workqueue_struct*, ::work_struct*, Ulong);
  auto* const create =
      world.import <::workqueue_struct*(unsigned, int, const char*, ...)>("vmsim_alloc_workqueue");
  ::workqueue_struct* wq = nullptr;
  EXPECT_TRUE(world.drive([&] { wq = create(0, 1, "probe/%d", 1); }));
  EXPECT_EQ(*world.call<Queue>("vmsim_queue_delayed_work", wq, &work.work, 10ul), 1);
  EXPECT_EQ(*world.call<int(::work_struct*)>("vmsim_cancel_delayed_work_sync", &work.work), 1);
  EXPECT_EQ(*world.call<Queue>("vmsim_queue_delayed_work", wq, &work.work, 10ul), 1);
  EXPECT_TRUE(world.call<void(unsigned)>("msleep", 200u));
  EXPECT_EQ(runs, 1);
  EXPECT_TRUE(world.call<void(::workqueue_struct*)>("destroy_workqueue", wq));
}

TEST(DriverWork, tasklets_run_when_the_kernel_relaxes) {
  DriverWorld world;
  runs = 0;
  ::tasklet_struct tasklet = {};
  EXPECT_TRUE(world.call<void(::tasklet_struct*, void (*)(::tasklet_struct*))>(
      "tasklet_setup", &tasklet, [](::tasklet_struct*) { ++runs; }));
  EXPECT_TRUE(world.call<void(::tasklet_struct*)>("tasklet_schedule", &tasklet));
  EXPECT_EQ(runs, 0);
  EXPECT_TRUE(world.call<void(Ulong)>("udelay", 1ul));
  EXPECT_EQ(runs, 1);
}

// --- interrupts ---

int top_halves, bottom_halves;

int top_half(int, void*) {
  ++top_halves;
  return 2;  // IRQ_WAKE_THREAD
}

int bottom_half(int, void* data) {
  ++bottom_halves;
  static_cast<DriverWorld*>(data)->import <void(unsigned)>("msleep")(1);
  return 1;
}

TEST(DriverIrq, handlers_of_a_line) {
  DriverWorld world;
  runs = 0;
  using Request = int(unsigned, int (*)(int, void*), Ulong, const char*, void*);
  int (*const handler)(int, void*) = [](int, void* data) {
    ++*static_cast<int*>(data);
    return 1;
  };
  void* const dev_id = &runs;
  EXPECT_EQ(*world.call<Request>("request_irq", 9u, handler, 0ul, "probe", dev_id), 0);
  EXPECT_EQ(*world.call<Request>("request_irq", 9u, handler, 0ul, "other", dev_id), -EBUSY);
  world.kernel->irqs->line(9).raise();
  EXPECT_TRUE(world.call<void(Ulong)>("udelay", 1ul));
  EXPECT_EQ(runs, 1);
  const void* const name = *world.call<const void*(unsigned, void*)>("free_irq", 9u, dev_id);
  EXPECT_STREQ(static_cast<const char*>(name), "probe");
  EXPECT_TRUE(world.call<const void*(unsigned, void*)>("free_irq", 9u, dev_id));
  EXPECT_TRUE(world.found("free-irq-not-requested"));
}

TEST(DriverIrq, second_halves_may_sleep) {
  DriverWorld world;
  top_halves = bottom_halves = 0;
  using Request =
      int(unsigned, int (*)(int, void*), int (*)(int, void*), Ulong, const char*, void*);
  void* const dev_id = &world;
  EXPECT_EQ(*world.call<Request>("request_threaded_irq", 5u, &top_half, &bottom_half, 0ul, "probe",
                                 dev_id),
            0);
  world.kernel->irqs->line(5).raise();
  EXPECT_TRUE(world.call<void(Ulong)>("udelay", 1ul));
  EXPECT_EQ(top_halves, 1);
  EXPECT_TRUE(world.call<void(unsigned)>("msleep", 50u));
  EXPECT_EQ(bottom_halves, 1);
  EXPECT_TRUE(world.call<const void*(unsigned, void*)>("free_irq", 5u, dev_id));
  EXPECT_EQ(world.kernel->irqs->handlers(), 0u);
  EXPECT_EQ(world.rules(), "");
}

TEST(DriverIrq, managed_handlers_and_windows_go_with_the_device) {
  DriverWorld world;
  ::device dev = {};
  dev.init_name = "managed";
  dev.release = [](::device*) {};
  EXPECT_EQ(*world.call<int(::device*)>("device_register", &dev), 0);
  ::device* const device = &dev;
  int (*const handler)(int, void*) = [](int, void*) { return 1; };
  using Request = int(::device*, unsigned, int (*)(int, void*), Ulong, const char*, void*);
  EXPECT_EQ(*world.call<Request>("devm_request_irq", device, 4u, handler, 0ul, "probe",
                                 static_cast<void*>(device)),
            0);
  ::resource res = {};
  res.start = 0xf0000000;
  res.end = 0xf0000fff;
  res.flags = 0x200;
  const ::resource* const resource = &res;
  using Map = void*(::device*, const ::resource*);
  void* const window = *world.call<Map>("devm_ioremap_resource", device, resource);
  EXPECT_GT(reinterpret_cast<i64>(window), 0);
  EXPECT_EQ(reinterpret_cast<i64>(*world.call<Map>("devm_ioremap_resource", device, resource)),
            -EBUSY);
  void* const plain =
      *world.call<void*(::device*, u64, u64)>("devm_ioremap", device, u64{0xf0010000}, u64{4096});
  EXPECT_NE(plain, nullptr);
  EXPECT_EQ(world.memory().ioremap->live_areas(), 2u);
  EXPECT_TRUE(world.call<void(::device*, volatile void*)>("devm_iounmap", device, plain));
  EXPECT_EQ(world.memory().ioremap->live_areas(), 1u);
  EXPECT_TRUE(world.call<void(::device*)>("device_unregister", device));
  EXPECT_EQ(world.memory().ioremap->live_areas(), 0u);
  EXPECT_EQ(world.kernel->io_resources->regions(), 0u);
  EXPECT_EQ(world.kernel->irqs->handlers(), 0u);
  EXPECT_EQ(world.rules(), "");
}

}  // namespace
}  // namespace vmsim::abi
