// SPDX-License-Identifier: MIT
// Findings: kept once with a count, at a place, and told to observers each time.
#include "base/probe.hpp"

#include <gtest/gtest.h>

#include "vmsim/trace.hpp"

namespace vmsim::base {
namespace {

struct FixedPlaces final : Places {
  std::string calling() const override { return where; }

  std::string where;
};

TEST(Probe, TheSameFindingIsKeptOnce) {
  Probe probe;
  FixedPlaces places;
  probe.set_places(&places);
  TextRecorder recorder;
  probe.add(&recorder);
  places.where = "a.c:1 in f [a]";
  for (int i = 0; i < 1000; ++i) probe.finding("rule", "text");
  probe.finding("rule", "other text");
  probe.finding("other-rule", "text");
  places.where = "a.c:2 in f [a]";
  probe.finding("rule", "text");
  probe.finding_at("", "rule", "text");
  const auto findings = probe.findings();
  ASSERT_EQ(findings.size(), 5u);
  EXPECT_EQ(findings[0].to_string(), "rule: text (a.c:1 in f [a]) [1000 times]");
  EXPECT_EQ(findings[3].to_string(), "rule: text (a.c:2 in f [a])");
  EXPECT_EQ(findings[4].to_string(), "rule: text");
  EXPECT_EQ(recorder.count("rule: text (a.c:1 in f [a])"), 1001u) << "each is an event";
  probe.clear_findings();
  probe.finding("rule", "text");
  ASSERT_EQ(probe.findings().size(), 1u);
  EXPECT_EQ(probe.findings()[0].count, 1u);
}

TEST(Probe, WithoutPlacesNothingIsKnown) {
  Probe probe;
  FixedPlaces places;
  probe.set_places(&places);
  probe.set_places(nullptr);
  places.where = "gone";
  probe.finding("rule", "text");
  EXPECT_EQ(probe.findings().front().place, "");
  EXPECT_EQ(probe.places().name(&places), "");
  EXPECT_EQ(probe.places().caller(), nullptr);
}

}  // namespace
}  // namespace vmsim::base
