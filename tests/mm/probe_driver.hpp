// SPDX-License-Identifier: MIT
// A driver in C++ whose operations have C signatures: it writes every call of them into a text,
// pages counted from the program's base, and does what a test asked for. Counterpart: the driver
// that probed the real kernels.
#pragma once

#include <cstring>
#include <functional>

#include "mm/pfnmap.hpp"
#include "mm/world.hpp"
#include "sched/driver_call.hpp"
#include "sched/lock.hpp"

namespace vmsim::mm {

/// Which operations a driver sets.
namespace ops {
inline constexpr u32 kOpen = 1, kClose = 2, kSplit = 4, kProtect = 8, kFault = 0x10,
                     kPageMkwrite = 0x20;
inline constexpr u32 kPfnMkwrite = 0x40, kMapPages = 0x80, kUnmappedArea = 0x100, kNopage = 0x200;
inline constexpr u32 kAll = kOpen | kClose | kSplit | kProtect;
}  // namespace ops

inline std::string fault_flags_text(u32 flags, bool cow_page) {
  static constexpr std::pair<u32, const char*> kNames[] = {{fault_flag::kWrite, "WR"},
                                                           {fault_flag::kMkWrite, "MKW"},
                                                           {fault_flag::kAllowRetry, "ARETRY"},
                                                           {fault_flag::kKillable, "KILLABLE"},
                                                           {fault_flag::kTried, "TRIED"},
                                                           {fault_flag::kUser, "USER"},
                                                           {fault_flag::kRemote, "REMOTE"},
                                                           {fault_flag::kInterruptible, "INTR"},
                                                           {fault_flag::kOrigPteValid, "ORIGPTE"},
                                                           {fault_flag::kVmaLock, "VMALOCK"}};
  std::string text;
  for (const auto& [flag, name] : kNames) {
    if ((flags & flag) != 0) text += (text.empty() ? "" : "|") + std::string(name);
  }
  return text + (cow_page ? " COWPAGE" : "");
}

inline std::string fault_code_text(u32 code) {
  static constexpr std::pair<u32, const char*> kNames[] = {
      {vm_fault_code::kOom, "OOM"},       {vm_fault_code::kSigBus, "SIGBUS"},
      {vm_fault_code::kMajor, "MAJOR"},   {vm_fault_code::kSigSegv, "SIGSEGV"},
      {vm_fault_code::kNoPage, "NOPAGE"}, {vm_fault_code::kHwPoison, "HWPOISON"},
      {vm_fault_code::kLocked, "LOCKED"}, {vm_fault_code::kRetry, "RETRY"}};
  std::string text;
  for (const auto& [bit, name] : kNames) {
    if ((code & bit) != 0) text += (text.empty() ? "" : "|") + std::string(name);
  }
  return text.empty() ? "0" : text;
}

class ProbeDriver {
 public:
  static constexpr u64 kPoolPages = 8, kBlockPages = 64;

  explicit ProbeDriver(World& world, u32 wanted = ops::kAll)
      : world_(world), base_(world.user_base()) {
    node_ = new vfs::Inode("/dev/probe", 0020666);
    node_->i_ino = 77;
    node_->i_rdev = (240u << 20);
    node_->i_sb->s_dev = 5;
    fops_.mmap = on_mmap_call;
    node_->i_fop = &fops_;
    for (u64 i = 0; i < kPoolPages; ++i) {
      ::page* const page = world.zones().alloc_page(VMSIM_GFP_KERNEL | VMSIM_GFP_BIT_ZERO);
      world.zones().set_kind(page, phys::PageKind::kDriver);
      std::memset(world.memory->ram->host(world.memory->mem_map->pfn(page)),
                  'A' + static_cast<int>(i), kPageSize);
      pool_.push_back(page);
    }
    block_ = world.zones().alloc_pages(VMSIM_GFP_KERNEL | VMSIM_GFP_BIT_ZERO, 6);
    for (u64 i = 0; i < kBlockPages; ++i) poke(block() + i, static_cast<u32>(0x1000 + i));
    if (!world.release_log) world.release_log = &log_;
    use(wanted);
  }

  ~ProbeDriver() {
    while (!files_.empty()) close(files_.back());
    for (u64 i = 0; i < pool_.size(); ++i) {
      EXPECT_EQ(refs(i), "1/0") << "pool page " << i;
      world_.zones().put_page(pool_[i]);
    }
    world_.zones().free_pages(block_, 6);
    if (world_.release_log == &log_) world_.release_log = nullptr;
    node_->put();
  }

  ProbeDriver(const ProbeDriver&) = delete;
  ProbeDriver& operator=(const ProbeDriver&) = delete;

