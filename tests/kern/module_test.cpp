// SPDX-License-Identifier: MIT
// Loading, parameters, exports, unloading; and that a damaged file is an error, never a crash.
#include "kern/module.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <random>

#include <gtest/gtest.h>

#include "kern/loader_fixture.hpp"
#include "kern/module_params.hpp"

namespace vmsim::kern {
namespace {

using Lines = std::vector<std::string>;

const kernel_param* param(const Module& module, const std::string& name) {
  for (const kernel_param& p : module.params())
    if (name == p.name) return &p;
  return nullptr;
}

std::string value(const Module& module, const std::string& name) {
  const kernel_param* p = param(module, name);
  return p == nullptr ? "no such parameter" : param_text(*p);
}

std::vector<std::byte> file_bytes(const std::string& name) {
  std::ifstream in(LoaderHost::path(name), std::ios::binary);
  std::vector<char> chars{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  std::vector<std::byte> bytes(chars.size());
  std::memcpy(bytes.data(), chars.data(), chars.size());
  return bytes;
}

struct EventList final : ModuleEvents {
  void on_loaded(Module& m) override { seen.push_back("loaded " + std::string(m.name)); }

  void on_unloading(Module& m) override { seen.push_back("unloading " + std::string(m.name)); }

  void on_gone(Module& m) override {
    seen.push_back("gone " + std::string(m.name));
    // The image is still there to be asked about leftovers.
    EXPECT_NE(m.image().symbol("init_module"), nullptr);
    EXPECT_FALSE(m.image().retired());
  }

  Lines seen;
};

TEST(Modules, LoadRunsInitAndUnloadRunsCleanup) {
  LoaderHost host;
  EventList events;
  host.modules.add_events(&events);
  Module* module = host.load();
  ASSERT_NE(module, nullptr) << host.error.message;
  EXPECT_EQ(host_lines, (Lines{"probe here"}));
  EXPECT_EQ(module->state, MODULE_STATE_LIVE);
  EXPECT_STREQ(module->version, "1.5");
  EXPECT_EQ(module->modinfo("license"), "GPL");
  EXPECT_EQ(driver_function<::module*()>(*module, "probe_this_module")(),
            static_cast<::module*>(module));
  EXPECT_TRUE(host.log.contains("loader_probe: loading out-of-tree module taints kernel."));
  EXPECT_EQ(host.load(), nullptr);
  EXPECT_EQ(host.error.errno_value, EEXIST);
  EXPECT_TRUE(host.modules.unload("loader_probe"));
  EXPECT_EQ(host_lines, (Lines{"probe here", "probe gone"}));
  EXPECT_EQ(events.seen,
            (Lines{"loaded loader_probe", "unloading loader_probe", "gone loader_probe"}));
  EXPECT_EQ(host.modules.unload("loader_probe").error().errno_value, ENOENT);
  host.modules.remove_events(&events);
}

TEST(Modules, ReloadRestoresDataAndCopiesArePrivate) {
  LoaderHost first, second;
  Module* a = first.load("p_int=1");
  Module* b = second.load();
  ASSERT_TRUE(a != nullptr && b != nullptr);
  int* loads = driver_function<int*()>(*a, "probe_loads")();
  EXPECT_EQ(*loads, 1);
  *loads = 50;
  EXPECT_EQ(*driver_function<int*()>(*b, "probe_loads")(), 1);
  EXPECT_EQ(value(*a, "p_int"), "1");
  EXPECT_EQ(value(*b, "p_int"), "7");
  ASSERT_TRUE(first.modules.unload("loader_probe"));
  a = first.load();
  ASSERT_NE(a, nullptr);
  EXPECT_EQ(*driver_function<int*()>(*a, "probe_loads")(), 1);
  EXPECT_EQ(value(*a, "p_int"), "7");
}

TEST(Modules, AllMissingImportsAreNamedAtOnce) {
  LoaderHost host(kernel_version(6, 12, 0), "", {"host_log", "host_call"});
  EXPECT_EQ(host.load(), nullptr);
  EXPECT_EQ(host.error.errno_value, ENOENT);
  EXPECT_NE(host.error.message.find("host_log"), std::string::npos) << host.error.message;
  EXPECT_NE(host.error.message.find("host_call"), std::string::npos);
  EXPECT_TRUE(host.log.contains("loader_probe: Unknown symbol host_log (err -2)"));
  EXPECT_TRUE(host.modules.loaded().empty());
}

TEST(Modules, ADriverOfAnotherEraIsRefusedUnlessForced) {
  LoaderHost host(kernel_version(6, 1, 0));
  EXPECT_EQ(host.load(), nullptr);
  EXPECT_EQ(host.error.errno_value, ENOEXEC);
  EXPECT_TRUE(host.log.contains("version magic '6.12.0 SMP preempt mod_unload' should be '6.1.0'"));
  EXPECT_NE(host.load("", "loader_probe", Force::kYes), nullptr);
  LoaderHost patched(kernel_version(6, 12, 9));
  EXPECT_NE(patched.load(), nullptr) << patched.error.message;
}

TEST(Modules, AnotherBuildsDriverIsRefusedEvenByForce) {
  LoaderHost same(kernel_version(6, 12, 0), "probe-abi"),
      other(kernel_version(6, 12, 0), "new-abi");
  EXPECT_NE(same.load(), nullptr);
  EXPECT_EQ(other.load("", "loader_probe", Force::kYes), nullptr);
  EXPECT_EQ(other.error.errno_value, ENOEXEC);
  EXPECT_NE(other.error.message.find("built against another vmsim"), std::string::npos);
}

TEST(Modules, FailedInitLeavesNothing) {
  LoaderHost host;
  EventList events;
  host.modules.add_events(&events);
  EXPECT_EQ(host.load("p_result=-12"), nullptr);
  EXPECT_EQ(host.error.errno_value, ENOMEM);
  EXPECT_NE(host.error.message.find("ENOMEM"), std::string::npos);
  EXPECT_TRUE(host.modules.loaded().empty());
  EXPECT_EQ(events.seen, (Lines{"gone loader_probe"}));
  EXPECT_EQ(host_lines, (Lines{"probe here"}));  // and no cleanup
  EXPECT_NE(host.load("p_result=3"), nullptr);
  EXPECT_TRUE(host.log.contains("suspiciously returned 3"));
  host.modules.remove_events(&events);
}

TEST(Modules, OopsInInitLeavesAModuleThatCannotBeUnloaded) {
  LoaderHost host;
  EXPECT_EQ(host.load("p_result=-1000"), nullptr);
  EXPECT_EQ(host.error.errno_value, sched::kErrOops);
  ASSERT_NE(host.modules.find("loader_probe"), nullptr);
  EXPECT_EQ(host.modules.unload("loader_probe").error().errno_value, EBUSY);
  EXPECT_NE(host.modules.modules_text().find("Loading"), std::string::npos);
  host.modules.unload_all();
  EXPECT_TRUE(host.modules.loaded().empty());
}

TEST(Modules, OopsInCleanupLeavesItGoing) {
  LoaderHost host;
  ASSERT_NE(host.load("p_int=-1000"), nullptr);
  EXPECT_EQ(host.modules.unload("loader_probe").error().errno_value, sched::kErrOops);
  EXPECT_EQ(host.modules.find("loader_probe")->state, MODULE_STATE_GOING);
  EXPECT_EQ(host.modules.unload("loader_probe").error().errno_value, EBUSY);
}

TEST(Modules, ReferencesKeepItLoaded) {
  LoaderHost host;
  Module* module = host.load();
  ASSERT_NE(module, nullptr);
  EXPECT_TRUE(Modules::try_get(module));
  EXPECT_TRUE(Modules::try_get(nullptr));
  EXPECT_EQ(host.modules.unload("loader_probe").error().errno_value, EWOULDBLOCK);
  host.modules.put(module);
  EXPECT_FALSE(host.found("module-put"));
  host.modules.put(module);
  EXPECT_TRUE(host.found("module-put"));
  EXPECT_TRUE(host.modules.unload("loader_probe"));
  EXPECT_FALSE(Modules::try_get(module));
}

TEST(Modules, ExportsBindModulesTogether) {
  LoaderHost host;
  EXPECT_EQ(host.load("", "loader_user"), nullptr);
  EXPECT_NE(host.error.message.find("probe_twice"), std::string::npos);
  Module* provider = host.load();
  ASSERT_NE(provider, nullptr);
  Module* user = host.load("", "loader_user");
  ASSERT_NE(user, nullptr) << host.error.message;
  EXPECT_EQ(provider->users(), (std::vector<Module*>{user}));
  const std::string size = std::to_string(provider->image().size_bytes());
  EXPECT_EQ(host.modules.modules_text(),
            "loader_user " + std::to_string(user->image().size_bytes()) +
                " 0 - Live 0x0000000000000000 (PO)\n" + "loader_probe " + size +
                " 1 loader_user, Live 0x0000000000000000 (O)\n");
  EXPECT_TRUE(host.log.contains("loader_user: module license 'Proprietary' taints kernel."));
  EXPECT_EQ(host.modules.unload("loader_probe").error().errno_value, EWOULDBLOCK);
  host_lines.clear();
  host.modules.unload_all();
  EXPECT_EQ(host_lines, (Lines{"user gone", "probe gone"}));
  EXPECT_FALSE(host.found("module-in-use-at-end"));
}

TEST(Modules, TheSameExportTwiceIsRefused) {
  LoaderHost host;
  ASSERT_NE(host.load(), nullptr);
  const auto bytes = file_bytes("loader_probe");
  const auto copy = host.modules.load_bytes("copy", bytes);
  ASSERT_FALSE(copy);
  EXPECT_EQ(copy.error().errno_value, ENOEXEC);
  EXPECT_TRUE(
      host.log.contains("copy: exports duplicate symbol probe_twice (owned by loader_probe)"));
}

TEST(ModuleParams, EveryKindIsStored) {
  LoaderHost host;
  Module* module = host.load(
      "p_byte=0x10 p_short=-7 p-int=010 p_uint=4000000000 p_long=-5 p_ulong=0xffffffffffffffff "
      "p_charp=\"two words\" p_bool p_invbool=y p_array=1,2 p_names=a,b \"p_string=x y\"");
  ASSERT_NE(module, nullptr) << host.error.message;
  const std::pair<const char*, const char*> wanted[] = {
      {"p_byte", "16"},         {"p_short", "-7"},  {"p_int", "8"},
      {"p_uint", "4000000000"}, {"p_long", "-5"},   {"p_ulong", "18446744073709551615"},
      {"p_charp", "two words"}, {"p_bool", "Y"},    {"p_invbool", "Y"},
      {"p_array", "1,2"},       {"p_names", "a,b"}, {"p_string", "x y"}};
  for (const auto& [name, text] : wanted) EXPECT_EQ(value(*module, name), text) << name;
  EXPECT_EQ(*static_cast<unsigned char*>(param(*module, "p_invbool")->arg), 0);
}

TEST(ModuleParams, BadValuesRefuseTheLoad) {
  const std::pair<const char*, int> cases[] = {
      {"p_byte=256", ERANGE},     {"p_byte=-1", EINVAL},
      {"p_int=", EINVAL},         {"p_int", EINVAL},
      {"p_int=12x", EINVAL},      {"p_int=0x", EINVAL},
      {"p_int=08", EINVAL},       {"p_int=2147483648", ERANGE},
      {"p_short=-32769", ERANGE}, {"p_ulong=18446744073709551616", ERANGE},
      {"p_bool=maybe", EINVAL},   {"p_array=1,2,3,4", EINVAL},
      {"p_array=1,,2", EINVAL},   {"p_string=12345678", ENOSPC}};
  for (const auto& [params, error] : cases) {
    LoaderHost host;
    EXPECT_EQ(host.load(params), nullptr) << params;
    EXPECT_EQ(host.error.errno_value, error) << params << ": " << host.error.message;
    EXPECT_TRUE(host_lines.empty()) << "init ran for " << params;
  }
  LoaderHost host;
  EXPECT_NE(host.load("p_int=-2147483648 p_string=1234567"), nullptr) << host.error.message;
  LoaderHost loud;
  (void)loud.load("p_int=zebra");
  EXPECT_TRUE(loud.log.contains("loader_probe: `zebra' invalid for parameter `p_int'"));
}

TEST(ModuleParams, UnknownOnesAreIgnoredSince3_11) {
  LoaderHost host;
  EXPECT_NE(host.load("colour=red p_int=9"), nullptr);
  EXPECT_TRUE(host.log.contains("loader_probe: unknown parameter 'colour' ignored"));
  EXPECT_EQ(value(*host.modules.find("loader_probe"), "p_int"), "9");
  LoaderHost old(kernel_version(2, 6, 32));
  EXPECT_EQ(old.load("colour=red", "loader_probe", Force::kYes), nullptr);
  EXPECT_EQ(old.error.errno_value, ENOENT);
}

TEST(ElfImage, ForeignFilesAreRefusedWithAReason) {
  LoaderHost host;
  EXPECT_EQ(host.modules.load("/nonexistent/x.vko").error().errno_value, ENOENT);
  const std::string text = "#!/bin/sh\n";
  auto refused = host.modules.load_bytes("script", std::as_bytes(std::span(text)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().errno_value, ENOEXEC);
  const auto self = host.modules.load("/proc/self/exe");
  ASSERT_FALSE(self);
  EXPECT_EQ(self.error().errno_value, ENOEXEC);
}

/// Maps and links, but runs nothing.
bool survives(ElfImage::Bytes bytes) {
  static const int anything = 0;
  auto image = ElfImage::map(bytes);
  if (!image) return false;
  const bool linked = (*image)->link([](std::string_view) { return &anything; }).has_value();
  (void)(*image)->symbolize((*image)->base() + 0x1000);
  (void)(*image)->section(".modinfo");
  return linked;
}

TEST(ElfImage, TruncatedFilesAreErrors) {
  const auto bytes = file_bytes("loader_probe");
  ASSERT_GT(bytes.size(), 1000u);
  EXPECT_TRUE(survives(bytes));
  const std::size_t step = bytes.size() / 200;
  for (std::size_t size = 0; size < bytes.size(); size += step)
    EXPECT_FALSE(survives(ElfImage::Bytes(bytes).first(size))) << size;
}

TEST(ElfImage, DamagedFilesNeverCrash) {
  const char* from_environment = std::getenv("VMSIM_SEED");
  const u64 seed = from_environment != nullptr ? std::strtoull(from_environment, nullptr, 0) : 1;
  SCOPED_TRACE("VMSIM_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  const auto good = file_bytes("loader_probe");
  int refused = 0;
  for (int round = 0; round < 600; ++round) {
    auto bytes = good;
    // Headers and tables sit at both ends; most hits go there.
    for (u64 hits = 1 + random() % 8; hits > 0; --hits) {
      const u64 window = random() % 3 == 0 ? bytes.size() : 2048;
      u64 at = random() % window;
      if (window != bytes.size() && random() % 2 == 0) at = bytes.size() - 1 - at;
      bytes[at] = static_cast<std::byte>(random());
    }
    if (!survives(bytes)) ++refused;
  }
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace vmsim::kern
