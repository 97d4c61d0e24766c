// SPDX-License-Identifier: MIT
// Device numbers: regions, cdevs, nodes, and what a driver leaves behind.
#include "kern/chrdev.hpp"

#include <cerrno>

#include "kern/kern_world.hpp"

namespace vmsim::kern {
namespace {

const ::file_operations kOps = {};

TEST(CharDevices, OverlappingRegionsAreBusy) {
  KernWorld w;
  CharDevices& c = *w.chrdevs;
  ASSERT_TRUE(c.register_region(mkdev(240, 4), 4, "one"));
  EXPECT_EQ(errno_in(c.register_region(mkdev(240, 7), 1, "two")), EBUSY);
  EXPECT_EQ(errno_in(c.register_region(mkdev(240, 0), 5, "two")), EBUSY);
  EXPECT_EQ(errno_in(c.register_region(mkdev(240, 0), 100, "two")), EBUSY);
  EXPECT_TRUE(c.register_region(mkdev(240, 0), 4, "two"));
  EXPECT_TRUE(c.register_region(mkdev(240, 8), 1, "three"));
  EXPECT_EQ(errno_in(c.register_region(mkdev(600, 0), 1, "far")), EINVAL);
  EXPECT_EQ(errno_in(c.alloc_region(kMinorMask, 2, "far")), EINVAL);
  EXPECT_EQ(
      c.devices_text(),
      "Character devices:\n  1 mem\n 10 misc\n240 two\n240 one\n240 three\n\nBlock devices:\n");
  c.unregister_region(mkdev(240, 4), 3);  // not its extent
  EXPECT_EQ(w.findings(), "chrdev-not-registered");
  c.unregister_region(mkdev(240, 4), 4);
  c.unregister_region(mkdev(240, 0), 4);
  c.unregister_region(mkdev(240, 8), 1);
}

TEST(CharDevices, ARegionMayGoOnInTheNextMajorAndFailsAsAWhole) {
  KernWorld w;
  CharDevices& c = *w.chrdevs;
  const vmsim_dev_t first = mkdev(240, kMinorMask);
  ASSERT_TRUE(c.register_region(first, 3, "wide"));
  EXPECT_EQ(errno_in(c.register_region(mkdev(241, 1), 1, "x")), EBUSY);
  c.unregister_region(first, 3);
  ASSERT_TRUE(c.register_region(mkdev(241, 1), 1, "x"));
  EXPECT_EQ(errno_in(c.register_region(first, 3, "wide")), EBUSY);
  EXPECT_EQ(c.registrations(), 1u) << "the first half was given back";
  c.unregister_region(mkdev(241, 1), 1);
}

TEST(CharDevices, DynamicMajorsGoDownFrom254ThenFrom511) {
  KernWorld w;
  CharDevices& c = *w.chrdevs;
  std::vector<vmsim_dev_t> got;
  for (int i = 0; i < 23; ++i) got.push_back(*c.alloc_region(0, 1, "dyn"));
  EXPECT_EQ(major_of(got[0]), 254u);
  EXPECT_EQ(major_of(got[20]), 234u);
  EXPECT_EQ(major_of(got[21]), 511u);
  EXPECT_EQ(major_of(got[22]), 510u);
  while (auto more = c.alloc_region(0, 1, "dyn")) got.push_back(*more);
  EXPECT_EQ(got.size(), 21u + 128u);
  EXPECT_EQ(errno_in(c.alloc_region(0, 1, "dyn")), EBUSY);
  for (const vmsim_dev_t dev : got) c.unregister_region(dev, 1);
}

TEST(CharDevices, OldKernelsHaveDynamicMajorsOnlyBelow255) {
  KernWorld w({2, 6, 10});
  std::vector<vmsim_dev_t> got;
  while (auto more = w.chrdevs->alloc_region(0, 1, "dyn")) got.push_back(*more);
  EXPECT_EQ(got.size(), 254u - 2u);  // mem and misc have theirs
  for (const vmsim_dev_t dev : got) w.chrdevs->unregister_region(dev, 1);
}

TEST(CharDevices, NodesOfARegion) {
  KernWorld w;
  CharDevices& c = *w.chrdevs;
  ASSERT_TRUE(c.register_region(mkdev(240, 0), 4, "scull"));
  ::cdev cdev;
  CharDevices::cdev_init(cdev, &kOps);
  ASSERT_TRUE(c.cdev_add(cdev, mkdev(240, 0), 4));
  EXPECT_EQ(w.nodes->list("/dev"),
            (std::vector<std::string>{"/dev/scull", "/dev/scull0", "/dev/scull1", "/dev/scull2",
                                      "/dev/scull3"}));
  EXPECT_EQ(w.nodes->lookup("/dev/scull3")->i_rdev, mkdev(240, 3));
  EXPECT_EQ(c.lookup(mkdev(240, 3)), &cdev);
  EXPECT_EQ(c.lookup(mkdev(240, 4)), nullptr);
  c.cdev_del(&cdev);
  EXPECT_TRUE(w.nodes->list("/dev").empty());
  c.cdev_del(&cdev);
  EXPECT_EQ(w.findings(), "cdev-not-added");
  c.unregister_region(mkdev(240, 0), 4);
}

TEST(CharDevices, TheNarrowestRangeAnswers) {
  KernWorld w;
  ::cdev wide, narrow;
  CharDevices::cdev_init(wide, &kOps);
  CharDevices::cdev_init(narrow, &kOps);
  ASSERT_TRUE(w.chrdevs->cdev_add(narrow, mkdev(240, 5), 1));
  ASSERT_TRUE(w.chrdevs->cdev_add(wide, mkdev(240, 0), 10));
  EXPECT_EQ(w.chrdevs->lookup(mkdev(240, 5)), &narrow);
  EXPECT_EQ(w.chrdevs->lookup(mkdev(240, 6)), &wide);
  EXPECT_EQ(errno_in(w.chrdevs->cdev_add(wide, mkdev(241, 0), 1)), EBUSY);
  EXPECT_EQ(w.findings(), "cdev-added-twice");
  w.chrdevs->cdev_del(&wide);
  w.chrdevs->cdev_del(&narrow);
}

TEST(CharDevices, RegisterChrdev) {
  KernWorld w;
  CharDevices& c = *w.chrdevs;
  EXPECT_EQ(*c.register_chrdev(0, "dyn", &kOps), 254u);
  EXPECT_EQ(*c.register_chrdev(240, "fixed", &kOps), 0u);
  EXPECT_EQ(errno_in(c.register_chrdev(240, "again", &kOps)), EBUSY);
  EXPECT_NE(w.nodes->lookup("/dev/fixed"), nullptr);
  EXPECT_EQ(w.open_errno("/dev/fixed"), 0);
  EXPECT_EQ(w.nodes->lookup("/dev/fixed16"), nullptr) << "16 minors at most get a node";
  c.unregister_chrdev(254, 0, 256, "dyn");
  c.unregister_chrdev(240, 0, 256, "fixed");
  EXPECT_EQ(c.registrations(), 0u);
}

TEST(CharDevices, AllocatedCdevsAreTheKernels) {
  KernWorld w;
  ::cdev* const unused = w.chrdevs->cdev_alloc();
  w.chrdevs->cdev_del(unused);
  ::cdev* const used = w.chrdevs->cdev_alloc();
  used->ops = &kOps;
  ASSERT_TRUE(w.chrdevs->cdev_add(*used, mkdev(240, 0), 1));
  w.chrdevs->cdev_del(used);
  EXPECT_EQ(w.findings(), "");
}

TEST(CharDevices, FreedCdevIsReportedAtOpen) {
  KernWorld w;
  auto cdev = std::make_unique<::cdev>();
  CharDevices::cdev_init(*cdev, &kOps);
  ASSERT_TRUE(w.chrdevs->cdev_add(*cdev, mkdev(240, 0), 1));
  ASSERT_TRUE(w.chrdevs->add_node("/dev/x", mkdev(240, 0)));
  std::memset(cdev.get(), 0x6b, sizeof(*cdev));
  EXPECT_EQ(w.open_errno("/dev/x"), ENXIO);
  EXPECT_EQ(w.findings(), "cdev-freed");
  w.chrdevs->memory_freed(cdev.get(), sizeof(*cdev));
  EXPECT_EQ(w.findings(), "cdev-freed-registered");
  EXPECT_EQ(w.open_errno("/dev/x"), ENXIO) << "now there is no driver";
  EXPECT_TRUE(w.nodes->remove("/dev/x"));
}

TEST(CharDevices, LeftoversOfAModuleAreReportedAndRemoved) {
  KernWorld w;

  struct Image {
    ::cdev cdev;
    char code[8];
  } image{};

  CharDevices::cdev_init(image.cdev, &kOps);
  ASSERT_TRUE(w.chrdevs->register_region(mkdev(240, 0), 1, "lost", image.code));
  ASSERT_TRUE(w.chrdevs->cdev_add(image.cdev, mkdev(240, 0), 1));
  ::cdev kept;
  CharDevices::cdev_init(kept, &kOps);
  ASSERT_TRUE(w.chrdevs->cdev_add(kept, mkdev(241, 0), 1));
  w.leftovers->gone(gone_module(image));
  EXPECT_EQ(w.findings(), "chrdev-left-registered chrdev-left-registered");
  EXPECT_EQ(w.chrdevs->lookup(mkdev(240, 0)), nullptr);
  EXPECT_EQ(w.chrdevs->lookup(mkdev(241, 0)), &kept);
  w.chrdevs->cdev_del(&kept);
}

}  // namespace
}  // namespace vmsim::kern
