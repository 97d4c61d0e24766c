// SPDX-License-Identifier: MIT
// Lines of a driver's source by address, out of its debug information; and files that have none.
#include "kern/source_lines.hpp"

#include <cstring>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "kern/loader_fixture.hpp"

namespace vmsim::kern {
namespace {

/// The last line of loader_probe.c that is `text`.
int line_with(const std::string& text) {
  std::ifstream in(VMSIM_SOURCE_DIR "/tests/drivers/loader_probe.c");
  int number = 0, found = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (line == text) found = number;
  }
  return found;
}

TEST(SourceLines, FunctionsAndTheirLines) {
  if (!SourceLines::available()) GTEST_SKIP() << "built without libdw";
  LoaderHost host;
  const Module* const module = host.load();
  ASSERT_NE(module, nullptr);
  const u64 start = reinterpret_cast<u64>(module->image().symbol("probe_twice"));
  const auto function = module->lines()->function_at(start - module->image().base());
  ASSERT_TRUE(function);
  EXPECT_EQ(function->file, "loader_probe.c");
  EXPECT_EQ(function->function, "probe_twice");
  EXPECT_EQ(static_cast<int>(function->line), line_with("int probe_twice(int value)"));
  const auto line = module->lines()->line_at(start - module->image().base());
  ASSERT_TRUE(line);
  EXPECT_EQ(line->function, "probe_twice");
  EXPECT_FALSE(line->in_kernel_header);
  EXPECT_FALSE(module->lines()->line_at(module->image().size_bytes() + 1));
}

TEST(SourceLines, FilesWithoutDebugInformation) {
  EXPECT_FALSE(SourceLines({}).line_at(0));
  EXPECT_FALSE(SourceLines(std::vector<std::byte>(4096)).line_at(16));
  std::ifstream in(LoaderHost::path("loader_probe"), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  std::vector<std::byte> half(bytes.size() / 2);
  std::memcpy(half.data(), bytes.data(), half.size());
  EXPECT_FALSE(SourceLines(half).line_at(0x1000)) << "cut in the middle";
}

TEST(DriverPlaces, WordsForAddresses) {
  LoaderHost host;
  Module* const module = host.load();
  ASSERT_NE(module, nullptr);
  const void* const function = module->image().symbol("probe_twice");
  EXPECT_EQ(host.places.name(function), "probe_twice [loader_probe]");
  EXPECT_EQ(host.places.name(&host), "");
  EXPECT_EQ(host.places.of_call(nullptr), "");
  EXPECT_EQ(host.places.calling(), "") << "no driver is calling";
  EXPECT_EQ(host.places.caller(), nullptr);
  const std::string place = host.places.of_function(function);
  EXPECT_TRUE(place.ends_with("probe_twice [loader_probe]")) << place;
  EXPECT_EQ(place.starts_with("loader_probe.c:"), SourceLines::available()) << place;
  const u64 address = reinterpret_cast<u64>(function);
  EXPECT_EQ(host.modules.describe(address), "code of module loader_probe (probe_twice)");
  EXPECT_EQ(host.modules.printed(address), 0xffffffffc0000000 + (address - module->image().base()));
  const u64 variable = reinterpret_cast<u64>(module->image().symbol("p_string"));
  EXPECT_EQ(host.modules.describe(variable + 2), "static data of module loader_probe (p_string + 2)");
  ASSERT_TRUE(host.modules.unload("loader_probe"));
  EXPECT_EQ(host.modules.describe(variable), "static data of unloaded module loader_probe (p_string)");
  EXPECT_EQ(host.places.of_function(function), "") << "its lines went with it";
  EXPECT_EQ(host.modules.describe(reinterpret_cast<u64>(&host)), "");
  EXPECT_EQ(host.modules.printed(reinterpret_cast<u64>(&host)), 0u);
}

}  // namespace
}  // namespace vmsim::kern
