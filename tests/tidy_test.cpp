// SPDX-License-Identifier: MIT
// The rules of the house that a machine can check, one row each in kRules; tests/tidy_allow.txt has the exceptions.
// Each row brings a file that breaks it, so that a rule that never fires is noticed.
#include <algorithm>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "tidy_test_scan.hpp"

namespace vmsim::tidy {
namespace {

constexpr size_t kFileLinesMax = 520;
constexpr int kFunctionLinesMax = 70;
constexpr size_t kColumnsMax = 120;

struct Violation {
  std::string where;  // path or path:function, as tidy_allow.txt spells it
  int line;
  std::string message;
};

using Violations = std::vector<Violation>;

/// A folder of src/. Without `only`, it may include its own layer and lower ones.
struct Room {
  int layer;
  std::set<std::string> only = {};
};

const std::map<std::string, Room> kRooms = {
    {"base", {0}},
    {"sched", {1}},
    {"phys", {1}},
    {"mmu", {2}},
    {"vfs", {3}},
    {"mm", {4}},
    {"kern", {5}},
    {"abi", {6}},
    {"", {7}},  // machine.cpp, process.cpp
    {"devices", {7, {"devices"}}},
    {"trace", {8, {"trace", "base"}}},
    {"check", {8, {"check", "base"}}},
    {"inject", {8, {"inject", "base"}}},
    {"viz", {8, {"viz", "base"}}},
    {"live", {8, {"live", "base", "phys", "mmu"}}},
    {"cli", {9, {"cli", "live"}}},
};

/// Beginnings of the kernel's, the standard library's and Boost's names that start with get_; ours are nouns.
const std::vector<std::string> kKernelGetters = {
    "get_user", "get_page",  "get_free_page", "get_zeroed_page", "get_unmapped_area", "get_task",     "get_device",
    "get_cpu",  "get_file",  "get_vm_area",   "get_random",      "get_online_cpus",   "get_mempolicy", "get_driver",
    "get_if",   "get_id",    "get_future",    "get_order",       "get_unused_fd",     "get_pid",       "get_cred",
    "get_cycles", "get_dma_ops", "get_locked_pte", "get_seconds", "get_jiffies",      "get_unaligned", "get_mm",
    "get_next", "get_previous", "get_parent", "get_left", "get_right", "get_color",
};

std::string first_folder(const std::string& path) {
  const size_t slash = path.find('/');
  return slash == path.npos ? "" : path.substr(0, slash);
}

void includes_point_down(const Source& source, Violations& out) {
  const bool in_src = source.under("src/") && !source.under("src/modules/");
  const bool public_only = (source.under("include/vmsim/") && source.is(".hpp")) || source.under("examples/");
  if (!source.is_cpp() || (!in_src && !public_only)) return;
  const auto complain = [&](const Include& include, const std::string& why) {
    out.push_back({source.path, include.line, "includes \"" + include.name + "\": " + why});
  };
  const auto own = kRooms.find(source.room());
  if (own == kRooms.end()) {
    out.push_back({source.path, 1, "src/" + source.room() + " is no room of kRooms: give it a layer"});
    return;
  }
  for (const Include& include : quoted_includes(source)) {
    const std::string target = first_folder(include.name);
    if (target == "vmsim") {
      const bool kapi = include.name.starts_with("vmsim/kapi/");
      if (kapi && !include.name.ends_with("_types.h") && !include.name.ends_with("/abi_hash.h"))
        complain(include, "of the C face the core sees *_types.h only");
      continue;
    }
    const auto room = kRooms.find(target);
    if (room == kRooms.end() || (target.empty() && in_src && !source.room().empty())) {
      complain(include, "spell it from the top, as \"room/file.hpp\" or \"vmsim/file.hpp\"");
    } else if (public_only && (!target.empty() || source.is(".hpp"))) {
      complain(include, "only public headers (\"vmsim/…\") are visible here");
    } else if (!own->second.only.empty() && !own->second.only.contains(target)) {
      complain(include, "src/" + source.room() + " sees public headers and a few rooms only (kRooms)");
    } else if (room->second.layer > own->second.layer) {
      complain(include, "the arrow points up, from layer " + std::to_string(own->second.layer) + " to layer " +
                            std::to_string(room->second.layer));
    }
  }
}

/// Lines of the comment that starts at `at`; 0 if none does. Frames (/*, */) without words are not counted.
int comment_lines(const Source& source, size_t at) {
  static const std::regex words(R"([A-Za-z])");
  const bool script = !source.is_c_family() && !source.is(".S");
  int count = 0;
  bool block = false;
  for (; at < source.lines.size(); ++at) {
    std::string line = source.lines[at];
    line.erase(0, std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.starts_with("/*")) block = true;
    if (!block && !line.starts_with(script ? "#" : "//")) break;
    if (std::regex_search(line, words)) ++count;
    if (line.find("*/") != line.npos) block = false;
  }
  return count;
}

void opens_with_licence(const Source& source, Violations& out) {
  size_t at = !source.lines.empty() && source.lines[0].starts_with("#!") ? 1 : 0;
  if (at >= source.lines.size() || source.lines[at].find("SPDX-License-Identifier: MIT") == std::string::npos) {
    out.push_back({source.path, 1, "the first line has to be the SPDX one, MIT"});
    return;
  }
  // A room's header says four things: what, Linux counterpart, what is left out, who calls. The others what they are.
  const bool in_room = source.is_cpp() && (source.under("src/") || source.under("include/"));
  const int least = in_room && source.is(".hpp") ? 2 : 1;
  const int most = in_room ? 6 : 20;
  const int lines = comment_lines(source, at + 1);
  if (lines < least || lines > most) {
    out.push_back({source.path, static_cast<int>(at) + 2,
                   "after the SPDX line come " + std::to_string(least) + " to " + std::to_string(most) +
                       " lines that say what the file is; found " + std::to_string(lines)});
  }
}

void files_are_short(const Source& source, Violations& out) {
  if (source.lines.size() > kFileLinesMax) {
    out.push_back({source.path, static_cast<int>(kFileLinesMax),
                   std::to_string(source.lines.size()) + " lines; a file has one noun and at most " +
                       std::to_string(kFileLinesMax)});
  }
}

void functions_are_short(const Source& source, Violations& out) {
  if (!source.is_c_family()) return;
  for (const Function& function : functions_of(source)) {
    if (function.lines > kFunctionLinesMax) {
      out.push_back({source.path + ":" + function.name, function.first_line,
                     function.name + " has " + std::to_string(function.lines) + " lines; one screen is " +
                         std::to_string(kFunctionLinesMax)});
    }
  }
}

void lines_are_short(const Source& source, Violations& out) {
  for (size_t i = 0; i < source.lines.size(); ++i) {
    const auto columns = std::ranges::count_if(source.lines[i], [](char c) { return (c & 0xC0) != 0x80; });
    if (static_cast<size_t>(columns) > kColumnsMax)
      out.push_back({source.path, static_cast<int>(i) + 1,
                     std::to_string(columns) + " columns; at most " + std::to_string(kColumnsMax)});
  }
}

/// Why an identifier is no name; "" if it is one.
std::string fault_of_name(const std::string& name) {
  static const std::regex empty_noun(R"((Manager|Helper|Utils?|Impl|Info(?=_?$))(?![a-z]))");
  std::smatch match;
  if (std::regex_search(name, match, empty_noun)) return "'" + match[1].str() + "' says nothing: name what it is";
  const bool kernels = std::ranges::any_of(kKernelGetters, [&](const auto& begin) { return name.starts_with(begin); });
  if (name.starts_with("get_") && !kernels) return "a reader is named after what it returns, without get_";
  return "";
}

void names_say_something(const Source& source, Violations& out) {
  if (!source.is_cpp() || source.under("tests/") || source.under("src/abi/")) return;
  static const std::regex identifier(R"([A-Za-z_][A-Za-z0-9_]*)");
  std::istringstream code(source.code);
  std::string line;
  for (int number = 1; std::getline(code, line); ++number) {
    for (std::sregex_iterator it(line.begin(), line.end(), identifier), end; it != end; ++it) {
      const std::string fault = fault_of_name(it->str());
      if (!fault.empty()) out.push_back({source.path + ":" + it->str(), number, it->str() + ": " + fault});
    }
  }
}

void nothing_is_postponed(const Source& source, Violations& out) {
  static const std::regex postponed("\\b(TO" "DO|FIX" "ME|XX" "X)\\b");
  for (size_t i = 0; i < source.lines.size(); ++i) {
    if (std::regex_search(source.lines[i], postponed))
      out.push_back({source.path, static_cast<int>(i) + 1, "do it, or write a limitation down (Differs:)"});
  }
}

void headers_are_guarded(const Source& source, Violations& out) {
  if (source.is(".hpp") && source.code.find("#pragma once") == std::string::npos)
    out.push_back({source.path, 1, "a C++ header has #pragma once"});
  if (!source.under("include/vmsim/kapi/") || !source.is(".h")) return;
  // <linux/mm.h> has VMSIM_KAPI_LINUX_MM_H; vmsim/page_types.h may leave its folder out.
  std::string guard = source.path.substr(std::string("include/vmsim/kapi/").size());
  const bool own = guard.starts_with("vmsim/");
  if (own) guard.erase(0, 6);
  std::ranges::transform(guard, guard.begin(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) ? static_cast<char>(std::toupper(c)) : '_';
  });
  const std::string long_guard = "VMSIM_KAPI_VMSIM_" + guard;
  guard = "VMSIM_KAPI_" + guard;
  const std::regex pattern("#ifndef (" + guard + (own ? "|" + long_guard : "") + ")\\n#define \\1\\n");
  if (!std::regex_search(source.code, pattern))
    out.push_back({source.path, 1, "a header of the C face has the include guard " + guard});
}

/// Test sources that the build compiles: the list that CMake writes.
std::set<std::string> built_sources() {
  std::ifstream in(VMSIM_BINARY_DIR "/tests/built_sources.txt");
  std::set<std::string> built;
  for (std::string line; std::getline(in, line);) built.insert("tests/" + line);
  return built;
}

void tests_are_built(const Source& source, Violations& out) {
  static const std::set<std::string> built = built_sources();
  if (!source.under("tests/") || !source.is(".cpp") || built.contains(source.path)) return;
  // Folders with a build of their own name each file in it.
  const size_t slash = source.path.rfind('/');
  const std::string folder = VMSIM_SOURCE_DIR "/" + source.path.substr(0, slash);
  std::ifstream in(folder + "/CMakeLists.txt");
  const std::string listing(std::istreambuf_iterator<char>(in), {});
  if (listing.find(source.path.substr(slash + 1)) == std::string::npos)
    out.push_back({source.path, 1, "nothing builds it: a test is tests/<room>/<file>_test.cpp"});
}

struct Rule {
  const char* name;
  void (*check)(const Source&, Violations&);
  const char* bad_path;  // with bad_text: a file that breaks the rule
  std::string bad_text;
};

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

const std::vector<Rule> kRules = {
    {"includes_point_down", includes_point_down, "src/phys/x.cpp", "#include \"mm/vma.hpp\"\n"},
    {"opens_with_licence", opens_with_licence, "src/phys/x.hpp", "// SPDX-License-Identifier: MIT\n// Short.\n"},
    {"files_are_short", files_are_short, "tests/mm/x_test.cpp", repeated("int a;\n", 521)},
    {"functions_are_short", functions_are_short, "src/x.cpp", "void f() {\n" + repeated("a();\n", 69) + "}\n"},
    {"lines_are_short", lines_are_short, "cmake/x.cmake", std::string(121, 'x') + "\n"},
    {"names_say_something", names_say_something, "src/mm/x.cpp", "class PageManager;\n"},
    {"nothing_is_postponed", nothing_is_postponed, "src/mm/x.cpp", "// TO" "DO: later\n"},
    {"headers_are_guarded", headers_are_guarded, "include/vmsim/kapi/linux/mm.h", "#ifndef MM_H\n#define MM_H\n"},
    {"tests_are_built", tests_are_built, "tests/mm/deep/er_test.cpp", "int a;\n"},
};

const std::vector<Source>& tree() {
  static const std::vector<Source> sources = load_tree(VMSIM_SOURCE_DIR);
  return sources;
}

Violations violations_of(const Rule& rule) {
  Violations all;
  for (const Source& source : tree()) rule.check(source, all);
  return all;
}

/// "rule path[:function]" to reason.
std::map<std::string, std::string> allowed() {
  std::map<std::string, std::string> entries;
  std::ifstream in(VMSIM_SOURCE_DIR "/tests/tidy_allow.txt");
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string rule, where, reason;
    if (line.starts_with("#") || !(words >> rule >> where)) continue;
    std::getline(words >> std::ws, reason);
    entries[rule + " " + where] = reason;
  }
  return entries;
}

