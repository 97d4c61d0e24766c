// SPDX-License-Identifier: MIT
// Character devices, the driver model, /proc, debugfs and open files, as drivers use them.
#include <cerrno>
#include <cstring>
#include <span>

#include "abi/driver_world.hpp"
#include "kern/user_copy.hpp"

namespace vmsim::abi {
namespace {

using Class = struct class_;
constexpr const char kText[] = "hello, reader\n";

long hello_read(::file* file, char* to, Ulong count, vmsim_loff_t* pos);

::file_operations hello_ops() {
  ::file_operations ops = {};
  ops.read = hello_read;
  return ops;
}

/// What the driver of these tests calls; set by each test.
DriverWorld* current_world = nullptr;

long hello_read(::file*, char* to, Ulong count, vmsim_loff_t* pos) {
  using Read = i64(void*, Ulong, vmsim_loff_t*, const void*, Ulong);
  return current_world->import <Read>("simple_read_from_buffer")(to, count, pos, kText,
                                                                 sizeof(kText) - 1);
}

/// cat: what a program reads from a file, in pieces.
std::string contents(DriverWorld& world, const std::string& path, u64 piece = 5) {
  const auto file = world.kernel->files->open(path, vfs::kORdOnly);
  if (!file) return "open: " + file.error().to_string();
  std::string text;
  std::vector<std::byte> bytes(piece);
  for (;;) {
    kern::LentBuffer lent(*world.kernel->user_copy, std::span<std::byte>(bytes));
    const auto got = world.kernel->files->read(**file, lent.addr(), piece);
    EXPECT_TRUE(got) << (got ? "" : got.error().to_string());
    if (!got || *got == 0) break;
    text.append(reinterpret_cast<const char*>(bytes.data()), *got);
  }
  (*file)->put();
  return text;
}

bool is_error(const void* pointer, int number) {
  return reinterpret_cast<i64>(pointer) == -number;
}

TEST(DriverChrdev, region_cdev_class_and_node) {
  DriverWorld world;
  current_world = &world;
  ::file_operations ops = hello_ops();
  vmsim_dev_t dev = 0;
  EXPECT_EQ(*world.call<int(vmsim_dev_t*, unsigned, unsigned, const char*)>("alloc_chrdev_region",
                                                                            &dev, 0u, 1u, "hello"),
            0);
  EXPECT_NE(dev, 0u);
  ::cdev cdev = {};
  EXPECT_TRUE(world.call<void(::cdev*, const ::file_operations*)>("cdev_init", &cdev, &ops));
  EXPECT_EQ(*world.call<int(::cdev*, vmsim_dev_t, unsigned)>("cdev_add", &cdev, dev, 1u), 0);
  Class* const cls = *world.call<Class*(const char*)>("class_create", "hellos");
  auto* const create =
      world.import <::device*(const Class*, ::device*, vmsim_dev_t, void*, const char*, ...)>(
          "device_create");
  ::device* made = nullptr;
  EXPECT_TRUE(world.drive([&] { made = create(cls, nullptr, dev, &cdev, "greet%d", 3); }));
  ASSERT_FALSE(is_error(made, EEXIST));
  EXPECT_EQ(made->driver_data, &cdev);
  ::device* again = nullptr;
  EXPECT_TRUE(world.drive([&] { again = create(cls, nullptr, dev, &cdev, "greet%d", 3); }));
  EXPECT_TRUE(is_error(again, EEXIST));
  EXPECT_EQ(contents(world, "/dev/greet3"), kText);
  EXPECT_TRUE(world.call<void(const Class*, vmsim_dev_t)>("device_destroy", cls, dev));
  EXPECT_TRUE(world.call<void(const Class*)>("class_destroy", cls));
  EXPECT_TRUE(world.call<void(::cdev*)>("cdev_del", &cdev));
  EXPECT_TRUE(world.call<void(vmsim_dev_t, unsigned)>("unregister_chrdev_region", dev, 1u));
  EXPECT_EQ(world.kernel->char_devices->registrations(), 0u);
  EXPECT_EQ(world.kernel->devices->devices(), 1u) << "the platform bus";
  EXPECT_EQ(world.rules(), "");
}

TEST(DriverChrdev, kfree_of_the_memory_of_a_registered_cdev_is_reported) {
  DriverWorld world;
  ::file_operations ops = hello_ops();
  auto* const cdev = static_cast<::cdev*>(
      *world.call<void*(std::size_t, vmsim_gfp_t)>("kzalloc", sizeof(::cdev), VMSIM_GFP_KERNEL));
  EXPECT_TRUE(world.call<void(::cdev*, const ::file_operations*)>("cdev_init", cdev, &ops));
  const vmsim_dev_t dev = 240u << 20;
  EXPECT_EQ(*world.call<int(::cdev*, vmsim_dev_t, unsigned)>("cdev_add", cdev, dev, 1u), 0);
  EXPECT_TRUE(world.call<void(const void*)>("kfree", cdev));
  EXPECT_EQ(world.rules(), "cdev-freed-registered ");
  EXPECT_TRUE(world.call<void(vmsim_dev_t, unsigned)>("unregister_chrdev_region", dev, 1u));
}

TEST(DriverChrdev, class_create_before_6_4_names_its_owner) {
  DriverWorld world({5, 10, 0});
  Class* const cls = *world.call<Class*(::module*, const char*)>("class_create", nullptr, "old");
  EXPECT_STREQ(cls->name, "old");
  EXPECT_TRUE(world.call<void(const Class*)>("class_destroy", cls));
  EXPECT_TRUE(world.call<void(const Class*)>("class_destroy", reinterpret_cast<Class*>(-12l)));
  EXPECT_EQ(world.rules(), "");
}

TEST(DriverChrdev, class_simple_of_2_6_10) {
  DriverWorld world({2, 6, 10});
  char name[] = "simple";
  auto* const cls = *world.call<Class*(::module*, char*)>("class_simple_create", nullptr, name);
  auto* const add = world.import <::device*(Class*, vmsim_dev_t, ::device*, const char*, ...)>(
      "class_simple_device_add");
  const vmsim_dev_t dev = 240u << 20;
  EXPECT_TRUE(world.drive([&] { add(cls, dev, nullptr, "thing%d", 0); }));
  EXPECT_NE(world.kernel->nodes->lookup("/dev/thing0"), nullptr);
  EXPECT_TRUE(world.call<void(vmsim_dev_t)>("class_simple_device_remove", dev));
  EXPECT_EQ(world.kernel->nodes->lookup("/dev/thing0"), nullptr);
  EXPECT_TRUE(world.call<void(Class*)>("class_simple_destroy", cls));
}

TEST(DriverChrdev, register_chrdev_of_old_drivers) {
  DriverWorld world({2, 6, 10});
  current_world = &world;
  ::file_operations ops = hello_ops();
  using Register = int(unsigned, const char*, const ::file_operations*);
  EXPECT_EQ(*world.call<Register>("register_chrdev", 250u, "first", &ops), 0);
  EXPECT_EQ(*world.call<Register>("register_chrdev", 250u, "second", &ops), -EBUSY);
  const int dynamic = *world.call<Register>("register_chrdev", 0u, "third", &ops);
  EXPECT_GT(dynamic, 0);
  EXPECT_EQ(*world.call<int(unsigned, const char*)>("unregister_chrdev", 250u, "first"), 0);
  EXPECT_EQ(*world.call<int(unsigned, const char*)>("unregister_chrdev",
                                                    static_cast<unsigned>(dynamic), "third"),
            0);
  EXPECT_EQ(world.kernel->char_devices->registrations(), 0u);
}

TEST(DriverMisc, register_open_read_and_managed_memory) {
  DriverWorld world;
  current_world = &world;
  ::file_operations ops = hello_ops();
  ::miscdevice misc = {};
  misc.minor = 255;
  misc.name = "hellomisc";
  misc.fops = &ops;
  EXPECT_EQ(*world.call<int(::miscdevice*)>("misc_register", &misc), 0);
  EXPECT_NE(misc.minor, 255);
  EXPECT_EQ(contents(world, "/dev/hellomisc"), kText);
  EXPECT_NE(*world.call<void*(::device*, Ulong, vmsim_gfp_t)>("devm_kzalloc", misc.this_device,
                                                              40ul, VMSIM_GFP_KERNEL),
            nullptr);
  EXPECT_EQ(world.memory().slab->live_objects(), 1u);
  EXPECT_TRUE(world.call<void(::miscdevice*)>("misc_deregister", &misc));
  EXPECT_EQ(world.memory().slab->live_objects(), 0u);
}

// --- devices and managed resources ---

int actions;

void note_action(void* data) {
  actions = actions * 10 + static_cast<int>(reinterpret_cast<i64>(data));
}

TEST(DriverDevres, goes_with_the_device_newest_first) {
  DriverWorld world;
  ::device dev = {};
  dev.release = [](::device*) {};
  auto* const set_name = world.import <int(::device*, const char*, ...)>("dev_set_name");
  EXPECT_TRUE(world.drive([&] { set_name(&dev, "managed%d", 1); }));
  EXPECT_EQ(*world.call<int(::device*)>("device_register", &dev), 0);
  actions = 0;
  using Add = int(::device*, void (*)(void*), void*);
  EXPECT_EQ(
      *world.call<Add>("devm_add_action_or_reset", &dev, &note_action, reinterpret_cast<void*>(1)),
      0);
  void* const memory = *world.call<void*(::device*, Ulong, Ulong, vmsim_gfp_t)>(
      "devm_kcalloc", &dev, 4ul, 8ul, VMSIM_GFP_KERNEL);
  EXPECT_EQ(
      *world.call<Add>("devm_add_action_or_reset", &dev, &note_action, reinterpret_cast<void*>(2)),
      0);
  char* const text = *world.call<char*(::device*, const char*, vmsim_gfp_t)>(
      "devm_kstrdup", &dev, "abc", VMSIM_GFP_KERNEL);
  EXPECT_STREQ(text, "abc");
  EXPECT_TRUE(world.call<void(::device*, const void*)>("devm_kfree", &dev, memory));
  EXPECT_TRUE(world.call<void(::device*, const void*)>("devm_kfree", &dev, memory));
  EXPECT_TRUE(world.found("devm-kfree-stranger"));
  EXPECT_EQ(*world.call<void*(::device*, Ulong, Ulong, vmsim_gfp_t)>("devm_kcalloc", &dev, ~0ul,
                                                                     8ul, VMSIM_GFP_KERNEL),
            nullptr);
  EXPECT_TRUE(world.call<void(::device*)>("device_unregister", &dev));
  EXPECT_EQ(actions, 21);
  EXPECT_EQ(world.memory().slab->live_objects(), 0u);
}

long number_show(::device*, ::device_attribute*, char* to) {
  return current_world->import <int(char*, const char*, ...)>("sysfs_emit")(to, "%d\n", 42);
}

TEST(DriverDevices, attributes_and_groups) {
  DriverWorld world;
  current_world = &world;
  ::device dev = {};
  dev.init_name = "shown";
  dev.release = [](::device*) {};
  ::device_attribute number = {};
  number.attr.name = "number";
  number.attr.mode = 0444;
  number.show = number_show;
  EXPECT_EQ(*world.call<int(::device*)>("device_register", &dev), 0);
  EXPECT_EQ(
      *world.call<int(::device*, const ::device_attribute*)>("device_create_file", &dev, &number),
      0);
  EXPECT_EQ(contents(world, "/sys/devices/shown/number"), "42\n");
  EXPECT_TRUE(
      world.call<void(::device*, const ::device_attribute*)>("device_remove_file", &dev, &number));
  ::attribute* list[] = {&number.attr, nullptr};
  ::attribute_group group = {};
  group.attrs = list;
  EXPECT_EQ(*world.call<int(::kobject*, const ::attribute_group*)>("sysfs_create_group", &dev.kobj,
                                                                   &group),
            0);
  EXPECT_EQ(contents(world, "/sys/devices/shown/number"), "42\n");
  EXPECT_EQ(*world.call<int(::kobject*, const ::attribute_group*)>("sysfs_create_group", &dev.kobj,
                                                                   &group),
            -EEXIST);
  EXPECT_EQ(world.kernel->nodes->lookup("/sys/devices/shown/number"), nullptr)
      << "the failed call removes the group";
  EXPECT_TRUE(world.call<void(::device*)>("device_unregister", &dev));
}

TEST(DriverDevices, kobjects_are_counted) {
  DriverWorld world;
  ::kobject* const object =
      *world.call<::kobject*(const char*, ::kobject*)>("kobject_create_and_add", "thing", nullptr);
  EXPECT_STREQ(object->name, "thing");
  EXPECT_EQ(*world.call<::kobject*(::kobject*)>("kobject_get", object), object);
  EXPECT_TRUE(world.call<void(::kobject*)>("kobject_put", object));
  EXPECT_EQ(world.memory().slab->live_objects(), 1u);
  EXPECT_TRUE(world.call<void(::kobject*)>("kobject_put", object));
  EXPECT_EQ(world.memory().slab->live_objects(), 0u);
}

// --- files ---

TEST(DriverFiles, seeking) {
  DriverWorld world;
  ::inode node = {};
  node.i_size = 100;
  ::file file = {};
  file.f_inode = &node;
  using Seek = i64(::file*, i64, int);
  EXPECT_EQ(*world.call<Seek>("default_llseek", &file, i64{-10}, 2), 90);
  EXPECT_EQ(file.f_pos, 90);
  EXPECT_EQ(*world.call<Seek>("default_llseek", &file, i64{-200}, 1), -EINVAL);
  EXPECT_EQ(*world.call<Seek>("noop_llseek", &file, i64{5}, 0), 90);
  EXPECT_EQ(*world.call<Seek>("no_llseek", &file, i64{5}, 0), -ESPIPE);
  EXPECT_EQ(*world.call<Seek>("generic_file_llseek", &file, i64{10}, 3), 10);
  EXPECT_EQ(*world.call<Seek>("generic_file_llseek", &file, i64{10}, 4), 100);
  using Fixed = i64(::file*, i64, int, i64);
  EXPECT_EQ(*world.call<Fixed>("fixed_size_llseek", &file, i64{64}, 0, i64{64}), 64);
  EXPECT_EQ(*world.call<Fixed>("fixed_size_llseek", &file, i64{65}, 0, i64{64}), -EINVAL);
  EXPECT_EQ(*world.call<Seek>("no_seek_end_llseek", &file, i64{0}, 2), -EINVAL);
  file.f_mode = ~0u;
  EXPECT_EQ(*world.call<int(::inode*, ::file*)>("nonseekable_open", &node, &file), 0);
  EXPECT_EQ(file.f_mode & (vfs::kFmodeLseek | vfs::kFmodePread | vfs::kFmodePwrite), 0u);
}

TEST(DriverFiles, buffers) {
  DriverWorld world;
  char bytes[8] = "abcdefg";
  const u64 user = world.user_pages(1);
  world.store_user(user, "XYZ", 3);
  vmsim_loff_t pos = 6;
  using Write = i64(void*, Ulong, vmsim_loff_t*, const void*, Ulong);
  void* const kernel_side = bytes;
  const void* const user_side = reinterpret_cast<const void*>(user);
  EXPECT_EQ(*world.call<Write>("simple_write_to_buffer", kernel_side, 8ul, &pos, user_side, 3ul),
            2);
  EXPECT_EQ(pos, 8);
  EXPECT_EQ(bytes[6], 'X');
  EXPECT_EQ(bytes[7], 'Y');
  EXPECT_EQ(*world.call<Write>("simple_write_to_buffer", kernel_side, 8ul, &pos, user_side, 3ul),
            0);
  pos = -1;
  EXPECT_EQ(*world.call<Write>("simple_write_to_buffer", kernel_side, 8ul, &pos, user_side, 3ul),
            -EINVAL);
  pos = 0;
  const void* const nowhere = reinterpret_cast<const void*>(0x1000);
  EXPECT_EQ(*world.call<Write>("simple_write_to_buffer", kernel_side, 8ul, &pos, nowhere, 3ul),
            -EFAULT);
  EXPECT_EQ(pos, 0);
}

TEST(DriverFiles, sigio_reaches_who_asked) {
  DriverWorld world;
  ::file file = {};
  ::fasync_struct* list = nullptr;
  using Helper = int(int, ::file*, int, ::fasync_struct**);
  EXPECT_EQ(*world.call<Helper>("fasync_helper", 3, &file, 1, &list), 1);
  EXPECT_EQ(*world.call<Helper>("fasync_helper", 3, &file, 1, &list), 0);
  ASSERT_NE(list, nullptr);
  EXPECT_TRUE(world.call<void(::fasync_struct**, int, int)>("kill_fasync", &list, 29, 1));
  EXPECT_TRUE(world.task->signal_pending());
  world.task->clear_signal();
  EXPECT_EQ(*world.call<Helper>("fasync_helper", -1, &file, 0, &list), 1);
  EXPECT_EQ(list, nullptr);
  EXPECT_EQ(*world.call<Helper>("fasync_helper", -1, &file, 0, &list), 0);
  EXPECT_TRUE(world.call<void(::fasync_struct**, int, int)>("kill_fasync", &list, 29, 1));
  EXPECT_FALSE(world.task->signal_pending());
}

TEST(DriverFiles, inode_lock_excludes) {
  DriverWorld world;
  ::inode node = {};
  auto* const lock = world.import <void(::inode*)>("inode_lock");
  auto* const unlock = world.import <void(::inode*)>("inode_unlock");
  EXPECT_TRUE(world.drive([&] {
    lock(&node);
    unlock(&node);
    lock(&node);
    unlock(&node);
  }));
  EXPECT_FALSE(world.drive([&] {
    lock(&node);
    lock(&node);
  }));
}

// --- /proc and debugfs ---

int show_numbers(::seq_file* m, void*) {
  auto* const printf = current_world->import <int(::seq_file*, const char*, ...)>("seq_printf");
  auto* const puts = current_world->import <int(::seq_file*, const char*)>("seq_puts");
  for (int i = 0; i < 2000; ++i) printf(m, "%d\n", i);
  puts(m, "end\n");
  return 0;
}

TEST(DriverProc, single_files_grow_their_buffer) {
  DriverWorld world;
  current_world = &world;
  using Create = ::proc_dir_entry*(const char*, vmsim_umode_t, ::proc_dir_entry*,
                                   int (*)(::seq_file*, void*), void*);
  auto* const entry = *world.call<Create>("proc_create_single_data", "numbers", vmsim_umode_t{0444},
                                          nullptr, &show_numbers, nullptr);
  ASSERT_NE(entry, nullptr);
  const std::string text = contents(world, "/proc/numbers", 1000);
  EXPECT_EQ(text.substr(0, 4), "0\n1\n");
  EXPECT_EQ(text.substr(text.size() - 9), "1999\nend\n");
  EXPECT_EQ(*world.call<Create>("proc_create_single_data", "numbers", vmsim_umode_t{0444}, nullptr,
                                &show_numbers, nullptr),
            nullptr);
  EXPECT_TRUE(
      world.call<void(const char*, ::proc_dir_entry*)>("remove_proc_entry", "numbers", nullptr));
  EXPECT_EQ(world.kernel->proc->entries(), 0u);
}

TEST(DriverDebugfs, files_folders_and_numbers) {
  DriverWorld world;
  current_world = &world;
  ::file_operations ops = hello_ops();
  u32 value = 17;
  ::dentry* const folder =
      *world.call<::dentry*(const char*, ::dentry*)>("debugfs_create_dir", "probe", nullptr);
  using File = ::dentry*(const char*, vmsim_umode_t, ::dentry*, void*, const ::file_operations*);
  EXPECT_TRUE(
      world.call<File>("debugfs_create_file", "hello", vmsim_umode_t{0444}, folder, nullptr, &ops));
  using Number = void(const char*, vmsim_umode_t, ::dentry*, u32*);
  EXPECT_TRUE(
      world.call<Number>("debugfs_create_u32", "value", vmsim_umode_t{0644}, folder, &value));
  EXPECT_EQ(contents(world, "/sys/kernel/debug/probe/hello"), kText);
  EXPECT_EQ(contents(world, "/sys/kernel/debug/probe/value"), "17\n");
  std::string text = "0x30\n";
  {
    const auto file = world.kernel->files->open("/sys/kernel/debug/probe/value", vfs::kOWrOnly);
    ASSERT_TRUE(file);
    kern::LentBuffer lent(*world.kernel->user_copy, std::as_bytes(std::span(text)));
    EXPECT_TRUE(world.kernel->files->write(**file, lent.addr(), text.size()));
    (*file)->put();
  }
  EXPECT_EQ(value, 0x30u);
  EXPECT_TRUE(world.call<void(::dentry*)>("debugfs_remove_recursive", folder));
  EXPECT_EQ(world.door->debugfs->entries(), 0u);
  EXPECT_EQ(world.rules(), "");
  EXPECT_TRUE(world.call<void(::dentry*)>("debugfs_remove", folder));
  EXPECT_TRUE(world.found("debugfs-not-there"));
}

}  // namespace
}  // namespace vmsim::abi
