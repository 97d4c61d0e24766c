// SPDX-License-Identifier: MIT
// printk and the sprintf family. Counterpart: kernel/printk, lib/vsprintf.c, lib/hexdump.c,
// kernel/panic.c. Leaves out consoles and dynamic debug. For drivers, through the table of exports.
#include "abi/print.hpp"

#include <climits>

#include <fmt/format.h>

#include "abi/abi.hpp"
#include "abi/driver_door.hpp"
#include "kern/format.hpp"

namespace vmsim::abi {

namespace {

/// Its destructor does nothing: it may be left by a jump.
class MachineFormat final : public kern::FormatSource {
 public:
  MachineFormat() {
    const MachineConfig& config = kernel().config;
    version = config.kernel.code();
    pointer_digits = config.profile == Profile::kX86_32 ? 8 : 16;
    hash_key = config.seed * 0x9e3779b97f4a7c15;
  }

  u64 printed(const void* pointer) override {
    return core([&] { return memory().addresses->printed(pointer); });
  }

  bool symbol(u64 address, char* to, std::size_t size) override {
    return core([&] {
      std::string name = kernel().modules->symbolize(address);
      if (name.empty()) name = export_at(address);
      to[name.copy(to, size - 1)] = '\0';
      return !name.empty();
    });
  }

