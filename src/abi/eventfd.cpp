// SPDX-License-Identifier: MIT
// Events that a driver signals to a program. Counterpart: linux/eventfd.h. For drivers, through the
// table of exports.
#include <cerrno>

#include "abi/abi.hpp"
#include "vfs/file.hpp"

namespace vmsim::abi {

namespace {

kern::EventFds& events() {
  return *kernel().event_fds;
}

vfs::File* file_of(int fd) {
  auto* const table = reinterpret_cast<vfs::FdTable*>(sched::current_task().files);
  return table == nullptr ? nullptr : table->lookup(fd);
}

}  // namespace

::eventfd_ctx* eventfd_ctx_fdget(int fd) {
  return reinterpret_cast<::eventfd_ctx*>(finish([&]() -> Result<::eventfd_ctx*> {
    vfs::File* const file = file_of(fd);
    if (file == nullptr) return fail(EBADF, "no such descriptor");
    return events().context_of(*file);
  }));
}

::eventfd_ctx* eventfd_ctx_fileget(::file* file) {
  touch(file);
  return reinterpret_cast<::eventfd_ctx*>(
      finish([&] { return events().context_of(*vfs::File::of(file)); }));
}

/// With a reference, which fput() gives back.
::file* eventfd_fget(int fd) {
  return reinterpret_cast<::file*>(finish([&]() -> Result<::file*> {
    vfs::File* const file = file_of(fd);
    if (file == nullptr) return fail(EBADF, "no such descriptor");
    events().put(VMSIM_TRY(events().context_of(*file)));
    file->hold();
    return static_cast<::file*>(file);
  }));
}

void eventfd_ctx_put(::eventfd_ctx* context) {
  core([=] { events().put(context); });
}

u64 vmsim_eventfd_signal(::eventfd_ctx* context, u64 add) {
  return core([=]() -> u64 {
    if (events().is_context(context)) return events().signal(*context, add);
    kernel().probe.finding("eventfd-gone",
                           "eventfd_signal() of a context that is gone; Linux uses freed memory.");
    return 0;
  });
}

std::span<const Export> eventfd_exports() {
  constexpr unsigned k2631 = kernel(2, 6, 31);
  static const Export table[] = {
      exported("eventfd_ctx_fdget", &eventfd_ctx_fdget, k2631),
      exported("eventfd_ctx_fileget", &eventfd_ctx_fileget, k2631),
      exported("eventfd_ctx_put", &eventfd_ctx_put, k2631),
      exported("eventfd_fget", &eventfd_fget, k2631),
      exported("vmsim_eventfd_signal", &vmsim_eventfd_signal, k2631),
  };
  return table;
}

}  // namespace vmsim::abi
