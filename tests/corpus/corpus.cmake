# SPDX-License-Identifier: MIT
# One line for each driver of the corpus; see CMakeLists.txt.
vmsim_corpus(status_page KERNELS 6.17 6.12 6.1 5.10 4.14 3.10 REAL 6.12 6.1)

# A: kernels from 5.10 on, texts taken from Linux 6.12 and 6.1.
vmsim_corpus(rsvd_buf KERNELS 6.17 6.12 6.1 5.10 REAL 6.12 6.1)
vmsim_corpus(frame_grab KERNELS 6.17 6.12 6.1 5.10 REAL 6.12 6.1)
vmsim_corpus(bar_window KERNELS 6.17 6.12 6.1 5.10 REAL 6.12 6.1)
vmsim_corpus(page_ring KERNELS 6.17 6.12 6.1 5.10 REAL 6.12 6.1)
vmsim_corpus(page_bank KERNELS 6.17 6.12 6.1 5.10 REAL 6.12 6.1)
vmsim_corpus(sparse_store KERNELS 6.17 6.12 6.1 5.10 REAL 6.12 6.1)
vmsim_corpus(lazy_pfn KERNELS 6.17 6.12 6.1 5.10 REAL 6.12 6.1)
vmsim_corpus(mixed_store KERNELS 6.17 6.12 6.1 5.10 REAL 6.12 6.1)
vmsim_corpus(dirty_track KERNELS 6.17 6.12 6.1 5.10 REAL 6.12 6.1)
vmsim_corpus(vmap_log KERNELS 6.17 6.12 6.1 5.10 REAL 6.12 6.1)
vmsim_corpus(two_halves KERNELS 6.17 6.12 6.1 5.10 REAL 6.12 6.1)
vmsim_corpus(region_pick KERNELS 6.17 6.12 REAL 6.12)
vmsim_corpus(migrate_buf KERNELS 6.17 6.12 6.1 5.10 REAL 6.12 6.1)
vmsim_corpus(fault_codes KERNELS 6.17 6.12 6.1 5.10 REAL 6.12 6.1)
vmsim_corpus(pagestore KERNELS 6.17 6.12 6.1 5.10 REAL 6.12 6.1)
vmsim_corpus(area_count KERNELS 6.17 6.12 6.1 5.10 REAL 6.12 6.1)
vmsim_corpus(area_desc KERNELS 6.17 6.12 6.1 5.10 REAL 6.12 6.1)
vmsim_corpus(job_queue KERNELS 6.17 6.12 6.1 5.10 REAL 6.12 6.1)
vmsim_corpus(pin_fill KERNELS 6.17 6.12 6.1 5.10 REAL 6.12 6.1)
