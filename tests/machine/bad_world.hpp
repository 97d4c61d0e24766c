// SPDX-License-Identifier: MIT
// A machine with the driver that makes mistakes, and beside it a program that maps a good driver
// and must never notice. At the end of each test both kinds of service still work.
#pragma once

#include "drivers/bad_driver.h"
#include "machine/world.hpp"

namespace vmsim {

class BadWorld : public World {
 protected:
  explicit BadWorld(const MachineConfig& config = bad_config()) { boot_bad(config); }

  static MachineConfig bad_config() {
    MachineConfig config = small_config();
    config.fault_retries = 16;
    return config;
  }

  void boot_bad(const MachineConfig& config, const std::string& parameters = "") {
    boot(config);
    insmod("insert_page");
    insmod("bad_driver", parameters);
    witness_ = &spawn("witness");
    witness_at_ = map(*witness_, "/dev/insert_page", 4);
    witness_count_ = 0xcafe0000u;
  }

  void TearDown() override {
    if (machine_) still_serves();
    World::TearDown();
  }

  /// A program at the bad driver's door.
  Process& victim() {
    Process& app = spawn("victim");
    fd_ = must(app.open("/dev/bad_driver"));
    return app;
  }

  /// Arms a mistake of the mmap handler, then maps four pages.
  Result<VirtAddr> map_badly(Process& app, bad_mmap what, u32 flags = kMapShared) {
    must(app.ioctl(fd_, BAD_MMAP, what));
    return app.mmap({.length = 4 * kPageSize, .flags = flags, .fd = fd_});
  }

  Result<i64> do_badly(Process& app, bad_do what) { return app.ioctl(fd_, BAD_DO, what); }

  /// The witness counts on, another driver comes and goes, and a new program is served by both.
  void still_serves() {
    EXPECT_EQ(*witness_->fetch_add(witness_at_, u32{1}), witness_count_++);
    EXPECT_EQ(witness_->validate(), "");
    must(machine().load_driver(driver_file("fault_demand")));
    Process& newcomer = spawn("newcomer");
    EXPECT_EQ(string_at(newcomer, map(newcomer, "/dev/fault_demand", 2) + kPageSize), "page 1");
    EXPECT_EQ(*newcomer.load<u32>(map(newcomer, "/dev/insert_page", 2) + kPageSize), 0xcafe0001u);
    if (newcomer.open("/dev/bad_driver")) {
      fd_ = must(newcomer.open("/dev/bad_driver"));
      const auto at = map_badly(newcomer, BAD_MMAP_GOOD);
      EXPECT_TRUE(at && newcomer.store<u32>(*at, 1).ok());
    }
    EXPECT_EQ(newcomer.validate(), "");
    newcomer.exit();
    must(machine().unload_driver("fault_demand"));
  }

  /// The rule is among the findings; "" means that the kernel has nothing to say, nor have we.
  void expect_rule(const std::string& rule) {
    if (rule.empty()) {
      EXPECT_EQ(machine().findings().size(), 0u) << findings_text();
    } else {
      EXPECT_GE(findings_of(rule), 1u) << "no " << rule << " among:\n" << findings_text();
    }
  }

  Process* witness_ = nullptr;
  VirtAddr witness_at_;
  u32 witness_count_ = 0;
  int fd_ = -1;
};

}  // namespace vmsim
