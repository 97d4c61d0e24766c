// SPDX-License-Identifier: MIT
// Misc devices: minors, names, and what open finds.
#include "kern/misc.hpp"

#include <cerrno>

#include "kern/kern_world.hpp"

namespace vmsim::kern {
namespace {

void* opened_with = nullptr;

int remember_private(::inode*, ::file* file) {
  opened_with = file->private_data;
  return 0;
}

const ::file_operations kOps = [] {
  ::file_operations ops{};
  ops.open = remember_private;
  return ops;
}();

::miscdevice device(const char* name, int minor = kMiscDynamicMinor) {
  ::miscdevice misc{};
  misc.name = name;
  misc.minor = minor;
  misc.fops = &kOps;
  return misc;
}

TEST(MiscDevices, DynamicMinorsGoDown) {
  KernWorld w;
  ::miscdevice a = device("a"), b = device("b");
  ASSERT_TRUE(w.misc->register_device(a));
  ASSERT_TRUE(w.misc->register_device(b));
  EXPECT_EQ(a.minor, 127);
  EXPECT_EQ(b.minor, 126);
  EXPECT_EQ(w.misc->misc_text(), "126 b\n127 a\n");
  ASSERT_NE(a.this_device, nullptr);
  EXPECT_EQ(a.this_device->driver_data, &a);
  EXPECT_STREQ(DeviceModel::name_of(*a.this_device), "a");
  EXPECT_EQ(w.nodes->lookup("/dev/a")->i_rdev, mkdev(10, 127));
  EXPECT_TRUE(w.misc->deregister(a));
  EXPECT_EQ(w.nodes->lookup("/dev/a"), nullptr);
  EXPECT_TRUE(w.misc->deregister(b));
}

TEST(MiscDevices, DynamicMinorsRunOutOrGoOnAbove255) {
  for (const auto& [kernel, below] :
       {std::pair{KernelVersion{2, 6, 32}, 64}, {KernelVersion{6, 12, 0}, 128}}) {
    KernWorld w(kernel);
    std::vector<::miscdevice> many(200);
    std::vector<std::string> names(200);
    std::size_t made = 0;
    int errno_value = 0;
    for (; made < many.size() && errno_value == 0; ++made) {
      names[made] = "m" + std::to_string(made);
      many[made] = device(names[made].c_str());
      errno_value = errno_in(w.misc->register_device(many[made]));
      if (errno_value != 0) break;
    }
    EXPECT_EQ(many[0].minor, below - 1);
    if (below == 64) {
      EXPECT_EQ(made, 64u);
      EXPECT_EQ(errno_value, EBUSY);
      EXPECT_EQ(many[64].minor, kMiscDynamicMinor) << "a refused device keeps its minor";
    } else {
      EXPECT_EQ(many[128].minor, 256);
    }
    for (std::size_t i = 0; i < made; ++i) EXPECT_TRUE(w.misc->deregister(many[i]));
    if (below == 128) {
      EXPECT_EQ(many[128].minor, kMiscDynamicMinor) << "a minor above 255 is taken back";
    }
  }
}

TEST(MiscDevices, Refusals) {
  KernWorld w;
  ::miscdevice a = device("a", 5), same_minor = device("b", 5), same_name = device("a"),
               nameless = device(nullptr);
  ASSERT_TRUE(w.misc->register_device(a));
  EXPECT_EQ(errno_in(w.misc->register_device(same_minor)), EBUSY);
  EXPECT_EQ(errno_in(w.misc->register_device(same_name)), EEXIST);
  EXPECT_EQ(same_name.minor, kMiscDynamicMinor);
  EXPECT_EQ(errno_in(w.misc->register_device(nameless)), EINVAL);
  EXPECT_EQ(errno_in(w.misc->register_device(a)), EBUSY);
  EXPECT_EQ(w.findings(), "misc-registered-twice");
  EXPECT_EQ(errno_in(w.misc->deregister(same_minor)), EINVAL);
  EXPECT_EQ(w.findings(), "misc-not-registered");
  EXPECT_TRUE(w.misc->deregister(a));
}

TEST(MiscDevices, FailingInTheMiddleLeavesNothing) {
  for (const char* site : {"device_add"}) {
    KernWorld w;
    FailAt oracle(site);
    w.probe.set_fail_oracle(&oracle);
    ::miscdevice a = device("a");
    EXPECT_EQ(errno_in(w.misc->register_device(a)), ENOMEM);
    EXPECT_EQ(w.nodes->lookup("/dev/a"), nullptr);
    w.probe.set_fail_oracle(nullptr);
  }
}

TEST(MiscDevices, OpenFindsTheDeviceInPrivateData) {
  KernWorld w;
  ::miscdevice a = device("a");
  a.nodename = "dir/other";
  a.mode = 0666;
  ASSERT_TRUE(w.misc->register_device(a));
  EXPECT_EQ(w.nodes->lookup("/dev/a"), nullptr);
  ASSERT_NE(w.nodes->lookup("/dev/dir/other"), nullptr);
  EXPECT_EQ(w.nodes->lookup("/dev/dir/other")->i_mode & 0777, 0666);
  opened_with = nullptr;
  EXPECT_EQ(w.open_errno("/dev/dir/other"), 0);
  EXPECT_EQ(opened_with, &a);
  EXPECT_TRUE(w.misc->deregister(a));
}

TEST(MiscDevices, ANodeWithoutDeviceIsEnodev) {
  KernWorld w;
  ASSERT_TRUE(w.chrdevs->add_node("/dev/x", mkdev(10, 77)));
  EXPECT_EQ(w.open_errno("/dev/x"), ENODEV);
  EXPECT_TRUE(w.nodes->remove("/dev/x"));
}

TEST(MiscDevices, Leftovers) {
  KernWorld w;

  struct Image {
    ::miscdevice misc;
  } image{device("a")};

  ASSERT_TRUE(w.misc->register_device(image.misc));
  w.leftovers->gone(gone_module(image));
  EXPECT_EQ(w.findings(), "misc-left-registered");
  ASSERT_TRUE(w.misc->register_device(image.misc));
  w.leftovers->memory_freed(&image, sizeof(image));
  EXPECT_EQ(w.findings(), "misc-freed-registered");
}

}  // namespace
}  // namespace vmsim::kern
