// SPDX-License-Identifier: MIT
// What the examples share: headings, and results that must not fail. Nothing of vmsim is hidden here.
#pragma once

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "vmsim/vmsim.hpp"

namespace show {

/// A numbered heading: an example is a few steps.
inline void step(const char* text) {
  static int number = 0;
  std::printf("\n--- %d. %s\n\n", ++number, text);
}

/// Words between the outputs.
[[gnu::format(printf, 1, 2)]] inline void say(const char* format, ...) {
  std::va_list arguments;
  va_start(arguments, format);
  std::vprintf(format, arguments);
  va_end(arguments);
  std::putchar('\n');
}

/// Text of many lines, two columns in.
inline void text(const std::string& lines) {
  std::string::size_type start = 0;
  while (start < lines.size()) {
    const auto end = std::min(lines.find('\n', start), lines.size());
    std::printf("  %s\n", lines.substr(start, end - start).c_str());
    start = end + 1;
  }
}

[[noreturn]] inline void give_up(const std::string& why) {
  std::fflush(stdout);
  std::fprintf(stderr, "the example cannot go on: %s\n", why.c_str());
  std::exit(1);
}

using vmsim::must;

/// "ok", or the error.
template <class T>
std::string outcome(const vmsim::Result<T>& result) {
  return result ? "ok" : result.error().to_string();
}
template <class T>
std::string outcome(const vmsim::Access<T>& access) {
  return access.ok() ? "ok" : access.fault().to_string();
}

inline std::unique_ptr<vmsim::Machine> machine(const vmsim::MachineConfig& config = {}) {
  return must(vmsim::Machine::create(config));
}

/// insmod of one of the examples' drivers, which lie beside the programs.
inline void insmod(vmsim::Machine& machine, const std::string& driver, const std::string& parameters = {}) {
  std::printf("# insmod %s.ko%s%s\n", driver.c_str(), parameters.empty() ? "" : " ", parameters.c_str());
  must(machine.load_driver(std::string(VMSIM_EXAMPLE_DRIVER_DIR "/") + driver + ".vko", parameters));
}

inline void rmmod(vmsim::Machine& machine, const std::string& driver) {
  std::printf("# rmmod %s\n", driver.c_str());
  must(machine.unload_driver(driver));
}

inline void findings(vmsim::Machine& machine) {
  for (const vmsim::Finding& finding : machine.findings()) {
    const std::string place = finding.place.empty() ? "" : " (" + finding.place + ")";
    const std::string count = finding.count > 1 ? ", " + std::to_string(finding.count) + " times" : "";
    std::printf("Finding [%s]%s%s\n", finding.rule.c_str(), place.c_str(), count.c_str());
    text(finding.text);
  }
  machine.clear_findings();
}

inline unsigned long long number(vmsim::u64 value) { return value; }

}  // namespace show
