// SPDX-License-Identifier: MIT
// Drivers that `vmsim cc` has made, in machines: stubs that stop by name, names that collide, life
// after life.
#include "cli/cc_fixture.hpp"

namespace vmsim {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

using CcRun = CcTest;

/// A misc device whose read calls `call`.
std::string device_source(const std::string& name, const std::string& declarations,
                          const std::string& call) {
  return "#include <linux/fs.h>\n#include <linux/miscdevice.h>\n#include <linux/module.h>\n" +
         declarations +
         "\nstatic ssize_t drv_read(struct file *f, char __user *b, size_t n, loff_t *p)\n{\n\t" +
         call +
         "\n}\nstatic int open(struct inode *i, struct file *f) { return 0; }\n"
         "static const struct file_operations fops = { .owner = THIS_MODULE, .open = open, .read = "
         "drv_read };\n"
         "static struct miscdevice device = { .minor = MISC_DYNAMIC_MINOR, .name = \"" +
         name +
         "\", .fops = &fops };\n"
         "static int __init start(void) { return misc_register(&device); }\n"
         "static void __exit stop(void) { misc_deregister(&device); }\n"
         "module_init(start);\nmodule_exit(stop);\nMODULE_LICENSE(\"GPL\");\n";
}

Result<u64> read_device(Machine& host, const std::string& name) {
  Process& app = *host.spawn("app").value();
  const int fd = VMSIM_TRY(app.open("/dev/" + name));
  std::byte byte{};
  return app.read(fd, {&byte, 1});
}

TEST_F(CcRun, AStubStopsTheDriverByItsName) {
  write("drv.c", device_source("drv", "", "return undeclared_thing(1);"));
  EXPECT_EQ(vmsim("cc drv.c").status, 1);
  const Output output = vmsim("cc --stubs drv.c");
  ASSERT_EQ(output.status, 0) << output.err;
  EXPECT_THAT(output.err, HasSubstr("warning: implicit declaration of function"));
  EXPECT_THAT(
      output.err,
      HasSubstr(
          "drv.vko is linked with stubs, which stop it when it calls them: undeclared_thing"));
  auto host = machine();
  ASSERT_TRUE(host->load_driver(path("drv.vko"))) << host->dmesg();
  EXPECT_TRUE(host->dmesg_contains("drv: loaded with stubs for undeclared_thing"));
  EXPECT_FALSE(host->tainted());
  static_cast<void>(read_device(*host, "drv"));
  EXPECT_TRUE(host->tainted());
  EXPECT_THAT(host->dmesg(),
              ContainsRegex("vmsim: undeclared_thing is not implemented "
                            "\\(called from drv_read\\+0x[0-9a-f]+/0x[0-9a-f]+ \\[drv\\]\\)"));
  ASSERT_FALSE(host->findings().empty());
  EXPECT_EQ(host->findings().front().rule, "not-implemented");
  // The machine goes on.
  Process* const next = host->spawn("next").value();
  EXPECT_TRUE(next->mmap({.length = 4096, .flags = kMapPrivate | kMapAnonymous}));
}

TEST_F(CcRun, StubsStandForDeclaredFunctionsPointersAndData) {
  write(
      "drv.c",
      device_source(
          "drv", "extern int declared(int); extern int number;\nint (*pointer)(int) = declared;\n",
          "return n == 1 ? pointer(1) : number;"));
  ASSERT_EQ(vmsim("cc --stubs drv.c").status, 0);
  auto host = machine();
  ASSERT_TRUE(host->load_driver(path("drv.vko"))) << host->dmesg();
  static_cast<void>(read_device(*host, "drv"));
  EXPECT_THAT(host->dmesg(),
              HasSubstr("vmsim: declared is not implemented (called from drv_read+"));
  Process& app = *host->spawn("second").value();
  std::byte bytes[2];
  static_cast<void>(app.read(app.open("/dev/drv").value(), bytes));
  EXPECT_THAT(host->dmesg(), HasSubstr("vmsim: number is not implemented (used at drv_read+"));
}

TEST_F(CcRun, StubsWithNothingMissingAreNone) {
  write("drv.c", device_source("drv", "", "return 0;"));
  const Output output = vmsim("cc --stubs drv.c");
  EXPECT_EQ(output.status, 0);
  EXPECT_EQ(output.err, "");
}

TEST_F(CcRun, AStubGivesWayToAModuleThatExportsIt) {
  write("user.c", module_source("int value(void);\n", "return value() == 4 ? 0 : -EINVAL;"));
  write("provider.c", module_source("int value(void) { return 4; }\nEXPORT_SYMBOL(value);\n"));
  ASSERT_EQ(vmsim("cc --stubs user.c").status, 0);
  make("provider.c");
  auto host = machine();
  ASSERT_TRUE(host->load_driver(path("provider.vko")));
  EXPECT_TRUE(host->load_driver(path("user.vko"))) << host->dmesg();
  EXPECT_FALSE(host->tainted());
}

/// Without the mark, what is missing is refused, all of it.
TEST_F(CcRun, WithoutStubsTheLoaderListsWhatIsMissing) {
  write("user.c",
        module_source("int first(void); int second(void);\n", "return first() + second();"));
  write("provider.c", module_source("int first(void) { return 0; }\nEXPORT_SYMBOL(first);\n"
                                    "int second(void) { return 0; }\nEXPORT_SYMBOL(second);\n"));
  make("provider.c");
  make("user.c provider.vko");
  const auto loaded = machine()->load_driver(path("user.vko"));
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().message, HasSubstr("first"));
  EXPECT_THAT(loaded.error().message, HasSubstr("second"));
}

TEST_F(CcRun, EqualNamesInTwoDriversAreTwoThings) {
  // `counter` is global in both, and so are a libc's and a kernel's names.
  const auto source = [](const std::string& name, const std::string& start) {
    return device_source(name,
                         "int counter = " + start + ";\nint write(void) { return ++counter; }\n",
                         "return write();");
  };
  write("one.c", source("one", "100"));
  write("two.c", source("two", "200"));
  make("one.c");
  make("two.c");
  auto host = machine(), other = machine();
  for (const char* const file : {"one.vko", "two.vko"}) ASSERT_TRUE(host->load_driver(path(file)));
  ASSERT_TRUE(other->load_driver(path("one.vko")));
  EXPECT_EQ(read_device(*host, "one").value(), 101);
  EXPECT_EQ(read_device(*host, "two").value(), 201);
  EXPECT_EQ(read_device(*host, "one").value(), 102);
  EXPECT_EQ(read_device(*other, "one").value(), 101) << "a second machine has its own copy";
}

TEST_F(CcRun, TenLivesEachWithFreshData) {
  write("drv.c", device_source("drv", "static int counter = 7;\n", "return ++counter;"));
  make("drv.c");
  auto host = machine();
  const Ledger before = host->ledger();
  for (int life = 0; life < 10; ++life) {
    ASSERT_TRUE(host->load_driver(path("drv.vko"))) << life;
    Process& app = *host->spawn("app").value();
    const int fd = app.open("/dev/drv").value();
    std::byte byte{};
    EXPECT_EQ(app.read(fd, {&byte, 1}).value(), 8) << life;
    ASSERT_TRUE(app.close(fd));
    app.exit(0);
    ASSERT_TRUE(host->unload_driver("drv")) << life;
  }
  EXPECT_EQ(host->ledger(), before);
}

}  // namespace
}  // namespace vmsim
