// SPDX-License-Identifier: MIT
// What an address is to the loaded modules: a function, data, a stub, what was unloaded. Counterpart:
// kernel/module/kallsyms.c. Part of Modules (module.cpp); for oopses, findings and printk.
#include <cstring>

#include "kern/module.hpp"

namespace vmsim::kern {

std::string_view Modules::missing_import_at(u64 address) const {
  for (const auto* list : {&modules_, &retired_})
    for (const auto& module : *list)
      if (module->missing_ != nullptr)
        if (const auto name = module->missing_->name_at(address); !name.empty()) return name;
  return {};
}

std::string Modules::symbolize(u64 ip) const {
  const Module* module = owner_of(ip);
  if (module == nullptr) return {};
  const std::string text = module->image_->symbolize(ip);
  return text.empty() ? text : text + " [" + module->name + "]";
}

std::string Modules::unloaded_at(u64 address) const {
  for (const auto& module : retired_)
    if (module->image_->contains(address)) return module->name;
  return {};
}

u64 Modules::printed(u64 address) const {
  for (const auto* list : {&modules_, &retired_})
    for (const auto& module : *list)
      if (module->image_->contains(address))
        return module->nominal_base_ + (address - module->image_->base());
  return 0;
}

std::string Modules::describe(u64 address) const {
  const auto words = [&](const Module& module, const char* state) {
    const ElfImage& image = module.image();
    const bool code = image.is_code(address);
    std::string text = std::string(code ? "code of " : "static data of ") + state + "module " + module.name;
    if (const ElfImage::Symbol* symbol = image.symbol_at(address)) {
      text += " (" + symbol->name;
      if (address != symbol->address) text += " + " + std::to_string(address - symbol->address);
      text += ")";
    }
    return text;
  };
  if (const Module* module = owner_of(address)) return words(*module, "");
  for (const auto& module : retired_)
    if (module->image_->contains(address)) return words(*module, "unloaded ");
  return {};
}

/// The bytes before a return address tell; a module's code ends before its image does.
bool Modules::returns_into(u64 address) const {
  const Module* module = owner_of(address);
  constexpr u64 kCallMaxBytes = 7;
  if (module == nullptr || module->image().function_at(address) == nullptr) return false;
  if (!module->contains(reinterpret_cast<const void*>(address - kCallMaxBytes))) return false;
#if defined(__x86_64__)
  const u8* code = reinterpret_cast<const u8*>(address);
  if (code[-5] == 0xe8) return true;
  // ff /2 with a register, a short, a long or an indexed operand.
  for (const int length : {2, 3, 4, 6, 7})
    if (code[-length] == 0xff && (code[1 - length] & 0x38) == 0x10) return true;
  return false;
#else
  constexpr u32 kCallMask = 0xfc000000, kCall = 0x94000000, kCallRegisterMask = 0xfffffc1f, kCallRegister = 0xd63f0000;
  u32 code;
  std::memcpy(&code, reinterpret_cast<const void*>(address - sizeof(code)), sizeof(code));
  return (code & kCallMask) == kCall || (code & kCallRegisterMask) == kCallRegister;
#endif
}

}  // namespace vmsim::kern
