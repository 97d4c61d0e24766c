// SPDX-License-Identifier: MIT
// The only file that knows libdw; see source_lines.hpp. Without VMSIM_HAVE_LIBDW every answer is empty.
#include "kern/source_lines.hpp"

#include <string_view>
#include <utility>

#if defined(VMSIM_HAVE_LIBDW)
#  include <cstdlib>
#  include <dwarf.h>
#  include <elfutils/libdw.h>
#  include <libelf.h>
#endif

namespace vmsim::kern {

#if defined(VMSIM_HAVE_LIBDW)

namespace {

using DwarfHandle = ::Dwarf;

std::string_view base_name(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

bool is_kernel_header(std::string_view path) {
  return path.find("vmsim/kapi/") != std::string_view::npos;
}

std::string name_of(Dwarf_Die* die) {
  const char* const name = dwarf_diename(die);
  return name != nullptr ? name : "?";
}

Dwarf_Word number_of(Dwarf_Die* die, unsigned attribute) {
  Dwarf_Attribute found;
  Dwarf_Word value = 0;
  return dwarf_formudata(dwarf_attr_integrate(die, attribute, &found), &value) == 0 ? value : 0;
}

SourceLine line_of(const char* path, unsigned line, std::string function) {
  SourceLine made;
  made.file = base_name(path);
  made.line = line;
  made.function = std::move(function);
  made.in_kernel_header = is_kernel_header(path);
  return made;
}

/// The functions around an address, innermost first: inlined ones, then the one that was compiled.
std::vector<Dwarf_Die> functions_around(Dwarf_Die* unit, Dwarf_Addr at) {
  std::vector<Dwarf_Die> found;
  Dwarf_Die* scopes = nullptr;
  if (dwarf_getscopes(unit, at, &scopes) <= 0) return found;
  // dwarf_getscopes() leaves the inlined code for the place of its definition; the way up is asked
  // apart.
  Dwarf_Die* parents = nullptr;
  const int count = dwarf_getscopes_die(&scopes[0], &parents);
  for (int i = 0; i < count; ++i) {
    const int tag = dwarf_tag(&parents[i]);
    if (tag == DW_TAG_inlined_subroutine || tag == DW_TAG_subprogram) found.push_back(parents[i]);
    if (tag == DW_TAG_subprogram) break;
  }
  std::free(parents);
  std::free(scopes);
  return found;
}

}  // namespace

class SourceLines::Dwarf {
 public:
  /// nullptr where the file has no debug information.
  static std::unique_ptr<Dwarf> open(std::vector<std::byte>& file) {
    elf_version(EV_CURRENT);
    auto dwarf = std::unique_ptr<Dwarf>(new Dwarf);
    dwarf->elf_ = elf_memory(reinterpret_cast<char*>(file.data()), file.size());
    if (dwarf->elf_ != nullptr)
      dwarf->handle_ = dwarf_begin_elf(dwarf->elf_, DWARF_C_READ, nullptr);
    if (dwarf->handle_ == nullptr) dwarf.reset();
    return dwarf;
  }

  ~Dwarf() {
    if (handle_ != nullptr) dwarf_end(handle_);
    if (elf_ != nullptr) elf_end(elf_);
  }

  Dwarf(const Dwarf&) = delete;
  Dwarf& operator=(const Dwarf&) = delete;

  std::optional<SourceLine> line_at(u64 at) const {
    Dwarf_Die unit;
    if (!find_unit(at, unit)) return std::nullopt;
    Dwarf_Line* const row = dwarf_getsrc_die(&unit, at);
    int line = 0;
    const char* path = row != nullptr ? dwarf_linesrc(row, nullptr, nullptr) : nullptr;
    if (path == nullptr || dwarf_lineno(row, &line) != 0 || line == 0) return std::nullopt;
    std::vector<Dwarf_Die> functions = functions_around(&unit, at);
    std::size_t depth = 0;
    auto number = static_cast<unsigned>(line);
    while (is_kernel_header(path) && depth + 1 < functions.size()) {
      const char* const outer = call_file(unit, &functions[depth]);
      if (outer == nullptr) break;
      path = outer;
      number = static_cast<unsigned>(number_of(&functions[depth], DW_AT_call_line));
      ++depth;
    }
    return line_of(path, number, depth < functions.size() ? name_of(&functions[depth]) : "?");
  }

  std::optional<SourceLine> function_at(u64 at) const {
    Dwarf_Die unit;
    if (!find_unit(at, unit)) return std::nullopt;
    std::vector<Dwarf_Die> functions = functions_around(&unit, at);
    if (functions.empty()) return std::nullopt;
    Dwarf_Die* const function = &functions.back();
    const char* path = dwarf_decl_file(function);
    // libdw gives no name for the unit's own file as DWARF 5 numbers it; the first row is in that file.
    Dwarf_Line* const row = path == nullptr ? dwarf_getsrc_die(&unit, at) : nullptr;
    if (row != nullptr) path = dwarf_linesrc(row, nullptr, nullptr);
    int line = 0;
    if (path == nullptr || dwarf_decl_line(function, &line) != 0) return std::nullopt;
    return line_of(path, static_cast<unsigned>(line), name_of(function));
  }

 private:
  Dwarf() = default;

  /// Not every compiler writes the table of address ranges, and a driver has few units.
  bool find_unit(u64 at, Dwarf_Die& unit) const {
    Dwarf_CU* cu = nullptr;
    while (dwarf_get_units(handle_, cu, &cu, nullptr, nullptr, &unit, nullptr) == 0)
      if (dwarf_haspc(&unit, at) > 0) return true;
    return false;
  }

  static const char* call_file(Dwarf_Die& unit, Dwarf_Die* inlined) {
    Dwarf_Files* files = nullptr;
    std::size_t count = 0;
    if (dwarf_getsrcfiles(&unit, &files, &count) != 0) return nullptr;
    const Dwarf_Word index = number_of(inlined, DW_AT_call_file);
    return index < count ? dwarf_filesrc(files, index, nullptr, nullptr) : nullptr;
  }

  Elf* elf_ = nullptr;
  DwarfHandle* handle_ = nullptr;
};

#else

class SourceLines::Dwarf {
 public:
  static std::unique_ptr<Dwarf> open(std::vector<std::byte>&) { return nullptr; }

  static std::optional<SourceLine> line_at(u64) { return std::nullopt; }

  static std::optional<SourceLine> function_at(u64) { return std::nullopt; }
};

#endif

bool SourceLines::available() {
#if defined(VMSIM_HAVE_LIBDW)
  return true;
#else
  return false;
#endif
}

SourceLines::SourceLines(std::vector<std::byte> file) : file_(std::move(file)) {}

SourceLines::~SourceLines() = default;

const SourceLines::Dwarf* SourceLines::opened() const {
  if (!std::exchange(tried_, true)) dwarf_ = Dwarf::open(file_);
  return dwarf_.get();
}

std::optional<SourceLine> SourceLines::line_at(u64 offset) const {
  const std::lock_guard lock(mutex_);
  const Dwarf* const dwarf = opened();
  return dwarf != nullptr ? dwarf->line_at(offset) : std::nullopt;
}

std::optional<SourceLine> SourceLines::function_at(u64 offset) const {
  const std::lock_guard lock(mutex_);
  const Dwarf* const dwarf = opened();
  return dwarf != nullptr ? dwarf->function_at(offset) : std::nullopt;
}

}  // namespace vmsim::kern
