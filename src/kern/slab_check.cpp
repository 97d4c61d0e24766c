// SPDX-License-Identifier: MIT
// What the slab allocator knows about its objects: poison, red zones, and reports about pointers
// and damage. Counterpart: slub_debug=PZ (check_object, slab_err) and /proc/slabinfo; see slab.hpp.
#include <algorithm>
#include <cstdio>
#include <cstring>

#include "kern/slab.hpp"

namespace vmsim::kern {

namespace {

// The kernel's bytes (linux/poison.h), as people know them from reports.
constexpr u8 kPoisonFree = 0x6b;
constexpr u8 kPoisonEnd = 0xa5;
constexpr u8 kRedActive = 0xcc;
constexpr u8 kRedInactive = 0xbb;

/// Offset of the first byte in [from, to) that is not `wanted`.
std::optional<u64> first_other(const std::byte* object, u64 from, u64 to, u8 wanted) {
  for (u64 i = from; i < to; ++i)
    if (object[i] != std::byte{wanted}) return i;
  return std::nullopt;
}

void fill(std::byte* object, u64 from, u64 to, u8 value) {
  if (from < to) std::memset(object + from, value, to - from);
}

}  // namespace

KernelAddr Slab::nominal(const void* p) const {
  return config_.page_offset + (host_value(p) - host_value(zones_.ram().base()));
}

std::optional<Slab::Place> Slab::locate(const void* p) const {
  const u64 offset = host_value(p) - host_value(zones_.ram().base());
  if (offset >= zones_.ram().direct_map_bytes()) return std::nullopt;
  Run* const run = run_of_frame_[offset >> kPageShift];
  if (run == nullptr) return std::nullopt;
  const u64 in_run = host_value(p) - host_value(run->base);
  if (run->cache == nullptr) return Place{run, 0, in_run, true};
  const u64 index = in_run / run->cache->stride_;
  return Place{run, index, in_run % run->cache->stride_, index < run->objects.size()};
}

/// The place of a live object that starts at `object`; anything else is reported.
std::optional<Slab::Place> Slab::live_place(const void* object, const char* call) {
  const std::optional<Place> place = locate(object);
  if (!place) {
    report_stranger(object, call);
    return std::nullopt;
  }
  if (!place->in_slot || place->offset != 0 || place->run->objects[place->index].sequence == 0) {
    report_not_live(*place, object, call);
    return std::nullopt;
  }
  return place;
}

void Slab::report_stranger(const void* p, const char* call) {
  const auto inside = [&](const Departed& d) {
    return host_value(p) - host_value(d.base) < d.size_bytes;
  };
  const auto departed = std::find_if(departed_.begin(), departed_.end(), inside);
  if (departed != departed_.end()) {
    probe_.finding(
        "double-free",
        std::string(call) + " of " + hex_text(nominal(p).value) + ": its frame held " +
            departed->cache +
            " objects, all of which were freed" + done_at(", the last", departed->call) +
            "; Linux corrupts its free list or crashes");
    return;
  }
  std::string what = "nothing that kmalloc returned";
  if (describer_ != nullptr) what = describer_->describe(p);
  probe_.finding("kfree-bad-pointer", std::string(call) + " of a pointer that no slab owns: " +
                                          what + "; Linux crashes or frees a foreign page");
}

void Slab::report_not_live(const Place& place, const void* p, const char* call) {
  const std::string who = std::string(call) + " of " + hex_text(nominal(p).value) + ": ";
  if (!place.in_slot) {
    probe_.finding("kfree-bad-pointer",
                   who + "the unused tail of a " + place.run->cache->name() + " slab");
    return;
  }
  if (place.offset != 0) {
    probe_.finding("kfree-bad-pointer",
                   who + std::to_string(place.offset) + " bytes into the " +
                       object_text(*place.run, place.index) +
                       "; only the address that the allocator returned can be freed");
    return;
  }
  probe_.finding("double-free", who + "the " + object_text(*place.run, place.index) +
                                    " is free already; Linux corrupts its free list or crashes");
}

/// ", freed at status.c:102 in do_bug [status]"; empty where the call is not a driver's, or its module
/// has gone.
std::string Slab::done_at(const char* what, const void* call) const {
  const std::string place = probe_.places().of_call(call);
  return place.empty() ? place : std::string(what) + " at " + place;
}

std::string Slab::object_text(const Run& run, u64 index) const {
  const Object& object = run.objects[index];
  const std::byte* const at = run.base + (run.cache != nullptr ? index * run.cache->stride_ : 0);
  std::string text = (run.cache != nullptr ? run.cache->name() : std::string("large kmalloc")) +
                     " object " + hex_text(nominal(at).value);
  if (object.sequence == 0)
    return text + (object.call != nullptr ? " (free" + done_at(", freed", object.call) + ")" : " (free)");
  return text + " (" + count_text(object.requested, "byte") + ", allocation #" +
         std::to_string(object.sequence) + done_at(",", object.call) + ")";
}

std::optional<std::string> Slab::describe_object(const void* p) const {
  const std::optional<Place> place = locate(p);
  if (!place) return std::nullopt;
  if (!place->in_slot) return "unused tail of a " + place->run->cache->name() + " slab";
  std::string text = object_text(*place->run, place->index);
  if (place->offset != 0) text += " + " + std::to_string(place->offset);
  return text;
}

// ---- Poison and red zones ----

void Slab::mark_live(const Run& run, u64 index) const {
  if (!config_.poison || run.cache == nullptr) return;
  const u64 stride = run.cache->stride_;
  fill(run.base + index * stride, run.objects[index].requested, stride, kRedActive);
}

void Slab::mark_free(const Run& run, u64 index) const {
  if (!config_.poison) return;
  const SlabCache& cache = *run.cache;
  std::byte* const object = run.base + index * cache.stride_;
  if (cache.poison_objects_) {
    fill(object, 0, cache.object_bytes() - 1, kPoisonFree);
    fill(object, cache.object_bytes() - 1, cache.object_bytes(), kPoisonEnd);
  }
  fill(object, cache.object_bytes(), cache.stride_, kRedInactive);
}

/// True if the red zone of a live object is whole. Damage is reported and repaired.
bool Slab::check_live(const Run& run, u64 index) {
  if (!config_.poison || run.cache == nullptr) return true;
  const u64 stride = run.cache->stride_;
  const std::byte* const object = run.base + index * stride;
  const auto bad = first_other(object, run.objects[index].requested, stride, kRedActive);
  if (!bad) return true;
  report_damage(run, index, *bad, kRedActive);
  mark_live(run, index);
  return false;
}

/// True if nobody wrote to a free object. Damage is reported and repaired.
bool Slab::check_free(const Run& run, u64 index) {
  if (!config_.poison) return true;
  const SlabCache& cache = *run.cache;
  const std::byte* const object = run.base + index * cache.stride_;
  u8 wanted = kPoisonFree;
  std::optional<u64> bad;
  if (cache.poison_objects_) {
    bad = first_other(object, 0, cache.object_bytes() - 1, kPoisonFree);
    if (!bad) {
      wanted = kPoisonEnd;
      bad = first_other(object, cache.object_bytes() - 1, cache.object_bytes(), kPoisonEnd);
    }
  }
  if (!bad) {
    wanted = kRedInactive;
    bad = first_other(object, cache.object_bytes(), cache.stride_, kRedInactive);
  }
  if (!bad) return true;
  report_damage(run, index, *bad, wanted);
  mark_free(run, index);
  return false;
}

void Slab::report_damage(const Run& run, u64 index, u64 offset, u8 wanted) {
  const SlabCache& cache = *run.cache;
  const auto found = std::to_integer<unsigned>(run.base[index * cache.stride_ + offset]);
  const bool live = run.objects[index].sequence != 0;
  char bytes[96];
  std::snprintf(bytes, sizeof bytes, ": byte %llu is 0x%02x instead of 0x%02x: ",
                static_cast<unsigned long long>(offset), found, wanted);
  std::string why;
  if (live) {
    why = "written past its end";
  } else if (offset < cache.object_bytes()) {
    why = "written after it was freed";
  } else {
    why = "written behind it, after it was freed or from a neighbour";
  }
  probe_.finding(
      "slab-corruption",
      object_text(run, index) + bytes + why +
          "; Linux shows this with slub_debug=PZ only, and destroys a neighbour without");
}

u64 Slab::check() {
  u64 damaged = 0;
  for (const auto& cache : caches_) {
    for (SlabCache::RunList* list : {&cache->partial_, &cache->full_, &cache->empty_}) {
      for (const Run& run : *list) {
        for (u64 i = 0; i < run.objects.size(); ++i)
          if (!(run.objects[i].sequence != 0 ? check_live(run, i) : check_free(run, i))) ++damaged;
      }
    }
  }
  return damaged;
}

// ---- Ledger ----

std::vector<LiveObject> Slab::live_objects_of(std::optional<u32> owner) const {
  std::vector<LiveObject> found;
  const auto collect = [&](const SlabCache::RunList& runs) {
    for (const Run& run : runs) {
      for (u64 i = 0; i < run.objects.size(); ++i) {
        const Object& object = run.objects[i];
        if (object.sequence == 0 || (owner && object.owner != *owner)) continue;
        const u64 stride = run.cache != nullptr ? run.cache->stride_ : 0;
        found.push_back(LiveObject{run.base + i * stride, object.requested, object.sequence,
                                   object.owner,
                                   run.cache != nullptr ? std::string_view(run.cache->name())
                                                        : std::string_view("large kmalloc")});
      }
    }
  };
  for (const auto& cache : caches_) {
    collect(cache->partial_);
    collect(cache->full_);
  }
  collect(large_);
  std::sort(found.begin(), found.end(),
            [](const LiveObject& a, const LiveObject& b) { return a.sequence < b.sequence; });
  return found;
}

std::string Slab::slabinfo_text() const {
  std::string text =
      "slabinfo - version: 2.1\n"
      "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>"
      " : tunables <limit> <batchcount> <sharedfactor>"
      " : slabdata <active_slabs> <num_slabs> <sharedavail>\n";
  for (const auto& cache : caches_) {
    if (cache->destroyed_ && cache->live_ == 0) continue;
    u64 objects = 0, runs = 0;
    for (const SlabCache::RunList* list : {&cache->partial_, &cache->full_, &cache->empty_}) {
      for (const Run& run : *list) objects += run.objects.size();
      runs += list->size();
    }
    if (runs == 0 && cache->kmalloc_) continue;
    char line[256];
    std::snprintf(
        line, sizeof line,
        "%-17s %6llu %6llu %6llu %4llu %4llu : tunables %4u %4u %4u : slabdata %6llu %6llu %6u\n",
        cache->name().c_str(), static_cast<unsigned long long>(cache->live_),
        static_cast<unsigned long long>(objects), static_cast<unsigned long long>(cache->stride_),
        static_cast<unsigned long long>(cache->objects_per_run()), 1ULL << cache->order_, 0u, 0u,
        0u, static_cast<unsigned long long>(runs), static_cast<unsigned long long>(runs), 0u);
    text += line;
  }
  return text;
}

}  // namespace vmsim::kern
