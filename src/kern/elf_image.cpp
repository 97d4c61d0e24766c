// SPDX-License-Identifier: MIT
// Reading, linking and protecting a .vko. Counterpart: kernel/module/main.c,
// arch/x86/kernel/module.c. The file is not trusted: every offset is checked against the file,
// every address against the image.
#include "kern/elf_image.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <elf.h>
#include <sys/mman.h>

#include "base/assert.hpp"

namespace vmsim::kern {

namespace {

constexpr u64 kImageMaxBytes = u64{1} << 30;

#if defined(__aarch64__)
constexpr u16 kHostMachine = EM_AARCH64;
constexpr u32 kRelocAbsolute = R_AARCH64_ABS64, kRelocGlobal = R_AARCH64_GLOB_DAT,
              kRelocJump = R_AARCH64_JUMP_SLOT, kRelocRelative = R_AARCH64_RELATIVE,
              kRelocCopy = R_AARCH64_COPY, kRelocNone = R_AARCH64_NONE;
#else
constexpr u16 kHostMachine = EM_X86_64;
constexpr u32 kRelocAbsolute = R_X86_64_64, kRelocGlobal = R_X86_64_GLOB_DAT,
              kRelocJump = R_X86_64_JUMP_SLOT, kRelocRelative = R_X86_64_RELATIVE,
              kRelocCopy = R_X86_64_COPY, kRelocNone = R_X86_64_NONE;
#endif

Failure bad(std::string why) {
  return fail(ENOEXEC, "bad driver file: " + std::move(why));
}

constexpr u64 page_down(u64 value) {
  return value & kPageMask;
}

constexpr u64 page_up(u64 value) {
  return (value + kPageSize - 1) & kPageMask;
}

void* pointer(u64 address) {
  return reinterpret_cast<void*>(address);
}

}  // namespace

/// Fills an image from a file. Steps run in the order of run().
class ElfImage::Parser {
 public:
  Parser(Bytes file, ElfImage& image) : file_(file), image_(image) {}

  Result<void> run() {
    VMSIM_CHECK(read_header());
    VMSIM_CHECK(read_segments());
    VMSIM_CHECK(copy_segments());
    VMSIM_CHECK(read_sections());
    return read_dynamic();
  }

 private:
  template <class T>
  Result<T> read(u64 offset, const char* what) const {
    if (offset > file_.size() || file_.size() - offset < sizeof(T))
      return bad(std::string(what) + " is outside of the file");
    T value;
    std::memcpy(&value, file_.data() + offset, sizeof(T));
    return value;
  }

  Result<Bytes> file_range(u64 offset, u64 bytes, const char* what) const {
    if (offset > file_.size() || file_.size() - offset < bytes)
      return bad(std::string(what) + " is outside of the file");
    return file_.subspan(offset, bytes);
  }

  static Result<std::string> string_at(Bytes table, u64 offset) {
    if (offset >= table.size()) return bad("a name is outside of its string table");
    const char* begin = reinterpret_cast<const char*>(table.data()) + offset;
    const std::size_t room = table.size() - offset;
    const std::size_t length = ::strnlen(begin, room);
    if (length == room) return bad("a name has no end");
    return std::string(begin, length);
  }

  bool in_image(u64 offset, u64 bytes) const {
    return offset <= image_.span_bytes_ && image_.span_bytes_ - offset >= bytes;
  }

  Result<void> read_header();
  Result<void> read_segments();
  Result<void> check_segment(const Elf64_Phdr& header);
  Result<void> copy_segments();
  Result<void> read_sections();
  Result<void> read_symbols(const Elf64_Shdr& section);
  Result<void> read_symbol(const Elf64_Sym& entry, Bytes names, bool dynamic);
  Result<void> read_dynamic();
  Result<void> read_relocations(u64 offset, u64 bytes);