void PrintTo(const Rule& rule, std::ostream* out) { *out << rule.name; }

class Tidy : public testing::TestWithParam<Rule> {};

TEST_P(Tidy, Holds) {
  const Rule& rule = GetParam();
  const auto exceptions = allowed();
  for (const Violation& violation : violations_of(rule)) {
    if (exceptions.contains(std::string(rule.name) + " " + violation.where)) continue;
    const std::string path = violation.where.substr(0, violation.where.find(':'));
    ADD_FAILURE() << rule.name << ": " << path << ":" << violation.line << ": " << violation.message;
  }
}

TEST_P(Tidy, Fires) {
  Violations found;
  GetParam().check(Source(GetParam().bad_path, GetParam().bad_text), found);
  EXPECT_EQ(found.size(), 1u) << GetParam().name << " does not see what it forbids";
}

INSTANTIATE_TEST_SUITE_P(Rules, Tidy, testing::ValuesIn(kRules), [](const auto& rule) { return rule.param.name; });

TEST(TidyAllow, EachExceptionHasAReasonAndIsNeeded) {
  std::set<std::string> needed;
  for (const Rule& rule : kRules) {
    for (const Violation& violation : violations_of(rule))
      needed.insert(std::string(rule.name) + " " + violation.where);
  }
  for (const auto& [entry, reason] : allowed()) {
    EXPECT_FALSE(reason.empty()) << "tests/tidy_allow.txt: no reason for: " << entry;
    EXPECT_TRUE(needed.contains(entry)) << "tests/tidy_allow.txt: no longer needed: " << entry;
  }
}

