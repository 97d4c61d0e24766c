// SPDX-License-Identifier: MIT
// Turns Google Benchmark's JSON into ratios.json, a table, and plots: each subject against the
// floor or peer of the same name and size in the same run. The ratio is the median of the ratios of
// the repetitions.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace {

using nlohmann::json;

/// What a row is to reach. `size` 0 holds for every size. A ratio is subject / peer, smaller is
/// better.
struct Target {
  const char* row;
  long size;
  double ratio;
  const char* what;
};

// Rows whose target is "so many times faster" are stated as 1/x.
const Target kTargets[] = {
    {"P1/", 16, 1 / 8.0, "VMA lookup, random"},
    {"P1/", 256, 1 / 6.0, "VMA lookup, random"},
    {"P1/", 4096, 1 / 5.5, "VMA lookup, random"},
    {"P1/", 65536, 1 / 4.0, "VMA lookup, random"},
    {"P1/", 1048576, 1 / 3.0, "VMA lookup, random"},
    {"P2/", 16, 1 / 2.2, "VMA lookup, dependent"},
    {"P2/", 256, 1 / 1.8, "VMA lookup, dependent"},
    {"P2/", 4096, 1 / 1.6, "VMA lookup, dependent"},
    {"P2/", 65536, 1 / 1.4, "VMA lookup, dependent"},
    {"P2/", 1048576, 1 / 1.3, "VMA lookup, dependent"},
    {"P4/", 65536, 1.0, "VMA insert and erase"},
    {"P4/", 1048576, 1.0, "VMA insert and erase"},
    {"P4/", 0, 1.2, "VMA insert and erase"},
    {"P6/", 0, 2.0, "gap search, top-down, against a dependent lookup"},
    {"P7/", 0, 2.5, "mmap and munmap, anonymous, untouched"},
    {"P10/", 0, 2.0, "anonymous fault, frame known to be zero"},
    {"P11/", 0, 1.25, "anonymous fault that zeroes"},
    {"P12/", 0, 3.0, "driver fault, vmf_insert_pfn through the C face"},
    {"P13/", 0, 1.2, "remap_pfn_range, per page"},
    {"P15/", 0, 1.2, "fork, per populated page"},
    {"P16/", 0, 1.3, "munmap, per populated anonymous page"},
    {"P18/load_tlb_hit_dependent", 0, 2.6, "load through a TLB hit, dependent"},
    {"P18/load_tlb_hit", 0, 2.3, "load through a TLB hit, independent"},
    {"P22/", 0, 192, "bytes of an area and its index"},
    {"P24/", 0, 8.04, "bytes of page table for each mapped page"},
};

struct Series {
  std::vector<double> subject_ns;
  std::map<std::string, std::vector<double>> peers_ns;
};

struct Key {
  std::string name;  // "P1/lookup"
  long size = 0;

  bool operator<(const Key& other) const {
    return std::tie(name, size) < std::tie(other.name, other.size);
  }
};

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double to_ns(const json& run) {
  const std::string unit = run.value("time_unit", "ns");
  const double scale = unit == "s" ? 1e9 : unit == "ms" ? 1e6 : unit == "us" ? 1e3 : 1;
  return run.at("real_time").get<double>() * scale / run.value("per", 1.0);
}

/// "P10/anon_fault/subject/4096/iterations:10/manual_time" → key, role.
std::optional<std::pair<Key, std::string>> parse_name(const std::string& name) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t end = std::min(name.find('/', at), name.size());
    parts.push_back(name.substr(at, end - at));
    at = end + 1;
  }
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::string& part = parts[i];
    const bool role =
        part == "subject" || part.rfind("floor", 0) == 0 || part.rfind("peer", 0) == 0;
    if (!role) continue;
    Key key;
    for (std::size_t j = 0; j < i; ++j) key.name += (j ? "/" : "") + parts[j];
    if (i + 1 < parts.size() && !parts[i + 1].empty() &&
        std::isdigit(static_cast<unsigned char>(parts[i + 1][0]))) {
      key.size = std::stol(parts[i + 1]);
    }
    return std::pair(key, part);
  }
  return std::nullopt;
}

