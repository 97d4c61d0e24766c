// SPDX-License-Identifier: MIT
// kmalloc and named caches: small objects in frames of the direct map, with an exact ledger of what
// is live. Counterpart: mm/slub.c and mm/slab_common.c, with the checks of slub_debug=PZ.
// Bookkeeping lies outside the objects, so that no driver can corrupt it. Leaves out: per-CPU
// slabs, cache merging, SLAB_TYPESAFE_BY_RCU's grace period. Called by abi (drivers) and by core
// rooms that model kernel allocations.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/intrusive/list.hpp>

#include "vmsim/addr.hpp"
#include "vmsim/error.hpp"

#include "base/probe.hpp"
#include "kern/window.hpp"
#include "phys/zone.hpp"

namespace vmsim::sched {
class Scheduler;
}

namespace vmsim::kern {

/// What kmalloc(0) returns: not NULL, faults when touched.
inline void* const kZeroSizePtr = reinterpret_cast<void*>(16);
/// The largest object that lies in a slab; larger ones get whole pages.
inline constexpr u64 kSlabObjectMax = 8192;
inline constexpr u64 kKmallocMax = kPageSize << phys::kMaxOrder;

/// Flags of kmem_cache_create that matter here, numbered as before 6.9.
inline constexpr u32 kSlabHwcacheAlign = 0x2000;
inline constexpr u32 kSlabCacheDma = 0x4000;

struct SlabConfig {
  KernelAddr page_offset{0xffff'8880'0000'0000};  ///< reports print addresses relative to it
#if defined(NDEBUG) && !defined(VMSIM_CHECKED)
  bool poison = false;
#else
  bool poison = true;  ///< red zones behind objects, and a pattern in free ones
#endif
  unsigned empty_runs_kept = 1;  ///< per cache; the rest of its frames go back at once
};

/// One live object, for leak reports.
struct LiveObject {
  const void* address = nullptr;
  u64 size_bytes = 0;  ///< as requested
  u64 sequence = 0;    ///< the how-manieth allocation of this machine
  u32 owner = 0;       ///< the caller's tag (a module); 0: none
  std::string_view cache;
};

/// Makes an object; false if the constructor ended in an oops.
using Constructor = std::function<bool(void* object)>;

struct CacheSpec {
  std::string name;
  u64 object_bytes = 0;
  u64 align = 0;  ///< power of two or 0
  u32 flags = 0;
  Constructor constructor;
};

class Slab;

/// A kmem_cache. States: in use | destroyed (kept, so that stale pointers to it are recognised).
/// Owned by its Slab.
class SlabCache {
 public:
  SlabCache(const SlabCache&) = delete;
  SlabCache& operator=(const SlabCache&) = delete;

  const std::string& name() const { return spec_.name; }

  u64 object_bytes() const { return spec_.object_bytes; }

  /// Distance of neighbouring objects: object_bytes, rounded for alignment and red zone.
  u64 stride_bytes() const { return stride_; }

  u64 objects_per_run() const { return (kPageSize << order_) / stride_; }

  u64 live_objects() const { return live_; }

  u64 frames_held() const { return frames_; }

  bool destroyed() const { return destroyed_; }

 private:
  friend class Slab;

  struct Object {
    u64 sequence = 0;  // 0: free
    u32 requested = 0;
    u32 owner = 0;
    const void* call = nullptr;  // what the last kmalloc or kfree of it returns to
  };

  /// 2^order frames cut into objects; cache == nullptr: one large object.
  struct Run : boost::intrusive::list_base_hook<> {
    SlabCache* cache = nullptr;
    phys::Page* head = nullptr;
    std::byte* base = nullptr;
    unsigned order = 0;
    std::vector<Object> objects;
    std::vector<u16> free;  // indices; the back is the next to be given out

    u64 size_bytes() const { return kPageSize << order; }
  };

  using RunList = boost::intrusive::list<Run, boost::intrusive::constant_time_size<true>>;

  explicit SlabCache(CacheSpec spec) : spec_(std::move(spec)) {}

  CacheSpec spec_;
  u64 stride_ = 0;
  unsigned order_ = 0;
  bool poison_objects_ = false;  // objects with a constructor keep their contents while free
  bool kmalloc_ = false;
  bool destroyed_ = false;
  u64 live_ = 0;
  u64 frames_ = 0;
  RunList partial_, full_, empty_;
};

/// Differs: the size classes and the handling of large blocks are SLUB's for every kernel version;
/// SLAB, which kernels before 2.6.23 had, also rounded 8 KiB to 128 KiB to classes.
///
/// Differs: freeing a wrong pointer or freeing twice has no effect beyond the Finding; Linux
/// corrupts its free list.
///
/// Owns every cache and run. Thread safety: none; the caller holds the simulated CPU.
///
/// A checked object (poison on), with the bytes that each state has:
///
///   | object: requested bytes      | slack up to object_bytes | red zone up to stride |
///    live   the driver's            0xcc (kmalloc)             0xcc
///    free   6b 6b 6b ... 6b a5                                 0xbb
class Slab {
 public:
  /// All references must outlive the Slab.
  static Result<std::unique_ptr<Slab>> create(phys::Zones& zones, sched::Scheduler& scheduler,
                                              base::Probe& probe, const SlabConfig& config = {});
  ~Slab();
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  /// nullptr: no memory, too large, or made to fail ("kmalloc"). kZeroSizePtr for size 0.
  void* kmalloc(u64 size_bytes, vmsim_gfp_t gfp, u32 owner = 0);
  void* kzalloc(u64 size_bytes, vmsim_gfp_t gfp, u32 owner = 0);
  /// On failure: nullptr, and the old object stays as it is.
  void* krealloc(void* object, u64 size_bytes, vmsim_gfp_t gfp, u32 owner = 0);
  /// A pointer that kmalloc did not return is a Finding ("kfree-bad-pointer", "double-free") and
  /// has no effect.
  void kfree(const void* object);
  /// Usable size. The caller may use all of it from now on. 0 for NULL, ZERO_SIZE_PTR and (with a
  /// Finding) strangers.
  u64 ksize(const void* object);

