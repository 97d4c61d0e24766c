// SPDX-License-Identifier: MIT
// Entries of /proc: making, finding, removing; see proc.hpp. Their files are in proc_file.cpp.
#include "kern/proc.hpp"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "kern/proc_entry.hpp"

namespace vmsim::kern {

namespace {

constexpr vmsim_umode_t kTypeMask = 0170000, kRightsMask = 07777;

}  // namespace

ProcFs::ProcFs(const Parts& parts) : parts_(parts) {
  for (const char* folder : {"bus", "driver", "fs"}) {
    const auto made = mkdir(folder, nullptr);
    find(*made)->of_kernel = true;
  }
}

ProcFs::~ProcFs() {
  // Files are closed by now; only nodes are left.
  for (const auto& entry : entries_) {
    parts_.nodes.remove_inode(entry->node);
    entry->node->put();
  }
}

// --- finding ---

ProcFs::Entry* ProcFs::find(const ::proc_dir_entry* entry) const {
  for (const auto& e : entries_) {
    if (e.get() == entry) return e.get();
  }
  return nullptr;
}

ProcFs::Entry* ProcFs::find_path(std::string_view path) const {
  for (const auto& e : entries_) {
    if (e->path == path) return e.get();
  }
  return nullptr;
}

ProcFs::Entry* ProcFs::entry_of(const ::inode* node) const {
  for (const auto& e : entries_) {
    if (static_cast<const ::inode*>(e->node) == node) return e.get();
  }
  return nullptr;
}

std::vector<ProcFs::Entry*> ProcFs::children_of(const Entry& entry) const {
  std::vector<Entry*> children;
  for (const auto& e : entries_) {
    if (e->proc_dir_entry::parent == &entry) children.push_back(e.get());
  }
  return children;
}

Result<std::string> ProcFs::path_of(const std::string& name, const ::proc_dir_entry* parent) const {
  if (name.empty() || name == "." || name == "..") return fail(EINVAL, "no name for a /proc entry");
  if (!parent) return "/proc/" + name;
  const Entry* const folder = find(parent);
  if (!folder || folder->kind != Kind::kFolder)
    return fail(ENOENT, "the parent is no folder of /proc");
  return folder->path + "/" + name;
}

// --- making ---

Result<ProcFs::Entry*> ProcFs::add(const char* name, Kind kind, vmsim_umode_t mode,
                                   ::proc_dir_entry* parent) {
  if (parts_.probe.should_fail("proc_create")) return fail(ENOMEM, "made to fail");
  const std::string path = VMSIM_TRY(path_of(driver_text(name), parent));
  const std::string folder = path.substr(0, path.rfind('/'));
  if (folder != "/proc") {
    Entry* const above = find_path(folder);
    if (!above || above->kind != Kind::kFolder) return fail(ENOENT, folder + " does not exist");
    parent = above;
  }
  if (find_path(path)) {
    parts_.probe.finding("proc-exists",
                         fmt::format("proc_dir_entry '{}' already registered", path.substr(6)));
  }
  auto entry = std::make_unique<Entry>();
  entry->kind = kind;
  entry->path = path;
  entry->text_name = path.substr(path.rfind('/') + 1);
  entry->name_pointer = name;
  entry->proc_dir_entry::name = entry->text_name.c_str();
  entry->proc_dir_entry::parent = parent;
  const vmsim_umode_t type = kind == Kind::kFolder ? kModeDirectory : kModeRegular;
  if ((mode & kRightsMask) == 0) mode = kind == Kind::kFolder ? 0555 : 0444;
  entry->mode = static_cast<vmsim_umode_t>(type | (mode & static_cast<vmsim_umode_t>(~kTypeMask)));
  entry->node = VMSIM_TRY(parts_.nodes.add_node(path, entry->mode));
  entry->node->hold();
  entry->node->backend = this;
  entries_.push_back(std::move(entry));
  return entries_.back().get();
}

void ProcFs::adopt_proc_ops(Entry& entry, const ::proc_ops* ops) {
  entry.proc_dir_entry::proc_ops = ops;
  if (!ops) return;
  ::file_operations& f = entry.ops;
  f.open = ops->proc_open;
  f.read = ops->proc_read;
  f.read_iter = ops->proc_read_iter;
  f.write = ops->proc_write;
  f.llseek = ops->proc_lseek;
  f.release = ops->proc_release;
  f.poll = ops->proc_poll;
  f.unlocked_ioctl = ops->proc_ioctl;
  f.mmap = ops->proc_mmap;
  f.get_unmapped_area = ops->proc_get_unmapped_area;
}

Result<::proc_dir_entry*> ProcFs::create(const char* name, vmsim_umode_t mode,
                                         ::proc_dir_entry* parent, const void* ops, void* data) {
  const bool new_kind = parts_.kernel >= KernelVersion{5, 6, 0};
  if (new_kind && !ops) return fail(EINVAL, "proc_create() without operations");
  Entry* const entry = VMSIM_TRY(add(name, ops ? Kind::kOps : Kind::kOld, mode, parent));
  if (new_kind) {
    adopt_proc_ops(*entry, static_cast<const ::proc_ops*>(ops));
  } else {
    entry->proc_fops = static_cast<const ::file_operations*>(ops);
  }
  entry->data = data;
  entry->node->i_private = data;
  return entry;
}

Result<::proc_dir_entry*> ProcFs::mkdir(const char* name, ::proc_dir_entry* parent,
                                        vmsim_umode_t mode) {
  return VMSIM_TRY(add(name, Kind::kFolder, mode, parent));
}

Result<::proc_dir_entry*> ProcFs::create_single(const char* name, vmsim_umode_t mode,
                                                ::proc_dir_entry* parent,
                                                int (*show)(::seq_file*, void*), void* data) {
  Entry* const entry = VMSIM_TRY(add(name, Kind::kSingle, mode, parent));
  entry->show = show;
  entry->data = data;
  entry->node->i_private = data;
  return entry;
}

Result<::proc_dir_entry*> ProcFs::create_seq(const char* name, vmsim_umode_t mode,
                                             ::proc_dir_entry* parent, const ::seq_operations* ops,
                                             unsigned state_bytes, void* data) {
  Entry* const entry = VMSIM_TRY(add(name, Kind::kSeq, mode, parent));
  entry->seq_ops = ops;
  entry->state_bytes = state_bytes;
  entry->data = data;
  entry->node->i_private = data;
  return entry;
}

Result<::proc_dir_entry*> ProcFs::create_read(const char* name, vmsim_umode_t mode,
                                              ::proc_dir_entry* parent,
                                              int (*read_op)(char*, char**, long, int, int*, void*),
                                              void* data) {
  Entry* const entry = VMSIM_TRY(add(name, Kind::kOld, mode, parent));
  entry->read_proc = read_op;
  entry->data = data;
  return entry;
}

Result<::proc_dir_entry*> ProcFs::create_text(const char* name, std::function<std::string()> text) {
  Entry* const entry = VMSIM_TRY(add(name, Kind::kText, 0444, nullptr));
  entry->text = std::move(text);
  entry->of_kernel = true;
  return entry;
}

void ProcFs::set_size(::proc_dir_entry* entry, i64 bytes) {
  if (Entry* const e = find(entry)) {
    e->size = static_cast<unsigned long>(bytes);
    e->node->i_size = bytes;
  }
}

void* ProcFs::pde_data(const ::inode* node) const {
  const Entry* const entry = entry_of(node);
  return entry ? entry->data : nullptr;
}

// --- removing ---

/// Takes an entry's driver away from a file that is still open.
void ProcFs::take_from(Entry& entry, vfs::File& file, FileCalls::Release how) {
  if (seq_served_.erase(&file) != 0) parts_.seq_files.release(file);
  // Before 2.6.23 an open file keeps its operations, and with .owner its module.
  const bool keeps = entry.kind == Kind::kOps && parts_.kernel < KernelVersion{2, 6, 23};
  if (keeps && how == FileCalls::Release::kRun) return;
  parts_.files.revoke(file, how);
}

void ProcFs::drop(Entry& entry, FileCalls::Release how) {
  for (Entry* child : children_of(entry)) drop(*child, how);
  while (!entry.open_files.empty()) {
    vfs::File* const file = entry.open_files.back();
    entry.open_files.pop_back();
    take_from(entry, *file, how);
  }
  parts_.nodes.remove_inode(entry.node);
  entry.node->put();
  std::erase_if(entries_, [&entry](const auto& e) { return e.get() == &entry; });
}

void ProcFs::remove(const char* name, ::proc_dir_entry* parent) {
  const auto path = path_of(driver_text(name), parent);
  Entry* const entry = path ? find_path(*path) : nullptr;
  if (!entry || entry->of_kernel) {
    parts_.probe.finding(
        "proc-not-there",
        fmt::format("remove_proc_entry(\"{}\"): there is no such entry", driver_text(name)));
    return;
  }
  if (const auto children = children_of(*entry); !children.empty()) {
    parts_.probe.finding(
        "proc-folder-not-empty",
        fmt::format("remove_proc_entry: removing non-empty directory '{}', leaking at least '{}'",
                    entry->path.substr(6), children.front()->text_name));
  }
  drop(*entry, FileCalls::Release::kRun);
}

void ProcFs::remove(::proc_dir_entry* entry) {
  if (!entry) return;
  if (Entry* const e = find(entry)) {
    drop(*e, FileCalls::Release::kRun);
    return;
  }
  parts_.probe.finding("proc-not-there", "proc_remove() of an entry that does not exist");
}

Result<void> ProcFs::remove_subtree(const char* name, ::proc_dir_entry* parent) {
  Entry* const entry = find_path(VMSIM_TRY(path_of(driver_text(name), parent)));
  if (!entry || entry->of_kernel) return fail(ENOENT, "there is no such /proc entry");
  drop(*entry, FileCalls::Release::kRun);
  return {};
}

std::size_t ProcFs::entries() const {
  return static_cast<std::size_t>(
      std::count_if(entries_.begin(), entries_.end(), [](const auto& e) { return !e->of_kernel; }));
}

void ProcFs::module_gone(const GoneModule& gone) {
  const auto is_left = [&gone](const Entry& e) {
    const void* const pointers[] = {e.proc_fops,
                                    e.proc_dir_entry::proc_ops,
                                    e.owner,
                                    e.seq_ops,
                                    reinterpret_cast<const void*>(e.read_proc),
                                    reinterpret_cast<const void*>(e.write_proc),
                                    reinterpret_cast<const void*>(e.show),
                                    e.name_pointer};
    return !e.of_kernel && std::any_of(std::begin(pointers), std::end(pointers),
                                       [&gone](const void* p) { return gone.owns(p); });
  };
  for (;;) {
    const auto it =
        std::find_if(entries_.begin(), entries_.end(), [&](const auto& e) { return is_left(*e); });
    if (it == entries_.end()) return;
    Entry& entry = **it;
    parts_.probe.finding("proc-left-registered",
                         fmt::format("{} was unloaded without removing {}", gone.name, entry.path));
    drop(entry, FileCalls::Release::kSkip);
  }
}

}  // namespace vmsim::kern