  /// From now on areas get these operations.
  void use(u32 wanted) {
    const auto pick = [&](u32 bit, auto& slot, auto function) {
      slot = (wanted & bit) != 0 ? function : nullptr;
    };
    pick(ops::kOpen, ops_.open, &open_call);
    pick(ops::kClose, ops_.close, &close_call);
    pick(ops::kSplit, ops_.may_split, &split_call);
    pick(ops::kProtect, ops_.mprotect, &protect_call);
    pick(ops::kFault, ops_.fault, &fault_call);
    pick(ops::kPageMkwrite, ops_.page_mkwrite, &page_mkwrite_call);
    pick(ops::kPfnMkwrite, ops_.pfn_mkwrite, &pfn_mkwrite_call);
    pick(ops::kMapPages, ops_.map_pages, &map_pages_call);
    pick(ops::kNopage, ops_.nopage, &nopage_call);
    pick(ops::kUnmappedArea, fops_.get_unmapped_area, &unmapped_area_call);
  }

  /// An open file; closed at the end at the latest. The first one is made on demand.
  vfs::File* open(unsigned flags = vfs::kORdWr) {
    node_->hold();
    auto* file = new vfs::File(node_, flags, world_.file_calls());
    file->private_data = this;
    files_.push_back(file);
    return file;
  }

  vfs::File* file() { return files_.empty() ? open() : files_.front(); }

  /// close(2) of the descriptor: mappings may hold the file further.
  void close(vfs::File* file) {
    std::erase(files_, file);
    file->put();
  }

  /// What happened since the last call, or "(none)".
  std::string log() {
    std::string text = std::exchange(log_, {});
    return text.empty() ? "(none)" : text;
  }

  void note(const std::string& text) { log_ += (log_.empty() ? "" : " ") + text; }

  ::page* page(u64 index) const { return pool_[index % kPoolPages]; }

  u64 page_pfn(u64 index) const { return world_.memory->mem_map->pfn(page(index)).value; }

  /// First of kBlockPages frames of RAM, page n starting with the number 0x1000 + n.
  u64 block() const { return world_.memory->mem_map->pfn(block_).value; }

  ::page* block_page(u64 index) const { return block_ + index; }

  void poke(u64 pfn, u32 value) {
    std::memcpy(world_.memory->ram->host(Pfn(pfn)), &value, sizeof(value));
  }

  u32 peek(u64 pfn) const {
    u32 value = 0;
    std::memcpy(&value, world_.memory->ram->host(Pfn(pfn)), sizeof(value));
    return value;
  }

  /// "references/mappings" of a pool page.
  std::string refs(u64 index) const {
    return fmt::format("{}/{}", page(index)->_refcount.counter, page(index)->_mapcount.counter);
  }

  // --- what the handlers do ---

  /// After vm_ops is set; its result is the handler's.
  std::function<int(Vma&)> at_mmap;
  std::function<u32(::vm_fault&)> at_fault;
  std::function<void(Vma&)> at_open, at_close;
  u32 mkwrite_says = 0;
  int split_says = 0, protect_says = 0;
  /// vm_ops stays what the core put there.
  bool leave_ops = false;
  /// fault(1 pgoff=4 fl=WR|… in=+0)=NOPAGE instead of fault(1 W).
  bool full_faults = false;
  /// Adds what mmap_lock and the tree look like during each call.
  bool with_context = false;
  /// The last BUG that a core function answered with.
  std::string bug;
  /// What the mmap handler saw.
  u64 seen_flags = 0, seen_prot = 0, seen_pgoff = 0;
  bool seen_ops = false, seen_in_tree = false;

  /// at_mmap: remap_pfn_range over the whole area.
  void remap_on_mmap(u64 first_pfn, u64 extra_prot = 0) {
    at_mmap = [this, first_pfn, extra_prot](Vma& vma) {
      vma.vm_page_prot.pgprot |= extra_prot;
      return code(remap_pfn_range(vma, vma.vm_start, Pfn(first_pfn), vma.vm_end - vma.vm_start,
                                  vma.vm_page_prot.pgprot));
    };
  }

  /// at_mmap: remap_pfn_range of pages [page, page + bytes) of the area.
  void remap_part_on_mmap(u64 offset, u64 bytes) {
    at_mmap = [this, offset, bytes](Vma& vma) {
      return code(remap_pfn_range(vma, vma.vm_start + offset, Pfn(block()), bytes,
                                  vma.vm_page_prot.pgprot));
    };
  }

  /// at_mmap: vm_insert_page of the first `count` pool pages.
  void insert_on_mmap(u64 count) {
    at_mmap = [this, count](Vma& vma) {
      int result = 0;
      for (u64 i = 0; i < count && result == 0; ++i) {
        result = code(vm_insert_page(vma, vma.vm_start + (i << kPageShift), page(i)));
      }
      return result;
    };
  }

