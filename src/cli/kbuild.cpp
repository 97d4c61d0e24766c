// SPDX-License-Identifier: MIT
// A folder's obj-m, the objects of each module and their flags; see cc_plan.hpp. Variables that the
// Makefile hands to the kernel's own (make -C … NAME=VALUE) are set, as that call would do.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "cli/cc_plan.hpp"
#include "cli/makefile.hpp"

namespace vmsim::cli {

namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

/// One folder of a driver's tree.
class KbuildFolder {
 public:
  KbuildFolder(fs::path folder, const KernelVersion& kernel, Words inherited)
      : folder_(std::move(folder)), kernel_(kernel), inherited_(std::move(inherited)) {}

  Result<void> read(std::vector<DriverPlan>& drivers);

 private:
  Result<Makefile> parse() const;
  Result<void> add_module(const Makefile& makefile, const std::string& object,
                          std::vector<DriverPlan>& drivers) const;
  Result<SourcePlan> source(const Makefile& makefile, const std::string& object) const;
  Words flags(const Makefile& makefile, const Words& variables) const;

  const fs::path folder_;
  const KernelVersion kernel_;
  const Words inherited_;
  fs::path file_;
};

Words words_of(const Makefile& makefile, const std::string& variable) {
  return shell_words(makefile.value(variable));
}

/// NAME=VALUE of the calls of make -C in the recipes.
Makefile::Values handed_over(const Makefile& makefile) {
  Makefile::Values values;
  for (const std::string& recipe : makefile.recipes()) {
    const Words words = shell_words(makefile.expand(recipe));
    if (std::ranges::find_if(words, [](const auto& w) { return w.starts_with("-C"); }) ==
        words.end())
      continue;
    for (const std::string& word : words) {
      const std::size_t at = word.find('=');
      if (at == std::string::npos || at == 0 || word[0] == '-') continue;
      const std::string name = word.substr(0, at);
      if (name != "M" && name != "SUBDIRS" && name != "KERNELRELEASE")
        values[name] = word.substr(at + 1);
    }
  }
  return values;
}

/// Flags of a kbuild file that mean the same here. -Werror is for the kernel's own headers.
bool passed_on(const std::string& flag) {
  if (flag == "-Werror" || flag.starts_with("-Wl,") || flag.starts_with("-Wa,")) return false;
  return flag.size() > 2 &&
         (std::string("IDUWOg").find(flag[1]) != std::string::npos || flag.starts_with("-std=") ||
          (flag.starts_with("-f") && !flag.starts_with("-fsanitize")));
}

Result<Makefile> KbuildFolder::parse() const {
  const std::string here = folder_.string();
  Makefile::Values defaults = {{"src", here},    {"obj", here},           {"M", here},
                               {"PWD", here},    {"CURDIR", here},        {"srctree", ""},
                               {"objtree", ""},  {"KBUILD_EXTMOD", here}, {"srcroot", here},
                               {"MAKE", "make"}, {"ARCH", "x86"},         {"SRCARCH", "x86"}};
  Makefile alone(folder_, defaults, {});
  VMSIM_CHECK(alone.read(file_));
  defaults["KERNELRELEASE"] = kernel_.to_string();
  defaults["VERSION"] = std::to_string(kernel_.major);
  defaults["PATCHLEVEL"] = std::to_string(kernel_.minor);
  defaults["SUBLEVEL"] = std::to_string(kernel_.patch);
  Makefile within(folder_, defaults, handed_over(alone));
  VMSIM_CHECK(within.read(file_));
  return within;
}

Words KbuildFolder::flags(const Makefile& makefile, const Words& variables) const {
  Words words;
  for (const std::string& variable : variables)
    for (const std::string& word : words_of(makefile, variable)) words.push_back(word);
  Words kept;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string word = words[i];
    const bool takes_next = word == "-I" || word == "-D" || word == "-U" || word == "-include";
    if (takes_next && i + 1 < words.size()) {
      if (word != "-include") {
        word += words[++i];
      } else {
        const fs::path file = words[++i];
        kept.insert(kept.end(), {word, (file.is_absolute() ? file : folder_ / file).string()});
        continue;
      }
    }
    if (!passed_on(word)) continue;
    if (word.starts_with("-I"))
      word = "-I" + (folder_ / word.substr(2)).lexically_normal().string();
    kept.push_back(word);
  }
  return kept;
}