std::map<Key, Series> read_runs(const json& report) {
  std::map<Key, Series> rows;
  for (const json& run : report.at("benchmarks")) {
    if (run.value("run_type", "") != "iteration" || run.value("error_occurred", false)) continue;
    const auto parsed = parse_name(run.at("name").get<std::string>());
    if (!parsed) continue;
    Series& series = rows[parsed->first];
    (parsed->second == "subject" ? series.subject_ns : series.peers_ns[parsed->second])
        .push_back(to_ns(run));
  }
  return rows;
}

const Target* target_of(const Key& key) {
  for (const Target& target : kTargets) {
    if (key.name.rfind(target.row, 0) == 0 && (target.size == 0 || target.size == key.size))
      return &target;
  }
  return nullptr;
}

json row_of(const Key& key, const std::vector<double>& subject, const std::string& peer_name,
            const std::vector<double>& peer) {
  const Target* const target = target_of(key);
  json row;
  row["id"] = key.name.substr(0, key.name.find('/'));
  row["name"] = key.name;
  row["what"] = target ? target->what : key.name;
  row["n"] = key.size;
  const bool is_size = peer.empty();
  row[is_size ? "subject_bytes" : "subject_ns"] = median(subject);
  double ratio = median(subject);
  if (!is_size) {
    std::vector<double> ratios;
    for (std::size_t i = 0; i < std::min(subject.size(), peer.size()); ++i)
      ratios.push_back(subject[i] / peer[i]);
    ratio = median(ratios);
    row["peer"] = peer_name;
    row["peer_ns"] = median(peer);
  }
  row["ratio"] = ratio;
  if (target) {
    row["target"] = target->ratio;
    row["met"] = ratio <= target->ratio;
  }
  return row;
}

enum class Columns { kWithTargets, kBrief };

void print(const json& row, Columns columns) {
  const std::string peer = row.contains("peer") ? row["peer"].get<std::string>() : "bytes";
  const double subject = row.contains("subject_ns") ? row["subject_ns"].get<double>()
                                                    : row["subject_bytes"].get<double>();
  const std::string verdict = !row.contains("met")     ? ""
                              : row["met"].get<bool>() ? "met"
                                                       : "NOT MET";
  const std::string target =
      row.contains("target") ? fmt::format("<= {:.3f}", row["target"].get<double>()) : "";
  fmt::print("{:<4} {:<44} {:>7} {:>11.2f} {:>11.2f} {:<16}", row["id"].get<std::string>(),
             row["what"].get<std::string>().substr(0, 44), row["n"].get<long>(), subject,
             row.value("peer_ns", 0.0), peer);
  if (columns == Columns::kWithTargets)
    fmt::print(" {:>8.3f} {:>10} {}", row["ratio"].get<double>(), target, verdict);
  fmt::print("\n");
}

