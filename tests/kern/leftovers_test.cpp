// SPDX-License-Identifier: MIT
// A module that has gone is looked for in every table at once.
#include "kern/leftovers.hpp"

#include "kern/kern_world.hpp"

namespace vmsim::kern {
namespace {

TEST(Leftovers, AModuleThatCleanedUpLeavesNoFinding) {
  KernWorld w;

  struct Image {
    char bytes[64];
  } image{};

  w.leftovers->gone(gone_module(image));
  w.leftovers->memory_freed(&image, sizeof(image));
  EXPECT_EQ(w.findings(), "");
}

TEST(Leftovers, EachTableReportsItsOwnAndForgetsIt) {
  KernWorld w;

  struct Image {
    ::miscdevice misc;
    ::cdev cdev;
    ::tasklet_struct tasklet;
    ::file_operations ops;
    char text[8];
  } image{};

  std::strcpy(image.text, "lost");
  image.misc.name = image.text;
  image.misc.minor = kMiscDynamicMinor;
  image.misc.fops = &image.ops;
  CharDevices::cdev_init(image.cdev, &image.ops);
  ASSERT_TRUE(w.misc->register_device(image.misc));
  ASSERT_TRUE(w.chrdevs->cdev_add(image.cdev, mkdev(240, 0), 1));
  w.tasklets->schedule(image.tasklet);
  ASSERT_NE(w.resources->request_region(w.resources->iomem(), 0xfe000000, 1, image.text), nullptr);
  w.leftovers->gone(gone_module(image));
  EXPECT_EQ(
      w.findings(),
      "misc-left-registered chrdev-left-registered tasklet-left-scheduled region-left-requested");
  w.leftovers->gone(gone_module(image));
  EXPECT_EQ(w.findings(), "");
}

TEST(LoadedModuleRefs, TheKernelItselfNeedsNoTable) {
  LoadedModuleRefs refs;
  EXPECT_TRUE(refs.try_get(nullptr));
  refs.put(nullptr);
  ::module module{};
  refs.put(&module);  // before the loader exists: nothing happens
  EXPECT_EQ(module.refcnt.counter, 0);
}

}  // namespace
}  // namespace vmsim::kern
