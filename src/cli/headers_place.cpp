// SPDX-License-Identifier: MIT
// The three places of the headers; see headers_place.hpp.
#include "cli/headers_place.hpp"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace vmsim::cli {

namespace fs = std::filesystem;

namespace {

bool is_kapi(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "linux/kconfig.h", ignored) &&
         fs::exists(folder / "driver_flags.txt", ignored);
}

std::vector<fs::path> split(std::istream& in, char separator) {
  std::vector<fs::path> all;
  for (std::string piece; std::getline(in, piece, separator);)
    if (!piece.empty()) all.push_back(fs::absolute(piece).lexically_normal());
  return all;
}

}  // namespace

Result<std::vector<fs::path>> kapi_folders() {
  if (const char* const given = std::getenv("VMSIM_KAPI"); given != nullptr && *given != '\0') {
    std::istringstream text(given);
    std::vector<fs::path> folders = split(text, ':');
    if (!folders.empty() && is_kapi(folders[0])) return folders;
    return fail(ENOENT, "VMSIM_KAPI is '" + std::string(given) +
                            "', which has no linux/kconfig.h; expected the folder " +
                            "include/vmsim/kapi of an installation");
  }
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path folder = program.parent_path();
  const fs::path installed = (folder / "../include/vmsim/kapi").lexically_normal();
  if (!error && is_kapi(installed)) return std::vector<fs::path>{installed};
  std::ifstream listed(folder / "kapi_folders.txt");
  std::vector<fs::path> folders = split(listed, '\n');
  if (!folders.empty() && is_kapi(folders[0])) return folders;
  return fail(ENOENT, "vmsim's kernel headers are not at " + installed.string() +
                          "; set VMSIM_KAPI to the folder include/vmsim/kapi of an installation");
}

}  // namespace vmsim::cli