/// Cost against size, both logarithmic, one line for each role; rows with at least three sizes.
void plot(const std::string& folder, const std::string& name, const std::map<Key, Series>& rows) {
  std::map<std::string, std::vector<std::pair<long, double>>> lines;
  for (const auto& [key, series] : rows) {
    if (key.name != name) continue;
    lines["subject"].emplace_back(key.size, median(series.subject_ns));
    for (const auto& [peer, values] : series.peers_ns)
      lines[peer].emplace_back(key.size, median(values));
  }
  if (lines["subject"].size() < 3) return;
  double low = 1e300, high = 0;
  for (const auto& [role, points] : lines) {
    for (const auto& point : points)
      low = std::min(low, point.second), high = std::max(high, point.second);
  }
  const double first = std::log2(static_cast<double>(lines["subject"].front().first));
  const double last = std::log2(static_cast<double>(lines["subject"].back().first));
  const auto x = [&](long n) {
    return 60 + 520 * (std::log2(static_cast<double>(n)) - first) / (last - first);
  };
  const auto y = [&](double ns) {
    return 320 - 280 * (std::log(ns) - std::log(low)) / (std::log(high / low) + 1e-9);
  };
  std::string file = name;
  std::replace(file.begin(), file.end(), '/', '_');
  std::ofstream svg(folder + "/" + file + ".svg");
  svg << "<svg xmlns='http://www.w3.org/2000/svg' width='760' height='370' "
         "font-family='sans-serif' font-size='12'>\n"
      << "<rect width='760' height='370' fill='white'/><text x='60' y='24'>" << name
      << ": nanoseconds against size, both logarithmic</text>\n";
  const char* const colours[] = {"#0b6", "#d33", "#36c", "#a5a"};
  unsigned colour = 0;
  for (const auto& [role, points] : lines) {
    svg << "<polyline fill='none' stroke-width='2' stroke='" << colours[colour % 4] << "' points='";
    for (const auto& [n, ns] : points) svg << x(n) << "," << y(ns) << " ";
    svg << "'/><text x='600' y='" << 60 + 20 * colour << "' fill='" << colours[colour % 4] << "'>"
        << role << "</text>\n";
    for (const auto& [n, ns] : points) {
      svg << "<circle cx='" << x(n) << "' cy='" << y(ns) << "' r='3' fill='" << colours[colour % 4]
          << "'><title>" << fmt::format("{} at {}: {:.2f} ns", role, n, ns)
          << "</title></circle>\n";
    }
    ++colour;
  }
  for (const auto& point : lines["subject"]) {
    svg << "<text x='" << x(point.first) - 14 << "' y='345'>" << point.first << "</text>\n";
  }
  svg << "<text x='8' y='44'>" << fmt::format("{:.1f} ns", high) << "</text><text x='8' y='320'>"
      << fmt::format("{:.1f} ns", low) << "</text></svg>\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: vmsim_ratios REPORT.json FOLDER [--brief]\n";
    return 2;
  }
  std::ifstream in(argv[1]);
  if (!in) {
    std::cerr << "vmsim_ratios: cannot read " << argv[1] << "\n";
    return 1;
  }
  const auto rows = read_runs(json::parse(in));
  json all = json::array();
  const Columns columns =
      argc > 3 && std::string_view(argv[3]) == "--brief" ? Columns::kBrief : Columns::kWithTargets;
  fmt::print("{:<4} {:<44} {:>7} {:>11} {:>11} {:<16}{}\n", "row", "what", "n", "vmsim ns",
             "peer ns", "peer", columns == Columns::kBrief ? "" : "    ratio     target");
  for (const auto& [key, series] : rows) {
    if (series.subject_ns.empty()) continue;
    if (series.peers_ns.empty()) all.push_back(row_of(key, series.subject_ns, "", {}));
    for (const auto& [peer, values] : series.peers_ns)
      all.push_back(row_of(key, series.subject_ns, peer, values));
  }
  for (const json& row : all) print(row, columns);
  const std::string folder = argv[2];
  std::ofstream(folder + "/ratios.json")
      << json{{"build", "Release, portable, junk-fill and validation off"}, {"rows", all}}.dump(2)
      << "\n";
  std::string last;
  for (const auto& [key, series] : rows) {
    if (key.name != last) plot(folder, key.name, rows);
    last = key.name;
  }
  const auto missed = std::count_if(
      all.begin(), all.end(), [](const json& row) { return row.contains("met") && !row["met"]; });
  if (columns == Columns::kWithTargets)
    fmt::print("{} rows, {} targets not met; ", all.size(), missed);
  fmt::print("written to {}/ratios.json; docs/benchmarks.md says what the rows are\n", folder);
  return 0;
}
