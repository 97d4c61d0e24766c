// SPDX-License-Identifier: MIT
// The symbol tables of an ELF file; see object_symbols.hpp.
#include "cli/object_symbols.hpp"

#include <cerrno>
#include <cstring>
#include <elf.h>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

namespace vmsim::cli {

namespace {

/// Reads plain structs at offsets that are checked against the file.
class FileBytes {
 public:
  explicit FileBytes(std::vector<char> bytes) : bytes_(std::move(bytes)) {}

  template <class T>
  bool read(u64 offset, T& value) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return false;
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return true;
  }

  /// Empty when it has no end.
  std::string_view text(u64 offset) const {
    if (offset >= bytes_.size()) return {};
    const std::string_view rest(bytes_.data() + offset, bytes_.size() - offset);
    const std::size_t end = rest.find('\0');
    return end == rest.npos ? std::string_view() : rest.substr(0, end);
  }

 private:
  const std::vector<char> bytes_;
};

/// Names that the linker defines.
bool from_linker(std::string_view name) {
  return name == "_GLOBAL_OFFSET_TABLE_" || name == "_DYNAMIC" || name.starts_with("__start_") ||
         name.starts_with("__stop_");
}

void add_symbol(const Elf64_Sym& symbol, std::string_view name, ObjectSymbols& symbols) {
  constexpr std::string_view kExport = "__ksymtab_";
  if (name.empty()) return;
  if (symbol.st_shndx != SHN_UNDEF) {
    // EXPORT_SYMBOL makes a record of this name for the loader.
    if (name.starts_with(kExport)) symbols.exported.emplace(name.substr(kExport.size()));
    if (ELF64_ST_BIND(symbol.st_info) != STB_LOCAL) symbols.defined.emplace(name);
  } else if (ELF64_ST_BIND(symbol.st_info) == STB_GLOBAL && !from_linker(name)) {
    symbols.undefined.emplace(name);
  }
}

}  // namespace

Result<ObjectSymbols> read_symbols(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(errno, file.string() + " cannot be read: " + std::strerror(errno));
  const FileBytes bytes(
      std::vector<char>{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()});
  Elf64_Ehdr header;
  if (!bytes.read(0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
      header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_shentsize != sizeof(Elf64_Shdr))
    return fail(ENOEXEC, file.string() + " is no driver (.vko) that vmsim cc has made");
  ObjectSymbols symbols;
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    Elf64_Shdr table, names;
    if (!bytes.read(header.e_shoff + u64{i} * sizeof(table), table)) break;
    if (table.sh_type != SHT_SYMTAB || table.sh_entsize != sizeof(Elf64_Sym)) continue;
    if (!bytes.read(header.e_shoff + u64{table.sh_link} * sizeof(names), names)) continue;
    Elf64_Sym symbol;
    for (u64 at = 0; at + sizeof(symbol) <= table.sh_size; at += sizeof(symbol))
      if (bytes.read(table.sh_offset + at, symbol))
        add_symbol(symbol, bytes.text(names.sh_offset + symbol.st_name), symbols);
  }
  return symbols;
}

}  // namespace vmsim::cli
