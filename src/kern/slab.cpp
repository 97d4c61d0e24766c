// SPDX-License-Identifier: MIT
// Requests of the slab allocator: kmalloc, kfree, named caches, and the frames behind them; see
// slab.hpp. Counterpart: mm/slub.c, mm/slab_common.c. The checks of objects are in slab_check.cpp.
#include "kern/slab.hpp"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>

#include "base/assert.hpp"
#include "sched/driver_call.hpp"
#include "sched/kernel_entry.hpp"

namespace vmsim::kern {

namespace {

constexpr std::array<u64, 13> kClassBytes = {8,   16,  32,   64,   96,   128,           192,
                                             256, 512, 1024, 2048, 4096, kSlabObjectMax};
constexpr u64 kRedZoneBytes = 8;
constexpr unsigned kOrderWanted = 3;  // PAGE_ALLOC_COSTLY_ORDER
constexpr u64 kObjectsWanted = 4;
constexpr u64 kCacheLine = 64;
constexpr u64 kMinAlign = 8;

unsigned class_of(u64 bytes) {
  if (bytes <= 192) {
    unsigned i = 0;
    while (kClassBytes[i] < bytes) ++i;
    return i;
  }
  return static_cast<unsigned>(std::bit_width(bytes - 1)) - 1;
}

unsigned order_of(u64 bytes) {
  const u64 pages = pages_of(bytes);
  return pages <= 1 ? 0 : static_cast<unsigned>(std::bit_width(pages - 1));
}

constexpr u64 round_up(u64 value, u64 align) {
  return (value + align - 1) & ~(align - 1);
}

bool wants_zero(vmsim_gfp_t gfp) {
  return (gfp & VMSIM_GFP_BIT_ZERO) != 0;
}

}  // namespace

Slab::Slab(phys::Zones& zones, sched::Scheduler& scheduler, base::Probe& probe,
           const SlabConfig& config)
    : zones_(zones), scheduler_(scheduler), probe_(probe), config_(config) {}

Result<std::unique_ptr<Slab>> Slab::create(phys::Zones& zones, sched::Scheduler& scheduler,
                                           base::Probe& probe, const SlabConfig& config) {
  std::unique_ptr<Slab> slab(new Slab(zones, scheduler, probe, config));
  slab->run_of_frame_ =
      VMSIM_TRY(SparseArray<Run*>::create(zones.ram().direct_map_bytes() >> kPageShift));
  slab->create_kmalloc_caches();
  return slab;
}

Slab::~Slab() {
  const auto leave = [](Run* run) { delete run; };
  for (const auto& cache : caches_) {
    while (!cache->empty_.empty()) drop_frames(cache->empty_.front());
    cache->partial_.clear_and_dispose(leave);
    cache->full_.clear_and_dispose(leave);
  }
  large_.clear_and_dispose(leave);
}

void Slab::create_kmalloc_caches() {
  for (unsigned pool = 0; pool < 2; ++pool) {
    for (unsigned i = 0; i < kClasses; ++i) {
      CacheSpec spec;
      spec.name = (pool == 0 ? "kmalloc-" : "dma-kmalloc-") +
                  (kClassBytes[i] < 1024 ? std::to_string(kClassBytes[i])
                                         : std::to_string(kClassBytes[i] / 1024) + "k");
      spec.object_bytes = kClassBytes[i];
      // Natural alignment for powers of two; 96 and 192 get that of their largest power of two.
      spec.align = std::min(kPageSize, kClassBytes[i] & (~kClassBytes[i] + 1));
      spec.flags = pool == 0 ? 0 : kSlabCacheDma;
      std::unique_ptr<SlabCache> cache(new SlabCache(std::move(spec)));
      cache->kmalloc_ = true;
      lay_out(*cache);
      kmalloc_caches_[pool][i] = cache.get();
      caches_.push_back(std::move(cache));
    }
  }
}

/// Distance of objects and size of a run: few large frames' worth, little waste.
void Slab::lay_out(SlabCache& cache) const {
  u64 align = std::max(kMinAlign, cache.spec_.align);
  if ((cache.spec_.flags & kSlabHwcacheAlign) != 0) {
    u64 line = kCacheLine;
    while (cache.spec_.object_bytes <= line / 2) line /= 2;
    align = std::max(align, line);
  }
  cache.stride_ = round_up(cache.spec_.object_bytes + (config_.poison ? kRedZoneBytes : 0), align);
  cache.poison_objects_ = config_.poison && !cache.spec_.constructor;
  unsigned order = order_of(cache.stride_);
  while (order < kOrderWanted && (kPageSize << order) / cache.stride_ < kObjectsWanted) ++order;
  cache.order_ = order;
}

// ---- Requests ----

vmsim_gfp_t Slab::checked_gfp(vmsim_gfp_t gfp) {
  constexpr vmsim_gfp_t kBad = VMSIM_GFP_BIT_HIGHMEM | VMSIM_GFP_BIT_DMA32;
  if ((gfp & kBad) != 0) [[unlikely]] {
    probe_.finding("slab-bad-gfp",
                   "kmalloc and kmem_cache_alloc give addresses in the direct map and take no "
                   "__GFP_HIGHMEM or __GFP_DMA32; Linux warns and ignores the flag");
    gfp &= ~kBad;
  }
  if ((gfp & VMSIM_GFP_BIT_DIRECT_RECLAIM) != 0 && sched::in_kernel())
    scheduler_.check_may_sleep("an allocation with GFP_KERNEL");
  return gfp;
}

void* Slab::kmalloc(u64 size_bytes, vmsim_gfp_t gfp, u32 owner) {
  return alloc_any(size_bytes, gfp, owner, wants_zero(gfp) ? Zeroed::kYes : Zeroed::kNo);
}

void* Slab::kzalloc(u64 size_bytes, vmsim_gfp_t gfp, u32 owner) {
  return alloc_any(size_bytes, gfp, owner, Zeroed::kYes);
}

void* Slab::alloc_any(u64 size_bytes, vmsim_gfp_t gfp, u32 owner, Zeroed zeroed) {
  if (size_bytes == 0) return kZeroSizePtr;
  gfp = checked_gfp(gfp);
  if (probe_.should_fail("kmalloc")) return nullptr;
  if (size_bytes > kSlabObjectMax) return kmalloc_large(size_bytes, gfp, owner, zeroed);
  const unsigned pool = (gfp & VMSIM_GFP_BIT_DMA) != 0 ? 1 : 0;
  void* const object =
      alloc_object(*kmalloc_caches_[pool][class_of(size_bytes)], size_bytes, gfp, owner);
  if (object != nullptr && zeroed == Zeroed::kYes) std::memset(object, 0, size_bytes);
  return object;
}

/// Whole pages. They are no slab to the rest of the kernel: vm_insert_page() accepts them, for one.
void* Slab::kmalloc_large(u64 size_bytes, vmsim_gfp_t gfp, u32 owner, Zeroed zeroed) {
  if (size_bytes > kKmallocMax) {
    if ((gfp & VMSIM_GFP_BIT_NOWARN) == 0)
      probe_.finding("kmalloc-too-large",
                     "kmalloc of " + count_text(size_bytes, "byte") + ": the largest block is " +
                         std::to_string(kKmallocMax) +
                         " bytes; Linux warns and returns NULL (vmalloc has no such limit)");
    return nullptr;
  }
  const unsigned order = order_of(size_bytes);
  const vmsim_gfp_t zero = zeroed == Zeroed::kYes ? vmsim_gfp_t{VMSIM_GFP_BIT_ZERO} : 0u;
  phys::Page* const head = zones_.alloc_pages(gfp | VMSIM_GFP_BIT_COMP | zero, order);
  if (head == nullptr) return nullptr;
  Run* const run = add_frames(head, order, nullptr);
  run->objects.resize(1);
  book(run->objects[0], size_bytes, owner);
  large_.push_back(*run);
  return run->base;
}

void* Slab::krealloc(void* object, u64 size_bytes, vmsim_gfp_t gfp, u32 owner) {
  if (object == nullptr || object == kZeroSizePtr) return kmalloc(size_bytes, gfp, owner);
  if (size_bytes == 0) {
    kfree(object);
    return kZeroSizePtr;
  }
  const std::optional<Place> place = live_place(object, "krealloc");
  if (!place) return nullptr;
  Run& run = *place->run;
  Object& record = run.objects[place->index];
  check_live(run, place->index);
  const u64 before = record.requested;
  const u64 room = run.cache != nullptr ? run.cache->object_bytes() : run.size_bytes();
  if (size_bytes <= room) {
    if (wants_zero(gfp) && size_bytes > before)
      std::memset(static_cast<std::byte*>(object) + before, 0, size_bytes - before);
    live_bytes_ += size_bytes - before;
    record.requested = static_cast<u32>(size_bytes);
    mark_live(run, place->index);
    return object;
  }
  void* const larger = kmalloc(size_bytes, gfp, owner);
  if (larger == nullptr) return nullptr;
  std::memcpy(larger, object, config_.poison ? before : std::min(room, size_bytes));
  free_at(*place);
  return larger;
}

void Slab::kfree(const void* object) {
  if (object == nullptr || object == kZeroSizePtr) return;
  if (const std::optional<Place> place = live_place(object, "kfree")) free_at(*place);
}

u64 Slab::ksize(const void* object) {
  if (object == nullptr || object == kZeroSizePtr) return 0;
  const std::optional<Place> place = live_place(object, "ksize");
  if (!place) return 0;
  Run& run = *place->run;
  Object& record = run.objects[place->index];
  const u64 room = run.cache != nullptr ? run.cache->object_bytes() : run.size_bytes();
  check_live(run, place->index);
  live_bytes_ += room - record.requested;
  record.requested = static_cast<u32>(room);
  mark_live(run, place->index);
  return room;
}

// ---- Named caches ----

bool Slab::known(const SlabCache* cache) const {
  return std::any_of(caches_.begin(), caches_.end(),
                     [&](const auto& c) { return c.get() == cache; });
}

SlabCache* Slab::create_cache(CacheSpec spec) {
  const bool fits = spec.object_bytes > 0 && spec.object_bytes <= kKmallocMax - kPageSize;
  const bool aligned = (spec.align & (spec.align - 1)) == 0 && spec.align <= kPageSize;
  if (!fits || !aligned) {
    probe_.finding("kmem-cache-bad-args", "kmem_cache_create(\"" + spec.name + "\") with size " +
                                              std::to_string(spec.object_bytes) +
                                              " and alignment " + std::to_string(spec.align) +
                                              "; Linux warns and returns NULL");
    return nullptr;
  }
  if (probe_.should_fail("kmem_cache_create")) return nullptr;
  const auto same = [&](const auto& c) { return !c->destroyed_ && c->name() == spec.name; };
  if (std::any_of(caches_.begin(), caches_.end(), same))
    probe_.finding("kmem-cache-duplicate",
                   "a cache named \"" + spec.name +
                       "\" exists already: a module forgot kmem_cache_destroy, or two "
                       "modules chose one name; Linux warns");
  std::unique_ptr<SlabCache> cache(new SlabCache(std::move(spec)));
  lay_out(*cache);
  caches_.push_back(std::move(cache));
  return caches_.back().get();
}

void* Slab::alloc(SlabCache* cache, vmsim_gfp_t gfp, u32 owner) {
  if (!known(cache) || cache->destroyed_) {
    probe_.finding("kmem-cache-bad-pointer",
                   "kmem_cache_alloc from a cache that was destroyed or never made; Linux "
                   "would use freed memory");
    return nullptr;
  }
  gfp = checked_gfp(gfp);
  if (probe_.should_fail("kmem_cache_alloc")) return nullptr;
  if ((cache->spec_.flags & kSlabCacheDma) != 0) gfp |= VMSIM_GFP_BIT_DMA;
  void* const object = alloc_object(*cache, cache->object_bytes(), gfp, owner);
  if (object != nullptr && wants_zero(gfp)) std::memset(object, 0, cache->object_bytes());
  return object;
}

void Slab::free(SlabCache* cache, void* object) {
  const std::optional<Place> place = live_place(object, "kmem_cache_free");
  if (!place) return;
  if (place->run->cache != cache)
    probe_.finding("slab-wrong-cache",
                   "kmem_cache_free of the " + object_text(*place->run, place->index) +
                       " through another cache" + (known(cache) ? " (" + cache->name() + ")" : "") +
                       "; Linux warns and frees it where it belongs");
  free_at(*place);
}

void Slab::destroy_cache(SlabCache* cache) {
  if (cache == nullptr) return;
  if (!known(cache) || cache->destroyed_ || cache->kmalloc_) {
    probe_.finding("kmem-cache-bad-pointer",
                   "kmem_cache_destroy of a cache that was destroyed or never made; Linux "
                   "would free it twice");
    return;
  }
  trim(*cache);
  cache->destroyed_ = true;
  if (cache->live_ == 0) return;
  std::string text = "kmem_cache_destroy(\"" + cache->name() + "\") with " +
                     count_text(cache->live_, "live object") + "; first: ";
  const auto of_cache = [&](const LiveObject& o) { return o.cache == cache->name(); };
  const std::vector<LiveObject> all = live_objects_of();
  const auto first = std::find_if(all.begin(), all.end(), of_cache);
  if (first != all.end()) text += hex_text(nominal(first->address).value);
  probe_.finding("kmem-cache-destroy-busy",
                 text + "; Linux says \"Objects remaining\" and keeps the frames");
}

// ---- Objects and runs ----

void Slab::book(Object& object, u64 requested, u32 owner) {
  object.sequence = ++sequence_;
  object.requested = static_cast<u32>(requested);
  object.owner = owner;
  object.call = sched::DriverCall::caller();
  ++live_objects_;
  live_bytes_ += requested;
}

void* Slab::alloc_object(SlabCache& cache, u64 requested, vmsim_gfp_t gfp, u32 owner) {
  Run* const run = usable_run(cache, gfp);
  if (run == nullptr) return nullptr;
  const u64 index = run->free.back();
  check_free(*run, index);
  run->free.pop_back();
  if (run->free.empty()) {
    cache.partial_.erase(cache.partial_.iterator_to(*run));
    cache.full_.push_back(*run);
  }
  book(run->objects[index], requested, owner);
  ++cache.live_;
  mark_live(*run, index);
  return run->base + index * cache.stride_;
}

/// A run with a free object, in the partial list.
Slab::Run* Slab::usable_run(SlabCache& cache, vmsim_gfp_t gfp) {
  if (!cache.partial_.empty()) [[likely]]
    return &cache.partial_.front();
  if (!cache.empty_.empty()) {
    Run& run = cache.empty_.front();
    cache.empty_.pop_front();
    cache.partial_.push_front(run);
    return &run;
  }
  Run* const run = new_run(cache, gfp);
  if (run != nullptr) cache.partial_.push_front(*run);
  return run;
}

Slab::Run* Slab::new_run(SlabCache& cache, vmsim_gfp_t gfp) {
  gfp = (gfp & ~static_cast<vmsim_gfp_t>(VMSIM_GFP_BIT_ZERO)) | VMSIM_GFP_BIT_COMP;
  unsigned order = cache.order_;
  const unsigned order_min = order_of(cache.stride_);
  phys::Page* head = nullptr;
  if (order > order_min) {
    head = zones_.alloc_pages(gfp | VMSIM_GFP_BIT_NOWARN | VMSIM_GFP_BIT_NORETRY, order);
    if (head == nullptr) order = order_min;
  }
  if (head == nullptr) head = zones_.alloc_pages(gfp, order);
  if (head == nullptr) return nullptr;
  Run* const run = add_frames(head, order, &cache);
  const u64 count = run->size_bytes() / cache.stride_;
  run->objects.resize(count);
  run->free.reserve(count);
  for (u64 i = count; i-- > 0;) run->free.push_back(static_cast<u16>(i));
  for (u64 i = 0; i < count; ++i) mark_free(*run, i);
  if (!construct_objects(*run)) {
    drop_frames(*run);
    return nullptr;
  }
  return run;
}

bool Slab::construct_objects(Run& run) {
  const Constructor& constructor = run.cache->spec_.constructor;
  if (!constructor) return true;
  for (u64 i = 0; i < run.objects.size(); ++i)
    if (!constructor(run.base + i * run.cache->stride_)) return false;
  return true;
}

Slab::Run* Slab::add_frames(phys::Page* head, unsigned order, SlabCache* cache) {
  const Pfn first = zones_.mem_map().pfn(head);
  auto* const run = new Run;
  run->cache = cache;
  run->head = head;
  run->order = order;
  run->base = zones_.ram().direct(first.addr());
  VMSIM_ASSERT(run->base != nullptr, "without __GFP_HIGHMEM the zones give low memory");
  const u64 pages = u64{1} << order;
  for (u64 i = 0; i < pages; ++i) {
    run_of_frame_[first.value + i] = run;
    if (cache != nullptr) zones_.set_kind(head + i, phys::PageKind::kSlab);
  }
  frames_ += pages;
  if (cache != nullptr) cache->frames_ += pages;
  std::erase_if(departed_, [&](const Departed& d) {
    return d.base < run->base + run->size_bytes() && run->base < d.base + d.size_bytes;
  });
  return run;
}

/// Gives the frames back and ends the run.
void Slab::drop_frames(Run& run) {
  constexpr std::size_t kRemembered = 64;
  const Pfn first = zones_.mem_map().pfn(run.head);
  const u64 pages = u64{1} << run.order;
  for (u64 i = 0; i < pages; ++i) run_of_frame_[first.value + i] = nullptr;
  frames_ -= pages;
  if (run.cache != nullptr) run.cache->frames_ -= pages;
  if (departed_.size() == kRemembered) departed_.pop_front();
  departed_.push_back(Departed{run.base, run.size_bytes(),
                               run.cache != nullptr ? run.cache->name() : "large kmalloc",
                               sched::DriverCall::caller()});
  if (run.is_linked()) {
    SlabCache::RunList& list = run.cache != nullptr ? run.cache->empty_ : large_;
    list.erase(list.iterator_to(run));
  }
  zones_.free_pages(run.head, run.order);
  delete &run;
}

void Slab::free_at(const Place& place) {
  Run& run = *place.run;
  check_live(run, place.index);
  Object& object = run.objects[place.index];
  --live_objects_;
  live_bytes_ -= object.requested;
  if (sched::in_kernel()) {
    const std::byte* start = run.base + (run.cache != nullptr ? place.index * run.cache->stride_ : 0);
    scheduler_.memory_freed(start, object.requested);
    if (on_free_) on_free_(start, object.requested);
  }
  object = Object{};
  object.call = sched::DriverCall::caller();
  if (run.cache == nullptr) return drop_frames(run);
  SlabCache& cache = *run.cache;
  --cache.live_;
  mark_free(run, place.index);
  if (run.free.empty()) {
    cache.full_.erase(cache.full_.iterator_to(run));
    cache.partial_.push_front(run);
  }
  run.free.push_back(static_cast<u16>(place.index));
  if (run.free.size() < run.objects.size()) return;
  cache.partial_.erase(cache.partial_.iterator_to(run));
  cache.empty_.push_back(run);
  if (cache.empty_.size() > config_.empty_runs_kept || cache.destroyed_)
    drop_frames(cache.empty_.front());
}

u64 Slab::trim() {
  u64 frames = 0;
  for (const auto& cache : caches_) frames += trim(*cache);
  return frames;
}

u64 Slab::trim(SlabCache& cache) {
  const u64 before = cache.frames_;
  while (!cache.empty_.empty()) {
    Run& run = cache.empty_.front();
    for (u64 i = 0; i < run.objects.size(); ++i) check_free(run, i);
    drop_frames(run);
  }
  return before - cache.frames_;
}

}  // namespace vmsim::kern
