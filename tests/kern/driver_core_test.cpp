// SPDX-License-Identifier: MIT
// Buses, drivers and devices without a driver module: who is probed and when, what is released in
// which order, and what is left behind.
#include "kern/driver_core.hpp"

#include <cerrno>

#include "kern/kern_world.hpp"

namespace vmsim::kern {
namespace {

constexpr int kProbeDefer = 517;

std::string calls;
int probe_result = 0;

std::string name_of(::device* dev) {
  return DeviceModel::name_of(*dev);
}

int match_by_letter(::device* dev, const ::device_driver* driver) {
  return name_of(dev)[0] == driver->name[0] ? 1 : 0;
}

int probe(::device* dev) {
  calls += "probe " + name_of(dev) + " by " + dev->driver->name + "; ";
  return probe_result;
}

int probe_anyway(::device* dev) {
  calls += "other " + name_of(dev) + "; ";
  return 0;
}

int remove(::device* dev) {
  calls += "remove " + name_of(dev) + "; ";
  return 0;
}

void release(::device*) {}

long show_name(const ::bus_type* bus, char* page) {
  return std::snprintf(page, 100, "bus %s\n", bus->name);
}

struct DriverCoreTest : ::testing::Test {
  DriverCoreTest() {
    calls.clear();
    probe_result = 0;
    bus.name = "letters";
    bus.match = &match_by_letter;
    EXPECT_TRUE(core.bus_register(bus));
  }

  ~DriverCoreTest() override {
    if (!unregistered) core.bus_unregister(bus);
  }

  ::device_driver driver(const char* name) {
    ::device_driver made{};
    made.name = name;
    made.bus = &bus;
    made.probe = &probe;
    made.remove = &remove;
    return made;
  }

  ::device device(const char* name) {
    ::device made{};
    made.init_name = name;
    made.bus = &bus;
    made.release = &release;
    return made;
  }

