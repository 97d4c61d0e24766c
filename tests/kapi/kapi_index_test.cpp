// SPDX-License-Identifier: MIT
// The index of the C face against the compiler: at each kernel version every name that the index has exists for a C
// file exactly when the index says so. And the index's own rules on small headers.
#include "cli/kapi_index.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "cli/kapi_eras.hpp"
#include "cli/kapi_scan.hpp"

namespace vmsim::cli {
namespace {

namespace fs = std::filesystem;

const KapiIndex& index_of_tree() {
  static const Result<KapiIndex> index = KapiIndex::read(VMSIM_SOURCE_DIR "/include/vmsim/kapi");
  if (!index) throw std::runtime_error(index.error().message);
  return *index;
}

unsigned code(const std::string& version) {
  unsigned a = 0, b = 0, c = 0;
  std::sscanf(version.c_str(), "%u.%u.%u", &a, &b, &c);
  return kernel_version(a, b, c);
}

/// "file_operations" -> the versions that have it, over all headers.
std::map<std::string, std::vector<const KapiName*>> by_name() {
  std::map<std::string, std::vector<const KapiName*>> names;
  for (const KapiName& entry : index_of_tree().names()) names[entry.name].push_back(&entry);
  return names;
}

bool exists(const std::vector<const KapiName*>& entries, unsigned version) {
  return std::ranges::any_of(entries, [&](auto* e) { return e->from <= version && version < e->until; });
}

/// A declaration that compiles if `name` is one of that kind; macros are asked for first.
std::string use_of(const KapiName& entry, std::size_t number) {
  const std::string probe = "vmsim_probe_" + std::to_string(number);
  if (entry.kind == "struct" || entry.kind == "enum")
    return "extern char " + probe + "[sizeof(" + entry.kind + " " + entry.name + ")];";
  if (entry.kind == "typedef") return "typedef " + entry.name + " *" + probe + ";";
  if (entry.kind == "macro") return "#error no macro\n";
  return "static inline void " + probe + "(void) { (void)(" + entry.name + "); }";
}

/// Never completed, so that no C file can tell whether drivers know them.
bool is_opaque(const KapiName& entry) {
  return entry.kind == "struct" && index_of_tree().find(entry.name + ".").empty() &&
         std::ranges::none_of(index_of_tree().members(),
                              [&](const KapiName& m) { return m.name.starts_with(entry.name + "."); });
}

fs::path work_folder() {
  const fs::path folder = fs::path(VMSIM_BINARY_DIR) / "tests/kapi/index";
  fs::create_directories(folder);
  return folder;
}

/// The #include lines of every header that `version` has.
std::string includes_of(const std::string& version) {
  std::string lines;
  for (const std::string& header : index_of_tree().headers()) {
    std::ifstream in(VMSIM_SOURCE_DIR "/include/vmsim/kapi/" + header);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (scan_header(text).eras.contains(code(version))) lines += "#include <" + header + ">\n";
  }
  return lines;
}

/// Which of the names a C file of `version` can use: one run of the compiler; each failing line is one name.
std::set<std::string> usable_names(const std::string& version) {
  const fs::path source = work_folder() / ("names-" + version + ".c");
  const fs::path errors = work_folder() / ("names-" + version + ".txt");
  std::vector<std::string> probes;
  {
    std::ofstream file(source);
    EXPECT_TRUE(fs::exists(VMSIM_BINARY_DIR "/tests/kapi/flags-" + version));
    file << includes_of(version);
    for (const auto& [name, entries] : by_name()) {
      if (is_opaque(*entries[0])) continue;
      // Kinds of one name differ between eras: any of them will do, tried as the kind of this era, else of any.
      const KapiName* use = entries[0];
      for (const KapiName* entry : entries)
        if (entry->from <= code(version) && code(version) < entry->until) use = entry;
      file << "#ifndef " << name << "\n#line " << probes.size() + 1 << " \"probe\"\n"
           << use_of(*use, probes.size()) << "\n#endif\n";
      probes.push_back(name);
    }
  }
  const std::string command = std::string(VMSIM_C_COMPILER " @" VMSIM_BINARY_DIR "/tests/kapi/flags-") + version +
                              " -w -fsyntax-only " VMSIM_C_ALL_ERRORS " -x c " + source.string() +
                              " 2> " + errors.string();
  const int status = std::system(command.c_str());
  std::set<std::string> usable(probes.begin(), probes.end());
  std::ifstream messages(errors);
  for (std::string line; std::getline(messages, line);) {
    std::size_t number = 0;
    if (line.find(" error: ") == std::string::npos && line.find(" fatal error: ") == std::string::npos) continue;
    if (std::sscanf(line.c_str(), "probe:%zu", &number) == 1 && number >= 1 && number <= probes.size())
      usable.erase(probes[number - 1]);
    else
      ADD_FAILURE() << version << ": " << line;
  }
  EXPECT_NE(status == 0, usable.size() < probes.size()) << version << ": the compiler did not run";
  return usable;
}

/// Runs the compiler on a file that includes every header of `version`; its standard output goes to `output`.
void compile_headers(const std::string& version, const std::string& options, const fs::path& output) {
  const fs::path source = work_folder() / ("headers-" + version + ".c");
  std::ofstream(source) << includes_of(version);
  const std::string command = std::string(VMSIM_C_COMPILER " @" VMSIM_BINARY_DIR "/tests/kapi/flags-") + version +
                              " -w " + options + " -x c " + source.string() + " > " + output.string();
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
}

bool in_kapi(const std::string& line) {
  return line.find(VMSIM_SOURCE_DIR "/include/vmsim/kapi/") != std::string::npos;
}

bool is_private(const std::string& name) {
  return name.find("vmsim") != name.npos || name.find("VMSIM") != name.npos;
}

/// Macros that the headers of the C face define, as the preprocessor sees them.
std::set<std::string> macros_defined(const std::string& version) {
  const fs::path output = work_folder() / ("macros-" + version + ".txt");
  compile_headers(version, "-E -dD", output);
  std::ifstream file(output);
  std::set<std::string> names;
  bool ours = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("# ")) ours = in_kapi(line);
    if (!ours || !line.starts_with("#define ")) continue;
    const std::size_t end = line.find_first_of(" (", 8);
    const std::string name = line.substr(8, end == line.npos ? end : end - 8);
    if (!is_private(name)) names.insert(name);
  }
  return names;
}

