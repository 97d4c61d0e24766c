// SPDX-License-Identifier: MIT
// What the tests of loading and of oopses share: a log, a module table with the imports of
// loader_probe.c, a reporter.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kern/log.hpp"
#include "kern/module.hpp"
#include "kern/oops.hpp"

namespace vmsim::kern {

inline std::vector<std::string> host_lines;

inline void host_log(const char* text) {
  host_lines.emplace_back(text);
}

inline int host_call(int (*function)(int), int argument) {
  return function(argument);
}

/// One kernel's worth of loader. `hidden` names imports that the kernel shall not have.
struct LoaderHost {
  explicit LoaderHost(unsigned version = kernel_version(6, 12, 0), std::string abi = "",
                      std::set<std::string> hidden = {})
      : log(probe, version, nullptr),
        modules(ModulesConfig{version, std::move(abi),
                              [hidden](std::string_view name) -> const void* {
                                if (hidden.contains(std::string(name))) return nullptr;
                                if (name == "host_log")
                                  return reinterpret_cast<const void*>(&host_log);
                                if (name == "host_call")
                                  return reinterpret_cast<const void*>(&host_call);
                                return nullptr;
                              }},
                log, probe),
        places(modules),
        reporter(
            log, probe, modules, places,
            OopsReporter::Sources{
                [] {
                  return OopsReporter::Current{7, 0, "app"};
                },
                [](u64 address) { return address >= kUserStart && address < kUserEnd; }, nullptr,
                nullptr, nullptr}),
        sink(&reporter) {
    host_lines.clear();
  }

  ~LoaderHost() { modules.unload_all(); }

  static constexpr u64 kUserStart = 0x7000'0000, kUserEnd = 0x7100'0000;

  static std::string path(const std::string& name) {
    return std::string(VMSIM_TEST_DRIVER_DIR) + "/" + name + ".vko";
  }

  Module* load(const std::string& params = "", const std::string& name = "loader_probe",
               Force force = Force::kNo) {
    auto result = modules.load(path(name), params, force);
    if (!result) error = result.error();
    return result ? *result : nullptr;
  }

  bool found(const std::string& rule) const {
    for (const Finding& finding : probe.findings())
      if (finding.rule == rule) return true;
    return false;
  }

  base::Probe probe;
  Log log;
  Modules modules;
  DriverPlaces places;
  OopsReporter reporter;
  sched::OopsSinkScope sink;
  Error error;
};

/// A function of a driver's image by name.
template <class F>
F* driver_function(const Module& module, const char* name) {
  void* address = module.image().symbol(name);
  EXPECT_NE(address, nullptr) << name;
  return reinterpret_cast<F*>(address);
}

}  // namespace vmsim::kern