  void set_flags_on_mmap(u64 set, u64 clear = 0) {
    at_mmap = [set, clear](Vma& vma) {
      vma.__vm_flags = (vma.__vm_flags | set) & ~clear;
      return 0;
    };
  }

  /// at_fault: the pool page of the file offset, with a reference.
  void give_pages(u32 says = 0) {
    at_fault = [this, says](::vm_fault& vmf) {
      vmf.page = page(vmf.pgoff);
      world_.zones().get_page(vmf.page);
      if ((says & vm_fault_code::kLocked) != 0) vmf.page->flags |= 1ul << PG_locked;
      return says;
    };
  }

  /// at_fault: vmf_insert_pfn of first_pfn + file offset.
  void give_pfns(u64 first_pfn) {
    at_fault = [this, first_pfn](::vm_fault& vmf) {
      const Vma& vma = *Vma::of(vmf.vma);
      return fault_code(vmf_insert_pfn_prot(*Vma::of(vmf.vma), vmf.address,
                                            Pfn(first_pfn + vmf.pgoff), vma.vm_page_prot.pgprot));
    };
  }

  void give_mixed(u64 first_pfn, bool device) {
    at_fault = [this, first_pfn, device](::vm_fault& vmf) {
      return fault_code(
          vmf_insert_mixed(*Vma::of(vmf.vma), vmf.address, Pfn(first_pfn + vmf.pgoff), device));
    };
  }

  void say(u32 result) {
    at_fault = [result](::vm_fault&) { return result; };
  }

  /// -errno of a Result; a BUG is remembered and becomes -EFAULT, for these handlers do not oops.
  template <class T>
  int code(const Result<T>& result) {
    if (result) return 0;
    if (result.error().errno_value != sched::kErrBug) return -result.error().errno_value;
    bug = result.error().message;
    return -err::kFault;
  }

  u32 fault_code(const Result<u32>& result) {
    if (result) return *result;
    bug = result.error().message;
    return vm_fault_code::kSigBus;
  }

 private:
  static ProbeDriver& of(::vm_area_struct* area) {
    return *static_cast<ProbeDriver*>(area->vm_file->private_data);
  }

  i64 page_of(u64 addr) const { return static_cast<i64>(addr - base_) >> kPageShift; }

  std::string range(const ::vm_area_struct* area) const {
    return fmt::format("[{},{}) off={:x} fc={}", page_of(area->vm_start), page_of(area->vm_end),
                       area->vm_pgoff, area->vm_file->f_count.counter);
  }

  /// "{WRITE pte0=1 intree=1 mm=cur}"
  std::string context(::vm_area_struct* area) const {
    if (!with_context) return {};
    Mm& mm = *Mm::of(area->vm_mm);
    const char* lock = sched::lock_is_held(&mm.mmap_lock, sched::HoldMode::kWrite) ? "WRITE"
                       : sched::lock_is_held(&mm.mmap_lock)                        ? "READ"
                                                                                   : "unlocked";
    const Vma* const found = mm.vma_lookup(area->vm_start);
    const char* tree = !found ? "0" : found == area ? "1" : "other";
    return fmt::format("{{{} pte0={} intree={}{}}}", lock,
                       mm.table().get(VirtAddr(area->vm_start)).none() ? 0 : 1, tree,
                       world_.task->mm == area->vm_mm ? "" : " mm=other");
  }

  std::string fault_line(const ::vm_fault& vmf, u32 result, const char* name, bool offset) const {
    if (!full_faults) {
      const bool writes = (vmf.flags & fault_flag::kWrite) != 0 && name == std::string("fault");
      return fmt::format("{}({}{})", name, page_of(vmf.address), writes ? " W" : "");
    }
    return fmt::format("{}({} pgoff={:x} fl={}{})={}", name, page_of(vmf.address), vmf.pgoff,
                       fault_flags_text(vmf.flags, vmf.cow_page != nullptr),
                       offset ? fmt::format(" in=+{:x}", vmf.real_address & ~kPageMask) : "",
                       fault_code_text(result));
  }

  static void open_call(::vm_area_struct* area) {
    ProbeDriver& self = of(area);
    self.note("open(" + self.range(area) + ")" + self.context(area));
    if (self.at_open) self.at_open(*Vma::of(area));
  }

  static void close_call(::vm_area_struct* area) {
    ProbeDriver& self = of(area);
    self.note("close(" + self.range(area) + ")" + self.context(area));
    if (self.at_close) self.at_close(*Vma::of(area));
  }

