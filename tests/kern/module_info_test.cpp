// SPDX-License-Identifier: MIT
// What a driver of several sources says about itself, and bool parameters of both sizes.
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "kern/loader_fixture.hpp"
#include "kern/module_params.hpp"

namespace vmsim::kern {
namespace {

std::string probe_file() {
  std::ifstream file(LoaderHost::path("loader_probe"), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Overwrites one string of the file, and what is left of it by NULs.
void rewrite(std::string& file, const std::string& before, const std::string& after) {
  const std::size_t at = file.find(before + '\0');
  ASSERT_NE(at, std::string::npos) << before;
  ASSERT_LE(after.size(), before.size());
  std::string text = after;
  text.resize(before.size(), '\0');
  file.replace(at, text.size(), text);
}

Result<Module*> load(LoaderHost& host, const std::string& file) {
  return host.modules.load_bytes("probe", std::as_bytes(std::span(file)));
}

TEST(ModuleSources, may_say_the_same_twice) {
  LoaderHost host(kernel_version(6, 12, 0), "one");
  std::string file = probe_file();
  rewrite(file, "abi=probe-abi", "abi=one");
  rewrite(file, "license=GPL", "abi=one");
  EXPECT_TRUE(load(host, file)) << host.log.text();
}

TEST(ModuleSources, may_not_disagree) {
  for (const char* other : {"abi=another", "vermagic=2"}) {
    LoaderHost host(kernel_version(6, 12, 0), "probe-abi");
    std::string file = probe_file();
    rewrite(file, "license=GPL", other);
    const auto result = load(host, file);
    ASSERT_FALSE(result) << other;
    EXPECT_EQ(result.error().errno_value, ENOEXEC);
    EXPECT_TRUE(host.log.contains("its sources disagree about")) << host.log.text();
  }
}

TEST(ModuleParams, a_bool_may_be_an_int_in_old_drivers) {
  base::Probe probe;
  Log log(probe, kernel_version(2, 6, 10), nullptr);

  struct {
    int wide = -1;
    unsigned char narrow = 9, behind = 9;
  } target;

  kernel_param params[2] = {};
  params[0].name = "wide";
  params[0].type = VMSIM_PARAM_BOOL;
  params[0].size = sizeof(int);
  params[0].max = 1;
  params[0].arg = &target.wide;
  params[1] = params[0];
  params[1].name = "narrow";
  params[1].size = 1;
  params[1].arg = &target.narrow;
  std::list<std::string> owned;
  const ParamTarget into{"probe", params, owned, log, kernel_version(2, 6, 10)};
  EXPECT_TRUE(store_params(into, "wide=1 narrow=n"));
  EXPECT_EQ(target.wide, 1);
  EXPECT_EQ(target.narrow, 0);
  EXPECT_EQ(target.behind, 9);
  target.wide = 0x100;
  EXPECT_EQ(param_text(params[0]), "Y");
  EXPECT_EQ(param_text(params[1]), "N");
}

}  // namespace
}  // namespace vmsim::kern
