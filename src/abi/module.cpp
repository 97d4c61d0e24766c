// SPDX-License-Identifier: MIT
// References to modules, and the standard parameter types. Counterpart: kernel/module,
// kernel/params.c. For drivers, through the table of exports.
#include <cerrno>
#include <climits>
#include <cstring>

#include "abi/abi.hpp"
#include "abi/print.hpp"
#include "kern/scan.hpp"

namespace vmsim::abi {

int try_module_get(::module* module) {
  if (module == nullptr) return 1;
  touch(module);
  return core([=] { return kern::Modules::try_get(module); });
}

void module_put(::module* module) {
  if (module == nullptr) return;
  touch(module);
  core([=] { kernel().modules->put(module); });
}

/// The caller holds one reference already.
void __module_get(::module* module) {
  if (module == nullptr) return;
  touch(module);
  core([=] { ++module->refcnt.counter; });
}

int module_refcount(::module* module) {
  return module->refcnt.counter;
}

/// There is no modprobe that could be asked: its exit status 1.
int request_module(const char* format, ...) {
  VMSIM_ABI_TEXT(name, format, format);
  constexpr int kExitedWith1 = 256;
  return kExitedWith1;
}

// --- parameters ---

namespace {

int print_value(char* to, const char* format, ...) {
  va_list args;
  va_start(args, format);
  const std::size_t length = format_args(to, kPageSize, format, args);
  va_end(args);
  return static_cast<int>(length);
}

/// Since 4.15 a parameter's text ends with a newline of its own.
const char* line(const char* with_newline, const char* without) {
  return kernel().config.kernel >= KernelVersion{4, 15, 0} ? with_newline : without;
}

}  // namespace

int param_set_int(const char* text, const ::kernel_param* param) {
  if (text == nullptr) return -EINVAL;
  i64 value = 0;
  if (const int error = kern::parse_signed(text, 0, &value); error != 0) return error;
  if (value < INT_MIN || value > INT_MAX) return -ERANGE;
  *static_cast<int*>(param->arg) = static_cast<int>(value);
  return 0;
}

int param_set_uint(const char* text, const ::kernel_param* param) {
  if (text == nullptr) return -EINVAL;
  u64 value = 0;
  if (const int error = kern::parse_unsigned(text, 0, &value); error != 0) return error;
  if (value > UINT_MAX) return -ERANGE;
  *static_cast<unsigned*>(param->arg) = static_cast<unsigned>(value);
  return 0;
}

int param_set_ulong(const char* text, const ::kernel_param* param) {
  if (text == nullptr) return -EINVAL;
  u64 value = 0;
  if (const int error = kern::parse_unsigned(text, 0, &value); error != 0) return error;
  *static_cast<unsigned long*>(param->arg) = value;
  return 0;
}

/// A bare name means "1".
int param_set_bool(const char* text, const ::kernel_param* param) {
  return kern::parse_bool(text == nullptr ? "1" : text, static_cast<bool*>(param->arg));
}

int param_set_charp(const char* text, const ::kernel_param* param) {
  constexpr std::size_t kMaxBytes = 1024;
  if (text == nullptr) return -EINVAL;
  const std::size_t length = touch_text(text, kMaxBytes + 1);
  if (length > kMaxBytes) return -ENOSPC;
  const u32 tag = caller_tag(__builtin_return_address(0));
  auto* const copy = static_cast<char*>(
      core([=] { return memory().slab->kmalloc(length + 1, VMSIM_GFP_KERNEL, tag); }));
  if (copy == nullptr) return -ENOMEM;
  std::memcpy(copy, text, length + 1);
  *static_cast<char**>(param->arg) = copy;
  return 0;
}

int param_get_int(char* to, const ::kernel_param* param) {
  return print_value(to, line("%i\n", "%i"), *static_cast<int*>(param->arg));
}

int param_get_uint(char* to, const ::kernel_param* param) {
  return print_value(to, line("%u\n", "%u"), *static_cast<unsigned*>(param->arg));
}

int param_get_ulong(char* to, const ::kernel_param* param) {
  return print_value(to, line("%lu\n", "%lu"), *static_cast<unsigned long*>(param->arg));
}

int param_get_bool(char* to, const ::kernel_param* param) {
  return print_value(to, line("%c\n", "%c"), *static_cast<bool*>(param->arg) ? 'Y' : 'N');
}

int param_get_charp(char* to, const ::kernel_param* param) {
  return print_value(to, line("%s\n", "%s"), *static_cast<char**>(param->arg));
}

std::span<const Export> module_exports() {
  static const Export table[] = {
      exported("__module_get", &__module_get),
      exported("module_put", &module_put),
      exported("module_refcount", &module_refcount),
      exported("param_get_bool", &param_get_bool, kernel(2, 6, 36)),
      exported("param_get_charp", &param_get_charp, kernel(2, 6, 36)),
      exported("param_get_int", &param_get_int, kernel(2, 6, 36)),
      exported("param_get_uint", &param_get_uint, kernel(2, 6, 36)),
      exported("param_get_ulong", &param_get_ulong, kernel(2, 6, 36)),
      exported("param_set_bool", &param_set_bool, kernel(2, 6, 36)),
      exported("param_set_charp", &param_set_charp, kernel(2, 6, 36)),
      exported("param_set_int", &param_set_int, kernel(2, 6, 36)),
      exported("param_set_uint", &param_set_uint, kernel(2, 6, 36)),
      exported("param_set_ulong", &param_set_ulong, kernel(2, 6, 36)),
      exported("request_module", &request_module),
      exported("try_module_get", &try_module_get),
  };
  return table;
}

}  // namespace vmsim::abi
