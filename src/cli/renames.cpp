// SPDX-License-Identifier: MIT
// Old and new names, oldest first in a line; see renames.hpp.
#include "cli/renames.hpp"

#include <span>
#include <string>

namespace vmsim::cli {

namespace {

constexpr std::string_view kNames[] = {
    "remap_page_range remap_pfn_range",
    "io_remap_page_range io_remap_pfn_range",
    "vm_insert_pfn vmf_insert_pfn",
    "vm_insert_pfn_prot vmf_insert_pfn_prot",
    "vm_insert_mixed vmf_insert_mixed",
    "mem_map_reserve SetPageReserved",
    "mem_map_unreserve ClearPageReserved",
    "ioremap_nocache ioremap",
    "kmap_atomic kmap_local_page",
    "kunmap_atomic kunmap_local",
    "kzfree kfree_sensitive",
    "page_cache_get get_page",
    "page_cache_release put_page",
    "page_count page_ref_count",
    "pci_alloc_consistent dma_alloc_coherent",
    "pci_free_consistent dma_free_coherent",
    "dma_alloc_writecombine dma_alloc_wc",
    "down_read mmap_read_lock",
    "up_read mmap_read_unlock",
    "strlcpy strscpy",
    "simple_strtoul kstrtoul",
    "simple_strtol kstrtol",
    "strict_strtoul kstrtoul",
    "strict_strtol kstrtol",
    "init_timer setup_timer timer_setup",
    "del_timer timer_delete",
    "del_timer_sync timer_delete_sync",
    "try_to_del_timer_sync timer_delete_sync_try",
    "from_timer timer_container_of",
    "do_gettimeofday ktime_get_real_ts64",
    "getnstimeofday ktime_get_real_ts64",
    "current_kernel_time ktime_get_coarse_real_ts64",
    "CURRENT_TIME current_time",
    "get_seconds ktime_get_real_seconds",
    "interruptible_sleep_on wait_event_interruptible",
    "sleep_on wait_event",
    "daemonize kthread_run",
    "kernel_thread kthread_run",
    "lock_kernel mutex_lock",
    "unlock_kernel mutex_unlock",
    "init_MUTEX sema_init",
    "init_MUTEX_LOCKED sema_init",
    "DECLARE_MUTEX DEFINE_SEMAPHORE",
    "SPIN_LOCK_UNLOCKED DEFINE_SPINLOCK",
    "INIT_COMPLETION reinit_completion",
    "MOD_INC_USE_COUNT try_module_get",
    "MOD_DEC_USE_COUNT module_put",
    "MODULE_PARM module_param",
    "class_simple_create class_create",
    "class_simple_destroy class_destroy",
    "class_simple_device_add class_device_create device_create",
    "class_simple_device_remove class_device_destroy device_destroy",
    "devfs_mk_cdev device_create",
    "devfs_remove device_destroy",
    "create_proc_entry proc_create",
    "create_proc_read_entry proc_create_single",
    "PDE_DATA pde_data",
    "register_chrdev register_chrdev_region",
    "check_region request_region",
    "check_mem_region request_mem_region",
    "SA_SHIRQ IRQF_SHARED",
    "SA_INTERRUPT IRQF_DISABLED",
    "get_random_int get_random_u32",
    "prandom_u32 get_random_u32",
    "verify_area access_ok",
    "smp_mb__before_clear_bit smp_mb__before_atomic",
    "smp_mb__after_clear_bit smp_mb__after_atomic",
    "ACCESS_ONCE READ_ONCE",
    "get_user_pages_locked pin_user_pages",
    "schedule_task schedule_work",
    "tq_struct work_struct",
    "wait_queue_t wait_queue_entry_t",
    "VM_RESERVED VM_DONTDUMP",
    "GFP_HIGH_ATOMIC GFP_ATOMIC",
    "__GFP_WAIT __GFP_RECLAIM",
};

constexpr std::string_view kHeaders[] = {
    "asm/uaccess.h linux/uaccess.h",
    "asm/semaphore.h linux/semaphore.h",
    "asm/io.h linux/io.h",
    "asm/atomic.h linux/atomic.h",
    "asm/bitops.h linux/bitops.h",
    "asm/cacheflush.h linux/cacheflush.h",
    "asm/pgtable.h linux/pgtable.h",
    "asm/unaligned.h linux/unaligned.h",
    "linux/malloc.h linux/slab.h",
    "linux/tqueue.h linux/workqueue.h",
    "linux/wrapper.h linux/mm.h",
    "linux/iobuf.h linux/mm.h",
    "linux/devfs_fs_kernel.h linux/device.h",
    "linux/smp_lock.h linux/mutex.h",
    "linux/config.h linux/kconfig.h",
    "linux/autoconf.h generated/autoconf.h",
    "linux/utsrelease.h generated/utsrelease.h",
    "linux/timekeeping.h linux/ktime.h",
};

std::vector<std::string_view> others(std::span<const std::string_view> lines,
                                     std::string_view name) {
  std::vector<std::string_view> found;
  for (std::string_view line : lines) {
    std::vector<std::string_view> names;
    for (std::size_t blank; (blank = line.find(' ')) != line.npos; line.remove_prefix(blank + 1))
      names.push_back(line.substr(0, blank));
    names.push_back(line);
    bool here = false;
    for (const std::string_view one : names) here = here || one == name;
    if (!here) continue;
    for (const std::string_view one : names)
      if (one != name) found.push_back(one);
  }
  return found;
}

}  // namespace

std::vector<std::string_view> other_names(std::string_view name) {
  return others(kNames, name);
}

std::vector<std::string_view> other_headers(std::string_view header) {
  return others(kHeaders, header);
}

}  // namespace vmsim::cli
