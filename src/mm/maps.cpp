// SPDX-License-Identifier: MIT
// /proc/<pid>/maps. Counterpart: show_map_vma() of fs/proc/task_mmu.c; proc(5). Part of Mm.
#include <fmt/format.h>

#include "mm/mm.hpp"

namespace vmsim::mm {

namespace {

std::string label_of(const Mm& mm, const Vma& vma) {
  if (vma.vm_file) return vma.file()->path();
  if (!mm.rules().maps_labels) return {};
  if (vma.vm_start <= mm.mm_struct::brk && vma.vm_end >= mm.start_brk && mm.start_brk != mm.mm_struct::brk) {
    return "[heap]";
  }
  if (vma.vm_start <= mm.start_stack && vma.vm_end >= mm.start_stack && mm.start_stack != 0) return "[stack]";
  return {};
}

std::string line_of(const Mm& mm, const Vma& vma) {
  u64 offset = 0;
  unsigned major = 0;
  unsigned minor = 0;
  u64 ino = 0;
  if (vma.vm_file) {
    const vfs::Inode& node = *vma.file()->node();
    offset = vma.vm_pgoff << kPageShift;
    major = node.i_sb->s_dev >> 20;
    minor = node.i_sb->s_dev & 0xfffff;
    ino = node.i_ino;
  }
  std::string line = fmt::format("{:08x}-{:08x} {}{}{}{} {:08x} {:02x}:{:02x} {} ", vma.vm_start, vma.vm_end,
                                 vma.has(vm::kRead) ? 'r' : '-', vma.has(vm::kWrite) ? 'w' : '-',
                                 vma.has(vm::kExec) ? 'x' : '-', vma.has(vm::kMayShare) ? 's' : 'p', offset, major,
                                 minor, ino);
  const std::string label = label_of(mm, vma);
  if (label.empty()) return line + "\n";
  // Names stand in one column, whose place depends on the width of a pointer.
  const std::size_t column = 25 + (mm.rules().x86_32 ? 4 : 8) * 6;
  if (line.size() < column) line.resize(column, ' ');
  return line + label + "\n";
}

}  // namespace

std::string Mm::maps_text() const {
  std::string text;
  for (const Vma* vma = vmas_.first(); vma; vma = vmas_.next(vma)) text += line_of(*this, *vma);
  return text;
}

std::string Mm::dump() const {
  std::string text = fmt::format("mm with {} areas, rss {} pages, {} table pages\n", vmas_.size(), rss_.total(),
                                 table_->table_pages());
  for (const Vma* vma = vmas_.first(); vma; vma = vmas_.next(vma)) {
    text += line_of(*this, *vma);
    text += fmt::format("    VmFlags: {} prot {:#x}\n", vm_flags_text(vma->flags()), vma->vm_page_prot.pgprot);
  }
  return text;
}

}  // namespace vmsim::mm
