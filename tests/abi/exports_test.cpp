// SPDX-License-Identifier: MIT
// The export table against the C face: what a header of some version declares can be imported in
// that version, and nothing else of it.
#include "abi/exports.hpp"

#include <cctype>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include <gtest/gtest.h>

#include "abi/abi_fixture.hpp"

namespace vmsim::abi {
namespace {

/// Headers whose functions are all there. A file that is added to src/abi adds its headers here.
const char* const kHeaders[] = {
    "linux/mm.h",         "linux/mmap_lock.h",    "linux/gfp.h",         "linux/slab.h",
    "linux/vmalloc.h",    "linux/highmem.h",      "linux/pagemap.h",     "linux/highmem-internal.h",
    "linux/page-flags.h", "linux/page_ref.h",     "linux/rmap.h",        "linux/huge_mm.h",
    "linux/uaccess.h",    "linux/uio.h",          "linux/bug.h",         "linux/io.h",
    "linux/ioport.h",     "linux/sched/mm.h",     "asm/page.h",          "asm/pgtable.h",
    "asm/io.h",           "asm/cacheflush.h",     "asm/set_memory.h",    "asm/current.h",
    "linux/aio.h",        "linux/capability.h",   "linux/cdev.h",        "linux/completion.h",
    "linux/cred.h",       "linux/debugfs.h",      "linux/delay.h",       "linux/dev_printk.h",
    "linux/device.h",     "linux/device/class.h", "linux/fs.h",          "linux/interrupt.h",
    "linux/irqflags.h",   "linux/jiffies.h",      "linux/kernel.h",      "linux/kobject.h",
    "linux/kstrtox.h",    "linux/kthread.h",      "linux/ktime.h",       "linux/math.h",
    "linux/miscdevice.h", "linux/module.h",       "linux/moduleparam.h", "linux/mutex.h",
    "linux/poll.h",       "linux/preempt.h",      "linux/printk.h",      "linux/proc_fs.h",
    "linux/random.h",     "linux/rcupdate.h",     "linux/rwsem.h",       "linux/sched.h",
    "linux/semaphore.h",  "linux/seq_file.h",     "linux/smp.h",         "linux/smp_lock.h",
    "linux/spinlock.h",   "linux/sprintf.h",      "linux/string.h",      "linux/sysfs.h",
    "linux/time.h",       "linux/timer.h",        "linux/wait.h",        "linux/workqueue.h",
    "linux/rbtree.h",     "linux/xarray.h",       "linux/radix-tree.h",  "linux/idr.h",
    "linux/kfifo.h",      "linux/mempool.h",      "linux/sort.h",        "linux/list_sort.h",
    "linux/bsearch.h",    "linux/crc32.h",        "linux/notifier.h",
    "linux/eventfd.h",    "linux/hrtimer.h",      "linux/of.h",          "linux/platform_device.h",
    "linux/property.h",   "linux/device/bus.h",   "linux/device/driver.h",
};

/// Evaluates the conditions of the C face: VMSIM_SINCE, VMSIM_UNTIL, !, &&, ||, defined.
class Condition {
 public:
  Condition(std::string text, unsigned version) : text_(std::move(text)), version_(version) {}

  bool value() { return either(); }

 private:
  void skip() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }

  bool take(const std::string& token) {
    skip();
    if (text_.compare(at_, token.size(), token) != 0) return false;
    at_ += token.size();
    return true;
  }

  bool either() {
    bool value = both();
    while (take("||")) value = both() || value;
    return value;
  }

  bool both() {
    bool value = one();
    while (take("&&")) value = one() && value;
    return value;
  }

  unsigned number() {
    skip();
    unsigned value = 0;
    while (at_ < text_.size() && std::isdigit(static_cast<unsigned char>(text_[at_])))
      value = value * 10 + static_cast<unsigned>(text_[at_++] - '0');
    return value;
  }

