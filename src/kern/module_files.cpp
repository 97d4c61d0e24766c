// SPDX-License-Identifier: MIT
// Files of modules; see module_files.hpp.
#include "kern/module_files.hpp"

#include "kern/module_params.hpp"

namespace vmsim::kern {

namespace {

std::string folder_of(const Module& module) {
  return "/sys/module/" + std::string(module.module_name());
}

}  // namespace

void ModuleFiles::add_parameters(Module& module, const std::string& folder) {
  bool has_folder = false;
  for (const kernel_param& param : module.params()) {
    if (param.name == nullptr || (param.perm & 0777) == 0) continue;
    if (!has_folder) static_cast<void>(sysfs_.add_folder(folder + "/parameters"));
    has_folder = true;
    SysFile file;
    if (param.type != VMSIM_PARAM_CALLBACK || (param.ops != nullptr && param.ops->get != nullptr))
      file.show = [&param]() -> Result<std::string> { return param_text(param) + "\n"; };
    file.store = [this, &module, &param](const char* text, u64 length) -> Result<u64> {
      VMSIM_CHECK(modules_.set_param(module, param, std::string(text, length)));
      return length;
    };
    static_cast<void>(sysfs_.add_file(folder + "/parameters/" + param.name,
                                      static_cast<vmsim_umode_t>(param.perm & 0777),
                                      std::move(file)));
  }
}

void ModuleFiles::on_coming(Module& module) {
  if (kernel_ < KernelVersion{2, 6, 0}) return;
  const std::string folder = folder_of(module);
  if (!sysfs_.add_folder(folder)) return;
  const auto text = [&](const char* name, std::function<std::string()> say) {
    SysFile file;
    file.show = [say = std::move(say)]() -> Result<std::string> { return say() + "\n"; };
    static_cast<void>(sysfs_.add_file(folder + "/" + name, 0444, std::move(file)));
  };
  text("refcnt", [&module] { return std::to_string(module.refcnt.counter); });
  text("initstate", [&module] {
    return std::string(module.state == MODULE_STATE_LIVE     ? "live"
                       : module.state == MODULE_STATE_COMING ? "coming"
                                                             : "going");
  });
  if (const std::string version = module.modinfo("version"); !version.empty())
    text("version", [version] { return version; });
  add_parameters(module, folder);
}

void ModuleFiles::on_gone(Module& module) {
  sysfs_.remove(folder_of(module));
}

}  // namespace vmsim::kern
