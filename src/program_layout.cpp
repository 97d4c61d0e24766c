// SPDX-License-Identifier: MIT
// The areas of a typical program. Counterpart: fs/binfmt_elf.c and setup_arg_pages(), without an ELF file: the image is
// two pages of text, one of read-only and one of writable data, and a page of bss, at the classic addresses.
#include "machine_state.hpp"
#include "mm/object.hpp"

namespace vmsim {

namespace {

struct Segment {
  u64 start;
  u64 pages;
  u32 prot;
  u64 file_page;
};

struct Layout {
  u64 base;
  u64 stack_top;
  u64 stack_pages;
  vmsim_dev_t image_device;
  u64 image_ino;
};

Layout layout_of(const MachineConfig& config) {
  if (config.profile == Profile::kX86_32) return {0x08048000, 0xC0000000, 21, (3u << 20) | 1, 10484};
  return {0x400000, 0x7ffffffff000, 33, (8u << 20) | 1, 1835021};
}

/// Text that a lesson can look at: each page begins with its own name.
std::vector<std::byte> image_content(u64 pages) {
  std::vector<std::byte> content(pages << kPageShift);
  for (u64 page = 0; page < pages; ++page) {
    const std::string label = "image page " + std::to_string(page);
    for (std::size_t i = 0; i < label.size(); ++i) content[(page << kPageShift) + i] = static_cast<std::byte>(label[i]);
  }
  return content;
}

Result<void> map_segment(mm::Mm& mm, vfs::File* image, const Segment& segment) {
  mm::MmapRequest request;
  request.addr = segment.start;
  request.len = segment.pages << kPageShift;
  request.prot = segment.prot;
  request.flags = kMapPrivate | kMapFixed | (image ? 0u : u32{kMapAnonymous});
  request.file = image;
  request.offset = segment.file_page << kPageShift;
  VMSIM_TRY(mm.mmap(request));
  return {};
}

}  // namespace

Result<void> lay_out_program(kern::Kernel& kernel, mm::Mm& mm, const std::string& name) {
  const Layout layout = layout_of(kernel.config);
  auto* object = new mm::PageObject(*kernel.memory->zones, mm::PageObject::Kind::kImage, image_content(4));
  vfs::Inode* const node = mm::make_object_inode("/usr/bin/" + name, object);
  node->i_sb->s_dev = layout.image_device;
  node->i_ino = layout.image_ino;
  auto* image = new vfs::File(node, vfs::kORdOnly, *kernel.files);
  const u64 base = layout.base;
  const Segment segments[] = {{base, 2, kProtRead | kProtExec, 0},
                              {base + 0x2000, 1, kProtRead, 2},
                              {base + 0x3000, 1, kProtReadWrite, 3}};
  Result<void> outcome;
  for (const Segment& segment : segments) {
    if (outcome) outcome = map_segment(mm, image, segment);
  }
  image->put();
  VMSIM_CHECK(outcome);
  VMSIM_CHECK(map_segment(mm, nullptr, {base + 0x4000, 1, kProtReadWrite, 0}));
  mm.start_code = base, mm.end_code = base + 0x2000;
  mm.start_data = base + 0x3000, mm.end_data = base + 0x4000;
  mm.start_brk = base + 0x5000;
  mm.mm_struct::brk = mm.start_brk;
  mm::MmapRequest stack;
  stack.len = layout.stack_pages << kPageShift;
  stack.addr = layout.stack_top - stack.len;
  stack.prot = kProtReadWrite;
  stack.flags = kMapPrivate | kMapAnonymous | kMapFixed | kMapGrowsDown;
  VMSIM_TRY(mm.mmap(stack));
  mm.start_stack = layout.stack_top - 16;
  return {};
}

}  // namespace vmsim
