// SPDX-License-Identifier: MIT
// Loading and unloading. Counterpart: kernel/module/main.c (load_module, do_init_module,
// delete_module) and procfs.c.
#include "kern/module.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

#include "base/assert.hpp"
#include "kern/module_params.hpp"

namespace vmsim::kern {

namespace {

std::string name_of_file(const std::filesystem::path& file) {
  std::string name = file.filename().string();
  if (const std::size_t dot = name.rfind('.'); dot != std::string::npos && dot > 0)
    name.resize(dot);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

std::string version_text(unsigned version) {
  return std::to_string(version >> 16) + "." + std::to_string((version >> 8) & 255) + "." +
         std::to_string(version & 255);
}

/// 0 when `text` does not begin with a version.
unsigned parse_version(const std::string& text) {
  unsigned a = 0, b = 0, c = 0;
  return std::sscanf(text.c_str(), "%u.%u.%u", &a, &b, &c) >= 2 ? kernel_version(a, b, c) : 0;
}

/// Two kernels whose drivers fit each other here: the same major.minor, and in the 2.6 years the
/// same third number too.
bool same_era(unsigned a, unsigned b) {
  const bool three = (a >> 8) == (kernel_version(2, 6, 0) >> 8);
  return three ? a == b : (a >> 8) == (b >> 8);
}

bool gpl_compatible(std::string_view license) {
  for (const std::string_view known : {"GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL",
                                       "Dual MIT/GPL", "Dual MPL/GPL"})
    if (license == known) return true;
  return false;
}

template <class T>
std::span<const T> records(const ElfImage& image, std::string_view section) {
  const ElfImage::Bytes bytes = image.section(section);
  return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

const char* state_text(module_state state) {
  switch (state) {
    case MODULE_STATE_LIVE:
      return "Live";
    case MODULE_STATE_COMING:
      return "Loading";
    default:
      return "Unloading";
  }
}

int count_of(const ::module& module) {
  return __atomic_load_n(&module.refcnt.counter, __ATOMIC_RELAXED);
}

template <class F>
F function(const ElfImage& image, std::string_view name) {
  return reinterpret_cast<F>(image.symbol(name));
}

}  // namespace

std::vector<std::string> Module::modinfo_all(std::string_view key) const {
  std::vector<std::string> values;
  const ElfImage::Bytes bytes = image_->section(".modinfo");
  std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\0'), rest.size());
    const std::string_view entry = rest.substr(0, end);
    if (entry.size() > key.size() && entry.starts_with(key) && entry[key.size()] == '=')
      values.emplace_back(entry.substr(key.size() + 1));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return values;
}

std::string Module::modinfo(std::string_view key) const {
  const std::vector<std::string> values = modinfo_all(key);
  return values.empty() ? std::string() : values.front();
}

std::span<const kernel_param> Module::params() const {
  return records<kernel_param>(*image_, "__param");
}

std::span<const kernel_symbol> Module::exports() const {
  return records<kernel_symbol>(*image_, "__ksymtab");
}

/// One load on its way through the phases check, link, exports, parameters, init.
struct Modules::LoadState {
  std::unique_ptr<Module> module;
  std::string name;
  std::string_view params;
};

Modules::Modules(ModulesConfig config, Log& log, base::Probe& probe)
    : config_(std::move(config)), log_(log), probe_(probe), nominal_next_(config_.nominal_base) {}

Modules::~Modules() = default;

Result<Module*> Modules::load(const std::filesystem::path& file, std::string_view params,
                              Force force) {
  const auto refuse_file = [&](int error, const char* why) {
    return fail(error, "cannot open driver '" + file.string() + "': " + why);
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(file, ignored)) return refuse_file(EISDIR, "it is a folder");
  std::ifstream in(file, std::ios::binary);
  if (!in) return refuse_file(errno == EACCES ? EACCES : ENOENT, std::strerror(errno));
  in.seekg(0, std::ios::end);
  std::vector<std::byte> bytes(static_cast<std::size_t>(std::max<std::streamoff>(in.tellg(), 0)));
  in.seekg(0);
  if (!in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size())))
    return refuse_file(EIO, "it cannot be read");
  return load_owned(name_of_file(file), std::move(bytes), params, force);
}

Result<Module*> Modules::load_bytes(std::string name, ElfImage::Bytes file, std::string_view params,
                                    Force force) {
  return load_owned(std::move(name), {file.begin(), file.end()}, params, force);
}

Result<Module*> Modules::load_owned(std::string name, std::vector<std::byte> file,
                                    std::string_view params, Force force) {
  LoadState state;
  state.params = params;
  auto image = ElfImage::map(file);
  if (!image) return Failure(refuse(name, image.error().errno_value, image.error().message));
  state.module = std::make_unique<Module>();
  state.module->image_ = std::move(*image);
  state.module->nominal_base_ = nominal_next_;
  nominal_next_ += state.module->image_->size_bytes() + kPageSize;
  state.module->lines_ = std::make_unique<SourceLines>(std::move(file));
  const std::string own_name = state.module->modinfo("name");
  state.name = own_name.empty() ? std::move(name) : own_name;
  VMSIM_CHECK(load_check(state, force));
  VMSIM_CHECK(load_link(state));
  if (auto done = load_exports(state); !done) {
    retire(*state.module);
    return Failure(done.error());
  }
  const ParamTarget target{state.name, state.module->params(), state.module->param_texts_, log_,
                           config_.version};
  if (auto done = store_params(target, params); !done) {
    retire(*state.module);
    return Failure(done.error());
  }
  return load_init(state);
}

Error Modules::refuse(std::string_view name, int errno_value, const std::string& why) {
  std::string text = std::string(name) + ": " + why;
  log_.print(text + "\n", Log::kErr);
  return Error(errno_value, std::move(text));
}

namespace {

/// Each source file of a driver states what it was compiled for. Empty if all say the same.
std::string disagreement(const Module& module, const char* key) {
  const std::vector<std::string> values = module.modinfo_all(key);
  for (const std::string& value : values)
    if (value != values.front())
      return std::string("its sources disagree about ") + key + ": '" + values.front() + "' and '" +
             value + "'; compile them for one kernel";
  return {};
}

}  // namespace

Result<void> Modules::load_check(LoadState& state, Force force) {
  Module& module = *state.module;
  if (state.name.size() >= sizeof(module.name))
    return Failure(refuse(state.name, ENOEXEC, "the module's name is too long"));
  if (find(state.name) != nullptr)
    return Failure(refuse(state.name, EEXIST, "a module of this name is already loaded"));
  std::memcpy(module.name, state.name.c_str(), state.name.size() + 1);
  module.state = MODULE_STATE_COMING;
  module.list.next = module.list.prev = &module.list;
  for (const char* key : {"abi", "vermagic"})
    if (const std::string why = disagreement(module, key); !why.empty())
      return Failure(refuse(state.name, ENOEXEC, why));
  // Forcing overrides the version's rules, never the layout of the structs.
  const std::string abi = module.modinfo("abi");
  if (!config_.abi_hash.empty() && abi != config_.abi_hash)
    return Failure(refuse(state.name, ENOEXEC,
                          "built against another vmsim (abi " + (abi.empty() ? "missing" : abi) +
                              ", this one has " + config_.abi_hash +
                              "); compile the driver again"));
  const std::string magic = module.modinfo("vermagic");
  const std::string wanted = version_text(config_.version);
  if (magic.empty() && force == Force::kNo)
    return Failure(refuse(state.name, ENOEXEC, "no version magic (should be '" + wanted + "')"));
  if (!magic.empty() && !same_era(parse_version(magic), config_.version) && force == Force::kNo)
    return Failure(refuse(state.name, ENOEXEC,
                          "version magic '" + magic + "' should be '" + wanted +
                              "'; compile it for the machine's kernel, or force it"));
  return {};
}

const void* Modules::import(LoadState& state, std::string_view name) {
  if (name == "__this_module") return static_cast<::module*>(state.module.get());
  if (config_.resolve)
    if (const void* address = config_.resolve(name)) return address;
  for (const auto& provider : modules_) {
    if (provider->state != MODULE_STATE_LIVE) continue;
    for (const kernel_symbol& symbol : provider->exports()) {
      if (symbol.name == nullptr || name != symbol.name) continue;
      auto& known = state.module->providers_;
      if (std::find(known.begin(), known.end(), provider.get()) == known.end())
        known.push_back(provider.get());
      return symbol.value;
    }
  }
  return nullptr;
}

/// A driver linked by `vmsim cc --stubs` says so in .modinfo; what it misses gets addresses that
/// stop it by name when they are used. Differs: Linux refuses to load any module with an unknown
/// symbol.
Result<void> Modules::link_with_stubs(LoadState& state) {
  Module& module = *state.module;
  module.missing_ = VMSIM_TRY(MissingImports::reserve(module.image_->missing()));
  std::string names;
  for (const std::string& name : module.image_->missing())
    names.append(names.empty() ? "" : ", ").append(name);
  log_.print(state.name + ": loaded with stubs for " + names + "\n", Log::kWarning);
  return module.image_->link([&](std::string_view name) {
    const void* const address = import(state, name);
    return address != nullptr ? address : module.missing_->address_of(name);
  });
}

Result<void> Modules::load_link(LoadState& state) {
  Module& module = *state.module;
  auto linked = module.image_->link([&](std::string_view name) { return import(state, name); });
  if (!linked && !module.image_->missing().empty() && module.modinfo("stubs") == "Y")
    linked = link_with_stubs(state);
  if (!linked) {
    for (const std::string& name : module.image_->missing())
      log_.print(state.name + ": Unknown symbol " + name + " (err -2)\n", Log::kWarning);
    return fail(linked.error().errno_value, state.name + ": " + linked.error().message);
  }
  for (Module* provider : module.providers_) {
    provider->users_.push_back(&module);
    try_get(provider);
  }
  const ElfImage::Bytes section = module.image_->section(".modinfo");
  if (!module.modinfo("version").empty()) {
    // struct module points into the image, as the kernel's does.
    constexpr std::string_view kKey = "version=";
    const std::string_view text(reinterpret_cast<const char*>(section.data()), section.size());
    std::size_t at = text.find(kKey);
    while (at != 0 && at != std::string_view::npos && text[at - 1] != '\0')
      at = text.find(kKey, at + 1);
    if (at != std::string_view::npos) module.version = text.data() + at + kKey.size();
  }
  module.init = function<int (*)()>(*module.image_, "init_module");
  module.exit = function<void (*)()>(*module.image_, "cleanup_module");
  return {};
}

Result<void> Modules::load_exports(LoadState& state) {
  for (const kernel_symbol& symbol : state.module->exports()) {
    if (symbol.name == nullptr) continue;
    std::string owner;
    if (config_.resolve && config_.resolve(symbol.name) != nullptr) owner = "kernel";
    for (const auto& other : modules_)
      for (const kernel_symbol& theirs : other->exports())
        if (theirs.name != nullptr && std::strcmp(theirs.name, symbol.name) == 0)
          owner = other->name;
    if (!owner.empty())
      return Failure(refuse(
          state.name, ENOEXEC,
          std::string("exports duplicate symbol ") + symbol.name + " (owned by " + owner + ")"));
  }
  return {};
}

void Modules::load_taint(const Module& module) {
  const std::string license = module.modinfo("license");
  const bool taints_out_of_tree = config_.version >= kernel_version(3, 2, 0);
  if (taints_out_of_tree && !tainted_out_of_tree_) {
    log_.print(std::string(module.name) + ": loading out-of-tree module taints kernel.\n",
               Log::kWarning);
    tainted_out_of_tree_ = true;
  }
  if (module.proprietary_ && !tainted_proprietary_) {
    log_.print(std::string(module.name) + ": module license '" +
                   (license.empty() ? "unspecified" : license) + "' taints kernel.\n",
               Log::kWarning);
    tainted_proprietary_ = true;
  }
}

Result<Module*> Modules::load_init(LoadState& state) {
  Module& module = *state.module;
  module.proprietary_ = !gpl_compatible(module.modinfo("license"));
  load_taint(module);
  modules_.push_back(std::move(state.module));
  for (ModuleEvents* events : events_) events->on_coming(module);
  int returned = 0;
  if (module.init != nullptr) {
    const auto outcome = sched::DriverCall::call(module.init);
    if (!outcome) return fail(sched::kErrOops, state.name + ": init_module ended in a kernel oops");
    returned = *outcome;
  }
  if (returned < 0) {
    module.state = MODULE_STATE_GOING;
    for (ModuleEvents* events : events_) events->on_gone(module);
    retire(module);
    return fail(-returned, "init_module of " + state.name + " failed with " +
                               std::to_string(returned) + " (" + errno_name(-returned) + ")");
  }
  if (returned > 0)
    log_.print("do_init_module: '" + state.name + "'->init suspiciously returned " +
                   std::to_string(returned) +
                   ", it should follow 0/-E convention\ndo_init_module: loading module anyway...\n",
               Log::kWarning);
  module.state = MODULE_STATE_LIVE;
  for (ModuleEvents* events : events_) events->on_loaded(module);
  probe_.emit(EventKind::kModule, 1, 0, 0, 0, module.name);
  return &module;
}

Result<void> Modules::run_cleanup(Module& module) {
  for (ModuleEvents* events : events_) events->on_unloading(module);
  module.state = MODULE_STATE_GOING;
  if (module.exit != nullptr && !sched::DriverCall::call(module.exit))
    return fail(sched::kErrOops,
                std::string(module.name) + ": cleanup_module ended in a kernel oops");
  for (ModuleEvents* events : events_) events->on_gone(module);
  probe_.emit(EventKind::kModule, 0, 0, 0, 0, module.name);
  retire(module);
  return {};
}

Result<void> Modules::unload(std::string_view name) {
  Module* module = find(name);
  if (module == nullptr) return fail(ENOENT, "module " + std::string(name) + " is not loaded");
  std::string users;
  for (const Module* user : module->users_)
    users.append(users.empty() ? "" : " ").append(user->name);
  if (!users.empty())
    return fail(EWOULDBLOCK, "module " + std::string(name) + " is in use by: " + users);
  if (module->state != MODULE_STATE_LIVE)
    return fail(EBUSY,
                "module " + std::string(name) + " is not live: it died while loading or unloading");
  if (module->init != nullptr && module->exit == nullptr)
    return fail(EBUSY, "module " + std::string(name) + " has no cleanup_module and is permanent");
  if (count_of(*module) > 0)
    return fail(config_.version < kernel_version(2, 6, 0) ? EBUSY : EWOULDBLOCK,
                "module " + std::string(name) + " is in use");
  return run_cleanup(*module);
}

Result<void> Modules::set_param(Module& module, const kernel_param& param,
                                const std::string& value) {
  const ParamTarget target{module.name, module.params(), module.param_texts_, log_,
                           config_.version};
  return store_param(target, param, value);
}

void Modules::unload_all() {
  while (!modules_.empty()) {
    Module& module = *modules_.back();
    if (module.state != MODULE_STATE_LIVE) {
      retire(module);
      continue;
    }
    if (count_of(module) > 0)
      probe_.finding("module-in-use-at-end",
                     std::string(module.name) + " still has " + std::to_string(count_of(module)) +
                         " users when the machine ends; a kernel would refuse to unload it");
    // An oops in cleanup leaves it on the list, going; the next round retires it.
    (void)run_cleanup(module);
  }
}

/// Ends a module in whatever state: lets its providers go, makes its addresses fault, keeps its
/// struct for late module_put calls.
void Modules::retire(Module& module) {
  for (Module* provider : module.providers_) {
    std::erase(provider->users_, &module);
    put(provider);
  }
  module.providers_.clear();
  module.state = MODULE_STATE_UNFORMED;
  module.init = nullptr;
  module.exit = nullptr;
  module.version = nullptr;
  module.image_->retire();
  module.lines_.reset();
  const auto at = std::find_if(modules_.begin(), modules_.end(),
                               [&](const auto& m) { return m.get() == &module; });
  if (at == modules_.end())
    return;  // refused before it was on the list: the caller's LoadState frees it
  retired_.push_back(std::move(*at));
  modules_.erase(at);
}

bool Modules::try_get(::module* module) {
  if (module == nullptr) return true;
  if (module->state == MODULE_STATE_GOING || module->state == MODULE_STATE_UNFORMED) return false;
  __atomic_add_fetch(&module->refcnt.counter, 1, __ATOMIC_RELAXED);
  return true;
}

void Modules::put(::module* module) {
  if (module == nullptr) return;
  if (__atomic_sub_fetch(&module->refcnt.counter, 1, __ATOMIC_RELAXED) >= 0) return;
  __atomic_add_fetch(&module->refcnt.counter, 1, __ATOMIC_RELAXED);
  probe_.finding("module-put", "module_put of " + std::string(module->name) +
                                   " without a reference; Linux warns and goes on");
}

Module* Modules::find(std::string_view name) const {
  for (const auto& module : modules_)
    if (name == module->name) return module.get();
  return nullptr;
}

Module* Modules::owner_of(u64 address) const {
  for (const auto& module : modules_)
    if (module->image_->contains(address)) return module.get();
  return nullptr;
}

std::vector<Module*> Modules::loaded() const {
  std::vector<Module*> list;
  for (const auto& module : modules_) list.push_back(module.get());
  return list;
}

/// Differs: the address column is always zero, as an unprivileged reader of Linux sees it: host
/// addresses would make runs differ.
std::string Modules::modules_text() const {
  std::string text;
  for (auto it = modules_.rbegin(); it != modules_.rend(); ++it) {
    const Module& module = **it;
    text += std::string(module.name) + " " + std::to_string(module.image_->size_bytes()) + " " +
            std::to_string(count_of(module)) + " ";
    for (const Module* user : module.users_) text.append(user->name).push_back(',');
    const bool permanent = module.init != nullptr && module.exit == nullptr;
    if (permanent) text += "[permanent],";
    if (module.users_.empty() && !permanent) text += "-";
    text += std::string(" ") + state_text(module.state) + " 0x0000000000000000";
    if (config_.version >= kernel_version(3, 2, 0)) text += module.proprietary_ ? " (PO)" : " (O)";
    text += "\n";
  }
  return text;
}

std::string Modules::linked_in_text() const {
  std::string text;
  for (auto it = modules_.rbegin(); it != modules_.rend(); ++it) {
    text.append(" ").append((*it)->name);
    if (config_.version >= kernel_version(3, 2, 0)) text += (*it)->proprietary_ ? "(PO)" : "(O)";
  }
  if (!retired_.empty()) text.append(" [last unloaded: ").append(retired_.back()->name).append("]");
  return text;
}

}  // namespace vmsim::kern
