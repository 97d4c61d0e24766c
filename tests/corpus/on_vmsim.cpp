// SPDX-License-Identifier: MIT
// Runs one program of the corpus on a machine with its driver and compares what it printed with the expected text.
//   vmsim_corpus PROGRAM KERNEL EXPECTED DRIVER.vko...
// Every driver must unload, and nothing may be left or found, at the end. VMSIM_UPDATE=1 writes EXPECTED anew.
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "corpus_programs.hpp"
#include "program.h"
#include "vmsim/vmsim.hpp"

namespace {

using namespace vmsim;

/// The machine that a program runs on, and what it has said.
struct Stage {
  std::unique_ptr<Machine> machine;
  Process* beside = nullptr;
  std::string said;
  std::string text;
};

Stage stage;

/// Who runs on this host thread, and its last fault.
struct Actor {
  Process* app = nullptr;
  UserFault fault{};
};

thread_local Actor actor;

template <class T>
long result_of(const Result<T>& result) {
  if (!result) return -result.error().errno_value;
  if constexpr (std::is_void_v<T>) {
    return 0;
  } else if constexpr (std::is_same_v<T, VirtAddr>) {
    return static_cast<long>(result->value);
  } else {
    return static_cast<long>(*result);
  }
}

template <class T>
int outcome_of(const Access<T>& access) {
  if (access.ok()) return 0;
  actor.fault = access.fault();
  return actor.fault.signo;
}

template <class T>
int load_as(user_addr at, uint64_t* value) {
  const Access<T> access = actor.app->load<T>(VirtAddr(at));
  if (access.ok()) *value = *access;
  return outcome_of(access);
}

int usage() {
  std::cerr << "usage: vmsim_corpus PROGRAM KERNEL EXPECTED DRIVER.vko...\n";
  return 2;
}

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

int fail_with(const std::string& why) {
  std::cerr << why << "\n";
  if (stage.machine) std::cerr << "--- kernel log ---\n" << stage.machine->dmesg();
  return 1;
}

/// "corpus-status_page-6.12.vko" holds the module status_page.
std::string module_of(const std::string& file) {
  const std::string stem = std::filesystem::path(file).filename().string();
  const auto first = stem.find('-'), last = stem.rfind('-');
  return first < last ? stem.substr(first + 1, last - first - 1) : stem;
}

/// "" if the drivers went, and left nothing behind.
std::string end_of(const std::vector<std::string>& modules) {
  actor.app->exit();
  for (auto name = modules.rbegin(); name != modules.rend(); ++name)
    if (auto gone = stage.machine->unload_driver(*name); !gone) return gone.error().to_string();
  std::string found;
  for (const Finding& finding : stage.machine->findings()) found += finding.rule + ": " + finding.text + "\n";
  return found;
}

}  // namespace