Result<SourcePlan> KbuildFolder::source(const Makefile& makefile, const std::string& object) const {
  SourcePlan plan;
  plan.file = (folder_ / object).replace_extension(".c").lexically_normal();
  std::error_code ignored;
  if (!fs::exists(plan.file, ignored)) {
    const fs::path assembly = fs::path(plan.file).replace_extension(".S");
    const bool there = fs::exists(assembly, ignored);
    return fail(ENOENT, file_.string() + " names " + object + ", but " +
                            (there ? assembly.string() +
                                         " is assembly, which has no place in a simulated kernel"
                                   : "there is no " + plan.file.string()));
  }
  plan.flags = inherited_;
  for (std::string& flag :
       flags(makefile, {"subdir-ccflags-y", "ccflags-y", "EXTRA_CFLAGS", "CFLAGS", "CFLAGS_MODULE",
                        "KCFLAGS", "CFLAGS_" + object}))
    plan.flags.push_back(std::move(flag));
  return plan;
}

Result<void> KbuildFolder::add_module(const Makefile& makefile, const std::string& object,
                                      std::vector<DriverPlan>& drivers) const {
  if (!object.ends_with(".o"))
    return fail(EINVAL, file_.string() + ": obj-m has '" + object +
                            "', expected NAME.o or a folder with / at its end");
  const std::string stem = object.substr(0, object.size() - 2);
  DriverPlan driver{fs::path(stem).filename().string()};
  Words objects;
  for (const char* const ending : {"-objs", "-y", "-m"})
    for (const std::string& word : words_of(makefile, stem + ending))
      if (std::ranges::find(objects, word) == objects.end()) objects.push_back(word);
  if (objects.empty()) objects.push_back(object);
  for (const std::string& word : objects)
    driver.sources.push_back(VMSIM_TRY(source(makefile, word)));
  const auto same = [&](const DriverPlan& other) { return other.name == driver.name; };
  if (std::ranges::find_if(drivers, same) == drivers.end()) drivers.push_back(std::move(driver));
  return {};
}

Result<void> KbuildFolder::read(std::vector<DriverPlan>& drivers) {
  std::error_code error;
  fs::directory_iterator(folder_, error);
  if (error) return fail(error.value(), folder_.string() + " cannot be read: " + error.message());
  for (const char* const name : {"Kbuild", "Makefile", "makefile", "GNUmakefile"}) {
    if (!fs::exists(folder_ / name, error)) continue;
    file_ = folder_ / name;
    break;
  }
  if (file_.empty())
    return fail(ENOENT,
                folder_.string() + " has neither Kbuild nor Makefile; name the sources instead");
  const Makefile makefile = VMSIM_TRY(parse());
  Words inherited = inherited_;
  for (std::string& flag : flags(makefile, {"subdir-ccflags-y"}))
    inherited.push_back(std::move(flag));
  for (const char* const list : {"obj-m", "obj-y"})
    for (const std::string& word : words_of(makefile, list)) {
      if (word.ends_with('/')) {
        VMSIM_CHECK(
            KbuildFolder((folder_ / word).lexically_normal(), kernel_, inherited).read(drivers));
      } else if (std::string_view(list) == "obj-m") {
        VMSIM_CHECK(add_module(makefile, word, drivers));
      }
    }
  return {};
}

}  // namespace

Result<std::vector<DriverPlan>> read_kbuild(const fs::path& folder, const KernelVersion& kernel) {
  std::vector<DriverPlan> drivers;
  VMSIM_CHECK(KbuildFolder(folder, kernel, {}).read(drivers));
  if (drivers.empty())
    return fail(ENOENT,
                folder.string() +
                    ": its Makefile sets no obj-m, expected obj-m := NAME.o; or name the sources");
  return drivers;
}

}  // namespace vmsim::cli
