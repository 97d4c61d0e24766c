// SPDX-License-Identifier: MIT
// `vmsim cc` with sources on its command line: options, what it writes, and how it refuses.
#include <algorithm>
#include <sstream>
#include <vector>

#include "cli/cc_fixture.hpp"

namespace vmsim {
namespace {

using testing::HasSubstr;

using Cc = CcTest;

TEST_F(Cc, OneSourceMakesADriverOfItsName) {
  write("hello.c", module_source("", "pr_info(\"hello from %s\\n\", KBUILD_MODNAME); return 0;"));
  const Output output = vmsim("cc hello.c");
  ASSERT_EQ(output.status, 0) << output.err;
  EXPECT_EQ(output.out, "hello.vko\n");
  EXPECT_EQ(output.err, "");
  auto host = machine();
  ASSERT_TRUE(host->load_driver(path("hello.vko"))) << host->dmesg();
  EXPECT_TRUE(host->dmesg_contains("hello from hello"));
}

TEST_F(Cc, ManySourcesMakeOneDriver) {
  write("first.c", module_source("int second(void);", "return second();"));
  write("second-part.c", "int second(void) { return -7; }\n");
  make("first.c second-part.c --name my-driver");
  auto host = machine();
  const auto loaded = host->load_driver(path("my-driver.vko"));
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().errno_value, 7) << loaded.error().to_string();
  EXPECT_THAT(loaded.error().message, HasSubstr("my_driver"));
}

TEST_F(Cc, OutputIsAFileOrAFolder) {
  write("hello.c", module_source(""));
  make("-o other.vko hello.c");
  EXPECT_TRUE(exists("other.vko"));
  EXPECT_FALSE(exists("hello.vko"));
  make("-o drivers/ hello.c");
  EXPECT_TRUE(exists("drivers/hello.vko"));
  const Output output = vmsim("cc -o nowhere/at/all.vko hello.c");
  EXPECT_EQ(output.status, 1);
  EXPECT_THAT(output.err, HasSubstr("nowhere/at/all.vko cannot be written"));
}

TEST_F(Cc, FlagsReachTheCompiler) {
  write("inc/answer.h", "#define ANSWER 42\n");
  write("flags.c",
        module_source(
            "#include <answer.h>\n"
            "#if !defined(FIRST) || SECOND != 2 || !defined(__OPTIMIZE__)\n#error flags\n#endif\n",
            "return -ANSWER;"));
  make("-Iinc -D FIRST -DSECOND=2 -O1 -g3 -Wextra -Wno-unused-parameter flags.c");
  make("-I inc -DFIRST -D SECOND=2 flags.c");
  auto host = machine();
  EXPECT_EQ(host->load_driver(path("flags.vko")).error().errno_value, 42);
  const Output none = vmsim("cc -I nothere flags.c");
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.err, HasSubstr("-I nothere: there is no such folder"));
}

TEST_F(Cc, KernelDecidesPrototypesAndVersion) {
  write("era.c",
        module_source("#include <linux/version.h>\n",
                      "return LINUX_VERSION_CODE == KERNEL_VERSION(2, 6, 10) ? -10 : -12;"));
  make("--kernel 2.6.10 era.c -o old.vko");
  make("era.c -o new.vko");
  EXPECT_EQ(machine({2, 6, 10})->load_driver(path("old.vko")).error().errno_value, 10);
  EXPECT_EQ(machine()->load_driver(path("new.vko")).error().errno_value, 12);
  const auto foreign = machine()->load_driver(path("old.vko"));
  ASSERT_FALSE(foreign);
  EXPECT_THAT(foreign.error().message, HasSubstr("version magic"));
}

TEST_F(Cc, EveryTestedKernelCompiles) {
  write("plain.c", module_source("#include <linux/fs.h>\n#include <linux/mm.h>\n"));
  for (const char* const kernel :
       {"2.4", "2.6.10", "2.6.32", "3.10", "4.14", "5.10", "6.1", "6.12", "6.17"}) {
    const Output output = vmsim(std::string("cc plain.c --kernel ") + kernel);
    EXPECT_EQ(output.status, 0) << kernel << ": " << output.err;
    EXPECT_EQ(output.err, "") << kernel;
  }
}

TEST_F(Cc, DiagnosticsAreAtTheUsersLine) {
  write("sub/wrong.c",
        "#include <linux/module.h>\nint f(void)\n{\n\treturn 0\n}\nMODULE_LICENSE(\"GPL\");\n");
  const Output output = vmsim("cc sub/wrong.c");
  EXPECT_EQ(output.status, 1);
  EXPECT_THAT(output.err, HasSubstr("sub/wrong.c:4:"));
  EXPECT_THAT(output.err, HasSubstr("error: expected ';'"));
  EXPECT_THAT(output.err, HasSubstr("vmsim cc: wrong.vko is not made\n"));
  EXPECT_FALSE(exists("wrong.vko"));
}

