// SPDX-License-Identifier: MIT
// Plays a sequence of operations on real address spaces and on the oracle, and tells the first
// difference; makes a failing sequence short. For tests/model.
#pragma once

#include <cstring>
#include <random>

#include "mm/pfnmap.hpp"
#include "mm/world.hpp"
#include "model/mm_oracle.hpp"

namespace vmsim::mm::model {

using Sequence = std::vector<Op>;

inline u64 seed_or(u64 preset) {
  const char* const text = std::getenv("VMSIM_SEED");
  return text ? std::strtoull(text, nullptr, 0) : preset;
}

inline std::string text_of(const Sequence& sequence) {
  std::string text;
  for (const Op& op : sequence) text += "  " + op.text() + "\n";
  return text;
}

/// Two device nodes: one with a fault handler over a pool of pages, one that remaps reserved
/// memory. Counts areas.
class ModelDriver {
 public:
  explicit ModelDriver(World& world) : world_(world) {
    ops_.open = [](::vm_area_struct* area) { ++of(area->vm_file).areas_; };
    ops_.close = [](::vm_area_struct* area) { --of(area->vm_file).areas_; };
    ops_.fault = fault;
    if (world.env().rules.fault_takes_area)
      ops_.fault = reinterpret_cast<vmsim_fault_t (*)(::vm_fault*)>(
          reinterpret_cast<void*>(&fault_of_area));
    device_fops_.mmap = mmap_device;
    remap_fops_.mmap = mmap_remap;
    for (u64 i = 0; i < kDevicePages; ++i) {
      pool_.push_back(world.zones().alloc_page(VMSIM_GFP_KERNEL | VMSIM_GFP_BIT_ZERO));
      world.zones().set_kind(pool_.back(), phys::PageKind::kDriver);
    }
    device = open("/dev/pool", device_fops_);
    remap = open("/dev/window", remap_fops_);
    reset();
  }

  ~ModelDriver() {
    device->put();
    remap->put();
    for (::page* const page : pool_) world_.zones().put_page(page);
  }

  ModelDriver(const ModelDriver&) = delete;
  ModelDriver& operator=(const ModelDriver&) = delete;

  /// Contents as an Oracle starts with.
  void reset() {
    for (u64 i = 0; i < kDevicePages; ++i) {
      poke(world_.memory->mem_map->pfn(pool_[i]), Oracle::device_bytes(i));
    }
    for (u64 i = 0; i < 64; ++i) poke(Pfn(kReservedPagePfn + i), Oracle::remap_bytes(i));
  }

  i64 areas() const { return areas_; }

  /// Empty if no page has a reference or mapping too many.
  std::string leaks() const {
    for (u64 i = 0; i < pool_.size(); ++i) {
      if (pool_[i]->_refcount.counter != 1 || pool_[i]->_mapcount.counter != 0) {
        return fmt::format("pool page {} has {} references and {} mappings", i,
                           pool_[i]->_refcount.counter, pool_[i]->_mapcount.counter);
      }
    }
    if (areas_ != 0) return fmt::format("mmap + open - close is {}", areas_);
    if (device->count() != 1 || remap->count() != 1) return "a file reference leaked";
    return {};
  }

  vfs::File* device = nullptr;
  vfs::File* remap = nullptr;

 private:
  static ModelDriver& of(::file* file) { return *static_cast<ModelDriver*>(file->private_data); }

  vfs::File* open(const char* path, const ::file_operations& fops) {
    auto* node = new vfs::Inode(path, 0020666);
    node->i_fop = &fops;
    auto* file = new vfs::File(node, vfs::kORdWr, world_.file_calls());
    file->private_data = this;
    return file;
  }

  void poke(Pfn pfn, const PageBytes& bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      std::memset(world_.memory->ram->host(pfn) + kByteOffsets[i], bytes[i], 1);
    }
  }

  /// As drivers until 4.10 have it.
  static vmsim_fault_t fault_of_area(::vm_area_struct*, ::vm_fault* vmf) { return fault(vmf); }

  static vmsim_fault_t fault(::vm_fault* vmf) {
    ModelDriver& self = of(vmf->vma->vm_file);
    if (vmf->pgoff >= kDevicePages) return vm_fault_code::kSigBus;
    vmf->page = self.pool_[vmf->pgoff];
    self.world_.zones().get_page(vmf->page);
    return 0;
  }

  static int mmap_device(::file* file, ::vm_area_struct* area) {
    ++of(file).areas_;
    area->vm_ops = &of(file).ops_;
    return 0;
  }

