// SPDX-License-Identifier: MIT
// Options of `vmsim cc`; see cc_options.hpp.
#include "cli/cc_options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

namespace vmsim::cli {

namespace fs = std::filesystem;

std::vector<std::string> take_compiler_flags(std::vector<std::string>& args) {
  static const std::vector<std::string> with_value = {"-o",     "-I",       "-D",
                                                      "--name", "--kernel", "--output"};
  std::vector<std::string> taken, kept;
  bool value = false, sources = false;
  for (std::string& arg : args) {
    const bool flag = arg.starts_with("-O") || arg.starts_with("-g") || arg.starts_with("-W");
    sources = sources || (!value && arg == "--");
    std::vector<std::string>& to = flag && !value && !sources ? taken : kept;
    value = std::ranges::find(with_value, arg) != with_value.end();
    to.push_back(std::move(arg));
  }
  args = std::move(kept);
  return taken;
}

void describe_options(CLI::App& app, CcOptions& options) {
  app.add_option("--kernel", options.kernel_text, "the kernel to compile for, 2.4 to 6.17")
      ->type_name("VERSION")
      ->capture_default_str();
  app.add_option("--name", options.name, "the module's name (default: that of the first source)")
      ->type_name("NAME");
  app.add_option("-o,--output", options.output,
                 "the file to write, or a folder (default: NAME.vko here)")
      ->type_name("FILE");
  app.add_flag("--stubs", options.stubs,
               "link in spite of missing functions; each stops the driver when it is called");
  app.add_option("-I", options.includes, "a folder of the driver's own headers")
      ->type_name("DIR")
      ->allow_extra_args(false);
  app.add_option("-D", options.defines, "a macro for all sources")
      ->type_name("NAME[=V]")
      ->allow_extra_args(false);
  app.add_flag("--supported", options.supported,
               "list what the headers have for that kernel, all or what fits PATTERN");
  app.add_option("SOURCE", options.inputs,
                 "C sources of one driver, or a folder with a kbuild Makefile; .vko files of "
                 "drivers to import from");
  app.footer(
      "-O…, -g… and -W… go to the compiler, which is $CC, else gcc, else clang.\n"
      "The headers are those of this installation, or of $VMSIM_KAPI.");
}

Result<void> check_options(CcOptions& options) {
  auto kernel = KernelVersion::parse(options.kernel_text);
  const std::string expected = ", expected a version from 2.4 to 6.17, like 2.6.10 or 6.12";
  if (!kernel) return fail(EINVAL, "--kernel is '" + options.kernel_text + "'" + expected);
  options.kernel = *kernel;
  if (options.kernel < KernelVersion{2, 4, 0} || options.kernel >= KernelVersion{6, 18, 0})
    return fail(EINVAL, "--kernel " + options.kernel_text + " is out of range" + expected);
  if (options.inputs.empty() && !options.supported)
    return fail(EINVAL,
                "nothing to compile; expected C sources or a folder with a kbuild Makefile");
  if (options.name.find('/') != std::string::npos)
    return fail(EINVAL, "--name is '" + options.name +
                            "', expected a module's name; -o says where it goes");
  options.flags.clear();
  for (const std::string& folder : options.includes) {
    std::error_code ignored;
    if (!fs::is_directory(folder, ignored))
      return fail(ENOENT, "-I " + folder + ": there is no such folder");
    options.flags.push_back("-I" + fs::absolute(folder).lexically_normal().string());
  }
  for (const std::string& define : options.defines) options.flags.push_back("-D" + define);
  options.flags.insert(options.flags.end(), options.compiler_flags.begin(),
                       options.compiler_flags.end());
  return {};
}

}  // namespace vmsim::cli
