// SPDX-License-Identifier: MIT
// The way from a driver into the core and back: errors, BUGs, wild pointers, who pays for memory.
#include "abi/abi.hpp"

#include <gtest/gtest.h>

#include "abi/abi_fixture.hpp"

namespace vmsim::abi {
namespace {

struct Tracked {
  explicit Tracked(int* count) : count_(count) { ++*count_; }

  ~Tracked() { --*count_; }

  Tracked(const Tracked&) = delete;
  Tracked& operator=(const Tracked&) = delete;

  int* count_;
};

TEST(Finish, value_and_errno_come_back) {
  AbiWorld world;
  i64 value = 0, error = 0, nothing = 1;
  EXPECT_TRUE(AbiWorld::drive([&] {
    value = finish([] { return Result<u64>(42); });
    error = finish([]() -> Result<u64> { return fail(22, "a rule"); });
    nothing = finish([] { return Result<void>(); });
  }));
  EXPECT_EQ(value, 42);
  EXPECT_EQ(error, -22);
  EXPECT_EQ(nothing, 0);
}

TEST(Finish, the_core_runs_outside_of_the_driver) {
  AbiWorld world;
  bool inside = true, after = false;
  EXPECT_TRUE(AbiWorld::drive([&] {
    core([&] { inside = sched::DriverCall::driver_running(); });
    after = sched::DriverCall::driver_running();
  }));
  EXPECT_FALSE(inside);
  EXPECT_TRUE(after);
}

TEST(Finish, a_bug_leaves_the_driver_after_the_core_is_done) {
  AbiWorld world;
  int alive = 0;
  bool returned = false;
  EXPECT_FALSE(AbiWorld::drive([&] {
    finish([&]() -> Result<void> {
      const Tracked object(&alive);
      return fail(sched::kErrBug, "kernel BUG: a rule for tests, with a text too long for no heap");
    });
    returned = true;
  }));
  EXPECT_EQ(alive, 0);
  EXPECT_FALSE(returned);
  EXPECT_EQ(world.kernel->oops->oops_count(), 1u);
  EXPECT_NE(world.kernel->oops->last_text().find("a rule for tests"), std::string::npos);
}

TEST(Finish, an_oops_of_an_inner_driver_leaves_without_a_second_report) {
  AbiWorld world;
  EXPECT_FALSE(AbiWorld::drive([&] {
    finish([&]() -> Result<void> {
      const bool inner =
          AbiWorld::drive([] { leave_by_bug("kernel BUG: inner", VMSIM_ABI_CALLER); });
      EXPECT_FALSE(inner);
      return sched::oopsed();
    });
  }));
  EXPECT_EQ(world.kernel->oops->oops_count(), 1u);
}

TEST(Touch, a_wild_pointer_is_the_drivers_oops) {
  AbiWorld world;
  auto* remap =
      world.import <int(vm_area_struct*, Ulong, Ulong, Ulong, vmsim_pgprot_t)>("remap_pfn_range");
  EXPECT_FALSE(AbiWorld::drive([&] { remap(nullptr, 0, 0, kPageSize, {0}); }));
  ASSERT_TRUE(world.kernel->oops->last());
  EXPECT_EQ(world.kernel->oops->last()->kind, sched::OopsKind::kNullDereference);
  auto* const wild = reinterpret_cast<vm_area_struct*>(0x123456789000);
  EXPECT_FALSE(AbiWorld::drive([&] { remap(wild, 0, 0, kPageSize, {0}); }));
  EXPECT_EQ(world.kernel->oops->oops_count(), 2u);
}

TEST(Touch, a_name_that_cannot_be_read_is_an_oops_too) {
  AbiWorld world;
  using Create = void*(const char*, unsigned, unsigned, unsigned, void (*)(void*));
  auto* create = world.import <Create>("kmem_cache_create");
  EXPECT_FALSE(AbiWorld::drive(
      [&] { create(reinterpret_cast<const char*>(0x123456789000), 64, 0, 0, nullptr); }));
}

TEST(PageOk, a_stranger_is_a_finding_and_a_wild_one_an_oops) {
  AbiWorld world;
  auto* get_page = world.import <void(::page*)>("get_page");
  ::page stranger{};
  EXPECT_TRUE(AbiWorld::drive([&] { get_page(&stranger); }));
  EXPECT_TRUE(world.found("bad-struct-page")) << world.rules();
  EXPECT_EQ(stranger._refcount.counter, 0);
  EXPECT_FALSE(AbiWorld::drive([&] { get_page(nullptr); }));
}

TEST(Bug, carries_file_and_line) {
  AbiWorld world;
  auto* bug = world.import <void(const char*, int)>("vmsim_bug");
  EXPECT_FALSE(AbiWorld::drive([&] { bug("driver.c", 77); }));
  EXPECT_NE(world.kernel->oops->last_text().find("kernel BUG at driver.c:77!"), std::string::npos);
}

TEST(Warn, goes_on_and_is_in_the_log) {
  AbiWorld world;
  auto* warn = world.import <void(const char*, int, const char*, const char*, ...)>("vmsim_warn");
  bool after = false;
  EXPECT_TRUE(AbiWorld::drive([&] {
    warn("driver.c", 12, "probe", "the %s is %d\n", "answer", 42);
    after = true;
  }));
  EXPECT_TRUE(after);
  EXPECT_TRUE(world.kernel->log->contains("the answer is 42"));
  EXPECT_TRUE(world.kernel->log->contains("at driver.c:12"));
  EXPECT_TRUE(world.found("warn"));
}

}  // namespace
}  // namespace vmsim::abi
