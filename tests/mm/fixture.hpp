// SPDX-License-Identifier: MIT
// What every test of the mm starts with: a machine, a probing driver, one program. At the end the
// program exits, and frames, references and locks are back where they were. For tests/mm.
#pragma once

#include <optional>

#include "mm/probe_driver.hpp"

namespace vmsim::mm {

class MmTest : public ::testing::Test {
 protected:
  explicit MmTest(const MachineConfig& config = small_config())
      : world(config), driver(world), program(world) {}

  /// Shared device mapping at pages [page, page + pages) without the MMAP line in the log.
  int map_dev(u64 page, u64 pages, u32 rights = kRw, u32 type = map::kShared, u64 pgoff = 0) {
    const int code = program.map(page, pages, rights, type, driver.file(), pgoff);
    static_cast<void>(driver.log());
    return code;
  }

  /// munmap, and what the driver was told.
  std::string unmap_log(u64 page, u64 pages) {
    const int code = program.unmap(page, pages);
    return code == 0 ? driver.log() : fmt::format("{} {}", code, driver.log());
  }

  std::string protect_log(u64 page, u64 pages, u32 rights) {
    const int code = program.protect(page, pages, rights);
    return code == 0 ? driver.log() : fmt::format("{} {}", code, driver.log());
  }

  void end_program() { program.exit(); }

  World world;
  ProbeDriver driver;
  Program program;
};

/// The same on 6.1.
class MmTest61 : public MmTest {
 protected:
  MmTest61() : MmTest(small_config({6, 1, 0})) {}
};

/// The same on 2.6.10 for x86-32.
class MmTest26 : public MmTest {
 protected:
  MmTest26() : MmTest(small_config({2, 6, 10}, Profile::kX86_32)) {}
};

}  // namespace vmsim::mm