  static int mmap_remap(::file* file, ::vm_area_struct* area) {
    ++of(file).areas_;
    area->vm_ops = &of(file).ops_;
    Vma& vma = *Vma::of(area);
    const auto done = remap_pfn_range(vma, vma.vm_start, Pfn(kReservedPagePfn + vma.vm_pgoff),
                                      vma.vm_end - vma.vm_start, vma.vm_page_prot.pgprot);
    return code_of(done);
  }

  World& world_;
  ::vm_operations_struct ops_{};
  ::file_operations device_fops_{};
  ::file_operations remap_fops_{};
  std::vector<::page*> pool_;
  i64 areas_ = 0;
};

/// One kernel version with its machine, used for many sequences.
class Player {
 public:
  explicit Player(KernelVersion kernel = {6, 12, 0}, Profile profile = Profile::kX86_64)
      : world_(config_of(kernel, profile)), driver_(world_), frames_(world_.frames_used()) {}

  /// Empty if the mm did as the oracle says, all the way to the exit of every process.
  std::string play(const Sequence& sequence) {
    driver_.reset();
    objects_.clear();
    next_object_ = 0;
    Oracle oracle(world_.env().rules.topdown);
    mms_.clear();
    mms_.push_back(make_mm());
    std::string wrong;
    for (std::size_t i = 0; i < sequence.size() && wrong.empty(); ++i) {
      if (!oracle.lives(sequence[i].who)) continue;
      wrong = step(oracle, sequence[i]);
      if (!wrong.empty())
        wrong = fmt::format("operation {} ({}): {}", i, sequence[i].text(), wrong);
    }
    if (wrong.empty()) wrong = compare_contents(oracle);
    for (u64 who = 0; who < mms_.size(); ++who) end_process(who);
    if (wrong.empty()) wrong = driver_.leaks();
    if (wrong.empty() && world_.frames_used() != frames_) {
      wrong = fmt::format("{} frames leaked", static_cast<i64>(world_.frames_used() - frames_));
    }
    if (wrong.empty() && !world_.probe.findings().empty()) wrong = "finding " + world_.findings();
    return wrong;
  }

  /// Plays, and on failure drops operations as long as it still fails; reports with `label`.
  bool check(Sequence sequence, const std::string& label) {
    std::string wrong = play(sequence);
    if (wrong.empty()) return true;
    for (bool shorter = true; shorter;) {
      shorter = false;
      for (std::size_t i = sequence.size(); i-- > 0;) {
        Sequence tried = sequence;
        tried.erase(tried.begin() + static_cast<std::ptrdiff_t>(i));
        const std::string now = play(tried);
        if (now.empty()) continue;
        sequence = std::move(tried);
        wrong = now;
        shorter = true;
      }
    }
    ADD_FAILURE() << label << ": " << wrong << "\nafter\n" << text_of(sequence);
    return false;
  }

 private:
  static MachineConfig config_of(KernelVersion kernel, Profile profile) {
    MachineConfig config = small_config(kernel, profile);
    config.junk_fill = true;
    return config;
  }

  u64 base() const { return world_.user_base(); }

  u64 addr(u64 page) const { return base() + (page << kPageShift); }

  std::unique_ptr<Mm> make_mm() {
    auto made = Mm::create(world_.env());
    EXPECT_TRUE(made);
    // The arena is where mappings without an address are looked for first.
    (*made)->mmap_base = world_.env().rules.topdown ? addr(kArenaPages) : base();
    return std::move(*made);
  }

  void end_process(u64 who) {
    if (!mms_[who]) return;
    mms_[who]->exit_mmap();
    mms_[who].reset();
  }

  std::string step(Oracle& oracle, const Op& op) {
    if (op.what == Op::kExit && op.who == 0) return {};
    const Outcome wanted = oracle.apply(op);
    Outcome got = perform(op);
    // Outside of the arena any place will do.
    if (op.what == Op::kMapAnywhere && wanted.page && *wanted.page + op.pages > kArenaPages)
      got.page = wanted.page;
    if (!(got == wanted)) return fmt::format("got {}, wanted {}", got.text(), wanted.text());
    for (u64 who = 0; who < mms_.size(); ++who) {
      if (!mms_[who]) continue;
      if (std::string wrong = mms_[who]->validate(); !wrong.empty()) return wrong;
      if (std::string wrong = compare_areas(oracle, who); !wrong.empty()) return wrong;
    }
    return {};
  }