  void bad_conversion(char letter) override {
    core([&] {
      kernel().probe.finding(
          "printk-bad-format",
          fmt::format("a format has the conversion %{}, which the kernel does not know: its output "
                      "ends there.",
                      letter == '\0' ? ' ' : letter));
    });
  }
};

void print(const char* text, const void* caller = __builtin_return_address(0)) {
  core([&] { kernel().log->print(text); }, caller);
}

}  // namespace

std::size_t format_args(char* to, std::size_t size, const char* format, va_list args) {
  MachineFormat source;
  return kern::format_text(to, size, format, args, source);
}

void log_line(const char* text) {
  print(text);
}

int vprintk(const char* format, va_list args) {
  char text[kTextMax];
  const std::size_t length = format_args(text, sizeof(text), format, args);
  print(text);
  return static_cast<int>(length);
}

int printk(const char* format, ...) {
  va_list args;
  va_start(args, format);
  const int length = vprintk(format, args);
  va_end(args);
  return length;
}

int printk_ratelimit() {
  return core([] {
    RateLimit& rate = door().log_rate;
    const u64 now = scheduler().now_ns();
    if (now - rate.begin_ns >= RateLimit::kIntervalNs) {
      if (rate.missed != 0)
        kernel().log->print(fmt::format("printk: {} messages suppressed.\n", rate.missed),
                            kern::Log::kWarning);
      rate = {now, 0, 0};
    }
    if (rate.printed < RateLimit::kBurst) {
      ++rate.printed;
      return 1;
    }
    ++rate.missed;
    return 0;
  });
}

void dump_stack() {
  const Caller caller = VMSIM_ABI_CALLER;
  core([&] {
    const sched::Task& task = sched::current_task();
    std::string text = fmt::format("CPU: 0 PID: {} Comm: {}\nCall Trace:\n", task.pid, task.comm);
    u64 ip = reinterpret_cast<u64>(caller.return_address);
    u64 frame = reinterpret_cast<u64>(caller.frame);
    // Ours is the innermost frame; each begins with the address of the next and the return address.
    for (unsigned depth = 0; depth < sched::OopsRecord::kTraceMax; ++depth) {
      const std::string symbol = kernel().modules->symbolize(ip);
      if (symbol.empty()) break;
      text += " " + symbol + "\n";
      u64 outer[2];
      if (!sched::DriverCall::try_copy(outer, reinterpret_cast<const void*>(frame), sizeof(u64)))
        break;
      if (outer[0] <= frame) break;
      frame = outer[0];
      if (!sched::DriverCall::try_copy(outer, reinterpret_cast<const void*>(frame), sizeof(outer)))
        break;
      ip = outer[1];
    }
    kernel().log->print(text, kern::Log::kDefaultLevel);
  });
}

/// Differs: a panic ends the calling task; the rest of the machine goes on.
[[noreturn]] void panic(const char* format, ...) {
  VMSIM_ABI_TEXT(text, format, format);
  char line[kTextMax + 40];
  core([&] {
    const auto end =
        fmt::format_to_n(line, sizeof(line) - 1, "Kernel panic - not syncing: {}", text);
    *end.out = '\0';
  });
  leave_by_bug(line, VMSIM_ABI_CALLER);
}

void add_taint(unsigned flag, int) {
  core([&] {
    kernel().probe.finding("tainted",
                           fmt::format("the driver taints the kernel with flag {}.", flag));
  });
}

int vsnprintf(char* to, size_t size, const char* format, va_list args) {
  if (size > INT_MAX) {
    core([] {
      kernel().probe.finding("vsnprintf-size",
                             "vsnprintf() with a size beyond INT_MAX; Linux warns and returns 0.");
    });
    return 0;
  }
  return static_cast<int>(format_args(to, size, format, args));
}

int vscnprintf(char* to, size_t size, const char* format, va_list args) {
  const int length = vsnprintf(to, size, format, args);
  if (static_cast<size_t>(length) < size) return length;
  return size == 0 ? 0 : static_cast<int>(size - 1);
}

int vsprintf(char* to, const char* format, va_list args) {
  return vsnprintf(to, INT_MAX, format, args);
}

int snprintf(char* to, size_t size, const char* format, ...) {
  va_list args;
  va_start(args, format);
  const int length = vsnprintf(to, size, format, args);
  va_end(args);
  return length;
}

int scnprintf(char* to, size_t size, const char* format, ...) {
  va_list args;
  va_start(args, format);
  const int length = vscnprintf(to, size, format, args);
  va_end(args);
  return length;
}

int sprintf(char* to, const char* format, ...) {
  va_list args;
  va_start(args, format);
  const int length = vsnprintf(to, INT_MAX, format, args);
  va_end(args);
  return length;
}

/// A page of a sysfs file: Linux warns about any other buffer.
int sysfs_emit(char* to, const char* format, ...) {
  if (to == nullptr || reinterpret_cast<u64>(to) % kPageSize != 0) {
    core([&] {
      kernel().probe.finding(
          "sysfs-emit-bad-buffer",
          "sysfs_emit() with a buffer that is not the page that show() was given: " +
              memory().addresses->describe(to));
    });
    return 0;
  }
  va_list args;
  va_start(args, format);
  const int length = vscnprintf(to, kPageSize, format, args);
  va_end(args);
  return length;
}

namespace {

char* formatted_copy(vmsim_gfp_t gfp, const char* format, va_list args, u32 tag,
                     const void* caller = __builtin_return_address(0)) {
  const std::size_t length = format_args(nullptr, 0, format, args);
  auto* const text =
      static_cast<char*>(core([&] { return memory().slab->kmalloc(length + 1, gfp, tag); },
                              caller));
  if (text != nullptr) format_args(text, length + 1, format, args);
  return text;
}

}  // namespace

char* kvasprintf(vmsim_gfp_t gfp, const char* format, va_list args) {
  return formatted_copy(gfp, format, args, caller_tag(__builtin_return_address(0)));
}

char* kasprintf(vmsim_gfp_t gfp, const char* format, ...) {
  va_list args;
  va_start(args, format);
  char* const text = formatted_copy(gfp, format, args, caller_tag(__builtin_return_address(0)));
  va_end(args);
  return text;
}

/// The driver's name, the bus's, the class's, or none.
const char* dev_driver_string(const ::device* dev) {
  touch(dev);
  if (dev->driver != nullptr) return dev->driver->name;
  if (dev->bus != nullptr) return dev->bus->name;
  return dev->class_ != nullptr ? dev->class_->name : "";
}

namespace {

/// "uart uart.0", as log lines begin.
std::string name_with_driver(const ::device* dev) {
  if (dev == nullptr) return "(NULL device *)";
  return kern::driver_text(dev_driver_string(dev)) + " " +
         kern::driver_text(kern::DeviceModel::name_of(*dev));
}

}  // namespace

void vmsim_dev_printk(const char* level, const ::device* dev, const char* format, ...) {
  VMSIM_ABI_TEXT(text, format, format);
  if (dev != nullptr) touch(dev);
  touch_text(level);
  core([&] {
    kernel().log->print(level + name_with_driver(dev) + ": " + text);
  });
}

int dev_err_probe(const ::device* dev, int error, const char* format, ...) {
  VMSIM_ABI_TEXT(text, format, format);
  constexpr int kProbeDefer = 517;
  if (error == -kProbeDefer) return error;
  if (dev != nullptr) touch(dev);
  core([&] {
    kernel().log->print(name_with_driver(dev) + ": error -" + errno_name(-error) + ": " + text, kern::Log::kErr);
  });
  return error;
}

namespace {

struct HexRow {
  const char* prefix;
  int prefix_type;  ///< 0 none, 1 address, 2 offset
  int row_bytes;
  int group_bytes;
  bool ascii;
};

u64 group_value(const u8* bytes, int size) {
  u64 value = 0;
  for (int i = size - 1; i >= 0; --i) value = value << 8 | bytes[i];
  return value;
}

std::string hex_row(const HexRow& row, const u8* bytes, int count) {
  std::string text;
  const int group = count % row.group_bytes == 0 ? row.group_bytes : 1;
  for (int i = 0; i < count; i += group)
    text += fmt::format("{}{:0{}x}", i == 0 ? "" : " ", group_value(bytes + i, group), group * 2);
  if (!row.ascii) return text;
  const int column = row.row_bytes * 2 + row.row_bytes / group + 1;
  text.resize(static_cast<std::size_t>(column), ' ');
  for (int i = 0; i < count; ++i)
    text += bytes[i] >= 0x20 && bytes[i] < 0x7f ? static_cast<char>(bytes[i]) : '.';
  return text;
}

}  // namespace

void print_hex_dump(const char* level, const char* prefix, int prefix_type, int row_bytes,
                    int group_bytes, const void* buffer, unsigned long length, bool ascii) {
  if (row_bytes != 16 && row_bytes != 32) row_bytes = 16;
  if (group_bytes != 2 && group_bytes != 4 && group_bytes != 8) group_bytes = 1;
  touch_text(level);
  touch_text(prefix);
  const HexRow row{prefix, prefix_type, row_bytes, group_bytes, ascii};
  const auto* const bytes = static_cast<const u8*>(buffer);
  for (unsigned long at = 0; at < length; at += static_cast<unsigned long>(row_bytes)) {
    u8 copy[32];
    const unsigned long left = length - at;
    const int count =
        left < static_cast<unsigned long>(row_bytes) ? static_cast<int>(left) : row_bytes;
    for (int i = 0; i < count; ++i) copy[i] = bytes[at + static_cast<unsigned long>(i)];
    core([&] {
      std::string where;
      if (row.prefix_type == 1)
        where = fmt::format("{:016x}: ", memory().addresses->printed(bytes + at));
      if (row.prefix_type == 2) where = fmt::format("{:08x}: ", at);
      kernel().log->print(level + (row.prefix + where) + hex_row(row, copy, count) + "\n");
    });
  }
}

std::span<const Export> print_exports() {
  static const Export table[] = {
      exported("add_taint", &add_taint),
      exported("dev_driver_string", &dev_driver_string, kernel(2, 6, 0)),
      exported("dev_err_probe", &dev_err_probe, kernel(5, 9)),
      exported("dump_stack", &dump_stack),
      exported("kasprintf", &kasprintf),
      exported("kvasprintf", &kvasprintf),
      exported("panic", &panic),
      exported("print_hex_dump", &print_hex_dump, kernel(2, 6, 28)),
      exported("printk", &printk),
      exported("printk_ratelimit", &printk_ratelimit),
      exported("scnprintf", &scnprintf),
      exported("snprintf", &snprintf),
      exported("sprintf", &sprintf),
      exported("sysfs_emit", &sysfs_emit, kernel(5, 10)),
      exported("vmsim_dev_printk", &vmsim_dev_printk),
      exported("vprintk", &vprintk),
      exported("vscnprintf", &vscnprintf),
      exported("vsnprintf", &vsnprintf),
      exported("vsprintf", &vsprintf),
  };
  return table;
}

}  // namespace vmsim::abi