  unsigned version_argument() {
    EXPECT_TRUE(take("("));
    const unsigned a = number();
    EXPECT_TRUE(take(","));
    const unsigned b = number();
    EXPECT_TRUE(take(","));
    const unsigned c = number();
    EXPECT_TRUE(take(")"));
    return kernel(a, b, c);
  }

  bool one() {
    if (take("!")) return !one();
    if (take("(")) {
      const bool value = either();
      EXPECT_TRUE(take(")"));
      return value;
    }
    if (take("VMSIM_SINCE")) return version_ >= version_argument();
    if (take("VMSIM_UNTIL")) return version_ < version_argument();
    if (take("defined")) {
      while (at_ < text_.size() && text_[at_] != ')') ++at_;
      ++at_;
      return false;
    }
    return number() != 0;
  }

  std::string text_;
  unsigned version_;
  std::size_t at_ = 0;
};

std::vector<std::string> lines_of(const std::string& header) {
  std::ifstream file(std::string(VMSIM_SOURCE_DIR) + "/include/vmsim/kapi/" + header);
  EXPECT_TRUE(file) << header << " cannot be read";
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (!lines.empty() && !lines.back().empty() && lines.back().back() == '\\') {
      lines.back().pop_back();
      lines.back() += line;
    } else {
      lines.push_back(line);
    }
  }
  return lines;
}

/// "kfree" of "extern void kfree(const void *p);"; empty for variables.
std::string function_name(const std::string& declaration) {
  const std::size_t paren = declaration.find('(');
  if (paren == std::string::npos) return {};
  std::size_t start = paren;
  while (start > 0 && (std::isalnum(static_cast<unsigned char>(declaration[start - 1])) ||
                       declaration[start - 1] == '_'))
    --start;
  return declaration.substr(start, paren - start);
}

/// A header may exist in some versions only: it says vmsim-from or vmsim-until in its first lines.
bool exists_in(const std::vector<std::string>& lines, unsigned version) {
  for (std::size_t i = 0; i < lines.size() && i < 10; ++i)
    for (const std::string mark : {"vmsim-from:", "vmsim-until:"}) {
      const std::size_t at = lines[i].find(mark);
      if (at == std::string::npos) continue;
      unsigned a = 0, b = 0, c = 0;
      std::sscanf(lines[i].c_str() + at + mark.size(), "%u.%u.%u", &a, &b, &c);
      if ((version < kernel(a, b, c)) == (mark == "vmsim-from:")) return false;
    }
  return true;
}

/// The functions that a header declares for drivers of one version, stubs apart.
std::set<std::string> declared(const std::vector<std::string>& lines, unsigned version) {
  std::set<std::string> names;
  if (!exists_in(lines, version)) return names;

  struct Level {
    bool active;
    bool taken;
  };

  std::vector<Level> levels;
  const auto active = [&] {
    for (const Level& level : levels)
      if (!level.active) return false;
    return true;
  };
  bool stub = false;
  for (const std::string& line : lines) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    std::string rest;
    std::getline(words, rest);
    rest = rest.substr(0, rest.find("/*"));
    if (word == "#if") {
      const bool value = Condition(rest, version).value();
      levels.push_back({value, value});
    } else if (word == "#ifndef") {
      levels.push_back({true, true});
    } else if (word == "#ifdef") {
      levels.push_back({false, false});
    } else if (word == "#elif" && !levels.empty()) {
      const bool value = !levels.back().taken && Condition(rest, version).value();
      levels.back() = {value, levels.back().taken || value};
    } else if (word == "#else" && !levels.empty()) {
      levels.back() = {!levels.back().taken, true};
    } else if (word == "#endif" && !levels.empty()) {
      levels.pop_back();
    } else if (word == "extern" && active()) {
      const std::string name = function_name(line);
      if (!name.empty() && !stub && line.find("vmsim: stub") == std::string::npos)
        names.insert(name);
      stub = false;
    }
    if (word == "/*") stub = line.find("vmsim: stub") != std::string::npos;
  }
  return names;
}