  Outcome perform(const Op& op) {
    Mm& mm = *mms_[op.who];
    const u64 start = addr(op.page);
    const u64 bytes = u64{op.pages} << kPageShift;
    switch (op.what) {
      case Op::kMap:
        return map(mm, op, start, bytes);
      case Op::kMapAnywhere:
        return map_anywhere(mm, op, bytes);
      case Op::kUnmap:
        return {code_of(mm.munmap(start, bytes))};
      case Op::kProtect:
        return {code_of(mm.mprotect(start, bytes, op.rights))};
      case Op::kStore: {
        const auto done =
            world_.cpu().store<u8>(mm.space(), VirtAddr(start + op.byte_offset()), op.value);
        return done ? Outcome{} : fault_outcome(done.fault());
      }
      case Op::kLoad: {
        const auto byte = world_.cpu().load<u8>(mm.space(), VirtAddr(start + op.byte_offset()));
        return byte ? Outcome{0, {}, *byte} : fault_outcome(byte.fault());
      }
      case Op::kFork: {
        auto child = mm.fork();
        if (!child) return {code_of(child)};
        mms_.push_back(std::move(*child));
        return {};
      }
      case Op::kExit:
        end_process(op.who);
        return {};
      case Op::kZap:
        unmap_mapping_range(world_.env(), *driver_.device->f_mapping, u64{op.pgoff} << kPageShift,
                            bytes, op.rights != 0 ? Mm::Cows::kZapToo : Mm::Cows::kKeep);
        return {};
    }
    return {};
  }

  Outcome fault_outcome(const UserFault& fault) const {
    return {0, {}, {}, {fault.signo, fault.code, fault.addr - base()}};
  }

  static MmapRequest request_of(const ModelDriver& driver, const Op& op, u64 start, u64 bytes) {
    MmapRequest request{start, bytes, op.rights, 0, nullptr, u64{op.pgoff} << kPageShift};
    const bool is_private = op.kind == Kind::kAnon || op.kind == Kind::kDevicePrivate;
    request.flags = is_private ? map::kPrivate : map::kShared;
    if (op.kind == Kind::kAnon || op.kind == Kind::kSharedAnon) request.flags |= map::kAnonymous;
    if (op.kind == Kind::kDevice || op.kind == Kind::kDevicePrivate) request.file = driver.device;
    if (op.kind == Kind::kRemap) request.file = driver.remap;
    return request;
  }

  void name_object(Mm& mm, const Op& op, u64 at) {
    // The oracle counts shared memories in the order in which they are made.
    if (op.kind == Kind::kSharedAnon) objects_[mm.vma_lookup(at)->vm_file] = next_object_++;
  }

  Outcome map(Mm& mm, const Op& op, u64 start, u64 bytes) {
    MmapRequest request = request_of(driver_, op, start, bytes);
    request.flags |= map::kFixed;
    const auto got = mm.mmap(request);
    if (!got) return {code_of(got)};
    name_object(mm, op, start);
    return {};
  }

  Outcome map_anywhere(Mm& mm, const Op& op, u64 bytes) {
    const auto got = mm.mmap(request_of(driver_, op, 0, bytes));
    if (!got) return {code_of(got)};
    if (*got >= base() && *got + bytes <= addr(kArenaPages)) {
      name_object(mm, op, *got);
      return {0, (*got - base()) >> kPageShift};
    }
    return {code_of(mm.munmap(*got, bytes))};
  }

  std::string compare_areas(const Oracle& oracle, u64 who) {
    const Areas& wanted = *oracle.areas(who);
    Areas got;
    u64 count = 0;
    for (const Vma* vma = mms_[who]->vmas().first(); vma;
         vma = mms_[who]->vmas().next(vma), ++count) {
      const u64 first = (vma->vm_start - base()) >> kPageShift;
      Mapping mapping;
      mapping.rights = static_cast<u8>(vma->flags() & vm::kAccess);
      mapping.accounted = vma->has(vm::kAccount);
      mapping.kind = !vma->vm_file                   ? Kind::kAnon
                     : vma->vm_file == driver_.remap ? Kind::kRemap
                     : vma->vm_file == driver_.device
                         ? vma->has(vm::kShared) ? Kind::kDevice : Kind::kDevicePrivate
                         : Kind::kSharedAnon;
      if (mapping.kind == Kind::kSharedAnon) mapping.object = objects_.at(vma->vm_file);
      const u64 origin = mapping.kind == Kind::kAnon ? base() >> kPageShift : 0;
      mapping.shift = static_cast<i64>(vma->vm_pgoff - origin - first);
      got.set({pages(first, vma->pages()), mapping});
    }
    if (!(got == wanted))
      return "p" + std::to_string(who) + " has " + text_of(got) + "\n  wanted " + text_of(wanted);
    bool anonymous_only = oracle.untouched(who);
    for (const auto& entry : wanted)
      anonymous_only = anonymous_only && entry.second.kind == Kind::kAnon;
    if (anonymous_only && count != wanted.iterative_size()) {
      return fmt::format("{} areas that could be {}", count, wanted.iterative_size());
    }
    return {};
  }

