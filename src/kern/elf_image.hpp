// SPDX-License-Identifier: MIT
// One private copy of a driver's .vko file in memory: mapped, linked, protected. Counterpart: the
// ELF half of kernel/module/main.c; a .vko is a shared object (ET_DYN) where a .ko is relocatable.
// Leaves out: thread-local storage, ifuncs, copy relocations, constructors, needed libraries: each
// is refused by name, except constructors, which are not run. Called by kern/module.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vmsim/addr.hpp"
#include "vmsim/error.hpp"

namespace vmsim::kern {

/// Life: map() makes it readable data, link() makes it code, retire() leaves only its address
/// range, which nobody gets again until the image dies. Thread-safety: const calls from any thread
/// after link().
class ElfImage {
 public:
  using Bytes = std::span<const std::byte>;
  /// The address of an import, nullptr when there is none.
  using Resolve = std::function<const void*(std::string_view name)>;

  struct Symbol {
    std::string name;
    u64 address = 0;
    u64 size_bytes = 0;
    bool function = false;
  };

  /// Checks `file` and copies its segments to a fresh address. Errors are ENOEXEC (with the reason)
  /// and ENOMEM.
  static Result<std::unique_ptr<ElfImage>> map(Bytes file);
  ~ElfImage();
  ElfImage(const ElfImage&) = delete;
  ElfImage& operator=(const ElfImage&) = delete;

  /// Resolves imports, applies relocations, sets the segments' rights. ENOENT names all missing
  /// imports, which are then in missing(); it may be tried again. Pre: not linked.
  Result<void> link(const Resolve& resolve);
  /// Gives the memory back and makes every access of the range fault.
  void retire();

  const std::vector<std::string>& missing() const { return missing_; }

  bool retired() const { return retired_; }

  /// Names that a symbol table says are imported.
  std::vector<std::string> imports() const;
  /// Address of a defined symbol, nullptr when there is none.
  void* symbol(std::string_view name) const;
  /// The function around `ip`.
  const Symbol* function_at(u64 ip) const;
  /// The function or variable around `address`.
  const Symbol* symbol_at(u64 address) const;
  /// In a segment with the right to execute; also after retire().
  bool is_code(u64 address) const;
  /// "my_fault+0x24/0x60"; empty when `ip` is in no function.
  std::string symbolize(u64 ip) const;
  /// The loaded bytes of a section, empty when there is none.
  Bytes section(std::string_view name) const;

  bool contains(u64 address) const { return address - base_ < span_bytes_; }

  u64 base() const { return base_; }

  u64 size_bytes() const { return span_bytes_; }

 private:
  struct Segment {
    u64 start = 0, bytes = 0;  // page-rounded offsets from base_
    int protection = 0;
  };

  struct Section {
    std::string name;
    u64 offset = 0, bytes = 0;  // offset from base_
  };

  struct DynamicSymbol {
    std::string name;
    u64 value = 0;
    bool defined = false, weak = false;
  };

  struct Relocation {
    u64 offset = 0;
    u32 type = 0, symbol = 0;
    u64 addend = 0;
  };
  class Parser;

  ElfImage() = default;
  Result<u64> relocated_value(const Relocation& relocation,
                              std::span<const u64> symbol_values) const;
  Result<void> protect();

  u64 base_ = 0;
  u64 span_bytes_ = 0;
  bool linked_ = false;
  bool retired_ = false;
  std::vector<Segment> segments_;
  std::vector<Section> sections_;
  std::vector<Symbol> symbols_;  // defined ones, by address
  std::vector<DynamicSymbol> dynamic_symbols_;
  std::vector<Relocation> relocations_;
  std::vector<std::string> missing_;
};

}  // namespace vmsim::kern
