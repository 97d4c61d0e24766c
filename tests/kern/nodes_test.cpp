// SPDX-License-Identifier: MIT
// The table of nodes: paths, numbers of inodes and file systems, and who wins a path.
#include "kern/nodes.hpp"

#include <cerrno>

#include "kern/kern_world.hpp"

namespace vmsim::kern {
namespace {

TEST(NodeTable, RefusesWhatExistsAndWhatIsNoPath) {
  NodeTable nodes({6, 12, 0}, 1);
  ASSERT_TRUE(nodes.add_node("/dev/a", kModeChar | 0600, mkdev(240, 0)));
  EXPECT_EQ(errno_in(nodes.add_node("/dev/a", kModeChar, 0)), EEXIST);
  for (const char* path : {"", "/", "dev/b", "/dev/b/", "/dev//b"}) {
    EXPECT_EQ(errno_in(nodes.add_node(path, kModeChar, 0)), EINVAL) << path;
  }
  EXPECT_EQ(errno_in(nodes.remove("/dev/b")), ENOENT);
  EXPECT_TRUE(nodes.remove("/dev/a"));
  EXPECT_EQ(nodes.lookup("/dev/a"), nullptr);
}

TEST(NodeTable, InodeNumbersCountFromASeededStart) {
  NodeTable one({6, 12, 0}, 7), same({6, 12, 0}, 7), other({6, 12, 0}, 8);
  const auto ino = [](NodeTable& t, const char* path) {
    return (*t.add_node(path, kModeChar, 0))->i_ino;
  };
  const auto first = ino(one, "/dev/a");
  EXPECT_EQ(ino(one, "/dev/b"), first + 1);
  EXPECT_EQ(ino(same, "/dev/x"), first);
  EXPECT_NE(ino(other, "/dev/x"), first);
}

TEST(NodeTable, FileSystemsHaveTheDevicesOfTheEra) {
  NodeTable modern({6, 12, 0}, 1), old({2, 6, 10}, 1);
  const auto dev = [](NodeTable& t, const char* path) {
    return (*t.add_node(path, kModeChar, 0))->i_sb->s_dev;
  };
  EXPECT_EQ(dev(modern, "/dev/a"), mkdev(0, 5));
  EXPECT_EQ(dev(modern, "/proc/a"), mkdev(0, 21));
  EXPECT_EQ(dev(old, "/dev/a"), mkdev(3, 2));
  EXPECT_EQ(dev(old, "/proc/a"), mkdev(0, 21));
}

TEST(NodeTable, ANamedNodeReplacesAnAutomaticOne) {
  NodeTable nodes({6, 12, 0}, 1);
  vfs::Inode* const automatic =
      *nodes.add_node("/dev/a", kModeChar, mkdev(240, 0), NodeOrigin::kAutomatic);
  automatic->hold();
  EXPECT_EQ(errno_in(nodes.add_node("/dev/a", kModeChar, 0, NodeOrigin::kAutomatic)), EEXIST);
  vfs::Inode* const named = *nodes.add_node("/dev/a", kModeChar, mkdev(10, 1));
  EXPECT_EQ(nodes.lookup("/dev/a"), named);
  nodes.remove_inode(automatic);  // it has lost the path: nothing happens
  EXPECT_EQ(nodes.lookup("/dev/a"), named);
  EXPECT_EQ(errno_in(nodes.add_node("/dev/a", kModeChar, 0, NodeOrigin::kAutomatic)), EEXIST);
  automatic->put();
}

TEST(NodeTable, ListsAFolder) {
  NodeTable nodes({6, 12, 0}, 1);
  for (const char* path : {"/proc/z", "/dev/b", "/dev/a", "/devices/c"})
    nodes.add_node(path, kModeChar, 0).value();
  EXPECT_EQ(nodes.list("/dev"), (std::vector<std::string>{"/dev/a", "/dev/b"}));
  EXPECT_EQ(nodes.list().size(), 4u);
}

TEST(DriverText, SurvivesBadPointers) {
  const sched::FaultSignals signals;
  EXPECT_EQ(driver_text(nullptr), "");
  EXPECT_EQ(driver_text("name"), "name");
  EXPECT_EQ(driver_text(reinterpret_cast<const char*>(0x10)), "(bad address)");
  EXPECT_EQ(driver_text(std::string(1000, 'x').c_str()).size(), 255u);
}

}  // namespace
}  // namespace vmsim::kern