TEST(TidyTree, IsThere) {
  const auto has = [](const char* path) {
    return std::ranges::any_of(tree(), [&](const Source& source) { return source.path == path; });
  };
  EXPECT_TRUE(has("src/base/assert.hpp"));
  EXPECT_TRUE(has("tests/tidy_test.cpp"));
  EXPECT_TRUE(has(".ci/run"));
}

struct ScanCase {
  const char* text;
  std::vector<Function> functions;
};

TEST(TidyScan, FindsFunctions) {
  const std::vector<ScanCase> cases = {
      {"namespace a {\nint f(int x) {\n  if (x) {\n  }\n}\n}\n", {{"f", 2, 4}}},
      {"struct S {\n  int g() const { return 1; }\n  int a[2] = {1, 2};\n};\n", {{"g", 2, 1}}},
      {"S::S(int x)\n    : a_{x}, b_(x) {\n}\n", {{"S::S", 1, 3}}},
      {"S::S(int x) : a_{x}, b_{x} {\n}\n", {{"S::S", 1, 2}}},
      {"struct page* f(int n)\n{\n}\n", {{"f", 1, 3}}},
      {"struct alignas(64) P {\n};\n", {}},
      {"#define M(x) \\\n  { x\nvoid f() {}\n", {{"f", 3, 1}}},
      {"// {\n/* ( { */ const char* s = \"{(\"; char c = '{';\nint n = 1'000;\nvoid f() {}\n", {{"f", 4, 1}}},
      {"auto s = R\"(void f() {)\";\nTEST(A, B) {\n}\n", {{"TEST(A,B)", 2, 2}}},
      {"template <class T>\nclass C {\n ~C() {\n  }\n};\n", {{"~C", 3, 2}}},
      {"extern \"C\" {\nint f(void) {\n}\n}\n", {{"f", 2, 2}}},
      {"const T kTable[] = {\n  {1},\n};\n", {}},
  };
  for (const ScanCase& c : cases) {
    const auto found = functions_of(Source("x.cpp", c.text));
    ASSERT_EQ(found.size(), c.functions.size()) << c.text;
    for (size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].name, c.functions[i].name) << c.text;
      EXPECT_EQ(found[i].first_line, c.functions[i].first_line) << c.text;
      EXPECT_EQ(found[i].lines, c.functions[i].lines) << c.text;
    }
  }
}

TEST(TidyNames, KernelNamesAndOrdinaryWordsPass) {
  for (const char* name : {"get_user_pages", "get_free_pages", "Implies", "Information", "target_", "budget_of",
                           "kInfoLevel"})
    EXPECT_EQ(fault_of_name(name), "") << name;
  for (const char* name : {"get_vma", "VmaInfo", "PageUtils", "kHelperCount", "MmImpl_"})
    EXPECT_NE(fault_of_name(name), "") << name;
}

}  // namespace
}  // namespace vmsim::tidy