/// Functions that they declare; GCC lists them.
[[maybe_unused]] std::set<std::string> functions_declared(const std::string& version) {
  const fs::path list = work_folder() / ("functions-" + version + ".txt");
  compile_headers(version, "-fsyntax-only -aux-info " + list.string(), work_folder() / "nothing.txt");
  std::ifstream file(list);
  std::set<std::string> names;
  for (std::string line; std::getline(file, line);) {
    if (!in_kapi(line)) continue;
    const std::size_t start = line.find("*/ ");
    const std::size_t paren = line.find(" (", start);
    if (start == line.npos || paren == line.npos) continue;
    const std::size_t word = line.find_last_of(" *", paren - 1) + 1;
    const std::string name = line.substr(word, paren - word);
    if (!name.empty() && !is_private(name)) names.insert(name);
  }
  return names;
}

class AtVersion : public testing::TestWithParam<const char*> {};

TEST_P(AtVersion, the_index_says_exists_exactly_when_a_driver_that_uses_the_name_compiles) {
  const std::string version = GetParam();
  const std::set<std::string> usable = usable_names(version);
  std::map<std::string, int> kinds;
  std::size_t here = 0, elsewhere = 0;
  for (const auto& [name, entries] : by_name()) {
    if (is_opaque(*entries[0])) continue;
    const bool said = exists(entries, code(version));
    EXPECT_EQ(said, usable.contains(name)) << name << " of " << entries[0]->header << " at " << version;
    ++kinds[entries[0]->kind];
    ++(said ? here : elsewhere);
  }
  EXPECT_GT(here, 1000u);
  EXPECT_GT(elsewhere, 30u);
  for (const char* const kind : {"function", "macro", "struct", "typedef", "constant"})
    EXPECT_GT(kinds[kind], 15) << kind;
}