extern "C" {

long sys_open(const char* path, int flags) { return result_of(actor.app->open(path, static_cast<u32>(flags))); }

long sys_close(int fd) { return result_of(actor.app->close(fd)); }

long sys_read(int fd, void* to, size_t size) {
  return result_of(actor.app->read(fd, std::span(static_cast<std::byte*>(to), size)));
}

long sys_write(int fd, const void* from, size_t size) {
  return result_of(actor.app->write(fd, std::span(static_cast<const std::byte*>(from), size)));
}

long sys_lseek(int fd, long offset, int whence) { return result_of(actor.app->lseek(fd, offset, whence)); }

long sys_ioctl(int fd, unsigned command, unsigned long argument) {
  return result_of(actor.app->ioctl(fd, command, argument));
}

long sys_ioctl_at(int fd, unsigned command, void* object, size_t size) {
  struct Room {
    std::byte bytes[4096];
  } room{};
  if (size > sizeof(room)) return -22;
  std::memcpy(&room, object, size);
  const long result = result_of(actor.app->ioctl(fd, command, &room));
  std::memcpy(object, &room, size);
  return result;
}

long sys_poll(int fd) { return result_of(actor.app->poll(fd)); }

long sys_poll_wait(int fd, unsigned events, unsigned timeout_ms) {
  return result_of(actor.app->poll(fd, events, u64{timeout_ms} * 1'000'000));
}

long sys_set_flags(int fd, int flags) { return result_of(actor.app->set_flags(fd, static_cast<u32>(flags))); }

long sys_read_to(int fd, user_addr to, size_t size) { return result_of(actor.app->read(fd, VirtAddr(to), size)); }

long sys_write_from(int fd, user_addr from, size_t size) {
  return result_of(actor.app->write(fd, VirtAddr(from), size));
}

long sys_mmap(user_addr hint, size_t length, int prot, int flags, int fd, unsigned long offset) {
  return result_of(actor.app->mmap({.length = length,
                                    .prot = static_cast<u32>(prot),
                                    .flags = static_cast<u32>(flags),
                                    .fd = fd,
                                    .offset = offset,
                                    .hint = VirtAddr(hint)}));
}

long sys_munmap(user_addr at, size_t length) { return result_of(actor.app->munmap(VirtAddr(at), length)); }

long sys_mprotect(user_addr at, size_t length, int prot) {
  return result_of(actor.app->mprotect(VirtAddr(at), length, static_cast<u32>(prot)));
}

int cpu_load(user_addr at, unsigned width, uint64_t* value) {
  switch (width) {
    case 1:
      return load_as<u8>(at, value);
    case 2:
      return load_as<u16>(at, value);
    case 4:
      return load_as<u32>(at, value);
    default:
      return load_as<u64>(at, value);
  }
}

int cpu_store(user_addr at, unsigned width, uint64_t value) {
  switch (width) {
    case 1:
      return outcome_of(actor.app->store(VirtAddr(at), static_cast<u8>(value)));
    case 2:
      return outcome_of(actor.app->store(VirtAddr(at), static_cast<u16>(value)));
    case 4:
      return outcome_of(actor.app->store(VirtAddr(at), static_cast<u32>(value)));
    default:
      return outcome_of(actor.app->store(VirtAddr(at), static_cast<u64>(value)));
  }
}

int last_si_code(void) { return actor.fault.code; }

int last_si_addr_was(user_addr at) { return actor.fault.addr == at; }

void in_child(void (*child)(void*), void* argument) {
  auto forked = actor.app->fork();
  if (!forked) return say("no child: errno %d\n", forked.error().errno_value);
  Process* const parent = std::exchange(actor.app, *forked);
  child(argument);
  actor.app->exit();
  actor.app = parent;
}

void start_beside(void (*body)(void*), void* argument) {
  stage.beside = *actor.app->start_thread("beside", [body, argument](Process& self) {
    actor.app = &self;
    body(argument);
    return 0;
  });
}

void join_beside(void) { stage.machine->join(*stage.beside); }

void sleep_ms(unsigned ms) { stage.machine->advance_ns(u64{ms} * 1'000'000); }

int sigio_came(void) { return actor.app->take_signal() ? 1 : 0; }

const char* file_text(const char* path) {
  auto text = stage.machine->read_text(path);
  stage.text = text ? *text : "";
  return stage.text.c_str();
}

const char* own_maps(void) {
  stage.text = actor.app->maps();
  return stage.text.c_str();
}

void say(const char* format, ...) {
  char text[1024];
  va_list args;
  va_start(args, format);
  std::vsnprintf(text, sizeof text, format, args);
  va_end(args);
  stage.said += text;
}

}  // extern "C"

int run(int argc, char** argv) {
  if (argc < 5) return usage();
  const std::string name = argv[1], expected_file = argv[3];
  const auto kernel = KernelVersion::parse(argv[2]);
  void (*const body)() = corpus::program_called(name);
  if (!kernel || body == nullptr) return usage();
  MachineConfig config;
  config.kernel = *kernel;
  config.ram_bytes = u64{512} << 20;
  config.reserved = {{PhysAddr(0x10000000), u64{16} << 20}};  // as real_kernel.sh's memmap=
  auto machine = Machine::create(config);
  if (!machine) return fail_with(machine.error().to_string());
  stage.machine = std::move(*machine);
  const Ledger before = stage.machine->ledger();
  std::vector<std::string> modules;
  for (int i = 4; i < argc; ++i) {
    if (auto loaded = stage.machine->load_driver(argv[i]); !loaded) return fail_with(loaded.error().to_string());
    modules.push_back(module_of(argv[i]));
  }
  actor.app = *stage.machine->spawn(name);
  body();
  if (const std::string wrong = end_of(modules); !wrong.empty()) return fail_with(wrong);
  if (!(stage.machine->ledger() == before)) return fail_with("the machine's ledger is not what it was before");
  if (std::getenv("VMSIM_UPDATE") != nullptr) {
    std::ofstream(expected_file) << stage.said;
    return 0;
  }
  if (stage.said == read_file(expected_file)) return 0;
  return fail_with("expected (" + expected_file + "):\n" + read_file(expected_file) + "\ngot:\n" + stage.said);
}

int main(int argc, char** argv) {
  const int code = run(argc, argv);
  stage.machine.reset();  // before what it was built on goes
  return code;
}
