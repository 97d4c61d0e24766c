// SPDX-License-Identifier: MIT
// posix_spawn with both outputs in files of memory: a pipe would need a reader for each; see
// spawn.hpp.
#include "cli/spawn.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace vmsim::cli {

namespace {

/// An unnamed file that ends with this object.
class MemoryFile {
 public:
  MemoryFile() : fd_(::memfd_create("vmsim-output", MFD_CLOEXEC)) {}

  ~MemoryFile() {
    if (fd_ >= 0) ::close(fd_);
  }

  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  int fd() const { return fd_; }

  std::string text() const {
    std::string all;
    char piece[8192];
    for (ssize_t n; (n = ::pread(fd_, piece, sizeof(piece), static_cast<off_t>(all.size()))) > 0;)
      all.append(piece, static_cast<std::size_t>(n));
    return all;
  }

 private:
  const int fd_;
};

/// The environment with the compiler's messages in English, as they are read here.
std::vector<char*> environment_in_c() {
  static char locale[] = "LC_ALL=C";
  std::vector<char*> all{locale};
  for (char** at = environ; *at != nullptr; ++at)
    if (std::strncmp(*at, "LC_ALL=", 7) != 0 && std::strncmp(*at, "LANGUAGE=", 9) != 0)
      all.push_back(*at);
  all.push_back(nullptr);
  return all;
}

}  // namespace

Result<ProgramRun> run_program(const std::vector<std::string>& words) {
  MemoryFile out, err;
  if (out.fd() < 0 || err.fd() < 0)
    return fail(errno, "the host gives no memory for a program's output");
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const std::vector<char*> environment = environment_in_c();

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out.fd(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err.fd(), STDERR_FILENO);
  pid_t pid = 0;
  const int error =
      ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environment.data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return fail(error, "cannot run '" + words[0] + "': " + std::strerror(error));

  int status = 0;
  while (::waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return fail(errno, "lost sight of '" + words[0] + "'");
  ProgramRun run;
  run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  run.out = out.text();
  run.err = err.text();
  return run;
}

}  // namespace vmsim::cli
