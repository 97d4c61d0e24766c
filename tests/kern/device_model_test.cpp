// SPDX-License-Identifier: MIT
// Classes, devices, their nodes and attributes, and reference counts that do not add up.
#include "kern/device_model.hpp"

#include <cerrno>

#include "kern/kern_world.hpp"

namespace vmsim::kern {
namespace {

std::string calls;
DeviceModel* model = nullptr;
Slab* slab = nullptr;

void release(::device*) {
  calls += "release ";
}

void class_release(const struct class_*) {
  calls += "class_release ";
}

char* devnode(const ::device*, vmsim_umode_t* mode) {
  *mode = 0640;
  auto* const text = static_cast<char*>(slab->kmalloc(16, 0xcc0));
  std::strcpy(text, "sub/named");
  return text;
}

long show(::device* dev, ::device_attribute*, char* page) {
  std::strcpy(page, static_cast<const char*>(dev->driver_data));
  return static_cast<long>(std::strlen(page));
}

long store(::device* dev, ::device_attribute*, const char* text, unsigned long count) {
  std::strcpy(static_cast<char*>(dev->driver_data), text);
  return static_cast<long>(count);
}

long show_too_much(::device*, ::device_attribute*, char*) {
  return 5000;
}

vmsim_umode_t hide_second(::kobject*, ::attribute* attr, int index) {
  return index == 1 ? vmsim_umode_t{0} : attr->mode;
}

struct DeviceModelTest : ::testing::Test {
  DeviceModelTest() {
    calls.clear();
    model = w.devices.get();
    slab = w.memory->slab.get();
  }