  static int split_call(::vm_area_struct* area, unsigned long addr) {
    ProbeDriver& self = of(area);
    self.note(fmt::format("may_split([{},{}) at {})={}", self.page_of(area->vm_start),
                          self.page_of(area->vm_end), self.page_of(addr), self.split_says) +
              self.context(area));
    return self.split_says;
  }

  static int protect_call(::vm_area_struct* area, unsigned long start, unsigned long end,
                          unsigned long flags) {
    ProbeDriver& self = of(area);
    self.note(fmt::format("mprotect([{},{}) vma@{} to {}{}{})={}", self.page_of(start),
                          self.page_of(end), self.page_of(area->vm_start),
                          (flags & vm::kRead) != 0 ? 'r' : '-',
                          (flags & vm::kWrite) != 0 ? 'w' : '-',
                          (flags & vm::kExec) != 0 ? 'x' : '-', self.protect_says) +
              self.context(area));
    return self.protect_says;
  }

  static vmsim_fault_t fault_call(::vm_fault* vmf) {
    ProbeDriver& self = of(vmf->vma);
    const ::vm_fault before = *vmf;
    const std::string where = self.context(vmf->vma);
    const u32 result = self.at_fault ? self.at_fault(*vmf) : vm_fault_code::kSigBus;
    self.note(self.fault_line(before, result, "fault", true) + where);
    return result;
  }

  static vmsim_fault_t page_mkwrite_call(::vm_fault* vmf) {
    ProbeDriver& self = of(vmf->vma);
    if ((self.mkwrite_says & vm_fault_code::kLocked) != 0) vmf->page->flags |= 1ul << PG_locked;
    self.note(self.fault_line(*vmf, self.mkwrite_says, "page_mkwrite", false) +
              self.context(vmf->vma));
    return self.mkwrite_says;
  }

  static vmsim_fault_t pfn_mkwrite_call(::vm_fault* vmf) {
    ProbeDriver& self = of(vmf->vma);
    self.note(self.fault_line(*vmf, self.mkwrite_says, "pfn_mkwrite", false) +
              self.context(vmf->vma));
    return self.mkwrite_says;
  }

  static vmsim_fault_t map_pages_call(::vm_fault* vmf, unsigned long first, unsigned long last) {
    ProbeDriver& self = of(vmf->vma);
    self.note(
        fmt::format("map_pages({} pgoff {:x}..{:x})", self.page_of(vmf->address), first, last) +
        self.context(vmf->vma));
    return 0;
  }

  static ::page* nopage_call(::vm_area_struct* area, unsigned long addr, int*) {
    ProbeDriver& self = of(area);
    self.note(fmt::format("nopage({})", self.page_of(addr)));
    const u64 offset = Vma::of(area)->pgoff_at(addr);
    if (offset >= kPoolPages) return nullptr;
    self.world_.zones().get_page(self.page(offset));
    return self.page(offset);
  }

  static unsigned long unmapped_area_call(::file* file, unsigned long addr, unsigned long len,
                                          unsigned long pgoff, unsigned long flags) {
    ProbeDriver& self = *static_cast<ProbeDriver*>(file->private_data);
    self.note(fmt::format("get_unmapped_area(a={:#x} len={:#x} pgoff={:#x} fl={:#x})", addr, len,
                          pgoff, flags));
    const auto found =
        Mm::of(self.world_.task->mm)->default_unmapped_area(addr, len, static_cast<u32>(flags));
    return found ? *found : static_cast<unsigned long>(-found.error().errno_value);
  }

  static int on_mmap_call(::file* file, ::vm_area_struct* area) {
    ProbeDriver& self = *static_cast<ProbeDriver*>(file->private_data);
    Vma& vma = *Vma::of(area);
    self.note(
        fmt::format("MMAP([{},{}))", self.page_of(area->vm_start), self.page_of(area->vm_end)) +
        self.context(area));
    self.seen_flags = vma.flags();
    self.seen_prot = vma.vm_page_prot.pgprot;
    self.seen_pgoff = vma.vm_pgoff;
    self.seen_ops = vma.vm_ops != nullptr;
    self.seen_in_tree = vma.mm().vma_lookup(vma.vm_start) != nullptr;
    if (!self.leave_ops) vma.vm_ops = &self.ops_;
    return self.at_mmap ? self.at_mmap(vma) : 0;
  }

  World& world_;
  u64 base_;
  ::vm_operations_struct ops_{};
  ::file_operations fops_{};
  vfs::Inode* node_ = nullptr;
  std::vector<vfs::File*> files_;
  std::vector<::page*> pool_;
  ::page* block_ = nullptr;
  std::string log_;
};

}  // namespace vmsim::mm
