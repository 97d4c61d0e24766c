// SPDX-License-Identifier: MIT
// Writes docs/kapi.md and docs/dialects.md from the index of the C face: vmsim_kapi_docs [--check] SOURCE_DIR. With
// --check it writes nothing, and fails if the pages are not what the headers say.
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>

#include "cli/kapi_eras.hpp"
#include "cli/kapi_index.hpp"

namespace vmsim::cli {

namespace {

namespace fs = std::filesystem;

constexpr unsigned kFirst = kernel_version(2, 4), kLast = kernel_version(6, 17);

/// A name as drivers write it: `struct page`, `kfree()`, `GFP_KERNEL`.
std::string spelled(const KapiName& entry) {
  if (entry.kind == "struct" || entry.kind == "enum") return entry.kind + " " + entry.name;
  return entry.kind == "function" ? entry.name + "()" : entry.name;
}

/// The cell of a table: its signs are no markup.
std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != text.npos; at += 2) text.insert(at, "\\");
  return text;
}

std::string how(const KapiName& entry) {
  std::string text(fidelity_text(entry.fidelity));
  if (!entry.note.empty()) text += ": " + entry.note;
  return text;
}

std::string symbols_page(const KapiIndex& index) {
  std::map<std::string, std::map<std::pair<std::string, std::string>, std::vector<const KapiName*>>> headers;
  std::map<Fidelity, std::size_t> sums;
  std::map<std::pair<std::string, Fidelity>, bool> counted;
  for (const KapiName& entry : index.names()) {
    headers[entry.header][{era_text({entry.from, entry.until}), how(entry)}].push_back(&entry);
    if (!std::exchange(counted[{entry.name, entry.fidelity}], true)) ++sums[entry.fidelity];
  }
  std::string page =
      "# What drivers find in the headers\n\n"
      "<!-- Written by the program vmsim_kapi_docs from the headers in include/vmsim/kapi; do not edit. -->\n\n"
      "Every name that `include/vmsim/kapi` gives to drivers, by header. *Kernels*: the first and the last version "
      "that has it.\nExact: a driver cannot tell it from Linux, as far as vmsim simulates the machine at all "
      "([limitations.md](limitations.md)).\nSimplified: it does less, as the table says. Stub: it compiles, and does "
      "nothing or fails. Names that some versions do\nnot have are listed again in [dialects.md](dialects.md).\n\n";
  page += std::to_string(sums[Fidelity::kExact]) + " names are exact, " + std::to_string(sums[Fidelity::kSimplified]) +
          " simplified, " + std::to_string(sums[Fidelity::kStub]) + " stubs.\n";
  for (const auto& [header, groups] : headers) {
    page += "\n## " + header + "\n\n| kernels | how | names |\n|---|---|---|\n";
    for (const auto& [group, entries] : groups) {
      page += "| " + group.first + " | " + cell(group.second) + " | ";
      const char* separator = "";
      for (const KapiName* entry : entries) {
        page += std::string(separator) + "`" + spelled(*entry) + "`";
        separator = ", ";
      }
      page += " |\n";
    }
  }
  return page;
}

struct Dialect {
  std::string name, header, successor;
  Eras eras;
};

std::string dialect_rows(const std::vector<Dialect>& dialects, bool gone) {
  std::string rows;
  for (const Dialect& dialect : dialects) {
    if (dialect.eras.contains(kLast) == gone) continue;
    std::string eras;
    for (const Era& era : dialect.eras.parts()) eras += (eras.empty() ? "" : ", ") + era_text(era);
    rows += "| `" + dialect.name + "` | " + eras + " | ";
    if (gone) rows += (dialect.successor.empty() ? std::string() : "`" + dialect.successor + "`") + " | ";
    rows += dialect.header + " |\n";
  }
  return rows;
}

std::string dialects_page(const KapiIndex& index) {
  std::map<std::string, Dialect> by_name;
  for (const KapiName& entry : index.names()) {
    const std::string name = entry.kind == "struct" || entry.kind == "enum" ? spelled(entry) : entry.name;
    Dialect& dialect = by_name.try_emplace(name, Dialect{name, entry.header, {}, {}}).first->second;
    dialect.eras = dialect.eras | Eras(Era{entry.from, entry.until});
    if (!entry.successor.empty()) dialect.successor = entry.successor;
  }
  std::vector<Dialect> dialects;
  for (auto& [name, dialect] : by_name)
    if (!dialect.eras.covers(Eras(Era{kFirst, kLast + 1}))) dialects.push_back(std::move(dialect));
  return "# Names that come and go\n\n"
         "<!-- Written by the program vmsim_kapi_docs from the headers in include/vmsim/kapi; do not edit. -->\n\n"
         "A driver is compiled for one kernel version, 2.4 to 6.17, and sees that version's names only. These are the "
         "names that\nnot all of them have. All others are in every version: [kapi.md](kapi.md).\n\n"
         "## Gone by 6.17\n\n| name | kernels | then | header |\n|---|---|---|---|\n" +
         dialect_rows(dialects, true) + "\n## Newer than 2.4\n\n| name | kernels | header |\n|---|---|---|\n" +
         dialect_rows(dialects, false);
}

bool is_written(const fs::path& path, const std::string& text) {
  std::ifstream file(path, std::ios::binary);
  return file && std::string{std::istreambuf_iterator<char>(file), {}} == text;
}

int run(const fs::path& source_dir, bool check) {
  const auto index = KapiIndex::read(source_dir / "include/vmsim/kapi");
  if (!index) {
    std::cerr << "vmsim_kapi_docs: " << index.error().message << "\n";
    return 1;
  }
  int status = 0;
  const std::pair<const char*, std::string> pages[] = {{"kapi.md", symbols_page(*index)},
                                                       {"dialects.md", dialects_page(*index)}};
  for (const auto& [name, text] : pages) {
    const fs::path path = source_dir / "docs" / name;
    if (is_written(path, text)) continue;
    if (!check) {
      std::ofstream(path, std::ios::binary) << text;
      if (is_written(path, text)) continue;
    }
    std::cerr << path.string() << (check ? " is not what the headers say: run vmsim_kapi_docs, and commit it\n"
                                         : " cannot be written\n");
    status = 1;
  }
  return status;
}

}  // namespace

}  // namespace vmsim::cli

int main(int argc, char** argv) {
  const bool check = argc == 3 && std::strcmp(argv[1], "--check") == 0;
  if (argc != 2 && !check) {
    std::cerr << "usage: vmsim_kapi_docs [--check] SOURCE_DIR\n";
    return 2;
  }
  return vmsim::cli::run(argv[argc - 1], check);
}
