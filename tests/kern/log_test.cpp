// SPDX-License-Identifier: MIT
// printk's prefixes, line assembly and dmesg text, in the old and the new spelling of levels.
#include "kern/log.hpp"

#include <gtest/gtest.h>

namespace vmsim::kern {
namespace {

constexpr unsigned kNew = kernel_version(6, 12, 0), kOld = kernel_version(2, 6, 10);
using Lines = std::vector<std::string>;

struct PrintkWatcher final : Observer {
  void on_event(const Event& event) override {
    if (event.kind == EventKind::kPrintk) seen.push_back(std::to_string(event.a) + event.name);
  }

  Lines seen;
};

TEST(Log, TextIsWhatDmesgPrints) {
  base::Probe probe;
  u64 now = 1'234'567'890;
  Log log(probe, kNew, [&] { return now; });
  log.print("\0016hello\n");
  now = 123'456'000'000'000;
  log.print("two\nlines\n");
  EXPECT_EQ(log.text(), "[    1.234567] hello\n[123456.000000] two\n[123456.000000] lines\n");
  EXPECT_EQ(log.records().size(), 2u);
}

TEST(Log, LevelsOfTheNewSpelling) {
  base::Probe probe;
  Log log(probe, kNew, nullptr);
  log.print("\0013bad\n");
  log.print("plain\n");
  log.print("<6>not a level here\n");
  log.print("by argument\n", Log::kDebug);
  const auto records = log.records();
  ASSERT_EQ(records.size(), 4u);
  EXPECT_EQ(records[0].level, 3);
  EXPECT_EQ(records[1].level, Log::kDefaultLevel);
  EXPECT_EQ(records[2].text, "<6>not a level here");
  EXPECT_EQ(records[3].level, 7);
}

TEST(Log, LevelsOfTheOldSpelling) {
  base::Probe probe;
  Log log(probe, kOld, nullptr);
  log.print("<6>first\n<3>second\n");
  log.print("<x>text\n");
  const auto records = log.records();
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0].level, 6);
  EXPECT_EQ(records[1].level, 3);
  EXPECT_EQ(records[1].text, "second");
  EXPECT_EQ(records[2].text, "<x>text");
}

TEST(Log, ContinuationGrowsTheOpenRecordOnly) {
  base::Probe probe;
  Log log(probe, kNew, nullptr);
  log.print("\0016a");
  log.print("\001cb");
  log.print("\001cc\n");
  log.print("\001cd\n");
  log.print("e");
  log.print("f\n");
  EXPECT_EQ(log.lines(), (Lines{"abc", "d", "e", "f"}));
}

TEST(Log, OldKernelsContinueWithoutAMark) {
  base::Probe probe;
  Log log(probe, kOld, nullptr);
  log.print("<6>a");
  log.print("b\n");
  log.print("c");
  log.print("<4>d\n");
  EXPECT_EQ(log.lines(), (Lines{"ab", "c", "d"}));
}

TEST(Log, ObserversSeeEachRecordOnceWhenItIsComplete) {
  base::Probe probe;
  PrintkWatcher watcher;
  probe.add(&watcher);
  Log log(probe, kNew, nullptr);
  log.print("\0015a");
  EXPECT_TRUE(watcher.seen.empty());
  log.print("\001cb\n");
  log.print("open");
  EXPECT_EQ(watcher.seen, (Lines{"5ab"}));
  log.flush();
  log.flush();
  EXPECT_EQ(watcher.seen, (Lines{"5ab", "4open"}));
  probe.remove(&watcher);
}

TEST(Log, TheRingForgetsTheOldest) {
  base::Probe probe;
  Log log(probe, kNew, nullptr, 3);
  for (int i = 0; i < 5; ++i) log.print(std::to_string(i) + "\n");
  EXPECT_EQ(log.lines(), (Lines{"2", "3", "4"}));
  EXPECT_FALSE(log.contains("1"));
  EXPECT_TRUE(log.contains("4"));
}

TEST(Log, AnEmptyPrintMakesNoRecord) {
  base::Probe probe;
  Log log(probe, kNew, nullptr);
  log.print("");
  log.print("\001c");
  EXPECT_TRUE(log.records().empty());
  log.print("\n");
  EXPECT_EQ(log.lines(), (Lines{""}));
}

}  // namespace
}  // namespace vmsim::kern
