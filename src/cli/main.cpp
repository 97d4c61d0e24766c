// SPDX-License-Identifier: MIT
// The program `vmsim`: its subcommands and their exit statuses. Counterpart: none.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "cli/cc.hpp"

namespace {

constexpr std::string_view kSubcommands[] = {"cc"};

int run(std::vector<std::string> args) {
  CLI::App app("A small Linux machine in one process, for drivers and the programs that map them.",
               "vmsim");
  app.set_version_flag("--version", "vmsim " VMSIM_VERSION);
  app.require_subcommand(1);

  vmsim::cli::CcOptions cc_options;
  CLI::App* const cc = app.add_subcommand("cc", "compile a driver's C sources into a .vko file");
  vmsim::cli::describe_options(*cc, cc_options);
  if (!args.empty() && args.front() == "cc")
    cc_options.compiler_flags = vmsim::cli::take_compiler_flags(args);

  if (!args.empty() && !args.front().starts_with('-') &&
      std::ranges::count(kSubcommands, args.front()) == 0) {
    std::fprintf(stderr, "vmsim: '%s' is no subcommand; see vmsim --help\n", args.front().c_str());
    return 1;
  }
  try {
    std::ranges::reverse(args);  // as CLI11 takes them
    app.parse(std::move(args));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  return vmsim::cli::run_cc(std::move(cc_options));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vmsim: %s\n", error.what());
    return 1;
  }
}
