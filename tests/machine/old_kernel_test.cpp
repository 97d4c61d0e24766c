// SPDX-License-Identifier: MIT
// A driver written for 2.4, on a machine of 2.4: names and shapes that later kernels do not have, and what they do.
#include "machine/world.hpp"

namespace vmsim {
namespace {

constexpr KernelVersion kOld{2, 4, 20};

class OldKernel : public World {
 protected:
  void insert(const std::string& parameters = "") {
    boot(config_of(kOld));
    insmod("old24_map", parameters);
    must(machine().mknod("/dev/old24", 240, 0));
    must(machine().mknod("/dev/none24", 240, 1));
  }
};

TEST_F(OldKernel, remap_page_range_finds_the_area_by_its_address) {
  insert();
  Process& app = spawn();
  EXPECT_EQ(string_at(app, map(app, "/dev/old24", 1)), "none plain 1 1");
}

TEST_F(OldKernel, remap_page_range_outside_of_any_area_is_refused) {
  insert();
  Process& app = spawn();
  const int fd = must(app.open("/dev/old24"));
  EXPECT_EQ(errno_of(app.ioctl(fd, 0)), kENoMem);
}

TEST_F(OldKernel, a_refused_mmap_leaves_no_area_behind_for_remap_page_range) {
  insert();
  Process& app = spawn();
  const int fd = must(app.open("/dev/old24"));
  EXPECT_EQ(errno_of(app.mmap({.length = 2 * kPageSize, .fd = fd})), kEInval);
  EXPECT_EQ(errno_of(app.ioctl(fd, 0)), kENoMem);
  EXPECT_EQ(string_at(app, map(app, "/dev/old24", 1)), "none plain 1 1");
}

TEST_F(OldKernel, module_parm_takes_each_kind_of_text) {
  insert("sizes=7,8,9,-10 title=book text=words");
  Process& app = spawn();
  EXPECT_EQ(string_at(app, map(app, "/dev/old24", 1)), "book words 8 -10");
}

TEST_F(OldKernel, module_parm_refuses_more_elements_than_there_are) {
  boot(config_of(kOld));
  EXPECT_NE(errno_of(machine().load_driver(driver_file("old24_map"), "sizes=1,2,3,4,5")), 0);
  EXPECT_NE(errno_of(machine().load_driver(driver_file("old24_map"), "text=longer-than-fifteen")), 0);
}

TEST_F(OldKernel, use_counts_by_hand_keep_the_driver_in) {
  insert();
  Process& app = spawn();
  const int fd = must(app.open("/dev/old24"));
  EXPECT_EQ(errno_of(machine().unload_driver("old24_map")), kEBusy);
  must(app.close(fd));
  must(rmmod("old24_map"));
}

}  // namespace
}  // namespace vmsim
