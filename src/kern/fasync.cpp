// SPDX-License-Identifier: MIT
// Lists of files that want SIGIO; see fasync.hpp.
#include "kern/fasync.hpp"

#include <algorithm>

#include "sched/kernel_entry.hpp"

namespace vmsim::kern {

bool Fasync::known(const ::fasync_struct* entry) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [entry](const auto& own) { return own.get() == entry; });
}

int Fasync::change(int fd, const ::file* file, bool on, ::fasync_struct** list) {
  ::fasync_struct** link = list;
  while (*link != nullptr && known(*link) && (*link)->for_file != file) link = &(*link)->next;
  const bool present = *link != nullptr && known(*link);
  if (on) {
    if (present) {
      (*link)->fd = fd;
      return 0;
    }
    entries_.push_back(std::make_unique<::fasync_struct>(
        ::fasync_struct{known(*list) ? *list : nullptr, file, fd, sched::current_task().pid}));
    *list = entries_.back().get();
    return 1;
  }
  if (!present) return 0;
  ::fasync_struct* const gone = *link;
  *link = gone->next;
  std::erase_if(entries_, [gone](const auto& own) { return own.get() == gone; });
  return 1;
}

void Fasync::kill(::fasync_struct* const* list) {
  for (const ::fasync_struct* entry = *list; entry != nullptr; entry = entry->next) {
    if (!known(entry)) {
      probe_.finding("fasync-bad-list",
                     "kill_fasync() on a list that fasync_helper() did not make; Linux complains "
                     "about its magic number.");
      return;
    }
    if (sched::Task* const task = scheduler_.find_pid(entry->pid)) scheduler_.send_signal(*task);
  }
}

}  // namespace vmsim::kern
