// SPDX-License-Identifier: MIT
// Places of calls and functions; see places.hpp.
#include "kern/places.hpp"

#include "sched/driver_call.hpp"

namespace vmsim::kern {

namespace {

u64 value_of(const void* code) {
  return reinterpret_cast<u64>(code);
}

std::string in_words(const SourceLine& line, const Module& module) {
  return line.file_and_line() + " in " + line.function + " [" + module.name + "]";
}

}  // namespace

/// Empty outside of modules; with kNot, also in a kernel header's function that was not inlined.
std::string DriverPlaces::place(u64 address, InHeaders in_headers) const {
  const Module* const module = modules_.owner_of(address);
  if (module == nullptr) return {};
  if (module->lines() != nullptr) {
    if (const auto line = module->lines()->line_at(address - module->image().base())) {
      if (line->in_kernel_header && in_headers == InHeaders::kNot) return {};
      return in_words(*line, *module);
    }
  }
  return name(reinterpret_cast<const void*>(address));
}

std::string DriverPlaces::place_at(u64 address) const {
  return place(address, InHeaders::kToo);
}

std::string DriverPlaces::line_at(u64 address) const {
  const Module* const module = modules_.owner_of(address);
  if (module == nullptr || module->lines() == nullptr) return {};
  const auto line = module->lines()->line_at(address - module->image().base());
  return line ? line->file_and_line() : std::string();
}

std::string DriverPlaces::calling() const {
  const u64 caller = value_of(sched::DriverCall::caller());
  if (caller == 0) return {};
  if (std::string text = place(caller - 1, InHeaders::kNot); !text.empty()) return text;
  // An exported function that goes through others, or a kernel header's function in between: the
  // driver's own call is further up.
  constexpr unsigned kWordsMax = 256;
  u64 words[kWordsMax];
  const unsigned count = sched::DriverCall::words_above_core(words, kWordsMax);
  for (unsigned i = 0; i < count; ++i) {
    if (words[i] == caller || !modules_.returns_into(words[i])) continue;
    if (std::string text = place(words[i] - 1, InHeaders::kNot); !text.empty()) return text;
  }
  return place(caller - 1, InHeaders::kToo);
}

const void* DriverPlaces::caller() const {
  return sched::DriverCall::caller();
}

std::string DriverPlaces::of_call(const void* return_address) const {
  return return_address == nullptr ? std::string() : place_at(value_of(return_address) - 1);
}

std::string DriverPlaces::of_function(const void* function) const {
  const u64 address = value_of(function);
  const Module* const module = modules_.owner_of(address);
  if (module == nullptr) return {};
  if (module->lines() != nullptr)
    if (const auto line = module->lines()->function_at(address - module->image().base()))
      return in_words(*line, *module);
  return name(function);
}

std::string DriverPlaces::name(const void* function) const {
  const Module* const module = modules_.owner_of(value_of(function));
  if (module == nullptr) return {};
  const ElfImage::Symbol* const symbol = module->image().function_at(value_of(function));
  return symbol == nullptr ? std::string() : symbol->name + " [" + module->name + "]";
}

}  // namespace vmsim::kern