  KernWorld w;
};

TEST_F(DeviceModelTest, CreatesANodeByName) {
  struct class_* const cls = *model->class_create(nullptr, "lesson");
  ::device* const dev = *model->device_create(cls, nullptr, mkdev(240, 3), &calls, "bus!dev3");
  EXPECT_STREQ(DeviceModel::name_of(*dev), "bus!dev3");
  EXPECT_EQ(dev->driver_data, &calls);
  ASSERT_NE(w.nodes->lookup("/dev/bus/dev3"), nullptr);
  EXPECT_EQ(w.nodes->lookup("/dev/bus/dev3")->i_rdev, mkdev(240, 3));
  EXPECT_TRUE(model->device_create(cls, nullptr, 0, nullptr, "nodeless"));
  model->device_destroy(cls, mkdev(240, 9));  // there is none: nothing happens
  model->device_destroy(cls, mkdev(240, 3));
  EXPECT_EQ(w.nodes->lookup("/dev/bus/dev3"), nullptr);
  model->device_destroy(cls, 0);
  model->class_destroy(cls);
  EXPECT_EQ(w.findings(), "");
}

TEST_F(DeviceModelTest, ItsNodeTakesTheRegionsPlace) {
  const ::file_operations ops = {};
  EXPECT_EQ(*w.chrdevs->register_chrdev(240, 0, 1, "same", &ops), 240u);
  vfs::Inode* const automatic = w.nodes->lookup("/dev/same");
  ASSERT_NE(automatic, nullptr);
  struct class_* const cls = *model->class_create(nullptr, "c");
  ASSERT_TRUE(model->device_create(cls, nullptr, mkdev(240, 0), nullptr, "same"));
  EXPECT_NE(w.nodes->lookup("/dev/same"), automatic);
  w.chrdevs->unregister_chrdev(240, 0, 1, "same");
  EXPECT_NE(w.nodes->lookup("/dev/same"), nullptr) << "the named node stays until its device goes";
  model->device_destroy(cls, mkdev(240, 0));
  model->class_destroy(cls);
}

TEST_F(DeviceModelTest, Refusals) {
  EXPECT_EQ(errno_in(model->class_create(nullptr, "")), EINVAL);
  struct class_* const cls = *model->class_create(nullptr, "c");
  EXPECT_EQ(errno_in(model->class_create(nullptr, "c")), EEXIST);
  EXPECT_EQ(errno_in(model->device_create(nullptr, nullptr, 0, nullptr, "x")), ENODEV);
  EXPECT_EQ(errno_in(model->device_create(reinterpret_cast<struct class_*>(-17), nullptr, 0,
                                          nullptr, "x")),
            ENODEV);
  EXPECT_EQ(errno_in(model->device_create(cls, nullptr, 0, nullptr, "")), EINVAL);
  ASSERT_TRUE(model->device_create(cls, nullptr, mkdev(240, 0), nullptr, "x"));
  EXPECT_EQ(errno_in(model->device_create(cls, nullptr, mkdev(240, 1), nullptr, "x")), EEXIST);
  struct class_* const other = *model->class_create(nullptr, "d");
  EXPECT_EQ(errno_in(model->device_create(other, nullptr, mkdev(240, 1), nullptr, "x")), EEXIST)
      << "the node's name";
  EXPECT_EQ(model->devices(), 1u);
  model->class_destroy(cls);
  EXPECT_EQ(w.findings(), "class-has-devices");
  model->device_destroy(cls, mkdev(240, 0));
  model->class_destroy(other);
  model->class_destroy(other);
  EXPECT_EQ(w.findings(), "class-not-registered");
  model->class_destroy(nullptr);
  EXPECT_EQ(w.findings(), "");
}

TEST_F(DeviceModelTest, DriverAllocatedDevicesAreReleasedAtTheLastReference) {
  ::device dev{};
  dev.init_name = "mine";
  dev.release = release;
  ASSERT_TRUE(model->device_register(dev));
  EXPECT_STREQ(DeviceModel::name_of(dev), "mine");
  model->get_device(&dev);
  model->device_unregister(dev);
  EXPECT_EQ(calls, "");
  model->put_device(&dev);
  EXPECT_EQ(calls, "release ");
  model->put_device(&dev);
  EXPECT_EQ(w.findings(), "device-put-too-often");
  model->device_del(dev);
  EXPECT_EQ(w.findings(), "device-not-registered");
  ::device bad{};
  model->set_name(bad.kobj, "bad");
  ASSERT_TRUE(model->device_register(bad));
  model->device_unregister(bad);
  EXPECT_EQ(w.findings(), "device-no-release");
}

TEST_F(DeviceModelTest, ARegisteredClassNamesTheNode) {
  struct class_ cls {};

  cls.name = "drv";
  cls.devnode = devnode;
  cls.class_release = class_release;
  ASSERT_TRUE(model->class_register(cls));
  EXPECT_EQ(errno_in(model->class_register(cls)), EEXIST);
  ASSERT_TRUE(model->device_create(&cls, nullptr, mkdev(240, 0), nullptr, "x"));
  ASSERT_NE(w.nodes->lookup("/dev/sub/named"), nullptr);
  EXPECT_EQ(w.nodes->lookup("/dev/sub/named")->i_mode & 0777, 0640);
  model->device_destroy(&cls, mkdev(240, 0));
  model->class_unregister(&cls);
  EXPECT_EQ(calls, "class_release ");
  EXPECT_EQ(slab->live_objects(), 0u) << "the name was freed";
}

TEST_F(DeviceModelTest, AttributesAreFiles) {
  char text[64] = "value\n";
  ::device_attribute both{{"both", 0644}, show, store}, reader{{"reader", 0444}, show, nullptr},
      much{{"much", 0444}, show_too_much, nullptr};
  ::attribute* attrs[] = {&both.attr, &reader.attr, nullptr};
  ::attribute_group group{};
  group.attrs = attrs;
  group.is_visible = hide_second;
  const ::attribute_group* groups[] = {&group, nullptr};

  struct class_ cls {};

  cls.name = "drv";
  cls.dev_groups = groups;
  ASSERT_TRUE(model->class_register(cls));
  ::device* const dev = *model->device_create(&cls, nullptr, 0, text, "x");
  EXPECT_EQ(w.cat("/sys/class/drv/x/both"), "value\n");
  EXPECT_EQ(w.nodes->lookup("/sys/class/drv/x/reader"), nullptr) << "is_visible said no";
  ASSERT_TRUE(model->create_file(*dev, reader));
  EXPECT_EQ(errno_in(model->create_file(*dev, reader)), EEXIST);
  EXPECT_EQ(w.open_errno("/sys/class/drv/x/reader", vfs::kOWrOnly), EACCES);
  vfs::File& file = **w.files->open("/sys/class/drv/x/both", vfs::kORdWr);
  w.put("new");
  EXPECT_EQ(*w.files->write(file, w.buffer, 3), 3u);
  EXPECT_STREQ(text, "new");
  EXPECT_EQ(*w.files->llseek(file, 0, 0), 0);
  EXPECT_EQ(*w.files->read(file, w.buffer, 100), 3u);
  ASSERT_TRUE(model->create_file(*dev, much));
  EXPECT_EQ(w.cat("/sys/class/drv/x/much").size(), 4095u);
  EXPECT_EQ(w.findings(), "sysfs-show-overflow");
  model->remove_file(*dev, much);
  EXPECT_EQ(w.nodes->lookup("/sys/class/drv/x/much"), nullptr);
  model->device_destroy(&cls, 0);
  EXPECT_EQ(errno_in(w.files->write(file, w.buffer, 3)), ENODEV)
      << "the device has gone under the file";
  file.put();
  model->class_unregister(&cls);
}

TEST_F(DeviceModelTest, FailingInTheMiddleLeavesNothing) {
  struct class_* const cls = *model->class_create(nullptr, "c");
  ASSERT_TRUE(w.chrdevs->add_node("/dev/x", mkdev(1, 1)));
  EXPECT_EQ(errno_in(model->device_create(cls, nullptr, mkdev(240, 0), nullptr, "x")), EEXIST);
  EXPECT_EQ(model->devices(), 0u);
  EXPECT_TRUE(w.nodes->remove("/dev/x"));
  model->class_destroy(cls);
}

TEST_F(DeviceModelTest, Leftovers) {
  struct Image {
    ::module module;
    char name[4];
  } image{{}, "cls"};
  struct class_* const cls = *model->class_create(nullptr, image.name);
  ASSERT_TRUE(model->device_create(cls, nullptr, mkdev(240, 0), nullptr, "x"));
  w.leftovers->gone(gone_module(image));
  EXPECT_EQ(w.findings(), "device-left-registered device-left-registered");
  EXPECT_EQ(model->classes(), 1u) << "misc's own";
}

}  // namespace
}  // namespace vmsim::kern