TEST_F(Cc, AFailureLeavesTheOldDriver) {
  write("hello.c", module_source(""));
  make("hello.c");
  const std::string before = text_of(path("hello.vko"));
  write("hello.c", module_source("", "return not_there();"));
  EXPECT_EQ(vmsim("cc hello.c").status, 1);
  EXPECT_EQ(text_of(path("hello.vko")), before);
}

struct Refusal {
  const char* arguments;
  const char* text;
};

TEST_F(Cc, RefusalsNameWhatWasExpected) {
  write("hello.c", module_source(""));
  write("hello.txt", "words\n");
  write("broken.vko", "no ELF file\n");
  const Refusal refusals[] = {
      {"cc --kernel 2.2 hello.c",
       "--kernel 2.2 is out of range, expected a version from 2.4 to 6.17"},
      {"cc --kernel 6.18 hello.c", "--kernel 6.18 is out of range"},
      {"cc --kernel six hello.c", "--kernel is 'six', expected a version"},
      {"cc", "nothing to compile; expected C sources"},
      {"cc nothere.c", "nothere.c: there is no such file"},
      {"cc hello.txt", "hello.txt: expected a C source (.c)"},
      {"cc hello.c broken.vko", "broken.vko is no driver"},
      {"cc --name a/b hello.c", "--name is 'a/b', expected a module's name"},
      {"cc --nonsense hello.c", "--nonsense"},
      {"nonsense", "'nonsense' is no subcommand"},
      {"", "subcommand is required"},
  };
  for (const Refusal& refusal : refusals) {
    const Output output = vmsim(refusal.arguments);
    EXPECT_EQ(output.status, 1) << refusal.arguments;
    EXPECT_THAT(output.err, HasSubstr(refusal.text)) << refusal.arguments;
    EXPECT_EQ(output.out, "") << refusal.arguments;
  }
  EXPECT_FALSE(exists("hello.vko"));
}

TEST_F(Cc, CompilerIsNamedWhenItIsNotThere) {
  write("hello.c", module_source(""));
  Output output = vmsim("cc hello.c", "CC=no-such-compiler");
  EXPECT_EQ(output.status, 1);
  EXPECT_THAT(output.err, HasSubstr("cannot run 'no-such-compiler'"));
  output = vmsim("cc hello.c", "CC=/bin/false");
  EXPECT_EQ(output.status, 1);
  EXPECT_THAT(output.err, HasSubstr("'/bin/false' is no C compiler that can build drivers"));
  output = vmsim("cc hello.c", "CC= PATH=/nowhere");
  EXPECT_EQ(output.status, 1);
  EXPECT_THAT(output.err, HasSubstr("tried $CC, which is not set, and gcc and clang"));
  output = vmsim("cc hello.c", "CC='" VMSIM_C_COMPILER " -DFROM_CC'");
  EXPECT_EQ(output.status, 0) << output.err;
}

TEST_F(Cc, HeadersAreThoseOfVmsimKapi) {
  write("hello.c", module_source(""));
  const Output output = vmsim("cc hello.c", "VMSIM_KAPI=/nowhere");
  EXPECT_EQ(output.status, 1);
  EXPECT_THAT(output.err, HasSubstr("VMSIM_KAPI is '/nowhere', which has no linux/kconfig.h"));
  EXPECT_EQ(vmsim("cc hello.c", "VMSIM_KAPI='" VMSIM_SOURCE_DIR "/include/vmsim/kapi'").status, 0);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// vmsim_driver_flags() has left its words in files, one a line and KBUILD's two at the end.
TEST_F(Cc, FlagsAreThoseOfVmsimAddDriver) {
  write("hello.c", module_source(""));
  write("cc.sh",
        "#!/bin/sh\nfor a; do [ \"$a\" = -c ] && printf '%s\\n' \"$@\" >words; done\nexec "
        "'" VMSIM_C_COMPILER "' \"$@\"\n");
  std::filesystem::permissions(path("cc.sh"), std::filesystem::perms::owner_all);
  for (const std::string kernel : {"2.4.20", "2.6.10", "5.10", "6.1", "6.17"}) {
    const Output output = vmsim("cc hello.c --kernel " + kernel, "CC=./cc.sh");
    ASSERT_EQ(output.status, 0) << output.err;
    std::vector<std::string> theirs =
        lines_of(text_of(VMSIM_BINARY_DIR "/tests/kapi/flags-" + kernel));
    std::vector<std::string> ours = lines_of(text_of(path("words")));
    ASSERT_GT(theirs.size(), 20U);
    theirs.resize(theirs.size() - 2);
    ours.resize(std::min(ours.size(), theirs.size()));
    EXPECT_EQ(ours, theirs) << kernel;
  }
}

TEST_F(Cc, HelpAndVersion) {
  EXPECT_THAT(vmsim("--version").out, HasSubstr("vmsim "));
  const Output help = vmsim("cc --help");
  EXPECT_EQ(help.status, 0);
  for (const char* const option :
       {"--kernel", "--name", "-o", "--stubs", "-I", "-D", "--supported"})
    EXPECT_THAT(help.out, HasSubstr(option));
}

}  // namespace
}  // namespace vmsim