  KernWorld w;
  SysFiles sysfs{*w.nodes, *w.user, w.probe};
  Devres devres{*w.memory->slab, w.probe};
  DeviceModel model{DeviceModel::Parts{*w.nodes, *w.chrdevs, *w.user, *w.memory->slab, w.probe,
                                       &devres, &sysfs, w.version}};
  DriverCore core{DriverCore::Parts{model, devres, sysfs, *w.nodes, *w.log, w.probe, w.version}};
  ::bus_type bus{};
  bool unregistered = false;
};

TEST_F(DriverCoreTest, EachDeviceGetsTheFirstDriverThatFits) {
  ::device_driver a = driver("a-driver"), other = driver("another"), b = driver("b-driver");
  other.probe = &probe_anyway;
  ASSERT_TRUE(core.driver_register(a));
  ASSERT_TRUE(core.driver_register(other));
  ::device a1 = device("a1"), b1 = device("b1");
  ASSERT_TRUE(model.device_register(a1));
  ASSERT_TRUE(model.device_register(b1));
  EXPECT_EQ(calls, "probe a1 by a-driver; ");
  EXPECT_EQ(b1.driver, nullptr);
  ASSERT_TRUE(core.driver_register(b));
  EXPECT_EQ(calls, "probe a1 by a-driver; probe b1 by b-driver; ");
  EXPECT_EQ(core.next_device(bus, &a1), &b1);
  EXPECT_EQ(core.next_device(bus, &b1), nullptr);
  EXPECT_EQ(core.next_bound(b, nullptr), &b1);
  EXPECT_EQ(w.nodes->lookup("/sys/bus/letters/drivers/b-driver/bind"),
            w.nodes->lookup("/sys/bus/letters/devices/b1/driver/bind"));
  calls.clear();
  core.driver_unregister(a);
  EXPECT_EQ(calls, "remove a1; ") << "and nobody else is asked";
  EXPECT_EQ(a1.driver, nullptr);
  model.device_unregister(b1);
  model.device_unregister(a1);
  EXPECT_EQ(calls, "remove a1; remove b1; ");
  core.driver_unregister(b);
  core.driver_unregister(other);
  EXPECT_EQ(w.findings(), "");
}

TEST_F(DriverCoreTest, AFailedProbeGivesTheNextDriverItsChance) {
  ::device_driver a = driver("a-driver"), other = driver("another");
  other.probe = &probe_anyway;
  probe_result = -EIO;
  ASSERT_TRUE(core.driver_register(a));
  ASSERT_TRUE(core.driver_register(other));
  ::device a1 = device("a1");
  a1.driver_data = &calls;
  ASSERT_TRUE(model.device_register(a1));
  EXPECT_EQ(calls, "probe a1 by a-driver; other a1; ");
  EXPECT_EQ(a1.driver, &other);
  EXPECT_EQ(a1.driver_data, nullptr) << "what the failed probe may have set";
  EXPECT_TRUE(w.log->contains("a-driver a1: probe with driver a-driver failed with error -5"));
  model.device_unregister(a1);
  core.driver_unregister(a);
  core.driver_unregister(other);
}

TEST_F(DriverCoreTest, ManagedResourcesEndWithTheBindingNewestFirst) {
  ::device_driver a = driver("a-driver");
  ASSERT_TRUE(core.driver_register(a));
  ::device a1 = device("a1");
  ASSERT_TRUE(model.device_register(a1));
  devres.add(a1, [] { calls += "first; "; });
  devres.add(a1, [] { calls += "last; "; });
  calls.clear();
  core.detach(a1);
  EXPECT_EQ(calls, "remove a1; last; first; ");
  devres.add(a1, [] { calls += "stray; "; });
  EXPECT_FALSE(*core.attach(a1)) << "resources present before probing";
  EXPECT_EQ(calls, "remove a1; last; first; ");
  model.device_unregister(a1);
  EXPECT_EQ(calls, "remove a1; last; first; stray; ");
  core.driver_unregister(a);
}

TEST_F(DriverCoreTest, ADeferredProbeWaitsForAnotherBinding) {
  ::device_driver a = driver("a-driver"), b = driver("b-driver");
  b.probe = &probe_anyway;
  ::device a1 = device("a1"), b1 = device("b1");
  ASSERT_TRUE(model.device_register(a1));
  probe_result = -kProbeDefer;
  ASSERT_TRUE(core.driver_register(a));
  EXPECT_EQ(core.deferred(), 1u);
  probe_result = 0;
  ASSERT_TRUE(core.driver_register(b));
  EXPECT_EQ(a1.driver, nullptr) << "nothing was bound yet";
  ASSERT_TRUE(model.device_register(b1));
  EXPECT_EQ(calls, "probe a1 by a-driver; other b1; probe a1 by a-driver; ");
  EXPECT_EQ(a1.driver, &a);
  EXPECT_EQ(core.deferred(), 0u);
  model.device_unregister(a1);
  model.device_unregister(b1);
  core.driver_unregister(a);
  core.driver_unregister(b);
}

TEST_F(DriverCoreTest, RefusesWhatIsNotThereOrThereTwice) {
  ::bus_type stranger{};
  stranger.name = "stranger";
  ::device_driver lost = driver("lost"), a = driver("a"), same = driver("a");
  lost.bus = &stranger;
  EXPECT_EQ(errno_in(core.driver_register(lost)), EINVAL);
  ASSERT_TRUE(core.driver_register(a));
  EXPECT_EQ(errno_in(core.driver_register(same)), EBUSY);
  EXPECT_EQ(errno_in(core.bus_register(bus)), EEXIST);
  ::device nowhere = device("nowhere");
  nowhere.bus = &stranger;
  EXPECT_EQ(errno_in(model.device_register(nowhere)), EINVAL);
  EXPECT_EQ(model.devices(), 0u);
  EXPECT_EQ(core.driver_find("a", bus), &a);
  EXPECT_EQ(core.driver_find("b", bus), nullptr);
  core.driver_unregister(a);
  EXPECT_EQ(w.findings(), "");
  core.driver_unregister(a);
  core.bus_unregister(stranger);
  EXPECT_EQ(w.findings(), "driver-not-registered bus-not-registered");
}

TEST_F(DriverCoreTest, ABusThatGoesLetsItsDevicesGo) {
  ::device_driver a = driver("a-driver");
  ASSERT_TRUE(core.driver_register(a));
  ::device a1 = device("a1");
  ASSERT_TRUE(model.device_register(a1));
  core.bus_unregister(bus);
  unregistered = true;
  EXPECT_EQ(w.findings(), "bus-has-users");
  EXPECT_TRUE(w.nodes->list("/sys/bus").empty());
  model.device_unregister(a1);
  EXPECT_EQ(w.findings(), "");
}

TEST_F(DriverCoreTest, ADriverThatItsModuleLeftIsFoundOut) {
  ::device_driver a = driver("a-driver");
  ASSERT_TRUE(core.driver_register(a));
  ::device a1 = device("a1");
  ASSERT_TRUE(model.device_register(a1));
  calls.clear();
  core.module_gone(gone_module(a));
  EXPECT_EQ(w.findings(), "driver-left-registered");
  EXPECT_EQ(a1.driver, nullptr);
  EXPECT_EQ(calls, "") << "its code has gone";
  model.device_unregister(a1);
}

TEST_F(DriverCoreTest, AttributesOfBuses) {
  ::bus_attribute name{};
  name.attr.name = "name";
  name.attr.mode = 0444;
  name.show = &show_name;
  ASSERT_TRUE(core.create_bus_file(bus, name));
  EXPECT_EQ(w.cat("/sys/bus/letters/name"), "bus letters\n");
  EXPECT_EQ(w.open_errno("/sys/bus/letters/name", vfs::kOWrOnly), EACCES);
  core.remove_bus_file(bus, name);
  EXPECT_EQ(w.open_errno("/sys/bus/letters/name", vfs::kORdOnly), ENOENT);
}

TEST(NodeLinks, AreFollowedWhereverTheyStand) {
  NodeTable nodes({6, 12, 0}, 1);
  vfs::Inode* const node = *nodes.add_node("/sys/devices/a/value", kModeRegular);
  ASSERT_TRUE(nodes.add_link("/sys/bus/b/a", "/sys/devices/a"));
  ASSERT_TRUE(nodes.add_link("/sys/short", "/sys/bus/b/a/value"));
  EXPECT_EQ(nodes.lookup("/sys/bus/b/a/value"), node);
  EXPECT_EQ(nodes.lookup("/sys/short"), node);
  EXPECT_EQ(nodes.lookup("/sys/bus/b/a/other"), nullptr);
  EXPECT_EQ(errno_in(nodes.add_link("/sys/short", "/sys/x")), EEXIST);
  EXPECT_EQ(errno_in(nodes.add_link("short", "/sys/x")), EINVAL);
  ASSERT_TRUE(nodes.add_link("/sys/round", "/sys/round"));
  EXPECT_EQ(nodes.lookup("/sys/round/about"), nullptr) << "a ring ends";
  EXPECT_EQ(nodes.list("/sys/bus"), std::vector<std::string>{"/sys/bus/b/a"});
  nodes.remove_link("/sys/bus/b/a");
  EXPECT_EQ(nodes.lookup("/sys/short"), nullptr);
}

}  // namespace
}  // namespace vmsim::kern