  Bytes file_;
  ElfImage& image_;
  Elf64_Ehdr header_ = {};
  std::vector<Elf64_Phdr> loads_;
  std::vector<Elf64_Shdr> sections_;
  Elf64_Phdr dynamic_ = {};
  bool dynamic_found_ = false;
};

Result<void> ElfImage::Parser::read_header() {
  header_ = VMSIM_TRY(read<Elf64_Ehdr>(0, "the ELF header"));
  if (std::memcmp(header_.e_ident, ELFMAG, SELFMAG) != 0) return bad("not an ELF file");
  if (header_.e_ident[EI_CLASS] != ELFCLASS64 || header_.e_ident[EI_DATA] != ELFDATA2LSB)
    return bad("not a 64-bit little-endian ELF file");
  if (header_.e_type == ET_REL)
    return bad(
        "a relocatable object (a real .ko or a .o); build it with vmsim_add_driver() or vmsim cc");
  if (header_.e_type != ET_DYN) return bad("not a shared object");
  if (header_.e_machine != kHostMachine) return bad("built for another processor");
  if (header_.e_phentsize != sizeof(Elf64_Phdr)) return bad("odd program header size");
  if (header_.e_shentsize != sizeof(Elf64_Shdr)) return bad("odd or missing section headers");
  return {};
}

Result<void> ElfImage::Parser::check_segment(const Elf64_Phdr& header) {
  if (header.p_filesz > header.p_memsz)
    return bad("a segment's file part is larger than its memory");
  if (header.p_vaddr > kImageMaxBytes || header.p_memsz > kImageMaxBytes)
    return bad("a segment is too large");
  if ((header.p_flags & (PF_W | PF_X)) == (PF_W | PF_X))
    return bad("a segment is writable and executable");
  VMSIM_TRY(file_range(header.p_offset, header.p_filesz, "a segment"));
  Segment segment;
  segment.start = page_down(header.p_vaddr);
  segment.bytes = page_up(header.p_vaddr + header.p_memsz) - segment.start;
  if ((header.p_flags & PF_R) != 0) segment.protection |= PROT_READ;
  if ((header.p_flags & PF_W) != 0) segment.protection |= PROT_WRITE;
  if ((header.p_flags & PF_X) != 0) segment.protection |= PROT_EXEC;
  for (const Segment& other : image_.segments_)
    if (segment.start < other.start + other.bytes && other.start < segment.start + segment.bytes)
      return bad("two segments share a page");
  image_.segments_.push_back(segment);
  loads_.push_back(header);
  return {};
}

Result<void> ElfImage::Parser::read_segments() {
  for (unsigned i = 0; i < header_.e_phnum; ++i) {
    const auto header = VMSIM_TRY(
        read<Elf64_Phdr>(header_.e_phoff + u64{i} * sizeof(Elf64_Phdr), "a program header"));
    if (header.p_type == PT_TLS) return bad("thread-local variables do not exist in a kernel");
    if (header.p_type == PT_DYNAMIC) {
      dynamic_ = header;
      dynamic_found_ = true;
    }
    if (header.p_type == PT_LOAD && header.p_memsz > 0) VMSIM_CHECK(check_segment(header));
  }
  if (loads_.empty() || !dynamic_found_) return bad("no loadable segment or no dynamic section");
  for (const Segment& segment : image_.segments_)
    image_.span_bytes_ = std::max(image_.span_bytes_, segment.start + segment.bytes);
  return {};
}

Result<void> ElfImage::Parser::copy_segments() {
  u64 align = kPageSize;
  for (const Elf64_Phdr& header : loads_) align = std::max<u64>(align, header.p_align);
  constexpr u64 kAlignMax = u64{2} << 20;
  if (align > kAlignMax || (align & (align - 1)) != 0) return bad("odd segment alignment");
  const u64 reserve = image_.span_bytes_ + (align - kPageSize);
  void* at = ::mmap(nullptr, reserve, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) return fail(ENOMEM, "no host memory for a driver's image");
  const u64 start = reinterpret_cast<u64>(at);
  image_.base_ = (start + align - 1) & ~(align - 1);
  const u64 head = image_.base_ - start, tail = reserve - head - image_.span_bytes_;
  if (head > 0) ::munmap(at, head);
  if (tail > 0) ::munmap(pointer(image_.base_ + image_.span_bytes_), tail);
  for (const Elf64_Phdr& header : loads_)
    std::memcpy(pointer(image_.base_ + header.p_vaddr), file_.data() + header.p_offset,
                header.p_filesz);
  return {};
}

Result<void> ElfImage::Parser::read_sections() {
  for (unsigned i = 0; i < header_.e_shnum; ++i)
    sections_.push_back(VMSIM_TRY(
        read<Elf64_Shdr>(header_.e_shoff + u64{i} * sizeof(Elf64_Shdr), "a section header")));
  if (header_.e_shstrndx >= sections_.size()) return bad("no section names");
  const Elf64_Shdr& names_header = sections_[header_.e_shstrndx];
  const Bytes names =
      VMSIM_TRY(file_range(names_header.sh_offset, names_header.sh_size, "the section names"));
  const Elf64_Shdr* symtab = nullptr;
  const Elf64_Shdr* dynsym = nullptr;
  for (const Elf64_Shdr& section : sections_) {
    if (section.sh_type == SHT_SYMTAB) symtab = &section;
    if (section.sh_type == SHT_DYNSYM) dynsym = &section;
    if ((section.sh_flags & SHF_ALLOC) == 0 || section.sh_type == SHT_NOBITS ||
        section.sh_size == 0)
      continue;
    std::string name = VMSIM_TRY(string_at(names, section.sh_name));
    if (!in_image(section.sh_addr, section.sh_size))
      return bad("section " + name + " is outside of the segments");
    image_.sections_.push_back(Section{std::move(name), section.sh_addr, section.sh_size});
  }
  if (dynsym == nullptr) return bad("no dynamic symbol table");
  VMSIM_CHECK(read_symbols(*dynsym));
  if (symtab != nullptr) {
    image_.symbols_.clear();  // the full table has the exported ones too
    VMSIM_CHECK(read_symbols(*symtab));
  }
  std::stable_sort(image_.symbols_.begin(), image_.symbols_.end(),
                   [](const Symbol& a, const Symbol& b) { return a.address < b.address; });
  return {};
}

Result<void> ElfImage::Parser::read_symbols(const Elf64_Shdr& section) {
  if (section.sh_entsize != sizeof(Elf64_Sym)) return bad("odd symbol size");
  if (section.sh_link >= sections_.size()) return bad("a symbol table without names");
  const Elf64_Shdr& names_header = sections_[section.sh_link];
  const Bytes names =
      VMSIM_TRY(file_range(names_header.sh_offset, names_header.sh_size, "the symbol names"));
  const Bytes table = VMSIM_TRY(file_range(section.sh_offset, section.sh_size, "a symbol table"));
  for (u64 at = 0; at + sizeof(Elf64_Sym) <= table.size(); at += sizeof(Elf64_Sym)) {
    Elf64_Sym entry;
    std::memcpy(&entry, table.data() + at, sizeof(entry));
    VMSIM_CHECK(read_symbol(entry, names, section.sh_type == SHT_DYNSYM));
  }
  return {};
}

Result<void> ElfImage::Parser::read_symbol(const Elf64_Sym& entry, Bytes names, bool dynamic) {
  std::string name = VMSIM_TRY(string_at(names, entry.st_name));
  const bool absolute = entry.st_shndx >= SHN_LORESERVE;
  const bool defined = entry.st_shndx != SHN_UNDEF && !absolute;
  const unsigned type = ELF64_ST_TYPE(entry.st_info);
  if (type == STT_TLS || type == STT_GNU_IFUNC)
    return bad("symbol " + name + " is thread-local or an ifunc");
  if (defined && !in_image(entry.st_value, 0))
    return bad("symbol " + name + " is outside of the segments");
  if (dynamic) {
    const u64 value = absolute ? entry.st_value : image_.base_ + entry.st_value;
    image_.dynamic_symbols_.push_back(
        DynamicSymbol{name, value, defined || absolute, ELF64_ST_BIND(entry.st_info) == STB_WEAK});
  }
  if (defined && !name.empty() && (type == STT_FUNC || type == STT_OBJECT || type == STT_NOTYPE))
    image_.symbols_.push_back(
        Symbol{std::move(name), image_.base_ + entry.st_value, entry.st_size, type == STT_FUNC});
  return {};
}

Result<void> ElfImage::Parser::read_dynamic() {
  u64 rela = 0, rela_bytes = 0, plt = 0, plt_bytes = 0;
  for (u64 at = 0; at + sizeof(Elf64_Dyn) <= dynamic_.p_filesz; at += sizeof(Elf64_Dyn)) {
    const auto entry = VMSIM_TRY(read<Elf64_Dyn>(dynamic_.p_offset + at, "the dynamic section"));
    if (entry.d_tag == DT_NULL) break;
    if (entry.d_tag == DT_NEEDED)
      return bad("it needs a shared library; link drivers with -nostdlib");
    if (entry.d_tag == DT_REL || (entry.d_tag == DT_PLTREL && entry.d_un.d_val != DT_RELA))
      return bad("relocations without addends");
    constexpr i64 kTagRelr = 36;
    if (entry.d_tag == kTagRelr)
      return bad("packed relocations; link without -z pack-relative-relocs");
    if (entry.d_tag == DT_RELA) rela = entry.d_un.d_ptr;
    if (entry.d_tag == DT_RELASZ) rela_bytes = entry.d_un.d_val;
    if (entry.d_tag == DT_JMPREL) plt = entry.d_un.d_ptr;
    if (entry.d_tag == DT_PLTRELSZ) plt_bytes = entry.d_un.d_val;
  }
  VMSIM_CHECK(read_relocations(rela, rela_bytes));
  return read_relocations(plt, plt_bytes);
}

Result<void> ElfImage::Parser::read_relocations(u64 offset, u64 bytes) {
  if (!in_image(offset, bytes)) return bad("relocations are outside of the segments");
  for (u64 at = 0; at + sizeof(Elf64_Rela) <= bytes; at += sizeof(Elf64_Rela)) {
    Elf64_Rela entry;
    std::memcpy(&entry, pointer(image_.base_ + offset + at), sizeof(entry));
    const auto symbol = static_cast<u32>(ELF64_R_SYM(entry.r_info));
    if (!in_image(entry.r_offset, sizeof(u64)))
      return bad("a relocation points outside of the segments");
    if (symbol >= image_.dynamic_symbols_.size()) return bad("a relocation names no symbol");
    image_.relocations_.push_back(Relocation{entry.r_offset,
                                             static_cast<u32>(ELF64_R_TYPE(entry.r_info)), symbol,
                                             static_cast<u64>(entry.r_addend)});
  }
  return {};
}

Result<std::unique_ptr<ElfImage>> ElfImage::map(Bytes file) {
  std::unique_ptr<ElfImage> image(new ElfImage);
  VMSIM_CHECK(Parser(file, *image).run());
  return image;
}

ElfImage::~ElfImage() {
  if (base_ != 0) ::munmap(pointer(base_), span_bytes_);
}

Result<void> ElfImage::link(const Resolve& resolve) {
  VMSIM_ASSERT(!linked_, "an image is linked once");
  missing_.clear();
  std::vector<u64> values;
  values.reserve(dynamic_symbols_.size());
  for (const DynamicSymbol& symbol : dynamic_symbols_) {
    u64 value = symbol.value;
    if (!symbol.defined) {
      value = symbol.name.empty() ? 0 : reinterpret_cast<u64>(resolve(symbol.name));
      if (value == 0 && !symbol.weak && !symbol.name.empty()) missing_.push_back(symbol.name);
    }
    values.push_back(value);
  }
  if (!missing_.empty()) {
    std::string text =
        std::to_string(missing_.size()) + " unknown symbol" + (missing_.size() > 1 ? "s: " : ": ");
    for (const std::string& name : missing_)
      text.append(&name == missing_.data() ? "" : ", ").append(name);
    return fail(ENOENT, text);
  }
  for (const Relocation& relocation : relocations_) {
    if (relocation.type == kRelocNone) continue;
    const u64 value = VMSIM_TRY(relocated_value(relocation, values));
    std::memcpy(pointer(base_ + relocation.offset), &value, sizeof(value));
  }
  relocations_.clear();
  VMSIM_CHECK(protect());
  linked_ = true;
  return {};
}

Result<u64> ElfImage::relocated_value(const Relocation& relocation,
                                      std::span<const u64> symbol_values) const {
  const u64 symbol = symbol_values[relocation.symbol];
  switch (relocation.type) {
    case kRelocRelative:
      return base_ + relocation.addend;
    case kRelocAbsolute:
    case kRelocGlobal:
    case kRelocJump:
      return symbol + relocation.addend;
    case kRelocCopy:
      return bad("a copy relocation of " + dynamic_symbols_[relocation.symbol].name);
    default:
      return bad("relocation type " + std::to_string(relocation.type) + " of '" +
                 dynamic_symbols_[relocation.symbol].name + "'; compile drivers with -fPIC");
  }
}

Result<void> ElfImage::protect() {
  // Gaps between segments become inaccessible too.
  if (::mprotect(pointer(base_), span_bytes_, PROT_NONE) != 0)
    return fail(ENOMEM, "mprotect of a driver's image failed");
  for (const Segment& segment : segments_) {
    if (::mprotect(pointer(base_ + segment.start), segment.bytes, segment.protection) != 0)
      return fail(ENOMEM, "mprotect of a driver's image failed");
    if ((segment.protection & PROT_EXEC) != 0)
      __builtin___clear_cache(static_cast<char*>(pointer(base_ + segment.start)),
                              static_cast<char*>(pointer(base_ + segment.start + segment.bytes)));
  }
  return {};
}

void ElfImage::retire() {
  if (retired_) return;
  retired_ = true;
  void* at = ::mmap(pointer(base_), span_bytes_, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  VMSIM_ASSERT(at != MAP_FAILED, "replacing a mapping by an inaccessible one failed");
  sections_.clear();
}

std::vector<std::string> ElfImage::imports() const {
  std::vector<std::string> names;
  for (const DynamicSymbol& symbol : dynamic_symbols_)
    if (!symbol.defined && !symbol.name.empty()) names.push_back(symbol.name);
  return names;
}

void* ElfImage::symbol(std::string_view name) const {
  for (const Symbol& symbol : symbols_)
    if (symbol.name == name) return pointer(symbol.address);
  for (const DynamicSymbol& symbol : dynamic_symbols_)
    if (symbol.defined && symbol.name == name) return pointer(symbol.value);
  return nullptr;
}

const ElfImage::Symbol* ElfImage::function_at(u64 ip) const {
  auto after =
      std::upper_bound(symbols_.begin(), symbols_.end(), ip,
                       [](u64 address, const Symbol& symbol) { return address < symbol.address; });
  while (after != symbols_.begin()) {
    const Symbol& symbol = *--after;
    if (!symbol.function) continue;
    // module_init() and module_exit() make aliases of the author's functions.
    const bool alias = symbol.name == "init_module" || symbol.name == "cleanup_module";
    if (alias && after != symbols_.begin()) {
      const Symbol& before = *(after - 1);
      if (before.function && before.address == symbol.address) continue;
    }
    // Inclusive: a call that never returns may be a function's last instruction.
    return ip <= symbol.address + symbol.size_bytes ? &symbol : nullptr;
  }
  return nullptr;
}

const ElfImage::Symbol* ElfImage::symbol_at(u64 address) const {
  for (const Symbol& symbol : symbols_)
    if (address - symbol.address < symbol.size_bytes) return &symbol;
  return nullptr;
}

bool ElfImage::is_code(u64 address) const {
  for (const Segment& segment : segments_)
    if (address - base_ - segment.start < segment.bytes && (segment.protection & PROT_EXEC) != 0)
      return true;
  return false;
}

std::string ElfImage::symbolize(u64 ip) const {
  const Symbol* symbol = function_at(ip);
  if (symbol == nullptr) return {};
  char tail[48];
  std::snprintf(tail, sizeof(tail), "+0x%llx/0x%llx",
                static_cast<unsigned long long>(ip - symbol->address),
                static_cast<unsigned long long>(symbol->size_bytes));
  return symbol->name + tail;
}

ElfImage::Bytes ElfImage::section(std::string_view name) const {
  for (const Section& section : sections_)
    if (section.name == name)
      return {static_cast<const std::byte*>(pointer(base_ + section.offset)), section.bytes};
  return {};
}

}  // namespace vmsim::kern