  std::string compare_contents(Oracle& oracle) {
    for (u64 who = 0; who < mms_.size(); ++who) {
      if (!mms_[who]) continue;
      for (u8 n = 0; n < 2 * kArenaPages; ++n) {
        const Op load{Op::kLoad, Kind::kAnon, static_cast<u8>(who),  static_cast<u8>(n / 2),
                      1,         0,           static_cast<u8>(n % 2)};
        const Outcome wanted = oracle.apply(load);
        const Outcome got = perform(load);
        if (!(got == wanted)) {
          return fmt::format("at the end {}: got {}, wanted {}", load.text(), got.text(),
                             wanted.text());
        }
      }
      if (std::string wrong = mms_[who]->validate(); !wrong.empty()) return wrong;
    }
    return {};
  }

  World world_;
  ModelDriver driver_;
  u64 frames_;
  std::vector<std::unique_ptr<Mm>> mms_;
  std::map<const ::file*, u32> objects_;
  u32 next_object_ = 0;
};

/// Draws operations with lengths and places drawn so that they collide often.
class Dice {
 public:
  explicit Dice(u64 seed) : random_(seed) {}

  /// For one of the processes that live. A fork adds to them, an exit takes away.
  Op op(std::vector<u8>& living, u8& born) {
    static constexpr Op::What kWhat[] = {Op::kMap,   Op::kMap,   Op::kMap,     Op::kMapAnywhere,
                                         Op::kUnmap, Op::kUnmap, Op::kProtect, Op::kProtect,
                                         Op::kStore, Op::kStore, Op::kStore,   Op::kLoad,
                                         Op::kLoad,  Op::kFork,  Op::kExit,    Op::kZap};
    static constexpr Kind kKind[] = {Kind::kAnon,       Kind::kAnon,   Kind::kAnon,
                                     Kind::kSharedAnon, Kind::kDevice, Kind::kDevicePrivate,
                                     Kind::kRemap};
    static constexpr u8 kRights[] = {3, 3, 3, 1, 1, 2, 0};
    Op op;
    op.what = kWhat[below(std::size(kWhat))];
    op.kind = kKind[below(std::size(kKind))];
    op.who = living[below(living.size())];
    op.page = static_cast<u8>(below(kArenaPages));
    const bool access = op.what == Op::kStore || op.what == Op::kLoad;
    const u64 most = op.what == Op::kMapAnywhere ? 4 : kArenaPages - op.page;
    op.pages = static_cast<u8>(access ? 1 : 1 + below(std::min<u64>(most, 6)));
    op.rights =
        op.what == Op::kZap ? static_cast<u8>(below(2)) : kRights[below(std::size(kRights))];
    // Offsets that continue a neighbour's are as likely as others.
    op.pgoff = static_cast<u8>(below(2) == 0 ? op.page / 2 : below(6));
    op.value = static_cast<u8>(1 + below(255));
    if (op.what == Op::kFork && (living.size() >= kMostLiving || born == kMostBorn))
      op.what = Op::kExit;
    if (op.what == Op::kExit && op.who == 0) op.what = Op::kLoad;
    if (op.what == Op::kFork) living.push_back(++born);
    if (op.what == Op::kExit) std::erase(living, op.who);
    return op;
  }

  u64 below(u64 bound) { return random_() % bound; }

 private:
  static constexpr std::size_t kMostLiving = 4;
  static constexpr u8 kMostBorn = 250;
  std::mt19937_64 random_;
};

/// A random sequence; processes are numbered in the order of their birth, and number 0 lives to the
/// end.
inline Sequence random_sequence(u64 seed, std::size_t length) {
  Dice dice(seed);
  std::vector<u8> living = {0};
  u8 born = 0;
  Sequence sequence;
  while (sequence.size() < length) sequence.push_back(dice.op(living, born));
  return sequence;
}

}  // namespace vmsim::mm::model
