// SPDX-License-Identifier: MIT
// main() of every test program: says which seed the random tests got, at the start and beside each failure.
// Random tests read VMSIM_SEED themselves; unset, each has a fixed one of its own.
#include <cstdio>
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

class SeedPrinter final : public testing::EmptyTestEventListener {
 public:
  void OnTestProgramStart(const testing::UnitTest&) override { print(); }

  void OnTestEnd(const testing::TestInfo& test) override {
    if (test.result()->Failed()) print();
  }

 private:
  static void print() {
    const char* seed = std::getenv("VMSIM_SEED");
    std::printf("[   seed   ] VMSIM_SEED=%s\n", seed ? seed : "(unset: each test's own)");
    std::fflush(stdout);
  }
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  testing::UnitTest::GetInstance()->listeners().Append(new SeedPrinter);
  return RUN_ALL_TESTS();
}
