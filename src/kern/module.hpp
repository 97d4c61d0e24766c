// SPDX-License-Identifier: MIT
// The modules of one machine: load, parameters, init, exports between modules, unload. Counterpart:
// kernel/module. Leaves out: signatures, GPL-only exports, forced unload. Called
// by the machine and by abi (try_get, put) on a task that has entered the kernel; one load or
// unload at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vmsim/error.hpp"

#include "vmsim/kapi/vmsim/module_types.h"

#include "base/probe.hpp"
#include "kern/elf_image.hpp"
#include "kern/log.hpp"
#include "kern/missing_imports.hpp"
#include "kern/source_lines.hpp"
#include "sched/driver_call.hpp"

namespace vmsim::kern {

/// One loaded driver; THIS_MODULE points to it. refcnt counts users: open files, dependents,
/// try_module_get.
class Module final : public ::module {
 public:
  Module() : ::module{} {}

  std::string_view module_name() const { return name; }

  const ElfImage& image() const { return *image_; }

  /// Lines of its sources; nullptr after it is unloaded.
  const SourceLines* lines() const { return lines_.get(); }

  /// The value of a .modinfo key, empty when there is none.
  std::string modinfo(std::string_view key) const;
  std::vector<std::string> modinfo_all(std::string_view key) const;
  std::span<const kernel_param> params() const;
  std::span<const kernel_symbol> exports() const;

  /// Modules that import from this one.
  const std::vector<Module*>& users() const { return users_; }

  bool contains(const void* address) const {
    return image_->contains(reinterpret_cast<u64>(address));
  }

 private:
  friend class Modules;

  std::unique_ptr<ElfImage> image_;
  std::unique_ptr<MissingImports> missing_;  // of a driver linked with stubs; null: none
  std::unique_ptr<SourceLines> lines_;
  std::vector<Module*> users_;
  std::vector<Module*> providers_;
  std::list<std::string> param_texts_;
  u64 nominal_base_ = 0;
  bool proprietary_ = false;
};

/// Told about the life of modules, so that rooms above can look for what a driver left behind.
class ModuleEvents {
 public:
  virtual ~ModuleEvents() = default;

  /// Parameters are stored, init_module is about to be called.
  virtual void on_coming(Module&) {}

  /// init_module returned 0.
  virtual void on_loaded(Module&) {}

  /// cleanup_module is about to be called.
  virtual void on_unloading(Module&) {}

  /// cleanup_module has returned (or init failed); the image is still mapped. Whatever still points
  /// into it is a leftover.
  virtual void on_gone(Module&) {}
};

enum class Force : u8 { kNo, kYes };

struct ModulesConfig {
  unsigned version = kernel_version(6, 12, 0);  ///< of the machine's kernel
  std::string abi_hash;                         ///< of this build of vmsim; empty: not checked
  ElfImage::Resolve resolve;                    ///< the kernel's own exports
  u64 nominal_base = 0xffffffffc0000000;        ///< where modules lie when addresses are printed
};

/// Load order is kept; what is left at the end is unloaded in reverse. Owner: the machine.
class Modules {
 public:
  Modules(ModulesConfig config, Log& log, base::Probe& probe);
  /// Frees the images without calling drivers; unload_all() comes before, on a task.
  ~Modules();
  Modules(const Modules&) = delete;
  Modules& operator=(const Modules&) = delete;

  /// insmod. `params` is "a=1 b=2,3". The errors are those of init_module(2), with text; kErrOops
  /// when init oopsed, in which case the module stays, neither usable nor unloadable.
  Result<Module*> load(const std::filesystem::path& file, std::string_view params = {},
                       Force force = Force::kNo);
  Result<Module*> load_bytes(std::string name, ElfImage::Bytes file, std::string_view params = {},
                             Force force = Force::kNo);
  /// rmmod: ENOENT, EBUSY (in use, not live, or without cleanup_module), kErrOops.
  Result<void> unload(std::string_view name);
  /// What a write to a file below /sys/module/NAME/parameters does. The errno of the conversion.
  Result<void> set_param(Module& module, const kernel_param& param, const std::string& value);
  /// Unloads everything, newest first; modules in use go too, after a Finding
  /// "module-in-use-at-end".
  void unload_all();

  Module* find(std::string_view name) const;
  /// The module whose image holds `address`.
  Module* owner_of(u64 address) const;
  /// In load order.
  std::vector<Module*> loaded() const;
  /// What cat /proc/modules prints, newest first.
  std::string modules_text() const;
  /// "my_fault+0x24/0x60 [driver]"; empty when no module's function is there.
  std::string symbolize(u64 ip) const;
  /// The name of the import that `address` stands for in a driver linked with stubs, else empty.
  std::string_view missing_import_at(u64 address) const;
  /// Name of the unloaded module that once lived at `address`, empty when none did.
  std::string unloaded_at(u64 address) const;
  /// "static data of module scull (devices + 16)", "code of module …", also of unloaded ones; empty
  /// when none is there.
  std::string describe(u64 address) const;
  /// An address in an image, loaded or unloaded, as the simulated kernel prints it: the same in every
  /// run. 0 outside.
  u64 printed(u64 address) const;
  /// The code before `address` is a call instruction of a loaded module's function.
  bool returns_into(u64 address) const;
  /// " hello(O) scull(O)" as an oops lists them, newest first.
  std::string linked_in_text() const;

  /// Letters as in "Tainted: G           O": out-of-tree and proprietary.
  bool tainted_out_of_tree() const { return tainted_out_of_tree_; }

  bool tainted_proprietary() const { return tainted_proprietary_; }

  unsigned version() const { return config_.version; }

  /// try_module_get and module_put; null stands for the kernel itself.
  static bool try_get(::module* module);
  void put(::module* module);

  void add_events(ModuleEvents* events) { events_.push_back(events); }

  void remove_events(ModuleEvents* events) { std::erase(events_, events); }

 private:
  struct LoadState;

  Result<Module*> load_owned(std::string name, std::vector<std::byte> file,
                             std::string_view params, Force force);
  Result<void> load_check(LoadState& state, Force force);
  Result<void> load_link(LoadState& state);
  Result<void> link_with_stubs(LoadState& state);
  Result<void> load_exports(LoadState& state);
  Result<Module*> load_init(LoadState& state);
  void load_taint(const Module& module);
  const void* import(LoadState& state, std::string_view name);
  void retire(Module& module);
  Result<void> run_cleanup(Module& module);
  Error refuse(std::string_view name, int errno_value, const std::string& why);

  const ModulesConfig config_;
  Log& log_;
  base::Probe& probe_;
  sched::FaultSignals fault_signals_;
  std::vector<std::unique_ptr<Module>> modules_;  // in load order
  std::vector<std::unique_ptr<Module>>
      retired_;  // the dead: address ranges and structs, in order of death
  std::vector<ModuleEvents*> events_;
  u64 nominal_next_;
  bool tainted_out_of_tree_ = false;
  bool tainted_proprietary_ = false;
};

}  // namespace vmsim::kern
