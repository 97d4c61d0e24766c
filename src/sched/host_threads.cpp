// SPDX-License-Identifier: MIT
// Counting from /proc/self/task. Exact for a program of one thread: a count that were one too high
// for a moment would let the host's clock decide who makes time jump, and two runs of one seed
// would differ in it.
#include "sched/host_threads.hpp"

#include <mutex>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace vmsim::sched::host_threads {

namespace {

std::mutex ending_mutex;

/// Thread ids that have ended, or will within microseconds.
std::vector<pid_t>& ending() {
  static auto* list = new std::vector<pid_t>;  // threads may end after static destructors
  return *list;
}

bool listed(pid_t tid) {
  struct stat status = {};
  return stat(("/proc/self/task/" + std::to_string(tid)).c_str(), &status) == 0;
}

/// Threads that the sanitizer made for itself.
constexpr int sanitizer_threads() {
#if defined(__SANITIZE_THREAD__)
  return 1;
#elif defined(__has_feature)
#  if __has_feature(thread_sanitizer)
  return 1;
#  endif
#endif
  return 0;
}

}  // namespace

void note_ending() {
  const std::lock_guard lock(ending_mutex);
  ending().push_back(gettid());
  --owned;
}

bool others_exist() {
  const std::lock_guard lock(ending_mutex);
  for (;;) {
    struct stat status = {};
    if (stat("/proc/self/task", &status) != 0 || status.st_nlink < 2) return true;
    // A folder of n folders has n + 2 links.
    const int threads = static_cast<int>(status.st_nlink) - 2 - sanitizer_threads();
    const auto gone = std::erase_if(ending(), [](pid_t tid) { return !listed(tid); });
    const int others = threads - owned.load() - waiting.load() - static_cast<int>(ending().size());
    // One that went between the two looks was counted in the first: look again.
    if (others <= 0 || gone == 0) return others > 0;
  }
}

}  // namespace vmsim::sched::host_threads
