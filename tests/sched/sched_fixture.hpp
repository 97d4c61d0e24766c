// SPDX-License-Identifier: MIT
// A scheduler with its probe, as the tests of this room use them.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/probe.hpp"
#include "sched/kernel_entry.hpp"
#include "sched/lock.hpp"
#include "sched/wait.hpp"

namespace vmsim::sched {

class SchedTest : public ::testing::Test {
 protected:
  static SchedConfig config() {
    SchedConfig config;
    config.host_patience_ms = 50;
    return config;
  }

  u64 count(const std::string& rule) const {
    u64 found = 0;
    for (const Finding& finding : probe_.findings()) found += finding.rule == rule ? finding.count : 0;
    return found;
  }

  std::string text(const std::string& rule) const {
    for (const Finding& finding : probe_.findings()) {
      if (finding.rule == rule) return finding.text;
    }
    return "";
  }

  std::string rules() const {
    std::string all;
    for (const Finding& finding : probe_.findings()) all += finding.rule + " ";
    return all;
  }

  static u64 seed() {
    const char* given = std::getenv("VMSIM_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 0) : 1;
  }

  base::Probe probe_;
  Scheduler scheduler_{config(), probe_};
  Task& main_ = scheduler_.create_task("main");
  int kernel_ = 0;  ///< its address stands for a kernel
};

}  // namespace vmsim::sched
