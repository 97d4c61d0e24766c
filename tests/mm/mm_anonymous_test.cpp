// SPDX-License-Identifier: MIT
// Anonymous memory: the zero page, first writes, running out; stacks that grow. Rows E06, E10.
#include "mm/fixture.hpp"

namespace vmsim::mm {
namespace {

class Anonymous : public MmTest {};

TEST_F(Anonymous, E10_anonymous) {
  ASSERT_EQ(program.map_anon(0, 2), 0);
  EXPECT_EQ(program.rd(0), "0x0");
  EXPECT_EQ(program.pte(0), "P U A SPECIAL NX");
  EXPECT_EQ(program.pfn(0), world.env().zero_pfn().value);
  EXPECT_EQ(program.mm().rss().total(), 0);
  EXPECT_EQ(program.wr(0, 1), "ok");
  EXPECT_EQ(program.pte(0), "P RW U A D NX");
  EXPECT_EQ(program.mm().rss().anon, 1);
  EXPECT_EQ(program.rd(0, 4), "0x0");
  EXPECT_NE(program.vma(0)->anon_vma, nullptr);
  EXPECT_EQ(program.vma(0)->vm_page_prot.pgprot, 0x8000000000000025);
}

TEST_F(Anonymous, anonymous_pages_are_zero_even_after_use) {
  for (int round = 0; round < 3; ++round) {
    ASSERT_EQ(program.map_anon(0, 4), 0);
    for (u64 page = 0; page < 4; ++page) {
      EXPECT_EQ(program.rd(page, 0x800), "0x0");
      EXPECT_EQ(program.wr(page, 0xdeadbeef, 0x800), "ok");
      EXPECT_EQ(program.rd(page, 0x804), "0x0");
    }
    EXPECT_EQ(program.unmap(0, 4), 0);
  }
}

TEST_F(Anonymous, memory_runs_out) {
  ASSERT_EQ(program.map_anon(0, 1), 0);

  class Never final : public base::FailOracle {
   public:
    bool should_fail(const char* site) override { return site == std::string("alloc_pages"); }
  } oracle;

  world.probe.set_fail_oracle(&oracle);
  EXPECT_EQ(program.wr(0, 1), "SIGKILL/no-progress@0");
  world.probe.set_fail_oracle(nullptr);
  world.findings();
  EXPECT_EQ(program.wr(0, 1), "ok");
}

class Stack : public MmTest {
 protected:
  static constexpr u64 kAt = 4000;

  void SetUp() override {
    ASSERT_EQ(program.map(kAt, 4, kRw, map::kPrivate | map::kAnonymous | map::kGrowsDown), 0);
  }

  std::string touch(i64 below) { return program.wr(kAt - static_cast<u64>(below), 1); }

  std::string maperr(i64 below) const {
    return fmt::format("SIGSEGV/MAPERR@{}", static_cast<i64>(kAt) - below);
  }
};

TEST_F(Stack, E06_grows_in_one_step) {
  EXPECT_EQ(touch(1), "ok");
  EXPECT_EQ(touch(20), "ok");
  EXPECT_EQ(program.layout(), fmt::format("[{},4004) rw-p", kAt - 20));
  EXPECT_EQ(touch(300), "ok");
  EXPECT_EQ(program.layout(), fmt::format("[{},4004) rw-p", kAt - 300));
  EXPECT_EQ(program.mm().stack_vm, 304u);
  program.check();
}

TEST_F(Stack, E06_guard_gap) {
  // The neighbour ends 299 pages below: 256 of them stay free.
  ASSERT_EQ(program.map_anon(kAt - 300, 1), 0);
  EXPECT_EQ(touch(42), "ok");
  EXPECT_EQ(touch(43), "ok");
  EXPECT_EQ(touch(44), maperr(44));
}

TEST_F(Stack, E06_inaccessible_neighbour_needs_no_gap) {
  ASSERT_EQ(program.map_anon(kAt - 300, 1, 0), 0);
  EXPECT_EQ(touch(200), "ok");
  EXPECT_EQ(touch(299), "ok");
  EXPECT_EQ(touch(300), fmt::format("SIGSEGV/ACCERR@{}", kAt - 300));
}

TEST_F(Stack, E06_limit) {
  EXPECT_EQ(touch(2040), "ok");
  EXPECT_EQ(touch(2046), maperr(2046));
}

TEST_F(Stack, E06_noreplace_directly_below) {
  EXPECT_EQ(program.map(kAt - 1, 1, kRw, map::kPrivate | map::kAnonymous | map::kFixedNoReplace),
            0);
}

}  // namespace
}  // namespace vmsim::mm
