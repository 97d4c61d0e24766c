// SPDX-License-Identifier: MIT
// `vmsim cc DIRECTORY`: the modules and flags of Makefiles as drivers have them.
#include "cli/cc_fixture.hpp"

namespace vmsim {
namespace {

using testing::HasSubstr;

using CcKbuild = CcTest;

TEST_F(CcKbuild, TwoModulesGiveTwoFilesThatShareSymbols) {
  write("drv/Makefile",
        "# The usual wrapper.\n"
        "ifneq ($(KERNELRELEASE),)\n"
        "obj-m := provider.o \\\n\tuser.o   # both\n"
        "provider-objs := provider_main.o sub/more.o\n"
        "user-y += user_main.o\n"
        "ccflags-y := -I$(src)/include -DADD=5\n"
        "CFLAGS_user_main.o := -DUSER_ONLY\n"
        "else\n"
        "KDIR ?= /lib/modules/$(shell uname -r)/build\n"
        "all:\n\t$(MAKE) -C $(KDIR) M=$(PWD) modules\n"
        "endif\n");
  write("drv/include/drv.h", "int provider_add(int a);\nint more(int a);\n");
  write("drv/provider_main.c",
        "#include <linux/module.h>\n#include \"drv.h\"\n#ifdef USER_ONLY\n#error\n#endif\n"
        "int provider_add(int a) { return more(a) + ADD; }\nEXPORT_SYMBOL(provider_add);\n"
        "MODULE_LICENSE(\"GPL\");\n");
  write("drv/sub/more.c", "#include <drv.h>\nint more(int a) { return a + 100; }\n");
  write("drv/user_main.c", module_source("#include <drv.h>\n#ifndef USER_ONLY\n#error\n#endif\n",
                                         "return provider_add(1) == 106 ? 0 : -EINVAL;"));
  const Output output = vmsim("cc drv");
  ASSERT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(output.out, "provider.vko\nuser.vko\n");
  auto host = machine();
  EXPECT_FALSE(host->load_driver(path("user.vko")));
  ASSERT_TRUE(host->load_driver(path("provider.vko")));
  ASSERT_TRUE(host->load_driver(path("user.vko"))) << host->dmesg();
  EXPECT_FALSE(host->unload_driver("provider")) << "its user is still there";
  EXPECT_TRUE(host->unload_driver("user"));
  EXPECT_TRUE(host->unload_driver("provider"));
}

TEST_F(CcKbuild, ConfiguredModulesConditionalsAndOldFlags) {
  write("drv/Kbuild",
        "DEBUG = y\n"
        "ifeq ($(DEBUG),y)\n  DEBFLAGS = -O1 -g -DDRV_DEBUG\nelse\n  DEBFLAGS = -O2\nendif\n"
        "ifdef CONFIG_NOT_SET\nEXTRA_CFLAGS += -DWRONG\nendif\n"
        "EXTRA_CFLAGS += $(DEBFLAGS) -I$(DRVINC) -Werror\n"
        "obj-$(CONFIG_DRV) += $(TARGET).o nested/\n"
        "TARGET := configured\n"
        "SOURCES := $(wildcard $(src)/part_*.c)\n"
        "configured-objs := $(patsubst %.c,%.o,$(notdir $(SOURCES)))\n"
        "modules:\n\t$(MAKE) -C /lib/modules M=$(PWD) DRVINC=$(PWD)/../shared modules\n");
  write("drv/Makefile", "obj-m := wrong.o\n");
  write("drv/nested/Makefile", "obj-m += nested.o\n");
  write("drv/nested/nested.c", module_source(""));
  write("shared/shared.h", "int part_b(void);\n");
  write("drv/part_a.c",
        module_source(
            "#include \"shared.h\"\n#if !defined(DRV_DEBUG) || defined(WRONG)\n#error\n#endif\n",
            "return part_b();"));
  write("drv/part_b.c", "int part_b(void) { return 0; }\n");
  const Output output = vmsim("cc drv -o out/");
  ASSERT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(output.out, "out/configured.vko\nout/nested.vko\n");
  EXPECT_TRUE(machine()->load_driver(path("out/configured.vko")));
}

TEST_F(CcKbuild, OneFailingModuleDoesNotHideTheOther) {
  write("drv/Makefile", "obj-m := good.o bad.o\n");
  write("drv/good.c", module_source(""));
  write("drv/bad.c", module_source("", "return no_such_function();"));
  const Output output = vmsim("cc drv");
  EXPECT_EQ(output.status, 1);
  EXPECT_EQ(output.out, "good.vko\n");
  EXPECT_THAT(output.err, HasSubstr("drv/bad.c:3"));
  EXPECT_THAT(output.err, HasSubstr("bad.vko is not made: 1 name is missing"));
}

TEST_F(CcKbuild, NameAndOutputAreForOneModule) {
  write("one/Makefile", "obj-m := hello.o\n");
  write("one/hello.c", module_source(""));
  make("--name other one");
  EXPECT_TRUE(exists("other.vko"));
  write("two/Makefile", "obj-m := a.o b.o\n");
  write("two/a.c", module_source(""));
  write("two/b.c", module_source(""));
  EXPECT_THAT(vmsim("cc --name other two").err,
              HasSubstr("--name names one driver, and two has 2"));
  EXPECT_THAT(vmsim("cc -o x.vko two").err, HasSubstr("-o is 'x.vko', expected a folder"));
}

TEST_F(CcKbuild, RefusalsNameTheFile) {
  write("empty/readme.txt", "");
  EXPECT_THAT(vmsim("cc empty").err, HasSubstr("empty has neither Kbuild nor Makefile"));
  write("noobj/Makefile", "all:\n\techo hello\n");
  EXPECT_THAT(vmsim("cc noobj").err, HasSubstr("sets no obj-m, expected obj-m := NAME.o"));
  write("absent/Makefile", "obj-m := a.o\n");
  EXPECT_THAT(vmsim("cc absent").err, HasSubstr("absent/Makefile names a.o, but there is no"));
  write("open/Makefile", "ifdef X\nobj-m := a.o\n");
  EXPECT_THAT(vmsim("cc open").err, HasSubstr("has no endif"));
  EXPECT_EQ(vmsim("cc open").status, 1);
}

TEST_F(CcKbuild, AFolderThatCannotBeReadIsNamed) {
  write("locked/Makefile", "obj-m := a.o\n");
  std::filesystem::permissions(path("locked"), std::filesystem::perms::none);
  std::filesystem::permissions(path("."), std::filesystem::perms::all);
  // Root reads everything: then another user asks.
  const std::string other = ::geteuid() == 0 ? "setpriv --reuid=65534 --clear-groups" : "";
  if (std::system((other + " test -x '" VMSIM_PROGRAM "'").c_str()) != 0)
    GTEST_SKIP() << "the program is in a place of root's own";
  const Output output = vmsim("cc locked", other);
  std::filesystem::permissions(path("locked"), std::filesystem::perms::owner_all);
  EXPECT_EQ(output.status, 1);
  EXPECT_THAT(output.err, HasSubstr("locked cannot be read: Permission denied"));
}

TEST_F(CcKbuild, ADriverMayImportFromOneMadeBefore) {
  write("provider.c",
        module_source(
            "int provider_value(void) { return 3; }\nEXPORT_SYMBOL_GPL(provider_value);\n"));
  write("user.c", module_source("int provider_value(void);\n",
                                "return provider_value() == 3 ? 0 : -EINVAL;"));
  make("provider.c");
  EXPECT_EQ(vmsim("cc user.c").status, 1);
  make("user.c provider.vko");
  auto host = machine();
  ASSERT_TRUE(host->load_driver(path("provider.vko")));
  EXPECT_TRUE(host->load_driver(path("user.vko"))) << host->dmesg();
}

}  // namespace
}  // namespace vmsim
