// SPDX-License-Identifier: MIT
// KapiIndex: every header of the C face, scanned, its names merged and checked against their tags.
#include "cli/kapi_index.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <map>
#include <numeric>
#include <set>

#include "cli/kapi_scan.hpp"

namespace vmsim::cli {

namespace fs = std::filesystem;

std::string_view fidelity_text(Fidelity fidelity) {
  switch (fidelity) {
    case Fidelity::kExact: return "exact";
    case Fidelity::kSimplified: return "simplified";
    case Fidelity::kStub: break;
  }
  return "stub";
}

namespace {

using Headers = std::map<std::string, ScannedHeader>;  // by path under the kapi folder

/// A header that drivers do not include themselves.
bool is_inner(const std::string& path) {
  return path.starts_with("vmsim/");
}

/// Where drivers find what an inner header defines, and in which versions.
struct Outlet {
  std::string header;
  Eras eras;
};

/// The only header that includes it, else its counterpart.
Outlet outlet_of(const Headers& headers, const std::string& inner) {
  std::set<std::string> users;
  Eras eras;
  for (const auto& [path, header] : headers)
    for (const ScannedInclude& include : header.includes) {
      if (is_inner(path) || !include.path.ends_with(inner)) continue;
      users.insert(path);
      eras = eras | include.eras;
    }
  const std::string& counterpart = headers.at(inner).counterpart;
  if (users.size() == 1) return {*users.begin(), eras};
  return {headers.contains(counterpart) ? counterpart : std::string(), eras};
}

/// The tag that covers a name speaks of the versions that have it, and a tag of its own of no other.
void check_eras(const std::string& path, const std::vector<ScannedName>& names, std::vector<KapiProblem>& problems) {
  struct Sum {
    Eras held, told;
    bool all_told = true;
    int line = 0;
  };
  std::map<std::string, Sum> sums;
  for (const ScannedName& name : names) {
    if (!name.tag) {
      problems.push_back({path, name.line, name.name + " has no vmsim: tag"});
      continue;
    }
    Sum& sum = sums[name.name];
    sum.line = name.line;
    sum.held = sum.held | name.eras;
    if (!name.tag->eras) {
      sum.all_told = false;
      continue;
    }
    sum.told = sum.told | *name.tag->eras;
    if (!name.tag->eras->covers(name.eras))
      problems.push_back({path, name.line, name.name + " exists in versions that its tag excludes"});
    if (name.tag->scope != TagScope::kOwn) sum.all_told = false;
  }
  for (const auto& [name, sum] : sums)
    if (sum.all_told && !sum.held.covers(sum.told))
      problems.push_back({path, sum.line, name + " does not exist in all versions that its tag states"});
}

/// One entry per unbroken range; declarations that say the same of one name are one.
void append_merged(const std::string& header, const std::vector<ScannedName>& scanned, std::vector<KapiName>& out) {
  const std::size_t first = out.size();
  std::vector<Eras> eras;
  for (const ScannedName& name : scanned) {
    const KapiTag tag = name.tag.value_or(KapiTag{});
    KapiName entry{name.name, name.kind, tag.in.empty() ? header : tag.in, 0,        kEver,
                   tag.fidelity, tag.note, tag.successor};
    const auto same = [&](const KapiName& other) {
      return other.name == entry.name && other.kind == entry.kind && other.header == entry.header &&
             other.fidelity == entry.fidelity && other.note == entry.note && other.successor == entry.successor;
    };
    const auto known = std::find_if(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(), same);
    if (known == out.end()) {
      out.push_back(std::move(entry));
      eras.push_back(name.eras);
    } else {
      Eras& sum = eras[static_cast<std::size_t>(known - out.begin()) - first];
      sum = sum | name.eras;
    }
  }
  std::vector<KapiName> split;
  for (std::size_t i = 0; i < eras.size(); ++i)
    for (const Era& era : eras[i].parts()) {
      split.push_back(out[first + i]);
      split.back().from = era.from;
      split.back().until = era.until;
    }
  out.resize(first);
  std::ranges::move(split, std::back_inserter(out));
}

/// How many characters to add, drop, change or swap.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> older(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  std::iota(above.begin(), above.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], older[j - 2] + 1);
    }
    std::swap(older, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace

Result<KapiIndex> KapiIndex::read(const fs::path& kapi_dir) {
  if (!fs::exists(kapi_dir / "linux/kconfig.h"))
    return fail(ENOENT, kapi_dir.string() + " has no linux/kconfig.h: not the headers of vmsim");
  Headers headers;
  for (const char* const folder : {"linux", "asm", "asm-generic", "vmsim"}) {
    if (!fs::is_directory(kapi_dir / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(kapi_dir / folder)) {
      const std::string path = fs::relative(entry.path(), kapi_dir).generic_string();
      if (!path.ends_with(".h")) continue;
      std::ifstream file(entry.path());
      const std::string text{std::istreambuf_iterator<char>(file), {}};
      if (!file) return fail(EIO, entry.path().string() + " cannot be read");
      headers[path] = scan_header(text);
    }
  }
  KapiIndex index;
  for (auto& [path, header] : headers) {
    std::string public_path = path;
    if (is_inner(path)) {
      const Outlet outlet = outlet_of(headers, path);
      public_path = outlet.header;
      for (auto* list : {&header.names, &header.members})
        for (ScannedName& name : *list) name.eras = name.eras & outlet.eras;
      if (public_path.empty() && !header.names.empty())
        index.problems_.push_back({path, 1, "which header drivers include for this is not clear"});
    } else {
      index.headers_.push_back(path);
    }
    check_eras(path, header.names, index.problems_);
    append_merged(public_path, header.names, index.names_);
    append_merged(public_path, header.members, index.members_);
  }
  std::ranges::stable_sort(index.names_, {}, &KapiName::header);
  std::ranges::stable_sort(index.members_, {}, &KapiName::header);
  return index;
}

std::vector<const KapiName*> KapiIndex::find(std::string_view name) const {
  std::vector<const KapiName*> found;
  for (const auto* list : {&names_, &members_})
    for (const KapiName& entry : *list)
      if (entry.name == name) found.push_back(&entry);
  return found;
}

std::vector<const KapiName*> KapiIndex::nearest(std::string_view name, unsigned version, std::size_t count) const {
  std::vector<std::pair<std::size_t, const KapiName*>> ranked;
  for (const KapiName& entry : names_)
    if (entry.from <= version && version < entry.until) ranked.emplace_back(distance(name, entry.name), &entry);
  std::ranges::stable_sort(ranked, {}, &std::pair<std::size_t, const KapiName*>::first);
  std::vector<const KapiName*> best;
  for (const auto& candidate : ranked) {
    const KapiName* const entry = candidate.second;
    if (best.size() == count) break;
    const bool twice = std::ranges::any_of(best, [&](const KapiName* other) { return other->name == entry->name; });
    if (!twice) best.push_back(entry);
  }
  return best;
}

}  // namespace vmsim::cli