TEST_P(AtVersion, what_the_compiler_sees_in_the_headers_is_in_the_index) {
  const std::string version = GetParam();
  const auto names = by_name();
  std::set<std::string> seen = macros_defined(version);
  EXPECT_GT(seen.size(), 1000u);
#ifdef VMSIM_C_IS_GNU
  const std::set<std::string> functions = functions_declared(version);
  EXPECT_GT(functions.size(), 300u);
  seen.insert(functions.begin(), functions.end());
#endif
  for (const std::string& name : seen) {
    const auto entries = names.find(name);
    EXPECT_TRUE(entries != names.end() && exists(entries->second, code(version))) << name << " at " << version;
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, AtVersion,
                         testing::Values("2.4.20", "2.6.10", "2.6.32", "3.10", "4.14", "5.10", "6.1", "6.12", "6.17"));

TEST(KapiIndex, every_name_has_a_tag_that_its_conditionals_bear_out) {
  for (const KapiProblem& problem : index_of_tree().problems())
    ADD_FAILURE() << problem.header << ":" << problem.line << ": " << problem.what;
}

TEST(KapiIndex, a_simplified_name_says_how) {
  for (const KapiName& entry : index_of_tree().names()) {
    if (entry.fidelity == Fidelity::kSimplified) {
      EXPECT_NE(entry.note, "") << entry.name << " in " << entry.header;
    }
  }
}

TEST(KapiIndex, a_name_is_found_in_all_its_eras) {
  const auto insert = index_of_tree().find("vm_insert_pfn");
  ASSERT_EQ(insert.size(), 1u);
  EXPECT_EQ(insert[0]->header, "linux/mm.h");
  EXPECT_EQ(insert[0]->kind, "function");
  EXPECT_EQ(era_text({insert[0]->from, insert[0]->until}), "2.6.20 – 4.19");
  EXPECT_FALSE(index_of_tree().find("vm_operations_struct.fault").empty());
  EXPECT_TRUE(index_of_tree().find("no_such_name").empty());
}

TEST(KapiIndex, the_nearest_names_are_of_the_version_asked_for) {
  const auto near = index_of_tree().nearest("remap_pfn_rang", kernel_version(6, 12));
  ASSERT_EQ(near.size(), 3u);
  EXPECT_EQ(near[0]->name, "remap_pfn_range");
  const auto old = index_of_tree().nearest("vm_insert_pnf", kernel_version(4, 14), 1);
  ASSERT_EQ(old.size(), 1u);
  EXPECT_EQ(old[0]->name, "vm_insert_pfn");
  for (const KapiName* entry : index_of_tree().nearest("vm_insert_pfn", kernel_version(6, 12)))
    EXPECT_NE(entry->name, "vm_insert_pfn");
}

TEST(KapiIndex, a_folder_without_the_headers_is_refused) {
  const auto index = KapiIndex::read(VMSIM_SOURCE_DIR "/docs");
  ASSERT_FALSE(index);
  EXPECT_EQ(index.error().errno_value, ENOENT);
}

// The scanner on small headers.

std::map<std::string, ScannedName> scanned(const std::string& text) {
  std::map<std::string, ScannedName> names;
  for (const ScannedName& name : scan_header(text).names) names.emplace(name.name, name);
  return names;
}

std::string eras_of(const ScannedName& name) {
  std::string text;
  for (const Era& era : name.eras.parts()) text += (text.empty() ? "" : ", ") + era_text(era);
  return text;
}

TEST(KapiScan, conditionals_make_eras) {
  auto names = scanned(R"(
#if VMSIM_SINCE(4, 5, 0) && VMSIM_UNTIL(6, 18, 0)
extern int a(void);
#elif VMSIM_SINCE(3, 4, 0)
extern int b(void);
#else
#define c(x) (x)
#endif
#if !VMSIM_SINCE(3, 0, 0)
enum mode { kOne = 1, /* a comment */ kTwo = (1, 2) };
#endif
#ifdef DEBUG
#define d 1
#endif
)");
  EXPECT_EQ(eras_of(names.at("a")), "4.5 – 6.17");
  EXPECT_EQ(eras_of(names.at("b")), "3.4 – 4.4, 6.18 –");
  EXPECT_EQ(eras_of(names.at("c")), "– 3.3");
  EXPECT_EQ(eras_of(names.at("kTwo")), "– 2.6.39");
  EXPECT_EQ(names.at("kOne").kind, "constant");
  EXPECT_EQ(names.at("mode").kind, "enum");
  EXPECT_EQ(eras_of(names.at("d")), "all");
}

TEST(KapiScan, declarations_of_each_kind) {
  auto names = scanned(R"(
typedef int(read_fn)(char *page, int *eof);
typedef void (*fn_t)(struct inode *, int);
typedef unsigned short __le16, __be16;
typedef struct { int v; } wrapped_t;
struct VMSIM_KW(class) { int a; union { int b; struct { int c, *d; }; }; char name[4]; int (*call)(void); };
struct only_mentioned;
extern struct page *alloc(int gfp) __attribute__((format(printf, 1, 2)));
static inline struct inode *file_inode(const struct file *f) { return f->f_inode; }
extern struct module __this_module;
__MODULE_INFO(vermagic, vermagic, VERMAGIC_STRING);
#define LONG(x) \
	({ int vmsim_a = (x); \
	   vmsim_a; })
extern void vmsim_private(void);
)");
  std::string all;
  for (const auto& [name, entry] : names) all += entry.kind + " " + name + "\n";
  EXPECT_EQ(all,
            "macro LONG\ntypedef __be16\ntypedef __le16\nvariable __this_module\nfunction alloc\nstruct class\n"
            "function file_inode\ntypedef fn_t\ntypedef read_fn\ntypedef wrapped_t\n");
  std::string fields;
  for (const ScannedName& member : scan_header("struct s { int a; union { int b; struct { int c, *d; }; }; "
                                               "char n[4]; int (*call)(void); };").members)
    fields += member.name + " ";
  EXPECT_EQ(fields, "s.a s.b s.c s.d s.n s.call ");
}

TEST(KapiScan, tags_and_what_they_are_for) {
  auto names = scanned(R"(
/* vmsim: exact, every name of this file */
#define plain 1
extern int trailing(void); /* vmsim: stub [2.6.15, 4.20), then other_name */
/* vmsim: simplified: so and so */
extern int ahead(int a,
		 int b);
#define after 1
/* vmsim: simplified: blockwise, every name of this block */
#define in_block 1
#define in_block_too 2

#define behind 3
/* vmsim: stub */
#if VMSIM_SINCE(3, 0, 0)
extern int first(int);
#else
extern int second(int);
#endif
)");
  const auto tag = [&](const char* name) { return names.at(name).tag.value(); };
  EXPECT_EQ(tag("plain").fidelity, Fidelity::kExact);
  EXPECT_EQ(tag("trailing").fidelity, Fidelity::kStub);
  EXPECT_EQ(tag("trailing").eras, Eras(Era{kernel_version(2, 6, 15), kernel_version(4, 20)}));
  EXPECT_EQ(tag("trailing").successor, "other_name");
  EXPECT_EQ(tag("trailing").note, "");
  EXPECT_EQ(tag("ahead").note, "so and so");
  EXPECT_EQ(tag("after").fidelity, Fidelity::kExact);
  EXPECT_EQ(tag("in_block_too").note, "blockwise");
  EXPECT_EQ(tag("behind").fidelity, Fidelity::kExact);
  EXPECT_EQ(tag("first").fidelity, Fidelity::kStub);
  EXPECT_EQ(tag("second").fidelity, Fidelity::kStub);
}

TEST(KapiScan, wrong_tags_are_reported) {
  const fs::path folder = work_folder() / "bad";
  fs::create_directories(folder / "linux");
  std::ofstream(folder / "linux/kconfig.h") << "#define untagged 1\n"
                                               "/* vmsim: exact [3.0, ) */\n#define too_wide 1\n"
                                               "#if VMSIM_SINCE(4, 0, 0)\n/* vmsim: exact [3.0, ) */\n"
                                               "#define too_narrow 1\n#endif\n";
  const auto index = KapiIndex::read(folder);
  ASSERT_TRUE(index);
  std::string said;
  for (const KapiProblem& problem : index->problems()) said += problem.what + "\n";
  EXPECT_EQ(said,
            "untagged has no vmsim: tag\ntoo_wide exists in versions that its tag excludes\n"
            "too_narrow does not exist in all versions that its tag states\n");
}

TEST(KapiScan, what_an_inner_header_defines_is_found_where_drivers_include_it) {
  const fs::path folder = work_folder() / "inner";
  fs::create_directories(folder / "linux");
  fs::create_directories(folder / "vmsim");
  std::ofstream(folder / "linux/kconfig.h") << "#define VMSIM_X 1\n";
  std::ofstream(folder / "linux/box.h") << "#if VMSIM_UNTIL(2, 6, 33)\n#include \"../vmsim/old_box.h\"\n#endif\n";
  std::ofstream(folder / "vmsim/old_box.h") << "/* vmsim: exact, every name of this file */\n#define box 1\n"
                                               "/* vmsim: exact, in linux/lid.h */\n#define lid 1\n";
  const auto index = KapiIndex::read(folder);
  ASSERT_TRUE(index);
  EXPECT_TRUE(index->problems().empty());
  ASSERT_EQ(index->names().size(), 2u);
  EXPECT_EQ(index->find("box")[0]->header, "linux/box.h");
  EXPECT_EQ(index->find("box")[0]->until, kernel_version(2, 6, 33));
  EXPECT_EQ(index->find("lid")[0]->header, "linux/lid.h");
}

}  // namespace
}  // namespace vmsim::cli