  /// kmem_cache_create. nullptr for a size of 0 or one that no run can hold, or an alignment that
  /// is no power of two.
  SlabCache* create_cache(CacheSpec spec);
  void* alloc(SlabCache* cache, vmsim_gfp_t gfp, u32 owner = 0);
  void free(SlabCache* cache, void* object);
  /// Live objects are a Finding ("kmem-cache-destroy-busy"); the cache stays, as in Linux, and so
  /// do they.
  void destroy_cache(SlabCache* cache);

  /// Gives all frames without live objects back, checking them. Returns the number of frames.
  u64 trim();
  u64 trim(SlabCache& cache);
  /// Checks every red zone and free object now; each damaged one is a Finding "slab-corruption".
  /// Returns their number.
  u64 check();

  u64 live_objects() const { return live_objects_; }

  /// Sum of the requested sizes.
  u64 live_bytes() const { return live_bytes_; }

  u64 frames_held() const { return frames_; }

  /// In order of allocation; of one owner, or of all.
  std::vector<LiveObject> live_objects_of(std::optional<u32> owner = std::nullopt) const;
  /// "kmalloc-64 object (40 bytes, live)"; nothing for a pointer outside of slab frames.
  std::optional<std::string> describe_object(const void* p) const;
  /// As /proc/slabinfo: one line per cache that was used.
  std::string slabinfo_text() const;

  /// Told of each object that is freed while the kernel is entered: something may still be
  /// registered in it. nullptr removes it.
  void set_on_free(std::function<void(const void* start, u64 bytes)> on_free) {
    on_free_ = std::move(on_free);
  }

  /// Names strangers in reports. nullptr removes it.
  void set_describer(const Describer* describer) { describer_ = describer; }

 private:
  using Run = SlabCache::Run;
  using Object = SlabCache::Object;
  enum class Zeroed : u8 { kNo, kYes };

  /// Where a pointer points: an object of a run, and how far into its slot.
  struct Place {
    Run* run = nullptr;
    u64 index = 0;
    u64 offset = 0;
    bool in_slot = false;  // false: the tail of a run that holds no object
  };

  /// Frames that were a run not long ago: a second kfree finds its first one here.
  struct Departed {
    const std::byte* base;
    u64 size_bytes;
    std::string cache;
    const void* call;  // the last kfree
  };

  static constexpr unsigned kClasses = 13;

  Slab(phys::Zones& zones, sched::Scheduler& scheduler, base::Probe& probe,
       const SlabConfig& config);
  void create_kmalloc_caches();
  void lay_out(SlabCache& cache) const;

  // slab.cpp: requests
  void* kmalloc_large(u64 size_bytes, vmsim_gfp_t gfp, u32 owner, Zeroed zeroed);
  void* alloc_any(u64 size_bytes, vmsim_gfp_t gfp, u32 owner, Zeroed zeroed);
  void* alloc_object(SlabCache& cache, u64 requested, vmsim_gfp_t gfp, u32 owner);
  Run* usable_run(SlabCache& cache, vmsim_gfp_t gfp);
  Run* new_run(SlabCache& cache, vmsim_gfp_t gfp);
  bool construct_objects(Run& run);
  Run* add_frames(phys::Page* head, unsigned order, SlabCache* cache);
  void drop_frames(Run& run);
  void free_at(const Place& place);
  std::optional<Place> live_place(const void* object, const char* call);
  vmsim_gfp_t checked_gfp(vmsim_gfp_t gfp);
  bool known(const SlabCache* cache) const;
  void book(Object& object, u64 requested, u32 owner);

  // slab_check.cpp: poison, red zones, reports
  std::optional<Place> locate(const void* p) const;
  void report_stranger(const void* p, const char* call);
  void report_not_live(const Place& place, const void* p, const char* call);
  void mark_live(const Run& run, u64 index) const;
  void mark_free(const Run& run, u64 index) const;
  bool check_live(const Run& run, u64 index);
  bool check_free(const Run& run, u64 index);
  void report_damage(const Run& run, u64 index, u64 offset, u8 wanted);
  std::string done_at(const char* what, const void* call) const;
  std::string object_text(const Run& run, u64 index) const;
  KernelAddr nominal(const void* p) const;

  phys::Zones& zones_;
  sched::Scheduler& scheduler_;
  base::Probe& probe_;
  SlabConfig config_;
  const Describer* describer_ = nullptr;
  std::function<void(const void*, u64)> on_free_;
  SparseArray<Run*> run_of_frame_;
  std::vector<std::unique_ptr<SlabCache>> caches_;
  std::array<std::array<SlabCache*, kClasses>, 2> kmalloc_caches_{};
  SlabCache::RunList large_;
  std::deque<Departed> departed_;
  u64 sequence_ = 0;
  u64 live_objects_ = 0;
  u64 live_bytes_ = 0;
  u64 frames_ = 0;
};

}  // namespace vmsim::kern
