// SPDX-License-Identifier: MIT
// Resource trees: what conflicts, what nests, and the text of /proc/iomem.
#include "kern/io_resources.hpp"

#include <cerrno>

#include "kern/kern_world.hpp"

namespace vmsim::kern {
namespace {

std::vector<phys::Region> map() {
  using phys::RegionKind;
  return {{{PhysAddr(0), PhysAddr(0xa0000)}, RegionKind::kRam, "System RAM", nullptr},
          {{PhysAddr(0x100000), PhysAddr(0x4000000)}, RegionKind::kRam, "System RAM", nullptr},
          {{PhysAddr(0x4000000), PhysAddr(0x4100000)},
           RegionKind::kReservedNoPage,
           "Reserved",
           nullptr},
          {{PhysAddr(0x4100000), PhysAddr(0x5000000)}, RegionKind::kHole, "", nullptr}};
}

struct IoResourcesTest : ::testing::Test {
  std::string findings() {
    std::string rules;
    for (const Finding& finding : probe.findings())
      rules += (rules.empty() ? "" : " ") + finding.rule;
    probe.clear_findings();
    return rules;
  }

  static ::resource res(u64 start, u64 last, const char* name = "drv") {
    ::resource r{};
    r.start = start;
    r.end = last;
    r.name = name;
    r.flags = io_flag::kMem;
    return r;
  }

  sched::FaultSignals signals;
  base::Probe probe;
  IoResources io{map(), probe, {6, 12, 0}};
};

TEST_F(IoResourcesTest, TextIsNested) {
  io.add_device({PhysAddr(0xfebf0000), PhysAddr(0xfebf1000)}, "regs");
  EXPECT_NE(io.request_region(io.iomem(), 0xfebf0000, 0x100, "drv"), nullptr);
  EXPECT_NE(io.request_region(io.iomem(), 0x4000000, 0x100000, "frame-buffer"), nullptr);
  EXPECT_EQ(io.text(io.iomem()),
            "00000000-0009ffff : System RAM\n"
            "00100000-03ffffff : System RAM\n"
            "04000000-040fffff : Reserved\n"
            "  04000000-040fffff : frame-buffer\n"
            "febf0000-febf0fff : regs\n"
            "  febf0000-febf00ff : drv\n");
  io.remove_device({PhysAddr(0xfebf0000), PhysAddr(0xfebf1000)});
  EXPECT_NE(io.text(io.iomem()).find("\nfebf0000-febf00ff : drv\n"), std::string::npos)
      << "the claim stays";
  io.release_region(io.iomem(), 0xfebf0000, 0x100);
  io.release_region(io.iomem(), 0x4000000, 0x100000);
  EXPECT_EQ(io.regions(), 0u);
  EXPECT_EQ(findings(), "");
}

TEST_F(IoResourcesTest, BusyRangesAreRefused) {
  EXPECT_EQ(io.request_region(io.iomem(), 0x200000, 0x1000, "ram"), nullptr) << "RAM is busy";
  ASSERT_NE(io.request_region(io.iomem(), 0x10000000, 0x1000, "a"), nullptr);
  EXPECT_EQ(io.request_region(io.iomem(), 0x10000fff, 1, "b"), nullptr);
  EXPECT_EQ(io.request_region(io.iomem(), 0x0ffff000, 0x3000, "b"), nullptr) << "it contains one";
  EXPECT_NE(io.request_region(io.iomem(), 0x10001000, 1, "b"), nullptr);
  EXPECT_EQ(errno_in(io.check_region(io.iomem(), 0x10000000, 1)), EBUSY);
  EXPECT_TRUE(io.check_region(io.iomem(), 0x20000000, 1));
  io.release_region(io.iomem(), 0x10000000, 0x800);
  EXPECT_EQ(findings(), "release-region-not-requested");
  io.release_region(io.iomem(), 0x10000000, 0x1000);
  io.release_region(io.iomem(), 0x10001000, 1);
  io.release_region(io.iomem(), 0x10001000, 1);
  EXPECT_EQ(findings(), "release-region-not-requested");
  EXPECT_EQ(io.request_region(io.ioport(), 0xfff0, 0x20, "beyond"), nullptr)
      << "the root ends there";
  EXPECT_NE(io.request_region(io.ioport(), 0x60, 0x10, "kbd"), nullptr);
  EXPECT_EQ(io.text(io.ioport()), "0060-006f : kbd\n");
  EXPECT_EQ(io.regions(), 1u) << "what was refused is not kept";
  io.release_region(io.ioport(), 0x60, 0x10);
}

TEST_F(IoResourcesTest, RequestAndInsertResources) {
  ::resource inner = res(0x10001000, 0x10001fff), outer = res(0x10000000, 0x1000ffff),
             crossing = res(0x10001800, 0x10020000), backwards = res(0x20, 0x10);
  ASSERT_TRUE(io.request_resource(io.iomem(), &inner));
  EXPECT_EQ(errno_in(io.request_resource(io.iomem(), &inner)), EBUSY) << "twice";
  EXPECT_EQ(errno_in(io.request_resource(io.iomem(), &outer)), EBUSY)
      << "requests do not go around others";
  EXPECT_EQ(errno_in(io.request_resource(io.iomem(), &backwards)), EBUSY);
  ASSERT_TRUE(io.insert_resource(io.iomem(), &outer)) << "inserts do";
  EXPECT_EQ(inner.parent, &outer);
  EXPECT_EQ(outer.child, &inner);
  EXPECT_EQ(errno_in(io.insert_resource(io.iomem(), &crossing)), EBUSY);
  ::resource below = res(0x10003000, 0x10003fff);
  ASSERT_TRUE(io.insert_resource(io.iomem(), &below));
  EXPECT_EQ(below.parent, &outer) << "as deep as it goes";
  ASSERT_TRUE(io.release_resource(&below));
  ASSERT_TRUE(io.release_resource(&outer)) << "with everything below";
  EXPECT_EQ(errno_in(io.release_resource(&outer)), EINVAL);
  EXPECT_EQ(findings(), "resource-not-requested");
  EXPECT_EQ(errno_in(io.release_resource(&crossing)), EINVAL);
  EXPECT_EQ(findings(), "resource-not-requested");
  EXPECT_EQ(io.text(io.iomem()).find("drv"), std::string::npos);
}

TEST_F(IoResourcesTest, Leftovers) {
  struct Image {
    ::resource mine;
    char name[4];
  } image{res(0x10000000, 0x10000fff), "drv"};

  ASSERT_TRUE(io.request_resource(io.iomem(), &image.mine));
  ASSERT_NE(io.request_region(io.iomem(), 0x20000000, 1, image.name), nullptr);
  io.module_gone(gone_module(image));
  EXPECT_EQ(findings(), "region-left-requested region-left-requested");
  image.mine = res(0x10000000, 0x10000fff);
  ASSERT_TRUE(io.request_resource(io.iomem(), &image.mine));
  io.memory_freed(&image, sizeof(image));
  EXPECT_EQ(findings(), "resource-freed-requested");
  EXPECT_EQ(io.text(io.iomem()).find("drv"), std::string::npos);
}

}  // namespace
}  // namespace vmsim::kern
