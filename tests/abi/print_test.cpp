// SPDX-License-Identifier: MIT
// printk and its family, as a driver calls them.
#include <climits>
#include <cstring>

#include "abi/driver_world.hpp"

namespace vmsim::abi {
namespace {

using Printk = int(const char*, ...);

TEST(Printk, writes_a_record_with_its_level) {
  DriverWorld world;
  auto* const printk = world.import <Printk>("printk");
  EXPECT_TRUE(world.drive([&] { printk("\0016probe: %d of %s\n", 3, "four"); }));
  const auto records = world.kernel->log->records();
  ASSERT_FALSE(records.empty());
  EXPECT_EQ(records.back().text, "probe: 3 of four");
  EXPECT_EQ(records.back().level, 6);
}

TEST(Printk, old_kernels_spell_the_level_differently) {
  DriverWorld world({2, 6, 10});
  auto* const printk = world.import <Printk>("printk");
  EXPECT_TRUE(world.drive([&] { printk("<1>hello\n"); }));
  EXPECT_EQ(world.kernel->log->records().back().text, "hello");
  EXPECT_EQ(world.kernel->log->records().back().level, 1);
}

TEST(Printk, pointers_are_those_of_the_simulated_kernel) {
  DriverWorld world({2, 6, 10});
  auto* const printk = world.import <Printk>("printk");
  void* const object = world.memory().slab->kmalloc(64, VMSIM_GFP_KERNEL);
  const auto printed = world.memory().addresses->printed(object);
  ASSERT_NE(printed, reinterpret_cast<u64>(object));
  EXPECT_TRUE(world.drive([&] { printk("at %p\n", object); }));
  char expected[40];
  std::snprintf(expected, sizeof(expected), "at %016llx", static_cast<unsigned long long>(printed));
  EXPECT_TRUE(world.log_has(expected)) << world.log();
  world.memory().slab->kfree(object);
}

TEST(Printk, a_wild_string_is_the_drivers_oops) {
  DriverWorld world;
  auto* const printk = world.import <Printk>("printk");
  EXPECT_FALSE(world.drive([&] { printk("%s\n", reinterpret_cast<const char*>(0x5000)); }));
  EXPECT_EQ(world.kernel->oops->oops_count(), 1u);
  EXPECT_FALSE(world.drive([&] { printk(reinterpret_cast<const char*>(0x5000)); }));
  EXPECT_EQ(world.kernel->oops->oops_count(), 2u);
}

TEST(Printk, an_unknown_conversion_is_found) {
  DriverWorld world;
  auto* const printk = world.import <Printk>("printk");
  EXPECT_TRUE(world.drive([&] { printk("a %v b\n"); }));
  EXPECT_TRUE(world.found("printk-bad-format"));
}

TEST(Printk, rate_limit_refills_with_time) {
  DriverWorld world;
  auto* const allowed = world.import <int()>("printk_ratelimit");
  int printed = 0;
  EXPECT_TRUE(world.drive([&] {
    for (int i = 0; i < 30; ++i) printed += allowed();
  }));
  EXPECT_EQ(printed, 10);
  world.kernel->scheduler->advance(6 * sched::kNsPerSecond);
  EXPECT_EQ(*world.call<int()>("printk_ratelimit"), 1);
  EXPECT_TRUE(world.log_has("20 messages suppressed"));
}

TEST(Printk, panic_ends_the_task) {
  DriverWorld world;
  auto* const panic = world.import <void(const char*, ...)>("panic");
  EXPECT_FALSE(world.drive([&] { panic("no more %s", "coffee"); }));
  EXPECT_TRUE(world.log_has("Kernel panic - not syncing: no more coffee")) << world.log();
}

TEST(Printk, hex_dump_has_columns) {
  DriverWorld world;
  using Dump = void(const char*, const char*, int, int, int, const void*, Ulong, bool);
  char bytes[20];
  for (int i = 0; i < 20; ++i) bytes[i] = static_cast<char>('A' + i);
  EXPECT_TRUE(world.call<Dump>("print_hex_dump", "", "dump ", 2, 16, 1,
                               static_cast<const void*>(bytes), Ulong{20}, true));
  EXPECT_TRUE(world.log_has(
      "dump 00000000: 41 42 43 44 45 46 47 48 49 4a 4b 4c 4d 4e 4f 50  ABCDEFGHIJKLMNOP"))
      << world.log();
  EXPECT_TRUE(world.log_has("dump 00000010: 51 52 53 54")) << world.log();
}

TEST(Printk, device_lines_name_their_device) {
  DriverWorld world;
  using Print = void(const char*, const ::device*, const char*, ...);
  auto* const print = world.import <Print>("vmsim_dev_printk");
  ::device dev = {};
  dev.init_name = "probe0";
  EXPECT_TRUE(world.drive([&] { print("\0014", &dev, "is %d\n", 5); }));
  EXPECT_TRUE(world.log_has("probe0: is 5")) << world.log();
}

TEST(Sprintf, family) {
  DriverWorld world;
  auto* const snprintf = world.import <int(char*, Ulong, const char*, ...)>("snprintf");
  auto* const scnprintf = world.import <int(char*, Ulong, const char*, ...)>("scnprintf");
  auto* const sprintf = world.import <int(char*, const char*, ...)>("sprintf");
  char text[8] = {};
  int lengths[5] = {};
  EXPECT_TRUE(world.drive([&] {
    lengths[0] = snprintf(text, sizeof(text), "%s", "0123456789");
    lengths[1] = scnprintf(text, sizeof(text), "%s", "0123456789");
    lengths[2] = scnprintf(text, 0, "%s", "0123456789");
    lengths[3] = sprintf(text, "%d", 77);
    lengths[4] = snprintf(text, ~0ul, "x");
  }));
  EXPECT_EQ(lengths[0], 10);
  EXPECT_EQ(lengths[1], 7);
  EXPECT_EQ(lengths[2], 0);
  EXPECT_EQ(lengths[3], 2);
  EXPECT_EQ(lengths[4], 0);
  EXPECT_STREQ(text, "77");
  EXPECT_TRUE(world.found("vsnprintf-size"));
}

TEST(Sprintf, kasprintf_allocates) {
  DriverWorld world;
  auto* const kasprintf = world.import <char*(vmsim_gfp_t, const char*, ...)>("kasprintf");
  char* text = nullptr;
  EXPECT_TRUE(world.drive([&] { text = kasprintf(VMSIM_GFP_KERNEL, "%s-%d", "abc", 5); }));
  ASSERT_NE(text, nullptr);
  EXPECT_STREQ(text, "abc-5");
  EXPECT_EQ(world.memory().slab->live_objects(), 1u);
  world.memory().slab->kfree(text);
}

TEST(Sprintf, sysfs_emit_wants_the_page) {
  DriverWorld world;
  auto* const emit = world.import <int(char*, const char*, ...)>("sysfs_emit");
  alignas(kPageSize) static char page[kPageSize];
  int good = 0, bad = 0;
  EXPECT_TRUE(world.drive([&] {
    good = emit(page, "%d\n", 5);
    bad = emit(page + 1, "%d\n", 5);
  }));
  EXPECT_EQ(good, 2);
  EXPECT_EQ(bad, 0);
  EXPECT_TRUE(world.found("sysfs-emit-bad-buffer"));
}

}  // namespace
}  // namespace vmsim::abi
