// SPDX-License-Identifier: MIT
// Looking names up in the index of headers; see cc_advice.hpp.
#include "cli/cc_advice.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "cli/renames.hpp"

namespace vmsim::cli {

namespace {

std::string release(unsigned code) {
  const unsigned major = code >> 16, minor = (code >> 8) & 255, patch = code & 255;
  return patch == 0 && code != 0x20600 ? fmt::format("{}.{}", major, minor)
                                       : fmt::format("{}.{}.{}", major, minor, patch);
}

/// The last release before one that begins a series or a step of 2.6.
std::string release_before(unsigned code) {
  switch (code) {
    case 0x30000:
      return "2.6.39";
    case 0x40000:
      return "3.19";
    case 0x50000:
      return "4.20";
    case 0x60000:
      return "5.19";
    default:
      return release((code & 255) != 0 ? code - 1 : code - 256);
  }
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] != b[j] ? 1 : 0);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

std::string_view last_part(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

std::string joined(const std::vector<std::string>& words) {
  return fmt::format("{}", fmt::join(words, ", "));
}

}  // namespace

bool Advice::present(std::string_view name) const {
  const auto eras = index_.find(name);
  const auto here = [&](const KapiName* era) {
    return era->from <= kernel_.code() && kernel_.code() < era->until;
  };
  return std::ranges::any_of(eras, here);
}

std::string Advice::about_header(const std::string& spelling) const {
  const std::string name = spelling.substr(1, spelling.size() - 2);
  const std::vector<std::string> headers = index_.headers();
  const auto known = [&](std::string_view header) {
    return std::ranges::find(headers, header) != headers.end();
  };
  for (const std::string_view other : other_headers(name))
    if (known(other)) return fmt::format("use <{}>", other);
  std::vector<std::string> near;
  for (const std::string& header : headers)
    if (last_part(header) == last_part(name)) near.push_back("<" + header + ">");
  std::vector<std::pair<std::size_t, std::string>> order;
  for (const std::string& header : headers)
    order.emplace_back(distance(name, header), "<" + header + ">");
  std::ranges::stable_sort(order);
  constexpr std::size_t kNearest = 2;
  for (const auto& [far, header] : order) {
    const bool like = far <= std::max<std::size_t>(2, last_part(name).size() / 3);
    if (near.size() < kNearest && like && std::ranges::find(near, header) == near.end())
      near.push_back(header);
  }
  const std::string own =
      spelling[0] == '"' ? "the driver's own? then give its folder with -I" : "";
  // A kernel header has something nearest, however far; a driver's own has not.
  if (near.empty() && own.empty() && !order.empty()) near.push_back(order.front().second);
  const std::string nearest = near.empty() ? "" : "nearest: " + joined(near);
  return own + (own.empty() || nearest.empty() ? "" : "; ") + nearest;
}

std::string Advice::about_name(const std::string& name, bool import) const {
  std::string era, use;
  for (const KapiName* known : index_.find(name)) {
    if (known->from <= kernel_.code() && kernel_.code() < known->until)
      return import ? fmt::format("declared in <{}>, but this build does not provide it",
                                  known->header)
                    : fmt::format("declared in <{}>; is it included?", known->header);
    if (known->until <= kernel_.code()) {
      era = "exists until " + release_before(known->until);
      if (present(known->successor)) use = known->successor;
    } else {
      era = "exists from " + release(known->from) + " on";
    }
  }
  for (const std::string_view other : other_names(name))
    if (use.empty() && present(other)) use = other;
  if (!use.empty()) return (era.empty() ? "" : era + "; ") + "use " + use;
  std::vector<std::string> near;
  for (const KapiName* known : index_.nearest(name, kernel_.code()))
    if (known->name != name) near.push_back(known->name);
  if (near.empty()) return era;
  return (era.empty() ? "" : era + "; ") + "nearest: " + joined(near);
}

std::string Advice::about(const Missing& missing) const {
  switch (missing.kind) {
    case MissingKind::kHeader:
      return about_header(missing.name);
    case MissingKind::kType:
      return about_name(missing.name.starts_with("struct ") ? missing.name.substr(7) : missing.name,
                        false);
    default:
      return about_name(missing.name, missing.kind == MissingKind::kImport);
  }
}

std::string Advice::table(const std::string& driver, const MissingList& missing) const {
  static constexpr std::pair<MissingKind, const char*> kinds[] = {
      {MissingKind::kHeader, "header"}, {MissingKind::kFunction, "function"},
      {MissingKind::kImport, "import"}, {MissingKind::kName, "name"},
      {MissingKind::kType, "type"},     {MissingKind::kMember, "member"},
  };
  std::size_t names = 0, places = 0;
  const auto place_of = [](const Missing& one) {
    if (one.places.empty()) return std::string();
    return one.places.front() +
           (one.places.size() > 1 ? fmt::format(" (+{})", one.places.size() - 1) : "");
  };
  for (const Missing& one : missing.all()) {
    names = std::max(names, one.name.size());
    places = std::max(places, place_of(one).size());
  }
  std::string text =
      fmt::format("vmsim cc: {}: not in vmsim's headers and exports for kernel {}:\n", driver,
                  kernel_.to_string());
  for (const auto& [kind, label] : kinds)
    for (const Missing& one : missing.all())
      if (one.kind == kind) {
        std::string line = fmt::format("  {:<8}  {:<{}}  {:<{}}  {}", label, one.name, names,
                                       place_of(one), places, about(one));
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
      }
  return text;
}

}  // namespace vmsim::cli
