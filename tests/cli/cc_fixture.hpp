// SPDX-License-Identifier: MIT
// What the tests of `vmsim cc` share: a folder of their own, the program run in it, what it
// printed.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vmsim/vmsim.hpp"

namespace vmsim {

inline std::string text_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A module named NAME with `body` in front of its init, which runs `statements`.
inline std::string module_source(const std::string& body,
                                 const std::string& statements = "return 0;") {
  return "#include <linux/module.h>\n" + body + "\nstatic int __init start(void) { " + statements +
         " }\nstatic void __exit stop(void) { }\n"
         "module_init(start);\nmodule_exit(stop);\nMODULE_LICENSE(\"GPL\");\n";
}

class CcTest : public ::testing::Test {
 protected:
  struct Output {
    int status = -1;
    std::string out, err;
  };

  CcTest() {
    std::string name = testing::TempDir() + "vmsim-cc-test-XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }

  ~CcTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  bool exists(const std::string& name) const { return std::filesystem::exists(folder_ / name); }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
  }

  /// `vmsim ARGUMENTS` in the test's folder; `environment` is NAME=VALUE words of a shell, or a
  /// command to run it by.
  Output vmsim(const std::string& arguments, const std::string& environment = "") const {
    const std::string command = "cd '" + folder_.string() +
                                "' && env -u VMSIM_KAPI -u CC CC='" VMSIM_C_COMPILER "' " +
                                environment + " '" VMSIM_PROGRAM "' " + arguments + " >'" +
                                path(".out") + "' 2>'" + path(".err") + "'";
    const int status = std::system(command.c_str());
    Output output;
    output.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    output.out = text_of(path(".out"));
    output.err = text_of(path(".err"));
    return output;
  }

  /// `vmsim cc ARGUMENTS`, which must succeed.
  void make(const std::string& arguments) const {
    const Output output = vmsim("cc " + arguments);
    ASSERT_EQ(output.status, 0) << output.err;
    EXPECT_EQ(output.err, "") << "a good driver is compiled without a word";
  }

  static std::unique_ptr<Machine> machine(KernelVersion kernel = {6, 12, 0}) {
    MachineConfig config;
    config.kernel = kernel;
    config.ram_bytes = u64{32} << 20;
    return Machine::create(config).value();
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace vmsim
