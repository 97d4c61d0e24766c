// SPDX-License-Identifier: MIT
// How much of what real drivers use the C face has: vmsim_kapi_coverage KAPI_DIR RANKED_DIR. RANKED_DIR has tables of
// name, weight, group, state and kernel, most used first; the floors below are asserted.
//
// A name counts if the index has it, not as a stub, in some version, or in the row's kernel. `linux/x.h` is a header,
// `struct x` a struct, `x.y` a field. State: "asserted", or "later" for a framework that is yet to come: counted and
// printed, asserted not.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>
#include <vector>

#include "cli/kapi_eras.hpp"
#include "cli/kapi_index.hpp"

namespace vmsim::cli {

namespace {

/// Of each table, or group of a table: how many hundredths of the asserted weight have to be found.
const std::map<std::string, double> kFloors = {
    {"1 primitives", 100},
    {"2 vm_operations", 100},
    {"3 supporting", 90},
    {"5 headers", 100},
    {"6 dialects", 100},
    {"4 symbols: err/kernel macros/string", 95},
    {"4 symbols: fs/cdev/misc/device", 95},
    {"4 symbols: mm mapping/page", 95},
    {"4 symbols: module", 95},
    {"4 symbols: locks/atomics/wait/work/timers", 95},
    {"4 symbols: printk", 95},
    {"4 symbols: io/ioport", 95},
    {"4 symbols: list/rbtree/idr/kfifo", 95},
    {"4 symbols: slab/dmapool", 95},
    {"4 symbols: page alloc", 95},
    {"4 symbols: uaccess", 95},
    {"4 symbols: proc/debugfs/seq_file/relay", 95},
    {"4 symbols: sched", 95},
    {"4 symbols: vmalloc", 95},
    {"4 symbols: highmem", 95},
};

struct Row {
  std::string name;
  double weight = 0;
  std::string group;
  bool later = false;
  unsigned kernel = 0;  // 0: any
};

struct Table {
  std::string name;
  std::vector<Row> rows;
};

unsigned version_code(const std::string& text) {
  unsigned a = 0, b = 0, c = 0;
  if (std::sscanf(text.c_str(), "%u.%u.%u", &a, &b, &c) < 2) return 0;
  return kernel_version(a, b, c);
}

std::vector<Table> read_tables(const std::filesystem::path& folder) {
  std::set<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".tsv") paths.insert(entry.path());
  std::vector<Table> tables;
  for (const auto& path : paths) {
    Table table{path.stem().string(), {}};
    std::ranges::replace(table.name, '_', ' ');
    if (const auto at = table.name.find("vm operations"); at != table.name.npos) table.name[at + 2] = '_';
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
      if (line.empty() || line[0] == '#') continue;
      std::istringstream cells(line);
      Row row;
      std::string weight, state, kernel;
      std::getline(cells, row.name, '\t');
      std::getline(cells, weight, '\t');
      std::getline(cells, row.group, '\t');
      std::getline(cells, state, '\t');
      std::getline(cells, kernel, '\t');
      row.weight = std::stod(weight);
      row.later = state == "later";
      row.kernel = version_code(kernel);
      table.rows.push_back(std::move(row));
    }
    tables.push_back(std::move(table));
  }
  return tables;
}

bool is_found(const KapiIndex& index, const Row& row) {
  if (row.name.ends_with(".h")) return std::ranges::binary_search(index.headers(), row.name);
  std::string name = row.name;
  const bool is_struct = name.starts_with("struct ");
  if (is_struct) name.erase(0, 7);
  return std::ranges::any_of(index.find(name), [&](const KapiName* entry) {
    if (is_struct && entry->kind != "struct") return false;
    if (entry->fidelity == Fidelity::kStub) return false;
    return row.kernel == 0 || (entry->from <= row.kernel && row.kernel < entry->until);
  });
}

struct Sum {
  double found = 0, all = 0, later_found = 0, later_all = 0;
  std::vector<std::string> missing, missing_later;
};

double percent(double part, double whole) {
  return whole == 0 ? 100 : part * 100 / whole;
}

void print_list(const char* title, const std::vector<std::string>& names) {
  if (names.empty()) return;
  std::string line = std::string("    ") + title + ":";
  for (const std::string& name : names) {
    if (line.size() + name.size() > 118) {
      std::cout << line << "\n";
      line = "     ";
    }
    line += " " + name;
  }
  std::cout << line << "\n";
}

/// Prints one line of the report with what is missing; false if it is below its floor.
bool report(const std::string& title, const Sum& sum) {
  const double share = percent(sum.found, sum.all);
  const auto floor = kFloors.find(title);
  const bool good = floor == kFloors.end() || share >= floor->second - 1e-9;
  std::printf("%-46s %7g of %7g  %5.1f %%", title.c_str(), sum.found, sum.all, share);
  if (floor != kFloors.end()) std::printf("  floor %g %%%s", floor->second, good ? "" : "  BELOW THE FLOOR");
  if (sum.later_all != 0) std::printf("  (later: %g of %g)", sum.later_found, sum.later_all);
  std::printf("\n");
  std::fflush(stdout);
  print_list("missing", sum.missing);
  print_list("later", sum.missing_later);
  return good;
}

void add(Sum& sum, const Row& row, bool found) {
  std::ostringstream name;
  name << row.name << " " << row.weight;
  (row.later ? sum.later_all : sum.all) += row.weight;
  if (found) (row.later ? sum.later_found : sum.found) += row.weight;
  if (!found) (row.later ? sum.missing_later : sum.missing).push_back(name.str() + ",");
}

int run(const char* kapi_dir, const char* ranked_dir) {
  const auto index = KapiIndex::read(kapi_dir);
  if (!index) {
    std::cerr << index.error().message << "\n";
    return 1;
  }
  bool good = true;
  std::set<std::string> floors_met;
  for (const Table& table : read_tables(ranked_dir)) {
    Sum sum;
    std::vector<std::string> groups;
    std::map<std::string, Sum> by_group;
    for (const Row& row : table.rows) {
      const bool found = is_found(*index, row);
      const std::string group = table.name + ": " + row.group;
      if (!by_group.contains(group)) groups.push_back(group);
      add(sum, row, found);
      add(by_group[group], row, found);
    }
    floors_met.insert(table.name);
    if (groups.size() > 1) sum.missing.clear(), sum.missing_later.clear();
    good = report(table.name, sum) && good;
    if (groups.size() < 2) continue;
    for (const std::string& group : groups) {
      floors_met.insert(group);
      good = report(group, by_group[group]) && good;
    }
  }
  for (const auto& [title, floor] : kFloors)
    if (!floors_met.contains(title)) {
      std::cout << "no table gives rows for " << title << "\n";
      good = false;
    }
  return good ? 0 : 1;
}

}  // namespace

}  // namespace vmsim::cli

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: vmsim_kapi_coverage KAPI_DIR RANKED_DIR\n";
    return 2;
  }
  return vmsim::cli::run(argv[1], argv[2]);
}