/// Every version at which some header or table changes, and the one before it.
std::set<unsigned> interesting_versions(const std::vector<std::vector<std::string>>& headers) {
  std::set<unsigned> versions = {kernel(2, 4), kernel(2, 6, 10), kernel(6, 12), kernel(6, 17)};
  for (const auto& lines : headers)
    for (const std::string& line : lines)
      for (const char* macro : {"VMSIM_SINCE(", "VMSIM_UNTIL("})
        for (std::size_t at = line.find(macro); at != std::string::npos;
             at = line.find(macro, at + 1)) {
          unsigned a = 0, b = 0, c = 0;
          if (std::sscanf(line.c_str() + at + std::string(macro).size(), "%u, %u, %u", &a, &b,
                          &c) == 3)
            versions.insert({kernel(a, b, c), kernel(a, b, c) - 1});
        }
  versions.erase(versions.begin(), versions.lower_bound(kernel(2, 4)));
  return versions;
}

std::string version_text(unsigned version) {
  return std::to_string(version >> 16) + "." + std::to_string(version >> 8 & 255) + "." +
         std::to_string(version & 255);
}

TEST(Exports, names_are_unique_in_each_version) {
  std::map<std::string, std::vector<const Export*>> by_name;
  for (const auto& table : export_tables())
    for (const Export& entry : table) {
      EXPECT_NE(entry.address, nullptr) << entry.name;
      EXPECT_LT(entry.from, entry.until) << entry.name;
      for (const Export* other : by_name[entry.name])
        EXPECT_TRUE(entry.until <= other->from || other->until <= entry.from)
            << entry.name << " is exported twice to one version";
      by_name[entry.name].push_back(&entry);
    }
  EXPECT_GT(by_name.size(), 200u);
}

TEST(Exports, what_headers_declare_can_be_imported) {
  std::vector<std::vector<std::string>> headers;
  for (const char* header : kHeaders) headers.push_back(lines_of(header));
  std::set<std::string> ever;
  std::map<unsigned, std::set<std::string>> by_version;
  for (const unsigned version : interesting_versions(headers))
    for (const auto& lines : headers)
      for (const std::string& name : declared(lines, version)) {
        by_version[version].insert(name);
        ever.insert(name);
      }
  ASSERT_GT(ever.size(), 200u);
  std::map<std::string, std::string> missing, surplus;
  for (const auto& [version, names] : by_version)
    for (const std::string& name : ever) {
      const bool is_declared = names.contains(name);
      const bool is_there = find_export(name, version) != nullptr;
      if (is_declared && !is_there) missing[name] += " " + version_text(version);
      if (!is_declared && is_there) surplus[name] += " " + version_text(version);
    }
  for (const auto& [name, versions] : missing)
    ADD_FAILURE() << name << " is missing in" << versions;
  for (const auto& [name, versions] : surplus)
    ADD_FAILURE() << name << " is exported, but not declared, in" << versions;
}

TEST(Exports, versions_pick_the_function) {
  const void* const old = find_export("kmap_atomic", kernel(2, 6, 10));
  const void* const young = find_export("kmap_atomic", kernel(6, 12));
  EXPECT_NE(old, nullptr);
  EXPECT_NE(young, nullptr);
  EXPECT_NE(old, young);
  EXPECT_NE(find_export("remap_page_range", kernel(2, 6, 10)), nullptr);
  EXPECT_EQ(find_export("remap_page_range", kernel(6, 12)), nullptr);
  EXPECT_EQ(find_export("no_such_function", kernel(6, 12)), nullptr);
}

TEST(Exports, an_address_inside_of_a_function_names_it) {
  const u64 start = reinterpret_cast<u64>(find_export("kmalloc", kernel(6, 12)));
  EXPECT_EQ(export_at(start), "kmalloc");
  EXPECT_EQ(export_at(start + 1), "kmalloc");
  EXPECT_EQ(export_at(0x1000), "");
}

}  // namespace
}  // namespace vmsim::abi
